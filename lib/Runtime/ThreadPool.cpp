//===- ThreadPool.cpp - Work split over threads -----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Callers put their job on a list, work on it themselves, take it off and wait for the helpers that
// had joined. Helpers join any job that still has pieces. So any number of callers share the
// threads and none waits for a thread to be free.
//===----------------------------------------------------------------------===//

#include "tg/Runtime/ThreadPool.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <pthread.h>
#include <sched.h>
#include <utility>
#include <vector>

namespace tg::rt {
namespace {

/// Pieces per worker: enough that an uneven load evens out, few enough that taking one is cheap.
constexpr int64_t piecesPerWorker = 4;
/// About 20 us of waiting for the next job before a thread goes to sleep; waking it costs more.
constexpr int spins = 1000;

/// Set while this thread runs a body: a nested call runs serially instead of waiting for threads
/// that may wait for it.
thread_local bool insideBody = false;

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

struct Job {
  ThreadPool::Body body;
  void *data;
  int64_t units;
  int64_t piece;
  unsigned maxWorkers;
  std::atomic<int64_t> next{0};
  /// Guarded by the pool's mutex for writing.
  unsigned workers = 1;
  std::atomic<unsigned> helpers{0};

  bool hasWork() const { return next.load(std::memory_order_relaxed) < units; }
  void work(unsigned worker) {
    insideBody = true;
    for (;;) {
      int64_t begin = next.fetch_add(piece, std::memory_order_relaxed);
      if (begin >= units)
        break;
      body(data, worker, begin, std::min(begin + piece, units));
    }
    insideBody = false;
  }
};

class Pool : public ThreadPool {
public:
  explicit Pool(unsigned threads) : size(threads) {}

  ~Pool() override {
    {
      std::lock_guard<std::mutex> lock(mutex);
      stopping = true;
      epoch.fetch_add(1);
    }
    wake.notify_all();
    for (pthread_t thread : threads)
      pthread_join(thread, nullptr);
  }

  unsigned numWorkers() const override { return size; }

  void parallelFor(int64_t units, unsigned maxWorkers, Body body, void *data) override {
    if (units <= 0)
      return;
    int64_t workers = std::min<int64_t>({int64_t(size), int64_t(maxWorkers), units});
    if (workers <= 1 || insideBody) {
      bool outer = std::exchange(insideBody, true);
      body(data, 0, 0, units);
      insideBody = outer;
      return;
    }
    Job job;
    job.body = body;
    job.data = data;
    job.units = units;
    job.piece = std::max<int64_t>(1, units / (workers * piecesPerWorker));
    job.maxWorkers = unsigned(workers);
    {
      std::lock_guard<std::mutex> lock(mutex);
      start();
      jobs.push_back(&job);
      epoch.fetch_add(1);
    }
    if (workers == 2)
      wake.notify_one();
    else
      wake.notify_all();
    job.work(0);
    for (int i = 0; i < spins && job.helpers.load(std::memory_order_acquire); ++i)
      relax();
    std::unique_lock<std::mutex> lock(mutex);
    jobs.erase(std::find(jobs.begin(), jobs.end(), &job));
    done.wait(lock, [&] { return job.helpers.load() == 0; });
  }

private:
  /// With the mutex held. When the system refuses a thread, fewer do the work.
  void start() {
    while (!started && threads.size() + 1 < size) {
      pthread_t thread;
      auto entry = [](void *self) -> void * {
        static_cast<Pool *>(self)->help();
        return nullptr;
      };
      if (pthread_create(&thread, nullptr, entry, this) != 0)
        break;
      threads.push_back(thread);
    }
    started = true;
  }

  Job *findJob() {
    for (Job *job : jobs)
      if (job->hasWork() && job->workers < job->maxWorkers)
        return job;
    return nullptr;
  }

  void help() {
    uint64_t seen = 0;
    for (;;) {
      for (int i = 0; i < spins && epoch.load(std::memory_order_acquire) == seen; ++i)
        relax();
      std::unique_lock<std::mutex> lock(mutex);
      Job *job = nullptr;
      wake.wait(lock, [&] { return stopping || (job = findJob()); });
      if (stopping)
        return;
      seen = epoch.load();
      unsigned worker = job->workers++;
      job->helpers.fetch_add(1);
      lock.unlock();
      job->work(worker);
      lock.lock();
      // The job's owner may return as soon as the mutex is free.
      if (job->helpers.fetch_sub(1) == 1)
        done.notify_all();
    }
  }

  const unsigned size;
  std::mutex mutex;
  std::condition_variable wake;
  std::condition_variable done;
  std::vector<Job *> jobs;
  std::vector<pthread_t> threads;
  bool started = false;
  bool stopping = false;
  /// Counts jobs, so that waiting threads see a new one without the mutex.
  std::atomic<uint64_t> epoch{0};
};

unsigned availableProcessors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0)
    return unsigned(std::max(1, CPU_COUNT(&set)));
  return 1;
}

} // namespace

std::shared_ptr<ThreadPool> createThreadPool(unsigned threads) {
  return std::make_shared<Pool>(threads ? threads : availableProcessors());
}

} // namespace tg::rt
