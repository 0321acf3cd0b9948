//===- Reductions.cpp - ONNX reductions ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Families.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

using Axes = ArrayRef<int64_t>;

/// The type that logarithms and roots of sums are computed in.
static Type getWideFloat(OnnxNode &n, Type type) {
  return isa<IntegerType>(type) ? Type(n.getBuilder().getF64Type()) : n.getAccumulatorType(type);
}

static Value logSumExp(OnnxNode &n, Value x, Axes axes, bool keepDims) {
  if (!x)
    return {};
  Type type = n.getElementType(x);
  x = n.cast(x, getWideFloat(n, type));
  Value largest = n.reduce(CombineKind::Max, x, axes, /*keepDims=*/true);
  // Infinities would give inf - inf.
  Value infinity = n.splatLike(std::numeric_limits<double>::infinity(), largest);
  Value shift = n.where(n.eq(n.abs(largest), infinity), n.splatLike(0, largest), largest);
  Value sum = n.reduce(CombineKind::Add, n.unary<ExpOp>(n.sub(x, shift)), axes, true);
  Value result = n.add(n.unary<LogOp>(sum), shift);
  return n.cast(keepDims ? result : n.squeeze(result, axes), type);
}

static Value product(OnnxNode &n, Value x, Axes axes, bool keepDims) {
  if (!x)
    return {};
  Type type = n.getElementType(x);
  x = n.cast(x, n.getAccumulatorType(type));
  return n.cast(n.reduce(CombineKind::Mul, x, axes, keepDims), type);
}

/// The square root of the sum of squares, without rounding between.
static Value norm2(OnnxNode &n, Value x, Axes axes, bool keepDims) {
  if (!x)
    return {};
  Type type = n.getElementType(x);
  x = n.cast(x, getWideFloat(n, type));
  return n.cast(n.unary<SqrtOp>(n.sum(n.mul(x, x), axes, keepDims)), type);
}

static Value logSum(OnnxNode &n, Value x, Axes axes, bool keepDims) {
  if (!x)
    return {};
  Type type = n.getElementType(x);
  return n.cast(n.unary<LogOp>(n.sum(n.cast(x, getWideFloat(n, type)), axes, keepDims)), type);
}

/// Axes come from input 1 or an attribute; none means all, or with noop_with_empty_axes none.
template <typename Function> static auto reduction(Function function) {
  return [function](OnnxNode &n) {
    Value x = n.getInput(0);
    if (!x)
      return;
    int64_t rank = n.getRank(x);
    auto axes = n.getAxes(1, rank);
    if (n.hasFailed())
      return;
    if ((!axes || axes->empty()) && !n.getInt("noop_with_empty_axes", 0))
      axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
    if (!axes)
      axes.emplace();
    n.setOutput(0, function(n, x, Axes(*axes), n.getInt("keepdims", 1) != 0));
  };
}

template <CombineKind kind> static Value extreme(OnnxNode &n, Value x, Axes axes, bool keepDims) {
  return n.reduce(kind, x, axes, keepDims);
}

void tg::registerOnnxReductions(OnnxOpRegistry &r) {
  r.add("ReduceMax", 1, reduction(extreme<CombineKind::Max>));
  r.add("ReduceMin", 1, reduction(extreme<CombineKind::Min>));
  r.add("ReduceProd", 1, reduction(product));
  r.add("ReduceLogSum", 1, reduction(logSum));
  r.add("ReduceLogSumExp", 1, reduction(logSumExp));
  r.add("ReduceL2", 1, reduction(norm2));
  r.add("ReduceSum", 1, reduction([](OnnxNode &n, Value x, Axes axes, bool keepDims) {
          return n.sum(x, axes, keepDims);
        }));
  r.add("ReduceMean", 1, reduction([](OnnxNode &n, Value x, Axes axes, bool keepDims) {
          return n.mean(x, axes, keepDims);
        }));
  r.add("ReduceL1", 1, reduction([](OnnxNode &n, Value x, Axes axes, bool keepDims) {
          return n.sum(n.abs(x), axes, keepDims);
        }));
  r.add("ReduceSumSquare", 1, reduction([](OnnxNode &n, Value x, Axes axes, bool keepDims) {
          return n.sum(n.mul(x, x), axes, keepDims);
        }));
}
