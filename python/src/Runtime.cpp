//===- Runtime.cpp - The module tg._runtime ---------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Arrays.h"
#include "Support.h"
#include "tg/Runtime/Context.h"

#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>

namespace nb = nanobind;
using namespace tg;
using namespace tg::python;

namespace {

/// An input or output for people.
struct Port {
  std::string name, dtype, type;
  /// Integers, and expressions over the vars as text.
  nb::tuple shape;
  /// Of maps; None otherwise.
  nb::object keys;
};

std::vector<Port> describe(const rt::Program &program, const std::vector<rt::Port> &ports) {
  std::vector<std::string> vars = program.varNames();
  std::vector<Port> result;
  for (const rt::Port &port : ports) {
    bool isString = port.kind == rt::PortKind::Strings;
    Port described{port.name, isString ? "string" : std::string(dtypeName(port.dtype)), "tensor<",
                   nb::tuple(), nb::none()};
    if (port.kind == rt::PortKind::Maps)
      described.keys = port.intKeys.empty() ? nb::cast(port.stringKeys) : nb::cast(port.intKeys);
    nb::list shape;
    for (const rt::SizeExpr &dim : port.dims) {
      std::string text = dim.print(vars);
      if (std::optional<int64_t> constant = dim.constant())
        shape.append(*constant);
      else
        shape.append(text);
      described.type += (dim.instructions().size() > 1 ? "(" + text + ")" : text) + "x";
    }
    described.shape = nb::tuple(shape);
    described.type += described.dtype + ">";
    result.push_back(std::move(described));
  }
  return result;
}

struct ThreadPool {
  std::shared_ptr<rt::ThreadPool> pool;
};

struct Context {
  std::unique_ptr<rt::Context> context;
};

std::vector<rt::Tensor> run(Context &context, const nb::list &inputs,
                            const std::map<std::string, int64_t> &vars,
                            const std::vector<std::optional<rt::Tensor>> &outputs,
                            const std::vector<std::string> &donated) {
  rt::RunRequest request;
  for (nb::handle input : inputs) {
    auto name = nb::cast<std::string>(input[1]);
    bool isDonated = std::find(donated.begin(), donated.end(), name) != donated.end();
    request.inputs.emplace_back(nb::cast<rt::Tensor>(input[0]), name, isDonated);
  }
  request.vars = vars;
  for (const std::optional<rt::Tensor> &output : outputs)
    request.outputs.push_back(output.value_or(rt::Tensor()));
  return take(unlocked([&] {
    rt::Result<std::vector<rt::Tensor>> results = context.context->run(request);
    // The last use of an input may be here: letting go of it takes the lock by itself.
    request = rt::RunRequest();
    return results;
  }));
}

/// The sum of what the contexts of one program measured.
rt::Profile sumOf(const std::vector<Context *> &contexts) {
  rt::Profile sum;
  for (Context *context : contexts) {
    rt::Profile part = context->context->profile();
    if (sum.kernels.empty()) {
      sum = std::move(part);
      continue;
    }
    for (size_t i = 0; i < part.kernels.size(); ++i) {
      sum.kernels[i].count += part.kernels[i].count;
      sum.kernels[i].nanoseconds += part.kernels[i].nanoseconds;
      sum.kernels[i].flops += part.kernels[i].flops;
      sum.kernels[i].bytes += part.kernels[i].bytes;
    }
    sum.events.insert(sum.events.end(), part.events.begin(), part.events.end());
    sum.runs += part.runs;
    sum.runNanoseconds += part.runNanoseconds;
  }
  std::sort(sum.events.begin(), sum.events.end(),
            [](const auto &a, const auto &b) { return a.start < b.start; });
  return sum;
}

void bindProgram(nb::module_ &m) {
  nb::class_<Port>(m, "Port", "An input or an output of a program.")
      .def_ro("name", &Port::name)
      .def_ro("dtype", &Port::dtype, "The element type as MLIR spells it; 'string' for strings.")
      .def_prop_ro(
          "keys", [](const Port &port) { return port.keys; },
          nb::sig("def keys(self) -> list[int] | list[str] | None"),
          "Where the elements are the values of maps, one map per row: the keys, one for each "
          "element of a row.")
      .def_prop_ro(
          "shape", [](const Port &port) { return port.shape; },
          nb::sig("def shape(self) -> tuple[int | str, ...]"),
          "Extents; those over the program's variables as text.")
      .def_ro("type", &Port::type, "For people: 'tensor<Nx64xf32>'.")
      .def("__repr__", [](const Port &port) { return port.name + ": " + port.type; });

  nb::class_<rt::Var>(m, "Var", "A named integer that shapes are made of.")
      .def_ro("name", &rt::Var::name)
      .def_ro("min", &rt::Var::min)
      .def_ro("max", &rt::Var::max)
      .def("__repr__", [](const rt::Var &var) {
        return var.name + " in [" + std::to_string(var.min) + ", " + std::to_string(var.max) + "]";
      });

  nb::class_<Program>(m, "Program", "A compiled model. Immutable; any number of contexts run it.")
      .def_static(
          "load",
          [](const std::string &path) {
            return Program{take(unlocked([&] { return rt::loadProgram(path); }))};
          },
          nb::arg("path"), "Reads a .tgp file.")
      .def_static(
          "from_bytes",
          [](nb::bytes data, const std::string &name) {
            return Program{take(
                unlocked([&] { return rt::deserializeProgram(data.data(), data.size(), name); }))};
          },
          nb::arg("data"), nb::arg("name") = "<bytes>", "The contents of a .tgp file.")
      .def(
          "save",
          [](const Program &self, const std::string &path) {
            check(unlocked([&] { return rt::saveProgram(*self.program, path); }));
          },
          nb::arg("path"), "Writes a .tgp file.")
      .def(
          "to_bytes",
          [](const Program &self) {
            std::string bytes = take(unlocked([&] { return rt::serializeProgram(*self.program); }));
            return nb::bytes(bytes.data(), bytes.size());
          },
          "The contents of a .tgp file.")
      .def_prop_ro(
          "inputs",
          [](const Program &self) { return describe(*self.program, self.program->inputs); })
      .def_prop_ro(
          "outputs",
          [](const Program &self) { return describe(*self.program, self.program->outputs); })
      .def_prop_ro("vars", [](const Program &self) { return self.program->vars; })
      .def(
          "__str__", [](const Program &self) { return self.program->print(); },
          "The program's tables, one entry a line.");
}

void bindProfile(nb::module_ &m) {
  nb::class_<rt::KernelRecord>(m, "KernelTime", "Totals over the launches of one kernel.")
      .def_ro("name", &rt::KernelRecord::name)
      .def_ro("location", &rt::KernelRecord::location, "The nodes of the user's model.")
      .def_ro("count", &rt::KernelRecord::count)
      .def_prop_ro("milliseconds", [](const rt::KernelRecord &r) { return r.nanoseconds / 1e6; })
      .def_ro("flops", &rt::KernelRecord::flops)
      .def_ro("bytes", &rt::KernelRecord::bytes)
      .def("__repr__", [](const rt::KernelRecord &r) {
        return r.name + ": " + std::to_string(r.count) + " launches, " +
               std::to_string(r.nanoseconds / 1e6) + " ms";
      });

  nb::class_<rt::Profile>(m, "Profile", "Time per kernel.")
      .def_ro("kernels", &rt::Profile::kernels)
      .def_ro("runs", &rt::Profile::runs)
      .def_prop_ro("milliseconds", [](const rt::Profile &p) { return p.runNanoseconds / 1e6; })
      .def(
          "chrome_trace",
          [](const rt::Profile &self) { return unlocked([&] { return rt::chromeTrace(self); }); },
          "Chrome's trace format (JSON), which Perfetto opens.")
      .def(
          "save",
          [](const rt::Profile &self, const std::string &path) {
            check(unlocked([&] { return rt::writeChromeTrace(self, path); }));
          },
          nb::arg("path"), "Writes chrome_trace() to a file.");
}

void bindContext(nb::module_ &m) {
  nb::class_<ThreadPool>(m, "ThreadPool", "Threads that contexts share.")
      .def(
          "__init__",
          [](ThreadPool *self, unsigned threads) {
            new (self) ThreadPool{rt::createThreadPool(threads)};
          },
          nb::arg("threads") = 0, "0: one per processor.")
      .def_prop_ro("threads", [](const ThreadPool &self) { return self.pool->numWorkers(); });

  nb::class_<rt::ContextStatistics>(m, "Statistics", "Memory of the last run's binding, in bytes.")
      .def_ro("arena_bytes", &rt::ContextStatistics::arenaBytes)
      .def_ro("arena_lower_bound", &rt::ContextStatistics::arenaLowerBound)
      .def_ro("workspace_bytes", &rt::ContextStatistics::workspaceBytes)
      .def_ro("constant_bytes", &rt::ContextStatistics::constantBytes);

  nb::class_<Context>(m, "Context", "Arena, workspace and loaded code; one run at a time.")
      .def(
          "__init__",
          [](Context *self, const Program &program, const ThreadPool &pool, bool profile,
             bool checkIndices, const std::string &memoryPlanner) {
            rt::ContextOptions options;
            options.threadPool = pool.pool;
            options.profile = profile;
            options.checkIndices = checkIndices;
            options.memoryPlanner = memoryPlanner;
            new (self) Context{take(unlocked(
                [&] { return rt::Context::create(program.program, std::move(options)); }))};
          },
          nb::arg("program"), nb::arg("pool"), nb::arg("profile") = false,
          nb::arg("check_indices") = false, nb::arg("memory_planner") = "greedy")
      .def("run", run, nb::arg("inputs"), nb::arg("vars"), nb::arg("outputs"), nb::arg("donated"),
           nb::sig("def run(self, inputs: list[tuple[Array, str]], vars: dict[str, int], "
                   "outputs: list[Array | None], donated: list[str]) -> list[Array]"),
           "Inputs are arrays and their names. `outputs` is empty, or has an "
           "array to write to or None for each output. Inputs named in `donated` may be "
           "overwritten.")
      .def_prop_ro("statistics", [](const Context &self) { return self.context->statistics(); })
      .def("reset_profile", [](Context &self) { self.context->resetProfile(); });
  m.def("profile_of", sumOf, nb::arg("contexts"),
        "What contexts of one program measured together.");
}

} // namespace

NB_MODULE(_runtime, m) {
  m.doc() = "Runs compiled programs; needs neither LLVM nor MLIR.";
  bindArrays(m);
  bindProgram(m);
  bindStrings(m);
  bindProfile(m);
  bindContext(m);
}
