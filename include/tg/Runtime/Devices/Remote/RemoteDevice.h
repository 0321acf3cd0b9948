//===- RemoteDevice.h - A device out of the host's reach --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// For tests: the processor's kernels, behind memory that the host cannot address. It proves that
// code above devices works with any device before there is a GPU at hand:
//
//   - the memory is a mapping that nobody may access, but for the time in which the device itself
//     executes an operation on it; any other access ends the process;
//   - new memory holds a pattern, not zeros;
//   - queues do their work on a thread of their own, and not before somebody waits for it (or a
//     good deal has come together), so a missing wait shows.
//
// No runtime has this device unless it is added.
//===----------------------------------------------------------------------===//
#ifndef TG_RUNTIME_DEVICES_REMOTE_REMOTEDEVICE_H
#define TG_RUNTIME_DEVICES_REMOTE_REMOTEDEVICE_H

#include "tg/Runtime/Device.h"

namespace tg::rt {

struct RemoteDeviceOptions {
  /// Where programs look for it. Under the name "cpu" it runs what was compiled for the processor.
  std::string name = "remote";
  /// How much it can allocate, in bytes; 0: as much as the machine has.
  uint64_t memoryBytes = 0;
  /// What it asks buffers to be aligned to: a power of two, in bytes, at most a page. More than on
  /// the host by default, so that nothing can rely on that.
  uint64_t alignment = 256;
};

/// Its code is what createCpuDevice() loads, and kernels run in the pool that a queue is given.
std::shared_ptr<Device> createRemoteDevice(const RemoteDeviceOptions &options = {});

} // namespace tg::rt

#endif // TG_RUNTIME_DEVICES_REMOTE_REMOTEDEVICE_H
