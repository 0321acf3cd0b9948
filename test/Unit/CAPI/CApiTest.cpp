//===- CApiTest.cpp - The C API, mistakes included --------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tg-c/Compiler.h"

#include "gtest/gtest.h"

#include <atomic>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

/// Gives what the last call said, and takes care of the error.
class Error {
public:
  ~Error() { tg_error_free(error); }
  tg_error **operator&() {
    tg_error_free(error);
    error = nullptr;
    return &error;
  }
  std::string text() const { return error ? tg_error_message(error) : ""; }

private:
  tg_error *error = nullptr;
};

const char addModule[] = R"(
uop.var @N in [1, 8]
func.func @main(%x: tensor<?x2xf32, #uop.dims<N, 2>> {tg.name = "x"})
    -> (tensor<?x2xf32, #uop.dims<N, 2>> {tg.name = "y"}) {
  %0 = uop.add %x, %x : tensor<?x2xf32, #uop.dims<N, 2>>
  return %0 : tensor<?x2xf32, #uop.dims<N, 2>>
})";

class CApi : public testing::Test {
protected:
  CApi() : session(tg_session_create(&error)) {}
  ~CApi() override { tg_session_free(session); }

  tg_program *compile(const std::string &source, const tg_compile_options *options = nullptr) {
    return tg_compile_memory(session, TG_FORMAT_MLIR, source.data(), source.size(), "test.mlir",
                             options, &error);
  }

  Error error;
  tg_session *session;
};

TEST_F(CApi, CompilesRunsAndSaves) {
  tg_program *program = compile(addModule);
  ASSERT_NE(program, nullptr) << error.text();
  EXPECT_EQ(tg_program_num_inputs(program), 1u);
  EXPECT_EQ(tg_program_num_outputs(program), 1u);
  tg_port port;
  ASSERT_TRUE(tg_program_input(program, 0, &port));
  EXPECT_STREQ(port.name, "x");
  EXPECT_STREQ(port.type, "tensor<Nx2xf32>");
  EXPECT_EQ(port.dtype, TG_F32);
  ASSERT_EQ(port.rank, 2u);
  EXPECT_EQ(port.shape[0], -1);
  EXPECT_EQ(port.shape[1], 2);
  EXPECT_FALSE(tg_program_input(program, 1, &port));
  EXPECT_FALSE(tg_program_output(program, 0, nullptr));
  tg_variable variable;
  ASSERT_TRUE(tg_program_variable(program, 0, &variable));
  EXPECT_STREQ(variable.name, "N");
  EXPECT_EQ(variable.max, 8);

  std::string path = testing::TempDir() + "/c-api-" + std::to_string(::getpid()) + ".tgp";
  ASSERT_TRUE(tg_program_save(program, path.c_str(), &error)) << error.text();
  tg_program *loaded = tg_program_load(path.c_str(), &error);
  ASSERT_NE(loaded, nullptr) << error.text();
  ::unlink(path.c_str());
  for (tg_program *each : {program, loaded}) {
    tg_context *context = tg_context_create(each, nullptr, &error);
    tg_program_free(each); // The context keeps what it needs.
    ASSERT_NE(context, nullptr) << error.text();
    float x[] = {1, 2, 3, 4}, y[4] = {};
    int64_t shape[] = {2, 2};
    tg_tensor *input = tg_tensor_borrow(TG_F32, shape, 2, x, sizeof(x), &error);
    tg_tensor *given = tg_tensor_borrow(TG_F32, shape, 2, y, sizeof(y), &error);
    tg_input argument = {input, "x", 0};
    tg_binding binding = {"N", 2};
    ASSERT_TRUE(tg_context_run(context, &argument, 1, &binding, 1, &given, 1, &error))
        << error.text();
    EXPECT_EQ(y[3], 8);
    tg_tensor *made = nullptr;
    ASSERT_TRUE(tg_context_run(context, &argument, 1, nullptr, 0, &made, 1, &error));
    ASSERT_EQ(tg_tensor_bytes(made), sizeof(x));
    EXPECT_EQ(static_cast<float *>(tg_tensor_data(made))[2], 6);
    tg_context_free(context);
    for (tg_tensor *tensor : {input, given, made})
      tg_tensor_free(tensor);
  }
}

TEST_F(CApi, MapsStringsToNumbersAndBack) {
  tg_program *program = compile(R"(
func.func @main(%x: tensor<3xi64> {tg.name = "x", tg.string}, %p: tensor<2x2xf32>)
    -> (tensor<3xi64> {tg.string}, tensor<3xi1>, tensor<2x2xf32> {tg.keys = ["no", "yes"]},
        tensor<2x2xf32> {tg.keys = array<i64: -1, 7>})
    attributes {tg.strings = ["", "cat"]} {
  %cat = uop.const dense<1> : tensor<3xi64>
  %is = uop.cmpeq %x, %cat : tensor<3xi64>
  %0 = uop.flip %x [0] : tensor<3xi64> -> tensor<3xi64>
  %1 = uop.neg %p : tensor<2x2xf32>
  %2 = uop.add %p, %p : tensor<2x2xf32>
  return %0, %is, %1, %2 : tensor<3xi64>, tensor<3xi1>, tensor<2x2xf32>, tensor<2x2xf32>
})");
  ASSERT_NE(program, nullptr) << error.text();
  tg_meaning meaning;
  ASSERT_TRUE(tg_program_input_meaning(program, 0, &meaning));
  EXPECT_EQ(meaning.kind, TG_PORT_STRINGS);
  ASSERT_TRUE(tg_program_output_meaning(program, 1, &meaning));
  EXPECT_EQ(meaning.kind, TG_PORT_NUMBERS);
  EXPECT_EQ(meaning.num_keys, 0u);
  ASSERT_TRUE(tg_program_output_meaning(program, 2, &meaning));
  EXPECT_EQ(meaning.kind, TG_PORT_MAPS);
  ASSERT_EQ(meaning.num_keys, 2u);
  EXPECT_EQ(meaning.int_keys, nullptr);
  EXPECT_STREQ(meaning.string_keys[1], "yes");
  ASSERT_TRUE(tg_program_output_meaning(program, 3, &meaning));
  EXPECT_EQ(meaning.int_keys[1], 7);
  EXPECT_EQ(meaning.string_keys, nullptr);
  EXPECT_FALSE(tg_program_input_meaning(program, 2, &meaning));
  EXPECT_FALSE(tg_program_output_meaning(program, 0, nullptr));

  tg_context *context = tg_context_create(program, nullptr, &error);
  tg_strings *strings = tg_strings_create(program, &error);
  tg_program_free(program);
  const char *texts[] = {"cat", "a\0b", "dog"};
  size_t lengths[] = {3, 3, 3};
  int64_t shape[] = {3}, square[] = {2, 2};
  tg_tensor *x = tg_strings_encode(strings, texts, lengths, shape, 1, &error);
  ASSERT_NE(x, nullptr) << error.text();
  tg_tensor *p = tg_tensor_create(TG_F32, square, 2, &error);
  tg_input inputs[] = {{x, nullptr, 0}, {p, nullptr, 0}};
  tg_tensor *outputs[4] = {};
  ASSERT_TRUE(tg_context_run(context, inputs, 2, nullptr, 0, outputs, 4, &error)) << error.text();
  auto *ids = static_cast<int64_t *>(tg_tensor_data(outputs[0]));
  size_t length = 0;
  EXPECT_STREQ(tg_strings_get(strings, ids[0], nullptr), "dog");
  EXPECT_EQ(std::string(tg_strings_get(strings, ids[1], &length), 3), std::string("a\0b", 3));
  EXPECT_EQ(length, 3u);
  EXPECT_STREQ(tg_strings_get(strings, ids[2], nullptr), "cat");
  EXPECT_EQ(tg_strings_get(strings, 99, &length), nullptr);
  auto *isCat = static_cast<uint8_t *>(tg_tensor_data(outputs[1]));
  EXPECT_EQ((std::vector<int>{isCat[0], isCat[1], isCat[2]}), (std::vector<int>{1, 0, 0}));

  texts[1] = nullptr;
  EXPECT_EQ(tg_strings_encode(strings, texts, nullptr, shape, 1, &error), nullptr);
  EXPECT_EQ(error.text(), "string 1 is NULL");
  EXPECT_EQ(tg_strings_encode(strings, nullptr, nullptr, shape, 1, &error), nullptr);
  EXPECT_EQ(tg_strings_create(nullptr, &error), nullptr);
  for (tg_tensor *tensor : {x, p, outputs[0], outputs[1], outputs[2], outputs[3]})
    tg_tensor_free(tensor);
  tg_strings_free(strings);
  tg_context_free(context);
}

TEST_F(CApi, SaysWhatIsWrongWithAModel) {
  EXPECT_EQ(compile("func.func @main() { uop.nothing }"), nullptr);
  EXPECT_NE(error.text().find("test.mlir:1:21: error: "), std::string::npos) << error.text();
  EXPECT_EQ(tg_compile_file(session, "/nonexistent.onnx", nullptr, &error), nullptr);
  EXPECT_EQ(error.text(), "/nonexistent.onnx: cannot open: No such file or directory");
  EXPECT_EQ(tg_compile_memory(session, TG_FORMAT_ONNX, "junk", 4, "a.onnx", nullptr, &error),
            nullptr);
  EXPECT_NE(error.text().find("a.onnx"), std::string::npos);
  EXPECT_NE(error.text().find("is not a valid ONNX model"), std::string::npos) << error.text();
  // The session goes on.
  tg_program *program = compile(addModule);
  EXPECT_NE(program, nullptr) << error.text();
  tg_program_free(program);
}

TEST_F(CApi, ChecksArguments) {
  EXPECT_EQ(tg_compile_file(session, nullptr, nullptr, &error), nullptr);
  EXPECT_EQ(error.text(), "argument 'path' is NULL");
  EXPECT_EQ(tg_compile_file(nullptr, "x", nullptr, &error), nullptr);
  EXPECT_EQ(error.text(), "argument 'session' is NULL");
  EXPECT_EQ(tg_compile_memory(session, tg_format(7), "", 0, "x", nullptr, &error), nullptr);
  EXPECT_EQ(error.text(), "there is no format 7");
  EXPECT_EQ(tg_program_load(nullptr, nullptr), nullptr);
  int64_t huge[] = {INT64_MAX, INT64_MAX}, negative[] = {-1};
  EXPECT_EQ(tg_tensor_create(TG_F32, huge, 2, &error), nullptr);
  EXPECT_NE(error.text(), "");
  EXPECT_EQ(tg_tensor_create(TG_F32, negative, 1, &error), nullptr);
  EXPECT_EQ(tg_tensor_create(TG_F32, huge, SIZE_MAX, &error), nullptr);
  EXPECT_EQ(error.text(), "a rank of 18446744073709551615 is more than 1024");
  EXPECT_EQ(tg_tensor_create(tg_dtype(99), huge, 0, &error), nullptr);
  EXPECT_EQ(error.text(), "there is no element type 99");
  int64_t shape[] = {4};
  float x[3];
  EXPECT_EQ(tg_tensor_borrow(TG_F32, shape, 1, x, sizeof(x), &error), nullptr);
  EXPECT_NE(error.text(), "");
  EXPECT_STREQ(tg_dtype_name(TG_F8E8M0FNU), "f8E8M0FNU");
  EXPECT_EQ(tg_dtype_name(tg_dtype(-1)), nullptr);
  tg_linked_program linked = {9, "old", nullptr, 0, nullptr, 0};
  EXPECT_EQ(tg_program_link(&linked, &error), nullptr);
  EXPECT_EQ(error.text(),
            "linked program of version 9, this runtime takes 1; compile the model again");
  for (void (*release)() : {+[] { tg_error_free(nullptr); }, +[] { tg_program_free(nullptr); },
                            +[] { tg_session_free(nullptr); }, +[] { tg_tensor_free(nullptr); }})
    release();
}

TEST_F(CApi, OptionsByName) {
  tg_compile_options *options = tg_compile_options_create();
  const char *good[][2] = {{"entry", "main"},         {"opt-level", "0"},    {"fusion", "none"},
                           {"cache", "none"},         {"threads", "0"},      {"fast-math", "true"},
                           {"check-indices", "true"}, {"dim", "N=3"},        {"simplify", "false"},
                           {"order", "program"},      {"in-place", "false"}, {"device", "cpu"}};
  for (auto &[name, value] : good)
    EXPECT_TRUE(tg_compile_options_set(options, name, value, &error)) << error.text();
  tg_program *program = compile(addModule, options);
  EXPECT_NE(program, nullptr) << error.text();
  tg_program_free(program);

  const char *bad[][3] = {
      {"speed", "9",
       "option 'speed': there is no such option; there are: entry, device, fusion, order, donate, "
       "in-place, opt-level, fast-math, simplify, check-indices, target-cpu, target-features, "
       "cache, dim, threads"},
      {"opt-level", "2", "option 'opt-level': expected an integer from 0 to 1, got '2'"},
      {"fast-math", "yes", "option 'fast-math': expected true or false, got 'yes'"},
      {"dim", "N", "option 'dim': expected an integer from 0 to 9223372036854775807, got ''"}};
  for (auto &[name, value, message] : bad) {
    EXPECT_FALSE(tg_compile_options_set(options, name, value, &error));
    EXPECT_EQ(error.text(), message);
  }
  tg_compile_options_set(options, "fusion", "wild", &error);
  EXPECT_EQ(compile(addModule, options), nullptr);
  EXPECT_NE(error.text().find("wild"), std::string::npos) << error.text();
  tg_compile_options_free(options);
}

TEST_F(CApi, RunsFailWithAReason) {
  tg_program *program = compile(addModule);
  ASSERT_NE(program, nullptr) << error.text();
  tg_context *context = tg_context_create(program, nullptr, &error);
  tg_tensor *output = nullptr;
  EXPECT_FALSE(tg_context_run(context, nullptr, 0, nullptr, 0, &output, 1, &error));
  EXPECT_EQ(error.text(), "input 'x' is missing: expected tensor<Nx2xf32>");
  EXPECT_FALSE(tg_context_run(context, nullptr, 1, nullptr, 0, &output, 1, &error));
  EXPECT_EQ(error.text(), "argument 'inputs' is NULL");
  EXPECT_FALSE(tg_context_run(context, nullptr, 0, nullptr, 0, nullptr, 0, &error));
  EXPECT_EQ(error.text(), "the program has 1 outputs, got room for 0");
  tg_input nothing = {nullptr, nullptr, 0};
  EXPECT_FALSE(tg_context_run(context, &nothing, 1, nullptr, 0, &output, 1, &error));
  EXPECT_EQ(error.text(), "input 0 of the run is NULL");
  EXPECT_EQ(output, nullptr);
  tg_context_free(context);
  tg_program_free(program);
}

/// What an embedder brings.
struct Counters {
  std::atomic<int> allocations{0}, releases{0}, loops{0};
};

TEST_F(CApi, UsesTheEmbeddersMemoryAndThreads) {
  // Enough rows that the work is worth splitting.
  const char source[] = R"(
func.func @main(%x: tensor<4096x512xf32>) -> tensor<4096x512xf32> {
  %0 = uop.exp %x : tensor<4096x512xf32>
  return %0 : tensor<4096x512xf32>
})";
  tg_program *program = compile(source);
  ASSERT_NE(program, nullptr) << error.text();
  Counters counters;
  tg_context_options *options = tg_context_options_create();
  tg_context_options_set_allocator(
      options,
      [](void *user, size_t bytes, size_t alignment) {
        ++static_cast<Counters *>(user)->allocations;
        return std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
      },
      [](void *user, void *memory, size_t, size_t) {
        ++static_cast<Counters *>(user)->releases;
        std::free(memory);
      },
      &counters);
  tg_context_options_set_thread_pool(
      options, 2,
      [](void *user, int64_t units, unsigned workers, tg_loop_body body, void *data) {
        ++static_cast<Counters *>(user)->loops;
        if (workers < 2)
          return body(data, 0, 0, units);
        std::thread other(body, data, 1, units / 2, units);
        body(data, 0, 0, units / 2);
        other.join();
      },
      &counters);
  tg_context_options_set_profile(options, true);
  tg_context *context = tg_context_create(program, options, &error);
  tg_context_options_free(options);
  ASSERT_NE(context, nullptr) << error.text();
  int64_t shape[] = {4096, 512};
  tg_tensor *x = tg_tensor_create(TG_F32, shape, 2, &error), *y = nullptr;
  tg_input input = {x, nullptr, 0};
  ASSERT_TRUE(tg_context_run(context, &input, 1, nullptr, 0, &y, 1, &error)) << error.text();
  const float *values = static_cast<float *>(tg_tensor_data(y));
  for (int64_t i = 0; i < tg_tensor_elements(y); ++i)
    ASSERT_EQ(values[i], 1) << i;
  EXPECT_GE(counters.allocations, 1);
  EXPECT_GE(counters.loops, 1);
  std::string path = testing::TempDir() + "/c-api-" + std::to_string(::getpid()) + ".json";
  EXPECT_TRUE(tg_context_write_profile(context, path.c_str(), &error)) << error.text();
  EXPECT_EQ(::unlink(path.c_str()), 0);
  tg_context_free(context);
  tg_tensor_free(x);
  tg_tensor_free(y);
  tg_program_free(program);
  EXPECT_EQ(counters.allocations, counters.releases);
}

TEST_F(CApi, NoExceptionAndNoMemoryAreErrors) {
  tg_program *program = compile(addModule);
  ASSERT_NE(program, nullptr) << error.text();
  int64_t shape[] = {2, 2};
  tg_tensor *x = tg_tensor_create(TG_F32, shape, 2, &error), *y = nullptr;
  tg_input input = {x, nullptr, 0};
  auto run = [&](tg_context_options *options) {
    tg_context *context = tg_context_create(program, options, &error);
    bool ok = context && tg_context_run(context, &input, 1, nullptr, 0, &y, 1, &error);
    tg_context_free(context);
    tg_context_options_free(options);
    return ok;
  };
  tg_context_options *options = tg_context_options_create();
  tg_context_options_set_thread_pool(
      options, 4,
      [](void *, int64_t, unsigned, tg_loop_body, void *) {
        throw std::runtime_error("from a callback");
      },
      nullptr);
  EXPECT_FALSE(run(options));
  EXPECT_EQ(error.text(), "from a callback");
  options = tg_context_options_create();
  tg_context_options_set_allocator(
      options, [](void *, size_t, size_t) -> void * { return nullptr; },
      [](void *, void *, size_t, size_t) {}, nullptr);
  EXPECT_FALSE(run(options));
  EXPECT_NE(error.text().find("memory"), std::string::npos) << error.text();
  EXPECT_EQ(y, nullptr);
  tg_tensor_free(x);
  tg_program_free(program);
}

TEST_F(CApi, ThreadsShareASession) {
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      Error own;
      std::string source = t % 2 ? std::string(addModule) : "func.func @main() { uop.nothing }";
      tg_program *program = tg_compile_memory(session, TG_FORMAT_MLIR, source.data(), source.size(),
                                              "t.mlir", nullptr, &own);
      right += (program != nullptr) == (t % 2 == 1);
      tg_program_free(program);
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(right, 4);
}

} // namespace
