//===- PlanMemory.cpp - Places buffers in one arena ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The memory planners of the runtime as a tool: it links tg_runtime and nothing of LLVM.
//
//===----------------------------------------------------------------------===//

#include "tg/Tooling/Mains.h"
#include "tg/Tooling/Programs/PlanTable.h"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace tg;
using namespace tg::plan_memory;

namespace {

struct Options {
  std::string input, output;
  std::string strategy = "best";
  rt::MemoryPlanOptions plan;
  bool help = false, version = false;
};

const char *const helpText =
    "Gives each buffer of a table an offset, so that those that live at once do not overlap.\n"
    "\n"
    "usage: tg-plan-memory FILE.csv [options]\n"
    "\n"
    "The table has one buffer a row and the columns id,lower,upper,size; a buffer lives in\n"
    "[lower, upper).\n"
    "\n"
    "  --capacity=BYTES      fail unless the plan fits; best stops at a plan that does\n"
    "  --strategy=NAME       best (default), greedy or none\n"
    "  --time-budget=SECONDS how long best may search; 60 unless given\n"
    "  --alignment=BYTES     what offsets are multiples of; 1 unless given\n"
    "  --output=FILE, -o     write the table with a column offset\n"
    "  --help, --version\n";

rt::Status setInteger(const std::string &text, int64_t min, uint64_t &result) {
  char *end = nullptr;
  errno = 0;
  long long value = std::strtoll(text.c_str(), &end, 10);
  if (text.empty() || *end || errno || value < min)
    return rt::error("expected a whole number of at least " + std::to_string(min) + ", got '" +
                     text + "'");
  result = uint64_t(value);
  return {};
}

rt::Status setSeconds(const std::string &text, double &result) {
  char *end = nullptr;
  result = std::strtod(text.c_str(), &end);
  if (text.empty() || *end || !(result >= 0) || !std::isfinite(result))
    return rt::error("expected a number of seconds of at least 0, got '" + text + "'");
  return {};
}

rt::Status setOption(const std::string &name, const std::string &value, Options &options) {
  if (name == "--capacity")
    return setInteger(value, 1, options.plan.capacity).in(name);
  if (name == "--alignment")
    return setInteger(value, 1, options.plan.alignment).in(name);
  if (name == "--time-budget")
    return setSeconds(value, options.plan.timeBudget).in(name);
  if (name == "--strategy")
    options.strategy = value;
  else if (name == "--output")
    options.output = value;
  else
    return rt::error("unknown option '" + name + "'; see tg-plan-memory --help");
  return value.empty() ? rt::error(name + " needs a value") : rt::Status();
}

rt::Result<Options> parseOptions(int argc, char **argv) {
  Options options;
  options.plan.alignment = 1;
  options.plan.timeBudget = 60;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    if (argument == "--help" || argument == "-h") {
      options.help = true;
    } else if (argument == "--version") {
      options.version = true;
    } else if (argument == "-o") {
      if (++i == argc)
        return rt::error("-o needs a value");
      options.output = argv[i];
    } else if (argument.size() > 1 && argument[0] == '-') {
      size_t equals = argument.find('=');
      std::string value = equals == std::string::npos ? "" : argument.substr(equals + 1);
      if (rt::Status status = setOption(argument.substr(0, equals), value, options); !status)
        return status;
    } else if (options.input.empty()) {
      options.input = argument;
    } else {
      return rt::error("expected one table, got '" + options.input + "' and '" + argument + "'");
    }
  }
  if (options.input.empty() && !options.help && !options.version)
    return rt::error("no table given; see tg-plan-memory --help");
  return options;
}

std::string ratio(uint64_t peak, uint64_t bound) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.4f", bound ? double(peak) / double(bound) : 1.0);
  return text;
}

rt::Status planTable(const Options &options) {
  rt::MemoryPlannerRegistry registry;
  rt::Result<std::shared_ptr<const rt::MemoryPlanner>> planner = registry.get(options.strategy);
  if (!planner)
    return planner.status();
  rt::Result<Table> table = readTable(options.input, options.plan.alignment);
  if (!table)
    return table.status();
  auto start = std::chrono::steady_clock::now();
  rt::Result<rt::MemoryPlan> plan = (*planner)->plan(table->blocks, options.plan);
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!plan)
    return plan.status().in(options.input);
  if (rt::Status status = rt::checkMemoryPlan(table->blocks, *plan, options.plan.alignment);
      !status)
    return status.in("internal error");
  std::printf("buffers      %zu\n", table->blocks.size());
  std::printf("lower bound  %llu\n", (unsigned long long)plan->lowerBound);
  std::printf("peak         %llu, %s of the lower bound%s\n", (unsigned long long)plan->peak,
              ratio(plan->peak, plan->lowerBound).c_str(), plan->optimal ? ", optimal" : "");
  std::printf("seconds      %.3f\n", seconds);
  if (options.plan.capacity && plan->peak > options.plan.capacity)
    return rt::error(options.input + ": the plan takes " + std::to_string(plan->peak) +
                     " bytes of a capacity of " + std::to_string(options.plan.capacity) +
                     (plan->lowerBound > options.plan.capacity || plan->optimal
                          ? "; no plan fits"
                          : "; one that fits may exist") +
                     " (the lower bound is " + std::to_string(plan->lowerBound) + ")");
  return options.output.empty() ? rt::Status() : writeTable(*table, plan->offsets, options.output);
}

} // namespace

int tg::planMemoryMain(int argc, char **argv) {
  rt::Result<Options> options = parseOptions(argc, argv);
  rt::Status status = options.status();
  if (options && options->help)
    std::printf("%s", helpText);
  else if (options && options->version)
    std::printf("tg %s\n", TG_VERSION);
  else if (options)
    status = planTable(*options);
  if (status && std::fflush(stdout) != 0)
    status = rt::error("cannot write to standard output: " + std::string(std::strerror(errno)));
  if (status)
    return 0;
  std::fflush(stdout);
  std::fprintf(stderr, "tg-plan-memory: error: %s\n", status.message().c_str());
  return 1;
}
