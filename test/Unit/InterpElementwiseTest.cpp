//===- InterpElementwiseTest.cpp - Meaning of elementwise operations -----===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "InterpTestUtils.h"

#include <cmath>
#include <limits>

using namespace tg;
using namespace tg::test;

namespace {
constexpr double inf = std::numeric_limits<double>::infinity();
const double qnan = std::numeric_limits<double>::quiet_NaN();

/// One operation on rank-1 operands and what it must give, bit for bit but for NaNs.
class ElementwiseTest : public InterpTest {
protected:
  void expect(llvm::StringRef name, DType dtype, std::vector<std::vector<double>> operands,
              std::vector<double> expected, std::optional<DType> resultType = std::nullopt) {
    int64_t n = expected.size();
    std::vector<rt::Tensor> inputs;
    std::string op = "uop." + name.str() + " ";
    for (size_t i = 0; i < operands.size(); ++i) {
      bool isCondition = name == "where" && i == 0;
      inputs.push_back(makeTensor(isCondition ? DType::I1 : dtype, {n}, operands[i]));
      op += std::string(i ? ", %" : "%") + char('a' + i);
    }
    DType to = resultType.value_or(dtype);
    std::string type = rt::tensorTypeName(to, {n});
    op += " : " + inputs.back().typeName();
    if (name == "cast" || name == "bitcast")
      op += " -> " + type;
    rt::Tensor result = runOp(op, inputs, type);
    for (int64_t i = 0; i < n; ++i) {
      double actual = result.getDouble(i);
      if (std::isnan(expected[i])) {
        EXPECT_TRUE(std::isnan(actual)) << op << " element " << i << ": " << actual;
        continue;
      }
      EXPECT_EQ(actual, expected[i]) << op << " element " << i;
      EXPECT_EQ(std::signbit(actual), std::signbit(expected[i])) << op << " element " << i;
    }
  }

  void expectCompare(llvm::StringRef name, DType dtype, std::vector<std::vector<double>> operands,
                     std::vector<double> expected) {
    expect(name, dtype, operands, expected, DType::I1);
  }
};

const DType floats[] = {DType::F16, DType::BF16, DType::F32, DType::F64};
const DType signedTypes[] = {DType::I8, DType::I16, DType::I32, DType::I64};
const DType unsignedTypes[] = {DType::UI8, DType::UI16, DType::UI32, DType::UI64};
} // namespace

TEST_F(ElementwiseTest, FloatArithmetic) {
  for (DType type : floats) {
    expect("add", type, {{1, -0.0, inf, inf}, {2, -0.0, 1, -inf}}, {3, -0.0, inf, qnan});
    expect("sub", type, {{1, 0, inf}, {2, 0, inf}}, {-1, 0, qnan});
    expect("mul", type, {{3, -0.0, inf}, {-2, 5, 0}}, {-6, -0.0, qnan});
    expect("fdiv", type, {{3, 1, -1, 0}, {-2, 0, 0, 0}}, {-1.5, inf, -inf, qnan});
    expect("reciprocal", type, {{4, 0, -0.0, inf}}, {0.25, inf, -inf, 0});
    expect("sqrt", type, {{4, -0.0, -1, inf}}, {2, -0.0, qnan, inf});
    expect("neg", type, {{1, 0, -inf}}, {-1, -0.0, inf});
    expect("fma", type, {{3, inf, 2}, {4, 0, -2}, {5, 1, 4}}, {17, qnan, 0});
    expect("max", type, {{1, -0.0, qnan, -inf}, {2, 0, 1, 3}}, {2, 0, qnan, 3});
    expect("min", type, {{1, -0.0, 1, inf}, {2, 0, qnan, 3}}, {1, -0.0, qnan, 3});
  }
}

TEST_F(ElementwiseTest, FloatDivisionWithRemainder) {
  for (DType type : floats) {
    expect("floordiv", type, {{7, -7, 7, -7, 1, -0.0, inf, 1}, {2, 2, -2, -2, 0, 3, 2, -inf}},
           {3, -4, -4, 3, inf, -0.0, qnan, -1});
    expect("floormod", type, {{7, -7, 7, -7, 1, 4, inf, 1}, {2, 2, -2, -2, 0, -2, 2, inf}},
           {1, 1, -1, -1, qnan, -0.0, qnan, 1});
    expect("cmod", type, {{7, -7, 7, -4, 1, inf, 1}, {2, 2, -2, 2, 0, 2, inf}},
           {1, -1, 1, -0.0, qnan, qnan, 1});
  }
}

TEST_F(ElementwiseTest, FloatRounding) {
  for (DType type : floats) {
    expect("trunc", type, {{2.5, -2.5, -0.5, inf, qnan}}, {2, -2, -0.0, inf, qnan});
    expect("floor", type, {{2.5, -2.5, -0.0, -0.5}}, {2, -3, -0.0, -1});
    expect("ceil", type, {{2.5, -2.5, -0.5, 0.5}}, {3, -2, -0.0, 1});
    expect("round", type, {{2.5, 3.5, -2.5, -0.5}}, {2, 4, -2, -0.0});
  }
}

TEST_F(ElementwiseTest, Transcendental) {
  for (DType type : floats) {
    expect("exp2", type, {{3, -inf, inf, qnan, -1}}, {8, 0, inf, qnan, 0.5});
    expect("log2", type, {{8, 0, -0.0, -1, inf}}, {3, -inf, -inf, qnan, inf});
    expect("exp", type, {{0, -inf, inf}}, {1, 0, inf});
    expect("log", type, {{1, 0, -1}}, {0, -inf, qnan});
    expect("sin", type, {{0, -0.0, inf}}, {0, -0.0, qnan});
    expect("cos", type, {{0, inf}}, {1, qnan});
    expect("tan", type, {{-0.0, inf}}, {-0.0, qnan});
    expect("asin", type, {{-0.0, 2}}, {-0.0, qnan});
    expect("acos", type, {{1, 2}}, {0, qnan});
    expect("atan", type, {{-0.0}}, {-0.0});
    expect("sinh", type, {{-0.0, inf}}, {-0.0, inf});
    expect("cosh", type, {{0, -inf}}, {1, inf});
    expect("tanh", type, {{-0.0, inf, -inf}}, {-0.0, 1, -1});
    expect("asinh", type, {{-0.0, inf}}, {-0.0, inf});
    expect("acosh", type, {{1, 0.5}}, {0, qnan});
    expect("atanh", type, {{-0.0, 1, -1, 2}}, {-0.0, inf, -inf, qnan});
    expect("erf", type, {{-0.0, inf, -inf}}, {-0.0, 1, -1});
    expect("pow", type, {{2, qnan, 1, -8, 0, -2}, {10, 0, qnan, 0.5, -1, 3}},
           {1024, 1, 1, qnan, inf, -8});
  }
  // Correctly rounded f32 values.
  expect("exp", DType::F32, {{1, -88}}, {2.7182817459106445, double(float(std::exp(-88.0)))});
  expect("sin", DType::F32, {{1e30}}, {double(float(std::sin(double(1e30f))))});
}

TEST_F(ElementwiseTest, NarrowFloatsRoundOnce) {
  // 1 + 2^-8 is a tie in bf16; the even neighbor is 1.
  expect("add", DType::BF16, {{1, 1}, {0x1p-8, 0x1.8p-8}}, {1, 1.0078125});
  // 240 + 8 = 248 is a tie of f8E4M3FN between 240 and 256: to even, 256. Above 464: NaN.
  expect("add", DType::F8E4M3FN, {{240, 448, 448}, {8, 16, 32}}, {256, 448, qnan});
  expect("mul", DType::F8E5M2, {{57344, 1.25, 0x1p-16}, {2, 1.25, 0.25}}, {inf, 1.5, 0});
  // f64 would round the product's tail away and then break the tie to even: 1.
  expect("fma", DType::BF16, {{0x1p-60}, {0x1p-60}, {1}}, {1});
  expect("fma", DType::BF16, {{0x1p-4, 0x1p-4}, {0x1p-4, 0x1p-4}, {1, 0x1.02p0}}, {1, 0x1.04p0});
  expect("mul", DType::F16, {{60000, 0x1p-24}, {2, 0.5}}, {inf, 0});
}

TEST_F(ElementwiseTest, SignedIntegers) {
  for (DType type : signedTypes) {
    double least = -std::ldexp(1.0, bitWidth(type) - 1);
    expect("add", type, {{1, least}, {2, least}}, {3, 0});
    expect("sub", type, {{1, least}, {2, least}}, {-1, 0});
    expect("mul", type, {{3, least}, {-2, -1}}, {-6, least});
    expect("neg", type, {{3, least}}, {-3, least});
    expect("not", type, {{0, -1}}, {-1, 0});
    expect("floordiv", type, {{7, -7, 7, -7, 5, least}, {2, 2, -2, -2, 0, -1}},
           {3, -4, -4, 3, 0, least});
    expect("floormod", type, {{7, -7, 7, -7, 5, least}, {2, 2, -2, -2, 0, -1}},
           {1, 1, -1, -1, 5, 0});
    expect("cdiv", type, {{7, -7, 7, 5, least}, {2, 2, -2, 0, -1}}, {3, -3, -3, 0, least});
    expect("cmod", type, {{7, -7, 7, 5, least}, {2, 2, -2, 0, -1}}, {1, -1, 1, 5, 0});
    expect("pow", type, {{3, -1, 0, 2, 1, 0, -1}, {4, 3, 0, -1, -5, -2, -4}},
           {81, -1, 1, 0, 1, 0, 1});
    expect("max", type, {{-1}, {1}}, {1});
    expect("min", type, {{-1}, {1}}, {-1});
    expect("shl", type, {{1, -1, 1}, {3, 100, -1}}, {8, 0, 0});
    expect("shr", type, {{-8, -8, 8, -8}, {1, 100, 100, -1}}, {-4, -1, 0, -1});
    expect("and", type, {{6}, {-4}}, {4});
    expect("or", type, {{6}, {1}}, {7});
    expect("xor", type, {{6}, {3}}, {5});
  }
}

TEST_F(ElementwiseTest, UnsignedIntegers) {
  for (DType type : unsignedTypes) {
    // One less than a power of two is no f64 for ui64: take the upper half's start.
    double half = std::ldexp(1.0, bitWidth(type) - 1);
    expect("add", type, {{half, 1}, {half, 2}}, {0, 3});
    expect("mul", type, {{half, 3}, {2, 5}}, {0, 15});
    expect("floordiv", type, {{half, 7}, {2, 0}}, {half / 2, 0});
    expect("cmod", type, {{7, 7}, {4, 0}}, {3, 7});
    expect("max", type, {{half}, {1}}, {half});
    expect("shr", type, {{half, half}, {1, 64}}, {half / 2, 0});
    expect("shl", type, {{half, 1}, {1, 2}}, {0, 4});
    expect("pow", type, {{3, 2}, {4, 64}}, {81, 0});
    expectCompare("cmplt", type, {{half, 1}, {1, half}}, {0, 1});
  }
}

TEST_F(ElementwiseTest, Booleans) {
  expect("and", DType::I1, {{0, 0, 1, 1}, {0, 1, 0, 1}}, {0, 0, 0, 1});
  expect("or", DType::I1, {{0, 0, 1, 1}, {0, 1, 0, 1}}, {0, 1, 1, 1});
  expect("xor", DType::I1, {{0, 0, 1, 1}, {0, 1, 0, 1}}, {0, 1, 1, 0});
  expect("max", DType::I1, {{0, 0}, {0, 1}}, {0, 1});
  expect("min", DType::I1, {{1, 1}, {0, 1}}, {0, 1});
  expect("not", DType::I1, {{0, 1}}, {1, 0});
  expectCompare("cmplt", DType::I1, {{0, 1}, {1, 0}}, {1, 0});
  expectCompare("cmpeq", DType::I1, {{0, 1}, {1, 1}}, {0, 1});
}

TEST_F(ElementwiseTest, Comparisons) {
  for (DType type : floats) {
    expectCompare("cmplt", type, {{1, 2, qnan, -0.0}, {2, 1, 1, 0}}, {1, 0, 0, 0});
    expectCompare("cmple", type, {{1, 2, qnan, -0.0}, {1, 1, 1, 0}}, {1, 0, 0, 1});
    expectCompare("cmpne", type, {{1, 2, qnan, -0.0}, {1, 1, qnan, 0}}, {0, 1, 1, 0});
    expectCompare("cmpeq", type, {{1, 2, qnan, -0.0}, {1, 1, qnan, 0}}, {1, 0, 0, 1});
  }
  expectCompare("cmplt", DType::F8E5M2, {{1, qnan}, {2, 1}}, {1, 0});
  expectCompare("cmple", DType::I8, {{-1}, {1}}, {1});
}

TEST_F(ElementwiseTest, Where) {
  expect("where", DType::F32, {{1, 0, 1}, {1, 2, -0.0}, {3, qnan, 5}}, {1, qnan, -0.0});
  expect("where", DType::UI64, {{1, 0}, {1, 2}, {3, 4}}, {1, 4});
  expect("where", DType::I1, {{1, 0}, {1, 1}, {0, 0}}, {1, 0});
}

TEST_F(ElementwiseTest, Casts) {
  expect("cast", DType::F32, {{2.9, -2.9, 1e10, -1e10, qnan}}, {2, -2, 127, -128, 0}, DType::I8);
  expect("cast", DType::F32, {{-1, 300, 2.5}}, {0, 255, 2}, DType::UI8);
  expect("cast", DType::F64, {{1e30, -1}}, {0x1p64, 0}, DType::UI64);
  expect("cast", DType::F32, {{0, -0.0, 0.1, qnan}}, {0, 0, 1, 1}, DType::I1);
  expect("cast", DType::I32, {{300, -1, 128}}, {44, -1, -128}, DType::I8);
  expect("cast", DType::I8, {{-1}}, {4294967295.0}, DType::UI32);
  expect("cast", DType::UI8, {{255}}, {255}, DType::I32);
  expect("cast", DType::I32, {{16777217, -16777219}}, {16777216, -16777220}, DType::F32);
  expect("cast", DType::I64, {{0x1p60}}, {0x1p60}, DType::BF16);
  expect("cast", DType::I1, {{1, 0}}, {1, 0}, DType::F16);
  expect("cast", DType::F32, {{1e10, 1e-10, 65519, 65520}}, {inf, 0, 65504, inf}, DType::F16);
  expect("cast", DType::F32, {{464, 465, 17}}, {448, qnan, 16}, DType::F8E4M3FN);
  expect("cast", DType::F32, {{7, 0.2}}, {6, 0}, DType::F4E2M1FN);
  expect("cast", DType::F32, {{3, 0.7}}, {4, 0.5}, DType::F8E8M0FNU);
  expect("cast", DType::F32, {{-9, 7.9, 3}}, {-8, 7, 3}, DType::I4);
  expect("cast", DType::I4, {{-8, 7, 0, -1, 3}}, {-8, 7, 0, -1, 3}, DType::F32);
  expect("cast", DType::UI2, {{3, 2, 1, 0, 3}}, {3, 2, 1, 0, 3}, DType::I8);
  expect("cast", DType::F4E2M1FN, {{6, -0.5, 1}}, {6, -0.5, 1}, DType::BF16);
}

TEST_F(ElementwiseTest, CastOfLargeIntegersRoundsOnce) {
  // 2^62 + 2^54 + 1: f64 would drop the last bit, and bf16 (8 bits) then tie down.
  rt::Tensor input = i64({1}, {0});
  input.setInt(0, (int64_t(1) << 62) + (int64_t(1) << 54) + 1);
  rt::Tensor result =
      runOp("uop.cast %a : tensor<1xi64> -> tensor<1xbf16>", {input}, "tensor<1xbf16>");
  EXPECT_EQ(result.getDouble(0), 0x1.02p62);
}

TEST_F(ElementwiseTest, Bitcasts) {
  expect("bitcast", DType::F32, {{1, -0.0}}, {0x3F800000, -0x1p31}, DType::I32);
  expect("bitcast", DType::I32, {{0x3F800000}}, {1}, DType::F32);
  expect("bitcast", DType::I8, {{-1}}, {255}, DType::UI8);
  expect("bitcast", DType::I4, {{-1, 2}}, {-6, 1}, DType::F4E2M1FN);
  expect("bitcast", DType::F16, {{1}}, {0x3C00}, DType::UI16);
}

TEST_F(ElementwiseTest, NaNPayloadsPassMovementAndSelection) {
  rt::Tensor input = f32({2}, {0, 0});
  input.as<uint32_t>()[0] = 0x7FA00001; // signaling, with a payload
  input.as<uint32_t>()[1] = 0xFFC12345;
  auto result = run(R"mlir(
func.func @main(%a: tensor<2xf32>) -> tensor<2xi32> {
  %f = uop.flip %a [0] : tensor<2xf32> -> tensor<2xf32>
  %n = uop.neg %f : tensor<2xf32>
  %b = uop.bitcast %n : tensor<2xf32> -> tensor<2xi32>
  return %b : tensor<2xi32>
})mlir",
                    {input});
  EXPECT_EQ(result[0].as<uint32_t>()[0], 0x7FC12345u);
  EXPECT_EQ(result[0].as<uint32_t>()[1], 0xFFA00001u);
}

TEST_F(ElementwiseTest, Threefry) {
  // Known answers of Random123 for threefry2x32, 20 rounds.
  auto words = [](uint32_t low, uint32_t high) { return uint64_t(high) << 32 | low; };
  rt::Tensor counter = *rt::Tensor::zeros(DType::UI64, {3}), key = *counter.clone();
  counter.as<uint64_t>()[1] = key.as<uint64_t>()[1] = ~uint64_t(0);
  counter.as<uint64_t>()[2] = words(0x243f6a88, 0x85a308d3);
  key.as<uint64_t>()[2] = words(0x13198a2e, 0x03707344);
  rt::Tensor result =
      runOp("uop.threefry %a, %b : tensor<3xui64>", {counter, key}, "tensor<3xui64>");
  EXPECT_EQ(result.as<uint64_t>()[0], words(0x6b200159, 0x99ba4efe));
  EXPECT_EQ(result.as<uint64_t>()[1], words(0x1cb996fc, 0xbb002be7));
  EXPECT_EQ(result.as<uint64_t>()[2], words(0xc4923a9c, 0x483df7a0));
}
