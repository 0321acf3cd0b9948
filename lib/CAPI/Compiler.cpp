//===- Compiler.cpp - C API: compiling models -------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Crash.h"
#include "Guard.h"
#include "Objects.h"

#include "tg-c/Compiler.h"
#include "tg/Compiler/Compiler.h"
#include "tg/Compiler/ParseModule.h"
#include "tg/Compiler/Session.h"
#include "tg/Import/Onnx.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/SourceMgr.h"

#include <mutex>

using namespace tg;
using namespace tg::capi;

struct tg_compile_options {
  CompileOptions compile;
  OnnxImportOptions import;
  bool useThreads = false;
};

struct tg_session {
  Session session;
  CrashHandlers handlers;
  /// One compilation at a time: its messages go to the session's context.
  std::mutex mutex;
  /// What a failure inside the compiler left is in no state to be used again.
  bool isBroken = false;
};

namespace {

rt::Status setNumber(int64_t &number, int64_t max, llvm::StringRef value) {
  if (value.getAsInteger(10, number) || number < 0 || number > max)
    return rt::error("expected an integer from 0 to " + std::to_string(max) + ", got '" +
                     value.str() + "'");
  return {};
}

rt::Status setOption(tg_compile_options &options, llvm::StringRef name, llvm::StringRef value) {
  if (const CompileOption *option = findCompileOption(name.str())) {
    std::string message = option->set(options.compile, value.str());
    return message.empty() ? rt::Status() : rt::error(message);
  }
  int64_t number = 0;
  if (name == "threads") {
    rt::Status status = setNumber(number, 1, value);
    if (status.ok())
      options.useThreads = number == 0;
    return status;
  }
  if (name == "dim") {
    auto [dim, size] = value.rsplit('=');
    rt::Status status = setNumber(number, INT64_MAX, size);
    if (status.ok())
      options.import.dims[dim] = number;
    return status;
  }
  std::string names;
  for (const CompileOption &option : getCompileOptions())
    names += std::string(option.name) + ", ";
  return rt::error("there is no such option; there are: " + names + "dim, threads");
}

/// One compilation in the session's context.
class Compilation {
public:
  Compilation(Session &session, const tg_compile_options &options)
      : session(session), options(options), context(session.getContext()), stream(messages),
        handler(sources, context.get(), stream) {
    context->disableMultithreading(!options.useThreads);
  }

  std::shared_ptr<const rt::Program> run(std::unique_ptr<llvm::MemoryBuffer> model, bool isOnnx) {
    mlir::OwningOpRef<mlir::ModuleOp> module;
    session.noteModel(model->getBufferSize());
    if (isOnnx) {
      onnx = std::move(model);
      module = importOnnx(onnx->getMemBufferRef(), context.get(), options.import);
    } else {
      sources.AddNewSourceBuffer(std::move(model), llvm::SMLoc());
      module = parseModule(sources, context.get());
    }
    if (!module)
      return nullptr;
    mlir::FailureOr<tg::Compilation> compilation = session.compile(*module, options.compile);
    return mlir::succeeded(compilation) ? compilation->program : nullptr;
  }

  std::string message() const {
    std::string text = llvm::StringRef(messages).rtrim().str();
    return text.empty() ? "the model does not compile" : text;
  }

private:
  Session &session;
  const tg_compile_options &options;
  std::shared_ptr<mlir::MLIRContext> context;
  llvm::SourceMgr sources;
  std::unique_ptr<llvm::MemoryBuffer> onnx;
  std::string messages;
  llvm::raw_string_ostream stream;
  mlir::SourceMgrDiagnosticHandler handler;
};

rt::Result<tg_program *> compileModel(tg_session &session,
                                      std::unique_ptr<llvm::MemoryBuffer> model, bool isOnnx,
                                      const tg_compile_options *options) {
  tg_compile_options defaults;
  std::lock_guard<std::mutex> lock(session.mutex);
  if (session.isBroken)
    return rt::error("the compiler failed in this session before; make another");
  auto compilation = std::make_unique<Compilation>(session.session, options ? *options : defaults);
  std::shared_ptr<const rt::Program> program;
  std::exception_ptr thrown;
  bool isSound = runSafely([&] {
    try {
      program = compilation->run(std::move(model), isOnnx);
    } catch (...) {
      thrown = std::current_exception();
    }
  });
  if (!isSound) {
    // Its state is unknown: taking it down could fail again.
    (void)compilation.release();
    session.isBroken = true;
    return rt::error("internal error: the compiler failed on this model");
  }
  if (thrown)
    std::rethrow_exception(thrown);
  if (!program)
    return rt::error(compilation->message());
  return new tg_program(std::move(program));
}

} // namespace

tg_session *tg_session_create(tg_error **error) {
  return guarded<tg_session *>(error, nullptr, {},
                               [&]() -> rt::Result<tg_session *> { return new tg_session(); });
}

void tg_session_free(tg_session *session) { delete session; }

tg_compile_options *tg_compile_options_create(void) {
  return guarded<tg_compile_options *>(nullptr, nullptr, {}, [&] {
    return rt::Result<tg_compile_options *>(new tg_compile_options());
  });
}

void tg_compile_options_free(tg_compile_options *options) { delete options; }

bool tg_compile_options_set(tg_compile_options *options, const char *name, const char *value,
                            tg_error **error) {
  return guardedStatus(error, {{"options", options}, {"name", name}, {"value", value}}, [&] {
    return setOption(*options, name, value).in("option '" + std::string(name) + "'");
  });
}

tg_program *tg_compile_file(tg_session *session, const char *path,
                            const tg_compile_options *options, tg_error **error) {
  return guarded<tg_program *>(
      error, nullptr, {{"session", session}, {"path", path}}, [&]() -> rt::Result<tg_program *> {
        bool isOnnx = llvm::StringRef(path).ends_with(".onnx");
        auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                                  /*RequiresNullTerminator=*/!isOnnx);
        if (std::error_code failure = buffer.getError())
          return rt::error(std::string(path) + ": cannot open: " + failure.message());
        return compileModel(*session, std::move(*buffer), isOnnx, options);
      });
}

tg_program *tg_compile_memory(tg_session *session, tg_format format, const void *data, size_t size,
                              const char *name, const tg_compile_options *options,
                              tg_error **error) {
  return guarded<tg_program *>(
      error, nullptr, {{"session", session}, {"data", data, size != 0}, {"name", name}},
      [&]() -> rt::Result<tg_program *> {
        if (format != TG_FORMAT_ONNX && format != TG_FORMAT_MLIR)
          return rt::error("there is no format " + std::to_string(int(format)));
        auto buffer = llvm::MemoryBuffer::getMemBufferCopy(
            llvm::StringRef(static_cast<const char *>(data), size), name);
        return compileModel(*session, std::move(buffer), format == TG_FORMAT_ONNX, options);
      });
}
