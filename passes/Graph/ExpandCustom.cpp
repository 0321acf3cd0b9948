//===- ExpandCustom.cpp - Turn uop.custom into calls ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Before:  %1 = uop.custom @reference(%0) bodies {cpu = @fast} : (...) -> ...
// After:   %1 = func.call @fast(%0) : (...) -> ...
//
// Test: test/Graph/expand-custom.mlir
//
//===----------------------------------------------------------------------===//

#include "tg/Dialect/UOp/UOp.h"
#include "tg/Graph/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tg {
#define GEN_PASS_DEF_EXPANDCUSTOM
#include "tg/Graph/Passes.h.inc"
} // namespace tg

using namespace mlir;
using namespace tg::uop;

namespace {
struct ExpandCustomPass : tg::impl::ExpandCustomBase<ExpandCustomPass> {
  using ExpandCustomBase::ExpandCustomBase;

  void runOnOperation() override {
    getOperation().walk([&](CustomOp op) {
      FlatSymbolRefAttr body = op.getReferenceAttr();
      if (op.getBodies())
        if (auto own = op.getBodies()->getAs<FlatSymbolRefAttr>(device))
          body = own;
      OpBuilder builder(op);
      auto call = func::CallOp::create(builder, op.getLoc(), body, op.getOutputs().getTypes(),
                                       op.getInputs());
      op.replaceAllUsesWith(call.getResults());
      op.erase();
    });
  }
};
} // namespace
