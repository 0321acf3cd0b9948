//===- Execute.cpp - Runs compiled programs ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Tooling/Programs/Execute.h"

#include "tg/Runtime/Devices/Remote/RemoteDevice.h"

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace tg;
using namespace tg::run;

double run::millisecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

Latency Latency::of(std::vector<double> times) {
  Latency result;
  result.runs = times.size();
  if (times.empty())
    return result;
  std::sort(times.begin(), times.end());
  size_t middle = times.size() / 2;
  result.median = times.size() % 2 ? times[middle] : (times[middle - 1] + times[middle]) / 2;
  result.min = times.front();
  for (double time : times)
    result.mean += time / times.size();
  for (double time : times)
    result.deviation += (time - result.mean) * (time - result.mean) / times.size();
  result.deviation = std::sqrt(result.deviation);
  return result;
}

std::string Latency::print() const {
  char text[160];
  std::snprintf(text, sizeof text,
                "latency %.4f ms median, %.4f mean, %.4f deviation, %.4f min, %u runs", median,
                mean, deviation, min, runs);
  return text;
}

std::string Execution::printPlanners() const {
  std::string result = "memory planners:";
  for (const std::string &name : samePlanners)
    result += (&name == &samePlanners.front() ? " " : ", ") + name;
  return result + " give the same bytes";
}

rt::Status run::timeRuns(const Options &options, Clock::time_point start,
                         const std::function<rt::Status()> &runOnce, Execution &result) {
  rt::Status status = runOnce();
  if (!status.ok())
    return status;
  result.firstResult = millisecondsSince(start);
  if (!options.benchmarkSeconds)
    return {};
  std::vector<double> times;
  Clock::time_point begin = Clock::now();
  while (times.empty() || millisecondsSince(begin) < *options.benchmarkSeconds * 1000) {
    Clock::time_point before = Clock::now();
    if (status = runOnce(); !status.ok())
      return status;
    times.push_back(millisecondsSince(before));
  }
  result.latency = Latency::of(std::move(times));
  return {};
}

std::shared_ptr<rt::Runtime> run::makeRuntime(const std::string &deviceMemory) {
  if (deviceMemory != "remote")
    return rt::Runtime::create();
  rt::RemoteDeviceOptions device;
  device.name = "cpu";
  // The same layout as on the host: figures that tests know hold there, too.
  device.alignment = rt::bufferAlignment;
  auto runtime = std::make_shared<rt::Runtime>();
  runtime->devices.add(rt::createRemoteDevice(device));
  return runtime;
}

/// Donates copies: the caller compares with its inputs afterwards.
static rt::Result<rt::RunRequest> makeRequest(const rt::Program &program,
                                              const std::vector<rt::Tensor> &inputs,
                                              const Options &options) {
  rt::RunRequest request;
  request.vars = options.dims;
  for (size_t i = 0; i < inputs.size(); ++i) {
    bool isDonated = std::count(options.compile.donated.begin(), options.compile.donated.end(),
                                i < program.inputs.size() ? program.inputs[i].name : "");
    rt::Result<rt::Tensor> copy = isDonated ? inputs[i].clone() : inputs[i];
    if (!copy.ok())
      return copy.status();
    request.inputs.emplace_back(std::move(*copy), std::string(), isDonated);
  }
  return request;
}

/// Where buffers lie must not show: runs with every other planner, and with an allocation for each
/// buffer.
static rt::Status comparePlanners(const std::shared_ptr<const rt::Program> &program,
                                  const std::shared_ptr<rt::Runtime> &runtime,
                                  const std::vector<rt::Tensor> &inputs, const Options &options,
                                  Execution &result) {
  std::vector<std::string> names = rt::MemoryPlannerRegistry().names();
  names.erase(std::remove(names.begin(), names.end(), options.memoryPlanner), names.end());
  const std::string separate = "separate allocations";
  names.push_back(separate);
  for (const std::string &name : names) {
    rt::ContextOptions contextOptions;
    contextOptions.runtime = runtime;
    contextOptions.threads = options.threads;
    contextOptions.checkIndices = options.compile.checkIndices;
    contextOptions.separateBuffers = name == separate;
    if (name != separate)
      contextOptions.memoryPlanner = name;
    auto context = rt::Context::create(program, contextOptions);
    if (!context.ok())
      return context.status();
    rt::Result<rt::RunRequest> request = makeRequest(*program, inputs, options);
    if (!request.ok())
      return request.status();
    rt::Result<std::vector<rt::Tensor>> outputs = (*context)->run(*request);
    if (!outputs.ok())
      return outputs.status().in("with " + name);
    for (size_t i = 0; i < outputs->size(); ++i) {
      const rt::Tensor &one = result.outputs[i], &other = (*outputs)[i];
      if (one.shape() != other.shape() ||
          (one.byteSize() && std::memcmp(one.data(), other.data(), one.byteSize())))
        return rt::Status::error("output '" + program->outputs[i].name +
                                 "' depends on the memory planner: '" + name +
                                 "' gives other bytes than '" + options.memoryPlanner + "'");
    }
    result.samePlanners.push_back(name);
  }
  return {};
}

rt::Result<Execution> run::execute(std::shared_ptr<const rt::Program> program,
                                   const std::vector<rt::Tensor> &inputs, const Options &options,
                                   Clock::time_point start) {
  rt::ContextOptions contextOptions;
  contextOptions.runtime = makeRuntime(options.deviceMemory);
  contextOptions.threads = options.threads;
  contextOptions.checkIndices = options.compile.checkIndices;
  contextOptions.memoryPlanner = options.memoryPlanner;
  contextOptions.profile = options.debug >= 2 || !options.profile.empty();
  auto created = rt::Context::create(program, contextOptions);
  if (!created.ok())
    return created.status();
  std::unique_ptr<rt::Context> context = std::move(*created);
  rt::Result<rt::RunRequest> request = makeRequest(context->program(), inputs, options);
  if (!request.ok())
    return request.status();
  Execution result;
  auto runOnce = [&]() -> rt::Status {
    rt::Result<std::vector<rt::Tensor>> outputs = context->run(*request);
    if (!outputs.ok())
      return outputs.status();
    // Later runs go on with what this one left in a donated input.
    if (!options.compile.donated.empty() && !result.outputs.empty())
      return {};
    result.outputs = std::move(*outputs);
    if (!options.compile.donated.empty())
      for (rt::Tensor &output : result.outputs) {
        rt::Result<rt::Tensor> copy = output.clone();
        if (!copy.ok())
          return copy.status();
        output = std::move(*copy);
      }
    return {};
  };
  if (rt::Status status = timeRuns(options, start, runOnce, result); !status.ok())
    return status;
  result.memory = context->statistics();
  result.layout = context->layout();
  result.profile = context->profile();
  if (!options.profile.empty())
    if (rt::Status status = rt::writeChromeTrace(result.profile, options.profile); !status.ok())
      return status;
  if (options.comparePlanners)
    if (rt::Status status =
            comparePlanners(program, contextOptions.runtime, inputs, options, result);
        !status.ok())
      return status;
  return result;
}
