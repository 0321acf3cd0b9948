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
  std::string identifier = makeIdentifier(name);
  std::optional<int64_t> given = findGiven(name, identifier);
  DimAttr dim = given ? DimAttr::get(context, *given) : DimAttr::get(context, identifier);
  vars[key] = dim;
  return dim;
}

std::optional<int64_t> OnnxDims::findGiven(StringRef name, StringRef identifier) {
  for (StringRef key : {name, identifier}) {
    auto given = options.dims.find(key);
    if (given == options.dims.end() || (key != name && names.contains(key)))
      continue;
    usedOptions.insert(key);
    return given->second;
  }
  return std::nullopt;
}

std::string OnnxDims::makeIdentifier(StringRef name) {
  std::string base = toIdentifier(name), identifier = base;
  unsigned &count = identifiers[base];
  while (count > 0 && identifiers.count(identifier))
    identifier = base + "_" + std::to_string(++count);
  ++identifiers[identifier];
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

std::optional<ShapeBounds> OnnxDims::getBounds(DimAttr size) const {
  auto symbols = llvm::map_to_vector(size.getVars(), [&](StringAttr var) {
    for (const auto &[dim, largest] : bounds)
      if (dim.getVars().front() == var)
        return ShapeBounds(0, largest);
    return ShapeBounds(options.minDim, options.maxDim);
  });
  return boundShapeExpr(size.getExpr(), {}, symbols);
}

void OnnxDims::declare(ModuleOp module) const {
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  for (const auto &[name, dim] : vars)
    if (!dim.isConstant())
      VarOp::create(builder, builder.getUnknownLoc(), dim.getVars().front().getValue(),
                    options.minDim, options.maxDim);
  // What was imported only to learn its types has bound variables that are gone.
  llvm::DenseSet<StringAttr> bound;
  module.walk([&](BindOp bind) { bound.insert(bind.getVarAttr().getAttr()); });
  for (const auto &[dim, max] : bounds)
    if (StringAttr var = dim.getVars().front(); bound.contains(var))
      VarOp::create(builder, builder.getUnknownLoc(), var.getValue(), 0, max);
}

LogicalResult OnnxDims::checkOptions(std::string &message) const {
  SmallVector<StringRef> unused;
  for (StringRef name : options.dims.keys())
    if (!usedOptions.contains(name))
      unused.push_back(name);
  if (unused.empty())
    return success();
  llvm::sort(unused);
  std::string known = llvm::join(
      llvm::map_range(vars, [](const auto &entry) { return entry.first.getValue(); }), ", ");
  message = ("the model has no dimension named '" + unused.front() + "'; " +
             (known.empty() ? "all its dimensions are static" : "there are: " + known))
                .str();
  return failure();
}

std::string OnnxDims::explainSymbolic(DimAttr size) const {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "; it is '";
  size.printExpr(os);
  os << "'";
  SmallVector<StringRef> free;
  for (StringAttr var : size.getVars()) {
    if (llvm::any_of(bounds, [&](const auto &bound) { return bound.first.getVars()[0] == var; })) {
      os << ", which depends on data";
      return text;
    }
    free.push_back(var);
  }
  os << ": give a size (";
  llvm::interleaveComma(free, os, [&](StringRef var) { os << "--dim=" << var << "=SIZE"; });
  os << " in tg-run, --onnx-dim in tg-translate, dims= in Python)";
  return text;
}
