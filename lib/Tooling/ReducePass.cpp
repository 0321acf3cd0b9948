//===- ReducePass.cpp - Shrinks a program while a script says so ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Tooling/ReducePass.h"

#include "tg/Testing/RandomProgram.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/Pass.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/Program.h"

using namespace mlir;

namespace {

/// Before: a module of which the script finds that it shows the fault.
/// After: fewer functions, results and operations, and it still does.
///
/// Unlike upstream's `reduction-tree`, values that are used can go: new arguments replace them.
struct ReducePass : PassWrapper<ReducePass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ReducePass)

  ReducePass() = default;
  ReducePass(const ReducePass &other) : PassWrapper(other) {}

  StringRef getArgument() const override { return "tg-reduce-program"; }
  StringRef getDescription() const override {
    return "Shrink a program while a script finds the fault in it";
  }

  void runOnOperation() override {
    if (FailureOr<bool> shows = showsFault(getOperation()); failed(shows))
      return signalPassFailure();
    else if (!*shows) {
      getOperation().emitError("'") << test << "' does not exit with 1 on the module as it is";
      return signalPassFailure();
    }
    removeFunctions();
    if (llvm::any_of(getOperation().getOps<func::FuncOp>(),
                     [](func::FuncOp function) { return function.isExternal(); }) ||
        getOperation().getOps<func::FuncOp>().empty())
      return;
    OwningOpRef<ModuleOp> reduced =
        tg::testing::reduceProgram(getOperation(), [&](ModuleOp candidate) {
          FailureOr<bool> shows = showsFault(candidate);
          return succeeded(shows) && *shows;
        });
    getOperation().getBodyRegion().takeBody(reduced->getBodyRegion());
    removeFunctions(); // Those that the rest called.
  }

private:
  /// Whether the script exits with 1 on a file that holds the module.
  FailureOr<bool> showsFault(ModuleOp module) {
    SmallString<128> path;
    int descriptor = 0;
    if (std::error_code error =
            llvm::sys::fs::createTemporaryFile("tg-reduce", "mlir", descriptor, path))
      return module.emitError("cannot make a temporary file: ") << error.message();
    llvm::FileRemover remover(path);
    llvm::raw_fd_ostream file(descriptor, /*shouldClose=*/true);
    module.print(file, OpPrintingFlags().useLocalScope());
    file.close();
    if (std::error_code error = file.error()) {
      file.clear_error();
      return module.emitError("cannot write ") << path << ": " << error.message();
    }
    auto program = llvm::sys::findProgramByName(test);
    std::string message;
    int status = program ? llvm::sys::ExecuteAndWait(*program, {*program, path}, std::nullopt, {},
                                                     /*SecondsToWait=*/0, 0, &message)
                         : -1;
    if (status == -1)
      return module.emitError("cannot run '")
             << test << "': " << (program ? message : program.getError().message());
    return status == 1;
  }

  void removeFunctions() {
    bool changed = true;
    while (changed) {
      changed = false;
      for (auto function : llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>())) {
        OwningOpRef<ModuleOp> candidate = getOperation().clone();
        candidate->lookupSymbol(function.getSymName())->erase();
        ScopedDiagnosticHandler quiet(&getContext(), [](Diagnostic &) { return success(); });
        if (failed(verify(*candidate)))
          continue;
        if (FailureOr<bool> shows = showsFault(*candidate); succeeded(shows) && *shows) {
          function.erase();
          changed = true;
        }
      }
    }
  }

  Option<std::string> test{
      *this, "test",
      llvm::cl::desc("program that takes a file and exits with 1 if it shows the fault")};
};

} // namespace

void tg::registerReducePass() { PassRegistration<ReducePass>(); }
