//===- SimplifyFloats.cpp - Float functions; fast-math ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SimplifyRules.h"

using namespace mlir;
using namespace tg;
using namespace tg::simplify;
using namespace tg::uop;

static bool isRounding(Operation *op) {
  return isa_and_nonnull<TruncOp, FloorOp, CeilOp, RoundOp>(op);
}

void tg::simplify::addFloatRules(RuleSet &rules) {
  rules.add<TruncOp, FloorOp, CeilOp, RoundOp>(
      "round-of-integer", [](auto op, RuleBuilder &b) -> Value {
        if (isRounding(op.getInput().getDefiningOp()))
          return op.getInput();
        Value source = inputOf<CastOp>(op.getInput());
        return source && isInt(source) ? op.getInput() : Value();
      });
  rules.add<FDivOp>("one-fdiv", [](FDivOp op, RuleBuilder &b) -> Value {
    bool matches = isFloatSplat(op.getLhs(), 1.0);
    return matches ? Value(ReciprocalOp::create(b, op.getRhs())) : Value();
  });
  rules.add<FmaOp>("fma-one", [](FmaOp op, RuleBuilder &b) -> Value {
    if (isFloatSplat(op.getB(), 1.0))
      return AddOp::create(b, op.getA(), op.getC());
    if (isFloatSplat(op.getA(), 1.0))
      return AddOp::create(b, op.getB(), op.getC());
    return {};
  });
  // a * b + -0 rounds once, and keeps the sign of a zero product.
  rules.add<FmaOp>("fma-zero", [](FmaOp op, RuleBuilder &b) -> Value {
    bool matches = isFloatSplat(op.getC(), -0.0);
    return matches ? Value(MulOp::create(b, op.getA(), op.getB())) : Value();
  });
  rules.add<FmaOp>("fma-neg-neg", [](FmaOp op, RuleBuilder &b) -> Value {
    Value x = inputOf<NegOp>(op.getA()), y = inputOf<NegOp>(op.getB());
    return x && y ? Value(FmaOp::create(b, x, y, op.getC())) : Value();
  });

  rules.addFastMath<ReciprocalOp>("fast-reciprocal-reciprocal",
                                  [](ReciprocalOp op, RuleBuilder &b) -> Value {
                                    return inputOf<ReciprocalOp>(op.getInput());
                                  });
  rules.addFastMath<AddOp>("fast-add-zero", [](AddOp op, RuleBuilder &b) -> Value {
    return isFloatSplat(op.getRhs(), 0.0) ? op.getLhs() : Value();
  });
  rules.addFastMath<SubOp>("fast-sub-self", [](SubOp op, RuleBuilder &b) -> Value {
    bool matches = isFloat(op) && op.getLhs() == op.getRhs();
    return matches ? makeFloat(b, op.getType(), 0.0) : Value();
  });
  rules.addFastMath<MulOp>("fast-mul-zero", [](MulOp op, RuleBuilder &b) -> Value {
    bool matches = isFloatSplat(op.getRhs(), 0.0) || isFloatSplat(op.getRhs(), -0.0);
    return matches ? op.getRhs() : Value();
  });
  rules.addFastMath<PowOp>("fast-pow", [](PowOp op, RuleBuilder &b) -> Value {
    if (isFloatSplat(op.getRhs(), 2.0))
      return MulOp::create(b, op.getLhs(), op.getLhs());
    if (isFloatSplat(op.getRhs(), 0.5))
      return SqrtOp::create(b, op.getLhs());
    if (isFloatSplat(op.getRhs(), -1.0))
      return ReciprocalOp::create(b, op.getLhs());
    return {};
  });
  rules.addFastMath<Log2Op>("fast-log2-exp2", [](Log2Op op, RuleBuilder &b) -> Value {
    return inputOf<Exp2Op>(op.getInput());
  });
  rules.addFastMath<LogOp>("fast-log-exp", [](LogOp op, RuleBuilder &b) -> Value {
    return inputOf<ExpOp>(op.getInput());
  });
}
