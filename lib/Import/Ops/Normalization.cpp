//===- Normalization.cpp - ONNX normalizations ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Families.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

static SmallVector<int64_t> range(int64_t begin, int64_t end) {
  return llvm::to_vector(llvm::seq<int64_t>(begin, std::max(begin, end)));
}

static Value reciprocalRoot(OnnxNode &n, Value variance, double epsilon) {
  Value shifted = n.add(variance, n.splatLike(epsilon, variance));
  return n.unary<ReciprocalOp>(n.unary<SqrtOp>(shifted));
}

Standardized tg::standardizeOnnx(OnnxNode &n, Value x, ArrayRef<int64_t> axes, double epsilon) {
  Value mean = n.mean(x, axes, /*keepDims=*/true), centered = n.sub(x, mean);
  Value inverse = reciprocalRoot(n, n.mean(n.mul(centered, centered), axes, true), epsilon);
  return {n.mul(centered, inverse), mean, inverse};
}

static void batchNormalization(OnnxNode &n) {
  Value x = n.getInput(0), mean = n.getInput(3), variance = n.getInput(4);
  if (!x || !mean || !variance)
    return;
  int64_t rank = n.getRank(x);
  if (rank < 2)
    return (void)n.fail("expected an input of rank 2 or more");
  if (n.getInt("training_mode", 0)) {
    SmallVector<int64_t> axes = range(2, rank);
    axes.insert(axes.begin(), 0);
    Value momentum = n.splatLike(n.getFloat("momentum", 0.9), mean);
    Value rest = n.sub(n.splatLike(1, mean), momentum);
    Value center = n.mean(x, axes, true), centered = n.sub(x, center);
    Value newMean = n.reshape(center, n.getDims(mean));
    Value newVariance =
        n.reshape(n.mean(n.mul(centered, centered), axes, true), n.getDims(variance));
    n.setOutput(1, n.add(n.mul(mean, momentum), n.mul(newMean, rest)));
    n.setOutput(2, n.add(n.mul(variance, momentum), n.mul(newVariance, rest)));
    mean = newMean;
    variance = newVariance;
  }
  Type type = n.getElementType(x), wide = n.getAccumulatorType(type);
  // Before opset 9 the parameters may be per element of a sample, not per channel.
  bool isPerElement = n.getOpset() < 9 && !n.getInt("spatial", 1);
  auto align = [&](Value vector) {
    vector = n.cast(vector, wide);
    return isPerElement ? vector : alignOnnxChannels(n, vector, rank);
  };
  Value inverse = reciprocalRoot(n, n.cast(variance, wide), n.getFloat("epsilon", 1e-5));
  Value factor = n.mul(n.cast(n.getInput(1), wide), inverse);
  Value centered = n.sub(n.cast(x, wide), align(mean));
  n.setOutput(0, n.cast(n.add(n.mul(centered, align(factor)), align(n.getInput(2))), type));
}

static void instanceNormalization(OnnxNode &n) {
  Value x = n.getInput(0);
  if (!x)
    return;
  int64_t rank = n.getRank(x);
  Type type = n.getElementType(x), wide = n.getAccumulatorType(type);
  auto align = [&](Value vector) { return alignOnnxChannels(n, n.cast(vector, wide), rank); };
  Value y = standardizeOnnx(n, n.cast(x, wide), range(2, rank), n.getFloat("epsilon", 1e-5)).result;
  n.setOutput(0, n.cast(n.add(n.mul(y, align(n.getInput(1))), align(n.getInput(2))), type));
}

static void layerNormalization(OnnxNode &n) {
  Value x = n.getInput(0), bias = n.getOptionalInput(2);
  if (!x)
    return;
  int64_t rank = n.getRank(x), axis = n.normalizeAxis(n.getInt("axis", -1), rank);
  Type type = n.getElementType(x), wide = n.getAccumulatorType(type);
  Standardized standardized =
      standardizeOnnx(n, n.cast(x, wide), range(axis, rank), n.getFloat("epsilon", 1e-5));
  Value y = n.mul(standardized.result, n.cast(n.getInput(1), wide));
  if (bias)
    y = n.add(y, n.cast(bias, wide));
  n.setOutput(0, n.cast(y, type));
  Type stash = n.getDataType(n.getInt("stash_type", 1));
  if (!stash)
    return;
  n.setOutput(1, n.cast(standardized.mean, stash));
  n.setOutput(2, n.cast(standardized.inverseDeviation, stash));
}

static void rmsNormalization(OnnxNode &n) {
  Value x = n.getInput(0), scale = n.getInput(1);
  if (!x || !scale)
    return;
  int64_t rank = n.getRank(x), axis = n.normalizeAxis(n.getInt("axis", -1), rank);
  Type wide = n.getAccumulatorType(n.getElementType(x));
  Value y = n.cast(x, wide);
  Value inverse =
      reciprocalRoot(n, n.mean(n.mul(y, y), range(axis, rank), true), n.getFloat("epsilon", 1e-5));
  Type type = n.getElementType(scale);
  n.setOutput(0, n.mul(n.cast(n.mul(y, inverse), type), scale));
}

/// Channels in groups; before opset 21 scale and bias are per group.
static void groupNormalization(OnnxNode &n) {
  Value x = n.getInput(0), scale = n.getInput(1), bias = n.getInput(2);
  int64_t groups = n.getInt("num_groups");
  if (!x || !scale || !bias || n.hasFailed())
    return;
  SmallVector<DimAttr> dims = n.getDims(x);
  if (dims.size() < 2 || groups <= 0)
    return (void)n.fail("expected an input of rank 2 or more and a positive num_groups");
  Type type = n.getElementType(x), wide = n.getAccumulatorType(type);
  DimAttr g = n.dim(groups), perGroup = floorDivDims(dims[1], g);
  SmallVector<DimAttr> grouped{dims[0], g, perGroup};
  grouped.append(dims.begin() + 2, dims.end());
  Value y = standardizeOnnx(n, n.reshape(n.cast(x, wide), grouped), range(2, grouped.size()),
                            n.getFloat("epsilon", 1e-5))
                .result;
  auto align = [&](Value vector) {
    SmallVector<DimAttr> shape{g, n.getOpset() < 21 ? n.dim(1) : perGroup};
    shape.append(dims.size() - 2, n.dim(1));
    return n.reshape(n.cast(vector, wide), shape);
  };
  y = n.add(n.mul(y, align(scale)), align(bias));
  n.setOutput(0, n.cast(n.reshape(y, dims), type));
}

static void lpNormalization(OnnxNode &n) {
  Value x = n.getInput(0);
  if (!x)
    return;
  int64_t axis = n.normalizeAxis(n.getInt("axis", -1), n.getRank(x)), p = n.getInt("p", 2);
  if (p != 1 && p != 2)
    return (void)n.fail("attribute 'p' must be 1 or 2");
  Value norm =
      p == 1 ? n.sum(n.abs(x), axis, true) : n.unary<SqrtOp>(n.sum(n.mul(x, x), axis, true));
  // What is zero everywhere stays so.
  Value isZero = n.eq(norm, n.splatLike(0, norm));
  n.setOutput(0, n.where(isZero, n.splatLike(0, norm), n.div(x, norm)));
}

static void meanVarianceNormalization(OnnxNode &n) {
  Value x = n.getInput(0);
  if (!x)
    return;
  SmallVector<int64_t> axes = n.hasAttr("axes") ? n.getInts("axes") : SmallVector<int64_t>{0, 2, 3};
  axes = n.normalizeAxes(axes, n.getRank(x));
  Value centered = n.sub(x, n.mean(x, axes, true));
  Value deviation = n.unary<SqrtOp>(n.mean(n.mul(centered, centered), axes, true));
  n.setOutput(0, n.div(centered, n.add(deviation, n.splatLike(1e-9, deviation))));
}

/// x / (bias + alpha / size * sum of squares over a window of channels)^beta
static void localResponseNormalization(OnnxNode &n) {
  Value x = n.getInput(0);
  int64_t size = n.getInt("size");
  if (!x || n.hasFailed())
    return;
  int64_t rank = n.getRank(x);
  if (size <= 0 || rank < 2)
    return (void)n.fail("expected an input of rank 2 or more and a positive size");
  SmallVector<DimAttr> low(rank, n.dim(0)), high(rank, n.dim(0));
  low[1] = n.dim((size - 1) / 2);
  high[1] = n.dim(size / 2);
  Value squares = n.window(n.pad(n.mul(x, x), low, high), 1, size, 1, 1);
  Value sum = n.sum(squares, rank);
  if (!sum)
    return;
  double alpha = n.getFloat("alpha", 1e-4), beta = n.getFloat("beta", 0.75);
  Value base = n.add(n.splatLike(n.getFloat("bias", 1), sum),
                     n.mul(n.splatLike(alpha / static_cast<double>(size), sum), sum));
  n.setOutput(0, n.div(x, n.binary<PowOp>(base, n.splatLike(beta, sum))));
}

void tg::registerOnnxNormalizations(OnnxOpRegistry &r) {
  r.add("BatchNormalization", 6, batchNormalization);
  r.add("GroupNormalization", 18, groupNormalization);
  r.add("InstanceNormalization", 6, instanceNormalization);
  // ONNX Runtime has it in every opset, and writes it there.
  r.add("LayerNormalization", 1, layerNormalization);
  r.add("LpNormalization", 1, lpNormalization);
  r.add("LRN", 1, localResponseNormalization);
  r.add("MeanVarianceNormalization", 9, meanVarianceNormalization);
  r.add("RMSNormalization", 23, rmsNormalization);
}
