//===- Options.cpp - The command line of tg-run ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// LLVM's command line library is left out on purpose: libLLVM registers hundreds of options of its
// own, some of them under names that tg-run has.

#include "tg/Tooling/Programs/Options.h"

#include <algorithm>
#include <cstdlib>
#include <functional>

using namespace tg;
using namespace tg::run;

namespace {

/// What an option concerns.
enum class Scope {
  Program, ///< Running a compiled program: both tools take it.
  Report,  ///< What tg-run says.
  Model,   ///< Importing, compiling and interpreting a model.
};

struct Option {
  Scope scope;
  std::string name;
  /// Shown after `=`; null for a flag; in brackets where the value may be left out.
  const char *value;
  std::string help;
  std::function<rt::Status(Options &, const std::string &)> apply;
};

rt::Status setInteger(const std::string &text, int64_t min, int64_t max, int64_t &result) {
  char *end = nullptr;
  errno = 0;
  long long value = std::strtoll(text.c_str(), &end, 10);
  if (text.empty() || *end || errno || value < min || value > max)
    return rt::Status::error("expected an integer from " + std::to_string(min) + " to " +
                             std::to_string(max) + ", got '" + text + "'");
  result = value;
  return {};
}

rt::Status setNumber(const std::string &text, double &result) {
  char *end = nullptr;
  double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end || !(value >= 0))
    return rt::Status::error("expected a number of at least 0, got '" + text + "'");
  result = value;
  return {};
}

rt::Status splitPair(const std::string &text, std::pair<std::string, std::string> &pair) {
  // A name has at least one character, even if that is a `=`.
  size_t equals = text.find('=', 1);
  if (equals == std::string::npos || equals + 1 == text.size())
    return rt::Status::error("expected NAME=VALUE, got '" + text + "'");
  pair = {text.substr(0, equals), text.substr(equals + 1)};
  return {};
}

rt::Status addPair(std::vector<std::pair<std::string, std::string>> &list,
                   const std::string &text) {
  std::pair<std::string, std::string> pair;
  rt::Status status = splitPair(text, pair);
  if (status.ok())
    list.push_back(pair);
  return status;
}

template <typename T> auto integer(T Options::*field, int64_t min, int64_t max) {
  return [=](Options &options, const std::string &text) {
    int64_t value = 0;
    rt::Status status = setInteger(text, min, max, value);
    options.*field = static_cast<T>(value);
    return status;
  };
}

auto text(std::string Options::*field) {
  return [=](Options &options, const std::string &value) {
    options.*field = value;
    return rt::Status();
  };
}

auto number(double Options::*field) {
  return
      [=](Options &options, const std::string &value) { return setNumber(value, options.*field); };
}

auto flag(bool Options::*field, bool value = true) {
  return [=](Options &options, const std::string &) {
    options.*field = value;
    return rt::Status();
  };
}

/// Those of the table of compile options: what is on by default is turned off by `--no-NAME`.
void addCompileOptions(std::vector<Option> &table) {
  for (const CompileOption &option : getCompileOptions()) {
    // Contexts check indices too.
    bool isOfPrograms = std::string(option.name) == "check-indices";
    Option entry{isOfPrograms ? Scope::Program : Scope::Model, option.name, option.value,
                 option.help, nullptr};
    bool isOn = option.isFlag() && option.get(CompileSettings()) == "true";
    if (isOn) {
      entry.name = "no-" + entry.name;
      entry.help = option.offHelp;
    }
    if (entry.name == "device")
      entry.help += ", or interp: the interpreter";
    entry.apply = [&option, isOn](Options &options, const std::string &text) {
      std::string value = option.isFlag() ? (isOn ? "false" : "true") : text;
      std::string message = option.set(options.compile, value);
      return message.empty() ? rt::Status() : rt::error(message);
    };
    table.push_back(std::move(entry));
  }
}

std::vector<Option> makeTable() {
  std::vector<Option> table{
      {Scope::Program, "input", "NAME=FILE",
       ".npy, .npz, ONNX .pb, or numbers 0.5,1.2 tiled to the shape",
       [](Options &o, const std::string &t) { return addPair(o.inputs, t); }},
      {Scope::Program, "random-inputs", "SEED", "random values for the inputs that are not given",
       [](Options &o, const std::string &t) {
         int64_t seed = 0;
         rt::Status status = setInteger(t, 0, INT64_MAX, seed);
         o.seed = static_cast<uint64_t>(seed);
         return status;
       }},
      {Scope::Program, "dim", "NAME=N", "the value of a variable",
       [](Options &o, const std::string &t) {
         std::pair<std::string, std::string> pair;
         rt::Status status = splitPair(t, pair);
         return status.ok() ? setInteger(pair.second, 0, INT64_MAX, o.dims[pair.first]) : status;
       }},
      {Scope::Program, "batch", "N",
       "the value of the variable that is the inputs' first dimension",
       [](Options &o, const std::string &t) {
         int64_t value = 0;
         rt::Status status = setInteger(t, 0, INT64_MAX, value);
         o.batch = value;
         return status;
       }},
      {Scope::Program, "output", "DIR|FILE.npz",
       "where to write the outputs (one .npy each in DIR); -o too", text(&Options::output)},
      {Scope::Model, "compile", nullptr, "only compile, to the program --output=FILE.tgp",
       flag(&Options::compileOnly)},
      {Scope::Program, "expect", "NAME=FILE", "compare an output; a mismatch is an error",
       [](Options &o, const std::string &t) { return addPair(o.expects, t); }},
      {Scope::Program, "rtol", "R", "relative tolerance of --expect (1e-5)",
       number(&Options::rtol)},
      {Scope::Program, "atol", "A", "absolute tolerance of --expect (1e-6)",
       number(&Options::atol)},
      {Scope::Model, "verify", nullptr,
       "run the interpreter too and compare; a mismatch is an error", flag(&Options::verify)},
      {Scope::Program, "benchmark", "[SECONDS]", "time runs for that long (1)",
       [](Options &o, const std::string &t) {
         o.benchmarkSeconds = 1;
         return t.empty() ? rt::Status() : setNumber(t, *o.benchmarkSeconds);
       }},
      {Scope::Program, "threads", "N", "threads to use (all processors)",
       integer(&Options::threads, 0, 4096)},
      {Scope::Model, "analyze", "DIR",
       "compare with one kernel and one allocation per operation; reports in DIR",
       [](Options &o, const std::string &t) {
         o.analyze = t;
         return t.empty() ? rt::error("expected a folder") : rt::Status();
       }},
      {Scope::Model, "analyze-mode", "baseline|optimized|both", "what to measure (both)",
       [](Options &o, const std::string &t) {
         o.analyzeMode = t;
         return t == "baseline" || t == "optimized" || t == "both"
                    ? rt::Status()
                    : rt::error("expected baseline, optimized or both, got '" + t + "'");
       }},
      {Scope::Model, "analyze-baseline", "NAME",
       "the baseline's fusion strategy (one kernel per operation of the model)",
       text(&Options::analyzeBaseline)},
      {Scope::Model, "print-kernels", nullptr, "a table of the kernels",
       flag(&Options::printKernels)},
      {Scope::Program, "profile", "FILE", "write a Chrome trace, which Perfetto opens",
       text(&Options::profile)},
      {Scope::Report, "debug", "N", "0 to 6, see docs/tools/tg-run.md; TG_DEBUG is the default",
       integer(&Options::debug, 0, 6)},
      {Scope::Report, "json", nullptr, "print one JSON object instead of text",
       flag(&Options::json)},
      {Scope::Model, "load-pass-plugin", "FILE", "a library of passes and strategies",
       [](Options &o, const std::string &t) {
         o.passPlugins.push_back(t);
         return rt::Status();
       }},
      {Scope::Model, "passes", "PIPELINE", "passes on the module before it is compiled",
       text(&Options::passes)},
      {Scope::Program, "memory-planner", "greedy|best|none", "how buffers share the arena",
       text(&Options::memoryPlanner)},
      {Scope::Program, "compare-planners", nullptr,
       "run with every other planner too; other bytes are an error",
       flag(&Options::comparePlanners)},
      {Scope::Program, "device-memory", "host|remote",
       "where buffers lie; remote is for tests: out of the host's reach (host)",
       [](Options &o, const std::string &t) {
         o.deviceMemory = t;
         return t == "host" || t == "remote"
                    ? rt::Status()
                    : rt::error("expected host or remote, got '" + t + "'");
       }},
      {Scope::Model, "options", nullptr, "the compile options as a table in Markdown",
       flag(&Options::listsOptions)},
      {Scope::Program, "help", nullptr, "this text", flag(&Options::help)},
      {Scope::Program, "version", nullptr, "the version", flag(&Options::version)},
  };
  addCompileOptions(table);
  return table;
}

} // namespace

static const char *nameOf(Tool tool) { return tool == Tool::Run ? "tg-run" : "tg-exec"; }

static bool takes(Tool tool, const Option &option) {
  return tool == Tool::Run || option.scope == Scope::Program;
}

std::string run::helpText(Tool tool) {
  std::string result = "usage: tg-run MODEL [options]\n\nCompiles and runs a model: .mlir, MLIR "
                       "bytecode or .onnx; runs a compiled program: .tgp.\n\n";
  if (tool == Tool::Exec)
    result = "usage: tg-exec PROGRAM.tgp [options]\n\nRuns a program that tg-run compiled.\n\n";
  for (const Option &option : makeTable()) {
    if (!takes(tool, option))
      continue;
    std::string name = "  --" + option.name;
    if (option.value)
      name += *option.value == '[' ? "[=" + std::string(option.value + 1)
                                   : "=" + std::string(option.value);
    name.resize(std::max<size_t>(name.size() + 1, 30), ' ');
    result += name + option.help + "\n";
  }
  return result;
}

static rt::Status checkCompileOnly(const Options &options) {
  constexpr const char ending[] = ".tgp";
  if (!options.compileOnly)
    return {};
  size_t size = options.output.size();
  if (size <= 4 || options.output.compare(size - 4, 4, ending) != 0)
    return rt::error("--compile needs --output=FILE.tgp");
  return options.isInterpreted() ? rt::error("--compile: the interpreter compiles nothing")
                                 : rt::Status();
}

/// The analyzer has its own report and runs on its own terms.
static rt::Status checkAnalyze(const Options &options) {
  if (options.analyze.empty()) {
    if (options.analyzeMode != "both")
      return rt::error("--analyze-mode needs --analyze");
    return options.analyzeBaseline.empty() ? rt::Status()
                                           : rt::error("--analyze-baseline needs --analyze");
  }
  const std::pair<const char *, bool> others[] = {
      {"compile", options.compileOnly},
      {"output", !options.output.empty()},
      {"expect", !options.expects.empty()},
      {"verify", options.verify},
      {"profile", !options.profile.empty()},
      {"print-kernels", options.printKernels},
      {"compare-planners", options.comparePlanners},
      {"device-memory", options.deviceMemory != "host"}};
  for (auto [name, isGiven] : others)
    if (isGiven)
      return rt::error(std::string("--analyze does not go together with --") + name);
  return options.isInterpreted()
             ? rt::error("--analyze compares compiled programs; it does not go together with "
                         "--device=interp")
             : rt::Status();
}

void Options::settleNames(const std::vector<std::string> &known) {
  for (auto &[name, source] : inputs) {
    std::string whole = name + "=" + source;
    // The longest name wins.
    for (size_t equals = whole.rfind('='); equals != std::string::npos && equals > 0;
         equals = whole.rfind('=', equals - 1)) {
      if (std::find(known.begin(), known.end(), whole.substr(0, equals)) == known.end())
        continue;
      name = whole.substr(0, equals);
      source = whole.substr(equals + 1);
      break;
    }
  }
}

rt::Result<Options> run::parseOptions(int argc, char **argv, Tool tool) {
  Options options;
  std::vector<Option> table = makeTable();
  const std::string seeHelp = std::string("; see ") + nameOf(tool) + " --help";
  if (const char *level = tool == Tool::Run ? std::getenv("TG_DEBUG") : nullptr) {
    rt::Status status = integer(&Options::debug, 0, 6)(options, level);
    if (!status.ok())
      return status.in("TG_DEBUG");
  }
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    if (argument == "-h")
      argument = "--help";
    if (argument == "-o")
      argument = i + 1 < argc ? "--output=" + std::string(argv[++i]) : "--output";
    if (argument.size() < 2 || argument[0] != '-') {
      if (!options.model.empty())
        return rt::Status::error("expected one model, got '" + options.model + "' and '" +
                                 argument + "'");
      options.model = argument;
      continue;
    }
    size_t start = argument.compare(0, 2, "--") == 0 ? 2 : 1;
    size_t equals = argument.find('=');
    std::string name =
        argument.substr(start, equals == std::string::npos ? equals : equals - start);
    std::string value = equals == std::string::npos ? "" : argument.substr(equals + 1);
    const Option *found = nullptr;
    for (const Option &option : table)
      if (name == option.name && takes(tool, option))
        found = &option;
    if (!found)
      return rt::Status::error("unknown option '--" + name + "'" + seeHelp);
    if (found->scope == Scope::Model)
      options.modelOptions.push_back(name);
    bool isOptional = found->value && *found->value == '[';
    if (found->value && !isOptional && equals == std::string::npos)
      return rt::Status::error("option '--" + name + "' needs a value: --" + name + "=" +
                               found->value);
    if (!found->value && equals != std::string::npos)
      return rt::Status::error("option '--" + name + "' takes no value");
    rt::Status status = found->apply(options, value);
    if (!status.ok())
      return status.in("--" + name);
  }
  if (options.model.empty() && !options.help && !options.version && !options.listsOptions)
    return rt::Status::error("no model given" + seeHelp);
  if (rt::Status status = checkCompileOnly(options); !status.ok())
    return status;
  if (rt::Status status = checkAnalyze(options); !status.ok())
    return status;
  return options;
}
