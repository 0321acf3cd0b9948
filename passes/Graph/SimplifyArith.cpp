//===- SimplifyArith.cpp - Identities of +, -, *, neg, max, min, shifts ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SimplifyRules.h"

using namespace mlir;
using namespace tg;
using namespace tg::simplify;
using namespace tg::uop;

/// Calls `match` with the operands in both orders.
template <typename OpTy, typename Function> static Value inEitherOrder(OpTy op, Function match) {
  if (Value result = match(op.getLhs(), op.getRhs()))
    return result;
  return match(op.getRhs(), op.getLhs());
}

static void addIdentities(RuleSet &rules) {
  // x + 0 -> x; of floats -0 is the identity: x + 0 turns -0 into +0.
  rules.add<AddOp>("add-zero", [](AddOp op, RuleBuilder &b) -> Value {
    return isIntSplat(op.getRhs(), 0) || isFloatSplat(op.getRhs(), -0.0) ? op.getLhs() : Value();
  });
  rules.add<SubOp>("sub-zero", [](SubOp op, RuleBuilder &b) -> Value {
    return isIntSplat(op.getRhs(), 0) || isFloatSplat(op.getRhs(), 0.0) ? op.getLhs() : Value();
  });
  rules.add<SubOp>("sub-self", [](SubOp op, RuleBuilder &b) -> Value {
    return isInt(op) && op.getLhs() == op.getRhs() ? makeInt(b, op.getType(), 0) : Value();
  });
  rules.add<MulOp>("mul-one", [](MulOp op, RuleBuilder &b) -> Value {
    return isIntSplat(op.getRhs(), 1) || isFloatSplat(op.getRhs(), 1.0) ? op.getLhs() : Value();
  });
  rules.add<MulOp>("mul-zero", [](MulOp op, RuleBuilder &b) -> Value {
    return isIntSplat(op.getRhs(), 0) ? op.getRhs() : Value();
  });
  rules.add<MulOp>("mul-minus-one", [](MulOp op, RuleBuilder &b) -> Value {
    bool matches = isIntSplat(op.getRhs(), -1) || isFloatSplat(op.getRhs(), -1.0);
    return matches ? Value(NegOp::create(b, op.getLhs())) : Value();
  });
  rules.add<ShlOp, ShrOp>("shift-zero", [](auto op, RuleBuilder &b) -> Value {
    return isIntSplat(op.getRhs(), 0) || isIntSplat(op.getLhs(), 0) ? op.getLhs() : Value();
  });
  rules.add<ShlOp>("shl-too-far", [](ShlOp op, RuleBuilder &b) -> Value {
    std::optional<APInt> amount = intSplat(op.getRhs());
    // A negative amount reads as a large unsigned one: 0 too.
    return amount && amount->uge(amount->getBitWidth()) ? makeInt(b, op.getType(), 0) : Value();
  });
  rules.add<ShrOp>("shr-too-far", [](ShrOp op, RuleBuilder &b) -> Value {
    std::optional<APInt> amount = intSplat(op.getRhs());
    if (!amount || !amount->uge(amount->getBitWidth()))
      return {};
    if (isUnsigned(op))
      return makeInt(b, op.getType(), 0);
    return ShrOp::create(b, op.getLhs(), makeInt(b, op.getType(), amount->getBitWidth() - 1));
  });
}

static void addSigns(RuleSet &rules) {
  rules.add<NegOp>("neg-neg",
                   [](NegOp op, RuleBuilder &b) -> Value { return inputOf<NegOp>(op.getInput()); });
  rules.add<NegOp>("neg-sub", [](NegOp op, RuleBuilder &b) -> Value {
    // Not for floats: -(x - x) is -0, x - x is +0.
    auto sub = op.getInput().getDefiningOp<SubOp>();
    return sub && isInt(op) ? Value(SubOp::create(b, sub.getRhs(), sub.getLhs())) : Value();
  });
  rules.add<AddOp>("add-neg", [](AddOp op, RuleBuilder &b) -> Value {
    return inEitherOrder(op, [&](Value x, Value y) -> Value {
      Value negated = inputOf<NegOp>(y);
      // A constant is about to fold.
      return negated && !isConstant(negated) ? Value(SubOp::create(b, x, negated)) : Value();
    });
  });
  rules.add<SubOp>("sub-neg", [](SubOp op, RuleBuilder &b) -> Value {
    Value negated = inputOf<NegOp>(op.getRhs());
    return negated ? Value(AddOp::create(b, op.getLhs(), negated)) : Value();
  });
  rules.add<SubOp>("zero-sub", [](SubOp op, RuleBuilder &b) -> Value {
    // -0 - x is -x for floats; 0 - 0 is +0, -(+0) is -0.
    bool matches = isIntSplat(op.getLhs(), 0) || isFloatSplat(op.getLhs(), -0.0);
    return matches ? Value(NegOp::create(b, op.getRhs())) : Value();
  });
  rules.add<MulOp>("mul-neg-neg", [](MulOp op, RuleBuilder &b) -> Value {
    Value x = inputOf<NegOp>(op.getLhs()), y = inputOf<NegOp>(op.getRhs());
    return x && y ? Value(MulOp::create(b, x, y)) : Value();
  });
  rules.add<FDivOp>("fdiv-neg-neg", [](FDivOp op, RuleBuilder &b) -> Value {
    Value x = inputOf<NegOp>(op.getLhs()), y = inputOf<NegOp>(op.getRhs());
    return x && y ? Value(FDivOp::create(b, x, y)) : Value();
  });
}

static void addCancellation(RuleSet &rules) {
  rules.add<SubOp>("sub-of-add", [](SubOp op, RuleBuilder &b) -> Value {
    auto add = op.getLhs().getDefiningOp<AddOp>();
    if (!add || !isInt(op))
      return {};
    return add.getLhs() == op.getRhs()   ? add.getRhs()
           : add.getRhs() == op.getRhs() ? add.getLhs()
                                         : Value();
  });
  rules.add<AddOp>("add-of-sub", [](AddOp op, RuleBuilder &b) -> Value {
    if (!isInt(op))
      return {};
    return inEitherOrder(op, [&](Value x, Value y) -> Value {
      auto sub = x.getDefiningOp<SubOp>();
      return sub && sub.getRhs() == y ? sub.getLhs() : Value();
    });
  });
}

/// max(x, min(x, y)) -> x and the reverse. Not for floats: y may be NaN.
template <typename Other, typename OpTy> static Value absorb(OpTy op) {
  if (!isInt(op))
    return {};
  return inEitherOrder(op, [&](Value x, Value y) -> Value {
    auto inner = y.template getDefiningOp<Other>();
    return inner && (inner.getLhs() == x || inner.getRhs() == x) ? x : Value();
  });
}

static void addExtremes(RuleSet &rules) {
  rules.add<MaxOp, MinOp>("extreme-self", [](auto op, RuleBuilder &b) -> Value {
    return op.getLhs() == op.getRhs() ? op.getLhs() : Value();
  });
  // max(x, -inf) -> x, and for integers whatever the ranges prove.
  rules.add<MaxOp, MinOp>("extreme-infinity", [](auto op, RuleBuilder &b) -> Value {
    std::optional<APFloat> bound = floatSplat(op.getRhs());
    bool isMax = std::is_same_v<decltype(op), MaxOp>;
    return bound && bound->isInfinity() && bound->isNegative() == isMax ? op.getLhs() : Value();
  });
  rules.add<MaxOp, MinOp>("extreme-range", [](auto op, RuleBuilder &b) -> Value {
    if (!isInt(op))
      return {};
    Range lhs = rangeOf(op.getLhs()), rhs = rangeOf(op.getRhs());
    Value larger = lhs.lo >= rhs.hi ? op.getLhs() : rhs.lo >= lhs.hi ? op.getRhs() : Value();
    if (!larger || std::is_same_v<decltype(op), MaxOp>)
      return larger;
    return larger == op.getLhs() ? op.getRhs() : op.getLhs();
  });
  rules.add<MaxOp>("max-min-absorb",
                   [](MaxOp op, RuleBuilder &b) -> Value { return absorb<MinOp>(op); });
  rules.add<MinOp>("min-max-absorb",
                   [](MinOp op, RuleBuilder &b) -> Value { return absorb<MaxOp>(op); });
  // max(max(x, y), x) -> max(x, y).
  rules.add<MaxOp, MinOp>("extreme-nested", [](auto op, RuleBuilder &b) -> Value {
    using OpTy = decltype(op);
    return inEitherOrder(op, [&](Value x, Value y) -> Value {
      auto inner = y.template getDefiningOp<OpTy>();
      return inner && (inner.getLhs() == x || inner.getRhs() == x) ? y : Value();
    });
  });
}

static void addPowers(RuleSet &rules) {
  rules.add<PowOp>("pow-zero", [](PowOp op, RuleBuilder &b) -> Value {
    if (isIntSplat(op.getRhs(), 0))
      return makeInt(b, op.getType(), 1);
    bool isZero = isFloatSplat(op.getRhs(), 0.0) || isFloatSplat(op.getRhs(), -0.0);
    return isZero ? makeFloat(b, op.getType(), 1.0) : Value();
  });
  rules.add<PowOp>("pow-one", [](PowOp op, RuleBuilder &b) -> Value {
    return isIntSplat(op.getRhs(), 1) || isFloatSplat(op.getRhs(), 1.0) ? op.getLhs() : Value();
  });
  rules.add<PowOp>("one-pow", [](PowOp op, RuleBuilder &b) -> Value {
    return isIntSplat(op.getLhs(), 1) || isFloatSplat(op.getLhs(), 1.0) ? op.getLhs() : Value();
  });
  rules.add<PowOp>("int-pow-two", [](PowOp op, RuleBuilder &b) -> Value {
    bool matches = isIntSplat(op.getRhs(), 2);
    return matches ? Value(MulOp::create(b, op.getLhs(), op.getLhs())) : Value();
  });
}

void tg::simplify::addArithmeticRules(RuleSet &rules) {
  addIdentities(rules);
  addSigns(rules);
  addCancellation(rules);
  addExtremes(rules);
  addPowers(rules);
}
