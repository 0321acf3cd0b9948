//===- SimplifyRules.h - How the simplifier's rules are written -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A rule is a name and a function from an operation to the value that replaces its (one) result, or
// null where the rule does not apply. It must not create anything before it is certain to apply.
// One file per family adds its rules to a RuleSet; docs/passes/simplify.md lists them all, and
// test/Graph/proofs proves them.
//
//===----------------------------------------------------------------------===//

#ifndef TG_PASSES_GRAPH_SIMPLIFYRULES_H
#define TG_PASSES_GRAPH_SIMPLIFYRULES_H

#include "tg/Dialect/UOp/UOp.h"
#include "tg/Graph/Simplify.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/PatternMatch.h"

namespace tg::simplify {

using RuleBuilder = mlir::ImplicitLocOpBuilder;

template <typename OpTy> class Rule final : public mlir::OpRewritePattern<OpTy> {
public:
  using Function = mlir::Value (*)(OpTy, RuleBuilder &);

  Rule(mlir::MLIRContext *context, Function function)
      : mlir::OpRewritePattern<OpTy>(context), function(function) {}

  mlir::LogicalResult matchAndRewrite(OpTy op, mlir::PatternRewriter &rewriter) const override {
    RuleBuilder builder(op.getLoc(), rewriter);
    mlir::Value replacement = function(op, builder);
    if (!replacement)
      return rewriter.notifyMatchFailure(op, "not the shape that the rule rewrites");
    rewriter.replaceOp(op, replacement);
    return mlir::success();
  }

private:
  Function function;
};

/// As above for every operation with an interface.
template <typename Interface>
class InterfaceRule final : public mlir::OpInterfaceRewritePattern<Interface> {
public:
  using Function = mlir::Value (*)(Interface, RuleBuilder &);

  InterfaceRule(mlir::MLIRContext *context, Function function)
      : mlir::OpInterfaceRewritePattern<Interface>(context), function(function) {}

  mlir::LogicalResult matchAndRewrite(Interface op,
                                      mlir::PatternRewriter &rewriter) const override {
    RuleBuilder builder(op->getLoc(), rewriter);
    mlir::Value replacement = function(op, builder);
    if (!replacement)
      return rewriter.notifyMatchFailure(op, "not the shape that the rule rewrites");
    rewriter.replaceOp(op, replacement);
    return mlir::success();
  }

private:
  Function function;
};

/// Collects rules by name.
class RuleSet {
public:
  RuleSet(mlir::RewritePatternSet &patterns, std::vector<SimplifyRule> &rules)
      : patterns(patterns), rules(rules) {}

  /// One rule, for one or several operations: `add<AddOp>("add-zero", [](AddOp op, RuleBuilder &b)
  /// ...`.
  template <typename... OpTys, typename Function>
  void add(llvm::StringRef name, Function function, bool isFastMath = false) {
    declare(name, isFastMath);
    (addPattern<Rule<OpTys>>(name, static_cast<typename Rule<OpTys>::Function>(function)), ...);
  }
  template <typename... OpTys, typename Function>
  void addFastMath(llvm::StringRef name, Function function) {
    add<OpTys...>(name, function, /*isFastMath=*/true);
  }
  template <typename Interface, typename Function>
  void addForInterface(llvm::StringRef name, Function function) {
    declare(name, false);
    addPattern<InterfaceRule<Interface>>(
        name, static_cast<typename InterfaceRule<Interface>::Function>(function));
  }

private:
  void declare(llvm::StringRef name, bool isFastMath) {
    if (rules.empty() || rules.back().name != name)
      rules.push_back({name.str(), isFastMath});
  }

  template <typename Pattern, typename Function>
  void addPattern(llvm::StringRef name, Function function) {
    auto pattern = std::make_unique<Pattern>(patterns.getContext(), function);
    pattern->setDebugName(name);
    patterns.add(std::move(pattern));
  }

  mlir::RewritePatternSet &patterns;
  std::vector<SimplifyRule> &rules;
};

void addArithmeticRules(RuleSet &rules);
void addConstantRules(RuleSet &rules);
void addDivisionRules(RuleSet &rules);
void addLogicRules(RuleSet &rules);
void addCompareRules(RuleSet &rules);
void addCastRules(RuleSet &rules);
void addFloatRules(RuleSet &rules);
void addExactFloatRules(RuleSet &rules);
void addSelectRules(RuleSet &rules);
void addMovementRules(RuleSet &rules);
void addMovementMergeRules(RuleSet &rules);
void addMovementSinkRules(RuleSet &rules);
void addConcatRules(RuleSet &rules);
void addReduceRules(RuleSet &rules);
void addIndexingRules(RuleSet &rules);
void addStateRules(RuleSet &rules);

//===----------------------------------------------------------------------===//
// What rules ask
//===----------------------------------------------------------------------===//

inline mlir::RankedTensorType typeOf(mlir::Value value) {
  return llvm::cast<mlir::RankedTensorType>(value.getType());
}
inline mlir::Type elementOf(mlir::Value value) { return typeOf(value).getElementType(); }
inline bool isInt(mlir::Value value) { return llvm::isa<mlir::IntegerType>(elementOf(value)); }
inline bool isFloat(mlir::Value value) { return llvm::isa<mlir::FloatType>(elementOf(value)); }
/// Unsigned integers and i1.
bool isUnsigned(mlir::Type type);
inline bool isUnsigned(mlir::Value value) { return isUnsigned(elementOf(value)); }

/// Constants of up to this many elements, and splats, are computed with; larger ones are data.
constexpr int64_t maxFoldedElements = 64;

/// Whether all elements are known and few: a constant, also under an expand.
bool isConstant(mlir::Value value);
/// The scalar that all elements have, looking through expand; nothing if unknown.
std::optional<llvm::APInt> intSplat(mlir::Value value);
std::optional<llvm::APFloat> floatSplat(mlir::Value value);
/// Whether all elements are the integer `number` (modulo the width).
bool isIntSplat(mlir::Value value, int64_t number);
/// Whether all elements are exactly this float, the sign of zero included.
bool isFloatSplat(mlir::Value value, double number);
/// Whether `value` is a constant of floats that all pass `test`.
bool allFloats(mlir::Value value, llvm::function_ref<bool(const llvm::APFloat &)> test);
/// Whether all elements are ±2^k, k >= 0: multiplying by them changes exponents, until it
/// overflows.
bool scalesUp(mlir::Value value);
/// The element of a constant of numbers (no NaN) that is farthest from zero, or nearest to it.
std::optional<llvm::APFloat> largestMagnitude(mlir::Value value);
std::optional<llvm::APFloat> smallestMagnitude(mlir::Value value);
/// Whether the type of `value` has infinities; where it has none, what overflows is NaN.
bool hasInfinity(mlir::Value value);
/// k where all elements are 2^k, k > 0, as a signed or unsigned number of its type.
std::optional<unsigned> powerOfTwo(mlir::Value value);

/// The operand of `value`'s defining operation if that is an OpTy.
template <typename OpTy> mlir::Value inputOf(mlir::Value value) {
  auto op = value.getDefiningOp<OpTy>();
  return op ? op->getOperand(0) : mlir::Value();
}

/// A copy of elementwise `op` on other operands, which have the shape of `like`.
mlir::Value cloneOn(RuleBuilder &b, mlir::Operation *op, mlir::ValueRange operands,
                    mlir::RankedTensorType like);

/// A tensor of `type` whose elements are all the same: a constant, expanded if a dimension is
/// symbolic.
mlir::Value makeSplat(RuleBuilder &b, mlir::Type type, mlir::Attribute scalar);
mlir::Value makeInt(RuleBuilder &b, mlir::Type type, const llvm::APInt &value);
mlir::Value makeInt(RuleBuilder &b, mlir::Type type, int64_t value);
mlir::Value makeFloat(RuleBuilder &b, mlir::Type type, const llvm::APFloat &value);
mlir::Value makeFloat(RuleBuilder &b, mlir::Type type, double value);
mlir::Value makeBool(RuleBuilder &b, mlir::Type like, bool value);

/// An interval that holds every element of an integer tensor; bounds of its type where nothing
/// better is known.
struct Range {
  __int128 lo, hi;
};
Range rangeOf(mlir::Value value, unsigned depth = 6);

} // namespace tg::simplify

#endif // TG_PASSES_GRAPH_SIMPLIFYRULES_H
