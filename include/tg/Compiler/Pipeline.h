//===- Pipeline.h - The compiler's stages -----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_COMPILER_PIPELINE_H
#define TG_COMPILER_PIPELINE_H

#include "tg/Compiler/Compiler.h"

#include "mlir/Pass/PassManager.h"

namespace tg {

/// Model to simplified core uop; on a module.
void buildGraphStage(mlir::OpPassManager &pm, const CompileOptions &options);
/// Core uop to kernels over buffers, in three stages; on a module.
void buildFusionStage(mlir::OpPassManager &pm, const CompileOptions &options);
void buildOrderStage(mlir::OpPassManager &pm, const CompileOptions &options);
void buildMemoryStage(mlir::OpPassManager &pm, const CompileOptions &options);
/// One outlined kernel to the LLVM dialect; on the kernel's module.
void buildCodegenStage(mlir::OpPassManager &pm, const CompileOptions &options);

/// Registers the passes and pipelines `--tg-graph`, `--tg-engine`, `--tg-codegen`, and
/// `--tg-pipeline='device=cpu'`, which is graph and engine.
void registerPipelines();

} // namespace tg

#endif // TG_COMPILER_PIPELINE_H
