//===- Allocator.h - Memory for tensors, arenas and workspaces --*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_RUNTIME_MEMORY_ALLOCATOR_H
#define TG_RUNTIME_MEMORY_ALLOCATOR_H

#include <cstddef>
#include <memory>

namespace tg::rt {

/// Where the runtime's tensors, arenas and workspaces come from. May be the embedder's. Called from
/// several threads at once.
class Allocator {
public:
  virtual ~Allocator() = default;
  /// At least `bytes` bytes (0 allowed) aligned to `alignment` (a power of two), or null when there
  /// is no memory. Contents are undefined.
  virtual void *allocate(size_t bytes, size_t alignment) = 0;
  /// `bytes` and `alignment` are those of the allocation.
  virtual void deallocate(void *memory, size_t bytes, size_t alignment) = 0;
};

/// The C library's heap.
std::shared_ptr<Allocator> createHeapAllocator();

/// The alignment of tensors, constants and arena buffers, in bytes.
constexpr size_t bufferAlignment = 64;

/// Memory that frees itself and keeps its allocator alive; null when there is no memory.
std::shared_ptr<void> allocateShared(const std::shared_ptr<Allocator> &allocator, size_t bytes,
                                     size_t alignment = bufferAlignment);

} // namespace tg::rt

#endif // TG_RUNTIME_MEMORY_ALLOCATOR_H
