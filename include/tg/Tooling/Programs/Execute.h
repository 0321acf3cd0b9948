//===- Execute.h - Runs compiled programs -----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shared by tg-run and tg-exec; needs the runtime alone.
//
//===----------------------------------------------------------------------===//

#ifndef TG_TOOLING_PROGRAMS_EXECUTE_H
#define TG_TOOLING_PROGRAMS_EXECUTE_H

#include "tg/Tooling/Programs/Inputs.h"

#include "tg/Runtime/Context.h"

#include <chrono>
#include <functional>

namespace tg::run {

using Clock = std::chrono::steady_clock;

double millisecondsSince(Clock::time_point start);

/// In milliseconds.
struct Latency {
  unsigned runs = 0;
  double median = 0, mean = 0, deviation = 0, min = 0;

  static Latency of(std::vector<double> milliseconds);
  /// One line for people, without a line break.
  std::string print() const;
};

/// What running gave.
struct Execution {
  std::vector<rt::Tensor> outputs;
  /// Milliseconds from the start of the process to the first outputs.
  double firstResult = 0;
  std::optional<Latency> latency;
  std::optional<rt::ContextStatistics> memory;
  rt::ProgramLayout layout;
  rt::Profile profile;
  /// The other ways of placing buffers that gave the same bytes.
  std::vector<std::string> samePlanners;

  /// One line for people, without a line break.
  std::string printPlanners() const;
};

/// Runs once, and with `--benchmark` again and again for that time.
rt::Status timeRuns(const Options &options, Clock::time_point start,
                    const std::function<rt::Status()> &runOnce, Execution &result);

/// The processor as "cpu"; for "remote" with its memory out of the host's reach
/// (tg/Runtime/Devices/Remote/RemoteDevice.h), which is for tests.
std::shared_ptr<rt::Runtime> makeRuntime(const std::string &deviceMemory);

/// Runs `program`; writes the profile that `--profile` asks for, and compares the memory planners
/// where `--compare-planners` does.
rt::Result<Execution> execute(std::shared_ptr<const rt::Program> program,
                              const std::vector<rt::Tensor> &inputs, const Options &options,
                              Clock::time_point start);

} // namespace tg::run

#endif // TG_TOOLING_PROGRAMS_EXECUTE_H
