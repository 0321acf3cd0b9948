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

//===----------------------------------------------------------------------===//
// Schedules
//===----------------------------------------------------------------------===//

def UOp_ActionKind : UOp_Enum<"ActionKind", "what an action of a schedule does", [
    I32EnumAttrCase<"Split", 0, "split">, I32EnumAttrCase<"Fuse", 1, "fuse">,
    I32EnumAttrCase<"Reorder", 2, "reorder">, I32EnumAttrCase<"Unroll", 3, "unroll">,
    I32EnumAttrCase<"Vectorize", 4, "vectorize">, I32EnumAttrCase<"Accumulate", 5, "accumulate">,
    I32EnumAttrCase<"Bind", 6, "bind">, I32EnumAttrCase<"Stage", 7, "stage">,
    I32EnumAttrCase<"Pad", 8, "pad">]>;

/// The hardware that iterations of a bound axis run on.
def UOp_BindTarget : UOp_Enum<"BindTarget", "what runs the iterations of an axis", [
    I32EnumAttrCase<"Unit", 0, "unit">, I32EnumAttrCase<"Block", 1, "block">,
    I32EnumAttrCase<"Thread", 2, "thread">, I32EnumAttrCase<"Subgroup", 3, "subgroup">]>;

def UOp_ActionAttr : AttrDef<UOp_Dialect, "Action"> {
  let mnemonic = "action";
  let summary = "One step of a schedule";
  let description = [{
    What is done to loops of a kernel, which are named by their axes (see `uop.schedule`).

    | action | what it does |
    | --- | --- |
    | `split(a, n)` | `a` becomes `a.o` over blocks of `n` iterations and `a.i` over those of a block; the last block may be smaller |
    | `fuse(a, b)` | `a` and the loop `b` in it become one, `a_b` |
    | `reorder(a, b, ...)` | these loops, from the outside in, in the places that they have; a reduction axis before the data axes around it goes outside of them |
    | `unroll(a, n)` | `n` iterations of the data axis `a` at a time, jammed into the loops inside |
    | `vectorize(a, n)` | `n` iterations of `a` at a time as the lanes of vectors |
    | `accumulate(a, n)` | `n` iterations of the reduction axis `a` at a time, each with accumulators of its own |
    | `bind(a, unit)` | an iteration of the outermost data axis `a` is a unit of work; `block`, `thread` and `subgroup` are for devices that have them |
    | `stage(in1, a, b, c, ...)` | in each iteration of `a`, what is read of operand 1 is first copied to a worker's memory, in which `b`, `c`, ... lie from the outside in |
    | `pad(a)` | the last block of `a` is computed as a whole one where that touches a worker's memory only |

    Example: `#uop.action<split(d0, 14)>`
  }];
  let parameters = (ins EnumParameter<UOp_ActionKind>:$kind,
                    ArrayRefParameter<"::mlir::StringAttr">:$axes, "int64_t":$amount);
  let builders = [AttrBuilder<(ins "::tg::uop::ActionKind":$kind,
                                   "::llvm::ArrayRef<::llvm::StringRef>":$axes, "int64_t":$amount)>];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The first axis; of `stage`, the operand.
    ::llvm::StringRef getAxis() const { return getAxes().front().getValue(); }
    /// What an axis is bound to; of `bind` only.
    ::tg::uop::BindTarget getTarget() const {
      return static_cast<::tg::uop::BindTarget>(getAmount());
    }
    /// As in a schedule: `split(d0, 14)`.
    void printAction(::llvm::raw_ostream &os) const;
  }];
}

def UOp_ScheduleAttr : AttrDef<UOp_Dialect, "Schedule"> {
  let mnemonic = "schedule";
  let summary = "How a kernel's loops are arranged: an ordered list of actions";
  let description = [{
    Actions are applied one after the other to the loops of the kernel, which are named by its axes:
    data axes `d0`, `d1`, ... from the outside in, reduction axes `r0`, `r1`, ... in the order of the
    operations; in nests but the first the name begins with the nest, `n1.d0`. Later actions see the
    axes that earlier ones make. docs/schedules.md has the rules of each.

    Example: `#uop.schedule<[split(d0, 14), bind(d0.o, unit), unroll(d0.i, 14), vectorize(d1, 16)]>`
  }];
  let parameters = (ins ArrayRefParameter<"::tg::uop::ActionAttr">:$actions);
  let hasCustomAssemblyFormat = 1;
}

#endif // TG_DIALECT_UOP_ATTRS_TD
