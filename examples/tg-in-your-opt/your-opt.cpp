//===- your-opt.cpp - tg inside another *-opt tool --------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   your-opt model.mlir --pass-pipeline='builtin.module(func.func(your-count-ops),tg-graph)'
//
//===----------------------------------------------------------------------===//

#include "tg/Dialect/UOp/UOp.h"
#include "tg/InitAll.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

namespace {

/// A pass of yours that knows tg's operations.
struct CountOps : mlir::PassWrapper<CountOps, mlir::OperationPass<mlir::func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(CountOps)

  llvm::StringRef getArgument() const override { return "your-count-ops"; }
  llvm::StringRef getDescription() const override {
    return "Say how many uop operations there are";
  }
  void runOnOperation() override {
    unsigned count = 0;
    getOperation().walk([&](mlir::Operation *op) {
      count += llvm::isa_and_nonnull<tg::uop::UOpDialect>(op->getDialect());
    });
    getOperation().emitRemark() << count << " uop operations";
    markAllAnalysesPreserved();
  }
};

} // namespace

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  tg::registerAllDialects(registry);
  tg::registerAllPasses(); // Passes, and the pipelines tg-graph, tg-engine, tg-codegen.
  mlir::PassRegistration<CountOps>();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "your tool, with tg\n", registry));
}
