//===- NestPlan.cpp - The loop nests of a kernel, with named axes ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Analysis/NestPlan.h"

#include "AxisPlanner.h"

#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

SmallVector<DimAttr> NestPlan::getDims() const {
  return extents.empty() ? uop::getDims(tensorType(results.front().value)) : extents;
}

SmallVector<DimAttr> NestPlan::getLoopSizes() const {
  SmallVector<DimAttr> dims = loops.empty() ? getDims() : loops, sizes;
  for (unsigned axis : order)
    sizes.push_back(dims[axis]);
  return sizes;
}

SmallVector<StringRef> NestPlan::getNames(Operation *op) const {
  SmallVector<StringRef> names;
  for (const Axis &axis : axes)
    if (axis.op == op)
      names.push_back(axis.name);
  return names;
}

namespace {

/// Everything but the arguments is computed in the kernel.
bool isArgument(Value value) { return !value.getDefiningOp(); }

class KernelPlanner {
public:
  KernelPlanner(Block &body, ArrayRef<std::optional<unsigned>> aliases,
                const llvm::StringMap<VarOp> &vars)
      : body(body), aliases(aliases), vars(vars), scope(body.getParentOp()->getContext()) {}

  std::vector<NestPlan> plan(ValueRange results) {
    addResults(results);
    addMaps();
    for (auto [i, nest] : llvm::enumerate(nests)) {
      AxisPlanner(scope.getContext(), vars).plan(nest);
      nameAxes(nest, i == 0 ? "" : "n" + std::to_string(i) + ".");
    }
    return std::move(nests);
  }

private:
  void addResults(ValueRange results);
  void addMaps();
  void addMap(NestPlan nest);
  void orderAxes(NestPlan &nest);
  void chooseLoops(NestPlan &nest);
  bool splitAtSeams(const NestPlan &nest, std::vector<NestPlan> &parts);
  void moveRowResults(std::vector<NestPlan> &maps);
  void nameAxes(NestPlan &nest, const std::string &prefix);
  bool isInPlace(unsigned result, Value dest) const {
    return aliases[result] && dest == body.getArgument(*aliases[result]);
  }
  DimAttr number(int64_t value) const { return DimAttr::get(scope.getContext(), value); }

  Block &body;
  ArrayRef<std::optional<unsigned>> aliases;
  const llvm::StringMap<VarOp> &vars;
  VarScope scope;
  std::vector<NestPlan> nests;
  /// Results without loops of their own, by shape: they share a nest.
  llvm::MapVector<DimsAttr, SmallVector<PlannedResult>> maps;
};

} // namespace

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

void KernelPlanner::addResults(ValueRange results) {
  // A kernel may return a value several times.
  llvm::MapVector<Value, SmallVector<unsigned>> numbersOf;
  for (auto [number, value] : llvm::enumerate(results))
    numbersOf[value].push_back(number);
  llvm::DenseMap<Operation *, unsigned> roots;
  for (auto &[value, numbers] : numbersOf)
    for (unsigned result : numbers) {
      Operation *op = value.getDefiningOp();
      PlannedResult planned{result, value, tensorType(value)};
      if (isa_and_present<ScanOp, SortOp, CompactOp, ScatterOp>(op)) {
        // Each buffer of a scatter is updated by itself.
        auto scatter = dyn_cast<ScatterOp>(op);
        auto [it, isNew] = roots.try_emplace(op, nests.size());
        if (isNew || scatter) {
          it->second = nests.size();
          nests.emplace_back().kind = NestPlan::Kind::Root;
          nests.back().root = op;
          nests.back().isInPlace = scatter && isInPlace(result, scatter.getDest());
        }
        nests[it->second].results.push_back(planned);
      } else if (getElementsPerByte(planned.whole.getElementType()) > 1) {
        nests.emplace_back().kind = NestPlan::Kind::Packed;
        nests.back().results.push_back(planned);
      } else {
        auto assign = value.getDefiningOp<AssignOp>();
        if (assign && isInPlace(result, assign.getDest())) {
          // Only the part: the rest lies there already.
          planned.value = assign.getSource();
          if (assign.getOffsets())
            llvm::append_range(planned.offsets, assign.getOffsets()->getDims());
        }
        SmallVector<DimAttr> dims = getDims(tensorType(planned.value));
        maps[DimsAttr::get(scope.getContext(), dims)].push_back(std::move(planned));
      }
    }
}

/// A nest per shape; but results that another nest computes once per row are stored there.
void KernelPlanner::addMaps() {
  std::vector<NestPlan> grouped;
  for (auto &[dims, results] : maps) {
    SmallVector<Value> values;
    for (const PlannedResult &result : results)
      if (!llvm::is_contained(values, result.value))
        values.push_back(result.value);
    for (ArrayRef<Value> group : groupByNest(values, scope)) {
      NestPlan &nest = grouped.emplace_back();
      llvm::copy_if(results, std::back_inserter(nest.results), [&](const PlannedResult &result) {
        return llvm::is_contained(group, result.value);
      });
    }
  }
  moveRowResults(grouped);
  for (NestPlan &nest : grouped)
    addMap(std::move(nest));
}

void KernelPlanner::moveRowResults(std::vector<NestPlan> &grouped) {
  // Few: results of one kernel.
  for (size_t i = 1; i < grouped.size(); ++i)
    for (size_t j = i; j > 0 && estimateElements(grouped[j].getDims()) >
                                    estimateElements(grouped[j - 1].getDims());
         --j)
      std::swap(grouped[j], grouped[j - 1]);
  for (size_t i = 0; i < grouped.size(); ++i) {
    SmallVector<Value> roots;
    for (const PlannedResult &result : grouped[i].results)
      roots.push_back(result.value);
    for (size_t j = grouped.size(); j-- > i + 1;) {
      llvm::erase_if(grouped[j].results, [&](const PlannedResult &result) {
        auto isLeaf = [&](Value value) { return value == result.value || isArgument(value); };
        auto tree = TreeReads::get(grouped[i].getDims(), roots, isLeaf, scope);
        if (!tree)
          return false;
        auto it = tree->getLeaves().find(result.value);
        if (it == tree->getLeaves().end() || it->second.size() != 1 ||
            !tree->isOneToOne(it->second.front(), getDims(tensorType(result.value)), scope))
          return false;
        grouped[i].rowResults.push_back({result, it->second.front()});
        return true;
      });
      if (grouped[j].results.empty())
        grouped.erase(grouped.begin() + j);
    }
  }
}

//===----------------------------------------------------------------------===//
// Loops of a map
//===----------------------------------------------------------------------===//

void KernelPlanner::addMap(NestPlan nest) {
  // Parts have the order of the whole.
  if (nest.order.empty())
    orderAxes(nest);
  std::vector<NestPlan> parts;
  if (splitAtSeams(nest, parts)) {
    for (NestPlan &part : parts)
      addMap(std::move(part));
    return;
  }
  if (llvm::any_of(nest.getDims(), [](DimAttr dim) { return dim.isConstant(0); })) {
    // No loop writes the rows then.
    for (auto &[result, read] : nest.rowResults) {
      NestPlan row;
      row.results.push_back(result);
      addMap(std::move(row));
    }
    return;
  }
  chooseLoops(nest);
  nests.push_back(std::move(nest));
}

/// What is reduced once per row stands in the loops over the rows, which go first.
void KernelPlanner::orderAxes(NestPlan &nest) {
  unsigned rank = nest.getDims().size();
  nest.order = llvm::to_vector(llvm::seq<unsigned>(0, rank));
  SmallVector<Value> roots;
  for (const PlannedResult &result : nest.results)
    roots.push_back(result.value);
  SmallVector<DimAttr> whole = getDims(tensorType(roots.front()));
  std::optional<TreeReads> tree = TreeReads::get(whole, roots, isArgument, scope);
  if (!tree)
    return;
  SmallVector<llvm::SmallBitVector> rows;
  for (const TreeReads::Reduction &reduction : tree->getReductions())
    if (llvm::SmallBitVector axes = reduction.at.getDims(); axes.find_last() < int(rank))
      rows.push_back(axes);
  if (auto order = orderRowsFirst(rank, rows))
    nest.order = *order;
}

namespace {
/// A concatenation, and where it begins in the result that it leads to.
struct Seam {
  ConcatOp op;
  SmallVector<DimAttr> start;
};
} // namespace

/// The first concatenation between the value, which begins at `start`, and what it is computed from
/// element by element, that `known` does not tell the operand of.
static std::optional<Seam> findSeam(Value value, SmallVector<DimAttr> start,
                                    const std::map<Operation *, unsigned> &known) {
  llvm::SmallDenseSet<Value> seen;
  std::vector<std::pair<Value, SmallVector<DimAttr>>> worklist{{value, start}};
  while (!worklist.empty()) {
    auto [current, at] = std::move(worklist.back());
    worklist.pop_back();
    Operation *op = current.getDefiningOp();
    if (!op || !seen.insert(current).second)
      continue;
    if (auto concat = dyn_cast<ConcatOp>(op)) {
      auto it = known.find(op);
      if (it == known.end())
        return Seam{concat, at};
      DimAttr &offset = at[concat.getAxis()];
      for (Value before : concat.getInputs().take_front(it->second))
        offset = addDims(offset, getDim(tensorType(before), concat.getAxis()));
      worklist.push_back({concat.getInputs()[it->second], at});
    } else if (isa<ElementwiseOpInterface>(op)) {
      for (Value operand : op->getOperands())
        worklist.push_back({operand, at});
    }
  }
  return std::nullopt;
}

/// Beside a seam it is known which operand of a concatenation is read: one nest for each.
bool KernelPlanner::splitAtSeams(const NestPlan &nest, std::vector<NestPlan> &parts) {
  if (!nest.rowResults.empty())
    return false;
  SmallVector<DimAttr> dims = nest.getDims(), origin(nest.origin);
  if (origin.empty())
    origin.assign(dims.size(), number(0));
  for (const PlannedResult &result : nest.results) {
    std::optional<Seam> seam =
        findSeam(result.value, SmallVector<DimAttr>(dims.size(), number(0)), nest.operandOf);
    if (!seam)
      continue;
    unsigned axis = seam->op.getAxis();
    if (seam->start[axis] != origin[axis] ||
        getDim(tensorType(seam->op.getResult()), axis) != dims[axis])
      return false;
    for (auto [i, input] : llvm::enumerate(seam->op.getInputs())) {
      NestPlan part = nest;
      part.origin = origin;
      part.extents = dims;
      part.extents[axis] = getDim(tensorType(input), axis);
      part.operandOf[seam->op] = i;
      origin[axis] = addDims(origin[axis], part.extents[axis]);
      parts.push_back(std::move(part));
    }
    return true;
  }
  return false;
}

/// The shape of the reduction behind a reshape that the value is computed from element by element;
/// empty if there is none.
static SmallVector<DimAttr> findReduction(Value value,
                                          const std::map<Operation *, unsigned> &operandOf) {
  llvm::SmallDenseSet<Value> seen;
  SmallVector<std::pair<Value, bool>> worklist{{value, false}};
  while (!worklist.empty()) {
    auto [current, isReshaped] = worklist.pop_back_val();
    Operation *op = current.getDefiningOp();
    if (!op || !seen.insert(current).second)
      continue;
    if (isa<ReduceOp>(op)) {
      if (isReshaped)
        return getDims(tensorType(current));
    } else if (auto concat = dyn_cast<ConcatOp>(op)) {
      if (auto it = operandOf.find(op); it != operandOf.end())
        worklist.push_back({concat.getInputs()[it->second], isReshaped});
    } else if (isa<ElementwiseOpInterface, ReshapeOp>(op)) {
      for (Value operand : op->getOperands())
        worklist.push_back({operand, isReshaped || isa<ReshapeOp>(op)});
    }
  }
  return {};
}

/// In loops of the shape of its result a reduction needs no division of their indices, which would
/// end its register tile.
void KernelPlanner::chooseLoops(NestPlan &nest) {
  SmallVector<DimAttr> dims = nest.getDims();
  SmallVector<unsigned> order(nest.order);
  llvm::erase_if(order, [&](unsigned axis) { return dims[axis].isConstant(1); });
  if (!llvm::is_sorted(order) || !nest.rowResults.empty())
    return;
  MLIRContext *context = scope.getContext();
  for (const PlannedResult &result : nest.results) {
    SmallVector<DimAttr> loops = findReduction(result.value, nest.operandOf);
    if (loops.empty() || loops == dims || productOf(context, loops) != productOf(context, dims) ||
        !llvm::all_of(loops, [](DimAttr dim) { return dim.isConstant(); }))
      continue;
    nest.loops = loops;
    nest.order = llvm::to_vector(llvm::seq<unsigned>(0, loops.size()));
    return;
  }
}

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

namespace {
/// Counts the axes of a nest.
class AxisNamer {
public:
  AxisNamer(NestPlan &nest, const std::string &prefix) : nest(nest), prefix(prefix) {}

  void add(Axis::Kind kind, DimAttr extent, Operation *op = nullptr) {
    bool isData = kind == Axis::Kind::Data;
    unsigned &count = isData ? numData : numReductions;
    std::string name = prefix + (isData ? "d" : "r") + std::to_string(count++);
    nest.axes.push_back({std::move(name), kind, extent, op});
  }
  /// One axis per group; one of a single iteration where a nest has none.
  void add(Axis::Kind kind, ArrayRef<DimAttr> sizes, ArrayRef<AxisGroup> groups,
           Operation *op = nullptr) {
    MLIRContext *context = op ? op->getContext() : getContext();
    if (groups.empty())
      add(kind, DimAttr::get(context, 1), op);
    for (auto [first, last] : groups)
      add(kind, productOf(context, sizes.slice(first, last - first)), op);
  }
  MLIRContext *getContext() const { return nest.results.front().value.getContext(); }

private:
  NestPlan &nest;
  const std::string &prefix;
  unsigned numData = 0, numReductions = 0;
};
} // namespace

/// All of the sizes as one group.
static AxisGroups together(ArrayRef<DimAttr> sizes) {
  return sizes.empty() ? AxisGroups() : AxisGroups{{0, unsigned(sizes.size())}};
}

/// The loops that an operation with loops of its own has; the groups are those of its data axes.
static void addRootAxes(NestPlan &nest, AxisNamer &namer) {
  constexpr auto data = Axis::Kind::Data, reduction = Axis::Kind::Reduction;
  if (auto scan = dyn_cast<ScanOp>(nest.root)) {
    SmallVector<DimAttr> others = getDims(tensorType(scan.getInputs().front()));
    unsigned axis = scan.getAxis();
    DimAttr length = others[axis];
    others.erase(others.begin() + axis);
    if (axis > 0)
      nest.groups.push_back({0, axis});
    if (axis < others.size())
      nest.groups.push_back({axis, unsigned(others.size())});
    namer.add(data, others, nest.groups);
    namer.add(reduction, length);
  } else if (auto sort = dyn_cast<SortOp>(nest.root)) {
    SmallVector<DimAttr> others = getDims(tensorType(sort.getInputs().front()));
    DimAttr length = others[sort.getAxis()];
    others.erase(others.begin() + sort.getAxis());
    nest.groups = together(others);
    namer.add(data, others, nest.groups);
    namer.add(reduction, length);
  } else if (auto compact = dyn_cast<CompactOp>(nest.root)) {
    namer.add(data, DimAttr::get(namer.getContext(), 1));
    namer.add(reduction, getDim(tensorType(compact.getMask()), 0));
  } else {
    auto scatter = cast<ScatterOp>(nest.root);
    SmallVector<DimAttr> dims = getDims(tensorType(scatter.getResult()));
    SmallVector<DimAttr> indexDims = getDims(tensorType(scatter.getIndices()));
    auto before = ArrayRef(dims).take_front(scatter.getAxis());
    auto rest = ArrayRef(dims).drop_front(scatter.getAxis());
    auto updates = ArrayRef(indexDims).drop_front(scatter.getBatch());
    nest.groups = together(before);
    namer.add(data, before, nest.groups);
    // The copy of what is updated; the updates, and the elements of each.
    if (!nest.isInPlace)
      namer.add(reduction, rest, together(rest));
    if (!updates.empty())
      namer.add(reduction, updates, together(updates));
    if (rest.size() > 1)
      namer.add(reduction, rest.drop_front(), together(rest.drop_front()));
  }
}

void KernelPlanner::nameAxes(NestPlan &nest, const std::string &prefix) {
  constexpr auto data = Axis::Kind::Data, reduction = Axis::Kind::Reduction;
  AxisNamer namer(nest, prefix);
  if (nest.kind == NestPlan::Kind::Root) {
    addRootAxes(nest, namer);
  } else if (nest.kind == NestPlan::Kind::Packed) {
    RankedTensorType type = nest.results.front().whole;
    namer.add(data, getByteSize(getNumElements(type), type.getElementType()));
  } else {
    namer.add(data, nest.getLoopSizes(), nest.groups);
  }
  for (Operation &op : body) {
    auto it = nest.innerGroups.find(&op);
    if (it == nest.innerGroups.end() || it->second.empty())
      continue;
    SmallVector<DimAttr> sizes;
    if (auto unwindow = dyn_cast<UnwindowOp>(op)) {
      namer.add(reduction, unwindow.getTapSizes(), it->second, &op);
    } else if (auto reduce = dyn_cast<ReduceOp>(op)) {
      for (int64_t axis : reduce.getAxes())
        sizes.push_back(getDim(tensorType(reduce.getInputs().front()), axis));
      namer.add(reduction, sizes, it->second, &op);
    } else if (auto kept = dyn_cast<ContiguousOp>(op)) {
      for (auto [axis, dim] : llvm::enumerate(getDims(tensorType(kept))))
        if (!llvm::is_contained(*kept.getRows(), int64_t(axis)))
          sizes.push_back(dim);
      namer.add(data, sizes, it->second, &op);
    }
  }
}

KernelPlan KernelPlan::get(Block &body, ValueRange results,
                           ArrayRef<std::optional<unsigned>> aliases,
                           const llvm::StringMap<VarOp> &vars) {
  KernelPlan plan;
  plan.nests = KernelPlanner(body, aliases, vars).plan(results);
  return plan;
}
