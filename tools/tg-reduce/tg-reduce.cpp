//===- tg-reduce.cpp - Shrinks a module that shows a fault ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Tooling/OutputErrors.h"
#include "tg/Tooling/ReducePass.h"

#include "tg/InitAll.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-reduce/MlirReduceMain.h"

int main(int argc, char **argv) {
  tg::reportOutputErrors("tg-reduce", argv);
  mlir::DialectRegistry registry;
  tg::registerAllDialects(registry);
  mlir::registerAllPasses();
  tg::registerAllPasses();
  tg::registerReducePass();
  mlir::MLIRContext context(registry);
  return mlir::failed(mlir::mlirReduceMain(argc, argv, context));
}
