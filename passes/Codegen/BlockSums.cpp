//===- BlockSums.cpp - Long sums in blocks ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One running sum of n terms may be off by n roundings, and stops growing once a term is below half
// an ulp of it. So a loop that adds up more terms than two blocks does so block by block, and adds
// the sums of the blocks in a loop around it, which is blocked in turn: blocked summation (Higham,
// "The Accuracy of Floating Point Summation", 1993).
//
// Before:  %s = scf.for %i = %lb to %ub step %c1 iter_args(%a = %init) -> f32 {
//            %b = arith.addf %a, %x
// After:   %s = scf.for %o = %lb to %ub step %c64 iter_args(%total = %init) -> f32 {
//            %end = min(%o + 64, %ub)
//            %part = scf.for %i = %o to %end step %c1 iter_args(%a = -0.0) -> f32 {
//              %b = arith.addf %a, %x
//            }
//            %t = arith.addf %total, %part
//
// A sum may pass through loops within loops, as that of a convolution does; what counts is the
// number of additions in a row.
//
// Test: test/Codegen/block-sums.mlir
//
//===----------------------------------------------------------------------===//

#include "tg/Codegen/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

namespace tg {
#define GEN_PASS_DEF_BLOCKSUMS
#include "tg/Codegen/Passes.h.inc"
} // namespace tg

using namespace mlir;
using scf::ForOp;

namespace {

/// More than any block; of a loop whose iterations are not known.
constexpr int64_t unknown = int64_t(1) << 40;

/// The additions that one value goes through in an iteration, in order; empty if it goes through
/// anything else.
using Chain = SmallVector<Operation *>;

class SumBlocker {
public:
  SumBlocker(int64_t block, int64_t wideBlock) : block(block), wideBlock(wideBlock) {}

  /// Of loops from the inside out.
  void visit(ForOp loop) {
    int64_t steps = 0;
    if (loop.getUnsignedCmp() || getTrips(loop) <= 1)
      return;
    for (unsigned i = 0; i < loop.getNumResults() && loop.getInductionVar().getType().isIndex();
         ++i)
      if (Chain chain = getChain(loop, i); !chain.empty())
        steps = std::max(steps, countSteps(chain));
    if (steps == 0)
      return;
    int64_t most = getBlock(loop), trips = getTrips(loop);
    if (steps > most / 2) {
      restartChains(loop);
      steps = 1;
    }
    // Where nothing is known three times: a block of blocks of blocks has 262,144 additions.
    int64_t size = std::max<int64_t>(most / steps, 1);
    for (int level = 0; level < 3 || trips < unknown; ++level) {
      if (trips * steps <= 2 * most)
        return;
      loop = split(loop, size);
      trips = trips == unknown ? unknown : llvm::divideCeil(trips, size);
      steps = 1;
      size = most;
    }
  }

private:
  /// Where many sums are carried at once their totals lie in memory.
  int64_t getBlock(ForOp loop) { return loop.getNumResults() > 8 ? wideBlock : block; }

  static int64_t getTrips(ForOp loop) {
    std::optional<int64_t> lower = getConstantIntValue(loop.getLowerBound()),
                           upper = getConstantIntValue(loop.getUpperBound()),
                           step = getConstantIntValue(loop.getStep());
    if (!lower || !upper || !step || *step < 1)
      return unknown;
    return std::min(unknown - 1, std::max<int64_t>(llvm::divideCeil(*upper - *lower, *step), 0));
  }

  static Chain getChain(ForOp loop, unsigned i) {
    Chain chain;
    Value value = loop.getRegionIterArg(i);
    if (!isa<FloatType, VectorType>(value.getType()) ||
        !isa<FloatType>(getElementTypeOrSelf(value.getType())))
      return {};
    Operation *terminator = loop.getBody()->getTerminator();
    while (value.hasOneUse()) {
      OpOperand &use = *value.use_begin();
      Operation *user = use.getOwner();
      if (user == terminator)
        return use.getOperandNumber() == i ? chain : Chain();
      if (user->getBlock() != loop.getBody())
        return {};
      if (auto inner = dyn_cast<ForOp>(user)) {
        unsigned first = inner.getNumControlOperands();
        if (use.getOperandNumber() < first ||
            getChain(inner, use.getOperandNumber() - first).empty())
          return {};
        value = inner.getResult(use.getOperandNumber() - first);
      } else if (isa<arith::AddFOp>(user) ||
                 (isa<math::FmaOp>(user) && use.getOperandNumber() == 2)) {
        value = user->getResult(0);
      } else {
        return {};
      }
      chain.push_back(user);
    }
    return {};
  }

  static int64_t countSteps(ArrayRef<Operation *> chain) {
    int64_t steps = 0;
    for (Operation *op : chain)
      steps += countSteps(op);
    return std::min(steps, unknown);
  }
  static int64_t countSteps(Operation *op) {
    auto loop = dyn_cast<ForOp>(op);
    if (!loop)
      return 1;
    int64_t most = 1;
    for (unsigned i = 0; i < loop.getNumResults(); ++i)
      most = std::max(most, countSteps(getChain(loop, i)));
    int64_t trips = getTrips(loop);
    return trips == unknown ? unknown : std::min(unknown, most * trips);
  }

  static Value makeNeutral(OpBuilder &builder, Location loc, Type type) {
    auto element = cast<FloatType>(getElementTypeOrSelf(type));
    TypedAttr zero = FloatAttr::get(element, APFloat::getZero(element.getFloatSemantics(), true));
    if (auto vector = dyn_cast<VectorType>(type))
      zero = DenseElementsAttr::get(vector, zero);
    return arith::ConstantOp::create(builder, loc, zero);
  }

  /// What an iteration adds up by loops within is added up from zero, and then added.
  static void restartChains(ForOp loop) {
    OpBuilder builder(loop);
    for (unsigned i = 0; i < loop.getNumResults(); ++i) {
      Chain chain = getChain(loop, i);
      if (chain.empty() || countSteps(chain) == 1)
        continue;
      Value total = loop.getRegionIterArg(i);
      builder.setInsertionPointToStart(loop.getBody());
      total.replaceAllUsesWith(makeNeutral(builder, loop.getLoc(), total.getType()));
      Operation *terminator = loop.getBody()->getTerminator();
      builder.setInsertionPoint(terminator);
      terminator->setOperand(
          i, arith::AddFOp::create(builder, loop.getLoc(), total, terminator->getOperand(i)));
    }
  }

  /// The loop around `loop`, which goes through `size` iterations each time now.
  static ForOp split(ForOp loop, int64_t size) {
    OpBuilder builder(loop);
    Location loc = loop.getLoc();
    SmallVector<Value> inits;
    llvm::BitVector isSum(loop.getNumResults());
    for (unsigned i = 0; i < loop.getNumResults(); ++i) {
      isSum[i] = !getChain(loop, i).empty();
      inits.push_back(isSum[i] ? makeNeutral(builder, loc, loop.getResult(i).getType()) : Value());
    }
    std::optional<int64_t> known = getConstantIntValue(loop.getStep());
    Value step = arith::ConstantIndexOp::create(builder, loc, known.value_or(1) * size);
    if (!known)
      step = arith::MulIOp::create(builder, loc, loop.getStep(), step);
    auto outer = ForOp::create(builder, loc, loop.getLowerBound(), loop.getUpperBound(), step,
                               loop.getInitArgs());
    loop.replaceAllUsesWith(outer.getResults());
    loop->moveBefore(outer.getBody(), outer.getBody()->end());
    builder.setInsertionPoint(loop);
    Value end = arith::AddIOp::create(builder, loc, outer.getInductionVar(), step);
    end = arith::MinSIOp::create(builder, loc, end, loop.getUpperBound());
    loop.setLowerBound(outer.getInductionVar());
    loop.setUpperBound(end);
    builder.setInsertionPointAfter(loop);
    SmallVector<Value> results;
    for (unsigned i = 0; i < loop.getNumResults(); ++i) {
      Value total = outer.getRegionIterArg(i), part = loop.getResult(i);
      loop.getInitArgsMutable()[i].set(isSum[i] ? inits[i] : total);
      results.push_back(isSum[i] ? arith::AddFOp::create(builder, loc, total, part).getResult()
                                 : part);
    }
    scf::YieldOp::create(builder, loc, results);
    return outer;
  }

  int64_t block, wideBlock;
};

struct BlockSumsPass : tg::impl::BlockSumsBase<BlockSumsPass> {
  using BlockSumsBase::BlockSumsBase;

  LogicalResult initialize(MLIRContext *context) override {
    if (block < 2 || wideBlock < 2)
      return emitError(UnknownLoc::get(context), "block, wide-block: expected at least 2");
    return success();
  }

  void runOnOperation() override {
    SmallVector<ForOp> loops;
    getOperation().walk([&](ForOp loop) { loops.push_back(loop); });
    SumBlocker blocker(block, wideBlock);
    for (ForOp loop : loops)
      blocker.visit(loop);
  }
};

} // namespace
