//===- Compiler.cpp - The module tg._compiler -------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Module.h"
#include "Support.h"

#include <nanobind/stl/map.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <algorithm>

namespace nb = nanobind;
using namespace tg;
using namespace tg::python;

namespace {

/// Sets an option from what Python gives: a bool, a number, text, or a list of texts (or one) for
/// an option that may be repeated. None leaves the default.
void setOption(CompileOptions &options, const std::string &keyword, nb::handle value) {
  std::string name = keyword;
  std::replace(name.begin(), name.end(), '_', '-');
  if (value.is_none())
    return;
  auto set = [&](const std::string &text) {
    if (std::string message = setCompileOption(options, name, text); !message.empty())
      check(rt::error(message));
  };
  auto expect = [&](bool isRight, const char *type) {
    if (!isRight)
      throw nb::type_error((keyword + ": expected " + type + ", got " +
                            nb::cast<std::string>(nb::str(value.type().attr("__name__"))))
                               .c_str());
  };
  const CompileOption *option = findCompileOption(name);
  if (option && option->isFlag())
    return expect(nb::isinstance<nb::bool_>(value), "bool"),
           set(nb::cast<bool>(value) ? "true" : "false");
  if (option && option->most > 0)
    return expect(nb::isinstance<nb::int_>(value), "int"),
           set(nb::cast<std::string>(nb::str(value)));
  if (!option || !option->isList() || nb::isinstance<nb::str>(value))
    return expect(nb::isinstance<nb::str>(value), "str"), set(nb::cast<std::string>(value));
  for (nb::handle item : value)
    set(nb::cast<std::string>(nb::str(item)));
}

Compiled compile(python::Module &self, const nb::dict &settings, bool keepIR) {
  CompileOptions options;
  for (auto [name, value] : settings)
    setOption(options, nb::cast<std::string>(name), value);
  return take(unlocked([&] { return self.compile(std::move(options), keepIR); }));
}

/// Name, default and words of every compile option, as Python has them.
std::vector<std::tuple<std::string, nb::object, std::string>> listOptions() {
  std::vector<std::tuple<std::string, nb::object, std::string>> list;
  for (const CompileOption &option : getCompileOptions()) {
    std::string name = option.name, value = option.get(CompileSettings());
    std::replace(name.begin(), name.end(), '-', '_');
    nb::object initial = nb::cast(value);
    if (option.isFlag())
      initial = nb::bool_(value == "true");
    else if (option.isList())
      initial = nb::tuple();
    else if (option.most > 0)
      initial = nb::int_(std::stoi(value));
    list.emplace_back(name, initial, option.help);
  }
  return list;
}

using GivenTypes = std::map<std::string, std::pair<std::string, std::vector<int64_t>>>;
using Shapes = std::map<std::string, std::vector<int64_t>>;

ImportOptions importOptions(const std::map<std::string, int64_t> &dims, const nb::dict &values,
                            const GivenTypes &types, const std::vector<std::string> &emptyInputs,
                            const Shapes &shapes, bool fixShapes) {
  ImportOptions options;
  options.inputShapes = shapes;
  options.fixShapes = fixShapes;
  options.dims = dims;
  options.givenTypes = types;
  options.emptyInputs = emptyInputs;
  for (auto [name, data] : values) {
    auto key = nb::cast<std::string>(name);
    if (nb::isinstance<rt::Tensor>(data)) {
      options.inputTensors[key] = nb::cast<rt::Tensor>(data);
      continue;
    }
    auto bytes = nb::cast<nb::bytes>(data);
    options.inputValues[key] = std::string(bytes.c_str(), bytes.size());
  }
  return options;
}

/// The module, or an error: tg.InputsNeeded where knowing the inputs may help.
std::shared_ptr<python::Module> takeModule(rt::Result<std::shared_ptr<python::Module>> result,
                                           const OnnxImportReport &report) {
  if (!result.ok())
    raise(result.status().message(), report.needsInputs ? "InputsNeeded" : "Error");
  return std::move(*result);
}

/// Name and element type of each input that an ONNX model needs.
std::vector<std::pair<std::string, std::string>> listOnnxInputs(llvm::MemoryBufferRef model) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  std::vector<std::pair<std::string, std::string>> result;
  std::optional<std::vector<OnnxInput>> inputs = readOnnxInputs(model, &context);
  if (!inputs)
    return result;
  for (const OnnxInput &input : *inputs) {
    std::string type;
    llvm::raw_string_ostream os(type);
    if (input.elementType)
      os << input.elementType;
    result.emplace_back(input.name, type);
  }
  return result;
}

void bindCompiled(nb::module_ &m) {
  nb::class_<KernelInfo>(m, "Kernel", "One distinct kernel of a compiled model.")
      .def_ro("name", &KernelInfo::name)
      .def_ro("location", &KernelInfo::location, "The nodes of the user's model that it computes.")
      .def_ro("operations", &KernelInfo::operations, "What its body is made of, in order.")
      .def_ro("inputs", &KernelInfo::inputs, "Types of what it reads.")
      .def_ro("outputs", &KernelInfo::outputs, "Types of what it writes.")
      .def_ro("launches", &KernelInfo::launches)
      .def_ro("from_cache", &KernelInfo::fromCache)
      .def("__repr__", [](const KernelInfo &kernel) {
        return kernel.name + ": " + std::to_string(kernel.operations.size()) + " operations, " +
               std::to_string(kernel.launches) + " launches, " + kernel.location;
      });

  nb::class_<Compiled>(m, "Compiled", "A program, and how it came about.")
      .def_prop_ro(
          "program", [](const Compiled &self) { return Program{self.compilation.program}; },
          nb::sig("def program(self) -> tg._runtime.Program"))
      .def_prop_ro("kernels", [](const Compiled &self) { return self.compilation.kernels; })
      .def_prop_ro(
          "stages",
          [](const Compiled &self) {
            nb::dict stages;
            for (const StageTime &stage : self.compilation.stages)
              stages[stage.stage.c_str()] = stage.milliseconds;
            return stages;
          },
          nb::sig("def stages(self) -> dict[str, float]"), "Milliseconds by stage.")
      .def_prop_ro(
          "ir",
          [](const Compiled &self) {
            nb::dict ir;
            for (const auto &[stage, text] : self.ir)
              ir[stage.c_str()] = text;
            return ir;
          },
          nb::sig("def ir(self) -> dict[str, str]"), "The IR after each stage, if kept.");
}

std::shared_ptr<PythonSession> orOwn(const std::shared_ptr<PythonSession> &session,
                                     bool isParallel) {
  return session ? session : std::make_shared<PythonSession>(isParallel);
}

void bindModule(nb::module_ &m) {
  constexpr const char *importSignature =
      "dims: dict[str, int] = {}, input_values: dict[str, bytes | tg._runtime.Array] = {}, "
      "given_types: dict[str, "
      "tuple[str, list[int]]] = {}, empty_inputs: list[str] = [], parallel: bool = True, "
      "input_shapes: dict[str, list[int]] = {}, fix_shapes: bool = False, "
      "session: Session | None = None";
  std::string fromFile = std::string("def from_file(path: str, ") + importSignature + ") -> Module";
  std::string fromBytes = std::string("def from_bytes(data: bytes, name: str, onnx: bool, ") +
                          importSignature + ") -> Module";

  nb::class_<PythonSession>(m, "Session",
                            "What compilations share: whatever takes time to make, the code of "
                            "kernels too. Models of one "
                            "session are compiled one at a time.")
      .def(nb::init<bool>(), nb::arg("parallel") = true,
           "With `parallel` the compiler uses several threads.");

  nb::class_<python::Module>(
      m, "Module", "A model as IR, made by tg.module. Methods may be called from several threads.")
      .def_static(
          "from_file",
          [](const std::string &path, const std::map<std::string, int64_t> &dims,
             const nb::dict &values, const GivenTypes &types,
             const std::vector<std::string> &emptyInputs, bool isParallel, const Shapes &shapes,
             bool fixShapes, std::shared_ptr<PythonSession> session) {
            ImportOptions options =
                importOptions(dims, values, types, emptyInputs, shapes, fixShapes);
            OnnxImportReport report;
            auto result = unlocked([&] {
              return python::Module::fromFile(path, options, orOwn(session, isParallel), report);
            });
            return takeModule(std::move(result), report);
          },
          nb::arg("path"), nb::arg("dims") = nb::dict(), nb::arg("input_values") = nb::dict(),
          nb::arg("given_types") = nb::dict(), nb::arg("empty_inputs") = nb::list(),
          nb::arg("parallel") = true, nb::arg("input_shapes") = nb::dict(),
          nb::arg("fix_shapes") = false, nb::arg("session") = nb::none(), nb::sig(fromFile.c_str()),
          "An ONNX model if the name ends with .onnx, else MLIR's text or bytecode.")
      .def_static(
          "from_bytes",
          [](nb::bytes data, const std::string &name, bool isOnnx,
             const std::map<std::string, int64_t> &dims, const nb::dict &values,
             const GivenTypes &types, const std::vector<std::string> &emptyInputs, bool isParallel,
             const Shapes &shapes, bool fixShapes, std::shared_ptr<PythonSession> session) {
            ImportOptions options =
                importOptions(dims, values, types, emptyInputs, shapes, fixShapes);
            OnnxImportReport report;
            auto result = unlocked([&] {
              return python::Module::fromMemory({data.c_str(), data.size()}, name, isOnnx, options,
                                                orOwn(session, isParallel), report);
            });
            return takeModule(std::move(result), report);
          },
          nb::arg("data"), nb::arg("name"), nb::arg("onnx"), nb::arg("dims") = nb::dict(),
          nb::arg("input_values") = nb::dict(), nb::arg("given_types") = nb::dict(),
          nb::arg("empty_inputs") = nb::list(), nb::arg("parallel") = true,
          nb::arg("input_shapes") = nb::dict(), nb::arg("fix_shapes") = false,
          nb::arg("session") = nb::none(), nb::sig(fromBytes.c_str()),
          "`name` stands for the file in messages.")
      .def_prop_ro(
          "constants",
          [](python::Module &self) { return unlocked([&] { return self.constantInputs(); }); },
          "The inputs of an ONNX model that became constants.")
      .def("compile", compile, nb::arg("options") = nb::dict(), nb::arg("keep_ir") = false,
           nb::sig("def compile(self, options: dict[str, object] = {}, keep_ir: bool = False) -> "
                   "Compiled"),
           "Leaves the module as it is. The options are those of tg.compile.")
      .def(
          "run_pipeline",
          [](python::Module &self, const std::string &pipeline) {
            check(unlocked([&] { return self.runPipeline(pipeline); }));
          },
          nb::arg("pipeline"),
          "Runs passes on the module, written as for tg-opt: 'builtin.module(tg-graph)'.")
      .def(
          "interpret",
          [](python::Module &self, const std::vector<rt::Tensor> &inputs,
             const std::map<std::string, int64_t> &vars, const std::string &entry,
             bool checkIndices) {
            return take(
                unlocked([&] { return self.interpret(entry, inputs, vars, checkIndices); }));
          },
          nb::arg("inputs"), nb::arg("vars") = nb::dict(), nb::arg("entry") = "",
          nb::arg("check_indices") = false,
          nb::sig("def interpret(self, inputs: list[tg._runtime.Array], vars: dict[str, int] = {}, "
                  "entry: str = '', check_indices: bool = False) -> list[tg._runtime.Array]"),
          "Runs the module with the interpreter, which defines what it means.")
      .def(
          "text",
          [](python::Module &self, bool isComplete, bool withLocations) {
            return unlocked([&] { return self.print(isComplete, withLocations); });
          },
          nb::arg("complete") = true, nb::arg("locations") = false,
          "The module as MLIR's text. Large constants are left out unless complete.")
      .def("__str__", [](python::Module &self) {
        return unlocked([&] { return self.print(/*isComplete=*/false, /*withLocations=*/false); });
      });
}

} // namespace

NB_MODULE(_compiler, m) {
  m.doc() = "Makes programs of models; needs libMLIR and libLLVM.";
  // Programs and arrays are types of that module.
  nb::module_::import_("tg._runtime");
  bindCompiled(m);
  bindModule(m);
  m.def("options", listOptions, "Name, default and words of every option of Module.compile.");
  m.def(
      "onnx_inputs",
      [](nb::bytes data) { return listOnnxInputs({{data.c_str(), data.size()}, "<model>"}); },
      nb::arg("data"), nb::sig("def onnx_inputs(data: bytes) -> list[tuple[str, str]]"),
      "Name and element type of each input that an ONNX model needs, one without a default; of "
      "what "
      "is no tensor the type is empty.");
}
