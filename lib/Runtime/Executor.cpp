//===- Executor.cpp - One run over the command tree -------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Executor.h"

#include "Commands.h"

#include "tg/Runtime/KernelABI.h"

#include <algorithm>
#include <cstring>

namespace tg::rt {

Executor::Executor(RunResources resources, const Plan &plan, const Binding &binding,
                   const RunRequest &request)
    : r(std::move(resources)), plan(plan), buffers(r, plan, binding, request), vars(binding.vars),
      bound(r.program.vars.size()) {}

Result<std::vector<Tensor>> Executor::run() {
  Status status = buffers.prepare(vars);
  if (status)
    status = execute(r.program.commands);
  if (status)
    status = buffers.download();
  // Even after a failure nothing may still write to the caller's tensors. What a kernel reported
  // came before the failure, and may be its cause.
  if (r.queue)
    if (Status waited = synchronize(); !waited)
      return waited;
  if (!status)
    return status;
  std::vector<Tensor> outputs = buffers.takeOutputs();
  for (size_t i = 0; i < outputs.size(); ++i)
    if (!outputs[i].valid())
      return error("output '" + r.program.outputs[i].name + "': its size depends on " +
                   unbound(r.info.bufferVars[r.program.outputs[i].buffer]) +
                   ", which the program did not compute");
  return outputs;
}

Status Executor::synchronize() {
  Result<KernelReport> report = r.queue->synchronize();
  if (!report) {
    // Work may be outstanding that writes to memory which is about to go away: destroying the queue
    // ends it.
    r.queue.reset();
    return report.status();
  }
  if (report->code == TG_KERNEL_OK)
    return Status::success();
  const Kernel &kernel = r.program.kernels[report->tag];
  std::string place = "kernel '" + kernel.name + "'";
  if (!kernel.location.empty())
    place += " (" + kernel.location + ")";
  if (report->code == TG_KERNEL_INDEX_OUT_OF_RANGE)
    return error(place + ": an index is out of range");
  return error(place + " reported error " + std::to_string(report->code));
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
  LaunchNeeds evaluated;
  const LaunchNeeds *needs = &evaluated;
  if (const std::optional<LaunchNeeds> &planned = plan.launches[launch.kernel]) {
    needs = &*planned;
  } else {
    Result<LaunchNeeds> result = evaluateNeeds(launch);
    if (!result)
      return result.status();
    evaluated = *result;
  }
  launchBuffers.resize(launch.buffers.size());
  for (size_t i = 0; i < launch.buffers.size(); ++i) {
    BufferId id = launch.buffers[i];
    if (buffers.size(id) < 0)
      return error("kernel '" + kernel.name + "' uses buffer " + std::to_string(id) + " before " +
                   unbound(r.info.bufferVars[id]) + " is bound");
    launchBuffers[i] = &buffers.place(id);
  }
  if (needs->range == 0)
    return Status::success();

  KernelLaunch params;
  params.function = &r.functions[launch.kernel];
  params.buffers = BufferList(launchBuffers.data(), launchBuffers.size());
  params.vars = vars.data();
  params.numVars = vars.size();
  params.range = needs->range;
  params.flops = needs->flops;
  params.bytes = needs->bytes;
  params.checkIndices = r.checkIndices;
  params.tag = launch.kernel;
  Status status = r.profile ? timedLaunch(params, *needs) : r.queue->launch(params);
  return status ? status : status.in("kernel '" + kernel.name + "'");
}

Result<LaunchNeeds> Executor::evaluateNeeds(const Launch &launch) const {
  const Kernel &kernel = r.program.kernels[launch.kernel];
  const std::vector<VarId> &ids = r.info.kernelVars[launch.kernel];
  if (!allBound(ids))
    return error("kernel '" + kernel.name + "' runs before " + unbound(ids) + " is bound");
  return launchNeeds(kernel, vars);
}

/// Waits for the launch: what the events say is then its time alone.
Status Executor::timedLaunch(const KernelLaunch &launch, const LaunchNeeds &needs) {
  Result<std::shared_ptr<Event>> start = r.queue->record();
  if (!start)
    return start.status();
  if (Status status = r.queue->launch(launch); !status)
    return status;
  Result<std::shared_ptr<Event>> end = r.queue->record();
  if (!end)
    return end.status();
  for (Event *event : {start->get(), end->get()})
    if (Status status = event->wait(); !status)
      return status;
  r.profile->record({int32_t(launch.tag), (*start)->timestamp(),
                     (*end)->timestamp() - (*start)->timestamp(), needs.flops, needs.bytes});
  return Status::success();
}

Status Executor::execute(const Copy &copy) {
  Result<int64_t> bytes = evaluate(copy.bytes, "a copy");
  if (!bytes)
    return bytes.status();
  Result<BufferRef> source = slice(copy.source, copy.sourceOffset, *bytes);
  if (!source)
    return source.status().in("copy");
  Result<BufferRef> destination = slice(copy.destination, copy.destinationOffset, *bytes);
  if (!destination)
    return destination.status().in("copy");
  return r.queue->copy(*destination, *source);
}

Status Executor::execute(const Fill &fill) {
  Result<int64_t> bytes = evaluate(fill.bytes, "a fill");
  if (!bytes)
    return bytes.status();
  Result<BufferRef> destination = slice(fill.destination, fill.offset, *bytes);
  if (!destination)
    return destination.status().in("fill");
  return r.queue->fill(*destination, fill.value);
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
      if (Status status = buffers.makeDynamic(id, vars); !status)
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
    if (Status status = checkSize(loop.induction, sizeof(int64_t)); !status)
      return status.in("for");
  for (int64_t i = lower; i < upper;) {
    BufferRef induction = buffers.place(loop.induction).slice(0, sizeof(i));
    if (Status status = r.queue->upload(induction, &i); !status)
      return status.in("for");
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

Result<BufferRef> Executor::slice(BufferId id, const SizeExpr &offset, int64_t bytes) const {
  Result<int64_t> start = evaluate(offset, "a slice");
  if (!start)
    return start.status();
  int64_t size = buffers.size(id);
  if (*start > size || bytes > size - *start)
    return error("bytes " + std::to_string(*start) + " to " + std::to_string(*start + bytes) +
                 " are not in buffer " + std::to_string(id) + " of " + std::to_string(size) +
                 " bytes");
  return buffers.place(id).slice(uint64_t(*start), uint64_t(bytes));
}

Status Executor::checkSize(BufferId id, int64_t bytes) const {
  int64_t size = buffers.size(id);
  return size >= bytes ? Status::success()
                       : error("buffer " + std::to_string(id) + " has " + std::to_string(size) +
                               " bytes, needs " + std::to_string(bytes));
}

Status Executor::read(BufferId id, void *destination, uint64_t bytes) {
  if (Status status = checkSize(id, int64_t(bytes)); !status)
    return status;
  const Blob &constant = r.program.buffers[id].constant;
  if (r.program.buffers[id].kind == BufferKind::Constant) {
    std::memcpy(destination, constant.data.get(), bytes);
    return Status::success();
  }
  const BufferRef &place = buffers.place(id);
  const char *host = place.host();
  if (!host)
    if (Status status = r.queue->download(destination, place.slice(0, bytes)); !status)
      return status;
  if (Status status = synchronize(); !status)
    return status;
  if (host)
    std::memcpy(destination, host, bytes);
  return Status::success();
}

Result<int64_t> Executor::readInt(BufferId id) {
  int64_t value = 0;
  if (Status status = read(id, &value, sizeof(value)); !status)
    return status;
  return value;
}

Result<bool> Executor::readBool(BufferId id) {
  uint8_t value = 0;
  if (Status status = read(id, &value, sizeof(value)); !status)
    return status;
  return value != 0;
}

} // namespace tg::rt
