//===- TensorBuilder.cpp - Checked construction: base and movement ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Builder/TensorBuilder.h"

#include "mlir/IR/Verifier.h"
#include "llvm/Support/Threading.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace tg;
using namespace tg::uop;

int64_t tg::truncateToInt(double value) {
  constexpr double limit = static_cast<double>(int64_t(1) << 62);
  return std::isnan(value) ? 0 : static_cast<int64_t>(std::clamp(value, -limit, limit));
}

static std::string toString(ArrayRef<DimAttr> dims) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << '[';
  llvm::interleaveComma(dims, os, [&](DimAttr dim) { dim.printExpr(os); });
  os << ']';
  return text;
}

static std::string toString(Type type) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << type;
  return text;
}

Value TensorBuilder::fail(const Twine &message) {
  if (!error)
    error = message.str();
  return {};
}

Value TensorBuilder::failSizes(const Twine &message, DimAttr x, DimAttr y) {
  if (!error && x && y) {
    unequalSizes = {x, y};
    if (!(x.isConstant() && y.isConstant()))
      unknownSize = x.isConstant() ? y : x;
  }
  return fail(message);
}

bool TensorBuilder::capture(function_ref<LogicalResult()> action) {
  std::string text;
  uint64_t thread = llvm::get_threadid();
  ScopedDiagnosticHandler handler(getContext(), [&](Diagnostic &diagnostic) {
    // The context may be shared: what other threads report is theirs.
    if (llvm::get_threadid() != thread)
      return failure();
    if (text.empty())
      text = diagnostic.str();
    return success();
  });
  if (succeeded(action()))
    return true;
  fail(text.empty() ? "an operation does not verify" : text);
  return false;
}

Value TensorBuilder::checked(Operation *op) {
  if (hasFailed() || !op)
    return {};
  // Far beyond any memory, far below where bytes overflow 64 bits.
  constexpr int64_t maxElements = int64_t(1) << 48;
  for (Type type : op->getResultTypes()) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    DimAttr count = tensor ? productOf(getContext(), uop::getDims(tensor)) : DimAttr();
    if (!tensor || (count && (!count.isConstant() || count.getConstant() <= maxElements)))
      continue;
    fail("a value of type " + toString(tensor) + " is too large");
    op->erase();
    return {};
  }
  if (!capture([&] { return verify(op); })) {
    op->erase();
    return {};
  }
  return op->getResult(0);
}

template <typename OpTy>
Operation *TensorBuilder::createInferred(ValueRange operands,
                                         const typename OpTy::Properties &properties,
                                         function_ref<void(Region &)> fillRegion) {
  if (hasFailed() || llvm::is_contained(operands, Value()))
    return nullptr;
  SmallVector<Type> types;
  typename OpTy::Adaptor adaptor(operands, DictionaryAttr::get(getContext()), properties);
  if (!capture([&] { return OpTy::inferReturnTypes(getContext(), loc, adaptor, types); }))
    return nullptr;
  OperationState state(loc, OpTy::getOperationName());
  state.addOperands(operands);
  state.addTypes(types);
  state.getOrAddProperties<typename OpTy::Properties>() = properties;
  if constexpr (!OpTy::template hasTrait<OpTrait::ZeroRegions>()) {
    Region *region = state.addRegion();
    if (fillRegion)
      fillRegion(*region);
  }
  return builder.create(state);
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

RankedTensorType TensorBuilder::getType(Value value) {
  return mlir::cast<RankedTensorType>(value.getType());
}

SmallVector<DimAttr> TensorBuilder::dims(ArrayRef<int64_t> sizes) const {
  return llvm::map_to_vector(sizes, [&](int64_t size) { return dim(size); });
}

DimAttr TensorBuilder::product(ArrayRef<DimAttr> dims) {
  DimAttr product = productOf(getContext(), dims);
  if (!product)
    fail("the number of elements of " + toString(dims) + " overflows 64 bits");
  return product;
}

int64_t TensorBuilder::normalizeAxis(int64_t axis, int64_t rank) {
  if (axis >= -rank && axis < rank)
    return axis < 0 ? axis + rank : axis;
  fail("axis " + Twine(axis) + " is out of range for rank " + Twine(rank));
  return 0;
}

SmallVector<int64_t> TensorBuilder::normalizeAxes(ArrayRef<int64_t> axes, int64_t rank) {
  SmallVector<int64_t> result;
  for (int64_t axis : axes)
    result.push_back(normalizeAxis(axis, rank));
  llvm::sort(result);
  if (std::adjacent_find(result.begin(), result.end()) != result.end())
    fail("an axis is named twice");
  if (hasFailed())
    result.clear();
  return result;
}

std::optional<SmallVector<DimAttr>> TensorBuilder::broadcastShapes(ArrayRef<DimAttr> lhs,
                                                                   ArrayRef<DimAttr> rhs) {
  if (lhs.size() < rhs.size())
    std::swap(lhs, rhs);
  SmallVector<DimAttr> result(lhs);
  size_t shift = lhs.size() - rhs.size();
  for (size_t i = 0; i < rhs.size(); ++i) {
    DimAttr &size = result[shift + i];
    if (size.isConstant(1))
      size = rhs[i];
    else if (!rhs[i].isConstant(1) && rhs[i] != size)
      return failSizes("shapes " + toString(lhs) + " and " + toString(rhs) +
                           " do not broadcast to one shape",
                       size, rhs[i]),
             std::nullopt;
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

Value TensorBuilder::constant(ElementsAttr value) {
  ConstOp::Properties properties;
  properties.setValue(value);
  return checked(createInferred<ConstOp>({}, properties));
}

Value TensorBuilder::scalar(TypedAttr value) {
  auto type = RankedTensorType::get({}, value.getType());
  return constant(DenseElementsAttr::get(type, ArrayRef<Attribute>(value)));
}

Value TensorBuilder::scalar(double value, Type type) {
  if (auto floatType = dyn_cast<FloatType>(type))
    return scalar(builder.getFloatAttr(floatType, value));
  return scalarInt(truncateToInt(value), type);
}

Value TensorBuilder::scalarInt(int64_t value, Type type) {
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer)
    return scalar(static_cast<double>(value), type);
  APInt bits(integer.getWidth(), value, /*isSigned=*/true, /*implicitTrunc=*/true);
  return scalar(IntegerAttr::get(type, bits));
}

Value TensorBuilder::splat(TypedAttr value, ArrayRef<DimAttr> dims) {
  RankedTensorType type = getTensorType(dims, value.getType());
  if (type.hasStaticShape())
    return constant(DenseElementsAttr::get(type, ArrayRef<Attribute>(value)));
  return broadcastTo(scalar(value), dims);
}

Value TensorBuilder::splatLike(double value, Value like) {
  if (!like)
    return {};
  Type type = getElementType(like);
  if (auto floatType = dyn_cast<FloatType>(type))
    return splat(builder.getFloatAttr(floatType, value), getDims(like));
  if (!isa<IntegerType>(type))
    return {};
  APInt bits(type.getIntOrFloatBitWidth(), truncateToInt(value), /*isSigned=*/true,
             /*implicitTrunc=*/true);
  return splat(IntegerAttr::get(type, bits), getDims(like));
}

Value TensorBuilder::size(DimAttr value) {
  Type i64 = builder.getI64Type();
  if (value.isConstant())
    return scalarInt(value.getConstant(), i64);
  return checked(SizeOp::create(builder, loc, RankedTensorType::get({}, i64), value));
}

Value TensorBuilder::fromDims(ArrayRef<DimAttr> elements, ArrayRef<int64_t> shape,
                              Type elementType) {
  if (llvm::all_of(elements, [](DimAttr element) { return element.isConstant(); })) {
    unsigned width = elementType.getIntOrFloatBitWidth();
    SmallVector<APInt> values;
    for (DimAttr element : elements)
      values.emplace_back(width, element.getConstant(), /*isSigned=*/true, /*implicitTrunc=*/true);
    return constant(DenseElementsAttr::get(RankedTensorType::get(shape, elementType), values));
  }
  SmallVector<Value> parts;
  for (DimAttr element : elements)
    parts.push_back(reshape(size(element), dim(1)));
  return reshape(cast(concat(parts, 0), elementType), dims(shape));
}

Value TensorBuilder::iota(ArrayRef<DimAttr> dims, int64_t axis, Type type) {
  return checked(IotaOp::create(builder, loc, getTensorType(dims, type), axis));
}

//===----------------------------------------------------------------------===//
// Elementwise
//===----------------------------------------------------------------------===//

Value TensorBuilder::div(Value x, Value y) {
  if (x && isa<FloatType>(getElementType(x)))
    return binary<FDivOp>(x, y);
  return binary<CDivOp>(x, y);
}

Value TensorBuilder::where(Value condition, Value onTrue, Value onFalse) {
  if (!broadcast(onTrue, onFalse) || !broadcast(condition, onTrue) || !broadcast(onTrue, onFalse))
    return {};
  return checked(WhereOp::create(builder, loc, onTrue.getType(), condition, onTrue, onFalse));
}

Value TensorBuilder::cast(Value x, Type type) {
  if (!x || getElementType(x) == type)
    return x;
  return checked(CastOp::create(builder, loc, withElementType(x.getType(), type), x));
}

Value TensorBuilder::bitcast(Value x, Type type) {
  if (!x || getElementType(x) == type)
    return x;
  return checked(BitcastOp::create(builder, loc, withElementType(x.getType(), type), x));
}

Value TensorBuilder::abs(Value x) {
  if (!x)
    return {};
  Type type = getElementType(x);
  if (auto floatType = dyn_cast<FloatType>(type)) {
    unsigned width = floatType.getWidth();
    Type bits = builder.getIntegerType(width);
    APInt mask = APInt::getSignedMaxValue(width);
    Value maskValue = splat(IntegerAttr::get(bits, mask), getDims(x));
    return bitcast(binary<AndOp>(bitcast(x, bits), maskValue), type);
  }
  if (type.isUnsignedInteger() || isBool(type))
    return x;
  // The smallest value is its own negation, so max(x, -x) is what wrapping gives.
  return max(x, unary<NegOp>(x));
}

//===----------------------------------------------------------------------===//
// Movement
//===----------------------------------------------------------------------===//

Value TensorBuilder::reshape(Value x, ArrayRef<DimAttr> dims) {
  if (!x || hasFailed())
    return {};
  if (llvm::is_contained(dims, DimAttr()))
    return fail("a dimension overflows 64 bits");
  RankedTensorType from = getType(x), to = getTensorType(dims, from.getElementType());
  if (from == to)
    return x;
  DimAttr have = product(getDims(x)), want = product(dims);
  if (!have || !want)
    return {};
  if (have != want)
    return failSizes("cannot reshape " + toString(from) + " to " + toString(dims), have, want);
  return checked(ReshapeOp::create(builder, loc, to, x));
}

Value TensorBuilder::permute(Value x, ArrayRef<int64_t> permutation) {
  if (x && llvm::equal(permutation, llvm::seq<int64_t>(0, getRank(x))))
    return x;
  PermuteOp::Properties properties;
  properties.setPermutation(builder.getDenseI64ArrayAttr(permutation));
  return checked(createInferred<PermuteOp>(x, properties));
}

Value TensorBuilder::transpose(Value x, int64_t axis0, int64_t axis1) {
  if (!x)
    return {};
  auto permutation = llvm::to_vector(llvm::seq<int64_t>(0, getRank(x)));
  std::swap(permutation[normalizeAxis(axis0, getRank(x))],
            permutation[normalizeAxis(axis1, getRank(x))]);
  return permute(x, permutation);
}

Value TensorBuilder::unsqueeze(Value x, ArrayRef<int64_t> axes) {
  if (!x)
    return {};
  int64_t rank = getRank(x) + axes.size();
  SmallVector<int64_t> sorted = normalizeAxes(axes, rank);
  if (hasFailed())
    return {};
  SmallVector<DimAttr> result = getDims(x);
  for (int64_t axis : sorted)
    result.insert(result.begin() + axis, dim(1));
  return reshape(x, result);
}

Value TensorBuilder::squeeze(Value x, ArrayRef<int64_t> axes) {
  if (!x)
    return {};
  SmallVector<DimAttr> result;
  SmallVector<int64_t> sorted = normalizeAxes(axes, getRank(x));
  for (auto [axis, size] : llvm::enumerate(getDims(x))) {
    if (!llvm::is_contained(sorted, static_cast<int64_t>(axis)))
      result.push_back(size);
    else if (!size.isConstant(1))
      return failSizes("cannot drop axis " + Twine(axis) + " of " + toString(x.getType()) +
                           ", its size is not 1",
                       size, dim(1));
  }
  return hasFailed() ? Value() : reshape(x, result);
}

Value TensorBuilder::broadcastTo(Value x, ArrayRef<DimAttr> dims) {
  if (!x || hasFailed())
    return {};
  SmallVector<DimAttr> from = getDims(x);
  auto failToFit = [&](DimAttr size, DimAttr wanted) {
    return failSizes(toString(x.getType()) + " does not broadcast to " + toString(dims), size,
                     wanted);
  };
  if (from.size() > dims.size())
    return failToFit({}, {});
  for (auto [size, wanted] : llvm::zip_equal(from, dims.take_back(from.size())))
    if (!size.isConstant(1) && size != wanted)
      return failToFit(size, wanted);
  from.insert(from.begin(), dims.size() - from.size(), dim(1));
  x = reshape(x, from);
  RankedTensorType type = getTensorType(dims, getElementType(x));
  return type == x.getType() ? x : checked(ExpandOp::create(builder, loc, type, x));
}

bool TensorBuilder::broadcast(Value &x, Value &y) {
  if (!x || !y || hasFailed())
    return false;
  auto shape = broadcastShapes(getDims(x), getDims(y));
  if (!shape)
    return false;
  x = broadcastTo(x, *shape);
  y = broadcastTo(y, *shape);
  return x && y;
}

Value TensorBuilder::pad(Value x, ArrayRef<DimAttr> low, ArrayRef<DimAttr> high, Value value,
                         ArrayRef<int64_t> interior) {
  if (!x || hasFailed())
    return {};
  if (!value)
    value = scalarInt(0, getElementType(x));
  // Negative amounts: pad the rest, then crop.
  SmallVector<DimAttr> padLow(low), padHigh(high), offsets(low), sizes;
  bool crops = false;
  auto isNegative = [](DimAttr amount) { return amount.isConstant() && amount.getConstant() < 0; };
  for (DimAttr &amount : padLow)
    if (isNegative(amount))
      crops = true, amount = dim(0);
  for (DimAttr &amount : padHigh)
    if (isNegative(amount))
      crops = true, amount = dim(0);
  bool isIdentity = llvm::all_of(llvm::concat<DimAttr>(padLow, padHigh),
                                 [](DimAttr amount) { return amount.isConstant(0); }) &&
                    llvm::all_of(interior, [](int64_t gap) { return gap == 0; });
  if (!isIdentity) {
    PadOp::Properties properties;
    properties.setLow(DimsAttr::get(getContext(), padLow));
    properties.setHigh(DimsAttr::get(getContext(), padHigh));
    if (llvm::any_of(interior, [](int64_t gap) { return gap != 0; }))
      properties.setInterior(builder.getDenseI64ArrayAttr(interior));
    x = checked(createInferred<PadOp>({x, value}, properties));
  }
  if (!x || !crops)
    return x;
  for (auto [axis, size] : llvm::enumerate(getDims(x))) {
    offsets[axis] = isNegative(low[axis]) ? dim(-low[axis].getConstant()) : dim(0);
    sizes.push_back(subDims(size, offsets[axis]));
    if (isNegative(high[axis]))
      sizes.back() = addDims(sizes.back(), high[axis]);
  }
  return shrink(x, offsets, sizes);
}

Value TensorBuilder::shrink(Value x, ArrayRef<DimAttr> offsets, ArrayRef<DimAttr> sizes,
                            ArrayRef<int64_t> strides) {
  if (!x || hasFailed())
    return {};
  if (llvm::is_contained(offsets, DimAttr()) || llvm::is_contained(sizes, DimAttr()))
    return fail("a slice bound overflows 64 bits");
  bool isDense = llvm::all_of(strides, [](int64_t stride) { return stride == 1; });
  if (isDense && llvm::equal(sizes, getDims(x)) &&
      llvm::all_of(offsets, [](DimAttr offset) { return offset.isConstant(0); }))
    return x;
  ShrinkOp::Properties properties;
  properties.setOffsets(DimsAttr::get(getContext(), offsets));
  properties.setSizes(DimsAttr::get(getContext(), sizes));
  if (!isDense)
    properties.setStrides(builder.getDenseI64ArrayAttr(strides));
  return checked(createInferred<ShrinkOp>(x, properties));
}

Value TensorBuilder::slice(Value x, int64_t axis, DimAttr offset, DimAttr size) {
  if (!x)
    return {};
  if (axis < 0 || axis >= getRank(x))
    return fail("axis " + Twine(axis) + " is out of range for rank " + Twine(getRank(x)));
  SmallVector<DimAttr> offsets(getRank(x), dim(0)), sizes = getDims(x);
  offsets[axis] = offset;
  sizes[axis] = size;
  return shrink(x, offsets, sizes);
}

Value TensorBuilder::flip(Value x, ArrayRef<int64_t> axes) {
  if (axes.empty())
    return x;
  FlipOp::Properties properties;
  properties.setAxes(builder.getDenseI64ArrayAttr(axes));
  return checked(createInferred<FlipOp>(x, properties));
}

Value TensorBuilder::window(Value x, ArrayRef<int64_t> axes, ArrayRef<int64_t> sizes,
                            ArrayRef<int64_t> strides, ArrayRef<int64_t> dilations) {
  auto isOne = [](int64_t value) { return value == 1; };
  WindowOp::Properties properties;
  properties.setAxes(builder.getDenseI64ArrayAttr(axes));
  properties.setSizes(builder.getDenseI64ArrayAttr(sizes));
  if (!llvm::all_of(strides, isOne))
    properties.setStrides(builder.getDenseI64ArrayAttr(strides));
  if (!llvm::all_of(dilations, isOne))
    properties.setDilations(builder.getDenseI64ArrayAttr(dilations));
  return checked(createInferred<WindowOp>(x, properties));
}

Value TensorBuilder::unwindow(Value x, ArrayRef<DimAttr> dims, ArrayRef<int64_t> axes,
                              ArrayRef<int64_t> strides, ArrayRef<int64_t> dilations) {
  if (!x || hasFailed())
    return {};
  if (llvm::is_contained(dims, DimAttr()))
    return fail("a dimension overflows 64 bits");
  return checked(UnwindowOp::create(
      builder, loc, getTensorType(dims, getElementType(x)), x, builder.getDenseI64ArrayAttr(axes),
      builder.getDenseI64ArrayAttr(strides), builder.getDenseI64ArrayAttr(dilations)));
}

Value TensorBuilder::concat(ValueRange values, int64_t axis) {
  if (values.size() == 1)
    return values.front();
  if (hasFailed() || llvm::is_contained(values, Value()))
    return {};
  SmallVector<DimAttr> first = getDims(values.front());
  for (Value value : values.drop_front())
    for (size_t i = 0; i < first.size() && getRank(value) == getRank(values.front()); ++i)
      if (DimAttr size = getDim(value, i), wanted = first[i];
          static_cast<int64_t>(i) != axis && size != wanted)
        return failSizes(toString(first) + " and " + toString(getDims(value)) +
                             " cannot be joined along axis " + Twine(axis),
                         wanted, size);
  ConcatOp::Properties properties;
  properties.setAxis(builder.getI64IntegerAttr(axis));
  return checked(createInferred<ConcatOp>(values, properties));
}

//===----------------------------------------------------------------------===//
// Reductions, sorting, indexing
//===----------------------------------------------------------------------===//

Type TensorBuilder::getAccumulatorType(Type type) {
  auto floatType = dyn_cast<FloatType>(type);
  return floatType && floatType.getWidth() < 32 ? Float32Type::get(type.getContext()) : type;
}

/// The shape of `x` with the axes set to 1.
static SmallVector<DimAttr> keptDims(Value x, ArrayRef<int64_t> axes) {
  SmallVector<DimAttr> dims = TensorBuilder::getDims(x);
  for (int64_t axis : axes)
    dims[axis] = DimAttr::get(x.getContext(), 1);
  return dims;
}

Value TensorBuilder::reduce(CombineKind kind, Value x, ArrayRef<int64_t> axes, bool keepDims) {
  if (axes.empty())
    return x;
  ReduceOp::Properties properties;
  properties.setKind(CombineKindAttr::get(getContext(), kind));
  properties.setAxes(builder.getDenseI64ArrayAttr(axes));
  Value result = checked(createInferred<ReduceOp>(x, properties));
  return keepDims && result ? reshape(result, keptDims(x, axes)) : result;
}

Value TensorBuilder::sum(Value x, ArrayRef<int64_t> axes, bool keepDims) {
  if (!x)
    return {};
  Type type = getElementType(x);
  return cast(reduce(CombineKind::Add, cast(x, getAccumulatorType(type)), axes, keepDims), type);
}

Value TensorBuilder::mean(Value x, ArrayRef<int64_t> axes, bool keepDims) {
  if (!x)
    return {};
  Type type = getElementType(x), accumulator = getAccumulatorType(type);
  SmallVector<DimAttr> reduced;
  for (int64_t axis : axes)
    reduced.push_back(getDim(x, axis));
  DimAttr count = product(reduced);
  Value total = reduce(CombineKind::Add, cast(x, accumulator), axes, keepDims);
  return count ? cast(div(total, cast(size(count), accumulator)), type) : Value();
}

Value TensorBuilder::contract(Value x, Value y, ArrayRef<int64_t> axes) {
  if (!x || !y)
    return {};
  Type type = getElementType(x), accumulator = getAccumulatorType(type);
  Value product = mul(cast(x, accumulator), cast(y, accumulator));
  return cast(reduce(CombineKind::Add, product, axes), type);
}

std::pair<Value, Value> TensorBuilder::argReduce(Value x, Value indices, ArrayRef<int64_t> axes,
                                                 bool isMax, bool takeLast) {
  if (!x || !indices || hasFailed())
    return {};
  Type type = getElementType(x), i64 = builder.getI64Type();
  CombineKind kind = isMax ? CombineKind::Max : CombineKind::Min;
  TypedAttr worst = getIdentityOf(kind, type);
  // An index that loses every tie, so that the identity is one.
  TypedAttr noIndex =
      builder.getI64IntegerAttr(takeLast ? -1 : std::numeric_limits<int64_t>::max());
  ReduceOp::Properties properties;
  properties.setAxes(builder.getDenseI64ArrayAttr(axes));
  properties.setIdentities(builder.getArrayAttr({worst, noIndex}));
  Operation *op = createInferred<ReduceOp>({x, indices}, properties, [&](Region &region) {
    OpBuilder::InsertionGuard guard(builder);
    auto scalarType = RankedTensorType::get({}, type), indexType = RankedTensorType::get({}, i64);
    Block *block = builder.createBlock(&region, {}, {scalarType, indexType, scalarType, indexType},
                                       SmallVector<Location>(4, loc));
    Value bestKey = block->getArgument(0), bestIndex = block->getArgument(1);
    Value key = block->getArgument(2), keyIndex = block->getArgument(3);
    auto combine = [&](auto opTag, Value a, Value b) -> Value {
      using OpTy = decltype(opTag);
      auto boolType = RankedTensorType::get({}, builder.getI1Type());
      return OpTy::create(builder, loc, boolType, a, b);
    };
    // The element is taken if it is better, or equal and on the wanted side; NaN beats numbers.
    Value better = isMax ? combine(CmpLtOp(), bestKey, key) : combine(CmpLtOp(), key, bestKey);
    Value equal = combine(CmpEqOp(), bestKey, key);
    if (isa<FloatType>(type)) {
      Value bestNan = combine(CmpNeOp(), bestKey, bestKey), nan = combine(CmpNeOp(), key, key);
      Value bestNumber = combine(CmpEqOp(), bestKey, bestKey);
      better = combine(OrOp(), better, combine(AndOp(), nan, bestNumber));
      equal = combine(OrOp(), equal, combine(AndOp(), nan, bestNan));
    }
    Value wanted = takeLast ? combine(CmpLtOp(), bestIndex, keyIndex)
                            : combine(CmpLtOp(), keyIndex, bestIndex);
    Value take = combine(OrOp(), better, combine(AndOp(), equal, wanted));
    Value newKey = WhereOp::create(builder, loc, scalarType, take, key, bestKey);
    Value newIndex = WhereOp::create(builder, loc, indexType, take, keyIndex, bestIndex);
    YieldOp::create(builder, loc, ValueRange{newKey, newIndex});
  });
  if (!checked(op))
    return {};
  return {op->getResult(0), op->getResult(1)};
}

Value TensorBuilder::argExtreme(Value x, int64_t axis, bool isMax, bool takeLast, bool keepDims) {
  if (!x)
    return {};
  Value index = iota(getDims(x), axis, builder.getI64Type());
  Value result = argReduce(x, index, axis, isMax, takeLast).second;
  return keepDims && result ? reshape(result, keptDims(x, axis)) : result;
}

Value TensorBuilder::scan(CombineKind kind, Value x, int64_t axis, bool exclusive, bool reverse) {
  ScanOp::Properties properties;
  properties.setKind(CombineKindAttr::get(getContext(), kind));
  properties.setAxis(builder.getI64IntegerAttr(axis));
  if (exclusive)
    properties.setExclusive(builder.getUnitAttr());
  if (reverse)
    properties.setReverse(builder.getUnitAttr());
  return checked(createInferred<ScanOp>(x, properties));
}

SmallVector<Value> TensorBuilder::sort(ValueRange values, int64_t axis, bool descending) {
  SortOp::Properties properties;
  properties.setAxis(builder.getI64IntegerAttr(axis));
  if (descending)
    properties.setDescending(builder.getUnitAttr());
  Operation *op = createInferred<SortOp>(values, properties);
  if (!checked(op))
    return SmallVector<Value>(values.size());
  return llvm::to_vector_of<Value>(op->getResults());
}

Value TensorBuilder::gather(Value x, Value indices, int64_t axis, int64_t batch) {
  GatherOp::Properties properties;
  properties.setAxis(builder.getI64IntegerAttr(axis));
  properties.setBatch(builder.getI64IntegerAttr(batch));
  return checked(createInferred<GatherOp>({x, indices}, properties));
}

Value TensorBuilder::scatter(ScatterKind kind, Value dest, Value indices, Value updates,
                             int64_t axis, int64_t batch) {
  ScatterOp::Properties properties;
  properties.setKind(ScatterKindAttr::get(getContext(), kind));
  properties.setAxis(builder.getI64IntegerAttr(axis));
  properties.setBatch(builder.getI64IntegerAttr(batch));
  return checked(createInferred<ScatterOp>({dest, indices, updates}, properties));
}
