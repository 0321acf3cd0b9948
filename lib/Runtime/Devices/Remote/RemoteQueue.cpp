//===- RemoteQueue.cpp - Work that runs later -------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Devices/Remote/RemoteQueue.h"

#include "Devices/Remote/RemoteMemory.h"
#include "Devices/Remote/WorkThread.h"

#include <chrono>

namespace tg::rt {
namespace {

/// Reached when the thread has come to it.
class RemoteEvent : public Event {
public:
  explicit RemoteEvent(std::shared_ptr<WorkThread> thread) : thread(std::move(thread)) {}

  Status wait() override {
    if (Status status = thread->waitFor(position); !status)
      return status;
    return failure;
  }
  int64_t timestamp() const override { return time; }
  /// On the thread.
  void reach(const Status &earlier) {
    failure = earlier;
    time = std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
               .count();
  }

  /// Set before anybody else sees the event.
  uint64_t position = 0;

private:
  std::shared_ptr<WorkThread> thread;
  Status failure;
  int64_t time = 0;
};

/// A launch and what it points to.
struct OwnedLaunch {
  Function function;
  std::vector<BufferRef> buffers;
  std::vector<int64_t> vars;
  KernelLaunch launch;

  explicit OwnedLaunch(const KernelLaunch &given)
      : function(*given.function), vars(given.vars, given.vars + given.numVars), launch(given) {
    for (const BufferRef *buffer : given.buffers)
      buffers.push_back(*buffer);
  }
};

/// What the thread works with.
struct Machine {
  std::unique_ptr<Queue> processor;
  std::atomic<uint64_t> workspace{0};
  /// The error word; read once the thread has nothing to do.
  KernelReport errorWord;

  Status launch(const OwnedLaunch &owned);
};

Status Machine::launch(const OwnedLaunch &owned) {
  OpenBuffers open;
  std::vector<BufferRef> buffers;
  for (const BufferRef &buffer : owned.buffers) {
    Result<BufferRef> opened = open.open(buffer);
    if (!opened)
      return opened.status();
    buffers.push_back(std::move(*opened));
  }
  std::vector<const BufferRef *> list;
  for (const BufferRef &buffer : buffers)
    list.push_back(&buffer);
  KernelLaunch launch = owned.launch;
  launch.function = &owned.function;
  launch.buffers = BufferList(list.data(), list.size());
  launch.vars = owned.vars.data();
  if (Status status = processor->launch(launch); !status)
    return status;
  Result<KernelReport> report = processor->synchronize();
  if (!report)
    return report.status();
  if (errorWord.code == 0)
    errorWord = *report;
  workspace = processor->workspaceBytes();
  return Status::success();
}

class RemoteQueue : public Queue {
public:
  RemoteQueue(std::shared_ptr<const Device> device, std::unique_ptr<Queue> processor)
      : Queue(device.get()), device(std::move(device)), thread(std::make_shared<WorkThread>()) {
    machine.processor = std::move(processor);
  }
  /// Events may keep the thread's object, but not what it works with.
  ~RemoteQueue() override { thread->stop(); }

  uint64_t workspaceBytes() const override { return machine.workspace; }

private:
  /// Work that is left out after a failure.
  template <typename Callable> void push(Callable &&work) {
    thread->push([work = std::forward<Callable>(work)](const Status &earlier) {
      return earlier ? work() : earlier;
    });
  }

  Status doLaunch(const KernelLaunch &launch) override {
    push([this, owned = std::make_shared<OwnedLaunch>(launch)] {
      return machine.launch(*owned).in("kernel '" + owned->function.name + "'");
    });
    return Status::success();
  }

  Status doCopy(const BufferRef &destination, const BufferRef &source) override {
    push([this, destination, source] {
      OpenBuffers open;
      Result<BufferRef> to = open.open(destination), from = open.open(source);
      if (!to || !from)
        return to ? from.status() : to.status();
      return machine.processor->copy(*to, *from);
    });
    return Status::success();
  }

  Status doUpload(const BufferRef &destination, const void *source) override {
    auto *bytes = static_cast<const char *>(source);
    push([this, destination, staged = std::vector<char>(bytes, bytes + destination.bytes)] {
      OpenBuffers open;
      Result<BufferRef> to = open.open(destination);
      return to ? machine.processor->upload(*to, staged.data()) : to.status();
    });
    return Status::success();
  }

  Status doDownload(void *destination, const BufferRef &source) override {
    push([this, destination, source] {
      OpenBuffers open;
      Result<BufferRef> from = open.open(source);
      return from ? machine.processor->download(destination, *from) : from.status();
    });
    return Status::success();
  }

  Status doFill(const BufferRef &destination, uint8_t value) override {
    push([this, destination, value] {
      OpenBuffers open;
      Result<BufferRef> to = open.open(destination);
      return to ? machine.processor->fill(*to, value) : to.status();
    });
    return Status::success();
  }

  Status doWait(const std::shared_ptr<Event> &event) override {
    push([event] { return event->wait(); });
    return Status::success();
  }

  Result<std::shared_ptr<Event>> doRecord() override {
    auto event = std::make_shared<RemoteEvent>(thread);
    event->position = thread->push([event](const Status &earlier) {
      event->reach(earlier);
      return earlier;
    });
    return std::shared_ptr<Event>(std::move(event));
  }

  Result<KernelReport> doSynchronize() override {
    Status status = thread->drain();
    KernelReport report = machine.errorWord;
    machine.errorWord = KernelReport();
    return status ? Result<KernelReport>(report) : status;
  }

  /// Kept alive: the base points to it.
  std::shared_ptr<const Device> device;
  Machine machine;
  std::shared_ptr<WorkThread> thread;
};

} // namespace

std::unique_ptr<Queue> createRemoteQueue(std::shared_ptr<const Device> device,
                                         std::unique_ptr<Queue> processor) {
  return std::make_unique<RemoteQueue>(std::move(device), std::move(processor));
}

} // namespace tg::rt
