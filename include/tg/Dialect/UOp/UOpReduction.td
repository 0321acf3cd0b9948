//===- UOpReduction.td - Reductions, scans, sorting, gather and scatter -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_DIALECT_UOP_REDUCTION_TD
#define TG_DIALECT_UOP_REDUCTION_TD

include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "tg/Dialect/UOp/UOpAttrs.td"

/// A reduction or a scan: a shorthand `kind` on one operand, or a combiner region on several.
class UOp_CombineOp<string mnemonic, list<Trait> traits = []>
    : UOp_Op<mnemonic, !listconcat([Pure, InferTypeOpAdaptor, IsolatedFromAbove], traits)> {
  let extraClassDeclaration = [{
    /// Whether the combination is the given shorthand.
    bool isKind(::tg::uop::CombineKind kind) { return getKind() == kind; }
    /// The identity of operand `i` as a scalar attribute, of the shorthand too.
    ::mlir::TypedAttr getIdentity(unsigned i);
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def UOp_ReduceOp : UOp_CombineOp<"reduce"> {
  let summary = "Combines the elements along axes";
  let description = [{
    Axes (strictly increasing) are dropped. With `kind`, one operand:
    `result[i] = input[i, j0] kind input[i, j1] kind ...`. With a combiner region, n operands of one
    shape and n results: the region takes n accumulators and n elements of rank 0 and yields n
    accumulators; it must be associative with `identities` (one scalar per operand) as identity.
    The order of association is not specified but fixed per compiled program, for any thread count.
    It computes in the element type. No elements give the identity: 0, 1, for `max` -inf or the
    smallest integer, for `min` +inf or the largest. The sign of a sum of nothing but negative zeros
    is not specified. `max` and `min` propagate NaN; `i1` reduces with `max` (or) and `min` (and)
    only.

    Example:
    ```mlir
    %1 = uop.reduce add %0 axes [1] : (tensor<4x8xf32>) -> tensor<4xf32>
    %2:2 = uop.reduce %0, %i axes [1] identities [0xFF800000 : f32, -1 : i64]
         : (tensor<4x8xf32>, tensor<4x8xi64>) -> (tensor<4xf32>, tensor<4xi64>) {
    ^bb0(%am: tensor<f32>, %ai: tensor<i64>, %em: tensor<f32>, %ei: tensor<i64>):
      %c = uop.cmplt %am, %em : tensor<f32>
      %m = uop.where %c, %em, %am : tensor<f32>
      %k = uop.where %c, %ei, %ai : tensor<i64>
      uop.yield %m, %k : tensor<f32>, tensor<i64>
    }
    ```
  }];
  let arguments = (ins OptionalAttr<UOp_CombineKind>:$kind, Variadic<UOp_ComputeTensor>:$inputs,
                   DenseI64ArrayAttr:$axes, OptionalAttr<ArrayAttr>:$identities);
  let results = (outs Variadic<UOp_ComputeTensor>:$outputs);
  let regions = (region AnyRegion:$combiner);
  let assemblyFormat = [{
    ($kind^)? $inputs `axes` $axes (`identities` $identities^)? attr-dict
    `:` functional-type($inputs, $outputs) ($combiner^)?
  }];
  let builders = [OpBuilder<(ins "::tg::uop::CombineKind":$kind, "::mlir::Value":$input,
                             "::llvm::ArrayRef<int64_t>":$axes)>];
  let hasFolder = 1;
}

def UOp_ScanOp : UOp_CombineOp<"scan"> {
  let summary = "Running combination along an axis";
  let description = [{
    `result[.., j, ..] = input[.., 0, ..] kind ... kind input[.., j, ..]`; with `exclusive` element
    `j` itself is left out (the first result is the identity); with `reverse` it runs from the end.
    Combiner, identities and types as in `reduce`.

    Example:
    ```mlir
    %1 = uop.scan add %0 axis 1 : (tensor<4x8xf32>) -> tensor<4x8xf32>
    ```
  }];
  let arguments = (ins OptionalAttr<UOp_CombineKind>:$kind, Variadic<UOp_ComputeTensor>:$inputs,
                   I64Attr:$axis, UnitAttr:$exclusive, UnitAttr:$reverse,
                   OptionalAttr<ArrayAttr>:$identities);
  let results = (outs Variadic<UOp_ComputeTensor>:$outputs);
  let regions = (region AnyRegion:$combiner);
  let assemblyFormat = [{
    ($kind^)? $inputs `axis` $axis (`exclusive` $exclusive^)? (`reverse` $reverse^)?
    (`identities` $identities^)? attr-dict `:` functional-type($inputs, $outputs) ($combiner^)?
  }];
  let builders = [OpBuilder<(ins "::tg::uop::CombineKind":$kind, "::mlir::Value":$input,
                             "int64_t":$axis, CArg<"bool", "false">:$exclusive,
                             CArg<"bool", "false">:$reverse)>];
}

def UOp_SortOp : UOp_Op<"sort", [Pure, InferTypeOpAdaptor]> {
  let summary = "Stable sort along an axis";
  let description = [{
    Sorts along `axis` by the first operand, ascending, or with `descending` descending; the other
    operands, of the same shape, move along. Equal keys keep their order (in both directions). NaN
    counts as larger than every number and equal to itself, -0 equals +0.

    Example:
    ```mlir
    %2:2 = uop.sort %0, %1 axis 1 descending
         : (tensor<4x8xf32>, tensor<4x8xi64>) -> (tensor<4x8xf32>, tensor<4x8xi64>)
    ```
  }];
  let arguments = (ins Variadic<UOp_ComputeTensor>:$inputs, I64Attr:$axis, UnitAttr:$descending);
  let results = (outs Variadic<UOp_ComputeTensor>:$outputs);
  let assemblyFormat = [{
    $inputs `axis` $axis (`descending` $descending^)? attr-dict
    `:` functional-type($inputs, $outputs)
  }];
}

def UOp_GatherOp : UOp_Op<"gather", [Pure, InferTypeOpAdaptor]> {
  let summary = "Elements picked by index along an axis";
  let description = [{
    With `b` batch dimensions (the first `b` axes of both operands agree) and `a = axis >= b`:
    `result[p0 .. p(a-1), q..., r...] = input[p0 .. p(a-1), indices[p0 .. p(b-1), q...], r...]`, so
    the shape is `input.shape[:a] + indices.shape[b:] + input.shape[a+1:]`. An index outside
    `[0, input.shape[a])` gives 0; under `check-indices` it is an error.

    Example:
    ```mlir
    %2 = uop.gather %table, %rows axis 0 : (tensor<100x8xf32>, tensor<5xi64>) -> tensor<5x8xf32>
    %3 = uop.gather %x, %i axis 1 batch 1 : (tensor<4x8xf32>, tensor<4x2xi64>) -> tensor<4x2xf32>
    ```
  }];
  let arguments = (ins UOp_ComputeTensor:$input, UOp_IndexTensor:$indices, I64Attr:$axis,
                   DefaultValuedAttr<I64Attr, "0">:$batch);
  let results = (outs UOp_ComputeTensor:$result);
  let assemblyFormat = [{
    $input `,` $indices `axis` $axis (`batch` $batch^)? attr-dict
    `:` functional-type(operands, results)
  }];
}

def UOp_ScatterOp : UOp_Op<"scatter", [Pure, InferTypeOpAdaptor]> {
  let summary = "Updates combined into positions picked by index along an axis";
  let description = [{
    The adjoint of `gather`: `updates` has the shape of `gather(dest, indices)`. Starting from
    `dest`, in row-major order of `indices`, position
    `[p0 .. p(a-1), indices[p0 .. p(b-1), q...], r...]` becomes `old kind update` (`set`: the
    update). An index out of range drops its update; under `check-indices` it is an error. Of
    duplicates the last `set` wins.

    Example:
    ```mlir
    %3 = uop.scatter add %dest, %rows, %updates axis 0
       : (tensor<100x8xf32>, tensor<5xi64>, tensor<5x8xf32>) -> tensor<100x8xf32>
    ```
  }];
  let arguments = (ins UOp_ScatterKind:$kind, UOp_ComputeTensor:$dest, UOp_IndexTensor:$indices,
                   UOp_ComputeTensor:$updates, I64Attr:$axis,
                   DefaultValuedAttr<I64Attr, "0">:$batch);
  let results = (outs UOp_ComputeTensor:$result);
  let assemblyFormat = [{
    $kind $dest `,` $indices `,` $updates `axis` $axis (`batch` $batch^)? attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif // TG_DIALECT_UOP_REDUCTION_TD
