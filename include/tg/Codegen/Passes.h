//===- Passes.h - From a kernel of uop to the LLVM dialect ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Code generation works on one module per kernel: declarations `uop.var` for bounds, the attribute
// `tg.vars` (names in the order of the program's table), and functions marked `tg.kernel` from
// tensors to tensors. Afterwards the functions have the interface of tg/Runtime/KernelABI.h and
// carry `tg.range`, `tg.workspace`, `tg.flops` and `tg.bytes` (see `tg-kernel-to-loops`).
//
//===----------------------------------------------------------------------===//

#ifndef TG_CODEGEN_PASSES_H
#define TG_CODEGEN_PASSES_H

#include "tg/Dialect/UOp/UOp.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

#include <memory>
#include <string>

namespace tg {

struct CodegenOptions {
  /// 0: scalar loops; 1: vectors, the default schedule.
  unsigned optLevel = 1;
  /// An index of gather or scatter out of range stores TG_KERNEL_INDEX_OUT_OF_RANGE to the worker's
  /// error slot.
  bool checkIndices = false;
  /// Width of the vectors that the target works with best, in bits.
  unsigned vectorBits = 256;
  /// How many vector registers there are.
  unsigned vectorRegisters = 16;
  /// Whether the target has a fused multiply-add; reductions that add products then use it.
  bool hasFma = true;
};

/// What to say of a vector unit for which there is no schedule; empty if there is one.
std::string checkVectorUnit(unsigned vectorBits, unsigned vectorRegisters);

#define GEN_PASS_DECL
#include "tg/Codegen/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "tg/Codegen/Passes.h.inc"

/// The passes of code generation in order, on a module.
void buildCodegenPipeline(mlir::OpPassManager &pm, const CodegenOptions &options = {});
/// Registers the passes and the pipeline `tg-codegen`.
void registerCodegenPipelines();

/// What the engine has to know of a kernel once code is generated.
struct KernelCosts {
  uop::DimAttr range;     ///< Units of work: the kernel is called on parts of [0, range).
  uop::DimAttr workspace; ///< Bytes of scratch that each worker brings.
  uop::DimAttr flops;     ///< Arithmetic operations of the whole kernel.
  uop::DimAttr bytes;     ///< Sizes of all buffers that it reads and writes.
};
/// Reads the attributes off the kernel `name` of a module that went through the pipeline; null
/// attributes if there is no such kernel.
KernelCosts getKernelCosts(mlir::ModuleOp module, llvm::StringRef name);

} // namespace tg

#endif // TG_CODEGEN_PASSES_H
