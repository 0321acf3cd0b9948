//===- SimplifyExactFloats.cpp - Float algebra that changes no bit ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rounding commutes with negation, and with powers of two until a result is denormal or too large.
// So two operations may be one where the first of them rounds nothing, and overflows only where
// both together do. Each rule says why that is so.
//
//===----------------------------------------------------------------------===//

#include "SimplifyRules.h"

using namespace mlir;
using namespace tg;
using namespace tg::simplify;
using namespace tg::uop;

static bool isAtLeastOne(const APFloat &f) {
  return f.isFinite() && abs(f) >= APFloat::getOne(f.getSemantics());
}

static bool isHalf(const APFloat &f) { return f.getExactLog2Abs() == -1; }

/// Whether no product of an element of `a` and one of `b` overflows.
static bool productsAreFinite(Value a, Value b) {
  std::optional<APFloat> largest = largestMagnitude(a), other = largestMagnitude(b);
  if (!largest || !other)
    return false;
  APFloat::opStatus status = largest->multiply(*other, APFloat::rmNearestTiesToEven);
  return !(status & APFloat::opOverflow) && largest->isFinite();
}

/// Whether every quotient of an element of `a` and a power of two of `b` is a normal number.
static bool quotientsAreNormal(Value a, Value b) {
  std::optional<APFloat> smallest = smallestMagnitude(a), divisor = largestMagnitude(b);
  if (!smallest || !divisor)
    return false;
  return smallest->divide(*divisor, APFloat::rmNearestTiesToEven) == APFloat::opOK &&
         smallest->isFiniteNonZero() && !smallest->isDenormal();
}

//===----------------------------------------------------------------------===//
// Products and quotients
//===----------------------------------------------------------------------===//

/// Whether (x * first) * second is x * (first * second) for every x.
static bool combinesExactly(Value first, Value second) {
  if (!productsAreFinite(first, second))
    return false;
  // x * 2^k rounds nothing; where it overflows, so does the product with what is no less than 1.
  if (scalesUp(first) && allFloats(second, isAtLeastOne))
    return true;
  // Every float is a multiple of the least one, and so is its product with an integer: where that
  // is denormal, nothing is rounded.
  if (scalesUp(second) && allFloats(first, [](const APFloat &f) { return f.isInteger(); }))
    return true;
  // Of an odd multiple the half is rounded to an even one, whose half is the right quarter.
  return allFloats(first, isHalf) && allFloats(second, isHalf);
}

/// Whether constant / x is a normal number, infinity or zero for every x.
static bool hasNormalQuotients(Value constant) {
  return allFloats(constant, [](APFloat f) {
    f.divide(APFloat::getLargest(f.getSemantics()), APFloat::rmTowardZero);
    return f.isFiniteNonZero() && !f.isDenormal();
  });
}

static void addProducts(RuleSet &rules) {
  rules.add<MulOp>("combine-powers-of-two", [](MulOp op, RuleBuilder &b) -> Value {
    auto inner = op.getLhs().getDefiningOp<MulOp>();
    if (!inner || !combinesExactly(inner.getRhs(), op.getRhs()))
      return {};
    return MulOp::create(b, inner.getLhs(), MulOp::create(b, inner.getRhs(), op.getRhs()));
  });
  // (x * 2^k) / c -> x / (c / 2^k): where x * 2^k overflows, so does its quotient by what is no
  // more than 1.
  rules.add<FDivOp>("fdiv-of-scaled", [](FDivOp op, RuleBuilder &b) -> Value {
    auto mul = op.getLhs().getDefiningOp<MulOp>();
    auto isAtMostOne = [](const APFloat &f) { return abs(f) <= APFloat::getOne(f.getSemantics()); };
    if (!mul || !scalesUp(mul.getRhs()) || !allFloats(op.getRhs(), isAtMostOne) ||
        !quotientsAreNormal(op.getRhs(), mul.getRhs()))
      return {};
    return FDivOp::create(b, mul.getLhs(), FDivOp::create(b, op.getRhs(), mul.getRhs()));
  });
  // (c / x) * 2^k -> (c * 2^k) / x, where no quotient is denormal.
  rules.add<MulOp>("scaled-fdiv", [](MulOp op, RuleBuilder &b) -> Value {
    auto div = op.getLhs().getDefiningOp<FDivOp>();
    if (!div || !div->hasOneUse() || !scalesUp(op.getRhs()) || !hasNormalQuotients(div.getLhs()) ||
        !productsAreFinite(div.getLhs(), op.getRhs()))
      return {};
    return FDivOp::create(b, MulOp::create(b, div.getLhs(), op.getRhs()), div.getRhs());
  });
}

//===----------------------------------------------------------------------===//
// Sums of equal terms
//===----------------------------------------------------------------------===//

/// A value as a multiple of another.
struct Multiple {
  Value value;
  APFloat factor;
};

/// `value` as a multiple of itself, and of x where it is x * c, c > 0.
static SmallVector<Multiple, 2> multiplesOf(Value value) {
  const llvm::fltSemantics &semantics = cast<FloatType>(elementOf(value)).getFloatSemantics();
  SmallVector<Multiple, 2> multiples = {{value, APFloat::getOne(semantics)}};
  if (auto mul = value.getDefiningOp<MulOp>())
    if (std::optional<APFloat> factor = floatSplat(mul.getRhs());
        factor && factor->isFiniteNonZero() && !factor->isNegative())
      multiples.push_back({mul.getLhs(), *factor});
  return multiples;
}

/// Whether x * a + x * b is x * (a + b): the products are exact, and overflow only where the sum
/// does. 3x + x is 4x whatever 3x is rounded to, since 4x has two bits fewer.
static bool addsExactly(const APFloat &a, const APFloat &b) {
  int first = a.getExactLog2Abs(), second = b.getExactLog2Abs();
  auto isThree = [](const APFloat &f) { return f.isExactlyValue(3.0); };
  return (first >= 0 && second >= 0) || (isThree(a) && second == 0) || (isThree(b) && first == 0);
}

/// x * a + x * b -> x * (a + b), x itself being x * 1.
static Value addMultiples(AddOp op, RuleBuilder &b) {
  if (!isFloat(op) || isConstant(op.getLhs()))
    return {};
  for (const Multiple &lhs : multiplesOf(op.getLhs()))
    for (const Multiple &rhs : multiplesOf(op.getRhs())) {
      APFloat sum = lhs.factor;
      if (lhs.value != rhs.value || !addsExactly(lhs.factor, rhs.factor) ||
          sum.add(rhs.factor, APFloat::rmNearestTiesToEven) != APFloat::opOK || !sum.isFinite())
        continue;
      return MulOp::create(b, lhs.value, makeFloat(b, op.getType(), sum));
    }
  return {};
}

//===----------------------------------------------------------------------===//
// Negation
//===----------------------------------------------------------------------===//

/// The product or quotient `value` without the negation of one of its operands; null where it has
/// none, or other readers.
static Value withoutNegation(Value value, RuleBuilder &b) {
  Operation *op = value.getDefiningOp();
  if (!isa_and_nonnull<MulOp, FDivOp>(op) || !op->hasOneUse() || !isFloat(value))
    return {};
  Value lhs = op->getOperand(0), rhs = op->getOperand(1);
  Value negatedLhs = inputOf<NegOp>(lhs), negatedRhs = inputOf<NegOp>(rhs);
  if (bool(negatedLhs) == bool(negatedRhs))
    return {};
  return cloneOn(b, op, {negatedLhs ? negatedLhs : lhs, negatedRhs ? negatedRhs : rhs},
                 typeOf(value));
}

static void addNegation(RuleSet &rules) {
  rules.add<NegOp>("neg-of-fdiv", [](NegOp op, RuleBuilder &b) -> Value {
    auto div = op.getInput().getDefiningOp<FDivOp>();
    if (!div || !div->hasOneUse())
      return {};
    if (isConstant(div.getRhs()))
      return FDivOp::create(b, div.getLhs(), NegOp::create(b, div.getRhs()));
    if (isConstant(div.getLhs()))
      return FDivOp::create(b, NegOp::create(b, div.getLhs()), div.getRhs());
    return {};
  });
  rules.add<FDivOp>("fdiv-of-neg", [](FDivOp op, RuleBuilder &b) -> Value {
    if (Value negated = inputOf<NegOp>(op.getLhs()); negated && isConstant(op.getRhs()))
      return FDivOp::create(b, negated, NegOp::create(b, op.getRhs()));
    if (Value negated = inputOf<NegOp>(op.getRhs()); negated && isConstant(op.getLhs()))
      return FDivOp::create(b, NegOp::create(b, op.getLhs()), negated);
    return {};
  });
  rules.add<NegOp>("neg-of-reciprocal", [](NegOp op, RuleBuilder &b) -> Value {
    auto reciprocal = op.getInput().getDefiningOp<ReciprocalOp>();
    if (!reciprocal || !reciprocal->hasOneUse())
      return {};
    return FDivOp::create(b, makeFloat(b, op.getType(), -1.0), reciprocal.getInput());
  });
  rules.add<ReciprocalOp>("reciprocal-of-neg", [](ReciprocalOp op, RuleBuilder &b) -> Value {
    Value negated = inputOf<NegOp>(op.getInput());
    return negated ? Value(FDivOp::create(b, makeFloat(b, op.getType(), -1.0), negated)) : Value();
  });
  rules.add<FmaOp>("fma-of-neg", [](FmaOp op, RuleBuilder &b) -> Value {
    if (Value negated = inputOf<NegOp>(op.getA()); negated && isConstant(op.getB()))
      return FmaOp::create(b, negated, NegOp::create(b, op.getB()), op.getC());
    if (Value negated = inputOf<NegOp>(op.getB()); negated && isConstant(op.getA()))
      return FmaOp::create(b, NegOp::create(b, op.getA()), negated, op.getC());
    return {};
  });
  // z + -x * y -> z - x * y, and the like.
  rules.add<AddOp>("add-neg-factor", [](AddOp op, RuleBuilder &b) -> Value {
    if (Value product = withoutNegation(op.getRhs(), b))
      return SubOp::create(b, op.getLhs(), product);
    if (Value product = withoutNegation(op.getLhs(), b))
      return SubOp::create(b, op.getRhs(), product);
    return {};
  });
  rules.add<SubOp>("sub-neg-factor", [](SubOp op, RuleBuilder &b) -> Value {
    Value product = withoutNegation(op.getRhs(), b);
    return product ? Value(AddOp::create(b, op.getLhs(), product)) : Value();
  });
  rules.add<NegOp>("neg-neg-factor", [](NegOp op, RuleBuilder &b) -> Value {
    return withoutNegation(op.getInput(), b);
  });
}

void tg::simplify::addExactFloatRules(RuleSet &rules) {
  addProducts(rules);
  rules.add<AddOp>("add-multiples", addMultiples);
  addNegation(rules);
}
