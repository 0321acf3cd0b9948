//===- CpuUnits.cpp - Outermost loops over a range of units ---*- C++ -*-===//
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
// Tested by test/Codegen/cpu-units.mlir.
//
//===----------------------------------------------------------------------===//

#include "NestBuilder.h"

#include "tg/Codegen/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tg {
#define GEN_PASS_DEF_CPUUNITS
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

namespace {
struct CpuUnitsPass : tg::impl::CpuUnitsBase<CpuUnitsPass> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (!function->hasAttr("tg.kernel"))
      return;
    OpBuilder builder(&getContext());
    Value begin =
        codegen::addArgument(function, builder.getIndexType(), "tg.begin", builder.getUnitAttr());
    Value end =
        codegen::addArgument(function, builder.getIndexType(), "tg.end", builder.getUnitAttr());
    AffineExpr offset = builder.getAffineConstantExpr(0);
    SmallVector<Value> offsetOperands;
    for (auto loop : function.front().getOps<AffineForOp>())
      if (loop->hasAttr("tg.parallel"))
        restrict(loop, begin, end, offset, offsetOperands);
  }
};
} // namespace
