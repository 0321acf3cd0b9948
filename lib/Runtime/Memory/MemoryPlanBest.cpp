//===- MemoryPlanBest.cpp - The smallest arena, given time ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Starts from the greedy plan and searches between the lower bound and its peak: at the bound,
// where most problems have a plan, and, while that is open, in between. Every round takes more
// steps than the last, so steps, not the clock, decide what is tried: the clock only ends it.
//===----------------------------------------------------------------------===//

#include "Memory/MemoryPlanSearch.h"
#include "Memory/MemoryPlanners.h"

#include <algorithm>
#include <numeric>

namespace tg::rt {
namespace {

/// The search for the least capacity, in units of the sizes' greatest common divisor.
class Minimizer {
public:
  Minimizer(const std::vector<LiveBlock> &blocks, PackingSearch::Deadline deadline)
      : search(blocks), deadline(deadline) {}

  /// Lowers `most` to the peak of the best plan found below it, raises `least` to what no plan can
  /// be below. Done when they meet.
  void run(int64_t &least, int64_t &most) {
    for (int64_t steps = 10'000; least < most && inTime(); steps *= 4) {
      while (least < most && inTime()) {
        Outcome outcome = attempt(least, 4 * steps, most);
        if (outcome == Outcome::Stopped)
          break;
        if (outcome == Outcome::Impossible)
          least = std::min(search.needed(), most);
      }
      // Halves what is between; a capacity that is given up counts as too small in this round.
      for (int64_t low = least; low + 1 < most && inTime();) {
        int64_t middle = low + (most - low) / 2;
        Outcome outcome = attempt(middle, steps, most);
        if (outcome == Outcome::Impossible)
          least = std::min(search.needed(), most);
        if (outcome != Outcome::Packed)
          low = std::max(middle, least);
      }
    }
  }

  /// By block; empty when nothing better was found.
  std::vector<int64_t> offsets;

private:
  using Outcome = PackingSearch::Outcome;

  bool inTime() const { return std::chrono::steady_clock::now() < deadline; }

  Outcome attempt(int64_t capacity, int64_t steps, int64_t &most) {
    Outcome outcome = search.run(capacity, steps, deadline);
    if (outcome == Outcome::Packed) {
      offsets = search.offsets();
      most = search.peak();
    }
    return outcome;
  }

  PackingSearch search;
  PackingSearch::Deadline deadline;
};

class Best : public MemoryPlanner {
  Result<MemoryPlan> plan(const std::vector<LiveBlock> &blocks,
                          const MemoryPlanOptions &options) const override {
    using namespace std::chrono;
    double budget = options.timeBudget > 0 ? std::min(options.timeBudget, maxBudget) : 0;
    auto deadline =
        steady_clock::now() + duration_cast<steady_clock::duration>(duration<double>(budget));
    Result<MemoryPlan> greedy = makeGreedyPlanner()->plan(blocks, options);
    if (!greedy)
      return greedy.status();
    MemoryPlan &best = *greedy;
    if (best.peak <= std::max(best.lowerBound, options.capacity))
      return best;

    PackingUnits units(blocks, options.alignment);
    if (!PackingSearch::handles(units.blocks))
      return best;
    Minimizer minimizer(units.blocks, deadline);
    int64_t bound = int64_t(best.lowerBound / units.unit);
    int64_t least = std::max(bound, int64_t(options.capacity / units.unit));
    int64_t most = int64_t(best.peak / units.unit);
    bool goal = least > bound;
    minimizer.run(least, most);
    if (!minimizer.offsets.empty())
      units.assign(minimizer.offsets, most, best);
    // A capacity that was asked for ends the search above what it knows to be the least.
    best.optimal =
        best.peak == best.lowerBound || (least == most && (!goal || best.peak > options.capacity));
    return best;
  }

  /// About a year: more does not fit the clock.
  static constexpr double maxBudget = 3e7;
};

} // namespace

PackingUnits::PackingUnits(const std::vector<LiveBlock> &all, uint64_t alignment) {
  for (size_t i = 0; i < all.size(); ++i)
    if (uint64_t bytes = alignTo(all[i].bytes, alignment)) {
      blocks.push_back({bytes, all[i].first, all[i].last});
      indices.push_back(i);
      unit = std::gcd(unit, bytes);
    }
  for (LiveBlock &block : blocks)
    block.bytes /= unit;
}

void PackingUnits::assign(const std::vector<int64_t> &offsets, int64_t peak,
                          MemoryPlan &plan) const {
  for (size_t i = 0; i < indices.size(); ++i)
    plan.offsets[indices[i]] = uint64_t(offsets[i]) * unit;
  plan.peak = uint64_t(peak) * unit;
}

std::shared_ptr<const MemoryPlanner> makeBestPlanner() { return std::make_shared<Best>(); }

} // namespace tg::rt
