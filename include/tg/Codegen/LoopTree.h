//===- LoopTree.h - The loops of a kernel by their axes ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loops that tg-kernel-to-loops has made, as ScheduleState sees them, and what its actions do to
// them. A transformation is only called where ScheduleState has allowed the action.
//
//===----------------------------------------------------------------------===//

#ifndef TG_CODEGEN_LOOPTREE_H
#define TG_CODEGEN_LOOPTREE_H

#include "tg/Schedule/ScheduleState.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tg::codegen {

/// Vectors of every so many-th element are loaded together with what lies in between.
constexpr int64_t maxShuffledStep = 4;

/// A worker's memory, of which each that asks has a part of its own.
class Workspace {
public:
  explicit Workspace(mlir::func::FuncOp function) : function(function) {}

  /// Memory for `count` elements, aligned to cache lines.
  mlir::FailureOr<mlir::Value> allocate(mlir::Type element, int64_t count);

private:
  mlir::func::FuncOp function;
};

/// Whether values of this type lie in memory as they are.
bool isStorable(mlir::Type type);

bool isParallel(mlir::affine::AffineForOp loop);
/// The axis of a loop; empty if it has none.
llvm::StringRef getAxis(mlir::affine::AffineForOp loop);
/// The number of iterations if it is the same constant each time.
std::optional<int64_t> getTrips(mlir::affine::AffineForOp loop);

/// The ends of a loop less its start, of which the least is its number of iterations.
llvm::SmallVector<mlir::AffineExpr> getLengths(mlir::affine::AffineForOp loop);
/// The most iterations that there are; nothing if no number is known.
std::optional<int64_t> getMostTrips(mlir::affine::AffineForOp loop);

/// What is left of the iterations after whole steps of `step`, if that is one number or none each
/// time; nothing if it is not known.
std::optional<int64_t> getRest(mlir::affine::AffineForOp loop, int64_t step);

/// The loops of a kernel in the order in which they are written, and what their bodies access.
KernelLoops describeLoops(mlir::func::FuncOp function);
/// The latter alone, where `placeOf` has the positions of loops.
void describeAccesses(mlir::func::FuncOp function,
                      const llvm::DenseMap<mlir::Operation *, unsigned> &placeOf,
                      std::vector<AccessNode> &accesses);
/// The name by which schedules know an argument of the kernel: `in0`.
std::string getOperandName(mlir::BlockArgument argument);
/// The loops of an axis.
llvm::SmallVector<mlir::affine::AffineForOp> findLoops(mlir::func::FuncOp function,
                                                       llvm::StringRef axis);

/// `loop` goes through the iterations of a block of `size` now, in a loop over blocks. Its
/// induction variable is what it was. The axes are the old one with `.o` and `.i`.
void splitLoop(mlir::affine::AffineForOp loop, int64_t size);
/// The loop and the only loop in it as one.
void fuseLoops(mlir::affine::AffineForOp outer);
/// The loops of these axes, around and in `loop`, from the outside in; the others between them
/// stay.
void reorderLoops(mlir::affine::AffineForOp loop, llvm::ArrayRef<mlir::StringAttr> axes);

/// `reduction` goes outside of the data loops of `axes` behind the first, which lead to it: their
/// values are kept in `workspace` from one iteration to the next.
mlir::LogicalResult hoistReduction(mlir::affine::AffineForOp reduction,
                                   llvm::ArrayRef<mlir::StringAttr> axes, Workspace &workspace);
/// What is read of argument `operand` of the kernel in an iteration of `loop` is copied to
/// `workspace` first, where the axes of `layout` lie from the outside in.
mlir::LogicalResult stageOperand(mlir::affine::AffineForOp loop, llvm::StringRef operand,
                                 llvm::ArrayRef<mlir::StringAttr> layout, Workspace &workspace);
/// The last block of the loop is as long as the others.
void padLoop(mlir::affine::AffineForOp loop);
/// Of a loop that copies an operand along an axis that is padded: zeros beyond the end.
void padCopy(mlir::affine::AffineForOp loop);

/// How far `index` moves per iteration of the loop of induction variable `iv`; nothing if that is
/// not the same constant everywhere.
std::optional<int64_t> getStride(mlir::Value index, mlir::Value iv);
/// The factor of dim `position` in `expr`; nothing if it is not linear in it with a constant.
std::optional<int64_t> getCoefficient(mlir::AffineExpr expr, unsigned position);

/// What leaves the other operand of a combiner as it is, and the combiner of two of its results.
mlir::TypedAttr getNeutral(mlir::Operation *combiner, mlir::Type type);
mlir::Value combineValues(mlir::OpBuilder &builder, mlir::Operation *combiner, mlir::Value lhs,
                          mlir::Value rhs);

/// The operation that combines iter_arg `i` of a loop with a new value: it has the accumulator as
/// one operand and nothing else of the body uses that. Null if there is none that may be
/// reassociated.
mlir::Operation *getCombiner(mlir::affine::AffineForOp loop, unsigned i);
/// Whether the loop carries values and combines each so.
bool isReducible(mlir::affine::AffineForOp loop);

} // namespace tg::codegen

#endif // TG_CODEGEN_LOOPTREE_H
