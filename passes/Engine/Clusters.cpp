//===- Clusters.cpp - Kernels to be ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Clusters.h"

#include "mlir/IR/Remarks.h"

using namespace mlir;
using namespace tg;
using namespace tg::engine;
using namespace tg::uop;

SmallVector<Value> Cluster::getResults() const {
  SmallVector<Value> results(outputs);
  for (auto &[value, read] : rowOutputs)
    results.push_back(value);
  results.append(beside);
  return results;
}

//===----------------------------------------------------------------------===//
// One cluster per materialized operation
//===----------------------------------------------------------------------===//

ClusterGraph::ClusterGraph(Block &block, const MaterializationPlan &plan,
                           const FusionStrategy &strategy, unsigned maxOps)
    : block(block), plan(plan), strategy(strategy), maxOps(maxOps),
      scope(block.getParentOp()->getContext()) {
  unsigned position = 0;
  for (Operation &op : block) {
    positions[&op] = position++;
    hasBinds |= isa<BindOp>(op);
  }
  Operation *last = nullptr;
  for (auto &entry : plan.getMaterialized()) {
    Operation *root = entry.first.getDefiningOp();
    if (root != last && !(isa<ConstOp>(root) && !isInlineConstant(root)))
      makeCluster(root);
    last = root;
  }
  findConsumers();
  for (auto &cluster : clusters) {
    analyze(*cluster);
    if (!cluster->tree)
      continue;
    mergeProducers(*cluster);
    mergeSiblings(*cluster);
  }
  mergeBeside();
}

std::vector<Cluster *> ClusterGraph::getClusters() const {
  std::vector<Cluster *> result;
  for (auto &cluster : clusters)
    if (!cluster->mergedInto)
      result.push_back(cluster.get());
  llvm::sort(result, [&](Cluster *a, Cluster *b) {
    return positionOf(a->position) < positionOf(b->position);
  });
  return result;
}

bool ClusterGraph::isInside(Value value) const {
  Operation *op = value.getDefiningOp();
  return op && op->getBlock() == &block && isComputeOp(op) && !plan.isMaterialized(value);
}

static double flopsOf(Operation *op) {
  if (isa<ReduceOp>(op))
    return countElements(op->getOperand(0).getType());
  return isa<ElementwiseOpInterface>(op)
             ? getFlopsOf(op) * countElements(op->getResult(0).getType())
             : 0;
}

void ClusterGraph::addSlice(Cluster &cluster, Operation *op) {
  SmallVector<Operation *> worklist{op};
  while (!worklist.empty()) {
    Operation *current = worklist.pop_back_val();
    if (!cluster.ops.insert(current))
      continue;
    cluster.flops += flopsOf(current);
    for (Value operand : current->getOperands())
      if (isInside(operand))
        worklist.push_back(operand.getDefiningOp());
      else if (Operation *producer = operand.getDefiningOp();
               producer && isInlineConstant(producer))
        worklist.push_back(producer);
  }
}

Cluster &ClusterGraph::makeCluster(Operation *root) {
  Cluster &cluster = *clusters.emplace_back(std::make_unique<Cluster>());
  for (Value result : root->getResults()) {
    cluster.outputs.push_back(result);
    makers[result] = &cluster;
  }
  cluster.position = root;
  cluster.hasConcat = isa<ConcatOp>(root);
  addSlice(cluster, root);
  return cluster;
}

void ClusterGraph::findConsumers() {
  for (auto &cluster : clusters)
    for (Operation *op : cluster->ops)
      for (Value operand : op->getOperands())
        if (makers.contains(operand) && !cluster->ops.contains(operand.getDefiningOp()))
          consumers[operand].insert(cluster.get());
  for (auto &[value, maker] : makers)
    for (Operation *user : value.getUsers()) {
      Operation *inBlock = block.findAncestorOpInBlock(*user);
      if (user->getBlock() == &block && isComputeOp(user))
        continue;
      unsigned position = inBlock ? positionOf(inBlock) : 0;
      auto [it, isNew] = otherUses.try_emplace(value, position);
      if (!isNew)
        it->second = std::min(it->second, position);
    }
}

/// How the reads go along the last axis.
static void analyzeReads(Cluster &cluster) {
  const TreeReads &tree = *cluster.tree;
  unsigned last = tree.getRank();
  while (last > 0 && tree.getDims()[last - 1].isConstant(1))
    --last;
  if (last-- == 0)
    return;
  for (auto &[leaf, ways] : tree.getLeaves())
    for (const Read &way : ways) {
      cluster.isGuarded |= last < way.conditions.size() && way.conditions.test(last);
      for (AffineExpr index : way.indices)
        index.walk([&](AffineExpr expr) {
          auto product = dyn_cast<AffineBinaryOpExpr>(expr);
          if (product && product.getKind() == AffineExprKind::Mul)
            cluster.isStrided |= product.getLHS() == getAffineDimExpr(last, expr.getContext());
        });
    }
}

void ClusterGraph::analyze(Cluster &cluster) {
  Operation *root = cluster.position;
  // These walk memory in an order of their own, or are asked for as they are.
  if (isa<ScanOp, SortOp, ScatterOp, CompactOp, AssignOp, ContiguousOp, CopyOp, ConstOp>(root))
    return;
  auto type = cast<RankedTensorType>(root->getResult(0).getType());
  // Elements of less than a byte are put together one buffer at a time.
  if (type.getElementTypeBitWidth() < 8 && type.getElementTypeBitWidth() != 1)
    return;
  auto isLeaf = [&](Value value) {
    Operation *op = value.getDefiningOp();
    return !op || !cluster.ops.contains(op);
  };
  cluster.tree = TreeReads::get(getDims(type), cluster.outputs, isLeaf, scope);
  if (!cluster.tree)
    return;
  for (const TreeReads::Reduction &reduction : cluster.tree->getReductions())
    cluster.isContraction |= cluster.tree->isContraction(reduction);
  cluster.reduces = !cluster.tree->getReductions().empty();
  analyzeReads(cluster);
}

//===----------------------------------------------------------------------===//
// Merging
//===----------------------------------------------------------------------===//

static double bytesOf(Value value) {
  return estimateBytes(cast<RankedTensorType>(value.getType()));
}

/// The cluster that it is a part of by now. Shortens the way there.
static Cluster *currentOf(Cluster *cluster) {
  while (cluster->mergedInto) {
    if (cluster->mergedInto->mergedInto)
      cluster->mergedInto = cluster->mergedInto->mergedInto;
    cluster = cluster->mergedInto;
  }
  return cluster;
}

bool ClusterGraph::reads(Cluster &second, Cluster &first) const {
  return llvm::any_of(second.tree->getLeaves(),
                      [&](const auto &leaf) { return makers.lookup(leaf.first) == &first; });
}

Operation *ClusterGraph::findPlace(Cluster &first, Cluster &second,
                                   SmallVectorImpl<bool> &isInner) const {
  unsigned place = positionOf(second.position);
  bool canSink = true;
  for (Value value : first.getResults()) {
    bool inner = true;
    if (auto it = consumers.find(value); it != consumers.end())
      for (Cluster *consumer : it->second) {
        Cluster *reader = currentOf(consumer);
        if (reader == &second || reader == &first)
          continue;
        inner = false;
        canSink &= positionOf(reader->position) > place;
        // A value may have very many readers; those that come first are in the way.
        if (!canSink)
          break;
      }
    if (auto it = otherUses.find(value); it != otherUses.end()) {
      inner = false;
      canSink &= it->second > place;
    }
    isInner.push_back(inner);
  }
  if (canSink)
    return second.position;
  // Upwards: a variable might not have its value there yet.
  if (hasBinds)
    return nullptr;
  unsigned earlier = positionOf(first.position);
  auto isMadeBefore = [&](Value value) {
    Cluster *maker = makers.lookup(value);
    maker = maker ? currentOf(maker) : nullptr;
    if (maker == &first || maker == &second || second.ops.contains(value.getDefiningOp()))
      return true;
    Operation *op = maker ? maker->position : value.getDefiningOp();
    return !op || op->getBlock() != &block || positionOf(op) < earlier;
  };
  // What shares the launch with it is not in the tree.
  if (second.beside.empty())
    return llvm::all_of(llvm::make_first_range(second.tree->getLeaves()), isMadeBefore)
               ? first.position
               : nullptr;
  for (Operation *inside : second.ops)
    if (!llvm::all_of(inside->getOperands(), isMadeBefore))
      return nullptr;
  return first.position;
}

static double flopsPerElement(const Cluster &cluster) {
  return cluster.flops / std::max(estimateElements(cluster.tree->getDims()), 1.0);
}

bool ClusterGraph::refuse(Cluster &first, Cluster &second, StringRef reason,
                          const MergeCandidate *candidate) const {
  auto said = remark::missed(second.position->getLoc(),
                             remark::RemarkOpts::name("Apart").category("tg-fusion"));
  // Printing a place takes longer than all else.
  if (!said)
    return false;
  std::string from;
  llvm::raw_string_ostream(from) << first.position->getName() << " at " << first.position->getLoc();
  said << remark::reason("{0}", reason) << remark::metric("from", from);
  if (!candidate)
    return false;
  said << remark::metric("rows", toInteger(candidate->rows))
       << remark::metric("elements", toInteger(candidate->elements))
       << remark::metric("savedBytes", toInteger(candidate->savedBytes));
  if (candidate->kind == MergeCandidate::Kind::Staged)
    said << remark::metric("rowBytes", toInteger(candidate->rowBytes))
         << remark::metric("rereadBytes", toInteger(candidate->rereadBytes));
  return false;
}

/// Asks the strategy, and says what it said.
bool ClusterGraph::agrees(Cluster &first, Cluster &second, MergeCandidate &candidate,
                          ArrayRef<llvm::SmallBitVector> rows) {
  const TreeReads &tree = *second.tree;
  candidate.elements = estimateElements(tree.getDims());
  candidate.rows = candidate.elements;
  for (const llvm::SmallBitVector &set : rows) {
    SmallVector<DimAttr> dims;
    for (unsigned axis : set.set_bits())
      dims.push_back(tree.getDims()[axis]);
    candidate.rows = std::min(candidate.rows, estimateElements(dims));
  }
  if (tree.getRank() > 0)
    candidate.rowLength = estimateElements(tree.getDims().back());
  candidate.firstReduces = first.reduces;
  candidate.secondReduces = second.reduces;
  candidate.firstFlops = flopsPerElement(first);
  candidate.secondFlops = flopsPerElement(second);
  candidate.firstIsContraction = first.isContraction;
  candidate.secondIsContraction = second.isContraction;
  candidate.firstIsGuarded = first.isGuarded;
  candidate.firstIsStrided = first.isStrided;
  candidate.secondIsStrided = second.isStrided;
  candidate.numOps = first.ops.size() + second.ops.size();
  candidate.numOutputs = first.getResults().size() + second.getResults().size();
  std::string reason = candidate.numOps > maxOps
                           ? "a kernel has at most " + std::to_string(maxOps) + " operations"
                           : strategy.whyApart(candidate);
  Location loc = second.position->getLoc();
  if (!reason.empty())
    return refuse(first, second, reason, &candidate);
  constexpr const char *names[] = {"MergeProducer", "KeepRows", "MergeSiblings", "MergeBeside"};
  remark::passed(loc, remark::RemarkOpts::name(names[size_t(candidate.kind)]).category("tg-fusion"))
      << remark::metric("rows", toInteger(candidate.rows))
      << remark::metric("elements", toInteger(candidate.elements))
      << remark::metric("savedBytes", toInteger(candidate.savedBytes));
  return true;
}

void ClusterGraph::absorb(Cluster &from, Cluster &into, Operation *place) {
  into.position = place;
  into.reduces |= from.reduces;
  // The smaller one joins the larger one, so that a kernel of many does not take the square of
  // them.
  if (from.ops.size() > into.ops.size()) {
    std::swap(from.ops, into.ops);
    std::swap(from.flops, into.flops);
  }
  for (Operation *op : from.ops)
    if (into.ops.insert(op))
      into.flops += flopsOf(op);
  into.isContraction |= from.isContraction;
  into.isStrided |= from.isStrided;
  into.isGuarded |= from.isGuarded;
  into.hasConcat |= from.hasConcat;
  for (Value value : from.getResults())
    makers[value] = &into;
  for (auto &[value, axes] : from.staged)
    into.staged[value] = axes;
  from.mergedInto = &into;
}

/// Whether the dims are all axes of the cluster's loops.
bool ClusterGraph::isWhole(const Cluster &cluster, const llvm::SmallBitVector &dims) const {
  ArrayRef<DimAttr> extents = cluster.tree->getDims();
  for (unsigned axis = 0; axis < extents.size(); ++axis)
    if (!extents[axis].isConstant(1) && (axis >= dims.size() || !dims.test(axis)))
      return false;
  return true;
}

/// The element of the same index.
Read ClusterGraph::identity(unsigned rank) const {
  Read read;
  for (unsigned axis = 0; axis < rank; ++axis)
    read.indices.push_back(getAffineDimExpr(axis, scope.getContext()));
  return read;
}

/// The one index at which the cluster reads every result of the producer's loops; nothing, perhaps
/// after a remark, if there is none.
std::optional<Read> ClusterGraph::findPlaceOfReads(Cluster &producer, Cluster &cluster) {
  TreeReads &tree = *cluster.tree;
  std::optional<Read> at;
  for (Value value : producer.outputs)
    if (auto it = tree.getLeaves().find(value); it != tree.getLeaves().end())
      for (const Read &read : it->second) {
        if (at && !(*at == read))
          return refuse(producer, cluster, "it is read at more than one index"), std::nullopt;
        at = read;
      }
  // Only results of rows are read: in loops over the same shape they stand where they are made.
  if (!at && tree.getDims() == producer.tree->getDims())
    at = identity(tree.getRank());
  return at;
}

/// Where results of the producer's rows stand in the cluster's loops, which read the producer `at`;
/// nothing if they are read elsewhere.
std::optional<SmallVector<std::pair<Value, Read>>>
ClusterGraph::moveRowOutputs(const Cluster &producer, const Cluster &cluster, const Read &at) {
  SmallVector<std::pair<Value, Read>> moved;
  for (auto &[value, place] : producer.rowOutputs) {
    Read read = cluster.tree->compose(at, place, producer.tree->getRank(), 0, scope);
    if (auto it = cluster.tree->getLeaves().find(value); it != cluster.tree->getLeaves().end())
      for (const Read &other : it->second)
        if (!(other == read))
          return std::nullopt;
    moved.push_back({value, read});
  }
  return moved;
}

/// The sets of axes that must be outer loops of the cluster with the producer in it, as something
/// is computed once for each of their indices. False, perhaps after a remark, if no order has them
/// so.
bool ClusterGraph::joinRows(Cluster &producer, Cluster &cluster, const Read &at,
                            SmallVectorImpl<llvm::SmallBitVector> &rows) {
  TreeReads &tree = *cluster.tree;
  rows.append(cluster.rows);
  if (llvm::SmallBitVector dims = at.getDims(); !isWhole(cluster, dims))
    rows.push_back(dims);
  for (const llvm::SmallBitVector &set : producer.rows) {
    Read moved = tree.compose(at, {{}, set}, producer.tree->getRank(), 0, scope);
    if (isWhole(cluster, moved.conditions))
      return refuse(producer, cluster, "its rows are no loops here");
    rows.push_back(moved.conditions);
  }
  return orderRowsFirst(tree.getRank(), rows) ||
         refuse(producer, cluster, "its rows are not those of the others");
}

/// Whether the cluster reads elements of the producer only once each. What it leaves out need not
/// be computed if nothing else reads it.
bool ClusterGraph::readsOnce(Cluster &producer, Cluster &cluster, const Read &at) {
  ArrayRef<DimAttr> dims = producer.tree->getDims();
  if (cluster.tree->isOneToOne(at, dims, scope))
    return true;
  bool isOnlyReader = producer.getResults().size() == 1 &&
                      !otherUses.contains(producer.outputs[0]) &&
                      llvm::all_of(consumers[producer.outputs[0]],
                                   [&](Cluster *reader) { return currentOf(reader) == &cluster; });
  // A concatenation has loops for each of its parts, so that no condition is left.
  bool isPart = isOnlyReader && cluster.tree->isInjective(at, dims, scope) &&
                (at.conditions.none() || isa<ConcatOp>(cluster.position));
  return isPart || refuse(producer, cluster, "its elements are not read once each");
}

bool ClusterGraph::mergeProducer(Cluster &producer, Cluster &cluster) {
  if (!producer.tree || producer.outputs.empty())
    return false;
  TreeReads &tree = *cluster.tree;
  std::optional<Read> at = findPlaceOfReads(producer, cluster);
  if (!at || !readsOnce(producer, cluster, *at))
    return false;
  bool isIdentity = tree.getDims() == producer.tree->getDims() &&
                    at->indices == identity(producer.tree->getRank()).indices;
  if (producer.hasConcat && !isIdentity)
    return refuse(producer, cluster, "a concatenation is computed part by part");
  auto rowOutputs = moveRowOutputs(producer, cluster, *at);
  SmallVector<llvm::SmallBitVector> rows;
  if (!rowOutputs || !joinRows(producer, cluster, *at, rows))
    return false;
  SmallVector<bool> isInner;
  Operation *place = findPlace(producer, cluster, isInner);
  if (!place)
    return refuse(producer, cluster, "something in between needs it");
  MergeCandidate candidate{MergeCandidate::Kind::Producer};
  SmallVector<Value> results = producer.getResults();
  for (auto [value, inner] : llvm::zip_equal(results, isInner))
    candidate.savedBytes += bytesOf(value) * (inner ? 2 : 1);
  candidate.firstElements =
      estimateElements(tree.getDims().take_front(at->getDims().find_last() + 1));
  if (!agrees(producer, cluster, candidate, rows))
    return false;

  tree.inlineTree(*producer.tree, *at, results, scope);
  cluster.rows = rows;
  for (auto [i, value] : llvm::enumerate(results)) {
    if (isInner[i])
      continue;
    if (i >= producer.outputs.size())
      cluster.rowOutputs.push_back((*rowOutputs)[i - producer.outputs.size()]);
    else if (isIdentity)
      cluster.outputs.push_back(value);
    else
      cluster.rowOutputs.push_back({value, *at});
  }
  absorb(producer, cluster, place);
  return true;
}

bool ClusterGraph::mergeStaged(Cluster &producer, Cluster &cluster) {
  // The loop over the rows is unrolled so far.
  constexpr double rowsAtOnce = 4;
  if (!producer.tree || producer.getResults().size() != 1 || producer.hasConcat)
    return false;
  Value value = producer.outputs.front();
  TreeReads tree(*cluster.tree);
  SmallVector<int64_t> rowAxes;
  std::optional<Read> at = tree.stage(value, producer.tree->getDims(), rowAxes, scope);
  SmallVector<bool> isInner;
  Operation *place = at ? findPlace(producer, cluster, isInner) : nullptr;
  if (!place || !isInner.front())
    return false;
  unsigned rank = producer.tree->getRank();
  Read row;
  for (int64_t axis : rowAxes)
    row.indices.push_back(at->indices[axis]);
  SmallVector<llvm::SmallBitVector> rows(cluster.rows);
  rows.push_back(row.getDims());
  // Rows of the producer that lie inside of a row of this one order the loops there.
  for (const llvm::SmallBitVector &set : producer.rows) {
    llvm::SmallBitVector moved = tree.compose(*at, {{}, set}, rank, 0, scope).conditions;
    if (moved.find_last() < int(tree.getRank()))
      rows.push_back(moved);
  }
  if (!orderRowsFirst(tree.getRank(), rows))
    return false;
  MergeCandidate candidate{MergeCandidate::Kind::Staged};
  candidate.savedBytes = 2 * bytesOf(value);
  candidate.rowBytes = bytesOf(value);
  candidate.rowIsContiguous = rowAxes.back() + 1 == int64_t(rowAxes.size());
  ArrayRef<DimAttr> dims = producer.tree->getDims();
  for (int64_t axis : rowAxes)
    candidate.rowBytes /= estimateElements(dims[axis]);
  auto maxOf = [&](StringRef name) -> int64_t {
    auto attr = StringAttr::get(scope.getContext(), name);
    auto var = SymbolTable::lookupNearestSymbolFrom<VarOp>(block.getParentOp(), attr);
    return var ? var.getMax() : std::numeric_limits<int64_t>::max();
  };
  double bytesPerElement = bytesOf(value) / std::max(estimateElements(dims), 1.0);
  candidate.mostSavedBytes = 2 * bytesPerElement * estimateElements(dims, maxOf);
  candidate.mostRowBytes = bytesPerElement;
  for (auto [axis, dim] : llvm::enumerate(dims))
    if (!llvm::is_contained(rowAxes, int64_t(axis)))
      candidate.mostRowBytes *= estimateElements(dim, maxOf);
  tree.inlineTree(*producer.tree, *at, value, scope);
  for (auto &[leaf, ways] : tree.getLeaves()) {
    double most = 0;
    for (const Read &way : ways) {
      llvm::SmallBitVector missing = row.getDims();
      missing.reset(way.getDims());
      double times = 1;
      for (unsigned dim : missing.set_bits())
        times *= estimateElements(tree.getDims()[dim]);
      if (times > 1)
        most = std::max(most, bytesOf(leaf) * times / rowsAtOnce);
    }
    candidate.rereadBytes += most;
  }
  if (!agrees(producer, cluster, candidate, rows))
    return false;
  cluster.tree = std::move(tree);
  cluster.rows = rows;
  cluster.staged[value] = rowAxes;
  absorb(producer, cluster, place);
  return true;
}

void ClusterGraph::mergeProducers(Cluster &cluster) {
  // What a producer reads becomes a leaf too.
  for (bool changed = true; changed;) {
    changed = false;
    for (auto &[value, reads] : cluster.tree->getLeaves()) {
      Cluster *producer = makers.lookup(value);
      if (producer && producer != &cluster &&
          (mergeProducer(*producer, cluster) || mergeStaged(*producer, cluster))) {
        changed = true;
        break;
      }
    }
  }
}

bool ClusterGraph::mergeSibling(Cluster &earlier, Cluster &cluster) {
  // A launch costs more than these do.
  constexpr double fewElements = 1024;
  auto &leaves = cluster.tree->getLeaves();
  bool isNear = estimateElements(cluster.tree->getDims()) <= fewElements ||
                llvm::any_of(earlier.tree->getLeaves(),
                             [&](const auto &leaf) { return leaves.contains(leaf.first); });
  if (!isNear || reads(cluster, earlier) || reads(earlier, cluster))
    return false;
  SmallVector<llvm::SmallBitVector> rows(cluster.rows);
  llvm::append_range(rows, earlier.rows);
  SmallVector<bool> isInner;
  // Merging has moved kernels.
  bool isFirst = positionOf(earlier.position) < positionOf(cluster.position);
  Operation *place =
      isFirst ? findPlace(earlier, cluster, isInner) : findPlace(cluster, earlier, isInner);
  if (!orderRowsFirst(cluster.tree->getRank(), rows) || !place)
    return false;
  MergeCandidate candidate{MergeCandidate::Kind::Siblings};
  for (auto &[value, ways] : earlier.tree->getLeaves())
    if (leaves.contains(value))
      candidate.savedBytes += bytesOf(value);
  if (!agrees(earlier, cluster, candidate, rows))
    return false;
  // The larger one stays, so that a kernel of many siblings does not take the square of them.
  if (earlier.tree->getLeaves().size() > cluster.tree->getLeaves().size())
    std::swap(earlier.tree, cluster.tree);
  cluster.tree->merge(*earlier.tree, scope);
  cluster.rows = rows;
  cluster.outputs.append(earlier.outputs);
  cluster.rowOutputs.append(earlier.rowOutputs);
  absorb(earlier, cluster, place);
  return true;
}

void ClusterGraph::mergeSiblings(Cluster &cluster) {
  // Only neighbors in program order: what lies far away is likely to be read in between.
  constexpr size_t maxNeighbors = 4;
  auto &candidates = byShape[DimsAttr::get(scope.getContext(), cluster.tree->getDims())];
  llvm::erase_if(candidates, [](Cluster *other) { return other->mergedInto; });
  for (Cluster *other : llvm::to_vector(candidates))
    if (other != &cluster && !other->mergedInto)
      mergeSibling(*other, cluster);
  llvm::erase_if(candidates, [](Cluster *other) { return other->mergedInto; });
  if (candidates.size() == maxNeighbors)
    candidates.erase(candidates.begin());
  candidates.push_back(&cluster);
}

//===----------------------------------------------------------------------===//
// Kernels that only share a launch
//===----------------------------------------------------------------------===//

/// Whether anything in the one reads what the other makes, whatever loops it stands in.
bool ClusterGraph::dependsOn(Cluster &second, Cluster &first) const {
  return llvm::any_of(second.ops, [&](Operation *op) {
    return llvm::any_of(op->getOperands(),
                        [&](Value value) { return makers.lookup(value) == &first; });
  });
}

bool ClusterGraph::mergeBeside(Cluster &first, Cluster &second) {
  if (!first.tree || !second.tree || dependsOn(second, first) || dependsOn(first, second))
    return false;
  bool isFirst = positionOf(first.position) < positionOf(second.position);
  SmallVector<bool> isInner;
  Operation *place =
      isFirst ? findPlace(first, second, isInner) : findPlace(second, first, isInner);
  if (!place)
    return refuse(first, second, "something in between needs it");
  MergeCandidate candidate{MergeCandidate::Kind::Beside};
  if (!agrees(first, second, candidate, {}))
    return false;
  second.beside.append(first.getResults());
  absorb(first, second, place);
  return true;
}

/// Kernels that read one value: one launch, in which no core waits for the last unit of the one
/// before it starts with the other.
void ClusterGraph::mergeBeside() {
  // Only neighbors in program order, as with siblings.
  constexpr size_t maxNeighbors = 4;
  llvm::DenseMap<Value, SmallVector<Cluster *, 4>> known;
  for (auto &cluster : clusters) {
    if (cluster->mergedInto || !cluster->tree)
      continue;
    SmallVector<Value> keys;
    for (auto &[value, ways] : cluster->tree->getLeaves())
      keys.push_back(value);
    for (Value key : keys) {
      SmallVector<Cluster *, 4> &neighbors = known[key];
      for (Cluster *other : llvm::to_vector(neighbors))
        if (other != cluster.get() && !other->mergedInto)
          mergeBeside(*other, *cluster);
      llvm::erase_if(neighbors, [](Cluster *other) { return other->mergedInto; });
      if (neighbors.size() == maxNeighbors)
        neighbors.erase(neighbors.begin());
      if (!llvm::is_contained(neighbors, cluster.get()))
        neighbors.push_back(cluster.get());
    }
  }
}
