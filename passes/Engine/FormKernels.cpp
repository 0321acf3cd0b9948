//===- FormKernels.cpp - Fuse operations into kernels ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Before:
//   %1 = uop.neg %0 : tensor<4x8xf32>
//   %2 = uop.reduce add %1 axes [1] : (tensor<4x8xf32>) -> tensor<4xf32>
// After:
//   %2 = uop.kernel ins(%0 : tensor<4x8xf32>) -> tensor<4xf32> { ... }
//
// Test: test/Engine/form-kernels.mlir
//
//===----------------------------------------------------------------------===//

#include "Clusters.h"

#include "tg/Engine/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Remarks.h"

namespace tg {
#define GEN_PASS_DEF_FORMKERNELS
#include "tg/Engine/Passes.h.inc"
} // namespace tg

using namespace mlir;
using namespace tg;
using namespace tg::engine;
using namespace tg::uop;

namespace {

/// Puts the clusters of a block into kernels.
class KernelBuilder {
public:
  KernelBuilder(Block &block, const MaterializationPlan &plan) : block(block), plan(plan) {}

  void run(ArrayRef<Cluster *> clusters) {
    for (Cluster *cluster : clusters)
      build(*cluster);
    // What is left is dead or was cloned into every user.
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
      if (isComputeOp(&op) && op.use_empty())
        op.erase();
  }

private:
  void build(Cluster &cluster) {
    SmallVector<Operation *> ops = cluster.ops.takeVector();
    // Constants first: they may come from a block around this one.
    auto *end =
        std::partition(ops.begin(), ops.end(), [](Operation *op) { return isa<ConstOp>(op); });
    std::sort(end, ops.end(), [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
    SmallPtrSet<Operation *, 16> inside(ops.begin(), ops.end());
    // What other kernels made, and what stands for it in this one.
    llvm::MapVector<Value, Value> inputs;
    SmallVector<Location> locations;
    for (Operation *op : ops) {
      for (Value operand : op->getOperands())
        if (!inside.contains(operand.getDefiningOp()))
          inputs.try_emplace(operand, made.lookup_or(operand, operand));
      if (!isa<ConstOp>(op))
        locations.push_back(op->getLoc());
    }
    SmallVector<Value> results = cluster.getResults();
    OpBuilder builder(cluster.position);
    Location loc = builder.getFusedLoc(locations);
    auto kernel = KernelOp::create(
        builder, loc, TypeRange(ValueRange(results)),
        llvm::map_to_vector(llvm::make_second_range(inputs), [](Value v) { return v; }),
        ValueRange(), nullptr, nullptr);
    Block *body = builder.createBlock(&kernel.getBody());
    IRMapping mapping;
    for (auto &[input, value] : inputs)
      mapping.map(input, body->addArgument(input.getType(), input.getLoc()));
    for (Operation *op : ops) {
      if (isa<ContiguousOp, CopyOp, DetachOp>(op)) // Places, not computations.
        mapping.map(op->getResult(0), mapping.lookup(op->getOperand(0)));
      else
        builder.clone(*op, mapping);
      for (Value result : op->getResults())
        if (auto it = cluster.staged.find(result); it != cluster.staged.end())
          mapping.map(result, ContiguousOp::create(builder, op->getLoc(), result.getType(),
                                                   mapping.lookup(result),
                                                   builder.getDenseI64ArrayAttr(it->second)));
    }
    YieldOp::create(builder, loc,
                    llvm::map_to_vector(results, [&](Value v) { return mapping.lookup(v); }));
    for (auto [output, result] : llvm::zip_equal(results, kernel.getResults())) {
      remark::passed(loc, remark::RemarkOpts::name("Kernel").category("tg-fusion"))
          << remark::reason("{0}", reasonFor(output)) << remark::metric("operations", ops.size());
      made[output] = result;
      // Operations of the block are cloned by whom needs them, then they are dead.
      output.replaceUsesWithIf(result, [&](OpOperand &use) {
        return use.getOwner()->getBlock() != &block || !isComputeOp(use.getOwner());
      });
    }
  }

  std::string reasonFor(Value output) const {
    auto it = plan.getMaterialized().find(output);
    return it == plan.getMaterialized().end() ? "result of the same operation" : it->second;
  }

  Block &block;
  const MaterializationPlan &plan;
  llvm::DenseMap<Value, Value> made;
};

/// Splats that something else than a kernel reads, such as a return, are written at run time where
/// they have many elements: a program holds every element of its constants.
void writeSplats(func::FuncOp function) {
  constexpr int64_t heldElements = 64;
  SmallVector<ConstOp> splats;
  function.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (auto constant = dyn_cast<ConstOp>(op); constant && constant.getValue().isSplat() &&
                                               constant.getValue().getNumElements() > heldElements)
      splats.push_back(constant);
    return isa<KernelOp>(op) ? WalkResult::skip() : WalkResult::advance();
  });
  for (ConstOp splat : splats) {
    OpBuilder builder(splat);
    auto kernel = KernelOp::create(builder, splat.getLoc(), TypeRange(splat.getType()),
                                   ValueRange(), ValueRange(), nullptr, nullptr);
    splat.replaceAllUsesWith(kernel.getResult(0));
    builder.createBlock(&kernel.getBody());
    splat->moveBefore(builder.getInsertionBlock(), builder.getInsertionPoint());
    YieldOp::create(builder, splat.getLoc(), splat.getResult());
  }
}

struct FormKernelsPass : tg::impl::FormKernelsBase<FormKernelsPass> {
  using FormKernelsBase::FormKernelsBase;

  // Here and not in runOnOperation, which would say it again for every function.
  LogicalResult initialize(MLIRContext *context) override {
    if (std::string message = checkFusionStrategy(strategy); !message.empty())
      return emitError(UnknownLoc::get(context), message);
    if (!(flopsPerByte > 0))
      return emitError(UnknownLoc::get(context), "flops-per-byte: expected a number above 0");
    return success();
  }

  void runOnOperation() override {
    std::unique_ptr<FusionStrategy> fusion = createFusionStrategy(strategy);
    SmallVector<Block *> blocks;
    getOperation().walk([&](Block *block) {
      if (isa<func::FuncOp>(block->getParentOp()) ||
          block->getParentOp()->getName().getDialectNamespace() == "scf")
        blocks.push_back(block);
    });
    for (Block *block : blocks) {
      MaterializationPlan plan(*block, flopsPerByte, *fusion, maxOps);
      ClusterGraph graph(*block, plan, *fusion, maxOps);
      KernelBuilder(*block, plan).run(graph.getClusters());
    }
    writeSplats(getOperation());
  }
};

} // namespace
