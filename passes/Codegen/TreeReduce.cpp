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

Indices TreeEmitter::beginGroups(ArrayRef<DimAttr> sizes, ArrayRef<AxisGroup> groups,
                                 ArrayRef<StringRef> names, bool isParallel, ValueRange inits) {
  Indices indices(sizes.size(), nest.constant(0));
  for (auto [group, name] : llvm::zip_equal(groups, names)) {
    ArrayRef<DimAttr> inGroup = sizes.slice(group.first, group.second - group.first);
    AffineExpr dim = nest.beginLoop(productOf(nest.getContext(), inGroup), isParallel, name, inits);
    inits = nest.getIterArgs();
    llvm::copy(nest.delinearize(dim, inGroup), indices.begin() + group.first);
  }
  return indices;
}

Indices TreeEmitter::beginLoopsOf(Operation *op, ArrayRef<DimAttr> sizes, bool isParallel,
                                  ValueRange inits) {
  if (auto it = plan->innerGroups.find(op); it != plan->innerGroups.end())
    return beginGroups(sizes, it->second, plan->getNames(op), isParallel, inits);
  // The plan has found that nothing reads it; loops that no schedule can name do no harm.
  AxisGroups groups;
  for (unsigned i = 0; i < sizes.size(); ++i)
    groups.push_back({i, i + 1});
  SmallVector<StringRef> names(sizes.size());
  return beginGroups(sizes, groups, names, isParallel, inits);
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

/// The final values of the accumulators.
FailureOr<SmallVector<Value>> TreeEmitter::emitReduceLoops(ReduceOp op, const Indices &indices,
                                                           const Guards &guards,
                                                           ArrayRef<DimAttr> sizes) {
  Type element = tensorType(op.getInputs().front()).getElementType();
  bool isWide = isTakenInF32(op);
  SmallVector<Value> values = emitIdentities(op);
  if (isWide)
    values[0] = ScalarBuilder(nest.at(0, op.getLoc())).decode(values[0], element);
  unsigned depth = nest.getDepth();
  nest.at(depth, op.getLoc());
  Indices taken = beginLoopsOf(op, sizes, false, values);
  values.assign(nest.getIterArgs().begin(), nest.getIterArgs().end());
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
      return failure();
  }
  if (isWide) {
    countFlops(nest.getDepth());
    ScalarBuilder scalars(nest.at(nest.getDepth(), op.getLoc()));
    values[0] = scalars.combine(*op.getKind(), values[0], scalars.decode(elements[0], element),
                                Float32Type::get(op.getContext()));
  } else {
    FailureOr<SmallVector<Value>> combined = combine(op, values, elements);
    if (failed(combined))
      return failure();
    values = *combined;
  }
  while (nest.getDepth() > depth) {
    ValueRange results = nest.endLoop(values);
    values.assign(results.begin(), results.end());
  }
  return values;
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
  FailureOr<SmallVector<Value>> values = emitReduceLoops(op, indices, guards, sizes);
  if (failed(values))
    return false;
  for (auto [output, value] : llvm::zip_equal(op.getOutputs(), *values))
    known[keyOf(output, indices, guards)] =
        isTakenInF32(op) ? ScalarBuilder(nest.at(nest.getDepth(), op.getLoc()))
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
  nest.at(nest.getDepth(), loc);
  outer.indices.append(beginLoopsOf(op, taps, false, sum));
  sum = nest.getIterArgs().front();
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
