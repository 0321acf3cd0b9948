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

#include "tg/Dialect/UOp/UOp.h"
#include "tg/Engine/Fusion.h"
#include "tg/Engine/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/SetVector.h"

namespace tg {
#define GEN_PASS_DEF_FORMKERNELS
#include "tg/Engine/Passes.h.inc"
} // namespace tg

using namespace mlir;
using namespace tg;
using namespace tg::uop;

namespace {

/// One kernel to be: its outputs and all operations it computes.
struct Cluster {
  SmallVector<Value> outputs;
  llvm::SetVector<Operation *> ops;
};

class BlockFuser {
public:
  BlockFuser(Block &block, MaterializationPlan &plan, bool fuse)
      : block(block), plan(plan), fuse(fuse) {}

  void run() {
    SmallVector<Operation *> roots;
    for (auto &entry : plan.getMaterialized())
      if (roots.empty() || roots.back() != entry.first.getDefiningOp())
        roots.push_back(entry.first.getDefiningOp());
    SmallVector<Cluster> clusters;
    for (Operation *root : roots)
      if (!isLargeConstant(root))
        clusters.push_back(collect(root));
    for (Cluster &cluster : clusters)
      for (Operation *op : cluster.ops)
        ++numClusters[op];
    if (fuse)
      for (Cluster &cluster : clusters)
        absorbReduction(cluster);
    for (Cluster &cluster : clusters)
      if (!absorbed.contains(cluster.outputs.front()))
        build(cluster);
    // What is left is dead or was cloned into every user.
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
      if (isComputeOp(&op) && op.use_empty())
        op.erase();
  }

private:
  bool isLargeConstant(Operation *op) const { return isa<ConstOp>(op) && !isInlineConstant(op); }

  bool isInside(Value value) const {
    Operation *op = value.getDefiningOp();
    return op && op->getBlock() == &block && isComputeOp(op) && !plan.isMaterialized(value);
  }

  void addSlice(Cluster &cluster, Operation *op) {
    SmallVector<Operation *> worklist{op};
    while (!worklist.empty()) {
      Operation *current = worklist.pop_back_val();
      if (!cluster.ops.insert(current))
        continue;
      for (Value operand : current->getOperands())
        if (isInside(operand))
          worklist.push_back(operand.getDefiningOp());
        else if (Operation *producer = operand.getDefiningOp();
                 producer && isInlineConstant(producer))
          worklist.push_back(producer);
    }
  }

  Cluster collect(Operation *root) {
    Cluster cluster;
    for (Value result : root->getResults())
      cluster.outputs.push_back(result);
    addSlice(cluster, root);
    return cluster;
  }

  /// If the elementwise operations of a cluster end in one reduction that nothing else reads, the
  /// reduction joins the kernel and they are its epilogue.
  void absorbReduction(Cluster &cluster) {
    Operation *root = cluster.outputs.front().getDefiningOp();
    if (!isa<ElementwiseOpInterface>(root))
      return;
    for (Operation *op : llvm::to_vector(cluster.ops)) {
      for (Value operand : op->getOperands()) {
        auto reduce = operand.getDefiningOp<ReduceOp>();
        if (!reduce || reduce->getBlock() != &block || reduce->getNumResults() != 1 ||
            !plan.isMaterialized(operand) || absorbed.contains(operand))
          continue;
        auto isEpilogue = [&](Operation *user) {
          return cluster.ops.contains(user) && numClusters.lookup(user) == 1 &&
                 reachesInPlace(user, root, cluster);
        };
        if (!llvm::all_of(operand.getUsers(), isEpilogue) ||
            !sameShape(operand, root->getResult(0)))
          continue;
        absorbed.insert(operand);
        plan.unmaterialize(operand);
        addSlice(cluster, reduce);
        return;
      }
    }
  }

  static bool sameShape(Value a, Value b) {
    return withElementType(a.getType(), 1) == withElementType(b.getType(), 1);
  }

  /// Whether every path from `op` to `root` inside the cluster is elementwise.
  bool reachesInPlace(Operation *op, Operation *root, Cluster &cluster) const {
    llvm::SmallDenseSet<Operation *> seen;
    SmallVector<Operation *> worklist{op};
    while (!worklist.empty()) {
      Operation *current = worklist.pop_back_val();
      if (!seen.insert(current).second)
        continue;
      if (!isa<ElementwiseOpInterface>(current))
        return false;
      if (current == root)
        continue;
      for (Operation *user : current->getUsers())
        if (cluster.ops.contains(user))
          worklist.push_back(user);
    }
    return true;
  }

  void build(Cluster &cluster) {
    SmallVector<Operation *> ops = cluster.ops.takeVector();
    // Constants first: they may come from a block around this one.
    auto *end =
        std::partition(ops.begin(), ops.end(), [](Operation *op) { return isa<ConstOp>(op); });
    std::sort(end, ops.end(), [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
    SmallPtrSet<Operation *, 16> inside(ops.begin(), ops.end());
    llvm::SetVector<Value> inputs;
    SmallVector<Location> locations;
    for (Operation *op : ops) {
      for (Value operand : op->getOperands())
        if (!inside.contains(operand.getDefiningOp()))
          inputs.insert(operand);
      if (!isa<ConstOp>(op))
        locations.push_back(op->getLoc());
    }
    Operation *root = cluster.outputs.front().getDefiningOp();
    OpBuilder builder(root);
    Location loc = builder.getFusedLoc(locations);
    auto kernel = KernelOp::create(builder, loc, TypeRange(ValueRange(cluster.outputs)),
                                   inputs.getArrayRef(), ValueRange(), nullptr, nullptr);
    Block *body = builder.createBlock(&kernel.getBody());
    IRMapping mapping;
    for (Value input : inputs)
      mapping.map(input, body->addArgument(input.getType(), input.getLoc()));
    for (Operation *op : ops) {
      if (isa<ContiguousOp, CopyOp, DetachOp>(op)) // Places, not computations.
        mapping.map(op->getResult(0), mapping.lookup(op->getOperand(0)));
      else
        builder.clone(*op, mapping);
    }
    YieldOp::create(builder, loc, llvm::map_to_vector(cluster.outputs, [&](Value v) {
                      return mapping.lookup(v);
                    }));
    for (auto [output, result] : llvm::zip_equal(cluster.outputs, kernel.getResults())) {
      remark::passed(loc, remark::RemarkOpts::name("Kernel").category("tg-fusion"))
          << remark::reason("{0}", reasonFor(output)) << remark::metric("operations", ops.size());
      output.replaceUsesWithIf(result,
                               [&](OpOperand &use) { return !inside.contains(use.getOwner()); });
    }
  }

  std::string reasonFor(Value output) const {
    auto it = plan.getMaterialized().find(output);
    return it == plan.getMaterialized().end() ? "result of the same operation" : it->second;
  }

  Block &block;
  MaterializationPlan &plan;
  bool fuse;
  llvm::DenseSet<Value> absorbed;
  /// In how many clusters an operation is recomputed.
  llvm::DenseMap<Operation *, unsigned> numClusters;
};

struct FormKernelsPass : tg::impl::FormKernelsBase<FormKernelsPass> {
  using FormKernelsBase::FormKernelsBase;

  void runOnOperation() override {
    if (strategy != "default" && strategy != "none") {
      getOperation().emitError("unknown fusion strategy '")
          << strategy << "'; there are: default, none";
      return signalPassFailure();
    }
    SmallVector<Block *> blocks;
    getOperation().walk([&](Block *block) {
      if (isa<func::FuncOp>(block->getParentOp()) ||
          block->getParentOp()->getName().getDialectNamespace() == "scf")
        blocks.push_back(block);
    });
    for (Block *block : blocks) {
      MaterializationPlan plan(*block, CostModel(), strategy == "default", maxOps);
      BlockFuser(*block, plan, strategy == "default").run();
    }
  }
};

} // namespace
