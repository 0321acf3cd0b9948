//===- Fusion.cpp - Which values are materialized ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Engine/Fusion.h"

#include "tg/Dialect/UOp/UOp.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

bool tg::isComputeOp(Operation *op) {
  return isa<UOpDialect>(op->getDialect()) &&
         !isa<KernelOp, BindOp, BufferOp, CheckOp, YieldOp, VarOp>(op);
}

bool tg::isRootOp(Operation *op) {
  return isa<ReduceOp, UnwindowOp, ScanOp, SortOp, ScatterOp, CompactOp, AssignOp, ConcatOp,
             ContiguousOp, CopyOp>(op);
}

bool tg::isInlineConstant(Operation *op) {
  auto constant = dyn_cast<ConstOp>(op);
  return constant && (constant.getValue().isSplat() || constant.getValue().getNumElements() <= 64);
}

double tg::getFlopsOf(Operation *op) {
  auto elementwise = dyn_cast<ElementwiseOpInterface>(op);
  if (!elementwise)
    return isa<GatherOp>(op) ? 2 : 0;
  switch (elementwise.getElementwiseKind()) {
  case ElementwiseKind::Cast:
  case ElementwiseKind::Bitcast:
    return 0.5;
  case ElementwiseKind::FDiv:
  case ElementwiseKind::Sqrt:
  case ElementwiseKind::Reciprocal:
    return 8;
  case ElementwiseKind::FloorDiv:
  case ElementwiseKind::FloorMod:
  case ElementwiseKind::CDiv:
  case ElementwiseKind::CMod:
  case ElementwiseKind::Threefry:
    return 40;
  default:
    break;
  }
  // What a decomposition or a library call costs.
  if (isa<DecomposableOpInterface, Exp2Op, Log2Op, SinOp, PowOp>(op))
    return 25;
  return 1;
}

int64_t tg::toInteger(double estimate) {
  return static_cast<int64_t>(std::clamp(estimate, -0x1p62, 0x1p62));
}

double tg::countElements(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  // Expressions of sizes take time to make.
  if (!tensor.hasStaticShape())
    return estimateElements(getDims(tensor));
  double count = 1;
  for (int64_t extent : tensor.getShape())
    count = std::min(count * double(extent), 0x1p48);
  return count;
}

static double bytesPerElement(Value value) {
  return getBytesPerElement(uop::tensorType(value).getElementType());
}

void MaterializationPlan::materialize(Value value, const Twine &reason) {
  reasons.try_emplace(value, reason.str());
}

/// Whether elements of the value, at which elementwise operations end, are read more than once.
static bool isReadAgain(Value value) {
  if (llvm::all_of(value.getUsers(), llvm::IsaPred<ElementwiseOpInterface>))
    return false;
  Value moved = value;
  while (moved.hasOneUse() && isa<MovementOpInterface>(*moved.getUsers().begin()))
    moved = moved.getUsers().begin()->getResult(0);
  return !moved.hasOneUse() || countElements(moved.getType()) > countElements(value.getType());
}

namespace {

/// The values of a block by number: every operation looks at up to `maxOps` others, which must take
/// neither hashing nor interfaces.
struct Numbered {
  /// What computes it; nothing for what a kernel reads.
  SmallVector<unsigned, 2> operands;
  bool isLeaf = true;
  double flops = 0;
  double elements = 0;
  /// A reduction; or anything else that a kernel computes.
  bool isReduction = false, isComputed = false;
  /// The last one that saw it.
  unsigned seenBy = 0;
};

} // namespace

void MaterializationPlan::findSlices(Block &block, unsigned maxOps) {
  std::vector<Numbered> values;
  llvm::DenseMap<Value, unsigned> numbers;
  auto numberOf = [&](Value value) {
    auto [it, isNew] = numbers.try_emplace(value, values.size());
    if (isNew) {
      Numbered &number = values.emplace_back();
      number.elements = countElements(value.getType());
      Operation *producer = value.getDefiningOp();
      number.isReduction = isa_and_nonnull<ReduceOp, UnwindowOp>(producer);
      number.isComputed = producer && !isa<ConstOp>(producer);
    }
    return it->second;
  };
  SmallVector<unsigned, 32> worklist;
  for (Operation &op : block) {
    if (!isComputeOp(&op) || isRootOp(&op))
      continue;
    SmallVector<unsigned, 2> operands = llvm::map_to_vector<2>(op.getOperands(), numberOf);
    double flops = getFlopsOf(&op);
    for (Value result : op.getResults()) {
      unsigned number = numberOf(result);
      values[number].operands = operands;
      values[number].flops = flops;
      values[number].isLeaf = false;
    }
    if (!isa<ElementwiseOpInterface>(op))
      continue;
    Value result = op.getResult(0);
    unsigned root = numberOf(result);
    double elements = std::max(values[root].elements, 1.0);
    Slice &slice = slices[result];
    unsigned numComputed = 0;
    bool followsReduction = false;
    worklist.assign({root});
    while (!worklist.empty() && slice.ops < maxOps) {
      Numbered &current = values[worklist.pop_back_val()];
      if (std::exchange(current.seenBy, root + 1) == root + 1)
        continue;
      if (current.isLeaf) {
        followsReduction |= current.isReduction && current.elements == values[root].elements;
        numComputed += current.isComputed;
        slice.leaves += std::min(current.elements / elements, 1.0);
        continue;
      }
      ++slice.ops;
      slice.flops += current.flops;
      worklist.append(current.operands);
    }
    slice.isEpilogue = followsReduction && numComputed == 1;
    // A chain past the limit starts anew. Where the operations after a reduction end it will be
    // stored, so that it costs those that follow no flops.
    if (slice.ops >= maxOps)
      materialize(result, "a kernel has at most " + Twine(maxOps) + " operations");
    values[root].isLeaf = slice.ops >= maxOps || (slice.isEpilogue && isReadAgain(result));
  }
}

MaterializationPlan::MaterializationPlan(Block &block, double flopsPerByte,
                                         const FusionStrategy &strategy, unsigned maxOps)
    : flopsPerByte(flopsPerByte) {
  findSlices(block, maxOps);
  // Backward: consumers decide first, so that the number of reads is known.
  for (Operation &op : llvm::reverse(block))
    if (isComputeOp(&op))
      visit(&op, strategy);
  // Collected in reverse.
  llvm::MapVector<Value, std::string> ordered;
  for (Operation &op : block)
    for (Value result : op.getResults())
      if (auto it = reasons.find(result); it != reasons.end())
        ordered.insert(*it);
  reasons = std::move(ordered);
}

MaterializationPlan::Reads MaterializationPlan::readsOf(Value value) {
  if (isMaterialized(value))
    return {{value, 1.0}};
  return reads.lookup(value);
}

void MaterializationPlan::visit(Operation *op, const FusionStrategy &strategy) {
  if (isInlineConstant(op))
    return;
  for (Value result : op->getResults()) {
    Reads &mine = reads[result];
    for (OpOperand &use : result.getUses()) {
      Operation *user = use.getOwner();
      if (user->getBlock() != op->getBlock()) {
        materialize(result, "used in another block");
        continue;
      }
      if (!isComputeOp(user)) {
        materialize(result, "used by " + user->getName().getStringRef());
        continue;
      }
      // What these walk in an order of their own is read from memory.
      if (isa<ScanOp, SortOp, CompactOp, ScatterOp>(user) ||
          (isa<AssignOp>(user) && use.getOperandNumber() == 0)) {
        materialize(result, "walked by " + user->getName().getStringRef());
        continue;
      }
      if (isa<GatherOp>(user) && use.getOperandNumber() == 0 && getFlopsOf(op) > 0) {
        materialize(result, "read at indices known at run time");
        continue;
      }
      if (isRootOp(user)) {
        for (Value root : user->getResults())
          mine[root] += 1;
        continue;
      }
      for (Value next : user->getResults()) {
        double ratio = 1;
        if (isa<MovementOpInterface>(user))
          ratio = std::max(
              countElements(next.getType()) / std::max(countElements(result.getType()), 1.0), 1.0);
        for (auto [root, count] : readsOf(next)) {
          double &entry = mine[root];
          // The same index is computed once; another index again.
          entry = isa<MovementOpInterface>(user) ? entry + ratio * count : std::max(entry, count);
        }
      }
    }
    if (isRootOp(op)) {
      materialize(result, "result of " + op->getName().getStringRef());
      continue;
    }
    if (isa<ConstOp>(op)) {
      materialize(result, "large constant");
      continue;
    }
    if (isMaterialized(result))
      continue;
    if (!isa<ElementwiseOpInterface, GatherOp>(op))
      continue;
    RecomputeCandidate candidate;
    candidate.value = result;
    Slice slice = slices.lookup(result);
    candidate.leaves = slice.leaves;
    candidate.flops = slice.flops;
    candidate.consumers = mine.size();
    for (auto [root, count] : mine)
      candidate.reads += count;
    candidate.bytesPerElement = bytesPerElement(result);
    candidate.flopsPerByte = flopsPerByte;
    candidate.isEpilogue = slice.isEpilogue;
    if (std::string reason = strategy.whyStored(candidate); !reason.empty())
      materialize(result, reason);
  }
}
