//===- UOpOps.cpp - Verifiers of the remaining operations ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Dialect/UOp/UOp.h"

#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace tg::uop;

using Errors = std::optional<Location>;
using Types = SmallVectorImpl<Type>;

static unsigned bitWidth(Type type) { return type.getIntOrFloatBitWidth(); }

LogicalResult CastOp::verify() {
  if (tensorType(getInput()).getEncoding() != getType().getEncoding())
    return emitOpError("keeps the shape, got ") << getInput().getType() << " and " << getType();
  return success();
}

LogicalResult BitcastOp::verify() {
  auto from = tensorType(getInput());
  if (from.getEncoding() != getType().getEncoding())
    return emitOpError("keeps the shape, got ") << from << " and " << getType();
  if (bitWidth(from.getElementType()) != bitWidth(getType().getElementType()))
    return emitOpError("keeps the width of an element, got ")
           << from.getElementType() << " and " << getType().getElementType();
  return success();
}

LogicalResult ConstOp::inferReturnTypes(MLIRContext *, Errors loc, ConstOpAdaptor adaptor,
                                        Types &types) {
  auto type = dyn_cast<RankedTensorType>(adaptor.getValue().getType());
  if (!type || !isElementType(type.getElementType()))
    return emitOptionalError(loc, "expected a value of ranked tensor type, got ",
                             adaptor.getValue().getType());
  types.push_back(type);
  return success();
}

LogicalResult IotaOp::verify() {
  int64_t axis = getAxis(), rank = getType().getRank();
  if (axis < 0 || axis >= rank)
    return emitOpError("axis ") << axis << " is out of range for rank " << rank;
  return success();
}

LogicalResult AssignOp::verify() {
  auto dest = tensorType(getDest()), source = tensorType(getSource());
  if (dest.getElementType() != source.getElementType() || dest.getRank() != source.getRank())
    return emitOpError("expected a source of the destination's rank and element type, got ")
           << source << " for " << dest;
  if (getOffsets() && static_cast<int64_t>(getOffsets()->size()) != dest.getRank())
    return emitOpError("expected ") << dest.getRank() << " offsets, got " << getOffsets()->size();
  for (int64_t axis = 0; axis < dest.getRank(); ++axis) {
    DimAttr offset = getOffsets() ? (*getOffsets())[axis] : DimAttr::get(getContext(), 0);
    if (offset.isConstant() && offset.getConstant() < 0)
      return emitOpError("offset must not be negative, got ") << offset.getConstant();
    DimAttr end = addDims(offset, getDim(source, axis));
    DimAttr room = end ? subDims(getDim(dest, axis), end) : DimAttr();
    if (!room)
      return emitOpError("offset overflows 64 bits");
    if (room.isConstant() && room.getConstant() < 0)
      return emitOpError("source leaves axis ")
             << axis << " of " << dest << " by " << -room.getConstant();
  }
  return success();
}

LogicalResult CustomOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto check = [&](FlatSymbolRefAttr symbol) -> LogicalResult {
    auto function = symbols.lookupNearestSymbolFrom<FunctionOpInterface>(*this, symbol);
    if (!function)
      return emitOpError("refers to ") << symbol << ", which is not a function of this module";
    auto type = dyn_cast<FunctionType>(function.getFunctionType());
    if (!type || TypeRange(type.getInputs()) != TypeRange(getInputs().getTypes()) ||
        TypeRange(type.getResults()) != TypeRange(getOutputs().getTypes()))
      return emitOpError("expected ")
             << symbol << " to have the type of this operation, got " << function.getFunctionType();
    return success();
  };
  if (failed(check(getReferenceAttr())))
    return failure();
  if (!getBodies())
    return success();
  for (NamedAttribute body : getBodiesAttr()) {
    auto symbol = dyn_cast<FlatSymbolRefAttr>(body.getValue());
    if (!symbol)
      return emitOpError("body for '") << body.getName().getValue() << "' must be a symbol";
    if (failed(check(symbol)))
      return failure();
  }
  return success();
}

LogicalResult ContiguousOp::verify() {
  int64_t least = 0, rank = cast<RankedTensorType>(getType()).getRank();
  for (int64_t axis : getRows().value_or(ArrayRef<int64_t>())) {
    if (axis < least || axis >= rank)
      return emitOpError("expected strictly increasing rows below the rank ") << rank;
    least = axis + 1;
  }
  return success();
}

LogicalResult VarOp::verify() {
  int64_t min = getMin(), max = getMax();
  if (min < 0 || min > max)
    return emitOpError("expected bounds 0 <= min <= max, got [") << min << ", " << max << "]";
  return success();
}

LogicalResult SizeOp::verify() {
  if (getType().getRank() != 0)
    return emitOpError("expected a result of type tensor<i64>, got ") << getType();
  return success();
}

LogicalResult BindOp::verify() {
  auto type = cast<ShapedType>(getValue().getType());
  if (type.getRank() != 0 || !isI64(type.getElementType()))
    return emitOpError("expected a scalar i64, got ") << type;
  return success();
}

Value tg::uop::getUpdated(Value value) {
  if (auto scatter = value.getDefiningOp<ScatterOp>())
    return scatter.getDest();
  auto assign = value.getDefiningOp<AssignOp>();
  return assign ? assign.getDest() : Value();
}

LogicalResult KernelOp::verify() {
  bool isBufferized = !getOuts().empty();
  if (isBufferized != getResults().empty())
    return emitOpError("expected results on tensors, or outs on memrefs");
  for (Value value : getOuts())
    if (!isa<MemRefType>(value.getType()))
      return emitOpError("expected outs of memref type, got ") << value.getType();
  for (Value value : getInputs())
    if (isa<MemRefType>(value.getType()) != isBufferized)
      return emitOpError("mixes tensors and memrefs");
  return success();
}

LogicalResult KernelOp::verifyRegions() {
  Block &block = getBody().front();
  auto compatible = [](Type outer, Type inner) {
    auto tensor = dyn_cast<RankedTensorType>(inner);
    if (!tensor || isa<RankedTensorType>(outer))
      return outer == inner;
    auto memref = cast<MemRefType>(outer);
    return memref.getShape() == tensor.getShape() &&
           memref.getElementType() == tensor.getElementType();
  };
  if (block.getNumArguments() != getInputs().size())
    return emitOpError("body must take one argument per input, got ") << block.getNumArguments();
  for (auto [input, argument] : llvm::zip_equal(getInputs(), block.getArguments()))
    if (!compatible(input.getType(), argument.getType()))
      return emitOpError("body argument of type ")
             << argument.getType() << " does not fit the input of type " << input.getType();
  auto yield = dyn_cast<YieldOp>(block.back());
  SmallVector<Type> targets(getOuts().empty() ? TypeRange(getResults().getTypes())
                                              : TypeRange(getOuts().getTypes()));
  if (!yield || yield.getNumOperands() != targets.size())
    return emitOpError("body must yield ") << targets.size() << " values";
  for (auto [target, value] : llvm::zip_equal(targets, yield.getOperandTypes()))
    if (!compatible(target, value))
      return emitOpError("body yields ") << value << " for a result of type " << target;
  return success();
}

LogicalResult BufferOp::verify() {
  auto type = cast<MemRefType>(getResult().getType());
  SmallVector<int64_t> shape;
  for (DimAttr dim : getDims().getDims())
    shape.push_back(dim.getSize());
  if (ArrayRef(shape) != type.getShape())
    return emitOpError("dimensions do not fit ") << type;
  if (getValue() && (getValue()->getShapedType().getShape() != type.getShape() ||
                     getValue()->getElementType() != type.getElementType()))
    return emitOpError("value of type ") << getValue()->getType() << " does not fit " << type;
  return success();
}
