//===- InitAll.h - Registers everything of tg -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_INITALL_H
#define TG_INITALL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace tg {

/// tg's dialect, the upstream dialects that its pipelines use, and every external interface model:
/// all of them in this one place, because a forgotten model fails silently.
void registerAllDialects(mlir::DialectRegistry &registry);

/// tg's passes and named pipelines.
void registerAllPasses();

} // namespace tg

#endif // TG_INITALL_H
