//===- MatMul.cpp - ONNX matrix products ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Families.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

/// [..., m, k] x [..., k, n]: a sum over the last axis of [..., m, 1, k] * [..., 1, n, k]. Inputs
/// of rank 1 are a row and a column, whose axis the result lacks.
Value OnnxNode::matmul(Value x, Value y) {
  if (!x || !y)
    return {};
  if (getRank(x) == 0 || getRank(y) == 0)
    return fail("expected operands of rank 1 or more");
  bool isRow = getRank(x) == 1, isColumn = getRank(y) == 1;
  if (isRow)
    x = unsqueeze(x, 0);
  if (isColumn)
    y = unsqueeze(y, 1);
  if (!x || !y)
    return {};
  DimAttr last = getDim(x, getRank(x) - 1), first = getDim(y, getRank(y) - 2);
  if (last != first)
    return failSizes("the last axis of the first operand and the next to last of the second differ",
                     last, first);
  x = unsqueeze(x, -2);
  y = unsqueeze(transpose(y, -1, -2), -3);
  if (!x || !y)
    return {};
  int64_t rank = std::max(getRank(x), getRank(y));
  Value result = contract(x, y, rank - 1);
  if (isColumn)
    result = squeeze(result, -1);
  if (isRow)
    result = squeeze(result, isColumn ? -1 : -2);
  return result;
}

Value tg::multiplyOnnxGemm(OnnxNode &n) {
  Value a = n.getInput(0), b = n.getInput(1), c = n.getOptionalInput(2);
  if (!a || !b)
    return {};
  if (n.getRank(a) != 2 || n.getRank(b) != 2)
    return n.fail("expected matrices");
  if (n.getInt("transA", 0))
    a = n.transpose(a, 0, 1);
  if (n.getInt("transB", 0))
    b = n.transpose(b, 0, 1);
  Value result = n.matmul(a, b);
  double alpha = n.getFloat("alpha", 1), beta = n.getFloat("beta", 1);
  if (alpha != 1)
    result = n.mul(result, n.splatLike(alpha, result));
  if (!result)
    return {};
  if (c && beta != 0) {
    c = n.broadcastTo(c, n.getDims(result));
    if (beta != 1)
      c = n.mul(c, n.splatLike(beta, c));
    result = n.add(result, c);
  }
  return result;
}

void tg::registerOnnxMatMul(OnnxOpRegistry &r) {
  r.add("Gemm", 6, [](OnnxNode &n) { n.setOutput(0, multiplyOnnxGemm(n)); });
  r.add("MatMul", 1, [](OnnxNode &n) { n.setOutput(0, n.matmul(n.getInput(0), n.getInput(1))); });
}
