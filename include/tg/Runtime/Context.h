//===- Context.h - Runs a program -------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   auto context = Context::create(program);
//   auto outputs = (*context)->run({x, weights});
//
// A Context holds what a run needs beside the program: arena, workspace, loaded code, plans, and
// on a device that does not work on host memory the constants. Any number of contexts run one
// program at once; one context does one run at a time (further callers wait).
//
// Tensors are on the host or on the context's device. Where the device works on host memory, inputs
// and outputs are used where they lie; else they are uploaded and downloaded. When run() returns,
// nothing of it is outstanding.
//===----------------------------------------------------------------------===//
#ifndef TG_RUNTIME_CONTEXT_H
#define TG_RUNTIME_CONTEXT_H

#include "tg/Runtime/Device.h"
#include "tg/Runtime/Log.h"
#include "tg/Runtime/Memory/MemoryPlan.h"
#include "tg/Runtime/Profile.h"
#include "tg/Runtime/Program/Layout.h"
#include "tg/Runtime/Program/Program.h"
#include "tg/Runtime/Tensor.h"
#include "tg/Runtime/ThreadPool.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tg::rt {

/// What contexts share: registries. Made by the embedder, or by default with the CPU device. A
/// program says for each kernel the name of its device; a context runs on the device that its
/// runtime has under that name.
struct Runtime {
  DeviceRegistry devices;
  MemoryPlannerRegistry memoryPlanners;

  /// A runtime with the CPU device.
  static std::shared_ptr<Runtime> create();
};

struct ContextOptions {
  std::shared_ptr<Runtime> runtime;
  /// Host memory for outputs and, on a device that works on host memory, for arena and workspace;
  /// when null, the device's memory and the heap.
  std::shared_ptr<Allocator> allocator;
  /// A pool of `threads` threads of the context's own when null.
  std::shared_ptr<ThreadPool> threadPool;
  /// Threads to use; 0: as many as the pool has (one per processor).
  unsigned threads = 0;
  /// Standard error when null.
  std::shared_ptr<LogSink> log;
  /// Times every launch.
  bool profile = false;
  /// An index out of range in gather or scatter fails the run, if the kernels report it.
  bool checkIndices = false;
  /// A name in runtime->memoryPlanners.
  std::string memoryPlanner = "greedy";
  /// Every buffer is an allocation of its own, kept from run to run, instead of a place in one
  /// arena: what the planner is compared with.
  bool separateBuffers = false;
};

struct RunInput {
  /// On the host or on the context's device.
  Tensor tensor;
  /// An input's name; empty: by position among the request's inputs.
  std::string name;
  /// The run may write to the tensor's memory where the program updates this input in place.
  /// Otherwise the run works on a copy.
  bool donated = false;

  RunInput(Tensor tensor, std::string name = {}, bool donated = false)
      : tensor(std::move(tensor)), name(std::move(name)), donated(donated) {}
};

struct RunRequest {
  std::vector<RunInput> inputs;
  /// Vars by name; those that the inputs' shapes tell may be left out.
  std::map<std::string, int64_t> vars;
  /// Empty, or one per output: a tensor to write to, or an invalid one to have it allocated. It
  /// must have the output's type, and overlap nothing but a donated input that it takes over as a
  /// whole. Its memory is the host's or the device's.
  std::vector<Tensor> outputs;
  /// Outputs that the run allocates stay in the device's memory, to be the inputs of other runs
  /// there. Otherwise they are on the host.
  bool outputsOnDevice = false;
};

/// What one binding of the vars needs, in bytes.
struct ContextStatistics {
  uint64_t arenaBytes = 0;
  /// No arena could be smaller than this for the program's order of commands.
  uint64_t arenaLowerBound = 0;
  /// Scratch memory of the kernels.
  uint64_t workspaceBytes = 0;
  /// On a device that does not work on host memory, these exist there once more.
  uint64_t constantBytes = 0;
};

class Context {
public:
  /// Checks the program's devices, loads its code.
  static Result<std::unique_ptr<Context>> create(std::shared_ptr<const Program> program,
                                                 ContextOptions options = {});
  ~Context();

  /// The outputs in the program's order. Fails, with a message that names the input, var or kernel,
  /// when the request does not fit the program, memory is short, a bound var leaves its bounds or a
  /// kernel reports an error.
  Result<std::vector<Tensor>> run(const RunRequest &request);
  /// Inputs by position.
  Result<std::vector<Tensor>> run(const std::vector<Tensor> &inputs,
                                  const std::map<std::string, int64_t> &vars = {});

  const Program &program() const;
  /// Of the last run's binding of the vars.
  ContextStatistics statistics() const;
  /// Where the last run's buffers lay; empty before the first.
  ProgramLayout layout() const;
  /// Empty unless options.profile.
  Profile profile() const;
  void resetProfile();

private:
  struct Impl;
  explicit Context(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

} // namespace tg::rt

#endif // TG_RUNTIME_CONTEXT_H
