//===- IndexSpace.h - Index expressions over loops ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Index expressions of a loop nest name its loops by dims and the program's variables by symbols.
// An index that is only known at run time is a symbol too. The space knows the range of each, and
// how many loops have to be open around it: its level.
//
//===----------------------------------------------------------------------===//

#ifndef TG_ANALYSIS_INDEXSPACE_H
#define TG_ANALYSIS_INDEXSPACE_H

#include "tg/Dialect/UOp/UOp.h"
#include "tg/Support/RangeSimplify.h"

#include "llvm/ADT/StringMap.h"

namespace tg {

using Indices = llvm::SmallVector<mlir::AffineExpr>;
using Constraint = uop::Access::Constraint;
/// All of them hold.
using Guards = llvm::SmallVector<Constraint>;

class IndexSpace {
public:
  /// Bounds of variables come from `vars`, by name, which must outlive the space; a variable that
  /// is not among them is not negative.
  IndexSpace(mlir::MLIRContext *context, const llvm::StringMap<uop::VarOp> &vars)
      : vars(vars), scope(context) {}

  mlir::MLIRContext *getContext() const { return scope.getContext(); }
  uop::VarScope &getScope() { return scope; }

  /// A dim for the loop over [0, extent) that is opened in `level - 1` others. Dims are never
  /// reused.
  mlir::AffineExpr addDim(uop::DimAttr extent, unsigned level);
  /// A symbol for an index in `range` that is computed in `level` loops.
  mlir::AffineExpr addSymbol(IndexRange range, unsigned level);
  unsigned getNumDims() const { return dimRanges.size(); }
  /// Variables and others; a variable counts once it is used.
  unsigned getNumSymbols();
  /// Whether the symbol at a position is a variable of the program.
  bool isVar(unsigned position) const { return isVarSymbol[position]; }

  /// How many loops have to be open for this.
  unsigned levelOf(mlir::AffineExpr expr) const;
  unsigned levelOf(llvm::ArrayRef<mlir::AffineExpr> exprs, const Guards &guards = {}) const;

  mlir::AffineExpr simplify(mlir::AffineExpr expr);
  void simplify(llvm::MutableArrayRef<mlir::AffineExpr> exprs) {
    for (mlir::AffineExpr &expr : exprs)
      expr = simplify(expr);
  }
  /// Simplifies all and drops what always holds. False if they never hold together.
  bool simplify(Guards &guards);
  /// Bounds of the value, inclusive; the extremes of int64 where none is known.
  std::pair<int64_t, int64_t> getBounds(mlir::AffineExpr expr);

  mlir::AffineExpr constant(int64_t value) const {
    return mlir::getAffineConstantExpr(value, getContext());
  }
  mlir::AffineExpr getExpr(uop::DimAttr dim) { return scope.getExpr(dim); }
  Indices getExprs(llvm::ArrayRef<uop::DimAttr> dims);
  /// The row-major position; null if a stride of constants overflows.
  mlir::AffineExpr linearize(llvm::ArrayRef<mlir::AffineExpr> indices,
                             llvm::ArrayRef<uop::DimAttr> dims);
  /// The index in `dims` of the element at a position, simplified.
  Indices delinearize(mlir::AffineExpr linear, llvm::ArrayRef<uop::DimAttr> dims);

private:
  /// Symbols for the variables that the scope has numbered since.
  void addVars();

  const llvm::StringMap<uop::VarOp> &vars;
  uop::VarScope scope;
  llvm::SmallVector<IndexRange> dimRanges, symbolRanges;
  llvm::SmallVector<unsigned> dimLevels, symbolLevels;
  llvm::SmallVector<bool> isVarSymbol;
};

/// Adds those of `added` that `guards` does not have yet.
Guards addGuards(Guards guards, llvm::ArrayRef<Constraint> added);

} // namespace tg

#endif // TG_ANALYSIS_INDEXSPACE_H
