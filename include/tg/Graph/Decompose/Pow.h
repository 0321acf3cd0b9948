//===- Pow.h - pow ------------------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// x^y = 2^(y log2 |x|) with the logarithm and the product in twice the precision: with
/// s = (m - 1)/(m + 1), log2(m) = s (C0 + C1 s^2 + ...), and only the first terms need it. The
/// special cases are those of IEEE 754 pow.
///
//===----------------------------------------------------------------------===//

#ifndef TG_GRAPH_DECOMPOSE_POW_H
#define TG_GRAPH_DECOMPOSE_POW_H

#include "tg/Graph/Decompose/ExpLog.h"

namespace tg::math {

/// 2 log2(e), and a third of it.
template <class T> struct PowConstants;
template <> struct PowConstants<float> {
  static constexpr float C0 = 0x1.715476p+1f, C0Low = 0x1.4ae0cp-25f;
  static constexpr float C1 = 0x1.ec709ep-1f, C1Low = -0x1.e2fe02p-28f;
};
template <> struct PowConstants<double> {
  static constexpr double C0 = 0x1.71547652b82fep+1, C0Low = 0x1.777d0ffda0d24p-55;
  static constexpr double C1 = 0x1.ec709dc3a03fdp-1, C1Low = 0x1.d27f05548af0cp-55;
};

template <template <class> class V, class T> Pair<V, T> mulPairs(Pair<V, T> a, Pair<V, T> b) {
  Pair<V, T> p = twoProduct(a.value, b.value);
  return {p.value, p.low + fma(a.value, b.low, a.low * b.value)};
}

/// log2(x) to about 1.3 times the digits of T; x positive and finite.
template <template <class> class V, class T> Pair<V, T> log2Pair(V<T> x) {
  using C = PowConstants<T>;
  Split<V, T> parts = split(x);
  V<T> m = parts.mantissa, numerator = m - T(1), denominator = m + T(1);
  V<T> denominatorLow = m - (denominator - T(1));
  V<T> inverse = V<T>(1) / denominator;
  V<T> s = numerator * inverse;
  V<T> residue = fma(-s, denominator, numerator);
  Pair<V, T> sine = {s, fma(-s, denominatorLow, residue) * inverse};
  Pair<V, T> square = mulPairs(sine, sine);

  Pair<V, T> inner =
      fastTwoSum(V<T>(C::C1), square.value * polynomial(square.value, Coefficients<T>::PowLog2));
  inner.low = inner.low + C::C1Low;
  Pair<V, T> product = mulPairs(square, inner);
  Pair<V, T> outer = fastTwoSum(V<T>(C::C0), product.value);
  outer.low = outer.low + (product.low + C::C0Low);
  Pair<V, T> log = mulPairs(sine, outer);

  Pair<V, T> sum = fastTwoSum(smallToFloat<T>(parts.exponent), log.value);
  return {sum.value, sum.low + log.low};
}

template <template <class> class V, class T> V<T> pow(V<T> x, V<T> y) {
  using F = Format<T>;
  V<T> a = abs(x);
  Pair<V, T> log = log2Pair(a);
  Pair<V, T> e = twoProduct(y, log.value);
  V<T> power = clamp(e.value, F::Exp2Min, F::Exp2Max);
  // Where the exponent is clamped, y * log.low may be infinite.
  V<T> low = where(power == e.value, fma(y, log.low, e.low), V<T>(0));
  Integral<V, T> k = nearest(power, T(1));
  V<T> result = exp2OfParts(k.integer, (power - k.value) + low);

  // |x| = 0 or infinite.
  auto zero = a == T(0);
  V<T> extreme = where((zero & (y < T(0))) | (!zero & (V<T>(0) < y)), V<T>(infinity<T>), V<T>(0));
  result = where(zero | (a == infinity<T>), extreme, result);
  result = where(a == T(1), V<T>(1), result);

  // The sign: odd integers keep it, other integers drop it, fractions of negative numbers are NaN.
  V<T> half = y * T(0.5);
  auto integer = trunc(y) == y;
  auto odd = integer & (trunc(half) != half);
  result = where(odd, flipSign(result, signOf(x)), result);
  auto finiteNegative = (x < T(0)) & (V<T>(-infinity<T>) < x);
  result = where(finiteNegative & !integer, V<T>(quietNaN<T>), result);

  result = where((x != x) | (y != y), V<T>(quietNaN<T>), result);
  return where((x == T(1)) | (y == T(0)), V<T>(1), result);
}

} // namespace tg::math

#endif // TG_GRAPH_DECOMPOSE_POW_H
