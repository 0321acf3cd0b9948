//===- UOpDialect.cpp - Registration ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Dialect/UOp/UOp.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/InliningUtils.h"

using namespace mlir;
using namespace tg::uop;

namespace tg::uop {
ParseResult parseDim(OpAsmParser &parser, DimAttr &dim);
void printDim(OpAsmPrinter &printer, Operation *op, DimAttr dim);
ParseResult parseDims(OpAsmParser &parser, DimsAttr &dims);
void printDims(OpAsmPrinter &printer, Operation *op, DimsAttr dims);
} // namespace tg::uop

#include "tg/Dialect/UOp/UOpDialect.cpp.inc"
#include "tg/Dialect/UOp/UOpEnums.cpp.inc"
#include "tg/Dialect/UOp/UOpInterfaces.cpp.inc"
#define GET_OP_CLASSES
#include "tg/Dialect/UOp/UOpOps.cpp.inc"

namespace {
/// Operations mean the same wherever they stand, so that every call may be inlined.
struct UOpInlinerInterface : DialectInlinerInterface {
  using DialectInlinerInterface::DialectInlinerInterface;

  bool isLegalToInline(Region *, Region *, bool, IRMapping &) const final { return true; }
  bool isLegalToInline(Operation *, Region *, bool, IRMapping &) const final { return true; }
};
} // namespace

void UOpDialect::initialize() {
  registerAttributes();
  addInterfaces<UOpInlinerInterface>();
  addOperations<
#define GET_OP_LIST
#include "tg/Dialect/UOp/UOpOps.cpp.inc"
      >();
}

Operation *UOpDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type,
                                           Location loc) {
  auto elements = dyn_cast<ElementsAttr>(value);
  if (!elements || elements.getType() != type)
    return nullptr;
  return ConstOp::create(builder, loc, type, elements);
}
