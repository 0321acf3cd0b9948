//===- KernelSort.cpp - sort as a merge sort per line ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each line along the axis is sorted by a bottom-up merge sort of its positions, which is stable,
// takes n log n comparisons whatever the data, and needs two arrays of positions as workspace. All
// operands are then written through the sorted positions.
//
//===----------------------------------------------------------------------===//

#include "KernelRoots.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace tg::uop;
using arith::CmpIPredicate;

namespace tg::codegen {

namespace {
class LineSorter {
public:
  LineSorter(KernelFrame &frame, SortOp op)
      : emitter(frame.emitter), nest(emitter.getNest()), op(op), loc(op.getLoc()),
        dims(getDims(tensorType(op.getInputs().front()))), axis(op.getAxis()) {}

  /// Sorts the line at `indices` (those of the other axes); returns the buffer of positions.
  Value sort(Value first, Value second, const Indices &indices);
  /// The index of the element at `position` of the line.
  Indices elementAt(const Indices &indices, AffineExpr position) const {
    Indices all(indices);
    all.insert(all.begin() + axis, position);
    return all;
  }
  AffineExpr addPosition(Value position) {
    return nest.addSymbol(position, nest.getDepth(),
                          IndexRange::ofExtent(nest.getExpr(dims[axis])));
  }

private:
  ImplicitLocOpBuilder &here() { return nest.at(nest.getDepth(), loc); }
  Value number(int64_t value) { return nest.materialize(nest.constant(value), loc); }
  Value compare(CmpIPredicate predicate, Value lhs, Value rhs) {
    return arith::CmpIOp::create(here(), predicate, lhs, rhs);
  }
  Value select(Value c, Value t, Value f) { return arith::SelectOp::create(here(), c, t, f); }
  Value add(Value lhs, Value rhs) { return arith::AddIOp::create(here(), lhs, rhs); }
  Value min(Value lhs, Value rhs) { return arith::MinSIOp::create(here(), lhs, rhs); }
  Value load(Value buffer, Value at) {
    Value loaded = memref::LoadOp::create(here(), buffer, at);
    return arith::IndexCastOp::create(here(), IndexType::get(op.getContext()), loaded);
  }
  Value precedes(Value lhs, Value rhs);
  bool merge(Value from, Value to, Value low, Value width, const Indices &indices);

  TreeEmitter &emitter;
  NestBuilder &nest;
  SortOp op;
  Location loc;
  SmallVector<DimAttr> dims;
  int64_t axis;
};
} // namespace

/// Whether key `lhs` stands strictly before key `rhs`: NaN counts as the largest.
Value LineSorter::precedes(Value lhs, Value rhs) {
  if (op.getDescending())
    std::swap(lhs, rhs);
  Type type = tensorType(op.getInputs().front()).getElementType();
  auto emit = [&](ElementwiseKind kind, Value l, Value r) {
    return ScalarBuilder(here()).emit(kind, {l, r}, type, IntegerType::get(op.getContext(), 1));
  };
  Value less = emit(ElementwiseKind::CmpLt, lhs, rhs);
  if (!isa<FloatType>(type))
    return less;
  Value isNumber = emit(ElementwiseKind::CmpEq, lhs, lhs);
  Value isNan = emit(ElementwiseKind::CmpNe, rhs, rhs);
  Value both = arith::AndIOp::create(here(), isNumber, isNan);
  return arith::OrIOp::create(here(), less, both);
}

/// Merges [low, low + width) and [low + width, low + 2 width) of `from` into `to`.
bool LineSorter::merge(Value from, Value to, Value low, Value width, const Indices &indices) {
  Value size = nest.materialize(nest.getExpr(dims[axis]), loc);
  Value last = nest.materialize(nest.simplify(nest.getExpr(dims[axis]) - 1), loc);
  Value one = number(1);
  Value middle = min(add(low, width), size), high = min(add(add(low, width), width), size);
  auto loop = scf::ForOp::create(here(), low, high, one, ValueRange{low, middle});
  nest.beginRegion(loop.getBody());
  Value left = loop.getRegionIterArg(0), right = loop.getRegionIterArg(1);
  // A side that is used up is not compared, but read somewhere harmless.
  Value leftPosition = load(from, min(left, last)), rightPosition = load(from, min(right, last));
  Value leftKey =
      emitter.emit(op.getInputs().front(), elementAt(indices, addPosition(leftPosition)));
  Value rightKey =
      emitter.emit(op.getInputs().front(), elementAt(indices, addPosition(rightPosition)));
  if (!leftKey || !rightKey)
    return false;
  Value rightFirst = precedes(rightKey, leftKey);
  Value leftDone = compare(CmpIPredicate::sge, left, middle);
  Value rightLeft = compare(CmpIPredicate::slt, right, high);
  Value takeRight = arith::AndIOp::create(
      here(), rightLeft, arith::OrIOp::create(here(), leftDone, rightFirst).getResult());
  Value taken = select(takeRight, rightPosition, leftPosition);
  Value stored = arith::IndexCastOp::create(here(), here().getI64Type(), taken);
  memref::StoreOp::create(here(), stored, to, loop.getInductionVar());
  Value nextLeft = select(takeRight, left, add(left, one));
  Value nextRight = select(takeRight, add(right, one), right);
  scf::YieldOp::create(here(), ValueRange{nextLeft, nextRight});
  nest.endRegion();
  return true;
}

Value LineSorter::sort(Value first, Value second, const Indices &indices) {
  Value size = nest.materialize(nest.getExpr(dims[axis]), loc);
  Value zero = number(0), one = number(1);
  auto init = scf::ForOp::create(here(), zero, size, one);
  nest.beginRegion(init.getBody());
  Value start = arith::IndexCastOp::create(here(), here().getI64Type(), init.getInductionVar());
  memref::StoreOp::create(here(), start, first, init.getInductionVar());
  nest.endRegion();

  SmallVector<Type> types{first.getType(), second.getType(), size.getType()};
  auto loop = scf::WhileOp::create(here(), types, ValueRange{first, second, one});
  SmallVector<Location> locations(3, loc);
  Block *before = here().createBlock(&loop.getBefore(), {}, types, locations);
  nest.beginRegion(before);
  Value unsorted = compare(CmpIPredicate::slt, before->getArgument(2), size);
  scf::ConditionOp::create(here(), unsorted, before->getArguments());
  nest.endRegion();
  Block *after = here().createBlock(&loop.getAfter(), {}, types, locations);
  nest.beginRegion(after);
  Value from = after->getArgument(0), to = after->getArgument(1), width = after->getArgument(2);
  Value step = add(width, width);
  auto runs = scf::ForOp::create(here(), zero, size, step);
  nest.beginRegion(runs.getBody());
  if (!merge(from, to, runs.getInductionVar(), width, indices))
    return {};
  nest.endRegion();
  scf::YieldOp::create(here(), ValueRange{to, from, step});
  nest.endRegion();
  return loop.getResult(0);
}

LogicalResult emitSort(KernelFrame &frame, const NestPlan &plan, SortOp op,
                       ArrayRef<Outputs> outputs) {
  TreeEmitter &emitter = frame.emitter;
  NestBuilder &nest = emitter.getNest();
  Location loc = op.getLoc();
  MLIRContext *context = nest.getContext();
  SmallVector<DimAttr> dims = getDims(tensorType(op.getInputs().front()));
  int64_t axis = op.getAxis();
  SmallVector<DimAttr> others(dims);
  others.erase(others.begin() + axis);
  DimAttr lines = productOf(context, others);
  DimAttr bytes = mulDims(dims[axis], DimAttr::get(context, 16));
  if (!lines || !bytes)
    return op.emitOpError("is too large");

  Value workspace = frame.getWorkspace(bytes);
  ImplicitLocOpBuilder &b = nest.at(0, loc);
  auto bufferType = MemRefType::get({ShapedType::kDynamic}, b.getI64Type());
  AffineExpr size = nest.getExpr(dims[axis]);
  Value zero = nest.materialize(nest.constant(0), loc), length = nest.materialize(size, loc);
  Value half = nest.materialize(nest.simplify(size * 8), loc);
  nest.at(0, loc);
  Value first = memref::ViewOp::create(b, bufferType, workspace, zero, length);
  Value second = memref::ViewOp::create(b, bufferType, workspace, half, length);

  nest.at(0, loc);
  Indices indices = beginNest(frame, plan, others);
  LineSorter sorter(frame, op);
  Value order = sorter.sort(first, second, indices);
  if (!order)
    return failure();
  nest.at(nest.getDepth(), loc);
  AffineExpr rank = nest.beginLoop(dims[axis], false, plan.getNames().back());
  nest.at(nest.getDepth(), loc);
  Value loaded = memref::LoadOp::create(b, order, nest.getLoop().getInductionVar());
  Value position = arith::IndexCastOp::create(b, b.getIndexType(), loaded);
  Indices source = sorter.elementAt(indices, sorter.addPosition(position));
  AffineExpr linear = nest.linearize(sorter.elementAt(indices, rank), dims);
  for (auto [i, buffers] : llvm::enumerate(outputs)) {
    if (buffers.empty())
      continue;
    Value value = emitter.emit(op.getInputs()[i], source);
    if (!value)
      return failure();
    for (Value buffer : buffers)
      emitter.store(value, tensorType(op.getResult(i)).getElementType(), buffer, linear, loc);
  }
  while (nest.getDepth() > 0)
    nest.endLoop();
  return success();
}

} // namespace tg::codegen
