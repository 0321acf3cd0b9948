//===- OnnxValues.cpp - The values of an ONNX graph by name ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is visible under a name, its SSA value where one is needed, the variables that a program
// binds, and which inputs of the model decide a value.
//
//===----------------------------------------------------------------------===//

#include "OnnxGraph.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace tg;

OnnxValue *OnnxGraphImporter::find(StringRef name) {
  for (Scope &scope : llvm::reverse(scopes)) {
    auto value = scope.values.find(name);
    if (value != scope.values.end())
      return &value->second;
    auto initializer = scope.initializers.find(name);
    if (initializer != scope.initializers.end()) {
      std::string message;
      ElementsAttr constant = reader.read(*initializer->second, message);
      if (!constant)
        return (void)fail(message), nullptr;
      OnnxValue &result = scope.values[name];
      result = OnnxNode::makeConstant(constant);
      result.isString = initializer->second->data_type() == onnx::TensorProto::STRING;
      return &result;
    }
    if (!scope.seesOuter)
      break;
  }
  return nullptr;
}

void OnnxGraphImporter::define(StringRef name, OnnxValue value) {
  scopes.back().values[name] = std::move(value);
}

Value OnnxGraphImporter::materialize(StringRef name, OnnxValue &value) {
  if (value.value)
    return value.value;
  if (!value.isTensor() || !value.type) {
    (void)fail("value '" + name + "' is a sequence or an optional without a value, not a tensor");
    return {};
  }
  OpBuilder builder(context);
  if (lastConstant)
    builder.setInsertionPointAfter(lastConstant);
  else
    builder.setInsertionPointToStart(entry);
  TensorBuilder tensors(builder, NameLoc::get(builder.getStringAttr(rt::printable(name.str()))));
  if (value.constant)
    value.value = tensors.constant(value.constant);
  else
    value.value = tensors.fromDims(value.ints->elements, value.ints->shape, //
                                   value.ints->elementType);
  if (!value.value) {
    (void)fail("value '" + name + "': " + tensors.getError());
    return {};
  }
  lastConstant = value.value.getDefiningOp();
  return value.value;
}

std::string OnnxGraphImporter::explainUnknown(Value value) const {
  constexpr size_t maxValues = 1 << 14, maxNamed = 3;
  llvm::SetVector<Value> seen;
  llvm::SetVector<unsigned> found;
  auto add = [&](Value next) {
    if (next && seen.size() < maxValues)
      seen.insert(next);
  };
  add(value);
  for (size_t i = 0; i < seen.size(); ++i) {
    if (auto argument = dyn_cast<BlockArgument>(seen[i])) {
      if (argument.getOwner() == entry)
        found.insert(argument.getArgNumber());
      // Of a loop or a branch: what goes into it.
      Operation *parent = argument.getOwner()->getParentOp();
      if (argument.getOwner() != entry && parent)
        llvm::for_each(parent->getOperands(), add);
      continue;
    }
    Operation *op = seen[i].getDefiningOp();
    llvm::for_each(op->getOperands(), add);
    for (Region &region : op->getRegions())
      for (Block &block : region)
        if (!block.empty())
          llvm::for_each(block.back().getOperands(), add);
  }
  if (found.empty())
    return "";
  SmallVector<std::string> names;
  for (unsigned index : found.getArrayRef().take_front(maxNamed))
    names.push_back("'" + arguments[index].name + "'");
  const std::string &first = arguments[found.front()].name;
  return "; it depends on " + llvm::join(names, ", ") +
         (found.size() > maxNamed ? " and others" : "") + ": give the value (--input=" + first +
         "=FILE in tg-run, --onnx-constant=" + first +
         "=FILE.pb in tg-translate, input_values= of tg.module in Python)";
}

DimAttr OnnxGraphImporter::bind(Value count, DimAttr max, OnnxNode &node) {
  OpBuilder &builder = node.getBuilder();
  if (!count || !max || node.hasFailed())
    return {};
  if (!isInEntry(builder)) {
    node.failUnknown("the size of its result depends on data, inside a branch or loop", count);
    return {};
  }
  DimAttr dim = dims.addBound(node.getOpType().lower() + "_size", max);
  // The constants that follow may use the variable.
  lastConstant =
      uop::BindOp::create(builder, node.getLoc(), dim.getVars().front().getValue(), count);
  // What it was found to equal takes its place.
  DimAttr value = dims.resolve(dim);
  if (value != dim) {
    DimAttr both[] = {uop::subDims(value, dim), uop::subDims(dim, value)};
    std::string text;
    llvm::raw_string_ostream os(text);
    value.printExpr(os << node.describe() << ": its size must be ");
    lastConstant =
        uop::CheckOp::create(builder, node.getLoc(), uop::DimsAttr::get(context, both), text);
  }
  return value;
}

DimAttr OnnxGraphImporter::bindExpression(DimAttr size, OnnxNode &node) {
  bool isVar = size.getVars().size() == 1 &&
               size == DimAttr::get(context, size.getVars().front().getValue());
  if (size.isConstant() || isVar)
    return size;
  DimAttr &known = expressions[size];
  if (!known)
    known = bind(node.size(size), size, node);
  return known;
}

DimAttr OnnxGraphImporter::bindStep(Value index, DimAttr count, OnnxNode &node, DimAttr step) {
  DimAttr last = count.isConstant(0) ? count : uop::subDims(count, node.dim(1));
  if (!step)
    step = dims.addBound(node.getOpType().lower() + "_step", last, /*isStep=*/true);
  uop::BindOp::create(node.getBuilder(), node.getLoc(), step.getVars().front().getValue(), index);
  return step;
}
