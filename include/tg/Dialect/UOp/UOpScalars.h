//===- ScalarOps.h - The scalar functions of uop ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one meaning of every elementwise operation on every element type. Constant folding and the
// interpreter call it; code generators are tested against it.
//
// Arrays are dense and unpacked: an element takes elementBytes(type) bytes, types narrower than a
// byte one byte each, with the value in the low bits and zeros above (i1: 0 or 1). So except for
// packed types an array here is what tg/Runtime/DType.h calls storage.
//
// Floats other than f32 and f64 are computed in f64 from exact inputs and rounded once, to nearest
// even; +, -, *, /, sqrt and fma are so correctly rounded in every type. Transcendental functions
// come from the C library in f64 (f64: in long double) and are rounded to the type: within
// 0.51 ulp for types narrower than f64.
//
//===----------------------------------------------------------------------===//

#ifndef TG_DIALECT_UOP_UOPSCALARS_H
#define TG_DIALECT_UOP_UOPSCALARS_H

#include "tg/Dialect/UOp/UOpTypes.h"
#include "tg/Runtime/DType.h"

#include <cstddef>

namespace tg {

/// Bytes of an element in an unpacked array: 1, 2, 4 or 8.
unsigned elementBytes(DType type);

/// The DType of an element type of the dialect.
std::optional<DType> getDType(mlir::Type type);
/// The inverse.
mlir::Type getElementType(mlir::MLIRContext *context, DType type);

/// Number of operands of the function.
unsigned getNumOperands(uop::ElementwiseKind kind);
/// The operation's name without the dialect: "exp2".
llvm::StringRef getName(uop::ElementwiseKind kind);
/// Whether results are exact or correctly rounded on every conforming implementation, so that
/// folding changes nothing.
bool isExactlyRounded(uop::ElementwiseKind kind);

/// result[i] = kind(operands[0][i], ...) for i < n. `operandType` is the type of the operands
/// (where: of the values; its condition is i1); `resultType` differs from it for cast, bitcast and
/// comparisons only. The types must be ones that the operation's verifier accepts. `result` may be
/// one of the operands if their elements are of the same size.
void evalElementwise(uop::ElementwiseKind kind, DType operandType, DType resultType,
                     const void *const *operands, void *result, size_t n);

/// Unpacks elements [first, first + n) of storage into an array, and the reverse. Packing whole
/// arrays at a time starts at an element that begins a byte.
void unpackElements(DType type, const void *storage, int64_t first, void *array, size_t n);
void packElements(DType type, const void *array, void *storage, int64_t first, size_t n);

} // namespace tg

#endif // TG_DIALECT_UOP_UOPSCALARS_H
