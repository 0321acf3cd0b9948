//===- Device.h - What executes kernels -------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A device is an allocator, an executable loader, queues with events, and properties. Its memory is
// addressable by the host.
//===----------------------------------------------------------------------===//
#ifndef TG_RUNTIME_DEVICE_H
#define TG_RUNTIME_DEVICE_H

#include "tg/Runtime/Error.h"
#include "tg/Runtime/Memory/Allocator.h"
#include "tg/Runtime/Program/Program.h"
#include "tg/Runtime/ThreadPool.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tg::rt {

/// One kernel launch. The pointers stay valid until the queue is synchronized.
struct LaunchParams {
  /// From LoadedCode::lookup.
  void *function = nullptr;
  void *const *buffers = nullptr;
  uint32_t numBuffers = 0;
  const int64_t *vars = nullptr;
  int64_t range = 0;
  /// One block of workspaceStride bytes for each worker, or null.
  char *workspace = nullptr;
  size_t workspaceStride = 0;
  /// Workers to use; at least 1.
  unsigned maxWorkers = 1;
};

/// A point in a queue.
class Event {
public:
  virtual ~Event() = default;
  /// Blocks until the point is reached.
  virtual Status wait() = 0;
  /// Nanoseconds on the host's steady clock when the point was reached; after wait().
  virtual int64_t timestamp() const = 0;
};

/// Runs what it is given in order, perhaps later. Used by one thread at a time.
class Queue {
public:
  virtual ~Queue() = default;
  /// Returns a TG_KERNEL_… code that a worker reported, 0 for none; a device that runs later
  /// reports it at synchronize().
  virtual Result<int32_t> launch(const LaunchParams &params) = 0;
  virtual Status copy(void *destination, const void *source, size_t bytes) = 0;
  virtual Status fill(void *destination, uint8_t value, size_t bytes) = 0;
  virtual Result<std::unique_ptr<Event>> record() = 0;
  /// Waits for everything; then the host may read what was written.
  virtual Result<int32_t> synchronize() = 0;
};

struct DeviceProperties {
  /// The processor's name, for reports.
  std::string description;
  /// Threads that run at once.
  unsigned parallelism = 1;
  /// Bytes of memory; 0 when unknown.
  uint64_t memoryBytes = 0;
};

/// Makes executable code of a module's bytes.
using CodeLoader = std::function<Result<std::shared_ptr<const LoadedCode>>(const CodeModule &)>;

/// Thread-safe.
class Device {
public:
  virtual ~Device() = default;
  virtual std::string name() const = 0;
  virtual DeviceProperties properties() const = 0;
  virtual const std::shared_ptr<Allocator> &allocator() const = 0;
  virtual Result<std::shared_ptr<const LoadedCode>> load(const CodeModule &module) = 0;
  /// Teaches the device a further format.
  virtual void addCodeLoader(const std::string &format, CodeLoader loader) = 0;
  /// Kernels of the queue use `pool`'s threads, if the device runs on the host.
  virtual Result<std::unique_ptr<Queue>> createQueue(const std::shared_ptr<ThreadPool> &pool) = 0;
};

/// The host's processor. Loads "elf-object" and "elf-shared".
std::shared_ptr<Device> createCpuDevice(std::shared_ptr<Allocator> allocator = nullptr);

/// Devices by name. Thread-safe.
class DeviceRegistry {
public:
  /// False when the name is taken.
  bool add(std::shared_ptr<Device> device);
  /// The message lists the devices that there are.
  Result<std::shared_ptr<Device>> get(const std::string &name) const;
  std::vector<std::string> names() const;

private:
  mutable std::mutex mutex;
  std::map<std::string, std::shared_ptr<Device>> devices;
};

} // namespace tg::rt

#endif // TG_RUNTIME_DEVICE_H
