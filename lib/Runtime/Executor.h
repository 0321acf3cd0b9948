//===- Executor.h - One run over the command tree ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_LIB_RUNTIME_EXECUTOR_H
#define TG_LIB_RUNTIME_EXECUTOR_H

#include "RunBuffers.h"

#include <memory>
#include <string>
#include <vector>

namespace tg::rt {

class Executor {
public:
  Executor(RunResources resources, const Plan &plan, const Binding &binding,
           const RunRequest &request);

  /// The program's outputs. Afterwards the queue has no work, also after a failure; it is null if
  /// it could not be waited for.
  Result<std::vector<Tensor>> run();

private:
  Status execute(const std::vector<Command> &commands);
  Status execute(const Launch &launch);
  Status execute(const Copy &copy);
  Status execute(const Fill &fill);
  Status execute(const Bind &bind);
  Status execute(const Check &check) const;
  Status execute(const If &branch);
  Status execute(const For &loop);
  Status execute(const While &loop);

  /// Of a launch that depends on vars which the program binds.
  Result<LaunchNeeds> evaluateNeeds(const Launch &launch) const;
  Status timedLaunch(const KernelLaunch &launch, const LaunchNeeds &needs);
  /// Whether all dynamic vars of the list have been bound.
  bool allBound(const std::vector<VarId> &ids) const;
  Result<int64_t> evaluate(const SizeExpr &expr, const char *what) const;
  /// A slice of a buffer for copy and fill, within its bounds.
  Result<BufferRef> slice(BufferId id, const SizeExpr &offset, int64_t bytes) const;
  Result<int64_t> readInt(BufferId id);
  Result<bool> readBool(BufferId id);
  /// The first bytes of a buffer, once everything before is done.
  Status read(BufferId id, void *destination, uint64_t bytes);
  Status checkSize(BufferId id, int64_t bytes) const;
  /// Waits for the queue and reads its error word.
  Status synchronize();
  std::string unbound(const std::vector<VarId> &ids) const;

  RunResources r;
  const Plan &plan;
  RunBuffers buffers;
  std::vector<int64_t> vars;
  std::vector<bool> bound;
  /// Of the launch at hand; kept for its capacity.
  std::vector<const BufferRef *> launchBuffers;
};

} // namespace tg::rt

#endif // TG_LIB_RUNTIME_EXECUTOR_H
