//===- Conformance.h - What every device must do ----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The suite that defines a device: a driver is done when it passes. A new device is a further
// DeviceCase in Devices.cpp. Its kernels come as a code module with the symbols that
// Devices.cpp's functions have, which say what each does.
//===----------------------------------------------------------------------===//
#ifndef TG_TEST_CONFORMANCE_CONFORMANCE_H
#define TG_TEST_CONFORMANCE_CONFORMANCE_H

#include "tg/Runtime/Device.h"
#include "tg/Runtime/KernelABI.h"

#include "gtest/gtest.h"

#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace tg::rt::test {

struct DeviceCase {
  /// A word, for the tests' names.
  std::string name;
  /// Makes the device; it can allocate `memoryBytes` bytes in one piece at most, or as many as it
  /// likes if that is 0.
  std::function<std::shared_ptr<Device>(uint64_t memoryBytes)> make;
  /// Makes memory that belongs to another device.
  std::function<std::shared_ptr<Memory>()> makeForeign;
  /// The kernels.
  std::function<CodeModule()> code;
};

inline std::ostream &operator<<(std::ostream &out, const DeviceCase &device) {
  return out << device.name;
}

/// The devices that this build has.
std::vector<DeviceCase> deviceCases();

/// A device with a queue, and shorthands that expect success.
class Conformance : public testing::TestWithParam<DeviceCase> {
protected:
  void SetUp() override;

  std::unique_ptr<Queue> makeQueue();
  BufferRef allocate(uint64_t bytes, MemoryKind kind = MemoryKind::Device);
  /// With `values` in it, once the queue has come to it.
  BufferRef bufferWith(Queue &queue, const std::vector<uint8_t> &values);
  /// Waits.
  std::vector<uint8_t> contentsOf(Queue &queue, const BufferRef &buffer);
  template <typename T> T valueOf(Queue &queue, const BufferRef &buffer) {
    T value{};
    EXPECT_TRUE(queue.download(&value, buffer.slice(0, sizeof(T))).ok());
    EXPECT_TRUE(queue.synchronize().ok());
    return value;
  }
  Function functionOf(const std::string &symbol, SizeExpr workspaceBytes = 0);
  Status launch(Queue &queue, const Function &function, const std::vector<BufferRef> &buffers,
                const std::vector<int64_t> &vars = {}, int64_t range = 1, uint32_t tag = 0,
                bool checkIndices = false);

  std::shared_ptr<Device> device;
  std::unique_ptr<Queue> queue;
};

/// Bytes that differ from their neighbors and from one `seed` to the next.
std::vector<uint8_t> someBytes(size_t count, unsigned seed = 1);

#define EXPECT_OK(STATUS)                                                                          \
  do {                                                                                             \
    const auto &okResult = (STATUS);                                                               \
    EXPECT_TRUE(okResult.ok()) << okResult.message();                                              \
  } while (false)

} // namespace tg::rt::test

#endif // TG_TEST_CONFORMANCE_CONFORMANCE_H
