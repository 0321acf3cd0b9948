//===- RangeSimplifyTest.cpp - Index maps under known ranges ----*- C++ -*-===//
//
// Part of tg, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RangeSimplifyTestUtils.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/BuiltinAttributes.h"

using namespace mlir;
using namespace tg;
using namespace tg::test;

namespace {

struct RangeSimplify : ::testing::Test {
  MLIRContext context;

  AffineExpr parse(const std::string &text) {
    Attribute map =
        parseAttribute("affine_map<(d0, d1, d2, d3)[s0, s1, s2] -> (" + text + ")>", &context);
    EXPECT_TRUE(map) << text;
    return map ? cast<AffineMapAttr>(map).getAffineMap().getResult(0) : AffineExpr();
  }
  /// The range [0, size - 1]; sizes are parsed, so "12" and "s0 * s1" both do.
  SmallVector<IndexRange> extents(ArrayRef<const char *> sizes) {
    return llvm::map_to_vector(sizes,
                               [&](const char *size) { return IndexRange::ofExtent(parse(size)); });
  }
  SmallVector<AffineExpr> shape(ArrayRef<const char *> sizes) {
    return llvm::map_to_vector(sizes, [&](const char *size) { return parse(size); });
  }
  SmallVector<AffineExpr> dims(unsigned rank) {
    SmallVector<AffineExpr> result;
    for (unsigned i = 0; i < rank; ++i)
      result.push_back(getAffineDimExpr(i, &context));
    return result;
  }
  /// The index into `target`, of as many elements, of the element at `indices` in `shape`.
  SmallVector<AffineExpr> reshapeIndex(ArrayRef<AffineExpr> indices, ArrayRef<AffineExpr> shape,
                                       ArrayRef<AffineExpr> target, RangeSimplifier &ranges) {
    SmallVector<AffineExpr> result =
        delinearizeIndex(linearizeIndex(&context, indices, shape), target);
    for (AffineExpr &index : result)
      index = ranges.simplify(index);
    return result;
  }
  std::string simplify(const char *text, ArrayRef<const char *> sizes,
                       ArrayRef<IndexRange> symbols = {}) {
    return print(simplifyInRange(parse(text), extents(sizes), symbols));
  }
};

TEST_F(RangeSimplify, StaticTable) {
  struct {
    const char *input;
    SmallVector<const char *> sizes;
    const char *expected;
  } cases[] = {
      {"(d0 * 4 + d1) floordiv 4", {"8", "4"}, "d0"},
      {"(d0 * 4 + d1) mod 4", {"8", "4"}, "d1"},
      {"(d0 * 4 + d1) floordiv 4", {"8", "5"}, "d0 + d1 floordiv 4"},
      {"((d0 * 12 + d1 * 3 + d2) floordiv 3) mod 4", {"5", "4", "3"}, "d1"},
      {"(d0 * 12 + d1 * 3 + d2) mod 12", {"5", "4", "3"}, "d1 * 3 + d2"},
      {"(d0 * 12 + d1 * 3 + d2) floordiv 6", {"5", "4", "3"}, "d0 * 2 + d1 floordiv 2"},
      {"((d0 * 12 + d1 * 3 + d2) floordiv 3) mod 2", {"5", "4", "3"}, "d1 mod 2"},
      {"(d0 mod 12) mod 4", {"100"}, "d0 mod 4"},
      {"(d0 floordiv 5) * 5 + d0 mod 5", {"100"}, "d0"},
      {"d0 floordiv 100", {"100"}, "0"},
      {"d0 mod 100", {"100"}, "d0"},
      {"d0 floordiv 99", {"100"}, "d0 floordiv 99"},
      {"d0 + d1", {"1", "5"}, "d1"},
      // Negative ranges round down.
      {"(d0 - 4) floordiv 4", {"4"}, "-1"},
      {"(d0 - 4) mod 4", {"4"}, "d0"},
      {"(-d0 - 1) floordiv 8", {"8"}, "-1"},
      {"(-d0 + 7) floordiv 8", {"8"}, "0"},
      {"(-d0 + 7) mod 8", {"8"}, "-d0 + 7"},
      // Flip both dimensions of 8x4, and reshape.
      {"((7 - d0) * 4 + (3 - d1)) floordiv 4", {"8", "4"}, "-d0 + 7"},
      {"((7 - d0) * 4 + (3 - d1)) mod 4", {"8", "4"}, "-d1 + 3"},
      // Transpose within a split: 4x3 seen as 12.
      {"(d0 mod 3) * 4 + d0 floordiv 3", {"12"}, "d0 * 4 - (d0 floordiv 3) * 11"},
      {"((d0 mod 3) * 4 + d0 floordiv 3) floordiv 4", {"12"}, "d0 mod 3"},
      {"((d0 mod 3) * 4 + d0 floordiv 3) mod 4", {"12"}, "d0 floordiv 3"},
      // Remainders padded from 3 to 5, then from 4 to 6.
      {"((d0 floordiv 3) * 5 + d0 mod 3) floordiv 5", {"24"}, "d0 floordiv 3"},
      {"((d0 floordiv 3) * 5 + d0 mod 3) mod 5", {"24"}, "d0 mod 3"},
      {"((d0 floordiv 12) * 30 + ((d0 floordiv 3) mod 4) * 5 + d0 mod 3) floordiv 30",
       {"240"},
       "d0 floordiv 12"},
      {"(((d0 floordiv 12) * 30 + ((d0 floordiv 3) mod 4) * 5 + d0 mod 3) floordiv 5) mod 6",
       {"240"},
       "(d0 floordiv 3) mod 4"},
      {"((d0 floordiv 12) * 30 + ((d0 floordiv 3) mod 4) * 5 + d0 mod 3) mod 5",
       {"240"},
       "d0 mod 3"},
      {"(d0 mod 12 + d1) floordiv 15", {"100", "4"}, "0"},
  };
  for (auto &test : cases)
    EXPECT_EQ(simplify(test.input, test.sizes), print(parse(test.expected))) << test.input;
}

TEST_F(RangeSimplify, SymbolicTable) {
  struct {
    const char *input;
    SmallVector<const char *> sizes;
    const char *expected;
  } cases[] = {
      {"(d0 * s0 + d1) floordiv s0", {"8", "s0"}, "d0"},
      {"(d0 * s0 + d1) mod s0", {"8", "s0"}, "d1"},
      {"((d0 * s0 + d1) mod s0) + d2 * s0", {"8", "s0", "4"}, "d1 + d2 * s0"},
      {"(d0 * s0 * s1 + d1 * s1 + d2) floordiv s1", {"8", "s0", "s1"}, "d0 * s0 + d1"},
      {"((d0 * s0 * s1 + d1 * s1 + d2) floordiv s1) mod s0", {"8", "s0", "s1"}, "d1"},
      {"(d0 * s0 * s1 + d1 * s1 + d2) floordiv (s0 * s1)", {"8", "s0", "s1"}, "d0"},
      {"(d0 * s0 * s1 + d1 * s1 + d2) mod (s0 * s1)", {"8", "s0", "s1"}, "d1 * s1 + d2"},
      {"(d0 * s1 + d1) floordiv (s0 * s1)", {"100", "s1"}, "d0 floordiv s0"},
      // Sizes that are sums, as after padding.
      {"(d0 * (s0 + 2) + d1) floordiv (s0 + 2)", {"8", "s0 + 2"}, "d0"},
      {"(d0 * (s0 + 2) * s1 + d1 * s1 + d2) floordiv (s0 * s1 + s1 * 2)",
       {"8", "s0 + 2", "s1"},
       "d0"},
      {"((d0 * (s0 + 2) * s1 + d1 * s1 + d2) floordiv s1) mod (s0 + 2)",
       {"8", "s0 + 2", "s1"},
       "d1"},
      // Mixed with constants.
      {"(d0 * s0 * 4 + d1 * 4 + d2) floordiv 4", {"8", "s0", "4"}, "d0 * s0 + d1"},
      {"((d0 * s0 * 4 + d1 * 4 + d2) floordiv 4) mod s0", {"8", "s0", "4"}, "d1"},
      {"(d0 * 4 + d1) floordiv (s0 * 4)", {"s0", "4"}, "0"},
      {"(d0 * 4 + d1) mod (s0 * 4)", {"s0", "4"}, "d0 * 4 + d1"},
      // Flips.
      {"(s0 - 1 - d0) floordiv s0", {"s0"}, "0"},
      {"(d0 * s0 + s0 - 1 - d1) floordiv s0", {"8", "s0"}, "d0"},
      {"(d0 - s0) floordiv s0", {"s0"}, "-1"},
      // A flat index, split and joined again.
      {"(d0 floordiv s0) * s0 + d0 mod s0", {"s0 * s1"}, "d0"},
      {"d0 floordiv (s0 * s1)", {"s0 * s1"}, "0"},
      {"(d0 floordiv s0) mod s1", {"s0 * s1"}, "d0 floordiv s0"},
      {"((d0 mod s0) * s1 + d0 floordiv s0) mod s1", {"s0 * s1"}, "d0 floordiv s0"},
      {"((d0 mod s0) * s1 + d0 floordiv s0) floordiv s1", {"s0 * s1"}, "d0 mod s0"},
  };
  IndexRange size = IndexRange::atLeast(0);
  for (auto &test : cases)
    EXPECT_EQ(simplify(test.input, test.sizes, {size, size, size}), print(parse(test.expected)))
        << test.input;
}

TEST_F(RangeSimplify, Predicates) {
  IndexRange size = IndexRange::atLeast(1);
  RangeSimplifier ranges(&context, extents({"s0", "s1", "3", "(s0 - 3) floordiv 2 + 1"}),
                         {size, size, size});
  auto lessEqual = [&](const char *a, const char *b) {
    return ranges.provablyLessEqual(parse(a), parse(b));
  };
  EXPECT_EQ(lessEqual("d0", "s0 - 1"), true);
  EXPECT_EQ(lessEqual("d0 + 1", "s0"), true);
  EXPECT_EQ(lessEqual("s0", "d0"), false);
  EXPECT_EQ(lessEqual("d0", "s0 - 2"), std::nullopt);
  EXPECT_EQ(lessEqual("d0 * s1 + d1", "s0 * s1 - 1"), true);
  // A window of 3 with stride 2 stays inside.
  EXPECT_TRUE(ranges.alwaysInRange(parse("d3 * 2 + d2"), parse("0"), parse("s0 - 1")));
  EXPECT_FALSE(ranges.alwaysInRange(parse("d3 * 2 + d2 + 1"), parse("0"), parse("s0 - 1")));
  EXPECT_TRUE(ranges.alwaysInRange(parse("d0 mod 4"), 0, 3));
  EXPECT_FALSE(ranges.alwaysInRange(parse("d0"), 0, 3));
  EXPECT_TRUE(alwaysInRange(parse("d0 - 2"), 0, 7, {IndexRange::between(2, 9)}, {}));
  EXPECT_FALSE(alwaysInRange(parse("d0 - 2"), 0, 7, {IndexRange::between(1, 9)}, {}));
}

TEST_F(RangeSimplify, OneSimplifierServesManyExpressions) {
  RangeSimplifier ranges(&context, extents({"s0 floordiv 2 + 1", "s1"}), {});
  AffineExpr d0 = getAffineDimExpr(0, &context), d1 = getAffineDimExpr(1, &context);
  for (int64_t i = 2; i < 5000; ++i) {
    AffineExpr kept = (d0 + d1).floorDiv(i);
    EXPECT_EQ(ranges.simplify(kept + d0 - d0 * 2 + d0), kept);
    EXPECT_TRUE(ranges.alwaysInRange(d0 % i, 0, i - 1));
  }
  EXPECT_EQ(ranges.provablyLessEqual(d0, parse("s0 floordiv 2")), true);
}

TEST_F(RangeSimplify, EmptyRangesChangeNothing) {
  AffineExpr expr = parse("(d0 * 4 + d1) floordiv 4");
  EXPECT_EQ(simplifyInRange(expr, extents({"8", "0"}), {}), expr);
  EXPECT_EQ(delinearizeIndex(expr, shape({"4", "0"})), shape({"0", "0"}));
}

TEST_F(RangeSimplify, RankZeroAndOverflow) {
  EXPECT_EQ(linearizeIndex(&context, {}, {}), parse("0"));
  EXPECT_TRUE(delinearizeIndex(parse("0"), {}).empty());
  SmallVector<AffineExpr> huge(3, getAffineConstantExpr(int64_t(1) << 40, &context));
  EXPECT_FALSE(linearizeIndex(&context, dims(3), huge));
  EXPECT_TRUE(delinearizeIndex(parse("d0"), huge).empty());
}

/// Reshapes between shapes of as many elements: A to B to A reads the index itself.
TEST_F(RangeSimplify, StaticReshapeRoundTrips) {
  unsigned pairs = 0;
  for (int64_t count : {1, 6, 8, 12, 24, 30, 36, 72}) {
    std::vector<SmallVector<int64_t>> shapes = factorizations(count, /*maxRank=*/4);
    for (ArrayRef<int64_t> from : shapes)
      for (ArrayRef<int64_t> to : shapes) {
        if (count > 30 && (from.size() > 3 || to.size() > 3))
          continue;
        ++pairs;
        SmallVector<AffineExpr> a = getAffineConstantExprs(from, &context);
        SmallVector<AffineExpr> b = getAffineConstantExprs(to, &context);
        SmallVector<IndexRange> dimRanges =
            llvm::map_to_vector(from, [](int64_t size) { return IndexRange::ofExtent(size); });
        RangeSimplifier ranges(&context, dimRanges, {});
        SmallVector<AffineExpr> there = reshapeIndex(dims(from.size()), a, b, ranges);
        SmallVector<AffineExpr> back = reshapeIndex(there, b, a, ranges);
        for (auto [i, index] : llvm::enumerate(back))
          EXPECT_EQ(print(index), print(from[i] == 1 ? parse("0") : dims(4)[i]))
              << print(from) << " to " << print(to);
      }
  }
  EXPECT_GT(pairs, 5000u);
}

/// Pad every dimension of B by one between the reshapes, as views of windows do.
TEST_F(RangeSimplify, PaddedReshapesKeepTheirDigits) {
  std::vector<SmallVector<int64_t>> shapes = factorizations(24, /*maxRank=*/3);
  for (ArrayRef<int64_t> from : shapes)
    for (ArrayRef<int64_t> to : shapes) {
      SmallVector<IndexRange> dimRanges =
          llvm::map_to_vector(from, [](int64_t size) { return IndexRange::ofExtent(size); });
      RangeSimplifier ranges(&context, dimRanges, {});
      SmallVector<AffineExpr> there =
          reshapeIndex(dims(from.size()), getAffineConstantExprs(from, &context),
                       getAffineConstantExprs(to, &context), ranges);
      SmallVector<int64_t> padded(to);
      for (int64_t &size : padded)
        ++size;
      SmallVector<AffineExpr> sizes = getAffineConstantExprs(padded, &context);
      SmallVector<AffineExpr> back = reshapeIndex(there, sizes, sizes, ranges);
      for (auto [index, expected] : llvm::zip_equal(back, there))
        EXPECT_EQ(print(index), print(expected)) << print(from) << " to " << print(to);
    }
}

TEST_F(RangeSimplify, SymbolicReshapeRoundTrips) {
  // Shapes of the same size, with symbols.
  SmallVector<SmallVector<SmallVector<const char *>>> classes = {
      {{"s0 * s1 * s2"},
       {"s0", "s1 * s2"},
       {"s0 * s1", "s2"},
       {"s0", "s1", "s2"},
       {"s2", "s1", "s0"},
       {"s1", "s0 * s2"},
       {"1", "s0", "s1", "s2"}},
      {{"s0 * 12"},
       {"s0", "12"},
       {"s0", "3", "4"},
       {"s0 * 3", "4"},
       {"s0 * 4", "3"},
       {"3", "4", "s0"}},
      {{"(s0 + 2) * s1 * 4"},
       {"s0 + 2", "s1", "4"},
       {"4", "(s0 + 2) * s1"},
       {"2", "s0 + 2", "2", "s1"}},
  };
  SmallVector<IndexRange> sizes(3, IndexRange::atLeast(0));
  for (auto &shapes : classes)
    for (auto &from : shapes)
      for (auto &to : shapes) {
        RangeSimplifier ranges(&context, extents(from), sizes);
        SmallVector<AffineExpr> there =
            reshapeIndex(dims(from.size()), shape(from), shape(to), ranges);
        SmallVector<AffineExpr> back = reshapeIndex(there, shape(to), shape(from), ranges);
        for (auto [i, index] : llvm::enumerate(back))
          EXPECT_EQ(print(index), print(from[i] == StringRef("1") ? parse("0") : dims(4)[i]))
              << llvm::join(from, "x") << " to " << llvm::join(to, "x");
      }
}

/// Merging adjacent dims, and splitting them where they were merged, is purely affine.
TEST_F(RangeSimplify, MergesAndSplitsAreAffine) {
  for (ArrayRef<int64_t> fine : factorizations(72, /*maxRank=*/4)) {
    SmallVector<IndexRange> dimRanges =
        llvm::map_to_vector(fine, [](int64_t size) { return IndexRange::ofExtent(size); });
    RangeSimplifier ranges(&context, dimRanges, {});
    // Bit i of the mask merges dims i and i + 1.
    for (unsigned mask = 0; mask < 1u << (fine.size() - 1); ++mask) {
      SmallVector<int64_t> merged{fine[0]};
      for (size_t i = 1; i < fine.size(); ++i)
        if (mask >> (i - 1) & 1)
          merged.back() *= fine[i];
        else
          merged.push_back(fine[i]);
      for (AffineExpr index :
           reshapeIndex(dims(fine.size()), getAffineConstantExprs(fine, &context),
                        getAffineConstantExprs(merged, &context), ranges))
        EXPECT_EQ(print(index).find("floordiv"), std::string::npos) << print(index);
    }
  }
}

} // namespace
