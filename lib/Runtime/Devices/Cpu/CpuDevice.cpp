//===- CpuDevice.cpp - The host's processor ---------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Devices/Cpu/CpuQueue.h"
#include "Devices/Cpu/ElfObject.h"

#include "tg/Runtime/Device.h"
#include "tg/Runtime/Devices/Cpu/CpuFeatures.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

namespace tg::rt {
namespace {

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
    static const std::string description = processorName();
    DeviceProperties result;
    result.description = description;
    result.parallelism = unsigned(::sysconf(_SC_NPROCESSORS_ONLN));
    result.memoryBytes = uint64_t(::sysconf(_SC_PHYS_PAGES)) * uint64_t(::sysconf(_SC_PAGESIZE));
    result.sharesHostMemory = true;
    return result;
  }

  /// Both kinds are the host's memory.
  Result<std::shared_ptr<Memory>> allocate(uint64_t bytes, MemoryKind) override {
    return allocateHostMemory(memory, bytes);
  }

  Result<std::shared_ptr<const LoadedCode>> load(const CodeModule &module) override {
    // Freshly compiled code, too, may be for another processor than this one.
    if (Status status = checkCpuFeatures(module.features); !status)
      return status;
    if (module.loaded)
      return module.loaded;
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

  Result<std::unique_ptr<Queue>> createQueue(const QueueOptions &options) override {
    QueueOptions complete = options;
    if (!complete.threadPool)
      complete.threadPool = createThreadPool(options.threads);
    if (!complete.allocator)
      complete.allocator = memory;
    return createCpuQueue(complete);
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
