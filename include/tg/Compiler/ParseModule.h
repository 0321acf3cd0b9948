//===- ParseModule.h - Reads modules that may be anything -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_COMPILER_PARSEMODULE_H
#define TG_COMPILER_PARSEMODULE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/SourceMgr.h"

namespace tg {

/// Brackets that a module's text may nest: upstream's parser recurses, and would run out of stack.
constexpr unsigned maxTextNesting = 512;

/// Parses the text or bytecode that is the main buffer of `sources`. Null after an error in
/// `context`'s diagnostics.
mlir::OwningOpRef<mlir::ModuleOp> parseModule(llvm::SourceMgr &sources, mlir::MLIRContext *context);

} // namespace tg

#endif // TG_COMPILER_PARSEMODULE_H
