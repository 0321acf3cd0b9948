//===- UOpMovement.cpp - Movement: type inference, verifiers, accesses ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Dialect/UOp/UOp.h"

using namespace mlir;
using namespace tg::uop;

using Errors = std::optional<Location>;
using Types = SmallVectorImpl<Type>;

static LogicalResult overflow(Errors loc) {
  return emitOptionalError(loc, "result dimension overflows 64 bits");
}

/// Whether `axes` are strictly increasing and inside `rank`; says what is wrong otherwise.
static LogicalResult checkAxes(Errors loc, ArrayRef<int64_t> axes, int64_t rank) {
  for (auto [i, axis] : llvm::enumerate(axes)) {
    if (axis < 0 || axis >= rank)
      return emitOptionalError(loc, "axis ", axis, " is out of range for rank ", rank);
    if (i > 0 && axis <= axes[i - 1])
      return emitOptionalError(loc, "axes must be strictly increasing");
  }
  return success();
}

static LogicalResult checkCount(Errors loc, StringRef what, int64_t got, int64_t expected) {
  if (got == expected)
    return success();
  return emitOptionalError(loc, "expected ", expected, " ", what, ", got ", got);
}

static LogicalResult checkPositive(Errors loc, StringRef what, ArrayRef<int64_t> values) {
  for (int64_t value : values)
    if (value <= 0)
      return emitOptionalError(loc, what, " must be positive, got ", value);
  return success();
}

static ArrayRef<int64_t> orEmpty(std::optional<ArrayRef<int64_t>> values) {
  return values.value_or(ArrayRef<int64_t>());
}

//===----------------------------------------------------------------------===//
// reshape
//===----------------------------------------------------------------------===//

LogicalResult ReshapeOp::verify() {
  auto from = tensorType(getInput()), to = getType();
  if (from.getElementType() != to.getElementType())
    return emitOpError("keeps the element type, got ")
           << from.getElementType() << " and " << to.getElementType();
  DimAttr have = getNumElements(from), want = getNumElements(to);
  if (!have || !want)
    return emitOpError("number of elements overflows 64 bits");
  if (have != want)
    return emitOpError("keeps the number of elements, got ") << from << " and " << to;
  return success();
}

/// How many leading axes of either shape have the same number of elements; all where none do.
static std::pair<size_t, size_t> getLeadingGroup(ArrayRef<DimAttr> from, ArrayRef<DimAttr> to) {
  auto productOf = [](ArrayRef<DimAttr> dims) {
    DimAttr product = dims.front();
    for (DimAttr dim : dims.drop_front())
      product = product ? mulDims(product, dim) : product;
    return product;
  };
  for (size_t total = 2; total <= from.size() + to.size(); ++total)
    for (size_t count = 1; count < total; ++count) {
      if (count > from.size() || total - count > to.size())
        continue;
      DimAttr product = productOf(from.take_front(count));
      if (product && product == productOf(to.take_front(total - count)))
        return {count, total - count};
    }
  return {from.size(), to.size()};
}

/// Axes that are split and merged among themselves are indexed apart from the others, so that no
/// index outside of an axis, as a pad around the reshape gives, moves into the next one.
Access ReshapeOp::getAccess(unsigned, VarScope &scope) {
  MLIRContext *context = getContext();
  SmallVector<DimAttr> from = getDims(tensorType(getInput())), to = getDims(getType());
  Access access;
  access.indices.assign(from.size(), getAffineConstantExpr(0, context));
  // An axis of size 1 or 0 is only ever read at 0.
  auto isTrivial = [&](size_t i) { return from[i].isConstant() && from[i].getConstant() <= 1; };
  for (size_t firstFrom = 0, firstTo = 0; firstFrom < from.size();) {
    auto [numFrom, numTo] =
        getLeadingGroup(ArrayRef(from).drop_front(firstFrom), ArrayRef(to).drop_front(firstTo));
    AffineExpr linear = getAffineConstantExpr(0, context);
    for (size_t i = firstTo; i < firstTo + numTo; ++i)
      linear = linear * scope.getExpr(to[i]) + getAffineDimExpr(i, context);
    // The first other one takes what is left.
    size_t first = firstFrom, end = firstFrom + numFrom;
    while (first < end && isTrivial(first))
      ++first;
    for (size_t i = end; i-- > first;) {
      if (isTrivial(i))
        continue;
      AffineExpr size = scope.getExpr(from[i]);
      access.indices[i] = i == first ? linear : linear % size;
      linear = linear.floorDiv(size);
    }
    firstFrom = end;
    firstTo += numTo;
  }
  return access;
}

//===----------------------------------------------------------------------===//
// permute, expand, flip
//===----------------------------------------------------------------------===//

LogicalResult PermuteOp::inferReturnTypes(MLIRContext *, Errors loc, PermuteOpAdaptor adaptor,
                                          Types &types) {
  auto type = tensorType(adaptor.getInput());
  ArrayRef<int64_t> permutation = adaptor.getPermutation();
  if (failed(checkCount(loc, "permuted axes", permutation.size(), type.getRank())))
    return failure();
  SmallVector<bool> seen(type.getRank());
  SmallVector<DimAttr> dims;
  for (int64_t axis : permutation) {
    if (axis < 0 || axis >= type.getRank() || seen[axis])
      return emitOptionalError(loc, "expected a permutation of 0 to ", type.getRank() - 1);
    seen[axis] = true;
    dims.push_back(getDim(type, axis));
  }
  types.push_back(getTensorType(dims, type.getElementType()));
  return success();
}

Access PermuteOp::getAccess(unsigned, VarScope &) {
  Access access;
  access.indices.resize(getPermutation().size());
  for (auto [i, axis] : llvm::enumerate(getPermutation()))
    access.indices[axis] = getAffineDimExpr(i, getContext());
  return access;
}

LogicalResult ExpandOp::verify() {
  auto from = tensorType(getInput()), to = getType();
  if (from.getElementType() != to.getElementType())
    return emitOpError("keeps the element type, got ")
           << from.getElementType() << " and " << to.getElementType();
  if (from.getRank() != to.getRank())
    return emitOpError("keeps the rank, got ") << from.getRank() << " and " << to.getRank();
  for (int64_t axis = 0; axis < from.getRank(); ++axis)
    if (!getDim(from, axis).isConstant(1) && getDim(from, axis) != getDim(to, axis))
      return emitOpError("axis ") << axis << " must have size 1 to be expanded, in " << from
                                  << " to " << to;
  return success();
}

Access ExpandOp::getAccess(unsigned, VarScope &) {
  auto from = tensorType(getInput());
  Access access = Access::identity(getContext(), from.getRank());
  for (int64_t axis = 0; axis < from.getRank(); ++axis)
    if (getDim(from, axis).isConstant(1))
      access.indices[axis] = getAffineConstantExpr(0, getContext());
  return access;
}

LogicalResult FlipOp::inferReturnTypes(MLIRContext *, Errors loc, FlipOpAdaptor adaptor,
                                       Types &types) {
  auto type = tensorType(adaptor.getInput());
  types.push_back(type);
  return checkAxes(loc, adaptor.getAxes(), type.getRank());
}

Access FlipOp::getAccess(unsigned, VarScope &scope) {
  Access access = Access::identity(getContext(), getType().getRank());
  for (int64_t axis : getAxes())
    access.indices[axis] = scope.getExpr(getDim(getType(), axis)) - 1 - access.indices[axis];
  return access;
}

//===----------------------------------------------------------------------===//
// pad, shrink
//===----------------------------------------------------------------------===//

LogicalResult PadOp::inferReturnTypes(MLIRContext *context, Errors loc, PadOpAdaptor adaptor,
                                      Types &types) {
  auto type = tensorType(adaptor.getInput());
  int64_t rank = type.getRank();
  ArrayRef<int64_t> interior = orEmpty(adaptor.getInterior());
  if (failed(checkCount(loc, "low paddings", adaptor.getLow().size(), rank)) ||
      failed(checkCount(loc, "high paddings", adaptor.getHigh().size(), rank)) ||
      (adaptor.getInterior() &&
       failed(checkCount(loc, "interior paddings", interior.size(), rank))))
    return failure();
  SmallVector<DimAttr> dims;
  for (int64_t axis = 0; axis < rank; ++axis) {
    DimAttr size = getDim(type, axis), low = adaptor.getLow()[axis], high = adaptor.getHigh()[axis];
    for (DimAttr amount : {low, high})
      if (amount.isConstant() && amount.getConstant() < 0)
        return emitOptionalError(loc, "padding must not be negative, got ", amount.getConstant());
    int64_t gap = interior.empty() ? 0 : interior[axis];
    if (gap < 0)
      return emitOptionalError(loc, "padding must not be negative, got ", gap);
    if (gap > 0 && !size.isConstant())
      // n + (n - 1) * gap needs n > 0, which no expression can tell for n = 0.
      return emitOptionalError(loc, "interior padding needs a static axis, axis ", axis, " is not");
    if (gap > 0 && size.getConstant() > 0)
      size = addDims(size,
                     mulDims(subDims(size, DimAttr::get(context, 1)), DimAttr::get(context, gap)));
    dims.push_back(addDims(addDims(size, low), high));
    if (!dims.back())
      return overflow(loc);
  }
  types.push_back(getTensorType(dims, type.getElementType()));
  return success();
}

Access PadOp::getAccess(unsigned, VarScope &scope) {
  auto type = tensorType(getInput());
  Access access;
  for (int64_t axis = 0; axis < type.getRank(); ++axis) {
    AffineExpr index = getAffineDimExpr(axis, getContext());
    DimAttr low = getLow()[axis], high = getHigh()[axis];
    int64_t step = getInteriorOf(axis) + 1;
    AffineExpr shifted = index - scope.getExpr(low);
    if (!low.isConstant(0))
      access.constraints.push_back({shifted});
    if (!high.isConstant(0) || getDim(type, axis).isConstant(0)) {
      AffineExpr span = (scope.getExpr(getDim(type, axis)) - 1) * step;
      access.constraints.push_back({span - shifted});
    }
    if (step > 1)
      access.constraints.push_back({shifted % step, /*isZero=*/true});
    access.indices.push_back(shifted.floorDiv(step));
  }
  return access;
}

LogicalResult ShrinkOp::inferReturnTypes(MLIRContext *, Errors loc, ShrinkOpAdaptor adaptor,
                                         Types &types) {
  auto type = tensorType(adaptor.getInput());
  int64_t rank = type.getRank();
  DimsAttr offsets = adaptor.getOffsets(), sizes = adaptor.getSizes();
  ArrayRef<int64_t> strides = orEmpty(adaptor.getStrides());
  if (failed(checkCount(loc, "offsets", offsets.size(), rank)) ||
      failed(checkCount(loc, "sizes", sizes.size(), rank)) ||
      (adaptor.getStrides() && (failed(checkCount(loc, "strides", strides.size(), rank)) ||
                                failed(checkPositive(loc, "stride", strides)))))
    return failure();
  for (int64_t axis = 0; axis < rank; ++axis) {
    DimAttr offset = offsets[axis], size = sizes[axis], have = getDim(type, axis);
    if (offset.isConstant() && offset.getConstant() < 0)
      return emitOptionalError(loc, "offset must not be negative, got ", offset.getConstant());
    if (size.isConstant() && size.getConstant() < 0)
      return emitOptionalError(loc, "size must not be negative, got ", size.getConstant());
    if (size.isConstant(0))
      continue;
    // Decided whenever the variables cancel.
    MLIRContext *context = type.getContext();
    DimAttr step = DimAttr::get(context, strides.empty() ? 1 : strides[axis]);
    DimAttr last = addDims(offset, mulDims(subDims(size, DimAttr::get(context, 1)), step));
    DimAttr room = last ? subDims(have, last) : DimAttr();
    if (!room)
      return overflow(loc);
    if (room.isConstant() && room.getConstant() <= 0)
      return emitOptionalError(loc, "slice leaves axis ", axis, " of ", type, " by ",
                               1 - room.getConstant());
  }
  types.push_back(getTensorType(sizes.getDims(), type.getElementType()));
  return success();
}

Access ShrinkOp::getAccess(unsigned, VarScope &scope) {
  Access access;
  for (auto [axis, offset] : llvm::enumerate(getOffsets().getDims()))
    access.indices.push_back(getAffineDimExpr(axis, getContext()) * getStrideOf(axis) +
                             scope.getExpr(offset));
  return access;
}

//===----------------------------------------------------------------------===//
// window, unwindow
//===----------------------------------------------------------------------===//

LogicalResult WindowOp::inferReturnTypes(MLIRContext *context, Errors loc, WindowOpAdaptor adaptor,
                                         Types &types) {
  auto type = tensorType(adaptor.getInput());
  ArrayRef<int64_t> axes = adaptor.getAxes(), sizes = adaptor.getSizes(),
                    strides = orEmpty(adaptor.getStrides()),
                    dilations = orEmpty(adaptor.getDilations());
  if (failed(checkAxes(loc, axes, type.getRank())) ||
      failed(checkCount(loc, "window sizes", sizes.size(), axes.size())) ||
      failed(checkPositive(loc, "window size", sizes)))
    return failure();
  if (adaptor.getStrides() && (failed(checkCount(loc, "strides", strides.size(), axes.size())) ||
                               failed(checkPositive(loc, "stride", strides))))
    return failure();
  if (adaptor.getDilations() &&
      (failed(checkCount(loc, "dilations", dilations.size(), axes.size())) ||
       failed(checkPositive(loc, "dilation", dilations))))
    return failure();
  SmallVector<DimAttr> dims = getDims(type);
  for (auto [i, axis] : llvm::enumerate(axes)) {
    int64_t span;
    if (llvm::MulOverflow(sizes[i] - 1, dilations.empty() ? 1 : dilations[i], span) ||
        span == std::numeric_limits<int64_t>::max())
      return overflow(loc);
    DimAttr room = subDims(dims[axis], DimAttr::get(context, span + 1));
    if (!room)
      return overflow(loc);
    if (room.isConstant() && room.getConstant() < 0)
      dims[axis] = DimAttr::get(context, 0);
    else
      dims[axis] =
          addDims(floorDivDims(room, DimAttr::get(context, strides.empty() ? 1 : strides[i])),
                  DimAttr::get(context, 1));
    if (!dims[axis])
      return overflow(loc);
  }
  for (int64_t size : sizes)
    dims.push_back(DimAttr::get(context, size));
  types.push_back(getTensorType(dims, type.getElementType()));
  return success();
}

Access WindowOp::getAccess(unsigned, VarScope &) {
  int64_t rank = tensorType(getInput()).getRank();
  Access access = Access::identity(getContext(), rank);
  for (auto [i, axis] : llvm::enumerate(getAxes())) {
    int64_t stride = getStrides() ? (*getStrides())[i] : 1;
    int64_t dilation = getDilations() ? (*getDilations())[i] : 1;
    access.indices[axis] =
        access.indices[axis] * stride + getAffineDimExpr(rank + i, getContext()) * dilation;
  }
  return access;
}

SmallVector<DimAttr> UnwindowOp::getTapSizes() {
  SmallVector<DimAttr> dims = getDims(tensorType(getInput()));
  return SmallVector<DimAttr>(ArrayRef(dims).take_back(getAxes().size()));
}

LogicalResult UnwindowOp::verify() {
  auto type = tensorType(getInput()), result = getType();
  ArrayRef<int64_t> axes = getAxes();
  int64_t rank = type.getRank() - axes.size();
  if (type.getElementType() != result.getElementType())
    return emitOpError("keeps the element type, got ")
           << type.getElementType() << " and " << result.getElementType();
  if (rank < 0)
    return emitOpError("expected one tap axis for each of ")
           << axes.size() << " axes, got " << type;
  if (failed(checkAxes(getLoc(), axes, rank)))
    return failure();
  if (result.getRank() != rank)
    return emitOpError("expected ") << rank << " result axes, of which " << axes.size()
                                    << " windowed; got " << type << " and " << result;
  SmallVector<int64_t> sizes;
  for (DimAttr tap : getTapSizes()) {
    if (!tap.isConstant() || tap.getConstant() <= 0)
      return emitOpError("tap axes must be static and not empty, got ") << type;
    sizes.push_back(tap.getConstant());
  }
  // The operand must be what `window` makes of the result.
  OperationState state(getLoc(), WindowOp::getOperationName());
  MLIRContext *context = getContext();
  WindowOp::Properties properties;
  properties.setAxes(getAxesAttr());
  properties.setSizes(DenseI64ArrayAttr::get(context, sizes));
  properties.setStrides(getStridesAttr());
  properties.setDilations(getDilationsAttr());
  SmallVector<Type> expected;
  WindowOp::Adaptor adaptor(ValueRange(getResult()), DictionaryAttr::get(context), properties);
  if (failed(WindowOp::inferReturnTypes(context, getLoc(), adaptor, expected)))
    return failure();
  if (expected.front() != type)
    return emitOpError("expected an operand of type ") << expected.front() << ", got " << type;
  return success();
}

Access UnwindowOp::getTapAccess(VarScope &scope) {
  auto type = tensorType(getInput());
  int64_t rank = getType().getRank();
  Access access = Access::identity(getContext(), type.getRank());
  for (auto [i, axis] : llvm::enumerate(getAxes())) {
    int64_t stride = getStrides() ? (*getStrides())[i] : 1;
    int64_t dilation = getDilations() ? (*getDilations())[i] : 1;
    AffineExpr tap = getAffineDimExpr(rank + i, getContext());
    AffineExpr start = getAffineDimExpr(axis, getContext()) - tap * dilation;
    AffineExpr last = (scope.getExpr(getDim(type, axis)) - 1) * stride;
    access.constraints.push_back({start});
    access.constraints.push_back({last - start});
    if (stride > 1)
      access.constraints.push_back({start % stride, /*isZero=*/true});
    access.indices[axis] = start.floorDiv(stride);
  }
  return access;
}

//===----------------------------------------------------------------------===//
// concat
//===----------------------------------------------------------------------===//

LogicalResult ConcatOp::inferReturnTypes(MLIRContext *context, Errors loc, ConcatOpAdaptor adaptor,
                                         Types &types) {
  if (adaptor.getInputs().empty())
    return emitOptionalError(loc, "expected at least one operand");
  auto first = tensorType(adaptor.getInputs().front());
  int64_t axis = adaptor.getAxis();
  if (failed(checkAxes(loc, axis, first.getRank())))
    return failure();
  SmallVector<DimAttr> dims = getDims(first);
  dims[axis] = DimAttr::get(context, 0);
  for (Value input : adaptor.getInputs()) {
    auto type = tensorType(input);
    if (type.getRank() != first.getRank() || type.getElementType() != first.getElementType())
      return emitOptionalError(loc, "operands disagree: ", first, " and ", type);
    for (int64_t i = 0; i < first.getRank(); ++i)
      if (i != axis && getDim(type, i) != dims[i])
        return emitOptionalError(loc, "operands disagree on axis ", i, ": ", first, " and ", type);
    dims[axis] = addDims(dims[axis], getDim(type, axis));
    if (!dims[axis])
      return overflow(loc);
  }
  types.push_back(getTensorType(dims, first.getElementType()));
  return success();
}

std::pair<unsigned, unsigned> ConcatOp::getOperandsAt(int64_t low, int64_t high) {
  unsigned first = 0, last = 0, count = getInputs().size();
  int64_t begin = 0;
  for (Value input : getInputs()) {
    int64_t size = tensorType(input).getDimSize(getAxis());
    if (ShapedType::isDynamic(size))
      return {first, count};
    if (begin > high)
      break;
    begin += size;
    ++last;
    if (begin <= low)
      first = last;
  }
  return {first, last};
}

Access ConcatOp::getAccess(unsigned operand, VarScope &scope) {
  int64_t axis = getAxis();
  Access access = Access::identity(getContext(), getType().getRank());
  // Static sizes first: there may be many.
  int64_t known = 0;
  DimAttr start = DimAttr::get(getContext(), 0);
  for (Value input : getInputs().take_front(operand)) {
    int64_t size = tensorType(input).getDimSize(axis);
    if (ShapedType::isDynamic(size))
      start = addDims(start, getDim(tensorType(input), axis));
    else
      known += size;
  }
  start = addDims(start, DimAttr::get(getContext(), known));
  AffineExpr shifted = access.indices[axis] - scope.getExpr(start);
  if (operand > 0)
    access.constraints.push_back({shifted});
  if (operand + 1 < getInputs().size())
    access.constraints.push_back(
        {scope.getExpr(getDim(tensorType(getInputs()[operand]), axis)) - 1 - shifted});
  access.indices[axis] = shifted;
  return access;
}
