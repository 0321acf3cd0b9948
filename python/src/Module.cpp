//===- Module.cpp - IR with all that it needs -------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Module.h"

#include "../../lib/CAPI/Crash.h"
#include "tg/Compiler/ParseModule.h"
#include "tg/Dialect/UOp/UOp.h"
#include "tg/InitAll.h"
#include "tg/Interp/Interpreter.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

#include <chrono>

using namespace mlir;
using namespace tg;
using namespace tg::python;

static double now() {
  return std::chrono::duration<double, std::milli>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

static std::string printed(Operation *op, bool isComplete, bool withLocations) {
  OpPrintingFlags flags;
  if (!isComplete)
    flags.elideLargeElementsAttrs().elideLargeResourceString();
  if (withLocations)
    flags.enableDebugInfo();
  std::string text;
  llvm::raw_string_ostream stream(text);
  op->print(stream, flags);
  if (!llvm::StringRef(text).ends_with("\n"))
    text += "\n";
  return text;
}

python::Module::Module(std::shared_ptr<PythonSession> session)
    : session(std::move(session)), context(this->session->session.getContext()) {}

python::Module::~Module() {
  if (!session->isBroken)
    return;
  // Taking it down could fail again.
  (void)module.release();
  new std::shared_ptr<MLIRContext>(std::move(context));
  new std::shared_ptr<PythonSession>(session);
}

rt::Status python::Module::guarded(llvm::function_ref<bool()> body) {
  if (session->isBroken)
    return rt::error(
        "the compiler failed on a model before, and left this module and its session in no state "
        "to be used; load the module again, in another session");
  messages.clear();
  auto handler = std::make_unique<SourceMgrDiagnosticHandler>(sources, context.get(), stream);
  bool isDone = false;
  {
    capi::CrashHandlers handlers;
    session->isBroken = !capi::runSafely([&] { isDone = body(); });
  }
  if (session->isBroken) {
    (void)handler.release();
    return rt::error("internal error: the compiler failed on this model");
  }
  if (isDone)
    return {};
  std::string text = llvm::StringRef(messages).rtrim().str();
  return rt::error(text.empty() ? "the model does not compile" : text);
}

bool python::Module::importOnnxModel(llvm::MemoryBufferRef model, const ImportOptions &options,
                                     OnnxImportReport &report) {
  OnnxImportOptions import;
  for (auto &[name, extent] : options.dims)
    import.dims[name] = extent;
  for (const std::string &name : options.emptyInputs)
    import.emptyInputs.insert(name);
  for (auto &[name, data] : options.inputValues) {
    ElementsAttr value = importOnnxTensor(llvm::MemoryBufferRef(data, name), context.get());
    if (!value)
      return false;
    import.inputValues[name] = value;
  }
  for (auto &[name, type] : options.givenTypes) {
    Type element = parseType(type.first, context.get());
    if (!element)
      return false;
    import.givenTypes[name] = RankedTensorType::get(type.second, element);
  }
  for (auto &[name, tensor] : options.inputTensors)
    if (ElementsAttr value = makeOnnxConstant(tensor, context.get()))
      import.inputValues[name] = value;
  for (auto &[name, shape] : options.inputShapes)
    import.inputShapes[name] = llvm::SmallVector<int64_t>(shape.begin(), shape.end());
  import.fixShapes = options.fixShapes;
  module = importOnnx(model, context.get(), import, &report);
  return bool(module);
}

rt::Status python::Module::load(std::unique_ptr<llvm::MemoryBuffer> buffer, bool isOnnx,
                                const ImportOptions &options, OnnxImportReport &report) {
  double start = now();
  for (auto &[name, size] : options.dims)
    if (size < 0)
      return rt::error("dims: expected a size of 0 or more, got " + name + "=" +
                       std::to_string(size));
  std::lock_guard<std::mutex> lock(session->mutex);
  session->session.noteModel(buffer->getBufferSize());
  rt::Status status = guarded([&] {
    if (isOnnx)
      return importOnnxModel(buffer->getMemBufferRef(), options, report);
    sources.AddNewSourceBuffer(std::move(buffer), llvm::SMLoc());
    module = parseModule(sources, context.get());
    return bool(module);
  });
  importTime = now() - start;
  return status;
}

rt::Result<std::shared_ptr<python::Module>>
python::Module::fromFile(const std::string &path, const ImportOptions &options,
                         std::shared_ptr<PythonSession> session, OnnxImportReport &report) {
  bool isOnnx = llvm::StringRef(path).ends_with(".onnx");
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/!isOnnx);
  if (std::error_code failure = buffer.getError())
    return rt::error(path + ": cannot open: " + failure.message());
  auto result = std::make_shared<Module>(std::move(session));
  if (rt::Status status = result->load(std::move(*buffer), isOnnx, options, report); !status.ok())
    return status;
  return result;
}

rt::Result<std::shared_ptr<python::Module>>
python::Module::fromMemory(llvm::StringRef data, const std::string &name, bool isOnnx,
                           const ImportOptions &options, std::shared_ptr<PythonSession> session,
                           OnnxImportReport &report) {
  auto result = std::make_shared<Module>(std::move(session));
  // Diagnostics about text show its lines, so that it has to stay.
  auto buffer = isOnnx ? llvm::MemoryBuffer::getMemBuffer(data, name,
                                                          /*RequiresNullTerminator=*/false)
                       : llvm::MemoryBuffer::getMemBufferCopy(data, name);
  if (rt::Status status = result->load(std::move(buffer), isOnnx, options, report); !status.ok())
    return status;
  return result;
}

rt::Result<Compiled> python::Module::compile(CompileOptions options, bool keepIR) {
  std::lock_guard<std::mutex> lock(session->mutex);
  Compiled result;
  auto add = [&](llvm::StringRef stage, ModuleOp ir) {
    std::string text = printed(ir, /*isComplete=*/false, /*withLocations=*/false);
    // Of kernels there are many; the separator is that of --split-input-file.
    if (!result.ir.empty() && result.ir.back().first == stage)
      result.ir.back().second += "// -----\n" + text;
    else
      result.ir.emplace_back(stage.str(), std::move(text));
  };
  if (keepIR) {
    options.cacheDirectory = "none"; // What comes from the cache has no IR to show.
    options.onStage = add;
  }
  rt::Status status = guarded([&] {
    OwningOpRef<ModuleOp> clone = module->clone();
    FailureOr<Compilation> compilation = session->session.compile(*clone, options);
    if (failed(compilation))
      return false;
    result.compilation = std::move(*compilation);
    return true;
  });
  if (!status.ok())
    return status;
  auto &stages = result.compilation.stages;
  stages.insert(stages.begin(), {"import", importTime});
  return result;
}

/// MLIR's registry of passes belongs to the process.
static void registerPasses() {
  static std::once_flag once;
  std::call_once(once, [] {
    mlir::registerAllPasses();
    tg::registerAllPasses();
  });
}

rt::Status python::Module::runPipeline(const std::string &pipeline) {
  std::lock_guard<std::mutex> lock(session->mutex);
  registerPasses();
  return guarded([&] {
    FailureOr<OpPassManager> parsed = parsePassPipeline(pipeline, stream);
    if (failed(parsed))
      return false;
    if (parsed->getOpAnchorName() != ModuleOp::getOperationName()) {
      stream << "the pipeline is for '" << parsed->getOpAnchorName()
             << "'; write builtin.module(...)";
      return false;
    }
    PassManager pm(context.get());
    static_cast<OpPassManager &>(pm) = std::move(*parsed);
    // A pass that fails leaves the module in between.
    OwningOpRef<ModuleOp> result = module->clone();
    if (failed(pm.run(*result))) {
      if (messages.empty())
        stream << "the pipeline failed";
      return false;
    }
    module = std::move(result);
    return true;
  });
}

rt::Result<std::vector<rt::Tensor>>
python::Module::interpret(const std::string &entry, const std::vector<rt::Tensor> &inputs,
                          const std::map<std::string, int64_t> &vars, bool checkIndices) {
  std::lock_guard<std::mutex> lock(session->mutex);
  interp::VarValues values;
  for (auto &[name, value] : vars)
    values[name] = value;
  interp::Options options;
  options.checkIndices = checkIndices;
  std::vector<rt::Tensor> outputs;
  rt::Status failure;
  rt::Status status = guarded([&] {
    rt::Result<interp::Results> results =
        interp::interpret(*module, entry, inputs, values, options);
    failure = results.status();
    if (results.ok())
      outputs = std::move(results->outputs);
    return true;
  });
  if (!status.ok())
    return status;
  if (!failure.ok())
    return failure;
  return outputs;
}

std::vector<std::string> python::Module::constantInputs() {
  std::lock_guard<std::mutex> lock(session->mutex);
  std::vector<std::string> names;
  if (session->isBroken)
    return names;
  module->walk([&](func::FuncOp function) {
    if (auto constants = function->getAttrOfType<ArrayAttr>("tg.constants"))
      for (StringAttr name : constants.getAsRange<StringAttr>())
        names.push_back(name.str());
  });
  return names;
}

std::string python::Module::print(bool isComplete, bool withLocations) {
  std::lock_guard<std::mutex> lock(session->mutex);
  return session->isBroken ? std::string() : printed(*module, isComplete, withLocations);
}
