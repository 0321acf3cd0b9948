//===- SimplifyRules.cpp - What the simplifier's rules ask ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SimplifyRules.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

namespace tg::simplify {

bool isUnsigned(Type type) { return type.isUnsignedInteger() || type.isInteger(1); }

static Value peelExpand(Value value) {
  while (auto expand = value.getDefiningOp<ExpandOp>())
    value = expand.getInput();
  return value;
}

bool isConstant(Value value) {
  auto constant = peelExpand(value).getDefiningOp<ConstOp>();
  if (!constant)
    return false;
  auto dense = dyn_cast<DenseElementsAttr>(constant.getValue());
  return dense && (dense.isSplat() || dense.getNumElements() <= maxFoldedElements);
}

static Attribute splatOf(Value value) {
  auto constant = peelExpand(value).getDefiningOp<ConstOp>();
  if (!constant)
    return {};
  auto splat = dyn_cast<SplatElementsAttr>(constant.getValue());
  return splat ? splat.getSplatValue<Attribute>() : Attribute();
}

std::optional<APInt> intSplat(Value value) {
  auto attr = dyn_cast_or_null<IntegerAttr>(splatOf(value));
  return attr ? std::optional(attr.getValue()) : std::nullopt;
}

std::optional<APFloat> floatSplat(Value value) {
  auto attr = dyn_cast_or_null<FloatAttr>(splatOf(value));
  return attr ? std::optional(attr.getValue()) : std::nullopt;
}

bool isIntSplat(Value value, int64_t number) {
  std::optional<APInt> splat = intSplat(value);
  return splat && *splat == APInt(splat->getBitWidth(), number, /*isSigned=*/true,
                                  /*implicitTrunc=*/true);
}

bool isFloatSplat(Value value, double number) {
  std::optional<APFloat> splat = floatSplat(value);
  if (!splat || splat->isNaN())
    return false;
  bool losesInfo;
  splat->convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &losesInfo);
  return splat->bitwiseIsEqual(APFloat(number));
}

static DenseElementsAttr floatsOf(Value value) {
  if (!isFloat(value) || !isConstant(value))
    return {};
  return cast<DenseElementsAttr>(peelExpand(value).getDefiningOp<ConstOp>().getValue());
}

bool allFloats(Value value, function_ref<bool(const APFloat &)> test) {
  DenseElementsAttr floats = floatsOf(value);
  if (!floats)
    return false;
  return floats.isSplat() ? test(floats.getSplatValue<APFloat>())
                          : llvm::all_of(floats.getValues<APFloat>(), test);
}

bool scalesUp(Value value) {
  return allFloats(value, [](const APFloat &f) { return f.getExactLog2Abs() >= 0; });
}

/// The element whose magnitude compares as `order` with all others.
static std::optional<APFloat> extremeMagnitude(Value value, APFloat::cmpResult order) {
  std::optional<APFloat> found;
  bool isNumber = allFloats(value, [&](const APFloat &f) {
    if (!found || abs(f).compare(*found) == order)
      found = abs(f);
    return !f.isNaN();
  });
  return isNumber ? found : std::nullopt;
}

std::optional<APFloat> largestMagnitude(Value value) {
  return extremeMagnitude(value, APFloat::cmpGreaterThan);
}

std::optional<APFloat> smallestMagnitude(Value value) {
  return extremeMagnitude(value, APFloat::cmpLessThan);
}

bool hasInfinity(Value value) {
  return APFloat::semanticsHasInf(cast<FloatType>(elementOf(value)).getFloatSemantics());
}

std::optional<unsigned> powerOfTwo(Value value) {
  std::optional<APInt> splat = intSplat(value);
  if (!splat || !splat->isPowerOf2() || splat->isOne())
    return std::nullopt;
  if (!isUnsigned(value) && splat->isNegative())
    return std::nullopt;
  return splat->logBase2();
}

Value cloneOn(RuleBuilder &b, Operation *op, ValueRange operands, RankedTensorType like) {
  OperationState state(op->getLoc(), op->getName());
  state.addOperands(operands);
  state.addTypes(withElementType(like, elementOf(op->getResult(0))));
  state.addAttributes(op->getDiscardableAttrDictionary().getValue());
  return b.create(state)->getResult(0);
}

Value makeSplat(RuleBuilder &b, Type type, Attribute scalar) {
  auto tensor = cast<RankedTensorType>(type);
  if (tensor.hasStaticShape())
    return ConstOp::create(b, DenseElementsAttr::get(tensor, scalar));
  SmallVector<int64_t> ones(tensor.getRank(), 1);
  auto small = RankedTensorType::get(ones, tensor.getElementType());
  return ExpandOp::create(b, type, ConstOp::create(b, DenseElementsAttr::get(small, scalar)));
}

Value makeInt(RuleBuilder &b, Type type, const APInt &value) {
  return makeSplat(b, type, IntegerAttr::get(cast<RankedTensorType>(type).getElementType(), value));
}

Value makeInt(RuleBuilder &b, Type type, int64_t value) {
  unsigned width = cast<RankedTensorType>(type).getElementTypeBitWidth();
  return makeInt(b, type, APInt(width, value, /*isSigned=*/true, /*implicitTrunc=*/true));
}

Value makeFloat(RuleBuilder &b, Type type, const APFloat &value) {
  return makeSplat(b, type, FloatAttr::get(cast<RankedTensorType>(type).getElementType(), value));
}

Value makeFloat(RuleBuilder &b, Type type, double value) {
  return makeSplat(b, type, FloatAttr::get(cast<RankedTensorType>(type).getElementType(), value));
}

Value makeBool(RuleBuilder &b, Type like, bool value) {
  return makeSplat(b, withElementType(like, 1), b.getBoolAttr(value));
}

//===----------------------------------------------------------------------===//
// Ranges
//===----------------------------------------------------------------------===//

static Range rangeOfType(Type type) {
  unsigned width = type.getIntOrFloatBitWidth();
  __int128 one = 1;
  if (isUnsigned(type))
    return {0, (one << width) - 1};
  return {-(one << (width - 1)), (one << (width - 1)) - 1};
}

static __int128 toInt128(const APInt &value, bool isUnsigned) {
  return isUnsigned ? __int128(value.getZExtValue()) : __int128(value.getSExtValue());
}

Range rangeOf(Value value, unsigned depth) {
  Type element = elementOf(value);
  Range full = rangeOfType(element);
  Operation *op = value.getDefiningOp();
  if (!op || depth == 0)
    return full;
  if (std::optional<APInt> splat = intSplat(value)) {
    __int128 number = toInt128(*splat, isUnsigned(element));
    return {number, number};
  }
  auto operand = [&](unsigned i) { return rangeOf(op->getOperand(i), depth - 1); };
  // Results that leave the type wrap: nothing is known then.
  auto inType = [&](Range range) {
    return range.lo >= full.lo && range.hi <= full.hi ? range : full;
  };
  auto join = [](Range a, Range b) { return Range{std::min(a.lo, b.lo), std::max(a.hi, b.hi)}; };
  if (auto iota = dyn_cast<IotaOp>(op)) {
    DimAttr dim = getDim(iota.getType(), iota.getAxis());
    return dim.isConstant() && dim.getConstant() > 0 ? inType({0, dim.getConstant() - 1}) : full;
  }
  if (auto cast = dyn_cast<CastOp>(op))
    return isInt(cast.getInput()) && !element.isInteger(1) ? inType(operand(0)) : full;
  if (isa<AddOp>(op)) {
    Range a = operand(0), b = operand(1);
    return inType({a.lo + b.lo, a.hi + b.hi});
  }
  if (isa<SubOp>(op)) {
    Range a = operand(0), b = operand(1);
    return inType({a.lo - b.hi, a.hi - b.lo});
  }
  if (isa<MinOp>(op)) {
    Range a = operand(0), b = operand(1);
    return {std::min(a.lo, b.lo), std::min(a.hi, b.hi)};
  }
  if (isa<MaxOp>(op)) {
    Range a = operand(0), b = operand(1);
    return {std::max(a.lo, b.lo), std::max(a.hi, b.hi)};
  }
  if (isa<WhereOp>(op))
    return join(operand(1), operand(2));
  if (isa<AndOp>(op)) {
    // A mask that is not negative bounds the result whatever the other side is.
    Range a = operand(0), b = operand(1);
    if (a.lo >= 0 && b.lo >= 0)
      return {0, std::min(a.hi, b.hi)};
    return a.lo >= 0 ? Range{0, a.hi} : b.lo >= 0 ? Range{0, b.hi} : full;
  }
  if (isa<FloorModOp>(op)) {
    Range divisor = operand(1);
    return divisor.lo > 0 ? Range{0, divisor.hi - 1} : full;
  }
  if (isa<ShrOp>(op)) {
    Range a = operand(0), amount = operand(1);
    if (amount.lo < 0 || amount.lo > 63)
      return full;
    return {std::min<__int128>(a.lo >> int(amount.lo), std::min<__int128>(a.lo, 0)),
            std::max<__int128>(a.hi >> int(amount.lo), a.hi < 0 ? -1 : 0)};
  }
  if (isa<ReshapeOp, PermuteOp, ExpandOp, ShrinkOp, FlipOp, WindowOp>(op))
    return operand(0);
  if (isa<PadOp>(op))
    return join(operand(0), operand(1));
  return full;
}

} // namespace tg::simplify
