//===- ProgramTest.cpp - Programs on any device -----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Contexts run programs with every kind of command on the device; then again with the n-th call of
// the device failing, for every n.
//===----------------------------------------------------------------------===//

#include "Conformance.h"
#include "FaultyDevice.h"

#include "../Unit/Runtime/TestPrograms.h"

#include <thread>

using namespace tg;
using namespace tg::rt;
using namespace tg::rt::test;

namespace {

/// A program with a request, and what its first output must be.
struct ProgramCase {
  std::string name;
  std::function<Program()> make;
  std::function<RunRequest()> request;
  std::vector<float> expected;
};

RunRequest requestWith(std::vector<int64_t> shape, const std::vector<float> &values,
                       bool donated = false) {
  RunRequest request;
  request.inputs.emplace_back(floats(std::move(shape), values), "", donated);
  return request;
}

/// y = a + b.
Program sumProgram() {
  Program program;
  program.name = "sum";
  program.buffers = {bufferOf(BufferKind::Input, 16), bufferOf(BufferKind::Input, 16),
                     bufferOf(BufferKind::Output, 16)};
  program.inputs = {portOf("a", DType::F32, {4}, 0), portOf("b", DType::F32, {4}, 1)};
  program.outputs = {portOf("y", DType::F32, {4}, 2)};
  program.code = {codeOf({{"add", addKernel}})};
  program.kernels = {kernelOf("add", 4)};
  program.commands = {command(Launch{0, {0, 1, 2}})};
  return program;
}

RunRequest sumRequest() {
  RunRequest request = requestWith({4}, {1, 2, 3, 4});
  request.inputs.emplace_back(floats({4}, {10, 20, 30, 40}));
  return request;
}

std::vector<ProgramCase> programCases() {
  std::vector<float> mixed = {1, -1, 2, -2, 3, -3, 0, -4};
  return {{"add", addProgram, [] { return requestWith({2, 4}, std::vector<float>(8, 3)); },
           std::vector<float>(8, 8)},
          {"sum", sumProgram, sumRequest, {11, 22, 33, 44}},
          {"state", stateProgram, [] { return requestWith({4}, {1, 2, 3, 4}); }, {2, 3, 4, 5}},
          {"donated state",
           stateProgram,
           [] { return requestWith({4}, {1, 2, 3, 4}, /*donated=*/true); },
           {2, 3, 4, 5}},
          {"compact",
           [] { return compactProgram(8); },
           [=] { return requestWith({8}, mixed); },
           {4, 8, 12}},
          {"control", controlProgram, [] { return requestWith({}, {1}); }, {102}},
          {"other branch", controlProgram, [] { return requestWith({}, {1000}); }, {0}}};
}

class ProgramConformance : public Conformance {
protected:
  /// With `device` in the place of the programs' device.
  ContextOptions optionsFor(const std::shared_ptr<Device> &device) {
    ContextOptions options;
    options.runtime = std::make_shared<Runtime>();
    EXPECT_TRUE(options.runtime->devices.add(device));
    options.log = createNullLog();
    options.threadPool = pool;
    return options;
  }
  Program forDevice(Program program) {
    for (Kernel &kernel : program.kernels)
      kernel.device = device->name();
    return program;
  }
  std::unique_ptr<Context> contextOf(Program program, ContextOptions options) {
    auto context = Context::create(share(forDevice(std::move(program))), std::move(options));
    EXPECT_OK(context);
    return context ? std::move(*context) : nullptr;
  }

  std::shared_ptr<ThreadPool> pool = createThreadPool(2);
};

TEST_P(ProgramConformance, RunsEveryKindOfCommand) {
  for (bool separate : {false, true})
    for (bool profile : {false, true})
      for (const ProgramCase &each : programCases()) {
        SCOPED_TRACE(each.name);
        ContextOptions options = optionsFor(device);
        options.separateBuffers = separate;
        options.profile = profile;
        auto context = contextOf(each.make(), options);
        ASSERT_TRUE(context);
        for (int round = 0; round < 3; ++round) {
          auto outputs = context->run(each.request());
          ASSERT_TRUE(outputs.ok()) << outputs.message();
          ASSERT_TRUE((*outputs)[0].onHost());
          EXPECT_EQ(valuesOf<float>((*outputs)[0]), each.expected);
        }
        EXPECT_EQ(context->profile().runs, profile ? 3 : 0);
      }
}

TEST_P(ProgramConformance, SizesMayChangeFromRunToRun) {
  auto context = contextOf(addProgram(), optionsFor(device));
  ASSERT_TRUE(context);
  uint64_t alignment = std::max<uint64_t>(device->properties().alignment, bufferAlignment);
  for (int64_t n : {2, 0, 8, 1, 8}) {
    auto outputs = context->run({floats({n, 4}, std::vector<float>(size_t(4 * n), 3))});
    ASSERT_TRUE(outputs.ok()) << outputs.message();
    EXPECT_EQ(valuesOf<float>((*outputs)[0]), std::vector<float>(size_t(4 * n), 8));
    EXPECT_EQ(context->statistics().arenaBytes,
              (uint64_t(16 * n) + alignment - 1) / alignment * alignment);
  }
}

/// Where the host's memory is the device's nothing is ever copied; elsewhere constants go there
/// once, inputs and outputs with each run.
TEST_P(ProgramConformance, MovesNoMoreThanItMust) {
  bool shares = device->properties().sharesHostMemory;
  auto plan = std::make_shared<FaultPlan>();
  auto context = contextOf(addProgram(), optionsFor(makeFaulty(device, plan)));
  ASSERT_TRUE(context);
  EXPECT_EQ(plan->count("upload"), shares ? 0u : 1u);
  unsigned allocations = 0;
  for (unsigned run = 1; run <= 3; ++run) {
    EXPECT_OK(context->run({floats({2, 4}, std::vector<float>(8, 3))}));
    EXPECT_EQ(plan->count("upload"), shares ? 0u : 1 + run);
    EXPECT_EQ(plan->count("download"), shares ? 0u : run);
    EXPECT_EQ(plan->count("copy"), 0u);
    EXPECT_EQ(plan->count("launch"), 2 * run);
    // Later runs find what the first one allocated, but for the output on the host's memory.
    if (run > 1)
      EXPECT_EQ(plan->count("allocate"), allocations + (shares ? 1 : 0));
    allocations = plan->count("allocate");
  }
}

TEST_P(ProgramConformance, ADonatedStateStaysWhereItIs) {
  auto context = contextOf(stateProgram(), optionsFor(device));
  ASSERT_TRUE(context);
  Tensor state = floats({4}, {1, 2, 3, 4});
  auto kept = context->run({state});
  ASSERT_TRUE(kept.ok()) << kept.message();
  EXPECT_EQ(valuesOf<float>(state), (std::vector<float>{1, 2, 3, 4}));
  RunRequest request;
  request.inputs.emplace_back(state, "", /*donated=*/true);
  for (float step : {1.0f, 2.0f}) {
    auto moved = context->run(request);
    ASSERT_TRUE(moved.ok()) << moved.message();
    EXPECT_EQ((*moved)[0].data(), state.data());
    EXPECT_EQ(valuesOf<float>(state), (std::vector<float>{1 + step, 2 + step, 3 + step, 4 + step}));
  }
}

TEST_P(ProgramConformance, WritesToTheCallersOutputs) {
  auto context = contextOf(addProgram(), optionsFor(device));
  ASSERT_TRUE(context);
  RunRequest request = requestWith({1, 4}, {1, 2, 3, 4});
  request.outputs = {*Tensor::zeros(DType::F32, {1, 4})};
  auto outputs = context->run(request);
  ASSERT_TRUE(outputs.ok()) << outputs.message();
  EXPECT_EQ((*outputs)[0].data(), request.outputs[0].data());
  EXPECT_EQ(valuesOf<float>(request.outputs[0]), (std::vector<float>{4, 6, 8, 10}));
  // The same in the device's memory.
  BufferRef buffer = allocate(16);
  request.outputs = {*Tensor::over(DType::F32, {1, 4}, buffer)};
  outputs = context->run(request);
  ASSERT_TRUE(outputs.ok()) << outputs.message();
  std::vector<float> values(4);
  EXPECT_OK(queue->download(values.data(), buffer));
  EXPECT_OK(queue->synchronize());
  EXPECT_EQ(values, (std::vector<float>{4, 6, 8, 10}));
}

/// Tensors go from run to run without coming to the host.
TEST_P(ProgramConformance, OutputsMayStayOnTheDevice) {
  auto context = contextOf(stateProgram(), optionsFor(device));
  ASSERT_TRUE(context);
  Tensor state = floats({4}, {1, 2, 3, 4});
  std::shared_ptr<Memory> first;
  for (int round = 0; round < 3; ++round) {
    RunRequest request;
    request.inputs.emplace_back(state, "", /*donated=*/round > 0);
    request.outputsOnDevice = true;
    auto outputs = context->run(request);
    ASSERT_TRUE(outputs.ok()) << outputs.message();
    state = (*outputs)[0];
    EXPECT_EQ(state.onHost(), device->properties().sharesHostMemory);
    EXPECT_TRUE(queue->takes(*state.buffer().memory));
    // The donated one is updated in place.
    if (round > 0)
      EXPECT_EQ(state.buffer().memory, first);
    first = state.buffer().memory;
  }
  std::vector<float> values(4);
  EXPECT_OK(queue->download(values.data(), state.buffer()));
  EXPECT_OK(queue->synchronize());
  EXPECT_EQ(values, (std::vector<float>{4, 5, 6, 7}));
  // An input that lies on the device is not changed unless it is donated.
  auto plain = context->run({state});
  ASSERT_TRUE(plain.ok()) << plain.message();
  EXPECT_EQ(valuesOf<float>((*plain)[0]), (std::vector<float>{5, 6, 7, 8}));
  EXPECT_OK(queue->download(values.data(), state.buffer()));
  EXPECT_OK(queue->synchronize());
  EXPECT_EQ(values, (std::vector<float>{4, 5, 6, 7}));
}

TEST_P(ProgramConformance, ThreadsShareAProgramAndItsDevice) {
  auto program = share(forDevice(addProgram()));
  std::vector<int> wrong(4, 0);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      auto context = Context::create(program, optionsFor(device));
      for (int i = 0; context && i < 30; ++i) {
        int64_t n = (i + t) % 9;
        auto outputs =
            (*context)->run({floats({n, 4}, std::vector<float>(size_t(4 * n), float(t)))});
        wrong[t] += !outputs.ok() || valuesOf<float>((*outputs)[0]) !=
                                         std::vector<float>(size_t(4 * n), float(2 * t + 2));
      }
      wrong[t] += !context.ok();
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

TEST_P(ProgramConformance, RefusesTensorsOfOtherDevices) {
  auto context = contextOf(stateProgram(), optionsFor(device));
  ASSERT_TRUE(context);
  std::shared_ptr<Memory> foreign = GetParam().makeForeign();
  Tensor tensor = *Tensor::over(DType::F32, {4}, BufferRef::whole(foreign));
  std::string reason = "its tensor lies in memory of device '" + foreign->device()->name() +
                       "', which device '" + device->name() + "' cannot use";
  EXPECT_EQ(context->run({tensor}).message(), "input 'state': " + reason);
  RunRequest request = requestWith({4}, {1, 2, 3, 4});
  request.outputs = {tensor};
  EXPECT_EQ(context->run(request).message(), "input 'state': " + reason);
  EXPECT_EQ(tensor.clone().message(), "tensor<4xf32> lies in memory that the host cannot address");
}

void failAt(const tg_kernel_args *args, void *, int64_t, int64_t) {
  *args->error = static_cast<const int32_t *>(args->buffers[0])[0];
}

TEST_P(ProgramConformance, SaysWhichKernelFailed) {
  Program program;
  program.name = "failing";
  program.buffers = {bufferOf(BufferKind::Input, 4), constantOf<int32_t>({0})};
  program.inputs = {portOf("code", DType::I32, {}, 0)};
  program.code = {codeOf({{"fail", failAt}})};
  program.kernels = {kernelOf("fail", 1), kernelOf("fail", 1)};
  program.kernels[0].name = "fine";
  program.kernels[1].location = "model/gather";
  program.commands = {command(Launch{0, {1}}), command(Launch{1, {0}}), command(Launch{0, {1}})};
  auto codeTensor = [](int32_t code) { return tensorOf(DType::I32, {}, std::vector{code}); };
  ContextOptions options = optionsFor(device);
  EXPECT_OK(contextOf(program, options)->run({codeTensor(TG_KERNEL_INDEX_OUT_OF_RANGE)}));
  options.checkIndices = true;
  auto context = contextOf(program, options);
  EXPECT_EQ(context->run({codeTensor(TG_KERNEL_INDEX_OUT_OF_RANGE)}).message(),
            "kernel 'fail' (model/gather): an index is out of range");
  EXPECT_EQ(context->run({codeTensor(9)}).message(),
            "kernel 'fail' (model/gather) reported error 9");
  EXPECT_OK(context->run({codeTensor(0)}));
}

/// Context and run with the n-th call failing; then the context must still work.
TEST_P(ProgramConformance, EveryFaultIsOneCleanError) {
  for (const ProgramCase &each : programCases())
    for (bool profile : {false, true}) {
      auto plan = std::make_shared<FaultPlan>();
      auto faulty = makeFaulty(device, plan);
      ContextOptions options = optionsFor(faulty);
      options.profile = profile;
      unsigned n = 0;
      for (bool fired = true; fired;) {
        SCOPED_TRACE(each.name + ", call " + std::to_string(++n));
        ASSERT_LT(n, 1000u);
        plan->arm(n);
        auto context = Context::create(share(forDevice(each.make())), options);
        Result<std::vector<Tensor>> outputs =
            context ? (*context)->run(each.request()) : context.status();
        fired = !plan->fired().empty();
        EXPECT_EQ(outputs.ok(), !fired) << plan->fired() << ": " << outputs.message();
        if (fired)
          EXPECT_NE(outputs.message().find("injected fault in " + plan->fired()), std::string::npos)
              << outputs.message();
        plan->arm(0);
        if (context) {
          outputs = (*context)->run(each.request());
          ASSERT_TRUE(outputs.ok()) << outputs.message();
          EXPECT_EQ(valuesOf<float>((*outputs)[0]), each.expected);
        }
        context = error("gone");
        outputs = error("gone");
        EXPECT_EQ(plan->alive(), 0u);
      }
      // load, createQueue, allocations, launches and synchronize at the very least.
      EXPECT_GT(n, 4u) << each.name;
    }
}

INSTANTIATE_TEST_SUITE_P(Device, ProgramConformance, testing::ValuesIn(deviceCases()),
                         [](const auto &info) { return info.param.name; });

} // namespace
