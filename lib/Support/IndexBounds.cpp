//===- IndexBounds.cpp - Bounds and signs of polynomials --------*- C++ -*-===//
//
// Part of tg, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two ways to bound a polynomial: constant intervals, term by term; and, where sizes are symbolic,
// elimination: every atom that depends on a dim is replaced by its symbolic lower or upper bound,
// by the sign of its coefficient. What remains is over symbols, and is not negative if, after
// writing each symbol as its lower bound plus something, no coefficient is negative.
//
//===----------------------------------------------------------------------===//

#include "tg/Support/IndexAtoms.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace tg;

//===----------------------------------------------------------------------===//
// Intervals
//===----------------------------------------------------------------------===//

static int64_t saturate(__int128 value) {
  if (value >= Interval::posInf)
    return Interval::posInf;
  return value <= Interval::negInf ? Interval::negInf : int64_t(value);
}

static bool isInfinite(int64_t value) {
  return value == Interval::negInf || value == Interval::posInf;
}

Interval Interval::operator+(Interval other) const {
  // An infinite bound stays infinite, whatever is added to it.
  auto sum = [](int64_t a, int64_t b, int64_t infinity) {
    return a == infinity || b == infinity ? infinity : saturate(__int128(a) + b);
  };
  return {sum(lo, other.lo, negInf), sum(hi, other.hi, posInf)};
}

Interval Interval::operator*(Interval other) const {
  auto product = [](int64_t a, int64_t b) -> int64_t {
    if (a == 0 || b == 0)
      return 0;
    if (isInfinite(a) || isInfinite(b))
      return (a < 0) == (b < 0) ? posInf : negInf;
    return saturate(__int128(a) * b);
  };
  int64_t corners[] = {product(lo, other.lo), product(lo, other.hi), product(hi, other.lo),
                       product(hi, other.hi)};
  return {*std::min_element(corners, corners + 4), *std::max_element(corners, corners + 4)};
}

Interval Interval::floorDiv(Interval other) const {
  auto divide = [](int64_t a, int64_t b) -> int64_t {
    if (isInfinite(a))
      return a;
    if (isInfinite(b))
      return a < 0 ? -1 : 0;
    return llvm::divideFloorSigned(a, b);
  };
  return {divide(lo, lo < 0 ? other.lo : other.hi), divide(hi, hi < 0 ? other.hi : other.lo)};
}

//===----------------------------------------------------------------------===//
// Constant bounds
//===----------------------------------------------------------------------===//

Interval IndexAlgebra::atomBounds(AtomId id) const {
  auto at = [&](ArrayRef<Interval> list) {
    return indexOf(id) < list.size() ? list[indexOf(id)] : Interval();
  };
  switch (rankOf(id)) {
  case AtomRank::Dim:
    return at(dimBounds);
  case AtomRank::Symbol:
    return at(symbolBounds);
  case AtomRank::Quotient:
  case AtomRank::SymbolicQuotient:
    return quotient(id).bounds;
  }
  llvm_unreachable("all ranks handled");
}

Interval IndexAlgebra::plainBounds(const Poly &p) const {
  Interval sum{0, 0};
  for (const Term &term : p) {
    Interval product{term.coeff, term.coeff};
    for (AtomId id : term.product.list())
      product = product * atomBounds(id);
    sum = sum + product;
  }
  return sum;
}

Interval IndexAlgebra::bounds(const Poly &p) {
  Interval result = plainBounds(p);
  if (!floorsIn(p).empty())
    for (bool strict : {true, false})
      result = result.intersect(plainBounds(digitForm(p, strict)));
  return result;
}

/// A dim with a symbolic range has at least one value at every point, so its extent is at least
/// one: with d0 in [0, s0*s1 - 1] and symbols that are not negative, both are at least one.
void IndexAlgebra::tightenSymbols() {
  for (auto [range, symbolic] : llvm::zip_equal(dimBounds, dimSymbolicBounds)) {
    auto &[lo, hi] = symbolic;
    if (!hi || (!lo && isInfinite(range.lo)))
      continue;
    Poly extent = sub(*hi, lo ? *lo : constant(range.lo));
    if (failed || extent.empty() || extent.size() > 2 || extent.front().coeff != 1 ||
        (extent.size() == 2 && extent.back().product.size != 0))
      continue;
    // product + c >= 0
    int64_t least = extent.size() == 2 ? -extent.back().coeff : 0;
    ArrayRef<AtomId> product = extent.front().product.list();
    auto isUsable = [&](AtomId id) {
      return rankOf(id) == AtomRank::Symbol && indexOf(id) < symbolBounds.size() &&
             (product.size() == 1 || symbolBounds[indexOf(id)].lo >= 0);
    };
    if (least < 1 || !llvm::all_of(product, isUsable))
      continue;
    for (AtomId id : product) {
      int64_t &known = symbolBounds[indexOf(id)].lo;
      known = std::max<int64_t>(known, product.size() == 1 ? least : 1);
    }
  }
  failed = false;
  for (const Interval &range : symbolBounds)
    empty |= range.lo > range.hi;
  for (auto [range, symbolic] : llvm::zip_equal(dimBounds, dimSymbolicBounds)) {
    if (symbolic.lo)
      range.lo = std::max(range.lo, plainBounds(*symbolic.lo).lo);
    if (symbolic.hi)
      range.hi = std::min(range.hi, plainBounds(*symbolic.hi).hi);
    empty |= range.lo > range.hi;
  }
}

//===----------------------------------------------------------------------===//
// Symbolic bounds
//===----------------------------------------------------------------------===//

bool IndexAlgebra::isNonNegative(const Poly &p) {
  if (bounds(p).lo >= 0)
    return true;
  if (!sawSymbol)
    return false;
  Attempt attempt(*this);
  Nesting nesting(*this);
  std::optional<Poly> lower = lowerBound(p);
  return lower && !failed && isNonNegativeOverSymbols(*lower) && !failed;
}

/// A polynomial over symbols, and floors of such, that is never above p.
std::optional<Poly> IndexAlgebra::lowerBound(const Poly &p) {
  Nesting nesting(*this);
  auto isEliminable = [&](AtomId id) {
    return !isSymbolicAtom(id) || (isQuotient(id) && quotient(id).isMod);
  };
  Poly form = digitForm(p, /*strict=*/true);
  // Bounds may bring in new floors and remainders over symbols; a few rounds see to them.
  for (int round = 0; round < 4 && !failed; ++round) {
    SmallVector<AtomId> atoms;
    for (const Term &term : form)
      for (AtomId id : term.product.list())
        if (isEliminable(id)) {
          if (!llvm::is_contained(atoms, id))
            atoms.push_back(id);
          break;
        }
    if (atoms.empty())
      return form;
    for (AtomId id : atoms) {
      Poly factor = coefficientOf(form, id);
      if (factor.empty())
        continue;
      int sign = signOf(factor);
      std::optional<Poly> bound = sign ? boundAtom(id, /*lower=*/sign > 0) : std::nullopt;
      if (!bound || failed)
        return std::nullopt;
      form = add(sub(form, mul(factor, atom(id))), mul(factor, *bound));
    }
    form = digitForm(form, /*strict=*/true);
  }
  return std::nullopt;
}

std::optional<Poly> IndexAlgebra::boundAtom(AtomId id, bool lower) {
  if (isQuotient(id) && quotient(id).isMod)
    return lower ? Poly() : sub(quotient(id).den, constant(1));
  if (rankOf(id) == AtomRank::Dim && indexOf(id) < dimSymbolicBounds.size()) {
    const auto &[lo, hi] = dimSymbolicBounds[indexOf(id)];
    if (const std::optional<Poly> &bound = lower ? lo : hi)
      return bound;
  }
  if (isQuotient(id)) {
    // Floor is monotone in its numerator.
    const Quotient &q = quotient(id);
    std::optional<Poly> num = lowerBound(lower ? q.num : sub(Poly(), q.num));
    if (num)
      return floorDiv(lower ? *num : sub(Poly(), *num), q.den);
  }
  Interval range = atomBounds(id);
  int64_t bound = lower ? range.lo : range.hi;
  if (isInfinite(bound))
    return std::nullopt;
  return add(constant(0), constant(bound));
}

/// 1 if p >= 0, -1 if p <= 0, 0 if neither is proven.
int IndexAlgebra::signOf(const Poly &p) {
  Interval range = plainBounds(p);
  if (range.lo >= 0)
    return 1;
  if (range.hi <= 0)
    return -1;
  if (!sawSymbol || !llvm::all_of(p, [](const Term &term) {
        return llvm::all_of(term.product.list(), isSymbolicAtom);
      }))
    return 0;
  if (isNonNegativeOverSymbols(p))
    return 1;
  return isNonNegativeOverSymbols(sub(Poly(), p)) ? -1 : 0;
}

/// With s = lo + t, t >= 0: no negative coefficient, so no negative value.
bool IndexAlgebra::isNonNegativeOverSymbols(const Poly &p) {
  Poly shifted;
  for (const Term &term : p) {
    Poly product = constant(term.coeff);
    for (AtomId id : term.product.list()) {
      int64_t lo = atomBounds(id).lo;
      if (isInfinite(lo))
        return false;
      product = mul(product, add(atom(id), add(Poly(), constant(lo))));
    }
    shifted = add(shifted, product);
    if (failed)
      return false;
  }
  return llvm::all_of(shifted, [](const Term &term) { return term.coeff >= 0; });
}
