//===- WorkThread.cpp - A thread that works off a list ----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Devices/Remote/WorkThread.h"

#include <algorithm>

namespace tg::rt {

uint64_t WorkThread::push(Work work) {
  std::lock_guard<std::mutex> lock(mutex);
  pending.push_back(std::move(work));
  ++pushed;
  if (pending.size() > maxHeld) {
    released = pushed;
    hasWork.notify_one();
  }
  return pushed;
}

Status WorkThread::waitFor(uint64_t position) {
  std::unique_lock<std::mutex> lock(mutex);
  released = std::max(released, position);
  hasWork.notify_one();
  isDone.wait(lock, [&] { return done >= position || stopping; });
  return done >= position ? Status::success() : error("the work was dropped with its queue");
}

Status WorkThread::drain() {
  uint64_t last;
  {
    std::lock_guard<std::mutex> lock(mutex);
    last = pushed;
  }
  if (Status status = waitFor(last); !status)
    return status;
  std::lock_guard<std::mutex> lock(mutex);
  Status result = failure;
  failure = Status::success();
  return result;
}

void WorkThread::stop() {
  {
    std::lock_guard<std::mutex> lock(mutex);
    stopping = true;
  }
  hasWork.notify_one();
  isDone.notify_all();
  if (thread.joinable())
    thread.join();
  // What the dropped work keeps alive goes now.
  pending.clear();
}

void WorkThread::loop() {
  std::unique_lock<std::mutex> lock(mutex);
  for (;;) {
    hasWork.wait(lock, [&] { return stopping || (!pending.empty() && done < released); });
    if (stopping)
      return;
    Work work = std::move(pending.front());
    pending.pop_front();
    Status earlier = failure;
    lock.unlock();
    Status result = work(earlier);
    // Whoever waits may look at what the work kept alive: that goes first.
    work = nullptr;
    lock.lock();
    failure = std::move(result);
    ++done;
    isDone.notify_all();
  }
}

} // namespace tg::rt
