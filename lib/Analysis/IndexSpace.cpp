//===- IndexSpace.cpp - Index expressions over loops ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Analysis/IndexSpace.h"

using namespace mlir;
using namespace tg;
using tg::uop::DimAttr;

static bool isSame(const Constraint &lhs, const Constraint &rhs) {
  return lhs.expr == rhs.expr && lhs.isZero == rhs.isZero;
}

Guards tg::addGuards(Guards guards, ArrayRef<Constraint> added) {
  for (const Constraint &guard : added)
    if (llvm::none_of(guards, [&](const Constraint &other) { return isSame(guard, other); }))
      guards.push_back(guard);
  return guards;
}

//===----------------------------------------------------------------------===//
// Dims and symbols
//===----------------------------------------------------------------------===//

void IndexSpace::addVars() {
  while (symbolRanges.size() < scope.size()) {
    uop::VarOp var = vars.lookup(scope.getVars()[symbolRanges.size()].getValue());
    symbolRanges.push_back(var ? IndexRange::between(var.getMin(), var.getMax())
                               : IndexRange::atLeast(0));
    symbolLevels.push_back(0);
    isVarSymbol.push_back(true);
  }
}

unsigned IndexSpace::getNumSymbols() {
  addVars();
  return symbolRanges.size();
}

AffineExpr IndexSpace::addDim(DimAttr extent, unsigned level) {
  dimRanges.push_back(IndexRange::ofExtent(simplify(getExpr(extent))));
  dimLevels.push_back(level);
  return getAffineDimExpr(dimRanges.size() - 1, getContext());
}

AffineExpr IndexSpace::addSymbol(IndexRange range, unsigned level) {
  addVars();
  // No variable is called so.
  AffineExpr symbol =
      scope.getSymbol(StringAttr::get(getContext(), "%" + Twine(symbolRanges.size())));
  symbolRanges.push_back(range);
  symbolLevels.push_back(level);
  isVarSymbol.push_back(false);
  return symbol;
}

unsigned IndexSpace::levelOf(AffineExpr expr) const {
  unsigned level = 0;
  expr.walk([&](AffineExpr e) {
    if (auto dim = dyn_cast<AffineDimExpr>(e))
      level = std::max(level, dimLevels[dim.getPosition()]);
    if (auto symbol = dyn_cast<AffineSymbolExpr>(e))
      if (symbol.getPosition() < symbolLevels.size())
        level = std::max(level, symbolLevels[symbol.getPosition()]);
  });
  return level;
}

unsigned IndexSpace::levelOf(ArrayRef<AffineExpr> exprs, const Guards &guards) const {
  unsigned level = 0;
  for (AffineExpr expr : exprs)
    level = std::max(level, levelOf(expr));
  for (const Constraint &guard : guards)
    level = std::max(level, levelOf(guard.expr));
  return level;
}

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

AffineExpr IndexSpace::simplify(AffineExpr expr) {
  addVars();
  return simplifyInRange(expr, dimRanges, symbolRanges);
}

std::pair<int64_t, int64_t> IndexSpace::getBounds(AffineExpr expr) {
  addVars();
  return RangeSimplifier(getContext(), dimRanges, symbolRanges).getBounds(expr);
}

bool IndexSpace::simplify(Guards &guards) {
  if (guards.empty())
    return true;
  addVars();
  RangeSimplifier simplifier(getContext(), dimRanges, symbolRanges);
  AffineExpr zero = constant(0);
  Guards kept;
  for (Constraint guard : guards) {
    guard.expr = simplifier.simplify(guard.expr);
    if (guard.isZero) {
      if (auto value = dyn_cast<AffineConstantExpr>(guard.expr)) {
        if (value.getValue() != 0)
          return false;
        continue;
      }
    } else if (auto holds = simplifier.provablyLessEqual(zero, guard.expr)) {
      if (!*holds)
        return false;
      continue;
    }
    kept = addGuards(std::move(kept), guard);
  }
  guards = kept;
  return true;
}

Indices IndexSpace::getExprs(ArrayRef<DimAttr> dims) {
  return llvm::map_to_vector(dims, [&](DimAttr dim) { return getExpr(dim); });
}

AffineExpr IndexSpace::linearize(ArrayRef<AffineExpr> indices, ArrayRef<DimAttr> dims) {
  AffineExpr linear = linearizeIndex(getContext(), indices, getExprs(dims));
  return linear ? simplify(linear) : AffineExpr();
}

Indices IndexSpace::delinearize(AffineExpr linear, ArrayRef<DimAttr> dims) {
  Indices indices = delinearizeIndex(linear, getExprs(dims));
  simplify(MutableArrayRef<AffineExpr>(indices));
  return indices;
}
