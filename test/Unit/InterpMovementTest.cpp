//===- InterpMovementTest.cpp - Meaning of movement operations -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "InterpTestUtils.h"

using namespace tg;
using namespace tg::test;

using Values = std::vector<double>;

class MovementTest : public InterpTest {};

TEST_F(MovementTest, ReshapePermuteExpandFlip) {
  rt::Tensor x = f32({2, 3}, {0, 1, 2, 3, 4, 5});
  EXPECT_EQ(valuesOf(runOp("uop.reshape %a : tensor<2x3xf32> -> tensor<3x2xf32>", {x},
                           "tensor<3x2xf32>")),
            Values({0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(valuesOf(runOp("uop.permute %a [1, 0] : tensor<2x3xf32> -> tensor<3x2xf32>", {x},
                           "tensor<3x2xf32>")),
            Values({0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(valuesOf(runOp("uop.flip %a [1] : tensor<2x3xf32> -> tensor<2x3xf32>", {x},
                           "tensor<2x3xf32>")),
            Values({2, 1, 0, 5, 4, 3}));
  EXPECT_EQ(valuesOf(runOp("uop.expand %a : tensor<1x2xf32> -> tensor<3x2xf32>",
                           {f32({1, 2}, {7, 8})}, "tensor<3x2xf32>")),
            Values({7, 8, 7, 8, 7, 8}));
}

TEST_F(MovementTest, PadShrink) {
  rt::Tensor x = f32({3}, {1, 2, 3}), value = f32({}, {9});
  EXPECT_EQ(valuesOf(runOp("uop.pad %a, %b low [1] high [2] : tensor<3xf32> -> tensor<6xf32>",
                           {x, value}, "tensor<6xf32>")),
            Values({9, 1, 2, 3, 9, 9}));
  EXPECT_EQ(valuesOf(runOp("uop.pad %a, %b low [1] high [0] interior [1] "
                           ": tensor<3xf32> -> tensor<6xf32>",
                           {x, value}, "tensor<6xf32>")),
            Values({9, 1, 9, 2, 9, 3}));
  EXPECT_EQ(valuesOf(runOp("uop.pad %a, %b low [1] high [1] : tensor<0xf32> -> tensor<2xf32>",
                           {f32({0}, {}), value}, "tensor<2xf32>")),
            Values({9, 9}));
  EXPECT_EQ(valuesOf(runOp("uop.shrink %a offsets [1] sizes [2] strides [2] "
                           ": tensor<5xf32> -> tensor<2xf32>",
                           {f32({5}, {0, 1, 2, 3, 4})}, "tensor<2xf32>")),
            Values({1, 3}));
}

TEST_F(MovementTest, PackedElementsMove) {
  rt::Tensor x = makeTensor(DType::I4, {5}, {-8, -1, 0, 3, 7});
  EXPECT_EQ(valuesOf(runOp("uop.flip %a [0] : tensor<5xi4> -> tensor<5xi4>", {x}, "tensor<5xi4>")),
            Values({7, 3, 0, -1, -8}));
}

TEST_F(MovementTest, WindowAndUnwindow) {
  rt::Tensor x = f32({5}, {0, 1, 2, 3, 4});
  EXPECT_EQ(valuesOf(runOp("uop.window %a axes [0] sizes [2] strides [2] dilations [2] "
                           ": tensor<5xf32> -> tensor<2x2xf32>",
                           {x}, "tensor<2x2xf32>")),
            Values({0, 2, 2, 4}));
  EXPECT_EQ(valuesOf(runOp("uop.unwindow %a axes [0] : tensor<4x2xf32> -> tensor<5xf32>",
                           {f32({4, 2}, {1, 2, 3, 4, 5, 6, 7, 8})}, "tensor<5xf32>")),
            Values({1, 5, 9, 13, 8}));
  EXPECT_EQ(
      valuesOf(runOp("uop.unwindow %a axes [0] strides [3] : tensor<2x1xi32> -> tensor<5xi32>",
                     {makeTensor(DType::I32, {2, 1}, {1, 2})}, "tensor<5xi32>")),
      Values({1, 0, 0, 2, 0}));
}

TEST_F(MovementTest, Concat) {
  rt::Tensor a = f32({2, 1}, {1, -0.0}), b = f32({2, 2}, {3, 4, 5, 6});
  rt::Tensor result =
      runOp("uop.concat %a, %b axis 1 : tensor<2x1xf32>, tensor<2x2xf32> -> tensor<2x3xf32>",
            {a, b}, "tensor<2x3xf32>");
  EXPECT_EQ(valuesOf(result), Values({1, 3, 4, -0.0, 5, 6}));
  EXPECT_TRUE(std::signbit(result.getDouble(3)));
  // Long ones take another path.
  EXPECT_EQ(valuesOf(runOp("uop.concat %a, %b, %a, %b, %b, %a axis 1 : tensor<2x1xf32>, "
                           "tensor<2x2xf32>, tensor<2x1xf32>, tensor<2x2xf32>, tensor<2x2xf32>, "
                           "tensor<2x1xf32> -> tensor<2x9xf32>",
                           {a, b}, "tensor<2x9xf32>")),
            Values({1, 3, 4, 1, 3, 4, 3, 4, 1, 0, 5, 6, 0, 5, 6, 5, 6, 0}));
}

TEST_F(MovementTest, IotaConstAssign) {
  EXPECT_EQ(valuesOf(runOp("uop.iota axis 1 : tensor<2x3xf16>", {}, "tensor<2x3xf16>")),
            Values({0, 1, 2, 0, 1, 2}));
  EXPECT_EQ(valuesOf(runOp("uop.iota axis 0 : tensor<300xui8>", {}, "tensor<300xui8>"))[299], 43);
  EXPECT_EQ(
      valuesOf(runOp("uop.const dense<[true, false, true]> : tensor<3xi1>", {}, "tensor<3xi1>")),
      Values({1, 0, 1}));
  EXPECT_EQ(valuesOf(runOp("uop.const dense<[-1, 3, -8]> : tensor<3xi4>", {}, "tensor<3xi4>")),
            Values({-1, 3, -8}));
  EXPECT_EQ(valuesOf(runOp("uop.const dense<2.5> : tensor<3xbf16>", {}, "tensor<3xbf16>")),
            Values({2.5, 2.5, 2.5}));
  EXPECT_EQ(
      valuesOf(runOp("uop.assign %a, %b offsets [1, 0] : tensor<3x2xf32>, tensor<1x2xf32>",
                     {f32({3, 2}, {1, 2, 3, 4, 5, 6}), f32({1, 2}, {8, 9})}, "tensor<3x2xf32>")),
      Values({1, 2, 8, 9, 5, 6}));
}

TEST_F(MovementTest, ChainsComposeLikeSteps) {
  // The same chain with a copy after every step gives the same elements.
  auto chain = [&](llvm::StringRef keep) {
    std::string text = R"mlir(
func.func @main(%a: tensor<4x6xf32>, %v: tensor<f32>) -> tensor<3x5x2x3xf32> {
  %0 = uop.reshape %a : tensor<4x6xf32> -> tensor<2x12xf32>
  KEEP %1 = %0 : tensor<2x12xf32>
  %2 = uop.permute %1 [1, 0] : tensor<2x12xf32> -> tensor<12x2xf32>
  KEEP %3 = %2 : tensor<12x2xf32>
  %4 = uop.reshape %3 : tensor<12x2xf32> -> tensor<3x8xf32>
  KEEP %5 = %4 : tensor<3x8xf32>
  %6 = uop.flip %5 [0, 1] : tensor<3x8xf32> -> tensor<3x8xf32>
  KEEP %7 = %6 : tensor<3x8xf32>
  %8 = uop.pad %7, %v low [1, 2] high [0, 1] : tensor<3x8xf32> -> tensor<4x11xf32>
  KEEP %9 = %8 : tensor<4x11xf32>
  %10 = uop.window %9 axes [0, 1] sizes [2, 3] strides [1, 2] : tensor<4x11xf32> -> tensor<3x5x2x3xf32>
  return %10 : tensor<3x5x2x3xf32>
})mlir";
    for (size_t at; (at = text.find("KEEP")) != std::string::npos;) {
      size_t result = text.find('%', at), equals = text.find('=', at);
      std::string name = text.substr(result, equals - result);
      text.replace(at, equals - at + 1, name + "= uop." + keep.str());
    }
    std::vector<double> values;
    for (int i = 0; i < 24; ++i)
      values.push_back(i);
    return valuesOf(run(text, {f32({4, 6}, values), f32({}, {-1})}).front());
  };
  EXPECT_EQ(chain("detach"), chain("contiguous"));
}

TEST_F(MovementTest, SymbolicShapes) {
  llvm::StringRef text = R"mlir(
uop.var @N in [1, 100]
uop.var @P in [0, 10]
func.func @main(%a: tensor<?x2xf32, #uop.dims<N, 2>>) -> (tensor<?xf32, #uop.dims<N * 2>>, tensor<i64>, tensor<1x2xf32>) {
  %0 = uop.reshape %a : tensor<?x2xf32, #uop.dims<N, 2>> -> tensor<?xf32, #uop.dims<N * 2>>
  %1 = uop.size [N * 2 + 1] : tensor<i64>
  %2 = uop.shrink %a offsets [P, 0] sizes [1, 2] : tensor<?x2xf32, #uop.dims<N, 2>> -> tensor<1x2xf32>
  return %0, %1, %2 : tensor<?xf32, #uop.dims<N * 2>>, tensor<i64>, tensor<1x2xf32>
})mlir";
  rt::Tensor x = f32({3, 2}, {0, 1, 2, 3, 4, 5});
  interp::VarValues vars;
  vars["P"] = 2;
  auto outputs = run(text, {x}, {}, vars);
  EXPECT_EQ(outputs[0].shape(), std::vector<int64_t>({6}));
  EXPECT_EQ(outputs[1].getInt(0), 7);
  EXPECT_EQ(valuesOf(outputs[2]), Values({4, 5}));

  auto messageOf = [&](const rt::Tensor &input, const interp::VarValues &values) {
    return tryRun(text, {input}, {}, values).status().message();
  };
  vars["P"] = 3;
  EXPECT_EQ(messageOf(x, vars),
            "test.mlir:7:8: 'uop.shrink' op slice of 1 from 3 leaves axis 0 of size 3");
  vars["P"] = 11;
  EXPECT_EQ(messageOf(x, vars), "variable P = 11 is outside of its bounds [0, 10]");
  vars.clear();
  EXPECT_EQ(messageOf(x, vars), "test.mlir:7:8: 'uop.shrink' op variable P has no value");
  EXPECT_EQ(messageOf(f32({3, 1}, {0, 0, 0}), vars),
            "input 'arg0': expected tensor<?x2xf32, #uop.dims<N, 2>>, got size 1 on axis 1");
  EXPECT_EQ(messageOf(i64({3, 2}, {0, 0, 0, 0, 0, 0}), vars),
            "input 'arg0': expected elements of type f32, got tensor<3x2xi64>");
  vars["Q"] = 1;
  EXPECT_EQ(messageOf(x, vars), "there is no variable 'Q'");
}
