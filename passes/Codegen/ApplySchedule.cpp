//===- ApplySchedule.cpp - Loops as the schedule says ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Applies the actions of `tg.schedule` (see `uop.schedule`) one after the other; afterwards an
// iteration of an outermost parallel loop is one unit of work, and `tg.range` counts those. Splits,
// fusions and orders are made of the loops themselves; what is unrolled, vectorized or accumulated
// is then expanded in one go. With [split(d0, 1024), bind(d0.o, unit), vectorize(d0.i, 16)]
//
//   affine.for %i = 0 to 4096 {
//     %0 = memref.load %a[%i] : memref<?xf32>
//     %1 = arith.negf %0 : f32
//     memref.store %1, %out[%i] : memref<?xf32>
//   } {tg.axis = "d0", tg.parallel}
//
// becomes
//
//   affine.for %unit = 0 to 4 {
//     scf.for %i = %unit * 1024 to %unit * 1024 + 1024 step 16 {
//       %0 = vector.load %a[%i] : memref<?xf32>, vector<16xf32>
//       %1 = arith.negf %0 : vector<16xf32>
//       vector.store %1, %out[%i] : memref<?xf32>, vector<16xf32>
//     }
//   } {tg.axis = "d0.o", tg.parallel}
//
// Tested by test/Codegen/apply-schedule.mlir and test/Codegen/actions.mlir.
//
//===----------------------------------------------------------------------===//

#include "NestExpander.h"

#include "tg/Codegen/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/StringSet.h"

namespace tg {
#define GEN_PASS_DEF_APPLYSCHEDULE
#include "tg/Codegen/Passes.h.inc"
} // namespace tg

using namespace mlir;
using namespace tg;
using namespace tg::codegen;
using affine::AffineForOp;

/// The number of iterations as an expression over the kernel's variables; null if it depends on
/// anything else.
static uop::DimAttr getUnits(func::FuncOp function, AffineForOp loop) {
  SmallVector<StringAttr> vars;
  for (Value operand : loop.getUpperBoundOperands()) {
    auto argument = dyn_cast<BlockArgument>(operand);
    if (!argument || argument.getOwner() != &function.front())
      return {};
    vars.push_back(function.getArgAttrOfType<StringAttr>(argument.getArgNumber(), attrs::var));
    if (!vars.back())
      return {};
  }
  if (loop.getUpperBoundMap().getNumResults() != 1 || loop.getUpperBoundMap().getNumDims() != 0)
    return {};
  return uop::DimAttr::get(function.getContext(), vars, loop.getUpperBoundMap().getResult(0));
}

/// Whether the function has loops as tg-kernel-to-loops makes them.
static LogicalResult checkLoops(func::FuncOp function) {
  if (!function.getBody().hasOneBlock())
    return function.emitOpError("must have one block to be a kernel");
  WalkResult result = function.walk([&](AffineForOp loop) {
    if (loop.getStepAsInt() == 1 && loop.hasConstantLowerBound() &&
        loop.getConstantLowerBound() == 0 && loop.getUpperBoundMap().getNumResults() == 1)
      return WalkResult::advance();
    loop.emitOpError("must run from 0 in steps of 1, as tg-kernel-to-loops makes loops");
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

/// What the action does to `loop`, the `number`th of its axis.
static LogicalResult applyToLoop(uop::ActionAttr action, AffineForOp loop,
                                 const ScheduleState &after, unsigned number,
                                 Workspace &workspace) {
  ArrayRef<StringAttr> axes = action.getAxes();
  switch (action.getKind()) {
  case uop::ActionKind::Split:
    splitLoop(loop, action.getAmount());
    return success();
  case uop::ActionKind::Fuse:
    fuseLoops(loop);
    return success();
  case uop::ActionKind::Reorder:
    // A reduction before the data axes that lead to it.
    if (auto around = loop->getParentOfType<AffineForOp>();
        around && !isParallel(loop) && isParallel(around) && axes.back() == getAxis(around))
      return hoistReduction(loop, axes, workspace);
    reorderLoops(loop, axes);
    return success();
  case uop::ActionKind::Stage:
    return stageOperand(loop, axes[0], axes.drop_front(2), workspace);
  case uop::ActionKind::Pad:
    if (after.getLoops()[after.findInOrder(action.getAxis())[number]].isPadded)
      padLoop(loop);
    return success();
  case uop::ActionKind::Unroll:
  case uop::ActionKind::Vectorize:
  case uop::ActionKind::Accumulate:
  case uop::ActionKind::Bind:
    return success(); // All expansions are made in one go.
  }
  llvm_unreachable("every kind of action is applied");
}

/// Splits, fuses and reorders loops; returns how those that remain are to be expanded.
static FailureOr<Expansions> applyActions(func::FuncOp function) {
  ScheduleState state(describeLoops(function));
  auto schedule = function->getAttrOfType<uop::ScheduleAttr>(attrs::schedule);
  if (!schedule)
    return function.emitOpError() << attrs::schedule << " must be a #uop.schedule, got "
                                  << function->getAttr(attrs::schedule);
  Workspace workspace(function);
  for (uop::ActionAttr action : schedule.getActions()) {
    ArrayRef<StringAttr> axes = action.getAxes();
    bool isStage = action.getKind() == uop::ActionKind::Stage;
    SmallVector<AffineForOp> loops = findLoops(function, axes[isStage ? 1 : 0]);
    if (std::string reason = state.apply(action); !reason.empty()) {
      InFlightDiagnostic error = function.emitOpError("cannot apply ");
      std::string text;
      llvm::raw_string_ostream os(text);
      action.printAction(os);
      return error << text << ": " << reason;
    }
    llvm::StringSet<> seen;
    if (action.getKind() == uop::ActionKind::Pad)
      for (const LoopNode &node : state.getLoops())
        if (node.isCopyOf(action.getAxis()) && seen.insert(node.axis).second)
          for (AffineForOp copy : findLoops(function, node.axis))
            padCopy(copy);
    for (auto [i, loop] : llvm::enumerate(loops))
      if (failed(applyToLoop(action, loop, state, i, workspace)))
        return failure();
  }
  Expansions expansions;
  for (const LoopNode &node : state.getLoops())
    if (!node.axis.empty())
      for (AffineForOp loop : findLoops(function, node.axis))
        expansions[loop] = {node.lanes, node.unroll * node.chains};
  return expansions;
}

namespace {
struct ApplySchedulePass : tg::impl::ApplyScheduleBase<ApplySchedulePass> {
  using ApplyScheduleBase::ApplyScheduleBase;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (!function->hasAttr(attrs::kernel) || !function->hasAttr(attrs::schedule))
      return;
    if (failed(checkLoops(function)))
      return signalPassFailure();
    FailureOr<Expansions> expansions = applyActions(function);
    if (failed(expansions))
      return signalPassFailure();
    for (auto loop : function.front().getOps<AffineForOp>())
      if (loop->hasAttr(attrs::parallel) && !getUnits(function, loop)) {
        loop.emitOpError("must run to an expression of the kernel's variables");
        return signalPassFailure();
      }
    // What has no vector form stays as it is.
    for (auto loop : llvm::make_early_inc_range(function.front().getOps<AffineForOp>())) {
      NestExpander expander(loop, *expansions);
      (void)(loop->hasAttr(attrs::parallel) ? expander.run() : expander.runReduction());
    }
    auto units = uop::DimAttr::get(&getContext(), 0);
    for (auto loop : function.front().getOps<AffineForOp>())
      if (units && loop->hasAttr(attrs::parallel))
        units = uop::addDims(units, getUnits(function, loop));
    if (!units) {
      function.emitOpError("has too many units of work");
      return signalPassFailure();
    }
    function->setAttr(attrs::range, units);
  }
};
} // namespace
