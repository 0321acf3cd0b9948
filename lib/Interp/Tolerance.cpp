//===- Tolerance.cpp - How far a right result may be off --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Interp/Tolerance.h"

#include "llvm/Support/ErrorHandling.h"

#include <algorithm>
#include <cmath>

using namespace tg;
using namespace tg::interp;
using Kind = tg::uop::ElementwiseKind;

FloatInfo interp::getFloatInfo(DType type) {
  switch (type) {
  case DType::F16:
    return {0x1p-11, 0x1p-24, 65504.0, 11};
  case DType::BF16:
    return {0x1p-8, 0x1p-133, 0x1.FEp127, 8};
  case DType::F32:
    return {0x1p-24, 0x1p-149, 0x1.FFFFFEp127, 24};
  case DType::F64:
    return {0x1p-53, 0x1p-1074, 0x1.FFFFFFFFFFFFFp1023, 53};
  case DType::F8E4M3FN:
    return {0x1p-4, 0x1p-9, 448.0, 4};
  case DType::F8E5M2:
    return {0x1p-3, 0x1p-16, 57344.0, 3};
  case DType::F8E4M3FNUZ:
    return {0x1p-4, 0x1p-10, 240.0, 4};
  case DType::F8E5M2FNUZ:
    return {0x1p-3, 0x1p-17, 57344.0, 3};
  case DType::F4E2M1FN:
    return {0x1p-2, 0.5, 6.0, 2};
  case DType::F8E8M0FNU:
    return {0.5, 0x1p-127, 0x1p127, 1};
  default:
    llvm_unreachable("not a float type");
  }
}

double interp::getRoundingFactor(Kind kind, DType type) {
  double scale = type == DType::F64 ? 2 : 1;
  switch (kind) {
  case Kind::Neg:
  case Kind::Trunc:
  case Kind::Floor:
  case Kind::Ceil:
  case Kind::Round:
  case Kind::Where:
  case Kind::Max:
  case Kind::Min:
  case Kind::Bitcast:
    return 0;
  case Kind::Exp2:
  case Kind::Log2:
  case Kind::Sin:
  case Kind::Cos:
  case Kind::Exp:
  case Kind::Log:
    return 4 * scale;
  case Kind::FloorDiv:
  case Kind::Pow:
    return 8 * scale;
  default:
    return (kind >= Kind::Tan && kind <= Kind::Erf ? 8 : 1) * scale;
  }
}

double interp::getLongestChain(double n) { return std::min(n, 1024 + n / 262144); }

double interp::getRepeatedFactor(double n, const FloatInfo &info) {
  double chain = getLongestChain(n);
  if (info.unitRoundoff < 0x1p-24)
    return chain + n;
  return 2 * chain * 0x1p-24 / info.unitRoundoff;
}

/// Of n terms with f32's or more bits, none of which goes through more than `chain` additions. The
/// reference of an f64 sum is rounded too.
static double getSumFactor(double n, double chain, DType type) {
  double scale = type == DType::F64 ? 2 : 1;
  return scale * std::min(chain, 4 + std::log2(n) + std::sqrt(n) / 2);
}

double interp::getSumFactor(int64_t n, DType type) {
  if (n <= 1)
    return 0;
  double count = static_cast<double>(n), chain = getLongestChain(count);
  if (FloatInfo info = getFloatInfo(type); info.isNarrow())
    return ::getSumFactor(count, chain, DType::F32) * 0x1p-24 / info.unitRoundoff;
  return ::getSumFactor(count, chain, type);
}

double interp::getRunningSumFactor(int64_t n, DType type) {
  if (n <= 1)
    return 0;
  double count = static_cast<double>(n);
  return getFloatInfo(type).isNarrow() ? count : ::getSumFactor(count, count, type);
}
