//===- Rounding.h - floor, ceil, round to even --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Exact, and the sign of zero is kept.
///
//===----------------------------------------------------------------------===//

#ifndef TG_GRAPH_DECOMPOSE_ROUNDING_H
#define TG_GRAPH_DECOMPOSE_ROUNDING_H

#include "tg/Graph/Decompose/Common.h"

namespace tg::math {

template <template <class> class V, class T> V<T> floor(V<T> x) {
  V<T> t = trunc(x);
  return where(x < t, t - T(1), t);
}

template <template <class> class V, class T> V<T> ceil(V<T> x) {
  V<T> t = trunc(x);
  // Between -1 and 0 trunc has given -0 already.
  return where(t < x, t + T(1), t);
}

template <template <class> class V, class T> V<T> round(V<T> x) {
  // Above 2^mantissa bits every number is an integer; adding that bound rounds the others.
  constexpr T bound = T(int64_t(1) << Format<T>::MantissaBits);
  V<T> a = abs(x);
  V<T> rounded = flipSign((a + bound) - bound, signOf(x));
  return where(a < bound, rounded, x);
}

} // namespace tg::math

#endif // TG_GRAPH_DECOMPOSE_ROUNDING_H
