//===- RandomBuilder.cpp - Random types and operands ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomBuilder.h"

using namespace mlir;
using namespace tg;
using namespace tg::testing;
using namespace tg::uop;

RandomBuilder::RandomBuilder(ModuleOp module, func::FuncOp function, uint64_t seed,
                             const RandomOptions &options)
    : builder(OpBuilder::atBlockEnd(&function.getBody().front())), loc(builder.getUnknownLoc()),
      options(options), module(module), function(function), random(seed) {
  for (unsigned width : {8, 16, 32, 64}) {
    computeTypes.push_back(builder.getIntegerType(width));
    computeTypes.push_back(builder.getIntegerType(width, /*isSigned=*/false));
  }
  computeTypes.append({builder.getI1Type(), builder.getI64Type(), builder.getF16Type(),
                       builder.getBF16Type(), builder.getF32Type(), builder.getF64Type(),
                       builder.getF32Type(), builder.getF32Type(), builder.getF32Type(),
                       builder.getType<Float8E4M3FNType>(), builder.getType<Float8E5M2Type>()});
  for (unsigned width : {2, 4}) {
    storageTypes.push_back(builder.getIntegerType(width));
    storageTypes.push_back(builder.getIntegerType(width, /*isSigned=*/false));
  }
  storageTypes.append({builder.getType<Float4E2M1FNType>(), builder.getType<Float8E4M3FNUZType>(),
                       builder.getType<Float8E5M2FNUZType>(),
                       builder.getType<Float8E8M0FNUType>()});
  if (!options.symbolic || pick(2))
    return;
  OpBuilder top = OpBuilder::atBlockBegin(module.getBody());
  for (const char *name : {"N", "M"}) {
    // A size of 0 is one like others.
    int64_t least = static_cast<int64_t>(pick(2));
    vars[name] = least == 0 && pick(3) == 0 ? 0 : static_cast<int64_t>(1 + pick(6));
    VarOp::create(top, loc, name, least, 8);
  }
}

int64_t RandomBuilder::pickSize() {
  static constexpr int64_t sizes[] = {1, 1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 17, 31, 33};
  return pick(30) == 0 ? 0 : sizes[pick(std::size(sizes))];
}

Type RandomBuilder::pickComputeType() { return computeTypes[pick(computeTypes.size())]; }
Type RandomBuilder::pickStorageType() { return storageTypes[pick(storageTypes.size())]; }

bool RandomBuilder::fits(ArrayRef<int64_t> shape) const {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  return count <= options.maxElements;
}

RankedTensorType RandomBuilder::pickType() {
  Type element = pickComputeType();
  SmallVector<DimAttr> dims;
  int64_t count = 1;
  for (unsigned i = 0, rank = pick(6); i < rank; ++i) {
    int64_t size = pickSize();
    if (count * size > options.maxElements)
      size = 1;
    DimAttr dim = DimAttr::get(builder.getContext(), size);
    if (!vars.empty() && pick(4) == 0 && count * 16 <= options.maxElements) {
      dim = DimAttr::get(builder.getContext(), pick(2) ? "N" : "M");
      if (pick(3) == 0)
        dim = addDims(mulDims(dim, DimAttr::get(builder.getContext(), 2)),
                      DimAttr::get(builder.getContext(), pick(2)));
      size = 16;
    }
    count *= std::max<int64_t>(size, 1);
    dims.push_back(dim);
  }
  return getTensorType(dims, element);
}

Value RandomBuilder::addInput(RankedTensorType type) {
  auto index = function.getNumArguments();
  (void)function.insertArgument(index, type, {}, loc);
  return function.getArgument(index);
}

Value RandomBuilder::pickValue(function_ref<bool(Type)> accepts) {
  for (int tries = 0; tries < 6 && !values.empty(); ++tries) {
    // Recent values, so that chains grow.
    size_t back = std::min<size_t>(values.size(), pick(2) ? 3 : values.size());
    Value value = values[values.size() - 1 - pick(back)];
    if (accepts(elementOf(value)))
      return value;
  }
  RankedTensorType type;
  do {
    type = pickType();
  } while (!accepts(type.getElementType()));
  Value input = addInput(type);
  // Inputs of the function are in scope everywhere.
  values.insert(values.begin(), input);
  return input;
}

Value RandomBuilder::scalar(Type element, int64_t value) {
  auto type = RankedTensorType::get({}, element);
  if (auto floatType = dyn_cast<FloatType>(element)) {
    APFloat number(static_cast<double>(value));
    bool lost;
    number.convert(floatType.getFloatSemantics(), APFloat::rmNearestTiesToEven, &lost);
    return ConstOp::create(builder, loc, DenseElementsAttr::get(type, number));
  }
  unsigned width = element.getIntOrFloatBitWidth();
  APInt number(64, value);
  return ConstOp::create(builder, loc, DenseElementsAttr::get(type, number.trunc(width)));
}

Value RandomBuilder::splat(RankedTensorType type, int64_t value) {
  Value one = scalar(type.getElementType(), value);
  if (type.getRank() == 0)
    return one;
  auto ones = RankedTensorType::get(SmallVector<int64_t>(type.getRank(), 1), type.getElementType());
  one = ReshapeOp::create(builder, loc, ones, one);
  return ones == type ? one : Value(ExpandOp::create(builder, loc, type, one));
}

Value RandomBuilder::valueOf(RankedTensorType type) {
  SmallVector<Value> candidates, sameShape;
  for (Value value : values) {
    if (value.getType() == type)
      candidates.push_back(value);
    else if (withElementType(value.getType(), 1) == withElementType(type, 1))
      sameShape.push_back(value);
  }
  if (!candidates.empty() && pick(6))
    return candidates[pick(candidates.size())];
  if (!sameShape.empty() && pick(2))
    return CastOp::create(builder, loc, type, sameShape[pick(sameShape.size())]);
  if (isNumberType(type.getElementType()) && type.getRank() > 0 && pick(6) == 0)
    return IotaOp::create(builder, loc, type, builder.getI64IntegerAttr(pick(type.getRank())));
  if (pick(6) == 0 && isComputeType(type.getElementType()))
    return splat(type, static_cast<int64_t>(pick(9)) - 4);
  // A shape that some input's variables tell comes as an input; another is filled.
  for (DimAttr dim : getDims(type))
    for (StringAttr var : dim.getVars())
      if (!vars.count(var.str()))
        return splat(type, pick(3));
  Value input = addInput(type);
  values.insert(values.begin(), input);
  return input;
}

std::string RandomBuilder::declareBoundVar(int64_t max) {
  std::string name = "K" + std::to_string(boundVars++);
  OpBuilder top = OpBuilder::atBlockBegin(module.getBody());
  VarOp::create(top, loc, name, 0, max);
  return name;
}

/// Splits the element count into other factors, or adds and drops axes of size 1.
Value RandomBuilder::reshapeRandomly(Value x) {
  RankedTensorType type = typeOf(x);
  SmallVector<DimAttr> dims = getDims(type);
  DimAttr one = DimAttr::get(builder.getContext(), 1);
  if (pick(2) && dims.size() >= 2) {
    size_t at = pick(dims.size() - 1);
    dims[at] = mulDims(dims[at], dims[at + 1]);
    dims.erase(dims.begin() + at + 1);
  } else if (!dims.empty() && dims.size() < 5) {
    size_t at = pick(dims.size());
    SmallVector<int64_t> divisors;
    if (dims[at].isConstant())
      for (int64_t d = 2; d < dims[at].getConstant(); ++d)
        if (dims[at].getConstant() % d == 0)
          divisors.push_back(d);
    if (divisors.empty()) {
      dims.insert(dims.begin() + at, one);
    } else {
      int64_t divisor = divisors[pick(divisors.size())], size = dims[at].getConstant();
      dims[at] = DimAttr::get(builder.getContext(), size / divisor);
      dims.insert(dims.begin() + at, DimAttr::get(builder.getContext(), divisor));
    }
  } else if (dims.empty()) {
    dims.push_back(one);
  }
  RankedTensorType result = getTensorType(dims, type.getElementType());
  return result == type ? x : Value(ReshapeOp::create(builder, loc, result, x));
}

Value RandomBuilder::moveOnce(Value x) {
  RankedTensorType type = typeOf(x);
  MLIRContext *context = builder.getContext();
  int64_t rank = type.getRank();
  switch (pick(7)) {
  case 0:
  case 1:
    return reshapeRandomly(x);
  case 2: {
    SmallVector<int64_t> permutation = llvm::to_vector(llvm::seq<int64_t>(0, rank));
    std::shuffle(permutation.begin(), permutation.end(), random);
    return PermuteOp::create(builder, loc, x, builder.getDenseI64ArrayAttr(permutation));
  }
  case 3: {
    SmallVector<DimAttr> dims = getDims(type);
    for (DimAttr &dim : dims) {
      SmallVector<int64_t> shape;
      if (!dim.isConstant(1) || !pick(2))
        continue;
      dim = DimAttr::get(context, pickSize());
      for (DimAttr d : dims)
        shape.push_back(d.isConstant() ? d.getConstant() : 16);
      if (!fits(shape))
        dim = DimAttr::get(context, 1);
    }
    RankedTensorType result = getTensorType(dims, type.getElementType());
    return result == type ? x : Value(ExpandOp::create(builder, loc, result, x));
  }
  case 4: {
    if (!isComputeType(type.getElementType()))
      return x;
    SmallVector<int64_t> low, high, interior, shape;
    for (int64_t size : type.getShape()) {
      low.push_back(pick(3));
      high.push_back(pick(3));
      interior.push_back(ShapedType::isDynamic(size) ? 0 : pick(3) == 0);
      int64_t known = ShapedType::isDynamic(size) ? 16 : size;
      shape.push_back(known * (1 + interior.back()) + low.back() + high.back());
    }
    if (!fits(shape))
      return x;
    return PadOp::create(builder, loc, x, scalar(type.getElementType(), pick(3)),
                         DimsAttr::get(context, low), DimsAttr::get(context, high),
                         builder.getDenseI64ArrayAttr(interior));
  }
  case 5: {
    SmallVector<DimAttr> offsets, sizes;
    SmallVector<int64_t> strides;
    for (DimAttr dim : getDims(type)) {
      bool isWhole = !dim.isConstant() || pick(3) == 0;
      int64_t size = isWhole ? 0 : dim.getConstant();
      int64_t offset = pick(size + 1), stride = 1 + pick(3);
      int64_t most = (size - offset + stride - 1) / stride;
      offsets.push_back(DimAttr::get(context, isWhole ? 0 : offset));
      strides.push_back(isWhole ? 1 : stride);
      sizes.push_back(isWhole ? dim : DimAttr::get(context, most - int64_t(pick(2) && most)));
    }
    return ShrinkOp::create(builder, loc, x, DimsAttr::get(context, offsets),
                            DimsAttr::get(context, sizes), builder.getDenseI64ArrayAttr(strides));
  }
  default: {
    SmallVector<int64_t> axes;
    for (int64_t axis = 0; axis < rank; ++axis)
      if (pick(2))
        axes.push_back(axis);
    return FlipOp::create(builder, loc, x, builder.getDenseI64ArrayAttr(axes));
  }
  }
}

void RandomBuilder::finish() {
  SmallVector<Value> results;
  SmallVector<Type> types;
  for (Value value : values)
    if (value.use_empty() && !isa<BlockArgument>(value))
      results.push_back(value);
  if (results.empty())
    results.push_back(values.empty() ? scalar(builder.getF32Type(), 1) : values.back());
  for (Value value : results)
    types.push_back(value.getType());
  func::ReturnOp::create(builder, loc, results);
  function.setFunctionType(builder.getFunctionType(function.getArgumentTypes(), types));
}
