//===- ResizeTaps.cpp - What Resize reads at each position ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ResizeTaps.h"

#include <cmath>

using namespace mlir;
using namespace tg;
using namespace tg::uop;

namespace {
class TapBuilder {
public:
  TapBuilder(OnnxNode &n, const ResizeMode &mode, const AxisResize &resize)
      : n(n), mode(mode), resize(resize), from(size(resize.from)), to(size(resize.to)) {}

  std::optional<ResizeTaps> run();

private:
  Type f64() const { return n.getBuilder().getF64Type(); }
  Value number(double value) { return n.scalar(value, f64()); }
  Value size(DimAttr dim) { return n.cast(n.size(dim), f64()); }
  Value floor(Value x) { return n.unary<FloorOp>(x); }
  Value ceil(Value x) { return n.unary<CeilOp>(x); }

  Value mapCoordinates();
  Value roundNearest(Value x);
  Value cubicWeight(Value distance);
  /// The first tap and their number.
  std::pair<Value, int64_t> findTaps(Value x, double stretch);
  Value settle(Value value);

  OnnxNode &n;
  const ResizeMode &mode;
  const AxisResize &resize;
  Value from, to; ///< Of rank 0.
};
} // namespace

/// Where each position lies in the input. In f32, as runtimes compute it: what is halfway between
/// two elements, or just below one, decides which of them is the nearest.
Value TapBuilder::mapCoordinates() {
  Type f32 = n.getBuilder().getF32Type();
  auto constant = [&](double value) { return n.scalar(value, f32); };
  Value x = n.iota({resize.to}, 0, f32), length = n.cast(from, f32), resized = n.cast(to, f32);
  Value scale = resize.scale ? constant(*resize.scale) : n.div(resized, length);
  Value half = constant(0.5), one = constant(1), last = n.sub(length, one);
  auto halfPixel = [&] { return n.sub(n.div(n.add(x, half), scale), half); };
  StringRef name = mode.coordinates;
  if (name == "half_pixel")
    return halfPixel();
  if (name == "half_pixel_symmetric") {
    // Where a scale is given, by the length before it was rounded down.
    Value adjustment = n.div(resized, n.mul(scale, length)), center = n.mul(length, half);
    Value offset = n.mul(center, n.sub(one, adjustment));
    return n.sub(n.add(offset, n.div(n.add(x, half), scale)), half);
  }
  if (name == "pytorch_half_pixel")
    return n.where(n.lt(one, resized), halfPixel(), constant(0));
  if (name == "align_corners")
    return n.where(n.eq(resized, one), constant(0), n.div(n.mul(x, last), n.sub(resized, one)));
  if (name == "asymmetric")
    return n.div(x, scale);
  if (name == "tf_half_pixel_for_nn")
    return n.div(n.add(x, half), scale);
  if (name != "tf_crop_and_resize")
    return n.fail("attribute 'coordinate_transformation_mode' is '" + name + "'");
  Value start = constant(resize.roiStart), end = constant(resize.roiEnd);
  Value inside = n.div(n.mul(n.mul(x, n.sub(end, start)), last), n.sub(resized, one));
  return n.where(n.lt(one, resized), n.add(n.mul(start, last), inside),
                 n.mul(n.mul(half, n.add(start, end)), last));
}

Value TapBuilder::roundNearest(Value x) {
  if (mode.nearest == "round_prefer_ceil")
    return floor(n.add(x, number(0.5)));
  if (mode.nearest == "floor" || (mode.nearest == "outer" && resize.scale >= 1.0))
    return floor(x);
  if (mode.nearest == "ceil" || (mode.nearest == "outer" && resize.scale < 1.0))
    return ceil(x);
  return ceil(n.sub(x, number(0.5))); // round_prefer_floor
}

/// Keys' cubic convolution, with the coefficient `a`.
Value TapBuilder::cubicWeight(Value d) {
  double a = mode.cubicA;
  auto horner = [&](std::initializer_list<double> coefficients) {
    Value result;
    for (double coefficient : coefficients)
      result = result ? n.add(n.mul(result, d), number(coefficient)) : number(coefficient);
    return result;
  };
  Value inner = horner({a + 2, -(a + 3), 0, 1}), outer = horner({a, -5 * a, 8 * a, -4 * a});
  return n.where(n.le(d, number(1)), inner, n.where(n.lt(d, number(2)), outer, number(0)));
}

std::pair<Value, int64_t> TapBuilder::findTaps(Value x, double stretch) {
  bool isCubic = mode.mode == "cubic";
  if (mode.isNearest())
    return {roundNearest(x), 1};
  if (stretch == 1)
    return {n.sub(floor(x), number(isCubic ? 1 : 0)), isCubic ? 4 : 2};
  double radius = (isCubic ? 2 : 1) / stretch;
  return {n.add(floor(n.sub(x, number(radius))), number(1)),
          static_cast<int64_t>(std::ceil(2 * radius))};
}

/// A constant where sizes are.
Value TapBuilder::settle(Value value) {
  ElementsAttr constant = value && !n.hasFailed() ? n.evaluate(value) : ElementsAttr();
  return constant ? n.constant(constant) : value;
}

std::optional<ResizeTaps> TapBuilder::run() {
  // Antialiasing widens the kernel by the factor that the axis shrinks by.
  double stretch = 1;
  if (mode.antialias && !mode.isNearest()) {
    if (!resize.scale) {
      n.failSymbolic("antialiasing needs axis " + Twine(resize.axis) + " to be static",
                     resize.from.isConstant() ? resize.to : resize.from);
      return std::nullopt;
    }
    stretch = std::min(1.0, *resize.scale);
  }
  constexpr double maxTaps = 4096;
  if (4 / stretch > maxTaps) {
    n.fail("a scale or size is out of range");
    return std::nullopt;
  }
  ResizeTaps taps;
  Value x = n.cast(mapCoordinates(), f64());
  Value zero = number(0), last = n.sub(from, number(1));
  if (mode.isCropping())
    taps.isOutside = settle(n.binary<OrOp>(n.lt(x, zero), n.lt(last, x)));
  auto [first, count] = findTaps(x, stretch);
  Value total;
  for (int64_t tap = 0; tap < count; ++tap) {
    Value index = tap == 0 ? first : n.add(first, number(static_cast<double>(tap)));
    Value inside = n.min(n.max(index, zero), last);
    taps.indices.push_back(settle(n.cast(inside, n.getBuilder().getI64Type())));
    if (mode.isNearest())
      continue;
    Value distance = n.mul(n.abs(n.sub(index, x)), number(stretch));
    Value weight =
        mode.mode == "cubic" ? cubicWeight(distance) : n.max(zero, n.sub(number(1), distance));
    if (mode.excludesOutside)
      weight = n.where(n.eq(index, inside), weight, zero);
    taps.weights.push_back(weight);
    total = total ? n.add(total, weight) : weight;
  }
  for (Value &weight : taps.weights) {
    Value share = n.div(weight, total);
    weight = settle(mode.excludesOutside ? n.where(n.eq(total, zero), zero, share) : share);
  }
  if (n.hasFailed())
    return std::nullopt;
  return taps;
}

std::optional<ResizeTaps> tg::getResizeTaps(OnnxNode &n, const ResizeMode &mode,
                                            const AxisResize &resize) {
  return TapBuilder(n, mode, resize).run();
}

DimAttr tg::getResizeRepetition(OnnxNode &n, const ResizeMode &mode, const AxisResize &resize) {
  if (!mode.isNearest() || mode.isCropping())
    return {};
  if (resize.from.isConstant(1))
    return resize.to;
  // By a whole factor a longer axis is as a shorter one, except where coordinates depend on its
  // end.
  double factor = resize.scale.value_or(0);
  constexpr int64_t sample = 8, maxFactor = 256;
  if (factor != std::floor(factor) || factor < 2 || factor > maxFactor ||
      mode.coordinates == "align_corners")
    return {};
  auto repeats = static_cast<int64_t>(factor);
  AxisResize shorter = resize;
  shorter.from = n.dim(sample);
  shorter.to = n.dim(sample * repeats);
  auto taps = getResizeTaps(n, mode, shorter);
  auto indices =
      taps ? dyn_cast_or_null<DenseElementsAttr>(n.evaluate(taps->indices.front())) : nullptr;
  if (!indices)
    return {};
  for (auto [i, index] : llvm::enumerate(indices.getValues<int64_t>()))
    if (index != static_cast<int64_t>(i) / repeats)
      return {};
  return n.dim(repeats);
}
