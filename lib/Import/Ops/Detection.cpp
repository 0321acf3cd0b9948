//===- Detection.cpp - ONNX NonMaxSuppression and RoiAlign ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Families.h"

#include "../OnnxGraph.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

static Type getI64(OnnxNode &n) { return n.getBuilder().getI64Type(); }

/// while (condition(state)) state = step(state). The functions get the state's tensors; the
/// condition is of rank 0. Empty on failure.
static SmallVector<Value> makeLoop(OnnxNode &n, ArrayRef<Value> initial,
                                   function_ref<Value(ValueRange)> condition,
                                   function_ref<SmallVector<Value>(ValueRange)> step) {
  if (n.hasFailed() || llvm::is_contained(initial, Value()))
    return {};
  OpBuilder &builder = n.getBuilder();
  Location loc = n.getLoc();
  builder.getContext()->loadDialect<scf::SCFDialect, tensor::TensorDialect>();
  SmallVector<Type> types(ValueRange(initial).getTypes());
  SmallVector<Location> locs(types.size(), loc);
  auto loop = scf::WhileOp::create(builder, loc, types, initial);
  OpBuilder::InsertionGuard guard(builder);
  Block *before = builder.createBlock(&loop.getBefore(), {}, types, locs);
  Value goesOn = condition(before->getArguments());
  if (!goesOn)
    return {};
  goesOn = tensor::ExtractOp::create(builder, loc, goesOn);
  scf::ConditionOp::create(builder, loc, goesOn, before->getArguments());
  Block *after = builder.createBlock(&loop.getAfter(), {}, types, locs);
  SmallVector<Value> next = step(after->getArguments());
  if (n.hasFailed() || llvm::is_contained(next, Value()))
    return {};
  scf::YieldOp::create(builder, loc, next);
  return llvm::to_vector_of<Value>(loop.getResults());
}

//===----------------------------------------------------------------------===//
// NonMaxSuppression
//===----------------------------------------------------------------------===//

namespace {
/// Low and high corners along both axes, and the area.
struct Boxes {
  Value low[2], high[2], area;
};
} // namespace

/// Of boxes [..., 4].
static Boxes readBoxes(OnnxNode &n, Value boxes, bool areCentered) {
  Boxes result;
  if (!boxes)
    return result;
  int64_t last = n.getRank(boxes) - 1;
  auto component = [&](int64_t i) {
    return n.squeeze(n.slice(boxes, last, n.dim(i), n.dim(1)), last);
  };
  for (int64_t i : {0, 1}) {
    Value a = component(i), b = component(i + 2);
    if (areCentered) {
      Value half = n.mul(b, n.splatLike(0.5, b));
      b = n.add(a, half);
      a = n.sub(a, half);
    }
    // Either pair of opposite corners may be given.
    result.low[i] = n.min(a, b);
    result.high[i] = n.max(a, b);
  }
  result.area = n.mul(n.sub(result.high[0], result.low[0]), n.sub(result.high[1], result.low[1]));
  return result;
}

/// Intersection over union; 0 where a box is empty.
static Value overlap(OnnxNode &n, const Boxes &x, const Boxes &y) {
  Value area;
  for (int i : {0, 1}) {
    Value length = n.sub(n.min(x.high[i], y.high[i]), n.max(x.low[i], y.low[i]));
    if (!length)
      return {};
    length = n.max(length, n.splatLike(0, length));
    area = area ? n.mul(area, length) : length;
  }
  Value total = n.sub(n.add(x.area, y.area), area);
  if (!total)
    return {};
  Value zero = n.splatLike(0, total), isEmpty = n.le(n.min(x.area, y.area), zero);
  isEmpty = n.binary<OrOp>(isEmpty, n.le(area, zero));
  return n.where(isEmpty, zero, n.div(area, n.where(isEmpty, n.splatLike(1, total), total)));
}

/// Step by step the best box left of every class is taken, and what overlaps it is dropped. All
/// samples and classes advance together. State: the step, the scores left, what was taken.
static void nonMaxSuppression(OnnxNode &n) {
  Value boxes = n.getInput(0), scores = n.getInput(1);
  if (!boxes || !scores)
    return;
  if (n.getRank(boxes) != 3 || n.getRank(scores) != 3)
    return (void)n.fail("expected boxes and scores of rank 3");
  Builder &b = n.getBuilder();
  Type i64 = getI64(n), type = n.getElementType(scores);
  SmallVector<DimAttr> dims = n.getDims(scores); // [batch, classes, boxes]
  Value limit = n.scalarInt(0, i64);
  DimAttr numSteps = dims[2];
  if (n.hasInput(2)) {
    // Its value bounds the result where it is known and says something.
    std::optional<int64_t> known = n.getKnownScalar(n.getInputValue(2));
    std::optional<ShapeBounds> bounds = n.getImporter().getBounds(numSteps);
    if (known && (!bounds || *known < bounds->second))
      numSteps = n.dim(std::max<int64_t>(0, *known));
    limit = n.reshape(n.cast(n.getInput(2), i64), {});
  } else {
    numSteps = n.dim(0);
  }
  Value maxOverlap = n.hasInput(3) ? n.cast(n.reshape(n.getInput(3), {}), type) : n.scalar(0, type);
  if (n.hasFailed())
    return;
  boxes = n.cast(boxes, type);
  bool areCentered = n.getInt("center_point_box", 0);
  Boxes all = readBoxes(n, n.unsqueeze(boxes, 1), areCentered); // [batch, 1, boxes]
  Value isLeft = n.eq(scores, scores);
  if (n.hasInput(4))
    isLeft = n.lt(n.cast(n.reshape(n.getInput(4), {}), type), scores);
  SmallVector<DimAttr> takenDims{dims[0], dims[1], numSteps};
  Value taken = n.splat(b.getI64IntegerAttr(-1), takenDims);
  Value index = n.iota(dims, 2, i64), stepOf = n.iota(takenDims, 2, i64);
  limit = n.min(limit, n.size(numSteps));

  SmallVector<Value> last = makeLoop(
      n, {n.scalarInt(0, i64), isLeft, taken},
      [&](ValueRange state) {
        Value any = n.reduce(CombineKind::Max, state[1], {0, 1, 2});
        return n.binary<AndOp>(any, n.lt(state[0], limit));
      },
      [&](ValueRange state) -> SmallVector<Value> {
        Value left = state[1];
        double lowest = -std::numeric_limits<double>::infinity();
        Value kept = n.where(left, scores, n.scalar(lowest, type));
        // Where all that is left scores -infinity, an index that is not left must not win.
        Value candidates = n.where(left, index, n.size(dims[2]));
        auto [best, at] = n.argReduce(kept, candidates, {2}, /*isMax=*/true, /*takeLast=*/false);
        Value isAny = n.reduce(CombineKind::Max, left, {2}); // [batch, classes]
        at = n.min(at, n.size(subDims(dims[2], n.dim(1))));  // Where none is left.
        if (!at || !isAny)
          return {Value()};
        Boxes chosen = readBoxes(n, n.unsqueeze(n.gather(boxes, at, 1, 1), 2), areCentered);
        Value isHit = n.binary<OrOp>(n.lt(maxOverlap, overlap(n, all, chosen)),
                                     n.eq(index, n.unsqueeze(at, 2)));
        Value isNow = n.binary<AndOp>(n.eq(stepOf, state[0]), n.unsqueeze(isAny, 2));
        Value next = n.where(isNow, n.unsqueeze(at, 2), state[2]);
        return {n.add(state[0], n.scalarInt(1, i64)), n.binary<AndOp>(left, n.unary<NotOp>(isHit)),
                next};
      });
  DimAttr total = n.product(takenDims);
  if (last.empty() || !total)
    return;
  // Rows of batch, class and box, in the order of the first two and of the steps.
  Value flat = n.reshape(last[2], {total});
  Value found = n.findSet(n.le(n.splatLike(0, flat), flat));
  if (!found)
    return;
  Value perSample = n.size(n.product({dims[1], numSteps})), perClass = n.size(numSteps);
  Value sample = n.binary<FloorDivOp>(found, perSample);
  Value category = n.binary<FloorDivOp>(n.binary<FloorModOp>(found, perSample), perClass);
  SmallVector<Value> columns{sample, category, n.gather(flat, found, 0)};
  for (Value &column : columns)
    column = n.unsqueeze(column, 1);
  if (!llvm::is_contained(columns, Value()))
    n.setOutput(0, n.concat(columns, 1));
}

//===----------------------------------------------------------------------===//
// RoiAlign
//===----------------------------------------------------------------------===//

namespace {
/// The samples along one axis of the regions' cells.
struct RoiAxis {
  DimAttr size;           ///< Of the image.
  int64_t cells = 1;      ///< Of the result.
  Value start, cell, num; ///< [R]: first coordinate, length of a cell, samples in a cell.
};

/// Averages, or takes the largest of, bilinear samples of x [N, C, H, W] in the cells of regions.
class RoiSampler {
public:
  RoiSampler(OnnxNode &n, Value x, Value batch) : n(n), x(x), batch(batch) {
    type = n.getElementType(x);
    isMax = n.getString("mode", "avg") == "max";
  }
  Value sample(RoiAxis y, RoiAxis x, int64_t ratio);

private:
  struct Taps {
    Value low, high, weight, isInside; ///< [R, cells]; `weight` is that of `high`.
  };
  /// Sample number `step` (rank 0) in every cell along one axis.
  Taps place(const RoiAxis &axis, Value step);
  /// All samples with these numbers, [R, C, cells, cells]; the identity of the reduction where a
  /// region has fewer.
  Value take(const RoiAxis &v, const RoiAxis &h, Value stepY, Value stepX);

  OnnxNode &n;
  Value x, batch;
  Type type;
  bool isMax;
};
} // namespace

RoiSampler::Taps RoiSampler::place(const RoiAxis &axis, Value step) {
  Value cell = n.unsqueeze(axis.cell, 1), one = n.scalar(1, type);
  Value at = n.add(n.unsqueeze(axis.start, 1), n.mul(n.iota(n.dim(axis.cells), 0, type), cell));
  Value inCell = n.div(n.mul(n.add(n.cast(step, type), n.scalar(0.5, type)), cell),
                       n.unsqueeze(n.max(axis.num, one), 1));
  at = n.add(at, inCell);
  Value size = n.cast(n.size(axis.size), type), last = n.sub(size, one);
  Taps taps;
  // Up to one pixel outside the border counts as the border.
  taps.isInside = n.binary<AndOp>(n.le(n.scalar(-1, type), at), n.le(at, size));
  at = n.min(n.max(at, n.scalar(0, type)), last);
  taps.low = n.unary<FloorOp>(at);
  taps.high = n.min(n.add(taps.low, one), last);
  taps.weight = n.sub(at, taps.low);
  return taps;
}

Value RoiSampler::take(const RoiAxis &v, const RoiAxis &h, Value stepY, Value stepX) {
  Taps y = place(v, stepY), z = place(h, stepX);
  Type i64 = getI64(n);
  SmallVector<DimAttr> dims = n.getDims(x);
  DimAttr area = n.product({dims[0], dims[2], dims[3]});
  if (n.hasFailed())
    return {};
  // [N * H * W, C]
  Value flat = n.reshape(n.permute(x, {0, 2, 3, 1}), {area, dims[1]});
  Value row = n.mul(n.cast(batch, i64), n.size(dims[2]));
  Value isInside = n.binary<AndOp>(n.unsqueeze(y.isInside, 2), n.unsqueeze(z.isInside, 1));
  Value one = n.scalar(1, type), zero = n.scalar(0, type), result;
  for (bool isLow : {true, false}) {
    Value line = n.add(n.unsqueeze(row, 1), n.cast(isLow ? y.low : y.high, i64));
    Value weightY = isLow ? n.sub(one, y.weight) : y.weight;
    line = n.unsqueeze(n.mul(line, n.size(dims[3])), 2);
    for (bool isLeft : {true, false}) {
      Value at = n.add(line, n.unsqueeze(n.cast(isLeft ? z.low : z.high, i64), 1));
      Value weightX = isLeft ? n.sub(one, z.weight) : z.weight;
      Value weight = n.mul(n.unsqueeze(weightY, 2), n.unsqueeze(weightX, 1));
      weight = n.where(isInside, weight, zero); // [R, cells, cells]
      Value term = n.mul(n.gather(flat, at, 0), n.unsqueeze(weight, 3));
      result = !result ? term : isMax ? n.max(result, term) : n.add(result, term);
    }
  }
  Value isSample =
      n.binary<AndOp>(n.lt(n.cast(stepY, type), v.num), n.lt(n.cast(stepX, type), h.num)); // [R]
  if (!isSample || !result)
    return {};
  isSample = n.reshape(isSample, {n.getDim(isSample, 0), n.dim(1), n.dim(1), n.dim(1)});
  double none = isMax ? -std::numeric_limits<double>::infinity() : 0;
  return n.permute(n.where(isSample, result, n.scalar(none, type)), {0, 3, 1, 2});
}

Value RoiSampler::sample(RoiAxis y, RoiAxis z, int64_t ratio) {
  Type i64 = getI64(n);
  auto combine = [&](Value a, Value b) { return isMax ? n.max(a, b) : n.add(a, b); };
  Value total;
  if (ratio > 0) {
    for (int64_t i = 0; i < ratio * ratio && !n.hasFailed(); ++i) {
      Value part = take(y, z, n.scalarInt(i / ratio, i64), n.scalarInt(i % ratio, i64));
      total = total ? combine(total, part) : part;
    }
  } else {
    // As many steps as the largest region asks for.
    Value rows = n.reduce(CombineKind::Max, n.cast(y.num, i64), {0});
    Value columns = n.max(n.reduce(CombineKind::Max, n.cast(z.num, i64), {0}), n.scalarInt(1, i64));
    SmallVector<DimAttr> dims{n.getDim(y.num, 0), n.getDim(x, 1), n.dim(y.cells), n.dim(z.cells)};
    double none = isMax ? -std::numeric_limits<double>::infinity() : 0;
    Value identity = n.broadcastTo(n.scalar(none, type), dims), count = n.mul(rows, columns);
    SmallVector<Value> last = makeLoop(
        n, {n.scalarInt(0, i64), identity}, [&](ValueRange state) { return n.lt(state[0], count); },
        [&](ValueRange state) -> SmallVector<Value> {
          Value part = take(y, z, n.binary<FloorDivOp>(state[0], columns),
                            n.binary<FloorModOp>(state[0], columns));
          return {n.add(state[0], n.scalarInt(1, i64)), combine(state[1], part)};
        });
    if (last.empty())
      return {};
    total = last[1];
  }
  Value count = n.mul(y.num, z.num);
  if (!count)
    return {};
  count = n.reshape(count, {n.getDim(count, 0), n.dim(1), n.dim(1), n.dim(1)});
  Value zero = n.scalar(0, type), one = n.scalar(1, type);
  // A region without samples gives 0.
  return isMax ? n.where(n.lt(zero, count), total, zero) : n.div(total, n.max(count, one));
}

static void roiAlign(OnnxNode &n) {
  Value x = n.getInput(0), rois = n.getInput(1), batch = n.getInput(2);
  if (!x || !rois || !batch)
    return;
  StringRef mode = n.getString("mode", "avg");
  bool isHalfPixel = n.getOpset() >= 16 &&
                     n.getString("coordinate_transformation_mode", "half_pixel") == "half_pixel";
  int64_t ratio = n.getInt("sampling_ratio", 0);
  constexpr int64_t maxRatio = 16;
  if (n.getRank(x) != 4 || n.getRank(rois) != 2 || !n.getDim(rois, 1).isConstant(4))
    return (void)n.fail("expected an input of rank 4 and regions of 4 numbers");
  if ((mode != "avg" && mode != "max") || ratio > maxRatio)
    return (void)n.fail("attribute 'mode' or 'sampling_ratio' is not supported");
  Type type = n.getElementType(x);
  Value scale = n.scalar(n.getFloat("spatial_scale", 1), type), one = n.scalar(1, type);
  auto readAxis = [&](int64_t component, int64_t axis, StringRef cells) {
    auto corner = [&](int64_t i) {
      Value value = n.cast(n.squeeze(n.slice(rois, 1, n.dim(i), n.dim(1)), 1), type);
      return n.sub(n.mul(value, scale), n.scalar(isHalfPixel ? 0.5 : 0, type));
    };
    RoiAxis result;
    result.size = n.getDim(x, axis);
    result.cells = n.getInt(cells, 1);
    result.start = corner(component);
    Value length = n.sub(corner(component + 2), result.start);
    if (!isHalfPixel)
      length = n.max(length, one);
    result.cell = n.div(length, n.scalar(static_cast<double>(result.cells), type));
    result.num = ratio > 0 ? n.splatLike(static_cast<double>(ratio), result.cell)
                           : n.unary<CeilOp>(result.cell);
    return result;
  };
  RoiAxis horizontal = readAxis(0, 3, "output_width"), vertical = readAxis(1, 2, "output_height");
  if (!n.hasFailed())
    n.setOutput(0, RoiSampler(n, x, batch).sample(vertical, horizontal, ratio));
}

//===----------------------------------------------------------------------===//
// MaxRoiPool
//===----------------------------------------------------------------------===//

/// Which of the `size` pixels along an axis lie in each of `cells` cells of the regions from
/// `first` to `last` (scaled, [R]): [R, cells, size].
static Value coverPixels(OnnxNode &n, Value first, Value last, int64_t cells, DimAttr size) {
  if (!first || !last)
    return {};
  Type type = n.getElementType(first);
  auto number = [&](double value) { return n.scalar(value, type); };
  // Halves away from zero.
  auto round = [&](Value x) {
    Value magnitude = n.unary<FloorOp>(n.add(n.abs(x), number(0.5)));
    return n.where(n.lt(x, number(0)), n.unary<NegOp>(magnitude), magnitude);
  };
  Value start = round(first), length = n.add(n.sub(round(last), start), number(1));
  Value cell =
      n.unsqueeze(n.div(n.max(length, number(1)), number(static_cast<double>(cells))), 1); // [R, 1]
  Value index = n.iota(n.dim(cells), 0, type);
  start = n.unsqueeze(start, 1);
  Value low = n.add(n.unary<FloorOp>(n.mul(index, cell)), start);
  Value high = n.add(n.unary<CeilOp>(n.mul(n.add(index, number(1)), cell)), start);
  Value pixel = n.iota(size, 0, type);
  return n.binary<AndOp>(n.le(n.unsqueeze(low, 2), pixel), n.lt(pixel, n.unsqueeze(high, 2)));
}

/// The largest pixel in each cell of the regions [R, 5]: sample, then two corners.
static void maxRoiPool(OnnxNode &n) {
  Value x = n.getInput(0), rois = n.getInput(1);
  SmallVector<int64_t> cells = n.getInts("pooled_shape");
  if (!x || !rois)
    return;
  if (n.getRank(x) != 4 || n.getRank(rois) != 2 || !n.getDim(rois, 1).isConstant(5) ||
      cells.size() != 2 || cells[0] < 1 || cells[1] < 1)
    return (void)n.fail("expected an input of rank 4, regions of 5 numbers and two pooled sizes");
  Type type = n.getElementType(x);
  auto column = [&](int64_t i) { return n.squeeze(n.slice(rois, 1, n.dim(i), n.dim(1)), 1); };
  auto corner = [&](int64_t i) {
    return n.mul(column(i), n.scalar(n.getFloat("spatial_scale", 1), type));
  };
  SmallVector<DimAttr> dims = n.getDims(x);
  Value rows = coverPixels(n, corner(2), corner(4), cells[0], dims[2]);
  Value columns = coverPixels(n, corner(1), corner(3), cells[1], dims[3]);
  Value lowest = n.scalar(-std::numeric_limits<double>::infinity(), type);
  Value samples = n.gather(x, n.cast(column(0), getI64(n)), 0); // [R, C, H, W]
  // [R, C, H, cells, W], then [R, C, cells, cells, H]
  Value wide = n.where(n.unsqueeze(columns, {1, 2}), n.unsqueeze(samples, 3), lowest);
  if (!wide)
    return;
  wide = n.permute(n.reduce(CombineKind::Max, wide, {4}), {0, 1, 3, 2});
  Value all = n.where(n.unsqueeze(rows, {1, 3}), n.unsqueeze(wide, 2), lowest);
  if (!all)
    return;
  Value result = n.reduce(CombineKind::Max, all, {4});
  n.setOutput(0, n.where(n.eq(result, lowest), n.scalar(0, type), result));
}

void tg::registerOnnxDetection(OnnxOpRegistry &r) {
  r.add("MaxRoiPool", 1, maxRoiPool);
  r.add("NonMaxSuppression", 10, nonMaxSuppression);
  r.add("RoiAlign", 10, roiAlign);
}
