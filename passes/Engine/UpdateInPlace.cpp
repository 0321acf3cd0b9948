//===- UpdateInPlace.cpp - Results take over buffers of what dies ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel or a copy whose result may lie where one of its inputs lies, and after which nothing
// reads the input, gets one buffer for both. So state that a loop carries is updated where it is,
// and state that a program takes and returns is updated in the caller's memory.
//
// Before:  uop.kernel ins(%a, %row) outs(%b) { ^bb0(%0, %1): %2 = uop.assign %0, %1 ... }
//          memref.copy %b, %out
// After:   uop.kernel ins(%a, %row) outs(%a) { ^bb0(%0, %1): %2 = uop.assign %0, %1 ... }
//          with %out {tg.tied = 0} for the argument %a, if that is number 0
//
// Buffers are compared over the whole function by the order of its operations: all that accesses
// the one comes before all that accesses the other. Branches count as one after the other, and what
// crosses the beginning of a loop is kept, with one exception: what the loop carries and is written
// again at the end of the iteration.
//
// Test: test/Engine/update-in-place.mlir
//
//===----------------------------------------------------------------------===//

#include "tg/Analysis/Reads.h"
#include "tg/Engine/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/LoopLikeInterface.h"

namespace tg {
#define GEN_PASS_DEF_UPDATEINPLACE
#include "tg/Engine/Passes.h.inc"
} // namespace tg

using namespace mlir;
using namespace tg;
using namespace tg::uop;

namespace {

SmallVector<DimAttr> dimsOf(Value value) {
  return getDims(cast<RankedTensorType>(value.getType()));
}

/// Whether a read is the element at `offsets` (none: 0) from the one that is written.
bool isAt(const Read &read, ArrayRef<DimAttr> dims, DimsAttr offsets, VarScope &scope) {
  for (auto [axis, index] : llvm::enumerate(read.indices)) {
    AffineExpr offset = getAffineConstantExpr(0, scope.getContext());
    if (offsets)
      offset = scope.getExpr(offsets.getDims()[axis]);
    AffineExpr moving = getAffineDimExpr(axis, scope.getContext()) + offset;
    if (index != moving && !(dims[axis].isConstant(1) && index == offset))
      return false;
  }
  return true;
}

/// Whether what `assign` writes depends on nothing of its destination but what it replaces.
bool canAssignInPlace(AssignOp assign, Value dest) {
  SmallVector<DimAttr> dims = dimsOf(assign.getSource());
  VarScope scope(assign.getContext());
  auto isLeaf = [](Value value) { return isa<BlockArgument>(value); };
  auto tree = TreeReads::get(dims, assign.getSource(), isLeaf, scope);
  if (!tree)
    return false;
  auto it = tree->getLeaves().find(dest);
  return it == tree->getLeaves().end() ||
         (it->second.size() == 1 && isAt(it->second.front(), dims, assign.getOffsetsAttr(), scope));
}

/// What the results of a kernel read, by the nests that compute them.
class KernelReads {
public:
  explicit KernelReads(KernelOp kernel) : scope(kernel.getContext()) {
    // These have loops of their own, or read at indices that are not known.
    auto walksAlone = [](Operation &op) {
      return isa<ScanOp, SortOp, ScatterOp, CompactOp, AssignOp, ConcatOp, GatherOp>(op);
    };
    isKnown = llvm::none_of(kernel.getBody().front(), walksAlone);
    if (!isKnown)
      return;
    auto isLeaf = [](Value value) { return isa<BlockArgument>(value); };
    auto yield = cast<YieldOp>(kernel.getBody().front().getTerminator());
    for (ArrayRef<Value> values : groupByNest(yield.getOperands(), scope)) {
      auto tree = TreeReads::get(dimsOf(values.front()), values, isLeaf, scope);
      isKnown &= tree.has_value();
      if (tree)
        nests.push_back({SmallVector<Value>(values), std::move(*tree)});
    }
  }

  /// Whether all that reads `input` is computed by the result, at the element that it writes.
  bool isReadWhereWritten(Value input, Value result) {
    for (auto &[values, tree] : nests) {
      // Among several nests the result may be computed in another one's rows: it alone may read it.
      bool isOwn = nests.size() == 1 || (values.size() == 1 && values.front() == result);
      auto it = tree.getLeaves().find(input);
      if (it == tree.getLeaves().end())
        continue;
      if (!isOwn || it->second.size() != 1 ||
          !isAt(it->second.front(), tree.getDims(), nullptr, scope))
        return false;
    }
    return isKnown;
  }

private:
  VarScope scope;
  bool isKnown;
  std::vector<std::pair<SmallVector<Value>, TreeReads>> nests;
};

/// Whether the result is the input with a part of it replaced.
bool updates(KernelOp kernel, unsigned input, unsigned output) {
  Value result = kernel.getBody().front().getTerminator()->getOperand(output);
  return getUpdated(result) == kernel.getBody().getArgument(input);
}

/// Whether the result may be written where the input lies.
bool canOverwrite(KernelOp kernel, unsigned input, unsigned output,
                  std::optional<KernelReads> &reads) {
  auto yield = cast<YieldOp>(kernel.getBody().front().getTerminator());
  Value result = yield->getOperand(output), argument = kernel.getBody().getArgument(input);
  unsigned bits = cast<RankedTensorType>(result.getType()).getElementTypeBitWidth();
  // Elements of less than a byte share one.
  if (result.getType() != argument.getType() || (bits < 8 && bits != 1))
    return false;
  if (updates(kernel, input, output)) {
    if (!result.hasOneUse() || argument.hasOneUse())
      return result.hasOneUse();
    auto assign = result.getDefiningOp<AssignOp>();
    return assign && assign.getDest() == argument && yield->getNumOperands() == 1 &&
           canAssignInPlace(assign, argument);
  }
  if (!reads)
    reads.emplace(kernel);
  return reads->isReadWhereWritten(argument, result);
}

class Updater {
public:
  explicit Updater(func::FuncOp function) : function(function) {}

  void run() {
    number(function.getBody().front());
    // A merge can make way for another one.
    constexpr unsigned maxRounds = 4;
    for (unsigned round = 0; round < maxRounds; ++round) {
      changed = false;
      for (Operation *op : candidates)
        if (!dead.contains(op))
          visit(op);
      if (!changed)
        break;
    }
    for (auto &[op, reason] : refusals)
      remark::missed(op->getLoc(), remark::RemarkOpts::name("InPlace").category("tg-memory"))
          << remark::reason("{0}", reason);
    for (Operation *op : dead)
      op->dropAllReferences();
    for (Operation *op : dead)
      op->erase();
  }

private:
  /// Of one buffer: operations that read or write it, by their numbers.
  struct Buffer {
    SmallVector<unsigned> accesses;
    unsigned first = ~0u, last = 0;
    /// What the caller holds is there from the beginning.
    bool isInput = false, isOutput = false, isConstant = false;
    /// The runtime knows it by its name.
    bool isPinned = false;
    DimsAttr dims;

    void add(unsigned number) {
      accesses.push_back(number);
      first = std::min(first, number);
      last = std::max(last, number);
    }
  };

  static Value rootOf(Value value) {
    if (auto part = value.getDefiningOp<memref::ReinterpretCastOp>())
      return part.getSource();
    return value;
  }

  void access(Value value, unsigned number) { buffers[rootOf(value)].add(number); }

  /// A loaded scalar is read where it is used: by the command of the loop or the branch.
  void addScalar(Value scalar, Value buffer) {
    for (Operation *user : scalar.getUsers()) {
      if (auto cast = dyn_cast<arith::IndexCastOp>(user))
        addScalar(cast.getOut(), buffer);
      else
        access(buffer, numbers.lookup(user));
    }
  }

  void number(Block &entry) {
    unsigned next = 0;
    entry.getParentOp()->walk<WalkOrder::PreOrder>([&](Operation *op) {
      numbers[op] = ++next;
      return isa<KernelOp>(op) ? WalkResult::skip() : WalkResult::advance();
    });
    for (BlockArgument argument : entry.getArguments()) {
      unsigned i = argument.getArgNumber();
      auto type =
          cast<RankedTensorType>(function.getArgAttrOfType<TypeAttr>(i, attrs::type).getValue());
      Buffer &buffer = buffers[argument];
      buffer.dims = DimsAttr::get(function.getContext(), getDims(type));
      buffer.isOutput = function.getArgAttr(i, attrs::output) != nullptr;
      buffer.isInput = !buffer.isOutput;
      if (buffer.isInput)
        buffer.add(0);
    }
    entry.getParentOp()->walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (auto buffer = dyn_cast<BufferOp>(op)) {
        buffers[buffer.getResult()].dims = buffer.getDims();
        buffers[buffer.getResult()].isConstant = buffer.getValue().has_value();
      } else if (auto load = dyn_cast<memref::LoadOp>(op)) {
        access(load.getMemRef(), numbers.lookup(op));
        addScalar(load.getResult(), load.getMemRef());
      } else if (auto store = dyn_cast<memref::StoreOp>(op)) {
        buffers[store.getMemRef()].isPinned = true;
      } else if (isa<KernelOp, memref::CopyOp, BindOp>(op)) {
        llvm::SmallSetVector<Value, 8> values;
        for (Value operand : op->getOperands())
          values.insert(rootOf(operand));
        for (Value value : values)
          access(value, numbers.lookup(op));
        if (!isa<BindOp>(op))
          candidates.push_back(op);
      }
      return isa<KernelOp>(op) ? WalkResult::skip() : WalkResult::advance();
    });
  }

  /// Whether the operation runs more than once for one content of the buffer.
  static bool isInLoop(Operation *op, Value buffer) {
    for (Block *block = op->getBlock(); block != buffer.getParentBlock();
         block = block->getParentOp()->getBlock())
      if (isa<LoopLikeOpInterface>(block->getParentOp()))
        return true;
    return false;
  }

  void visit(Operation *op) {
    if (auto copy = dyn_cast<memref::CopyOp>(op)) {
      Value from = copy.getSource(), to = copy.getTarget();
      if (rootOf(from) == from && from != to && whyApart(op, from, to).empty()) {
        merge(op, from, to);
        dead.insert(op);
      }
      return;
    }
    auto kernel = cast<KernelOp>(op);
    std::optional<KernelReads> reads;
    for (unsigned output = 0; output < kernel.getOuts().size(); ++output)
      for (unsigned input = 0; input < kernel.getInputs().size(); ++input)
        if (kernel.getInputs()[input] == kernel.getOuts()[output] ||
            visit(kernel, input, output, reads))
          break;
  }

  /// True if the result takes over the input's buffer.
  bool visit(KernelOp kernel, unsigned input, unsigned output, std::optional<KernelReads> &reads) {
    Value from = kernel.getInputs()[input], to = kernel.getOuts()[output];
    if (llvm::count(kernel->getOperands(), from) > 1 ||
        llvm::is_contained(kernel.getInputs(), to) || from.getType() != to.getType() ||
        buffers[from].dims != buffers[to].dims)
      return false;
    bool isUpdate = updates(kernel, input, output);
    memref::CopyOp back = findCopyBack(kernel, from, to);
    std::string reason = back ? "" : whyApart(kernel, from, to);
    // A program that may not write to its input works on a copy of it, which costs more than
    // writing a new result.
    if (reason.empty() && !isUpdate && buffers[from].isInput &&
        !function.getArgAttr(cast<BlockArgument>(from).getArgNumber(), attrs::donated))
      reason = "the caller keeps it: it is not tg.donated";
    if (reason.empty() && !canOverwrite(kernel, input, output, reads))
      reason = "it is read elsewhere than it is written";
    if (!reason.empty()) {
      // All others write a new buffer as a matter of course.
      if (isUpdate)
        refusals[kernel] = reason;
      return false;
    }
    if (back) {
      dead.insert(back);
      replace(kernel, to, from, "InPlace");
    } else {
      merge(kernel, from, to);
    }
    return true;
  }

  /// Why `to`, which `op` writes, cannot lie where `from` does, which it reads; empty if it can.
  std::string whyApart(Operation *op, Value from, Value to) {
    Buffer &a = buffers[from], &b = buffers[to];
    unsigned at = numbers.lookup(op);
    if (a.dims != b.dims || from.getType() != to.getType() || a.isPinned || b.isPinned)
      return "it is another kind of buffer";
    if (a.isConstant)
      return "it is a constant";
    if (a.isOutput)
      return "it is a result of the program";
    if (a.isInput && tied.contains(from))
      return "another result has taken its buffer";
    if (a.isInput && !b.isOutput)
      return "the caller keeps it";
    if (isInLoop(op, from))
      return "the next iteration reads it";
    if (a.last > at)
      return "it is read later";
    if (b.first < at)
      return "the result's buffer is in use before";
    return "";
  }

  void merge(Operation *op, Value from, Value to) {
    if (buffers[from].isInput) {
      tied.insert(from);
      Builder builder(op->getContext());
      function.setArgAttr(cast<BlockArgument>(to).getArgNumber(), attrs::tied,
                          builder.getIndexAttr(cast<BlockArgument>(from).getArgNumber()));
      return replace(op, to, from, "Alias");
    }
    if (buffers[to].isOutput || isOutside(to, from))
      return replace(op, from, to, "InPlace");
    replace(op, to, from, "InPlace");
  }

  /// If `from` is what a loop carries, read by `op` in its body for the last time before `to`, the
  /// result of `op`, becomes its next content: the copy that does so.
  memref::CopyOp findCopyBack(KernelOp op, Value from, Value to) {
    Buffer &a = buffers[from], &b = buffers[to];
    unsigned at = numbers.lookup(op);
    if (!to.getDefiningOp<BufferOp>() || isInLoop(op, to) || b.first < at || a.isPinned ||
        b.isPinned)
      return nullptr;
    for (Operation *user : to.getUsers()) {
      auto copy = dyn_cast<memref::CopyOp>(user);
      if (!copy || copy.getSource() != to || copy.getTarget() != from || dead.contains(copy))
        continue;
      unsigned end = numbers.lookup(copy);
      bool isFree =
          llvm::none_of(a.accesses, [&](unsigned number) { return number > at && number < end; });
      if (copy->getBlock() == op->getBlock() && end > at && b.last <= end && isFree)
        return copy;
    }
    return nullptr;
  }

  /// Whether `outer` is defined in a block around that of `inner`.
  static bool isOutside(Value outer, Value inner) {
    return outer.getParentBlock() != inner.getParentBlock() &&
           outer.getParentRegion()->isAncestor(inner.getParentRegion());
  }

  void replace(Operation *op, Value old, Value kept, StringRef name) {
    Buffer &into = buffers[kept];
    Buffer from = std::move(buffers[old]);
    auto memref = cast<MemRefType>(kept.getType());
    auto bytes =
        estimateElements(into.dims.getDims()) * getBytesPerElement(memref.getElementType());
    remark::passed(op->getLoc(), remark::RemarkOpts::name(name).category("tg-memory"))
        << remark::metric("bytes", int64_t(bytes));
    buffers.erase(old);
    // The longer list stays, so that a chain of merges takes linear time.
    if (from.accesses.size() > into.accesses.size())
      std::swap(from.accesses, into.accesses);
    llvm::append_range(into.accesses, from.accesses);
    into.first = std::min(into.first, from.first);
    into.last = std::max(into.last, from.last);
    refusals.erase(op);
    old.replaceAllUsesWith(kept);
    if (Operation *buffer = old.getDefiningOp())
      dead.insert(buffer);
    changed = true;
  }

  func::FuncOp function;
  llvm::DenseMap<Operation *, unsigned> numbers;
  llvm::DenseMap<Value, Buffer> buffers;
  /// Kernels and copies in program order.
  SmallVector<Operation *> candidates;
  llvm::DenseSet<Value> tied;
  /// Why an update is not in place.
  llvm::MapVector<Operation *, std::string> refusals;
  llvm::SetVector<Operation *> dead;
  bool changed = false;
};

struct UpdateInPlacePass : tg::impl::UpdateInPlaceBase<UpdateInPlacePass> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    for (BlockArgument argument : function.getArguments())
      if (!isa<MemRefType>(argument.getType()) ||
          !function.getArgAttrOfType<TypeAttr>(argument.getArgNumber(), attrs::type)) {
        function.emitOpError("argument ")
            << argument.getArgNumber() << " is no buffer; tg-bufferize comes before";
        return signalPassFailure();
      }
    Updater(function).run();
  }
};

} // namespace
