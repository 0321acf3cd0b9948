//===- Erf.h - erf ------------------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// A series in x^2 up to 1; beyond, 1 - erfc(x), whose logarithm is a polynomial.
///
//===----------------------------------------------------------------------===//

#ifndef TG_GRAPH_DECOMPOSE_ERF_H
#define TG_GRAPH_DECOMPOSE_ERF_H

#include "tg/Graph/Decompose/ExpLog.h"

namespace tg::math {

template <template <class> class V, class T> V<T> erf(V<T> x) {
  // From here on erfc is below half an ulp of 1.
  constexpr T end = sizeof(T) == 4 ? 4 : 6;
  V<T> a = abs(x);
  V<T> small = fma(a, polynomial(a * a, Coefficients<T>::ErfSmall), a);
  V<T> t = clamp(a, T(1), end) - T(1);
  ExpParts<V, T> e = expParts(polynomial(t, Coefficients<T>::ErfTail), Coefficients<T>::Exp);
  V<T> power = powerOfTwo<T>(e.exponent);
  V<T> large = V<T>(1) - fma(power, e.rest, power);
  return flipSign(where(a <= T(1), small, large), signOf(x));
}

} // namespace tg::math

#endif // TG_GRAPH_DECOMPOSE_ERF_H
