//===- Layout.cpp - Sizes and places of a program's buffers -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tg/Runtime/Program/Layout.h"

#include "Binding.h"

#include <algorithm>
#include <cstdio>

namespace tg::rt {

ProgramLayout layoutOf(const Program &program, const ProgramInfo &info,
                       const std::vector<int64_t> &vars, const Plan &plan) {
  ProgramLayout layout;
  for (VarId id = 0; id < program.vars.size(); ++id)
    layout.vars.push_back(info.dynamicVar[id] ? std::nullopt : std::optional(vars[id]));
  for (BufferId id = 0; id < program.buffers.size(); ++id) {
    BufferLayout buffer;
    if (plan.sizes[id] >= 0)
      buffer.bytes = plan.sizes[id];
    buffer.offset = plan.offsets[id];
    layout.buffers.push_back(buffer);
  }
  for (const std::optional<LaunchNeeds> &needs : plan.launches) {
    KernelLayout kernel;
    if (needs)
      kernel = {needs->range, needs->workspace, needs->flops, needs->bytes};
    layout.kernels.push_back(kernel);
  }
  layout.arenaBytes = plan.arenaBytes;
  layout.arenaLowerBound = plan.lowerBound;
  return layout;
}

Result<ProgramLayout> layoutProgram(const Program &program,
                                    const std::map<std::string, int64_t> &vars,
                                    const MemoryPlanner &planner) {
  ProgramInfo info(program);
  std::vector<int64_t> values;
  for (const Var &var : program.vars)
    values.push_back(std::min(std::max<int64_t>(var.min, 1), var.max));
  for (const auto &[name, value] : vars) {
    VarId id = 0;
    while (id < program.vars.size() && program.vars[id].name != name)
      ++id;
    if (id == program.vars.size())
      return error("there is no variable '" + name + "'");
    const Var &var = program.vars[id];
    if (info.dynamicVar[id])
      return error("variable '" + name + "' is computed by the program and cannot be given");
    if (value < var.min || value > var.max)
      return error("variable '" + name + "' = " + std::to_string(value) +
                   " is outside its bounds [" + std::to_string(var.min) + ", " +
                   std::to_string(var.max) + "]");
    values[id] = value;
  }
  Result<Plan> plan = makePlan(program, info, values, planner);
  if (!plan)
    return plan.status();
  return layoutOf(program, info, values, *plan);
}

std::string printLayout(const Program &program, const ProgramLayout &layout) {
  ProgramInfo info(program);
  std::string out = "arena " + std::to_string(layout.arenaBytes) + " bytes, lower bound " +
                    std::to_string(layout.arenaLowerBound) + "\n";
  char line[160];
  std::snprintf(line, sizeof(line), "  %-7s %-9s %14s %14s  %-17s %s\n", "buffer", "kind", "bytes",
                "offset", "commands", "name");
  out += line;
  for (BufferId id = 0; id < program.buffers.size(); ++id) {
    const Buffer &buffer = program.buffers[id];
    static const char *const kinds[] = {"input", "output", "constant", "temp"};
    const BufferLayout &place = layout.buffers[id];
    std::string lives = buffer.kind == BufferKind::Temp ? std::to_string(buffer.firstUse) + " to " +
                                                              std::to_string(buffer.lastUse)
                                                        : "all";
    std::snprintf(line, sizeof(line), "  %%%-6u %-9s %14s %14s  %-17s ", unsigned(id),
                  kinds[unsigned(buffer.kind)],
                  place.bytes ? std::to_string(*place.bytes).c_str() : "at run time",
                  place.offset ? std::to_string(*place.offset).c_str() : "-", lives.c_str());
    out += line;
    if (info.inputOf[id] >= 0)
      out += program.inputs[info.inputOf[id]].name;
    else if (info.outputOf[id] >= 0)
      out += program.outputs[info.outputOf[id]].name;
    while (out.back() == ' ')
      out.pop_back();
    out += "\n";
  }
  return out;
}

} // namespace tg::rt
