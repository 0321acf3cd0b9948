//===- Processor.cpp - Machine code for processors ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Target/Cpu/Processor.h"

#include "tg/Runtime/Devices/Cpu/CpuFeatures.h"

#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"
#include "llvm/Transforms/InstCombine/InstCombine.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Scalar/LICM.h"
#include "llvm/Transforms/Scalar/LoopPassManager.h"
#include "llvm/Transforms/Scalar/LoopRotation.h"
#include "llvm/Transforms/Scalar/LoopUnrollPass.h"
#include "llvm/Transforms/Scalar/SimplifyCFG.h"

#include <mutex>

using namespace llvm;
using namespace tg;
using namespace tg::cpu;

static Error makeError(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message);
}

static Expected<const llvm::Target *> findTarget(const Triple &triple) {
  static std::once_flag initialized; // LLVM's own registry of targets is process-wide.
  std::call_once(initialized, [] {
    InitializeNativeTarget();
    InitializeNativeTargetAsmPrinter();
    InitializeNativeTargetAsmParser();
  });
  std::string error;
  if (const llvm::Target *found = TargetRegistry::lookupTarget(triple, error))
    return found;
  return makeError(error);
}

Expected<Processor> Processor::get(StringRef cpu, StringRef features) {
  Processor target;
  target.triple = sys::getProcessTriple();
  target.cpu = cpu.empty() ? sys::getHostCPUName().str() : cpu.str();
  std::vector<std::string> list;
  if (cpu.empty()) {
    for (const auto &feature : sys::getHostCPUFeatures())
      list.push_back((feature.second ? "+" : "-") + feature.first().str());
    sort(list);
  }
  // Code generation would ignore unknown names with a warning.
  Expected<const llvm::Target *> found = findTarget(Triple(target.triple));
  if (!found)
    return found.takeError();
  std::unique_ptr<MCSubtargetInfo> info(
      (*found)->createMCSubtargetInfo(Triple(target.triple), "", ""));
  if (!cpu.empty() && !info->isCPUStringValid(cpu))
    return makeError("unknown target processor '" + cpu + "'");
  SmallVector<StringRef> extra;
  features.split(extra, ',', -1, /*KeepEmpty=*/false);
  for (StringRef feature : extra) {
    if (!feature.starts_with("+") && !feature.starts_with("-"))
      return makeError("target feature '" + feature + "' must start with + or -");
    if (none_of(info->getAllProcessorFeatures(),
                [&](const SubtargetFeatureKV &known) { return feature.drop_front() == known.Key; }))
      return makeError("unknown target feature '" + feature.drop_front() + "'");
    list.push_back(feature.str());
  }
  target.features = join(list, ",");
  return target;
}

bool Processor::hasFeature(StringRef name) const {
  bool result = false;
  SmallVector<StringRef> list;
  StringRef(features).split(list, ',', -1, /*KeepEmpty=*/false);
  for (StringRef feature : list)
    if (feature.drop_front() == name)
      result = feature.front() == '+';
  return result;
}

std::vector<std::string> Processor::requirements() const {
  std::vector<std::string> result;
  Expected<const llvm::Target *> found = findTarget(Triple(triple));
  if (!found) {
    consumeError(found.takeError()); // `get` has reported it.
    return result;
  }
  std::unique_ptr<MCSubtargetInfo> info(
      (*found)->createMCSubtargetInfo(Triple(triple), cpu, features));
  for (const std::string &name : rt::knownCpuFeatures())
    if (info->checkFeatures("+" + name))
      result.push_back(name);
  return result;
}

unsigned Processor::vectorBits() const {
  return hasFeature("avx512f") ? 512 : hasFeature("avx") ? 256 : 128;
}

unsigned Processor::vectorRegisters() const { return hasFeature("avx512f") ? 32 : 16; }

static Expected<std::unique_ptr<TargetMachine>> makeTargetMachine(const Processor &target) {
  Triple triple(target.triple);
  Expected<const llvm::Target *> found = findTarget(triple);
  if (!found)
    return found.takeError();
  std::unique_ptr<TargetMachine> machine(
      (*found)->createTargetMachine(triple, target.cpu, target.features, TargetOptions(),
                                    Reloc::PIC_, std::nullopt, CodeGenOptLevel::Default));
  if (!machine || !machine->getMCSubtargetInfo()->isCPUStringValid(target.cpu))
    return makeError("unknown target processor '" + target.cpu + "'");
  return machine;
}

/// Kernels come as explicit vector code. Hoisting, unrolling loops of a few iterations and tidying
/// is what is left to gain; all of O2 takes several times as long for the same speed.
static void optimize(Module &module, TargetMachine &machine, unsigned optLevel) {
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager callGraph;
  ModuleAnalysisManager modules;
  PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(callGraph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, callGraph, modules);
  if (optLevel > 2) {
    builder.buildPerModuleDefaultPipeline(OptimizationLevel::O3).run(module, modules);
    return;
  }
  FunctionPassManager passes;
  passes.addPass(EarlyCSEPass());
  passes.addPass(InstCombinePass());
  passes.addPass(SimplifyCFGPass());
  if (optLevel > 1) {
    LoopPassManager hoist, unroll;
    hoist.addPass(LoopRotatePass());
    hoist.addPass(LICMPass(LICMOptions()));
    unroll.addPass(LoopFullUnrollPass());
    passes.addPass(createFunctionToLoopPassAdaptor(std::move(hoist), /*UseMemorySSA=*/true));
    passes.addPass(createFunctionToLoopPassAdaptor(std::move(unroll)));
    passes.addPass(EarlyCSEPass());
    passes.addPass(InstCombinePass());
    passes.addPass(SimplifyCFGPass());
  }
  for (Function &function : module)
    if (!function.isDeclaration())
      passes.run(function, functions);
}

static Expected<std::unique_ptr<Module>> translate(mlir::ModuleOp module, LLVMContext &context,
                                                   TargetMachine &machine, const Processor &target,
                                                   unsigned optLevel) {
  std::unique_ptr<Module> result = mlir::translateModuleToLLVMIR(module, context);
  if (!result)
    return makeError("the kernel does not translate to LLVM IR");
  result->setDataLayout(machine.createDataLayout());
  result->setTargetTriple(machine.getTargetTriple());
  for (Function &function : *result) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", target.cpu);
    function.addFnAttr("target-features", target.features);
    // Some processors prefer 256 bits by LLVM's tables; kernels are vector code throughout.
    function.addFnAttr("prefer-vector-width", std::to_string(target.vectorBits()));
    function.addFnAttr(Attribute::NoUnwind);
  }
  if (optLevel > 0)
    optimize(*result, machine, optLevel);
  return result;
}

/// Translates the module for the processor and returns what `print` makes of it.
static Expected<std::string>
emitWith(mlir::ModuleOp module, const Processor &target, unsigned optLevel,
         function_ref<Expected<std::string>(Module &, TargetMachine &)> print) {
  auto machine = makeTargetMachine(target);
  if (!machine)
    return machine.takeError();
  LLVMContext context;
  auto translated = translate(module, context, **machine, target, optLevel);
  if (!translated)
    return translated.takeError();
  return print(**translated, **machine);
}

Expected<std::string> cpu::emitLLVMIR(mlir::ModuleOp module, const Processor &target,
                                      unsigned optLevel) {
  return emitWith(module, target, optLevel, [](Module &translated, TargetMachine &) {
    std::string text;
    raw_string_ostream(text) << translated;
    return Expected<std::string>(std::move(text));
  });
}

Expected<std::string> cpu::emitObject(mlir::ModuleOp module, const Processor &target,
                                      unsigned optLevel) {
  return emitWith(
      module, target, optLevel,
      [](Module &translated, TargetMachine &machine) -> Expected<std::string> {
        SmallVector<char, 0> buffer;
        raw_svector_ostream os(buffer);
        legacy::PassManager passes;
        if (machine.addPassesToEmitFile(passes, os, nullptr, CodeGenFileType::ObjectFile))
          return makeError("this target has no object files");
        passes.run(translated);
        return std::string(buffer.data(), buffer.size());
      });
}
