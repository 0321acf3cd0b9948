//===- Sequences.cpp - ONNX sequences and optionals ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sequences exist while importing only: their length and the positions used must be known.
//
//===----------------------------------------------------------------------===//

#include "Families.h"

#include "../OnnxGraph.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

using Elements = std::vector<OnnxValue>;

/// The elements of a sequence input; null after a failure.
static const Elements *getSequence(OnnxNode &n, unsigned input) {
  OnnxValue value = n.getInputValue(input);
  if (value.sequence)
    return value.sequence.get();
  n.fail("input " + Twine(input) + " is not a sequence");
  return nullptr;
}

static void setSequence(OnnxNode &n, Elements elements) {
  OnnxValue value;
  value.sequence = std::make_shared<Elements>(std::move(elements));
  n.setOutput(0, std::move(value));
}

/// A known position in a sequence of `size` elements, `limit` past which it is wrong.
static std::optional<size_t> getPosition(OnnxNode &n, unsigned input, size_t size, size_t limit) {
  SmallVector<int64_t> known = n.getIntsInput(input);
  if (n.hasFailed())
    return std::nullopt;
  int64_t position = known.size() == 1 ? known.front() : -1 - static_cast<int64_t>(size);
  if (position < 0)
    position += size;
  if (position < 0 || position >= static_cast<int64_t>(limit))
    return n.fail("the position is outside the sequence"), std::nullopt;
  return position;
}

static void construct(OnnxNode &n) {
  Elements elements;
  for (unsigned i = 0; i < n.getNumInputs(); ++i)
    elements.push_back(n.getInputValue(i));
  setSequence(n, std::move(elements));
}

static void insert(OnnxNode &n) {
  const Elements *sequence = getSequence(n, 0);
  if (!sequence)
    return;
  size_t at = sequence->size();
  if (n.hasInput(2)) {
    auto position = getPosition(n, 2, sequence->size(), sequence->size() + 1);
    if (!position)
      return;
    at = *position;
  }
  Elements elements(*sequence);
  elements.insert(elements.begin() + at, n.getInputValue(1));
  setSequence(n, std::move(elements));
}

static void erase(OnnxNode &n) {
  const Elements *sequence = getSequence(n, 0);
  if (!sequence || sequence->empty())
    return (void)n.fail("the sequence is empty");
  size_t at = sequence->size() - 1;
  if (n.hasInput(1)) {
    auto position = getPosition(n, 1, sequence->size(), sequence->size());
    if (!position)
      return;
    at = *position;
  }
  Elements elements(*sequence);
  elements.erase(elements.begin() + at);
  setSequence(n, std::move(elements));
}

static void elementAt(OnnxNode &n) {
  const Elements *sequence = getSequence(n, 0);
  if (!sequence)
    return;
  if (auto position = getPosition(n, 1, sequence->size(), sequence->size()))
    n.setOutput(0, (*sequence)[*position]);
}

static void length(OnnxNode &n) {
  if (const Elements *sequence = getSequence(n, 0))
    n.setKnownInts(0, {n.getBuilder().getI64Type(), {}, {n.dim(sequence->size())}});
}

/// Parts of given sizes, or of one size, or (with keepdims=0) single elements without the axis.
static void splitToSequence(OnnxNode &n) {
  Value x = n.getInput(0);
  if (!x)
    return;
  int64_t axis = n.normalizeAxis(n.getInt("axis", 0), n.getRank(x));
  if (n.hasFailed())
    return;
  DimAttr size = n.getDim(x, axis);
  SmallVector<int64_t> sizes;
  bool dropsAxis = false;
  if (n.hasInput(1) && n.getInputType(1) && n.getInputType(1).getRank() == 1) {
    sizes = n.getIntsInput(1);
  } else {
    SmallVector<int64_t> part{1};
    if (n.hasInput(1))
      part = n.getIntsInput(1);
    else
      dropsAxis = !n.getInt("keepdims", 1);
    if (n.hasFailed() || part.size() != 1 || part.front() <= 0 || !size.isConstant())
      return (void)n.failSymbolic("the axis must be static and the parts not empty", size);
    constexpr int64_t maxParts = 4096;
    for (int64_t left = size.getConstant(); left > 0 && sizes.size() <= maxParts;
         left -= part.front())
      sizes.push_back(std::min(left, part.front()));
    if (sizes.size() > maxParts)
      return (void)n.fail("the sequence is too long");
  }
  Elements elements;
  DimAttr offset = n.dim(0);
  for (int64_t part : sizes) {
    Value value = n.slice(x, axis, offset, n.dim(part));
    if (dropsAxis)
      value = n.squeeze(value, axis);
    if (!value)
      return;
    elements.push_back({n.getType(value), value, {}, {}, {}});
    offset = addDims(offset, n.dim(part));
  }
  setSequence(n, std::move(elements));
}

static void concatFromSequence(OnnxNode &n) {
  const Elements *sequence = getSequence(n, 0);
  if (!sequence || sequence->empty())
    return (void)n.fail("the sequence is empty");
  SmallVector<Value> values;
  for (OnnxValue element : *sequence)
    values.push_back(n.materialize(element));
  if (llvm::is_contained(values, Value()))
    return;
  bool isNew = n.getInt("new_axis", 0);
  int64_t axis = n.normalizeAxis(n.getInt("axis"), n.getRank(values.front()) + (isNew ? 1 : 0));
  for (Value &value : values)
    if (isNew)
      value = n.unsqueeze(value, axis);
  n.setOutput(0, n.concat(values, axis));
}

/// The body once per element of the first sequence; of the other inputs sequences are walked along,
/// tensors are given as they are.
static void sequenceMap(OnnxNode &n) {
  const onnx::GraphProto *body = n.getGraph("body");
  const Elements *first = getSequence(n, 0);
  if (!body || !first)
    return (void)n.fail("the body is missing");
  std::vector<Elements> outputs(n.getNumOutputs());
  if (body->output_size() != static_cast<int>(outputs.size()))
    return (void)n.fail("the body has another number of outputs");
  for (size_t step = 0; step < first->size(); ++step) {
    SmallVector<OnnxValue> inputs;
    for (unsigned i = 0; i < n.getNumInputs(); ++i) {
      OnnxValue value = n.getInputValue(i);
      if (value.sequence && value.sequence->size() != first->size())
        return (void)n.fail("the sequences differ in length");
      inputs.push_back(value.sequence ? (*value.sequence)[step] : value);
    }
    auto results = n.getImporter().importNested(*body, inputs, n.getBuilder(),
                                                "element " + Twine(step) + " of " + n.describe());
    if (!results)
      return;
    for (auto [output, result] : llvm::zip_equal(outputs, *results))
      output.push_back(result);
  }
  for (auto [i, output] : llvm::enumerate(outputs)) {
    OnnxValue value;
    value.sequence = std::make_shared<Elements>(std::move(output));
    n.setOutput(i, std::move(value));
  }
}

/// The input, or without one an optional that has no value.
static void optional(OnnxNode &n) {
  OnnxValue value = n.getInputValue(0);
  value.isAbsent |= !n.hasInput(0);
  n.setOutput(0, std::move(value));
}

static void optionalGetElement(OnnxNode &n) {
  if (!n.hasInput(0) || n.isAbsentInput(0))
    return (void)n.fail("the optional has no value");
  n.setOutput(0, n.getInputValue(0));
}

void tg::registerOnnxSequences(OnnxOpRegistry &r) {
  r.add("ConcatFromSequence", 11, concatFromSequence);
  r.add("SequenceAt", 11, elementAt);
  r.add("SequenceConstruct", 11, construct);
  r.add("SequenceEmpty", 11, [](OnnxNode &n) { setSequence(n, {}); });
  r.add("SequenceErase", 11, erase);
  r.add("SequenceInsert", 11, insert);
  r.add("SequenceLength", 11, length);
  r.add("SplitToSequence", 11, splitToSequence);
  r.add("SequenceMap", 17, sequenceMap);
  r.add("Optional", 15, optional);
  r.add("OptionalGetElement", 15, optionalGetElement);
  r.add("OptionalHasElement", 15, [](OnnxNode &n) {
    bool hasElement = n.hasInput(0) && !n.isAbsentInput(0);
    n.setKnownInts(0, {n.getBuilder().getI1Type(), {}, {n.dim(hasElement)}});
  });
}
