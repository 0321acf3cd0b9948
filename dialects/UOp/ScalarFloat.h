//===- ScalarFloat.h - Float functions and loops ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_LIB_SUPPORT_SCALARFLOAT_H
#define TG_LIB_SUPPORT_SCALARFLOAT_H

#include "tg/Dialect/UOp/UOpScalars.h"

#include "llvm/Support/ErrorHandling.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace tg::scalar {

/// The type that transcendental functions of `T` are computed in.
template <typename T> struct WiderImpl;
template <> struct WiderImpl<float> {
  using type = double;
};
template <> struct WiderImpl<double> {
  using type = long double;
};
template <typename T> using Wider = typename WiderImpl<T>::type;

template <typename T> T maxOf(T a, T b) {
  if (std::isnan(a) || std::isnan(b))
    return std::numeric_limits<T>::quiet_NaN();
  if (a == b)
    return std::signbit(a) ? b : a;
  return a > b ? a : b;
}

template <typename T> T minOf(T a, T b) {
  if (std::isnan(a) || std::isnan(b))
    return std::numeric_limits<T>::quiet_NaN();
  if (a == b)
    return std::signbit(a) ? a : b;
  return a < b ? a : b;
}

/// The exact remainder, plus `b` where the signs differ.
template <typename T> T floorMod(T a, T b) {
  T remainder = std::fmod(a, b);
  if (remainder == 0)
    return std::copysign(T(0), b);
  return std::signbit(remainder) != std::signbit(b) ? remainder + b : remainder;
}

/// The floor of the exact quotient. `a - fmod(a, b)` is a multiple of `b`, so the quotient in the
/// wider type is an integer but for rounding.
template <typename T, typename W> T floorDiv(T a, T b) {
  if (b == 0)
    return a / b;
  W remainder = std::fmod(W(a), W(b));
  W quotient = std::nearbyint((W(a) - remainder) / W(b));
  if (remainder != 0 && std::signbit(remainder) != std::signbit(b))
    quotient -= 1;
  if (quotient == 0)
    return std::copysign(T(0), std::signbit(a) == std::signbit(b) ? T(1) : T(-1));
  return static_cast<T>(quotient);
}

/// `a * b + c` rounded to odd, for products that f64 holds exactly: a second rounding to any type
/// of at most 51 bits is then the only one.
inline double fmaToOdd(double a, double b, double c) {
  double product = a * b, sum = product + c;
  if (!std::isfinite(sum))
    return sum;
  // The exact error of the sum (Knuth's two-sum).
  double head = sum - product;
  double error = (product - (sum - head)) + (c - head);
  uint64_t bits;
  std::memcpy(&bits, &sum, sizeof bits);
  if (error == 0 || (bits & 1))
    return sum;
  return std::nextafter(sum, error > 0 ? std::numeric_limits<double>::infinity()
                                       : -std::numeric_limits<double>::infinity());
}

template <typename T, typename F>
void mapUnary(const void *const *operands, T *result, size_t n, F function) {
  const T *in = static_cast<const T *>(operands[0]);
  for (size_t i = 0; i < n; ++i)
    result[i] = static_cast<T>(function(in[i]));
}

/// Computes in the wider type `W`, rounds once.
template <typename W, typename T, typename F>
void mapWide(const void *const *operands, T *result, size_t n, F function) {
  mapUnary(operands, result, n, [&](T x) { return function(W(x)); });
}

template <typename T, typename F>
void mapBinary(const void *const *operands, T *result, size_t n, F function) {
  const T *a = static_cast<const T *>(operands[0]), *b = static_cast<const T *>(operands[1]);
  for (size_t i = 0; i < n; ++i)
    result[i] = static_cast<T>(function(a[i], b[i]));
}

template <typename T, typename F>
void mapTernary(const void *const *operands, T *result, size_t n, F function) {
  const T *a = static_cast<const T *>(operands[0]), *b = static_cast<const T *>(operands[1]),
          *c = static_cast<const T *>(operands[2]);
  for (size_t i = 0; i < n; ++i)
    result[i] = static_cast<T>(function(a[i], b[i], c[i]));
}

/// Float functions of one operand type; comparisons, casts, neg and where are elsewhere.
/// Transcendental functions are computed in `W`.
template <typename T, typename W = Wider<T>>
void evalFloatArray(uop::ElementwiseKind kind, const void *const *operands, T *result, size_t n) {
  using Kind = uop::ElementwiseKind;
  switch (kind) {
  case Kind::Exp2:
    return mapWide<W>(operands, result, n, [](auto x) { return std::exp2(x); });
  case Kind::Log2:
    return mapWide<W>(operands, result, n, [](auto x) { return std::log2(x); });
  case Kind::Sin:
    return mapWide<W>(operands, result, n, [](auto x) { return std::sin(x); });
  case Kind::Sqrt:
    return mapUnary(operands, result, n, [](T x) { return std::sqrt(x); });
  case Kind::Reciprocal:
    return mapUnary(operands, result, n, [](T x) { return T(1) / x; });
  case Kind::Trunc:
    return mapUnary(operands, result, n, [](T x) { return std::trunc(x); });
  case Kind::Add:
    return mapBinary(operands, result, n, [](T a, T b) { return a + b; });
  case Kind::Sub:
    return mapBinary(operands, result, n, [](T a, T b) { return a - b; });
  case Kind::Mul:
    return mapBinary(operands, result, n, [](T a, T b) { return a * b; });
  case Kind::FDiv:
    return mapBinary(operands, result, n, [](T a, T b) { return a / b; });
  case Kind::FloorDiv:
    return mapBinary(operands, result, n, [](T a, T b) { return floorDiv<T, W>(a, b); });
  case Kind::FloorMod:
    return mapBinary(operands, result, n, [](T a, T b) { return floorMod(a, b); });
  case Kind::CMod:
    return mapBinary(operands, result, n, [](T a, T b) { return std::fmod(a, b); });
  case Kind::Pow:
    return mapBinary(operands, result, n, [](T a, T b) { return std::pow(W(a), W(b)); });
  case Kind::Max:
    return mapBinary(operands, result, n, [](T a, T b) { return maxOf(a, b); });
  case Kind::Min:
    return mapBinary(operands, result, n, [](T a, T b) { return minOf(a, b); });
  case Kind::Fma:
    return mapTernary(operands, result, n, [](T a, T b, T c) { return std::fma(a, b, c); });
  case Kind::Exp:
    return mapWide<W>(operands, result, n, [](auto x) { return std::exp(x); });
  case Kind::Log:
    return mapWide<W>(operands, result, n, [](auto x) { return std::log(x); });
  case Kind::Cos:
    return mapWide<W>(operands, result, n, [](auto x) { return std::cos(x); });
  case Kind::Tan:
    return mapWide<W>(operands, result, n, [](auto x) { return std::tan(x); });
  case Kind::Asin:
    return mapWide<W>(operands, result, n, [](auto x) { return std::asin(x); });
  case Kind::Acos:
    return mapWide<W>(operands, result, n, [](auto x) { return std::acos(x); });
  case Kind::Atan:
    return mapWide<W>(operands, result, n, [](auto x) { return std::atan(x); });
  case Kind::Sinh:
    return mapWide<W>(operands, result, n, [](auto x) { return std::sinh(x); });
  case Kind::Cosh:
    return mapWide<W>(operands, result, n, [](auto x) { return std::cosh(x); });
  case Kind::Tanh:
    return mapWide<W>(operands, result, n, [](auto x) { return std::tanh(x); });
  case Kind::Asinh:
    return mapWide<W>(operands, result, n, [](auto x) { return std::asinh(x); });
  case Kind::Acosh:
    return mapWide<W>(operands, result, n, [](auto x) { return std::acosh(x); });
  case Kind::Atanh:
    return mapWide<W>(operands, result, n, [](auto x) { return std::atanh(x); });
  case Kind::Erf:
    return mapWide<W>(operands, result, n, [](auto x) { return std::erf(x); });
  case Kind::Floor:
    return mapUnary(operands, result, n, [](T x) { return std::floor(x); });
  case Kind::Ceil:
    return mapUnary(operands, result, n, [](T x) { return std::ceil(x); });
  case Kind::Round:
    return mapUnary(operands, result, n, [](T x) { return std::nearbyint(x); });
  default:
    llvm_unreachable("not a float function");
  }
}

/// The same for narrow types widened to f64, to be rounded once more: no long double, and fma
/// rounds to odd.
void evalWideArray(uop::ElementwiseKind kind, const void *const *operands, double *result,
                   size_t n);

template <typename T>
void compareArrays(uop::ElementwiseKind kind, const void *const *operands, uint8_t *result,
                   size_t n) {
  const T *a = static_cast<const T *>(operands[0]), *b = static_cast<const T *>(operands[1]);
  switch (kind) {
  case uop::ElementwiseKind::CmpLt:
    for (size_t i = 0; i < n; ++i)
      result[i] = a[i] < b[i];
    return;
  case uop::ElementwiseKind::CmpLe:
    for (size_t i = 0; i < n; ++i)
      result[i] = a[i] <= b[i];
    return;
  case uop::ElementwiseKind::CmpNe:
    for (size_t i = 0; i < n; ++i)
      result[i] = a[i] != b[i];
    return;
  default:
    for (size_t i = 0; i < n; ++i)
      result[i] = a[i] == b[i];
    return;
  }
}

} // namespace tg::scalar

#endif // TG_LIB_SUPPORT_SCALARFLOAT_H
