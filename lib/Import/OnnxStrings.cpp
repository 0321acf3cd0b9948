//===- OnnxStrings.cpp - Tensors of strings while importing ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OnnxStrings.h"

#include "OnnxGraph.h"
#include "Ops/Families.h"

using namespace mlir;
using namespace tg;

int64_t OnnxStrings::getId(StringRef text) {
  if (strings.empty() && !text.empty())
    getId("");
  auto [it, isNew] = ids.try_emplace(text, strings.size());
  if (isNew)
    strings.push_back(it->first());
  return it->second;
}

ArrayAttr OnnxStrings::getTable(MLIRContext *context) const {
  return Builder(context).getStrArrayAttr(strings);
}

bool tg::isOnnxStrings(const OnnxValue &value) {
  if (!value.sequence)
    return value.isString;
  return !value.sequence->empty() && isOnnxStrings(value.sequence->front());
}

void tg::markOnnxStrings(OnnxValue &value) {
  if (value.sequence)
    llvm::for_each(*value.sequence, markOnnxStrings);
  else if (value.isTensor())
    value.isString = true;
}

StringRef tg::adviseOnText(ArrayRef<std::string> nodes) {
  auto worksOnText = [](StringRef node) {
    return node.contains("(String") || node.contains("(Regex") || node.contains("Tokenizer)") ||
           node.contains("(com.microsoft.MurmurHash3)");
  };
  return llvm::any_of(nodes, worksOnText)
             ? "; strings are never taken apart or put together: do that before the model"
             : "";
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

/// Whether ids can be told from numbers in this input: it is there, and no empty sequence.
static bool isTelling(const OnnxValue *value) {
  return value && !value->isAbsent && !(value->sequence && value->sequence->empty());
}

LogicalResult OnnxGraphImporter::checkStrings(const onnx::NodeProto &node) {
  StringRef domain = canonicalDomain(node.domain());
  const OnnxStringRule *rule = registry.findStrings(domain, node.op_type());
  int strings = -1, others = -1;
  for (auto [i, name] : llvm::enumerate(node.input())) {
    OnnxValue *value = name.empty() ? nullptr : find(name);
    if (!isTelling(value))
      continue;
    bool isString = isOnnxStrings(*value);
    auto place = [&, name = name] { return describeOnnxNode(node) + ": input '" + name + "'"; };
    if (value->keys && !(domain.empty() && node.op_type() == "Identity"))
      return fail(place() + " is a list of maps, which only the model's caller can read");
    if (rule && rule->hasGraphs)
      continue;
    bool takes = rule && OnnxStringRule::has(rule->inputs, i);
    if (isString && !takes)
      return fail(place() + " holds strings, which tg can move, compare for being equal and map "
                            "to numbers by tables, but not give to this operator");
    if (takes)
      (isString ? strings : others) = static_cast<int>(i);
  }
  if (strings >= 0 && others >= 0)
    return fail(describeOnnxNode(node) + ": input " + Twine(strings) + " holds strings, input " +
                Twine(others) + " does not");
  return success();
}

/// Which outputs of a node with graphs are strings, by the types that these declare.
static void markOfGraphs(const onnx::NodeProto &node, function_ref<void(int)> mark) {
  int numSkipped = node.op_type() == "Loop" ? 1 : 0; // Its condition.
  for (const onnx::AttributeProto &attribute : node.attribute())
    for (int i = numSkipped; attribute.has_g() && i < attribute.g().output_size(); ++i)
      if (attribute.g().output(i).type().tensor_type().elem_type() == onnx::TensorProto::STRING)
        mark(i - numSkipped);
}

void OnnxGraphImporter::propagateStrings(const onnx::NodeProto &node) {
  const OnnxStringRule *rule = registry.findStrings(canonicalDomain(node.domain()), node.op_type());
  if (!rule)
    return;
  auto mark = [&](int i) {
    if (i < node.output_size() && !node.output(i).empty())
      if (OnnxValue *value = find(node.output(i)))
        markOnnxStrings(*value);
  };
  if (rule->hasGraphs)
    return markOfGraphs(node, mark);
  bool hasStrings = false;
  for (auto [i, name] : llvm::enumerate(node.input()))
    if (OnnxValue *value = name.empty() ? nullptr : find(name))
      hasStrings |= isOnnxStrings(*value);
  for (int i = 0; hasStrings && i < node.output_size(); ++i)
    if (OnnxStringRule::has(rule->outputs, i))
      mark(i);
}

DictionaryAttr OnnxGraphImporter::getPortAttrs(StringRef name, bool isString, Attribute keys) {
  Builder builder(context);
  NamedAttrList attrs;
  attrs.set(attrs::name, builder.getStringAttr(name));
  if (isString)
    attrs.set(attrs::string, builder.getUnitAttr());
  if (keys)
    attrs.set(attrs::keys, keys);
  hasStrings |= isString;
  return attrs.getDictionary(context);
}

LogicalResult OnnxGraphImporter::checkStringOutput(const onnx::ValueInfoProto &output,
                                                   const OnnxValue &value) {
  const onnx::TypeProto *type = &output.type();
  if (type->has_optional_type())
    type = &type->optional_type().elem_type();
  bool isMap = type->has_sequence_type() && type->sequence_type().elem_type().has_map_type();
  if (isMap && !value.keys)
    return fail("output '" + output.name() + "' is a list of maps that no ZipMap makes");
  bool isString =
      type->has_tensor_type() && type->tensor_type().elem_type() == onnx::TensorProto::STRING;
  if (isString && value.isTensor() && !value.isString)
    return fail("output '" + output.name() +
                "' is declared to hold strings, and no table of strings leads to it");
  return success();
}

//===----------------------------------------------------------------------===//
// OnnxNode
//===----------------------------------------------------------------------===//

bool OnnxNode::isString(unsigned i) const {
  OnnxValue *value = findInput(i);
  return value && isOnnxStrings(*value);
}

SmallVector<int64_t> OnnxNode::getStringIds(ArrayRef<std::string> texts) {
  return llvm::map_to_vector(
      texts, [&](const std::string &text) { return importer.getStrings().getId(text); });
}

void OnnxNode::setStrings(unsigned i, OnnxValue ids) {
  ids.isString = true;
  setOutput(i, std::move(ids));
}

void OnnxNode::setStrings(unsigned i, Value ids) {
  if (ids)
    setStrings(i, OnnxValue{getType(ids), ids, {}, {}, {}});
}

void OnnxNode::setMaps(unsigned i, Value rows, Attribute keys) {
  if (!rows)
    return;
  OnnxValue value{getType(rows), rows, {}, {}, {}};
  value.keys = keys;
  setOutput(i, std::move(value));
}

//===----------------------------------------------------------------------===//
// What operators do with strings
//===----------------------------------------------------------------------===//

/// Operators that move elements: the inputs with these numbers, and every output, are strings.
static void addMoving(OnnxOpRegistry &r, ArrayRef<StringRef> ops, uint32_t inputs) {
  for (StringRef op : ops)
    r.setStrings(op, {inputs, OnnxStringRule::all});
}

void tg::registerOnnxStrings(OnnxOpRegistry &r) {
  // By the inputs that are data, one bit each.
  addMoving(r, {"Concat", "Identity", "SequenceConstruct"}, OnnxStringRule::all);
  addMoving(r,
            {"CenterCropPad",
             "Compress",
             "ConcatFromSequence",
             "DepthToSpace",
             "Expand",
             "Flatten",
             "Gather",
             "GatherElements",
             "GatherND",
             "Optional",
             "OptionalGetElement",
             "Reshape",
             "ReverseSequence",
             "SequenceAt",
             "SequenceErase",
             "Slice",
             "SpaceToDepth",
             "Split",
             "SplitToSequence",
             "Squeeze",
             "Tile",
             "Transpose",
             "Trilu",
             "Unsqueeze"},
            0b1);
  addMoving(r, {"SequenceInsert"}, 0b11);
  addMoving(r, {"OneHot"}, 0b100);
  addMoving(r, {"Pad", "Scatter", "ScatterElements", "ScatterND"}, 0b101);
  addMoving(r, {"Where"}, 0b110);
  r.setStrings("ArrayFeatureExtractor", {0b1, 0b1}, "ai.onnx.ml");
  r.setStrings("Unique", {0b1, 0b1});
  r.setStrings("Cast", {0b1, 0b1});
  r.setStrings("CastLike", {0b11, 0b1});
  for (StringRef op : {"OptionalHasElement", "SequenceLength", "Shape", "Size"})
    r.setStrings(op, {0b1, 0});
  r.setStrings("Equal", {0b11, 0});
  for (StringRef op : {"If", "Loop", "Scan", "SequenceMap"})
    r.setStrings(op, {0, 0, /*hasGraphs=*/true});
  // These set by themselves which outputs are strings.
  for (StringRef op : {"CategoryMapper", "LabelEncoder", "OneHotEncoder"})
    r.setStrings(op, {0b1, 0}, "ai.onnx.ml");
  r.setStrings("TfIdfVectorizer", {0b1, 0});
}
