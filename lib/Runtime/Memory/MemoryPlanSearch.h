//===- MemoryPlanSearch.h - Exact packing into a capacity -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_LIB_RUNTIME_MEMORYPLANSEARCH_H
#define TG_LIB_RUNTIME_MEMORYPLANSEARCH_H

#include "tg/Runtime/Memory/MemoryPlan.h"

#include <chrono>
#include <cstdint>
#include <vector>

namespace tg::rt {

/// A growing set of hashes in one block of memory, quick to clear.
class HashSet {
public:
  bool contains(uint64_t hash) const { return !slots.empty() && slots[find(hash)] != 0; }
  void insert(uint64_t hash);
  void clear();
  size_t size() const { return count; }

private:
  /// Where the hash is, or the free slot for it. 0 marks a free slot, so 0 and 1 are one.
  size_t find(uint64_t hash) const {
    hash += hash == 0;
    size_t slot = hash & (slots.size() - 1);
    while (slots[slot] != 0 && slots[slot] != hash)
      slot = (slot + 1) & (slots.size() - 1);
    return slot;
  }

  std::vector<uint64_t> slots; // none, or a power of two
  size_t count = 0;
};

/// Decides whether blocks with given lives fit a capacity, and where they go. The idea is that of
/// MiniMalloc (Moffitt, "MiniMalloc: A Lightweight Memory Allocator for Hardware-Accelerated
/// Machine Learning", ASPLOS 2023): depth-first search over canonical plans, in which every block
/// lies on the bottom or on another one, with sections of time, rising floors, dominance,
/// independent parts and several orders to try. What differs: it branches on what lies lowest in
/// the most constrained section (not on which block is next), keeps the states that failed over
/// restarts, and restarts often, with random orders and with weights of what failed (Boussemart et
/// al., "Boosting Systematic Search by Weighting Constraints", ECAI 2004) in turn.
///
/// Time is cut into sections, maximal stretches in which the same blocks live, leaving out those
/// whose blocks all live in a neighboring section. In each section the floor is the least offset
/// that a block without a place may get. A section that sits lower than both neighbors is a valley;
/// all blocks that can lie on its floor lie within the valley. A step takes one section of a valley
/// and tries each of these blocks there, then that none of them lies there, which raises the floor
/// to the next offset that a canonical plan can have. A state fails when in some section floor and
/// sizes together exceed the capacity, when a block could drop into a gap that no other will fill
/// (then a plan with a smaller sum of offsets exists), or when the same state failed before.
/// States are compared by 64-bit hashes: among the most that are kept, 4 million, two agree by
/// accident with a chance below one in a million.
class PackingSearch {
public:
  enum class Outcome { Packed, Impossible, Stopped };
  using Deadline = std::chrono::steady_clock::time_point;

  /// Sizes are in units of the caller's choice. No block may have size 0.
  PackingSearch(const std::vector<LiveBlock> &blocks);

  /// Whether the problem is small enough to be held by section and block.
  static bool handles(const std::vector<LiveBlock> &blocks);
  /// About how many operations a dive takes.
  uint64_t diveCost() const;

  /// Searches until it knows, at most for a number of steps, at most to a point in time.
  Outcome run(int64_t capacity, int64_t maxSteps, Deadline deadline);

  /// One plan without a capacity, by the next of the orders: as many steps as blocks.
  void dive();

  /// After Packed and dive: the offsets, in units, and the capacity that they take.
  const std::vector<int64_t> &offsets() const { return offset; }
  int64_t peak() const;
  /// After Impossible: no smaller capacity than this suffices.
  int64_t needed() const { return leastNeeded; }

private:
  /// What a step prefers: which section, which block.
  struct Taste {
    enum class Section { FewestBlocks, LeastSlack, LowestFloor } section;
    /// Whether sections where states failed come first, and their blocks.
    bool byBlame;
    std::vector<uint32_t> rank; // by block
  };
  struct Change {
    enum class Kind : uint32_t { Offset, Support, Floor, Placement } kind;
    uint32_t index;
    uint32_t lowest; // Floor: the old count
    int64_t old;
  };
  /// A step on the stack of the search.
  struct Frame {
    enum class Kind : uint8_t { Step, Parts } kind;
    bool keyKnown = false; // Step: `key` is that of this state
    bool delayed = false;  // Step: all blocks of the section were tried
    uint32_t begin, end;   // sections
    uint32_t section = 0;
    size_t next = 0, last = 0; // in choices; in parts
    size_t base = 0;           // the size of choices, parts before this frame
    size_t trailSize = 0;
    uint64_t entryKey = 0;
  };

  Taste makeTaste(uint64_t attempt) const;
  Outcome attempt(const Taste &taste, int64_t maxSteps, Deadline deadline);
  bool enter(Frame &frame, const Taste &taste);
  uint32_t chooseSection(const Frame &frame, const Taste &taste) const;
  /// Pushes the independent parts of [begin, end) that still have blocks.
  void pushParts(uint32_t begin, uint32_t end);

  bool place(uint32_t block);
  /// Nothing lies on the section's floor.
  bool delay(uint32_t section);
  int64_t nextOffset(uint32_t section);
  bool updateFloors(uint32_t begin, uint32_t end);
  bool fits(int64_t top);

  uint64_t hash(uint32_t block) const;
  void setOffset(uint32_t block, int64_t value);
  void setSupport(uint32_t block, int64_t value);
  void undo(size_t trailSize);

  int64_t capacity = 0;
  // By block: its sections, its size, the block before it that is the same (or -1).
  std::vector<uint32_t> begin, end;
  std::vector<int64_t> size;
  std::vector<int32_t> twin;
  std::vector<int64_t> weight; // the largest load of its sections
  // By block: whether it has a place; the place or the least that it may get; the top of the
  // highest block below.
  std::vector<char> placed;
  std::vector<int64_t> offset, support;
  // By section: blocks without a place, the sum of their sizes, how many of them live in the
  // section before too, the floor, how many of them can lie on it.
  std::vector<std::vector<uint32_t>> waiting;
  std::vector<int64_t> load, floor;
  std::vector<uint32_t> crossing, lowest;

  std::vector<Change> trail;
  std::vector<Frame> frames;
  std::vector<uint32_t> choices;
  std::vector<std::pair<uint32_t, uint32_t>> parts;
  struct LeastTop {
    int64_t top, second;
    uint32_t block;
  };
  std::vector<LeastTop> leastTops; // scratch, by section
  uint64_t key = 0;

  HashSet failed;
  int64_t failedCapacity = 0; // the largest that states in `failed` failed for
  int64_t leastNeeded = 0;
  int64_t neededFor = -1; // the capacity that leastNeeded belongs to
  // By section: how often its capacity made a state fail, later failures counting more.
  std::vector<double> blame;
  double blameNow = 1;
  uint64_t attempts = 0;
  int64_t steps = 0;
};

} // namespace tg::rt

#endif // TG_LIB_RUNTIME_MEMORYPLANSEARCH_H
