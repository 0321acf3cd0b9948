//===- SimplifyDivision.cpp - Division, remainder, powers of two ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SimplifyRules.h"

using namespace mlir;
using namespace tg;
using namespace tg::simplify;
using namespace tg::uop;

/// Whether `value` has no negative element.
static bool isNonNegative(Value value) { return isUnsigned(value) || rangeOf(value).lo >= 0; }

/// A constant of all elements that is positive as a number of its type.
static std::optional<APInt> positiveSplat(Value value) {
  std::optional<APInt> splat = intSplat(value);
  if (!splat || splat->isZero() || (!isUnsigned(value) && splat->isNegative()))
    return std::nullopt;
  return splat;
}

static Value shiftRight(RuleBuilder &b, Value value, unsigned amount) {
  return ShrOp::create(b, value, makeInt(b, value.getType(), amount));
}

static Value lowBits(RuleBuilder &b, Value value, unsigned count) {
  unsigned width = elementOf(value).getIntOrFloatBitWidth();
  return AndOp::create(b, value, makeInt(b, value.getType(), APInt::getLowBitsSet(width, count)));
}

static void addIdentities(RuleSet &rules) {
  rules.add<FloorDivOp, CDivOp>("div-one", [](auto op, RuleBuilder &b) -> Value {
    return isIntSplat(op.getRhs(), 1) ? op.getLhs() : Value();
  });
  rules.add<FDivOp>("fdiv-one", [](FDivOp op, RuleBuilder &b) -> Value {
    return isFloatSplat(op.getRhs(), 1.0) ? op.getLhs() : Value();
  });
  rules.add<FloorDivOp, CDivOp>("div-minus-one", [](auto op, RuleBuilder &b) -> Value {
    bool matches = isIntSplat(op.getRhs(), -1) && !isUnsigned(op);
    return matches ? Value(NegOp::create(b, op.getLhs())) : Value();
  });
  rules.add<FDivOp>("fdiv-minus-one", [](FDivOp op, RuleBuilder &b) -> Value {
    bool matches = isFloatSplat(op.getRhs(), -1.0);
    return matches ? Value(NegOp::create(b, op.getLhs())) : Value();
  });
  // x / 0 is 0, and so is 0 / x.
  rules.add<FloorDivOp, CDivOp>("div-zero", [](auto op, RuleBuilder &b) -> Value {
    bool matches = isIntSplat(op.getRhs(), 0) || isIntSplat(op.getLhs(), 0);
    return matches ? makeInt(b, op.getType(), 0) : Value();
  });
  rules.add<FloorModOp, CModOp>("mod-one", [](auto op, RuleBuilder &b) -> Value {
    bool matches = isIntSplat(op.getRhs(), 1) || (isIntSplat(op.getRhs(), -1) && !isUnsigned(op));
    return matches ? makeInt(b, op.getType(), 0) : Value();
  });
  // x mod 0 is x; 0 mod x is 0.
  rules.add<FloorModOp, CModOp>("mod-zero", [](auto op, RuleBuilder &b) -> Value {
    return isIntSplat(op.getRhs(), 0) || isIntSplat(op.getLhs(), 0) ? op.getLhs() : Value();
  });
  // For x = 0 the remainder is x, which is 0 as well.
  rules.add<FloorModOp, CModOp>("mod-self", [](auto op, RuleBuilder &b) -> Value {
    bool matches = isInt(op) && op.getLhs() == op.getRhs();
    return matches ? makeInt(b, op.getType(), 0) : Value();
  });
}

static void addNested(RuleSet &rules) {
  // (x / a) / b -> x / (a * b); where the product leaves the type, so does nothing of x: 0.
  rules.add<FloorDivOp, CDivOp>("div-div", [](auto op, RuleBuilder &b) -> Value {
    using OpTy = decltype(op);
    auto inner = op.getLhs().template getDefiningOp<OpTy>();
    if (!inner || !isInt(op))
      return {};
    std::optional<APInt> first = positiveSplat(inner.getRhs()), second = positiveSplat(op.getRhs());
    if (!first || !second)
      return {};
    bool overflows;
    APInt product =
        isUnsigned(op) ? first->umul_ov(*second, overflows) : first->smul_ov(*second, overflows);
    if (!overflows)
      return OpTy::create(b, inner.getLhs(), makeInt(b, op.getType(), product));
    return isNonNegative(inner.getLhs()) ? makeInt(b, op.getType(), 0) : Value();
  });
  // (x mod a) mod b -> x mod b where b divides a.
  rules.add<FloorModOp, CModOp>("mod-mod", [](auto op, RuleBuilder &b) -> Value {
    using OpTy = decltype(op);
    auto inner = op.getLhs().template getDefiningOp<OpTy>();
    if (!inner || !isInt(op))
      return {};
    std::optional<APInt> first = positiveSplat(inner.getRhs()), second = positiveSplat(op.getRhs());
    if (!first || !second || !first->urem(*second).isZero())
      return {};
    return OpTy::create(b, inner.getLhs(), op.getRhs());
  });
}

static void addRanges(RuleSet &rules) {
  rules.add<FloorDivOp, CDivOp>("div-small", [](auto op, RuleBuilder &b) -> Value {
    if (!isInt(op))
      return {};
    Range x = rangeOf(op.getLhs()), y = rangeOf(op.getRhs());
    return x.lo >= 0 && y.lo > x.hi ? makeInt(b, op.getType(), 0) : Value();
  });
  rules.add<FloorModOp, CModOp>("mod-small", [](auto op, RuleBuilder &b) -> Value {
    if (!isInt(op))
      return {};
    Range x = rangeOf(op.getLhs()), y = rangeOf(op.getRhs());
    return x.lo >= 0 && y.lo > x.hi ? op.getLhs() : Value();
  });
  // Where nothing is negative both divisions agree; one of them is enough to optimize.
  rules.add<CDivOp>("cdiv-to-floordiv", [](CDivOp op, RuleBuilder &b) -> Value {
    bool matches = isNonNegative(op.getLhs()) && isNonNegative(op.getRhs());
    return matches ? Value(FloorDivOp::create(b, op.getLhs(), op.getRhs())) : Value();
  });
  rules.add<CModOp>("cmod-to-floormod", [](CModOp op, RuleBuilder &b) -> Value {
    bool matches = isInt(op) && isNonNegative(op.getLhs()) && isNonNegative(op.getRhs());
    return matches ? Value(FloorModOp::create(b, op.getLhs(), op.getRhs())) : Value();
  });
}

/// 1 / ±2^j where it is a number that multiplies fast: processors are slow with denormal operands,
/// but narrow floats are computed in f32.
static std::optional<APFloat> exactInverse(const APFloat &divisor) {
  if (divisor.getExactLog2Abs() == INT_MIN)
    return std::nullopt;
  APFloat inverse = APFloat::getOne(divisor.getSemantics(), divisor.isNegative());
  APFloat::opStatus status = inverse.divide(abs(divisor), APFloat::rmNearestTiesToEven);
  if (status != APFloat::opOK || !inverse.isFiniteNonZero())
    return std::nullopt;
  APFloat wide = inverse;
  bool losesInfo;
  if (APFloat::getSizeInBits(wide.getSemantics()) < 32)
    wide.convert(APFloat::IEEEsingle(), APFloat::rmNearestTiesToEven, &losesInfo);
  return wide.isDenormal() ? std::nullopt : std::optional(inverse);
}

static void addPowersOfTwo(RuleSet &rules) {
  rules.add<MulOp>("mul-power-of-two", [](MulOp op, RuleBuilder &b) -> Value {
    std::optional<unsigned> k = powerOfTwo(op.getRhs());
    return k ? Value(ShlOp::create(b, op.getLhs(), makeInt(b, op.getType(), *k))) : Value();
  });
  rules.add<FloorDivOp>("floordiv-power-of-two", [](FloorDivOp op, RuleBuilder &b) -> Value {
    std::optional<unsigned> k = powerOfTwo(op.getRhs());
    return k ? shiftRight(b, op.getLhs(), *k) : Value();
  });
  rules.add<FloorModOp>("floormod-power-of-two", [](FloorModOp op, RuleBuilder &b) -> Value {
    std::optional<unsigned> k = powerOfTwo(op.getRhs());
    return k ? lowBits(b, op.getLhs(), *k) : Value();
  });
  // Exact: both sides round the same real number.
  rules.add<FDivOp>("fdiv-power-of-two", [](FDivOp op, RuleBuilder &b) -> Value {
    std::optional<APFloat> divisor = floatSplat(op.getRhs());
    std::optional<APFloat> inverse = divisor ? exactInverse(*divisor) : std::nullopt;
    if (!inverse)
      return {};
    return MulOp::create(b, op.getLhs(), makeFloat(b, op.getType(), *inverse));
  });
}

void tg::simplify::addDivisionRules(RuleSet &rules) {
  addIdentities(rules);
  addNested(rules);
  addRanges(rules);
  addPowersOfTwo(rules);
  rules.addFastMath<FDivOp>("fast-fdiv-constant", [](FDivOp op, RuleBuilder &b) -> Value {
    if (!isConstant(op.getRhs()))
      return {};
    return MulOp::create(b, op.getLhs(), ReciprocalOp::create(b, op.getRhs()));
  });
}
