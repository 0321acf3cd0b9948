//===- Constants.cpp - ONNX constants, shapes and ranges ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Families.h"

#include <cmath>

using namespace mlir;
using namespace tg;
using namespace tg::uop;

static void constant(OnnxNode &n) {
  Builder b(n.getContext());
  ElementsAttr value = n.getTensor("value");
  auto vectorType = [&](size_t size, Type type) {
    return RankedTensorType::get(static_cast<int64_t>(size), type);
  };
  if (n.hasAttr("value_float")) {
    value = DenseElementsAttr::get(RankedTensorType::get({}, b.getF32Type()),
                                   static_cast<float>(n.getFloat("value_float", 0)));
  } else if (n.hasAttr("value_floats")) {
    auto floats = llvm::to_vector_of<float>(n.getFloats("value_floats"));
    value = DenseElementsAttr::get(vectorType(floats.size(), b.getF32Type()), ArrayRef(floats));
  } else if (n.hasAttr("value_int")) {
    value =
        DenseElementsAttr::get(RankedTensorType::get({}, b.getI64Type()), n.getInt("value_int", 0));
  } else if (n.hasAttr("value_ints")) {
    SmallVector<int64_t> ints = n.getInts("value_ints");
    value = DenseElementsAttr::get(vectorType(ints.size(), b.getI64Type()), ArrayRef(ints));
  }
  bool isString = n.isStringTensor("value");
  if (n.hasAttr("value_string") || n.hasAttr("value_strings")) {
    isString = true;
    SmallVector<std::string> strings = n.getStrings("value_strings");
    bool isScalar = n.hasAttr("value_string");
    if (isScalar)
      strings.assign(1, n.getString("value_string").str());
    SmallVector<int64_t> ids = n.getStringIds(strings);
    value = DenseElementsAttr::get(isScalar ? RankedTensorType::get({}, b.getI64Type())
                                            : vectorType(ids.size(), b.getI64Type()),
                                   ArrayRef(ids));
  }
  if (!value)
    return (void)n.fail("has no value that tg supports");
  OnnxValue result = OnnxNode::makeConstant(value);
  if (isString)
    return n.setStrings(0, std::move(result));
  n.setOutput(0, std::move(result));
}

static void constantOfShape(OnnxNode &n) {
  SmallVector<DimAttr> dims = n.getDimsInput(0);
  ElementsAttr value = n.getTensor("value");
  if (n.hasFailed())
    return;
  for (DimAttr size : dims)
    if (size.isConstant() && size.getConstant() < 0)
      return (void)n.fail("the shape has a negative size");
  TypedAttr element = Builder(n.getContext()).getF32FloatAttr(0);
  if (value) {
    auto dense = dyn_cast<DenseElementsAttr>(value);
    if (!dense || dense.getNumElements() != 1)
      return (void)n.fail("attribute 'value' must have one element");
    element = cast<TypedAttr>(*dense.getValues<Attribute>().begin());
  }
  RankedTensorType type = getTensorType(dims, element.getType());
  if (!n.product(dims))
    return;
  if (type.hasStaticShape())
    return n.setOutput(
        0, OnnxNode::makeConstant(DenseElementsAttr::get(type, ArrayRef<Attribute>(element))));
  n.setOutput(0, n.splat(element, dims));
}

static void shape(OnnxNode &n) {
  RankedTensorType type = n.getInputType(0);
  if (!type)
    return (void)n.fail("input 0 is missing");
  int64_t rank = type.getRank();
  auto clamp = [&](int64_t bound) {
    return std::clamp<int64_t>(bound < 0 ? bound + rank : bound, 0, rank);
  };
  int64_t start = clamp(n.getInt("start", 0)), end = clamp(n.getInt("end", rank));
  SmallVector<DimAttr> dims = getDims(type);
  ArrayRef<DimAttr> part = ArrayRef(dims).slice(start, std::max<int64_t>(0, end - start));
  n.setKnownInts(0, {n.getBuilder().getI64Type(),
                     {static_cast<int64_t>(part.size())},
                     SmallVector<DimAttr>(part)});
}

static void size(OnnxNode &n) {
  RankedTensorType type = n.getInputType(0);
  if (!type)
    return (void)n.fail("input 0 is missing");
  if (DimAttr count = n.product(getDims(type)))
    n.setKnownInts(0, {n.getBuilder().getI64Type(), {}, {count}});
}

/// start, start + delta, ... below limit.
static void range(OnnxNode &n) {
  RankedTensorType type = n.getInputType(0);
  if (!type)
    return (void)n.fail("input 0 is missing");
  Type elementType = type.getElementType();
  // ONNX Runtime's own Range counts by 1 where it has no third input.
  bool hasDelta = n.hasInput(2);
  DimAttr count;
  if (isa<FloatType>(elementType)) {
    SmallVector<double> values;
    for (unsigned i = 0; i < 2 + hasDelta; ++i)
      values.append(n.getFloatsInput(i));
    if (!hasDelta)
      values.push_back(1);
    if (n.hasFailed() || values.size() != 3)
      return (void)n.fail("expected three scalars");
    double length = std::ceil((values[1] - values[0]) / values[2]);
    if (!(length < static_cast<double>(int64_t(1) << 40)))
      return (void)n.fail("the range is too long");
    count = n.dim(std::max<int64_t>(0, truncateToInt(length)));
  } else {
    SmallVector<DimAttr> start = n.getDimsInput(0), limit = n.getDimsInput(1);
    SmallVector<int64_t> delta = hasDelta ? n.getIntsInput(2) : SmallVector<int64_t>{1};
    if (n.hasFailed())
      return;
    if (start.size() != 1 || limit.size() != 1 || delta.size() != 1 || delta[0] == 0 ||
        delta[0] == std::numeric_limits<int64_t>::min())
      return (void)n.fail("expected three scalars, the last one not 0");
    DimAttr span = delta[0] > 0 ? subDims(limit[0], start[0]) : subDims(start[0], limit[0]);
    count = span ? ceilDivDims(span, n.dim(std::abs(delta[0]))) : DimAttr();
    if (!count)
      return (void)n.fail("the range overflows 64 bits");
    if (count.isConstant() && count.getConstant() < 0)
      count = n.dim(0);
  }
  Value index = n.iota(count, 0, elementType);
  if (hasDelta)
    index = n.mul(index, n.getInput(2));
  n.setOutput(0, n.add(n.getInput(0), index));
}

static void eyeLike(OnnxNode &n) {
  RankedTensorType type = n.getInputType(0);
  if (!type || type.getRank() != 2)
    return (void)n.fail("expected a matrix");
  Type elementType = n.hasAttr("dtype") ? n.getDataType(n.getInt("dtype")) : type.getElementType();
  if (!elementType)
    return;
  Type i64 = n.getBuilder().getI64Type();
  SmallVector<DimAttr> dims = getDims(type);
  Value row = n.iota(dims, 0, i64), column = n.iota(dims, 1, i64);
  Value diagonal =
      n.eq(n.add(row, n.splat(n.getBuilder().getI64IntegerAttr(n.getInt("k", 0)), dims)), column);
  n.setOutput(0, n.cast(diagonal, elementType));
}

void tg::registerOnnxConstants(OnnxOpRegistry &r) {
  r.add("Constant", 1, constant);
  r.add("ConstantOfShape", 9, constantOfShape);
  r.add("EyeLike", 9, eyeLike);
  r.add("Range", 11, range);
  r.add("Shape", 1, shape);
  r.add("Size", 1, size);
}
