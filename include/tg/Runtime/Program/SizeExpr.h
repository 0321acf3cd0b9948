//===- SizeExpr.h - Integer expressions over a program's vars ---*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_RUNTIME_PROGRAM_SIZEEXPR_H
#define TG_RUNTIME_PROGRAM_SIZEEXPR_H

#include "tg/Runtime/Error.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tg::rt {

/// A size, offset or count that is known once the vars are bound: postfix code over int64. Builders
/// fold constants. The default is the constant 0.
class SizeExpr {
public:
  enum class Op : uint8_t { Const, Var, Add, Mul, FloorDiv, CeilDiv, Mod, Max, Min };
  struct Instr {
    Op op;
    /// The constant or the var's id; 0 for operators.
    int64_t value;
    bool operator==(const Instr &other) const { return op == other.op && value == other.value; }
  };
  /// The deepest operand stack that evaluation allows.
  static constexpr unsigned maxDepth = 64;

  SizeExpr() : SizeExpr(0) {}
  SizeExpr(int64_t constant) : code{{Op::Const, constant}} {}
  static SizeExpr var(uint32_t id);
  /// `lhs op rhs`; op is not Const or Var. Division and mod round to minus infinity (ceilDiv to
  /// plus infinity); a divisor must be 1 or more.
  static SizeExpr binary(Op op, SizeExpr lhs, SizeExpr rhs);
  friend SizeExpr operator+(SizeExpr lhs, SizeExpr rhs) {
    return binary(Op::Add, std::move(lhs), std::move(rhs));
  }
  friend SizeExpr operator*(SizeExpr lhs, SizeExpr rhs) {
    return binary(Op::Mul, std::move(lhs), std::move(rhs));
  }
  friend SizeExpr operator-(SizeExpr lhs, SizeExpr rhs) {
    return std::move(lhs) + std::move(rhs) * SizeExpr(-1);
  }
  static SizeExpr floorDiv(SizeExpr lhs, SizeExpr rhs) {
    return binary(Op::FloorDiv, std::move(lhs), std::move(rhs));
  }
  static SizeExpr ceilDiv(SizeExpr lhs, SizeExpr rhs) {
    return binary(Op::CeilDiv, std::move(lhs), std::move(rhs));
  }
  static SizeExpr mod(SizeExpr lhs, SizeExpr rhs) {
    return binary(Op::Mod, std::move(lhs), std::move(rhs));
  }
  static SizeExpr max(SizeExpr lhs, SizeExpr rhs) {
    return binary(Op::Max, std::move(lhs), std::move(rhs));
  }
  static SizeExpr min(SizeExpr lhs, SizeExpr rhs) {
    return binary(Op::Min, std::move(lhs), std::move(rhs));
  }

  /// From stored code; check it with verify.
  static SizeExpr fromCode(std::vector<Instr> code);
  const std::vector<Instr> &instructions() const { return code; }

  /// Postfix well formed, within maxDepth, var ids below `numVars`.
  Status verify(size_t numVars) const;
  /// The value under `vars` (indexed by var id); an error on overflow and on a
  /// divisor below one.
  Result<int64_t> evaluate(const int64_t *vars) const;
  Result<int64_t> evaluate(const std::vector<int64_t> &vars) const { return evaluate(vars.data()); }

  std::optional<int64_t> constant() const;
  /// Whether it is the constant 0.
  bool isZero() const { return code.size() == 1 && code[0] == Instr{Op::Const, 0}; }
  bool dependsOn(uint32_t id) const;
  /// sum(coefficient * var) + offset, where the expression is that; vars with coefficient 0 are
  /// left out.
  struct Affine {
    int64_t offset = 0;
    std::map<uint32_t, int64_t> coefficients;
  };
  std::optional<Affine> affine() const;
  /// Infix, with the given names: "2 * N + 1".
  std::string print(const std::vector<std::string> &names) const;

  bool operator==(const SizeExpr &other) const { return code == other.code; }

private:
  std::vector<Instr> code;
};

} // namespace tg::rt

#endif // TG_RUNTIME_PROGRAM_SIZEEXPR_H
