//===- tg-opt.cpp - All of MLIR's and tg's passes ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Tooling/OutputErrors.h"

#include "tg/InitAll.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  tg::reportOutputErrors("tg-opt", argv);
  mlir::DialectRegistry registry;
  tg::registerAllDialects(registry);
  mlir::registerAllPasses();
  tg::registerAllPasses();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "tg: tensor compiler driver\n", registry));
}
