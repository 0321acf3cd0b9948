//===- UOpTypes.h - Element types, dimensions, accesses ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the generated declarations of the dialect are written in: predicates on element types,
// arithmetic on dimension expressions, and the access maps of movement operations.
//
//===----------------------------------------------------------------------===//

#ifndef TG_DIALECT_UOP_TYPES_H
#define TG_DIALECT_UOP_TYPES_H

#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/Attributes.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/TensorEncoding.h"
#include "mlir/IR/Value.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"

namespace tg::uop {

/// The scalar functions of elementwise operations. `lib/Interp` gives each its meaning.
enum class ElementwiseKind {
  // clang-format off
  Exp2, Log2, Sin, Sqrt, Reciprocal, Neg, Trunc, Not, Cast, Bitcast,
  Add, Sub, Mul, FDiv, FloorDiv, FloorMod, CDiv, CMod, Pow, Max, Min, Shl, Shr, And, Or, Xor,
  Threefry, CmpLt, CmpLe, CmpNe, CmpEq, Where, Fma,
  Exp, Log, Cos, Tan, Asin, Acos, Atan, Sinh, Cosh, Tanh, Asinh, Acosh, Atanh, Erf,
  Floor, Ceil, Round,
  // clang-format on
};

//===----------------------------------------------------------------------===//
// Element types
//===----------------------------------------------------------------------===//

bool isElementType(mlir::Type type);    ///< Any type the dialect stores.
bool isComputeType(mlir::Type type);    ///< Types with arithmetic.
bool isNumberType(mlir::Type type);     ///< Compute types but i1.
bool isComputeFloat(mlir::Type type);   ///< f16, bf16, f32, f64, f8E4M3FN, f8E5M2.
bool isComputeInteger(mlir::Type type); ///< i1, i8 to i64, ui8 to ui64.
bool isWideInteger(mlir::Type type);    ///< Compute integers but i1.
bool isBool(mlir::Type type);           ///< i1.
bool isU64(mlir::Type type);            ///< ui64.
bool isI64(mlir::Type type);            ///< i64.
bool isIndexInteger(mlir::Type type);   ///< i32 or i64.

/// The tensor type with another element type; `type` itself if it is no ranked tensor.
mlir::Type withElementType(mlir::Type type, mlir::Type elementType);
/// As above, with the signless integer of `width` bits.
mlir::Type withElementType(mlir::Type type, unsigned width);
/// The type of a value that is a ranked tensor.
inline mlir::RankedTensorType tensorType(mlir::Value value) {
  return llvm::cast<mlir::RankedTensorType>(value.getType());
}

/// How many elements share a byte of storage: 1 but for types of 2 and 4 bits. (i1 takes a byte.)
unsigned getElementsPerByte(mlir::Type elementType);
/// Bytes of storage per element, a half for types of 4 bits; for estimates.
double getBytesPerElement(mlir::Type elementType);

/// The rank-0 tensor type of the same element type.
mlir::Type toScalarType(mlir::Type type);

} // namespace tg::uop

#include "tg/Dialect/UOp/UOpEnums.h.inc"
#define GET_ATTRDEF_CLASSES
#include "tg/Dialect/UOp/UOpAttrs.h.inc"

namespace tg::uop {

/// The scalar of `type` that leaves the other operand of `kind` as it is.
mlir::TypedAttr getIdentityOf(CombineKind kind, mlir::Type type);

//===----------------------------------------------------------------------===//
// Dimensions
//===----------------------------------------------------------------------===//

/// Whether every dynamic dimension has an expression in the encoding.
bool hasKnownDims(mlir::RankedTensorType type);
/// The dimensions of `type`, static ones as constants.
llvm::SmallVector<DimAttr> getDims(mlir::RankedTensorType type);
DimAttr getDim(mlir::RankedTensorType type, unsigned axis);
/// The tensor type of these dimensions, with an encoding if any of them is symbolic.
mlir::RankedTensorType getTensorType(llvm::ArrayRef<DimAttr> dims, mlir::Type elementType);

/// Arithmetic in canonical form. Divisors must be positive; a result whose coefficients leave 64
/// bits is null.
DimAttr addDims(DimAttr lhs, DimAttr rhs);
DimAttr subDims(DimAttr lhs, DimAttr rhs);
DimAttr mulDims(DimAttr lhs, DimAttr rhs);
DimAttr floorDivDims(DimAttr lhs, DimAttr rhs);
DimAttr ceilDivDims(DimAttr lhs, DimAttr rhs);
DimAttr modDims(DimAttr lhs, DimAttr rhs);
/// Bytes of storage of so many elements; null on overflow.
DimAttr getByteSize(DimAttr count, mlir::Type elementType);
/// The product of all; null on overflow.
DimAttr productOf(mlir::MLIRContext *context, llvm::ArrayRef<DimAttr> dims);
/// The number of elements; null on overflow.
DimAttr getNumElements(mlir::RankedTensorType type);
/// About how many elements: a variable counts as 64. At most 2^48, so that sums of bytes stay in 64
/// bits.
double estimateElements(llvm::ArrayRef<DimAttr> dims);
/// The same with a value for each variable.
double estimateElements(llvm::ArrayRef<DimAttr> dims,
                        llvm::function_ref<int64_t(llvm::StringRef)> values);
/// About how many bytes, of storage types of whole bytes.
double estimateBytes(mlir::RankedTensorType type);
/// `dim` with variables replaced by known values; unknown ones stay.
DimAttr substitute(DimAttr dim, llvm::function_ref<std::optional<int64_t>(llvm::StringRef)> values);
/// The value for these variables; nothing if a variable is unknown or the arithmetic overflows.
std::optional<int64_t> evaluate(DimAttr dim,
                                llvm::function_ref<std::optional<int64_t>(llvm::StringRef)> values);

//===----------------------------------------------------------------------===//
// Accesses
//===----------------------------------------------------------------------===//

/// Numbers the variables that a set of affine expressions uses as symbols.
class VarScope {
public:
  explicit VarScope(mlir::MLIRContext *context) : context(context) {}

  mlir::MLIRContext *getContext() const { return context; }
  /// The symbol of `var`; a new one at its first use.
  mlir::AffineExpr getSymbol(mlir::StringAttr var);
  /// `dim` over this scope's symbols.
  mlir::AffineExpr getExpr(DimAttr dim);
  /// The expression over this scope's symbols as a dimension.
  DimAttr getDim(mlir::AffineExpr expr) const { return DimAttr::get(context, vars, expr); }
  llvm::ArrayRef<mlir::StringAttr> getVars() const { return vars; }
  unsigned size() const { return vars.size(); }

private:
  mlir::MLIRContext *context;
  llvm::SmallVector<mlir::StringAttr> vars;
};

/// Where a result element comes from: operand index = `indices` where every constraint holds.
/// Expressions are over the result's dimensions (dims) and a scope's variables (symbols).
struct Access {
  /// Holds where `expr >= 0`, or with `isZero` where `expr == 0`.
  struct Constraint {
    mlir::AffineExpr expr;
    bool isZero = false;
  };

  llvm::SmallVector<mlir::AffineExpr> indices;
  llvm::SmallVector<Constraint> constraints;

  /// The access of `rank` dims that reads the same index.
  static Access identity(mlir::MLIRContext *context, unsigned rank);
  /// This access followed by `inner`: `inner`'s dims are this one's indices, and constraints add
  /// up.
  Access compose(const Access &inner) const;
};

} // namespace tg::uop

#endif // TG_DIALECT_UOP_TYPES_H
