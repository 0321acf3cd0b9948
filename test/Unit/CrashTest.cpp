//===- CrashTest.cpp - Failed assertions do not end the embedder ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../../lib/CAPI/Crash.h"

#include "gtest/gtest.h"

#include <csignal>
#include <cstdlib>

namespace {

volatile std::sig_atomic_t passedOn = 0;

TEST(CApiCrash, AbortsBecomeFailures) {
  tg::capi::CrashHandlers handlers;
  {
    tg::capi::CrashHandlers second;
  }
  bool reached = false;
  for (int round = 0; round < 3; ++round) {
    EXPECT_FALSE(tg::capi::runSafely([&] {
      std::abort();
      reached = true;
    }));
    EXPECT_TRUE(tg::capi::runSafely([] {}));
  }
  EXPECT_FALSE(reached);
}

TEST(CApiCrash, OtherSignalsReachTheEmbedder) {
  auto previous = std::signal(SIGILL, [](int) { passedOn = 1; });
  {
    tg::capi::CrashHandlers handlers;
    std::raise(SIGILL);
  }
  EXPECT_EQ(passedOn, 1);
  std::signal(SIGILL, previous);
}

} // namespace
