//===- Movement.cpp - ONNX operators that rearrange ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Families.h"

#include "../OnnxGraph.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

/// 0 keeps the input's size (unless allowzero), one -1 takes what is left.
static Value reshapeTo(OnnxNode &n, Value x, ArrayRef<DimAttr> shape, bool allowZero) {
  if (!x)
    return {};
  SmallVector<DimAttr> dims, from = n.getDims(x);
  std::optional<size_t> inferred;
  DimAttr known = n.dim(1);
  for (auto [i, wanted] : llvm::enumerate(shape)) {
    DimAttr size = wanted;
    if (size.isConstant(-1)) {
      if (inferred)
        return n.fail("the shape has more than one -1");
      inferred = i;
      dims.push_back(size);
      continue;
    }
    if (size.isConstant() && size.getConstant() < 0)
      return n.fail("the shape has a negative size");
    if (size.isConstant(0) && !allowZero) {
      if (i >= from.size())
        return n.fail("the shape keeps axis " + Twine(i) + ", which the input does not have");
      size = from[i];
    }
    dims.push_back(size);
    known = mulDims(known, size);
  }
  if (inferred) {
    DimAttr total = n.product(from);
    if (!total || !known)
      return n.fail("the number of elements overflows 64 bits");
    dims[*inferred] = known.isConstant(0) ? n.dim(0) : floorDivDims(total, known);
  }
  return n.reshape(x, dims);
}

static void reshape(OnnxNode &n) {
  SmallVector<DimAttr> shape = n.getDimsInput(1);
  n.setOutput(0, n.hasFailed() ? Value()
                               : reshapeTo(n, n.getInput(0), shape, n.getInt("allowzero", 0)));
}

static void flatten(OnnxNode &n) {
  Value x = n.getInput(0);
  if (!x)
    return;
  int64_t rank = n.getRank(x), axis = n.getInt("axis", 1);
  if (axis < -rank || axis > rank)
    return (void)n.fail("axis " + Twine(axis) + " is out of range for rank " + Twine(rank));
  SmallVector<DimAttr> dims = n.getDims(x);
  size_t split = axis < 0 ? axis + rank : axis;
  n.setOutput(0, n.reshape(x, {n.product(ArrayRef(dims).take_front(split)),
                               n.product(ArrayRef(dims).drop_front(split))}));
}

static void transpose(OnnxNode &n) {
  Value x = n.getInput(0);
  if (!x)
    return;
  SmallVector<int64_t> permutation = n.getInts("perm");
  if (!n.hasAttr("perm"))
    permutation = llvm::to_vector(llvm::reverse(llvm::seq<int64_t>(0, n.getRank(x))));
  for (int64_t &axis : permutation)
    axis = n.normalizeAxis(axis, n.getRank(x));
  n.setOutput(0, n.permute(x, permutation));
}

static void squeeze(OnnxNode &n) {
  Value x = n.getInput(0);
  if (!x)
    return;
  auto axes = n.getAxes(1, n.getRank(x));
  if (!axes) {
    axes.emplace();
    for (auto [axis, size] : llvm::enumerate(n.getDims(x))) {
      if (size.isConstant(1))
        axes->push_back(axis);
      else if (!size.isConstant() &&
               !n.isAtLeast(size, 2, "Squeeze without axes would drop an axis of dynamic size"))
        return (void)n.failSymbolic("axis " + Twine(axis) + " must be static", size);
    }
  }
  n.setOutput(0, n.squeeze(x, *axes));
}

static void unsqueeze(OnnxNode &n) {
  Value x = n.getInput(0);
  SmallVector<int64_t> axes = n.hasInput(1) ? n.getIntsInput(1) : n.getInts("axes");
  n.setOutput(0, n.hasFailed() ? Value() : n.unsqueeze(x, axes));
}

/// Both shapes broadcast: the input may be the larger one.
static void expand(OnnxNode &n) {
  Value x = n.getInput(0);
  SmallVector<DimAttr> shape = n.getDimsInput(1);
  if (!x || n.hasFailed())
    return;
  if (auto dims = n.broadcastShapes(n.getDims(x), shape))
    n.setOutput(0, n.broadcastTo(x, *dims));
}

/// Every repeated axis gets one of the repetitions before it, which is expanded and merged.
static void tile(OnnxNode &n) {
  Value x = n.getInput(0);
  SmallVector<DimAttr> repeats = n.getDimsInput(1);
  if (!x || n.hasFailed())
    return;
  SmallVector<DimAttr> from = n.getDims(x), split, expanded, merged;
  if (repeats.size() != from.size())
    return (void)n.fail("expected one repetition per axis");
  for (auto [size, count] : llvm::zip_equal(from, repeats)) {
    if (count.isConstant() && count.getConstant() < 0)
      return (void)n.fail("a repetition is negative");
    if (!count.isConstant(1)) {
      split.push_back(n.dim(1));
      expanded.push_back(count);
    }
    split.push_back(size);
    expanded.push_back(size);
    merged.push_back(mulDims(size, count));
  }
  n.setOutput(0, n.reshape(n.broadcastTo(n.reshape(x, split), expanded), merged));
}

/// Of many parts whose sizes come from data, as of the classes of a detector: what follows would
/// compute with sums of as many sizes everywhere. Sums of a few get variables of their own.
static Value concatMany(OnnxNode &n, SmallVector<Value> parts, int64_t axis) {
  constexpr size_t maxTerms = 8;
  OnnxGraphImporter &importer = n.getImporter();
  auto isKnown = [&](Value part) { return n.getDim(part, axis).isConstant(); };
  if (!importer.bindsSizes() || !importer.isInEntry(n.getBuilder()) ||
      parts.size() - llvm::count_if(parts, isKnown) <= maxTerms)
    return n.concat(parts, axis);
  while (parts.size() > 1) {
    SmallVector<Value> groups;
    for (ArrayRef<Value> rest = parts; !rest.empty();) {
      ArrayRef<Value> group = rest.take_front(maxTerms);
      rest = rest.drop_front(group.size());
      Value whole = n.concat(group, axis);
      DimAttr size = whole ? importer.bindExpression(n.getDim(whole, axis), n) : DimAttr();
      if (!size)
        return {};
      groups.push_back(n.slice(whole, axis, n.dim(0), size));
    }
    parts = std::move(groups);
  }
  return parts.front();
}

static void concat(OnnxNode &n) {
  SmallVector<Value> inputs = n.getInputs();
  if (inputs.empty())
    return (void)n.fail("expected inputs");
  if (llvm::is_contained(inputs, Value()))
    return;
  int64_t axis = n.normalizeAxis(n.getInt("axis"), n.getRank(inputs.front()));
  if (!n.hasFailed())
    n.setOutput(0, concatMany(n, inputs, axis));
}

/// [N, C, H, W] with blocks of b: which of the parts of C is the block's depth depends on the mode.
static void depthToSpace(OnnxNode &n) {
  Value x = n.getInput(0);
  int64_t block = n.getInt("blocksize");
  if (!x || n.hasFailed())
    return;
  SmallVector<DimAttr> d = n.getDims(x);
  if (d.size() != 4 || block <= 0)
    return (void)n.fail("expected an input of rank 4 and a positive blocksize");
  StringRef mode = n.getString("mode", "DCR");
  DimAttr b = n.dim(block), depth = floorDivDims(d[1], n.dim(block * block));
  if (mode == "DCR")
    x = n.permute(n.reshape(x, {d[0], b, b, depth, d[2], d[3]}), {0, 3, 4, 1, 5, 2});
  else if (mode == "CRD")
    x = n.permute(n.reshape(x, {d[0], depth, b, b, d[2], d[3]}), {0, 1, 4, 2, 5, 3});
  else
    return (void)n.fail("attribute 'mode' must be DCR or CRD");
  n.setOutput(0, n.reshape(x, {d[0], depth, mulDims(d[2], b), mulDims(d[3], b)}));
}

static void spaceToDepth(OnnxNode &n) {
  Value x = n.getInput(0);
  int64_t block = n.getInt("blocksize");
  if (!x || n.hasFailed())
    return;
  SmallVector<DimAttr> d = n.getDims(x);
  if (d.size() != 4 || block <= 0)
    return (void)n.fail("expected an input of rank 4 and a positive blocksize");
  DimAttr b = n.dim(block), h = floorDivDims(d[2], b), w = floorDivDims(d[3], b);
  x = n.permute(n.reshape(x, {d[0], d[1], h, b, w, b}), {0, 3, 5, 1, 2, 4});
  n.setOutput(0, n.reshape(x, {d[0], mulDims(d[1], n.dim(block * block)), h, w}));
}

void tg::registerOnnxMovement(OnnxOpRegistry &r) {
  r.add("Concat", 4, concat);
  r.add("DepthToSpace", 1, depthToSpace);
  r.add("Expand", 8, expand);
  r.add("Flatten", 1, flatten);
  r.add("Reshape", 5, reshape);
  r.add("SpaceToDepth", 1, spaceToDepth);
  r.add("Squeeze", 1, squeeze);
  r.add("Tile", 6, tile);
  r.add("Transpose", 1, transpose);
  r.add("Unsqueeze", 1, unsqueeze);
}
