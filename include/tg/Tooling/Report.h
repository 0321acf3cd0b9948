//===- Report.h - What tg-run says ------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_TOOLING_REPORT_H
#define TG_TOOLING_REPORT_H

#include "tg/Tooling/Programs/Execute.h"

#include "tg/Compiler/Compiler.h"
#include "tg/Interp/Interpreter.h"

namespace tg::run {

/// Everything that a run found out. Times are in milliseconds.
struct Report : Execution {
  std::string model;
  std::string device;
  unsigned threads = 0;
  std::vector<StageTime> stages;
  /// None with the interpreter.
  std::shared_ptr<const rt::Program> program;
  std::vector<KernelInfo> kernels;
  Signature signature;
  std::vector<interp::OutputCheck> checks;
};

/// 1.5k, 268M: three digits.
std::string showCount(double value);

void printText(const Report &report, const Options &options);
void printJson(const Report &report);

} // namespace tg::run

#endif // TG_TOOLING_REPORT_H
