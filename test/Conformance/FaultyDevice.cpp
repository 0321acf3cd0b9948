//===- FaultyDevice.cpp - A device whose n-th call fails --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "FaultyDevice.h"

namespace tg::rt::test {
namespace {

class FaultyQueue : public Queue {
public:
  /// `owner` is that of the memory that `queue` takes.
  FaultyQueue(const Device *owner, std::unique_ptr<Queue> queue, std::shared_ptr<FaultPlan> plan)
      : Queue(owner), queue(std::move(queue)), plan(std::move(plan)) {}
  uint64_t workspaceBytes() const override { return queue->workspaceBytes(); }

private:
  Status doLaunch(const KernelLaunch &launch) override {
    Status status = plan->step("launch");
    return status ? queue->launch(launch) : status;
  }
  Status doCopy(const BufferRef &destination, const BufferRef &source) override {
    Status status = plan->step("copy");
    return status ? queue->copy(destination, source) : status;
  }
  Status doUpload(const BufferRef &destination, const void *source) override {
    Status status = plan->step("upload");
    return status ? queue->upload(destination, source) : status;
  }
  Status doDownload(void *destination, const BufferRef &source) override {
    Status status = plan->step("download");
    return status ? queue->download(destination, source) : status;
  }
  Status doFill(const BufferRef &destination, uint8_t value) override {
    Status status = plan->step("fill");
    return status ? queue->fill(destination, value) : status;
  }
  Status doWait(const std::shared_ptr<Event> &event) override {
    Status status = plan->step("wait");
    return status ? queue->wait(event) : status;
  }
  Result<std::shared_ptr<Event>> doRecord() override {
    Status status = plan->step("record");
    return status ? queue->record() : Result<std::shared_ptr<Event>>(status);
  }
  /// Leaves the work outstanding, which is the worst that can happen.
  Result<KernelReport> doSynchronize() override {
    Status status = plan->step("synchronize");
    return status ? queue->synchronize() : Result<KernelReport>(status);
  }

  std::unique_ptr<Queue> queue;
  std::shared_ptr<FaultPlan> plan;
};

class FaultyDevice : public Device {
public:
  FaultyDevice(std::shared_ptr<Device> device, std::shared_ptr<FaultPlan> plan)
      : device(std::move(device)), plan(std::move(plan)) {}

  std::string name() const override { return device->name(); }
  DeviceProperties properties() const override { return device->properties(); }
  Result<std::shared_ptr<Memory>> allocate(uint64_t bytes, MemoryKind kind) override {
    if (Status status = plan->step("allocate"); !status)
      return status;
    Result<std::shared_ptr<Memory>> memory = device->allocate(bytes, kind);
    if (memory)
      plan->remember(*memory);
    return memory;
  }
  Result<std::shared_ptr<const LoadedCode>> load(const CodeModule &module) override {
    if (Status status = plan->step("load"); !status)
      return status;
    return device->load(module);
  }
  void addCodeLoader(const std::string &format, CodeLoader loader) override {
    device->addCodeLoader(format, std::move(loader));
  }
  Result<std::unique_ptr<Queue>> createQueue(const QueueOptions &options) override {
    if (Status status = plan->step("createQueue"); !status)
      return status;
    Result<std::unique_ptr<Queue>> queue = device->createQueue(options);
    if (!queue)
      return queue.status();
    const Device *owner = device->properties().sharesHostMemory ? nullptr : device.get();
    return std::unique_ptr<Queue>(new FaultyQueue(owner, std::move(*queue), plan));
  }

private:
  std::shared_ptr<Device> device;
  std::shared_ptr<FaultPlan> plan;
};

} // namespace

std::shared_ptr<Device> makeFaulty(std::shared_ptr<Device> device,
                                   std::shared_ptr<FaultPlan> plan) {
  return std::make_shared<FaultyDevice>(std::move(device), std::move(plan));
}

} // namespace tg::rt::test
