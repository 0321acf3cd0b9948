//===- Guard.h - Nothing is thrown into C -----------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_LIB_CAPI_GUARD_H
#define TG_LIB_CAPI_GUARD_H

#include "tg-c/Base.h"
#include "tg/Runtime/Error.h"

#include <exception>
#include <initializer_list>
#include <new>
#include <string>

namespace tg::capi {

/// Stores an error where the caller wants one; allocates without throwing.
void setError(tg_error **error, const char *message) noexcept;

/// What C callers may pass by mistake.
struct Required {
  const char *name;
  const void *pointer;
  /// Empty arrays may be null.
  bool isNeeded = true;
};

/// Runs `body`, which gives an rt::Result<T>, and returns its value. A failure or an exception
/// becomes an error, and `failed` is returned; so does a null pointer among `required`.
template <typename T, typename Body>
T guarded(tg_error **error, T failed, std::initializer_list<Required> required,
          Body &&body) noexcept {
  try {
    for (const Required &argument : required)
      if (argument.isNeeded && !argument.pointer) {
        setError(error, (std::string("argument '") + argument.name + "' is NULL").c_str());
        return failed;
      }
    rt::Result<T> result = body();
    if (result.ok())
      return std::move(*result);
    setError(error, result.message().c_str());
  } catch (const std::bad_alloc &) {
    setError(error, "out of memory");
  } catch (const std::exception &exception) {
    setError(error, exception.what());
  } catch (...) {
    setError(error, "unknown exception");
  }
  return failed;
}

/// For bodies that give an rt::Status.
template <typename Body>
bool guardedStatus(tg_error **error, std::initializer_list<Required> required,
                   Body &&body) noexcept {
  return guarded(error, false, required, [&]() -> rt::Result<bool> {
    rt::Status status = body();
    if (!status.ok())
      return status;
    return true;
  });
}

} // namespace tg::capi

#endif // TG_LIB_CAPI_GUARD_H
