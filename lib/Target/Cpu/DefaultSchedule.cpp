//===- DefaultSchedule.cpp - The default schedule for CPUs ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Chooses a schedule for the loops of each kernel and writes it down:
//
//   affine.for %i = 0 to 512 {            split(d0, 14), unroll(d0.i, 14): rows of a register tile
//     affine.for %j = 0 to 512 {          vectorize(d1, 16), unroll(d1, 2): its columns
//       affine.for %k = 0 to 512 iter_args(%acc = %zero) -> (f32) { ... } {tg.axis = "r0"}
//     } {tg.axis = "d1", tg.parallel}
//   } {tg.axis = "d0", tg.parallel}
//
// The loop to vectorize is the one along which the accesses of the innermost body cost least:
// neighbors are one vector load, the same element for all lanes is a broadcast, all else a load per
// lane. With a reduction inside, loops along which vectors or elements are used again are unrolled,
// as far as the registers hold the accumulators.
//
// Tested by test/Target/Cpu/default-schedule.mlir.
//
//===----------------------------------------------------------------------===//

#include "Contraction.h"

#include "tg/Analysis/NestPlan.h"
#include "tg/Codegen/LoopTree.h"
#include "tg/Target/Cpu/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>

namespace tg {
#define GEN_PASS_DEF_DEFAULTSCHEDULE
#include "tg/Target/Cpu/Passes.h.inc"
} // namespace tg

using namespace mlir;
using namespace tg;
using namespace tg::codegen;
using namespace tg::uop;
using affine::AffineForOp;

namespace {

/// Iterations where they are constant, else a guess at many. At least one: costs and tiles divide
/// by them, and how an empty loop is tiled does not matter.
int64_t guessTrips(AffineForOp loop) {
  if (loop.hasConstantBounds())
    return std::max<int64_t>(loop.getConstantUpperBound() - loop.getConstantLowerBound(), 1);
  return 256;
}

/// What is to be done to one loop: iterations of an outermost one that make a unit of work, lanes,
/// and copies of the body.
struct LoopOpt {
  int64_t tile = 1;
  int64_t width = 1;
  int64_t copies = 1;
};
using LoopOpts = llvm::DenseMap<Operation *, LoopOpt>;

/// A load or a store, and how many loops lie between it and the body looked at.
struct MemoryAccess {
  Value index;
  bool isStore;
  double weight;
};

class Scheduler {
public:
  explicit Scheduler(const Machine &machine)
      : machine(machine), vectorBits(machine.vectorBits), registers(machine.vectorRegisters) {}

  void schedule(AffineForOp outermost) {
    if (std::optional<cpu::Contraction> found = cpu::Contraction::find(outermost, machine))
      contractions[outermost] = std::move(*found);
    if (isSmallPart(outermost)) {
      opts[outermost].tile = guessTrips(outermost);
      if (outermost.getBody()->getOps<AffineForOp>().empty() && guessTrips(outermost) <= 8)
        opts[outermost].copies = guessTrips(outermost);
    } else if (isParallel(outermost)) {
      scheduleBand(outermost, true);
    } else {
      scheduleBody(outermost, false);
    }
  }
  /// The choices as actions; what is not possible is left out.
  ScheduleAttr writeSchedule(func::FuncOp function) const;

private:
  void scheduleBand(AffineForOp first, bool isOutermost);
  void scheduleBody(ArrayRef<AffineForOp> band, bool isOutermost);
  void collect(Block &block, double weight, SmallVectorImpl<MemoryAccess> &accesses);
  double costAlong(AffineForOp loop, ArrayRef<MemoryAccess> accesses, int64_t lanes);
  int64_t lanesFor(AffineForOp loop, Operation *body);
  void unrollRows(ArrayRef<AffineForOp> band, AffineForOp vectorLoop, ArrayRef<AffineForOp> loops);
  void transposeTile(ArrayRef<AffineForOp> band, AffineForOp vectorLoop,
                     ArrayRef<MemoryAccess> accesses);
  void unrollOutside(AffineForOp loop);
  void setTile(AffineForOp outermost);
  static bool isSmallPart(AffineForOp outermost);

  Machine machine;
  unsigned vectorBits, registers;
  LoopOpts opts;
  /// By the outermost loop of each.
  llvm::DenseMap<Operation *, cpu::Contraction> contractions;
};

} // namespace

/// Whether the nest is one of many in its kernel, as those of a concatenation of many operands are,
/// and has few elements: main loops, remainders and masks of each would be most of the code.
bool Scheduler::isSmallPart(AffineForOp outermost) {
  constexpr int64_t maxElements = 64;
  constexpr size_t many = 16;
  if (!isParallel(outermost) ||
      !llvm::hasNItemsOrMore(outermost->getBlock()->getOps<AffineForOp>(), many))
    return false;
  int64_t elements = 1;
  WalkResult walked = outermost.walk([&](AffineForOp loop) {
    if (!loop.hasConstantBounds() || llvm::MulOverflow(elements, guessTrips(loop), elements) ||
        elements > maxElements)
      return WalkResult::interrupt();
    return WalkResult::advance();
  });
  return !walked.wasInterrupted();
}

void Scheduler::collect(Block &block, double weight, SmallVectorImpl<MemoryAccess> &accesses) {
  block.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (auto loop = dyn_cast<AffineForOp>(op)) {
      collect(*loop.getBody(), weight * guessTrips(loop), accesses);
      return WalkResult::skip();
    }
    if (auto load = dyn_cast<memref::LoadOp>(op))
      accesses.push_back({load.getIndices().front(), false, weight});
    if (auto store = dyn_cast<memref::StoreOp>(op))
      accesses.push_back({store.getIndices().front(), true, weight});
    return WalkResult::advance();
  });
}

/// Whether vectors of it are as many scalar divisions.
static bool dividesWideIntegers(Operation *op) {
  return isa<arith::DivSIOp, arith::DivUIOp, arith::RemSIOp, arith::RemUIOp>(op) &&
         op->getResult(0).getType().isInteger(64) && !matchPattern(op->getOperand(1), m_Constant());
}

/// Lanes of a vector of the widest elements that are computed with; fewer in a short loop.
int64_t Scheduler::lanesFor(AffineForOp loop, Operation *body) {
  unsigned bits = 0;
  bool has32 = false, divides = false;
  body->walk([&](Operation *op) {
    divides |= dividesWideIntegers(op);
    for (Type type : op->getResultTypes())
      if (type.isIntOrFloat()) {
        bits = std::max(bits, type.getIntOrFloatBitWidth());
        has32 |= type.getIntOrFloatBitWidth() == 32;
      }
  });
  if (divides)
    return 1;
  int64_t lanes = vectorBits / std::max(has32 ? 32u : bits, 8u);
  while (lanes > 1 && lanes / 2 >= guessTrips(loop))
    lanes /= 2;
  return lanes;
}

/// The cost of an access per lane, of which a scalar one is 1. Vectors in steps are loaded whole
/// and shuffled; what lies further apart is taken element by element.
static double getLaneCost(std::optional<int64_t> stride, bool isStore, double lanes) {
  if (stride == 0)
    return isStore ? 2 : 1 / lanes;
  if (stride == 1)
    return 1 / lanes;
  if (stride && *stride > 1 && *stride <= maxShuffledStep && !isStore)
    return (2.0 * static_cast<double>(*stride) - 1) / lanes;
  return 1.25;
}

/// The cost of the accesses per iteration when `loop` is vectorized.
double Scheduler::costAlong(AffineForOp loop, ArrayRef<MemoryAccess> accesses, int64_t lanes) {
  double cost = 0;
  for (const MemoryAccess &access : accesses) {
    std::optional<int64_t> stride = getStride(access.index, loop.getInductionVar());
    cost += access.weight * getLaneCost(stride, access.isStore, lanes);
  }
  // Lanes of the last vector that are not used.
  double trips = guessTrips(loop);
  return cost * (std::ceil(trips / lanes) * lanes) / trips;
}

void Scheduler::scheduleBand(AffineForOp first, bool isOutermost) {
  SmallVector<AffineForOp> band{first};
  while (true) {
    auto inner = band.back().getBody()->getOps<AffineForOp>();
    // What stores beside the inner loop may use what that has stored.
    bool isPerfect = band.back().getBody()->getOps<memref::StoreOp>().empty();
    if (!llvm::hasSingleElement(inner) || !isParallel(*inner.begin()) || !isPerfect)
      break;
    band.push_back(*inner.begin());
  }
  // Parallel loops among others in the body: they are what is worth vectorizing, and reductions
  // beside them each along its own loop.
  bool hasParallel = llvm::any_of(band.back().getBody()->getOps<AffineForOp>(), isParallel);
  if (!hasParallel)
    return scheduleBody(band, isOutermost);
  for (auto inner : band.back().getBody()->getOps<AffineForOp>()) {
    if (isParallel(inner))
      scheduleBand(inner, false);
    else
      scheduleBody(inner, false);
  }
  unrollOutside(band.back());
  if (isOutermost)
    setTile(band.front());
}

/// Innermost loops in `op`.
static SmallVector<AffineForOp> innermostLoops(Operation *op) {
  SmallVector<AffineForOp> loops;
  op->walk([&](AffineForOp loop) {
    if (loop.getBody()->getOps<AffineForOp>().empty())
      loops.push_back(loop);
  });
  return loops;
}

void Scheduler::scheduleBody(ArrayRef<AffineForOp> band, bool isOutermost) {
  AffineForOp last = band.back();
  SmallVector<MemoryAccess> accesses;
  collect(*last.getBody(), isParallel(last) ? 1 : guessTrips(last), accesses);
  SmallVector<AffineForOp> reductions = innermostLoops(last);
  llvm::erase_if(reductions, [](AffineForOp loop) { return !isReducible(loop); });

  // Which loop: parallel ones first, the innermost of equals.
  AffineForOp best;
  double bestCost = 0;
  for (const MemoryAccess &access : accesses)
    bestCost += access.weight;
  for (AffineForOp loop : llvm::reverse(band)) {
    if (!isParallel(loop))
      continue;
    int64_t lanes = lanesFor(loop, last);
    if (lanes < 2)
      continue;
    double cost = costAlong(loop, accesses, lanes);
    if (cost < bestCost * 0.99) {
      best = loop;
      bestCost = cost;
    }
  }
  bool alongReductions = false;
  if (!reductions.empty()) {
    // Each reduction along its own loop; what lies outside stays scalar.
    double cost = 0;
    for (const MemoryAccess &access : accesses) {
      double perLane = 1;
      for (AffineForOp loop : reductions) {
        Operation *def = access.index.getDefiningOp();
        bool isInside = access.index == loop.getInductionVar() || (def && loop->isAncestor(def));
        if (!isInside)
          continue;
        int64_t lanes = lanesFor(loop, loop);
        std::optional<int64_t> stride = getStride(access.index, loop.getInductionVar());
        double used = std::ceil(double(guessTrips(loop)) / lanes) * lanes / guessTrips(loop);
        perLane = getLaneCost(stride, false, lanes) * used;
      }
      cost += access.weight * perLane;
    }
    if (cost < bestCost * 0.99) {
      alongReductions = true;
      best = {};
    }
  }
  if (alongReductions) {
    for (AffineForOp loop : reductions) {
      opts[loop].width = lanesFor(loop, loop);
      opts[loop].copies = 4;
    }
    unrollRows(band, {}, reductions);
  } else if (best) {
    LoopOpt &opt = opts[best];
    opt.width = lanesFor(best, last);
    bool hasLoops = !innermostLoops(last).empty() && innermostLoops(last).front() != last;
    int64_t vectors = std::max<int64_t>(guessTrips(best) / opt.width, 1);
    unsigned numOps = std::distance(last.getBody()->begin(), last.getBody()->end());
    opt.copies = std::min<int64_t>(vectors, hasLoops ? 2 : numOps > 40 ? 1 : numOps > 16 ? 2 : 4);
    if (hasLoops)
      unrollRows(band, best, innermostLoops(last));
    else
      transposeTile(band, best, accesses);
  }
  if (isOutermost && isParallel(band.front()))
    setTile(band.front());
}

/// Unrolls the loops of the band along which loads of the innermost loops are used again.
void Scheduler::unrollRows(ArrayRef<AffineForOp> band, AffineForOp vectorLoop,
                           ArrayRef<AffineForOp> loops) {
  if (loops.size() != 1)
    return;
  AffineForOp inner = loops.front();
  if (inner.getNumResults() == 0)
    return;
  SmallVector<MemoryAccess> accesses;
  collect(*inner.getBody(), 1, accesses);
  auto isReused = [&](AffineForOp loop) {
    return llvm::any_of(accesses, [&](const MemoryAccess &access) {
      return !access.isStore && getStride(access.index, loop.getInductionVar()) == 0;
    });
  };
  SmallVector<AffineForOp> rows;
  for (AffineForOp loop : llvm::reverse(band))
    if (isParallel(loop) && loop != vectorLoop && isReused(loop))
      rows.push_back(loop);
  // Vectors used again are worth more than elements.
  auto countVectors = [&](AffineForOp loop) {
    return llvm::count_if(accesses, [&](const MemoryAccess &access) {
      return vectorLoop && getStride(access.index, vectorLoop.getInductionVar()) != 0 &&
             getStride(access.index, loop.getInductionVar()) == 0;
    });
  };
  for (size_t i = 1; i < rows.size(); ++i)
    if (countVectors(rows[i]) > countVectors(rows[0]))
      std::swap(rows[i], rows[0]);
  int64_t accumulators = inner.getNumResults();
  if (vectorLoop) {
    // Columns by rows: the accumulators, a register per column, and what the rows are.
    bool reusesColumns = isReused(vectorLoop);
    LoopOpt &columns = opts[vectorLoop];
    if (rows.empty() || !reusesColumns) {
      columns.copies = std::min<int64_t>(
          columns.copies * 2, std::max<int64_t>(guessTrips(vectorLoop) / columns.width, 1));
      if (rows.empty())
        return;
    }
    int64_t limit =
        std::max<int64_t>((registers - columns.copies - 2) / (columns.copies * accumulators), 1);
    // Rows in tiles of about the same height.
    int64_t trips = guessTrips(rows.front()), tiles = (trips + limit - 1) / limit;
    opts[rows.front()].copies =
        rows.front().hasConstantBounds() ? (trips + tiles - 1) / tiles : limit;
    return;
  }
  // Dot products: as many chains as hide the latency.
  int64_t side = registers >= 32 ? 4 : 2;
  for (AffineForOp loop : ArrayRef(rows).take_front(2))
    opts[loop].copies = std::min(side, guessTrips(loop));
  opts[inner].copies = rows.size() >= 2 ? 1 : rows.size() == 1 ? 2 : 4;
}

/// Whether neighboring iterations of the loop have different slots for the rows that they keep.
static bool hasSlots(AffineForOp loop) {
  bool result = true;
  loop.getBody()->walk([&](affine::AffineApplyOp apply) {
    auto operands = apply.getMapOperands();
    auto it = llvm::find(operands, loop.getInductionVar());
    apply.getAffineMap().getResult(0).walk([&](AffineExpr expr) {
      auto slot = dyn_cast<AffineBinaryOpExpr>(expr);
      if (!slot || slot.getKind() != AffineExprKind::Mod ||
          slot.getRHS() != getAffineConstantExpr(stagedRows, loop.getContext()))
        return;
      std::optional<int64_t> step = 0;
      if (it != operands.end())
        step = getCoefficient(slot.getLHS(), std::distance(operands.begin(), it));
      result &= step == 0 || step == 1;
    });
  });
  return result;
}

/// Unrolls a loop around several nests into all of them, if that uses again what they load and the
/// registers hold the accumulators.
void Scheduler::unrollOutside(AffineForOp loop) {
  // Rows that are kept have a slot each along one loop, not two.
  bool hasUnrolled = false;
  loop.getBody()->walk([&](AffineForOp inner) {
    auto it = opts.find(inner);
    hasUnrolled |= it != opts.end() && it->second.copies > 1 &&
                   llvm::any_of(inner.getBody()->getOps<AffineForOp>(), isParallel);
  });
  if (hasUnrolled || !hasSlots(loop))
    return;
  int64_t copies = stagedRows / 2;
  bool isReused = false;
  for (AffineForOp inner : innermostLoops(loop)) {
    if (!isReducible(inner))
      continue;
    SmallVector<MemoryAccess> accesses;
    collect(*inner.getBody(), 1, accesses);
    isReused |= accesses.size() > 1 && llvm::any_of(accesses, [&](const MemoryAccess &access) {
                  return getStride(access.index, loop.getInductionVar()) == 0;
                });
    // The chains of a dot product come from the rows now.
    if (auto it = opts.find(inner); it != opts.end() && it->second.width > 1)
      it->second.copies = 1;
    int64_t accumulators = inner.getNumResults();
    for (Operation *op = inner; op != loop; op = op->getParentOp())
      if (auto around = dyn_cast<AffineForOp>(op); around && opts.count(around))
        accumulators *= opts[around].copies;
    copies = std::min<int64_t>(copies, (registers - accumulators - 2) / accumulators);
  }
  if (isReused && copies > 1)
    opts[loop].copies = std::min<int64_t>(copies, guessTrips(loop));
}

/// A load whose neighbors lie along another loop: square tiles of both, transposed in registers.
void Scheduler::transposeTile(ArrayRef<AffineForOp> band, AffineForOp vectorLoop,
                              ArrayRef<MemoryAccess> accesses) {
  LoopOpt &opt = opts[vectorLoop];
  for (AffineForOp loop : band)
    for (const MemoryAccess &access : accesses) {
      std::optional<int64_t> along = getStride(access.index, vectorLoop.getInductionVar());
      if (loop == vectorLoop || !isParallel(loop) || access.isStore || !along || *along == 0 ||
          *along == 1 || getStride(access.index, loop.getInductionVar()) != 1 ||
          guessTrips(loop) < opt.width)
        continue;
      opt.copies = 1;
      opts[loop].copies = opt.width;
      return;
    }
}

/// A unit is at least one pass of the outermost loop's own expansion, and some thousand elements.
void Scheduler::setTile(AffineForOp outermost) {
  LoopOpt &opt = opts[outermost];
  int64_t step = opt.width * opt.copies;
  opt.tile = step;
  bool hasLoops = !outermost.getBody()->getOps<AffineForOp>().empty();
  if (!hasLoops && step > 1)
    opt.tile = (4096 + step - 1) / step * step;
  else if (!hasLoops)
    opt.tile = 1024;
}

ScheduleAttr Scheduler::writeSchedule(func::FuncOp function) const {
  MLIRContext *context = function.getContext();
  ScheduleState state(describeLoops(function));
  llvm::StringSet<> seen;
  function.walk<WalkOrder::PreOrder>([&](AffineForOp loop) {
    if (auto it = contractions.find(loop); it != contractions.end()) {
      ScheduleState blocked(state);
      if (it->second.apply(blocked, context, machine)) {
        state = std::move(blocked);
        return WalkResult::skip();
      }
    }
    std::string axis = getAxis(loop).str();
    if (axis.empty() || !seen.insert(axis).second)
      return WalkResult::advance();
    auto apply = [&](ActionKind kind, int64_t amount) {
      return state.apply(ActionAttr::get(context, kind, StringRef(axis), amount)).empty();
    };
    LoopOpt opt = opts.lookup(loop);
    if (isParallel(loop) && loop->getParentOp() == function) {
      int64_t size = std::min(opt.tile, getTrips(loop).value_or(opt.tile));
      bool isSplit = size > 1 && apply(ActionKind::Split, size);
      std::string block = axis + ".i";
      if (isSplit)
        axis += ".o";
      (void)apply(ActionKind::Bind, static_cast<int64_t>(BindTarget::Unit));
      if (!isSplit)
        return WalkResult::advance();
      axis = block;
    }
    if (opt.width > 1)
      (void)apply(ActionKind::Vectorize, opt.width);
    if (opt.copies > 1)
      (void)apply(isParallel(loop) ? ActionKind::Unroll : ActionKind::Accumulate, opt.copies);
    return WalkResult::advance();
  });
  return state.getSchedule(context);
}

namespace {
struct DefaultSchedulePass : tg::impl::DefaultScheduleBase<DefaultSchedulePass> {
  using DefaultScheduleBase::DefaultScheduleBase;

  LogicalResult initialize(MLIRContext *context) override {
    if (std::string message = cpu::checkVectorUnit(vectorBits, vectorRegisters); !message.empty())
      return emitError(UnknownLoc::get(context), message);
    return success();
  }

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (!function->hasAttr(attrs::kernel) || function->hasAttr(attrs::schedule) ||
        function.isExternal())
      return;
    Machine machine;
    machine.vectorBits = vectorBits;
    machine.vectorRegisters = vectorRegisters;
    machine.l2Bytes = l2Bytes;
    Scheduler scheduler(machine);
    for (auto loop : function.front().getOps<AffineForOp>())
      scheduler.schedule(loop);
    function->setAttr(attrs::schedule, scheduler.writeSchedule(function));
  }
};
} // namespace
