//===- Device.h - What executes kernels -------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A device allocates memory, loads code and makes queues. Code above devices knows no more of them
// than what is here and in Queue.h and Memory.h; test/Conformance says what a device must do.
//===----------------------------------------------------------------------===//
#ifndef TG_RUNTIME_DEVICE_H
#define TG_RUNTIME_DEVICE_H

#include "tg/Runtime/Error.h"
#include "tg/Runtime/Memory/Memory.h"
#include "tg/Runtime/Program/Program.h"
#include "tg/Runtime/Queue.h"
#include "tg/Runtime/ThreadPool.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tg::rt {

struct DeviceProperties {
  /// The processor's name, for reports.
  std::string description;
  /// Threads that run at once.
  unsigned parallelism = 1;
  /// Bytes of memory; 0 when unknown.
  uint64_t memoryBytes = 0;
  /// What allocate() aligns to, and what buffers within one allocation should be aligned to: a
  /// power of two, in bytes.
  uint64_t alignment = bufferAlignment;
  /// Kernels work on the host's own memory: the queues take any host memory, and what the device
  /// allocates is host memory. Otherwise inputs are uploaded and outputs downloaded.
  bool sharesHostMemory = false;
};

/// What a queue may use of the host. A device that has no use for something ignores it.
struct QueueOptions {
  /// Runs the kernels of a device that is the host's processor; a pool of the queue's own when
  /// null.
  std::shared_ptr<ThreadPool> threadPool;
  /// At most so many threads of the pool; 0: all. Also the size of a pool of the queue's own.
  unsigned threads = 0;
  /// Where such a device takes the kernels' workspace from; the device's own memory when null.
  std::shared_ptr<Allocator> allocator;
};

/// Makes executable code of a module's bytes.
using CodeLoader = std::function<Result<std::shared_ptr<const LoadedCode>>(const CodeModule &)>;

/// Thread-safe. Memory, code and queues of a device keep alive what they need of it.
class Device {
public:
  virtual ~Device() = default;
  virtual std::string name() const = 0;
  virtual DeviceProperties properties() const = 0;
  /// `bytes` bytes (0 allowed) of undefined contents. Fails when memory is short; the device still
  /// works then.
  virtual Result<std::shared_ptr<Memory>> allocate(uint64_t bytes, MemoryKind kind) = 0;
  /// Code that kernels are looked up in. A module that a JIT has loaded already stays as it is,
  /// once the processor is known to have what it needs.
  virtual Result<std::shared_ptr<const LoadedCode>> load(const CodeModule &module) = 0;
  /// Teaches the device a further format.
  virtual void addCodeLoader(const std::string &format, CodeLoader loader) = 0;
  virtual Result<std::unique_ptr<Queue>> createQueue(const QueueOptions &options = {}) = 0;
};

/// The host's processor, "cpu". Loads "elf-object" and "elf-shared". Its memory comes from
/// `allocator`, the heap when null. A queue does its work at once, in the calling thread and those
/// of its pool.
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
