//===- Memory.cpp - The host's memory ---------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tg/Runtime/Memory/Memory.h"

#include <cstdint>
#include <cstdlib>
#include <string>

namespace tg::rt {
namespace {

class HeapAllocator : public Allocator {
public:
  void *allocate(size_t bytes, size_t alignment) override {
    if (alignment < sizeof(void *))
      alignment = sizeof(void *);
    // No object is larger than that.
    if (bytes > size_t(PTRDIFF_MAX))
      return nullptr;
    void *memory = nullptr;
    if (posix_memalign(&memory, alignment, bytes ? bytes : 1) != 0)
      return nullptr;
    return memory;
  }
  void deallocate(void *memory, size_t, size_t) override { std::free(memory); }
};

/// Bytes of an allocator.
class AllocatedMemory : public Memory {
public:
  AllocatedMemory(std::shared_ptr<Allocator> allocator, void *start, uint64_t bytes,
                  size_t alignment)
      : Memory(nullptr, start, bytes), allocator(std::move(allocator)), alignment(alignment) {}
  ~AllocatedMemory() override { allocator->deallocate(host(), bytes(), alignment); }

private:
  std::shared_ptr<Allocator> allocator;
  size_t alignment;
};

/// Bytes that somebody else made.
class WrappedMemory : public Memory {
public:
  WrappedMemory(std::shared_ptr<void> data, uint64_t bytes)
      : Memory(nullptr, data.get(), bytes), data(std::move(data)) {}

private:
  std::shared_ptr<void> data;
};

} // namespace

std::shared_ptr<Allocator> createHeapAllocator() { return std::make_shared<HeapAllocator>(); }

std::shared_ptr<void> allocateShared(const std::shared_ptr<Allocator> &allocator, size_t bytes,
                                     size_t alignment) {
  void *memory = allocator->allocate(bytes, alignment);
  if (!memory)
    return nullptr;
  return std::shared_ptr<void>(memory, [allocator, bytes, alignment](void *pointer) {
    allocator->deallocate(pointer, bytes, alignment);
  });
}

bool overlaps(const BufferRef &a, const BufferRef &b) {
  if (a.bytes == 0 || b.bytes == 0)
    return false;
  const char *first = a.host(), *second = b.host();
  if (first && second)
    return first < second + b.bytes && second < first + a.bytes;
  return a.memory == b.memory && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
}

bool isSameRange(const BufferRef &a, const BufferRef &b) {
  if (a.bytes != b.bytes)
    return false;
  const char *first = a.host(), *second = b.host();
  return first && second ? first == second : a.memory == b.memory && a.offset == b.offset;
}

Result<std::shared_ptr<Memory>> allocateHostMemory(const std::shared_ptr<Allocator> &allocator,
                                                   uint64_t bytes, uint64_t alignment) {
  std::shared_ptr<Allocator> source = allocator ? allocator : createHeapAllocator();
  void *start = source->allocate(bytes, size_t(alignment));
  if (!start)
    return error("out of memory (" + std::to_string(bytes) + " bytes)");
  return std::shared_ptr<Memory>(
      std::make_shared<AllocatedMemory>(std::move(source), start, bytes, size_t(alignment)));
}

std::shared_ptr<Memory> wrapHostMemory(std::shared_ptr<void> data, uint64_t bytes) {
  return std::make_shared<WrappedMemory>(std::move(data), bytes);
}

} // namespace tg::rt
