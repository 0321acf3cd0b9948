//===- Trees.h - Ensembles of decision trees in ai.onnx.ml ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_LIB_IMPORT_OPS_TREES_H
#define TG_LIB_IMPORT_OPS_TREES_H

#include "tg/Import/OnnxOps.h"

namespace tg {

/// The trees as tables. Nodes from `numInner` on are leaves.
struct OnnxForest {
  enum Mode { LessEqual, Less, GreaterEqual, Greater, Equal, NotEqual, Member };

  int64_t numInner = 0, numTargets = 1;
  llvm::SmallVector<int64_t> roots, features, modes, onTrue, onFalse, missing;
  llvm::SmallVector<double> splits;
  /// Of set membership: the nodes and their members.
  llvm::SmallVector<std::pair<int64_t, double>> members;
  /// What a leaf (counted from the first) adds to which target.
  struct Weight {
    int64_t leaf, target;
    double weight;
  };
  llvm::SmallVector<Weight> weights;
  int64_t numLeaves = 0;
  llvm::StringRef aggregate = "SUM";

  /// The length of the longest way down; nothing if a node is on a cycle or outside of the tables.
  std::optional<int64_t> getDepth() const;
  /// What the leaves that the rows of x [N, F], of floats, come to give the targets: [N, targets].
  /// `hasVotes` becomes which targets [N, targets] any of these leaves has a weight for. Fails
  /// where the tables do not fit to each other or to x.
  mlir::Value evaluate(OnnxNode &n, mlir::Value x, mlir::Value *hasVotes = nullptr) const;
};

} // namespace tg

#endif // TG_LIB_IMPORT_OPS_TREES_H
