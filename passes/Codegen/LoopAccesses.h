//===- LoopAccesses.h - What loops read and write ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_PASSES_CODEGEN_LOOPACCESSES_H
#define TG_PASSES_CODEGEN_LOOPACCESSES_H

#include "tg/Codegen/LoopTree.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/SetVector.h"

namespace tg::codegen {

/// What a value is computed from.
struct Slice {
  /// The loops whose induction variables it depends on, those of their bounds not counted.
  llvm::SetVector<mlir::Operation *> loops;
  /// The operations in loops that compute it, each behind those that it needs.
  llvm::SetVector<mlir::Operation *> ops;
  /// Whether it depends on nothing but loops and what is outside of all loops, by operations
  /// without effects. Else `loops` may be too many.
  bool isPure = true;

  void add(mlir::Value value);
};

/// A place at which an operand of the kernel is read, as KernelToLoops makes them.
struct OperandRead {
  /// The load, or the branch that guards it and is zero otherwise.
  mlir::Operation *read;
  /// What is made of the element before anything else is combined with it: a conversion, say.
  mlir::Value value;
  /// What the read depends on.
  Slice slice;
  /// The operations from `read` to `value`.
  llvm::SmallVector<mlir::Operation *> conversions;

  /// Of a load; nothing if it is not of an operand that only loops address.
  static std::optional<OperandRead> get(mlir::memref::LoadOp load);
};

} // namespace tg::codegen

#endif // TG_PASSES_CODEGEN_LOOPACCESSES_H
