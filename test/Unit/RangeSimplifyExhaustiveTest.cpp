//===- RangeSimplifyExhaustiveTest.cpp - Soundness by enumeration -*- C++ -*-=//
//
// Part of tg, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every expression here is evaluated before and after at every point of its ranges. Where the input
// is defined, the result has to be defined and equal; and what the predicates claim has to hold.
//
//===----------------------------------------------------------------------===//

#include "RangeSimplifyTestUtils.h"
#include "tg/Support/ShapeExpr.h"

using namespace mlir;
using namespace tg;
using namespace tg::test;

namespace {

/// Small ranges with an enumeration of their points; dims may be bounded by symbols.
struct Box {
  SmallVector<IndexRange> dims, symbols;

  /// Calls `visit(dims, symbols)` until it returns false.
  template <typename Visit> bool forEachPoint(Visit visit) const {
    SmallVector<int64_t> dimValues, symbolValues;
    return walkSymbols(dimValues, symbolValues, visit);
  }

private:
  template <typename Visit>
  bool walkSymbols(SmallVector<int64_t> &d, SmallVector<int64_t> &s, Visit &visit) const {
    if (s.size() == symbols.size())
      return walkDims(d, s, visit);
    const IndexRange &range = symbols[s.size()];
    bool more = true;
    for (int64_t value = *range.lo; more && value <= *range.hi; ++value) {
      s.push_back(value);
      more = walkSymbols(d, s, visit);
      s.pop_back();
    }
    return more;
  }
  template <typename Visit>
  bool walkDims(SmallVector<int64_t> &d, SmallVector<int64_t> &s, Visit &visit) const {
    if (d.size() == dims.size())
      return visit(ArrayRef<int64_t>(d), ArrayRef<int64_t>(s));
    const IndexRange &range = dims[d.size()];
    int64_t lo = range.symbolicLo ? *evalShapeExpr(range.symbolicLo, {}, s) : *range.lo;
    int64_t hi = range.symbolicHi ? *evalShapeExpr(range.symbolicHi, {}, s) : *range.hi;
    bool more = true;
    for (int64_t value = lo; more && value <= hi; ++value) {
      d.push_back(value);
      more = walkDims(d, s, visit);
      d.pop_back();
    }
    return more;
  }
};

struct RangeSimplifyExhaustive : ::testing::Test {
  MLIRContext context;
  std::mt19937 random{20};
  unsigned simplified = 0;

  int pick(int n) { return int(random() % n); }
  AffineExpr constant(int64_t value) { return getAffineConstantExpr(value, &context); }

  /// Reports at the first point where the two differ.
  bool checkSame(AffineExpr before, AffineExpr after, const Box &box) {
    simplified += before != after;
    return box.forEachPoint([&](ArrayRef<int64_t> d, ArrayRef<int64_t> s) {
      std::optional<int64_t> expected = evalShapeExpr(before, d, s);
      bool good = !expected || evalShapeExpr(after, d, s) == expected;
      EXPECT_TRUE(good) << print(before) << "  ->  " << print(after) << " at d = " << print(d)
                        << ", s = " << print(s);
      return good;
    });
  }

  bool checkPredicates(AffineExpr lhs, AffineExpr rhs, RangeSimplifier &ranges, const Box &box) {
    std::optional<bool> claim = ranges.provablyLessEqual(lhs, rhs);
    simplified += claim.has_value();
    if (!claim)
      return true;
    return box.forEachPoint([&](ArrayRef<int64_t> d, ArrayRef<int64_t> s) {
      std::optional<int64_t> a = evalShapeExpr(lhs, d, s), b = evalShapeExpr(rhs, d, s);
      bool good = !a || !b || (*a <= *b) == *claim;
      EXPECT_TRUE(good) << print(lhs) << " <= " << print(rhs) << " claimed " << *claim
                        << " at d = " << print(d) << ", s = " << print(s);
      return good;
    });
  }

  AffineExpr randomLeaf(const Box &box, bool symbolic) {
    int dims = symbolic ? 0 : int(box.dims.size()), symbols = int(box.symbols.size());
    int choice = pick(dims * 2 + symbols + 1);
    if (choice < dims * 2)
      return getAffineDimExpr(choice / 2, &context);
    if (choice < dims * 2 + symbols)
      return getAffineSymbolExpr(choice - dims * 2, &context);
    return constant(pick(15) - 5);
  }
  AffineExpr randomDivisor(const Box &box, int depth) {
    AffineExpr divisor = box.symbols.empty() || pick(2)
                             ? constant(pick(12) + 1)
                             : randomExpr(box, depth - 1, /*symbolic=*/true);
    auto value = dyn_cast<AffineConstantExpr>(divisor);
    return value && value.getValue() < 1 ? constant(3) : divisor;
  }
  AffineExpr randomExpr(const Box &box, int depth, bool symbolic = false) {
    if (depth <= 0 || pick(7) == 0)
      return randomLeaf(box, symbolic);
    AffineExpr lhs = randomExpr(box, depth - 1, symbolic);
    switch (pick(8)) {
    case 0:
    case 1:
      return lhs.floorDiv(randomDivisor(box, depth));
    case 2:
      return lhs.ceilDiv(randomDivisor(box, depth));
    case 3:
    case 4:
      return lhs % randomDivisor(box, depth);
    case 5:
      return lhs * (box.symbols.empty() || pick(2) ? constant(pick(15) - 5)
                                                   : randomLeaf(box, /*symbolic=*/true));
    default:
      return lhs + randomExpr(box, depth - 1, symbolic);
    }
  }
};

/// ((d0*a + d1*b + c) op1 m) op2 n for all small numbers.
TEST_F(RangeSimplifyExhaustive, TwoDimsTwoDivisions) {
  AffineExpr d0 = getAffineDimExpr(0, &context), d1 = getAffineDimExpr(1, &context);
  unsigned count = 0, failures = 0;
  std::pair<int64_t, int64_t> rangePairs[][2] = {
      {{0, 3}, {0, 2}}, {{-3, 2}, {0, 3}}, {{0, 5}, {-1, 0}}, {{1, 4}, {2, 3}}};
  for (auto &pairs : rangePairs) {
    Box box;
    for (auto [lo, hi] : pairs)
      box.dims.push_back(IndexRange::between(lo, hi));
    RangeSimplifier ranges(&context, box.dims, {});
    for (int64_t a : {-4, -1, 2, 3, 4, 6, 12})
      for (int64_t b : {-2, -1, 1, 2, 3})
        for (int64_t c : {-7, -1, 0, 1, 4})
          for (int64_t m : {2, 3, 4, 6, 12})
            for (int64_t n : {2, 3, 4})
              for (int ops = 0; ops < 4; ++ops) {
                AffineExpr sum = d0 * a + d1 * b + c;
                AffineExpr first = ops & 1 ? sum % m : sum.floorDiv(m);
                AffineExpr expr = ops & 2 ? first % n : first.floorDiv(n);
                ++count;
                failures += !checkSame(expr, ranges.simplify(expr), box);
                if (failures > 5)
                  return;
              }
  }
  EXPECT_GT(count, 40000u);
  EXPECT_GT(simplified, count / 2);
}

TEST_F(RangeSimplifyExhaustive, RandomStatic) {
  unsigned failures = 0;
  for (unsigned n = 0; n < 20000 && failures < 5; ++n) {
    Box box;
    for (int i = 0; i < 3; ++i) {
      int64_t lo = pick(3) ? 0 : pick(6) - 3;
      box.dims.push_back(IndexRange::between(lo, lo + pick(6)));
    }
    RangeSimplifier ranges(&context, box.dims, {});
    AffineExpr expr = randomExpr(box, 4), other = randomExpr(box, 3);
    AffineExpr result = ranges.simplify(expr);
    failures += !checkSame(expr, result, box);
    failures += !checkPredicates(expr, other, ranges, box);
    EXPECT_EQ(ranges.simplify(result), result) << print(expr) << "  ->  " << print(result);
  }
  EXPECT_GT(simplified, 10000u);
}

TEST_F(RangeSimplifyExhaustive, RandomSymbolic) {
  AffineExpr s0 = getAffineSymbolExpr(0, &context), s1 = getAffineSymbolExpr(1, &context);
  AffineExpr sizes[] = {s0,          s1,     s0 * s1, s0 + 2,       s0 * 2, s0.floorDiv(2) + 1,
                        s0 + s1 - 1, s1 * 3, s0 - 1,  s1.ceilDiv(2)};
  unsigned failures = 0;
  for (unsigned n = 0; n < 6000 && failures < 5; ++n) {
    Box box;
    for (int i = 0; i < 2; ++i) {
      // Mostly sizes; sometimes symbols of any sign.
      int64_t lo = pick(4) ? pick(3) : -2;
      box.symbols.push_back(IndexRange::between(lo, lo + 3));
    }
    for (int i = 0; i < 3; ++i)
      box.dims.push_back(pick(4) ? IndexRange::ofExtent(sizes[pick(std::size(sizes))])
                                 : IndexRange::between(-1, pick(4)));
    // Knowing less must not make the result wrong.
    SmallVector<IndexRange> known = box.symbols;
    for (IndexRange &range : known)
      if (pick(3) == 0)
        range = pick(2) ? IndexRange::unbounded() : IndexRange::atLeast(*range.lo);
    RangeSimplifier ranges(&context, box.dims, known);
    AffineExpr expr = randomExpr(box, 4), other = randomExpr(box, 2);
    AffineExpr result = ranges.simplify(expr);
    failures += !checkSame(expr, result, box);
    failures += !checkPredicates(expr, other, ranges, box);
  }
  EXPECT_GT(simplified, 3000u);
}

/// Chains of reshape, transpose, flip, pad and slice, as fusion composes them.
TEST_F(RangeSimplifyExhaustive, MovementChains) {
  unsigned failures = 0;
  for (unsigned n = 0; n < 1500 && failures < 5; ++n) {
    // A symbolic last size in every third chain, of 1 to 4.
    bool symbolic = n % 3 == 0;
    AffineExpr s0 = getAffineSymbolExpr(0, &context);
    Box box;
    if (symbolic)
      box.symbols.push_back(IndexRange::between(1, 4));
    SmallVector<AffineExpr> shape, index;
    std::vector<SmallVector<int64_t>> shapes = factorizations(symbolic ? 12 : 24, 3);
    auto randomShape = [&] {
      SmallVector<AffineExpr> sizes = getAffineConstantExprs(shapes[pick(shapes.size())], &context);
      if (symbolic)
        sizes.insert(sizes.begin() + pick(sizes.size() + 1), s0);
      return sizes;
    };
    shape = randomShape();
    for (auto [i, size] : llvm::enumerate(shape)) {
      box.dims.push_back(IndexRange::ofExtent(size));
      index.push_back(getAffineDimExpr(i, &context));
    }
    // `index` is simplified after every step, `plain` never.
    RangeSimplifier ranges(&context, box.dims, box.symbols);
    SmallVector<AffineExpr> plain = index;
    for (int step = 0; step < 4; ++step) {
      unsigned axis = pick(shape.size());
      switch (pick(4)) {
      case 0: {
        SmallVector<AffineExpr> target = randomShape();
        for (SmallVector<AffineExpr> *list : {&index, &plain})
          *list = delinearizeIndex(linearizeIndex(&context, *list, shape), target);
        shape = target;
        break;
      }
      case 1: {
        unsigned other = pick(shape.size());
        std::swap(shape[axis], shape[other]);
        std::swap(index[axis], index[other]);
        std::swap(plain[axis], plain[other]);
        break;
      }
      case 2:
        index[axis] = shape[axis] - 1 - index[axis];
        plain[axis] = shape[axis] - 1 - plain[axis];
        break;
      default: {
        // Seen through a larger array: the index is shifted, linear, and split again.
        SmallVector<AffineExpr> larger = shape;
        larger[axis] = larger[axis] + 2;
        for (SmallVector<AffineExpr> *list : {&index, &plain}) {
          (*list)[axis] = (*list)[axis] + 1;
          *list = delinearizeIndex(linearizeIndex(&context, *list, larger), larger);
          (*list)[axis] = (*list)[axis] - 1;
        }
      }
      }
      for (AffineExpr &expr : index)
        expr = ranges.simplify(expr);
      for (auto [fast, slow] : llvm::zip_equal(index, plain)) {
        failures += !checkSame(slow, fast, box);
        failures += !checkSame(slow, ranges.simplify(slow), box);
      }
      for (auto [expr, size] : llvm::zip_equal(plain, shape))
        failures += !checkPredicates(expr, size - 1, ranges, box);
    }
  }
}

} // namespace
