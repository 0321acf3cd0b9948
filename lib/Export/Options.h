//===- Options.h - Options that translations share --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_LIB_EXPORT_OPTIONS_H
#define TG_LIB_EXPORT_OPTIONS_H

#include "tg/Compiler/Compiler.h"

namespace tg {

/// Registers `--uop-target-cpu` and `--uop-target-features`, once.
void registerTargetOptions();
/// What they say.
CompileOptions targetOptions();

} // namespace tg

#endif // TG_LIB_EXPORT_OPTIONS_H
