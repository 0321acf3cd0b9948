//===- ScheduleState.h - A schedule in the making ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one object through which schedules are made: default rules, schedules written by hand and
// those of a database or a search all apply their actions to it, one at a time. It knows the loops
// that there are after the actions so far, and says of an action that is not possible why. It holds
// no IR and is cheap to copy, so that a search can go several ways from one state.
//
//   ScheduleState state(loops);
//   if (std::string reason = state.apply(action); !reason.empty())
//     ... // not possible: the state is as before
//
// The idea of a list of named actions on the loops of one kernel is tinygrad's `apply_opt`; axes
// that are split, fused and reordered by name are Halide's.
//
//===----------------------------------------------------------------------===//

#ifndef TG_SCHEDULE_SCHEDULESTATE_H
#define TG_SCHEDULE_SCHEDULESTATE_H

#include "tg/Dialect/UOp/UOp.h"

#include <optional>
#include <string>
#include <vector>

namespace tg {

/// A loop of a kernel. An axis has a loop for each place at which its operation is computed; what
/// is done to an axis is done to each.
/// Loops without a name cannot be named and stay where they are.
struct LoopNode {
  std::string axis;
  /// Whether iterations are independent; else they combine values or follow each other.
  bool isData = true;
  /// Iterations, if they are the same constant each time.
  std::optional<int64_t> trips;
  /// The loop around it, as a position; none for the outermost loop of a nest.
  std::optional<unsigned> parent;
  llvm::SmallVector<unsigned, 2> children;
  /// Whether its body is one loop and what may as well stand in that loop.
  bool isPerfect = false;
  /// Whether its body combines values by operations that may be taken in any order; and whether a
  /// loop in it does, into which all that it carries goes.
  bool isReducible = false, hasReducible = false;
  /// How many iterations may be under way at once, as values that they keep have so many places in
  /// a worker's memory; 0: any number.
  int64_t mostAtOnce = 0;

  /// What actions have made of it: iterations at a time that are copies in the loops inside, lanes
  /// of vectors, or have accumulators of their own.
  int64_t unroll = 1, lanes = 1, chains = 1;
  std::optional<uop::BindTarget> bound;
  /// The outer part of the axis that this one is the inner part of: it says where this one begins.
  std::optional<unsigned> outerPart;
};

class ScheduleState {
public:
  explicit ScheduleState(std::vector<LoopNode> loops) : loops(std::move(loops)) {}

  /// Applies an action. Otherwise says why that is not possible and changes nothing.
  [[nodiscard]] std::string apply(uop::ActionAttr action);

  /// All loops, those that no longer exist left out of every parent and child list.
  llvm::ArrayRef<LoopNode> getLoops() const { return loops; }
  /// The actions so far.
  llvm::ArrayRef<uop::ActionAttr> getActions() const { return actions; }
  uop::ScheduleAttr getSchedule(mlir::MLIRContext *context) const {
    return uop::ScheduleAttr::get(context, actions);
  }

private:
  using Positions = llvm::SmallVector<unsigned, 2>;

  Positions find(llvm::StringRef axis) const;
  std::string listAxes() const;
  std::string whyNot(uop::ActionAttr action, llvm::ArrayRef<unsigned> places) const;
  std::string whyNoSplit(const LoopNode &loop) const;
  std::string whyNoFuse(const LoopNode &outer, llvm::StringRef inner) const;
  std::string whyNoReorder(unsigned first, llvm::ArrayRef<mlir::StringAttr> axes) const;
  std::string whyNoUnroll(unsigned place, int64_t amount) const;
  std::string whyNoVectors(unsigned place, int64_t lanes) const;
  std::string whyNoChains(unsigned place, int64_t amount) const;
  std::string whyNoBind(const LoopNode &loop, uop::BindTarget target) const;
  std::string whyTooManyCopies(unsigned place, int64_t amount) const;
  std::string whyNoCopies(unsigned place, int64_t amount) const;
  std::string whyNoReductionAtOnce(const LoopNode &loop, llvm::StringRef action) const;
  bool isExpanded(const LoopNode &loop) const {
    return loop.unroll > 1 || loop.lanes > 1 || loop.chains > 1;
  }
  /// The loops named in `axes` around and in the loop at `place`, from the outside in, if they
  /// follow each other without anything between; else nothing.
  std::optional<Positions> findChain(unsigned place, llvm::ArrayRef<mlir::StringAttr> axes) const;

  void split(unsigned place, int64_t size);
  void fuse(unsigned place);
  void reorder(unsigned place, llvm::ArrayRef<mlir::StringAttr> axes);

  std::vector<LoopNode> loops;
  llvm::SmallVector<uop::ActionAttr> actions;
};

} // namespace tg

#endif // TG_SCHEDULE_SCHEDULESTATE_H
