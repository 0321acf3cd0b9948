//===- Binding.cpp - Inputs and vars of one run -----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Binding.h"

namespace tg::rt {
namespace {

/// Matches a request with the program's inputs and solves the extents for the vars.
class Binder {
public:
  Binder(const Program &program, const ProgramInfo &info, const RunRequest &request)
      : program(program), info(info), request(request), known(program.vars.size()),
        origin(program.vars.size()) {
    binding.inputs.resize(program.inputs.size());
    binding.donated.resize(program.inputs.size());
    binding.vars.resize(program.vars.size());
  }

  Result<Binding> run() {
    for (Status (Binder::*step)() : {&Binder::takeInputs, &Binder::takeVars, &Binder::checkTypes,
                                     &Binder::solve, &Binder::checkVars, &Binder::checkShapes})
      if (Status status = (this->*step)(); !status)
        return status;
    return std::move(binding);
  }

private:
  Status takeInputs() {
    for (size_t i = 0; i < request.inputs.size(); ++i) {
      const RunInput &given = request.inputs[i];
      size_t index = i;
      if (!given.name.empty()) {
        for (index = 0; index < program.inputs.size(); ++index)
          if (program.inputs[index].name == given.name)
            break;
        if (index == program.inputs.size())
          return error("there is no input '" + given.name + "'; the inputs are: " + inputNames());
      }
      if (index >= program.inputs.size())
        return error("got " + std::to_string(request.inputs.size()) + " inputs, expected " +
                     std::to_string(program.inputs.size()));
      if (binding.inputs[index].valid())
        return error("input '" + program.inputs[index].name + "' is given twice");
      binding.inputs[index] = given.tensor;
      binding.donated[index] = given.donated;
    }
    for (size_t i = 0; i < program.inputs.size(); ++i)
      if (!binding.inputs[i].valid())
        return error("input '" + program.inputs[i].name + "' is missing: expected " +
                     symbolicType(program.inputs[i]));
    return Status::success();
  }

  Status takeVars() {
    for (const auto &[name, value] : request.vars) {
      size_t id = 0;
      while (id < program.vars.size() && program.vars[id].name != name)
        ++id;
      if (id == program.vars.size())
        return error("there is no var '" + name + "'");
      if (info.dynamicVar[id])
        return error("var '" + name + "' is computed by the program and cannot be given");
      set(uint32_t(id), value, "as given");
    }
    return Status::success();
  }

  Status checkTypes() {
    for (size_t i = 0; i < program.inputs.size(); ++i) {
      const Port &port = program.inputs[i];
      const Tensor &tensor = binding.inputs[i];
      if (tensor.dtype() != port.dtype || size_t(tensor.rank()) != port.dims.size())
        return mismatch(port, tensor, symbolicType(port));
    }
    return Status::success();
  }

  /// Each extent that is affine in one unknown var gives that var.
  Status solve() {
    for (bool changed = true; changed;) {
      changed = false;
      for (size_t i = 0; i < program.inputs.size(); ++i)
        for (size_t axis = 0; axis < program.inputs[i].dims.size(); ++axis)
          if (Status status = solveExtent(i, axis, changed); !status)
            return status;
    }
    return Status::success();
  }

  Status solveExtent(size_t input, size_t axis, bool &changed) {
    const Port &port = program.inputs[input];
    if (port.dims[axis].constant())
      return Status::success();
    std::optional<SizeExpr::Affine> form = port.dims[axis].affine();
    if (!form)
      return Status::success();
    int64_t rest = binding.inputs[input].shape()[axis];
    std::optional<uint32_t> unknown;
    int64_t factor = 0;
    bool bad = __builtin_sub_overflow(rest, form->offset, &rest);
    for (auto [id, coefficient] : form->coefficients) {
      int64_t term;
      if (known[id])
        bad |= __builtin_mul_overflow(coefficient, binding.vars[id], &term) ||
               __builtin_sub_overflow(rest, term, &rest);
      else if (unknown)
        return Status::success();
      else
        unknown = id, factor = coefficient;
    }
    if (!unknown)
      return Status::success();
    if (bad || factor == 0 || (rest == INT64_MIN && factor == -1) || rest % factor != 0)
      return mismatch(port, binding.inputs[input], symbolicType(port));
    set(*unknown, rest / factor, "from input '" + port.name + "'");
    changed = true;
    return Status::success();
  }

  Status checkVars() {
    for (uint32_t id = 0; id < program.vars.size(); ++id) {
      const Var &var = program.vars[id];
      if (info.dynamicVar[id])
        continue;
      if (!known[id] && var.min == var.max)
        set(id, var.min, "its only value");
      if (!known[id])
        return error("var '" + var.name + "' needs a value: no input's shape tells it");
      int64_t value = binding.vars[id];
      if (value < var.min || value > var.max)
        return error("var '" + var.name + "' = " + std::to_string(value) + " (" + origin[id] +
                     ") is outside its bounds [" + std::to_string(var.min) + ", " +
                     std::to_string(var.max) + "]; an ONNX model can be compiled for it: --dim=" +
                     var.name + "=" + std::to_string(value) + ", dims= in Python");
    }
    return Status::success();
  }

  Status checkShapes() {
    for (size_t i = 0; i < program.inputs.size(); ++i) {
      const Port &port = program.inputs[i];
      Result<std::vector<int64_t>> shape = portShape(port, "input", binding.vars);
      if (!shape)
        return shape.status();
      if (*shape != binding.inputs[i].shape())
        return mismatch(port, binding.inputs[i], tensorTypeName(port.dtype, *shape) + varsOf(port));
    }
    return Status::success();
  }

  void set(uint32_t id, int64_t value, std::string from) {
    binding.vars[id] = value;
    known[id] = true;
    origin[id] = std::move(from);
  }
  static Status mismatch(const Port &port, const Tensor &tensor, const std::string &expected) {
    return error("input '" + port.name + "': expected " + expected + ", got " + tensor.typeName());
  }
  std::string symbolicType(const Port &port) const {
    std::vector<std::string> names = program.varNames();
    std::string text = "tensor<";
    for (const SizeExpr &dim : port.dims) {
      std::string extent = dim.print(names);
      text += (dim.instructions().size() > 1 ? "(" + extent + ")" : extent) + "x";
    }
    return text + std::string(dtypeName(port.dtype)) + ">";
  }
  /// " (N = 4 from input 'x')".
  std::string varsOf(const Port &port) const {
    std::string text;
    for (uint32_t id = 0; id < program.vars.size(); ++id)
      for (const SizeExpr &dim : port.dims)
        if (dim.dependsOn(id)) {
          text += (text.empty() ? " (" : ", ") + program.vars[id].name + " = " +
                  std::to_string(binding.vars[id]) + " " + origin[id];
          break;
        }
    return text.empty() ? text : text + ")";
  }
  std::string inputNames() const {
    std::string text;
    for (const Port &port : program.inputs)
      text += (text.empty() ? "" : ", ") + port.name;
    return text.empty() ? "none" : text;
  }

  const Program &program;
  const ProgramInfo &info;
  const RunRequest &request;
  Binding binding;
  std::vector<bool> known;
  std::vector<std::string> origin;
};

} // namespace

Result<Binding> bindRequest(const Program &program, const ProgramInfo &info,
                            const RunRequest &request) {
  return Binder(program, info, request).run();
}

} // namespace tg::rt
