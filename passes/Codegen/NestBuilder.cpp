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
    : IndexSpace(function.getContext(), vars), function(function),
      b(function.getLoc(), function.getContext()) {
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

AffineExpr NestBuilder::beginLoop(DimAttr extent, bool isParallel, StringRef name,
                                  ValueRange inits) {
  Level &outer = levels.back();
  AffineExpr size = simplify(getExpr(extent));
  // The bound as a map over the variables in use.
  SmallVector<Value> operands;
  SmallVector<AffineExpr> replacements;
  for (unsigned i = 0, e = getNumSymbols(); i < e; ++i) {
    replacements.push_back(constant(0));
    if (!size.isFunctionOfSymbol(i))
      continue;
    replacements.back() = getAffineSymbolExpr(operands.size(), getContext());
    operands.push_back(getSymbolValue(i));
  }
  AffineMap upper = AffineMap::get(0, operands.size(), size.replaceSymbols(replacements));
  at(getDepth(), b.getLoc());
  auto loop =
      AffineForOp::create(b, ValueRange(), b.getConstantAffineMap(0), operands, upper, 1, inits);
  if (!name.empty())
    loop->setAttr(attrs::axis, b.getStringAttr(name));
  if (isParallel)
    loop->setAttr(attrs::parallel, b.getUnitAttr());
  DimAttr trips = outer.trips ? uop::mulDims(outer.trips, extent) : DimAttr();
  outer.anchor = loop;
  levels.push_back({loop.getBody(), loop, nullptr, trips});
  dimValues.push_back(loop.getInductionVar());
  return addDim(extent, getDepth());
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

Value NestBuilder::getSymbolValue(unsigned position) {
  symbolValues.resize(getNumSymbols());
  Value &value = symbolValues[position];
  if (!value)
    value = addArgument(function, b.getIndexType(), attrs::var, getScope().getVars()[position]);
  return value;
}

AffineExpr NestBuilder::addSymbol(Value value, unsigned level, IndexRange range) {
  AffineExpr symbol = IndexSpace::addSymbol(range, level);
  symbolValues.resize(getNumSymbols());
  symbolValues[cast<AffineSymbolExpr>(symbol).getPosition()] = value;
  return symbol;
}

Value NestBuilder::createApply(AffineExpr expr, Location loc) {
  // Loops and run-time indices are the map's dims, variables its symbols.
  unsigned numSymbols = getNumSymbols();
  SmallVector<AffineExpr> dimMap(getNumDims(), constant(0)), symbolMap(numSymbols, constant(0));
  SmallVector<Value> dims, vars;
  for (unsigned i = 0; i < getNumDims(); ++i)
    if (expr.isFunctionOfDim(i)) {
      dimMap[i] = getAffineDimExpr(dims.size(), getContext());
      dims.push_back(dimValues[i]);
    }
  for (unsigned i = 0; i < numSymbols; ++i) {
    if (!expr.isFunctionOfSymbol(i))
      continue;
    SmallVector<Value> &list = isVar(i) ? vars : dims;
    symbolMap[i] = isVar(i) ? getAffineSymbolExpr(list.size(), getContext())
                            : getAffineDimExpr(list.size(), getContext());
    list.push_back(getSymbolValue(i));
  }
  AffineMap map =
      AffineMap::get(dims.size(), vars.size(), expr.replaceDimsAndSymbols(dimMap, symbolMap));
  dims.append(vars);
  at(levelOf(expr), loc);
  return affine::AffineApplyOp::create(b, map, dims);
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
    return value = dimValues[dim.getPosition()];
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return value = getSymbolValue(symbol.getPosition());
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

} // namespace tg::codegen
