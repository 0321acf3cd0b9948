//===- UOpInterfaces.td - What a pass has to know of a uop operation -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_DIALECT_UOP_INTERFACES_TD
#define TG_DIALECT_UOP_INTERFACES_TD

include "mlir/IR/OpBase.td"

def ElementwiseOpInterface : OpInterface<"ElementwiseOpInterface"> {
  let cppNamespace = "::tg::uop";
  let description = [{
    One result, every element of which depends on the elements of the operands at the same index.
    All operands and the result have one shape; there is no implicit broadcasting.
  }];
  let methods = [
    StaticInterfaceMethod<"Which scalar function it is.",
      "::tg::uop::ElementwiseKind", "getElementwiseKind">,
  ];
}

def MovementOpInterface : OpInterface<"MovementOpInterface"> {
  let cppNamespace = "::tg::uop";
  let description = [{
    Moves elements without computing: result element `i` is operand element `map(i)` where `i` is in
    the validity set of that operand, and the fill value elsewhere. Fusion composes these maps.
  }];
  let methods = [
    InterfaceMethod<[{
      The access of operand `operand` for a result index. The map's dims are the result's
      dimensions; symbols are the variables of `scope`, which grows as needed.}],
      "::tg::uop::Access", "getAccess",
      (ins "unsigned":$operand, "::tg::uop::VarScope &":$scope)>,
    InterfaceMethod<"How many of the operands are moved (the first ones).",
      "unsigned", "getNumMovedOperands", (ins), "", "return 1;">,
    InterfaceMethod<"The rank-0 value outside every validity set, or null if it never shows.",
      "::mlir::Value", "getFillValue", (ins), "", "return {};">,
  ];
}

def DecomposableOpInterface : OpInterface<"DecomposableOpInterface"> {
  let cppNamespace = "::tg::uop";
  let description = [{
    A second-tier elementwise operation: the simplifier and autodiff see it whole; `tg-decompose`
    replaces it by core operations. The expansions and their measured errors are in docs/numerics.md.
  }];
}

#endif // TG_DIALECT_UOP_INTERFACES_TD
