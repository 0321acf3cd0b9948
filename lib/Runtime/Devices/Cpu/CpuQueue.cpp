//===- CpuQueue.cpp - Work on the host's processor --------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Devices/Cpu/CpuQueue.h"

#include "tg/Machine/Machine.h"
#include "tg/Runtime/KernelABI.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>

namespace tg::rt {
namespace {

/// Whether the calling thread is done with a kernel before others would have begun, by what the
/// program says of it.
bool isSmall(const KernelLaunch &launch) {
  KernelFeatures kernel{double(launch.flops), double(launch.bytes)};
  return (launch.flops > 0 || launch.bytes > 0) && tg::isSmall(kernel, Machine());
}

/// Work is done when it is queued, so every event has happened.
class PastEvent : public Event {
public:
  Status wait() override { return Status::success(); }
  int64_t timestamp() const override { return time; }

private:
  int64_t time = std::chrono::duration_cast<std::chrono::nanoseconds>(
                     std::chrono::steady_clock::now().time_since_epoch())
                     .count();
};

class CpuQueue : public Queue {
public:
  explicit CpuQueue(const QueueOptions &options)
      : Queue(/*owner=*/nullptr), pool(options.threadPool), allocator(options.allocator),
        workers(std::max(1u, pool->numWorkers())) {
    if (options.threads)
      workers = std::min(workers, options.threads);
  }

  uint64_t workspaceBytes() const override { return workspace ? workspace->bytes() : 0; }

private:
  Status doLaunch(const KernelLaunch &launch) override {
    uint64_t stride = 0;
    char *scratch = nullptr;
    if (!launch.function->workspaceBytes.isZero()) {
      if (Status status = reserveWorkspace(launch, stride); !status)
        return status;
      scratch = stride ? static_cast<char *>(workspace->host()) : nullptr;
    }
    pointers.resize(launch.buffers.size());
    for (size_t i = 0; i < pointers.size(); ++i)
      pointers[i] = launch.buffers[i].host();
    auto function = reinterpret_cast<tg_kernel_fn>(launch.function->entry);
    std::atomic<int32_t> firstError{TG_KERNEL_OK};
    pool->forEach(launch.range, isSmall(launch) ? 1 : workers,
                  [&](unsigned worker, int64_t begin, int64_t end) {
                    int32_t failure = TG_KERNEL_OK;
                    tg_kernel_args args = {TG_KERNEL_ABI_VERSION, uint32_t(pointers.size()),
                                           pointers.data(), launch.vars, &failure};
                    function(&args, scratch ? scratch + worker * stride : nullptr, begin, end);
                    if (failure != TG_KERNEL_OK)
                      firstError.store(failure, std::memory_order_relaxed);
                  });
    report(firstError.load(), launch);
    return Status::success();
  }

  /// Makes room for all workers, `stride` bytes apart; that is 0 when the kernel needs none.
  Status reserveWorkspace(const KernelLaunch &launch, uint64_t &stride) {
    Result<int64_t> bytes = launch.function->workspaceBytes.evaluate(launch.vars);
    if (!bytes)
      return bytes.status().in("workspace");
    if (*bytes < 0)
      return error("the size of the workspace is negative: " + std::to_string(*bytes));
    stride = (uint64_t(*bytes) + bufferAlignment - 1) / bufferAlignment * bufferAlignment;
    uint64_t total;
    if (__builtin_mul_overflow(stride, uint64_t(workers), &total))
      return error("workspace: out of memory (" + std::to_string(*bytes) +
                   " bytes for each thread)");
    if (total <= workspaceBytes())
      return Status::success();
    workspace.reset();
    Result<std::shared_ptr<Memory>> made = allocateHostMemory(allocator, total);
    if (!made)
      return made.status().in("workspace");
    workspace = std::move(*made);
    return Status::success();
  }

  /// Keeps the first error, as the error word of a device does.
  void report(int32_t code, const KernelLaunch &launch) {
    bool counts =
        code != TG_KERNEL_OK && (code != TG_KERNEL_INDEX_OUT_OF_RANGE || launch.checkIndices);
    if (counts && errorWord.code == TG_KERNEL_OK)
      errorWord = {code, launch.tag};
  }

  Status doCopy(const BufferRef &destination, const BufferRef &source) override {
    std::memcpy(destination.host(), source.host(), source.bytes);
    return Status::success();
  }
  Status doUpload(const BufferRef &destination, const void *source) override {
    std::memmove(destination.host(), source, destination.bytes);
    return Status::success();
  }
  Status doDownload(void *destination, const BufferRef &source) override {
    std::memmove(destination, source.host(), source.bytes);
    return Status::success();
  }
  Status doFill(const BufferRef &destination, uint8_t value) override {
    std::memset(destination.host(), value, destination.bytes);
    return Status::success();
  }
  Status doWait(const std::shared_ptr<Event> &event) override { return event->wait(); }
  Result<std::shared_ptr<Event>> doRecord() override {
    return std::shared_ptr<Event>(std::make_shared<PastEvent>());
  }
  Result<KernelReport> doSynchronize() override {
    KernelReport result = errorWord;
    errorWord = KernelReport();
    return result;
  }

  std::shared_ptr<ThreadPool> pool;
  std::shared_ptr<Allocator> allocator;
  unsigned workers;
  std::shared_ptr<Memory> workspace;
  KernelReport errorWord;
  /// Of the launch that runs; kept for its capacity.
  std::vector<void *> pointers;
};

} // namespace

std::unique_ptr<Queue> createCpuQueue(const QueueOptions &options) {
  return std::make_unique<CpuQueue>(options);
}

} // namespace tg::rt
