//===- SimplifyConstants.cpp - Constants to the right, combined, and outward ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SimplifyRules.h"

using namespace mlir;
using namespace tg;
using namespace tg::simplify;
using namespace tg::uop;

// Combining makes an operation on two constants; the constant folder computes it.

/// The pattern `(x op c1) op c2 -> x op (c1 op c2)`; null where it is not there.
template <typename OpTy> static Value combine(OpTy op, RuleBuilder &b) {
  auto inner = op.getLhs().template getDefiningOp<OpTy>();
  if (!inner || !isConstant(op.getRhs()) || !isConstant(inner.getRhs()))
    return {};
  return OpTy::create(b, inner.getLhs(), OpTy::create(b, inner.getRhs(), op.getRhs()));
}

/// `(x op c) op y -> (x op y) op c`, so that constants meet. Only if nobody else uses `x op c`.
template <typename OpTy> static Value moveOut(OpTy op, RuleBuilder &b) {
  for (auto [side, other] : {std::pair(op.getLhs(), op.getRhs()), {op.getRhs(), op.getLhs()}}) {
    auto inner = Value(side).template getDefiningOp<OpTy>();
    if (inner && inner->hasOneUse() && isConstant(inner.getRhs()) && !isConstant(other) &&
        !isConstant(inner.getLhs()))
      return OpTy::create(b, OpTy::create(b, inner.getLhs(), other), inner.getRhs());
  }
  return {};
}

static void addShiftRules(RuleSet &rules) {
  rules.add<ShlOp>("shl-shl", [](ShlOp op, RuleBuilder &b) -> Value {
    auto inner = op.getLhs().getDefiningOp<ShlOp>();
    std::optional<APInt> outer = intSplat(op.getRhs());
    std::optional<APInt> first = inner ? intSplat(inner.getRhs()) : std::nullopt;
    unsigned width = outer ? outer->getBitWidth() : 0;
    if (!first || !outer || first->uge(width) || outer->uge(width))
      return {};
    uint64_t sum = first->getZExtValue() + outer->getZExtValue();
    if (sum >= width)
      return makeInt(b, op.getType(), 0);
    return ShlOp::create(b, inner.getLhs(), makeInt(b, op.getType(), sum));
  });
  rules.add<ShrOp>("shr-shr", [](ShrOp op, RuleBuilder &b) -> Value {
    auto inner = op.getLhs().getDefiningOp<ShrOp>();
    std::optional<APInt> outer = intSplat(op.getRhs());
    std::optional<APInt> first = inner ? intSplat(inner.getRhs()) : std::nullopt;
    unsigned width = outer ? outer->getBitWidth() : 0;
    if (!first || !outer || first->uge(width) || outer->uge(width))
      return {};
    uint64_t sum = first->getZExtValue() + outer->getZExtValue();
    if (sum >= width && isUnsigned(op))
      return makeInt(b, op.getType(), 0);
    sum = std::min<uint64_t>(sum, width - 1);
    return ShrOp::create(b, inner.getLhs(), makeInt(b, op.getType(), sum));
  });
  // (x << k) * c -> x * (c << k): strength reduction must not hide a factor.
  rules.add<MulOp>("mul-of-shl", [](MulOp op, RuleBuilder &b) -> Value {
    auto inner = op.getLhs().getDefiningOp<ShlOp>();
    std::optional<APInt> amount = inner ? intSplat(inner.getRhs()) : std::nullopt;
    if (!amount || amount->uge(amount->getBitWidth()) || !isConstant(op.getRhs()))
      return {};
    return MulOp::create(b, inner.getLhs(), ShlOp::create(b, op.getRhs(), inner.getRhs()));
  });
  // (x * c) << k -> x * (c << k).
  rules.add<ShlOp>("shl-of-mul", [](ShlOp op, RuleBuilder &b) -> Value {
    auto inner = op.getLhs().getDefiningOp<MulOp>();
    std::optional<APInt> amount = intSplat(op.getRhs());
    if (!inner || !amount || amount->uge(amount->getBitWidth()) || !isConstant(inner.getRhs()))
      return {};
    return MulOp::create(b, inner.getLhs(), ShlOp::create(b, inner.getRhs(), op.getRhs()));
  });
  // (x >> k) << k -> x & ~(2^k - 1).
  rules.add<ShlOp>("shl-of-shr", [](ShlOp op, RuleBuilder &b) -> Value {
    auto inner = op.getLhs().getDefiningOp<ShrOp>();
    std::optional<APInt> outer = intSplat(op.getRhs());
    std::optional<APInt> first = inner ? intSplat(inner.getRhs()) : std::nullopt;
    if (!first || !outer || *first != *outer || outer->uge(outer->getBitWidth()))
      return {};
    unsigned width = outer->getBitWidth();
    APInt mask = APInt::getHighBitsSet(width, width - outer->getZExtValue());
    return AndOp::create(b, inner.getLhs(), makeInt(b, op.getType(), mask));
  });
}

void tg::simplify::addConstantRules(RuleSet &rules) {
  // The folder does it for dense constants; this one also for expanded ones.
  rules.add<AddOp, MulOp, MaxOp, MinOp, AndOp, OrOp, XorOp, CmpNeOp, CmpEqOp>(
      "constant-right", [](auto op, RuleBuilder &b) -> Value {
        using OpTy = decltype(op);
        if (!isConstant(op.getLhs()) || isConstant(op.getRhs()))
          return {};
        return OpTy::create(b, op.getRhs(), op.getLhs());
      });
  rules.add<AddOp, MulOp>("combine-constants", [](auto op, RuleBuilder &b) -> Value {
    return isInt(op) ? combine(op, b) : Value();
  });
  // These neither round nor wrap, on floats either.
  rules.add<MaxOp, MinOp, AndOp, OrOp, XorOp>(
      "combine-exact-constants", [](auto op, RuleBuilder &b) -> Value { return combine(op, b); });
  rules.add<AddOp, MulOp>("constant-outward", [](auto op, RuleBuilder &b) -> Value {
    return isInt(op) ? moveOut(op, b) : Value();
  });
  rules.add<SubOp>("sub-constant", [](SubOp op, RuleBuilder &b) -> Value {
    // x - c -> x + -c is exact for floats as well.
    if (!isConstant(op.getRhs()) || isConstant(op.getLhs()))
      return {};
    return AddOp::create(b, op.getLhs(), NegOp::create(b, op.getRhs()));
  });
  rules.add<SubOp>("constant-sub-of-add", [](SubOp op, RuleBuilder &b) -> Value {
    auto add = op.getRhs().getDefiningOp<AddOp>();
    if (!add || !isInt(op) || !isConstant(op.getLhs()) || !isConstant(add.getRhs()))
      return {};
    return SubOp::create(b, SubOp::create(b, op.getLhs(), add.getRhs()), add.getLhs());
  });
  rules.add<SubOp>("constant-sub-of-sub", [](SubOp op, RuleBuilder &b) -> Value {
    auto sub = op.getRhs().getDefiningOp<SubOp>();
    if (!sub || !isInt(op) || !isConstant(op.getLhs()) || !isConstant(sub.getLhs()))
      return {};
    return AddOp::create(b, sub.getRhs(), SubOp::create(b, op.getLhs(), sub.getLhs()));
  });
  rules.add<AddOp>("add-constant-of-sub", [](AddOp op, RuleBuilder &b) -> Value {
    auto sub = op.getLhs().getDefiningOp<SubOp>();
    if (!sub || !isInt(op) || !isConstant(op.getRhs()) || !isConstant(sub.getLhs()))
      return {};
    return SubOp::create(b, AddOp::create(b, sub.getLhs(), op.getRhs()), sub.getRhs());
  });
  rules.add<MulOp>("mul-of-neg", [](MulOp op, RuleBuilder &b) -> Value {
    Value negated = inputOf<NegOp>(op.getLhs());
    if (!negated || !isConstant(op.getRhs()))
      return {};
    return MulOp::create(b, negated, NegOp::create(b, op.getRhs()));
  });
  rules.add<NegOp>("neg-of-mul", [](NegOp op, RuleBuilder &b) -> Value {
    auto mul = op.getInput().getDefiningOp<MulOp>();
    if (!mul || !mul->hasOneUse() || !isConstant(mul.getRhs()))
      return {};
    return MulOp::create(b, mul.getLhs(), NegOp::create(b, mul.getRhs()));
  });
  rules.add<NegOp>("neg-of-add", [](NegOp op, RuleBuilder &b) -> Value {
    auto add = op.getInput().getDefiningOp<AddOp>();
    if (!add || !isInt(op) || !isConstant(add.getRhs()))
      return {};
    return SubOp::create(b, NegOp::create(b, add.getRhs()), add.getLhs());
  });
  addShiftRules(rules);
  rules.addFastMath<AddOp, MulOp>("fast-combine-constants", [](auto op, RuleBuilder &b) -> Value {
    return isFloat(op) ? combine(op, b) : Value();
  });
  rules.addFastMath<AddOp, MulOp>("fast-constant-outward", [](auto op, RuleBuilder &b) -> Value {
    return isFloat(op) ? moveOut(op, b) : Value();
  });
}
