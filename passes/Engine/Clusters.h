//===- Clusters.h - Kernels to be --------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A cluster holds the operations of one kernel. There is one per operation with materialized
// results at first, with everything that it recomputes; then clusters merge:
//
//   a producer with a consumer that reads every element of it in one place: the producer is emitted
//   inside of the consumer's loops, in those over the axes that its index depends on. If these are
//   not all axes, they are the kernel's rows: the loops outside, with the producer once per row.
//   What something else reads too stays a result.
//
//   a producer that only one consumer reads, row by row, but more than once: a row is computed as a
//   whole before its uses, and kept meanwhile.
//
//   siblings of one shape that read a common value: one nest writes both.
//
//   kernels that read a common value in loops of different shapes: they share a launch.
//
// Merging never recomputes anything.
//
//===----------------------------------------------------------------------===//

#ifndef TG_PASSES_ENGINE_CLUSTERS_H
#define TG_PASSES_ENGINE_CLUSTERS_H

#include "tg/Analysis/Reads.h"
#include "tg/Engine/Fusion.h"

#include "llvm/ADT/SetVector.h"

namespace tg::engine {

/// One kernel to be.
struct Cluster {
  /// Results of the shape that the loops run over, then those of its rows, with the place where the
  /// loops compute them.
  llvm::SmallVector<mlir::Value> outputs;
  llvm::SmallVector<std::pair<mlir::Value, uop::Read>> rowOutputs;
  /// Results of clusters that share the kernel, but no loops.
  llvm::SmallVector<mlir::Value> beside;
  llvm::SetVector<mlir::Operation *> ops;
  /// As if each operation was computed once.
  double flops = 0;
  /// What the outputs read, by the axes of their shape; nothing for operations that walk their
  /// operands in an order of their own, which merge with nothing.
  std::optional<uop::TreeReads> tree;
  /// Axes over which something is computed once.
  llvm::SmallVector<llvm::SmallBitVector> rows;
  /// Values that are kept per row, by the axes that are rows.
  llvm::MapVector<mlir::Value, llvm::SmallVector<int64_t>> staged;
  bool isContraction = false;
  /// Whether something is read in steps along the last axis.
  bool isStrided = false;
  /// Whether a condition on the last axis guards a read.
  bool isGuarded = false;
  /// Whether its loops are those of the parts of a concatenation.
  bool hasConcat = false;
  bool reduces = false;
  /// The operation in front of which the kernel will stand.
  mlir::Operation *position = nullptr;
  /// Merged into this one.
  Cluster *mergedInto = nullptr;

  llvm::SmallVector<mlir::Value> getResults() const;
};

class ClusterGraph {
public:
  ClusterGraph(mlir::Block &block, const MaterializationPlan &plan, const FusionStrategy &strategy,
               unsigned maxOps);

  /// The kernels, in program order.
  std::vector<Cluster *> getClusters() const;

private:
  bool isInside(mlir::Value value) const;
  void addSlice(Cluster &cluster, mlir::Operation *op);
  Cluster &makeCluster(mlir::Operation *root);
  void analyze(Cluster &cluster);
  void findConsumers();

  void mergeBeside();
  bool dependsOn(Cluster &second, Cluster &first) const;
  bool mergeBeside(Cluster &first, Cluster &second);
  void mergeProducers(Cluster &cluster);
  std::optional<uop::Read> findPlaceOfReads(Cluster &producer, Cluster &cluster);
  std::optional<llvm::SmallVector<std::pair<mlir::Value, uop::Read>>>
  moveRowOutputs(const Cluster &producer, const Cluster &cluster, const uop::Read &at);
  bool joinRows(Cluster &producer, Cluster &cluster, const uop::Read &at,
                llvm::SmallVectorImpl<llvm::SmallBitVector> &rows);
  bool readsOnce(Cluster &producer, Cluster &cluster, const uop::Read &at);
  bool mergeProducer(Cluster &producer, Cluster &cluster);
  bool mergeStaged(Cluster &producer, Cluster &cluster);
  void mergeSiblings(Cluster &cluster);
  bool mergeSibling(Cluster &earlier, Cluster &cluster);
  /// Where a kernel of both may stand: in place of `second`, after which all else that reads the
  /// results of `first` comes, or of `first`, before which all that `second` reads is made. Null if
  /// it can do neither. `isInner` tells which results of `first` only `second` reads.
  mlir::Operation *findPlace(Cluster &first, Cluster &second,
                             llvm::SmallVectorImpl<bool> &isInner) const;
  bool reads(Cluster &second, Cluster &first) const;
  /// Says why two clusters stay apart; false.
  bool refuse(Cluster &first, Cluster &second, llvm::StringRef reason,
              const MergeCandidate *candidate = nullptr) const;
  uop::Read identity(unsigned rank) const;
  void absorb(Cluster &from, Cluster &into, mlir::Operation *place);
  bool isWhole(const Cluster &cluster, const llvm::SmallBitVector &dims) const;
  bool agrees(Cluster &first, Cluster &second, MergeCandidate &candidate,
              llvm::ArrayRef<llvm::SmallBitVector> rows);
  unsigned positionOf(mlir::Operation *op) const { return positions.lookup(op); }
  bool hasBinds = false;

  mlir::Block &block;
  const MaterializationPlan &plan;
  const FusionStrategy &strategy;
  unsigned maxOps;
  uop::VarScope scope;
  std::vector<std::unique_ptr<Cluster>> clusters;
  llvm::DenseMap<mlir::Operation *, unsigned> positions;
  /// Who writes a value, and who reads it.
  llvm::DenseMap<mlir::Value, Cluster *> makers;
  llvm::DenseMap<mlir::Value, llvm::SetVector<Cluster *>> consumers;
  /// The first use outside of clusters.
  llvm::DenseMap<mlir::Value, unsigned> otherUses;
  /// The last clusters by the shape of their loops.
  llvm::DenseMap<uop::DimsAttr, llvm::SmallVector<Cluster *, 4>> byShape;
};

} // namespace tg::engine

#endif // TG_PASSES_ENGINE_CLUSTERS_H
