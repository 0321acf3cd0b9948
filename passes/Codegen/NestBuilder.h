//===- NestBuilder.h - Loop nests over index expressions --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Builds affine loops and everything in them. What is emitted for an index expression goes to the
// outermost loop that has all it needs, so that what does not depend on a loop stands outside of
// it.
//
//===----------------------------------------------------------------------===//

#ifndef TG_PASSES_CODEGEN_NESTBUILDER_H
#define TG_PASSES_CODEGEN_NESTBUILDER_H

#include "tg/Analysis/IndexSpace.h"
#include "tg/Codegen/ScalarOps.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tg::codegen {

/// Adds a last argument with an attribute.
mlir::Value addArgument(mlir::func::FuncOp function, mlir::Type type, llvm::StringRef attrName,
                        mlir::Attribute attr);

/// The index space of the loops that it builds.
class NestBuilder : public IndexSpace {
public:
  /// Emits into `function`, which has an empty entry block; bounds of variables come from `vars`.
  NestBuilder(mlir::func::FuncOp function, const llvm::StringMap<uop::VarOp> &vars);

  //===--- Loops ---------------------------------------------------------------------------===//

  /// Opens a loop over [0, extent) in the innermost open one, the one of the axis `name` in the
  /// kernel's plan (empty: of none); returns its dim.
  mlir::AffineExpr beginLoop(uop::DimAttr extent, bool isParallel, llvm::StringRef name,
                             mlir::ValueRange inits = {});
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

  /// The builder with its insertion point in the `level`th loop, for operations at `loc`.
  mlir::ImplicitLocOpBuilder &at(unsigned level, mlir::Location loc);
  /// The value of an expression, of type index.
  mlir::Value materialize(mlir::AffineExpr expr, mlir::Location loc);
  /// Whether all guards hold, an i1; null where there are none.
  mlir::Value materialize(const Guards &guards, mlir::Location loc);
  /// A symbol for a value of type index that was emitted at `level`.
  mlir::AffineExpr addSymbol(mlir::Value value, unsigned level, IndexRange range);

private:
  struct Level {
    mlir::Block *block;
    mlir::affine::AffineForOp loop;
    /// Insert before this; at the end of the block if null.
    mlir::Operation *anchor;
    uop::DimAttr trips;
  };
  /// The value of a symbol; a variable becomes an argument of the function at its first use.
  mlir::Value getSymbolValue(unsigned position);
  mlir::Value createApply(mlir::AffineExpr expr, mlir::Location loc);

  mlir::func::FuncOp function;
  mlir::ImplicitLocOpBuilder b;
  std::vector<Level> levels;
  std::vector<Level> hidden;
  /// Of dims and symbols, by position.
  llvm::SmallVector<mlir::Value> dimValues, symbolValues;
  llvm::DenseMap<mlir::AffineExpr, mlir::Value> values;
  std::vector<std::pair<Guards, mlir::Value>> conditions;
};

} // namespace tg::codegen

#endif // TG_PASSES_CODEGEN_NESTBUILDER_H
