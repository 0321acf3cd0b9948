//===- RemoteQueue.h - Work that runs later ---------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_LIB_RUNTIME_REMOTEQUEUE_H
#define TG_LIB_RUNTIME_REMOTEQUEUE_H

#include "tg/Runtime/Device.h"

namespace tg::rt {

/// A queue of `device` that executes on a thread of its own; `processor` is a queue of the CPU,
/// which runs the kernels there.
std::unique_ptr<Queue> createRemoteQueue(std::shared_ptr<const Device> device,
                                         std::unique_ptr<Queue> processor);

} // namespace tg::rt

#endif // TG_LIB_RUNTIME_REMOTEQUEUE_H
