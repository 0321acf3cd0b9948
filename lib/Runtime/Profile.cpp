//===- Profile.cpp - Time per kernel ----------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tg/Runtime/Profile.h"

#include "IO/File.h"

#include <cstdio>

namespace tg::rt {
namespace {

std::string quoted(const std::string &text) {
  std::string out = "\"";
  for (unsigned char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(char(c));
    } else if (c < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof(escape), "\\u%04x", c);
      out += escape;
    } else {
      out.push_back(char(c));
    }
  }
  return out + "\"";
}

std::string microseconds(int64_t nanoseconds) {
  char text[40];
  std::snprintf(text, sizeof(text), "%lld.%03lld", static_cast<long long>(nanoseconds / 1000),
                static_cast<long long>(nanoseconds % 1000));
  return text;
}

} // namespace

void Profile::record(const ProfileEvent &event) {
  if (event.kernel < 0) {
    ++runs;
    runNanoseconds += event.duration;
  } else {
    KernelRecord &kernel = kernels[event.kernel];
    ++kernel.count;
    kernel.nanoseconds += event.duration;
    kernel.flops += double(event.flops);
    kernel.bytes += double(event.bytes);
  }
  if (events.size() < maxEvents)
    events.push_back(event);
}

std::string chromeTrace(const Profile &profile, const std::string &processName) {
  std::string out = "{\"displayTimeUnit\": \"ns\", \"traceEvents\": [\n"
                    "{\"ph\": \"M\", \"pid\": 1, \"tid\": 1, \"name\": \"process_name\", "
                    "\"args\": {\"name\": " +
                    quoted(processName) + "}}";
  int64_t origin = 0;
  if (!profile.events.empty()) {
    origin = profile.events.front().start;
    for (const ProfileEvent &event : profile.events)
      origin = event.start < origin ? event.start : origin;
  }
  for (const ProfileEvent &event : profile.events) {
    out +=
        ",\n{\"ph\": \"X\", \"pid\": 1, \"tid\": 1, \"ts\": " + microseconds(event.start - origin) +
        ", \"dur\": " + microseconds(event.duration);
    if (event.kernel < 0) {
      out += ", \"cat\": \"run\", \"name\": \"run\"}";
      continue;
    }
    const KernelRecord &kernel = profile.kernels[event.kernel];
    out += ", \"cat\": \"kernel\", \"name\": " + quoted(kernel.name) +
           ", \"args\": {\"location\": " + quoted(kernel.location) +
           ", \"flops\": " + std::to_string(event.flops) +
           ", \"bytes\": " + std::to_string(event.bytes) + "}}";
  }
  return out + "\n]}\n";
}

Status writeChromeTrace(const Profile &profile, const std::string &path,
                        const std::string &processName) {
  std::string text = chromeTrace(profile, processName);
  return writeFile(path, {{text.data(), text.size()}});
}

} // namespace tg::rt
