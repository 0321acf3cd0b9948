//===- InitAll.cpp - Registers everything of tg ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/InitAll.h"

#include "tg/Compiler/Pipeline.h"
#include "tg/Dialect/UOp/UOp.h"
#include "tg/Engine/Passes.h"
#include "tg/Graph/Passes.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"

void tg::registerAllDialects(mlir::DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerBuiltinDialectTranslation(registry);
  mlir::registerLLVMDialectTranslation(registry);
  registry.insert<uop::UOpDialect>();
}

void tg::registerAllPasses() {
  registerGraphPasses();
  registerTGEnginePasses();
  registerPipelines();
}
