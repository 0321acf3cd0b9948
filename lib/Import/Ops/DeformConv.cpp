//===- DeformConv.cpp - ONNX DeformConv ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A convolution whose taps are displaced by an input, per output position (Dai et al., "Deformable
// Convolutional Networks", 2017); what lies between pixels is interpolated linearly.
//
//===----------------------------------------------------------------------===//

#include "Families.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

namespace {
class DeformSampler {
public:
  DeformSampler(OnnxNode &n, Value x, Value offset, const OnnxWindow &window, int64_t groups);

  /// The taps, [N, groups, taps, positions, C / groups].
  Value sample();
  DimAttr getNumTaps() const { return numTaps; }
  DimAttr getNumPositions() const { return numPositions; }

private:
  /// The coordinate of every tap along a spatial axis, [N, groups, taps, positions].
  Value coordinate(int64_t axis);

  OnnxNode &n;
  Value x, offset;
  const OnnxWindow &window;
  Type type, i64;
  int64_t spatial;
  DimAttr groups, numTaps, numPositions;
  SmallVector<DimAttr> dims, positions, taps;
};
} // namespace

DeformSampler::DeformSampler(OnnxNode &n, Value x, Value offset, const OnnxWindow &window,
                             int64_t groups)
    : n(n), x(x), offset(offset), window(window), type(n.getElementType(x)),
      i64(n.getBuilder().getI64Type()), spatial(n.getRank(x) - 2), groups(n.dim(groups)),
      dims(n.getDims(x)) {
  SmallVector<DimAttr> offsetDims = n.getDims(offset);
  positions.assign(offsetDims.begin() + 2, offsetDims.end());
  taps = n.dims(window.sizes);
  numTaps = n.product(taps);
  numPositions = n.product(positions);
}

Value DeformSampler::coordinate(int64_t axis) {
  Value tap = n.reshape(n.iota(taps, axis, type), {numTaps, n.dim(1)});
  Value position = n.reshape(n.iota(positions, axis, type), {n.dim(1), numPositions});
  auto number = [&](int64_t value) { return n.scalar(static_cast<double>(value), type); };
  Value regular = n.add(n.mul(position, number(window.strides[axis])),
                        n.mul(tap, number(window.dilations[axis])));
  regular = n.sub(regular, n.cast(n.size(window.low[axis]), type));
  // [N, groups, taps, axes, positions]
  Value moved = n.reshape(offset, {dims[0], groups, numTaps, n.dim(spatial), numPositions});
  return n.add(n.squeeze(n.slice(moved, 3, n.dim(axis), n.dim(1)), 3), regular);
}

Value DeformSampler::sample() {
  SmallVector<Value> low, fraction;
  for (int64_t axis = 0; axis < spatial; ++axis) {
    Value at = coordinate(axis);
    low.push_back(n.unary<FloorOp>(at));
    fraction.push_back(n.sub(at, low.back()));
  }
  DimAttr area = n.product(ArrayRef(dims).drop_front(2));
  DimAttr samples = n.product({dims[0], groups}), points = n.product({numTaps, numPositions});
  if (n.hasFailed())
    return {};
  DimAttr channels = floorDivDims(dims[1], groups);
  Value flat = n.permute(n.reshape(x, {samples, channels, area}), {0, 2, 1});
  Value zero = n.scalar(0, type), one = n.scalar(1, type), sum;
  for (int64_t corner = 0; corner < (int64_t(1) << spatial); ++corner) {
    Value position, weight, isInside;
    for (int64_t axis = 0; axis < spatial; ++axis) {
      bool isHigh = corner >> axis & 1;
      Value index = isHigh ? n.add(low[axis], one) : low[axis];
      Value part = isHigh ? fraction[axis] : n.sub(one, fraction[axis]);
      Value size = n.size(dims[2 + axis]);
      Value inside = n.binary<AndOp>(n.le(zero, index), n.lt(index, n.cast(size, type)));
      index = n.cast(n.where(inside, index, zero), i64);
      position = position ? n.add(n.mul(position, size), index) : index;
      weight = weight ? n.mul(weight, part) : part;
      isInside = isInside ? n.binary<AndOp>(isInside, inside) : inside;
    }
    weight = n.where(isInside, weight, zero);
    if (!weight)
      return {};
    Value picked = n.gather(flat, n.reshape(position, {samples, points}), 1, 1);
    Value term = n.mul(picked, n.reshape(weight, {samples, points, n.dim(1)}));
    sum = sum ? n.add(sum, term) : term;
  }
  return n.reshape(sum, {dims[0], groups, numTaps, numPositions, channels});
}

static void deformConv(OnnxNode &n) {
  Value x = n.getInput(0), w = n.getInput(1), offset = n.getInput(2);
  Value bias = n.getOptionalInput(3), mask = n.getOptionalInput(4);
  if (!x || !w || !offset)
    return;
  int64_t rank = n.getRank(x), groups = n.getInt("group", 1),
          offsetGroups = n.getInt("offset_group", 1);
  constexpr int64_t maxSpatial = 3;
  if (rank < 3 || rank > maxSpatial + 2 || n.getRank(w) != rank || n.getRank(offset) != rank)
    return (void)n.fail("expected an input, weights and offsets of one rank, from 3 to 5");
  SmallVector<int64_t> kernel;
  SmallVector<DimAttr> dims = n.getDims(x), weights = n.getDims(w), from = n.getDims(offset);
  for (DimAttr size : ArrayRef(weights).drop_front(2)) {
    if (!size.isConstant())
      return (void)n.failSymbolic("the weights must be of static shape", size);
    kernel.push_back(size.getConstant());
  }
  auto window = OnnxWindow::read(n, x, kernel);
  if (!window)
    return;
  DimAttr g = n.dim(groups), og = n.dim(offsetGroups);
  if (groups < 1 || offsetGroups < 1)
    return (void)n.fail("a number of groups is not positive");
  for (auto [size, wanted] : {std::pair(dims[1], mulDims(weights[1], g)),
                              std::pair(weights[0], mulDims(floorDivDims(weights[0], g), g)),
                              std::pair(dims[1], mulDims(floorDivDims(dims[1], og), og))})
    if (size != wanted)
      return (void)n.failSizes("the channels do not fit in the groups", wanted, size);
  DeformSampler sampler(n, x, offset, *window, offsetGroups);
  Value sampled = sampler.sample();
  DimAttr taps = sampler.getNumTaps(), points = sampler.getNumPositions(), one = n.dim(1);
  if (mask)
    sampled = n.mul(sampled, n.reshape(mask, {dims[0], og, taps, points, one}));
  // [N, g, 1, C / g, taps, positions] x [1, g, M / g, C / g, taps, 1]
  sampled =
      n.reshape(n.permute(sampled, {0, 1, 4, 2, 3}), {dims[0], g, one, weights[1], taps, points});
  w = n.reshape(w, {one, g, floorDivDims(weights[0], g), weights[1], taps, one});
  SmallVector<DimAttr> result{dims[0], weights[0]};
  result.append(from.begin() + 2, from.end());
  Value y = n.reshape(n.contract(sampled, w, {3, 4}), result);
  if (bias && y) {
    SmallVector<DimAttr> channels(rank, one);
    channels[1] = weights[0];
    y = n.add(y, n.reshape(bias, channels));
  }
  n.setOutput(0, y);
}

void tg::registerOnnxDeformConv(OnnxOpRegistry &r) { r.add("DeformConv", 19, deformConv); }
