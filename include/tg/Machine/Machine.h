//===- Machine.h - How fast a machine is -------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one description of a machine and the one model of its speed, for fusion, the default
// schedules, the runtime's choice of threads, the descriptions of programs and the analyzer. Plain
// C++: the runtime has it too.
//
//===----------------------------------------------------------------------===//

#ifndef TG_MACHINE_MACHINE_H
#define TG_MACHINE_MACHINE_H

namespace tg {

/// Rates are of one core, as sustained by kernels and not at the peak. The defaults are those of
/// x86-64 servers from 2015 on, within a factor of two.
struct Machine {
  /// Width of the vectors that it works with best, in bits, their number, and whether they have a
  /// fused multiply-add.
  unsigned vectorBits = 256, vectorRegisters = 16;
  bool hasFma = true;
  /// Bytes of the second-level cache, of each core's own.
  long l2Bytes = 512 * 1024;
  /// f32 arithmetic in vectors, and bytes to or from memory, per nanosecond.
  double flopsPerNs = 100, memoryBytesPerNs = 12.5;
  /// Nanoseconds to hand a kernel to other threads and to wait for them.
  double launchNs = 4000;

  /// Flops that take as long as moving one byte to or from memory.
  constexpr double getFlopsPerByte() const { return flopsPerNs / memoryBytesPerNs; }
};

/// What the model looks at.
struct KernelFeatures {
  /// Arithmetic operations, and bytes of all that is read or written.
  double flops = 0, bytes = 0;
};

/// Nanoseconds that a kernel takes on one core once it runs: it waits for arithmetic or for memory,
/// whichever takes longer (the roofline model: Williams, Waterman, Patterson, "Roofline", CACM
/// 52(4), 2009).
///
///   time = max(flops / flopsPerNs, bytes / memoryBytesPerNs)
constexpr double estimateNs(const KernelFeatures &kernel, const Machine &machine) {
  double arithmetic = kernel.flops / machine.flopsPerNs;
  double memory = kernel.bytes / machine.memoryBytesPerNs;
  return arithmetic > memory ? arithmetic : memory;
}

/// Whether it waits for memory.
constexpr bool isMemoryBound(const KernelFeatures &kernel, const Machine &machine) {
  return kernel.flops * machine.memoryBytesPerNs < kernel.bytes * machine.flopsPerNs;
}

/// Whether estimateNs() is below launchNs, so that one core is done before others would have begun.
/// Without divisions: the runtime asks at every launch.
constexpr bool isSmall(const KernelFeatures &kernel, const Machine &machine) {
  return kernel.flops < machine.launchNs * machine.flopsPerNs &&
         kernel.bytes < machine.launchNs * machine.memoryBytesPerNs;
}

} // namespace tg

#endif // TG_MACHINE_MACHINE_H
