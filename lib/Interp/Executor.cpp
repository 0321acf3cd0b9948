//===- Executor.cpp - Runs uop operations -----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Executor.h"

#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace tg;
using namespace tg::interp;

/// Chains of unevaluated nodes are cut here, which bounds recursion and recomputation.
static constexpr unsigned maxHeight = 64;

static DType typeOf(Value value) { return *getDType(getElementTypeOrSelf(value.getType())); }

static rt::Result<Entries> asEntries(const rt::Result<NodePtr> &node) {
  if (!node)
    return node.status();
  return Entries{{*node, {}}};
}

static rt::Result<Entries> asEntries(const rt::Result<llvm::SmallVector<NodePtr>> &nodes) {
  if (!nodes)
    return nodes.status();
  Entries entries;
  for (const NodePtr &node : *nodes)
    entries.push_back({node, {}});
  return entries;
}

Entries Executor::operandsOf(Operation *op, Frame &frame) {
  return llvm::map_to_vector<4>(op->getOperands(),
                                [&](Value value) { return frame.values.lookup(value); });
}

//===----------------------------------------------------------------------===//
// Dimensions
//===----------------------------------------------------------------------===//

static std::string toString(uop::DimAttr dim) {
  std::string text;
  llvm::raw_string_ostream os(text);
  dim.printExpr(os);
  return text;
}

/// " with N = 2, K = 3"; empty if it has none.
static std::string describeVars(uop::DimAttr dim, Frame &frame) {
  std::string text;
  for (StringAttr var : dim.getVars())
    text += (text.empty() ? " with " : ", ") + var.str() + " = " +
            std::to_string(frame.vars.lookup(var.getValue()));
  return text;
}

rt::Result<int64_t> Executor::evaluate(uop::DimAttr dim, Frame &frame) {
  for (StringAttr var : dim.getVars())
    if (!frame.vars.count(var.getValue()))
      return rt::error("variable " + var.getValue().str() + " has no value");
  auto value = uop::evaluate(
      dim, [&](StringRef var) -> std::optional<int64_t> { return frame.vars.lookup(var); });
  if (value)
    return *value;
  return rt::error("cannot evaluate dimension " + toString(dim) +
                   ": it overflows, or divides by what is below one");
}

rt::Result<Shape> Executor::shapeOf(Value value, Frame &frame) {
  auto type = cast<RankedTensorType>(value.getType());
  Shape shape;
  std::vector<int64_t> extents;
  for (uop::DimAttr dim : uop::getDims(type)) {
    auto size = evaluate(dim, frame);
    if (!size)
      return size.status();
    if (*size < 0)
      return rt::error("dimension " + toString(dim) + " is " + std::to_string(*size));
    shape.push_back(*size);
    extents.push_back(*size);
  }
  if (auto count = rt::elementCount(extents); !count)
    return count.status();
  return shape;
}

uop::Access Executor::substitute(const uop::Access &access, const uop::VarScope &scope,
                                 Frame &frame) {
  MLIRContext *context = scope.getContext();
  auto symbols = llvm::map_to_vector(scope.getVars(), [&](StringAttr var) {
    return getAffineConstantExpr(frame.vars.lookup(var.getValue()), context);
  });
  uop::Access result;
  for (AffineExpr expr : access.indices)
    result.indices.push_back(expr.replaceSymbols(symbols));
  for (const uop::Access::Constraint &constraint : access.constraints)
    result.constraints.push_back({constraint.expr.replaceSymbols(symbols), constraint.isZero});
  return result;
}

//===----------------------------------------------------------------------===//
// Sources and movement
//===----------------------------------------------------------------------===//

rt::Result<Entries> Executor::constant(Operation *op, Attribute value, Frame &frame) {
  auto elements = dyn_cast<ElementsAttr>(value);
  auto shape = shapeOf(op->getResult(0), frame);
  if (!elements || !shape)
    return shape ? rt::error("expected a constant with elements") : shape.status();
  bool isSplat = false;
  std::optional<DType> dtype = getDType(getElementTypeOrSelf(op->getResult(0).getType()));
  if (!dtype)
    return rt::error("makes a tensor of a type that uop does not know");
  auto storage = readElements(elements, *dtype, isSplat);
  if (!storage)
    return storage.status();
  if (isSplat)
    return Entries{{makeSplat(*shape, makeMaterialized(*dtype, {}, *storage)), {}}};
  return Entries{{makeMaterialized(*dtype, *shape, *storage), {}}};
}

/// Whether [offset, offset + (size - 1) * stride] lies in [0, extent).
static rt::Status checkSlice(int64_t axis, int64_t offset, int64_t size, int64_t stride,
                             int64_t extent) {
  if (size == 0 && offset >= 0)
    return rt::Status();
  if (offset >= 0 && offset < extent && (size - 1) <= (extent - 1 - offset) / stride)
    return rt::Status();
  return rt::error("slice of " + std::to_string(size) + " from " + std::to_string(offset) +
                   " leaves axis " + std::to_string(axis) + " of size " + std::to_string(extent));
}

rt::Result<NodePtr> Executor::movement(uop::MovementOpInterface op, Frame &frame) {
  auto shape = shapeOf(op->getResult(0), frame);
  if (!shape)
    return shape.status();
  if (auto shrink = dyn_cast<uop::ShrinkOp>(*op)) {
    NodePtr input = tensor(shrink.getInput(), frame);
    for (auto [axis, dim] : llvm::enumerate(shrink.getOffsets().getDims())) {
      auto offset = evaluate(dim, frame);
      if (!offset)
        return offset.status();
      if (rt::Status status = checkSlice(axis, *offset, (*shape)[axis], shrink.getStrideOf(axis),
                                         input->shape[axis]);
          !status)
        return status;
    }
  }
  if (auto pad = dyn_cast<uop::PadOp>(*op))
    for (uop::DimsAttr amounts : {pad.getLow(), pad.getHigh()})
      for (uop::DimAttr dim : amounts.getDims()) {
        auto amount = evaluate(dim, frame);
        if (!amount || *amount < 0)
          return amount ? rt::error("padding " + toString(dim) + " is " + std::to_string(*amount))
                        : amount.status();
      }
  uop::VarScope scope(op->getContext());
  llvm::SmallVector<Node::Source, 2> sources;
  for (unsigned i = 0; i < op.getNumMovedOperands(); ++i) {
    uop::Access access = op.getAccess(i, scope);
    for (StringAttr var : scope.getVars())
      if (!frame.vars.count(var.getValue()))
        return rt::error("variable " + var.getValue().str() + " has no value");
    sources.push_back({tensor(op->getOperand(i), frame), substitute(access, scope, frame)});
  }
  if (Value fill = op.getFillValue())
    sources.push_back({tensor(fill, frame), {}});
  return makeMove(typeOf(op->getResult(0)), *shape, std::move(sources));
}

rt::Result<NodePtr> Executor::assign(uop::AssignOp op, Frame &frame) {
  NodePtr dest = tensor(op.getDest(), frame), source = tensor(op.getSource(), frame);
  MLIRContext *context = op.getContext();
  uop::Access inside, identity = uop::Access::identity(context, dest->shape.size());
  for (size_t axis = 0; axis < dest->shape.size(); ++axis) {
    int64_t offset = 0;
    if (op.getOffsets()) {
      auto value = evaluate((*op.getOffsets())[axis], frame);
      if (!value)
        return value.status();
      offset = *value;
    }
    if (rt::Status status = checkSlice(axis, offset, source->shape[axis], 1, dest->shape[axis]);
        !status)
      return status;
    AffineExpr shifted = getAffineDimExpr(axis, context) - offset;
    inside.indices.push_back(shifted);
    inside.constraints.push_back({shifted});
    inside.constraints.push_back({source->shape[axis] - 1 - shifted});
  }
  llvm::SmallVector<Node::Source, 2> sources;
  sources.push_back({source, inside});
  sources.push_back({dest, identity});
  return makeMove(dest->dtype, dest->shape, std::move(sources));
}

rt::Result<Entries> Executor::unwindow(uop::UnwindowOp op, Frame &frame) {
  auto shape = shapeOf(op.getResult(), frame);
  if (!shape)
    return shape.status();
  // A sum over the taps, which read 0 where no position exists.
  uop::VarScope scope(op.getContext());
  uop::Access access = op.getTapAccess(scope);
  DType dtype = typeOf(op.getResult());
  Shape extents = *shape;
  llvm::SmallVector<int64_t> tapAxes;
  for (uop::DimAttr tap : op.getTapSizes()) {
    tapAxes.push_back(extents.size());
    extents.push_back(tap.getConstant());
  }
  llvm::SmallVector<Node::Source, 2> sources;
  sources.push_back({tensor(op.getInput(), frame), substitute(access, scope, frame)});
  NodePtr taps = makeMove(dtype, extents, std::move(sources));
  Combiner sum(uop::CombineKind::Add, op.getType().getElementType());
  return asEntries(evaluator.reduce(sum, taps, tapAxes));
}

rt::Status Executor::bind(uop::BindOp op, Frame &frame) {
  NodePtr value = tensor(op.getValue(), frame);
  if (rt::Status status = evaluator.materialize(value); !status)
    return status;
  undetermined |= value->storage.bounds && *value->storage.bounds != 0;
  int64_t bound = Evaluator::integerAt(value, 0);
  auto var = SymbolTable::lookupNearestSymbolFrom<uop::VarOp>(op, op.getVarAttr());
  if (var && (bound < int64_t(var.getMin()) || bound > int64_t(var.getMax())))
    return rt::error("variable " + op.getVar().str() + " is bound to " + std::to_string(bound) +
                     ", outside of its bounds [" + std::to_string(var.getMin()) + ", " +
                     std::to_string(var.getMax()) + "]");
  frame.vars[op.getVar()] = bound;
  return rt::Status();
}

//===----------------------------------------------------------------------===//
// All uop operations
//===----------------------------------------------------------------------===//

template <typename OpTy> static Combiner makeCombiner(OpTy op) {
  if (op.getKind())
    return Combiner(*op.getKind(), getElementTypeOrSelf(op.getInputs().front().getType()));
  return Combiner(op.getCombiner().front(), op.getIdentitiesAttr().getValue());
}

static std::optional<Combiner> makeCombiner(uop::ScatterOp op) {
  if (op.getKind() == uop::ScatterKind::Set)
    return std::nullopt;
  // The kinds have the same numbers.
  return Combiner(static_cast<uop::CombineKind>(op.getKind()),
                  getElementTypeOrSelf(op.getDest().getType()));
}

rt::Result<Entries> Executor::runUOp(Operation *op, Frame &frame) {
  auto tensors = [&](ValueRange values) {
    return llvm::map_to_vector(values, [&](Value value) { return tensor(value, frame); });
  };
  using Return = rt::Result<Entries>;
  return TypeSwitch<Operation *, Return>(op)
      .Case<uop::ElementwiseOpInterface>([&](auto elementwise) -> Return {
        NodePtr node =
            makeElementwise(elementwise.getElementwiseKind(), typeOf(op->getResult(0)),
                            tensor(op->getOperand(0), frame)->shape, tensors(op->getOperands()));
        return Entries{{node, {}}};
      })
      .Case<uop::MovementOpInterface>(
          [&](auto movementOp) -> Return { return asEntries(movement(movementOp, frame)); })
      .Case<uop::ConstOp>(
          [&](auto constOp) -> Return { return constant(op, constOp.getValue(), frame); })
      .Case<uop::IotaOp>([&](auto iota) -> Return {
        auto shape = shapeOf(iota.getResult(), frame);
        if (!shape)
          return shape.status();
        return Entries{{makeIota(typeOf(iota.getResult()), *shape, iota.getAxis()), {}}};
      })
      .Case<uop::ContiguousOp, uop::CopyOp>([&](auto copy) -> Return {
        NodePtr node = tensor(copy.getInput(), frame);
        if (rt::Status status = evaluator.materialize(node); !status)
          return status;
        return Entries{{node, {}}};
      })
      .Case<uop::DetachOp>(
          [&](auto detach) -> Return { return Entries{{tensor(detach.getInput(), frame), {}}}; })
      .Case<uop::AssignOp>(
          [&](auto assignOp) -> Return { return asEntries(assign(assignOp, frame)); })
      .Case<uop::UnwindowOp>([&](auto unwindowOp) { return unwindow(unwindowOp, frame); })
      .Case<uop::ReduceOp>([&](auto reduce) -> Return {
        return asEntries(
            evaluator.reduce(makeCombiner(reduce), tensors(reduce.getInputs()), reduce.getAxes()));
      })
      .Case<uop::ScanOp>([&](auto scan) -> Return {
        return asEntries(evaluator.scan(makeCombiner(scan), tensors(scan.getInputs()),
                                        scan.getAxis(), scan.getExclusive(), scan.getReverse()));
      })
      .Case<uop::SortOp>([&](auto sort) -> Return {
        return asEntries(
            evaluator.sort(tensors(sort.getInputs()), sort.getAxis(), sort.getDescending()));
      })
      .Case<uop::GatherOp>([&](auto gather) -> Return {
        auto shape = shapeOf(gather.getResult(), frame);
        if (!shape)
          return shape.status();
        return asEntries(evaluator.gather(tensor(gather.getInput(), frame),
                                          tensor(gather.getIndices(), frame), gather.getAxis(),
                                          gather.getBatch(), *shape));
      })
      .Case<uop::ScatterOp>([&](auto scatter) -> Return {
        std::optional<Combiner> kind = makeCombiner(scatter);
        return asEntries(evaluator.scatter(
            kind ? &*kind : nullptr, tensor(scatter.getDest(), frame),
            tensor(scatter.getIndices(), frame), tensor(scatter.getUpdates(), frame),
            scatter.getAxis(), scatter.getBatch()));
      })
      .Case<uop::CompactOp>([&](auto compact) -> Return {
        auto results = evaluator.compact(tensor(compact.getMask(), frame));
        if (!results)
          return results.status();
        return Entries{{results->first, {}}, {results->second, {}}};
      })
      .Case<uop::SizeOp>([&](auto size) -> Return {
        auto value = evaluate(size.getExpression(), frame);
        if (!value)
          return value.status();
        return Entries{{makeScalar(DType::I64, *value), {}}};
      })
      .Case<uop::BindOp>([&](auto bindOp) -> Return {
        if (rt::Status status = bind(bindOp, frame); !status)
          return status;
        return Entries{};
      })
      .Case<uop::CheckOp>([&](auto check) -> Return {
        for (uop::DimAttr dim : check.getExpressions().getDims())
          if (auto value = evaluate(dim, frame); !value || (*value < 0 && !check.getDefined()))
            return rt::error(check.getMessage().str() + describeVars(dim, frame));
        return Entries{};
      })
      .Case<uop::VarOp>([&](auto) -> Return { return Entries{}; })
      .Case<uop::KernelOp>([&](auto kernel) -> Return {
        if (!kernel.getOuts().empty())
          return rt::error("is bufferized; the interpreter runs kernels on tensors");
        return runBlock(kernel.getBody().front(), operandsOf(op, frame), frame);
      })
      .Case<uop::CustomOp>([&](auto custom) -> Return {
        auto function = SymbolTable::lookupNearestSymbolFrom<FunctionOpInterface>(
            op, custom.getReferenceAttr());
        return call(function, operandsOf(op, frame), frame.vars, frame.depth + 1);
      })
      .Default([](Operation *) -> Return { return rt::error("is not known to the interpreter"); });
}

rt::Result<Entries> Executor::runOp(Operation *op, Frame &frame) {
  bool isUOp = isa_and_nonnull<uop::UOpDialect>(op->getDialect());
  auto results = isUOp ? runUOp(op, frame) : runHost(op, frame);
  if (!results)
    return atOperation(results.status(), op);
  for (const Entry &entry : *results)
    if (entry.tensor && entry.tensor->height > maxHeight)
      if (rt::Status status = evaluator.materialize(entry.tensor); !status)
        return atOperation(status, op);
  return results;
}
