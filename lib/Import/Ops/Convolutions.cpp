//===- Convolutions.cpp - ONNX convolutions ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Families.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

//===----------------------------------------------------------------------===//
// Windows
//===----------------------------------------------------------------------===//

/// The largest multiple that is not larger than `value`; null on overflow.
static DimAttr roundDown(DimAttr value, int64_t multiple) {
  DimAttr unit = DimAttr::get(value.getContext(), multiple);
  return mulDims(floorDivDims(value, unit), unit);
}

/// Sets the pads so that the positions are ceil(size / stride); the odd one goes to the end for
/// SAME_UPPER, to the start for SAME_LOWER.
static bool padSame(OnnxNode &n, OnnxWindow &window, Value x, bool isUpper) {
  for (size_t i = 0; i < window.sizes.size(); ++i) {
    DimAttr size = n.getDim(x, window.axes[i]);
    // Of the last window only the start, a multiple of the stride, must lie inside.
    DimAttr last = roundDown(subDims(size, n.dim(1)), window.strides[i]);
    DimAttr end = last ? addDims(last, n.dim(window.getSpan(i))) : DimAttr();
    DimAttr total = end ? subDims(end, size) : DimAttr();
    if (!total)
      return n.fail("attribute 'strides' is out of range"), false;
    if (total.isConstant()) {
      total = n.dim(std::max<int64_t>(total.getConstant(), 0));
    } else if (window.getSpan(i) < window.strides[i]) {
      // It is negative for some sizes.
      n.failSymbolic("auto_pad needs axis " + Twine(window.axes[i]) + " to be static", size);
      return false;
    }
    DimAttr half = floorDivDims(total, n.dim(2)), rest = subDims(total, half);
    window.low[i] = isUpper ? half : rest;
    window.high[i] = isUpper ? rest : half;
  }
  return true;
}

std::optional<OnnxWindow> OnnxWindow::read(OnnxNode &n, Value x, ArrayRef<int64_t> kernel) {
  if (!x)
    return std::nullopt;
  int64_t count = n.getRank(x) - 2;
  if (count < 1)
    return n.fail("expected an input of rank 3 or more"), std::nullopt;
  OnnxWindow window;
  window.axes = llvm::to_vector(llvm::seq<int64_t>(2, count + 2));
  window.sizes.assign(kernel.begin(), kernel.end());
  if (n.hasAttr("kernel_shape") || kernel.empty())
    window.sizes = n.getInts("kernel_shape");
  if (!kernel.empty() && ArrayRef(window.sizes) != kernel)
    return n.fail("attribute 'kernel_shape' differs from the shape of the weights"), std::nullopt;
  window.strides = n.getInts("strides", count, 1);
  window.dilations = n.getInts("dilations", count, 1);
  SmallVector<int64_t> pads = n.getInts("pads", 2 * count, 0);
  if (static_cast<int64_t>(window.sizes.size()) != count)
    return n.fail("expected a kernel of " + Twine(count) + " axes"), std::nullopt;
  constexpr int64_t maxValue = std::numeric_limits<int32_t>::max();
  for (ArrayRef<int64_t> values :
       {ArrayRef(window.sizes), ArrayRef(window.strides), ArrayRef(window.dilations)})
    for (int64_t value : values)
      if (value <= 0 || value > maxValue)
        return n.fail("kernel, strides and dilations must be positive"), std::nullopt;
  for (int64_t i = 0; i < count; ++i) {
    window.low.push_back(n.dim(pads[i]));
    window.high.push_back(n.dim(pads[count + i]));
  }
  StringRef autoPad = n.getString("auto_pad", "NOTSET");
  bool isUpper = autoPad == "SAME_UPPER";
  if (isUpper || autoPad == "SAME_LOWER") {
    if (!padSame(n, window, x, isUpper))
      return std::nullopt;
  } else if (autoPad == "VALID") {
    window.low.assign(count, n.dim(0));
    window.high.assign(count, n.dim(0));
  } else if (autoPad != "NOTSET") {
    return n.fail("attribute 'auto_pad' is '" + autoPad + "'"), std::nullopt;
  }
  if (n.hasFailed())
    return std::nullopt;
  return window;
}

Value OnnxWindow::apply(OnnxNode &n, Value x, Value value) const {
  SmallVector<DimAttr> padLow(2, n.dim(0)), padHigh(2, n.dim(0));
  padLow.append(low);
  padHigh.append(high);
  Value windows = n.window(n.pad(x, padLow, padHigh, value), axes, sizes, strides, dilations);
  for (auto [i, count] : llvm::enumerate(positions))
    if (windows && count)
      windows = n.slice(windows, axes[i], n.dim(0), count);
  return windows;
}

//===----------------------------------------------------------------------===//
// Conv
//===----------------------------------------------------------------------===//

Value tg::alignOnnxChannels(OnnxNode &n, Value vector, int64_t rank) {
  if (!vector)
    return {};
  auto axes = llvm::to_vector(llvm::seq<int64_t>(1, std::max<int64_t>(rank - 1, 1)));
  return n.unsqueeze(vector, axes);
}

/// x [N, C, s...] and w [M, C / g, k...]: with windows [N, g, 1, C / g, o..., k...] and weights
/// [1, g, M / g, C / g, 1..., k...], the sum of products over C / g and k.
Value tg::convolveOnnx(OnnxNode &n, Value x, Value w) {
  if (!x || !w)
    return {};
  int64_t rank = n.getRank(x), spatial = rank - 2;
  if (rank < 3 || n.getRank(w) != rank)
    return n.fail("expected an input and weights of one rank, 3 or more");
  SmallVector<DimAttr> from = n.getDims(x), weights = n.getDims(w);
  SmallVector<int64_t> kernel;
  for (DimAttr size : ArrayRef(weights).drop_front(2)) {
    if (!size.isConstant())
      return n.failSymbolic("the weights must be of static shape", size);
    kernel.push_back(size.getConstant());
  }
  auto window = OnnxWindow::read(n, x, kernel);
  int64_t groups = n.getInt("group", 1);
  if (!window || n.hasFailed())
    return {};
  DimAttr g = n.dim(groups);
  if (groups <= 0)
    return n.fail("attribute 'group' is not positive");
  for (auto [size, wanted] : {std::pair(from[1], mulDims(weights[1], g)),
                              std::pair(weights[0], mulDims(floorDivDims(weights[0], g), g))})
    if (size != wanted)
      return n.failSizes("the channels of the input and of the weights do not fit in " +
                             Twine(groups) + " groups",
                         wanted, size);
  Value windows = window->apply(n, x);
  if (!windows)
    return {};

  bool hasGroups = groups > 1;
  DimAttr one = n.dim(1), perGroup = floorDivDims(weights[0], g);
  SmallVector<DimAttr> windowDims{from[0]}, weightDims{one};
  if (hasGroups) {
    windowDims.push_back(g);
    weightDims.push_back(g);
  }
  windowDims.append({one, weights[1]});
  weightDims.append({perGroup, weights[1]});
  SmallVector<DimAttr> positions = n.getDims(windows);
  windowDims.append(positions.begin() + 2, positions.end());
  weightDims.append(spatial, one);
  weightDims.append(weights.begin() + 2, weights.end());

  int64_t channelAxis = hasGroups ? 3 : 2;
  SmallVector<int64_t> axes{channelAxis};
  for (int64_t i = 0; i < spatial; ++i)
    axes.push_back(channelAxis + 1 + spatial + i);
  Value sum = n.contract(n.reshape(windows, windowDims), n.reshape(w, weightDims), axes);
  SmallVector<DimAttr> result{from[0], weights[0]};
  result.append(positions.begin() + 2, positions.begin() + 2 + spatial);
  return n.reshape(sum, result);
}

static void conv(OnnxNode &n) {
  Value x = n.getInput(0), bias = n.getOptionalInput(2);
  Value result = convolveOnnx(n, x, n.getInput(1));
  if (bias && result)
    result = n.add(result, alignOnnxChannels(n, bias, n.getRank(x)));
  n.setOutput(0, result);
}

//===----------------------------------------------------------------------===//
// ConvTranspose
//===----------------------------------------------------------------------===//

/// The padding that auto_pad and output_shape ask for: what is cut off the full result.
static bool padTransposed(OnnxNode &n, OnnxWindow &window, Value x, ArrayRef<int64_t> extra) {
  StringRef autoPad = n.getString("auto_pad", "NOTSET");
  bool isSame = autoPad.starts_with("SAME");
  if (!isSame && !n.hasAttr("output_shape"))
    return true;
  size_t count = window.sizes.size();
  SmallVector<int64_t> wanted = n.getInts("output_shape");
  // It may list batch and channels too.
  if (wanted.size() == count + 2)
    wanted.erase(wanted.begin(), wanted.begin() + 2);
  for (size_t i = 0; i < count; ++i) {
    DimAttr size = n.getDim(x, window.axes[i]), stride = n.dim(window.strides[i]);
    DimAttr full =
        addDims(mulDims(subDims(size, n.dim(1)), stride), n.dim(extra[i] + window.getSpan(i)));
    DimAttr target = i < wanted.size() ? n.dim(wanted[i]) : mulDims(size, stride);
    DimAttr total = full && target ? subDims(full, target) : DimAttr();
    if (!total || !total.isConstant())
      return n.failSymbolic("output_shape needs axis " + Twine(window.axes[i]) + " to be static",
                            size),
             false;
    int64_t amount = total.getConstant(), half = amount / 2;
    // An output larger than the full one grows at the end.
    bool isUpper = autoPad == "SAME_UPPER";
    window.low[i] = n.dim(amount < 0 ? 0 : isUpper ? half : amount - half);
    window.high[i] = subDims(total, window.low[i]);
  }
  return true;
}

/// x [N, C, s...] and w [C, M / g, k...]: products summed over C / g, [N, M, s..., k...], whose
/// taps unwindow adds where they fall; then the padding is cut off: `pads` if there are any.
static void convTranspose(OnnxNode &n, Value bias, ArrayRef<DimAttr> pads = {}) {
  Value x = n.getInput(0), w = n.getInput(1);
  if (!x || !w)
    return;
  int64_t rank = n.getRank(x), spatial = rank - 2, groups = n.getInt("group", 1);
  if (rank < 3 || n.getRank(w) != rank || groups <= 0)
    return (void)n.fail("expected an input and weights of one rank, 3 or more");
  SmallVector<DimAttr> from = n.getDims(x), weights = n.getDims(w);
  SmallVector<int64_t> kernel, extra = n.getInts("output_padding", spatial, 0);
  for (DimAttr size : ArrayRef(weights).drop_front(2)) {
    if (!size.isConstant())
      return (void)n.failSymbolic("the weights must be of static shape", size);
    kernel.push_back(size.getConstant());
  }
  auto window = OnnxWindow::read(n, x, kernel);
  if (!window || !padTransposed(n, *window, x, extra))
    return;
  if (!pads.empty() && static_cast<int64_t>(pads.size()) != 2 * spatial)
    return (void)n.fail("expected " + Twine(2 * spatial) + " pads");
  if (!pads.empty()) {
    window->low.assign(pads.begin(), pads.begin() + spatial);
    window->high.assign(pads.begin() + spatial, pads.end());
  }
  DimAttr g = n.dim(groups), one = n.dim(1), perGroup = floorDivDims(from[1], g);
  for (DimAttr wanted : {weights[0], mulDims(perGroup, g)})
    if (from[1] != wanted)
      return (void)n.failSizes("the channels of the input and of the weights do not fit in " +
                                   Twine(groups) + " groups",
                               from[1], wanted);
  // [N, g, C / g, 1, s..., 1...] * [1, g, C / g, M / g, 1..., k...]
  SmallVector<DimAttr> inputDims{from[0], g, perGroup, one},
      weightDims{one, g, perGroup, weights[1]};
  inputDims.append(from.begin() + 2, from.end());
  inputDims.append(spatial, one);
  weightDims.append(spatial, one);
  weightDims.append(weights.begin() + 2, weights.end());
  Type type = n.getElementType(x), wide = n.getAccumulatorType(type);
  Value taps =
      n.contract(n.reshape(n.cast(x, wide), inputDims), n.reshape(n.cast(w, wide), weightDims), 2);
  SmallVector<DimAttr> tapDims{from[0], mulDims(weights[1], g)}, full(tapDims);
  tapDims.append(from.begin() + 2, from.end());
  tapDims.append(weights.begin() + 2, weights.end());
  SmallVector<DimAttr> low(2, n.dim(0)), high(2, n.dim(0));
  for (int64_t i = 0; i < spatial; ++i) {
    DimAttr steps = mulDims(subDims(from[2 + i], one), n.dim(window->strides[i]));
    full.push_back(addDims(steps, n.dim(window->getSpan(i))));
    low.push_back(mulDims(window->low[i], n.dim(-1)));
    high.push_back(subDims(n.dim(extra[i]), window->high[i]));
  }
  Value result =
      n.unwindow(n.reshape(taps, tapDims), full, window->axes, window->strides, window->dilations);
  result = n.cast(n.pad(result, low, high), type);
  if (bias && result)
    result = n.add(result, alignOnnxChannels(n, bias, rank));
  n.setOutput(0, result);
}

void tg::registerOnnxConvolutions(OnnxOpRegistry &r) {
  r.add("Conv", 1, conv);
  r.add("ConvTranspose", 1, [](OnnxNode &n) { convTranspose(n, n.getOptionalInput(2)); });
  // ONNX Runtime's has the pads as an input.
  auto buildPadded = [](OnnxNode &n) {
    SmallVector<DimAttr> pads = n.hasInput(2) ? n.getDimsInput(2) : SmallVector<DimAttr>();
    convTranspose(n, n.getOptionalInput(3), pads);
  };
  r.add("ConvTransposeWithDynamicPads", 1, buildPadded, "com.microsoft");
}
