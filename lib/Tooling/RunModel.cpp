//===- RunModel.cpp - Compiles and runs a model ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Tooling/Analyze.h"
#include "tg/Tooling/Mains.h"
#include "tg/Tooling/Report.h"
#include "tg/Tooling/Signature.h"

#include "tg/Compiler/ParseModule.h"
#include "tg/Dialect/UOp/UOp.h"
#include "tg/Import/Onnx.h"
#include "tg/InitAll.h"
#include "tg/Runtime/IO/TensorIO.h"
#include "tg/Target/Target.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/Remarks.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Tools/Plugins/PassPlugin.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace tg;
using namespace tg::run;

static rt::Status fail(std::string message) { return rt::Status::error(std::move(message)); }

/// Whether the source of an input says that it is a sequence without elements or an optional
/// without a value.
static bool isEmptyInput(StringRef source) { return source == "[]" || source == "none"; }

namespace {

/// One invocation. Diagnostics of the compiler are printed as they come; other failures come back
/// as messages. A failure that was printed already has an empty message.
class Driver {
public:
  Driver(const Options &options, llvm::SourceMgr &sources, MLIRContext &context,
         Clock::time_point start)
      : options(options), givenDims(options.dims), sources(sources), context(context),
        start(start) {}

  rt::Status run() {
    for (const std::string &path : options.passPlugins) {
      llvm::Expected<PassPlugin> plugin = PassPlugin::load(path);
      if (!plugin)
        return fail("--load-pass-plugin: " + llvm::toString(plugin.takeError()));
      plugin->registerPassRegistryCallbacks();
    }
    if (!options.isInterpreted())
      if (std::string message = checkTargetName(options.compile.device); !message.empty())
        return fail(message + ", interp");
    if (options.isInterpreted() && !options.profile.empty())
      return fail("--profile: the interpreter keeps no profile; leave out --device=interp");
    if (!endsWith(options.model, ".tgp"))
      if (rt::Status status = checkCompileOptions(); !status.ok())
        return status;
    report.model = options.model;
    report.device =
        options.compile.device.empty() ? getDefaultTargetName().str() : options.compile.device;
    rt::Status status = endsWith(options.model, ".tgp") ? runProgramFile() : runModel();
    if (!status.ok() || options.compileOnly || !options.analyze.empty())
      return status;
    if (!options.output.empty())
      if (status = writeOutputs(report.signature, report.outputs, options.output); !status.ok())
        return status;
    if (options.verify)
      if (status = verify(); !status.ok())
        return status;
    if (options.json)
      printJson(report);
    else
      printText(report, options);
    for (auto [port, check] : llvm::zip(report.signature.outputs, report.checks))
      if (!check.ok)
        return fail("output '" + port.name + "' differs from the interpreter: " + explain(check));
    return checkExpected(report.signature, report.outputs, options);
  }

private:
  /// Here and not in the compiler alone: the interpreter takes no wrong ones either.
  rt::Status checkCompileOptions() {
    CompileOptions compiling = compileOptions();
    if (options.isInterpreted())
      compiling.device.clear();
    std::string message = checkOptions(compiling);
    return message.empty() ? rt::Status() : fail(message);
  }

  rt::Status checkDonated() {
    std::vector<std::string> names;
    for (const rt::Port &port : report.signature.inputs)
      names.push_back(port.name);
    for (const std::string &name : options.compile.donated)
      if (!llvm::is_contained(names, name))
        return fail("there is no input '" + name +
                    "' to donate; there are: " + llvm::join(names, ", "));
    return {};
  }

  /// A program for any size fails where what it was taken to hold does not: a batch of 0, two sizes
  /// that are equal nearly always. Then the model is imported for the sizes that its inputs have.
  rt::Status runModel() {
    rt::Status status = loadAndRun();
    if (status.ok() || status.message().empty() || !mayFixShapes())
      return status;
    fixesShapes = true;
    Report first;
    std::swap(first, report);
    report.model = first.model;
    report.device = first.device;
    rt::Status fixed = loadAndRun();
    return fixed.ok() || fixed.message().empty() ? fixed : status;
  }

  bool isOnnx() const { return StringRef(options.model).ends_with(".onnx"); }
  bool hasInputFiles() const {
    return llvm::any_of(options.inputs, [](const auto &input) {
      return !isEmptyInput(input.second) && !parseNumbers(input.second);
    });
  }
  bool mayFixShapes() const {
    return isOnnx() && !fixesShapes && !options.compileOnly && options.analyze.empty() &&
           hasInputFiles() && !report.signature.vars.empty();
  }

  rt::Status loadAndRun() {
    Clock::time_point begin = Clock::now();
    rt::Status status = load();
    if (!status.ok())
      return status;
    report.stages.push_back({"import", millisecondsSince(begin)});
    rt::Result<func::FuncOp> function = interp::findFunction(*module, "");
    if (!function.ok())
      return function.status().in(options.model);
    rt::Result<Signature> signature = signatureOf(*function);
    if (!signature.ok())
      return signature.status().in(options.model);
    report.signature = std::move(*signature);
    if (rt::Status status = checkDonated(); !status.ok())
      return status;
    if (options.compileOnly)
      return saveCompiled();
    if (rt::Status status = checkOutputFiles(report.signature.outputs, options.output);
        !status.ok())
      return status;
    rt::Result<std::vector<rt::Tensor>> made =
        makeInputs(report.signature, withoutConstants(*function));
    if (!made.ok())
      return made.status();
    inputs = std::move(*made);
    if (!options.analyze.empty())
      return runAnalyzer();
    // The compiler rewrites the module; the interpreter runs what the user wrote.
    reference = module->clone();
    return options.isInterpreted() ? runInterpreter() : runDevice();
  }

  /// Programs are run as tg-exec does.
  rt::Status runProgramFile() {
    if (!options.modelOptions.empty())
      return fail("--" + options.modelOptions.front() + ": " + options.model +
                  " is compiled already; give this option with the model");
    rt::Result<std::shared_ptr<const rt::Program>> program = rt::loadProgram(options.model);
    if (!program.ok())
      return program.status();
    report.signature = signatureOf(**program);
    describeKernels(**program);
    if (rt::Status status = checkOutputFiles(report.signature.outputs, options.output);
        !status.ok())
      return status;
    rt::Result<std::vector<rt::Tensor>> made = makeInputs(report.signature, options);
    if (!made.ok())
      return made.status();
    inputs = std::move(*made);
    return runProgram(*program);
  }

  /// What a program file says of its kernels: neither types nor operations.
  void describeKernels(const rt::Program &program) {
    for (const rt::Kernel &kernel : program.kernels) {
      KernelInfo info;
      info.name = kernel.name;
      info.location = kernel.location;
      report.kernels.push_back(std::move(info));
    }
    countLaunches(program.commands);
  }
  void countLaunches(const std::vector<rt::Command> &commands) {
    for (const rt::Command &command : commands) {
      if (auto *launch = std::get_if<rt::Launch>(&command.op)) {
        ++report.kernels[launch->kernel].launches;
      } else if (auto *branch = std::get_if<rt::If>(&command.op)) {
        countLaunches(branch->thenBody);
        countLaunches(branch->elseBody);
      } else if (auto *loop = std::get_if<rt::For>(&command.op)) {
        countLaunches(loop->body);
      } else if (auto *loop = std::get_if<rt::While>(&command.op)) {
        countLaunches(loop->before);
        countLaunches(loop->after);
      }
    }
  }

  rt::Status saveCompiled() {
    FailureOr<std::shared_ptr<const rt::Program>> program = compileModule();
    if (failed(program))
      return fail("");
    return rt::saveProgram(**program, options.output);
  }

  /// What is known of the inputs: which have no value, the types if there are elements of
  /// sequences, and small tensors, which shapes of the model may depend on. False after an error.
  bool readInputValues(OnnxImportOptions &importOptions) {
    bool hasElements = llvm::any_of(options.inputs, [](const auto &input) {
      unsigned position;
      return !StringRef(input.first).rsplit('.').second.getAsInteger(10, position);
    });
    for (const auto &[name, source] : options.inputs) {
      if (isEmptyInput(source)) {
        importOptions.emptyInputs.insert(name);
        continue;
      }
      importOptions.givenInputs.insert(name);
      if (std::optional<std::vector<double>> numbers = parseNumbers(source)) {
        importOptions.inputNumbers[name] = std::move(*numbers);
        continue;
      }
      constexpr uint64_t maxFileSize = 4096;
      uint64_t size = 0;
      bool isSmall = !llvm::sys::fs::file_size(source, size) && size <= maxFileSize;
      if (isSmall && StringRef(source).ends_with(".pb")) {
        auto buffer = llvm::MemoryBuffer::getFile(source);
        // No shape depends on strings.
        rt::Result<rt::NamedTensor> read = rt::readTensorProto(source);
        if (!buffer || (read.ok() && read->strings))
          continue;
        importOptions.inputValues[name] = importOnnxTensor((*buffer)->getMemBufferRef(), &context);
        if (!importOptions.inputValues[name])
          return false;
      }
      if (!isSmall && !hasElements && !fixesShapes)
        continue;
      // What is wrong with a file is said when the inputs are made.
      rt::Result<rt::Tensor> tensor = rt::readTensorFile(source);
      if (!tensor.ok())
        continue;
      importOptions.inputShapes[name] = llvm::to_vector(tensor->shape());
      if (hasElements)
        importOptions.givenTypes[name] =
            RankedTensorType::get(tensor->shape(), parseType(dtypeName(tensor->dtype()), &context));
      if (isSmall && !importOptions.inputValues.contains(name))
        if (ElementsAttr value = makeOnnxConstant(*tensor, &context))
          importOptions.inputValues[name] = value;
    }
    importOptions.fixShapes = fixesShapes;
    return true;
  }

  /// The options without the inputs that the importer made constants, or that have no value.
  Options withoutConstants(func::FuncOp function) const {
    Options result = options;
    auto constants = function->getAttrOfType<ArrayAttr>(attrs::constants);
    llvm::erase_if(result.inputs, [&](const auto &input) {
      return emptyInputs.contains(input.first) ||
             (constants &&
              llvm::is_contained(constants.getAsValueRange<StringAttr>(), input.first));
    });
    return result;
  }

  /// Names with a `=` in them, as far as there may be such.
  void settleOnnxNames() {
    if (llvm::none_of(options.inputs,
                      [](const auto &input) { return StringRef(input.second).contains('='); }))
      return;
    auto buffer = llvm::MemoryBuffer::getFile(options.model, /*IsText=*/false,
                                              /*RequiresNullTerminator=*/false);
    std::optional<std::vector<OnnxInput>> known;
    if (buffer)
      known = readOnnxInputs((*buffer)->getMemBufferRef(), &context);
    std::vector<std::string> names;
    for (const OnnxInput &input : known.value_or(std::vector<OnnxInput>()))
      names.push_back(input.name);
    options.settleNames(names);
  }

  /// Leaves no module after an error. Where the model needs to know the sizes of its inputs, it is
  /// imported for them at once.
  void loadOnnx() {
    OnnxImportOptions importOptions;
    if (!readInputValues(importOptions))
      return;
    // The program is made for the sizes that are given: they are no variables of it.
    for (const auto &[name, size] : givenDims)
      importOptions.dims[name] = size;
    options.dims.clear();
    OnnxImportReport importReport;
    std::vector<Diagnostic> diagnostics;
    {
      ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
        diagnostics.push_back(std::move(diagnostic));
        return success();
      });
      module = importOnnxFile(options.model, &context, importOptions, &importReport);
    }
    if (!module && importReport.needsInputs && !fixesShapes && !options.compileOnly &&
        hasInputFiles()) {
      fixesShapes = true;
      return loadOnnx();
    }
    for (Diagnostic &diagnostic : diagnostics)
      context.getDiagEngine().emit(std::move(diagnostic));
    emptyInputs = std::move(importOptions.emptyInputs);
  }

  rt::Status load() {
    StringRef path = options.model;
    if (isOnnx()) {
      settleOnnxNames();
      loadOnnx();
    } else {
      auto buffer = llvm::MemoryBuffer::getFileOrSTDIN(path);
      if (std::error_code error = buffer.getError())
        return fail(options.model + ": cannot open: " + error.message());
      sources.AddNewSourceBuffer(std::move(*buffer), llvm::SMLoc());
      module = parseModule(sources, &context);
    }
    return module ? rt::Status() : fail("");
  }

  interp::VarValues varValues() const {
    interp::VarValues vars;
    for (auto &[name, value] : options.dims)
      vars[name] = value;
    return vars;
  }

  rt::Status runInterpreter() {
    interp::Options interpOptions;
    interpOptions.checkIndices = options.compile.checkIndices;
    auto runOnce = [&]() -> rt::Status {
      rt::Result<interp::Results> results =
          interp::interpret(*module, "", inputs, varValues(), interpOptions);
      if (!results.ok())
        return results.status();
      report.outputs = std::move(results->outputs);
      return {};
    };
    return timeRuns(options, start, runOnce, report);
  }

  CompileOptions compileOptions() const {
    CompileOptions result{options.compile, nullptr};
    int debug = options.debug;
    if (debug >= 4) {
      // What comes from the cache has no IR to show.
      result.cacheDirectory = "none";
      result.onStage = [debug](StringRef stage, ModuleOp module) {
        if (debug < 5 && stage != "codegen")
          return;
        llvm::errs() << "// after " << stage << "\n";
        module.print(llvm::errs(), OpPrintingFlags().elideLargeElementsAttrs());
      };
    }
    return result;
  }

  /// The engine's decisions, to stderr.
  rt::Status enableRemarks() {
    remark::RemarkCategories categories;
    categories.passed = categories.missed = categories.analysis = categories.failed =
        "tg-(fusion|order|memory)";
    if (failed(remark::enableOptimizationRemarks(
            context, nullptr, std::make_unique<remark::RemarkEmittingPolicyAll>(), categories,
            /*printAsEmitRemarks=*/true)))
      return rt::error("cannot set up remarks");
    return rt::Status();
  }

  FailureOr<std::shared_ptr<const rt::Program>> compileModule() {
    FailureOr<Compilation> compilation = compile(*module, compileOptions());
    if (failed(compilation))
      return failure();
    report.stages.insert(report.stages.end(), compilation->stages.begin(),
                         compilation->stages.end());
    report.kernels = compilation->kernels;
    return compilation->program;
  }

  /// The user's passes.
  rt::Status runPasses() {
    if (options.passes.empty())
      return rt::Status();
    PassManager manager(&context, ModuleOp::getOperationName());
    std::string message;
    llvm::raw_string_ostream os(message);
    if (failed(parsePassPipeline(options.passes, manager, os)))
      return fail("--passes: " + message);
    return failed(manager.run(*module)) ? fail("") : rt::Status();
  }

  rt::Status runDevice() {
    if (rt::Status status = runPasses(); !status.ok())
      return status;
    if (options.debug >= 3)
      if (rt::Status status = enableRemarks(); !status.ok())
        return status;
    FailureOr<std::shared_ptr<const rt::Program>> program = compileModule();
    return failed(program) ? fail("") : runProgram(*program);
  }

  rt::Status runAnalyzer() {
    if (rt::Status status = makeAnalysisFolder(options.analyze); !status.ok())
      return status;
    CompileOptions compiling = compileOptions();
    // Times of stages are of compiling, not of the cache.
    if (compiling.cacheDirectory.empty())
      compiling.cacheDirectory = "none";
    rt::Result<Analysis> analysis =
        analyze(*module, compiling, report.stages, report.signature, inputs, options);
    if (!analysis.ok())
      return analysis.status();
    llvm::outs() << (options.json ? analysisJson(*analysis) : printAnalysis(*analysis));
    return writeAnalysis(*analysis, options.analyze);
  }

  rt::Status runProgram(const std::shared_ptr<const rt::Program> &program) {
    if (options.debug >= 6)
      llvm::errs() << program->print();
    report.threads = options.threads;
    rt::Result<Execution> result = execute(program, inputs, options, start);
    if (!result.ok())
      return result.status();
    static_cast<Execution &>(report) = std::move(*result);
    report.program = program;
    if (options.debug >= 6)
      llvm::errs() << rt::printLayout(*program, report.layout);
    return {};
  }

  rt::Status verify() {
    interp::Options interpOptions;
    interpOptions.checkIndices = options.compile.checkIndices;
    interpOptions.tolerances = true;
    rt::Result<interp::Results> results =
        interp::interpret(*reference, "", inputs, varValues(), interpOptions);
    if (!results.ok())
      return results.status();
    report.checks = interp::verifyOutputs(*results, report.outputs);
    return {};
  }

  static std::string explain(const interp::OutputCheck &check) {
    if (!check.mismatch.empty())
      return check.mismatch;
    return llvm::formatv("{0} elements are wrong; element {1} is {2}, expected {3} within {4}",
                         check.wrong, check.worstIndex, showNumber(check.worstActual),
                         showNumber(check.worstValue), showNumber(check.worstTolerance));
  }

  Options options;
  std::map<std::string, int64_t> givenDims;
  bool fixesShapes = false; ///< Whether an ONNX model is imported for the sizes of its inputs.
  llvm::SourceMgr &sources; ///< For the lines that diagnostics show.
  MLIRContext &context;
  Clock::time_point start;
  OwningOpRef<ModuleOp> module, reference;
  llvm::StringSet<> emptyInputs; ///< Those of an ONNX model that have no value.
  std::vector<rt::Tensor> inputs;
  Report report;
};

} // namespace

int tg::runMain(int argc, char **argv) {
  Clock::time_point start = Clock::now();
  rt::Result<Options> options = parseOptions(argc, argv, Tool::Run);
  auto reportError = [](const std::string &message) {
    llvm::outs().flush();
    llvm::outs().clear_error(); // One message is enough.
    if (!message.empty())
      llvm::errs() << "tg-run: error: " << rt::printable(message, /*keepsLines=*/true) << "\n";
    return 1;
  };
  if (!options.ok())
    return reportError(options.message());
  // A full disk is an error; without this the stream's destructor ends the process its own way.
  auto finishOutput = [&] {
    llvm::outs().flush();
    std::error_code error = llvm::outs().error();
    llvm::outs().clear_error();
    return error ? reportError("cannot write to standard output: " + error.message()) : 0;
  };
  if (options->listsOptions) {
    llvm::outs() << describeCompileOptions();
    return finishOutput();
  }
  if (options->help || options->version) {
    llvm::outs() << (options->help ? helpText(Tool::Run) : "tg " TG_VERSION "\n");
    return finishOutput();
  }
  DialectRegistry registry;
  tg::registerAllDialects(registry);
  MLIRContext context(registry);
  // What the driver itself asks of a module, whatever it holds.
  context.loadDialect<uop::UOpDialect, func::FuncDialect>();
  context.printOpOnDiagnostic(false);
  llvm::SourceMgr sources;
  SourceMgrDiagnosticHandler handler(sources, &context, llvm::errs());
  rt::Status status = Driver(*options, sources, context, start).run();
  return status.ok() ? finishOutput() : reportError(status.message());
}
