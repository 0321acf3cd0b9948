//===- Program.cpp - A compiled model as plain tables -----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tg/Runtime/Program/Program.h"

#include "Commands.h"

namespace tg::rt {
namespace {

const char *kindName(BufferKind kind) {
  static const char *const names[] = {"input", "output", "constant", "temp"};
  return names[unsigned(kind)];
}

std::string bufferName(BufferId id) { return "%" + std::to_string(id); }

std::string describe(const Command &command, const Program &program,
                     const std::vector<std::string> &names) {
  auto size = [&](const SizeExpr &expr) { return expr.print(names); };
  return std::visit(
      Overload{[&](const Launch &launch) {
                 std::string text = "launch " + program.kernels[launch.kernel].name + "(";
                 for (size_t i = 0; i < launch.buffers.size(); ++i)
                   text += (i ? ", " : "") + bufferName(launch.buffers[i]);
                 return text + ")";
               },
               [&](const Copy &copy) {
                 return "copy " + bufferName(copy.source) + "[" + size(copy.sourceOffset) +
                        "] to " + bufferName(copy.destination) + "[" +
                        size(copy.destinationOffset) + "], " + size(copy.bytes) + " bytes";
               },
               [&](const Fill &fill) {
                 return "fill " + bufferName(fill.destination) + "[" + size(fill.offset) + "], " +
                        size(fill.bytes) + " bytes, " + std::to_string(fill.value);
               },
               [&](const Bind &bind) {
                 return "bind " + names[bind.var] + " to " + bufferName(bind.source);
               },
               [&](const If &branch) { return "if " + bufferName(branch.condition); },
               [&](const For &loop) {
                 return "for " + bufferName(loop.induction) + " = " + bufferName(loop.lower) +
                        " to " + bufferName(loop.upper) + " step " + bufferName(loop.step);
               },
               [&](const While &loop) { return "while " + bufferName(loop.condition); },
               [&](const Check &check) {
                 std::string text = "check";
                 for (const SizeExpr &expr : check.notNegative)
                   text += (text == "check" ? " " : ", ") + size(expr) + " >= 0";
                 return text + ": " + check.message;
               }},
      command.op);
}

std::string describe(const Port &port, const std::vector<std::string> &names) {
  std::string text = port.name + ": tensor<";
  for (const SizeExpr &dim : port.dims)
    text += dim.print(names) + "x";
  text += std::string(dtypeName(port.dtype)) + "> " + bufferName(port.buffer);
  if (port.tiedOutput >= 0)
    text += " tied to output " + std::to_string(port.tiedOutput);
  if (port.kind == PortKind::Strings)
    text += ", strings";
  if (port.kind == PortKind::Maps)
    text += ", maps of " + std::to_string(port.intKeys.size() + port.stringKeys.size()) + " keys";
  return text;
}

} // namespace

uint32_t Program::numCommands() const {
  uint32_t index = 0;
  forEachCommand(commands, index, 0, [](const Command &, uint32_t, unsigned) {});
  return index;
}

std::vector<bool> Program::varsBoundByProgram() const {
  std::vector<bool> bound(vars.size(), false);
  uint32_t index = 0;
  forEachCommand(commands, index, 0, [&](const Command &command, uint32_t, unsigned) {
    if (const auto *bind = std::get_if<Bind>(&command.op))
      if (bind->var < bound.size())
        bound[bind->var] = true;
  });
  return bound;
}

std::vector<std::string> Program::varNames() const {
  std::vector<std::string> names;
  for (const Var &var : vars)
    names.push_back(var.name);
  return names;
}

std::string Program::print() const {
  std::vector<std::string> names = varNames();
  std::string out = "program " + name + "\n";
  for (const Var &var : vars)
    out += "  var " + var.name + " in [" + std::to_string(var.min) + ", " +
           std::to_string(var.max) + "]\n";
  for (const Port &port : inputs)
    out += "  input " + describe(port, names) + "\n";
  for (const Port &port : outputs)
    out += "  output " + describe(port, names) + "\n";
  if (strings)
    out += "  " + std::to_string(strings->strings().size()) + " strings\n";
  for (size_t i = 0; i < buffers.size(); ++i) {
    const Buffer &buffer = buffers[i];
    out += "  buffer " + bufferName(BufferId(i)) + " " + kindName(buffer.kind) + ", " +
           buffer.bytes.print(names) + " bytes";
    if (buffer.kind == BufferKind::Temp)
      out += ", lives in [" + std::to_string(buffer.firstUse) + ", " +
             std::to_string(buffer.lastUse) + "]";
    out += "\n";
  }
  for (const Kernel &kernel : kernels)
    out += "  kernel " + kernel.name + " @" + kernel.symbol + " on " + kernel.device + ", range " +
           kernel.range.print(names) + ", workspace " + kernel.workspaceBytes.print(names) +
           ", flops " + kernel.flops.print(names) + ", bytes " + kernel.bytes.print(names) +
           (kernel.location.empty() ? "" : ", for " + kernel.location) + "\n";
  uint32_t index = 0;
  forEachCommand(commands, index, 0, [&](const Command &command, uint32_t at, unsigned depth) {
    out += "  " + std::to_string(at) + ": " + std::string(2 * depth, ' ') +
           describe(command, *this, names) + "\n";
  });
  return out;
}

} // namespace tg::rt
