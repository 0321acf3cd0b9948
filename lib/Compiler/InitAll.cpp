//===- InitAll.cpp - Registers everything of tg ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/InitAll.h"

#include "tg/Codegen/Passes.h"
#include "tg/Dialect/UOp/UOp.h"
#include "tg/Engine/Passes.h"
#include "tg/Graph/Passes.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"

void tg::registerAllDialects(mlir::DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  registry.insert<uop::UOpDialect>();
}

void tg::registerAllPasses() {
  registerTGEnginePasses();
  registerGraphPasses();
  registerCodegenPipelines();
}
