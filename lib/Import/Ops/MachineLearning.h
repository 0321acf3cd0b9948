//===- MachineLearning.h - What the families of ai.onnx.ml share ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_LIB_IMPORT_OPS_MACHINELEARNING_H
#define TG_LIB_IMPORT_OPS_MACHINELEARNING_H

#include "Families.h"

namespace tg {

/// A vector of f32, or of `type`.
mlir::Value onnxFloats(OnnxNode &n, llvm::ArrayRef<double> values, mlir::Type type = {});
/// A vector of i64.
mlir::Value onnxIntegers(OnnxNode &n, llvm::ArrayRef<int64_t> values);

/// Input 0 as rows [N, F] of `type`; of rank 1 it is one row. Fails for other ranks.
mlir::Value getOnnxRows(OnnxNode &n, mlir::Type type);
/// Fails if x [N, F] has another number of features; one that is not static is not checked.
bool checkOnnxFeatures(OnnxNode &n, mlir::Value x, int64_t count);

/// x [N, F] times coefficients [count, F], plus a bias per column, or one, or none; in the type of
/// x.
mlir::Value onnxLinear(OnnxNode &n, mlir::Value x, llvm::ArrayRef<double> coefficients,
                       int64_t count, llvm::ArrayRef<double> bias);

/// `post_transform` of scores [N, E], over the columns.
mlir::Value transformOnnxScores(OnnxNode &n, mlir::Value scores, llvm::StringRef transform);
/// The scores [N, 2] of two classes from those of the second [N, 1], as ONNX Runtime makes them:
/// LOGISTIC gives (sigmoid(-s), sigmoid(s)); of the others the first is 1 - s, or -s for scores
/// that are no probabilities.
mlir::Value pairOnnxScores(OnnxNode &n, mlir::Value score, bool isProbability,
                           llvm::StringRef transform);

/// The labels of a classifier.
struct OnnxClasses {
  int64_t count = 0;
  llvm::SmallVector<int64_t> labels; ///< Of strings their ids.
  bool areStrings = false;

  /// Reads `intsName` or `classlabels_strings`; fails unless there is one of them.
  static std::optional<OnnxClasses> read(OnnxNode &n, llvm::StringRef intsName);
  /// Sets output 0 from the numbers of the classes [N].
  void setLabels(OnnxNode &n, mlir::Value index) const;
};

} // namespace tg

#endif // TG_LIB_IMPORT_OPS_MACHINELEARNING_H
