//===- NestBuilder.cpp - Loop nests over index expressions ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NestBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using affine::AffineForOp;
using tg::uop::DimAttr;

namespace tg::codegen {

Value addArgument(func::FuncOp function, Type type, StringRef attrName, Attribute attr) {
  unsigned index = function.getNumArguments();
  auto name = StringAttr::get(function.getContext(), attrName);
  auto attrs = DictionaryAttr::get(function.getContext(), NamedAttribute(name, attr));
  (void)function.insertArgument(index, type, attrs, function.getLoc());
  return function.getArgument(index);
}

NestBuilder::NestBuilder(func::FuncOp function, const llvm::StringMap<uop::VarOp> &vars)
    : function(function), vars(vars), b(function.getLoc(), function.getContext()),
      scope(function.getContext()) {
  levels.push_back(
      {&function.getBody().front(), {}, nullptr, DimAttr::get(function.getContext(), 1)});
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

ImplicitLocOpBuilder &NestBuilder::at(unsigned level, Location loc) {
  Level &where = levels[level];
  b.setLoc(loc);
  if (where.anchor)
    b.setInsertionPoint(where.anchor);
  else if (where.block->mightHaveTerminator())
    b.setInsertionPoint(where.block->getTerminator());
  else
    b.setInsertionPointToEnd(where.block);
  return b;
}

AffineExpr NestBuilder::beginLoop(DimAttr extent, bool isParallel, ValueRange inits) {
  Level &outer = levels.back();
  AffineExpr size = simplify(getExpr(extent));
  // The bound as a map over the variables in use.
  SmallVector<Value> operands;
  SmallVector<AffineExpr> replacements;
  for (unsigned i = 0; i < scope.size(); ++i) {
    replacements.push_back(constant(0));
    if (!size.isFunctionOfSymbol(i))
      continue;
    replacements.back() = getAffineSymbolExpr(operands.size(), getContext());
    operands.push_back(getSymbol(i).value);
  }
  AffineMap upper = AffineMap::get(0, operands.size(), size.replaceSymbols(replacements));
  at(getDepth(), b.getLoc());
  auto loop =
      AffineForOp::create(b, ValueRange(), b.getConstantAffineMap(0), operands, upper, 1, inits);
  if (isParallel)
    loop->setAttr(attrs::parallel, b.getUnitAttr());
  DimAttr trips = outer.trips ? uop::mulDims(outer.trips, extent) : DimAttr();
  outer.anchor = loop;
  unsigned id = dims.size();
  levels.push_back({loop.getBody(), loop, nullptr, trips});
  dims.push_back({loop.getInductionVar(), getDepth(), IndexRange::ofExtent(size)});
  return getAffineDimExpr(id, getContext());
}

ValueRange NestBuilder::endLoop(ValueRange yielded) {
  AffineForOp loop = levels.back().loop;
  if (loop.getNumResults() > 0) {
    at(getDepth(), loop.getLoc());
    affine::AffineYieldOp::create(b, yielded);
  }
  endRegion();
  return loop.getResults();
}

void NestBuilder::beginRegion(Block *block) {
  levels.back().anchor = block->getParentOp();
  levels.push_back({block, {}, nullptr, levels.back().trips});
}

void NestBuilder::endRegion() {
  Operation *op = levels.back().block->getParentOp();
  levels.pop_back();
  // What follows stands after this operation but before a loop that is hidden now.
  Operation *next = op->getNextNode();
  levels.back().anchor = next && !next->hasTrait<OpTrait::IsTerminator>() ? next : nullptr;
}

NestBuilder::Hoist::Hoist(NestBuilder &nest, unsigned depth)
    : nest(nest), first(nest.hidden.size()) {
  nest.hidden.insert(nest.hidden.end(), nest.levels.begin() + depth + 1, nest.levels.end());
  nest.levels.resize(depth + 1);
}

NestBuilder::Hoist::~Hoist() {
  nest.levels.insert(nest.levels.end(), nest.hidden.begin() + first, nest.hidden.end());
  nest.hidden.resize(first);
}

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

static IndexRange rangeOf(uop::VarOp var) {
  return var ? IndexRange::between(var.getMin(), var.getMax()) : IndexRange::atLeast(0);
}

const NestBuilder::Term &NestBuilder::getSymbol(unsigned position) {
  // Variables are numbered at their first use in the scope, and get their argument here.
  while (symbols.size() < scope.size()) {
    StringAttr name = scope.getVars()[symbols.size()];
    Value value = addArgument(function, b.getIndexType(), attrs::var, name);
    symbols.push_back({value, 0, rangeOf(vars.lookup(name.getValue()))});
  }
  return symbols[position];
}

AffineExpr NestBuilder::addSymbol(Value value, unsigned level, IndexRange range) {
  if (scope.size() > 0)
    getSymbol(scope.size() - 1);
  // No variable is called so.
  AffineExpr symbol = scope.getSymbol(StringAttr::get(getContext(), "%" + Twine(symbols.size())));
  symbols.push_back({value, level, range});
  return symbol;
}

SmallVector<IndexRange> NestBuilder::getRanges(ArrayRef<Term> terms) {
  return llvm::map_to_vector(terms, [](const Term &term) { return term.range; });
}

AffineExpr NestBuilder::simplify(AffineExpr expr) {
  if (scope.size() > 0)
    getSymbol(scope.size() - 1);
  return simplifyInRange(expr, getRanges(dims), getRanges(symbols));
}

std::pair<int64_t, int64_t> NestBuilder::getBounds(AffineExpr expr) {
  if (scope.size() > 0)
    getSymbol(scope.size() - 1);
  return RangeSimplifier(getContext(), getRanges(dims), getRanges(symbols)).getBounds(expr);
}

bool NestBuilder::simplify(Guards &guards) {
  if (guards.empty())
    return true;
  if (scope.size() > 0)
    getSymbol(scope.size() - 1);
  RangeSimplifier simplifier(getContext(), getRanges(dims), getRanges(symbols));
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
    auto isSame = [&](const Constraint &other) {
      return other.expr == guard.expr && other.isZero == guard.isZero;
    };
    if (llvm::none_of(kept, isSame))
      kept.push_back(guard);
  }
  guards = kept;
  return true;
}

Indices NestBuilder::getExprs(ArrayRef<DimAttr> dims) {
  return llvm::map_to_vector(dims, [&](DimAttr dim) { return getExpr(dim); });
}

AffineExpr NestBuilder::linearize(ArrayRef<AffineExpr> indices, ArrayRef<DimAttr> dims) {
  AffineExpr linear = linearizeIndex(getContext(), indices, getExprs(dims));
  return linear ? simplify(linear) : AffineExpr();
}

unsigned NestBuilder::levelOf(AffineExpr expr) const {
  unsigned level = 0;
  expr.walk([&](AffineExpr e) {
    if (auto dim = dyn_cast<AffineDimExpr>(e))
      level = std::max(level, dims[dim.getPosition()].level);
    if (auto symbol = dyn_cast<AffineSymbolExpr>(e))
      if (symbol.getPosition() < symbols.size())
        level = std::max(level, symbols[symbol.getPosition()].level);
  });
  return level;
}

unsigned NestBuilder::levelOf(ArrayRef<AffineExpr> exprs, const Guards &guards) const {
  unsigned level = 0;
  for (AffineExpr expr : exprs)
    level = std::max(level, levelOf(expr));
  for (const Constraint &guard : guards)
    level = std::max(level, levelOf(guard.expr));
  return level;
}

Value NestBuilder::createApply(AffineExpr expr, Location loc) {
  // Loops and run-time indices are the map's dims, variables its symbols.
  SmallVector<AffineExpr> dimMap(dims.size(), constant(0)), symbolMap(scope.size(), constant(0));
  SmallVector<Value> dimValues, symbolValues;
  for (unsigned i = 0; i < dims.size(); ++i)
    if (expr.isFunctionOfDim(i)) {
      dimMap[i] = getAffineDimExpr(dimValues.size(), getContext());
      dimValues.push_back(dims[i].value);
    }
  for (unsigned i = 0; i < scope.size(); ++i) {
    if (!expr.isFunctionOfSymbol(i))
      continue;
    Value value = getSymbol(i).value;
    bool isVar = isa<BlockArgument>(value) && value.getParentBlock() == &function.front();
    SmallVector<Value> &list = isVar ? symbolValues : dimValues;
    symbolMap[i] = isVar ? getAffineSymbolExpr(list.size(), getContext())
                         : getAffineDimExpr(list.size(), getContext());
    list.push_back(value);
  }
  AffineMap map = AffineMap::get(dimValues.size(), symbolValues.size(),
                                 expr.replaceDimsAndSymbols(dimMap, symbolMap));
  dimValues.append(symbolValues);
  at(levelOf(expr), loc);
  return affine::AffineApplyOp::create(b, map, dimValues);
}

Value NestBuilder::materialize(AffineExpr expr, Location loc) {
  Value &value = values[expr];
  if (value)
    return value;
  if (auto number = dyn_cast<AffineConstantExpr>(expr)) {
    at(0, loc).setInsertionPointToStart(&function.front());
    return value = arith::ConstantIndexOp::create(b, number.getValue());
  }
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return value = dims[dim.getPosition()].value;
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return value = getSymbol(symbol.getPosition()).value;
  return value = createApply(expr, loc);
}

Value NestBuilder::materialize(const Guards &guards, Location loc) {
  auto isSame = [](const Constraint &l, const Constraint &r) {
    return l.expr == r.expr && l.isZero == r.isZero;
  };
  for (auto &[known, value] : conditions)
    if (known.size() == guards.size() &&
        std::equal(known.begin(), known.end(), guards.begin(), isSame))
      return value;
  Value all;
  unsigned level = 0;
  for (const Constraint &guard : guards) {
    Value value = materialize(guard.expr, loc), zero = materialize(constant(0), loc);
    level = std::max(level, levelOf(guard.expr));
    at(levelOf(guard.expr), loc);
    auto predicate = guard.isZero ? arith::CmpIPredicate::eq : arith::CmpIPredicate::sge;
    Value holds = arith::CmpIOp::create(b, predicate, value, zero);
    at(level, loc);
    all = all ? arith::AndIOp::create(b, all, holds).getResult() : holds;
  }
  conditions.push_back({guards, all});
  return all;
}

unsigned NestBuilder::countComplexity(Operation *op) {
  unsigned count = 0;
  op->walk([&](Operation *inner) {
    if (isa<scf::IfOp>(inner))
      ++count;
    if (auto apply = dyn_cast<affine::AffineApplyOp>(inner))
      apply.getAffineMap().walkExprs([&](AffineExpr expr) {
        AffineExprKind kind = expr.getKind();
        count += kind == AffineExprKind::FloorDiv || kind == AffineExprKind::Mod ||
                 kind == AffineExprKind::CeilDiv;
      });
  });
  return count;
}

} // namespace tg::codegen
