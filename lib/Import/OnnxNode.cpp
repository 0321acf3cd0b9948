//===- OnnxNode.cpp - Inputs, attributes and outputs of a node ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OnnxGraph.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;
using onnx::AttributeProto;

OnnxNode::OnnxNode(OnnxGraphImporter &importer, const onnx::NodeProto &proto, int64_t opset,
                   OpBuilder &builder, Location loc)
    : TensorBuilder(builder, loc), importer(importer), proto(proto), opset(opset) {}

StringRef OnnxNode::getOpType() const { return proto.op_type(); }

std::string OnnxNode::describe() const { return describeOnnxNode(proto); }

OnnxValue OnnxNode::makeConstant(ElementsAttr constant) {
  OnnxValue result;
  result.type = mlir::cast<RankedTensorType>(constant.getType());
  result.constant = constant;
  auto dense = dyn_cast<DenseIntElementsAttr>(constant);
  constexpr int64_t maxInts = 1024;
  if (!dense || dense.getNumElements() > maxInts)
    return result;
  auto type = mlir::cast<IntegerType>(dense.getElementType());
  OnnxInts ints{type, SmallVector<int64_t>(result.type.getShape()), {}};
  bool isUnsigned = type.isUnsigned() || type.getWidth() == 1;
  for (const APInt &value : dense.getValues<APInt>()) {
    if (isUnsigned && value.getActiveBits() > 63)
      return result;
    ints.elements.push_back(
        DimAttr::get(constant.getContext(), isUnsigned ? static_cast<int64_t>(value.getZExtValue())
                                                       : value.getSExtValue()));
  }
  result.ints = std::move(ints);
  return result;
}

bool OnnxNode::readNumbers(ElementsAttr constant, SmallVectorImpl<double> &values) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(constant)) {
    // Only what is narrower than a byte is stored in another way.
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    auto type = mlir::cast<ShapedType>(constant.getType());
    bool isSplat = false;
    if (!blob || type.getElementTypeBitWidth() < 8 ||
        !DenseElementsAttr::isValidRawBuffer(type, blob->getData(), isSplat))
      return false;
    constant = DenseElementsAttr::getFromRawBuffer(type, blob->getData());
  }
  if (auto floats = constant.tryGetValues<APFloat>()) {
    for (const APFloat &value : *floats) {
      APFloat wide = value;
      bool losesInfo;
      wide.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &losesInfo);
      values.push_back(wide.convertToDouble());
    }
    return true;
  }
  auto type = dyn_cast<IntegerType>(constant.getElementType());
  auto ints = constant.tryGetValues<APInt>();
  if (!type || !ints)
    return false;
  for (const APInt &value : *ints)
    values.push_back(value.roundToDouble(!type.isUnsigned() && type.getWidth() > 1));
  return true;
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

unsigned OnnxNode::getNumInputs() const { return proto.input_size(); }

bool OnnxNode::hasInput(unsigned i) const { return i < getNumInputs() && !proto.input(i).empty(); }

bool OnnxNode::isAbsentInput(unsigned i) const {
  OnnxValue *value = findInput(i);
  return value && value->isAbsent;
}

OnnxValue *OnnxNode::findInput(unsigned i) const {
  return hasInput(i) ? importer.find(proto.input(i)) : nullptr;
}

Value OnnxNode::getInput(unsigned i) {
  OnnxValue *value = findInput(i);
  if (!value)
    return fail("input " + Twine(i) + " is missing");
  if (!value->isTensor())
    return fail("input " + Twine(i) +
                " is a sequence or an optional without a value, not a tensor");
  return importer.materialize(proto.input(i), *value);
}

OnnxValue OnnxNode::getInputValue(unsigned i) {
  OnnxValue *value = findInput(i);
  return value ? *value : OnnxValue();
}

Value OnnxNode::materialize(OnnxValue &value) {
  if (!value.isTensor())
    return failUnknown(
        "a sequence or an optional without a value stands where a tensor is expected");
  return importer.materialize(proto.output(0), value);
}

SmallVector<Value> OnnxNode::getInputs() {
  SmallVector<Value> values;
  for (unsigned i = 0; i < getNumInputs(); ++i)
    values.push_back(getInput(i));
  return values;
}

RankedTensorType OnnxNode::getInputType(unsigned i) {
  OnnxValue *value = findInput(i);
  return value ? value->type : RankedTensorType();
}

const OnnxInts *OnnxNode::getKnownInts(unsigned i) {
  OnnxValue *value = findInput(i);
  return value && value->ints ? &*value->ints : nullptr;
}

Value OnnxNode::failUnknown(const Twine &message, Value value) {
  importer.noteUnknown();
  return fail(message + (value ? importer.explainUnknown(value) : ""));
}

Value OnnxNode::failSymbolic(const Twine &message, DimAttr size) {
  if (!size || size.isConstant())
    return fail(message);
  if (!hasFailed())
    importer.noteUnknownSize();
  return fail(message + importer.explainSymbolic(size));
}

ElementsAttr OnnxNode::evaluate(Value value) { return importer.evaluate(value); }

/// Makes what an SSA value is known, where no input decides it.
static void learn(OnnxNode &n, OnnxValue &value) {
  if (value.constant || value.ints || !value.value)
    return;
  ElementsAttr constant = n.evaluate(value.value);
  if (!constant)
    return;
  OnnxValue known = OnnxNode::makeConstant(constant);
  value.constant = known.constant;
  value.ints = std::move(known.ints);
}

std::optional<int64_t> OnnxNode::getKnownScalar(OnnxValue value) {
  learn(*this, value);
  if (!value.ints || value.ints->elements.size() != 1 || !value.ints->isConstant())
    return std::nullopt;
  return value.ints->elements.front().getConstant();
}

/// What no element of an integer tensor is larger than, by the few operations that counts go
/// through on their way to a size; nothing if they do not tell.
static std::optional<int64_t> findLargest(OnnxNode &n, Value value, unsigned depth = 0) {
  constexpr unsigned maxDepth = 16;
  Operation *op = value.getDefiningOp();
  if (!op || depth > maxDepth || !isa<IntegerType>(n.getElementType(value)))
    return std::nullopt;
  using Bound = std::optional<int64_t>;
  auto of = [&](Value operand) { return findLargest(n, operand, depth + 1); };
  auto least = [](Bound x, Bound y) { return x && y ? std::min(*x, *y) : x ? x : y; };
  auto most = [](Bound x, Bound y) { return x && y ? std::max(*x, *y) : Bound(); };
  if (auto size = dyn_cast<SizeOp>(op)) {
    std::optional<ShapeBounds> bounds = n.getImporter().getBounds(size.getExpression());
    return bounds ? Bound(bounds->second) : Bound();
  }
  if (auto constant = dyn_cast<ConstOp>(op)) {
    SmallVector<double> numbers;
    if (!OnnxNode::readNumbers(constant.getValue(), numbers) || numbers.empty())
      return std::nullopt;
    double largest = *llvm::max_element(numbers);
    return largest < 0x1p53 ? Bound(static_cast<int64_t>(largest)) : Bound();
  }
  if (isa<ReshapeOp, ExpandOp, CastOp, ShrinkOp>(op))
    return of(op->getOperand(0));
  if (isa<MinOp>(op))
    return least(of(op->getOperand(0)), of(op->getOperand(1)));
  if (isa<MaxOp>(op))
    return most(of(op->getOperand(0)), of(op->getOperand(1)));
  auto reduce = dyn_cast<ReduceOp>(op);
  bool isMin = reduce && reduce.getKind() == CombineKind::Min;
  if (reduce && !isMin && reduce.getKind() != CombineKind::Max)
    return std::nullopt;
  Value parts = reduce ? reduce->getOperand(0) : value;
  auto concat = parts.getDefiningOp<ConcatOp>();
  if (!concat)
    return reduce ? of(parts) : Bound();
  // Of a vector that is reduced every part counts.
  isMin &= n.getRank(parts) == 1;
  Bound result = of(concat.getInputs().front());
  for (Value part : concat.getInputs().drop_front())
    result = isMin ? least(result, of(part)) : most(result, of(part));
  return result;
}

/// Gives the elements of a small vector of integers names: each becomes a variable.
static void bindElements(OnnxNode &n, OnnxValue &value, Value vector) {
  constexpr int64_t maxElements = 16, maxValue = int64_t(1) << 40;
  RankedTensorType type = value.type;
  if (!vector || !type || !isa<IntegerType>(type.getElementType()) || type.getRank() > 1 ||
      !type.hasStaticShape() || type.getNumElements() > maxElements)
    return;
  OnnxInts ints{type.getElementType(), SmallVector<int64_t>(type.getShape()), {}};
  for (int64_t i = 0; i < type.getNumElements() && !n.hasFailed(); ++i) {
    Value element = type.getRank() == 0 ? vector : n.slice(vector, 0, n.dim(i), n.dim(1));
    element = n.cast(n.reshape(element, {}), n.getBuilder().getI64Type());
    int64_t largest = std::min(findLargest(n, element).value_or(maxValue), maxValue);
    ints.elements.push_back(n.bind(element, n.dim(std::max<int64_t>(largest, 0))));
  }
  if (!n.hasFailed())
    value.ints = std::move(ints);
}

bool OnnxNode::knowsInts(unsigned i) {
  if (OnnxValue *value = findInput(i))
    learn(*this, *value);
  return getKnownInts(i) != nullptr;
}

SmallVector<DimAttr> OnnxNode::getDimsInput(unsigned i) {
  if (OnnxValue *value = findInput(i)) {
    learn(*this, *value);
    if (!value->ints && importer.bindsSizes())
      bindElements(*this, *value, getInput(i));
  }
  if (const OnnxInts *ints = getKnownInts(i))
    return ints->elements;
  if (hasInput(i))
    failUnknown("input '" + Twine(proto.input(i)) +
                    "' must be known while importing: constant, or computed from shapes",
                getInput(i));
  else
    fail("input " + Twine(i) + " is missing");
  return {};
}

SmallVector<int64_t> OnnxNode::getIntsInput(unsigned i) {
  SmallVector<int64_t> result;
  for (DimAttr value : getDimsInput(i)) {
    if (!value.isConstant()) {
      failSymbolic("input '" + Twine(proto.input(i)) + "' must be constant", value);
      return {};
    }
    result.push_back(value.getConstant());
  }
  return result;
}

ElementsAttr OnnxNode::getConstantInput(unsigned i) {
  OnnxValue *value = findInput(i);
  return value ? value->constant : ElementsAttr();
}

SmallVector<double> OnnxNode::getFloatsInput(unsigned i) {
  SmallVector<double> result;
  if (OnnxValue *value = findInput(i))
    learn(*this, *value);
  if (const OnnxInts *ints = getKnownInts(i); ints && ints->isConstant()) {
    for (DimAttr value : ints->elements)
      result.push_back(static_cast<double>(value.getConstant()));
    return result;
  }
  auto dense = dyn_cast_or_null<DenseFPElementsAttr>(getConstantInput(i));
  constexpr int64_t maxFloats = 1024;
  if (!dense || dense.getNumElements() > maxFloats) {
    failUnknown("input " + Twine(i) + " must be a small constant",
                hasInput(i) ? getInput(i) : Value());
    return result;
  }
  for (const APFloat &value : dense.getValues<APFloat>())
    result.push_back(value.convertToDouble());
  return result;
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

const AttributeProto *OnnxNode::findAttr(StringRef name) const {
  for (const AttributeProto &attribute : proto.attribute())
    if (attribute.name() == name)
      return &attribute;
  return nullptr;
}

bool OnnxNode::hasAttr(StringRef name) const { return findAttr(name) != nullptr; }

int64_t OnnxNode::getInt(StringRef name, int64_t defaultValue) {
  const AttributeProto *attribute = findAttr(name);
  if (!attribute)
    return defaultValue;
  if (!attribute->has_i())
    fail("attribute '" + name + "' is not an integer");
  return attribute->i();
}

int64_t OnnxNode::getInt(StringRef name) {
  if (!hasAttr(name))
    fail("attribute '" + name + "' is missing");
  return getInt(name, 0);
}

double OnnxNode::getFloat(StringRef name, double defaultValue) {
  const AttributeProto *attribute = findAttr(name);
  if (!attribute)
    return defaultValue;
  if (!attribute->has_f())
    fail("attribute '" + name + "' is not a float");
  return attribute->f();
}

StringRef OnnxNode::getString(StringRef name, StringRef defaultValue) {
  const AttributeProto *attribute = findAttr(name);
  if (!attribute)
    return defaultValue;
  if (!attribute->has_s())
    fail("attribute '" + name + "' is not a string");
  return attribute->s();
}

SmallVector<int64_t> OnnxNode::getInts(StringRef name) {
  const AttributeProto *attribute = findAttr(name);
  if (!attribute)
    return {};
  return SmallVector<int64_t>(attribute->ints().begin(), attribute->ints().end());
}

SmallVector<int64_t> OnnxNode::getInts(StringRef name, size_t count, int64_t defaultValue) {
  SmallVector<int64_t> values = getInts(name);
  if (!hasAttr(name))
    values.assign(count, defaultValue);
  if (values.size() != count) {
    fail("attribute '" + name + "' must have " + Twine(count) + " values, has " +
         Twine(values.size()));
    values.assign(count, defaultValue);
  }
  return values;
}

SmallVector<double> OnnxNode::getFloats(StringRef name) {
  const AttributeProto *attribute = findAttr(name);
  if (!attribute)
    return {};
  return SmallVector<double>(attribute->floats().begin(), attribute->floats().end());
}

SmallVector<std::string> OnnxNode::getStrings(StringRef name) {
  const AttributeProto *attribute = findAttr(name);
  if (!attribute)
    return {};
  return SmallVector<std::string>(attribute->strings().begin(), attribute->strings().end());
}

ElementsAttr OnnxNode::getTensor(StringRef name) {
  const AttributeProto *attribute = findAttr(name);
  if (!attribute || !attribute->has_t())
    return {};
  std::string message;
  ElementsAttr tensor = importer.getReader().read(attribute->t(), message);
  if (!tensor)
    fail("attribute '" + name + "': " + message);
  return tensor;
}

bool OnnxNode::isStringTensor(StringRef name) const {
  const AttributeProto *attribute = findAttr(name);
  return attribute && attribute->has_t() && attribute->t().data_type() == onnx::TensorProto::STRING;
}

const onnx::GraphProto *OnnxNode::getGraph(StringRef name) {
  const AttributeProto *attribute = findAttr(name);
  return attribute && attribute->has_g() ? &attribute->g() : nullptr;
}

Type OnnxNode::getDataType(int64_t dataType) {
  Type type = OnnxTensorReader::getElementType(getContext(), dataType);
  if (type && uop::isElementType(type))
    return type;
  fail("element type " + OnnxTensorReader::getDataTypeName(dataType) + " is not supported");
  return {};
}

std::optional<SmallVector<int64_t>> OnnxNode::getAxes(int input, int64_t rank) {
  if (input >= 0 && hasInput(input))
    return normalizeAxes(getIntsInput(input), rank);
  if (hasAttr("axes"))
    return normalizeAxes(getInts("axes"), rank);
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Outputs
//===----------------------------------------------------------------------===//

unsigned OnnxNode::getNumOutputs() const { return proto.output_size(); }

bool OnnxNode::hasOutput(unsigned i) const {
  return i < getNumOutputs() && !proto.output(i).empty();
}

StringRef OnnxNode::getOutputName(unsigned i) const {
  return hasOutput(i) ? StringRef(proto.output(i)) : StringRef();
}

void OnnxNode::setOutput(unsigned i, OnnxValue value) {
  if (hasOutput(i) && !hasFailed())
    importer.define(proto.output(i), std::move(value));
}

void OnnxNode::setOutput(unsigned i, Value value) {
  if (value)
    setOutput(i, OnnxValue{getType(value), value, {}, {}, {}});
}

void OnnxNode::setOutputs(ArrayRef<Value> values) {
  for (auto [i, value] : llvm::enumerate(values))
    setOutput(i, value);
}

void OnnxNode::setKnownInts(unsigned i, OnnxInts ints) {
  OnnxValue value;
  value.type = RankedTensorType::get(ints.shape, ints.elementType);
  value.ints = std::move(ints);
  setOutput(i, std::move(value));
}

//===----------------------------------------------------------------------===//
// Data-dependent sizes
//===----------------------------------------------------------------------===//

DimAttr OnnxNode::bind(Value count, DimAttr max) { return importer.bind(count, max, *this); }

bool OnnxNode::isAtLeast(DimAttr value, int64_t least, StringRef message) {
  std::optional<ShapeBounds> bounds = importer.getBounds(value);
  if (bounds && (bounds->first >= least || bounds->second < least))
    return bounds->first >= least;
  DimAttr excess = subDims(value, dim(least));
  if (!excess || !importer.isInEntry(getBuilder()))
    return false;
  assumptions.push_back({excess, message.str()});
  return true;
}

void OnnxNode::checkAssumptions() {
  for (const auto &[value, message] : assumptions)
    CheckOp::create(getBuilder(), getLoc(), DimsAttr::get(getContext(), value), message);
  assumptions.clear();
}

std::optional<SmallVector<Value>>
OnnxNode::forLoop(DimAttr count, ArrayRef<Value> carried,
                  function_ref<SmallVector<Value>(DimAttr, ValueRange)> body, DimAttr step) {
  if (!count || hasFailed() || llvm::is_contained(carried, Value()))
    return std::nullopt;
  OpBuilder &b = getBuilder();
  Location loc = getLoc();
  getContext()->loadDialect<arith::ArithDialect, scf::SCFDialect, tensor::TensorDialect>();
  auto toIndex = [&](DimAttr value) -> Value {
    if (value.isConstant())
      return arith::ConstantIndexOp::create(b, loc, value.getConstant());
    Value scalar = tensor::ExtractOp::create(b, loc, size(value));
    return arith::IndexCastOp::create(b, loc, b.getIndexType(), scalar);
  };
  Value upper = toIndex(count);
  auto loop = scf::ForOp::create(b, loc, toIndex(dim(0)), upper, toIndex(dim(1)), carried);
  OpBuilder::InsertionGuard guard(b);
  if (loop.getBody()->mightHaveTerminator())
    loop.getBody()->getTerminator()->erase();
  b.setInsertionPointToEnd(loop.getBody());
  Value index = arith::IndexCastOp::create(b, loc, b.getI64Type(), loop.getInductionVar());
  index = tensor::FromElementsOp::create(b, loc, RankedTensorType::get({}, b.getI64Type()), index);
  step = importer.bindStep(index, count, *this, step);
  SmallVector<Value> next = body(step, loop.getRegionIterArgs());
  if (hasFailed() || llvm::is_contained(next, Value()) || next.size() != carried.size())
    return fail("a step of its loop cannot be built"), std::nullopt;
  if (ValueRange(next).getTypes() != ValueRange(carried).getTypes())
    return importer.noteUnknown(),
           failSymbolic("the shapes of the carried values change from step to step, of which there "
                        "are too many, or a number that is not known",
                        count),
           std::nullopt;
  scf::YieldOp::create(b, loc, next);
  return SmallVector<Value>(loop.getResults());
}

Value OnnxNode::assignRow(Value dest, Value row, int64_t axis, DimAttr at) {
  row = unsqueeze(row, axis);
  if (!dest || !row || !at || hasFailed())
    return {};
  SmallVector<DimAttr> offsets(getRank(dest), dim(0));
  offsets[axis] = at;
  return checked(AssignOp::create(getBuilder(), getLoc(), dest.getType(), dest, row,
                                  DimsAttr::get(getContext(), offsets)));
}

Value OnnxNode::findSet(Value mask) {
  if (!mask || hasFailed())
    return {};
  auto i64 = getBuilder().getI64Type();
  auto compact =
      uop::CompactOp::create(getBuilder(), getLoc(), uop::getTensorType(getDims(mask), i64),
                             RankedTensorType::get({}, i64), mask);
  if (!checked(compact))
    return {};
  DimAttr count = bind(compact.getCount(), getDim(mask, 0));
  return count ? slice(compact.getIndices(), 0, dim(0), count) : Value();
}
