//===- PartitionUnits.cpp - Outermost loops over a range of units ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The runtime divides a kernel's units among workers and calls it with [begin, end). With several
// nests, the second one's units start where the first one's end:
//
//   affine.for %i = 0 to 4 { A } {tg.parallel}
//   affine.for %i = 0 to 8 { B } {tg.parallel}
//
// becomes
//
//   affine.for %i = max(%begin, 0) to min(%end, 4) { A }
//   affine.for %i = max(%begin - 4, 0) to min(%end - 4, 8) { B }
//
// Tested by test/Codegen/partition-units.mlir.
//
//===----------------------------------------------------------------------===//

#include "NestBuilder.h"

#include "tg/Codegen/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace tg {
#define GEN_PASS_DEF_PARTITIONUNITS
#include "tg/Codegen/Passes.h.inc"
} // namespace tg

using namespace mlir;
using namespace tg;
using affine::AffineForOp;

/// `[begin - offset, end - offset)` cut to the loop's own bounds; moves `offset` past the loop.
static void restrict(AffineForOp loop, Value begin, Value end, AffineExpr &offset,
                     SmallVectorImpl<Value> &offsetOperands) {
  MLIRContext *context = loop.getContext();
  // Operands: the loop's own (all variables), those of the offset, then begin or end.
  SmallVector<Value> operands(loop.getUpperBoundOperands());
  unsigned shift = operands.size();
  llvm::append_range(operands, offsetOperands);
  AffineExpr shifted = offset.shiftSymbols(offsetOperands.size(), shift);
  AffineExpr extent = loop.getUpperBoundMap().getResult(0);
  AffineExpr bound = getAffineSymbolExpr(operands.size(), context);
  operands.push_back(begin);
  AffineMap lower = AffineMap::get(0, operands.size(),
                                   {bound - shifted, getAffineConstantExpr(0, context)}, context);
  loop.setLowerBound(operands, lower);
  operands.back() = end;
  AffineMap upper = AffineMap::get(0, operands.size(), {bound - shifted, extent}, context);
  loop.setUpperBound(operands, upper);
  operands.pop_back();
  offset = shifted + extent;
  offsetOperands.assign(operands.begin(), operands.end());
}

/// A nest of one unit runs where that is in `[begin, end)`, without a loop.
static void makeConditional(AffineForOp loop, Value begin, Value end, AffineExpr &offset,
                            ArrayRef<Value> offsetOperands) {
  OpBuilder builder(loop);
  Location loc = loop.getLoc();
  Value unit = affine::AffineApplyOp::create(
      builder, loc, AffineMap::get(0, offsetOperands.size(), offset), offsetOperands);
  Value isBehind = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sle, begin, unit);
  Value isBefore = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt, unit, end);
  Value runs = arith::AndIOp::create(builder, loc, isBehind, isBefore);
  loop.getInductionVar().replaceAllUsesWith(arith::ConstantIndexOp::create(builder, loc, 0));
  auto branch = scf::IfOp::create(builder, loc, runs);
  Block *body = branch.thenBlock();
  body->getOperations().splice(body->begin(), loop.getBody()->getOperations(),
                               loop.getBody()->begin(), std::prev(loop.getBody()->end()));
  loop.erase();
  offset = offset + 1;
}

namespace {
struct PartitionUnitsPass : tg::impl::PartitionUnitsBase<PartitionUnitsPass> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (!function->hasAttr(attrs::kernel))
      return;
    OpBuilder builder(&getContext());
    Value begin =
        codegen::addArgument(function, builder.getIndexType(), attrs::begin, builder.getUnitAttr());
    Value end =
        codegen::addArgument(function, builder.getIndexType(), attrs::end, builder.getUnitAttr());
    AffineExpr offset = builder.getAffineConstantExpr(0);
    SmallVector<Value> offsetOperands;
    for (auto loop : llvm::make_early_inc_range(function.front().getOps<AffineForOp>())) {
      if (!loop->hasAttr(attrs::parallel))
        continue;
      if (loop.hasConstantBounds() && loop.getConstantLowerBound() == 0 &&
          loop.getConstantUpperBound() == 1)
        makeConditional(loop, begin, end, offset, offsetOperands);
      else
        restrict(loop, begin, end, offset, offsetOperands);
    }
  }
};
} // namespace
