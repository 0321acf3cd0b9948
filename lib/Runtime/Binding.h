//===- Binding.h - Inputs, vars and plans of one run ------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_LIB_RUNTIME_BINDING_H
#define TG_LIB_RUNTIME_BINDING_H

#include "tg/Runtime/Context.h"
#include "tg/Runtime/Program/Layout.h"

#include <optional>
#include <string>
#include <vector>

namespace tg::rt {

/// What a context derives from its program once.
struct ProgramInfo {
  explicit ProgramInfo(const Program &program);

  /// By var: set by a Bind command.
  std::vector<bool> dynamicVar;
  /// By var: the temp and output buffers to (re)make when a Bind sets it.
  std::vector<std::vector<BufferId>> dependents;
  /// By buffer, by kernel: the dynamic vars that its sizes depend on.
  std::vector<std::vector<VarId>> bufferVars;
  std::vector<std::vector<VarId>> kernelVars;
  /// By buffer: the output that it belongs to, or -1; the input that it belongs to, or -1.
  std::vector<int32_t> outputOf;
  std::vector<int32_t> inputOf;
};

/// A request's tensors in the program's order and the vars that they imply.
struct Binding {
  std::vector<Tensor> inputs;
  std::vector<bool> donated;
  /// By var; 0 for those that the program sets.
  std::vector<int64_t> vars;
};

/// Checks the inputs and solves for the vars.
Result<Binding> bindRequest(const Program &program, const ProgramInfo &info,
                            const RunRequest &request);

/// The extents of a port under the vars; an error names the port.
Result<std::vector<int64_t>> portShape(const Port &port, const char *role,
                                       const std::vector<int64_t> &vars);

/// What a launch needs under given vars.
struct LaunchNeeds {
  int64_t range = 0;
  int64_t workspace = 0;
  int64_t flops = 0;
  int64_t bytes = 0;
};
Result<LaunchNeeds> launchNeeds(const Kernel &kernel, const std::vector<int64_t> &vars);

/// Everything about one binding of the caller's vars, ready to run.
struct Plan {
  /// By buffer; -1 until a Bind command decides.
  std::vector<int64_t> sizes;
  /// By buffer: the place in the arena.
  std::vector<std::optional<uint64_t>> offsets;
  /// By kernel, where no dynamic var has a say.
  std::vector<std::optional<LaunchNeeds>> launches;
  uint64_t arenaBytes = 0;
  uint64_t lowerBound = 0;
};
/// Places are multiples of `alignment` bytes.
Result<Plan> makePlan(const Program &program, const ProgramInfo &info,
                      const std::vector<int64_t> &vars, const MemoryPlanner &planner,
                      uint64_t alignment = bufferAlignment);

/// What `plan` says, for callers of the library.
ProgramLayout layoutOf(const Program &program, const ProgramInfo &info,
                       const std::vector<int64_t> &vars, const Plan &plan);

/// The bytes of a buffer; an error when negative or unlike its port's.
Result<int64_t> bufferSize(const Program &program, const ProgramInfo &info, BufferId id,
                           const std::vector<int64_t> &vars);

} // namespace tg::rt

#endif // TG_LIB_RUNTIME_BINDING_H
