//===- Pipeline.cpp - The compiler's table of contents ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Compiler/Pipeline.h"

#include "tg/Codegen/Passes.h"
#include "tg/Engine/Passes.h"
#include "tg/Graph/Passes.h"
#include "tg/Target/Cpu.h"

#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace tg;

void tg::buildGraphStage(OpPassManager &pm, const CompileOptions &options) {
  // Calls are inlined first so that rewrites see across them; a custom operation becomes the call
  // of its body for the device.
  ExpandCustomOptions custom;
  custom.device = options.device;
  pm.addPass(createExpandCustom(custom));
  pm.addPass(createInlineCalls());
  pm.addPass(createSymbolDCEPass());
  // Simplify while second-tier operations are still whole (exp(log x) is one pattern then), expand
  // them into core operations, and simplify what the expansions share.
  if (options.simplify) {
    GraphOptions graph;
    graph.fastMath = options.fastMath;
    buildGraphPipeline(pm, graph);
  }
  // No processor has exp2, log2, sin or pow: these go too, after the simplifier has seen them.
  DecomposeOptions decompose;
  decompose.core = true;
  pm.addPass(createDecompose(decompose));
}

static EngineOptions engineOptions(const CompileOptions &options) {
  EngineOptions engine;
  engine.device = options.device;
  engine.fusion = options.fusion;
  engine.order = options.order;
  engine.inPlace = options.inPlace;
  return engine;
}

void tg::buildFusionStage(OpPassManager &pm, const CompileOptions &options) {
  buildFusionPipeline(pm, engineOptions(options));
}

void tg::buildOrderStage(OpPassManager &pm, const CompileOptions &options) {
  buildOrderPipeline(pm, engineOptions(options));
}

void tg::buildMemoryStage(OpPassManager &pm, const CompileOptions &options) {
  buildMemoryPipeline(pm, engineOptions(options));
}

static void buildEngine(OpPassManager &pm, const CompileOptions &options) {
  buildEnginePipeline(pm, engineOptions(options));
}

void tg::buildCodegenStage(OpPassManager &pm, const CompileOptions &options) {
  CodegenOptions codegen;
  codegen.optLevel = options.optLevel;
  codegen.checkIndices = options.checkIndices;
  llvm::Expected<CpuTarget> target = CpuTarget::get(options.targetCpu, options.targetFeatures);
  if (target) {
    codegen.vectorBits = target->vectorBits();
    codegen.vectorRegisters = target->hasFeature("avx512f") ? 32 : 16;
    codegen.hasFma = target->hasFeature("fma");
  } else {
    llvm::consumeError(target.takeError()); // Emitting the object reports it.
  }
  buildCodegenPipeline(pm, codegen);
}

namespace {
struct PipelineOptions : PassPipelineOptions<PipelineOptions> {
  Option<std::string> device{*this, "device", llvm::cl::desc("the device to compile for"),
                             llvm::cl::init("cpu")};
  Option<std::string> fusion{*this, "fusion", llvm::cl::desc("the fusion strategy"),
                             llvm::cl::init("default")};
  Option<std::string> order{*this, "order", llvm::cl::desc("the order of kernels"),
                            llvm::cl::init("memory")};
  Option<bool> inPlace{*this, "in-place",
                       llvm::cl::desc("whether results take over the buffers of what dies"),
                       llvm::cl::init(true)};
  Option<bool> fastMath{*this, "fast-math",
                        llvm::cl::desc("rewrites that change float results by rounding")};

  CompileOptions get() const {
    CompileOptions options;
    options.device = device;
    options.fusion = fusion;
    options.order = order;
    options.inPlace = inPlace;
    options.fastMath = fastMath;
    return options;
  }
};
} // namespace

/// As PassPipelineRegistration, which has no way to refuse values.
static void registerPipeline(StringRef name, StringRef description,
                             void (*build)(OpPassManager &, const CompileOptions &)) {
  registerPassPipeline(
      name, description,
      [=](OpPassManager &pm, StringRef text,
          llvm::function_ref<LogicalResult(const Twine &)> error) -> LogicalResult {
        PipelineOptions parsed;
        if (failed(parsed.parseFromString(text)))
          return failure();
        CompileOptions options = parsed.get();
        if (std::string message = checkOptions(options); !message.empty())
          return error(message);
        build(pm, options);
        return success();
      },
      [](llvm::function_ref<void(const mlir::detail::PassOptions &)> use) {
        use(PipelineOptions());
      });
}

void tg::registerPipelines() {
  registerCodegenPipelines();
  // Once: MLIR takes a name only once.
  static bool isDone = [] {
    registerPipeline("tg-engine", "Form kernels and give every tensor a buffer", buildEngine);
    registerPipeline("tg-pipeline", "Graph and engine: from a model to kernels over buffers",
                     [](OpPassManager &pm, const CompileOptions &options) {
                       buildGraphStage(pm, options);
                       buildEngine(pm, options);
                     });
    return true;
  }();
  (void)isDone;
}
