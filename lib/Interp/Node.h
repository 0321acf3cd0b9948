//===- Node.h - Values of the interpreter -----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The interpreter builds a graph of nodes as it walks the operations: materialized arrays, and
// elementwise and movement nodes that are evaluated when something needs their elements. A node
// that has been materialized forgets its sources.
//
//===----------------------------------------------------------------------===//

#ifndef TG_LIB_INTERP_NODE_H
#define TG_LIB_INTERP_NODE_H

#include "tg/Dialect/UOp/UOpScalars.h"
#include "tg/Dialect/UOp/UOpTypes.h"
#include "tg/Runtime/DType.h"
#include "tg/Runtime/Error.h"

#include "llvm/ADT/SmallVector.h"

#include <memory>

namespace tg::interp {

using Shape = llvm::SmallVector<int64_t, 6>;

inline int64_t countElements(llvm::ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  return count;
}

/// Elements as an unpacked array (tg/Dialect/UOp/UOpScalars.h). With tolerances floats may be wide:
/// their real values as f64, and any element may carry a bound of its error.
struct Storage {
  std::shared_ptr<void> owner;
  const void *data = nullptr;
  /// Floats held as f64.
  bool isWide = false;
  std::shared_ptr<void> boundOwner;
  /// One per element; null where all are 0.
  const double *bounds = nullptr;
  /// The memory is the caller's.
  bool isInput = false;

  void *mutableData() const { return owner.get(); }
  double *mutableBounds() const { return static_cast<double *>(boundOwner.get()); }
};

struct Node;
using NodePtr = std::shared_ptr<Node>;

struct Node {
  enum class Kind { Materialized, Elementwise, Move, Iota };
  /// Where elements come from. A move reads the first source whose constraints all hold, and gives
  /// 0 where none does; an elementwise node reads every source at its own index.
  struct Source {
    NodePtr node;
    uop::Access access;
  };

  Kind kind = Kind::Materialized;
  DType dtype = DType::F32;
  Shape shape;
  int64_t numElements = 0;
  Storage storage;
  uop::ElementwiseKind function = uop::ElementwiseKind::Add;
  llvm::SmallVector<Source, 2> sources;
  /// Of an iota.
  int64_t axis = 0;
  /// Longest path to a materialized node.
  unsigned height = 0;
  /// How many elements have been computed so far; again and again means materialize.
  int64_t evaluations = 0;

  bool isMaterialized() const { return kind == Kind::Materialized; }
  /// The type that registers and wide storage hold: f64 for floats with tolerances.
  DType heldType(bool bounded) const { return bounded && isFloat(dtype) ? DType::F64 : dtype; }
};

/// A node over existing elements.
NodePtr makeMaterialized(DType dtype, llvm::ArrayRef<int64_t> shape, Storage storage);
NodePtr makeElementwise(uop::ElementwiseKind function, DType dtype, llvm::ArrayRef<int64_t> shape,
                        llvm::ArrayRef<NodePtr> operands);
NodePtr makeMove(DType dtype, llvm::ArrayRef<int64_t> shape,
                 llvm::SmallVector<Node::Source, 2> sources);
NodePtr makeIota(DType dtype, llvm::ArrayRef<int64_t> shape, int64_t axis);
/// A rank-0 node; `bits` is the element in the low bytes.
NodePtr makeScalar(DType dtype, uint64_t bits);
/// `scalar` (rank 0) at every index of `shape`.
NodePtr makeSplat(llvm::ArrayRef<int64_t> shape, const NodePtr &scalar);

/// Memory for `count` elements of `bytes` bytes; an error when there is none.
rt::Result<std::shared_ptr<void>> allocateArray(int64_t count, unsigned bytes);

/// Storage for a value of `dtype`, to be filled: wide and with bounds as `bounded` says.
rt::Result<Storage> allocateStorage(DType dtype, int64_t count, bool bounded);

} // namespace tg::interp

#endif // TG_LIB_INTERP_NODE_H
