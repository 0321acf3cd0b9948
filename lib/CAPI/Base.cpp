//===- Base.cpp - C API: versions and errors --------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Guard.h"

#include <cstdlib>
#include <cstring>

struct tg_error {
  char *message;
};

namespace {
// Where not even an error can be allocated.
char outOfMemoryText[] = "out of memory";
tg_error outOfMemory = {outOfMemoryText};
} // namespace

void tg::capi::setError(tg_error **error, const char *message) noexcept {
  if (!error)
    return;
  *error = &outOfMemory;
  auto *made = static_cast<tg_error *>(std::malloc(sizeof(tg_error)));
  if (!made)
    return;
  made->message = ::strdup(message);
  if (made->message)
    *error = made;
  else
    std::free(made);
}

const char *tg_version(void) { return TG_VERSION; }

const char *tg_error_message(const tg_error *error) { return error ? error->message : ""; }

void tg_error_free(tg_error *error) {
  if (!error || error == &outOfMemory)
    return;
  std::free(error->message);
  std::free(error);
}
