//===- Decompose.cpp - Elementwise functions as arithmetic ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Replaces second-tier operations, and on request the transcendental core, by arithmetic on core
// operations:
//
//   %1 = uop.floor %0 : tensor<4xf32>
//
// becomes
//
//   %one = uop.const dense<1.0> : tensor<4xf32>
//   %t = uop.trunc %0 : tensor<4xf32>
//   %less = uop.cmplt %0, %t : tensor<4xf32>
//   %down = uop.sub %t, %one : tensor<4xf32>
//   %1 = uop.where %less, %down, %t : tensor<4xf32>
//
// Tests: test/Graph/decompose.mlir. Errors of the expansions: docs/numerics.md.
//
//===----------------------------------------------------------------------===//

#include "tg/Graph/Decompose.h"
#include "tg/Graph/Passes.h"

#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/StringSet.h"

namespace tg {
#define GEN_PASS_DEF_DECOMPOSE
#include "tg/Graph/Passes.h.inc"
} // namespace tg

using namespace mlir;
using namespace tg;

namespace {

struct Decompose : tg::impl::DecomposeBase<Decompose> {
  using DecomposeBase::DecomposeBase;

  LogicalResult initialize(MLIRContext *context) override {
    for (const std::string &name : keep)
      if (!RegisteredOperationName::lookup("uop." + name, context))
        return emitError(UnknownLoc::get(context))
               << "tg-decompose: `keep` names no uop operation: '" << name << "'";
    return success();
  }

  void runOnOperation() override {
    llvm::StringSet<> kept;
    for (const std::string &name : keep)
      kept.insert("uop." + name);

    SmallVector<uop::ElementwiseOpInterface> worklist;
    getOperation()->walk([&](uop::ElementwiseOpInterface op) {
      bool wanted = core || isa<uop::DecomposableOpInterface>(op.getOperation());
      if (wanted && hasExpansion(op) && !kept.contains(op->getName().getStringRef()))
        worklist.push_back(op);
    });

    IRRewriter rewriter(&getContext());
    for (uop::ElementwiseOpInterface op : worklist) {
      rewriter.setInsertionPoint(op);
      rewriter.replaceOp(op, emitExpansion(rewriter, op));
    }
  }
};

} // namespace
