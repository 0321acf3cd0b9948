//===- ContribConvolutions.cpp - ONNX Runtime's convolutions and pools ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Contrib.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

Value tg::toChannelsFirst(OnnxNode &n, Value x) {
  if (!x)
    return {};
  auto permutation = llvm::to_vector(llvm::seq<int64_t>(0, n.getRank(x)));
  if (permutation.size() < 3)
    return n.fail("expected an input of rank 3 or more");
  std::rotate(permutation.begin() + 1, permutation.end() - 1, permutation.end());
  return n.permute(x, permutation);
}

Value tg::toChannelsLast(OnnxNode &n, Value x) {
  if (!x)
    return {};
  auto permutation = llvm::to_vector(llvm::seq<int64_t>(0, n.getRank(x)));
  if (permutation.size() < 3)
    return n.fail("expected an input of rank 3 or more");
  std::rotate(permutation.begin() + 1, permutation.begin() + 2, permutation.end());
  return n.permute(x, permutation);
}

/// activation(conv(x, w) + bias + z)
static void fusedConv(OnnxNode &n) {
  Value x = n.getInput(0), bias = n.getOptionalInput(2), z = n.getOptionalInput(3);
  Value result = convolveOnnx(n, x, n.getInput(1));
  if (bias && result)
    result = n.add(result, alignOnnxChannels(n, bias, n.getRank(x)));
  if (z && result)
    result = n.add(result, n.broadcastTo(z, n.getDims(result)));
  ActivationParams params(n.getFloats("activation_params"));
  n.setOutput(0, activateFused(n, result, n.getString("activation"), params));
}

void tg::registerContribConvolutions(OnnxOpRegistry &r) {
  r.add("FusedConv", 1, fusedConv, microsoftDomain);
  r.add(
      "NhwcMaxPool", 1,
      [](OnnxNode &n) {
        n.setOutput(0, toChannelsLast(n, maxPoolOnnx(n, toChannelsFirst(n, n.getInput(0)))));
      },
      microsoftDomain);
}
