//===- FuseMultiplyAdd.cpp - Sums of products by one operation ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A reduction that adds products accumulates with a fused multiply-add: the product is then not
// rounded by itself. Nothing else is contracted.
//
//   %p = arith.mulf %x, %y : f32
//   %s = arith.addf %acc, %p : f32
//
// becomes
//
//   %s = math.fma %x, %y, %acc : f32
//
// Tested by test/Codegen/fuse-multiply-add.mlir.
//
//===----------------------------------------------------------------------===//

#include "tg/Codegen/LoopTree.h"

#include "tg/Codegen/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

namespace tg {
#define GEN_PASS_DEF_FUSEMULTIPLYADD
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

namespace {
struct FuseMultiplyAddPass : tg::impl::FuseMultiplyAddBase<FuseMultiplyAddPass> {
  void runOnOperation() override {
    if (getOperation()->hasAttr(attrs::kernel))
      getOperation().walk(fuseProducts);
  }
};
} // namespace
