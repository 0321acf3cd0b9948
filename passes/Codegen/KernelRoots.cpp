//===- KernelRoots.cpp - scan, scatter, compact as loop nests ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelRoots.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace tg::uop;

namespace tg::codegen {

Indices beginNest(KernelFrame &frame, const NestPlan &plan, ArrayRef<DimAttr> sizes) {
  NestBuilder &nest = frame.emitter.getNest();
  SmallVector<StringRef> names = plan.getNames();
  MLIRContext *context = nest.getContext();
  DimAttr units = DimAttr::get(context, 1);
  if (plan.groups.empty()) {
    nest.beginLoop(units, true, names.front());
    frame.addUnits(units);
    return Indices(sizes.size(), nest.constant(0));
  }
  auto [first, last] = plan.groups.front();
  frame.addUnits(productOf(context, sizes.slice(first, last - first)));
  return frame.emitter.beginGroups(sizes, plan.groups,
                                   ArrayRef(names).take_front(plan.groups.size()), true);
}

/// The names of the loops of a nest behind its parallel ones.
static SmallVector<StringRef> getInnerNames(const NestPlan &plan) {
  SmallVector<StringRef> names = plan.getNames();
  names.erase(names.begin(), names.begin() + std::max<size_t>(plan.groups.size(), 1));
  return names;
}

//===----------------------------------------------------------------------===//
// scan
//===----------------------------------------------------------------------===//

LogicalResult emitScan(KernelFrame &frame, const NestPlan &plan, ScanOp op,
                       ArrayRef<Outputs> outputs) {
  TreeEmitter &emitter = frame.emitter;
  NestBuilder &nest = emitter.getNest();
  Location loc = op.getLoc();
  SmallVector<DimAttr> dims = getDims(tensorType(op.getInputs().front()));
  int64_t axis = op.getAxis();
  SmallVector<DimAttr> others(dims);
  others.erase(others.begin() + axis);
  nest.at(0, loc);
  Indices indices = beginNest(frame, plan, others);
  unsigned outer = nest.getDepth();
  nest.at(outer, loc);
  AffineExpr step =
      nest.beginLoop(dims[axis], false, getInnerNames(plan).front(), emitter.emitIdentities(op));
  AffineExpr position = step;
  if (op.getReverse())
    position = nest.simplify(nest.getExpr(dims[axis]) - 1 - step);
  indices.insert(indices.begin() + axis, position);
  SmallVector<Value> before(nest.getIterArgs()), elements;
  for (Value input : op.getInputs()) {
    elements.push_back(emitter.emit(input, indices));
    if (!elements.back())
      return failure();
  }
  FailureOr<SmallVector<Value>> after = emitter.combine(op, before, elements);
  if (failed(after))
    return failure();
  AffineExpr linear = nest.linearize(indices, dims);
  for (auto [i, buffers] : llvm::enumerate(outputs))
    for (Value buffer : buffers)
      emitter.store(op.getExclusive() ? before[i] : (*after)[i],
                    tensorType(op.getResult(i)).getElementType(), buffer, linear, loc);
  nest.endLoop(*after);
  while (nest.getDepth() > 0)
    nest.endLoop();
  return success();
}

//===----------------------------------------------------------------------===//
// scatter
//===----------------------------------------------------------------------===//

LogicalResult emitScatter(KernelFrame &frame, const NestPlan &plan, ScatterOp op, Value output) {
  // out[p, indices[p, q], r] = kind(out[...], updates[p, q, r]), q in order.
  TreeEmitter &emitter = frame.emitter;
  NestBuilder &nest = emitter.getNest();
  Location loc = op.getLoc();
  auto type = cast<RankedTensorType>(op.getType());
  Type element = type.getElementType();
  SmallVector<DimAttr> dims = getDims(type);
  int64_t axis = op.getAxis(), batch = op.getBatch();
  auto sizesP = ArrayRef(dims).take_front(axis), sizesR = ArrayRef(dims).drop_front(axis + 1);
  SmallVector<DimAttr> indexDims = getDims(tensorType(op.getIndices()));
  auto sizesQ = ArrayRef(indexDims).drop_front(batch);

  // All of the sizes as one loop, of the next name.
  SmallVector<StringRef> names = getInnerNames(plan);
  ArrayRef<StringRef> left = names;
  auto beginAll = [&](ArrayRef<DimAttr> sizes) {
    AxisGroups groups;
    if (!sizes.empty())
      groups.push_back({0, unsigned(sizes.size())});
    ArrayRef<StringRef> taken = left.take_front(groups.size());
    left = left.drop_front(groups.size());
    return emitter.beginGroups(sizes, groups, taken, false);
  };
  nest.at(0, loc);
  Indices p = beginNest(frame, plan, sizesP);
  unsigned outer = nest.getDepth();
  if (!plan.isInPlace) {
    nest.at(outer, loc);
    Indices inner = beginAll(ArrayRef(dims).drop_front(axis));
    Indices indices(p);
    indices.append(inner);
    Value value = emitter.emit(op.getDest(), indices);
    if (!value)
      return failure();
    emitter.store(value, element, output, nest.linearize(indices, dims), loc);
    while (nest.getDepth() > outer)
      nest.endLoop();
  }
  nest.at(outer, loc);
  Indices q = beginAll(sizesQ);
  Indices at(p.begin(), p.begin() + batch);
  at.append(q);
  Value index = emitter.emit(op.getIndices(), at);
  if (!index)
    return failure();
  AffineExpr size = nest.getExpr(dims[axis]);
  Value bound = nest.materialize(size, loc);
  ImplicitLocOpBuilder &b = nest.at(nest.getDepth(), loc);
  index = arith::IndexCastOp::create(b, b.getIndexType(), index);
  Value inRange = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, index, bound);
  emitter.checkIndex(inRange, {}, nest.getDepth(), loc);
  nest.at(nest.getDepth(), loc);
  auto branch = scf::IfOp::create(b, inRange, /*withElseRegion=*/false);
  nest.beginRegion(branch.thenBlock());
  unsigned inside = nest.getDepth();
  AffineExpr target = nest.addSymbol(index, inside, IndexRange::ofExtent(size));
  nest.at(inside, loc);
  Indices r = beginAll(sizesR);
  Indices source(p), destination(p);
  source.append(q);
  source.append(r);
  destination.push_back(target);
  destination.append(r);
  Value update = emitter.emit(op.getUpdates(), source);
  if (!update)
    return failure();
  AffineExpr linear = nest.linearize(destination, dims);
  if (op.getKind() != ScatterKind::Set) {
    Value position = nest.materialize(linear, loc);
    nest.at(nest.getDepth(), loc);
    Value old = memref::LoadOp::create(b, output, position);
    ScalarBuilder scalars(b);
    if (isBool(element))
      old = scalars.cast(old, b.getI8Type(), element);
    update = scalars.combine(static_cast<CombineKind>(op.getKind()), old, update, element);
  }
  emitter.store(update, element, output, linear, loc);
  while (nest.getDepth() > inside)
    nest.endLoop();
  nest.endRegion();
  while (nest.getDepth() > 0)
    nest.endLoop();
  return success();
}

//===----------------------------------------------------------------------===//
// compact
//===----------------------------------------------------------------------===//

LogicalResult emitCompact(KernelFrame &frame, const NestPlan &plan, CompactOp op,
                          ArrayRef<Outputs> outputs) {
  TreeEmitter &emitter = frame.emitter;
  NestBuilder &nest = emitter.getNest();
  Location loc = op.getLoc();
  DimAttr size = getDim(tensorType(op.getMask()), 0);
  Type i64 = IntegerType::get(nest.getContext(), 64);
  Value zero = nest.materialize(nest.constant(0), loc),
        one = nest.materialize(nest.constant(1), loc);
  Value end = nest.materialize(nest.getExpr(size), loc);
  nest.at(0, loc);
  beginNest(frame, plan, {});
  unsigned outer = nest.getDepth();
  AffineExpr index = nest.beginLoop(size, false, getInnerNames(plan).front(), zero);
  unsigned inner = nest.getDepth();
  Value count = nest.getIterArgs().front();
  Value isSet = emitter.emit(op.getMask(), {index});
  if (!isSet)
    return failure();
  // Written always, kept only if set: no more were kept than were seen, so there is room.
  AffineExpr slot = nest.addSymbol(count, inner, IndexRange::ofExtent(nest.getExpr(size)));
  Value value = nest.materialize(index, loc);
  ImplicitLocOpBuilder &b = nest.at(inner, loc);
  value = arith::IndexCastOp::create(b, i64, value);
  for (Value buffer : outputs[0])
    emitter.store(value, i64, buffer, slot, loc);
  nest.at(inner, loc);
  Value more = arith::AddIOp::create(b, count, one);
  Value next = arith::SelectOp::create(b, isSet, more, count);
  Value total = nest.endLoop(next).front();
  nest.at(outer, loc);
  Value none = ScalarBuilder(b).constant(b.getI64IntegerAttr(-1));
  Value number = arith::IndexCastOp::create(b, i64, total);
  if (!outputs[0].empty())
    scf::ForOp::create(b, total, end, one, ValueRange(),
                       [&](OpBuilder &body, Location loc, Value i, ValueRange) {
                         for (Value buffer : outputs[0])
                           memref::StoreOp::create(body, loc, none, buffer, i);
                         scf::YieldOp::create(body, loc);
                       });
  for (Value buffer : outputs[1])
    emitter.store(number, i64, buffer, nest.constant(0), loc);
  nest.endLoop();
  return success();
}

} // namespace tg::codegen
