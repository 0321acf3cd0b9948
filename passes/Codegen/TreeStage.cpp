//===- TreeStage.cpp - Values that a kernel keeps per row ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A `uop.contiguous` with rows is computed before its first use, in the loops over the rows:
//
//   for %row                          for %row
//     for %k                            for %k
//       ... f(%row, %k) ...               %scratch[%row mod 8, %k] = f(%row, %k)
//     for %k                            for %k
//       ... f(%row, %k) ...               ... %scratch[%row mod 8, %k] ...
//                                       for %k
//                                         ... %scratch[%row mod 8, %k] ...
//
// Memory for several rows, so that the loop over the rows may be unrolled into the loops inside.
//
// Tested by test/Codegen/staged-rows.mlir.
//
//===----------------------------------------------------------------------===//

#include "TreeEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace tg::uop;

namespace tg::codegen {

namespace {
/// The axes of a staged value, by whether they are rows.
struct StagedAxes {
  SmallVector<unsigned> rows, columns;
  SmallVector<DimAttr> rowDims, columnDims;

  StagedAxes(RankedTensorType type, ArrayRef<int64_t> rowAxes) {
    for (auto [axis, dim] : llvm::enumerate(getDims(type))) {
      bool isRow = llvm::is_contained(rowAxes, int64_t(axis));
      (isRow ? rows : columns).push_back(axis);
      (isRow ? rowDims : columnDims).push_back(dim);
    }
  }
  static Indices pick(const Indices &indices, ArrayRef<unsigned> axes) {
    Indices picked;
    for (unsigned axis : axes)
      picked.push_back(indices[axis]);
    return picked;
  }
};
} // namespace

bool TreeEmitter::fillStage(ContiguousOp op, const Indices &indices, Value buffer,
                            AffineExpr start) {
  StagedAxes axes(tensorType(op), *op.getRows());
  NestBuilder::Hoist hoist(nest, nest.levelOf(StagedAxes::pick(indices, axes.rows)));
  unsigned depth = nest.getDepth();
  Location loc = op.getLoc();
  // Outermost parallel loops are shared among workers, but each has a memory of its own.
  bool isParallel = depth > 0;
  nest.at(depth, loc);
  Indices inner = beginLoopsOf(op, axes.columnDims, isParallel), whole(indices);
  for (auto [axis, index] : llvm::zip_equal(axes.columns, inner))
    whole[axis] = index;
  Value element = emit(op.getInput(), whole);
  AffineExpr position = nest.linearize(inner, axes.columnDims);
  if (!element || !position)
    return false;
  store(element, tensorType(op).getElementType(), buffer, nest.simplify(start + position), loc);
  while (nest.getDepth() > depth)
    nest.endLoop();
  return true;
}

Value TreeEmitter::emitStaged(ContiguousOp op, const Indices &indices, const Guards &guards) {
  auto type = tensorType(op);
  StagedAxes axes(type, *op.getRows());
  MLIRContext *context = nest.getContext();
  DimAttr size = productOf(context, axes.columnDims);
  DimAttr slots = DimAttr::get(context, stagedRows);
  Value &buffer = stages[op];
  if (!buffer) {
    Type memory = getMemoryType(type.getElementType());
    DimAttr bytes = size ? mulDims(mulDims(size, slots),
                                   DimAttr::get(context, memory.getIntOrFloatBitWidth() / 8))
                         : DimAttr();
    if (bytes)
      buffer = makeScratch(MemRefType::get({ShapedType::kDynamic}, memory), bytes);
    if (!buffer) {
      op.emitOpError("is too large to be kept per row");
      return {};
    }
  }
  Indices row = StagedAxes::pick(indices, axes.rows);
  AffineExpr slot = nest.linearize(row, axes.rowDims);
  if (!slot)
    return {};
  AffineExpr start = nest.simplify(slot % stagedRows) * nest.getExpr(size);
  if (filled.insert(keyOf(op, row, {})).second && !fillStage(op, indices, buffer, start))
    return {};
  Indices column = StagedAxes::pick(indices, axes.columns);
  AffineExpr position = nest.simplify(start + nest.linearize(column, axes.columnDims));
  Value loaded = guardedLoad(buffer, position, guards, op.getLoc());
  if (!isBool(type.getElementType()))
    return loaded;
  ImplicitLocOpBuilder &b = nest.at(nest.levelOf({position}, guards), op.getLoc());
  return ScalarBuilder(b).cast(loaded, b.getI8Type(), b.getI1Type());
}

} // namespace tg::codegen
