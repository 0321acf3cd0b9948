//===- Error.h - Results without exceptions ---------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Status is success or one message; Result<T> is a value or one message. A message names the place
// (file and byte offset, input, kernel) and what was expected; lower case, no full stop.
//===----------------------------------------------------------------------===//
#ifndef TG_RUNTIME_ERROR_H
#define TG_RUNTIME_ERROR_H

#include <cassert>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace tg::rt {

/// `text` with its control characters, and what is no UTF-8, as `\x1B`: what models name things
/// must not drive a terminal. With `keepsLines` line breaks stay as they are.
std::string printable(const std::string &text, bool keepsLines = false);

class [[nodiscard]] Status {
public:
  /// Success.
  Status() = default;
  static Status success() { return Status(); }
  static Status error(std::string message) {
    Status status;
    status.text = std::make_shared<const std::string>(std::move(message));
    return status;
  }

  bool ok() const { return !text; }
  /// True on success.
  explicit operator bool() const { return ok(); }
  /// Empty on success.
  const std::string &message() const {
    static const std::string none;
    return text ? *text : none;
  }
  /// The same failure with "`place`: " before it; success stays success.
  Status in(const std::string &place) const {
    return ok() ? Status() : error(place + ": " + *text);
  }

private:
  std::shared_ptr<const std::string> text;
};

template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : value(std::move(value)) {}
  /// From a failure; a successful Status is not a value.
  Result(Status status) : failure(std::move(status)) { assert(!failure.ok()); }

  bool ok() const { return value.has_value(); }
  explicit operator bool() const { return ok(); }
  const std::string &message() const { return failure.message(); }
  /// The failure, or success.
  const Status &status() const { return failure; }

  T &operator*() & { return *value; }
  const T &operator*() const & { return *value; }
  T &&operator*() && { return std::move(*value); }
  T *operator->() { return &*value; }
  const T *operator->() const { return &*value; }

private:
  std::optional<T> value;
  Status failure;
};

inline Status error(std::string message) { return Status::error(std::move(message)); }

} // namespace tg::rt

#endif // TG_RUNTIME_ERROR_H
