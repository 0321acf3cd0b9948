//===- ShapeExprTest.cpp - Canonical size expressions -----------*- C++ -*-===//
//
// Part of tg, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Support/ShapeExpr.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/MLIRContext.h"

#include "gtest/gtest.h"

#include <random>

using namespace mlir;
using namespace tg;

namespace {

struct ShapeExpr : ::testing::Test {
  MLIRContext context;

  AffineExpr parse(const std::string &text) {
    Attribute map = parseAttribute("affine_map<()[s0, s1, s2] -> (" + text + ")>", &context);
    EXPECT_TRUE(map) << text;
    return map ? cast<AffineMapAttr>(map).getAffineMap().getResult(0) : AffineExpr();
  }
  static std::string print(AffineExpr expr) {
    std::string text;
    llvm::raw_string_ostream(text) << expr;
    return text;
  }
  AffineExpr constant(int64_t value) { return getAffineConstantExpr(value, &context); }
  AffineExpr symbol(unsigned position) { return getAffineSymbolExpr(position, &context); }
};

TEST_F(ShapeExpr, Table) {
  const char *cases[][2] = {
      {"s0 + s1", "s0 + s1"},
      {"s1 + s0", "s0 + s1"},
      {"s0 * (s1 + 2) - s0 * s1", "s0 * 2"},
      {"(s0 + 1) * (s0 + 1)", "s0 * s0 + s0 * 2 + 1"},
      {"(s0 * 4 + 6) floordiv 2", "s0 * 2 + 3"},
      {"(s0 * 4 + s1) floordiv 4", "s0 + s1 floordiv 4"},
      {"(s0 floordiv 2) floordiv 3", "s0 floordiv 6"},
      {"(s0 * 6 + s1 * 4 + 1) floordiv 8", "(s0 * 3 + s1 * 2) floordiv 4"},
      {"s0 ceildiv 2", "(s0 + 1) floordiv 2"},
      {"(s0 - 1) floordiv 2 + 1", "(s0 + 1) floordiv 2"},
      {"(s0 * 8 + s1) mod 8", "s1 mod 8"},
      {"(s0 mod 12) mod 4", "s0 mod 4"},
      {"(s0 floordiv 4) * 4 + s0 mod 4", "s0"},
      {"(s0 floordiv 3) mod 4", "(s0 floordiv 3) mod 4"},
      {"(s0 mod 12) floordiv 3", "(s0 floordiv 3) mod 4"},
      {"(s0 * 4) mod 8", "(s0 mod 2) * 4"},
      {"(s0 * s1) floordiv s0", "s1"},
      {"(s0 * s1) mod s1", "0"},
      {"(s0 * s1 + s2) floordiv s1", "s0 + s2 floordiv s1"},
      {"(s0 * (s1 + 3) + s2) floordiv (s1 + 3)", "s0 + s2 floordiv (s1 + 3)"},
      {"(s0 * s1 * s2) floordiv (s0 * s2)", "s1"},
      {"(s0 floordiv s1) * s1 + s0 mod s1", "s0"},
      {"s0 ceildiv s1", "(s0 - 1) floordiv s1 + 1"},
  };
  for (auto &[input, expected] : cases)
    EXPECT_EQ(print(canonicalizeShapeExpr(parse(input))), print(parse(expected))) << input;
}

TEST_F(ShapeExpr, EqualPolynomialsAreTheSamePointer) {
  const char *pairs[][2] = {
      {"(s0 + s1) * (s0 - s1)", "s0 * s0 - s1 * s1"},
      {"(s0 + s1 + s2) * 2 - s2", "s2 + s1 * 2 + s0 * 2"},
      {"s0 * s1 * s2", "s2 * (s1 * s0)"},
      {"(s0 + 2 * 1 - 1 * (3 - 1) - 1) floordiv 2 + 1", "s0 ceildiv 2"},
      {"(s0 + s1) floordiv 3 + (s0 + 5) mod 3", "(s0 + 2) mod 3 + (s1 + s0) floordiv 3"},
  };
  for (auto &[a, b] : pairs)
    EXPECT_EQ(canonicalizeShapeExpr(parse(a)), canonicalizeShapeExpr(parse(b))) << a;
}

TEST_F(ShapeExpr, OverflowLeavesTheExpression) {
  AffineExpr big = symbol(0) * (int64_t(1) << 60);
  AffineExpr expr = (big + symbol(1)) * symbol(1) + big * symbol(1) * 3;
  EXPECT_EQ(canonicalizeShapeExpr(expr), expr);
  AffineExpr min = symbol(0) * INT64_MIN;
  EXPECT_EQ(canonicalizeShapeExpr(min), min);
  AffineExpr byZero = getAffineBinaryOpExpr(AffineExprKind::FloorDiv, symbol(0), constant(0));
  EXPECT_EQ(canonicalizeShapeExpr(byZero), byZero);
}

TEST_F(ShapeExpr, LargeExpressionsEndQuickly) {
  AffineExpr sum = symbol(0), power = symbol(0) + 1;
  for (unsigned i = 1; i < 200; ++i)
    sum = sum + symbol(i) * int64_t(i);
  AffineExpr canonical = canonicalizeShapeExpr(sum);
  EXPECT_EQ(canonicalizeShapeExpr(canonical), canonical);
  // Squaring shares its operand: 2^12 terms when expanded.
  for (unsigned i = 0; i < 12; ++i)
    power = power * power + symbol(i);
  EXPECT_EQ(canonicalizeShapeExpr(power), power);
  EXPECT_EQ(evalShapeExpr(power, {}, SmallVector<int64_t>(12, 0)), 1);
  AffineExpr deep = symbol(0);
  for (unsigned i = 0; i < 2000; ++i)
    deep = deep.floorDiv(symbol(i % 7)) + symbol(1);
  EXPECT_EQ(canonicalizeShapeExpr(deep), deep);
  AffineExpr squared = sum * sum;
  EXPECT_EQ(canonicalizeShapeExpr(squared), squared);
  AffineExpr floors = constant(0);
  for (unsigned i = 0; i < 100; ++i)
    floors = floors + (symbol(i) + symbol(i + 1)).floorDiv(i + 2) * int64_t(i + 1);
  floors = floors.floorDiv(7) + floors % 12;
  AffineExpr once = canonicalizeShapeExpr(floors);
  EXPECT_EQ(canonicalizeShapeExpr(once), once);
}

TEST_F(ShapeExpr, Eval) {
  auto eval = [&](const char *text, ArrayRef<int64_t> values) {
    return evalShapeExpr(parse(text), {}, values);
  };
  EXPECT_EQ(eval("s0 * s1 + 3", {4, 5}), 23);
  EXPECT_EQ(eval("s0 floordiv 4", {-1}), -1);
  EXPECT_EQ(eval("s0 ceildiv 4", {-1}), 0);
  EXPECT_EQ(eval("s0 mod 4", {-1}), 3);
  EXPECT_EQ(eval("s0 floordiv s1", {7, 0}), std::nullopt);
  EXPECT_EQ(eval("s0 mod s1", {7, -2}), std::nullopt);
  EXPECT_EQ(eval("s0 * s1", {INT64_MAX, 2}), std::nullopt);
  EXPECT_EQ(eval("s0 + s1", {INT64_MAX, 1}), std::nullopt);
  EXPECT_EQ(eval("s0 - s1", {INT64_MIN, INT64_MIN}), std::nullopt);
  EXPECT_EQ(eval("s2", {1, 2}), std::nullopt);
}

TEST_F(ShapeExpr, Bounds) {
  ShapeBounds small{1, 8}, any{INT64_MIN, INT64_MAX};
  auto bound = [&](const char *text, ArrayRef<ShapeBounds> symbols) {
    return boundShapeExpr(parse(text), {}, symbols);
  };
  EXPECT_EQ(bound("s0 * 3 - 1", {small}), ShapeBounds(2, 23));
  EXPECT_EQ(bound("s0 - s0", {any}), ShapeBounds(0, 0));
  EXPECT_EQ(bound("s0 mod 5", {any}), ShapeBounds(0, 4));
  EXPECT_EQ(bound("s0 floordiv s1", {{-7, 7}, small}), ShapeBounds(-7, 7));
  EXPECT_EQ(bound("s0 * s1", {small, small}), ShapeBounds(1, 64));
  EXPECT_EQ(bound("s0 + s1", {small}), std::nullopt);
  EXPECT_EQ(bound("s0 * s0", {{0, INT64_MAX - 1}}), std::nullopt);
}

/// A random expression over three symbols, divisors included.
AffineExpr randomExpr(MLIRContext &context, std::mt19937 &random, int depth) {
  auto pick = [&](int n) { return int(random() % n); };
  if (depth == 0 || pick(5) == 0) {
    if (pick(3) == 0)
      return getAffineConstantExpr(pick(13) - 5, &context);
    return getAffineSymbolExpr(pick(3), &context);
  }
  AffineExpr lhs = randomExpr(context, random, depth - 1);
  AffineExpr divisor = pick(3) ? getAffineConstantExpr(pick(12) + 1, &context)
                               : randomExpr(context, random, depth - 1);
  if (auto value = dyn_cast<AffineConstantExpr>(divisor); value && value.getValue() < 1)
    divisor = getAffineConstantExpr(2, &context);
  switch (pick(7)) {
  case 0:
    return lhs.floorDiv(divisor);
  case 1:
    return lhs.ceilDiv(divisor);
  case 2:
    return lhs % divisor;
  case 3:
    return lhs * randomExpr(context, random, depth - 1);
  case 4:
    return lhs * int64_t(pick(13) - 6);
  default:
    return lhs + randomExpr(context, random, depth - 1);
  }
}

TEST_F(ShapeExpr, RandomExpressionsKeepTheirValue) {
  std::mt19937 random(7);
  constexpr int64_t least = -3, most = 5;
  ShapeBounds range{least, most};
  unsigned failures = 0;
  for (unsigned n = 0; n < 4000 && failures < 10; ++n) {
    AffineExpr expr = randomExpr(context, random, 4);
    AffineExpr canonical = canonicalizeShapeExpr(expr);
    failures += canonicalizeShapeExpr(canonical) != canonical;
    EXPECT_EQ(canonicalizeShapeExpr(canonical), canonical)
        << print(expr) << "  ->  " << print(canonical) << "  ->  "
        << print(canonicalizeShapeExpr(canonical));
    std::optional<ShapeBounds> bounds = boundShapeExpr(expr, {}, {range, range, range});
    ShapeFaults faults = findShapeFaults(expr, {range, range, range});
    bool good = true, isDefined = faults.divisors.empty() && !faults.mayOverflow;
    for (int64_t a = least; a <= most && good; ++a)
      for (int64_t b = least; b <= most && good; ++b)
        for (int64_t c = least; c <= most && good; ++c) {
          std::optional<int64_t> value = evalShapeExpr(expr, {}, {a, b, c});
          if (!value) {
            good = !isDefined;
            EXPECT_TRUE(good) << print(expr) << " has no value at " << a << ", " << b << ", " << c;
            continue;
          }
          good = evalShapeExpr(canonical, {}, {a, b, c}) == value &&
                 (!bounds || (bounds->first <= *value && *value <= bounds->second));
          EXPECT_TRUE(good) << print(expr) << "  ->  " << print(canonical) << " at " << a << ", "
                            << b << ", " << c;
        }
    failures += !good;
  }
}

/// Of which expressions something has to be checked.
TEST_F(ShapeExpr, Faults) {
  constexpr int64_t large = int64_t(1) << 40;
  ShapeBounds bounds[] = {{0, 1024}, {1, 1024}, {0, large}};
  auto faultsOf = [&](const std::string &text) { return findShapeFaults(parse(text), bounds); };
  EXPECT_TRUE(faultsOf("8 floordiv s1 + 8 mod s1 + 8 ceildiv (s0 + 1)").divisors.empty());
  EXPECT_EQ(faultsOf("8 floordiv s0").divisors, (SmallVector<AffineExpr, 2>{symbol(0)}));
  EXPECT_EQ(faultsOf("8 mod (s1 - 1) + 7 ceildiv (s1 - 1)").divisors.size(), 1u);
  EXPECT_FALSE(faultsOf("s0 * s2 * 4096").mayOverflow);
  EXPECT_TRUE(faultsOf("s0 * s2 * 4096 + s0 * s2 * 4096").mayOverflow);
  EXPECT_TRUE(faultsOf("s2 * s2").mayOverflow);
  EXPECT_FALSE(faultsOf("(s2 mod 8) * s2").mayOverflow);
}

} // namespace
