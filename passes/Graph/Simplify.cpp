//===- Simplify.cpp - The algebraic simplifier ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rewrites by small, named rules (docs/passes/simplify.md), folds constants, removes dead code and
// common subexpressions. test/Graph/simplify.mlir shows
//
//   %1 = uop.mul %x, %two : tensor<4xi32>
//   %2 = uop.mul %1, %three : tensor<4xi32>
//   %3 = uop.reshape %2 : tensor<4xi32> -> tensor<2x2xi32>
//   %4 = uop.reshape %3 : tensor<2x2xi32> -> tensor<4xi32>
// becomes
//   %1 = uop.mul %x, %six : tensor<4xi32>
//
// Variables need no care: one is bound once per function, and what uses it stands after the bind,
// so equal operations on both sides of a bind have equal values.
//
//===----------------------------------------------------------------------===//

#include "SimplifyRules.h"

#include "tg/Graph/Passes.h"

#include "mlir/IR/Dominance.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Transforms/CSE.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace tg;
using namespace tg::simplify;

namespace tg {
#define GEN_PASS_DEF_SIMPLIFY
#include "tg/Graph/Passes.h.inc"
} // namespace tg

namespace {
/// Counts and reports rules that were applied.
class RuleListener : public RewriterBase::Listener {
public:
  RuleListener(Location loc, llvm::StringMap<unsigned> *fired) : fired(fired), loc(loc) {}

  void notifyPatternBegin(const Pattern &pattern, Operation *op) override { loc = op->getLoc(); }

  void notifyPatternEnd(const Pattern &pattern, LogicalResult status) override {
    if (failed(status))
      return;
    if (fired)
      ++(*fired)[pattern.getDebugName()];
    remark::passed(loc, remark::RemarkOpts::name(pattern.getDebugName()).category("tg-simplify"));
  }

private:
  llvm::StringMap<unsigned> *fired;
  Location loc; ///< Of the operation that a rule is tried on.
};
} // namespace

FailureOr<Simplifier> Simplifier::create(Location location, const SimplifierOptions &options) {
  Simplifier simplifier;
  RewritePatternSet patterns(location.getContext());
  RuleSet rules(patterns, simplifier.rules);
  addArithmeticRules(rules);
  addConstantRules(rules);
  addDivisionRules(rules);
  addLogicRules(rules);
  addCompareRules(rules);
  addCastRules(rules);
  addFloatRules(rules);
  addExactFloatRules(rules);
  addSelectRules(rules);
  addMovementRules(rules);
  addMovementMergeRules(rules);
  addMovementSinkRules(rules);
  addConcatRules(rules);
  addReduceRules(rules);
  addIndexingRules(rules);
  addStateRules(rules);

  std::vector<std::string> disabled = options.disable;
  for (const std::string &name : disabled)
    if (llvm::none_of(simplifier.rules,
                      [&](const SimplifyRule &rule) { return rule.name == name; }))
      return emitError(location) << "tg-simplify has no rule '" << name
                                 << "'; docs/passes/simplify.md lists them",
             failure();
  if (!options.fastMath)
    for (const SimplifyRule &rule : simplifier.rules)
      if (rule.isFastMath)
        disabled.push_back(rule.name);
  simplifier.patterns = FrozenRewritePatternSet(std::move(patterns), disabled);
  return simplifier;
}

void Simplifier::run(Operation *root, llvm::StringMap<unsigned> *fired) const {
  RuleListener listener(root->getLoc(), fired);
  GreedyRewriteConfig config;
  // No region simplification: it is quadratic. Top-down, constants on their way outward meet after
  // a step; bottom-up each would pass all ops below it. The bound is far above what rules need, and
  // keeps the time linear whatever they do.
  constexpr int64_t rewritesPerOp = 100;
  int64_t ops = 0;
  root->walk([&](Operation *) { ++ops; });
  config.setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled)
      .setUseTopDownTraversal(true)
      .setMaxNumRewrites(rewritesPerOp * (ops + 1))
      .setListener(&listener);
  DominanceInfo dominance(root);
  // Equal operands enable rules, and rules make operations equal.
  constexpr int maxRounds = 4;
  for (int round = 0; round < maxRounds; ++round) {
    bool changed = false;
    // Not to converge is no error: the result is as right after any number of steps.
    for (Region &region : root->getRegions())
      (void)applyPatternsGreedily(region, patterns, config);
    IRRewriter rewriter(root->getContext());
    eliminateCommonSubExpressions(rewriter, dominance, root, &changed);
    if (!changed)
      return;
  }
}

namespace {
struct SimplifyPass : tg::impl::SimplifyBase<SimplifyPass> {
  using SimplifyBase::SimplifyBase;

  LogicalResult initialize(MLIRContext *context) override {
    SimplifierOptions options;
    options.fastMath = fastMath;
    options.disable.assign(disable.begin(), disable.end());
    FailureOr<Simplifier> created = Simplifier::create(UnknownLoc::get(context), options);
    if (failed(created))
      return failure();
    simplifier = std::make_shared<Simplifier>(std::move(*created));
    return success();
  }

  void runOnOperation() override { simplifier->run(getOperation()); }

  std::shared_ptr<const Simplifier> simplifier;
};
} // namespace
