//===- InsertChecks.cpp - What sizes must hold at run time ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Before:
//   %1 = uop.shrink %0 offsets [K] sizes [4] : tensor<?xf32, #uop.dims<N>> -> tensor<4xf32>
// After:
//   uop.check [K * -1 + N + -4] "slice of 4 from K leaves axis 0 of size N"
//   %1 = uop.shrink %0 offsets [K] sizes [4] : tensor<?xf32, #uop.dims<N>> -> tensor<4xf32>
//
// and, of `uop.size [8 floordiv N]`, that N is 1 or more.
//
// Test: test/Engine/insert-checks.mlir

#include "tg/Dialect/UOp/UOp.h"
#include "tg/Engine/Passes.h"
#include "tg/Support/RangeSimplify.h"
#include "tg/Support/ShapeExpr.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/FormatVariadic.h"

namespace tg {
#define GEN_PASS_DEF_INSERTCHECKS
#include "tg/Engine/Passes.h.inc"
} // namespace tg

using namespace mlir;
using namespace tg;
using namespace tg::uop;

namespace {

std::string toString(DimAttr dim) {
  std::string text;
  llvm::raw_string_ostream os(text);
  dim.printExpr(os);
  return text;
}

/// Whether offsets in it fit 64 bits, sizes that are not known left aside.
bool isCountable(RankedTensorType type) {
  Type element = type.getElementType();
  int64_t bytes = element.isIntOrFloat() ? (element.getIntOrFloatBitWidth() + 7) / 8 : 8;
  for (int64_t extent : type.getShape())
    if (!ShapedType::isDynamic(extent) &&
        llvm::MulOverflow(bytes, std::max<int64_t>(extent, 1), bytes))
      return false;
  return true;
}

/// The checks of one block, in front of all that it computes: a kernel may do any of it first.
class BlockChecks {
public:
  explicit BlockChecks(Block &block) : block(block), builder(block.getParentOp()) {}

  void run() {
    for (Operation &op : llvm::make_early_inc_range(block)) {
      if (auto bind = dyn_cast<BindOp>(op))
        binds[bind.getVarAttr().getAttr()] = bind;
      if (!isa<UOpDialect>(op.getDialect()))
        continue;
      visitSizes(&op);
      if (auto size = dyn_cast<SizeOp>(op))
        requireDefined(&op, size.getExpression());
      else if (auto reshape = dyn_cast<ReshapeOp>(op))
        visit(reshape);
      if (auto shrink = dyn_cast<ShrinkOp>(op)) {
        visit(shrink);
      } else if (auto pad = dyn_cast<PadOp>(op)) {
        for (DimsAttr amounts : {pad.getLow(), pad.getHigh()})
          for (DimAttr amount : amounts.getDims())
            require(&op, amount, [&] { return "padding " + toString(amount) + " is negative"; });
      } else if (auto assign = dyn_cast<AssignOp>(op)) {
        visit(assign);
      }
    }
  }

private:
  void visitSizes(Operation *op) {
    for (Type type : op->getResultTypes())
      if (auto tensor = dyn_cast<RankedTensorType>(type); tensor && !tensor.hasStaticShape())
        for (auto [axis, dim] : llvm::enumerate(getDims(tensor)))
          require(op, dim, [&, axis = axis, dim = dim] {
            return llvm::formatv("the size {0} of axis {1} is negative", toString(dim), axis).str();
          });
  }

  /// Its index maps count the elements.
  void visit(ReshapeOp op) {
    auto type = cast<RankedTensorType>(op.getInput().getType());
    if (DimAttr count = type.hasStaticShape() ? DimAttr() : getNumElements(type))
      requireDefined(op, count);
  }

  void visit(ShrinkOp op) {
    for (auto [axis, offset] : llvm::enumerate(op.getOffsets().getDims()))
      requireInside(op, axis, offset, op.getSizes()[axis], op.getStrideOf(axis),
                    getDim(cast<RankedTensorType>(op.getInput().getType()), axis));
  }

  void visit(AssignOp op) {
    auto dest = cast<RankedTensorType>(op.getDest().getType()),
         source = cast<RankedTensorType>(op.getSource().getType());
    for (int64_t axis = 0; axis < dest.getRank(); ++axis) {
      DimAttr zero = DimAttr::get(op.getContext(), 0);
      requireInside(op, axis, op.getOffsets() ? (*op.getOffsets())[axis] : zero,
                    getDim(source, axis), 1, getDim(dest, axis));
    }
  }

  void requireInside(Operation *op, size_t axis, DimAttr offset, DimAttr size, int64_t step,
                     DimAttr extent) {
    auto message = [&] {
      std::string steps = step == 1 ? "" : " in steps of " + std::to_string(step);
      return llvm::formatv("slice of {0} from {1}{2} leaves axis {3} of size {4}", toString(size),
                           toString(offset), steps, axis, toString(extent))
          .str();
    };
    require(op, offset, message);
    // extent - 1 - (offset + (size - 1) * step), where there is anything.
    auto constant = [&](int64_t value) { return DimAttr::get(op->getContext(), value); };
    DimAttr last = addDims(offset, mulDims(subDims(size, constant(1)), constant(step)));
    DimAttr room = last ? subDims(subDims(extent, constant(1)), last) : DimAttr();
    if (room && isNeverNegative(room))
      return;
    DimAttr anything = subDims(size, constant(1));
    if (room && !isNeverNegative(anything))
      room = mulDims(size, room);
    // What overflows is refused at run time.
    require(op, room ? room : constant(-1), message);
  }

  /// The bounds of a variable.
  ShapeBounds boundsOf(StringAttr var) {
    auto op = SymbolTable::lookupNearestSymbolFrom<VarOp>(block.getParentOp(), var);
    return op ? ShapeBounds(op.getMin(), op.getMax()) : ShapeBounds(0, INT64_MAX);
  }

  /// That the expression has a value: every divisor is 1 or more, and nothing overflows.
  void requireDefined(Operation *op, DimAttr dim) {
    if (dim.isConstant() || !defined.insert(dim).second)
      return;
    auto bounds = llvm::map_to_vector(dim.getVars(), [&](StringAttr var) { return boundsOf(var); });
    ShapeFaults faults = findShapeFaults(dim.getExpr(), bounds);
    for (AffineExpr divisor : faults.divisors)
      require(op, DimAttr::get(op->getContext(), dim.getVars(), divisor - 1), [&] {
        return llvm::formatv("{0} divides by {1}, which is below 1", toString(dim),
                             toString(DimAttr::get(op->getContext(), dim.getVars(), divisor)))
            .str();
      });
    if (faults.mayOverflow)
      insert(op, dim, toString(dim) + " does not fit 64 bits", /*defined=*/true);
  }

  bool isNeverNegative(DimAttr dim) {
    if (dim.isConstant())
      return dim.getConstant() >= 0;
    SmallVector<IndexRange> ranges;
    for (StringAttr var : dim.getVars()) {
      auto [min, max] = boundsOf(var);
      ranges.push_back(IndexRange::between(min, max));
    }
    RangeSimplifier simplifier(dim.getContext(), {}, ranges);
    return simplifier.provablyLessEqual(getAffineConstantExpr(0, dim.getContext()),
                                        dim.getExpr()) == std::optional(true);
  }

  void require(Operation *op, DimAttr dim, function_ref<std::string()> message) {
    requireDefined(op, dim);
    if (known.insert(dim).second && !isNeverNegative(dim))
      insert(op, dim, message(), /*defined=*/false);
  }

  void insert(Operation *op, DimAttr dim, const std::string &message, bool defined) {
    // Behind the last of its variables that this block binds.
    Operation *after = nullptr;
    for (StringAttr var : dim.getVars())
      if (Operation *bind = binds.lookup(var); bind && (!after || after->isBeforeInBlock(bind)))
        after = bind;
    // One after the other: the first that fails says what is wrong.
    Operation *&last = lastBehind.try_emplace(after, after).first->second;
    if (last)
      builder.setInsertionPointAfter(last);
    else
      builder.setInsertionPointToStart(&block);
    last = CheckOp::create(builder, op->getLoc(), DimsAttr::get(op->getContext(), dim), message,
                           defined);
  }

  Block &block;
  OpBuilder builder;
  llvm::DenseMap<StringAttr, Operation *> binds;
  /// The last check behind each bind, or at the block's start (null).
  llvm::DenseMap<Operation *, Operation *> lastBehind;
  /// What needs no check that it is not negative, or that it has a value.
  llvm::DenseSet<DimAttr> known, defined;
};

struct InsertChecksPass : tg::impl::InsertChecksBase<InsertChecksPass> {
  using InsertChecksBase::InsertChecksBase;

  void runOnOperation() override {
    WalkResult fits = getOperation().walk([](Operation *op) {
      for (Type type : op->getResultTypes())
        if (auto tensor = dyn_cast<RankedTensorType>(type); tensor && !isCountable(tensor)) {
          op->emitError() << tensor << " has more bytes than 64 bits can count";
          return WalkResult::interrupt();
        }
      return WalkResult::advance();
    });
    if (fits.wasInterrupted())
      return signalPassFailure();
    getOperation().walk([](Block *block) {
      // A kernel is a part of a block; the others are what a reduction does with two elements.
      if (isa<func::FuncOp>(block->getParentOp()) ||
          block->getParentOp()->getName().getDialectNamespace() == "scf")
        BlockChecks(*block).run();
    });
  }
};

} // namespace
