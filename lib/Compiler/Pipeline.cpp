//===- Pipeline.cpp - The compiler's table of contents ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Compiler/Pipeline.h"

#include "tg/Codegen/Passes.h"
#include "tg/Engine/Passes.h"
#include "tg/Graph/Passes.h"

#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

llvm::Expected<std::unique_ptr<Target>> tg::createTarget(const CompileSettings &options) {
  TargetOptions target;
  target.processor = options.targetCpu;
  target.features = options.targetFeatures;
  target.optLevel = options.optLevel;
  target.checkIndices = options.checkIndices;
  return createTarget(options.device, target);
}

void tg::buildGraphStage(OpPassManager &pm, const CompileOptions &options, const Target &target) {
  // Calls are inlined first so that rewrites see across them; a custom operation becomes the call
  // of its body for the device.
  ExpandCustomOptions custom;
  custom.device = target.getName().str();
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
  // What the target has no function for goes too, after the simplifier has seen it.
  DecomposeOptions decompose;
  decompose.core = true;
  for (auto [kind, name] :
       {std::pair(ElementwiseKind::Exp2, "exp2"), std::pair(ElementwiseKind::Log2, "log2"),
        std::pair(ElementwiseKind::Sin, "sin"), std::pair(ElementwiseKind::Pow, "pow")})
    if (target.has(kind))
      decompose.keep.push_back(name);
  pm.addPass(createDecompose(decompose));
}

static EngineOptions engineOptions(const CompileOptions &options, const Target &target) {
  EngineOptions engine;
  engine.machine = target.getMachine();
  engine.fusion = options.fusion;
  engine.order = options.order;
  engine.inPlace = options.inPlace;
  return engine;
}

void tg::buildFusionStage(OpPassManager &pm, const CompileOptions &options, const Target &target) {
  buildFusionPipeline(pm, engineOptions(options, target));
}

void tg::buildOrderStage(OpPassManager &pm, const CompileOptions &options, const Target &target) {
  buildOrderPipeline(pm, engineOptions(options, target));
}

void tg::buildMemoryStage(OpPassManager &pm, const CompileOptions &options, const Target &target) {
  buildMemoryPipeline(pm, engineOptions(options, target));
}

static void buildEngine(OpPassManager &pm, const CompileOptions &options, const Target &target) {
  buildEnginePipeline(pm, engineOptions(options, target));
}

void tg::buildCodegenStage(OpPassManager &pm, const CompileOptions &, const Target &target) {
  target.buildCodegen(pm);
}

namespace {
/// Those of the table of compile options that pipelines have.
struct PipelineOptions : mlir::detail::PassOptions {
  using Text = Option<std::string>;
  using Flag = Option<bool>;

  PipelineOptions() {
    for (const CompileOption &option : getCompileOptions()) {
      if (!option.isOfPipelines)
        continue;
      std::string value = option.get(CompileSettings());
      if (option.isFlag())
        flags.emplace_back(&option,
                           std::make_unique<Flag>(*this, option.name, llvm::cl::desc(option.help),
                                                  llvm::cl::init(value == "true")));
      else
        texts.emplace_back(&option,
                           std::make_unique<Text>(*this, option.name, llvm::cl::desc(option.help),
                                                  llvm::cl::init(value)));
    }
  }

  /// What is wrong; empty if nothing is.
  std::string read(CompileOptions &options) const {
    for (auto &[option, text] : texts)
      if (std::string message = option->set(options, *text); !message.empty())
        return option->name + (": " + message);
    for (auto &[option, flag] : flags)
      (void)option->set(options, *flag ? "true" : "false");
    return checkOptions(options);
  }

  std::vector<std::pair<const CompileOption *, std::unique_ptr<Text>>> texts;
  std::vector<std::pair<const CompileOption *, std::unique_ptr<Flag>>> flags;
};
} // namespace

/// As PassPipelineRegistration, which has no way to refuse values.
static void registerPipeline(StringRef name, StringRef description,
                             void (*build)(OpPassManager &, const CompileOptions &,
                                           const Target &)) {
  registerPassPipeline(
      name, description,
      [=](OpPassManager &pm, StringRef text,
          llvm::function_ref<LogicalResult(const Twine &)> error) -> LogicalResult {
        PipelineOptions parsed;
        if (failed(parsed.parseFromString(text)))
          return failure();
        CompileOptions options;
        if (std::string message = parsed.read(options); !message.empty())
          return error(message);
        // That there is one was found when the options were read.
        build(pm, options, *llvm::cantFail(createTarget(options)));
        return success();
      },
      [](llvm::function_ref<void(const mlir::detail::PassOptions &)> use) {
        use(PipelineOptions());
      });
}

void tg::registerPipelines() {
  // Once: MLIR takes a name only once.
  static bool isDone = [] {
    registerTGCodegenPasses();
    registerTargetPasses();
    registerPipeline("tg-engine", "Form kernels and give every tensor a buffer", buildEngine);
    registerPipeline("tg-pipeline", "Graph and engine: from a model to kernels over buffers",
                     [](OpPassManager &pm, const CompileOptions &options, const Target &target) {
                       buildGraphStage(pm, options, target);
                       buildEngine(pm, options, target);
                     });
    return true;
  }();
  (void)isDone;
}
