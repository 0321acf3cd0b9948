//===- SimplifyCasts.cpp - cast and bitcast ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SimplifyRules.h"

using namespace mlir;
using namespace tg;
using namespace tg::simplify;
using namespace tg::uop;

/// The unsigned or signed number range of an integer element type as bits: {sign, magnitude bits}.
static bool holdsAllOf(IntegerType to, IntegerType from) {
  bool fromUnsigned = isUnsigned(from), toUnsigned = isUnsigned(to);
  if (to.getWidth() == 1)
    return from.getWidth() == 1;
  if (fromUnsigned == toUnsigned)
    return to.getWidth() >= from.getWidth();
  return fromUnsigned && to.getWidth() > from.getWidth();
}

/// Whether casting `from` to `to` keeps every value.
static bool isExactCast(Type from, Type to) {
  if (from == to)
    return true;
  auto fromInt = dyn_cast<IntegerType>(from), toInt = dyn_cast<IntegerType>(to);
  if (fromInt && toInt)
    return holdsAllOf(toInt, fromInt);
  auto toFloat = dyn_cast<FloatType>(to);
  if (!toFloat || !isComputeFloat(to))
    return false;
  const llvm::fltSemantics &semantics = toFloat.getFloatSemantics();
  if (fromInt) {
    int bits = fromInt.getWidth() - (isUnsigned(from) ? 0 : 1);
    return bits <= int(APFloat::semanticsPrecision(semantics)) &&
           bits <= APFloat::semanticsMaxExponent(semantics);
  }
  // Only pairs whose denormals, infinities and NaN all have a place.
  if (from.isF32())
    return to.isF64();
  if (isa<Float16Type, BFloat16Type>(from))
    return to.isF32() || to.isF64();
  if (isa<Float8E4M3FNType, Float8E5M2Type>(from))
    return isa<Float16Type, BFloat16Type, Float32Type, Float64Type>(to);
  return false;
}

/// Whether cast<c>(cast<b>(x : a)) is cast<c>(x).
static bool mergesCasts(Type a, Type b, Type c) {
  auto aInt = dyn_cast<IntegerType>(a), bInt = dyn_cast<IntegerType>(b),
       cInt = dyn_cast<IntegerType>(c);
  // Low bits of low bits; to i1 is not a truncation.
  if (aInt && bInt && cInt && bInt.getWidth() > 1 && cInt.getWidth() > 1 &&
      cInt.getWidth() <= bInt.getWidth())
    return true;
  if (!isExactCast(a, b))
    return false;
  // From a float to an integer saturates, from an integer it wraps.
  if (aInt && !bInt && cInt)
    return cInt.getWidth() == 1 || isExactCast(a, c);
  return true;
}

void tg::simplify::addCastRules(RuleSet &rules) {
  rules.add<CastOp, BitcastOp>("cast-same", [](auto op, RuleBuilder &b) -> Value {
    return op.getInput().getType() == op.getType() ? op.getInput() : Value();
  });
  rules.add<CastOp>("cast-cast", [](CastOp op, RuleBuilder &b) -> Value {
    auto inner = op.getInput().getDefiningOp<CastOp>();
    if (!inner || !mergesCasts(elementOf(inner.getInput()), elementOf(inner), elementOf(op)))
      return {};
    return CastOp::create(b, op.getType(), inner.getInput());
  });
  rules.add<BitcastOp>("bitcast-bitcast", [](BitcastOp op, RuleBuilder &b) -> Value {
    Value input = inputOf<BitcastOp>(op.getInput());
    return input ? Value(BitcastOp::create(b, op.getType(), input)) : Value();
  });
  // Integers of one width differ in name only.
  rules.add<CastOp>("cast-of-signedness", [](CastOp op, RuleBuilder &b) -> Value {
    auto inner = op.getInput().getDefiningOp<BitcastOp>();
    auto to = dyn_cast<IntegerType>(elementOf(op));
    if (!inner || !to || !isInt(inner) || !isInt(inner.getInput()) || to.getWidth() == 1 ||
        to.getWidth() > elementOf(inner).getIntOrFloatBitWidth())
      return {};
    return CastOp::create(b, op.getType(), inner.getInput());
  });
  // cast(b) != 0 -> b of an i1.
  rules.add<CmpNeOp, CmpEqOp>("compare-of-bool-cast", [](auto op, RuleBuilder &b) -> Value {
    Value input = inputOf<CastOp>(op.getLhs());
    if (!input || !uop::isBool(elementOf(input)) ||
        !(isIntSplat(op.getRhs(), 0) || isFloatSplat(op.getRhs(), 0.0)))
      return {};
    if constexpr (std::is_same_v<decltype(op), CmpNeOp>)
      return input;
    return NotOp::create(b, input);
  });
}
