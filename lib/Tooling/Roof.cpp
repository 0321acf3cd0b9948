//===- Roof.cpp - What the machine can do at most ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Tooling/Roof.h"

#include "tg/Runtime/Memory/Allocator.h"

#include <algorithm>
#include <chrono>
#include <vector>

using namespace tg;
using namespace tg::run;

using Clock = std::chrono::steady_clock;

static double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

/// Multiply-adds in each loop of a burst, on independent registers: more than latency times units.
static constexpr int numChains = 12;
static constexpr int64_t burstLoops = 20000;

// What is measured are fused multiply-adds.
#pragma clang fp contract(fast)

// One function per vector width: this file is compiled for the oldest processor.
#define TG_DEFINE_BURST(NAME, BYTES, TARGET)                                                       \
  TARGET static float NAME(float seed) {                                                           \
    typedef float Vector __attribute__((vector_size(BYTES)));                                      \
    Vector sums[numChains];                                                                        \
    for (int i = 0; i < numChains; ++i)                                                            \
      sums[i] = Vector{} + seed * float(i);                                                        \
    Vector factor = Vector{} + (1.0f - 1e-7f * seed), term = Vector{} + 1e-7f * seed;              \
    for (int64_t loop = 0; loop < burstLoops; ++loop)                                              \
      for (int i = 0; i < numChains; ++i)                                                          \
        sums[i] = sums[i] * factor + term;                                                         \
    Vector total = sums[0];                                                                        \
    for (int i = 1; i < numChains; ++i)                                                            \
      total += sums[i];                                                                            \
    return total[0];                                                                               \
  }

TG_DEFINE_BURST(burst128, 16, )
#ifdef __x86_64__
TG_DEFINE_BURST(burst256, 32, __attribute__((target("avx2,fma"))))
TG_DEFINE_BURST(burst512, 64, __attribute__((target("avx512f"))))
#endif

namespace {
struct Burst {
  float (*run)(float);
  int64_t floats;
};
} // namespace

static Burst widestBurst() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f"))
    return {burst512, 16};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return {burst256, 8};
#endif
  return {burst128, 4};
}

static double measureFlops(rt::ThreadPool &pool) {
  unsigned workers = pool.numWorkers();
  Burst burst = widestBurst();
  std::vector<float> sinks(workers);
  double best = 0;
  Clock::time_point begin = Clock::now();
  while (secondsSince(begin) < 0.1) {
    int64_t bursts = 4 * int64_t(workers);
    Clock::time_point start = Clock::now();
    pool.forEach(bursts, workers, [&](unsigned worker, int64_t from, int64_t to) {
      for (int64_t i = from; i < to; ++i)
        sinks[worker] += burst.run(0.5f + sinks[worker] * 1e-9f);
    });
    double flops = 2.0 * numChains * double(burstLoops * burst.floats * bursts);
    best = std::max(best, flops / secondsSince(start));
  }
  return best;
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

static uint64_t sumOf(const uint64_t *words, int64_t count) {
  // Enough sums to keep many loads under way.
  typedef uint64_t Vector __attribute__((vector_size(64)));
  Vector sums[4] = {};
  const auto *vectors = reinterpret_cast<const Vector *>(words);
  for (int64_t i = 0; i + 3 < count / 8; i += 4)
    for (int k = 0; k < 4; ++k)
      sums[k] += vectors[i + k];
  Vector total = sums[0] + sums[1] + sums[2] + sums[3];
  uint64_t sum = 0;
  for (int i = 0; i < 8; ++i)
    sum += total[i];
  return sum;
}

static double measureBytes(rt::ThreadPool &pool, uint64_t *words, uint64_t bytes) {
  unsigned workers = pool.numWorkers();
  constexpr int64_t pieceWords = 8192; // 64 KiB
  int64_t pieces = int64_t(bytes) / (pieceWords * 8);
  // Each thread touches its part first, where the system places memory by first touch.
  pool.forEach(pieces, workers, [&](unsigned, int64_t from, int64_t to) {
    std::fill(words + from * pieceWords, words + to * pieceWords, uint64_t(from));
  });
  std::vector<uint64_t> sinks(workers * 8);
  double best = 0;
  Clock::time_point begin = Clock::now();
  for (int pass = 0; pass < 3 || secondsSince(begin) < 0.1; ++pass) {
    Clock::time_point start = Clock::now();
    pool.forEach(pieces, workers, [&](unsigned worker, int64_t from, int64_t to) {
      sinks[worker * 8] += sumOf(words + from * pieceWords, (to - from) * pieceWords);
    });
    best = std::max(best, double(pieces * pieceWords * 8) / secondsSince(start));
  }
  // Keeps the sums from being left out.
  volatile uint64_t sink = sinks[0];
  (void)sink;
  return best;
}

Machine Roof::getMachine() const {
  Machine machine;
  machine.flopsPerNs = flopsPerSecond * 1e-9;
  machine.memoryBytesPerNs = bytesPerSecond * 1e-9;
  return machine;
}

rt::Result<Roof> run::measureRoof(rt::ThreadPool &pool, uint64_t dataBytes) {
  Roof roof;
  roof.blockBytes =
      std::min<uint64_t>(std::max<uint64_t>(dataBytes, 1 << 20), 512 << 20) & ~uint64_t(65535);
  std::shared_ptr<void> block = rt::allocateShared(rt::createHeapAllocator(), roof.blockBytes);
  if (!block)
    return rt::error("out of memory for measuring the machine (" + std::to_string(roof.blockBytes) +
                     " bytes)");
  roof.flopsPerSecond = measureFlops(pool);
  roof.bytesPerSecond = measureBytes(pool, static_cast<uint64_t *>(block.get()), roof.blockBytes);
  return roof;
}
