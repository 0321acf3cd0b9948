//===- CompiledProgramTest.cpp - A saved model on many threads --*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The build compiles the digits model to a .tgp file; here the runtime alone loads it. Under
// ThreadSanitizer this checks what threads share: the program, its code, its constants, and a
// context that several of them use.
//===----------------------------------------------------------------------===//

#include "TestUtils.h"

#include "tg/Runtime/IO/TensorIO.h"

#include "gtest/gtest.h"

#include <cmath>
#include <thread>

using namespace tg;
using namespace tg::rt;
using namespace tg::rt::test;

namespace {

struct Digits {
  std::shared_ptr<const Program> program;
  Tensor input, expected;

  Digits() {
    auto loaded = loadProgram(TG_TEST_PROGRAM);
    auto x = readNpy(TG_TEST_MODELS "/digits.input.npy");
    auto y = readNpy(TG_TEST_MODELS "/digits.expected.npy");
    EXPECT_TRUE(loaded.ok()) << loaded.message();
    EXPECT_TRUE(x.ok() && y.ok());
    if (!loaded.ok() || !x.ok() || !y.ok())
      return;
    program = *loaded;
    input = *x;
    expected = *y;
  }
};

/// Whether the first `rows` rows are as expected.
bool isRight(const Tensor &actual, const Tensor &expected, int64_t rows) {
  if (actual.shape() != std::vector<int64_t>{rows, expected.shape()[1]})
    return false;
  for (int64_t i = 0; i < actual.numElements(); ++i)
    if (!(std::abs(actual.getDouble(i) - expected.getDouble(i)) <= 1e-5))
      return false;
  return true;
}

/// Threads that run the first rows of the input, each another number of them.
void runOnThreads(const Digits &digits, unsigned threads,
                  const std::function<Context *(unsigned)> &contextOf) {
  const std::vector<int64_t> &shape = digits.input.shape();
  std::vector<int> wrong(threads, 0);
  std::vector<std::thread> pool;
  for (unsigned t = 0; t < threads; ++t)
    pool.emplace_back([&, t] {
      Context *context = contextOf(t);
      for (unsigned round = 0; round < 10; ++round) {
        int64_t rows = 1 + (t + round) % shape[0];
        std::vector<int64_t> part = shape;
        part[0] = rows;
        auto x = Tensor::borrow(DType::F32, part, digits.input.data(), digits.input.byteSize());
        auto y = context ? context->run({*x}) : Result<std::vector<Tensor>>(error("no context"));
        wrong[t] += !y.ok() || !isRight((*y)[0], digits.expected, rows);
      }
    });
  for (std::thread &thread : pool)
    thread.join();
  EXPECT_EQ(wrong, std::vector<int>(threads, 0));
}

TEST(RuntimeCompiledProgram, RunsFromEightThreads) {
  Digits digits;
  ASSERT_TRUE(digits.program);
  std::vector<std::unique_ptr<Context>> contexts(8);
  runOnThreads(digits, 8, [&](unsigned t) {
    ContextOptions options;
    options.threads = 1 + t % 3;
    options.profile = t % 2;
    auto context = Context::create(digits.program, options);
    contexts[t] = context ? std::move(*context) : nullptr;
    return contexts[t].get();
  });
}

TEST(RuntimeCompiledProgram, EightThreadsShareOnePoolAndOneContext) {
  Digits digits;
  ASSERT_TRUE(digits.program);
  ContextOptions options;
  options.runtime = Runtime::create();
  options.threadPool = createThreadPool(4);
  auto context = Context::create(digits.program, options);
  ASSERT_TRUE(context.ok()) << context.message();
  runOnThreads(digits, 8, [&](unsigned) { return context->get(); });
  std::vector<std::unique_ptr<Context>> contexts(8);
  runOnThreads(digits, 8, [&](unsigned t) {
    auto own = Context::create(digits.program, options);
    contexts[t] = own ? std::move(*own) : nullptr;
    return contexts[t].get();
  });
}

} // namespace
