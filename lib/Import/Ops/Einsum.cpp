//===- Einsum.cpp - ONNX Einsum ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Families.h"

#include "llvm/ADT/StringExtras.h"

#include <map>

using namespace mlir;
using namespace tg;
using namespace tg::uop;

namespace {
/// The axes of one term: letters, and digits for the axes that "..." stands for (the last one is
/// '0' + 9, since they are aligned at the end).
using Subscripts = std::string;
} // namespace

/// Replaces "..." by one digit per axis that the letters leave over.
static std::optional<Subscripts> expandEllipsis(OnnxNode &n, StringRef term, int64_t rank) {
  size_t position = term.find("...");
  std::string letters = term.str();
  int64_t covered = 0;
  if (position != StringRef::npos) {
    covered = rank - static_cast<int64_t>(letters.size() - 3);
    if (covered < 0 || covered > 9)
      return n.fail("the equation does not fit an operand of rank " + Twine(rank)), std::nullopt;
    std::string digits;
    for (int64_t i = 0; i < covered; ++i)
      digits += static_cast<char>('0' + 10 - covered + i);
    letters.replace(position, 3, digits);
  }
  if (static_cast<int64_t>(letters.size()) != rank ||
      !llvm::all_of(letters, [](char c) { return llvm::isAlnum(c); }))
    return n.fail("the equation does not fit an operand of rank " + Twine(rank)), std::nullopt;
  return letters;
}

/// Keeps the diagonal of axes that one term names twice.
static Value takeDiagonals(OnnxNode &n, Value x, Subscripts &names) {
  for (size_t i = 0; i < names.size() && x; ++i) {
    size_t j = names.find(names[i], i + 1);
    if (j == std::string::npos)
      continue;
    SmallVector<DimAttr> dims = n.getDims(x);
    if (dims[i] != dims[j])
      return n.fail("a repeated subscript has two sizes");
    Type i64 = n.getBuilder().getI64Type();
    Value onDiagonal = n.eq(n.iota(dims, i, i64), n.iota(dims, j, i64));
    x = n.reduce(CombineKind::Add, n.where(onDiagonal, x, n.splatLike(0, x)), j);
    names.erase(j, 1);
    --i;
  }
  return x;
}

/// Every operand gets the axes of the result and then the summed ones; their product is summed.
static void einsum(OnnxNode &n) {
  std::string equation = llvm::join(llvm::split(n.getString("equation"), ' '), "");
  auto [left, right] = StringRef(equation).split("->");
  SmallVector<StringRef> terms;
  left.split(terms, ',');
  SmallVector<Value> operands = n.getInputs();
  if (llvm::is_contained(operands, Value()))
    return;
  if (terms.size() != operands.size())
    return (void)n.fail("the equation has " + Twine(terms.size()) + " terms for " +
                        Twine(operands.size()) + " operands");
  SmallVector<Subscripts> names;
  std::map<char, unsigned> counts;
  for (auto [term, operand] : llvm::zip_equal(terms, operands)) {
    auto expanded = expandEllipsis(n, term, n.getRank(operand));
    if (!expanded)
      return;
    for (char name : *expanded)
      ++counts[name];
    operand = takeDiagonals(n, operand, *expanded);
    names.push_back(*expanded);
  }

  // Without "->" the result has the ellipsis and the names that occur once, in alphabetical order.
  Subscripts result;
  std::string ellipsis;
  for (auto [name, count] : counts) {
    if (llvm::isDigit(name))
      ellipsis += name;
    else if (count == 1)
      result += name;
  }
  if (StringRef(equation).contains("->")) {
    result = right.str();
    size_t position = result.find("...");
    if (position != std::string::npos)
      result.replace(position, 3, ellipsis);
  } else {
    result = ellipsis + result;
  }
  Subscripts order = result;
  for (auto [name, count] : counts)
    if (order.find(name) == std::string::npos)
      order += name;
  if (order.size() != counts.size())
    return (void)n.fail("the result of the equation names an axis twice or one that no term has");

  Value product;
  for (auto [operand, name] : llvm::zip_equal(operands, names)) {
    SmallVector<int64_t> permutation, missing;
    for (auto [i, axis] : llvm::enumerate(order)) {
      size_t position = name.find(axis);
      if (position == std::string::npos)
        missing.push_back(i);
      else
        permutation.push_back(position);
    }
    Value aligned = n.unsqueeze(n.permute(operand, permutation), missing);
    if (!aligned)
      return;
    Type wide = n.getAccumulatorType(n.getElementType(aligned));
    aligned = n.cast(aligned, wide);
    product = product ? n.mul(product, aligned) : aligned;
  }
  auto summed = llvm::to_vector(llvm::seq<int64_t>(result.size(), order.size()));
  Value sum = n.reduce(CombineKind::Add, product, summed);
  n.setOutput(0, n.cast(sum, n.getElementType(operands.front())));
}

void tg::registerOnnxEinsum(OnnxOpRegistry &r) { r.add("Einsum", 12, einsum); }
