//===- SimplifySink.cpp - Elementwise operations to the smaller side of a movement ---*- C++
//-*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SimplifyRules.h"

#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace tg;
using namespace tg::simplify;
using namespace tg::uop;

/// `value`, a splat, with the shape of `like`.
static Value resplat(RuleBuilder &b, Value value, RankedTensorType like) {
  Type type = withElementType(like, elementOf(value));
  if (std::optional<APInt> number = intSplat(value))
    return makeInt(b, type, *number);
  return makeFloat(b, type, *floatSplat(value));
}

static bool isSplat(Value value) { return intSplat(value) || floatSplat(value); }

/// op(expand(x), expand(y)) -> expand(op(x, y)): fewer elements to compute. Splats come along.
static Value elementwiseOfExpand(ElementwiseOpInterface op, RuleBuilder &b) {
  RankedTensorType small;
  for (Value operand : op->getOperands()) {
    if (isSplat(operand))
      continue;
    auto expand = operand.getDefiningOp<ExpandOp>();
    if (!expand)
      return {};
    auto type = cast<RankedTensorType>(withElementType(expand.getInput().getType(), 1));
    if (small && small != type)
      return {};
    small = type;
  }
  if (!small || small == withElementType(op->getResult(0).getType(), 1))
    return {};
  SmallVector<Value> operands;
  for (Value operand : op->getOperands())
    operands.push_back(isSplat(operand) ? resplat(b, operand, small)
                                        : operand.getDefiningOp<ExpandOp>().getInput());
  return ExpandOp::create(b, op->getResult(0).getType(), cloneOn(b, op, operands, small));
}

/// op(pad(x, v), c) -> pad(op(x, c), op(v, c)): the border is computed once.
static Value elementwiseOfPad(ElementwiseOpInterface op, RuleBuilder &b) {
  PadOp pad;
  for (Value operand : op->getOperands()) {
    if (isSplat(operand))
      continue;
    auto other = operand.getDefiningOp<PadOp>();
    if (!other || (pad && pad != other))
      return {};
    pad = other;
  }
  if (!pad || !pad->hasOneUse())
    return {};
  auto inner = typeOf(pad.getInput());
  auto scalar = RankedTensorType::get({}, inner.getElementType());
  SmallVector<Value> operands, values;
  for (Value operand : op->getOperands()) {
    bool isMoved = !isSplat(operand);
    operands.push_back(isMoved ? pad.getInput() : resplat(b, operand, inner));
    values.push_back(isMoved ? pad.getValue() : resplat(b, operand, scalar));
  }
  return PadOp::create(b, cloneOn(b, op, operands, inner), cloneOn(b, op, values, scalar),
                       pad.getLowAttr(), pad.getHighAttr(), pad.getInteriorAttr());
}

/// shrink(op(x, y)) -> op(shrink(x), shrink(y)): only what is kept is computed.
static Value shrinkOfElementwise(ShrinkOp op, RuleBuilder &b) {
  auto inner = op.getInput().getDefiningOp<ElementwiseOpInterface>();
  if (!inner || !inner->hasOneUse())
    return {};
  // op(x, x) needs one slice of x: a second would hide that x has no other use.
  llvm::SmallDenseMap<Value, Value, 4> slices;
  SmallVector<Value> operands;
  for (Value operand : inner->getOperands()) {
    Value &slice = slices[operand];
    if (!slice)
      slice =
          ShrinkOp::create(b, operand, op.getOffsetsAttr(), op.getSizesAttr(), op.getStridesAttr());
    operands.push_back(slice);
  }
  return cloneOn(b, inner, operands, op.getType());
}

/// shrink(expand(x)) -> expand(shrink(x)), where an expanded axis has nothing to slice.
static Value shrinkOfExpand(ShrinkOp op, RuleBuilder &b) {
  auto expand = op.getInput().getDefiningOp<ExpandOp>();
  if (!expand)
    return {};
  MLIRContext *context = op.getContext();
  auto type = typeOf(expand.getInput());
  SmallVector<DimAttr> offsets(op.getOffsets().getDims()), sizes(op.getSizes().getDims());
  SmallVector<int64_t> strides;
  for (int64_t axis = 0; axis < type.getRank(); ++axis) {
    strides.push_back(op.getStrideOf(axis));
    if (!getDim(type, axis).isConstant(1))
      continue;
    offsets[axis] = DimAttr::get(context, 0);
    sizes[axis] = DimAttr::get(context, 1);
    strides[axis] = 1;
  }
  DenseI64ArrayAttr stridesAttr;
  if (llvm::any_of(strides, [](int64_t stride) { return stride != 1; }))
    stridesAttr = b.getDenseI64ArrayAttr(strides);
  Value small = ShrinkOp::create(b, expand.getInput(), DimsAttr::get(context, offsets),
                                 DimsAttr::get(context, sizes), stridesAttr);
  return ExpandOp::create(b, op.getType(), small);
}

/// shrink(permute(x)) -> permute(shrink(x)), so that slices meet what they can cancel with.
static Value shrinkOfPermute(ShrinkOp op, RuleBuilder &b) {
  auto permute = op.getInput().getDefiningOp<PermuteOp>();
  if (!permute || !permute->hasOneUse())
    return {};
  size_t rank = permute.getPermutation().size();
  SmallVector<DimAttr> offsets(rank), sizes(rank);
  SmallVector<int64_t> strides(rank);
  for (auto [i, axis] : llvm::enumerate(permute.getPermutation())) {
    offsets[axis] = op.getOffsets()[i];
    sizes[axis] = op.getSizes()[i];
    strides[axis] = op.getStrideOf(i);
  }
  MLIRContext *context = op.getContext();
  Value small = ShrinkOp::create(
      b, permute.getInput(), DimsAttr::get(context, offsets), DimsAttr::get(context, sizes),
      op.getStrides() ? b.getDenseI64ArrayAttr(strides) : DenseI64ArrayAttr());
  return PermuteOp::create(b, small, permute.getPermutation());
}

void tg::simplify::addMovementSinkRules(RuleSet &rules) {
  rules.addForInterface<ElementwiseOpInterface>("elementwise-of-expand", elementwiseOfExpand);
  rules.addForInterface<ElementwiseOpInterface>("elementwise-of-pad", elementwiseOfPad);
  rules.add<ShrinkOp>("shrink-of-elementwise", shrinkOfElementwise);
  rules.add<ShrinkOp>("shrink-of-expand", shrinkOfExpand);
  rules.add<ShrinkOp>("shrink-of-permute", shrinkOfPermute);
  // A mask over the border that the pad has already.
  rules.add<WhereOp>("where-of-pad-mask", [](WhereOp op, RuleBuilder &b) -> Value {
    auto mask = op.getCondition().getDefiningOp<PadOp>();
    auto pad = op.getOnTrue().getDefiningOp<PadOp>();
    if (!mask || !pad || !isIntSplat(mask.getInput(), 1) || !isIntSplat(mask.getValue(), 0) ||
        !isSplat(op.getOnFalse()) || mask.getLow() != pad.getLow() ||
        mask.getHigh() != pad.getHigh() || mask.getInteriorAttr() != pad.getInteriorAttr())
      return {};
    auto scalar = RankedTensorType::get({}, elementOf(op));
    return PadOp::create(b, pad.getInput(), resplat(b, op.getOnFalse(), scalar), pad.getLowAttr(),
                         pad.getHighAttr(), pad.getInteriorAttr());
  });
}
