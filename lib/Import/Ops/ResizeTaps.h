//===- ResizeTaps.h - What Resize reads at each position --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Interpolation is separable: each position of a resized axis is a sum over a few elements of that
// axis, its taps. Which ones and how much of each is computed by operations on vectors of f64 over
// the positions, as ONNX's specification of Resize (opset 19) has it, so that sizes may be
// expressions; of constant sizes the results are constants.
//
//===----------------------------------------------------------------------===//

#ifndef TG_LIB_IMPORT_OPS_RESIZETAPS_H
#define TG_LIB_IMPORT_OPS_RESIZETAPS_H

#include "tg/Import/OnnxOps.h"

namespace tg {

/// How one axis is resized.
struct AxisResize {
  int64_t axis = 0;
  DimAttr from, to;
  /// What a coordinate is divided by; `to / from` where it is not given as a number.
  std::optional<double> scale;
  double roiStart = 0, roiEnd = 1;
};

struct ResizeMode {
  /// As the attributes; `nearest` may be "outer" too, which is the floor where the axis grows, the
  /// ceiling where it shrinks.
  llvm::StringRef mode, coordinates, nearest;
  double cubicA;
  bool excludesOutside, antialias;

  bool isNearest() const { return mode == "nearest"; }
  bool isCropping() const { return coordinates == "tf_crop_and_resize"; }
};

/// One entry per tap, and in it one element per output position.
struct ResizeTaps {
  llvm::SmallVector<mlir::Value> indices; ///< i64, inside the axis.
  llvm::SmallVector<mlir::Value> weights; ///< f64; none for the nearest element.
  mlir::Value isOutside; ///< i1, where the extrapolation value goes; null if nowhere.
};

/// Nothing after a failure.
std::optional<ResizeTaps> getResizeTaps(OnnxNode &n, const ResizeMode &mode,
                                        const AxisResize &resize);

/// How many times in a row each element is taken, if that is all that the resizing does; null if it
/// is not.
DimAttr getResizeRepetition(OnnxNode &n, const ResizeMode &mode, const AxisResize &resize);

/// Resizes the node's input 0 by a scale per axis, as Resize does, to its output.
void resizeOnnx(OnnxNode &n, const ResizeMode &mode, llvm::ArrayRef<double> scales);

} // namespace tg

#endif // TG_LIB_IMPORT_OPS_RESIZETAPS_H
