//===- OnnxGraph.cpp - Walks an ONNX graph ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OnnxGraph.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"

#include <queue>

using namespace mlir;
using namespace tg;

/// Deeper nesting of graphs and functions is taken for an attack on the stack.
static constexpr unsigned maxDepth = 64;

std::string tg::describeOnnxNode(const onnx::NodeProto &node) {
  std::string text = "node ";
  if (!node.name().empty())
    text += "'" + node.name() + "' ";
  else if (node.output_size() > 0)
    text += "producing '" + node.output(0) + "' ";
  text += "(" + (node.domain().empty() ? "" : node.domain() + ".") + node.op_type() + ")";
  return text;
}

OnnxGraphImporter::OnnxGraphImporter(MLIRContext *context, std::shared_ptr<OnnxModel> model,
                                     std::string folder, const OnnxOpRegistry &registry,
                                     const OnnxImportOptions &options)
    : context(context), model(model), reader(context, model, std::move(folder)), registry(registry),
      dims(context, options) {}

LogicalResult OnnxGraphImporter::fail(const Twine &message) {
  if (error.empty())
    error = message.str();
  return failure();
}

//===----------------------------------------------------------------------===//
// The model
//===----------------------------------------------------------------------===//

/// The two spellings of ONNX's own domain.
static StringRef canonicalDomain(StringRef domain) { return domain == "ai.onnx" ? "" : domain; }

static std::string functionKey(StringRef domain, StringRef name) {
  return (canonicalDomain(domain) + "::" + name).str();
}

LogicalResult OnnxGraphImporter::readOpsets() {
  for (const onnx::OperatorSetIdProto &opset : model->proto.opset_import())
    opsets[canonicalDomain(opset.domain())] = opset.version();
  if (opsets.empty())
    return fail("the model imports no operator set");
  auto it = opsets.find("");
  constexpr int64_t minOpset = 6;
  if (it != opsets.end() && it->second < minOpset)
    return fail("the model uses ONNX opset " + Twine(it->second) + "; tg imports 6 and later");
  for (const onnx::FunctionProto &function : model->proto.functions())
    functions[functionKey(function.domain(), function.name())] = &function;
  return success();
}

int64_t OnnxGraphImporter::getOpset(StringRef domain) const {
  auto it = opsets.find(canonicalDomain(domain));
  return it == opsets.end() ? 1 : it->second;
}

const onnx::FunctionProto *OnnxGraphImporter::findFunction(const onnx::NodeProto &node) const {
  return functions.lookup(functionKey(node.domain(), node.op_type()));
}

void OnnxGraphImporter::collectUnsupported(const Nodes &nodes, unsigned depth,
                                           SmallVectorImpl<std::string> &found) {
  if (depth > maxDepth)
    return;
  for (const onnx::NodeProto &node : nodes) {
    StringRef domain = canonicalDomain(node.domain());
    if (!findFunction(node) && !registry.find(domain, node.op_type(), getOpset(domain)))
      found.push_back(describeOnnxNode(node));
    for (const onnx::AttributeProto &attribute : node.attribute())
      if (attribute.has_g())
        collectUnsupported(attribute.g().node(), depth + 1, found);
  }
}

LogicalResult OnnxGraphImporter::reportUnsupported() {
  SmallVector<std::string> found;
  collectUnsupported(model->proto.graph().node(), 0, found);
  for (const onnx::FunctionProto &function : model->proto.functions())
    collectUnsupported(function.node(), 0, found);
  if (found.empty())
    return success();
  constexpr size_t maxNamed = 50;
  std::string text = llvm::join(ArrayRef(found).take_front(maxNamed), ", ");
  if (found.size() > maxNamed)
    text += " and " + std::to_string(found.size() - maxNamed) + " more";
  return fail("unsupported operators: " + text);
}

OwningOpRef<ModuleOp> OnnxGraphImporter::importModel() {
  if (failed(readOpsets()) || failed(reportUnsupported()))
    return {};
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(context));
  if (failed(importMain(*module)))
    return {};
  dims.declare(*module);
  SmallVector<StringRef> unused = dims.getUnusedOptions();
  if (!unused.empty()) {
    (void)fail("the model has no dimension named '" + unused.front() + "'");
    return {};
  }
  return module;
}

RankedTensorType OnnxGraphImporter::getInputType(const onnx::ValueInfoProto &input) {
  auto failType = [&](const Twine &message) {
    (void)fail("input '" + StringRef(input.name()) + "' " + message);
    return RankedTensorType();
  };
  if (!input.type().has_tensor_type())
    return failType("is not a tensor");
  const onnx::TypeProto::Tensor &tensor = input.type().tensor_type();
  Type elementType = OnnxTensorReader::getElementType(context, tensor.elem_type());
  if (!elementType || !uop::isElementType(elementType))
    return failType("has the unsupported element type " +
                    OnnxTensorReader::getDataTypeName(tensor.elem_type()));
  if (!tensor.has_shape())
    return failType("has no shape");
  SmallVector<DimAttr> shape;
  for (auto [axis, dim] : llvm::enumerate(tensor.shape().dim())) {
    if (dim.has_dim_value() && dim.dim_value() < -1)
      return failType("has a negative dimension");
    if (dim.has_dim_value() && dim.dim_value() >= 0)
      shape.push_back(DimAttr::get(context, dim.dim_value()));
    else
      shape.push_back(dims.get(dim.dim_param(), input.name() + "_" + std::to_string(axis)));
  }
  if (!uop::productOf(context, shape))
    return failType("has too many elements");
  return uop::getTensorType(shape, elementType);
}

LogicalResult OnnxGraphImporter::addInitializers(const onnx::GraphProto &graph) {
  if (graph.sparse_initializer_size() > 0)
    return fail("sparse initializers are not supported");
  for (const onnx::TensorProto &tensor : graph.initializer())
    scopes.back().initializers[tensor.name()] = &tensor;
  return success();
}

LogicalResult OnnxGraphImporter::importMain(ModuleOp module) {
  const onnx::GraphProto &graph = model->proto.graph();
  scopes.emplace_back();
  if (failed(addInitializers(graph)))
    return failure();

  const OnnxImportOptions &options = dims.getOptions();
  SmallVector<StringRef> given;
  // Before IR version 4 every initializer is listed as an input too.
  SmallVector<const onnx::ValueInfoProto *> inputs;
  SmallVector<Type> inputTypes;
  for (const onnx::ValueInfoProto &input : graph.input()) {
    if (scopes.back().initializers.count(input.name()))
      continue;
    auto constant = options.constants.find(input.name());
    if (constant != options.constants.end()) {
      if (OnnxTensorReader::getElementType(context, input.type().tensor_type().elem_type()) !=
          constant->second.getElementType())
        return fail("the constant given for input '" + input.name() +
                    "' is of another element type");
      define(input.name(), OnnxNode::makeConstant(constant->second));
      given.push_back(input.name());
      continue;
    }
    RankedTensorType type = getInputType(input);
    if (!type)
      return failure();
    inputs.push_back(&input);
    inputTypes.push_back(type);
  }

  if (given.size() != options.constants.size())
    return fail("a constant is given for an input that the model does not have");

  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  auto nameLoc = [&](StringRef name) -> Location {
    return NameLoc::get(builder.getStringAttr(name.empty() ? "main" : name));
  };
  auto function = func::FuncOp::create(builder, nameLoc(graph.name()), "main",
                                       builder.getFunctionType(inputTypes, {}));
  if (!given.empty())
    function->setAttr("tg.constants", builder.getStrArrayAttr(given));
  entry = function.addEntryBlock();
  for (auto [i, input] : llvm::enumerate(inputs)) {
    BlockArgument argument = entry->getArgument(i);
    argument.setLoc(nameLoc(input->name()));
    function.setArgAttr(i, "tg.name", builder.getStringAttr(input->name()));
    if (scopes.back().values.count(input->name()))
      return fail("input '" + StringRef(input->name()) + "' is declared twice");
    define(input->name(), {cast<RankedTensorType>(argument.getType()), argument, {}, {}, {}});
  }

  builder.setInsertionPointToEnd(entry);
  if (failed(importNodes(graph.node(), builder)))
    return failure();

  SmallVector<Value> results;
  SmallVector<Attribute> resultAttrs;
  for (const onnx::ValueInfoProto &output : graph.output()) {
    OnnxValue *value = find(output.name());
    if (!value)
      return fail("output '" + StringRef(output.name()) + "' is produced by no node");
    Value result = materialize(output.name(), *value);
    if (!result)
      return failure();
    results.push_back(result);
    resultAttrs.push_back(builder.getDictionaryAttr(
        builder.getNamedAttr("tg.name", builder.getStringAttr(output.name()))));
  }
  if (results.empty())
    return fail("the graph has no outputs");
  func::ReturnOp::create(builder, function.getLoc(), results);
  function.setFunctionType(builder.getFunctionType(inputTypes, ValueRange(results).getTypes()));
  function.setAllResultAttrs(resultAttrs);
  return success();
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

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
  if (value.sequence || !value.type) {
    (void)fail("value '" + name + "' is a sequence, not a tensor");
    return {};
  }
  OpBuilder builder(context);
  if (lastConstant)
    builder.setInsertionPointAfter(lastConstant);
  else
    builder.setInsertionPointToStart(entry);
  TensorBuilder tensors(builder, NameLoc::get(builder.getStringAttr(name)));
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

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

/// Calls `action` with every name that the node reads from around it.
static void forEachUse(const onnx::NodeProto &node, unsigned depth,
                       function_ref<void(StringRef)> action) {
  for (const std::string &input : node.input())
    if (!input.empty())
      action(input);
  if (depth > maxDepth)
    return;
  for (const onnx::AttributeProto &attribute : node.attribute()) {
    if (!attribute.has_g())
      continue;
    for (const onnx::NodeProto &inner : attribute.g().node())
      forEachUse(inner, depth + 1, action);
    for (const onnx::ValueInfoProto &output : attribute.g().output())
      action(output.name());
  }
}

LogicalResult OnnxGraphImporter::importNodes(const Nodes &nodes, OpBuilder &builder) {
  // ONNX asks for sorted nodes; some exporters do not sort. The order is kept where it can be.
  llvm::StringMap<int> producers;
  for (auto [i, node] : llvm::enumerate(nodes))
    for (const std::string &output : node.output())
      if (!output.empty() && !producers.try_emplace(output, i).second)
        return fail(describeOnnxNode(node) + ": value '" + output + "' is produced twice");
  std::vector<SmallVector<int>> users(nodes.size());
  std::vector<int> pending(nodes.size());
  for (auto [i, node] : llvm::enumerate(nodes)) {
    forEachUse(node, 0, [&, i = i](StringRef name) {
      auto producer = producers.find(name);
      if (producer == producers.end())
        return;
      users[producer->second].push_back(i);
      ++pending[i];
    });
  }
  std::priority_queue<int, std::vector<int>, std::greater<int>> ready;
  for (int i = 0; i < nodes.size(); ++i)
    if (pending[i] == 0)
      ready.push(i);
  int count = 0;
  for (; !ready.empty(); ++count) {
    int i = ready.top();
    ready.pop();
    const onnx::NodeProto &node = nodes[i];
    std::string name = node.name().empty() ? node.op_type() + "_" + std::to_string(i) : node.name();
    if (failed(importNode(node, NameLoc::get(builder.getStringAttr(name)), builder)))
      return failure();
    for (int user : users[i])
      if (--pending[user] == 0)
        ready.push(user);
  }
  if (count == nodes.size())
    return success();
  for (int i = 0; i < nodes.size(); ++i)
    if (pending[i] > 0)
      return fail(describeOnnxNode(nodes[i]) + ": the graph is cyclic here");
  return failure();
}

LogicalResult OnnxGraphImporter::importNode(const onnx::NodeProto &proto, Location loc,
                                            OpBuilder &builder) {
  // Functions that call functions can make any number of nodes of a small file.
  constexpr int64_t maxNodes = 4'000'000;
  if (++numNodes > maxNodes)
    return fail("the model has more than " + Twine(maxNodes) + " nodes");
  bool isKnown = true;
  for (const std::string &input : proto.input()) {
    if (input.empty())
      continue;
    OnnxValue *value = find(input);
    if (!value)
      return fail(describeOnnxNode(proto) + ": input '" + input + "' is not defined");
    isKnown &= value->ints.has_value();
  }
  if (const onnx::FunctionProto *function = findFunction(proto))
    return importFunction(*function, proto, builder);

  StringRef domain = canonicalDomain(proto.domain());
  const OnnxOpRegistry::Build *build = registry.find(domain, proto.op_type(), getOpset(domain));
  const OnnxOpRegistry::FoldInts *fold = registry.findFold(domain, proto.op_type());
  OnnxNode node(*this, proto, getOpset(domain), builder, loc);
  if (!(fold && isKnown && (*fold)(node)) && !node.hasFailed())
    (*build)(node);
  if (!error.empty())
    return failure();
  for (unsigned i = 0; i < node.getNumOutputs() && !node.hasFailed(); ++i)
    if (node.hasOutput(i) && !find(proto.output(i)))
      node.fail("output " + Twine(i) + " is not supported");
  if (node.hasFailed())
    return fail(describeOnnxNode(proto) + ": " + node.getError());
  return success();
}

std::optional<SmallVector<OnnxValue>> OnnxGraphImporter::importNested(const onnx::GraphProto &graph,
                                                                      ArrayRef<OnnxValue> inputs,
                                                                      OpBuilder &builder) {
  if (scopes.size() > maxDepth)
    return (void)fail("graphs nest too deeply"), std::nullopt;
  if (graph.input_size() != static_cast<int>(inputs.size()))
    return (void)fail("a nested graph takes " + Twine(graph.input_size()) + " inputs, got " +
                      Twine(inputs.size())),
           std::nullopt;
  scopes.emplace_back();
  llvm::scope_exit popScope([&] { scopes.pop_back(); });
  if (failed(addInitializers(graph)))
    return std::nullopt;
  for (auto [input, value] : llvm::zip_equal(graph.input(), inputs))
    define(input.name(), value);
  if (failed(importNodes(graph.node(), builder)))
    return std::nullopt;
  SmallVector<OnnxValue> outputs;
  for (const onnx::ValueInfoProto &output : graph.output()) {
    OnnxValue *value = find(output.name());
    if (!value)
      return (void)fail("output '" + output.name() + "' of a nested graph is produced by no node"),
             std::nullopt;
    outputs.push_back(*value);
  }
  return outputs;
}

/// Replaces attributes that refer to the call's.
static void bindAttributes(onnx::NodeProto &node, const onnx::NodeProto &call,
                           const onnx::FunctionProto &function, unsigned depth) {
  auto *attributes = node.mutable_attribute();
  for (int i = attributes->size(); i-- > 0;) {
    onnx::AttributeProto &attribute = *attributes->Mutable(i);
    if (attribute.has_g() && depth < maxDepth)
      for (onnx::NodeProto &inner : *attribute.mutable_g()->mutable_node())
        bindAttributes(inner, call, function, depth + 1);
    if (attribute.ref_attr_name().empty())
      continue;
    std::string name = attribute.name(), reference = attribute.ref_attr_name();
    auto hasName = [&](const onnx::AttributeProto &other) { return other.name() == reference; };
    auto given = llvm::find_if(call.attribute(), hasName);
    auto standard = llvm::find_if(function.attribute_proto(), hasName);
    if (given != call.attribute().end())
      attribute = *given;
    else if (standard != function.attribute_proto().end())
      attribute = *standard;
    else {
      attributes->DeleteSubrange(i, 1);
      continue;
    }
    attribute.set_name(name);
  }
}

LogicalResult OnnxGraphImporter::importFunction(const onnx::FunctionProto &function,
                                                const onnx::NodeProto &call, OpBuilder &builder) {
  if (scopes.size() > maxDepth)
    return fail(describeOnnxNode(call) + ": functions nest too deeply");
  if (call.input_size() > function.input_size() || call.output_size() > function.output_size())
    return fail(describeOnnxNode(call) + ": has more inputs or outputs than its function");
  Scope scope;
  scope.seesOuter = false;
  for (auto [name, input] : llvm::zip(function.input(), call.input()))
    if (!input.empty())
      scope.values[name] = *find(input);
  scopes.push_back(std::move(scope));
  llvm::StringMap<int64_t> outerOpsets = opsets;
  llvm::scope_exit restore([&] {
    opsets = std::move(outerOpsets);
    scopes.pop_back();
  });
  for (const onnx::OperatorSetIdProto &opset : function.opset_import())
    opsets[canonicalDomain(opset.domain())] = opset.version();

  Nodes &nodes = model->calls.emplace_back(function.node());
  for (onnx::NodeProto &node : nodes) {
    bindAttributes(node, call, function, 0);
    // The name in messages and profiles is that of the call and of the node in it.
    node.set_name((call.name().empty() ? call.op_type() : call.name()) + "/" +
                  (node.name().empty() ? node.op_type() : node.name()));
  }
  if (failed(importNodes(nodes, builder)))
    return failure();
  for (auto [name, output] : llvm::zip(function.output(), call.output())) {
    OnnxValue *value = output.empty() ? nullptr : find(name);
    if (!output.empty() && !value)
      return fail(describeOnnxNode(call) + ": output '" + name + "' is produced by no node");
    if (value)
      scopes[scopes.size() - 2].values[output] = *value;
  }
  return success();
}
