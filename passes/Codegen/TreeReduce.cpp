//===- TreeReduce.cpp - Reductions as loops in a kernel ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TreeEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace tg::uop;

namespace tg::codegen {

//===----------------------------------------------------------------------===//
// Choice of loops
//===----------------------------------------------------------------------===//

Operation *TreeEmitter::emitGrouped(ArrayRef<DimAttr> sizes,
                                    llvm::function_ref<Operation *(ArrayRef<Group>)> emitAll) {
  // Axes of size 1 join their neighbor at once.
  SmallVector<Group> groups;
  for (unsigned i = 0; i < sizes.size(); ++i) {
    bool joins =
        !groups.empty() &&
        (sizes[i].isConstant(1) ||
         llvm::all_of(sizes.slice(groups.back().first, groups.back().second - groups.back().first),
                      [](DimAttr size) { return size.isConstant(1); }));
    if (joins)
      groups.back().second = i + 1;
    else
      groups.push_back({i, i + 1});
  }
  auto tryGroups = [&](ArrayRef<Group> candidate) {
    DimAttr before = flops;
    Operation *op = emitAll(candidate);
    return std::make_tuple(op, op ? NestBuilder::countComplexity(op) : 0,
                           std::exchange(flops, before), SmallVector<Group>(candidate));
  };
  // All in one is best if it is free.
  SmallVector<Group> one;
  if (!groups.empty())
    one.push_back({groups.front().first, groups.back().second});
  auto best = tryGroups(one);
  if (!std::get<0>(best))
    return nullptr;
  if (groups.size() > 1 && std::get<1>(best) > 0) {
    // Else start from none, and join neighbors as long as that costs nothing.
    auto merged = best;
    best = tryGroups(groups);
    auto keep = [&](auto candidate) {
      bool isBetter = std::get<1>(candidate) <= std::get<1>(best);
      if (isBetter)
        std::swap(candidate, best);
      std::get<0>(candidate)->erase();
      return isBetter;
    };
    keep(merged);
    for (unsigned i = 0; i + 1 < std::get<3>(best).size();) {
      SmallVector<Group> joined = std::get<3>(best);
      if (joined.size() == 2)
        break; // That one is known.
      joined[i].second = joined[i + 1].second;
      joined.erase(joined.begin() + i + 1);
      if (!keep(tryGroups(joined)))
        ++i;
    }
  }
  flops = std::get<2>(best);
  return std::get<0>(best);
}

Indices TreeEmitter::beginGroups(ArrayRef<DimAttr> sizes, ArrayRef<Group> groups, bool isParallel) {
  Indices indices(sizes.size(), nest.constant(0));
  for (auto [first, last] : groups) {
    ArrayRef<DimAttr> inGroup = sizes.slice(first, last - first);
    AffineExpr dim = nest.beginLoop(productOf(nest.getContext(), inGroup), isParallel);
    Indices split = delinearizeIndex(dim, nest.getExprs(inGroup));
    for (unsigned i = first; i < last; ++i)
      indices[i] = nest.simplify(split[i - first]);
  }
  return indices;
}

//===----------------------------------------------------------------------===//
// Combination
//===----------------------------------------------------------------------===//

namespace {
/// What `reduce` and `scan` have in common.
struct Combination {
  std::optional<CombineKind> kind;
  Region *region;
  ValueRange inputs;

  explicit Combination(Operation *op) {
    if (auto reduce = dyn_cast<ReduceOp>(op))
      kind = reduce.getKind(), region = &reduce.getCombiner(), inputs = reduce.getInputs();
    else if (auto scan = cast<ScanOp>(op))
      kind = scan.getKind(), region = &scan.getCombiner(), inputs = scan.getInputs();
  }
};
} // namespace

SmallVector<Value> TreeEmitter::emitIdentities(Operation *op) {
  SmallVector<Value> values;
  for (unsigned i = 0; i < op->getNumResults(); ++i) {
    TypedAttr identity =
        isa<ReduceOp>(op) ? cast<ReduceOp>(op).getIdentity(i) : cast<ScanOp>(op).getIdentity(i);
    values.push_back(ScalarBuilder(nest.at(0, op->getLoc())).constant(identity));
  }
  return values;
}

FailureOr<SmallVector<Value>> TreeEmitter::combine(Operation *op, ArrayRef<Value> accumulators,
                                                   ArrayRef<Value> elements) {
  Combination combination(op);
  unsigned level = nest.getDepth();
  if (combination.kind) {
    countFlops(level);
    Type type = tensorType(combination.inputs.front()).getElementType();
    return SmallVector<Value>{ScalarBuilder(nest.at(level, op->getLoc()))
                                  .combine(*combination.kind, accumulators[0], elements[0], type)};
  }
  Block &body = combination.region->front();
  llvm::DenseMap<Value, Value> values;
  for (auto [argument, value] :
       llvm::zip_equal(body.getArguments(), llvm::concat<const Value>(accumulators, elements)))
    values[argument] = value;
  auto lookup = [&](Value value) {
    auto it = values.find(value);
    return it != values.end() ? it->second : emit(value, {});
  };
  for (Operation &inner : body.without_terminator()) {
    if (isa<ConstOp>(inner))
      continue; // Emitted at its use.
    auto elementwise = dyn_cast<ElementwiseOpInterface>(inner);
    if (!elementwise)
      return inner.emitOpError("is not supported in a combiner");
    SmallVector<Value> operands;
    for (Value operand : inner.getOperands()) {
      operands.push_back(lookup(operand));
      if (!operands.back())
        return failure();
    }
    Value result = ScalarBuilder(nest.at(level, inner.getLoc()))
                       .emit(elementwise.getElementwiseKind(), operands,
                             tensorType(inner.getOperand(0)).getElementType(),
                             tensorType(inner.getResult(0)).getElementType());
    if (!result)
      return inner.emitOpError("is not supported by this code generator");
    countFlops(level);
    values[inner.getResult(0)] = result;
  }
  SmallVector<Value> results;
  for (Value value : body.getTerminator()->getOperands()) {
    results.push_back(lookup(value));
    if (!results.back())
      return failure();
  }
  return results;
}

//===----------------------------------------------------------------------===//
// reduce, unwindow
//===----------------------------------------------------------------------===//

/// Sums and products of floats of less than 32 bits are taken in f32 and rounded once.
static bool isNarrowFloat(Type element) {
  auto type = dyn_cast<FloatType>(element);
  return type && type.getWidth() < 32;
}
static bool isTakenInF32(ReduceOp op) {
  return isNarrowFloat(tensorType(op.getInputs().front()).getElementType()) &&
         (op.getKind() == CombineKind::Add || op.getKind() == CombineKind::Mul);
}

Operation *TreeEmitter::emitReduceLoops(ReduceOp op, const Indices &indices, const Guards &guards,
                                        ArrayRef<DimAttr> sizes, ArrayRef<Group> groups) {
  Type element = tensorType(op.getInputs().front()).getElementType();
  bool isWide = isTakenInF32(op);
  SmallVector<Value> values = emitIdentities(op);
  if (isWide)
    values[0] = ScalarBuilder(nest.at(0, op.getLoc())).decode(values[0], element);
  Operation *outermost = nullptr;
  Indices taken(sizes.size(), nest.constant(0));
  for (auto [first, last] : groups) {
    ArrayRef<DimAttr> inGroup = sizes.slice(first, last - first);
    nest.at(nest.getDepth(), op.getLoc());
    AffineExpr dim = nest.beginLoop(productOf(nest.getContext(), inGroup), false, values);
    values.assign(nest.getIterArgs().begin(), nest.getIterArgs().end());
    if (!outermost)
      outermost = nest.getLoop();
    Indices split = delinearizeIndex(dim, nest.getExprs(inGroup));
    for (unsigned i = first; i < last; ++i)
      taken[i] = nest.simplify(split[i - first]);
  }
  // The operand's index: reduced axes from the loops, others from outside.
  Indices inner;
  ArrayRef<int64_t> axes = op.getAxes();
  for (unsigned axis = 0, reduced = 0, kept = 0;
       axis < unsigned(tensorType(op.getInputs().front()).getRank()); ++axis) {
    bool isReduced = reduced < axes.size() && axes[reduced] == axis;
    inner.push_back(isReduced ? taken[reduced++] : indices[kept++]);
  }
  SmallVector<Value> elements;
  for (Value input : op.getInputs()) {
    elements.push_back(emit(input, inner, guards));
    if (!elements.back())
      return nullptr;
  }
  if (isWide) {
    countFlops(nest.getDepth());
    ScalarBuilder scalars(nest.at(nest.getDepth(), op.getLoc()));
    values[0] = scalars.combine(*op.getKind(), values[0], scalars.decode(elements[0], element),
                                Float32Type::get(op.getContext()));
  } else {
    FailureOr<SmallVector<Value>> combined = combine(op, values, elements);
    if (failed(combined))
      return nullptr;
    values = *combined;
  }
  for (size_t i = 0; i < groups.size(); ++i) {
    ValueRange results = nest.endLoop(values);
    values.assign(results.begin(), results.end());
  }
  return outermost;
}

bool TreeEmitter::emitReduce(ReduceOp op, const Indices &indices, const Guards &guards) {
  SmallVector<DimAttr> sizes;
  for (int64_t axis : op.getAxes())
    sizes.push_back(getDim(tensorType(op.getInputs().front()), axis));
  // Nothing is reduced: the element itself.
  if (sizes.empty()) {
    for (auto [input, output] : llvm::zip_equal(op.getInputs(), op.getOutputs())) {
      Value value = emit(input, indices, guards);
      if (!value)
        return false;
      known[keyOf(output, indices, guards)] = value;
    }
    return true;
  }
  NestBuilder::Hoist hoist(nest, nest.levelOf(indices, guards));
  unsigned depth = nest.getDepth();
  Operation *loop = emitGrouped(sizes, [&](ArrayRef<Group> groups) -> Operation * {
    Operation *outermost = emitReduceLoops(op, indices, guards, sizes, groups);
    assert((!outermost || nest.getDepth() == depth) && "every loop is closed");
    return outermost;
  });
  if (!loop)
    return false;
  for (auto [output, value] : llvm::zip_equal(op.getOutputs(), loop->getResults()))
    known[keyOf(output, indices, guards)] =
        isTakenInF32(op) ? ScalarBuilder(nest.at(depth, op.getLoc()))
                               .encode(value, tensorType(output).getElementType())
                         : value;
  return true;
}

Value TreeEmitter::emitUnwindow(UnwindowOp op, const Indices &indices, const Guards &guards) {
  NestBuilder::Hoist hoist(nest, nest.levelOf(indices, guards));
  Location loc = op.getLoc();
  Type element = cast<RankedTensorType>(op.getType()).getElementType();
  SmallVector<DimAttr> taps = op.getTapSizes();
  if (taps.empty())
    return emit(op.getInput(), indices, guards);
  Value sum = ScalarBuilder(nest.at(0, loc)).zero(element), zero = sum;
  bool isWide = isNarrowFloat(element);
  Type f32 = Float32Type::get(op.getContext());
  if (isWide)
    sum = ScalarBuilder(nest.at(0, loc)).zero(f32);
  Access outer;
  outer.indices = indices;
  for (DimAttr size : taps) {
    nest.at(nest.getDepth(), loc);
    outer.indices.push_back(nest.beginLoop(size, false, sum));
    sum = nest.getIterArgs().front();
  }
  Access moved = outer.compose(op.getTapAccess(nest.getScope()));
  Guards added(moved.constraints), all(guards);
  unsigned level = nest.getDepth();
  Value value = zero;
  if (nest.simplify(added)) {
    for (AffineExpr &index : moved.indices)
      index = nest.simplify(index);
    all.append(added);
    value = emit(op.getInput(), moved.indices, all);
    if (!value)
      return {};
    if (!added.empty() && !isZeroLoad(op.getInput(), zero)) {
      Value condition = nest.materialize(added, loc);
      value = arith::SelectOp::create(nest.at(level, loc), condition, value, zero);
    }
  }
  countFlops(level);
  ScalarBuilder scalars(nest.at(level, loc));
  if (isWide)
    value = scalars.decode(value, element);
  sum = scalars.combine(CombineKind::Add, sum, value, isWide ? f32 : element);
  for (size_t i = 0; i < taps.size(); ++i)
    sum = nest.endLoop(sum).front();
  if (isWide)
    sum = ScalarBuilder(nest.at(nest.getDepth(), loc)).encode(sum, element);
  return sum;
}

} // namespace tg::codegen
