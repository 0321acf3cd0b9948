//===- DType.h - Element types and exact conversions ------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The element types of tg, shared by compiler, interpreter and runtime. Depends on nothing but the
// standard library.
//
// Storage: dense, little-endian. i1 takes one byte per element (0 or 1). The other types narrower
// than a byte are packed, low bits first: element i of an i4 tensor is bits [4*(i%2), 4*(i%2)+4)
// of byte i/2. The last byte's unused bits are zero.
//===----------------------------------------------------------------------===//
#ifndef TG_RUNTIME_DTYPE_H
#define TG_RUNTIME_DTYPE_H

#include <cstdint>
#include <optional>
#include <string_view>

namespace tg {

enum class DType : uint8_t {
  I1,
  I2,
  I4,
  I8,
  I16,
  I32,
  I64,
  UI2,
  UI4,
  UI8,
  UI16,
  UI32,
  UI64,
  F16,
  BF16,
  F32,
  F64,
  F8E4M3FN,
  F8E5M2,
  F4E2M1FN,
  F8E4M3FNUZ,
  F8E5M2FNUZ,
  F8E8M0FNU,
};

constexpr unsigned numDTypes = unsigned(DType::F8E8M0FNU) + 1;

/// Bits of the value: 1 for i1, 4 for i4 and f4E2M1FN, 16 for bf16.
unsigned bitWidth(DType type);
/// Bits that one element takes in memory: 8 for i1, otherwise bitWidth.
unsigned storageBits(DType type);
/// As MLIR spells it: "i32", "ui8", "bf16", "f8E4M3FN".
std::string_view dtypeName(DType type);
/// The inverse of dtypeName; nothing when no type has that name.
std::optional<DType> parseDType(std::string_view name);

/// Floating point of any width, f8E8M0FNU included.
bool isFloat(DType type);
/// Integers, i1 included.
bool isInteger(DType type);
/// i2 to i64 (two's complement). i1 is a truth value: neither signed nor unsigned.
bool isSignedInteger(DType type);
bool isUnsignedInteger(DType type);
/// Narrower than a byte in memory: i2, i4, ui2, ui4, f4E2M1FN.
bool isPacked(DType type);

/// Bytes of `elements` dense elements, rounded up to whole bytes; nothing when negative or when
/// the result does not fit int64.
std::optional<int64_t> storageBytes(DType type, int64_t elements);

/// The value of an encoding (its low bitWidth bits) of a float type. Exact for every type.
double decodeFloat(DType type, uint64_t bits);

/// The encoding nearest to `value`, ties to even, in one rounding. Outside the range:
///   f16 bf16 f32 f64 f8E5M2        infinity
///   f8E4M3FN                       NaN (no infinity), infinities too
///   f8E4M3FNUZ f8E5M2FNUZ          NaN (0x80), infinities too; -0 becomes 0
///   f4E2M1FN                       the largest finite value of that sign; NaN becomes -0
///   f8E8M0FNU (powers of two)      NaN, also for negative values and zero
/// A NaN stays a quiet NaN (payload not kept, sign kept where the type has signed NaNs).
uint64_t encodeFloat(DType type, double value);

/// Element `index` of dense storage of any type: floats and integers as double (64-bit integers
/// round), i1 as 0 or 1.
double loadAsDouble(DType type, const void *data, int64_t index);
/// Element `index` of dense storage of an integer type; ui64 keeps its bits.
int64_t loadAsInt(DType type, const void *data, int64_t index);
/// Stores to a float type as encodeFloat does, to an integer type truncated toward zero and
/// saturated (NaN gives 0), to i1 as value != 0.
void storeFromDouble(DType type, void *data, int64_t index, double value);
/// Stores the low bits to an integer type (i1: value != 0); to a float type the nearest value.
void storeFromInt(DType type, void *data, int64_t index, int64_t value);
/// The raw bits of element `index` (the low storageBits bits).
uint64_t loadBits(DType type, const void *data, int64_t index);
void storeBits(DType type, void *data, int64_t index, uint64_t bits);

} // namespace tg

#endif // TG_RUNTIME_DTYPE_H
