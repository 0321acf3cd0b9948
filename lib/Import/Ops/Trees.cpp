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

#include "Families.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

namespace {
enum Mode { LessEqual, Less, GreaterEqual, Greater, Equal, NotEqual, Member };

/// The trees as tables. Nodes from `numInner` on are leaves.
struct Forest {
  int64_t numInner = 0, numTargets = 1;
  SmallVector<int64_t> roots, features, modes, onTrue, onFalse, missing;
  SmallVector<double> splits;
  /// Of set membership: the nodes and their members.
  SmallVector<std::pair<int64_t, double>> members;
  /// What a leaf (counted from the first) adds to which target.
  struct Weight {
    int64_t leaf, target;
    double weight;
  };
  SmallVector<Weight> weights;
  int64_t numLeaves = 0;
  StringRef aggregate = "SUM";

  /// The length of the longest way down; nothing if a node is on a cycle or outside of the tables.
  std::optional<int64_t> getDepth() const;
};
} // namespace

std::optional<int64_t> Forest::getDepth() const {
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

//===----------------------------------------------------------------------===//
// Evaluation
//===----------------------------------------------------------------------===//

namespace {
class ForestBuilder {
public:
  ForestBuilder(OnnxNode &n, const Forest &forest, Value x)
      : n(n), forest(forest), x(x), type(n.getElementType(x)) {}
  /// [N, targets].
  Value build(int64_t depth);

private:
  Value table(ArrayRef<int64_t> values);
  Value table(ArrayRef<double> values);
  /// Whether the samples [N, trees] take the true branch where they are.
  Value decide(Value at);
  Value compare(int64_t mode, Value value, Value split, Value at);
  Value aggregate(Value leaf);

  OnnxNode &n;
  const Forest &forest;
  Value x;
  Type type;
};
} // namespace

Value ForestBuilder::table(ArrayRef<int64_t> values) {
  auto tableType =
      RankedTensorType::get(static_cast<int64_t>(values.size()), n.getBuilder().getI64Type());
  return n.constant(DenseElementsAttr::get(tableType, values));
}

Value ForestBuilder::table(ArrayRef<double> values) {
  auto tableType =
      RankedTensorType::get(static_cast<int64_t>(values.size()), n.getBuilder().getF64Type());
  return n.cast(n.constant(DenseElementsAttr::get(tableType, values)), type);
}

Value ForestBuilder::compare(int64_t mode, Value value, Value split, Value at) {
  switch (mode) {
  case LessEqual:
    return n.le(value, split);
  case Less:
    return n.lt(value, split);
  case GreaterEqual:
    return n.le(split, value);
  case Greater:
    return n.lt(split, value);
  case Equal:
    return n.eq(value, split);
  case NotEqual:
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

Value ForestBuilder::aggregate(Value leaf) {
  bool isMin = forest.aggregate == "MIN", isMax = forest.aggregate == "MAX";
  CombineKind kind = isMin ? CombineKind::Min : isMax ? CombineKind::Max : CombineKind::Add;
  double infinity = std::numeric_limits<double>::infinity();
  double none = isMin ? infinity : isMax ? -infinity : 0;
  SmallVector<double> weights(forest.numLeaves * forest.numTargets, none);
  for (const Forest::Weight &weight : forest.weights) {
    double &entry = weights[weight.leaf * forest.numTargets + weight.target];
    entry = entry == none ? weight.weight : entry + weight.weight;
  }
  Value rows = n.reshape(table(weights), n.dims({forest.numLeaves, forest.numTargets}));
  Value result = n.reduce(kind, n.gather(rows, leaf, 0), {1});
  if (isMin || isMax) // No leaf gave anything to this target.
    return n.where(n.eq(result, n.splatLike(none, result)), n.splatLike(0, result), result);
  if (forest.aggregate == "AVERAGE")
    return n.div(result, n.splatLike(static_cast<double>(forest.roots.size()), result));
  return result;
}

Value ForestBuilder::build(int64_t depth) {
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
  return aggregate(n.sub(at, n.scalarInt(forest.numInner, n.getBuilder().getI64Type())));
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

/// The numbers of a tensor attribute; empty if there is none.
static SmallVector<double> getNumbers(OnnxNode &n, StringRef name) {
  SmallVector<double> values;
  ElementsAttr tensor = n.getTensor(name);
  if (!tensor)
    return values;
  constexpr int64_t maxNodes = 1 << 24;
  if (tensor.getNumElements() > maxNodes)
    return n.fail("attribute '" + name + "' is too large"), values;
  if (!OnnxNode::readNumbers(tensor, values))
    n.fail("attribute '" + name + "' must be a tensor of numbers");
  return values;
}

/// The result, with `post_transform` applied.
static void setResult(OnnxNode &n, const Forest &forest, Value base, StringRef transform) {
  Value x = n.getInput(0);
  if (!x || n.hasFailed())
    return;
  size_t inner = forest.numInner;
  if (n.getRank(x) != 2 || !isa<FloatType>(n.getElementType(x)) || forest.roots.empty() ||
      forest.numLeaves < 1 || forest.features.size() != inner || forest.modes.size() != inner ||
      forest.splits.size() != inner || forest.onTrue.size() != inner ||
      forest.onFalse.size() != inner || inner == 0 ||
      (!forest.missing.empty() && forest.missing.size() != inner))
    return (void)n.fail("expected floats of rank 2, and attributes of one length per node");
  constexpr int64_t maxEntries = 1 << 26;
  if (forest.numTargets < 1 || forest.numTargets > maxEntries / forest.numLeaves)
    return (void)n.fail("attribute 'n_targets' is out of range");
  for (const Forest::Weight &weight : forest.weights)
    if (weight.target < 0 || weight.target >= forest.numTargets || weight.leaf < 0 ||
        weight.leaf >= forest.numLeaves)
      return (void)n.fail("a leaf names a target that does not exist");
  std::optional<int64_t> depth = forest.getDepth();
  constexpr int64_t maxDepth = 256;
  if (!depth || *depth > maxDepth)
    return (void)n.fail("the trees have a cycle or a missing node, or are deeper than " +
                        Twine(maxDepth));
  Value y = ForestBuilder(n, forest, x).build(*depth);
  if (base)
    y = n.add(y, n.cast(base, n.getElementType(x)));
  if (transform == "SOFTMAX")
    y = n.softmax(y, {1});
  else if (transform == "LOGISTIC")
    y = n.sigmoid(y);
  else if (transform != "NONE")
    return (void)n.fail("attribute 'post_transform' is " + transform);
  n.setOutput(0, y);
}

/// From opset 5 on: inner nodes and leaves in tables of their own.
static void treeEnsemble(OnnxNode &n) {
  Forest forest;
  forest.roots = n.getInts("tree_roots");
  forest.features = n.getInts("nodes_featureids");
  forest.onTrue = n.getInts("nodes_truenodeids");
  forest.onFalse = n.getInts("nodes_falsenodeids");
  forest.missing = n.getInts("nodes_missing_value_tracks_true");
  forest.splits = getNumbers(n, "nodes_splits");
  forest.numTargets = n.getInt("n_targets", 1);
  forest.numInner = forest.features.size();
  for (double mode : getNumbers(n, "nodes_modes"))
    forest.modes.push_back(static_cast<int64_t>(mode));
  auto offset = [&](SmallVector<int64_t> &nodes, StringRef leaves) {
    SmallVector<int64_t> isLeaf = n.getInts(leaves);
    if (isLeaf.size() != nodes.size())
      return (void)n.fail("attribute '" + leaves + "' is of another length");
    for (auto [node, leaf] : llvm::zip_equal(nodes, isLeaf))
      node += leaf ? forest.numInner : 0;
  };
  offset(forest.onTrue, "nodes_trueleafs");
  offset(forest.onFalse, "nodes_falseleafs");
  SmallVector<int64_t> targets = n.getInts("leaf_targetids");
  SmallVector<double> weights = getNumbers(n, "leaf_weights");
  if (targets.size() != weights.size())
    return (void)n.fail("attributes 'leaf_targetids' and 'leaf_weights' differ in length");
  forest.numLeaves = targets.size();
  for (int64_t i = 0; i < forest.numLeaves; ++i)
    forest.weights.push_back({i, targets[i], weights[i]});
  // Sets in the order of their nodes, each ended by NaN.
  SmallVector<double> members = getNumbers(n, "membership_values");
  const double *member = members.begin();
  for (auto [node, mode] : llvm::enumerate(forest.modes)) {
    if (mode < LessEqual || mode > Member)
      return (void)n.fail("attribute 'nodes_modes' has an unknown mode");
    if (mode != Member)
      continue;
    for (; member != members.end() && *member == *member; ++member)
      forest.members.push_back({static_cast<int64_t>(node), *member});
    if (member != members.end())
      ++member;
  }
  constexpr StringRef aggregates[] = {"AVERAGE", "SUM", "MIN", "MAX"};
  constexpr StringRef transforms[] = {"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"};
  int64_t aggregate = n.getInt("aggregate_function", 1), transform = n.getInt("post_transform", 0);
  if (aggregate < 0 || aggregate > 3 || transform < 0 || transform > 4)
    return (void)n.fail("attribute 'aggregate_function' or 'post_transform' is out of range");
  forest.aggregate = aggregates[aggregate];
  setResult(n, forest, {}, transforms[transform]);
}

/// Before opset 5: nodes named by a tree and a number in it, leaves among them.
static void treeEnsembleRegressor(OnnxNode &n) {
  SmallVector<int64_t> trees = n.getInts("nodes_treeids"), ids = n.getInts("nodes_nodeids"),
                       features = n.getInts("nodes_featureids"),
                       onTrue = n.getInts("nodes_truenodeids"),
                       onFalse = n.getInts("nodes_falsenodeids"),
                       missing = n.getInts("nodes_missing_value_tracks_true");
  SmallVector<std::string> modes = n.getStrings("nodes_modes");
  SmallVector<double> splits = n.getFloats("nodes_values");
  size_t count = trees.size();
  if (n.hasAttr("nodes_values_as_tensor"))
    splits = getNumbers(n, "nodes_values_as_tensor");
  if (ids.size() != count || features.size() != count || onTrue.size() != count ||
      onFalse.size() != count || modes.size() != count || splits.size() != count ||
      (!missing.empty() && missing.size() != count))
    return (void)n.fail("the attributes 'nodes_*' differ in length");
  Forest forest;
  forest.numTargets = n.getInt("n_targets", 1);
  forest.aggregate = n.getString("aggregate_function", "SUM");
  for (const std::string &mode : modes)
    forest.numInner += mode != "LEAF";
  // The place of each node: inner ones first.
  std::map<std::pair<int64_t, int64_t>, int64_t> places;
  SmallVector<int64_t> treesSeen;
  int64_t inner = 0;
  for (size_t i = 0; i < count; ++i) {
    int64_t place = modes[i] == "LEAF" ? forest.numInner + forest.numLeaves++ : inner++;
    places[{trees[i], ids[i]}] = place;
    // A tree begins with its root.
    if (!llvm::is_contained(treesSeen, trees[i])) {
      treesSeen.push_back(trees[i]);
      forest.roots.push_back(place);
    }
  }
  auto find = [&](int64_t tree, int64_t id) -> int64_t {
    auto it = places.find({tree, id});
    return it == places.end() ? -1 : it->second;
  };
  constexpr StringRef names[] = {"BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE",
                                 "BRANCH_GT",  "BRANCH_EQ", "BRANCH_NEQ"};
  for (size_t i = 0; i < count; ++i) {
    if (modes[i] == "LEAF")
      continue;
    const StringRef *mode = llvm::find(names, modes[i]);
    if (mode == std::end(names))
      return (void)n.fail("attribute 'nodes_modes' has the unknown mode '" + modes[i] + "'");
    forest.modes.push_back(mode - std::begin(names));
    forest.features.push_back(features[i]);
    forest.splits.push_back(splits[i]);
    forest.onTrue.push_back(find(trees[i], onTrue[i]));
    forest.onFalse.push_back(find(trees[i], onFalse[i]));
    if (!missing.empty())
      forest.missing.push_back(missing[i]);
  }
  SmallVector<int64_t> leafTrees = n.getInts("target_treeids"),
                       leaves = n.getInts("target_nodeids"), targets = n.getInts("target_ids");
  SmallVector<double> weights = n.getFloats("target_weights"), base = n.getFloats("base_values");
  if (leafTrees.size() != leaves.size() || targets.size() != leaves.size() ||
      weights.size() != leaves.size())
    return (void)n.fail("the attributes 'target_*' differ in length");
  for (size_t i = 0; i < leaves.size(); ++i)
    forest.weights.push_back(
        {find(leafTrees[i], leaves[i]) - forest.numInner, targets[i], weights[i]});
  Value baseValue;
  if (!base.empty()) {
    auto type =
        RankedTensorType::get(static_cast<int64_t>(base.size()), n.getBuilder().getF64Type());
    baseValue = n.constant(DenseElementsAttr::get(type, ArrayRef(base)));
  }
  setResult(n, forest, baseValue, n.getString("post_transform", "NONE"));
}

void tg::registerOnnxTrees(OnnxOpRegistry &r) {
  r.add("TreeEnsemble", 5, treeEnsemble, "ai.onnx.ml");
  r.add("TreeEnsembleRegressor", 1, treeEnsembleRegressor, "ai.onnx.ml");
}
