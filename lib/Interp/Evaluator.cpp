//===- Evaluator.cpp - Materializes nodes -----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Evaluator.h"

#include <cstring>

using namespace mlir;
using namespace tg;
using namespace tg::interp;

rt::Result<NodePtr> Evaluator::allocate(DType dtype, ArrayRef<int64_t> shape) {
  auto storage = allocateStorage(dtype, countElements(shape), isBounded());
  if (!storage)
    return storage.status();
  return makeMaterialized(dtype, shape, *storage);
}

/// Drops bounds that say nothing.
static void dropZeroBounds(Storage &storage, int64_t count) {
  if (storage.bounds && std::all_of(storage.bounds, storage.bounds + count,
                                    [](double bound) { return bound == 0; })) {
    storage.boundOwner.reset();
    storage.bounds = nullptr;
  }
}

void Evaluator::setElements(const NodePtr &node, Storage storage) {
  dropZeroBounds(storage, node->numElements);
  node->kind = Node::Kind::Materialized;
  node->storage = std::move(storage);
  node->sources.clear();
  node->height = 0;
}

int64_t Evaluator::integerAt(const NodePtr &node, int64_t index) {
  return loadAsInt(
      node->dtype,
      static_cast<const char *>(node->storage.data) + index * elementBytes(node->dtype), 0);
}

rt::Result<Tape> Evaluator::compile(ArrayRef<NodePtr> nodes, ArrayRef<int64_t> extents,
                                    ArrayRef<AffineExpr> index, bool isRoot) {
  while (true) {
    TapeBuilder builder(context, extents, isBounded());
    for (const NodePtr &node : nodes)
      builder.addOutput(node, index, isRoot);
    if (builder.getCostly().empty())
      return builder.finish();
    // What was found last may contain what was found first.
    for (const NodePtr &node : builder.getCostly())
      if (rt::Status status = materialize(node); !status)
        return status;
  }
}

std::optional<int64_t> Evaluator::getConcatAxis(const Node &node) {
  // Many operands would be tried one after the other for every element.
  if (node.kind != Node::Kind::Move || node.sources.size() <= 4)
    return std::nullopt;
  for (size_t axis = 0; axis < node.shape.size(); ++axis) {
    int64_t total = 0;
    bool isConcat = true;
    for (const Node::Source &source : node.sources) {
      isConcat &= source.node->shape.size() == node.shape.size();
      if (!isConcat)
        break;
      for (size_t i = 0; i < node.shape.size(); ++i)
        isConcat &= i == axis || source.node->shape[i] == node.shape[i];
      total += source.node->shape[axis];
    }
    if (isConcat && total == node.shape[axis])
      return axis;
  }
  return std::nullopt;
}

rt::Status Evaluator::materializeConcat(const NodePtr &node) {
  int64_t axis = *getConcatAxis(*node);
  auto storage = allocateStorage(node->dtype, node->numElements, isBounded());
  if (!storage)
    return storage.status();
  int64_t outer = countElements(ArrayRef(node->shape).take_front(axis));
  int64_t inner = countElements(ArrayRef(node->shape).drop_front(axis + 1));
  int64_t start = 0, row = node->shape[axis] * inner;
  unsigned width = elementBytes(node->heldType(isBounded()));
  for (const Node::Source &source : node->sources) {
    NodePtr part = source.node;
    if (part->numElements == 0)
      continue;
    if (rt::Status status = materialize(part); !status)
      return status;
    int64_t length = part->shape[axis] * inner;
    // Inputs are narrow; widen them through a tape.
    bool isNarrow = storage->isWide && !part->storage.isWide;
    for (int64_t i = 0; i < outer; ++i) {
      char *target = static_cast<char *>(storage->mutableData()) + (i * row + start) * width;
      const char *from = static_cast<const char *>(part->storage.data);
      if (isNarrow) {
        const void *operands[] = {from + i * length * elementBytes(part->dtype)};
        evalElementwise(uop::ElementwiseKind::Cast, part->dtype, DType::F64, operands, target,
                        length);
      } else {
        std::memcpy(target, from + i * length * width, length * width);
      }
      if (!isBounded())
        continue;
      double *bounds = storage->mutableBounds() + i * row + start;
      if (part->storage.bounds)
        std::copy_n(part->storage.bounds + i * length, length, bounds);
      else
        std::fill_n(bounds, length, 0.0);
    }
    start += length;
  }
  setElements(node, *storage);
  return rt::Status();
}

rt::Status Evaluator::materialize(ArrayRef<NodePtr> nodes) {
  for (const NodePtr &node : nodes)
    if (rt::Status status = materialize(node); !status)
      return status;
  return rt::Status();
}

rt::Status Evaluator::materialize(const NodePtr &node) {
  if (node->isMaterialized())
    return rt::Status();
  if (getConcatAxis(*node))
    return materializeConcat(node);
  auto storage = allocateStorage(node->dtype, node->numElements, isBounded());
  if (!storage)
    return storage.status();
  if (node->numElements > 0) {
    auto index = uop::Access::identity(context, node->shape.size()).indices;
    auto tape = compile(node, node->shape, index, /*isRoot=*/true);
    if (!tape)
      return tape.status();
    unsigned width = elementBytes(node->heldType(isBounded()));
    int64_t blocks = (node->numElements + blockSize - 1) / blockSize;
    forPieces(blocks, [&](int64_t begin, int64_t end) {
      TapeRunner runner(*tape);
      for (int64_t block = begin; block < end; ++block) {
        int64_t first = block * blockSize;
        size_t count = std::min<int64_t>(blockSize, node->numElements - first);
        runner.run(first, count);
        std::memcpy(static_cast<char *>(storage->mutableData()) + first * width, runner.getData(0),
                    count * width);
        if (isBounded())
          std::copy_n(runner.getBounds(0), count, storage->mutableBounds() + first);
      }
    });
  }
  setElements(node, *storage);
  return rt::Status();
}
