//===- RemoteDeviceTest.cpp - Memory out of the host's reach ----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// That the device of the tests is as unfriendly as it says; test/Conformance has what it shares
// with every other.
//===----------------------------------------------------------------------===//

#include "TestPrograms.h"

#include "tg/Runtime/Devices/Remote/RemoteDevice.h"
#include "tg/Runtime/IO/TensorIO.h"

#include "gtest/gtest.h"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <thread>
#include <unistd.h>

using namespace tg;
using namespace tg::rt;
using namespace tg::rt::test;

namespace {

/// Where the kernel found its buffer.
std::atomic<char *> found{nullptr};
void tellAddress(const tg_kernel_args *args, void *, int64_t, int64_t) {
  found = static_cast<char *>(args->buffers[0]);
  *found.load() = 42;
}

/// Whether the system can read a byte there on behalf of this process, which is not ended for it.
bool canRead(const char *address) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  ssize_t written = ::write(ends[1], address, 1);
  EXPECT_TRUE(written == 1 || errno == EFAULT);
  ::close(ends[0]);
  ::close(ends[1]);
  return written == 1;
}

struct Remote {
  std::shared_ptr<Device> device = createRemoteDevice();
  std::unique_ptr<Queue> queue = std::move(*device->createQueue());
  BufferRef allocate(uint64_t bytes, MemoryKind kind = MemoryKind::Device) {
    return BufferRef::whole(*device->allocate(bytes, kind));
  }
};

TEST(RuntimeRemoteDevice, TheHostCannotTouchItsMemory) {
  Remote remote;
  Function function;
  function.name = "tell";
  function.code = *remote.device->load(codeOf({{"tell", tellAddress}}));
  function.entry = function.code->lookup("tell");
  for (MemoryKind kind : {MemoryKind::Device, MemoryKind::Shared}) {
    BufferRef buffer = remote.allocate(100, kind);
    const BufferRef *list[] = {&buffer};
    KernelLaunch launch;
    launch.function = &function;
    launch.buffers = BufferList(list, 1);
    launch.range = 1;
    ASSERT_TRUE(remote.queue->launch(launch).ok());
    ASSERT_TRUE(remote.queue->synchronize().ok());
    ASSERT_NE(found.load(), nullptr);
    EXPECT_EQ(canRead(found), kind == MemoryKind::Shared);
    EXPECT_EQ(buffer.host(), kind == MemoryKind::Shared ? found.load() : nullptr);
    char value = 0;
    EXPECT_TRUE(remote.queue->download(&value, buffer.slice(0, 1)).ok());
    ASSERT_TRUE(remote.queue->synchronize().ok());
    EXPECT_EQ(value, 42);
  }
}

TEST(RuntimeRemoteDevice, NothingHappensBeforeSomebodyWaits) {
  Remote remote;
  BufferRef buffer = remote.allocate(4);
  int32_t one = 1, value = 0;
  ASSERT_TRUE(remote.queue->upload(buffer, &one).ok());
  ASSERT_TRUE(remote.queue->download(&value, buffer).ok());
  auto event = remote.queue->record();
  ASSERT_TRUE(event.ok());
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(value, 0);
  ASSERT_TRUE((*event)->wait().ok());
  EXPECT_EQ(value, 1);
}

TEST(RuntimeRemoteDevice, AGoodDealOfWorkWaitsForNobody) {
  Remote remote;
  BufferRef buffer = remote.allocate(4, MemoryKind::Shared);
  std::shared_ptr<Memory> first = *remote.device->allocate(8, MemoryKind::Device);
  std::weak_ptr<Memory> used = first;
  ASSERT_TRUE(remote.queue->fill(BufferRef::whole(std::move(first)), 1).ok());
  for (unsigned i = 0; i < 100; ++i)
    ASSERT_TRUE(remote.queue->fill(buffer, uint8_t(i)).ok());
  // The work lets go of the memory when it is done.
  for (unsigned i = 0; i < 1000 && !used.expired(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_TRUE(used.expired());
  EXPECT_TRUE(remote.queue->synchronize().ok());
  EXPECT_EQ(buffer.host()[3], 99);
}

TEST(RuntimeRemoteDevice, DroppedWorkHoldsNoMemory) {
  Remote remote;
  std::shared_ptr<Memory> memory = *remote.device->allocate(8, MemoryKind::Device);
  std::weak_ptr<Memory> used = memory;
  ASSERT_TRUE(remote.queue->fill(BufferRef::whole(std::move(memory)), 1).ok());
  auto event = remote.queue->record();
  ASSERT_TRUE(event.ok());
  EXPECT_FALSE(used.expired());
  remote.queue.reset();
  EXPECT_TRUE(used.expired());
  EXPECT_EQ((*event)->wait().message(), "the work was dropped with its queue");
}

/// What fails later is told to everybody who waits for it, and what would follow is left out.
TEST(RuntimeRemoteDevice, AFailureReachesWhoWaits) {
  Remote remote;
  std::unique_ptr<Queue> other = std::move(*remote.device->createQueue());
  BufferRef buffer = remote.allocate(4);
  int32_t value = 5;
  ASSERT_TRUE(remote.queue->upload(buffer, &value).ok());
  Function function;
  function.name = "greedy";
  function.code = *remote.device->load(codeOf({{"tell", tellAddress}}));
  function.entry = function.code->lookup("tell");
  function.workspaceBytes = INT64_MAX;
  KernelLaunch launch;
  launch.function = &function;
  launch.range = 1;
  ASSERT_TRUE(remote.queue->launch(launch).ok());
  ASSERT_TRUE(remote.queue->fill(buffer, 0).ok());
  auto event = remote.queue->record();
  ASSERT_TRUE(event.ok());
  ASSERT_TRUE(other->wait(*event).ok());
  ASSERT_TRUE(other->fill(buffer, 1).ok());
  const std::string start = "kernel 'greedy': workspace: out of memory";
  EXPECT_EQ(other->synchronize().message().rfind(start, 0), 0u);
  EXPECT_EQ((*event)->wait().message().rfind(start, 0), 0u);
  EXPECT_EQ(remote.queue->synchronize().message().rfind(start, 0), 0u);
  // Both go on; neither fill has happened.
  ASSERT_TRUE(other->download(&value, buffer).ok());
  EXPECT_TRUE(other->synchronize().ok());
  EXPECT_EQ(value, 5);
  EXPECT_TRUE(remote.queue->synchronize().ok());
}

TEST(RuntimeRemoteDevice, NewMemoryIsNotZero) {
  Remote remote;
  std::vector<uint8_t> values(5000, 0);
  ASSERT_TRUE(remote.queue->download(values.data(), remote.allocate(5000)).ok());
  ASSERT_TRUE(remote.queue->synchronize().ok());
  EXPECT_EQ(values, std::vector<uint8_t>(5000, 0xA5));
}

TEST(RuntimeRemoteDevice, RefusesTheHostsMemory) {
  Remote remote;
  BufferRef host = BufferRef::whole(*allocateHostMemory(nullptr, 8));
  EXPECT_EQ(remote.queue->fill(host, 1).message(),
            "destination of a fill: the buffer lies in memory of the host; the queue takes memory "
            "of device 'remote'");
}

TEST(RuntimeRemoteDevice, CountsWhatItHandsOut) {
  RemoteDeviceOptions options;
  options.memoryBytes = 1000;
  auto device = createRemoteDevice(options);
  EXPECT_EQ(device->properties().memoryBytes, 1000u);
  auto first = device->allocate(600, MemoryKind::Device);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(device->allocate(401, MemoryKind::Device).message(),
            "device 'remote': out of memory (401 bytes, 400 are left)");
  first = error("freed");
  EXPECT_TRUE(device->allocate(1000, MemoryKind::Device).ok());
}

TEST(RuntimeRemoteDevice, IsNoDefault) {
  EXPECT_EQ(Runtime::create()->devices.names(), std::vector<std::string>{"cpu"});
}

/// Under the name "cpu" it runs what was compiled for the processor; constants are there once.
TEST(RuntimeRemoteDevice, TakesTheProcessorsPlace) {
  RemoteDeviceOptions remote;
  remote.name = "cpu";
  ContextOptions options;
  options.runtime = std::make_shared<Runtime>();
  options.runtime->devices.add(createRemoteDevice(remote));
  auto program = loadProgram(TG_TEST_PROGRAM);
  auto input = readNpy(TG_TEST_MODELS "/digits.input.npy");
  ASSERT_TRUE(program.ok() && input.ok());
  auto here = Context::create(*program), there = Context::create(*program, options);
  ASSERT_TRUE(here.ok() && there.ok()) << there.message();
  auto expected = (*here)->run({*input}), actual = (*there)->run({*input});
  ASSERT_TRUE(expected.ok() && actual.ok()) << actual.message();
  // To the bit: the same kernels.
  EXPECT_EQ(valuesOf<uint32_t>((*actual)[0]), valuesOf<uint32_t>((*expected)[0]));
}

TEST(RuntimeRemoteDevice, FilesAreNotWrittenFromThere) {
  Remote remote;
  Tensor tensor = *Tensor::over(DType::F32, {2}, remote.allocate(8));
  TemporaryFolder folder;
  EXPECT_EQ(writeNpy(folder / "x.npy", tensor).message(),
            folder / "x.npy" + ": tensor<2xf32> lies in memory that the host cannot address");
  Tensor ids = *Tensor::over(DType::I64, {1}, remote.allocate(8));
  EXPECT_EQ(StringIds(nullptr).decode(ids).message(),
            "tensor<1xi64> lies in memory that the host cannot address");
}

} // namespace
