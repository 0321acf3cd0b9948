//===- ProgramVerify.cpp - Whether a program's tables fit -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// After this the runtime indexes the tables without further checks. What depends on the vars'
// values (sizes, offsets) is checked when it is evaluated.
//===----------------------------------------------------------------------===//

#include "tg/Runtime/Program/Program.h"

#include "Commands.h"

#include "tg/Runtime/Memory/Allocator.h"

#include <set>

namespace tg::rt {
namespace {

class Verifier {
public:
  explicit Verifier(const Program &program) : program(program) {}

  Status run() {
    // Whatever recurses over the commands needs a bounded depth.
    if (!nestsWithin(program.commands, maxCommandDepth))
      return error("commands are nested deeper than " + std::to_string(maxCommandDepth));
    boundByProgram = program.varsBoundByProgram();
    verifyVars();
    verifyBuffers();
    verifyPorts();
    if (program.strings && !program.strings->isUnique())
      fail("strings", "one of them is there twice");
    verifyKernels();
    verifyCommands();
    return failure;
  }

private:
  /// Keeps the first failure.
  void fail(const std::string &place, const std::string &what) {
    if (failure.ok())
      failure = error("program '" + program.name + "': " + place + ": " + what);
  }
  void checkExpr(const std::string &place, const char *what, const SizeExpr &expr) {
    if (Status status = expr.verify(program.vars.size()); !status)
      fail(place, std::string(what) + ": " + status.message());
  }
  bool checkBuffer(const std::string &place, BufferId id) {
    if (id < program.buffers.size())
      return true;
    fail(place, "buffer " + std::to_string(id) + " of " + std::to_string(program.buffers.size()));
    return false;
  }

  void verifyVars() {
    std::set<std::string> names;
    for (size_t i = 0; i < program.vars.size(); ++i) {
      const Var &var = program.vars[i];
      std::string place = "var " + std::to_string(i) + " '" + var.name + "'";
      if (var.name.empty() || !names.insert(var.name).second)
        fail(place, "the name is empty or taken");
      if (var.min > var.max)
        fail(place, "the bounds [" + std::to_string(var.min) + ", " + std::to_string(var.max) +
                        "] are empty");
    }
  }

  void verifyBuffers() {
    for (size_t i = 0; i < program.buffers.size(); ++i) {
      const Buffer &buffer = program.buffers[i];
      std::string place = "buffer " + std::to_string(i);
      if (buffer.kind > BufferKind::Temp)
        fail(place, "unknown kind " + std::to_string(int(buffer.kind)));
      checkExpr(place, "bytes", buffer.bytes);
      if (buffer.kind == BufferKind::Constant) {
        const Blob &blob = buffer.constant;
        if (!buffer.bytes.constant() || uint64_t(*buffer.bytes.constant()) != blob.size)
          fail(place, "the constant has " + std::to_string(blob.size) +
                          " bytes, not what the buffer states");
        if (blob.size && !blob.data)
          fail(place, "the constant has no data");
        if (reinterpret_cast<uintptr_t>(blob.data.get()) % bufferAlignment)
          fail(place, "the constant is not aligned to " + std::to_string(bufferAlignment));
      }
      if (buffer.kind == BufferKind::Temp && buffer.firstUse > buffer.lastUse)
        fail(place, "lives from command " + std::to_string(buffer.firstUse) + " to " +
                        std::to_string(buffer.lastUse));
    }
  }

  void verifyKind(const Port &port, const std::string &place) {
    if (port.kind > PortKind::Maps)
      fail(place, "unknown kind " + std::to_string(int(port.kind)));
    if (port.kind == PortKind::Strings && (port.dtype != DType::I64 || !program.strings))
      fail(place, program.strings ? "ids of strings must be of type i64" : "there are no strings");
    size_t numKeys = port.intKeys.size() + port.stringKeys.size();
    if (!port.intKeys.empty() && !port.stringKeys.empty())
      fail(place, "its keys are integers and strings");
    if (port.kind != PortKind::Maps && numKeys)
      fail(place, "only maps have keys");
    if (port.kind == PortKind::Maps &&
        (port.dims.empty() || port.dims.back().constant() != int64_t(numKeys)))
      fail(place, "it has " + std::to_string(numKeys) + " keys, not one for each element of a row");
  }

  void verifyPort(const Port &port, const std::string &place, std::set<std::string> &names,
                  std::vector<bool> &taken) {
    if (port.name.empty() || !names.insert(port.name).second)
      fail(place, "the name is empty or taken");
    if (unsigned(port.dtype) >= numDTypes)
      fail(place, "unknown type " + std::to_string(int(port.dtype)));
    for (const SizeExpr &dim : port.dims)
      checkExpr(place, "dimension", dim);
    verifyKind(port, place);
    if (!checkBuffer(place, port.buffer))
      return;
    if (taken[port.buffer])
      fail(place, "buffer " + std::to_string(port.buffer) + " belongs to another one");
    taken[port.buffer] = true;
  }

  void verifyPorts() {
    std::set<std::string> inputNames, outputNames;
    std::vector<bool> inputBuffers(program.buffers.size()), outputBuffers(program.buffers.size()),
        tied(program.buffers.size());
    for (const Port &port : program.inputs) {
      std::string place = "input '" + port.name + "'";
      verifyPort(port, place, inputNames, inputBuffers);
      if (!failure.ok())
        return;
      for (const SizeExpr &dim : port.dims)
        for (size_t var = 0; var < program.vars.size(); ++var)
          if (boundByProgram[var] && dim.dependsOn(uint32_t(var)))
            fail(place, "a dimension depends on var '" + program.vars[var].name +
                            "', which the program computes");
      if (port.kind == PortKind::Maps)
        fail(place, "only outputs are maps");
      if (program.buffers[port.buffer].kind != BufferKind::Input)
        fail(place, "its buffer is not an input buffer");
      if (port.tiedOutput == -1)
        continue;
      tied[port.buffer] = true;
      if (port.tiedOutput < 0 || size_t(port.tiedOutput) >= program.outputs.size() ||
          program.outputs[port.tiedOutput].buffer != port.buffer)
        fail(place, "it is tied to output " + std::to_string(port.tiedOutput) +
                        ", which does not name its buffer");
    }
    for (const Port &port : program.outputs) {
      std::string place = "output '" + port.name + "'";
      verifyPort(port, place, outputNames, outputBuffers);
      if (!failure.ok())
        return;
      if (port.tiedOutput != -1)
        fail(place, "only inputs are tied");
      if (program.buffers[port.buffer].kind != BufferKind::Output && !tied[port.buffer])
        fail(place, "its buffer is neither an output buffer nor a tied input's");
    }
    for (size_t i = 0; i < program.buffers.size(); ++i) {
      BufferKind kind = program.buffers[i].kind;
      if ((kind == BufferKind::Input && !inputBuffers[i]) ||
          (kind == BufferKind::Output && !outputBuffers[i]))
        fail("buffer " + std::to_string(i), "no input or output names it");
      readOnly.push_back(kind == BufferKind::Constant || (kind == BufferKind::Input && !tied[i]));
    }
  }

  void verifyKernels() {
    for (size_t i = 0; i < program.kernels.size(); ++i) {
      const Kernel &kernel = program.kernels[i];
      std::string place = "kernel " + std::to_string(i) + " '" + kernel.name + "'";
      if (kernel.symbol.empty())
        fail(place, "it has no symbol");
      if (kernel.code >= program.code.size())
        fail(place, "code module " + std::to_string(kernel.code) + " of " +
                        std::to_string(program.code.size()));
      checkExpr(place, "range", kernel.range);
      checkExpr(place, "workspace", kernel.workspaceBytes);
      checkExpr(place, "flops", kernel.flops);
      checkExpr(place, "bytes", kernel.bytes);
    }
    for (size_t i = 0; i < program.code.size(); ++i)
      if (!program.code[i].loaded && !program.code[i].bytes.data)
        fail("code module " + std::to_string(i), "it has no code");
  }

  void use(const std::string &place, BufferId id, uint32_t index, bool writes) {
    if (!checkBuffer(place, id))
      return;
    const Buffer &buffer = program.buffers[id];
    if (buffer.kind == BufferKind::Temp && (index < buffer.firstUse || index > buffer.lastUse))
      fail(place, "buffer " + std::to_string(id) + " lives only in commands " +
                      std::to_string(buffer.firstUse) + " to " + std::to_string(buffer.lastUse));
    if (writes && readOnly[id])
      fail(place, "buffer " + std::to_string(id) + " is read-only");
  }

  void verifyCommand(const Command &command, uint32_t index) {
    std::string place = "command " + std::to_string(index);
    std::visit(Overload{[&](const Launch &launch) {
                          if (launch.kernel >= program.kernels.size())
                            return fail(place, "kernel " + std::to_string(launch.kernel) + " of " +
                                                   std::to_string(program.kernels.size()));
                          for (BufferId id : launch.buffers)
                            use(place, id, index, /*writes=*/false);
                        },
                        [&](const Copy &copy) {
                          use(place, copy.source, index, false);
                          use(place, copy.destination, index, true);
                          checkExpr(place, "bytes", copy.bytes);
                          checkExpr(place, "source offset", copy.sourceOffset);
                          checkExpr(place, "destination offset", copy.destinationOffset);
                        },
                        [&](const Fill &fill) {
                          use(place, fill.destination, index, true);
                          checkExpr(place, "bytes", fill.bytes);
                          checkExpr(place, "offset", fill.offset);
                        },
                        [&](const Bind &bind) {
                          if (bind.var >= program.vars.size())
                            fail(place, "var " + std::to_string(bind.var) + " of " +
                                            std::to_string(program.vars.size()));
                          use(place, bind.source, index, false);
                        },
                        [&](const If &branch) { use(place, branch.condition, index, false); },
                        [&](const For &loop) {
                          for (BufferId id : {loop.lower, loop.upper, loop.step})
                            use(place, id, index, false);
                          use(place, loop.induction, index, true);
                        },
                        [&](const While &loop) { use(place, loop.condition, index, false); },
                        [&](const Check &check) {
                          for (const SizeExpr &size : check.notNegative)
                            checkExpr(place, "check", size);
                        }},
               command.op);
  }

  void verifyCommands() {
    if (!failure.ok())
      return;
    uint32_t index = 0;
    forEachCommand(program.commands, index, 0, [&](const Command &command, uint32_t at, unsigned) {
      verifyCommand(command, at);
    });
  }

  const Program &program;
  Status failure;
  std::vector<bool> boundByProgram;
  std::vector<bool> readOnly;
};

} // namespace

Status Program::verify() const { return Verifier(*this).run(); }

} // namespace tg::rt
