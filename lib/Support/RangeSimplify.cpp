//===- RangeSimplify.cpp - Simplify index maps by known ranges --*- C++ -*-===//
//
// Part of tg, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Support/RangeSimplify.h"

#include "tg/Support/IndexAlgebra.h"

using namespace mlir;
using namespace tg;

IndexRange IndexRange::ofExtent(AffineExpr size) {
  if (auto value = dyn_cast<AffineConstantExpr>(size))
    return ofExtent(value.getValue());
  return {0, std::nullopt, {}, size - 1};
}

RangeSimplifier::RangeSimplifier(MLIRContext *context, ArrayRef<IndexRange> dims,
                                 ArrayRef<IndexRange> symbols)
    : context(context), algebra(std::make_unique<IndexAlgebra>(context, dims, symbols)) {}

RangeSimplifier::~RangeSimplifier() = default;

static bool hasDivision(AffineExpr expr) {
  return expr
      .walk([](AffineExpr e) {
        bool isDivision = e.getKind() == AffineExprKind::FloorDiv ||
                          e.getKind() == AffineExprKind::Mod ||
                          e.getKind() == AffineExprKind::CeilDiv;
        return isDivision ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

AffineExpr RangeSimplifier::simplify(AffineExpr expr) {
  // With no point to speak of, every answer is right; the least surprising one is no change.
  if (isa<AffineConstantExpr>(expr) || !algebra->hasPoints())
    return expr;
  // A mod that was found on building can let a floor go that did not go before; rarely more than
  // once.
  for (int round = 0; round < 4; ++round) {
    algebra->recycle();
    std::optional<Poly> value = algebra->read(expr);
    AffineExpr result = value ? algebra->build(*value) : AffineExpr();
    if (!result || result == expr)
      break;
    expr = result;
    if (!hasDivision(expr))
      break;
  }
  return expr;
}

AffineMap RangeSimplifier::simplify(AffineMap map) {
  SmallVector<AffineExpr> results;
  for (AffineExpr result : map.getResults())
    results.push_back(simplify(result));
  return AffineMap::get(map.getNumDims(), map.getNumSymbols(), results, context);
}

/// True if lo + offset <= hi is proven.
static bool proveLessEqual(IndexAlgebra &algebra, AffineExpr lo, AffineExpr hi, int64_t offset) {
  algebra.recycle();
  std::optional<Poly> low = algebra.read(lo);
  std::optional<Poly> high = low ? algebra.read(hi) : std::nullopt;
  if (!high)
    return false;
  Poly difference = algebra.sub(algebra.sub(*high, *low), algebra.constant(offset));
  return !algebra.hasFailed() && algebra.isNonNegative(difference) && !algebra.hasFailed();
}

bool RangeSimplifier::alwaysInRange(AffineExpr expr, AffineExpr lo, AffineExpr hi) {
  return !algebra->hasPoints() ||
         (proveLessEqual(*algebra, lo, expr, 0) && proveLessEqual(*algebra, expr, hi, 0));
}

bool RangeSimplifier::alwaysInRange(AffineExpr expr, int64_t lo, int64_t hi) {
  return alwaysInRange(expr, getAffineConstantExpr(lo, context),
                       getAffineConstantExpr(hi, context));
}

std::pair<int64_t, int64_t> RangeSimplifier::getBounds(AffineExpr expr) {
  algebra->recycle();
  std::optional<Poly> value = algebra->hasPoints() ? algebra->read(expr) : std::nullopt;
  Interval bounds = value ? algebra->bounds(*value) : Interval();
  if (algebra->hasFailed())
    bounds = Interval();
  return {bounds.lo, bounds.hi};
}

std::optional<bool> RangeSimplifier::provablyLessEqual(AffineExpr lhs, AffineExpr rhs) {
  if (!algebra->hasPoints())
    return std::nullopt;
  if (proveLessEqual(*algebra, lhs, rhs, 0))
    return true;
  if (proveLessEqual(*algebra, rhs, lhs, 1))
    return false;
  return std::nullopt;
}

AffineExpr tg::simplifyInRange(AffineExpr expr, ArrayRef<IndexRange> dims,
                               ArrayRef<IndexRange> symbols) {
  return RangeSimplifier(expr.getContext(), dims, symbols).simplify(expr);
}

AffineMap tg::simplifyInRange(AffineMap map, ArrayRef<IndexRange> dims,
                              ArrayRef<IndexRange> symbols) {
  return RangeSimplifier(map.getContext(), dims, symbols).simplify(map);
}

bool tg::alwaysInRange(AffineExpr expr, int64_t lo, int64_t hi, ArrayRef<IndexRange> dims,
                       ArrayRef<IndexRange> symbols) {
  return RangeSimplifier(expr.getContext(), dims, symbols).alwaysInRange(expr, lo, hi);
}

//===----------------------------------------------------------------------===//
// Row-major indices
//===----------------------------------------------------------------------===//

/// strides[i] is the product of shape[i + 1 ...]. Empty if constants overflow 61 bits, above which
/// AffineExpr's own folding may.
static SmallVector<AffineExpr> rowMajorStrides(MLIRContext *context, ArrayRef<AffineExpr> shape) {
  SmallVector<AffineExpr> strides(shape.size());
  AffineExpr symbolic = getAffineConstantExpr(1, context);
  int64_t factor = 1;
  for (size_t i = shape.size(); i-- > 0;) {
    strides[i] = symbolic * factor;
    auto size = dyn_cast<AffineConstantExpr>(shape[i]);
    if (!size)
      symbolic = symbolic * shape[i];
    else if (llvm::MulOverflow(factor, size.getValue(), factor) || factor >= int64_t(1) << 61)
      return {};
  }
  return strides;
}

AffineExpr tg::linearizeIndex(MLIRContext *context, ArrayRef<AffineExpr> indices,
                              ArrayRef<AffineExpr> shape) {
  SmallVector<AffineExpr> strides = rowMajorStrides(context, shape);
  if (strides.size() != indices.size())
    return {};
  AffineExpr linear = getAffineConstantExpr(0, context);
  for (auto [index, stride] : llvm::zip_equal(indices, strides))
    linear = linear + index * stride;
  return linear;
}

SmallVector<AffineExpr> tg::delinearizeIndex(AffineExpr linear, ArrayRef<AffineExpr> shape) {
  MLIRContext *context = linear.getContext();
  AffineExpr zero = getAffineConstantExpr(0, context);
  if (llvm::is_contained(shape, zero))
    return SmallVector<AffineExpr>(shape.size(), zero);
  SmallVector<AffineExpr> strides = rowMajorStrides(context, shape), indices;
  bool isLeading = true;
  for (auto [i, stride] : llvm::enumerate(strides)) {
    if (shape[i] == 1) {
      indices.push_back(zero);
      continue;
    }
    AffineExpr quotient = linear.floorDiv(stride);
    // The leading index needs no mod: it is within bounds because linear is.
    indices.push_back(isLeading ? quotient : quotient % shape[i]);
    isLeading = false;
  }
  return indices;
}
