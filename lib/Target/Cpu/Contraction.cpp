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
    reads.push_back({load, argument ? "in" + std::to_string(argument.getArgNumber()) : ""});
  });
  if (reads.size() != 2 || reads[0].operand.empty() || reads[1].operand.empty() ||
      reads[0].operand == reads[1].operand)
    return std::nullopt;
  // Results lie along the columns.
  AffineForOp columns;
  for (auto store : data.back().getBody()->getOps<memref::StoreOp>())
    for (AffineForOp loop : llvm::reverse(data))
      if (!columns && getStride(store.getIndices().front(), loop.getInductionVar()) == 1)
        columns = loop;
  if (!columns)
    return std::nullopt;
  if (reads[0].strideOf(columns) != 0)
    std::swap(reads[0], reads[1]);
  Read &broadcast = reads[0], &packed = reads[1];
  if (broadcast.strideOf(columns) != 0 || packed.strideOf(columns) == 0)
    return std::nullopt;
  AffineForOp rows;
  for (AffineForOp loop : llvm::reverse(data))
    if (!rows && loop != columns && packed.strideOf(loop) == 0 && broadcast.strideOf(loop) != 0)
      rows = loop;
  if (!rows)
    return std::nullopt;
  Contraction found;
  found.lanes = machine.vectorBits / type.getWidth();
  found.packed = packed.operand;
  found.rows = getAxis(rows).str();
  found.columns = getAxis(columns).str();
  found.m = getTrips(rows);
  found.n = getTrips(columns);
  found.k = countTrips(reductions);
  for (AffineForOp loop : data)
    found.data.push_back(getAxis(loop).str());
  for (AffineForOp loop : reductions)
    found.reductions.push_back(getAxis(loop).str());
  if (llvm::is_contained(found.data, "") || llvm::is_contained(found.reductions, ""))
    return std::nullopt;
  found.isTransposed = packed.strideOf(columns) != 1 && packed.strideOf(reductions.back()) == 1;
  // Every packed element should be used several times, and tiles be mostly full.
  if (guess(found.m) < 8 || guess(found.n) < found.lanes / 2 || guess(found.k) < 16)
    return std::nullopt;
  // A matrix that stays in the cache, row by row, is as good where it is.
  int64_t bytes = guess(found.k) * guess(found.n) * (type.getWidth() / 8);
  bool isPlain = packed.strideOf(columns) == 1 && !packed.isGuarded();
  if (isPlain && bytes <= machine.l2Bytes / 2)
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

/// Applies actions until one is not possible.
class Writer {
public:
  Writer(ScheduleState &state, MLIRContext *context) : state(state), context(context) {}

  bool apply(ActionKind kind, ArrayRef<std::string> axes, int64_t amount = 0) {
    SmallVector<StringRef> names(axes.begin(), axes.end());
    return state.apply(ActionAttr::get(context, kind, ArrayRef(names), amount)).empty();
  }
  bool split(const std::string &axis, int64_t size) { return apply(ActionKind::Split, axis, size); }

private:
  ScheduleState &state;
  MLIRContext *context;
};
} // namespace

/// The tile that the sums take least time in: steps of a reduction take as long as their multiply-
/// adds or their loads, two of each at a time, and edges cost as much as whole tiles.
static Tile chooseTile(const Contraction &found, const Machine &machine) {
  // Without spills, as measured: accumulators, a row of vectors, one broadcast.
  constexpr Tile large[] = {{6, 4}, {8, 3}, {9, 3}, {14, 2}, {14, 1}};
  constexpr Tile small[] = {{6, 2}, {4, 3}, {12, 1}};
  ArrayRef<Tile> tiles = machine.vectorRegisters >= 32 ? ArrayRef(large) : ArrayRef(small);
  Tile best = tiles.front();
  double bestCost = 0;
  for (Tile tile : tiles) {
    double blocks = double(llvm::divideCeil(guess(found.m), tile.rows)) *
                    llvm::divideCeil(guess(found.n), tile.vectors * found.lanes);
    double cost = blocks * std::max(tile.rows * tile.vectors, tile.rows + tile.vectors);
    if (bestCost == 0 || cost < bestCost * 0.97) {
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

bool Contraction::apply(ScheduleState &state, MLIRContext *context, const Machine &machine) const {
  Writer writer(state, context);
  Tile tile = chooseTile(*this, machine);
  int64_t width = tile.vectors * lanes, elementBytes = machine.vectorBits / 8 / lanes;
  // One loop over all that is added up.
  std::string k = reductions.back();
  for (const std::string &outer : llvm::reverse(ArrayRef(reductions).drop_back())) {
    if (!writer.apply(ActionKind::Fuse, {outer, k}))
      return false;
    k = outer + "_" + k;
  }
  // A panel of the packed operand stays in the first cache or little behind it, a block of it and
  // the rows that use it in the second one.
  int64_t depth = 256,
          mostRows = std::max<int64_t>(machine.l2Bytes / 4 / (depth * elementBytes), 96);
  int64_t mostColumns = std::max<int64_t>(machine.l2Bytes / 4 / (depth * elementBytes), 256);
  if (k.size() && this->k && *this->k <= depth + depth / 2)
    depth = *this->k;
  bool hasBlocks = !this->k || *this->k > depth;
  if (hasBlocks && this->k)
    depth = chooseBlock(this->k, 8, depth);
  int64_t rowBlock = chooseBlock(m, tile.rows, std::min<int64_t>(mostRows, 252));
  int64_t columnBlock = chooseBlock(n, width, mostColumns);
  if (!writer.split(rows, rowBlock) || !writer.split(columns, columnBlock) ||
      !writer.split(rows + ".i", tile.rows) || !writer.split(columns + ".i", width) ||
      (hasBlocks && !writer.split(k, depth)))
    return false;
  // Others outermost, then blocks, panels of columns, tiles.
  SmallVector<std::string> outer, order;
  for (const std::string &axis : data)
    if (axis != rows && axis != columns)
      outer.push_back(axis);
  outer.append({rows + ".o", columns + ".o"});
  SmallVector<std::string> inner{columns + ".i.o", rows + ".i.o", rows + ".i.i", columns + ".i.i"};
  order.append(outer);
  order.append(inner);
  if (!writer.apply(ActionKind::Reorder, order))
    return false;
  // Workers share all blocks.
  std::string unit = outer.front(), place = outer.back();
  for (const std::string &next : ArrayRef(outer).drop_front()) {
    if (!writer.apply(ActionKind::Fuse, {unit, next}))
      break;
    unit += "_" + next;
    if (next == outer.back())
      place = unit;
  }
  std::string step = k;
  if (hasBlocks) {
    SmallVector<std::string> hoisted{k + ".o"};
    hoisted.append(inner);
    if (!writer.apply(ActionKind::Reorder, hoisted))
      return false;
    place = k + ".o";
    step = k + ".i";
  }
  if (!writer.apply(ActionKind::Stage, {packed, place, inner[0], step, inner[3]}))
    return false;
  std::string copyPanel = packed + "." + inner[0], copyStep = packed + "." + step,
              copyColumn = packed + "." + inner[3];
  // Rows are copied whole; along the reduction, squares are transposed.
  if (!isTransposed)
    (void)writer.apply(ActionKind::Reorder, {copyStep, copyPanel, copyColumn});
  bool isPadded = writer.apply(ActionKind::Pad, inner[3]);
  (void)isPadded;
  (void)writer.apply(ActionKind::Bind, unit, static_cast<int64_t>(BindTarget::Unit));
  if (tile.rows > 1 && !writer.apply(ActionKind::Unroll, inner[2], tile.rows))
    return false;
  if (!writer.apply(ActionKind::Vectorize, inner[3], lanes))
    return false;
  (void)writer.apply(ActionKind::Vectorize, copyColumn, lanes);
  if (tile.vectors > 1) {
    if (!writer.apply(ActionKind::Unroll, inner[3], tile.vectors))
      return false;
    if (!isTransposed)
      (void)writer.apply(ActionKind::Unroll, copyColumn, tile.vectors);
  }
  if (isTransposed)
    (void)writer.apply(ActionKind::Unroll, copyStep, lanes);
  return true;
}
