//===- Evaluator.h - Materializes nodes -------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_LIB_INTERP_EVALUATOR_H
#define TG_LIB_INTERP_EVALUATOR_H

#include "Combiner.h"
#include "Node.h"
#include "Tape.h"

#include "tg/Interp/Interpreter.h"

namespace tg::interp {

/// The operations that compute arrays from whole arrays, and the evaluation of the rest.
class Evaluator {
public:
  Evaluator(mlir::MLIRContext *context, const Options &options)
      : context(context), options(options) {}

  bool isBounded() const { return options.tolerances; }
  const Options &getOptions() const { return options; }

  /// Computes all elements of `node`, which is materialized from then on.
  rt::Status materialize(const NodePtr &node);
  rt::Status materialize(llvm::ArrayRef<NodePtr> nodes);
  /// The integer element at `index` of a materialized node.
  static int64_t integerAt(const NodePtr &node, int64_t index);

  /// Reduces `inputs`, of one shape, along `axes`.
  rt::Result<llvm::SmallVector<NodePtr>>
  reduce(const Combiner &combiner, llvm::ArrayRef<NodePtr> inputs, llvm::ArrayRef<int64_t> axes);
  rt::Result<llvm::SmallVector<NodePtr>> scan(const Combiner &combiner,
                                              llvm::ArrayRef<NodePtr> inputs, int64_t axis,
                                              bool exclusive, bool reverse);
  rt::Result<llvm::SmallVector<NodePtr>> sort(llvm::ArrayRef<NodePtr> inputs, int64_t axis,
                                              bool descending);
  rt::Result<NodePtr> gather(NodePtr input, NodePtr indices, int64_t axis, int64_t batch,
                             llvm::ArrayRef<int64_t> shape);
  /// `kind` is null for `set`.
  rt::Result<NodePtr> scatter(const Combiner *kind, NodePtr dest, NodePtr indices, NodePtr updates,
                              int64_t axis, int64_t batch);
  /// The indices and the count.
  rt::Result<std::pair<NodePtr, NodePtr>> compact(NodePtr mask);

private:
  /// A tape that computes `nodes`, each at `index`; materializes what is costly first.
  rt::Result<Tape> compile(llvm::ArrayRef<NodePtr> nodes, llvm::ArrayRef<int64_t> extents,
                           llvm::ArrayRef<mlir::AffineExpr> index, bool isRoot = false);
  /// Calls `body(begin, end)` for pieces of [0, units), perhaps on several threads.
  template <typename Body> void forPieces(int64_t units, Body body);

  rt::Status materializeConcat(const NodePtr &node);
  /// Where `node`'s concatenated operands begin along the axis, if it is a long concatenation.
  std::optional<int64_t> getConcatAxis(const Node &node);
  /// `node` materialized in the form that results have: wide with tolerances.
  rt::Result<NodePtr> materializeHeld(const NodePtr &node);
  void setElements(const NodePtr &node, Storage storage);
  rt::Result<NodePtr> allocate(DType dtype, llvm::ArrayRef<int64_t> shape);
  Storage identityOf(const Combiner &combiner, unsigned i);

  /// The reduction of `tape`'s outputs along the last `reduced` positions of its domain.
  void reduceRows(const Combiner &combiner, const Tape &tape, int64_t reduced,
                  llvm::ArrayRef<NodePtr> results);
  void reduceNarrow(const Tape &tape, bool isSum, int64_t length, const NodePtr &result);
  template <typename Accumulator>
  void accumulateRows(const Tape &tape, unsigned numReduced, const NodePtr &result);
  /// The sum over a product of two linear loads, if `tape`'s output is one.
  bool contract(const Tape &tape, unsigned numReduced, const NodePtr &result);

  mlir::MLIRContext *context;
  const Options &options;
};

template <typename Body> void Evaluator::forPieces(int64_t units, Body body) {
  if (!options.threads || units < 2) {
    body(int64_t(0), units);
    return;
  }
  options.threads->forEach(units, options.threads->numWorkers(),
                           [&](unsigned, int64_t begin, int64_t end) { body(begin, end); });
}

} // namespace tg::interp

#endif // TG_LIB_INTERP_EVALUATOR_H
