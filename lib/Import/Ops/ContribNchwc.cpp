//===- ContribNchwc.cpp - Blocked layouts of ONNX Runtime ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX Runtime's layout optimization keeps channels in blocks of 16 or 8 numbers, as many as a
// vector register holds, and writes convolutions of the domain com.microsoft.nchwc:
//
//   ReorderInput -> Conv -> MaxPool -> ... -> ReorderOutput
//
// The types in the file are those of [N, C, H, W] with C padded to whole blocks, and so are the
// values here: only the weights lie in memory as blocks, and are put in order.
//
// The size of a block is not in the file. Weights and inputs that are no whole blocks of 16 tell
// that it is 8, and an input that is padded to more than whole blocks of 8 that it is 16. Otherwise
// it is that of this machine: ONNX Runtime runs such a file on a machine of the same kind only.
//
//===----------------------------------------------------------------------===//

#include "Contrib.h"

#include "../OnnxGraph.h"
#include "ResizeTaps.h"

#include "llvm/TargetParser/Host.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

static constexpr llvm::StringLiteral nchwcDomain = "com.microsoft.nchwc";

static int64_t roundUp(int64_t value, int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

static int64_t getHostBlock() {
  llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
  return features.lookup("avx512f") || !features.count("avx2") ? 16 : 8;
}

/// The size of the blocks in a model, from the sizes of its weights.
static int64_t findBlock(const onnx::GraphProto &graph) {
  llvm::StringMap<const onnx::TensorProto *> tensors;
  for (const onnx::TensorProto &tensor : graph.initializer())
    tensors[tensor.name()] = &tensor;
  /// How many channels a blocked value has before padding, where ReorderOutput or a plain
  /// convolution's bias tells.
  llvm::StringMap<int64_t> padded;
  for (const onnx::NodeProto &node : graph.node()) {
    if (node.domain() != nchwcDomain || node.op_type() != "Conv" || node.input_size() < 2)
      continue;
    const onnx::TensorProto *weights = tensors.lookup(node.input(1));
    if (!weights || weights->dims_size() < 2)
      continue;
    if (weights->dims(0) % 16 != 0)
      return 8;
    padded[node.output(0)] = weights->dims(0);
  }
  for (const onnx::NodeProto &node : graph.node()) {
    if (node.domain() != nchwcDomain || node.op_type() != "ReorderOutput" || node.input_size() < 1)
      continue;
    auto it = padded.find(node.input(0));
    for (const onnx::AttributeProto &attribute : node.attribute())
      if (attribute.name() == "channels" && it != padded.end() &&
          roundUp(attribute.i(), 8) != it->second)
        return 16;
  }
  return getHostBlock();
}

/// Weights [O, I, k...] as they would be without blocks.
static Value unblockWeights(OnnxNode &n, Value w, int64_t block, bool blocksInputs) {
  SmallVector<DimAttr> d = n.getDims(w);
  DimAttr b = n.dim(block), outer = floorDivDims(d[0], b), inner = floorDivDims(d[1], b);
  if (d.size() != 4)
    return n.fail("expected weights of rank 4");
  if (!blocksInputs) // [O / b, I, h, w, b]
    return n.reshape(n.permute(n.reshape(w, {outer, d[1], d[2], d[3], b}), {0, 4, 1, 2, 3}), d);
  // [O / b, I / b, h, w, b of I, b of O]
  Value split = n.reshape(w, {outer, inner, d[2], d[3], b, b});
  return n.reshape(n.permute(split, {0, 5, 1, 4, 2, 3}), d);
}

static void conv(OnnxNode &n) {
  Value x = n.getInput(0), w = n.getInput(1), bias = n.getOptionalInput(2);
  if (!x || !w || n.getRank(w) < 2)
    return (void)n.fail("expected weights of rank 4");
  int64_t block = findBlock(n.getImporter().getGraph());
  DimAttr inputs = n.getDim(w, 1);
  if (!inputs.isConstant())
    return (void)n.fail("the weights must be of static shape");
  // Few input channels, and those of a depthwise convolution, are not blocked.
  bool blocksInputs = inputs.getConstant() % block == 0;
  Value result = convolveOnnx(n, x, unblockWeights(n, w, block, blocksInputs));
  if (bias && result)
    result = n.add(result, alignOnnxChannels(n, bias, 4));
  if (Value sum = n.getOptionalInput(3))
    result = n.add(result, sum);
  ActivationParams params(n.getFloats("activation_params"));
  n.setOutput(0, activateFused(n, result, n.getString("activation"), params));
}

/// The channels are padded to whole blocks.
static void reorderInput(OnnxNode &n) {
  Value x = n.getInput(0);
  if (x && n.getInt("channels_last", 0))
    x = toChannelsFirst(n, x);
  if (!x || n.getRank(x) != 4)
    return (void)n.fail("expected an input of rank 4");
  DimAttr channels = n.getDim(x, 1);
  if (!channels.isConstant())
    return (void)n.failSymbolic("the channels must be static", channels);
  int64_t size = channels.getConstant();
  SmallVector<DimAttr> low(4, n.dim(0)), high(low);
  high[1] = n.dim(roundUp(size, findBlock(n.getImporter().getGraph())) - size);
  n.setOutput(0, n.pad(x, low, high));
}

static void reorderOutput(OnnxNode &n) {
  Value x = n.getInput(0);
  int64_t channels = n.getInt("channels", 0);
  if (!x)
    return;
  if (n.getRank(x) != 4 || channels <= 0)
    return (void)n.fail("expected an input of rank 4 and attribute 'channels'");
  x = n.slice(x, 1, n.dim(0), n.dim(channels));
  n.setOutput(0, n.getInt("channels_last", 0) ? toChannelsLast(n, x) : x);
}

/// Over all spatial axes, which stay with size 1.
template <bool isMax> static void globalPool(OnnxNode &n) {
  Value x = n.getInput(0);
  if (!x || n.getRank(x) != 4)
    return (void)n.fail("expected an input of rank 4");
  n.setOutput(0, isMax ? n.reduce(CombineKind::Max, x, {2, 3}, true) : n.mean(x, {2, 3}, true));
}

static void upsample(OnnxNode &n) {
  ResizeMode mode{n.getString("mode", "nearest"),
                  n.getString("coordinate_transformation_mode", "asymmetric"),
                  "floor",
                  -0.75,
                  false,
                  false};
  SmallVector<double> scales;
  for (int64_t scale : n.getInts("scales"))
    scales.push_back(static_cast<double>(scale));
  resizeOnnx(n, mode, scales);
}

void tg::registerContribNchwc(OnnxOpRegistry &r) {
  auto add = [&](StringRef name, OnnxOpRegistry::Build build) {
    r.add(name, 1, std::move(build), nchwcDomain);
  };
  add("AveragePool", [](OnnxNode &n) {
    n.setOutput(0, averagePoolOnnx(n, n.getInput(0), /*countsOverhang=*/true));
  });
  add("Conv", conv);
  add("GlobalAveragePool", globalPool<false>);
  add("GlobalMaxPool", globalPool<true>);
  add("MaxPool", [](OnnxNode &n) { n.setOutput(0, maxPoolOnnx(n, n.getInput(0))); });
  add("ReorderInput", reorderInput);
  add("ReorderOutput", reorderOutput);
  add("Upsample", upsample);
}
