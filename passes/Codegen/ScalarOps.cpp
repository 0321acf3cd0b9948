//===- ScalarOps.cpp - Elementwise operations as scalar arithmetic ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Codegen/ScalarOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using arith::CmpFPredicate;
using arith::CmpIPredicate;
using tg::uop::ElementwiseKind;

namespace tg::codegen {

Value ScalarBuilder::emit(ElementwiseKind kind, ArrayRef<Value> v, Type operandType,
                          Type resultType) {
  switch (kind) {
  case ElementwiseKind::Cast:
    return cast(v[0], operandType, resultType);
  case ElementwiseKind::Bitcast: {
    Type from = v[0].getType(), to = getRegisterType(resultType);
    if (from == to)
      return v[0];
    return arith::BitcastOp::create(b, to, v[0]);
  }
  case ElementwiseKind::Where:
    return select(v[0], v[1], v[2]);
  case ElementwiseKind::CmpLt:
  case ElementwiseKind::CmpLe:
  case ElementwiseKind::CmpNe:
  case ElementwiseKind::CmpEq:
    return emitCompare(kind, v[0], v[1], operandType);
  default:
    if (auto type = dyn_cast<IntegerType>(resultType))
      return emitInteger(kind, v, type);
    return emitFloat(kind, v, resultType);
  }
}

Value ScalarBuilder::combine(uop::CombineKind kind, Value lhs, Value rhs, Type type) {
  switch (kind) {
  case uop::CombineKind::Add:
    return emit(ElementwiseKind::Add, {lhs, rhs}, type, type);
  case uop::CombineKind::Mul:
    return emit(ElementwiseKind::Mul, {lhs, rhs}, type, type);
  case uop::CombineKind::Max:
    return emit(ElementwiseKind::Max, {lhs, rhs}, type, type);
  case uop::CombineKind::Min:
    return emit(ElementwiseKind::Min, {lhs, rhs}, type, type);
  }
  llvm_unreachable("all kinds are covered");
}

Value ScalarBuilder::emitCompare(ElementwiseKind kind, Value lhs, Value rhs, Type type) {
  auto pick = [&](auto lt, auto le, auto ne, auto eq) {
    return kind == ElementwiseKind::CmpLt   ? lt
           : kind == ElementwiseKind::CmpLe ? le
           : kind == ElementwiseKind::CmpNe ? ne
                                            : eq;
  };
  if (auto integer = dyn_cast<IntegerType>(type)) {
    bool isUnsigned = integer.isUnsigned() || integer.getWidth() == 1;
    CmpIPredicate predicate =
        isUnsigned
            ? pick(CmpIPredicate::ult, CmpIPredicate::ule, CmpIPredicate::ne, CmpIPredicate::eq)
            : pick(CmpIPredicate::slt, CmpIPredicate::sle, CmpIPredicate::ne, CmpIPredicate::eq);
    return arith::CmpIOp::create(b, predicate, lhs, rhs);
  }
  CmpFPredicate predicate =
      pick(CmpFPredicate::OLT, CmpFPredicate::OLE, CmpFPredicate::UNE, CmpFPredicate::OEQ);
  return arith::CmpFOp::create(b, predicate, decode(lhs, type), decode(rhs, type));
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

/// Quotient and remainder of a divisor that neither traps nor overflows. Vectors have no division
/// of integers. Those of up to 16 (32) bits fit an f32 (f64), whose quotient a / b is off by less
/// than a * 2^-24 / b (2^-53), which is less than what separates a fraction from the next integer,
/// 1 / b: cut off, it is right. By a constant LLVM multiplies.
ScalarBuilder::Division ScalarBuilder::divideSafely(Value lhs, Value rhs, bool isUnsigned,
                                                    bool isConstant) {
  unsigned width = lhs.getType().getIntOrFloatBitWidth();
  if (width > 32 || isConstant) {
    if (isUnsigned)
      return {arith::DivUIOp::create(b, lhs, rhs), arith::RemUIOp::create(b, lhs, rhs)};
    return {arith::DivSIOp::create(b, lhs, rhs), arith::RemSIOp::create(b, lhs, rhs)};
  }
  Type real = width > 16 ? Type(b.getF64Type()) : Type(b.getF32Type());
  auto toFloat = [&](Value value) -> Value {
    if (isUnsigned)
      return arith::UIToFPOp::create(b, real, value);
    return arith::SIToFPOp::create(b, real, value);
  };
  Value ratio = arith::DivFOp::create(b, toFloat(lhs), toFloat(rhs)), quotient;
  if (isUnsigned)
    quotient = arith::FPToUIOp::create(b, lhs.getType(), ratio);
  else
    quotient = arith::FPToSIOp::create(b, lhs.getType(), ratio);
  Value product = arith::MulIOp::create(b, quotient, rhs);
  return {quotient, arith::SubIOp::create(b, lhs, product)};
}

/// Rounds toward zero. Never traps: a divisor that would is replaced by 1 first.
ScalarBuilder::Division ScalarBuilder::divide(Value lhs, Value rhs, bool isUnsigned) {
  Type type = lhs.getType();
  Value zero = integer(type, 0), one = integer(type, 1);
  Value byZero = arith::CmpIOp::create(b, CmpIPredicate::eq, rhs, zero);
  bool isConstant = matchPattern(rhs, m_Constant());
  if (isUnsigned) {
    Value safe = select(byZero, one, rhs);
    auto [q, r] = divideSafely(lhs, safe, isUnsigned, isConstant);
    return {select(byZero, zero, q), select(byZero, lhs, r)};
  }
  Value byMinusOne = arith::CmpIOp::create(b, CmpIPredicate::eq, rhs, integer(type, -1));
  Value safe = select(arith::OrIOp::create(b, byZero, byMinusOne), one, rhs);
  auto [q, r] = divideSafely(lhs, safe, isUnsigned, isConstant);
  q = select(byMinusOne, arith::SubIOp::create(b, zero, lhs), q);
  return {select(byZero, zero, q), select(byZero, lhs, r)};
}

Value ScalarBuilder::emitIntegerPow(Value x, Value exponent, bool isUnsigned) {
  Type type = x.getType();
  unsigned width = type.getIntOrFloatBitWidth();
  Value one = integer(type, 1), zero = integer(type, 0);
  // Square and multiply, one step per exponent bit.
  Value power = one, square = x;
  for (unsigned bit = 0; bit < width; ++bit) {
    Value isSet = arith::CmpIOp::create(
        b, CmpIPredicate::ne,
        arith::AndIOp::create(b, exponent, integer(type, uint64_t(1) << bit)).getResult(), zero);
    power = select(isSet, arith::MulIOp::create(b, power, square), power);
    if (bit + 1 < width)
      square = arith::MulIOp::create(b, square, square);
  }
  if (isUnsigned)
    return power;
  // 1 / x^n is 0 but for x = 1 and x = -1.
  Value minusOne = integer(type, -1);
  Value isOdd = arith::CmpIOp::create(b, CmpIPredicate::ne,
                                      arith::AndIOp::create(b, exponent, one).getResult(), zero);
  Value isMinusOne = arith::CmpIOp::create(b, CmpIPredicate::eq, x, minusOne);
  Value isOne = arith::CmpIOp::create(b, CmpIPredicate::eq, x, one);
  Value inverse = select(isOne, one, select(isMinusOne, select(isOdd, minusOne, one), zero));
  Value isNegative = arith::CmpIOp::create(b, CmpIPredicate::slt, exponent, zero);
  return select(isNegative, inverse, power);
}

/// threefry2x32 with 20 rounds: rotations and the key schedule of the Random123 paper.
Value ScalarBuilder::emitThreefry(Value counter, Value key) {
  Type i32 = b.getI32Type(), i64 = b.getI64Type();
  auto low = [&](Value v) { return arith::TruncIOp::create(b, i32, v).getResult(); };
  auto high = [&](Value v) { return low(arith::ShRUIOp::create(b, v, integer(i64, 32))); };
  auto add = [&](Value l, Value r) { return arith::AddIOp::create(b, l, r).getResult(); };
  auto exclusiveOr = [&](Value l, Value r) { return arith::XOrIOp::create(b, l, r).getResult(); };
  auto rotate = [&](Value v, unsigned by) -> Value {
    return arith::OrIOp::create(b, arith::ShLIOp::create(b, v, integer(i32, by)).getResult(),
                                arith::ShRUIOp::create(b, v, integer(i32, 32 - by)).getResult());
  };
  Value keys[3] = {low(key), high(key), {}};
  keys[2] = exclusiveOr(exclusiveOr(keys[0], keys[1]), integer(i32, 0x1BD11BDA));
  static constexpr unsigned rotations[8] = {13, 15, 26, 6, 17, 29, 16, 24};
  Value x0 = add(low(counter), keys[0]), x1 = add(high(counter), keys[1]);
  for (unsigned round = 0; round < 20; ++round) {
    x0 = add(x0, x1);
    x1 = exclusiveOr(rotate(x1, rotations[round % 8]), x0);
    if (round % 4 == 3) {
      unsigned group = round / 4 + 1;
      x0 = add(x0, keys[group % 3]);
      x1 = add(add(x1, keys[(group + 1) % 3]), integer(i32, group));
    }
  }
  Value upper =
      arith::ShLIOp::create(b, arith::ExtUIOp::create(b, i64, x1).getResult(), integer(i64, 32));
  return arith::OrIOp::create(b, upper, arith::ExtUIOp::create(b, i64, x0).getResult());
}

Value ScalarBuilder::emitInteger(ElementwiseKind kind, ArrayRef<Value> v, IntegerType type) {
  bool isUnsigned = type.isUnsigned() || type.getWidth() == 1;
  Type reg = getRegisterType(type);
  switch (kind) {
  case ElementwiseKind::Neg:
    return arith::SubIOp::create(b, integer(reg, 0), v[0]);
  case ElementwiseKind::Not:
    return arith::XOrIOp::create(b, v[0], integer(reg, -1));
  case ElementwiseKind::Add:
    return arith::AddIOp::create(b, v[0], v[1]);
  case ElementwiseKind::Sub:
    return arith::SubIOp::create(b, v[0], v[1]);
  case ElementwiseKind::Mul:
    return arith::MulIOp::create(b, v[0], v[1]);
  case ElementwiseKind::And:
    return arith::AndIOp::create(b, v[0], v[1]);
  case ElementwiseKind::Or:
    return arith::OrIOp::create(b, v[0], v[1]);
  case ElementwiseKind::Xor:
    return arith::XOrIOp::create(b, v[0], v[1]);
  case ElementwiseKind::Max:
    return isUnsigned ? arith::MaxUIOp::create(b, v[0], v[1]).getResult()
                      : arith::MaxSIOp::create(b, v[0], v[1]).getResult();
  case ElementwiseKind::Min:
    return isUnsigned ? arith::MinUIOp::create(b, v[0], v[1]).getResult()
                      : arith::MinSIOp::create(b, v[0], v[1]).getResult();
  case ElementwiseKind::CDiv:
    return divide(v[0], v[1], isUnsigned).quotient;
  case ElementwiseKind::CMod:
    return divide(v[0], v[1], isUnsigned).remainder;
  case ElementwiseKind::FloorDiv:
  case ElementwiseKind::FloorMod: {
    Division d = divide(v[0], v[1], isUnsigned);
    bool wantQuotient = kind == ElementwiseKind::FloorDiv;
    if (isUnsigned)
      return wantQuotient ? d.quotient : d.remainder;
    // Toward zero and down differ by one where a remainder is left and the signs differ. A divisor
    // of zero leaves the dividend, which is not to be touched.
    Value zero = integer(reg, 0);
    auto isNegative = [&](Value x) {
      return arith::CmpIOp::create(b, CmpIPredicate::slt, x, zero).getResult();
    };
    auto isNotZero = [&](Value x) {
      return arith::CmpIOp::create(b, CmpIPredicate::ne, x, zero).getResult();
    };
    Value differ = arith::XOrIOp::create(b, isNegative(d.remainder), isNegative(v[1]));
    Value adjust = arith::AndIOp::create(
        b, arith::AndIOp::create(b, differ, isNotZero(d.remainder)).getResult(), isNotZero(v[1]));
    if (wantQuotient)
      return select(adjust, arith::SubIOp::create(b, d.quotient, integer(reg, 1)), d.quotient);
    return select(adjust, arith::AddIOp::create(b, d.remainder, v[1]), d.remainder);
  }
  case ElementwiseKind::Pow:
    return emitIntegerPow(v[0], v[1], isUnsigned);
  case ElementwiseKind::Shl:
  case ElementwiseKind::Shr: {
    Value inRange =
        arith::CmpIOp::create(b, CmpIPredicate::ult, v[1], integer(reg, type.getWidth()));
    Value last = integer(reg, type.getWidth() - 1);
    if (kind == ElementwiseKind::Shr && !isUnsigned)
      return arith::ShRSIOp::create(b, v[0], select(inRange, v[1], last));
    Value amount = select(inRange, v[1], integer(reg, 0));
    Value shifted = kind == ElementwiseKind::Shl
                        ? arith::ShLIOp::create(b, v[0], amount).getResult()
                        : arith::ShRUIOp::create(b, v[0], amount).getResult();
    return select(inRange, shifted, integer(reg, 0));
  }
  case ElementwiseKind::Threefry:
    return emitThreefry(v[0], v[1]);
  default:
    return {};
  }
}

//===----------------------------------------------------------------------===//
// Floats
//===----------------------------------------------------------------------===//

/// `a * b + c` rounded once to a narrow type: the product is exact in f64, the sum is rounded to
/// odd with the error of the addition (Knuth's TwoSum).
Value ScalarBuilder::emitNarrowFma(Value a, Value b0, Value c, Type type) {
  Type f64 = b.getF64Type(), i64 = b.getI64Type();
  auto wide = [&](Value v) { return arith::ExtFOp::create(b, f64, decode(v, type)).getResult(); };
  auto add = [&](Value l, Value r) { return arith::AddFOp::create(b, l, r).getResult(); };
  auto sub = [&](Value l, Value r) { return arith::SubFOp::create(b, l, r).getResult(); };
  Value product = arith::MulFOp::create(b, wide(a), wide(b0)), addend = wide(c);
  Value sum = add(product, addend);
  Value second = sub(sum, product);
  Value error = add(sub(product, sub(sum, second)), sub(addend, second));
  Value bits = arith::BitcastOp::create(b, i64, sum);
  Value isEven = arith::CmpIOp::create(b, CmpIPredicate::eq,
                                       arith::AndIOp::create(b, bits, integer(i64, 1)).getResult(),
                                       integer(i64, 0));
  Value zero = real(f64, 0);
  Value inexact = arith::CmpFOp::create(b, CmpFPredicate::ONE, error, zero);
  // Away from zero where the error has the sum's sign.
  Value outward = arith::CmpIOp::create(
      b, CmpIPredicate::eq, arith::CmpFOp::create(b, CmpFPredicate::OGT, error, zero).getResult(),
      arith::CmpFOp::create(b, CmpFPredicate::OGT, sum, zero).getResult());
  Value moved = arith::AddIOp::create(b, bits, select(outward, integer(i64, 1), integer(i64, -1)));
  Value adjust = arith::AndIOp::create(b, inexact, isEven);
  Value odd = arith::BitcastOp::create(b, f64, select(adjust, moved, bits));
  return encode(odd, type);
}

/// The exact remainder, with the divisor's sign where it is not zero.
Value ScalarBuilder::floorMod(Value lhs, Value rhs) {
  Type type = lhs.getType();
  Value zero = real(type, 0);
  Value rem = arith::RemFOp::create(b, lhs, rhs);
  Value isZero = arith::CmpFOp::create(b, CmpFPredicate::OEQ, rem, zero);
  Value differ =
      arith::XOrIOp::create(b, arith::CmpFOp::create(b, CmpFPredicate::OLT, rem, zero).getResult(),
                            arith::CmpFOp::create(b, CmpFPredicate::OLT, rhs, zero).getResult());
  Value moved = select(differ, arith::AddFOp::create(b, rem, rhs), rem);
  return select(isZero, math::CopySignOp::create(b, zero, rhs), moved);
}

/// The floor of the exact quotient: what the remainder leaves is a multiple of the divisor, so its
/// quotient in f64 is an integer but for rounding.
Value ScalarBuilder::floorDiv(Value lhs, Value rhs) {
  Type type = lhs.getType(), f64 = b.getF64Type();
  auto widen = [&](Value v) {
    return type.isF64() ? v : arith::ExtFOp::create(b, f64, v).getResult();
  };
  auto isNegative = [&](Value v) {
    Type bits = IntegerType::get(b.getContext(), v.getType().getIntOrFloatBitWidth());
    Value asInteger = arith::BitcastOp::create(b, bits, v);
    return arith::CmpIOp::create(b, CmpIPredicate::slt, asInteger, integer(bits, 0)).getResult();
  };
  auto isZero = [&](Value v) {
    return arith::CmpFOp::create(b, CmpFPredicate::OEQ, v, real(v.getType(), 0)).getResult();
  };
  Value remainder = widen(arith::RemFOp::create(b, lhs, rhs));
  Value multiple = arith::SubFOp::create(b, widen(lhs), remainder);
  Value quotient =
      math::RoundEvenOp::create(b, arith::DivFOp::create(b, multiple, widen(rhs)).getResult());
  Value differ = arith::XOrIOp::create(b, isNegative(remainder), isNegative(rhs));
  Value down =
      select(isZero(remainder), quotient, arith::SubFOp::create(b, quotient, real(f64, 1)));
  quotient = select(differ, down, quotient);
  // The sign of a zero.
  Value opposite = arith::XOrIOp::create(b, isNegative(lhs), isNegative(rhs));
  Value zero = select(opposite, real(f64, -0.0), real(f64, 0));
  quotient = select(isZero(quotient), zero, quotient);
  Value byZero = widen(arith::DivFOp::create(b, lhs, rhs));
  return select(isZero(rhs), byZero, quotient);
}

Value ScalarBuilder::emitUnaryMath(ElementwiseKind kind, Value x) {
  switch (kind) {
#define TG_MATH(KIND, OP)                                                                          \
  case ElementwiseKind::KIND:                                                                      \
    return math::OP::create(b, x);
    TG_MATH(Exp2, Exp2Op)
    TG_MATH(Log2, Log2Op)
    TG_MATH(Sin, SinOp)
    TG_MATH(Sqrt, SqrtOp)
    TG_MATH(Trunc, TruncOp)
    TG_MATH(Exp, ExpOp)
    TG_MATH(Log, LogOp)
    TG_MATH(Cos, CosOp)
    TG_MATH(Tan, TanOp)
    TG_MATH(Asin, AsinOp)
    TG_MATH(Acos, AcosOp)
    TG_MATH(Atan, AtanOp)
    TG_MATH(Sinh, SinhOp)
    TG_MATH(Cosh, CoshOp)
    TG_MATH(Tanh, TanhOp)
    TG_MATH(Asinh, AsinhOp)
    TG_MATH(Acosh, AcoshOp)
    TG_MATH(Atanh, AtanhOp)
    TG_MATH(Erf, ErfOp)
    TG_MATH(Floor, FloorOp)
    TG_MATH(Ceil, CeilOp)
    TG_MATH(Round, RoundEvenOp)
#undef TG_MATH
  default:
    return {};
  }
}

Value ScalarBuilder::emitFloat(ElementwiseKind kind, ArrayRef<Value> v, Type type) {
  bool isNarrow = !isa<FloatType>(v[0].getType());
  if (kind == ElementwiseKind::Neg) {
    if (!isNarrow)
      return arith::NegFOp::create(b, v[0]);
    Type reg = v[0].getType();
    return arith::XOrIOp::create(b, v[0],
                                 integer(reg, uint64_t(1) << (reg.getIntOrFloatBitWidth() - 1)));
  }
  if (kind == ElementwiseKind::Fma)
    return isNarrow ? emitNarrowFma(v[0], v[1], v[2], type)
                    : math::FmaOp::create(b, v[0], v[1], v[2]).getResult();

  Value x = decode(v[0], type), y = v.size() > 1 ? decode(v[1], type) : Value(), result;
  switch (kind) {
  case ElementwiseKind::Reciprocal:
    result = arith::DivFOp::create(b, real(x.getType(), 1), x);
    break;
  case ElementwiseKind::Add:
    result = arith::AddFOp::create(b, x, y);
    break;
  case ElementwiseKind::Sub:
    result = arith::SubFOp::create(b, x, y);
    break;
  case ElementwiseKind::Mul:
    result = arith::MulFOp::create(b, x, y);
    break;
  case ElementwiseKind::FDiv:
    result = arith::DivFOp::create(b, x, y);
    break;
  case ElementwiseKind::CMod:
    result = arith::RemFOp::create(b, x, y);
    break;
  case ElementwiseKind::FloorMod:
    result = floorMod(x, y);
    break;
  case ElementwiseKind::FloorDiv:
    result = floorDiv(x, y);
    break;
  case ElementwiseKind::Pow:
    result = math::PowFOp::create(b, x, y);
    break;
  case ElementwiseKind::Max:
    result = arith::MaximumFOp::create(b, x, y);
    break;
  case ElementwiseKind::Min:
    result = arith::MinimumFOp::create(b, x, y);
    break;
  default:
    result = emitUnaryMath(kind, x);
  }
  return result ? encode(result, type) : Value();
}

} // namespace tg::codegen
