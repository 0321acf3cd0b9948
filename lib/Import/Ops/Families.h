//===- Families.h - The families of ONNX operators --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_LIB_IMPORT_OPS_FAMILIES_H
#define TG_LIB_IMPORT_OPS_FAMILIES_H

#include "tg/Import/OnnxOps.h"

namespace tg {

void registerOnnxActivations(OnnxOpRegistry &registry);
void registerOnnxAttention(OnnxOpRegistry &registry);
void registerOnnxClassifiers(OnnxOpRegistry &registry);
void registerOnnxConstants(OnnxOpRegistry &registry);
void registerOnnxControlFlow(OnnxOpRegistry &registry);
/// Those of ONNX Runtime: the domain com.microsoft, and what it has in ONNX's own.
void registerOnnxContrib(OnnxOpRegistry &registry);
void registerOnnxConvolutions(OnnxOpRegistry &registry);
void registerOnnxDeformConv(OnnxOpRegistry &registry);
void registerOnnxDetection(OnnxOpRegistry &registry);
void registerOnnxEinsum(OnnxOpRegistry &registry);
void registerOnnxEncoders(OnnxOpRegistry &registry);
void registerOnnxElementwise(OnnxOpRegistry &registry);
void registerOnnxFourier(OnnxOpRegistry &registry);
void registerOnnxIndexing(OnnxOpRegistry &registry);
void registerOnnxLinearAlgebra(OnnxOpRegistry &registry);
void registerOnnxLosses(OnnxOpRegistry &registry);
void registerOnnxMachineLearning(OnnxOpRegistry &registry);
void registerOnnxMatMul(OnnxOpRegistry &registry);
void registerOnnxMovement(OnnxOpRegistry &registry);
void registerOnnxNGrams(OnnxOpRegistry &registry);
void registerOnnxNormalizations(OnnxOpRegistry &registry);
void registerOnnxPooling(OnnxOpRegistry &registry);
void registerOnnxQuantization(OnnxOpRegistry &registry);
void registerOnnxRandom(OnnxOpRegistry &registry);
void registerOnnxRecurrent(OnnxOpRegistry &registry);
void registerOnnxReductions(OnnxOpRegistry &registry);
void registerOnnxResize(OnnxOpRegistry &registry);
void registerOnnxSelection(OnnxOpRegistry &registry);
void registerOnnxSequences(OnnxOpRegistry &registry);
void registerOnnxShapeMath(OnnxOpRegistry &registry);
void registerOnnxSlicing(OnnxOpRegistry &registry);
void registerOnnxSpatial(OnnxOpRegistry &registry);
void registerOnnxStrings(OnnxOpRegistry &registry);
void registerOnnxSupportVectors(OnnxOpRegistry &registry);
void registerOnnxTraining(OnnxOpRegistry &registry);
void registerOnnxTrees(OnnxOpRegistry &registry);

/// The geometry that convolutions and pools share: one entry per spatial axis.
struct OnnxWindow {
  llvm::SmallVector<int64_t> axes, sizes, strides, dilations;
  llvm::SmallVector<DimAttr> low, high; ///< Padding.
  /// How many positions to take; null for all. Empty stands for all of all axes.
  llvm::SmallVector<DimAttr> positions;

  /// Reads kernel_shape (or takes `kernel`), strides, dilations, pads and auto_pad for input `x` of
  /// shape [N, C, spatial...].
  static std::optional<OnnxWindow> read(OnnxNode &n, mlir::Value x,
                                        llvm::ArrayRef<int64_t> kernel = {});
  /// (size - 1) * dilation + 1.
  int64_t getSpan(unsigned i) const { return (sizes[i] - 1) * dilations[i] + 1; }
  /// Pads `x` with `value` (null: zero) and windows it: [N, C, positions..., taps...].
  mlir::Value apply(OnnxNode &n, mlir::Value x, mlir::Value value = {}) const;
};

/// The convolution of x [N, C, s...] with w [M, C / g, k...], with the node's attributes.
mlir::Value convolveOnnx(OnnxNode &n, mlir::Value x, mlir::Value w);
/// A vector over the channels as [C, 1, ...], which broadcasts to [N, C, spatial...] of `rank`.
mlir::Value alignOnnxChannels(OnnxNode &n, mlir::Value vector, int64_t rank);
/// The pools of x [N, C, s...], with the node's attributes. With `countsOverhang` what hangs over
/// the end counts where padding does, as in ONNX Runtime's own pools, though not in its
/// AveragePool.
mlir::Value averagePoolOnnx(OnnxNode &n, mlir::Value x, bool countsOverhang = false);
mlir::Value maxPoolOnnx(OnnxNode &n, mlir::Value x);
/// alpha * A' * B' + beta * C, with the node's inputs and attributes.
mlir::Value multiplyOnnxGemm(OnnxNode &n);

struct Standardized {
  mlir::Value result, mean, inverseDeviation;
};
/// (x - mean) / sqrt(variance + epsilon) over `axes`; x must be of a type wide enough.
Standardized standardizeOnnx(OnnxNode &n, mlir::Value x, llvm::ArrayRef<int64_t> axes,
                             double epsilon);

/// x [B, S, H, D] with the first `turned` elements of every head turned in pairs by the angles
/// whose cosines and sines are [B, S, turned / 2], B maybe 1. Pairs are neighbors if
/// `isInterleaved`, else an element of the first half and one of the second.
mlir::Value rotateOnnx(OnnxNode &n, mlir::Value x, mlir::Value cosine, mlir::Value sine,
                       DimAttr turned, bool isInterleaved);

} // namespace tg

#endif // TG_LIB_IMPORT_OPS_FAMILIES_H
