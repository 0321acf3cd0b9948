//===- ScalarOpsInt.cpp - Integer functions over arrays ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ScalarInt.h"

using namespace tg;
using namespace tg::scalar;
using Kind = tg::uop::ElementwiseKind;

template <typename T, typename F>
static void map(const void *const *operands, void *result, size_t n, F function) {
  const T *a = static_cast<const T *>(operands[0]), *b = static_cast<const T *>(operands[1]);
  T *out = static_cast<T *>(result);
  for (size_t i = 0; i < n; ++i)
    out[i] = T(function(a[i], b[i]));
}

template <typename T, typename F>
static void mapUnary(const void *const *operands, void *result, size_t n, F function) {
  const T *a = static_cast<const T *>(operands[0]);
  T *out = static_cast<T *>(result);
  for (size_t i = 0; i < n; ++i)
    out[i] = T(function(a[i]));
}

template <typename T>
static void evalArray(Kind kind, bool isBool, const void *const *operands, void *result, size_t n) {
  using Ops = IntOps<T>;
  switch (kind) {
  case Kind::Neg:
    return mapUnary<T>(operands, result, n, Ops::neg);
  case Kind::Not:
    if (isBool)
      return mapUnary<T>(operands, result, n, [](T a) { return a ^ 1; });
    return mapUnary<T>(operands, result, n, [](T a) { return ~a; });
  case Kind::Add:
    return map<T>(operands, result, n, Ops::add);
  case Kind::Sub:
    return map<T>(operands, result, n, Ops::sub);
  case Kind::Mul:
    return map<T>(operands, result, n, Ops::mul);
  case Kind::FloorDiv:
    return map<T>(operands, result, n, Ops::floorDiv);
  case Kind::FloorMod:
    return map<T>(operands, result, n, Ops::floorMod);
  case Kind::CDiv:
    return map<T>(operands, result, n, Ops::cdiv);
  case Kind::CMod:
    return map<T>(operands, result, n, Ops::cmod);
  case Kind::Pow:
    return map<T>(operands, result, n, Ops::pow);
  case Kind::Max:
    return map<T>(operands, result, n, [](T a, T b) { return a > b ? a : b; });
  case Kind::Min:
    return map<T>(operands, result, n, [](T a, T b) { return a < b ? a : b; });
  case Kind::Shl:
    return map<T>(operands, result, n, Ops::shl);
  case Kind::Shr:
    return map<T>(operands, result, n, Ops::shr);
  case Kind::And:
    return map<T>(operands, result, n, [](T a, T b) { return a & b; });
  case Kind::Or:
    return map<T>(operands, result, n, [](T a, T b) { return a | b; });
  case Kind::Xor:
    return map<T>(operands, result, n, [](T a, T b) { return a ^ b; });
  case Kind::Threefry:
    return map<T>(operands, result, n, [](T a, T b) { return threefry(a, b); });
  default:
    llvm_unreachable("not an integer function");
  }
}

void tg::scalar::evalIntArray(Kind kind, DType type, const void *const *operands, void *result,
                              size_t n) {
  withIntType(type, [&](auto zero) {
    evalArray<decltype(zero)>(kind, type == DType::I1, operands, result, n);
  });
}
