//===- Bounded.h - Elementwise functions of values with bounds --*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_LIB_INTERP_BOUNDED_H
#define TG_LIB_INTERP_BOUNDED_H

#include "tg/Dialect/UOp/UOpScalars.h"
#include "tg/Interp/Tolerance.h"

#include <cstddef>

namespace tg::interp {

/// An unpacked array, floats as f64, and how far each element may be off.
struct BoundedArray {
  const void *data;
  const double *bounds;
};

/// evalElementwise on real values, with bounds as tg/Interp/Tolerance.h says. `slack` multiplies
/// the rounding errors. n is at most 512. The result must not be one of the operands.
void evalBounded(uop::ElementwiseKind kind, DType operandType, DType resultType,
                 const BoundedArray *operands, void *result, double *bounds, size_t n,
                 double slack = 1);

/// The value of `type` nearest to `value`, as f64.
double roundTo(DType type, double value);

} // namespace tg::interp

#endif // TG_LIB_INTERP_BOUNDED_H
