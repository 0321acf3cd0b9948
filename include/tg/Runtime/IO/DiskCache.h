//===- DiskCache.h - Content-addressed files on disk ------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One file per entry, written to a temporary file and renamed, with a checksum that is verified
// when it is read. Several processes may share a directory. A cache never makes anything fail: what
// does not work is a miss, noted in the log.
//===----------------------------------------------------------------------===//
#ifndef TG_RUNTIME_IO_DISKCACHE_H
#define TG_RUNTIME_IO_DISKCACHE_H

#include "tg/Runtime/Log.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace tg::rt {

/// $TG_CACHE_DIR, else $XDG_CACHE_HOME/tg, else $HOME/.cache/tg; empty when none is set (no cache).
/// TG_CACHE_DIR set to nothing turns the cache off.
std::string defaultCacheDirectory();

struct DiskCacheOptions {
  std::string directory = defaultCacheDirectory();
  /// When entries exceed it, those used longest ago are removed.
  uint64_t maxBytes = uint64_t(1) << 30;
  std::shared_ptr<LogSink> log;
};

/// Thread-safe.
class DiskCache {
public:
  explicit DiskCache(DiskCacheOptions options = {});

  /// The entry's bytes. `key` is hexadecimal digits (a SHA-256). A damaged entry is a miss and is
  /// removed.
  std::optional<std::string> get(const std::string &key);
  void put(const std::string &key, std::string_view bytes);
  /// Removes the entries used longest ago until all fit.
  void trim();
  const std::string &directory() const { return options.directory; }

private:
  void noteOnce(const std::string &message);
  std::string pathOf(const std::string &key) const;

  DiskCacheOptions options;
  std::mutex mutex;
  bool noted = false;
  /// Bytes written since the directory was last measured; measured first when negative.
  int64_t roomLeft = -1;
};

} // namespace tg::rt

#endif // TG_RUNTIME_IO_DISKCACHE_H
