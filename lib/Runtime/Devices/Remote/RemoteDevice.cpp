//===- RemoteDevice.cpp - A device out of the host's reach ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tg/Runtime/Devices/Remote/RemoteDevice.h"

#include "Devices/Remote/RemoteMemory.h"
#include "Devices/Remote/RemoteQueue.h"

namespace tg::rt {
namespace {

class RemoteDevice : public Device, public std::enable_shared_from_this<RemoteDevice> {
public:
  explicit RemoteDevice(const RemoteDeviceOptions &options)
      : options(options), processor(createCpuDevice()) {
    if (this->options.memoryBytes == 0)
      this->options.memoryBytes = processor->properties().memoryBytes;
    budget = std::make_shared<MemoryBudget>(this->options.memoryBytes);
  }

  std::string name() const override { return options.name; }

  DeviceProperties properties() const override {
    DeviceProperties result = processor->properties();
    result.description += " behind remote memory";
    result.memoryBytes = options.memoryBytes;
    result.alignment = options.alignment;
    result.sharesHostMemory = false;
    return result;
  }

  Result<std::shared_ptr<Memory>> allocate(uint64_t bytes, MemoryKind kind) override {
    return RemoteMemory::create(shared_from_this(), budget, bytes, kind);
  }
  Result<std::shared_ptr<const LoadedCode>> load(const CodeModule &module) override {
    return processor->load(module);
  }
  void addCodeLoader(const std::string &format, CodeLoader loader) override {
    processor->addCodeLoader(format, std::move(loader));
  }
  Result<std::unique_ptr<Queue>> createQueue(const QueueOptions &queueOptions) override {
    Result<std::unique_ptr<Queue>> made = processor->createQueue(queueOptions);
    if (!made)
      return made.status();
    return createRemoteQueue(shared_from_this(), std::move(*made));
  }

private:
  RemoteDeviceOptions options;
  std::shared_ptr<Device> processor;
  std::shared_ptr<MemoryBudget> budget;
};

} // namespace

std::shared_ptr<Device> createRemoteDevice(const RemoteDeviceOptions &options) {
  return std::make_shared<RemoteDevice>(options);
}

} // namespace tg::rt
