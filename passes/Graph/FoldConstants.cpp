//===- FoldConstants.cpp - What constants alone decide is computed here ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Evaluates operations on nothing but constants with the interpreter
// (test/Graph/fold-constants.mlir):
//
//   %sum = uop.add %variance, %epsilon : tensor<352xf32>
//   %root = uop.sqrt %sum : tensor<352xf32>
//   %scale = uop.reciprocal %root : tensor<352xf32>
//   %column = uop.reshape %scale : tensor<352xf32> -> tensor<352x1x1xf32>
//   %image = uop.expand %column : tensor<352x1x1xf32> -> tensor<352x28x28xf32>
//   %1 = uop.mul %x, %image : tensor<352x28x28xf32>
// becomes
//   %column = uop.const dense_resource<...> : tensor<352x1x1xf32>
//   %image = uop.expand %column : tensor<352x1x1xf32> -> tensor<352x28x28xf32>
//   %1 = uop.mul %x, %image : tensor<352x28x28xf32>
//
// The program does not grow: a value is folded where it takes up to 4 KiB, or no more than the
// largest constant it is computed from; else values on the way to it are tried. Movement of
// constants costs nothing in an index map and stays, and so do cheap functions of index values
// and splats, which kernels compute faster than they load. All functions of a module are evaluated
// in one call, and the work is bounded.
//
//===----------------------------------------------------------------------===//

#include "tg/Dialect/UOp/UOpConstants.h"
#include "tg/Dialect/UOp/UOpScalars.h"
#include "tg/Graph/Passes.h"
#include "tg/Interp/Interpreter.h"

#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

namespace tg {
#define GEN_PASS_DEF_FOLDCONSTANTS
#include "tg/Graph/Passes.h.inc"
} // namespace tg

/// Evaluations of elements: per operation, and of all that one run of the pass folds.
static constexpr uint64_t maxWork = uint64_t(1) << 26;
/// A folded value may always take as much.
static constexpr uint64_t maxSmallBytes = 4096;
/// Values that may be too much work before no others are tried, which keeps the search linear.
static constexpr unsigned maxRefused = 16;

static uint64_t countElements(Value value) {
  uint64_t count = 1;
  for (int64_t size : cast<RankedTensorType>(value.getType()).getShape())
    count = llvm::SaturatingMultiply(count, uint64_t(size));
  return count;
}

static uint64_t countBytes(Value value) {
  unsigned bits = getElementTypeOrSelf(value.getType()).getIntOrFloatBitWidth();
  return llvm::divideCeil(llvm::SaturatingMultiply(countElements(value), uint64_t(bits)), 8);
}

/// Attributes and regions of a static operation may still mention variables.
static bool usesVars(Operation *op) {
  return op
      ->walk([](Operation *inner) {
        if (isa<SizeOp>(inner))
          return WalkResult::interrupt();
        return inner->getAttrDictionary().walk([](DimAttr dim) {
          return dim.isConstant() ? WalkResult::advance() : WalkResult::interrupt();
        });
      })
      .wasInterrupted();
}

/// About how many elements the interpreter evaluates for `op`.
static uint64_t estimateWork(Operation *op) {
  uint64_t work = 0;
  for (Value value : llvm::concat<Value>(op->getOperands(), op->getResults()))
    work = std::max(work, countElements(value));
  uint64_t factor = isa<SortOp>(op) ? llvm::Log2_64_Ceil(work + 1) + 1 : 1;
  for (Region &region : op->getRegions())
    for (Block &block : region)
      factor = std::max<uint64_t>(factor, block.getOperations().size());
  return llvm::SaturatingMultiply(work, factor);
}

namespace {
/// An operation that only constants decide, with all that it is computed from.
struct Constant {
  /// Something is computed, cheaply.
  bool computes = false;
  /// Something is computed that pays even if it reads no memory.
  bool isCostly = false;
  /// The bytes of the largest constant but splats.
  uint64_t readBytes = 0;
  /// Of this operation alone.
  uint64_t work = 0;
};

class ConstantFolder {
public:
  explicit ConstantFolder(Operation *root) : root(root) {}

  void run();

private:
  /// Notes `op` among `constants` if it is one.
  bool classify(Operation *op);
  /// Chooses values to fold among `value` and what it is computed from.
  void choose(Value value);
  bool isWorthIt(Value value, const Constant &constant) const;
  /// Adds the operations that `value` is computed by to `ops`, operands first; false and none of
  /// them if `work` would exceed the limit.
  bool collect(Value value, llvm::SetVector<Operation *> &ops, uint64_t &work) const;
  /// Replaces these values; halves of them where the interpreter refuses all at once.
  void fold(ArrayRef<Value> values);
  void replace(Value value, const rt::Tensor &tensor);

  Operation *root;
  DenseMap<Operation *, Constant> constants;
  DenseSet<Value> visited;
  /// What is evaluated for `chosen`.
  llvm::SetVector<Operation *> computation;
  SmallVector<Value> chosen;
  uint64_t totalWork = 0;
  unsigned numRefused = 0;
};
} // namespace

bool ConstantFolder::classify(Operation *op) {
  Constant constant;
  if (auto leaf = dyn_cast<ConstOp>(op)) {
    auto resource = dyn_cast<DenseResourceElementsAttr>(leaf.getValue());
    auto dense = dyn_cast<DenseElementsAttr>(leaf.getValue());
    if (!dense && !(resource && resource.getRawHandle().getBlob()))
      return false;
    if (!dense || !dense.isSplat())
      constant.readBytes = countBytes(leaf);
    return constants.try_emplace(op, constant).second;
  }
  // Not `contiguous`, `copy` and `detach`: they say more than a value. Not custom operations: what
  // the device runs for them is not their reference.
  bool isWhole = isa<ReduceOp, ScanOp, SortOp, GatherOp, ScatterOp, UnwindowOp, CompactOp>(op);
  auto elementwise = dyn_cast<ElementwiseOpInterface>(op);
  if (!isWhole && !elementwise && !isa<MovementOpInterface, IotaOp, AssignOp>(op))
    return false;
  for (Value operand : op->getOperands()) {
    auto it = constants.find(operand.getDefiningOp());
    if (it == constants.end())
      return false;
    constant.computes |= it->second.computes;
    constant.isCostly |= it->second.isCostly;
    constant.readBytes = std::max(constant.readBytes, it->second.readBytes);
  }
  for (Type type : op->getResultTypes())
    if (auto tensor = dyn_cast<RankedTensorType>(type); !tensor || !tensor.hasStaticShape())
      return false;
  constant.work = estimateWork(op);
  if (constant.work > maxWork || usesVars(op))
    return false;
  if (elementwise) {
    ElementwiseKind kind = elementwise.getElementwiseKind();
    constant.computes = true;
    constant.isCostly |= kind == ElementwiseKind::Threefry || !isExactlyRounded(kind);
  }
  constant.isCostly |= isWhole;
  return constants.try_emplace(op, constant).second;
}

bool ConstantFolder::isWorthIt(Value value, const Constant &constant) const {
  Operation *op = value.getDefiningOp();
  if (isa<MovementOpInterface>(op)) {
    uint64_t moved = 0;
    for (Value operand : op->getOperands())
      moved += countElements(operand);
    if (countElements(value) > moved)
      return false;
  }
  return countBytes(value) <= std::max(maxSmallBytes, constant.readBytes);
}

bool ConstantFolder::collect(Value value, llvm::SetVector<Operation *> &ops, uint64_t &work) const {
  size_t numBefore = ops.size();
  uint64_t workBefore = work;
  SmallVector<std::pair<Operation *, unsigned>> stack{{value.getDefiningOp(), 0}};
  while (!stack.empty()) {
    auto &[op, next] = stack.back();
    if (next < op->getNumOperands() && !ops.contains(op)) {
      stack.push_back({op->getOperand(next++).getDefiningOp(), 0});
      continue;
    }
    if (ops.insert(op))
      work += constants.lookup(op).work;
    stack.pop_back();
    if (work <= maxWork)
      continue;
    while (ops.size() > numBefore)
      ops.pop_back();
    work = workBefore;
    return false;
  }
  return true;
}

void ConstantFolder::choose(Value value) {
  SmallVector<Value> stack{value};
  while (!stack.empty() && numRefused < maxRefused) {
    Value next = stack.pop_back_val();
    auto it = constants.find(next.getDefiningOp());
    if (it == constants.end() || !visited.insert(next).second)
      continue;
    const Constant &constant = it->second;
    if (!constant.isCostly && !(constant.computes && constant.readBytes > 0))
      continue; // Neither is what it is computed from.
    if (isWorthIt(next, constant)) {
      if (collect(next, computation, totalWork)) {
        chosen.push_back(next);
        continue;
      }
      ++numRefused;
    }
    llvm::append_range(stack, next.getDefiningOp()->getOperands());
  }
}

void ConstantFolder::replace(Value value, const rt::Tensor &tensor) {
  auto type = cast<RankedTensorType>(value.getType());
  ElementsAttr elements =
      makeElements(type, ArrayRef(tensor.as<char>(), tensor.byteSize()), tensor.owner());
  OpBuilder builder(root->getContext());
  builder.setInsertionPointAfterValue(value);
  value.replaceAllUsesWith(ConstOp::create(builder, value.getLoc(), elements));
  remark::passed(value.getLoc(), remark::RemarkOpts::name("Folded").category("tg-fold-constants"))
      << remark::metric("bytes", tensor.byteSize());
}

void ConstantFolder::fold(ArrayRef<Value> values) {
  llvm::SetVector<Operation *> ops;
  uint64_t work = 0;
  for (Value value : values)
    collect(value, ops, work);
  OpBuilder builder(root->getContext());
  Location loc = root->getLoc();
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  builder.setInsertionPointToEnd(module->getBody());
  auto types = llvm::map_to_vector(values, [](Value value) { return value.getType(); });
  auto function = func::FuncOp::create(builder, loc, "main", builder.getFunctionType({}, types));
  builder.setInsertionPointToEnd(function.addEntryBlock());
  IRMapping mapping;
  for (Operation *op : ops)
    builder.clone(*op, mapping);
  func::ReturnOp::create(builder, loc, llvm::map_to_vector(values, [&](Value value) {
                           return mapping.lookup(value);
                         }));
  // A wrong index is reported where it is used, if the program is compiled to say so.
  interp::Options options;
  options.checkIndices = true;
  rt::Result<interp::Results> results = interp::interpret(function, {}, {}, options);
  if (results) {
    for (auto [value, tensor] : llvm::zip_equal(values, results->outputs))
      replace(value, tensor);
  } else if (values.size() > 1) {
    fold(values.take_front(values.size() / 2));
    fold(values.drop_front(values.size() / 2));
  }
}

void ConstantFolder::run() {
  root->walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (!classify(op))
      for (Value operand : op->getOperands())
        choose(operand);
    // Combiners and kernels are isolated from above, and no places for constants.
    return isa_and_nonnull<UOpDialect>(op->getDialect()) ? WalkResult::skip()
                                                         : WalkResult::advance();
  });
  if (chosen.empty())
    return;
  fold(chosen);
  for (Operation *op : llvm::reverse(computation))
    if (op->use_empty())
      op->erase();
}

namespace {
struct FoldConstantsPass : tg::impl::FoldConstantsBase<FoldConstantsPass> {
  using FoldConstantsBase::FoldConstantsBase;

  void runOnOperation() override { ConstantFolder(getOperation()).run(); }
};
} // namespace
