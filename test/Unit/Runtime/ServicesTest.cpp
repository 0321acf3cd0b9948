//===- ServicesTest.cpp - Threads, hashes, cache ----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "TestUtils.h"

#include "tg/Runtime/Hash.h"
#include "tg/Runtime/IO/DiskCache.h"

#include "gtest/gtest.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

using namespace tg::rt;
using namespace tg::rt::test;

namespace {

TEST(RuntimeThreadPool, CoversEveryUnitOnce) {
  auto pool = createThreadPool(4);
  EXPECT_EQ(pool->numWorkers(), 4u);
  for (int64_t units : {0, 1, 2, 5, 100, 1001}) {
    std::vector<std::atomic<int>> hits(size_t(units) + 1);
    std::vector<std::atomic<int>> busy(4);
    std::atomic<bool> clash{false};
    pool->forEach(units, 4, [&](unsigned worker, int64_t begin, int64_t end) {
      clash = clash || worker >= 4 || busy[worker].fetch_add(1) != 0;
      for (int64_t i = begin; i < end; ++i)
        ++hits[size_t(i)];
      --busy[worker];
    });
    EXPECT_FALSE(clash);
    for (int64_t i = 0; i < units; ++i)
      EXPECT_EQ(hits[size_t(i)], 1);
  }
}

TEST(RuntimeThreadPool, NestsSeriallyAndServesManyCallers) {
  auto pool = createThreadPool(3);
  std::atomic<int64_t> sum{0};
  std::vector<std::thread> callers;
  for (int t = 0; t < 8; ++t)
    callers.emplace_back([&] {
      for (int i = 0; i < 50; ++i)
        pool->forEach(10, 3, [&](unsigned, int64_t begin, int64_t end) {
          for (int64_t j = begin; j < end; ++j)
            pool->forEach(3, 3, [&](unsigned, int64_t b, int64_t e) { sum += e - b; });
        });
    });
  for (std::thread &caller : callers)
    caller.join();
  EXPECT_EQ(sum, 8 * 50 * 10 * 3);
}

TEST(RuntimeHash, KnownValues) {
  EXPECT_EQ(sha256Hex("", 0), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256Hex("abc", 3),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  std::string million(1000000, 'a');
  SHA256 pieces;
  for (size_t at = 0, step = 1; at < million.size(); at += step, step = step % 200 + 1)
    pieces.update(million.data() + at, std::min(step, million.size() - at));
  EXPECT_EQ(pieces.hex(), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(RuntimeHash, ChecksumSeesEveryBitAndLength) {
  std::set<uint64_t> seen;
  std::string text(100, '\0');
  for (size_t size = 0; size <= text.size(); ++size)
    EXPECT_TRUE(seen.insert(checksum64(text.data(), size)).second);
  for (size_t bit = 0; bit < 8 * text.size(); ++bit) {
    std::string changed = text;
    changed[bit / 8] = char(1 << bit % 8);
    EXPECT_TRUE(seen.insert(checksum64(changed.data(), changed.size())).second);
  }
}

/// Counts messages.
class CountingLog : public LogSink {
public:
  void log(LogLevel, std::string_view) override { ++count; }
  std::atomic<int> count{0};
};

struct CacheFixture {
  TemporaryFolder folder;
  std::shared_ptr<CountingLog> log = std::make_shared<CountingLog>();
  DiskCacheOptions options(uint64_t maxBytes = 1 << 20) const {
    DiskCacheOptions result;
    result.directory = folder / "cache";
    result.maxBytes = maxBytes;
    result.log = log;
    return result;
  }
  static std::string key(int i) {
    std::string text = std::to_string(i);
    return sha256Hex(text.data(), text.size());
  }
  std::string file(const std::string &key) const {
    return folder / ("cache/" + key.substr(0, 2) + "/" + key);
  }
};

TEST(RuntimeDiskCache, KeepsAndVerifies) {
  CacheFixture fixture;
  DiskCache cache(fixture.options());
  std::string key = fixture.key(1);
  EXPECT_EQ(cache.get(key), std::nullopt);
  cache.put(key, "payload");
  EXPECT_EQ(DiskCache(fixture.options()).get(key), "payload");
  EXPECT_EQ(fixture.log->count, 0);
  std::string path = fixture.file(key);
  uintmax_t size = std::filesystem::file_size(path);
  for (uintmax_t i = 0; i < size; ++i) {
    cache.put(key, "payload");
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(std::streamoff(i));
    char byte = char(file.get());
    file.seekp(std::streamoff(i));
    file.put(char(byte ^ 4));
    file.close();
    EXPECT_EQ(cache.get(key), std::nullopt) << i;
    EXPECT_FALSE(std::filesystem::exists(path));
  }
  EXPECT_EQ(fixture.log->count, int(size));
  EXPECT_EQ(cache.get("../../etc/passwd"), std::nullopt);
}

TEST(RuntimeDiskCache, RemovesWhatWasUsedLongestAgo) {
  CacheFixture fixture;
  DiskCache cache(fixture.options(10000));
  std::string block(900, 'x');
  auto now = std::filesystem::file_time_type::clock::now();
  for (int i = 0; i < 10; ++i) {
    cache.put(fixture.key(i), block);
    std::filesystem::last_write_time(fixture.file(fixture.key(i)),
                                     now - std::chrono::hours(100 - i));
  }
  EXPECT_TRUE(cache.get(fixture.key(0)).has_value()); // now the newest
  for (int i = 10; i < 12; ++i)
    cache.put(fixture.key(i), block);
  EXPECT_TRUE(cache.get(fixture.key(0)).has_value());
  EXPECT_FALSE(cache.get(fixture.key(1)).has_value());
  EXPECT_TRUE(cache.get(fixture.key(11)).has_value());
}

TEST(RuntimeDiskCache, WorksWithoutAPlaceAndSaysSoOnce) {
  CacheFixture fixture;
  DiskCacheOptions options = fixture.options();
  options.directory = "/dev/null/cache";
  DiskCache cache(options);
  for (int i = 0; i < 3; ++i) {
    cache.put(fixture.key(i), "payload");
    EXPECT_EQ(cache.get(fixture.key(i)), std::nullopt);
  }
  EXPECT_EQ(fixture.log->count, 1);
}

TEST(RuntimeDiskCache, ServesManyThreads) {
  CacheFixture fixture;
  DiskCache cache(fixture.options(4000));
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 40; ++i) {
        std::string payload(size_t(100 + i % 7), char('a' + i % 7));
        cache.put(fixture.key(i % 7), payload);
        auto found = cache.get(fixture.key(i % 7));
        wrong += found.has_value() && *found != payload;
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(wrong, 0);
}

} // namespace
