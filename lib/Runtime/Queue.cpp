//===- Queue.cpp - What every queue checks ----------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tg/Runtime/Queue.h"

#include "tg/Runtime/Device.h"

namespace tg::rt {
namespace {

std::string ownerName(const Device *device) {
  return device ? "device '" + device->name() + "'" : "the host";
}

Status describeFault(const BufferRef &buffer, const Device *owner) {
  if (!buffer.memory)
    return error("the buffer has no memory, but " + std::to_string(buffer.bytes) + " bytes");
  if (buffer.memory->device() != owner)
    return error("the buffer lies in memory of " + ownerName(buffer.memory->device()) +
                 "; the queue takes memory of " + ownerName(owner));
  uint64_t end;
  std::string range = __builtin_add_overflow(buffer.offset, buffer.bytes, &end)
                          ? std::to_string(buffer.bytes) + " bytes from byte " +
                                std::to_string(buffer.offset) + " on"
                          : "bytes " + std::to_string(buffer.offset) + " to " + std::to_string(end);
  return error("the buffer is out of bounds: " + range + " of a memory of " +
               std::to_string(buffer.memory->bytes()) + " bytes");
}

} // namespace

Status Queue::check(const BufferRef &buffer) const {
  return isGood(buffer) ? Status::success() : describeFault(buffer, owner);
}

Status Queue::launch(const KernelLaunch &launch) {
  if (!launch.function || !launch.function->entry)
    return error("a launch of no function");
  if (launch.range < 0)
    return error("a launch over a negative range: " + std::to_string(launch.range));
  for (size_t i = 0; i < launch.buffers.size(); ++i)
    if (!isGood(launch.buffers[i]))
      return check(launch.buffers[i]).in("buffer " + std::to_string(i) + " of the launch");
  return launch.range == 0 ? Status::success() : doLaunch(launch);
}

Status Queue::copy(const BufferRef &destination, const BufferRef &source) {
  if (Status status = check(source); !status)
    return status.in("source of a copy");
  if (Status status = check(destination); !status)
    return status.in("destination of a copy");
  if (source.bytes != destination.bytes)
    return error("a copy of " + std::to_string(source.bytes) + " bytes to " +
                 std::to_string(destination.bytes));
  if (source.bytes == 0 || isSameRange(source, destination))
    return Status::success();
  if (overlaps(source, destination))
    return error("source and destination of a copy overlap");
  return doCopy(destination, source);
}

Status Queue::upload(const BufferRef &destination, const void *source) {
  if (Status status = check(destination); !status)
    return status.in("destination of an upload");
  if (destination.bytes == 0)
    return Status::success();
  return source ? doUpload(destination, source) : error("an upload from no memory");
}

Status Queue::download(void *destination, const BufferRef &source) {
  if (Status status = check(source); !status)
    return status.in("source of a download");
  if (source.bytes == 0)
    return Status::success();
  return destination ? doDownload(destination, source) : error("a download to no memory");
}

Status Queue::fill(const BufferRef &destination, uint8_t value) {
  if (Status status = check(destination); !status)
    return status.in("destination of a fill");
  return destination.bytes == 0 ? Status::success() : doFill(destination, value);
}

Status Queue::wait(const std::shared_ptr<Event> &event) {
  return event ? doWait(event) : error("a queue cannot wait for no event");
}

} // namespace tg::rt
