//===- ContextTest.cpp - Running programs -----------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "TestPrograms.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <fstream>
#include <thread>

using namespace tg;
using namespace tg::rt;
using namespace tg::rt::test;

namespace {

std::unique_ptr<Context> contextOf(Program program, ContextOptions options = {}) {
  options.log = createNullLog();
  auto context = Context::create(share(std::move(program)), std::move(options));
  EXPECT_TRUE(context.ok()) << context.message();
  return context ? std::move(*context) : nullptr;
}

std::string runError(Context &context, const RunRequest &request) {
  auto outputs = context.run(request);
  EXPECT_FALSE(outputs.ok());
  return outputs.message();
}

RunRequest withInputs(std::vector<RunInput> inputs) {
  RunRequest request;
  request.inputs = std::move(inputs);
  return request;
}

TEST(RuntimeContext, RunsAndInfersVars) {
  auto context = contextOf(addProgram());
  for (int64_t n : {2, 0, 8, 2}) {
    std::vector<float> x(size_t(4 * n), 3.0f);
    auto outputs = context->run({floats({n, 4}, x)});
    ASSERT_TRUE(outputs.ok()) << outputs.message();
    EXPECT_EQ((*outputs)[0].typeName(), "tensor<" + std::to_string(n) + "x4xf32>");
    EXPECT_EQ(valuesOf<float>((*outputs)[0]), std::vector<float>(size_t(4 * n), 8.0f));
    EXPECT_EQ(context->statistics().arenaBytes, uint64_t((16 * n + 63) / 64 * 64));
  }
}

TEST(RuntimeContext, TellsItsLayout) {
  auto context = contextOf(addProgram());
  EXPECT_TRUE(context->layout().buffers.empty());
  ASSERT_TRUE(context->run({floats({2, 4}, std::vector<float>(8))}).ok());
  ProgramLayout layout = context->layout();
  ASSERT_EQ(layout.buffers.size(), 4u);
  EXPECT_EQ(layout.vars, std::vector<std::optional<int64_t>>{2});
  EXPECT_EQ(layout.buffers[2].bytes, 32);
  EXPECT_EQ(layout.buffers[2].offset, 0u);
  EXPECT_FALSE(layout.buffers[0].offset);
  EXPECT_EQ(layout.kernels[0].flops, 8);
  EXPECT_EQ(layout.kernels[0].bytes, 96);
  EXPECT_EQ(layout.arenaBytes, 64u);

  // The same without a run.
  Program program = addProgram();
  auto planner = *MemoryPlannerRegistry().get("greedy");
  Result<ProgramLayout> given = layoutProgram(program, {{"N", 2}}, *planner);
  ASSERT_TRUE(given.ok()) << given.message();
  EXPECT_EQ(printLayout(program, *given), printLayout(program, layout));
  EXPECT_EQ(layoutProgram(program, {}, *planner)->vars, std::vector<std::optional<int64_t>>{1});
  EXPECT_EQ(layoutProgram(program, {{"N", 9}}, *planner).message(),
            "variable 'N' = 9 is outside its bounds [0, 8]");
  EXPECT_EQ(layoutProgram(program, {{"M", 1}}, *planner).message(), "there is no variable 'M'");
}

/// Counts what it hands out.
class CountingAllocator : public Allocator {
public:
  void *allocate(size_t bytes, size_t alignment) override {
    sizes.push_back(bytes);
    return heap->allocate(bytes, alignment);
  }
  void deallocate(void *memory, size_t bytes, size_t alignment) override {
    heap->deallocate(memory, bytes, alignment);
  }
  std::vector<size_t> sizes;

private:
  std::shared_ptr<Allocator> heap = createHeapAllocator();
};

TEST(RuntimeContext, AllocatesEachBufferForItself) {
  ContextOptions options;
  auto allocator = std::make_shared<CountingAllocator>();
  options.allocator = allocator;
  options.separateBuffers = true;
  Program program = addProgram();
  // A second temp of another size between the two launches.
  program.buffers.push_back(bufferOf(BufferKind::Temp, SizeExpr::var(0) * 32, 1, 1));
  program.commands.insert(program.commands.begin() + 1,
                          command(Fill{4, SizeExpr::var(0) * 32, 0, 1}));
  program.buffers[2].lastUse = 2;
  auto context = contextOf(std::move(program), options);
  ASSERT_TRUE(context);
  for (int64_t n : {2, 2, 4}) {
    auto outputs = context->run({floats({n, 4}, std::vector<float>(size_t(4 * n), 3.0f))});
    ASSERT_TRUE(outputs.ok()) << outputs.message();
    EXPECT_EQ(valuesOf<float>((*outputs)[0]), std::vector<float>(size_t(4 * n), 8.0f));
  }
  std::sort(allocator->sizes.begin(), allocator->sizes.end());
  // Outputs of three runs (32, 32, 64); the temps once, and once more when they grow.
  EXPECT_EQ(allocator->sizes, (std::vector<size_t>{32, 32, 32, 64, 64, 64, 128}));
}

TEST(RuntimeContext, NamesWhatDoesNotFit) {
  auto context = contextOf(addProgram());
  EXPECT_EQ(runError(*context, withInputs({floats({2, 5}, std::vector<float>(10))})),
            "input 'x': expected tensor<2x4xf32> (N = 2 from input 'x'), got tensor<2x5xf32>");
  EXPECT_EQ(runError(*context, withInputs({floats({8}, std::vector<float>(8))})),
            "input 'x': expected tensor<Nx4xf32>, got tensor<8xf32>");
  EXPECT_EQ(runError(*context, withInputs({*Tensor::zeros(DType::F64, {2, 4})})),
            "input 'x': expected tensor<Nx4xf32>, got tensor<2x4xf64>");
  EXPECT_EQ(runError(*context, withInputs({})), "input 'x' is missing: expected tensor<Nx4xf32>");
  EXPECT_EQ(runError(*context, withInputs({{floats({1, 4}, {1, 2, 3, 4}), "z"}})),
            "there is no input 'z'; the inputs are: x");
  EXPECT_EQ(runError(*context, withInputs({floats({9, 4}, std::vector<float>(36))})),
            "var 'N' = 9 (from input 'x') is outside its bounds [0, 8]; an ONNX model can be "
            "compiled for it: --dim=N=9, dims= in Python");
  RunRequest conflict = withInputs({floats({1, 4}, {1, 2, 3, 4})});
  conflict.vars["N"] = 3;
  EXPECT_EQ(runError(*context, conflict),
            "input 'x': expected tensor<3x4xf32> (N = 3 as given), got tensor<1x4xf32>");
  RunRequest unknown = withInputs({floats({1, 4}, {1, 2, 3, 4})});
  unknown.vars["M"] = 3;
  EXPECT_EQ(runError(*context, unknown), "there is no var 'M'");
}

TEST(RuntimeContext, SolvesAffineExtents) {
  Program program = addProgram();
  // An input of 2 * N + 1 rows that nothing reads.
  SizeExpr rows = SizeExpr::var(0) * 2 + 1;
  program.buffers.push_back(bufferOf(BufferKind::Input, rows * 4));
  program.inputs.insert(program.inputs.begin(), portOf("w", DType::F32, {rows}, 4));
  auto context = contextOf(std::move(program));
  EXPECT_TRUE(
      context->run({floats({5}, std::vector<float>(5)), floats({2, 4}, std::vector<float>(8))})
          .ok());
  EXPECT_EQ(runError(*context, withInputs({floats({4}, std::vector<float>(4)),
                                           floats({2, 4}, std::vector<float>(8))})),
            "input 'w': expected tensor<((N * 2) + 1)xf32>, got tensor<4xf32>");
}

TEST(RuntimeContext, WritesToTheCallersOutputs) {
  auto context = contextOf(addProgram());
  RunRequest request = withInputs({floats({1, 4}, {1, 2, 3, 4})});
  request.outputs = {*Tensor::zeros(DType::F32, {1, 4})};
  auto outputs = context->run(request);
  ASSERT_TRUE(outputs.ok()) << outputs.message();
  EXPECT_EQ((*outputs)[0].data(), request.outputs[0].data());
  EXPECT_EQ(valuesOf<float>(request.outputs[0]), (std::vector<float>{4, 6, 8, 10}));
  request.outputs = {*Tensor::zeros(DType::F32, {2, 4})};
  EXPECT_EQ(runError(*context, request),
            "output 'y': expected tensor<1x4xf32>, got tensor<2x4xf32>");
  request.outputs = {request.inputs[0].tensor};
  EXPECT_EQ(runError(*context, request), "output 'y': its tensor overlaps input 'x'");
}

TEST(RuntimeContext, UpdatesStateInPlaceOnlyWhenDonated) {
  auto context = contextOf(stateProgram());
  Tensor state = floats({4}, {1, 2, 3, 4});
  auto kept = context->run({state});
  ASSERT_TRUE(kept.ok()) << kept.message();
  EXPECT_EQ(valuesOf<float>(state), (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(valuesOf<float>((*kept)[0]), (std::vector<float>{2, 3, 4, 5}));
  auto moved = context->run(withInputs({RunInput(state, "state", /*donated=*/true)}));
  ASSERT_TRUE(moved.ok()) << moved.message();
  EXPECT_EQ((*moved)[0].data(), state.data());
  EXPECT_EQ(valuesOf<float>(state), (std::vector<float>{2, 3, 4, 5}));
}

TEST(RuntimeContext, UpdatesStateInTheCallersOutput) {
  auto context = contextOf(stateProgram());
  Tensor state = floats({4}, {1, 2, 3, 4});
  RunRequest request = withInputs({state});
  request.outputs = {*Tensor::zeros(DType::F32, {4})};
  auto outputs = context->run(request);
  ASSERT_TRUE(outputs.ok()) << outputs.message();
  EXPECT_EQ((*outputs)[0].data(), request.outputs[0].data());
  EXPECT_EQ(valuesOf<float>(request.outputs[0]), (std::vector<float>{2, 3, 4, 5}));
  EXPECT_EQ(valuesOf<float>(state), (std::vector<float>{1, 2, 3, 4}));
  // The same memory for both is what donating means.
  request.outputs = {state};
  EXPECT_EQ(runError(*context, request), "output 'next': its tensor overlaps input 'state'");
  request.inputs[0].donated = true;
  outputs = context->run(request);
  ASSERT_TRUE(outputs.ok()) << outputs.message();
  EXPECT_EQ(valuesOf<float>(state), (std::vector<float>{2, 3, 4, 5}));
  request.outputs = {*Tensor::zeros(DType::F32, {3})};
  EXPECT_EQ(runError(*context, request),
            "output 'next': expected tensor<4xf32>, got tensor<3xf32>");
}

TEST(RuntimeContext, BindsSizesThatTheProgramComputes) {
  auto context = contextOf(compactProgram(8));
  auto outputs = context->run({floats({8}, {1, -1, 2, -2, 3, -3, 0, -4})});
  ASSERT_TRUE(outputs.ok()) << outputs.message();
  EXPECT_EQ(valuesOf<float>((*outputs)[0]), (std::vector<float>{4, 8, 12}));
  outputs = context->run({floats({8}, std::vector<float>(8, -1.0f))});
  ASSERT_TRUE(outputs.ok()) << outputs.message();
  EXPECT_EQ((*outputs)[0].typeName(), "tensor<0xf32>");
  auto tight = contextOf(compactProgram(2));
  EXPECT_EQ(runError(*tight, withInputs({floats({8}, std::vector<float>(8, 1.0f))})),
            "var 'count': the program computed 8, which is outside its bounds [0, 2]");
}

TEST(RuntimeContext, RefusesUseBeforeBind) {
  Program program = compactProgram(8);
  program.commands.erase(program.commands.begin() + 1);
  program.commands.insert(program.commands.begin() + 2, command(Bind{0, 2}));
  program.buffers[2].lastUse = 3;
  program.buffers[3].firstUse = 1;
  auto context = contextOf(std::move(program));
  EXPECT_EQ(runError(*context, withInputs({floats({8}, std::vector<float>(8, 1.0f))})),
            "kernel 'double' runs before var 'count' is bound");
}

TEST(RuntimeContext, RunsControlFlow) {
  Program program = controlProgram();
  EXPECT_EQ(program.numCommands(), 9u);
  auto context = contextOf(std::move(program));
  auto outputs = context->run({floats({}, {1})});
  ASSERT_TRUE(outputs.ok()) << outputs.message();
  EXPECT_EQ(*(*outputs)[0].as<float>(), 102.0f); // 1 + 0 + 2 + 4, then by fives to 102
  outputs = context->run({floats({}, {1000})});
  ASSERT_TRUE(outputs.ok()) << outputs.message();
  EXPECT_EQ(*(*outputs)[0].as<float>(), 0.0f);
}

void failingKernel(const tg_kernel_args *args, void *workspace, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; ++i) {
    static_cast<char *>(workspace)[100] = char(i);
    if (i == 700)
      *args->error = TG_KERNEL_INDEX_OUT_OF_RANGE;
  }
}

TEST(RuntimeContext, ReportsKernelErrors) {
  Program program;
  program.name = "failing";
  program.code = {codeOf({{"gather", failingKernel}})};
  program.kernels = {kernelOf("gather", 1000)};
  program.kernels[0].workspaceBytes = 101;
  program.kernels[0].location = "model/gather";
  program.commands = {command(Launch{0, {}})};
  ContextOptions checked;
  checked.threads = 4;
  EXPECT_TRUE(contextOf(program, checked)->run(RunRequest()).ok());
  checked.checkIndices = true;
  auto context = contextOf(program, checked);
  EXPECT_EQ(runError(*context, {}), "kernel 'gather' (model/gather): an index is out of range");
  EXPECT_EQ(context->statistics().workspaceBytes, 4u * 128);
}

/// Gives nothing beyond a limit.
class MeanAllocator : public Allocator {
public:
  void *allocate(size_t bytes, size_t alignment) override {
    return bytes > 64 ? nullptr : heap->allocate(bytes, alignment);
  }
  void deallocate(void *memory, size_t bytes, size_t alignment) override {
    heap->deallocate(memory, bytes, alignment);
  }
  std::shared_ptr<Allocator> heap = createHeapAllocator();
};

TEST(RuntimeContext, ReportsMissingMemory) {
  ContextOptions options;
  options.allocator = std::make_shared<MeanAllocator>();
  auto context = contextOf(addProgram(), options);
  EXPECT_TRUE(context->run({floats({4, 4}, std::vector<float>(16))}).ok());
  EXPECT_EQ(runError(*context, withInputs({floats({8, 4}, std::vector<float>(32))})),
            "temporary buffers: out of memory (128 bytes)");
  EXPECT_TRUE(context->run({floats({4, 4}, std::vector<float>(16))}).ok());
}

TEST(RuntimeContext, RefusesWhatItCannotRun) {
  Program program = addProgram();
  program.kernels[0].device = "abacus";
  EXPECT_EQ(Context::create(share(program)).message(), "unknown device 'abacus'; there are: cpu");
  program = addProgram();
  program.kernels[0].symbol = "sub";
  EXPECT_EQ(Context::create(share(program)).message(),
            "kernel 'add': its code has no symbol 'sub'");
  program = addProgram();
  program.code[0] = CodeModule{"elf-shared", Blob::copyOf("nothing", 7), nullptr, {}};
  EXPECT_EQ(Context::create(share(program)).message(),
            "program 'add': the code is not an ELF file");
  program.code[0].format = "wasm";
  EXPECT_EQ(Context::create(share(program)).message(),
            "program 'add': device 'cpu' has no loader for code of format 'wasm'");
  ContextOptions options;
  options.memoryPlanner = "worst";
  EXPECT_EQ(Context::create(share(addProgram()), options).message(),
            "unknown memory planner 'worst'; there are best, greedy, none");
}

TEST(RuntimeContext, LoadsCodeFromAProgramFile) {
  TemporaryFolder folder;
  std::ifstream file(TG_TEST_KERNEL, std::ios::binary);
  std::string object(std::istreambuf_iterator<char>(file), {});
  Program program = addProgram();
  program.code[0] =
      CodeModule{"elf-shared", Blob::copyOf(object.data(), object.size()), nullptr, {}};
  ASSERT_TRUE(saveProgram(program, folder / "p.tgp").ok());
  auto loaded = loadProgram(folder / "p.tgp");
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  auto context = Context::create(*loaded), another = Context::create(*loaded);
  for (auto *each : {&context, &another}) {
    ASSERT_TRUE(each->ok()) << each->message();
    auto outputs = (**each)->run({floats({1, 4}, {1, 2, 3, 4})});
    ASSERT_TRUE(outputs.ok()) << outputs.message();
    EXPECT_EQ(valuesOf<float>((*outputs)[0]), (std::vector<float>{4, 6, 8, 10}));
  }
}

TEST(RuntimeContext, EightThreadsShareAProgram) {
  auto program = share(addProgram());
  auto pool = createThreadPool(3);
  std::vector<std::thread> threads;
  std::vector<int> wrong(8, 0);
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      ContextOptions options;
      options.threadPool = pool;
      options.profile = true;
      auto context = Context::create(program, options);
      for (int i = 0; i < 200; ++i) {
        int64_t n = (i + t) % 9;
        std::vector<float> x(size_t(4 * n), float(t));
        auto outputs = (*context)->run({floats({n, 4}, x)});
        wrong[t] += !outputs.ok() || valuesOf<float>((*outputs)[0]) !=
                                         std::vector<float>(size_t(4 * n), float(2 * t + 2));
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(wrong, std::vector<int>(8, 0));
}

TEST(RuntimeContext, EightThreadsShareAContext) {
  auto context = contextOf(addProgram());
  std::vector<std::thread> threads;
  std::vector<int> wrong(8, 0);
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) {
        auto outputs = context->run({floats({2, 4}, std::vector<float>(8, float(t)))});
        wrong[t] += !outputs.ok() ||
                    valuesOf<float>((*outputs)[0]) != std::vector<float>(8, float(2 * t + 2));
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(wrong, std::vector<int>(8, 0));
}

TEST(RuntimeContext, Profiles) {
  ContextOptions options;
  options.profile = true;
  auto context = contextOf(addProgram(), options);
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(context->run({floats({2, 4}, std::vector<float>(8))}).ok());
  Profile profile = context->profile();
  EXPECT_EQ(profile.runs, 3);
  ASSERT_EQ(profile.kernels.size(), 1u);
  EXPECT_EQ(profile.kernels[0].count, 6);
  EXPECT_EQ(profile.kernels[0].flops, 6 * 8);
  EXPECT_EQ(profile.events.size(), 9u);
  std::string trace = chromeTrace(profile);
  EXPECT_NE(trace.find("\"location\": \"model/add\", \"flops\": 8, \"bytes\": 96"),
            std::string::npos);
  context->resetProfile();
  EXPECT_EQ(context->profile().runs, 0);
}

} // namespace
