//===- Roof.h - What the machine can do at most ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_TOOLING_ROOF_H
#define TG_TOOLING_ROOF_H

#include "tg/Machine/Machine.h"
#include "tg/Runtime/Error.h"
#include "tg/Runtime/ThreadPool.h"

#include <cstdint>

namespace tg::run {

/// Limits of a kernel's speed, measured on all threads that a run uses.
struct Roof {
  /// f32 multiply-adds in registers, in the widest vectors that the processor has; two flops each.
  double flopsPerSecond = 0;
  /// Reading `blockBytes` bytes over and over: from memory, or from the cache that holds them.
  double bytesPerSecond = 0;
  uint64_t blockBytes = 0;

  /// As a machine of one core: no kernel is faster than the model says of it.
  Machine getMachine() const;
};

/// Takes about a quarter of a second. `dataBytes`: what one run touches; the block that is read is
/// of this size, from 1 MiB to 512 MiB.
rt::Result<Roof> measureRoof(rt::ThreadPool &pool, uint64_t dataBytes);

} // namespace tg::run

#endif // TG_TOOLING_ROOF_H
