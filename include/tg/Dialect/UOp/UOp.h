//===- UOp.h - The uop dialect ----------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_DIALECT_UOP_UOP_H
#define TG_DIALECT_UOP_UOP_H

#include "tg/Dialect/UOp/AttrNames.h"
#include "tg/Dialect/UOp/UOpTypes.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace tg::uop {

/// The constant that `op`, elementwise, gives for these operands; null if it is not known or would
/// not be a splat nor small.
mlir::OpFoldResult foldElementwise(mlir::Operation *op, llvm::ArrayRef<mlir::Attribute> operands);

/// Operations that fold through foldElementwise.
template <typename ConcreteType>
class FoldsConstants : public mlir::OpTrait::TraitBase<ConcreteType, FoldsConstants> {
public:
  static mlir::OpFoldResult foldTrait(mlir::Operation *op,
                                      llvm::ArrayRef<mlir::Attribute> operands) {
    return foldElementwise(op, operands);
  }
};

/// What `value` is with a part of it replaced, by `assign` or `scatter`; null if it is neither.
mlir::Value getUpdated(mlir::Value value);

} // namespace tg::uop

#include "tg/Dialect/UOp/UOpDialect.h.inc"
#include "tg/Dialect/UOp/UOpInterfaces.h.inc"
#define GET_OP_CLASSES
#include "tg/Dialect/UOp/UOpOps.h.inc"

#endif // TG_DIALECT_UOP_UOP_H
