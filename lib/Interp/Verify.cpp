//===- Verify.cpp - Compares outputs with references ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Interp/Interpreter.h"

#include <cmath>
#include <limits>

using namespace tg;
using namespace tg::interp;

/// |actual - value|, 0 where both are the same infinity or NaN, +inf where only one is.
static double errorOf(double actual, double value) {
  if (actual == value || (std::isnan(actual) && std::isnan(value)))
    return 0;
  double error = std::fabs(actual - value);
  return std::isnan(error) ? std::numeric_limits<double>::infinity() : error;
}

static OutputCheck verifyOutput(const rt::Tensor &expected, const Reference &reference,
                                const rt::Tensor &actual) {
  OutputCheck check;
  if (!actual.valid() || actual.dtype() != expected.dtype() || actual.shape() != expected.shape()) {
    check.ok = false;
    check.mismatch = "expected " + expected.typeName() + ", got " +
                     (actual.valid() ? actual.typeName() : "nothing");
    return check;
  }
  bool isReal = isFloat(expected.dtype());
  for (int64_t i = 0; i < expected.numElements(); ++i) {
    double tolerance = reference.tolerance.empty() ? 0 : reference.tolerance[i];
    if (std::isinf(tolerance)) {
      ++check.undetermined;
      continue;
    }
    double value = isReal ? reference.value[i] : expected.getDouble(i);
    double error = errorOf(actual.getDouble(i), value);
    // 64-bit integers may differ where their doubles do not.
    if (!isReal && error == 0 && actual.getInt(i) != expected.getInt(i))
      error = 1;
    check.largestError = std::max(check.largestError, error);
    double ratio = error == 0 ? 0 : error / tolerance;
    check.wrong += ratio > 1;
    if (check.worstIndex >= 0 && !(ratio > check.largestRatio))
      continue;
    check.largestRatio = ratio;
    check.worstIndex = i;
    check.worstActual = actual.getDouble(i);
    check.worstValue = value;
    check.worstTolerance = tolerance;
  }
  check.ok = check.wrong == 0;
  return check;
}

std::vector<OutputCheck> interp::verifyOutputs(const Results &results,
                                               llvm::ArrayRef<rt::Tensor> actual) {
  std::vector<OutputCheck> checks;
  for (size_t i = 0; i < results.outputs.size(); ++i)
    checks.push_back(verifyOutput(
        results.outputs[i], i < results.references.size() ? results.references[i] : Reference(),
        i < actual.size() ? actual[i] : rt::Tensor()));
  return checks;
}
