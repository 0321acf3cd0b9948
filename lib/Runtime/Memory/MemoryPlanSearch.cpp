//===- MemoryPlanSearch.cpp - Exact packing into a capacity -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The header has the algorithm. The search keeps one state, a trail of changes to take back, and a
// stack of frames instead of recursion, as a problem may have tens of thousands of blocks.
//===----------------------------------------------------------------------===//

#include "Memory/MemoryPlanSearch.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <map>
#include <numeric>
#include <tuple>

namespace tg::rt {
namespace {

constexpr int64_t none = INT64_MAX;
/// Kinds of sections and of orders.
constexpr uint64_t tastes = 18;
constexpr uint32_t none32 = UINT32_MAX;
/// Limits of what is kept: states, and blocks summed over the sections.
constexpr size_t maxFailed = 4'000'000;
constexpr size_t maxEntries = 8'000'000;

/// A bijection that spreads bits.
uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 31)) * 0x7fb5d329728ea185;
  x = (x ^ (x >> 27)) * 0x81dadef4bc2dd44d;
  return x ^ (x >> 33);
}

/// The sections [begin, end) of each block.
uint32_t cutIntoSections(const std::vector<LiveBlock> &blocks, std::vector<uint32_t> &begin,
                         std::vector<uint32_t> &end) {
  struct Change {
    uint64_t time;
    bool starts;
    size_t block;
  };
  std::vector<Change> changes;
  for (size_t i = 0; i < blocks.size(); ++i) {
    changes.push_back({blocks[i].first, true, i});
    changes.push_back({uint64_t(blocks[i].last) + 1, false, i});
  }
  std::sort(changes.begin(), changes.end(), [](const Change &a, const Change &b) {
    return a.time != b.time ? a.time < b.time : a.starts < b.starts;
  });
  begin.resize(blocks.size());
  end.resize(blocks.size());
  uint32_t section = 0;
  bool grew = false;
  for (const Change &change : changes) {
    if (!change.starts && grew)
      ++section;
    grew = change.starts;
    (change.starts ? begin : end)[change.block] = section;
  }
  return section;
}

} // namespace

void HashSet::insert(uint64_t hash) {
  if (2 * (count + 1) > slots.size()) {
    std::vector<uint64_t> old(std::max<size_t>(1024, 2 * slots.size()), 0);
    std::swap(slots, old);
    for (uint64_t other : old)
      if (other != 0)
        slots[find(other)] = other;
  }
  uint64_t &slot = slots[find(hash)];
  count += slot == 0;
  slot = hash + (hash == 0);
}

void HashSet::clear() {
  std::fill(slots.begin(), slots.end(), 0);
  count = 0;
}

bool PackingSearch::handles(const std::vector<LiveBlock> &blocks) {
  std::vector<uint32_t> begin, end;
  cutIntoSections(blocks, begin, end);
  size_t entries = 0;
  for (size_t i = 0; i < blocks.size(); ++i)
    entries += end[i] - begin[i];
  return entries <= maxEntries;
}

PackingSearch::PackingSearch(const std::vector<LiveBlock> &blocks) {
  uint32_t sections = cutIntoSections(blocks, begin, end);
  size_t count = blocks.size();
  twin.assign(count, -1);
  placed.assign(count, false);
  offset.assign(count, 0);
  support.assign(count, 0);
  waiting.resize(sections);
  load.assign(sections, 0);
  floor.assign(sections, 0);
  lowest.assign(sections, 0);
  crossing.assign(sections + 1, 0);
  leastTops.resize(sections);
  blame.assign(sections, 1);
  std::map<std::array<uint64_t, 3>, int32_t> same;
  for (uint32_t i = 0; i < count; ++i) {
    size.push_back(int64_t(blocks[i].bytes));
    auto [found, isNew] =
        same.emplace(std::array<uint64_t, 3>{begin[i], end[i], blocks[i].bytes}, int32_t(i));
    if (!isNew) {
      twin[i] = found->second;
      found->second = int32_t(i);
    }
    for (uint32_t s = begin[i]; s < end[i]; ++s) {
      waiting[s].push_back(i);
      load[s] += size[i];
      crossing[s] += s > begin[i];
    }
  }
  for (uint32_t i = 0; i < count; ++i)
    weight.push_back(*std::max_element(load.begin() + begin[i], load.begin() + end[i]));
}

//===----------------------------------------------------------------------===//
// The state
//===----------------------------------------------------------------------===//

uint64_t PackingSearch::hash(uint32_t block) const {
  return mix(mix(uint64_t(offset[block]) * 0x9e3779b97f4a7c15 + block) + uint64_t(support[block]));
}

void PackingSearch::setOffset(uint32_t block, int64_t value) {
  trail.push_back({Change::Kind::Offset, block, 0, offset[block]});
  key -= hash(block);
  offset[block] = value;
  key += hash(block);
}

void PackingSearch::setSupport(uint32_t block, int64_t value) {
  trail.push_back({Change::Kind::Support, block, 0, support[block]});
  key -= hash(block);
  support[block] = value;
  key += hash(block);
}

void PackingSearch::undo(size_t trailSize) {
  for (; trail.size() > trailSize; trail.pop_back()) {
    const Change &change = trail.back();
    uint32_t i = change.index;
    switch (change.kind) {
    case Change::Kind::Offset:
      offset[i] = change.old;
      break;
    case Change::Kind::Support:
      support[i] = change.old;
      break;
    case Change::Kind::Floor:
      floor[i] = change.old;
      lowest[i] = change.lowest;
      break;
    case Change::Kind::Placement:
      placed[i] = false;
      for (uint32_t s = begin[i]; s < end[i]; ++s) {
        load[s] += size[i];
        waiting[s].push_back(i);
        crossing[s] += s > begin[i];
      }
      break;
    }
  }
}

bool PackingSearch::fits(int64_t top) {
  if (top > capacity)
    leastNeeded = std::min(leastNeeded, top);
  return top <= capacity;
}

/// After offsets changed there. False if the state cannot be completed to a canonical plan with the
/// least sum of offsets.
bool PackingSearch::updateFloors(uint32_t first, uint32_t last) {
  for (uint32_t s = first; s < last; ++s) {
    if (waiting[s].empty())
      continue;
    int64_t least = none;
    uint32_t count = 0;
    for (uint32_t block : waiting[s]) {
      count = offset[block] < least ? 1 : count + (offset[block] == least);
      least = std::min(least, offset[block]);
    }
    if (least != floor[s] || count != lowest[s]) {
      trail.push_back({Change::Kind::Floor, s, lowest[s], floor[s]});
      floor[s] = least;
      lowest[s] = count;
    }
    if (!fits(least + load[s])) {
      blame[s] += blameNow;
      return false;
    }
  }
  // A block that everything else that is to come leaves room for, right on its support.
  for (uint32_t s = first; s < last; ++s)
    for (uint32_t block : waiting[s]) {
      int64_t top = support[block] + size[block];
      if (offset[block] < top || (s != first && s != begin[block]))
        continue;
      if (*std::min_element(floor.begin() + begin[block], floor.begin() + end[block]) >= top)
        return false;
    }
  return true;
}

bool PackingSearch::place(uint32_t block) {
  int64_t top = offset[block] + size[block];
  key -= hash(block);
  placed[block] = true;
  trail.push_back({Change::Kind::Placement, block, 0, 0});
  for (uint32_t s = begin[block]; s < end[block]; ++s) {
    load[s] -= size[block];
    *std::find(waiting[s].begin(), waiting[s].end(), block) = waiting[s].back();
    waiting[s].pop_back();
    crossing[s] -= s > begin[block];
  }
  uint32_t first = begin[block], last = end[block];
  for (uint32_t s = begin[block]; s < end[block]; ++s)
    for (uint32_t other : waiting[s]) {
      if (support[other] < top)
        setSupport(other, top);
      if (offset[other] < top) {
        setOffset(other, top);
        first = std::min(first, begin[other]);
        last = std::max(last, end[other]);
      }
    }
  return updateFloors(first, last);
}

/// The least offset above its floor that a block of this section can have: it lies on a block that
/// is placed already, or on one that is to come.
int64_t PackingSearch::nextOffset(uint32_t section) {
  int64_t low = floor[section], next = none;
  uint32_t first = section, last = section + 1;
  for (uint32_t block : waiting[section]) {
    if (offset[block] > low)
      next = std::min(next, offset[block]);
    else if (support[block] > low)
      next = std::min(next, support[block]);
    else {
      first = std::min(first, begin[block]);
      last = std::max(last, end[block]);
    }
  }
  for (uint32_t s = first; s < last; ++s) {
    LeastTop &least = leastTops[s] = {none, none, 0};
    for (uint32_t block : waiting[s]) {
      int64_t top = offset[block] + size[block];
      if (top < least.top)
        least = {top, least.top, block};
      else
        least.second = std::min(least.second, top);
    }
  }
  for (uint32_t block : waiting[section]) {
    if (offset[block] > low || support[block] > low)
      continue;
    for (uint32_t s = begin[block]; s < end[block]; ++s)
      next = std::min(next, leastTops[s].block == block ? leastTops[s].second : leastTops[s].top);
  }
  return next;
}

bool PackingSearch::delay(uint32_t section) {
  int64_t next = nextOffset(section);
  if (next == none || !fits(next + load[section]))
    return false;
  uint32_t first = section, last = section + 1;
  for (uint32_t block : waiting[section])
    if (offset[block] < next) {
      setOffset(block, next);
      first = std::min(first, begin[block]);
      last = std::max(last, end[block]);
    }
  return updateFloors(first, last);
}

//===----------------------------------------------------------------------===//
// The search
//===----------------------------------------------------------------------===//

PackingSearch::Taste PackingSearch::makeTaste(uint64_t number) const {
  using Section = Taste::Section;
  Taste taste;
  taste.section =
      std::array{Section::FewestBlocks, Section::LeastSlack, Section::LowestFloor}[number / 6 % 3];
  // After a round of plain orders, random ones near them; every other round goes by blame.
  uint64_t seed = number / tastes;
  taste.byBlame = seed % 2;
  using Keys = std::array<double, 3>;
  std::vector<Keys> keys;
  for (uint32_t i = 0; i < size.size(); ++i) {
    double near = seed ? 0.75 + 0.5 * double(mix(seed << 32 | i) >> 11) * 0x1p-53 : 1;
    double life = near * (end[i] - begin[i]), bytes = near * double(size[i]);
    double area = life * bytes;
    double most = taste.byBlame
                      ? *std::max_element(blame.begin() + begin[i], blame.begin() + end[i])
                      : double(weight[i]);
    keys.push_back(std::array<Keys, 6>{{{life, area, most},
                                        {area, life, most},
                                        {bytes, life, most},
                                        {most, life, area},
                                        {most, area, life},
                                        {-life, bytes, most}}}[number % 6]);
  }
  std::vector<uint32_t> order(size.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](uint32_t a, uint32_t b) { return keys[a] != keys[b] ? keys[a] > keys[b] : a < b; });
  taste.rank.resize(order.size());
  for (uint32_t i = 0; i < order.size(); ++i)
    taste.rank[order[i]] = i;
  return taste;
}

void PackingSearch::pushParts(uint32_t first, uint32_t last) {
  Frame frame;
  frame.kind = Frame::Kind::Parts;
  frame.begin = first;
  frame.end = last;
  frame.base = frame.next = parts.size();
  for (uint32_t from = first, s = first + 1; s <= last; ++s) {
    if (s < last && crossing[s] > 0)
      continue;
    // A block lives in several sections, or alone in one.
    if (!waiting[from].empty())
      parts.push_back({from, s});
    from = s;
  }
  std::sort(parts.begin() + frame.base, parts.end(), [](const auto &a, const auto &b) {
    uint32_t lengthA = a.second - a.first, lengthB = b.second - b.first;
    return lengthA != lengthB ? lengthA < lengthB : a < b;
  });
  frame.last = parts.size();
  frames.push_back(frame);
}

uint32_t PackingSearch::chooseSection(const Frame &frame, const Taste &taste) const {
  using Score = std::pair<double, double>;
  Score best;
  uint32_t result = none32;
  for (uint32_t s = frame.begin, valley; s < frame.end;) {
    valley = s++;
    while (s < frame.end && floor[s] == floor[valley])
      ++s;
    if ((valley > frame.begin && floor[valley - 1] < floor[valley]) ||
        (s < frame.end && floor[s] < floor[valley]))
      continue;
    for (uint32_t i = valley; i < s; ++i) {
      double slack = double(capacity - floor[i] - load[i]), blamed = taste.byBlame ? blame[i] : 1;
      Score score;
      switch (taste.section) {
      case Taste::Section::FewestBlocks:
        score = {lowest[i] / blamed, slack};
        break;
      case Taste::Section::LeastSlack:
        score = {(slack + 1) / blamed, lowest[i]};
        break;
      case Taste::Section::LowestFloor:
        score = {double(floor[i]), lowest[i]};
        break;
      }
      if (result == none32 || score < best) {
        best = score;
        result = i;
      }
    }
  }
  return result;
}

/// Prepares a step; false if its state failed before.
bool PackingSearch::enter(Frame &frame, const Taste &taste) {
  frame.base = frame.next = frame.last = choices.size();
  frame.trailSize = trail.size();
  if (!frame.keyKnown) {
    key = 0;
    for (uint32_t s = frame.begin; s < frame.end; ++s)
      for (uint32_t block : waiting[s])
        if (begin[block] == s)
          key += hash(block);
  }
  frame.entryKey = key;
  if (failed.contains(key))
    return false;
  frame.section = chooseSection(frame, taste);
  for (uint32_t block : waiting[frame.section])
    if (offset[block] == floor[frame.section])
      choices.push_back(block);
  std::sort(choices.begin() + frame.base, choices.end(),
            [&](uint32_t a, uint32_t b) { return taste.rank[a] < taste.rank[b]; });
  frame.last = choices.size();
  return true;
}

PackingSearch::Outcome PackingSearch::attempt(const Taste &taste, int64_t maxSteps,
                                              Deadline deadline) {
  frames.clear();
  choices.clear();
  parts.clear();
  trail.clear();
  uint32_t sections = uint32_t(waiting.size());
  bool result = updateFloors(0, sections);
  if (result)
    pushParts(0, sections);
  int64_t left = maxSteps;
  // `result`: what the frame above the top came to; `fresh`: the top has not begun.
  bool fresh = false;
  while (!frames.empty()) {
    Frame &frame = frames.back();
    if (frame.kind == Frame::Kind::Parts) {
      if (!result || frame.next == frame.last) {
        parts.resize(frame.base);
        frames.pop_back();
        continue;
      }
      Frame step;
      step.kind = Frame::Kind::Step;
      std::tie(step.begin, step.end) = parts[frame.next++];
      step.keyKnown = step.begin == frame.begin && step.end == frame.end && frames.size() > 1;
      frames.push_back(step);
      fresh = true;
      continue;
    }
    if (fresh) {
      ++steps;
      if (--left < 0 || (steps % 64 == 0 && std::chrono::steady_clock::now() > deadline)) {
        undo(0);
        return Outcome::Stopped;
      }
      fresh = false;
      if (!enter(frame, taste)) {
        choices.resize(frame.base);
        frames.pop_back();
        result = false;
        continue;
      }
    } else {
      if (result) {
        choices.resize(frame.base);
        frames.pop_back();
        continue;
      }
      undo(frame.trailSize);
      key = frame.entryKey;
    }
    result = false;
    if (frame.next < frame.last) {
      uint32_t block = choices[frame.next++];
      // Of blocks that are the same, the first comes first.
      bool second =
          twin[block] >= 0 && !placed[twin[block]] && offset[twin[block]] == offset[block];
      if (!second && place(block)) {
        result = true;
        pushParts(frame.begin, frame.end);
      }
      continue;
    }
    if (!frame.delayed) {
      frame.delayed = true;
      if (delay(frame.section)) {
        Frame step;
        step.kind = Frame::Kind::Step;
        step.begin = frame.begin;
        step.end = frame.end;
        step.keyKnown = true;
        frames.push_back(step);
        fresh = true;
      }
      continue;
    }
    if (failed.size() < maxFailed)
      failed.insert(frame.entryKey);
    choices.resize(frame.base);
    frames.pop_back();
  }
  if (result)
    return Outcome::Packed;
  undo(0);
  return Outcome::Impossible;
}

PackingSearch::Outcome PackingSearch::run(int64_t newCapacity, int64_t maxSteps,
                                          Deadline deadline) {
  undo(0);
  // What failed still fails for less, but then needs no more than it was tried with.
  if (newCapacity > failedCapacity) {
    failed.clear();
    failedCapacity = newCapacity;
  }
  if (newCapacity != neededFor)
    leastNeeded = newCapacity < failedCapacity ? failedCapacity + 1 : none;
  capacity = neededFor = newCapacity;
  // What a search comes to varies without bound with its first choices, so most attempts are short.
  int64_t length = 50 + int64_t(size.size()) * 5 / 4;
  for (int64_t used = 0, round = 1; used < maxSteps; ++round) {
    Taste taste = makeTaste(attempts++);
    int64_t before = steps;
    Outcome outcome = attempt(taste, std::min(length, maxSteps - used), deadline);
    used += steps - before;
    if (outcome != Outcome::Stopped || std::chrono::steady_clock::now() > deadline)
      return outcome;
    if (round % tastes == 0)
      length += length / 8;
    blameNow *= 1.2;
    if (blameNow > 1e100) {
      for (double &value : blame)
        value /= blameNow;
      blameNow = 1;
    }
  }
  return Outcome::Stopped;
}

void PackingSearch::dive() {
  // The first choice of every step succeeds: nothing fails for want of capacity, and only blocks
  // that were delayed can be dominated.
  int64_t all = std::accumulate(size.begin(), size.end(), int64_t(0));
  Outcome outcome = run(all, none, Deadline::max());
  assert(outcome == Outcome::Packed);
  (void)outcome;
}

uint64_t PackingSearch::diveCost() const {
  // A step looks at every section once, and where it places a block at the blocks there.
  std::vector<uint64_t> live(waiting.size(), 0);
  for (size_t i = 0; i < size.size(); ++i)
    for (uint32_t s = begin[i]; s < end[i]; ++s)
      ++live[s];
  uint64_t result = waiting.size() * size.size();
  for (uint64_t count : live)
    result += 2 * count * count;
  return result;
}

int64_t PackingSearch::peak() const {
  int64_t result = 0;
  for (size_t i = 0; i < size.size(); ++i)
    result = std::max(result, offset[i] + size[i]);
  return result;
}

} // namespace tg::rt
