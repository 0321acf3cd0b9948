//===- QueueTest.cpp - Order, launches, events ------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Conformance.h"

#include <numeric>
#include <thread>

using namespace tg::rt;
using namespace tg::rt::test;

namespace {

class QueueConformance : public Conformance {};

TEST_P(QueueConformance, WorksInOrder) {
  std::vector<uint8_t> values = someBytes(300);
  BufferRef a = bufferWith(*queue, values), b = allocate(300);
  Function increment = functionOf("increment");
  // More work than any device holds back.
  for (unsigned i = 0; i < 100; ++i) {
    EXPECT_OK(launch(*queue, increment, {a, b}, {}, 300));
    EXPECT_OK(queue->copy(a, b));
  }
  for (uint8_t &value : values)
    value = uint8_t(value + 100);
  EXPECT_EQ(contentsOf(*queue, a), values);
}

TEST_P(QueueConformance, CoversTheWholeRangeAndNoMore) {
  Function increment = functionOf("increment");
  for (int64_t range : {0, 1, 2, 1000, 100000}) {
    std::vector<uint8_t> values = someBytes(size_t(range) + 10);
    BufferRef a = bufferWith(*queue, values), b = bufferWith(*queue, values);
    EXPECT_OK(launch(*queue, increment, {a, b}, {}, range));
    for (int64_t i = 0; i < range; ++i)
      ++values[size_t(i)];
    EXPECT_EQ(contentsOf(*queue, b), values) << range;
  }
}

TEST_P(QueueConformance, LaunchesOnRangesOfMemory) {
  BufferRef memory = bufferWith(*queue, std::vector<uint8_t>(1000, 1));
  Function increment = functionOf("increment");
  EXPECT_OK(launch(*queue, increment, {memory.slice(0, 100), memory.slice(512, 100)}, {}, 100));
  std::vector<uint8_t> expected(1000, 1);
  std::fill(expected.begin() + 512, expected.begin() + 612, uint8_t(2));
  EXPECT_EQ(contentsOf(*queue, memory), expected);
}

TEST_P(QueueConformance, VarsReachKernels) {
  Function write = functionOf("write_var");
  BufferRef first = allocate(8), second = allocate(8);
  // They are read before the launch returns.
  std::vector<int64_t> vars = {-3, 5};
  EXPECT_OK(launch(*queue, write, {first}, vars));
  vars[0] = INT64_MAX;
  EXPECT_OK(launch(*queue, write, {second}, vars));
  vars[0] = 0;
  EXPECT_EQ(valueOf<int64_t>(*queue, first), -3);
  EXPECT_EQ(valueOf<int64_t>(*queue, second), INT64_MAX);
}

TEST_P(QueueConformance, GivesKernelsTheirWorkspace) {
  Function use = functionOf("use_workspace", SizeExpr::var(0) * 2 + 1);
  for (int64_t bytes : {1, 100, 70000, 10}) {
    BufferRef result = bufferWith(*queue, std::vector<uint8_t>(1000, 0));
    EXPECT_OK(launch(*queue, use, {result}, {bytes}, 1000));
    EXPECT_EQ(contentsOf(*queue, result), std::vector<uint8_t>(1000, 1)) << bytes;
    EXPECT_GE(queue->workspaceBytes(), uint64_t(bytes));
  }
}

/// The error of `status`, or of the queue once it is waited for.
std::string errorOf(Queue &queue, const Status &status) {
  Result<KernelReport> report = queue.synchronize();
  return status ? report.message() : status.message();
}

TEST_P(QueueConformance, GoesOnAfterALaunchThatFails) {
  Function use = functionOf("use_workspace", SizeExpr::var(0));
  BufferRef result = bufferWith(*queue, std::vector<uint8_t>(10, 0));
  for (int64_t bytes : {INT64_MAX, INT64_MAX / 2}) {
    Status status = launch(*queue, use, {result}, {bytes}, 10);
    EXPECT_NE(errorOf(*queue, status).find("workspace: out of memory"), std::string::npos);
  }
  EXPECT_NE(errorOf(*queue, launch(*queue, use, {result}, {-1}, 10)).find("negative"),
            std::string::npos);
  EXPECT_OK(launch(*queue, use, {result}, {10}, 10));
  EXPECT_EQ(contentsOf(*queue, result), std::vector<uint8_t>(10, 1));
}

TEST_P(QueueConformance, TheErrorWordIsReadAtSynchronize) {
  Function report = functionOf("report_var");
  auto expectReport = [&](int32_t code, uint32_t tag) {
    Result<KernelReport> found = queue->synchronize();
    ASSERT_TRUE(found.ok()) << found.message();
    EXPECT_EQ(found->code, code);
    EXPECT_EQ(found->tag, tag);
  };
  EXPECT_OK(launch(*queue, report, {}, {0}, 1, 4, true));
  expectReport(TG_KERNEL_OK, 0);
  // The first error stays, and is told once.
  EXPECT_OK(launch(*queue, report, {}, {TG_KERNEL_INDEX_OUT_OF_RANGE}, 1, 5, true));
  EXPECT_OK(launch(*queue, report, {}, {77}, 1, 6, true));
  expectReport(TG_KERNEL_INDEX_OUT_OF_RANGE, 5);
  expectReport(TG_KERNEL_OK, 0);
  // An index out of range counts only where it is asked for.
  EXPECT_OK(launch(*queue, report, {}, {TG_KERNEL_INDEX_OUT_OF_RANGE}, 1, 7, false));
  EXPECT_OK(launch(*queue, report, {}, {77}, 1, 8, false));
  expectReport(77, 8);
}

TEST_P(QueueConformance, EventsHappenInOrder) {
  BufferRef buffer = bufferWith(*queue, std::vector<uint8_t>(8, 0));
  Function add = functionOf("add_var_slowly");
  std::vector<std::shared_ptr<Event>> events;
  for (int64_t i = 0; i < 3; ++i) {
    Result<std::shared_ptr<Event>> event = queue->record();
    ASSERT_TRUE(event.ok()) << event.message();
    events.push_back(*event);
    EXPECT_OK(launch(*queue, add, {buffer}, {i + 1}));
  }
  int64_t sum = 0;
  EXPECT_OK(queue->download(&sum, buffer));
  Result<std::shared_ptr<Event>> last = queue->record();
  ASSERT_TRUE(last.ok()) << last.message();
  events.push_back(*last);
  // The last first; waiting again is allowed.
  for (unsigned round = 0; round < 2; ++round)
    for (size_t i = events.size(); i-- > 0;)
      EXPECT_OK(events[i]->wait());
  EXPECT_EQ(sum, 1 + 2 + 3);
  constexpr int64_t atLeast = 10'000'000;
  for (size_t i = 1; i < events.size(); ++i)
    EXPECT_GE(events[i]->timestamp(), events[i - 1]->timestamp() + atLeast) << i;
  EXPECT_OK(queue->synchronize());
}

TEST_P(QueueConformance, OneQueueWaitsForAnother) {
  std::unique_ptr<Queue> other = makeQueue();
  BufferRef buffer = bufferWith(*queue, std::vector<uint8_t>(8, 0));
  Function add = functionOf("add_var_slowly");
  int64_t expected = 0;
  for (int64_t i = 0; i < 6; ++i) {
    Queue &from = i % 2 ? *other : *queue, &to = i % 2 ? *queue : *other;
    EXPECT_OK(launch(from, add, {buffer}, {i + 1}));
    expected = expected + i + 1;
    Result<std::shared_ptr<Event>> event = from.record();
    ASSERT_TRUE(event.ok()) << event.message();
    EXPECT_OK(to.wait(*event));
  }
  EXPECT_EQ(valueOf<int64_t>(*queue, buffer), expected);
  EXPECT_OK(other->synchronize());
}

TEST_P(QueueConformance, EventsOutliveTheirQueue) {
  std::unique_ptr<Queue> other = makeQueue();
  BufferRef buffer = bufferWith(*other, std::vector<uint8_t>(8, 0));
  Function add = functionOf("add_var_slowly");
  EXPECT_OK(launch(*other, add, {buffer}, {1}));
  Result<std::shared_ptr<Event>> done = other->record();
  ASSERT_TRUE(done.ok());
  EXPECT_OK((*done)->wait());
  EXPECT_OK(launch(*other, add, {buffer}, {1}));
  Result<std::shared_ptr<Event>> perhaps = other->record();
  ASSERT_TRUE(perhaps.ok());
  // Wait for the second on another thread while the queue goes away: it is reached or dropped.
  std::thread waiting([&] { (void)(*perhaps)->wait(); });
  other.reset();
  waiting.join();
  EXPECT_OK((*done)->wait());
  Status status = (*perhaps)->wait();
  EXPECT_TRUE(status.ok() || status.message() == "the work was dropped with its queue")
      << status.message();
}

TEST_P(QueueConformance, ThreadsHaveQueuesOfTheirOwn) {
  Function increment = functionOf("increment");
  std::vector<int> wrong(4, 0);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      std::unique_ptr<Queue> own = makeQueue();
      for (int i = 0; i < 25; ++i) {
        std::vector<uint8_t> values = someBytes(3000, unsigned(t * 100 + i));
        BufferRef a = bufferWith(*own, values), b = allocate(3000);
        wrong[t] += !launch(*own, increment, {a, b}, {}, 3000).ok();
        for (uint8_t &value : values)
          ++value;
        wrong[t] += contentsOf(*own, b) != values;
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

INSTANTIATE_TEST_SUITE_P(Device, QueueConformance, testing::ValuesIn(deviceCases()),
                         [](const auto &info) { return info.param.name; });

} // namespace
