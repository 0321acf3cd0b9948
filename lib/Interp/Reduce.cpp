//===- Reduce.cpp - Reductions and scans ------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A reduction is a balanced tree over blocks of neighbors, then a running combination of the
// blocks: fixed, and accurate in narrow types. Sums that carry bounds are plain f64 sums, whose
// tolerance allows for any order.
//
//===----------------------------------------------------------------------===//

#include "Evaluator.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace tg;
using namespace tg::interp;

using Nodes = llvm::SmallVector<NodePtr>;

namespace {
/// Arrays of states: for each of the combiner's operands up to a block of elements and bounds.
class States {
public:
  States(const Combiner &combiner, bool bounded, size_t capacity = blockSize)
      : combiner(&combiner), bounded(bounded), capacity(capacity),
        memory(new char[combiner.size() * capacity * 2 * sizeof(double)]) {}

  unsigned width(unsigned i) const {
    return bounded && isFloat(combiner->getType(i)) ? sizeof(double)
                                                    : elementBytes(combiner->getType(i));
  }
  char *data(unsigned i) const { return memory.get() + i * capacity * 2 * sizeof(double); }
  double *bounds(unsigned i) const {
    return reinterpret_cast<double *>(data(i) + capacity * sizeof(double));
  }

  /// state[to + j * toStep] = from[first + j * step] for j < n.
  void copyFrom(const States &from, size_t first, size_t step, size_t to, size_t n,
                size_t toStep = 1) {
    for (unsigned i = 0; i < combiner->size(); ++i)
      copyFrom(i, from.data(i), from.bounds(i), first, step, to, n, toStep);
  }
  void copyFrom(unsigned i, const void *source, const double *sourceBounds, size_t first,
                size_t step, size_t to, size_t n, size_t toStep = 1) {
    copyElements(width(i), source, first, step, data(i), to, toStep, n);
    if (bounded)
      copyElements(8, sourceBounds, first, step, bounds(i), to, toStep, n);
  }
  static void copyElements(unsigned width, const void *source, size_t first, size_t step,
                           void *target, size_t to, size_t toStep, size_t n) {
    auto copyAs = [&](auto zero) {
      using T = decltype(zero);
      const T *from = static_cast<const T *>(source) + first;
      T *out = static_cast<T *>(target) + to;
      for (size_t j = 0; j < n; ++j)
        out[j * toStep] = from[j * step];
    };
    switch (width) {
    case 1:
      return copyAs(uint8_t(0));
    case 2:
      return copyAs(uint16_t(0));
    case 4:
      return copyAs(uint32_t(0));
    default:
      return copyAs(uint64_t(0));
    }
  }

  /// this[j] = combine(lhs[lhsFirst + j], rhs[j]) for j < n.
  void combine(const States &lhs, const States &rhs, size_t n, std::optional<double> slack) {
    SmallVector<BoundedArray, 4> a, b;
    SmallVector<void *, 4> results;
    SmallVector<double *, 4> resultBounds;
    for (unsigned i = 0; i < combiner->size(); ++i) {
      a.push_back({lhs.data(i), lhs.bounds(i)});
      b.push_back({rhs.data(i), rhs.bounds(i)});
      results.push_back(data(i));
      resultBounds.push_back(bounds(i));
    }
    combiner->apply(a, b, results, resultBounds, n, slack);
  }

  void fillIdentity(size_t n) {
    for (unsigned i = 0; i < combiner->size(); ++i) {
      uint64_t bits = combiner->getIdentity(i);
      if (bounded && isFloat(combiner->getType(i))) {
        const uint64_t narrow = bits;
        const void *operands[] = {&narrow};
        evalElementwise(uop::ElementwiseKind::Cast, combiner->getType(i), DType::F64, operands,
                        &bits, 1);
      }
      for (size_t j = 0; j < n; ++j)
        std::memcpy(data(i) + j * width(i), &bits, width(i));
      std::fill_n(bounds(i), n, 0.0);
    }
  }

  /// Writes n states to materialized nodes from element `first` on.
  void store(ArrayRef<NodePtr> nodes, int64_t first, size_t n, size_t step = 1) const {
    for (unsigned i = 0; i < combiner->size(); ++i) {
      const Storage &storage = nodes[i]->storage;
      copyElements(width(i), data(i), 0, 1, storage.mutableData(), first, step, n);
      if (bounded)
        copyElements(8, bounds(i), 0, 1, storage.mutableBounds(), first, step, n);
    }
  }

private:
  const Combiner *combiner;
  bool bounded;
  size_t capacity;
  std::unique_ptr<char[]> memory;
};

/// Reduces rows of neighbors to one state each, level by level of a tree.
class RowReducer {
public:
  RowReducer(const Combiner &combiner, bool bounded, std::optional<double> slack)
      : slack(slack), current(combiner, bounded), next(combiner, bounded), lhs(combiner, bounded),
        rhs(combiner, bounded), combined(combiner, bounded) {}

  States &getRows() { return current; }

  /// `rows` rows of `length` states each lie in getRows(); afterwards one state per row.
  void reduce(size_t rows, size_t length) {
    while (length > 1) {
      size_t half = length / 2, left = half + length % 2;
      for (size_t row = 0; row < rows; ++row) {
        lhs.copyFrom(current, row * length, 2, row * half, half);
        rhs.copyFrom(current, row * length + 1, 2, row * half, half);
      }
      combined.combine(lhs, rhs, rows * half, slack);
      for (size_t row = 0; row < rows; ++row) {
        next.copyFrom(combined, row * half, 1, row * left, half);
        if (length % 2)
          next.copyFrom(current, row * length + length - 1, 1, row * left + half, 1);
      }
      std::swap(current, next);
      length = left;
    }
  }

private:
  std::optional<double> slack;
  States current, next, lhs, rhs, combined;
};
} // namespace

/// How much the rounding errors of a combiner region grow when a device combines one by one
/// instead of in a tree.
static std::optional<double> slackOf(const Combiner &combiner, bool bounded, int64_t length) {
  if (!bounded)
    return std::nullopt;
  double slack = 1;
  for (unsigned i = 0; i < combiner.size(); ++i)
    if (!combiner.getKind() && isFloat(combiner.getType(i)) && length > 1)
      slack = std::max(slack, getRunningSumFactor(length, combiner.getType(i)) /
                                  std::max(1.0, std::log2(double(length))));
  return slack;
}

/// sum |x| as an exact sum of small integers rounds nowhere, in any order.
static bool isExactSum(double magnitude, bool integral, unsigned precision) {
  return integral && magnitude <= std::ldexp(1.0, precision);
}

/// How many terms of a sum share the errors of one element at most: a value that is expanded along
/// the reduced axes is wrong in the same way everywhere.
static double countShared(const Tape &tape, unsigned numReduced) {
  double most = 1;
  for (const TapeInstr &instr : tape.code) {
    if (instr.kind != TapeInstr::Kind::Load || !instr.source->storage.bounds)
      continue;
    if (const IndexInstr *offset = tape.getLinearOffset(instr))
      most = std::max(most, getSharing(tape, *offset, numReduced));
  }
  return most;
}

namespace {
/// A sum in f64 and what decides its tolerance.
struct BoundedSum {
  double value = 0, bounds = 0, squares = 0;
  /// The sum of the finite |x|.
  double magnitude = 0;
  bool isIntegral = true, isNegativeZero = true;
  /// A few values again and again may be rounded the same way each time: such errors add up.
  std::array<double, 4> known;
  unsigned numKnown = 0;
  bool isVaried = false;
  double count = 0;

  void add(double x, double e) {
    ++count;
    if (!isVaried &&
        std::find(known.begin(), known.begin() + numKnown, x) == known.begin() + numKnown) {
      isVaried = numKnown == known.size();
      if (!isVaried)
        known[numKnown++] = x;
    }
    value += x;
    isNegativeZero &= x == 0 && std::signbit(x);
    bounds += e;
    squares += e * e;
    if (std::isfinite(x))
      magnitude += std::fabs(x) + e;
    isIntegral &= std::trunc(x) == x;
  }

  /// `shared` terms may be wrong together, the others independently of each other.
  double getTolerance(double shared, double factor, const FloatInfo &info) const {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    double bound = std::min(bounds, std::sqrt(squares * shared));
    // Another order may overflow on the way, and inf - inf is NaN.
    bool mayOverflow = magnitude >= info.largest;
    if (!std::isfinite(value))
      return bounds == infinity || (mayOverflow && !std::isnan(value)) ? infinity : 0;
    // Only from zeros of either sign may follow anything but a zero: as good as a tiny number.
    if (isNegativeZero)
      return std::max(bound, info.smallest / 2);
    if (!isVaried && count > known.size())
      factor = std::max(factor, getRepeatedFactor(count, info));
    if (bound != 0 || !isExactSum(magnitude, isIntegral, info.precision)) {
      bound += factor * info.unitRoundoff * magnitude;
      if (info.isNarrow())
        bound += info.unitRoundoff * (std::fabs(value) + bound);
    }
    if (info.isNarrow()) // What is added up in f32 overflows at the end only.
      mayOverflow = std::fabs(value) + bound >= info.largest || magnitude >= 0x1p127;
    return std::isnan(bound) || mayOverflow ? infinity : bound;
  }
};

/// A product in f64 and what decides its tolerance.
struct BoundedProduct {
  double value = 1, relative = 0;
  /// The products of the factors above and below 1: the largest and smallest that some order meets.
  double largest = 1, smallest = 1;
  bool hasNaN = false;

  void add(double x, double e) {
    value *= x;
    hasNaN |= std::isnan(x) && e == 0;
    relative += e == 0 ? 0 : e / std::fabs(x);
    largest *= std::max(std::fabs(x) + e, 1.0);
    if (x != 0)
      smallest *= std::min(std::fabs(x), 1.0);
  }

  double getTolerance(double, double factor, const FloatInfo &info) const {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (hasNaN)
      return 0;
    // Overflow, and rounding below the normal numbers, depend on the order.
    double normal = info.smallest / info.unitRoundoff;
    if (!(largest < info.largest) || !(smallest > normal) || !(relative < 0.5))
      return infinity;
    // Narrow types are multiplied in f32, and their result is rounded.
    if (info.isNarrow())
      ++factor;
    return 2 * std::fabs(value) * (relative + factor * info.unitRoundoff);
  }
};
} // namespace

template <typename Accumulator>
void Evaluator::accumulateRows(const Tape &tape, unsigned numReduced, const NodePtr &result) {
  int64_t length = tape.domainSize() / result->numElements;
  double *out = static_cast<double *>(result->storage.mutableData());
  double *bounds = result->storage.mutableBounds();
  FloatInfo info = getFloatInfo(result->dtype);
  double factor = getSumFactor(length, result->dtype), shared = countShared(tape, numReduced);
  forPieces(result->numElements, [&](int64_t begin, int64_t end) {
    TapeRunner runner(tape);
    Accumulator sum;
    int64_t last = end * length;
    for (int64_t position = begin * length, inRow = 0, row = begin; position < last;) {
      size_t count = std::min<int64_t>(blockSize, last - position);
      runner.run(position, count);
      const auto *x = static_cast<const double *>(runner.getData(0));
      const double *e = runner.getBounds(0);
      for (size_t j = 0; j < count; ++j) {
        sum.add(x[j], e[j]);
        if (++inRow < length)
          continue;
        out[row] = sum.value;
        bounds[row] = sum.getTolerance(shared, factor, info);
        sum = Accumulator();
        inRow = 0;
        ++row;
      }
      position += count;
    }
  });
}

/// Sums and products of narrow floats are taken in a wider type and rounded once.
void Evaluator::reduceNarrow(const Tape &tape, bool isSum, int64_t length, const NodePtr &result) {
  forPieces(result->numElements, [&](int64_t begin, int64_t end) {
    TapeRunner runner(tape);
    double total = isSum ? -0.0 : 1.0;
    for (int64_t position = begin * length, inRow = 0, row = begin; position < end * length;) {
      size_t count = std::min<int64_t>(blockSize, end * length - position);
      runner.run(position, count);
      for (size_t j = 0; j < count; ++j) {
        double x = loadAsDouble(result->dtype, runner.getData(0), j);
        total = isSum ? total + x : total * x;
        if (++inRow < length)
          continue;
        const void *operands[] = {&total};
        uint64_t bits = 0;
        evalElementwise(uop::ElementwiseKind::Cast, DType::F64, result->dtype, operands, &bits, 1);
        unsigned width = elementBytes(result->dtype);
        std::memcpy(static_cast<char *>(result->storage.mutableData()) + row++ * width, &bits,
                    width);
        total = isSum ? -0.0 : 1.0;
        inRow = 0;
      }
      position += count;
    }
  });
}

void Evaluator::reduceRows(const Combiner &combiner, const Tape &tape, int64_t length,
                           ArrayRef<NodePtr> results) {
  int64_t rows = results.front()->numElements;
  std::optional<double> slack = slackOf(combiner, isBounded(), length);
  // Several short rows at a time, or a long row in pieces.
  int64_t group = std::max<int64_t>(1, int64_t(blockSize) / length);
  auto loadRows = [&](TapeRunner &runner, RowReducer &reducer, int64_t first, size_t count) {
    runner.run(first, count);
    for (unsigned i = 0; i < combiner.size(); ++i)
      reducer.getRows().copyFrom(i, runner.getData(i), isBounded() ? runner.getBounds(i) : nullptr,
                                 0, 1, 0, count);
  };
  forPieces((rows + group - 1) / group, [&](int64_t begin, int64_t end) {
    TapeRunner runner(tape);
    RowReducer reducer(combiner, isBounded(), slack);
    States total(combiner, isBounded()), sum(combiner, isBounded());
    for (int64_t row = begin * group; row < std::min(end * group, rows);) {
      if (length <= int64_t(blockSize)) {
        int64_t count = std::min(group, rows - row);
        loadRows(runner, reducer, row * length, count * length);
        reducer.reduce(count, length);
        reducer.getRows().store(results, row, count);
        row += count;
        continue;
      }
      for (int64_t done = 0; done < length; done += blockSize) {
        size_t count = std::min<int64_t>(blockSize, length - done);
        loadRows(runner, reducer, row * length + done, count);
        reducer.reduce(1, count);
        if (done == 0) {
          total.copyFrom(reducer.getRows(), 0, 1, 0, 1);
        } else {
          sum.combine(total, reducer.getRows(), 1, slack);
          std::swap(sum, total);
        }
      }
      total.store(results, row, 1);
      ++row;
    }
  });
}

rt::Result<Nodes> Evaluator::reduce(const Combiner &combiner, ArrayRef<NodePtr> inputs,
                                    ArrayRef<int64_t> axes) {
  // The domain: the kept axes, then the reduced ones.
  const Node &first = *inputs.front();
  Shape shape, extents;
  SmallVector<AffineExpr> index(first.shape.size());
  for (size_t axis = 0; axis < first.shape.size(); ++axis)
    if (!llvm::is_contained(axes, int64_t(axis))) {
      index[axis] = getAffineDimExpr(shape.size(), context);
      shape.push_back(first.shape[axis]);
    }
  extents = shape;
  int64_t length = 1;
  for (int64_t axis : axes) {
    index[axis] = getAffineDimExpr(extents.size(), context);
    extents.push_back(first.shape[axis]);
    length *= first.shape[axis];
  }
  Nodes results;
  for (unsigned i = 0; i < combiner.size(); ++i) {
    auto result = allocate(combiner.getType(i), shape);
    if (!result)
      return result.status();
    results.push_back(*result);
  }
  int64_t count = results.front()->numElements;
  if (count == 0)
    return results;
  if (length == 0) {
    States identity(combiner, isBounded());
    identity.fillIdentity(1);
    for (int64_t i = 0; i < count; ++i)
      identity.store(results, i, 1);
    return results;
  }
  auto tape = compile(inputs, extents, index);
  if (!tape)
    return tape.status();
  bool isSum = combiner.getKind() == uop::CombineKind::Add;
  bool isProduct = combiner.getKind() == uop::CombineKind::Mul;
  bool isBoundedFloat = isBounded() && isFloat(first.dtype);
  if (isSum && contract(*tape, axes.size(), results.front()))
    ;
  else if (isSum && isBoundedFloat)
    accumulateRows<BoundedSum>(*tape, axes.size(), results.front());
  else if (isProduct && isBoundedFloat)
    accumulateRows<BoundedProduct>(*tape, axes.size(), results.front());
  else if ((isSum || isProduct) && isFloat(first.dtype) && elementBytes(first.dtype) < 4)
    reduceNarrow(*tape, isSum, length, results.front());
  else
    reduceRows(combiner, *tape, length, results);
  for (const NodePtr &result : results)
    setElements(result, result->storage);
  return results;
}

rt::Result<Nodes> Evaluator::scan(const Combiner &combiner, ArrayRef<NodePtr> inputs, int64_t axis,
                                  bool exclusive, bool reverse) {
  ArrayRef<int64_t> shape = inputs.front()->shape;
  int64_t length = shape[axis], outer = countElements(shape.take_front(axis));
  int64_t inner = countElements(shape.drop_front(axis + 1));
  Nodes results;
  for (unsigned i = 0; i < combiner.size(); ++i) {
    auto result = allocate(combiner.getType(i), shape);
    if (!result)
      return result.status();
    results.push_back(*result);
  }
  if (outer * length * inner == 0)
    return results;
  // Elements in the order of the scan, through a tape (which also widens), a block of neighbors on
  // the inner axes at a time.
  SmallVector<AffineExpr> index = uop::Access::identity(context, shape.size()).indices;
  auto tape = compile(inputs, shape, index);
  if (!tape)
    return tape.status();
  std::optional<double> slack = slackOf(combiner, isBounded(), length);
  bool isSum =
      isBounded() && combiner.getKind() == uop::CombineKind::Add && isFloat(combiner.getType(0));
  double unit = isSum ? getFloatInfo(combiner.getType(0)).unitRoundoff : 0;
  // A block holds several short steps, or a piece of a long one.
  int64_t width = std::min<int64_t>(inner, blockSize), pieces = (inner + width - 1) / width;
  int64_t stepsPerBlock = pieces > 1 ? 1 : std::max<int64_t>(1, int64_t(blockSize) / width);
  forPieces(outer * pieces, [&](int64_t begin, int64_t end) {
    TapeRunner runner(*tape);
    States total(combiner, isBounded()), element(combiner, isBounded()), sum(combiner, isBounded());
    double magnitude[blockSize], bound[blockSize];
    for (int64_t piece = begin; piece < end; ++piece) {
      int64_t start = (piece / pieces) * length * inner + (piece % pieces) * width;
      size_t count = std::min<int64_t>(width, inner - (piece % pieces) * width);
      int64_t loaded = -1;
      total.fillIdentity(count);
      std::fill_n(magnitude, count, 0.0);
      std::fill_n(bound, count, 0.0);
      for (int64_t i = 0; i < length; ++i) {
        int64_t step = reverse ? length - 1 - i : i, position = start + step * inner;
        if (int64_t block = step / stepsPerBlock; block != loaded) {
          int64_t steps = std::min(stepsPerBlock, length - block * stepsPerBlock);
          runner.run(start + block * stepsPerBlock * inner, (steps - 1) * inner + count);
          loaded = block;
        }
        for (unsigned k = 0; k < combiner.size(); ++k)
          element.copyFrom(k, runner.getData(k), isBounded() ? runner.getBounds(k) : nullptr,
                           (step % stepsPerBlock) * inner, 1, 0, count);
        if (exclusive)
          total.store(results, position, count);
        if (isSum)
          for (size_t j = 0; j < count; ++j) {
            bound[j] += element.bounds(0)[j];
            magnitude[j] +=
                std::fabs(reinterpret_cast<double *>(element.data(0))[j]) + element.bounds(0)[j];
          }
        // The first element is the first state, without the identity's rounding.
        if (i == 0) {
          std::swap(total, element);
        } else {
          sum.combine(total, element, count, slack);
          std::swap(total, sum);
        }
        if (isSum && i > 0) {
          // In any order, as for a reduction.
          double factor = getRunningSumFactor(i + 1, combiner.getType(0)) * unit;
          for (size_t j = 0; j < count; ++j)
            if (total.bounds(0)[j] != 0)
              total.bounds(0)[j] = std::max(total.bounds(0)[j], bound[j] + factor * magnitude[j]);
        }
        if (!exclusive)
          total.store(results, position, count);
      }
    }
  });
  for (const NodePtr &result : results)
    setElements(result, result->storage);
  return results;
}
