//===- Log.h - Where the runtime's notes go ---------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_RUNTIME_LOG_H
#define TG_RUNTIME_LOG_H

#include <memory>
#include <string_view>

namespace tg::rt {

enum class LogLevel { Debug, Info, Warning, Error };

/// Receives the runtime's notes. May be the embedder's. Called from several threads at once.
class LogSink {
public:
  virtual ~LogSink() = default;
  /// One line without its line break.
  virtual void log(LogLevel level, std::string_view message) = 0;
};

/// Writes "warning: message" lines of at least `minimum` to standard error.
std::shared_ptr<LogSink> createStderrLog(LogLevel minimum = LogLevel::Warning);
/// Drops everything.
std::shared_ptr<LogSink> createNullLog();

} // namespace tg::rt

#endif // TG_RUNTIME_LOG_H
