//===- Contraction.cpp - Schedules of products ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What was measured for the numbers here is in docs/schedules.md.
//
//===----------------------------------------------------------------------===//

#include "Contraction.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace tg;
using namespace tg::cpu;
using namespace tg::codegen;
using namespace tg::uop;
using affine::AffineForOp;

//===----------------------------------------------------------------------===//
// Finding them
//===----------------------------------------------------------------------===//

namespace {
/// A place in the innermost loop at which an operand is read.
struct Read {
  memref::LoadOp load;
  std::string operand;
  /// How far its index moves along each loop; none where it does not move evenly.
  std::optional<int64_t> strideOf(AffineForOp loop) {
    return getStride(load.getIndices().front(), loop.getInductionVar());
  }
  /// Whether it has a border, where elements are zero.
  bool isGuarded() { return isa<scf::IfOp>(load->getParentOp()); }
};
} // namespace

/// The loops of a nest, each with nothing but the next one and what may stand in that: data loops
/// down to `data.back()`, then those of one reduction.
static bool splitNest(AffineForOp outermost, SmallVectorImpl<AffineForOp> &data,
                      SmallVectorImpl<AffineForOp> &reductions) {
  for (AffineForOp at = outermost; at;) {
    (isParallel(at) ? data : reductions).push_back(at);
    auto inner = llvm::to_vector(at.getBody()->getOps<AffineForOp>());
    if (inner.empty())
      break;
    if (inner.size() != 1 || (isParallel(inner[0]) && !isParallel(at)))
      return false;
    if (isParallel(inner[0]) && !at.getBody()->getOps<memref::StoreOp>().empty())
      return false;
    at = inner[0];
  }
  return !data.empty() && !reductions.empty() && isReducible(reductions.back()) &&
         reductions.back().getNumResults() == 1;
}

/// The iterations of loops together.
static std::optional<int64_t> countTrips(ArrayRef<AffineForOp> loops) {
  int64_t product = 1;
  for (AffineForOp loop : loops) {
    std::optional<int64_t> trips = getTrips(loop);
    if (!trips || llvm::MulOverflow(product, *trips, product))
      return std::nullopt;
  }
  return product;
}

/// What a size that is not known is taken for.
static int64_t guess(std::optional<int64_t> trips) { return trips.value_or(256); }

std::optional<Contraction> Contraction::find(AffineForOp outermost, const Machine &machine) {
  SmallVector<AffineForOp> data, reductions;
  if (!isParallel(outermost) || !splitNest(outermost, data, reductions))
    return std::nullopt;
  auto type = dyn_cast<FloatType>(reductions.back().getResult(0).getType());
  if (!type || (!type.isF32() && !type.isF64()))
    return std::nullopt;
  SmallVector<Read> reads;
  reductions.back().getBody()->walk([&](memref::LoadOp load) {
    auto argument = dyn_cast<BlockArgument>(load.getMemRef());
    reads.push_back({load, argument ? getOperandName(argument) : ""});
  });
  if (reads.empty() || reads.size() > 2 || reads.front().operand.empty() ||
      reads.back().operand.empty())
    return std::nullopt;
  // Results lie along the columns.
  auto stores = llvm::to_vector(data.back().getBody()->getOps<memref::StoreOp>());
  if (stores.empty())
    return std::nullopt;
  memref::StoreOp result = stores.front();
  AffineForOp columns;
  for (AffineForOp loop : llvm::reverse(data))
    if (!columns && getStride(result.getIndices().front(), loop.getInductionVar()) == 1)
      columns = loop;
  if (!columns)
    return std::nullopt;
  if (reads.back().strideOf(columns) == 0)
    std::swap(reads.front(), reads.back());
  Read &packed = reads.back(), *broadcast = reads.size() == 2 ? &reads.front() : nullptr;
  if (packed.strideOf(columns) == 0 || (broadcast && broadcast->strideOf(columns) != 0))
    return std::nullopt;
  AffineForOp rows;
  for (AffineForOp loop : llvm::reverse(data))
    if (!rows && loop != columns && packed.strideOf(loop) == 0 && broadcast &&
        broadcast->strideOf(loop) != 0)
      rows = loop;
  Contraction found;
  found.lanes = machine.vectorBits / type.getWidth();
  found.packed = packed.operand;
  found.rows = rows ? getAxis(rows).str() : "";
  found.columns = getAxis(columns).str();
  found.m = rows ? getTrips(rows) : 1;
  found.n = getTrips(columns);
  found.k = countTrips(reductions);
  for (AffineForOp loop : data)
    found.data.push_back(getAxis(loop).str());
  for (AffineForOp loop : reductions)
    found.reductions.push_back(getAxis(loop).str());
  if (llvm::is_contained(found.data, "") || llvm::is_contained(found.reductions, ""))
    return std::nullopt;
  // A matrix of whole vectors that stays in the cache is as good where it is.
  int64_t bytes = guess(found.k) * guess(found.n) * (type.getWidth() / 8);
  bool isLarge = bytes >= machine.l2Bytes / 2;
  std::optional<int64_t> step = packed.strideOf(columns);
  bool isPlain = step == 1 && !packed.isGuarded();
  found.isTransposed = !packed.isGuarded() && (!step || std::abs(*step) > maxShuffledStep) &&
                       packed.strideOf(reductions.back()) == 1;
  if (!rows) {
    bool isWorthIt = isLarge && isPlain && guess(found.n) >= 4 * found.lanes &&
                     packed.strideOf(reductions.back()).value_or(0) > 1;
    return isWorthIt ? std::optional(found) : std::nullopt;
  }
  if (!isPlain && !found.isTransposed && found.n)
    for (AffineForOp loop : llvm::reverse(data))
      if (found.lines.empty() && loop != columns && broadcast && broadcast->strideOf(loop) == 0 &&
          packed.strideOf(loop) != 0 && getTrips(loop) &&
          getStride(result.getIndices().front(), loop.getInductionVar()) == found.n) {
        found.lines = getAxis(loop).str();
        found.numLines = *getTrips(loop);
      }
  // Every packed element should be used several times, and tiles be mostly full.
  if (guess(found.m) < 8 || guess(found.n) * found.numLines < found.lanes / 2 ||
      guess(found.k) < 16)
    return std::nullopt;
  if (isPlain && !isLarge && (!found.n || *found.n % found.lanes == 0))
    return std::nullopt;
  return found;
}

//===----------------------------------------------------------------------===//
// Their schedule
//===----------------------------------------------------------------------===//

namespace {
/// A tile of sums in registers: rows by vectors.
struct Tile {
  int64_t rows, vectors;
};
} // namespace

/// Applies actions until one is not possible.
class cpu::ContractionWriter {
public:
  ContractionWriter(ScheduleState &state, MLIRContext *context) : state(state), context(context) {}

  bool apply(ActionKind kind, ArrayRef<std::string> axes, int64_t amount = 0) {
    SmallVector<StringRef> names(axes.begin(), axes.end());
    return state.apply(ActionAttr::get(context, kind, ArrayRef(names), amount)).empty();
  }
  bool split(const std::string &axis, int64_t size) { return apply(ActionKind::Split, axis, size); }
  /// Makes one axis of several, from the outside in, as far as that is possible; returns its name.
  std::string fuse(ArrayRef<std::string> axes) {
    std::string fused = axes.front();
    for (const std::string &next : axes.drop_front()) {
      if (!apply(ActionKind::Fuse, {fused, next}))
        break;
      fused += "_" + next;
    }
    return fused;
  }
  /// Several reductions as one, from the inside out; empty if that is not possible.
  std::string fuseReductions(ArrayRef<std::string> axes) {
    std::string fused = axes.back();
    for (const std::string &outer : llvm::reverse(axes.drop_back())) {
      if (!apply(ActionKind::Fuse, {outer, fused}))
        return "";
      fused = outer + "_" + fused;
    }
    return fused;
  }
  /// Outermost loops are shared among workers even where this need not be said.
  void bindUnit(const std::string &axis) {
    (void)apply(ActionKind::Bind, axis, static_cast<int64_t>(BindTarget::Unit));
  }
  bool expand(const std::string &axis, int64_t lanes, int64_t copies) {
    return (lanes == 1 || apply(ActionKind::Vectorize, axis, lanes)) &&
           (copies == 1 || apply(ActionKind::Unroll, axis, copies));
  }

private:
  ScheduleState &state;
  MLIRContext *context;
};

/// A tile without spills: accumulators, a row of vectors, one broadcast. Steps of the reduction
/// take as long as their multiply-adds or their loads, two of each at a time. Wide tiles read rows
/// of whole cache lines in a power of two and are a tenth faster than 8 x 3 or 4 x 3 vectors, so
/// others are for few columns.
static Tile chooseTile(int64_t m, int64_t n, int64_t lanes, const Machine &machine) {
  bool isLarge = machine.vectorRegisters >= 32;
  Tile wide{6, isLarge ? 4 : 2};
  // With four vectors fewer rows are as fast, and none are left over.
  if (isLarge && m % 6 != 0)
    wide.rows = m % 4 == 0 ? 4 : m % 5 == 0 ? 5 : 6;
  SmallVector<Tile> tiles{wide, {12, wide.vectors / 2}};
  if (isLarge)
    tiles.push_back({14, 1});
  Tile best = wide;
  double bestCost = 0;
  for (Tile tile : tiles) {
    double blocks =
        double(llvm::divideCeil(m, tile.rows)) * llvm::divideCeil(n, tile.vectors * lanes);
    double cost = blocks * std::max(tile.rows * tile.vectors, tile.rows + tile.vectors);
    if (bestCost == 0 || cost < bestCost * 0.9) {
      best = tile;
      bestCost = cost;
    }
  }
  return best;
}

/// Blocks of about the same size, multiples of `step`, of at most `most`.
static int64_t chooseBlock(std::optional<int64_t> trips, int64_t step, int64_t most) {
  most = std::max(most / step * step, step);
  if (!trips || *trips == 0)
    return most;
  int64_t blocks = llvm::divideCeil(*trips, most);
  return llvm::alignTo(llvm::divideCeil(*trips, blocks), step);
}

/// Steps of the reduction between which sums are kept in memory: a panel of the packed operand
/// stays in the first cache or little behind it.
static int64_t chooseDepth(std::optional<int64_t> k, int64_t m) {
  // With few rows, packing is most of the work.
  int64_t depth = m <= 64 ? 128 : 256;
  if (k && *k <= depth + depth / 2)
    return *k;
  return chooseBlock(k, 8, depth);
}

/// The axes of the data loops but `others`.
static SmallVector<std::string> dropAxes(ArrayRef<std::string> data, ArrayRef<StringRef> others) {
  SmallVector<std::string> rest;
  for (const std::string &axis : data)
    if (!llvm::is_contained(others, StringRef(axis)))
      rest.push_back(axis);
  return rest;
}

namespace {
/// What stands around the inner loops once they are arranged: the axis of the units of work, the
/// loop that they are in, and the reduction's axis in them.
struct Arrangement {
  std::string unit, place, step;
};
} // namespace

/// `outer` loops around `inner` ones; those that are shared among workers are one as far as that is
/// possible. With `hasBlocks` the reduction's blocks lie between both.
static std::optional<Arrangement> arrange(ContractionWriter &writer, ArrayRef<std::string> outer,
                                          ArrayRef<std::string> inner, const std::string &k,
                                          bool hasBlocks) {
  SmallVector<std::string> order(outer), hoisted{k + ".o"};
  order.append(inner.begin(), inner.end());
  hoisted.append(inner.begin(), inner.end());
  if (outer.size() > 1 && !writer.apply(ActionKind::Reorder, order))
    return std::nullopt;
  std::string unit = writer.fuse(outer);
  if (hasBlocks)
    return writer.apply(ActionKind::Reorder, hoisted)
               ? std::optional(Arrangement{unit, k + ".o", k + ".i"})
               : std::nullopt;
  bool isOne = StringRef(unit).ends_with(outer.back());
  return Arrangement{unit, isOne ? unit : outer.back(), k};
}

bool Contraction::apply(ScheduleState &state, MLIRContext *context, const Machine &machine) const {
  ContractionWriter writer(state, context);
  if (rows.empty())
    return applyColumns(writer, machine);
  return lines.empty() ? applyMatrix(writer, machine) : applyImage(writer, machine);
}

/// Each element of the matrix is used once: it is read row by row, several rows at a time, and the
/// sums of a block of columns stay in the first cache.
bool Contraction::applyColumns(ContractionWriter &writer, const Machine &machine) const {
  constexpr int64_t rowsAtOnce = 8, mostColumns = 2048;
  int64_t vectors = machine.vectorRegisters >= 32 ? 2 : 1;
  std::string k = writer.fuseReductions(reductions);
  if (k.empty() || !writer.split(columns, chooseBlock(n, lanes * vectors, mostColumns)) ||
      !writer.split(k, rowsAtOnce))
    return false;
  SmallVector<std::string> outer = dropAxes(data, {columns});
  outer.push_back(columns + ".o");
  std::optional<Arrangement> arranged =
      arrange(writer, outer, {columns + ".i"}, k, /*hasBlocks=*/true);
  if (!arranged)
    return false;
  writer.bindUnit(arranged->unit);
  return writer.apply(ActionKind::Accumulate, arranged->step, rowsAtOnce) &&
         writer.expand(columns + ".i", lanes, vectors);
}

bool Contraction::applyMatrix(ContractionWriter &writer, const Machine &machine) const {
  Tile tile = chooseTile(guess(m), guess(n), lanes, machine);
  int64_t width = tile.vectors * lanes, elementBytes = getElementBytes(machine);
  std::string k = writer.fuseReductions(reductions);
  // A block of the packed operand, and of the rows that use it, stay in the second cache.
  int64_t depth = chooseDepth(this->k, guess(m));
  bool hasBlocks = this->k != depth;
  int64_t most = machine.l2Bytes / 4 / (depth * elementBytes);
  int64_t rowBlock = chooseBlock(m, tile.rows, std::clamp<int64_t>(most, 96, 252));
  int64_t columnBlock = chooseBlock(n, width, std::max<int64_t>(most, 256));
  if (k.empty() || !writer.split(rows, rowBlock) || !writer.split(columns, columnBlock) ||
      !writer.split(rows + ".i", tile.rows) || !writer.split(columns + ".i", width) ||
      (hasBlocks && !writer.split(k, depth)))
    return false;
  // Others outermost, then blocks, panels of columns, tiles.
  SmallVector<std::string> outer = dropAxes(data, {rows, columns});
  outer.append({rows + ".o", columns + ".o"});
  SmallVector<std::string> inner{columns + ".i.o", rows + ".i.o", rows + ".i.i", columns + ".i.i"};
  std::optional<Arrangement> arranged = arrange(writer, outer, inner, k, hasBlocks);
  if (!arranged)
    return false;
  auto [unit, place, step] = *arranged;
  if (!writer.apply(ActionKind::Stage, {packed, place, inner[0], step, inner[3]}))
    return false;
  std::string copy = packed + ".";
  // Rows are copied whole; along the reduction, squares are transposed.
  if (!isTransposed)
    (void)writer.apply(ActionKind::Reorder, {copy + step, copy + inner[0], copy + inner[3]});
  (void)writer.apply(ActionKind::Pad, inner[3]);
  writer.bindUnit(unit);
  (void)writer.expand(copy + inner[3], lanes, isTransposed ? 1 : tile.vectors);
  if (isTransposed)
    (void)writer.expand(copy + step, 1, lanes);
  return writer.expand(inner[2], 1, tile.rows) && writer.expand(inner[3], lanes, tile.vectors);
}

/// Lines whose columns fill vectors best, of at most `most` columns.
static int64_t chooseLines(int64_t lines, int64_t columns, int64_t width, int64_t most) {
  int64_t best = 1;
  double bestCost = 0;
  for (int64_t count = 1; count <= lines && (count == 1 || count * columns <= most); ++count) {
    double cost =
        double(llvm::divideCeil(lines, count)) * (llvm::divideCeil(count * columns, width) + 0.25);
    if (bestCost == 0 || cost < bestCost) {
      best = count;
      bestCost = cost;
    }
  }
  return best;
}

bool Contraction::applyImage(ContractionWriter &writer, const Machine &machine) const {
  int64_t elementBytes = getElementBytes(machine);
  std::string k = writer.fuseReductions(reductions);
  int64_t depth = chooseDepth(this->k, 256);
  bool hasBlocks = this->k != depth;
  // What is packed stays in the second cache, and in pages that the processor knows at once: the
  // innermost loops go from page to page.
  constexpr long knownPages = 84 * 4096;
  int64_t most = std::max<int64_t>(
      std::min(machine.l2Bytes / 3, knownPages) / (depth * elementBytes), 4 * lanes);
  int64_t block = chooseLines(numLines, *n, lanes, most);
  Tile tile = chooseTile(guess(m), block * *n, lanes, machine);
  int64_t rowBlock = chooseBlock(m, tile.rows, 252);
  if (k.empty() || !writer.split(rows, rowBlock) || !writer.split(rows + ".i", tile.rows) ||
      !writer.split(lines, block) || (hasBlocks && !writer.split(k, depth)))
    return false;
  SmallVector<std::string> outer = dropAxes(data, {rows, columns, lines});
  outer.append({lines + ".o", rows + ".o"});
  SmallVector<std::string> inner{rows + ".i.o", rows + ".i.i", lines + ".i", columns};
  std::optional<Arrangement> arranged = arrange(writer, outer, inner, k, hasBlocks);
  if (!arranged)
    return false;
  auto [unit, place, step] = *arranged;
  if (!writer.apply(ActionKind::Stage, {packed, place, step, inner[2], columns}))
    return false;
  // As they are packed the columns of all lines are one row.
  std::string pixels = writer.fuse({inner[2], columns});
  if (!writer.split(pixels, tile.vectors * lanes) ||
      !writer.apply(ActionKind::Reorder, {pixels + ".o", inner[0], inner[1], pixels + ".i"}))
    return false;
  writer.bindUnit(unit);
  (void)writer.expand(packed + "." + columns, lanes,
                      std::clamp<int64_t>(llvm::divideCeil(*n, lanes), 1, 4));
  return writer.expand(inner[1], 1, tile.rows) && writer.expand(pixels + ".i", lanes, tile.vectors);
}
