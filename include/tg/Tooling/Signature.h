//===- Signature.h - What goes into a module's function and out of it ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_TOOLING_SIGNATURE_H
#define TG_TOOLING_SIGNATURE_H

#include "tg/Tooling/Programs/Inputs.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tg::run {

/// The ports of `function` by their names in the model (`tg.name`, or `arg0`, `out0`). Fails, with
/// a message that names the port, for types that the interpreter and the compiler cannot take.
rt::Result<Signature> signatureOf(mlir::func::FuncOp function);

} // namespace tg::run

#endif // TG_TOOLING_SIGNATURE_H
