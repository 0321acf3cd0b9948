//===- Bounded.cpp - Elementwise functions of values with bounds *- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Values come from evalElementwise in f64. A bound is found by looking at the function at the ends
// of what the operands may be, where it is monotone in each, and by the derivative otherwise.
//
//===----------------------------------------------------------------------===//

#include "Bounded.h"

#include "llvm/Support/ErrorHandling.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

using namespace tg;
using namespace tg::interp;
using Kind = tg::uop::ElementwiseKind;

static constexpr size_t maxBlock = 512;
static constexpr double infinity = std::numeric_limits<double>::infinity();

double interp::roundTo(DType type, double value) {
  if (type == DType::F64)
    return value;
  if (type == DType::F32)
    return static_cast<float>(value);
  return decodeFloat(type, encodeFloat(type, value));
}

/// `x * bound`, where an exact operand stays exact whatever it meets.
static double scaled(double x, double bound) { return bound == 0 ? 0 : std::fabs(x) * bound; }

/// The larger distance of the two ends from `center`; undetermined if an end is no number.
static double distance(double low, double high, double center) {
  if (std::isnan(low) || std::isnan(high))
    return infinity;
  double below = low == center ? 0 : std::fabs(low - center);
  double above = high == center ? 0 : std::fabs(high - center);
  double result = std::max(below, above);
  return std::isnan(result) ? infinity : result;
}

//===----------------------------------------------------------------------===//
// Float functions
//===----------------------------------------------------------------------===//

/// One application in f64.
static double apply(Kind kind, double a, double b = 0) {
  const void *operands[] = {&a, &b};
  double result;
  evalElementwise(kind, DType::F64, DType::F64, operands, &result, 1);
  return result;
}

static double propagateUnary(Kind kind, double x, double bound, double value) {
  switch (kind) {
  case Kind::Neg:
    return bound;
  case Kind::Sin:
  case Kind::Cos:
    return std::min(bound, 2.0);
  case Kind::Reciprocal:
    return std::fabs(x) <= bound ? infinity : scaled(value, bound) / (std::fabs(x) - bound);
  case Kind::Tan: {
    double low = std::tan(x - bound), high = std::tan(x + bound);
    return bound < 1.5 && low <= value && value <= high ? distance(low, high, value) : infinity;
  }
  case Kind::Cosh: {
    double ends = distance(std::cosh(x - bound), std::cosh(x + bound), value);
    return std::fabs(x) < bound ? std::max(ends, value - 1) : ends;
  }
  default:
    // Monotone.
    return distance(apply(kind, x - bound), apply(kind, x + bound), value);
  }
}

/// The largest distance over the corners of the box of operands; right for functions that are
/// monotone in each operand there.
static double overCorners(Kind kind, double a, double ea, double b, double eb, double value) {
  double first = distance(apply(kind, a - ea, b - eb), apply(kind, a - ea, b + eb), value);
  double second = distance(apply(kind, a + ea, b - eb), apply(kind, a + ea, b + eb), value);
  return std::max(first, second);
}

static double propagateBinary(Kind kind, double a, double ea, double b, double eb, double value) {
  switch (kind) {
  case Kind::Add:
  case Kind::Sub:
    return ea + eb;
  case Kind::Mul:
    return scaled(a, eb) + scaled(b, ea) + ea * eb;
  case Kind::FDiv:
    if (eb == 0)
      return ea == 0 ? 0 : ea / std::fabs(b);
    return std::fabs(b) <= eb ? infinity : (ea + scaled(value, eb)) / (std::fabs(b) - eb);
  case Kind::Max:
  case Kind::Min:
    return std::max(ea, eb);
  case Kind::FloorDiv:
    return std::fabs(b) <= eb ? infinity : overCorners(kind, a, ea, b, eb, value);
  case Kind::FloorMod:
  case Kind::CMod: {
    // The quotient must be certain; the remainder is then linear in the operands.
    if (std::fabs(b) <= eb)
      return infinity;
    bool isFloor = kind == Kind::FloorMod;
    auto quotient = [&](double x, double y) {
      return isFloor ? std::floor(x / y) : std::trunc(x / y);
    };
    double q = quotient(a, b);
    bool isCertain = quotient(a - ea, b - eb) == q && quotient(a - ea, b + eb) == q &&
                     quotient(a + ea, b - eb) == q && quotient(a + ea, b + eb) == q;
    return isCertain ? ea + scaled(q, eb) : infinity;
  }
  case Kind::Pow:
    if (a - ea > 0 || (eb == 0 && b == std::trunc(b) && std::fabs(a) > ea))
      return overCorners(kind, a, ea, b, eb, value);
    return infinity;
  default:
    llvm_unreachable("not a binary float function");
  }
}

/// The bound with the rounding of the result added; `value` becomes the infinity or NaN that an
/// overflow surely gives.
static double addRounding(DType type, const FloatInfo &info, double factor, double bound,
                          double &value) {
  if (std::isnan(value))
    return bound == infinity ? infinity : 0;
  if (std::isinf(value)) {
    value = roundTo(type, value); // NaN where the type has no infinity.
    return std::isnan(bound) ? infinity : bound;
  }
  // What is rounded may lie anywhere within the bound.
  if (factor != 0)
    bound += factor * (info.unitRoundoff * (std::fabs(value) + bound) + info.smallest / 2);
  if (std::isnan(bound))
    return infinity;
  double limit = info.largest * (1 + info.unitRoundoff);
  if (std::fabs(value) + bound < limit)
    return bound;
  if (std::fabs(value) - bound < limit)
    return infinity;
  value = roundTo(type, value);
  return 0;
}

/// Whether the f64 `value` of the product is exact and of the type, so that contraction into an
/// fma changes nothing.
static bool isExactProduct(DType type, double a, double b, double value) {
  return std::isfinite(value) && std::fma(a, b, -value) == 0 && roundTo(type, value) == value;
}

static void evalFloat(Kind kind, DType type, const BoundedArray *operands, double *result,
                      double *bounds, size_t n, double slack) {
  FloatInfo info = getFloatInfo(type);
  unsigned count = getNumOperands(kind);
  const void *data[3];
  const double *x[3] = {}, *e[3] = {};
  bool hasExact = false;
  for (unsigned k = 0; k < count; ++k) {
    data[k] = operands[k].data;
    x[k] = static_cast<const double *>(operands[k].data);
    e[k] = operands[k].bounds;
  }
  auto isExact = [&](size_t i) {
    for (unsigned k = 0; k < count; ++k)
      if (e[k][i] != 0)
        return false;
    return true;
  };
  evalElementwise(kind, DType::F64, DType::F64, data, result, n);
  for (size_t i = 0; i < n && !hasExact; ++i)
    hasExact = isExact(i);

  // What every device must give where operands are exact and the function correctly rounded.
  double exact[maxBlock];
  bool isDetermined = hasExact && isExactlyRounded(kind) && kind != Kind::Mul;
  if (isDetermined && type != DType::F64) {
    uint64_t narrow[3][maxBlock], rounded[maxBlock];
    const void *narrowData[3];
    for (unsigned k = 0; k < count; ++k) {
      evalElementwise(Kind::Cast, DType::F64, type, &data[k], narrow[k], n);
      narrowData[k] = narrow[k];
    }
    evalElementwise(kind, type, type, narrowData, rounded, n);
    const void *wide[] = {rounded};
    evalElementwise(Kind::Cast, type, DType::F64, wide, exact, n);
  }

  double factor = getRoundingFactor(kind, type) * slack;
  for (size_t i = 0; i < n; ++i) {
    bool exactOperands = hasExact && isExact(i);
    if (exactOperands) {
      if (isDetermined) {
        result[i] = type == DType::F64 ? result[i] : exact[i];
        bounds[i] = 0;
        continue;
      }
      if (kind == Kind::Mul && isExactProduct(type, x[0][i], x[1][i], result[i])) {
        bounds[i] = 0;
        continue;
      }
    }
    double bound = 0;
    for (unsigned k = 0; k < count; ++k)
      if (e[k][i] == infinity)
        bound = infinity;
    if (!exactOperands && bound != infinity) {
      if (count == 1)
        bound = propagateUnary(kind, x[0][i], e[0][i], result[i]);
      else if (count == 2)
        bound = propagateBinary(kind, x[0][i], e[0][i], x[1][i], e[1][i], result[i]);
      else
        bound = scaled(x[0][i], e[1][i]) + scaled(x[1][i], e[0][i]) + e[0][i] * e[1][i] + e[2][i];
    }
    bounds[i] = addRounding(type, info, factor, bound, result[i]);
  }
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

/// Element `i` of an unpacked integer array as f64.
static double integerAt(DType type, const void *data, size_t i) {
  return loadAsDouble(type, static_cast<const char *>(data) + i * elementBytes(type), 0);
}

static double largestOf(DType type) {
  return std::ldexp(1.0, int(tg::bitWidth(type)) - isSignedInteger(type)) - 1;
}

static double smallestOf(DType type) {
  return isSignedInteger(type) ? -std::ldexp(1.0, tg::bitWidth(type) - 1) : 0;
}

static double propagateInt(Kind kind, DType type, double a, double ea, double b, double eb) {
  auto unlessWrapping = [&](double value, double bound) {
    return value + bound > largestOf(type) || value - bound < smallestOf(type) ? infinity : bound;
  };
  switch (kind) {
  case Kind::Neg:
    return unlessWrapping(-a, ea);
  case Kind::Add:
    return unlessWrapping(a + b, ea + eb);
  case Kind::Sub:
    return unlessWrapping(a - b, ea + eb);
  case Kind::Mul:
    return unlessWrapping(a * b, scaled(a, eb) + scaled(b, ea) + ea * eb);
  case Kind::Max:
  case Kind::Min:
    return type == DType::I1 ? infinity : std::max(ea, eb);
  case Kind::And:
    return (a == 0 && ea == 0) || (b == 0 && eb == 0) ? 0 : infinity;
  case Kind::Or:
    return type == DType::I1 && ((a != 0 && ea == 0) || (b != 0 && eb == 0)) ? 0 : infinity;
  default:
    return infinity;
  }
}

static void evalInt(Kind kind, DType type, const BoundedArray *operands, void *result,
                    double *bounds, size_t n) {
  unsigned count = getNumOperands(kind);
  const void *data[] = {operands[0].data, operands[1].data};
  evalElementwise(kind, type, type, data, result, n);
  for (size_t i = 0; i < n; ++i) {
    double ea = operands[0].bounds[i], eb = count > 1 ? operands[1].bounds[i] : 0;
    bounds[i] = 0;
    if (ea != 0 || eb != 0)
      bounds[i] = propagateInt(kind, type, integerAt(type, data[0], i), ea,
                               count > 1 ? integerAt(type, data[1], i) : 0, eb);
  }
}

//===----------------------------------------------------------------------===//
// Comparisons, selection, conversions
//===----------------------------------------------------------------------===//

static double held(DType type, const void *data, size_t i) {
  return isFloat(type) ? static_cast<const double *>(data)[i] : integerAt(type, data, i);
}

static void evalCompare(Kind kind, DType type, const BoundedArray *operands, void *result,
                        double *bounds, size_t n) {
  DType heldType = isFloat(type) ? DType::F64 : type;
  const void *data[] = {operands[0].data, operands[1].data};
  evalElementwise(kind, heldType, DType::I1, data, result, n);
  for (size_t i = 0; i < n; ++i) {
    double reach = operands[0].bounds[i] + operands[1].bounds[i];
    bounds[i] = 0;
    if (reach == 0)
      continue;
    double a = held(type, data[0], i), b = held(type, data[1], i);
    bool isCertain =
        reach != infinity && (std::isnan(a) || std::isnan(b) || std::fabs(a - b) > reach);
    if (!isCertain)
      bounds[i] = infinity;
  }
}

static void evalWhere(DType type, const BoundedArray *operands, void *result, double *bounds,
                      size_t n) {
  DType heldType = isFloat(type) ? DType::F64 : type;
  const void *data[] = {operands[0].data, operands[1].data, operands[2].data};
  evalElementwise(Kind::Where, heldType, heldType, data, result, n);
  const auto *condition = static_cast<const uint8_t *>(data[0]);
  for (size_t i = 0; i < n; ++i) {
    double onTrue = operands[1].bounds[i], onFalse = operands[2].bounds[i];
    bounds[i] = condition[i] ? onTrue : onFalse;
    if (operands[0].bounds[i] == 0)
      continue;
    double a = held(type, data[1], i), b = held(type, data[2], i);
    double gap = a == b || (std::isnan(a) && std::isnan(b)) ? 0 : std::fabs(a - b);
    // Either side, each as far off as it may be.
    bounds[i] = std::isnan(gap) ? infinity : gap + std::max(onTrue, onFalse);
    if (type == DType::I1 && gap != 0)
      bounds[i] = infinity;
  }
}

static void castFloat(DType from, DType to, const BoundedArray &operand, void *result,
                      double *bounds, size_t n) {
  const auto *x = static_cast<const double *>(operand.data);
  const void *data[] = {x};
  if (isFloat(to)) {
    auto *out = static_cast<double *>(result);
    FloatInfo info = getFloatInfo(to);
    for (size_t i = 0; i < n; ++i) {
      double bound = operand.bounds[i];
      // A wider type holds everything that the narrower one may have given.
      bool widens = getFloatInfo(from).precision <= info.precision &&
                    getFloatInfo(from).largest <= info.largest &&
                    getFloatInfo(from).smallest >= info.smallest;
      double rounded = roundTo(to, x[i]);
      // No infinity in the type: its NaN.
      widens &= !std::isinf(x[i]) || std::isinf(rounded);
      out[i] = widens ? x[i] : rounded;
      bounds[i] = bound == 0 || widens
                      ? bound
                      : distance(roundTo(to, x[i] - bound), roundTo(to, x[i] + bound), out[i]);
      if (std::isnan(out[i]) && bound != infinity && std::isnan(x[i]))
        bounds[i] = 0;
    }
    return;
  }
  evalElementwise(Kind::Cast, DType::F64, to, data, result, n);
  for (size_t i = 0; i < n; ++i) {
    double bound = operand.bounds[i];
    bounds[i] = 0;
    if (bound == 0 || (std::isnan(x[i]) && bound != infinity))
      continue;
    if (to == DType::I1) {
      bounds[i] = std::fabs(x[i]) <= bound || bound == infinity ? infinity : 0;
      continue;
    }
    auto saturate = [&](double value) {
      return std::clamp(std::trunc(value), smallestOf(to), largestOf(to));
    };
    bounds[i] = bound == infinity
                    ? infinity
                    : distance(saturate(x[i] - bound), saturate(x[i] + bound), saturate(x[i]));
  }
}

static void castInt(DType from, DType to, const BoundedArray &operand, void *result, double *bounds,
                    size_t n) {
  const void *data[] = {operand.data};
  if (isFloat(to)) {
    // The one rounding is part of the program.
    uint64_t rounded[maxBlock];
    evalElementwise(Kind::Cast, from, to, data, rounded, n);
    const void *narrow[] = {rounded};
    evalElementwise(Kind::Cast, to, DType::F64, narrow, result, n);
  } else {
    evalElementwise(Kind::Cast, from, to, data, result, n);
  }
  for (size_t i = 0; i < n; ++i) {
    double bound = operand.bounds[i];
    bounds[i] = 0;
    if (bound == 0)
      continue;
    // An undetermined truth value is 0 or 1.
    if (from == DType::I1)
      bound = 1;
    double value = integerAt(from, data[0], i);
    if (isFloat(to))
      bounds[i] = distance(roundTo(to, value - bound), roundTo(to, value + bound),
                           static_cast<double *>(result)[i]);
    else if (to == DType::I1)
      bounds[i] = std::fabs(value) <= bound ? infinity : 0;
    else
      bounds[i] =
          value + bound > largestOf(to) || value - bound < smallestOf(to) ? infinity : bound;
  }
}

static void evalBitcast(DType from, DType to, const BoundedArray &operand, void *result,
                        double *bounds, size_t n) {
  uint64_t narrow[maxBlock];
  const void *bits = operand.data;
  if (isFloat(from)) {
    const void *wide[] = {operand.data};
    evalElementwise(Kind::Cast, DType::F64, from, wide, narrow, n);
    bits = narrow;
  }
  if (isFloat(to)) {
    const void *data[] = {bits};
    evalElementwise(Kind::Cast, to, DType::F64, data, result, n);
  } else {
    std::memcpy(result, bits, n * elementBytes(to));
  }
  for (size_t i = 0; i < n; ++i) {
    // Sign and payload of a NaN did not survive f64.
    bool isKnown =
        from == to || !isFloat(from) || !std::isnan(static_cast<const double *>(operand.data)[i]);
    bounds[i] = operand.bounds[i] == 0 && isKnown ? 0 : infinity;
  }
}

void interp::evalBounded(Kind kind, DType operandType, DType resultType,
                         const BoundedArray *operands, void *result, double *bounds, size_t n,
                         double slack) {
  switch (kind) {
  case Kind::CmpLt:
  case Kind::CmpLe:
  case Kind::CmpNe:
  case Kind::CmpEq:
    return evalCompare(kind, operandType, operands, result, bounds, n);
  case Kind::Where:
    return evalWhere(operandType, operands, result, bounds, n);
  case Kind::Cast:
    if (isFloat(operandType))
      return castFloat(operandType, resultType, operands[0], result, bounds, n);
    return castInt(operandType, resultType, operands[0], result, bounds, n);
  case Kind::Bitcast:
    return evalBitcast(operandType, resultType, operands[0], result, bounds, n);
  default:
    if (isFloat(operandType))
      return evalFloat(kind, operandType, operands, static_cast<double *>(result), bounds, n,
                       slack);
    return evalInt(kind, operandType, operands, result, bounds, n);
  }
}
