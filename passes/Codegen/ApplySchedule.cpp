//===- ApplySchedule.cpp - Opts applied ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Applies `tg.opts` (see LoopOpts.h) to each nest of a structured kernel; afterwards one iteration
// of an outermost parallel loop is one unit, and `tg.range` counts those.
//
//   affine.for %i = 0 to 4096 {
//     %0 = memref.load %a[%i] : memref<?xf32>
//     %1 = arith.negf %0 : f32
//     memref.store %1, %out[%i] : memref<?xf32>
//   } {tg.parallel}
//
// becomes, with tile 1024 and vector 16,
//
//   affine.for %unit = 0 to 4 {
//     scf.for %i = %unit * 1024 to %unit * 1024 + 1024 step 16 {
//       %0 = vector.load %a[%i] : memref<?xf32>, vector<16xf32>
//       %1 = arith.negf %0 : vector<16xf32>
//       vector.store %1, %out[%i] : memref<?xf32>, vector<16xf32>
//     }
//   } {tg.parallel}
//
// Before that, with a fused multiply-add, a reduction that adds products accumulates with it: the
// product is then not rounded by itself. Nothing else is contracted.
//
// Tested by test/Codegen/apply-schedule.mlir.
//
//===----------------------------------------------------------------------===//

#include "NestBuilder.h"
#include "NestExpander.h"

#include "tg/Codegen/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace tg {
#define GEN_PASS_DEF_APPLYSCHEDULE
#include "tg/Codegen/Passes.h.inc"
} // namespace tg

using namespace mlir;
using namespace tg;
using namespace tg::codegen;
using affine::AffineForOp;

/// acc + a * b, carried by a loop, as one operation.
static void fuseProducts(AffineForOp loop) {
  for (unsigned i = 0; i < loop.getNumResults(); ++i) {
    auto add = dyn_cast_or_null<arith::AddFOp>(getCombiner(loop, i));
    if (!add)
      continue;
    Value accumulator = loop.getRegionIterArgs()[i];
    Value element = add.getLhs() == accumulator ? add.getRhs() : add.getLhs();
    auto product = element.getDefiningOp<arith::MulFOp>();
    if (!product || !product->hasOneUse() || product->getBlock() != loop.getBody())
      continue;
    OpBuilder builder(add);
    Value fused =
        math::FmaOp::create(builder, add.getLoc(), product.getLhs(), product.getRhs(), accumulator);
    add.replaceAllUsesWith(fused);
    add.erase();
    product.erase();
  }
}

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

namespace {
struct ApplySchedulePass : tg::impl::ApplyScheduleBase<ApplySchedulePass> {
  using ApplyScheduleBase::ApplyScheduleBase;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (!function->hasAttr(attrs::kernel))
      return;
    if (useFma)
      function.walk(fuseProducts);
    FailureOr<LoopOpts> opts = readOpts(function);
    if (failed(opts))
      return signalPassFailure();
    for (auto loop : function.front().getOps<AffineForOp>())
      if (loop->hasAttr(attrs::parallel) && !getUnits(function, loop)) {
        loop.emitOpError("must run to an expression of the kernel's variables");
        return signalPassFailure();
      }
    // What has no vector form stays as it is.
    for (auto loop : llvm::make_early_inc_range(function.front().getOps<AffineForOp>())) {
      NestExpander expander(loop, *opts);
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
