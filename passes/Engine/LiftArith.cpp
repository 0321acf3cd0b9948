//===- LiftArith.cpp - Operations on host scalars as uop ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `arith` puts signs into its operations and takes `i1` for a number of one bit, whose sign it is;
// uop has signs in the types and `i1` for truth. Test: test/Engine/lift-scalars.mlir
//
//===----------------------------------------------------------------------===//

#include "LiftArith.h"

#include "tg/Dialect/UOp/UOp.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

Type tg::toLiftedType(Type scalar) {
  return isa<IndexType>(scalar) ? IntegerType::get(scalar.getContext(), 64) : scalar;
}

namespace {

class ArithLifter {
public:
  ArithLifter(Operation *op, ValueRange operands)
      : op(op), operands(operands), builder(op), loc(op->getLoc()) {}

  Value lift() {
    auto isKnown = [](Type scalar) { return isComputeType(toLiftedType(scalar)); };
    if (!llvm::all_of(op->getOperandTypes(), isKnown) ||
        !llvm::all_of(op->getResultTypes(), isKnown))
      return {};
    return TypeSwitch<Operation *, Value>(op)
        .Case<arith::ConstantOp>([&](auto constant) { return lift(constant); })
        .Case<arith::CmpIOp>([&](auto cmp) { return compare(cmp.getPredicate()); })
        .Case<arith::CmpFOp>([&](auto cmp) { return compare(cmp.getPredicate()); })
        .Case<arith::SelectOp>([&](auto) {
          return WhereOp::create(builder, loc, operands[0], operands[1], operands[2]);
        })
        .Case<arith::AddIOp, arith::SubIOp>(
            [&](auto add) { return integer<XorOp>(isa<arith::AddIOp>(add)); })
        .Case<arith::MulIOp>([&](auto) { return isBool() ? binary<AndOp>() : binary<MulOp>(); })
        .Case<arith::AddFOp>([&](auto) { return binary<AddOp>(); })
        .Case<arith::SubFOp>([&](auto) { return binary<SubOp>(); })
        .Case<arith::MulFOp>([&](auto) { return binary<MulOp>(); })
        .Case<arith::DivFOp>([&](auto) { return binary<FDivOp>(); })
        .Case<arith::NegFOp>([&](auto) { return NegOp::create(builder, loc, operands[0]); })
        .Case<arith::MaximumFOp>([&](auto) { return binary<MaxOp>(); })
        .Case<arith::MinimumFOp>([&](auto) { return binary<MinOp>(); })
        .Case<arith::AndIOp>([&](auto) { return binary<AndOp>(); })
        .Case<arith::OrIOp>([&](auto) { return binary<OrOp>(); })
        .Case<arith::XOrIOp>([&](auto) { return binary<XorOp>(); })
        .Case<arith::MaxSIOp>([&](auto) { return extremum<MaxOp, MinOp>(); })
        .Case<arith::MinSIOp>([&](auto) { return extremum<MinOp, MaxOp>(); })
        .Case<arith::MaxUIOp>([&](auto) { return unsignedExtremum<MaxOp>(); })
        .Case<arith::MinUIOp>([&](auto) { return unsignedExtremum<MinOp>(); })
        .Case<arith::IndexCastOp, arith::ExtSIOp, arith::TruncIOp, arith::SIToFPOp>(
            [&](auto) { return cast(/*isSigned=*/true); })
        .Case<arith::IndexCastUIOp, arith::ExtUIOp, arith::UIToFPOp>(
            [&](auto) { return cast(/*isSigned=*/false); })
        .Case<arith::ExtFOp>([&](auto) { return castTo(operands[0], result()); })
        .Case<arith::TruncFOp>([&](auto truncate) {
          bool isNearest = !truncate.getRoundingmode() ||
                           *truncate.getRoundingmode() == arith::RoundingMode::to_nearest_even;
          return isNearest ? castTo(operands[0], result()) : Value();
        })
        .Default([](Operation *) { return Value(); });
  }

private:
  Type result() { return toLiftedType(op->getResult(0).getType()); }
  static Type elementOf(Value tensor) {
    return mlir::cast<RankedTensorType>(tensor.getType()).getElementType();
  }
  bool isBool() { return elementOf(operands.back()).isInteger(1); }

  Value castTo(Value value, Type element) {
    if (elementOf(value) == element)
      return value;
    return CastOp::create(builder, loc, RankedTensorType::get({}, element), value);
  }
  Value constant(Type element, int64_t value) {
    auto type = RankedTensorType::get({}, element);
    return ConstOp::create(builder, loc,
                           DenseElementsAttr::get(type, IntegerAttr::get(element, value)));
  }
  /// The same bits as a number without a sign; `i1` has none.
  Value toUnsigned(Value value) {
    auto type = mlir::cast<IntegerType>(elementOf(value));
    if (type.getWidth() == 1)
      return value;
    auto isUnsigned = IntegerType::get(op->getContext(), type.getWidth(), IntegerType::Unsigned);
    return BitcastOp::create(builder, loc, RankedTensorType::get({}, isUnsigned), value);
  }

  Value lift(arith::ConstantOp op) {
    Attribute value = op.getValue();
    if (auto integer = dyn_cast<IntegerAttr>(value))
      value = IntegerAttr::get(result(),
                               integer.getValue().sextOrTrunc(result().getIntOrFloatBitWidth()));
    return ConstOp::create(builder, loc,
                           DenseElementsAttr::get(RankedTensorType::get({}, result()), value));
  }

  template <typename OpTy> Value binary(bool isSwapped = false) {
    return OpTy::create(builder, loc, operands[isSwapped], operands[!isSwapped]);
  }
  template <typename Bool> Value integer(bool isSum) {
    if (isBool())
      return binary<Bool>();
    return isSum ? binary<AddOp>() : binary<SubOp>();
  }
  /// A signed `i1` that is set is -1.
  template <typename OpTy, typename Bool> Value extremum() {
    return isBool() ? binary<Bool>() : binary<OpTy>();
  }
  template <typename OpTy> Value unsignedExtremum() {
    Value value = OpTy::create(builder, loc, toUnsigned(operands[0]), toUnsigned(operands[1]));
    auto type = RankedTensorType::get({}, result());
    return value.getType() == type ? value : Value(BitcastOp::create(builder, loc, type, value));
  }

  /// Of an integer.
  Value cast(bool isSigned) {
    Value value = operands[0];
    auto from = mlir::cast<IntegerType>(elementOf(value));
    auto to = result();
    if (from == to)
      return value;
    // To truth: the lowest bit, not whether any is set.
    if (to.isInteger(1))
      return castTo(AndOp::create(builder, loc, value, constant(from, 1)), to);
    if (from.isInteger(1)) {
      value = castTo(value, to);
      return isSigned ? Value(NegOp::create(builder, loc, value)) : value;
    }
    return castTo(isSigned ? value : toUnsigned(value), to);
  }

  Value compare(arith::CmpIPredicate predicate) {
    using P = arith::CmpIPredicate;
    if (predicate == P::eq)
      return binary<CmpEqOp>();
    if (predicate == P::ne)
      return binary<CmpNeOp>();
    bool isSigned = llvm::is_contained({P::slt, P::sle, P::sgt, P::sge}, predicate);
    bool isStrict = llvm::is_contained({P::slt, P::sgt, P::ult, P::ugt}, predicate);
    bool isGreater = llvm::is_contained({P::sgt, P::sge, P::ugt, P::uge}, predicate);
    Value lhs = operands[0], rhs = operands[1];
    if (!isSigned)
      lhs = toUnsigned(lhs), rhs = toUnsigned(rhs);
    if (isGreater != (isSigned && isBool()))
      std::swap(lhs, rhs);
    if (isStrict)
      return CmpLtOp::create(builder, loc, lhs, rhs);
    return CmpLeOp::create(builder, loc, lhs, rhs);
  }

  /// uop's comparisons are false where an operand is NaN, but for `cmpne`.
  Value compare(arith::CmpFPredicate predicate) {
    using P = arith::CmpFPredicate;
    auto truth = [&](bool value) { return constant(builder.getI1Type(), value); };
    auto negated = [&](Value value) -> Value { return NotOp::create(builder, loc, value); };
    auto isOrdered = [&](Value value) -> Value {
      return CmpEqOp::create(builder, loc, value, value);
    };
    switch (predicate) {
    case P::AlwaysFalse:
      return truth(false);
    case P::AlwaysTrue:
      return truth(true);
    case P::OEQ:
      return binary<CmpEqOp>();
    case P::OLT:
      return binary<CmpLtOp>();
    case P::OLE:
      return binary<CmpLeOp>();
    case P::OGT:
      return binary<CmpLtOp>(/*isSwapped=*/true);
    case P::OGE:
      return binary<CmpLeOp>(/*isSwapped=*/true);
    case P::ONE:
      return OrOp::create(builder, loc, binary<CmpLtOp>(), binary<CmpLtOp>(true));
    case P::ORD:
      return AndOp::create(builder, loc, isOrdered(operands[0]), isOrdered(operands[1]));
    case P::UNE:
      return binary<CmpNeOp>();
    case P::UEQ:
      return negated(OrOp::create(builder, loc, binary<CmpLtOp>(), binary<CmpLtOp>(true)));
    case P::UGT:
      return negated(binary<CmpLeOp>());
    case P::UGE:
      return negated(binary<CmpLtOp>());
    case P::ULT:
      return negated(binary<CmpLeOp>(true));
    case P::ULE:
      return negated(binary<CmpLtOp>(true));
    case P::UNO:
      return negated(AndOp::create(builder, loc, isOrdered(operands[0]), isOrdered(operands[1])));
    }
    return {};
  }

  Operation *op;
  ValueRange operands;
  OpBuilder builder;
  Location loc;
};

} // namespace

Value tg::liftArith(Operation *op, ValueRange operands) { return ArithLifter(op, operands).lift(); }
