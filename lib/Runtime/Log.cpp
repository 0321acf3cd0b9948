//===- Log.cpp - Log sinks --------------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tg/Runtime/Log.h"

#include <cstdio>
#include <string>

namespace tg::rt {
namespace {

class StderrLog : public LogSink {
public:
  explicit StderrLog(LogLevel minimum) : minimum(minimum) {}
  void log(LogLevel level, std::string_view message) override {
    static const char *const names[] = {"debug", "note", "warning", "error"};
    if (level < minimum)
      return;
    std::string line = names[unsigned(level)];
    line.append(": ").append(message).append("\n");
    // One call, so that lines of several threads do not mix.
    std::fwrite(line.data(), 1, line.size(), stderr);
  }

private:
  LogLevel minimum;
};

class NullLog : public LogSink {
  void log(LogLevel, std::string_view) override {}
};

} // namespace

std::shared_ptr<LogSink> createStderrLog(LogLevel minimum) {
  return std::make_shared<StderrLog>(minimum);
}
std::shared_ptr<LogSink> createNullLog() { return std::make_shared<NullLog>(); }

} // namespace tg::rt
