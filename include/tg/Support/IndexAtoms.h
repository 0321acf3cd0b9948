//===- IndexAtoms.h - Details shared by IndexAlgebra's files ----*- C++ -*-===//
//
// Part of tg, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_SUPPORT_INDEXATOMS_H
#define TG_SUPPORT_INDEXATOMS_H

#include "tg/Support/IndexAlgebra.h"

namespace tg {

enum class AtomRank : AtomId { Dim, Quotient, Symbol, SymbolicQuotient };

constexpr unsigned atomIndexBits = 14;
constexpr unsigned maxAtomIndex = (1u << atomIndexBits) - 1;

inline AtomId makeAtom(AtomRank rank, unsigned index) {
  return AtomId(unsigned(rank) << atomIndexBits | index);
}
inline AtomRank rankOf(AtomId id) { return AtomRank(id >> atomIndexBits); }
inline unsigned indexOf(AtomId id) { return id & maxAtomIndex; }
inline bool isSymbolicAtom(AtomId id) { return rankOf(id) >= AtomRank::Symbol; }
inline bool isQuotient(AtomId id) {
  return rankOf(id) == AtomRank::Quotient || rankOf(id) == AtomRank::SymbolicQuotient;
}

/// Lets a proof attempt overflow without failing the whole expression. The work budget stays spent.
class IndexAlgebra::Attempt {
public:
  explicit Attempt(IndexAlgebra &algebra) : algebra(algebra), before(algebra.failed) {}
  ~Attempt() { algebra.failed = before; }

private:
  IndexAlgebra &algebra;
  bool before;
};

/// Bounds the recursion: fails the expression when it is nested too deep.
class IndexAlgebra::Nesting {
public:
  explicit Nesting(IndexAlgebra &algebra) : algebra(algebra) {
    if (++algebra.depth > 128)
      algebra.failed = true;
  }
  ~Nesting() { --algebra.depth; }

private:
  IndexAlgebra &algebra;
};

} // namespace tg

#endif // TG_SUPPORT_INDEXATOMS_H
