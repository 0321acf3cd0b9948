//===- LinearAlgebra.cpp - ONNX Det ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Families.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

/// Gaussian elimination with partial pivoting, one row and column less in every step.
static void det(OnnxNode &n) {
  Value x = n.getInput(0);
  if (!x || n.getRank(x) < 2)
    return (void)n.fail("expected matrices");
  SmallVector<DimAttr> dims = n.getDims(x), batch(ArrayRef(dims).drop_back(2));
  constexpr int64_t maxSize = 64;
  if (dims.back() != dims[dims.size() - 2])
    return (void)n.failSizes("expected square matrices", dims[dims.size() - 2], dims.back());
  if (!dims.back().isConstant() || dims.back().getConstant() > maxSize)
    return (void)n.failSymbolic("expected matrices of static size, at most " + Twine(maxSize),
                                dims.back());
  Type type = n.getElementType(x), i64 = n.getBuilder().getI64Type();
  DimAttr count = n.product(batch);
  if (!count)
    return;
  Value rest = n.reshape(x, {count, dims.back(), dims.back()});
  Value result = n.splat(n.getBuilder().getFloatAttr(type, 1), {count});
  for (int64_t size = dims.back().getConstant(); size > 0 && !n.hasFailed(); --size) {
    Value column = n.squeeze(n.slice(rest, 2, n.dim(0), n.dim(1)), 2); // [B, size]
    Value at = n.argExtreme(n.abs(column), 1, /*isMax=*/true, /*takeLast=*/false,
                            /*keepDims=*/false);
    Value pivotRow = n.gather(rest, at, 1, 1);
    if (!pivotRow)
      return;
    Value pivot = n.squeeze(n.slice(pivotRow, 1, n.dim(0), n.dim(1)), 1); // [B]
    Value isFirst = n.eq(at, n.splatLike(0, at)), zero = n.splatLike(0, pivot);
    result = n.mul(result, n.where(isFirst, pivot, n.unary<NegOp>(pivot)));
    if (size == 1)
      break;
    // The first row takes the pivot's place.
    Value row = n.iota({count, n.dim(size)}, 1, i64);
    Value isPivot = n.unsqueeze(n.eq(row, n.unsqueeze(at, 1)), 2);
    rest = n.where(isPivot, n.slice(rest, 1, n.dim(0), n.dim(1)), rest);
    Value lower = n.slice(rest, 1, n.dim(1), n.dim(size - 1));
    // A pivot of 0 makes the result 0, whatever is subtracted.
    Value divisor = n.where(n.eq(pivot, zero), n.splatLike(1, pivot), pivot);
    Value factor =
        n.div(n.squeeze(n.slice(lower, 2, n.dim(0), n.dim(1)), 2), n.unsqueeze(divisor, 1));
    Value right = n.slice(pivotRow, 1, n.dim(1), n.dim(size - 1));
    rest = n.sub(n.slice(lower, 2, n.dim(1), n.dim(size - 1)),
                 n.mul(n.unsqueeze(factor, 2), n.unsqueeze(right, 1)));
  }
  n.setOutput(0, n.reshape(result, batch));
}

void tg::registerOnnxLinearAlgebra(OnnxOpRegistry &r) { r.add("Det", 11, det); }
