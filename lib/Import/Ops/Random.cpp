//===- Random.cpp - ONNX random numbers and dropout ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Threefry of the element's position, with a key from the attribute `seed`, or without it from the
// names of the node's outputs: every run of a model gives the same numbers.
//
//===----------------------------------------------------------------------===//

#include "Families.h"

#include "llvm/ADT/bit.h"
#include "llvm/Support/xxhash.h"

#include <cmath>

using namespace mlir;
using namespace tg;
using namespace tg::uop;

/// 64 random bits per element; streams differ.
static Value randomBits(OnnxNode &n, ArrayRef<DimAttr> dims, uint64_t stream) {
  Type ui64 = n.getBuilder().getIntegerType(64, /*isSigned=*/false);
  uint64_t key = llvm::xxh3_64bits(n.getOutputName(0));
  if (n.hasAttr("seed")) // An integer for Dropout only.
    key = n.getOpType() == "Dropout" ? static_cast<uint64_t>(n.getInt("seed"))
                                     : llvm::bit_cast<uint64_t>(n.getFloat("seed", 0));
  DimAttr count = n.product(dims);
  if (!count)
    return {};
  Value position = n.iota(count, 0, ui64);
  Value seed = n.scalarInt(static_cast<int64_t>(key + stream * 0x9e3779b97f4a7c15), ui64);
  return n.reshape(n.binary<ThreefryOp>(position, seed), dims);
}

/// Uniform in [0, 1), in `type`, which is f32 or f64.
static Value uniform(OnnxNode &n, ArrayRef<DimAttr> dims, Type type, uint64_t stream = 0) {
  Value bits = randomBits(n, dims, stream);
  if (!bits)
    return {};
  unsigned digits = type.isF64() ? 53 : 24;
  Value top = n.binary<ShrOp>(bits, n.scalarInt(64 - digits, n.getElementType(bits)));
  return n.mul(n.cast(top, type), n.scalar(std::ldexp(1.0, -static_cast<int>(digits)), type));
}

/// Normal with mean 0 and variance 1 (Box and Muller, 1958).
static Value normal(OnnxNode &n, ArrayRef<DimAttr> dims, Type type) {
  Value u = uniform(n, dims, type), angle = uniform(n, dims, type, 1);
  Value radius = n.unary<LogOp>(n.sub(n.scalar(1, type), u));
  radius = n.unary<SqrtOp>(n.mul(n.scalar(-2, type), radius));
  return n.mul(radius, n.unary<CosOp>(n.mul(angle, n.scalar(2 * M_PI, type))));
}

/// What random numbers are computed in: f64 for it, else f32.
static Type computeType(OnnxNode &n, Type type) {
  return type.isF64() ? type : Type(n.getBuilder().getF32Type());
}

template <bool isNormal> static Value generate(OnnxNode &n, ArrayRef<DimAttr> dims, Type type) {
  if (!type || n.hasFailed())
    return {};
  if (!isa<FloatType>(type))
    return n.fail("expected a float type");
  Type compute = computeType(n, type);
  auto number = [&](StringRef name, double standard) {
    return n.scalar(n.getFloat(name, standard), compute);
  };
  Value result;
  if (isNormal)
    result = n.add(n.mul(normal(n, dims, compute), number("scale", 1)), number("mean", 0));
  else
    result = n.add(n.mul(uniform(n, dims, compute), n.sub(number("high", 1), number("low", 0))),
                   number("low", 0));
  return n.cast(result, type);
}

template <bool isNormal> static void random(OnnxNode &n) {
  SmallVector<DimAttr> dims = n.dims(n.getInts("shape"));
  n.setOutput(0, generate<isNormal>(n, dims, n.getDataType(n.getInt("dtype", 1))));
}

template <bool isNormal> static void randomLike(OnnxNode &n) {
  RankedTensorType like = n.getInputType(0);
  if (!like)
    return (void)n.fail("input 0 is missing");
  Type type = n.hasAttr("dtype") ? n.getDataType(n.getInt("dtype")) : like.getElementType();
  n.setOutput(0, generate<isNormal>(n, getDims(like), type));
}

/// 1 with the probability that the input gives.
static void bernoulli(OnnxNode &n) {
  Value x = n.getInput(0);
  if (!x)
    return;
  Type type = n.hasAttr("dtype") ? n.getDataType(n.getInt("dtype")) : n.getElementType(x);
  Type compute = computeType(n, n.getElementType(x));
  Value isOne = n.lt(uniform(n, n.getDims(x), compute), n.cast(x, compute));
  n.setOutput(0, type ? n.cast(isOne, type) : Value());
}

/// Samples of categories, of which the input has the logarithms of the weights: [batch, samples].
/// The largest of log weights plus Gumbel noise is distributed so.
static void multinomial(OnnxNode &n) {
  Value x = n.getInput(0);
  Type type = n.getDataType(n.getInt("dtype", 6));
  int64_t count = n.getInt("sample_size", 1);
  if (!x || !type || n.getRank(x) != 2 || count < 1)
    return (void)n.fail("expected an input of rank 2 and at least one sample");
  Type compute = computeType(n, n.getElementType(x));
  SmallVector<DimAttr> dims{n.getDim(x, 0), n.dim(count), n.getDim(x, 1)};
  Value u = n.sub(n.scalar(1, compute), uniform(n, dims, compute)); // In (0, 1].
  Value noise = n.unary<LogOp>(n.unary<NegOp>(n.unary<LogOp>(u)));
  Value scores = n.sub(n.unsqueeze(n.cast(x, compute), 1), noise);
  n.setOutput(0, n.cast(n.argExtreme(scores, 2, /*isMax=*/true, /*takeLast=*/false,
                                     /*keepDims=*/false),
                        type));
}

/// In training, elements are dropped with probability `ratio` and the others scaled up; the mask
/// tells which were kept. Otherwise the input itself.
static void dropout(OnnxNode &n) {
  Value x = n.getInput(0);
  if (!x)
    return;
  SmallVector<DimAttr> dims = n.getDims(x);
  Type type = n.getElementType(x);
  Value kept = n.splat(n.getBuilder().getBoolAttr(true), dims), result = x;
  bool isTraining = false;
  if (n.hasInput(2)) {
    std::optional<int64_t> known = n.getKnownScalar(n.getInputValue(2));
    if (!known)
      return (void)n.failUnknown("input 'training_mode' must be known while importing",
                                 n.getInput(2));
    isTraining = *known;
  }
  if (isTraining) {
    Type compute = computeType(n, type);
    Value ratio =
        n.hasInput(1) ? n.cast(n.reshape(n.getInput(1), {}), compute) : n.scalar(0.5, compute);
    Value one = n.scalar(1, compute);
    kept = n.le(ratio, uniform(n, dims, compute));
    Value scaled = n.div(n.cast(x, compute), n.sub(one, ratio));
    result = n.cast(n.where(kept, scaled, n.scalar(0, compute)), type);
  }
  n.setOutput(0, result);
  // Before opset 10 the mask has the input's type.
  if (n.hasOutput(1))
    n.setOutput(1, n.getOpset() < 10 ? n.cast(kept, type) : kept);
}

void tg::registerOnnxRandom(OnnxOpRegistry &r) {
  r.add("Bernoulli", 15, bernoulli);
  r.add("Dropout", 6, dropout);
  r.add("Multinomial", 7, multinomial);
  r.add("RandomNormal", 1, random<true>);
  r.add("RandomNormalLike", 1, randomLike<true>);
  r.add("RandomUniform", 1, random<false>);
  r.add("RandomUniformLike", 1, randomLike<false>);
}
