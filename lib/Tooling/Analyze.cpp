//===- Analyze.cpp - Compares tg with the simplest way of running a model ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Tooling/Analyze.h"

#include "tg/Dialect/UOp/UOp.h"
#include "tg/Engine/Fusion.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"

#include <atomic>
#include <cmath>

using namespace mlir;
using namespace tg;
using namespace tg::run;

namespace {

//===----------------------------------------------------------------------===//
// One kernel per operation of the model
//===----------------------------------------------------------------------===//

/// The single places that a location is made of.
void collectPlaces(Location loc, llvm::SmallSetVector<Attribute, 4> &places) {
  if (auto fused = dyn_cast<FusedLoc>(loc)) {
    for (Location part : fused.getLocations())
      collectPlaces(part, places);
  } else if (!isa<UnknownLoc>(loc)) {
    places.insert(loc);
  }
}

bool comeFromOneOperation(Operation *a, Operation *b) {
  llvm::SmallSetVector<Attribute, 4> mine, others;
  collectPlaces(a->getLoc(), mine);
  collectPlaces(b->getLoc(), others);
  return llvm::any_of(mine, [&](Attribute place) { return others.contains(place); });
}

/// Stores what goes from one operation of the model to another. What is only within one is not:
/// nobody stores the terms of a polynomial, or the products that a product of matrices adds up.
class OperationByOperation final : public FusionStrategy {
public:
  std::string whyStored(const RecomputeCandidate &candidate) const override {
    Operation *op = candidate.value.getDefiningOp();
    bool isInner = llvm::all_of(op->getUsers(), [&](Operation *user) {
      return comeFromOneOperation(op, user) || isProductOf(op, user);
    });
    return isInner ? "" : "result of an operation of the model";
  }
  std::string whyApart(const MergeCandidate &) const override {
    return "each operation has its own kernel";
  }

private:
  /// Whether `user` adds up the products `op`, as a product of matrices does.
  static bool isProductOf(Operation *op, Operation *user) {
    auto reduce = dyn_cast<uop::ReduceOp>(user);
    return reduce && isa<uop::MulOp>(op) && op->hasOneUse();
  }
};

constexpr char baselineFusion[] = "operation-by-operation";

//===----------------------------------------------------------------------===//
// The baseline's memory
//===----------------------------------------------------------------------===//

/// Bytes in use over the commands of a program that allocates each buffer when it is first written
/// and frees it after its last use. Sizes that the program computes are not known afterwards.
class LiveBytes {
public:
  LiveBytes(const rt::Program &program, const rt::ProgramLayout &layout, unsigned workers)
      : layout(layout), workers(workers), first(program.buffers.size()) {
    visit(program.commands, std::nullopt);
    std::vector<int64_t> change(scratch.size() + 1);
    for (auto [id, buffer] : llvm::enumerate(program.buffers)) {
      int64_t bytes = layout.buffers[id].bytes.value_or(0);
      if (buffer.kind == rt::BufferKind::Temp) {
        change[buffer.firstUse] += bytes;
        change[std::min<size_t>(buffer.lastUse + 1, scratch.size())] -= bytes;
      } else if (buffer.kind == rt::BufferKind::Output) {
        change[first[id].value_or(0)] += bytes;
      } else {
        continue;
      }
      total += bytes;
    }
    uint64_t largestScratch = 0;
    int64_t live = 0;
    for (auto [at, needed] : llvm::enumerate(scratch)) {
      live += change[at];
      peak = std::max(peak, uint64_t(live) + needed);
      largestScratch = std::max(largestScratch, needed);
    }
    total += largestScratch;
  }

  /// `total`: with nothing freed.
  uint64_t peak = 0, total = 0;

private:
  /// `outer`: the loop around the commands, in which what is written once stays.
  void visit(const std::vector<rt::Command> &commands, std::optional<size_t> outer) {
    for (const rt::Command &command : commands) {
      size_t index = scratch.size(), since = outer.value_or(index);
      scratch.push_back(0);
      auto use = [&](rt::BufferId id) { first[id] = first[id].value_or(since); };
      if (auto *launch = std::get_if<rt::Launch>(&command.op)) {
        llvm::for_each(launch->buffers, use);
        uint64_t bytes = layout.kernels[launch->kernel].workspaceBytes.value_or(0);
        scratch[index] = llvm::alignTo(bytes, rt::bufferAlignment) * workers;
      } else if (auto *copy = std::get_if<rt::Copy>(&command.op)) {
        use(copy->destination);
      } else if (auto *fill = std::get_if<rt::Fill>(&command.op)) {
        use(fill->destination);
      } else if (auto *branch = std::get_if<rt::If>(&command.op)) {
        visit(branch->thenBody, outer);
        visit(branch->elseBody, outer);
      } else if (auto *loop = std::get_if<rt::For>(&command.op)) {
        visit(loop->body, since);
      } else if (auto *loop = std::get_if<rt::While>(&command.op)) {
        visit(loop->before, since);
        visit(loop->after, since);
      }
    }
  }

  const rt::ProgramLayout &layout;
  unsigned workers;
  std::vector<std::optional<size_t>> first; ///< The command that first uses a buffer.
  std::vector<uint64_t> scratch;            ///< By command: the kernel's workspace.
};

//===----------------------------------------------------------------------===//
// Measuring
//===----------------------------------------------------------------------===//

/// Counts what goes through it. Thread safe.
class CountingAllocator : public rt::Allocator {
public:
  void *allocate(size_t bytes, size_t alignment) override {
    void *memory = heap->allocate(bytes, alignment);
    if (!memory)
      return nullptr;
    ++count;
    total += bytes;
    uint64_t now = live += bytes, before = peak;
    while (before < now && !peak.compare_exchange_weak(before, now))
      ;
    return memory;
  }
  void deallocate(void *memory, size_t bytes, size_t alignment) override {
    live -= bytes;
    heap->deallocate(memory, bytes, alignment);
  }

  std::atomic<uint64_t> count{0}, total{0}, live{0}, peak{0};

private:
  std::shared_ptr<rt::Allocator> heap = rt::createHeapAllocator();
};

/// One mode while it is measured.
struct Mode {
  ModeAnalysis result;
  std::vector<KernelInfo> kernels;
  std::shared_ptr<const rt::Program> program;
  rt::ContextOptions options;
  std::shared_ptr<CountingAllocator> allocator = std::make_shared<CountingAllocator>();
  std::unique_ptr<rt::Context> context;
  std::vector<rt::Tensor> outputs;
  std::vector<double> times;
};

class Analyzer {
public:
  Analyzer(ModuleOp module, const CompileOptions &compileOptions,
           const std::vector<StageTime> &importStages, const Signature &signature,
           const std::vector<rt::Tensor> &inputs, const Options &options)
      : module(module), compileOptions(compileOptions), importStages(importStages),
        signature(signature), inputs(inputs), options(options), runtime(rt::Runtime::create()),
        pool(rt::createThreadPool(options.threads)) {}

  rt::Result<Analysis> run() {
    analysis.model = options.model;
    analysis.threads = pool->numWorkers();
    if (auto device = runtime->devices.get("cpu"); device.ok())
      analysis.processor = (*device)->properties().description;
    for (const rt::Tensor &tensor : inputs)
      analysis.inputBytes += tensor.byteSize();
    bool isBoth = options.analyzeMode == "both";
    for (const char *name : {"baseline", "optimized"})
      if (isBoth || options.analyzeMode == name)
        if (rt::Status status = start(name); !status.ok())
          return status;
    if (rt::Status status = measureTimes(); !status.ok())
      return status;
    uint64_t touched = 0;
    for (Mode &mode : modes)
      touched = std::max(touched, mode.result.allocatedBytes);
    rt::Result<Roof> roof =
        measureRoof(*pool, touched + analysis.inputBytes + analysis.constantBytes);
    if (!roof.ok())
      return roof.status();
    analysis.roof = *roof;
    for (Mode &mode : modes)
      if (rt::Status status = measureKernels(mode); !status.ok())
        return status;
    if (modes.size() == 2)
      for (size_t i = 0; i < signature.outputs.size(); ++i)
        compare(signature.outputs[i].name, modes[0].outputs[i], modes[1].outputs[i]);
    for (Mode &mode : modes)
      analysis.modes.push_back(std::move(mode.result));
    return std::move(analysis);
  }

private:
  rt::Status start(const std::string &name) {
    Mode mode;
    mode.result.name = name;
    mode.options.runtime = runtime;
    mode.options.threadPool = pool;
    mode.options.checkIndices = options.compile.checkIndices;
    mode.options.memoryPlanner = options.memoryPlanner;
    mode.options.allocator = mode.allocator;
    CompileOptions compiling = compileOptions;
    if (name == "baseline") {
      registerFusionStrategy(baselineFusion,
                             [] { return std::make_unique<OperationByOperation>(); });
      compiling.fusion = options.analyzeBaseline.empty() ? baselineFusion : options.analyzeBaseline;
      compiling.inPlace = false;
      mode.options.memoryPlanner = "none";
      mode.options.separateBuffers = true;
    }
    mode.result.fusion = compiling.fusion;
    OwningOpRef<ModuleOp> copy = module.clone();
    FailureOr<Compilation> compilation = compile(*copy, compiling);
    if (failed(compilation))
      return rt::error("");
    mode.program = compilation->program;
    mode.kernels = std::move(compilation->kernels);
    mode.result.distinctKernels = mode.kernels.size();
    mode.result.stages = importStages;
    llvm::append_range(mode.result.stages, compilation->stages);
    auto created = rt::Context::create(mode.program, mode.options);
    if (!created.ok())
      return created.status();
    mode.context = std::move(*created);
    if (rt::Status status = runOnce(mode, *mode.context); !status.ok())
      return status;
    mode.result.allocations = mode.allocator->count;
    mode.result.allocatedBytes = mode.allocator->total;
    mode.result.peakBytes = mode.allocator->peak;
    if (mode.options.separateBuffers) {
      // The context keeps its buffers for the next run. What sizes the program computes is in none
      // of these sums; it counts as in use throughout.
      LiveBytes bytes(*mode.program, mode.context->layout(), pool->numWorkers());
      mode.result.peakBytes -= bytes.total - bytes.peak;
    }
    analysis.constantBytes =
        std::max(analysis.constantBytes, mode.context->statistics().constantBytes);
    if (rt::Status status = addPlanningTime(mode); !status.ok())
      return status;
    modes.push_back(std::move(mode));
    return {};
  }

  /// Placing buffers is the first run's work in a context; here it counts as compiling.
  rt::Status addPlanningTime(Mode &mode) {
    auto planner = runtime->memoryPlanners.get(mode.options.memoryPlanner);
    if (!planner.ok())
      return planner.status();
    const rt::ProgramLayout last = mode.context->layout();
    for (size_t i = 0; i < mode.program->vars.size(); ++i)
      if (last.vars[i])
        analysis.vars[mode.program->vars[i].name] = *last.vars[i];
    Clock::time_point begin = Clock::now();
    rt::Result<rt::ProgramLayout> layout =
        rt::layoutProgram(*mode.program, analysis.vars, **planner);
    if (!layout.ok())
      return layout.status();
    for (StageTime &stage : mode.result.stages)
      if (stage.stage == "memory")
        stage.milliseconds += millisecondsSince(begin);
    return {};
  }

  rt::Status runOnce(Mode &mode, rt::Context &context) {
    rt::Result<std::vector<rt::Tensor>> outputs = context.run(inputs, options.dims);
    if (!outputs.ok())
      return outputs.status();
    mode.outputs = std::move(*outputs);
    return {};
  }

  /// The modes take turns, so that what else the machine does meets both.
  rt::Status measureTimes() {
    constexpr size_t minRuns = 10;
    double seconds = options.benchmarkSeconds.value_or(2);
    Clock::time_point begin = Clock::now();
    for (size_t i = 0; i < minRuns || millisecondsSince(begin) < seconds * 1000; ++i)
      for (Mode &mode : modes) {
        uint64_t before = mode.allocator->count;
        Clock::time_point start = Clock::now();
        if (rt::Status status = runOnce(mode, *mode.context); !status.ok())
          return status;
        mode.times.push_back(millisecondsSince(start));
        mode.result.laterAllocations = mode.allocator->count - before;
      }
    for (Mode &mode : modes)
      mode.result.latency = Latency::of(mode.times);
    return {};
  }

  /// Timing every launch slows a run down a little, so this is apart.
  rt::Status measureKernels(Mode &mode) {
    rt::ContextOptions contextOptions = mode.options;
    contextOptions.profile = true;
    mode.context.reset();
    auto created = rt::Context::create(mode.program, contextOptions);
    if (!created.ok())
      return created.status();
    // The first run also touches new memory.
    if (rt::Status status = runOnce(mode, **created); !status.ok())
      return status;
    (*created)->resetProfile();
    Clock::time_point begin = Clock::now();
    for (int i = 0; i < 3 || millisecondsSince(begin) < 200; ++i)
      if (rt::Status status = runOnce(mode, **created); !status.ok())
        return status;
    rt::Profile profile = (*created)->profile();
    double runs = std::max<double>(double(profile.runs), 1);
    for (auto [record, info] : llvm::zip_equal(profile.kernels, mode.kernels)) {
      KernelAnalysis kernel;
      kernel.name = record.name;
      kernel.location = record.location;
      kernel.shape = info.shape;
      kernel.launches = double(record.count) / runs;
      kernel.milliseconds = double(record.nanoseconds) / 1e6 / runs;
      kernel.flops = record.flops / runs;
      kernel.bytes = record.bytes / runs;
      if (kernel.launches > 0 && kernel.bytes > 0)
        kernel.bound = isMemoryBound({kernel.flops, kernel.bytes}, analysis.roof.getMachine())
                           ? "memory"
                           : "compute";
      if (kernel.milliseconds > 0)
        kernel.ofRoof = estimateNs({kernel.flops, kernel.bytes}, analysis.roof.getMachine()) *
                        1e-6 / kernel.milliseconds;
      mode.result.launches += kernel.launches;
      mode.result.flops += kernel.flops;
      mode.result.bytesMoved += kernel.bytes;
      mode.result.kernels.push_back(std::move(kernel));
    }
    llvm::stable_sort(mode.result.kernels, [](const KernelAnalysis &a, const KernelAnalysis &b) {
      return a.milliseconds > b.milliseconds;
    });
    return {};
  }

  void compare(const std::string &name, const rt::Tensor &expected, const rt::Tensor &actual) {
    DifferenceAnalysis result;
    result.output = name;
    result.elements = expected.numElements();
    bool isFloating = isFloat(expected.dtype());
    auto get = [&](const rt::Tensor &tensor, int64_t i) {
      return isFloating ? tensor.getDouble(i) : double(tensor.getInt(i));
    };
    for (int64_t i = 0; i < result.elements; ++i) {
      double a = get(expected, i), b = get(actual, i);
      if (std::isfinite(a))
        result.magnitude = std::max(result.magnitude, std::abs(a));
      bool isSame = isFloating ? a == b || (std::isnan(a) && std::isnan(b))
                               : expected.getInt(i) == actual.getInt(i);
      if (isSame)
        continue;
      ++result.different;
      double difference = std::abs(a - b);
      result.largest = std::max(result.largest, std::isnan(difference) ? INFINITY : difference);
    }
    analysis.differences.push_back(std::move(result));
  }

  ModuleOp module;
  const CompileOptions &compileOptions;
  const std::vector<StageTime> &importStages;
  const Signature &signature;
  const std::vector<rt::Tensor> &inputs;
  const Options &options;
  std::shared_ptr<rt::Runtime> runtime;
  std::shared_ptr<rt::ThreadPool> pool;
  std::vector<Mode> modes;
  Analysis analysis;
};

} // namespace

double ModeAnalysis::compileTime() const {
  double total = 0;
  for (const StageTime &stage : stages)
    total += stage.milliseconds;
  return total;
}

rt::Result<Analysis> run::analyze(ModuleOp module, const CompileOptions &compileOptions,
                                  const std::vector<StageTime> &importStages,
                                  const Signature &signature, const std::vector<rt::Tensor> &inputs,
                                  const Options &options) {
  return Analyzer(module, compileOptions, importStages, signature, inputs, options).run();
}
