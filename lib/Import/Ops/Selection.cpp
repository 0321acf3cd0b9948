//===- Selection.cpp - ONNX NonZero, Compress, Unique ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The results' sizes depend on data: a variable is bound to a count (OnnxNode::findSet).
//
//===----------------------------------------------------------------------===//

#include "Families.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

static Type getI64(OnnxNode &n) { return n.getBuilder().getI64Type(); }

/// x as one axis.
static Value flatten(OnnxNode &n, Value x) {
  DimAttr count = x ? n.product(n.getDims(x)) : DimAttr();
  return count ? n.reshape(x, {count}) : Value();
}

/// Whether `x` is one number everywhere, which is not 0, as exporters make it to count up to a
/// size.
static bool isNowhereZero(Value x) {
  while (Operation *op = x.getDefiningOp()) {
    if (auto constant = dyn_cast<ConstOp>(op)) {
      auto dense = dyn_cast<DenseElementsAttr>(constant.getValue());
      if (!dense || !dense.isSplat())
        return false;
      Attribute value = dense.getSplatValue<Attribute>();
      if (auto number = dyn_cast<FloatAttr>(value))
        return !number.getValue().isZero();
      auto integer = dyn_cast<IntegerAttr>(value);
      return integer && !integer.getValue().isZero();
    }
    if (!isa<ReshapeOp, ExpandOp>(op))
      return false;
    x = op->getOperand(0);
  }
  return false;
}

/// Where the elements are not 0, as one row of indices per axis: [rank, count].
static void nonZero(OnnxNode &n) {
  Value x = n.getInput(0);
  if (!x)
    return;
  SmallVector<DimAttr> dims = n.getDims(x);
  Value rest;
  if (isNowhereZero(x)) {
    DimAttr count = n.product(dims);
    rest = count ? n.iota(count, 0, getI64(n)) : Value();
  } else {
    Value mask = n.getElementType(x).isInteger(1) ? x : n.ne(x, n.splatLike(0, x));
    rest = n.findSet(flatten(n, mask));
  }
  if (!rest || dims.empty())
    return n.setOutput(0, rest ? n.reshape(n.slice(rest, 0, n.dim(0), n.dim(0)), n.dims({0, 0}))
                               : Value());
  SmallVector<Value> rows(dims.size());
  for (size_t axis = dims.size(); axis-- > 0;) {
    Value size = n.size(dims[axis]);
    rows[axis] = n.unsqueeze(axis == 0 ? rest : n.binary<FloorModOp>(rest, size), 0);
    rest = axis == 0 ? rest : n.binary<FloorDivOp>(rest, size);
  }
  if (!llvm::is_contained(rows, Value()))
    n.setOutput(0, n.concat(rows, 0));
}

/// The slices along an axis, or the elements, whose condition holds. A short condition is false
/// past its end.
static void compress(OnnxNode &n) {
  Value x = n.getInput(0), condition = n.getInput(1);
  if (!x || !condition)
    return;
  int64_t axis = 0;
  if (n.hasAttr("axis"))
    axis = n.normalizeAxis(n.getInt("axis"), n.getRank(x));
  else
    x = flatten(n, x);
  if (n.getRank(condition) != 1)
    return (void)n.fail("expected a vector of conditions");
  if (x && !n.hasFailed())
    n.setOutput(0, n.gather(x, n.findSet(condition), axis));
}

//===----------------------------------------------------------------------===//
// Unique
//===----------------------------------------------------------------------===//

/// Elements that compare equal; NaN equals NaN here.
static Value isSame(OnnxNode &n, Value x, Value y) {
  Value same = n.eq(x, y);
  if (!same || !isa<FloatType>(n.getElementType(x)))
    return same;
  return n.binary<OrOp>(same, n.binary<AndOp>(n.ne(x, x), n.ne(y, y)));
}

/// The order that sorts the rows of x [n, m], lexicographically and stably.
static Value sortRows(OnnxNode &n, Value x) {
  DimAttr columns = n.getDim(x, 1);
  constexpr int64_t maxColumns = 1024;
  if (!columns.isConstant() || columns.getConstant() > maxColumns)
    return n.failSymbolic("what is compared must be of static size, at most " + Twine(maxColumns),
                          columns);
  Value order = n.iota(n.getDim(x, 0), 0, getI64(n));
  // The last column first: later sorts keep the order of what they find equal.
  for (int64_t column = columns.getConstant(); column-- > 0;) {
    Value key = n.squeeze(n.slice(x, 1, n.dim(column), n.dim(1)), 1);
    order = n.sort({n.gather(key, order, 0), order}, 0, /*descending=*/false)[1];
  }
  return order;
}

namespace {
struct UniqueRows {
  Value rows, indices, inverse, counts;
};
} // namespace

static UniqueRows findUnique(OnnxNode &n, bool isSorted) {
  Value x = n.getInput(0);
  if (!x)
    return {};
  if (n.isString(0) && isSorted) {
    n.fail(
        "sorts strings, which tg does not; with the attribute sorted=0 they come in the order in "
        "which they are met");
    return {};
  }
  Type type = n.getElementType(x);
  int64_t axis = 0;
  bool hasAxis = n.hasAttr("axis");
  if (hasAxis)
    axis = n.normalizeAxis(n.getInt("axis"), n.getRank(x));
  if (n.hasFailed())
    return {};
  // Rows [count, width] are compared; without an axis they are the elements.
  Value rows = hasAxis ? n.transpose(x, 0, axis) : flatten(n, x);
  if (!rows)
    return {};
  SmallVector<DimAttr> rowDims = n.getDims(rows);
  DimAttr count = rowDims.front(), width = n.product(ArrayRef(rowDims).drop_front());
  if (!width)
    return {};
  Value keys = n.reshape(rows, {count, width});
  if (type.isInteger(1))
    keys = n.cast(keys, n.getBuilder().getIntegerType(8));
  Value order = sortRows(n, keys);
  Value sorted = n.gather(keys, order, 0);
  if (!sorted)
    return {};

  // A group starts where a row differs from the one before.
  Value position = n.iota(count, 0, getI64(n)), zero = n.splatLike(0, position);
  Value before = n.gather(sorted, n.max(n.sub(position, n.splatLike(1, position)), zero), 0);
  Value same = n.reduce(CombineKind::Min, isSame(n, sorted, before), {1});
  Value starts = n.where(n.eq(position, zero), n.scalarInt(1, n.getBuilder().getI1Type()),
                         n.unary<NotOp>(same));
  Value group = n.sub(n.scan(CombineKind::Add, n.cast(starts, getI64(n)), 0, /*exclusive=*/false,
                             /*reverse=*/false),
                      n.splatLike(1, position));
  Value first = n.findSet(starts);
  if (!first || !group)
    return {};
  Value indices = n.gather(order, first, 0); // Of the first of equal rows: the sort is stable.
  Value none = n.splatLike(0, first);
  Value counts = n.scatter(ScatterKind::Add, none, group, n.splatLike(1, group), 0);
  Value inverse = n.scatter(ScatterKind::Set, n.splatLike(0, order), order, group, 0);
  if (!isSorted) {
    // By first occurrence; `rank` is the new place of each group.
    Value groups = n.iota(n.getDim(first, 0), 0, getI64(n));
    SmallVector<Value> byIndex = n.sort({indices, groups}, 0, /*descending=*/false);
    indices = byIndex[0];
    counts = n.gather(counts, byIndex[1], 0);
    Value rank = n.scatter(ScatterKind::Set, none, byIndex[1], groups, 0);
    inverse = n.gather(rank, inverse, 0);
  }
  Value result = n.gather(rows, indices, 0);
  return {hasAxis ? n.transpose(result, 0, axis) : result, indices, inverse, counts};
}

void tg::registerOnnxSelection(OnnxOpRegistry &r) {
  r.add("Compress", 9, compress);
  r.add("NonZero", 9, nonZero);
  r.add("Unique", 11, [](OnnxNode &n) {
    UniqueRows result = findUnique(n, n.getInt("sorted", 1));
    n.setOutputs({result.rows, result.indices, result.inverse, result.counts});
  });
  // ONNX Runtime's, which is older, has no indices.
  auto buildOlder = [](OnnxNode &n) {
    UniqueRows result = findUnique(n, /*isSorted=*/false);
    n.setOutputs({result.rows, result.inverse, result.counts});
  };
  r.add("Unique", 1, buildOlder, "com.microsoft");
}
