//===- ContribGroupQueryAttention.cpp - ONNX Runtime's attention with caches ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Contrib.h"

#include "../OnnxGraph.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

namespace {
/// One GroupQueryAttention: B sequences of S new tokens, H query heads, G key and value heads of D,
/// caches [B, G, C, D] whose results have size P on axis 2.
class GroupQueryAttention {
public:
  explicit GroupQueryAttention(OnnxNode &n) : n(n) {}

  /// Sets the outputs, or fails.
  void build();

private:
  /// False after a failure, as in the methods that follow.
  bool readInputs();
  bool refuseOthers();
  bool rotate();
  bool updateCaches();
  /// `count` heads from head `first` on of x [B, S, heads * D], as [B, count, S, D].
  Value takeHeads(Value x, int64_t first, int64_t count);
  /// The caches' size P.
  DimAttr getCacheSize();
  Value updateCache(Value past, Value rows);
  /// i1, where not to look, broadcasting to [B, H, S, P].
  Value hideKeys();
  /// The scores as a result, of the keys that count: before or after the softmax.
  void setScores(const ContribAttention &attention);
  /// `bias` for P keys: what comes after its end is hidden anyway.
  Value fitBias(Value bias);

  OnnxNode &n;
  int64_t heads = 0, groups = 0;
  DimAttr batch, numNew, width, cacheSize;
  Value query, key, value; ///< [B, H or G, S, D]
  Value lengths;           ///< i64 [B], of the sequences with the new tokens.
  Value total;             ///< i64, the largest of them.
  Value start;             ///< i64 [B], where the new tokens stand.
};
} // namespace

bool GroupQueryAttention::refuseOthers() {
  for (StringRef name : {"k_quant_type", "v_quant_type"})
    if (n.getString(name, "NONE") != "NONE")
      n.fail("attribute '" + name + "' = " + n.getString(name) + " is not supported");
  return !n.hasFailed() && requireInt(n, "sliding_window_cache", 0) &&
         refuseInput(n, 12, "k_scale") && refuseInput(n, 13, "v_scale") &&
         refuseInput(n, 14, "q_norm_weight") && refuseInput(n, 15, "k_norm_weight");
}

Value GroupQueryAttention::takeHeads(Value x, int64_t first, int64_t count) {
  x = n.slice(x, 2, mulDims(width, n.dim(first)), mulDims(width, n.dim(count)));
  return splitIntoHeads(n, x, count);
}

bool GroupQueryAttention::readInputs() {
  heads = n.getInt("num_heads");
  groups = n.getInt("kv_num_heads");
  Value x = n.getInput(0), k = n.getOptionalInput(1), v = n.getOptionalInput(2);
  Value seqlens = n.getInput(5), totalLength = n.getInput(6);
  if (!x || !seqlens || !totalLength || !refuseOthers())
    return false;
  constexpr int64_t maxHeads = 1 << 20;
  if (n.getRank(x) != 3 || groups <= 0 || heads < groups || heads > maxHeads || heads % groups != 0)
    return n.fail("expected queries of rank 3, and a multiple of kv_num_heads query heads"), false;
  batch = n.getDim(x, 0);
  numNew = n.getDim(x, 1);
  if (k && v) {
    width = floorDivDims(n.getDim(x, 2), n.dim(heads));
    query = takeHeads(x, 0, heads);
    key = splitIntoHeads(n, k, groups);
    value = splitIntoHeads(n, v, groups);
  } else if (!k && !v) {
    width = floorDivDims(n.getDim(x, 2), n.dim(heads + 2 * groups));
    query = takeHeads(x, 0, heads);
    key = takeHeads(x, heads, groups);
    value = takeHeads(x, heads + groups, groups);
  } else {
    return n.fail("expected keys and values, or neither of them"), false;
  }
  Type i64 = n.getBuilder().getI64Type();
  Value one = n.scalarInt(1, i64);
  lengths = n.add(n.reshape(n.cast(seqlens, i64), batch), one);
  total = n.reshape(n.cast(totalLength, i64), {});
  // The first tokens of all start at 0, also those of shorter sequences, which end in padding.
  Value isFirst = n.eq(total, n.size(numNew));
  start = n.where(isFirst, n.scalarInt(0, i64), n.sub(lengths, n.size(numNew)));
  return !n.hasFailed();
}

bool GroupQueryAttention::rotate() {
  if (!n.getInt("do_rotary", 0))
    return true;
  Value cosine = n.getInput(7), sine = n.getInput(8), positions = n.getOptionalInput(9);
  if (!cosine || !sine)
    return false;
  Type i64 = n.getBuilder().getI64Type();
  if (positions)
    positions = n.reshape(n.cast(positions, i64), {batch, numNew});
  else
    positions = n.add(n.unsqueeze(start, 1), n.iota({n.dim(1), numNew}, 1, i64));
  if (n.getRank(cosine) != 2)
    return n.fail("expected angles of rank 2"), false;
  DimAttr turned = mulDims(n.getDim(cosine, 1), n.dim(2));
  Type type = n.getElementType(query), wide = n.getAccumulatorType(type);
  cosine = n.cast(n.gather(cosine, positions, 0), wide);
  sine = n.cast(n.gather(sine, positions, 0), wide);
  bool isInterleaved = n.getInt("rotary_interleaved", 0);
  for (Value *x : {&query, &key}) {
    Value rows = n.cast(n.permute(*x, {0, 2, 1, 3}), wide);
    rows = n.cast(rotateOnnx(n, rows, cosine, sine, turned, isInterleaved), type);
    *x = n.permute(rows, {0, 2, 1, 3});
  }
  return !n.hasFailed();
}

DimAttr GroupQueryAttention::getCacheSize() {
  RankedTensorType past = n.getInputType(3);
  if (past && past.getRank() != 4)
    return n.fail("expected caches of rank 4"), DimAttr();
  DimAttr size = past ? uop::getDim(past, 2) : n.dim(0);
  // It is the larger of the cache's and the sequences'. A static cache is a buffer for longer ones.
  bool isBuffer = size.isConstant() && !size.isConstant(0);
  if (isBuffer && !n.getKnownInts(6))
    return size;
  const OnnxInts *known = n.getKnownInts(6);
  if (known && known->elements.size() != 1)
    return n.fail("expected a scalar total_sequence_length"), DimAttr();
  DimAttr length = known ? known->elements.front() : n.bind(total, addDims(size, numNew));
  if (!length)
    return {};
  DimAttr growth = subDims(length, size), excess = subDims(size, length);
  if (!growth || !excess)
    return n.fail("the size of the caches overflows 64 bits"), DimAttr();
  auto bounds = n.getImporter().getBounds(growth);
  if (bounds && bounds->first >= 0)
    return length;
  if (bounds && bounds->second <= 0)
    return size;
  if (isBuffer && n.isAtLeast(excess, 0, "total_sequence_length is more than the caches hold"))
    return size;
  if (!isBuffer && n.isAtLeast(growth, 0,
                               "the caches are longer than total_sequence_length: give their size "
                               "as --dim, to use them as buffers"))
    return length;
  return n.failSymbolic("the size of the caches must be static here", size), DimAttr();
}

Value GroupQueryAttention::updateCache(Value past, Value rows) {
  if (!rows || !cacheSize)
    return {};
  if (past && n.getRank(past) != 4)
    return n.fail("expected caches of rank 4");
  Type i64 = n.getBuilder().getI64Type();
  if (!past) {
    past = n.broadcastTo(n.scalar(0, n.getElementType(rows)),
                         {batch, n.dim(groups), cacheSize, n.getDim(rows, 3)});
  } else if (n.getDim(past, 2) != cacheSize) {
    SmallVector<DimAttr> low(4, n.dim(0)), high(low);
    high[2] = subDims(cacheSize, n.getDim(past, 2));
    past = n.pad(past, low, high);
  }
  Value at = n.add(n.unsqueeze(start, 1), n.iota({n.dim(1), numNew}, 1, i64));
  return n.scatter(ScatterKind::Set, past, at, rows, /*axis=*/2, /*batch=*/1);
}

bool GroupQueryAttention::updateCaches() {
  Value pastKey = n.getOptionalInput(3), pastValue = n.getOptionalInput(4);
  if (!pastKey != !pastValue)
    return n.fail("expected caches of keys and of values, or neither of them"), false;
  cacheSize = getCacheSize();
  key = updateCache(pastKey, key);
  value = updateCache(pastValue, value);
  n.setOutput(1, key);
  n.setOutput(2, value);
  return key && value;
}

Value GroupQueryAttention::hideKeys() {
  Type i64 = n.getBuilder().getI64Type();
  Value keyAt = n.iota({n.dim(1), n.dim(1), n.dim(1), cacheSize}, 3, i64);
  auto align = [&](Value perSequence) { return n.unsqueeze(perSequence, {1, 2, 3}); };
  int64_t window = n.getInt("local_window_size", -1);
  if (!n.getInt("causal", 1)) {
    if (window > 0)
      return n.fail("'local_window_size' without 'causal' is not supported");
    return n.le(align(lengths), keyAt);
  }
  Value queryAt = n.add(align(start), n.iota({n.dim(1), n.dim(1), numNew, n.dim(1)}, 2, i64));
  Value hidden = n.lt(queryAt, keyAt);
  if (window <= 0)
    return hidden;
  Value isBefore = n.le(keyAt, n.sub(queryAt, n.scalarInt(window, i64)));
  return n.binary<OrOp>(hidden, isBefore);
}

Value GroupQueryAttention::fitBias(Value bias) {
  if (!bias || n.getRank(bias) != 4)
    return bias ? n.fail("expected an attention_bias of rank 4") : Value();
  DimAttr missing = subDims(cacheSize, n.getDim(bias, 3));
  if (!missing || missing.isConstant(0))
    return bias;
  SmallVector<DimAttr> low(4, n.dim(0)), high(low);
  high[3] = missing;
  return n.pad(bias, low, high);
}

void GroupQueryAttention::setScores(const ContribAttention &attention) {
  if (!n.hasOutput(3))
    return;
  int64_t mode = n.getInt("qk_output", 0);
  if (mode != 1 && mode != 2)
    return (void)n.fail("output 3 needs attribute 'qk_output' = 1 or 2");
  SmallVector<DimAttr> length = n.getDimsInput(6);
  Value scores = mode == 1 ? attention.scores : attention.probabilities;
  if (n.hasFailed() || !scores || length.size() != 1)
    return;
  if (mode == 1)
    scores =
        n.where(n.broadcastTo(attention.hidden, n.getDims(scores)), n.splatLike(0, scores), scores);
  scores = n.cast(n.slice(scores, 3, n.dim(0), length.front()), n.getElementType(query));
  n.setOutput(3, scores);
}

void GroupQueryAttention::build() {
  if (!readInputs() || !rotate() || !updateCaches())
    return;
  ContribAttention attention;
  attention.query = query;
  attention.key = key;
  attention.value = value;
  attention.scale = n.getFloat("scale", 0);
  attention.softcap = n.getFloat("softcap", 0);
  attention.biases.push_back(fitBias(n.getOptionalInput(10)));
  attention.hidden = hideKeys();
  attention.sink = n.getOptionalInput(11);
  if (!attention.sink && n.getInt("smooth_softmax", -1) == 1)
    attention.sink = n.broadcastTo(n.scalar(0, n.getElementType(query)), n.dim(heads));
  n.setOutput(0, attention.build(n));
  setScores(attention);
}

void tg::registerContribGroupQueryAttention(OnnxOpRegistry &r) {
  r.add(
      "GroupQueryAttention", 1, [](OnnxNode &n) { GroupQueryAttention(n).build(); },
      microsoftDomain);
}
