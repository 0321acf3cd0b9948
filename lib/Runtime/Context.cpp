//===- Context.cpp - Runs a program -----------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tg/Runtime/Context.h"

#include "Executor.h"

#include "tg/Runtime/Devices/Cpu/CpuFeatures.h"

#include <algorithm>
#include <chrono>

namespace tg::rt {
namespace {

/// Bindings of the vars whose plans a context keeps.
constexpr size_t maxPlans = 64;

int64_t steadyNow() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

} // namespace

struct Context::Impl {
  Impl(std::shared_ptr<const Program> program, ContextOptions options)
      : program(std::move(program)), options(std::move(options)), info(*this->program) {}

  Status initialize();
  Status loadCode();
  Result<std::shared_ptr<const Plan>> planFor(const std::vector<int64_t> &vars);
  Result<std::vector<Tensor>> run(const RunRequest &request);
  Profile emptyProfile() const;

  const std::shared_ptr<const Program> program;
  ContextOptions options;
  const ProgramInfo info;
  std::shared_ptr<Device> device;
  std::shared_ptr<const MemoryPlanner> planner;
  std::vector<std::shared_ptr<const LoadedCode>> code;
  std::vector<void *> functions;
  unsigned workers = 1;

  /// Guards all below: one run at a time.
  std::mutex mutex;
  std::unique_ptr<Queue> queue;
  std::map<std::vector<int64_t>, std::shared_ptr<const Plan>> plans;
  GrowingBlock arena;
  GrowingBlock workspace;
  /// By buffer; empty unless options.separateBuffers.
  std::vector<GrowingBlock> separate;
  /// Of the last run.
  std::shared_ptr<const Plan> lastPlan;
  std::vector<int64_t> lastVars;
  ContextStatistics statistics;
  Profile profile;
};

Status Context::Impl::initialize() {
  std::string deviceName = program->kernels.empty() ? "cpu" : program->kernels[0].device;
  for (const Kernel &kernel : program->kernels)
    if (kernel.device != deviceName)
      return error("kernels '" + program->kernels[0].name + "' and '" + kernel.name +
                   "' are for different devices ('" + deviceName + "' and '" + kernel.device +
                   "'); a context runs on one");
  if (!options.runtime)
    options.runtime = Runtime::create();
  Result<std::shared_ptr<Device>> found = options.runtime->devices.get(deviceName);
  if (!found)
    return found.status();
  device = *found;
  Result<std::shared_ptr<const MemoryPlanner>> strategy =
      options.runtime->memoryPlanners.get(options.memoryPlanner);
  if (!strategy)
    return strategy.status();
  planner = *strategy;
  if (!options.allocator)
    options.allocator = device->allocator();
  if (!options.log)
    options.log = createStderrLog();
  if (!options.threadPool)
    options.threadPool = createThreadPool(options.threads);
  workers = std::max(1u, options.threadPool->numWorkers());
  if (options.threads)
    workers = std::min(workers, options.threads);
  Result<std::unique_ptr<Queue>> made = device->createQueue(options.threadPool);
  if (!made)
    return made.status();
  queue = std::move(*made);
  for (const Buffer &buffer : program->buffers)
    statistics.constantBytes += buffer.constant.size;
  profile = emptyProfile();
  if (options.separateBuffers)
    separate.resize(program->buffers.size());
  return loadCode();
}

Status Context::Impl::loadCode() {
  for (const CodeModule &module : program->code) {
    if (module.loaded) {
      // Freshly compiled, maybe for another processor than this one.
      if (Status status = checkCpuFeatures(module.features); !status)
        return status.in("program '" + program->name + "'");
      code.push_back(module.loaded);
      continue;
    }
    Result<std::shared_ptr<const LoadedCode>> loaded = device->load(module);
    if (!loaded)
      return loaded.status().in("program '" + program->name + "'");
    code.push_back(*loaded);
  }
  for (const Kernel &kernel : program->kernels) {
    functions.push_back(code[kernel.code]->lookup(kernel.symbol));
    if (!functions.back())
      return error("kernel '" + kernel.name + "': its code has no symbol '" + kernel.symbol + "'");
  }
  return Status::success();
}

Result<std::shared_ptr<const Plan>> Context::Impl::planFor(const std::vector<int64_t> &vars) {
  auto found = plans.find(vars);
  if (found != plans.end())
    return found->second;
  Result<Plan> made = makePlan(*program, info, vars, *planner);
  if (!made)
    return made.status();
  if (plans.size() >= maxPlans)
    plans.clear();
  auto plan = std::make_shared<const Plan>(std::move(*made));
  plans[vars] = plan;
  options.log->log(LogLevel::Debug, "planned '" + program->name + "': arena " +
                                        std::to_string(plan->arenaBytes) + " bytes, bound " +
                                        std::to_string(plan->lowerBound));
  return plan;
}

Result<std::vector<Tensor>> Context::Impl::run(const RunRequest &request) {
  Result<Binding> binding = bindRequest(*program, info, request);
  if (!binding)
    return binding.status();
  std::lock_guard<std::mutex> lock(mutex);
  Result<std::shared_ptr<const Plan>> plan = planFor(binding->vars);
  if (!plan)
    return plan.status();
  lastPlan = *plan;
  lastVars = binding->vars;
  int64_t start = options.profile ? steadyNow() : 0;
  ExecutorResources resources{*program,
                              info,
                              functions,
                              *queue,
                              options.allocator,
                              arena,
                              workspace,
                              workers,
                              options.checkIndices,
                              options.separateBuffers ? &separate : nullptr,
                              options.profile ? &profile : nullptr};
  Executor executor(std::move(resources), **plan, *binding);
  Result<std::vector<Tensor>> outputs = executor.run(request.outputs);
  if (options.profile)
    profile.record({-1, start, steadyNow() - start, 0, 0});
  statistics.arenaBytes = (*plan)->arenaBytes;
  statistics.arenaLowerBound = (*plan)->lowerBound;
  statistics.workspaceBytes = workspace.size;
  return outputs;
}

Profile Context::Impl::emptyProfile() const {
  Profile result;
  if (options.profile)
    for (const Kernel &kernel : program->kernels) {
      KernelRecord record;
      record.name = kernel.name;
      record.location = kernel.location;
      result.kernels.push_back(std::move(record));
    }
  return result;
}

Context::Context(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
Context::~Context() = default;

Result<std::unique_ptr<Context>> Context::create(std::shared_ptr<const Program> program,
                                                 ContextOptions options) {
  if (!program)
    return error("there is no program to run");
  if (Status status = program->verify(); !status)
    return status;
  auto impl = std::make_unique<Impl>(std::move(program), std::move(options));
  if (Status status = impl->initialize(); !status)
    return status;
  return std::unique_ptr<Context>(new Context(std::move(impl)));
}

Result<std::vector<Tensor>> Context::run(const RunRequest &request) { return impl->run(request); }

Result<std::vector<Tensor>> Context::run(const std::vector<Tensor> &inputs,
                                         const std::map<std::string, int64_t> &vars) {
  RunRequest request;
  for (const Tensor &tensor : inputs)
    request.inputs.emplace_back(tensor);
  request.vars = vars;
  return impl->run(request);
}

const Program &Context::program() const { return *impl->program; }

ContextStatistics Context::statistics() const {
  std::lock_guard<std::mutex> lock(impl->mutex);
  return impl->statistics;
}

ProgramLayout Context::layout() const {
  std::lock_guard<std::mutex> lock(impl->mutex);
  if (!impl->lastPlan)
    return {};
  return layoutOf(*impl->program, impl->info, impl->lastVars, *impl->lastPlan);
}

Profile Context::profile() const {
  std::lock_guard<std::mutex> lock(impl->mutex);
  return impl->profile;
}

void Context::resetProfile() {
  std::lock_guard<std::mutex> lock(impl->mutex);
  impl->profile = impl->emptyProfile();
}

} // namespace tg::rt
