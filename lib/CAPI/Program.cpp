//===- Program.cpp - C API: programs ----------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Guard.h"
#include "Objects.h"

#include <map>

using namespace tg;
using namespace tg::capi;

static_assert(int(rt::PortKind::Strings) == TG_PORT_STRINGS &&
                  int(rt::PortKind::Maps) == TG_PORT_MAPS,
              "the numbers of kinds are part of the API");

namespace {

tg_program::Port describe(const rt::Port &port, const std::vector<std::string> &vars) {
  tg_program::Port result;
  result.type = "tensor<";
  for (const rt::SizeExpr &dim : port.dims) {
    result.shape.push_back(dim.constant().value_or(-1));
    std::string extent = dim.print(vars);
    bool isCompound = extent.find(' ') != std::string::npos;
    result.type += (isCompound ? "(" + extent + ")" : extent) + "x";
  }
  result.type += std::string(dtypeName(port.dtype)) + ">";
  for (const std::string &key : port.stringKeys)
    result.keys.push_back(key.c_str());
  return result;
}

rt::Result<tg_program *> wrap(rt::Result<std::shared_ptr<const rt::Program>> program) {
  if (!program)
    return program.status();
  return new tg_program(std::move(*program));
}

bool getPort(const std::vector<rt::Port> &ports, const std::vector<tg_program::Port> &described,
             size_t index, tg_port *result) {
  if (index >= ports.size() || !result)
    return false;
  const tg_program::Port &port = described[index];
  *result = {ports[index].name.c_str(), port.type.c_str(), tg_dtype(ports[index].dtype),
             port.shape.size(), port.shape.data()};
  return true;
}

bool getMeaning(const std::vector<rt::Port> &ports, const std::vector<tg_program::Port> &described,
                size_t index, tg_meaning *result) {
  if (index >= ports.size() || !result)
    return false;
  const rt::Port &port = ports[index];
  const std::vector<const char *> &keys = described[index].keys;
  *result = {tg_port_kind(port.kind), port.intKeys.size() + keys.size(),
             port.intKeys.empty() ? nullptr : port.intKeys.data(),
             keys.empty() ? nullptr : keys.data()};
  return true;
}

/// The kernels of a linked program.
class LinkedCode : public rt::LoadedCode {
public:
  explicit LinkedCode(const tg_linked_program &linked) {
    for (uint64_t i = 0; i < linked.num_kernels; ++i)
      kernels[linked.kernels[i].symbol] = reinterpret_cast<void *>(linked.kernels[i].function);
  }
  void *lookup(const std::string &symbol) const override {
    auto found = kernels.find(symbol);
    return found == kernels.end() ? nullptr : found->second;
  }

private:
  std::map<std::string, void *> kernels;
};

} // namespace

tg_program::tg_program(std::shared_ptr<const rt::Program> made) : program(std::move(made)) {
  std::vector<std::string> vars = program->varNames();
  for (const rt::Port &port : program->inputs)
    inputs.push_back(describe(port, vars));
  for (const rt::Port &port : program->outputs)
    outputs.push_back(describe(port, vars));
}

tg_program *tg_program_load(const char *path, tg_error **error) {
  return guarded<tg_program *>(error, nullptr, {{"path", path}},
                               [&] { return wrap(rt::loadProgram(path)); });
}

tg_program *tg_program_load_memory(const void *data, size_t size, const char *name,
                                   tg_error **error) {
  return guarded<tg_program *>(error, nullptr, {{"data", data}, {"name", name}},
                               [&] { return wrap(rt::deserializeProgram(data, size, name)); });
}

tg_program *tg_program_link(const tg_linked_program *linked, tg_error **error) {
  return guarded<tg_program *>(
      error, nullptr, {{"linked", linked}}, [&]() -> rt::Result<tg_program *> {
        if (linked->version != TG_LINKED_PROGRAM_VERSION)
          return rt::error("linked program of version " + std::to_string(linked->version) +
                           ", this runtime takes " + std::to_string(TG_LINKED_PROGRAM_VERSION) +
                           "; compile the model again");
        return wrap(rt::linkProgram(linked->data, linked->size,
                                    std::make_shared<LinkedCode>(*linked), linked->name));
      });
}

bool tg_program_save(const tg_program *program, const char *path, tg_error **error) {
  return guardedStatus(error, {{"program", program}, {"path", path}}, [&] {
    for (const rt::CodeModule &module : program->program->code)
      if (!module.bytes.data)
        return rt::error(std::string(path) + ": the program's code exists only in memory");
    return rt::saveProgram(*program->program, path);
  });
}

void tg_program_free(tg_program *program) { delete program; }

size_t tg_program_num_inputs(const tg_program *program) { return program->inputs.size(); }
size_t tg_program_num_outputs(const tg_program *program) { return program->outputs.size(); }
size_t tg_program_num_variables(const tg_program *program) { return program->program->vars.size(); }

bool tg_program_input(const tg_program *program, size_t index, tg_port *port) {
  return getPort(program->program->inputs, program->inputs, index, port);
}

bool tg_program_output(const tg_program *program, size_t index, tg_port *port) {
  return getPort(program->program->outputs, program->outputs, index, port);
}

bool tg_program_input_meaning(const tg_program *program, size_t index, tg_meaning *meaning) {
  return getMeaning(program->program->inputs, program->inputs, index, meaning);
}

bool tg_program_output_meaning(const tg_program *program, size_t index, tg_meaning *meaning) {
  return getMeaning(program->program->outputs, program->outputs, index, meaning);
}

bool tg_program_variable(const tg_program *program, size_t index, tg_variable *variable) {
  const std::vector<rt::Var> &vars = program->program->vars;
  if (index >= vars.size() || !variable)
    return false;
  *variable = {vars[index].name.c_str(), vars[index].min, vars[index].max};
  return true;
}
