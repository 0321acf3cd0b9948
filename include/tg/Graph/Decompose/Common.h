//===- Common.h - What the expansions share ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The expansions of this folder are straight-line and free of branches: `template <template
/// <class> class V, class T> V<T> f(V<T> x)`, where V is HostLane (computes on the host) or
/// EmitLane (emits uop operations) and T is float or double. They rely on IEEE arithmetic rounded
/// to nearest, on denormals being kept and on sums not being reassociated. Where a product meets a
/// sum they say fma, so contraction finds nothing to change.
///
/// Error-free transformations: T. J. Dekker, "A floating-point technique for extending the
/// available precision", 1971.
///
//===----------------------------------------------------------------------===//

#ifndef TG_GRAPH_DECOMPOSE_COMMON_H
#define TG_GRAPH_DECOMPOSE_COMMON_H

#include "tg/Graph/Decompose/Coefficients.h"

#include <cstddef>
#include <cstdint>
#include <limits>

namespace tg::math {

template <class T> struct Format;

template <> struct Format<float> {
  using Int = int32_t;
  using Unsigned = uint32_t;
  static constexpr Int MantissaBits = 23, Bias = 127;
  /// Adding it rounds to an integer (ties to even), which then stands in the low bits.
  static constexpr float Shifter = 0x1.8p23f;
  static constexpr float Ln2 = 0x1.62e43p-1f, Ln2Low = -0x1.05c61p-29f;
  /// ln 2 with so few bits that its product with any exponent is exact.
  static constexpr float Ln2Short = 0x1.63p-1f, Ln2ShortLow = -0x1.bd0106p-13f;
  static constexpr float Log2E = 0x1.715476p+0f, Log2ELow = 0x1.4ae0cp-26f;
  static constexpr float HalfPi = 0x1.921fb6p+0f, HalfPiLow = -0x1.777a5cp-25f;
  static constexpr float ExpMin = -104.5f, ExpMax = 89.5f;
  static constexpr float Exp2Min = -151.0f, Exp2Max = 129.0f;
};

template <> struct Format<double> {
  using Int = int64_t;
  using Unsigned = uint64_t;
  static constexpr Int MantissaBits = 52, Bias = 1023;
  static constexpr double Shifter = 0x1.8p52;
  static constexpr double Ln2 = 0x1.62e42fefa39efp-1, Ln2Low = 0x1.abc9e3b39803fp-56;
  static constexpr double Ln2Short = 0x1.62e42fefap-1, Ln2ShortLow = 0x1.cf79abc9e3b3ap-40;
  static constexpr double Log2E = 0x1.71547652b82fep+0, Log2ELow = 0x1.777d0ffda0d24p-56;
  static constexpr double HalfPi = 0x1.921fb54442d18p+0, HalfPiLow = 0x1.1a62633145c07p-54;
  static constexpr double ExpMin = -746.0, ExpMax = 710.6;
  static constexpr double Exp2Min = -1076.0, Exp2Max = 1025.0;
};

template <class T> using IntOf = typename Format<T>::Int;
template <class T> constexpr T infinity = std::numeric_limits<T>::infinity();
template <class T> constexpr T quietNaN = std::numeric_limits<T>::quiet_NaN();
template <class T> constexpr IntOf<T> signBit = std::numeric_limits<IntOf<T>>::min();

/// A value and what it lacks: value + low, |low| below one ulp of value.
template <template <class> class V, class T> struct Pair {
  V<T> value, low;
};

template <template <class> class V, class T> V<IntOf<T>> bitsOf(V<T> x) {
  return x.template bitcast<IntOf<T>>();
}

template <template <class> class V, class T> V<T> abs(V<T> x) {
  return (bitsOf(x) & IntOf<T>(~signBit<T>)).template bitcast<T>();
}

/// The sign bit of x, the rest zero.
template <template <class> class V, class T> V<IntOf<T>> signOf(V<T> x) {
  return bitsOf(x) & V<IntOf<T>>(signBit<T>);
}

template <template <class> class V, class T> V<T> flipSign(V<T> x, V<IntOf<T>> sign) {
  return (bitsOf(x) ^ sign).template bitcast<T>();
}

/// x limited to [low, high]; NaN stays.
template <template <class> class V, class T> V<T> clamp(V<T> x, T low, T high) {
  V<T> atMost = where(V<T>(high) < x, V<T>(high), x);
  return where(atMost < low, V<T>(low), atMost);
}

/// sum of c[i] x^i by Horner's rule.
template <template <class> class V, class T, size_t N>
V<T> polynomial(V<T> x, const T (&coefficients)[N]) {
  V<T> sum = coefficients[N - 1];
  for (size_t i = N - 1; i-- > 0;)
    sum = fma(sum, x, coefficients[i]);
  return sum;
}

/// a + b and its error; |a| >= |b| or a = 0.
template <template <class> class V, class T> Pair<V, T> fastTwoSum(V<T> a, V<T> b) {
  V<T> sum = a + b;
  return {sum, b - (sum - a)};
}

/// a * b and its error.
template <template <class> class V, class T> Pair<V, T> twoProduct(V<T> a, V<T> b) {
  V<T> product = a * b;
  return {product, fma(a, b, -product)};
}

/// An integer below 2^22 (f32) or 2^51 (f64) in magnitude as a float, exactly.
template <class T, template <class> class V> V<T> smallToFloat(V<IntOf<T>> i) {
  V<IntOf<T>> shifter = V<T>(Format<T>::Shifter).template bitcast<IntOf<T>>();
  return (i + shifter).template bitcast<T>() - Format<T>::Shifter;
}

/// An integral number as a float and as an int.
template <template <class> class V, class T> struct Integral {
  V<T> value;
  V<IntOf<T>> integer;
};

/// The integer nearest to x * scale, |x * scale| < 2^22 (f32) or 2^51 (f64).
template <template <class> class V, class T> Integral<V, T> nearest(V<T> x, T scale) {
  V<T> shifted = fma(x, scale, V<T>(Format<T>::Shifter));
  V<IntOf<T>> shifter = V<T>(Format<T>::Shifter).template bitcast<IntOf<T>>();
  return {shifted - Format<T>::Shifter, bitsOf(shifted) - shifter};
}

/// 2^k for k in the range of normal exponents.
template <class T, template <class> class V> V<T> powerOfTwo(V<IntOf<T>> k) {
  return ((k + Format<T>::Bias) << V<IntOf<T>>(Format<T>::MantissaBits)).template bitcast<T>();
}

/// x * 2^k, rounded once; |k| up to twice the largest exponent.
template <template <class> class V, class T> V<T> scale(V<T> x, V<IntOf<T>> k) {
  V<IntOf<T>> half = k >> V<IntOf<T>>(1);
  return x * powerOfTwo<T>(half) * powerOfTwo<T>(k - half);
}

/// x = 2^exponent * mantissa, mantissa in [sqrt(1/2), sqrt(2)); x positive, finite, not zero.
template <template <class> class V, class T> struct Split {
  V<IntOf<T>> exponent;
  V<T> mantissa;
};

template <template <class> class V, class T> Split<V, T> splitNormal(V<T> x) {
  constexpr IntOf<T> bits = Format<T>::MantissaBits;
  // The bits of sqrt(1/2): subtracting them carries into the exponent at sqrt(2).
  V<IntOf<T>> root = V<T>(T(0x1.6a09e667f3bcdp-1)).template bitcast<IntOf<T>>();
  V<IntOf<T>> exponent = (bitsOf(x) - root) >> V<IntOf<T>>(bits);
  return {exponent, (bitsOf(x) - (exponent << V<IntOf<T>>(bits))).template bitcast<T>()};
}

template <template <class> class V, class T> Split<V, T> split(V<T> x) {
  constexpr IntOf<T> lift = Format<T>::MantissaBits + 1;
  constexpr T factor = T(int64_t(1) << lift);
  auto denormal = x < std::numeric_limits<T>::min();
  Split<V, T> parts = splitNormal(where(denormal, x * factor, x));
  return {where(denormal, parts.exponent - lift, parts.exponent), parts.mantissa};
}

} // namespace tg::math

#endif // TG_GRAPH_DECOMPOSE_COMMON_H
