//===- Pipeline.h - The compiler's stages -----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_COMPILER_PIPELINE_H
#define TG_COMPILER_PIPELINE_H

#include "tg/Compiler/Compiler.h"
#include "tg/Target/Target.h"

#include "mlir/Pass/PassManager.h"

namespace tg {

/// Model to simplified uop that the target has; on a module.
void buildGraphStage(mlir::OpPassManager &pm, const CompileOptions &options, const Target &target);
/// That to kernels over buffers, in three stages; on a module.
void buildFusionStage(mlir::OpPassManager &pm, const CompileOptions &options, const Target &target);
void buildOrderStage(mlir::OpPassManager &pm, const CompileOptions &options, const Target &target);
void buildMemoryStage(mlir::OpPassManager &pm, const CompileOptions &options, const Target &target);
/// One outlined kernel to what the target emits code of; on the kernel's module.
void buildCodegenStage(mlir::OpPassManager &pm, const CompileOptions &options,
                       const Target &target);

/// The target that the options ask for. The message is for the user.
llvm::Expected<std::unique_ptr<Target>> createTarget(const CompileSettings &options);

/// Registers the passes and pipelines `--tg-graph`, `--tg-engine`, `--tg-codegen`, and
/// `--tg-pipeline='device=cpu'`, which is graph and engine.
void registerPipelines();

} // namespace tg

#endif // TG_COMPILER_PIPELINE_H
