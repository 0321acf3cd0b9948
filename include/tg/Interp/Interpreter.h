//===- Interpreter.h - The executable meaning of uop ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs functions of uop operations plainly, as their documentation says. It knows no pass: what it
// computes is what every pass, kernel and backend is checked against.
//
// Function results, reductions, scans, sorts, gathers, scatters, `contiguous` and values that would
// be computed over and over are materialized; other elementwise operations and all movement are
// evaluated on demand, a block of elements at a time. Results do not depend on the number of
// threads.
//
// The module is only read: any number of threads may interpret one module at once, with an
// MLIRContext that allows threads (the default). Nobody may change the module meanwhile.
//
//===----------------------------------------------------------------------===//

#ifndef TG_INTERP_INTERPRETER_H
#define TG_INTERP_INTERPRETER_H

#include "tg/Runtime/Error.h"
#include "tg/Runtime/Tensor.h"
#include "tg/Runtime/ThreadPool.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringMap.h"

#include <vector>

namespace tg::interp {

/// Values of variables (`uop.var`) by name.
using VarValues = llvm::StringMap<int64_t>;

struct Options {
  /// An index of gather or scatter out of range is an error instead of 0 or nothing.
  bool checkIndices = false;
  /// Also compute what verifyOutputs needs: the real results in f64 and their tolerances.
  /// `outputs` then holds these results rounded to their types.
  bool tolerances = false;
  /// Splits blocks of elements over threads; none: the calling thread does all.
  rt::ThreadPool *threads = nullptr;
  /// The deepest nesting of calls.
  unsigned maxCallDepth = 256;
};

/// What a right output looks like (Options::tolerances). An element `x` is right where it is within
/// `tolerance` of `value`, or equals it (infinities), or both are NaN. A tolerance of +inf means
/// that rounding may decide the element either way (a comparison of nearly equal values): anything
/// is right there. Integers are compared exactly where `tolerance` is empty or 0.
struct Reference {
  /// Row-major; for float types only. Integers are in the output itself.
  std::vector<double> value;
  /// Row-major, not negative; empty where every element must match exactly.
  std::vector<double> tolerance;
};

struct Results {
  /// One per function result.
  std::vector<rt::Tensor> outputs;
  /// One per output with Options::tolerances, else empty.
  std::vector<Reference> references;
  /// The variables as bound on entry.
  VarValues vars;
};

/// Runs `function` (named `function` in `module`; empty: the only public one, or "main") on
/// `inputs`, one per argument. Variables are bound from `vars` and the inputs' shapes. Failures
/// (shapes or types that do not fit, a variable out of its bounds, an operation that the
/// interpreter does not know, an index under checkIndices, no memory) are one message, with the
/// location of the operation.
rt::Result<Results> interpret(mlir::func::FuncOp function, llvm::ArrayRef<rt::Tensor> inputs,
                              const VarValues &vars = {}, const Options &options = {});
rt::Result<Results> interpret(mlir::ModuleOp module, llvm::StringRef function,
                              llvm::ArrayRef<rt::Tensor> inputs, const VarValues &vars = {},
                              const Options &options = {});

/// The function that `interpret` runs under this name, or why there is none.
rt::Result<mlir::func::FuncOp> findFunction(mlir::ModuleOp module, llvm::StringRef name);

/// The variables' values that `vars` and the shapes of the arguments give, checked against the
/// declared bounds and each other. `shapes` has one entry per argument.
rt::Result<VarValues> bindVars(mlir::func::FuncOp function,
                               llvm::ArrayRef<std::vector<int64_t>> shapes, const VarValues &vars);

/// How one output compares with its reference.
struct OutputCheck {
  bool ok = true;
  /// The largest |actual - value|, over elements with a finite tolerance; +inf where only one is
  /// NaN or infinite.
  double largestError = 0;
  /// The largest error over tolerance; above 1 is wrong. 0 / 0 counts as 0.
  double largestRatio = 0;
  /// Row-major position of the largest ratio; -1 for no elements.
  int64_t worstIndex = -1;
  double worstActual = 0, worstValue = 0, worstTolerance = 0;
  /// Elements that rounding may decide either way, so that nothing was checked.
  int64_t undetermined = 0;
  /// Elements that are wrong.
  int64_t wrong = 0;
  /// Set where shape or type differ: what was expected; nothing else was compared then.
  std::string mismatch;
};

/// Compares what a device computed with `results` of a run with Options::tolerances.
std::vector<OutputCheck> verifyOutputs(const Results &results, llvm::ArrayRef<rt::Tensor> actual);

} // namespace tg::interp

#endif // TG_INTERP_INTERPRETER_H
