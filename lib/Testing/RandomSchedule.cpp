//===- RandomSchedule.cpp - Any schedule that is possible ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Testing/RandomProgram.h"

#include "tg/Codegen/LoopTree.h"
#include "tg/Codegen/Passes.h"

#include "mlir/Pass/PassManager.h"

#include <random>

using namespace mlir;
using namespace tg;
using namespace tg::uop;

namespace {

class ScheduleMaker {
public:
  ScheduleMaker(MLIRContext *context, KernelLoops loops, uint64_t seed)
      : context(context), state(std::move(loops)), random(seed) {}

  ScheduleAttr make() {
    // Most of what is tried is not possible.
    unsigned wanted = pick(12);
    if (pick(3) == 0)
      beginWithTiles();
    for (unsigned tries = 0; tries < 90 && state.getActions().size() < wanted; ++tries)
      if (ActionAttr action = makeAction())
        (void)state.apply(action);
    return state.getSchedule(context);
  }

private:
  unsigned pick(unsigned count) { return random() % count; }
  int64_t pickSize() {
    constexpr int64_t sizes[] = {1, 2, 3, 4, 5, 7, 8, 16, 33};
    return sizes[pick(std::size(sizes))];
  }

  /// Blocks of a reduction outside of blocks of the data axis around it, which chance alone seldom
  /// comes upon.
  void beginWithTiles() {
    SmallVector<StringRef> axes = pickHoist(/*anywhere=*/true);
    if (axes.size() < 2)
      return;
    std::string reduction = axes.front().str(), data = axes.back().str();
    auto split = [&](std::string &axis, StringRef part) {
      if (state.apply(ActionAttr::get(context, ActionKind::Split, StringRef(axis), pickSize()))
              .empty())
        axis += part;
    };
    split(data, ".i");
    if (pick(2))
      split(reduction, ".o");
    SmallVector<StringRef> order{reduction, data};
    (void)state.apply(ActionAttr::get(context, ActionKind::Reorder, ArrayRef(order), 0));
    for (unsigned i = pick(3); i > 0; --i)
      if (SmallVector<StringRef> axes = pickStage(); axes.size() > 2)
        (void)state.apply(ActionAttr::get(context, ActionKind::Stage, ArrayRef(axes), 0));
    if (pick(2))
      (void)state.apply(ActionAttr::get(context, ActionKind::Pad, StringRef(data), 0));
  }

  const LoopNode *pickLoop() {
    SmallVector<const LoopNode *> named;
    for (const LoopNode &loop : state.getLoops())
      if (!loop.axis.empty())
        named.push_back(&loop);
    return named.empty() ? nullptr : named[pick(named.size())];
  }

  /// Some of the loops that follow each other from `loop` inward, in any order.
  SmallVector<StringRef> pickChain(const LoopNode &loop) {
    SmallVector<StringRef> axes{loop.axis};
    for (const LoopNode *at = &loop; at->isPerfect && at->children.size() == 1;) {
      at = &state.getLoops()[at->children.front()];
      if (pick(4) && !at->axis.empty())
        axes.push_back(at->axis);
    }
    for (size_t i = axes.size(); i > 1; --i)
      std::swap(axes[i - 1], axes[pick(i)]);
    return axes;
  }

  /// A reduction and some of the data axes around it, from the outside in.
  SmallVector<StringRef> pickHoist(bool anywhere = false) {
    ArrayRef<LoopNode> loops = state.getLoops();
    SmallVector<const LoopNode *> reductions;
    for (const LoopNode &loop : loops)
      if (!loop.isData && loop.parent && loops[*loop.parent].isData)
        reductions.push_back(&loop);
    if (reductions.empty())
      return {};
    const LoopNode &loop = *reductions[pick(reductions.size())];
    SmallVector<StringRef> axes{loop.axis};
    // An outermost loop has the units of work.
    for (unsigned at = *loop.parent; (anywhere || loops[at].parent) && loops[at].isData;
         at = *loops[at].parent) {
      axes.insert(axes.begin() + 1, loops[at].axis);
      if (pick(2) || !loops[at].parent)
        break;
    }
    return axes;
  }

  /// An operand, a loop around a place at which it is read, and the loops in that which say what
  /// is read, in any order but that inner parts of an axis lie in outer ones.
  SmallVector<StringRef> pickStage() {
    SmallVector<const AccessNode *> reads;
    for (const AccessNode &access : state.getAccesses())
      if (!access.operand.empty() && access.loop)
        reads.push_back(&access);
    if (reads.empty())
      return {};
    const AccessNode &read = *reads[pick(reads.size())];
    ArrayRef<LoopNode> loops = state.getLoops();
    unsigned place = *read.loop;
    while (loops[place].parent && pick(3))
      place = *loops[place].parent;
    SmallVector<StringRef> axes{read.operand, loops[place].axis};
    auto along = state.findLoopsAlong(read, place);
    bool isShuffled = pick(2);
    while (!along.empty()) {
      auto *next = isShuffled ? &along[pick(along.size())] : along.begin();
      if (loops[*next].outerPart && llvm::is_contained(along, *loops[*next].outerPart))
        next = along.begin();
      axes.push_back(loops[*next].axis);
      along.erase(next);
    }
    return axes;
  }

  ActionAttr makeAction() {
    const LoopNode *loop = pickLoop();
    if (!loop)
      return {};
    auto one = [&](ActionKind kind, int64_t amount) {
      return ActionAttr::get(context, kind, StringRef(loop->axis), amount);
    };
    switch (pick(11)) {
    case 0:
      return one(ActionKind::Split, pickSize());
    case 1:
      return one(ActionKind::Unroll, std::min<int64_t>(pickSize(), 8));
    case 2:
      return one(ActionKind::Vectorize, int64_t(1) << pick(6));
    case 3:
      return one(ActionKind::Accumulate, std::min<int64_t>(pickSize(), 8));
    case 4:
      return one(ActionKind::Bind, static_cast<int64_t>(BindTarget::Unit));
    case 5:
      return one(ActionKind::Pad, 0);
    case 6:
    case 7:
      if (auto axes = pickStage(); axes.size() > 2)
        return ActionAttr::get(context, ActionKind::Stage, ArrayRef(axes), 0);
      return {};
    case 8:
      if (auto axes = pickHoist(); axes.size() > 1)
        return ActionAttr::get(context, ActionKind::Reorder, ArrayRef(axes), 0);
      return {};
    default:
      break;
    }
    SmallVector<StringRef> axes = pickChain(*loop);
    if (axes.size() < 2)
      return {};
    bool isFusion = pick(3) == 0;
    return ActionAttr::get(context, isFusion ? ActionKind::Fuse : ActionKind::Reorder,
                           isFusion ? ArrayRef(axes).take_front(2) : ArrayRef(axes), 0);
  }

  MLIRContext *context;
  ScheduleState state;
  std::mt19937_64 random;
};

} // namespace

ScheduleAttr tg::testing::makeRandomSchedule(ModuleOp kernel, uint64_t seed) {
  OwningOpRef<ModuleOp> loops = kernel.clone();
  PassManager pm(kernel.getContext());
  pm.addPass(createKernelToLoops());
  ScopedDiagnosticHandler quiet(kernel.getContext(), [](Diagnostic &) { return success(); });
  if (failed(pm.run(*loops)))
    return {};
  auto function = *loops->getOps<func::FuncOp>().begin();
  return ScheduleMaker(kernel.getContext(), codegen::describeLoops(function), seed).make();
}
