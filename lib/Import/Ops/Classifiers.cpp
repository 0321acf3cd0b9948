//===- Classifiers.cpp - Labels and scores of ai.onnx.ml ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MachineLearning.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

//===----------------------------------------------------------------------===//
// Scores
//===----------------------------------------------------------------------===//

/// sqrt(2) erfinv(2p - 1), with Winitzki's approximation of erfinv in f32, as both ONNX Runtime and
/// the reference implementation have it:
///   l = log(1 - x^2), v = 2 / (pi a) + l / 2, erfinv(x) = sign(x) sqrt(sqrt(v^2 - l / a) - v).
static Value probit(OnnxNode &n, Value p) {
  if (!p)
    return {};
  Type type = n.getElementType(p);
  p = n.cast(p, n.getBuilder().getF32Type());
  Value one = n.splatLike(1, p), two = n.splatLike(2, p), zero = n.splatLike(0, p);
  Value x = n.sub(n.mul(p, two), one);
  constexpr double a = 0.147;
  Value log = n.unary<LogOp>(n.mul(n.sub(one, x), n.add(one, x)));
  Value v = n.add(n.splatLike(2 / (3.14159 * a), p), n.mul(log, n.splatLike(0.5, p)));
  Value root = n.unary<SqrtOp>(n.sub(n.mul(v, v), n.mul(log, n.splatLike(1 / a, p))));
  Value y = n.mul(n.unary<SqrtOp>(n.sub(root, v)), n.splatLike(1.41421356, p));
  return n.cast(n.where(n.lt(x, zero), n.unary<NegOp>(y), y), type);
}

/// The softmax of what is not zero, beside zeros: e^(x - max) / sum, or x e^-max / sum.
static Value softmaxZero(OnnxNode &n, Value x) {
  Value largest = n.reduce(CombineKind::Max, x, {1}, /*keepDims=*/true);
  if (!largest)
    return {};
  Value isZero = n.le(n.abs(x), n.splatLike(1e-7, x));
  Value power = n.unary<ExpOp>(n.sub(x, largest));
  Value sum = n.sum(n.where(isZero, n.splatLike(0, x), power), {1}, /*keepDims=*/true);
  Value small = n.mul(x, n.unary<ExpOp>(n.unary<NegOp>(largest)));
  return n.div(n.where(isZero, small, power), sum);
}

Value tg::transformOnnxScores(OnnxNode &n, Value scores, StringRef transform) {
  if (!scores || transform == "NONE")
    return scores;
  if (transform == "SOFTMAX")
    return n.softmax(scores, {1});
  if (transform == "LOGISTIC")
    return n.sigmoid(scores);
  if (transform == "SOFTMAX_ZERO")
    return softmaxZero(n, scores);
  if (transform == "PROBIT")
    return probit(n, scores);
  return n.fail("attribute 'post_transform' is '" + transform + "'");
}

Value tg::pairOnnxScores(OnnxNode &n, Value score, bool isProbability, StringRef transform) {
  if (!score)
    return {};
  if (transform == "PROBIT")
    return n.fail("attribute 'post_transform' is 'PROBIT': a single score for two classes has none "
                  "for the first");
  // Only so that other names fail.
  if (!transformOnnxScores(n, score, transform))
    return {};
  if (transform == "LOGISTIC")
    return n.concat({n.sigmoid(n.unary<NegOp>(score)), n.sigmoid(score)}, 1);
  Value other = isProbability ? n.sub(n.splatLike(1, score), score) : n.unary<NegOp>(score);
  return other ? n.concat({other, score}, 1) : Value();
}

//===----------------------------------------------------------------------===//
// Labels
//===----------------------------------------------------------------------===//

std::optional<OnnxClasses> OnnxClasses::read(OnnxNode &n, StringRef intsName) {
  OnnxClasses classes;
  classes.labels = n.getInts(intsName);
  SmallVector<int64_t> ids = n.getStringIds(n.getStrings("classlabels_strings"));
  if (n.hasFailed())
    return std::nullopt;
  if (classes.labels.empty() == ids.empty()) {
    n.fail("expected the labels of the classes in '" + intsName + "' or 'classlabels_strings'");
    return std::nullopt;
  }
  classes.areStrings = !ids.empty();
  if (classes.areStrings)
    classes.labels = ids;
  classes.count = static_cast<int64_t>(classes.labels.size());
  return classes;
}

void OnnxClasses::setLabels(OnnxNode &n, Value index) const {
  Value label = n.gather(onnxIntegers(n, labels), index, 0);
  areStrings ? n.setStrings(0, label) : n.setOutput(0, label);
}

//===----------------------------------------------------------------------===//
// Operators
//===----------------------------------------------------------------------===//

/// A score per class; or one for two classes, whose sign decides.
static void linearClassifier(OnnxNode &n) {
  Value x = getOnnxRows(n, n.getBuilder().getF32Type());
  std::optional<OnnxClasses> classes = OnnxClasses::read(n, "classlabels_ints");
  SmallVector<double> coefficients = n.getFloats("coefficients"), bias = n.getFloats("intercepts");
  StringRef transform = n.getString("post_transform", "NONE");
  if (!x || !classes || n.hasFailed())
    return;
  auto count = static_cast<int64_t>(bias.size());
  DimAttr features = n.getDim(x, 1);
  if (bias.empty() && features.isConstant() && features.getConstant() > 0)
    count = static_cast<int64_t>(coefficients.size()) / features.getConstant();
  else if (bias.empty())
    count = classes->count;
  bool isPair = count == 1 && classes->count == 2;
  if (count != classes->count && !isPair)
    return (void)n.fail("expected an intercept per class, or one for two classes: " +
                        Twine(classes->count) + " classes, " + Twine(count) + " intercepts");
  Value scores = onnxLinear(n, x, coefficients, count, bias);
  if (!scores)
    return;
  if (isPair) {
    Value isSecond = n.squeeze(n.lt(n.splatLike(0, scores), scores), {1});
    classes->setLabels(n, n.cast(isSecond, n.getBuilder().getI64Type()));
    n.setOutput(1, pairOnnxScores(n, scores, /*isProbability=*/true, transform));
    return;
  }
  classes->setLabels(n, n.argExtreme(scores, 1, /*isMax=*/true, /*takeLast=*/false,
                                     /*keepDims=*/false));
  n.setOutput(1, transformOnnxScores(n, scores, transform));
}

/// A map per row, from the classes to their scores; what the caller makes of them is his.
static void zipMap(OnnxNode &n) {
  Value scores = n.getInput(0);
  SmallVector<int64_t> ints = n.getInts("classlabels_int64s");
  SmallVector<std::string> strings = n.getStrings("classlabels_strings");
  if (!scores || n.hasFailed())
    return;
  if (n.getRank(scores) == 1)
    scores = n.unsqueeze(scores, 0);
  if (!scores || n.getRank(scores) != 2)
    return (void)n.fail("expected scores of rank 2, or 1");
  if (ints.empty() == strings.empty())
    return (void)n.fail("expected keys in 'classlabels_int64s' or 'classlabels_strings'");
  auto count = static_cast<int64_t>(ints.size() + strings.size());
  DimAttr columns = n.getDim(scores, 1);
  if (!columns.isConstant(count))
    return (void)n.failSymbolic("has " + Twine(count) + " keys, which is not the number of scores",
                                columns);
  Builder &b = n.getBuilder();
  SmallVector<StringRef> texts(strings.begin(), strings.end());
  n.setMaps(0, scores,
            strings.empty() ? Attribute(b.getDenseI64ArrayAttr(ints)) : b.getStrArrayAttr(texts));
}

void tg::registerOnnxClassifiers(OnnxOpRegistry &r) {
  r.add("LinearClassifier", 1, linearClassifier, "ai.onnx.ml");
  r.add("ZipMap", 1, zipMap, "ai.onnx.ml");
}
