//===- Training.cpp - Optimizers of ai.onnx.preview.training ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The inputs are the rate R, the number of the step T, then for several tensors at once all values,
// all gradients, and the state of each kind; the outputs are the new values and states.
//
//===----------------------------------------------------------------------===//

#include "Families.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

namespace {
/// One tensor that is trained: its value, its gradient and its states.
struct Trained {
  Value rate, step, x, g;
  SmallVector<Value, 2> states;
};
} // namespace

static Value attribute(OnnxNode &n, Value like, StringRef name, double standard) {
  return like ? n.scalar(n.getFloat(name, standard), n.getElementType(like)) : Value();
}

/// Calls `update`, which gives the new value and states, for every tensor.
template <typename Update> static auto optimizer(unsigned numStates, Update update) {
  return [=](OnnxNode &n) {
    unsigned perTensor = 2 + numStates, given = n.getNumInputs();
    if (given < 2 + perTensor || (given - 2) % perTensor != 0)
      return (void)n.fail("expected a rate, a step and " + Twine(perTensor) + " inputs per tensor");
    unsigned count = (given - 2) / perTensor;
    for (unsigned i = 0; i < count && !n.hasFailed(); ++i) {
      Trained t;
      t.x = n.getInput(2 + i);
      t.g = n.getInput(2 + count + i);
      for (unsigned k = 0; k < numStates; ++k)
        t.states.push_back(n.getInput(2 + (2 + k) * count + i));
      if (!t.x)
        return;
      Type type = n.getElementType(t.x);
      t.rate = n.cast(n.getInput(0), type);
      t.step = n.cast(n.getInput(1), type);
      // The gradient of the regularization is part of the gradient.
      t.g = n.add(n.mul(attribute(n, t.x, "norm_coefficient", 0), t.x), t.g);
      for (auto [k, value] : llvm::enumerate(update(n, t)))
        n.setOutput(k * count + i, value);
    }
  };
}

static SmallVector<Value> adagrad(OnnxNode &n, const Trained &t) {
  Value one = attribute(n, t.x, "", 1);
  Value rate = n.div(t.rate, n.add(one, n.mul(t.step, attribute(n, t.x, "decay_factor", 0))));
  Value h = n.add(t.states[0], n.mul(t.g, t.g));
  Value divisor = n.add(n.unary<SqrtOp>(h), attribute(n, t.x, "epsilon", 1e-6));
  return {n.sub(t.x, n.div(n.mul(rate, t.g), divisor)), h};
}

static SmallVector<Value> adam(OnnxNode &n, const Trained &t) {
  Value one = attribute(n, t.x, "", 1), zero = attribute(n, t.x, "", 0);
  Value alpha = attribute(n, t.x, "alpha", 0.9), beta = attribute(n, t.x, "beta", 0.999);
  Value v = n.add(n.mul(alpha, t.states[0]), n.mul(n.sub(one, alpha), t.g));
  Value h = n.add(n.mul(beta, t.states[1]), n.mul(n.sub(one, beta), n.mul(t.g, t.g)));
  // From the second step on the bias of the averages, which begin at 0, is taken out.
  Value corrected = n.div(n.mul(t.rate, n.unary<SqrtOp>(n.sub(one, n.binary<PowOp>(beta, t.step)))),
                          n.sub(one, n.binary<PowOp>(alpha, t.step)));
  Value rate = n.where(n.lt(zero, t.step), corrected, t.rate);
  Value divisor = n.add(n.unary<SqrtOp>(h), attribute(n, t.x, "epsilon", 1e-6));
  Value x = n.sub(t.x, n.mul(rate, n.div(v, divisor)));
  return {n.mul(n.sub(one, attribute(n, t.x, "norm_coefficient_post", 0)), x), v, h};
}

static SmallVector<Value> momentum(OnnxNode &n, const Trained &t) {
  StringRef mode = n.getString("mode");
  if (mode != "standard" && mode != "nesterov")
    return n.fail("attribute 'mode' is '" + mode + "'"), SmallVector<Value>();
  Value one = attribute(n, t.x, "", 1), zero = attribute(n, t.x, "", 0);
  Value alpha = attribute(n, t.x, "alpha", 0);
  Value beta = n.where(n.lt(zero, t.step), attribute(n, t.x, "beta", 0), one);
  Value v = n.add(n.mul(alpha, t.states[0]), n.mul(beta, t.g));
  Value direction = mode == "nesterov" ? n.add(t.g, n.mul(alpha, v)) : v;
  return {n.sub(t.x, n.mul(t.rate, direction)), v};
}

void tg::registerOnnxTraining(OnnxOpRegistry &r) {
  StringRef domain = "ai.onnx.preview.training";
  r.add("Adagrad", 1, optimizer(1, adagrad), domain);
  r.add("Adam", 1, optimizer(2, adam), domain);
  r.add("Momentum", 1, optimizer(1, momentum), domain);
}
