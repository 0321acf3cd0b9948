//===- AnalyzeReport.cpp - The analyzer's reports ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Tooling/Analyze.h"
#include "tg/Tooling/Report.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>
#include <filesystem>

using namespace tg;
using namespace tg::run;
using llvm::formatv;
using llvm::json::Array;
using llvm::json::Object;

static std::string showBytes(double bytes) {
  const char *unit = "B";
  for (const char *next : {"KiB", "MiB", "GiB", "TiB"}) {
    if (bytes < 1023.95)
      break;
    bytes /= 1024;
    unit = next;
  }
  return *unit == 'B' ? formatv("{0:f0} B", bytes).str() : formatv("{0:f2} {1}", bytes, unit).str();
}

static double percent(double part) { return 100 * part; }

/// How much less `after` is than `before`, as a part; 0 where there was nothing.
static double reduction(double before, double after) { return before > 0 ? 1 - after / before : 0; }

namespace {

/// Lines of a name and a value per mode, and what the two say together.
class Table {
public:
  Table(const Analysis &analysis, llvm::raw_ostream &os) : modes(analysis.modes), os(os) {}

  template <typename Show> void row(llvm::StringRef name, Show show, std::string verdict = "") {
    os << formatv("{0,-24}", name);
    for (const ModeAnalysis &mode : modes)
      os << formatv(" {0,14}", show(mode));
    os << (verdict.empty() ? "" : "   " + verdict) << "\n";
  }
  /// Where there are two modes: by how much the second is less.
  template <typename Get> std::string less(Get get) const {
    if (modes.size() != 2 || !(get(modes[0]) > 0))
      return "";
    double part = reduction(double(get(modes[0])), double(get(modes[1])));
    return formatv("{0:f1} % {1}", percent(std::abs(part)), part < 0 ? "more" : "less").str();
  }

private:
  const std::vector<ModeAnalysis> &modes;
  llvm::raw_ostream &os;
};

} // namespace

static void printKernels(const Analysis &analysis, const ModeAnalysis &mode,
                         llvm::raw_ostream &os) {
  os << formatv("\nkernels of one run, {0} (fusion {1})\n", mode.name, mode.fusion);
  const char *row = "{0,-26} {1,8} {2,10} {3,9} {4,9} {5,10} {6,8} {7,8}  {8}\n";
  os << formatv(row, "kernel", "launches", "ms", "GFLOP/s", "GB/s", "flops/byte", "bound",
                "of roof", "nodes");
  for (const KernelAnalysis &kernel : mode.kernels) {
    double ns = std::max(kernel.milliseconds * 1e6, 1e-3);
    os << formatv(row, kernel.name, formatv("{0:f0}", kernel.launches),
                  formatv("{0:f4}", kernel.milliseconds), formatv("{0:f2}", kernel.flops / ns),
                  formatv("{0:f2}", kernel.bytes / ns),
                  formatv("{0:f2}", kernel.bytes > 0 ? kernel.flops / kernel.bytes : 0),
                  kernel.bound.empty() ? "-" : kernel.bound,
                  formatv("{0:f1} %", percent(kernel.ofRoof)),
                  kernel.location.empty() ? "-" : kernel.location);
  }
}

std::string run::printAnalysis(const Analysis &analysis) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "model     " << analysis.model;
  for (const auto &[name, value] : analysis.vars)
    os << formatv(", {0} = {1}", name, value);
  os << formatv("\nmachine   {0}, {1} threads\n", analysis.processor, analysis.threads);
  os << formatv(
      "roof      {0:f1} GFLOP/s (f32 multiply-adds), {1:f1} GB/s (reading {2}), measured\n",
      analysis.roof.flopsPerSecond / 1e9, analysis.roof.bytesPerSecond / 1e9,
      showBytes(double(analysis.roof.blockBytes)));
  os << formatv("inputs {0}, constants {1}\n\n", showBytes(double(analysis.inputBytes)),
                showBytes(double(analysis.constantBytes)));

  using Mode = const ModeAnalysis &;
  Table table(analysis, os);
  const auto &modes = analysis.modes;
  table.row("", [](Mode m) { return m.name; });
  std::string speedUp;
  if (modes.size() == 2)
    speedUp = formatv("speed-up {0:f2}", modes[0].latency.median / modes[1].latency.median);
  auto milliseconds = [](double value) { return formatv("{0:f4}", value).str(); };
  table.row("median ms", [&](Mode m) { return milliseconds(m.latency.median); }, speedUp);
  table.row("mean ms", [&](Mode m) { return milliseconds(m.latency.mean); });
  table.row("standard deviation ms", [&](Mode m) { return milliseconds(m.latency.deviation); });
  table.row("coeff. of variation",
            [](Mode m) { return formatv("{0:f2} %", percent(m.variation())).str(); });
  table.row("runs", [](Mode m) { return std::to_string(m.latency.runs); });
  table.row("verdict", [](Mode m) { return m.isStable() ? "stable" : "unstable"; });
  table.row(
      "peak memory", [](Mode m) { return showBytes(double(m.peakBytes)); },
      table.less([](Mode m) { return m.peakBytes; }));
  table.row(
      "allocations", [](Mode m) { return std::to_string(m.allocations); },
      table.less([](Mode m) { return m.allocations; }));
  table.row("  bytes of all", [](Mode m) { return showBytes(double(m.allocatedBytes)); });
  table.row("  in a later run", [](Mode m) { return std::to_string(m.laterAllocations); });
  table.row(
      "kernels launched", [](Mode m) { return formatv("{0:f0}", m.launches).str(); },
      table.less([](Mode m) { return m.launches; }));
  table.row("  distinct", [](Mode m) { return std::to_string(m.distinctKernels); });
  table.row(
      "bytes moved", [](Mode m) { return showBytes(m.bytesMoved); },
      table.less([](Mode m) { return m.bytesMoved; }));
  table.row("flops", [](Mode m) { return showCount(m.flops); });
  table.row("compile ms", [&](Mode m) { return milliseconds(m.compileTime()); });
  if (!modes.empty())
    for (size_t i = 0; i < modes.front().stages.size(); ++i)
      table.row("  " + modes.front().stages[i].stage,
                [&](Mode m) { return milliseconds(m.stages[i].milliseconds); });

  for (const DifferenceAnalysis &difference : analysis.differences)
    os << formatv("\nlargest difference in {0}: {1}, where values reach {2}; {3} of {4} elements "
                  "differ",
                  difference.output, showNumber(difference.largest),
                  showNumber(difference.magnitude), difference.different, difference.elements);
  if (!analysis.differences.empty())
    os << "\n";
  for (const ModeAnalysis &mode : modes)
    printKernels(analysis, mode, os);
  return text;
}

static llvm::json::Value finiteOrNull(double value) {
  return std::isfinite(value) ? llvm::json::Value(value) : llvm::json::Value(nullptr);
}

static Object modeJson(const ModeAnalysis &mode) {
  Object stages;
  for (const StageTime &stage : mode.stages)
    stages[stage.stage] = stage.milliseconds;
  stages["total"] = mode.compileTime();
  Array kernels;
  for (const KernelAnalysis &kernel : mode.kernels)
    kernels.push_back(Object{{"name", kernel.name},
                             {"location", kernel.location},
                             {"shape", kernel.shape},
                             {"launches", kernel.launches},
                             {"ms", kernel.milliseconds},
                             {"flops", kernel.flops},
                             {"bytes", kernel.bytes},
                             {"bound", kernel.bound.empty() ? llvm::json::Value(nullptr)
                                                            : llvm::json::Value(kernel.bound)},
                             {"of_roof", kernel.ofRoof}});
  return Object{{"fusion", mode.fusion},
                {"latency_ms", Object{{"runs", mode.latency.runs},
                                      {"median", mode.latency.median},
                                      {"mean", mode.latency.mean},
                                      {"stddev", mode.latency.deviation},
                                      {"min", mode.latency.min},
                                      {"variation", mode.variation()},
                                      {"stable", mode.isStable()}}},
                {"peak_bytes", int64_t(mode.peakBytes)},
                {"allocations", int64_t(mode.allocations)},
                {"allocated_bytes", int64_t(mode.allocatedBytes)},
                {"later_allocations", int64_t(mode.laterAllocations)},
                {"launches", mode.launches},
                {"distinct_kernels", int64_t(mode.distinctKernels)},
                {"bytes_moved", mode.bytesMoved},
                {"flops", mode.flops},
                {"compile_ms", std::move(stages)},
                {"kernels", std::move(kernels)}};
}

std::string run::analysisJson(const Analysis &analysis) {
  Object vars, modes;
  for (const auto &[name, value] : analysis.vars)
    vars[name] = value;
  for (const ModeAnalysis &mode : analysis.modes)
    modes[mode.name] = modeJson(mode);
  Object object{{"model", analysis.model},
                {"processor", analysis.processor},
                {"threads", analysis.threads},
                {"variables", std::move(vars)},
                {"input_bytes", int64_t(analysis.inputBytes)},
                {"constant_bytes", int64_t(analysis.constantBytes)},
                {"roof", Object{{"flops_per_second", analysis.roof.flopsPerSecond},
                                {"bytes_per_second", analysis.roof.bytesPerSecond},
                                {"block_bytes", int64_t(analysis.roof.blockBytes)}}},
                {"modes", std::move(modes)}};
  if (analysis.modes.size() == 2) {
    const ModeAnalysis &before = analysis.modes[0], &after = analysis.modes[1];
    object["speed_up"] = finiteOrNull(before.latency.median / after.latency.median);
    object["memory_reduction"] = reduction(double(before.peakBytes), double(after.peakBytes));
    Array differences;
    for (const DifferenceAnalysis &difference : analysis.differences)
      differences.push_back(Object{{"output", difference.output},
                                   {"largest", finiteOrNull(difference.largest)},
                                   {"magnitude", difference.magnitude},
                                   {"different", difference.different},
                                   {"elements", difference.elements}});
    object["differences"] = std::move(differences);
  }
  return formatv("{0:2}\n", llvm::json::Value(std::move(object)));
}

rt::Status run::makeAnalysisFolder(const std::string &directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error)
    return rt::error("cannot create the folder '" + directory + "': " + error.message());
  if (error = llvm::sys::fs::access(directory, llvm::sys::fs::AccessMode::Write); error)
    return rt::error("cannot write to the folder '" + directory + "': " + error.message());
  return {};
}

rt::Status run::writeAnalysis(const Analysis &analysis, const std::string &directory) {
  std::error_code error;
  for (const auto &[name, text] :
       {std::pair<const char *, std::string>{"report.txt", printAnalysis(analysis)},
        {"report.json", analysisJson(analysis)}}) {
    std::string path = (std::filesystem::path(directory) / name).string();
    llvm::raw_fd_ostream os(path, error);
    if (!error) {
      os << text;
      os.close();
      error = os.error();
      os.clear_error();
    }
    if (error)
      return rt::error("cannot write '" + path + "': " + error.message());
  }
  return {};
}
