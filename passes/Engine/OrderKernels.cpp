//===- OrderKernels.cpp - Put kernels in order ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Before:
//   %big = uop.kernel ins(%a) -> tensor<1024xf32> {...}
//   %other = uop.kernel ins(%b) -> tensor<1024xf32> {...}
//   %sum = uop.kernel ins(%big) -> tensor<f32> {...}
// After, where %big is gone before %other is made:
//   %big = uop.kernel ins(%a) -> tensor<1024xf32> {...}
//   %sum = uop.kernel ins(%big) -> tensor<f32> {...}
//   %other = uop.kernel ins(%b) -> tensor<1024xf32> {...}
//
// Kernels are functions of tensors here: what is read is never overwritten, so there are no edges
// but those of values. Bufferization comes after and follows the order.
//
// Test: test/Engine/order-kernels.mlir
//
//===----------------------------------------------------------------------===//

#include "tg/Dialect/UOp/UOp.h"
#include "tg/Engine/KernelOrder.h"
#include "tg/Engine/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Remarks.h"

#include <numeric>

namespace tg {
#define GEN_PASS_DEF_ORDERKERNELS
#include "tg/Engine/Passes.h.inc"
} // namespace tg

using namespace mlir;
using namespace tg;
using namespace tg::uop;

namespace {

uint64_t bytesOf(Type type) { return estimateBytes(cast<RankedTensorType>(type)); }

class StretchSorter {
public:
  explicit StretchSorter(ArrayRef<KernelOp> kernels) : kernels(kernels) { build(); }

  void run(const OrderStrategy &strategy) {
    KernelOrder program(kernels.size());
    std::iota(program.begin(), program.end(), 0);
    KernelOrder order = strategy.order(graph);
    uint64_t before = getPeakBytes(graph, program), after = getPeakBytes(graph, order);
    bool isBetter = after < before;
    if (isBetter)
      for (size_t i = 1; i < order.size(); ++i)
        kernels[order[i]]->moveAfter(kernels[order[i - 1]]);
    OrderLevels levels = getLevels(graph);
    KernelOp first = kernels.front();
    remark::analysis(first.getLoc(), remark::RemarkOpts::name("Order").category("tg-order"))
        << remark::metric("kernels", kernels.size()) << remark::metric("peakBefore", before)
        << remark::metric("peakAfter", isBetter ? after : before)
        << remark::metric("criticalPath", levels.criticalPath)
        << remark::metric("widestLevel", levels.widest);
  }

private:
  unsigned numberOf(Value value) {
    auto [it, isNew] = numbers.try_emplace(value, graph.values.size());
    if (isNew)
      graph.values.emplace_back();
    return it->second;
  }

  void build() {
    llvm::DenseMap<Operation *, unsigned> nodes;
    for (auto [i, kernel] : llvm::enumerate(kernels))
      nodes[kernel] = i;
    graph.nodes.resize(kernels.size());
    for (unsigned i = 0; i < kernels.size(); ++i) {
      KernelOp kernel = kernels[i];
      OrderGraph::Node &node = graph.nodes[i];
      for (Value result : kernel->getResults()) {
        unsigned number = numberOf(result);
        node.makes.push_back(number);
        OrderGraph::Value &value = graph.values[number];
        value.bytes = bytesOf(result.getType());
        for (Operation *user : result.getUsers())
          if (!nodes.contains(user)) {
            value.isLiveAfter = true;
            // Results of the program lie in the caller's memory.
            if (isa<func::ReturnOp>(user))
              value.bytes = 0;
          }
      }
      llvm::SmallDenseSet<unsigned> producers, reads;
      for (Value input : kernel.getInputs()) {
        Operation *maker = input.getDefiningOp();
        if (!maker || !nodes.contains(maker))
          continue; // It lives all the time, whatever the order.
        unsigned number = numberOf(input);
        if (!reads.insert(number).second)
          continue;
        node.reads.push_back(number);
        ++graph.values[number].numReaders;
        unsigned producer = nodes.lookup(maker);
        if (!producers.insert(producer).second)
          continue;
        node.producers.push_back(producer);
        graph.nodes[producer].consumers.push_back(i);
      }
    }
  }

  ArrayRef<KernelOp> kernels;
  OrderGraph graph;
  llvm::DenseMap<Value, unsigned> numbers;
};

struct OrderKernelsPass : tg::impl::OrderKernelsBase<OrderKernelsPass> {
  using OrderKernelsBase::OrderKernelsBase;

  // Here and not in runOnOperation, which would say it again for every function.
  LogicalResult initialize(MLIRContext *context) override {
    if (std::string message = checkOrderStrategy(strategy); !message.empty())
      return emitError(UnknownLoc::get(context), message);
    return success();
  }

  void runOnOperation() override {
    std::unique_ptr<OrderStrategy> order = createOrderStrategy(strategy);
    getOperation().walk([&](Block *block) {
      if (isa<KernelOp>(block->getParentOp()))
        return;
      SmallVector<KernelOp> stretch;
      auto flush = [&] {
        if (!stretch.empty())
          StretchSorter(stretch).run(*order);
        stretch.clear();
      };
      for (Operation &op : llvm::make_early_inc_range(*block))
        if (auto kernel = dyn_cast<KernelOp>(op))
          stretch.push_back(kernel);
        else if (!isa<ConstOp>(op))
          flush();
    });
  }
};

} // namespace
