//===- InverseTrig.h - asin, acos, atan ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// atan folds its argument into [-tan(pi/8), tan(pi/8)] by atan(x) = c + atan((x - t)/(1 + x t));
/// asin beyond 1/2 is pi/2 - 2 asin(sqrt((1 - x)/2)).
///
//===----------------------------------------------------------------------===//

#ifndef TG_GRAPH_DECOMPOSE_INVERSETRIG_H
#define TG_GRAPH_DECOMPOSE_INVERSETRIG_H

#include "tg/Graph/Decompose/Common.h"

namespace tg::math {

template <template <class> class V, class T> V<T> atan(V<T> x) {
  using F = Format<T>;
  V<T> a = abs(x);
  auto beyondHalf = V<T>(T(0x1.a827999fcef32p-2)) < a; // tan(pi/8)
  auto beyondOne = V<T>(T(0x1.3504f333f9de6p+1)) < a;  // tan(3 pi/8)
  V<T> numerator = where(beyondOne, V<T>(-1), where(beyondHalf, a - T(1), a));
  V<T> denominator = where(beyondOne, a, where(beyondHalf, a + T(1), V<T>(1)));
  V<T> t = numerator / denominator;
  V<T> offset = where(beyondOne, V<T>(F::HalfPi), where(beyondHalf, V<T>(F::HalfPi / 2), V<T>(0)));
  V<T> low =
      where(beyondOne, V<T>(F::HalfPiLow), where(beyondHalf, V<T>(F::HalfPiLow / 2), V<T>(0)));
  V<T> z = t * t;
  Pair<V, T> sum = fastTwoSum(offset, t);
  V<T> tail = fma(t * z, polynomial(z, Coefficients<T>::Atan), low + sum.low);
  return flipSign(sum.value + tail, signOf(x));
}

/// asin(t) = t + tail for |t| <= 1/2, z = t^2.
template <template <class> class V, class T> V<T> asinTail(V<T> t, V<T> z) {
  return t * z * polynomial(z, Coefficients<T>::Asin);
}

/// The folded argument of asin and acos: root^2 = z = (1 - a)/2, root + low is sqrt(z).
template <template <class> class V, class T> struct AsinFold {
  V<T> z;
  Pair<V, T> root;
};

template <template <class> class V, class T> AsinFold<V, T> foldAsin(V<T> a) {
  V<T> z = fma(a, V<T>(-0.5), V<T>(0.5));
  V<T> root = sqrt(z);
  // One Newton step gives what the square root has rounded away; at z = 0 there is nothing.
  V<T> low = fma(-root, root, z) / where(root == T(0), V<T>(1), root + root);
  return {z, {root, low}};
}

template <template <class> class V, class T> V<T> asin(V<T> x) {
  using F = Format<T>;
  V<T> a = abs(x);
  auto small = a <= T(0.5);
  AsinFold<V, T> fold = foldAsin(a);
  V<T> t = where(small, a, fold.root.value);
  V<T> tail = asinTail(t, where(small, a * a, fold.z));
  // pi/2 - 2 (root + low + tail); root + root is exact.
  Pair<V, T> head = fastTwoSum(V<T>(F::HalfPi), -(t + t));
  V<T> rest = fma(fold.root.low + tail, V<T>(-2), head.low + F::HalfPiLow);
  return flipSign(where(small, t + tail, head.value + rest), signOf(x));
}

template <template <class> class V, class T> V<T> acos(V<T> x) {
  using F = Format<T>;
  V<T> a = abs(x);
  auto small = a <= T(0.5);
  auto negative = x < T(0);
  AsinFold<V, T> fold = foldAsin(a);
  V<T> t = where(small, x, fold.root.value);
  V<T> tail = asinTail(t, where(small, x * x, fold.z));
  // pi/2 - asin(x) for small x; else 2 asin(root), from pi for negative x.
  V<T> twice = where(small, -t, where(negative, -(t + t), t + t));
  V<T> factor = where(small, V<T>(-1), where(negative, V<T>(-2), V<T>(2)));
  V<T> offset = where(small, V<T>(F::HalfPi), where(negative, V<T>(F::HalfPi * 2), V<T>(0)));
  V<T> offsetLow =
      where(small, V<T>(F::HalfPiLow), where(negative, V<T>(F::HalfPiLow * 2), V<T>(0)));
  Pair<V, T> head = fastTwoSum(offset, twice);
  V<T> rest = where(small, tail, tail + fold.root.low);
  return head.value + fma(factor, rest, head.low + offsetLow);
}

} // namespace tg::math

#endif // TG_GRAPH_DECOMPOSE_INVERSETRIG_H
