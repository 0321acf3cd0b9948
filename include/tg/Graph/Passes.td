//===- Passes.td - Graph passes -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_GRAPH_PASSES_TD
#define TG_GRAPH_PASSES_TD

include "mlir/Pass/PassBase.td"

def ExpandCustom : Pass<"tg-expand-custom", "::mlir::ModuleOp"> {
  let summary = "Turn `uop.custom` into calls of the body for the device";
  let description = [{
    Calls the body that the operation names for `device`, else its reference.

    ```mlir
    %1 = uop.custom @reference(%0) bodies {cpu = @fast} : (tensor<4xf32>) -> tensor<4xf32>
    // becomes
    %1 = func.call @fast(%0) : (tensor<4xf32>) -> tensor<4xf32>
    ```
  }];
  let options = [Option<"device", "device", "std::string", "\"\"",
                        "The device to compile for; without, every operation calls its reference">];
  let dependentDialects = ["::mlir::func::FuncDialect"];
}

def InlineCalls : Pass<"tg-inline", "::mlir::ModuleOp"> {
  let summary = "Put functions in place of their calls";
  let description = [{
    Every `func.call` becomes the body of the function that it calls, whose operations keep their
    places with that of the call. Nothing else is rewritten. Functions stay (`symbol-dce` removes
    those that are private).

    Refused are functions without a body or of several blocks, recursion, calls nested deeper than
    256, and functions of more than `max-operations` operations once their calls are inlined.

    ```mlir
    %1 = func.call @square(%0) : (tensor<4xf32>) -> tensor<4xf32>
    // becomes
    %1 = uop.mul %0, %0 : tensor<4xf32>
    ```
  }];
  let options = [Option<"maxOperations", "max-operations", "uint64_t", "1000000",
                        "Operations of a function at the most">];
  let dependentDialects = ["::mlir::func::FuncDialect"];
}

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

def FoldConstants : Pass<"tg-fold-constants"> {
  let summary = "Compute what only constants decide";
  let description = [{
    Operations on nothing but constants are evaluated by the interpreter, whatever the constants'
    sizes (`tg-simplify` folds up to 64 elements). Transcendental functions are so correct to 0.51
    ulp, which kernels need not be.

    The program does not grow: a value is folded where it takes up to 4 KiB or no more than the
    largest constant, splats aside, that it is computed from; where not, values on the way to it may
    be. Movement alone stays, as index maps do it at no cost, and so do exactly rounded elementwise
    functions of index values and splats. `contiguous`, `copy`, `detach`, `custom` and whatever
    depends on variables stay. At most 2^26 elements are evaluated. An index out of range in a
    `gather` or `scatter` is left for the kernel to report. Each folded value is a remark of
    category `tg-fold-constants`.

    ```mlir
    %sum = uop.add %variance, %epsilon : tensor<352xf32>
    %root = uop.sqrt %sum : tensor<352xf32>
    %scale = uop.reciprocal %root : tensor<352xf32>
    %column = uop.reshape %scale : tensor<352xf32> -> tensor<352x1x1xf32>
    %image = uop.expand %column : tensor<352x1x1xf32> -> tensor<352x28x28xf32>
    %1 = uop.mul %x, %image : tensor<352x28x28xf32>
    // becomes
    %column = uop.const dense_resource<...> : tensor<352x1x1xf32>
    %image = uop.expand %column : tensor<352x1x1xf32> -> tensor<352x28x28xf32>
    %1 = uop.mul %x, %image : tensor<352x28x28xf32>
    ```
  }];
  let dependentDialects = ["::mlir::func::FuncDialect", "::tg::uop::UOpDialect"];
}

#endif // TG_GRAPH_PASSES_TD
