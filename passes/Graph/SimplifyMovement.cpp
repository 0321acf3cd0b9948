//===- SimplifyMovement.cpp - One movement: what it cancels to ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SimplifyRules.h"

using namespace mlir;
using namespace tg;
using namespace tg::simplify;
using namespace tg::uop;

static bool isOne(DimAttr dim) { return dim.isConstant(1); }

/// Axes whose size is not 1, in order.
static SmallVector<int64_t> wideAxes(RankedTensorType type) {
  SmallVector<int64_t> axes;
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    if (!isOne(getDim(type, axis)))
      axes.push_back(axis);
  return axes;
}

void tg::simplify::addMovementRules(RuleSet &rules) {
  // A permutation that keeps the order of all axes longer than 1 moves nothing.
  rules.add<PermuteOp>("permute-of-ones", [](PermuteOp op, RuleBuilder &b) -> Value {
    auto type = typeOf(op.getInput());
    int64_t last = -1;
    for (int64_t axis : op.getPermutation()) {
      if (isOne(getDim(type, axis)))
        continue;
      if (axis < last)
        return {};
      last = axis;
    }
    return ReshapeOp::create(b, op.getType(), op.getInput());
  });
  // Flipping an axis of size 0 or 1 does nothing.
  rules.add<FlipOp>("flip-of-ones", [](FlipOp op, RuleBuilder &b) -> Value {
    SmallVector<int64_t> axes;
    for (int64_t axis : op.getAxes()) {
      DimAttr dim = getDim(op.getType(), axis);
      if (!dim.isConstant() || dim.getConstant() > 1)
        axes.push_back(axis);
    }
    if (axes.size() == op.getAxes().size())
      return {};
    return axes.empty() ? op.getInput() : Value(FlipOp::create(b, op.getInput(), axes));
  });
  rules.add<WindowOp>("window-of-one-tap", [](WindowOp op, RuleBuilder &b) -> Value {
    // One tap: the positions are a strided slice.
    if (op.getAxes().empty() || llvm::any_of(op.getSizes(), [](int64_t size) { return size != 1; }))
      return {};
    auto type = typeOf(op.getInput());
    Value input = op.getInput();
    if (op.getStrides() && llvm::any_of(*op.getStrides(), [](int64_t s) { return s != 1; })) {
      SmallVector<int64_t> strides(type.getRank(), 1), zeros(type.getRank(), 0);
      SmallVector<DimAttr> sizes;
      for (auto [i, axis] : llvm::enumerate(op.getAxes()))
        strides[axis] = (*op.getStrides())[i];
      for (int64_t axis = 0; axis < type.getRank(); ++axis) {
        if (!getDim(type, axis).isConstant() && strides[axis] != 1)
          return {};
        sizes.push_back(getDim(op.getType(), axis));
      }
      MLIRContext *context = op.getContext();
      input = ShrinkOp::create(b, input, DimsAttr::get(context, zeros),
                               DimsAttr::get(context, sizes), b.getDenseI64ArrayAttr(strides));
    }
    return ReshapeOp::create(b, op.getType(), input);
  });
  rules.add<PadOp>("pad-splat", [](PadOp op, RuleBuilder &b) -> Value {
    // A border of the same value; compared by bits.
    std::optional<APInt> x = intSplat(op.getInput()), v = intSplat(op.getValue());
    if (x && v && *x == *v)
      return makeInt(b, op.getType(), *x);
    std::optional<APFloat> y = floatSplat(op.getInput()), w = floatSplat(op.getValue());
    if (y && w && y->bitwiseIsEqual(*w))
      return makeFloat(b, op.getType(), *y);
    return {};
  });
  rules.add<PadOp>("pad-empty", [](PadOp op, RuleBuilder &b) -> Value {
    auto type = typeOf(op.getInput());
    if (!llvm::any_of(getDims(type), [](DimAttr dim) { return dim.isConstant(0); }))
      return {};
    SmallVector<int64_t> ones(type.getRank(), 1);
    auto small = RankedTensorType::get(ones, type.getElementType());
    return ExpandOp::create(b, op.getType(), ReshapeOp::create(b, small, op.getValue()));
  });
  // reshape(expand(x)) that only adds or drops axes of size 1 -> expand(reshape(x)).
  rules.add<ReshapeOp>("reshape-of-expand", [](ReshapeOp op, RuleBuilder &b) -> Value {
    auto expand = op.getInput().getDefiningOp<ExpandOp>();
    if (!expand)
      return {};
    auto source = typeOf(expand.getInput()), middle = expand.getType(), result = op.getType();
    SmallVector<int64_t> from = wideAxes(middle), to = wideAxes(result);
    if (from.size() != to.size())
      return {};
    SmallVector<DimAttr> dims(result.getRank(), DimAttr::get(op.getContext(), 1));
    for (auto [a, c] : llvm::zip_equal(from, to)) {
      if (getDim(middle, a) != getDim(result, c))
        return {};
      dims[c] = getDim(source, a);
    }
    Value small =
        ReshapeOp::create(b, getTensorType(dims, source.getElementType()), expand.getInput());
    return ExpandOp::create(b, result, small);
  });
  rules.add<PermuteOp>("permute-of-expand", [](PermuteOp op, RuleBuilder &b) -> Value {
    auto expand = op.getInput().getDefiningOp<ExpandOp>();
    if (!expand)
      return {};
    Value small = PermuteOp::create(b, expand.getInput(), op.getPermutation());
    return ExpandOp::create(b, op.getType(), small);
  });
  rules.add<IotaOp>("iota-of-one", [](IotaOp op, RuleBuilder &b) -> Value {
    if (!isOne(getDim(op.getType(), op.getAxis())))
      return {};
    return isInt(op) ? makeInt(b, op.getType(), 0) : makeFloat(b, op.getType(), 0.0);
  });
  // The operand is the same along every expanded axis.
  rules.add<FlipOp>("flip-of-expand", [](FlipOp op, RuleBuilder &b) -> Value {
    auto expand = op.getInput().getDefiningOp<ExpandOp>();
    if (!expand)
      return {};
    return ExpandOp::create(b, op.getType(), FlipOp::create(b, expand.getInput(), op.getAxes()));
  });
}
