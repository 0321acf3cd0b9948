//===- File.cpp - Whole files in and out ------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "IO/File.h"

#include "tg/Runtime/Memory/Allocator.h"

#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace tg::rt {
namespace {

/// Closes the descriptor when it goes out of scope.
struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0)
      ::close(fd);
  }
};

Status failure(const std::string &path, const char *what) {
  return error(path + ": " + what + ": " + std::strerror(errno));
}

Result<size_t> readSome(int fd, char *out, size_t size, const std::string &path) {
  size_t done = 0;
  while (done < size) {
    ssize_t got = ::read(fd, out + done, size - done);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return failure(path, "cannot read");
    if (got == 0)
      break;
    done += size_t(got);
  }
  return done;
}

/// A pipe or device, whose size is not known before.
Result<Blob> readStream(int fd, const std::string &path) {
  std::string all;
  constexpr size_t step = size_t(1) << 16;
  for (;;) {
    size_t before = all.size();
    all.resize(before + step);
    Result<size_t> got = readSome(fd, &all[before], step, path);
    if (!got)
      return got.status();
    all.resize(before + *got);
    if (*got < step)
      break;
  }
  Blob blob = Blob::copyOf(all.data(), all.size());
  if (!blob.data)
    return error(path + ": out of memory");
  return blob;
}

Result<Blob> readRegular(int fd, size_t size, const std::string &path) {
  std::shared_ptr<void> memory = allocateShared(createHeapAllocator(), size);
  if (!memory)
    return error(path + ": out of memory (" + std::to_string(size) + " bytes)");
  Result<size_t> got = readSome(fd, static_cast<char *>(memory.get()), size, path);
  if (!got)
    return got.status();
  return Blob{memory, *got};
}

Result<Blob> open(const std::string &path, bool map) {
  Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat info;
  if (file.fd < 0 || ::fstat(file.fd, &info) != 0)
    return failure(path, "cannot open");
  if (S_ISDIR(info.st_mode))
    return error(path + ": is a directory, not a file");
  if (!S_ISREG(info.st_mode))
    return readStream(file.fd, path);
  size_t size = size_t(info.st_size);
  if (!map || size == 0)
    return readRegular(file.fd, size, path);
  void *memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.fd, 0);
  if (memory == MAP_FAILED)
    return failure(path, "cannot map");
  std::shared_ptr<const void> owner(
      memory, [size](const void *pointer) { ::munmap(const_cast<void *>(pointer), size); });
  return Blob{std::move(owner), size};
}

Status writeAll(int fd, const std::vector<Piece> &pieces, const std::string &path) {
  for (const Piece &piece : pieces) {
    const char *data = static_cast<const char *>(piece.data);
    size_t left = piece.size;
    while (left) {
      ssize_t done = ::write(fd, data, left);
      if (done < 0 && errno == EINTR)
        continue;
      if (done < 0)
        return failure(path, "cannot write");
      data += done;
      left -= size_t(done);
    }
  }
  return Status::success();
}

Status closeChecked(Descriptor &file, const std::string &path) {
  int fd = std::exchange(file.fd, -1);
  // Some file systems report a full disk only here.
  return ::close(fd) == 0 ? Status::success() : failure(path, "cannot write");
}

} // namespace

Blob Blob::copyOf(const void *data, uint64_t size) {
  std::shared_ptr<void> memory = allocateShared(createHeapAllocator(), size);
  if (!memory)
    return {};
  if (size)
    std::memcpy(memory.get(), data, size);
  return {memory, size};
}

Result<Blob> readFile(const std::string &path) { return open(path, /*map=*/false); }
Result<Blob> mapFile(const std::string &path) { return open(path, /*map=*/true); }

Status writeFile(const std::string &path, const std::vector<Piece> &pieces) {
  struct stat info;
  bool exists = ::stat(path.c_str(), &info) == 0;
  if (exists && S_ISDIR(info.st_mode))
    return error(path + ": is a directory, not a file");
  if (exists && !S_ISREG(info.st_mode)) {
    Descriptor file{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
    if (file.fd < 0)
      return failure(path, "cannot open for writing");
    if (Status status = writeAll(file.fd, pieces, path); !status)
      return status;
    return closeChecked(file, path);
  }

  // Through a symbolic link the file behind it is replaced, not the link.
  std::string target = path;
  if (char *real = exists ? ::realpath(path.c_str(), nullptr) : nullptr) {
    target = real;
    std::free(real);
  }
  static std::atomic<uint64_t> counter{0};
  std::string temporary =
      target + ".tmp." + std::to_string(::getpid()) + "." + std::to_string(counter++);
  Descriptor file{::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)};
  if (file.fd < 0)
    return failure(path, "cannot create");
  Status status = writeAll(file.fd, pieces, path);
  if (Status closed = closeChecked(file, path); status.ok())
    status = closed;
  if (status.ok() && ::rename(temporary.c_str(), target.c_str()) != 0)
    status = failure(path, "cannot replace");
  if (!status)
    ::unlink(temporary.c_str());
  return status;
}

} // namespace tg::rt
