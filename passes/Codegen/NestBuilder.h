//===- NestBuilder.h - Loop nests over index expressions --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Builds affine loops and everything in them. Index expressions name loops by dims, which are never
// reused, and variables by symbols. An index that is only known at run time is a symbol too. What
// is emitted for an expression goes to the outermost loop that has all it needs, so that what does
// not depend on a loop stands outside of it.
//
//===----------------------------------------------------------------------===//

#ifndef TG_PASSES_CODEGEN_NESTBUILDER_H
#define TG_PASSES_CODEGEN_NESTBUILDER_H

#include "tg/Codegen/ScalarOps.h"
#include "tg/Dialect/UOp/UOp.h"
#include "tg/Support/RangeSimplify.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringMap.h"

namespace tg::codegen {

using Indices = llvm::SmallVector<mlir::AffineExpr>;
using Constraint = uop::Access::Constraint;
/// All of them hold.
using Guards = llvm::SmallVector<Constraint>;

/// Adds a last argument with an attribute.
mlir::Value addArgument(mlir::func::FuncOp function, mlir::Type type, llvm::StringRef attrName,
                        mlir::Attribute attr);

class NestBuilder {
public:
  /// Emits into `function`, which has an empty entry block; bounds of variables come from `vars`.
  NestBuilder(mlir::func::FuncOp function, const llvm::StringMap<uop::VarOp> &vars);

  mlir::MLIRContext *getContext() { return b.getContext(); }
  uop::VarScope &getScope() { return scope; }

  //===--- Loops ---------------------------------------------------------------------------===//

  /// Opens a loop over [0, extent) in the innermost open one; returns its dim.
  mlir::AffineExpr beginLoop(uop::DimAttr extent, bool isParallel, mlir::ValueRange inits = {});
  /// Closes the innermost loop; returns its results.
  mlir::ValueRange endLoop(mlir::ValueRange yielded = {});
  /// Makes a region's block the innermost level, for control flow that is no affine loop.
  void beginRegion(mlir::Block *block);
  void endRegion();
  mlir::ValueRange getIterArgs() { return levels.back().loop.getRegionIterArgs(); }
  mlir::affine::AffineForOp getLoop() { return levels.back().loop; }
  /// The number of open loops.
  unsigned getDepth() const { return levels.size() - 1; }
  /// The product of the extents of the `level` outer loops.
  uop::DimAttr getTripCount(unsigned level) const { return levels[level].trips; }

  /// Hides the loops beyond the first `depth` until the scope ends: new loops stand before them.
  class Hoist {
  public:
    Hoist(NestBuilder &nest, unsigned depth);
    ~Hoist();

  private:
    NestBuilder &nest;
    size_t first;
  };

  //===--- Expressions ---------------------------------------------------------------------===//

  mlir::AffineExpr simplify(mlir::AffineExpr expr);
  /// Simplifies all and drops what always holds. False if they never hold together.
  bool simplify(Guards &guards);
  /// Bounds of the value, inclusive; the extremes of int64 where none is known.
  std::pair<int64_t, int64_t> getBounds(mlir::AffineExpr expr);
  mlir::AffineExpr constant(int64_t value) {
    return mlir::getAffineConstantExpr(value, getContext());
  }
  mlir::AffineExpr getExpr(uop::DimAttr dim) { return scope.getExpr(dim); }
  Indices getExprs(llvm::ArrayRef<uop::DimAttr> dims);
  /// The row-major position.
  mlir::AffineExpr linearize(llvm::ArrayRef<mlir::AffineExpr> indices,
                             llvm::ArrayRef<uop::DimAttr> dims);

  /// How many loops have to be open for this.
  unsigned levelOf(mlir::AffineExpr expr) const;
  unsigned levelOf(llvm::ArrayRef<mlir::AffineExpr> exprs, const Guards &guards = {}) const;

  /// The builder with its insertion point in the `level`th loop, for operations at `loc`.
  mlir::ImplicitLocOpBuilder &at(unsigned level, mlir::Location loc);
  /// The value of an expression, of type index.
  mlir::Value materialize(mlir::AffineExpr expr, mlir::Location loc);
  /// Whether all guards hold, an i1; null where there are none.
  mlir::Value materialize(const Guards &guards, mlir::Location loc);
  /// A symbol for a value of type index that was emitted at `level`.
  mlir::AffineExpr addSymbol(mlir::Value value, unsigned level, IndexRange range);

  /// The number of divisions and guards in `op`: what a better choice of loops may save.
  static unsigned countComplexity(mlir::Operation *op);

private:
  struct Level {
    mlir::Block *block;
    mlir::affine::AffineForOp loop;
    /// Insert before this; at the end of the block if null.
    mlir::Operation *anchor;
    uop::DimAttr trips;
  };
  struct Term {
    mlir::Value value;
    unsigned level;
    IndexRange range;
  };

  const Term &getSymbol(unsigned position);
  static llvm::SmallVector<IndexRange> getRanges(llvm::ArrayRef<Term> terms);
  mlir::Value createApply(mlir::AffineExpr expr, mlir::Location loc);

  mlir::func::FuncOp function;
  const llvm::StringMap<uop::VarOp> &vars;
  mlir::ImplicitLocOpBuilder b;
  uop::VarScope scope;
  std::vector<Level> levels;
  std::vector<Level> hidden;
  std::vector<Term> dims;
  std::vector<Term> symbols;
  llvm::DenseMap<mlir::AffineExpr, mlir::Value> values;
  std::vector<std::pair<Guards, mlir::Value>> conditions;
};

} // namespace tg::codegen

#endif // TG_PASSES_CODEGEN_NESTBUILDER_H
