//===- Passes.h - Code generation for processors ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_TARGET_CPU_PASSES_H
#define TG_TARGET_CPU_PASSES_H

#include "tg/Dialect/UOp/UOp.h"
#include "tg/Machine/Machine.h"

#include "mlir/Pass/Pass.h"

#include <memory>
#include <string>

namespace tg {

#define GEN_PASS_DECL
#include "tg/Target/Cpu/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "tg/Target/Cpu/Passes.h.inc"

namespace cpu {

struct CodegenOptions {
  /// 0: scalar loops; 1: vectors, the default schedule.
  unsigned optLevel = 1;
  /// An index of gather or scatter out of range stores TG_KERNEL_INDEX_OUT_OF_RANGE to the worker's
  /// error slot.
  bool checkIndices = false;
  /// The vector unit, for the default schedule; with a fused multiply-add, reductions that add
  /// products use it.
  Machine machine;
};

/// What to say of a vector unit for which there is no schedule; empty if there is one.
std::string checkVectorUnit(unsigned vectorBits, unsigned vectorRegisters);

/// The passes of code generation in order, on a module with a kernel, to the LLVM dialect.
/// Functions then have the interface of tg/Runtime/KernelABI.h.
void buildCodegenPipeline(mlir::OpPassManager &pm, const CodegenOptions &options = {});
/// Registers the passes and the pipeline `tg-codegen`.
void registerPipelines();

} // namespace cpu
} // namespace tg

#endif // TG_TARGET_CPU_PASSES_H
