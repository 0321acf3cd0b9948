//===- Node.cpp - Values of the interpreter ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Node.h"

#include "llvm/Support/MathExtras.h"

#include <cstdlib>
#include <cstring>

using namespace tg;
using namespace tg::interp;

static NodePtr makeNode(Node::Kind kind, DType dtype, llvm::ArrayRef<int64_t> shape) {
  auto node = std::make_shared<Node>();
  node->kind = kind;
  node->dtype = dtype;
  node->shape.assign(shape.begin(), shape.end());
  node->numElements = countElements(shape);
  return node;
}

NodePtr interp::makeMaterialized(DType dtype, llvm::ArrayRef<int64_t> shape, Storage storage) {
  NodePtr node = makeNode(Node::Kind::Materialized, dtype, shape);
  node->storage = std::move(storage);
  return node;
}

NodePtr interp::makeElementwise(uop::ElementwiseKind function, DType dtype,
                                llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<NodePtr> operands) {
  NodePtr node = makeNode(Node::Kind::Elementwise, dtype, shape);
  node->function = function;
  for (const NodePtr &operand : operands) {
    node->height = std::max(node->height, operand->height + 1);
    node->sources.push_back({operand, {}});
  }
  return node;
}

NodePtr interp::makeMove(DType dtype, llvm::ArrayRef<int64_t> shape,
                         llvm::SmallVector<Node::Source, 2> sources) {
  NodePtr node = makeNode(Node::Kind::Move, dtype, shape);
  for (const Node::Source &source : sources)
    node->height = std::max(node->height, source.node->height + 1);
  node->sources = std::move(sources);
  return node;
}

NodePtr interp::makeIota(DType dtype, llvm::ArrayRef<int64_t> shape, int64_t axis) {
  NodePtr node = makeNode(Node::Kind::Iota, dtype, shape);
  node->axis = axis;
  return node;
}

NodePtr interp::makeScalar(DType dtype, uint64_t bits) {
  Storage storage;
  auto cell = std::make_shared<uint64_t>(bits);
  storage.data = cell.get();
  storage.owner = cell;
  return makeMaterialized(dtype, {}, storage);
}

NodePtr interp::makeSplat(llvm::ArrayRef<int64_t> shape, const NodePtr &scalar) {
  // A rank-0 operand has no index at all.
  llvm::SmallVector<Node::Source, 2> sources;
  sources.push_back({scalar, {}});
  return makeMove(scalar->dtype, shape, std::move(sources));
}

rt::Result<std::shared_ptr<void>> interp::allocateArray(int64_t count, unsigned bytes) {
  int64_t total;
  if (llvm::MulOverflow(count, int64_t(bytes), total))
    return rt::error("a value of " + std::to_string(count) + " elements does not fit memory");
  void *memory = std::malloc(std::max<int64_t>(total, 8));
  if (!memory)
    return rt::error("out of memory: a value of " + std::to_string(total) + " bytes");
  return std::shared_ptr<void>(memory, std::free);
}

rt::Result<Storage> interp::allocateStorage(DType dtype, int64_t count, bool bounded) {
  Storage storage;
  storage.isWide = bounded && isFloat(dtype);
  auto data = allocateArray(count, storage.isWide ? sizeof(double) : elementBytes(dtype));
  if (!data)
    return data.status();
  storage.owner = *data;
  storage.data = storage.owner.get();
  if (bounded) {
    auto bounds = allocateArray(count, sizeof(double));
    if (!bounds)
      return bounds.status();
    storage.boundOwner = *bounds;
    storage.bounds = storage.mutableBounds();
  }
  return storage;
}
