//===- ExpLog.h - Exponentials and logarithms ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// exp, exp2, log, log2 and the cores that others build on. Reduction as usual: x = k ln 2 + r and
/// 2^k is exponent arithmetic; log splits off the exponent and expands log(1 + f). The errors are
/// in docs/numerics.md.
///
//===----------------------------------------------------------------------===//

#ifndef TG_GRAPH_DECOMPOSE_EXPLOG_H
#define TG_GRAPH_DECOMPOSE_EXPLOG_H

#include "tg/Graph/Decompose/Common.h"

namespace tg::math {

/// e^x = 2^exponent * (1 + rest), |rest| < 0.42, for |x| < 1100.
template <template <class> class V, class T> struct ExpParts {
  V<IntOf<T>> exponent;
  V<T> rest;
};

template <template <class> class V, class T, size_t N>
ExpParts<V, T> expParts(V<T> x, const T (&coefficients)[N]) {
  Integral<V, T> k = nearest(x, Format<T>::Log2E);
  V<T> r = fma(k.value, V<T>(-Format<T>::Ln2), x);
  r = fma(k.value, V<T>(-Format<T>::Ln2Low), r);
  return {k.integer, fma(r * r, polynomial(r, coefficients), r)};
}

template <template <class> class V, class T> V<T> exp(V<T> x) {
  ExpParts<V, T> e = expParts(clamp(x, Format<T>::ExpMin, Format<T>::ExpMax), Coefficients<T>::Exp);
  return scale(e.rest + T(1), e.exponent);
}

/// 2^(k + r), |r| <= 1/2 and a little.
template <template <class> class V, class T> V<T> exp2OfParts(V<IntOf<T>> k, V<T> r) {
  return scale(fma(r, polynomial(r, Coefficients<T>::Exp2), V<T>(1)), k);
}

template <template <class> class V, class T> V<T> exp2(V<T> x) {
  V<T> limited = clamp(x, Format<T>::Exp2Min, Format<T>::Exp2Max);
  Integral<V, T> k = nearest(limited, T(1));
  return exp2OfParts(k.integer, limited - k.value);
}

/// exponent * ln 2 + log(1 + f), 1 + f in [sqrt(1/2), sqrt(2)].
template <template <class> class V, class T> V<T> logOfParts(V<IntOf<T>> exponent, V<T> f) {
  V<T> e = smallToFloat<T>(exponent);
  V<T> tail = f * f * fma(f, polynomial(f, Coefficients<T>::Log), V<T>(-0.5));
  Pair<V, T> sum = fastTwoSum(e * Format<T>::Ln2Short, f);
  return sum.value + (sum.low + fma(e, V<T>(Format<T>::Ln2ShortLow), tail));
}

/// What a logarithm gives where its argument is not positive and finite.
template <template <class> class V, class T> V<T> logSpecials(V<T> x, V<T> result) {
  V<T> notPositive = where(x == T(0), V<T>(-infinity<T>), V<T>(quietNaN<T>));
  return where(V<T>(0) < x, where(x < infinity<T>, result, x), notPositive);
}

template <template <class> class V, class T> V<T> log(V<T> x) {
  Split<V, T> s = split(x);
  return logSpecials(x, logOfParts(s.exponent, s.mantissa - T(1)));
}

template <template <class> class V, class T> V<T> log2(V<T> x) {
  Split<V, T> s = split(x);
  V<T> f = s.mantissa - T(1);
  V<T> tail = fma(f, V<T>(Format<T>::Log2ELow), f * f * polynomial(f, Coefficients<T>::Log2));
  Pair<V, T> head = twoProduct(f, V<T>(Format<T>::Log2E));
  Pair<V, T> sum = fastTwoSum(smallToFloat<T>(s.exponent), head.value);
  return logSpecials(x, sum.value + (sum.low + (head.low + tail)));
}

/// log(2^extra * (1 + u)); u in [0, inf).
template <template <class> class V, class T> V<T> log1p(V<T> u, V<IntOf<T>> extra) {
  Split<V, T> s = splitNormal(u + T(1));
  // 2^-e (1 + u) - 1 in one rounding, however small u is; where 1 no longer counts, 2^-e could
  // be denormal.
  V<T> down = powerOfTwo<T>(V<IntOf<T>>(0) - s.exponent);
  auto huge = V<IntOf<T>>(2 * Format<T>::MantissaBits) < s.exponent;
  V<T> f = where(huge, s.mantissa - T(1), fma(u, down, down - T(1)));
  return logOfParts(s.exponent + extra, f);
}

} // namespace tg::math

#endif // TG_GRAPH_DECOMPOSE_EXPLOG_H
