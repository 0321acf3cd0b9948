//===- Fusion.h - Which operations share a kernel ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Fusion first decides which values get a buffer; everything else is recomputed by the kernels that
// read it. Then kernels merge. A FusionStrategy makes both decisions; docs/engine.md explains what
// those that come with tg do.
//
//===----------------------------------------------------------------------===//

#ifndef TG_ENGINE_FUSION_H
#define TG_ENGINE_FUSION_H

#include "mlir/IR/Block.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallVector.h"

#include <functional>
#include <memory>
#include <string>

namespace tg {

/// Whether the operation computes on tensors and goes into a kernel.
bool isComputeOp(mlir::Operation *op);
/// Whether it ends a kernel: its result is always materialized.
bool isRootOp(mlir::Operation *op);
/// Whether a constant is cloned into the kernels that use it rather than read from a buffer: a
/// splat, or at most 64 elements.
bool isInlineConstant(mlir::Operation *op);

/// Flops of one element of an elementwise operation. See docs/engine.md.
double getFlopsOf(mlir::Operation *op);

//===----------------------------------------------------------------------===//
// Strategies
//===----------------------------------------------------------------------===//

/// A value that its consumers could recompute.
struct RecomputeCandidate {
  mlir::Value value;
  /// Elements of materialized values that computing an element reads (of a smaller value in part),
  /// and flops that it takes.
  double leaves = 0, flops = 0;
  /// Materialized values that depend on it, and how often they read one element in all.
  double consumers = 0, reads = 0;
  double bytesPerElement = 0;
  /// Flops that take as long as moving one byte on the machine (Machine::getFlopsPerByte).
  double flopsPerByte = 0;
  /// It depends on one reduction, of the same size, and on nothing else that kernels compute: it
  /// can be stored instead of the reduction's result.
  bool isEpilogue = false;
};

/// Two kernels that could be one.
struct MergeCandidate {
  enum class Kind {
    /// The first one's results are read by the second, each element in one place.
    Producer,
    /// The first one's results are read by the second row by row, and by nothing else: a row is
    /// kept in a worker's memory.
    Staged,
    /// Neither reads the other; they write one shape and read a common value.
    Siblings,
    /// Neither reads the other; they read a common value, in nests of their own.
    Beside,
  };
  Kind kind;
  /// Elements that the merged kernel computes; of the rows in which it computes them, if something
  /// is computed once per row: the number of rows, else the elements.
  double elements = 0, rows = 0;
  /// Bytes that are no longer written and read.
  double savedBytes = 0;
  /// Of a kept row, and of what every few rows read anew.
  double rowBytes = 0, rereadBytes = 0;
  /// Bytes saved and of a kept row where the variables have their largest values.
  double mostSavedBytes = 0, mostRowBytes = 0;
  /// Whether a kept row would lie together in memory, too.
  bool rowIsContiguous = false;
  /// Whether either is a product of matrices, or like one: a reduction that reads its operands
  /// again and again, which pays only in register tiles.
  bool firstIsContraction = false, secondIsContraction = false;
  /// Whether the first reads only some elements where a condition holds, as at the border of a pad.
  bool firstIsGuarded = false;
  /// Whether either reads anything in steps along the last axis that it writes.
  bool firstIsStrided = false, secondIsStrided = false;
  /// Whether each reduces anything, and the flops of an element.
  bool firstReduces = false, secondReduces = false;
  double firstFlops = 0, secondFlops = 0;
  /// Elements along the last axis that the merged kernel writes.
  double rowLength = 1;
  /// Elements of a first one without reductions that the merged loops compute: it stands in the
  /// loop over the last axis that it needs.
  double firstElements = 0;
  unsigned numOps = 0, numOutputs = 0;
};

/// Elements of a ranked tensor; as estimateElements() where sizes are not known.
double countElements(mlir::Type type);
/// An estimate for a message or a remark, no larger than 2^62.
int64_t toInteger(double estimate);

/// Decides what fuses. The engine asks only for what is right; the strategy, for what is fast.
class FusionStrategy {
public:
  virtual ~FusionStrategy();
  /// Why the value gets a buffer; empty where its consumers recompute it.
  virtual std::string whyStored(const RecomputeCandidate &candidate) const = 0;
  /// Why the kernels stay apart; empty where they merge.
  virtual std::string whyApart(const MergeCandidate &candidate) const = 0;
};

using FusionStrategyFactory = std::function<std::unique_ptr<FusionStrategy>()>;

/// Makes a strategy known to `tg-form-kernels` and `--fusion` by its name, as registering a pass
/// does. The last one of a name counts. Thread safe.
void registerFusionStrategy(llvm::StringRef name, FusionStrategyFactory factory);
/// Null if there is none of that name.
std::unique_ptr<FusionStrategy> createFusionStrategy(llvm::StringRef name);
/// All names, sorted.
std::vector<std::string> getFusionStrategyNames();
/// What to say of a strategy that does not exist; empty for one that does.
std::string checkFusionStrategy(llvm::StringRef name);

//===----------------------------------------------------------------------===//
// Materialization
//===----------------------------------------------------------------------===//

/// Decides for one block which values get a buffer, and why.
class MaterializationPlan {
public:
  MaterializationPlan(mlir::Block &block, double flopsPerByte, const FusionStrategy &strategy,
                      unsigned maxOps);

  bool isMaterialized(mlir::Value value) const { return reasons.contains(value); }
  /// The materialized values in program order, each with the reason.
  const llvm::MapVector<mlir::Value, std::string> &getMaterialized() const { return reasons; }

private:
  /// How often one element of a value is read, per materialized consumer.
  using Reads = llvm::SmallDenseMap<mlir::Value, double, 4>;

  /// What recomputing a value takes: everything up to materialized values.
  struct Slice {
    unsigned ops = 0;
    double leaves = 0;
    double flops = 0;
    /// Whether a reduction of the same size is the only leaf that is computed.
    bool isEpilogue = false;
  };

  void materialize(mlir::Value value, const llvm::Twine &reason);
  void visit(mlir::Operation *op, const FusionStrategy &strategy);
  /// Of every elementwise operation. Time is that of maxOps operations for each at most.
  void findSlices(mlir::Block &block, unsigned maxOps);
  Reads readsOf(mlir::Value value);

  double flopsPerByte;
  llvm::MapVector<mlir::Value, std::string> reasons;
  llvm::DenseMap<mlir::Value, Reads> reads;
  llvm::DenseMap<mlir::Value, Slice> slices;
};

} // namespace tg

#endif // TG_ENGINE_FUSION_H
