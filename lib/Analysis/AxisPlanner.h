//===- AxisPlanner.h - Which axes of a nest are one loop ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Follows a nest's results to the kernel's arguments with an index per loop and counts, without
// emitting anything, what indices cost that the loops will compute: divisions, remainders and loads
// under a condition. Neighboring axes become one where that adds none.
//
//===----------------------------------------------------------------------===//

#ifndef TG_LIB_ANALYSIS_AXISPLANNER_H
#define TG_LIB_ANALYSIS_AXISPLANNER_H

#include "tg/Analysis/NestPlan.h"

#include <set>

namespace tg {

class AxisPlanner {
public:
  AxisPlanner(mlir::MLIRContext *context, const llvm::StringMap<uop::VarOp> &vars)
      : space(context, vars) {}

  /// Sets `groups`, unless the nest's operation has loops of its own, and `innerGroups`.
  void plan(NestPlan &nest);

private:
  using InnerGroups = llvm::DenseMap<mlir::Operation *, AxisGroups>;
  using Visit = llvm::function_ref<void(llvm::ArrayRef<AxisGroup>)>;

  void visitNest(const NestPlan &nest, llvm::ArrayRef<AxisGroup> groups);
  void visitPacked(const NestPlan &nest);
  void visitRoot(const NestPlan &nest);

  /// The axes of these sizes in loops that stand in `base` others; `visit` says what is in them.
  AxisGroups choose(llvm::ArrayRef<uop::DimAttr> sizes, unsigned base, Visit visit);
  /// As chosen before for `op`, or now.
  void visitLoops(mlir::Operation *op, llvm::ArrayRef<uop::DimAttr> sizes, unsigned base,
                  Visit visit);
  /// What has been used from position `first` on stands in loops that stand in `base` others, which
  /// may be fewer than are open.
  void leaveLoops(size_t first, unsigned base);
  /// Opens a loop per group; the indices of the axes.
  Indices openLoops(llvm::ArrayRef<uop::DimAttr> sizes, llvm::ArrayRef<AxisGroup> groups,
                    unsigned base);

  void visit(mlir::Value value, const Indices &indices, const Guards &guards = {});
  void visitUncached(mlir::Value value, const Indices &indices, const Guards &guards);
  void visitLoad(mlir::AffineExpr linear, const Guards &guards);
  void visitMovement(uop::MovementOpInterface op, const Indices &indices, const Guards &guards);
  void visitReduce(uop::ReduceOp op, const Indices &indices, const Guards &guards);
  void visitUnwindow(uop::UnwindowOp op, const Indices &indices, const Guards &guards);
  void visitGather(uop::GatherOp op, const Indices &indices, const Guards &guards);
  void visitAssign(uop::AssignOp op, const Indices &indices, const Guards &guards);
  void visitStaged(uop::ContiguousOp op, const Indices &indices, const Guards &guards);

  /// The loops compute this expression, once.
  void use(mlir::AffineExpr expr);
  void use(const Guards &guards) {
    for (const Constraint &guard : guards)
      use(guard.expr);
  }

  IndexSpace space;
  std::set<std::vector<const void *>> seen;
  llvm::DenseSet<mlir::AffineExpr> used;
  /// What has been used so far: in how many loops, and what it costs.
  std::vector<std::pair<unsigned, unsigned>> costs;
  InnerGroups innerGroups;
  /// Choices that are under way, one in the other.
  unsigned numChoices = 0;
};

} // namespace tg

#endif // TG_LIB_ANALYSIS_AXISPLANNER_H
