//===- Contraction.h - Schedules of products ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Products of matrices, convolutions and whatever else combines two operands, each of which is used
// again along an axis of the other: rows of one by columns of the other, added up along what both
// have. Where the columns' operand does not stay in the cache by itself it is packed, block by
// block (Goto, van de Geijn, "Anatomy of High-Performance Matrix Multiplication", ACM TOMS 34(3),
// 2008).
//
//===----------------------------------------------------------------------===//

#ifndef TG_LIB_TARGET_CPU_CONTRACTION_H
#define TG_LIB_TARGET_CPU_CONTRACTION_H

#include "tg/Codegen/LoopTree.h"
#include "tg/Machine/Machine.h"

#include <optional>
#include <string>

namespace tg::cpu {

/// A nest that is such a product and is worth blocks.
struct Contraction {
  /// The axes of all data loops from the outside in, and of the reduction's.
  llvm::SmallVector<std::string> data, reductions;
  /// Those of them that are rows (empty: there are none) and columns of the tiles, and the operand
  /// that is packed.
  std::string rows, columns, packed;
  /// An axis of lines, of which a block is packed together and has columns one behind the other, as
  /// those of an image; empty if there is none.
  std::string lines;
  /// Iterations of rows, columns, lines and reductions together; none where they vary.
  std::optional<int64_t> m, n, k;
  int64_t numLines = 1;
  /// Lanes of a vector of its elements.
  int64_t lanes = 1;
  /// Whether neighbors in the packed operand lie along the reduction, so that packing transposes.
  bool isTransposed = false;

  /// Of a nest's outermost loop; nothing if it is something else, or small.
  static std::optional<Contraction> find(mlir::affine::AffineForOp outermost,
                                         const Machine &machine);

  /// Applies its schedule to a state in which nothing has been done to the nest. Whether that was
  /// possible; otherwise the state is of no use.
  bool apply(ScheduleState &state, mlir::MLIRContext *context, const Machine &machine) const;

private:
  int64_t getElementBytes(const Machine &machine) const { return machine.vectorBits / 8 / lanes; }
  bool applyMatrix(class ContractionWriter &writer, const Machine &machine) const;
  bool applyColumns(class ContractionWriter &writer, const Machine &machine) const;
  bool applyImage(class ContractionWriter &writer, const Machine &machine) const;
};

} // namespace tg::cpu

#endif // TG_LIB_TARGET_CPU_CONTRACTION_H
