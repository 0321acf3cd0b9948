//===- Tolerance.h - How far a right result may be off ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one table behind verification. A float element is right when |x - ref| <= bound, with ref
// computed in f64 and the bound carried along with every element:
//
//   an operation      k * u * |ref| plus what its operands' bounds become under it; u is half an
//                     ulp of 1 in the element type (2^-24 for f32), k from the table below
//   reduce add        the root of the sum of the operands' squared bounds plus k(n) * u * sum |x|:
//                     rounding errors of different elements are independent (Higham and Mary,
//                     "A New Approach to Probabilistic Rounding Error Analysis", 2019). Adding the
//                     bounds themselves would grow by sqrt(n) in every layer of a network. Terms
//                     that read one expanded element share its error, so these do add up, and
//                     so do the rounding errors of a few values that are added again and again
//   cast              the rounding is part of the program: round(ref), and the bound says how far
//                     rounding anything within the operand's bound may lead
//   comparison        undetermined (bound +inf) where the operands' bounds overlap
//   where             of an undetermined condition: the distance of the two sides
//
// Correctly rounded operations on exact operands are exact: bound 0. Products are the exception,
// because they may be contracted into an fma.
//
// Where the type is f64 the reference itself is rounded as often as the result, so k is doubled.
//
//===----------------------------------------------------------------------===//

#ifndef TG_INTERP_TOLERANCE_H
#define TG_INTERP_TOLERANCE_H

#include "tg/Dialect/UOp/UOpTypes.h"
#include "tg/Runtime/DType.h"

#include <cstdint>

namespace tg::interp {

/// A binary float format with arithmetic.
struct FloatInfo {
  /// Half an ulp of 1: 2^-precision.
  double unitRoundoff;
  /// The smallest positive (denormal) value.
  double smallest;
  /// The largest finite value.
  double largest;
  /// Bits of the significand, the hidden one included.
  unsigned precision;

  /// Whether sums and products of it are taken in f32, and rounded once.
  bool isNarrow() const { return precision < 24; }
};

FloatInfo getFloatInfo(DType type);

/// k of an elementwise operation, in units of u (a result within 1 ulp is within 2u):
///   add sub mul fdiv reciprocal sqrt fma floormod cmod, casts       1
///   neg trunc floor ceil round where max min                        0
///   exp2 log2 sin cos exp log                                       4
///   floordiv, pow and the rest of the second tier                   8
double getRoundingFactor(uop::ElementwiseKind kind, DType type);

/// The most additions in a row that a term of a sum of n terms goes through: n, or 1024 and one
/// more for each 262,144 terms. Longer sums are taken in blocks (`tg-block-sums`).
double getLongestChain(double n);

/// k(n) of a `reduce` of n terms in any order: min(4 + log2 n + sqrt(n) / 2, longest chain). The
/// square root covers one running sum, the logarithm trees. Types with fewer than 24 bits are added
/// up in f32, and their result is rounded once, which comes on top.
double getSumFactor(int64_t n, DType type);

/// The same where n terms are equal, and may be rounded the same way each time, in the units of
/// `info`: by what is checked, in units of f32 at the most, and in f64 by the reference, which is
/// one running sum.
double getRepeatedFactor(double n, const FloatInfo &info);

/// The same where every partial sum is rounded to the type, as a `scan` does: n for types with
/// fewer than 24 bits, the worst case, which a running sum reaches when it stagnates.
double getRunningSumFactor(int64_t n, DType type);

} // namespace tg::interp

#endif // TG_INTERP_TOLERANCE_H
