//===- MemoryPlan.h - Offsets in one arena ----------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_RUNTIME_MEMORY_MEMORYPLAN_H
#define TG_RUNTIME_MEMORY_MEMORYPLAN_H

#include "tg/Runtime/Error.h"
#include "tg/Runtime/Memory/Allocator.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tg::rt {

/// A block that lives in commands [first, last].
struct LiveBlock {
  uint64_t bytes = 0;
  uint32_t first = 0;
  uint32_t last = 0;
};

struct MemoryPlan {
  /// The start of each block, a multiple of the alignment.
  std::vector<uint64_t> offsets;
  /// The arena's size in bytes.
  uint64_t peak = 0;
  /// No plan is smaller: the largest sum of (aligned) blocks that live at once.
  uint64_t lowerBound = 0;
  /// Whether the strategy knows that no plan is smaller; always so when the peak is the bound.
  bool optimal = false;
};

struct MemoryPlanOptions {
  /// Offsets are multiples of this, and sizes are rounded up to it; at least 1.
  uint64_t alignment = bufferAlignment;
  /// A peak, in bytes, that is small enough: a strategy that searches may stop there. 0: only the
  /// lower bound is.
  uint64_t capacity = 0;
  /// Seconds after which a strategy that searches returns the best plan so far.
  double timeBudget = 1;
};

/// A strategy. Thread-safe, and deterministic, except where the time budget ends a search.
class MemoryPlanner {
public:
  virtual ~MemoryPlanner() = default;
  /// Places the blocks so that blocks that live at once do not overlap. Fails when the sizes
  /// overflow or the alignment is 0.
  virtual Result<MemoryPlan> plan(const std::vector<LiveBlock> &blocks,
                                  const MemoryPlanOptions &options = {}) const = 0;
};

/// The largest sum of aligned bytes that live at once; an error on overflow.
Result<uint64_t> memoryLowerBound(const std::vector<LiveBlock> &blocks,
                                  uint64_t alignment = bufferAlignment);
/// Whether blocks that live at once are disjoint, aligned and within the peak.
Status checkMemoryPlan(const std::vector<LiveBlock> &blocks, const MemoryPlan &plan,
                       uint64_t alignment = bufferAlignment);

/// Strategies by name. Starts with
///   none    every block has its own place
///   greedy  one block after the other into a gap, in several orders; the best of these plans
///   best    an exact search, for as long as the time budget lasts; never worse than greedy
/// Thread-safe.
class MemoryPlannerRegistry {
public:
  MemoryPlannerRegistry();
  bool add(const std::string &name, std::shared_ptr<const MemoryPlanner> planner);
  Result<std::shared_ptr<const MemoryPlanner>> get(const std::string &name) const;
  std::vector<std::string> names() const;

private:
  mutable std::mutex mutex;
  std::map<std::string, std::shared_ptr<const MemoryPlanner>> planners;
};

} // namespace tg::rt

#endif // TG_RUNTIME_MEMORY_MEMORYPLAN_H
