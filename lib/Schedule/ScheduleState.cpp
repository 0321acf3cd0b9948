//===- ScheduleState.cpp - A schedule in the making ---*- C++ -*-===//
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

/// Copies of a loop's body, and of what loops within loops have in all: more make code that no
/// instruction cache holds.
static constexpr int64_t maxCopies = 64, maxCopiesInAll = 256;
static constexpr int64_t maxLanes = 64;

ScheduleState::Positions ScheduleState::find(StringRef axis) const {
  Positions places;
  for (auto [i, loop] : llvm::enumerate(loops))
    if (loop.axis == axis)
      places.push_back(i);
  return places;
}

SmallVector<unsigned> ScheduleState::findInOrder(StringRef axis) const {
  SmallVector<unsigned> ordered;
  auto visit = [&](auto &self, unsigned at) -> void {
    if (loops[at].axis == axis)
      ordered.push_back(at);
    for (unsigned child : loops[at].children)
      self(self, child);
  };
  for (unsigned at = 0; at < loops.size(); ++at)
    if (!loops[at].parent)
      visit(visit, at);
  return ordered;
}

std::string ScheduleState::listAxes() const {
  SmallVector<StringRef> names;
  for (const LoopNode &loop : loops)
    if (!loop.axis.empty() && !llvm::is_contained(names, StringRef(loop.axis)))
      names.push_back(loop.axis);
  return names.empty() ? "none" : llvm::join(names, ", ");
}

std::string ScheduleState::apply(ActionAttr action) {
  bool isStage = action.getKind() == ActionKind::Stage;
  for (StringAttr axis : action.getAxes().drop_front(isStage ? 1 : 0))
    if (axis.getValue().empty() || find(axis.getValue()).empty())
      return "there is no axis " + axis.str() + "; there are: " + listAxes();
  // These look at all loops of an axis at once.
  if (isStage || action.getKind() == ActionKind::Pad) {
    StringRef name = action.getAxis();
    ArrayRef<StringAttr> axes = action.getAxes().drop_front();
    if (std::string reason = isStage ? whyNoStage(name, axes) : whyNoPad(name); !reason.empty())
      return reason;
    isStage ? stage(name, axes) : pad(name);
    actions.push_back(action);
    return "";
  }
  Positions places = find(action.getAxis());
  if (std::string reason = whyNot(action, places); !reason.empty())
    return reason;
  for (unsigned place : places) {
    switch (action.getKind()) {
    case ActionKind::Split:
      split(place, action.getAmount());
      break;
    case ActionKind::Fuse:
      fuse(place);
      break;
    case ActionKind::Reorder:
      isHoist(action.getAxes()) ? hoist(place, action.getAxes()) : reorder(place, action.getAxes());
      break;
    case ActionKind::Unroll:
      loops[place].unroll = action.getAmount();
      break;
    case ActionKind::Vectorize:
      loops[place].lanes = action.getAmount();
      break;
    case ActionKind::Accumulate:
      loops[place].chains = action.getAmount();
      break;
    case ActionKind::Bind:
      loops[place].bound = action.getTarget();
      break;
    case ActionKind::Stage:
    case ActionKind::Pad:
      llvm_unreachable("applied above");
    }
  }
  actions.push_back(action);
  return "";
}

//===----------------------------------------------------------------------===//
// Reasons
//===----------------------------------------------------------------------===//

std::string ScheduleState::whyNot(ActionAttr action, ArrayRef<unsigned> places) const {
  for (unsigned place : places) {
    const LoopNode &loop = loops[place];
    auto reason = [&]() -> std::string {
      switch (action.getKind()) {
      case ActionKind::Split:
        return whyNoSplit(loop);
      case ActionKind::Fuse:
        return whyNoFuse(loop, action.getAxes()[1].getValue());
      case ActionKind::Reorder:
        return isHoist(action.getAxes()) ? whyNoHoist(place, action.getAxes())
                                         : whyNoReorder(place, action.getAxes());
      case ActionKind::Unroll:
        return whyNoUnroll(place, action.getAmount());
      case ActionKind::Vectorize:
        return whyNoVectors(place, action.getAmount());
      case ActionKind::Accumulate:
        return whyNoChains(place, action.getAmount());
      case ActionKind::Bind:
        return whyNoBind(loop, action.getTarget());
      case ActionKind::Stage:
      case ActionKind::Pad:
        break;
      }
      llvm_unreachable("every kind has its reasons");
    }();
    if (!reason.empty())
      return reason;
  }
  return "";
}

std::string ScheduleState::whyNoSplit(const LoopNode &loop) const {
  if (loop.bound)
    return loop.axis + " is bound already; split it before";
  if (isExpanded(loop))
    return loop.axis + " is unrolled or vectorized already; split it before";
  return "";
}

std::string ScheduleState::whyNoFuse(const LoopNode &outer, StringRef inner) const {
  if (!outer.isPerfect || outer.children.size() != 1 || loops[outer.children.front()].axis != inner)
    return inner.str() + " is not all that there is in " + outer.axis;
  const LoopNode &other = loops[outer.children.front()];
  for (const LoopNode *loop : {&outer, &other}) {
    if (loop->bound || isExpanded(*loop))
      return loop->axis + " is bound, unrolled or vectorized already; fuse it before";
  }
  if (other.outerPart)
    return other.axis + " is the inner part of an axis; fuse before that is split";
  if (outer.isData != other.isData)
    return outer.axis + " and " + other.axis + " are not both data or both reduction";
  if (!other.trips)
    return "the size of " + other.axis + " is not known; reorder them so that it is the outer one";
  if (*other.trips == 0)
    return other.axis + " has no iterations";
  return "";
}

std::optional<ScheduleState::Positions> ScheduleState::findChain(unsigned place,
                                                                 ArrayRef<StringAttr> axes) const {
  auto isNamed = [&](unsigned i) {
    return llvm::any_of(axes, [&](StringAttr axis) { return axis.getValue() == loops[i].axis; });
  };
  unsigned outermost = place;
  for (std::optional<unsigned> up = loops[place].parent; up; up = loops[*up].parent)
    if (isNamed(*up))
      outermost = *up;
  // All between must be perfectly nested: loops that are not named stay where they are.
  Positions chain, named;
  for (unsigned at = outermost;; at = loops[at].children.front()) {
    chain.push_back(at);
    if (isNamed(at))
      named.push_back(at);
    if (named.size() == axes.size())
      return named;
    if (!loops[at].isPerfect || loops[at].children.size() != 1)
      return std::nullopt;
  }
}

std::string ScheduleState::whyNoReorder(unsigned place, ArrayRef<StringAttr> axes) const {
  std::optional<Positions> chain = findChain(place, axes);
  if (!chain)
    return "the loops are not nested in each other with nothing between";
  for (unsigned i : *chain) {
    const LoopNode &loop = loops[i];
    if (loop.bound || isExpanded(loop))
      return loop.axis + " is bound, unrolled or vectorized already; reorder it before";
    if (loop.isData != loops[chain->front()].isData)
      return "iterations of " + loops[chain->front()].axis + " and " + loop.axis +
             " cannot change places: one combines values; unroll the data axis, which jams it "
             "into the reduction";
    if (!loop.isData && !loop.isReducible && !loop.hasReducible)
      return "iterations of " + loop.axis + " follow each other";
  }
  // All loops from the outermost to the innermost of these, as they will be: the inner part of an
  // axis begins where the outer one says.
  Positions path;
  for (std::optional<unsigned> at = chain->back();; at = loops[*at].parent) {
    path.insert(path.begin(), *at);
    if (*at == chain->front())
      break;
  }
  const StringAttr *next = axes.begin();
  for (unsigned &at : path)
    if (llvm::is_contained(*chain, at))
      at = *llvm::find_if(*chain, [&](unsigned i) { return loops[i].axis == next->getValue(); }),
      ++next;
  for (auto [depth, at] : llvm::enumerate(path))
    if (loops[at].outerPart &&
        llvm::is_contained(ArrayRef(path).drop_front(depth), *loops[at].outerPart))
      return loops[at].axis + " lies in " + loops[*loops[at].outerPart].axis;
  return "";
}

/// Of all that makes several iterations at a time.
std::string ScheduleState::whyNoCopies(unsigned place, int64_t amount) const {
  const LoopNode &loop = loops[place];
  for (const LoopNode &other : loops)
    if (other.outerPart == place)
      return other.axis + " begins where " + loop.axis + " says; name " + other.axis;
  if (loop.mostAtOnce && amount * loop.unroll * loop.lanes > loop.mostAtOnce)
    return "values that an iteration of " + loop.axis + " keeps have room for " +
           std::to_string(loop.mostAtOnce) + " at a time";
  return "";
}

std::string ScheduleState::whyNoUnroll(unsigned place, int64_t amount) const {
  const LoopNode &loop = loops[place];
  if (!loop.isData)
    return loop.isReducible ? loop.axis + " combines values; accumulate(" + loop.axis + ", " +
                                  std::to_string(amount) + ") gives each copy an accumulator"
                            : whyNoReductionAtOnce(loop, "accumulate");
  if (std::string reason = whyNoCopies(place, amount); !reason.empty())
    return reason;
  if (!loop.parent || loop.bound)
    return "an iteration of " + loop.axis + " is a unit of work; split it, and unroll " +
           loop.axis + ".i";
  if (loop.unroll > 1)
    return loop.axis + " is unrolled already";
  if (amount > maxCopies)
    return "at most " + std::to_string(maxCopies) + " iterations at a time";
  return whyTooManyCopies(place, amount);
}

std::string ScheduleState::whyNoVectors(unsigned place, int64_t lanes) const {
  const LoopNode &loop = loops[place];
  if (lanes > maxLanes || !llvm::isPowerOf2_64(lanes))
    return "lanes are a power of two of at most " + std::to_string(maxLanes);
  if (std::string reason = whyNoCopies(place, lanes); !reason.empty())
    return reason;
  if (loop.isData && (!loop.parent || loop.bound))
    return "an iteration of " + loop.axis + " is a unit of work; split it, and vectorize " +
           loop.axis + ".i";
  if (!loop.isData && !loop.isReducible)
    return whyNoReductionAtOnce(loop, "vectorize");
  if (loop.lanes > 1)
    return loop.axis + " is vectorized already";
  // One axis at a time has lanes.
  for (auto [i, other] : llvm::enumerate(loops))
    if (i != place && other.lanes > 1 && (isWithin(place, i) || isWithin(i, place)))
      return other.axis + " is vectorized already, and one of them lies in the other";
  return "";
}

/// Of a reduction whose own body combines nothing that may be taken in any order.
std::string ScheduleState::whyNoReductionAtOnce(const LoopNode &loop, StringRef action) const {
  if (!loop.hasReducible)
    return "iterations of " + loop.axis + " follow each other";
  const LoopNode *inner = &loop;
  while (!inner->isReducible && inner->children.size() == 1)
    inner = &loops[inner->children.front()];
  return "values are combined in " + inner->axis + "; " + action.str() + " that, or reorder them";
}

std::string ScheduleState::whyNoChains(unsigned place, int64_t amount) const {
  const LoopNode &loop = loops[place];
  if (loop.isData)
    return loop.axis + " combines nothing; unroll(" + loop.axis + ", " + std::to_string(amount) +
           ") computes several iterations at a time";
  if (std::string reason = whyNoCopies(place, amount); !reason.empty())
    return reason;
  if (!loop.isReducible)
    return whyNoReductionAtOnce(loop, "accumulate");
  if (loop.chains > 1)
    return loop.axis + " has accumulators already";
  if (amount > maxCopies)
    return "at most " + std::to_string(maxCopies) + " iterations at a time";
  return whyTooManyCopies(place, amount);
}

/// Copies in loops around and within multiply.
std::string ScheduleState::whyTooManyCopies(unsigned place, int64_t amount) const {
  auto copiesAround = [&](unsigned from) {
    int64_t copies = 1;
    for (std::optional<unsigned> at = from; at; at = loops[*at].parent)
      copies *= *at == place ? amount : loops[*at].unroll * loops[*at].chains;
    return copies;
  };
  for (unsigned i = 0; i < loops.size(); ++i) {
    if (isWithin(i, place) && copiesAround(i) > maxCopiesInAll)
      return "with the loops around and in it, it would have " + std::to_string(copiesAround(i)) +
             " copies, more than " + std::to_string(maxCopiesInAll);
  }
  return "";
}

std::string ScheduleState::whyNoBind(const LoopNode &loop, BindTarget target) const {
  if (target != BindTarget::Unit)
    return "this device has units of work and no " + stringifyBindTarget(target).str() + "s";
  if (loop.bound)
    return loop.axis + " is bound already";
  if (!loop.isData || loop.parent)
    return "units of work are iterations of an outermost data axis";
  return "";
}

//===----------------------------------------------------------------------===//
// Changes
//===----------------------------------------------------------------------===//

void ScheduleState::split(unsigned place, int64_t size) {
  if (loops[place].trips)
    size = std::min(size, std::max<int64_t>(*loops[place].trips, 1));
  unsigned inside = loops.size();
  LoopNode inner = loops[place];
  inner.axis += ".i";
  inner.parent = place;
  inner.outerPart = place;
  inner.isPartOfPlaces |= inner.hasPlaces;
  inner.mayBeEmpty = false; // There are no empty blocks.
  bool isEven = inner.trips && *inner.trips % size == 0;
  LoopNode &outer = loops[place];
  outer.axis += ".o";
  auto countBlocks = [&](std::optional<int64_t> &trips) {
    if (trips)
      trips = llvm::divideCeil(*trips, size);
  };
  countBlocks(outer.trips);
  countBlocks(outer.mostTrips);
  inner.trips = isEven ? std::optional(size) : std::nullopt;
  inner.mostTrips = inner.mostTrips ? std::min(*inner.mostTrips, size) : size;
  outer.children = {inside};
  outer.isPerfect = true;
  outer.hasReducible |= outer.isReducible;
  outer.isReducible = false;
  for (unsigned child : inner.children)
    loops[child].parent = inside;
  // What begins where the split loop says does so by its iterations, which are the inner part's.
  for (LoopNode &loop : loops)
    if (loop.outerPart == place)
      loop.outerPart = inside;
  for (AccessNode &access : accesses) {
    llvm::replace(access.along, place, inside);
    if (access.loop == place)
      access.loop = inside;
  }
  loops.push_back(std::move(inner));
}

void ScheduleState::fuse(unsigned place) {
  LoopNode &outer = loops[place];
  unsigned gone = outer.children.front();
  LoopNode inner = loops[gone];
  outer.axis += "_" + inner.axis;
  for (std::optional<int64_t> *trips : {&outer.trips, &outer.mostTrips})
    if (*trips)
      *trips = **trips * *inner.trips;
  outer.mayBeEmpty |= inner.mayBeEmpty;
  outer.copyOf += "_" + inner.copyOf;
  outer.hasPlaces |= inner.hasPlaces;
  outer.isPartOfPlaces |= inner.isPartOfPlaces;
  outer.children = inner.children;
  outer.isPerfect = inner.isPerfect;
  outer.isReducible = inner.isReducible;
  outer.hasReducible = inner.hasReducible;
  // The places that rows are kept in go by one of the two.
  outer.mostAtOnce = outer.mostAtOnce || inner.mostAtOnce ? 1 : 0;
  for (LoopNode &loop : loops)
    if (loop.outerPart == gone)
      loop.outerPart = place;
  for (unsigned child : inner.children)
    loops[child].parent = place;
  for (AccessNode &access : accesses) {
    llvm::replace(access.along, gone, place);
    if (access.loop == gone)
      access.loop = place;
  }
  loops[gone] = LoopNode();
  loops[gone].isData = false;
}

void ScheduleState::reorder(unsigned place, ArrayRef<StringAttr> axes) {
  std::optional<Positions> chain = findChain(place, axes);
  // What a loop is moves; where it stands stays.
  std::vector<LoopNode> before;
  for (unsigned i : *chain)
    before.push_back(loops[i]);
  auto placeOf = [&](StringRef axis) -> unsigned {
    return llvm::find_if(before, [&](const LoopNode &loop) { return loop.axis == axis; }) -
           before.begin();
  };
  llvm::DenseMap<unsigned, unsigned> moved;
  for (auto [slot, axis] : llvm::zip_equal(*chain, axes)) {
    unsigned from = placeOf(axis.getValue());
    moved[(*chain)[from]] = slot;
    LoopNode node = before[from];
    node.parent = loops[slot].parent;
    node.children = loops[slot].children;
    node.isPerfect = loops[slot].isPerfect;
    node.isReducible = loops[slot].isReducible;
    node.hasReducible = loops[slot].hasReducible;
    loops[slot] = std::move(node);
  }
  for (LoopNode &loop : loops)
    if (loop.outerPart)
      if (auto it = moved.find(*loop.outerPart); it != moved.end())
        loop.outerPart = it->second;
  for (AccessNode &access : accesses) {
    for (unsigned &at : access.along)
      if (auto it = moved.find(at); it != moved.end())
        at = it->second;
    // What stands beside the loops, and beside those between, goes into the innermost one.
    if (access.loop && isWithin(*access.loop, chain->front()) &&
        isWithin(chain->back(), *access.loop))
      access.loop = chain->back();
  }
}
