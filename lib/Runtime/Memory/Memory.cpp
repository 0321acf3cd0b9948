//===- Memory.cpp - The heap allocator, log sinks ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tg/Runtime/Log.h"
#include "tg/Runtime/Memory/Allocator.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace tg::rt {
namespace {

class HeapAllocator : public Allocator {
public:
  void *allocate(size_t bytes, size_t alignment) override {
    if (alignment < sizeof(void *))
      alignment = sizeof(void *);
    if (bytes > SIZE_MAX - alignment)
      return nullptr;
    void *memory = nullptr;
    if (posix_memalign(&memory, alignment, bytes ? bytes : 1) != 0)
      return nullptr;
    return memory;
  }
  void deallocate(void *memory, size_t, size_t) override { std::free(memory); }
};

class StderrLog : public LogSink {
public:
  explicit StderrLog(LogLevel minimum) : minimum(minimum) {}
  void log(LogLevel level, std::string_view message) override {
    static const char *const names[] = {"debug", "note", "warning", "error"};
    if (level < minimum)
      return;
    std::string line = names[unsigned(level)];
    line.append(": ").append(message).append("\n");
    // One call, so that lines of several threads do not mix.
    std::fwrite(line.data(), 1, line.size(), stderr);
  }

private:
  LogLevel minimum;
};

class NullLog : public LogSink {
  void log(LogLevel, std::string_view) override {}
};

} // namespace

std::shared_ptr<Allocator> createHeapAllocator() { return std::make_shared<HeapAllocator>(); }
std::shared_ptr<LogSink> createStderrLog(LogLevel minimum) {
  return std::make_shared<StderrLog>(minimum);
}
std::shared_ptr<LogSink> createNullLog() { return std::make_shared<NullLog>(); }

std::shared_ptr<void> allocateShared(const std::shared_ptr<Allocator> &allocator, size_t bytes,
                                     size_t alignment) {
  void *memory = allocator->allocate(bytes, alignment);
  if (!memory)
    return nullptr;
  return std::shared_ptr<void>(memory, [allocator, bytes, alignment](void *pointer) {
    allocator->deallocate(pointer, bytes, alignment);
  });
}

} // namespace tg::rt
