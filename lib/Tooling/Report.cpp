//===- Report.cpp - What tg-run says ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Tooling/Report.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace tg;
using namespace tg::run;

std::string run::showCount(double value) {
  const char *suffix = "";
  for (const char *next : {"k", "M", "G", "T", "P"}) {
    if (value < 999.5)
      break;
    value /= 1000;
    suffix = next;
  }
  int digits = !*suffix || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  char text[32];
  std::snprintf(text, sizeof text, "%.*f%s", digits, value, suffix);
  return text;
}

/// A size that the program computes is not known.
static std::string showCount(const std::optional<int64_t> &value) {
  return value ? run::showCount(double(*value)) : "?";
}

static void printSummary(const Report &report) {
  llvm::raw_ostream &os = llvm::outs();
  if (!report.program)
    return;
  const rt::Program &program = *report.program;
  unsigned launches = 0;
  for (const KernelInfo &kernel : report.kernels)
    launches += kernel.launches;
  os << llvm::formatv("program {0}: {1} inputs, {2} outputs, {3} buffers, {4} commands, {5} "
                      "launches of {6} kernels\n",
                      program.name, program.inputs.size(), program.outputs.size(),
                      program.buffers.size(), program.numCommands(), launches,
                      report.kernels.size());
}

static void printKernels(const Report &report) {
  llvm::raw_ostream &os = llvm::outs();
  const char *row = "{0,-26} {1,-18} {2,8} {3,4} {4,8} {5,8}  {6}\n";
  os << llvm::formatv(row, "kernel", "shape", "launches", "ops", "flops", "bytes", "nodes");
  for (auto [i, kernel] : llvm::enumerate(report.kernels)) {
    rt::KernelLayout cost;
    if (i < report.layout.kernels.size())
      cost = report.layout.kernels[i];
    os << llvm::formatv(row, kernel.name, kernel.shape, kernel.launches, kernel.operations.size(),
                        showCount(cost.flops), showCount(cost.bytes),
                        kernel.location.empty() ? "-" : kernel.location);
    os << "    reads  " << (kernel.inputs.empty() ? "nothing" : llvm::join(kernel.inputs, ", "))
       << "\n    writes " << llvm::join(kernel.outputs, ", ") << "\n    does   "
       << llvm::join(kernel.operations, " ") << "\n";
  }
}

static void printProfile(const Report &report) {
  llvm::raw_ostream &os = llvm::outs();
  os << llvm::formatv("{0,-28} {1,8} {2,10} {3,9} {4,9}\n", "kernel", "launches", "ms", "GFLOP/s",
                      "GB/s");
  for (const rt::KernelRecord &kernel : report.profile.kernels) {
    double ns = std::max<double>(kernel.nanoseconds, 1);
    os << llvm::formatv("{0,-28} {1,8} {2,10:f3} {3,9:f2} {4,9:f2}\n", kernel.name, kernel.count,
                        ns / 1e6, kernel.flops / ns, kernel.bytes / ns);
  }
}

void run::printText(const Report &report, const Options &options) {
  llvm::raw_ostream &os = llvm::outs();
  if (options.printKernels)
    printKernels(report);
  if (options.debug >= 1) {
    printSummary(report);
    for (const StageTime &stage : report.stages)
      os << llvm::formatv("{0,-10} {1,9:f2} ms\n", stage.stage, stage.milliseconds);
    os << llvm::formatv("first result {0:f2} ms after the start, {1} kernels\n", report.firstResult,
                        report.kernels.size());
    if (report.memory)
      os << llvm::formatv("arena {0} bytes (lower bound {1}), constants {2} bytes\n",
                          report.memory->arenaBytes, report.memory->arenaLowerBound,
                          report.memory->constantBytes);
  }
  if (options.debug >= 2)
    printProfile(report);
  for (size_t i = 0; i < report.signature.outputs.size(); ++i)
    os << rt::printable(report.signature.outputs[i].name) << ": "
       << preview(report.signature, i, report.outputs[i]) << "\n";
  for (size_t i = 0; i < report.checks.size(); ++i) {
    const interp::OutputCheck &check = report.checks[i];
    os << llvm::formatv("verify {0}: {1}, largest error {2}, {3} of the tolerance\n",
                        rt::printable(report.signature.outputs[i].name), check.ok ? "ok" : "wrong",
                        showNumber(check.largestError), showNumber(check.largestRatio));
  }
  if (!report.samePlanners.empty())
    os << report.printPlanners() << "\n";
  if (report.latency)
    os << report.latency->print() << "\n";
}

static llvm::json::Value finiteOrNull(double value) {
  return std::isfinite(value) ? llvm::json::Value(value) : llvm::json::Value(nullptr);
}

void run::printJson(const Report &report) {
  using llvm::json::Array;
  using llvm::json::Object;
  Object compile;
  double total = 0;
  for (const StageTime &stage : report.stages) {
    compile[stage.stage] = stage.milliseconds;
    total += stage.milliseconds;
  }
  compile["total"] = total;
  Array kernels;
  for (auto [i, kernel] : llvm::enumerate(report.kernels)) {
    rt::KernelLayout cost;
    if (i < report.layout.kernels.size())
      cost = report.layout.kernels[i];
    kernels.push_back(Object{{"name", kernel.name},
                             {"shape", kernel.shape},
                             {"flops", cost.flops},
                             {"bytes", cost.bytes},
                             {"location", kernel.location},
                             {"operations", Array(kernel.operations)},
                             {"inputs", Array(kernel.inputs)},
                             {"outputs", Array(kernel.outputs)},
                             {"launches", kernel.launches},
                             {"from_cache", kernel.fromCache}});
  }
  Array outputs;
  for (size_t i = 0; i < report.signature.outputs.size(); ++i) {
    const rt::Port &port = report.signature.outputs[i];
    bool areStrings = port.kind == rt::PortKind::Strings;
    std::string dtype(dtypeName(report.outputs[i].dtype()));
    outputs.push_back(Object{{"name", port.name},
                             {"dtype", areStrings ? "string" : dtype},
                             {"shape", Array(report.outputs[i].shape())}});
  }
  Object object{{"model", report.model},
                {"device", report.device},
                {"threads", report.threads},
                {"kernels", std::move(kernels)},
                {"compile_ms", std::move(compile)},
                {"first_result_ms", report.firstResult},
                {"outputs", std::move(outputs)}};
  if (report.memory) {
    object["arena_bytes"] = report.memory->arenaBytes;
    object["arena_lower_bound_bytes"] = report.memory->arenaLowerBound;
    object["workspace_bytes"] = report.memory->workspaceBytes;
    object["constant_bytes"] = report.memory->constantBytes;
  }
  if (report.latency)
    object["latency_ms"] = Object{{"runs", report.latency->runs},
                                  {"median", report.latency->median},
                                  {"mean", report.latency->mean},
                                  {"stddev", report.latency->deviation},
                                  {"min", report.latency->min}};
  if (!report.samePlanners.empty())
    object["same_planners"] = Array(report.samePlanners);
  if (!report.checks.empty()) {
    Array verify;
    for (size_t i = 0; i < report.checks.size(); ++i) {
      const interp::OutputCheck &check = report.checks[i];
      verify.push_back(Object{{"name", report.signature.outputs[i].name},
                              {"ok", check.ok},
                              {"largest_error", finiteOrNull(check.largestError)},
                              {"of_tolerance", finiteOrNull(check.largestRatio)},
                              {"undetermined", check.undetermined},
                              {"wrong", check.wrong}});
    }
    object["verify"] = std::move(verify);
  }
  llvm::outs() << llvm::formatv("{0:2}\n", llvm::json::Value(std::move(object)));
}
