//===- Slicing.cpp - ONNX Slice, Split, Pad ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Families.h"

#include "../OnnxGraph.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

/// Bounds beyond this mean "to the end", however long the axis.
static constexpr int64_t farAway = std::numeric_limits<int32_t>::max();

/// Whether the expression is negative where every variable is large: `-1`, `-N`, `2 - N`.
static bool isNegative(OnnxNode &n, DimAttr value) {
  OnnxGraphImporter &importer = n.getImporter();
  std::optional<ShapeBounds> bounds = importer.getBounds(value);
  if (bounds && bounds->first >= 0)
    return false;
  // Expressions hold up to the largest values of their variables only.
  std::optional<int64_t> sample = evaluate(value, [&](StringRef var) {
    std::optional<ShapeBounds> range = importer.getBounds(DimAttr::get(value.getContext(), var));
    return std::min<int64_t>(range ? range->second : farAway, int64_t(1) << 16);
  });
  return sample && *sample < 0;
}

/// A slice bound counted from the front, inside `[low, high]` where that can be decided; what
/// cannot is checked when the variables are bound.
static DimAttr resolveBound(OnnxNode &n, DimAttr bound, DimAttr size, DimAttr low, DimAttr high) {
  MLIRContext *context = size.getContext();
  if (bound.isConstant() && bound.getConstant() >= farAway)
    return high;
  if (bound.isConstant() && bound.getConstant() <= -farAway)
    return low;
  if (isNegative(n, bound))
    bound = addDims(bound, size);
  auto isConstantBelow = [&](DimAttr lhs, DimAttr rhs) {
    DimAttr difference = subDims(lhs, rhs);
    return difference && difference.isConstant() && difference.getConstant() < 0;
  };
  if (isConstantBelow(bound, low))
    return low;
  if (isConstantBelow(high, bound))
    return high;
  return bound ? bound : DimAttr::get(context, 0);
}

namespace {
/// A whole number that depends on the size of an axis, which lies in `range`.
struct Place {
  DimAttr value;
  std::function<int64_t(int64_t)> at;
};
} // namespace

/// `place` where it is not negative, else 0. It is linear in the size between the `corners`.
static Place clampToZero(Place place, ArrayRef<int64_t> corners, bool &isClamped) {
  int64_t lowest = 0, highest = 0;
  for (int64_t size : corners) {
    lowest = std::min(lowest, place.at(size));
    highest = std::max(highest, place.at(size));
  }
  if (lowest == 0)
    return place;
  MLIRContext *context = place.value.getContext();
  auto at = [inner = place.at](int64_t size) { return std::max<int64_t>(0, inner(size)); };
  if (highest == 0)
    return {DimAttr::get(context, 0), at};
  // Expressions have no maximum: (value + far) floordiv far is 0 below 0 and 1 from there on.
  isClamped = true;
  DimAttr far = DimAttr::get(
      context, static_cast<int64_t>(llvm::PowerOf2Ceil(std::max(-lowest, highest + 1))));
  DimAttr isPositive = floorDivDims(addDims(place.value, far), far);
  return {mulDims(place.value, isPositive), at};
}

/// The offset and the number of elements of the slice of a dynamic axis between constant bounds,
/// which ONNX clamps. Nothing if the axis may be of any size, or if that is no small expression.
static std::optional<std::pair<DimAttr, DimAttr>>
clampSlice(OnnxNode &n, DimAttr size, int64_t start, int64_t end, int64_t step) {
  std::optional<ShapeBounds> range = n.getImporter().getBounds(size);
  constexpr int64_t longest = int64_t(1) << 48;
  if (!range || range->second > longest || range->second < 0)
    return std::nullopt;
  int64_t shortest = std::max<int64_t>(0, range->first);
  start = std::clamp(start, -farAway, farAway);
  end = std::clamp(end, -farAway, farAway);
  // What is clamped changes its slope only next to these.
  SmallVector<int64_t> corners;
  int64_t sum = std::abs(start) + std::abs(end), difference = std::abs(start) - std::abs(end);
  for (int64_t corner :
       {shortest, range->second, start, end, -start, -end, sum, difference, -difference})
    for (int64_t near = corner - 2; near <= corner + 2; ++near)
      if (near >= shortest && near <= range->second)
        corners.push_back(near);
  bool isClamped = false;
  auto minus = [](Place lhs, Place rhs) {
    return Place{subDims(lhs.value, rhs.value),
                 [l = lhs.at, r = rhs.at](int64_t s) { return l(s) - r(s); }};
  };
  auto constant = [&](int64_t value) {
    return Place{n.dim(value), [=](int64_t) { return value; }};
  };
  Place whole{size, [](int64_t s) { return s; }};
  // Places are counted from the end for a negative step, so that the slice goes upward.
  auto resolve = [&](int64_t bound, Place most) {
    if (std::abs(bound) >= farAway)
      return (bound > 0) == (step > 0) ? most : constant(0);
    Place place = bound < 0 ? minus(whole, constant(-bound)) : constant(bound);
    return step < 0 ? minus(minus(whole, constant(1)), place) : place;
  };
  auto clamp = [&](Place place, Place most) {
    place = minus(most, clampToZero(minus(most, place), corners, isClamped));
    return clampToZero(place, corners, isClamped);
  };
  // Backward, a start past the front is the first element; an end there is before it.
  Place most = step < 0 ? minus(whole, constant(1)) : whole;
  Place exactFrom = resolve(start, most), exactTo = resolve(end, whole);
  Place from = clamp(exactFrom, most), to = clamp(exactTo, whole);
  Place exact = minus(exactTo, exactFrom), length = minus(to, from);
  auto isExact = [&](int64_t size) {
    return std::max<int64_t>(0, exact.at(size)) == std::max<int64_t>(0, length.at(size));
  };
  auto isPlace = [&](int64_t size) {
    return exactFrom.at(size) >= 0 && (length.at(size) <= 0 || exactFrom.at(size) == from.at(size));
  };
  // Simple expressions where they are as good: an empty slice may start anywhere.
  if (llvm::all_of(corners, isPlace))
    from = exactFrom;
  bool wasClamped = isClamped;
  if (llvm::all_of(corners, isExact))
    length = exact;
  else if (llvm::any_of(corners, [&](int64_t size) { return length.at(size) < 0; }))
    return std::nullopt; // Clamped twice: too large an expression.
  // Where the ends of the slice lie inside, as those of x[1:-1], and it is not empty on long axes,
  // it is taken not to be backward on short ones: sizes stay simple, and the run fails otherwise.
  if (wasClamped || length.at(range->second) < 0)
    length = clampToZero(length, corners, isClamped);
  DimAttr count = ceilDivDims(length.value, n.dim(std::abs(step)));
  if (!from.value || !count)
    return std::nullopt;
  if (count.isConstant() && count.getConstant() < 0)
    count = n.dim(0);
  if (isClamped)
    n.getImporter().noteClampedSlice();
  return std::pair(count.isConstant(0) ? n.dim(0) : from.value, count);
}

static Value sliceAxis(OnnxNode &n, Value x, int64_t axis, DimAttr start, DimAttr end,
                       int64_t step) {
  if (!x)
    return {};
  DimAttr size = n.getDim(x, axis), zero = n.dim(0), one = n.dim(1);
  SmallVector<DimAttr> offsets(n.getRank(x), zero), sizes = n.getDims(x);
  SmallVector<int64_t> strides(n.getRank(x), 1);
  if (step == 0 || step == std::numeric_limits<int64_t>::min())
    return n.fail("a slice step is 0 or too large");
  // ONNX clamps the bounds. One that is an expression is taken to lie inside: the run fails where
  // it does not.
  if (n.getImporter().clampsSlices() && !size.isConstant() && start.isConstant() &&
      end.isConstant()) {
    if (auto slice = clampSlice(n, size, start.getConstant(), end.getConstant(), step)) {
      std::tie(offsets[axis], sizes[axis]) = *slice;
      strides[axis] = std::abs(step);
      return n.shrink(step < 0 ? n.flip(x, axis) : x, offsets, sizes, strides);
    }
  }
  if (step < 0) {
    // Backward from start, which is at most the last element, down to above end.
    DimAttr last = subDims(size, one), before = n.dim(-1);
    start = resolveBound(n, start, size, size.isConstant(0) ? before : zero, last);
    // -1 is a place before the first element only when counted from the front.
    end = resolveBound(n, end, size, before, last);
    x = n.flip(x, axis);
    start = subDims(last, start);
    end = subDims(last, end);
    step = -step;
  } else {
    start = resolveBound(n, start, size, zero, size);
    end = resolveBound(n, end, size, zero, size);
  }
  DimAttr count = ceilDivDims(subDims(end, start), n.dim(step));
  if (!count)
    return n.fail("a slice bound overflows 64 bits");
  if (count.isConstant() && count.getConstant() <= 0) {
    count = zero;
    start = zero;
  }
  offsets[axis] = start;
  sizes[axis] = count;
  strides[axis] = step;
  return n.shrink(x, offsets, sizes, strides);
}

static void sliceBy(OnnxNode &n, ArrayRef<DimAttr> starts, ArrayRef<DimAttr> ends,
                    SmallVector<int64_t> axes, SmallVector<int64_t> steps) {
  Value x = n.getInput(0);
  if (!x || n.hasFailed())
    return;
  if (axes.empty())
    axes = llvm::to_vector(llvm::seq<int64_t>(0, starts.size()));
  if (steps.empty())
    steps.assign(starts.size(), 1);
  if (starts.size() != ends.size() || axes.size() != starts.size() || steps.size() != starts.size())
    return (void)n.fail("starts, ends, axes and steps differ in length");
  for (size_t i = 0; i < axes.size() && x; ++i) {
    int64_t axis = n.normalizeAxis(axes[i], n.getRank(x));
    if (n.hasFailed())
      return;
    x = sliceAxis(n, x, axis, starts[i], ends[i], steps[i]);
  }
  n.setOutput(0, x);
}

static void sliceAttributes(OnnxNode &n) {
  sliceBy(n, n.dims(n.getInts("starts")), n.dims(n.getInts("ends")), n.getInts("axes"), {});
}

/// A slice whose bounds are values of the run, clamped to the axis as NumPy does. Its offset and
/// its size become variables.
static Value sliceAtRun(OnnxNode &n, Value x, int64_t axis, Value start, Value end, int64_t step) {
  constexpr int64_t longest = int64_t(1) << 40;
  if (!x || !start || !end)
    return {};
  if (step == 0)
    return n.fail("a slice step is 0");
  Type i64 = n.getBuilder().getI64Type();
  DimAttr size = n.getDim(x, axis);
  Value length = n.size(size), zero = n.scalarInt(0, i64), one = n.scalarInt(1, i64);
  Value last = n.sub(length, one);
  auto place = [&](Value bound, Value lowest, Value highest) {
    bound = n.where(n.lt(bound, zero), n.add(bound, length), bound);
    return n.min(n.max(bound, lowest), highest);
  };
  Value from, to;
  if (step > 0) {
    from = place(start, zero, length);
    to = place(end, zero, length);
  } else {
    // Backward is forward in what is flipped.
    x = n.flip(x, axis);
    from = n.sub(last, place(start, zero, last));
    to = n.sub(last, place(end, n.scalarInt(-1, i64), last));
  }
  int64_t stride = step < -longest ? longest : std::min(std::abs(step), longest);
  Value count = n.add(n.sub(to, from), n.scalarInt(stride - 1, i64));
  count = n.max(n.div(count, n.scalarInt(stride, i64)), zero);
  // An empty slice may start anywhere.
  from = n.where(n.lt(zero, count), from, zero);
  DimAttr offset = n.bind(from, size), sliced = n.bind(count, size);
  if (!offset || !sliced)
    return {};
  SmallVector<DimAttr> offsets(n.getRank(x), n.dim(0)), sizes = n.getDims(x);
  SmallVector<int64_t> strides(n.getRank(x), 1);
  offsets[axis] = offset;
  sizes[axis] = sliced;
  strides[axis] = stride;
  return n.shrink(x, offsets, sizes, strides);
}

/// Where starts or ends are values of the run.
static void sliceByValues(OnnxNode &n, SmallVector<int64_t> axes, SmallVector<int64_t> steps) {
  Value x = n.getInput(0), starts = n.getInput(1), ends = n.getInput(2);
  if (!x || !starts || !ends)
    return;
  DimAttr count = n.getRank(starts) == 1 ? n.getDim(starts, 0) : DimAttr();
  if (!count || !count.isConstant() || n.getDims(starts) != n.getDims(ends))
    return (void)n.failUnknown("its bounds must be vectors of one known length");
  auto number = static_cast<size_t>(count.getConstant());
  if (axes.empty())
    axes = llvm::to_vector(llvm::seq<int64_t>(0, number));
  if (steps.empty())
    steps.assign(number, 1);
  if (axes.size() != number || steps.size() != number)
    return (void)n.fail("starts, ends, axes and steps differ in length");
  auto element = [&](Value vector, size_t i) {
    Value one = n.slice(vector, 0, n.dim(static_cast<int64_t>(i)), n.dim(1));
    return n.cast(n.reshape(one, {}), n.getBuilder().getI64Type());
  };
  for (size_t i = 0; i < number && x; ++i) {
    int64_t axis = n.normalizeAxis(axes[i], n.getRank(x));
    if (n.hasFailed())
      return;
    x = sliceAtRun(n, x, axis, element(starts, i), element(ends, i), steps[i]);
  }
  n.setOutput(0, x);
}

static void sliceInputs(OnnxNode &n) {
  if (n.getImporter().bindsSizes() && !(n.knowsInts(1) && n.knowsInts(2))) {
    SmallVector<int64_t> axes, steps;
    if (n.hasInput(3))
      axes = n.getIntsInput(3);
    if (n.hasInput(4))
      steps = n.getIntsInput(4);
    return sliceByValues(n, axes, steps);
  }
  SmallVector<DimAttr> starts = n.getDimsInput(1), ends = n.getDimsInput(2);
  SmallVector<int64_t> axes, steps;
  if (n.hasInput(3))
    axes = n.getIntsInput(3);
  if (n.hasInput(4))
    steps = n.getIntsInput(4);
  sliceBy(n, starts, ends, axes, steps);
}

static void split(OnnxNode &n) {
  Value x = n.getInput(0);
  if (!x)
    return;
  int64_t axis = n.normalizeAxis(n.getInt("axis", 0), n.getRank(x));
  if (n.hasFailed())
    return;
  DimAttr size = n.getDim(x, axis), offset = n.dim(0);
  SmallVector<DimAttr> sizes;
  if (n.hasInput(1))
    sizes = n.getDimsInput(1);
  else
    sizes = n.dims(n.getInts("split"));
  if (n.hasFailed())
    return;
  if (sizes.empty()) {
    // Equal parts, the last one smaller if they do not divide.
    int64_t count = n.getInt("num_outputs", n.getNumOutputs());
    if (count <= 0 || count != static_cast<int64_t>(n.getNumOutputs()))
      return (void)n.fail("num_outputs does not match the number of outputs");
    DimAttr part = ceilDivDims(size, n.dim(count));
    sizes.assign(count - 1, part);
    sizes.push_back(subDims(size, mulDims(part, n.dim(count - 1))));
  }
  if (sizes.size() < n.getNumOutputs())
    return (void)n.fail("has more outputs than parts");
  for (unsigned i = 0; i < n.getNumOutputs(); ++i) {
    n.setOutput(i, n.slice(x, axis, offset, sizes[i]));
    offset = addDims(offset, sizes[i]);
  }
}

//===----------------------------------------------------------------------===//
// Pad
//===----------------------------------------------------------------------===//

/// The axis repeated, and the part of the repetitions that the pads reach.
static Value padByWrapping(OnnxNode &n, Value x, int64_t axis, int64_t low, int64_t high) {
  DimAttr size = n.getDim(x, axis);
  if (size.isConstant(0))
    return n.fail("an empty axis cannot be padded in mode 'wrap'");
  // A symbolic axis is taken to be at least as long as the pads.
  int64_t period = size.isConstant() ? size.getConstant() : std::max({low, high, int64_t(1)});
  int64_t before = llvm::divideCeil(low, period), after = llvm::divideCeil(high, period);
  constexpr int64_t maxCopies = 1024;
  if (before > maxCopies || after > maxCopies)
    return n.fail("the pads are too long for the axis");
  SmallVector<Value> copies(before + 1 + after, x);
  DimAttr offset = subDims(mulDims(size, n.dim(before)), n.dim(low));
  return n.slice(n.concat(copies, axis), axis, offset, addDims(size, n.dim(low + high)));
}

/// `count` elements outside the axis: repetitions of its edge, or its mirror image.
static Value makeBorder(OnnxNode &n, Value x, int64_t axis, int64_t count, bool isLow,
                        StringRef mode) {
  DimAttr size = n.getDim(x, axis), zero = n.dim(0), one = n.dim(1), border = n.dim(count);
  DimAttr last = subDims(size, one);
  if (mode == "reflect")
    return n.flip(n.slice(x, axis, isLow ? one : subDims(last, border), border), axis);
  SmallVector<DimAttr> dims = n.getDims(x);
  dims[axis] = border;
  return n.broadcastTo(n.slice(x, axis, isLow ? zero : last, one), dims);
}

/// A mirror image may be longer than the axis: then it mirrors what the last round made.
static Value padByCopy(OnnxNode &n, Value x, int64_t axis, int64_t low, int64_t high,
                       StringRef mode) {
  while (x && (low > 0 || high > 0)) {
    if (mode == "wrap")
      return padByWrapping(n, x, axis, low, high);
    DimAttr size = n.getDim(x, axis);
    int64_t limit = std::numeric_limits<int64_t>::max();
    if (size.isConstant() && mode == "reflect")
      limit = size.getConstant() - 1;
    if (limit <= 0 || size.isConstant(0))
      return n.fail("the axis is too short to be padded in mode '" + mode + "'");
    int64_t lowNow = std::min(low, limit), highNow = std::min(high, limit);
    SmallVector<Value> parts;
    if (lowNow > 0)
      parts.push_back(makeBorder(n, x, axis, lowNow, /*isLow=*/true, mode));
    parts.push_back(x);
    if (highNow > 0)
      parts.push_back(makeBorder(n, x, axis, highNow, /*isLow=*/false, mode));
    x = n.concat(parts, axis);
    low -= lowNow;
    high -= highNow;
  }
  return x;
}

static void padBy(OnnxNode &n, ArrayRef<DimAttr> pads, Value value) {
  Value x = n.getInput(0);
  if (!x || n.hasFailed())
    return;
  int64_t rank = n.getRank(x);
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  if (n.hasInput(3)) {
    axes = n.getIntsInput(3);
    for (int64_t &axis : axes)
      axis = n.normalizeAxis(axis, rank);
  }
  if (n.hasFailed())
    return;
  if (pads.size() != 2 * axes.size())
    return (void)n.fail("expected " + Twine(2 * axes.size()) + " pads, got " + Twine(pads.size()));
  SmallVector<DimAttr> low(rank, n.dim(0)), high(rank, n.dim(0));
  for (auto [i, axis] : llvm::enumerate(axes)) {
    low[axis] = pads[i];
    high[axis] = pads[i + axes.size()];
  }
  StringRef mode = n.getString("mode", "constant");
  if (mode == "constant")
    return n.setOutput(0, n.pad(x, low, high, value));
  if (mode != "edge" && mode != "reflect" && mode != "wrap")
    return (void)n.fail("attribute 'mode' is '" + mode + "'");
  // Cropping comes first.
  SmallVector<DimAttr> zeros(rank, n.dim(0)), cropLow(zeros), cropHigh(zeros);
  for (int64_t axis = 0; axis < rank; ++axis) {
    for (DimAttr amount : {low[axis], high[axis]})
      if (!amount.isConstant())
        return (void)n.failSymbolic("pads in mode '" + mode + "' must be constant", amount);
    cropLow[axis] = n.dim(std::min<int64_t>(0, low[axis].getConstant()));
    cropHigh[axis] = n.dim(std::min<int64_t>(0, high[axis].getConstant()));
  }
  x = n.pad(x, cropLow, cropHigh);
  for (int64_t axis = 0; axis < rank; ++axis)
    x = padByCopy(n, x, axis, std::max<int64_t>(0, low[axis].getConstant()),
                  std::max<int64_t>(0, high[axis].getConstant()), mode);
  n.setOutput(0, x);
}

static void padAttributes(OnnxNode &n) {
  RankedTensorType type = n.getInputType(0);
  double value = n.getFloat("value", 0);
  padBy(n, n.dims(n.getInts("pads")), type ? n.scalar(value, type.getElementType()) : Value());
}

static void padInputs(OnnxNode &n) {
  Value value = n.getOptionalInput(2);
  padBy(n, n.getDimsInput(1), value ? n.reshape(value, {}) : Value());
}

void tg::registerOnnxSlicing(OnnxOpRegistry &r) {
  r.add("Pad", 2, padAttributes);
  r.add("Pad", 11, padInputs);
  r.add("Slice", 1, sliceAttributes);
  r.add("Slice", 10, sliceInputs);
  r.add("Split", 2, split);
}
