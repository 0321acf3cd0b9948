//===- OnnxEqualities.cpp - Sizes that are taken to be equal ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Exporters name one size several ways, and write sizes that are equal only where one divides
// another (`h floordiv 2 * 2` where a network upsamples what it has pooled). What must be equal for
// a node is taken to be: the model is imported again with one variable as an expression of others,
// so that the types of its inputs say what must hold, and a run checks it.
//
//===----------------------------------------------------------------------===//

#include "OnnxEqualities.h"

#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

DimAttr tg::replaceVar(DimAttr dim, StringAttr var, DimAttr value) {
  if (!llvm::is_contained(dim.getVars(), var))
    return dim;
  VarScope scope(dim.getContext());
  AffineExpr expr = scope.getExpr(dim), symbol = scope.getSymbol(var);
  AffineExpr replacement = scope.getExpr(value);
  return scope.getDim(expr.replace(symbol, replacement));
}

static DimAttr constantOf(DimAttr like, int64_t value) {
  return DimAttr::get(like.getContext(), value);
}

/// The solution of `difference == 0` for a variable that occurs linearly: `rest + factor * var`.
static DimAttr solveLinear(DimAttr difference, StringAttr var) {
  DimAttr rest = replaceVar(difference, var, constantOf(difference, 0));
  DimAttr atOne = replaceVar(difference, var, constantOf(difference, 1));
  DimAttr factor = subDims(atOne, rest);
  DimAttr self = DimAttr::get(difference.getContext(), var.getValue());
  if (!factor || factor.isConstant(0) || addDims(rest, mulDims(factor, self)) != difference)
    return {};
  DimAttr minusOne = constantOf(difference, -1);
  DimAttr numerator = mulDims(rest, minusOne);
  if (factor.isConstant() && factor.getConstant() < 0) {
    factor = mulDims(factor, minusOne);
    numerator = rest;
  }
  // A factor that is an expression has either sign.
  for (DimAttr sign : {constantOf(difference, 1), minusOne}) {
    DimAttr divisor = mulDims(factor, sign), dividend = mulDims(numerator, sign);
    if (!divisor || !dividend || (divisor.isConstant() && divisor.getConstant() < 1))
      continue;
    DimAttr value = floorDivDims(dividend, divisor);
    if (value && mulDims(value, divisor) == dividend)
      return value;
  }
  return {};
}

/// The constant divisors of an expression, and what they multiply to, smallest first.
static SmallVector<int64_t> findDivisors(DimAttr dim) {
  constexpr int64_t largest = 1024;
  constexpr size_t most = 24;
  llvm::SetVector<int64_t> divisors;
  dim.getExpr().walk([&](AffineExpr expr) {
    auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
    auto divisor = binary ? dyn_cast<AffineConstantExpr>(binary.getRHS()) : AffineConstantExpr();
    bool divides = binary && (expr.getKind() == AffineExprKind::FloorDiv ||
                              expr.getKind() == AffineExprKind::CeilDiv ||
                              expr.getKind() == AffineExprKind::Mod);
    if (divides && divisor && divisor.getValue() > 1 && divisor.getValue() <= largest)
      divisors.insert(divisor.getValue());
  });
  for (size_t i = 0; i < divisors.size() && divisors.size() < most; ++i)
    for (size_t k = 0; k <= i && divisors.size() < most; ++k)
      if (divisors[i] * divisors[k] <= largest)
        divisors.insert(divisors[i] * divisors[k]);
  SmallVector<int64_t> result(divisors.begin(), divisors.end());
  llvm::sort(result);
  return result;
}

static unsigned countDivisions(DimAttr dim) {
  unsigned count = 0;
  dim.getExpr().walk([&](AffineExpr expr) { count += expr.getKind() == AffineExprKind::FloorDiv; });
  return count;
}

/// `var = factor * k + remainder` for a new variable `k`, where that makes the difference 0; with
/// `isPart`, where it leaves fewer divisions, for other variables.
static std::optional<OnnxEquality> solveMultiple(DimAttr difference, StringAttr var,
                                                 const OnnxVarFacts &facts, bool isPart) {
  constexpr int64_t mostRemainders = 16;
  DimAttr self = DimAttr::get(difference.getContext(), var.getValue());
  std::optional<ShapeBounds> bounds = facts.getBounds(self);
  SmallVector<int64_t> divisors = findDivisors(difference);
  if (!bounds || divisors.empty())
    return std::nullopt;
  std::string name = facts.makeName((var.getValue() + "_part").str());
  DimAttr part = DimAttr::get(difference.getContext(), name);
  for (int64_t factor : divisors)
    for (int64_t remainder = 0; remainder < std::min(factor, mostRemainders); ++remainder) {
      DimAttr value = addDims(mulDims(part, constantOf(part, factor)), constantOf(part, remainder));
      DimAttr rest = value ? replaceVar(difference, var, value) : DimAttr();
      if (!rest ||
          !(rest.isConstant(0) || (isPart && countDivisions(rest) < countDivisions(difference))))
        continue;
      int64_t low = std::max<int64_t>(0, llvm::divideCeilSigned(bounds->first - remainder, factor));
      int64_t high = (bounds->second - remainder) / factor;
      if (high < low)
        continue;
      return OnnxEquality{var, value, StringAttr::get(part.getContext(), name), {low, high}};
    }
  return std::nullopt;
}

std::optional<OnnxEquality> tg::solveEquality(DimAttr x, DimAttr y, const OnnxVarFacts &facts) {
  DimAttr difference = x && y ? subDims(x, y) : DimAttr();
  if (!difference || difference.isConstant())
    return std::nullopt;
  SmallVector<std::pair<unsigned, StringAttr>> vars;
  for (StringAttr var : difference.getVars())
    if (std::optional<unsigned> place = facts.getPlace(var))
      vars.push_back({*place, var});
  llvm::sort(vars, [](auto &lhs, auto &rhs) { return lhs.first > rhs.first; });
  for (auto [place, var] : vars) {
    DimAttr value = solveLinear(difference, var);
    if (!value || llvm::is_contained(value.getVars(), var))
      continue;
    // What it stands for must be known when it is, and can be a size.
    unsigned known = std::max(place, OnnxVarFacts::firstBound);
    bool isKnown = llvm::all_of(value.getVars(), [&](StringAttr other) {
      std::optional<unsigned> at = facts.getPlace(other);
      return at && *at < known;
    });
    std::optional<ShapeBounds> bounds = facts.getBounds(value);
    if (isKnown && bounds && bounds->second > 0)
      return OnnxEquality{var, value};
  }
  // What is left where it is no solution is solved in the next turn, if it can be.
  for (bool isPart : {false, true})
    for (auto [place, var] : vars)
      if (auto multiple = solveMultiple(difference, var, facts, isPart))
        return multiple;
  return std::nullopt;
}
