//===- ScalarOps.h - Scalar meaning of uop operations in arith --*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Inside a kernel every value of an element type is held in a *register type*: `i1` and signless
// integers for integers, `f32` and `f64` as they are, and every narrower float as the integer of
// its bits, so that moving a value never changes its bits. Arithmetic on narrow floats decodes to
// f32, computes, and rounds back after each operation. For the formats of at most 11 significand
// bits this is the correctly rounded result: f32 has more than twice as many bits plus two
// (Figueroa, "When is double rounding innocuous?", SIGNUM 1995).
//
// Everything emitted is total (division by zero and shifts past the width included), so it may be
// speculated, and elementwise-mappable, so it may be vectorized by changing its types.
//
//===----------------------------------------------------------------------===//

#ifndef TG_CODEGEN_SCALAROPS_H
#define TG_CODEGEN_SCALAROPS_H

#include "tg/Dialect/UOp/UOp.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace tg::codegen {

/// What a value of this element type is computed with.
mlir::Type getRegisterType(mlir::Type elementType);
/// What a buffer of this element type consists of: i1 is one byte, sub-byte types are packed bytes.
mlir::Type getMemoryType(mlir::Type elementType);

/// Emits scalar arithmetic on register types.
class ScalarBuilder {
public:
  explicit ScalarBuilder(mlir::ImplicitLocOpBuilder &b) : b(b) {}

  /// `kind` on operands of element type `type`, of which the first one says `operandType` (cast,
  /// bitcast and comparisons have another result type). Null if there is no such operation.
  mlir::Value emit(uop::ElementwiseKind kind, llvm::ArrayRef<mlir::Value> operands,
                   mlir::Type operandType, mlir::Type resultType);
  mlir::Value cast(mlir::Value value, mlir::Type from, mlir::Type to);
  mlir::Value combine(uop::CombineKind kind, mlir::Value lhs, mlir::Value rhs, mlir::Type type);
  /// A scalar attribute of the element type.
  mlir::Value constant(mlir::TypedAttr value);
  mlir::Value zero(mlir::Type elementType);

  /// The bits of `value` widened to f32 (f64 for f64): exact.
  mlir::Value decode(mlir::Value value, mlir::Type type);
  /// `value`, an f32 or f64, rounded once to `type`.
  mlir::Value encode(mlir::Value value, mlir::Type type);

private:
  mlir::Value emitInteger(uop::ElementwiseKind kind, llvm::ArrayRef<mlir::Value> v,
                          mlir::IntegerType type);
  mlir::Value emitFloat(uop::ElementwiseKind kind, llvm::ArrayRef<mlir::Value> v, mlir::Type type);
  mlir::Value emitUnaryMath(uop::ElementwiseKind kind, mlir::Value x);
  mlir::Value emitCompare(uop::ElementwiseKind kind, mlir::Value lhs, mlir::Value rhs,
                          mlir::Type type);
  mlir::Value emitThreefry(mlir::Value counter, mlir::Value key);
  mlir::Value emitIntegerPow(mlir::Value x, mlir::Value exponent, bool isUnsigned);
  mlir::Value emitNarrowFma(mlir::Value a, mlir::Value b, mlir::Value c, mlir::Type type);
  struct Division {
    mlir::Value quotient, remainder;
  };
  Division divide(mlir::Value lhs, mlir::Value rhs, bool isUnsigned);
  Division divideSafely(mlir::Value lhs, mlir::Value rhs, bool isUnsigned, bool isConstant);
  mlir::Value floorMod(mlir::Value lhs, mlir::Value rhs);
  mlir::Value floorDiv(mlir::Value lhs, mlir::Value rhs);

  mlir::Value decodeSmall(mlir::Value bits, mlir::FloatType type);
  mlir::Value encodeSmall(mlir::Value value, mlir::FloatType type);
  mlir::Value roundToOdd(mlir::Value value);
  mlir::Value floatToInteger(mlir::Value value, mlir::IntegerType type);
  mlir::Value integerToFloat(mlir::Value value, mlir::IntegerType from, mlir::Type to);

  mlir::Value integer(mlir::Type type, uint64_t value);
  mlir::Value real(mlir::Type type, double value);
  mlir::Value select(mlir::Value c, mlir::Value t, mlir::Value f);

  mlir::ImplicitLocOpBuilder &b;
};

} // namespace tg::codegen

#endif // TG_CODEGEN_SCALAROPS_H
