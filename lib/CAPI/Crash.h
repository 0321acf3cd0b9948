//===- Crash.h - Failed assertions do not end the embedder ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_LIB_CAPI_CRASH_H
#define TG_LIB_CAPI_CRASH_H

#include "llvm/ADT/STLFunctionalExtras.h"

namespace tg::capi {

/// LLVM's signal handlers are installed while some object of this type exists.
class CrashHandlers {
public:
  CrashHandlers();
  ~CrashHandlers();
  CrashHandlers(const CrashHandlers &) = delete;
  CrashHandlers &operator=(const CrashHandlers &) = delete;
};

/// False when `body` aborted or accessed memory that it must not, in the calling thread. What it
/// had locked stays locked, and what it had allocated leaks.
bool runSafely(llvm::function_ref<void()> body);

} // namespace tg::capi

#endif // TG_LIB_CAPI_CRASH_H
