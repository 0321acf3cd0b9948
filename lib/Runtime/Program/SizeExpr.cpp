//===- SizeExpr.cpp - Integer expressions over a program's vars -*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tg/Runtime/Program/SizeExpr.h"

#include <algorithm>

namespace tg::rt {
namespace {

using Op = SizeExpr::Op;

/// Nothing on overflow and on a divisor below one.
std::optional<int64_t> apply(Op op, int64_t lhs, int64_t rhs) {
  int64_t result;
  switch (op) {
  case Op::Add:
    if (__builtin_add_overflow(lhs, rhs, &result))
      return std::nullopt;
    return result;
  case Op::Mul:
    if (__builtin_mul_overflow(lhs, rhs, &result))
      return std::nullopt;
    return result;
  case Op::FloorDiv:
  case Op::CeilDiv:
  case Op::Mod: {
    if (rhs < 1)
      return std::nullopt;
    int64_t quotient = lhs / rhs, rest = lhs % rhs;
    if (op == Op::CeilDiv)
      return quotient + (rest > 0);
    return op == Op::FloorDiv ? quotient - (rest < 0) : rest + (rest < 0 ? rhs : 0);
  }
  case Op::Max:
    return std::max(lhs, rhs);
  case Op::Min:
    return std::min(lhs, rhs);
  case Op::Const:
  case Op::Var:
    break;
  }
  return std::nullopt;
}

bool isLeaf(Op op) { return op == Op::Const || op == Op::Var; }

using Affine = SizeExpr::Affine;

std::optional<Affine> scaled(const Affine &form, int64_t factor) {
  Affine result;
  if (factor == 0)
    return result;
  if (__builtin_mul_overflow(form.offset, factor, &result.offset))
    return std::nullopt;
  for (auto [id, coefficient] : form.coefficients)
    if (__builtin_mul_overflow(coefficient, factor, &result.coefficients[id]))
      return std::nullopt;
  return result;
}

std::optional<Affine> combine(Op op, const Affine &lhs, const Affine &rhs) {
  if (lhs.coefficients.empty() && rhs.coefficients.empty()) {
    std::optional<int64_t> value = apply(op, lhs.offset, rhs.offset);
    if (!value)
      return std::nullopt;
    return Affine{*value, {}};
  }
  if (op == Op::Mul) {
    if (rhs.coefficients.empty())
      return scaled(lhs, rhs.offset);
    if (lhs.coefficients.empty())
      return scaled(rhs, lhs.offset);
    return std::nullopt;
  }
  if (op != Op::Add)
    return std::nullopt;
  Affine sum = lhs;
  if (__builtin_add_overflow(sum.offset, rhs.offset, &sum.offset))
    return std::nullopt;
  for (auto [id, coefficient] : rhs.coefficients) {
    int64_t &slot = sum.coefficients[id];
    if (__builtin_add_overflow(slot, coefficient, &slot))
      return std::nullopt;
    if (slot == 0)
      sum.coefficients.erase(id);
  }
  return sum;
}

const char *spelling(Op op) {
  switch (op) {
  case Op::Add:
    return " + ";
  case Op::Mul:
    return " * ";
  case Op::FloorDiv:
    return " floordiv ";
  case Op::CeilDiv:
    return " ceildiv ";
  case Op::Mod:
    return " mod ";
  case Op::Max:
    return "max";
  case Op::Min:
    return "min";
  case Op::Const:
  case Op::Var:
    break;
  }
  return "";
}

} // namespace

SizeExpr SizeExpr::var(uint32_t id) { return fromCode({{Op::Var, int64_t(id)}}); }

SizeExpr SizeExpr::fromCode(std::vector<Instr> code) {
  SizeExpr expr;
  expr.code = std::move(code);
  return expr;
}

SizeExpr SizeExpr::binary(Op op, SizeExpr lhs, SizeExpr rhs) {
  std::optional<int64_t> left = lhs.constant(), right = rhs.constant();
  if (left && right)
    if (std::optional<int64_t> folded = apply(op, *left, *right))
      return SizeExpr(*folded);
  bool unit = right == 1 && (op == Op::Mul || op == Op::FloorDiv || op == Op::CeilDiv);
  if (unit || (op == Op::Add && right == 0))
    return lhs;
  if ((op == Op::Mul && left == 1) || (op == Op::Add && left == 0))
    return rhs;
  lhs.code.insert(lhs.code.end(), rhs.code.begin(), rhs.code.end());
  lhs.code.push_back({op, 0});
  return lhs;
}

Status SizeExpr::verify(size_t numVars) const {
  unsigned depth = 0;
  for (const Instr &instr : code) {
    if (instr.op > Op::Min)
      return error("size expression has unknown operator " + std::to_string(int(instr.op)));
    if (instr.op == Op::Var && (instr.value < 0 || uint64_t(instr.value) >= numVars))
      return error("size expression uses var " + std::to_string(instr.value) + " of " +
                   std::to_string(numVars));
    if (isLeaf(instr.op)) {
      if (++depth > maxDepth)
        return error("size expression is nested deeper than " + std::to_string(maxDepth));
    } else if (depth-- < 2) {
      return error("size expression lacks an operand");
    }
  }
  if (depth != 1)
    return error("size expression leaves " + std::to_string(depth) + " values");
  return Status::success();
}

Result<int64_t> SizeExpr::evaluate(const int64_t *vars) const {
  int64_t stack[maxDepth];
  unsigned depth = 0;
  for (const Instr &instr : code) {
    if (isLeaf(instr.op)) {
      stack[depth++] = instr.op == Op::Const ? instr.value : vars[instr.value];
      continue;
    }
    std::optional<int64_t> value = apply(instr.op, stack[depth - 2], stack[depth - 1]);
    if (!value)
      return error("a size overflows 64 bits or divides by what is below one");
    stack[--depth - 1] = *value;
  }
  return stack[0];
}

std::optional<int64_t> SizeExpr::constant() const {
  if (code.size() == 1 && code[0].op == Op::Const)
    return code[0].value;
  return std::nullopt;
}

bool SizeExpr::dependsOn(uint32_t id) const {
  return std::any_of(code.begin(), code.end(), [&](const Instr &instr) {
    return instr.op == Op::Var && instr.value == int64_t(id);
  });
}

std::optional<SizeExpr::Affine> SizeExpr::affine() const {
  std::vector<Affine> stack;
  for (const Instr &instr : code) {
    if (isLeaf(instr.op)) {
      Affine leaf;
      if (instr.op == Op::Const)
        leaf.offset = instr.value;
      else
        leaf.coefficients[uint32_t(instr.value)] = 1;
      stack.push_back(std::move(leaf));
      continue;
    }
    Affine rhs = std::move(stack.back());
    stack.pop_back();
    std::optional<Affine> result = combine(instr.op, stack.back(), rhs);
    if (!result)
      return std::nullopt;
    stack.back() = std::move(*result);
  }
  return std::move(stack.back());
}

std::string SizeExpr::print(const std::vector<std::string> &names) const {
  std::vector<std::pair<std::string, bool>> stack; // text, whether it is atomic
  for (const Instr &instr : code) {
    if (instr.op == Op::Const) {
      stack.emplace_back(std::to_string(instr.value), true);
    } else if (instr.op == Op::Var) {
      bool known = instr.value >= 0 && size_t(instr.value) < names.size();
      stack.emplace_back(known ? names[instr.value] : "var" + std::to_string(instr.value), true);
    } else {
      auto [right, rightAtomic] = stack.back();
      stack.pop_back();
      auto &[left, leftAtomic] = stack.back();
      if (instr.op == Op::Max || instr.op == Op::Min) {
        left = spelling(instr.op) + ("(" + left) + ", " + right + ")";
        leftAtomic = true;
      } else {
        auto wrap = [](const std::string &text, bool atomic) {
          return atomic ? text : "(" + text + ")";
        };
        left = wrap(left, leftAtomic) + spelling(instr.op) + wrap(right, rightAtomic);
        leftAtomic = false;
      }
    }
  }
  return stack.back().first;
}

} // namespace tg::rt
