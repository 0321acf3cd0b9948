//===- SimplifyConcat.cpp - concat ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SimplifyRules.h"

using namespace mlir;
using namespace tg;
using namespace tg::simplify;
using namespace tg::uop;

static bool isEmptyAlong(Value value, int64_t axis) {
  return getDim(typeOf(value), axis).isConstant(0);
}

/// Adjacent slices of one tensor as one slice; null where they are not adjacent.
static ShrinkOp joinSlices(RuleBuilder &b, Value left, Value right, int64_t axis, bool check) {
  auto x = left.getDefiningOp<ShrinkOp>(), y = right.getDefiningOp<ShrinkOp>();
  if (!x || !y || x.getInput() != y.getInput() || x.getStrides() || y.getStrides())
    return {};
  for (int64_t i = 0; i < x.getType().getRank(); ++i)
    if (i != axis && x.getOffsets()[i] != y.getOffsets()[i])
      return {};
  if (addDims(x.getOffsets()[axis], x.getSizes()[axis]) != y.getOffsets()[axis])
    return {};
  if (check)
    return x;
  SmallVector<DimAttr> sizes(x.getSizes().getDims());
  sizes[axis] = addDims(sizes[axis], y.getSizes()[axis]);
  return ShrinkOp::create(b, x.getInput(), x.getOffsetsAttr(), DimsAttr::get(x.getContext(), sizes),
                          DenseI64ArrayAttr());
}

/// A slice that lies inside one operand is a slice of it.
static Value shrinkOfConcat(ShrinkOp op, RuleBuilder &b) {
  auto concat = op.getInput().getDefiningOp<ConcatOp>();
  if (!concat)
    return {};
  MLIRContext *context = op.getContext();
  int64_t axis = concat.getAxis();
  DimAttr size = op.getSizes()[axis], start = DimAttr::get(context, 0);
  if (size.isConstant(0))
    return {};
  DimAttr extent =
      mulDims(subDims(size, DimAttr::get(context, 1)), DimAttr::get(context, op.getStrideOf(axis)));
  for (Value input : concat.getInputs()) {
    DimAttr next = addDims(start, getDim(typeOf(input), axis));
    DimAttr offset = subDims(op.getOffsets()[axis], start);
    DimAttr last = extent ? addDims(op.getOffsets()[axis], extent) : DimAttr();
    DimAttr room = last && next ? subDims(next, last) : DimAttr();
    if (!offset || !room)
      return {};
    if (offset.isConstant() && offset.getConstant() >= 0 && room.isConstant() &&
        room.getConstant() > 0) {
      SmallVector<DimAttr> offsets(op.getOffsets().getDims());
      offsets[axis] = offset;
      return ShrinkOp::create(b, input, DimsAttr::get(context, offsets), op.getSizesAttr(),
                              op.getStridesAttr());
    }
    start = next;
  }
  return {};
}

void tg::simplify::addConcatRules(RuleSet &rules) {
  rules.add<ConcatOp>("concat-empty", [](ConcatOp op, RuleBuilder &b) -> Value {
    SmallVector<Value> kept;
    for (Value input : op.getInputs())
      if (!isEmptyAlong(input, op.getAxis()))
        kept.push_back(input);
    if (kept.size() == op.getInputs().size() || kept.empty())
      return {};
    return ConcatOp::create(b, kept, op.getAxis());
  });
  rules.add<ConcatOp>("concat-concat", [](ConcatOp op, RuleBuilder &b) -> Value {
    SmallVector<Value> inputs;
    for (Value input : op.getInputs()) {
      auto inner = input.getDefiningOp<ConcatOp>();
      if (inner && inner.getAxis() == op.getAxis())
        llvm::append_range(inputs, inner.getInputs());
      else
        inputs.push_back(input);
    }
    if (inputs.size() == op.getInputs().size())
      return {};
    return ConcatOp::create(b, inputs, op.getAxis());
  });
  rules.add<ConcatOp>("concat-of-slices", [](ConcatOp op, RuleBuilder &b) -> Value {
    SmallVector<Value> inputs(op.getInputs());
    int64_t axis = op.getAxis();
    for (size_t i = 0; i + 1 < inputs.size(); ++i) {
      if (!joinSlices(b, inputs[i], inputs[i + 1], axis, /*check=*/true))
        continue;
      inputs[i] = joinSlices(b, inputs[i], inputs[i + 1], axis, /*check=*/false);
      inputs.erase(inputs.begin() + i + 1);
      return ConcatOp::create(b, inputs, axis);
    }
    return {};
  });
  rules.add<ConcatOp>("concat-of-splats", [](ConcatOp op, RuleBuilder &b) -> Value {
    std::optional<APInt> number = intSplat(op.getInputs().front());
    std::optional<APFloat> real = floatSplat(op.getInputs().front());
    for (Value input : op.getInputs()) {
      if (number ? intSplat(input) != number
                 : !real || !floatSplat(input) || !floatSplat(input)->bitwiseIsEqual(*real))
        return {};
    }
    return number ? makeInt(b, op.getType(), *number) : makeFloat(b, op.getType(), *real);
  });
  rules.add<ShrinkOp>("shrink-of-concat", shrinkOfConcat);
}
