//===- RandomPrograms.cpp - Random programs on a device against the interpreter ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// tg-random [--count=N] [--seed=S] [--operations=N] [--print=SEED]
//
// Makes programs from consecutive seeds, compiles each under a setting that the seed picks, runs it
// and compares every output with the interpreter. Before that, every third program goes through
// some of tg's passes in any order, and of every eighth each pass alone must end with a result or a
// message. Where the interpreter refuses a program the run must fail too. The first mismatch is
// reduced and printed as a test to paste; the exit status is 1 if there was any.
//
//===----------------------------------------------------------------------===//

#include "tg/Tooling/Mains.h"
#include "tg/Tooling/OutputErrors.h"
#include "tg/Tooling/Programs/Execute.h"

#include "tg/Compiler/Compiler.h"
#include "tg/Compiler/Pipeline.h"
#include "tg/Compiler/ProgramBuilder.h"
#include "tg/Dialect/UOp/UOp.h"
#include "tg/InitAll.h"
#include "tg/Interp/Interpreter.h"
#include "tg/Runtime/Context.h"
#include "tg/Testing/RandomProgram.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/PrettyStackTrace.h"
#include "llvm/Support/Signals.h"

#include <cstdlib>
#include <cstring>

using namespace mlir;
using namespace tg;

namespace {

struct Settings {
  uint64_t count = 100, seed = 1, operations = 12;
  std::optional<uint64_t> print;
};

enum class Outcome { Same, Refused, Differs, NotRun };

struct Comparison {
  Outcome outcome = Outcome::Same;
  std::string message;
};

bool hostHas(StringRef processor) {
  auto featuresOf = [](StringRef name) {
    CompileOptions options;
    options.targetCpu = name.str();
    auto target = createTarget(options);
    return target ? (*target)->getRequirements()
                  : (llvm::consumeError(target.takeError()), std::vector<std::string>{"none"});
  };
  std::vector<std::string> host = featuresOf("");
  return llvm::all_of(featuresOf(processor), [&](const std::string &feature) {
    return llvm::is_contained(host, feature);
  });
}

/// Every optimization setting comes up, by seed.
CompileOptions settingOf(uint64_t seed) {
  CompileOptions options;
  options.cacheDirectory = "none";
  constexpr const char *strategies[] = {"default", "none",       "default", "conservative",
                                        "default", "aggressive", "default", "default"};
  options.fusion = strategies[seed % 8];
  options.simplify = seed % 4 != 2;
  options.optLevel = seed % 3 != 1;
  options.inPlace = seed % 16 != 6;
  // Narrower vectors, and no fused multiply-add.
  constexpr const char *processors[] = {"", "", "haswell", "", "x86-64"};
  options.targetCpu = processors[seed % 5];
  if (!hostHas(options.targetCpu))
    options.targetCpu = "";
  return options;
}

std::string nameOf(const CompileOptions &options) {
  return llvm::formatv("--fusion={0} --opt-level={1}{2}{3}", options.fusion, options.optLevel,
                       options.simplify ? "" : " --no-simplify",
                       options.targetCpu.empty() ? "" : " --target-cpu=" + options.targetCpu);
}

/// What stands before the rest of the pipeline, in any order.
constexpr const char *shuffled[] = {"tg-simplify",
                                    "tg-decompose",
                                    "tg-decompose{core=true}",
                                    "tg-fold-constants",
                                    "tg-insert-checks",
                                    "tg-lift-scalars",
                                    "tg-inline",
                                    "cse",
                                    "tg-graph",
                                    "tg-expand-custom",
                                    "symbol-dce"};

/// What may not be given any module: it says so, or gives a result.
constexpr const char *alone[] = {"tg-simplify",
                                 "tg-decompose",
                                 "tg-fold-constants",
                                 "tg-insert-checks",
                                 "tg-lift-scalars",
                                 "tg-inline",
                                 "tg-expand-custom",
                                 "tg-form-kernels",
                                 "tg-order-kernels",
                                 "tg-bufferize",
                                 "tg-update-in-place",
                                 "tg-kernel-to-loops",
                                 "tg-cpu-default-schedule",
                                 "tg-apply-schedule",
                                 "tg-fuse-multiply-add",
                                 "tg-partition-units",
                                 "tg-guard-divisions",
                                 "tg-block-sums",
                                 "tg-cpu-kernel-abi",
                                 "tg-graph",
                                 "tg-engine",
                                 "tg-pipeline",
                                 "tg-codegen"};

bool isOnFunctions(StringRef pass) {
  return llvm::is_contained({"tg-insert-checks", "tg-lift-scalars", "tg-form-kernels",
                             "tg-order-kernels", "tg-bufferize", "tg-update-in-place",
                             "tg-cpu-default-schedule", "tg-apply-schedule", "tg-fuse-multiply-add",
                             "tg-partition-units", "tg-guard-divisions", "tg-block-sums"},
                            pass);
}

/// Empty, or the error. `said` is what the passes have reported.
std::string runPasses(ModuleOp module, ArrayRef<const char *> passes, const std::string &said) {
  PassManager pm(module.getContext());
  std::string errors;
  llvm::raw_string_ostream os(errors);
  for (const char *pass : passes) {
    OpPassManager &nested = isOnFunctions(pass) ? pm.nest<func::FuncOp>() : pm;
    if (failed(parsePassPipeline(pass, nested, os)))
      return "no pass " + std::string(pass) + ": " + errors;
  }
  if (succeeded(pm.run(module)))
    return "";
  return said.empty() ? "a pass failed without a message" : said;
}

std::string show(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

/// Any schedule for every kernel of some programs, of which the default rules would make one.
/// Shows them in a comment if `isShown`.
void scheduleAtRandom(CompileOptions &options, uint64_t seed, bool isShown) {
  if (seed % 4 != 3 || options.optLevel == 0)
    return;
  options.onStage = [seed, isShown](StringRef stage, ModuleOp module) {
    if (stage != "memory")
      return;
    uint64_t next = seed;
    for (auto function : module.getOps<func::FuncOp>())
      for (OutlinedKernel &kernel : outlineKernels(function))
        if (auto schedule = testing::makeRandomSchedule(*kernel.module, ++next))
          for (uop::KernelOp launch : kernel.launches) {
            launch.setScheduleAttr(schedule);
            if (isShown)
              (llvm::outs() << "// " << launch << "\n").flush(); // The run may crash.
          }
  };
}

/// Donates copies.
rt::RunRequest makeRequest(const std::vector<rt::Tensor> &inputs,
                           const std::map<std::string, int64_t> &vars, bool isDonated) {
  rt::RunRequest request;
  request.vars = vars;
  for (const rt::Tensor &tensor : inputs) {
    rt::Result<rt::Tensor> copy = isDonated ? tensor.clone() : tensor;
    request.inputs.emplace_back(copy.ok() ? *copy : tensor, std::string(), isDonated);
  }
  return request;
}

Comparison compare(ModuleOp module, const std::map<std::string, int64_t> &vars, uint64_t seed,
                   bool isShown = false) {
  auto function = *module.getOps<func::FuncOp>().begin();
  std::vector<rt::Tensor> inputs = testing::makeRandomInputs(function, vars, seed);
  interp::VarValues values;
  for (auto &[name, value] : vars)
    values[name] = value;
  interp::Options interpOptions;
  interpOptions.tolerances = true;
  auto expected = interp::interpret(function, inputs, values, interpOptions);
  // Only a size can have no value. Where it is no result, a run may do without.
  bool isRefused = !expected.ok();
  if (isRefused && !StringRef(expected.message()).contains("uop.size"))
    return {Outcome::NotRun, "interpreter: " + expected.message()};
  bool mustFail = isRefused && llvm::any_of(function.getOps<uop::SizeOp>(), [&](uop::SizeOp size) {
                    return llvm::any_of(size->getUsers(), llvm::IsaPred<func::ReturnOp>) &&
                           !uop::evaluate(size.getExpression(), [&](StringRef var) {
                             auto it = vars.find(var.str());
                             return it == vars.end() ? std::nullopt : std::optional(it->second);
                           });
                  });
  auto refused = [&](StringRef stage, const std::string &message) -> Comparison {
    if (isRefused)
      return {Outcome::Refused, message};
    return {Outcome::NotRun, (stage + ": " + message).str()};
  };

  std::string diagnostics;
  ScopedDiagnosticHandler handler(module.getContext(), [&](Diagnostic &diagnostic) {
    llvm::raw_string_ostream(diagnostics) << diagnostic << "; ";
    return success();
  });
  for (const char *pass : ArrayRef(alone).take_front(seed % 8 == 0 ? std::size(alone) : 0)) {
    OwningOpRef<ModuleOp> only = module.clone();
    std::string message = runPasses(*only, pass, diagnostics);
    if (message == "a pass failed without a message" || StringRef(message).starts_with("no pass"))
      return {Outcome::Differs, std::string(pass) + ": " + message};
    diagnostics.clear();
  }
  OwningOpRef<ModuleOp> copy = module.clone();
  if (seed % 3 == 1) {
    SmallVector<const char *> passes;
    for (uint64_t rest = seed * 0x9E3779B97F4A7C15; passes.size() < 1 + seed % 5; rest /= 16)
      passes.push_back(shuffled[rest % std::size(shuffled)]);
    if (std::string message = runPasses(*copy, passes, diagnostics); !message.empty())
      return refused("passes " + llvm::join(passes, ","), message);
  }
  CompileOptions compiling = settingOf(seed);
  for (size_t i = 0; seed % 3 == 0 && i < inputs.size(); ++i)
    compiling.donated.push_back("arg" + std::to_string(i));
  scheduleAtRandom(compiling, seed, isShown);
  FailureOr<Compilation> compilation = compile(*copy, compiling);
  if (failed(compilation))
    return refused("compiler", diagnostics);
  rt::ContextOptions contextOptions;
  contextOptions.threads = 1 + seed % 3;
  auto context = rt::Context::create(compilation->program, contextOptions);
  if (!context.ok())
    return {Outcome::NotRun, "context: " + context.message()};
  auto request = makeRequest(inputs, vars, !compiling.donated.empty());
  auto actual = (*context)->run(request);
  if (!actual.ok())
    return refused("run", actual.message());
  if (isRefused && !mustFail)
    return {Outcome::Refused, "runs without the size"};
  if (mustFail)
    return {Outcome::Differs, "runs, which the interpreter refuses: " + expected.message()};
  // Where buffers lie must not show, nor whether the host can address them.
  contextOptions.memoryPlanner = "none";
  contextOptions.runtime = run::makeRuntime(seed % 2 ? "remote" : "host");
  auto apart = rt::Context::create(compilation->program, contextOptions);
  if (!apart.ok())
    return {Outcome::NotRun, "context: " + apart.message()};
  auto again = (*apart)->run(inputs, vars);
  if (!again.ok())
    return {Outcome::NotRun, "run without planner: " + again.message()};
  for (auto [i, tensors] : llvm::enumerate(llvm::zip_equal(*actual, *again)))
    if (auto &[one, other] = tensors; std::memcmp(one.data(), other.data(), one.byteSize()) != 0)
      return {Outcome::Differs, llvm::formatv("result {0} depends on where buffers lie", i)};
  std::vector<interp::OutputCheck> checks = interp::verifyOutputs(*expected, *actual);
  for (auto [i, check] : llvm::enumerate(checks))
    if (!check.ok)
      return {Outcome::Differs,
              llvm::formatv("result {0}: {1} elements are wrong{2}; element {3} is {4}, expected "
                            "{5} within {6}",
                            i, check.wrong, check.mismatch, check.worstIndex,
                            show(check.worstActual), show(check.worstValue),
                            show(check.worstTolerance))};
  return {};
}

constexpr char helpText[] =
    "usage: tg-random [options]\n\n"
    "Compiles and runs random programs and compares them with the interpreter.\n\n"
    "  --count=N       programs to make, from consecutive seeds (100)\n"
    "  --seed=S        the first seed (1)\n"
    "  --operations=N  operations of a program, about (12)\n"
    "  --print=SEED    print the program of this seed, run it alone, and say with what result\n"
    "  --help          this text\n";

int runPrograms(const Settings &settings) {
  DialectRegistry registry;
  registerAllDialects(registry);
  registerAllPasses();
  registerTransformsPasses();
  testing::RandomOptions options;
  options.operations = settings.operations;
  std::unique_ptr<MLIRContext> context;
  uint64_t mismatches = 0, notRun = 0, outputs = 0, refused = 0;
  for (uint64_t i = 0; i < settings.count; ++i) {
    // Types and attributes live as long as their context.
    if (i % 100 == 0)
      context = std::make_unique<MLIRContext>(registry);
    uint64_t seed = settings.print ? *settings.print : settings.seed + i;
    llvm::PrettyStackTraceFormat trace("program of seed %llu", (unsigned long long)seed);
    testing::RandomProgram program = testing::makeRandomProgram(context.get(), seed, options);
    if (settings.print) {
      program.module->print(llvm::outs());
      llvm::outs().flush(); // The run may crash.
      Comparison comparison = compare(*program.module, program.vars, seed, /*isShown=*/true);
      llvm::outs() << "// " << nameOf(settingOf(seed)) << ": " << comparison.message << "\n";
      return comparison.outcome == Outcome::Differs || comparison.outcome == Outcome::NotRun;
    }
    Comparison comparison = compare(*program.module, program.vars, seed);
    outputs += (*program.module->getOps<func::FuncOp>().begin()).getNumResults();
    refused += comparison.outcome == Outcome::Refused;
    if (comparison.outcome == Outcome::Same || comparison.outcome == Outcome::Refused)
      continue;
    bool differs = comparison.outcome == Outcome::Differs;
    ++(differs ? mismatches : notRun);
    llvm::outs() << "seed " << seed << ": " << comparison.message << "\n";
    if (mismatches + notRun > 1)
      continue;
    // The same kind of failure, not just any.
    auto reduced = testing::reduceProgram(*program.module, [&](ModuleOp candidate) {
      return compare(candidate, program.vars, seed).outcome == comparison.outcome;
    });
    llvm::outs() << "// reduced; run with " << nameOf(settingOf(seed)) << " --verify";
    for (auto &[name, value] : program.vars)
      llvm::outs() << " --dim=" << name << "=" << value;
    llvm::outs() << "\n"
                 << *reduced << "\n// " << compare(*reduced, program.vars, seed).message << "\n";
  }
  llvm::outs() << "random programs from seed " << settings.seed << ": " << settings.count
               << " made, " << outputs << " outputs, " << mismatches << " mismatches, " << notRun
               << " not run, " << refused << " refused alike\n";
  return mismatches + notRun > 0;
}

} // namespace

int tg::randomMain(int argc, char **argv) {
  llvm::sys::PrintStackTraceOnErrorSignal(argv[0]);
  reportOutputErrors("tg-random", argv);
  Settings settings;
  for (int i = 1; i < argc; ++i) {
    StringRef argument = argv[i];
    auto [name, text] = argument.split('=');
    uint64_t value = 0;
    bool isNumber = !text.getAsInteger(10, value);
    if (name == "--count" && isNumber)
      settings.count = value;
    else if (name == "--seed" && isNumber)
      settings.seed = value;
    else if (name == "--operations" && isNumber)
      settings.operations = value;
    else if (name == "--print" && isNumber)
      settings.print = value;
    else if (argument == "--help" || argument == "-h") {
      llvm::outs() << helpText;
      return 0;
    } else if (name == "--count" || name == "--seed" || name == "--operations" ||
               name == "--print") {
      llvm::errs() << "tg-random: error: " << name
                   << ": expected a whole number of at least 0, got '" << text << "'\n";
      return 1;
    } else {
      llvm::errs() << "tg-random: error: unknown argument '" << argument
                   << "'; see tg-random --help\n";
      return 1;
    }
  }
  return runPrograms(settings);
}
