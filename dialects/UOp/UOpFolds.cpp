//===- UOpFolds.cpp - Local folds; the algebra is in passes/Graph/Simplify ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Dialect/UOp/UOp.h"

using namespace mlir;
using namespace tg::uop;

OpFoldResult ConstOp::fold(FoldAdaptor) { return getValue(); }

OpFoldResult SizeOp::fold(FoldAdaptor) {
  if (!getExpression().isConstant())
    return {};
  return DenseIntElementsAttr::get(getType(), getExpression().getConstant());
}

/// A movement that leaves everything in place is its operand; of a splat it is a splat.
static OpFoldResult foldMovement(Operation *op, bool isIdentity, Attribute operand) {
  Type type = op->getResult(0).getType();
  if (isIdentity && op->getOperand(0).getType() == type)
    return op->getOperand(0);
  auto splat = dyn_cast_or_null<SplatElementsAttr>(operand);
  auto shaped = cast<RankedTensorType>(type);
  if (splat && shaped.hasStaticShape())
    return splat.resizeSplat(shaped);
  return {};
}

OpFoldResult ReshapeOp::fold(FoldAdaptor adaptor) {
  return foldMovement(*this, true, adaptor.getInput());
}

OpFoldResult ExpandOp::fold(FoldAdaptor adaptor) {
  return foldMovement(*this, true, adaptor.getInput());
}

OpFoldResult PermuteOp::fold(FoldAdaptor adaptor) {
  bool isIdentity = llvm::equal(getPermutation(), llvm::seq<int64_t>(0, getPermutation().size()));
  return foldMovement(*this, isIdentity, adaptor.getInput());
}

OpFoldResult FlipOp::fold(FoldAdaptor adaptor) {
  bool isIdentity = llvm::all_of(getAxes(), [&](int64_t axis) {
    DimAttr dim = getDim(getType(), axis);
    return dim.isConstant() && dim.getConstant() <= 1;
  });
  return foldMovement(*this, isIdentity, adaptor.getInput());
}

OpFoldResult ShrinkOp::fold(FoldAdaptor adaptor) {
  // Same type and in bounds: the offsets can only be 0, and strides count from two elements on.
  bool isIdentity =
      llvm::all_of(getOffsets().getDims(), [](DimAttr offset) { return offset.isConstant(0); });
  for (int64_t axis = 0; axis < getType().getRank(); ++axis) {
    DimAttr size = getDim(getType(), axis);
    isIdentity &= getStrideOf(axis) == 1 || (size.isConstant() && size.getConstant() <= 1);
  }
  return foldMovement(*this, isIdentity, adaptor.getInput());
}

OpFoldResult PadOp::fold(FoldAdaptor) {
  auto isZero = [](DimAttr amount) { return amount.isConstant(0); };
  bool isIdentity =
      llvm::all_of(getLow().getDims(), isZero) && llvm::all_of(getHigh().getDims(), isZero);
  for (int64_t axis = 0; axis < getType().getRank(); ++axis)
    isIdentity &= getInteriorOf(axis) == 0 || getDim(getType(), axis).isConstant(1) ||
                  getDim(getType(), axis).isConstant(0);
  return foldMovement(*this, isIdentity, {});
}

OpFoldResult WindowOp::fold(FoldAdaptor adaptor) {
  return foldMovement(*this, getAxes().empty(), adaptor.getInput());
}

OpFoldResult ConcatOp::fold(FoldAdaptor) {
  return getInputs().size() == 1 ? OpFoldResult(getInputs().front()) : OpFoldResult();
}

OpFoldResult AssignOp::fold(FoldAdaptor) {
  // In bounds and of the same type: everything is replaced.
  return getSource().getType() == getDest().getType() ? OpFoldResult(getSource()) : OpFoldResult();
}

LogicalResult ReduceOp::fold(FoldAdaptor, SmallVectorImpl<OpFoldResult> &results) {
  if (!getAxes().empty())
    return failure();
  // One element each: identity combined with it is the element.
  llvm::append_range(results, getInputs());
  return success();
}
