//===- ScalarInt.h - Integer functions and loops ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_LIB_SUPPORT_SCALARINT_H
#define TG_LIB_SUPPORT_SCALARINT_H

#include "tg/Dialect/UOp/UOpScalars.h"

#include "llvm/Support/ErrorHandling.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

namespace tg::scalar {

/// Calls `body` with a zero of the native type of a compute integer; i1 is uint8_t.
template <typename Body> void withIntType(DType type, Body body) {
  switch (type) {
  case DType::I8:
    return body(int8_t(0));
  case DType::I16:
    return body(int16_t(0));
  case DType::I32:
    return body(int32_t(0));
  case DType::I64:
    return body(int64_t(0));
  case DType::I1:
  case DType::UI8:
    return body(uint8_t(0));
  case DType::UI16:
    return body(uint16_t(0));
  case DType::UI32:
    return body(uint32_t(0));
  case DType::UI64:
    return body(uint64_t(0));
  default:
    llvm_unreachable("not an integer with arithmetic");
  }
}

/// Element `i` of an unpacked integer array, extended by its signedness.
inline uint64_t loadInt(DType type, const void *array, size_t i) {
  uint64_t bits;
  switch (elementBytes(type)) {
  case 1:
    bits = static_cast<const uint8_t *>(array)[i];
    break;
  case 2:
    bits = static_cast<const uint16_t *>(array)[i];
    break;
  case 4:
    bits = static_cast<const uint32_t *>(array)[i];
    break;
  default:
    return static_cast<const uint64_t *>(array)[i];
  }
  if (!isSignedInteger(type))
    return bits;
  unsigned unused = 64 - bitWidth(type);
  return uint64_t(int64_t(bits << unused) >> unused);
}

/// Stores the low bits; to i1 whether `bits` is not zero.
inline void storeInt(DType type, void *array, size_t i, uint64_t bits) {
  unsigned width = bitWidth(type);
  if (width == 1)
    bits = bits != 0;
  else if (width < 64)
    bits &= (uint64_t(1) << width) - 1;
  switch (elementBytes(type)) {
  case 1:
    static_cast<uint8_t *>(array)[i] = bits;
    return;
  case 2:
    static_cast<uint16_t *>(array)[i] = bits;
    return;
  case 4:
    static_cast<uint32_t *>(array)[i] = bits;
    return;
  default:
    static_cast<uint64_t *>(array)[i] = bits;
    return;
  }
}

/// Truncated toward zero and saturated to `type`; NaN gives 0.
inline uint64_t saturate(DType type, double value) {
  if (std::isnan(value))
    return 0;
  value = std::trunc(value);
  unsigned width = bitWidth(type);
  if (isSignedInteger(type)) {
    double limit = std::ldexp(1.0, width - 1);
    if (value >= limit)
      return (uint64_t(1) << (width - 1)) - 1;
    if (value < -limit)
      return ~uint64_t(0) << (width - 1);
    return uint64_t(int64_t(value));
  }
  if (value >= std::ldexp(1.0, width))
    return width == 64 ? ~uint64_t(0) : (uint64_t(1) << width) - 1;
  return value <= 0 ? 0 : uint64_t(value);
}

/// The integer as f64, exact or rounded to odd, so that rounding it to a narrower float is the
/// only rounding.
inline double toDoubleForRounding(uint64_t bits, bool isSigned) {
  bool isNegative = isSigned && int64_t(bits) < 0;
  uint64_t magnitude = isNegative ? -bits : bits;
  if (magnitude >> 53)
    magnitude = (magnitude & ~uint64_t(0x7FF)) | (magnitude & 0x7FF ? 0x800 : 0);
  double value = static_cast<double>(magnitude);
  return isNegative ? -value : value;
}

template <typename T> struct IntOps {
  using U = std::make_unsigned_t<T>;
  static constexpr bool isSigned = std::is_signed_v<T>;
  static constexpr unsigned width = sizeof(T) * 8;

  // Arithmetic in 64 bits, then truncated: it wraps and never overflows.
  static T add(T a, T b) { return T(uint64_t(a) + uint64_t(b)); }
  static T sub(T a, T b) { return T(uint64_t(a) - uint64_t(b)); }
  static T mul(T a, T b) { return T(uint64_t(a) * uint64_t(b)); }
  static T neg(T a) { return T(-uint64_t(a)); }
  static bool isOverflow(T a, T b) {
    return isSigned && b == T(-1) && a == std::numeric_limits<T>::min();
  }
  static T cdiv(T a, T b) { return b == 0 ? T(0) : isOverflow(a, b) ? a : T(a / b); }
  static T cmod(T a, T b) { return b == 0 ? a : isOverflow(a, b) ? T(0) : T(a % b); }
  static T floorDiv(T a, T b) {
    T quotient = cdiv(a, b);
    return b != 0 && cmod(a, b) != 0 && (a < 0) != (b < 0) ? T(quotient - 1) : quotient;
  }
  static T floorMod(T a, T b) {
    T remainder = cmod(a, b);
    return b != 0 && remainder != 0 && (a < 0) != (b < 0) ? T(remainder + b) : remainder;
  }
  static T pow(T base, T exponent) {
    if (isSigned && exponent < 0) {
      if (base == 1)
        return 1;
      if (isSigned && base == T(-1))
        return exponent & 1 ? base : T(1);
      return 0;
    }
    uint64_t result = 1, factor = uint64_t(base);
    for (U left = U(exponent); left; left = U(left >> 1), factor *= factor)
      if (left & 1)
        result *= factor;
    return T(result);
  }
  static T shl(T a, T b) { return U(b) >= width ? T(0) : T(uint64_t(a) << U(b)); }
  static T shr(T a, T b) {
    if (U(b) < width)
      return T(a >> U(b));
    return a < 0 ? T(-1) : T(0);
  }
};

/// Threefry-2x32 with 20 rounds (Salmon et al., SC 2011), word 0 in the low half.
inline uint64_t threefry(uint64_t counter, uint64_t key) {
  constexpr unsigned rotations[2][4] = {{13, 15, 26, 6}, {17, 29, 16, 24}};
  uint32_t x0 = uint32_t(counter), x1 = uint32_t(counter >> 32);
  uint32_t keys[3] = {uint32_t(key), uint32_t(key >> 32), 0};
  keys[2] = keys[0] ^ keys[1] ^ 0x1BD11BDA;
  x0 += keys[0];
  x1 += keys[1];
  for (unsigned group = 0; group < 5; ++group) {
    for (unsigned rotation : rotations[group % 2]) {
      x0 += x1;
      x1 = (x1 << rotation | x1 >> (32 - rotation)) ^ x0;
    }
    x0 += keys[(group + 1) % 3];
    x1 += keys[(group + 2) % 3] + group + 1;
  }
  return uint64_t(x1) << 32 | x0;
}

/// Integer functions of one operand type; comparisons, casts and where are elsewhere.
void evalIntArray(uop::ElementwiseKind kind, DType type, const void *const *operands, void *result,
                  size_t n);

} // namespace tg::scalar

#endif // TG_LIB_SUPPORT_SCALARINT_H
