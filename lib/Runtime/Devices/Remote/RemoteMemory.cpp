//===- RemoteMemory.cpp - Memory that only its device opens -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Devices/Remote/RemoteMemory.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

namespace tg::rt {
namespace {

/// What new memory holds, as far as it is filled at all.
constexpr int pattern = 0xA5;
constexpr uint64_t maxFilled = uint64_t(64) << 20;

std::string systemError() { return std::strerror(errno); }

} // namespace

bool MemoryBudget::take(uint64_t bytes) {
  uint64_t before = free.load();
  do
    if (before < bytes)
      return false;
  while (!free.compare_exchange_weak(before, before - bytes));
  return true;
}

Result<std::shared_ptr<Memory>> RemoteMemory::create(std::shared_ptr<const Device> device,
                                                     std::shared_ptr<MemoryBudget> budget,
                                                     uint64_t bytes, MemoryKind kind) {
  std::string place = "device '" + device->name() + "': ";
  if (!budget->take(bytes))
    return error(place + "out of memory (" + std::to_string(bytes) + " bytes, " +
                 std::to_string(budget->left()) + " are left)");
  uint64_t page = uint64_t(::sysconf(_SC_PAGESIZE));
  uint64_t mapped = (std::max<uint64_t>(bytes, 1) + page - 1) / page * page;
  void *start = ::mmap(nullptr, mapped, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  std::string reason = start == MAP_FAILED ? systemError() : "";
  if (reason.empty()) {
    std::memset(start, pattern, std::min(bytes, maxFilled));
    if (kind == MemoryKind::Device && ::mprotect(start, mapped, PROT_NONE) != 0) {
      reason = systemError();
      ::munmap(start, mapped);
    }
  }
  if (!reason.empty()) {
    budget->giveBack(bytes);
    return error(place + "no memory (" + std::to_string(bytes) + " bytes): " + reason);
  }
  return std::shared_ptr<Memory>(
      new RemoteMemory(std::move(device), std::move(budget), bytes, kind, start, mapped));
}

RemoteMemory::RemoteMemory(std::shared_ptr<const Device> device,
                           std::shared_ptr<MemoryBudget> budget, uint64_t bytes, MemoryKind kind,
                           void *start, uint64_t mapped)
    : Memory(device.get(), kind == MemoryKind::Shared ? start : nullptr, bytes),
      keptDevice(std::move(device)), budget(std::move(budget)), kind(kind), start(start),
      mapped(mapped),
      view(wrapHostMemory(std::shared_ptr<void>(std::shared_ptr<void>(), start), bytes)) {}

RemoteMemory::~RemoteMemory() {
  ::munmap(start, mapped);
  budget->giveBack(bytes());
}

Status RemoteMemory::open() {
  std::lock_guard<std::mutex> lock(mutex);
  if (opened == 0 && kind == MemoryKind::Device &&
      ::mprotect(start, mapped, PROT_READ | PROT_WRITE) != 0)
    return error("cannot open memory of " + std::to_string(bytes()) + " bytes: " + systemError());
  ++opened;
  return Status::success();
}

void RemoteMemory::close() {
  std::lock_guard<std::mutex> lock(mutex);
  if (--opened == 0 && kind == MemoryKind::Device)
    ::mprotect(start, mapped, PROT_NONE);
}

OpenBuffers::~OpenBuffers() {
  for (const std::shared_ptr<Memory> &memory : memories)
    static_cast<RemoteMemory &>(*memory).close();
}

Result<BufferRef> OpenBuffers::open(const BufferRef &buffer) {
  if (!buffer.memory)
    return BufferRef();
  auto &memory = static_cast<RemoteMemory &>(*buffer.memory);
  if (std::find(memories.begin(), memories.end(), buffer.memory) == memories.end()) {
    if (Status status = memory.open(); !status)
      return status;
    memories.push_back(buffer.memory);
  }
  return BufferRef(memory.contents(), buffer.offset, buffer.bytes);
}

} // namespace tg::rt
