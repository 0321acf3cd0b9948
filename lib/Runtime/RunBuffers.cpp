//===- RunBuffers.cpp - Where the buffers of one run lie --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "RunBuffers.h"

namespace tg::rt {
namespace {

const BufferRef nowhere;

Status wrongType(const std::string &output, const std::string &expected, const Tensor &given) {
  return error("output '" + output + "': expected " + expected + ", got " + given.typeName());
}

} // namespace

RunBuffers::RunBuffers(RunResources &resources, const Plan &plan, const Binding &binding,
                       const RunRequest &request)
    : r(resources), plan(plan), binding(binding), given(request.outputs),
      keepsOutputs(request.outputsOnDevice), outputs(r.program.outputs.size()), sizes(plan.sizes),
      places(r.program.buffers.size(), &nowhere) {}

Status RunBuffers::prepare(const std::vector<int64_t> &vars) {
  if (!given.empty() && given.size() != outputs.size())
    return error("got " + std::to_string(given.size()) + " output tensors, expected " +
                 std::to_string(outputs.size()));
  given.resize(outputs.size());
  if (Status status = checkGiven(); !status)
    return status;
  for (size_t i = 0; i < binding.inputs.size(); ++i)
    if (Status status = prepareInput(i); !status)
      return status;
  if (r.kept.separate.empty() && r.kept.inArena.empty()) {
    if (Status status = r.kept.arena.reserve(r.source, plan.arenaBytes); !status)
      return status.in("temporary buffers");
    placeInArena();
  }
  for (BufferId id = 0; id < r.program.buffers.size(); ++id) {
    BufferKind kind = r.program.buffers[id].kind;
    Status status;
    if (kind == BufferKind::Constant)
      places[id] = &r.kept.constants[id];
    else if (kind == BufferKind::Output && sizes[id] >= 0)
      status = prepareOutput(size_t(r.info.outputOf[id]), vars);
    else if (plan.offsets[id])
      status = placeTemp(id);
    if (!status)
      return status;
  }
  return Status::success();
}

/// Whether the output's tensor is that of the donated input which it takes over.
bool RunBuffers::isTiedTo(size_t output, size_t input) const {
  return r.program.inputs[input].tiedOutput == int32_t(output) && binding.donated[input] &&
         isSameRange(given[output].buffer(), binding.inputs[input].buffer());
}

Status RunBuffers::checkGiven() const {
  for (size_t i = 0; i < given.size(); ++i) {
    if (!given[i].valid())
      continue;
    std::string place = "output '" + r.program.outputs[i].name + "': its tensor overlaps ";
    for (size_t j = 0; j < binding.inputs.size(); ++j)
      if (overlaps(given[i].buffer(), binding.inputs[j].buffer()) && !isTiedTo(i, j))
        return error(place + "input '" + r.program.inputs[j].name + "'");
    for (size_t j = 0; j < i; ++j)
      if (given[j].valid() && overlaps(given[i].buffer(), given[j].buffer()))
        return error(place + "output '" + r.program.outputs[j].name + "'");
  }
  return Status::success();
}

/// An input that the program overwrites becomes its output's tensor, or is copied to that.
Status RunBuffers::prepareInput(size_t index) {
  const Port &port = r.program.inputs[index];
  const Tensor &tensor = binding.inputs[index];
  auto inPlace = [&](const Status &status) {
    return status ? status : status.in("input '" + port.name + "'");
  };
  const Tensor *result = &tensor;
  if (port.tiedOutput >= 0) {
    Result<Tensor> updated = tensorForTied(index);
    if (!updated)
      return updated.status();
    outputs[size_t(port.tiedOutput)] = std::move(*updated);
    result = &outputs[size_t(port.tiedOutput)];
  }
  if (Status status = placeTensor(port.buffer, *result); !status)
    return inPlace(status);
  if (result == &tensor && places[port.buffer] == &tensor.buffer())
    return Status::success();
  return inPlace(fill(place(port.buffer), tensor));
}

/// The tensor that a tied output will be: what the caller wants, the donated input itself, or a new
/// one, to which the input's contents still have to go.
Result<Tensor> RunBuffers::tensorForTied(size_t input) const {
  const Port &port = r.program.inputs[input];
  const Tensor &tensor = binding.inputs[input], &wanted = given[size_t(port.tiedOutput)];
  if (wanted.valid()) {
    if (wanted.dtype() != tensor.dtype() || wanted.shape() != tensor.shape())
      return wrongType(r.program.outputs[size_t(port.tiedOutput)].name, tensor.typeName(), wanted);
    return wanted;
  }
  if (isExclusive(input))
    return tensor;
  Result<Tensor> made = makeOutput(tensor.dtype(), tensor.shape());
  return made ? made : made.status().in("input '" + port.name + "'");
}

/// Whether the input may be overwritten, and no other input reads its memory.
bool RunBuffers::isExclusive(size_t input) const {
  if (!binding.donated[input])
    return false;
  for (size_t j = 0; j < binding.inputs.size(); ++j)
    if (j != input && overlaps(binding.inputs[input].buffer(), binding.inputs[j].buffer()))
      return false;
  return true;
}

Status RunBuffers::prepareOutput(size_t index, const std::vector<int64_t> &vars) {
  const Port &port = r.program.outputs[index];
  Result<std::vector<int64_t>> shape = portShape(port, "output", vars);
  if (!shape)
    return shape.status();
  auto inPlace = [&](const Status &status) {
    return status ? status : status.in("output '" + port.name + "'");
  };
  Tensor &tensor = outputs[index];
  if (given[index].valid()) {
    if (given[index].dtype() != port.dtype || given[index].shape() != *shape)
      return wrongType(port.name, tensorTypeName(port.dtype, *shape), given[index]);
    tensor = given[index];
  } else if (!tensor.valid() || tensor.shape() != *shape) {
    Result<Tensor> made = makeOutput(port.dtype, std::move(*shape));
    if (!made)
      return inPlace(made.status());
    tensor = std::move(*made);
  }
  return inPlace(placeTensor(port.buffer, tensor));
}

/// In memory that kernels write, where that is the host's or the caller wants it; else on the host.
Result<Tensor> RunBuffers::makeOutput(DType dtype, std::vector<int64_t> shape) const {
  if (!r.source.sharesHostMemory && !keepsOutputs)
    return Tensor::allocate(dtype, std::move(shape), r.source.allocator);
  Result<int64_t> bytes = tensorBytes(dtype, shape);
  if (!bytes)
    return bytes.status();
  Result<std::shared_ptr<Memory>> memory = r.source.allocate(uint64_t(*bytes));
  if (!memory)
    return memory.status().in(tensorTypeName(dtype, shape));
  return Tensor::over(dtype, std::move(shape), BufferRef::whole(std::move(*memory)));
}

/// The tensor's own memory where the queue takes it, else a copy that the context keeps.
Status RunBuffers::placeTensor(BufferId id, const Tensor &tensor) {
  const BufferRef &buffer = tensor.buffer();
  if (!buffer.memory || r.queue->takes(*buffer.memory)) {
    places[id] = &buffer;
    return Status::success();
  }
  if (!tensor.onHost())
    return error("its tensor lies in memory of device '" + buffer.memory->device()->name() +
                 "', which device '" + r.source.device->name() + "' cannot use");
  GrowingBlock &block = r.kept.ports[id];
  if (Status status = block.reserve(r.source, buffer.bytes); !status)
    return status;
  own(id, BufferRef(block.memory, 0, buffer.bytes));
  return Status::success();
}

Status RunBuffers::fill(const BufferRef &place, const Tensor &source) {
  const BufferRef &buffer = source.buffer();
  if (!buffer.memory || r.queue->takes(*buffer.memory))
    return r.queue->copy(place, buffer);
  if (source.onHost())
    return r.queue->upload(place, source.data());
  return error("its tensor lies in memory of device '" + buffer.memory->device()->name() +
               "', which device '" + r.source.device->name() + "' cannot use");
}

Status RunBuffers::placeTemp(BufferId id) {
  if (r.kept.separate.empty()) {
    places[id] = &r.kept.inArena[id];
    return Status::success();
  }
  GrowingBlock &block = r.kept.separate[id];
  if (Status status = block.reserve(r.source, uint64_t(sizes[id])); !status)
    return status.in("temporary buffers");
  own(id, BufferRef(block.memory, 0, uint64_t(sizes[id])));
  return Status::success();
}

/// Once for a plan: most runs have that of the one before.
void RunBuffers::placeInArena() {
  r.kept.inArena.resize(r.program.buffers.size());
  for (BufferId id = 0; id < r.program.buffers.size(); ++id)
    if (plan.offsets[id] && sizes[id] >= 0)
      r.kept.inArena[id] = BufferRef(r.kept.arena.memory, *plan.offsets[id], uint64_t(sizes[id]));
}

Status RunBuffers::makeDynamic(BufferId id, const std::vector<int64_t> &vars) {
  Result<int64_t> size = bufferSize(r.program, r.info, id, vars);
  if (!size)
    return size.status();
  sizes[id] = *size;
  if (r.info.outputOf[id] >= 0)
    return prepareOutput(size_t(r.info.outputOf[id]), vars);
  dynamicMemory.resize(r.program.buffers.size());
  GrowingBlock &block = dynamicMemory[id];
  if (Status status = block.reserve(r.source, uint64_t(*size)); !status)
    return status.in("temporary buffers");
  own(id, BufferRef(block.memory, 0, uint64_t(sizes[id])));
  return Status::success();
}

void RunBuffers::own(BufferId id, BufferRef place) {
  owned.resize(r.program.buffers.size());
  owned[id] = std::move(place);
  places[id] = &owned[id];
}

Status RunBuffers::download() {
  for (size_t i = 0; i < outputs.size(); ++i) {
    const Tensor &tensor = outputs[i];
    BufferId id = r.program.outputs[i].buffer;
    if (!tensor.valid() || places[id] == &tensor.buffer())
      continue;
    if (Status status = r.queue->download(tensor.data(), place(id)); !status)
      return status.in("output '" + r.program.outputs[i].name + "'");
  }
  return Status::success();
}

} // namespace tg::rt
