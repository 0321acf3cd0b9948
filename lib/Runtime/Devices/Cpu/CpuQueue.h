//===- CpuQueue.h - Work on the host's processor ----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_LIB_RUNTIME_CPUQUEUE_H
#define TG_LIB_RUNTIME_CPUQUEUE_H

#include "tg/Runtime/Device.h"

namespace tg::rt {

/// A queue that does its work at once. `options` has a pool and an allocator.
std::unique_ptr<Queue> createCpuQueue(const QueueOptions &options);

} // namespace tg::rt

#endif // TG_LIB_RUNTIME_CPUQUEUE_H
