//===- Combiner.h - How reductions combine two values -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_LIB_INTERP_COMBINER_H
#define TG_LIB_INTERP_COMBINER_H

#include "Bounded.h"

#include "mlir/IR/Block.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "tg/Dialect/UOp/UOpTypes.h"
#include "llvm/ADT/SmallVector.h"

#include <optional>

namespace tg::interp {

/// n accumulators and n elements to n accumulators: a shorthand kind, or the scalar code of a
/// combiner region.
class Combiner {
public:
  /// Elements of an array of states are combined at most this many at a time.
  static constexpr size_t maxBlock = 512;

  Combiner(uop::CombineKind kind, mlir::Type type);
  /// `block` is the region's; identities are scalar attributes.
  Combiner(mlir::Block &block, llvm::ArrayRef<mlir::Attribute> identities);

  unsigned size() const { return types.size(); }
  DType getType(unsigned i) const { return types[i]; }
  /// The identity's bits, an unpacked element.
  uint64_t getIdentity(unsigned i) const { return identities[i]; }
  std::optional<uop::CombineKind> getKind() const { return kind; }

  /// result[i][j] = combine(lhs[.][j], rhs[.][j]) for j < n <= maxBlock. Results may not overlap
  /// the operands. With `slack` (tolerances) the arrays carry bounds and floats are f64.
  void apply(llvm::ArrayRef<BoundedArray> lhs, llvm::ArrayRef<BoundedArray> rhs,
             llvm::ArrayRef<void *> results, llvm::ArrayRef<double *> bounds, size_t n,
             std::optional<double> slack) const;

private:
  struct Step {
    uop::ElementwiseKind function;
    DType operandType, resultType;
    llvm::SmallVector<unsigned, 3> operands;
  };
  struct Constant {
    DType type;
    uint64_t bits;
  };

  std::optional<uop::CombineKind> kind;
  llvm::SmallVector<DType> types;
  llvm::SmallVector<uint64_t> identities;
  /// Values by number: accumulators, elements, constants, then one per step.
  llvm::SmallVector<Constant> constants;
  llvm::SmallVector<Step> steps;
  llvm::SmallVector<unsigned> yielded;
};

/// An unpacked element with the value of a scalar attribute.
uint64_t getScalarBits(mlir::Attribute attribute);

} // namespace tg::interp

#endif // TG_LIB_INTERP_COMBINER_H
