//===- SimplifyLogic.cpp - and, or, xor, not, where ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SimplifyRules.h"

using namespace mlir;
using namespace tg;
using namespace tg::simplify;
using namespace tg::uop;

template <typename OpTy, typename Function> static Value inEitherOrder(OpTy op, Function match) {
  if (Value result = match(op.getLhs(), op.getRhs()))
    return result;
  return match(op.getRhs(), op.getLhs());
}

static bool isBool(Value value) { return uop::isBool(elementOf(value)); }

static void addBitwise(RuleSet &rules) {
  rules.add<AndOp, OrOp>("logic-self", [](auto op, RuleBuilder &b) -> Value {
    return op.getLhs() == op.getRhs() ? op.getLhs() : Value();
  });
  rules.add<XorOp>("xor-self", [](XorOp op, RuleBuilder &b) -> Value {
    return op.getLhs() == op.getRhs() ? makeInt(b, op.getType(), 0) : Value();
  });
  rules.add<AndOp>("and-constant", [](AndOp op, RuleBuilder &b) -> Value {
    return isIntSplat(op.getRhs(), 0)    ? op.getRhs()
           : isIntSplat(op.getRhs(), -1) ? op.getLhs()
                                         : Value();
  });
  rules.add<OrOp>("or-constant", [](OrOp op, RuleBuilder &b) -> Value {
    return isIntSplat(op.getRhs(), -1)  ? op.getRhs()
           : isIntSplat(op.getRhs(), 0) ? op.getLhs()
                                        : Value();
  });
  rules.add<XorOp>("xor-zero", [](XorOp op, RuleBuilder &b) -> Value {
    return isIntSplat(op.getRhs(), 0) ? op.getLhs() : Value();
  });
  rules.add<XorOp>("xor-ones", [](XorOp op, RuleBuilder &b) -> Value {
    return isIntSplat(op.getRhs(), -1) ? Value(NotOp::create(b, op.getLhs())) : Value();
  });
  rules.add<NotOp>("not-not",
                   [](NotOp op, RuleBuilder &b) -> Value { return inputOf<NotOp>(op.getInput()); });
  rules.add<AndOp>("and-not-self", [](AndOp op, RuleBuilder &b) -> Value {
    return inEitherOrder(op, [&](Value x, Value y) -> Value {
      return inputOf<NotOp>(y) == x ? makeInt(b, op.getType(), 0) : Value();
    });
  });
  rules.add<OrOp, XorOp>("or-not-self", [](auto op, RuleBuilder &b) -> Value {
    return inEitherOrder(op, [&](Value x, Value y) -> Value {
      return inputOf<NotOp>(y) == x ? makeInt(b, op.getType(), -1) : Value();
    });
  });
  rules.add<AndOp>("and-or-absorb", [](AndOp op, RuleBuilder &b) -> Value {
    return inEitherOrder(op, [&](Value x, Value y) -> Value {
      auto inner = y.getDefiningOp<OrOp>();
      return inner && (inner.getLhs() == x || inner.getRhs() == x) ? x : Value();
    });
  });
  rules.add<OrOp>("or-and-absorb", [](OrOp op, RuleBuilder &b) -> Value {
    return inEitherOrder(op, [&](Value x, Value y) -> Value {
      auto inner = y.getDefiningOp<AndOp>();
      return inner && (inner.getLhs() == x || inner.getRhs() == x) ? x : Value();
    });
  });
  rules.add<AndOp, OrOp>("logic-nested", [](auto op, RuleBuilder &b) -> Value {
    using OpTy = decltype(op);
    return inEitherOrder(op, [&](Value x, Value y) -> Value {
      auto inner = y.template getDefiningOp<OpTy>();
      return inner && (inner.getLhs() == x || inner.getRhs() == x) ? y : Value();
    });
  });
  rules.add<XorOp>("xor-cancel", [](XorOp op, RuleBuilder &b) -> Value {
    return inEitherOrder(op, [&](Value x, Value y) -> Value {
      auto inner = y.getDefiningOp<XorOp>();
      if (!inner)
        return {};
      return inner.getLhs() == x ? inner.getRhs() : inner.getRhs() == x ? inner.getLhs() : Value();
    });
  });
  rules.add<AndOp>("and-mask", [](AndOp op, RuleBuilder &b) -> Value {
    std::optional<APInt> mask = intSplat(op.getRhs());
    if (!mask || !mask->isMask() || isBool(op))
      return {};
    // A signed mask of all ones is -1: "and-constant".
    if (mask->isAllOnes())
      return {};
    Range range = rangeOf(op.getLhs());
    return range.lo >= 0 && range.hi <= __int128(mask->getZExtValue()) ? op.getLhs() : Value();
  });
  rules.add<MaxOp, MinOp>("bool-extreme", [](auto op, RuleBuilder &b) -> Value {
    if (!isBool(op))
      return {};
    if constexpr (std::is_same_v<decltype(op), MaxOp>)
      return OrOp::create(b, op.getLhs(), op.getRhs());
    return AndOp::create(b, op.getLhs(), op.getRhs());
  });
}

static void addWhere(RuleSet &rules) {
  rules.add<WhereOp>("where-constant", [](WhereOp op, RuleBuilder &b) -> Value {
    std::optional<APInt> condition = intSplat(op.getCondition());
    if (!condition)
      return {};
    return condition->isZero() ? op.getOnFalse() : op.getOnTrue();
  });
  rules.add<WhereOp>("where-same", [](WhereOp op, RuleBuilder &b) -> Value {
    return op.getOnTrue() == op.getOnFalse() ? op.getOnTrue() : Value();
  });
  rules.add<WhereOp>("where-not", [](WhereOp op, RuleBuilder &b) -> Value {
    Value condition = inputOf<NotOp>(op.getCondition());
    if (!condition)
      return {};
    return WhereOp::create(b, condition, op.getOnFalse(), op.getOnTrue());
  });
  rules.add<WhereOp>("where-bool", [](WhereOp op, RuleBuilder &b) -> Value {
    if (!isBool(op))
      return {};
    Value c = op.getCondition(), x = op.getOnTrue(), y = op.getOnFalse();
    if (isIntSplat(x, 1) && isIntSplat(y, 0))
      return c;
    if (isIntSplat(x, 0) && isIntSplat(y, 1))
      return NotOp::create(b, c);
    if (isIntSplat(y, 0))
      return AndOp::create(b, c, x);
    if (isIntSplat(x, 1))
      return OrOp::create(b, c, y);
    return {};
  });
  rules.add<WhereOp>("where-nested", [](WhereOp op, RuleBuilder &b) -> Value {
    auto inner = op.getOnTrue().getDefiningOp<WhereOp>();
    if (inner && inner.getCondition() == op.getCondition())
      return WhereOp::create(b, op.getCondition(), inner.getOnTrue(), op.getOnFalse());
    inner = op.getOnFalse().getDefiningOp<WhereOp>();
    if (inner && inner.getCondition() == op.getCondition())
      return WhereOp::create(b, op.getCondition(), op.getOnTrue(), inner.getOnFalse());
    return {};
  });
  // where(c, where(d, x, y), y) -> where(c & d, x, y).
  rules.add<WhereOp>("where-and", [](WhereOp op, RuleBuilder &b) -> Value {
    auto inner = op.getOnTrue().getDefiningOp<WhereOp>();
    if (!inner || !inner->hasOneUse() || inner.getOnFalse() != op.getOnFalse())
      return {};
    return WhereOp::create(b, AndOp::create(b, op.getCondition(), inner.getCondition()),
                           inner.getOnTrue(), op.getOnFalse());
  });
  // where(x < y, x, y) -> min(x, y) of integers.
  rules.add<WhereOp>("where-extreme", [](WhereOp op, RuleBuilder &b) -> Value {
    Operation *compare = op.getCondition().getDefiningOp();
    if (!isa_and_nonnull<CmpLtOp, CmpLeOp>(compare) || !isInt(op))
      return {};
    Value x = compare->getOperand(0), y = compare->getOperand(1);
    if (op.getOnTrue() == x && op.getOnFalse() == y)
      return MinOp::create(b, x, y);
    if (op.getOnTrue() == y && op.getOnFalse() == x)
      return MaxOp::create(b, x, y);
    return {};
  });
}

void tg::simplify::addLogicRules(RuleSet &rules) {
  addBitwise(rules);
  addWhere(rules);
}
