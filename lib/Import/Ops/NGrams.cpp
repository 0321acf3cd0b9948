//===- NGrams.cpp - ONNX TfIdfVectorizer ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Families.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

/// How often each of `count` grams of `length` integers, listed in `pool`, stands in the last axis
/// of x [rows, columns], its elements `dilation` apart: [rows, count].
static Value countGrams(OnnxNode &n, Value x, ArrayRef<int64_t> pool, int64_t length,
                        int64_t dilation) {
  Type i64 = n.getBuilder().getI64Type();
  int64_t count = pool.size() / length, columns = n.getDim(x, 1).getConstant();
  if (columns < (length - 1) * dilation + 1)
    return n.splat(n.getBuilder().getI64IntegerAttr(0), {n.getDim(x, 0), n.dim(count)});
  // [rows, positions, 1, length] == [count, length]
  Value windows = n.unsqueeze(n.window(x, {1}, {length}, {1}, {dilation}), 2);
  Value grams =
      n.constant(DenseElementsAttr::get(RankedTensorType::get({count, length}, i64), pool));
  Value isHere = n.reduce(CombineKind::Min, n.eq(windows, grams), {3});
  return n.reduce(CombineKind::Add, n.cast(isHere, i64), {1});
}

/// Of `pool_int64s`, `ngram_counts[k]` says where the grams of k + 1 numbers begin.
static void tfIdf(OnnxNode &n) {
  Value x = n.getInput(0);
  if (!x)
    return;
  bool areStrings = n.hasAttr("pool_strings");
  if (areStrings == n.hasAttr("pool_int64s") || areStrings != n.isString(0))
    return (void)n.fail("expected grams in 'pool_int64s' or 'pool_strings', as the input is");
  SmallVector<int64_t> pool =
      areStrings ? n.getStringIds(n.getStrings("pool_strings")) : n.getInts("pool_int64s");
  SmallVector<int64_t> starts = n.getInts("ngram_counts"), columns = n.getInts("ngram_indexes");
  SmallVector<double> weights = n.getFloats("weights");
  int64_t shortest = n.getInt("min_gram_length"), longest = n.getInt("max_gram_length"),
          maxSkip = n.getInt("max_skip_count"), rank = n.getRank(x);
  StringRef mode = n.getString("mode");
  constexpr int64_t maxLength = 64;
  if (!n.hasFailed() && rank > 0 && !n.getDim(x, rank - 1).isConstant())
    return (void)n.failSymbolic("the last axis must be static", n.getDim(x, rank - 1));
  if (n.hasFailed() || rank < 1 || rank > 2 || shortest < 1 || shortest > longest ||
      longest > maxLength || maxSkip < 0 || maxSkip > maxLength ||
      static_cast<int64_t>(starts.size()) < longest || columns.empty())
    return (void)n.fail("expected an input of rank 1 or 2 with a static last axis, and lengths of "
                        "grams between 1 and " +
                        Twine(maxLength));
  if (mode != "TF" && mode != "IDF" && mode != "TFIDF")
    return (void)n.fail("attribute 'mode' is '" + mode + "'");
  starts.push_back(pool.size());
  Type i64 = n.getBuilder().getI64Type(), f32 = n.getBuilder().getF32Type();
  Value rows = n.cast(rank == 1 ? n.unsqueeze(x, 0) : x, i64);
  SmallVector<Value> counts;
  SmallVector<int64_t> used;
  int64_t gram = 0; // Of all lengths.
  for (int64_t length = 1; length <= longest && rows; ++length) {
    int64_t begin = starts[length - 1], end = starts[length];
    if (begin < 0 || end < begin || end > static_cast<int64_t>(pool.size()) ||
        (end - begin) % length != 0)
      return (void)n.fail("attribute 'ngram_counts' does not fit the pool");
    int64_t count = (end - begin) / length;
    gram += count;
    if (gram > static_cast<int64_t>(columns.size()))
      return (void)n.fail("there are more grams than 'ngram_indexes'");
    if (length < shortest || count == 0)
      continue;
    used.append(columns.begin() + gram - count, columns.begin() + gram);
    Value sum;
    // One number has no gaps.
    for (int64_t skip = 0; skip <= (length == 1 ? 0 : maxSkip); ++skip) {
      Value part = countGrams(n, rows, ArrayRef(pool).slice(begin, end - begin), length, skip + 1);
      sum = sum ? n.add(sum, part) : part;
    }
    counts.push_back(sum);
  }
  int64_t width = *llvm::max_element(columns) + 1;
  if (n.hasFailed() || width < 1 || width > (1 << 24) || *llvm::min_element(columns) < 0)
    return (void)n.fail("attribute 'ngram_indexes' is out of range");
  Value result = n.splat(n.getBuilder().getF32FloatAttr(0), {n.getDim(rows, 0), n.dim(width)});
  if (!counts.empty() && !llvm::is_contained(counts, Value())) {
    Value all = n.cast(n.concat(counts, 1), f32);
    if (mode == "IDF")
      all = n.min(all, n.splatLike(1, all));
    auto type = RankedTensorType::get(static_cast<int64_t>(used.size()), i64);
    Value places = n.constant(DenseElementsAttr::get(type, ArrayRef(used)));
    result = n.scatter(ScatterKind::Set, result, places, all, 1);
  }
  if (mode != "TF" && !weights.empty()) {
    // By gram, as the columns.
    SmallVector<double> byColumn(width, 1);
    for (auto [column, weight] : llvm::zip(columns, weights))
      byColumn[column] = weight;
    auto type = RankedTensorType::get(width, n.getBuilder().getF64Type());
    Value factors = n.cast(n.constant(DenseElementsAttr::get(type, ArrayRef(byColumn))), f32);
    result = n.mul(result, factors);
  }
  n.setOutput(0, rank == 1 ? n.squeeze(result, 0) : result);
}

void tg::registerOnnxNGrams(OnnxOpRegistry &r) { r.add("TfIdfVectorizer", 9, tfIdf); }
