//===- UOpElementwise.td - Elementwise operations -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_DIALECT_UOP_ELEMENTWISE_TD
#define TG_DIALECT_UOP_ELEMENTWISE_TD

include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "tg/Dialect/UOp/UOpAttrs.td"
include "tg/Dialect/UOp/UOpInterfaces.td"

/// Constants fold with the interpreter's scalar functions: splats, and up to 64 elements.
def UOp_FoldsConstants : NativeOpTrait<"FoldsConstants"> {
  let cppNamespace = "::tg::uop";
}

class UOp_ElementwiseOp<string mnemonic, string kind, list<Trait> traits = []>
    : UOp_Op<mnemonic, !listconcat([Pure, ElementwiseOpInterface, UOp_FoldsConstants],
                                   traits)> {
  let extraClassDeclaration = [{
    static ::tg::uop::ElementwiseKind getElementwiseKind() {
      return ::tg::uop::ElementwiseKind::}] # kind # [{;
    }
  }];
}

class UOp_UnaryOp<string mnemonic, string kind, Type type, list<Trait> traits = []>
    : UOp_ElementwiseOp<mnemonic, kind, !listconcat([SameOperandsAndResultType], traits)> {
  let arguments = (ins type:$input);
  let results = (outs type:$result);
  let assemblyFormat = "$input attr-dict `:` type($result)";
}

class UOp_BinaryOp<string mnemonic, string kind, Type type, list<Trait> traits = []>
    : UOp_ElementwiseOp<mnemonic, kind, !listconcat([SameOperandsAndResultType], traits)> {
  let arguments = (ins type:$lhs, type:$rhs);
  let results = (outs type:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($result)";
}

class UOp_CompareOp<string mnemonic, string kind, list<Trait> traits = []>
    : UOp_ElementwiseOp<mnemonic, kind, !listconcat([AllTypesMatch<["lhs", "rhs"]>,
        TypesMatchWith<"result is i1 of the operands' shape", "lhs", "result",
                       "::tg::uop::withElementType($_self, 1)">], traits)> {
  let arguments = (ins UOp_ComputeTensor:$lhs, UOp_ComputeTensor:$rhs);
  let results = (outs UOp_BoolTensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs)";
}

//===----------------------------------------------------------------------===//
// Core: unary
//===----------------------------------------------------------------------===//

def UOp_Exp2Op : UOp_UnaryOp<"exp2", "Exp2", UOp_FloatTensor> {
  let summary = "2 to the power x";
  let description = [{
    `result = 2^input`. `exp2(-inf) = 0`, `exp2(+inf) = +inf`, NaN gives NaN; the result may be
    denormal.

    Example:
    ```mlir
    %1 = uop.exp2 %0 : tensor<4xf32>
    ```
  }];
}

def UOp_Log2Op : UOp_UnaryOp<"log2", "Log2", UOp_FloatTensor> {
  let summary = "Logarithm to base 2";
  let description = [{
    `result = log2(input)`. `log2(±0) = -inf`; a negative input gives NaN; denormal inputs are exact
    inputs like any other.

    Example:
    ```mlir
    %1 = uop.log2 %0 : tensor<4xf32>
    ```
  }];
}

def UOp_SinOp : UOp_UnaryOp<"sin", "Sin", UOp_FloatTensor> {
  let summary = "Sine";
  let description = [{
    `result = sin(input)`, radians. `sin(-0) = -0`; infinities give NaN.

    Example:
    ```mlir
    %1 = uop.sin %0 : tensor<4xf32>
    ```
  }];
}

def UOp_SqrtOp : UOp_UnaryOp<"sqrt", "Sqrt", UOp_FloatTensor> {
  let summary = "Square root";
  let description = [{
    `result = sqrt(input)`, correctly rounded. `sqrt(-0) = -0`; a negative input gives NaN.

    Example:
    ```mlir
    %1 = uop.sqrt %0 : tensor<4xf32>
    ```
  }];
}

def UOp_ReciprocalOp : UOp_UnaryOp<"reciprocal", "Reciprocal", UOp_FloatTensor> {
  let summary = "1 / x";
  let description = [{
    `result = 1 / input`, correctly rounded. `±0` gives `±inf`.

    Example:
    ```mlir
    %1 = uop.reciprocal %0 : tensor<4xf32>
    ```
  }];
}

def UOp_NegOp : UOp_UnaryOp<"neg", "Neg", UOp_NumberTensor> {
  let summary = "Negation";
  let description = [{
    `result = -input`. Floats flip the sign bit (of NaN too); integers wrap, so the smallest signed
    value is its own negation.

    Example:
    ```mlir
    %1 = uop.neg %0 : tensor<4xf32>
    ```
  }];
}

def UOp_TruncOp : UOp_UnaryOp<"trunc", "Trunc", UOp_FloatTensor> {
  let summary = "Round toward zero";
  let description = [{
    `result = input` without its fraction. The sign of zero is kept; infinities and NaN stay.

    Example:
    ```mlir
    %1 = uop.trunc %0 : tensor<4xf32>
    ```
  }];
}

def UOp_NotOp : UOp_UnaryOp<"not", "Not", UOp_IntTensor> {
  let summary = "Bitwise complement";
  let description = [{
    `result = ~input`; logical negation for `i1`.

    Example:
    ```mlir
    %1 = uop.not %0 : tensor<4xi32>
    ```
  }];
}

def UOp_CastOp : UOp_ElementwiseOp<"cast", "Cast", [SameOperandsAndResultShape]> {
  let summary = "Conversion between element types";
  let description = [{
    `result = convert(input)`, the shape unchanged. Float to float rounds to nearest, ties to even
    (overflow as the target format has it: an infinity, or NaN where the format has none;
    `f4E2M1FN`, which has neither, saturates and takes NaN to -0). Float to integer truncates toward
    zero and saturates; NaN gives 0. Integer to float rounds to nearest even. Integer to integer
    keeps the low bits, extending by the signedness of the source. To `i1`: true where the input is
    not zero (NaN is not zero). From `i1`: 0 or 1. Storage-only types may stand on either side.

    Example:
    ```mlir
    %1 = uop.cast %0 : tensor<4xf32> -> tensor<4xbf16>
    ```
  }];
  let arguments = (ins UOp_Tensor:$input);
  let results = (outs UOp_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def UOp_BitcastOp : UOp_ElementwiseOp<"bitcast", "Bitcast", [SameOperandsAndResultShape]> {
  let summary = "Reinterpretation of the bits";
  let description = [{
    `result` has the bits of `input` under another element type of the same width, shape unchanged.

    Example:
    ```mlir
    %1 = uop.bitcast %0 : tensor<4xf32> -> tensor<4xi32>
    ```
  }];
  let arguments = (ins UOp_Tensor:$input);
  let results = (outs UOp_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Core: binary
//===----------------------------------------------------------------------===//

def UOp_AddOp : UOp_BinaryOp<"add", "Add", UOp_NumberTensor, [Commutative]> {
  let summary = "Sum";
  let description = [{
    `result = lhs + rhs`. Integers wrap.

    Example:
    ```mlir
    %2 = uop.add %0, %1 : tensor<4xf32>
    ```
  }];
}

def UOp_SubOp : UOp_BinaryOp<"sub", "Sub", UOp_NumberTensor> {
  let summary = "Difference";
  let description = [{
    `result = lhs - rhs`. Integers wrap.

    Example:
    ```mlir
    %2 = uop.sub %0, %1 : tensor<4xf32>
    ```
  }];
}

def UOp_MulOp : UOp_BinaryOp<"mul", "Mul", UOp_NumberTensor, [Commutative]> {
  let summary = "Product";
  let description = [{
    `result = lhs * rhs`. Integers wrap.

    Example:
    ```mlir
    %2 = uop.mul %0, %1 : tensor<4xf32>
    ```
  }];
}

def UOp_FDivOp : UOp_BinaryOp<"fdiv", "FDiv", UOp_FloatTensor> {
  let summary = "Float quotient";
  let description = [{
    `result = lhs / rhs`, correctly rounded. `x / 0` is an infinity, `0 / 0` NaN.

    Example:
    ```mlir
    %2 = uop.fdiv %0, %1 : tensor<4xf32>
    ```
  }];
}

def UOp_FloorDivOp : UOp_BinaryOp<"floordiv", "FloorDiv", UOp_NumberTensor> {
  let summary = "Quotient rounded down";
  let description = [{
    `result = floor(lhs / rhs)`. Integers: exact, division by zero gives 0, and the smallest signed
    value by -1 wraps to itself. Floats: the floor of the exact quotient, rounded to the type
    (`(lhs - cmod(lhs, rhs)) / rhs` to the nearest integer, less 1 where `cmod` is not zero and the
    signs differ); a zero has the sign of the quotient; an infinite `lhs` gives NaN; division by
    zero as in `fdiv`.

    Example:
    ```mlir
    %2 = uop.floordiv %0, %1 : tensor<4xf32>
    ```
  }];
}

def UOp_FloorModOp : UOp_BinaryOp<"floormod", "FloorMod", UOp_NumberTensor> {
  let summary = "Remainder with the sign of the divisor";
  let description = [{
    `result = lhs - rhs * floor(lhs / rhs)`. Integers: a divisor of zero gives `lhs`. Floats: the exact
    `cmod`, plus `rhs` where the signs differ and the remainder is not zero; a zero remainder has the
    sign of `rhs`; a divisor of zero gives NaN.

    Example:
    ```mlir
    %2 = uop.floormod %0, %1 : tensor<4xf32>
    ```
  }];
}

def UOp_CDivOp : UOp_BinaryOp<"cdiv", "CDiv", UOp_WideIntTensor> {
  let summary = "Integer quotient rounded toward zero";
  let description = [{
    `result = trunc(lhs / rhs)` as in C. Division by zero gives 0; the smallest signed value by -1
    wraps to itself.

    Example:
    ```mlir
    %2 = uop.cdiv %0, %1 : tensor<4xi32>
    ```
  }];
}

def UOp_CModOp : UOp_BinaryOp<"cmod", "CMod", UOp_NumberTensor> {
  let summary = "Remainder with the sign of the dividend";
  let description = [{
    `result = lhs - rhs * trunc(lhs / rhs)`. Integers: a divisor of zero gives `lhs`, and the smallest
    signed value by -1 gives 0. Floats: exact, as C `fmod`; an infinite `lhs` or a zero `rhs` gives NaN.

    Example:
    ```mlir
    %2 = uop.cmod %0, %1 : tensor<4xf32>
    ```
  }];
}

def UOp_PowOp : UOp_BinaryOp<"pow", "Pow", UOp_NumberTensor> {
  let summary = "Power";
  let description = [{
    `result = lhs ^ rhs`. Floats as IEEE 754 `pow` (`pow(x, ±0) = 1`, `pow(1, y) = 1`, even of NaN).
    Integers wrap; `x^0 = 1`; a negative exponent gives the quotient `1 / x^-rhs` rounded toward zero (0 where
    `lhs` is 0).

    Example:
    ```mlir
    %2 = uop.pow %0, %1 : tensor<4xf32>
    ```
  }];
}

def UOp_MaxOp : UOp_BinaryOp<"max", "Max", UOp_ComputeTensor, [Commutative]> {
  let summary = "Larger value";
  let description = [{
    `result = max(lhs, rhs)`. Floats: NaN if either is NaN; +0 is larger than -0. `i1`: or.

    Example:
    ```mlir
    %2 = uop.max %0, %1 : tensor<4xf32>
    ```
  }];
}

def UOp_MinOp : UOp_BinaryOp<"min", "Min", UOp_ComputeTensor, [Commutative]> {
  let summary = "Smaller value";
  let description = [{
    `result = min(lhs, rhs)`. Floats: NaN if either is NaN; -0 is smaller than +0. `i1`: and.

    Example:
    ```mlir
    %2 = uop.min %0, %1 : tensor<4xf32>
    ```
  }];
}

def UOp_ShlOp : UOp_BinaryOp<"shl", "Shl", UOp_WideIntTensor> {
  let summary = "Shift left";
  let description = [{
    `result = lhs << rhs`. A shift by the width or more, or by a negative amount, gives 0.

    Example:
    ```mlir
    %2 = uop.shl %0, %1 : tensor<4xi32>
    ```
  }];
}

def UOp_ShrOp : UOp_BinaryOp<"shr", "Shr", UOp_WideIntTensor> {
  let summary = "Shift right";
  let description = [{
    `result = lhs >> rhs`: arithmetic for signed, logical for unsigned types. A shift by the width or
    more, or by a negative amount, gives the sign fill: -1 for negative values, else 0.

    Example:
    ```mlir
    %2 = uop.shr %0, %1 : tensor<4xi32>
    ```
  }];
}

def UOp_AndOp : UOp_BinaryOp<"and", "And", UOp_IntTensor, [Commutative]> {
  let summary = "Bitwise and";
  let description = [{
    `result = lhs & rhs`.

    Example:
    ```mlir
    %2 = uop.and %0, %1 : tensor<4xi32>
    ```
  }];
}

def UOp_OrOp : UOp_BinaryOp<"or", "Or", UOp_IntTensor, [Commutative]> {
  let summary = "Bitwise or";
  let description = [{
    `result = lhs | rhs`.

    Example:
    ```mlir
    %2 = uop.or %0, %1 : tensor<4xi32>
    ```
  }];
}

def UOp_XorOp : UOp_BinaryOp<"xor", "Xor", UOp_IntTensor, [Commutative]> {
  let summary = "Bitwise exclusive or";
  let description = [{
    `result = lhs ^ rhs`.

    Example:
    ```mlir
    %2 = uop.xor %0, %1 : tensor<4xi32>
    ```
  }];
}

def UOp_ThreefryOp : UOp_BinaryOp<"threefry", "Threefry", UOp_U64Tensor> {
  let summary = "Counter-based random bits";
  let description = [{
    `result = threefry2x32(counter = lhs, key = rhs)`, 20 rounds (Salmon et al., "Parallel Random Numbers:
    As Easy as 1, 2, 3", SC 2011). The low 32 bits of each operand and of the result are word 0.

    Example:
    ```mlir
    %2 = uop.threefry %0, %1 : tensor<4xui64>
    ```
  }];
}

def UOp_CmpLtOp : UOp_CompareOp<"cmplt", "CmpLt"> {
  let summary = "Less than";
  let description = [{
    `result = lhs < rhs`. False if either is NaN. Unsigned types compare unsigned; `i1`: false < true.

    Example:
    ```mlir
    %2 = uop.cmplt %0, %1 : tensor<4xf32>
    ```
  }];
}

def UOp_CmpLeOp : UOp_CompareOp<"cmple", "CmpLe"> {
  let summary = "Less than or equal";
  let description = [{
    `result = lhs <= rhs`. False if either is NaN.

    Example:
    ```mlir
    %2 = uop.cmple %0, %1 : tensor<4xf32>
    ```
  }];
}

def UOp_CmpNeOp : UOp_CompareOp<"cmpne", "CmpNe"> {
  let summary = "Not equal";
  let description = [{
    `result = lhs != rhs`. True if either is NaN; -0 equals +0.

    Example:
    ```mlir
    %2 = uop.cmpne %0, %1 : tensor<4xf32>
    ```
  }];
}

def UOp_CmpEqOp : UOp_CompareOp<"cmpeq", "CmpEq"> {
  let summary = "Equal";
  let description = [{
    `result = lhs == rhs`. False if either is NaN; -0 equals +0.

    Example:
    ```mlir
    %2 = uop.cmpeq %0, %1 : tensor<4xf32>
    ```
  }];
}

//===----------------------------------------------------------------------===//
// Core: ternary
//===----------------------------------------------------------------------===//

def UOp_WhereOp : UOp_ElementwiseOp<"where", "Where", [
    AllTypesMatch<["onTrue", "onFalse", "result"]>,
    TypesMatchWith<"condition is i1 of the result's shape", "result", "condition",
                   "::tg::uop::withElementType($_self, 1)">]> {
  let summary = "Selection";
  let description = [{
    `result = condition ? onTrue : onFalse`, bits unchanged (NaN payloads and signs of zero pass).

    Example:
    ```mlir
    %3 = uop.where %0, %1, %2 : tensor<4xf32>
    ```
  }];
  let arguments = (ins UOp_BoolTensor:$condition, UOp_ComputeTensor:$onTrue,
                   UOp_ComputeTensor:$onFalse);
  let results = (outs UOp_ComputeTensor:$result);
  let assemblyFormat = "$condition `,` $onTrue `,` $onFalse attr-dict `:` type($result)";
}

def UOp_FmaOp : UOp_ElementwiseOp<"fma", "Fma", [SameOperandsAndResultType]> {
  let summary = "Fused multiply and add";
  let description = [{
    `result = a * b + c`, rounded once.

    Example:
    ```mlir
    %3 = uop.fma %0, %1, %2 : tensor<4xf32>
    ```
  }];
  let arguments = (ins UOp_FloatTensor:$a, UOp_FloatTensor:$b, UOp_FloatTensor:$c);
  let results = (outs UOp_FloatTensor:$result);
  let assemblyFormat = "$a `,` $b `,` $c attr-dict `:` type($result)";
}

//===----------------------------------------------------------------------===//
// Second tier: decomposed by tg-decompose
//===----------------------------------------------------------------------===//

def UOp_ExpOp : UOp_UnaryOp<"exp", "Exp", UOp_FloatTensor, [DecomposableOpInterface]> {
  let summary = "Exponential";
  let description = [{
    `result = e^input`. `exp(-inf) = 0`, `exp(+inf) = +inf`.

    Example:
    ```mlir
    %1 = uop.exp %0 : tensor<4xf32>
    ```
  }];
}

def UOp_LogOp : UOp_UnaryOp<"log", "Log", UOp_FloatTensor, [DecomposableOpInterface]> {
  let summary = "Natural logarithm";
  let description = [{
    `result = ln(input)`. `log(±0) = -inf`; a negative input gives NaN.

    Example:
    ```mlir
    %1 = uop.log %0 : tensor<4xf32>
    ```
  }];
}

def UOp_CosOp : UOp_UnaryOp<"cos", "Cos", UOp_FloatTensor, [DecomposableOpInterface]> {
  let summary = "Cosine";
  let description = [{
    `result = cos(input)`, radians. Infinities give NaN.

    Example:
    ```mlir
    %1 = uop.cos %0 : tensor<4xf32>
    ```
  }];
}

def UOp_TanOp : UOp_UnaryOp<"tan", "Tan", UOp_FloatTensor, [DecomposableOpInterface]> {
  let summary = "Tangent";
  let description = [{
    `result = tan(input)`, radians. `tan(-0) = -0`; infinities give NaN.

    Example:
    ```mlir
    %1 = uop.tan %0 : tensor<4xf32>
    ```
  }];
}

def UOp_AsinOp : UOp_UnaryOp<"asin", "Asin", UOp_FloatTensor, [DecomposableOpInterface]> {
  let summary = "Inverse sine";
  let description = [{
    `result = asin(input)`. Outside [-1, 1]: NaN. The sign of zero is kept.

    Example:
    ```mlir
    %1 = uop.asin %0 : tensor<4xf32>
    ```
  }];
}

def UOp_AcosOp : UOp_UnaryOp<"acos", "Acos", UOp_FloatTensor, [DecomposableOpInterface]> {
  let summary = "Inverse cosine";
  let description = [{
    `result = acos(input)`. Outside [-1, 1]: NaN. `acos(1) = +0`.

    Example:
    ```mlir
    %1 = uop.acos %0 : tensor<4xf32>
    ```
  }];
}

def UOp_AtanOp : UOp_UnaryOp<"atan", "Atan", UOp_FloatTensor, [DecomposableOpInterface]> {
  let summary = "Inverse tangent";
  let description = [{
    `result = atan(input)`. `±inf` gives ±pi/2. The sign of zero is kept.

    Example:
    ```mlir
    %1 = uop.atan %0 : tensor<4xf32>
    ```
  }];
}

def UOp_SinhOp : UOp_UnaryOp<"sinh", "Sinh", UOp_FloatTensor, [DecomposableOpInterface]> {
  let summary = "Hyperbolic sine";
  let description = [{
    `result = (e^input - e^-input) / 2`. The sign of zero is kept.

    Example:
    ```mlir
    %1 = uop.sinh %0 : tensor<4xf32>
    ```
  }];
}

def UOp_CoshOp : UOp_UnaryOp<"cosh", "Cosh", UOp_FloatTensor, [DecomposableOpInterface]> {
  let summary = "Hyperbolic cosine";
  let description = [{
    `result = (e^input + e^-input) / 2`.

    Example:
    ```mlir
    %1 = uop.cosh %0 : tensor<4xf32>
    ```
  }];
}

def UOp_TanhOp : UOp_UnaryOp<"tanh", "Tanh", UOp_FloatTensor, [DecomposableOpInterface]> {
  let summary = "Hyperbolic tangent";
  let description = [{
    `result = tanh(input)`. `±inf` gives ±1. The sign of zero is kept.

    Example:
    ```mlir
    %1 = uop.tanh %0 : tensor<4xf32>
    ```
  }];
}

def UOp_AsinhOp : UOp_UnaryOp<"asinh", "Asinh", UOp_FloatTensor, [DecomposableOpInterface]> {
  let summary = "Inverse hyperbolic sine";
  let description = [{
    `result = asinh(input)`. The sign of zero is kept.

    Example:
    ```mlir
    %1 = uop.asinh %0 : tensor<4xf32>
    ```
  }];
}

def UOp_AcoshOp : UOp_UnaryOp<"acosh", "Acosh", UOp_FloatTensor, [DecomposableOpInterface]> {
  let summary = "Inverse hyperbolic cosine";
  let description = [{
    `result = acosh(input)`. Below 1: NaN.

    Example:
    ```mlir
    %1 = uop.acosh %0 : tensor<4xf32>
    ```
  }];
}

def UOp_AtanhOp : UOp_UnaryOp<"atanh", "Atanh", UOp_FloatTensor, [DecomposableOpInterface]> {
  let summary = "Inverse hyperbolic tangent";
  let description = [{
    `result = atanh(input)`. ±1 gives `±inf`; beyond: NaN. The sign of zero is kept.

    Example:
    ```mlir
    %1 = uop.atanh %0 : tensor<4xf32>
    ```
  }];
}

def UOp_ErfOp : UOp_UnaryOp<"erf", "Erf", UOp_FloatTensor, [DecomposableOpInterface]> {
  let summary = "Error function";
  let description = [{
    `result = 2/sqrt(pi) * integral from 0 to input of e^(-t^2) dt`. `±inf` gives ±1.

    Example:
    ```mlir
    %1 = uop.erf %0 : tensor<4xf32>
    ```
  }];
}

def UOp_FloorOp : UOp_UnaryOp<"floor", "Floor", UOp_FloatTensor, [DecomposableOpInterface]> {
  let summary = "Round down";
  let description = [{
    `result = floor(input)`, exact. The sign of zero is kept.

    Example:
    ```mlir
    %1 = uop.floor %0 : tensor<4xf32>
    ```
  }];
}

def UOp_CeilOp : UOp_UnaryOp<"ceil", "Ceil", UOp_FloatTensor, [DecomposableOpInterface]> {
  let summary = "Round up";
  let description = [{
    `result = ceil(input)`, exact. `ceil(-0.5) = -0`.

    Example:
    ```mlir
    %1 = uop.ceil %0 : tensor<4xf32>
    ```
  }];
}

def UOp_RoundOp : UOp_UnaryOp<"round", "Round", UOp_FloatTensor, [DecomposableOpInterface]> {
  let summary = "Round to the nearest integer, ties to even";
  let description = [{
    `result = roundToIntegralTiesToEven(input)`, exact. The sign of zero is kept.

    Example:
    ```mlir
    %1 = uop.round %0 : tensor<4xf32>
    ```
  }];
}

#endif // TG_DIALECT_UOP_ELEMENTWISE_TD
