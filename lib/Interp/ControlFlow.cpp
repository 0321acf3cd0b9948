//===- ControlFlow.cpp - Calls, scf and host scalars ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Executor.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"

#include <cstring>

using namespace mlir;
using namespace tg;
using namespace tg::interp;

//===----------------------------------------------------------------------===//
// Blocks and functions
//===----------------------------------------------------------------------===//

static void findDeaths(Operation *function, DenseMap<Operation *, SmallVector<Value, 2>> &deaths) {
  // Not `isBeforeInBlock`: it numbers the block, and other threads may run the same function.
  DenseMap<Operation *, unsigned> order;
  function->walk<WalkOrder::PreOrder>([&](Operation *op) { order.try_emplace(op, order.size()); });
  auto visit = [&](Value value) {
    Operation *last = nullptr;
    for (Operation *user : value.getUsers()) {
      Operation *ancestor = value.getParentBlock()->findAncestorOpInBlock(*user);
      if (ancestor && (!last || order.lookup(last) < order.lookup(ancestor)))
        last = ancestor;
    }
    if (last)
      deaths[last].push_back(value);
  };
  function->walk([&](Operation *op) {
    for (Value result : op->getResults())
      visit(result);
    for (Region &region : op->getRegions())
      for (Block &block : region)
        for (Value argument : block.getArguments())
          visit(argument);
  });
}

rt::Result<Entries> Executor::call(FunctionOpInterface function, Entries arguments,
                                   const VarValues &vars, unsigned depth) {
  if (!function || function.isExternal())
    return rt::error("calls a function without a body");
  if (!llvm::hasSingleElement(function.getFunctionBody()))
    return rt::error("calls a function of several blocks");
  if (depth > options.maxCallDepth)
    return rt::error("calls nest deeper than " + std::to_string(options.maxCallDepth));
  Frame frame;
  frame.vars = vars;
  frame.depth = depth;
  findDeaths(function, frame.deaths);
  return runBlock(function.getFunctionBody().front(), std::move(arguments), frame);
}

/// The operands of the terminator.
rt::Result<Entries> Executor::runBlock(Block &block, Entries arguments, Frame &frame) {
  for (auto [argument, entry] : llvm::zip_equal(block.getArguments(), arguments))
    frame.values[argument] = entry;
  arguments.clear();
  for (Operation &op : block) {
    if (op.hasTrait<OpTrait::IsTerminator>())
      return operandsOf(&op, frame);
    auto results = runOp(&op, frame);
    if (!results)
      return results.status();
    for (auto [value, entry] : llvm::zip_equal(op.getResults(), *results))
      if (!value.use_empty())
        frame.values[value] = entry;
    for (Value dead : frame.deaths.lookup(&op))
      frame.values.erase(dead);
  }
  return Entries{};
}

//===----------------------------------------------------------------------===//
// Scalars
//===----------------------------------------------------------------------===//

rt::Result<Attribute> Executor::extract(const NodePtr &node, int64_t index, Type type) {
  if (rt::Status status = evaluator.materialize(node); !status)
    return status;
  undetermined |= node->storage.bounds && node->storage.bounds[index] != 0;
  if (auto floatType = dyn_cast<FloatType>(type)) {
    double value = node->storage.isWide ? static_cast<const double *>(node->storage.data)[index]
                                        : loadAsDouble(node->dtype, node->storage.data, index);
    return Attribute(FloatAttr::get(floatType, roundTo(node->dtype, value)));
  }
  auto bits = static_cast<uint64_t>(Evaluator::integerAt(node, index));
  unsigned width = type.getIntOrFloatBitWidth();
  return Attribute(IntegerAttr::get(type, APInt(64, bits).trunc(width)));
}

rt::Result<NodePtr> Executor::fromScalars(ArrayRef<Attribute> scalars, RankedTensorType type) {
  auto dtype = getDType(type.getElementType());
  if (!dtype || !type.hasStaticShape())
    return rt::error("makes a tensor that uop does not know");
  auto storage = allocateStorage(*dtype, scalars.size(), /*bounded=*/false);
  if (!storage)
    return storage.status();
  unsigned width = elementBytes(*dtype);
  for (auto [i, scalar] : llvm::enumerate(scalars)) {
    uint64_t bits = getScalarBits(scalar);
    std::memcpy(static_cast<char *>(storage->mutableData()) + i * width, &bits, width);
  }
  return makeMaterialized(*dtype, type.getShape(), *storage);
}

/// Arithmetic on host scalars is what MLIR's own folders make of constants.
rt::Result<Entries> Executor::foldScalar(Operation *op, Frame &frame) {
  SmallVector<Attribute> operands;
  for (const Entry &entry : operandsOf(op, frame)) {
    if (entry.tensor)
      return rt::error("is not known to the interpreter");
    operands.push_back(entry.scalar);
  }
  SmallVector<OpFoldResult> folded;
  // Folders may also change the operation in place; a clone takes that. Its operands are arguments
  // of a block of its own: uses of the module's values would be a write to what other threads run.
  Block block;
  IRMapping mapping;
  for (Value operand : op->getOperands())
    if (!mapping.contains(operand))
      mapping.map(operand, block.addArgument(operand.getType(), operand.getLoc()));
  OwningOpRef<Operation *> clone = op->cloneWithoutRegions(mapping);
  if (failed(clone->fold(operands, folded)) || folded.size() != op->getNumResults())
    return rt::error("has no value for these operands, or is not known to the interpreter");
  Entries results;
  for (OpFoldResult result : folded) {
    if (auto attribute = dyn_cast<Attribute>(result)) {
      results.push_back({{}, attribute});
      continue;
    }
    auto it = llvm::find(clone->getOperands(), cast<Value>(result));
    results.push_back({{}, operands[it - clone->getOperands().begin()]});
  }
  return results;
}

//===----------------------------------------------------------------------===//
// scf
//===----------------------------------------------------------------------===//

static int64_t toInt(Attribute scalar) {
  return cast<IntegerAttr>(scalar).getValue().getSExtValue();
}

rt::Result<Entries> Executor::ifOp(scf::IfOp op, Frame &frame) {
  bool condition = toInt(frame.values.lookup(op.getCondition()).scalar) != 0;
  Region &region = condition ? op.getThenRegion() : op.getElseRegion();
  return region.empty() ? rt::Result<Entries>(Entries{}) : runBlock(region.front(), {}, frame);
}

rt::Result<Entries> Executor::forOp(scf::ForOp op, Frame &frame) {
  auto lower = cast<IntegerAttr>(frame.values.lookup(op.getLowerBound()).scalar).getValue();
  auto upper = cast<IntegerAttr>(frame.values.lookup(op.getUpperBound()).scalar).getValue();
  auto step = cast<IntegerAttr>(frame.values.lookup(op.getStep()).scalar).getValue();
  bool isUnsigned = op.getUnsignedCmp();
  if (isUnsigned ? step.isZero() : !step.isStrictlyPositive())
    return rt::error("has a step that is not positive");
  Type type = op.getInductionVar().getType();
  Entries carried =
      llvm::map_to_vector<4>(op.getInitArgs(), [&](Value v) { return frame.values.lookup(v); });
  for (APInt i = lower; isUnsigned ? i.ult(upper) : i.slt(upper);) {
    Entries arguments{{{}, IntegerAttr::get(type, i)}};
    arguments.append(carried.begin(), carried.end());
    auto results = runBlock(*op.getBody(), std::move(arguments), frame);
    if (!results)
      return results;
    carried = std::move(*results);
    bool overflows = false;
    i = isUnsigned ? i.uadd_ov(step, overflows) : i.sadd_ov(step, overflows);
    if (overflows)
      break;
  }
  return carried;
}

rt::Result<Entries> Executor::whileOp(scf::WhileOp op, Frame &frame) {
  Entries carried = operandsOf(op, frame);
  while (true) {
    auto before = runBlock(op.getBefore().front(), std::move(carried), frame);
    if (!before)
      return before;
    // The condition, then what it passes on.
    bool condition = toInt(before->front().scalar) != 0;
    before->erase(before->begin());
    if (!condition)
      return before;
    auto after = runBlock(op.getAfter().front(), std::move(*before), frame);
    if (!after)
      return after;
    carried = std::move(*after);
  }
}

/// Operations of other dialects.
rt::Result<Entries> Executor::runHost(Operation *op, Frame &frame) {
  using Return = rt::Result<Entries>;
  auto rowMajor = [&](const NodePtr &node, ValueRange indices) -> rt::Result<int64_t> {
    int64_t position = 0;
    for (auto [size, value] : llvm::zip_equal(node->shape, indices)) {
      int64_t index = toInt(frame.values.lookup(value).scalar);
      if (index < 0 || index >= size)
        return rt::error("index " + std::to_string(index) + " is out of range for an axis of " +
                         std::to_string(size));
      position = position * size + index;
    }
    return position;
  };
  return TypeSwitch<Operation *, Return>(op)
      .Case<scf::IfOp>([&](auto ifOp) { return this->ifOp(ifOp, frame); })
      .Case<scf::ForOp>([&](auto forOp) { return this->forOp(forOp, frame); })
      .Case<scf::WhileOp>([&](auto whileOp) { return this->whileOp(whileOp, frame); })
      .Case<func::CallOp>([&](auto callOp) {
        auto function =
            SymbolTable::lookupNearestSymbolFrom<FunctionOpInterface>(op, callOp.getCalleeAttr());
        return call(function, operandsOf(op, frame), frame.vars, frame.depth + 1);
      })
      .Case<arith::ConstantOp>([&](auto constOp) -> Return {
        if (isa<ShapedType>(constOp.getType()))
          return constant(op, constOp.getValue(), frame);
        return Entries{{{}, constOp.getValue()}};
      })
      .Case<tensor::ExtractOp>([&](auto extractOp) -> Return {
        NodePtr node = tensor(extractOp.getTensor(), frame);
        auto position = rowMajor(node, extractOp.getIndices());
        if (!position)
          return position.status();
        auto scalar = extract(node, *position, extractOp.getType());
        if (!scalar)
          return scalar.status();
        return Entries{{{}, *scalar}};
      })
      .Case<tensor::FromElementsOp>([&](auto fromOp) -> Return {
        SmallVector<Attribute> scalars;
        for (const Entry &entry : operandsOf(op, frame))
          scalars.push_back(entry.scalar);
        auto node = fromScalars(scalars, fromOp.getType());
        if (!node)
          return node.status();
        return Entries{{*node, {}}};
      })
      .Case<tensor::DimOp>([&](auto dimOp) -> Return {
        NodePtr node = tensor(dimOp.getSource(), frame);
        int64_t axis = toInt(frame.values.lookup(dimOp.getIndex()).scalar);
        if (axis < 0 || axis >= int64_t(node->shape.size()))
          return rt::error("axis " + std::to_string(axis) + " is out of range");
        return Entries{{{}, IntegerAttr::get(dimOp.getType(), node->shape[axis])}};
      })
      .Default([&](Operation *) { return foldScalar(op, frame); });
}
