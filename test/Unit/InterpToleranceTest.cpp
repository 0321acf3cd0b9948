//===- InterpToleranceTest.cpp - When is a result right? -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "InterpTestUtils.h"

#include "tg/Interp/Tolerance.h"

#include <cmath>
#include <fstream>
#include <map>

using namespace tg;
using namespace tg::test;

using Values = std::vector<double>;

/// The cells of a row of a Markdown table, without spaces and backquotes.
static std::vector<std::string> cellsOf(llvm::StringRef line) {
  std::vector<std::string> cells;
  if (line.trim().consume_front("|"))
    for (llvm::StringRef cell : llvm::split(line.trim().drop_front(), "|"))
      cells.push_back(cell.trim(" `").str());
  return cells;
}

// The factors that docs/numerics.md states are those that verification takes, and leave room for
// the bounds beside them: an ulp is up to two units of roundoff.
TEST(ToleranceDocument, FactorsAreThoseInUse) {
  mlir::MLIRContext context;
  context.loadDialect<uop::UOpDialect>();
  std::ifstream file(TG_NUMERICS_PAGE);
  ASSERT_TRUE(file) << TG_NUMERICS_PAGE;
  std::map<std::string, size_t> columns;
  unsigned rows = 0;
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> cells = cellsOf(line);
    if (cells.size() > 2 && cells[0] == "op" && cells[1] == "type")
      for (auto [i, cell] : llvm::enumerate(cells))
        columns[cell] = i;
    if (!columns.count("k") || cells.size() <= columns["k"] || !parseDType(cells[1]))
      continue;
    mlir::OperationName name("uop." + cells[0], &context);
    auto *op = name.getInterface<uop::ElementwiseOpInterface>();
    ASSERT_TRUE(op) << cells[0];
    double factor = interp::getRoundingFactor(op->getElementwiseKind(), *parseDType(cells[1]));
    EXPECT_EQ(std::stod(cells[columns["k"]]), factor) << line;
    EXPECT_LE(2 * std::stod(cells[columns["bound, ulp"]]), factor) << line;
    ++rows;
  }
  EXPECT_GE(rows, 2u * 21);
}

class ToleranceTest : public InterpTest {
protected:
  interp::Results reference(llvm::StringRef text, llvm::ArrayRef<rt::Tensor> inputs) {
    interp::Options options;
    options.tolerances = true;
    auto results = tryRun(text, inputs, options);
    EXPECT_TRUE(results.ok()) << results.message();
    return results ? *results : interp::Results();
  }
};

static const char *softmax = R"mlir(
func.func @main(%x: tensor<4x100xf32>) -> tensor<4x100xf32> {
  %0 = uop.reduce max %x axes [1] : (tensor<4x100xf32>) -> tensor<4xf32>
  %1 = uop.reshape %0 : tensor<4xf32> -> tensor<4x1xf32>
  %2 = uop.expand %1 : tensor<4x1xf32> -> tensor<4x100xf32>
  %3 = uop.sub %x, %2 : tensor<4x100xf32>
  %4 = uop.exp %3 : tensor<4x100xf32>
  %5 = uop.reduce add %4 axes [1] : (tensor<4x100xf32>) -> tensor<4xf32>
  %6 = uop.reshape %5 : tensor<4xf32> -> tensor<4x1xf32>
  %7 = uop.expand %6 : tensor<4x1xf32> -> tensor<4x100xf32>
  %8 = uop.fdiv %4, %7 : tensor<4x100xf32>
  return %8 : tensor<4x100xf32>
})mlir";

TEST_F(ToleranceTest, SoftmaxIsTight) {
  rt::Tensor x = randomTensor(DType::F32, {4, 100}, 3);
  interp::Results results = reference(softmax, {x});
  for (int64_t i = 0; i < 400; ++i) {
    EXPECT_GT(results.references[0].tolerance[i], 0);
    EXPECT_LT(results.references[0].tolerance[i], 40 * 0x1p-24 * results.references[0].value[i]);
  }
  // Right, then wrong by three parts in a million.
  rt::Tensor y = interp::interpret(*module, "", {x})->outputs[0];
  EXPECT_TRUE(interp::verifyOutputs(results, {y})[0].ok);
  y.setDouble(17, y.getDouble(17) * 1.000003);
  interp::OutputCheck check = interp::verifyOutputs(results, {y})[0];
  EXPECT_FALSE(check.ok);
  EXPECT_EQ(check.worstIndex, 17);
  EXPECT_EQ(check.wrong, 1);
  EXPECT_GT(check.largestRatio, 1);
  // A NaN is wrong wherever it stands.
  y.setDouble(3, NAN);
  EXPECT_EQ(interp::verifyOutputs(results, {y})[0].worstIndex, 3);
}

TEST_F(ToleranceTest, ExactResultsHaveNoTolerance) {
  // Correctly rounded functions of exact operands, movement, integers.
  interp::Results results = reference(R"mlir(
func.func @main(%x: tensor<100xf32>) -> (tensor<100xf32>, tensor<100xi32>, tensor<100xf32>) {
  %0 = uop.add %x, %x : tensor<100xf32>
  %1 = uop.sqrt %0 : tensor<100xf32>
  %2 = uop.flip %1 [0] : tensor<100xf32> -> tensor<100xf32>
  %3 = uop.cast %x : tensor<100xf32> -> tensor<100xi32>
  %4 = uop.mul %x, %x : tensor<100xf32>
  return %2, %3, %4 : tensor<100xf32>, tensor<100xi32>, tensor<100xf32>
})mlir",
                                      {randomTensor(DType::F32, {100}, 5)});
  EXPECT_TRUE(results.references[0].tolerance.empty());
  EXPECT_TRUE(results.references[1].tolerance.empty());
  // A product may be contracted.
  EXPECT_FALSE(results.references[2].tolerance.empty());
}

TEST_F(ToleranceTest, SumsOfSmallIntegersAreExact) {
  rt::Tensor x = f32({1000}, Values(1000, 3));
  interp::Results results = reference(R"mlir(
func.func @main(%x: tensor<1000xf32>) -> tensor<f32> {
  %0 = uop.reduce add %x axes [0] : (tensor<1000xf32>) -> tensor<f32>
  return %0 : tensor<f32>
})mlir",
                                      {x});
  EXPECT_TRUE(results.references[0].tolerance.empty());
  EXPECT_EQ(results.references[0].value[0], 3000);
  auto toleranceOf = [&] {
    interp::Options options;
    options.tolerances = true;
    return interp::interpret(*module, "", {x}, {}, options)->references[0].tolerance[0];
  };
  // Two values may be rounded the same way a thousand times.
  x.setDouble(0, 0.125);
  EXPECT_NEAR(toleranceOf(), 2 * 1000 * 0x1p-24 * 2997.125, 1e-6);
  for (int i = 1; i < 5; ++i)
    x.setDouble(i, 0.125 * (i + 1));
  EXPECT_NEAR(toleranceOf(), interp::getSumFactor(1000, DType::F32) * 0x1p-24 * 2986.875, 1e-6);
}

TEST_F(ToleranceTest, ComparisonsNearATieAreUndetermined) {
  interp::Results results = reference(R"mlir(
func.func @main(%x: tensor<3xf32>, %y: tensor<3xf32>) -> (tensor<3xi1>, tensor<3xf32>, tensor<3xi8>) {
  %0 = uop.exp %x : tensor<3xf32>
  %1 = uop.cmplt %0, %y : tensor<3xf32>
  %2 = uop.where %1, %0, %y : tensor<3xf32>
  %3 = uop.cast %0 : tensor<3xf32> -> tensor<3xi8>
  return %1, %2, %3 : tensor<3xi1>, tensor<3xf32>, tensor<3xi8>
})mlir",
                                      {f32({3}, {1, 1, 0}), f32({3}, {2.7182817, 3, 1})});
  const auto &compared = results.references[0].tolerance;
  EXPECT_TRUE(std::isinf(compared[0]));
  EXPECT_EQ(compared[1], 0);
  EXPECT_TRUE(std::isinf(compared[2]));
  // Either side is nearly the same number.
  EXPECT_LT(results.references[1].tolerance[0], 2e-6);
  // e may be truncated in one way only, 1 in two.
  EXPECT_EQ(results.references[2].tolerance[1], 0);
  EXPECT_EQ(results.references[2].tolerance[2], 1);
  auto checks = interp::verifyOutputs(results, results.outputs);
  EXPECT_EQ(checks[0].undetermined, 2);
  EXPECT_TRUE(checks[0].ok);
}

TEST_F(ToleranceTest, ExplicitRoundingsArePartOfTheProgram) {
  llvm::StringRef text = R"mlir(
func.func @main(%x: tensor<2xf32>) -> tensor<2xbf16> {
  %0 = uop.exp %x : tensor<2xf32>
  %1 = uop.cast %0 : tensor<2xf32> -> tensor<2xbf16>
  return %1 : tensor<2xbf16>
})mlir";
  // exp(1) is nowhere near a tie; log(1 + 2^-8) is as near as f32 gets.
  interp::Results results = reference(text, {f32({2}, {1, std::log(1 + 0x1p-8)})});
  EXPECT_EQ(results.references[0].tolerance[0], 0);
  EXPECT_EQ(results.references[0].tolerance[1], 0x1p-7);
}

TEST_F(ToleranceTest, ShapesAndTypesAreCompared) {
  interp::Results results = reference(softmax, {randomTensor(DType::F32, {4, 100}, 3)});
  EXPECT_EQ(interp::verifyOutputs(results, {f32({2}, {0, 0})})[0].mismatch,
            "expected tensor<4x100xf32>, got tensor<2xf32>");
  EXPECT_EQ(interp::verifyOutputs(results, {})[0].mismatch,
            "expected tensor<4x100xf32>, got nothing");
}

TEST_F(ToleranceTest, RandomProgramsInNarrowTypesAreWithinTheirBounds) {
  // The exact mode is a device like any other: InterpTest::run compares it with the bounds.
  for (llvm::StringRef type : {"f16", "bf16", "f32", "f64", "f8E5M2"})
    for (unsigned seed = 0; seed < 5; ++seed) {
      std::string text = R"mlir(
func.func @main(%a: tensor<30x40xT>, %b: tensor<30x40xT>) -> (tensor<30xT>, tensor<30x40xT>, tensor<30x40xT>) {
  %0 = uop.mul %a, %b : tensor<30x40xT>
  %1 = uop.exp %0 : tensor<30x40xT>
  %2 = uop.tanh %a : tensor<30x40xT>
  %3 = uop.sub %1, %2 : tensor<30x40xT>
  %4 = uop.fma %3, %a, %b : tensor<30x40xT>
  %5 = uop.reduce add %4 axes [1] : (tensor<30x40xT>) -> tensor<30xT>
  %6 = uop.sin %4 : tensor<30x40xT>
  %7 = uop.fdiv %6, %1 : tensor<30x40xT>
  %8 = uop.max %7, %2 : tensor<30x40xT>
  %9 = uop.scan add %8 axis 1 : (tensor<30x40xT>) -> tensor<30x40xT>
  %10 = uop.sort %8 axis 0 : (tensor<30x40xT>) -> tensor<30x40xT>
  return %5, %9, %10 : tensor<30xT>, tensor<30x40xT>, tensor<30x40xT>
})mlir";
      for (size_t at; (at = text.find('T')) != std::string::npos;)
        text.replace(at, 1, type.str());
      DType dtype = *parseDType(type.str());
      run(text, {randomTensor(dtype, {30, 40}, seed), randomTensor(dtype, {30, 40}, seed + 50)});
    }
}
