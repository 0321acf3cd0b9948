//===- UOpBase.td - The uop dialect: declaration and type constraints -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_DIALECT_UOP_BASE_TD
#define TG_DIALECT_UOP_BASE_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/TensorEncoding.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def UOp_Dialect : Dialect {
  let name = "uop";
  let cppNamespace = "::tg::uop";
  let summary = "A few universal tensor operations, after tinygrad's UOps";
  let description = [{
    Every model is written and rewritten in this dialect. Operations have value semantics on ranked
    tensors and are small and orthogonal: elementwise arithmetic, movement of indices, reductions
    and scans, sorting, gather and scatter, state, and the `kernel` that the engine forms. There is
    no matrix product and no convolution: both are a `reduce` over a product of moved inputs.

    Element types: `i1`, `i8`, `i16`, `i32`, `i64` (signless is signed), `ui8` to `ui64`, `f16`,
    `bf16`, `f32`, `f64`, `f8E4M3FN`, `f8E5M2`. Storage only (`cast`, `bitcast` and movement):
    `i2`, `i4`, `ui2`, `ui4`, `f4E2M1FN`, `f8E4M3FNUZ`, `f8E5M2FNUZ`, `f8E8M0FNU`.

    A dynamic dimension is an integer expression over declared variables (`uop.var`). It lives in
    the encoding of the tensor type, `tensor<?x4xf32, #uop.dims<N, 4>>`, so two shapes are the same
    exactly when their types are.
  }];
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
  let hasConstantMaterializer = 1;
  let extraClassDeclaration = [{
    void registerAttributes();
  }];
}

//===----------------------------------------------------------------------===//
// Type constraints
//===----------------------------------------------------------------------===//

class UOp_TensorOf<string predicate, string summary>
    : Type<And<[CPred<"::llvm::isa<::mlir::RankedTensorType>($_self)">,
                CPred<"::tg::uop::hasKnownDims(::llvm::cast<::mlir::RankedTensorType>($_self))">,
                CPred<"::tg::uop::" # predicate
                      # "(::llvm::cast<::mlir::RankedTensorType>($_self).getElementType())">]>,
           summary, "::mlir::RankedTensorType">;

/// Any element type of the dialect, storage-only ones too.
def UOp_Tensor : UOp_TensorOf<"isElementType", "ranked tensor of a uop element type">;
/// Element types that arithmetic is defined on.
def UOp_ComputeTensor
    : UOp_TensorOf<"isComputeType", "ranked tensor of a uop element type with arithmetic">;
def UOp_NumberTensor
    : UOp_TensorOf<"isNumberType", "ranked tensor of an integer wider than i1 or a float">;
def UOp_FloatTensor : UOp_TensorOf<"isComputeFloat", "ranked tensor of a float type">;
def UOp_IntTensor : UOp_TensorOf<"isComputeInteger", "ranked tensor of i1 or an integer type">;
def UOp_WideIntTensor
    : UOp_TensorOf<"isWideInteger", "ranked tensor of an integer type wider than i1">;
def UOp_BoolTensor : UOp_TensorOf<"isBool", "ranked tensor of i1">;
def UOp_U64Tensor : UOp_TensorOf<"isU64", "ranked tensor of ui64">;
def UOp_I64Tensor : UOp_TensorOf<"isI64", "ranked tensor of i64">;
def UOp_IndexTensor : UOp_TensorOf<"isIndexInteger", "ranked tensor of i32 or i64">;

/// What a kernel reads and writes: a tensor, and after bufferization a memref.
def UOp_TensorOrBuffer
    : Type<Or<[UOp_Tensor.predicate, CPred<"::llvm::isa<::mlir::MemRefType>($_self)">]>,
           "ranked tensor of a uop element type or a memref">;

class UOp_Op<string mnemonic, list<Trait> traits = []> : Op<UOp_Dialect, mnemonic, traits>;

#endif // TG_DIALECT_UOP_BASE_TD
