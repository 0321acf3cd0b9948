//===- RangeSimplify.h - Simplify index maps by known ranges ----*- C++ -*-===//
//
// Part of tg, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Index maps of movement ops are quasi-affine: a reshape adds floordiv and mod, with symbolic
// divisors where the shape is symbolic. Composing maps piles them up, and most can be proven away
// from the ranges of the indices:
//
//   (d0 * 4 + d1) floordiv 4                          with d1 in [0, 3]       ->  d0
//   ((d0 * s0 + d1) mod s0) + d2 * s0                 with d1 in [0, s0 - 1]  ->  d1 + d2 * s0
//   ((d0 * 12 + d1 * 3 + d2) floordiv 3) mod 4        with full tiles         ->  d1
//
// All functions reason about mathematical integers and take the affine dialect's rule that a
// divisor is positive: wherever the input is defined, the result is defined and equal. When a
// coefficient leaves 61 bits or the work budget is spent, the input comes back as it was.
//
//===----------------------------------------------------------------------===//

#ifndef TG_SUPPORT_RANGESIMPLIFY_H
#define TG_SUPPORT_RANGESIMPLIFY_H

#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/AffineMap.h"

#include <cstdint>
#include <memory>
#include <optional>

namespace tg {

class IndexAlgebra;

/// What is known about a dim or a symbol: inclusive bounds. A constant bound and a symbolic one (an
/// expression over symbols only) may both be given, then both hold. Symbolic bounds are used for
/// dims only.
struct IndexRange {
  std::optional<int64_t> lo, hi;
  mlir::AffineExpr symbolicLo, symbolicHi;

  /// [lo, hi].
  static IndexRange between(int64_t lo, int64_t hi) { return {lo, hi, {}, {}}; }
  /// [lo, +inf).
  static IndexRange atLeast(int64_t lo) { return {lo, std::nullopt, {}, {}}; }
  /// [0, size - 1], the range of an index of a dimension of that size.
  static IndexRange ofExtent(int64_t size) { return between(0, size - 1); }
  static IndexRange ofExtent(mlir::AffineExpr size);
  static IndexRange unbounded() { return {}; }
};

/// Simplifies any number of expressions under the same ranges; dims and symbols past the end of
/// the lists are unbounded. Not thread safe; cheap to make.
class RangeSimplifier {
public:
  RangeSimplifier(mlir::MLIRContext *context, llvm::ArrayRef<IndexRange> dims,
                  llvm::ArrayRef<IndexRange> symbols);
  ~RangeSimplifier();

  /// The simplified expression, equal to `expr` for all values in the ranges; `expr` itself if
  /// nothing can be done. Expressions that are equal as polynomials give the same result. Linear in
  /// the size of the result for what movement ops make; the work is bounded in any case.
  mlir::AffineExpr simplify(mlir::AffineExpr expr);

  /// Simplifies every result.
  mlir::AffineMap simplify(mlir::AffineMap map);

  /// True if lo <= expr <= hi is proven for all values in the ranges. False says nothing.
  bool alwaysInRange(mlir::AffineExpr expr, mlir::AffineExpr lo, mlir::AffineExpr hi);
  bool alwaysInRange(mlir::AffineExpr expr, int64_t lo, int64_t hi);

  /// Bounds of the value over all values in the ranges, inclusive; the extremes of int64 where none
  /// is proven.
  std::pair<int64_t, int64_t> getBounds(mlir::AffineExpr expr);

  /// True if lhs <= rhs always, false if lhs > rhs always, nullopt if neither is proven.
  std::optional<bool> provablyLessEqual(mlir::AffineExpr lhs, mlir::AffineExpr rhs);

private:
  mlir::MLIRContext *context;
  std::unique_ptr<IndexAlgebra> algebra;
};

/// One-shot forms of the above.
mlir::AffineExpr simplifyInRange(mlir::AffineExpr expr, llvm::ArrayRef<IndexRange> dims,
                                 llvm::ArrayRef<IndexRange> symbols);
mlir::AffineMap simplifyInRange(mlir::AffineMap map, llvm::ArrayRef<IndexRange> dims,
                                llvm::ArrayRef<IndexRange> symbols);
bool alwaysInRange(mlir::AffineExpr expr, int64_t lo, int64_t hi, llvm::ArrayRef<IndexRange> dims,
                   llvm::ArrayRef<IndexRange> symbols);

/// The row-major linear index of `indices` (any expressions) in an array of `shape` (constants or
/// expressions over symbols), of the same length. Rank 0 gives 0. Null if a stride of constants
/// overflows.
mlir::AffineExpr linearizeIndex(mlir::MLIRContext *context,
                                llvm::ArrayRef<mlir::AffineExpr> indices,
                                llvm::ArrayRef<mlir::AffineExpr> shape);

/// The inverse: one index per dimension of `shape`, for 0 <= linear < product(shape). The result is
/// not simplified. An array with a constant extent of zero has no index, so zeros are returned.
/// Empty for a rank above zero if a stride of constants overflows.
llvm::SmallVector<mlir::AffineExpr> delinearizeIndex(mlir::AffineExpr linear,
                                                     llvm::ArrayRef<mlir::AffineExpr> shape);

} // namespace tg

#endif // TG_SUPPORT_RANGESIMPLIFY_H
