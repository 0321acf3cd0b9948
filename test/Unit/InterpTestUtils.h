//===- InterpTestUtils.h - Running modules from text ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_TEST_UNIT_INTERPTESTUTILS_H
#define TG_TEST_UNIT_INTERPTESTUTILS_H

#include "tg/Dialect/UOp/UOp.h"
#include "tg/Interp/Interpreter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Parser/Parser.h"

#include "gtest/gtest.h"

#include <initializer_list>

namespace tg::test {

/// A tensor of these values, converted as `cast` from f64 (integers: exactly below 2^53).
inline rt::Tensor makeTensor(DType dtype, std::vector<int64_t> shape,
                             const std::vector<double> &values) {
  rt::Result<rt::Tensor> tensor = rt::Tensor::zeros(dtype, std::move(shape));
  EXPECT_TRUE(tensor.ok()) << tensor.message();
  EXPECT_EQ(tensor->numElements(), int64_t(values.size()));
  for (size_t i = 0; i < values.size(); ++i)
    tensor->setDouble(i, values[i]);
  return *tensor;
}

inline rt::Tensor f32(std::vector<int64_t> shape, const std::vector<double> &values) {
  return makeTensor(DType::F32, std::move(shape), values);
}
inline rt::Tensor i64(std::vector<int64_t> shape, const std::vector<double> &values) {
  return makeTensor(DType::I64, std::move(shape), values);
}

inline std::vector<double> valuesOf(const rt::Tensor &tensor) {
  std::vector<double> values;
  for (int64_t i = 0; i < tensor.numElements(); ++i)
    values.push_back(tensor.getDouble(i));
  return values;
}

/// Values in [-1, 1] from a fixed sequence.
inline rt::Tensor randomTensor(DType dtype, std::vector<int64_t> shape, unsigned seed) {
  rt::Result<rt::Tensor> tensor = rt::Tensor::zeros(dtype, std::move(shape));
  uint64_t state = 0x9E3779B97F4A7C15u * (seed + 1);
  for (int64_t i = 0; i < tensor->numElements(); ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    tensor->setDouble(i, double(int64_t(state >> 33) - (int64_t(1) << 30)) / (int64_t(1) << 30));
  }
  return *tensor;
}

class InterpTest : public ::testing::Test {
protected:
  InterpTest() {
    context.loadDialect<uop::UOpDialect, mlir::func::FuncDialect, mlir::scf::SCFDialect,
                        mlir::arith::ArithDialect, mlir::tensor::TensorDialect>();
  }

  /// Runs @main of a module.
  rt::Result<interp::Results> tryRun(llvm::StringRef text, llvm::ArrayRef<rt::Tensor> inputs,
                                     interp::Options options = {},
                                     const interp::VarValues &vars = {}) {
    module = mlir::parseSourceString<mlir::ModuleOp>(text, &context, "test.mlir");
    if (!module)
      return rt::error("does not parse");
    return interp::interpret(*module, "", inputs, vars, options);
  }

  std::vector<rt::Tensor> run(llvm::StringRef text, llvm::ArrayRef<rt::Tensor> inputs,
                              interp::Options options = {}, const interp::VarValues &vars = {}) {
    auto results = tryRun(text, inputs, options, vars);
    EXPECT_TRUE(results.ok()) << results.message() << "\n" << text.str();
    if (!results)
      return std::vector<rt::Tensor>(8, f32({}, {0}));
    // The same without bounds and with: the values agree where they are exact.
    options.tolerances = true;
    auto bounded = interp::interpret(*module, "", inputs, vars, options);
    EXPECT_TRUE(bounded.ok()) << bounded.message();
    if (bounded)
      for (const interp::OutputCheck &check : interp::verifyOutputs(*bounded, results->outputs))
        EXPECT_TRUE(check.ok) << check.mismatch << " at " << check.worstIndex << ": "
                              << check.worstActual << " for " << check.worstValue << " within "
                              << check.worstTolerance << "\n"
                              << text.str();
    return results->outputs;
  }

  /// Runs one operation, `%a` and so on being the arguments, and gives its first result.
  rt::Tensor runOp(llvm::StringRef op, llvm::ArrayRef<rt::Tensor> inputs,
                   llvm::StringRef resultType) {
    std::string text = "func.func @main(";
    for (size_t i = 0; i < inputs.size(); ++i)
      text += std::string(i ? ", " : "") + "%" + char('a' + i) + ": " + inputs[i].typeName();
    text += ") -> " + resultType.str() + " {\n  %r = " + op.str() +
            "\n  return %r : " + resultType.str() + "\n}\n";
    return run(text, inputs).front();
  }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

} // namespace tg::test

#endif // TG_TEST_UNIT_INTERPTESTUTILS_H
