//===- Passes.h - From a kernel of uop to scheduled loops -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Code generation works on one module per kernel: declarations `uop.var` for bounds, the attribute
// `tg.vars` (names in the order of the program's table), and functions marked `tg.kernel` from
// tensors to tensors. The passes here are those that targets share; each target puts them in order
// with its own. They set `tg.range`, `tg.workspace`, `tg.flops` and `tg.bytes` of the functions
// (see `tg-kernel-to-loops`).
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

#define GEN_PASS_DECL
#include "tg/Codegen/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "tg/Codegen/Passes.h.inc"

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
