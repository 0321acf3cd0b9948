//===- ControlFlow.cpp - ONNX If, Loop, Scan ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A condition or a trip count that is known while importing is resolved here, loops by unrolling,
// in which shapes may change from step to step. The rest becomes scf.if and scf.while.
//
//===----------------------------------------------------------------------===//

#include "Families.h"

#include "../OnnxGraph.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

static constexpr int64_t maxUnrolled = 256;

/// The constant integer or boolean of a value; nothing if it is not known.
static std::optional<int64_t> getKnownScalar(const OnnxValue &value) {
  if (!value.ints || value.ints->elements.size() != 1 || !value.ints->isConstant())
    return std::nullopt;
  return value.ints->elements.front().getConstant();
}

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

static void ifOp(OnnxNode &n) {
  const onnx::GraphProto *branches[] = {n.getGraph("then_branch"), n.getGraph("else_branch")};
  if (!branches[0] || !branches[1])
    return (void)n.fail("a branch is missing");
  OpBuilder &builder = n.getBuilder();
  if (const OnnxInts *known = n.getKnownInts(0); known && known->isConstant()) {
    bool isTaken = known->elements.size() == 1 && known->elements.front().getConstant() != 0;
    auto outputs = n.getImporter().importNested(*branches[isTaken ? 0 : 1], {}, builder);
    for (size_t i = 0; outputs && i < outputs->size(); ++i)
      n.setOutput(i, (*outputs)[i]);
    return;
  }
  Value condition = extractCondition(n, n.getInput(0));
  if (!condition)
    return;
  // The result types are known only after both branches are imported.
  builder.getContext()->loadDialect<scf::SCFDialect>();
  OperationState state(n.getLoc(), scf::IfOp::getOperationName());
  SmallVector<SmallVector<Value>> results;
  for (const onnx::GraphProto *branch : branches) {
    Region *region = state.addRegion();
    OpBuilder::InsertionGuard guard(builder);
    builder.createBlock(region);
    auto outputs = n.getImporter().importNested(*branch, {}, builder);
    if (!outputs)
      return;
    results.push_back(materializeAll(n, *outputs));
    if (results.back().size() != outputs->size())
      return;
    scf::YieldOp::create(builder, n.getLoc(), results.back());
  }
  auto types = ValueRange(results[0]).getTypes();
  if (types != ValueRange(results[1]).getTypes())
    return (void)n.failUnknown("the branches give values of different types");
  state.addOperands(condition);
  state.addTypes(types);
  Operation *op = builder.create(state);
  for (OpResult result : op->getResults())
    n.setOutput(result.getResultNumber(), Value(result));
}

//===----------------------------------------------------------------------===//
// Loop
//===----------------------------------------------------------------------===//

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
    auto outputs = n.getImporter().importNested(body, inputs, n.getBuilder());
    if (!outputs)
      return true;
    std::optional<int64_t> goesOn = getKnownScalar(outputs->front());
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
    if (scans[i].empty())
      return n.fail("a loop without steps has no shape for its scan outputs"), true;
    n.setOutput(carried.size() + i, stack(n, scans[i], 0));
  }
  return true;
}

/// while (step < count && condition), with the step, the condition and the carried values as state.
static void whileLoop(OnnxNode &n, const onnx::GraphProto &body, Value count,
                      SmallVector<OnnxValue> carried) {
  if (body.output_size() != static_cast<int>(carried.size()) + 1)
    return (void)n.failUnknown("scan outputs need a trip count and conditions that are known");
  OpBuilder &builder = n.getBuilder();
  Location loc = n.getLoc();
  builder.getContext()->loadDialect<scf::SCFDialect>();
  Type i64 = builder.getI64Type(), i1 = builder.getI1Type();
  SmallVector<Value> state{n.scalarInt(0, i64)};
  state.push_back(n.hasInput(1) ? n.reshape(n.getInput(1), {}) : n.scalarInt(1, i1));
  SmallVector<Value> initial = materializeAll(n, carried);
  if (n.hasFailed() || initial.size() != carried.size())
    return;
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
    return;
  scf::ConditionOp::create(builder, loc, condition, before->getArguments());

  Block *after = builder.createBlock(&loop.getAfter(), {}, types, locs);
  SmallVector<OnnxValue> inputs;
  for (BlockArgument argument : after->getArguments())
    inputs.push_back(toValue(argument));
  auto outputs = n.getImporter().importNested(body, inputs, builder);
  if (!outputs)
    return;
  SmallVector<Value> next = materializeAll(n, *outputs);
  if (next.size() != outputs->size())
    return;
  next.front() = n.reshape(next.front(), {});
  next.insert(next.begin(), n.add(after->getArgument(0), n.scalarInt(1, i64)));
  if (n.hasFailed())
    return;
  if (ValueRange(next).getTypes() != TypeRange(types))
    return (void)n.failUnknown("the shapes of the carried values change from step to step");
  scf::YieldOp::create(builder, loc, next);
  for (size_t i = 0; i < carried.size(); ++i)
    n.setOutput(i, Value(loop.getResult(2 + i)));
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
  std::optional<int64_t> known = getKnownScalar(count), first = getKnownScalar(condition);
  if (hasCondition && first && *first == 0)
    known = 0;
  if (known && *known <= maxUnrolled && (!hasCondition || first)) {
    // What a given-up attempt leaves behind has no uses.
    if (unrollLoop(n, *body, std::max<int64_t>(0, *known), carried))
      return;
  }
  Value limit = n.hasInput(0) ? n.reshape(n.getInput(0), {}) : Value();
  if (!n.hasFailed())
    whileLoop(n, *body, limit, carried);
}

//===----------------------------------------------------------------------===//
// Scan
//===----------------------------------------------------------------------===//

static void scan(OnnxNode &n) {
  const onnx::GraphProto *body = n.getGraph("body");
  int64_t numScanned = n.getInt("num_scan_inputs");
  int64_t numStates = static_cast<int64_t>(n.getNumInputs()) - numScanned;
  if (!body || n.hasFailed() || numScanned < 1 || numStates < 0)
    return (void)n.fail("expected a body and at least one scanned input");
  int64_t numOutputs = body->output_size() - numStates;
  if (numOutputs < 0)
    return (void)n.fail("the body has too few outputs");
  SmallVector<int64_t> inputAxes = n.getInts("scan_input_axes", numScanned, 0),
                       inputReversed = n.getInts("scan_input_directions", numScanned, 0),
                       outputAxes = n.getInts("scan_output_axes", numOutputs, 0),
                       outputReversed = n.getInts("scan_output_directions", numOutputs, 0);
  SmallVector<OnnxValue> states;
  SmallVector<Value> scanned;
  for (int64_t i = 0; i < numStates; ++i)
    states.push_back(n.getInputValue(i));
  for (int64_t i = 0; i < numScanned; ++i) {
    scanned.push_back(n.getInput(numStates + i));
    if (scanned.back())
      inputAxes[i] = n.normalizeAxis(inputAxes[i], n.getRank(scanned.back()));
  }
  if (n.hasFailed() || llvm::is_contained(scanned, Value()))
    return;
  DimAttr length = n.getDim(scanned.front(), inputAxes.front());
  if (!length.isConstant() || length.getConstant() > maxUnrolled || length.isConstant(0))
    return (void)n.fail("the scanned axis must be static, between 1 and " + Twine(maxUnrolled));

  int64_t count = length.getConstant();
  SmallVector<SmallVector<Value>> steps(numOutputs);
  for (int64_t step = 0; step < count; ++step) {
    SmallVector<OnnxValue> inputs(states);
    for (int64_t i = 0; i < numScanned; ++i) {
      int64_t at = inputReversed[i] ? count - 1 - step : step;
      Value part = n.slice(scanned[i], inputAxes[i], n.dim(at), n.dim(1));
      part = n.squeeze(part, inputAxes[i]);
      if (!part)
        return;
      inputs.push_back(toValue(part));
    }
    auto outputs = n.getImporter().importNested(*body, inputs, n.getBuilder());
    if (!outputs)
      return;
    states.assign(outputs->begin(), outputs->begin() + numStates);
    SmallVector<Value> values = materializeAll(n, MutableArrayRef(*outputs).drop_front(numStates));
    if (static_cast<int64_t>(values.size()) != numOutputs)
      return;
    for (int64_t i = 0; i < numOutputs; ++i)
      steps[i].push_back(values[i]);
  }
  for (int64_t i = 0; i < numStates; ++i)
    n.setOutput(i, states[i]);
  for (int64_t i = 0; i < numOutputs; ++i) {
    if (outputReversed[i])
      std::reverse(steps[i].begin(), steps[i].end());
    int64_t axis = n.normalizeAxis(outputAxes[i], n.getRank(steps[i].front()) + 1);
    n.setOutput(numStates + i, stack(n, steps[i], axis));
  }
}

void tg::registerOnnxControlFlow(OnnxOpRegistry &r) {
  r.add("If", 1, ifOp);
  r.add("Loop", 1, loop);
  r.add("Scan", 9, scan);
}
