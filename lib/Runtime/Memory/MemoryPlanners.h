//===- MemoryPlanners.h - The strategies that come with tg ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_LIB_RUNTIME_MEMORYPLANNERS_H
#define TG_LIB_RUNTIME_MEMORYPLANNERS_H

#include "tg/Runtime/Memory/MemoryPlan.h"

namespace tg::rt {

/// Blocks one after the other, each into a gap of what is placed so far, in several orders.
std::shared_ptr<const MemoryPlanner> makeGreedyPlanner();
/// Greedy, then an exact search below its peak.
std::shared_ptr<const MemoryPlanner> makeBestPlanner();

/// The blocks that have a size, in units of the greatest common divisor of the aligned sizes.
struct PackingUnits {
  PackingUnits(const std::vector<LiveBlock> &blocks, uint64_t alignment);
  /// Writes offsets in units to a plan.
  void assign(const std::vector<int64_t> &offsets, int64_t peak, MemoryPlan &plan) const;

  std::vector<LiveBlock> blocks;
  std::vector<size_t> indices;
  uint64_t unit = 0;
};

inline uint64_t alignTo(uint64_t bytes, uint64_t alignment) {
  return (bytes + alignment - 1) / alignment * alignment;
}

inline bool liveAtOnce(const LiveBlock &a, const LiveBlock &b) {
  return a.first <= b.last && b.first <= a.last;
}

} // namespace tg::rt

#endif // TG_LIB_RUNTIME_MEMORYPLANNERS_H
