//===- SimplifyMovementMerge.cpp - Two movements of one kind become one; shrink of pad ---*- C++
//-*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SimplifyRules.h"

using namespace mlir;
using namespace tg;
using namespace tg::simplify;
using namespace tg::uop;

/// `values` with all zeros (or ones) as null.
static DenseI64ArrayAttr orNull(RuleBuilder &b, ArrayRef<int64_t> values, int64_t trivial) {
  if (llvm::all_of(values, [&](int64_t value) { return value == trivial; }))
    return {};
  return b.getDenseI64ArrayAttr(values);
}

static bool sameScalar(Value a, Value b) {
  if (a == b)
    return true;
  auto x = a.getDefiningOp<ConstOp>(), y = b.getDefiningOp<ConstOp>();
  return x && y && x.getValue() == y.getValue();
}

static Value mergePads(PadOp op, RuleBuilder &b) {
  auto inner = op.getInput().getDefiningOp<PadOp>();
  if (!inner || op.getInterior() || !sameScalar(op.getValue(), inner.getValue()))
    return {};
  SmallVector<DimAttr> low, high;
  for (size_t axis = 0; axis < op.getLow().size(); ++axis) {
    low.push_back(addDims(op.getLow()[axis], inner.getLow()[axis]));
    high.push_back(addDims(op.getHigh()[axis], inner.getHigh()[axis]));
    if (!low.back() || !high.back())
      return {};
  }
  MLIRContext *context = op.getContext();
  return PadOp::create(b, inner.getInput(), inner.getValue(), DimsAttr::get(context, low),
                       DimsAttr::get(context, high), inner.getInteriorAttr());
}

static Value mergeShrinks(ShrinkOp op, RuleBuilder &b) {
  auto inner = op.getInput().getDefiningOp<ShrinkOp>();
  if (!inner)
    return {};
  MLIRContext *context = op.getContext();
  SmallVector<DimAttr> offsets;
  SmallVector<int64_t> strides;
  for (size_t axis = 0; axis < op.getOffsets().size(); ++axis) {
    int64_t stride;
    if (llvm::MulOverflow(inner.getStrideOf(axis), op.getStrideOf(axis), stride))
      return {};
    strides.push_back(stride);
    DimAttr step = DimAttr::get(context, inner.getStrideOf(axis));
    offsets.push_back(addDims(inner.getOffsets()[axis], mulDims(op.getOffsets()[axis], step)));
    if (!offsets.back())
      return {};
  }
  return ShrinkOp::create(b, inner.getInput(), DimsAttr::get(context, offsets), op.getSizesAttr(),
                          orNull(b, strides, 1));
}

/// What a static slice of a padded axis leaves: the slice of the operand and its new border.
struct PaddedSlice {
  int64_t offset, size, low, high;
};

static std::optional<PaddedSlice> slicePadded(ShrinkOp op, PadOp pad, unsigned axis) {
  DimAttr length = getDim(typeOf(pad.getInput()), axis), low = pad.getLow()[axis],
          high = pad.getHigh()[axis], offset = op.getOffsets()[axis], size = op.getSizes()[axis];
  if (op.getStrideOf(axis) != 1 || pad.getInteriorOf(axis) != 0 || !length.isConstant() ||
      !low.isConstant() || !high.isConstant() || !offset.isConstant() || !size.isConstant())
    return std::nullopt;
  int64_t start = offset.getConstant() - low.getConstant(), end = start + size.getConstant();
  int64_t first = std::clamp<int64_t>(start, 0, length.getConstant());
  int64_t last = std::clamp<int64_t>(end, first, length.getConstant());
  int64_t before = std::clamp<int64_t>(-start, 0, size.getConstant());
  return PaddedSlice{first, last - first, before, size.getConstant() - before - (last - first)};
}

static Value shrinkOfPad(ShrinkOp op, RuleBuilder &b) {
  auto pad = op.getInput().getDefiningOp<PadOp>();
  if (!pad)
    return {};
  MLIRContext *context = op.getContext();
  auto type = typeOf(pad.getInput());
  SmallVector<DimAttr> offsets, sizes, low, high;
  DimAttr zero = DimAttr::get(context, 0);
  bool isEmpty = false, hasBorder = false;
  for (int64_t axis = 0; axis < type.getRank(); ++axis) {
    bool unpadded = pad.getLow()[axis] == zero && pad.getHigh()[axis] == zero &&
                    pad.getInteriorOf(axis) == 0 && op.getStrideOf(axis) == 1;
    if (unpadded) {
      offsets.push_back(op.getOffsets()[axis]);
      sizes.push_back(op.getSizes()[axis]);
      low.push_back(zero);
      high.push_back(zero);
      continue;
    }
    std::optional<PaddedSlice> slice = slicePadded(op, pad, axis);
    if (!slice)
      return {};
    isEmpty |= slice->size == 0;
    hasBorder |= slice->low != 0 || slice->high != 0;
    offsets.push_back(DimAttr::get(context, slice->offset));
    sizes.push_back(DimAttr::get(context, slice->size));
    low.push_back(DimAttr::get(context, slice->low));
    high.push_back(DimAttr::get(context, slice->high));
  }
  if (isEmpty) {
    // Nothing but border.
    SmallVector<int64_t> ones(type.getRank(), 1);
    auto small = RankedTensorType::get(ones, type.getElementType());
    return ExpandOp::create(b, op.getType(), ReshapeOp::create(b, small, pad.getValue()));
  }
  Value slice = ShrinkOp::create(b, pad.getInput(), DimsAttr::get(context, offsets),
                                 DimsAttr::get(context, sizes), DenseI64ArrayAttr());
  if (!hasBorder)
    return slice;
  return PadOp::create(b, slice, pad.getValue(), DimsAttr::get(context, low),
                       DimsAttr::get(context, high), DenseI64ArrayAttr());
}

void tg::simplify::addMovementMergeRules(RuleSet &rules) {
  rules.add<ReshapeOp>("reshape-reshape", [](ReshapeOp op, RuleBuilder &b) -> Value {
    Value input = inputOf<ReshapeOp>(op.getInput());
    return input ? Value(ReshapeOp::create(b, op.getType(), input)) : Value();
  });
  rules.add<ExpandOp>("expand-expand", [](ExpandOp op, RuleBuilder &b) -> Value {
    Value input = inputOf<ExpandOp>(op.getInput());
    return input ? Value(ExpandOp::create(b, op.getType(), input)) : Value();
  });
  rules.add<PermuteOp>("permute-permute", [](PermuteOp op, RuleBuilder &b) -> Value {
    auto inner = op.getInput().getDefiningOp<PermuteOp>();
    if (!inner)
      return {};
    SmallVector<int64_t> permutation;
    for (int64_t axis : op.getPermutation())
      permutation.push_back(inner.getPermutation()[axis]);
    return PermuteOp::create(b, inner.getInput(), permutation);
  });
  rules.add<FlipOp>("flip-flip", [](FlipOp op, RuleBuilder &b) -> Value {
    auto inner = op.getInput().getDefiningOp<FlipOp>();
    if (!inner)
      return {};
    SmallVector<int64_t> axes;
    for (int64_t axis = 0; axis < op.getType().getRank(); ++axis)
      if (llvm::is_contained(op.getAxes(), axis) != llvm::is_contained(inner.getAxes(), axis))
        axes.push_back(axis);
    return axes.empty() ? inner.getInput() : Value(FlipOp::create(b, inner.getInput(), axes));
  });
  rules.add<PadOp>("pad-pad", mergePads);
  rules.add<ShrinkOp>("shrink-shrink", mergeShrinks);
  rules.add<ShrinkOp>("shrink-of-pad", shrinkOfPad);
}
