//===- KernelOrder.h - The order of kernels ----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Between two operations that must stay where they are (control flow, `bind`), kernels may run in
// any order that makes every value before it is read. A OrderStrategy picks one.
//
//===----------------------------------------------------------------------===//

#ifndef TG_ENGINE_KERNELORDER_H
#define TG_ENGINE_KERNELORDER_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tg {

/// The kernels of a stretch of a block, in program order.
struct OrderGraph {
  struct Node {
    /// Kernels that make what this one reads, and those that read what it makes; no duplicates.
    llvm::SmallVector<unsigned, 4> producers, consumers;
    /// Values that it makes and reads, as indices into `values`.
    llvm::SmallVector<unsigned, 2> makes;
    llvm::SmallVector<unsigned, 4> reads;
  };
  struct Value {
    /// That it occupies; 0 for what lies in the caller's memory.
    uint64_t bytes = 0;
    /// How many kernels read it.
    unsigned numReaders = 0;
    /// Made before the stretch, and needed after it.
    bool isLiveBefore = false, isLiveAfter = false;
  };
  std::vector<Node> nodes;
  std::vector<Value> values;
};

using KernelOrder = std::vector<unsigned>;

/// The most bytes that live at once: what a kernel reads and what it makes are there while it runs.
uint64_t getPeakBytes(const OrderGraph &graph, const KernelOrder &order);

/// What can run at the same time: a kernel's level is one above its producers'.
struct OrderLevels {
  /// Kernels on the longest chain, and of the largest level.
  unsigned criticalPath = 0, widest = 0;
};
OrderLevels getLevels(const OrderGraph &graph);

/// Picks an order. Must be a permutation of all nodes with producers first.
class OrderStrategy {
public:
  virtual ~OrderStrategy();
  virtual KernelOrder order(const OrderGraph &graph) const = 0;
};

/// Makes a strategy known by its name, as registering a pass does. `program` keeps the order of the
/// program, `memory` takes the kernel next that frees most and allocates least. Thread safe.
void registerOrderStrategy(llvm::StringRef name,
                           std::function<std::unique_ptr<OrderStrategy>()> factory);
/// Null if there is none of that name.
std::unique_ptr<OrderStrategy> createOrderStrategy(llvm::StringRef name);
/// All names, sorted.
std::vector<std::string> getOrderStrategyNames();
/// What to say of a strategy that does not exist; empty for one that does.
std::string checkOrderStrategy(llvm::StringRef name);

} // namespace tg

#endif // TG_ENGINE_KERNELORDER_H
