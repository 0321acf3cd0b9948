//===- Object.h - Programs as objects and C headers -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_EXPORT_OBJECT_H
#define TG_EXPORT_OBJECT_H

#include "tg/Compiler/Compiler.h"

#include "llvm/Support/raw_ostream.h"

namespace tg {

/// Compiles the module and writes a relocatable object with its kernels, its constants and the
/// table `<name>_program` of type `tg_linked_program` (tg-c/Runtime.h), the only symbol that it
/// defines for others. It needs the C and the math library. `name` is a C identifier.
mlir::LogicalResult exportObject(mlir::ModuleOp module, llvm::StringRef name,
                                 const CompileOptions &options, llvm::raw_ostream &os);

/// Writes the C header that goes with that object: `<name>_create`, which makes the program, and
/// `<name>_run` with a typed parameter for each variable, input and output.
mlir::LogicalResult exportHeader(mlir::ModuleOp module, llvm::StringRef name,
                                 const CompileOptions &options, llvm::raw_ostream &os);

/// Registers `--uop-to-object` and `--uop-to-header` with tg-translate.
void registerObjectTranslations();

} // namespace tg

#endif // TG_EXPORT_OBJECT_H
