//===- ScalarCast.cpp - Conversions between element types ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every conversion rounds once. Where the way from the source to a narrow float goes through f32,
// that first step rounds to odd: truncate, and set the last bit if anything was lost. The second
// rounding then sees on which side of a tie the exact value lies (Boldo and Melquiond, "Emulation
// of FMA and correctly rounded sums: proved algorithms using rounding to odd", IEEE TC 2008).
//
//===----------------------------------------------------------------------===//

#include "tg/Codegen/ScalarOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using arith::CmpFPredicate;
using arith::CmpIPredicate;

namespace tg::codegen {

Value ScalarBuilder::integer(Type type, uint64_t value) {
  unsigned width = type.getIntOrFloatBitWidth();
  return arith::ConstantOp::create(b, IntegerAttr::get(type, APInt(64, value).zextOrTrunc(width)));
}

Value ScalarBuilder::real(Type type, double value) {
  return arith::ConstantOp::create(b, FloatAttr::get(type, value));
}

Value ScalarBuilder::select(Value c, Value t, Value f) {
  return arith::SelectOp::create(b, c, t, f);
}

Value ScalarBuilder::zero(Type elementType) {
  Type type = getRegisterType(elementType);
  return arith::ConstantOp::create(b, llvm::cast<TypedAttr>(b.getZeroAttr(type)));
}

Value ScalarBuilder::constant(TypedAttr value) {
  Type type = getRegisterType(value.getType());
  if (auto number = dyn_cast<FloatAttr>(value))
    return isa<FloatType>(type)
               ? arith::ConstantOp::create(b, FloatAttr::get(type, number.getValue())).getResult()
               : arith::ConstantOp::create(
                     b, IntegerAttr::get(type, number.getValue().bitcastToAPInt()));
  return arith::ConstantOp::create(
      b, IntegerAttr::get(type, llvm::cast<IntegerAttr>(value).getValue()));
}

//===----------------------------------------------------------------------===//
// Narrow floats
//===----------------------------------------------------------------------===//

namespace {
/// How the bits of a float of at most 8 bits are laid out.
struct SmallFormat {
  unsigned exponentBits, mantissaBits;
  int bias;
  unsigned maxFinite;  // the largest finite value's bits without sign
  unsigned nan;        // a NaN's bits without sign; 0 if there is none
  bool hasInf;         // maxFinite + 1 is infinity
  bool isUnsignedZero; // the sign bit alone is the only NaN (FNUZ)

  static SmallFormat of(FloatType type) {
    if (isa<Float8E4M3FNType>(type))
      return {4, 3, 7, 0x7E, 0x7F, false, false};
    if (isa<Float8E5M2Type>(type))
      return {5, 2, 15, 0x7B, 0x7E, true, false};
    if (isa<Float8E4M3FNUZType>(type))
      return {4, 3, 8, 0x7F, 0x80, false, true};
    if (isa<Float8E5M2FNUZType>(type))
      return {5, 2, 16, 0x7F, 0x80, false, true};
    assert(isa<Float4E2M1FNType>(type) && "all formats are covered");
    return {2, 1, 1, 7, 0, false, false};
  }
};
} // namespace

Value ScalarBuilder::decodeSmall(Value bits, FloatType type) {
  Type i32 = b.getI32Type(), f32 = b.getF32Type();
  Value code = arith::ExtUIOp::create(b, i32, bits);
  auto shifted = [&](Value v, int by) {
    return arith::ShLIOp::create(b, v, integer(i32, by)).getResult();
  };
  auto asFloat = [&](Value v) { return arith::BitcastOp::create(b, f32, v).getResult(); };
  auto is = [&](Value v, uint64_t value) {
    return arith::CmpIOp::create(b, CmpIPredicate::eq, v, integer(i32, value)).getResult();
  };
  Value nan = real(f32, std::numeric_limits<double>::quiet_NaN());
  if (isa<Float8E8M0FNUType>(type)) {
    Value value = select(is(code, 0), integer(i32, 1u << 22), shifted(code, 23));
    return select(is(code, 0xFF), nan, asFloat(value));
  }
  SmallFormat format = SmallFormat::of(type);
  unsigned width = format.exponentBits + format.mantissaBits;
  Value magnitude = arith::AndIOp::create(b, code, integer(i32, (1u << width) - 1));
  Value sign = shifted(arith::AndIOp::create(b, code, integer(i32, 1u << width)), 31 - width);
  // The fields under f32's exponent are the value times a power of two, denormals too.
  Value scaled = asFloat(shifted(magnitude, 23 - format.mantissaBits));
  Value value = arith::MulFOp::create(b, scaled, real(f32, std::ldexp(1.0, 127 - format.bias)));
  if (format.hasInf) {
    value = select(is(magnitude, format.maxFinite + 1),
                   real(f32, std::numeric_limits<double>::infinity()), value);
    Value isNan =
        arith::CmpIOp::create(b, CmpIPredicate::ugt, magnitude, integer(i32, format.maxFinite + 1));
    value = select(isNan, nan, value);
  } else if (format.isUnsignedZero) {
    return select(is(code, 1u << width), nan,
                  asFloat(arith::OrIOp::create(
                      b, arith::BitcastOp::create(b, i32, value).getResult(), sign)));
  } else if (format.nan) {
    value = select(is(magnitude, format.nan), nan, value);
  }
  Value valueBits = arith::BitcastOp::create(b, i32, value);
  return asFloat(arith::OrIOp::create(b, valueBits, sign));
}

Value ScalarBuilder::encodeSmall(Value value, FloatType type) {
  Type i32 = b.getI32Type(), f32 = b.getF32Type();
  Type result = getRegisterType(type);
  Value bits = arith::BitcastOp::create(b, i32, value);
  Value magnitude = arith::AndIOp::create(b, bits, integer(i32, 0x7FFFFFFF));
  Value isNan = arith::CmpIOp::create(b, CmpIPredicate::ugt, magnitude, integer(i32, 0x7F800000));
  auto compare = [&](CmpIPredicate predicate, Value lhs, uint64_t rhs) {
    return arith::CmpIOp::create(b, predicate, lhs, integer(i32, rhs)).getResult();
  };
  if (isa<Float8E8M0FNUType>(type)) {
    // Powers of two only: 1.5 and more rounds up, and the smallest is 2^-127. What is not positive
    // is NaN, as is what is too large.
    Value normal = arith::ShRUIOp::create(
        b, arith::AddIOp::create(b, magnitude, integer(i32, 1u << 22)), integer(i32, 23));
    Value denormal = arith::ExtUIOp::create(b, i32, compare(CmpIPredicate::uge, bits, 0x600000));
    Value code = select(compare(CmpIPredicate::ult, magnitude, 1u << 23), denormal, normal);
    Value isPositive = compare(CmpIPredicate::sgt, bits, 0);
    Value good =
        arith::AndIOp::create(b, isPositive, compare(CmpIPredicate::ult, magnitude, 0x7F800000));
    return arith::TruncIOp::create(b, result, select(good, code, integer(i32, 0xFF)));
  }
  SmallFormat format = SmallFormat::of(type);
  unsigned dropped = 23 - format.mantissaBits, width = format.exponentBits + format.mantissaBits;
  // Normal results: round the f32 mantissa to nearest even in place, then rebias.
  Value odd = arith::AndIOp::create(b, arith::ShRUIOp::create(b, magnitude, integer(i32, dropped)),
                                    integer(i32, 1));
  Value rounded = arith::AddIOp::create(
      b, arith::AddIOp::create(b, magnitude, integer(i32, (1u << (dropped - 1)) - 1)), odd);
  Value normal = arith::SubIOp::create(b, arith::ShRUIOp::create(b, rounded, integer(i32, dropped)),
                                       integer(i32, (127 - format.bias) << format.mantissaBits));
  // Denormal results: let an addition round at the denormals' step, which then is the last place.
  double magic = std::ldexp(1.0, 1 - format.bias + 23 - int(format.mantissaBits));
  Value sum = arith::AddFOp::create(b, arith::BitcastOp::create(b, f32, magnitude).getResult(),
                                    real(f32, magic));
  Value denormal =
      arith::SubIOp::create(b, arith::BitcastOp::create(b, i32, sum).getResult(),
                            integer(i32, APFloat(float(magic)).bitcastToAPInt().getZExtValue()));
  Value isSmall = compare(CmpIPredicate::ult, magnitude, uint64_t(128 - format.bias) << 23);
  Value code = select(isSmall, denormal, normal);
  Value isLarge = compare(CmpIPredicate::sgt, code, format.maxFinite);
  unsigned overflow = format.hasInf ? format.maxFinite + 1
                      : format.nan  ? format.nan
                                    : format.maxFinite;
  code = select(isLarge, integer(i32, overflow), code);
  if (format.nan && format.hasInf)
    code = select(isNan, integer(i32, format.nan), code);
  Value sign = arith::AndIOp::create(b, arith::ShRUIOp::create(b, bits, integer(i32, 31 - width)),
                                     integer(i32, 1u << width));
  // NaN becomes -0 where there is none.
  if (!format.nan) {
    code = select(isNan, integer(i32, 0), code);
    sign = select(isNan, integer(i32, 1u << width), sign);
  }
  // With the sign bit as NaN there is no negative zero.
  if (format.isUnsignedZero)
    sign = select(compare(CmpIPredicate::eq, code, 0), integer(i32, 0), sign);
  return arith::TruncIOp::create(b, result, arith::OrIOp::create(b, code, sign).getResult());
}

Value ScalarBuilder::decode(Value value, Type type) {
  if (isa<Float32Type, Float64Type>(type))
    return value;
  Type f32 = b.getF32Type();
  if (isa<Float16Type>(type))
    return arith::ExtFOp::create(b, f32, arith::BitcastOp::create(b, type, value).getResult());
  if (isa<BFloat16Type>(type)) {
    Value bits = arith::ExtUIOp::create(b, b.getI32Type(), value);
    bits = arith::ShLIOp::create(b, bits, integer(bits.getType(), 16));
    return arith::BitcastOp::create(b, f32, bits);
  }
  return decodeSmall(value, llvm::cast<FloatType>(type));
}

/// f64 to f32, rounded to odd.
Value ScalarBuilder::roundToOdd(Value value) {
  Type i32 = b.getI32Type(), f32 = b.getF32Type(), f64 = b.getF64Type();
  Value nearest = arith::TruncFOp::create(b, f32, value);
  Value back = arith::ExtFOp::create(b, f64, nearest);
  Value bits = arith::BitcastOp::create(b, i32, nearest);
  Value inexact = arith::CmpFOp::create(b, CmpFPredicate::ONE, back, value);
  Value isEven = arith::CmpIOp::create(b, CmpIPredicate::eq,
                                       arith::AndIOp::create(b, bits, integer(i32, 1)).getResult(),
                                       integer(i32, 0));
  Value tooFar =
      arith::CmpFOp::create(b, CmpFPredicate::OGT, math::AbsFOp::create(b, back).getResult(),
                            math::AbsFOp::create(b, value).getResult());
  Value step = select(tooFar, integer(i32, -1), integer(i32, 1));
  Value moved = arith::AddIOp::create(b, bits, step);
  Value adjust = arith::AndIOp::create(b, inexact, isEven);
  return arith::BitcastOp::create(b, f32, select(adjust, moved, bits));
}

Value ScalarBuilder::encode(Value value, Type type) {
  if (value.getType() == type)
    return value;
  if (isa<Float64Type>(type))
    return arith::ExtFOp::create(b, type, value);
  if (isa<Float32Type>(type))
    return arith::TruncFOp::create(b, type, value);
  if (value.getType().isF64())
    value = roundToOdd(value);
  if (isa<Float16Type>(type))
    return arith::BitcastOp::create(b, b.getI16Type(),
                                    arith::TruncFOp::create(b, type, value).getResult());
  if (isa<BFloat16Type>(type)) {
    // In integers: the instruction that rounds to bf16 flushes denormals.
    Type i32 = b.getI32Type();
    Value bits = arith::BitcastOp::create(b, i32, value);
    Value high = arith::ShRUIOp::create(b, bits, integer(i32, 16));
    Value odd = arith::AndIOp::create(b, high, integer(i32, 1));
    Value rounded = arith::AddIOp::create(
        b, arith::AddIOp::create(b, bits, integer(i32, 0x7FFF)).getResult(), odd);
    Value isNan = arith::CmpFOp::create(b, CmpFPredicate::UNO, value, value);
    Value result = select(isNan, arith::OrIOp::create(b, high, integer(i32, 0x40)),
                          arith::ShRUIOp::create(b, rounded, integer(i32, 16)));
    return arith::TruncIOp::create(b, b.getI16Type(), result);
  }
  return encodeSmall(value, llvm::cast<FloatType>(type));
}

//===----------------------------------------------------------------------===//
// cast
//===----------------------------------------------------------------------===//

/// Truncates toward zero and saturates; NaN gives 0.
Value ScalarBuilder::floatToInteger(Value value, IntegerType type) {
  Type result = getRegisterType(type);
  unsigned width = type.getWidth();
  bool isUnsigned = type.isUnsigned();
  Type real = value.getType();
  double upper = std::ldexp(1.0, isUnsigned ? width : width - 1);
  Value high = this->real(real, upper);
  Value tooLarge = arith::CmpFOp::create(b, CmpFPredicate::OGE, value, high);
  Value largest = integer(result, isUnsigned ? ~uint64_t(0) : (uint64_t(1) << (width - 1)) - 1);
  Value smallest = integer(result, isUnsigned ? 0 : uint64_t(1) << (width - 1));
  // Signed: -upper itself fits, and what lies just below it truncates to it.
  Value tooSmall = arith::CmpFOp::create(b, CmpFPredicate::OLE, value,
                                         this->real(real, isUnsigned ? -1.0 : -upper));
  Value outside =
      arith::OrIOp::create(b, arith::OrIOp::create(b, tooLarge, tooSmall).getResult(),
                           arith::CmpFOp::create(b, CmpFPredicate::UNO, value, value).getResult());
  Value safe = select(outside, this->real(real, 0), value);
  // Through the next width that the machine converts to.
  Type wide =
      IntegerType::get(b.getContext(), width < 32 || (width == 32 && !isUnsigned) ? 32 : 64);
  Value truncated = width == 64 && isUnsigned ? arith::FPToUIOp::create(b, wide, safe).getResult()
                                              : arith::FPToSIOp::create(b, wide, safe).getResult();
  if (wide != result)
    truncated = arith::TruncIOp::create(b, result, truncated);
  return select(tooLarge, largest, select(tooSmall, smallest, truncated));
}

Value ScalarBuilder::integerToFloat(Value value, IntegerType from, Type to) {
  bool isUnsigned = from.isUnsigned() || from.getWidth() == 1;
  auto convert = [&](Value v, Type type) -> Value {
    if (isUnsigned)
      return arith::UIToFPOp::create(b, type, v);
    return arith::SIToFPOp::create(b, type, v);
  };
  if (isa<Float32Type, Float64Type>(to))
    return convert(value, to);
  if (from.getWidth() <= 16)
    return encode(convert(value, b.getF32Type()), to);
  if (from.getWidth() <= 32)
    return encode(convert(value, b.getF64Type()), to);
  // 64 bits: fold the low 11 into one sticky bit, so that f64 is exact; 53 bits are left of which
  // the narrow formats need at most 11.
  Type i64 = value.getType();
  Value low = arith::AndIOp::create(b, value, integer(i64, 0x7FF));
  Value high = arith::AndIOp::create(b, value, integer(i64, ~uint64_t(0x7FF)));
  Value sticky =
      select(arith::CmpIOp::create(b, CmpIPredicate::ne, low, integer(i64, 0)).getResult(),
             integer(i64, 0x400), integer(i64, 0));
  Value folded = arith::OrIOp::create(b, high, sticky);
  // Small values are exact anyway, and their low bits count.
  uint64_t limit = uint64_t(1) << 52;
  Value isSmall =
      isUnsigned
          ? arith::CmpIOp::create(b, CmpIPredicate::ult, value, integer(i64, limit)).getResult()
          : arith::CmpIOp::create(b, CmpIPredicate::ult,
                                  arith::AddIOp::create(b, value, integer(i64, limit)).getResult(),
                                  integer(i64, 2 * limit))
                .getResult();
  return encode(convert(select(isSmall, value, folded), b.getF64Type()), to);
}

Value ScalarBuilder::cast(Value value, Type from, Type to) {
  if (from == to)
    return value;
  Type result = getRegisterType(to);
  auto toInt = dyn_cast<IntegerType>(to);
  if (auto fromInt = dyn_cast<IntegerType>(from)) {
    if (!toInt)
      return integerToFloat(value, fromInt, to);
    if (toInt.getWidth() == 1)
      return arith::CmpIOp::create(b, CmpIPredicate::ne, value, zero(from));
    if (toInt.getWidth() < fromInt.getWidth())
      return arith::TruncIOp::create(b, result, value);
    if (toInt.getWidth() == fromInt.getWidth())
      return value;
    if (fromInt.isUnsigned() || fromInt.getWidth() == 1)
      return arith::ExtUIOp::create(b, result, value);
    return arith::ExtSIOp::create(b, result, value);
  }
  value = decode(value, from);
  if (!toInt)
    return encode(value, to);
  if (toInt.getWidth() == 1)
    return arith::CmpFOp::create(b, CmpFPredicate::UNE, value, real(value.getType(), 0));
  return floatToInteger(value, toInt);
}

} // namespace tg::codegen
