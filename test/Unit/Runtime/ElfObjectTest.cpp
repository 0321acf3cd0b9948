//===- ElfObjectTest.cpp - Loading relocatable objects ----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "TestUtils.h"

#include "tg/Runtime/Devices/Cpu/CpuFeatures.h"

#include "gtest/gtest.h"

#include <cmath>
#include <elf.h>
#include <fstream>
#include <iterator>

using namespace tg;
using namespace tg::rt;
using namespace tg::rt::test;

namespace {

std::string testObject() {
  std::ifstream file(TG_TEST_OBJECT, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

CodeModule objectOf(const std::string &bytes) {
  return CodeModule{"elf-object", Blob::copyOf(bytes.data(), bytes.size()), nullptr, {}};
}

std::string loadError(const std::string &bytes) {
  auto loaded = createCpuDevice()->load(objectOf(bytes));
  return loaded ? "" : loaded.message();
}

TEST(RuntimeElfObject, RunsKernels) {
  auto loaded = createCpuDevice()->load(objectOf(testObject()));
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  std::vector<double> in(100), out(100);
  for (int i = 0; i < 100; ++i)
    in[i] = i - 50;
  void *buffers[] = {in.data(), out.data()};
  int32_t failure = 0;
  tg_kernel_args args = {TG_KERNEL_ABI_VERSION, 2, buffers, nullptr, &failure};
  auto kernel = [&](const char *symbol) {
    void *function = (*loaded)->lookup(symbol);
    EXPECT_NE(function, nullptr) << symbol;
    reinterpret_cast<tg_kernel_fn>(function)(&args, nullptr, 0, 100);
  };
  kernel("library_calls");
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(out[i], std::cbrt(double(i - 50)));
  kernel("pointer_table");
  const double factors[] = {1.5, 10.25, -7.0};
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(out[i], (i - 50) * factors[i % 3]);
  EXPECT_EQ((*loaded)->lookup("pick"), nullptr) << "a local symbol";
}

TEST(RuntimeElfObject, LoadsSeveralAtOnce) {
  std::vector<std::shared_ptr<const LoadedCode>> all;
  auto device = createCpuDevice();
  for (int i = 0; i < 20; ++i) {
    auto loaded = device->load(objectOf(testObject()));
    ASSERT_TRUE(loaded.ok()) << loaded.message();
    all.push_back(*loaded);
  }
  EXPECT_NE(all[0]->lookup("pointer_table"), all[1]->lookup("pointer_table"));
}

/// Damaged objects are refused or load, but crash nothing (their kernels do not run).
TEST(RuntimeElfObject, SurvivesDamage) {
  const std::string object = testObject();
  ASSERT_GT(object.size(), sizeof(Elf64_Ehdr));
  EXPECT_EQ(loadError("hello"), "cannot load code: it is not an ELF file");
  for (size_t size = 0; size + 1 < object.size(); size += 7)
    EXPECT_NE(loadError(object.substr(0, size)), "") << size;
  for (size_t i = 0; i < object.size(); ++i)
    for (char change : {char(0x01), char(0x80), char(0xff)}) {
      std::string damaged = object;
      damaged[i] = char(damaged[i] ^ change);
      loadError(damaged);
    }
  std::string other = object;
  other[offsetof(Elf64_Ehdr, e_machine)] = char(EM_AARCH64);
  EXPECT_EQ(loadError(other), "cannot load code: it is for another machine (ELF machine 183)");
  other = object;
  size_t name = other.find("cbrt");
  ASSERT_NE(name, std::string::npos);
  other.replace(name, 4, "cbrz");
  EXPECT_EQ(loadError(other),
            "cannot load code: it needs 'cbrz', which this process does not have");
}

TEST(RuntimeElfObject, ChecksTheProcessor) {
  CodeModule module = objectOf(testObject());
  module.features = {"sse9", "warp-drive"};
  EXPECT_EQ(createCpuDevice()->load(module).message(),
            "the code is for processors with sse9, warp-drive, which this one lacks; compile the "
            "model for it");
  std::vector<std::string> known = knownCpuFeatures();
  for (const char *name : {"avx2", "avx512f"})
    EXPECT_NE(std::find(known.begin(), known.end(), name), known.end()) << name;
}

} // namespace
