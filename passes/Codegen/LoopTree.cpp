//===- LoopTree.cpp - The loops of a kernel by their axes ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Codegen/LoopTree.h"

#include "tg/Analysis/NestPlan.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using affine::AffineForOp;

namespace tg::codegen {

//===----------------------------------------------------------------------===//
// What there is
//===----------------------------------------------------------------------===//

bool isStorable(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type))
    return llvm::is_contained({8u, 16u, 32u, 64u}, integer.getWidth());
  return type.isF32() || type.isF64();
}

bool isParallel(AffineForOp loop) { return loop->hasAttr(attrs::parallel); }

StringRef getAxis(AffineForOp loop) {
  auto axis = loop->getAttrOfType<StringAttr>(attrs::axis);
  return axis ? axis.getValue() : "";
}

std::optional<int64_t> getTrips(AffineForOp loop) {
  if (loop.hasConstantBounds())
    return std::max<int64_t>(loop.getConstantUpperBound() - loop.getConstantLowerBound(), 0);
  AffineMap lower = loop.getLowerBoundMap(), upper = loop.getUpperBoundMap();
  if (lower.getNumResults() != 1 || upper.getNumResults() != 1 ||
      loop.getLowerBoundOperands() != loop.getUpperBoundOperands())
    return std::nullopt;
  AffineExpr trips = upper.getResult(0) - lower.getResult(0);
  trips = simplifyAffineExpr(trips, lower.getNumDims(), lower.getNumSymbols());
  if (auto constant = dyn_cast<AffineConstantExpr>(trips))
    return std::max<int64_t>(constant.getValue(), 0);
  return std::nullopt;
}

/// The dims of the lower and of the upper bound, then the symbols of both.
static SmallVector<Value> joinBoundOperands(AffineForOp loop) {
  unsigned lowerDims = loop.getLowerBoundMap().getNumDims();
  unsigned upperDims = loop.getUpperBoundMap().getNumDims();
  ValueRange lower = loop.getLowerBoundOperands(), upper = loop.getUpperBoundOperands();
  SmallVector<Value> operands(lower.take_front(lowerDims));
  llvm::append_range(operands, upper.take_front(upperDims));
  llvm::append_range(operands, lower.drop_front(lowerDims));
  llvm::append_range(operands, upper.drop_front(upperDims));
  return operands;
}

bool isReducible(AffineForOp loop) {
  bool all = loop.getNumResults() > 0 && !isParallel(loop);
  for (unsigned i = 0; all && i < loop.getNumResults(); ++i)
    all &= getCombiner(loop, i) != nullptr;
  if (all)
    loop.getBody()->walk([&](memref::StoreOp) { all = false; });
  return all;
}

/// Whether an operation may as well stand in a loop behind it. Loads may: what a kernel updates in
/// place is only written where it was read.
static bool isMovable(Operation *op) {
  if (isa<memref::LoadOp>(op))
    return true;
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return llvm::all_of(branch->getRegions(), [](Region &region) {
      return region.empty() ||
             llvm::all_of(region.front(), [](Operation &inner) { return isMovable(&inner); });
    });
  return isMemoryEffectFree(op);
}

/// The only loop in a loop, if all else may stand in it and values are passed through it.
static AffineForOp getPerfectChild(AffineForOp loop) {
  Block &body = *loop.getBody();
  if (body.getOperations().size() < 2)
    return {};
  auto inner = dyn_cast<AffineForOp>(*std::prev(body.end(), 2));
  if (!inner || inner.getNumResults() != loop.getNumResults())
    return {};
  for (Operation &op : body.without_terminator())
    if (&op != inner && (isa<AffineForOp>(op) || !isMovable(&op)))
      return {};
  for (unsigned i = 0; i < loop.getNumResults(); ++i)
    if (inner.getInits()[i] != loop.getRegionIterArgs()[i] ||
        !loop.getRegionIterArgs()[i].hasOneUse() ||
        body.getTerminator()->getOperand(i) != inner.getResult(i))
      return {};
  return inner;
}

/// A chain of reductions combines in its innermost loop.
static bool hasReducible(AffineForOp loop) {
  while (AffineForOp inner = isParallel(loop) ? AffineForOp() : getPerfectChild(loop))
    loop = inner;
  return isReducible(loop);
}

/// Whether `op`, in `loop`, computes with the loop's induction variable.
static bool dependsOn(Operation *op, AffineForOp loop, llvm::SmallPtrSetImpl<Operation *> &seen) {
  if (!seen.insert(op).second)
    return false;
  WalkResult result = op->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands()) {
      if (operand == loop.getInductionVar())
        return WalkResult::interrupt();
      Operation *def = operand.getDefiningOp();
      if (def && loop->isProperAncestor(def) && dependsOn(def, loop, seen))
        return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return result.wasInterrupted();
}

/// How many iterations of the loop may keep rows at once (see TreeStage.cpp): a store to a worker's
/// own memory goes to a slot that follows the iterations, eight of which have one each, or several
/// iterations share one.
static int64_t getMostAtOnce(AffineForOp loop) {
  int64_t most = 0;
  loop.getBody()->walk([&](memref::StoreOp store) {
    if (!store.getMemRef().getDefiningOp<memref::ViewOp>())
      return;
    auto apply = store.getIndices().front().getDefiningOp<affine::AffineApplyOp>();
    std::optional<int64_t> stride = getStride(store.getIndices().front(), loop.getInductionVar());
    int64_t here = 0;
    if (!stride) {
      // A row in a slot: the linear part of the index is that of the column.
      here = 1;
      for (unsigned i = 0, e = apply ? apply.getAffineMap().getNumDims() : 0; i < e; ++i)
        if (apply.getMapOperands()[i] == loop.getInductionVar())
          apply.getAffineMap().getResult(0).walk([&](AffineExpr expr) {
            auto slot = dyn_cast<AffineBinaryOpExpr>(expr);
            if (slot && slot.getKind() == AffineExprKind::Mod &&
                slot.getRHS() == getAffineConstantExpr(stagedRows, loop.getContext()) &&
                getCoefficient(slot.getLHS(), i) == 1)
              here = stagedRows;
          });
    } else if (*stride == 0) {
      Operation *fill = store;
      while (fill->getParentOp() != loop && fill->getParentOfType<AffineForOp>() != loop)
        fill = fill->getParentOp();
      llvm::SmallPtrSet<Operation *, 16> seen;
      here = dependsOn(fill, loop, seen) ? 1 : 0;
    }
    if (here)
      most = most ? std::min(most, here) : here;
  });
  return most;
}

SmallVector<AffineExpr> getLengths(AffineForOp loop) {
  AffineMap lower = loop.getLowerBoundMap(), upper = loop.getUpperBoundMap();
  unsigned dims = lower.getNumDims() + upper.getNumDims();
  unsigned symbols = lower.getNumSymbols() + upper.getNumSymbols();
  SmallVector<Value> operands = joinBoundOperands(loop);
  SmallVector<AffineExpr> lengths;
  for (AffineExpr end : upper.getResults()) {
    AffineExpr length = end.shiftDims(upper.getNumDims(), lower.getNumDims())
                            .shiftSymbols(upper.getNumSymbols(), lower.getNumSymbols()) -
                        lower.getResult(0);
    AffineMap map = AffineMap::get(dims, symbols, length);
    SmallVector<Value> used(operands);
    affine::canonicalizeMapAndOperands(&map, &used);
    lengths.push_back(simplifyAffineExpr(map.getResult(0), map.getNumDims(), map.getNumSymbols()));
  }
  return lengths;
}

std::optional<int64_t> getMostTrips(AffineForOp loop) {
  if (std::optional<int64_t> trips = getTrips(loop))
    return trips;
  std::optional<int64_t> most;
  for (AffineExpr length : getLengths(loop))
    if (auto constant = dyn_cast<AffineConstantExpr>(length))
      most = std::min(most.value_or(constant.getValue()), constant.getValue());
  return most ? std::optional(std::max<int64_t>(*most, 0)) : std::nullopt;
}

std::optional<int64_t> getRest(AffineForOp loop, int64_t step) {
  if (std::optional<int64_t> trips = getTrips(loop))
    return *trips % step;
  int64_t rest = 0;
  for (AffineExpr length : getLengths(loop)) {
    // A constant and multiples of the step.
    int64_t first = 0;
    AffineExpr others = length;
    if (auto sum = dyn_cast<AffineBinaryOpExpr>(length);
        sum && sum.getKind() == AffineExprKind::Add && isa<AffineConstantExpr>(sum.getRHS())) {
      first = cast<AffineConstantExpr>(sum.getRHS()).getValue();
      others = sum.getLHS();
    } else if (auto constant = dyn_cast<AffineConstantExpr>(length)) {
      first = constant.getValue();
      others = getAffineConstantExpr(0, loop.getContext());
    }
    if (others.getLargestKnownDivisor() % step != 0 && others != 0)
      return std::nullopt;
    int64_t here = ((first % step) + step) % step;
    if (here != 0 && rest != 0 && here != rest)
      return std::nullopt;
    rest = here ? here : rest;
  }
  return rest;
}

KernelLoops describeLoops(func::FuncOp function) {
  KernelLoops kernel;
  std::vector<LoopNode> &nodes = kernel.loops;
  llvm::DenseMap<Operation *, unsigned> placeOf;
  function.walk<WalkOrder::PreOrder>([&](AffineForOp loop) {
    placeOf[loop] = nodes.size();
    LoopNode node;
    node.axis = getAxis(loop).str();
    node.isData = isParallel(loop);
    node.trips = getTrips(loop);
    node.isPerfect = getPerfectChild(loop) != nullptr;
    node.isReducible = isReducible(loop);
    node.hasReducible = hasReducible(loop);
    node.mostTrips = getMostTrips(loop);
    node.mayBeEmpty = node.trips.value_or(0) == 0;
    node.mostAtOnce = getMostAtOnce(loop);
    for (Value init : loop.getInits())
      node.carriedBytes +=
          isStorable(init.getType()) ? init.getType().getIntOrFloatBitWidth() / 8 : 0;
    node.canKeep = llvm::all_of(loop.getInits().getTypes(), isStorable);
    if (auto around = loop->getParentOfType<AffineForOp>()) {
      node.parent = placeOf.lookup(around);
      nodes[*node.parent].children.push_back(nodes.size());
    }
    nodes.push_back(std::move(node));
  });
  describeAccesses(function, placeOf, kernel.accesses);
  return kernel;
}

SmallVector<AffineForOp> findLoops(func::FuncOp function, StringRef axis) {
  SmallVector<AffineForOp> loops;
  function.walk<WalkOrder::PreOrder>([&](AffineForOp loop) {
    if (getAxis(loop) == axis)
      loops.push_back(loop);
  });
  return loops;
}

//===----------------------------------------------------------------------===//
// Split, fuse, reorder
//===----------------------------------------------------------------------===//

/// A loop with the iter_args of another, in its place, and that one in it.
static AffineForOp wrap(AffineForOp loop, AffineMap upper, ValueRange operands, StringRef axis) {
  OpBuilder builder(loop);
  auto outer =
      AffineForOp::create(builder, loop.getLoc(), ValueRange(), builder.getConstantAffineMap(0),
                          operands, upper, 1, loop.getInits());
  outer->setAttr(attrs::axis, builder.getStringAttr(axis));
  if (isParallel(loop))
    outer->setAttr(attrs::parallel, builder.getUnitAttr());
  loop.replaceAllUsesWith(outer.getResults());
  Block *body = outer.getBody();
  bool hasResults = outer.getNumResults() > 0;
  loop->moveBefore(body, hasResults ? body->end() : std::prev(body->end()));
  if (hasResults) {
    builder.setInsertionPointToEnd(body);
    affine::AffineYieldOp::create(builder, loop.getLoc(), loop.getResults());
    loop.getInitsMutable().assign(outer.getRegionIterArgs());
  }
  return outer;
}

void splitLoop(AffineForOp loop, int64_t size) {
  OpBuilder builder(loop);
  if (std::optional<int64_t> trips = getTrips(loop))
    size = std::min(size, std::max<int64_t>(*trips, 1));
  std::string axis = getAxis(loop).str();
  // Dims and symbols of both bounds, one behind the other, and the number of the block.
  AffineMap lower = loop.getLowerBoundMap(), upper = loop.getUpperBoundMap();
  assert(lower.getNumResults() == 1 && "a loop begins at one place");
  unsigned dims = lower.getNumDims() + upper.getNumDims();
  unsigned symbols = lower.getNumSymbols() + upper.getNumSymbols();
  SmallVector<Value> operands = joinBoundOperands(loop);
  AffineExpr first = lower.getResult(0);
  SmallVector<AffineExpr> ends;
  for (AffineExpr end : upper.getResults())
    ends.push_back(end.shiftDims(upper.getNumDims(), lower.getNumDims())
                       .shiftSymbols(upper.getNumSymbols(), lower.getNumSymbols()));
  std::optional<int64_t> trips = getTrips(loop);
  SmallVector<AffineExpr> blocks;
  if (trips)
    blocks.push_back(builder.getAffineConstantExpr(llvm::divideCeil(*trips, size)));
  else
    for (AffineExpr end : ends)
      blocks.push_back((end - first).ceilDiv(size));
  AffineMap outerUpper = AffineMap::get(dims, symbols, blocks, builder.getContext());
  SmallVector<Value> outerOperands(operands);
  affine::canonicalizeMapAndOperands(&outerUpper, &outerOperands);
  AffineForOp outer = wrap(loop, outerUpper, outerOperands, axis + ".o");
  // The block's own.
  loop->setAttr(attrs::axis, builder.getStringAttr(axis + ".i"));
  operands.insert(operands.begin() + dims, outer.getInductionVar());
  AffineExpr begin = first + builder.getAffineDimExpr(dims) * size;
  SmallVector<AffineExpr> innerEnds{begin + size};
  if (!trips || *trips % size != 0)
    innerEnds.append(ends);
  auto setBound = [&](ArrayRef<AffineExpr> results, bool isLower) {
    AffineMap map = AffineMap::get(dims + 1, symbols, results, builder.getContext());
    SmallVector<Value> used(operands);
    affine::canonicalizeMapAndOperands(&map, &used);
    isLower ? loop.setLowerBound(used, map) : loop.setUpperBound(used, map);
  };
  setBound(begin, true);
  setBound(innerEnds, false);
}

/// What stands beside the loop in `outer` goes to the start of it.
static void sink(AffineForOp outer, AffineForOp inner) {
  Operation *first = &inner.getBody()->front();
  for (Operation &op : llvm::make_early_inc_range(outer.getBody()->without_terminator()))
    if (&op != inner)
      op.moveBefore(first);
}

void fuseLoops(AffineForOp outer) {
  AffineForOp inner = getPerfectChild(outer);
  int64_t size = *getTrips(inner);
  OpBuilder builder(outer);
  std::string axis = (getAxis(outer) + "_" + getAxis(inner)).str();
  sink(outer, inner);
  AffineExpr dim = builder.getAffineDimExpr(0);
  auto scale = [&](AffineMap map) {
    SmallVector<AffineExpr> scaled;
    for (AffineExpr bound : map.getResults())
      scaled.push_back(bound * size);
    return AffineMap::get(map.getNumDims(), map.getNumSymbols(), scaled, builder.getContext());
  };
  AffineMap lower = scale(outer.getLowerBoundMap()), upper = scale(outer.getUpperBoundMap());
  // The body of the inner one becomes that of the outer one.
  builder.setInsertionPointToStart(inner.getBody());
  Value iv = outer.getInductionVar();
  Location loc = outer.getLoc();
  auto apply = [&](AffineExpr expr) -> Value {
    return affine::AffineApplyOp::create(builder, loc, AffineMap::get(1, 0, expr), iv);
  };
  Value high = apply(dim.floorDiv(size)), low = apply(dim % size);
  SmallPtrSet<Operation *, 2> own{high.getDefiningOp(), low.getDefiningOp()};
  iv.replaceAllUsesExcept(high, own);
  inner.getInductionVar().replaceAllUsesWith(low);
  for (auto [mine, its] : llvm::zip_equal(outer.getRegionIterArgs(), inner.getRegionIterArgs()))
    its.replaceAllUsesWith(mine);
  Operation *old = outer.getBody()->getTerminator();
  Operation *terminator = inner.getBody()->getTerminator();
  old->setOperands(terminator->getOperands());
  terminator->erase();
  outer.getBody()->getOperations().splice(Block::iterator(old), inner.getBody()->getOperations());
  inner.erase();
  // What was computed of both is simpler of one.
  SmallVector<affine::AffineApplyOp> applies;
  outer.getBody()->walk([&](affine::AffineApplyOp op) { applies.push_back(op); });
  for (affine::AffineApplyOp op : applies) {
    if (own.contains(op))
      continue;
    AffineMap map = op.getAffineMap();
    SmallVector<Value> operands(op.getMapOperands());
    affine::fullyComposeAffineMapAndOperands(&map, &operands);
    affine::canonicalizeMapAndOperands(&map, &operands);
    op.setMap(simplifyAffineMap(map));
    op->setOperands(operands);
  }
  // Bounds name loops only, as what computes anything else may move.
  outer.getBody()->walk([](AffineForOp loop) {
    auto compose = [&](AffineMap map, ValueRange of, auto set) {
      SmallVector<Value> operands(of);
      affine::fullyComposeAffineMapAndOperands(&map, &operands);
      affine::canonicalizeMapAndOperands(&map, &operands);
      set(operands, map);
    };
    compose(loop.getLowerBoundMap(), loop.getLowerBoundOperands(),
            [&](ValueRange operands, AffineMap map) { loop.setLowerBound(operands, map); });
    compose(loop.getUpperBoundMap(), loop.getUpperBoundOperands(),
            [&](ValueRange operands, AffineMap map) { loop.setUpperBound(operands, map); });
  });
  outer.setLowerBound(SmallVector<Value>(outer.getLowerBoundOperands()), lower);
  outer.setUpperBound(SmallVector<Value>(outer.getUpperBoundOperands()), upper);
  outer->setAttr(attrs::axis, builder.getStringAttr(axis));
}

void reorderLoops(AffineForOp loop, ArrayRef<StringAttr> axes) {
  auto isNamed = [&](AffineForOp at) {
    return llvm::any_of(axes, [&](StringAttr axis) { return axis.getValue() == getAxis(at); });
  };
  AffineForOp outermost = loop;
  for (auto up = loop->getParentOfType<AffineForOp>(); up; up = up->getParentOfType<AffineForOp>())
    if (isNamed(up))
      outermost = up;
  SmallVector<AffineForOp> chain;
  for (AffineForOp at = outermost; chain.size() < axes.size(); at = getPerfectChild(at)) {
    if (isNamed(at))
      chain.push_back(at);
    if (chain.size() == axes.size())
      break;
    sink(at, getPerfectChild(at));
  }
  // Loops stay where they are and take each other's bounds, names and uses.
  struct Header {
    AffineMap lower, upper;
    SmallVector<Value> lowerOperands, upperOperands;
    Attribute axis;
    SmallVector<OpOperand *> uses;
  };
  llvm::StringMap<Header> headers;
  llvm::DenseMap<Value, Value> newIv;
  for (AffineForOp at : chain) {
    Header &header = headers[getAxis(at)];
    header = {at.getLowerBoundMap(),
              at.getUpperBoundMap(),
              SmallVector<Value>(at.getLowerBoundOperands()),
              SmallVector<Value>(at.getUpperBoundOperands()),
              at->getAttr(attrs::axis),
              {}};
    for (OpOperand &use : at.getInductionVar().getUses())
      header.uses.push_back(&use);
  }
  for (auto [slot, axis] : llvm::zip_equal(chain, axes))
    for (AffineForOp at : chain)
      if (at->getAttr(attrs::axis) == axis)
        newIv[at.getInductionVar()] = slot.getInductionVar();
  for (auto &entry : headers)
    for (OpOperand *use : entry.second.uses)
      use->set(newIv.lookup(use->get()));
  auto renamed = [&](ArrayRef<Value> operands) {
    return llvm::map_to_vector(operands, [&](Value operand) {
      Value moved = newIv.lookup(operand);
      return moved ? moved : operand;
    });
  };
  for (auto [slot, axis] : llvm::zip_equal(chain, axes)) {
    Header &header = headers[axis.getValue()];
    slot.setLowerBound(renamed(header.lowerOperands), header.lower);
    slot.setUpperBound(renamed(header.upperOperands), header.upper);
    slot->setAttr(attrs::axis, header.axis);
  }
}

//===----------------------------------------------------------------------===//
// Indices, combiners
//===----------------------------------------------------------------------===//

std::optional<int64_t> getCoefficient(AffineExpr expr, unsigned position) {
  if (!expr.isFunctionOfDim(position))
    return 0;
  if (isa<AffineDimExpr>(expr))
    return 1;
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return std::nullopt;
  if (expr.getKind() == AffineExprKind::Add) {
    auto lhs = getCoefficient(binary.getLHS(), position);
    auto rhs = getCoefficient(binary.getRHS(), position);
    if (lhs && rhs)
      return *lhs + *rhs;
    return std::nullopt;
  }
  auto factor = dyn_cast<AffineConstantExpr>(binary.getRHS());
  if (expr.getKind() == AffineExprKind::Mul && factor)
    if (auto inner = getCoefficient(binary.getLHS(), position))
      return *inner * factor.getValue();
  return std::nullopt;
}

std::optional<int64_t> getStride(Value index, Value iv) {
  if (index == iv)
    return 1;
  auto apply = index.getDefiningOp<affine::AffineApplyOp>();
  if (!apply) {
    // Anything else that is computed in the loop may differ from iteration to iteration.
    Operation *loop = cast<BlockArgument>(iv).getOwner()->getParentOp();
    Operation *op = index.getDefiningOp();
    if (op && loop->isProperAncestor(op))
      return std::nullopt;
    return 0;
  }
  AffineMap map = apply.getAffineMap();
  int64_t stride = 0;
  for (unsigned i = 0; i < map.getNumDims(); ++i) {
    std::optional<int64_t> inner = getStride(apply.getMapOperands()[i], iv);
    if (inner == 0)
      continue;
    std::optional<int64_t> factor = getCoefficient(map.getResult(0), i);
    if (!inner || !factor)
      return std::nullopt;
    stride += *inner * *factor;
  }
  return stride;
}

Operation *getCombiner(AffineForOp loop, unsigned i) {
  Value accumulator = loop.getRegionIterArgs()[i];
  Operation *op = loop.getBody()->getTerminator()->getOperand(i).getDefiningOp();
  if (!op || !accumulator.hasOneUse() || *accumulator.user_begin() != op ||
      !op->getResult(0).hasOneUse())
    return nullptr;
  if (auto fma = dyn_cast<math::FmaOp>(op))
    return fma.getC() == accumulator ? op : nullptr;
  if (isa<arith::AddFOp, arith::MulFOp, arith::MaximumFOp, arith::MinimumFOp, arith::AddIOp,
          arith::MulIOp, arith::MaxSIOp, arith::MaxUIOp, arith::MinSIOp, arith::MinUIOp,
          arith::AndIOp, arith::OrIOp, arith::XOrIOp>(op))
    return op;
  return nullptr;
}

TypedAttr getNeutral(Operation *combiner, Type type) {
  Builder builder(type.getContext());
  if (auto real = dyn_cast<FloatType>(type)) {
    const llvm::fltSemantics &semantics = real.getFloatSemantics();
    if (isa<arith::MulFOp>(combiner))
      return builder.getFloatAttr(type, 1.0);
    if (isa<arith::MaximumFOp, arith::MinimumFOp>(combiner))
      return FloatAttr::get(type, APFloat::getInf(semantics, isa<arith::MaximumFOp>(combiner)));
    return FloatAttr::get(type, APFloat::getZero(semantics, /*Negative=*/true));
  }
  unsigned bits = type.getIntOrFloatBitWidth();
  APInt value = APInt::getZero(bits);
  if (isa<arith::MulIOp>(combiner))
    value = APInt(bits, 1);
  else if (isa<arith::MaxSIOp>(combiner))
    value = APInt::getSignedMinValue(bits);
  else if (isa<arith::MinSIOp>(combiner))
    value = APInt::getSignedMaxValue(bits);
  else if (isa<arith::MinUIOp, arith::AndIOp>(combiner))
    value = APInt::getAllOnes(bits);
  return IntegerAttr::get(type, value);
}

Value combineValues(OpBuilder &b, Operation *combiner, Value lhs, Value rhs) {
  if (isa<math::FmaOp>(combiner))
    return arith::AddFOp::create(b, combiner->getLoc(), lhs, rhs);
  Operation *clone = b.clone(*combiner);
  clone->setOperands({lhs, rhs});
  clone->getResult(0).setType(lhs.getType());
  return clone->getResult(0);
}

} // namespace tg::codegen
