//===- UOpOps.td - Sources, state, variables, kernels; includes all operations -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_DIALECT_UOP_OPS_TD
#define TG_DIALECT_UOP_OPS_TD

include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "tg/Dialect/UOp/UOpElementwise.td"
include "tg/Dialect/UOp/UOpMovement.td"
include "tg/Dialect/UOp/UOpReduction.td"

//===----------------------------------------------------------------------===//
// Sources
//===----------------------------------------------------------------------===//

def UOp_ConstOp : UOp_Op<"const", [ConstantLike, Pure, InferTypeOpAdaptor]> {
  let summary = "A constant";
  let description = [{
    `dense` for a splat or up to 64 elements, `dense_resource` for more. A splat of a symbolic shape
    is an `expand` of a constant of ones in its shape.

    Example:
    ```mlir
    %0 = uop.const dense<[1.0, 2.0]> : tensor<2xf32>
    ```
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs UOp_Tensor:$result);
  let assemblyFormat = "attr-dict $value";
  let hasFolder = 1;
}

def UOp_IotaOp : UOp_Op<"iota", [Pure]> {
  let summary = "Index values along an axis";
  let description = [{
    `result[i] = i[axis]`, converted to the element type as `cast` from `i64` does.

    Example:
    ```mlir
    %0 = uop.iota axis 1 : tensor<2x3xi64>
    ```
  }];
  let arguments = (ins I64Attr:$axis);
  let results = (outs UOp_NumberTensor:$result);
  let assemblyFormat = "`axis` $axis attr-dict `:` type($result)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// State and placement
//===----------------------------------------------------------------------===//

def UOp_ContiguousOp : UOp_Op<"contiguous", [Pure, SameOperandsAndResultType]> {
  let summary = "The same values, materialized here";
  let description = [{
    `result = input`. The engine writes it to a buffer of its own instead of fusing through it.

    Inside of a kernel, `rows` are axes, strictly increasing, that the kernel's outer loops run over:
    the elements over the other axes are computed once per row and kept in memory of the worker's own.
    Elsewhere `rows` has no meaning.

    Example:
    ```mlir
    %1 = uop.contiguous %0 : tensor<4xf32>
    %2 = uop.contiguous %1 rows [0] : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins UOp_Tensor:$input, OptionalAttr<DenseI64ArrayAttr>:$rows);
  let results = (outs UOp_Tensor:$result);
  let assemblyFormat = "$input (`rows` $rows^)? attr-dict `:` type($result)";
  let builders = [OpBuilder<(ins "::mlir::Value":$input), [{
    build($_builder, $_state, input.getType(), input, nullptr);
  }]>];
  let hasVerifier = 1;
}

def UOp_CopyOp : UOp_Op<"copy", [Pure, SameOperandsAndResultType]> {
  let summary = "The same values on another device";
  let description = [{
    `result = input`, in the memory of `device`.

    Example:
    ```mlir
    %1 = uop.copy %0 to "cpu" : tensor<4xf32>
    ```
  }];
  let arguments = (ins UOp_Tensor:$input, StrAttr:$device);
  let results = (outs UOp_Tensor:$result);
  let assemblyFormat = "$input `to` $device attr-dict `:` type($result)";
}

def UOp_DetachOp : UOp_Op<"detach", [Pure, SameOperandsAndResultType]> {
  let summary = "The same values, without gradient";
  let description = [{
    `result = input`; differentiation stops here.

    Example:
    ```mlir
    %1 = uop.detach %0 : tensor<4xf32>
    ```
  }];
  let arguments = (ins UOp_Tensor:$input);
  let results = (outs UOp_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($result)";
}

def UOp_AssignOp : UOp_Op<"assign", [Pure, AllTypesMatch<["dest", "result"]>]> {
  let summary = "A part of a tensor replaced";
  let description = [{
    `result` is `dest` with `result[offsets + i] = source[i]`, in destination-passing style: it
    aliases `dest` where no later use reads the old value. Offsets are 0 where absent. The source
    must lie inside the destination.

    Example:
    ```mlir
    %2 = uop.assign %cache, %row offsets [P, 0]
       : tensor<?x4xf32, #uop.dims<N, 4>>, tensor<1x4xf32>
    ```
  }];
  let arguments = (ins UOp_Tensor:$dest, UOp_Tensor:$source, OptionalAttr<UOp_DimsAttr>:$offsets);
  let results = (outs UOp_Tensor:$result);
  let assemblyFormat = [{
    $dest `,` $source (`offsets` custom<Dims>($offsets)^)? attr-dict
    `:` type($dest) `,` type($source)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def UOp_CustomOp : UOp_Op<"custom", [DeclareOpInterfaceMethods<SymbolUserOpInterface>, Pure]> {
  let summary = "An operation with a body per device and a uop reference";
  let description = [{
    Calls `reference`, a function of uop operations that defines the meaning and that every device
    without a body of its own compiles. `bodies` names, per device, another function of uop
    operations (a symbol) to use instead.

    Example:
    ```mlir
    %1 = uop.custom @reference(%0) bodies {cpu = @fast} : (tensor<4xf32>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$reference, Variadic<UOp_Tensor>:$inputs,
                   OptionalAttr<DictionaryAttr>:$bodies);
  let results = (outs Variadic<UOp_Tensor>:$outputs);
  let assemblyFormat = [{
    $reference `(` $inputs `)` (`bodies` $bodies^)? attr-dict
    `:` functional-type($inputs, $outputs)
  }];
}

//===----------------------------------------------------------------------===//
// Variables and data-dependent sizes
//===----------------------------------------------------------------------===//

def UOp_VarOp : UOp_Op<"var", [Symbol]> {
  let summary = "Declares a variable with its bounds";
  let description = [{
    An integer bound at run time: by the caller, from the shape of an input, or by `bind`. The
    bounds are inclusive; the smallest is not negative.

    Example:
    ```mlir
    uop.var @N in [1, 1024]
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, I64Attr:$min, I64Attr:$max);
  let assemblyFormat = "$sym_name `in` ` ` `[` $min `,` $max `]` attr-dict";
  let hasVerifier = 1;
}

def UOp_SizeOp : UOp_Op<"size", [Pure]> {
  let summary = "The value of a dimension expression";
  let description = [{
    `result = expression`, a scalar of type `i64`, for the variables' values here.

    Example:
    ```mlir
    %0 = uop.size [N * 2] : tensor<i64>
    ```
  }];
  let arguments = (ins UOp_DimAttr:$expression);
  let results = (outs UOp_I64Tensor:$result);
  let assemblyFormat = "` ` `[` custom<Dim>($expression) `]` attr-dict `:` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def UOp_CompactOp : UOp_Op<"compact", [Pure, InferTypeOpAdaptor]> {
  let summary = "Indices of the set elements of a mask, and their count";
  let description = [{
    `indices` (of the mask's length) starts with the indices of the true elements in increasing
    order; the rest is -1. `count` is how many there are.

    Example:
    ```mlir
    %i, %n = uop.compact %mask : tensor<8xi1> -> tensor<8xi64>, tensor<i64>
    ```
  }];
  let arguments = (ins UOp_BoolTensor:$mask);
  let results = (outs UOp_I64Tensor:$indices, UOp_I64Tensor:$count);
  let assemblyFormat = "$mask attr-dict `:` type($mask) `->` type($indices) `,` type($count)";
}

def UOp_BindOp : UOp_Op<"bind"> {
  let summary = "Turns a computed scalar into a variable";
  let description = [{
    From here on `var` has the value of `value` (a scalar `i64`), which must lie in the variable's
    bounds: at run time an error names the variable otherwise. A variable is bound once per
    function, and only operations after the `bind` may use it.

    Example:
    ```mlir
    uop.bind @K = %count : tensor<i64>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$var, UOp_TensorOrBuffer:$value);
  let assemblyFormat = "$var `=` $value attr-dict `:` type($value)";
  let hasVerifier = 1;
}

def UOp_CheckOp : UOp_Op<"check"> {
  let summary = "Ends the run where an expression is negative, or has no value";
  let description = [{
    Where any of `expressions` is negative, overflows 64 bits or divides by what is below one, the
    run fails with `message` and the values of the variables. With `defined` they may be negative.

    Example:
    ```mlir
    uop.check [N - K - 4] "slice of 4 from K leaves axis 0 of size N"
    uop.check defined [N * M * K] "N * M * K overflows 64 bits"
    ```
  }];
  let arguments = (ins UOp_DimsAttr:$expressions, StrAttr:$message, UnitAttr:$defined);
  let assemblyFormat = "(`defined` $defined^)? custom<Dims>($expressions) $message attr-dict";
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

def UOp_KernelOp : UOp_Op<"kernel", [IsolatedFromAbove, AttrSizedOperandSegments,
    RecursiveMemoryEffects, SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "One fused kernel";
  let description = [{
    The unit of scheduling, tuning, caching and profiling: one launch without a global barrier. Its
    body is uop on tensors, isolated from above: one block argument per input. On tensors it yields
    its results; after bufferization inputs and `outs` are memrefs, and the yielded values are
    written to `outs`. An input that is also among `outs` is updated in place: every element of it
    is read before it is written, and what an `assign` or `scatter` into it leaves alone is not
    written.

    Example:
    ```mlir
    %1 = uop.kernel ins(%0 : tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%a: tensor<4xf32>):
      %b = uop.neg %a : tensor<4xf32>
      uop.yield %b : tensor<4xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<UOp_TensorOrBuffer>:$inputs, Variadic<UOp_TensorOrBuffer>:$outs,
                   OptionalAttr<StrAttr>:$device, OptionalAttr<UOp_ScheduleAttr>:$schedule);
  let results = (outs Variadic<UOp_Tensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    (`ins` `(` $inputs^ `:` type($inputs) `)`)? (`outs` `(` $outs^ `:` type($outs) `)`)?
    (`on` $device^)? (`schedule` $schedule^)? attr-dict-with-keyword (`->` type($results)^)? $body
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def UOp_BufferOp : UOp_Op<"buffer"> {
  let summary = "A buffer of the program";
  let description = [{
    What bufferization gives a tensor: flat row-major memory whose place the runtime plans, of the
    stated dimensions. With a `value` it is a constant, never written.

    Example:
    ```mlir
    %0 = uop.buffer [N, 4] : memref<?x4xf32>
    %1 = uop.buffer [2] = dense<[1.0, 2.0]> : tensor<2xf32> : memref<2xf32>
    ```
  }];
  let arguments = (ins UOp_DimsAttr:$dims, OptionalAttr<ElementsAttr>:$value);
  let results = (outs AnyMemRef:$result);
  let assemblyFormat = "custom<Dims>($dims) (`=` $value^)? attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def UOp_YieldOp : UOp_Op<"yield", [Pure, ReturnLike, Terminator,
    ParentOneOf<["KernelOp", "ReduceOp", "ScanOp"]>]> {
  let summary = "Ends a kernel or a combiner";
  let description = [{
    Hands its operands to the operation around it.

    Example:
    ```mlir
    uop.yield %0 : tensor<f32>
    ```
  }];
  let arguments = (ins Variadic<UOp_Tensor>:$operands);
  let assemblyFormat = "attr-dict ($operands^ `:` type($operands))?";
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ::mlir::ValueRange()); }]>];
}

#endif // TG_DIALECT_UOP_OPS_TD
