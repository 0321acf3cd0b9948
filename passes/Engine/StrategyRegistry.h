//===- StrategyRegistry.h - Strategies by name -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_PASSES_ENGINE_STRATEGYREGISTRY_H
#define TG_PASSES_ENGINE_STRATEGYREGISTRY_H

#include "llvm/ADT/StringExtras.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tg::engine {

/// One per kind of strategy and process, as MLIR's of passes: plug-ins have nowhere else to
/// register. Thread safe.
template <typename Strategy> class StrategyRegistry {
public:
  using Factory = std::function<std::unique_ptr<Strategy>()>;

  explicit StrategyRegistry(std::map<std::string, Factory> factories)
      : factories(std::move(factories)) {}

  void add(llvm::StringRef name, Factory factory) {
    std::lock_guard<std::mutex> lock(mutex);
    factories[name.str()] = std::move(factory);
  }

  /// Null if there is none of that name.
  std::unique_ptr<Strategy> create(llvm::StringRef name) {
    // Not called under the lock: a strategy may build on another.
    Factory factory;
    {
      std::lock_guard<std::mutex> lock(mutex);
      if (auto it = factories.find(name.str()); it != factories.end())
        factory = it->second;
    }
    return factory ? factory() : nullptr;
  }

  /// Sorted.
  std::vector<std::string> getNames() {
    std::lock_guard<std::mutex> lock(mutex);
    std::vector<std::string> names;
    for (auto &[name, factory] : factories)
      names.push_back(name);
    return names;
  }

  /// What to say of a name that there is none of; empty where there is one. `kind` is what the
  /// strategies are for.
  std::string check(llvm::StringRef kind, llvm::StringRef name) {
    if (create(name))
      return "";
    return ("unknown " + kind + " strategy '" + name +
            "'; there are: " + llvm::join(getNames(), ", "))
        .str();
  }

private:
  std::mutex mutex;
  std::map<std::string, Factory> factories;
};

} // namespace tg::engine

#endif // TG_PASSES_ENGINE_STRATEGYREGISTRY_H
