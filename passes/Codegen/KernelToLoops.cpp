//===- KernelToLoops.cpp - Kernels as affine loop nests ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel of uop operations on tensors becomes loops over flat buffers: one nest per group of
// results of one shape. Movement operations are composed into the index of each access and
// simplified by the loops' ranges, so no view is ever materialized.
//
//   func.func @k(%a: tensor<2x3xf32>) -> tensor<3x2xf32> attributes {tg.kernel} {
//     %0 = uop.permute %a [1, 0] : tensor<2x3xf32> -> tensor<3x2xf32>
//     %1 = uop.neg %0 : tensor<3x2xf32>
//     return %1 : tensor<3x2xf32>
//   }
//
// becomes
//
//   func.func @k(%a: memref<?xf32>, %out: memref<?xf32>) {
//     affine.for %i = 0 to 3 {
//       affine.for %j = 0 to 2 {
//         %0 = affine.apply affine_map<(d0, d1) -> (d0 + d1 * 3)>(%i, %j)
//         %1 = memref.load %a[%0] : memref<?xf32>
//         %2 = arith.negf %1 : f32
//         %3 = affine.apply affine_map<(d0, d1) -> (d0 * 2 + d1)>(%i, %j)
//         memref.store %2, %out[%3] : memref<?xf32>
//       } {tg.axis = "d1", tg.parallel}
//     } {tg.axis = "d0", tg.parallel}
//     return
//   }
//
// Loops rather than `linalg.generic`: a reduction's start value and its epilogue stay in registers,
// several reductions and what follows them share one nest, and extents over variables need no
// operand that they could be inferred from.
//
// Tested by test/Codegen/kernel-to-loops.mlir.
//
//===----------------------------------------------------------------------===//

#include "KernelRoots.h"

#include "tg/Codegen/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace tg {
#define GEN_PASS_DEF_KERNELTOLOOPS
#include "tg/Codegen/Passes.h.inc"
} // namespace tg

using namespace mlir;
using namespace tg::uop;

namespace tg::codegen {

namespace {

class KernelConverter {
public:
  KernelConverter(func::FuncOp kernel, const llvm::StringMap<VarOp> &vars, bool checkIndices);

  LogicalResult run();

private:
  Value getWorkspace(DimAttr bytes);
  Value makeScratch(MemRefType type, DimAttr bytes);
  void addUnits(DimAttr count) { units = units && count ? addDims(units, count) : DimAttr(); }
  LogicalResult emitRoot(const NestPlan &plan);
  LogicalResult emitMap(const NestPlan &plan);
  LogicalResult emitPacked(const NestPlan &plan);
  LogicalResult store(const PlannedResult &result, Value element, Indices place);
  Value bufferOf(const PlannedResult &result) {
    return function.getArgument(kernel.getNumArguments() + result.number);
  }
  DimAttr countBytes();
  std::optional<unsigned> getAlias(unsigned result);
  LogicalResult finish();

  func::FuncOp kernel, function;
  const llvm::StringMap<VarOp> &vars;
  std::optional<NestBuilder> nest;
  std::optional<TreeEmitter> emitter;
  std::optional<KernelFrame> frame;
  DimAttr units, workspaceBytes, scratchBytes;
  Value workspace;
};

} // namespace

static MemRefType bufferTypeOf(Type tensor) {
  return MemRefType::get({ShapedType::kDynamic},
                         getMemoryType(cast<RankedTensorType>(tensor).getElementType()));
}

KernelConverter::KernelConverter(func::FuncOp kernel, const llvm::StringMap<VarOp> &vars,
                                 bool checkIndices)
    : kernel(kernel), vars(vars), units(DimAttr::get(kernel.getContext(), 0)),
      workspaceBytes(units), scratchBytes(units) {
  SmallVector<Type> types;
  for (Type type : kernel.getArgumentTypes())
    types.push_back(bufferTypeOf(type));
  for (Type type : kernel.getResultTypes())
    types.push_back(bufferTypeOf(type));
  OpBuilder builder(kernel);
  function = func::FuncOp::create(builder, kernel.getLoc(), kernel.getName(),
                                  builder.getFunctionType(types, {}));
  for (NamedAttribute attr : kernel->getDiscardableAttrs())
    function->setAttr(attr.getName(), attr.getValue());
  Block *entry = function.addEntryBlock();
  nest.emplace(function, vars);
  emitter.emplace(*nest, kernel->getParentOfType<ModuleOp>());
  emitter->setFlops(units);
  emitter->setScratchMaker(
      [this](MemRefType type, DimAttr bytes) { return makeScratch(type, bytes); });
  frame.emplace(KernelFrame{*emitter, [this](DimAttr bytes) { return getWorkspace(bytes); },
                            [this](DimAttr count) { addUnits(count); }});
  unsigned numInputs = kernel.getNumArguments();
  for (auto [argument, buffer] :
       llvm::zip(kernel.getArguments(), entry->getArguments().take_front(numInputs)))
    emitter->setBuffer(argument, buffer);
  bool usesIndices =
      llvm::any_of(kernel.front(), [](Operation &op) { return isa<GatherOp, ScatterOp>(op); });
  if (checkIndices && usesIndices)
    emitter->setErrorSlot(addArgument(function,
                                      MemRefType::get({ShapedType::kDynamic}, builder.getI32Type()),
                                      attrs::error, builder.getUnitAttr()));
}

Value KernelConverter::getWorkspace(DimAttr bytes) {
  OpBuilder builder(kernel.getContext());
  if (!workspace)
    workspace = addArgument(function, MemRefType::get({ShapedType::kDynamic}, builder.getI8Type()),
                            attrs::workspace, builder.getUnitAttr());
  // Which nest wants most may depend on the variables; the sum is enough for each.
  workspaceBytes = addDims(workspaceBytes, bytes);
  return workspace;
}

/// Each behind those before.
Value KernelConverter::makeScratch(MemRefType type, DimAttr bytes) {
  MLIRContext *context = kernel.getContext();
  DimAttr line = DimAttr::get(context, 64);
  DimAttr rounded = mulDims(ceilDivDims(bytes, line), line), offset = scratchBytes;
  scratchBytes = rounded ? addDims(offset, rounded) : DimAttr();
  if (!scratchBytes)
    return {};
  Value memory = getWorkspace(rounded);
  Location loc = kernel.getLoc();
  Value start = nest->materialize(nest->getExpr(offset), loc);
  DimAttr element = DimAttr::get(context, type.getElementTypeBitWidth() / 8);
  Value size = nest->materialize(nest->getExpr(ceilDivDims(bytes, element)), loc);
  return memref::ViewOp::create(nest->at(0, loc), type, memory, start, size);
}

/// The input that a result shares its buffer with.
std::optional<unsigned> KernelConverter::getAlias(unsigned result) {
  if (auto alias = kernel.getResultAttrOfType<IntegerAttr>(result, attrs::alias))
    return alias.getInt();
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Nests
//===----------------------------------------------------------------------===//

LogicalResult KernelConverter::store(const PlannedResult &result, Value element, Indices place) {
  for (auto [index, offset] : llvm::zip(place, result.offsets))
    index = index + nest->getExpr(offset);
  AffineExpr linear = nest->linearize(place, getDims(result.whole));
  if (!element || !linear)
    return failure();
  emitter->store(element, result.whole.getElementType(), bufferOf(result), linear,
                 result.value.getLoc());
  return success();
}

LogicalResult KernelConverter::emitMap(const NestPlan &plan) {
  nest->at(0, plan.results.front().value.getLoc());
  Indices loops = beginNest(*frame, plan, plan.getLoopSizes()), indices(loops);
  for (auto [loop, axis] : llvm::zip_equal(loops, plan.order))
    indices[axis] = loop;
  if (!plan.loops.empty()) {
    AffineExpr linear = nest->linearize(indices, plan.loops);
    if (!linear)
      return failure();
    indices = nest->delinearize(linear, plan.getDims());
  }
  for (auto [index, start] : llvm::zip(indices, plan.origin))
    index = index + nest->getExpr(start);
  // A result may lie where an input does: first every element is read.
  SmallVector<Value> elements;
  for (const PlannedResult &result : plan.results) {
    elements.push_back(emitter->emit(result.value, indices));
    if (!elements.back())
      return failure();
  }
  for (auto [result, element] : llvm::zip_equal(plan.results, elements))
    if (failed(store(result, element, indices)))
      return failure();
  for (const auto &[result, read] : plan.rowResults) {
    Indices place;
    for (AffineExpr index : read.indices)
      place.push_back(nest->simplify(index.replaceDims(indices)));
    Value element = emitter->emit(result.value, place);
    NestBuilder::Hoist hoist(*nest, nest->levelOf(place));
    if (failed(store(result, element, place)))
      return failure();
  }
  while (nest->getDepth() > 0)
    nest->endLoop();
  return success();
}

/// Sub-byte elements: a loop over bytes, each put together from its elements.
LogicalResult KernelConverter::emitPacked(const NestPlan &plan) {
  Value value = plan.results.front().value, buffer = bufferOf(plan.results.front());
  RankedTensorType type = tensorType(value);
  Location loc = value.getLoc();
  MLIRContext *context = kernel.getContext();
  unsigned packed = getElementsPerByte(type.getElementType());
  DimAttr count = getNumElements(type);
  DimAttr bytes = ceilDivDims(count, DimAttr::get(context, packed));
  addUnits(bytes);
  nest->at(0, loc);
  AffineExpr byte = nest->beginLoop(bytes, true, plan.getNames().front());
  unsigned level = nest->getDepth();
  Value combined;
  for (unsigned i = 0; i < packed; ++i) {
    AffineExpr linear = byte * packed + i;
    Guards guards{{nest->getExpr(count) - 1 - linear}};
    if (!nest->simplify(guards))
      continue;
    Indices indices = nest->delinearize(linear, getDims(type));
    Value element = emitter->emit(value, indices, guards);
    if (!element)
      return failure();
    Value inside = guards.empty() ? Value() : nest->materialize(guards, loc);
    ImplicitLocOpBuilder &b = nest->at(level, loc);
    element = arith::ExtUIOp::create(b, b.getI8Type(), element);
    ScalarBuilder scalars(b);
    if (inside)
      element = arith::SelectOp::create(b, inside, element, scalars.zero(b.getI8Type()));
    Value amount = scalars.constant(b.getI8IntegerAttr(i * (8 / packed)));
    element = arith::ShLIOp::create(b, element, amount);
    combined = combined ? arith::OrIOp::create(b, combined, element).getResult() : element;
  }
  if (combined)
    emitter->store(combined, IntegerType::get(context, 8), buffer, byte, loc);
  nest->endLoop();
  return success();
}

LogicalResult KernelConverter::emitRoot(const NestPlan &plan) {
  SmallVector<Outputs> buffers(plan.root->getNumResults());
  for (const PlannedResult &result : plan.results)
    buffers[cast<OpResult>(result.value).getResultNumber()].push_back(bufferOf(result));
  if (auto scan = dyn_cast<ScanOp>(plan.root))
    return emitScan(*frame, plan, scan, buffers);
  if (auto sort = dyn_cast<SortOp>(plan.root))
    return emitSort(*frame, plan, sort, buffers);
  if (auto compact = dyn_cast<CompactOp>(plan.root))
    return emitCompact(*frame, plan, compact, buffers);
  return emitScatter(*frame, plan, cast<ScatterOp>(plan.root), buffers.front().front());
}

//===----------------------------------------------------------------------===//
// The kernel
//===----------------------------------------------------------------------===//

/// What the kernel reads and writes, for reports: what it updates in place, in part.
DimAttr KernelConverter::countBytes() {
  DimAttr bytes = DimAttr::get(kernel.getContext(), 0);
  auto add = [&](Type type) {
    auto tensor = cast<RankedTensorType>(type);
    DimAttr size = getByteSize(getNumElements(tensor), tensor.getElementType());
    bytes = bytes && size ? addDims(bytes, size) : DimAttr();
  };
  llvm::SmallDenseSet<unsigned> updated;
  for (auto [result, value] : llvm::enumerate(kernel.front().getTerminator()->getOperands())) {
    std::optional<unsigned> alias = getAlias(result);
    auto assign = value.getDefiningOp<AssignOp>();
    add(alias && assign ? assign.getSource().getType() : value.getType());
    if (alias && assign)
      updated.insert(*alias);
  }
  for (BlockArgument argument : kernel.getArguments())
    if (!updated.contains(argument.getArgNumber()))
      add(argument.getType());
  return bytes ? bytes : DimAttr::get(kernel.getContext(), 0);
}

LogicalResult KernelConverter::finish() {
  MLIRContext *context = kernel.getContext();
  OpBuilder builder(context);
  if (!units || !workspaceBytes)
    return kernel.emitOpError("is too large: its number of iterations overflows 64 bits");
  function->setAttr(attrs::range, units);
  function->setAttr(attrs::workspace, workspaceBytes);
  // Only for reports.
  DimAttr zero = DimAttr::get(context, 0);
  function->setAttr(attrs::flops, emitter->getFlops() ? emitter->getFlops() : zero);
  function->setAttr(attrs::bytes, countBytes());
  builder.setInsertionPointToEnd(&function.front());
  func::ReturnOp::create(builder, kernel.getLoc());
  kernel.erase();
  return success();
}

LogicalResult KernelConverter::run() {
  SmallVector<std::optional<unsigned>> aliases;
  for (unsigned result = 0; result < kernel.getNumResults(); ++result)
    aliases.push_back(getAlias(result));
  KernelPlan plan =
      KernelPlan::get(kernel.front(), kernel.front().getTerminator()->getOperands(), aliases, vars);
  for (const NestPlan &part : plan.getNests()) {
    emitter->setPlan(part);
    LogicalResult emitted = part.kind == NestPlan::Kind::Root     ? emitRoot(part)
                            : part.kind == NestPlan::Kind::Packed ? emitPacked(part)
                                                                  : emitMap(part);
    if (failed(emitted))
      return failure();
  }
  return finish();
}

namespace {
struct KernelToLoopsPass : tg::impl::KernelToLoopsBase<KernelToLoopsPass> {
  using KernelToLoopsBase::KernelToLoopsBase;

  void runOnOperation() override {
    llvm::StringMap<VarOp> vars;
    for (auto var : getOperation().getOps<VarOp>())
      vars[var.getSymName()] = var;
    for (auto function : llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>())) {
      if (!function->hasAttr(attrs::kernel))
        continue;
      if (!function.getBody().hasOneBlock()) {
        function.emitOpError("must have one block to be a kernel");
        return signalPassFailure();
      }
      auto isKernelType = [](Type type) {
        auto tensor = dyn_cast<RankedTensorType>(type);
        return tensor && hasKnownDims(tensor) && isElementType(tensor.getElementType());
      };
      if (!llvm::all_of(function.getArgumentTypes(), isKernelType) ||
          !llvm::all_of(function.getResultTypes(), isKernelType)) {
        function.emitOpError(
            "must be on tensors of known sizes to become loops, as a kernel is that "
            "has none yet");
        return signalPassFailure();
      }
      WalkResult counted = function.walk([](Operation *op) {
        for (Type type : op->getResultTypes())
          if (auto tensor = dyn_cast<RankedTensorType>(type);
              tensor && (!hasKnownDims(tensor) || !getNumElements(tensor))) {
            op->emitOpError("has too many elements to count: ") << type;
            return WalkResult::interrupt();
          }
        return WalkResult::advance();
      });
      if (counted.wasInterrupted())
        return signalPassFailure();
      if (failed(KernelConverter(function, vars, checkIndices).run()))
        return signalPassFailure();
    }
  }
};
} // namespace

} // namespace tg::codegen
