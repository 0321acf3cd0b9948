//===- Quantization.h - What quantized operators share ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_LIB_IMPORT_OPS_QUANTIZATION_H
#define TG_LIB_IMPORT_OPS_QUANTIZATION_H

#include "Families.h"

namespace tg {

/// A scale or zero point brought to the shape of `x`: a scalar, one per index of `axis`, or, of
/// `x`'s rank, one per block of `blockSize` along `axis`.
mlir::Value alignQuantParameter(OnnxNode &n, mlir::Value parameter, mlir::Value x, int64_t axis,
                                int64_t blockSize);
/// round(x / scale) + zero point, saturated; all of one shape; `zero` may be null.
mlir::Value quantizeOnnx(OnnxNode &n, mlir::Value x, mlir::Value scale, mlir::Value zero,
                         mlir::Type type);
/// x - zero point, in i32; `zero` may be null.
mlir::Value subtractQuantZero(OnnxNode &n, mlir::Value x, mlir::Value zero);
/// An i32 product as integers of the type of `zero`: times `scales` / `scale`, plus `zero`.
mlir::Value requantizeOnnx(OnnxNode &n, mlir::Value product, mlir::Value scales, mlir::Value scale,
                           mlir::Value zero);
/// A parameter per row of the left operand: a vector becomes a column.
mlir::Value quantPerRow(OnnxNode &n, mlir::Value parameter);

struct DynamicQuantization {
  mlir::Value value; ///< ui8
  mlir::Value scale, zero;
};
/// To ui8, with the range of x and 0 on 0 to 255.
DynamicQuantization quantizeDynamically(OnnxNode &n, mlir::Value x);

/// x, quantized dynamically, times integer weights with a scale and maybe a zero point, which may
/// be per column.
mlir::Value multiplyDynamically(OnnxNode &n, mlir::Value x, mlir::Value weights, mlir::Value scale,
                                mlir::Value zero);

/// QuantizeLinear and DequantizeLinear of any domain.
void quantizeLinearOnnx(OnnxNode &n);
void dequantizeLinearOnnx(OnnxNode &n);
/// QLinearConv of `x`, with the node's other inputs and attributes.
mlir::Value qLinearConvOnnx(OnnxNode &n, mlir::Value x);

} // namespace tg

#endif // TG_LIB_IMPORT_OPS_QUANTIZATION_H
