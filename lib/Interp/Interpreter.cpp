//===- Interpreter.cpp - Entry points and variables -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Interp/Interpreter.h"

#include "Executor.h"

#include "tg/Dialect/UOp/UOpVars.h"

#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/TypeSwitch.h"

#include <cstring>

using namespace mlir;
using namespace tg;
using namespace tg::interp;

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

std::string interp::describeLocation(Location location) {
  return TypeSwitch<LocationAttr, std::string>(location)
      .Case<FileLineColLoc>([](FileLineColLoc file) {
        return file.getFilename().str() + ":" + std::to_string(file.getLine()) + ":" +
               std::to_string(file.getColumn());
      })
      .Case<NameLoc>([](NameLoc name) {
        std::string inner = describeLocation(name.getChildLoc());
        return inner + (inner.empty() ? "" : ": ") + "\"" + name.getName().str() + "\"";
      })
      .Case<CallSiteLoc>([](CallSiteLoc site) { return describeLocation(site.getCallee()); })
      .Case<FusedLoc>([](FusedLoc fused) {
        for (Location inner : fused.getLocations())
          if (std::string text = describeLocation(inner); !text.empty())
            return text;
        return std::string();
      })
      .Default([](LocationAttr) { return std::string(); });
}

rt::Status interp::atOperation(const rt::Status &status, Operation *op) {
  // An inner operation has said where already.
  if (status.message().find("' op ") != std::string::npos)
    return status;
  std::string place = describeLocation(op->getLoc());
  return rt::error(place + (place.empty() ? "" : ": ") + "'" + op->getName().getStringRef().str() +
                   "' op " + status.message());
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

rt::Result<Storage> interp::readElements(ElementsAttr attribute, DType dtype, bool &isSplat) {
  int64_t count = attribute.getNumElements();
  Storage storage;
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(attribute)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob)
      return rt::error("has a constant whose data is not here (resource '" +
                       resource.getRawHandle().getKey().str() + "')");
    size_t unpacked = count * elementBytes(dtype);
    if (blob->getData().size() == unpacked) {
      storage.data = blob->getData().data();
      return storage;
    }
    auto packed = storageBytes(dtype, count);
    if (!packed || blob->getData().size() != size_t(*packed))
      return rt::error("has a constant of " + std::to_string(blob->getData().size()) +
                       " bytes, expected " + std::to_string(unpacked));
    auto array = allocateStorage(dtype, count, /*bounded=*/false);
    if (array)
      unpackElements(dtype, blob->getData().data(), 0, array->mutableData(), count);
    return array;
  }
  auto dense = dyn_cast<DenseElementsAttr>(attribute);
  if (!dense)
    return rt::error("has a constant that is neither dense nor a resource");
  isSplat = dense.isSplat();
  int64_t held = isSplat ? 1 : count;
  if (!isa<DenseStringElementsAttr>(dense) && tg::bitWidth(dtype) >= 8) {
    storage.data = dense.getRawData().data();
    return storage;
  }
  auto array = allocateStorage(dtype, held, /*bounded=*/false);
  if (!array)
    return array;
  auto *out = static_cast<uint8_t *>(array->mutableData());
  for (auto [i, value] : llvm::enumerate(dense.getValues<Attribute>())) {
    if (int64_t(i) == held)
      break;
    out[i] = static_cast<uint8_t>(getScalarBits(value));
  }
  return array;
}

//===----------------------------------------------------------------------===//
// Variables
//===----------------------------------------------------------------------===//

/// How messages call an argument: as the compiled program calls it.
static std::string inputName(func::FuncOp function, unsigned i) {
  auto name = function.getArgAttrOfType<StringAttr>(i, attrs::name);
  return "input '" + (name ? name.str() : "arg" + std::to_string(i)) + "'";
}

/// The value of the only unknown variable that makes `dim` equal to `size`, if it occurs linearly.
static std::optional<int64_t> solve(uop::DimAttr dim, StringRef unknown, int64_t size,
                                    const VarValues &vars) {
  auto at = [&](int64_t value) {
    return uop::evaluate(dim, [&](StringRef var) -> std::optional<int64_t> {
      return var == unknown ? value : vars.lookup(var);
    });
  };
  auto zero = at(0), one = at(1);
  if (!zero || !one || *zero == *one)
    return std::nullopt;
  int64_t value = (size - *zero) / (*one - *zero);
  return at(value) == size ? std::optional(value) : std::nullopt;
}

rt::Result<VarValues> interp::bindVars(func::FuncOp function, ArrayRef<std::vector<int64_t>> shapes,
                                       const VarValues &given) {
  VarValues vars = given;
  if (shapes.size() != function.getNumArguments())
    return rt::error("'" + function.getName().str() + "' takes " +
                     std::to_string(function.getNumArguments()) + " inputs, got " +
                     std::to_string(shapes.size()));
  auto typeOf = [&](unsigned i) {
    return dyn_cast<RankedTensorType>(function.getArgumentTypes()[i]);
  };
  auto typeName = [&](unsigned i) {
    std::string text;
    llvm::raw_string_ostream(text) << function.getArgumentTypes()[i];
    return text;
  };
  for (unsigned i = 0; i < shapes.size(); ++i) {
    RankedTensorType type = typeOf(i);
    if (!type || !uop::hasKnownDims(type))
      return rt::error(inputName(function, i) + " of '" + function.getName().str() +
                       "' has the type " + typeName(i) +
                       "; expected a ranked tensor with known dimensions");
    if (type.getRank() != int64_t(shapes[i].size()))
      return rt::error(inputName(function, i) + ": expected " + typeName(i) +
                       ", got a tensor of rank " + std::to_string(shapes[i].size()));
  }
  // A variable may follow from one dimension only after another gave its neighbor.
  for (bool changed = true; changed;) {
    changed = false;
    for (unsigned i = 0; i < shapes.size(); ++i)
      for (auto [dim, size] : llvm::zip_equal(uop::getDims(typeOf(i)), shapes[i])) {
        auto unknown = llvm::make_filter_range(
            dim.getVars(), [&](StringAttr var) { return !vars.count(var.getValue()); });
        if (!llvm::hasSingleElement(unknown))
          continue;
        StringRef var = (*unknown.begin()).getValue();
        if (auto value = solve(dim, var, size, vars)) {
          vars[var] = *value;
          changed = true;
        }
      }
  }
  auto lookup = [&](StringRef var) -> std::optional<int64_t> {
    auto it = vars.find(var);
    return it == vars.end() ? std::nullopt : std::optional(it->second);
  };
  for (unsigned i = 0; i < shapes.size(); ++i)
    for (auto [axis, dim] : llvm::enumerate(uop::getDims(typeOf(i)))) {
      auto value = uop::evaluate(dim, lookup);
      if (value == shapes[i][axis])
        continue;
      std::string expected = value ? " is " + std::to_string(*value) : " cannot be evaluated";
      return rt::error(inputName(function, i) + ": expected " + typeName(i) + ", got size " +
                       std::to_string(shapes[i][axis]) + " on axis " + std::to_string(axis) +
                       (dim.isConstant() ? "" : ", where the dimension" + expected));
    }
  for (const auto &[name, value] : vars) {
    auto var = SymbolTable::lookupNearestSymbolFrom<uop::VarOp>(
        function, StringAttr::get(function.getContext(), name));
    if (!var)
      return rt::error("there is no variable '" + name.str() + "'");
    if (value < int64_t(var.getMin()) || value > int64_t(var.getMax()))
      return rt::error("variable " + name.str() + " = " + std::to_string(value) +
                       " is outside of its bounds [" + std::to_string(var.getMin()) + ", " +
                       std::to_string(var.getMax()) + "]");
  }
  return vars;
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

static rt::Result<Entry> makeInput(const rt::Tensor &tensor, func::FuncOp function, unsigned i) {
  auto dtype = getDType(cast<RankedTensorType>(function.getArgumentTypes()[i]).getElementType());
  if (!tensor.valid() || dtype != tensor.dtype())
    return rt::error(inputName(function, i) + ": expected elements of type " +
                     (dtype ? std::string(dtypeName(*dtype)) : "unknown") + ", got " +
                     (tensor.valid() ? tensor.typeName() : "nothing"));
  Storage storage;
  storage.isInput = true;
  if (isPacked(*dtype)) {
    auto array = allocateStorage(*dtype, tensor.numElements(), /*bounded=*/false);
    if (!array)
      return array.status();
    unpackElements(*dtype, tensor.data(), 0, array->mutableData(), tensor.numElements());
    storage = *array;
  } else {
    storage.owner = tensor.owner();
    storage.data = tensor.data();
  }
  return Entry{makeMaterialized(*dtype, tensor.shape(), storage), {}};
}

static rt::Result<rt::Tensor> makeOutput(const NodePtr &node) {
  auto tensor = rt::Tensor::allocate(node->dtype, {node->shape.begin(), node->shape.end()});
  if (!tensor || node->numElements == 0)
    return tensor;
  const void *elements = node->storage.data;
  std::shared_ptr<void> narrow;
  if (node->storage.isWide) {
    auto array = allocateArray(node->numElements, elementBytes(node->dtype));
    if (!array)
      return array.status();
    narrow = *array;
    evalElementwise(uop::ElementwiseKind::Cast, DType::F64, node->dtype, &elements, narrow.get(),
                    node->numElements);
    elements = narrow.get();
  }
  if (isPacked(node->dtype))
    std::memset(tensor->data(), 0, tensor->byteSize());
  packElements(node->dtype, elements, tensor->data(), 0, node->numElements);
  return tensor;
}

static Reference makeReference(const NodePtr &node, bool undetermined) {
  Reference reference;
  size_t count = node->numElements;
  if (isFloat(node->dtype)) {
    reference.value.resize(count);
    if (node->storage.isWide)
      std::copy_n(static_cast<const double *>(node->storage.data), count, reference.value.data());
    else
      for (size_t i = 0; i < count; ++i)
        reference.value[i] = loadAsDouble(
            node->dtype,
            static_cast<const char *>(node->storage.data) + i * elementBytes(node->dtype), 0);
  }
  if (undetermined)
    reference.tolerance.assign(count, std::numeric_limits<double>::infinity());
  else if (node->storage.bounds)
    reference.tolerance.assign(node->storage.bounds, node->storage.bounds + count);
  return reference;
}

/// Variables have values where they are used, and `vars` only those of callers.
static rt::Status checkVars(func::FuncOp function, const VarValues &vars) {
  std::string message;
  ScopedDiagnosticHandler handler(function.getContext(), [&](Diagnostic &diagnostic) {
    llvm::raw_string_ostream stream(message);
    stream << (message.empty() ? "" : "; ");
    if (auto place = diagnostic.getLocation()->findInstanceOf<FileLineColLoc>())
      stream << place.getFilename().getValue() << ":" << place.getLine() << ":" << place.getColumn()
             << ": ";
    stream << diagnostic;
  });
  if (auto module = function->getParentOfType<ModuleOp>();
      module && failed(uop::verifyVars(module)))
    return rt::error(message);
  for (StringAttr var : uop::getBoundVars(function))
    if (vars.contains(var.getValue()))
      return rt::error("variable '" + var.str() +
                       "' is computed by the program and cannot be given");
  return rt::Status::success();
}

rt::Result<Results> interp::interpret(func::FuncOp function, ArrayRef<rt::Tensor> inputs,
                                      const VarValues &vars, const Options &options) {
  for (Type type : function.getResultTypes())
    if (!isa<RankedTensorType>(type))
      return rt::error("'" + function.getName().str() + "' has a result that is no tensor");
  if (function.isExternal())
    return rt::error("'" + function.getName().str() + "' has no body");
  if (rt::Status status = checkVars(function, vars); !status)
    return status;
  std::vector<std::vector<int64_t>> shapes;
  for (const rt::Tensor &input : inputs)
    shapes.push_back(input.shape());
  auto bound = bindVars(function, shapes, vars);
  if (!bound)
    return bound.status();
  Entries arguments;
  for (auto [i, input] : llvm::enumerate(inputs)) {
    auto entry = makeInput(input, function, i);
    if (!entry)
      return entry.status();
    arguments.push_back(*entry);
  }
  Executor executor(function.getContext(), options);
  auto entries = executor.call(function, std::move(arguments), *bound, 0);
  if (!entries)
    return entries.status();
  Results results;
  results.vars = *bound;
  for (const Entry &entry : *entries) {
    if (rt::Status status = executor.getEvaluator().materialize(entry.tensor); !status)
      return status;
    auto output = makeOutput(entry.tensor);
    if (!output)
      return output.status();
    results.outputs.push_back(*output);
    if (options.tolerances)
      results.references.push_back(makeReference(entry.tensor, executor.isUndetermined()));
  }
  return results;
}

rt::Result<func::FuncOp> interp::findFunction(ModuleOp module, StringRef name) {
  if (!name.empty()) {
    if (auto function = module.lookupSymbol<func::FuncOp>(name))
      return function;
    return rt::error("there is no function '" + name.str() + "'");
  }
  if (auto function = module.lookupSymbol<func::FuncOp>("main"))
    return function;
  auto functions = llvm::make_filter_range(module.getOps<func::FuncOp>(), [](func::FuncOp f) {
    return f.isPublic() && !f.isExternal();
  });
  if (!llvm::hasSingleElement(functions))
    return rt::error("expected a function 'main' or exactly one public function");
  return *functions.begin();
}

rt::Result<Results> interp::interpret(ModuleOp module, StringRef name, ArrayRef<rt::Tensor> inputs,
                                      const VarValues &vars, const Options &options) {
  auto function = findFunction(module, name);
  if (!function)
    return function.status();
  return interpret(*function, inputs, vars, options);
}
