//===- EnginePipeline.cpp - The engine's passes in order ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Engine/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void tg::buildFusionPipeline(OpPassManager &pm, const EngineOptions &options) {
  OpPassManager &function = pm.nest<func::FuncOp>();
  // A program has buffers, no scalar registers. What this makes of them has sizes to be checked.
  function.addPass(createLiftScalars());
  function.addPass(createInsertChecks());
  function.addPass(createCSEPass());
  FormKernelsOptions fusion;
  fusion.strategy = options.fusion;
  fusion.flopsPerByte = options.machine.getFlopsPerByte();
  function.addPass(createFormKernels(fusion));
}

void tg::buildOrderPipeline(OpPassManager &pm, const EngineOptions &options) {
  OrderKernelsOptions order;
  order.strategy = options.order;
  pm.nest<func::FuncOp>().addPass(createOrderKernels(order));
}

void tg::buildMemoryPipeline(OpPassManager &pm, const EngineOptions &options) {
  OpPassManager &function = pm.nest<func::FuncOp>();
  function.addPass(createBufferize());
  if (options.inPlace)
    function.addPass(createUpdateInPlace());
}

void tg::buildEnginePipeline(OpPassManager &pm, const EngineOptions &options) {
  buildFusionPipeline(pm, options);
  buildOrderPipeline(pm, options);
  buildMemoryPipeline(pm, options);
}
