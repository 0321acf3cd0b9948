//===- Executor.h - One run over the command tree ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_LIB_RUNTIME_EXECUTOR_H
#define TG_LIB_RUNTIME_EXECUTOR_H

#include "Binding.h"

#include <memory>
#include <string>
#include <vector>

namespace tg::rt {

/// A block that grows and is kept from run to run.
struct GrowingBlock {
  std::shared_ptr<void> memory;
  uint64_t size = 0;

  /// False when there is no memory; the old block is gone then.
  bool reserve(const std::shared_ptr<Allocator> &allocator, uint64_t bytes) {
    if (bytes <= size)
      return true;
    memory.reset();
    size = 0;
    memory = allocateShared(allocator, bytes);
    size = memory ? bytes : 0;
    return memory != nullptr;
  }
};

/// What a context lends to a run.
struct ExecutorResources {
  const Program &program;
  const ProgramInfo &info;
  /// By kernel.
  const std::vector<void *> &functions;
  Queue &queue;
  std::shared_ptr<Allocator> allocator;
  GrowingBlock &arena;
  GrowingBlock &workspace;
  unsigned workers = 1;
  bool checkIndices = false;
  /// By buffer, the memory of Temp buffers; null: they lie in the arena.
  std::vector<GrowingBlock> *separate = nullptr;
  /// Null: no timing.
  Profile *profile = nullptr;
};

class Executor {
public:
  Executor(ExecutorResources resources, const Plan &plan, Binding &binding);

  /// `given` is as RunRequest::outputs.
  Result<std::vector<Tensor>> run(const std::vector<Tensor> &given);

private:
  Status prepareInputs();
  Status prepareOutput(size_t index);
  Status prepareBuffers();
  Status makeDynamicBuffer(BufferId id);
  Result<Tensor> prepareTied(size_t input, const Tensor &wanted);
  bool isTiedTo(size_t output, size_t input) const;
  Status checkCallerMemory();

  Status execute(const std::vector<Command> &commands);
  Status execute(const Launch &launch);
  Status execute(const Copy &copy);
  Status execute(const Fill &fill);
  Status execute(const Bind &bind);
  Status execute(const Check &check) const;
  Status execute(const If &branch);
  Status execute(const For &loop);
  Status execute(const While &loop);

  /// Whether all dynamic vars of the list have been bound.
  bool allBound(const std::vector<VarId> &ids) const;
  Result<int64_t> evaluate(const SizeExpr &expr, const char *what) const;
  /// A slice of a buffer for copy and fill, within its bounds.
  Result<char *> slice(BufferId id, const SizeExpr &offset, int64_t bytes) const;
  Result<int64_t> readInt(BufferId id);
  Result<bool> readBool(BufferId id);
  Status checkReadable(BufferId id, int64_t bytes);
  Status report(int32_t code, const Kernel &kernel) const;
  std::string unbound(const std::vector<VarId> &ids) const;

  ExecutorResources r;
  const Plan &plan;
  Binding &binding;
  std::vector<int64_t> vars;
  std::vector<bool> bound;
  /// By buffer; a size of -1 means that the buffer does not exist yet.
  std::vector<char *> pointers;
  std::vector<int64_t> sizes;
  std::vector<GrowingBlock> dynamicMemory;
  std::vector<Tensor> outputs;
  std::vector<Tensor> given;
  std::vector<void *> launchBuffers;
};

} // namespace tg::rt

#endif // TG_LIB_RUNTIME_EXECUTOR_H
