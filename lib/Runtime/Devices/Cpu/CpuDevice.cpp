//===- CpuDevice.cpp - The host's processor ---------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Devices/Cpu/ElfObject.h"

#include "tg/Runtime/Device.h"
#include "tg/Runtime/Devices/Cpu/CpuFeatures.h"
#include "tg/Runtime/KernelABI.h"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

namespace tg::rt {
namespace {

int64_t steadyNow() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// Work is done when it is queued, so every event has happened.
class PastEvent : public Event {
public:
  Status wait() override { return Status::success(); }
  int64_t timestamp() const override { return time; }

private:
  int64_t time = steadyNow();
};

class CPUQueue : public Queue {
public:
  explicit CPUQueue(std::shared_ptr<ThreadPool> pool) : pool(std::move(pool)) {}

  Result<int32_t> launch(const LaunchParams &params) override {
    auto function = reinterpret_cast<tg_kernel_fn>(params.function);
    std::atomic<int32_t> firstError{TG_KERNEL_OK};
    pool->forEach(
        params.range, params.maxWorkers, [&](unsigned worker, int64_t begin, int64_t end) {
          int32_t failure = TG_KERNEL_OK;
          tg_kernel_args args = {TG_KERNEL_ABI_VERSION, params.numBuffers, params.buffers,
                                 params.vars, &failure};
          char *workspace =
              params.workspace ? params.workspace + worker * params.workspaceStride : nullptr;
          function(&args, workspace, begin, end);
          if (failure != TG_KERNEL_OK)
            firstError.store(failure, std::memory_order_relaxed);
        });
    return firstError.load();
  }
  Status copy(void *destination, const void *source, size_t bytes) override {
    if (bytes)
      std::memcpy(destination, source, bytes);
    return Status::success();
  }
  Status fill(void *destination, uint8_t value, size_t bytes) override {
    if (bytes)
      std::memset(destination, value, bytes);
    return Status::success();
  }
  Result<std::unique_ptr<Event>> record() override {
    return std::unique_ptr<Event>(std::make_unique<PastEvent>());
  }
  Result<int32_t> synchronize() override { return int32_t(TG_KERNEL_OK); }

private:
  std::shared_ptr<ThreadPool> pool;
};

class SharedObject : public LoadedCode {
public:
  SharedObject(void *handle, int file) : handle(handle), file(file) {}
  ~SharedObject() override {
    ::dlclose(handle);
    ::close(file);
  }
  void *lookup(const std::string &symbol) const override { return ::dlsym(handle, symbol.c_str()); }

private:
  void *handle;
  /// Stays open: the dynamic linker takes two files of one name for the same library, and the name
  /// holds the descriptor's number.
  int file;
};

/// The dynamic linker wants a file: one in memory.
Result<std::shared_ptr<const LoadedCode>> loadSharedObject(const CodeModule &module) {
  constexpr char elfMagic[] = "\x7f"
                              "ELF";
  const char *data = static_cast<const char *>(module.bytes.data.get());
  if (module.bytes.size < 64 || std::memcmp(data, elfMagic, 4) != 0)
    return error("the code is not an ELF file");
  int file = ::memfd_create("tg-kernels", MFD_CLOEXEC);
  if (file < 0)
    return error(std::string("cannot load code: ") + std::strerror(errno));
  uint64_t done = 0;
  while (done < module.bytes.size) {
    ssize_t count = ::write(file, data + done, module.bytes.size - done);
    if (count < 0 && errno != EINTR)
      break;
    done += count > 0 ? uint64_t(count) : 0;
  }
  void *handle = nullptr;
  if (done == module.bytes.size)
    handle = ::dlopen(("/proc/self/fd/" + std::to_string(file)).c_str(), RTLD_NOW | RTLD_LOCAL);
  std::string reason =
      done == module.bytes.size ? (handle ? "" : ::dlerror()) : std::strerror(errno);
  if (!handle) {
    ::close(file);
    return error("cannot load code: " + reason);
  }
  return std::shared_ptr<const LoadedCode>(std::make_shared<SharedObject>(handle, file));
}

std::string processorName() {
  std::string name = "CPU";
  if (FILE *info = std::fopen("/proc/cpuinfo", "r")) {
    char line[512];
    while (std::fgets(line, sizeof(line), info)) {
      std::string text = line;
      size_t colon = text.find(": ");
      if (text.rfind("model name", 0) == 0 && colon != std::string::npos) {
        name = text.substr(colon + 2, text.size() - colon - 3);
        break;
      }
    }
    std::fclose(info);
  }
  return name;
}

class CpuDevice : public Device {
public:
  explicit CpuDevice(std::shared_ptr<Allocator> memory)
      : memory(memory ? std::move(memory) : createHeapAllocator()) {
    loaders["elf-object"] = loadElfObject;
    loaders["elf-shared"] = loadSharedObject;
  }

  std::string name() const override { return "cpu"; }
  DeviceProperties properties() const override {
    DeviceProperties result;
    result.description = processorName();
    result.parallelism = unsigned(::sysconf(_SC_NPROCESSORS_ONLN));
    result.memoryBytes = uint64_t(::sysconf(_SC_PHYS_PAGES)) * uint64_t(::sysconf(_SC_PAGESIZE));
    return result;
  }
  const std::shared_ptr<Allocator> &allocator() const override { return memory; }

  Result<std::shared_ptr<const LoadedCode>> load(const CodeModule &module) override {
    if (Status status = checkCpuFeatures(module.features); !status)
      return status;
    CodeLoader loader;
    {
      std::lock_guard<std::mutex> lock(mutex);
      auto found = loaders.find(module.format);
      if (found == loaders.end())
        return error("device 'cpu' has no loader for code of format '" + module.format + "'");
      loader = found->second;
    }
    return loader(module);
  }
  void addCodeLoader(const std::string &format, CodeLoader loader) override {
    std::lock_guard<std::mutex> lock(mutex);
    loaders[format] = std::move(loader);
  }
  Result<std::unique_ptr<Queue>> createQueue(const std::shared_ptr<ThreadPool> &pool) override {
    return std::unique_ptr<Queue>(std::make_unique<CPUQueue>(pool));
  }

private:
  std::shared_ptr<Allocator> memory;
  std::mutex mutex;
  std::map<std::string, CodeLoader> loaders;
};

} // namespace

std::shared_ptr<Device> createCpuDevice(std::shared_ptr<Allocator> allocator) {
  return std::make_shared<CpuDevice>(std::move(allocator));
}

} // namespace tg::rt
