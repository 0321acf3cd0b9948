//===- ContribQLinear.cpp - ONNX Runtime's operators on quantized numbers ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Contrib.h"

#include "Quantization.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

/// (x - zero point) * scale, of the node's inputs from `first` on, or of `x` with the two inputs
/// that follow. A zero point that is not given is 0.
static Value dequantize(OnnxNode &n, Value x, unsigned first) {
  Value scale = n.getInput(first + 1), zero = n.getOptionalInput(first + 2);
  if (!x || !scale)
    return {};
  if (zero)
    zero = alignQuantParameter(n, zero, x, 0, 0);
  Value y = n.cast(subtractQuantZero(n, x, zero), n.getElementType(scale));
  return n.mul(y, alignQuantParameter(n, scale, x, 0, 0));
}

static Value dequantize(OnnxNode &n, unsigned first) {
  return dequantize(n, n.getInput(first), first);
}

/// `y` as integers of `type`, by the scale and zero point that are inputs `first` and the next.
static Value quantizeBy(OnnxNode &n, Value y, unsigned first, Type type) {
  Value scale = n.getInput(first), zero = n.getOptionalInput(first + 1);
  if (!y || !scale)
    return {};
  if (zero)
    zero = alignQuantParameter(n, n.cast(zero, n.getElementType(y)), y, 0, 0);
  return quantizeOnnx(n, y, alignQuantParameter(n, scale, y, 0, 0), zero, type);
}

/// Quantized f(dequantized x): inputs x, scale, zero point, and the result's scale and zero point.
template <typename Function> static auto unaryQuantized(Function function) {
  return [function](OnnxNode &n) {
    Value x = n.getInput(0);
    if (x)
      n.setOutput(0, quantizeBy(n, function(n, dequantize(n, 0)), 3, n.getElementType(x)));
  };
}

template <typename OpTy> static void binaryQuantized(OnnxNode &n) {
  Value x = n.getInput(0);
  if (x)
    n.setOutput(0, quantizeBy(n, n.binary<OpTy>(dequantize(n, 0), dequantize(n, 3)), 6,
                              n.getElementType(x)));
}

/// Each part has a scale and a zero point of its own.
static void qLinearConcat(OnnxNode &n) {
  Value zero = n.getInput(1);
  SmallVector<Value> parts;
  for (unsigned i = 2; i < n.getNumInputs(); i += 3)
    parts.push_back(dequantize(n, i));
  if (!zero || parts.empty() || llvm::is_contained(parts, Value()))
    return (void)n.fail("expected inputs, each with a scale and a zero point");
  int64_t axis = n.normalizeAxis(n.getInt("axis"), n.getRank(parts.front()));
  if (!n.hasFailed())
    n.setOutput(0, quantizeBy(n, n.concat(parts, axis), 0, n.getElementType(zero)));
}

static void qLinearSoftmax(OnnxNode &n) {
  Value x = n.getInput(0), y = dequantize(n, 0);
  if (!x || !y)
    return;
  int64_t rank = n.getRank(x), axis = n.normalizeAxis(n.getInt("axis", -1), rank);
  // Before opset 13 the axes from `axis` on count as one.
  bool isOld = n.getInt("opset", 13) < 13;
  auto axes = llvm::to_vector(llvm::seq<int64_t>(axis, isOld ? rank : axis + 1));
  if (!n.hasFailed())
    n.setOutput(0, quantizeBy(n, n.softmax(y, axes), 3, n.getElementType(x)));
}

static void qLinearWhere(OnnxNode &n) {
  Value x = n.getInput(1);
  if (x)
    n.setOutput(0, quantizeBy(n, n.where(n.getInput(0), dequantize(n, 1), dequantize(n, 4)), 7,
                              n.getElementType(x)));
}

/// A pool of floats, between two quantizations.
template <typename Function> static auto pool(Function function) {
  return [function](OnnxNode &n) {
    Value x = n.getInput(0);
    if (!x)
      return;
    bool isLast = n.getInt("channels_last", 0);
    Value y = dequantize(n, isLast ? toChannelsFirst(n, x) : x, 0);
    y = quantizeBy(n, function(n, y), 3, n.getElementType(x));
    n.setOutput(0, isLast ? toChannelsLast(n, y) : y);
  };
}

/// The mean over all spatial axes, which stay with size 1.
static Value globalMean(OnnxNode &n, Value x) {
  if (!x)
    return {};
  if (n.getRank(x) < 3)
    return n.fail("expected an input of rank 3 or more");
  return n.mean(x, llvm::to_vector(llvm::seq<int64_t>(2, n.getRank(x))), /*keepDims=*/true);
}

static void qLinearConv(OnnxNode &n) {
  bool isLast = n.getInt("channels_last", 0);
  Value x = n.getInput(0);
  Value y = qLinearConvOnnx(n, isLast ? toChannelsFirst(n, x) : x);
  n.setOutput(0, isLast ? toChannelsLast(n, y) : y);
}

void tg::registerContribQLinear(OnnxOpRegistry &r) {
  auto add = [&](StringRef name, OnnxOpRegistry::Build build) {
    r.add(name, 1, std::move(build), microsoftDomain);
  };
  add("DequantizeLinear", dequantizeLinearOnnx);
  add("QuantizeLinear", quantizeLinearOnnx);
  add("QLinearAdd", binaryQuantized<AddOp>);
  add("QLinearMul", binaryQuantized<MulOp>);
  add("QLinearAveragePool",
      pool([](OnnxNode &n, Value x) { return averagePoolOnnx(n, x, /*countsOverhang=*/true); }));
  add("QLinearGlobalAveragePool", pool(globalMean));
  add("QLinearConcat", qLinearConcat);
  add("QLinearConv", qLinearConv);
  add("QLinearLeakyRelu", unaryQuantized([](OnnxNode &n, Value x) {
        Value slope = n.splatLike(n.getFloat("alpha", 0.01), x);
        return n.where(n.lt(x, n.splatLike(0, x)), n.mul(x, slope), x);
      }));
  add("QLinearSigmoid", unaryQuantized([](OnnxNode &n, Value x) { return n.sigmoid(x); }));
  add("QLinearSoftmax", qLinearSoftmax);
  add("QLinearWhere", qLinearWhere);
}
