//===- ContribActivations.cpp - ONNX Runtime's activations ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Contrib.h"

#include <cmath>

using namespace mlir;
using namespace tg;
using namespace tg::uop;

/// Computes in f32 or wider.
static void addUnary(OnnxOpRegistry &r, StringRef name, Value (*function)(OnnxNode &, Value),
                     StringRef domain) {
  auto build = [function](OnnxNode &n) {
    Value x = n.getInput(0);
    if (!x)
      return;
    Type type = n.getElementType(x);
    n.setOutput(0, n.cast(function(n, n.cast(x, n.getAccumulatorType(type))), type));
  };
  r.add(name, 1, build, domain);
}

/// x / 2 * (1 + erf(x / sqrt 2))
static Value gelu(OnnxNode &n, Value x) {
  Value erf = n.unary<ErfOp>(n.mul(x, n.splatLike(M_SQRT1_2, x)));
  return n.mul(n.mul(x, n.splatLike(0.5, x)), n.add(n.splatLike(1, x), erf));
}

/// The approximation by tanh, with the constants of the documentation.
static Value fastGelu(OnnxNode &n, Value x) {
  Value square = n.mul(x, x);
  Value inner = n.mul(x, n.add(n.splatLike(0.797885, x), n.mul(n.splatLike(0.035677, x), square)));
  return n.mul(n.mul(x, n.splatLike(0.5, x)), n.add(n.splatLike(1, x), n.unary<TanhOp>(inner)));
}

/// The function of x plus a bias, input 1, where it is given.
template <Value (*function)(OnnxNode &, Value)> static void withBias(OnnxNode &n) {
  Value x = n.getInput(0), bias = n.getOptionalInput(1);
  if (!x)
    return;
  Type type = n.getElementType(x), wide = n.getAccumulatorType(type);
  x = n.cast(x, wide);
  if (bias)
    x = n.add(x, n.cast(bias, wide));
  n.setOutput(0, n.cast(function(n, x), type));
}

static Value elu(OnnxNode &n, Value x, double alpha) {
  Value e = n.sub(n.unary<ExpOp>(x), n.splatLike(1, x));
  return n.where(n.lt(x, n.splatLike(0, x)), n.mul(n.splatLike(alpha, x), e), x);
}

static Value clamp(OnnxNode &n, Value x, double low, double high) {
  return n.min(n.max(x, n.splatLike(low, x)), n.splatLike(high, x));
}

static Value hardSigmoid(OnnxNode &n, Value x, double alpha, double beta) {
  return clamp(n, n.add(n.mul(n.splatLike(alpha, x), x), n.splatLike(beta, x)), 0, 1);
}

static Value celu(OnnxNode &n, Value x, double alpha) {
  Value e = n.unary<ExpOp>(n.div(x, n.splatLike(alpha, x)));
  Value negative = n.mul(n.splatLike(alpha, x), n.sub(e, n.splatLike(1, x)));
  return n.add(n.relu(x), n.min(n.splatLike(0, x), negative));
}

Value tg::activateFused(OnnxNode &n, Value x, StringRef name, ArrayRef<double> params) {
  if (!x || name.empty())
    return x;
  auto number = [&](double value) { return n.splatLike(value, x); };
  auto param = [&](size_t i) {
    if (i >= params.size())
      n.fail("activation '" + name + "' needs " + Twine(i + 1) + " parameters");
    return i < params.size() ? params[i] : 0.0;
  };
  if (name == "Relu")
    return n.relu(x);
  if (name == "Tanh")
    return n.unary<TanhOp>(x);
  if (name == "Sigmoid")
    return n.sigmoid(x);
  if (name == "Softplus")
    return n.softplus(x);
  if (name == "Softsign")
    return n.div(x, n.add(number(1), n.abs(x)));
  if (name == "LeakyRelu")
    return n.where(n.lt(x, number(0)), n.mul(x, number(param(0))), x);
  if (name == "Clip")
    return clamp(n, x, param(0), param(1));
  if (name == "HardSigmoid")
    return hardSigmoid(n, x, param(0), param(1));
  if (name == "HardSwish")
    return n.mul(x, hardSigmoid(n, x, 1.0 / 6, 0.5));
  if (name == "Elu")
    return elu(n, x, param(0));
  if (name == "Celu")
    return celu(n, x, param(0));
  if (name == "Selu") // alpha, beta, gamma: it has no beta.
    return n.mul(elu(n, x, param(0)), number(param(2)));
  if (name == "ThresholdedRelu")
    return n.where(n.lt(number(param(0)), x), x, number(0));
  if (name == "ScaledTanh")
    return n.mul(number(param(0)), n.unary<TanhOp>(n.mul(number(param(1)), x)));
  if (name == "ParametricSoftplus")
    return n.mul(number(param(0)), n.softplus(n.mul(number(param(1)), x)));
  return n.fail("activation '" + name + "' is not supported");
}

/// Operators that ONNX dropped and ONNX Runtime still has in its domain.
static void registerDropped(OnnxOpRegistry &r) {
  addUnary(
      r, "Affine",
      [](OnnxNode &n, Value x) {
        Value scaled = n.mul(n.splatLike(n.getFloat("alpha", 1), x), x);
        return n.add(scaled, n.splatLike(n.getFloat("beta", 0), x));
      },
      "");
  addUnary(
      r, "ParametricSoftplus",
      [](OnnxNode &n, Value x) {
        double params[] = {n.getFloat("alpha", 1), n.getFloat("beta", 1)};
        return activateFused(n, x, "ParametricSoftplus", params);
      },
      "");
  addUnary(
      r, "Scale",
      [](OnnxNode &n, Value x) { return n.mul(x, n.splatLike(n.getFloat("scale", 1), x)); }, "");
  addUnary(
      r, "ScaledTanh",
      [](OnnxNode &n, Value x) {
        double params[] = {n.getFloat("alpha", 1), n.getFloat("beta", 1)};
        return activateFused(n, x, "ScaledTanh", params);
      },
      "");
}

void tg::registerContribActivations(OnnxOpRegistry &r) {
  addUnary(r, "Gelu", gelu, microsoftDomain);
  addUnary(
      r, "QuickGelu",
      [](OnnxNode &n, Value x) {
        return n.mul(x, n.sigmoid(n.mul(x, n.splatLike(n.getFloat("alpha", 1.702), x))));
      },
      microsoftDomain);
  r.add("BiasGelu", 1, withBias<gelu>, microsoftDomain);
  r.add("FastGelu", 1, withBias<fastGelu>, microsoftDomain);
  registerDropped(r);
}
