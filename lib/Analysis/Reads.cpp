//===- Reads.cpp - Where a tree of operations reads its leaves ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Analysis/Reads.h"

#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

#include <set>

using namespace mlir;
using namespace tg;
using namespace tg::uop;

static void addDimsOf(AffineExpr expr, llvm::SmallBitVector &dims) {
  expr.walk([&](AffineExpr part) {
    auto dim = dyn_cast<AffineDimExpr>(part);
    if (!dim)
      return;
    if (dims.size() <= dim.getPosition())
      dims.resize(dim.getPosition() + 1);
    dims.set(dim.getPosition());
  });
}

llvm::SmallBitVector Read::getDims() const {
  llvm::SmallBitVector dims(conditions);
  for (AffineExpr index : indices)
    addDimsOf(index, dims);
  return dims;
}

static IndexRange rangeOf(DimAttr dim, VarScope &scope) {
  return IndexRange::ofExtent(scope.getExpr(dim));
}

AffineExpr TreeReads::simplify(AffineExpr expr, VarScope &scope) const {
  if (isa<AffineDimExpr, AffineConstantExpr>(expr))
    return expr;
  SmallVector<IndexRange> symbols(scope.size(), IndexRange::atLeast(0));
  return simplifyInRange(expr, ranges, symbols);
}

void TreeReads::add(Reads &reads, Read read) {
  if (!llvm::is_contained(reads, read))
    reads.push_back(std::move(read));
}

//===----------------------------------------------------------------------===//
// The walk
//===----------------------------------------------------------------------===//

class TreeReads::Walker {
public:
  Walker(TreeReads &tree, llvm::function_ref<bool(Value)> isLeaf, VarScope &scope)
      : tree(tree), isLeaf(isLeaf), scope(scope) {}

  bool walk(Value value, const Read &read);

private:
  bool walkMovement(MovementOpInterface op, const Read &read);
  bool walkReduce(ReduceOp op, const Read &read);
  bool walkUnwindow(UnwindowOp op, const Read &read);
  bool walkGather(GatherOp op, const Read &read);
  bool walkAccess(Value operand, const Access &access, const Read &read);
  AffineExpr addDim(IndexRange range) {
    tree.ranges.push_back(range);
    return getAffineDimExpr(tree.ranges.size() - 1, scope.getContext());
  }
  /// Marks a read that happens only where something holds of `expr`. What depends on no dim, as on
  /// variables alone, is a dim of its own that is no axis: such a read may never happen.
  void addCondition(AffineExpr expr, llvm::SmallBitVector &conditions) {
    llvm::SmallBitVector dims;
    addDimsOf(expr, dims);
    if (dims.none() && !unknown)
      unknown = addDim(IndexRange::between(0, 0));
    addDimsOf(dims.none() ? unknown : expr, conditions);
  }
  static Read makeRead(ArrayRef<AffineExpr> indices, const llvm::SmallBitVector &conditions) {
    return {{indices.begin(), indices.end()}, conditions};
  }
  /// Reads below a reduction are its own too.
  bool walkInside(Operation *op, Value value, const Read &at, const Read &inner) {
    open.push_back(tree.reductions.size());
    tree.reductions.push_back({op, at, {}});
    bool done = walk(value, inner);
    open.pop_back();
    return done;
  }

  TreeReads &tree;
  llvm::function_ref<bool(Value)> isLeaf;
  VarScope &scope;
  std::set<std::vector<const void *>> seen;
  /// The reductions around, as positions.
  SmallVector<size_t> open;
  AffineExpr unknown;
};

bool TreeReads::Walker::walk(Value value, const Read &read) {
  // More ways than this do not make a good kernel.
  constexpr size_t maxWays = 4096;
  std::vector<const void *> key{value.getAsOpaquePointer()};
  for (AffineExpr index : read.indices)
    key.push_back(index.getAsOpaquePointer());
  for (unsigned dim : read.conditions.set_bits())
    key.push_back(reinterpret_cast<const void *>(uintptr_t(dim)));
  if (isLeaf(value)) {
    for (size_t position : open)
      tree.reductions[position].leafDims.push_back(read.getDims());
    TreeReads::add(tree.leaves[value], read);
    return true;
  }
  if (!seen.insert(key).second)
    return true;
  if (seen.size() > maxWays)
    return false;
  Operation *op = value.getDefiningOp();
  if (!op)
    return false;
  if (auto contiguous = dyn_cast<ContiguousOp>(op); contiguous && contiguous.getRows()) {
    Read rows;
    ArrayRef<int64_t> axes = *contiguous.getRows();
    for (int64_t axis : axes)
      rows.indices.push_back(read.indices[axis]);
    tree.reductions.push_back({op, std::move(rows), {}});
  }
  if (isa<ElementwiseOpInterface, ContiguousOp, DetachOp, CopyOp>(op))
    return llvm::all_of(op->getOperands(), [&](Value operand) { return walk(operand, read); });
  if (isa<ConstOp, IotaOp, SizeOp>(op))
    return true;
  if (auto movement = dyn_cast<MovementOpInterface>(op))
    return walkMovement(movement, read);
  if (auto reduce = dyn_cast<ReduceOp>(op))
    return walkReduce(reduce, read);
  if (auto unwindow = dyn_cast<UnwindowOp>(op))
    return walkUnwindow(unwindow, read);
  if (auto gather = dyn_cast<GatherOp>(op))
    return walkGather(gather, read);
  return false;
}

bool TreeReads::Walker::walkAccess(Value operand, const Access &access, const Read &read) {
  Access outer;
  outer.indices.assign(read.indices.begin(), read.indices.end());
  Access moved = outer.compose(access);
  llvm::SmallBitVector conditions(read.conditions);
  SmallVector<IndexRange> symbols(scope.size(), IndexRange::atLeast(0));
  RangeSimplifier simplifier(scope.getContext(), tree.ranges, symbols);
  AffineExpr zero = getAffineConstantExpr(0, scope.getContext());
  for (const Access::Constraint &constraint : moved.constraints) {
    AffineExpr expr = simplifier.simplify(constraint.expr);
    bool holds = constraint.isZero
                     ? expr == zero
                     : simplifier.provablyLessEqual(zero, expr) == std::optional(true);
    if (!holds)
      addCondition(expr, conditions);
  }
  for (AffineExpr &index : moved.indices)
    if (!isa<AffineDimExpr, AffineConstantExpr>(index))
      index = simplifier.simplify(index);
  return walk(operand, makeRead(moved.indices, conditions));
}

bool TreeReads::Walker::walkMovement(MovementOpInterface op, const Read &read) {
  for (unsigned i = 0; i < op.getNumMovedOperands(); ++i)
    if (!walkAccess(op->getOperand(i), op.getAccess(i, scope), read))
      return false;
  Value fill = op.getFillValue();
  return !fill || walk(fill, makeRead({}, read.conditions));
}

bool TreeReads::Walker::walkReduce(ReduceOp op, const Read &read) {
  auto type = tensorType(op.getInputs().front());
  SmallVector<AffineExpr> indices;
  ArrayRef<int64_t> axes = op.getAxes();
  for (unsigned axis = 0, reduced = 0, kept = 0; axis < type.getRank(); ++axis) {
    bool isReduced = reduced < axes.size() && axes[reduced] == axis;
    reduced += isReduced;
    indices.push_back(isReduced ? addDim(rangeOf(getDim(type, axis), scope))
                                : read.indices[kept++]);
  }
  Read inner = makeRead(indices, read.conditions);
  return llvm::all_of(op.getInputs(),
                      [&](Value input) { return walkInside(op, input, read, inner); });
}

bool TreeReads::Walker::walkUnwindow(UnwindowOp op, const Read &read) {
  Read extended(read);
  for (DimAttr size : op.getTapSizes()) {
    AffineExpr tap = addDim(rangeOf(size, scope));
    extended.indices.push_back(tap);
  }
  open.push_back(tree.reductions.size());
  tree.reductions.push_back({op, read, {}});
  bool done = walkAccess(op.getInput(), op.getTapAccess(scope), extended);
  open.pop_back();
  return done;
}

bool TreeReads::Walker::walkGather(GatherOp op, const Read &read) {
  int64_t axis = op.getAxis(), batch = op.getBatch();
  int64_t numQ = tensorType(op.getIndices()).getRank() - batch;
  ArrayRef<AffineExpr> indices = read.indices;
  SmallVector<AffineExpr> at(indices.take_front(batch));
  llvm::append_range(at, indices.slice(axis, numQ));
  SmallVector<AffineExpr> source(indices.take_front(axis));
  source.push_back(addDim(rangeOf(getDim(tensorType(op.getInput()), axis), scope)));
  llvm::append_range(source, indices.drop_front(axis + numQ));
  return walk(op.getIndices(), makeRead(at, read.conditions)) &&
         walk(op.getInput(), makeRead(source, read.conditions));
}

std::optional<TreeReads> TreeReads::get(ArrayRef<DimAttr> dims, ArrayRef<Value> roots,
                                        llvm::function_ref<bool(Value)> isLeaf, VarScope &scope) {
  TreeReads tree;
  tree.dims.assign(dims.begin(), dims.end());
  Read identity;
  for (auto [i, dim] : llvm::enumerate(dims)) {
    tree.ranges.push_back(rangeOf(dim, scope));
    identity.indices.push_back(getAffineDimExpr(i, scope.getContext()));
  }
  Walker walker(tree, isLeaf, scope);
  for (Value root : roots)
    if (!walker.walk(root, identity))
      return std::nullopt;
  return tree;
}

//===----------------------------------------------------------------------===//
// Trees put together
//===----------------------------------------------------------------------===//

Read TreeReads::compose(const Read &read, const Read &inner, unsigned rank, unsigned firstInner,
                        VarScope &scope) const {
  SmallVector<AffineExpr> dims(read.indices.begin(), read.indices.end());
  unsigned numDims = std::max<unsigned>(inner.getDims().size(), rank);
  for (unsigned i = rank; i < numDims; ++i)
    dims.push_back(getAffineDimExpr(firstInner + i - rank, scope.getContext()));
  Read result{{}, read.conditions};
  for (AffineExpr index : inner.indices)
    result.indices.push_back(simplify(index.replaceDims(dims), scope));
  for (unsigned dim : inner.conditions.set_bits())
    addDimsOf(dims[dim], result.conditions);
  return result;
}

void TreeReads::inlineTree(const TreeReads &producer, const Read &at, ArrayRef<Value> roots,
                           VarScope &scope) {
  unsigned rank = producer.getRank(), firstInner = ranges.size();
  for (Value root : roots)
    leaves.erase(root);
  for (unsigned i = rank; i < producer.ranges.size(); ++i)
    ranges.push_back(producer.ranges[i]);
  for (const auto &[value, reads] : producer.leaves)
    for (const Read &read : reads)
      add(leaves[value], compose(at, read, rank, firstInner, scope));
  for (const Reduction &reduction : producer.reductions) {
    Reduction moved{reduction.op, compose(at, reduction.at, rank, firstInner, scope), {}};
    for (const llvm::SmallBitVector &dims : reduction.leafDims)
      moved.leafDims.push_back(compose(at, {{}, dims}, rank, firstInner, scope).conditions);
    reductions.push_back(std::move(moved));
  }
}

std::optional<Read> TreeReads::stage(Value value, ArrayRef<DimAttr> dims,
                                     SmallVectorImpl<int64_t> &rows, VarScope &scope) {
  const Reads &reads = leaves.lookup(value);
  if (reads.empty())
    return std::nullopt;
  Read whole, ofRows;
  SmallVector<DimAttr> rowDims;
  for (unsigned axis = 0; axis < dims.size(); ++axis) {
    AffineExpr index = reads.front().indices[axis];
    llvm::SmallBitVector used;
    addDimsOf(index, used);
    bool isRow = used.find_last() < int(getRank()) &&
                 llvm::all_of(reads, [&](const Read &read) { return read.indices[axis] == index; });
    if (isRow) {
      rows.push_back(axis);
      rowDims.push_back(dims[axis]);
      ofRows.indices.push_back(index);
      whole.indices.push_back(index);
      continue;
    }
    whole.indices.push_back(getAffineDimExpr(ranges.size(), scope.getContext()));
    ranges.push_back(rangeOf(dims[axis], scope));
  }
  // Axes of size 1 alone make no rows.
  if (ofRows.getDims().none() || rows.size() == dims.size() || !isOneToOne(ofRows, rowDims, scope))
    return std::nullopt;
  return whole;
}

void TreeReads::merge(const TreeReads &other, VarScope &scope) {
  Read identity;
  for (unsigned i = 0; i < getRank(); ++i)
    identity.indices.push_back(getAffineDimExpr(i, scope.getContext()));
  inlineTree(other, identity, {}, scope);
}

/// Adds the factors of the dims in a sum of multiples of dims and a constant; false for another.
static bool addFactors(AffineExpr expr, MutableArrayRef<int64_t> factors) {
  if (isa<AffineConstantExpr>(expr))
    return true;
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return dim.getPosition() < factors.size() && ++factors[dim.getPosition()];
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return false;
  if (binary.getKind() == AffineExprKind::Add)
    return addFactors(binary.getLHS(), factors) && addFactors(binary.getRHS(), factors);
  auto dim = dyn_cast<AffineDimExpr>(binary.getLHS());
  auto factor = dyn_cast<AffineConstantExpr>(binary.getRHS());
  if (binary.getKind() != AffineExprKind::Mul || !dim || !factor ||
      dim.getPosition() >= factors.size())
    return false;
  factors[dim.getPosition()] += factor.getValue();
  return true;
}

/// Whether each index is an axis of its own but for a constant.
static bool isShifted(const Read &read, ArrayRef<DimAttr> dims) {
  llvm::SmallBitVector seen(dims.size());
  for (AffineExpr index : read.indices) {
    if (auto sum = dyn_cast<AffineBinaryOpExpr>(index);
        sum && sum.getKind() == AffineExprKind::Add && isa<AffineConstantExpr>(sum.getRHS()))
      index = sum.getLHS();
    if (isa<AffineConstantExpr>(index))
      continue;
    auto dim = dyn_cast<AffineDimExpr>(index);
    if (!dim || dim.getPosition() >= dims.size() || seen.test(dim.getPosition()))
      return false;
    seen.set(dim.getPosition());
  }
  for (unsigned axis = 0; axis < dims.size(); ++axis)
    if (!seen.test(axis) && !dims[axis].isConstant(1))
      return false;
  return true;
}

bool TreeReads::isInjective(const Read &read, ArrayRef<DimAttr> of, VarScope &scope) const {
  if (isShifted(read, dims))
    return true;
  SmallVector<AffineExpr> shape;
  for (DimAttr dim : of)
    shape.push_back(scope.getExpr(dim));
  AffineExpr linear = linearizeIndex(scope.getContext(), read.indices, shape);
  SmallVector<int64_t> factors(getRank(), 0);
  if (!linear || !addFactors(simplify(linear, scope), factors))
    return false;
  // Each step of an axis goes farther than all those with smaller steps together.
  SmallVector<unsigned> axes = llvm::to_vector(llvm::seq<unsigned>(0, getRank()));
  llvm::sort(axes, [&](unsigned a, unsigned b) { return factors[a] < factors[b]; });
  int64_t reach = 0;
  for (unsigned axis : axes) {
    if (dims[axis].isConstant(1))
      continue;
    int64_t last;
    if (!dims[axis].isConstant() || factors[axis] <= reach ||
        llvm::MulOverflow(dims[axis].getConstant() - 1, factors[axis], last) ||
        llvm::AddOverflow(reach, last, reach))
      return false;
  }
  return true;
}

bool TreeReads::isOneToOne(const Read &read, ArrayRef<DimAttr> of, VarScope &scope) const {
  SmallVector<AffineExpr> axes, extents, shape;
  llvm::SmallBitVector used = read.getDims();
  for (unsigned dim : used.set_bits()) {
    if (dim >= getRank())
      return false;
    axes.push_back(getAffineDimExpr(dim, scope.getContext()));
    extents.push_back(scope.getExpr(dims[dim]));
  }
  // A permutation, with axes of size 1 added or left out.
  llvm::SmallBitVector seen(getRank());
  bool isPermutation = true;
  for (auto [index, dim] : llvm::zip_equal(read.indices, of)) {
    shape.push_back(scope.getExpr(dim));
    if (dim.isConstant(1))
      continue;
    auto axis = dyn_cast<AffineDimExpr>(index);
    if (!axis || seen.test(axis.getPosition()) || dims[axis.getPosition()] != dim)
      isPermutation = false;
    else
      seen.set(axis.getPosition());
  }
  for (unsigned dim : used.set_bits())
    isPermutation &= seen.test(dim) || dims[dim].isConstant(1);
  if (isPermutation)
    return true;
  AffineExpr whole = linearizeIndex(scope.getContext(), read.indices, shape);
  AffineExpr rows = linearizeIndex(scope.getContext(), axes, extents);
  return whole && rows && productOf(scope.getContext(), of) &&
         simplify(whole, scope) == simplify(rows, scope) &&
         productOf(scope.getContext(), of) ==
             productOf(scope.getContext(),
                       llvm::map_to_vector(used.set_bits(), [&](unsigned d) { return dims[d]; }));
}

bool tg::uop::isZeroLoad(Value value, Value fill) {
  if (!matchPattern(fill, m_Zero()) && !matchPattern(fill, m_PosZeroFloat()))
    return false;
  while (Operation *op = value.getDefiningOp()) {
    auto movement = dyn_cast<MovementOpInterface>(op);
    if (!movement || movement.getNumMovedOperands() != 1 || movement.getFillValue())
      return false;
    value = op->getOperand(0);
  }
  return true;
}

std::optional<SmallVector<unsigned>> uop::orderRowsFirst(unsigned rank,
                                                         ArrayRef<llvm::SmallBitVector> rows) {
  SmallVector<unsigned> count(rank, 0), order(llvm::to_vector(llvm::seq<unsigned>(0, rank)));
  for (const llvm::SmallBitVector &set : rows)
    for (unsigned axis : set.set_bits())
      if (axis < rank)
        ++count[axis];
  llvm::sort(order, [&](unsigned a, unsigned b) {
    return count[a] != count[b] ? count[a] > count[b] : a < b;
  });
  for (const llvm::SmallBitVector &set : rows)
    for (size_t i = 0; i < set.count(); ++i)
      if (order[i] >= set.size() || !set.test(order[i]))
        return std::nullopt;
  return order;
}

//===----------------------------------------------------------------------===//
// Nests
//===----------------------------------------------------------------------===//

bool TreeReads::isContraction(const Reduction &reduction) const {
  llvm::SmallBitVector used = reduction.at.getDims();
  auto missing = [&](const llvm::SmallBitVector &some) {
    llvm::SmallBitVector result(getRank());
    for (unsigned dim : used.set_bits())
      if (dim < getRank() && !dims[dim].isConstant(1) && (dim >= some.size() || !some.test(dim)))
        result.set(dim);
    return result;
  };
  for (const llvm::SmallBitVector &a : reduction.leafDims)
    for (const llvm::SmallBitVector &b : reduction.leafDims) {
      llvm::SmallBitVector missingA = missing(a), missingB = missing(b);
      if (missingA.any() && missingB.any() && missingA.test(missingB) && missingB.test(missingA))
        return true;
    }
  return false;
}

namespace {
struct NestGroup {
  SmallVector<Value> results;
  DimsAttr dims;
  llvm::SmallPtrSet<Operation *, 8> reductions;
  bool isContraction = false;
};
} // namespace

static NestGroup analyzeResult(Value result, VarScope &scope) {
  SmallVector<DimAttr> dims = getDims(tensorType(result));
  NestGroup group{{result}, DimsAttr::get(scope.getContext(), dims), {}, false};
  auto isArgument = [](Value value) { return !value.getDefiningOp(); };
  if (auto tree = TreeReads::get(dims, result, isArgument, scope))
    for (const TreeReads::Reduction &reduction : tree->getReductions()) {
      group.reductions.insert(reduction.op);
      group.isContraction |= tree->isContraction(reduction);
    }
  return group;
}

std::vector<SmallVector<Value>> tg::uop::groupByNest(ValueRange results, VarScope &scope) {
  std::vector<NestGroup> groups;
  for (Value result : results) {
    NestGroup mine = analyzeResult(result, scope);
    auto joins = [&](const NestGroup &group) {
      return group.dims == mine.dims && ((!group.isContraction && !mine.isContraction) ||
                                         llvm::any_of(mine.reductions, [&](Operation *op) {
                                           return group.reductions.contains(op);
                                         }));
    };
    auto it = llvm::find_if(groups, joins);
    if (it == groups.end()) {
      groups.push_back(std::move(mine));
      continue;
    }
    it->results.push_back(result);
    it->reductions.insert(mine.reductions.begin(), mine.reductions.end());
    it->isContraction |= mine.isContraction;
  }
  std::vector<SmallVector<Value>> nests;
  for (NestGroup &group : groups)
    nests.push_back(std::move(group.results));
  return nests;
}
