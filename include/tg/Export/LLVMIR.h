//===- LLVMIR.h - Kernels as LLVM IR ----------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_EXPORT_LLVMIR_H
#define TG_EXPORT_LLVMIR_H

#include "tg/Compiler/Compiler.h"

#include "llvm/Support/raw_ostream.h"

namespace tg {

/// Compiles the module and writes the optimized LLVM IR of all its kernels as one LLVM module; a
/// comment ahead says which function is which kernel. Nothing comes from the cache.
mlir::LogicalResult exportLLVMIR(mlir::ModuleOp module, CompileOptions options,
                                 llvm::raw_ostream &os);

/// Registers `--uop-to-llvmir` with tg-translate.
void registerLLVMIRTranslation();

} // namespace tg

#endif // TG_EXPORT_LLVMIR_H
