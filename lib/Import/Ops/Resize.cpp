//===- Resize.cpp - ONNX Resize and Upsample ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each resized axis becomes a sum over a few taps (ResizeTaps.h), of a gather by their indices
// times their weights. Where the nearest element is taken by a whole factor, it is an expand.
//
//===----------------------------------------------------------------------===//

#include "Families.h"

#include "ResizeTaps.h"

#include <cmath>

using namespace mlir;
using namespace tg;
using namespace tg::uop;

static Value repeat(OnnxNode &n, Value x, const AxisResize &resize, DimAttr factor) {
  SmallVector<DimAttr> dims = n.getDims(x), repeated(dims), merged(dims);
  repeated.insert(repeated.begin() + resize.axis + 1, factor);
  merged[resize.axis] = resize.to;
  return n.reshape(n.broadcastTo(n.unsqueeze(x, resize.axis + 1), repeated), merged);
}

static Value resizeAxis(OnnxNode &n, Value x, const ResizeMode &mode, const AxisResize &resize,
                        double outsideValue) {
  if (!x || n.hasFailed())
    return {};
  if (DimAttr factor = getResizeRepetition(n, mode, resize))
    return repeat(n, x, resize, factor);
  auto taps = getResizeTaps(n, mode, resize);
  if (!taps)
    return {};
  SmallVector<DimAttr> vector(n.getRank(x), n.dim(1));
  vector[resize.axis] = resize.to;
  Type type = n.getElementType(x);
  Value result;
  for (auto [tap, index] : llvm::enumerate(taps->indices)) {
    Value term = n.gather(x, index, resize.axis);
    if (!taps->weights.empty())
      term = n.mul(term, n.reshape(n.cast(taps->weights[tap], type), vector));
    result = result ? n.add(result, term) : term;
  }
  if (!taps->isOutside)
    return result;
  return n.where(n.reshape(taps->isOutside, vector), n.scalar(outsideValue, type), result);
}

/// The size of an axis times `scale`, rounded down; null if it is no expression, as for scales that
/// floats hold only about.
static DimAttr scaleSize(OnnxNode &n, DimAttr size, double scale) {
  // In floats, as ONNX's shape inference does: 5 * 2.6 is 13.
  if (size.isConstant())
    return n.dim(truncateToInt(
        std::floor(static_cast<float>(size.getConstant()) * static_cast<float>(scale))));
  constexpr int64_t maxDenominator = 1024, maxFactor = int64_t(1) << 24;
  for (int64_t denominator = 1; denominator <= maxDenominator; denominator *= 2) {
    double numerator = scale * static_cast<double>(denominator);
    if (numerator == std::floor(numerator) && numerator < maxFactor)
      if (DimAttr product = mulDims(size, n.dim(static_cast<int64_t>(numerator))))
        return floorDivDims(product, n.dim(denominator));
  }
  return {};
}

/// The sizes that keep the aspect ratio: the smallest or the largest factor on every axis.
static void keepAspectRatio(OnnxNode &n, StringRef policy, MutableArrayRef<AxisResize> axes) {
  if (policy == "stretch" || axes.empty())
    return;
  for (const AxisResize &axis : axes)
    for (DimAttr size : {axis.from, axis.to})
      if (!size.isConstant())
        return (void)n.failSymbolic(
            "keep_aspect_ratio_policy needs axis " + Twine(axis.axis) + " to be static", size);
  double scale = *axes.front().scale;
  for (const AxisResize &axis : axes)
    scale = policy == "not_larger" ? std::min(scale, *axis.scale) : std::max(scale, *axis.scale);
  for (AxisResize &axis : axes) {
    double to = std::floor(scale * static_cast<double>(axis.from.getConstant()) + 0.5);
    axis.to = n.dim(truncateToInt(to));
    axis.scale = scale;
  }
}

/// `scales` or `sizes` (one of them given), one per entry of `axes`.
static void resizeBy(OnnxNode &n, ResizeMode mode, ArrayRef<double> scales, ArrayRef<DimAttr> sizes,
                     ArrayRef<double> roi) {
  Value x = n.getInput(0);
  if (!x || n.hasFailed())
    return;
  int64_t rank = n.getRank(x);
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  if (n.hasAttr("axes")) {
    axes = n.getInts("axes");
    for (int64_t &axis : axes)
      axis = n.normalizeAxis(axis, rank);
  }
  size_t given = sizes.empty() ? scales.size() : sizes.size();
  if (n.hasFailed() || given != axes.size())
    return (void)n.fail("expected one scale or size per axis");
  if (mode.mode != "nearest" && mode.mode != "linear" && mode.mode != "cubic")
    return (void)n.fail("attribute 'mode' is '" + mode.mode + "'");

  SmallVector<AxisResize> resizes;
  for (auto [i, axis] : llvm::enumerate(axes)) {
    DimAttr size = n.getDim(x, axis);
    AxisResize resize;
    resize.axis = axis;
    resize.from = size;
    constexpr int64_t maxSize = 1 << 24;
    bool isInRange = true;
    if (!sizes.empty()) {
      resize.to = sizes[i];
      if (size == sizes[i])
        resize.scale = 1;
      else if (size.isConstant() && sizes[i].isConstant())
        resize.scale =
            static_cast<double>(sizes[i].getConstant()) / static_cast<double>(size.getConstant());
    } else {
      resize.scale = scales[i];
      isInRange &= scales[i] > 0 && scales[i] < maxSize;
      resize.to = isInRange ? scaleSize(n, size, scales[i]) : n.dim(0);
      if (!resize.to)
        return (void)n.failSymbolic("axis " + Twine(axis) + " must be static for a scale that is " +
                                        "no fraction of small numbers",
                                    size);
    }
    if (resize.to.isConstant())
      isInRange &= resize.to.getConstant() >= 0 && resize.to.getConstant() < maxSize;
    // Nothing can be made of an empty axis but an empty axis.
    if (size.isConstant(0))
      isInRange &= resize.to.isConstant(0);
    if (!isInRange)
      return (void)n.fail("a scale or size is out of range");
    if (roi.size() == 2 * axes.size()) {
      resize.roiStart = roi[i];
      resize.roiEnd = roi[i + axes.size()];
    }
    resizes.push_back(resize);
  }
  if (!sizes.empty())
    keepAspectRatio(n, n.getString("keep_aspect_ratio_policy", "stretch"), resizes);

  Type type = n.getElementType(x);
  bool isFloat = isa<FloatType>(type);
  if (!mode.isNearest())
    x = n.cast(x, isFloat ? n.getAccumulatorType(type) : Type(n.getBuilder().getF32Type()));
  double outsideValue = n.getFloat("extrapolation_value", 0);
  for (const AxisResize &resize : resizes) {
    bool isCropped = mode.isCropping() && (resize.roiStart != 0 || resize.roiEnd != 1);
    if (!resize.from.isConstant(0) && (resize.to != resize.from || resize.scale != 1 || isCropped))
      x = resizeAxis(n, x, mode, resize, outsideValue);
  }
  if (x && !isFloat && !mode.isNearest())
    x = n.unary<RoundOp>(x);
  n.setOutput(0, n.cast(x, type));
}

static void resize(OnnxNode &n) {
  ResizeMode mode;
  mode.mode = n.getString("mode", "nearest");
  mode.coordinates = n.getString("coordinate_transformation_mode", "half_pixel");
  mode.nearest = n.getString("nearest_mode", "round_prefer_floor");
  mode.cubicA = n.getFloat("cubic_coeff_a", -0.75);
  mode.excludesOutside = n.getInt("exclude_outside", 0);
  mode.antialias = n.getInt("antialias", 0);
  auto isGiven = [&](unsigned i) {
    RankedTensorType type = n.getInputType(i);
    return type && type.getNumDynamicDims() == 0 && type.getNumElements() > 0;
  };
  SmallVector<double> roi, scales;
  SmallVector<DimAttr> sizes;
  if (isGiven(1) && mode.coordinates == "tf_crop_and_resize")
    roi = n.getFloatsInput(1);
  if (isGiven(3))
    sizes = n.getDimsInput(3);
  else
    scales = n.getFloatsInput(2);
  resizeBy(n, mode, scales, sizes, roi);
}

/// Resize of opset 10, Upsample of 9: asymmetric, and of the two nearest the one below where the
/// axis grows, above where it shrinks, as in the tests of opset 10.
static void upsample(OnnxNode &n) {
  SmallVector<double> scales = n.hasAttr("scales") ? n.getFloats("scales") : n.getFloatsInput(1);
  resizeBy(n, {n.getString("mode", "nearest"), "asymmetric", "outer", -0.75, false, false}, scales,
           {}, {});
}

void tg::resizeOnnx(OnnxNode &n, const ResizeMode &mode, ArrayRef<double> scales) {
  resizeBy(n, mode, scales, {}, {});
}

void tg::registerOnnxResize(OnnxOpRegistry &r) {
  r.add("Resize", 10, upsample);
  r.add("Resize", 11, resize);
  r.add("Upsample", 7, upsample);
}
