//===- ContribOdds.cpp - Single operators of ONNX Runtime ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Contrib.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

//===----------------------------------------------------------------------===//
// Matrices
//===----------------------------------------------------------------------===//

/// One step of Gauss and Jordan on [x | 1], [B, s, 2 s]: the row with the largest element of column
/// `k` comes to row `k`, is divided by it, and is taken off the others.
static Value eliminateColumn(OnnxNode &n, Value both, int64_t k) {
  Type i64 = n.getBuilder().getI64Type();
  SmallVector<DimAttr> d = n.getDims(both);
  Value column = n.squeeze(n.slice(both, 2, n.dim(k), n.dim(1)), 2); // [B, s]
  Value row = n.iota({d[0], d[1]}, 1, i64), here = n.scalarInt(k, i64);
  // Only rows from k on; a size is never less than 0.
  Value size = n.where(n.lt(row, here), n.splatLike(-1, column), n.abs(column));
  Value at = n.argExtreme(size, 1, /*isMax=*/true, /*takeLast=*/false, /*keepDims=*/true);
  if (!at)
    return {};
  Value pivotRow = n.gather(both, at, 1, 1), oldRow = n.slice(both, 1, n.dim(k), n.dim(1));
  Value isPivot = n.unsqueeze(n.eq(row, at), 2), isHere = n.unsqueeze(n.eq(row, here), 2);
  both = n.where(isPivot, oldRow, both);
  Value unit = n.div(pivotRow, n.slice(pivotRow, 2, n.dim(k), n.dim(1)));
  Value factor = n.slice(both, 2, n.dim(k), n.dim(1));
  return n.where(isHere, unit, n.sub(both, n.mul(factor, unit)));
}

static void inverse(OnnxNode &n) {
  Value x = n.getInput(0);
  if (!x || n.getRank(x) < 2)
    return (void)n.fail("expected matrices");
  SmallVector<DimAttr> dims = n.getDims(x);
  constexpr int64_t maxSize = 64;
  if (dims.back() != dims[dims.size() - 2] || !dims.back().isConstant() ||
      dims.back().getConstant() > maxSize)
    return (void)n.fail("expected square matrices of static size, at most " + Twine(maxSize));
  Type type = n.getElementType(x), wide = n.getAccumulatorType(type);
  Type i64 = n.getBuilder().getI64Type();
  DimAttr count = n.product(ArrayRef(dims).drop_back(2)), s = dims.back();
  if (!count)
    return;
  Value one = n.eq(n.iota({s, s}, 0, i64), n.iota({s, s}, 1, i64));
  Value both = n.concat(
      {n.reshape(n.cast(x, wide), {count, s, s}), n.broadcastTo(n.cast(one, wide), {count, s, s})},
      2);
  for (int64_t k = 0; k < s.getConstant() && both; ++k)
    both = eliminateColumn(n, both, k);
  if (both)
    n.setOutput(0, n.reshape(n.cast(n.slice(both, 2, s, s), type), dims));
}

/// The distances of all rows of A to all rows of B.
static void cDist(OnnxNode &n) {
  Value a = n.getInput(0), b = n.getInput(1);
  StringRef metric = n.getString("metric", "sqeuclidean");
  if (!a || !b)
    return;
  if (n.getRank(a) != 2 || n.getRank(b) != 2)
    return (void)n.fail("expected matrices");
  if (metric != "sqeuclidean" && metric != "euclidean")
    return (void)n.fail("attribute 'metric' must be euclidean or sqeuclidean");
  Value difference = n.sub(n.unsqueeze(a, 1), n.unsqueeze(b, 0));
  Value squares = n.sum(n.mul(difference, difference), 2);
  n.setOutput(0, metric == "euclidean" ? n.unary<SqrtOp>(squares) : squares);
}

//===----------------------------------------------------------------------===//
// Movement
//===----------------------------------------------------------------------===//

static void expandDims(OnnxNode &n) {
  Value x = n.getInput(0);
  SmallVector<int64_t> axis = n.getIntsInput(1);
  if (!n.hasFailed() && x)
    n.setOutput(0, n.unsqueeze(x, axis));
}

/// The slices of `size` elements of an axis, every `step`, behind all other axes.
static void unfoldTensor(OnnxNode &n) {
  Value x = n.getInput(0);
  if (!x)
    return;
  int64_t axis = n.normalizeAxis(n.getInt("dim", -1), n.getRank(x));
  int64_t size = n.getInt("size"), step = n.getInt("step", 1);
  if (n.hasFailed() || size <= 0 || step <= 0)
    return (void)n.fail("attributes 'size' and 'step' must be positive");
  n.setOutput(0, n.window(x, axis, size, step, 1));
}

/// [N, C, H, W] without borders, or a part of a given size behind the left upper ones.
static void crop(OnnxNode &n) {
  Value x = n.getInput(0);
  SmallVector<int64_t> border = n.getInts("border", 4, 0), scale = n.getInts("scale");
  if (!x || n.hasFailed())
    return;
  if (n.getRank(x) != 4 || (!scale.empty() && scale.size() != 2))
    return (void)n.fail("expected an input of rank 4");
  SmallVector<DimAttr> d = n.getDims(x);
  auto shorten = [&](DimAttr size, int64_t low, int64_t high) {
    DimAttr rest = subDims(size, n.dim(low));
    return rest ? subDims(rest, n.dim(high)) : DimAttr();
  };
  DimAttr height = shorten(d[2], border[1], border[3]);
  DimAttr width = shorten(d[3], border[0], border[2]);
  if (!scale.empty()) {
    height = n.dim(scale[0]);
    width = n.dim(scale[1]);
  }
  n.setOutput(0, n.shrink(x, n.dims({0, 0, border[1], border[0]}), {d[0], d[1], height, width}));
}

/// x * scale + bias of the channel
static void imageScaler(OnnxNode &n) {
  Value x = n.getInput(0);
  SmallVector<double> bias = n.getFloats("bias");
  if (!x)
    return;
  Value y = n.mul(x, n.splatLike(n.getFloat("scale", 1), x));
  SmallVector<Value> parts;
  for (double value : bias)
    parts.push_back(n.broadcastTo(n.scalar(value, n.getElementType(x)), n.dim(1)));
  if (!parts.empty())
    y = n.add(y, alignOnnxChannels(n, n.concat(parts, 0), n.getRank(x)));
  n.setOutput(0, y);
}

//===----------------------------------------------------------------------===//
// Crops of images
//===----------------------------------------------------------------------===//

namespace {
/// Where the positions of one axis of the crops lie in the image.
struct CropAxis {
  Value low, high; ///< i64 [R, size]
  Value weight;    ///< Of `high`.
  Value isOutside; ///< i1
};
} // namespace

/// Of `size` positions between two relative ends per crop, along an axis of `length` elements.
static CropAxis placeCrop(OnnxNode &n, Value start, Value end, DimAttr length, int64_t size,
                          bool isNearest) {
  if (!start || !end)
    return {};
  Type type = n.getElementType(start), i64 = n.getBuilder().getI64Type();
  Value last = n.cast(n.size(subDims(length, n.dim(1))), type); // Of the image.
  start = n.unsqueeze(start, 1);
  end = n.unsqueeze(end, 1);
  Value at;
  if (size > 1) {
    Value step =
        n.div(n.mul(n.sub(end, start), last), n.scalar(static_cast<double>(size - 1), type));
    at = n.add(n.mul(start, last), n.mul(n.iota(n.dims({1, size}), 1, type), step));
  } else {
    at = n.mul(n.mul(n.add(start, end), n.scalar(0.5, type)), last);
  }
  Value zero = n.scalar(0, type);
  CropAxis axis;
  axis.isOutside = n.binary<OrOp>(n.lt(at, zero), n.lt(last, at));
  // The nearest of two that are equally near is the later one.
  Value low = n.unary<FloorOp>(isNearest ? n.add(at, n.scalar(0.5, type)) : at);
  axis.weight = n.sub(at, low);
  axis.low = n.cast(low, i64);
  axis.high = n.min(n.add(axis.low, n.scalarInt(1, i64)), n.size(subDims(length, n.dim(1))));
  return axis;
}

static void cropAndResize(OnnxNode &n) {
  Value x = n.getInput(0), rois = n.getInput(1), batch = n.getInput(2);
  SmallVector<int64_t> size = n.getIntsInput(3);
  StringRef mode = n.getString("mode", "bilinear");
  if (!x || !rois || !batch || n.hasFailed())
    return;
  if (n.getRank(x) != 4 || n.getRank(rois) != 2 || size.size() != 2 || size[0] <= 0 ||
      size[1] <= 0 || (mode != "bilinear" && mode != "nearest"))
    return (void)n.fail("expected an image of rank 4, regions of rank 2, two positive sizes, and "
                        "mode bilinear or nearest");
  bool isNearest = mode == "nearest";
  auto corner = [&](int64_t i) { return n.takeRow(rois, 1, n.dim(i)); };
  CropAxis y = placeCrop(n, corner(0), corner(2), n.getDim(x, 2), size[0], isNearest);
  CropAxis z = placeCrop(n, corner(1), corner(3), n.getDim(x, 3), size[1], isNearest);
  Value images = n.gather(x, n.cast(batch, n.getBuilder().getI64Type()), 0);
  // One axis after the other: [R, C, h, W], then [R, C, h, w].
  auto resize = [&](Value from, const CropAxis &axis, int64_t at) {
    Value low = n.gather(from, axis.low, at, 1);
    if (isNearest)
      return low;
    Value high = n.gather(from, axis.high, at, 1);
    Value weight = at == 2 ? n.unsqueeze(axis.weight, {1, 3}) : n.unsqueeze(axis.weight, {1, 2});
    return n.add(low, n.mul(n.sub(high, low), weight));
  };
  Value result = resize(resize(images, y, 2), z, 3);
  Value isOutside =
      n.binary<OrOp>(n.broadcastTo(n.unsqueeze(y.isOutside, 2),
                                   {n.getDim(rois, 0), n.dim(size[0]), n.dim(size[1])}),
                     n.broadcastTo(n.unsqueeze(z.isOutside, 1),
                                   {n.getDim(rois, 0), n.dim(size[0]), n.dim(size[1])}));
  Value outside = n.scalar(n.getFloat("extrapolation_value", 0), n.getElementType(x));
  n.setOutput(0, n.where(n.unsqueeze(isOutside, 1), outside, result));
}

//===----------------------------------------------------------------------===//
// Tokens
//===----------------------------------------------------------------------===//

/// The scores of tokens that would make an n-gram of the sequence a second time become -inf.
static void nGramRepeatBlock(OnnxNode &n) {
  Value ids = n.getInput(0), scores = n.getInput(1);
  int64_t size = n.getInt("ngram_size");
  if (!ids || !scores || n.hasFailed())
    return;
  if (n.getRank(ids) != 2 || n.getRank(scores) != 2 || size <= 0)
    return (void)n.fail("expected ids and scores of rank 2 and a positive ngram_size");
  DimAttr length = n.getDim(ids, 1), prefix = n.dim(size - 1);
  if (length.isConstant() && length.getConstant() < size)
    return n.setOutput(0, scores);
  Value grams = n.window(ids, 1, size, 1, 1); // [B, positions, size]
  Value token = grams ? n.takeRow(grams, 2, prefix) : Value();
  if (!token)
    return;
  Value at = n.cast(token, n.getBuilder().getI64Type());
  if (size > 1) {
    Value ends = n.unsqueeze(n.slice(ids, 1, subDims(length, prefix), prefix), 1);
    Value isSame = n.eq(n.slice(grams, 2, n.dim(0), prefix), ends);
    // Elsewhere there is no token, and nothing is written.
    at = n.where(n.reduce(CombineKind::Min, isSame, 2), at, n.splatLike(-1, at));
  }
  Value lowest = n.scalar(-std::numeric_limits<double>::infinity(), n.getElementType(scores));
  Value updates = n.broadcastTo(lowest, n.getDims(at));
  n.setOutput(0, n.scatter(ScatterKind::Set, scores, at, updates, 1, 1));
}

void tg::registerContribOdds(OnnxOpRegistry &r) {
  auto add = [&](StringRef name, OnnxOpRegistry::Build build) {
    r.add(name, 1, std::move(build), microsoftDomain);
  };
  add("CDist", cDist);
  add("CropAndResize", cropAndResize);
  add("ExpandDims", expandDims);
  add("Inverse", inverse);
  add("NGramRepeatBlock", nGramRepeatBlock);
  add("SampleOp", [](OnnxNode &n) { n.setOutput(0, n.getInputValue(0)); });
  add("UnfoldTensor", unfoldTensor);
  // Dropped from ONNX's own domain.
  r.add("Crop", 1, crop);
  r.add("ImageScaler", 1, imageScaler);
}
