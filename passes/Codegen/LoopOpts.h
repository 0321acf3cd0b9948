//===- LoopOpts.h - A schedule as a list of opts ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel's schedule is the list of opts in its attribute `tg.opts`, for example
//
//   tg.opts = [{opt = "tile", axis = 0, amount = 14}, {opt = "unroll", axis = 0, amount = 14},
//              {opt = "vector", axis = 1, amount = 16}, {opt = "unroll", axis = 1, amount = 2}]
//
// An axis is a loop of the structured kernel, numbered in the order in which the loops are written.
//
//   tile    iterations of an outermost parallel loop that make one unit of work
//   vector  lanes that neighboring iterations of a parallel or reduction loop become
//   unroll  copies of the body (of vectors, where there are any) that are interleaved
//
//===----------------------------------------------------------------------===//

#ifndef TG_PASSES_CODEGEN_LOOPOPTS_H
#define TG_PASSES_CODEGEN_LOOPOPTS_H

#include "tg/Dialect/UOp/AttrNames.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

namespace tg::codegen {

/// Vectors of every so many-th element are loaded together with what lies in between.
constexpr int64_t maxShuffledStep = 4;

/// What is done to one loop.
struct LoopOpt {
  int64_t tile = 1;
  int64_t width = 1;
  int64_t copies = 1;

  bool isExpanded() const { return width > 1 || copies > 1; }
};

using LoopOpts = llvm::DenseMap<mlir::Operation *, LoopOpt>;

/// The loops of a structured kernel by their number.
llvm::SmallVector<mlir::affine::AffineForOp> numberLoops(mlir::func::FuncOp function);

/// Writes the opts of each loop to the function, and reads them back. Reading fails after a
/// diagnostic if an opt is unknown, its axis does not exist, or its amount does not fit.
void writeOpts(mlir::func::FuncOp function, const LoopOpts &opts);
mlir::FailureOr<LoopOpts> readOpts(mlir::func::FuncOp function);

/// How far `index` moves per iteration of the loop of induction variable `iv`; nothing if that is
/// not the same constant everywhere.
std::optional<int64_t> getStride(mlir::Value index, mlir::Value iv);
/// The factor of dim `position` in `expr`; nothing if it is not linear in it with a constant.
std::optional<int64_t> getCoefficient(mlir::AffineExpr expr, unsigned position);

/// The operation that combines iter_arg `i` of a loop with a new value: it has the accumulator as
/// one operand and nothing else of the body uses that. Null if there is none that may be
/// reassociated.
mlir::Operation *getCombiner(mlir::affine::AffineForOp loop, unsigned i);

} // namespace tg::codegen

#endif // TG_PASSES_CODEGEN_LOOPOPTS_H
