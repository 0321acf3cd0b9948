//===- UOpFolds.cpp - Local folds; the algebra is in passes/Graph/Simplify ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Dialect/UOp/UOp.h"

#include "tg/Dialect/UOp/UOpScalars.h"

#include <cstring>

using namespace mlir;
using namespace tg::uop;

//===----------------------------------------------------------------------===//
// Elementwise
//===----------------------------------------------------------------------===//

/// Larger constants are left to the device.
static constexpr int64_t maxFolded = 64;

/// The elements as an unpacked array (tg/Dialect/UOp/UOpScalars.h), `count` of them.
static SmallVector<char, 512> readElements(DenseElementsAttr value, tg::DType dtype,
                                           int64_t count) {
  unsigned width = tg::elementBytes(dtype);
  SmallVector<char, 512> array(count * width);
  for (int64_t i = 0; i < count; ++i) {
    int64_t source = value.isSplat() ? 0 : i;
    uint64_t bits = isa<FloatType>(value.getElementType())
                        ? (*(value.value_begin<APFloat>() + source)).bitcastToAPInt().getZExtValue()
                        : (*(value.value_begin<APInt>() + source)).getZExtValue();
    std::memcpy(array.data() + i * width, &bits, width);
  }
  return array;
}

static DenseElementsAttr writeElements(RankedTensorType type, tg::DType dtype, ArrayRef<char> array,
                                       int64_t count) {
  unsigned width = tg::elementBytes(dtype), bitWidth = tg::bitWidth(dtype);
  auto bitsAt = [&](int64_t i) {
    uint64_t bits = 0;
    std::memcpy(&bits, array.data() + i * width, width);
    return APInt(64, bits).trunc(bitWidth);
  };
  if (auto floatType = dyn_cast<FloatType>(type.getElementType()))
    return DenseElementsAttr::get(type, llvm::map_to_vector(llvm::seq(count), [&](int64_t i) {
                                    return APFloat(floatType.getFloatSemantics(), bitsAt(i));
                                  }));
  return DenseElementsAttr::get(type, llvm::map_to_vector(llvm::seq(count), bitsAt));
}

OpFoldResult tg::uop::foldElementwise(Operation *op, ArrayRef<Attribute> operands) {
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  auto elementwise = dyn_cast<ElementwiseOpInterface>(op);
  if (!type || !elementwise || !type.hasStaticShape() || type.getNumElements() == 0)
    return {};
  bool isSplat = true;
  for (Attribute operand : operands) {
    auto value = dyn_cast_or_null<DenseElementsAttr>(operand);
    if (!value)
      return {};
    isSplat &= value.isSplat();
  }
  int64_t count = isSplat ? 1 : type.getNumElements();
  if (count > maxFolded)
    return {};
  SmallVector<SmallVector<char, 512>, 3> arrays;
  SmallVector<const void *, 3> data;
  std::optional<tg::DType> operandType, resultType = tg::getDType(type.getElementType());
  for (Attribute operand : operands) {
    auto value = cast<DenseElementsAttr>(operand);
    // That of the last operand: the first one of `where` is its condition.
    operandType = tg::getDType(value.getElementType());
    if (!operandType)
      return {};
    arrays.push_back(readElements(value, *operandType, count));
  }
  for (const auto &array : arrays)
    data.push_back(array.data());
  SmallVector<char, 512> result(count * tg::elementBytes(*resultType));
  tg::evalElementwise(elementwise.getElementwiseKind(), *operandType, *resultType, data.data(),
                      result.data(), count);
  return writeElements(type, *resultType, result, count);
}

//===----------------------------------------------------------------------===//
// Others
//===----------------------------------------------------------------------===//

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
