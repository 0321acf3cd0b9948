//===- KernelStore.h - Code of kernels in memory ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_LIB_COMPILER_KERNELSTORE_H
#define TG_LIB_COMPILER_KERNELSTORE_H

#include "llvm/ADT/StringMap.h"

#include <mutex>
#include <optional>
#include <string>

namespace tg {

/// Entries of the kernel cache that a session keeps, by key, in front of the disk. Thread safe.
class KernelStore {
public:
  std::optional<std::string> get(llvm::StringRef key) {
    std::lock_guard<std::mutex> lock(mutex);
    auto it = entries.find(key);
    return it == entries.end() ? std::nullopt : std::optional(it->second);
  }

  void put(llvm::StringRef key, std::string entry) {
    std::lock_guard<std::mutex> lock(mutex);
    // Some ten thousand kernels; what is dropped is on the disk.
    constexpr size_t maxBytes = 256 << 20;
    if (bytes + entry.size() > maxBytes) {
      entries.clear();
      bytes = 0;
    }
    if (!entries.contains(key)) {
      bytes += entry.size();
      entries[key] = std::move(entry);
    }
  }

private:
  std::mutex mutex;
  llvm::StringMap<std::string> entries;
  size_t bytes = 0;
};

} // namespace tg

#endif // TG_LIB_COMPILER_KERNELSTORE_H
