//===- NestExpander.cpp - Loops of an expanded nest ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NestExpander.h"

#include "NestBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using affine::AffineForOp;

namespace tg::codegen {

Value NestExpander::offsetBy(Value index, int64_t amount) {
  if (amount == 0)
    return index;
  AffineExpr dim = b.getAffineDimExpr(0);
  return affine::AffineApplyOp::create(b, AffineMap::get(1, 0, dim + amount), index);
}

/// The dims that anything in the loop depends on, by what comes from outside.
unsigned NestExpander::getCapturedMask(AffineForOp loop) {
  unsigned mask = 0;
  loop->walk([&](Operation *op) {
    for (Value operand : op->getOperands())
      if (!loop.getRegion().isAncestor(operand.getParentRegion()))
        mask |= get(operand).mask;
  });
  return mask;
}

//===----------------------------------------------------------------------===//
// The nest
//===----------------------------------------------------------------------===//

LogicalResult NestExpander::run() {
  auto outer = AffineForOp::create(b, nest.getLowerBoundOperands(), nest.getLowerBoundMap(),
                                   nest.getUpperBoundOperands(), nest.getUpperBoundMap());
  outer->setDiscardableAttrs(nest->getDiscardableAttrDictionary());
  b.setInsertionPointToStart(outer.getBody());
  bind(nest.getInductionVar(), {0, {outer.getInductionVar()}, false, 0});
  if (failed(emitBlock(*nest.getBody()))) {
    outer.erase();
    return failure();
  }
  nest.erase();
  return success();
}

LogicalResult NestExpander::runReduction() {
  Operation *before = nest->getPrevNode();
  if (succeeded(emitLoop(nest))) {
    for (Value result : nest.getResults())
      result.replaceAllUsesWith(get(result).values.front());
    nest.erase();
    return success();
  }
  while (nest->getPrevNode() != before)
    nest->getPrevNode()->erase();
  return failure();
}

LogicalResult NestExpander::emitBlock(Block &block) {
  for (Operation &op : block.without_terminator())
    if (failed(emitOp(&op)))
      return failure();
  return success();
}

LogicalResult NestExpander::emitOp(Operation *op) {
  b.setLoc(op->getLoc());
  if (auto loop = dyn_cast<AffineForOp>(op))
    return emitLoop(loop);
  if (auto apply = dyn_cast<affine::AffineApplyOp>(op))
    return emitApply(apply);
  if (auto load = dyn_cast<memref::LoadOp>(op))
    return emitLoad(load, Value(), load.getResult());
  if (auto store = dyn_cast<memref::StoreOp>(op))
    return emitStore(store);
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return emitGuardedLoad(branch);
  return emitElementwise(op);
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

/// Bounds are over variables, and over loops that are not expanded.
Value NestExpander::emitBound(AffineMap map, ValueRange operands) {
  SmallVector<Value> values;
  for (Value operand : operands)
    values.push_back(get(operand).values.front());
  if (map.getNumResults() > 1)
    return affine::AffineMinOp::create(b, map, values);
  return affine::AffineApplyOp::create(b, map, values);
}

LogicalResult NestExpander::emitLoop(AffineForOp loop) {
  Value lower = emitBound(loop.getLowerBoundMap(), loop.getLowerBoundOperands());
  Value upper = emitBound(loop.getUpperBoundMap(), loop.getUpperBoundOperands());
  Expansion opt = expansions.lookup(loop);
  if (opt.isExpanded() && loop->hasAttr(attrs::parallel))
    return emitParallelLoop(loop, opt, lower, upper, getTrips(loop));
  bool isReduction = opt.isExpanded() && loop.getNumResults() > 0;
  for (unsigned i = 0; i < loop.getNumResults(); ++i)
    isReduction &= getCombiner(loop, i) != nullptr;
  if (isReduction)
    return emitReduction(loop, opt, lower, upper, getTrips(loop));
  SmallVector<Instances> inits, results;
  for (Value init : loop.getInits())
    inits.push_back(get(init));
  if (failed(emitPlainLoop(loop, lower, upper, inits, results)))
    return failure();
  for (auto [value, instances] : llvm::zip_equal(loop.getResults(), results))
    bind(value, std::move(instances));
  return success();
}

/// One iteration after the other; what it carries has an instance per copy around.
LogicalResult NestExpander::emitPlainLoop(AffineForOp loop, Value lower, Value upper,
                                          ArrayRef<Instances> inits,
                                          SmallVectorImpl<Instances> &results) {
  unsigned mask = 0;
  if (loop.getNumResults() > 0) {
    mask = getCapturedMask(loop);
    for (const Instances &init : inits)
      mask |= init.mask;
  }
  bool makesVector = (mask & vectorBit) != 0;
  SmallVector<Value> carried;
  for (const Instances &init : inits)
    forEachCopy(mask, [&](const Copies &copies) {
      carried.push_back(makesVector ? vectorAt(init, copies) : at(init, copies));
    });
  Value one = arith::ConstantIndexOp::create(b, 1);
  auto clone = scf::ForOp::create(b, lower, upper, one, carried);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(clone.getBody());
  bind(loop.getInductionVar(), {0, {clone.getInductionVar()}, false, 0});
  unsigned perValue = inits.empty() ? 0 : carried.size() / inits.size();
  for (auto [i, argument] : llvm::enumerate(loop.getRegionIterArgs())) {
    ValueRange values = clone.getRegionIterArgs().slice(i * perValue, perValue);
    bind(argument, {mask, SmallVector<Value, 4>(values), false, 0});
  }
  if (failed(emitBlock(*loop.getBody())))
    return failure();
  if (!inits.empty()) {
    SmallVector<Value> yielded;
    for (Value value : loop.getBody()->getTerminator()->getOperands()) {
      Instances instances = get(value);
      forEachCopy(mask, [&](const Copies &copies) {
        yielded.push_back(makesVector ? vectorAt(instances, copies) : at(instances, copies));
      });
    }
    scf::YieldOp::create(b, yielded);
  }
  for (unsigned i = 0; i < inits.size(); ++i) {
    ValueRange values = clone.getResults().slice(i * perValue, perValue);
    results.push_back({mask, SmallVector<Value, 4>(values), false, 0});
  }
  return success();
}

/// The body once, for `dim.copies` times `dim.width` iterations from `iv` on.
LogicalResult NestExpander::emitCopies(AffineForOp loop, Dim dim, Value iv) {
  unsigned bit = 1u << dims.size();
  dim.iv = loop.getInductionVar();
  dims.push_back(dim);
  if (dim.width > 1) {
    if (vectorBit)
      return failure();
    vectorBit = bit;
    width = dim.width;
  }
  Instances instances;
  instances.mask = bit;
  instances.isLinear = dim.width > 1;
  instances.step = 1;
  for (unsigned copy = 0; copy < dim.copies; ++copy)
    instances.values.push_back(offsetBy(iv, copy * dim.width));
  bind(loop.getInductionVar(), std::move(instances));
  if (failed(emitBlock(*loop.getBody())))
    return failure();
  dims.pop_back();
  if (dim.width > 1) {
    vectorBit = 0;
    width = 1;
  }
  return success();
}

/// Whether a truncation may be part of a store. LLVM 22 stores too much where it sees that the mask
/// of a truncating store has one lane.
static bool storesNarrow(AffineForOp loop) {
  WalkResult result = loop.walk([](memref::StoreOp store) {
    return store.getValueToStore().getType().getIntOrFloatBitWidth() < 32 ? WalkResult::interrupt()
                                                                          : WalkResult::advance();
  });
  return result.wasInterrupted();
}

LogicalResult NestExpander::emitParallelLoop(AffineForOp loop, const Expansion &opt, Value lower,
                                             Value upper, std::optional<int64_t> trips) {
  Value start = lower;
  // A block that begins behind the end has no iterations, not a negative number.
  if (!trips && !(loop.hasConstantLowerBound() && loop.getConstantLowerBound() == 0))
    upper = arith::MaxSIOp::create(b, lower, upper);
  // As many iterations of `dim` as fit.
  auto emitMain = [&](Dim dim) -> LogicalResult {
    int64_t step = dim.copies * dim.width;
    Value end;
    if (trips) {
      int64_t count = *trips / step;
      if (count == 0)
        return success();
      trips = *trips - count * step;
      end = offsetBy(start, count * step);
    } else {
      AffineExpr from = b.getAffineDimExpr(0), to = b.getAffineDimExpr(1);
      AffineMap map = AffineMap::get(2, 0, from + (to - from).floorDiv(step) * step);
      end = affine::AffineApplyOp::create(b, map, ValueRange{start, upper});
    }
    Value stepValue = arith::ConstantIndexOp::create(b, step);
    auto main = scf::ForOp::create(b, start, end, stepValue);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(main.getBody());
    start = end;
    return emitCopies(loop, dim, main.getInductionVar());
  };
  if (failed(emitMain({unsigned(opt.copies), opt.width})))
    return failure();
  // The last `count` vectors, of which the very last one is partial.
  auto emitTail = [&](Value iv, unsigned count) {
    VectorType type = VectorType::get({opt.width}, b.getI1Type());
    for (unsigned i = 0; i < count; ++i) {
      AffineExpr left = b.getAffineDimExpr(1) - b.getAffineDimExpr(0) - i * opt.width;
      Value lanes =
          affine::AffineApplyOp::create(b, AffineMap::get(2, 0, left), ValueRange{iv, upper});
      tailMasks.push_back(vector::CreateMaskOp::create(b, type, lanes));
    }
    LogicalResult emitted = emitCopies(loop, {count, opt.width}, iv);
    tailMasks.clear();
    return emitted;
  };
  // Where there is a rest.
  auto emitTailLoop = [&](unsigned count) -> LogicalResult {
    Value step = arith::ConstantIndexOp::create(b, count * opt.width);
    auto tail = scf::ForOp::create(b, start, upper, step);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(tail.getBody());
    return emitTail(tail.getInductionVar(), count);
  };
  std::optional<int64_t> rest = trips ? trips : getRest(loop, opt.copies * opt.width);
  if (!rest) {
    // Fewer and fewer copies.
    if (opt.copies > 1)
      for (unsigned copies : {4u, 1u})
        if (copies < opt.copies && !(copies > 1 && opt.width > 1) &&
            failed(emitMain({copies, opt.width})))
          return failure();
    return opt.width == 1 ? success() : emitTailLoop(1);
  }
  if (*rest % opt.width == 0)
    return *rest == 0 ? success() : emitMain({unsigned(*rest / opt.width), opt.width});
  if (*rest % opt.width == 1 && storesNarrow(loop)) {
    if (*rest > 1 && failed(emitMain({unsigned(*rest / opt.width), opt.width})))
      return failure();
    return emitMain({1, 1});
  }
  unsigned count = llvm::divideCeil(*rest, opt.width);
  return trips ? emitTail(start, count) : emitTailLoop(count);
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

Value NestExpander::combine(Operation *combiner, Value lhs, Value rhs) {
  return combineValues(b, combiner, lhs, rhs);
}

/// Halves against halves.
Value NestExpander::reduceLanes(Operation *combiner, Value vector) {
  int64_t count = cast<VectorType>(vector.getType()).getDimSize(0);
  for (; count > 1; count /= 2) {
    SmallVector<int64_t> low, high;
    for (int64_t i = 0; i < count / 2; ++i) {
      low.push_back(i);
      high.push_back(count / 2 + i);
    }
    Value first = vector::ShuffleOp::create(b, vector, vector, low);
    Value second = vector::ShuffleOp::create(b, vector, vector, high);
    vector = combine(combiner, first, second);
  }
  return vector::ExtractOp::create(b, vector, ArrayRef<int64_t>{0});
}

/// The loop over whole steps of a reduction, in which each lane and copy reduces a part of its own
/// from the neutral element on. Its results are those of the loop in order, each with an instance
/// per copy of the dims in `outerMask` and of the loop itself.
FailureOr<scf::ForOp> NestExpander::emitParts(AffineForOp loop, const Expansion &opt, Value lower,
                                              Value upper, unsigned outerMask) {
  unsigned bit = 1u << dims.size(), oldBit = vectorBit;
  int64_t oldWidth = width;
  dims.push_back({unsigned(opt.copies), opt.width, loop.getInductionVar()});
  if (opt.width > 1) {
    vectorBit = bit;
    width = opt.width;
  }
  unsigned mask = outerMask | bit;
  bool makesVector = (mask & vectorBit) != 0;
  SmallVector<Value> carried;
  for (auto [i, init] : llvm::enumerate(loop.getInits())) {
    Value neutral = arith::ConstantOp::create(b, getNeutral(getCombiner(loop, i), init.getType()));
    if (makesVector)
      neutral = broadcast(neutral);
    forEachCopy(mask, [&](const Copies &) { carried.push_back(neutral); });
  }
  Value step = arith::ConstantIndexOp::create(b, opt.copies * opt.width);
  auto main = scf::ForOp::create(b, lower, upper, step, carried);
  unsigned perValue = carried.size() / loop.getNumResults();
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(main.getBody());
  Instances iv;
  iv.mask = bit;
  iv.isLinear = opt.width > 1;
  iv.step = 1;
  for (unsigned copy = 0; copy < opt.copies; ++copy)
    iv.values.push_back(offsetBy(main.getInductionVar(), copy * opt.width));
  bind(loop.getInductionVar(), std::move(iv));
  for (auto [i, argument] : llvm::enumerate(loop.getRegionIterArgs())) {
    ValueRange values = main.getRegionIterArgs().slice(i * perValue, perValue);
    bind(argument, {mask, SmallVector<Value, 4>(values), false, 0});
  }
  if (failed(emitBlock(*loop.getBody())))
    return failure();
  SmallVector<Value> yielded;
  for (Value value : loop.getBody()->getTerminator()->getOperands()) {
    Instances instances = get(value);
    forEachCopy(mask, [&](const Copies &copies) {
      yielded.push_back(makesVector ? vectorAt(instances, copies) : at(instances, copies));
    });
  }
  scf::YieldOp::create(b, yielded);
  dims.pop_back();
  vectorBit = oldBit;
  width = oldWidth;
  return main;
}

/// The parts of one value, of which there are `copies` for each of `total`, combined with that.
NestExpander::Instances NestExpander::combineParts(Operation *combiner, ValueRange parts,
                                                   const Expansion &opt, const Instances &total,
                                                   unsigned outerMask) {
  Instances combined;
  combined.mask = outerMask;
  forEachCopy(outerMask, [&](const Copies &copies) {
    // The loop's own copies are the last dim: neighbors.
    SmallVector<Value> own(parts.take_front(opt.copies));
    parts = parts.drop_front(opt.copies);
    for (; own.size() > 1; own.resize((own.size() + 1) / 2))
      for (unsigned i = 0; i < own.size() / 2; ++i)
        own[i] = combine(combiner, own[i], own[own.size() - 1 - i]);
    Value value = opt.width > 1 ? reduceLanes(combiner, own[0]) : own[0];
    Value start = isa<VectorType>(value.getType()) ? vectorAt(total, copies) : at(total, copies);
    combined.values.push_back(combine(combiner, start, value));
  });
  return combined;
}

/// Lanes and copies each reduce a part; the parts are combined afterwards, then what is left over
/// is added one by one.
LogicalResult NestExpander::emitReduction(AffineForOp loop, const Expansion &opt, Value lower,
                                          Value upper, std::optional<int64_t> trips) {
  int64_t step = opt.copies * opt.width;
  if (vectorBit && opt.width > 1)
    return failure();
  unsigned outerMask = getCapturedMask(loop);
  SmallVector<Instances> totals, results;
  for (Value init : loop.getInits()) {
    totals.push_back(get(init));
    outerMask |= totals.back().mask;
  }
  Value end = lower;
  if (!trips || *trips >= step) {
    AffineExpr from = b.getAffineDimExpr(0), to = b.getAffineDimExpr(1);
    AffineMap map = AffineMap::get(2, 0, from + (to - from).floorDiv(step) * step);
    end = affine::AffineApplyOp::create(b, map, ValueRange{lower, upper});
    FailureOr<scf::ForOp> main = emitParts(loop, opt, lower, end, outerMask);
    if (failed(main))
      return failure();
    unsigned perValue = main->getNumResults() / loop.getNumResults();
    for (auto [i, total] : llvm::enumerate(totals))
      total = combineParts(getCombiner(loop, i), main->getResults().slice(i * perValue, perValue),
                           opt, total, outerMask);
  }
  if (trips && *trips % step == 0)
    results = std::move(totals);
  else if (failed(emitPlainLoop(loop, end, upper, totals, results)))
    return failure();
  for (auto [value, instances] : llvm::zip_equal(loop.getResults(), results))
    bind(value, std::move(instances));
  return success();
}

} // namespace tg::codegen
