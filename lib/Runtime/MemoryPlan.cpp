//===- MemoryPlan.cpp - Offsets in one arena --------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tg/Runtime/MemoryPlan.h"

#include <algorithm>
#include <numeric>

namespace tg::rt {
namespace {

uint64_t aligned(uint64_t bytes) {
  return (bytes + bufferAlignment - 1) / bufferAlignment * bufferAlignment;
}

bool liveAtOnce(const LiveBlock &a, const LiveBlock &b) {
  return a.first <= b.last && b.first <= a.last;
}

/// Whether even the sum of all blocks fits, so that no strategy needs to check for overflow.
Status checkSizes(const std::vector<LiveBlock> &blocks) {
  uint64_t sum = 0;
  for (const LiveBlock &block : blocks)
    if (__builtin_add_overflow(sum, block.bytes, &sum) || sum > uint64_t(INT64_MAX) / 2)
      return error("the temporary buffers together do not fit 64 bits");
  return Status::success();
}

class NoReuse : public MemoryPlanner {
  Result<MemoryPlan> plan(const std::vector<LiveBlock> &blocks) const override {
    Result<uint64_t> bound = memoryLowerBound(blocks);
    if (!bound)
      return bound.status();
    MemoryPlan plan;
    plan.lowerBound = *bound;
    for (const LiveBlock &block : blocks) {
      plan.offsets.push_back(plan.peak);
      plan.peak += aligned(block.bytes);
    }
    return plan;
  }
};

/// Greedy by size (Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference",
/// 2020), with best fit.
class GreedyBySize : public MemoryPlanner {
  Result<MemoryPlan> plan(const std::vector<LiveBlock> &blocks) const override {
    Result<uint64_t> bound = memoryLowerBound(blocks);
    if (!bound)
      return bound.status();
    MemoryPlan plan;
    plan.lowerBound = *bound;
    plan.offsets.assign(blocks.size(), 0);
    std::vector<size_t> order(blocks.size());
    std::iota(order.begin(), order.end(), size_t(0));
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      return blocks[a].bytes != blocks[b].bytes ? blocks[a].bytes > blocks[b].bytes : a < b;
    });
    std::vector<size_t> placed; // by offset
    for (size_t index : order) {
      uint64_t size = aligned(blocks[index].bytes);
      if (size == 0)
        continue;
      uint64_t offset = bestFit(blocks, plan, placed, index, size);
      plan.offsets[index] = offset;
      plan.peak = std::max(plan.peak, offset + size);
      auto position =
          std::upper_bound(placed.begin(), placed.end(), offset, [&](uint64_t value, size_t other) {
            return value < plan.offsets[other];
          });
      placed.insert(position, index);
    }
    return plan;
  }

  static uint64_t bestFit(const std::vector<LiveBlock> &blocks, const MemoryPlan &plan,
                          const std::vector<size_t> &placed, size_t index, uint64_t size) {
    uint64_t end = 0, best = 0, bestGap = UINT64_MAX;
    for (size_t other : placed) {
      if (!liveAtOnce(blocks[index], blocks[other]))
        continue;
      uint64_t start = plan.offsets[other];
      if (start >= end + size && start - end < bestGap) {
        bestGap = start - end;
        best = end;
      }
      end = std::max(end, start + aligned(blocks[other].bytes));
    }
    return bestGap == UINT64_MAX ? end : best;
  }
};

std::string listOf(const std::vector<std::string> &names) {
  std::string text;
  for (const std::string &name : names)
    text += (text.empty() ? "" : ", ") + name;
  return text;
}

} // namespace

Result<uint64_t> memoryLowerBound(const std::vector<LiveBlock> &blocks) {
  if (Status status = checkSizes(blocks); !status)
    return status;
  struct Change {
    uint64_t time;
    bool frees;
    uint64_t bytes;
  };
  std::vector<Change> changes;
  for (const LiveBlock &block : blocks) {
    changes.push_back({block.first, false, aligned(block.bytes)});
    changes.push_back({uint64_t(block.last) + 1, true, aligned(block.bytes)});
  }
  std::sort(changes.begin(), changes.end(), [](const Change &a, const Change &b) {
    return a.time != b.time ? a.time < b.time : a.frees > b.frees;
  });
  uint64_t live = 0, most = 0;
  for (const Change &change : changes) {
    live = change.frees ? live - change.bytes : live + change.bytes;
    most = std::max(most, live);
  }
  return most;
}

Status checkMemoryPlan(const std::vector<LiveBlock> &blocks, const MemoryPlan &plan) {
  if (plan.offsets.size() != blocks.size())
    return error("the memory plan has " + std::to_string(plan.offsets.size()) + " offsets for " +
                 std::to_string(blocks.size()) + " blocks");
  for (size_t i = 0; i < blocks.size(); ++i) {
    uint64_t start = plan.offsets[i];
    if (start % bufferAlignment || start > plan.peak || blocks[i].bytes > plan.peak - start)
      return error("the memory plan puts block " + std::to_string(i) + " out of place");
    for (size_t j = 0; j < i; ++j)
      if (liveAtOnce(blocks[i], blocks[j]) && start < plan.offsets[j] + blocks[j].bytes &&
          plan.offsets[j] < start + blocks[i].bytes)
        return error("the memory plan lets blocks " + std::to_string(j) + " and " +
                     std::to_string(i) + " overlap");
  }
  return Status::success();
}

MemoryPlannerRegistry::MemoryPlannerRegistry() {
  planners["none"] = std::make_shared<NoReuse>();
  planners["greedy"] = std::make_shared<GreedyBySize>();
}

bool MemoryPlannerRegistry::add(const std::string &name,
                                std::shared_ptr<const MemoryPlanner> planner) {
  std::lock_guard<std::mutex> lock(mutex);
  return planners.emplace(name, std::move(planner)).second;
}

Result<std::shared_ptr<const MemoryPlanner>>
MemoryPlannerRegistry::get(const std::string &name) const {
  {
    std::lock_guard<std::mutex> lock(mutex);
    auto found = planners.find(name);
    if (found != planners.end())
      return found->second;
  }
  return error("unknown memory planner '" + name + "'; there are " + listOf(names()));
}

std::vector<std::string> MemoryPlannerRegistry::names() const {
  std::lock_guard<std::mutex> lock(mutex);
  std::vector<std::string> result;
  for (const auto &entry : planners)
    result.push_back(entry.first);
  return result;
}

} // namespace tg::rt
