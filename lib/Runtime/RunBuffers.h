//===- RunBuffers.h - Where the buffers of one run lie ----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Gives every buffer of the program its place: the caller's tensors where the device works on them
// as they are, and else copies of them in the device's memory, to which inputs are uploaded before
// the first command and from which outputs are downloaded after the last.
//===----------------------------------------------------------------------===//
#ifndef TG_LIB_RUNTIME_RUNBUFFERS_H
#define TG_LIB_RUNTIME_RUNBUFFERS_H

#include "Binding.h"
#include "Memory/MemorySource.h"

#include <string>
#include <vector>

namespace tg::rt {

/// Memory that a context keeps from run to run.
struct KeptMemory {
  /// By buffer, its constant; no memory for buffers of other kinds.
  std::vector<BufferRef> constants;
  GrowingBlock arena;
  /// By buffer, the place of a Temp buffer in the arena by the plan of the last run; empty: there
  /// is none, or runs have another plan now.
  std::vector<BufferRef> inArena;
  /// By buffer, the memory of Temp buffers that do not lie in the arena; empty: they do.
  std::vector<GrowingBlock> separate;
  /// By buffer, the device's copies of inputs and outputs that lie elsewhere.
  std::vector<GrowingBlock> ports;
};

/// What a context lends to its runs.
struct RunResources {
  const Program &program;
  const ProgramInfo &info;
  /// By kernel.
  const std::vector<Function> &functions;
  /// Null once work may be outstanding that nobody can wait for.
  std::unique_ptr<Queue> &queue;
  const MemorySource &source;
  KeptMemory &kept;
  bool checkIndices = false;
  /// Null: no timing.
  Profile *profile = nullptr;
};

class RunBuffers {
public:
  RunBuffers(RunResources &resources, const Plan &plan, const Binding &binding,
             const RunRequest &request);

  /// Checks the request's output tensors; places all buffers whose sizes are known; queues the
  /// uploads.
  Status prepare(const std::vector<int64_t> &vars);
  /// Places a buffer whose size depends on vars that the program has bound now.
  Status makeDynamic(BufferId id, const std::vector<int64_t> &vars);
  /// Queues the downloads.
  Status download();
  /// In the program's order; a tensor is invalid whose size has not become known.
  std::vector<Tensor> takeOutputs() { return std::move(outputs); }

  /// -1 while the buffer does not exist.
  int64_t size(BufferId id) const { return sizes[id]; }
  /// Where a buffer of known size lies.
  const BufferRef &place(BufferId id) const { return *places[id]; }

private:
  Status checkGiven() const;
  bool isTiedTo(size_t output, size_t input) const;
  Status prepareInput(size_t index);
  Result<Tensor> tensorForTied(size_t input) const;
  bool isExclusive(size_t input) const;
  Status prepareOutput(size_t index, const std::vector<int64_t> &vars);
  Result<Tensor> makeOutput(DType dtype, std::vector<int64_t> shape) const;
  Status placeTemp(BufferId id);
  void placeInArena();
  Status placeTensor(BufferId id, const Tensor &tensor);
  Status fill(const BufferRef &place, const Tensor &source);
  void own(BufferId id, BufferRef place);

  RunResources &r;
  const Plan &plan;
  const Binding &binding;
  /// As RunRequest::outputs, or an invalid tensor for every output.
  std::vector<Tensor> given;
  bool keepsOutputs;
  std::vector<Tensor> outputs;
  std::vector<int64_t> sizes;
  /// By buffer; point to tensors, to what the context keeps, or to `owned`.
  std::vector<const BufferRef *> places;
  /// By buffer; empty until there is one.
  std::vector<BufferRef> owned;
  /// By buffer, the memory of Temp buffers that the program makes; empty until it makes one.
  std::vector<GrowingBlock> dynamicMemory;
};

} // namespace tg::rt

#endif // TG_LIB_RUNTIME_RUNBUFFERS_H
