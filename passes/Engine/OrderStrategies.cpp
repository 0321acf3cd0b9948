//===- OrderStrategies.cpp - Orders of kernels ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tested by test/Engine/order-kernels.mlir.
//
//===----------------------------------------------------------------------===//

#include "StrategyRegistry.h"

#include "tg/Engine/KernelOrder.h"

#include <algorithm>
#include <numeric>
#include <queue>

using namespace tg;

OrderStrategy::~OrderStrategy() = default;

uint64_t tg::getPeakBytes(const OrderGraph &graph, const KernelOrder &order) {
  std::vector<unsigned> left(graph.values.size());
  uint64_t live = 0;
  for (size_t i = 0; i < graph.values.size(); ++i) {
    left[i] = graph.values[i].numReaders;
    live += graph.values[i].isLiveBefore ? graph.values[i].bytes : 0;
  }
  uint64_t peak = live;
  for (unsigned node : order) {
    for (unsigned value : graph.nodes[node].makes)
      live += graph.values[value].bytes;
    peak = std::max(peak, live);
    for (unsigned value : graph.nodes[node].reads)
      if (--left[value] == 0 && !graph.values[value].isLiveAfter)
        live -= graph.values[value].bytes;
    for (unsigned value : graph.nodes[node].makes)
      if (left[value] == 0 && !graph.values[value].isLiveAfter)
        live -= graph.values[value].bytes;
  }
  return peak;
}

OrderLevels tg::getLevels(const OrderGraph &graph) {
  OrderLevels result;
  std::vector<unsigned> level(graph.nodes.size()), width;
  for (size_t node = 0; node < graph.nodes.size(); ++node) {
    for (unsigned producer : graph.nodes[node].producers)
      level[node] = std::max(level[node], level[producer] + 1);
    width.resize(std::max<size_t>(width.size(), level[node] + 1));
    result.widest = std::max(result.widest, ++width[level[node]]);
  }
  result.criticalPath = width.size();
  return result;
}

namespace {

struct ProgramOrder final : OrderStrategy {
  KernelOrder order(const OrderGraph &graph) const override {
    KernelOrder result(graph.nodes.size());
    std::iota(result.begin(), result.end(), 0);
    return result;
  }
};

/// List scheduling: of the kernels that can run, the one after which least is live; of equals the
/// first in the program. A kernel's gain only grows, when it becomes the last reader of a value, so
/// a heap with stale entries does: linear but for its logarithm.
class MemoryOrder final : public OrderStrategy {
public:
  KernelOrder order(const OrderGraph &graph) const override {
    size_t count = graph.nodes.size();
    // The sum of the readers that are left is the last one's number in the end.
    std::vector<unsigned> left(graph.values.size()), waiting(count);
    std::vector<uint64_t> readers(graph.values.size());
    std::vector<int64_t> gain(count);
    std::vector<bool> isDone(count);
    for (size_t node = 0; node < count; ++node) {
      waiting[node] = graph.nodes[node].producers.size();
      for (unsigned value : graph.nodes[node].makes)
        gain[node] -= graph.values[value].bytes;
      for (unsigned value : graph.nodes[node].reads)
        ++left[value], readers[value] += node;
    }
    auto isFreed = [&](unsigned value) {
      return left[value] == 1 && !graph.values[value].isLiveAfter;
    };
    for (size_t value = 0; value < graph.values.size(); ++value)
      if (isFreed(value))
        gain[readers[value]] += graph.values[value].bytes;
    using Entry = std::pair<int64_t, int64_t>;
    std::priority_queue<Entry> ready;
    auto push = [&](unsigned node) { ready.push({gain[node], -int64_t(node)}); };
    for (size_t node = 0; node < count; ++node)
      if (waiting[node] == 0)
        push(node);
    KernelOrder result;
    while (!ready.empty()) {
      auto [value, negative] = ready.top();
      unsigned node = -negative;
      ready.pop();
      if (isDone[node] || value != gain[node])
        continue;
      isDone[node] = true;
      result.push_back(node);
      for (unsigned read : graph.nodes[node].reads) {
        --left[read];
        readers[read] -= node;
        if (!isFreed(read))
          continue;
        unsigned last = readers[read];
        gain[last] += graph.values[read].bytes;
        if (waiting[last] == 0)
          push(last);
      }
      for (unsigned consumer : graph.nodes[node].consumers)
        if (--waiting[consumer] == 0)
          push(consumer);
    }
    return result;
  }
};

engine::StrategyRegistry<OrderStrategy> &getRegistry() {
  static engine::StrategyRegistry<OrderStrategy> registry(
      {{"program", [] { return std::make_unique<ProgramOrder>(); }},
       {"memory", [] { return std::make_unique<MemoryOrder>(); }}});
  return registry;
}

} // namespace

void tg::registerOrderStrategy(llvm::StringRef name,
                               std::function<std::unique_ptr<OrderStrategy>()> factory) {
  getRegistry().add(name, std::move(factory));
}

std::unique_ptr<OrderStrategy> tg::createOrderStrategy(llvm::StringRef name) {
  return getRegistry().create(name);
}

std::vector<std::string> tg::getOrderStrategyNames() { return getRegistry().getNames(); }

std::string tg::checkOrderStrategy(llvm::StringRef name) {
  return getRegistry().check("order", name);
}
