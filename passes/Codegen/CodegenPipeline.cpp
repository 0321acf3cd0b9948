//===- CodegenPipeline.cpp - The stages of code generation, in order ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

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

/// From the bottom up: the other way each operation that goes has its loop looked through for
/// whether that is dead, which takes time in the square of the loop's length.
static std::unique_ptr<Pass> createBottomUpCanonicalizer() {
  GreedyRewriteConfig config;
  config.setUseTopDownTraversal(false).setRegionSimplificationLevel(
      GreedySimplifyRegionLevel::Disabled);
  return createCanonicalizerPass(config);
}

void tg::buildCodegenPipeline(OpPassManager &pm, const CodegenOptions &options) {
  // Tensors and movement become loops over flat buffers.
  pm.addPass(createKernelToLoops({options.checkIndices}));
  pm.addPass(createCSEPass());
  // The schedule, then loops with vectors.
  if (options.optLevel > 0) {
    pm.addNestedPass<func::FuncOp>(
        createCpuSchedule({options.vectorBits, options.vectorRegisters}));
    pm.addNestedPass<func::FuncOp>(createApplySchedule({options.hasFma}));
  }
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
  pm.addPass(createCpuAbi());
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

void tg::registerCodegenPipelines() {
  registerTGCodegenPasses();
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
        codegen.vectorBits = options.vectorBits;
        codegen.vectorRegisters = options.vectorRegisters;
        codegen.hasFma = options.hasFma;
        buildCodegenPipeline(pm, codegen);
        return success();
      },
      [](llvm::function_ref<void(const mlir::detail::PassOptions &)> use) {
        use(PipelineOptions());
      });
}

tg::KernelCosts tg::getKernelCosts(ModuleOp module, StringRef name) {
  KernelCosts costs;
  Operation *kernel = SymbolTable::lookupSymbolIn(module, name);
  if (!kernel)
    return costs;
  costs.range = kernel->getAttrOfType<uop::DimAttr>(attrs::range);
  costs.workspace = kernel->getAttrOfType<uop::DimAttr>(attrs::workspace);
  costs.flops = kernel->getAttrOfType<uop::DimAttr>(attrs::flops);
  costs.bytes = kernel->getAttrOfType<uop::DimAttr>(attrs::bytes);
  return costs;
}
