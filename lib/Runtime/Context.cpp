//===- Context.cpp - Runs a program -----------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tg/Runtime/Context.h"

#include "Executor.h"

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
  Status findDevice();
  Status loadCode();
  Status makeQueue();
  Status placeConstants();
  Status uploadConstants(const std::vector<uint64_t> &offsets, uint64_t bytes);
  Result<std::shared_ptr<const Plan>> planFor(const std::vector<int64_t> &vars);
  Result<std::vector<Tensor>> run(const RunRequest &request);
  Profile emptyProfile() const;

  const std::shared_ptr<const Program> program;
  ContextOptions options;
  const ProgramInfo info;
  MemorySource source;
  std::shared_ptr<const MemoryPlanner> planner;
  std::vector<Function> functions;

  /// Guards all below: one run at a time.
  std::mutex mutex;
  std::map<std::vector<int64_t>, std::shared_ptr<const Plan>> plans;
  KeptMemory kept;
  /// Null when the last run left it in a state that nobody knows; the next one makes another.
  std::unique_ptr<Queue> queue;
  /// Of the last run.
  std::shared_ptr<const Plan> lastPlan;
  std::vector<int64_t> lastVars;
  ContextStatistics statistics;
  Profile profile;
};

Status Context::Impl::initialize() {
  if (!options.runtime)
    options.runtime = Runtime::create();
  if (Status status = findDevice(); !status)
    return status;
  Result<std::shared_ptr<const MemoryPlanner>> strategy =
      options.runtime->memoryPlanners.get(options.memoryPlanner);
  if (!strategy)
    return strategy.status();
  planner = *strategy;
  if (!options.log)
    options.log = createStderrLog();
  profile = emptyProfile();
  if (options.separateBuffers)
    kept.separate.resize(program->buffers.size());
  kept.ports.resize(program->buffers.size());
  for (Status (Impl::*step)() : {&Impl::loadCode, &Impl::makeQueue, &Impl::placeConstants})
    if (Status status = (this->*step)(); !status)
      return status;
  return Status::success();
}

Status Context::Impl::findDevice() {
  std::string deviceName = program->kernels.empty() ? "cpu" : program->kernels[0].device;
  for (const Kernel &kernel : program->kernels)
    if (kernel.device != deviceName)
      return error("kernels '" + program->kernels[0].name + "' and '" + kernel.name +
                   "' are for different devices ('" + deviceName + "' and '" + kernel.device +
                   "'); a context runs on one");
  Result<std::shared_ptr<Device>> found = options.runtime->devices.get(deviceName);
  if (!found)
    return found.status();
  DeviceProperties properties = (*found)->properties();
  source.device = *found;
  source.allocator = options.allocator;
  source.sharesHostMemory = properties.sharesHostMemory;
  source.alignment = std::max<uint64_t>(properties.alignment, bufferAlignment);
  return Status::success();
}

Status Context::Impl::loadCode() {
  std::vector<std::shared_ptr<const LoadedCode>> code;
  for (const CodeModule &module : program->code) {
    Result<std::shared_ptr<const LoadedCode>> loaded = source.device->load(module);
    if (!loaded)
      return loaded.status().in("program '" + program->name + "'");
    code.push_back(*loaded);
  }
  for (const Kernel &kernel : program->kernels) {
    Function function;
    function.name = kernel.name;
    function.code = code[kernel.code];
    function.entry = function.code->lookup(kernel.symbol);
    function.workspaceBytes = kernel.workspaceBytes;
    if (!function.entry)
      return error("kernel '" + kernel.name + "': its code has no symbol '" + kernel.symbol + "'");
    functions.push_back(std::move(function));
  }
  return Status::success();
}

Status Context::Impl::makeQueue() {
  QueueOptions queueOptions;
  // A pool of its own would start threads anew with every queue.
  if (!options.threadPool)
    options.threadPool = createThreadPool(options.threads);
  queueOptions.threadPool = options.threadPool;
  queueOptions.threads = options.threads;
  queueOptions.allocator = options.allocator;
  Result<std::unique_ptr<Queue>> made = source.device->createQueue(queueOptions);
  if (!made)
    return made.status();
  queue = std::move(*made);
  return Status::success();
}

/// The program's own bytes where the device works on host memory, else one block with copies.
Status Context::Impl::placeConstants() {
  kept.constants.resize(program->buffers.size());
  std::vector<uint64_t> offsets(program->buffers.size());
  uint64_t end = 0;
  for (BufferId id = 0; id < program->buffers.size(); ++id) {
    const Blob &constant = program->buffers[id].constant;
    if (program->buffers[id].kind != BufferKind::Constant)
      continue;
    statistics.constantBytes += constant.size;
    offsets[id] = end;
    end += (constant.size + source.alignment - 1) / source.alignment * source.alignment;
    // Kernels do not write to constants.
    if (source.sharesHostMemory)
      kept.constants[id] = BufferRef::whole(
          wrapHostMemory(std::const_pointer_cast<void>(constant.data), constant.size));
  }
  return source.sharesHostMemory || end == 0 ? Status::success() : uploadConstants(offsets, end);
}

Status Context::Impl::uploadConstants(const std::vector<uint64_t> &offsets, uint64_t bytes) {
  Result<std::shared_ptr<Memory>> memory = source.allocate(bytes);
  if (!memory)
    return memory.status().in("constants");
  for (BufferId id = 0; id < program->buffers.size(); ++id) {
    const Blob &constant = program->buffers[id].constant;
    if (program->buffers[id].kind != BufferKind::Constant)
      continue;
    kept.constants[id] = BufferRef(*memory, offsets[id], constant.size);
    if (Status status = queue->upload(kept.constants[id], constant.data.get()); !status)
      return status.in("constants");
  }
  return queue->synchronize().status().in("constants");
}

Result<std::shared_ptr<const Plan>> Context::Impl::planFor(const std::vector<int64_t> &vars) {
  auto found = plans.find(vars);
  if (found != plans.end())
    return found->second;
  Result<Plan> made = makePlan(*program, info, vars, *planner, source.alignment);
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
  if (lastPlan != *plan)
    kept.inArena.clear();
  lastPlan = *plan;
  lastVars = binding->vars;
  if (!queue)
    if (Status status = makeQueue(); !status)
      return status;
  int64_t start = options.profile ? steadyNow() : 0;
  RunResources resources{*program,
                         info,
                         functions,
                         queue,
                         source,
                         kept,
                         options.checkIndices,
                         options.profile ? &profile : nullptr};
  Result<std::vector<Tensor>> outputs =
      Executor(std::move(resources), **plan, *binding, request).run();
  if (options.profile)
    profile.record({-1, start, steadyNow() - start, 0, 0});
  statistics.arenaBytes = (*plan)->arenaBytes;
  statistics.arenaLowerBound = (*plan)->lowerBound;
  statistics.workspaceBytes = queue ? queue->workspaceBytes() : 0;
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
