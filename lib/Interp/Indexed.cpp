//===- Indexed.cpp - Sort, gather, scatter, compact -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Evaluator.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

using namespace mlir;
using namespace tg;
using namespace tg::interp;

using Nodes = llvm::SmallVector<NodePtr>;

static constexpr double infinity = std::numeric_limits<double>::infinity();

rt::Result<NodePtr> Evaluator::materializeHeld(const NodePtr &node) {
  if (rt::Status status = materialize(node); !status)
    return status;
  if (!isBounded() || !isFloat(node->dtype) || node->storage.isWide)
    return node;
  auto wide = allocateArray(node->numElements, sizeof(double));
  if (!wide)
    return wide.status();
  const void *operands[] = {node->storage.data};
  evalElementwise(uop::ElementwiseKind::Cast, node->dtype, DType::F64, operands, wide->get(),
                  node->numElements);
  Storage storage = node->storage;
  storage.owner = *wide;
  storage.data = storage.owner.get();
  storage.isWide = true;
  storage.isInput = false;
  return makeMaterialized(node->dtype, node->shape, storage);
}

//===----------------------------------------------------------------------===//
// sort
//===----------------------------------------------------------------------===//

namespace {
/// The keys of one row and the order that sorts them.
class RowSorter {
public:
  RowSorter(const Node &keys, bool descending, int64_t length)
      : keys(keys), descending(descending), order(length), floats(length), integers(length) {}

  /// Sorts the row of elements start + j * step.
  llvm::ArrayRef<int64_t> sort(int64_t start, int64_t step) {
    std::iota(order.begin(), order.end(), 0);
    int64_t length = order.size();
    if (isFloat(keys.dtype)) {
      for (int64_t j = 0; j < length; ++j)
        floats[j] = floatAt(start + j * step);
      sortBy(floats, [](double a, double b) { return !std::isnan(a) && (std::isnan(b) || a < b); });
      return order;
    }
    for (int64_t j = 0; j < length; ++j) {
      integers[j] = Evaluator::integerAt(key(), start + j * step);
      floats[j] = static_cast<double>(integers[j]);
    }
    if (keys.dtype == DType::UI64)
      sortBy(integers, [](int64_t a, int64_t b) { return uint64_t(a) < uint64_t(b); });
    else
      sortBy(integers, std::less<int64_t>());
    return order;
  }

  /// Calls `body(from, to, bound)` for each stretch of the sorted row whose keys may stand in
  /// another order, or are inexact alone, with the largest bound among them.
  template <typename Body> void forClusters(int64_t start, int64_t step, Body body) {
    const double *bounds = keys.storage.bounds;
    if (!bounds)
      return;
    // Keys whose intervals overlap; a wide interval joins those before it.
    struct Cluster {
      int64_t from;
      double reach, largest;
    };
    llvm::SmallVector<Cluster> clusters;
    double beyond = std::numeric_limits<double>::infinity();
    for (auto [j, element] : llvm::enumerate(order)) {
      double bound = bounds[start + element * step], key = floats[element];
      // NaN is the largest; what is not known at all may stand anywhere.
      double place = std::isnan(key) ? beyond : key;
      double low = (descending ? -place : place) - bound;
      Cluster cluster{int64_t(j), low + 2 * bound, bound};
      if (bound == beyond)
        low = -beyond, cluster.reach = beyond;
      while (!clusters.empty() && clusters.back().reach >= low &&
             (clusters.back().largest != 0 || cluster.largest != 0)) {
        cluster.from = clusters.back().from;
        cluster.reach = std::max(cluster.reach, clusters.back().reach);
        cluster.largest = std::max(cluster.largest, clusters.back().largest);
        clusters.pop_back();
      }
      clusters.push_back(cluster);
    }
    for (size_t i = 0; i < clusters.size(); ++i)
      if (clusters[i].largest != 0)
        body(clusters[i].from,
             i + 1 < clusters.size() ? clusters[i + 1].from : int64_t(order.size()),
             clusters[i].largest);
  }

private:
  NodePtr key() const { return NodePtr(NodePtr(), const_cast<Node *>(&keys)); }
  double floatAt(int64_t i) const {
    if (keys.storage.isWide)
      return static_cast<const double *>(keys.storage.data)[i];
    return loadAsDouble(keys.dtype, keys.storage.data, i);
  }
  /// Stable: of equal keys the earlier comes first.
  template <typename T, typename Less> void sortBy(const std::vector<T> &values, Less less) {
    std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
      const T &x = values[descending ? b : a], &y = values[descending ? a : b];
      return less(x, y) || (!less(y, x) && a < b);
    });
  }

  const Node &keys;
  bool descending;
  std::vector<int64_t> order;
  std::vector<double> floats;
  std::vector<int64_t> integers;
};
} // namespace

rt::Result<Nodes> Evaluator::sort(ArrayRef<NodePtr> inputs, int64_t axis, bool descending) {
  Nodes operands, results;
  for (const NodePtr &input : inputs) {
    auto operand = materializeHeld(input);
    auto result = allocate(input->dtype, input->shape);
    if (!operand || !result)
      return operand ? result.status() : operand.status();
    operands.push_back(*operand);
    results.push_back(*result);
  }
  ArrayRef<int64_t> shape = inputs.front()->shape;
  int64_t length = shape[axis], outer = countElements(shape.take_front(axis));
  int64_t inner = countElements(shape.drop_front(axis + 1));
  forPieces(outer * inner, [&](int64_t begin, int64_t end) {
    RowSorter sorter(*operands.front(), descending, length);
    for (int64_t row = begin; row < end; ++row) {
      int64_t start = row / inner * length * inner + row % inner;
      ArrayRef<int64_t> order = sorter.sort(start, inner);
      for (auto [operand, result] : llvm::zip_equal(operands, results)) {
        unsigned width = elementBytes(operand->heldType(isBounded()));
        char *to = static_cast<char *>(result->storage.mutableData());
        const char *from = static_cast<const char *>(operand->storage.data);
        for (int64_t j = 0; j < length; ++j) {
          int64_t target = start + j * inner, source = start + order[j] * inner;
          std::memcpy(to + target * width, from + source * width, width);
          if (isBounded())
            result->storage.mutableBounds()[target] =
                operand->storage.bounds ? operand->storage.bounds[source] : 0;
        }
      }
      sorter.forClusters(start, inner, [&](int64_t from, int64_t to, double bound) {
        for (auto [i, result] : llvm::enumerate(results))
          for (int64_t j = from; j < to; ++j)
            if (i == 0 || to - from > 1)
              result->storage.mutableBounds()[start + j * inner] = i == 0 ? bound : infinity;
      });
    }
  });
  for (const NodePtr &result : results)
    setElements(result, result->storage);
  return results;
}

//===----------------------------------------------------------------------===//
// gather, scatter
//===----------------------------------------------------------------------===//

namespace {
/// Row-major extents of input [batch, middle, axis, inner] and indices [batch, picks].
struct IndexedShape {
  IndexedShape(const Node &input, const Node &indices, int64_t axis, int64_t batchAxes) {
    ArrayRef<int64_t> shape = input.shape;
    batch = countElements(shape.take_front(batchAxes));
    middle = countElements(shape.slice(batchAxes, axis - batchAxes));
    size = shape[axis];
    inner = countElements(shape.drop_front(axis + 1));
    picks = countElements(ArrayRef<int64_t>(indices.shape).drop_front(batchAxes));
  }
  int64_t batch, middle, size, inner, picks;
};

rt::Status outOfRange(int64_t index, int64_t axis, int64_t size) {
  return rt::error("index " + std::to_string(index) + " is out of range for axis " +
                   std::to_string(axis) + " of size " + std::to_string(size));
}
} // namespace

/// The first index out of range as an error.
static rt::Status checkIndices(const NodePtr &indices, int64_t axis, int64_t size) {
  for (int64_t i = 0; i < indices->numElements; ++i) {
    int64_t index = Evaluator::integerAt(indices, i);
    if (index < 0 || index >= size)
      return outOfRange(index, axis, size);
  }
  return rt::Status();
}

/// Makes every bound unknown where an index was.
static void spoil(const Storage &storage, int64_t first, int64_t count) {
  std::fill_n(storage.mutableBounds() + first, count, infinity);
}

rt::Result<NodePtr> Evaluator::gather(NodePtr input, NodePtr indices, int64_t axis, int64_t batch,
                                      ArrayRef<int64_t> shape) {
  if (rt::Status status = materialize({input, indices}); !status)
    return status;
  IndexedShape s(*input, *indices, axis, batch);
  if (options.checkIndices)
    if (rt::Status status = checkIndices(indices, axis, s.size); !status)
      return status;
  // The result is as wide as the input.
  auto storage = allocateStorage(input->dtype, countElements(shape), isBounded());
  if (!storage)
    return storage.status();
  storage->isWide = input->storage.isWide;
  unsigned width = storage->isWide ? sizeof(double) : elementBytes(input->dtype);
  char *to = static_cast<char *>(storage->mutableData());
  const char *from = static_cast<const char *>(input->storage.data);
  const double *bounds = input->storage.bounds, *indexBounds = indices->storage.bounds;
  for (int64_t outer = 0; outer < s.batch * s.middle; ++outer)
    for (int64_t pick = 0; pick < s.picks; ++pick) {
      int64_t position = outer / s.middle * s.picks + pick;
      int64_t index = integerAt(indices, position);
      int64_t target = (outer * s.picks + pick) * s.inner;
      int64_t source = (outer * s.size + index) * s.inner;
      bool isInside = index >= 0 && index < s.size;
      if (isInside)
        std::memcpy(to + target * width, from + source * width, s.inner * width);
      else
        std::memset(to + target * width, 0, s.inner * width);
      if (!isBounded())
        continue;
      if (indexBounds && indexBounds[position] != 0)
        spoil(*storage, target, s.inner);
      else if (bounds && isInside)
        std::copy_n(bounds + source, s.inner, storage->mutableBounds() + target);
      else
        std::fill_n(storage->mutableBounds() + target, s.inner, 0.0);
    }
  NodePtr result = makeMaterialized(input->dtype, shape, *storage);
  setElements(result, *storage);
  return result;
}

rt::Result<NodePtr> Evaluator::scatter(const Combiner *kind, NodePtr dest, NodePtr indices,
                                       NodePtr updates, int64_t axis, int64_t batch) {
  auto heldDest = materializeHeld(dest), heldUpdates = materializeHeld(updates);
  rt::Status status = materialize(indices);
  auto result = allocate(dest->dtype, dest->shape);
  for (const rt::Status &each : {heldDest.status(), heldUpdates.status(), status, result.status()})
    if (!each)
      return each;
  IndexedShape s(*dest, *indices, axis, batch);
  if (options.checkIndices)
    if (rt::Status status = checkIndices(indices, axis, s.size); !status)
      return status;
  unsigned width = elementBytes(dest->heldType(isBounded()));
  const Storage &storage = (*result)->storage, &old = (*heldDest)->storage,
                &update = (*heldUpdates)->storage;
  std::memcpy(storage.mutableData(), old.data, dest->numElements * width);
  if (isBounded() && old.bounds)
    std::copy_n(old.bounds, dest->numElements, storage.mutableBounds());
  else if (isBounded())
    std::fill_n(storage.mutableBounds(), dest->numElements, 0.0);

  uint64_t combined[Combiner::maxBlock];
  double combinedBounds[Combiner::maxBlock], noBounds[Combiner::maxBlock] = {};
  auto updateRun = [&](int64_t target, int64_t source, size_t count) {
    char *to = static_cast<char *>(storage.mutableData()) + target * width;
    const char *from = static_cast<const char *>(update.data) + source * width;
    double *bounds = isBounded() ? storage.mutableBounds() + target : nullptr;
    const double *fromBounds = update.bounds ? update.bounds + source : noBounds;
    if (!kind) {
      std::memcpy(to, from, count * width);
      if (bounds)
        std::copy_n(fromBounds, count, bounds);
      return;
    }
    kind->apply(BoundedArray{to, bounds}, BoundedArray{from, fromBounds},
                static_cast<void *>(combined), static_cast<double *>(combinedBounds), count,
                isBounded() ? std::optional<double>(2) : std::nullopt);
    std::memcpy(to, combined, count * width);
    if (bounds)
      std::copy_n(combinedBounds, count, bounds);
  };
  bool isUncertain = false;
  for (int64_t outer = 0; outer < s.batch * s.middle; ++outer)
    for (int64_t pick = 0; pick < s.picks; ++pick) {
      int64_t position = outer / s.middle * s.picks + pick;
      int64_t index = integerAt(indices, position);
      isUncertain |= indices->storage.bounds && indices->storage.bounds[position] != 0;
      if (index < 0 || index >= s.size)
        continue;
      for (int64_t done = 0; done < s.inner; done += Combiner::maxBlock)
        updateRun((outer * s.size + index) * s.inner + done,
                  (outer * s.picks + pick) * s.inner + done,
                  std::min<int64_t>(Combiner::maxBlock, s.inner - done));
    }
  if (isUncertain)
    spoil(storage, 0, dest->numElements);
  setElements(*result, storage);
  return *result;
}

//===----------------------------------------------------------------------===//
// compact
//===----------------------------------------------------------------------===//

rt::Result<std::pair<NodePtr, NodePtr>> Evaluator::compact(NodePtr mask) {
  auto indices = allocate(DType::I64, mask->shape), count = allocate(DType::I64, {});
  rt::Status status = materialize(mask);
  for (const rt::Status &each : {indices.status(), count.status(), status})
    if (!each)
      return each;
  auto *out = static_cast<int64_t *>((*indices)->storage.mutableData());
  const auto *set = static_cast<const uint8_t *>(mask->storage.data);
  int64_t found = 0, uncertain = 0, firstUncertain = mask->numElements;
  for (int64_t i = 0; i < mask->numElements; ++i) {
    if (mask->storage.bounds && mask->storage.bounds[i] != 0) {
      ++uncertain;
      firstUncertain = std::min(firstUncertain, found);
    }
    if (set[i])
      out[found++] = i;
  }
  std::fill(out + found, out + mask->numElements, int64_t(-1));
  *static_cast<int64_t *>((*count)->storage.mutableData()) = found;
  if (isBounded()) {
    std::fill_n((*indices)->storage.mutableBounds(), mask->numElements, 0.0);
    if (uncertain > 0)
      spoil((*indices)->storage, firstUncertain, mask->numElements - firstUncertain);
    *(*count)->storage.mutableBounds() = static_cast<double>(uncertain);
  }
  setElements(*indices, (*indices)->storage);
  setElements(*count, (*count)->storage);
  return std::make_pair(*indices, *count);
}
