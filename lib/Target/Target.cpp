//===- Target.cpp - The registry of targets ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Target/Target.h"

#include "tg/Target/Cpu/CpuTarget.h"
#include "tg/Target/Cpu/Passes.h"

#include "llvm/ADT/StringExtras.h"

#include <map>
#include <mutex>

using namespace tg;

Target::~Target() = default;

llvm::Expected<std::string> Target::linkObject(mlir::ModuleOp, llvm::ArrayRef<llvm::StringRef>,
                                               llvm::StringRef, llvm::StringRef,
                                               llvm::StringRef) const {
  return llvm::createStringError("code for '" + getName() +
                                 "' cannot be linked into a program of the host");
}

namespace {
/// One per process, as MLIR's of passes: plug-ins have nowhere else to register.
struct Registry {
  std::mutex mutex;
  /// Those that come with tg.
  std::map<std::string, TargetFactory> factories{{"cpu", makeCpuTarget}};
};
} // namespace

static Registry &getRegistry() {
  static Registry registry;
  return registry;
}

void tg::registerTarget(llvm::StringRef name, TargetFactory factory) {
  std::lock_guard<std::mutex> lock(getRegistry().mutex);
  getRegistry().factories[name.str()] = std::move(factory);
}

std::vector<std::string> tg::getTargetNames() {
  std::lock_guard<std::mutex> lock(getRegistry().mutex);
  std::vector<std::string> names;
  for (auto &[name, factory] : getRegistry().factories)
    names.push_back(name);
  return names;
}

void tg::registerTargetPasses() { cpu::registerPipelines(); }

llvm::StringRef tg::getDefaultTargetName() { return "cpu"; }

std::string tg::checkTargetName(llvm::StringRef name) {
  if (name.empty())
    return "";
  std::vector<std::string> names = getTargetNames();
  if (llvm::is_contained(names, name))
    return "";
  return ("unknown device '" + name + "'; there are: " + llvm::join(names, ", ")).str();
}

llvm::Expected<std::unique_ptr<Target>> tg::createTarget(llvm::StringRef name,
                                                         const TargetOptions &options) {
  if (std::string message = checkTargetName(name); !message.empty())
    return llvm::createStringError(message);
  TargetFactory factory;
  {
    std::lock_guard<std::mutex> lock(getRegistry().mutex);
    factory = getRegistry().factories[(name.empty() ? getDefaultTargetName() : name).str()];
  }
  return factory(options);
}
