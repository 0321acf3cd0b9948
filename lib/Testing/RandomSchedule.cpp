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
  ScheduleMaker(MLIRContext *context, std::vector<LoopNode> loops, uint64_t seed)
      : context(context), state(std::move(loops)), random(seed) {}

  ScheduleAttr make() {
    // Most of what is tried is not possible.
    unsigned wanted = pick(8);
    for (unsigned tries = 0; tries < 60 && state.getActions().size() < wanted; ++tries)
      if (ActionAttr action = makeAction())
        (void)state.apply(action);
    return state.getSchedule(context);
  }

private:
  unsigned pick(unsigned count) { return random() % count; }

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

  ActionAttr makeAction() {
    const LoopNode *loop = pickLoop();
    if (!loop)
      return {};
    constexpr int64_t sizes[] = {1, 2, 3, 4, 5, 7, 8, 16, 33};
    auto one = [&](ActionKind kind, int64_t amount) {
      return ActionAttr::get(context, kind, StringRef(loop->axis), amount);
    };
    switch (pick(7)) {
    case 0:
      return one(ActionKind::Split, sizes[pick(9)]);
    case 1:
      return one(ActionKind::Unroll, sizes[pick(7)]);
    case 2:
      return one(ActionKind::Vectorize, int64_t(1) << pick(6));
    case 3:
      return one(ActionKind::Accumulate, sizes[pick(7)]);
    case 4:
      return one(ActionKind::Bind, static_cast<int64_t>(BindTarget::Unit));
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
