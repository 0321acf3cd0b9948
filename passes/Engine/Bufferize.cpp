//===- Bufferize.cpp - Give every tensor a buffer ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Kernels are functional and every other operation at this level is structured control flow, so
// each tensor gets exactly one buffer and no conflict analysis is needed; see docs/engine.md for
// why this is not upstream's one-shot bufferization.
//
// Before:  %1 = uop.kernel ins(%0 : tensor<4xf32>) -> tensor<4xf32> {...}
// After:   %b = uop.buffer [4] : memref<4xf32>
//          uop.kernel ins(%a : memref<4xf32>) outs(%b : memref<4xf32>) {...}
//
// Test: test/Engine/bufferize.mlir
//
//===----------------------------------------------------------------------===//

#include "tg/Analysis/Reads.h"
#include "tg/Engine/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace tg {
#define GEN_PASS_DEF_BUFFERIZE
#include "tg/Engine/Passes.h.inc"
} // namespace tg

using namespace mlir;
using namespace tg;
using namespace tg::uop;

namespace {

MemRefType toMemRef(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  return MemRefType::get(tensor.getShape(), tensor.getElementType());
}

/// Where the only result of the kernel begins in its input, in elements, if it is a part of it that
/// lies together there: a copy, no kernel. Of static shapes only.
std::optional<int64_t> getCopiedOffset(KernelOp kernel) {
  Block &body = kernel.getBody().front();
  Value value = body.getTerminator()->getOperand(0);
  auto type = cast<RankedTensorType>(value.getType());
  if (kernel.getNumResults() != 1 || kernel.getInputs().size() != 1 || !type.hasStaticShape() ||
      type.getNumElements() == 0 ||
      (type.getElementTypeBitWidth() < 8 && type.getElementTypeBitWidth() != 1))
    return std::nullopt;
  for (Operation &op : body.without_terminator()) {
    auto movement = dyn_cast<MovementOpInterface>(op);
    if (!isa<ContiguousOp>(op) &&
        (!movement || movement.getNumMovedOperands() != 1 || movement.getFillValue()))
      return std::nullopt;
  }
  VarScope scope(kernel.getContext());
  SmallVector<DimAttr> dims = getDims(type);
  auto tree =
      TreeReads::get(dims, value, [](Value value) { return isa<BlockArgument>(value); }, scope);
  if (!tree || tree->getLeaves().size() != 1 || tree->getLeaves().front().second.size() != 1)
    return std::nullopt;
  auto &[leaf, reads] = tree->getLeaves().front();
  auto source = cast<RankedTensorType>(leaf.getType());
  if (!source.hasStaticShape() || reads.front().conditions.any())
    return std::nullopt;
  auto linearize = [&](ArrayRef<AffineExpr> indices, ArrayRef<DimAttr> shape) {
    return linearizeIndex(scope.getContext(), indices, llvm::map_to_vector(shape, [&](DimAttr dim) {
                            return scope.getExpr(dim);
                          }));
  };
  SmallVector<AffineExpr> identity;
  SmallVector<IndexRange> ranges;
  for (auto [axis, dim] : llvm::enumerate(dims)) {
    identity.push_back(getAffineDimExpr(axis, scope.getContext()));
    ranges.push_back(IndexRange::ofExtent(scope.getExpr(dim)));
  }
  AffineExpr from = linearize(reads.front().indices, getDims(source));
  AffineExpr to = linearize(identity, dims);
  if (!from || !to)
    return std::nullopt;
  auto offset = dyn_cast<AffineConstantExpr>(simplifyInRange(from - to, ranges, {}));
  return offset && offset.getValue() >= 0 ? std::optional(offset.getValue()) : std::nullopt;
}

class Bufferizer {
public:
  explicit Bufferizer(func::FuncOp function) : function(function), builder(function.getContext()) {}

  LogicalResult run() {
    if (!llvm::hasSingleElement(function.getBody()))
      return function.emitOpError("has several blocks; control flow must be scf's");
    Block &entry = function.getBody().front();
    SmallVector<Type> types;
    SmallVector<DictionaryAttr> attrs;
    auto addArgument = [&](Type type, DictionaryAttr old, bool isOutput) {
      NamedAttrList list(old);
      list.set(attrs::type, TypeAttr::get(type));
      if (isOutput)
        list.set(attrs::output, builder.getUnitAttr());
      types.push_back(toMemRef(type));
      attrs.push_back(list.getDictionary(builder.getContext()));
    };
    for (auto [i, argument] : llvm::enumerate(entry.getArguments())) {
      if (!isa<RankedTensorType>(argument.getType()))
        return function.emitOpError("argument ")
               << i << " must be a tensor, got " << argument.getType();
      addArgument(argument.getType(), function.getArgAttrDict(i), false);
      argument.setType(types.back());
      buffers[argument] = argument;
    }
    auto ret = dyn_cast<func::ReturnOp>(entry.getTerminator());
    if (!ret)
      return function.emitOpError("must end in func.return");
    SmallVector<Value> destinations;
    for (auto [i, type] : llvm::enumerate(function.getResultTypes())) {
      if (!isa<RankedTensorType>(type))
        return function.emitOpError("result ") << i << " must be a tensor, got " << type;
      addArgument(type, function.getResultAttrDict(i), true);
      destinations.push_back(entry.addArgument(types.back(), ret.getLoc()));
    }
    if (failed(convertBlock(entry, ret.getOperands(), destinations)))
      return failure();
    builder.setInsertionPoint(ret);
    func::ReturnOp::create(builder, ret.getLoc());
    ret.erase();
    eraseDead();
    function.setFunctionType(builder.getFunctionType(types, {}));
    function.setResAttrsAttr(nullptr);
    function.setAllArgAttrs(attrs);
    return success();
  }

private:
  Value makeBuffer(Location loc, Type type) {
    auto tensor = cast<RankedTensorType>(type);
    auto dims = DimsAttr::get(type.getContext(), getDims(tensor));
    return BufferOp::create(builder, loc, toMemRef(type), dims, nullptr);
  }

  /// Converts the operations before the terminator; `values` end up in `destinations`, written
  /// there directly by the kernel that makes them where nothing else is in the way.
  LogicalResult convertBlock(Block &block, ValueRange values, ArrayRef<Value> destinations) {
    for (auto [value, destination] : llvm::zip_equal(values, destinations))
      if (value.getDefiningOp<KernelOp>() && value.getParentBlock() == &block)
        hints.try_emplace(value, destination);
    for (Operation &op : llvm::make_early_inc_range(block.without_terminator()))
      if (failed(convert(&op)))
        return failure();
    builder.setInsertionPoint(block.getTerminator());
    copyAll(block.getTerminator()->getLoc(), values, destinations);
    return success();
  }

  /// Parallel copies: a source that is also a destination is saved first.
  void copyAll(Location loc, ValueRange values, ArrayRef<Value> destinations) {
    SmallVector<std::pair<Value, Value>> copies;
    for (auto [value, destination] : llvm::zip_equal(values, destinations))
      if (buffers.lookup(value) != destination)
        copies.push_back({buffers.lookup(value), destination});
    llvm::SmallDenseSet<Value> written;
    for (auto &copy : copies)
      written.insert(copy.second);
    for (auto &copy : copies) {
      if (!written.contains(copy.first))
        continue;
      Value saved = makeBufferLike(loc, copy.first);
      memref::CopyOp::create(builder, loc, copy.first, saved);
      copy.first = saved;
    }
    for (auto [source, destination] : copies)
      memref::CopyOp::create(builder, loc, source, destination);
  }

  Value makeBufferLike(Location loc, Value buffer) {
    if (auto op = buffer.getDefiningOp<BufferOp>())
      return BufferOp::create(builder, loc, op.getResult().getType(), op.getDims(), nullptr);
    llvm_unreachable("only what a loop carries is saved, and that has a buffer of its own");
  }

  LogicalResult convert(Operation *op) {
    builder.setInsertionPoint(op);
    Location loc = op->getLoc();
    if (auto kernel = dyn_cast<KernelOp>(op)) {
      SmallVector<Value> inputs, outs;
      for (Value input : kernel.getInputs())
        inputs.push_back(buffers.lookup(input));
      for (Value result : kernel.getResults()) {
        Value out = hints.lookup(result);
        outs.push_back(out ? out : makeBuffer(loc, result.getType()));
        buffers[result] = outs.back();
      }
      if (std::optional<int64_t> offset = getCopiedOffset(kernel)) {
        auto type = cast<MemRefType>(outs.front().getType());
        SmallVector<int64_t> strides = type.getStridesAndOffset().first;
        auto layout = StridedLayoutAttr::get(type.getContext(), *offset, strides);
        auto partType = MemRefType::get(type.getShape(), type.getElementType(), layout);
        Value part = memref::ReinterpretCastOp::create(builder, loc, partType, inputs.front(),
                                                       *offset, type.getShape(), strides);
        memref::CopyOp::create(builder, loc, part, outs.front());
        dead.push_back(op);
        return success();
      }
      auto converted = KernelOp::create(builder, loc, TypeRange(), inputs, outs,
                                        kernel.getDeviceAttr(), kernel.getScheduleAttr());
      converted.getBody().takeBody(kernel.getBody());
    } else if (auto constant = dyn_cast<ConstOp>(op)) {
      auto type = cast<RankedTensorType>(constant.getType());
      auto dims = DimsAttr::get(type.getContext(), getDims(type));
      buffers[constant] =
          BufferOp::create(builder, loc, toMemRef(type), dims, constant.getValueAttr());
    } else if (auto elements = dyn_cast<tensor::FromElementsOp>(op)) {
      Value buffer = makeBuffer(loc, elements.getType());
      memref::StoreOp::create(builder, loc, elements.getElements().front(), buffer, ValueRange());
      buffers[elements] = buffer;
    } else if (auto extract = dyn_cast<tensor::ExtractOp>(op)) {
      // Operands by number: some are buffers already, and the accessors expect tensors.
      extract.replaceAllUsesWith(
          memref::LoadOp::create(builder, loc, buffers.lookup(op->getOperand(0)), ValueRange())
              .getResult());
    } else if (auto bind = dyn_cast<BindOp>(op)) {
      BindOp::create(builder, loc, bind.getVarAttr(), buffers.lookup(op->getOperand(0)));
    } else if (isa<CheckOp>(op)) {
      return success(); // Of sizes only; stays.
    } else if (isa<scf::IfOp, scf::ForOp, scf::WhileOp>(op) && !carriesTensors(op)) {
      return op->emitOpError("must carry tensors only");
    } else if (auto ifOp = dyn_cast<scf::IfOp>(op)) {
      if (failed(convertIf(ifOp)))
        return failure();
    } else if (auto forOp = dyn_cast<scf::ForOp>(op)) {
      if (failed(convertFor(forOp)))
        return failure();
    } else if (auto whileOp = dyn_cast<scf::WhileOp>(op)) {
      if (failed(convertWhile(whileOp)))
        return failure();
    } else if (isa<arith::IndexCastOp>(op)) {
      return success(); // Between an extract and scf; stays.
    } else {
      return op->emitOpError("does not run on this device: the engine has no rule for it");
    }
    dead.push_back(op);
    return success();
  }

  static bool carriesTensors(Operation *op) {
    auto isTensor = [](Type type) { return isa<RankedTensorType>(type); };
    auto loop = dyn_cast<scf::WhileOp>(op);
    return llvm::all_of(op->getResultTypes(), isTensor) &&
           (!loop || llvm::all_of(loop.getBeforeBody()->getArgumentTypes(), isTensor));
  }

  SmallVector<Value> makeBuffers(Location loc, TypeRange types) {
    return llvm::map_to_vector(types, [&](Type type) { return makeBuffer(loc, type); });
  }

  LogicalResult convertIf(scf::IfOp op) {
    SmallVector<Value> results = makeBuffers(op.getLoc(), op.getResultTypes());
    for (auto [result, buffer] : llvm::zip_equal(op.getResults(), results))
      buffers[result] = buffer;
    bool hasElse = !op.getElseRegion().empty();
    auto converted = scf::IfOp::create(builder, op.getLoc(), TypeRange(), op.getCondition(),
                                       /*addThenBlock=*/false, /*addElseBlock=*/false);
    converted.getThenRegion().takeBody(op.getThenRegion());
    if (hasElse)
      converted.getElseRegion().takeBody(op.getElseRegion());
    for (Region *region : {&converted.getThenRegion(), &converted.getElseRegion()}) {
      if (region->empty())
        continue;
      Block &block = region->front();
      if (failed(convertBlock(block, block.getTerminator()->getOperands(), results)))
        return failure();
      block.getTerminator()->setOperands({});
    }
    return success();
  }

  SmallVector<Value> makeCarried(Location loc, ValueRange inits, TypeRange types) {
    SmallVector<Value> carried = makeBuffers(loc, types);
    copyAll(loc, inits, carried);
    return carried;
  }

  LogicalResult convertFor(scf::ForOp op) {
    SmallVector<Value> carried = makeCarried(op.getLoc(), op.getInitArgs(), op.getResultTypes());
    auto converted = scf::ForOp::create(builder, op.getLoc(), op.getLowerBound(),
                                        op.getUpperBound(), op.getStep());
    converted.getRegion().takeBody(op.getRegion());
    Block &body = converted.getRegion().front();
    for (auto [i, buffer] : llvm::enumerate(carried)) {
      buffers[body.getArgument(i + 1)] = buffer;
      buffers[op.getResult(i)] = buffer;
    }
    // No hints: a kernel may still read what the loop carries while it writes.
    if (failed(convertLoopBody(body, body.getTerminator()->getOperands(), carried)))
      return failure();
    body.getTerminator()->setOperands({});
    deadArguments.push_back({&body, 1});
    return success();
  }

  LogicalResult convertLoopBody(Block &body, ValueRange values, ArrayRef<Value> destinations) {
    if (failed(convertBlock(body, {}, {})))
      return failure();
    copyAll(body.getTerminator()->getLoc(), values, destinations);
    return success();
  }

  LogicalResult convertWhile(scf::WhileOp op) {
    SmallVector<Value> carried =
        makeCarried(op.getLoc(), op.getInits(), op.getBefore().front().getArgumentTypes());
    auto condition = cast<scf::ConditionOp>(op.getBefore().front().getTerminator());
    // What is passed on as it is carried stays where it is: nothing writes there before the end.
    SmallVector<Value> passed;
    // Types are those of the results: arguments of the function are buffers by now.
    for (auto [value, type] : llvm::zip_equal(condition.getArgs(), op.getResultTypes())) {
      auto argument = dyn_cast<BlockArgument>(value);
      passed.push_back(argument && argument.getOwner() == &op.getBefore().front()
                           ? carried[argument.getArgNumber()]
                           : makeBuffer(op.getLoc(), type));
    }
    auto converted = scf::WhileOp::create(builder, op.getLoc(), TypeRange(), ValueRange());
    converted.getBefore().takeBody(op.getBefore());
    converted.getAfter().takeBody(op.getAfter());
    Block &before = converted.getBefore().front(), &after = converted.getAfter().front();
    for (auto [argument, buffer] : llvm::zip_equal(before.getArguments(), carried))
      buffers[argument] = buffer;
    for (auto [argument, buffer] : llvm::zip_equal(after.getArguments(), passed))
      buffers[argument] = buffer;
    for (auto [result, buffer] : llvm::zip_equal(op.getResults(), passed))
      buffers[result] = buffer;
    if (failed(convertLoopBody(before, condition.getArgs(), passed)))
      return failure();
    condition.getArgsMutable().clear();
    if (failed(convertLoopBody(after, after.getTerminator()->getOperands(), carried)))
      return failure();
    after.getTerminator()->setOperands({});
    deadArguments.push_back({&before, 0});
    deadArguments.push_back({&after, 0});
    return success();
  }

  void eraseDead() {
    for (Operation *op : llvm::reverse(dead))
      op->dropAllUses(), op->erase();
    for (auto [block, from] : deadArguments)
      block->eraseArguments(from, block->getNumArguments() - from);
  }

  func::FuncOp function;
  OpBuilder builder;
  llvm::DenseMap<Value, Value> buffers;
  /// Where the result of a kernel is wanted.
  llvm::DenseMap<Value, Value> hints;
  SmallVector<Operation *> dead;
  SmallVector<std::pair<Block *, unsigned>> deadArguments;
};

struct BufferizePass : tg::impl::BufferizeBase<BufferizePass> {
  void runOnOperation() override {
    if (!getOperation().isExternal() && failed(Bufferizer(getOperation()).run()))
      signalPassFailure();
  }
};

} // namespace
