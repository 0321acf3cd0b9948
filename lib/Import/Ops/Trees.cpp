//===- Trees.cpp - Ensembles of decision trees in ai.onnx.ml ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All samples walk down all trees together: a step per level, each gathering by the node where a
// sample is. Leaves lead to themselves.
//
//===----------------------------------------------------------------------===//

#include "Trees.h"

#include "MachineLearning.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

std::optional<int64_t> OnnxForest::getDepth() const {
  int64_t total = numInner + numLeaves, depth = 0;
  for (ArrayRef<int64_t> list : {ArrayRef(roots), ArrayRef(onTrue), ArrayRef(onFalse)})
    for (int64_t node : list)
      if (node < 0 || node >= total)
        return std::nullopt;
  SmallVector<int64_t> level(roots);
  while (!level.empty()) {
    llvm::sort(level);
    level.erase(llvm::unique(level), level.end());
    SmallVector<int64_t> next;
    for (int64_t node : level)
      if (node < numInner)
        next.append({onTrue[node], onFalse[node]});
    if (next.empty())
      break;
    if (++depth > numInner)
      return std::nullopt;
    level = std::move(next);
  }
  return depth;
}

namespace {
class ForestBuilder {
public:
  ForestBuilder(OnnxNode &n, const OnnxForest &forest, Value x)
      : n(n), forest(forest), x(x), type(n.getElementType(x)) {}
  /// See OnnxForest::evaluate.
  Value build(int64_t depth, Value *hasVotes);

private:
  Value table(ArrayRef<int64_t> values) { return onnxIntegers(n, values); }
  Value table(ArrayRef<double> values) { return onnxFloats(n, values, type); }
  /// Whether the samples [N, trees] take the true branch where they are.
  Value decide(Value at);
  Value compare(int64_t mode, Value value, Value split, Value at);
  Value aggregate(Value leaf, Value *hasVotes);

  OnnxNode &n;
  const OnnxForest &forest;
  Value x;
  Type type;
};
} // namespace

Value ForestBuilder::compare(int64_t mode, Value value, Value split, Value at) {
  switch (mode) {
  case OnnxForest::LessEqual:
    return n.le(value, split);
  case OnnxForest::Less:
    return n.lt(value, split);
  case OnnxForest::GreaterEqual:
    return n.le(split, value);
  case OnnxForest::Greater:
    return n.lt(split, value);
  case OnnxForest::Equal:
    return n.eq(value, split);
  case OnnxForest::NotEqual:
    return n.ne(value, split);
  }
  SmallVector<int64_t> owners;
  SmallVector<double> values;
  for (auto [owner, member] : forest.members) {
    owners.push_back(owner);
    values.push_back(member);
  }
  if (owners.empty())
    return n.lt(value, value);
  Value isMember = n.binary<AndOp>(n.eq(n.unsqueeze(at, 2), table(owners)),
                                   n.eq(n.unsqueeze(value, 2), table(values)));
  return n.reduce(CombineKind::Max, isMember, {2});
}

Value ForestBuilder::decide(Value at) {
  Value value = n.gather(x, n.gather(table(forest.features), at, 0), 1, 1);
  Value split = n.gather(table(forest.splits), at, 0);
  SmallVector<int64_t> used(forest.modes);
  llvm::sort(used);
  used.erase(llvm::unique(used), used.end());
  Value result = compare(used.front(), value, split, at);
  Value mode = used.size() > 1 ? n.gather(table(forest.modes), at, 0) : Value();
  for (int64_t other : ArrayRef(used).drop_front())
    result = n.where(n.eq(mode, n.splatLike(static_cast<double>(other), mode)),
                     compare(other, value, split, at), result);
  if (llvm::is_contained(forest.missing, 1)) {
    Value tracks = n.gather(table(forest.missing), at, 0);
    Value isMissing = n.binary<AndOp>(n.ne(value, value), n.lt(n.splatLike(0, tracks), tracks));
    result = n.binary<OrOp>(result, isMissing);
  }
  return result;
}

Value ForestBuilder::aggregate(Value leaf, Value *hasVotes) {
  bool isMin = forest.aggregate == "MIN", isMax = forest.aggregate == "MAX";
  CombineKind kind = isMin ? CombineKind::Min : isMax ? CombineKind::Max : CombineKind::Add;
  double infinity = std::numeric_limits<double>::infinity();
  double none = isMin ? infinity : isMax ? -infinity : 0;
  SmallVector<double> weights(forest.numLeaves * forest.numTargets, none);
  SmallVector<int64_t> votes(hasVotes ? weights.size() : 0);
  for (const OnnxForest::Weight &weight : forest.weights) {
    int64_t place = weight.leaf * forest.numTargets + weight.target;
    double &entry = weights[place];
    entry = isMin   ? std::min(entry, weight.weight)
            : isMax ? std::max(entry, weight.weight)
                    : entry + weight.weight;
    if (hasVotes)
      votes[place] = 1;
  }
  SmallVector<DimAttr> shape = n.dims({forest.numLeaves, forest.numTargets});
  Value result = n.reduce(kind, n.gather(n.reshape(table(weights), shape), leaf, 0), {1});
  if (hasVotes) {
    Value any = n.reduce(CombineKind::Max, n.gather(n.reshape(table(votes), shape), leaf, 0), {1});
    *hasVotes = any ? n.lt(n.splatLike(0, any), any) : Value();
  }
  if (!result)
    return {};
  if (isMin || isMax) // No leaf gave anything to this target.
    return n.where(n.eq(result, n.splatLike(none, result)), n.splatLike(0, result), result);
  if (forest.aggregate == "AVERAGE")
    return n.div(result, n.splatLike(static_cast<double>(forest.roots.size()), result));
  return result;
}

Value ForestBuilder::build(int64_t depth, Value *hasVotes) {
  DimAttr numTrees = n.dim(forest.roots.size());
  Value at = n.broadcastTo(table(forest.roots), {n.getDim(x, 0), numTrees});
  SmallVector<int64_t> onTrue(forest.onTrue), onFalse(forest.onFalse);
  for (int64_t leaf = 0; leaf < forest.numLeaves; ++leaf) {
    onTrue.push_back(forest.numInner + leaf);
    onFalse.push_back(forest.numInner + leaf);
  }
  for (int64_t level = 0; level < depth && !n.hasFailed(); ++level) {
    // A leaf decides as node 0 does, and stays.
    Value inner = n.where(n.lt(at, n.scalarInt(forest.numInner, n.getElementType(at))), at,
                          n.splatLike(0, at));
    at = n.where(decide(inner), n.gather(table(onTrue), at, 0), n.gather(table(onFalse), at, 0));
  }
  return aggregate(n.sub(at, n.scalarInt(forest.numInner, n.getBuilder().getI64Type())), hasVotes);
}

Value OnnxForest::evaluate(OnnxNode &n, Value x, Value *hasVotes) const {
  if (!x || n.hasFailed())
    return {};
  auto inner = static_cast<size_t>(numInner);
  if (n.getRank(x) != 2 || !isa<FloatType>(n.getElementType(x)) || roots.empty() || numLeaves < 1 ||
      features.size() != inner || modes.size() != inner || splits.size() != inner ||
      onTrue.size() != inner || onFalse.size() != inner ||
      (!missing.empty() && missing.size() != inner))
    return n.fail("expected floats of rank 2, and attributes of one length per node");
  constexpr int64_t maxEntries = 1 << 26;
  if (numTargets < 1 || numTargets > maxEntries / numLeaves)
    return n.fail("the number of targets is out of range");
  constexpr StringRef aggregates[] = {"AVERAGE", "SUM", "MIN", "MAX"};
  if (!llvm::is_contained(aggregates, aggregate))
    return n.fail("attribute 'aggregate_function' is '" + aggregate + "'");
  DimAttr numFeatures = n.getDim(x, 1);
  for (int64_t feature : features)
    if (feature < 0 || (numFeatures.isConstant() && feature >= numFeatures.getConstant()))
      return n.fail("a node compares feature " + Twine(feature) +
                    ", which the input does not have");
  for (const Weight &weight : weights)
    if (weight.target < 0 || weight.target >= numTargets || weight.leaf < 0 ||
        weight.leaf >= numLeaves)
      return n.fail("a leaf names a target that does not exist");
  std::optional<int64_t> depth = getDepth();
  constexpr int64_t maxDepth = 256;
  if (!depth || *depth > maxDepth)
    return n.fail("the trees have a cycle or a missing node, or are deeper than " +
                  Twine(maxDepth));
  return ForestBuilder(n, *this, x).build(*depth, hasVotes);
}
