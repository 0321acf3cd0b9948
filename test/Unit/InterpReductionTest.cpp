//===- InterpReductionTest.cpp - Reductions, scans, sort, gather, scatter =//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "InterpTestUtils.h"

#include <cmath>
#include <cstring>
#include <limits>

using namespace tg;
using namespace tg::test;

using Values = std::vector<double>;
static constexpr double inf = std::numeric_limits<double>::infinity();
static const double qnan = std::numeric_limits<double>::quiet_NaN();

class ReductionTest : public InterpTest {};

TEST_F(ReductionTest, Kinds) {
  rt::Tensor x = f32({2, 3}, {1, 2, 3, 4, 5, -6});
  auto reduce = [&](llvm::StringRef kind) {
    return valuesOf(
        runOp("uop.reduce " + kind.str() + " %a axes [1] : (tensor<2x3xf32>) -> tensor<2xf32>", {x},
              "tensor<2xf32>"));
  };
  EXPECT_EQ(reduce("add"), Values({6, 3}));
  EXPECT_EQ(reduce("mul"), Values({6, -120}));
  EXPECT_EQ(reduce("max"), Values({3, 5}));
  EXPECT_EQ(reduce("min"), Values({1, -6}));
  EXPECT_EQ(valuesOf(runOp("uop.reduce add %a axes [0] : (tensor<2x3xf32>) -> tensor<3xf32>", {x},
                           "tensor<3xf32>")),
            Values({5, 7, -3}));
  EXPECT_EQ(valuesOf(runOp("uop.reduce max %a axes [0, 1] : (tensor<2x2xi1>) -> tensor<i1>",
                           {makeTensor(DType::I1, {2, 2}, {0, 0, 1, 0})}, "tensor<i1>")),
            Values({1}));
  EXPECT_EQ(valuesOf(runOp("uop.reduce add %a axes [0] : (tensor<3xi8>) -> tensor<i8>",
                           {makeTensor(DType::I8, {3}, {100, 100, 1})}, "tensor<i8>")),
            Values({-55}));
  EXPECT_TRUE(std::isnan(runOp("uop.reduce max %a axes [0] : (tensor<3xf32>) -> tensor<f32>",
                               {f32({3}, {1, qnan, 3})}, "tensor<f32>")
                             .getDouble(0)));
}

TEST_F(ReductionTest, NoElementsGiveTheIdentity) {
  auto reduce = [&](llvm::StringRef kind, DType type) {
    std::string from = rt::tensorTypeName(type, {2, 0}), to = rt::tensorTypeName(type, {2});
    return valuesOf(runOp("uop.reduce " + kind.str() + " %a axes [1] : (" + from + ") -> " + to,
                          {makeTensor(type, {2, 0}, {})}, to));
  };
  EXPECT_EQ(reduce("add", DType::F32), Values({0, 0}));
  EXPECT_EQ(reduce("mul", DType::I8), Values({1, 1}));
  EXPECT_EQ(reduce("max", DType::F16), Values({-inf, -inf}));
  EXPECT_EQ(reduce("max", DType::F8E4M3FN), Values({-448, -448}));
  EXPECT_EQ(reduce("min", DType::F64), Values({inf, inf}));
  EXPECT_EQ(reduce("max", DType::I16), Values({-32768, -32768}));
  EXPECT_EQ(reduce("min", DType::UI8), Values({255, 255}));
}

TEST_F(ReductionTest, ComputesInTheElementType) {
  // 1 + 2^-8 rounds to 1 in bf16; a tree still gets 256 of them to 2.
  rt::Tensor ones = makeTensor(DType::BF16, {1024}, Values(1024, 1));
  EXPECT_EQ(runOp("uop.reduce add %a axes [0] : (tensor<1024xbf16>) -> tensor<bf16>", {ones},
                  "tensor<bf16>")
                .getDouble(0),
            1024);
  rt::Tensor large = makeTensor(DType::F16, {2}, {60000, 60000});
  EXPECT_EQ(
      runOp("uop.reduce add %a axes [0] : (tensor<2xf16>) -> tensor<f16>", {large}, "tensor<f16>")
          .getDouble(0),
      inf);
}

TEST_F(ReductionTest, LongRowsAndManyRows) {
  for (auto [rows, length] : {std::pair<int64_t, int64_t>{1, 5000}, {3, 513}, {700, 3}, {5, 512}}) {
    rt::Tensor x = randomTensor(DType::F32, {rows, length}, rows);
    std::string from = rt::tensorTypeName(DType::F32, {rows, length});
    std::string to = rt::tensorTypeName(DType::F32, {rows});
    rt::Tensor sum = runOp("uop.reduce add %a axes [1] : (" + from + ") -> " + to, {x}, to);
    rt::Tensor least = runOp("uop.reduce min %a axes [1] : (" + from + ") -> " + to, {x}, to);
    for (int64_t i = 0; i < rows; ++i) {
      double expected = 0, smallest = inf;
      for (int64_t j = 0; j < length; ++j) {
        expected += x.getDouble(i * length + j);
        smallest = std::min(smallest, x.getDouble(i * length + j));
      }
      EXPECT_NEAR(sum.getDouble(i), expected, 1e-4);
      EXPECT_EQ(least.getDouble(i), smallest);
    }
  }
}

static const char *argmax = R"mlir(
func.func @main(%a: tensor<2x700xf32>) -> (tensor<2xf32>, tensor<2xi64>) {
  %i = uop.iota axis 1 : tensor<2x700xi64>
  %r:2 = uop.reduce %a, %i axes [1] identities [0xFF800000 : f32, -1 : i64]
       : (tensor<2x700xf32>, tensor<2x700xi64>) -> (tensor<2xf32>, tensor<2xi64>) {
  ^bb0(%am: tensor<f32>, %ai: tensor<i64>, %em: tensor<f32>, %ei: tensor<i64>):
    %c = uop.cmplt %am, %em : tensor<f32>
    %m = uop.where %c, %em, %am : tensor<f32>
    %k = uop.where %c, %ei, %ai : tensor<i64>
    uop.yield %m, %k : tensor<f32>, tensor<i64>
  }
  return %r#0, %r#1 : tensor<2xf32>, tensor<2xi64>
})mlir";

TEST_F(ReductionTest, CombinerRegion) {
  Values values(1400);
  for (int i = 0; i < 1400; ++i)
    values[i] = (i * 37) % 701;
  values[100] = values[300] = 1000; // the first of equals wins
  auto outputs = run(argmax, {f32({2, 700}, values)});
  EXPECT_EQ(outputs[0].getDouble(0), 1000);
  EXPECT_EQ(outputs[1].getInt(0), 100);
  EXPECT_EQ(values[700 + outputs[1].getInt(1)], outputs[0].getDouble(1));
}

TEST_F(ReductionTest, Scan) {
  rt::Tensor x = f32({2, 3}, {1, 2, 3, 4, 5, 6});
  auto scan = [&](llvm::StringRef rest) {
    return valuesOf(
        runOp("uop.scan add %a " + rest.str() + " : (tensor<2x3xf32>) -> tensor<2x3xf32>", {x},
              "tensor<2x3xf32>"));
  };
  EXPECT_EQ(scan("axis 1"), Values({1, 3, 6, 4, 9, 15}));
  EXPECT_EQ(scan("axis 0"), Values({1, 2, 3, 5, 7, 9}));
  EXPECT_EQ(scan("axis 1 exclusive"), Values({0, 1, 3, 0, 4, 9}));
  EXPECT_EQ(scan("axis 1 reverse"), Values({6, 5, 3, 15, 11, 6}));
  EXPECT_EQ(scan("axis 1 exclusive reverse"), Values({5, 3, 0, 11, 6, 0}));
  rt::Tensor maxima =
      runOp("uop.scan max %a axis 0 : (tensor<1000x2xi32>) -> tensor<1000x2xi32>",
            {makeTensor(DType::I32, {1000, 2}, Values(2000, -5))}, "tensor<1000x2xi32>");
  EXPECT_EQ(valuesOf(maxima), Values(2000, -5));
}

TEST_F(ReductionTest, SortIsStableAndOrdersNaN) {
  llvm::StringRef text = R"mlir(
func.func @main(%a: tensor<6xf32>) -> (tensor<6xf32>, tensor<6xi64>, tensor<6xi64>) {
  %i = uop.iota axis 0 : tensor<6xi64>
  %r:2 = uop.sort %a, %i axis 0 : (tensor<6xf32>, tensor<6xi64>) -> (tensor<6xf32>, tensor<6xi64>)
  %d:2 = uop.sort %a, %i axis 0 descending : (tensor<6xf32>, tensor<6xi64>) -> (tensor<6xf32>, tensor<6xi64>)
  return %r#0, %r#1, %d#1 : tensor<6xf32>, tensor<6xi64>, tensor<6xi64>
})mlir";
  auto outputs = run(text, {f32({6}, {0, qnan, -0.0, inf, -1, qnan})});
  EXPECT_EQ(valuesOf(outputs[1]), Values({4, 0, 2, 3, 1, 5}));
  EXPECT_EQ(valuesOf(outputs[2]), Values({1, 5, 3, 0, 2, 4}));
  EXPECT_EQ(valuesOf(runOp("uop.sort %a axis 0 : (tensor<3x2xui64>) -> tensor<3x2xui64>",
                           {makeTensor(DType::UI64, {3, 2}, {0x1p63, 1, 5, 0, 1, 2})},
                           "tensor<3x2xui64>")),
            Values({1, 0, 5, 1, 0x1p63, 2}));
}

TEST_F(ReductionTest, Gather) {
  rt::Tensor table = f32({3, 2}, {0, 1, 2, 3, 4, 5});
  llvm::StringRef op = "uop.gather %a, %b axis 0 : (tensor<3x2xf32>, tensor<4xi64>) -> "
                       "tensor<4x2xf32>";
  EXPECT_EQ(valuesOf(runOp(op, {table, i64({4}, {2, -1, 0, 3})}, "tensor<4x2xf32>")),
            Values({4, 5, 0, 0, 0, 1, 0, 0}));
  EXPECT_EQ(valuesOf(runOp("uop.gather %a, %b axis 1 batch 1 : (tensor<3x2xf32>, tensor<3x1xi32>) "
                           "-> tensor<3x1xf32>",
                           {table, makeTensor(DType::I32, {3, 1}, {1, 0, 1})}, "tensor<3x1xf32>")),
            Values({1, 2, 5}));
  interp::Options options;
  options.checkIndices = true;
  auto checked = interp::interpret(*module, "", {table, makeTensor(DType::I32, {3, 1}, {1, 2, 1})},
                                   {}, options);
  EXPECT_EQ(checked.message(),
            "test.mlir:2:8: 'uop.gather' op index 2 is out of range for axis 1 of size 2");
}

TEST_F(ReductionTest, Scatter) {
  rt::Tensor dest = f32({3}, {1, 2, 3}), indices = i64({4}, {0, 2, 0, 7}),
             updates = f32({4}, {10, 20, 30, 40});
  auto scatter = [&](llvm::StringRef kind) {
    return valuesOf(runOp("uop.scatter " + kind.str() +
                              " %a, %b, %c axis 0 : (tensor<3xf32>, "
                              "tensor<4xi64>, tensor<4xf32>) -> "
                              "tensor<3xf32>",
                          {dest, indices, updates}, "tensor<3xf32>"));
  };
  EXPECT_EQ(scatter("add"), Values({41, 2, 23}));
  EXPECT_EQ(scatter("set"), Values({30, 2, 20}));
  EXPECT_EQ(scatter("max"), Values({30, 2, 20}));
  EXPECT_EQ(scatter("min"), Values({1, 2, 3}));
  EXPECT_EQ(scatter("mul"), Values({300, 2, 60}));
}

TEST_F(ReductionTest, Compact) {
  llvm::StringRef text = R"mlir(
uop.var @K in [0, 5]
func.func @pick(%x: tensor<5xi64>, %n: tensor<i64>) -> tensor<i64> {
  uop.bind @K = %n : tensor<i64>
  %0 = uop.shrink %x offsets [0] sizes [K] : tensor<5xi64> -> tensor<?xi64, #uop.dims<K>>
  %1 = uop.reduce add %0 axes [0] : (tensor<?xi64, #uop.dims<K>>) -> tensor<i64>
  return %1 : tensor<i64>
}
func.func @main(%m: tensor<5xi1>) -> (tensor<5xi64>, tensor<i64>, tensor<i64>) {
  %i, %n = uop.compact %m : tensor<5xi1> -> tensor<5xi64>, tensor<i64>
  %s = func.call @pick(%i, %n) : (tensor<5xi64>, tensor<i64>) -> tensor<i64>
  return %i, %n, %s : tensor<5xi64>, tensor<i64>, tensor<i64>
})mlir";
  auto outputs = run(text, {makeTensor(DType::I1, {5}, {0, 1, 0, 1, 1})});
  EXPECT_EQ(valuesOf(outputs[0]), Values({1, 3, 4, -1, -1}));
  EXPECT_EQ(outputs[1].getInt(0), 3);
  EXPECT_EQ(outputs[2].getInt(0), 8);
}

//===----------------------------------------------------------------------===//
// Contractions against plain loops
//===----------------------------------------------------------------------===//

static std::string matmul(int64_t m, int64_t k, int64_t n, llvm::StringRef type) {
  std::string text = R"mlir(
func.func @main(%a: tensor<MxKxT>, %b: tensor<KxNxT>) -> tensor<MxNxT> {
  %0 = uop.reshape %a : tensor<MxKxT> -> tensor<Mx1xKxT>
  %1 = uop.expand %0 : tensor<Mx1xKxT> -> tensor<MxNxKxT>
  %2 = uop.permute %b [1, 0] : tensor<KxNxT> -> tensor<NxKxT>
  %3 = uop.reshape %2 : tensor<NxKxT> -> tensor<1xNxKxT>
  %4 = uop.expand %3 : tensor<1xNxKxT> -> tensor<MxNxKxT>
  %5 = uop.mul %1, %4 : tensor<MxNxKxT>
  %6 = uop.reduce add %5 axes [2] : (tensor<MxNxKxT>) -> tensor<MxNxT>
  return %6 : tensor<MxNxT>
})mlir";
  auto replace = [&](char letter, const std::string &with) {
    std::string result;
    for (size_t i = 0; i < text.size(); ++i) {
      bool inType =
          text.rfind('<', i) != std::string::npos && text.rfind('<', i) > text.rfind('>', i) + 1;
      if (text[i] == letter && (inType || letter == 'T'))
        result += with;
      else
        result += text[i];
    }
    text = result;
  };
  for (auto [letter, with] : {std::pair<char, std::string>{'M', std::to_string(m)},
                              {'K', std::to_string(k)},
                              {'N', std::to_string(n)},
                              {'T', type.str()}})
    replace(letter, with);
  return text;
}

TEST_F(ReductionTest, MatrixProduct) {
  for (auto [m, k, n] : {std::array<int64_t, 3>{3, 5, 2}, {1, 700, 9}, {65, 300, 270}, {9, 1, 1}})
    for (DType type : {DType::F32, DType::F64, DType::I32, DType::BF16}) {
      rt::Tensor a = *rt::Tensor::zeros(type, {m, k}), b = *rt::Tensor::zeros(type, {k, n});
      // Small integers: every order gives the same.
      for (int64_t i = 0; i < m * k; ++i)
        a.setDouble(i, type == DType::BF16 ? (i % 17 == 0) : double(i * 7 % 11) - 5);
      for (int64_t i = 0; i < k * n; ++i)
        b.setDouble(i, type == DType::BF16 ? (i % 13 == 0) : double(i * 5 % 13) - 6);
      rt::Tensor c = run(matmul(m, k, n, dtypeName(type)), {a, b}).front();
      ASSERT_EQ(c.numElements(), m * n);
      for (int64_t i = 0; i < m * n; ++i) {
        double expected = 0;
        for (int64_t j = 0; j < k; ++j)
          expected += a.getDouble(i / n * k + j) * b.getDouble(j * n + i % n);
        ASSERT_EQ(c.getDouble(i), expected) << m << "x" << k << "x" << n << " at " << i;
      }
    }
}

TEST_F(ReductionTest, Convolution) {
  llvm::StringRef text = R"mlir(
func.func @main(%x: tensor<2x4x7x9xf32>, %w: tensor<6x4x3x3xf32>, %z: tensor<f32>) -> tensor<2x6x4x5xf32> {
  %0 = uop.neg %x : tensor<2x4x7x9xf32>
  %1 = uop.pad %0, %z low [0, 0, 1, 1] high [0, 0, 1, 1] : tensor<2x4x7x9xf32> -> tensor<2x4x9x11xf32>
  %2 = uop.window %1 axes [2, 3] sizes [3, 3] strides [2, 2] : tensor<2x4x9x11xf32> -> tensor<2x4x4x5x3x3xf32>
  %3 = uop.permute %2 [0, 2, 3, 1, 4, 5] : tensor<2x4x4x5x3x3xf32> -> tensor<2x4x5x4x3x3xf32>
  %4 = uop.reshape %3 : tensor<2x4x5x4x3x3xf32> -> tensor<2x1x4x5x4x3x3xf32>
  %5 = uop.expand %4 : tensor<2x1x4x5x4x3x3xf32> -> tensor<2x6x4x5x4x3x3xf32>
  %6 = uop.reshape %w : tensor<6x4x3x3xf32> -> tensor<1x6x1x1x4x3x3xf32>
  %7 = uop.expand %6 : tensor<1x6x1x1x4x3x3xf32> -> tensor<2x6x4x5x4x3x3xf32>
  %8 = uop.mul %5, %7 : tensor<2x6x4x5x4x3x3xf32>
  %9 = uop.reduce add %8 axes [4, 5, 6] : (tensor<2x6x4x5x4x3x3xf32>) -> tensor<2x6x4x5xf32>
  return %9 : tensor<2x6x4x5xf32>
})mlir";
  rt::Tensor x = f32({2, 4, 7, 9}, Values(504)), w = f32({6, 4, 3, 3}, Values(216));
  for (int i = 0; i < 504; ++i)
    x.setDouble(i, i * 7 % 11 - 5);
  for (int i = 0; i < 216; ++i)
    w.setDouble(i, i * 5 % 9 - 4);
  rt::Tensor y = run(text, {x, w, f32({}, {3})}).front();
  for (int n = 0, i = 0; n < 2; ++n)
    for (int o = 0; o < 6; ++o)
      for (int h = 0; h < 4; ++h)
        for (int v = 0; v < 5; ++v, ++i) {
          double expected = 0;
          for (int c = 0; c < 4; ++c)
            for (int kh = 0; kh < 3; ++kh)
              for (int kw = 0; kw < 3; ++kw) {
                int row = 2 * h + kh - 1, column = 2 * v + kw - 1;
                bool inside = row >= 0 && row < 7 && column >= 0 && column < 9;
                double value = inside ? -x.getDouble(((n * 4 + c) * 7 + row) * 9 + column) : 3;
                expected += value * w.getDouble(((o * 4 + c) * 3 + kh) * 3 + kw);
              }
          ASSERT_EQ(y.getDouble(i), expected) << i;
        }
}

TEST_F(ReductionTest, ThreadsChangeNothing) {
  auto pool = rt::createThreadPool(4);
  interp::Options threaded;
  threaded.threads = pool.get();
  rt::Tensor a = randomTensor(DType::F32, {70, 333}, 1),
             b = randomTensor(DType::F32, {333, 600}, 2);
  std::string text = matmul(70, 333, 600, "f32");
  rt::Tensor one = run(text, {a, b}).front(), four = run(text, {a, b}, threaded).front();
  EXPECT_EQ(std::memcmp(one.data(), four.data(), one.byteSize()), 0);
}
