//===- TensorBuilder.h - Checked construction of uop graphs -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_BUILDER_TENSORBUILDER_H
#define TG_BUILDER_TENSORBUILDER_H

#include "mlir/IR/Builders.h"
#include "tg/Dialect/UOp/UOp.h"

#include <optional>
#include <string>

namespace tg {

/// A number of a model without its fraction. NaN is 0; what lies beyond +-2^62 ends there, so that
/// a step more cannot overflow.
int64_t truncateToInt(double value);

using uop::DimAttr;

/// Builds uop operations at one location, with NumPy's broadcasting, for front ends whose input may
/// be wrong in any way.
///
/// Nothing here asserts on bad operands: the first failure is recorded, and from then on every
/// method returns null (null operands are accepted), so that a composition needs no checks between
/// its steps; ask `hasFailed` at the end. Every operation is verified as it is made.
class TensorBuilder {
public:
  TensorBuilder(mlir::OpBuilder &builder, mlir::Location loc) : builder(builder), loc(loc) {}

  mlir::MLIRContext *getContext() const { return builder.getContext(); }
  mlir::OpBuilder &getBuilder() { return builder; }
  mlir::Location getLoc() const { return loc; }

  bool hasFailed() const { return error.has_value(); }
  llvm::StringRef getError() const { return error ? llvm::StringRef(*error) : ""; }
  /// Records the failure (the first one wins). Returns null.
  mlir::Value fail(const llvm::Twine &message);
  /// Records that two sizes are not known to be equal. Returns null.
  mlir::Value failSizes(const llvm::Twine &message, DimAttr x, DimAttr y);
  /// Of such a failure a size that is not static; null otherwise.
  DimAttr getUnknownSize() const { return unknownSize; }
  /// Of such a failure the two sizes; nothing otherwise.
  std::optional<std::pair<DimAttr, DimAttr>> getUnequalSizes() const { return unequalSizes; }

  //===--------------------------------------------------------------------===//
  // Shapes
  //===--------------------------------------------------------------------===//

  /// The type of a value; it must not be null.
  static mlir::RankedTensorType getType(mlir::Value value);
  static mlir::Type getElementType(mlir::Value value) { return getType(value).getElementType(); }
  static int64_t getRank(mlir::Value value) { return getType(value).getRank(); }
  static llvm::SmallVector<DimAttr> getDims(mlir::Value value) {
    return uop::getDims(getType(value));
  }
  static DimAttr getDim(mlir::Value value, unsigned axis) {
    return uop::getDim(getType(value), axis);
  }
  DimAttr dim(int64_t size) const { return DimAttr::get(getContext(), size); }
  llvm::SmallVector<DimAttr> dims(llvm::ArrayRef<int64_t> sizes) const;
  /// The product; fails on overflow.
  DimAttr product(llvm::ArrayRef<DimAttr> dims);
  /// The axis counted from the front; fails outside `[-rank, rank)`.
  int64_t normalizeAxis(int64_t axis, int64_t rank);
  /// All axes counted from the front, sorted; fails on duplicates.
  llvm::SmallVector<int64_t> normalizeAxes(llvm::ArrayRef<int64_t> axes, int64_t rank);
  /// The shape that both broadcast to, as in NumPy. Symbolic sizes must be equal, or one be 1.
  std::optional<llvm::SmallVector<DimAttr>> broadcastShapes(llvm::ArrayRef<DimAttr> lhs,
                                                            llvm::ArrayRef<DimAttr> rhs);

  //===--------------------------------------------------------------------===//
  // Constants
  //===--------------------------------------------------------------------===//

  mlir::Value constant(mlir::ElementsAttr value);
  /// A rank-0 constant, rounded to `type`.
  mlir::Value scalar(double value, mlir::Type type);
  mlir::Value scalarInt(int64_t value, mlir::Type type);
  mlir::Value scalar(mlir::TypedAttr value);
  /// A constant of the shape and element type of `like`.
  mlir::Value splatLike(double value, mlir::Value like);
  mlir::Value splat(mlir::TypedAttr value, llvm::ArrayRef<DimAttr> dims);
  /// A rank-0 i64 with the value of the expression.
  mlir::Value size(DimAttr value);
  /// The expressions' values in row-major order.
  mlir::Value fromDims(llvm::ArrayRef<DimAttr> elements, llvm::ArrayRef<int64_t> shape,
                       mlir::Type elementType);
  mlir::Value iota(llvm::ArrayRef<DimAttr> dims, int64_t axis, mlir::Type type);

  //===--------------------------------------------------------------------===//
  // Elementwise
  //===--------------------------------------------------------------------===//

  template <typename OpTy> mlir::Value unary(mlir::Value x) {
    return x ? checked(OpTy::create(builder, loc, x.getType(), x)) : mlir::Value();
  }
  /// Broadcasts, then applies.
  template <typename OpTy> mlir::Value binary(mlir::Value x, mlir::Value y) {
    if (!broadcast(x, y))
      return {};
    return checked(OpTy::create(builder, loc, x.getType(), x, y));
  }
  /// Broadcasts, then compares; the result is i1.
  template <typename OpTy> mlir::Value compare(mlir::Value x, mlir::Value y) {
    if (!broadcast(x, y))
      return {};
    return checked(OpTy::create(builder, loc, uop::withElementType(x.getType(), 1), x, y));
  }

  mlir::Value add(mlir::Value x, mlir::Value y) { return binary<uop::AddOp>(x, y); }
  mlir::Value sub(mlir::Value x, mlir::Value y) { return binary<uop::SubOp>(x, y); }
  mlir::Value mul(mlir::Value x, mlir::Value y) { return binary<uop::MulOp>(x, y); }
  mlir::Value max(mlir::Value x, mlir::Value y) { return binary<uop::MaxOp>(x, y); }
  mlir::Value min(mlir::Value x, mlir::Value y) { return binary<uop::MinOp>(x, y); }
  /// The quotient: of floats, or of integers rounded toward zero.
  mlir::Value div(mlir::Value x, mlir::Value y);
  mlir::Value lt(mlir::Value x, mlir::Value y) { return compare<uop::CmpLtOp>(x, y); }
  mlir::Value le(mlir::Value x, mlir::Value y) { return compare<uop::CmpLeOp>(x, y); }
  mlir::Value eq(mlir::Value x, mlir::Value y) { return compare<uop::CmpEqOp>(x, y); }
  mlir::Value ne(mlir::Value x, mlir::Value y) { return compare<uop::CmpNeOp>(x, y); }
  mlir::Value where(mlir::Value condition, mlir::Value onTrue, mlir::Value onFalse);
  mlir::Value cast(mlir::Value x, mlir::Type type);
  mlir::Value bitcast(mlir::Value x, mlir::Type type);
  /// The magnitude: the sign bit cleared for floats, NaN and -0 too; integers wrap.
  mlir::Value abs(mlir::Value x);

  //===--------------------------------------------------------------------===//
  // Movement
  //===--------------------------------------------------------------------===//

  mlir::Value reshape(mlir::Value x, llvm::ArrayRef<DimAttr> dims);
  mlir::Value permute(mlir::Value x, llvm::ArrayRef<int64_t> permutation);
  /// Swaps two axes.
  mlir::Value transpose(mlir::Value x, int64_t axis0, int64_t axis1);
  /// Inserts axes of size 1 where the result has them.
  mlir::Value unsqueeze(mlir::Value x, llvm::ArrayRef<int64_t> axes);
  /// Drops axes, which must have size 1.
  mlir::Value squeeze(mlir::Value x, llvm::ArrayRef<int64_t> axes);
  /// NumPy's `broadcast_to`.
  mlir::Value broadcastTo(mlir::Value x, llvm::ArrayRef<DimAttr> dims);
  /// Brings both to one shape; false on failure.
  bool broadcast(mlir::Value &x, mlir::Value &y);
  /// `value` is of rank 0; null means zero. Negative amounts crop.
  mlir::Value pad(mlir::Value x, llvm::ArrayRef<DimAttr> low, llvm::ArrayRef<DimAttr> high,
                  mlir::Value value = {}, llvm::ArrayRef<int64_t> interior = {});
  mlir::Value shrink(mlir::Value x, llvm::ArrayRef<DimAttr> offsets, llvm::ArrayRef<DimAttr> sizes,
                     llvm::ArrayRef<int64_t> strides = {});
  /// The slice `[offset, offset + size)` of one axis.
  mlir::Value slice(mlir::Value x, int64_t axis, DimAttr offset, DimAttr size);
  mlir::Value flip(mlir::Value x, llvm::ArrayRef<int64_t> axes);
  mlir::Value window(mlir::Value x, llvm::ArrayRef<int64_t> axes, llvm::ArrayRef<int64_t> sizes,
                     llvm::ArrayRef<int64_t> strides, llvm::ArrayRef<int64_t> dilations);
  /// The adjoint of a window of a tensor of shape `dims`.
  mlir::Value unwindow(mlir::Value x, llvm::ArrayRef<DimAttr> dims, llvm::ArrayRef<int64_t> axes,
                       llvm::ArrayRef<int64_t> strides, llvm::ArrayRef<int64_t> dilations);
  mlir::Value concat(mlir::ValueRange values, int64_t axis);

  //===--------------------------------------------------------------------===//
  // Reductions, sorting, indexing
  //===--------------------------------------------------------------------===//

  /// `axes` sorted and not negative. With `keepDims` they stay as axes of size 1.
  mlir::Value reduce(uop::CombineKind kind, mlir::Value x, llvm::ArrayRef<int64_t> axes,
                     bool keepDims = false);
  /// As `reduce add`, accumulating f16, bf16 and narrower floats in f32.
  mlir::Value sum(mlir::Value x, llvm::ArrayRef<int64_t> axes, bool keepDims = false);
  /// The sum over `axes` divided by their number of elements.
  mlir::Value mean(mlir::Value x, llvm::ArrayRef<int64_t> axes, bool keepDims = false);
  /// A contraction: the sum over `axes` of `x * y`, which broadcast. Narrow floats accumulate in
  /// f32 and come back in their type.
  mlir::Value contract(mlir::Value x, mlir::Value y, llvm::ArrayRef<int64_t> axes);
  /// The largest (or smallest) element over `axes` and its entry of `indices` (i64, of the same
  /// shape); of equal ones that with the smallest index, or with the largest. NaN counts as
  /// extreme.
  std::pair<mlir::Value, mlir::Value> argReduce(mlir::Value x, mlir::Value indices,
                                                llvm::ArrayRef<int64_t> axes, bool isMax,
                                                bool takeLast);
  /// The i64 position along `axis` of the extreme element. The axis stays with size 1 if
  /// `keepDims`.
  mlir::Value argExtreme(mlir::Value x, int64_t axis, bool isMax, bool takeLast, bool keepDims);
  mlir::Value scan(uop::CombineKind kind, mlir::Value x, int64_t axis, bool exclusive,
                   bool reverse);
  llvm::SmallVector<mlir::Value> sort(mlir::ValueRange values, int64_t axis, bool descending);
  mlir::Value gather(mlir::Value x, mlir::Value indices, int64_t axis, int64_t batch = 0);
  mlir::Value scatter(uop::ScatterKind kind, mlir::Value dest, mlir::Value indices,
                      mlir::Value updates, int64_t axis, int64_t batch = 0);

  /// f32 for floats narrower than it, else the type itself.
  static mlir::Type getAccumulatorType(mlir::Type type);

protected:
  /// The operation's first result, or a failure if it does not verify.
  mlir::Value checked(mlir::Operation *op);
  /// Infers the result types and creates; null on failure.
  template <typename OpTy>
  mlir::Operation *createInferred(mlir::ValueRange operands,
                                  const typename OpTy::Properties &properties,
                                  llvm::function_ref<void(mlir::Region &)> fillRegion = {});

private:
  /// Runs `action`; if it fails, the diagnostics that it emitted become the failure.
  bool capture(llvm::function_ref<mlir::LogicalResult()> action);

  mlir::OpBuilder &builder;
  mlir::Location loc;
  std::optional<std::string> error;
  DimAttr unknownSize;
  std::optional<std::pair<DimAttr, DimAttr>> unequalSizes;
};

} // namespace tg

#endif // TG_BUILDER_TENSORBUILDER_H
