//===- Fusion.h - Which values are materialized -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_ENGINE_FUSION_H
#define TG_ENGINE_FUSION_H

#include "mlir/IR/Block.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/MapVector.h"

#include <string>

namespace tg {

/// Whether the operation computes on tensors and goes into a kernel.
bool isComputeOp(mlir::Operation *op);
/// Whether it ends a kernel: its result is always materialized.
bool isRootOp(mlir::Operation *op);
/// Whether a constant is cloned into the kernels that use it rather than read from a buffer: a
/// splat, or at most 64 elements.
bool isInlineConstant(mlir::Operation *op);

/// The cost of computing against that of moving, in flops. See docs/engine.md for the model.
struct CostModel {
  /// Flops that take as long as moving one byte to or from memory, on one core with vectors of 8 to
  /// 16 floats: about 100 GF/s over 12 GB/s.
  double flopsPerByte = 8;

  /// Flops of one element of an elementwise operation.
  double flopsOf(mlir::Operation *op) const;
};

/// Decides for one block which values get a buffer, and why.
class MaterializationPlan {
public:
  MaterializationPlan(mlir::Block &block, const CostModel &model, bool fuse, unsigned maxOps);

  bool isMaterialized(mlir::Value value) const { return reasons.contains(value); }
  /// The materialized values in program order, each with the reason.
  const llvm::MapVector<mlir::Value, std::string> &getMaterialized() const { return reasons; }
  void unmaterialize(mlir::Value value) { reasons.erase(value); }

private:
  /// How often one element of a value is read, per materialized consumer.
  using Reads = llvm::SmallDenseMap<mlir::Value, double, 4>;

  /// What recomputing a value takes: everything up to materialized values.
  struct Slice {
    unsigned ops = 0;
    unsigned leaves = 0;
    double flops = 0;
  };

  void materialize(mlir::Value value, const llvm::Twine &reason);
  void visit(mlir::Operation *op, const CostModel &model, bool fuse);
  Slice sliceOf(mlir::Value value, const CostModel &model, unsigned maxOps) const;
  Reads readsOf(mlir::Value value);

  llvm::MapVector<mlir::Value, std::string> reasons;
  llvm::DenseMap<mlir::Value, Reads> reads;
  llvm::DenseMap<mlir::Value, Slice> slices;
};

} // namespace tg

#endif // TG_ENGINE_FUSION_H
