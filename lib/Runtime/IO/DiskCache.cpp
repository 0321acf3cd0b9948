//===- DiskCache.cpp - Content-addressed files on disk ----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An entry KEY lies in DIRECTORY/KE/KEY: the magic, the checksum of key and payload, the payload's
// size, the payload. Its modification time is that of its last use.
//===----------------------------------------------------------------------===//

#include "tg/Runtime/IO/DiskCache.h"

#include "IO/File.h"

#include "tg/Runtime/Hash.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

namespace tg::rt {
namespace {

namespace fs = std::filesystem;

constexpr char magic[] = "tgcache1";
constexpr size_t headerSize = 24;
/// After trimming this part of the limit is free, so that not every put trims.
constexpr uint64_t slackDivisor = 10;
/// A temporary file that old was left by a process that died.
constexpr std::chrono::hours staleAge{1};

uint64_t entryChecksum(const std::string &key, std::string_view payload) {
  return checksum64(key.data(), key.size()) * 3 + checksum64(payload.data(), payload.size());
}

bool validKey(const std::string &key) {
  return key.size() >= 8 && key.size() <= 128 &&
         key.find_first_not_of("0123456789abcdef") == std::string::npos;
}

} // namespace

std::string defaultCacheDirectory() {
  if (const char *own = std::getenv("TG_CACHE_DIR"))
    return own;
  if (const char *cache = std::getenv("XDG_CACHE_HOME"); cache && *cache)
    return std::string(cache) + "/tg";
  if (const char *home = std::getenv("HOME"); home && *home)
    return std::string(home) + "/.cache/tg";
  return "";
}

DiskCache::DiskCache(DiskCacheOptions options) : options(std::move(options)) {
  if (!this->options.log)
    this->options.log = createStderrLog();
}

std::string DiskCache::pathOf(const std::string &key) const {
  return options.directory + "/" + key.substr(0, 2) + "/" + key;
}

void DiskCache::noteOnce(const std::string &message) {
  {
    std::lock_guard<std::mutex> lock(mutex);
    if (std::exchange(noted, true))
      return;
  }
  options.log->log(LogLevel::Warning, message + "; working without the cache");
}

std::optional<std::string> DiskCache::get(const std::string &key) {
  if (options.directory.empty() || !validKey(key))
    return std::nullopt;
  std::string path = pathOf(key);
  std::error_code failure;
  if (!fs::exists(path, failure))
    return std::nullopt;
  Result<Blob> file = readFile(path);
  if (!file) {
    // Another process may have removed it meanwhile.
    if (fs::exists(path, failure))
      noteOnce(file.message());
    return std::nullopt;
  }
  const char *bytes = static_cast<const char *>(file->data.get());
  bool good = file->size >= headerSize && std::memcmp(bytes, magic, 8) == 0;
  std::string_view payload;
  if (good) {
    payload = std::string_view(bytes + headerSize, file->size - headerSize);
    good = readLittle<uint64_t>(bytes + 16) == payload.size() &&
           readLittle<uint64_t>(bytes + 8) == entryChecksum(key, payload);
  }
  if (!good) {
    options.log->log(LogLevel::Warning, path + ": damaged cache entry, removed");
    fs::remove(path, failure);
    return std::nullopt;
  }
  fs::last_write_time(path, fs::file_time_type::clock::now(), failure);
  return std::string(payload);
}

void DiskCache::put(const std::string &key, std::string_view bytes) {
  uint64_t total = bytes.size() + headerSize;
  if (options.directory.empty() || !validKey(key) || total > options.maxBytes)
    return;
  std::string path = pathOf(key);
  std::error_code failure;
  fs::create_directories(fs::path(path).parent_path(), failure);
  if (failure)
    return noteOnce("cannot create the cache directory " + options.directory + ": " +
                    failure.message());
  std::string header(magic, 8);
  appendLittle(header, entryChecksum(key, bytes));
  appendLittle(header, uint64_t(bytes.size()));
  if (Status status =
          writeFile(path, {{header.data(), header.size()}, {bytes.data(), bytes.size()}});
      !status)
    return noteOnce(status.message());
  bool full;
  {
    std::lock_guard<std::mutex> lock(mutex);
    roomLeft -= int64_t(total);
    full = roomLeft < 0;
  }
  if (full)
    trim();
}

void DiskCache::trim() {
  if (options.directory.empty())
    return;
  struct Entry {
    fs::file_time_type time;
    uint64_t size;
    fs::path path;
  };
  std::vector<Entry> entries;
  uint64_t total = 0;
  std::error_code failure;
  auto now = fs::file_time_type::clock::now();
  fs::recursive_directory_iterator walk(options.directory, failure), end;
  for (; !failure && walk != end; walk.increment(failure)) {
    std::error_code ignored;
    if (!walk->is_regular_file(ignored))
      continue;
    Entry entry{walk->last_write_time(ignored), walk->file_size(ignored), walk->path()};
    if (ignored)
      continue;
    std::string name = entry.path.filename().string();
    if (validKey(name)) {
      total += entry.size;
      entries.push_back(std::move(entry));
    } else if (name.find(".tmp.") != std::string::npos && now - entry.time > staleAge) {
      fs::remove(entry.path, ignored);
    }
  }
  if (total > options.maxBytes) {
    uint64_t target = options.maxBytes - options.maxBytes / slackDivisor;
    std::sort(entries.begin(), entries.end(),
              [](const Entry &a, const Entry &b) { return a.time < b.time; });
    for (const Entry &entry : entries) {
      if (total <= target)
        break;
      std::error_code ignored;
      fs::remove(entry.path, ignored);
      total -= entry.size;
    }
  }
  std::lock_guard<std::mutex> lock(mutex);
  roomLeft = int64_t(options.maxBytes) - int64_t(total);
}

} // namespace tg::rt
