//===- Ports.cpp - What ports mean to the caller ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Compiler/ProgramBuilder.h"

using namespace mlir;
using namespace tg;

static rt::Status readKeys(Attribute attr, rt::Port &port) {
  if (auto ints = dyn_cast<DenseI64ArrayAttr>(attr)) {
    port.intKeys.assign(ints.asArrayRef().begin(), ints.asArrayRef().end());
    return {};
  }
  auto list = dyn_cast<ArrayAttr>(attr);
  if (!list || !llvm::all_of(list, llvm::IsaPred<StringAttr>))
    return rt::error("tg.keys must be an array<i64: ...> or a list of strings");
  for (StringRef key : list.getAsValueRange<StringAttr>())
    port.stringKeys.push_back(key.str());
  return {};
}

rt::Status tg::readPortKind(DictionaryAttr attrs, bool isOutput, rt::Port &port) {
  if (!attrs)
    return {};
  if (attrs.contains(attrs::string)) {
    if (port.dtype != DType::I64)
      return rt::error("tg.string is for tensors of i64, the ids of strings");
    port.kind = rt::PortKind::Strings;
  }
  Attribute keys = attrs.get(attrs::keys);
  if (!keys)
    return {};
  if (!isOutput || port.kind == rt::PortKind::Strings)
    return rt::error("tg.keys is for results of numbers");
  if (rt::Status status = readKeys(keys, port); !status.ok())
    return status;
  size_t numKeys = port.intKeys.size() + port.stringKeys.size();
  if (port.dims.empty() || port.dims.back().constant() != static_cast<int64_t>(numKeys))
    return rt::error("tg.keys has " + std::to_string(numKeys) +
                     " keys, expected one for each element of the last axis");
  port.kind = rt::PortKind::Maps;
  return {};
}

rt::Result<std::shared_ptr<const rt::StringTable>> tg::readStrings(func::FuncOp function) {
  std::vector<std::string> strings;
  if (Attribute attr = function->getAttr(attrs::strings)) {
    auto list = dyn_cast<ArrayAttr>(attr);
    if (!list || !llvm::all_of(list, llvm::IsaPred<StringAttr>))
      return rt::error("tg.strings must be a list of strings");
    for (StringRef text : list.getAsValueRange<StringAttr>())
      strings.push_back(text.str());
  }
  auto table = std::make_shared<const rt::StringTable>(std::move(strings));
  if (!table->isUnique())
    return rt::error("tg.strings has a string twice");
  return std::shared_ptr<const rt::StringTable>(std::move(table));
}
