//===- IndexAlgebra.cpp - Arithmetic, reading and building ------*- C++ -*-===//
//
// Part of tg, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Support/IndexAtoms.h"

using namespace mlir;
using namespace tg;

/// Coefficients stay below 2^61, so that sums of two that AffineExpr may form cannot overflow.
static constexpr int64_t maxCoeff = int64_t(1) << 61;
static constexpr size_t maxTerms = 256;
static constexpr size_t maxQuotients = 2048;
/// Term operations per expression: some milliseconds at worst.
static constexpr size_t maxWork = 200000;

IndexAlgebra::IndexAlgebra(MLIRContext *context, ArrayRef<IndexRange> dims,
                           ArrayRef<IndexRange> symbols)
    : context(context) {
  auto constantBounds = [&](const IndexRange &range) {
    Interval result{range.lo.value_or(Interval::negInf), range.hi.value_or(Interval::posInf)};
    empty |= result.lo > result.hi;
    return result;
  };
  for (const IndexRange &range : symbols)
    symbolBounds.push_back(constantBounds(range));
  for (const IndexRange &range : dims) {
    dimBounds.push_back(constantBounds(range));
    std::optional<Poly> lo, hi;
    if (range.symbolicLo && range.symbolicLo.isSymbolicOrConstant())
      lo = read(range.symbolicLo);
    if (range.symbolicHi && range.symbolicHi.isSymbolicOrConstant())
      hi = read(range.symbolicHi);
    dimSymbolicBounds.push_back({std::move(lo), std::move(hi)});
  }
  tightenSymbols();
  // What was read so far did not know the tightened bounds.
  readCache.clear();
  rangeQuotients = quotients.size();
}

void IndexAlgebra::recycle() {
  if (quotients.size() < rangeQuotients + 128 && readCache.size() < 1024)
    return;
  quotients.erase(quotients.begin() + rangeQuotients, quotients.end());
  readCache.clear();
}

Poly IndexAlgebra::fail() {
  failed = true;
  return {};
}

bool IndexAlgebra::spend(size_t work) {
  workDone += work;
  if (workDone > maxWork)
    failed = true;
  return !failed;
}

//===----------------------------------------------------------------------===//
// Order
//===----------------------------------------------------------------------===//

/// The order is structural, so that it does not depend on what was met first.
int IndexAlgebra::compare(AtomId a, AtomId b) const {
  if (a == b)
    return 0;
  if (rankOf(a) != rankOf(b) || !isQuotient(a))
    return a < b ? -1 : 1;
  const Quotient &qa = quotient(a), &qb = quotient(b);
  if (qa.isMod != qb.isMod)
    return qa.isMod ? 1 : -1;
  if (int order = compare(qa.num, qb.num))
    return order;
  return compare(qa.den, qb.den);
}

/// Lexicographic: d0*s0 before d0 before d1 before s0 before 1.
int IndexAlgebra::compare(const Monomial &a, const Monomial &b) const {
  for (unsigned i = 0, e = std::min(a.size, b.size); i < e; ++i)
    if (int order = compare(a.atoms[i], b.atoms[i]))
      return order;
  return int(b.size) - int(a.size);
}

int IndexAlgebra::compare(const Poly &a, const Poly &b) const {
  for (size_t i = 0, e = std::min(a.size(), b.size()); i < e; ++i) {
    if (int order = compare(a[i].product, b[i].product))
      return order;
    if (a[i].coeff != b[i].coeff)
      return a[i].coeff < b[i].coeff ? -1 : 1;
  }
  return a.size() == b.size() ? 0 : (a.size() < b.size() ? -1 : 1);
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

Poly IndexAlgebra::constant(int64_t value) const {
  Poly result;
  if (value != 0)
    result.push_back({Monomial(), value});
  return result;
}

Poly IndexAlgebra::atom(AtomId id) const {
  Term term{Monomial(), 1};
  term.product.atoms[term.product.size++] = id;
  return Poly(1, term);
}

Poly IndexAlgebra::addScaled(const Poly &a, const Poly &b, int64_t scale) {
  if (!spend(a.size() + b.size()))
    return {};
  Poly result;
  result.reserve(a.size() + b.size());
  auto push = [&](const Monomial &product, __int128 coeff) {
    if (coeff >= maxCoeff || coeff <= -maxCoeff)
      failed = true;
    else if (coeff != 0)
      result.push_back({product, int64_t(coeff)});
  };
  size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    int order = i == a.size() ? 1 : j == b.size() ? -1 : compare(a[i].product, b[j].product);
    __int128 scaled = order >= 0 ? __int128(b[j].coeff) * scale : 0;
    if (order < 0) {
      result.push_back(a[i++]);
    } else if (order > 0) {
      push(b[j++].product, scaled);
    } else {
      push(a[i].product, a[i].coeff + scaled);
      ++i, ++j;
    }
  }
  if (result.size() > maxTerms)
    return fail();
  return result;
}

Poly IndexAlgebra::mulTerm(const Poly &a, const Term &t) {
  if (!spend(a.size() + 1))
    return {};
  Poly result;
  result.reserve(a.size());
  for (const Term &term : a) {
    if (term.product.size + t.product.size > int(Monomial::maxDegree))
      return fail();
    Term product{Monomial(), 0};
    ArrayRef<AtomId> x = term.product.list(), y = t.product.list();
    while (!x.empty() || !y.empty()) {
      bool takeX = y.empty() || (!x.empty() && compare(x.front(), y.front()) <= 0);
      ArrayRef<AtomId> &from = takeX ? x : y;
      product.product.atoms[product.product.size++] = from.front();
      from = from.drop_front();
    }
    __int128 coeff = __int128(term.coeff) * t.coeff;
    if (coeff >= maxCoeff || coeff <= -maxCoeff)
      return fail();
    product.coeff = int64_t(coeff);
    result.push_back(product);
  }
  // The order is a monomial order: multiplying by one term keeps it.
  return result;
}

Poly IndexAlgebra::mul(const Poly &a, const Poly &b) {
  const Poly &few = a.size() < b.size() ? a : b, &many = a.size() < b.size() ? b : a;
  Poly result;
  for (const Term &term : few) {
    result = add(result, mulTerm(many, term));
    if (failed)
      return {};
  }
  return result;
}

/// The exact quotient of two terms.
std::optional<Term> IndexAlgebra::divideTerm(const Term &t, const Term &by) const {
  if (t.coeff % by.coeff != 0)
    return std::nullopt;
  Term result{Monomial(), t.coeff / by.coeff};
  ArrayRef<AtomId> rest = by.product.list();
  for (AtomId id : t.product.list()) {
    if (!rest.empty() && rest.front() == id)
      rest = rest.drop_front();
    else
      result.product.atoms[result.product.size++] = id;
  }
  if (!rest.empty())
    return std::nullopt;
  return result;
}

std::optional<Poly> IndexAlgebra::divideExactly(Poly p, const Poly &by) {
  Poly result;
  while (!p.empty()) {
    std::optional<Term> factor = divideTerm(p.front(), by.front());
    if (!factor)
      return std::nullopt;
    // The leading term goes in every step, so factors come in order.
    result.push_back(*factor);
    p = sub(p, mulTerm(by, *factor));
    if (failed || result.size() > maxTerms)
      return std::nullopt;
  }
  return result;
}

/// The factor of `id` in p, where it occurs once in a product.
Poly IndexAlgebra::coefficientOf(const Poly &p, AtomId id) const {
  Poly result;
  for (const Term &term : p)
    if (std::optional<Term> factor = divideTerm(term, atom(id).front()))
      result.push_back(*factor);
  return result;
}

const IndexAlgebra::Quotient &IndexAlgebra::quotient(AtomId id) const {
  return quotients[indexOf(id)];
}

AtomId IndexAlgebra::internQuotient(bool isMod, const Poly &num, const Poly &den) {
  auto isSymbolic = [](const Poly &p) {
    return llvm::all_of(
        p, [](const Term &term) { return llvm::all_of(term.product.list(), isSymbolicAtom); });
  };
  AtomRank rank = isSymbolic(num) ? AtomRank::SymbolicQuotient : AtomRank::Quotient;
  for (auto [index, known] : llvm::enumerate(quotients))
    if (known.isMod == isMod && known.num == num && known.den == den)
      return makeAtom(rank, index);
  spend(quotients.size());
  Interval divisor = plainBounds(den).intersect({1, Interval::posInf});
  if (quotients.size() >= maxQuotients || divisor.hi < 1) {
    failed = true;
    return 0;
  }
  Interval range = isMod ? Interval{0, divisor.hi == Interval::posInf ? divisor.hi : divisor.hi - 1}
                         : bounds(num).floorDiv(divisor);
  quotients.push_back({isMod, num, den, range, AffineExpr()});
  return makeAtom(rank, quotients.size() - 1);
}

//===----------------------------------------------------------------------===//
// From AffineExpr
//===----------------------------------------------------------------------===//

std::optional<Poly> IndexAlgebra::read(AffineExpr expr) {
  failed = false;
  workDone = 0;
  depth = 0;
  Poly result = readExpr(expr);
  if (failed)
    return std::nullopt;
  return result;
}

Poly IndexAlgebra::readExpr(AffineExpr expr) {
  Nesting nesting(*this);
  if (failed)
    return {};
  if (auto value = dyn_cast<AffineConstantExpr>(expr)) {
    if (value.getValue() >= maxCoeff || value.getValue() <= -maxCoeff)
      return fail();
    return constant(value.getValue());
  }
  auto readLeaf = [&](AtomRank rank, unsigned position) {
    if (position > maxAtomIndex)
      return fail();
    AtomId id = makeAtom(rank, position);
    sawSymbol |= rank == AtomRank::Symbol;
    Interval range = atomBounds(id);
    return range.lo == range.hi && std::abs(range.lo) < maxCoeff ? constant(range.lo) : atom(id);
  };
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return readLeaf(AtomRank::Dim, dim.getPosition());
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return readLeaf(AtomRank::Symbol, symbol.getPosition());

  if (auto known = readCache.find(expr); known != readCache.end())
    return known->second;
  auto binary = cast<AffineBinaryOpExpr>(expr);
  Poly lhs = readExpr(binary.getLHS()), rhs = readExpr(binary.getRHS());
  if (failed)
    return {};
  Poly result;
  switch (expr.getKind()) {
  case AffineExprKind::Add:
    result = add(lhs, rhs);
    break;
  case AffineExprKind::Mul:
    result = mul(lhs, rhs);
    break;
  default:
    // A divisor that depends on a dim cannot be built again by AffineExpr.
    if (!binary.getRHS().isSymbolicOrConstant())
      return fail();
    if (expr.getKind() == AffineExprKind::CeilDiv)
      result = floorDiv(sub(add(lhs, rhs), constant(1)), rhs);
    else if (expr.getKind() == AffineExprKind::FloorDiv)
      result = floorDiv(lhs, rhs);
    else
      result = sub(lhs, mul(rhs, floorDiv(lhs, rhs)));
  }
  if (failed)
    return {};
  readCache[expr] = result;
  return result;
}

//===----------------------------------------------------------------------===//
// To AffineExpr
//===----------------------------------------------------------------------===//

AffineExpr IndexAlgebra::build(const Poly &p) {
  AffineExpr result = buildTerms(p);
  return failed ? AffineExpr() : result;
}

AffineExpr IndexAlgebra::buildTerms(const Poly &p) {
  Nesting nesting(*this);
  AffineExpr sum = getAffineConstantExpr(0, context);
  for (const Term &term : digitForm(p, /*strict=*/true)) {
    AffineExpr product;
    for (AtomId id : term.product.list()) {
      AffineExpr factor = buildAtom(id);
      if (failed || !factor)
        return {};
      // AffineExpr cannot hold a product of two factors that depend on dims.
      if (product && !isSymbolicAtom(id)) {
        failed = true;
        return {};
      }
      product = product ? product * factor : factor;
    }
    sum = sum + (product ? product * term.coeff : getAffineConstantExpr(term.coeff, context));
  }
  return failed ? AffineExpr() : sum;
}

AffineExpr IndexAlgebra::buildAtom(AtomId id) {
  if (rankOf(id) == AtomRank::Dim)
    return getAffineDimExpr(indexOf(id), context);
  if (rankOf(id) == AtomRank::Symbol)
    return getAffineSymbolExpr(indexOf(id), context);
  if (AffineExpr known = quotient(id).expr)
    return known;
  AffineExpr num = buildTerms(quotient(id).num), den = buildTerms(quotient(id).den);
  if (failed || !num || !den)
    return {};
  return quotients[indexOf(id)].expr = quotient(id).isMod ? num % den : num.floorDiv(den);
}
