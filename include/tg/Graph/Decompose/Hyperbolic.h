//===- Hyperbolic.h - sinh, cosh, tanh and their inverses ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The first three by e^x - 1, the inverses by log(1 + u), so that nothing cancels near zero.
///
//===----------------------------------------------------------------------===//

#ifndef TG_GRAPH_DECOMPOSE_HYPERBOLIC_H
#define TG_GRAPH_DECOMPOSE_HYPERBOLIC_H

#include "tg/Graph/Decompose/ExpLog.h"

namespace tg::math {

template <template <class> class V, class T> V<T> tanh(V<T> x) {
  // Past 22 the result is 1 in every format.
  V<T> a = clamp(abs(x), T(0), T(22));
  ExpParts<V, T> e = expParts(a + a, Coefficients<T>::Expm1);
  V<T> power = powerOfTwo<T>(e.exponent);
  V<T> t = fma(power, e.rest, power - T(1)); // e^2a - 1
  return flipSign(t / (t + T(2)), signOf(x));
}

template <template <class> class V, class T> V<T> sinh(V<T> x) {
  constexpr T tiny = T(1) / T(int64_t(1) << (Format<T>::MantissaBits / 2 + 1));
  V<T> a = abs(x);
  ExpParts<V, T> e = expParts(clamp(a, T(0), Format<T>::ExpMax), Coefficients<T>::Expm1);
  // u = (e^a - 1)/2; the half keeps it finite as long as the result is.
  V<T> power = powerOfTwo<T>(e.exponent - IntOf<T>(2));
  V<T> u = fma(power, e.rest, power - T(0.25));
  // sinh(a) = u + u/(2u + 1), here for u/2; past the bound the quotient is 1/2 to all digits.
  constexpr T bound = T(int64_t(1) << (Format<T>::MantissaBits + 3));
  V<T> v = clamp(u + u, T(0), bound);
  V<T> result = (u + u) + v / (v + v + T(1));
  return flipSign(where(a < tiny, a, result), signOf(x));
}

template <template <class> class V, class T> V<T> cosh(V<T> x) {
  V<T> a = clamp(abs(x), T(0), Format<T>::ExpMax);
  ExpParts<V, T> e = expParts(a, Coefficients<T>::Expm1);
  V<T> quarter = (e.rest + T(1)) * powerOfTwo<T>(e.exponent - IntOf<T>(2)); // e^a / 4
  return (quarter + quarter) + T(0.125) / quarter;
}

template <template <class> class V, class T> V<T> asinh(V<T> x) {
  // Beyond the bound asinh(a) = log(2a) to all digits, and a^2 could overflow.
  constexpr T bound = T(int64_t(1) << (Format<T>::MantissaBits + 2));
  V<T> a = abs(x);
  auto large = V<T>(bound) < a;
  V<T> square = a * a;
  V<T> u = a + square / (sqrt(square + T(1)) + T(1));
  V<T> result = log1p(where(large, a, u), where(large, V<IntOf<T>>(1), V<IntOf<T>>(0)));
  return flipSign(where(a < infinity<T>, result, a), signOf(x));
}

template <template <class> class V, class T> V<T> acosh(V<T> x) {
  constexpr T bound = T(int64_t(1) << (Format<T>::MantissaBits + 2));
  auto large = V<T>(bound) < x;
  V<T> t = x - T(1);
  V<T> u = t + sqrt(fma(t, t, t + t));
  V<T> result = log1p(where(large, x, u), where(large, V<IntOf<T>>(1), V<IntOf<T>>(0)));
  return where(T(1) <= x, where(x < infinity<T>, result, x), V<T>(quietNaN<T>));
}

template <template <class> class V, class T> V<T> atanh(V<T> x) {
  V<T> a = abs(x);
  V<T> u = (a + a) / (V<T>(1) - a);
  V<T> inside = log1p(u, V<IntOf<T>>(0)) * T(0.5);
  V<T> outside = where(a == T(1), V<T>(infinity<T>), V<T>(quietNaN<T>));
  return flipSign(where(a < T(1), inside, outside), signOf(x));
}

} // namespace tg::math

#endif // TG_GRAPH_DECOMPOSE_HYPERBOLIC_H
