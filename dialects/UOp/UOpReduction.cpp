//===- UOpReduction.cpp - Reductions, scans, sort, gather, scatter ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Dialect/UOp/UOp.h"

using namespace mlir;
using namespace tg::uop;

using Errors = std::optional<Location>;
using Types = SmallVectorImpl<Type>;

//===----------------------------------------------------------------------===//
// reduce and scan
//===----------------------------------------------------------------------===//

/// All operands must have one shape (and at least one operand there must be).
static LogicalResult checkSameShape(Errors loc, ValueRange inputs) {
  if (inputs.empty())
    return emitOptionalError(loc, "expected at least one operand");
  for (Value input : inputs.drop_front())
    if (withElementType(input.getType(), 1) != withElementType(inputs.front().getType(), 1))
      return emitOptionalError(loc, "operands must have one shape, got ", inputs.front().getType(),
                               " and ", input.getType());
  return success();
}

static LogicalResult checkAxis(Errors loc, int64_t axis, int64_t rank) {
  if (axis >= 0 && axis < rank)
    return success();
  return emitOptionalError(loc, "axis ", axis, " is out of range for rank ", rank);
}

TypedAttr tg::uop::getIdentityOf(CombineKind kind, Type type) {
  if (auto floatType = dyn_cast<FloatType>(type)) {
    const llvm::fltSemantics &semantics = floatType.getFloatSemantics();
    // Formats without infinity have their largest value instead.
    auto extreme = [&](bool negative) {
      return APFloat::semanticsHasInf(semantics) ? APFloat::getInf(semantics, negative)
                                                 : APFloat::getLargest(semantics, negative);
    };
    switch (kind) {
    case CombineKind::Add:
      return FloatAttr::get(type, APFloat::getZero(semantics));
    case CombineKind::Mul:
      return FloatAttr::get(type, APFloat(semantics, 1));
    case CombineKind::Max:
      return FloatAttr::get(type, extreme(true));
    case CombineKind::Min:
      return FloatAttr::get(type, extreme(false));
    }
  }
  auto integer = cast<IntegerType>(type);
  unsigned width = integer.getWidth();
  bool isUnsigned = integer.isUnsigned() || width == 1;
  switch (kind) {
  case CombineKind::Add:
    return IntegerAttr::get(type, APInt::getZero(width));
  case CombineKind::Mul:
    return IntegerAttr::get(type, APInt(width, 1));
  case CombineKind::Max:
    return IntegerAttr::get(type,
                            isUnsigned ? APInt::getZero(width) : APInt::getSignedMinValue(width));
  case CombineKind::Min:
    return IntegerAttr::get(type, isUnsigned ? APInt::getAllOnes(width)
                                             : APInt::getSignedMaxValue(width));
  }
  llvm_unreachable("all kinds are covered");
}

template <typename OpTy> static TypedAttr getIdentityImpl(OpTy op, unsigned i) {
  if (op.getKind())
    return getIdentityOf(*op.getKind(), tensorType(op.getInputs()[i]).getElementType());
  return cast<TypedAttr>((*op.getIdentities())[i]);
}

/// What both have in common: a shorthand without region, or a region with identities.
template <typename OpTy> static LogicalResult verifyCombine(OpTy op) {
  bool hasRegion = !op.getCombiner().empty();
  if (op.getKind()) {
    if (op.getInputs().size() != 1)
      return op.emitOpError("with a kind takes one operand, got ") << op.getInputs().size();
    if (hasRegion || op.getIdentities())
      return op.emitOpError("has a kind; expected neither a combiner region nor identities");
    Type type = tensorType(op.getInputs().front()).getElementType();
    if (isBool(type) && (op.isKind(CombineKind::Add) || op.isKind(CombineKind::Mul)))
      return op.emitOpError("combines i1 with max (or) and min (and) only");
    return success();
  }
  if (!hasRegion)
    return op.emitOpError("expected a kind (add, mul, max, min) or a combiner region");
  size_t count = op.getInputs().size();
  if (!op.getIdentities() || op.getIdentities()->size() != count)
    return op.emitOpError("expected ")
           << count << " identities, got " << (op.getIdentities() ? op.getIdentities()->size() : 0);
  for (auto [i, attr] : llvm::enumerate(*op.getIdentities())) {
    Type type = tensorType(op.getInputs()[i]).getElementType();
    auto typed = dyn_cast<TypedAttr>(attr);
    if (!typed || !isa<FloatAttr, IntegerAttr>(attr) || typed.getType() != type)
      return op.emitOpError("identity ") << i << " must be a scalar of type " << type;
  }
  return success();
}

template <typename OpTy> static LogicalResult verifyCombiner(OpTy op) {
  Region &region = op.getCombiner();
  if (region.empty())
    return success();
  if (!region.hasOneBlock())
    return op.emitOpError("combiner must be one block");
  SmallVector<Type> state;
  for (Value input : op.getInputs())
    state.push_back(RankedTensorType::get({}, tensorType(input).getElementType()));
  SmallVector<Type> expected(state);
  expected.append(state);
  Block &block = region.front();
  if (TypeRange(block.getArgumentTypes()) != TypeRange(expected))
    return op.emitOpError("combiner must take the accumulators and elements at rank 0: (")
           << expected << "), got (" << block.getArgumentTypes() << ")";
  auto yield = dyn_cast<YieldOp>(block.back());
  if (!yield || TypeRange(yield.getOperandTypes()) != TypeRange(state))
    return op.emitOpError("combiner must yield the accumulators: (") << state << ")";
  for (Operation &inner : block.without_terminator())
    if (!isa<ElementwiseOpInterface, ConstOp>(inner))
      return inner.emitOpError("does not stand in a combiner; elementwise operations do");
  return success();
}

LogicalResult ReduceOp::inferReturnTypes(MLIRContext *, Errors loc, ReduceOpAdaptor adaptor,
                                         Types &types) {
  if (failed(checkSameShape(loc, adaptor.getInputs())))
    return failure();
  auto first = tensorType(adaptor.getInputs().front());
  ArrayRef<int64_t> axes = adaptor.getAxes();
  for (auto [i, axis] : llvm::enumerate(axes)) {
    if (failed(checkAxis(loc, axis, first.getRank())))
      return failure();
    if (i > 0 && axis <= axes[i - 1])
      return emitOptionalError(loc, "axes must be strictly increasing");
  }
  SmallVector<DimAttr> dims;
  for (int64_t axis = 0; axis < first.getRank(); ++axis)
    if (!llvm::is_contained(axes, axis))
      dims.push_back(getDim(first, axis));
  for (Value input : adaptor.getInputs())
    types.push_back(getTensorType(dims, tensorType(input).getElementType()));
  return success();
}

void ReduceOp::build(OpBuilder &builder, OperationState &state, CombineKind kind, Value input,
                     ArrayRef<int64_t> axes) {
  auto kindAttr = CombineKindAttr::get(builder.getContext(), kind);
  build(builder, state, kindAttr, ValueRange(input), builder.getDenseI64ArrayAttr(axes), nullptr);
}

TypedAttr ReduceOp::getIdentity(unsigned i) { return getIdentityImpl(*this, i); }
LogicalResult ReduceOp::verify() { return verifyCombine(*this); }
LogicalResult ReduceOp::verifyRegions() { return verifyCombiner(*this); }

LogicalResult ScanOp::inferReturnTypes(MLIRContext *, Errors loc, ScanOpAdaptor adaptor,
                                       Types &types) {
  if (failed(checkSameShape(loc, adaptor.getInputs())) ||
      failed(checkAxis(loc, adaptor.getAxis(), tensorType(adaptor.getInputs().front()).getRank())))
    return failure();
  llvm::append_range(types, adaptor.getInputs().getTypes());
  return success();
}

void ScanOp::build(OpBuilder &builder, OperationState &state, CombineKind kind, Value input,
                   int64_t axis, bool exclusive, bool reverse) {
  auto kindAttr = CombineKindAttr::get(builder.getContext(), kind);
  auto unit = [&](bool set) { return set ? builder.getUnitAttr() : UnitAttr(); };
  build(builder, state, kindAttr, ValueRange(input), builder.getI64IntegerAttr(axis),
        unit(exclusive), unit(reverse), nullptr);
}

TypedAttr ScanOp::getIdentity(unsigned i) { return getIdentityImpl(*this, i); }
LogicalResult ScanOp::verify() { return verifyCombine(*this); }
LogicalResult ScanOp::verifyRegions() { return verifyCombiner(*this); }

//===----------------------------------------------------------------------===//
// sort, gather, scatter, compact
//===----------------------------------------------------------------------===//

LogicalResult SortOp::inferReturnTypes(MLIRContext *, Errors loc, SortOpAdaptor adaptor,
                                       Types &types) {
  if (failed(checkSameShape(loc, adaptor.getInputs())) ||
      failed(checkAxis(loc, adaptor.getAxis(), tensorType(adaptor.getInputs().front()).getRank())))
    return failure();
  llvm::append_range(types, adaptor.getInputs().getTypes());
  return success();
}

/// The shape that gathering `indices` along `axis` gives.
static LogicalResult inferGathered(Errors loc, RankedTensorType input, RankedTensorType indices,
                                   int64_t axis, int64_t batch, SmallVectorImpl<DimAttr> &dims) {
  if (failed(checkAxis(loc, axis, input.getRank())))
    return failure();
  if (batch < 0 || batch > axis || batch > indices.getRank())
    return emitOptionalError(loc, "batch must be between 0 and the smaller of axis ", axis,
                             " and the rank of the indices ", indices.getRank(), ", got ", batch);
  for (int64_t i = 0; i < batch; ++i)
    if (getDim(input, i) != getDim(indices, i))
      return emitOptionalError(loc, "batch axis ", i, " disagrees: ", input, " and ", indices);
  for (int64_t i = 0; i < axis; ++i)
    dims.push_back(getDim(input, i));
  for (int64_t i = batch; i < indices.getRank(); ++i)
    dims.push_back(getDim(indices, i));
  for (int64_t i = axis + 1; i < input.getRank(); ++i)
    dims.push_back(getDim(input, i));
  return success();
}

LogicalResult GatherOp::inferReturnTypes(MLIRContext *, Errors loc, GatherOpAdaptor adaptor,
                                         Types &types) {
  auto input = tensorType(adaptor.getInput());
  SmallVector<DimAttr> dims;
  if (failed(inferGathered(loc, input, tensorType(adaptor.getIndices()), adaptor.getAxis(),
                           adaptor.getBatch(), dims)))
    return failure();
  types.push_back(getTensorType(dims, input.getElementType()));
  return success();
}

LogicalResult ScatterOp::inferReturnTypes(MLIRContext *, Errors, ScatterOpAdaptor adaptor,
                                          Types &types) {
  types.push_back(adaptor.getDest().getType());
  return success();
}

LogicalResult ScatterOp::verify() {
  auto dest = tensorType(getDest());
  SmallVector<DimAttr> dims;
  if (failed(inferGathered(getLoc(), dest, tensorType(getIndices()), getAxis(), getBatch(), dims)))
    return failure();
  RankedTensorType expected = getTensorType(dims, dest.getElementType());
  if (getUpdates().getType() != expected)
    return emitOpError("expected updates of type ")
           << expected << ", got " << getUpdates().getType();
  if (isBool(dest.getElementType()) &&
      (getKind() == ScatterKind::Add || getKind() == ScatterKind::Mul))
    return emitOpError("combines i1 with max (or), min (and) and set only");
  return success();
}

LogicalResult CompactOp::inferReturnTypes(MLIRContext *context, Errors loc,
                                          CompactOpAdaptor adaptor, Types &types) {
  auto mask = tensorType(adaptor.getMask());
  if (mask.getRank() != 1)
    return emitOptionalError(loc, "expected a mask of rank 1, got ", mask);
  Type i64 = IntegerType::get(context, 64);
  types.push_back(withElementType(mask, i64));
  types.push_back(RankedTensorType::get({}, i64));
  return success();
}
