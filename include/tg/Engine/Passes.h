//===- Passes.h - Engine passes ---------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The engine turns a function of uop operations into kernels over buffers: custom operations and
// calls are resolved, scalars lifted, kernels formed, buffers assigned.
//
//===----------------------------------------------------------------------===//

#ifndef TG_ENGINE_PASSES_H
#define TG_ENGINE_PASSES_H

#include "tg/Machine/Machine.h"

#include "mlir/Pass/Pass.h"

#include <memory>
#include <string>

namespace tg {

struct EngineOptions {
  /// What kernels are formed for.
  Machine machine;
  /// Which fusion strategy, by name; see tg/Engine/Fusion.h.
  std::string fusion = "default";
  /// Which order of kernels, by name; see tg/Engine/KernelOrder.h.
  std::string order = "memory";
  /// Whether results take over the buffers of inputs that die.
  bool inPlace = true;
};

#define GEN_PASS_DECL
#include "tg/Engine/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "tg/Engine/Passes.h.inc"

/// The passes of the engine in order, on a module.
void buildEnginePipeline(mlir::OpPassManager &pm, const EngineOptions &options);
/// Its phases: form kernels, put them in order, give every tensor a buffer.
void buildFusionPipeline(mlir::OpPassManager &pm, const EngineOptions &options);
void buildOrderPipeline(mlir::OpPassManager &pm, const EngineOptions &options);
void buildMemoryPipeline(mlir::OpPassManager &pm, const EngineOptions &options);

} // namespace tg

#endif // TG_ENGINE_PASSES_H
