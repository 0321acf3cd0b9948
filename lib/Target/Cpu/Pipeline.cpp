//===- Pipeline.cpp - Code generation for processors, in order ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Target/Cpu/Passes.h"

#include "tg/Codegen/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace tg;
using namespace tg::cpu;

/// From the bottom up: the other way each operation that goes has its loop looked through for
/// whether that is dead, which takes time in the square of the loop's length.
static std::unique_ptr<Pass> createBottomUpCanonicalizer() {
  GreedyRewriteConfig config;
  config.setUseTopDownTraversal(false).setRegionSimplificationLevel(
      GreedySimplifyRegionLevel::Disabled);
  return createCanonicalizerPass(config);
}

void cpu::buildCodegenPipeline(OpPassManager &pm, const CodegenOptions &options) {
  // Tensors and movement become loops over flat buffers.
  pm.addPass(createKernelToLoops({options.checkIndices}));
  pm.addPass(createCSEPass());
  // The schedule, then loops with vectors.
  if (options.optLevel > 0)
    pm.addNestedPass<func::FuncOp>(createDefaultSchedule(
        {options.machine.vectorBits, options.machine.vectorRegisters, options.machine.l2Bytes}));
  if (options.optLevel > 0 && options.machine.hasFma)
    pm.addNestedPass<func::FuncOp>(createFuseMultiplyAdd());
  pm.addNestedPass<func::FuncOp>(createApplySchedule());
  // Workers take ranges of the outermost loops.
  pm.addNestedPass<func::FuncOp>(createPartitionUnits());
  pm.addPass(createLowerAffinePass());
  pm.addNestedPass<func::FuncOp>(createGuardDivisions());
  // On the loops that run: lanes and copies are chains of their own by now.
  pm.addNestedPass<func::FuncOp>(createBlockSums());
  pm.addPass(createBottomUpCanonicalizer());
  pm.addPass(createCSEPass());
  pm.addPass(createLoopInvariantCodeMotionPass());
  // The interface of the runtime, then LLVM's dialect. Functions of the math dialect that have no
  // LLVM intrinsic are calls of the C library.
  pm.addPass(createKernelAbi());
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createConvertVectorToLLVMPass());
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createConvertMathToLibmPass());
  pm.addPass(createConvertToLLVMPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addPass(createBottomUpCanonicalizer());
  pm.addPass(createCSEPass());
}

namespace {
struct PipelineOptions : PassPipelineOptions<PipelineOptions> {
  Option<unsigned> optLevel{*this, "opt-level", llvm::cl::init(1),
                            llvm::cl::desc("0: scalar loops; 1: vectors")};
  Option<bool> checkIndices{*this, "check-indices", llvm::cl::init(false),
                            llvm::cl::desc("An index out of range is an error")};
  Option<unsigned> vectorBits{*this, "vector-bits", llvm::cl::init(256),
                              llvm::cl::desc("Width of vectors in bits")};
  Option<unsigned> vectorRegisters{*this, "vector-registers", llvm::cl::init(16),
                                   llvm::cl::desc("Number of vector registers")};
  Option<bool> hasFma{*this, "fma", llvm::cl::init(true),
                      llvm::cl::desc("The target has a fused multiply-add")};
};
} // namespace

void cpu::registerPipelines() {
  registerTGCpuPasses();
  registerPassPipeline(
      "tg-codegen", "Kernels of uop operations to LLVM's dialect",
      [](OpPassManager &pm, StringRef text,
         llvm::function_ref<LogicalResult(const Twine &)> error) -> LogicalResult {
        PipelineOptions options;
        if (failed(options.parseFromString(text)))
          return failure();
        if (options.optLevel > 1)
          return error("opt-level: expected 0 or 1, got " + Twine(options.optLevel));
        if (std::string message = checkVectorUnit(options.vectorBits, options.vectorRegisters);
            !message.empty())
          return error(message);
        CodegenOptions codegen;
        codegen.optLevel = options.optLevel;
        codegen.checkIndices = options.checkIndices;
        codegen.machine.vectorBits = options.vectorBits;
        codegen.machine.vectorRegisters = options.vectorRegisters;
        codegen.machine.hasFma = options.hasFma;
        buildCodegenPipeline(pm, codegen);
        return success();
      },
      [](llvm::function_ref<void(const mlir::detail::PassOptions &)> use) {
        use(PipelineOptions());
      });
}

std::string cpu::checkVectorUnit(unsigned vectorBits, unsigned vectorRegisters) {
  if (!llvm::is_contained({128u, 256u, 512u}, vectorBits))
    return "vector-bits: expected 128, 256 or 512, got " + std::to_string(vectorBits);
  if (vectorRegisters == 0)
    return "vector-registers: expected at least 1, got 0";
  return "";
}
