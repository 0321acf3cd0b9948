//===- RemoteMemory.h - Memory that only its device opens -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_LIB_RUNTIME_REMOTEMEMORY_H
#define TG_LIB_RUNTIME_REMOTEMEMORY_H

#include "tg/Runtime/Device.h"

#include <atomic>
#include <mutex>

namespace tg::rt {

/// Bytes that a device may still hand out. Thread-safe; shared with the memory that it counts.
class MemoryBudget {
public:
  explicit MemoryBudget(uint64_t limit) : free(limit) {}
  /// False when there is too little left.
  bool take(uint64_t bytes);
  void giveBack(uint64_t bytes) { free += bytes; }
  uint64_t left() const { return free; }

private:
  std::atomic<uint64_t> free;
};

/// A mapping without access but while it is open. Keeps its device and budget alive.
class RemoteMemory : public Memory {
public:
  static Result<std::shared_ptr<Memory>> create(std::shared_ptr<const Device> device,
                                                std::shared_ptr<MemoryBudget> budget,
                                                uint64_t bytes, MemoryKind kind);
  ~RemoteMemory() override;

  /// The same bytes as host memory, to be used while the memory is open.
  const std::shared_ptr<Memory> &contents() const { return view; }
  /// Several operations may have it open at once.
  Status open();
  void close();

private:
  RemoteMemory(std::shared_ptr<const Device> device, std::shared_ptr<MemoryBudget> budget,
               uint64_t bytes, MemoryKind kind, void *start, uint64_t mapped);

  std::shared_ptr<const Device> keptDevice;
  std::shared_ptr<MemoryBudget> budget;
  MemoryKind kind;
  void *start;
  /// Bytes of the mapping: whole pages.
  uint64_t mapped;
  std::shared_ptr<Memory> view;
  std::mutex mutex;
  unsigned opened = 0;
};

/// Opens the memory of some buffers for as long as it lives.
class OpenBuffers {
public:
  OpenBuffers() = default;
  OpenBuffers(const OpenBuffers &) = delete;
  OpenBuffers &operator=(const OpenBuffers &) = delete;
  ~OpenBuffers();

  /// The buffer as host memory. Fails when the system gives no access.
  Result<BufferRef> open(const BufferRef &buffer);

private:
  std::vector<std::shared_ptr<Memory>> memories;
};

} // namespace tg::rt

#endif // TG_LIB_RUNTIME_REMOTEMEMORY_H
