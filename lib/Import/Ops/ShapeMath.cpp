//===- ShapeMath.cpp - ONNX operators on known integers ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Exporters compute shapes by Shape, Gather, Concat, Mul and so on. Here these operators are
// evaluated on expressions over the dynamic dimensions, so that what takes a shape knows it.
//
//===----------------------------------------------------------------------===//

#include "Families.h"

#include "../OnnxGraph.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

static constexpr int64_t maxKnownInts = 4096;

static int64_t countOf(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t size : shape)
    if (llvm::MulOverflow(count, size, count) || count > maxKnownInts)
      return maxKnownInts + 1;
  return count;
}

/// The NumPy shape that all broadcast to; nothing if they do not, or it is large.
static std::optional<SmallVector<int64_t>> broadcastOf(ArrayRef<const OnnxInts *> operands) {
  SmallVector<int64_t> result;
  for (const OnnxInts *operand : operands)
    if (operand->shape.size() > result.size())
      result.insert(result.begin(), operand->shape.size() - result.size(), 1);
  for (const OnnxInts *operand : operands) {
    size_t shift = result.size() - operand->shape.size();
    for (auto [i, size] : llvm::enumerate(operand->shape)) {
      int64_t &target = result[shift + i];
      if (target == 1)
        target = size;
      else if (size != 1 && size != target)
        return std::nullopt;
    }
  }
  if (countOf(result) > maxKnownInts)
    return std::nullopt;
  return result;
}

static SmallVector<DimAttr> broadcastElements(const OnnxInts &operand, ArrayRef<int64_t> shape) {
  SmallVector<DimAttr> elements;
  size_t shift = shape.size() - operand.shape.size();
  for (int64_t i = 0, e = countOf(shape); i < e; ++i) {
    int64_t rest = i, index = 0, stride = 1;
    for (size_t axis = shape.size(); axis-- > 0;) {
      int64_t position = rest % shape[axis];
      rest /= shape[axis];
      if (axis < shift)
        continue;
      if (operand.shape[axis - shift] != 1)
        index += position * stride;
      stride *= operand.shape[axis - shift];
    }
    elements.push_back(operand.elements[index]);
  }
  return elements;
}

using ElementFn = function_ref<DimAttr(ArrayRef<DimAttr>)>;

/// Whether an integer type holds a value; expressions, which are of i32 or i64, are taken to fit.
static bool fits(DimAttr value, Type type) {
  if (!value.isConstant())
    return true;
  int64_t number = value.getConstant();
  unsigned width = type.getIntOrFloatBitWidth();
  if (type.isUnsignedInteger() || width == 1)
    return number >= 0 && (width == 64 || llvm::isUIntN(width, number));
  return llvm::isIntN(width, number);
}

/// Applies `function` to the broadcast operands. A null result gives up, as does one that wraps.
static bool foldElements(OnnxNode &n, ElementFn function, unsigned arity, bool isComparison) {
  if (n.getNumInputs() < arity)
    return false;
  SmallVector<const OnnxInts *> operands;
  for (unsigned i = 0; i < n.getNumInputs(); ++i)
    operands.push_back(n.getKnownInts(i));
  if (operands.empty() || llvm::is_contained(operands, nullptr))
    return false;
  // Of `Where` the first one is the condition. Mixed types are an error, which others report.
  for (const OnnxInts *operand : ArrayRef(operands).drop_front(arity == 3 ? 1 : 0))
    if (operand->elementType != operands.back()->elementType)
      return false;
  auto shape = broadcastOf(operands);
  if (!shape)
    return false;
  SmallVector<SmallVector<DimAttr>> columns;
  for (const OnnxInts *operand : operands)
    columns.push_back(broadcastElements(*operand, *shape));
  Type type = operands.back()->elementType;
  if (isComparison)
    type = n.getBuilder().getI1Type();
  OnnxInts result{type, *shape, {}};
  for (int64_t i = 0, e = countOf(*shape); i < e; ++i) {
    SmallVector<DimAttr> row;
    for (const SmallVector<DimAttr> &column : columns)
      row.push_back(column[i]);
    DimAttr value = function(row);
    if (!value || !fits(value, type))
      return false;
    result.elements.push_back(value);
  }
  n.setKnownInts(0, std::move(result));
  return true;
}

static DimAttr constantOf(DimAttr like, int64_t value) {
  return DimAttr::get(like.getContext(), value);
}

/// C division. What is divided is taken to be a size, whose quotient is rounded down.
static DimAttr divide(OnnxNode &n, ArrayRef<DimAttr> x) {
  if (x[0].isConstant() && x[1].isConstant()) {
    int64_t lhs = x[0].getConstant(), rhs = x[1].getConstant();
    bool overflows = lhs == std::numeric_limits<int64_t>::min() && rhs == -1;
    return rhs == 0 || overflows ? DimAttr() : constantOf(x[0], lhs / rhs);
  }
  if (!n.isAtLeast(x[0], 0, "a size that is divided is negative") ||
      !n.isAtLeast(x[1], 1, "a size is divided by a number that is not positive"))
    return {};
  return floorDivDims(x[0], x[1]);
}

static DimAttr modulo(OnnxNode &n, ArrayRef<DimAttr> x) {
  bool hasSignOfDividend = n.getInt("fmod", 0);
  if ((hasSignOfDividend && !n.isAtLeast(x[0], 0, "a size that is divided is negative")) ||
      !n.isAtLeast(x[1], 1, "a size is divided by a number that is not positive"))
    return {};
  return modDims(x[0], x[1]);
}

/// Whether lhs < rhs where the difference is a constant.
static std::optional<bool> isLess(DimAttr lhs, DimAttr rhs) {
  DimAttr difference = subDims(lhs, rhs);
  if (!difference || !difference.isConstant())
    return std::nullopt;
  return difference.getConstant() < 0;
}

template <bool isMax> static DimAttr extreme(ArrayRef<DimAttr> x) {
  DimAttr result = x[0];
  for (DimAttr value : x.drop_front()) {
    std::optional<bool> less = isLess(result, value);
    if (!less)
      return {};
    if (*less == isMax)
      result = value;
  }
  return result;
}

/// Sizes are compared as expressions. A size never equals a negative constant, which exporters ask
/// to find the -1 of an Expand.
static DimAttr equal(OnnxNode &n, ArrayRef<DimAttr> x) {
  if (x[0] == x[1])
    return constantOf(x[0], 1);
  DimAttr difference = subDims(x[0], x[1]);
  if (!difference)
    return {};
  std::optional<ShapeBounds> bounds = n.getImporter().getBounds(difference);
  if (bounds && (bounds->first > 0 || bounds->second < 0))
    return constantOf(x[0], 0);
  for (auto [value, other] : {std::pair(x[0], x[1]), std::pair(x[1], x[0])})
    if (value.isConstant() && value.getConstant() < 0 &&
        n.isAtLeast(other, 0, "a size that is compared is negative"))
      return constantOf(x[0], 0);
  return {};
}

static DimAttr less(ArrayRef<DimAttr> x) {
  std::optional<bool> result = isLess(x[0], x[1]);
  return result ? constantOf(x[0], *result) : DimAttr();
}

static DimAttr invert(DimAttr x) { return x ? constantOf(x, !x.getConstant()) : x; }

template <typename Function> static DimAttr logical(ArrayRef<DimAttr> x) {
  if (!x[0].isConstant() || !x[1].isConstant())
    return {};
  return constantOf(x[0], Function()(x[0].getConstant(), x[1].getConstant()));
}

static DimAttr whereElement(ArrayRef<DimAttr> x) {
  if (!x[0].isConstant())
    return {};
  return x[0].getConstant() ? x[1] : x[2];
}

static bool foldCast(OnnxNode &n) {
  constexpr int64_t stringType = 8;
  if (n.isString(0) || n.getInt("to") == stringType)
    return false;
  const OnnxInts *x = n.getKnownInts(0);
  auto type = dyn_cast_or_null<IntegerType>(n.getDataType(n.getInt("to")));
  if (!x || !type || ((type.getWidth() < 32 || type.isUnsigned()) && !x->isConstant()))
    return false;
  OnnxInts result = *x;
  result.elementType = type;
  for (DimAttr &value : result.elements) {
    if (!value.isConstant())
      continue;
    int64_t number = value.getConstant();
    if (type.getWidth() == 1)
      value = constantOf(value, number != 0);
    else if (!fits(value, type))
      return false;
  }
  n.setKnownInts(0, std::move(result));
  return true;
}

/// Any op that keeps the elements and their order.
static bool setShape(OnnxNode &n, ArrayRef<int64_t> shape) {
  OnnxInts result = *n.getKnownInts(0);
  if (countOf(shape) != static_cast<int64_t>(result.elements.size()))
    return false;
  result.shape.assign(shape.begin(), shape.end());
  n.setKnownInts(0, std::move(result));
  return true;
}

static bool foldUnsqueeze(OnnxNode &n) {
  SmallVector<int64_t> axes = n.hasInput(1) ? n.getIntsInput(1) : n.getInts("axes");
  SmallVector<int64_t> shape = n.getKnownInts(0)->shape;
  for (int64_t axis : n.normalizeAxes(axes, shape.size() + axes.size()))
    shape.insert(shape.begin() + axis, 1);
  return !n.hasFailed() && setShape(n, shape);
}

static bool foldSqueeze(OnnxNode &n) {
  ArrayRef<int64_t> from = n.getKnownInts(0)->shape;
  auto axes = n.getAxes(1, from.size());
  SmallVector<int64_t> shape;
  for (auto [axis, size] : llvm::enumerate(from))
    if (axes ? !llvm::is_contained(*axes, static_cast<int64_t>(axis)) : size != 1)
      shape.push_back(size);
  return !n.hasFailed() && setShape(n, shape);
}

static bool foldReshape(OnnxNode &n) {
  const OnnxInts *x = n.getKnownInts(0);
  SmallVector<int64_t> shape = n.getIntsInput(1);
  int64_t rest = x->elements.size();
  for (auto [i, size] : llvm::enumerate(shape)) {
    if (size == 0 && !n.getInt("allowzero", 0) && i < x->shape.size())
      size = x->shape[i];
    if (size > 0)
      rest /= size;
  }
  for (int64_t &size : shape)
    if (size == -1)
      size = rest;
  if (n.hasFailed() || llvm::any_of(shape, [](int64_t size) { return size < 0; }))
    return false;
  return setShape(n, shape);
}

static bool foldConcat(OnnxNode &n) {
  OnnxInts result{n.getKnownInts(0)->elementType, {0}, {}};
  for (unsigned i = 0; i < n.getNumInputs(); ++i) {
    const OnnxInts *x = n.getKnownInts(i);
    if (!x || x->shape.size() != 1 || x->elementType != result.elementType)
      return false;
    result.elements.append(x->elements);
  }
  result.shape[0] = result.elements.size();
  n.setKnownInts(0, std::move(result));
  return true;
}

/// Along axis 0 of a vector.
static bool foldGather(OnnxNode &n) {
  const OnnxInts *x = n.getKnownInts(0), *indices = n.getKnownInts(1);
  if (!indices || x->shape.size() != 1 || !indices->isConstant())
    return false;
  OnnxInts result{x->elementType, indices->shape, {}};
  int64_t size = x->elements.size();
  for (DimAttr index : indices->elements) {
    int64_t i = index.getConstant();
    i += i < 0 ? size : 0;
    if (i < 0 || i >= size)
      return n.fail("index " + Twine(i) + " is out of range for " + Twine(size) + " elements"),
             false;
    result.elements.push_back(x->elements[i]);
  }
  n.setKnownInts(0, std::move(result));
  return true;
}

/// A vector, sliced by constants.
static bool foldSlice(OnnxNode &n) {
  const OnnxInts *x = n.getKnownInts(0);
  bool hasInputs = n.hasInput(1);
  for (unsigned i = 1; i < n.getNumInputs(); ++i)
    if (const OnnxInts *input = n.getKnownInts(i); input && !input->isConstant())
      return false;
  SmallVector<int64_t> starts = hasInputs ? n.getIntsInput(1) : n.getInts("starts");
  SmallVector<int64_t> ends = hasInputs ? n.getIntsInput(2) : n.getInts("ends");
  SmallVector<int64_t> steps = n.hasInput(4) ? n.getIntsInput(4) : SmallVector<int64_t>{1};
  if (n.hasFailed() || x->shape.size() != 1 || starts.size() != 1 || ends.size() != 1 ||
      steps.size() != 1 || steps[0] == 0)
    return false;
  int64_t size = x->elements.size(), step = steps[0];
  auto clamp = [&](int64_t bound) {
    bound = bound < 0 ? std::max<int64_t>(bound, -size - 1) + size : bound;
    return std::clamp<int64_t>(bound, step < 0 ? -1 : 0, step < 0 ? size - 1 : size);
  };
  OnnxInts result{x->elementType, {0}, {}};
  step = std::clamp<int64_t>(step, -size - 1, size + 1);
  for (int64_t i = clamp(starts[0]), end = clamp(ends[0]); step < 0 ? i > end : i < end; i += step)
    result.elements.push_back(x->elements[i]);
  result.shape[0] = result.elements.size();
  n.setKnownInts(0, std::move(result));
  return true;
}

static bool foldExpand(OnnxNode &n) {
  const OnnxInts *x = n.getKnownInts(0);
  const OnnxInts *shape = n.getKnownInts(1);
  if (!shape || !shape->isConstant())
    return false;
  OnnxInts target{x->elementType, n.getIntsInput(1), {}};
  auto result = broadcastOf({x, &target});
  if (!result || llvm::any_of(*result, [](int64_t size) { return size < 0; }))
    return false;
  n.setKnownInts(0, {x->elementType, *result, broadcastElements(*x, *result)});
  return true;
}

/// Over all elements of a vector.
template <DimAttr (*combine)(DimAttr, DimAttr)> static bool foldReduce(OnnxNode &n) {
  const OnnxInts *x = n.getKnownInts(0);
  if (x->shape.size() != 1 || x->elements.empty())
    return false;
  auto axes = n.getAxes(1, 1);
  if (n.hasFailed() || ((!axes || axes->empty()) && n.getInt("noop_with_empty_axes", 0)))
    return false;
  DimAttr result = x->elements.front();
  for (DimAttr value : ArrayRef(x->elements).drop_front())
    result = result ? combine(result, value) : result;
  if (!result || !fits(result, x->elementType))
    return false;
  OnnxInts ints{x->elementType, {}, {result}};
  if (n.getInt("keepdims", 1))
    ints.shape.push_back(1);
  n.setKnownInts(0, std::move(ints));
  return true;
}

template <bool isMax> static DimAttr extremeOf(DimAttr x, DimAttr y) {
  return extreme<isMax>({x, y});
}

static bool foldRange(OnnxNode &n) {
  SmallVector<int64_t> values;
  for (unsigned i = 0; i < 3; ++i) {
    const OnnxInts *input = n.getKnownInts(i);
    if (!input || !input->isConstant() || input->elements.size() != 1)
      return false;
    values.push_back(input->elements.front().getConstant());
  }
  OnnxInts result{n.getKnownInts(0)->elementType, {0}, {}};
  int64_t start = values[0], limit = values[1], delta = values[2];
  if (delta == 0)
    return false;
  for (int64_t i = start; delta > 0 ? i < limit : i > limit;) {
    result.elements.push_back(DimAttr::get(n.getContext(), i));
    if (result.elements.size() > maxKnownInts || llvm::AddOverflow(i, delta, i))
      return false;
  }
  result.shape[0] = result.elements.size();
  n.setKnownInts(0, std::move(result));
  return true;
}

void tg::registerOnnxShapeMath(OnnxOpRegistry &r) {
  // With at least so many operands. Some functions look at the node too.
  auto addFunction = [&](StringRef op, unsigned arity, bool isComparison, auto function) {
    r.addFold(op, [=](OnnxNode &n) {
      auto apply = [&](ArrayRef<DimAttr> x) {
        if constexpr (std::is_invocable_v<decltype(function), OnnxNode &, ArrayRef<DimAttr>>)
          return function(n, x);
        else
          return function(x);
      };
      return foldElements(n, apply, arity, isComparison);
    });
  };
  auto addElements = [&](StringRef op, unsigned arity, auto function) {
    addFunction(op, arity, false, function);
  };
  auto addComparison = [&](StringRef op, auto function) { addFunction(op, 2, true, function); };
  using Row = ArrayRef<DimAttr>;
  addElements("Identity", 1, [](Row x) { return x[0]; });
  addElements("Neg", 1, [](Row x) { return mulDims(x[0], constantOf(x[0], -1)); });
  addElements("Add", 2, [](Row x) { return addDims(x[0], x[1]); });
  addElements("Sub", 2, [](Row x) { return subDims(x[0], x[1]); });
  addElements("Mul", 2, [](Row x) { return mulDims(x[0], x[1]); });
  addElements("Div", 2, divide);
  addElements("Mod", 2, modulo);
  addElements("Max", 1, extreme<true>);
  addElements("Min", 1, extreme<false>);
  addElements("Where", 3, whereElement);
  addElements("And", 2, logical<std::bit_and<>>);
  addElements("Or", 2, logical<std::bit_or<>>);
  addElements("Xor", 2, logical<std::bit_xor<>>);
  addElements("Not", 1, [](Row x) { return x[0].isConstant() ? invert(x[0]) : DimAttr(); });
  addComparison("Equal", equal);
  addComparison("Less", less);
  addComparison("Greater", [](Row x) { return less({x[1], x[0]}); });
  addComparison("LessOrEqual", [](Row x) { return invert(less({x[1], x[0]})); });
  addComparison("GreaterOrEqual", [](Row x) { return invert(less(x)); });
  r.addFold("Cast", foldCast);
  r.addFold("Concat", foldConcat);
  r.addFold("Expand", foldExpand);
  r.addFold("Gather", foldGather);
  r.addFold("Range", foldRange);
  r.addFold("ReduceMax", foldReduce<extremeOf<true>>);
  r.addFold("ReduceMin", foldReduce<extremeOf<false>>);
  r.addFold("ReduceProd", foldReduce<mulDims>);
  r.addFold("ReduceSum", foldReduce<addDims>);
  r.addFold("Reshape", foldReshape);
  r.addFold("Slice", foldSlice);
  r.addFold("Squeeze", foldSqueeze);
  r.addFold("Unsqueeze", foldUnsqueeze);
}
