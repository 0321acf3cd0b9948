//===- MemoryPlan.h - Offsets in one arena ----------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_RUNTIME_MEMORYPLAN_H
#define TG_RUNTIME_MEMORYPLAN_H

#include "tg/Runtime/Allocator.h"
#include "tg/Runtime/Error.h"

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
  /// The start of each block, a multiple of bufferAlignment.
  std::vector<uint64_t> offsets;
  /// The arena's size.
  uint64_t peak = 0;
  /// No plan is smaller: the largest sum of (aligned) blocks that live at once.
  uint64_t lowerBound = 0;
};

/// A strategy. Deterministic and thread-safe.
class MemoryPlanner {
public:
  virtual ~MemoryPlanner() = default;
  /// Places the blocks so that blocks that live at once do not overlap. Fails when the sizes
  /// overflow.
  virtual Result<MemoryPlan> plan(const std::vector<LiveBlock> &blocks) const = 0;
};

/// The largest sum of aligned bytes that live at once; an error on overflow.
Result<uint64_t> memoryLowerBound(const std::vector<LiveBlock> &blocks);
/// Whether blocks that live at once are disjoint and within the peak.
Status checkMemoryPlan(const std::vector<LiveBlock> &blocks, const MemoryPlan &plan);

/// Strategies by name. Starts with
///   none    every block has its own place
///   greedy  largest block first, each in the smallest gap that holds it
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

#endif // TG_RUNTIME_MEMORYPLAN_H
