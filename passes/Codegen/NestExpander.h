//===- NestExpander.h - Loop nests with vectors and unrolled bodies -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rewrites one nest of loops with those that its schedule expands. Every value of the body becomes
// as many instances as the expanded loops that it depends on have copies; it is a vector if it
// depends on the loop that is vectorized. So a product of a row (unrolled) and a column (vectorized
// and unrolled) is a register tile, and what it is made of is loaded once per row and once per
// column.
//
//===----------------------------------------------------------------------===//

#ifndef TG_PASSES_CODEGEN_NESTEXPANDER_H
#define TG_PASSES_CODEGEN_NESTEXPANDER_H

#include "tg/Codegen/LoopTree.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace tg::codegen {

/// How a loop is expanded.
struct Expansion {
  /// Lanes of vectors, and copies of the body (of vectors, where there are any) that are
  /// interleaved.
  int64_t width = 1, copies = 1;

  bool isExpanded() const { return width > 1 || copies > 1; }
};
using Expansions = llvm::DenseMap<mlir::Operation *, Expansion>;

class NestExpander {
public:
  NestExpander(mlir::affine::AffineForOp nest, const Expansions &expansions)
      : nest(nest), expansions(expansions), b(nest.getLoc(), nest) {}

  /// Emits the new nest before the old one and erases that; iterations of its outermost loop stay
  /// units of work. On failure nothing has changed: some operation has no vector form.
  mlir::LogicalResult run();
  /// The same for a reduction outside of all parallel loops.
  mlir::LogicalResult runReduction();

private:
  /// An expanded loop around the operation being emitted. One at a time has a width above 1.
  struct Dim {
    unsigned copies;
    int64_t width;
    /// Induction variable of the loop in the old nest.
    mlir::Value iv = {};
  };
  /// The instances of one value of the old nest.
  struct Instances {
    /// The dims that it depends on, as bits.
    unsigned mask = 0;
    /// In row-major order of the copies of those dims.
    llvm::SmallVector<mlir::Value, 4> values;
    /// Values of type index in a vectorized loop that grow evenly: lane `l` is `value + l * step`.
    bool isLinear = false;
    int64_t step = 0;
  };
  using Copies = llvm::SmallVector<unsigned, 4>;

  // Loops (NestExpander.cpp).
  mlir::LogicalResult emitBlock(mlir::Block &block);
  mlir::LogicalResult emitOp(mlir::Operation *op);
  mlir::LogicalResult emitLoop(mlir::affine::AffineForOp loop);
  mlir::Value emitBound(mlir::AffineMap map, mlir::ValueRange operands);
  mlir::LogicalResult emitPlainLoop(mlir::affine::AffineForOp loop, mlir::Value lower,
                                    mlir::Value upper, llvm::ArrayRef<Instances> inits,
                                    llvm::SmallVectorImpl<Instances> &results);
  mlir::LogicalResult emitParallelLoop(mlir::affine::AffineForOp loop, const Expansion &opt,
                                       mlir::Value lower, mlir::Value upper,
                                       std::optional<int64_t> trips);
  mlir::LogicalResult emitCopies(mlir::affine::AffineForOp loop, Dim dim, mlir::Value iv);
  mlir::LogicalResult emitReduction(mlir::affine::AffineForOp loop, const Expansion &opt,
                                    mlir::Value lower, mlir::Value upper,
                                    std::optional<int64_t> trips);
  mlir::FailureOr<mlir::scf::ForOp> emitParts(mlir::affine::AffineForOp loop, const Expansion &opt,
                                              mlir::Value lower, mlir::Value upper,
                                              unsigned outerMask);
  Instances combineParts(mlir::Operation *combiner, mlir::ValueRange parts, const Expansion &opt,
                         const Instances &total, unsigned outerMask);
  mlir::Value reduceLanes(mlir::Operation *combiner, mlir::Value vector);
  mlir::Value combine(mlir::Operation *combiner, mlir::Value lhs, mlir::Value rhs);
  unsigned getCapturedMask(mlir::affine::AffineForOp loop);
  mlir::Value offsetBy(mlir::Value index, int64_t amount);

  // Operations (NestExpanderOps.cpp).
  mlir::LogicalResult emitElementwise(mlir::Operation *op);
  bool emitLaneComparison(mlir::Operation *op);
  mlir::LogicalResult emitApply(mlir::affine::AffineApplyOp op);
  mlir::LogicalResult emitLoad(mlir::memref::LoadOp op, mlir::Value condition, mlir::Value result);
  mlir::LogicalResult emitStore(mlir::memref::StoreOp op);
  mlir::LogicalResult emitGuardedLoad(mlir::scf::IfOp op);
  mlir::Value loadStrided(mlir::Value buffer, mlir::Type element, mlir::Value start, int64_t step);
  mlir::Value loadVector(mlir::memref::LoadOp op, const Instances &index, const Copies &copies,
                         mlir::Value mask);
  bool emitTransposedLoad(mlir::memref::LoadOp op, const Instances &index, Instances &loaded);
  void storeVector(mlir::memref::StoreOp op, const Instances &index, const Copies &copies,
                   mlir::Value value);
  mlir::Value expandExpr(mlir::AffineExpr expr, llvm::ArrayRef<mlir::Value> dims,
                         llvm::ArrayRef<mlir::Value> symbols);

  // Instances.
  Instances get(mlir::Value value) const;
  mlir::Value at(const Instances &instances, const Copies &copies) const;
  /// As a vector, whatever it is.
  mlir::Value vectorAt(const Instances &instances, const Copies &copies);
  /// The lanes that exist, of a vector that may be a loop's last one; else null.
  mlir::Value tailMaskAt(const Copies &copies) const {
    return tailMasks.empty() ? mlir::Value() : tailMasks[copies[llvm::countr_zero(vectorBit)]];
  }
  bool isVector(const Instances &instances) const {
    return instances.isLinear || llvm::isa<mlir::VectorType>(instances.values.front().getType());
  }
  /// Calls `emit` for each combination of copies of the dims in `mask`, in row-major order.
  void forEachCopy(unsigned mask, llvm::function_ref<void(const Copies &)> emit) const;
  void bind(mlir::Value value, Instances instances) { known[value] = std::move(instances); }
  mlir::VectorType vectorOf(mlir::Type type) const { return mlir::VectorType::get({width}, type); }
  mlir::Value broadcast(mlir::Value scalar);
  mlir::Value toVector(mlir::Value value) {
    return llvm::isa<mlir::VectorType>(value.getType()) ? value : broadcast(value);
  }

  mlir::affine::AffineForOp nest;
  const Expansions &expansions;
  mlir::ImplicitLocOpBuilder b;
  llvm::DenseMap<mlir::Value, Instances> known;
  llvm::SmallVector<Dim> dims;
  /// Lanes of the vectorized dim, and its bit; 1 and 0 where there is none.
  int64_t width = 1;
  unsigned vectorBit = 0;
  /// In the last vectors of a loop: the lanes of each that exist.
  llvm::SmallVector<mlir::Value> tailMasks;
};

} // namespace tg::codegen

#endif // TG_PASSES_CODEGEN_NESTEXPANDER_H
