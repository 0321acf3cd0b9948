//===- Dot.h - Graphs of uop functions --------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_EXPORT_DOT_H
#define TG_EXPORT_DOT_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/raw_ostream.h"

namespace tg {

/// Writes the functions of the module as one Graphviz digraph: a node per operation, labelled with
/// its name and its name in the user's model, an edge per use, labelled with the type; functions,
/// kernels and other operations with regions are clusters.
void exportDot(mlir::ModuleOp module, llvm::raw_ostream &os);

/// Registers `--uop-to-dot` with tg-translate.
void registerDotTranslation();

} // namespace tg

#endif // TG_EXPORT_DOT_H
