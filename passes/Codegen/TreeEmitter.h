//===- TreeEmitter.h - The value of a tensor at an index --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Emits the scalar code for one element of a tensor: elementwise operations become arithmetic,
// movement operations change the index, reductions become loops, and arguments become loads. What
// is the same at the same index is emitted once, outside of every loop that it does not depend on.
//
//===----------------------------------------------------------------------===//

#ifndef TG_PASSES_CODEGEN_TREEEMITTER_H
#define TG_PASSES_CODEGEN_TREEEMITTER_H

#include "NestBuilder.h"

#include "tg/Analysis/NestPlan.h"

#include <functional>
#include <map>
#include <set>

namespace tg::codegen {

class TreeEmitter {
public:
  TreeEmitter(NestBuilder &nest, mlir::ModuleOp module) : nest(nest), module(module) {}

  /// `value`, an argument of the kernel, lies in `buffer`.
  void setBuffer(mlir::Value value, mlir::Value buffer) { buffers[value] = buffer; }

  /// Makes a view of that type on that many bytes of the worker's own memory, before all loops.
  using ScratchMaker = std::function<mlir::Value(mlir::MemRefType, uop::DimAttr bytes)>;
  void setScratchMaker(ScratchMaker maker) { makeScratch = std::move(maker); }

  /// Where to store that an index is out of range; nothing is checked without.
  void setErrorSlot(mlir::Value slot) { errorSlot = slot; }
  /// Stores an error, in the loop of `level`, where `inRange` is false but the guards hold.
  void checkIndex(mlir::Value inRange, const Guards &guards, unsigned level, mlir::Location loc);

  /// The element of `value` at `indices` in its register type. It is only wanted where `guards`
  /// hold: nothing is read outside. Null after a diagnostic.
  mlir::Value emit(mlir::Value value, const Indices &indices, const Guards &guards = {});
  /// Stores an element of `type` at `linear`; must be in the loops that it depends on.
  void store(mlir::Value value, mlir::Type elementType, mlir::Value buffer, mlir::AffineExpr linear,
             mlir::Location loc);
  /// Combines accumulators and elements as a reduction or scan says, in the innermost loop.
  mlir::FailureOr<llvm::SmallVector<mlir::Value>> combine(mlir::Operation *op,
                                                          llvm::ArrayRef<mlir::Value> accumulators,
                                                          llvm::ArrayRef<mlir::Value> elements);
  /// What accumulators start from.
  llvm::SmallVector<mlir::Value> emitIdentities(mlir::Operation *op);
  /// The buffer of `value` if it is an argument as it is.
  mlir::Value getBuffer(mlir::Value value) const { return buffers.lookup(value); }

  NestBuilder &getNest() { return nest; }
  /// Arithmetic operations over all iterations so far; null on overflow.
  uop::DimAttr getFlops() const { return flops; }
  void setFlops(uop::DimAttr count) { flops = count; }
  /// Counts one operation at `level`.
  void countFlops(unsigned level);

  /// The nest that is emitted: which loops its operations have.
  void setPlan(const NestPlan &nest) { plan = &nest; }
  /// Opens the loops of an operation in the nest over axes of these sizes.
  Indices beginLoopsOf(mlir::Operation *op, llvm::ArrayRef<uop::DimAttr> sizes, bool isParallel,
                       mlir::ValueRange inits = {});
  /// Opens a loop per group, called as `names` says; the indices of the axes follow from the loops'
  /// dims. No group: no loop, and all indices are 0.
  Indices beginGroups(llvm::ArrayRef<uop::DimAttr> sizes, llvm::ArrayRef<AxisGroup> groups,
                      llvm::ArrayRef<llvm::StringRef> names, bool isParallel,
                      mlir::ValueRange inits = {});

private:
  using Key = std::vector<const void *>;

  mlir::Value emitUncached(mlir::Value value, const Indices &indices, const Guards &guards);
  mlir::Value emitLoad(mlir::Value value, const Indices &indices, const Guards &guards);
  mlir::Value emitElementwise(uop::ElementwiseOpInterface op, const Indices &indices,
                              const Guards &guards);
  mlir::Value emitMovement(uop::MovementOpInterface op, const Indices &indices,
                           const Guards &guards);
  mlir::Value emitConst(uop::ConstOp op, const Indices &indices, const Guards &guards);
  mlir::Value emitGather(uop::GatherOp op, const Indices &indices, const Guards &guards);
  mlir::Value emitAssign(uop::AssignOp op, const Indices &indices, const Guards &guards);
  mlir::Value emitStaged(uop::ContiguousOp op, const Indices &indices, const Guards &guards);
  bool fillStage(uop::ContiguousOp op, const Indices &indices, mlir::Value buffer,
                 mlir::AffineExpr start);
  mlir::Value emitUnwindow(uop::UnwindowOp op, const Indices &indices, const Guards &guards);
  bool emitReduce(uop::ReduceOp op, const Indices &indices, const Guards &guards);
  mlir::FailureOr<llvm::SmallVector<mlir::Value>>
  emitReduceLoops(uop::ReduceOp op, const Indices &indices, const Guards &guards,
                  llvm::ArrayRef<uop::DimAttr> sizes);
  mlir::Value guardedLoad(mlir::Value buffer, mlir::AffineExpr linear, const Guards &guards,
                          mlir::Location loc);

  static Key keyOf(mlir::Value value, const Indices &indices, const Guards &guards);

  NestBuilder &nest;
  mlir::ModuleOp module;
  const NestPlan *plan = nullptr;
  llvm::DenseMap<mlir::Value, mlir::Value> buffers;
  std::map<Key, mlir::Value> known;
  ScratchMaker makeScratch;
  /// Scratch of staged values, and the rows of them that are filled.
  llvm::DenseMap<mlir::Operation *, mlir::Value> stages;
  std::set<Key> filled;
  mlir::Value errorSlot;
  uop::DimAttr flops;
  unsigned numGlobals = 0;
};

} // namespace tg::codegen

#endif // TG_PASSES_CODEGEN_TREEEMITTER_H
