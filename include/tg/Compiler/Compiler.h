//===- Compiler.h - From a module to a program ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The compiler as a library. Messages go to the context's diagnostic engine.
//
//   mlir::OwningOpRef<mlir::ModuleOp> module = ...;
//   mlir::FailureOr<tg::Compilation> result = tg::compile(*module, {});
//   auto context = tg::rt::Context::create(result->program);
//
//===----------------------------------------------------------------------===//

#ifndef TG_COMPILER_COMPILER_H
#define TG_COMPILER_COMPILER_H

#include "tg/Runtime/Program/Program.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Support/LLVM.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tg {

struct CompileOptions {
  /// The function to run; the module's only public function if empty.
  std::string entry;
  std::string device = "cpu";
  /// Fusion strategy of the engine: `none`, `conservative`, `default`, `aggressive` or a registered
  /// one (see tg/Engine/Fusion.h).
  std::string fusion = "default";
  /// Order of kernels: `memory`, `program` or a registered one (see tg/Engine/KernelOrder.h).
  std::string order = "memory";
  /// Inputs, by name, that the caller lets a run overwrite: their memory may become an output's
  /// (rt::Port::tiedOutput). A run that does not donate one (rt::RunInput::donated) copies it.
  std::vector<std::string> donated;
  /// Whether results take over the buffers of inputs that die.
  bool inPlace = true;
  /// Rewrites that may change float results by rounding.
  bool fastMath = false;
  /// Run the graph simplifier (off: decompositions only).
  bool simplify = true;
  /// 0: scalar loops; 1: vectors, the default schedule.
  unsigned optLevel = 1;
  /// An index of gather or scatter out of range is reported by the kernels instead of giving 0.
  bool checkIndices = false;
  /// The host's where empty.
  std::string targetCpu;
  std::string targetFeatures;
  /// Where compiled kernels are kept: the default directory if empty; `none` for no cache.
  std::string cacheDirectory;
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

} // namespace tg

#endif // TG_COMPILER_COMPILER_H
