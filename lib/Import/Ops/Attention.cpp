//===- Attention.cpp - ONNX Attention and RotaryEmbedding ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Families.h"

#include <cmath>

using namespace mlir;
using namespace tg;
using namespace tg::uop;

/// [B, S, H * D] as [B, H, S, D]; a tensor of rank 4 is so already.
static Value splitHeads(OnnxNode &n, Value x, StringRef attribute) {
  if (!x || n.getRank(x) == 4)
    return x;
  int64_t heads = n.getInt(attribute);
  if (n.hasFailed() || n.getRank(x) != 3 || heads <= 0)
    return n.fail("expected inputs of rank 3, with '" + attribute + "', or 4");
  SmallVector<DimAttr> d = n.getDims(x);
  DimAttr h = n.dim(heads);
  return n.permute(n.reshape(x, {d[0], d[1], h, floorDivDims(d[2], h)}), {0, 2, 1, 3});
}

/// Each key and value head serves as many query heads as there are more of those.
static Value repeatHeads(OnnxNode &n, Value x, DimAttr heads) {
  if (!x || n.getDim(x, 1) == heads)
    return x;
  SmallVector<DimAttr> d = n.getDims(x);
  return n.reshape(
      n.broadcastTo(n.unsqueeze(x, 2), {d[0], d[1], floorDivDims(heads, d[1]), d[2], d[3]}),
      {d[0], heads, d[2], d[3]});
}

/// What is added to the scores [B, H, S, T], as a list of masks: the given one, causality, and the
/// lengths of the sequences.
static Value maskScores(OnnxNode &n, Value scores, DimAttr past) {
  if (!scores)
    return {};
  SmallVector<DimAttr> d = n.getDims(scores);
  Type type = n.getElementType(scores), i64 = n.getBuilder().getI64Type();
  Value lowest = n.scalar(-std::numeric_limits<double>::infinity(), type);
  Value zero = n.scalar(0, type);
  if (Value mask = n.getOptionalInput(3)) {
    if (isBool(n.getElementType(mask)))
      mask = n.where(mask, zero, lowest);
    mask = n.cast(mask, type);
    if (!mask || n.getRank(mask) == 0)
      return n.fail("expected a mask of rank 1 or more");
    // A mask may end early; what it does not reach is masked.
    int64_t last = n.getRank(mask) - 1;
    DimAttr missing = subDims(d[3], n.getDim(mask, last));
    if (missing && !n.getDim(mask, last).isConstant(1) && !missing.isConstant(0)) {
      SmallVector<DimAttr> low(last + 1, n.dim(0)), high(low);
      high[last] = missing;
      mask = n.pad(mask, low, high, lowest);
    }
    scores = n.add(scores, mask);
  }
  if (n.getInt("is_causal", 0)) {
    Value row = n.add(n.iota({d[2], d[3]}, 0, i64), n.size(past));
    Value isLater = n.lt(row, n.iota({d[2], d[3]}, 1, i64));
    scores = n.add(scores, n.where(isLater, lowest, zero));
  }
  if (Value length = n.getOptionalInput(6)) {
    Value isInside = n.lt(n.iota({n.dim(1), n.dim(1), n.dim(1), d[3]}, 3, i64),
                          n.unsqueeze(n.cast(length, i64), {1, 2, 3}));
    scores = n.add(scores, n.where(isInside, zero, lowest));
  }
  return scores;
}

/// softmax(Q K^T * scale + mask) V
static void attention(OnnxNode &n) {
  Value query = n.getInput(0), key = n.getInput(1), value = n.getInput(2);
  if (!query || !key || !value)
    return;
  bool isFlat = n.getRank(query) == 3;
  Type type = n.getElementType(query), valueType = n.getElementType(value);
  query = splitHeads(n, query, "q_num_heads");
  key = splitHeads(n, key, "kv_num_heads");
  value = splitHeads(n, value, "kv_num_heads");
  DimAttr past = n.dim(0);
  if (Value pastKey = n.getOptionalInput(4)) {
    past = n.getRank(pastKey) == 4 ? n.getDim(pastKey, 2) : past;
    key = n.concat({pastKey, key}, 2);
    value = n.concat({n.getInput(5), value}, 2);
  }
  if (!query || !key || !value)
    return;
  n.setOutput(1, key);
  n.setOutput(2, value);

  DimAttr heads = n.getDim(query, 1), width = n.getDim(query, 3);
  if (!width.isConstant() || width.getConstant() <= 0)
    return (void)n.failSymbolic("the width of a head must be static and not 0", width);
  key = repeatHeads(n, key, heads);
  value = repeatHeads(n, value, heads);
  double scale = n.getFloat("scale", 1 / std::sqrt(static_cast<double>(width.getConstant())));
  Type wide = n.getAccumulatorType(type);
  // Half of the scale on either side keeps narrow floats in range.
  query = n.mul(n.cast(query, wide), n.splatLike(std::sqrt(scale), n.cast(query, wide)));
  key = n.mul(n.cast(key, wide), n.splatLike(std::sqrt(scale), n.cast(key, wide)));
  Value scores = n.matmul(query, n.transpose(key, 2, 3));
  int64_t mode = n.getInt("qk_matmul_output_mode", 0);
  auto setScores = [&](int64_t when) {
    if (scores && mode == when && n.hasOutput(3))
      n.setOutput(3, n.cast(scores, type));
  };
  setScores(0);
  double softcap = n.getFloat("softcap", 0);
  auto cap = [&] {
    if (softcap > 0)
      scores = n.mul(n.unary<TanhOp>(n.div(scores, n.splatLike(softcap, scores))),
                     n.splatLike(softcap, scores));
  };
  scores = maskScores(n, scores, past);
  setScores(1);
  cap();
  setScores(2);
  scores = n.softmax(scores, 3);
  setScores(3);
  Value result = n.cast(n.matmul(scores, n.cast(value, wide)), valueType);
  if (isFlat && result) {
    SmallVector<DimAttr> d = n.getDims(result);
    result = n.reshape(n.permute(result, {0, 2, 1, 3}), {d[0], d[2], mulDims(d[1], d[3])});
  }
  n.setOutput(0, result);
}

Value tg::rotateOnnx(OnnxNode &n, Value x, Value cosine, Value sine, DimAttr turned,
                     bool isInterleaved) {
  if (!x || !cosine || !sine || !turned)
    return {};
  SmallVector<DimAttr> shape = n.getDims(x);
  DimAttr half = floorDivDims(turned, n.dim(2));
  Value rest;
  if (turned != shape[3])
    rest = n.slice(x, 3, turned, subDims(shape[3], turned));
  x = n.slice(x, 3, n.dim(0), turned);
  // Only as many angles as there are pairs, for every head.
  auto align = [&](Value angles) {
    if (n.getRank(angles) != 3)
      return n.fail("expected angles of shape [batch, sequence, pairs]");
    return n.unsqueeze(n.slice(angles, 2, n.dim(0), half), 2);
  };
  cosine = align(cosine);
  sine = align(sine);
  SmallVector<DimAttr> pairs{shape[0], shape[1], shape[2], half, n.dim(2)};
  if (!isInterleaved)
    std::swap(pairs[3], pairs[4]);
  int64_t pairAxis = isInterleaved ? 4 : 3;
  Value split = n.reshape(x, pairs);
  if (!split)
    return {};
  Value real = n.squeeze(n.slice(split, pairAxis, n.dim(0), n.dim(1)), pairAxis);
  Value imaginary = n.squeeze(n.slice(split, pairAxis, n.dim(1), n.dim(1)), pairAxis);
  Value newReal = n.sub(n.mul(cosine, real), n.mul(sine, imaginary));
  Value newImaginary = n.add(n.mul(sine, real), n.mul(cosine, imaginary));
  Value joined =
      n.concat({n.unsqueeze(newReal, pairAxis), n.unsqueeze(newImaginary, pairAxis)}, pairAxis);
  shape[3] = turned;
  Value result = n.reshape(joined, shape);
  return rest ? n.concat({result, rest}, 3) : result;
}

static void rotaryEmbedding(OnnxNode &n) {
  Value x = n.getInput(0), cosine = n.getInput(1), sine = n.getInput(2);
  if (!x || !cosine || !sine)
    return;
  SmallVector<DimAttr> original = n.getDims(x);
  bool isFlat = original.size() == 3;
  // [B, S, H, D]
  if (isFlat)
    x = n.permute(splitHeads(n, x, "num_heads"), {0, 2, 1, 3});
  else
    x = n.permute(x, {0, 2, 1, 3});
  if (!x)
    return;
  if (Value positions = n.getOptionalInput(3)) {
    cosine = n.gather(cosine, n.cast(positions, n.getBuilder().getI64Type()), 0);
    sine = n.gather(sine, n.cast(positions, n.getBuilder().getI64Type()), 0);
  }
  int64_t rotated = n.getInt("rotary_embedding_dim", 0);
  DimAttr turned = rotated > 0 ? n.dim(rotated) : n.getDim(x, 3);
  Value result = rotateOnnx(n, x, cosine, sine, turned, n.getInt("interleaved", 0));
  n.setOutput(0, isFlat ? n.reshape(result, original) : n.permute(result, {0, 2, 1, 3}));
}

void tg::registerOnnxAttention(OnnxOpRegistry &r) {
  r.add("Attention", 23, attention);
  r.add("RotaryEmbedding", 23, rotaryEmbedding);
}
