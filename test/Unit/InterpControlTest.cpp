//===- InterpControlTest.cpp - Control flow, calls, kernels, errors ------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "InterpTestUtils.h"

#include <thread>

using namespace tg;
using namespace tg::test;

using Values = std::vector<double>;

class ControlTest : public InterpTest {};

TEST_F(ControlTest, If) {
  llvm::StringRef text = R"mlir(
func.func @main(%x: tensor<2xf32>, %c: tensor<i1>) -> tensor<2xf32> {
  %0 = tensor.extract %c[] : tensor<i1>
  %1 = scf.if %0 -> tensor<2xf32> {
    %2 = uop.neg %x : tensor<2xf32>
    scf.yield %2 : tensor<2xf32>
  } else {
    scf.yield %x : tensor<2xf32>
  }
  return %1 : tensor<2xf32>
})mlir";
  rt::Tensor x = f32({2}, {1, 2});
  EXPECT_EQ(valuesOf(run(text, {x, makeTensor(DType::I1, {}, {1})})[0]), Values({-1, -2}));
  EXPECT_EQ(valuesOf(run(text, {x, makeTensor(DType::I1, {}, {0})})[0]), Values({1, 2}));
}

TEST_F(ControlTest, For) {
  // Fibonacci numbers, and the sum of the loop's indices; far deeper than any chain may get.
  llvm::StringRef text = R"mlir(
func.func @main(%n: tensor<i64>) -> (tensor<i64>, tensor<i64>) {
  %zero = uop.const dense<0> : tensor<i64>
  %one = uop.const dense<1> : tensor<i64>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %s = tensor.extract %n[] : tensor<i64>
  %count = arith.index_cast %s : i64 to index
  %r:3 = scf.for %i = %c0 to %count step %c1 iter_args(%a = %zero, %b = %one, %sum = %zero) -> (tensor<i64>, tensor<i64>, tensor<i64>) {
    %next = uop.add %a, %b : tensor<i64>
    %j = arith.index_cast %i : index to i64
    %t = tensor.from_elements %j : tensor<i64>
    %total = uop.add %sum, %t : tensor<i64>
    scf.yield %b, %next, %total : tensor<i64>, tensor<i64>, tensor<i64>
  }
  return %r#0, %r#2 : tensor<i64>, tensor<i64>
})mlir";
  auto outputs = run(text, {i64({}, {50})});
  EXPECT_EQ(outputs[0].getInt(0), 12586269025);
  EXPECT_EQ(outputs[1].getInt(0), 1225);
  EXPECT_EQ(run(text, {i64({}, {0})})[0].getInt(0), 0);
  EXPECT_EQ(run(text, {i64({}, {3000})})[1].getInt(0), 4498500);
}

TEST_F(ControlTest, While) {
  llvm::StringRef text = R"mlir(
func.func @main(%x: tensor<i32>) -> (tensor<i32>, tensor<i32>) {
  %zero = uop.const dense<0> : tensor<i32>
  %one = uop.const dense<1> : tensor<i32>
  %two = uop.const dense<2> : tensor<i32>
  %three = uop.const dense<3> : tensor<i32>
  %r:2 = scf.while (%v = %x, %n = %zero) : (tensor<i32>, tensor<i32>) -> (tensor<i32>, tensor<i32>) {
    %c = uop.cmpne %v, %one : tensor<i32>
    %b = tensor.extract %c[] : tensor<i1>
    scf.condition(%b) %v, %n : tensor<i32>, tensor<i32>
  } do {
  ^bb0(%v: tensor<i32>, %n: tensor<i32>):
    %odd = uop.floormod %v, %two : tensor<i32>
    %isOdd = uop.cast %odd : tensor<i32> -> tensor<i1>
    %half = uop.cdiv %v, %two : tensor<i32>
    %triple = uop.mul %v, %three : tensor<i32>
    %up = uop.add %triple, %one : tensor<i32>
    %next = uop.where %isOdd, %up, %half : tensor<i32>
    %count = uop.add %n, %one : tensor<i32>
    scf.yield %next, %count : tensor<i32>, tensor<i32>
  }
  return %r#0, %r#1 : tensor<i32>, tensor<i32>
})mlir";
  auto outputs = run(text, {makeTensor(DType::I32, {}, {27})});
  EXPECT_EQ(outputs[0].getInt(0), 1);
  EXPECT_EQ(outputs[1].getInt(0), 111);
}

TEST_F(ControlTest, KernelCallCustomCopy) {
  llvm::StringRef text = R"mlir(
func.func private @reference(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = uop.mul %x, %x : tensor<2xf32>
  return %0 : tensor<2xf32>
}
func.func @main(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  %0 = uop.custom @reference(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %1 = uop.kernel ins(%0 : tensor<2xf32>) -> tensor<2xf32> {
  ^bb0(%a: tensor<2xf32>):
    %b = uop.neg %a : tensor<2xf32>
    uop.yield %b : tensor<2xf32>
  }
  %2 = uop.copy %1 to "cpu" : tensor<2xf32>
  %3 = func.call @reference(%2) : (tensor<2xf32>) -> tensor<2xf32>
  return %2, %3 : tensor<2xf32>, tensor<2xf32>
})mlir";
  auto outputs = run(text, {f32({2}, {2, 3})});
  EXPECT_EQ(valuesOf(outputs[0]), Values({-4, -9}));
  EXPECT_EQ(valuesOf(outputs[1]), Values({16, 81}));
}

TEST_F(ControlTest, Recursion) {
  llvm::StringRef text = R"mlir(
func.func @main(%x: tensor<f32>) -> tensor<f32> {
  %0 = func.call @main(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
})mlir";
  EXPECT_NE(tryRun(text, {f32({}, {1})}).message().find("calls nest deeper than 256"),
            std::string::npos);
}

TEST_F(ControlTest, DataDependentBoundsAreChecked) {
  llvm::StringRef text = R"mlir(
uop.var @K in [1, 5]
func.func @main(%n: tensor<i64>) -> tensor<i64> {
  uop.bind @K = %n : tensor<i64>
  %0 = uop.size [K] : tensor<i64>
  return %0 : tensor<i64>
})mlir";
  EXPECT_EQ(run(text, {i64({}, {5})})[0].getInt(0), 5);
  EXPECT_EQ(tryRun(text, {i64({}, {6})}).message(),
            "test.mlir:4:3: 'uop.bind' op variable K is bound to 6, outside of its bounds [1, 5]");
}

TEST_F(ControlTest, Errors) {
  llvm::StringRef unknown = R"mlir(
func.func @main(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = arith.addf %x, %x : tensor<2xf32>
  return %0 : tensor<2xf32>
})mlir";
  EXPECT_EQ(tryRun(unknown, {f32({2}, {1, 2})}).message(),
            "test.mlir:3:8: 'arith.addf' op is not known to the interpreter");
  EXPECT_EQ(tryRun(unknown, {}).message(), "'main' takes 1 inputs, got 0");
  EXPECT_EQ(tryRun("func.func private @f()", {}).message(),
            "expected a function 'main' or exactly one public function");
  // Dead code stays dead; a result may be an argument.
  llvm::StringRef dead = R"mlir(
func.func @main(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = uop.neg %x : tensor<2xf32>
  return %x : tensor<2xf32>
})mlir";
  rt::Tensor x = f32({2}, {1, 2}), y = run(dead, {x})[0];
  EXPECT_EQ(valuesOf(y), Values({1, 2}));
  EXPECT_NE(x.data(), y.data());
}

TEST_F(ControlTest, ThreadsShareOneModule) {
  llvm::StringRef text = R"mlir(
func.func @main(%x: tensor<8xi32>) -> tensor<8xi32> {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %many = arith.constant 300 : index
  %r = scf.for %i = %zero to %many step %one iter_args(%a = %x) -> tensor<8xi32> {
    %j = arith.addi %i, %one : index
    %rest = arith.remui %i, %j : index
    %c = arith.cmpi eq, %rest, %one : index
    %b = scf.if %c -> tensor<8xi32> {
      %s = uop.add %a, %x : tensor<8xi32>
      scf.yield %s : tensor<8xi32>
    } else {
      scf.yield %a : tensor<8xi32>
    }
    scf.yield %b : tensor<8xi32>
  }
  return %r : tensor<8xi32>
})mlir";
  module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  ASSERT_TRUE(module);
  constexpr int numThreads = 4;
  std::vector<Values> results(numThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < numThreads; ++t)
    threads.emplace_back([&, t] {
      auto run = interp::interpret(*module, "", {makeTensor(DType::I32, {8}, Values(8, t))});
      if (run)
        results[t] = valuesOf(run->outputs[0]);
    });
  for (std::thread &thread : threads)
    thread.join();
  // i % (i + 1) is 1 for i = 1 only.
  for (int t = 0; t < numThreads; ++t)
    EXPECT_EQ(results[t], Values(8, 2 * t));
}

TEST_F(ControlTest, SharedSubexpressionsAreComputedOnce) {
  // 60 doublings through two index maps each: 2^60 evaluations unless shared.
  std::string text = "func.func @main(%x0: tensor<64xf32>) -> tensor<64xf32> {\n";
  std::string type = "tensor<64xf32>";
  for (int i = 0; i < 60; ++i) {
    std::string n = std::to_string(i), next = std::to_string(i + 1);
    text += "  %f" + n + " = uop.flip %x" + n + " [0] : " + type + " -> " + type + "\n";
    text += "  %x" + next + " = uop.add %x" + n + ", %f" + n + " : " + type + "\n";
  }
  text += "  return %x60 : " + type + "\n}\n";
  rt::Tensor y = run(text, {f32({64}, Values(64, 1))})[0];
  EXPECT_EQ(y.getDouble(5), 0x1p60);
}
