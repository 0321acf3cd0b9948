//===- SimplifyState.cpp - assign, contiguous, copy, detach; empty results; constant movement ---*-
// C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SimplifyRules.h"

#include "tg/Support/ShapeExpr.h"

using namespace mlir;
using namespace tg;
using namespace tg::simplify;
using namespace tg::uop;

/// A movement of small constants, element by element through its access maps.
static Value foldMovement(MovementOpInterface op, RuleBuilder &b) {
  auto type = typeOf(op->getResult(0));
  if (!type.hasStaticShape() || type.getNumElements() > maxFoldedElements ||
      type.getNumElements() == 0)
    return {};
  unsigned moved = op.getNumMovedOperands();
  SmallVector<DenseElementsAttr> sources;
  for (Value operand : op->getOperands()) {
    auto constant = operand.getDefiningOp<ConstOp>();
    auto dense = constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : nullptr;
    if (!dense)
      return {};
    sources.push_back(dense);
  }
  VarScope scope(op->getContext());
  SmallVector<Access> accesses;
  for (unsigned i = 0; i < moved; ++i)
    accesses.push_back(op.getAccess(i, scope));
  if (scope.size() > 0)
    return {};
  SmallVector<int64_t> index(type.getRank(), 0);
  SmallVector<Attribute> elements;
  // The element of the first operand whose constraints hold.
  auto elementAt = [&]() -> Attribute {
    for (auto [source, access] : llvm::zip(sources, accesses)) {
      bool isValid = llvm::all_of(access.constraints, [&](const Access::Constraint &constraint) {
        std::optional<int64_t> value = evalShapeExpr(constraint.expr, index, {});
        return value && (constraint.isZero ? *value == 0 : *value >= 0);
      });
      if (!isValid)
        continue;
      SmallVector<uint64_t> position;
      for (AffineExpr expr : access.indices) {
        std::optional<int64_t> value = evalShapeExpr(expr, index, {});
        if (!value)
          return {};
        position.push_back(*value);
      }
      return source.getValues<Attribute>()[position];
    }
    return op.getFillValue() ? *sources.back().value_begin<Attribute>() : Attribute();
  };
  for (int64_t i = 0; i < type.getNumElements(); ++i) {
    elements.push_back(elementAt());
    if (!elements.back())
      return {};
    for (int64_t axis = type.getRank(); axis-- > 0;) {
      if (++index[axis] < type.getDimSize(axis))
        break;
      index[axis] = 0;
    }
  }
  return ConstOp::create(b, DenseElementsAttr::get(type, elements));
}

/// Anything without elements is a constant without elements.
template <typename Interface> static Value foldEmpty(Interface op, RuleBuilder &b) {
  auto type = typeOf(op->getResult(0));
  if (!type.hasStaticShape() || type.getNumElements() != 0)
    return {};
  return ConstOp::create(b, DenseElementsAttr::get(type, ArrayRef<Attribute>()));
}

void tg::simplify::addStateRules(RuleSet &rules) {
  rules.add<AssignOp>("assign-assign", [](AssignOp op, RuleBuilder &b) -> Value {
    auto inner = op.getDest().getDefiningOp<AssignOp>();
    if (!inner || inner.getOffsetsAttr() != op.getOffsetsAttr() ||
        inner.getSource().getType() != op.getSource().getType())
      return {};
    return AssignOp::create(b, op.getType(), inner.getDest(), op.getSource(), op.getOffsetsAttr());
  });
  rules.add<ContiguousOp>("contiguous-contiguous", [](ContiguousOp op, RuleBuilder &b) -> Value {
    return op.getInput().getDefiningOp<ContiguousOp>() ? op.getInput() : Value();
  });
  rules.add<CopyOp>("copy-copy", [](CopyOp op, RuleBuilder &b) -> Value {
    auto inner = op.getInput().getDefiningOp<CopyOp>();
    return inner && inner.getDevice() == op.getDevice() ? op.getInput() : Value();
  });
  // Gradients are taken before.
  rules.add<DetachOp>("detach", [](DetachOp op, RuleBuilder &b) -> Value { return op.getInput(); });
  rules.addForInterface<MovementOpInterface>("fold-movement", foldMovement);
  rules.addForInterface<MovementOpInterface>("empty-movement", foldEmpty<MovementOpInterface>);
  rules.addForInterface<ElementwiseOpInterface>("empty-elementwise",
                                                foldEmpty<ElementwiseOpInterface>);
}
