//===- CustomStrategy.cpp - A rewrite, a fusion rule and an order ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A plug-in for tg-opt and tg-run. It brings
//
//   custom-square   a pass: a square instead of a power of two
//   small-kernels   a fusion strategy: as the default one, but a kernel has at most 8 operations
//   deepest-first   an order of kernels: what the longest chain waits for goes first
//
//===----------------------------------------------------------------------===//

#include "tg/Dialect/UOp/UOp.h"
#include "tg/Engine/Fusion.h"
#include "tg/Engine/KernelOrder.h"

#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Tools/Plugins/PassPlugin.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

#include <algorithm>
#include <numeric>

using namespace mlir;

namespace {

/// pow(x, 2) = x * x.
struct SquarePattern : OpRewritePattern<tg::uop::PowOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tg::uop::PowOp op, PatternRewriter &rewriter) const override {
    DenseFPElementsAttr exponent;
    if (!matchPattern(op->getOperand(1), m_Constant(&exponent)) || !exponent.isSplat() ||
        !exponent.getSplatValue<APFloat>().isExactlyValue(2.0))
      return failure();
    Value x = op->getOperand(0);
    rewriter.replaceOpWithNewOp<tg::uop::MulOp>(op, x, x);
    return success();
  }
};

struct SquarePass : PassWrapper<SquarePass, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(SquarePass)
  StringRef getArgument() const override { return "custom-square"; }
  StringRef getDescription() const override { return "A square instead of a power of two"; }
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<SquarePattern>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

class SmallKernels final : public tg::FusionStrategy {
public:
  std::string whyStored(const tg::RecomputeCandidate &candidate) const override {
    return fallback->whyStored(candidate);
  }
  std::string whyApart(const tg::MergeCandidate &candidate) const override {
    return candidate.numOps > 8 ? "more than 8 operations" : fallback->whyApart(candidate);
  }

private:
  std::unique_ptr<tg::FusionStrategy> fallback = tg::createFusionStrategy("default");
};

struct DeepestFirst final : tg::OrderStrategy {
  tg::KernelOrder order(const tg::OrderGraph &graph) const override {
    // A kernel waits for as long as the longest chain from it to the end; producers are deeper.
    std::vector<unsigned> depth(graph.nodes.size());
    for (size_t i = graph.nodes.size(); i-- > 0;)
      for (unsigned consumer : graph.nodes[i].consumers)
        depth[i] = std::max(depth[i], depth[consumer] + 1);
    tg::KernelOrder order(graph.nodes.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](unsigned a, unsigned b) {
      return depth[a] != depth[b] ? depth[a] > depth[b] : a < b;
    });
    return order;
  }
};

} // namespace

extern "C" __attribute__((visibility("default"))) PassPluginLibraryInfo mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "CustomStrategy", "1", [] {
            PassRegistration<SquarePass>();
            tg::registerFusionStrategy("small-kernels",
                                       [] { return std::make_unique<SmallKernels>(); });
            tg::registerOrderStrategy("deepest-first",
                                      [] { return std::make_unique<DeepestFirst>(); });
          }};
}
