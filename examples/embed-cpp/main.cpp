//===- main.cpp - tg as a C++ library ---------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   embed-cpp                                   a program built operation by operation
//   embed-cpp MODEL.onnx INPUT.npy EXPECTED.npy  a model from a file
//
// Compiles, runs, and compares with what is expected; exit status 1 when anything fails.
//===----------------------------------------------------------------------===//

#include "tg/Builder/TensorBuilder.h"
#include "tg/Compiler/Compiler.h"
#include "tg/Import/Onnx.h"
#include "tg/InitAll.h"
#include "tg/Runtime/Context.h"
#include "tg/Runtime/IO/TensorIO.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"

#include <cmath>
#include <cstdio>

using tg::rt::Tensor;

/// y = sqrt(x * x + 1) over tensor<4xf32>.
static mlir::OwningOpRef<mlir::ModuleOp> buildModule(mlir::MLIRContext &context) {
  context.loadDialect<mlir::func::FuncDialect, tg::uop::UOpDialect>();
  mlir::OpBuilder builder(&context);
  mlir::Location loc = builder.getUnknownLoc();
  mlir::OwningOpRef<mlir::ModuleOp> module = mlir::ModuleOp::create(loc);
  builder.setInsertionPointToEnd(module->getBody());

  auto type = mlir::RankedTensorType::get({4}, builder.getF32Type());
  auto function =
      mlir::func::FuncOp::create(builder, loc, "main", builder.getFunctionType(type, type));
  builder.setInsertionPointToEnd(function.addEntryBlock());
  mlir::Value x = function.getArgument(0);
  mlir::Value one = tg::uop::ConstOp::create(
      builder, loc, mlir::DenseElementsAttr::get(type, builder.getF32FloatAttr(1)));
  mlir::Value square = tg::uop::MulOp::create(builder, loc, x, x);
  mlir::Value sum = tg::uop::AddOp::create(builder, loc, square, one);
  mlir::Value y = tg::uop::SqrtOp::create(builder, loc, sum);
  mlir::func::ReturnOp::create(builder, loc, y);
  return module;
}

/// The first output; nothing after a message.
static tg::rt::Result<Tensor> compileAndRun(mlir::ModuleOp module, const Tensor &input) {
  tg::CompileOptions options; // The defaults: this processor, vectors, the disk cache.
  mlir::FailureOr<tg::Compilation> compilation = tg::compile(module, options);
  if (mlir::failed(compilation))
    return tg::rt::error("the model does not compile"); // The reason went to the diagnostics.
  auto context = tg::rt::Context::create(compilation->program);
  if (!context.ok())
    return context.status();
  auto outputs = (*context)->run({input});
  if (!outputs.ok())
    return outputs.status();
  return (*outputs)[0];
}

static int check(const tg::rt::Result<Tensor> &actual, const Tensor &expected) {
  if (!actual.ok()) {
    std::fprintf(stderr, "error: %s\n", actual.message().c_str());
    return 1;
  }
  double worst = actual->shape() == expected.shape() ? 0 : INFINITY;
  for (int64_t i = 0; worst < INFINITY && i < expected.numElements(); ++i)
    worst = std::fmax(worst, std::fabs(actual->getDouble(i) - expected.getDouble(i)));
  std::printf("%s, largest error %g\n", actual->typeName().c_str(), worst);
  return !(worst < 1e-4);
}

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  tg::registerAllDialects(registry);
  mlir::MLIRContext context(registry);

  if (argc == 4) {
    auto module = tg::importOnnxFile(argv[1], &context);
    auto input = tg::rt::readNpy(argv[2]), expected = tg::rt::readNpy(argv[3]);
    for (const auto *file : {&input, &expected})
      if (!file->ok())
        return check(*file, {});
    return module ? check(compileAndRun(*module, *input), *expected) : 1;
  }
  auto module = buildModule(context);
  float x[4] = {0, 1, -2, 3}, y[4] = {};
  for (int i = 0; i < 4; ++i)
    y[i] = std::sqrt(x[i] * x[i] + 1);
  return check(compileAndRun(*module, *Tensor::copyOf(tg::DType::F32, {4}, x, sizeof x)),
               *Tensor::copyOf(tg::DType::F32, {4}, y, sizeof y));
}
