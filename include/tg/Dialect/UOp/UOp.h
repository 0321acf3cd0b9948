//===- UOp.h - The uop dialect ----------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_DIALECT_UOP_UOP_H
#define TG_DIALECT_UOP_UOP_H

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

#include "tg/Dialect/UOp/UOpDialect.h.inc"
#include "tg/Dialect/UOp/UOpInterfaces.h.inc"
#define GET_OP_CLASSES
#include "tg/Dialect/UOp/UOpOps.h.inc"

#endif // TG_DIALECT_UOP_UOP_H
