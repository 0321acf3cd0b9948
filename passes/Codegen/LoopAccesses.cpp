//===- LoopAccesses.cpp - What loops read and write ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LoopAccesses.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using affine::AffineForOp;

namespace tg::codegen {

std::string getOperandName(BlockArgument argument) {
  return "in" + std::to_string(argument.getArgNumber());
}

void Slice::add(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto loop = dyn_cast<AffineForOp>(argument.getOwner()->getParentOp());
    if (loop && argument == loop.getInductionVar()) {
      loops.insert(loop);
    } else if (loop) {
      // What a loop carries depends on anything.
      isPure = false;
      for (Operation *at = loop; at; at = at->getParentOp())
        if (isa<AffineForOp>(at))
          loops.insert(at);
    }
    return;
  }
  Operation *op = value.getDefiningOp();
  if (!op->getParentOfType<AffineForOp>() || ops.contains(op))
    return;
  isPure &= isMemoryEffectFree(op) && op->getNumRegions() == 0;
  op->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      if (!op->isAncestor(operand.getParentBlock()->getParentOp()))
        add(operand);
  });
  if (isa<AffineForOp>(op))
    for (Operation *at = op->getParentOp(); at; at = at->getParentOp())
      if (isa<AffineForOp>(at))
        loops.insert(at);
  ops.insert(op);
}

std::optional<OperandRead> OperandRead::get(memref::LoadOp load) {
  auto argument = dyn_cast<BlockArgument>(load.getMemRef());
  if (!argument || !isa<func::FuncOp>(argument.getOwner()->getParentOp()) ||
      load.getIndices().size() != 1 || !isStorable(load.getType()))
    return std::nullopt;
  bool isWritten =
      llvm::any_of(argument.getUsers(), [](Operation *user) { return !isa<memref::LoadOp>(user); });
  if (isWritten)
    return std::nullopt;
  OperandRead result{load, load.getResult(), {}, {}};
  result.slice.add(load.getIndices().front());
  if (auto branch = dyn_cast<scf::IfOp>(load->getParentOp())) {
    if (branch.getNumResults() != 1 || branch.thenBlock()->getOperations().size() != 2 ||
        branch.elseBlock()->getOperations().size() != 1 ||
        branch.thenBlock()->getTerminator()->getOperand(0) != load.getResult())
      return std::nullopt;
    result.read = branch;
    result.value = branch.getResult(0);
    result.slice.add(branch.getCondition());
    for (Value operand : branch.elseBlock()->getTerminator()->getOperands())
      result.slice.add(operand);
  }
  if (!isa<AffineForOp>(result.read->getParentOp()) || !result.slice.isPure)
    return std::nullopt;
  // Up to where anything that differs from iteration to iteration comes in.
  SmallVector<Operation *> pending;
  for (Value at = result.value; at.hasOneUse();) {
    Operation *user = *at.user_begin();
    if (user->getBlock() != result.read->getBlock() || user->getNumResults() != 1 ||
        user->getNumRegions() > 0 || !isMemoryEffectFree(user) ||
        !OpTrait::hasElementwiseMappableTraits(user) ||
        llvm::any_of(user->getOperands(), [&](Value operand) {
          return operand != at && operand.getParentRegion()->getParentOfType<AffineForOp>();
        }))
      break;
    pending.push_back(user);
    at = user->getResult(0);
    if (!isStorable(at.getType()))
      continue;
    result.conversions.append(pending);
    pending.clear();
    result.value = at;
  }
  return result;
}

/// Whether a loop beside `op` computes with what it makes, perhaps as the result of a branch.
static bool isUsedInLoop(Operation *op) {
  auto around = op->getParentOfType<AffineForOp>();
  auto inBody = [&](Operation *inner) {
    while (inner->getParentOp() != around)
      inner = inner->getParentOp();
    return inner;
  };
  if (!around)
    return true;
  llvm::SetVector<Operation *> users;
  users.insert(inBody(op));
  for (size_t i = 0; i < users.size(); ++i)
    for (Operation *user : users[i]->getUsers()) {
      if (isa<AffineForOp>(user) || user->getParentOfType<AffineForOp>() != around)
        return true;
      users.insert(inBody(user));
    }
  return false;
}

} // namespace tg::codegen

using namespace tg::codegen;

void tg::codegen::describeAccesses(func::FuncOp function,
                                   const llvm::DenseMap<Operation *, unsigned> &placeOf,
                                   std::vector<AccessNode> &accesses) {
  auto describe = [&](Operation *op, Value memory) {
    AccessNode node;
    Slice slice;
    auto load = dyn_cast<memref::LoadOp>(op);
    std::optional<OperandRead> read = load ? OperandRead::get(load) : std::nullopt;
    if (read) {
      node.operand = getOperandName(cast<BlockArgument>(memory));
      node.bytes = llvm::divideCeil(read->value.getType().getIntOrFloatBitWidth(), 8);
      slice = read->slice;
    } else {
      for (Operation *at = op; at != function && !isa<AffineForOp>(at); at = at->getParentOp())
        for (Value operand : at->getOperands())
          slice.add(operand);
    }
    for (Operation *loop : slice.loops)
      node.along.push_back(placeOf.lookup(loop));
    if (auto loop = op->getParentOfType<AffineForOp>())
      node.loop = placeOf.lookup(loop);
    node.isUsedInLoop = isUsedInLoop(read ? read->read : op);
    node.isWrite = !load;
    accesses.push_back(std::move(node));
  };
  function.walk([&](Operation *op) {
    if (auto load = dyn_cast<memref::LoadOp>(op))
      describe(op, load.getMemRef());
    else if (auto store = dyn_cast<memref::StoreOp>(op))
      describe(op, store.getMemRef());
  });
}
