//===- Memory.h - Memory of the host and of devices -------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A Memory is one allocation, of the host or of a device; a BufferRef is a range of its bytes. All
// code above devices passes these on and never looks inside: bytes that the host cannot address
// come and go through a queue (Queue.h).
//===----------------------------------------------------------------------===//
#ifndef TG_RUNTIME_MEMORY_MEMORY_H
#define TG_RUNTIME_MEMORY_MEMORY_H

#include "tg/Runtime/Error.h"
#include "tg/Runtime/Memory/Allocator.h"

#include <cstdint>
#include <memory>

namespace tg::rt {

class Device;

/// Who reads and writes an allocation of a device.
enum class MemoryKind {
  /// The device's kernels and queues; the host only if the device shares the host's memory.
  Device,
  /// The device's kernels and queues, and the host too: host() is never null. The host may look at
  /// the bytes while no queue has work that touches them.
  Shared,
};

/// One allocation. It is freed with the last reference to it: a queue keeps references to what its
/// unfinished work needs, so dropping one is safe at any time. Thread-safe; what its bytes are is a
/// matter of the queues that write them.
class Memory {
public:
  virtual ~Memory() = default;
  Memory(const Memory &) = delete;
  Memory &operator=(const Memory &) = delete;

  /// Where the host finds the first byte; null when the host cannot address the memory. It stays
  /// the same.
  void *host() const { return address; }
  /// The size in bytes.
  uint64_t bytes() const { return size; }
  /// The device whose queues take this memory, which it keeps alive; null for the host's own
  /// memory, which every device takes whose DeviceProperties::sharesHostMemory is true.
  const Device *device() const { return owner; }

protected:
  Memory(const Device *owner, void *host, uint64_t bytes)
      : owner(owner), address(host), size(bytes) {}

private:
  const Device *owner;
  void *address;
  uint64_t size;
};

/// A range of a Memory's bytes. Copies share the memory. A range without memory has no bytes.
struct BufferRef {
  std::shared_ptr<Memory> memory;
  /// From the start of the memory, in bytes.
  uint64_t offset = 0;
  uint64_t bytes = 0;

  BufferRef() = default;
  BufferRef(std::shared_ptr<Memory> memory, uint64_t offset, uint64_t bytes)
      : memory(std::move(memory)), offset(offset), bytes(bytes) {}
  /// All of a memory.
  static BufferRef whole(std::shared_ptr<Memory> memory) {
    uint64_t bytes = memory ? memory->bytes() : 0;
    return BufferRef(std::move(memory), 0, bytes);
  }

  /// `length` bytes of this range, from byte `start` of it on. Unchecked: a queue refuses what is
  /// not in the memory.
  BufferRef slice(uint64_t start, uint64_t length) const {
    return BufferRef(memory, offset + start, length);
  }
  /// Where the host finds the range; null when it cannot, or when there is no memory.
  char *host() const {
    char *start = memory ? static_cast<char *>(memory->host()) : nullptr;
    return start ? start + offset : nullptr;
  }
};

/// Whether the ranges have a byte in common.
bool overlaps(const BufferRef &a, const BufferRef &b);
/// Whether they are the same bytes: one start and one size.
bool isSameRange(const BufferRef &a, const BufferRef &b);

/// `bytes` bytes from `allocator` (the heap when null), aligned to `alignment` (a power of two).
/// They go back to it with the last reference. Fails when memory is short.
Result<std::shared_ptr<Memory>> allocateHostMemory(const std::shared_ptr<Allocator> &allocator,
                                                   uint64_t bytes,
                                                   uint64_t alignment = bufferAlignment);
/// `bytes` bytes that exist at `data`, which is kept. Whoever gave them must not let them go away
/// before.
std::shared_ptr<Memory> wrapHostMemory(std::shared_ptr<void> data, uint64_t bytes);

} // namespace tg::rt

#endif // TG_RUNTIME_MEMORY_MEMORY_H
