//===- Compiler.h - From a module to a program ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The compiler as a library. Messages go to the context's diagnostic engine. To compile more than
// one model, see tg/Compiler/Session.h.
//
//   mlir::OwningOpRef<mlir::ModuleOp> module = ...;
//   mlir::FailureOr<tg::Compilation> result = tg::compile(*module, {});
//   auto context = tg::rt::Context::create(result->program);
//
//===----------------------------------------------------------------------===//

#ifndef TG_COMPILER_COMPILER_H
#define TG_COMPILER_COMPILER_H

#include "tg/Options/CompileOptions.h"
#include "tg/Runtime/Program/Program.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Support/LLVM.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tg {

class KernelStore;
class Target;

struct CompileOptions : CompileSettings {
  /// Called with the module after each stage (`import`, `graph`, `fusion`, `order`,
  /// `memory`) and with each kernel's module after `codegen`.
  std::function<void(llvm::StringRef stage, mlir::ModuleOp module)> onStage;
};

/// What to say of an unknown device, strategy, CPU or CPU feature in `options`; empty if there is
/// none.
std::string checkOptions(const CompileOptions &options);

/// `graph`; of the engine `fusion`, `order` and `memory` (buffers; the runtime places them);
/// `program` (its tables) and `codegen`.
struct StageTime {
  std::string stage;
  double milliseconds = 0;
};

/// One distinct kernel, for tables and charts; in the order of the program's kernels.
struct KernelInfo {
  std::string name;
  /// Nodes of the user's model.
  std::string location;
  /// Where the model has them, by launch.
  std::vector<mlir::Location> places;
  /// Of the first result: `Nx4xf32`.
  std::string shape;
  /// `reduce` and so on, in the order of the body.
  std::vector<std::string> operations;
  /// Types of what it reads and writes.
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  unsigned launches = 0;
  bool fromCache = false;
};

struct Compilation {
  std::shared_ptr<const rt::Program> program;
  std::vector<StageTime> stages;
  std::vector<KernelInfo> kernels;
};

/// Compiles `module`, which is rewritten on the way. Fails after a diagnostic at the place in the
/// user's input.
mlir::FailureOr<Compilation> compile(mlir::ModuleOp module, const CompileOptions &options);
/// The same for a target that is made already, which the options must ask for. `kernels`, if not
/// null, keeps the code of kernels from one compilation to the next.
mlir::FailureOr<Compilation> compile(mlir::ModuleOp module, const CompileOptions &options,
                                     const Target &target, KernelStore *kernels);

} // namespace tg

#endif // TG_COMPILER_COMPILER_H
