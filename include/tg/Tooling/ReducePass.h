//===- ReducePass.h - Shrinks a program while a script says so --*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_TOOLING_REDUCEPASS_H
#define TG_TOOLING_REDUCEPASS_H

namespace tg {

/// Registers `--tg-reduce-program`.
void registerReducePass();

} // namespace tg

#endif // TG_TOOLING_REDUCEPASS_H
