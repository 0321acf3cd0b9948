//===- Plan.cpp - Sizes and places under one binding of vars ----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Binding.h"
#include "Commands.h"

#include <algorithm>

namespace tg::rt {
namespace {

std::string bufferPlace(BufferId id) { return "buffer " + std::to_string(id); }

} // namespace

ProgramInfo::ProgramInfo(const Program &program)
    : dynamicVar(program.varsBoundByProgram()), dependents(program.vars.size()),
      bufferVars(program.buffers.size()), kernelVars(program.kernels.size()),
      outputOf(program.buffers.size(), -1), inputOf(program.buffers.size(), -1) {
  for (size_t i = 0; i < program.inputs.size(); ++i)
    inputOf[program.inputs[i].buffer] = int32_t(i);
  for (size_t i = 0; i < program.outputs.size(); ++i)
    outputOf[program.outputs[i].buffer] = int32_t(i);
  for (VarId var = 0; var < program.vars.size(); ++var) {
    if (!dynamicVar[var])
      continue;
    for (BufferId id = 0; id < program.buffers.size(); ++id) {
      bool depends = program.buffers[id].bytes.dependsOn(var);
      if (outputOf[id] >= 0)
        for (const SizeExpr &dim : program.outputs[outputOf[id]].dims)
          depends |= dim.dependsOn(var);
      if (depends) {
        dependents[var].push_back(id);
        bufferVars[id].push_back(var);
      }
    }
    for (size_t i = 0; i < program.kernels.size(); ++i) {
      const Kernel &kernel = program.kernels[i];
      if (kernel.range.dependsOn(var) || kernel.workspaceBytes.dependsOn(var) ||
          kernel.flops.dependsOn(var) || kernel.bytes.dependsOn(var))
        kernelVars[i].push_back(var);
    }
  }
}

Result<std::vector<int64_t>> portShape(const Port &port, const char *role,
                                       const std::vector<int64_t> &vars) {
  std::vector<int64_t> shape;
  for (const SizeExpr &dim : port.dims) {
    Result<int64_t> extent = dim.evaluate(vars);
    if (!extent || *extent < 0)
      return error(std::string(role) + " '" + port.name + "': dimension " +
                   std::to_string(shape.size()) +
                   (extent ? " is negative: " + std::to_string(*extent) : ": " + extent.message()));
    shape.push_back(*extent);
  }
  return shape;
}

/// " where N = 3, M = 4": the variables of `expr`.
static std::string valuesOf(const Program &program, const SizeExpr &expr,
                            const std::vector<int64_t> &vars) {
  std::string text;
  for (VarId id = 0; id < program.vars.size(); ++id)
    if (expr.dependsOn(id))
      text += (text.empty() ? " where " : ", ") + program.vars[id].name + " = " +
              std::to_string(vars[id]);
  return text;
}

Result<LaunchNeeds> launchNeeds(const Kernel &kernel, const std::vector<int64_t> &vars) {
  LaunchNeeds needs;
  const std::pair<const SizeExpr *, int64_t *> fields[] = {
      {&kernel.range, &needs.range},
      {&kernel.workspaceBytes, &needs.workspace},
      {&kernel.flops, &needs.flops},
      {&kernel.bytes, &needs.bytes}};
  for (auto [expr, slot] : fields) {
    Result<int64_t> value = expr->evaluate(vars);
    if (!value)
      return value.status().in("kernel '" + kernel.name + "'");
    if (*value < 0)
      return error("kernel '" + kernel.name + "': a size is negative: " + std::to_string(*value));
    *slot = *value;
  }
  return needs;
}

Result<int64_t> bufferSize(const Program &program, const ProgramInfo &info, BufferId id,
                           const std::vector<int64_t> &vars) {
  const SizeExpr &expr = program.buffers[id].bytes;
  auto where = [&] { return valuesOf(program, expr, vars); };
  Result<int64_t> size = expr.evaluate(vars);
  if (!size)
    return error(bufferPlace(id) + " of " + expr.print(program.varNames()) +
                 " bytes: " + size.message() + where());
  const Port *port = nullptr;
  const char *role = "input";
  if (info.inputOf[id] >= 0) {
    port = &program.inputs[info.inputOf[id]];
  } else if (info.outputOf[id] >= 0) {
    port = &program.outputs[info.outputOf[id]];
    role = "output";
  }
  if (!port && *size >= 0)
    return size;
  if (!port)
    return error("an intermediate value has a negative size" + where() + ": " +
                 std::to_string(*size) + " bytes (" + bufferPlace(id) + ")");
  Result<std::vector<int64_t>> shape = portShape(*port, role, vars);
  if (!shape)
    return error(shape.message() + where());
  Result<int64_t> bytes = tensorBytes(port->dtype, *shape);
  if (!bytes)
    return bytes.status().in(std::string(role) + " '" + port->name + "'");
  if (*bytes != *size)
    return error(std::string(role) + " '" + port->name +
                 "': " + tensorTypeName(port->dtype, *shape) + " takes " + std::to_string(*bytes) +
                 " bytes, its buffer has " + std::to_string(*size));
  return size;
}

Result<Plan> makePlan(const Program &program, const ProgramInfo &info,
                      const std::vector<int64_t> &vars, const MemoryPlanner &planner,
                      uint64_t alignment) {
  Plan plan;
  plan.sizes.assign(program.buffers.size(), -1);
  plan.offsets.resize(program.buffers.size());
  std::vector<LiveBlock> blocks;
  std::vector<BufferId> ids;
  for (BufferId id = 0; id < program.buffers.size(); ++id) {
    const Buffer &buffer = program.buffers[id];
    if (!info.bufferVars[id].empty())
      continue;
    Result<int64_t> size = bufferSize(program, info, id, vars);
    if (!size)
      return size.status();
    plan.sizes[id] = *size;
    if (buffer.kind == BufferKind::Temp) {
      blocks.push_back({uint64_t(*size), buffer.firstUse, buffer.lastUse});
      ids.push_back(id);
    }
  }
  MemoryPlanOptions options;
  options.alignment = alignment;
  Result<MemoryPlan> memory = planner.plan(blocks, options);
  if (!memory)
    return memory.status();
  for (size_t i = 0; i < ids.size(); ++i)
    plan.offsets[ids[i]] = memory->offsets[i];
  plan.arenaBytes = memory->peak;
  plan.lowerBound = memory->lowerBound;
  for (size_t i = 0; i < program.kernels.size(); ++i) {
    plan.launches.emplace_back();
    if (!info.kernelVars[i].empty())
      continue;
    Result<LaunchNeeds> needs = launchNeeds(program.kernels[i], vars);
    if (!needs)
      return needs.status();
    plan.launches.back() = *needs;
  }
  return plan;
}

} // namespace tg::rt
