//===- Translate.h - Runs the translations of a command line -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_TOOLING_TRANSLATE_H
#define TG_TOOLING_TRANSLATE_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/StringRef.h"

namespace tg {

/// The main function of a tool that performs all registered translations. `overview` begins its
/// help.
llvm::LogicalResult translateMain(int argc, char **argv, llvm::StringRef overview);

} // namespace tg

#endif // TG_TOOLING_TRANSLATE_H
