//===- Queue.h - Work of a device, in order ---------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a queue is told to do happens in that order, perhaps later. It is done when synchronize()
// has returned, or when an event that was recorded after it has been waited for.
//
// Every queue checks what it is given before the device sees it: a buffer must lie within a memory
// that the queue takes. The rest is the device's: it implements the private virtual functions.
//===----------------------------------------------------------------------===//
#ifndef TG_RUNTIME_QUEUE_H
#define TG_RUNTIME_QUEUE_H

#include "tg/Runtime/Error.h"
#include "tg/Runtime/Memory/Memory.h"
#include "tg/Runtime/Program/Program.h"

#include <cstdint>
#include <memory>
#include <string>

namespace tg::rt {

/// A kernel that a device has loaded.
struct Function {
  /// For messages.
  std::string name;
  /// What the code's lookup() gave for the kernel's symbol. On the CPU it is a tg_kernel_fn. On
  /// other devices it is a record of their own, which says how large a block is and how much
  /// workgroup memory it takes.
  void *entry = nullptr;
  /// Keeps `entry` alive; a queue shares it until the launch is done.
  std::shared_ptr<const LoadedCode> code;
  /// Scratch bytes of each worker, over the program's vars. The queue provides them.
  SizeExpr workspaceBytes;
};

/// The buffers of a launch, in the kernel's order. A view: the caller owns the array and the
/// references that it points to.
class BufferList {
public:
  BufferList() = default;
  BufferList(const BufferRef *const *buffers, size_t count) : buffers(buffers), count(count) {}

  size_t size() const { return count; }
  const BufferRef &operator[](size_t index) const { return *buffers[index]; }
  const BufferRef *const *begin() const { return buffers; }
  const BufferRef *const *end() const { return buffers + count; }

private:
  const BufferRef *const *buffers = nullptr;
  size_t count = 0;
};

/// One launch of a kernel over its whole range. Everything here is read before Queue::launch
/// returns.
struct KernelLaunch {
  const Function *function = nullptr;
  BufferList buffers;
  /// The values of the program's vars, by id.
  const int64_t *vars = nullptr;
  size_t numVars = 0;
  /// Work units (blocks of a GPU's grid); at least 0.
  int64_t range = 0;
  /// What the program estimates for this launch, 0 where it does not know: floating-point
  /// operations, and bytes read and written. A device may choose by them how many threads it wakes.
  int64_t flops = 0;
  int64_t bytes = 0;
  /// Whether an index out of range in gather or scatter is an error.
  bool checkIndices = false;
  /// Given back in KernelReport::tag.
  uint32_t tag = 0;
};

/// The device's error word: what the first kernel reported that reported an error.
struct KernelReport {
  /// A TG_KERNEL_… code; TG_KERNEL_OK (0) if none did.
  int32_t code = 0;
  /// That of the launch.
  uint32_t tag = 0;
};

/// A point in a queue. Thread-safe; it may outlive the queue.
class Event {
public:
  virtual ~Event() = default;
  /// Blocks until the point is reached. Fails when work before it failed, or was dropped with its
  /// queue.
  virtual Status wait() = 0;
  /// Nanoseconds on the host's steady clock when the point was reached; after wait().
  virtual int64_t timestamp() const = 0;
};

/// Used by one thread at a time. Ranges of zero bytes are allowed everywhere and do nothing. When
/// work fails that runs later, the rest of the queue's work is left out, and the next synchronize()
/// says why. Destroying a queue drops work that has not begun and waits for what has.
class Queue {
public:
  virtual ~Queue() = default;

  /// Runs the kernel's whole range.
  Status launch(const KernelLaunch &launch);
  /// Copies between two memories of the device, or within one. The ranges have the same size and
  /// do not overlap; copying a range to itself does nothing.
  Status copy(const BufferRef &destination, const BufferRef &source);
  /// Copies destination.bytes bytes from the host. They are read before the call returns.
  Status upload(const BufferRef &destination, const void *source);
  /// Copies source.bytes bytes to the host. `destination` must stay until they have arrived, or
  /// until the queue is destroyed.
  Status download(void *destination, const BufferRef &source);
  /// Sets every byte to `value`.
  Status fill(const BufferRef &destination, uint8_t value);
  /// The point after everything that the queue was told so far.
  Result<std::shared_ptr<Event>> record() { return doRecord(); }
  /// Later work of this queue runs after `event`, which may be another queue's.
  Status wait(const std::shared_ptr<Event> &event);
  /// Waits for everything and gives the error word since the last call. When it fails because some
  /// work did, the queue is empty and can go on; what was downloaded is undefined.
  Result<KernelReport> synchronize() { return doSynchronize(); }

  /// Whether buffers may lie in `memory`.
  bool takes(const Memory &memory) const { return memory.device() == owner; }
  /// Scratch memory that the queue holds for its kernels, in bytes.
  virtual uint64_t workspaceBytes() const = 0;

protected:
  /// A queue that takes memory of `owner`, which the queue keeps alive; null: the host's memory.
  explicit Queue(const Device *owner) : owner(owner) {}

private:
  /// What is here is checked: buffers lie in memory of `owner` or have no bytes, sizes are equal,
  /// pointers are not null, a range is not empty.
  virtual Status doLaunch(const KernelLaunch &launch) = 0;
  virtual Status doCopy(const BufferRef &destination, const BufferRef &source) = 0;
  virtual Status doUpload(const BufferRef &destination, const void *source) = 0;
  virtual Status doDownload(void *destination, const BufferRef &source) = 0;
  virtual Status doFill(const BufferRef &destination, uint8_t value) = 0;
  virtual Status doWait(const std::shared_ptr<Event> &event) = 0;
  virtual Result<std::shared_ptr<Event>> doRecord() = 0;
  virtual Result<KernelReport> doSynchronize() = 0;
  /// Whether the buffer lies within a memory that the queue takes, or has no bytes.
  bool isGood(const BufferRef &buffer) const {
    if (!buffer.memory)
      return buffer.bytes == 0;
    uint64_t size = buffer.memory->bytes();
    return takes(*buffer.memory) && buffer.offset <= size && buffer.bytes <= size - buffer.offset;
  }
  Status check(const BufferRef &buffer) const;

  const Device *owner;
};

} // namespace tg::rt

#endif // TG_RUNTIME_QUEUE_H
