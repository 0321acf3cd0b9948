//===- Profile.h - Time per kernel ------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_RUNTIME_PROFILE_H
#define TG_RUNTIME_PROFILE_H

#include "tg/Runtime/Error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tg::rt {

/// Totals over all launches of one kernel.
struct KernelRecord {
  std::string name;
  std::string location;
  int64_t count = 0;
  int64_t nanoseconds = 0;
  /// Sums of the program's estimates.
  double flops = 0;
  double bytes = 0;
};

/// One launch (or one run: kernel -1).
struct ProfileEvent {
  int32_t kernel = -1;
  /// Nanoseconds on the steady clock.
  int64_t start = 0;
  int64_t duration = 0;
  int64_t flops = 0;
  int64_t bytes = 0;
};

struct Profile {
  /// Indexed as the program's kernels.
  std::vector<KernelRecord> kernels;
  /// In order of start; at most maxEvents, the totals go on.
  std::vector<ProfileEvent> events;
  int64_t runs = 0;
  int64_t runNanoseconds = 0;

  static constexpr size_t maxEvents = size_t(1) << 20;

  void record(const ProfileEvent &event);
};

/// Chrome's trace format: {"traceEvents": [...]}, complete events in microseconds, which Perfetto
/// opens. Each kernel event has args location, flops, bytes.
std::string chromeTrace(const Profile &profile, const std::string &processName = "tg");
Status writeChromeTrace(const Profile &profile, const std::string &path,
                        const std::string &processName = "tg");

} // namespace tg::rt

#endif // TG_RUNTIME_PROFILE_H
