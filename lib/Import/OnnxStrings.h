//===- OnnxStrings.h - Tensors of strings while importing -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tensor of strings is imported as a tensor of i64, the ids of its strings in a table of the
// module; see "Strings" in docs/onnx.md. Operators that move elements need not know; which ones
// take strings stands in OnnxStrings.cpp.
//
//===----------------------------------------------------------------------===//

#ifndef TG_LIB_IMPORT_ONNXSTRINGS_H
#define TG_LIB_IMPORT_ONNXSTRINGS_H

#include "mlir/IR/BuiltinAttributes.h"
#include "tg/Import/OnnxOps.h"

namespace tg {

/// The strings of one model, numbered as they are met. The empty one is number 0, so that what
/// fills tensors with zeros fills those of strings with empty strings, as ONNX asks.
class OnnxStrings {
public:
  int64_t getId(llvm::StringRef text);
  mlir::ArrayAttr getTable(mlir::MLIRContext *context) const;

private:
  llvm::StringMap<int64_t> ids;
  /// The keys of `ids`, which stay where they are.
  llvm::SmallVector<llvm::StringRef> strings;
};

/// Whether it is a tensor of strings, or a sequence of such.
bool isOnnxStrings(const OnnxValue &value);
/// Makes it one.
void markOnnxStrings(OnnxValue &value);

/// What to add to a message that these nodes (describeOnnxNode) are not supported.
llvm::StringRef adviseOnText(llvm::ArrayRef<std::string> nodes);

} // namespace tg

#endif // TG_LIB_IMPORT_ONNXSTRINGS_H
