//===- ContribNormalization.cpp - ONNX Runtime's normalizations ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Contrib.h"

#include "Quantization.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

/// x / sqrt(mean of squares over `axes` + epsilon); the divisor's inverse is the second result.
static std::pair<Value, Value> divideByRoot(OnnxNode &n, Value x, ArrayRef<int64_t> axes,
                                            double epsilon) {
  Value square = n.mean(n.mul(x, x), axes, /*keepDims=*/true);
  Value inverse =
      n.unary<ReciprocalOp>(n.unary<SqrtOp>(n.add(square, n.splatLike(epsilon, square))));
  return {n.mul(x, inverse), inverse};
}

/// RMSNormalization, with the inverse deviation as a result.
static void simplifiedLayerNormalization(OnnxNode &n) {
  Value x = n.getInput(0), scale = n.getInput(1);
  if (!x || !scale)
    return;
  int64_t rank = n.getRank(x), axis = n.normalizeAxis(n.getInt("axis", -1), rank);
  Type type = n.getElementType(scale), wide = n.getAccumulatorType(n.getElementType(x));
  auto axes = llvm::to_vector(llvm::seq<int64_t>(axis, rank));
  auto [y, inverse] = divideByRoot(n, n.cast(x, wide), axes, n.getFloat("epsilon", 1e-5));
  n.setOutput(0, n.cast(n.mul(y, n.cast(scale, wide)), type));
  if (Type stash = n.getDataType(n.getInt("stash_type", 1)))
    n.setOutput(1, n.cast(inverse, stash));
}

/// input + skip + bias, wide; it is output 3 too.
static Value addSkip(OnnxNode &n, unsigned biasInput) {
  Value x = n.getInput(0), skip = n.getInput(1), bias = n.getOptionalInput(biasInput);
  if (!x || !skip)
    return {};
  if (n.getRank(x) == 0)
    return n.fail("expected an input of rank 1 or more");
  Type type = n.getElementType(x), wide = n.getAccumulatorType(type);
  Value sum = n.add(n.cast(x, wide), n.broadcastTo(n.cast(skip, wide), n.getDims(x)));
  if (bias)
    sum = n.add(sum, n.cast(bias, wide));
  n.setOutput(3, n.cast(sum, type));
  return sum;
}

static void skipLayerNormalization(OnnxNode &n) {
  Value sum = addSkip(n, 4), gamma = n.getInput(2), beta = n.getOptionalInput(3);
  if (!sum || !gamma)
    return;
  Type type = n.getElementType(gamma), wide = n.getElementType(sum);
  Standardized standardized =
      standardizeOnnx(n, sum, n.getRank(sum) - 1, n.getFloat("epsilon", 1e-12));
  Value y = n.mul(standardized.result, n.cast(gamma, wide));
  if (beta)
    y = n.add(y, n.cast(beta, wide));
  n.setOutput(0, n.cast(y, type));
  n.setOutput(1, standardized.mean);
  n.setOutput(2, standardized.inverseDeviation);
}

static void skipSimplifiedLayerNormalization(OnnxNode &n) {
  Value sum = addSkip(n, 3), gamma = n.getInput(2);
  if (!sum || !gamma)
    return;
  Type type = n.getElementType(gamma), wide = n.getElementType(sum);
  auto [y, inverse] = divideByRoot(n, sum, n.getRank(sum) - 1, n.getFloat("epsilon", 1e-12));
  n.setOutput(0, n.cast(n.mul(y, n.cast(gamma, wide)), type));
  // There is no mean here; ONNX Runtime gives zeros.
  n.setOutput(1, n.splatLike(0, inverse));
  n.setOutput(2, inverse);
}

namespace {
/// What the layer normalization of embeddings reads besides ids: floats, dequantized if need be.
struct EmbeddingTables {
  Value words, positions, segments, gamma, beta;
};
} // namespace

/// The layer normalization of the sum of the embeddings of words, positions and segments.
/// `places` are the positions, null for 0, 1, ...
static void embed(OnnxNode &n, const EmbeddingTables &tables, Value places) {
  Value ids = n.getInput(0);
  if (!ids || !tables.words || !tables.positions || !tables.gamma || !tables.beta)
    return;
  if (n.getRank(ids) != 2)
    return (void)n.fail("expected ids of rank 2");
  Type type = n.getElementType(tables.words), wide = n.getAccumulatorType(type);
  Type i64 = n.getBuilder().getI64Type();
  auto look = [&](Value table, Value index) {
    return n.cast(n.gather(table, n.cast(index, i64), 0), wide);
  };
  if (!places)
    places = n.iota({n.dim(1), n.getDim(ids, 1)}, 1, i64);
  Value sum = n.add(look(tables.words, ids), look(tables.positions, places));
  if (Value segments = n.getOptionalInput(1))
    sum = n.add(sum, look(tables.segments, segments));
  if (!sum || n.getRank(sum) != 3)
    return (void)n.fail("expected tables of rank 2");
  n.setOutput(2, n.cast(sum, type));
  Value y = standardizeOnnx(n, sum, 2, n.getFloat("epsilon", 1e-12)).result;
  y = n.add(n.mul(y, n.cast(tables.gamma, wide)), n.cast(tables.beta, wide));
  n.setOutput(0, n.cast(y, type));

  // How many entries of the mask are 1: the length of a sequence that is padded at its end.
  Type i32 = n.getBuilder().getI32Type();
  if (Value mask = n.getOptionalInput(7))
    n.setOutput(1, n.sum(n.cast(n.eq(mask, n.splatLike(1, mask)), i32), 1));
  else
    n.setOutput(1, n.broadcastTo(n.scalarInt(0, i32), n.getDim(ids, 0)));
}

static void embedLayerNormalization(OnnxNode &n) {
  EmbeddingTables tables{n.getInput(2), n.getInput(3), n.getOptionalInput(4), n.getInput(5),
                         n.getInput(6)};
  embed(n, tables, n.getOptionalInput(8));
}

/// Five tables, then their scales, then their zero points.
static void qEmbedLayerNormalization(OnnxNode &n) {
  auto read = [&](unsigned table, unsigned scale) -> Value {
    Value x = n.getOptionalInput(table);
    if (!x)
      return {};
    Value factor = n.getInput(scale), zero = n.getInput(scale + 5);
    if (!factor || !zero)
      return {};
    x = subtractQuantZero(n, x, n.reshape(zero, {}));
    return n.mul(n.cast(x, n.getElementType(factor)), n.reshape(factor, {}));
  };
  embed(n, {read(2, 8), read(3, 9), read(4, 10), read(5, 11), read(6, 12)}, {});
}

void tg::registerContribNormalizations(OnnxOpRegistry &r) {
  r.add("SimplifiedLayerNormalization", 1, simplifiedLayerNormalization);
  r.add("SimplifiedLayerNormalization", 1, simplifiedLayerNormalization, microsoftDomain);
  r.add("EmbedLayerNormalization", 1, embedLayerNormalization, microsoftDomain);
  r.add("QEmbedLayerNormalization", 1, qEmbedLayerNormalization, microsoftDomain);
  r.add("SkipLayerNormalization", 1, skipLayerNormalization, microsoftDomain);
  r.add("SkipSimplifiedLayerNormalization", 1, skipSimplifiedLayerNormalization, microsoftDomain);
}
