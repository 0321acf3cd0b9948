//===- PhaseTimer.h - Time of a pipeline's phases ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_LIB_COMPILER_PHASETIMER_H
#define TG_LIB_COMPILER_PHASETIMER_H

#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassInstrumentation.h"
#include "llvm/ADT/DenseMap.h"

#include <chrono>
#include <map>
#include <mutex>
#include <string>

namespace tg {

/// Adds up the time of passes by phase. Passes may run on several threads at once.
class PhaseTimer : public mlir::PassInstrumentation {
public:
  using Clock = std::chrono::steady_clock;

  /// `phaseOf` gives a pass's phase by the pass's argument (`tg-bufferize`).
  PhaseTimer(llvm::StringRef (*phaseOf)(llvm::StringRef),
             std::map<std::string, double> &milliseconds)
      : phaseOf(phaseOf), milliseconds(milliseconds) {}

  void runBeforePass(mlir::Pass *pass, mlir::Operation *) override {
    std::lock_guard<std::mutex> lock(mutex);
    starts[pass] = Clock::now();
  }
  void runAfterPass(mlir::Pass *pass, mlir::Operation *) override { add(pass); }
  void runAfterPassFailed(mlir::Pass *pass, mlir::Operation *) override { add(pass); }

private:
  void add(mlir::Pass *pass) {
    // What only runs other passes has no argument of its own.
    if (pass->getArgument().empty())
      return;
    std::lock_guard<std::mutex> lock(mutex);
    std::chrono::duration<double, std::milli> elapsed = Clock::now() - starts[pass];
    milliseconds[phaseOf(pass->getArgument()).str()] += elapsed.count();
  }

  llvm::StringRef (*phaseOf)(llvm::StringRef);
  std::map<std::string, double> &milliseconds;
  llvm::DenseMap<mlir::Pass *, Clock::time_point> starts;
  std::mutex mutex;
};

} // namespace tg

#endif // TG_LIB_COMPILER_PHASETIMER_H
