//===- Report.h - What tg-run says ------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_TOOLS_TG_RUN_REPORT_H
#define TG_TOOLS_TG_RUN_REPORT_H

#include "Inputs.h"
#include "Options.h"

#include "tg/Compiler/Compiler.h"
#include "tg/Interp/Interpreter.h"
#include "tg/Runtime/Context.h"

namespace tg::run {

struct Latency {
  unsigned runs = 0;
  double median = 0, mean = 0, deviation = 0, min = 0;

  static Latency of(std::vector<double> milliseconds);
};

/// Everything that a run found out. Times are in milliseconds.
struct Report {
  std::string model;
  std::string device;
  unsigned threads = 0;
  std::vector<StageTime> stages;
  std::vector<KernelInfo> kernels;
  /// From the start of tg-run to the first outputs.
  double firstResult = 0;
  std::optional<rt::ContextStatistics> memory;
  std::optional<Latency> latency;
  rt::Profile profile;
  std::vector<Port> ports;
  std::vector<rt::Tensor> outputs;
  std::vector<interp::OutputCheck> checks;
};

void printText(const Report &report, const Options &options);
void printJson(const Report &report);

} // namespace tg::run

#endif // TG_TOOLS_TG_RUN_REPORT_H
