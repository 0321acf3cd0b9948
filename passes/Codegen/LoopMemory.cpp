//===- LoopMemory.cpp - Loops that keep values in a worker's memory ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LoopAccesses.h"
#include "NestBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using affine::AffineForOp;

namespace tg::codegen {

//===----------------------------------------------------------------------===//
// A worker's memory
//===----------------------------------------------------------------------===//

/// The argument of the kernel that has the value of a variable.
static Value getVariable(func::FuncOp function, StringAttr name) {
  for (BlockArgument argument : function.getArguments())
    if (function.getArgAttr(argument.getArgNumber(), attrs::var) == name)
      return argument;
  return addArgument(function, IndexType::get(function.getContext()), attrs::var, name);
}

FailureOr<Value> Workspace::allocate(Type element, int64_t count) {
  MLIRContext *context = function.getContext();
  OpBuilder builder = OpBuilder::atBlockBegin(&function.front());
  Location loc = function.getLoc();
  Value memory;
  for (BlockArgument argument : function.getArguments())
    if (function.getArgAttr(argument.getArgNumber(), attrs::workspace))
      memory = argument;
  if (!memory)
    memory = addArgument(function, MemRefType::get({ShapedType::kDynamic}, builder.getI8Type()),
                         attrs::workspace, builder.getUnitAttr());
  auto used = function->getAttrOfType<uop::DimAttr>(attrs::workspace);
  if (!used)
    used = uop::DimAttr::get(context, 0);
  uop::DimAttr line = uop::DimAttr::get(context, 64);
  uop::DimAttr offset = uop::mulDims(uop::ceilDivDims(used, line), line);
  int64_t bytes = 0;
  if (llvm::MulOverflow<int64_t>(count, llvm::divideCeil(element.getIntOrFloatBitWidth(), 8),
                                 bytes))
    offset = {};
  bytes = llvm::alignTo(bytes, 64);
  uop::DimAttr all =
      offset ? uop::addDims(offset, uop::DimAttr::get(context, bytes)) : uop::DimAttr();
  if (!all)
    return function.emitOpError("needs too much memory per worker");
  function->setAttr(attrs::workspace, all);
  SmallVector<Value> vars;
  for (StringAttr name : offset.getVars())
    vars.push_back(getVariable(function, name));
  Value start = affine::AffineApplyOp::create(
      builder, loc, AffineMap::get(0, vars.size(), offset.getExpr()), vars);
  Value size = arith::ConstantIndexOp::create(builder, loc, count);
  return memref::ViewOp::create(builder, loc, MemRefType::get({ShapedType::kDynamic}, element),
                                memory, start, ValueRange(size))
      .getResult();
}

//===----------------------------------------------------------------------===//
// Copies of loops and of what they compute
//===----------------------------------------------------------------------===//

/// Copies `chain` as loops within each other at the builder's place and goes into the innermost
/// one. Names begin with `prefix`, and all are parallel.
static SmallVector<AffineForOp> copyLoops(OpBuilder &builder, ArrayRef<AffineForOp> chain,
                                          IRMapping &mapping, StringRef prefix = "") {
  SmallVector<AffineForOp> copies;
  for (AffineForOp loop : chain) {
    auto renamed = [&](ValueRange operands) {
      return llvm::map_to_vector(operands,
                                 [&](Value operand) { return mapping.lookupOrDefault(operand); });
    };
    auto copy = AffineForOp::create(builder, loop.getLoc(), renamed(loop.getLowerBoundOperands()),
                                    loop.getLowerBoundMap(), renamed(loop.getUpperBoundOperands()),
                                    loop.getUpperBoundMap());
    copy->setAttr(attrs::axis, builder.getStringAttr(prefix + getAxis(loop)));
    copy->setAttr(attrs::parallel, builder.getUnitAttr());
    mapping.map(loop.getInductionVar(), copy.getInductionVar());
    builder.setInsertionPointToStart(copy.getBody());
    copies.push_back(copy);
  }
  return copies;
}

/// Copies what computes `value` in `around`, unless it is there already.
static Value copySlice(OpBuilder &builder, Value value, Operation *around, IRMapping &mapping) {
  Operation *op = value.getDefiningOp();
  if (mapping.contains(value) || !op || !around->isProperAncestor(op))
    return mapping.lookupOrDefault(value);
  op->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      if (!op->isAncestor(operand.getParentBlock()->getParentOp()))
        copySlice(builder, operand, around, mapping);
  });
  builder.clone(*op, mapping);
  return mapping.lookup(value);
}

/// Where the iteration of the loops lies in memory that has `strides` elements between those of
/// each: every loop begins at zero there.
static Value getPlace(OpBuilder &builder, Location loc, ArrayRef<AffineForOp> chain,
                      ArrayRef<int64_t> strides) {
  SmallVector<Value> dims, symbols;
  AffineExpr place = builder.getAffineConstantExpr(0);
  for (auto [i, stride] : llvm::enumerate(strides)) {
    AffineForOp loop = chain[i];
    AffineExpr iv = builder.getAffineDimExpr(dims.size());
    dims.push_back(loop.getInductionVar());
    AffineMap lower = loop.getLowerBoundMap();
    AffineExpr first = lower.getResult(0)
                           .shiftDims(lower.getNumDims(), dims.size())
                           .shiftSymbols(lower.getNumSymbols(), symbols.size());
    llvm::append_range(dims, loop.getLowerBoundOperands().take_front(lower.getNumDims()));
    llvm::append_range(symbols, loop.getLowerBoundOperands().drop_front(lower.getNumDims()));
    place = place + (iv - first) * stride;
  }
  AffineMap map = AffineMap::get(dims.size(), symbols.size(), place);
  dims.append(symbols);
  affine::canonicalizeMapAndOperands(&map, &dims);
  return affine::AffineApplyOp::create(builder, loc, map, dims);
}

/// The strides of loops of which the last one's iterations are neighbors, and the elements in all.
/// Rows that are a multiple of a page apart would share few places of a cache: `isSpread` gives
/// them a cache line more.
static FailureOr<std::pair<SmallVector<int64_t>, int64_t>>
layOut(ArrayRef<AffineForOp> chain, int64_t elementBytes, bool isSpread) {
  SmallVector<int64_t> strides(chain.size());
  int64_t count = 1;
  for (int i = chain.size() - 1; i >= 0; --i) {
    AffineForOp loop = chain[i];
    if (isSpread && count > 1 && count * elementBytes % 1024 == 0)
      count += 64 / elementBytes;
    strides[i] = count;
    std::optional<int64_t> trips = getMostTrips(loop);
    if (!trips)
      return loop.emitOpError("must have a number of iterations that is known");
    if (llvm::MulOverflow(count, std::max<int64_t>(*trips, 1), count))
      return loop.emitOpError("has too many iterations to keep a value of each");
  }
  return std::make_pair(strides, count);
}

//===----------------------------------------------------------------------===//
// Reductions outside of data loops
//===----------------------------------------------------------------------===//

namespace {
/// Moves a reduction outside of data loops:
///
///   for %i                                    for %i: %tile[%i] = init
///     %s = for %k iter_args(%a = init)        for %k
///       %s' = for %kk iter_args(%b = %a)        for %i
///     store f(%s)                                 %s' = for %kk iter_args(%b = neutral)
///                                                 %tile[%i] = %tile[%i] + %s'
///                                             for %i: store f(%tile[%i])
class Hoister {
public:
  Hoister(AffineForOp reduction, ArrayRef<AffineForOp> chain)
      : reduction(reduction), chain(chain) {}

  LogicalResult run(Workspace &workspace) {
    for (Value init : reduction.getInits()) {
      Type type = init.getType();
      auto layout = layOut(chain, llvm::divideCeil(type.getIntOrFloatBitWidth(), 8), false);
      if (failed(layout))
        return failure();
      strides = layout->first;
      FailureOr<Value> tile = workspace.allocate(type, layout->second);
      if (failed(tile))
        return failure();
      tiles.push_back(*tile);
    }
    OpBuilder builder(chain.front());
    emitInits(builder);
    builder.setInsertionPoint(chain.front());
    emitMain(builder);
    builder.setInsertionPoint(reduction);
    Value place = getPlace(builder, loc, chain, strides);
    for (auto [result, tile] : llvm::zip_equal(reduction.getResults(), tiles))
      result.replaceAllUsesWith(memref::LoadOp::create(builder, loc, tile, place));
    reduction.erase();
    return success();
  }

private:
  void emitInits(OpBuilder &builder) {
    IRMapping mapping;
    SmallVector<AffineForOp> loops = copyLoops(builder, chain, mapping);
    Value place = getPlace(builder, loc, loops, strides);
    for (auto [init, tile] : llvm::zip_equal(reduction.getInits(), tiles)) {
      Value value = copySlice(builder, init, chain.front(), mapping);
      memref::StoreOp::create(builder, loc, value, tile, place);
    }
  }

  /// The loop to which the reduction hands its values on, if that is all that it does with them.
  AffineForOp getPart() {
    auto inner = llvm::to_vector(reduction.getBody()->getOps<AffineForOp>());
    if (inner.size() != 1 || inner[0].getNumResults() != reduction.getNumResults())
      return {};
    for (unsigned i = 0; i < reduction.getNumResults(); ++i)
      if (inner[0].getInits()[i] != reduction.getRegionIterArgs()[i] ||
          !reduction.getRegionIterArgs()[i].hasOneUse() ||
          reduction.getBody()->getTerminator()->getOperand(i) != inner[0].getResult(i) ||
          !getInnermostCombiner(inner[0], i))
        return {};
    return inner[0];
  }

  static Operation *getInnermostCombiner(AffineForOp loop, unsigned i) {
    if (Operation *combiner = getCombiner(loop, i))
      return combiner;
    auto inner = loop.getBody()->getTerminator()->getOperand(i).getDefiningOp<AffineForOp>();
    return inner && inner.getNumResults() == loop.getNumResults() ? getInnermostCombiner(inner, i)
                                                                  : nullptr;
  }

  void emitMain(OpBuilder &builder) {
    auto outer = AffineForOp::create(
        builder, loc, reduction.getLowerBoundOperands(), reduction.getLowerBoundMap(),
        reduction.getUpperBoundOperands(), reduction.getUpperBoundMap());
    outer->setAttr(attrs::axis, reduction->getAttr(attrs::axis));
    builder.setInsertionPointToStart(outer.getBody());
    IRMapping mapping;
    mapping.map(reduction.getInductionVar(), outer.getInductionVar());
    SmallVector<AffineForOp> loops = copyLoops(builder, chain, mapping);
    Value place = getPlace(builder, loc, loops, strides);
    AffineForOp part = getPart();
    SmallVector<Value> kept;
    for (auto [i, argument] : llvm::enumerate(reduction.getRegionIterArgs())) {
      // A part of its own need not wait for what is in memory.
      if (part)
        mapping.map(argument, arith::ConstantOp::create(
                                  builder, loc,
                                  getNeutral(getInnermostCombiner(part, i), argument.getType())));
      else
        mapping.map(argument, memref::LoadOp::create(builder, loc, tiles[i], place).getResult());
    }
    reduction.walk([&](Operation *inner) {
      for (Value operand : inner->getOperands())
        if (!reduction->isAncestor(operand.getParentBlock()->getParentOp()))
          copySlice(builder, operand, chain.front(), mapping);
    });
    for (Operation &op : reduction.getBody()->without_terminator())
      builder.clone(op, mapping);
    for (auto [i, value] : llvm::enumerate(reduction.getBody()->getTerminator()->getOperands())) {
      Value result = mapping.lookupOrDefault(value);
      if (part) {
        Value before = memref::LoadOp::create(builder, loc, tiles[i], place);
        result = combineValues(builder, getInnermostCombiner(part, i), before, result);
      }
      kept.push_back(result);
    }
    for (auto [value, tile] : llvm::zip_equal(kept, tiles))
      memref::StoreOp::create(builder, loc, value, tile, place);
  }

  AffineForOp reduction;
  SmallVector<AffineForOp> chain;
  Location loc = reduction.getLoc();
  SmallVector<Value> tiles;
  SmallVector<int64_t> strides;
};
} // namespace

LogicalResult hoistReduction(AffineForOp reduction, ArrayRef<StringAttr> axes,
                             Workspace &workspace) {
  SmallVector<AffineForOp> chain;
  auto at = reduction->getParentOfType<AffineForOp>();
  for (size_t i = 1; i < axes.size(); ++i, at = at->getParentOfType<AffineForOp>())
    chain.insert(chain.begin(), at);
  return Hoister(reduction, chain).run(workspace);
}

//===----------------------------------------------------------------------===//
// Copies of operands
//===----------------------------------------------------------------------===//

/// Of one place at which the operand is read.
static LogicalResult stageRead(AffineForOp loop, OperandRead &read, ArrayRef<StringAttr> layout,
                               StringRef prefix, Workspace &workspace) {
  Location loc = read.read->getLoc();
  SmallVector<AffineForOp> chain;
  for (StringAttr axis : layout)
    for (auto at = read.read->getParentOfType<AffineForOp>(); at != loop;
         at = at->getParentOfType<AffineForOp>())
      if (getAxis(at) == axis.getValue())
        chain.push_back(at);
  Type type = read.value.getType();
  auto spaced = layOut(chain, llvm::divideCeil(type.getIntOrFloatBitWidth(), 8), true);
  if (failed(spaced))
    return failure();
  FailureOr<Value> memory = workspace.allocate(type, spaced->second);
  if (failed(memory))
    return failure();
  ArrayRef<int64_t> strides = spaced->first;
  OpBuilder builder = OpBuilder::atBlockBegin(loop.getBody());
  IRMapping mapping;
  SmallVector<AffineForOp> copies = copyLoops(builder, chain, mapping, prefix);
  for (Operation *op : read.slice.ops)
    if (loop->isProperAncestor(op) && !mapping.contains(op->getResult(0)))
      builder.clone(*op, mapping);
  builder.clone(*read.read, mapping);
  for (Operation *op : read.conversions)
    builder.clone(*op, mapping);
  memref::StoreOp::create(builder, loc, mapping.lookup(read.value), *memory,
                          getPlace(builder, loc, copies, strides));
  // In place of what made the value.
  builder.setInsertionPoint(read.value.getDefiningOp());
  Value place = getPlace(builder, loc, chain, strides);
  read.value.replaceAllUsesWith(memref::LoadOp::create(builder, loc, *memory, place));
  for (Operation *op : llvm::reverse(read.conversions))
    op->erase();
  read.read->erase();
  for (Operation *op : llvm::reverse(read.slice.ops))
    if (op->use_empty())
      op->erase();
  return success();
}

LogicalResult stageOperand(AffineForOp loop, StringRef operand, ArrayRef<StringAttr> layout,
                           Workspace &workspace) {
  SmallVector<memref::LoadOp> loads;
  loop.walk([&](memref::LoadOp load) {
    auto argument = dyn_cast<BlockArgument>(load.getMemRef());
    if (argument && getOperandName(argument) == operand)
      loads.push_back(load);
  });
  for (memref::LoadOp load : loads) {
    // Others may have gone with what they share.
    std::optional<OperandRead> read = OperandRead::get(load);
    if (read && failed(stageRead(loop, *read, layout, (operand + ".").str(), workspace)))
      return failure();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Whole blocks
//===----------------------------------------------------------------------===//

static AffineMap getWholeBlock(AffineForOp loop) {
  AffineMap lower = loop.getLowerBoundMap();
  return AffineMap::get(lower.getNumDims(), lower.getNumSymbols(),
                        lower.getResult(0) + *getMostTrips(loop));
}

void padLoop(AffineForOp loop) {
  if (!getTrips(loop))
    loop.setUpperBound(SmallVector<Value>(loop.getLowerBoundOperands()), getWholeBlock(loop));
}

/// Zeros in what `chain` copies, where `loop` of it runs from its end number `end` to that of a
/// whole block.
static void fillFrom(unsigned end, AffineForOp loop, ArrayRef<AffineForOp> chain,
                     memref::StoreOp store) {
  OpBuilder builder(chain.front());
  IRMapping mapping;
  SmallVector<AffineForOp> copies = copyLoops(builder, chain, mapping);
  Location loc = store.getLoc();
  Value zero = arith::ConstantOp::create(
      builder, loc, cast<TypedAttr>(builder.getZeroAttr(store.getValueToStore().getType())));
  Value place = copySlice(builder, store.getIndices().front(), chain.front(), mapping);
  memref::StoreOp::create(builder, loc, zero, store.getMemRef(), place);
  AffineForOp rest = copies[llvm::find(chain, loop) - chain.begin()];
  AffineMap whole = getWholeBlock(rest), upper = rest.getUpperBoundMap();
  AffineMap first = AffineMap::get(upper.getNumDims(), upper.getNumSymbols(), upper.getResult(end));
  SmallVector<Value> firstOperands(rest.getUpperBoundOperands());
  SmallVector<Value> wholeOperands(rest.getLowerBoundOperands());
  affine::canonicalizeMapAndOperands(&first, &firstOperands);
  rest.setLowerBound(firstOperands, first);
  rest.setUpperBound(wholeOperands, whole);
}

void padCopy(AffineForOp loop) {
  if (getTrips(loop))
    return;
  // All loops of the copy, which has one store.
  memref::StoreOp store;
  loop.walk([&](memref::StoreOp op) { store = op; });
  SmallVector<AffineForOp> chain;
  StringRef operand = getAxis(loop).take_until([](char c) { return c == '.'; });
  for (auto at = store->getParentOfType<AffineForOp>();
       at && getAxis(at).take_until([](char c) { return c == '.'; }) == operand;
       at = at->getParentOfType<AffineForOp>())
    chain.insert(chain.begin(), at);
  int64_t size = *getMostTrips(loop);
  for (auto [end, length] : llvm::enumerate(getLengths(loop)))
    if (!isa<AffineConstantExpr>(length) && length.getLargestKnownDivisor() % size != 0)
      fillFrom(end, loop, chain, store);
}

} // namespace tg::codegen
