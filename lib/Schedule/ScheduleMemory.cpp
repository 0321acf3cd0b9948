//===- ScheduleMemory.cpp - Actions that keep values in a worker's memory ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Schedule/ScheduleState.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

/// Of one value that is kept, and of one copy of an operand's part: more is no cache's.
static constexpr int64_t maxBytes = int64_t(16) << 20;

bool ScheduleState::isWithin(unsigned inner, unsigned outer) const {
  for (std::optional<unsigned> at = inner; at; at = loops[*at].parent)
    if (*at == outer)
      return true;
  return false;
}

/// Why the loop at `place` and those around it cannot have one iteration at a time.
std::string ScheduleState::whyNotOnce(unsigned place) const {
  for (std::optional<unsigned> at = place; at; at = loops[*at].parent)
    if (isExpanded(loops[*at]))
      return "several iterations of " + loops[*at].axis + " are computed at a time, and there is " +
             "memory for one; unroll or vectorize a loop inside";
  return "";
}

void ScheduleState::useOnce(unsigned place) {
  for (std::optional<unsigned> at = place; at; at = loops[*at].parent)
    loops[*at].mostAtOnce = 1;
}

ScheduleState::Positions ScheduleState::copyLoops(ArrayRef<unsigned> chain,
                                                  std::optional<unsigned> parent) {
  Positions copies;
  for (auto [depth, at] : llvm::enumerate(chain)) {
    LoopNode copy = loops[at];
    copy.parent = parent;
    copy.children.clear();
    copy.isPerfect = depth + 1 < chain.size();
    if (copy.outerPart)
      if (const unsigned *it = llvm::find(chain, *copy.outerPart); it != chain.end())
        copy.outerPart = copies[it - chain.begin()];
    parent = loops.size();
    if (!copies.empty())
      loops[copies.back()].children = {*parent};
    copies.push_back(*parent);
    loops.push_back(std::move(copy));
  }
  return copies;
}

/// Of `bytes` for each iteration of the loops.
static std::string whyTooManyBytes(ArrayRef<LoopNode> loops, ArrayRef<unsigned> chain,
                                   int64_t bytes) {
  bool overflows = false;
  for (unsigned at : chain) {
    if (!loops[at].mostTrips)
      return "the size of " + loops[at].axis + " is not known; split it";
    overflows |= llvm::MulOverflow(bytes, *loops[at].mostTrips, bytes);
  }
  if (!overflows && bytes <= maxBytes)
    return "";
  return "it would take " + (overflows ? "too many" : std::to_string(bytes)) +
         " bytes, more than " + std::to_string(maxBytes);
}

//===----------------------------------------------------------------------===//
// Reductions outside of data axes
//===----------------------------------------------------------------------===//

bool ScheduleState::isHoist(ArrayRef<StringAttr> axes) const {
  auto isData = [&](StringAttr axis) { return loops[find(axis.getValue()).front()].isData; };
  return !isData(axes.front()) && llvm::all_of(axes.drop_front(), isData);
}

std::optional<ScheduleState::Positions>
ScheduleState::findHoistChain(unsigned place, ArrayRef<StringAttr> axes) const {
  Positions chain;
  std::optional<unsigned> at = loops[place].parent;
  for (StringAttr axis : llvm::reverse(axes.drop_front())) {
    if (!at || loops[*at].axis != axis.getValue() || loops[*at].children.size() != 1 ||
        (!chain.empty() && !loops[*at].isPerfect))
      return std::nullopt;
    chain.insert(chain.begin(), *at);
    at = loops[*at].parent;
  }
  return chain;
}

std::string ScheduleState::whyNoHoist(unsigned place, ArrayRef<StringAttr> axes) const {
  const LoopNode &reduction = loops[place];
  std::optional<Positions> chain = findHoistChain(place, axes);
  if (!chain)
    return reduction.axis + " can go outside of the data axes that lead to it, from the outside "
                            "in, each with nothing but the next one in it";
  const LoopNode &first = loops[chain->front()];
  if (!first.parent || first.bound)
    return "an iteration of " + first.axis + " is a unit of work; split it, and name " +
           first.axis + ".i";
  if (!reduction.isReducible && !reduction.hasReducible)
    return "iterations of " + reduction.axis + " follow each other";
  if (!reduction.canKeep)
    return "values of " + reduction.axis + " are of a type that does not lie in memory";
  for (unsigned at : *chain)
    if (isExpanded(loops[at]))
      return loops[at].axis + " is unrolled or vectorized already; reorder it before";
  if (isExpanded(reduction))
    return reduction.axis + " has accumulators already; reorder it before";
  for (unsigned at : *chain)
    if (loops[at].mostAtOnce)
      return "an iteration of " + loops[at].axis + " keeps values of its own in memory";
  if (std::string reason = whyTooManyBytes(loops, *chain, reduction.carriedBytes); !reason.empty())
    return reason;
  return whyNotOnce(*first.parent);
}

/// Three nests: initial values, the reduction with the data loops in it, and what is made of its
/// results.
void ScheduleState::hoist(unsigned place, ArrayRef<StringAttr> axes) {
  Positions chain = *findHoistChain(place, axes);
  unsigned around = *loops[chain.front()].parent;
  for (unsigned at : chain)
    loops[at].hasPlaces = true;
  Positions inits = copyLoops(chain, around), mains = copyLoops(chain, place);
  LoopNode &reduction = loops[place];
  loops[mains.back()].children = reduction.children;
  for (unsigned child : reduction.children)
    loops[child].parent = mains.back();
  loops[chain.back()].children.clear();
  loops[chain.back()].isPerfect = false;
  // What the reduction's body reads, it reads in the new loops.
  auto moved = [&](AccessNode &access) {
    for (auto [old, copy] : llvm::zip_equal(chain, mains)) {
      llvm::replace(access.along, old, copy);
      if (access.loop == old)
        access.loop = copy;
    }
    if (access.loop == place)
      access.loop = mains.back();
  };
  reduction.parent = around;
  for (size_t i = 0, e = accesses.size(); i < e; ++i) {
    AccessNode access = accesses[i];
    if (!access.loop)
      continue;
    if (isWithin(*access.loop, place)) {
      moved(accesses[i]);
    } else if (access.isUsedInLoop && isWithin(*access.loop, chain.front())) {
      moved(access);
      accesses.push_back(std::move(access));
    }
  }
  reduction.children = {mains.front()};
  reduction.isPerfect = true;
  reduction.isReducible = reduction.hasReducible = false;
  reduction.carriedBytes = 0;
  LoopNode &outer = loops[around];
  outer.isPerfect = false;
  unsigned *slot = llvm::find(outer.children, chain.front());
  slot = outer.children.insert(slot, place);
  outer.children.insert(slot, inits.front());
  useOnce(around);
}

//===----------------------------------------------------------------------===//
// Copies of operands
//===----------------------------------------------------------------------===//

ScheduleState::Positions ScheduleState::findLoopsAlong(const AccessNode &access,
                                                       unsigned place) const {
  Positions found;
  for (std::optional<unsigned> at = access.loop; at && *at != place; at = loops[*at].parent) {
    bool depends = false;
    for (std::optional<unsigned> leaf : access.along)
      for (; leaf; leaf = loops[*leaf].outerPart)
        depends |= *leaf == *at;
    if (depends)
      found.insert(found.begin(), *at);
  }
  return found;
}

std::string ScheduleState::whyNoStage(StringRef operand, ArrayRef<StringAttr> axes) const {
  StringRef name = axes.front().getValue();
  ArrayRef<StringAttr> layout = axes.drop_front();
  bool isRead = false;
  for (unsigned place : find(name)) {
    for (const AccessNode &access : accesses) {
      if (access.operand != operand || !access.loop || !isWithin(*access.loop, place))
        continue;
      isRead = true;
      Positions along = findLoopsAlong(access, place);
      SmallVector<StringRef> names;
      for (unsigned at : along)
        names.push_back(loops[at].axis);
      if (names.empty())
        return "an iteration of " + name.str() + " reads one element of " + operand.str();
      if (names.size() != layout.size() || !llvm::all_of(layout, [&](StringAttr axis) {
            return llvm::is_contained(names, axis.getValue());
          }))
        return "an iteration of " + name.str() + " reads " + operand.str() + " along " +
               llvm::join(names, ", ") + "; name all of these and no other";
      for (auto [i, axis] : llvm::enumerate(layout)) {
        unsigned at = along[llvm::find(names, axis.getValue()) - names.begin()];
        for (StringAttr later : layout.drop_front(i))
          if (loops[at].outerPart && loops[*loops[at].outerPart].axis == later.getValue())
            return axis.str() + " lies in " + later.str();
      }
      // What a copy reads must be read otherwise too.
      for (unsigned at = *access.loop; at != place; at = *loops[at].parent)
        if (loops[at].mayBeEmpty && !llvm::is_contained(along, at))
          return loops[at].axis + " may be empty, and " + operand.str() + " not be read at all";
      if (std::string reason = whyTooManyBytes(loops, along, access.bytes); !reason.empty())
        return reason;
      if (std::string reason = whyNotOnce(place); !reason.empty())
        return reason;
    }
  }
  if (isRead)
    return "";
  SmallVector<StringRef> operands;
  for (unsigned place : find(name))
    for (const AccessNode &access : accesses)
      if (!access.operand.empty() && access.loop && isWithin(*access.loop, place) &&
          !llvm::is_contained(operands, StringRef(access.operand)))
        operands.push_back(access.operand);
  return "an iteration of " + name.str() + " reads no " + operand.str() +
         " at an index that the loops make; it reads: " +
         (operands.empty() ? "nothing that can be staged" : llvm::join(operands, ", "));
}

void ScheduleState::stage(StringRef operand, ArrayRef<StringAttr> axes) {
  for (unsigned place : find(axes.front().getValue())) {
    for (size_t i = 0, e = accesses.size(); i < e; ++i) {
      AccessNode access = accesses[i];
      if (access.operand != operand || !access.loop || !isWithin(*access.loop, place))
        continue;
      Positions along = findLoopsAlong(access, place), layout;
      for (StringAttr axis : axes.drop_front())
        layout.push_back(
            *llvm::find_if(along, [&](unsigned at) { return loops[at].axis == axis.getValue(); }));
      for (unsigned at : layout)
        loops[at].hasPlaces = true;
      Positions copies = copyLoops(layout, place);
      for (unsigned at : copies) {
        LoopNode &copy = loops[at];
        copy.copyOf = copy.axis;
        copy.isCopy = true;
        copy.axis = operand.str() + "." + copy.axis;
        copy.isData = true;
        copy.isReducible = copy.hasReducible = false;
        copy.mostAtOnce = copy.carriedBytes = 0;
        copy.unroll = copy.lanes = copy.chains = 1;
      }
      for (auto [old, copy] : llvm::zip_equal(layout, copies))
        llvm::replace(access.along, old, copy);
      access.loop = copies.back();
      access.operand.clear();
      accesses[i] = std::move(access);
      loops[place].children.insert(loops[place].children.begin(), copies.front());
      loops[place].isPerfect = loops[place].hasReducible = false;
      useOnce(place);
    }
  }
}

//===----------------------------------------------------------------------===//
// Whole blocks
//===----------------------------------------------------------------------===//

bool ScheduleState::canPad(unsigned place) const {
  const LoopNode &loop = loops[place];
  if (!loop.isData || loop.isPartOfPlaces || !loop.outerPart || !loop.mostTrips || !loop.parent)
    return false;
  // Blocks of blocks would begin behind the end.
  for (const LoopNode &other : loops)
    if (other.outerPart == place)
      return false;
  // Nothing may be written once more, and nothing be read that is not there.
  return llvm::none_of(accesses, [&](const AccessNode &access) {
    return access.loop && isWithin(*access.loop, place) &&
           (access.isWrite || llvm::is_contained(findLoopsAlong(access, *loop.parent), place));
  });
}

/// Whether an axis is another one or was fused of it.
static bool hasPart(StringRef fused, StringRef axis) {
  SmallVector<StringRef> parts;
  fused.split(parts, '_');
  return fused == axis || llvm::is_contained(parts, axis);
}

std::string ScheduleState::whyNoPad(StringRef axis) const {
  Positions places = find(axis);
  const LoopNode &loop = loops[places.front()];
  if (loop.isCopy)
    return axis.str() + " copies an operand; pad " + loop.copyOf;
  if (!loop.isData)
    return axis.str() + " combines values, and there are none beyond its end";
  if (!loop.outerPart)
    return axis.str() + " has no blocks; split it, and pad " + axis.str() + ".i";
  for (unsigned place : places)
    if (isExpanded(loops[place]))
      return axis.str() + " is unrolled or vectorized already; pad it before";
  for (const LoopNode &other : loops)
    if (other.isCopy && hasPart(other.copyOf, axis) &&
        (isExpanded(other) || !StringRef(other.axis).ends_with("." + axis.str())))
      return other.axis + " is changed already; pad " + axis.str() + " before";
  if (loop.isPartOfPlaces)
    return "memory is laid out for the iterations that there are; split before that is staged";
  if (llvm::any_of(places, [&](unsigned place) { return canPad(place); }))
    return "";
  return "beyond the end of " + axis.str() + " there is nothing to read or write; stage what is " +
         "read, and move a reduction outside";
}

/// What is staged has zeros beyond the end, which a nest beside that of the copy writes.
void ScheduleState::pad(StringRef axis) {
  for (unsigned place : find(axis))
    if (canPad(place)) {
      loops[place].trips = loops[place].mostTrips;
      loops[place].isPadded = true;
    }
  Positions copies;
  for (unsigned at = 0; at < loops.size(); ++at)
    if (loops[at].isCopyOf(axis))
      copies.push_back(at);
  for (unsigned copy : copies) {
    if (loops[copy].trips)
      continue;
    Positions chain{copy};
    while (loops[chain.front()].parent && loops[*loops[chain.front()].parent].isCopy)
      chain.insert(chain.begin(), *loops[chain.front()].parent);
    while (!loops[chain.back()].children.empty())
      chain.push_back(loops[chain.back()].children.front());
    unsigned around = *loops[chain.front()].parent;
    Positions zeros = copyLoops(chain, around);
    for (unsigned at : zeros)
      loops[at].mayBeEmpty = true;
    auto &siblings = loops[around].children;
    siblings.insert(llvm::find(siblings, chain.front()), zeros.front());
  }
}
