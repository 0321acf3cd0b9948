//===- Spatial.cpp - ONNX operators on images and signals ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Families.h"

#include <cmath>

using namespace mlir;
using namespace tg;
using namespace tg::uop;

static SmallVector<int64_t> range(int64_t begin, int64_t end) {
  return llvm::to_vector(llvm::seq<int64_t>(begin, std::max(begin, end)));
}

/// The middle of each axis, cropped or padded with zeros to the wanted size.
static void centerCropPad(OnnxNode &n) {
  Value x = n.getInput(0);
  SmallVector<DimAttr> shape = n.getDimsInput(1);
  if (!x || n.hasFailed())
    return;
  int64_t rank = n.getRank(x);
  SmallVector<int64_t> axes = n.hasAttr("axes") ? n.getInts("axes") : range(0, rank);
  if (axes.size() != shape.size())
    return (void)n.fail("expected one size per axis");
  SmallVector<DimAttr> low(rank, n.dim(0)), high(low);
  for (auto [axis, wanted] : llvm::zip_equal(axes, shape)) {
    int64_t at = n.normalizeAxis(axis, rank);
    DimAttr difference = n.hasFailed() ? DimAttr() : subDims(wanted, n.getDim(x, at));
    if (!difference || !difference.isConstant())
      return (void)n.failSymbolic("axis " + Twine(axis) + " must be static", difference);
    // The odd element goes to the end, also when it is cut off.
    int64_t amount = difference.getConstant(), half = std::abs(amount) / 2;
    low[at] = n.dim(amount < 0 ? -half : half);
    high[at] = n.dim(amount - (amount < 0 ? -half : half));
  }
  n.setOutput(0, n.pad(x, low, high));
}

/// The first lengths[b] elements of the time axis reversed, the rest as it was.
static void reverseSequence(OnnxNode &n) {
  Value x = n.getInput(0), lengths = n.getInput(1);
  int64_t batchAxis = n.getInt("batch_axis", 1), timeAxis = n.getInt("time_axis", 0);
  if (!x || !lengths)
    return;
  if (n.getRank(x) < 2 || batchAxis + timeAxis != 1 || batchAxis * timeAxis != 0)
    return (void)n.fail("expected batch and time to be the first two axes");
  if (timeAxis == 0)
    x = n.transpose(x, 0, 1);
  // [batch, time]
  SmallVector<DimAttr> dims{n.getDim(x, 0), n.getDim(x, 1)};
  Value time = n.iota(dims, 1, n.getBuilder().getI64Type());
  Value length = n.unsqueeze(n.cast(lengths, n.getBuilder().getI64Type()), 1);
  Value mirrored = n.sub(n.sub(length, time), n.splatLike(1, time));
  Value result = n.gather(x, n.where(n.lt(time, length), mirrored, time), 1, 1);
  n.setOutput(0, timeAxis == 0 ? n.transpose(result, 0, 1) : result);
}

/// Columns [N, C * prod(block), L] summed where their blocks overlap in the image.
static void colToIm(OnnxNode &n) {
  Value x = n.getInput(0);
  SmallVector<int64_t> image = n.getIntsInput(1), block = n.getIntsInput(2);
  if (!x || n.hasFailed())
    return;
  size_t count = image.size();
  SmallVector<int64_t> dilations = n.getInts("dilations", count, 1),
                       strides = n.getInts("strides", count, 1),
                       pads = n.getInts("pads", 2 * count, 0);
  if (n.getRank(x) != 3 || block.size() != count || n.hasFailed())
    return (void)n.fail("expected columns of rank 3 and a block size per axis of the image");
  SmallVector<DimAttr> dims = n.getDims(x), positions, taps, full, low(2, n.dim(0)), high(low);
  DimAttr area = n.dim(1);
  for (size_t i = 0; i < count; ++i) {
    if (block[i] <= 0 || strides[i] <= 0 || dilations[i] <= 0)
      return (void)n.fail("block sizes, strides and dilations must be positive");
    int64_t size = image[i] + pads[i] + pads[count + i];
    int64_t span = (block[i] - 1) * dilations[i] + 1;
    if (size < span)
      return (void)n.fail("the block is larger than the image");
    positions.push_back(n.dim((size - span) / strides[i] + 1));
    taps.push_back(n.dim(block[i]));
    full.push_back(n.dim(size));
    low.push_back(n.dim(-pads[i]));
    high.push_back(n.dim(-pads[count + i]));
    area = mulDims(area, taps.back());
  }
  DimAttr channels = floorDivDims(dims[1], area);
  // [N, C, k..., o...] to [N, C, o..., k...]
  SmallVector<DimAttr> split{dims[0], channels}, result(split);
  split.append(taps);
  split.append(positions);
  SmallVector<int64_t> order{0, 1};
  order.append(range(2 + count, 2 + 2 * count));
  order.append(range(2, 2 + count));
  result.append(full);
  Value windows = n.permute(n.reshape(x, split), order);
  n.setOutput(
      0, n.pad(n.unwindow(windows, result, range(2, 2 + count), strides, dilations), low, high));
}

//===----------------------------------------------------------------------===//
// Sampling
//===----------------------------------------------------------------------===//

/// `count` coordinates from -1 to 1: of the corners, or of the centers of the pixels.
static Value makeCoordinates(OnnxNode &n, DimAttr count, bool alignsCorners, Type type) {
  Value index = n.iota(count, 0, type);
  Value size = n.cast(n.size(count), type), one = n.scalar(1, type), two = n.scalar(2, type);
  if (alignsCorners)
    return n.sub(n.div(n.mul(index, two), n.sub(size, one)), one);
  return n.sub(n.div(n.add(n.mul(index, two), one), size), one);
}

/// theta [N, d, d + 1] times the homogeneous coordinates of every output pixel, innermost first.
static void affineGrid(OnnxNode &n) {
  Value theta = n.getInput(0);
  SmallVector<DimAttr> size = n.getDimsInput(1);
  if (!theta || n.hasFailed())
    return;
  int64_t spatial = static_cast<int64_t>(size.size()) - 2;
  if (spatial < 2 || spatial > 3 || n.getRank(theta) != 3)
    return (void)n.fail("expected theta of rank 3 and a size of 4 or 5 numbers");
  Type type = n.getElementType(theta);
  SmallVector<DimAttr> grid(ArrayRef(size).drop_front(2));
  SmallVector<Value> coordinates;
  for (int64_t i = spatial; i-- > 0;) {
    SmallVector<DimAttr> vector(spatial, n.dim(1));
    vector[i] = grid[i];
    Value values = makeCoordinates(n, grid[i], n.getInt("align_corners", 0), type);
    coordinates.push_back(n.unsqueeze(n.broadcastTo(n.reshape(values, vector), grid), spatial));
  }
  if (llvm::is_contained(coordinates, Value()))
    return;
  SmallVector<DimAttr> onesDims(grid);
  onesDims.push_back(n.dim(1));
  coordinates.push_back(n.broadcastTo(n.scalar(1, type), onesDims));
  Value points = n.concat(coordinates, spatial);
  DimAttr count = n.product(grid);
  if (!points || !count)
    return;
  // [P, d + 1] x [N, d + 1, d]
  Value flat = n.reshape(points, {count, n.dim(spatial + 1)});
  SmallVector<DimAttr> result{n.getDim(theta, 0)};
  result.append(grid);
  result.push_back(n.dim(spatial));
  n.setOutput(0, n.reshape(n.matmul(flat, n.transpose(theta, 1, 2)), result));
}

namespace {
/// Samples x [N, C, s...] at the points of a grid.
class GridSampler {
public:
  GridSampler(OnnxNode &n, Value x) : n(n), x(x), type(n.getElementType(x)) {
    mode = n.getString("mode", "linear");
    // Their names before opset 20.
    if (mode.starts_with("bi"))
      mode = mode.drop_front(2);
    padding = n.getString("padding_mode", "zeros");
    alignsCorners = n.getInt("align_corners", 0);
    dims = n.getDims(x);
  }

  Value sample(Value grid);

private:
  Value number(double value) { return n.scalar(value, type); }
  Value size(int64_t axis) { return n.cast(n.size(dims[axis]), type); }
  /// From [-1, 1] to pixels.
  Value unnormalize(Value coordinate, int64_t axis);
  /// Mirrors at the borders until it is inside.
  Value reflect(Value coordinate, int64_t axis);
  Value clampTo(Value coordinate, int64_t axis);
  /// The integral index along `axis` brought inside, and whether it was.
  std::pair<Value, Value> resolve(Value index, int64_t axis);
  /// Weights and integral indices of the taps along one axis.
  SmallVector<std::pair<Value, Value>> getTaps(Value coordinate);
  /// x at these integral indices (per spatial axis), [N, C, P].
  Value pick(ArrayRef<Value> indices);

  OnnxNode &n;
  Value x;
  Type type;
  StringRef mode, padding;
  bool alignsCorners;
  SmallVector<DimAttr> dims;
};
} // namespace

Value GridSampler::unnormalize(Value c, int64_t axis) {
  Value shifted = n.add(c, number(1));
  if (alignsCorners)
    return n.mul(n.div(shifted, number(2)), n.sub(size(axis), number(1)));
  return n.div(n.sub(n.mul(shifted, size(axis)), number(1)), number(2));
}

Value GridSampler::clampTo(Value c, int64_t axis) {
  return n.min(n.max(c, number(0)), n.sub(size(axis), number(1)));
}

Value GridSampler::reflect(Value c, int64_t axis) {
  // Between low and low + span, with a period of twice the span.
  Value low = number(alignsCorners ? 0 : -0.5);
  Value span = alignsCorners ? n.sub(size(axis), number(1)) : size(axis);
  Value twice = n.mul(span, number(2));
  Value offset = n.binary<FloorModOp>(n.sub(c, low), n.max(twice, number(1)));
  Value mirrored = n.where(n.lt(span, offset), n.sub(twice, offset), offset);
  return clampTo(n.add(mirrored, low), axis);
}

std::pair<Value, Value> GridSampler::resolve(Value index, int64_t axis) {
  if (padding == "reflection")
    return {n.unary<RoundOp>(reflect(index, axis)), Value()};
  if (padding == "border")
    return {clampTo(index, axis), Value()};
  Value isInside = n.binary<AndOp>(n.le(number(0), index), n.lt(index, size(axis)));
  return {clampTo(index, axis), isInside};
}

SmallVector<std::pair<Value, Value>> GridSampler::getTaps(Value c) {
  if (mode == "nearest")
    return {{Value(), n.unary<RoundOp>(c)}};
  Value base = n.unary<FloorOp>(c), t = n.sub(c, base), one = number(1);
  if (mode == "linear")
    return {{n.sub(one, t), base}, {t, n.add(base, one)}};
  // Cubic, with a = -0.75.
  double a = -0.75;
  auto near = [&](Value d) {
    Value inner = n.sub(n.mul(number(a + 2), d), number(a + 3));
    return n.add(n.mul(n.mul(inner, d), d), one);
  };
  auto far = [&](Value d) {
    Value inner = n.sub(n.mul(number(a), d), number(5 * a));
    inner = n.add(n.mul(inner, d), number(8 * a));
    return n.sub(n.mul(inner, d), number(4 * a));
  };
  Value rest = n.sub(one, t);
  return {{far(n.add(t, one)), n.sub(base, one)},
          {near(t), base},
          {near(rest), n.add(base, one)},
          {far(n.add(rest, one)), n.add(base, number(2))}};
}

Value GridSampler::pick(ArrayRef<Value> indices) {
  Type i64 = n.getBuilder().getI64Type();
  Value position, isInside;
  for (auto [i, index] : llvm::enumerate(indices)) {
    auto [resolved, inside] = resolve(index, 2 + i);
    resolved = n.cast(resolved, i64);
    position = position ? n.add(n.mul(position, n.size(dims[2 + i])), resolved) : resolved;
    if (inside)
      isInside = isInside ? n.binary<AndOp>(isInside, inside) : inside;
  }
  // [N, C, S] gathered per sample by [N, P]: the batch must lead, so the channels go last.
  DimAttr area = n.product(ArrayRef(dims).drop_front(2));
  if (!area)
    return {};
  Value flat = n.permute(n.reshape(x, {dims[0], dims[1], area}), {0, 2, 1});
  Value picked = n.permute(n.gather(flat, position, 1, 1), {0, 2, 1});
  return isInside ? n.where(n.unsqueeze(isInside, 1), picked, number(0)) : picked;
}

Value GridSampler::sample(Value grid) {
  int64_t spatial = static_cast<int64_t>(dims.size()) - 2;
  SmallVector<DimAttr> gridDims = n.getDims(grid);
  DimAttr count = n.product(ArrayRef(gridDims).drop_front(1).drop_back(1));
  if (!count)
    return {};
  grid = n.reshape(grid, {gridDims[0], count, gridDims.back()});
  // The grid names the innermost axis first.
  SmallVector<SmallVector<std::pair<Value, Value>>> taps;
  for (int64_t i = 0; i < spatial; ++i) {
    Value c = n.squeeze(n.slice(grid, 2, n.dim(spatial - 1 - i), n.dim(1)), 2);
    c = unnormalize(c, 2 + i);
    // Linear and nearest bring the coordinate inside first, cubic its taps. Which of two pixels is
    // the nearest is decided before mirroring.
    if (mode == "nearest")
      c = n.unary<RoundOp>(c);
    if (mode != "cubic" && padding == "reflection")
      c = reflect(c, 2 + i);
    if (mode != "cubic" && padding == "border")
      c = clampTo(c, 2 + i);
    taps.push_back(getTaps(c));
  }
  Value sum;
  SmallVector<size_t> choice(spatial, 0);
  while (!n.hasFailed()) {
    SmallVector<Value> indices;
    Value weight;
    for (int64_t i = 0; i < spatial; ++i) {
      auto [tapWeight, index] = taps[i][choice[i]];
      indices.push_back(index);
      if (tapWeight)
        weight = weight ? n.mul(weight, tapWeight) : tapWeight;
    }
    Value term = pick(indices);
    if (weight)
      term = n.mul(term, n.unsqueeze(weight, 1));
    sum = sum ? n.add(sum, term) : term;
    int64_t i = spatial;
    while (i-- > 0 && ++choice[i] == taps[i].size())
      choice[i] = 0;
    if (i < 0)
      break;
  }
  SmallVector<DimAttr> result{dims[0], dims[1]};
  result.append(gridDims.begin() + 1, gridDims.end() - 1);
  return n.reshape(sum, result);
}

static void gridSample(OnnxNode &n) {
  Value x = n.getInput(0), grid = n.getInput(1);
  if (!x || !grid)
    return;
  int64_t rank = n.getRank(x);
  if (rank < 3 || n.getRank(grid) != rank || !n.getDim(grid, rank - 1).isConstant(rank - 2))
    return (void)n.fail("the grid does not fit the input");
  StringRef mode = n.getString("mode", "linear");
  if (mode != "linear" && mode != "nearest" && mode != "cubic" && mode != "bilinear" &&
      mode != "bicubic")
    return (void)n.fail("attribute 'mode' is '" + mode + "'");
  n.setOutput(0, GridSampler(n, x).sample(n.cast(grid, n.getElementType(x))));
}

//===----------------------------------------------------------------------===//
// Signal windows
//===----------------------------------------------------------------------===//

/// a0 - a1 cos(2 pi k / size) + a2 cos(4 pi k / size); symmetric windows have one element more per
/// period.
static OnnxOpRegistry::Build signalWindow(double a0, double a1, double a2) {
  return [=](OnnxNode &n) {
    SmallVector<int64_t> size = n.getIntsInput(0);
    Type type = n.getDataType(n.getInt("output_datatype", 1));
    if (n.hasFailed())
      return;
    constexpr int64_t maxSize = 1 << 24;
    if (size.size() != 1 || size.front() < 0 || size.front() > maxSize)
      return (void)n.fail("expected a size");
    double period = static_cast<double>(n.getInt("periodic", 1) ? size.front() : size.front() - 1);
    SmallVector<double> values;
    for (int64_t i = 0; i < size.front(); ++i) {
      double angle = 2 * M_PI * static_cast<double>(i) / period;
      values.push_back(a0 - a1 * std::cos(angle) + a2 * std::cos(2 * angle));
    }
    auto f64 = RankedTensorType::get(size.front(), n.getBuilder().getF64Type());
    n.setOutput(0, n.cast(n.constant(DenseElementsAttr::get(f64, ArrayRef(values))), type));
  };
}

void tg::registerOnnxSpatial(OnnxOpRegistry &r) {
  r.add("AffineGrid", 20, affineGrid);
  r.add("CenterCropPad", 18, centerCropPad);
  r.add("Col2Im", 18, colToIm);
  r.add("GridSample", 16, gridSample);
  r.add("ReverseSequence", 10, reverseSequence);
  r.add("BlackmanWindow", 17, signalWindow(0.42, 0.5, 0.08));
  r.add("HammingWindow", 17, signalWindow(25.0 / 46, 21.0 / 46, 0));
  r.add("HannWindow", 17, signalWindow(0.5, 0.5, 0));
}
