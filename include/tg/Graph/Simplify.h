//===- Simplify.h - The algebraic simplifier --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The simplifier as a library; the pass is tg-simplify. Every rule has a name and a row in
// docs/passes/simplify.md.
//
//===----------------------------------------------------------------------===//

#ifndef TG_GRAPH_SIMPLIFY_H
#define TG_GRAPH_SIMPLIFY_H

#include "mlir/Rewrite/FrozenRewritePatternSet.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringMap.h"

#include <string>
#include <vector>

namespace tg {

struct SimplifierOptions {
  /// Also use rules that may change float results by rounding, or for NaN and infinities.
  bool fastMath = false;
  /// Names of rules to leave out.
  std::vector<std::string> disable;
};

/// A rule of the simplifier.
struct SimplifyRule {
  std::string name;
  /// Used only under SimplifierOptions::fastMath.
  bool isFastMath;
};

/// Rewrites by named rules, folds constants, removes dead code and common subexpressions.
class Simplifier {
public:
  /// Fails, with a message at `location`, if an option names an unknown rule.
  static mlir::FailureOr<Simplifier> create(mlir::Location location,
                                            const SimplifierOptions &options = {});

  /// All rules, in the order of the documentation.
  llvm::ArrayRef<SimplifyRule> getRules() const { return rules; }

  /// Simplifies the regions of `root`, to a fixpoint. `fired` counts the applications of each rule.
  void run(mlir::Operation *root, llvm::StringMap<unsigned> *fired = nullptr) const;

private:
  std::vector<SimplifyRule> rules;
  mlir::FrozenRewritePatternSet patterns;
};

} // namespace tg

#endif // TG_GRAPH_SIMPLIFY_H
