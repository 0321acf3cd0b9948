//===- Inputs.cpp - Tensors in and out of tg-run ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Tooling/Programs/Inputs.h"

#include "tg/Runtime/IO/TensorIO.h"
#include "tg/Tooling/Programs/Strings.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <random>

using namespace tg;
using namespace tg::run;

std::string run::showNumber(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::string run::preview(const Signature &signature, size_t output, const rt::Tensor &tensor) {
  const rt::Port &port = signature.outputs[output];
  if (port.kind == rt::PortKind::Maps)
    return previewMaps(port, tensor);
  bool areStrings = port.kind == rt::PortKind::Strings;
  std::string text = (areStrings ? typeOfStrings(tensor) : tensor.typeName()) + " = [";
  int64_t shown = std::min<int64_t>(tensor.numElements(), 10);
  for (int64_t i = 0; i < shown; ++i) {
    text += i ? ", " : "";
    text += areStrings                ? quoteString(signature, tensor.getInt(i))
            : isFloat(tensor.dtype()) ? showNumber(tensor.getDouble(i))
                                      : std::to_string(tensor.getInt(i));
  }
  return text + (shown < tensor.numElements() ? ", ...]" : "]");
}

Signature run::signatureOf(const rt::Program &program) {
  return {program.varNames(), program.inputs, program.outputs,
          std::make_shared<rt::StringIds>(program.strings)};
}

/// The shape where every variable has a value; the missing variable otherwise.
static rt::Result<std::vector<int64_t>> shapeOf(const Signature &signature, const rt::Port &port,
                                                const std::map<std::string, int64_t> &dims) {
  std::vector<int64_t> values;
  std::vector<bool> isKnown;
  for (const std::string &name : signature.vars) {
    auto found = dims.find(name);
    isKnown.push_back(found != dims.end());
    values.push_back(isKnown.back() ? found->second : 0);
  }
  std::vector<int64_t> shape;
  for (const rt::SizeExpr &dim : port.dims) {
    for (const rt::SizeExpr::Instr &instr : dim.instructions())
      if (instr.op == rt::SizeExpr::Op::Var && !isKnown[instr.value]) {
        const std::string &missing = signature.vars[instr.value];
        return rt::error("input '" + port.name + "': the size of '" + missing +
                         "' is not known; give --dim=" + missing + "=N");
      }
    rt::Result<int64_t> extent = dim.evaluate(values);
    if (!extent.ok())
      return extent.status().in("input '" + port.name + "'");
    shape.push_back(*extent);
  }
  return shape;
}

/// Learns the variables that are a whole dimension of a given tensor.
static void learnDims(const Signature &signature, const rt::Port &port, const rt::Tensor &tensor,
                      std::map<std::string, int64_t> &dims) {
  for (size_t i = 0; i < port.dims.size() && i < tensor.shape().size(); ++i) {
    const std::vector<rt::SizeExpr::Instr> &code = port.dims[i].instructions();
    if (code.size() == 1 && code[0].op == rt::SizeExpr::Op::Var)
      dims.try_emplace(signature.vars[code[0].value], tensor.shape()[i]);
  }
}

static const rt::Port *findPort(const std::vector<rt::Port> &ports, const std::string &name) {
  auto found = std::find_if(ports.begin(), ports.end(),
                            [&](const rt::Port &port) { return port.name == name; });
  return found == ports.end() ? nullptr : &*found;
}

std::optional<std::vector<double>> run::parseNumbers(const std::string &text) {
  std::vector<double> values;
  const char *at = text.c_str();
  while (true) {
    char *end = nullptr;
    values.push_back(std::strtod(at, &end));
    if (end == at)
      return std::nullopt;
    if (!*end)
      return values;
    if (*end != ',')
      return std::nullopt;
    at = end + 1;
  }
}

static void setElement(rt::Tensor &tensor, int64_t i, double value) {
  if (isFloat(tensor.dtype()))
    tensor.setDouble(i, value);
  else
    tensor.setInt(i, static_cast<int64_t>(value));
}

/// Floats from the unit normal distribution, small integers, fair booleans, strings of the model.
static void fillRandom(const Signature &signature, const rt::Port &port, rt::Tensor &tensor,
                       std::mt19937_64 &random) {
  if (port.kind == rt::PortKind::Strings)
    return fillRandomStrings(signature, tensor, random);
  std::normal_distribution<double> normal;
  for (int64_t i = 0; i < tensor.numElements(); ++i) {
    if (isFloat(tensor.dtype()))
      tensor.setDouble(i, normal(random));
    else
      tensor.setInt(i, tensor.dtype() == DType::I1 ? random() % 2 : random() % 10);
  }
}

/// Gives the variable that is the whole first dimension of inputs the size `--batch`.
static rt::Status setBatch(const Signature &signature, int64_t batch,
                           std::map<std::string, int64_t> &dims) {
  std::optional<uint32_t> var;
  std::string place, fixed;
  bool isFixed = false; // At this size already, perhaps by --dim.
  for (const rt::Port &port : signature.inputs) {
    if (port.dims.empty())
      continue;
    const std::vector<rt::SizeExpr::Instr> &code = port.dims[0].instructions();
    if (std::optional<int64_t> size = port.dims[0].constant()) {
      isFixed |= fixed.empty() && *size == batch;
      if (fixed.empty())
        fixed = "; input '" + port.name + "' has the fixed size " + std::to_string(*size);
      continue;
    }
    if (code.size() != 1)
      continue;
    uint32_t here = uint32_t(code[0].value);
    if (var && *var != here)
      return rt::error("--batch: the first dimension is '" + signature.vars[*var] + "' in input '" +
                       place + "', '" + signature.vars[here] + "' in input '" + port.name +
                       "'; give --dim=" + signature.vars[here] + "=N");
    var = here;
    place = port.name;
  }
  if (!var && isFixed)
    return {};
  if (!var)
    return rt::error("--batch: no input's first dimension is a variable" + fixed);
  auto [it, isNew] = dims.try_emplace(signature.vars[*var], batch);
  if (!isNew && it->second != batch)
    return rt::error("--batch=" + std::to_string(batch) + " and --dim=" + it->first + "=" +
                     std::to_string(it->second) + " differ");
  return {};
}

rt::Result<std::vector<rt::Tensor>> run::makeInputs(const Signature &signature,
                                                    const Options &given) {
  const std::vector<rt::Port> &ports = signature.inputs;
  Options options(given);
  std::vector<std::string> names;
  for (const rt::Port &port : ports)
    names.push_back(port.name);
  options.settleNames(names);
  std::vector<rt::Tensor> tensors(ports.size());
  std::vector<std::optional<std::vector<double>>> numbers(ports.size());
  std::map<std::string, int64_t> dims = options.dims;
  if (options.batch)
    if (rt::Status status = setBatch(signature, *options.batch, dims); !status.ok())
      return status;
  for (const auto &input : options.inputs) {
    const std::string &name = input.first, &source = input.second;
    const rt::Port *port = findPort(ports, name);
    if (!port) {
      std::string known;
      for (const rt::Port &port : ports)
        known += (known.empty() ? "" : ", ") + port.name;
      return rt::Status::error("no input is named '" + name + "'; there are: " + known);
    }
    size_t i = port - ports.data();
    if (tensors[i].valid() || numbers[i])
      return rt::Status::error("input '" + name + "' is given twice");
    bool areStrings = port->kind == rt::PortKind::Strings;
    if ((numbers[i] = areStrings ? parseStrings(signature, source) : parseNumbers(source)))
      continue;
    rt::Result<rt::Tensor> tensor =
        areStrings ? readStrings(signature, source) : rt::readTensorFile(source, port->dtype);
    if (!tensor.ok())
      return tensor.status();
    tensors[i] = *tensor;
    if (options.batch && !port->dims.empty() && !port->dims[0].constant() &&
        !tensor->shape().empty() && tensor->shape()[0] != *options.batch)
      return rt::error("--batch=" + std::to_string(*options.batch) + ": input '" + name + "' in " +
                       source + " has " + std::to_string(tensor->shape()[0]));
    learnDims(signature, *port, tensors[i], dims);
  }
  for (size_t i = 0; i < ports.size(); ++i) {
    if (tensors[i].valid())
      continue;
    if (!numbers[i] && !options.seed)
      return rt::Status::error("input '" + ports[i].name + "' is missing; give --input=" +
                               ports[i].name + "=FILE or --random-inputs=SEED");
    rt::Result<std::vector<int64_t>> shape = shapeOf(signature, ports[i], dims);
    if (!shape.ok())
      return shape.status();
    rt::Result<rt::Tensor> tensor = rt::Tensor::allocate(ports[i].dtype, *shape);
    if (!tensor.ok())
      return tensor.status().in("input '" + ports[i].name + "'");
    tensors[i] = *tensor;
    if (numbers[i]) {
      for (int64_t k = 0; k < tensors[i].numElements(); ++k)
        setElement(tensors[i], k, (*numbers[i])[k % numbers[i]->size()]);
    } else {
      // Each input has its own stream, so that giving one leaves the others as they are.
      std::mt19937_64 random(*options.seed * 1000003 + i);
      fillRandom(signature, ports[i], tensors[i], random);
    }
  }
  return tensors;
}

bool run::endsWith(const std::string &text, const std::string &ending) {
  return text.size() >= ending.size() &&
         text.compare(text.size() - ending.size(), ending.size(), ending) == 0;
}

/// A name may hold slashes; the file must stay in the folder.
static std::string fileOf(const rt::Port &port) {
  std::string file = port.name;
  for (char &c : file)
    if (c == '/' || c == '\\')
      c = '_';
  return file + ".npy";
}

rt::Status run::checkOutputFiles(const std::vector<rt::Port> &ports, const std::string &where) {
  if (where.empty() || endsWith(where, ".npz"))
    return {};
  std::map<std::string, const rt::Port *> byFile;
  for (const rt::Port &port : ports) {
    auto [it, isNew] = byFile.insert({fileOf(port), &port});
    if (!isNew)
      return rt::error("--output=" + where + ": outputs '" + it->second->name + "' and '" +
                       port.name + "' would both be the file " + it->first +
                       "; give --output=FILE.npz, which keeps their names");
  }
  return {};
}

rt::Status run::writeOutputs(const Signature &signature, const std::vector<rt::Tensor> &outputs,
                             const std::string &where) {
  const std::vector<rt::Port> &ports = signature.outputs;
  std::vector<rt::NamedTensor> named;
  for (size_t i = 0; i < ports.size(); ++i) {
    named.push_back({ports[i].name, outputs[i]});
    if (ports[i].kind != rt::PortKind::Strings)
      continue;
    rt::Result<rt::StringTensor> strings = signature.strings->decode(outputs[i]);
    if (!strings.ok())
      return strings.status().in("output '" + ports[i].name + "'");
    named.back().strings = std::move(*strings);
  }
  if (endsWith(where, ".npz"))
    return rt::writeNpz(where, named);
  std::error_code error;
  std::filesystem::create_directories(where, error);
  if (error)
    return rt::Status::error("cannot create the folder '" + where + "': " + error.message());
  for (size_t i = 0; i < ports.size(); ++i) {
    std::string path = (std::filesystem::path(where) / fileOf(ports[i])).string();
    rt::Status status = named[i].strings ? rt::writeNpyStrings(path, *named[i].strings)
                                         : rt::writeNpy(path, outputs[i]);
    if (!status.ok())
      return status;
  }
  return {};
}

static rt::Status compare(const rt::Port &port, const rt::Tensor &actual,
                          const rt::Tensor &expected, const Options &options) {
  std::string place = "output '" + port.name + "'";
  if (actual.shape() != expected.shape())
    return rt::Status::error(place + ": expected " + expected.typeName() + ", got " +
                             actual.typeName());
  bool isExact = !isFloat(actual.dtype());
  int64_t wrong = 0, worst = -1;
  double worstExcess = -1;
  for (int64_t i = 0; i < actual.numElements(); ++i) {
    double a = isExact ? static_cast<double>(actual.getInt(i)) : actual.getDouble(i);
    double e =
        isFloat(expected.dtype()) ? expected.getDouble(i) : static_cast<double>(expected.getInt(i));
    if (isExact && !isFloat(expected.dtype()) && actual.getInt(i) == expected.getInt(i))
      continue;
    if (!isExact && (a == e || (std::isnan(a) && std::isnan(e))))
      continue;
    double allowed = isExact ? 0 : options.atol + options.rtol * std::abs(e);
    double excess = std::abs(a - e) - allowed;
    if (excess <= 0)
      continue;
    ++wrong;
    if (std::isnan(excess) || excess > worstExcess) {
      worstExcess = std::isnan(excess) ? INFINITY : excess;
      worst = i;
    }
  }
  if (wrong == 0)
    return {};
  auto show = [](const rt::Tensor &tensor, int64_t i) {
    return isFloat(tensor.dtype()) ? showNumber(tensor.getDouble(i))
                                   : std::to_string(tensor.getInt(i));
  };
  return rt::Status::error(place + ": " + std::to_string(wrong) + " of " +
                           std::to_string(actual.numElements()) +
                           " elements are off; the worst is element " + std::to_string(worst) +
                           ": expected " + show(expected, worst) + ", got " + show(actual, worst));
}

rt::Status run::checkExpected(const Signature &signature, const std::vector<rt::Tensor> &outputs,
                              const Options &options) {
  const std::vector<rt::Port> &ports = signature.outputs;
  for (const auto &expected : options.expects) {
    const std::string &name = expected.first, &file = expected.second;
    const rt::Port *port = findPort(ports, name);
    if (!port)
      return rt::Status::error("no output is named '" + name + "'");
    const rt::Tensor &output = outputs[port - ports.data()];
    if (port->kind == rt::PortKind::Strings) {
      if (rt::Status status = compareStrings(signature, *port, output, file); !status.ok())
        return status;
      continue;
    }
    rt::Result<rt::Tensor> tensor = rt::readTensorFile(file, port->dtype);
    if (!tensor.ok())
      return tensor.status();
    rt::Status status = compare(*port, output, *tensor, options);
    if (!status.ok())
      return status;
  }
  return {};
}
