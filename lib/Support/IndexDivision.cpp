//===- IndexDivision.cpp - floor(num / den) of polynomials ------*- C++ -*-===//
//
// Part of tg, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// floor(num / den), den >= 1, is taken apart by identities that hold for all integers:
//   multiples       floor((q*den + r) / den)      = q + floor(r / den)
//   constant        floor(r / den)                = k             if k*den <= r < (k+1)*den
//   common factor   floor((g*y + r) / (g*b))      = floor((y + k) / b)  if k*g <= r < (k+1)*g
//   nested          floor((floor(x/b) + y) / den) = floor((x + b*y) / (b*den))
//
// Where bounds are needed and the numerator holds floors, they are also tried on a digit form: an
// equal polynomial in which x = a*floor(x/a) + (x mod a) has replaced x by its quotient and its
// remainder, whose bounds [0, a-1] are exact, while those of x - a*floor(x/a) are not.
//
//===----------------------------------------------------------------------===//

#include "tg/Support/IndexAtoms.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/Support/MathExtras.h"

#include <numeric>
#include <tuple>

using namespace mlir;
using namespace tg;

/// More floors than this in one sum are left as they are.
static constexpr size_t maxFloors = 12;
/// The largest factor that is undone.
static constexpr int64_t maxScale = int64_t(1) << 24;

static std::optional<int64_t> asConstant(const Poly &p) {
  if (p.empty())
    return 0;
  if (p.size() == 1 && p.front().product.size == 0)
    return p.front().coeff;
  return std::nullopt;
}

static bool isSymbolic(const Poly &p) {
  return llvm::all_of(
      p, [](const Term &term) { return llvm::all_of(term.product.list(), isSymbolicAtom); });
}

/// The greatest term that divides both.
static Term commonTerm(const Term &a, const Term &b) {
  Term result{Monomial(), std::gcd(a.coeff, b.coeff)};
  SmallVector<AtomId, Monomial::maxDegree> rest(b.product.list());
  for (AtomId id : a.product.list()) {
    auto it = llvm::find(rest, id);
    if (it == rest.end())
      continue;
    rest.erase(it);
    result.product.atoms[result.product.size++] = id;
  }
  return result;
}

static bool isOne(const Term &term) { return term.coeff == 1 && term.product.size == 0; }

//===----------------------------------------------------------------------===//
// Division
//===----------------------------------------------------------------------===//

Poly IndexAlgebra::floorDiv(Poly num, const Poly &den) {
  Nesting nesting(*this);
  std::optional<int64_t> divisor = asConstant(den);
  if (failed || (divisor && *divisor < 1))
    return fail();
  if (divisor == 1)
    return num;
  bool hasFloors = !floorsIn(num).empty();
  // Taking multiples out can break a remainder x - a*floor(x/a), so look at the whole first.
  if (hasFloors)
    if (std::optional<Poly> whole = constantQuotient(num, den))
      return *whole;
  Poly multiples = extractMultiples(num, den);
  if (num.empty() || failed)
    return multiples;
  if (std::optional<Poly> reduced = reduceFloor(num, den))
    return add(multiples, *reduced);
  for (bool strict : {true, false}) {
    Poly digits = hasFloors ? digitForm(num, strict, &den) : num;
    if (digits == num)
      continue;
    Poly quotient = extractMultiples(digits, den);
    std::optional<Poly> reduced = digits.empty() ? Poly() : reduceFloor(digits, den);
    if (reduced)
      return add(multiples, expandMods(add(quotient, *reduced)));
  }
  if (std::optional<Poly> merged = mergeNestedFloor(num, den))
    return add(multiples, *merged);
  return add(multiples, atom(internQuotient(/*isMod=*/false, num, den)));
}

/// Splits num into quotient * den + remainder, term by term, and leaves the remainder in num.
/// Coefficients are rounded towards zero, which keeps d0 - d1 as it is; the constant is rounded
/// down, so that (s0 - 1) floordiv 2 + 1 and (s0 + 1) floordiv 2 are the same.
Poly IndexAlgebra::extractMultiples(Poly &num, const Poly &den) {
  Poly quotient;
  const Term &lead = den.front();
  for (size_t i = 0; i < num.size() && !failed;) {
    Term part{num[i].product, lead.coeff};
    std::optional<Term> factor = divideTerm(part, lead);
    if (factor)
      factor->coeff = part.product.size == 0 && lead.product.size == 0
                          ? llvm::divideFloorSigned(num[i].coeff, lead.coeff)
                          : num[i].coeff / lead.coeff;
    if (!factor || factor->coeff == 0) {
      ++i;
      continue;
    }
    Poly rest = sub(num, mulTerm(den, *factor));
    // With a divisor of several terms, go on only if this makes the remainder shorter.
    if (failed || (den.size() > 1 && rest.size() >= num.size())) {
      ++i;
      continue;
    }
    quotient = add(quotient, Poly(1, *factor));
    bool gone = rest.size() < num.size();
    num = std::move(rest);
    i = den.size() > 1 ? 0 : i + (gone ? 0 : 1);
  }
  return quotient;
}

/// floor(num / den) if it is constant by the bounds, or a smaller division after a common factor.
std::optional<Poly> IndexAlgebra::reduceFloor(const Poly &num, const Poly &den) {
  if (std::optional<Poly> whole = constantQuotient(num, den))
    return whole;
  for (const Term &factor : commonFactors(num, den)) {
    std::optional<Poly> smaller = divideExactly(den, Poly(1, factor));
    // den = factor * smaller >= 1, but both must be.
    if (!smaller || (plainBounds(Poly(1, factor)).lo < 0 && plainBounds(*smaller).lo < 0))
      continue;
    Poly scaled, rest;
    for (const Term &term : num) {
      if (std::optional<Term> part = divideTerm(term, factor))
        scaled.push_back(*part);
      else
        rest.push_back(term);
    }
    std::optional<Poly> carry = constantQuotient(rest, Poly(1, factor));
    if (carry)
      return floorDiv(expandMods(add(scaled, *carry)), *smaller);
  }
  return std::nullopt;
}

/// Factors of the divisor that some terms of num share, the largest first.
SmallVector<Term> IndexAlgebra::commonFactors(const Poly &num, const Poly &den) const {
  Term content = den.front();
  for (const Term &term : den)
    content = commonTerm(content, term);
  content.coeff = std::abs(content.coeff);
  SmallVector<Term> factors;
  if (isOne(content))
    return factors;
  auto note = [&](Term factor) {
    if (!isOne(factor) && !llvm::is_contained(factors, factor) && factors.size() < 16)
      factors.push_back(factor);
  };
  for (const Term &term : num)
    if (term.product.size > 0)
      note(commonTerm(content, term));
  llvm::sort(factors, [&](const Term &a, const Term &b) {
    if (a.product.size != b.product.size || a.coeff != b.coeff)
      return std::make_pair(a.product.size, a.coeff) > std::make_pair(b.product.size, b.coeff);
    return compare(a.product, b.product) < 0;
  });
  for (size_t i = 1, e = factors.size(); i < e; ++i)
    note(commonTerm(factors[i - 1], factors[i]));
  return factors;
}

/// The k with k*den <= num < (k+1)*den at every point, if the bounds prove one.
std::optional<Poly> IndexAlgebra::constantQuotient(const Poly &num, const Poly &den) {
  if (num.empty())
    return Poly();
  Interval range = bounds(num);
  if (std::optional<int64_t> divisor = asConstant(den)) {
    Interval k = range.floorDiv({*divisor, *divisor});
    if (k.lo == k.hi)
      return constant(k.lo);
  } else {
    int64_t least = std::max<int64_t>(plainBounds(den).lo, 1);
    if (range.lo >= 0 && range.hi < least)
      return Poly();
    if (range.hi < 0 && range.lo >= -least)
      return constant(-1);
  }
  if (!sawSymbol)
    return std::nullopt;
  Attempt attempt(*this);
  Nesting nesting(*this);
  std::optional<Poly> lower = lowerBound(num);
  if (!lower || failed)
    return std::nullopt;
  Poly remainder = *lower;
  Poly k = extractMultiples(remainder, den);
  for (int step = 0; step < 2 && !failed; ++step) {
    Poly above = sub(num, mul(k, den));
    if (isNonNegative(above) && isNonNegative(sub(sub(den, constant(1)), above)) && !failed)
      return k;
    k = sub(k, constant(1));
  }
  return std::nullopt;
}

std::optional<Poly> IndexAlgebra::mergeNestedFloor(const Poly &num, const Poly &den) {
  std::optional<AtomId> inner;
  for (AtomId id : floorsIn(num)) {
    if (asConstant(coefficientOf(num, id)) != 1)
      continue;
    if (inner)
      return std::nullopt;
    inner = id;
  }
  if (!inner)
    return std::nullopt;
  Attempt attempt(*this);
  const Quotient &q = quotient(*inner);
  Poly rest = sub(num, atom(*inner));
  Poly merged = floorDiv(add(q.num, mul(q.den, rest)), mul(q.den, den));
  if (failed)
    return std::nullopt;
  return merged;
}

//===----------------------------------------------------------------------===//
// Digit forms
//===----------------------------------------------------------------------===//

/// The floors of p, those with the smallest divisor first.
SmallVector<AtomId> IndexAlgebra::floorsIn(const Poly &p) const {
  SmallVector<AtomId> floors;
  for (const Term &term : p)
    for (AtomId id : term.product.list())
      if (isQuotient(id) && !quotient(id).isMod && !llvm::is_contained(floors, id))
        floors.push_back(id);
  llvm::sort(floors, [&](AtomId a, AtomId b) {
    const Term &x = quotient(a).den.front(), &y = quotient(b).den.front();
    if (x.product.size != y.product.size || x.coeff != y.coeff)
      return std::make_pair(x.product.size, x.coeff) < std::make_pair(y.product.size, y.coeff);
    return compare(a, b) < 0;
  });
  return floors;
}

/// An equal polynomial with x mod a for x - a*floor(x/a). With `strict`, only where that removes
/// the floor and makes p shorter; that form depends on the value of p alone, and is what is
/// printed. Else also where x becomes a*floor(x/a) + x mod a.
Poly IndexAlgebra::digitForm(const Poly &p, bool strict, const Poly *target) {
  SmallVector<AtomId> floors = floorsIn(p);
  Poly result = p;
  if (floors.size() <= maxFloors)
    for (AtomId id : floors)
      takeDigit(result, id, strict, target);
  return result;
}

/// All (x, a) with floor(x/a) == floor, as far as floors in p let us see them: floor(x/12) is also
/// floor(floor(x/3) / 4).
SmallVector<IndexAlgebra::Fraction, 1> IndexAlgebra::viewsOf(AtomId floor, const Poly &p) {
  const Quotient &q = quotient(floor);
  SmallVector<Fraction, 1> views;
  views.push_back({q.num, q.den});
  Attempt attempt(*this);
  for (AtomId other : floorsIn(p)) {
    const Quotient &inner = quotient(other);
    if (other == floor)
      continue;
    Poly num = q.num, den = q.den;
    if (!divideExactly(den, inner.den) || !divideExactly(sub(num, inner.num), inner.den))
      undoCommonFactor(num, den, inner);
    std::optional<Poly> outerDen = divideExactly(den, inner.den);
    std::optional<Poly> addend = divideExactly(sub(num, inner.num), inner.den);
    // A quotient of two divisors is positive wherever both are.
    if (outerDen && addend && !failed && asConstant(*outerDen) != 1)
      views.push_back({add(atom(other), *addend), *outerDen});
  }
  return views;
}

/// floor((6*x + r) / 12) became floor(x / 2), but (6*x + r) floordiv 4, beside it, still shows r:
/// scale num / den by a factor above r and add r, so that the inner floor fits into it again.
void IndexAlgebra::undoCommonFactor(Poly &num, Poly &den, const Quotient &inner) {
  std::optional<int64_t> outer = asConstant(den), divisor = asConstant(inner.den);
  if (!outer || !divisor)
    return;
  Poly rest;
  for (const Term &term : inner.num)
    if (llvm::none_of(num, [&](const Term &known) { return known.product == term.product; }))
      rest.push_back(term);
  Interval range = plainBounds(rest);
  int64_t step = *divisor / std::gcd(*divisor, *outer);
  if (rest.empty() || range.lo < 0 || range.hi > maxScale || step > maxScale)
    return;
  Poly scale = constant(llvm::alignTo(range.hi + 1, step));
  num = add(mul(num, scale), rest);
  den = mul(den, scale);
}

void IndexAlgebra::takeDigit(Poly &p, AtomId floor, bool strict, const Poly *target) {
  Poly factor = coefficientOf(p, floor);
  if (factor.empty() || failed)
    return;
  Attempt attempt(*this);
  struct Choice {
    Poly rest, scale, num, den;
    // Smaller is better.
    std::tuple<bool, size_t, int64_t> cost;
  };
  std::optional<Choice> best;
  auto consider = [&](const Poly &scale, const Poly &num, const Poly &den) {
    if (scale.empty() || (!isSymbolic(scale) && !isSymbolicAtom(floor)))
      return;
    Poly remainder = sub(num, mul(den, atom(floor)));
    Poly rest = sub(p, mul(scale, remainder));
    size_t size = rest.size() + scale.size();
    if (failed || size + (strict ? 1 : 0) > p.size())
      return;
    // Best is a quotient that the division at hand can take out.
    bool stays = target && !divideExactly(coefficientOf(rest, floor), *target);
    auto cost = std::make_tuple(stays, size, std::abs(scale.front().coeff));
    if (!best || cost < best->cost)
      best = Choice{rest, scale, num, den, cost};
  };
  for (auto &[num, den] : viewsOf(floor, p)) {
    if (strict) {
      if (std::optional<Poly> scale = divideExactly(sub(Poly(), factor), den))
        consider(*scale, num, den);
      continue;
    }
    for (const Term &term : p)
      for (const Term &part : num)
        if (part.product.size > 0)
          if (std::optional<Term> scale = divideTerm(term, part))
            consider(Poly(1, *scale), num, den);
  }
  if (!best || failed)
    return;
  Poly mod = atom(internQuotient(/*isMod=*/true, best->num, best->den));
  Poly result = add(best->rest, mul(best->scale, mod));
  if (!failed)
    p = std::move(result);
}

Poly IndexAlgebra::expandMods(const Poly &p) {
  Poly result = p;
  for (const Term &term : p)
    for (AtomId id : term.product.list()) {
      if (!isQuotient(id) || !quotient(id).isMod)
        continue;
      Poly factor = coefficientOf(result, id);
      const Quotient &q = quotient(id);
      Poly value = sub(q.num, mul(q.den, floorDiv(q.num, q.den)));
      result = add(sub(result, mul(factor, atom(id))), mul(factor, value));
    }
  return result;
}
