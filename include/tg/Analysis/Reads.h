//===- Reads.h - Where a tree of operations reads its leaves --*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An element of a tensor that elementwise operations, movements and reductions compute depends on
// elements of the tensors that they start from. The index maps of everything in between compose to
// one index tuple per way to a leaf:
//
//   %m = uop.reduce max %x axes [1] : (tensor<4x8xf32>) -> tensor<4xf32>
//   %e = uop.expand (uop.reshape %m) : tensor<4x8xf32>
//   %y = uop.sub %x, %e : tensor<4x8xf32>
//
// With %m a leaf, %y at (d0, d1) reads %x at (d0, d1) and %m at (d0). With %x the only leaf it also
// reads %x at (d0, d2), where d2 is the reduction's own.
//
//===----------------------------------------------------------------------===//

#ifndef TG_ANALYSIS_READS_H
#define TG_ANALYSIS_READS_H

#include "tg/Dialect/UOp/UOp.h"
#include "tg/Support/RangeSimplify.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallBitVector.h"

namespace tg::uop {

/// One way to a value: the index of its element, over dims and a scope's symbols.
struct Read {
  llvm::SmallVector<mlir::AffineExpr, 4> indices;
  /// The dims that conditions on the way depend on: the borders of a pad, say.
  llvm::SmallBitVector conditions;

  /// Those that the index or a condition depends on.
  llvm::SmallBitVector getDims() const;
  bool operator==(const Read &other) const {
    return indices == other.indices && conditions == other.conditions;
  }
};

/// What elements of a shape depend on. Dims below `rank` are the shape's axes; the others belong to
/// reductions, or stand for an index that is only known at run time.
class TreeReads {
public:
  using Reads = llvm::SmallVector<Read, 1>;
  struct Reduction {
    /// A `reduce` or `unwindow`; or a `contiguous` with rows, then of the rows alone.
    mlir::Operation *op;
    Read at;
    /// What its elements read: leaves, by the dims of their indices.
    llvm::SmallVector<llvm::SmallBitVector, 2> leafDims;
  };

  /// Follows `roots`, all of the shape `dims`, to everything for which `isLeaf` holds. Nothing if
  /// an operation on the way has no index map, or there are too many ways.
  static std::optional<TreeReads> get(llvm::ArrayRef<DimAttr> dims,
                                      llvm::ArrayRef<mlir::Value> roots,
                                      llvm::function_ref<bool(mlir::Value)> isLeaf,
                                      VarScope &scope);

  unsigned getRank() const { return dims.size(); }
  llvm::ArrayRef<DimAttr> getDims() const { return dims; }
  const llvm::MapVector<mlir::Value, Reads> &getLeaves() const { return leaves; }
  llvm::ArrayRef<Reduction> getReductions() const { return reductions; }

  /// `read` of a tree's root, followed by `inner`, a read that the tree makes, whose own dims
  /// become dims of this one from `firstInner` on.
  Read compose(const Read &read, const Read &inner, unsigned rank, unsigned firstInner,
               VarScope &scope) const;
  /// Replaces the reads of the roots of `producer`, which all stand at `at`, by what it reads.
  void inlineTree(const TreeReads &producer, const Read &at, llvm::ArrayRef<mlir::Value> roots,
                  VarScope &scope);
  /// Where the rows of `value`, a leaf of the shape `dims`, stand, if every read has the same index
  /// over the axes of this shape there; the axes of `value` that are rows go to `rows`. The other
  /// axes get dims of their own. Nothing if there is no row or no other axis.
  std::optional<Read> stage(mlir::Value value, llvm::ArrayRef<DimAttr> dims,
                            llvm::SmallVectorImpl<int64_t> &rows, VarScope &scope);
  /// Adds what `other`, a tree of the same shape, reads.
  void merge(const TreeReads &other, VarScope &scope);

  /// Whether the index at `read` is another element of the shape `of` for every index of this one.
  /// Known only where sizes are, or where nothing but constants are added.
  bool isInjective(const Read &read, llvm::ArrayRef<DimAttr> of, VarScope &scope) const;
  /// Whether two operands of the reduction each lack an axis that the other has, as those of a
  /// product of matrices do.
  bool isContraction(const Reduction &reduction) const;
  /// Whether the index at `read` runs through all elements of the shape `of` exactly once as the
  /// dims that it depends on run, all of which are axes of the shape.
  bool isOneToOne(const Read &read, llvm::ArrayRef<DimAttr> of, VarScope &scope) const;

private:
  class Walker;

  mlir::AffineExpr simplify(mlir::AffineExpr expr, VarScope &scope) const;
  static void add(Reads &reads, Read read);

  llvm::SmallVector<DimAttr> dims;
  /// Of all dims.
  llvm::SmallVector<IndexRange> ranges;
  llvm::MapVector<mlir::Value, Reads> leaves;
  llvm::SmallVector<Reduction> reductions;
};

/// Whether `value` is read from a buffer by movement without a fill of its own, so that a load
/// where its guards fail gives zero, and `fill` is zero: no selection is needed then.
bool isZeroLoad(mlir::Value value, mlir::Value fill);

/// An order of the axes of a shape in which, for every set of `rows`, its axes come before the
/// others; nothing if there is none. Otherwise as they are.
std::optional<llvm::SmallVector<unsigned>>
orderRowsFirst(unsigned rank, llvm::ArrayRef<llvm::SmallBitVector> rows);

/// The results of a kernel by the loop nests that compute them: those of one shape share a nest,
/// but contractions, whose register tiles would not fit, only if they share a reduction.
std::vector<llvm::SmallVector<mlir::Value>> groupByNest(mlir::ValueRange results, VarScope &scope);

} // namespace tg::uop

#endif // TG_ANALYSIS_READS_H
