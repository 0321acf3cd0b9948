//===- RandomControl.cpp - Random control flow and host scalars ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomControl.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace tg;
using namespace tg::testing;
using namespace tg::uop;

/// Loops within loops make every step many.
static constexpr unsigned maxNesting = 2;

void RandomControl::inside(Block *block, function_ref<void()> body) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(block);
  Scope scope(*this);
  size_t known = scalars.size();
  ++nesting;
  body();
  --nesting;
  scalars.resize(known);
}

void RandomControl::addSome() {
  for (uint64_t i = 0, count = pick(3); i < count; ++i)
    addOne(nesting < maxNesting && pick(2));
}

//===----------------------------------------------------------------------===//
// Scalars
//===----------------------------------------------------------------------===//

void RandomControl::know(Value value) {
  if (isa<RankedTensorType>(value.getType()))
    return add(value);
  scalars.push_back(value);
  if (nesting > 0)
    return;
  // So that it is among the results.
  if (isa<IndexType>(value.getType()))
    value = arith::IndexCastOp::create(builder, loc, builder.getI64Type(), value);
  add(tensor::FromElementsOp::create(builder, loc, RankedTensorType::get({}, value.getType()),
                                     ValueRange(value)));
}

Value RandomControl::constant(Type type, int64_t value) {
  TypedAttr attr = isa<FloatType>(type)
                       ? TypedAttr(builder.getFloatAttr(type, static_cast<double>(value)))
                       : TypedAttr(builder.getIntegerAttr(type, value));
  return arith::ConstantOp::create(builder, loc, attr);
}

Value RandomControl::truth() {
  if (pick(2)) {
    auto predicate = static_cast<arith::CmpIPredicate>(pick(10));
    Type type = pick(2) ? Type(builder.getIndexType()) : Type(builder.getI64Type());
    return arith::CmpIOp::create(builder, loc, predicate, scalarOf(type), scalarOf(type));
  }
  if (pick(4) == 0) {
    auto predicate = static_cast<arith::CmpFPredicate>(pick(16));
    Type type = builder.getF32Type();
    return arith::CmpFOp::create(builder, loc, predicate, scalarOf(type), scalarOf(type));
  }
  Value flag = valueOf(RankedTensorType::get({}, builder.getI1Type()));
  return tensor::ExtractOp::create(builder, loc, flag, ValueRange());
}

Value RandomControl::scalarOf(Type type) {
  SmallVector<Value> same;
  for (Value scalar : scalars)
    if (scalar.getType() == type)
      same.push_back(scalar);
  if (!same.empty() && pick(4))
    return same[pick(same.size())];
  if (isa<IndexType>(type)) {
    Value wide = scalarOf(builder.getI64Type());
    return arith::IndexCastOp::create(builder, loc, type, wide);
  }
  if (pick(2))
    return constant(type, static_cast<int64_t>(pick(type.isInteger(1) ? 2 : 6)));
  Value tensor = valueOf(RankedTensorType::get({}, type));
  return tensor::ExtractOp::create(builder, loc, tensor, ValueRange());
}

Value RandomControl::anyOf(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor ? valueOf(tensor) : scalarOf(type);
}

/// An index, often made of others.
Value RandomControl::index() {
  Type type = builder.getIndexType();
  Value x = scalarOf(type);
  switch (pick(6)) {
  case 0:
    return arith::AddIOp::create(builder, loc, x, scalarOf(type));
  case 1:
    return arith::SubIOp::create(builder, loc, x, scalarOf(type));
  case 2:
    return arith::MulIOp::create(builder, loc, x, scalarOf(type));
  case 3:
    return arith::SelectOp::create(builder, loc, truth(), x, scalarOf(type));
  default:
    return x;
  }
}

/// Most bounds are as they are where that is known to be few steps.
Value RandomControl::clampIndex(Value value, int64_t low, int64_t high) {
  Type type = builder.getIndexType();
  value = arith::MaxSIOp::create(builder, loc, value, constant(type, low));
  return arith::MinSIOp::create(builder, loc, value, constant(type, high));
}

void RandomControl::addSize() {
  MLIRContext *context = builder.getContext();
  SmallVector<DimAttr> terms{DimAttr::get(context, int64_t(1 + pick(9)))};
  for (auto &[name, value] : getVars())
    terms.push_back(DimAttr::get(context, name));
  auto term = [&] { return terms[pick(terms.size())]; };
  AffineExpr lhs = getAffineSymbolExpr(0, context), rhs = getAffineSymbolExpr(1, context);
  AffineExpr expr = lhs;
  switch (pick(6)) {
  case 0:
    expr = lhs.floorDiv(rhs);
    break;
  case 1:
    expr = lhs.ceilDiv(rhs) - 2;
    break;
  case 2:
    expr = lhs % rhs;
    break;
  case 3:
    expr = lhs * rhs * (int64_t(1) << (pick(2) ? 20 : 61));
    break;
  default:
    expr = lhs * 3 - rhs;
    break;
  }
  VarScope scope(context);
  AffineExpr x = scope.getExpr(term()), y = scope.getExpr(term());
  DimAttr size = scope.getDim(expr.replaceSymbols({x, y}));
  if (size)
    add(SizeOp::create(builder, loc, RankedTensorType::get({}, builder.getI64Type()), size));
}

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

void RandomControl::addIf() {
  Value condition = truth();
  SmallVector<Type> types;
  for (uint64_t i = 0, count = 1 + pick(3); i < count; ++i)
    types.push_back(pick(4) ? pickValue(isElementType).getType() : builder.getIndexType());
  auto op = scf::IfOp::create(builder, loc, types, condition, /*withElseRegion=*/true);
  for (Region *region : {&op.getThenRegion(), &op.getElseRegion()})
    inside(&region->front(), [&] {
      addSome();
      SmallVector<Value> results;
      for (Type type : types) {
        // One value may be several results.
        bool repeats = !results.empty() && results.back().getType() == type && pick(2);
        results.push_back(repeats ? results.back() : anyOf(type));
      }
      scf::YieldOp::create(builder, loc, results);
    });
  for (Value result : op.getResults())
    know(result);
}

void RandomControl::addLoop() {
  SmallVector<Value> inits{pickValue(isElementType)};
  if (pick(2))
    inits.push_back(valueOf(typeOf(inits.front())));
  if (pick(3) == 0)
    inits.push_back(pick(2) ? scalarOf(builder.getI64Type()) : index());
  if (pick(2))
    addWhile(inits);
  else
    addFor(inits);
}

void RandomControl::addFor(ArrayRef<Value> inits) {
  Type type = builder.getIndexType();
  Value lower = clampIndex(index(), -1, 3), upper = clampIndex(index(), -1, 4),
        step = pick(3) ? constant(type, 1) : clampIndex(index(), 1, 2);
  if (pick(4) == 0) {
    type = pick(2) ? builder.getI64Type() : builder.getI32Type();
    for (Value *bound : {&lower, &upper, &step})
      *bound = arith::IndexCastOp::create(builder, loc, type, *bound);
  }
  auto op = scf::ForOp::create(builder, loc, lower, upper, step, inits);
  inside(op.getBody(), [&] {
    Value i = op.getInductionVar();
    know(i);
    if (pick(2)) {
      if (!type.isInteger(64))
        i = isa<IndexType>(type)
                ? arith::IndexCastOp::create(builder, loc, builder.getI64Type(), i).getResult()
                : arith::ExtSIOp::create(builder, loc, builder.getI64Type(), i).getResult();
      add(tensor::FromElementsOp::create(
          builder, loc, RankedTensorType::get({}, builder.getI64Type()), ValueRange(i)));
    }
    for (Value argument : op.getRegionIterArgs())
      know(argument);
    addSome();
    SmallVector<Value> results;
    for (Value init : inits) {
      // Sometimes the arguments change places, or one value is carried on twice.
      Value other = op.getRegionIterArgs()[pick(inits.size())];
      bool takesOther = other.getType() == init.getType() && pick(3) == 0;
      results.push_back(takesOther ? other : anyOf(init.getType()));
    }
    scf::YieldOp::create(builder, loc, results);
  });
  for (Value result : op.getResults())
    know(result);
}

/// Whether the loop goes on, from its counter.
Value RandomControl::addWhileStep(Value counter) {
  int64_t steps = static_cast<int64_t>(pick(4));
  if (!isa<RankedTensorType>(counter.getType()))
    return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt, counter,
                                 constant(counter.getType(), steps));
  Value goesOn = CmpLtOp::create(builder, loc, counter, splat(typeOf(counter), steps));
  return tensor::ExtractOp::create(builder, loc, goesOn, ValueRange());
}

void RandomControl::addWhile(ArrayRef<Value> inits) {
  Type i64 = builder.getI64Type();
  SmallVector<Value> operands{pick(2) ? splat(RankedTensorType::get({}, i64), 0)
                                      : constant(i64, 0)};
  llvm::append_range(operands, inits);
  SmallVector<Type> types = llvm::map_to_vector(operands, [](Value v) { return v.getType(); });
  // What is passed on: the counter, and some of the others, in any order and number.
  SmallVector<Type> passedTypes;
  for (uint64_t i = 0, count = 1 + pick(3); i < count; ++i)
    passedTypes.push_back(types[pick(types.size())]);
  size_t counterAt = pick(passedTypes.size() + 1);
  passedTypes.insert(passedTypes.begin() + counterAt, types[0]);
  auto op = scf::WhileOp::create(builder, loc, passedTypes, operands);
  Block *before, *after;
  {
    OpBuilder::InsertionGuard guard(builder);
    before =
        builder.createBlock(&op.getBefore(), {}, types, SmallVector<Location>(types.size(), loc));
    after = builder.createBlock(&op.getAfter(), {}, passedTypes,
                                SmallVector<Location>(passedTypes.size(), loc));
  }
  inside(before, [&] {
    for (Value argument : before->getArguments().drop_front())
      know(argument);
    Value condition = addWhileStep(before->getArgument(0));
    addSome();
    SmallVector<Value> passed;
    for (auto [i, type] : llvm::enumerate(passedTypes))
      passed.push_back(i == counterAt ? Value(before->getArgument(0)) : anyOf(type));
    scf::ConditionOp::create(builder, loc, condition, passed);
  });
  inside(after, [&] {
    for (Value argument : after->getArguments())
      know(argument);
    addSome();
    Value counter = after->getArgument(counterAt);
    if (auto type = dyn_cast<RankedTensorType>(types[0]))
      counter = AddOp::create(builder, loc, counter, splat(type, 1));
    else
      counter = arith::AddIOp::create(builder, loc, counter, constant(i64, 1));
    SmallVector<Value> results{counter};
    for (Type type : ArrayRef(types).drop_front())
      results.push_back(anyOf(type));
    scf::YieldOp::create(builder, loc, results);
  });
  for (Value result : op.getResults())
    know(result);
}
