//===- KernelRoots.h - Operations with loops of their own -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_PASSES_CODEGEN_KERNELROOTS_H
#define TG_PASSES_CODEGEN_KERNELROOTS_H

#include "TreeEmitter.h"

namespace tg::codegen {

/// Where the results of one kernel go, and what its nests need.
struct KernelFrame {
  TreeEmitter &emitter;
  /// A buffer of bytes of at least this size is wanted per worker; called at most once per nest.
  std::function<mlir::Value(uop::DimAttr bytes)> getWorkspace;
  /// The number of units of one more nest.
  std::function<void(uop::DimAttr count)> addUnits;
};

/// The buffers that one value is to be written to (a kernel may return a value twice).
using Outputs = llvm::SmallVector<mlir::Value, 1>;

/// Opens the parallel loops of a nest: those of its groups, or one of a single iteration. Returns
/// the indices of axes of these sizes, and counts the nest's units.
Indices beginNest(KernelFrame &frame, const NestPlan &plan, llvm::ArrayRef<uop::DimAttr> sizes);

/// Each emits the nest that writes the results of `op`, one list of buffers per result.
mlir::LogicalResult emitScan(KernelFrame &frame, const NestPlan &plan, uop::ScanOp op,
                             llvm::ArrayRef<Outputs> outputs);
mlir::LogicalResult emitSort(KernelFrame &frame, const NestPlan &plan, uop::SortOp op,
                             llvm::ArrayRef<Outputs> outputs);
mlir::LogicalResult emitCompact(KernelFrame &frame, const NestPlan &plan, uop::CompactOp op,
                                llvm::ArrayRef<Outputs> outputs);
mlir::LogicalResult emitScatter(KernelFrame &frame, const NestPlan &plan, uop::ScatterOp op,
                                mlir::Value output);

} // namespace tg::codegen

#endif // TG_PASSES_CODEGEN_KERNELROOTS_H
