//===- Inputs.cpp - Tensors in and out of tg-run ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Inputs.h"

#include "tg/Dialect/UOp/UOp.h"
#include "tg/Runtime/TensorIO.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <cmath>
#include <random>
#include <set>

using namespace mlir;
using namespace tg;
using namespace tg::run;

static std::string nameOf(DictionaryAttr attrs, const char *prefix, unsigned i) {
  if (attrs)
    if (auto name = attrs.getAs<StringAttr>("tg.name"))
      return name.str();
  return prefix + std::to_string(i);
}

std::string run::showNumber(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::vector<Port> run::getInputs(func::FuncOp function) {
  std::vector<Port> ports;
  for (auto [i, type] : llvm::enumerate(function.getArgumentTypes()))
    ports.push_back(
        {nameOf(function.getArgAttrDict(i), "arg", i), dyn_cast<RankedTensorType>(type)});
  return ports;
}

std::vector<Port> run::getOutputs(func::FuncOp function) {
  std::vector<Port> ports;
  for (auto [i, type] : llvm::enumerate(function.getResultTypes()))
    ports.push_back(
        {nameOf(function.getResultAttrDict(i), "out", i), dyn_cast<RankedTensorType>(type)});
  return ports;
}

static std::optional<DType> dtypeOf(RankedTensorType type) {
  std::string name;
  llvm::raw_string_ostream(name) << type.getElementType();
  return parseDType(name);
}

rt::Status run::checkPorts(func::FuncOp function, const std::vector<Port> &ports,
                           const std::string &kind) {
  auto module = function->getParentOfType<ModuleOp>();
  std::set<std::string> names;
  for (const Port &port : ports) {
    std::string place = kind + " '" + port.name + "'";
    if (!port.type)
      return rt::Status::error(place + " is not a ranked tensor");
    std::string type;
    llvm::raw_string_ostream(type) << port.type.getElementType();
    if (!parseDType(type))
      return rt::Status::error(place + " has the element type " + type + ", which is unknown");
    if (!uop::hasKnownDims(port.type))
      return rt::Status::error(place + " has a dimension without an expression; write tensor<?x" +
                               type + ", #uop.dims<N>> and declare uop.var @N");
    for (uop::DimAttr dim : uop::getDims(port.type))
      for (StringAttr var : dim.getVars())
        if (!module.lookupSymbol<uop::VarOp>(var))
          return rt::Status::error(place + " uses variable '" + var.str() +
                                   "', which no uop.var declares");
    if (!names.insert(port.name).second)
      return rt::Status::error("two " + kind + "s are named '" + port.name + "'");
  }
  return {};
}

/// The shape where every variable has a value; the missing variable otherwise.
static rt::Result<std::vector<int64_t>> shapeOf(const Port &port,
                                                const std::map<std::string, int64_t> &dims) {
  std::vector<int64_t> shape;
  std::string missing;
  for (uop::DimAttr dim : uop::getDims(port.type)) {
    auto value = uop::evaluate(dim, [&](StringRef var) -> std::optional<int64_t> {
      auto it = dims.find(var.str());
      if (it != dims.end())
        return it->second;
      missing = var.str();
      return std::nullopt;
    });
    if (!value)
      return rt::Status::error("input '" + port.name + "': the size of '" + missing +
                               "' is not known; give --dim=" + missing + "=N");
    shape.push_back(*value);
  }
  return shape;
}

/// Learns the variables that are a whole dimension of a given tensor.
static void learnDims(const Port &port, const rt::Tensor &tensor,
                      std::map<std::string, int64_t> &dims) {
  auto declared = uop::getDims(port.type);
  for (size_t i = 0; i < declared.size() && i < tensor.shape().size(); ++i)
    if (declared[i].getVars().size() == 1 &&
        declared[i] ==
            uop::DimAttr::get(declared[i].getContext(), declared[i].getVars()[0].getValue()))
      dims.try_emplace(declared[i].getVars()[0].str(), tensor.shape()[i]);
}

/// Numbers such as 0.5,1.2; nothing if the text is something else.
static std::optional<std::vector<double>> parseNumbers(const std::string &text) {
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

/// Floats from the unit normal distribution, small integers, fair booleans.
static void fillRandom(rt::Tensor &tensor, std::mt19937_64 &random) {
  std::normal_distribution<double> normal;
  for (int64_t i = 0; i < tensor.numElements(); ++i) {
    if (isFloat(tensor.dtype()))
      tensor.setDouble(i, normal(random));
    else
      tensor.setInt(i, tensor.dtype() == DType::I1 ? random() % 2 : random() % 10);
  }
}

rt::Result<std::vector<rt::Tensor>> run::makeInputs(func::FuncOp function, const Options &options) {
  std::vector<Port> ports = getInputs(function);
  std::vector<rt::Tensor> tensors(ports.size());
  std::vector<std::optional<std::vector<double>>> numbers(ports.size());
  std::map<std::string, int64_t> dims = options.dims;
  for (const auto &given : options.inputs) {
    const std::string &name = given.first, &source = given.second;
    auto it = llvm::find_if(ports, [&](const Port &port) { return port.name == name; });
    if (it == ports.end()) {
      std::string known;
      for (const Port &port : ports)
        known += (known.empty() ? "" : ", ") + port.name;
      return rt::Status::error("no input is named '" + name + "'; there are: " + known);
    }
    size_t i = it - ports.begin();
    if (tensors[i].valid() || numbers[i])
      return rt::Status::error("input '" + name + "' is given twice");
    if ((numbers[i] = parseNumbers(source)))
      continue;
    rt::Result<rt::Tensor> tensor = rt::readTensorFile(source, dtypeOf(it->type));
    if (!tensor.ok())
      return tensor.status();
    tensors[i] = *tensor;
    learnDims(*it, tensors[i], dims);
  }
  for (size_t i = 0; i < ports.size(); ++i) {
    if (tensors[i].valid())
      continue;
    if (!numbers[i] && !options.seed)
      return rt::Status::error("input '" + ports[i].name + "' is missing; give --input=" +
                               ports[i].name + "=FILE or --random-inputs=SEED");
    rt::Result<std::vector<int64_t>> shape = shapeOf(ports[i], dims);
    if (!shape.ok())
      return shape.status();
    rt::Result<rt::Tensor> tensor = rt::Tensor::allocate(*dtypeOf(ports[i].type), *shape);
    if (!tensor.ok())
      return tensor.status().in("input '" + ports[i].name + "'");
    tensors[i] = *tensor;
    if (numbers[i]) {
      for (int64_t k = 0; k < tensors[i].numElements(); ++k)
        setElement(tensors[i], k, (*numbers[i])[k % numbers[i]->size()]);
    } else {
      // Each input has its own stream, so that giving one leaves the others as they are.
      std::mt19937_64 random(*options.seed * 1000003 + i);
      fillRandom(tensors[i], random);
    }
  }
  return tensors;
}

rt::Status run::writeOutputs(const std::vector<Port> &ports, const std::vector<rt::Tensor> &outputs,
                             const std::string &where) {
  if (StringRef(where).ends_with(".npz")) {
    std::vector<rt::NamedTensor> named;
    for (size_t i = 0; i < ports.size(); ++i)
      named.push_back({ports[i].name, outputs[i]});
    return rt::writeNpz(where, named);
  }
  if (std::error_code error = llvm::sys::fs::create_directories(where))
    return rt::Status::error("cannot create the folder '" + where + "': " + error.message());
  for (size_t i = 0; i < ports.size(); ++i) {
    // A name may hold slashes; the file must stay in the folder.
    std::string file = ports[i].name;
    for (char &c : file)
      if (c == '/' || c == '\\')
        c = '_';
    llvm::SmallString<128> path(where);
    llvm::sys::path::append(path, file + ".npy");
    rt::Status status = rt::writeNpy(path.str().str(), outputs[i]);
    if (!status.ok())
      return status;
  }
  return {};
}

static rt::Status compare(const Port &port, const rt::Tensor &actual, const rt::Tensor &expected,
                          const Options &options) {
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

rt::Status run::checkExpected(const std::vector<Port> &ports,
                              const std::vector<rt::Tensor> &outputs, const Options &options) {
  for (const auto &expected : options.expects) {
    const std::string &name = expected.first, &file = expected.second;
    auto it = llvm::find_if(ports, [&](const Port &port) { return port.name == name; });
    if (it == ports.end())
      return rt::Status::error("no output is named '" + name + "'");
    rt::Result<rt::Tensor> tensor = rt::readTensorFile(file, dtypeOf(it->type));
    if (!tensor.ok())
      return tensor.status();
    rt::Status status = compare(*it, outputs[it - ports.begin()], *tensor, options);
    if (!status.ok())
      return status;
  }
  return {};
}
