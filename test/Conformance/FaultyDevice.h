//===- FaultyDevice.h - A device whose n-th call fails ----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_TEST_CONFORMANCE_FAULTYDEVICE_H
#define TG_TEST_CONFORMANCE_FAULTYDEVICE_H

#include "tg/Runtime/Device.h"

#include <map>
#include <string>
#include <vector>

namespace tg::rt::test {

/// Counts calls, lets one of them fail, and remembers the memory that was handed out.
class FaultPlan {
public:
  /// The n-th call from now on fails, from 1 on; 0: none.
  void arm(unsigned n) {
    left = n;
    what.clear();
  }
  /// The call that failed, or nothing.
  const std::string &fired() const { return what; }

  /// A call of that name: the failure when it is its turn.
  Status step(const char *name) {
    ++calls[name];
    if (left == 0 || --left != 0)
      return Status::success();
    what = name;
    return error("injected fault in " + what);
  }

  /// How often a call of that name was made.
  unsigned count(const std::string &name) const {
    auto found = calls.find(name);
    return found == calls.end() ? 0 : found->second;
  }

  void remember(const std::shared_ptr<Memory> &memory) { handedOut.push_back(memory); }
  /// Memories that still exist of those that were handed out.
  unsigned alive() const {
    unsigned count = 0;
    for (const std::weak_ptr<Memory> &memory : handedOut)
      count += !memory.expired();
    return count;
  }

private:
  unsigned left = 0;
  std::string what;
  std::map<std::string, unsigned> calls;
  std::vector<std::weak_ptr<Memory>> handedOut;
};

/// Another device with faults. Its memory is that of the other.
std::shared_ptr<Device> makeFaulty(std::shared_ptr<Device> device, std::shared_ptr<FaultPlan> plan);

} // namespace tg::rt::test

#endif // TG_TEST_CONFORMANCE_FAULTYDEVICE_H
