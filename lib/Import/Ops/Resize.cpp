//===- Resize.cpp - ONNX Resize and Upsample ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Interpolation is separable: each resized axis becomes a sum over a few taps, of a gather by
// constant indices times constant weights. Where the nearest element is taken by a whole factor, it
// is an expand.
//
//===----------------------------------------------------------------------===//

#include "Families.h"

#include <cmath>

using namespace mlir;
using namespace tg;
using namespace tg::uop;

namespace {
/// How one axis is resized.
struct AxisResize {
  int64_t from = 0, to = 0;
  double scale = 1;
  double roiStart = 0, roiEnd = 1;
};

/// Indices and weights, one row per tap, of every output position.
struct Taps {
  SmallVector<SmallVector<int64_t>> indices;
  SmallVector<SmallVector<double>> weights;
  SmallVector<bool> isOutside; ///< Positions that get the extrapolation value.
};

struct ResizeMode {
  StringRef mode, coordinates, nearest;
  double cubicA;
  bool excludesOutside, antialias;
};
} // namespace

static std::optional<double> mapCoordinate(const ResizeMode &mode, const AxisResize &axis,
                                           double x) {
  // The scaled size counts before it is rounded down.
  double scale = axis.scale, from = static_cast<double>(axis.from), to = scale * from;
  StringRef name = mode.coordinates;
  if (name == "half_pixel")
    return (x + 0.5) / scale - 0.5;
  if (name == "half_pixel_symmetric") {
    double adjustment = static_cast<double>(axis.to) / to, center = from / 2;
    return center * (1 - adjustment) + (x + 0.5) / scale - 0.5;
  }
  if (name == "pytorch_half_pixel")
    return to > 1 ? (x + 0.5) / scale - 0.5 : 0;
  if (name == "align_corners")
    return to == 1 ? 0 : x * (from - 1) / (to - 1);
  if (name == "asymmetric")
    return x / scale;
  if (name == "tf_half_pixel_for_nn")
    return (x + 0.5) / scale;
  if (name == "tf_crop_and_resize")
    return to > 1 ? axis.roiStart * (from - 1) +
                        x * (axis.roiEnd - axis.roiStart) * (from - 1) / (to - 1)
                  : 0.5 * (axis.roiStart + axis.roiEnd) * (from - 1);
  return std::nullopt;
}

static double cubicWeight(double a, double distance) {
  double d = std::abs(distance);
  if (d <= 1)
    return ((a + 2) * d - (a + 3)) * d * d + 1;
  if (d < 2)
    return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return 0;
}

static int64_t roundNearest(StringRef mode, double x) {
  if (mode == "round_prefer_ceil")
    return truncateToInt(std::floor(x + 0.5));
  if (mode == "floor")
    return truncateToInt(std::floor(x));
  if (mode == "ceil")
    return truncateToInt(std::ceil(x));
  return truncateToInt(std::ceil(x - 0.5)); // round_prefer_floor
}

/// The taps of one output position at coordinate `x`: the first index and the weights from there.
static std::pair<int64_t, SmallVector<double>> getKernel(const ResizeMode &mode, double scale,
                                                         double x) {
  if (mode.mode == "nearest")
    return {roundNearest(mode.nearest, x), {1.0}};
  // Antialiasing widens the kernel by the factor that the axis shrinks by.
  double stretch = mode.antialias && scale < 1 ? scale : 1;
  double radius = (mode.mode == "cubic" ? 2 : 1) / stretch;
  auto first = truncateToInt(std::floor(x - radius)) + 1;
  auto last = truncateToInt(std::ceil(x + radius)) - 1;
  if (stretch == 1) {
    first = truncateToInt(std::floor(x)) - (mode.mode == "cubic" ? 1 : 0);
    last = first + (mode.mode == "cubic" ? 3 : 1);
  }
  SmallVector<double> weights;
  double total = 0;
  for (int64_t i = first; i <= last; ++i) {
    double distance = (static_cast<double>(i) - x) * stretch;
    weights.push_back(mode.mode == "cubic" ? cubicWeight(mode.cubicA, distance)
                                           : std::max(0.0, 1 - std::abs(distance)));
    total += weights.back();
  }
  for (double &weight : weights)
    weight /= total;
  return {first, weights};
}

static std::optional<Taps> getTaps(OnnxNode &n, const ResizeMode &mode, const AxisResize &axis) {
  Taps taps;
  SmallVector<std::pair<int64_t, SmallVector<double>>> kernels;
  size_t width = 0;
  for (int64_t i = 0; i < axis.to; ++i) {
    auto x = mapCoordinate(mode, axis, static_cast<double>(i));
    if (!x)
      return n.fail("attribute 'coordinate_transformation_mode' is '" + mode.coordinates + "'"),
             std::nullopt;
    taps.isOutside.push_back(mode.coordinates == "tf_crop_and_resize" &&
                             (*x < 0 || *x > static_cast<double>(axis.from - 1)));
    kernels.push_back(getKernel(mode, axis.scale, *x));
    width = std::max(width, kernels.back().second.size());
  }
  taps.indices.assign(width, SmallVector<int64_t>(axis.to, 0));
  taps.weights.assign(width, SmallVector<double>(axis.to, 0));
  for (auto [i, kernel] : llvm::enumerate(kernels)) {
    double total = 0;
    for (auto [tap, weight] : llvm::enumerate(kernel.second)) {
      int64_t index = kernel.first + static_cast<int64_t>(tap);
      bool isInside = index >= 0 && index < axis.from;
      taps.indices[tap][i] = std::clamp<int64_t>(index, 0, axis.from - 1);
      taps.weights[tap][i] = isInside || !mode.excludesOutside ? weight : 0;
      total += taps.weights[tap][i];
    }
    for (size_t tap = 0; mode.excludesOutside && total != 0 && tap < width; ++tap)
      taps.weights[tap][i] /= total;
  }
  return taps;
}

/// Whether `indices` repeat each element a whole number of times; the factor, else 0.
static int64_t getRepetition(ArrayRef<int64_t> indices, int64_t from) {
  int64_t to = indices.size();
  if (from == 0 || to % from != 0)
    return 0;
  for (auto [i, index] : llvm::enumerate(indices))
    if (index != static_cast<int64_t>(i) / (to / from))
      return 0;
  return to / from;
}

static Value resizeAxis(OnnxNode &n, Value x, int64_t axis, const ResizeMode &mode,
                        const AxisResize &resize, double outsideValue) {
  auto taps = getTaps(n, mode, resize);
  if (!x || !taps)
    return {};
  Builder &b = n.getBuilder();
  SmallVector<DimAttr> dims = n.getDims(x), vector(dims.size(), n.dim(1));
  vector[axis] = n.dim(resize.to);
  Type type = n.getElementType(x);
  Value result, sum;
  if (mode.mode == "nearest")
    if (int64_t factor = getRepetition(taps->indices.front(), resize.from)) {
      SmallVector<DimAttr> repeated(dims), merged(dims);
      repeated.insert(repeated.begin() + axis + 1, n.dim(factor));
      merged[axis] = n.dim(resize.to);
      result = n.reshape(n.broadcastTo(n.unsqueeze(x, axis + 1), repeated), merged);
    }
  for (size_t tap = 0, e = result ? 0 : taps->indices.size(); tap < e; ++tap) {
    Value index = n.constant(DenseElementsAttr::get(
        RankedTensorType::get(resize.to, b.getI64Type()), ArrayRef(taps->indices[tap])));
    Value term = n.gather(x, index, axis);
    if (mode.mode != "nearest") {
      Value weights = n.constant(DenseElementsAttr::get(
          RankedTensorType::get(resize.to, b.getF64Type()), ArrayRef(taps->weights[tap])));
      term = n.mul(term, n.reshape(n.cast(weights, type), vector));
    }
    sum = sum ? n.add(sum, term) : term;
  }
  if (!result)
    result = sum;
  if (!llvm::is_contained(taps->isOutside, true))
    return result;
  Value outside = n.constant(DenseElementsAttr::get(RankedTensorType::get(resize.to, b.getI1Type()),
                                                    ArrayRef(taps->isOutside)));
  return n.where(n.reshape(outside, vector), n.scalar(outsideValue, type), result);
}

/// The sizes that keep the aspect ratio: the smallest or the largest factor on every axis.
static void keepAspectRatio(StringRef policy, MutableArrayRef<AxisResize> axes) {
  if (policy == "stretch" || axes.empty())
    return;
  auto factor = [](const AxisResize &axis) {
    return static_cast<double>(axis.to) / static_cast<double>(axis.from);
  };
  double scale = factor(axes.front());
  for (const AxisResize &axis : axes)
    scale = policy == "not_larger" ? std::min(scale, factor(axis)) : std::max(scale, factor(axis));
  for (AxisResize &axis : axes) {
    axis.to = truncateToInt(std::floor(scale * static_cast<double>(axis.from) + 0.5));
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

  StringRef policy = n.getString("keep_aspect_ratio_policy", "stretch");
  SmallVector<AxisResize> resizes;
  SmallVector<int64_t> resized;
  for (auto [i, axis] : llvm::enumerate(axes)) {
    DimAttr size = n.getDim(x, axis);
    AxisResize resize;
    if (!size.isConstant()) {
      // A dynamic axis, as the batch, must stay.
      bool stays = sizes.empty() ? scales[i] == 1 : sizes[i] == size && policy == "stretch";
      if (!stays)
        return (void)n.failSymbolic("axis " + Twine(axis) + " must be static to be resized", size);
      continue;
    }
    if (!sizes.empty() && !sizes[i].isConstant())
      return (void)n.failSymbolic("the size of axis " + Twine(axis) + " must be constant",
                                  sizes[i]);
    resize.from = size.getConstant();
    double wanted = sizes.empty() ? 0 : static_cast<double>(sizes[i].getConstant());
    resize.scale = sizes.empty() ? scales[i] : wanted / static_cast<double>(resize.from);
    double to = std::floor(static_cast<double>(resize.from) * resize.scale);
    constexpr double maxSize = 1 << 24;
    if (resize.from == 0 || !(resize.scale > 0) || !(to < maxSize))
      return (void)n.fail("a scale or size is out of range");
    resize.to = sizes.empty() ? static_cast<int64_t>(to) : sizes[i].getConstant();
    if (roi.size() == 2 * axes.size()) {
      resize.roiStart = roi[i];
      resize.roiEnd = roi[i + axes.size()];
    }
    resizes.push_back(resize);
    resized.push_back(axis);
  }
  if (!sizes.empty())
    keepAspectRatio(policy, resizes);

  Type type = n.getElementType(x);
  bool isFloat = isa<FloatType>(type);
  if (mode.mode != "nearest")
    x = n.cast(x, isFloat ? n.getAccumulatorType(type) : Type(n.getBuilder().getF32Type()));
  double outsideValue = n.getFloat("extrapolation_value", 0);
  for (auto [axis, resize] : llvm::zip_equal(resized, resizes)) {
    bool isCropped =
        mode.coordinates == "tf_crop_and_resize" && (resize.roiStart != 0 || resize.roiEnd != 1);
    if (resize.to != resize.from || resize.scale != 1 || isCropped)
      x = resizeAxis(n, x, axis, mode, resize, outsideValue);
  }
  if (x && !isFloat && mode.mode != "nearest")
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

/// Resize of opset 10, Upsample of 9: asymmetric, the nearest one below.
static void upsample(OnnxNode &n) {
  SmallVector<double> scales = n.hasAttr("scales") ? n.getFloats("scales") : n.getFloatsInput(1);
  resizeBy(n, {n.getString("mode", "nearest"), "asymmetric", "floor", -0.75, false, false}, scales,
           {}, {});
}

void tg::registerOnnxResize(OnnxOpRegistry &r) {
  r.add("Resize", 10, upsample);
  r.add("Resize", 11, resize);
  r.add("Upsample", 7, upsample);
}
