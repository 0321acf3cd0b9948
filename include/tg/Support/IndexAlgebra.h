//===- IndexAlgebra.h - Polynomials with floor divisions --------*- C++ -*-===//
//
// Part of tg, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The engine behind ShapeExpr.h and RangeSimplify.h; use those.
//
// An AffineExpr is read into a polynomial over atoms: dims, symbols, and quotients floor(n / d) of
// polynomials. mod and ceildiv are rewritten to floor on the way in, so that
//   (x floordiv a) * a + x mod a   and   (x mod 12) mod 4   and   x floordiv 3 floordiv 4
// cancel or merge by plain polynomial arithmetic; mod comes back when the AffineExpr is built.
// Floors are removed by exact division, by bounds, and by splitting off a common factor.
//
//===----------------------------------------------------------------------===//

#ifndef TG_SUPPORT_INDEXALGEBRA_H
#define TG_SUPPORT_INDEXALGEBRA_H

#include "tg/Support/RangeSimplify.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"

#include <array>
#include <deque>
#include <vector>

namespace tg {

/// Two bits of rank, then an index. Ranks order the atoms of a product as AffineExpr wants them:
/// what depends on dims first, symbols last.
using AtomId = uint16_t;

/// A product of atoms, sorted, with repetition. Empty is 1.
struct Monomial {
  static constexpr unsigned maxDegree = 11;
  uint16_t size = 0;
  std::array<AtomId, maxDegree> atoms = {};

  llvm::ArrayRef<AtomId> list() const { return {atoms.data(), size}; }
  bool operator==(const Monomial &other) const { return list() == other.list(); }
};

struct Term {
  Monomial product;
  int64_t coeff;
  bool operator==(const Term &other) const {
    return coeff == other.coeff && product == other.product;
  }
};

/// Terms in descending lexicographic order, coefficients not zero. Empty is 0.
using Poly = llvm::SmallVector<Term, 4>;

/// A closed interval; the extremes of int64 stand for infinity.
struct Interval {
  static constexpr int64_t negInf = INT64_MIN, posInf = INT64_MAX;
  int64_t lo = negInf, hi = posInf;

  Interval operator+(Interval other) const;
  Interval operator*(Interval other) const;
  /// `other` is taken to be at least 1.
  Interval floorDiv(Interval other) const;
  Interval intersect(Interval other) const {
    return {std::max(lo, other.lo), std::min(hi, other.hi)};
  }
};

class IndexAlgebra {
public:
  IndexAlgebra(mlir::MLIRContext *context, llvm::ArrayRef<IndexRange> dims,
               llvm::ArrayRef<IndexRange> symbols);

  /// nullopt on overflow, on a divisor that depends on a dim or is a constant below 1, and when the
  /// expression is too large.
  std::optional<Poly> read(mlir::AffineExpr expr);

  /// Forgets what earlier expressions left behind once that is much; no Poly survives it.
  void recycle();

  /// Null on failure. Depends on the value of `p` only, not on what was read before.
  mlir::AffineExpr build(const Poly &p);

  /// Sound bounds over all points of the ranges.
  Interval bounds(const Poly &p);

  /// True if p >= 0 is proven for all points of the ranges.
  bool isNonNegative(const Poly &p);

  /// False if the ranges hold no point, as those of an empty tensor.
  bool hasPoints() const { return !empty; }

  Poly constant(int64_t value) const;
  Poly sub(const Poly &a, const Poly &b) { return addScaled(a, b, -1); }
  bool hasFailed() const { return failed; }

private:
  struct Quotient {
    bool isMod; // num mod den instead of floor(num / den); only inside digit forms
    Poly num, den;
    Interval bounds;
    mlir::AffineExpr expr;
  };
  struct Fraction {
    Poly num, den;
  };
  struct SymbolicBounds {
    std::optional<Poly> lo, hi;
  };
  class Attempt;
  class Nesting;

  // Arithmetic (IndexAlgebra.cpp). On overflow `failed` is set and the result is arbitrary.
  Poly fail();
  bool spend(size_t work);
  int compare(AtomId a, AtomId b) const;
  int compare(const Monomial &a, const Monomial &b) const;
  int compare(const Poly &a, const Poly &b) const;
  Poly atom(AtomId id) const;
  Poly addScaled(const Poly &a, const Poly &b, int64_t scale);
  Poly add(const Poly &a, const Poly &b) { return addScaled(a, b, 1); }
  Poly mul(const Poly &a, const Poly &b);
  Poly mulTerm(const Poly &a, const Term &t);
  std::optional<Term> divideTerm(const Term &t, const Term &by) const;
  std::optional<Poly> divideExactly(Poly p, const Poly &by);
  Poly coefficientOf(const Poly &p, AtomId id) const;
  const Quotient &quotient(AtomId id) const;
  AtomId internQuotient(bool isMod, const Poly &num, const Poly &den);
  Poly readExpr(mlir::AffineExpr expr);
  mlir::AffineExpr buildTerms(const Poly &p);
  mlir::AffineExpr buildAtom(AtomId id);

  // Division (IndexDivision.cpp).
  Poly floorDiv(Poly num, const Poly &den);
  Poly extractMultiples(Poly &num, const Poly &den);
  std::optional<Poly> reduceFloor(const Poly &num, const Poly &den);
  std::optional<Poly> constantQuotient(const Poly &num, const Poly &den);
  std::optional<Poly> mergeNestedFloor(const Poly &num, const Poly &den);
  llvm::SmallVector<Term> commonFactors(const Poly &num, const Poly &den) const;
  llvm::SmallVector<AtomId> floorsIn(const Poly &p) const;
  Poly digitForm(const Poly &p, bool strict, const Poly *target = nullptr);
  void takeDigit(Poly &p, AtomId floor, bool strict, const Poly *target);
  llvm::SmallVector<Fraction, 1> viewsOf(AtomId floor, const Poly &p);
  void undoCommonFactor(Poly &num, Poly &den, const Quotient &inner);
  Poly expandMods(const Poly &p);

  // Bounds (IndexBounds.cpp).
  void tightenSymbols();
  Interval atomBounds(AtomId id) const;
  Interval plainBounds(const Poly &p) const;
  std::optional<Poly> lowerBound(const Poly &p);
  std::optional<Poly> boundAtom(AtomId id, bool lower);
  int signOf(const Poly &p);
  bool isNonNegativeOverSymbols(const Poly &p);

  mlir::MLIRContext *context;
  llvm::SmallVector<Interval> dimBounds, symbolBounds;
  std::vector<SymbolicBounds> dimSymbolicBounds;
  std::deque<Quotient> quotients;
  llvm::SmallDenseMap<mlir::AffineExpr, Poly, 8> readCache;
  size_t workDone = 0, rangeQuotients = 0;
  unsigned depth = 0;
  bool failed = false, empty = false, sawSymbol = false;
};

} // namespace tg

#endif // TG_SUPPORT_INDEXALGEBRA_H
