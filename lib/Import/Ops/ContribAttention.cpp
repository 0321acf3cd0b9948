//===- ContribAttention.cpp - ONNX Runtime's attention ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Contrib.h"

#include <cmath>

using namespace mlir;
using namespace tg;
using namespace tg::uop;

Value tg::splitIntoHeads(OnnxNode &n, Value x, int64_t heads) {
  if (!x)
    return {};
  if (n.getRank(x) != 3 || heads <= 0)
    return n.fail("expected an input of rank 3 and a positive number of heads");
  SmallVector<DimAttr> d = n.getDims(x);
  DimAttr h = n.dim(heads), width = floorDivDims(d[2], h);
  return n.permute(n.reshape(x, {d[0], d[1], h, width}), {0, 2, 1, 3});
}

/// Each key and value head serves as many query heads as there are more of those.
static Value repeatHeads(OnnxNode &n, Value x, DimAttr heads) {
  if (!x || n.getDim(x, 1) == heads)
    return x;
  if (n.getDim(x, 1).isConstant(0))
    return n.fail("there are no heads of keys and values");
  SmallVector<DimAttr> d = n.getDims(x);
  Value repeated =
      n.broadcastTo(n.unsqueeze(x, 2), {d[0], d[1], floorDivDims(heads, d[1]), d[2], d[3]});
  return n.reshape(repeated, {d[0], heads, d[2], d[3]});
}

/// The softmax over the last axis with one more score per head, which is dropped again.
static Value softmaxWithSink(OnnxNode &n, Value scores, Value sink) {
  if (!scores || !sink)
    return {};
  sink = n.reshape(n.cast(sink, n.getElementType(scores)), {n.dim(1), n.getDim(scores, 1), //
                                                            n.dim(1), n.dim(1)});
  Value largest = n.max(n.reduce(CombineKind::Max, scores, 3, /*keepDims=*/true), sink);
  Value e = n.unary<ExpOp>(n.sub(scores, largest));
  Value total = n.add(n.sum(e, 3, /*keepDims=*/true), n.unary<ExpOp>(n.sub(sink, largest)));
  return n.div(e, total);
}

Value ContribAttention::build(OnnxNode &n) {
  if (!query || !key || !value)
    return {};
  DimAttr heads = n.getDim(query, 1), width = n.getDim(query, 3);
  if (!width.isConstant() || width.getConstant() <= 0)
    return n.failSymbolic("the width of a head must be static and not 0", width);
  Type type = n.getElementType(query), wide = n.getAccumulatorType(type);
  if (scale == 0)
    scale = 1 / std::sqrt(static_cast<double>(width.getConstant()));
  Value keys = repeatHeads(n, n.cast(key, wide), heads);
  Value values = repeatHeads(n, n.cast(value, wide), heads);
  rawScores = n.matmul(n.cast(query, wide), n.transpose(keys, 2, 3));
  rawScores = n.mul(rawScores, n.splatLike(scale, rawScores));
  scores = rawScores;
  if (softcap > 0) {
    Value cap = n.splatLike(softcap, scores);
    scores = n.mul(n.unary<TanhOp>(n.div(scores, cap)), cap);
  }
  for (Value bias : biases)
    if (bias && scores)
      scores = n.add(scores, n.broadcastTo(n.cast(bias, wide), n.getDims(scores)));
  // Not -inf: a row where nothing is to be seen would have no softmax.
  if (hidden && scores)
    scores = n.where(n.broadcastTo(hidden, n.getDims(scores)),
                     n.splatLike(std::numeric_limits<float>::lowest(), scores), scores);
  probabilities = sink ? softmaxWithSink(n, scores, sink) : n.softmax(scores, 3);
  Value result = n.cast(n.matmul(probabilities, values), type);
  if (!result)
    return {};
  SmallVector<DimAttr> d = n.getDims(result);
  return n.reshape(n.permute(result, {0, 2, 1, 3}), {d[0], d[2], mulDims(d[1], d[3])});
}

Value tg::isLaterKey(OnnxNode &n, DimAttr queries, DimAttr keys, DimAttr past) {
  Type i64 = n.getBuilder().getI64Type();
  Value row = n.iota({queries, keys}, 0, i64);
  // ONNX Runtime's last query sees every key, which matters where the queries are not the last.
  Value isLast = n.eq(row, n.size(subDims(queries, n.dim(1))));
  Value isLater = n.lt(n.add(row, n.size(past)), n.iota({queries, keys}, 1, i64));
  return n.binary<AndOp>(isLater, n.unary<NotOp>(isLast));
}

/// Which keys lie inside the sequences, [B, 1, 1, T], of their ends, or of ends and starts.
static Value isInside(OnnxNode &n, Value ends, DimAttr batch, DimAttr keys) {
  Type i64 = n.getBuilder().getI64Type();
  bool hasStarts = n.getDim(ends, 0) == mulDims(batch, n.dim(2));
  if (!hasStarts && n.getDim(ends, 0) != batch)
    return n.failSizes("a mask of rank 1 must have one element per sequence, or two",
                       n.getDim(ends, 0), batch);
  ends = n.cast(ends, i64);
  auto align = [&](DimAttr offset) {
    return n.reshape(n.slice(ends, 0, offset, batch), {batch, n.dim(1), n.dim(1), n.dim(1)});
  };
  Value position = n.iota({n.dim(1), n.dim(1), n.dim(1), keys}, 3, i64);
  Value inside = n.lt(position, align(n.dim(0)));
  return hasStarts ? n.binary<AndOp>(inside, n.le(align(batch), position)) : inside;
}

Value tg::readPaddingMask(OnnxNode &n, Value mask, Value scoresLike, DimAttr batch, DimAttr keys,
                          double filter) {
  if (!mask || !scoresLike)
    return {};
  int64_t rank = n.getRank(mask);
  Value visible;
  if (rank == 1) {
    visible = isInside(n, mask, batch, keys);
  } else if (rank == 2 || rank == 3) {
    if (n.getDim(mask, rank - 1) != keys)
      return n.failSizes("the last axis of the mask and the number of keys differ",
                         n.getDim(mask, rank - 1), keys);
    visible = n.lt(n.splatLike(0, mask), mask);
    visible = rank == 2 ? n.unsqueeze(visible, {1, 2}) : n.unsqueeze(visible, 1);
  } else {
    return n.fail("a mask of rank " + Twine(rank) + " is not supported");
  }
  Type wide = n.getAccumulatorType(n.getElementType(scoresLike));
  return n.where(visible, n.scalar(0, wide), n.scalar(filter, wide));
}

/// The half of past or present [2, B, H, P, D] for keys (0) or values (1).
static Value takeHalf(OnnxNode &n, Value past, int64_t i) { return n.takeRow(past, 0, n.dim(i)); }

/// Where the parts for queries, keys and values end in the projections.
static std::optional<SmallVector<DimAttr>> readHiddenSizes(OnnxNode &n, DimAttr total) {
  SmallVector<int64_t> sizes = n.getInts("qkv_hidden_sizes");
  if (sizes.empty())
    return SmallVector<DimAttr>(3, floorDivDims(total, n.dim(3)));
  if (sizes.size() != 3 ||
      addDims(addDims(n.dim(sizes[0]), n.dim(sizes[1])), n.dim(sizes[2])) != total)
    return n.fail("attribute 'qkv_hidden_sizes' does not fit the weights"), std::nullopt;
  return n.dims(sizes);
}

void tg::attendProjected(OnnxNode &n, Value projected, Value mask, Value past, Value bias) {
  int64_t heads = n.getInt("num_heads");
  if (!projected || n.hasFailed() || !requireInt(n, "do_rotary", 0) ||
      !requireInt(n, "past_present_share_buffer", 0))
    return;
  if (n.getRank(projected) != 3)
    return (void)n.fail("expected an input of rank 3");
  auto sizes = readHiddenSizes(n, n.getDim(projected, 2));
  if (!sizes)
    return;
  Value parts[3];
  DimAttr offset = n.dim(0);
  for (auto [part, size] : llvm::zip_equal(parts, *sizes)) {
    part = splitIntoHeads(n, n.slice(projected, 2, offset, size), heads);
    offset = addDims(offset, size);
  }
  ContribAttention attention;
  attention.query = parts[0];
  attention.key = parts[1];
  attention.value = parts[2];
  DimAttr pastSize = n.dim(0);
  if (past) {
    if (n.getRank(past) != 5)
      return (void)n.fail("expected a past of rank 5");
    pastSize = n.getDim(past, 3);
    attention.key = n.concat({takeHalf(n, past, 0), attention.key}, 2);
    attention.value = n.concat({takeHalf(n, past, 1), attention.value}, 2);
  }
  if (n.hasFailed())
    return;
  if (n.hasOutput(1))
    n.setOutput(1, n.concat({n.unsqueeze(attention.key, 0), n.unsqueeze(attention.value, 0)}, 0));
  DimAttr batch = n.getDim(projected, 0), queries = n.getDim(projected, 1);
  DimAttr keys = n.getDim(attention.key, 2);
  attention.scale = n.getFloat("scale", 0);
  if (mask)
    attention.biases.push_back(
        readPaddingMask(n, mask, projected, batch, keys, n.getFloat("mask_filter_value", -10000)));
  attention.biases.push_back(bias);
  if (n.getInt("unidirectional", 0))
    attention.hidden = isLaterKey(n, queries, keys, pastSize);
  n.setOutput(0, attention.build(n));
}

/// Of x [B, S, I] with weights [I, Q + K + V].
static void attention(OnnxNode &n) {
  Value x = n.getInput(0), weights = n.getInput(1);
  if (!x || !weights || !refuseInput(n, 6, "past_sequence_length"))
    return;
  Type type = n.getElementType(x), wide = n.getAccumulatorType(type);
  Value projected = n.matmul(n.cast(x, wide), n.cast(weights, wide));
  if (Value bias = n.getOptionalInput(2))
    projected = n.add(projected, n.cast(bias, wide));
  attendProjected(n, n.cast(projected, type), n.getOptionalInput(3), n.getOptionalInput(4),
                  n.getOptionalInput(5));
}

namespace {
/// The inputs of MultiHeadAttention as [B, H, S, D], with their biases.
struct MultiHeadInputs {
  Value query, key, value;
};
} // namespace

/// Part `i` of `count` of a packed input [B, S, H, count, D], as [B, H, S, D].
static Value unpack(OnnxNode &n, Value packed, int64_t i, int64_t count) {
  if (!n.getDim(packed, 3).isConstant(count))
    return n.fail("expected a packed input with " + Twine(count) + " on axis 3");
  return n.permute(n.takeRow(packed, 3, n.dim(i)), {0, 2, 1, 3});
}

static MultiHeadInputs readMultiHeadInputs(OnnxNode &n, int64_t heads) {
  Value query = n.getInput(0), key = n.getOptionalInput(1), value = n.getOptionalInput(2);
  Value bias = n.getOptionalInput(3);
  if (!query)
    return {};
  MultiHeadInputs inputs;
  if (n.getRank(query) == 5) {
    inputs = {unpack(n, query, 0, 3), unpack(n, query, 1, 3), unpack(n, query, 2, 3)};
  } else if (key && n.getRank(key) == 5) {
    inputs = {splitIntoHeads(n, query, heads), unpack(n, key, 0, 2), unpack(n, key, 1, 2)};
  } else if (!key || !value) {
    n.fail("expected queries, keys and values, or packed ones of rank 5");
  } else {
    // Keys and values of another sequence come with their heads apart already, and without bias.
    bool isCross = n.getRank(key) == 4;
    inputs = {splitIntoHeads(n, query, heads), isCross ? key : splitIntoHeads(n, key, heads),
              n.getRank(value) == 4 ? value : splitIntoHeads(n, value, heads)};
    if (isCross && bias && !n.hasFailed()) {
      DimAttr size = n.getDim(query, 2);
      inputs.query = splitIntoHeads(n, n.add(query, n.slice(bias, 0, n.dim(0), size)), heads);
      return inputs;
    }
  }
  DimAttr offset = n.dim(0);
  for (Value *part : {&inputs.query, &inputs.key, &inputs.value}) {
    if (!bias || !*part)
      continue;
    SmallVector<DimAttr> d = n.getDims(*part);
    DimAttr size = mulDims(d[1], d[3]);
    Value own = n.reshape(n.slice(bias, 0, offset, size), {d[1], n.dim(1), d[3]});
    *part = n.add(*part, own);
    offset = addDims(offset, size);
  }
  return inputs;
}

/// past [B, H, M, D], where the first `count` rows count, with `rows` after them.
static Value writeRows(OnnxNode &n, Value past, Value rows, Value count) {
  if (!past || !rows)
    return {};
  Value at = n.iota(n.getDim(rows, 2), 0, n.getBuilder().getI64Type());
  return n.scatter(ScatterKind::Set, past, n.add(at, count), rows, 2);
}

static void multiHeadAttention(OnnxNode &n) {
  int64_t heads = n.getInt("num_heads");
  if (n.hasFailed() || !refuseInput(n, 9, "cache_indirection"))
    return;
  auto [query, key, value] = readMultiHeadInputs(n, heads);
  if (!query || !key || !value)
    return;
  ContribAttention attention;
  attention.query = query;
  DimAttr pastSize = n.dim(0);
  Type i64 = n.getBuilder().getI64Type();
  if (Value pastKey = n.getOptionalInput(6)) {
    Value pastValue = n.getInput(7);
    pastSize = n.getRank(pastKey) == 4 ? n.getDim(pastKey, 2) : pastSize;
    if (Value count = n.getOptionalInput(8)) {
      // The past is a buffer that the new rows are written to.
      count = n.reshape(n.cast(count, i64), {});
      Value end = n.add(count, n.size(n.getDim(key, 2)));
      key = writeRows(n, pastKey, key, count);
      value = writeRows(n, pastValue, value, count);
      attention.hidden = n.le(end, n.iota({n.dim(1), n.dim(1), n.dim(1), pastSize}, 3, i64));
    } else {
      key = n.concat({pastKey, key}, 2);
      value = n.concat({pastValue, value}, 2);
    }
  }
  n.setOutput(1, key);
  n.setOutput(2, value);
  if (!key || !value)
    return;
  attention.key = key;
  attention.value = value;
  attention.scale = n.getFloat("scale", 0);
  DimAttr queries = n.getDim(query, 2), keys = n.getDim(key, 2);
  if (Value mask = n.getOptionalInput(4))
    attention.biases.push_back(readPaddingMask(n, mask, query, n.getDim(query, 0), keys,
                                               n.getFloat("mask_filter_value", -10000)));
  attention.biases.push_back(n.getOptionalInput(5));
  if (n.getInt("unidirectional", 0)) {
    if (attention.hidden)
      return (void)n.fail("'unidirectional' with input 8 (past_sequence_length) is not supported");
    attention.hidden = isLaterKey(n, queries, keys, pastSize);
  }
  n.setOutput(0, attention.build(n));
  n.setOutput(3, attention.rawScores);
}

/// ONNX's with other places for the inputs: positions may be one, of the first row.
static void rotaryEmbedding(OnnxNode &n) {
  Value x = n.getInput(0), positions = n.getInput(1);
  Value cosine = n.getInput(2), sine = n.getInput(3);
  if (!x || !positions || !cosine || !sine || !requireInt(n, "is_packed_batching", 0))
    return;
  SmallVector<DimAttr> original = n.getDims(x);
  int64_t rotated = n.getInt("rotary_embedding_dim", 0), heads = n.getInt("num_heads", 0);
  if (n.getRank(cosine) != 2 || n.getRank(sine) != 2)
    return (void)n.fail("expected angles of rank 2");
  DimAttr turned = rotated > 0 ? n.dim(rotated) : mulDims(n.getDim(cosine, 1), n.dim(2));
  // [B, S, H, D]
  if (original.size() == 4) {
    x = n.permute(x, {0, 2, 1, 3});
  } else if (original.size() == 3) {
    DimAttr h = heads > 0 ? n.dim(heads) : floorDivDims(original[2], turned);
    x = n.reshape(x, {original[0], original[1], h, floorDivDims(original[2], h)});
  } else {
    return (void)n.fail("expected an input of rank 3 or 4");
  }
  if (!x)
    return;
  Type i64 = n.getBuilder().getI64Type();
  positions = n.cast(positions, i64);
  if (n.getRank(positions) == 1)
    positions = n.add(n.unsqueeze(positions, 1), n.iota({n.dim(1), n.getDim(x, 1)}, 1, i64));
  Type type = n.getElementType(x), wide = n.getAccumulatorType(type);
  auto look = [&](Value table) { return n.cast(n.gather(table, positions, 0), wide); };
  Value result =
      rotateOnnx(n, n.cast(x, wide), look(cosine), look(sine), turned, n.getInt("interleaved", 0));
  result = n.cast(result, type);
  n.setOutput(0,
              original.size() == 3 ? n.reshape(result, original) : n.permute(result, {0, 2, 1, 3}));
}

void tg::registerContribAttention(OnnxOpRegistry &r) {
  r.add("Attention", 1, attention, microsoftDomain);
  r.add("MultiHeadAttention", 1, multiHeadAttention, microsoftDomain);
  r.add("RotaryEmbedding", 1, rotaryEmbedding, microsoftDomain);
}
