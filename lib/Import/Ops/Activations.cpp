//===- Activations.cpp - ONNX activation functions ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Families.h"

#include <cmath>

using namespace mlir;
using namespace tg;
using namespace tg::uop;

Value OnnxNode::sigmoid(Value x) {
  return unary<ReciprocalOp>(add(splatLike(1, x), unary<ExpOp>(unary<NegOp>(x))));
}

Value OnnxNode::relu(Value x) { return max(x, splatLike(0, x)); }

/// max(x, 0) + log1p(e^-|x|); log1p(e) is e where 1 + e rounds to 1, else log(u) * e / (u - 1) with
/// u = 1 + e (Kahan), which cancels the rounding of u.
Value OnnxNode::softplus(Value x) {
  Value e = unary<ExpOp>(unary<NegOp>(abs(x))), one = splatLike(1, x);
  Value u = add(one, e), difference = sub(u, one);
  Value log1p = where(eq(u, one), e, mul(unary<LogOp>(u), div(e, difference)));
  return add(relu(x), log1p);
}

Value OnnxNode::softmax(Value x, ArrayRef<int64_t> axes, bool logarithm) {
  if (!x)
    return {};
  Type type = getElementType(x);
  x = cast(x, getAccumulatorType(type));
  Value shifted = sub(x, reduce(CombineKind::Max, x, axes, /*keepDims=*/true));
  Value e = unary<ExpOp>(shifted);
  Value total = reduce(CombineKind::Add, e, axes, /*keepDims=*/true);
  return cast(logarithm ? sub(shifted, unary<LogOp>(total)) : div(e, total), type);
}

/// Before opset 13 the axes from `axis` on count as one.
template <bool logarithm> static void softmaxOver(OnnxNode &n) {
  Value x = n.getInput(0);
  if (!x)
    return;
  int64_t rank = n.getRank(x);
  bool isOld = n.getOpset() < 13;
  int64_t axis = n.getInt("axis", isOld ? 1 : -1);
  // A rank of 1 with the old default of 1 means no axis at all.
  if (isOld && axis == rank)
    return n.setOutput(0, n.softmax(n.unsqueeze(x, rank), rank, logarithm));
  axis = n.normalizeAxis(axis, rank);
  auto axes = llvm::to_vector(llvm::seq<int64_t>(axis, isOld ? rank : axis + 1));
  n.setOutput(0, n.softmax(x, axes, logarithm));
}

/// 1 at the first largest element, 0 elsewhere.
static void hardmax(OnnxNode &n) {
  Value x = n.getInput(0);
  if (!x)
    return;
  Type type = n.getElementType(x);
  SmallVector<DimAttr> dims = n.getDims(x);
  bool isOld = n.getOpset() < 13;
  int64_t axis = n.normalizeAxis(n.getInt("axis", isOld ? 1 : -1), dims.size());
  if (isOld) {
    DimAttr rest = n.product(ArrayRef(dims).drop_front(axis));
    if (!rest)
      return;
    SmallVector<DimAttr> flat(ArrayRef(dims).take_front(axis));
    flat.push_back(rest);
    x = n.reshape(x, flat);
  }
  Value best = n.argExtreme(x, axis, /*isMax=*/true, /*takeLast=*/false, /*keepDims=*/true);
  if (!best)
    return;
  Value index = n.iota(n.getDims(x), axis, n.getBuilder().getI64Type());
  n.setOutput(0, n.reshape(n.cast(n.eq(index, best), type), dims));
}

static Value elu(OnnxNode &n, Value x, double alpha, double scale = 1) {
  Value zero = n.splatLike(0, x);
  Value negative = n.mul(n.splatLike(alpha, x), n.sub(n.unary<ExpOp>(x), n.splatLike(1, x)));
  Value result = n.where(n.lt(x, zero), negative, x);
  return scale == 1 ? result : n.mul(result, n.splatLike(scale, x));
}

/// x / 2 * (1 + erf(x / sqrt 2)), or the usual approximation by tanh.
static Value gelu(OnnxNode &n, Value x) {
  Value half = n.mul(x, n.splatLike(0.5, x)), one = n.splatLike(1, x);
  StringRef approximate = n.getString("approximate", "none");
  if (approximate == "none")
    return n.mul(half, n.add(one, n.unary<ErfOp>(n.mul(x, n.splatLike(M_SQRT1_2, x)))));
  if (approximate != "tanh")
    return n.fail("attribute 'approximate' must be none or tanh");
  Value cube = n.mul(n.mul(x, x), x);
  Value inner =
      n.mul(n.splatLike(std::sqrt(2 / M_PI), x), n.add(x, n.mul(n.splatLike(0.044715, x), cube)));
  return n.mul(half, n.add(one, n.unary<TanhOp>(inner)));
}

static Value hardSigmoid(OnnxNode &n, Value x, double alpha, double beta) {
  Value line = n.add(n.mul(n.splatLike(alpha, x), x), n.splatLike(beta, x));
  return n.min(n.max(line, n.splatLike(0, x)), n.splatLike(1, x));
}

static Value leaky(OnnxNode &n, Value x, Value slope) {
  return n.where(n.lt(x, n.splatLike(0, x)), n.mul(x, slope), x);
}

static Value shrink(OnnxNode &n, Value x) {
  double lambda = n.getFloat("lambd", 0.5), bias = n.getFloat("bias", 0);
  Value zero = n.splatLike(0, x);
  Value low = n.where(n.lt(x, n.splatLike(-lambda, x)), n.add(x, n.splatLike(bias, x)), zero);
  return n.where(n.lt(n.splatLike(lambda, x), x), n.sub(x, n.splatLike(bias, x)), low);
}

/// Registers a function of one input.
static void addUnary(OnnxOpRegistry &r, StringRef name, Value (*function)(OnnxNode &, Value)) {
  r.add(name, 1, [function](OnnxNode &n) { n.setOutput(0, function(n, n.getInput(0))); });
}

void tg::registerOnnxActivations(OnnxOpRegistry &r) {
  r.add("Softmax", 1, softmaxOver<false>);
  r.add("LogSoftmax", 1, softmaxOver<true>);
  r.add("Hardmax", 1, hardmax);
  addUnary(r, "Relu", [](OnnxNode &n, Value x) { return n.relu(x); });
  addUnary(r, "Sigmoid", [](OnnxNode &n, Value x) { return n.sigmoid(x); });
  addUnary(r, "Softplus", [](OnnxNode &n, Value x) { return n.softplus(x); });
  addUnary(r, "Softsign",
           [](OnnxNode &n, Value x) { return n.div(x, n.add(n.splatLike(1, x), n.abs(x))); });
  addUnary(r, "Elu", [](OnnxNode &n, Value x) { return elu(n, x, n.getFloat("alpha", 1)); });
  addUnary(r, "Selu", [](OnnxNode &n, Value x) {
    return elu(n, x, n.getFloat("alpha", 1.67326319217681884765625),
               n.getFloat("gamma", 1.05070102214813232421875));
  });
  // max(0, x) + min(0, alpha * (e^(x / alpha) - 1))
  addUnary(r, "Celu", [](OnnxNode &n, Value x) {
    double alpha = n.getFloat("alpha", 1);
    Value e = n.unary<ExpOp>(n.div(x, n.splatLike(alpha, x)));
    Value negative = n.mul(n.splatLike(alpha, x), n.sub(e, n.splatLike(1, x)));
    return n.add(n.relu(x), n.min(n.splatLike(0, x), negative));
  });
  addUnary(r, "Gelu", gelu);
  addUnary(r, "HardSigmoid", [](OnnxNode &n, Value x) {
    return hardSigmoid(n, x, n.getFloat("alpha", 0.2), n.getFloat("beta", 0.5));
  });
  addUnary(r, "HardSwish",
           [](OnnxNode &n, Value x) { return n.mul(x, hardSigmoid(n, x, 1.0 / 6, 0.5)); });
  addUnary(r, "Swish", [](OnnxNode &n, Value x) {
    return n.mul(x, n.sigmoid(n.mul(x, n.splatLike(n.getFloat("alpha", 1), x))));
  });
  addUnary(r, "Mish",
           [](OnnxNode &n, Value x) { return n.mul(x, n.unary<TanhOp>(n.softplus(x))); });
  addUnary(r, "LeakyRelu", [](OnnxNode &n, Value x) {
    return leaky(n, x, n.splatLike(n.getFloat("alpha", 0.01), x));
  });
  addUnary(r, "ThresholdedRelu", [](OnnxNode &n, Value x) {
    Value alpha = n.splatLike(n.getFloat("alpha", 1), x);
    return n.where(n.lt(alpha, x), x, n.splatLike(0, x));
  });
  addUnary(r, "Shrink", shrink);
  // Before opset 7 the slope is one per channel, which is axis 1.
  r.add("PRelu", 6, [](OnnxNode &n) {
    Value x = n.getInput(0), slope = n.getInput(1);
    if (x && slope && n.getRank(x) > 2 && n.getRank(slope) == 1)
      slope = n.unsqueeze(slope, llvm::to_vector(llvm::seq<int64_t>(1, n.getRank(x) - 1)));
    n.setOutput(0, leaky(n, x, slope));
  });
  r.add("PRelu", 7, [](OnnxNode &n) { n.setOutput(0, leaky(n, n.getInput(0), n.getInput(1))); });
}
