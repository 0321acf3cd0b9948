//===- NestPlan.h - The loop nests of a kernel, with named axes --*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Before any loop exists, the plan says which nests a kernel has and which axes each of them loops
// over. Axes come from the kernel's tensors: neighboring axes of a tensor are one where every index
// that the nest computes treats them as one, so that
//
//   %r = uop.reduce add %x axes [2, 3] : (tensor<8x16x4x4xf32>) -> tensor<8x16xf32>
//
// has the axes `d0` of 128 and `r0` of 16. Data axes are named `d0`, `d1`, ... from the outermost
// loop in, those of values that are kept per row after them; reduction axes `r0`, `r1`, ... in the
// order of the operations. In nests but the first a name begins with the nest: `n1.d0`. Names
// depend on the kernel alone, so that a schedule means the same whatever becomes of the code
// generator.
//
//===----------------------------------------------------------------------===//

#ifndef TG_ANALYSIS_NESTPLAN_H
#define TG_ANALYSIS_NESTPLAN_H

#include "tg/Analysis/IndexSpace.h"
#include "tg/Analysis/Reads.h"

#include <map>
#include <string>
#include <vector>

namespace tg {

/// Rows of a `contiguous` that a worker's memory holds at once: as many may be computed in turns.
constexpr int64_t stagedRows = 8;

/// Neighboring axes of a shape that one loop runs through: a half-open range of them.
using AxisGroup = std::pair<unsigned, unsigned>;
using AxisGroups = llvm::SmallVector<AxisGroup>;

/// A loop that the kernel will have.
struct Axis {
  enum class Kind {
    /// Its iterations are independent.
    Data,
    /// Its iterations combine values, or follow each other.
    Reduction,
  };
  std::string name;
  Kind kind;
  uop::DimAttr extent;
  /// The operation that it belongs to: a reduction, or a value kept per row; null for the nest's
  /// own.
  mlir::Operation *op = nullptr;
};

/// A result of the kernel, and where its elements go: at `offsets` (none: at the start) of a tensor
/// of type `whole`.
struct PlannedResult {
  /// Its number among the kernel's results.
  unsigned number;
  /// What is stored; of an update in place, the new part.
  mlir::Value value;
  mlir::RankedTensorType whole;
  llvm::SmallVector<uop::DimAttr> offsets = {};
};

/// One nest: results of one shape that its loops compute together.
struct NestPlan {
  enum class Kind {
    /// Each element by itself.
    Map,
    /// The same of types below a byte: a loop over bytes.
    Packed,
    /// An operation with loops of its own: scan, sort, compact, scatter.
    Root,
  };
  Kind kind = Kind::Map;
  /// Of kind Root: the operation, which has all results.
  mlir::Operation *root = nullptr;
  /// Whether a scatter updates its operand in place.
  bool isInPlace = false;
  llvm::SmallVector<PlannedResult> results;
  /// Results of rows of the others' shape, at indices over its axes.
  llvm::SmallVector<std::pair<PlannedResult, uop::Read>> rowResults;

  /// A part of the results: where it begins and how far it goes; all of them if empty.
  llvm::SmallVector<uop::DimAttr> origin, extents;
  /// Of concatenations on the way: the operand that the part lies in.
  std::map<mlir::Operation *, unsigned> operandOf;
  /// The shape of the loops, of the same elements in the same order; as the results' if empty.
  llvm::SmallVector<uop::DimAttr> loops;
  /// The order of the loops over the axes of that shape: rows outside.
  llvm::SmallVector<unsigned> order;

  /// Which axes of the loops, in that order, are one. Of kind Root: the sizes of its loops.
  AxisGroups groups;
  /// The same of the axes that a reduction reduces, and of the columns of a value kept per row.
  llvm::DenseMap<mlir::Operation *, AxisGroups> innerGroups;
  /// All loops: data axes of the nest from the outside in, then those of operations in their order.
  std::vector<Axis> axes;

  /// The shape of what the nest stores.
  llvm::SmallVector<uop::DimAttr> getDims() const;
  /// The sizes of the loops before axes are made one, in their order.
  llvm::SmallVector<uop::DimAttr> getLoopSizes() const;
  /// The names of the nest's own loops, and of those of an operation in it.
  llvm::SmallVector<llvm::StringRef> getNames(mlir::Operation *op = nullptr) const;
};

/// The nests of a kernel in the order in which they run.
class KernelPlan {
public:
  /// Of the body that computes `results` of its arguments. `aliases` has for each result the
  /// argument whose buffer it shares, if any. Bounds of variables come from `vars`.
  static KernelPlan get(mlir::Block &body, mlir::ValueRange results,
                        llvm::ArrayRef<std::optional<unsigned>> aliases,
                        const llvm::StringMap<uop::VarOp> &vars);

  llvm::ArrayRef<NestPlan> getNests() const { return nests; }

private:
  std::vector<NestPlan> nests;
};

} // namespace tg

#endif // TG_ANALYSIS_NESTPLAN_H
