//===- UOpMovement.td - Movement operations -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_DIALECT_UOP_MOVEMENT_TD
#define TG_DIALECT_UOP_MOVEMENT_TD

include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "tg/Dialect/UOp/UOpAttrs.td"
include "tg/Dialect/UOp/UOpInterfaces.td"

class UOp_MovementOp<string mnemonic, list<Trait> traits = [], list<string> overridden = []>
    : UOp_Op<mnemonic,
             !listconcat([Pure, DeclareOpInterfaceMethods<MovementOpInterface, overridden>],
                         traits)> {
  let hasFolder = 1;
}

/// The result type follows from the operands and attributes; the verifier compares.
class UOp_InferredMovementOp<string mnemonic, list<Trait> traits = [], list<string> overridden = []>
    : UOp_MovementOp<mnemonic, !listconcat([InferTypeOpAdaptor], traits), overridden>;

def UOp_ReshapeOp : UOp_MovementOp<"reshape"> {
  let summary = "Same elements in row-major order, another shape";
  let description = [{
    `result[delinearize(n, result.shape)] = input[delinearize(n, input.shape)]` for every row-major
    position `n`. The element counts must be equal as expressions.

    Example:
    ```mlir
    %1 = uop.reshape %0 : tensor<2x6xf32> -> tensor<3x4xf32>
    %3 = uop.reshape %2 : tensor<?x4xf32, #uop.dims<N, 4>> -> tensor<?xf32, #uop.dims<N * 4>>
    ```
  }];
  let arguments = (ins UOp_Tensor:$input);
  let results = (outs UOp_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def UOp_PermuteOp : UOp_InferredMovementOp<"permute"> {
  let summary = "Reorders axes";
  let description = [{
    Result axis `i` is operand axis `permutation[i]`.

    Example:
    ```mlir
    %1 = uop.permute %0 [1, 0] : tensor<2x3xf32> -> tensor<3x2xf32>
    ```
  }];
  let arguments = (ins UOp_Tensor:$input, DenseI64ArrayAttr:$permutation);
  let results = (outs UOp_Tensor:$result);
  let assemblyFormat = "$input $permutation attr-dict `:` type($input) `->` type($result)";
}

def UOp_ExpandOp : UOp_MovementOp<"expand"> {
  let summary = "Repeats axes of size 1";
  let description = [{
    `result[i] = input[j]` with `j[d] = 0` where the operand's axis `d` has size 1, else `i[d]`. The
    ranks are equal; every other axis keeps its size.

    Example:
    ```mlir
    %1 = uop.expand %0 : tensor<1x3xf32> -> tensor<5x3xf32>
    ```
  }];
  let arguments = (ins UOp_Tensor:$input);
  let results = (outs UOp_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def UOp_PadOp : UOp_InferredMovementOp<"pad", [
    TypesMatchWith<"value is a scalar of the operand's element type", "input", "value",
                   "::tg::uop::toScalarType($_self)">], ["getFillValue"]> {
  let summary = "Adds a border, and gaps between elements";
  let description = [{
    Axis `d` of size `n > 0` becomes `low[d] + n + (n - 1) * interior[d] + high[d]`; an empty axis
    stays empty but for its border. `result[low + j * (interior + 1)] = input[j]`, `value` (rank 0)
    elsewhere. Low, high and interior are not negative; cropping is `shrink`.

    Example:
    ```mlir
    %1 = uop.pad %0, %zero low [1] high [2] : tensor<4xf32> -> tensor<7xf32>
    %2 = uop.pad %0, %zero low [0] high [0] interior [1] : tensor<4xf32> -> tensor<7xf32>
    ```
  }];
  let arguments = (ins UOp_Tensor:$input, UOp_Tensor:$value, UOp_DimsAttr:$low, UOp_DimsAttr:$high,
                   OptionalAttr<DenseI64ArrayAttr>:$interior);
  let results = (outs UOp_Tensor:$result);
  let assemblyFormat = [{
    $input `,` $value `low` custom<Dims>($low) `high` custom<Dims>($high)
    (`interior` $interior^)? attr-dict `:` type($input) `->` type($result)
  }];
  let extraClassDeclaration = [{ int64_t getInteriorOf(unsigned axis); }];
  let extraClassDefinition = [{
    int64_t $cppClass::getInteriorOf(unsigned axis) {
      return getInterior() ? (*getInterior())[axis] : 0;
    }
    ::mlir::Value $cppClass::getFillValue() { return getValue(); }
  }];
}

def UOp_ShrinkOp : UOp_InferredMovementOp<"shrink"> {
  let summary = "A strided slice";
  let description = [{
    `result[i] = input[offsets + i * strides]`, of shape `sizes`. Strides are positive (1 where
    absent); the slice must lie inside the operand, which the verifier checks for constants and for
    variables within their bounds where it can; the runtime checks the rest when variables are bound.

    Example:
    ```mlir
    %1 = uop.shrink %0 offsets [2] sizes [3] strides [2] : tensor<8xf32> -> tensor<3xf32>
    %3 = uop.shrink %2 offsets [P, 0] sizes [1, 4]
       : tensor<?x4xf32, #uop.dims<N, 4>> -> tensor<1x4xf32>
    ```
  }];
  let arguments = (ins UOp_Tensor:$input, UOp_DimsAttr:$offsets, UOp_DimsAttr:$sizes,
                   OptionalAttr<DenseI64ArrayAttr>:$strides);
  let results = (outs UOp_Tensor:$result);
  let assemblyFormat = [{
    $input `offsets` custom<Dims>($offsets) `sizes` custom<Dims>($sizes) (`strides` $strides^)?
    attr-dict `:` type($input) `->` type($result)
  }];
  let extraClassDeclaration = [{ int64_t getStrideOf(unsigned axis); }];
  let extraClassDefinition = [{
    int64_t $cppClass::getStrideOf(unsigned axis) {
      return getStrides() ? (*getStrides())[axis] : 1;
    }
  }];
}

def UOp_FlipOp : UOp_InferredMovementOp<"flip"> {
  let summary = "Reverses axes";
  let description = [{
    `result[..., i, ...] = input[..., n - 1 - i, ...]` on each of `axes` (strictly increasing).

    Example:
    ```mlir
    %1 = uop.flip %0 [1] : tensor<2x3xf32> -> tensor<2x3xf32>
    ```
  }];
  let arguments = (ins UOp_Tensor:$input, DenseI64ArrayAttr:$axes);
  let results = (outs UOp_Tensor:$result);
  let assemblyFormat = "$input $axes attr-dict `:` type($input) `->` type($result)";
}

def UOp_WindowOp : UOp_InferredMovementOp<"window"> {
  let summary = "Sliding windows";
  let description = [{
    On each of `axes` (strictly increasing), of size `n`, a window of `sizes` taps slides by
    `strides`; its taps lie `dilations` apart (both 1 where absent). The axis becomes the positions,
    `o = (n - (size - 1) * dilation - 1) floordiv stride + 1` of them; the taps are appended as new
    last axes in the order of `axes`:
    `result[..., o, ..., k...] = input[..., o * stride + k * dilation, ...]`. A window longer than
    its axis gives no positions. Convolution and pooling are window, mul and reduce.

    Example:
    ```mlir
    %1 = uop.window %0 axes [2, 3] sizes [3, 3] strides [2, 2]
       : tensor<1x3x9x9xf32> -> tensor<1x3x4x4x3x3xf32>
    ```
  }];
  let arguments = (ins UOp_Tensor:$input, DenseI64ArrayAttr:$axes, DenseI64ArrayAttr:$sizes,
                   OptionalAttr<DenseI64ArrayAttr>:$strides,
                   OptionalAttr<DenseI64ArrayAttr>:$dilations);
  let results = (outs UOp_Tensor:$result);
  let assemblyFormat = [{
    $input `axes` $axes `sizes` $sizes (`strides` $strides^)? (`dilations` $dilations^)? attr-dict
    `:` type($input) `->` type($result)
  }];
}

def UOp_UnwindowOp : UOp_Op<"unwindow", [Pure]> {
  let summary = "Sums the taps that fall on one element; the adjoint of window";
  let description = [{
    The operand has the shape of a `window` of the result: `axes` hold positions, the last axes the
    taps (`sizes` follow from them). `result[..., i, ...]` is the sum of `input[..., o, ..., k...]`
    over all `o`, `k` with `o * stride + k * dilation = i`; 0 where there is none. Computes in the
    element type, as `reduce add` does.

    Example:
    ```mlir
    %1 = uop.unwindow %0 axes [0] strides [1] : tensor<4x3xf32> -> tensor<6xf32>
    ```
  }];
  let arguments = (ins UOp_NumberTensor:$input, DenseI64ArrayAttr:$axes,
                   OptionalAttr<DenseI64ArrayAttr>:$strides,
                   OptionalAttr<DenseI64ArrayAttr>:$dilations);
  let results = (outs UOp_NumberTensor:$result);
  let assemblyFormat = [{
    $input `axes` $axes (`strides` $strides^)? (`dilations` $dilations^)? attr-dict
    `:` type($input) `->` type($result)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The operand index that tap `k` adds to result element `i`: dims are the result's dimensions
    /// followed by one per tap axis; valid where a position exists.
    ::tg::uop::Access getTapAccess(::tg::uop::VarScope &scope);
    /// The sizes of the tap axes.
    ::llvm::SmallVector<::tg::uop::DimAttr> getTapSizes();
  }];
}

def UOp_ConcatOp : UOp_InferredMovementOp<"concat", [], ["getNumMovedOperands"]> {
  let summary = "Joins along an axis";
  let description = [{
    The operands one after the other along `axis`; their other axes agree. At least one operand.

    Example:
    ```mlir
    %2 = uop.concat %0, %1 axis 0 : tensor<2x3xf32>, tensor<4x3xf32> -> tensor<6x3xf32>
    ```
  }];
  let arguments = (ins Variadic<UOp_Tensor>:$inputs, I64Attr:$axis);
  let results = (outs UOp_Tensor:$result);
  let assemblyFormat = "$inputs `axis` $axis attr-dict `:` type($inputs) `->` type($result)";
  let extraClassDeclaration = [{
    /// The operands [first, last) that may hold an index from `low` to `high` along the axis: all
    /// of them where a size before is not static.
    ::std::pair<unsigned, unsigned> getOperandsAt(int64_t low, int64_t high);
  }];
  let extraClassDefinition = [{
    unsigned $cppClass::getNumMovedOperands() { return getInputs().size(); }
  }];
}

#endif // TG_DIALECT_UOP_MOVEMENT_TD
