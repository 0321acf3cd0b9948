//===- MachineLearning.cpp - ai.onnx.ml on tensors of numbers ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MachineLearning.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

Value tg::onnxFloats(OnnxNode &n, ArrayRef<double> values, Type type) {
  auto tensorType =
      RankedTensorType::get(static_cast<int64_t>(values.size()), n.getBuilder().getF64Type());
  return n.cast(n.constant(DenseElementsAttr::get(tensorType, values)),
                type ? type : n.getBuilder().getF32Type());
}

Value tg::onnxIntegers(OnnxNode &n, ArrayRef<int64_t> values) {
  auto type =
      RankedTensorType::get(static_cast<int64_t>(values.size()), n.getBuilder().getI64Type());
  return n.constant(DenseElementsAttr::get(type, values));
}

/// x in f32, which most results of this domain have.
static Value getFloatInput(OnnxNode &n, unsigned i = 0) {
  return n.cast(n.getInput(i), n.getBuilder().getF32Type());
}

Value tg::getOnnxRows(OnnxNode &n, Type type) {
  Value x = n.cast(n.getInput(0), type);
  if (x && n.getRank(x) == 1)
    x = n.unsqueeze(x, 0);
  if (x && n.getRank(x) != 2)
    return n.fail("expected an input of rank 2, or 1");
  return x;
}

bool tg::checkOnnxFeatures(OnnxNode &n, Value x, int64_t count) {
  DimAttr features = n.getDim(x, 1);
  if (!features.isConstant() || features.isConstant(count))
    return true;
  n.fail("the input has " + Twine(features.getConstant()) + " features, the attributes are for " +
         Twine(count));
  return false;
}

Value tg::onnxLinear(OnnxNode &n, Value x, ArrayRef<double> coefficients, int64_t count,
                     ArrayRef<double> bias) {
  if (!x || n.hasFailed())
    return {};
  auto numbers = static_cast<int64_t>(coefficients.size());
  auto numBias = static_cast<int64_t>(bias.size());
  if (count < 1 || numbers == 0 || numbers % count != 0)
    return n.fail("attribute 'coefficients' has " + Twine(numbers) + " values for " + Twine(count) +
                  " results");
  if (numBias > 1 && numBias != count)
    return n.fail("attribute 'intercepts' must have " + Twine(count) + " values, has " +
                  Twine(numBias));
  if (!checkOnnxFeatures(n, x, numbers / count))
    return {};
  Type type = n.getElementType(x);
  Value weights = n.reshape(onnxFloats(n, coefficients, type), n.dims({count, numbers / count}));
  Value y = n.matmul(x, n.transpose(weights, 0, 1));
  return bias.empty() ? y : n.add(y, onnxFloats(n, bias, type));
}

/// One value for all features, or one per feature (the last axis of x).
static Value perFeature(OnnxNode &n, ArrayRef<double> values, Value x) {
  if (!x)
    return {};
  DimAttr features = n.getRank(x) > 0 ? n.getDim(x, n.getRank(x) - 1) : n.dim(1);
  if (values.size() != 1 && !features.isConstant(static_cast<int64_t>(values.size())))
    return n.fail("expected one number, or one per feature");
  return onnxFloats(n, values);
}

/// Columns of the last axis; the result has rank 2 at least.
static void arrayFeatureExtractor(OnnxNode &n) {
  Value x = n.getInput(0), indices = n.getInput(1);
  if (!x || !indices || n.getRank(x) < 1)
    return (void)n.fail("expected an input of rank 1 or more");
  DimAttr count = n.product(n.getDims(indices));
  if (!count)
    return;
  if (n.getRank(x) == 1)
    x = n.unsqueeze(x, 0);
  indices = n.cast(n.reshape(indices, {count}), n.getBuilder().getI64Type());
  n.setOutput(0, n.gather(x, indices, n.getRank(x) - 1));
}

static void binarizer(OnnxNode &n) {
  Value x = n.getInput(0);
  Value isAbove = n.lt(n.splatLike(n.getFloat("threshold", 0), x), x);
  n.setOutput(0, x ? n.cast(isAbove, n.getElementType(x)) : Value());
}

/// (x - offset) * scale.
static void scaler(OnnxNode &n) {
  Value x = getFloatInput(n);
  Value offset = perFeature(n, n.getFloats("offset"), x),
        scale = perFeature(n, n.getFloats("scale"), x);
  n.setOutput(0, n.mul(n.sub(x, offset), scale));
}

/// Rows divided by their largest magnitude, their sum of magnitudes or their length.
static void normalizer(OnnxNode &n) {
  Value x = getFloatInput(n);
  if (!x || n.getRank(x) < 1)
    return (void)n.fail("expected an input of rank 1 or more");
  StringRef kind = n.getString("norm", "MAX");
  int64_t last = n.getRank(x) - 1;
  Value norm;
  if (kind == "MAX")
    norm = n.reduce(CombineKind::Max, n.abs(x), {last}, /*keepDims=*/true);
  else if (kind == "L1")
    norm = n.sum(n.abs(x), {last}, /*keepDims=*/true);
  else if (kind == "L2")
    norm = n.unary<SqrtOp>(n.sum(n.mul(x, x), {last}, /*keepDims=*/true));
  else
    return (void)n.fail("attribute 'norm' is '" + kind + "'");
  Value isZero = n.eq(norm, n.splatLike(0, norm));
  n.setOutput(0, n.div(x, n.where(isZero, n.splatLike(1, norm), norm)));
}

/// Replaces one value, which may be NaN, by another, or by one per feature.
static void imputer(OnnxNode &n) {
  Value x = n.getInput(0);
  if (!x)
    return;
  Value replaced, by;
  if (isa<FloatType>(n.getElementType(x))) {
    double value = n.getFloat("replaced_value_float", 0);
    Value isNan = n.ne(x, x);
    replaced = value != value ? isNan : n.eq(x, n.splatLike(value, x));
    by = perFeature(n, n.getFloats("imputed_value_floats"), x);
  } else {
    replaced = n.eq(x, n.scalarInt(n.getInt("replaced_value_int64", 0), n.getElementType(x)));
    by = onnxIntegers(n, n.getInts("imputed_value_int64s"));
  }
  n.setOutput(0, n.where(replaced, n.cast(by, n.getElementType(x)), x));
}

static void linearRegressor(OnnxNode &n) {
  Value x = getOnnxRows(n, n.getBuilder().getF32Type());
  Value y = onnxLinear(n, x, n.getFloats("coefficients"), n.getInt("targets", 1),
                       n.getFloats("intercepts"));
  n.setOutput(0, transformOnnxScores(n, y, n.getString("post_transform", "NONE")));
}

/// All inputs beside each other.
static void featureVectorizer(OnnxNode &n) {
  SmallVector<Value> columns;
  for (unsigned i = 0; i < n.getNumInputs(); ++i) {
    columns.push_back(getFloatInput(n, i));
    if (columns.back() && n.getRank(columns.back()) != 2)
      return (void)n.fail("expected inputs of rank 2");
  }
  if (!llvm::is_contained(columns, Value()))
    n.setOutput(0, n.concat(columns, 1));
}

void tg::registerOnnxMachineLearning(OnnxOpRegistry &r) {
  StringRef domain = "ai.onnx.ml";
  r.add("ArrayFeatureExtractor", 1, arrayFeatureExtractor, domain);
  r.add("Binarizer", 1, binarizer, domain);
  r.add("FeatureVectorizer", 1, featureVectorizer, domain);
  r.add("Imputer", 1, imputer, domain);
  r.add("LinearRegressor", 1, linearRegressor, domain);
  r.add("Normalizer", 1, normalizer, domain);
  r.add("Scaler", 1, scaler, domain);
}
