//===- ThreadPool.h - Work split over threads -------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_RUNTIME_THREADPOOL_H
#define TG_RUNTIME_THREADPOOL_H

#include <cstdint>
#include <memory>

namespace tg::rt {

/// Splits ranges of independent work units over threads. May be the embedder's. Several threads may
/// call parallelFor at once.
class ThreadPool {
public:
  /// Does units [begin, end). `worker` is below the call's number of workers, and no two threads
  /// have the same worker number within one parallelFor at the same time.
  using Body = void (*)(void *data, unsigned worker, int64_t begin, int64_t end);

  virtual ~ThreadPool() = default;
  /// The largest number of threads that work on one parallelFor, the caller included; at least 1.
  virtual unsigned numWorkers() const = 0;
  /// Calls `body` for disjoint pieces that cover [0, units), with at most `maxWorkers` workers, and
  /// returns when all are done. The caller takes part. From within a body it runs serially.
  virtual void parallelFor(int64_t units, unsigned maxWorkers, Body body, void *data) = 0;

  /// The same for a callable (unsigned worker, int64_t begin, int64_t end).
  template <typename Callable> void forEach(int64_t units, unsigned maxWorkers, Callable &&call) {
    auto *callable = &call;
    parallelFor(
        units, maxWorkers,
        [](void *data, unsigned worker, int64_t begin, int64_t end) {
          (**static_cast<decltype(callable) *>(data))(worker, begin, end);
        },
        &callable);
  }
};

/// A pool of `threads` threads, the calling one included (0: one per processor that the process may
/// use). Starts its threads at the first use. Pieces are taken dynamically.
std::shared_ptr<ThreadPool> createThreadPool(unsigned threads = 0);

} // namespace tg::rt

#endif // TG_RUNTIME_THREADPOOL_H
