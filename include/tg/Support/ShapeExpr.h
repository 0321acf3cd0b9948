//===- ShapeExpr.h - Canonical integer size expressions ---------*- C++ -*-===//
//
// Part of tg, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A dynamic dimension's size is an integer expression over declared vars, held as an AffineExpr
// over symbols (products of symbols allowed). Two shapes are the same exactly when their types are,
// so sizes are kept in the canonical form that this file defines, and are compared by pointer.
//
//===----------------------------------------------------------------------===//

#ifndef TG_SUPPORT_SHAPEEXPR_H
#define TG_SUPPORT_SHAPEEXPR_H

#include "mlir/IR/AffineExpr.h"
#include "llvm/ADT/SmallVector.h"

#include <cstdint>
#include <optional>
#include <utility>

namespace tg {

/// The canonical form: a sum of products with constant coefficients, in a fixed order. Equal
/// polynomials give the same AffineExpr. mod and ceildiv are seen through floordiv
/// (x mod a = x - a * (x floordiv a), x ceildiv a = (x + a - 1) floordiv a); floordiv is taken
/// apart where it is exact, nested floordivs merge, and constants fold:
///
///   (s1 + 2) * s0 - s0 * s1     ->  s0 * 2
///   (s0 * 4 + 6) floordiv 2     ->  s0 * 2 + 3
///   (s0 floordiv 2) floordiv 3  ->  s0 floordiv 6
///   s0 ceildiv 2                ->  (s0 + 1) floordiv 2
///
/// Divisors count as positive. An expression that would overflow, divides by a constant below one
/// or is too large is returned as it is. Linear in the size of the result for sums; idempotent.
mlir::AffineExpr canonicalizeShapeExpr(mlir::AffineExpr expr);

/// The value for the given dims and symbols. nullopt on overflow of int64, on a divisor below one,
/// and if `expr` uses a dim or symbol that is not given.
std::optional<int64_t> evalShapeExpr(mlir::AffineExpr expr, llvm::ArrayRef<int64_t> dims,
                                     llvm::ArrayRef<int64_t> symbols);

/// Inclusive bounds [lo, hi].
using ShapeBounds = std::pair<int64_t, int64_t>;

/// Bounds of the value when every dim and symbol lies within its own bounds: sound, not always
/// tight. nullopt if a side is unbounded or overflows. Dims and symbols that are not given are
/// unbounded.
std::optional<ShapeBounds> boundShapeExpr(mlir::AffineExpr expr, llvm::ArrayRef<ShapeBounds> dims,
                                          llvm::ArrayRef<ShapeBounds> symbols);

/// What an expression may do that has no value.
struct ShapeFaults {
  /// The divisors in it that may be below one.
  llvm::SmallVector<mlir::AffineExpr, 2> divisors;
  /// A result on the way may not fit 64 bits, divisors left aside.
  bool mayOverflow = false;
};

/// The faults of an expression over symbols, every one of which lies within its own bounds; symbols
/// that are not given are not negative. Evaluated as it is written, as `evalShapeExpr` does.
ShapeFaults findShapeFaults(mlir::AffineExpr expr, llvm::ArrayRef<ShapeBounds> symbols);

} // namespace tg

#endif // TG_SUPPORT_SHAPEEXPR_H
