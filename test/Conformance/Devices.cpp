//===- Devices.cpp - The devices that must conform --------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Conformance.h"

#include "../Unit/Runtime/TestUtils.h"

#include "tg/Runtime/Devices/Remote/RemoteDevice.h"

#include <chrono>
#include <thread>

namespace tg::rt::test {
namespace {

/// Writes its first var to the i64 in buffer 0.
void writeVar(const tg_kernel_args *args, void *, int64_t, int64_t) {
  static_cast<int64_t *>(args->buffers[0])[0] = args->vars[0];
}

/// Adds its first var to the i64 in buffer 0, slowly.
void addVarSlowly(const tg_kernel_args *args, void *, int64_t, int64_t) {
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  static_cast<int64_t *>(args->buffers[0])[0] += args->vars[0];
}

/// buffer 1 [i] = buffer 0 [i] + 1, for every byte i of the range.
void increment(const tg_kernel_args *args, void *, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; ++i)
    static_cast<uint8_t *>(args->buffers[1])[i] =
        uint8_t(static_cast<uint8_t *>(args->buffers[0])[i] + 1);
}

/// Writes the device's address of buffer 1 to the i64 in buffer 0.
void writeAddress(const tg_kernel_args *args, void *, int64_t, int64_t) {
  static_cast<int64_t *>(args->buffers[0])[0] =
      int64_t(reinterpret_cast<intptr_t>(args->buffers[1]));
}

/// Reports its first var as an error.
void reportVar(const tg_kernel_args *args, void *, int64_t, int64_t) {
  *args->error = int32_t(args->vars[0]);
}

/// buffer 0 [i] = 1, for every byte i of the range, if the workspace is aligned and all of its
/// vars[0] bytes can be written.
void useWorkspace(const tg_kernel_args *args, void *workspace, int64_t begin, int64_t end) {
  auto *bytes = static_cast<uint8_t *>(workspace);
  if (!bytes || reinterpret_cast<uintptr_t>(bytes) % bufferAlignment)
    return;
  for (int64_t i = begin; i < end; ++i) {
    std::fill(bytes, bytes + args->vars[0], uint8_t(i));
    uint8_t wrong = 0;
    for (int64_t k = 0; k < args->vars[0]; ++k)
      wrong |= bytes[k] ^ uint8_t(i);
    static_cast<uint8_t *>(args->buffers[0])[i] = wrong == 0;
  }
}

/// The processor's kernels, as C++ functions.
CodeModule hostCode() {
  return codeOf({{"write_var", writeVar},
                 {"add_var_slowly", addVarSlowly},
                 {"increment", increment},
                 {"write_address", writeAddress},
                 {"report_var", reportVar},
                 {"use_workspace", useWorkspace}});
}

/// Gives no more than a limit at once.
class LimitedAllocator : public Allocator {
public:
  explicit LimitedAllocator(uint64_t limit) : limit(limit) {}
  void *allocate(size_t bytes, size_t alignment) override {
    return bytes > limit ? nullptr : heap->allocate(bytes, alignment);
  }
  void deallocate(void *memory, size_t bytes, size_t alignment) override {
    heap->deallocate(memory, bytes, alignment);
  }

private:
  uint64_t limit;
  std::shared_ptr<Allocator> heap = createHeapAllocator();
};

DeviceCase cpuCase() {
  DeviceCase result;
  result.name = "Cpu";
  result.make = [](uint64_t limit) {
    return createCpuDevice(limit ? std::make_shared<LimitedAllocator>(limit) : nullptr);
  };
  result.makeForeign = [] { return *createRemoteDevice()->allocate(64, MemoryKind::Device); };
  result.code = hostCode;
  return result;
}

DeviceCase remoteCase() {
  DeviceCase result;
  result.name = "Remote";
  result.make = [](uint64_t limit) {
    RemoteDeviceOptions options;
    options.memoryBytes = limit;
    return createRemoteDevice(options);
  };
  // Of another device of its kind; the host's is foreign, too (RemoteDeviceTest).
  result.makeForeign = [] { return *createRemoteDevice()->allocate(64, MemoryKind::Device); };
  result.code = hostCode;
  return result;
}

} // namespace

std::vector<DeviceCase> deviceCases() { return {cpuCase(), remoteCase()}; }

void Conformance::SetUp() {
  device = GetParam().make(0);
  queue = makeQueue();
}

std::unique_ptr<Queue> Conformance::makeQueue() {
  QueueOptions options;
  options.threads = 3;
  Result<std::unique_ptr<Queue>> made = device->createQueue(options);
  EXPECT_OK(made);
  return made ? std::move(*made) : nullptr;
}

BufferRef Conformance::allocate(uint64_t bytes, MemoryKind kind) {
  Result<std::shared_ptr<Memory>> memory = device->allocate(bytes, kind);
  EXPECT_OK(memory);
  return memory ? BufferRef::whole(*memory) : BufferRef();
}

BufferRef Conformance::bufferWith(Queue &queue, const std::vector<uint8_t> &values) {
  BufferRef buffer = allocate(values.size());
  EXPECT_OK(queue.upload(buffer, values.data()));
  return buffer;
}

std::vector<uint8_t> Conformance::contentsOf(Queue &queue, const BufferRef &buffer) {
  std::vector<uint8_t> values(buffer.bytes, 0x77);
  EXPECT_OK(queue.download(values.data(), buffer));
  EXPECT_OK(queue.synchronize());
  return values;
}

Function Conformance::functionOf(const std::string &symbol, SizeExpr workspaceBytes) {
  Function function;
  function.name = symbol;
  function.workspaceBytes = std::move(workspaceBytes);
  Result<std::shared_ptr<const LoadedCode>> code = device->load(GetParam().code());
  EXPECT_OK(code);
  if (code) {
    function.code = *code;
    function.entry = function.code->lookup(symbol);
  }
  EXPECT_NE(function.entry, nullptr) << symbol;
  return function;
}

Status Conformance::launch(Queue &queue, const Function &function,
                           const std::vector<BufferRef> &buffers, const std::vector<int64_t> &vars,
                           int64_t range, uint32_t tag, bool checkIndices) {
  std::vector<const BufferRef *> list;
  for (const BufferRef &buffer : buffers)
    list.push_back(&buffer);
  KernelLaunch launch;
  launch.function = &function;
  launch.buffers = BufferList(list.data(), list.size());
  launch.vars = vars.data();
  launch.numVars = vars.size();
  launch.range = range;
  launch.tag = tag;
  launch.checkIndices = checkIndices;
  return queue.launch(launch);
}

std::vector<uint8_t> someBytes(size_t count, unsigned seed) {
  std::vector<uint8_t> result(count);
  for (size_t i = 0; i < count; ++i)
    result[i] = uint8_t(i * 7 + (i >> 8) + seed * 31);
  return result;
}

} // namespace tg::rt::test
