//===- CpuTarget.cpp - Processors as a target ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Target/Cpu/CpuTarget.h"

#include "tg/Runtime/Memory/Allocator.h"
#include "tg/Target/Cpu/MergeObjects.h"
#include "tg/Target/Cpu/Passes.h"
#include "tg/Target/Cpu/Processor.h"

#include <unistd.h>

using namespace mlir;
using namespace tg;
using namespace tg::cpu;
using llvm::Expected;

namespace {

class CpuTarget : public Target {
public:
  CpuTarget(Processor processor, const TargetOptions &options)
      : processor(std::move(processor)), options(options) {
    machine.vectorBits = this->processor.vectorBits();
    machine.vectorRegisters = this->processor.vectorRegisters();
    machine.hasFma = this->processor.hasFeature("fma");
    if (options.processor.empty())
      if (long bytes = sysconf(_SC_LEVEL2_CACHE_SIZE); bytes > 0)
        machine.l2Bytes = bytes;
  }

  StringRef getName() const override { return "cpu"; }
  const Machine &getMachine() const override { return machine; }

  /// No processor has exp2, log2, sin or pow; square roots, rounding and the rest are instructions,
  /// or taken apart by the lowering of scalars.
  bool has(uop::ElementwiseKind function) const override {
    switch (function) {
    case uop::ElementwiseKind::Exp2:
    case uop::ElementwiseKind::Log2:
    case uop::ElementwiseKind::Sin:
    case uop::ElementwiseKind::Pow:
      return false;
    default:
      return true;
    }
  }

  void buildCodegen(OpPassManager &pm) const override {
    CodegenOptions codegen;
    codegen.optLevel = options.optLevel;
    codegen.checkIndices = options.checkIndices;
    codegen.machine = machine;
    buildCodegenPipeline(pm, codegen);
  }

  Expected<std::string> emit(ModuleOp module) const override {
    return emitObject(module, processor, getLLVMLevel());
  }
  Expected<std::string> emitText(ModuleOp module) const override {
    return emitLLVMIR(module, processor, getLLVMLevel());
  }

  Expected<rt::CodeModule> link(ArrayRef<StringRef> kernels) const override {
    auto loaded = loadObjects(kernels);
    if (!loaded)
      return error("cannot link the kernels: ", loaded.takeError());
    // The bytes are for saving the program.
    auto object = mergeObjects(kernels, [](StringRef) { return true; });
    if (!object)
      return error("cannot join the kernels: ", object.takeError());
    rt::CodeModule code;
    code.format = "elf-object";
    code.bytes = rt::Blob::copyOf(object->data(), object->size());
    if (!code.bytes.data)
      return llvm::createStringError("out of memory");
    code.features = processor.requirements();
    code.loaded = std::move(*loaded);
    return code;
  }

  Expected<std::string> linkObject(ModuleOp module, ArrayRef<StringRef> kernels,
                                   StringRef bytesSymbol, StringRef bytes,
                                   StringRef exported) const override {
    Expected<std::string> object = emitObject(module, processor, 0);
    if (!object)
      return object.takeError();
    SmallVector<StringRef> objects(kernels);
    objects.push_back(*object);
    return mergeObjects(objects, [&](StringRef symbol) { return symbol == exported; },
                        {{bytesSymbol, bytes, rt::bufferAlignment}});
  }

  std::string getCacheKey() const override {
    return processor.triple + ' ' + processor.cpu + ' ' + processor.features + ' ' +
           std::to_string(machine.l2Bytes);
  }
  std::vector<std::string> getRequirements() const override { return processor.requirements(); }

private:
  /// Kernels are vector code already.
  unsigned getLLVMLevel() const { return options.optLevel ? 2 : 0; }

  static llvm::Error error(const char *what, llvm::Error why) {
    return llvm::createStringError(what + llvm::toString(std::move(why)));
  }

  Processor processor;
  TargetOptions options;
  Machine machine;
};

} // namespace

Expected<std::unique_ptr<Target>> tg::makeCpuTarget(const TargetOptions &options) {
  Expected<Processor> processor = Processor::get(options.processor, options.features);
  if (!processor)
    return processor.takeError();
  return std::make_unique<CpuTarget>(std::move(*processor), options);
}
