//===- LLVMIR.cpp - Kernels as LLVM IR ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tested by test/Codegen/uop-to-llvmir.mlir.
//
//===----------------------------------------------------------------------===//

#include "tg/Export/LLVMIR.h"

#include "Options.h"

#include "tg/Compiler/Pipeline.h"
#include "tg/InitAll.h"

#include "mlir/Tools/mlir-translate/Translation.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/IRReader/IRReader.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace tg;

namespace {
/// The IR of kernels, put together as they come.
class KernelLinker {
public:
  explicit KernelLinker(const CompileOptions &options)
      : options(options), whole("tg", context), linker(whole) {}

  LogicalResult add(ModuleOp kernel) {
    auto target = createTarget(options);
    if (!target)
      return kernel.emitError() << llvm::toString(target.takeError());
    auto text = (*target)->emitText(kernel);
    if (!text)
      return kernel.emitError() << llvm::toString(text.takeError());
    llvm::SMDiagnostic diagnostic;
    std::unique_ptr<llvm::Module> part =
        llvm::parseIR(llvm::MemoryBufferRef(*text, "kernel"), diagnostic, context);
    if (!part)
      return kernel.emitError("internal error: ") << diagnostic.getMessage();
    if (whole.getTargetTriple().empty()) {
      whole.setTargetTriple(part->getTargetTriple());
      whole.setDataLayout(part->getDataLayout());
    }
    if (linker.linkInModule(std::move(part)))
      return kernel.emitError("internal error: the kernels do not link");
    return success();
  }

  void print(llvm::raw_ostream &os) const { os << whole; }

private:
  const CompileOptions &options;
  llvm::LLVMContext context;
  llvm::Module whole;
  llvm::Linker linker;
};
} // namespace

LogicalResult tg::exportLLVMIR(ModuleOp module, CompileOptions options, llvm::raw_ostream &os) {
  LogicalResult status = success();
  KernelLinker linker(options);
  options.cacheDirectory = "none";
  options.onStage = [&](StringRef stage, ModuleOp kernel) {
    if (stage == "codegen" && succeeded(status))
      status = linker.add(kernel);
  };
  FailureOr<Compilation> compilation = compile(module, options);
  if (failed(compilation) || failed(status))
    return failure();
  for (const rt::Kernel &kernel : compilation->program->kernels)
    os << "; " << kernel.symbol << ": " << kernel.name
       << (kernel.location.empty() ? "" : " of " + kernel.location) << "\n";
  linker.print(os);
  return success();
}

void tg::registerLLVMIRTranslation() {
  registerTargetOptions();
  static TranslateFromMLIRRegistration registration(
      "uop-to-llvmir", "compile a module and write its kernels as LLVM IR",
      [](ModuleOp module, llvm::raw_ostream &os) {
        module.getContext()->printOpOnDiagnostic(false); // The place says enough.
        return exportLLVMIR(module, targetOptions(), os);
      },
      registerAllDialects);
}
