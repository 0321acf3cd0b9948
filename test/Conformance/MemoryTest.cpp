//===- MemoryTest.cpp - Allocation and movement of bytes --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Conformance.h"

#include <algorithm>
#include <fstream>
#include <unistd.h>

using namespace tg::rt;
using namespace tg::rt::test;

namespace {

class MemoryConformance : public Conformance {};

/// Nothing, one byte, odd counts, around a page, large and odd.
const uint64_t sizes[] = {0, 1, 3, 64, 255, 4095, 4096, 4097, (1 << 20) + 13};
const uint64_t offsets[] = {0, 1, 63, 4095};

TEST_P(MemoryConformance, AllocatesWhatItSaysItDoes) {
  DeviceProperties properties = device->properties();
  EXPECT_GE(properties.alignment, bufferAlignment);
  EXPECT_EQ(properties.alignment & (properties.alignment - 1), 0u);
  EXPECT_GE(properties.parallelism, 1u);
  Function address = functionOf("write_address");
  BufferRef result = allocate(8);
  for (MemoryKind kind : {MemoryKind::Device, MemoryKind::Shared})
    for (uint64_t bytes : sizes) {
      BufferRef buffer = allocate(bytes, kind);
      ASSERT_TRUE(buffer.memory);
      EXPECT_EQ(buffer.memory->bytes(), bytes);
      EXPECT_TRUE(queue->takes(*buffer.memory));
      EXPECT_OK(launch(*queue, address, {result, buffer}));
      EXPECT_EQ(uint64_t(valueOf<int64_t>(*queue, result)) % properties.alignment, 0u) << bytes;
    }
}

TEST_P(MemoryConformance, TheHostAddressesWhatIsShared) {
  EXPECT_EQ(allocate(64).host() != nullptr, device->properties().sharesHostMemory);
  BufferRef shared = allocate(100, MemoryKind::Shared);
  ASSERT_NE(shared.host(), nullptr);
  std::vector<uint8_t> values = someBytes(100);
  std::copy(values.begin(), values.end(), shared.host());
  EXPECT_EQ(contentsOf(*queue, shared), values);
  EXPECT_OK(queue->fill(shared.slice(10, 20), 9));
  EXPECT_OK(queue->synchronize());
  EXPECT_EQ(shared.host()[9], char(values[9]));
  EXPECT_EQ(std::count(shared.host() + 10, shared.host() + 30, 9), 20);
  EXPECT_EQ(shared.host()[30], char(values[30]));
}

/// What a buffer holds after `values` have gone to its bytes from `offset` on.
std::vector<uint8_t> overlaid(std::vector<uint8_t> base, uint64_t offset,
                              const std::vector<uint8_t> &values) {
  std::copy(values.begin(), values.end(), base.begin() + int64_t(offset));
  return base;
}

TEST_P(MemoryConformance, MovesBytesOfEverySize) {
  for (uint64_t bytes : sizes)
    for (uint64_t offset : offsets) {
      SCOPED_TRACE(std::to_string(bytes) + " bytes at " + std::to_string(offset));
      std::vector<uint8_t> base = someBytes(bytes + offset + 5, 2), values = someBytes(bytes, 3);
      BufferRef first = bufferWith(*queue, base), second = bufferWith(*queue, base);
      EXPECT_OK(queue->upload(first.slice(offset, bytes), values.data()));
      EXPECT_EQ(contentsOf(*queue, first), overlaid(base, offset, values));
      EXPECT_EQ(contentsOf(*queue, first.slice(offset, bytes)), values);

      EXPECT_OK(queue->copy(second.slice(5, bytes), first.slice(offset, bytes)));
      EXPECT_EQ(contentsOf(*queue, second), overlaid(base, 5, values));

      EXPECT_OK(queue->fill(second.slice(offset, bytes), 0xC3));
      std::vector<uint8_t> filled(bytes, 0xC3);
      EXPECT_EQ(contentsOf(*queue, second), overlaid(overlaid(base, 5, values), offset, filled));
    }
}

TEST_P(MemoryConformance, CopiesWithinOneMemory) {
  std::vector<uint8_t> values = someBytes(1000);
  BufferRef buffer = bufferWith(*queue, values);
  EXPECT_OK(queue->copy(buffer.slice(500, 500), buffer.slice(0, 500)));
  EXPECT_OK(queue->copy(buffer.slice(3, 100), buffer.slice(3, 100)));
  std::vector<uint8_t> half(values.begin(), values.begin() + 500);
  EXPECT_EQ(contentsOf(*queue, buffer), overlaid(values, 500, half));
}

TEST_P(MemoryConformance, ReadsAnUploadBeforeItReturns) {
  std::vector<uint8_t> values = someBytes(5000);
  std::vector<uint8_t> source = values;
  BufferRef buffer = allocate(values.size());
  EXPECT_OK(queue->upload(buffer, source.data()));
  std::fill(source.begin(), source.end(), uint8_t(0));
  EXPECT_EQ(contentsOf(*queue, buffer), values);
}

TEST_P(MemoryConformance, KeepsMemoryThatWorkNeeds) {
  std::vector<uint8_t> values = someBytes(5000), result(5000);
  {
    BufferRef first = bufferWith(*queue, values), second = allocate(5000);
    EXPECT_OK(queue->copy(second, first));
    EXPECT_OK(queue->download(result.data(), second));
  }
  EXPECT_OK(queue->synchronize());
  EXPECT_EQ(result, values);
}

// AddressSanitizer keeps freed memory for a while.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TG_KEEPS_FREED_MEMORY
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define TG_KEEPS_FREED_MEMORY
#endif

/// Pages that the process has in memory.
uint64_t residentBytes() {
  uint64_t total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * uint64_t(::sysconf(_SC_PAGESIZE));
}

uint64_t countMappings() {
  std::ifstream maps("/proc/self/maps");
  return uint64_t(std::count(std::istreambuf_iterator<char>(maps), {}, '\n'));
}

TEST_P(MemoryConformance, TenThousandAllocationsDoNotGrow) {
  constexpr unsigned count = 10000;
  uint64_t resident = 0, mappings = 0;
  for (unsigned i = 0; i < count; ++i) {
    // The first thousand fill what allocators keep for themselves.
    if (i == count / 10) {
      resident = residentBytes();
      mappings = countMappings();
    }
    BufferRef buffer = allocate(1 + i * 37 % 20000);
    EXPECT_OK(queue->fill(buffer, uint8_t(i)));
    if (i % 100 == 0)
      EXPECT_EQ(valueOf<uint8_t>(*queue, buffer), uint8_t(i));
  }
  EXPECT_OK(queue->synchronize());
#ifndef TG_KEEPS_FREED_MEMORY
  // 9,000 leaks would be 90 MB.
  EXPECT_LT(residentBytes(), resident + (uint64_t(20) << 20));
#endif
  EXPECT_LT(countMappings(), mappings + 200);
}

TEST_P(MemoryConformance, RunsOutOfMemoryCleanly) {
  constexpr uint64_t limit = 1 << 20;
  device = GetParam().make(limit);
  queue = makeQueue();
  for (uint64_t bytes : {limit + 1, uint64_t(1) << 40, uint64_t(INT64_MAX), UINT64_MAX}) {
    auto memory = device->allocate(bytes, MemoryKind::Device);
    ASSERT_FALSE(memory.ok()) << bytes;
    EXPECT_NE(memory.message().find("out of memory (" + std::to_string(bytes) + " bytes"),
              std::string::npos)
        << memory.message();
  }
  // What was refused cost nothing, and what is freed can be had again.
  for (unsigned i = 0; i < 3; ++i) {
    BufferRef all = allocate(limit);
    ASSERT_TRUE(all.memory);
    EXPECT_OK(queue->fill(all, uint8_t(i)));
    EXPECT_EQ(valueOf<uint8_t>(*queue, all.slice(limit - 1, 1)), uint8_t(i));
  }
}

INSTANTIATE_TEST_SUITE_P(Device, MemoryConformance, testing::ValuesIn(deviceCases()),
                         [](const auto &info) { return info.param.name; });

} // namespace
