//===- Jit.cpp - Links objects into this process ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Target/Cpu/Processor.h"

#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"

using namespace llvm;
using namespace tg;
using namespace tg::cpu;

namespace {
class JitCode : public rt::LoadedCode {
public:
  explicit JitCode(std::unique_ptr<orc::LLJIT> jit) : jit(std::move(jit)) {}

  void *lookup(const std::string &symbol) const override {
    Expected<orc::ExecutorAddr> address = jit->lookup(symbol);
    if (address)
      return address->toPtr<void *>();
    consumeError(address.takeError());
    return nullptr;
  }

private:
  std::unique_ptr<orc::LLJIT> jit;
};
} // namespace

Expected<std::shared_ptr<const rt::LoadedCode>> cpu::loadObjects(ArrayRef<StringRef> objects) {
  InitializeNativeTarget();
  Expected<std::unique_ptr<orc::LLJIT>> jit = orc::LLJITBuilder().create();
  if (!jit)
    return jit.takeError();
  // Kernels may call libm and memcpy.
  auto process = orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
      (*jit)->getDataLayout().getGlobalPrefix());
  if (!process)
    return process.takeError();
  (*jit)->getMainJITDylib().addGenerator(std::move(*process));
  for (StringRef object : objects)
    if (Error error = (*jit)->addObjectFile(MemoryBuffer::getMemBufferCopy(object)))
      return std::move(error);
  return std::make_shared<const JitCode>(std::move(*jit));
}
