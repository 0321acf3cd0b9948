//===- LiftScalars.cpp - Compute host scalars on rank-0 tensors ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Before:  %s = arith.addi %a, %b : i64
// After:   %s = uop.add %a0, %b0 : tensor<i64>, with %a0 and %b0 of rank 0
//
// So do scalars that control flow carries. A loop counts in `index`; what control flow inside reads
// of its induction variable, as bounds, it reads from the tensor that holds it.
//
// Test: test/Engine/lift-scalars.mlir
//
//===----------------------------------------------------------------------===//

#include "LiftArith.h"

#include "tg/Dialect/UOp/UOp.h"
#include "tg/Engine/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace tg {
#define GEN_PASS_DEF_LIFTSCALARS
#include "tg/Engine/Passes.h.inc"
} // namespace tg

using namespace mlir;
using namespace tg;
using namespace tg::uop;

namespace {

class ScalarLifter {
public:
  explicit ScalarLifter(func::FuncOp function) : function(function) {}

  LogicalResult run() {
    SmallVector<Operation *> control, scalarOps;
    function.walk([&](Operation *op) {
      if (isa<scf::IfOp, scf::ForOp, scf::WhileOp>(op))
        control.push_back(op);
    });
    for (Operation *op : control) {
      carryTensors(op);
      if (failed(countInIndex(op)))
        return failure();
    }
    function.walk([&](Operation *op) {
      if (isa<arith::ArithDialect, tensor::TensorDialect>(op->getDialect()))
        scalarOps.push_back(op);
    });
    for (Operation *op : scalarOps)
      if (failed(lift(op)))
        return failure();
    for (Operation *op : control)
      if (auto loop = dyn_cast<scf::ForOp>(op))
        storeInduction(loop.getInductionVar());
    // What control flow and tensor.from_elements still read.
    for (Operation *op : llvm::reverse(scalarOps)) {
      for (Value result : op->getResults())
        if (Value tensor = lifted.lookup(result); tensor && !result.use_empty())
          result.replaceAllUsesWith(extract(op, tensor, result.getType()));
      op->erase();
    }
    return success();
  }

private:
  static bool isScalar(Value value) {
    return isa<IntegerType, IndexType, FloatType>(value.getType());
  }

  //===--------------------------------------------------------------------===//
  // Control flow carries tensors
  //===--------------------------------------------------------------------===//

  /// `scalar` as a tensor, to be lifted in turn.
  static Value pack(OpBuilder &builder, Location loc, Value scalar) {
    if (isa<IndexType>(scalar.getType()))
      scalar = arith::IndexCastOp::create(builder, loc, builder.getI64Type(), scalar);
    return tensor::FromElementsOp::create(builder, loc, RankedTensorType::get({}, scalar.getType()),
                                          ValueRange(scalar));
  }

  static Value unpack(OpBuilder &builder, Location loc, Value tensor, Type type) {
    Value value = tensor::ExtractOp::create(builder, loc, tensor, ValueRange());
    if (isa<IndexType>(type))
      value = arith::IndexCastOp::create(builder, loc, type, value);
    return value;
  }

  static void packOperands(Operation *op, OperandRange operands) {
    OpBuilder builder(op);
    for (unsigned i = 0; i < operands.size(); ++i)
      if (isScalar(operands[i]))
        op->setOperand(operands.getBeginOperandIndex() + i,
                       pack(builder, op->getLoc(), operands[i]));
  }

  /// Gives results or arguments the types of tensors; what reads them reads a scalar as before.
  static void retype(OpBuilder &builder, Location loc, ValueRange values) {
    for (Value value : values) {
      if (!isScalar(value))
        continue;
      Type scalar = value.getType();
      value.setType(RankedTensorType::get({}, toLiftedType(scalar)));
      if (value.use_empty())
        continue;
      auto uses = llvm::map_to_vector(value.getUses(), [](OpOperand &use) { return &use; });
      Value unpacked = unpack(builder, loc, value, scalar);
      for (OpOperand *use : uses)
        use->set(unpacked);
    }
  }

  /// What `op` carries and gives; its operands that are no such values (bounds, conditions) stay.
  static void carryTensors(Operation *op) {
    OpBuilder builder(op);
    for (Region &region : op->getRegions()) {
      if (region.empty())
        continue;
      Block &block = region.front();
      builder.setInsertionPointToStart(&block);
      auto loop = dyn_cast<scf::ForOp>(op);
      retype(builder, op->getLoc(), block.getArguments().drop_front(loop ? 1 : 0));
      Operation *terminator = block.getTerminator();
      if (auto condition = dyn_cast<scf::ConditionOp>(terminator))
        packOperands(terminator, condition.getArgs());
      else
        packOperands(terminator, terminator->getOperands());
    }
    if (auto loop = dyn_cast<scf::ForOp>(op))
      packOperands(op, loop.getInitArgs());
    else if (auto loop = dyn_cast<scf::WhileOp>(op))
      packOperands(op, loop.getInits());
    builder.setInsertionPointAfter(op);
    retype(builder, op->getLoc(), op->getResults());
  }

  /// Programs count in `index`. Both end at the same iteration: beyond the largest number of a
  /// narrower type lies no bound of it.
  static LogicalResult countInIndex(Operation *op) {
    auto loop = dyn_cast<scf::ForOp>(op);
    Type type = loop ? loop.getInductionVar().getType() : Type();
    if (!loop || (isa<IndexType>(type) && !loop.getUnsignedCmp()))
      return success();
    unsigned width = isa<IndexType>(type) ? 64 : type.getIntOrFloatBitWidth();
    if (width > 64 || (width == 64 && loop.getUnsignedCmp()))
      return op->emitOpError("counts to ")
             << (loop.getUnsignedCmp() ? "unsigned " : "") << "bounds of " << type
             << "; a program has signed ones of 64 bits";
    OpBuilder builder(op);
    Type index = builder.getIndexType();
    auto toIndex = [&](OpBuilder &builder, Type to, Value value) -> Value {
      if (loop.getUnsignedCmp())
        return arith::IndexCastUIOp::create(builder, op->getLoc(), to, value);
      return arith::IndexCastOp::create(builder, op->getLoc(), to, value);
    };
    for (OpOperand *bound :
         {&loop.getLowerBoundMutable(), &loop.getUpperBoundMutable(), &loop.getStepMutable()})
      bound->set(toIndex(builder, index, bound->get()));
    Value induction = loop.getInductionVar();
    induction.setType(index);
    builder.setInsertionPointToStart(loop.getBody());
    Value narrow = toIndex(builder, type, induction);
    induction.replaceAllUsesExcept(narrow, narrow.getDefiningOp());
    loop.setUnsignedCmp(false);
    return success();
  }

  /// What control flow still reads of an induction variable, it reads from the tensor.
  void storeInduction(Value induction) {
    SmallVector<OpOperand *> uses;
    for (OpOperand &use : induction.getUses())
      if (isa<scf::SCFDialect>(use.getOwner()->getDialect()))
        uses.push_back(&use);
    if (uses.empty())
      return;
    OpBuilder builder(function.getContext());
    Value tensor = getTensor(builder, induction.getLoc(), induction);
    for (OpOperand *use : uses) {
      builder.setInsertionPoint(use->getOwner());
      use->set(unpack(builder, induction.getLoc(), tensor, induction.getType()));
    }
  }

  //===--------------------------------------------------------------------===//
  // Scalars
  //===--------------------------------------------------------------------===//

  /// The rank-0 tensor that holds `scalar`.
  Value getTensor(OpBuilder &builder, Location loc, Value scalar) {
    if (Value tensor = lifted.lookup(scalar))
      return tensor;
    // A block argument of control flow: an induction variable.
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointAfterValue(scalar);
    return lifted[scalar] = pack(builder, loc, scalar);
  }

  static Value extract(Operation *op, Value tensor, Type type) {
    OpBuilder builder(op);
    return unpack(builder, op->getLoc(), tensor, type);
  }

  /// What canonicalization makes of an `scf.if` that only yields: an `scf.if` again.
  void liftTensorSelect(arith::SelectOp op) {
    OpBuilder builder(op);
    Location loc = op.getLoc();
    if (isa<TensorType>(op.getCondition().getType())) {
      op.replaceAllUsesWith(
          WhereOp::create(builder, loc, op.getCondition(), op.getTrueValue(), op.getFalseValue())
              .getResult());
      return;
    }
    Value flag = getTensor(builder, loc, op.getCondition());
    Value condition = tensor::ExtractOp::create(builder, loc, flag, ValueRange());
    auto branch = [&](Value value) {
      return [value](OpBuilder &inner, Location loc) { scf::YieldOp::create(inner, loc, value); };
    };
    auto ifOp = scf::IfOp::create(builder, loc, condition, branch(op.getTrueValue()),
                                  branch(op.getFalseValue()));
    op.replaceAllUsesWith(ifOp.getResult(0));
  }

  /// The element at constant indices, of rank 0; null at others.
  static Value takeElement(tensor::ExtractOp op) {
    OpBuilder builder(op);
    Location loc = op.getLoc();
    auto type = op.getTensor().getType();
    SmallVector<int64_t> offsets;
    for (Value index : op.getIndices()) {
      std::optional<int64_t> offset = getConstantIntValue(index);
      if (!offset)
        return {};
      offsets.push_back(*offset);
    }
    if (offsets.empty())
      return op.getTensor();
    auto result = RankedTensorType::get({}, type.getElementType());
    for (auto [offset, size] : llvm::zip_equal(offsets, type.getShape())) {
      if (offset >= 0 && (ShapedType::isDynamic(size) || offset < size))
        continue;
      // Where it is reached the run fails.
      std::string axis =
          ShapedType::isDynamic(size) ? "" : " for an axis of " + std::to_string(size);
      CheckOp::create(builder, loc, DimsAttr::get(op.getContext(), ArrayRef<int64_t>{-1}),
                      "index " + std::to_string(offset) + " is out of range" + axis);
      return ConstOp::create(builder, loc, cast<ElementsAttr>(builder.getZeroAttr(result)));
    }
    SmallVector<int64_t> ones(offsets.size(), 1);
    Value element =
        ShrinkOp::create(builder, loc, op.getTensor(), DimsAttr::get(op.getContext(), offsets),
                         DimsAttr::get(op.getContext(), ones), DenseI64ArrayAttr());
    return ReshapeOp::create(builder, loc, result, element);
  }

  /// The size of an axis.
  static Value takeSize(tensor::DimOp op) {
    auto type = dyn_cast<RankedTensorType>(op.getSource().getType());
    std::optional<int64_t> axis = op.getConstantIndex();
    if (!type || !axis || *axis < 0 || *axis >= type.getRank() || !hasKnownDims(type))
      return {};
    OpBuilder builder(op);
    return SizeOp::create(builder, op.getLoc(), RankedTensorType::get({}, builder.getI64Type()),
                          getDim(type, *axis));
  }

  LogicalResult lift(Operation *op) {
    OpBuilder builder(op);
    Location loc = op->getLoc();
    if (auto fromElements = dyn_cast<tensor::FromElementsOp>(op)) {
      if (fromElements.getType().getRank() != 0)
        return op->emitOpError("stands outside a kernel only with a result of rank 0");
      fromElements.replaceAllUsesWith(getTensor(builder, loc, fromElements.getElements().front()));
      return success();
    }
    // Folding an operation of upstream leaves its constants in `arith`.
    if (auto constant = dyn_cast<arith::ConstantOp>(op);
        constant && isa<RankedTensorType>(constant.getType())) {
      auto value = cast<ElementsAttr>(constant.getValue());
      op->getResult(0).replaceAllUsesWith(ConstOp::create(builder, loc, value).getResult());
      return success();
    }
    if (auto select = dyn_cast<arith::SelectOp>(op); select && isa<TensorType>(select.getType())) {
      liftTensorSelect(select);
      return success();
    }
    if (op->getNumResults() != 1 || !isScalar(op->getResult(0)))
      return op->emitOpError(llvm::any_of(op->getOperands(), isScalar)
                                 ? "does not compile as a host scalar: it has several results"
                                 : "on tensors is not uop; expected uop operations");
    Value tensor;
    if (auto extractOp = dyn_cast<tensor::ExtractOp>(op)) {
      tensor = takeElement(extractOp);
      if (!tensor)
        return op->emitOpError("stands outside a kernel only with constant indices; gather first");
    } else if (auto dim = dyn_cast<tensor::DimOp>(op)) {
      tensor = takeSize(dim);
    } else if (llvm::all_of(op->getOperands(), isScalar)) {
      tensor = liftArith(op, llvm::map_to_vector(op->getOperands(), [&](Value operand) {
                           return getTensor(builder, loc, operand);
                         }));
    }
    if (!tensor)
      return op->emitOpError("does not compile as a host scalar; use uop on a tensor of rank 0");
    lifted[op->getResult(0)] = tensor;
    return success();
  }

  func::FuncOp function;
  llvm::DenseMap<Value, Value> lifted;
};

struct LiftScalarsPass : tg::impl::LiftScalarsBase<LiftScalarsPass> {
  void runOnOperation() override {
    if (failed(ScalarLifter(getOperation()).run()))
      signalPassFailure();
  }
};

} // namespace
