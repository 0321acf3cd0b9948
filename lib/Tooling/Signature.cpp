//===- Signature.cpp - What goes into a module's function and out of it ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Tooling/Signature.h"

#include "tg/Compiler/ProgramBuilder.h"
#include "tg/Dialect/UOp/UOp.h"

#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace tg;
using namespace tg::run;

namespace {

class Reader {
public:
  explicit Reader(func::FuncOp function) {
    for (auto var : function->getParentOfType<ModuleOp>().getOps<uop::VarOp>())
      signature.vars.push_back(var.getSymName().str());
  }

  rt::Status addPort(const std::string &kind, Type type, DictionaryAttr attrs, unsigned index) {
    std::vector<rt::Port> &ports = kind == "input" ? signature.inputs : signature.outputs;
    rt::Port port;
    port.name = (kind == "input" ? "arg" : "out") + std::to_string(index);
    if (auto name = attrs ? attrs.getAs<StringAttr>(attrs::name) : StringAttr())
      port.name = name.str();
    std::string place = kind + " '" + port.name + "'";
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor)
      return rt::error(place + " is not a ranked tensor");
    std::string element;
    llvm::raw_string_ostream(element) << tensor.getElementType();
    std::optional<DType> dtype = parseDType(element);
    if (!dtype)
      return rt::error(place + " has the element type " + element + ", which is unknown");
    port.dtype = *dtype;
    if (!uop::hasKnownDims(tensor))
      return rt::error(place + " has a dimension without an expression; write tensor<?x" + element +
                       ", #uop.dims<N>> and declare uop.var @N");
    for (uop::DimAttr dim : uop::getDims(tensor)) {
      for (StringAttr var : dim.getVars())
        if (!llvm::is_contained(signature.vars, var.getValue()))
          return rt::error(place + " uses variable '" + var.str() + "', which no uop.var declares");
      port.dims.push_back(toSizeExpr(dim, [&](StringRef name) -> uint32_t {
        return llvm::find(signature.vars, name) - signature.vars.begin();
      }));
    }
    if (port.name.empty())
      return rt::error(kind + " " + std::to_string(index) +
                       " has the name \"\"; give it another tg.name");
    if (rt::Status status = readPortKind(attrs, kind == "output", port); !status.ok())
      return status.in(place);
    if (!names.insert(kind + port.name).second)
      return rt::error("two " + kind + "s are named '" + port.name + "'");
    ports.push_back(std::move(port));
    return {};
  }

  Signature signature;

private:
  llvm::StringSet<> names;
};

} // namespace

rt::Result<Signature> run::signatureOf(func::FuncOp function) {
  Reader reader(function);
  for (auto [i, type] : llvm::enumerate(function.getArgumentTypes()))
    if (auto status = reader.addPort("input", type, function.getArgAttrDict(i), i); !status.ok())
      return status;
  for (auto [i, type] : llvm::enumerate(function.getResultTypes()))
    if (auto status = reader.addPort("output", type, function.getResultAttrDict(i), i);
        !status.ok())
      return status;
  rt::Result<std::shared_ptr<const rt::StringTable>> strings = readStrings(function);
  if (!strings.ok())
    return strings.status();
  reader.signature.strings = std::make_shared<rt::StringIds>(*strings);
  return std::move(reader.signature);
}
