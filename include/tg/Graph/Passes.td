//===- Passes.td - Graph passes -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_GRAPH_PASSES_TD
#define TG_GRAPH_PASSES_TD

include "mlir/Pass/PassBase.td"

def Simplify : Pass<"tg-simplify"> {
  let summary = "Rewrite by named algebraic rules";
  let description = [{
    Applies the rules of docs/passes/simplify.md to a fixpoint, folds constants, and removes dead
    code and common subexpressions. No rule changes an integer result, or a float result but for
    the payload and sign of NaN, unless `fast-math` is set. Each applied rule is a remark of
    category `tg-simplify`.

    ```mlir
    %1 = uop.mul %x, %two : tensor<4xi32>
    %2 = uop.mul %1, %three : tensor<4xi32>
    // becomes
    %1 = uop.mul %x, %six : tensor<4xi32>
    ```
  }];
  let options = [
    Option<"fastMath", "fast-math", "bool", "false",
           "Also apply rules that may change float results">,
    ListOption<"disable", "disable", "std::string", "Names of rules not to apply">,
  ];
  let dependentDialects = ["::tg::uop::UOpDialect"];
}

def Decompose : Pass<"tg-decompose"> {
  let summary = "Expand transcendental and rounding operations into arithmetic";
  let description = [{
    Replaces every operation with the `DecomposableOpInterface` (`exp`, `log`, `cos`, `tan` and its
    kin, `tanh`, `erf`, `floor`, `ceil`, `round`) by straight-line arithmetic on core operations,
    without branches or tables in memory; with `core` also `exp2`, `log2`, `sin` and float `pow`,
    for targets that have no instruction for them. The expansions and their measured errors are in
    docs/numerics.md. They need IEEE arithmetic: nothing after this pass may reassociate.

    ```mlir
    %1 = uop.floor %0 : tensor<4xf32>
    // becomes
    %one = uop.const dense<1.0> : tensor<4xf32>
    %t = uop.trunc %0 : tensor<4xf32>
    %less = uop.cmplt %0, %t : tensor<4xf32>
    %down = uop.sub %t, %one : tensor<4xf32>
    %1 = uop.where %less, %down, %t : tensor<4xf32>
    ```
  }];
  let options = [
    Option<"core", "core", "bool", "false", "Expand exp2, log2, sin and float pow as well">,
    ListOption<"keep", "keep", "std::string",
               "Operations to leave as they are, by name without the dialect: keep=exp,log">,
  ];
  let dependentDialects = ["::tg::uop::UOpDialect"];
}

#endif // TG_GRAPH_PASSES_TD
