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

OnnxDims::OnnxDims(MLIRContext *context, const OnnxImportOptions &options,
                   ArrayRef<OnnxEquality> equalities)
    : context(context), options(options), equalities(equalities) {
  for (const OnnxEquality &equality : equalities)
    if (equality.fresh)
      ++identifiers[equality.fresh];
}

DimAttr OnnxDims::getVar(StringRef name) {
  StringAttr key = StringAttr::get(context, name);
  if (DimAttr known = vars.lookup(key))
    return known;
  std::string identifier = makeIdentifier(name);
  std::optional<int64_t> given = findGiven(name, identifier);
  if (!given)
    inputVars.insert(StringAttr::get(context, identifier));
  DimAttr dim = resolve(given ? DimAttr::get(context, *given) : DimAttr::get(context, identifier));
  vars[key] = dim;
  return dim;
}

DimAttr OnnxDims::resolve(DimAttr dim) const {
  for (const OnnxEquality &equality : equalities)
    dim = dim ? replaceVar(dim, equality.var, equality.value) : dim;
  return dim;
}

const OnnxDims::BoundVar *OnnxDims::findBound(StringAttr var) const {
  auto found = llvm::find_if(bounds, [&](const BoundVar &bound) { return bound.var == var; });
  return found == bounds.end() ? nullptr : found;
}

ShapeBounds OnnxDims::getVarBounds(StringAttr var) const {
  if (const BoundVar *bound = findBound(var))
    return {0, bound->max};
  for (const OnnxEquality &equality : equalities)
    if (equality.fresh == var)
      return equality.freshBounds;
  return {options.minDim, options.maxDim};
}

std::optional<OnnxEquality> OnnxDims::solve(DimAttr x, DimAttr y) {
  OnnxVarFacts facts;
  facts.getPlace = [&](StringAttr var) -> std::optional<unsigned> {
    // A part of a variable has its place.
    for (const OnnxEquality &equality : llvm::reverse(equalities))
      if (equality.fresh == var)
        var = equality.var;
    auto input = llvm::find(inputVars, var);
    if (input != inputVars.end())
      return input - inputVars.begin();
    const BoundVar *bound = findBound(var);
    if (!bound || bound->isStep)
      return std::nullopt;
    return OnnxVarFacts::firstBound + (bound - bounds.begin());
  };
  facts.getBounds = [&](DimAttr size) { return getBounds(size); };
  facts.makeName = [&](StringRef name) { return makeIdentifier(name); };
  return solveEquality(x, y, facts);
}

std::optional<int64_t> OnnxDims::findGiven(StringRef name, StringRef identifier) {
  for (StringRef key : {name, identifier}) {
    auto given = options.dims.find(key);
    if (given == options.dims.end() || (key != name && names.contains(key)))
      continue;
    usedOptions.insert(key);
    return given->second;
  }
  auto shape = known.find(name);
  return shape == known.end() ? std::nullopt : std::optional(shape->second);
}

std::string OnnxDims::makeIdentifier(StringRef name) {
  std::string base = toIdentifier(name), identifier = base;
  unsigned &count = identifiers[base];
  while (count > 0 && identifiers.count(identifier))
    identifier = base + "_" + std::to_string(++count);
  ++identifiers[identifier];
  return identifier;
}

DimAttr OnnxDims::addBound(StringRef name, DimAttr max, bool isStep) {
  // Sizes grow with their variables; where this one does not fit, any count does.
  std::optional<int64_t> bound = evaluate(
      max, [&](StringRef var) { return getVarBounds(StringAttr::get(context, var)).second; });
  DimAttr dim = DimAttr::get(context, makeIdentifier(name));
  int64_t largest = bound && *bound >= 0 ? *bound : std::numeric_limits<int64_t>::max();
  bounds.push_back({dim.getVars().front(), largest, isStep});
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
  name = getName(name, fallback);
  if (options.dims.contains(name))
    return getVar(name);
  if (name.contains('+') || name.contains('*'))
    if (DimAttr dim = parseExpression(name))
      return dim;
  return getVar(name);
}

std::optional<ShapeBounds> OnnxDims::getBounds(DimAttr size) const {
  auto symbols =
      llvm::map_to_vector(size.getVars(), [&](StringAttr var) { return getVarBounds(var); });
  return boundShapeExpr(size.getExpr(), {}, symbols);
}

void OnnxDims::declare(ModuleOp module) const {
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  auto add = [&](StringAttr var) {
    auto [min, max] = getVarBounds(var);
    VarOp::create(builder, builder.getUnknownLoc(), var.getValue(), min, max);
  };
  llvm::SetVector<StringAttr> declared;
  for (StringAttr var : inputVars)
    for (StringAttr part : resolve(DimAttr::get(context, var.getValue())).getVars())
      declared.insert(part);
  llvm::for_each(declared, add);
  // What was imported only to learn its types has bound variables that are gone.
  llvm::DenseSet<StringAttr> bound;
  module.walk([&](BindOp bind) { bound.insert(bind.getVarAttr().getAttr()); });
  for (const BoundVar &var : bounds)
    if (bound.contains(var.var))
      add(var.var);
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
    if (findBound(var)) {
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
