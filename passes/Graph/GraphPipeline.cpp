//===- GraphPipeline.cpp - The graph layer's passes in order ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Graph/Passes.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;

void tg::buildGraphPipeline(OpPassManager &pm, const GraphOptions &options) {
  SimplifyOptions simplify;
  simplify.fastMath = options.fastMath;
  simplify.disable.assign(options.disable.begin(), options.disable.end());
  pm.addPass(createSimplify(simplify));
  pm.addPass(createDecompose());
  // Constants that become splats are for the simplifier. It leaves constants to be computed in
  // turn: x - c is x + -c.
  pm.addPass(createFoldConstants());
  // The expansions count on every rounding: no fast-math from here on.
  simplify.fastMath = false;
  pm.addPass(createSimplify(simplify));
  pm.addPass(createFoldConstants());
}

void tg::registerGraphPasses() {
  registerTGGraphPasses();
  PassPipelineRegistration<GraphOptions>(
      "tg-graph", "The graph layer: simplify, decompose, fold, simplify, fold", buildGraphPipeline);
}
