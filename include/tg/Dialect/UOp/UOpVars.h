//===- UOpVars.h - Where variables have a value ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_DIALECT_UOP_UOPVARS_H
#define TG_DIALECT_UOP_UOPVARS_H

#include "tg/Dialect/UOp/UOp.h"

#include "mlir/Interfaces/FunctionInterfaces.h"

namespace tg::uop {

/// Calls `callback` with every variable that the attributes and the types of `op`, of its results
/// and of its regions' arguments name; what the regions contain is not looked at.
void forEachVar(mlir::Operation *op, llvm::function_ref<void(mlir::StringAttr)> callback);

/// What no operation can verify alone: every variable that is used is declared in the module, and
/// one with a `bind` has a single one in its function, which comes before all that uses it. Fails
/// after an error at the first operation that breaks a rule.
mlir::LogicalResult verifyVars(mlir::ModuleOp module);

/// The variables that a `bind` in `function` gives values to; callers may not.
llvm::SetVector<mlir::StringAttr> getBoundVars(mlir::FunctionOpInterface function);

} // namespace tg::uop

#endif // TG_DIALECT_UOP_UOPVARS_H
