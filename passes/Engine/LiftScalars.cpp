//===- LiftScalars.cpp - Compute host scalars on rank-0 tensors ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Before:  %s = arith.addi %a, %b : i64
// After:   %s = uop.add %a0, %b0 : tensor<i64>, with %a0 and %b0 of rank 0
//
// Test: test/Engine/lift-scalars.mlir
//
//===----------------------------------------------------------------------===//

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
using namespace tg::uop;

namespace {

class ScalarLifter {
public:
  explicit ScalarLifter(func::FuncOp function) : function(function) {}

  LogicalResult run() {
    SmallVector<Operation *> scalarOps;
    function.walk([&](Operation *op) {
      if (isa<arith::ArithDialect, tensor::TensorDialect>(op->getDialect()))
        scalarOps.push_back(op);
    });
    for (Operation *op : scalarOps)
      if (failed(lift(op)))
        return failure();
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
  static Type toElementType(Type type) {
    return isa<IndexType>(type) ? IntegerType::get(type.getContext(), 64) : type;
  }

  /// The rank-0 tensor that holds `scalar`.
  Value getTensor(OpBuilder &builder, Location loc, Value scalar) {
    if (Value tensor = lifted.lookup(scalar))
      return tensor;
    // A block argument of control flow: an induction variable.
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointAfterValue(scalar);
    Value value = scalar;
    if (isa<IndexType>(scalar.getType()))
      value = arith::IndexCastOp::create(builder, loc, builder.getI64Type(), scalar);
    Value tensor = tensor::FromElementsOp::create(
        builder, loc, RankedTensorType::get({}, value.getType()), ValueRange(value));
    return lifted[scalar] = tensor;
  }

  Value extract(Operation *op, Value tensor, Type type) {
    OpBuilder builder(op);
    Value value = tensor::ExtractOp::create(builder, op->getLoc(), tensor, ValueRange());
    if (isa<IndexType>(type))
      value = arith::IndexCastOp::create(builder, op->getLoc(), type, value);
    return value;
  }

  template <typename OpTy> Value binary(OpBuilder &builder, Operation *op, bool isSwapped = false) {
    Value lhs = getTensor(builder, op->getLoc(), op->getOperand(isSwapped));
    Value rhs = getTensor(builder, op->getLoc(), op->getOperand(!isSwapped));
    return OpTy::create(builder, op->getLoc(), lhs, rhs);
  }

  Value compare(OpBuilder &builder, arith::CmpIOp op) {
    switch (op.getPredicate()) {
    case arith::CmpIPredicate::eq:
      return binary<CmpEqOp>(builder, op);
    case arith::CmpIPredicate::ne:
      return binary<CmpNeOp>(builder, op);
    case arith::CmpIPredicate::slt:
      return binary<CmpLtOp>(builder, op);
    case arith::CmpIPredicate::sle:
      return binary<CmpLeOp>(builder, op);
    case arith::CmpIPredicate::sgt:
      return binary<CmpLtOp>(builder, op, /*isSwapped=*/true);
    case arith::CmpIPredicate::sge:
      return binary<CmpLeOp>(builder, op, /*isSwapped=*/true);
    default:
      return {};
    }
  }

  /// What canonicalization makes of an `scf.if` that only yields: an `scf.if` again.
  void liftTensorSelect(arith::SelectOp op) {
    OpBuilder builder(op);
    Location loc = op.getLoc();
    Value flag = getTensor(builder, loc, op.getCondition());
    Value condition = tensor::ExtractOp::create(builder, loc, flag, ValueRange());
    auto branch = [&](Value value) {
      return [value](OpBuilder &inner, Location loc) { scf::YieldOp::create(inner, loc, value); };
    };
    auto ifOp = scf::IfOp::create(builder, loc, condition, branch(op.getTrueValue()),
                                  branch(op.getFalseValue()));
    op.replaceAllUsesWith(ifOp.getResult(0));
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
    if (op->getNumResults() != 1 ||
        !isa<IntegerType, IndexType, FloatType>(op->getResult(0).getType()))
      return op->emitOpError("on tensors is not uop; expected uop operations");
    Type element = toElementType(op->getResult(0).getType());
    auto scalarType = RankedTensorType::get({}, element);
    Value tensor;
    if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
      Attribute value = constant.getValue();
      if (auto integer = dyn_cast<IntegerAttr>(value))
        value = IntegerAttr::get(element, integer.getInt());
      tensor = ConstOp::create(builder, loc, DenseElementsAttr::get(scalarType, value));
    } else if (auto extractOp = dyn_cast<tensor::ExtractOp>(op)) {
      if (!extractOp.getIndices().empty())
        return op->emitOpError("stands outside a kernel only on a tensor of rank 0; shrink first");
      tensor = extractOp.getTensor();
    } else if (isa<arith::IndexCastOp, arith::ExtSIOp, arith::TruncIOp>(op)) {
      Value input = getTensor(builder, loc, op->getOperand(0));
      tensor =
          input.getType() == scalarType ? input : CastOp::create(builder, loc, scalarType, input);
    } else if (isa<arith::AddIOp, arith::AddFOp>(op)) {
      tensor = binary<AddOp>(builder, op);
    } else if (isa<arith::SubIOp, arith::SubFOp>(op)) {
      tensor = binary<SubOp>(builder, op);
    } else if (isa<arith::MulIOp, arith::MulFOp>(op)) {
      tensor = binary<MulOp>(builder, op);
    } else if (isa<arith::AndIOp>(op)) {
      tensor = binary<AndOp>(builder, op);
    } else if (isa<arith::OrIOp>(op)) {
      tensor = binary<OrOp>(builder, op);
    } else if (isa<arith::XOrIOp>(op)) {
      tensor = binary<XorOp>(builder, op);
    } else if (auto cmp = dyn_cast<arith::CmpIOp>(op)) {
      tensor = compare(builder, cmp);
    } else if (isa<arith::SelectOp>(op)) {
      tensor = WhereOp::create(builder, loc, getTensor(builder, loc, op->getOperand(0)),
                               getTensor(builder, loc, op->getOperand(1)),
                               getTensor(builder, loc, op->getOperand(2)));
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
