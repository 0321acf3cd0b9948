//===- MemorySource.h - Where a context's memory comes from -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_LIB_RUNTIME_MEMORYSOURCE_H
#define TG_LIB_RUNTIME_MEMORYSOURCE_H

#include "tg/Runtime/Device.h"

namespace tg::rt {

/// The memory of a context's device, and the embedder's host memory.
struct MemorySource {
  std::shared_ptr<Device> device;
  /// ContextOptions::allocator; null: the device's memory, and the heap for tensors on the host.
  std::shared_ptr<Allocator> allocator;
  /// Those of the device.
  bool sharesHostMemory = false;
  uint64_t alignment = bufferAlignment;

  /// Memory that kernels work on.
  Result<std::shared_ptr<Memory>> allocate(uint64_t bytes) const {
    if (sharesHostMemory && allocator)
      return allocateHostMemory(allocator, bytes, alignment);
    return device->allocate(bytes, MemoryKind::Device);
  }
};

/// A block that grows and is kept from run to run.
struct GrowingBlock {
  std::shared_ptr<Memory> memory;

  uint64_t size() const { return memory ? memory->bytes() : 0; }
  /// Makes room for `bytes` bytes, with undefined contents. After a failure the old block is gone.
  Status reserve(const MemorySource &source, uint64_t bytes) {
    if (bytes <= size())
      return Status::success();
    memory.reset();
    Result<std::shared_ptr<Memory>> made = source.allocate(bytes);
    if (!made)
      return made.status();
    memory = std::move(*made);
    return Status::success();
  }
};

} // namespace tg::rt

#endif // TG_LIB_RUNTIME_MEMORYSOURCE_H
