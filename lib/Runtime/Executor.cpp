//===- Executor.cpp - One run over the command tree -------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Executor.h"

#include "Commands.h"

#include "tg/Runtime/KernelABI.h"

#include <algorithm>
#include <cstring>

namespace tg::rt {
namespace {

/// Below this estimated time (at about 10 GFLOP/s and 10 GB/s) a kernel runs on the calling thread:
/// waking others costs more.
constexpr int64_t serialNanoseconds = 5000;
constexpr int64_t perNanosecond = 10;

bool overlaps(const Tensor &a, const Tensor &b) {
  if (a.byteSize() == 0 || b.byteSize() == 0)
    return false;
  const char *first = a.as<char>(), *second = b.as<char>();
  return first < second + b.byteSize() && second < first + a.byteSize();
}

Status outOfMemory(const char *what, uint64_t bytes) {
  return error(std::string("out of memory for the ") + what + " (" + std::to_string(bytes) +
               " bytes)");
}

} // namespace

Executor::Executor(ExecutorResources resources, const Plan &plan, Binding &binding)
    : r(std::move(resources)), plan(plan), binding(binding), vars(binding.vars),
      bound(r.program.vars.size()), pointers(r.program.buffers.size()), sizes(plan.sizes),
      dynamicMemory(r.program.buffers.size()), outputs(r.program.outputs.size()) {}

Result<std::vector<Tensor>> Executor::run(const std::vector<Tensor> &givenOutputs) {
  if (!givenOutputs.empty() && givenOutputs.size() != outputs.size())
    return error("got " + std::to_string(givenOutputs.size()) + " output tensors, expected " +
                 std::to_string(outputs.size()));
  given = givenOutputs;
  given.resize(outputs.size());
  for (Status (Executor::*step)() :
       {&Executor::checkCallerMemory, &Executor::prepareInputs, &Executor::prepareBuffers})
    if (Status status = (this->*step)(); !status)
      return status;
  Status status = execute(r.program.commands);
  // Even after a failure nothing may still write to the caller's tensors.
  Result<int32_t> code = r.queue.synchronize();
  if (!status)
    return status;
  if (!code)
    return code.status();
  if (*code != TG_KERNEL_OK && (*code != TG_KERNEL_INDEX_OUT_OF_RANGE || r.checkIndices))
    return error("a kernel reported error " + std::to_string(*code));
  for (size_t i = 0; i < outputs.size(); ++i)
    if (!outputs[i].valid())
      return error("output '" + r.program.outputs[i].name + "': its size depends on " +
                   unbound(r.info.bufferVars[r.program.outputs[i].buffer]) +
                   ", which the program did not compute");
  return std::move(outputs);
}

/// Inputs that the program overwrites are copied unless they are donated and nobody else reads
/// them.
Status Executor::prepareInputs() {
  for (size_t i = 0; i < binding.inputs.size(); ++i) {
    const Port &port = r.program.inputs[i];
    Tensor &tensor = binding.inputs[i];
    if (port.tiedOutput >= 0) {
      Result<Tensor> updated = prepareTied(i, given[port.tiedOutput]);
      if (!updated)
        return updated.status();
      outputs[port.tiedOutput] = tensor = std::move(*updated);
    }
    pointers[port.buffer] = tensor.as<char>();
  }
  return Status::success();
}

Result<Tensor> Executor::prepareTied(size_t input, const Tensor &wanted) {
  const Port &port = r.program.inputs[input];
  const Tensor &tensor = binding.inputs[input];
  if (wanted.valid()) {
    if (wanted.dtype() != tensor.dtype() || wanted.shape() != tensor.shape())
      return error("output '" + r.program.outputs[size_t(port.tiedOutput)].name + "': expected " +
                   tensor.typeName() + ", got " + wanted.typeName());
    if (wanted.as<char>() != tensor.as<char>() && tensor.byteSize() > 0)
      std::memcpy(wanted.as<char>(), tensor.as<char>(), tensor.byteSize());
    return wanted;
  }
  bool isShared = !binding.donated[input];
  for (size_t j = 0; j < binding.inputs.size(); ++j)
    isShared |= j != input && overlaps(tensor, binding.inputs[j]);
  if (!isShared)
    return tensor;
  Result<Tensor> copy = tensor.clone(r.allocator);
  return copy ? copy : copy.status().in("input '" + port.name + "'");
}

Status Executor::prepareOutput(size_t index) {
  const Port &port = r.program.outputs[index];
  std::string place = "output '" + port.name + "'";
  Result<std::vector<int64_t>> shape = portShape(port, "output", vars);
  if (!shape)
    return shape.status();
  Tensor &tensor = outputs[index];
  if (given[index].valid()) {
    if (given[index].dtype() != port.dtype || given[index].shape() != *shape)
      return error(place + ": expected " + tensorTypeName(port.dtype, *shape) + ", got " +
                   given[index].typeName());
    tensor = given[index];
  } else if (!tensor.valid() || tensor.shape() != *shape) {
    Result<Tensor> made = Tensor::allocate(port.dtype, std::move(*shape), r.allocator);
    if (!made)
      return made.status().in(place);
    tensor = std::move(*made);
  }
  pointers[port.buffer] = tensor.as<char>();
  return Status::success();
}

Status Executor::prepareBuffers() {
  if (!r.separate && !r.arena.reserve(r.allocator, plan.arenaBytes))
    return outOfMemory("temporary buffers", plan.arenaBytes);
  char *arena = static_cast<char *>(r.arena.memory.get());
  for (BufferId id = 0; id < r.program.buffers.size(); ++id) {
    const Buffer &buffer = r.program.buffers[id];
    if (buffer.kind == BufferKind::Constant) {
      pointers[id] = static_cast<char *>(const_cast<void *>(buffer.constant.data.get()));
    } else if (buffer.kind == BufferKind::Output && sizes[id] >= 0) {
      if (Status status = prepareOutput(size_t(r.info.outputOf[id])); !status)
        return status;
    } else if (r.separate && plan.offsets[id]) {
      GrowingBlock &block = (*r.separate)[id];
      if (!block.reserve(r.allocator, uint64_t(sizes[id])))
        return outOfMemory("temporary buffers", uint64_t(sizes[id]));
      pointers[id] = static_cast<char *>(block.memory.get());
    } else if (plan.offsets[id] && sizes[id] > 0) {
      pointers[id] = arena + *plan.offsets[id];
    }
  }
  return Status::success();
}

/// Whether the output's tensor is that of the donated input which it takes over.
bool Executor::isTiedTo(size_t output, size_t input) const {
  return r.program.inputs[input].tiedOutput == int32_t(output) && binding.donated[input] &&
         given[output].as<char>() == binding.inputs[input].as<char>() &&
         given[output].byteSize() == binding.inputs[input].byteSize();
}

Status Executor::checkCallerMemory() {
  for (size_t i = 0; i < given.size(); ++i) {
    if (!given[i].valid())
      continue;
    std::string place = "output '" + r.program.outputs[i].name + "': its tensor overlaps ";
    for (size_t j = 0; j < binding.inputs.size(); ++j)
      if (overlaps(given[i], binding.inputs[j]) && !isTiedTo(i, j))
        return error(place + "input '" + r.program.inputs[j].name + "'");
    for (size_t j = 0; j < i; ++j)
      if (given[j].valid() && overlaps(given[i], given[j]))
        return error(place + "output '" + r.program.outputs[j].name + "'");
  }
  return Status::success();
}

Status Executor::makeDynamicBuffer(BufferId id) {
  Result<int64_t> size = bufferSize(r.program, r.info, id, vars);
  if (!size)
    return size.status();
  sizes[id] = *size;
  if (r.info.outputOf[id] >= 0)
    return prepareOutput(size_t(r.info.outputOf[id]));
  GrowingBlock &block = dynamicMemory[id];
  if (!block.reserve(r.allocator, uint64_t(*size)))
    return outOfMemory("temporary buffers", uint64_t(*size));
  pointers[id] = static_cast<char *>(block.memory.get());
  return Status::success();
}

Status Executor::execute(const std::vector<Command> &commands) {
  for (const Command &command : commands)
    if (Status status = std::visit([&](const auto &op) { return execute(op); }, command.op);
        !status)
      return status;
  return Status::success();
}

Status Executor::execute(const Launch &launch) {
  const Kernel &kernel = r.program.kernels[launch.kernel];
  LaunchNeeds needs;
  if (plan.launches[launch.kernel]) {
    needs = *plan.launches[launch.kernel];
  } else {
    const std::vector<VarId> &ids = r.info.kernelVars[launch.kernel];
    if (!allBound(ids))
      return error("kernel '" + kernel.name + "' runs before " + unbound(ids) + " is bound");
    Result<LaunchNeeds> evaluated = launchNeeds(kernel, vars);
    if (!evaluated)
      return evaluated.status();
    needs = *evaluated;
  }
  launchBuffers.clear();
  for (BufferId id : launch.buffers) {
    if (sizes[id] < 0)
      return error("kernel '" + kernel.name + "' uses buffer " + std::to_string(id) + " before " +
                   unbound(r.info.bufferVars[id]) + " is bound");
    launchBuffers.push_back(pointers[id]);
  }
  if (needs.range == 0)
    return Status::success();

  LaunchParams params;
  params.function = r.functions[launch.kernel];
  params.buffers = launchBuffers.data();
  params.numBuffers = uint32_t(launchBuffers.size());
  params.vars = vars.data();
  params.range = needs.range;
  int64_t work = needs.flops / perNanosecond + needs.bytes / perNanosecond;
  bool small = needs.flops + needs.bytes > 0 && work < serialNanoseconds;
  params.maxWorkers = small ? 1 : r.workers;
  if (needs.workspace > 0) {
    uint64_t stride =
        (uint64_t(needs.workspace) + bufferAlignment - 1) / bufferAlignment * bufferAlignment;
    uint64_t total;
    if (__builtin_mul_overflow(stride, uint64_t(r.workers), &total) ||
        !r.workspace.reserve(r.allocator, total))
      return outOfMemory("kernels' workspace", uint64_t(needs.workspace));
    params.workspace = static_cast<char *>(r.workspace.memory.get());
    params.workspaceStride = stride;
  }

  std::unique_ptr<Event> start;
  if (r.profile) {
    Result<std::unique_ptr<Event>> event = r.queue.record();
    if (!event)
      return event.status();
    start = std::move(*event);
  }
  Result<int32_t> code = r.queue.launch(params);
  if (!code)
    return code.status().in("kernel '" + kernel.name + "'");
  if (r.profile) {
    Result<std::unique_ptr<Event>> end = r.queue.record();
    if (!end)
      return end.status();
    for (Event *event : {start.get(), end->get()})
      if (Status status = event->wait(); !status)
        return status.in("kernel '" + kernel.name + "'");
    r.profile->record({int32_t(launch.kernel), start->timestamp(),
                       (*end)->timestamp() - start->timestamp(), needs.flops, needs.bytes});
  }
  return report(*code, kernel);
}

Status Executor::report(int32_t code, const Kernel &kernel) const {
  if (code == TG_KERNEL_OK || (code == TG_KERNEL_INDEX_OUT_OF_RANGE && !r.checkIndices))
    return Status::success();
  std::string place = "kernel '" + kernel.name + "'";
  if (!kernel.location.empty())
    place += " (" + kernel.location + ")";
  if (code == TG_KERNEL_INDEX_OUT_OF_RANGE)
    return error(place + ": an index is out of range");
  return error(place + " reported error " + std::to_string(code));
}

Status Executor::execute(const Copy &copy) {
  Result<int64_t> bytes = evaluate(copy.bytes, "a copy");
  if (!bytes)
    return bytes.status();
  Result<char *> source = slice(copy.source, copy.sourceOffset, *bytes);
  if (!source)
    return source.status().in("copy");
  Result<char *> destination = slice(copy.destination, copy.destinationOffset, *bytes);
  if (!destination)
    return destination.status().in("copy");
  return r.queue.copy(*destination, *source, size_t(*bytes));
}

Status Executor::execute(const Fill &fill) {
  Result<int64_t> bytes = evaluate(fill.bytes, "a fill");
  if (!bytes)
    return bytes.status();
  Result<char *> destination = slice(fill.destination, fill.offset, *bytes);
  if (!destination)
    return destination.status().in("fill");
  return r.queue.fill(*destination, fill.value, size_t(*bytes));
}

Status Executor::execute(const Bind &bind) {
  const Var &var = r.program.vars[bind.var];
  Result<int64_t> value = readInt(bind.source);
  if (!value)
    return value.status().in(bind.place + "var '" + var.name + "'");
  if (*value < var.min || *value > var.max)
    return error(bind.place + "var '" + var.name + "': the program computed " +
                 std::to_string(*value) + ", which is outside its bounds [" +
                 std::to_string(var.min) + ", " + std::to_string(var.max) + "]");
  vars[bind.var] = *value;
  bound[bind.var] = true;
  for (BufferId id : r.info.dependents[bind.var])
    if (allBound(r.info.bufferVars[id]))
      if (Status status = makeDynamicBuffer(id); !status)
        return status;
  return Status::success();
}

Status Executor::execute(const Check &check) const {
  for (const SizeExpr &expr : check.notNegative) {
    Result<int64_t> value = evaluate(expr, "a check");
    if (value)
      continue;
    std::string values;
    for (VarId id = 0; id < vars.size(); ++id)
      if (expr.dependsOn(id))
        values += (values.empty() ? " with " : ", ") + r.program.vars[id].name + " = " +
                  std::to_string(vars[id]);
    return error(check.message + values);
  }
  return Status::success();
}

Status Executor::execute(const If &branch) {
  Result<bool> condition = readBool(branch.condition);
  if (!condition)
    return condition.status().in("if");
  return execute(*condition ? branch.thenBody : branch.elseBody);
}

Status Executor::execute(const For &loop) {
  int64_t bounds[3];
  const BufferId sources[3] = {loop.lower, loop.upper, loop.step};
  for (unsigned i = 0; i < 3; ++i) {
    Result<int64_t> value = readInt(sources[i]);
    if (!value)
      return value.status().in("for");
    bounds[i] = *value;
  }
  auto [lower, upper, step] = bounds;
  if (step <= 0)
    return error("for: the step must be positive, got " + std::to_string(step));
  if (lower < upper)
    if (Status status = checkReadable(loop.induction, sizeof(int64_t)); !status)
      return status.in("for");
  for (int64_t i = lower; i < upper;) {
    if (Status status = r.queue.copy(pointers[loop.induction], &i, sizeof(i)); !status)
      return status;
    if (Status status = execute(loop.body); !status)
      return status;
    if (__builtin_add_overflow(i, step, &i))
      break;
  }
  return Status::success();
}

Status Executor::execute(const While &loop) {
  for (;;) {
    if (Status status = execute(loop.before); !status)
      return status;
    Result<bool> condition = readBool(loop.condition);
    if (!condition)
      return condition.status().in("while");
    if (!*condition)
      return Status::success();
    if (Status status = execute(loop.after); !status)
      return status;
  }
}

bool Executor::allBound(const std::vector<VarId> &ids) const {
  return std::all_of(ids.begin(), ids.end(), [&](VarId id) { return bound[id]; });
}

std::string Executor::unbound(const std::vector<VarId> &ids) const {
  for (VarId id : ids)
    if (!bound[id])
      return "var '" + r.program.vars[id].name + "'";
  return "a var";
}

Result<int64_t> Executor::evaluate(const SizeExpr &expr, const char *what) const {
  for (const SizeExpr::Instr &instr : expr.instructions())
    if (instr.op == SizeExpr::Op::Var && r.info.dynamicVar[instr.value] && !bound[instr.value])
      return error(std::string("the size of ") + what + " depends on " +
                   unbound({VarId(instr.value)}) + ", which is not bound yet");
  Result<int64_t> value = expr.evaluate(vars);
  if (!value)
    return value.status().in(what);
  if (*value < 0)
    return error(std::string("the size or offset of ") + what +
                 " is negative: " + std::to_string(*value));
  return value;
}

Result<char *> Executor::slice(BufferId id, const SizeExpr &offset, int64_t bytes) const {
  Result<int64_t> start = evaluate(offset, "a slice");
  if (!start)
    return start.status();
  if (*start > sizes[id] || bytes > sizes[id] - *start)
    return error("bytes " + std::to_string(*start) + " to " + std::to_string(*start + bytes) +
                 " are not in buffer " + std::to_string(id) + " of " + std::to_string(sizes[id]) +
                 " bytes");
  return pointers[id] + *start;
}

Status Executor::checkReadable(BufferId id, int64_t bytes) {
  if (sizes[id] < bytes)
    return error("buffer " + std::to_string(id) + " has " + std::to_string(sizes[id]) +
                 " bytes, needs " + std::to_string(bytes));
  Result<int32_t> code = r.queue.synchronize();
  return code ? Status::success() : code.status();
}

Result<int64_t> Executor::readInt(BufferId id) {
  int64_t value;
  if (Status status = checkReadable(id, sizeof(value)); !status)
    return status;
  std::memcpy(&value, pointers[id], sizeof(value));
  return value;
}

Result<bool> Executor::readBool(BufferId id) {
  if (Status status = checkReadable(id, 1); !status)
    return status;
  return *pointers[id] != 0;
}

} // namespace tg::rt
