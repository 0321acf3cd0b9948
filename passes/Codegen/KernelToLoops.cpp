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
//       } {tg.parallel}
//     } {tg.parallel}
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

#include "tg/Analysis/Reads.h"
#include "tg/Codegen/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/MapVector.h"

#include <map>

namespace tg {
#define GEN_PASS_DEF_KERNELTOLOOPS
#include "tg/Codegen/Passes.h.inc"
} // namespace tg

using namespace mlir;
using namespace tg::uop;

namespace tg::codegen {

namespace {

/// A value and where its elements go: at `offsets` (none: at the start) of a tensor of type
/// `whole`.
struct Target {
  Value value;
  Value buffer;
  RankedTensorType whole;
  SmallVector<DimAttr> offsets = {};
};

/// Concatenations, and the operand of each.
using OperandOf = std::map<Operation *, unsigned>;

/// Results that one nest writes.
struct MapNest {
  SmallVector<Target> targets;
  /// Results of rows of the targets' shape, at indices over its axes.
  SmallVector<std::pair<Target, Read>> rowTargets = {};
  /// The order of the loops over the axes: rows outside.
  SmallVector<unsigned> order = {};
  /// A part of the targets: where it begins and how far it goes; all of them if empty.
  SmallVector<DimAttr> origin = {}, extents = {};
  /// Of concatenations on the way: the operand that the part lies in.
  OperandOf operandOf = {};

  /// The shape of the loops, of the same elements in the same order; as the part's if empty.
  SmallVector<DimAttr> loops = {};

  SmallVector<DimAttr> getLoops() const { return loops.empty() ? getDims() : loops; }
  SmallVector<DimAttr> getDims() const {
    return extents.empty() ? uop::getDims(tensorType(targets.front().value)) : extents;
  }
};

class KernelConverter {
public:
  KernelConverter(func::FuncOp kernel, const llvm::StringMap<VarOp> &vars, bool checkIndices);

  LogicalResult run();

private:
  Value getWorkspace(DimAttr bytes);
  Value makeScratch(MemRefType type, DimAttr bytes);
  void addUnits(DimAttr count) { units = units && count ? addDims(units, count) : DimAttr(); }
  /// Emits `op` as a whole if it has loops of its own; nothing if it has none.
  std::optional<LogicalResult> convertRoot(Operation *op);
  LogicalResult convertResult(Value value, Value buffer);
  DimAttr countBytes();
  bool splitAtSeams(const MapNest &maps, std::vector<MapNest> &parts);
  LogicalResult emitMaps();
  LogicalResult emitMaps(MapNest maps);
  void orderAxes(MapNest &maps);
  void chooseLoops(MapNest &maps);
  AffineExpr placeOf(const Target &target, ArrayRef<AffineExpr> indices);
  Operation *emitMapNest(const MapNest &maps, ArrayRef<TreeEmitter::Group> groups);
  LogicalResult emitRowTargets(const MapNest &maps, const Indices &indices);
  LogicalResult emitPacked(Value value, Value buffer);
  std::optional<unsigned> getAlias(Value buffer);
  LogicalResult finish();

  func::FuncOp kernel, function;
  llvm::MapVector<Value, Outputs> outputs;
  /// Results without loops of their own, by shape: they share a nest.
  llvm::MapVector<DimsAttr, SmallVector<Target>> maps;
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
    : kernel(kernel), units(DimAttr::get(kernel.getContext(), 0)), workspaceBytes(units),
      scratchBytes(units) {
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
  auto terminator = cast<func::ReturnOp>(kernel.front().getTerminator());
  for (auto [value, buffer] :
       llvm::zip_equal(terminator.getOperands(), entry->getArguments().drop_front(numInputs)))
    outputs[value].push_back(buffer);
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

/// The input that an output shares its buffer with.
std::optional<unsigned> KernelConverter::getAlias(Value buffer) {
  unsigned result = cast<BlockArgument>(buffer).getArgNumber() - kernel.getNumArguments();
  if (auto alias = kernel.getResultAttrOfType<IntegerAttr>(result, attrs::alias))
    return alias.getInt();
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Nests of independent elements
//===----------------------------------------------------------------------===//

/// Everything but the arguments is computed here.
static bool isArgument(Value value) { return !value.getDefiningOp(); }

/// The index in the whole tensor, in a line.
AffineExpr KernelConverter::placeOf(const Target &target, ArrayRef<AffineExpr> indices) {
  Indices place(indices);
  for (auto [index, offset] : llvm::zip(place, target.offsets))
    index = index + nest->getExpr(offset);
  return nest->linearize(place, getDims(target.whole));
}

/// What is reduced once per row stands in the loops over the rows, which go first.
void KernelConverter::orderAxes(MapNest &maps) {
  SmallVector<DimAttr> dims = maps.getDims();
  maps.order = llvm::to_vector(llvm::seq<unsigned>(0, dims.size()));
  SmallVector<Value> roots;
  for (const Target &target : maps.targets)
    roots.push_back(target.value);
  SmallVector<DimAttr> whole = uop::getDims(tensorType(roots.front()));
  std::optional<TreeReads> tree = TreeReads::get(whole, roots, isArgument, nest->getScope());
  if (!tree)
    return;
  SmallVector<llvm::SmallBitVector> rows;
  for (const TreeReads::Reduction &reduction : tree->getReductions())
    if (llvm::SmallBitVector used = reduction.at.getDims(); used.find_last() < int(dims.size()))
      rows.push_back(used);
  if (auto order = orderRowsFirst(dims.size(), rows))
    maps.order = *order;
}

LogicalResult KernelConverter::emitRowTargets(const MapNest &maps, const Indices &indices) {
  for (const auto &[target, read] : maps.rowTargets) {
    Indices place;
    for (AffineExpr index : read.indices)
      place.push_back(nest->simplify(index.replaceDims(indices)));
    Value element = emitter->emit(target.value, place);
    AffineExpr linear = placeOf(target, place);
    if (!element || !linear)
      return failure();
    NestBuilder::Hoist hoist(*nest, nest->levelOf(place));
    emitter->store(element, target.whole.getElementType(), target.buffer, linear,
                   target.value.getLoc());
  }
  return success();
}

Operation *KernelConverter::emitMapNest(const MapNest &maps, ArrayRef<TreeEmitter::Group> groups) {
  nest->at(0, maps.targets.front().value.getLoc());
  SmallVector<DimAttr> dims = maps.getLoops(), ordered;
  for (unsigned axis : maps.order)
    ordered.push_back(dims[axis]);
  Indices loops = beginNest(*frame, ordered, groups), indices(loops);
  for (auto [loop, axis] : llvm::zip_equal(loops, maps.order))
    indices[axis] = loop;
  if (!maps.loops.empty()) {
    AffineExpr linear = nest->linearize(indices, dims);
    if (!linear)
      return nullptr;
    indices = delinearizeIndex(linear, nest->getExprs(maps.getDims()));
    for (AffineExpr &index : indices)
      index = nest->simplify(index);
  }
  for (auto [index, start] : llvm::zip(indices, maps.origin))
    index = index + nest->getExpr(start);
  // A result may lie where an input does: first every element is read.
  SmallVector<Value> elements;
  for (const Target &target : maps.targets) {
    elements.push_back(emitter->emit(target.value, indices));
    if (!elements.back())
      return nullptr;
  }
  for (auto [target, element] : llvm::zip_equal(maps.targets, elements)) {
    AffineExpr linear = placeOf(target, indices);
    if (!linear)
      return nullptr;
    emitter->store(element, target.whole.getElementType(), target.buffer, linear,
                   target.value.getLoc());
  }
  if (failed(emitRowTargets(maps, indices)))
    return nullptr;
  Operation *outermost = nullptr;
  while (nest->getDepth() > 0) {
    outermost = nest->getLoop();
    nest->endLoop();
  }
  return outermost;
}

namespace {
/// A concatenation, and where it begins in the result that it leads to.
struct Seam {
  ConcatOp op;
  SmallVector<DimAttr> start;
};
} // namespace

/// The first concatenation between the value, which begins at `start`, and what it is computed from
/// element by element, that `known` does not tell the operand of.
static std::optional<Seam> findSeam(Value value, SmallVector<DimAttr> start,
                                    const OperandOf &known) {
  llvm::SmallDenseSet<Value> seen;
  std::vector<std::pair<Value, SmallVector<DimAttr>>> worklist{{value, start}};
  while (!worklist.empty()) {
    auto [current, at] = std::move(worklist.back());
    worklist.pop_back();
    Operation *op = current.getDefiningOp();
    if (!op || !seen.insert(current).second)
      continue;
    if (auto concat = dyn_cast<ConcatOp>(op)) {
      auto it = known.find(op);
      if (it == known.end())
        return Seam{concat, at};
      DimAttr &offset = at[concat.getAxis()];
      for (Value before : concat.getInputs().take_front(it->second))
        offset = addDims(offset, getDim(tensorType(before), concat.getAxis()));
      worklist.push_back({concat.getInputs()[it->second], at});
    } else if (isa<ElementwiseOpInterface>(op)) {
      for (Value operand : op->getOperands())
        worklist.push_back({operand, at});
    }
  }
  return std::nullopt;
}

/// Beside a seam it is known which operand of a concatenation is read: one nest for each.
bool KernelConverter::splitAtSeams(const MapNest &maps, std::vector<MapNest> &parts) {
  if (!maps.rowTargets.empty())
    return false;
  SmallVector<DimAttr> dims = maps.getDims(), origin(maps.origin);
  if (origin.empty())
    origin.assign(dims.size(), DimAttr::get(kernel.getContext(), 0));
  for (const Target &target : maps.targets) {
    SmallVector<DimAttr> start(dims.size(), DimAttr::get(kernel.getContext(), 0));
    std::optional<Seam> seam = findSeam(target.value, start, maps.operandOf);
    if (!seam)
      continue;
    unsigned axis = seam->op.getAxis();
    if (seam->start[axis] != origin[axis] ||
        getDim(tensorType(seam->op.getResult()), axis) != dims[axis])
      return false;
    for (auto [i, input] : llvm::enumerate(seam->op.getInputs())) {
      MapNest part = maps;
      part.origin = origin;
      part.extents = dims;
      part.extents[axis] = getDim(tensorType(input), axis);
      part.operandOf[seam->op] = i;
      origin[axis] = addDims(origin[axis], part.extents[axis]);
      parts.push_back(std::move(part));
    }
    return true;
  }
  return false;
}

/// The shape of the reduction behind a reshape that the value is computed from element by element;
/// empty if there is none.
static SmallVector<DimAttr> findReduction(Value value, const OperandOf &operandOf) {
  llvm::SmallDenseSet<Value> seen;
  SmallVector<std::pair<Value, bool>> worklist{{value, false}};
  while (!worklist.empty()) {
    auto [current, isReshaped] = worklist.pop_back_val();
    Operation *op = current.getDefiningOp();
    if (!op || !seen.insert(current).second)
      continue;
    if (isa<ReduceOp>(op)) {
      if (isReshaped)
        return getDims(tensorType(current));
    } else if (auto concat = dyn_cast<ConcatOp>(op)) {
      if (auto it = operandOf.find(op); it != operandOf.end())
        worklist.push_back({concat.getInputs()[it->second], isReshaped});
    } else if (isa<ElementwiseOpInterface, ReshapeOp>(op)) {
      for (Value operand : op->getOperands())
        worklist.push_back({operand, isReshaped || isa<ReshapeOp>(op)});
    }
  }
  return {};
}

/// In loops of the shape of its result a reduction needs no division of their indices, which would
/// end its register tile.
void KernelConverter::chooseLoops(MapNest &maps) {
  SmallVector<DimAttr> dims = maps.getDims();
  SmallVector<unsigned> order(maps.order);
  llvm::erase_if(order, [&](unsigned axis) { return dims[axis].isConstant(1); });
  if (!llvm::is_sorted(order) || !maps.rowTargets.empty())
    return;
  for (const Target &target : maps.targets) {
    SmallVector<DimAttr> loops = findReduction(target.value, maps.operandOf);
    MLIRContext *context = kernel.getContext();
    if (loops.empty() || loops == dims || productOf(context, loops) != productOf(context, dims) ||
        !llvm::all_of(loops, [](DimAttr dim) { return dim.isConstant(); }))
      continue;
    maps.loops = loops;
    maps.order = llvm::to_vector(llvm::seq<unsigned>(0, loops.size()));
    return;
  }
}

LogicalResult KernelConverter::emitMaps(MapNest maps) {
  // Parts have the order of the whole.
  if (maps.order.empty())
    orderAxes(maps);
  std::vector<MapNest> parts;
  if (splitAtSeams(maps, parts)) {
    for (MapNest &part : parts)
      if (failed(emitMaps(std::move(part))))
        return failure();
    return success();
  }
  SmallVector<DimAttr> dims = maps.getDims();
  if (llvm::any_of(dims, [](DimAttr dim) { return dim.isConstant(0); })) {
    // No loop writes the rows then.
    for (auto &[target, read] : maps.rowTargets)
      if (failed(emitMaps(MapNest{{target}})))
        return failure();
    return success();
  }
  chooseLoops(maps);
  dims = maps.getLoops();
  SmallVector<DimAttr> ordered;
  for (unsigned axis : maps.order)
    ordered.push_back(dims[axis]);
  llvm::DenseMap<Operation *, DimAttr> unitsOf;
  Operation *loop =
      emitter->emitGrouped(ordered, [&](ArrayRef<TreeEmitter::Group> groups) -> Operation * {
        Operation *outermost = emitMapNest(maps, groups);
        unitsOf[outermost] =
            groups.empty() ? DimAttr::get(kernel.getContext(), 1)
                           : productOf(kernel.getContext(),
                                       ArrayRef(ordered).slice(groups[0].first,
                                                               groups[0].second - groups[0].first));
        return outermost;
      });
  if (!loop)
    return failure();
  addUnits(unitsOf.lookup(loop));
  return success();
}

/// A nest per shape; but results that another nest computes once per row are stored there.
LogicalResult KernelConverter::emitMaps() {
  std::vector<MapNest> nests;
  for (auto &[dims, targets] : maps) {
    SmallVector<Value> values;
    for (const Target &target : targets)
      if (!llvm::is_contained(values, target.value))
        values.push_back(target.value);
    for (ArrayRef<Value> group : groupByNest(values, nest->getScope())) {
      MapNest &maps = nests.emplace_back();
      llvm::copy_if(targets, std::back_inserter(maps.targets),
                    [&](const Target &target) { return llvm::is_contained(group, target.value); });
    }
  }
  // Few: results of one kernel.
  for (size_t i = 1; i < nests.size(); ++i)
    for (size_t j = i;
         j > 0 && estimateElements(nests[j].getDims()) > estimateElements(nests[j - 1].getDims());
         --j)
      std::swap(nests[j], nests[j - 1]);
  for (size_t i = 0; i < nests.size(); ++i) {
    SmallVector<Value> roots;
    for (const Target &target : nests[i].targets)
      roots.push_back(target.value);
    for (size_t j = nests.size(); j-- > i + 1;) {
      llvm::erase_if(nests[j].targets, [&](const Target &target) {
        auto isLeaf = [&](Value value) { return value == target.value || isArgument(value); };
        auto tree = TreeReads::get(nests[i].getDims(), roots, isLeaf, nest->getScope());
        if (!tree)
          return false;
        auto it = tree->getLeaves().find(target.value);
        if (it == tree->getLeaves().end() || it->second.size() != 1 ||
            !tree->isOneToOne(it->second.front(), getDims(tensorType(target.value)),
                              nest->getScope()))
          return false;
        nests[i].rowTargets.push_back({target, it->second.front()});
        return true;
      });
      if (nests[j].targets.empty())
        nests.erase(nests.begin() + j);
    }
  }
  for (MapNest &maps : nests)
    if (failed(emitMaps(std::move(maps))))
      return failure();
  return success();
}

/// Sub-byte elements: a loop over bytes, each put together from its elements.
LogicalResult KernelConverter::emitPacked(Value value, Value buffer) {
  auto type = tensorType(value);
  Location loc = value.getLoc();
  MLIRContext *context = kernel.getContext();
  unsigned packed = getElementsPerByte(type.getElementType());
  DimAttr count = getNumElements(type);
  DimAttr bytes = ceilDivDims(count, DimAttr::get(context, packed));
  addUnits(bytes);
  nest->at(0, loc);
  AffineExpr byte = nest->beginLoop(bytes, true);
  unsigned level = nest->getDepth();
  Value combined;
  for (unsigned i = 0; i < packed; ++i) {
    AffineExpr linear = byte * packed + i;
    Guards guards{{nest->getExpr(count) - 1 - linear}};
    if (!nest->simplify(guards))
      continue;
    Indices indices = delinearizeIndex(linear, nest->getExprs(getDims(type)));
    for (AffineExpr &index : indices)
      index = nest->simplify(index);
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

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

std::optional<LogicalResult> KernelConverter::convertRoot(Operation *op) {
  SmallVector<Outputs> buffers;
  for (Value result : op->getResults())
    buffers.push_back(outputs.lookup(result));
  if (auto scan = dyn_cast<ScanOp>(op))
    return emitScan(*frame, scan, buffers);
  if (auto sort = dyn_cast<SortOp>(op))
    return emitSort(*frame, sort, buffers);
  if (auto compact = dyn_cast<CompactOp>(op))
    return emitCompact(*frame, compact, buffers);
  if (auto scatter = dyn_cast<ScatterOp>(op)) {
    for (Value buffer : buffers.front()) {
      std::optional<unsigned> alias = getAlias(buffer);
      bool inPlace = alias && scatter.getDest() == kernel.getArgument(*alias);
      if (failed(emitScatter(*frame, scatter, buffer, inPlace)))
        return failure();
    }
    return success();
  }
  return std::nullopt;
}

LogicalResult KernelConverter::convertResult(Value value, Value buffer) {
  auto type = tensorType(value);
  if (getElementsPerByte(type.getElementType()) > 1)
    return emitPacked(value, buffer);
  std::optional<unsigned> alias = getAlias(buffer);
  auto assign = value.getDefiningOp<AssignOp>();
  if (assign && alias && assign.getDest() == kernel.getArgument(*alias)) {
    // Only the part: the rest lies there already.
    Target part{assign.getSource(), buffer, type};
    if (assign.getOffsets())
      llvm::append_range(part.offsets, assign.getOffsets()->getDims());
    auto dims = DimsAttr::get(kernel.getContext(), getDims(tensorType(part.value)));
    maps[dims].push_back(std::move(part));
    return success();
  }
  auto dims = DimsAttr::get(kernel.getContext(), getDims(type));
  maps[dims].push_back({value, buffer, type});
  return success();
}

/// What the kernel reads and writes, for reports: what it updates in place, in part.
DimAttr KernelConverter::countBytes() {
  DimAttr bytes = DimAttr::get(kernel.getContext(), 0);
  auto add = [&](Type type) {
    auto tensor = cast<RankedTensorType>(type);
    DimAttr size = getByteSize(getNumElements(tensor), tensor.getElementType());
    bytes = bytes && size ? addDims(bytes, size) : DimAttr();
  };
  llvm::SmallDenseSet<unsigned> updated;
  for (auto &[value, buffers] : outputs)
    for (Value buffer : buffers) {
      std::optional<unsigned> alias = getAlias(buffer);
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
  llvm::SmallPtrSet<Operation *, 4> done;
  for (auto &[value, buffers] : outputs) {
    Operation *op = value.getDefiningOp();
    if (op && !done.insert(op).second && isa<ScanOp, SortOp, CompactOp, ScatterOp>(op))
      continue;
    if (op)
      if (std::optional<LogicalResult> converted = convertRoot(op)) {
        if (failed(*converted))
          return failure();
        continue;
      }
    for (Value buffer : buffers)
      if (failed(convertResult(value, buffer)))
        return failure();
  }
  if (failed(emitMaps()))
    return failure();
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
      if (failed(KernelConverter(function, vars, checkIndices).run()))
        return signalPassFailure();
    }
  }
};
} // namespace

} // namespace tg::codegen
