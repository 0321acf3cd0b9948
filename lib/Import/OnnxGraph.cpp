//===- OnnxGraph.cpp - Walks an ONNX graph ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OnnxGraph.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

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
  text += "(" + (node.domain().empty() ? "" : node.domain() + ".") + node.op_type() +
          (node.overload().empty() ? "" : ":" + node.overload()) + ")";
  return text;
}

OnnxGraphImporter::OnnxGraphImporter(MLIRContext *context, std::shared_ptr<OnnxModel> model,
                                     std::string folder, const OnnxOpRegistry &registry,
                                     const OnnxImportOptions &options,
                                     ArrayRef<OnnxEquality> equalities)
    : context(context), model(model), reader(context, model, std::move(folder), &strings),
      registry(registry), dims(context, options, equalities) {}

LogicalResult OnnxGraphImporter::fail(const Twine &message) {
  if (error.empty())
    error = message.str();
  return failure();
}

//===----------------------------------------------------------------------===//
// The model
//===----------------------------------------------------------------------===//

StringRef tg::canonicalDomain(StringRef domain) { return domain == "ai.onnx" ? "" : domain; }

/// From IR version 10 on a function has a domain, a name and an overload.
static std::string functionKey(StringRef domain, StringRef name, StringRef overload) {
  return (canonicalDomain(domain) + "::" + name + "::" + overload).str();
}

/// Whether the operator means in opset 1 what it means later.
static bool hasNotChanged(const onnx::NodeProto &node) {
  static constexpr StringRef names[] = {"Abs",  "Ceil", "Exp",      "Floor",      "Identity",
                                        "Log",  "Neg",  "Not",      "Reciprocal", "Relu",
                                        "Sqrt", "Tanh", "Transpose"};
  return llvm::is_contained(names, StringRef(node.op_type()));
}

/// The newest IR and operator sets that tg knows, those of onnx 1.21.0. ONNX asks to reject a model
/// of a newer one: what it means is not known.
static constexpr int64_t newestIr = 13;

static std::optional<int64_t> getNewestOpset(StringRef domain) {
  return llvm::StringSwitch<std::optional<int64_t>>(domain)
      .Case("", 26)
      .Case("ai.onnx.ml", 5)
      .Case("ai.onnx.preview.training", 1)
      .Default(std::nullopt);
}

LogicalResult OnnxGraphImporter::readOpset(const onnx::OperatorSetIdProto &opset) {
  StringRef domain = canonicalDomain(opset.domain());
  std::optional<int64_t> newest = getNewestOpset(domain);
  if (newest && opset.version() > *newest)
    return fail("the model uses " + (domain.empty() ? "ONNX" : domain) + " opset " +
                Twine(opset.version()) + "; tg imports up to " + Twine(*newest));
  opsets[domain] = opset.version();
  return success();
}

LogicalResult OnnxGraphImporter::readOpsets() {
  if (model->proto.ir_version() > newestIr)
    return fail("the model has IR version " + Twine(model->proto.ir_version()) +
                "; tg imports up to " + Twine(newestIr));
  for (const onnx::OperatorSetIdProto &opset : model->proto.opset_import())
    if (failed(readOpset(opset)))
      return failure();
  if (opsets.empty())
    return fail("the model imports no operator set");
  auto it = opsets.find("");
  constexpr int64_t minOpset = 6;
  if (it != opsets.end() && it->second < minOpset &&
      !llvm::all_of(model->proto.graph().node(), hasNotChanged))
    return fail("the model uses ONNX opset " + Twine(it->second) + "; tg imports 6 and later");
  for (const onnx::FunctionProto &function : model->proto.functions()) {
    std::string key = functionKey(function.domain(), function.name(), function.overload());
    if (!functions.try_emplace(key, &function).second)
      return fail("function '" + function.domain() + "." + function.name() +
                  (function.overload().empty() ? "" : ":" + function.overload()) +
                  "' is defined twice");
  }
  return success();
}

int64_t OnnxGraphImporter::getOpset(StringRef domain) const {
  auto it = opsets.find(canonicalDomain(domain));
  return it == opsets.end() ? 1 : it->second;
}

const onnx::FunctionProto *OnnxGraphImporter::findFunction(const onnx::NodeProto &node) const {
  return functions.lookup(functionKey(node.domain(), node.op_type(), node.overload()));
}

void OnnxGraphImporter::collectUnsupported(const Nodes &nodes, unsigned depth,
                                           SmallVectorImpl<std::string> &found) {
  if (depth > maxDepth)
    return;
  for (const onnx::NodeProto &node : nodes) {
    StringRef domain = canonicalDomain(node.domain());
    // Only functions have overloads.
    if (!findFunction(node) &&
        (!node.overload().empty() || !registry.find(domain, node.op_type(), getOpset(domain))))
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
  return fail("unsupported operators: " + text + adviseOnText(found));
}

OwningOpRef<ModuleOp> OnnxGraphImporter::importModel() {
  if (failed(readOpsets()) || failed(reportUnsupported()))
    return {};
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(context));
  if (failed(importMain(*module)))
    return {};
  dims.declare(*module);
  std::string message;
  if (failed(dims.checkOptions(message))) {
    (void)fail(message);
    return {};
  }
  return module;
}

/// What a dimension without a name is called.
static std::string nameAxis(const onnx::ValueInfoProto &input, size_t axis) {
  return input.name() + "_" + std::to_string(axis);
}

RankedTensorType OnnxGraphImporter::getInputType(const onnx::ValueInfoProto &input,
                                                 const onnx::TypeProto &type) {
  auto failType = [&](const Twine &message) {
    (void)fail("input '" + StringRef(input.name()) + "' " + message);
    return RankedTensorType();
  };
  if (!type.has_tensor_type())
    return failType("is not a tensor");
  const onnx::TypeProto::Tensor &tensor = type.tensor_type();
  bool isString = tensor.elem_type() == onnx::TensorProto::STRING;
  Type elementType = isString ? Type(IntegerType::get(context, 64))
                              : OnnxTensorReader::getElementType(context, tensor.elem_type());
  if (!elementType || !uop::isElementType(elementType))
    return failType("has the unsupported element type " +
                    OnnxTensorReader::getDataTypeName(tensor.elem_type()));
  const OnnxImportOptions &options = dims.getOptions();
  if (auto given = options.inputShapes.find(input.name());
      !tensor.has_shape() && given != options.inputShapes.end())
    return RankedTensorType::get(given->second, elementType);
  if (!tensor.has_shape()) {
    noteUnknownSize();
    return failType("has no shape: give the input while importing (--input=" + input.name() +
                    "=FILE in tg-run, input_shapes= of tg.module in Python)");
  }
  SmallVector<DimAttr> shape;
  for (auto [axis, dim] : llvm::enumerate(tensor.shape().dim())) {
    if (dim.has_dim_value() && dim.dim_value() < -1)
      return failType("has a negative dimension");
    if (dim.has_dim_value() && dim.dim_value() >= 0)
      shape.push_back(DimAttr::get(context, dim.dim_value()));
    else
      shape.push_back(dims.get(dim.dim_param(), nameAxis(input, axis)));
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

void OnnxGraphImporter::fixSizes() {
  const OnnxImportOptions &options = dims.getOptions();
  if (!options.fixShapes)
    return;
  for (const onnx::ValueInfoProto &input : model->proto.graph().input()) {
    auto given = options.inputShapes.find(input.name());
    const auto &shape = input.type().tensor_type().shape();
    if (given == options.inputShapes.end() ||
        static_cast<int>(given->second.size()) != shape.dim_size())
      continue;
    for (auto [axis, dim, size] : llvm::enumerate(shape.dim(), given->second))
      if (!dim.has_dim_value() || dim.dim_value() == -1)
        dims.setKnown(dims.getName(dim.dim_param(), nameAxis(input, axis)), size);
  }
}

std::optional<OnnxEquality> OnnxGraphImporter::solveUnequal() {
  return unequal ? dims.solve(unequal->first, unequal->second) : std::nullopt;
}

/// An input that was given a value is a constant of the program.
LogicalResult OnnxGraphImporter::readConstantInput(const onnx::ValueInfoProto &input,
                                                   ElementsAttr value) {
  if (OnnxTensorReader::getElementType(context, input.type().tensor_type().elem_type()) !=
      value.getElementType())
    return fail("the constant given for input '" + input.name() + "' is of another element type");
  define(input.name(), OnnxNode::makeConstant(value));
  constantInputs.push_back(StringAttr::get(context, input.name()));
  return success();
}

LogicalResult OnnxGraphImporter::readTensorInput(const onnx::ValueInfoProto &input,
                                                 const onnx::TypeProto &type, bool hasSequences) {
  const std::string &name = input.name();
  if (dims.getOptions().emptyInputs.contains(name))
    return fail("input '" + name + "' is neither an optional nor a sequence: it needs a value");
  OnnxValue value;
  RankedTensorType given = dims.getOptions().givenTypes.lookup(name);
  const onnx::TypeProto::Tensor &tensor = type.tensor_type();
  if (hasSequences && given && given.getRank() == tensor.shape().dim_size() &&
      given.getElementType() == OnnxTensorReader::getElementType(context, tensor.elem_type()))
    value.type = given;
  else
    value.type = getInputType(input, type);
  if (!value.type)
    return failure();
  value.isString = tensor.elem_type() == onnx::TensorProto::STRING;
  arguments.push_back({name, value.type, {}, value.isString});
  define(name, std::move(value));
  return success();
}

/// Of a sequence its elements are inputs, as far as there are.
LogicalResult OnnxGraphImporter::readSequenceInput(const std::string &name,
                                                   const onnx::TypeProto &type) {
  bool isEmpty = dims.getOptions().emptyInputs.contains(name);
  OnnxValue value;
  value.sequence = std::make_shared<std::vector<OnnxValue>>();
  int64_t dataType = type.sequence_type().elem_type().tensor_type().elem_type();
  Type elementType = OnnxTensorReader::getElementType(context, dataType);
  if (!elementType && !isEmpty)
    return fail("input '" + name + "' is a sequence with the unsupported element type " +
                OnnxTensorReader::getDataTypeName(dataType));
  while (!isEmpty) {
    std::string element = name + "." + std::to_string(value.sequence->size());
    RankedTensorType given = dims.getOptions().givenTypes.lookup(element);
    if (!given)
      break;
    if (given.getElementType() != elementType)
      return fail("the tensor given for input '" + element + "' is of another element type");
    value.sequence->push_back({given, {}, {}, {}, {}});
    arguments.push_back({element, given, name});
  }
  if (!isEmpty && value.sequence->empty())
    return fail("input '" + name +
                "' is a sequence; the types of its elements must be known while importing: give '" +
                name + ".0' and so on, or that it is empty");
  define(name, std::move(value));
  return success();
}

LogicalResult OnnxGraphImporter::readInput(const onnx::ValueInfoProto &input, bool hasSequences) {
  const OnnxImportOptions &options = dims.getOptions();
  const std::string &name = input.name();
  // An initializer that is listed as an input too, before IR version 4 every one, is its default.
  if (scopes.back().initializers.count(name)) {
    if (!options.givenInputs.contains(name) && !options.givenTypes.contains(name))
      return success();
    scopes.back().initializers.erase(name);
  }
  if (scopes.back().values.count(name))
    return fail("input '" + StringRef(name) + "' is declared twice");
  if (auto constant = options.constants.find(name); constant != options.constants.end())
    return readConstantInput(input, constant->second);
  const onnx::TypeProto *type = &input.type();
  if (type->has_optional_type()) {
    if (options.emptyInputs.contains(name)) {
      OnnxValue absent;
      absent.isAbsent = true;
      define(name, absent);
      return success();
    }
    type = &type->optional_type().elem_type();
  }
  return type->has_sequence_type() ? readSequenceInput(name, *type)
                                   : readTensorInput(input, *type, hasSequences);
}

LogicalResult OnnxGraphImporter::readInputs() {
  const OnnxImportOptions &options = dims.getOptions();
  for (const onnx::ValueInfoProto &input : model->proto.graph().input())
    for (const auto &dim : input.type().tensor_type().shape().dim())
      dims.addName(dim.dim_param());
  fixSizes();
  // The elements of sequences have static sizes, and named dimensions of tensors must equal theirs.
  bool hasSequences =
      llvm::any_of(model->proto.graph().input(), [](const onnx::ValueInfoProto &input) {
        return input.type().has_sequence_type() ||
               input.type().optional_type().elem_type().has_sequence_type();
      });
  for (const onnx::ValueInfoProto &input : model->proto.graph().input())
    if (failed(readInput(input, hasSequences)))
      return failure();
  for (StringRef name : options.emptyInputs.keys())
    if (!scopes.back().values.count(name))
      return fail("no input is named '" + name + "'");
  for (StringRef name : options.constants.keys())
    if (!llvm::is_contained(constantInputs, StringAttr::get(context, name)))
      return fail("a constant is given for the input '" + name +
                  "', which the model does not have");
  return success();
}

LogicalResult OnnxGraphImporter::addResults(StringRef name, OnnxValue &value) {
  if (value.isAbsent)
    return success();
  if (!value.sequence) {
    Value result = materialize(name, value);
    if (!result)
      return failure();
    results.push_back(result);
    resultAttrs.push_back(getPortAttrs(name, value.isString, value.keys));
    return success();
  }
  for (auto [i, element] : llvm::enumerate(*value.sequence))
    if (failed(addResults((name + "." + Twine(i)).str(), element)))
      return failure();
  return success();
}

LogicalResult OnnxGraphImporter::importMain(ModuleOp module) {
  const onnx::GraphProto &graph = model->proto.graph();
  scopes.emplace_back();
  if (failed(addInitializers(graph)) || failed(readInputs()))
    return failure();

  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  auto nameLoc = [&](StringRef name) -> Location {
    return NameLoc::get(builder.getStringAttr(name.empty() ? "main" : rt::printable(name.str())));
  };
  auto types = llvm::map_to_vector(arguments, [](const Argument &a) -> Type { return a.type; });
  auto function = func::FuncOp::create(builder, nameLoc(graph.name()), "main",
                                       builder.getFunctionType(types, {}));
  if (!constantInputs.empty())
    function->setAttr(attrs::constants,
                      builder.getArrayAttr(llvm::to_vector_of<Attribute>(constantInputs)));
  entry = function.addEntryBlock();
  llvm::StringMap<size_t> numElements;
  for (auto [i, argument] : llvm::enumerate(arguments)) {
    BlockArgument value = entry->getArgument(i);
    value.setLoc(nameLoc(argument.name));
    function.setArgAttrs(i, getPortAttrs(argument.name, argument.isString));
    if (argument.sequence.empty())
      find(argument.name)->value = value;
    else
      (*find(argument.sequence)->sequence)[numElements[argument.sequence]++].value = value;
  }

  builder.setInsertionPointToEnd(entry);
  if (failed(importNodes(graph.node(), builder)))
    return failure();

  if (graph.output().empty())
    return fail("the graph has no outputs");
  for (const onnx::ValueInfoProto &output : graph.output()) {
    OnnxValue *value = find(output.name());
    if (!value)
      return fail("output '" + StringRef(output.name()) + "' is produced by no node");
    if (failed(checkStringOutput(output, *value)) || failed(addResults(output.name(), *value)))
      return failure();
  }
  func::ReturnOp::create(builder, function.getLoc(), results);
  function.setFunctionType(builder.getFunctionType(types, ValueRange(results).getTypes()));
  function.setAllResultAttrs(resultAttrs);
  if (hasStrings)
    function->setAttr(attrs::strings, strings.getTable(context));
  return success();
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

/// Calls `action` with every name that the node reads from around it. A nested graph's own names
/// hide those of the graphs around it.
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
    const onnx::GraphProto &graph = attribute.g();
    llvm::StringSet<> own;
    for (const onnx::ValueInfoProto &input : graph.input())
      own.insert(input.name());
    for (const onnx::TensorProto &initializer : graph.initializer())
      own.insert(initializer.name());
    for (const onnx::NodeProto &inner : graph.node())
      for (const std::string &output : inner.output())
        own.insert(output);
    auto use = [&](StringRef name) {
      if (!own.contains(name))
        action(name);
    };
    for (const onnx::NodeProto &inner : graph.node())
      forEachUse(inner, depth + 1, use);
    for (const onnx::ValueInfoProto &output : graph.output())
      use(output.name());
  }
}

LogicalResult OnnxGraphImporter::failCycle(const Nodes &nodes,
                                           const llvm::StringMap<int> &producers,
                                           ArrayRef<int> pending, int first) {
  auto findNeeded = [&](int node) {
    std::pair<int, std::string> found{-1, ""};
    forEachUse(nodes[node], 0, [&](StringRef name) {
      auto producer = producers.find(name);
      if (found.first < 0 && producer != producers.end() && pending[producer->second] > 0)
        found = {producer->second, name.str()};
    });
    return found;
  };
  // After as many steps as there are nodes the walk is in the cycle.
  for (int i = 0; i < nodes.size(); ++i)
    first = findNeeded(first).first;
  std::string message = describeOnnxNode(nodes[first]) + ": the graph is cyclic: it needs ";
  constexpr int maxNamed = 8;
  int node = first;
  for (int i = 0; i < maxNamed; ++i) {
    auto [next, name] = findNeeded(node);
    message += (i ? ", which needs '" : "'") + name + "' of " +
               (next == node && i == 0 ? "itself" : describeOnnxNode(nodes[next]));
    if (find(name))
      message += " (a value around this graph has this name too, which ONNX does not allow)";
    if ((node = next) == first)
      break;
  }
  return fail(message);
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
    Location loc = NameLoc::get(builder.getStringAttr(rt::printable(name)));
    if (failed(importNode(node, loc, builder)))
      return failure();
    for (int user : users[i])
      if (--pending[user] == 0)
        ready.push(user);
  }
  if (count == nodes.size())
    return success();
  for (int i = 0; i < nodes.size(); ++i)
    if (pending[i] > 0)
      return failCycle(nodes, producers, pending, i);
  return failure();
}

LogicalResult OnnxGraphImporter::importNode(const onnx::NodeProto &proto, Location loc,
                                            OpBuilder &builder) {
  // Functions that call functions can make any number of nodes of a small file.
  constexpr int64_t maxNodes = 4'000'000;
  if (++numNodes > maxNodes)
    return fail("the model has more than " + Twine(maxNodes) + " nodes");
  bool isKnown = proto.input_size() > 0 && !proto.input(0).empty();
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

  if (failed(checkStrings(proto)))
    return failure();
  StringRef domain = canonicalDomain(proto.domain());
  const OnnxOpRegistry::Build *build = registry.find(domain, proto.op_type(), getOpset(domain));
  const OnnxOpRegistry::FoldInts *fold = registry.findFold(domain, proto.op_type());
  OnnxNode node(*this, proto, getOpset(domain), builder, loc);
  if (!(fold && isKnown && (*fold)(node)) && !node.hasFailed()) {
    node.dropAssumptions();
    (*build)(node);
  }
  if (!error.empty())
    return failure();
  node.checkAssumptions();
  for (unsigned i = 0; i < node.getNumOutputs() && !node.hasFailed(); ++i)
    if (node.hasOutput(i) && !find(proto.output(i)))
      node.fail("output " + Twine(i) + " is not supported");
  if (!node.hasFailed())
    propagateStrings(proto);
  if (!node.hasFailed())
    return success();
  std::string message = describeOnnxNode(proto) + ": " + node.getError().str();
  unequal = node.getUnequalSizes();
  if (DimAttr size = node.getUnknownSize()) {
    noteUnknownSize();
    message += ", as a size is not static" + explainSymbolic(size);
  }
  return fail(message);
}

std::optional<SmallVector<OnnxValue>> OnnxGraphImporter::importNested(const onnx::GraphProto &graph,
                                                                      ArrayRef<OnnxValue> inputs,
                                                                      OpBuilder &builder,
                                                                      const Twine &place) {
  auto outputs = importGraph(graph, inputs, builder);
  if (!outputs)
    error += (", in " + place).str();
  return outputs;
}

std::optional<SmallVector<OnnxValue>> OnnxGraphImporter::importGraph(const onnx::GraphProto &graph,
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
  for (auto [input, value] : llvm::zip_equal(graph.input(), inputs)) {
    define(input.name(), value);
    if (input.type().tensor_type().elem_type() == onnx::TensorProto::STRING)
      markOnnxStrings(*find(input.name()));
  }
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
  auto nameOf = [](const onnx::FunctionProto &called) {
    return "'" + called.domain() + "." + called.name() + "'";
  };
  if (auto known = llvm::find(callStack, &function); known != callStack.end()) {
    auto between =
        llvm::map_range(llvm::make_range(std::next(known), callStack.end()),
                        [&](const onnx::FunctionProto *called) { return nameOf(*called); });
    std::string way = llvm::join(between, ", ");
    return fail(describeOnnxNode(call) + ": the function " + nameOf(function) + " calls itself" +
                (way.empty() ? "" : " by way of " + way) + ", which ONNX does not allow");
  }
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
  callStack.push_back(&function);
  llvm::scope_exit restore([&] {
    callStack.pop_back();
    opsets = std::move(outerOpsets);
    scopes.pop_back();
  });
  for (const onnx::OperatorSetIdProto &opset : function.opset_import())
    if (failed(readOpset(opset)))
      return failure();

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
