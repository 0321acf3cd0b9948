//===- Pooling.cpp - ONNX pooling ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Families.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

/// With ceil_mode a last window may hang over the end, but it must start before the padding there.
/// Returns how many elements that takes at the most, on each axis, and limits the positions where
/// the size decides whether there is one.
static std::optional<SmallVector<int64_t>> getOverhang(OnnxNode &n, OnnxWindow &window, Value x) {
  SmallVector<int64_t> overhang(window.sizes.size(), 0);
  if (!n.getInt("ceil_mode", 0))
    return overhang;
  window.positions.assign(overhang.size(), {});
  for (size_t i = 0; i < overhang.size(); ++i) {
    if (!window.high[i].isConstant())
      continue; // auto_pad ends with a window.
    int64_t span = window.getSpan(i), stride = window.strides[i];
    int64_t high = window.high[i].getConstant();
    DimAttr start = addDims(n.getDim(x, window.axes[i]), window.low[i]);
    if (!start || high <= -span)
      return n.fail("attribute 'pads' is out of range"), std::nullopt;
    // A window that is no longer than the padding never hangs over.
    if (high >= span)
      continue;
    // The last one starts at the last multiple of the stride before `start`, or if that is earlier,
    // at the first from which it reaches the end.
    DimAttr limit = addDims(start, n.dim(std::min<int64_t>(high - span + stride, 0) - 1));
    DimAttr last = limit ? floorDivDims(limit, n.dim(stride)) : DimAttr();
    DimAttr count = last ? addDims(last, n.dim(1)) : DimAttr();
    if (!count)
      return n.fail("attribute 'pads' is out of range"), std::nullopt;
    overhang[i] = span - 1 - high;
    if (start.isConstant())
      overhang[i] =
          std::max<int64_t>(last.getConstant() * stride + span - start.getConstant() - high, 0);
    else
      window.positions[i] = count;
  }
  return overhang;
}

static SmallVector<int64_t> getTapAxes(Value windows, size_t count) {
  int64_t rank = TensorBuilder::getRank(windows);
  return llvm::to_vector(llvm::seq<int64_t>(rank - count, rank));
}

/// The taps of a MaxPool, [N, C, positions..., taps...]. `window` gets the overhang.
static Value takeMaxTaps(OnnxNode &n, OnnxWindow &window, Value x) {
  auto overhang = getOverhang(n, window, x);
  if (!overhang)
    return {};
  for (auto [high, extra] : llvm::zip_equal(window.high, *overhang))
    high = addDims(high, n.dim(extra));
  Value lowest = n.scalar(getIdentityOf(CombineKind::Max, n.getElementType(x)));
  return window.apply(n, x, lowest);
}

Value tg::maxPoolOnnx(OnnxNode &n, Value x) {
  auto window = OnnxWindow::read(n, x);
  Value windows = window ? takeMaxTaps(n, *window, x) : Value();
  if (!windows)
    return {};
  return n.reduce(CombineKind::Max, windows, getTapAxes(windows, window->sizes.size()));
}

/// The largest tap; its place in the input, flattened, is the second output.
static void maxPool(OnnxNode &n) {
  Value x = n.getInput(0);
  auto window = OnnxWindow::read(n, x);
  Value windows = window ? takeMaxTaps(n, *window, x) : Value();
  if (!windows)
    return;
  SmallVector<int64_t> taps = getTapAxes(windows, window->sizes.size());
  n.setOutput(0, n.reduce(CombineKind::Max, windows, taps));
  if (!n.hasOutput(1))
    return;

  // Column-major order is that of the spatial axes.
  SmallVector<DimAttr> dims = n.getDims(x);
  auto order = llvm::to_vector(llvm::seq<int64_t>(0, dims.size()));
  if (n.getInt("storage_order", 0)) {
    std::reverse(dims.begin() + 2, dims.end());
    std::reverse(order.begin() + 2, order.end());
  }
  DimAttr count = n.product(dims);
  if (!count)
    return;
  Value index = n.reshape(n.iota(count, 0, n.getBuilder().getI64Type()), dims);
  index = n.permute(index, order);
  Value indices = window->apply(n, index);
  n.setOutput(1, n.argReduce(windows, indices, taps, /*isMax=*/true, /*takeLast=*/false).second);
}

/// How many elements each window covers, as [1, 1, positions...]: what is padded counts only where
/// `countsPads`, what hangs over never.
static Value countElements(OnnxNode &n, const OnnxWindow &window, Value x,
                           ArrayRef<int64_t> overhang, bool countsPads) {
  SmallVector<DimAttr> dims = n.getDims(x);
  dims[0] = dims[1] = n.dim(1);
  OnnxWindow counting = window;
  for (size_t i = 0; i < overhang.size(); ++i) {
    DimAttr &size = dims[window.axes[i]];
    if (countsPads) {
      size = addDims(size, addDims(window.low[i], window.high[i]));
      counting.low[i] = counting.high[i] = n.dim(0);
    }
    counting.high[i] = addDims(counting.high[i], n.dim(overhang[i]));
  }
  Type type = TensorBuilder::getAccumulatorType(n.getElementType(x));
  Value ones = n.splat(n.getBuilder().getFloatAttr(type, 1), dims);
  Value windows = counting.apply(n, ones);
  return windows ? n.reduce(CombineKind::Add, windows, getTapAxes(windows, overhang.size()))
                 : Value();
}

Value tg::averagePoolOnnx(OnnxNode &n, Value x, bool countsOverhang) {
  auto window = OnnxWindow::read(n, x);
  if (!window)
    return {};
  auto overhang = getOverhang(n, *window, x);
  Type type = n.getElementType(x);
  if (!overhang)
    return {};
  if (!isa<FloatType>(type))
    return n.fail("expected floats");
  bool countsPads = n.getInt("count_include_pad", 0);
  bool isRagged = llvm::any_of(*overhang, [](int64_t extra) { return extra != 0; });
  bool isPadded = llvm::any_of(llvm::concat<DimAttr>(window->low, window->high),
                               [](DimAttr amount) { return !amount.isConstant(0); });
  OnnxWindow padded = *window;
  for (auto [high, extra] : llvm::zip_equal(padded.high, *overhang))
    high = addDims(high, n.dim(extra));
  Value windows = padded.apply(n, n.cast(x, TensorBuilder::getAccumulatorType(type)));
  if (!windows)
    return {};
  Value sum = n.reduce(CombineKind::Add, windows, getTapAxes(windows, overhang->size()));
  Value count;
  if ((isRagged && !(countsPads && countsOverhang)) || (isPadded && !countsPads)) {
    count = countElements(n, *window, x, *overhang, countsPads);
  } else {
    int64_t taps = 1;
    for (int64_t size : window->sizes)
      taps *= size;
    count = n.splatLike(static_cast<double>(taps), sum);
  }
  return n.cast(n.div(sum, count), type);
}

/// The shape that the pooling had: `output_shape`, or the smallest that its windows fit.
static SmallVector<DimAttr> getUnpooledShape(OnnxNode &n, ArrayRef<DimAttr> pooled) {
  int64_t spatial = static_cast<int64_t>(pooled.size()) - 2;
  SmallVector<int64_t> kernel = n.getInts("kernel_shape");
  if (spatial < 1 || static_cast<int64_t>(kernel.size()) != spatial)
    return n.fail("expected a kernel size per axis"), SmallVector<DimAttr>();
  if (n.hasInput(2)) {
    SmallVector<DimAttr> wanted = n.getDimsInput(2);
    if (wanted.size() != pooled.size())
      n.fail("expected a size per axis");
    return wanted;
  }
  SmallVector<int64_t> strides = n.getInts("strides", spatial, 1),
                       pads = n.getInts("pads", 2 * spatial, 0);
  SmallVector<DimAttr> dims(pooled);
  for (int64_t i = 0; i < spatial; ++i) {
    DimAttr steps = mulDims(subDims(dims[2 + i], n.dim(1)), n.dim(strides[i]));
    dims[2 + i] = addDims(steps, n.dim(kernel[i] - pads[i] - pads[spatial + i]));
  }
  return dims;
}

/// Every element goes to its index in the flattened result, which is 0 elsewhere.
static void maxUnpool(OnnxNode &n) {
  Value x = n.getInput(0), indices = n.getInput(1);
  if (!x || !indices)
    return;
  if (n.getRank(indices) != n.getRank(x))
    return (void)n.fail("expected an index per element");
  for (auto [size, wanted] : llvm::zip_equal(n.getDims(indices), n.getDims(x)))
    if (size != wanted)
      return (void)n.failSizes("expected an index per element", wanted, size);
  SmallVector<DimAttr> dims = getUnpooledShape(n, n.getDims(x));
  if (n.hasFailed())
    return;
  DimAttr total = n.product(dims), count = n.product(n.getDims(x));
  if (!total || !count)
    return;
  Value zeros = n.broadcastTo(n.scalar(0, n.getElementType(x)), {total});
  Value result =
      n.scatter(ScatterKind::Set, zeros, n.reshape(indices, {count}), n.reshape(x, {count}), 0);
  n.setOutput(0, n.reshape(result, dims));
}

/// The p-norm of the taps, or of everything for GlobalLpPool.
static Value norm(OnnxNode &n, Value x, ArrayRef<int64_t> axes, bool keepDims) {
  int64_t p = n.getInt("p", 2);
  if (p == 1)
    return n.sum(n.abs(x), axes, keepDims);
  if (p == 2)
    return n.unary<SqrtOp>(n.sum(n.mul(x, x), axes, keepDims));
  Value powers = n.binary<PowOp>(n.abs(x), n.splatLike(static_cast<double>(p), x));
  Value sum = n.sum(powers, axes, keepDims);
  return n.binary<PowOp>(sum, n.splatLike(1.0 / static_cast<double>(p), sum));
}

static void lpPool(OnnxNode &n) {
  Value x = n.getInput(0);
  auto window = OnnxWindow::read(n, x);
  if (!window)
    return;
  auto overhang = getOverhang(n, *window, x);
  if (!overhang)
    return;
  for (auto [high, extra] : llvm::zip_equal(window->high, *overhang))
    high = addDims(high, n.dim(extra));
  Value windows = window->apply(n, x);
  if (windows)
    n.setOutput(0, norm(n, windows, getTapAxes(windows, window->sizes.size()), false));
}

/// Over all spatial axes, which stay with size 1.
template <typename Function> static auto global(Function function) {
  return [function](OnnxNode &n) {
    Value x = n.getInput(0);
    if (!x)
      return;
    if (n.getRank(x) < 2)
      return (void)n.fail("expected an input of rank 2 or more");
    n.setOutput(0, function(n, x, llvm::to_vector(llvm::seq<int64_t>(2, n.getRank(x)))));
  };
}

void tg::registerOnnxPooling(OnnxOpRegistry &r) {
  using Axes = ArrayRef<int64_t>;
  r.add("AveragePool", 1, [](OnnxNode &n) { n.setOutput(0, averagePoolOnnx(n, n.getInput(0))); });
  r.add("LpPool", 2, lpPool);
  r.add("MaxPool", 1, maxPool);
  r.add("MaxUnpool", 9, maxUnpool);
  r.add("GlobalAveragePool", 1,
        global([](OnnxNode &n, Value x, Axes axes) { return n.mean(x, axes, true); }));
  r.add("GlobalLpPool", 2,
        global([](OnnxNode &n, Value x, Axes axes) { return norm(n, x, axes, true); }));
  r.add("GlobalMaxPool", 1, global([](OnnxNode &n, Value x, Axes axes) {
          return n.reduce(CombineKind::Max, x, axes, true);
        }));
}
