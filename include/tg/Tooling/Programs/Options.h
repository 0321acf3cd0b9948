//===- Options.h - The command line of tg-run -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_TOOLING_PROGRAMS_OPTIONS_H
#define TG_TOOLING_PROGRAMS_OPTIONS_H

#include "tg/Options/CompileOptions.h"
#include "tg/Runtime/Error.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tg::run {

struct Options {
  std::string model;
  /// How models are compiled. The device may be `interp`, too.
  CompileSettings compile;
  bool isInterpreted() const { return compile.device == "interp"; }
  /// NAME=FILE or NAME=0.5,1.2, in order.
  std::vector<std::pair<std::string, std::string>> inputs;
  /// Makes the names those of `known` where one has a `=` in it.
  void settleNames(const std::vector<std::string> &known);
  std::vector<std::pair<std::string, std::string>> expects;
  std::optional<uint64_t> seed;
  std::map<std::string, int64_t> dims;
  std::string output;
  double rtol = 1e-5;
  double atol = 1e-6;
  bool verify = false;
  std::optional<double> benchmarkSeconds;
  unsigned threads = 0;
  bool printKernels = false;
  /// Where the analyzer's reports go; empty: no analysis.
  std::string analyze;
  std::string analyzeMode = "both";
  /// The baseline's fusion strategy; the analyzer's own if empty.
  std::string analyzeBaseline;
  /// The first dimension of the inputs.
  std::optional<int64_t> batch;
  int debug = 0;
  bool json = false;
  /// Libraries of passes and strategies, and passes that run before all others.
  std::vector<std::string> passPlugins;
  std::string passes;
  std::string memoryPlanner = "greedy";
  /// Run with every other planner too; a difference in the results is an error.
  bool comparePlanners = false;
  /// Where buffers lie: "host", or "remote", the memory of tests that the host cannot address.
  std::string deviceMemory = "host";
  std::string profile;
  /// Compile only, to the program file `output`.
  bool compileOnly = false;
  /// The options that were given and that mean nothing for a compiled program.
  std::vector<std::string> modelOptions;
  bool listsOptions = false;
  bool help = false;
  bool version = false;
};

/// tg-run takes all options, tg-exec those that concern running compiled programs.
enum class Tool { Run, Exec };

/// The message names the argument.
rt::Result<Options> parseOptions(int argc, char **argv, Tool tool);
/// What `--help` prints.
std::string helpText(Tool tool);

} // namespace tg::run

#endif // TG_TOOLING_PROGRAMS_OPTIONS_H
