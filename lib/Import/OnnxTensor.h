//===- OnnxTensor.h - Element types and constants of ONNX -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_LIB_IMPORT_ONNXTENSOR_H
#define TG_LIB_IMPORT_ONNXTENSOR_H

#include "mlir/IR/BuiltinAttributes.h"

#include <memory>
#include <string>

namespace onnx {
class TensorProto;
} // namespace onnx

namespace tg {

class OnnxStrings;

/// Turns TensorProtos of one model into attributes: `dense` for splats and up to 64 elements,
/// `dense_resource` over the protobuf's own memory or the mapped file for more. Sizes are checked
/// before anything is allocated.
class OnnxTensorReader {
public:
  /// `model` owns the tensors; constants keep it alive. `folder` is where external data lies.
  /// `strings` gives strings their ids; if it is null, there must be none.
  OnnxTensorReader(mlir::MLIRContext *context, std::shared_ptr<const void> model,
                   std::string folder, OnnxStrings *strings = nullptr)
      : context(context), model(std::move(model)), folder(std::move(folder)), strings(strings) {}

  /// Null, and a message in `error`, on failure. Of strings their ids (i64).
  mlir::ElementsAttr read(const onnx::TensorProto &tensor, std::string &error) const;

  /// The element type of a `TensorProto.DataType`; null if tg has none.
  static mlir::Type getElementType(mlir::MLIRContext *context, int64_t dataType);
  /// As ONNX spells it, for messages.
  static std::string getDataTypeName(int64_t dataType);

private:
  /// Bytes and what keeps them alive.
  struct Bytes {
    llvm::ArrayRef<char> data;
    std::shared_ptr<const void> owner;
  };
  /// `numElements` packed elements; nothing on failure.
  std::optional<Bytes> readBytes(const onnx::TensorProto &tensor, mlir::Type elementType,
                                 int64_t numElements, std::string &error) const;
  std::optional<Bytes> readExternal(const onnx::TensorProto &tensor, uint64_t numBytes,
                                    std::string &error) const;
  /// The ids of `numElements` strings.
  std::optional<Bytes> readStrings(const onnx::TensorProto &tensor, int64_t numElements,
                                   std::string &error) const;

  mlir::MLIRContext *context;
  std::shared_ptr<const void> model;
  std::string folder;
  OnnxStrings *strings;
};

} // namespace tg

#endif // TG_LIB_IMPORT_ONNXTENSOR_H
