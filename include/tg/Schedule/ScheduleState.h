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
  /// Iterations, if they are the same constant each time; and the most that there are, if known.
  std::optional<int64_t> trips, mostTrips;
  /// Whether there may be none at all.
  bool mayBeEmpty = false;
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
  /// Bytes of the values that it carries from iteration to iteration, and whether they can lie in
  /// memory.
  int64_t carriedBytes = 0;
  bool canKeep = true;

  /// Whether it copies an operand, and along which axis; parts of it have that, too.
  bool isCopy = false;
  std::string copyOf;
  bool isCopyOf(llvm::StringRef other) const { return isCopy && copyOf == other; }

  /// What actions have made of it: iterations at a time that are copies in the loops inside, lanes
  /// of vectors, or have accumulators of their own.
  int64_t unroll = 1, lanes = 1, chains = 1;
  /// Whether its last block is computed as a whole one.
  bool isPadded = false;
  /// Whether memory has places for just its iterations; and whether it is a part of such a loop,
  /// beyond whose end other places begin.
  bool hasPlaces = false, isPartOfPlaces = false;
  std::optional<uop::BindTarget> bound;
  /// The outer part of the axis that this one is the inner part of: it says where this one begins.
  std::optional<unsigned> outerPart;
};

/// A place in a loop's body at which the kernel reads an operand, or reads or writes memory that is
/// not a worker's own in any other way.
struct AccessNode {
  /// The operand, `in0`, `in1`, ... by its number, if it may be staged: it is read at an index that
  /// the loops alone make, and nothing writes it. Else empty.
  std::string operand;
  /// The innermost loop around it; none outside of all.
  std::optional<unsigned> loop;
  /// The loops whose induction variables its index is made of.
  llvm::SmallVector<unsigned, 4> along;
  /// Bytes of a copy of one element.
  int64_t bytes = 0;
  /// Whether a loop beside it computes with it.
  bool isUsedInLoop = false;
  bool isWrite = false;
};

/// What a kernel's loops are before any action.
struct KernelLoops {
  std::vector<LoopNode> loops;
  std::vector<AccessNode> accesses;
};

class ScheduleState {
public:
  explicit ScheduleState(KernelLoops kernel)
      : loops(std::move(kernel.loops)), accesses(std::move(kernel.accesses)) {}

  /// Applies an action. Otherwise says why that is not possible and changes nothing.
  [[nodiscard]] std::string apply(uop::ActionAttr action);

  /// All loops, those that no longer exist left out of every parent and child list.
  llvm::ArrayRef<LoopNode> getLoops() const { return loops; }
  llvm::ArrayRef<AccessNode> getAccesses() const { return accesses; }
  /// The loops in the one at `place` that the index of an access depends on, in the order of
  /// nesting.
  llvm::SmallVector<unsigned, 2> findLoopsAlong(const AccessNode &access, unsigned place) const;
  /// The loops of an axis in the order in which they are written.
  llvm::SmallVector<unsigned> findInOrder(llvm::StringRef axis) const;
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
  std::string whyNoHoist(unsigned place, llvm::ArrayRef<mlir::StringAttr> axes) const;
  std::string whyNoStage(llvm::StringRef operand, llvm::ArrayRef<mlir::StringAttr> axes) const;
  std::string whyNoPad(llvm::StringRef axis) const;
  std::string whyNotOnce(unsigned place) const;
  std::string whyNoCopies(unsigned place, int64_t amount) const;
  std::string whyNoReductionAtOnce(const LoopNode &loop, llvm::StringRef action) const;
  bool isExpanded(const LoopNode &loop) const {
    return loop.unroll > 1 || loop.lanes > 1 || loop.chains > 1;
  }
  /// The loops named in `axes` around and in the loop at `place`, from the outside in, if they
  /// follow each other without anything between; else nothing.
  std::optional<Positions> findChain(unsigned place, llvm::ArrayRef<mlir::StringAttr> axes) const;

  /// Whether the loop at `inner` is the one at `outer` or lies in it.
  bool isWithin(unsigned inner, unsigned outer) const;
  /// Whether the axes are those of a reduction and of data axes that it is to go outside of.
  bool isHoist(llvm::ArrayRef<mlir::StringAttr> axes) const;
  /// The data loops that the reduction at `place` goes outside of, from the outside in; nothing if
  /// they do not follow each other down to it.
  std::optional<Positions> findHoistChain(unsigned place,
                                          llvm::ArrayRef<mlir::StringAttr> axes) const;
  bool canPad(unsigned place) const;
  void useOnce(unsigned place);
  /// Copies of loops, each in the one before, the first one in `parent`; what began where one of
  /// the old ones says begins where its copy does.
  Positions copyLoops(llvm::ArrayRef<unsigned> chain, std::optional<unsigned> parent);

  void split(unsigned place, int64_t size);
  void fuse(unsigned place);
  void reorder(unsigned place, llvm::ArrayRef<mlir::StringAttr> axes);
  void hoist(unsigned place, llvm::ArrayRef<mlir::StringAttr> axes);
  void stage(llvm::StringRef operand, llvm::ArrayRef<mlir::StringAttr> axes);
  void pad(llvm::StringRef axis);

  std::vector<LoopNode> loops;
  std::vector<AccessNode> accesses;
  llvm::SmallVector<uop::ActionAttr> actions;
};

} // namespace tg

#endif // TG_SCHEDULE_SCHEDULESTATE_H
