//===- MemoryPlanGreedy.cpp - Blocks into gaps, one by one ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Takes the blocks in some order and puts each into a gap between those that are placed already and
// live when it does: the smallest gap that holds it, or the lowest. Which order is good depends on
// the network, so several are tried and the smallest plan wins. Largest first is Pisarchyk and Lee,
// "Efficient Memory Management for Deep Neural Net Inference" (2020); their "by breadth" is the
// order by load here.
//
// One order takes O(n (n / 64 + k log k)) for n blocks of which k live with any one, and not more
// than O(n^2) below 20,000 blocks.
//===----------------------------------------------------------------------===//

#include "Memory/MemoryPlanSearch.h"
#include "Memory/MemoryPlanners.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace tg::rt {
namespace {

enum class Fit { Smallest, Lowest };

/// The blocks of one problem, and those of them that have a place.
class Arena {
public:
  Arena(const std::vector<LiveBlock> &blocks, uint64_t alignment) : blocks(blocks) {
    for (const LiveBlock &block : blocks)
      sizes.push_back(alignTo(block.bytes, alignment));
    byFirst.resize(blocks.size());
    std::iota(byFirst.begin(), byFirst.end(), size_t(0));
    std::sort(byFirst.begin(), byFirst.end(), [&](size_t a, size_t b) {
      return blocks[a].first != blocks[b].first ? blocks[a].first < blocks[b].first : a < b;
    });
    position.resize(blocks.size());
    for (size_t i = 0; i < byFirst.size(); ++i)
      position[byFirst[i]] = i;
  }

  uint64_t size(size_t block) const { return sizes[block]; }

  /// Places all blocks in the given order. Stops early, with false, once the peak is `enough` or
  /// more.
  bool place(const std::vector<size_t> &order, Fit fit, uint64_t enough, MemoryPlan &plan) {
    clear();
    plan.offsets.assign(blocks.size(), 0);
    plan.peak = 0;
    for (size_t block : order) {
      if (sizes[block] == 0)
        continue;
      uint64_t offset = find(block, fit);
      plan.offsets[block] = offset;
      plan.peak = std::max(plan.peak, offset + sizes[block]);
      if (plan.peak >= enough)
        return false;
      add(block, offset);
    }
    return true;
  }

  /// Steps taken so far, to bound the time without a clock.
  uint64_t work = 0;

private:
  static constexpr size_t chunkSize = 64;

  struct Placed {
    uint64_t offset, end;
    uint32_t first, last;
  };
  /// The placed blocks of a chunk of byFirst live in [first, last].
  struct Chunk {
    uint32_t first = UINT32_MAX;
    uint32_t last = 0;
    std::vector<Placed> placed;
  };

  void clear() {
    chunks.assign((blocks.size() + chunkSize - 1) / chunkSize, Chunk());
    byOffset.clear();
  }

  void add(size_t block, uint64_t offset) {
    const LiveBlock &live = blocks[block];
    Chunk &chunk = chunks[position[block] / chunkSize];
    chunk.first = std::min(chunk.first, live.first);
    chunk.last = std::max(chunk.last, live.last);
    Placed placed = {offset, offset + sizes[block], live.first, live.last};
    chunk.placed.push_back(placed);
    if (blocks.size() < maxByOffset)
      byOffset.insert(
          std::upper_bound(byOffset.begin(), byOffset.end(), placed,
                           [](const Placed &a, const Placed &b) { return a.offset < b.offset; }),
          placed);
  }

  /// Sets `taken` to the places of what lives with the block, by offset.
  void collect(const LiveBlock &live) {
    taken.clear();
    auto meets = [&](const auto &other) {
      return other.first <= live.last && live.first <= other.last;
    };
    size_t near = 0;
    for (const Chunk &chunk : chunks)
      near += meets(chunk) ? chunk.placed.size() : 0;
    work += chunks.size();
    // Walking all of them in order is cheaper than to sort most of them.
    if (near > byOffset.size() / 8 && !byOffset.empty()) {
      work += byOffset.size();
      for (const Placed &other : byOffset)
        if (meets(other))
          taken.push_back({other.offset, other.end});
      return;
    }
    work += 8 * near;
    for (const Chunk &chunk : chunks)
      if (meets(chunk))
        for (const Placed &other : chunk.placed)
          if (meets(other))
            taken.push_back({other.offset, other.end});
    std::sort(taken.begin(), taken.end());
  }

  uint64_t find(size_t block, Fit fit) {
    collect(blocks[block]);
    uint64_t end = 0, best = 0, bestGap = UINT64_MAX;
    for (const auto &[start, otherEnd] : taken) {
      if (start >= end + sizes[block] && start - end < bestGap) {
        bestGap = start - end;
        best = end;
        if (fit == Fit::Lowest)
          break;
      }
      end = std::max(end, otherEnd);
    }
    return bestGap == UINT64_MAX ? end : best;
  }

  const std::vector<LiveBlock> &blocks;
  std::vector<uint64_t> sizes;
  std::vector<size_t> byFirst, position;
  std::vector<Chunk> chunks;
  /// All that is placed; kept only for so many blocks, as inserting takes linear time.
  std::vector<Placed> byOffset;
  static constexpr size_t maxByOffset = 20'000;
  std::vector<std::pair<uint64_t, uint64_t>> taken;
};

/// By block: the largest sum of bytes that live at one moment of its life.
std::vector<uint64_t> largestLoads(const std::vector<LiveBlock> &blocks, const Arena &arena) {
  // The sum only grows where a block starts, so the moments to look at are those.
  std::vector<uint32_t> times;
  for (const LiveBlock &block : blocks)
    times.push_back(block.first);
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  auto rank = [&](uint64_t time) {
    return size_t(std::lower_bound(times.begin(), times.end(), time) - times.begin());
  };
  std::vector<uint64_t> load(times.size() + 1, 0);
  for (size_t i = 0; i < blocks.size(); ++i) {
    load[rank(blocks[i].first)] += arena.size(i);
    load[rank(uint64_t(blocks[i].last) + 1)] -= arena.size(i);
  }
  std::partial_sum(load.begin(), load.end(), load.begin());
  // largest[k][i]: of the 2^k moments from i.
  std::vector<std::vector<uint64_t>> largest = {load};
  for (size_t width = 1; 2 * width <= load.size(); width *= 2) {
    const std::vector<uint64_t> &half = largest.back();
    std::vector<uint64_t> next(load.size() - 2 * width + 1);
    for (size_t i = 0; i < next.size(); ++i)
      next[i] = std::max(half[i], half[i + width]);
    largest.push_back(std::move(next));
  }
  std::vector<uint64_t> result;
  for (const LiveBlock &block : blocks) {
    size_t from = rank(block.first), count = rank(uint64_t(block.last) + 1) - from;
    size_t level = 0;
    while ((size_t(2) << level) <= count)
      ++level;
    result.push_back(
        std::max(largest[level][from], largest[level][from + count - (size_t(1) << level)]));
  }
  return result;
}

class Greedy : public MemoryPlanner {
  Result<MemoryPlan> plan(const std::vector<LiveBlock> &blocks,
                          const MemoryPlanOptions &options) const override {
    Result<uint64_t> bound = memoryLowerBound(blocks, options.alignment);
    if (!bound)
      return bound.status();
    Arena arena(blocks, options.alignment);
    MemoryPlan best;
    best.offsets.assign(blocks.size(), 0);
    best.peak = *bound == 0 ? 0 : UINT64_MAX;
    best.lowerBound = *bound;
    for (const std::vector<size_t> &order : orders(blocks, arena))
      for (Fit fit : {Fit::Smallest, Fit::Lowest}) {
        if (best.peak <= std::max(*bound, options.capacity) ||
            (best.peak != UINT64_MAX && arena.work > maxWork))
          break;
        MemoryPlan plan;
        plan.lowerBound = *bound;
        if (arena.place(order, fit, best.peak, plan))
          best = std::move(plan);
      }
    if (best.peak > std::max(*bound, options.capacity))
      dive(blocks, options, best);
    best.optimal = best.peak == *bound;
    return best;
  }

  /// Tries the plans that the exact search goes for first.
  static void dive(const std::vector<LiveBlock> &blocks, const MemoryPlanOptions &options,
                   MemoryPlan &best) {
    PackingUnits units(blocks, options.alignment);
    if (!PackingSearch::handles(units.blocks))
      return;
    PackingSearch search(units.blocks);
    uint64_t dives = std::min<uint64_t>(18, maxWork / search.diveCost());
    for (; dives > 0 && best.peak > std::max(best.lowerBound, options.capacity); --dives) {
      search.dive();
      if (uint64_t(search.peak()) * units.unit < best.peak)
        units.assign(search.offsets(), search.peak(), best);
    }
  }

  /// No further order once the former took this many steps, about a quarter of a second.
  static constexpr uint64_t maxWork = 50'000'000;

  static std::vector<std::vector<size_t>> orders(const std::vector<LiveBlock> &blocks,
                                                 const Arena &arena) {
    // Sorted by falling keys, then by index: the same everywhere.
    using Keys = std::array<double, 2>;
    std::vector<uint64_t> loads = largestLoads(blocks, arena);
    std::vector<std::vector<Keys>> all(4, std::vector<Keys>(blocks.size()));
    for (size_t i = 0; i < blocks.size(); ++i) {
      double size = double(arena.size(i)), life = double(blocks[i].last) - blocks[i].first + 1;
      all[0][i] = {size, life};
      all[1][i] = {double(loads[i]), size};
      all[2][i] = {size * life, size};
      all[3][i] = {life, size};
    }
    std::vector<std::vector<size_t>> result;
    for (const std::vector<Keys> &keys : all) {
      std::vector<size_t> order(blocks.size());
      std::iota(order.begin(), order.end(), size_t(0));
      std::sort(order.begin(), order.end(),
                [&](size_t a, size_t b) { return keys[a] != keys[b] ? keys[a] > keys[b] : a < b; });
      result.push_back(std::move(order));
    }
    return result;
  }
};

} // namespace

std::shared_ptr<const MemoryPlanner> makeGreedyPlanner() { return std::make_shared<Greedy>(); }

} // namespace tg::rt
