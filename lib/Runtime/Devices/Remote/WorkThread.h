//===- WorkThread.h - A thread that works off a list ------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_LIB_RUNTIME_WORKTHREAD_H
#define TG_LIB_RUNTIME_WORKTHREAD_H

#include "tg/Runtime/Error.h"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace tg::rt {

/// Executes work in order on a thread, but not before somebody waits for it, or more than a certain
/// number of operations are held back. Once an operation has failed, later ones are told so.
/// Thread-safe.
class WorkThread {
public:
  /// Gets the failure of an earlier operation, or success. What it returns is the failure from then
  /// on.
  using Work = std::function<Status(const Status &earlier)>;

  WorkThread() : thread([this] { loop(); }) {}
  /// Drops what has not begun and waits for what has.
  ~WorkThread() { stop(); }

  /// Gives the position of the work: the first has 1.
  uint64_t push(Work work);
  /// Blocks until everything up to `position` is done. Fails when it was dropped.
  Status waitFor(uint64_t position);
  /// Waits for everything, and gives the failure, which is forgotten.
  Status drain();
  void stop();

private:
  void loop();

  static constexpr size_t maxHeld = 64;

  std::mutex mutex;
  std::condition_variable hasWork, isDone;
  std::deque<Work> pending;
  /// Positions: of the last work that was pushed, may begin, is done.
  uint64_t pushed = 0, released = 0, done = 0;
  bool stopping = false;
  Status failure;
  /// Last, so that everything exists when it starts.
  std::thread thread;
};

} // namespace tg::rt

#endif // TG_LIB_RUNTIME_WORKTHREAD_H
