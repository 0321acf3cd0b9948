//===- RandomProgram.h - Well-typed random uop programs ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Programs that use every operation, dtype, ranks 0 to 5, odd and empty sizes, chained movement,
// symbolic dimensions and control flow, for comparing a device with the interpreter.
//
//===----------------------------------------------------------------------===//

#ifndef TG_TESTING_RANDOMPROGRAM_H
#define TG_TESTING_RANDOMPROGRAM_H

#include "tg/Dialect/UOp/UOp.h"
#include "tg/Runtime/Tensor.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <map>
#include <string>
#include <vector>

namespace tg::testing {

struct RandomOptions {
  /// Operations to add, about.
  unsigned operations = 12;
  /// Elements of a tensor at the most.
  int64_t maxElements = 2000;
  bool symbolic = true;
  bool controlFlow = true;
};

struct RandomProgram {
  mlir::OwningOpRef<mlir::ModuleOp> module;
  /// A value for every variable that the caller binds.
  std::map<std::string, int64_t> vars;
};

/// A function of that many operations, every unused value of which is a result. The same seed gives
/// the same program.
RandomProgram makeRandomProgram(mlir::MLIRContext *context, uint64_t seed,
                                const RandomOptions &options = {});

/// Values for every input: ordinary numbers, and NaN, infinities, signed zeros, denormals and
/// extreme integers among them.
std::vector<rt::Tensor> makeRandomInputs(mlir::func::FuncOp function,
                                         const std::map<std::string, int64_t> &vars, uint64_t seed);

/// Any schedule that is possible for a kernel: a module with one function `tg.kernel` of operations
/// on tensors. The same seed gives the same schedule; null if the kernel has no loops.
uop::ScheduleAttr makeRandomSchedule(mlir::ModuleOp kernel, uint64_t seed);

/// Shrinks a module while `fails` holds of it: fewer results of `main` (else the first function,
/// which must have a body), operands in place of results, then values replaced by new arguments.
/// Inside control flow the same; besides, bodies and branches in place of loops and `if`, fewer
/// values that loops carry, and constants in place of bounds and conditions.
mlir::OwningOpRef<mlir::ModuleOp> reduceProgram(mlir::ModuleOp module,
                                                llvm::function_ref<bool(mlir::ModuleOp)> fails);

} // namespace tg::testing

#endif // TG_TESTING_RANDOMPROGRAM_H
