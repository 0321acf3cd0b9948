//===- ScalarOps.cpp - The scalar functions of uop --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One loop per function and native type. The narrow floats are widened to f64 block by block and
// rounded once: f64 has more than twice their precision plus two bits, so rounding f64's own
// result again changes nothing for +, -, *, / and sqrt; fma rounds to odd in between.
//
//===----------------------------------------------------------------------===//

#include "tg/Dialect/UOp/UOpScalars.h"

#include "ScalarFloat.h"
#include "ScalarInt.h"

#include "llvm/Support/ErrorHandling.h"

#include <cstring>

using namespace mlir;
using namespace tg;
using namespace tg::scalar;
using tg::uop::ElementwiseKind;

//===----------------------------------------------------------------------===//
// Types and names
//===----------------------------------------------------------------------===//

unsigned tg::elementBytes(DType type) { return (tg::bitWidth(type) + 7) / 8; }

std::optional<DType> tg::getDType(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type)) {
    if (integer.isSigned())
      return std::nullopt;
    bool isUnsigned = integer.isUnsigned();
    switch (integer.getWidth()) {
    case 1:
      return isUnsigned ? std::nullopt : std::optional(DType::I1);
    case 2:
      return isUnsigned ? DType::UI2 : DType::I2;
    case 4:
      return isUnsigned ? DType::UI4 : DType::I4;
    case 8:
      return isUnsigned ? DType::UI8 : DType::I8;
    case 16:
      return isUnsigned ? DType::UI16 : DType::I16;
    case 32:
      return isUnsigned ? DType::UI32 : DType::I32;
    case 64:
      return isUnsigned ? DType::UI64 : DType::I64;
    default:
      return std::nullopt;
    }
  }
  return TypeSwitch<Type, std::optional<DType>>(type)
      .Case<Float16Type>([](auto) { return DType::F16; })
      .Case<BFloat16Type>([](auto) { return DType::BF16; })
      .Case<Float32Type>([](auto) { return DType::F32; })
      .Case<Float64Type>([](auto) { return DType::F64; })
      .Case<Float8E4M3FNType>([](auto) { return DType::F8E4M3FN; })
      .Case<Float8E5M2Type>([](auto) { return DType::F8E5M2; })
      .Case<Float4E2M1FNType>([](auto) { return DType::F4E2M1FN; })
      .Case<Float8E4M3FNUZType>([](auto) { return DType::F8E4M3FNUZ; })
      .Case<Float8E5M2FNUZType>([](auto) { return DType::F8E5M2FNUZ; })
      .Case<Float8E8M0FNUType>([](auto) { return DType::F8E8M0FNU; })
      .Default([](Type) { return std::nullopt; });
}

Type tg::getElementType(MLIRContext *context, DType type) {
  switch (type) {
  case DType::F16:
    return Float16Type::get(context);
  case DType::BF16:
    return BFloat16Type::get(context);
  case DType::F32:
    return Float32Type::get(context);
  case DType::F64:
    return Float64Type::get(context);
  case DType::F8E4M3FN:
    return Float8E4M3FNType::get(context);
  case DType::F8E5M2:
    return Float8E5M2Type::get(context);
  case DType::F4E2M1FN:
    return Float4E2M1FNType::get(context);
  case DType::F8E4M3FNUZ:
    return Float8E4M3FNUZType::get(context);
  case DType::F8E5M2FNUZ:
    return Float8E5M2FNUZType::get(context);
  case DType::F8E8M0FNU:
    return Float8E8M0FNUType::get(context);
  default:
    return IntegerType::get(context, tg::bitWidth(type),
                            isUnsignedInteger(type) ? IntegerType::Unsigned
                                                    : IntegerType::Signless);
  }
}

StringRef tg::getName(ElementwiseKind kind) {
  static constexpr const char *names[] = {
      "exp2", "log2",    "sin",      "sqrt",  "reciprocal", "neg",   "trunc",    "not",
      "cast", "bitcast", "add",      "sub",   "mul",        "fdiv",  "floordiv", "floormod",
      "cdiv", "cmod",    "pow",      "max",   "min",        "shl",   "shr",      "and",
      "or",   "xor",     "threefry", "cmplt", "cmple",      "cmpne", "cmpeq",    "where",
      "fma",  "exp",     "log",      "cos",   "tan",        "asin",  "acos",     "atan",
      "sinh", "cosh",    "tanh",     "asinh", "acosh",      "atanh", "erf",      "floor",
      "ceil", "round"};
  static_assert(std::size(names) == size_t(ElementwiseKind::Round) + 1);
  return names[size_t(kind)];
}

unsigned tg::getNumOperands(ElementwiseKind kind) {
  if (kind == ElementwiseKind::Where || kind == ElementwiseKind::Fma)
    return 3;
  return kind >= ElementwiseKind::Add && kind <= ElementwiseKind::CmpEq ? 2 : 1;
}

bool tg::isExactlyRounded(ElementwiseKind kind) {
  switch (kind) {
  case ElementwiseKind::Exp2:
  case ElementwiseKind::Log2:
  case ElementwiseKind::Sin:
  case ElementwiseKind::Pow:
    return false;
  default:
    return kind < ElementwiseKind::Exp || kind > ElementwiseKind::Erf;
  }
}

//===----------------------------------------------------------------------===//
// Evaluation
//===----------------------------------------------------------------------===//

/// Elements widened at a time: small enough for the stack and the first-level cache.
static constexpr size_t blockSize = 256;

static void widen(DType type, const void *array, double *out, size_t n) {
  if (elementBytes(type) == 1) {
    for (size_t i = 0; i < n; ++i)
      out[i] = decodeFloat(type, static_cast<const uint8_t *>(array)[i]);
    return;
  }
  for (size_t i = 0; i < n; ++i)
    out[i] = decodeFloat(type, static_cast<const uint16_t *>(array)[i]);
}

static void narrow(DType type, const double *values, void *array, size_t n) {
  if (elementBytes(type) == 1) {
    for (size_t i = 0; i < n; ++i)
      static_cast<uint8_t *>(array)[i] = encodeFloat(type, values[i]);
    return;
  }
  for (size_t i = 0; i < n; ++i)
    static_cast<uint16_t *>(array)[i] = encodeFloat(type, values[i]);
}

/// Calls `body` with the operands as doubles and the number of elements, block by block.
template <typename Body>
static void forEachWideBlock(DType type, const void *const *operands, unsigned count, size_t n,
                             Body body) {
  double wide[3][blockSize];
  for (size_t start = 0; start < n; start += blockSize) {
    size_t size = std::min(blockSize, n - start);
    for (unsigned k = 0; k < count; ++k)
      widen(type, static_cast<const char *>(operands[k]) + start * elementBytes(type), wide[k],
            size);
    body(wide, start, size);
  }
}

/// Sign flips and selections work on bits, so that NaNs pass unchanged.
template <typename Bits>
static void evalOnBits(ElementwiseKind kind, const void *const *operands, Bits signBit,
                       void *result, size_t n) {
  auto *out = static_cast<Bits *>(result);
  if (kind == ElementwiseKind::Neg) {
    const auto *in = static_cast<const Bits *>(operands[0]);
    for (size_t i = 0; i < n; ++i)
      out[i] = in[i] ^ signBit;
    return;
  }
  const auto *condition = static_cast<const uint8_t *>(operands[0]);
  const auto *onTrue = static_cast<const Bits *>(operands[1]);
  const auto *onFalse = static_cast<const Bits *>(operands[2]);
  for (size_t i = 0; i < n; ++i)
    out[i] = condition[i] ? onTrue[i] : onFalse[i];
}

static void evalOnBits(ElementwiseKind kind, DType type, const void *const *operands, void *result,
                       size_t n) {
  uint64_t signBit = uint64_t(1) << (tg::bitWidth(type) - 1);
  switch (elementBytes(type)) {
  case 1:
    return evalOnBits<uint8_t>(kind, operands, signBit, result, n);
  case 2:
    return evalOnBits<uint16_t>(kind, operands, signBit, result, n);
  case 4:
    return evalOnBits<uint32_t>(kind, operands, signBit, result, n);
  default:
    return evalOnBits<uint64_t>(kind, operands, signBit, result, n);
  }
}

void tg::scalar::evalWideArray(ElementwiseKind kind, const void *const *operands, double *result,
                               size_t n) {
  if (kind == ElementwiseKind::Fma)
    return mapTernary(operands, result, n, fmaToOdd);
  evalFloatArray<double, double>(kind, operands, result, n);
}

static void evalFloat(ElementwiseKind kind, DType type, const void *const *operands, void *result,
                      size_t n) {
  if (type == DType::F32)
    return evalFloatArray<float>(kind, operands, static_cast<float *>(result), n);
  if (type == DType::F64)
    return evalFloatArray<double>(kind, operands, static_cast<double *>(result), n);
  forEachWideBlock(type, operands, getNumOperands(kind), n,
                   [&](double (&wide)[3][blockSize], size_t start, size_t size) {
                     const void *inputs[] = {wide[0], wide[1], wide[2]};
                     evalWideArray(kind, inputs, wide[0], size);
                     narrow(type, wide[0], static_cast<char *>(result) + start * elementBytes(type),
                            size);
                   });
}

static void evalCompare(ElementwiseKind kind, DType type, const void *const *operands,
                        uint8_t *result, size_t n) {
  if (type == DType::F32)
    return compareArrays<float>(kind, operands, result, n);
  if (type == DType::F64)
    return compareArrays<double>(kind, operands, result, n);
  if (isFloat(type))
    return forEachWideBlock(type, operands, 2, n,
                            [&](double (&wide)[3][blockSize], size_t start, size_t size) {
                              const void *inputs[] = {wide[0], wide[1]};
                              compareArrays<double>(kind, inputs, result + start, size);
                            });
  withIntType(type, [&](auto zero) { compareArrays<decltype(zero)>(kind, operands, result, n); });
}

//===----------------------------------------------------------------------===//
// Casts
//===----------------------------------------------------------------------===//

static void castToFloat(DType from, DType to, const void *input, void *result, size_t n) {
  if (isFloat(from)) {
    double wide[blockSize];
    for (size_t start = 0; start < n; start += blockSize) {
      size_t size = std::min(blockSize, n - start);
      const char *source = static_cast<const char *>(input) + start * elementBytes(from);
      char *target = static_cast<char *>(result) + start * elementBytes(to);
      if (from == DType::F32)
        std::copy_n(reinterpret_cast<const float *>(source), size, wide);
      else if (from == DType::F64)
        std::copy_n(reinterpret_cast<const double *>(source), size, wide);
      else
        widen(from, source, wide, size);
      if (to == DType::F32)
        std::transform(wide, wide + size, reinterpret_cast<float *>(target),
                       [](double value) { return static_cast<float>(value); });
      else if (to == DType::F64)
        std::copy_n(wide, size, reinterpret_cast<double *>(target));
      else
        narrow(to, wide, target, size);
    }
    return;
  }
  for (size_t i = 0; i < n; ++i) {
    uint64_t bits = loadInt(from, input, i);
    bool isSigned = isSignedInteger(from);
    if (to == DType::F32)
      static_cast<float *>(result)[i] =
          isSigned ? static_cast<float>(int64_t(bits)) : static_cast<float>(bits);
    else if (to == DType::F64)
      static_cast<double *>(result)[i] =
          isSigned ? static_cast<double>(int64_t(bits)) : static_cast<double>(bits);
    else {
      double value = toDoubleForRounding(bits, isSigned);
      narrow(to, &value, static_cast<char *>(result) + i * elementBytes(to), 1);
    }
  }
}

static void castToInt(DType from, DType to, const void *input, void *result, size_t n) {
  if (!isFloat(from)) {
    for (size_t i = 0; i < n; ++i)
      storeInt(to, result, i, loadInt(from, input, i));
    return;
  }
  auto convert = [&](double value, size_t i) {
    uint64_t bits = to == DType::I1 ? !(value == 0) : saturate(to, value);
    storeInt(to, result, i, bits);
  };
  if (from == DType::F32)
    for (size_t i = 0; i < n; ++i)
      convert(static_cast<const float *>(input)[i], i);
  else if (from == DType::F64)
    for (size_t i = 0; i < n; ++i)
      convert(static_cast<const double *>(input)[i], i);
  else
    for (size_t i = 0; i < n; ++i) {
      double value;
      widen(from, static_cast<const char *>(input) + i * elementBytes(from), &value, 1);
      convert(value, i);
    }
}

void tg::evalElementwise(ElementwiseKind kind, DType operandType, DType resultType,
                         const void *const *operands, void *result, size_t n) {
  bool isCopy = kind == ElementwiseKind::Bitcast ||
                (kind == ElementwiseKind::Cast && operandType == resultType);
  if (isCopy) {
    std::memmove(result, operands[0], n * elementBytes(resultType));
    return;
  }
  switch (kind) {
  case ElementwiseKind::Cast:
    if (isFloat(resultType))
      return castToFloat(operandType, resultType, operands[0], result, n);
    return castToInt(operandType, resultType, operands[0], result, n);
  case ElementwiseKind::Where:
    return evalOnBits(kind, operandType, operands, result, n);
  case ElementwiseKind::CmpLt:
  case ElementwiseKind::CmpLe:
  case ElementwiseKind::CmpNe:
  case ElementwiseKind::CmpEq:
    return evalCompare(kind, operandType, operands, static_cast<uint8_t *>(result), n);
  case ElementwiseKind::Neg:
    if (isFloat(operandType))
      return evalOnBits(kind, operandType, operands, result, n);
    break;
  default:
    break;
  }
  if (isFloat(operandType))
    return evalFloat(kind, operandType, operands, result, n);
  evalIntArray(kind, operandType, operands, result, n);
}

//===----------------------------------------------------------------------===//
// Packing
//===----------------------------------------------------------------------===//

void tg::unpackElements(DType type, const void *storage, int64_t first, void *array, size_t n) {
  if (!isPacked(type)) {
    std::memcpy(array, static_cast<const char *>(storage) + first * elementBytes(type),
                n * elementBytes(type));
    return;
  }
  for (size_t i = 0; i < n; ++i)
    static_cast<uint8_t *>(array)[i] = loadBits(type, storage, first + i);
}

void tg::packElements(DType type, const void *array, void *storage, int64_t first, size_t n) {
  if (!isPacked(type)) {
    std::memcpy(static_cast<char *>(storage) + first * elementBytes(type), array,
                n * elementBytes(type));
    return;
  }
  for (size_t i = 0; i < n; ++i)
    storeBits(type, storage, first + i, static_cast<const uint8_t *>(array)[i]);
}
