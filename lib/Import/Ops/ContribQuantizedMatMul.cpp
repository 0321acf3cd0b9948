//===- ContribQuantizedMatMul.cpp - ONNX Runtime's products of quantized numbers ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Contrib.h"

#include "Quantization.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

/// A product of integers as floats: times the scales, plus a bias; either may be per column.
static Value toFloat(OnnxNode &n, Value product, Value scales, Value bias) {
  if (!product || !scales)
    return {};
  Type type = n.getElementType(scales), wide = n.getAccumulatorType(type);
  Value y = n.mul(n.cast(product, wide), n.cast(scales, wide));
  if (bias)
    y = n.add(y, n.cast(bias, wide));
  return n.cast(y, type);
}

/// The product of the differences to the zero points, which may be null, in i32.
static Value multiplyIntegers(OnnxNode &n, Value x, Value xZero, Value y, Value yZero) {
  if (!x || !y)
    return {};
  return n.matmul(subtractQuantZero(n, x, xZero), subtractQuantZero(n, y, yZero));
}

static void dynamicQuantizeMatMul(OnnxNode &n) {
  Value y =
      multiplyDynamically(n, n.getInput(0), n.getInput(1), n.getInput(2), n.getOptionalInput(3));
  if (Value bias = n.getOptionalInput(4))
    y = n.add(y, bias);
  n.setOutput(0, y);
}

static void matMulIntegerToFloat(OnnxNode &n) {
  Value product = multiplyIntegers(n, n.getInput(0), n.getOptionalInput(4), n.getInput(1),
                                   n.getOptionalInput(5));
  n.setOutput(0, toFloat(n, product, n.mul(n.getInput(2), n.getInput(3)), n.getOptionalInput(6)));
}

static void matMulInteger16(OnnxNode &n) {
  Value x = n.getInput(0), y = n.getInput(1);
  if (!x || !y)
    return;
  Builder &b = n.getBuilder();
  bool isUnsigned = n.getElementType(x).isUnsignedInteger() && //
                    n.getElementType(y).isUnsignedInteger();
  Type type = isUnsigned ? b.getIntegerType(32, /*isSigned=*/false) : Type(b.getI32Type());
  n.setOutput(0, n.matmul(n.cast(x, type), n.cast(y, type)));
}

/// alpha * A' * B' + C, of quantized matrices; floats where the result has no scale.
static void qGemm(OnnxNode &n) {
  Value a = n.getInput(0), b = n.getInput(3), c = n.getOptionalInput(6);
  if (!a || !b)
    return;
  if (n.getRank(a) != 2 || n.getRank(b) != 2)
    return (void)n.fail("expected matrices");
  a = subtractQuantZero(n, a, n.getOptionalInput(2));
  if (n.getInt("transA", 0))
    a = n.transpose(a, 0, 1);
  // The parameters of B are per column of what it is multiplied as.
  if (n.getInt("transB", 0))
    b = n.transpose(b, 0, 1);
  b = subtractQuantZero(n, b, n.getOptionalInput(5));
  Value product = n.matmul(a, b);
  if (c && product)
    product = n.add(product, n.broadcastTo(c, n.getDims(product)));
  Value scales = n.mul(n.getInput(1), n.getInput(4));
  scales = n.mul(scales, n.splatLike(n.getFloat("alpha", 1), scales));
  if (n.hasInput(7))
    n.setOutput(0, requantizeOnnx(n, product, scales, n.getInput(7), n.getInput(8)));
  else
    n.setOutput(0, toFloat(n, product, scales, {}));
}

static void qAttention(OnnxNode &n) {
  Value product = multiplyIntegers(n, n.getInput(0), n.getOptionalInput(6), n.getInput(1),
                                   n.getOptionalInput(7));
  Value projected = toFloat(n, product, n.mul(n.getInput(3), n.getInput(4)), n.getInput(2));
  attendProjected(n, projected, n.getOptionalInput(5), n.getOptionalInput(8), {});
}

void tg::registerContribQuantizedMatMul(OnnxOpRegistry &r) {
  r.add("DynamicQuantizeMatMul", 1, dynamicQuantizeMatMul, microsoftDomain);
  r.add("MatMulInteger16", 1, matMulInteger16, microsoftDomain);
  r.add("MatMulIntegerToFloat", 1, matMulIntegerToFloat, microsoftDomain);
  r.add("QAttention", 1, qAttention, microsoftDomain);
  r.add("QGemm", 1, qGemm, microsoftDomain);
}
