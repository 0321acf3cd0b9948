//===- SimplifyCompare.cpp - Comparisons ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SimplifyRules.h"

using namespace mlir;
using namespace tg;
using namespace tg::simplify;
using namespace tg::uop;

static bool isBool(Value value) { return uop::isBool(elementOf(value)); }

/// Whether `value` is the largest (or smallest) number of its integer type.
static bool isExtreme(const APInt &value, bool isUnsigned, bool isMax) {
  return isMax ? (isUnsigned ? value.isMaxValue() : value.isMaxSignedValue())
               : (isUnsigned ? value.isMinValue() : value.isMinSignedValue());
}

void tg::simplify::addCompareRules(RuleSet &rules) {
  rules.add<CmpLtOp>("less-self", [](CmpLtOp op, RuleBuilder &b) -> Value {
    // Of NaN as well.
    return op.getLhs() == op.getRhs() ? makeBool(b, op.getType(), false) : Value();
  });
  rules.add<CmpLeOp, CmpEqOp>("equal-self", [](auto op, RuleBuilder &b) -> Value {
    bool matches = isInt(op.getLhs()) && op.getLhs() == op.getRhs();
    return matches ? makeBool(b, op.getType(), true) : Value();
  });
  rules.add<CmpNeOp>("unequal-self", [](CmpNeOp op, RuleBuilder &b) -> Value {
    bool matches = isInt(op.getLhs()) && op.getLhs() == op.getRhs();
    return matches ? makeBool(b, op.getType(), false) : Value();
  });
  rules.add<CmpLtOp, CmpLeOp>("less-range", [](auto op, RuleBuilder &b) -> Value {
    if (!isInt(op.getLhs()))
      return {};
    bool isLess = std::is_same_v<decltype(op), CmpLtOp>;
    Range x = rangeOf(op.getLhs()), y = rangeOf(op.getRhs());
    if (isLess ? x.hi < y.lo : x.hi <= y.lo)
      return makeBool(b, op.getType(), true);
    if (isLess ? x.lo >= y.hi : x.lo > y.hi)
      return makeBool(b, op.getType(), false);
    return {};
  });
  rules.add<CmpEqOp, CmpNeOp>("equal-range", [](auto op, RuleBuilder &b) -> Value {
    if (!isInt(op.getLhs()))
      return {};
    Range x = rangeOf(op.getLhs()), y = rangeOf(op.getRhs());
    bool disjoint = x.hi < y.lo || y.hi < x.lo;
    return disjoint ? makeBool(b, op.getType(), std::is_same_v<decltype(op), CmpNeOp>) : Value();
  });
  // x <= c -> x < c + 1, c <= x -> c - 1 < x: only one form of comparison with a constant.
  rules.add<CmpLeOp>("cmple-constant", [](CmpLeOp op, RuleBuilder &b) -> Value {
    Value x = op.getLhs(), y = op.getRhs();
    if (isBool(x))
      return {};
    if (std::optional<APInt> c = intSplat(y); c && !isExtreme(*c, isUnsigned(y), true))
      return CmpLtOp::create(b, x, makeInt(b, y.getType(), *c + 1));
    if (std::optional<APInt> c = intSplat(x); c && !isExtreme(*c, isUnsigned(x), false))
      return CmpLtOp::create(b, makeInt(b, x.getType(), *c - 1), y);
    return {};
  });
  // not (x < y) -> y <= x. Not for floats: both are false for NaN.
  rules.add<NotOp>("not-less", [](NotOp op, RuleBuilder &b) -> Value {
    Operation *compare = op.getInput().getDefiningOp();
    if (!isa_and_nonnull<CmpLtOp, CmpLeOp>(compare) || !isInt(compare->getOperand(0)))
      return {};
    Value x = compare->getOperand(0), y = compare->getOperand(1);
    if (isa<CmpLtOp>(compare))
      return CmpLeOp::create(b, y, x);
    return CmpLtOp::create(b, y, x);
  });
  rules.add<NotOp>("not-equal", [](NotOp op, RuleBuilder &b) -> Value {
    if (auto equal = op.getInput().getDefiningOp<CmpEqOp>())
      return CmpNeOp::create(b, equal.getLhs(), equal.getRhs());
    if (auto unequal = op.getInput().getDefiningOp<CmpNeOp>())
      return CmpEqOp::create(b, unequal.getLhs(), unequal.getRhs());
    return {};
  });
  rules.add<CmpEqOp, CmpNeOp>("bool-equal-constant", [](auto op, RuleBuilder &b) -> Value {
    std::optional<APInt> constant = intSplat(op.getRhs());
    if (!constant || !isBool(op.getRhs()))
      return {};
    bool keeps = constant->isOne() == std::is_same_v<decltype(op), CmpEqOp>;
    return keeps ? op.getLhs() : Value(NotOp::create(b, op.getLhs()));
  });
  // x + c1 == c2 -> x == c2 - c1, which wrapping keeps true.
  rules.add<CmpEqOp, CmpNeOp>("equal-of-add", [](auto op, RuleBuilder &b) -> Value {
    using OpTy = decltype(op);
    auto add = op.getLhs().template getDefiningOp<AddOp>();
    if (!add || !isInt(op.getLhs()) || !isConstant(add.getRhs()) || !isConstant(op.getRhs()))
      return {};
    return OpTy::create(b, add.getLhs(), SubOp::create(b, op.getRhs(), add.getRhs()));
  });
  rules.add<CmpEqOp, CmpNeOp>("equal-of-xor", [](auto op, RuleBuilder &b) -> Value {
    using OpTy = decltype(op);
    auto inner = op.getLhs().template getDefiningOp<XorOp>();
    if (!inner || !isConstant(inner.getRhs()) || !isConstant(op.getRhs()))
      return {};
    return OpTy::create(b, inner.getLhs(), XorOp::create(b, op.getRhs(), inner.getRhs()));
  });
  // x - y == 0 -> x == y of integers.
  rules.add<CmpEqOp, CmpNeOp>("equal-of-sub", [](auto op, RuleBuilder &b) -> Value {
    using OpTy = decltype(op);
    auto sub = op.getLhs().template getDefiningOp<SubOp>();
    if (!sub || !isIntSplat(op.getRhs(), 0))
      return {};
    return OpTy::create(b, sub.getLhs(), sub.getRhs());
  });
}
