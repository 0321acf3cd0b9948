//===- Executor.h - Walks operations ----------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_LIB_INTERP_EXECUTOR_H
#define TG_LIB_INTERP_EXECUTOR_H

#include "Evaluator.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "tg/Dialect/UOp/UOp.h"

namespace tg::interp {

/// What an SSA value stands for: a tensor, or a host scalar as an attribute.
struct Entry {
  NodePtr tensor;
  mlir::Attribute scalar;
};
using Entries = llvm::SmallVector<Entry, 4>;

/// The values of one function call.
struct Frame {
  VarValues vars;
  llvm::DenseMap<mlir::Value, Entry> values;
  /// Values by the operation after which nothing reads them.
  llvm::DenseMap<mlir::Operation *, llvm::SmallVector<mlir::Value, 2>> deaths;
  unsigned depth = 0;
};

/// Runs functions. Methods named after an operation give its results.
class Executor {
public:
  Executor(mlir::MLIRContext *context, const Options &options)
      : options(options), evaluator(context, options) {}

  rt::Result<Entries> call(mlir::FunctionOpInterface function, Entries arguments,
                           const VarValues &vars, unsigned depth);
  Evaluator &getEvaluator() { return evaluator; }
  /// A branch or a trip count hung on a value that rounding may change.
  bool isUndetermined() const { return undetermined; }

private:
  rt::Result<Entries> runBlock(mlir::Block &block, Entries arguments, Frame &frame);
  rt::Result<Entries> runOp(mlir::Operation *op, Frame &frame);

  // Executor.cpp
  rt::Result<Entries> runUOp(mlir::Operation *op, Frame &frame);
  rt::Result<Entries> constant(mlir::Operation *op, mlir::Attribute value, Frame &frame);
  rt::Result<NodePtr> movement(uop::MovementOpInterface op, Frame &frame);
  rt::Result<NodePtr> assign(uop::AssignOp op, Frame &frame);
  rt::Result<Entries> unwindow(uop::UnwindowOp op, Frame &frame);
  rt::Status bind(uop::BindOp op, Frame &frame);

  // ControlFlow.cpp
  rt::Result<Entries> runHost(mlir::Operation *op, Frame &frame);
  rt::Result<Entries> ifOp(mlir::scf::IfOp op, Frame &frame);
  rt::Result<Entries> forOp(mlir::scf::ForOp op, Frame &frame);
  rt::Result<Entries> whileOp(mlir::scf::WhileOp op, Frame &frame);
  rt::Result<Entries> foldScalar(mlir::Operation *op, Frame &frame);
  rt::Result<mlir::Attribute> extract(const NodePtr &node, int64_t index, mlir::Type type);
  rt::Result<NodePtr> fromScalars(llvm::ArrayRef<mlir::Attribute> scalars,
                                  mlir::RankedTensorType type);

  NodePtr tensor(mlir::Value value, Frame &frame) { return frame.values.lookup(value).tensor; }
  Entries operandsOf(mlir::Operation *op, Frame &frame);
  /// The shape of a type for the variables' values.
  rt::Result<Shape> shapeOf(mlir::Value value, Frame &frame);
  rt::Result<int64_t> evaluate(uop::DimAttr dim, Frame &frame);
  /// `access` with constants for variables.
  static uop::Access substitute(const uop::Access &access, const uop::VarScope &scope,
                                Frame &frame);

  const Options &options;
  Evaluator evaluator;
  bool undetermined = false;
};

/// The storage of an attribute's elements, splat or not (one element).
rt::Result<Storage> readElements(mlir::ElementsAttr attribute, DType dtype, bool &isSplat);

/// `status` with the place of `op` before it.
rt::Status atOperation(const rt::Status &status, mlir::Operation *op);
/// Where the location is in the user's input: `model.mlir:3:5` or `"conv1"`.
std::string describeLocation(mlir::Location location);

} // namespace tg::interp

#endif // TG_LIB_INTERP_EXECUTOR_H
