//===- UOpConstants.h - Elements of constants -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_DIALECT_UOP_CONSTANTS_H
#define TG_DIALECT_UOP_CONSTANTS_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"

#include <memory>

namespace tg::uop {

/// The value of a `uop.const` of the static `type`: `dense` for a splat (elements that are equal
/// bit for bit) and for up to 64 elements, `dense_resource` over `data` itself for more. `data` is
/// storage (tg/Runtime/DType.h) of all elements, aligned to one, booleans 0 or 1; `owner` keeps it
/// alive. Equal resources are held once per context.
mlir::ElementsAttr makeElements(mlir::RankedTensorType type, llvm::ArrayRef<char> data,
                                std::shared_ptr<const void> owner);

} // namespace tg::uop

#endif // TG_DIALECT_UOP_CONSTANTS_H
