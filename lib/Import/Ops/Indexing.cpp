//===- Indexing.cpp - ONNX gathers and scatters ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Families.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

static Type getI64(OnnxNode &n) { return n.getBuilder().getI64Type(); }

/// An i64 constant or size of the shape of `like`.
static Value sizeLike(OnnxNode &n, DimAttr size, Value like) {
  return like ? n.broadcastTo(n.size(size), n.getDims(like)) : Value();
}

/// Indices as i64, negative ones counted from the end.
static Value wrapIndices(OnnxNode &n, Value indices, DimAttr size) {
  indices = n.cast(indices, getI64(n));
  Value isNegative = n.lt(indices, n.splatLike(0, indices));
  return n.where(isNegative, n.add(indices, sizeLike(n, size, indices)), indices);
}

static void gather(OnnxNode &n) {
  Value x = n.getInput(0);
  if (!x)
    return;
  int64_t axis = n.normalizeAxis(n.getInt("axis", 0), n.getRank(x));
  if (n.hasFailed())
    return;
  DimAttr size = n.getDim(x, axis);
  const OnnxInts *known = n.getKnownInts(1);
  // One constant index is a slice.
  if (known && known->elements.size() == 1 && known->shape.empty()) {
    DimAttr index = known->elements.front();
    if (index.isConstant() && index.getConstant() < 0)
      index = addDims(index, size);
    return n.setOutput(0, n.squeeze(n.slice(x, axis, index, n.dim(1)), axis));
  }
  Value indices = n.getInput(1);
  bool isWrapped = known && llvm::all_of(known->elements, [](DimAttr index) {
                     return index.isConstant() && index.getConstant() >= 0;
                   });
  n.setOutput(
      0, n.gather(x, isWrapped ? n.cast(indices, getI64(n)) : wrapIndices(n, indices, size), axis));
}

/// With `axis` moved to the end and the others merged into one batch.
static Value mergeBatch(OnnxNode &n, Value x, int64_t axis) {
  x = n.transpose(x, axis, -1);
  if (!x)
    return {};
  SmallVector<DimAttr> dims = n.getDims(x);
  DimAttr batch = n.product(ArrayRef(dims).drop_back());
  return batch ? n.reshape(x, {batch, dims.back()}) : Value();
}

static void gatherElements(OnnxNode &n) {
  Value x = n.getInput(0), indices = n.getInput(1);
  if (!x || !indices)
    return;
  int64_t rank = n.getRank(x), axis = n.normalizeAxis(n.getInt("axis", 0), rank);
  if (n.getRank(indices) != rank)
    return (void)n.fail("expected indices of the input's rank");
  if (n.hasFailed())
    return;
  indices = wrapIndices(n, indices, n.getDim(x, axis));
  if (!indices)
    return;
  // On the other axes the indices may be shorter.
  SmallVector<DimAttr> sizes = n.getDims(indices), offsets(rank, n.dim(0));
  sizes[axis] = n.getDim(x, axis);
  x = n.shrink(x, offsets, sizes);
  SmallVector<DimAttr> result = n.getDims(indices);
  std::swap(result[axis], result.back());
  Value gathered = n.gather(mergeBatch(n, x, axis), mergeBatch(n, indices, axis), 1, 1);
  n.setOutput(0, n.transpose(n.reshape(gathered, result), axis, -1));
}

/// The row-major position that each index vector (the last axis of `indices`) names in `dims`.
static Value linearize(OnnxNode &n, Value indices, ArrayRef<DimAttr> dims) {
  if (!indices)
    return {};
  int64_t last = n.getRank(indices) - 1;
  Value position;
  for (auto [i, size] : llvm::enumerate(dims)) {
    Value index = n.squeeze(n.slice(indices, last, n.dim(i), n.dim(1)), last);
    index = wrapIndices(n, index, size);
    position = position ? n.add(n.mul(position, sizeLike(n, size, position)), index) : index;
  }
  return position;
}

/// The number of index components, which must be static and fit; nothing otherwise.
static std::optional<int64_t> getIndexDepth(OnnxNode &n, Value x, Value indices, int64_t batch) {
  if (!x || !indices)
    return std::nullopt;
  int64_t rank = n.getRank(indices);
  DimAttr depth = rank > 0 ? n.getDim(indices, rank - 1) : n.dim(0);
  if (!depth.isConstant() || depth.getConstant() < 1 || depth.getConstant() > n.getRank(x) - batch)
    return n.failSymbolic(
               "the last axis of the indices must be static, between 1 and the input's rank",
               depth),
           std::nullopt;
  return depth.getConstant();
}

static void gatherND(OnnxNode &n) {
  Value x = n.getInput(0), indices = n.getInput(1);
  int64_t batch = n.getInt("batch_dims", 0);
  auto depth = getIndexDepth(n, x, indices, batch);
  if (!depth)
    return;
  if (batch < 0 || batch >= n.getRank(indices))
    return (void)n.fail("attribute 'batch_dims' is out of range");
  SmallVector<DimAttr> dims = n.getDims(x);
  ArrayRef<DimAttr> indexed = ArrayRef(dims).slice(batch, *depth);
  SmallVector<DimAttr> merged(ArrayRef(dims).take_front(batch));
  merged.push_back(n.product(indexed));
  merged.append(dims.begin() + batch + *depth, dims.end());
  Value position = linearize(n, indices, indexed);
  n.setOutput(0, n.gather(n.reshape(x, merged), position, batch, batch));
}

static std::optional<ScatterKind> getScatterKind(OnnxNode &n) {
  StringRef name = n.getString("reduction", "none");
  if (name == "none")
    return ScatterKind::Set;
  if (n.isString(0)) {
    n.fail("attribute 'reduction' is '" + name + "', which strings do not have");
    return std::nullopt;
  }
  if (auto kind = symbolizeScatterKind(name))
    return kind;
  n.fail("attribute 'reduction' is '" + name + "'");
  return std::nullopt;
}

static void scatterND(OnnxNode &n) {
  Value x = n.getInput(0), indices = n.getInput(1), updates = n.getInput(2);
  auto depth = getIndexDepth(n, x, indices, 0);
  auto kind = getScatterKind(n);
  if (!depth || !kind)
    return;
  SmallVector<DimAttr> dims = n.getDims(x);
  ArrayRef<DimAttr> indexed = ArrayRef(dims).take_front(*depth);
  SmallVector<DimAttr> merged{n.product(indexed)};
  merged.append(dims.begin() + *depth, dims.end());
  Value result = n.scatter(*kind, n.reshape(x, merged), linearize(n, indices, indexed), updates, 0);
  n.setOutput(0, n.reshape(result, dims));
}

/// Every update goes to its own position, but on `axis` to the index given for it.
static void scatterElements(OnnxNode &n) {
  Value x = n.getInput(0), indices = n.getInput(1), updates = n.getInput(2);
  auto kind = getScatterKind(n);
  if (!x || !indices || !updates || !kind)
    return;
  int64_t rank = n.getRank(x), axis = n.normalizeAxis(n.getInt("axis", 0), rank);
  constexpr const char *expected = "expected indices and updates of one shape and the input's rank";
  if (n.getRank(indices) != rank || n.getRank(updates) != rank)
    return (void)n.fail(expected);
  for (auto [size, wanted] : llvm::zip_equal(n.getDims(updates), n.getDims(indices)))
    if (size != wanted)
      return (void)n.failSizes(expected, wanted, size);
  if (n.hasFailed())
    return;
  SmallVector<DimAttr> dims = n.getDims(x), shape = n.getDims(indices);
  Value position;
  for (int64_t i = 0; i < rank; ++i) {
    Value index = i == axis ? wrapIndices(n, indices, dims[i]) : n.iota(shape, i, getI64(n));
    position = position ? n.add(n.mul(position, sizeLike(n, dims[i], position)), index) : index;
  }
  DimAttr total = n.product(dims), count = n.product(shape);
  if (!total || !count)
    return;
  Value result = n.scatter(*kind, n.reshape(x, total), n.reshape(position, count),
                           n.reshape(updates, count), 0);
  n.setOutput(0, n.reshape(result, dims));
}

/// Writes `update` into a cache from an index on that each sample (axis 0) has, wrapping around at
/// the end if it is circular.
static void tensorScatter(OnnxNode &n) {
  Value cache = n.getInput(0), update = n.getInput(1);
  if (!cache || !update)
    return;
  StringRef mode = n.getString("mode", "linear");
  int64_t rank = n.getRank(cache), axis = n.normalizeAxis(n.getInt("axis", -2), rank);
  if (n.hasFailed() || axis == 0 || n.getRank(update) != rank ||
      (mode != "linear" && mode != "circular"))
    return (void)n.fail("expected an update of the cache's rank, and an axis after the first one");
  DimAttr length = n.getDim(cache, axis);
  SmallVector<DimAttr> dims{n.getDim(cache, 0), n.getDim(update, axis)};
  Value index = n.iota(dims, 1, getI64(n));
  if (n.hasInput(2))
    index = n.add(index, n.unsqueeze(n.cast(n.getInput(2), getI64(n)), 1));
  if (mode == "circular")
    index = n.binary<FloorModOp>(index, n.size(length));
  Value result = n.scatter(ScatterKind::Set, n.transpose(cache, 1, axis), index,
                           n.transpose(update, 1, axis), 1, 1);
  n.setOutput(0, n.transpose(result, 1, axis));
}

/// A new axis of size depth, where the position of the index is on.
static void oneHot(OnnxNode &n) {
  Value indices = n.getInput(0), values = n.getInput(2);
  if (!indices || !values)
    return;
  DimAttr depth;
  if (n.getKnownInts(1)) {
    SmallVector<DimAttr> known = n.getDimsInput(1);
    depth = known.size() == 1 ? known.front() : DimAttr();
  } else {
    SmallVector<double> known = n.getFloatsInput(1);
    depth = known.size() == 1 ? n.dim(truncateToInt(known.front())) : DimAttr();
  }
  if (n.hasFailed() || !depth || (depth.isConstant() && depth.getConstant() < 0))
    return (void)n.fail("expected a scalar depth of 0 or more");
  int64_t rank = n.getRank(indices) + 1, axis = n.normalizeAxis(n.getInt("axis", -1), rank);
  indices = n.unsqueeze(wrapIndices(n, indices, depth), axis);
  if (!indices)
    return;
  SmallVector<DimAttr> dims = n.getDims(indices);
  dims[axis] = depth;
  Value isHot = n.eq(indices, n.iota(dims, axis, getI64(n)));
  Value off = n.reshape(n.slice(values, 0, n.dim(0), n.dim(1)), {});
  Value on = n.reshape(n.slice(values, 0, n.dim(1), n.dim(1)), {});
  n.setOutput(0, n.where(isHot, on, off));
}

/// The upper or lower triangle of matrices, from diagonal `k`; 0 elsewhere.
static void trilu(OnnxNode &n) {
  Value x = n.getInput(0);
  if (!x || n.getRank(x) < 2)
    return (void)n.fail("expected an input of rank 2 or more");
  SmallVector<DimAttr> dims = n.getDims(x), matrix(ArrayRef(dims).take_back(2));
  Value row = n.iota(matrix, 0, getI64(n)), column = n.iota(matrix, 1, getI64(n));
  if (n.hasInput(1)) {
    Value k = n.cast(n.reshape(n.getInput(1), {}), getI64(n));
    row = n.add(row, k);
  }
  Value kept = n.getInt("upper", 1) ? n.le(row, column) : n.le(column, row);
  n.setOutput(0, n.where(kept, x, n.splatLike(0, x)));
}

//===----------------------------------------------------------------------===//
// Along an axis: cumulative sums, sorting, extremes
//===----------------------------------------------------------------------===//

template <CombineKind kind> static void cumulate(OnnxNode &n) {
  Value x = n.getInput(0);
  SmallVector<int64_t> axis = n.getIntsInput(1);
  if (!x || axis.size() != 1)
    return (void)n.fail("expected one axis");
  int64_t along = n.normalizeAxis(axis.front(), n.getRank(x));
  n.setOutput(0, n.scan(kind, x, along, n.getInt("exclusive", 0), n.getInt("reverse", 0)));
}

/// Before opset 10 k is an attribute.
static void topK(OnnxNode &n) {
  Value x = n.getInput(0);
  SmallVector<DimAttr> k = n.getOpset() < 10 ? n.dims({n.getInt("k")}) : n.getDimsInput(1);
  if (!x || k.size() != 1)
    return (void)n.fail("expected one k");
  int64_t axis = n.normalizeAxis(n.getInt("axis", -1), n.getRank(x));
  if (n.hasFailed())
    return;
  Value index = n.iota(n.getDims(x), axis, getI64(n));
  SmallVector<Value> sorted = n.sort({x, index}, axis, /*descending=*/n.getInt("largest", 1));
  for (auto [i, value] : llvm::enumerate(sorted))
    n.setOutput(i, n.slice(value, axis, n.dim(0), k.front()));
}

template <bool isMax> static void argExtreme(OnnxNode &n) {
  Value x = n.getInput(0);
  if (!x)
    return;
  int64_t axis = n.normalizeAxis(n.getInt("axis", 0), n.getRank(x));
  n.setOutput(
      0, n.argExtreme(x, axis, isMax, n.getInt("select_last_index", 0), n.getInt("keepdims", 1)));
}

void tg::registerOnnxIndexing(OnnxOpRegistry &r) {
  r.add("ArgMax", 1, argExtreme<true>);
  r.add("ArgMin", 1, argExtreme<false>);
  r.add("CumProd", 26, cumulate<CombineKind::Mul>);
  r.add("CumSum", 11, cumulate<CombineKind::Add>);
  r.add("Gather", 1, gather);
  r.add("GatherElements", 11, gatherElements);
  r.add("GatherND", 11, gatherND);
  r.add("OneHot", 9, oneHot);
  r.add("Scatter", 9, scatterElements);
  r.add("ScatterElements", 11, scatterElements);
  r.add("ScatterND", 11, scatterND);
  r.add("TensorScatter", 24, tensorScatter);
  r.add("TopK", 1, topK);
  r.add("Trilu", 14, trilu);
}
