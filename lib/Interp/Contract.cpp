//===- Contract.cpp - Sums over a product of two loads ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Matrix products and convolutions: result[i] = sum over k of a[f(i, k)] * b[g(i, k)] with f and g
// linear. The result's axes fall into those that move only `a`, only `b`, both (a batch) or
// neither, so panels of both operands are copied together and multiplied as matrices:
//
//   C[m][n] += B[m][k] * A[k][n]
//
//===----------------------------------------------------------------------===//

#include "Evaluator.h"

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace tg;
using namespace tg::interp;

namespace {
/// A panel is at most this many sums wide and this many terms deep.
constexpr int64_t panelWidth = 256, panelDepth = 256;

/// Longer sums are left to the general path, which keeps no table of offsets.
constexpr int64_t maxTerms = int64_t(1) << 22;

/// Offsets of every index of a group of axes, row-major.
struct Group {
  std::vector<int64_t> a{0}, b{0}, result{0};

  void addAxis(int64_t size, int64_t stepA, int64_t stepB, int64_t stepResult) {
    auto extend = [&](std::vector<int64_t> &offsets, int64_t step) {
      std::vector<int64_t> extended;
      extended.reserve(offsets.size() * size);
      for (int64_t offset : offsets)
        for (int64_t i = 0; i < size; ++i)
          extended.push_back(offset + i * step);
      offsets = std::move(extended);
    };
    extend(a, stepA);
    extend(b, stepB);
    extend(result, stepResult);
  }
  int64_t size() const { return a.size(); }
};

struct Contraction {
  const Storage *a, *b;
  int64_t startA, startB;
  Group batch, wide, tall, terms;
};

/// C[m][n] += B[m][k] * A[k][n]; rows of C are `panelWidth` apart.
template <typename T>
void multiply(const T *a, const T *b, T *c, int64_t rows, int64_t columns, int64_t depth) {
  // Eight accumulators of 16 bytes: they fit any machine's vector registers.
  constexpr int64_t rowTile = 4, columnTile = 32 / sizeof(T);
  int64_t m = 0;
  for (; m + rowTile <= rows; m += rowTile) {
    int64_t n = 0;
    for (; n + columnTile <= columns; n += columnTile) {
      T sum[rowTile][columnTile] = {};
      for (int64_t k = 0; k < depth; ++k)
        for (int64_t i = 0; i < rowTile; ++i)
          for (int64_t j = 0; j < columnTile; ++j)
            sum[i][j] += b[(m + i) * panelDepth + k] * a[k * panelWidth + n + j];
      for (int64_t i = 0; i < rowTile; ++i)
        for (int64_t j = 0; j < columnTile; ++j)
          c[(m + i) * panelWidth + n + j] += sum[i][j];
    }
    for (; n < columns; ++n)
      for (int64_t i = 0; i < rowTile; ++i) {
        T sum = 0;
        for (int64_t k = 0; k < depth; ++k)
          sum += b[(m + i) * panelDepth + k] * a[k * panelWidth + n];
        c[(m + i) * panelWidth + n] += sum;
      }
  }
  for (; m < rows; ++m) {
    T sum[panelWidth] = {};
    for (int64_t k = 0; k < depth; ++k)
      for (int64_t n = 0; n < columns; ++n)
        sum[n] += b[m * panelDepth + k] * a[k * panelWidth + n];
    for (int64_t n = 0; n < columns; ++n)
      c[m * panelWidth + n] += sum[n];
  }
}

/// Calls `body(first of batch, first sum, sums)` for every panel of sums.
template <typename Body>
void forPanels(const Contraction &c, int64_t begin, int64_t end, Body body) {
  int64_t perBatch = (c.wide.size() + panelWidth - 1) / panelWidth;
  for (int64_t unit = begin; unit < end; ++unit) {
    int64_t n = unit % perBatch * panelWidth;
    body(unit / perBatch, n, std::min(panelWidth, c.wide.size() - n));
  }
}

template <typename T> struct Panels {
  explicit Panels(const Contraction &c)
      : a(panelDepth * panelWidth), b(c.tall.size() * panelDepth), c(c.tall.size() * panelWidth) {}
  std::vector<T> a, b, c;
};

/// Copies a panel of each operand through `readA(offset)` and `readB(offset)`.
template <typename T, typename ReadA, typename ReadB>
void pack(const Contraction &c, Panels<T> &panels, int64_t batch, int64_t n, int64_t columns,
          int64_t k, int64_t depth, ReadA readA, ReadB readB) {
  int64_t startA = c.startA + c.batch.a[batch], startB = c.startB + c.batch.b[batch];
  for (int64_t i = 0; i < depth; ++i)
    for (int64_t j = 0; j < columns; ++j)
      panels.a[i * panelWidth + j] = readA(startA + c.terms.a[k + i] + c.wide.a[n + j]);
  for (int64_t m = 0; m < c.tall.size(); ++m)
    for (int64_t i = 0; i < depth; ++i)
      panels.b[m * panelDepth + i] = readB(startB + c.terms.b[k + i] + c.tall.b[m]);
}

template <typename T> void contractAs(const Contraction &c, T *out, int64_t begin, int64_t end) {
  Panels<T> panels(c);
  const T *a = static_cast<const T *>(c.a->data), *b = static_cast<const T *>(c.b->data);
  forPanels(c, begin, end, [&](int64_t batch, int64_t n, int64_t columns) {
    std::fill(panels.c.begin(), panels.c.end(), T(0));
    for (int64_t k = 0; k < c.terms.size(); k += panelDepth) {
      int64_t depth = std::min(panelDepth, c.terms.size() - k);
      pack(
          c, panels, batch, n, columns, k, depth, [&](int64_t i) { return a[i]; },
          [&](int64_t i) { return b[i]; });
      multiply(panels.a.data(), panels.b.data(), panels.c.data(), c.tall.size(), columns, depth);
    }
    for (int64_t m = 0; m < c.tall.size(); ++m)
      for (int64_t j = 0; j < columns; ++j)
        out[c.batch.result[batch] + c.tall.result[m] + c.wide.result[n + j]] =
            panels.c[m * panelWidth + j];
  });
}

/// Elements of a float operand as f64, wide or not.
class WideReader {
public:
  WideReader(const Storage &storage, DType dtype, int64_t count) : bounds(storage.bounds) {
    if (storage.isWide) {
      values = static_cast<const double *>(storage.data);
      return;
    }
    auto memory = allocateArray(count, sizeof(double));
    if (!memory)
      return;
    owner = *memory;
    const void *operands[] = {storage.data};
    evalElementwise(uop::ElementwiseKind::Cast, dtype, DType::F64, operands, owner.get(), count);
    values = static_cast<const double *>(owner.get());
  }
  bool isValid() const { return values; }
  double value(int64_t i) const { return values[i]; }
  double bound(int64_t i) const { return bounds ? bounds[i] : 0; }
  bool hasBounds() const { return bounds; }
  bool isIntegral(int64_t count) const {
    return std::all_of(values, values + count, [](double x) { return std::trunc(x) == x; });
  }

private:
  std::shared_ptr<void> owner;
  const double *values = nullptr, *bounds;
};

/// How the errors of a contraction add up: those of the operands like independent ones, those of
/// the arithmetic by the magnitude of the products.
struct ErrorModel {
  FloatInfo info;
  /// Rounding errors per |a| * |b|.
  double factor;
  /// Terms that share an element of each operand, and so its error.
  double sharedA, sharedB;
  /// All values are integers without error.
  bool isIntegral;
};

class BoundedContraction {
public:
  BoundedContraction(const Contraction &c, const WideReader &a, const WideReader &b,
                     const ErrorModel &model)
      : c(c), a(a), b(b), model(model), values(c), magnitudes(c), errors(c) {}

  void run(double *out, double *bounds, int64_t begin, int64_t end) {
    forPanels(c, begin, end, [&](int64_t batch, int64_t n, int64_t columns) {
      for (auto *panels : {&values, &magnitudes, &errors})
        std::fill(panels->c.begin(), panels->c.end(), 0.0);
      for (int64_t k = 0; k < c.terms.size(); k += panelDepth)
        addTerms(batch, n, columns, k, std::min(panelDepth, c.terms.size() - k));
      for (int64_t m = 0; m < c.tall.size(); ++m)
        for (int64_t j = 0; j < columns; ++j) {
          int64_t position = c.batch.result[batch] + c.tall.result[m] + c.wide.result[n + j];
          int64_t i = m * panelWidth + j;
          out[position] = values.c[i];
          bounds[position] = finish(values.c[i], magnitudes.c[i], errors.c[i]);
        }
    });
  }

private:
  void addTerms(int64_t batch, int64_t n, int64_t columns, int64_t k, int64_t depth) {
    auto add = [&](Panels<double> &panels, auto readA, auto readB) {
      pack(c, panels, batch, n, columns, k, depth, readA, readB);
      multiply(panels.a.data(), panels.b.data(), panels.c.data(), c.tall.size(), columns, depth);
    };
    auto square = [](double x) { return x * x; };
    // Of the finite terms: infinite ones overflow nowhere.
    auto magnitude = [](double x) { return std::isfinite(x) ? std::fabs(x) : 0; };
    add(values, [&](int64_t i) { return a.value(i); }, [&](int64_t i) { return b.value(i); });
    add(
        magnitudes, [&](int64_t i) { return magnitude(a.value(i)); },
        [&](int64_t i) { return magnitude(b.value(i)); });
    if (a.hasBounds())
      add(
          errors, [&](int64_t i) { return model.sharedA * square(a.bound(i)); },
          [&](int64_t i) { return square(b.value(i)); });
    if (b.hasBounds())
      add(
          errors, [&](int64_t i) { return square(a.value(i)) + square(a.bound(i)); },
          [&](int64_t i) { return model.sharedB * square(b.bound(i)); });
  }

  double finish(double value, double magnitude, double squares) const {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (!std::isfinite(value)) {
      // Finite terms may overflow to the other infinity.
      bool mayOverflow = magnitude >= model.info.largest && !std::isnan(value);
      return a.hasBounds() || b.hasBounds() || mayOverflow ? infinity : 0;
    }
    if (std::isnan(squares))
      return infinity;
    if (model.isIntegral && magnitude <= std::ldexp(1.0, model.info.precision))
      return 0;
    // Products that underflow lose up to half the smallest value each.
    double bound = std::sqrt(squares) + model.factor * magnitude +
                   double(c.terms.size()) * model.info.smallest / 2;
    if (model.info.isNarrow()) // Added up in f32, rounded at the end.
      bound += model.info.unitRoundoff * (std::fabs(value) + bound);
    return std::min(magnitude, std::fabs(value) + bound) >= model.info.largest ? infinity : bound;
  }

  const Contraction &c;
  const WideReader &a, &b;
  const ErrorModel &model;
  Panels<double> values, magnitudes, errors;
};
} // namespace

/// Sorts the domain's axes into groups; null steps for sizes of 1.
static Contraction groupAxes(const Tape &tape, const IndexInstr &f, const IndexInstr &g,
                             unsigned numReduced) {
  Contraction c{nullptr, nullptr, f.constant, g.constant, {}, {}, {}, {}};
  size_t rank = tape.extents.size(), kept = rank - numReduced;
  SmallVector<int64_t> steps(rank, 0);
  int64_t step = 1;
  for (size_t axis = kept; axis-- > 0; step *= tape.extents[axis])
    steps[axis] = step;
  for (size_t axis = 0; axis < rank; ++axis) {
    int64_t stepA = f.coefficients[axis], stepB = g.coefficients[axis];
    Group &group = axis >= kept               ? c.terms
                   : stepA != 0 && stepB != 0 ? c.batch
                   : stepA != 0               ? c.wide
                                              : c.tall;
    group.addAxis(tape.extents[axis], stepA, stepB, steps[axis]);
  }
  return c;
}

bool Evaluator::contract(const Tape &tape, unsigned numReduced, const NodePtr &result) {
  const TapeInstr &product = tape.code[tape.outputs.front()];
  if (product.kind != TapeInstr::Kind::Elementwise || product.function != uop::ElementwiseKind::Mul)
    return false;
  const TapeInstr *loads[2];
  const IndexInstr *offsets[2];
  for (unsigned i = 0; i < 2; ++i) {
    loads[i] = &tape.code[product.operands[i]];
    if (loads[i]->kind != TapeInstr::Kind::Load || loads[i]->mask >= 0)
      return false;
    offsets[i] = tape.getLinearOffset(*loads[i]);
    if (!offsets[i])
      return false;
  }
  DType dtype = result->dtype;
  bool isWide = isBounded() && isFloat(dtype);
  bool isNative =
      dtype == DType::F32 || dtype == DType::F64 || dtype == DType::I32 || dtype == DType::I64;
  bool hasIntBounds = isBounded() && !isFloat(dtype) &&
                      (loads[0]->source->storage.bounds || loads[1]->source->storage.bounds);
  // A sum of one term is that term, negative zero too.
  int64_t terms = tape.domainSize() / result->numElements;
  if ((!isWide && !isNative) || hasIntBounds || terms < 2 || terms > maxTerms)
    return false;
  Contraction c = groupAxes(tape, *offsets[0], *offsets[1], numReduced);
  // The wide operand should be the one with more sums.
  bool swaps = c.tall.size() > c.wide.size();
  if (swaps) {
    c = groupAxes(tape, *offsets[1], *offsets[0], numReduced);
    std::swap(loads[0], loads[1]);
  }
  c.a = &loads[0]->source->storage;
  c.b = &loads[1]->source->storage;
  int64_t units = c.batch.size() * ((c.wide.size() + panelWidth - 1) / panelWidth);
  void *out = result->storage.mutableData();
  double *bounds = result->storage.mutableBounds();

  if (!isWide) {
    // Wrapping sums are computed without sign.
    forPieces(units, [&](int64_t begin, int64_t end) {
      if (dtype == DType::F32)
        contractAs(c, static_cast<float *>(out), begin, end);
      else if (dtype == DType::F64)
        contractAs(c, static_cast<double *>(out), begin, end);
      else if (dtype == DType::I32)
        contractAs(c, static_cast<uint32_t *>(out), begin, end);
      else
        contractAs(c, static_cast<uint64_t *>(out), begin, end);
    });
    if (bounds)
      std::fill_n(bounds, result->numElements, 0.0);
    return true;
  }
  const Node &a = *loads[0]->source, &b = *loads[1]->source;
  WideReader readA(*c.a, a.dtype, a.numElements), readB(*c.b, b.dtype, b.numElements);
  if (!readA.isValid() || !readB.isValid())
    return false;
  ErrorModel model;
  model.info = getFloatInfo(dtype);
  // One rounding for the product, the rest for the sum.
  model.sharedA = getSharing(tape, *offsets[swaps], numReduced);
  model.sharedB = getSharing(tape, *offsets[!swaps], numReduced);
  // Equal terms may be rounded the same way each time.
  double numEqual = std::min(model.sharedA, model.sharedB);
  model.factor =
      (getRoundingFactor(uop::ElementwiseKind::Mul, dtype) + getSumFactor(c.terms.size(), dtype) +
       (numEqual > 1 ? getRepeatedFactor(numEqual, model.info) : 0)) *
      model.info.unitRoundoff;
  model.isIntegral = !readA.hasBounds() && !readB.hasBounds() && readA.isIntegral(a.numElements) &&
                     readB.isIntegral(b.numElements);
  forPieces(units, [&](int64_t begin, int64_t end) {
    BoundedContraction(c, readA, readB, model).run(static_cast<double *>(out), bounds, begin, end);
  });
  return true;
}
