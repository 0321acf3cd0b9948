//===- SimplifySelect.cpp - Operations and choices change places ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is done on both sides of a choice (`where`, `max`, `min`, a comparison) is done once, and
// what is done to a choice of constants is done to the constants.
//
//===----------------------------------------------------------------------===//

#include "SimplifyRules.h"

using namespace mlir;
using namespace tg;
using namespace tg::simplify;
using namespace tg::uop;

//===----------------------------------------------------------------------===//
// where
//===----------------------------------------------------------------------===//

/// where(c, op(x, z), op(y, z)) -> op(where(c, x, y), z), if nobody else uses what is chosen.
static Value whereOfSame(WhereOp op, RuleBuilder &b) {
  Operation *onTrue = op.getOnTrue().getDefiningOp(), *onFalse = op.getOnFalse().getDefiningOp();
  if (!isa_and_nonnull<ElementwiseOpInterface>(onTrue) || !onFalse || onTrue == onFalse ||
      onTrue->getName() != onFalse->getName() || !onTrue->hasOneUse() || !onFalse->hasOneUse() ||
      onTrue->getDiscardableAttrDictionary() != onFalse->getDiscardableAttrDictionary())
    return {};
  std::optional<unsigned> differing;
  for (auto [i, x, y] : llvm::enumerate(onTrue->getOperands(), onFalse->getOperands())) {
    if (x == y)
      continue;
    if (differing || x.getType() != y.getType() || !isComputeType(elementOf(x)))
      return {};
    differing = i;
  }
  // Constants are about to fold.
  if (!differing || llvm::all_of(onTrue->getOperands(), isConstant) ||
      llvm::all_of(onFalse->getOperands(), isConstant))
    return {};
  SmallVector<Value> operands(onTrue->getOperands());
  operands[*differing] =
      WhereOp::create(b, op.getCondition(), operands[*differing], onFalse->getOperand(*differing));
  return cloneOn(b, onTrue, operands, typeOf(op));
}

/// op(where(c, k1, k2), k3) -> where(c, op(k1, k3), op(k2, k3)) of constants.
static Value opOfConstantWhere(ElementwiseOpInterface op, RuleBuilder &b) {
  if (isa<WhereOp>(op) || !isComputeType(elementOf(op->getResult(0))))
    return {};
  WhereOp where;
  for (Value operand : op->getOperands()) {
    if (isConstant(operand))
      continue;
    auto other = operand.getDefiningOp<WhereOp>();
    if (!other || where)
      return {};
    where = other;
  }
  if (!where || !where->hasOneUse() || !isConstant(where.getOnTrue()) ||
      !isConstant(where.getOnFalse()))
    return {};
  auto withSide = [&](Value side) {
    auto operands = llvm::map_to_vector(op->getOperands(), [&](Value operand) {
      return operand == where.getResult() ? side : operand;
    });
    return cloneOn(b, op, operands, typeOf(op->getResult(0)));
  };
  Value onTrue = withSide(where.getOnTrue()), onFalse = withSide(where.getOnFalse());
  return WhereOp::create(b, where.getCondition(), onTrue, onFalse);
}

static void addWhere(RuleSet &rules) {
  rules.add<WhereOp>("where-of-same", whereOfSame);
  rules.addForInterface<ElementwiseOpInterface>("op-of-constant-where", opOfConstantWhere);
  // where(a, x, where(b, x, y)) -> where(a | b, x, y).
  rules.add<WhereOp>("where-or", [](WhereOp op, RuleBuilder &b) -> Value {
    auto inner = op.getOnFalse().getDefiningOp<WhereOp>();
    if (!inner || !inner->hasOneUse() || inner.getOnTrue() != op.getOnTrue())
      return {};
    return WhereOp::create(b, OrOp::create(b, op.getCondition(), inner.getCondition()),
                           op.getOnTrue(), inner.getOnFalse());
  });
}

//===----------------------------------------------------------------------===//
// max and min
//===----------------------------------------------------------------------===//

/// The same of max and min; the other one where `isReversed`.
template <typename OpTy>
static Value makeExtreme(RuleBuilder &b, Value x, Value y, bool isReversed) {
  if (std::is_same_v<OpTy, MaxOp> != isReversed)
    return MaxOp::create(b, x, y);
  return MinOp::create(b, x, y);
}

/// Whether x * factor grows or falls with x, as far as rounding and overflow let it.
static bool isMonotone(const APFloat &factor) {
  if (!factor.isFiniteNonZero())
    return false;
  // Where what overflows is NaN, it must not overflow.
  return APFloat::semanticsHasInf(factor.getSemantics()) ||
         abs(factor) <= APFloat::getOne(factor.getSemantics());
}

/// max(x * c, y * c) -> max(x, y) * c, min for c < 0.
template <typename OpTy> static Value extremeOfScaled(OpTy op, RuleBuilder &b) {
  auto lhs = op.getLhs().template getDefiningOp<MulOp>();
  auto rhs = op.getRhs().template getDefiningOp<MulOp>();
  if (!lhs || !rhs || lhs.getRhs() != rhs.getRhs() || !lhs->hasOneUse() || !rhs->hasOneUse())
    return {};
  std::optional<APFloat> factor = floatSplat(lhs.getRhs());
  if (!factor || !isMonotone(*factor))
    return {};
  Value extreme = makeExtreme<OpTy>(b, lhs.getLhs(), rhs.getLhs(), factor->isNegative());
  return MulOp::create(b, extreme, lhs.getRhs());
}

/// max(x + c, y + c) -> max(x, y) + c.
template <typename OpTy> static Value extremeOfShifted(OpTy op, RuleBuilder &b) {
  auto lhs = op.getLhs().template getDefiningOp<AddOp>();
  auto rhs = op.getRhs().template getDefiningOp<AddOp>();
  if (!lhs || !rhs || lhs.getRhs() != rhs.getRhs() || !lhs->hasOneUse() || !rhs->hasOneUse())
    return {};
  std::optional<APFloat> term = floatSplat(lhs.getRhs());
  if (!term || !term->isFinite() || !hasInfinity(op))
    return {};
  return AddOp::create(b, OpTy::create(b, lhs.getLhs(), rhs.getLhs()), lhs.getRhs());
}

/// The reduce by max or min of one tensor of floats; null otherwise.
static Value inputOfExtreme(ReduceOp op) {
  bool isExtreme = op.isKind(CombineKind::Max) || op.isKind(CombineKind::Min);
  return isExtreme && isFloat(op.getInputs().front()) ? op.getInputs().front() : Value();
}

static Value reduceExtreme(ReduceOp op, RuleBuilder &b, Value input, bool isReversed) {
  bool isMax = op.isKind(CombineKind::Max) != isReversed;
  CombineKind kind = isMax ? CombineKind::Max : CombineKind::Min;
  return ReduceOp::create(b, kind, input, op.getAxes()).getResult(0);
}

/// The maximum of x * c over axes -> the maximum of x, times c. The identities are infinities,
/// which a factor keeps.
static Value reduceOfScaled(ReduceOp op, RuleBuilder &b) {
  Value input = inputOfExtreme(op);
  auto mul = input ? input.getDefiningOp<MulOp>() : MulOp();
  std::optional<APFloat> factor = mul ? floatSplat(mul.getRhs()) : std::nullopt;
  if (!factor || !factor->isFiniteNonZero() || !mul->hasOneUse() || !hasInfinity(input))
    return {};
  Value small = reduceExtreme(op, b, mul.getLhs(), factor->isNegative());
  return MulOp::create(b, small, makeFloat(b, small.getType(), *factor));
}

static void addExtremes(RuleSet &rules) {
  // Integers wrap: the smallest is its own negation.
  rules.add<MaxOp, MinOp>("extreme-of-neg", [](auto op, RuleBuilder &b) -> Value {
    Value x = inputOf<NegOp>(op.getLhs()), y = inputOf<NegOp>(op.getRhs());
    if (!x || !y || !isFloat(op) || !op.getLhs().hasOneUse() || !op.getRhs().hasOneUse())
      return {};
    return NegOp::create(b, makeExtreme<decltype(op)>(b, x, y, /*isReversed=*/true));
  });
  rules.add<MaxOp, MinOp>("extreme-of-scaled",
                          [](auto op, RuleBuilder &b) -> Value { return extremeOfScaled(op, b); });
  rules.add<MaxOp, MinOp>("extreme-of-shifted",
                          [](auto op, RuleBuilder &b) -> Value { return extremeOfShifted(op, b); });
  rules.add<ReduceOp>("reduce-extreme-of-neg", [](ReduceOp op, RuleBuilder &b) -> Value {
    Value input = inputOfExtreme(op), negated = input ? inputOf<NegOp>(input) : Value();
    if (!negated || !input.hasOneUse())
      return {};
    return NegOp::create(b, reduceExtreme(op, b, negated, /*isReversed=*/true));
  });
  rules.add<ReduceOp>("reduce-extreme-of-scaled", reduceOfScaled);
}

//===----------------------------------------------------------------------===//
// Comparisons
//===----------------------------------------------------------------------===//

/// What `value` negates, or the negated constant; null where that takes an operation.
static bool isNegatable(Value value) { return inputOf<NegOp>(value) || isConstant(value); }

static Value negate(Value value, RuleBuilder &b) {
  Value negated = inputOf<NegOp>(value);
  return negated ? negated : Value(NegOp::create(b, value));
}

/// `value` without a factor 2^k, k > 0, of which the other side of a comparison, a constant, can
/// be relieved: the quotients are exact, and what overflows is on the same side of them.
static Value unscaled(Value value, Value constant) {
  auto mul = value.getDefiningOp<MulOp>();
  std::optional<APFloat> factor = mul ? floatSplat(mul.getRhs()) : std::nullopt;
  if (!factor || factor->getExactLog2() <= 0 || !hasInfinity(value))
    return {};
  bool isExact = allFloats(constant, [&](APFloat f) {
    return f.isFinite() && f.divide(*factor, APFloat::rmNearestTiesToEven) == APFloat::opOK &&
           !f.isDenormal();
  });
  return isExact ? mul.getLhs() : Value();
}

static void addComparisons(RuleSet &rules) {
  // -x < -y -> y < x, -x < c -> -c < x, and the like, where the negations are for this alone: else
  // both values would be kept.
  rules.add<CmpLtOp, CmpLeOp, CmpEqOp, CmpNeOp>(
      "compare-of-neg", [](auto op, RuleBuilder &b) -> Value {
        Value x = op.getLhs(), y = op.getRhs();
        auto goesAway = [&](Value value) {
          return isConstant(value) ||
                 llvm::all_of(value.getUsers(), [&](Operation *user) { return user == op; });
        };
        if (!isFloat(x) || !isNegatable(x) || !isNegatable(y) || !goesAway(x) || !goesAway(y) ||
            (isConstant(x) && isConstant(y)))
          return {};
        Value left = negate(y, b), right = negate(x, b);
        return decltype(op)::create(b, left, right);
      });
  rules.add<CmpLtOp, CmpLeOp, CmpEqOp, CmpNeOp>(
      "compare-of-scaled", [](auto op, RuleBuilder &b) -> Value {
        Value x = op.getLhs(), y = op.getRhs();
        auto quotient = [&](Value constant, Value product) {
          return FDivOp::create(b, constant, product.getDefiningOp<MulOp>().getRhs());
        };
        if (Value small = isFloat(x) ? unscaled(x, y) : Value())
          return decltype(op)::create(b, small, quotient(y, x));
        if (Value small = isFloat(x) ? unscaled(y, x) : Value())
          return decltype(op)::create(b, quotient(x, y), small);
        return {};
      });
}

void tg::simplify::addSelectRules(RuleSet &rules) {
  addWhere(rules);
  addExtremes(rules);
  addComparisons(rules);
}
