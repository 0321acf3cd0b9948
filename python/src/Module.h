//===- Module.h - IR with all that it needs ---------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_PYTHON_MODULE_H
#define TG_PYTHON_MODULE_H

#include "tg/Compiler/Session.h"
#include "tg/Import/Onnx.h"
#include "tg/Runtime/Error.h"
#include "tg/Runtime/Tensor.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/SourceMgr.h"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tg::python {

struct ImportOptions {
  std::map<std::string, int64_t> dims;
  /// Serialized TensorProtos; see OnnxImportOptions for these.
  std::map<std::string, std::string> inputValues;
  std::map<std::string, rt::Tensor> inputTensors;
  std::map<std::string, std::vector<int64_t>> inputShapes;
  bool fixShapes = false;
  std::map<std::string, std::pair<std::string, std::vector<int64_t>>> givenTypes;
  std::vector<std::string> emptyInputs;
};

/// What a compilation gave, and what it was made of.
struct Compiled {
  Compilation compilation;
  /// After each stage, as tg-run --debug=5 prints it; empty unless asked for.
  std::vector<std::pair<std::string, std::string>> ir;
};

/// A session, for modules that wait for each other.
struct PythonSession {
  explicit PythonSession(bool isParallel) : session(isParallel) {}

  Session session;
  std::mutex mutex;
  /// What a failure inside the compiler left is in no state to be used again.
  std::atomic<bool> isBroken = false;
};

/// A module in the context of a session, by itself in one of its own. Calls from several threads on
/// modules of one session wait for each other. Messages are the text that the tools print.
class Module {
public:
  /// In the session's context. With its `isParallel`, passes and kernels are compiled on several
  /// threads. Without, all work is done in the calling thread, and a failure inside the compiler is
  /// an error like any other.
  explicit Module(std::shared_ptr<PythonSession> session);
  ~Module();

  /// `path` is an ONNX model if it ends with .onnx, else MLIR's text or bytecode.
  /// `report` tells what became of the import.
  static rt::Result<std::shared_ptr<Module>> fromFile(const std::string &path,
                                                      const ImportOptions &options,
                                                      std::shared_ptr<PythonSession> session,
                                                      OnnxImportReport &report);
  /// `data` is an ONNX model, or MLIR's text or bytecode; it is needed no longer than the call.
  /// `name` stands for the file in messages.
  static rt::Result<std::shared_ptr<Module>> fromMemory(llvm::StringRef data,
                                                        const std::string &name, bool isOnnx,
                                                        const ImportOptions &options,
                                                        std::shared_ptr<PythonSession> session,
                                                        OnnxImportReport &report);

  /// Leaves the module as it is.
  rt::Result<Compiled> compile(CompileOptions options, bool keepIR);
  /// Runs `mlir-opt`'s notation of a pipeline on the module.
  rt::Status runPipeline(const std::string &pipeline);
  rt::Result<std::vector<rt::Tensor>> interpret(const std::string &entry,
                                                const std::vector<rt::Tensor> &inputs,
                                                const std::map<std::string, int64_t> &vars,
                                                bool checkIndices);
  /// Large constants are left out unless `isComplete`.
  std::string print(bool isComplete, bool withLocations);
  double importMilliseconds() const { return importTime; }
  /// The inputs of an ONNX model that became constants.
  std::vector<std::string> constantInputs();

private:
  rt::Status load(std::unique_ptr<llvm::MemoryBuffer> buffer, bool isOnnx,
                  const ImportOptions &options, OnnxImportReport &report);
  bool importOnnxModel(llvm::MemoryBufferRef model, const ImportOptions &options,
                       OnnxImportReport &report);
  /// Runs `body`, which fails after a diagnostic, and gives what it said.
  rt::Status guarded(llvm::function_ref<bool()> body);

  std::shared_ptr<PythonSession> session;
  double importTime = 0;
  std::string messages;
  llvm::raw_string_ostream stream{messages};
  /// The sources, for the lines that diagnostics show.
  llvm::SourceMgr sources;
  std::shared_ptr<mlir::MLIRContext> context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

} // namespace tg::python

#endif // TG_PYTHON_MODULE_H
