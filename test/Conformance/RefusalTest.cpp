//===- RefusalTest.cpp - What a queue does not take -------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Conformance.h"

using namespace tg::rt;
using namespace tg::rt::test;

namespace {

/// A queue with a buffer of 64 bytes, and each operation on a bad one.
class RefusalConformance : public Conformance {
protected:
  void SetUp() override {
    Conformance::SetUp();
    good = bufferWith(*queue, someBytes(64));
  }

  /// Everything that takes a buffer refuses `bad` with `message`.
  void expectRefused(const BufferRef &bad, const std::string &message) {
    std::vector<uint8_t> host(128);
    BufferRef same = good.slice(0, std::min<uint64_t>(bad.bytes, 64));
    Function increment = functionOf("increment");
    const std::pair<Status, const char *> refusals[] = {
        {queue->upload(bad, host.data()), "destination of an upload: "},
        {queue->download(host.data(), bad), "source of a download: "},
        {queue->fill(bad, 1), "destination of a fill: "},
        {queue->copy(bad, same), "destination of a copy: "},
        {queue->copy(same, bad), "source of a copy: "},
        {launch(*queue, increment, {good, bad}), "buffer 1 of the launch: "}};
    for (const auto &[status, place] : refusals)
      EXPECT_EQ(status.message(), place + message);
  }
  /// And nothing has happened to the good one.
  void TearDown() override { EXPECT_EQ(contentsOf(*queue, good), someBytes(64)); }

  BufferRef good;
};

TEST_P(RefusalConformance, OutOfBounds) {
  expectRefused(BufferRef(good.memory, 0, 65),
                "the buffer is out of bounds: bytes 0 to 65 of a memory of 64 bytes");
  expectRefused(BufferRef(good.memory, 60, 5),
                "the buffer is out of bounds: bytes 60 to 65 of a memory of 64 bytes");
  expectRefused(BufferRef(good.memory, 65, 0),
                "the buffer is out of bounds: bytes 65 to 65 of a memory of 64 bytes");
  // A sum that wraps around.
  expectRefused(BufferRef(good.memory, UINT64_MAX - 1, 10),
                "the buffer is out of bounds: 10 bytes from byte 18446744073709551614 on of a "
                "memory of 64 bytes");
}

TEST_P(RefusalConformance, NoMemory) {
  expectRefused(BufferRef(nullptr, 0, 4), "the buffer has no memory, but 4 bytes");
  EXPECT_OK(queue->fill(BufferRef(), 1));
}

TEST_P(RefusalConformance, ForeignMemory) {
  BufferRef foreign = BufferRef::whole(GetParam().makeForeign());
  ASSERT_TRUE(foreign.memory);
  std::string own =
      device->properties().sharesHostMemory ? "the host" : "device '" + device->name() + "'";
  expectRefused(foreign, "the buffer lies in memory of device '" +
                             foreign.memory->device()->name() + "'; the queue takes memory of " +
                             own);
}

TEST_P(RefusalConformance, WhatDoesNotFitTogether) {
  EXPECT_EQ(queue->copy(good.slice(0, 8), good.slice(8, 9)).message(), "a copy of 9 bytes to 8");
  EXPECT_EQ(queue->copy(good.slice(0, 8), good.slice(7, 8)).message(),
            "source and destination of a copy overlap");
  EXPECT_EQ(queue->upload(good, nullptr).message(), "an upload from no memory");
  EXPECT_EQ(queue->download(nullptr, good).message(), "a download to no memory");
  EXPECT_EQ(queue->wait(nullptr).message(), "a queue cannot wait for no event");
  EXPECT_EQ(launch(*queue, Function(), {}).message(), "a launch of no function");
  EXPECT_EQ(launch(*queue, functionOf("write_var"), {good}, {1}, -2).message(),
            "a launch over a negative range: -2");
}

INSTANTIATE_TEST_SUITE_P(Device, RefusalConformance, testing::ValuesIn(deviceCases()),
                         [](const auto &info) { return info.param.name; });

} // namespace
