//===- Crash.cpp - Failed assertions do not end the embedder ----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Crash.h"

#include "llvm/Support/CrashRecoveryContext.h"

#include <mutex>

namespace {
// Signal handlers belong to the process, so their count does too.
std::mutex mutex;
unsigned users = 0;
} // namespace

tg::capi::CrashHandlers::CrashHandlers() {
  std::lock_guard<std::mutex> lock(mutex);
  if (users++ == 0)
    llvm::CrashRecoveryContext::Enable();
}

tg::capi::CrashHandlers::~CrashHandlers() {
  std::lock_guard<std::mutex> lock(mutex);
  if (--users == 0)
    llvm::CrashRecoveryContext::Disable();
}

bool tg::capi::runSafely(llvm::function_ref<void()> body) {
  llvm::CrashRecoveryContext context;
  return context.RunSafely(body);
}
