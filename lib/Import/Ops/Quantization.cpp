//===- Quantization.cpp - ONNX quantized operators ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Quantization.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

Value tg::alignQuantParameter(OnnxNode &n, Value parameter, Value x, int64_t axis,
                              int64_t blockSize) {
  if (!parameter || !x)
    return {};
  SmallVector<DimAttr> dims = n.getDims(x), shape = n.getDims(parameter);
  int64_t rank = dims.size();
  if (shape.empty() || (shape.size() == 1 && shape[0].isConstant(1)))
    return n.broadcastTo(n.reshape(parameter, {}), dims);
  axis = n.normalizeAxis(axis, rank);
  if (n.hasFailed())
    return {};
  bool isBlocked = blockSize > 0 && static_cast<int64_t>(shape.size()) == rank;
  if (shape.size() == 1 && !isBlocked) {
    SmallVector<DimAttr> aligned(rank, n.dim(1));
    aligned[axis] = shape[0];
    return n.broadcastTo(n.reshape(parameter, aligned), dims);
  }
  if (!isBlocked)
    return n.fail("scale and zero point must be scalars, vectors, or blocked along 'axis'");
  // Each entry is repeated; the last block may be shorter.
  SmallVector<DimAttr> repeated(shape), merged(shape), offsets(rank, n.dim(0));
  repeated.insert(repeated.begin() + axis + 1, n.dim(blockSize));
  merged[axis] = mulDims(shape[axis], n.dim(blockSize));
  Value blocks = n.broadcastTo(n.unsqueeze(parameter, axis + 1), repeated);
  return n.shrink(n.reshape(blocks, merged), offsets, dims);
}

/// The smallest and largest value of an integer type.
static std::pair<double, double> getRange(IntegerType type) {
  unsigned width = type.getWidth();
  if (type.isUnsigned())
    return {0, std::ldexp(1.0, width) - 1};
  return {-std::ldexp(1.0, width - 1), std::ldexp(1.0, width - 1) - 1};
}

Value tg::quantizeOnnx(OnnxNode &n, Value x, Value scale, Value zero, Type type) {
  if (!x || !scale || !type)
    return {};
  Value y = n.div(x, n.cast(scale, n.getElementType(x)));
  if (auto integer = dyn_cast<IntegerType>(type)) {
    y = n.unary<RoundOp>(n.cast(y, n.getAccumulatorType(n.getElementType(x))));
    if (zero && y)
      y = n.add(y, n.cast(zero, n.getElementType(y)));
    auto [low, high] = getRange(integer);
    return n.cast(n.min(n.max(y, n.splatLike(low, y)), n.splatLike(high, y)), type);
  }
  auto floatType = cast<FloatType>(type);
  if (zero)
    y = n.add(y, n.cast(zero, n.getElementType(x)));
  if (n.getInt("saturate", 1)) {
    double largest = APFloat::getLargest(floatType.getFloatSemantics()).convertToDouble();
    y = n.min(n.max(y, n.splatLike(-largest, y)), n.splatLike(largest, y));
  }
  return n.cast(y, type);
}

void tg::quantizeLinearOnnx(OnnxNode &n) {
  Value x = n.getInput(0), zero = n.getOptionalInput(2);
  if (!x)
    return;
  Type type;
  if (zero)
    type = n.getElementType(zero);
  else if (int64_t wanted = n.getInt("output_dtype", 0))
    type = n.getDataType(wanted);
  else
    type = n.getBuilder().getIntegerType(8, /*isSigned=*/false);
  if (isa_and_nonnull<IntegerType>(n.getElementType(x)))
    x = n.cast(x, n.getBuilder().getF32Type());
  int64_t axis = n.getInt("axis", 1), blockSize = n.getInt("block_size", 0);
  Value scale = n.getInput(1);
  if (int64_t precision = n.getInt("precision", 0); precision && scale) {
    Type compute = n.getDataType(precision);
    x = compute ? n.cast(x, compute) : Value();
  }
  scale = alignQuantParameter(n, scale, x, axis, blockSize);
  if (zero)
    zero = alignQuantParameter(n, n.cast(zero, n.getBuilder().getF32Type()), x, axis, blockSize);
  n.setOutput(0, quantizeOnnx(n, x, scale, zero, type));
}

Value tg::subtractQuantZero(OnnxNode &n, Value x, Value zero) {
  Type i32 = n.getBuilder().getI32Type();
  x = n.cast(x, i32);
  return zero && x ? n.sub(x, n.broadcastTo(n.cast(zero, i32), n.getDims(x))) : x;
}

void tg::dequantizeLinearOnnx(OnnxNode &n) {
  Value x = n.getInput(0), scale = n.getInput(1), zero = n.getOptionalInput(2);
  if (!x || !scale)
    return;
  int64_t axis = n.getInt("axis", 1), blockSize = n.getInt("block_size", 0);
  Type type = n.getElementType(scale), f32 = n.getBuilder().getF32Type();
  Value y;
  if (isa<IntegerType>(n.getElementType(x))) {
    Type i32 = n.getBuilder().getI32Type();
    if (zero)
      zero = alignQuantParameter(n, n.cast(zero, i32), x, axis, blockSize);
    y = n.cast(subtractQuantZero(n, x, zero), f32);
  } else {
    y = n.cast(x, f32);
  }
  y = n.mul(y, n.cast(alignQuantParameter(n, scale, x, axis, blockSize), f32));
  if (int64_t wanted = n.getInt("output_dtype", 0))
    type = n.getDataType(wanted);
  n.setOutput(0, type ? n.cast(y, type) : Value());
}

DynamicQuantization tg::quantizeDynamically(OnnxNode &n, Value x) {
  if (!x)
    return {};
  auto axes = llvm::to_vector(llvm::seq<int64_t>(0, n.getRank(x)));
  Value largest = n.reduce(CombineKind::Max, x, axes),
        smallest = n.reduce(CombineKind::Min, x, axes);
  largest = n.max(largest, n.splatLike(0, largest));
  smallest = n.min(smallest, n.splatLike(0, smallest));
  Value scale = n.div(n.sub(largest, smallest), n.splatLike(255, largest));
  scale = n.where(n.eq(largest, smallest), n.splatLike(1, scale), scale);
  Value zero = n.unary<RoundOp>(n.div(n.unary<NegOp>(smallest), scale));
  zero = n.min(n.max(zero, n.splatLike(0, zero)), n.splatLike(255, zero));
  Type ui8 = n.getBuilder().getIntegerType(8, /*isSigned=*/false);
  if (!zero)
    return {};
  Value y = quantizeOnnx(n, x, n.broadcastTo(scale, n.getDims(x)),
                         n.broadcastTo(zero, n.getDims(x)), ui8);
  return {y, scale, n.cast(zero, ui8)};
}

static void dynamicQuantizeLinear(OnnxNode &n) {
  DynamicQuantization result = quantizeDynamically(n, n.getInput(0));
  n.setOutputs({result.value, result.scale, result.zero});
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// One element stands for all, whatever its rank.
static Value toScalar(OnnxNode &n, Value parameter) {
  bool isSingle = parameter && llvm::all_of(n.getDims(parameter),
                                            [](DimAttr size) { return size.isConstant(1); });
  return isSingle ? n.reshape(parameter, {}) : parameter;
}

Value tg::quantPerRow(OnnxNode &n, Value parameter) {
  parameter = toScalar(n, parameter);
  return parameter && n.getRank(parameter) == 1 ? n.unsqueeze(parameter, 1) : parameter;
}

/// A parameter per output channel of the weights [M, ...].
static Value perFilter(OnnxNode &n, Value parameter, int64_t rank) {
  parameter = toScalar(n, parameter);
  if (!parameter || n.getRank(parameter) == 0)
    return parameter;
  return n.unsqueeze(parameter, llvm::to_vector(llvm::seq<int64_t>(1, rank)));
}

/// The operands of a product without their zero points, as (stacks of) matrices: a vector is a row
/// on the left and a column on the right, whose axis dropVectorAxes() takes away again.
static std::pair<Value, Value> readFactors(OnnxNode &n, unsigned x, unsigned xZero, unsigned y,
                                           unsigned yZero) {
  Value lhs = n.getInput(x), rhs = n.getInput(y);
  if (!lhs || !rhs)
    return {};
  if (n.getRank(lhs) == 1)
    lhs = n.unsqueeze(lhs, 0);
  if (n.getRank(rhs) == 1)
    rhs = n.unsqueeze(rhs, 1);
  return {subtractQuantZero(n, lhs, quantPerRow(n, n.getOptionalInput(xZero))),
          subtractQuantZero(n, rhs, toScalar(n, n.getOptionalInput(yZero)))};
}

static Value dropVectorAxes(OnnxNode &n, Value product, unsigned x, unsigned y) {
  SmallVector<int64_t> axes;
  if (n.getRank(n.getInput(x)) == 1)
    axes.push_back(-2);
  if (n.getRank(n.getInput(y)) == 1)
    axes.push_back(-1);
  return n.squeeze(product, axes);
}

Value tg::multiplyDynamically(OnnxNode &n, Value x, Value weights, Value scale, Value zero) {
  DynamicQuantization quantized = quantizeDynamically(n, x);
  if (!quantized.value || !scale)
    return {};
  Value product = n.matmul(subtractQuantZero(n, quantized.value, quantized.zero),
                           subtractQuantZero(n, weights, zero));
  return n.mul(n.cast(product, n.getElementType(scale)), n.mul(quantized.scale, scale));
}

static void matMulInteger(OnnxNode &n) {
  auto [x, y] = readFactors(n, 0, 2, 1, 3);
  Value product = n.matmul(x, y);
  if (product)
    n.setOutput(0, dropVectorAxes(n, product, 0, 1));
}

static void convInteger(OnnxNode &n) {
  Value w = n.getInput(1);
  if (!w)
    return;
  Value x = subtractQuantZero(n, n.getInput(0), toScalar(n, n.getOptionalInput(2)));
  w = subtractQuantZero(n, w, perFilter(n, n.getOptionalInput(3), n.getRank(w)));
  n.setOutput(0, convolveOnnx(n, x, w));
}

Value tg::requantizeOnnx(OnnxNode &n, Value product, Value scales, Value scale, Value zero) {
  scale = toScalar(n, scale);
  zero = toScalar(n, zero);
  if (!product || !scales || !scale || !zero)
    return {};
  Type type = n.getElementType(zero), f32 = n.getBuilder().getF32Type();
  Value factor = n.div(n.cast(scales, f32), n.cast(scale, f32));
  Value y = n.unary<RoundOp>(n.mul(n.cast(product, f32), factor));
  y = n.add(y, n.cast(zero, f32));
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer)
    return n.fail("expected an integer zero point");
  auto [low, high] = getRange(integer);
  return n.cast(n.min(n.max(y, n.splatLike(low, y)), n.splatLike(high, y)), type);
}

static void qLinearMatMul(OnnxNode &n) {
  auto [x, y] = readFactors(n, 0, 2, 3, 5);
  Value scales = n.mul(quantPerRow(n, n.getInput(1)), toScalar(n, n.getInput(4)));
  Value result = requantizeOnnx(n, n.matmul(x, y), scales, n.getInput(6), n.getInput(7));
  if (result)
    n.setOutput(0, dropVectorAxes(n, result, 0, 3));
}

Value tg::qLinearConvOnnx(OnnxNode &n, Value x) {
  Value w = n.getInput(3), bias = n.getOptionalInput(8);
  if (!x || !w)
    return {};
  int64_t rank = n.getRank(w);
  x = subtractQuantZero(n, x, toScalar(n, n.getInput(2)));
  w = subtractQuantZero(n, w, perFilter(n, n.getInput(5), rank));
  Value product = convolveOnnx(n, x, w);
  // Of the channels, which are axis 1 of the result.
  if (bias)
    product = n.add(product, perFilter(n, bias, rank - 1));
  Value scales = n.mul(toScalar(n, n.getInput(1)), perFilter(n, n.getInput(4), rank - 1));
  return requantizeOnnx(n, product, scales, n.getInput(6), n.getInput(7));
}

void tg::registerOnnxQuantization(OnnxOpRegistry &r) {
  r.add("ConvInteger", 10, convInteger);
  r.add("DequantizeLinear", 10, dequantizeLinearOnnx);
  r.add("DynamicQuantizeLinear", 11, dynamicQuantizeLinear);
  r.add("MatMulInteger", 10, matMulInteger);
  r.add("QLinearConv", 10, [](OnnxNode &n) { n.setOutput(0, qLinearConvOnnx(n, n.getInput(0))); });
  r.add("QLinearMatMul", 10, qLinearMatMul);
  r.add("QuantizeLinear", 10, quantizeLinearOnnx);
}
