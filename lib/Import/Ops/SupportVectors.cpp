//===- SupportVectors.cpp - Support vector machines of ai.onnx.ml ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MachineLearning.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

/// Larger tables are taken for an attack on the memory.
static constexpr int64_t maxEntries = 1 << 26;

/// f32 rows [count, numbers].
static Value makeRows(OnnxNode &n, ArrayRef<double> values, int64_t count) {
  return n.reshape(onnxFloats(n, values),
                   n.dims({count, static_cast<int64_t>(values.size()) / count}));
}

/// The kernel of each row of x [N, F] with each of `count` vectors: [N, count].
static Value applyKernel(OnnxNode &n, Value x, ArrayRef<double> vectors, int64_t count) {
  StringRef type = n.getString("kernel_type", "LINEAR");
  SmallVector<double> params = n.getFloats("kernel_params");
  if (!x || n.hasFailed())
    return {};
  if (!params.empty() && params.size() != 3)
    return n.fail("attribute 'kernel_params' must have 3 values, has " + Twine(params.size()));
  params.resize(3);
  auto [gamma, coef0, degree] = std::array{params[0], params[1], params[2]};
  auto numbers = static_cast<int64_t>(vectors.size());
  if (numbers == 0 || numbers % count != 0)
    return n.fail("attribute 'support_vectors' has " + Twine(numbers) + " values for " +
                  Twine(count) + " vectors");
  if (!checkOnnxFeatures(n, x, numbers / count))
    return {};
  Value rows = makeRows(n, vectors, count);
  if (type == "RBF") { // e^(-gamma |x - v|^2)
    Value distance = n.sub(n.unsqueeze(x, 1), rows);
    Value square = n.sum(n.mul(distance, distance), {2});
    return square ? n.unary<ExpOp>(n.mul(square, n.splatLike(-gamma, square))) : Value();
  }
  Value dot = n.matmul(x, n.transpose(rows, 0, 1));
  if (!dot || type == "LINEAR")
    return dot;
  Value y = n.add(n.mul(dot, n.splatLike(gamma, dot)), n.splatLike(coef0, dot));
  if (type == "SIGMOID")
    return n.unary<TanhOp>(y);
  if (type != "POLY")
    return n.fail("attribute 'kernel_type' is '" + type + "'");
  if (degree == 2 || degree == 3)
    return degree == 2 ? n.mul(y, y) : n.mul(n.mul(y, y), y);
  return n.binary<PowOp>(y, n.splatLike(degree, y));
}

/// Kernels with the support vectors, or x itself, times coefficients, plus rho; its sign where it
/// tells outliers.
static void svmRegressor(OnnxNode &n) {
  Value x = getOnnxRows(n, n.getBuilder().getF32Type());
  SmallVector<double> coefficients = n.getFloats("coefficients"), rho = n.getFloats("rho");
  int64_t count = n.getInt("n_supports", 0);
  bool isOneClass = n.getInt("one_class", 0) != 0;
  if (!x || n.hasFailed())
    return;
  if (rho.size() != 1 || count < 0 || (count > 0 && count != int64_t(coefficients.size())))
    return (void)n.fail("expected one 'rho', and a coefficient per support vector");
  if (count > 0)
    x = applyKernel(n, x, n.getFloats("support_vectors"), count);
  Value y = onnxLinear(n, x, coefficients, 1, rho);
  if (!y)
    return;
  if (isOneClass)
    y = n.where(n.lt(n.splatLike(0, y), y), n.splatLike(1, y), n.splatLike(-1, y));
  n.setOutput(0, isOneClass ? y : transformOnnxScores(n, y, n.getString("post_transform", "NONE")));
}

//===----------------------------------------------------------------------===//
// Classifier
//===----------------------------------------------------------------------===//

namespace {
/// One machine per pair of classes i < j, in the order (0, 1), (0, 2) and so on.
class PairwiseMachine {
public:
  PairwiseMachine(OnnxNode &n, int64_t numClasses)
      : n(n), numClasses(numClasses), numPairs(numClasses * (numClasses - 1) / 2) {}

  /// The scores [N, pairs] of kernels [N, vectors]. Coefficients are [classes - 1, vectors], where
  /// vectors of class c leave out the row of c itself.
  Value getScores(Value kernels, ArrayRef<int64_t> vectorsPerClass, ArrayRef<double> coefficients,
                  ArrayRef<double> rho);
  /// The class [N] with most pairs won, of equal ones the first. A score above 0 is for the first
  /// of a pair.
  Value vote(Value scores);
  /// The probabilities of the classes [N, classes].
  Value couple(Value scores, ArrayRef<double> a, ArrayRef<double> b);

private:
  /// Calls `action` with each pair and its number.
  void forEachPair(function_ref<void(int64_t, int64_t, int64_t)> action) {
    for (int64_t i = 0, pair = 0; i < numClasses; ++i)
      for (int64_t j = i + 1; j < numClasses; ++j, ++pair)
        action(i, j, pair);
  }
  /// A step of `couple`.
  Value descend(Value q, Value diagonal, Value p);

  OnnxNode &n;
  int64_t numClasses, numPairs;
};
} // namespace

Value PairwiseMachine::getScores(Value kernels, ArrayRef<int64_t> vectorsPerClass,
                                 ArrayRef<double> coefficients, ArrayRef<double> rho) {
  SmallVector<int64_t> starts{0};
  for (int64_t count : vectorsPerClass)
    starts.push_back(starts.back() + count);
  int64_t numVectors = starts.back();
  SmallVector<double> weights(numPairs * numVectors);
  forEachPair([&](int64_t i, int64_t j, int64_t pair) {
    for (int64_t v = starts[i]; v < starts[i + 1]; ++v)
      weights[pair * numVectors + v] = coefficients[(j - 1) * numVectors + v];
    for (int64_t v = starts[j]; v < starts[j + 1]; ++v)
      weights[pair * numVectors + v] = coefficients[i * numVectors + v];
  });
  // In f64, as ONNX Runtime does: much of the sum cancels.
  Value scores = onnxLinear(n, n.cast(kernels, n.getBuilder().getF64Type()), weights, numPairs,
                            rho.take_front(numPairs));
  return n.cast(scores, n.getBuilder().getF32Type());
}

Value PairwiseMachine::vote(Value scores) {
  if (!scores)
    return {};
  // Class i wins a pair (i, j), or j does: votes = won W + (pairs in which the class is second).
  SmallVector<double> weights(numClasses * numPairs), second(numClasses);
  forEachPair([&](int64_t i, int64_t j, int64_t pair) {
    weights[i * numPairs + pair] = 1;
    weights[j * numPairs + pair] = -1;
    ++second[j];
  });
  Value won = n.cast(n.lt(n.splatLike(0, scores), scores), n.getBuilder().getF32Type());
  Value votes = onnxLinear(n, won, weights, numClasses, second);
  return votes ? n.argExtreme(votes, 1, /*isMax=*/true, /*takeLast=*/false, /*keepDims=*/false)
               : Value();
}

Value PairwiseMachine::descend(Value q, Value diagonal, Value p) {
  Value qp = n.sum(n.mul(q, n.unsqueeze(p, 1)), {2});
  Value pqp = n.sum(n.mul(p, qp), {1}, /*keepDims=*/true);
  Value error = n.reduce(CombineKind::Max, n.abs(n.sub(qp, pqp)), {1}, /*keepDims=*/true);
  if (!error)
    return {};
  Value isDone = n.lt(error, n.splatLike(0.005 / static_cast<double>(numClasses), error));
  Value number = n.iota({n.dim(1), n.dim(numClasses)}, 1, n.getBuilder().getI64Type());
  auto results = n.forLoop(n.dim(numClasses), {p, qp, pqp}, [&](DimAttr i, ValueRange carried) {
    Value p = carried[0], qp = carried[1], pqp = carried[2];
    Value qpi = n.slice(qp, 1, i, n.dim(1)), qii = n.slice(diagonal, 1, i, n.dim(1));
    Value change = n.div(n.sub(pqp, qpi), qii);
    if (!change)
      return SmallVector<Value>();
    Value scale = n.add(n.splatLike(1, change), change);
    Value here = n.eq(number, n.size(i));
    p = n.div(n.where(here, n.add(p, change), p), scale);
    Value slope = n.add(n.mul(change, qii), n.add(qpi, qpi));
    pqp = n.div(n.div(n.add(pqp, n.mul(change, slope)), scale), scale);
    qp = n.div(n.add(qp, n.mul(change, n.takeRow(q, 1, i))), scale);
    return SmallVector<Value>{p, qp, pqp};
  });
  return results ? n.where(isDone, p, results->front()) : Value();
}

/// With r_ij the probability of i in the pair (i, j), by 1 / (1 + e^(a s + b)), the p that
/// minimizes sum (r_ji p_i - r_ij p_j)^2 (Wu, Lin and Weng, 2004). Coordinate descent as libSVM and
/// ONNX Runtime do it: where it stops, at an error of 0.005 / classes, shows in the third digit.
Value PairwiseMachine::couple(Value scores, ArrayRef<double> a, ArrayRef<double> b) {
  if (!scores)
    return {};
  Value exponent = n.add(n.mul(scores, onnxFloats(n, a.take_front(numPairs))),
                         onnxFloats(n, b.take_front(numPairs)));
  Value won = exponent ? n.sigmoid(n.unary<NegOp>(exponent)) : Value();
  won = n.min(n.max(won, n.splatLike(1e-7, scores)), n.splatLike(1 - 1e-7, scores));
  // r from pairs, with 0 in the diagonal.
  SmallVector<int64_t> pairs(numClasses * numClasses), signs(numClasses * numClasses);
  forEachPair([&](int64_t i, int64_t j, int64_t pair) {
    pairs[i * numClasses + j] = pairs[j * numClasses + i] = pair;
    signs[i * numClasses + j] = 1;
    signs[j * numClasses + i] = -1;
  });
  SmallVector<DimAttr> square = n.dims({numClasses, numClasses});
  Value upper = n.gather(won, n.reshape(onnxIntegers(n, pairs), square), 1);
  Value sign = n.reshape(onnxIntegers(n, signs), square);
  if (!upper || !sign)
    return {};
  Value none = n.splatLike(0, sign), zero = n.splatLike(0, upper);
  Value r = n.where(n.lt(none, sign), upper, n.sub(n.splatLike(1, upper), upper));
  Value isDiagonal = n.eq(sign, none);
  r = n.where(isDiagonal, zero, r);
  Value transposed = n.permute(r, {0, 2, 1});
  Value diagonal = n.sum(n.mul(transposed, transposed), {2});
  Value q = n.where(isDiagonal, n.unsqueeze(diagonal, 2), n.unary<NegOp>(n.mul(r, transposed)));
  if (!q || !diagonal)
    return {};
  Value p = n.splatLike(1.0 / static_cast<double>(numClasses), diagonal);
  constexpr int64_t numSteps = 100;
  auto results = n.forLoop(n.dim(numSteps), {p}, [&](DimAttr, ValueRange carried) {
    return SmallVector<Value>{descend(q, diagonal, carried[0])};
  });
  return results ? results->front() : Value();
}

/// Without support vectors: a score per class.
static void linearMachine(OnnxNode &n, Value x, const OnnxClasses &classes,
                          ArrayRef<double> coefficients, double rho, bool hasProbabilities) {
  Value scores = onnxLinear(n, x, coefficients, classes.count, {rho});
  if (!scores)
    return;
  Value index = n.argExtreme(scores, 1, /*isMax=*/true, /*takeLast=*/false, /*keepDims=*/false);
  if (classes.count == 2 && !hasProbabilities) {
    // As ONNX Runtime has it: the second class where any score is large.
    bool isPositive = llvm::all_of(coefficients, [](double value) { return value >= 0; });
    Value largest = n.reduce(CombineKind::Max, scores, {1});
    Value isLarge = !largest     ? Value()
                    : isPositive ? n.le(n.splatLike(0.5, largest), largest)
                                 : n.lt(n.splatLike(0, largest), largest);
    index = index ? n.where(isLarge, n.splatLike(1, index), index) : Value();
  }
  classes.setLabels(n, index);
  n.setOutput(1, transformOnnxScores(n, scores, n.getString("post_transform", "NONE")));
}

static void svmClassifier(OnnxNode &n) {
  Value x = getOnnxRows(n, n.getBuilder().getF32Type());
  std::optional<OnnxClasses> classes = OnnxClasses::read(n, "classlabels_ints");
  SmallVector<double> coefficients = n.getFloats("coefficients"), rho = n.getFloats("rho"),
                      a = n.getFloats("prob_a"), b = n.getFloats("prob_b");
  SmallVector<int64_t> vectorsPerClass = n.getInts("vectors_per_class");
  StringRef transform = n.getString("post_transform", "NONE");
  if (!x || !classes || n.hasFailed())
    return;
  int64_t numVectors = 0, numClasses = classes->count;
  for (int64_t count : vectorsPerClass) {
    if (count < 0 || count > maxEntries)
      return (void)n.fail("attribute 'vectors_per_class' is out of range");
    numVectors = std::min(numVectors + count, maxEntries);
  }
  if (rho.empty() || a.size() != b.size())
    return (void)n.fail("expected 'rho', and as many 'prob_a' as 'prob_b'");
  if (numVectors == 0)
    return linearMachine(n, x, *classes, coefficients, rho.front(), !a.empty());
  if (numClasses < 2 || int64_t(vectorsPerClass.size()) != numClasses)
    return (void)n.fail("expected two classes or more, and 'vectors_per_class' for each");
  constexpr int64_t maxClasses = 512;
  int64_t numPairs = numClasses * (numClasses - 1) / 2;
  if (numClasses > maxClasses || numVectors >= maxEntries / numPairs)
    return (void)n.fail("there are too many classes or support vectors");
  auto isShort = [&](ArrayRef<double> values) { return int64_t(values.size()) < numPairs; };
  if (int64_t(coefficients.size()) < (numClasses - 1) * numVectors || isShort(rho) ||
      (!a.empty() && isShort(a)))
    return (void)n.fail("expected " + Twine(numClasses - 1) + " coefficients per support vector, " +
                        "and a 'rho', 'prob_a' and 'prob_b' for each of " + Twine(numPairs) +
                        " pairs of classes");
  PairwiseMachine machine(n, numClasses);
  Value kernels = applyKernel(n, x, n.getFloats("support_vectors"), numVectors);
  Value scores = machine.getScores(kernels, vectorsPerClass, coefficients, rho);
  if (!scores)
    return;
  classes->setLabels(n, machine.vote(scores));
  if (!a.empty())
    n.setOutput(1, transformOnnxScores(n, machine.couple(scores, a, b), transform));
  else if (numClasses == 2)
    n.setOutput(1, pairOnnxScores(n, scores, /*isProbability=*/transform != "NONE", transform));
  else
    n.setOutput(1, transformOnnxScores(n, scores, transform));
}

void tg::registerOnnxSupportVectors(OnnxOpRegistry &r) {
  r.add("SVMClassifier", 1, svmClassifier, "ai.onnx.ml");
  r.add("SVMRegressor", 1, svmRegressor, "ai.onnx.ml");
}
