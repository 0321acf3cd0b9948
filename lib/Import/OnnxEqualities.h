//===- OnnxEqualities.h - Sizes that are taken to be equal ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_LIB_IMPORT_ONNXEQUALITIES_H
#define TG_LIB_IMPORT_ONNXEQUALITIES_H

#include "tg/Dialect/UOp/UOp.h"
#include "tg/Support/ShapeExpr.h"

#include <functional>

namespace tg {

/// A variable that stands for an expression of others, in all that is imported. `fresh` is a
/// variable that only the expression has, with its bounds; null if there is none.
struct OnnxEquality {
  mlir::StringAttr var;
  uop::DimAttr value;
  mlir::StringAttr fresh = {};
  ShapeBounds freshBounds = {0, 0};
};

/// What is known of the variables.
struct OnnxVarFacts {
  /// The place of the first variable that the program binds; those of inputs come before.
  static constexpr unsigned firstBound = 1 << 20;
  /// The place of a variable in the order in which they get their values; nothing if it must stay.
  std::function<std::optional<unsigned>(mlir::StringAttr)> getPlace;
  std::function<std::optional<ShapeBounds>(uop::DimAttr)> getBounds;
  std::function<std::string(llvm::StringRef)> makeName;
};

/// A replacement that makes two sizes equal, of the variable that gets its value last; nothing if
/// there is none that is simple. The sizes are equal for no other values where one variable occurs
/// once; `h floordiv 4 * 4 == h` makes `h` a multiple of 4.
std::optional<OnnxEquality> solveEquality(uop::DimAttr x, uop::DimAttr y,
                                          const OnnxVarFacts &facts);

/// `dim` with the variable replaced.
uop::DimAttr replaceVar(uop::DimAttr dim, mlir::StringAttr var, uop::DimAttr value);

} // namespace tg

#endif // TG_LIB_IMPORT_ONNXEQUALITIES_H
