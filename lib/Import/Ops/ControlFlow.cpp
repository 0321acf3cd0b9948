//===- ControlFlow.cpp - ONNX If, Loop, Scan ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A condition or a trip count that is known while importing is resolved here, loops by unrolling,
// in which shapes may change from step to step. Scan outputs of more steps, of as many as a size
// says, or of as many as an scf.while has counted, are written in an scf.for. The rest becomes
// scf.if and scf.while.
//
//===----------------------------------------------------------------------===//

#include "Families.h"

#include "../OnnxGraph.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <array>

using namespace mlir;
using namespace tg;
using namespace tg::uop;

/// Steps that may be unrolled, and nodes that they may make where a loop would do.
static constexpr int64_t maxUnrolled = 256, maxUnrolledNodes = 32;
/// Of a loop with scan outputs whose number of steps is not known.
static constexpr int64_t maxDataSteps = int64_t(1) << 20;

static OnnxValue toValue(Value value) { return {TensorBuilder::getType(value), value, {}, {}, {}}; }

static OnnxValue knownScalar(OnnxNode &n, int64_t value, Type type) {
  return {RankedTensorType::get({}, type), {}, {}, OnnxInts{type, {}, {n.dim(value)}}, {}};
}

/// The SSA values; empty on failure.
static SmallVector<Value> materializeAll(OnnxNode &n, MutableArrayRef<OnnxValue> values) {
  SmallVector<Value> result;
  for (OnnxValue &value : values) {
    result.push_back(n.materialize(value));
    if (!result.back())
      return {};
  }
  return result;
}

/// The scalar i1 of a tensor of one element.
static Value extractCondition(OnnxNode &n, Value condition) {
  condition = n.reshape(condition, {});
  return condition ? tensor::ExtractOp::create(n.getBuilder(), n.getLoc(), condition).getResult()
                   : Value();
}

//===----------------------------------------------------------------------===//
// If
//===----------------------------------------------------------------------===//

/// The axis of `empty` that has size 0, where the other axes are those of `other`.
static std::optional<int64_t> findEmptyAxis(RankedTensorType empty, RankedTensorType other) {
  if (!empty || !other || empty.getElementType() != other.getElementType() ||
      empty.getRank() != other.getRank())
    return std::nullopt;
  std::optional<int64_t> result;
  for (auto [axis, size, wanted] : llvm::enumerate(getDims(empty), getDims(other))) {
    if (size == wanted)
      continue;
    if (result || !size.isConstant(0))
      return std::nullopt;
    result = axis;
  }
  return result;
}

/// One branch gives tensors without elements, as around a search that finds nothing in nothing: the
/// other one runs in any case, for sizes from data to be bound, and its results are cut to none
/// where `isEmpty` holds. False, without a failure, where the branches are not like that.
static bool cutToNone(OnnxNode &n, const onnx::GraphProto &empty, const onnx::GraphProto &other,
                      Value isEmpty) {
  OpBuilder &builder = n.getBuilder();
  SmallVector<RankedTensorType> types;
  {
    OpBuilder::InsertionGuard guard(builder);
    Region scratch;
    builder.createBlock(&scratch);
    auto outputs = n.getImporter().importNested(empty, {}, builder, "a branch of " + n.describe());
    if (!outputs)
      return true;
    for (const OnnxValue &output : *outputs) {
      if (!output.type || !llvm::is_contained(output.type.getShape(), 0))
        return false;
      types.push_back(output.type);
    }
  }
  auto outputs = n.getImporter().importNested(other, {}, builder, "a branch of " + n.describe());
  if (!outputs)
    return true;
  SmallVector<Value> values = materializeAll(n, *outputs);
  if (values.size() != types.size())
    return true;
  for (auto [i, value] : llvm::enumerate(values)) {
    std::optional<int64_t> axis = findEmptyAxis(types[i], n.getType(value));
    if (!axis) {
      n.failUnknown("the branches give values of different types", isEmpty);
      return true;
    }
    DimAttr size = n.getDim(value, *axis);
    Value zero = n.scalarInt(0, builder.getI64Type());
    DimAttr kept = n.bind(n.where(isEmpty, zero, n.size(size)), size);
    if (!kept)
      return true;
    n.setOutput(i, n.slice(value, *axis, n.dim(0), kept));
  }
  return true;
}

/// Whether both are tensors that differ in sizes only.
static bool differInSizes(Value first, Value second) {
  RankedTensorType lhs = TensorBuilder::getType(first), rhs = TensorBuilder::getType(second);
  return lhs.getElementType() == rhs.getElementType() && lhs.getRank() == rhs.getRank();
}

/// Gives the results of both branches one type: where a size differs it becomes a variable, which
/// is bound before the branches to the size of the one that `condition` picks. There the slices of
/// that size are whole. False after a failure.
static bool unifyBranches(OnnxNode &n, Value condition, std::array<SmallVector<Value>, 2> &results,
                          Region *regions[2]) {
  OpBuilder &builder = n.getBuilder();
  for (size_t i = 0; i < results[0].size(); ++i) {
    if (results[0][i].getType() == results[1][i].getType())
      continue;
    if (!n.getImporter().isInEntry(builder) || !differInSizes(results[0][i], results[1][i]))
      return n.failUnknown("the branches give values of different types", condition), false;
    SmallVector<DimAttr> sizes[] = {n.getDims(results[0][i]), n.getDims(results[1][i])};
    SmallVector<DimAttr> common(sizes[0]);
    for (size_t axis = 0; axis < common.size(); ++axis) {
      DimAttr first = sizes[0][axis], second = sizes[1][axis];
      if (first == second)
        continue;
      std::optional<ShapeBounds> bounds[] = {n.getImporter().getBounds(first),
                                             n.getImporter().getBounds(second)};
      if (!bounds[0] || !bounds[1])
        return n.fail("the size of a branch's result overflows 64 bits"), false;
      DimAttr most = n.dim(std::max(bounds[0]->second, bounds[1]->second));
      common[axis] = n.bind(n.where(condition, n.size(first), n.size(second)), most);
      if (!common[axis])
        return false;
    }
    for (size_t branch : {0, 1}) {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToEnd(&regions[branch]->front());
      SmallVector<DimAttr> offsets(common.size(), n.dim(0));
      results[branch][i] = n.shrink(results[branch][i], offsets, common);
      if (!results[branch][i])
        return false;
    }
  }
  return true;
}

static std::string nameBranch(OnnxNode &n, size_t branch) {
  return (branch == 0 ? "the 'then' branch of " : "the 'else' branch of ") + n.describe();
}

static void ifOp(OnnxNode &n) {
  const onnx::GraphProto *branches[] = {n.getGraph("then_branch"), n.getGraph("else_branch")};
  if (!branches[0] || !branches[1])
    return (void)n.fail("a branch is missing");
  OpBuilder &builder = n.getBuilder();
  if (std::optional<int64_t> isTaken = n.getKnownScalar(n.getInputValue(0))) {
    auto outputs = n.getImporter().importNested(*branches[*isTaken ? 0 : 1], {}, builder,
                                                nameBranch(n, *isTaken ? 0 : 1));
    for (size_t i = 0; outputs && i < outputs->size(); ++i)
      n.setOutput(i, (*outputs)[i]);
    return;
  }
  Value isFirst = n.reshape(n.getInput(0), {});
  if (!isFirst)
    return;
  if (n.getImporter().bindsSizes() && n.getImporter().isInEntry(builder))
    if (cutToNone(n, *branches[0], *branches[1], isFirst) ||
        cutToNone(n, *branches[1], *branches[0], n.unary<NotOp>(isFirst)))
      return;
  // The result types are known only after both branches are imported.
  builder.getContext()->loadDialect<scf::SCFDialect>();
  OperationState state(n.getLoc(), scf::IfOp::getOperationName());
  std::array<SmallVector<Value>, 2> results;
  Region *regions[] = {state.addRegion(), state.addRegion()};
  for (size_t branch : {0, 1}) {
    OpBuilder::InsertionGuard guard(builder);
    builder.createBlock(regions[branch]);
    auto outputs =
        n.getImporter().importNested(*branches[branch], {}, builder, nameBranch(n, branch));
    if (!outputs)
      return;
    results[branch] = materializeAll(n, *outputs);
    if (results[branch].size() != outputs->size())
      return;
  }
  if (results[0].size() != results[1].size())
    return (void)n.fail("the branches give different numbers of values");
  if (!unifyBranches(n, isFirst, results, regions))
    return;
  for (size_t branch : {0, 1}) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(&regions[branch]->front());
    scf::YieldOp::create(builder, n.getLoc(), results[branch]);
  }
  Value condition = extractCondition(n, isFirst);
  if (!condition)
    return;
  state.addOperands(condition);
  state.addTypes(ValueRange(results[0]).getTypes());
  Operation *op = builder.create(state);
  for (OpResult result : op->getResults())
    n.setOutput(result.getResultNumber(), Value(result));
}

//===----------------------------------------------------------------------===//
// Loop
//===----------------------------------------------------------------------===//

static int64_t countNodes(const onnx::GraphProto &graph) {
  int64_t count = graph.node_size();
  for (const onnx::NodeProto &node : graph.node())
    for (const onnx::AttributeProto &attribute : node.attribute())
      if (attribute.has_g())
        count += countNodes(attribute.g());
  return count;
}

/// Whether so many steps, which could be a loop where shapes stay, are one: each unrolled step is
/// compiled.
static bool isKeptAsLoop(OnnxNode &n, const onnx::GraphProto &body, int64_t count) {
  if (count > maxUnrolled || count == 0)
    return true;
  if (n.getImporter().unrollsLoops() || count * countNodes(body) <= maxUnrolledNodes)
    return false;
  n.getImporter().noteKeptLoop();
  return true;
}

/// Joins what the steps gave, along a new axis.
static Value stack(OnnxNode &n, ArrayRef<Value> steps, int64_t axis) {
  SmallVector<Value> parts;
  for (Value step : steps)
    parts.push_back(n.unsqueeze(step, axis));
  return llvm::is_contained(parts, Value()) ? Value() : n.concat(parts, axis);
}

/// Returns false, without a failure, where a step's condition is not known.
static bool unrollLoop(OnnxNode &n, const onnx::GraphProto &body, int64_t count,
                       SmallVector<OnnxValue> carried) {
  Type i64 = n.getBuilder().getI64Type(), i1 = n.getBuilder().getI1Type();
  size_t numScans = body.output_size() - 1 - carried.size();
  SmallVector<SmallVector<Value>> scans(numScans);
  for (int64_t step = 0; step < count; ++step) {
    SmallVector<OnnxValue> inputs{knownScalar(n, step, i64), knownScalar(n, 1, i1)};
    inputs.append(carried);
    auto outputs = n.getImporter().importNested(body, inputs, n.getBuilder(),
                                                "step " + Twine(step) + " of " + n.describe());
    if (!outputs)
      return true;
    std::optional<int64_t> goesOn = n.getKnownScalar(outputs->front());
    if (!goesOn)
      return false;
    for (size_t i = 0; i < carried.size(); ++i)
      carried[i] = (*outputs)[1 + i];
    SmallVector<Value> scanned =
        materializeAll(n, MutableArrayRef(*outputs).drop_front(1 + carried.size()));
    if (scanned.size() != numScans)
      return true;
    for (size_t i = 0; i < numScans; ++i)
      scans[i].push_back(scanned[i]);
    if (*goesOn == 0)
      break;
  }
  for (size_t i = 0; i < carried.size(); ++i)
    n.setOutput(i, carried[i]);
  for (size_t i = 0; i < numScans; ++i) {
    n.setOutput(carried.size() + i, stack(n, scans[i], 0));
  }
  return true;
}

/// Sequences exist while importing only.
static bool carriesSequence(ArrayRef<OnnxValue> carried) {
  return llvm::any_of(carried, [](const OnnxValue &value) { return value.sequence != nullptr; });
}

/// What a loop of `count` steps writes a scan output of the type of `step` to: zeros, with the new
/// axis.
static Value makeScanOutput(OnnxNode &n, RankedTensorType step, int64_t axis, DimAttr count) {
  SmallVector<DimAttr> dims = getDims(step);
  dims.insert(dims.begin() + axis, count);
  return n.broadcastTo(n.scalarInt(0, step.getElementType()), dims);
}

/// The body as an scf.for: `makeInputs` gives its inputs from the number of the step and the
/// carried values. Behind `numSkipped` others its outputs are the next carried values, and values
/// that are stacked along `axes`, backward where `isReversed`. All of them are the node's outputs.
static void forLoop(OnnxNode &n, const onnx::GraphProto &body, DimAttr count,
                    MutableArrayRef<OnnxValue> carried, size_t numSkipped, ArrayRef<int64_t> axes,
                    ArrayRef<int64_t> isReversed,
                    function_ref<SmallVector<OnnxValue>(DimAttr, ValueRange)> makeInputs) {
  if (carriesSequence(carried))
    return (void)n.failSymbolic("it builds a sequence in steps of which there are too many, or a "
                                "number that is not known",
                                count);
  SmallVector<Value> initial = materializeAll(n, carried);
  if (n.hasFailed() || initial.size() != carried.size())
    return;
  size_t numCarried = carried.size();
  auto runBody = [&](DimAttr i, ValueRange values) -> std::optional<SmallVector<Value>> {
    SmallVector<OnnxValue> inputs = makeInputs(i, values.take_front(numCarried));
    if (n.hasFailed())
      return std::nullopt;
    auto outputs =
        n.getImporter().importNested(body, inputs, n.getBuilder(), "the body of " + n.describe());
    if (!outputs)
      return std::nullopt;
    SmallVector<Value> results =
        materializeAll(n, MutableArrayRef(*outputs).drop_front(numSkipped));
    if (results.size() != outputs->size() - numSkipped)
      return std::nullopt;
    return results;
  };
  // The types of the scan outputs are known only after the body is imported.
  SmallVector<RankedTensorType> types;
  DimAttr step;
  {
    OpBuilder &builder = n.getBuilder();
    OpBuilder::InsertionGuard guard(builder);
    Region scratch;
    TypeRange carriedTypes = ValueRange(initial).getTypes();
    SmallVector<Location> locs(initial.size(), n.getLoc());
    Block *block = builder.createBlock(&scratch, {}, carriedTypes, locs);
    step = n.getImporter().bindStep(n.scalarInt(0, builder.getI64Type()), count, n);
    auto results = runBody(step, block->getArguments());
    if (!results)
      return;
    for (Value result : ArrayRef(*results).drop_front(numCarried))
      types.push_back(n.getType(result));
  }
  if (n.hasFailed() || types.size() != axes.size())
    return;
  SmallVector<int64_t> outputAxes;
  for (auto [axis, type] : llvm::zip_equal(axes, types)) {
    outputAxes.push_back(n.normalizeAxis(axis, type.getRank() + 1));
    if (n.hasFailed())
      return;
    initial.push_back(makeScanOutput(n, type, outputAxes.back(), count));
  }
  auto results = n.forLoop(
      count, initial,
      [&](DimAttr i, ValueRange values) {
        auto next = runBody(i, values);
        if (!next)
          return SmallVector<Value>();
        for (size_t k = 0; k < types.size(); ++k) {
          DimAttr at = isReversed[k] ? subDims(subDims(count, n.dim(1)), i) : i;
          Value &output = (*next)[numCarried + k];
          output = n.assignRow(values[numCarried + k], output, outputAxes[k], at);
        }
        return *next;
      },
      step);
  if (results)
    n.setOutputs(*results);
}

/// while (step < count && condition), with the step, the condition and the carried values as state.
/// Returns the number of steps and the carried values; nothing on failure.
static SmallVector<Value> whileLoop(OnnxNode &n, const onnx::GraphProto &body, Value count,
                                    MutableArrayRef<OnnxValue> carried) {
  OpBuilder &builder = n.getBuilder();
  Location loc = n.getLoc();
  builder.getContext()->loadDialect<scf::SCFDialect>();
  Type i64 = builder.getI64Type(), i1 = builder.getI1Type();
  SmallVector<Value> state{n.scalarInt(0, i64)};
  state.push_back(n.hasInput(1) ? n.reshape(n.getInput(1), {}) : n.scalarInt(1, i1));
  if (carriesSequence(carried))
    return n.failUnknown("it builds a sequence, in a number of steps that is not known",
                         count ? count : state[1]),
           SmallVector<Value>();
  SmallVector<Value> initial = materializeAll(n, carried);
  if (n.hasFailed() || initial.size() != carried.size())
    return {};
  state.append(initial);
  SmallVector<Type> types(ValueRange(state).getTypes());
  SmallVector<Location> locs(types.size(), loc);
  auto loop = scf::WhileOp::create(builder, loc, types, state);
  OpBuilder::InsertionGuard guard(builder);

  Block *before = builder.createBlock(&loop.getBefore(), {}, types, locs);
  Value goesOn = before->getArgument(1);
  if (count)
    goesOn = n.binary<AndOp>(goesOn, n.lt(before->getArgument(0), count));
  Value condition = extractCondition(n, goesOn);
  if (!condition)
    return {};
  scf::ConditionOp::create(builder, loc, condition, before->getArguments());

  Block *after = builder.createBlock(&loop.getAfter(), {}, types, locs);
  SmallVector<OnnxValue> inputs;
  for (BlockArgument argument : after->getArguments())
    inputs.push_back(toValue(argument));
  auto outputs = n.getImporter().importNested(body, inputs, builder, "the body of " + n.describe());
  if (!outputs)
    return {};
  SmallVector<Value> next =
      materializeAll(n, MutableArrayRef(*outputs).take_front(1 + carried.size()));
  if (next.empty())
    return {};
  next.front() = n.reshape(next.front(), {});
  next.insert(next.begin(), n.add(after->getArgument(0), n.scalarInt(1, i64)));
  if (n.hasFailed())
    return {};
  if (ValueRange(next).getTypes() != TypeRange(types))
    return n.failUnknown(
               "the shapes of the carried values change from step to step, of a number of "
               "steps that is not known",
               count ? count : state[1]),
           SmallVector<Value>();
  scf::YieldOp::create(builder, loc, next);
  SmallVector<Value> results(loop.getResults());
  results.erase(results.begin() + 1); // The condition.
  return results;
}

/// The trip count, where it is an expression of the variables that is never negative.
static std::optional<DimAttr> getSteps(OnnxNode &n, const OnnxValue &count) {
  if (std::optional<int64_t> known = n.getKnownScalar(count))
    return n.dim(std::max<int64_t>(0, *known));
  if (!count.ints || count.ints->elements.size() != 1)
    return std::nullopt;
  DimAttr steps = count.ints->elements.front();
  std::optional<ShapeBounds> bounds = n.getImporter().getBounds(steps);
  return bounds && bounds->first >= 0 ? std::optional(steps) : std::nullopt;
}

/// Whether the condition that the body gives is the one that it takes, or true.
static bool keepsCondition(const onnx::GraphProto &body) {
  if (body.input_size() < 2 || body.output_size() < 1)
    return false;
  std::string name = body.output(0).name();
  for (int i = body.node_size(); i-- > 0;) {
    const onnx::NodeProto &node = body.node(i);
    if (!llvm::is_contained(node.output(), name))
      continue;
    if (node.op_type() != "Identity" || !node.domain().empty() || node.input_size() != 1)
      break;
    name = node.input(0);
  }
  return name == body.input(1).name();
}

static void loop(OnnxNode &n) {
  const onnx::GraphProto *body = n.getGraph("body");
  if (!body)
    return (void)n.fail("the body is missing");
  SmallVector<OnnxValue> carried;
  for (unsigned i = 2; i < n.getNumInputs(); ++i)
    carried.push_back(n.getInputValue(i));
  if (body->output_size() < static_cast<int>(carried.size()) + 1)
    return (void)n.fail("the body has too few outputs");
  bool hasCondition = n.hasInput(1);
  OnnxValue count = n.getInputValue(0), condition = n.getInputValue(1);
  std::optional<int64_t> known = n.getKnownScalar(count), first = n.getKnownScalar(condition);
  if (hasCondition && first && *first == 0)
    known = 0;
  bool isEmpty = known && *known <= 0;
  bool scans = body->output_size() > static_cast<int>(carried.size()) + 1;
  bool endsByCount = isEmpty || ((!hasCondition || first) && keepsCondition(*body));
  bool isKept = known && endsByCount && !isEmpty && isKeptAsLoop(n, *body, *known);
  if (known && !(isEmpty && scans) && *known <= maxUnrolled && (!hasCondition || first) &&
      !isKept) {
    // What a given-up attempt leaves behind has no uses.
    if (unrollLoop(n, *body, std::max<int64_t>(0, *known), carried))
      return;
  }
  auto runSteps = [&](DimAttr steps) {
    SmallVector<int64_t> zeros(body->output_size() - 1 - carried.size(), 0);
    forLoop(n, *body, steps, carried, 1, zeros, zeros, [&](DimAttr i, ValueRange values) {
      SmallVector<OnnxValue> inputs{toValue(n.size(i)),
                                    knownScalar(n, 1, n.getBuilder().getI1Type())};
      for (Value value : values)
        inputs.push_back(toValue(value));
      return inputs;
    });
  };
  // Steps that nothing ends early, but too many to unroll, or as many as a size says.
  std::optional<DimAttr> steps = isEmpty ? n.dim(0) : getSteps(n, count);
  if (steps && (scans || isKept) && endsByCount)
    return runSteps(*steps);
  Value limit = n.hasInput(0) ? n.reshape(n.getInput(0), {}) : Value();
  if (n.hasFailed())
    return;
  SmallVector<Value> results = whileLoop(n, *body, limit, carried);
  if (results.empty())
    return;
  if (!scans)
    return n.setOutputs(ArrayRef(results).drop_front());
  // Only the loop can tell how long its scan outputs are: it runs once to count its steps, and once
  // more to write them.
  DimAttr most = steps.value_or(n.dim(maxDataSteps));
  if (most.isConstant())
    most = n.dim(std::min(most.getConstant(), maxDataSteps));
  if (DimAttr number = n.bind(results.front(), most))
    runSteps(number);
}

//===----------------------------------------------------------------------===//
// Scan
//===----------------------------------------------------------------------===//

namespace {
/// The operands of a scan, and how it walks them.
struct ScanOperands {
  const onnx::GraphProto *body = nullptr;
  SmallVector<OnnxValue> states;
  SmallVector<Value> scanned;
  SmallVector<int64_t> inputAxes, inputReversed;
};
} // namespace

/// Applies the body to one element of each scanned input after the other: the last states, and what
/// each step gave. Nothing on failure.
static std::optional<SmallVector<SmallVector<Value>>> runScan(OnnxNode &n, ScanOperands &scan) {
  DimAttr length = n.getDim(scan.scanned.front(), scan.inputAxes.front());
  if (!length.isConstant() || length.getConstant() > maxUnrolled || length.isConstant(0)) {
    n.failSymbolic("the scanned axis must be static, between 1 and " + Twine(maxUnrolled), length);
    return std::nullopt;
  }
  int64_t count = length.getConstant();
  size_t numStates = scan.states.size();
  size_t numOutputs = scan.body->output_size() - numStates;
  SmallVector<SmallVector<Value>> steps(numOutputs);
  for (int64_t step = 0; step < count; ++step) {
    SmallVector<OnnxValue> inputs(scan.states);
    for (size_t i = 0; i < scan.scanned.size(); ++i) {
      int64_t at = scan.inputReversed[i] ? count - 1 - step : step, axis = scan.inputAxes[i];
      Value part = n.squeeze(n.slice(scan.scanned[i], axis, n.dim(at), n.dim(1)), axis);
      if (!part)
        return std::nullopt;
      inputs.push_back(toValue(part));
    }
    auto outputs = n.getImporter().importNested(*scan.body, inputs, n.getBuilder(),
                                                "step " + Twine(step) + " of " + n.describe());
    if (!outputs)
      return std::nullopt;
    scan.states.assign(outputs->begin(), outputs->begin() + numStates);
    SmallVector<Value> values = materializeAll(n, MutableArrayRef(*outputs).drop_front(numStates));
    if (values.size() != numOutputs)
      return std::nullopt;
    for (size_t i = 0; i < numOutputs; ++i)
      steps[i].push_back(values[i]);
  }
  return steps;
}

/// Reads the body and the inputs from `first` on; nothing on failure.
static std::optional<ScanOperands> readScan(OnnxNode &n, unsigned first) {
  ScanOperands scan;
  scan.body = n.getGraph("body");
  int64_t numScanned = n.getInt("num_scan_inputs");
  int64_t numStates = static_cast<int64_t>(n.getNumInputs()) - first - numScanned;
  if (!scan.body || n.hasFailed() || numScanned < 1 || numStates < 0)
    return n.fail("expected a body and at least one scanned input"), std::nullopt;
  if (scan.body->output_size() < numStates)
    return n.fail("the body has too few outputs"), std::nullopt;
  for (int64_t i = 0; i < numStates; ++i)
    scan.states.push_back(n.getInputValue(first + i));
  for (int64_t i = 0; i < numScanned; ++i)
    scan.scanned.push_back(n.getInput(first + numStates + i));
  if (n.hasFailed() || llvm::is_contained(scan.scanned, Value()))
    return std::nullopt;
  return scan;
}

static void scan(OnnxNode &n) {
  std::optional<ScanOperands> operands = readScan(n, 0);
  if (!operands)
    return;
  size_t numStates = operands->states.size();
  size_t numScanned = operands->scanned.size();
  size_t numOutputs = operands->body->output_size() - numStates;
  operands->inputAxes = n.getInts("scan_input_axes", numScanned, 0);
  operands->inputReversed = n.getInts("scan_input_directions", numScanned, 0);
  SmallVector<int64_t> outputAxes = n.getInts("scan_output_axes", numOutputs, 0),
                       outputReversed = n.getInts("scan_output_directions", numOutputs, 0);
  for (auto [axis, value] : llvm::zip_equal(operands->inputAxes, operands->scanned))
    axis = n.normalizeAxis(axis, n.getRank(value));
  if (n.hasFailed())
    return;
  DimAttr length = n.getDim(operands->scanned.front(), operands->inputAxes.front());
  for (auto [axis, value] : llvm::zip_equal(operands->inputAxes, operands->scanned))
    if (n.getDim(value, axis) != length)
      return (void)n.failSizes("the scanned axes differ in length", length, n.getDim(value, axis));
  if (!length.isConstant() || isKeptAsLoop(n, *operands->body, length.getConstant()))
    return forLoop(n, *operands->body, length, operands->states, 0, outputAxes, outputReversed,
                   [&](DimAttr i, ValueRange values) {
                     SmallVector<OnnxValue> inputs = llvm::map_to_vector(values, toValue);
                     for (size_t k = 0; k < numScanned; ++k) {
                       bool isReversed = operands->inputReversed[k];
                       DimAttr at = isReversed ? subDims(subDims(length, n.dim(1)), i) : i;
                       Value part = n.takeRow(operands->scanned[k], operands->inputAxes[k], at);
                       if (part)
                         inputs.push_back(toValue(part));
                     }
                     return inputs;
                   });
  auto steps = runScan(n, *operands);
  if (!steps)
    return;
  for (size_t i = 0; i < numStates; ++i)
    n.setOutput(i, operands->states[i]);
  for (size_t i = 0; i < numOutputs; ++i) {
    SmallVector<Value> &parts = (*steps)[i];
    if (outputReversed[i])
      std::reverse(parts.begin(), parts.end());
    int64_t axis = n.normalizeAxis(outputAxes[i], n.getRank(parts.front()) + 1);
    n.setOutput(numStates + i, stack(n, parts, axis));
  }
}

/// Opset 8: every operand has a batch axis first, the scanned axis second, and the body sees
/// neither. The samples are scanned one after the other.
static void batchedScan(OnnxNode &n) {
  if (n.hasInput(0))
    return (void)n.fail("sequence_lens is not supported");
  std::optional<ScanOperands> operands = readScan(n, 1);
  if (!operands)
    return;
  DimAttr batch = n.getDim(operands->scanned.front(), 0);
  if (!batch.isConstant() || batch.getConstant() < 1 || batch.getConstant() > maxUnrolled)
    return (void)n.failSymbolic("the batch must be static, between 1 and " + Twine(maxUnrolled),
                                batch);
  SmallVector<Value> states = materializeAll(n, operands->states);
  if (states.size() != operands->states.size())
    return;
  SmallVector<SmallVector<Value>> results(operands->body->output_size());
  for (int64_t sample = 0; sample < batch.getConstant(); ++sample) {
    auto take = [&](Value x) { return n.squeeze(n.slice(x, 0, n.dim(sample), n.dim(1)), 0); };
    ScanOperands one;
    one.body = operands->body;
    one.inputAxes.assign(operands->scanned.size(), 0);
    one.inputReversed = n.getInts("directions", operands->scanned.size(), 0);
    for (Value state : states)
      if (Value value = take(state))
        one.states.push_back(toValue(value));
    for (Value x : operands->scanned)
      one.scanned.push_back(take(x));
    if (n.hasFailed())
      return;
    auto steps = runScan(n, one);
    if (!steps)
      return;
    SmallVector<Value> last = materializeAll(n, one.states);
    if (last.size() != states.size())
      return;
    for (auto [i, value] : llvm::enumerate(last))
      results[i].push_back(value);
    for (auto [i, parts] : llvm::enumerate(*steps))
      results[last.size() + i].push_back(stack(n, parts, 0));
  }
  for (auto [i, samples] : llvm::enumerate(results))
    n.setOutput(i, stack(n, samples, 0));
}

void tg::registerOnnxControlFlow(OnnxOpRegistry &r) {
  r.add("If", 1, ifOp);
  r.add("Loop", 1, loop);
  r.add("Scan", 8, batchedScan);
  r.add("Scan", 9, scan);
}
