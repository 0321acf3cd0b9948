//===- SimplifyIndexing.cpp - gather and scatter by known indices; sort ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SimplifyRules.h"

using namespace mlir;
using namespace tg;
using namespace tg::simplify;
using namespace tg::uop;

/// Indices start, start + step, ... of a vector.
struct Progression {
  int64_t start, step, count;
};

static std::optional<Progression> progressionOf(Value indices) {
  auto type = typeOf(indices);
  if (type.getRank() != 1 || !type.hasStaticShape() || type.getDimSize(0) == 0)
    return std::nullopt;
  int64_t count = type.getDimSize(0);
  if (indices.getDefiningOp<IotaOp>())
    return Progression{0, 1, count};
  auto constant = indices.getDefiningOp<ConstOp>();
  auto dense = constant ? dyn_cast<DenseIntElementsAttr>(constant.getValue()) : nullptr;
  if (!dense)
    return std::nullopt;
  SmallVector<int64_t> values;
  for (const APInt &value : dense.getValues<APInt>())
    values.push_back(value.getSExtValue());
  int64_t step = 1;
  if (count > 1 && llvm::SubOverflow(values[1], values[0], step))
    return std::nullopt;
  for (int64_t i = 0; i + 1 < count; ++i) {
    int64_t difference;
    if (llvm::SubOverflow(values[i + 1], values[i], difference) || difference != step)
      return std::nullopt;
  }
  return Progression{values[0], step, count};
}

/// Whether all indices lie in [0, size).
static bool isInside(const Progression &p, DimAttr size) {
  int64_t span, last;
  return size.isConstant() && !llvm::MulOverflow(p.step, p.count - 1, span) &&
         !llvm::AddOverflow(p.start, span, last) && p.start >= 0 && p.start < size.getConstant() &&
         last >= 0 && last < size.getConstant();
}

static Value sliceOf(RuleBuilder &b, Value input, int64_t axis, int64_t start, int64_t step,
                     int64_t count) {
  auto type = typeOf(input);
  MLIRContext *context = type.getContext();
  SmallVector<int64_t> offsets(type.getRank(), 0), strides(type.getRank(), 1);
  SmallVector<DimAttr> sizes = getDims(type);
  offsets[axis] = start;
  strides[axis] = step;
  sizes[axis] = DimAttr::get(context, count);
  return ShrinkOp::create(b, input, DimsAttr::get(context, offsets), DimsAttr::get(context, sizes),
                          step == 1 ? DenseI64ArrayAttr() : b.getDenseI64ArrayAttr(strides));
}

void tg::simplify::addIndexingRules(RuleSet &rules) {
  rules.add<GatherOp>("gather-slice", [](GatherOp op, RuleBuilder &b) -> Value {
    std::optional<Progression> p = progressionOf(op.getIndices());
    if (!p || op.getBatch() != 0 || p->step == 0 ||
        !isInside(*p, getDim(typeOf(op.getInput()), op.getAxis())))
      return {};
    if (p->step > 0)
      return sliceOf(b, op.getInput(), op.getAxis(), p->start, p->step, p->count);
    int64_t last = p->start + p->step * (p->count - 1);
    Value slice = sliceOf(b, op.getInput(), op.getAxis(), last, -p->step, p->count);
    return FlipOp::create(b, slice, ArrayRef<int64_t>(int64_t(op.getAxis())));
  });
  rules.add<GatherOp>("gather-one", [](GatherOp op, RuleBuilder &b) -> Value {
    // One index everywhere: a slice, reshaped and expanded.
    std::optional<APInt> index = intSplat(op.getIndices());
    auto type = typeOf(op.getInput()), indices = typeOf(op.getIndices());
    int64_t axis = op.getAxis();
    if (!index || op.getBatch() != 0 ||
        !isInside({index->getSExtValue(), 1, 1}, getDim(type, axis)))
      return {};
    SmallVector<DimAttr> dims = getDims(type);
    dims.erase(dims.begin() + axis);
    dims.insert(dims.begin() + axis, indices.getRank(), DimAttr::get(op.getContext(), 1));
    Value slice = sliceOf(b, op.getInput(), axis, index->getSExtValue(), 1, 1);
    Value small = ReshapeOp::create(b, getTensorType(dims, type.getElementType()), slice);
    return ExpandOp::create(b, op.getType(), small);
  });
  rules.add<ScatterOp>("scatter-slice", [](ScatterOp op, RuleBuilder &b) -> Value {
    std::optional<Progression> p = progressionOf(op.getIndices());
    auto type = typeOf(op.getDest());
    if (!p || op.getKind() != ScatterKind::Set || op.getBatch() != 0 || p->step != 1 ||
        !isInside(*p, getDim(type, op.getAxis())))
      return {};
    SmallVector<int64_t> offsets(type.getRank(), 0);
    offsets[op.getAxis()] = p->start;
    return AssignOp::create(b, type, op.getDest(), op.getUpdates(),
                            DimsAttr::get(op.getContext(), offsets));
  });
  rules.add<SortOp>("sort-of-one", [](SortOp op, RuleBuilder &b) -> Value {
    if (op.getInputs().size() != 1)
      return {};
    Value input = op.getInputs().front();
    bool matches = getDim(typeOf(input), op.getAxis()).isConstant(1);
    return matches ? input : Value();
  });
}
