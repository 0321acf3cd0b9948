//===- ContribMatMul.cpp - ONNX Runtime's matrix products of floats ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Contrib.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

/// An operand of FusedMatMul: `transBatch` moves its first axis behind the others but the last.
static Value transposeOperand(OnnxNode &n, Value x, StringRef transBatch, StringRef trans) {
  if (!x)
    return {};
  int64_t rank = n.getRank(x);
  if (n.getInt(transBatch, 0) && rank > 2) {
    SmallVector<int64_t> permutation = llvm::to_vector(llvm::seq<int64_t>(1, rank - 1));
    permutation.append({0, rank - 1});
    x = n.permute(x, permutation);
  }
  // A vector stays what it is.
  return n.getInt(trans, 0) && rank > 1 ? n.transpose(x, -1, -2) : x;
}

/// alpha * A' * B'
static void fusedMatMul(OnnxNode &n) {
  Value x = transposeOperand(n, n.getInput(0), "transBatchA", "transA");
  Value y = transposeOperand(n, n.getInput(1), "transBatchB", "transB");
  if (!x || !y)
    return;
  Type type = n.getElementType(x), wide = n.getAccumulatorType(type);
  Value result = n.matmul(n.cast(x, wide), n.cast(y, wide));
  double alpha = n.getFloat("alpha", 1);
  if (alpha != 1)
    result = n.mul(result, n.splatLike(alpha, result));
  n.setOutput(0, n.cast(result, type));
}

static void fusedGemm(OnnxNode &n) {
  ActivationParams params;
  for (StringRef name : {"activation_alpha", "activation_beta", "activation_gamma"})
    if (n.hasAttr(name)) {
      params.resize(name.ends_with("alpha") ? 1 : name.ends_with("beta") ? 2 : 3);
      params.back() = n.getFloat(name, 0);
    }
  n.setOutput(0, activateFused(n, multiplyOnnxGemm(n), n.getString("activation"), params));
}

void tg::registerContribMatMul(OnnxOpRegistry &r) {
  r.add("FusedGemm", 1, fusedGemm, microsoftDomain);
  r.add("FusedMatMul", 1, fusedMatMul, microsoftDomain);
  r.add("TransposeMatMul", 1, fusedMatMul, microsoftDomain);
}
