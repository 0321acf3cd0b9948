//===- GuardDivisions.cpp - Divisors of indices are one or more ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Index maps divide by sizes. Where a size is 0 no element is computed, but what does not depend on
// the inner loops stands outside of them, and a division by zero would end the process there.
//
// Before:  %q = arith.divsi %i, %n : index
// After:   %d = arith.maxsi %n, %c1 : index
//          %q = arith.divsi %i, %d : index
//
// Test: test/Codegen/guard-divisions.mlir
//
//===----------------------------------------------------------------------===//

#include "tg/Codegen/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Matchers.h"

namespace tg {
#define GEN_PASS_DEF_GUARDDIVISIONS
#include "tg/Codegen/Passes.h.inc"
} // namespace tg

using namespace mlir;

namespace {

struct GuardDivisionsPass : tg::impl::GuardDivisionsBase<GuardDivisionsPass> {
  void runOnOperation() override {
    getOperation().walk([](Operation *op) {
      // Integers of other types are data, whose division the kernel has made total.
      if (!isa<arith::DivSIOp, arith::RemSIOp, arith::FloorDivSIOp, arith::CeilDivSIOp>(op) ||
          !isa<IndexType>(getElementTypeOrSelf(op->getResult(0).getType())))
        return;
      Value divisor = op->getOperand(1);
      if (matchPattern(divisor, m_Constant()))
        return;
      OpBuilder builder(op);
      Value one =
          arith::ConstantOp::create(builder, op->getLoc(), builder.getOneAttr(divisor.getType()));
      op->setOperand(1, arith::MaxSIOp::create(builder, op->getLoc(), divisor, one));
    });
  }
};

} // namespace
