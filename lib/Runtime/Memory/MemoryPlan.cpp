//===- MemoryPlan.cpp - Offsets in one arena --------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tg/Runtime/Memory/MemoryPlan.h"

#include "Memory/MemoryPlanners.h"

#include <algorithm>

namespace tg::rt {
namespace {

/// Whether even the sum of all blocks fits, so that no strategy needs to check for overflow.
Status checkSizes(const std::vector<LiveBlock> &blocks, uint64_t alignment) {
  if (alignment == 0)
    return error("the alignment of a memory plan must be at least 1");
  const uint64_t most = uint64_t(INT64_MAX) / 2;
  uint64_t sum = 0;
  for (const LiveBlock &block : blocks) {
    if (block.bytes > most || alignment > most)
      return error("the temporary buffers together do not fit 64 bits");
    sum += alignTo(block.bytes, alignment);
    if (sum > most)
      return error("the temporary buffers together do not fit 64 bits");
  }
  return Status::success();
}

/// A block becomes live or dies.
struct Change {
  uint64_t time;
  bool starts;
  size_t block;
};

/// By time; at one time the deaths first.
std::vector<Change> changesOf(const std::vector<LiveBlock> &blocks) {
  std::vector<Change> changes;
  changes.reserve(2 * blocks.size());
  for (size_t i = 0; i < blocks.size(); ++i) {
    changes.push_back({blocks[i].first, true, i});
    changes.push_back({uint64_t(blocks[i].last) + 1, false, i});
  }
  std::sort(changes.begin(), changes.end(), [](const Change &a, const Change &b) {
    return a.time != b.time ? a.time < b.time : a.starts < b.starts;
  });
  return changes;
}

class NoReuse : public MemoryPlanner {
  Result<MemoryPlan> plan(const std::vector<LiveBlock> &blocks,
                          const MemoryPlanOptions &options) const override {
    Result<uint64_t> bound = memoryLowerBound(blocks, options.alignment);
    if (!bound)
      return bound.status();
    MemoryPlan plan;
    plan.lowerBound = *bound;
    for (const LiveBlock &block : blocks) {
      plan.offsets.push_back(plan.peak);
      plan.peak += alignTo(block.bytes, options.alignment);
    }
    plan.optimal = plan.peak == plan.lowerBound;
    return plan;
  }
};

std::string listOf(const std::vector<std::string> &names) {
  std::string text;
  for (const std::string &name : names)
    text += (text.empty() ? "" : ", ") + name;
  return text;
}

} // namespace

Result<uint64_t> memoryLowerBound(const std::vector<LiveBlock> &blocks, uint64_t alignment) {
  if (Status status = checkSizes(blocks, alignment); !status)
    return status;
  uint64_t live = 0, most = 0;
  for (const Change &change : changesOf(blocks)) {
    uint64_t bytes = alignTo(blocks[change.block].bytes, alignment);
    live = change.starts ? live + bytes : live - bytes;
    most = std::max(most, live);
  }
  return most;
}

Status checkMemoryPlan(const std::vector<LiveBlock> &blocks, const MemoryPlan &plan,
                       uint64_t alignment) {
  if (Status status = checkSizes(blocks, alignment); !status)
    return status;
  if (plan.offsets.size() != blocks.size())
    return error("the memory plan has " + std::to_string(plan.offsets.size()) + " offsets for " +
                 std::to_string(blocks.size()) + " blocks");
  for (size_t i = 0; i < blocks.size(); ++i) {
    uint64_t start = plan.offsets[i];
    if (start % alignment || start > plan.peak || blocks[i].bytes > plan.peak - start)
      return error("the memory plan puts block " + std::to_string(i) + " out of place");
  }
  // Those that are live never overlap, so only the two neighbors can.
  std::map<uint64_t, size_t> live;
  for (const Change &change : changesOf(blocks)) {
    size_t block = change.block;
    uint64_t start = plan.offsets[block];
    if (blocks[block].bytes == 0)
      continue;
    if (!change.starts) {
      live.erase(start);
      continue;
    }
    auto [place, alone] = live.emplace(start, block);
    size_t other = place->second;
    if (auto next = std::next(place);
        alone && next != live.end() && next->first - start < blocks[block].bytes) {
      other = next->second;
      alone = false;
    }
    if (alone && place != live.begin()) {
      auto before = std::prev(place);
      if (start - before->first < blocks[before->second].bytes) {
        other = before->second;
        alone = false;
      }
    }
    if (!alone)
      return error("the memory plan lets blocks " + std::to_string(std::min(block, other)) +
                   " and " + std::to_string(std::max(block, other)) + " overlap");
  }
  return Status::success();
}

MemoryPlannerRegistry::MemoryPlannerRegistry() {
  planners["none"] = std::make_shared<NoReuse>();
  planners["greedy"] = makeGreedyPlanner();
  planners["best"] = makeBestPlanner();
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
