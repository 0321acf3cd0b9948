//===- Machine.cpp - How fast a machine is -----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Machine/Machine.h"

#include <algorithm>

using namespace tg;

double tg::estimateNs(const KernelFeatures &kernel, const Machine &machine) {
  return std::max(kernel.flops / machine.flopsPerNs, kernel.bytes / machine.memoryBytesPerNs);
}

bool tg::isMemoryBound(const KernelFeatures &kernel, const Machine &machine) {
  return kernel.flops * machine.memoryBytesPerNs < kernel.bytes * machine.flopsPerNs;
}

bool tg::isSmall(const KernelFeatures &kernel, const Machine &machine) {
  return estimateNs(kernel, machine) < machine.launchNs;
}
