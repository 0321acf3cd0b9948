//===- Passes.h - Graph passes ----------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Passes from uop to uop on tensors, before kernels are formed.
//
//===----------------------------------------------------------------------===//

#ifndef TG_GRAPH_PASSES_H
#define TG_GRAPH_PASSES_H

#include "tg/Dialect/UOp/UOp.h"

#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassOptions.h"

#include <memory>
#include <string>

namespace tg {

/// Options of the graph pipeline, `--tg-graph`.
struct GraphOptions : mlir::PassPipelineOptions<GraphOptions> {
  Option<bool> fastMath{*this, "fast-math",
                        llvm::cl::desc("Apply rules that may change float results"),
                        llvm::cl::init(false)};
  ListOption<std::string> disable{*this, "disable",
                                  llvm::cl::desc("Names of simplifier rules not to apply")};
};

#define GEN_PASS_DECL
#include "tg/Graph/Passes.h.inc"

/// The passes of the graph layer in order: simplify, decompose, fold constants, simplify,
/// fold constants.
void buildGraphPipeline(mlir::OpPassManager &pm, const GraphOptions &options);

/// Registers the passes and the pipeline `tg-graph`.
void registerGraphPasses();

#define GEN_PASS_REGISTRATION
#include "tg/Graph/Passes.h.inc"

} // namespace tg

#endif // TG_GRAPH_PASSES_H
