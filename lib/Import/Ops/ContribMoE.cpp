//===- ContribMoE.cpp - Mixture of experts ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Contrib.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

namespace {
/// MoE: every token goes through k of E experts, two layers each, whose weights are read as its
/// router says.
class MixtureOfExperts {
public:
  explicit MixtureOfExperts(OnnxNode &n) : n(n) {}
  void build();

private:
  /// weights[expert] x + bias[expert] per token; inputs `weights` and the next one.
  Value applyLayer(Value x, Value expert, unsigned weights);
  Value activate(Value x, Value expert);
  /// The gated unit of the two halves, which are neighbors or one behind the other.
  Value swiglu(Value gate, Value linear);
  Value runExpert(Value x, Value expert);

  OnnxNode &n;
  Value tokens; ///< [T, H], wide.
};
} // namespace

Value MixtureOfExperts::applyLayer(Value x, Value expert, unsigned weights) {
  Value w = n.getInput(weights), bias = n.getOptionalInput(weights + 1);
  if (!x || !w || n.getRank(w) != 3)
    return n.fail("expected weights of rank 3");
  Type wide = n.getElementType(x);
  Value own = n.cast(n.gather(w, expert, 0), wide); // [T, rows, columns]
  Value y = n.contract(n.unsqueeze(x, 1), own, 2);
  return bias ? n.add(y, n.cast(n.gather(bias, expert, 0), wide)) : y;
}

Value MixtureOfExperts::swiglu(Value gate, Value linear) {
  if (!gate || !linear)
    return {};
  if (n.hasAttr("swiglu_limit")) {
    Value limit = n.splatLike(n.getFloat("swiglu_limit", 0), gate);
    gate = n.min(gate, limit);
    linear = n.max(n.min(linear, limit), n.unary<NegOp>(limit));
  }
  Value alpha = n.splatLike(n.getFloat("activation_alpha", 1), gate);
  Value beta = n.splatLike(n.getFloat("activation_beta", 0), gate);
  return n.mul(n.mul(gate, n.sigmoid(n.mul(alpha, gate))), n.add(linear, beta));
}

Value MixtureOfExperts::activate(Value x, Value expert) {
  StringRef type = n.getString("activation_type", "relu");
  if (!x)
    return {};
  if (type == "relu")
    return n.relu(x);
  if (type == "silu")
    return n.mul(x, n.sigmoid(x));
  if (type == "identity")
    return x;
  if (type != "swiglu")
    return n.fail("attribute 'activation_type' = " + type + " is not supported");
  int64_t fusion = n.getInt("swiglu_fusion", 0);
  if (fusion == 0)
    return swiglu(x, applyLayer(tokens, expert, 6));
  SmallVector<DimAttr> d = n.getDims(x);
  DimAttr two = n.dim(2), half = floorDivDims(d[1], two);
  if (fusion == 2)
    return swiglu(n.slice(x, 1, n.dim(0), half), n.slice(x, 1, half, half));
  Value pairs = n.reshape(x, {d[0], half, two});
  return swiglu(n.takeRow(pairs, 2, n.dim(0)), n.takeRow(pairs, 2, n.dim(1)));
}

Value MixtureOfExperts::runExpert(Value x, Value expert) {
  Value y = activate(applyLayer(x, expert, 2), expert);
  if (y && n.hasInput(6) && n.getString("activation_type", "relu") != "swiglu")
    y = n.mul(y, applyLayer(x, expert, 6));
  return applyLayer(y, expert, 4);
}

void MixtureOfExperts::build() {
  Value x = n.getInput(0), router = n.getInput(1);
  int64_t k = n.getInt("k", 1);
  if (!x || !router || !requireInt(n, "use_sparse_mixer", 0))
    return;
  constexpr int64_t maxExperts = 64;
  if (n.getRank(router) != 2 || n.getRank(x) < 2 || k < 1 || k > maxExperts)
    return (void)n.fail("expected router_probs of rank 2 and 1 to 64 experts per token");
  SmallVector<DimAttr> dims = n.getDims(x);
  Type type = n.getElementType(x), wide = n.getAccumulatorType(type);
  DimAttr count = n.getDim(router, 0);
  tokens = n.cast(n.reshape(x, {count, dims.back()}), wide);
  Value shares = n.softmax(n.cast(router, wide), 1);
  if (!shares)
    return;
  Value index = n.iota(n.getDims(shares), 1, n.getBuilder().getI64Type());
  SmallVector<Value> sorted = n.sort({shares, index}, 1, /*descending=*/true);
  Value best = sorted[0] ? n.slice(sorted[0], 1, n.dim(0), n.dim(k)) : Value();
  if (best && n.getInt("normalize_routing_weights", 0))
    best = n.div(best, n.sum(best, 1, /*keepDims=*/true));
  Value result;
  for (int64_t i = 0; i < k && !n.hasFailed(); ++i) {
    Value y = runExpert(tokens, n.takeRow(sorted[1], 1, n.dim(i)));
    y = n.mul(y, n.slice(best, 1, n.dim(i), n.dim(1)));
    result = result ? n.add(result, y) : y;
  }
  n.setOutput(0, n.cast(n.reshape(result, dims), type));
}

void tg::registerContribMoE(OnnxOpRegistry &r) {
  r.add("MoE", 1, [](OnnxNode &n) { MixtureOfExperts(n).build(); }, microsoftDomain);
}
