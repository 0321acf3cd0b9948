//===- ShapeExpr.cpp - Canonical integer size expressions -------*- C++ -*-===//
//
// Part of tg, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Support/ShapeExpr.h"

#include "tg/Support/IndexAlgebra.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace tg;

AffineExpr tg::canonicalizeShapeExpr(AffineExpr expr) {
  if (expr.getKind() >= AffineExprKind::Constant)
    return expr;
  IndexAlgebra algebra(expr.getContext(), {}, {});
  std::optional<Poly> value = algebra.read(expr);
  AffineExpr result = value ? algebra.build(*value) : AffineExpr();
  return result ? result : expr;
}

namespace {
/// Evaluates each shared subexpression once.
struct Evaluator {
  ArrayRef<int64_t> dims, symbols;
  llvm::SmallDenseMap<AffineExpr, std::optional<int64_t>, 8> known;
  unsigned depth = 0;

  std::optional<int64_t> evaluate(AffineExpr expr) {
    if (auto value = dyn_cast<AffineConstantExpr>(expr))
      return value.getValue();
    auto at = [](ArrayRef<int64_t> values, unsigned position) -> std::optional<int64_t> {
      return position < values.size() ? std::optional(values[position]) : std::nullopt;
    };
    if (auto dim = dyn_cast<AffineDimExpr>(expr))
      return at(dims, dim.getPosition());
    if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
      return at(symbols, symbol.getPosition());
    if (auto it = known.find(expr); it != known.end())
      return it->second;
    if (depth > 1024)
      return std::nullopt;
    ++depth;
    auto binary = cast<AffineBinaryOpExpr>(expr);
    std::optional<int64_t> lhs = evaluate(binary.getLHS());
    std::optional<int64_t> rhs = lhs ? evaluate(binary.getRHS()) : std::nullopt;
    --depth;
    std::optional<int64_t> result;
    if (rhs)
      result = apply(expr.getKind(), *lhs, *rhs);
    known[expr] = result;
    return result;
  }

  static std::optional<int64_t> apply(AffineExprKind kind, int64_t lhs, int64_t rhs) {
    int64_t result;
    if (kind == AffineExprKind::Add)
      return llvm::AddOverflow(lhs, rhs, result) ? std::nullopt : std::optional(result);
    if (kind == AffineExprKind::Mul)
      return llvm::MulOverflow(lhs, rhs, result) ? std::nullopt : std::optional(result);
    if (rhs < 1)
      return std::nullopt;
    if (kind == AffineExprKind::FloorDiv)
      return llvm::divideFloorSigned(lhs, rhs);
    if (kind == AffineExprKind::CeilDiv)
      return llvm::divideCeilSigned(lhs, rhs);
    int64_t remainder = lhs % rhs;
    return remainder < 0 ? remainder + rhs : remainder;
  }
};
} // namespace

std::optional<int64_t> tg::evalShapeExpr(AffineExpr expr, ArrayRef<int64_t> dims,
                                         ArrayRef<int64_t> symbols) {
  Evaluator evaluator;
  evaluator.dims = dims;
  evaluator.symbols = symbols;
  return evaluator.evaluate(expr);
}

std::optional<ShapeBounds> tg::boundShapeExpr(AffineExpr expr, ArrayRef<ShapeBounds> dims,
                                              ArrayRef<ShapeBounds> symbols) {
  auto toRanges = [](ArrayRef<ShapeBounds> bounds) {
    return llvm::map_to_vector(
        bounds, [](ShapeBounds b) { return IndexRange::between(b.first, b.second); });
  };
  IndexAlgebra algebra(expr.getContext(), toRanges(dims), toRanges(symbols));
  std::optional<Poly> value = algebra.read(expr);
  if (!value || !algebra.hasPoints())
    return std::nullopt;
  Interval range = algebra.bounds(*value);
  if (algebra.hasFailed() || range.lo == Interval::negInf || range.hi == Interval::posInf)
    return std::nullopt;
  return ShapeBounds(range.lo, range.hi);
}

namespace {
class FaultFinder {
public:
  explicit FaultFinder(ArrayRef<ShapeBounds> symbols) : symbols(symbols) {}

  Interval visit(AffineExpr expr) {
    if (auto constant = dyn_cast<AffineConstantExpr>(expr))
      return {constant.getValue(), constant.getValue()};
    if (auto symbol = dyn_cast<AffineSymbolExpr>(expr)) {
      if (symbol.getPosition() < symbols.size())
        return {symbols[symbol.getPosition()].first, symbols[symbol.getPosition()].second};
      return {0, Interval::posInf};
    }
    auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
    if (!binary)
      return {};
    Interval lhs = visit(binary.getLHS()), rhs = visit(binary.getRHS());
    Interval result = apply(expr.getKind(), lhs, rhs, binary.getRHS());
    faults.mayOverflow |= result.lo == Interval::negInf || result.hi == Interval::posInf;
    return result;
  }

  ShapeFaults faults;

private:
  Interval apply(AffineExprKind kind, Interval lhs, Interval rhs, AffineExpr divisor) {
    if (kind == AffineExprKind::Add)
      return lhs + rhs;
    if (kind == AffineExprKind::Mul)
      return lhs * rhs;
    if (rhs.lo < 1) {
      if (!llvm::is_contained(faults.divisors, divisor))
        faults.divisors.push_back(divisor);
      rhs = {1, std::max<int64_t>(rhs.hi, 1)};
    }
    if (kind == AffineExprKind::Mod)
      return {0, rhs.hi - 1};
    if (kind == AffineExprKind::FloorDiv)
      return lhs.floorDiv(rhs);
    return lhs.floorDiv(rhs) + Interval{0, 1};
  }

  ArrayRef<ShapeBounds> symbols;
};
} // namespace

ShapeFaults tg::findShapeFaults(AffineExpr expr, ArrayRef<ShapeBounds> symbols) {
  FaultFinder finder(symbols);
  finder.visit(expr);
  return std::move(finder.faults);
}
