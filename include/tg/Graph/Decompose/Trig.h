//===- Trig.h - sin, cos, tan -------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Right for every argument, by the reduction of M. H. Payne and R. N. Hanek ("Radian reduction for
/// trigonometric functions", 1983): x = m 2^e with an integer m, and of 2/pi only those digits are
/// multiplied whose product with x is neither a multiple of four nor too small to matter. The words
/// of 2/pi are picked by a tree of selections, so that no memory is read.
///
//===----------------------------------------------------------------------===//

#ifndef TG_GRAPH_DECOMPOSE_TRIG_H
#define TG_GRAPH_DECOMPOSE_TRIG_H

#include "tg/Graph/Decompose/Common.h"

#include <array>
#include <utility>

namespace tg::math {

/// |x| = quadrant * pi/2 + rest (mod 2 pi), |rest| <= pi/4.
template <template <class> class V, class T> struct Reduced {
  V<IntOf<T>> quadrant;
  Pair<V, T> rest;
};

/// The high half of a 128-bit product.
template <template <class> class V> V<uint64_t> mulHigh(V<uint64_t> a, V<uint64_t> b) {
  constexpr uint64_t low32 = 0xffffffff;
  V<uint64_t> shift = 32;
  V<uint64_t> aHigh = a >> shift, aLow = a & low32, bHigh = b >> shift, bLow = b & low32;
  V<uint64_t> cross = aHigh * bLow + ((aLow * bLow) >> shift);
  V<uint64_t> other = aLow * bHigh + (cross & low32);
  return aHigh * bHigh + (cross >> shift) + (other >> shift);
}

template <template <class> class V, size_t count> using Words = std::array<V<uint64_t>, count>;

/// `words` from `step` on where `beyond`, else from the start.
template <template <class> class V, size_t count, size_t... i>
Words<V, sizeof...(i)> selectWords(V<bool> beyond, size_t step, const Words<V, count> &words,
                                   std::index_sequence<i...>) {
  return {where(beyond, words[step + i], words[i])...};
}

/// The words from word `start / 64` on, `count - (1 << levels) + 1` of them; start < 64 << levels.
template <unsigned levels, template <class> class V, size_t count>
auto shiftWords(V<uint64_t> start, const Words<V, count> &words) {
  if constexpr (levels == 0) {
    return words;
  } else {
    constexpr size_t step = size_t(1) << (levels - 1);
    auto beyond = (start & uint64_t(64 * step)) != uint64_t(0);
    return shiftWords<levels - 1, V>(
        start, selectWords<V>(beyond, step, words, std::make_index_sequence<count - step>()));
  }
}

template <template <class> class V, size_t count, size_t... i>
Words<V, sizeof...(i)> shiftBits(V<uint64_t> left, const Words<V, count> &words,
                                 std::index_sequence<i...>) {
  V<uint64_t> right = left ^ uint64_t(63);
  return {((words[i] << left) | ((words[i + 1] >> uint64_t(1)) >> right))...};
}

template <class T, template <class> class V, size_t... i>
Words<V, sizeof...(i)> tableWords(std::index_sequence<i...>) {
  return {V<uint64_t>(TwoOverPi<T>[i])...};
}

/// 64 * windows digits of 2/pi, from digit `start` of the table on; start < 64 << levels.
template <class T, size_t windows, unsigned levels, template <class> class V>
Words<V, windows> pickDigits(V<uint64_t> start) {
  constexpr size_t total = windows + (size_t(1) << levels);
  auto words = shiftWords<levels, V>(start, tableWords<T, V>(std::make_index_sequence<total>()));
  return shiftBits<V>(start & uint64_t(63), words, std::make_index_sequence<windows>());
}

/// quadrant + (-1)^negative * fraction, where `fraction` holds 62 binary digits and `below` 64
/// more.
template <template <class> class V> struct FixedPoint {
  V<uint64_t> quadrant;
  V<bool> negative;
  V<int64_t> fraction, below;
};

template <template <class> class V>
FixedPoint<V> splitQuadrant(V<uint64_t> product, V<uint64_t> below) {
  V<uint64_t> quadrant = (product + (uint64_t(1) << 61)) >> uint64_t(62);
  V<int64_t> fraction = (product - (quadrant << uint64_t(62))).template bitcast<int64_t>();
  // The magnitude up to a unit in the last digit; of a negative fraction the chunks would cancel.
  V<int64_t> sign = fraction >> int64_t(63);
  return {quadrant, sign != int64_t(0), fraction ^ sign, below.template bitcast<int64_t>() ^ sign};
}

/// m 2^e 2/pi mod 4, where digit `start` of the table has the weight 2^(1 - e).
template <template <class> class V>
FixedPoint<V> multiplyDigits(V<uint64_t> m, V<uint64_t> start, float) {
  Words<V, 2> digits = pickDigits<float, 2, 1>(start);
  V<uint64_t> low = (m * (digits[1] >> uint64_t(32))) >> uint64_t(32);
  return splitQuadrant(m * digits[0] + low, V<uint64_t>(0));
}

template <template <class> class V>
FixedPoint<V> multiplyDigits(V<uint64_t> m, V<uint64_t> start, double) {
  Words<V, 3> digits = pickDigits<double, 3, 4>(start);
  V<uint64_t> middle = m * digits[1], below = middle + mulHigh(m, digits[2]);
  V<uint64_t> carry = where(below < middle, V<uint64_t>(1), V<uint64_t>(0));
  return splitQuadrant(m * digits[0] + mulHigh(m, digits[1]) + carry, below);
}

/// The fraction in chunks that T holds exactly, summed from the smallest.
template <template <class> class V> Pair<V, float> fractionOf(const FixedPoint<V> &x, float) {
  auto chunk = [](V<int64_t> c) { return c.template cast<int32_t>().template cast<float>(); };
  V<float> high = chunk(x.fraction >> int64_t(38));
  V<float> middle = chunk((x.fraction >> int64_t(14)) & int64_t(0xffffff));
  V<float> low = chunk(x.fraction & int64_t(0x3fff));
  return fastTwoSum(high * 0x1p-24f, fma(middle, V<float>(0x1p-48f), low * 0x1p-62f));
}

template <template <class> class V> Pair<V, double> fractionOf(const FixedPoint<V> &x, double) {
  V<int64_t> below = (x.below >> int64_t(8)) & int64_t(0xffffffffffffff);
  V<double> high = smallToFloat<double>(x.fraction >> int64_t(24));
  V<double> middle = smallToFloat<double>(((x.fraction & int64_t(0xffffff)) << int64_t(16)) |
                                          (below >> int64_t(40)));
  V<double> low = smallToFloat<double>(below & int64_t(0xffffffffff));
  return fastTwoSum(high * 0x1p-38, fma(middle, V<double>(0x1p-78), low * 0x1p-118));
}

/// a: not negative; an infinity or NaN gives anything.
template <template <class> class V, class T> Reduced<V, T> reduceAngle(V<T> a) {
  using F = Format<T>;
  using Int = IntOf<T>;
  constexpr Int hidden = Int(1) << F::MantissaBits;
  // One digit later and m doubled, but for the smallest exponent: that saves a word of the table.
  V<Int> start = (bitsOf(a) >> V<Int>(F::MantissaBits)) - Int(F::Bias - 1);
  V<Int> m = (bitsOf(a) & Int(hidden - 1)) | hidden;
  auto first = start < Int(1);
  m = where(first, m, m + m);
  start = where(first, V<Int>(0), start - Int(1));
  FixedPoint<V> x =
      multiplyDigits(m.template cast<uint64_t>(), start.template cast<uint64_t>(), T());

  Pair<V, T> f = fractionOf(x, T());
  V<Int> sign = where(x.negative, V<Int>(signBit<T>), V<Int>(0));
  Pair<V, T> r = twoProduct(f.value, V<T>(F::HalfPi));
  r.low = r.low + fma(f.value, V<T>(F::HalfPiLow), f.low * F::HalfPi);

  auto small = a <= T(F::HalfPi / 2);
  return {where(small, V<Int>(0), x.quadrant.template cast<Int>()),
          {where(small, a, flipSign(r.value, sign)), where(small, V<T>(0), flipSign(r.low, sign))}};
}

/// sin(r + low), |r| <= pi/4.
template <template <class> class V, class T> V<T> sinOfRest(Pair<V, T> r) {
  V<T> z = r.value * r.value;
  V<T> cosine = fma(z, V<T>(-0.5), V<T>(1));
  V<T> tail = fma(r.value * z, polynomial(z, Coefficients<T>::Sin), r.low * cosine);
  return r.value + tail;
}

/// cos(r + low), |r| <= pi/4.
template <template <class> class V, class T> V<T> cosOfRest(Pair<V, T> r) {
  V<T> z = r.value * r.value;
  Pair<V, T> head = fastTwoSum(V<T>(1), z * T(-0.5));
  V<T> tail = fma(z * z, polynomial(z, Coefficients<T>::Cos), -(r.value * r.low));
  return head.value + (head.low + tail);
}

/// The sign bit set where bit 1 of the quadrant is.
template <template <class> class V, class T> V<IntOf<T>> halfTurn(V<IntOf<T>> quadrant) {
  constexpr IntOf<T> toSign = sizeof(T) * 8 - 2;
  return (quadrant << V<IntOf<T>>(toSign)) & signBit<T>;
}

/// sin(x + turns * pi/2).
template <template <class> class V, class T> V<T> sinFrom(V<T> x, IntOf<T> turns) {
  using Int = IntOf<T>;
  V<T> a = abs(x);
  Reduced<V, T> reduced = reduceAngle(a);
  V<Int> quadrant = reduced.quadrant + turns;
  auto odd = (quadrant & Int(1)) != Int(0);
  V<T> value = where(odd, cosOfRest(reduced.rest), sinOfRest(reduced.rest));
  V<Int> sign = halfTurn<V, T>(quadrant);
  value = flipSign(value, turns == 0 ? sign ^ signOf(x) : sign);
  return where(a < infinity<T>, value, V<T>(quietNaN<T>));
}

template <template <class> class V, class T> V<T> sin(V<T> x) { return sinFrom(x, IntOf<T>(0)); }
template <template <class> class V, class T> V<T> cos(V<T> x) { return sinFrom(x, IntOf<T>(1)); }

template <template <class> class V, class T> V<T> tan(V<T> x) {
  using Int = IntOf<T>;
  V<T> a = abs(x);
  Reduced<V, T> reduced = reduceAngle(a);
  auto odd = (reduced.quadrant & Int(1)) != Int(0);
  V<T> s = sinOfRest(reduced.rest), c = cosOfRest(reduced.rest);
  // A quarter turn further tan is -1/tan.
  V<T> value = where(odd, c, s) / where(odd, s, c);
  value = flipSign(value, halfTurn<V, T>(reduced.quadrant + reduced.quadrant) ^ signOf(x));
  return where(a < infinity<T>, value, V<T>(quietNaN<T>));
}

} // namespace tg::math

#endif // TG_GRAPH_DECOMPOSE_TRIG_H
