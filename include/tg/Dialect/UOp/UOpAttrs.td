//===- UOpAttrs.td - Dimension expressions and enumerations -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_DIALECT_UOP_ATTRS_TD
#define TG_DIALECT_UOP_ATTRS_TD

include "tg/Dialect/UOp/UOpBase.td"

def UOp_DimAttr : AttrDef<UOp_Dialect, "Dim"> {
  let mnemonic = "dim";
  let summary = "An integer expression over variables";
  let description = [{
    One dimension, offset or size: constants and variables under `+`, `-`, `*`, `floordiv`,
    `ceildiv` and `mod`, in canonical form (a sorted polynomial), so that equal expressions are the
    same attribute. `vars` are the variables that occur, sorted by name; symbol `i` of `expr` is
    `vars[i]`.

    Example: `#uop.dim<N * 2 + 1>`
  }];
  let parameters = (ins ArrayRefParameter<"::mlir::StringAttr">:$vars, "::mlir::AffineExpr":$expr);
  let hasCustomAssemblyFormat = 1;
  let skipDefaultBuilders = 1;
  let builders = [
    AttrBuilder<(ins "int64_t":$value)>,
    AttrBuilder<(ins "::llvm::StringRef":$var)>,
    AttrBuilder<(ins "::llvm::ArrayRef<::mlir::StringAttr>":$vars, "::mlir::AffineExpr":$expr)>,
  ];
  let extraClassDeclaration = [{
    bool isConstant() const { return ::llvm::isa<::mlir::AffineConstantExpr>(getExpr()); }
    /// The value; only for constants.
    int64_t getConstant() const {
      return ::llvm::cast<::mlir::AffineConstantExpr>(getExpr()).getValue();
    }
    bool isConstant(int64_t value) const { return isConstant() && getConstant() == value; }
    /// The size as in a shaped type: the constant, else ShapedType::kDynamic.
    int64_t getSize() const {
      return isConstant() ? getConstant() : ::mlir::ShapedType::kDynamic;
    }
    void printExpr(::llvm::raw_ostream &os) const;
  }];
}

def UOp_DimsAttr : AttrDef<UOp_Dialect, "Dims", [
    DeclareAttrInterfaceMethods<VerifiableTensorEncoding>]> {
  let mnemonic = "dims";
  let summary = "A list of integer expressions over variables";
  let description = [{
    Sizes or offsets, one expression per dimension. As the encoding of a tensor type it lists every
    dimension: constants for static ones, an expression with at least one variable for dynamic ones.

    Example: `tensor<?x4xf32, #uop.dims<N, 4>>`
  }];
  let parameters = (ins ArrayRefParameter<"::tg::uop::DimAttr">:$dims);
  let hasCustomAssemblyFormat = 1;
  let builders = [AttrBuilder<(ins "::llvm::ArrayRef<int64_t>":$values)>];
  let extraClassDeclaration = [{
    size_t size() const { return getDims().size(); }
    ::tg::uop::DimAttr operator[](size_t i) const { return getDims()[i]; }
    bool isConstant() const;
  }];
}

class UOp_Enum<string name, string summary, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::tg::uop";
}

/// How `reduce`, `scan` and `scatter` combine two values.
def UOp_CombineKind : UOp_Enum<"CombineKind", "how two values are combined", [
    I32EnumAttrCase<"Add", 0, "add">, I32EnumAttrCase<"Mul", 1, "mul">,
    I32EnumAttrCase<"Max", 2, "max">, I32EnumAttrCase<"Min", 3, "min">]>;

/// `scatter` may also replace; of duplicate indices the last wins.
def UOp_ScatterKind : UOp_Enum<"ScatterKind", "how an update meets the old value", [
    I32EnumAttrCase<"Add", 0, "add">, I32EnumAttrCase<"Mul", 1, "mul">,
    I32EnumAttrCase<"Max", 2, "max">, I32EnumAttrCase<"Min", 3, "min">,
    I32EnumAttrCase<"Set", 4, "set">]>;

#endif // TG_DIALECT_UOP_ATTRS_TD
