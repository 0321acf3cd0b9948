//===- Decompose.h - Elementwise functions as arithmetic --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The expansions of transcendental and rounding operations. Their texts are in tg/Graph/Decompose/,
// their measured errors in docs/numerics.md; the pass is tg-decompose.
//
//===----------------------------------------------------------------------===//

#ifndef TG_GRAPH_DECOMPOSE_H
#define TG_GRAPH_DECOMPOSE_H

#include "tg/Dialect/UOp/UOp.h"

namespace tg {

/// Whether there is an expansion of `op`: the second tier, and of the core exp2, log2, sin and pow,
/// on float types.
bool hasExpansion(uop::ElementwiseOpInterface op);

/// Emits the expansion of `op`, which must have one, at the builder's insertion point; the value
/// that replaces the result. Uses only add, sub, mul, neg, fma, fdiv, sqrt, trunc, comparisons,
/// where, cast, bitcast and integer logic. f32 and f64 compute in their own type, with 64-bit
/// integers in sin, cos and tan; narrower floats compute in f32 and round once more.
mlir::Value emitExpansion(mlir::OpBuilder &builder, uop::ElementwiseOpInterface op);

} // namespace tg

#endif // TG_GRAPH_DECOMPOSE_H
