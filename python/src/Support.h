//===- Support.h - What the two extension modules share ---------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// tg._runtime runs programs and needs no LLVM; tg._compiler makes them, and is loaded by the first
// compilation. Work is done without the interpreter's lock; failures are rt::Status until the lock
// is held again, and then tg.Error.
//===----------------------------------------------------------------------===//
#ifndef TG_PYTHON_SUPPORT_H
#define TG_PYTHON_SUPPORT_H

#include "tg/Runtime/Error.h"
#include "tg/Runtime/Program/Program.h"

#include <nanobind/nanobind.h>

#include <memory>
#include <string>
#include <utility>

namespace tg::python {

/// Raises tg.Error, or one of its subclasses.
[[noreturn]] inline void raise(const std::string &message, const char *name = "Error") {
  nanobind::object type = nanobind::module_::import_("tg._errors").attr(name);
  PyErr_SetObject(type.ptr(), nanobind::str(message.c_str(), message.size()).ptr());
  throw nanobind::python_error();
}

inline void check(const rt::Status &status) {
  if (!status.ok())
    raise(status.message());
}

template <typename T> T take(rt::Result<T> result) {
  check(result.status());
  return std::move(*result);
}

/// Runs `body` without the interpreter's lock.
template <typename Body> auto unlocked(Body &&body) {
  nanobind::gil_scoped_release release;
  return body();
}

/// tg._runtime.Program, which both modules hand around.
struct Program {
  std::shared_ptr<const rt::Program> program;
};

} // namespace tg::python

#endif // TG_PYTHON_SUPPORT_H
