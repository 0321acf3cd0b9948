//===- Losses.cpp - ONNX losses ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Families.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

/// -weight[t] * logProbability[n, t, ...] with t = target[n, ...], 0 where t is ignored; the mean
/// is over the weights that count.
static Value negativeLogLikelihood(OnnxNode &n, Value logProbability, Value target, Value weight) {
  if (!logProbability || !target)
    return {};
  SmallVector<DimAttr> dims = n.getDims(logProbability);
  if (dims.size() < 2)
    return n.fail("expected an input of rank 2 or more");
  Type type = n.getElementType(logProbability), i64 = n.getBuilder().getI64Type();
  // The class is axis 1; the sum over it of the one that is the target picks that.
  target = n.unsqueeze(n.cast(target, i64), 1);
  Value isTarget = n.eq(n.broadcastTo(target, dims), n.iota(dims, 1, i64));
  Value classWeight = weight ? n.unsqueeze(n.cast(weight, type),
                                           llvm::to_vector(llvm::seq<int64_t>(1, dims.size() - 1)))
                             : n.scalar(1, type);
  Value picked = n.where(isTarget, classWeight, n.scalar(0, type));
  if (n.hasAttr("ignore_index")) {
    Value ignored = n.eq(target, n.scalarInt(n.getInt("ignore_index", 0), i64));
    picked = n.where(ignored, n.scalar(0, type), picked);
  }
  // Where nothing is picked, an infinite log probability must not make NaN.
  Value isPicked = n.ne(picked, n.splatLike(0, picked));
  Value terms = n.where(isPicked, n.mul(logProbability, picked), n.splatLike(0, picked));
  Value loss = n.unary<NegOp>(n.sum(terms, 1));
  StringRef reduction = n.getString("reduction", "mean");
  if (reduction == "none" || !loss)
    return loss;
  auto all = llvm::to_vector(llvm::seq<int64_t>(0, n.getRank(loss)));
  Value total = n.sum(loss, all);
  if (reduction == "sum")
    return total;
  if (reduction != "mean")
    return n.fail("attribute 'reduction' is '" + reduction + "'");
  return n.div(total, n.sum(n.sum(picked, 1), all));
}

static void softmaxCrossEntropy(OnnxNode &n) {
  Value logProbability = n.softmax(n.getInput(0), 1, /*logarithm=*/true);
  n.setOutput(0, negativeLogLikelihood(n, logProbability, n.getInput(1), n.getOptionalInput(2)));
  n.setOutput(1, logProbability);
}

void tg::registerOnnxLosses(OnnxOpRegistry &r) {
  r.add("NegativeLogLikelihoodLoss", 12, [](OnnxNode &n) {
    n.setOutput(0, negativeLogLikelihood(n, n.getInput(0), n.getInput(1), n.getOptionalInput(2)));
  });
  r.add("SoftmaxCrossEntropyLoss", 12, softmaxCrossEntropy);
}
