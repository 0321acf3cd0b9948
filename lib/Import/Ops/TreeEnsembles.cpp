//===- TreeEnsembles.cpp - The operators on decision trees of ai.onnx.ml ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MachineLearning.h"
#include "Trees.h"

#include <map>
#include <set>

using namespace mlir;
using namespace tg;
using namespace tg::uop;

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

/// Floats, or doubles in the attribute of the same name with '_as_tensor'.
static SmallVector<double> getNumbersOrFloats(OnnxNode &n, const std::string &name) {
  return n.hasAttr(name + "_as_tensor") ? getNumbers(n, name + "_as_tensor") : n.getFloats(name);
}

/// The nodes from before opset 5: named by a tree and a number in it, leaves among them. What
/// leaves add is in attributes that begin with `prefix`. Nothing on failure.
static std::optional<OnnxForest> readForest(OnnxNode &n, const std::string &prefix) {
  SmallVector<int64_t> trees = n.getInts("nodes_treeids"), ids = n.getInts("nodes_nodeids"),
                       features = n.getInts("nodes_featureids"),
                       onTrue = n.getInts("nodes_truenodeids"),
                       onFalse = n.getInts("nodes_falsenodeids"),
                       missing = n.getInts("nodes_missing_value_tracks_true");
  SmallVector<std::string> modes = n.getStrings("nodes_modes");
  SmallVector<double> splits = getNumbersOrFloats(n, "nodes_values");
  size_t count = trees.size();
  auto fail = [&](const Twine &message) { return n.fail(message), std::nullopt; };
  if (ids.size() != count || features.size() != count || onTrue.size() != count ||
      onFalse.size() != count || modes.size() != count || splits.size() != count ||
      (!missing.empty() && missing.size() != count))
    return fail("the attributes 'nodes_*' differ in length");
  OnnxForest forest;
  for (const std::string &mode : modes)
    forest.numInner += mode != "LEAF";
  // The place of each node: inner ones first.
  std::map<std::pair<int64_t, int64_t>, int64_t> places;
  std::set<int64_t> treesSeen;
  int64_t inner = 0;
  for (size_t i = 0; i < count; ++i) {
    int64_t place = modes[i] == "LEAF" ? forest.numInner + forest.numLeaves++ : inner++;
    if (!places.try_emplace({trees[i], ids[i]}, place).second)
      return fail("node " + Twine(ids[i]) + " of tree " + Twine(trees[i]) + " is there twice");
    // A tree begins with its root.
    if (treesSeen.insert(trees[i]).second)
      forest.roots.push_back(place);
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
      return fail("attribute 'nodes_modes' has the unknown mode '" + modes[i] + "'");
    forest.modes.push_back(mode - std::begin(names));
    forest.features.push_back(features[i]);
    forest.splits.push_back(splits[i]);
    forest.onTrue.push_back(find(trees[i], onTrue[i]));
    forest.onFalse.push_back(find(trees[i], onFalse[i]));
    if (!missing.empty())
      forest.missing.push_back(missing[i]);
  }
  SmallVector<int64_t> leafTrees = n.getInts(prefix + "_treeids"),
                       leaves = n.getInts(prefix + "_nodeids"),
                       targets = n.getInts(prefix + "_ids");
  SmallVector<double> weights = getNumbersOrFloats(n, prefix + "_weights");
  if (leafTrees.size() != leaves.size() || targets.size() != leaves.size() ||
      weights.size() != leaves.size())
    return fail("the attributes '" + prefix + "_*' differ in length");
  for (size_t i = 0; i < leaves.size(); ++i) {
    int64_t place = find(leafTrees[i], leaves[i]);
    // Old converters give inner nodes weights too, which have no meaning.
    if (place < 0 || place >= forest.numInner)
      forest.weights.push_back({place - forest.numInner, targets[i], weights[i]});
  }
  if (n.hasFailed())
    return std::nullopt;
  return forest;
}

/// What doubles are compared and added in; all else is in f32.
static Type getForestType(OnnxNode &n) {
  RankedTensorType type = n.getInputType(0);
  return type && type.getElementType().isF64() ? type.getElementType()
                                               : n.getBuilder().getF32Type();
}

/// y plus the attribute's values, one per column.
static Value addBase(OnnxNode &n, Value y, ArrayRef<double> base, int64_t columns) {
  if (base.empty() || !y)
    return y;
  if (static_cast<int64_t>(base.size()) != columns)
    return n.fail("attribute 'base_values' must have " + Twine(columns) + " values, has " +
                  Twine(base.size()));
  return n.add(y, onnxFloats(n, base, n.getElementType(y)));
}

//===----------------------------------------------------------------------===//
// Operators
//===----------------------------------------------------------------------===//

/// From opset 5 on: inner nodes and leaves in tables of their own.
static void treeEnsemble(OnnxNode &n) {
  OnnxForest forest;
  forest.roots = n.getInts("tree_roots");
  forest.features = n.getInts("nodes_featureids");
  forest.onTrue = n.getInts("nodes_truenodeids");
  forest.onFalse = n.getInts("nodes_falsenodeids");
  forest.missing = n.getInts("nodes_missing_value_tracks_true");
  forest.splits = getNumbers(n, "nodes_splits");
  forest.numTargets = n.getInt("n_targets", 1);
  forest.numInner = forest.features.size();
  for (double mode : getNumbers(n, "nodes_modes"))
    forest.modes.push_back(truncateToInt(mode));
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
    if (mode < OnnxForest::LessEqual || mode > OnnxForest::Member)
      return (void)n.fail("attribute 'nodes_modes' has an unknown mode");
    if (mode != OnnxForest::Member)
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
  n.setOutput(0, transformOnnxScores(n, forest.evaluate(n, n.getInput(0)), transforms[transform]));
}

static void treeEnsembleRegressor(OnnxNode &n) {
  Value x = getOnnxRows(n, getForestType(n));
  std::optional<OnnxForest> forest = readForest(n, "target");
  if (!x || !forest)
    return;
  forest->numTargets = n.getInt("n_targets", 1);
  forest->aggregate = n.getString("aggregate_function", "SUM");
  Value y =
      addBase(n, forest->evaluate(n, x), getNumbersOrFloats(n, "base_values"), forest->numTargets);
  y = n.cast(y, n.getBuilder().getF32Type());
  n.setOutput(0, transformOnnxScores(n, y, n.getString("post_transform", "NONE")));
}

/// Column `i` of y.
static Value takeColumn(OnnxNode &n, Value y, int64_t i) {
  return n.slice(y, 1, n.dim(i), n.dim(1));
}

/// Two classes of which only one has weights, and so a score s: it is a probability if no weight is
/// negative. As ONNX Runtime has it, s decides at 1/2, or at 0, between the classes, whichever the
/// weights are of; the other class has a score only where the weights are of the first.
static void classifyPair(OnnxNode &n, Value scores, int64_t column, ArrayRef<double> base,
                         bool isProbability, const OnnxClasses &classes, StringRef transform) {
  if (base.size() > 1 || (column == 1 && !base.empty()))
    return (void)n.fail("attribute 'base_values' has " + Twine(base.size()) +
                        " values where only one of two classes has weights");
  Value score = addBase(n, takeColumn(n, scores, column), base, 1);
  if (!score)
    return;
  Value isSecond = n.lt(n.splatLike(isProbability ? 0.5 : 0, score), score);
  classes.setLabels(n, n.cast(n.squeeze(isSecond, {1}), n.getBuilder().getI64Type()));
  Type type = n.getBuilder().getF32Type();
  n.setOutput(1, column == 0 ? pairOnnxScores(n, n.cast(score, type), isProbability, transform)
                             : transformOnnxScores(n, n.cast(scores, type), transform));
}

static void treeEnsembleClassifier(OnnxNode &n) {
  Value x = getOnnxRows(n, getForestType(n));
  std::optional<OnnxClasses> classes = OnnxClasses::read(n, "classlabels_int64s");
  std::optional<OnnxForest> forest = readForest(n, "class");
  if (!x || !classes || !forest)
    return;
  if (classes->count < 2)
    return (void)n.fail("expected two classes or more");
  forest->numTargets = classes->count;
  SmallVector<double> base = getNumbersOrFloats(n, "base_values");
  StringRef transform = n.getString("post_transform", "NONE");
  bool isProbability = true, isPositive = true;
  std::set<int64_t> targets;
  for (const OnnxForest::Weight &weight : forest->weights) {
    targets.insert(weight.target);
    isProbability &= weight.weight >= 0;
    isPositive &= weight.weight > 0;
  }
  if (classes->count == 2 && targets.size() == 1) {
    int64_t column = *targets.begin();
    return classifyPair(n, forest->evaluate(n, x), column, base, isProbability, *classes,
                        transform);
  }
  // The top class is one that has a vote, or a base value.
  Value hasVotes;
  bool asksVotes = base.empty() && !isPositive;
  Value scores =
      addBase(n, forest->evaluate(n, x, asksVotes ? &hasVotes : nullptr), base, classes->count);
  if (!scores)
    return;
  Value candidates = scores;
  if (asksVotes)
    candidates =
        n.where(hasVotes, scores, n.splatLike(-std::numeric_limits<double>::infinity(), scores));
  if (!candidates)
    return;
  classes->setLabels(n, n.argExtreme(candidates, 1, /*isMax=*/true, /*takeLast=*/false,
                                     /*keepDims=*/false));
  n.setOutput(1, transformOnnxScores(n, n.cast(scores, n.getBuilder().getF32Type()), transform));
}

void tg::registerOnnxTrees(OnnxOpRegistry &r) {
  r.add("TreeEnsemble", 5, treeEnsemble, "ai.onnx.ml");
  r.add("TreeEnsembleClassifier", 1, treeEnsembleClassifier, "ai.onnx.ml");
  r.add("TreeEnsembleRegressor", 1, treeEnsembleRegressor, "ai.onnx.ml");
}
