//===- Session.h - What compilations share ----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What takes time to make and lives longer than one compilation: the MLIR context with its
// dialects, targets, the code of kernels, worker threads. The second model compiled in a session
// pays for nothing but itself.
//
//   tg::Session session;
//   auto context = session.getContext();
//   mlir::OwningOpRef<mlir::ModuleOp> module = ...; // in *context
//   mlir::FailureOr<tg::Compilation> result = session.compile(*module, {});
//
//===----------------------------------------------------------------------===//

#ifndef TG_COMPILER_SESSION_H
#define TG_COMPILER_SESSION_H

#include "tg/Compiler/Compiler.h"
#include "tg/Runtime/Context.h"
#include "tg/Target/Target.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/MLIRContext.h"

#include <map>
#include <mutex>

namespace tg {

class KernelStore;

/// Compilations of one session follow each other: making modules and compiling them is for one
/// thread at a time, as MLIR's diagnostics go to the context. The other functions are thread safe.
class Session {
public:
  /// With `isParallel`, passes and kernels are compiled on several threads of the context's own.
  explicit Session(bool isParallel = true);
  ~Session();

  /// The context for the next module. A module must hold on to it: once models of some 256 MiB have
  /// been made in one context, which keeps their attributes, the next module gets a new one.
  std::shared_ptr<mlir::MLIRContext> getContext();
  /// States that a model of so many bytes is made in the context.
  void noteModel(uint64_t bytes);

  /// As tg::compile, of a module in a context of this session.
  mlir::FailureOr<Compilation> compile(mlir::ModuleOp module, const CompileOptions &options);

  /// The target that the options ask for, made at the first use and kept as long as the session.
  /// The message is for the user.
  llvm::Expected<const Target *> getTarget(const CompileSettings &settings);

  /// To run programs: contexts made with these options share the session's devices and worker
  /// threads.
  rt::ContextOptions makeContextOptions();

private:
  const bool isParallel;
  std::mutex mutex;
  mlir::DialectRegistry registry;
  std::shared_ptr<mlir::MLIRContext> context;
  uint64_t modelBytes = 0;
  /// By device and options that targets depend on.
  std::map<std::string, std::unique_ptr<Target>> targets;
  std::unique_ptr<KernelStore> kernels;
  std::shared_ptr<rt::Runtime> runtime;
  std::shared_ptr<rt::ThreadPool> threads;
};

} // namespace tg

#endif // TG_COMPILER_SESSION_H
