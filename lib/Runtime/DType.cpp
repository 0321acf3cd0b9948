//===- DType.cpp - Element types and exact conversions ----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tg/Runtime/DType.h"

#include <cmath>
#include <cstring>
#include <limits>

namespace tg {
namespace {

/// How a float type encodes what is not a finite number.
enum class Special : uint8_t {
  None,     // not a float
  Ieee,     // all exponent bits set: infinity (mantissa 0) and NaNs
  OnesNaN,  // all bits set: NaN; no infinity
  ZeroNaN,  // the sign bit alone: NaN; no infinity, no negative zero
  Finite,   // neither
  Exponent, // unsigned exponent only, all bits set: NaN
};

struct Info {
  const char *name;
  uint8_t bits;
  uint8_t mantissa;
  int16_t bias;
  Special special;
};

constexpr Info infos[numDTypes] = {
    {"i1", 1, 0, 0, Special::None},
    {"i2", 2, 0, 0, Special::None},
    {"i4", 4, 0, 0, Special::None},
    {"i8", 8, 0, 0, Special::None},
    {"i16", 16, 0, 0, Special::None},
    {"i32", 32, 0, 0, Special::None},
    {"i64", 64, 0, 0, Special::None},
    {"ui2", 2, 0, 0, Special::None},
    {"ui4", 4, 0, 0, Special::None},
    {"ui8", 8, 0, 0, Special::None},
    {"ui16", 16, 0, 0, Special::None},
    {"ui32", 32, 0, 0, Special::None},
    {"ui64", 64, 0, 0, Special::None},
    {"f16", 16, 10, 15, Special::Ieee},
    {"bf16", 16, 7, 127, Special::Ieee},
    {"f32", 32, 23, 127, Special::Ieee},
    {"f64", 64, 52, 1023, Special::Ieee},
    {"f8E4M3FN", 8, 3, 7, Special::OnesNaN},
    {"f8E5M2", 8, 2, 15, Special::Ieee},
    {"f4E2M1FN", 4, 1, 1, Special::Finite},
    {"f8E4M3FNUZ", 8, 3, 8, Special::ZeroNaN},
    {"f8E5M2FNUZ", 8, 2, 16, Special::ZeroNaN},
    {"f8E8M0FNU", 8, 0, 127, Special::Exponent},
};

const Info &info(DType type) { return infos[unsigned(type)]; }

uint64_t lowMask(unsigned bits) { return bits == 64 ? ~uint64_t(0) : (uint64_t(1) << bits) - 1; }

template <typename To, typename From> To bitCast(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  std::memcpy(&to, &from, sizeof(to));
  return to;
}

/// `value` / 2^shift, to nearest, ties to even.
uint64_t shiftRound(uint64_t value, unsigned shift) {
  if (shift == 0)
    return value;
  if (shift > 63)
    return 0;
  uint64_t quotient = value >> shift;
  uint64_t rest = value & lowMask(shift);
  uint64_t half = uint64_t(1) << (shift - 1);
  return quotient + (rest > half || (rest == half && (quotient & 1)));
}

/// Ties go up: with one significand bit the even neighbor of a tie is the larger power of two.
uint64_t encodeExponent(double value) {
  if (!(value > 0) || std::isinf(value))
    return 0xff;
  int exponent;
  double fraction = std::frexp(value, &exponent); // in [0.5, 1)
  int64_t code = int64_t(exponent) - 1 + 127 + (fraction >= 0.75);
  return code < 0 ? 0 : code > 0xfe ? 0xff : uint64_t(code);
}

} // namespace

unsigned bitWidth(DType type) { return info(type).bits; }
unsigned storageBits(DType type) { return type == DType::I1 ? 8 : info(type).bits; }
std::string_view dtypeName(DType type) { return info(type).name; }

std::optional<DType> parseDType(std::string_view name) {
  for (unsigned i = 0; i < numDTypes; ++i)
    if (name == infos[i].name)
      return DType(i);
  return std::nullopt;
}

bool isFloat(DType type) { return info(type).special != Special::None; }
bool isInteger(DType type) { return !isFloat(type); }
bool isSignedInteger(DType type) { return type >= DType::I2 && type <= DType::I64; }
bool isUnsignedInteger(DType type) { return type >= DType::UI2 && type <= DType::UI64; }
bool isPacked(DType type) { return storageBits(type) < 8; }

std::optional<int64_t> storageBytes(DType type, int64_t elements) {
  if (elements < 0)
    return std::nullopt;
  unsigned bits = storageBits(type);
  if (bits < 8) {
    int64_t perByte = 8 / bits;
    return elements / perByte + (elements % perByte != 0);
  }
  int64_t bytes;
  if (__builtin_mul_overflow(elements, int64_t(bits / 8), &bytes))
    return std::nullopt;
  return bytes;
}

double decodeFloat(DType type, uint64_t bits) {
  if (type == DType::F64)
    return bitCast<double>(bits);
  if (type == DType::F32)
    return bitCast<float>(uint32_t(bits));
  const Info &format = info(type);
  bits &= lowMask(format.bits);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  if (format.special == Special::Exponent)
    return bits == 0xff ? nan : std::ldexp(1.0, int(bits) - format.bias);

  uint64_t signBit = uint64_t(1) << (format.bits - 1);
  bool negative = bits & signBit;
  uint64_t magnitude = bits & (signBit - 1);
  uint64_t mantissa = magnitude & lowMask(format.mantissa);
  int exponent = int(magnitude >> format.mantissa);
  if (format.special == Special::ZeroNaN && bits == signBit)
    return nan;
  if (format.special == Special::OnesNaN && magnitude == signBit - 1)
    return negative ? -nan : nan;
  if (format.special == Special::Ieee && exponent == int((signBit - 1) >> format.mantissa)) {
    double value = mantissa ? nan : std::numeric_limits<double>::infinity();
    return negative ? -value : value;
  }
  double value = exponent == 0 ? std::ldexp(double(mantissa), 1 - format.bias - format.mantissa)
                               : std::ldexp(double(mantissa + (uint64_t(1) << format.mantissa)),
                                            exponent - format.bias - format.mantissa);
  return negative ? -value : value;
}

uint64_t encodeFloat(DType type, double value) {
  if (type == DType::F64)
    return bitCast<uint64_t>(value);
  if (type == DType::F32)
    return bitCast<uint32_t>(float(value));
  const Info &format = info(type);
  if (format.special == Special::Exponent)
    return encodeExponent(value);

  uint64_t signBit = uint64_t(1) << (format.bits - 1);
  uint64_t sign = std::signbit(value) ? signBit : 0;
  uint64_t ieeeInfinity = (signBit - 1) & ~lowMask(format.mantissa);
  uint64_t overflow = 0, largest = 0, nan = 0;
  switch (format.special) {
  case Special::Ieee:
    overflow = sign | ieeeInfinity;
    largest = ieeeInfinity - 1;
    nan = sign | ieeeInfinity | (uint64_t(1) << (format.mantissa - 1));
    break;
  case Special::OnesNaN:
    overflow = nan = sign | (signBit - 1);
    largest = signBit - 2;
    break;
  case Special::ZeroNaN:
    overflow = nan = signBit;
    largest = signBit - 1;
    break;
  case Special::Finite:
    largest = signBit - 1;
    overflow = sign | largest;
    nan = signBit;
    break;
  case Special::None:
  case Special::Exponent:
    break;
  }
  if (std::isnan(value))
    return nan;
  if (std::isinf(value))
    return overflow;

  uint64_t bits = bitCast<uint64_t>(value);
  int exponent = int((bits >> 52) & 0x7ff) - 1023;
  uint64_t magnitude = 0;
  // A double's denormal is below half of every smaller format's least value.
  if (exponent > -1023) {
    uint64_t significand = (bits & lowMask(52)) | (uint64_t(1) << 52);
    int smallest = 1 - format.bias;
    unsigned shift = 52 - format.mantissa;
    if (exponent >= smallest) {
      // The significand's leading bit adds the missing 1 to the exponent, and so does a carry.
      magnitude =
          (uint64_t(exponent - smallest) << format.mantissa) + shiftRound(significand, shift);
    } else {
      magnitude = shiftRound(significand, shift + unsigned(smallest - exponent));
    }
  }
  if (magnitude > largest)
    return overflow;
  if (magnitude == 0 && format.special == Special::ZeroNaN)
    return 0;
  return sign | magnitude;
}

uint64_t loadBits(DType type, const void *data, int64_t index) {
  const auto *bytes = static_cast<const uint8_t *>(data);
  unsigned bits = storageBits(type);
  if (bits < 8) {
    unsigned perByte = 8 / bits;
    return (bytes[index / perByte] >> (bits * (index % perByte))) & lowMask(bits);
  }
  uint64_t result = 0;
  std::memcpy(&result, bytes + index * (bits / 8), bits / 8);
  return result;
}

void storeBits(DType type, void *data, int64_t index, uint64_t value) {
  auto *bytes = static_cast<uint8_t *>(data);
  unsigned bits = storageBits(type);
  if (bits < 8) {
    unsigned perByte = 8 / bits;
    unsigned shift = bits * (index % perByte);
    uint8_t &byte = bytes[index / perByte];
    byte = uint8_t((byte & ~(lowMask(bits) << shift)) | ((value & lowMask(bits)) << shift));
    return;
  }
  std::memcpy(bytes + index * (bits / 8), &value, bits / 8);
}

int64_t loadAsInt(DType type, const void *data, int64_t index) {
  uint64_t bits = loadBits(type, data, index);
  if (type == DType::I1)
    return bits != 0;
  if (!isSignedInteger(type))
    return int64_t(bits);
  unsigned unused = 64 - bitWidth(type);
  return int64_t(bits << unused) >> unused;
}

double loadAsDouble(DType type, const void *data, int64_t index) {
  if (isFloat(type))
    return decodeFloat(type, loadBits(type, data, index));
  if (type == DType::UI64)
    return double(loadBits(type, data, index));
  return double(loadAsInt(type, data, index));
}

void storeFromInt(DType type, void *data, int64_t index, int64_t value) {
  if (type == DType::I1)
    return storeBits(type, data, index, value != 0);
  if (type == DType::F32)
    return storeBits(type, data, index, bitCast<uint32_t>(float(value)));
  if (!isFloat(type))
    return storeBits(type, data, index, uint64_t(value));
  // Rounding to double and then to the narrow type could round twice: make the double's last bit
  // sticky instead (round to odd), which the second rounding cannot mistake for a tie.
  double rounded = double(value);
  if (type != DType::F64) {
    uint64_t magnitude = value < 0 ? 0 - uint64_t(value) : uint64_t(value);
    if (magnitude >> 53) {
      uint64_t lost = magnitude & lowMask(11);
      double odd = double((magnitude & ~lowMask(11)) | (lost ? uint64_t(1) << 11 : 0));
      rounded = value < 0 ? -odd : odd;
    }
  }
  storeBits(type, data, index, encodeFloat(type, rounded));
}

void storeFromDouble(DType type, void *data, int64_t index, double value) {
  if (isFloat(type))
    return storeBits(type, data, index, encodeFloat(type, value));
  if (type == DType::I1)
    return storeBits(type, data, index, value != 0);
  uint64_t bits = 0;
  unsigned width = bitWidth(type);
  if (isSignedInteger(type)) {
    double limit = std::ldexp(1.0, int(width) - 1);
    uint64_t least = uint64_t(1) << (width - 1);
    if (value >= limit)
      bits = least - 1;
    else if (value <= -limit)
      bits = 0 - least;
    else if (value == value)
      bits = uint64_t(int64_t(value));
  } else {
    double limit = std::ldexp(1.0, int(width));
    if (value >= limit)
      bits = lowMask(width);
    else if (value > 0)
      bits = uint64_t(value);
  }
  storeBits(type, data, index, bits);
}

} // namespace tg
