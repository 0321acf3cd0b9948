//===- Context.cpp - C API: running programs --------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Guard.h"
#include "Objects.h"

#include <algorithm>

using namespace tg;
using namespace tg::capi;

namespace {

class CallbackLog : public rt::LogSink {
public:
  CallbackLog(void (*callback)(void *, int, const char *), void *user)
      : callback(callback), user(user) {}
  void log(rt::LogLevel level, std::string_view message) override {
    callback(user, int(level), std::string(message).c_str());
  }

private:
  void (*callback)(void *, int, const char *);
  void *user;
};

class CallbackAllocator : public rt::Allocator {
public:
  using Allocate = void *(*)(void *, size_t, size_t);
  using Release = void (*)(void *, void *, size_t, size_t);
  CallbackAllocator(Allocate get, Release release, void *user)
      : get(get), release(release), user(user) {}
  void *allocate(size_t bytes, size_t alignment) override { return get(user, bytes, alignment); }
  void deallocate(void *memory, size_t bytes, size_t alignment) override {
    release(user, memory, bytes, alignment);
  }

private:
  Allocate get;
  Release release;
  void *user;
};

class CallbackPool : public rt::ThreadPool {
public:
  using ParallelFor = void (*)(void *, int64_t, unsigned, tg_loop_body, void *);
  CallbackPool(unsigned workers, ParallelFor call, void *user)
      : workers(std::max(1u, workers)), call(call), user(user) {}
  unsigned numWorkers() const override { return workers; }
  void parallelFor(int64_t units, unsigned maxWorkers, Body body, void *data) override {
    if (units > 0)
      call(user, units, std::min(maxWorkers, workers), body, data);
  }

private:
  unsigned workers;
  ParallelFor call;
  void *user;
};

rt::Result<rt::RunRequest> requestOf(const tg_input *inputs, size_t numInputs,
                                     const tg_binding *bindings, size_t numBindings,
                                     tg_tensor *const *outputs, size_t numOutputs) {
  rt::RunRequest request;
  for (size_t i = 0; i < numInputs; ++i) {
    if (!inputs[i].tensor)
      return rt::error("input " + std::to_string(i) + " of the run is NULL");
    request.inputs.push_back({inputs[i].tensor->tensor, inputs[i].name ? inputs[i].name : "",
                              (inputs[i].flags & TG_INPUT_DONATED) != 0});
  }
  for (size_t i = 0; i < numBindings; ++i) {
    if (!bindings[i].name)
      return rt::error("binding " + std::to_string(i) + " of the run has no name");
    request.vars[bindings[i].name] = bindings[i].value;
  }
  for (size_t i = 0; i < numOutputs; ++i)
    request.outputs.push_back(outputs[i] ? outputs[i]->tensor : rt::Tensor());
  return request;
}

} // namespace

tg_context_options *tg_context_options_create(void) {
  return guarded<tg_context_options *>(nullptr, nullptr, {}, [&] {
    return rt::Result<tg_context_options *>(new tg_context_options());
  });
}

void tg_context_options_free(tg_context_options *options) { delete options; }

void tg_context_options_set_threads(tg_context_options *options, unsigned threads) {
  options->options.threads = threads;
}

void tg_context_options_set_profile(tg_context_options *options, bool profile) {
  options->options.profile = profile;
}

void tg_context_options_set_check_indices(tg_context_options *options, bool check) {
  options->options.checkIndices = check;
}

void tg_context_options_set_log(tg_context_options *options,
                                void (*log)(void *user, int level, const char *line), void *user) {
  guardedStatus(nullptr, {}, [&] {
    options->options.log = log ? std::make_shared<CallbackLog>(log, user) : nullptr;
    return rt::Status();
  });
}

void tg_context_options_set_allocator(
    tg_context_options *options, void *(*allocate)(void *user, size_t bytes, size_t alignment),
    void (*release)(void *user, void *memory, size_t bytes, size_t alignment), void *user) {
  guardedStatus(nullptr, {}, [&] {
    bool isGiven = allocate && release;
    options->options.allocator =
        isGiven ? std::make_shared<CallbackAllocator>(allocate, release, user) : nullptr;
    return rt::Status();
  });
}

void tg_context_options_set_thread_pool(tg_context_options *options, unsigned workers,
                                        void (*parallelFor)(void *user, int64_t units,
                                                            unsigned maxWorkers, tg_loop_body body,
                                                            void *data),
                                        void *user) {
  guardedStatus(nullptr, {}, [&] {
    options->options.threadPool =
        parallelFor ? std::make_shared<CallbackPool>(workers, parallelFor, user) : nullptr;
    return rt::Status();
  });
}

tg_context *tg_context_create(const tg_program *program, const tg_context_options *options,
                              tg_error **error) {
  return guarded<tg_context *>(
      error, nullptr, {{"program", program}}, [&]() -> rt::Result<tg_context *> {
        auto context = rt::Context::create(program->program,
                                           options ? options->options : rt::ContextOptions());
        if (!context)
          return context.status();
        return new tg_context{std::move(*context)};
      });
}

void tg_context_free(tg_context *context) { delete context; }

bool tg_context_run(tg_context *context, const tg_input *inputs, size_t numInputs,
                    const tg_binding *bindings, size_t numBindings, tg_tensor **outputs,
                    size_t numOutputs, tg_error **error) {
  return guardedStatus(
      error,
      {{"context", context},
       {"inputs", inputs, numInputs != 0},
       {"bindings", bindings, numBindings != 0},
       {"outputs", outputs, numOutputs != 0}},
      [&]() -> rt::Status {
        size_t expected = context->context->program().outputs.size();
        if (numOutputs != expected)
          return rt::error("the program has " + std::to_string(expected) +
                           " outputs, got room for " + std::to_string(numOutputs));
        auto request = requestOf(inputs, numInputs, bindings, numBindings, outputs, numOutputs);
        if (!request)
          return request.status();
        auto results = context->context->run(*request);
        if (!results)
          return results.status();
        std::vector<std::unique_ptr<tg_tensor>> made(numOutputs);
        for (size_t i = 0; i < numOutputs; ++i)
          if (!outputs[i])
            made[i] = std::make_unique<tg_tensor>(tg_tensor{std::move((*results)[i])});
        for (size_t i = 0; i < numOutputs; ++i)
          if (made[i])
            outputs[i] = made[i].release();
        return {};
      });
}

bool tg_context_write_profile(const tg_context *context, const char *path, tg_error **error) {
  return guardedStatus(error, {{"context", context}, {"path", path}},
                       [&] { return rt::writeChromeTrace(context->context->profile(), path); });
}
