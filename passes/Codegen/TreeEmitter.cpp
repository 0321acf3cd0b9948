//===- TreeEmitter.cpp - The value of a tensor at an index ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TreeEmitter.h"

#include "tg/Runtime/KernelABI.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace tg::uop;

namespace tg::codegen {

TreeEmitter::Key TreeEmitter::keyOf(Value value, const Indices &indices, const Guards &guards) {
  Key key{value.getAsOpaquePointer()};
  for (AffineExpr index : indices)
    key.push_back(index.getAsOpaquePointer());
  for (const Constraint &guard : guards) {
    key.push_back(guard.isZero ? nullptr : &typeid(guard));
    key.push_back(guard.expr.getAsOpaquePointer());
  }
  return key;
}

Value TreeEmitter::emit(Value value, const Indices &indices, const Guards &guards) {
  Key key = keyOf(value, indices, guards);
  if (auto it = known.find(key); it != known.end())
    return it->second;
  Value result;
  if (auto reduce = value.getDefiningOp<ReduceOp>()) {
    if (!emitReduce(reduce, indices, guards))
      return {};
    return known.at(key);
  }
  result = emitUncached(value, indices, guards);
  if (result)
    known[key] = result;
  return result;
}

void TreeEmitter::countFlops(unsigned level) {
  DimAttr trips = nest.getTripCount(level);
  if (flops && trips)
    flops = addDims(flops, trips);
}

Value TreeEmitter::emitUncached(Value value, const Indices &indices, const Guards &guards) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return emitLoad(value, indices, guards);
  Location loc = op->getLoc();
  if (auto elementwise = dyn_cast<ElementwiseOpInterface>(op))
    return emitElementwise(elementwise, indices, guards);
  if (auto movement = dyn_cast<MovementOpInterface>(op))
    return emitMovement(movement, indices, guards);
  if (auto contiguous = dyn_cast<ContiguousOp>(op); contiguous && contiguous.getRows())
    return emitStaged(contiguous, indices, guards);
  if (isa<ContiguousOp, DetachOp, CopyOp>(op))
    return emit(op->getOperand(0), indices, guards);
  if (auto constant = dyn_cast<ConstOp>(op))
    return emitConst(constant, indices, guards);
  if (auto gather = dyn_cast<GatherOp>(op))
    return emitGather(gather, indices, guards);
  if (auto assign = dyn_cast<AssignOp>(op))
    return emitAssign(assign, indices, guards);
  if (auto unwindow = dyn_cast<UnwindowOp>(op))
    return emitUnwindow(unwindow, indices, guards);
  auto emitIndex = [&](AffineExpr expr, Type type) -> Value {
    Value index = nest.materialize(expr, loc);
    ImplicitLocOpBuilder &b = nest.at(nest.levelOf(expr), loc);
    Value number = arith::IndexCastOp::create(b, b.getI64Type(), index);
    return ScalarBuilder(b).cast(number, b.getI64Type(), type);
  };
  if (auto iota = dyn_cast<IotaOp>(op))
    return emitIndex(indices[iota.getAxis()], tensorType(value).getElementType());
  if (auto size = dyn_cast<SizeOp>(op))
    return emitIndex(nest.getExpr(size.getExpression()), tensorType(value).getElementType());
  op->emitOpError("cannot be computed inside of another operation's kernel");
  return {};
}

//===----------------------------------------------------------------------===//
// Arguments, constants
//===----------------------------------------------------------------------===//

/// The entry at `linear`, zero where a guard fails.
Value TreeEmitter::guardedLoad(Value buffer, AffineExpr linear, const Guards &guards,
                               Location loc) {
  Value index = nest.materialize(linear, loc);
  Value condition = guards.empty() ? Value() : nest.materialize(guards, loc);
  ImplicitLocOpBuilder &b = nest.at(nest.levelOf({linear}, guards), loc);
  if (!condition)
    return memref::LoadOp::create(b, buffer, index);
  Type type = cast<MemRefType>(buffer.getType()).getElementType();
  // Outside, so that each branch is one operation, as NestExpander takes them.
  Value zero = arith::ConstantOp::create(b, cast<TypedAttr>(b.getZeroAttr(type)));
  auto branch = scf::IfOp::create(
      b, condition,
      [&](OpBuilder &inner, Location loc) {
        Value loaded = memref::LoadOp::create(inner, loc, buffer, index);
        scf::YieldOp::create(inner, loc, loaded);
      },
      [&](OpBuilder &inner, Location loc) { scf::YieldOp::create(inner, loc, zero); });
  return branch.getResult(0);
}

Value TreeEmitter::emitLoad(Value value, const Indices &indices, const Guards &guards) {
  auto type = tensorType(value);
  Location loc = value.getLoc();
  Value buffer = buffers.lookup(value);
  AffineExpr linear = nest.linearize(indices, getDims(type));
  if (!buffer || !linear) {
    emitError(loc, "kernel operand cannot be addressed: ") << type;
    return {};
  }
  Type element = type.getElementType();
  // There is nothing to read, in loops that never run.
  if (llvm::any_of(getDims(type), [](DimAttr dim) { return dim.isConstant(0); }))
    return ScalarBuilder(nest.at(0, loc)).zero(element);
  unsigned packed = getElementsPerByte(element);
  unsigned level = nest.levelOf({linear}, guards);
  if (packed == 1) {
    Value loaded = guardedLoad(buffer, linear, guards, loc);
    if (!isBool(element))
      return loaded;
    ImplicitLocOpBuilder &b = nest.at(level, loc);
    return ScalarBuilder(b).cast(loaded, b.getI8Type(), b.getI1Type());
  }
  AffineExpr byte = nest.simplify(linear.floorDiv(packed));
  AffineExpr bit = nest.simplify((linear % packed) * (8 / packed));
  Value loaded = guardedLoad(buffer, byte, guards, loc), shift = nest.materialize(bit, loc);
  ImplicitLocOpBuilder &b = nest.at(level, loc);
  Value amount = arith::IndexCastOp::create(b, b.getI8Type(), shift);
  Value shifted = arith::ShRUIOp::create(b, loaded, amount);
  return arith::TruncIOp::create(b, getRegisterType(element), shifted);
}

void TreeEmitter::store(Value value, Type elementType, Value buffer, AffineExpr linear,
                        Location loc) {
  Value index = nest.materialize(linear, loc);
  ImplicitLocOpBuilder &b = nest.at(nest.getDepth(), loc);
  if (isBool(elementType))
    value = arith::ExtUIOp::create(b, b.getI8Type(), value);
  memref::StoreOp::create(b, value, buffer, index);
}

Value TreeEmitter::emitConst(ConstOp op, const Indices &indices, const Guards &guards) {
  auto elements = dyn_cast<DenseElementsAttr>(op.getValue());
  Location loc = op.getLoc();
  if (!elements) {
    op.emitOpError("is too large to be part of a kernel");
    return {};
  }
  auto type = cast<RankedTensorType>(op.getType());
  if (elements.isSplat())
    return ScalarBuilder(nest.at(0, loc))
        .constant(cast<TypedAttr>(elements.getSplatValue<Attribute>()));
  AffineExpr linear = nest.linearize(indices, getDims(type));
  if (auto position = dyn_cast<AffineConstantExpr>(linear))
    if (position.getValue() >= 0 && position.getValue() < elements.getNumElements())
      return ScalarBuilder(nest.at(0, loc))
          .constant(cast<TypedAttr>(elements.getValues<Attribute>()[position.getValue()]));
  // A table of its own, unpacked.
  Type reg = getRegisterType(type.getElementType());
  Type memory = getMemoryType(type.getElementType());
  SmallVector<Attribute> values;
  for (Attribute value : elements.getValues<Attribute>()) {
    if (reg.isFloat()) {
      values.push_back(value);
      continue;
    }
    APInt bits = isa<FloatAttr>(value) ? cast<FloatAttr>(value).getValue().bitcastToAPInt()
                                       : cast<IntegerAttr>(value).getValue();
    values.push_back(IntegerAttr::get(memory, bits.zextOrTrunc(memory.getIntOrFloatBitWidth())));
  }
  int64_t count = values.size();
  auto tableType = MemRefType::get({count}, memory);
  OpBuilder outer = OpBuilder::atBlockEnd(module.getBody());
  auto global = memref::GlobalOp::create(
      outer, loc, "constant_" + std::to_string(numGlobals++), outer.getStringAttr("private"),
      tableType, DenseElementsAttr::get(RankedTensorType::get({count}, memory), values),
      /*constant=*/true, /*alignment=*/outer.getI64IntegerAttr(64));
  Value table = memref::GetGlobalOp::create(nest.at(0, loc), tableType, global.getSymName());
  Value loaded = guardedLoad(table, linear, guards, loc);
  if (memory == reg)
    return loaded;
  ImplicitLocOpBuilder &b = nest.at(nest.levelOf({linear}, guards), loc);
  return arith::TruncIOp::create(b, reg, loaded);
}

//===----------------------------------------------------------------------===//
// Elementwise, movement
//===----------------------------------------------------------------------===//

Value TreeEmitter::emitElementwise(ElementwiseOpInterface op, const Indices &indices,
                                   const Guards &guards) {
  SmallVector<Value> operands;
  for (Value operand : op->getOperands()) {
    operands.push_back(emit(operand, indices, guards));
    if (!operands.back())
      return {};
  }
  unsigned level = nest.levelOf(indices, guards);
  Value result =
      ScalarBuilder(nest.at(level, op.getLoc()))
          .emit(op.getElementwiseKind(), operands, tensorType(op->getOperand(0)).getElementType(),
                tensorType(op->getResult(0)).getElementType());
  if (!result)
    op->emitOpError("is not supported by this code generator");
  else if (!isa<CastOp, BitcastOp>(op))
    countFlops(level);
  return result;
}

Value TreeEmitter::emitMovement(MovementOpInterface op, const Indices &indices,
                                const Guards &guards) {
  Location loc = op.getLoc();
  Value result;
  if (Value fill = op.getFillValue()) {
    result = emit(fill, {});
    if (!result)
      return {};
  }
  unsigned level = nest.levelOf(indices, guards), first = 0, last = op.getNumMovedOperands();
  if (auto concat = dyn_cast<ConcatOp>(op.getOperation())) {
    auto [low, high] = nest.getBounds(indices[concat.getAxis()]);
    std::tie(first, last) = concat.getOperandsAt(low, high);
  }
  for (unsigned operand = first; operand < last; ++operand) {
    Access access = op.getAccess(operand, nest.getScope());
    Access outer;
    outer.indices = indices;
    Access moved = outer.compose(access);
    Guards added(moved.constraints);
    if (!nest.simplify(added))
      continue;
    for (AffineExpr &index : moved.indices)
      index = nest.simplify(index);
    Value value = op->getOperand(operand);
    Value inner = emit(value, moved.indices, addGuards(guards, added));
    if (!inner)
      return {};
    if (!result || added.empty() || isZeroLoad(value, result)) {
      result = inner;
      continue;
    }
    Value condition = nest.materialize(added, loc);
    result = arith::SelectOp::create(nest.at(level, loc), condition, inner, result);
  }
  // No operand holds an element of an empty tensor; it is never read.
  if (!result)
    result = ScalarBuilder(nest.at(0, loc)).zero(tensorType(op->getResult(0)).getElementType());
  return result;
}

void TreeEmitter::checkIndex(Value inRange, const Guards &guards, unsigned level, Location loc) {
  if (!errorSlot)
    return;
  Value wanted = guards.empty() ? Value() : nest.materialize(guards, loc);
  Value zero = nest.materialize(nest.constant(0), loc);
  ImplicitLocOpBuilder &b = nest.at(level, loc);
  Value yes = arith::ConstantOp::create(b, b.getBoolAttr(true));
  Value isBad = arith::XOrIOp::create(b, inRange, yes);
  if (wanted)
    isBad = arith::AndIOp::create(b, isBad, wanted);
  scf::IfOp::create(b, isBad, [&](OpBuilder &inner, Location loc) {
    Value code = arith::ConstantOp::create(inner, loc,
                                           inner.getI32IntegerAttr(TG_KERNEL_INDEX_OUT_OF_RANGE));
    memref::StoreOp::create(inner, loc, code, errorSlot, zero);
    scf::YieldOp::create(inner, loc);
  });
}

Value TreeEmitter::emitGather(GatherOp op, const Indices &indices, const Guards &guards) {
  // result[p, q, r] = input[p, indices[p0 .. p(batch-1), q], r]
  int64_t axis = op.getAxis(), batch = op.getBatch();
  int64_t numQ = tensorType(op.getIndices()).getRank() - batch;
  Indices at(indices.begin(), indices.begin() + batch);
  at.append(indices.begin() + axis, indices.begin() + axis + numQ);
  Value index = emit(op.getIndices(), at, guards);
  if (!index)
    return {};
  Location loc = op.getLoc();
  unsigned level = nest.levelOf(at, guards);
  AffineExpr size = nest.getExpr(getDim(tensorType(op.getInput()), axis));
  Value last = nest.materialize(nest.simplify(size - 1), loc),
        zero = nest.materialize(nest.constant(0), loc);
  ImplicitLocOpBuilder &b = nest.at(level, loc);
  index = arith::IndexCastOp::create(b, b.getIndexType(), index);
  Value inRange = arith::CmpIOp::create(b, arith::CmpIPredicate::ule, index, last);
  // An empty axis has no last index: then nothing is in range and the guard keeps the load away.
  Guards nonEmpty{{size - 1}};
  bool isEmpty = !nest.simplify(nonEmpty);
  if (isEmpty)
    checkIndex(ScalarBuilder(b).constant(b.getBoolAttr(false)), guards, level, loc);
  nest.at(level, loc);
  if (isEmpty)
    return ScalarBuilder(b).zero(tensorType(op.getInput()).getElementType());
  if (!nonEmpty.empty()) {
    Value exists =
        arith::CmpIOp::create(nest.at(level, loc), arith::CmpIPredicate::sge, last, zero);
    inRange = arith::AndIOp::create(nest.at(level, loc), inRange, exists);
  }
  checkIndex(inRange, guards, level, loc);
  nest.at(level, loc);
  Value safe = arith::SelectOp::create(b, inRange, index, zero);
  IndexRange range = IndexRange::ofExtent(size);
  AffineExpr symbol = nest.addSymbol(safe, level, range);
  Indices source(indices.begin(), indices.begin() + axis);
  source.push_back(symbol);
  source.append(indices.begin() + axis + numQ, indices.end());
  Guards all(guards);
  all.append(nonEmpty);
  Value value = emit(op.getInput(), source, all);
  if (!value)
    return {};
  nest.at(nest.levelOf(indices, guards), loc);
  Value none = ScalarBuilder(b).zero(tensorType(op.getInput()).getElementType());
  return arith::SelectOp::create(b, inRange, value, none);
}

/// As a selection; in place is a nest of its own.
Value TreeEmitter::emitAssign(AssignOp op, const Indices &indices, const Guards &guards) {
  Value old = emit(op.getDest(), indices, guards);
  Indices inside;
  Guards added;
  for (auto [axis, index] : llvm::enumerate(indices)) {
    AffineExpr offset = op.getOffsets() ? nest.getExpr((*op.getOffsets())[axis]) : nest.constant(0);
    AffineExpr shifted = nest.simplify(index - offset);
    inside.push_back(shifted);
    added.push_back({shifted});
    added.push_back({nest.getExpr(getDim(tensorType(op.getSource()), axis)) - 1 - shifted});
  }
  if (!old || !nest.simplify(added))
    return old;
  Guards all(guards);
  all.append(added);
  Value value = emit(op.getSource(), inside, all);
  if (!value || added.empty())
    return value;
  Value condition = nest.materialize(added, op.getLoc());
  return arith::SelectOp::create(nest.at(nest.levelOf(indices, guards), op.getLoc()), condition,
                                 value, old);
}

} // namespace tg::codegen
