//===- LiftArith.h - Operations on host scalars as uop ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_PASSES_ENGINE_LIFTARITH_H
#define TG_PASSES_ENGINE_LIFTARITH_H

#include "mlir/IR/Builders.h"

namespace tg {

/// The element type of the rank-0 tensor that stands for a scalar: `i64` for `index`.
mlir::Type toLiftedType(mlir::Type scalar);

/// Builds, before `op` of the `arith` dialect with one scalar result, what computes that result on
/// rank-0 tensors; `operands` are the tensors for its operands. Null if uop has no operation of
/// the same meaning, or `op` may be undefined where uop's is not (a division by zero).
mlir::Value liftArith(mlir::Operation *op, mlir::ValueRange operands);

} // namespace tg

#endif // TG_PASSES_ENGINE_LIFTARITH_H
