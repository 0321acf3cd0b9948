//===- OnnxDims.cpp - Dynamic dimensions of an ONNX model ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OnnxGraph.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

/// A name that dimension expressions can spell.
static std::string toIdentifier(StringRef name) {
  std::string result;
  for (char c : name)
    result += llvm::isAlnum(c) || c == '_' ? c : '_';
  if (result.empty() || !(llvm::isAlpha(result[0]) || result[0] == '_'))
    result.insert(result.begin(), 'd');
  if (result == "floordiv" || result == "ceildiv" || result == "mod" || result == "main")
    result += '_';
  return result;
}

DimAttr OnnxDims::getVar(StringRef name) {
  StringAttr key = StringAttr::get(context, name);
  if (DimAttr known = vars.lookup(key))
    return known;
  DimAttr dim;
  auto given = options.dims.find(name);
  if (given != options.dims.end()) {
    dim = DimAttr::get(context, given->second);
  } else {
    dim = DimAttr::get(context, makeIdentifier(name));
  }
  vars[key] = dim;
  return dim;
}

std::string OnnxDims::makeIdentifier(StringRef name) {
  std::string identifier = toIdentifier(name);
  while (!identifiers.try_emplace(identifier, true).second)
    identifier += '_';
  return identifier;
}

DimAttr OnnxDims::addBound(StringRef name, DimAttr max) {
  // Sizes grow with their variables; where this one does not fit, any count does.
  std::optional<int64_t> bound = evaluate(max, [&](StringRef var) -> std::optional<int64_t> {
    for (const auto &[dim, largest] : bounds)
      if (dim.getVars().front().getValue() == var)
        return largest;
    return options.maxDim;
  });
  DimAttr dim = DimAttr::get(context, makeIdentifier(name));
  bounds.push_back({dim, bound && *bound >= 0 ? *bound : std::numeric_limits<int64_t>::max()});
  return dim;
}

/// Exporters write sums and products of names, as "past_length + 1". Null for anything else.
DimAttr OnnxDims::parseExpression(StringRef text) {
  auto isName = [](StringRef name) {
    return !name.empty() && (llvm::isAlpha(name[0]) || name[0] == '_') &&
           llvm::all_of(name, [](char c) { return llvm::isAlnum(c) || c == '_' || c == '.'; });
  };
  SmallVector<StringRef> terms;
  text.split(terms, '+');
  DimAttr sum = DimAttr::get(context, 0);
  // Nothing is declared unless everything is understood.
  for (bool declares : {false, true}) {
    for (StringRef term : terms) {
      SmallVector<StringRef> factors;
      term.split(factors, '*');
      DimAttr product = DimAttr::get(context, 1);
      for (StringRef factor : factors) {
        factor = factor.trim();
        int64_t constant;
        bool isConstant = !factor.getAsInteger(10, constant);
        if (!isConstant && !isName(factor))
          return {};
        if (declares)
          product = mulDims(product, isConstant ? DimAttr::get(context, constant) : getVar(factor));
      }
      if (declares)
        sum = addDims(sum, product);
    }
  }
  return sum;
}

DimAttr OnnxDims::get(StringRef name, StringRef fallback) {
  // Some exporters write "?" or "-1" for a dimension without a name.
  if (name.empty() || name == "?" || name == "-1")
    return getVar(fallback);
  if (options.dims.contains(name))
    return getVar(name);
  if (name.contains('+') || name.contains('*'))
    if (DimAttr dim = parseExpression(name))
      return dim;
  return getVar(name);
}

void OnnxDims::declare(ModuleOp module) const {
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  for (const auto &[name, dim] : vars)
    if (!dim.isConstant())
      VarOp::create(builder, builder.getUnknownLoc(), dim.getVars().front().getValue(),
                    options.minDim, options.maxDim);
  for (const auto &[dim, max] : bounds)
    VarOp::create(builder, builder.getUnknownLoc(), dim.getVars().front().getValue(), 0, max);
}

SmallVector<StringRef> OnnxDims::getUnusedOptions() const {
  SmallVector<StringRef> unused;
  for (StringRef name : options.dims.keys())
    if (!vars.contains(StringAttr::get(context, name)))
      unused.push_back(name);
  llvm::sort(unused);
  return unused;
}
