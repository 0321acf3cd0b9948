//===- Session.cpp - What compilations share ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Compiler/Session.h"

#include "KernelStore.h"

#include "tg/Compiler/Pipeline.h"
#include "tg/InitAll.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace tg;

/// Attributes of models live as long as their context.
static constexpr uint64_t maxModelBytes = 256 << 20;

Session::Session(bool isParallel)
    : isParallel(isParallel), kernels(std::make_unique<KernelStore>()) {
  registerAllDialects(registry);
}

Session::~Session() = default;

std::shared_ptr<MLIRContext> Session::getContext() {
  std::lock_guard<std::mutex> lock(mutex);
  if (!context || modelBytes > maxModelBytes) {
    context = std::make_shared<MLIRContext>(
        registry, isParallel ? MLIRContext::Threading::ENABLED : MLIRContext::Threading::DISABLED);
    context->loadDialect<uop::UOpDialect, func::FuncDialect>();
    context->printOpOnDiagnostic(false);
    modelBytes = 0;
  }
  return context;
}

void Session::noteModel(uint64_t bytes) {
  std::lock_guard<std::mutex> lock(mutex);
  modelBytes += bytes;
}

llvm::Expected<const Target *> Session::getTarget(const CompileSettings &settings) {
  std::string key = settings.device;
  for (const CompileOption &option : getCompileOptions())
    if (option.isOfCode)
      key += '\n' + option.get(settings);
  std::lock_guard<std::mutex> lock(mutex);
  std::unique_ptr<Target> &target = targets[key];
  if (!target) {
    auto made = createTarget(settings);
    if (!made)
      return made.takeError();
    target = std::move(*made);
  }
  return target.get();
}

FailureOr<Compilation> Session::compile(ModuleOp module, const CompileOptions &options) {
  llvm::Expected<const Target *> target = getTarget(options);
  if (!target)
    return emitError(UnknownLoc::get(module.getContext()), llvm::toString(target.takeError()));
  return tg::compile(module, options, **target, kernels.get());
}

rt::ContextOptions Session::makeContextOptions() {
  std::lock_guard<std::mutex> lock(mutex);
  if (!runtime)
    runtime = rt::Runtime::create();
  if (!threads)
    threads = rt::createThreadPool(0);
  rt::ContextOptions options;
  options.runtime = runtime;
  options.threadPool = threads;
  return options;
}
