//===- DecomposeExpansions.cpp - The expansion of each operation ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Graph/Decompose.h"
#include "tg/Graph/Decompose/EmitLane.h"
#include "tg/Graph/Decompose/Erf.h"
#include "tg/Graph/Decompose/ExpLog.h"
#include "tg/Graph/Decompose/Hyperbolic.h"
#include "tg/Graph/Decompose/InverseTrig.h"
#include "tg/Graph/Decompose/Pow.h"
#include "tg/Graph/Decompose/Rounding.h"
#include "tg/Graph/Decompose/Trig.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace tg;
using namespace tg::math;
using uop::ElementwiseKind;

Value Emitter::splat(RankedTensorType type, TypedAttr element) {
  Value &value = constants[element];
  if (value)
    return value;
  if (type.hasStaticShape())
    return value = uop::ConstOp::create(builder, loc, type, DenseElementsAttr::get(type, element));
  // A symbolic shape has no dense constant.
  SmallVector<int64_t> ones(type.getRank(), 1);
  auto single = RankedTensorType::get(ones, type.getElementType());
  Value one = uop::ConstOp::create(builder, loc, single, DenseElementsAttr::get(single, element));
  return value = uop::ExpandOp::create(builder, loc, type, one);
}

namespace {

/// One expansion in the two types that it computes in; unary functions ignore `y`.
struct Expansion {
  ElementwiseKind kind;
  EmitLane<float> (*f32)(EmitLane<float> x, EmitLane<float> y);
  EmitLane<double> (*f64)(EmitLane<double> x, EmitLane<double> y);
};

/// The expansion of `kind`, or null.
const Expansion *findExpansion(ElementwiseKind kind) {
  // The functions of tg::math are templates: a generic lambda stands for both instances.
  constexpr auto of = [](ElementwiseKind kind, auto f) { return Expansion{kind, f, f}; };
  static constexpr Expansion expansions[] = {
      of(ElementwiseKind::Exp2, [](auto x, auto) { return math::exp2(x); }),
      of(ElementwiseKind::Log2, [](auto x, auto) { return math::log2(x); }),
      of(ElementwiseKind::Sin, [](auto x, auto) { return math::sin(x); }),
      of(ElementwiseKind::Pow, [](auto x, auto y) { return math::pow(x, y); }),
      of(ElementwiseKind::Exp, [](auto x, auto) { return math::exp(x); }),
      of(ElementwiseKind::Log, [](auto x, auto) { return math::log(x); }),
      of(ElementwiseKind::Cos, [](auto x, auto) { return math::cos(x); }),
      of(ElementwiseKind::Tan, [](auto x, auto) { return math::tan(x); }),
      of(ElementwiseKind::Asin, [](auto x, auto) { return math::asin(x); }),
      of(ElementwiseKind::Acos, [](auto x, auto) { return math::acos(x); }),
      of(ElementwiseKind::Atan, [](auto x, auto) { return math::atan(x); }),
      of(ElementwiseKind::Sinh, [](auto x, auto) { return math::sinh(x); }),
      of(ElementwiseKind::Cosh, [](auto x, auto) { return math::cosh(x); }),
      of(ElementwiseKind::Tanh, [](auto x, auto) { return math::tanh(x); }),
      of(ElementwiseKind::Asinh, [](auto x, auto) { return math::asinh(x); }),
      of(ElementwiseKind::Acosh, [](auto x, auto) { return math::acosh(x); }),
      of(ElementwiseKind::Atanh, [](auto x, auto) { return math::atanh(x); }),
      of(ElementwiseKind::Erf, [](auto x, auto) { return math::erf(x); }),
      of(ElementwiseKind::Floor, [](auto x, auto) { return math::floor(x); }),
      of(ElementwiseKind::Ceil, [](auto x, auto) { return math::ceil(x); }),
      of(ElementwiseKind::Round, [](auto x, auto) { return math::round(x); }),
  };
  const Expansion *found =
      llvm::find_if(expansions, [&](const Expansion &e) { return e.kind == kind; });
  return found == std::end(expansions) ? nullptr : found;
}

template <class T>
Value emit(Emitter &emitter, EmitLane<T> (*function)(EmitLane<T>, EmitLane<T>),
           ArrayRef<Value> operands) {
  EmitLane<T> x(emitter, operands.front()), y(emitter, operands.back());
  return function(x, y).get(emitter);
}

} // namespace

bool tg::hasExpansion(uop::ElementwiseOpInterface op) {
  return findExpansion(op.getElementwiseKind()) &&
         isa<FloatType>(getElementTypeOrSelf(op->getResult(0).getType()));
}

Value tg::emitExpansion(OpBuilder &builder, uop::ElementwiseOpInterface op) {
  const Expansion *expansion = findExpansion(op.getElementwiseKind());
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  Emitter emitter(builder, op->getLoc(), type);
  SmallVector<Value> operands(op->getOperands());
  if (type.getElementType().isF64())
    return emit<double>(emitter, expansion->f64, operands);

  bool narrow = !type.getElementType().isF32();
  if (narrow)
    for (Value &operand : operands)
      operand = emitter.create<uop::CastOp, float>(operand);
  Value result = emit<float>(emitter, expansion->f32, operands);
  return narrow ? uop::CastOp::create(builder, op->getLoc(), type, result) : result;
}
