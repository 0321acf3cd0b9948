//===- Options.cpp - Options that translations share ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Options.h"

#include "llvm/Support/CommandLine.h"

using namespace tg;

namespace {
// mlir-translate has no other way to give a translation options.
struct TargetOptions {
  llvm::cl::opt<std::string> cpu{
      "uop-target-cpu", llvm::cl::desc("Processor of the --uop-to translations that compile")};
  llvm::cl::opt<std::string> features{
      "uop-target-features", llvm::cl::desc("Its features, as +avx2,-fma; after the processor's")};
};

TargetOptions &options() {
  static TargetOptions instance;
  return instance;
}
} // namespace

void tg::registerTargetOptions() { options(); }

CompileOptions tg::targetOptions() {
  CompileOptions result;
  result.targetCpu = options().cpu;
  result.targetFeatures = options().features;
  return result;
}
