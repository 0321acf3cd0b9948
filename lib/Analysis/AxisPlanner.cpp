//===- AxisPlanner.cpp - Which axes of a nest are one loop ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AxisPlanner.h"

#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

//===----------------------------------------------------------------------===//
// Choice of groups
//===----------------------------------------------------------------------===//

/// Divisions and remainders in an expression as it is written.
static unsigned countDivisions(AffineExpr expr) {
  unsigned count = 0;
  expr.walk([&](AffineExpr part) {
    AffineExprKind kind = part.getKind();
    count += kind == AffineExprKind::FloorDiv || kind == AffineExprKind::Mod ||
             kind == AffineExprKind::CeilDiv;
  });
  return count;
}

void AxisPlanner::use(AffineExpr expr) {
  if (used.insert(expr).second)
    if (unsigned count = countDivisions(expr))
      costs.push_back({space.levelOf(expr), count});
}

/// Every axis by itself, but axes of size 1 with a neighbor.
static AxisGroups splitApart(ArrayRef<DimAttr> sizes) {
  AxisGroups groups;
  auto isOne = [](DimAttr size) { return size.isConstant(1); };
  for (unsigned i = 0; i < sizes.size(); ++i) {
    bool joins = !groups.empty() &&
                 (isOne(sizes[i]) ||
                  llvm::all_of(sizes.slice(groups.back().first, i - groups.back().first), isOne));
    if (joins)
      groups.back().second = i + 1;
    else
      groups.push_back({i, i + 1});
  }
  return groups;
}

AxisGroups AxisPlanner::choose(ArrayRef<DimAttr> sizes, unsigned base, Visit visit) {
  // Every candidate around is a choice of those inside.
  constexpr unsigned maxNesting = 3;
  llvm::SaveAndRestore<unsigned> nesting(numChoices, numChoices + 1);
  if (numChoices > maxNesting) {
    AxisGroups apart = splitApart(sizes);
    visit(apart);
    return apart;
  }
  struct Candidate {
    AxisGroups groups;
    unsigned cost = 0;
    InnerGroups inner;
  };
  InnerGroups before = std::move(innerGroups);
  auto tryGroups = [&](AxisGroups groups) {
    innerGroups.clear();
    size_t first = costs.size();
    visit(groups);
    Candidate candidate{std::move(groups), 0, std::move(innerGroups)};
    for (auto [level, cost] : ArrayRef(costs).drop_front(first))
      candidate.cost += level > base ? cost : 0;
    // What stands outside of these loops is not visited again.
    for (auto &[op, known] : candidate.inner)
      before.try_emplace(op, known);
    return candidate;
  };
  AxisGroups apart = splitApart(sizes), one;
  if (!apart.empty())
    one.push_back({0, unsigned(sizes.size())});
  // All in one is best if it is free. Else start from all apart, and join neighbors as long as that
  // costs nothing.
  Candidate best = tryGroups(one);
  if (apart.size() > 1 && best.cost > 0) {
    Candidate merged = std::move(best);
    best = tryGroups(apart);
    auto keep = [&](Candidate candidate) {
      bool isBetter = candidate.cost <= best.cost;
      if (isBetter)
        best = std::move(candidate);
      return isBetter;
    };
    keep(std::move(merged));
    for (unsigned i = 0; i + 1 < best.groups.size() && best.groups.size() > 2;) {
      AxisGroups joined = best.groups;
      joined[i].second = joined[i + 1].second;
      joined.erase(joined.begin() + i + 1);
      if (!keep(tryGroups(joined)))
        ++i;
    }
  }
  innerGroups = std::move(before);
  for (auto &[op, known] : best.inner)
    innerGroups[op] = known;
  return best.groups;
}

void AxisPlanner::visitLoops(Operation *op, ArrayRef<DimAttr> sizes, unsigned base, Visit visit) {
  size_t first = costs.size();
  if (auto it = innerGroups.find(op); it != innerGroups.end()) {
    visit(AxisGroups(it->second));
  } else {
    AxisGroups groups = choose(sizes, base, visit);
    innerGroups[op] = std::move(groups);
  }
  leaveLoops(first, base);
}

void AxisPlanner::leaveLoops(size_t first, unsigned base) {
  for (size_t i = first; i < costs.size(); ++i)
    costs[i].first = std::min(costs[i].first, base);
}

Indices AxisPlanner::openLoops(ArrayRef<DimAttr> sizes, ArrayRef<AxisGroup> groups, unsigned base) {
  Indices indices(sizes.size(), space.constant(0));
  for (auto [i, group] : llvm::enumerate(groups)) {
    ArrayRef<DimAttr> inGroup = sizes.slice(group.first, group.second - group.first);
    // What overflows is an error when the loops are emitted.
    DimAttr extent = productOf(space.getContext(), inGroup);
    AffineExpr dim =
        space.addDim(extent ? extent : DimAttr::get(space.getContext(), 1), base + i + 1);
    llvm::copy(space.delinearize(dim, inGroup), indices.begin() + group.first);
  }
  return indices;
}

//===----------------------------------------------------------------------===//
// Nests
//===----------------------------------------------------------------------===//

void AxisPlanner::plan(NestPlan &nest) {
  if (nest.kind == NestPlan::Kind::Root)
    visitRoot(nest);
  else if (nest.kind == NestPlan::Kind::Packed)
    visitPacked(nest);
  else
    nest.groups = choose(nest.getLoopSizes(), 0,
                         [&](ArrayRef<AxisGroup> groups) { visitNest(nest, groups); });
  nest.innerGroups = std::move(innerGroups);
}

void AxisPlanner::visitNest(const NestPlan &nest, ArrayRef<AxisGroup> groups) {
  Indices loops = openLoops(nest.getLoopSizes(), groups, 0), indices(loops.size());
  for (auto [loop, axis] : llvm::zip_equal(loops, nest.order))
    indices[axis] = loop;
  if (!nest.loops.empty())
    if (AffineExpr linear = space.linearize(indices, nest.loops))
      indices = space.delinearize(linear, nest.getDims());
  for (auto [index, start] : llvm::zip(indices, nest.origin))
    index = index + space.getExpr(start);
  auto store = [&](const PlannedResult &result, Indices place) {
    for (auto [index, offset] : llvm::zip(place, result.offsets))
      index = index + space.getExpr(offset);
    if (AffineExpr linear = space.linearize(place, getDims(result.whole)))
      use(linear);
  };
  for (const PlannedResult &result : nest.results)
    visit(result.value, indices);
  for (const PlannedResult &result : nest.results)
    store(result, indices);
  for (const auto &[result, read] : nest.rowResults) {
    Indices place;
    for (AffineExpr index : read.indices)
      place.push_back(space.simplify(index.replaceDims(indices)));
    visit(result.value, place);
    store(result, place);
  }
}

void AxisPlanner::visitPacked(const NestPlan &nest) {
  Value value = nest.results.front().value;
  DimAttr count = getNumElements(tensorType(value));
  unsigned packed = getElementsPerByte(tensorType(value).getElementType());
  DimAttr bytes = getByteSize(count, tensorType(value).getElementType());
  if (!bytes)
    return;
  AffineExpr byte = space.addDim(bytes, 1);
  for (unsigned i = 0; i < packed; ++i) {
    AffineExpr linear = byte * packed + i;
    Guards guards{{space.getExpr(count) - 1 - linear}};
    if (space.simplify(guards))
      visit(value, space.delinearize(linear, getDims(tensorType(value))), guards);
  }
}

/// Each element of the operands once; where they are read is known at run time in part.
void AxisPlanner::visitRoot(const NestPlan &nest) {
  for (Value operand : nest.root->getOperands()) {
    Indices indices;
    for (DimAttr dim : getDims(tensorType(operand)))
      indices.push_back(space.addDim(dim, indices.size() + 1));
    visit(operand, indices);
  }
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

void AxisPlanner::visit(Value value, const Indices &indices, const Guards &guards) {
  auto reduce = value.getDefiningOp<ReduceOp>();
  std::vector<const void *> key{reduce ? reduce.getOperation() : value.getAsOpaquePointer()};
  for (AffineExpr index : indices)
    key.push_back(index.getAsOpaquePointer());
  for (const Constraint &guard : guards) {
    key.push_back(guard.isZero ? nullptr : this);
    key.push_back(guard.expr.getAsOpaquePointer());
  }
  if (seen.insert(std::move(key)).second)
    visitUncached(value, indices, guards);
}

void AxisPlanner::visitUncached(Value value, const Indices &indices, const Guards &guards) {
  Operation *op = value.getDefiningOp();
  auto visitTable = [&] {
    if (AffineExpr linear = space.linearize(indices, getDims(tensorType(value))))
      visitLoad(linear, guards);
  };
  if (!op)
    return visitTable();
  if (isa<ElementwiseOpInterface>(op)) {
    for (Value operand : op->getOperands())
      visit(operand, indices, guards);
  } else if (auto movement = dyn_cast<MovementOpInterface>(op)) {
    visitMovement(movement, indices, guards);
  } else if (auto contiguous = dyn_cast<ContiguousOp>(op); contiguous && contiguous.getRows()) {
    visitStaged(contiguous, indices, guards);
  } else if (isa<ContiguousOp, DetachOp, CopyOp>(op)) {
    visit(op->getOperand(0), indices, guards);
  } else if (auto constant = dyn_cast<ConstOp>(op)) {
    auto elements = dyn_cast<DenseElementsAttr>(constant.getValue());
    if (elements && !elements.isSplat())
      visitTable();
  } else if (auto reduce = dyn_cast<ReduceOp>(op)) {
    visitReduce(reduce, indices, guards);
  } else if (auto unwindow = dyn_cast<UnwindowOp>(op)) {
    visitUnwindow(unwindow, indices, guards);
  } else if (auto gather = dyn_cast<GatherOp>(op)) {
    visitGather(gather, indices, guards);
  } else if (auto assign = dyn_cast<AssignOp>(op)) {
    visitAssign(assign, indices, guards);
  } else if (auto iota = dyn_cast<IotaOp>(op)) {
    use(indices[iota.getAxis()]);
  }
}

void AxisPlanner::visitLoad(AffineExpr linear, const Guards &guards) {
  if (isa<AffineConstantExpr>(linear) && guards.empty())
    return;
  use(linear);
  use(guards);
  // A branch.
  if (!guards.empty())
    costs.push_back({space.levelOf({linear}, guards), 1});
}

void AxisPlanner::visitMovement(MovementOpInterface op, const Indices &indices,
                                const Guards &guards) {
  Value fill = op.getFillValue();
  if (fill)
    visit(fill, {});
  unsigned first = 0, last = op.getNumMovedOperands();
  if (auto concat = dyn_cast<ConcatOp>(op.getOperation())) {
    auto [low, high] = space.getBounds(indices[concat.getAxis()]);
    std::tie(first, last) = concat.getOperandsAt(low, high);
  }
  bool hasOther = false;
  for (unsigned operand = first; operand < last; ++operand) {
    Access outer;
    outer.indices = indices;
    Access moved = outer.compose(op.getAccess(operand, space.getScope()));
    Guards added(moved.constraints);
    if (!space.simplify(added))
      continue;
    space.simplify(MutableArrayRef<AffineExpr>(moved.indices));
    Value value = op->getOperand(operand);
    visit(value, moved.indices, addGuards(guards, added));
    // A selection.
    if ((hasOther || fill) && !(fill && !hasOther && isZeroLoad(value, fill)))
      use(added);
    hasOther = true;
  }
}

void AxisPlanner::visitReduce(ReduceOp op, const Indices &indices, const Guards &guards) {
  RankedTensorType type = tensorType(op.getInputs().front());
  SmallVector<DimAttr> sizes;
  for (int64_t axis : op.getAxes())
    sizes.push_back(getDim(type, axis));
  if (sizes.empty()) {
    for (Value input : op.getInputs())
      visit(input, indices, guards);
    return;
  }
  unsigned base = space.levelOf(indices, guards);
  visitLoops(op, sizes, base, [&](ArrayRef<AxisGroup> groups) {
    Indices taken = openLoops(sizes, groups, base), inner;
    ArrayRef<int64_t> axes = op.getAxes();
    for (unsigned axis = 0, reduced = 0, kept = 0; axis < unsigned(type.getRank()); ++axis) {
      bool isReduced = reduced < axes.size() && axes[reduced] == axis;
      inner.push_back(isReduced ? taken[reduced++] : indices[kept++]);
    }
    for (Value input : op.getInputs())
      visit(input, inner, guards);
  });
}

void AxisPlanner::visitUnwindow(UnwindowOp op, const Indices &indices, const Guards &guards) {
  Access outer;
  outer.indices = indices;
  unsigned base = space.levelOf(indices, guards), level = base;
  AxisGroups taps;
  size_t first = costs.size();
  for (DimAttr size : op.getTapSizes()) {
    outer.indices.push_back(space.addDim(size, ++level));
    taps.push_back({taps.size(), taps.size() + 1});
  }
  innerGroups[op] = taps;
  Access moved = outer.compose(op.getTapAccess(space.getScope()));
  Guards added(moved.constraints), all(guards);
  if (taps.empty())
    return visit(op.getInput(), indices, guards);
  if (!space.simplify(added))
    return;
  space.simplify(MutableArrayRef<AffineExpr>(moved.indices));
  all.append(added);
  visit(op.getInput(), moved.indices, all);
  use(added);
  leaveLoops(first, base);
}

void AxisPlanner::visitGather(GatherOp op, const Indices &indices, const Guards &guards) {
  int64_t axis = op.getAxis(), batch = op.getBatch();
  int64_t numQ = tensorType(op.getIndices()).getRank() - batch;
  Indices at(indices.begin(), indices.begin() + batch);
  at.append(indices.begin() + axis, indices.begin() + axis + numQ);
  visit(op.getIndices(), at, guards);
  AffineExpr size = space.getExpr(getDim(tensorType(op.getInput()), axis));
  Guards all(guards), nonEmpty{{size - 1}};
  if (!space.simplify(nonEmpty))
    return;
  all.append(nonEmpty);
  Indices source(indices.begin(), indices.begin() + axis);
  source.push_back(space.addSymbol(IndexRange::ofExtent(size), space.levelOf(at, guards)));
  source.append(indices.begin() + axis + numQ, indices.end());
  visit(op.getInput(), source, all);
}

void AxisPlanner::visitAssign(AssignOp op, const Indices &indices, const Guards &guards) {
  visit(op.getDest(), indices, guards);
  Indices inside;
  Guards added;
  for (auto [axis, index] : llvm::enumerate(indices)) {
    AffineExpr offset =
        op.getOffsets() ? space.getExpr((*op.getOffsets())[axis]) : space.constant(0);
    inside.push_back(space.simplify(index - offset));
    added.push_back({inside.back()});
    added.push_back({space.getExpr(getDim(tensorType(op.getSource()), axis)) - 1 - inside.back()});
  }
  if (!space.simplify(added))
    return;
  Guards all(guards);
  all.append(added);
  visit(op.getSource(), inside, all);
  use(added);
}

void AxisPlanner::visitStaged(ContiguousOp op, const Indices &indices, const Guards &guards) {
  SmallVector<unsigned> columns;
  SmallVector<DimAttr> rowDims, columnDims;
  Indices row, column;
  for (auto [axis, dim] : llvm::enumerate(getDims(tensorType(op)))) {
    bool isRow = llvm::is_contained(*op.getRows(), int64_t(axis));
    (isRow ? row : column).push_back(indices[axis]);
    (isRow ? rowDims : columnDims).push_back(dim);
    if (!isRow)
      columns.push_back(axis);
  }
  AffineExpr slot = space.linearize(row, rowDims);
  DimAttr size = productOf(space.getContext(), columnDims);
  if (!slot || !size)
    return;
  AffineExpr start = space.simplify(slot % stagedRows) * space.getExpr(size);
  std::vector<const void *> key{op.getOperation(), &stagedRows};
  for (AffineExpr index : row)
    key.push_back(index.getAsOpaquePointer());
  if (seen.insert(std::move(key)).second) {
    unsigned base = space.levelOf(row);
    visitLoops(op, columnDims, base, [&](ArrayRef<AxisGroup> groups) {
      Indices inner = openLoops(columnDims, groups, base), whole(indices);
      for (auto [axis, index] : llvm::zip_equal(columns, inner))
        whole[axis] = index;
      visit(op.getInput(), whole);
      if (AffineExpr position = space.linearize(inner, columnDims))
        use(space.simplify(start + position));
    });
  }
  if (AffineExpr position = space.linearize(column, columnDims))
    visitLoad(space.simplify(start + position), guards);
}
