//===- OnnxTensor.cpp - Element types and constants of ONNX ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OnnxTensor.h"

#include "OnnxStrings.h"
#include "onnx.pb.h"
#include "tg/Dialect/UOp/UOpConstants.h"
#include "tg/Dialect/UOp/UOpTypes.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace tg;
using onnx::TensorProto;

Type OnnxTensorReader::getElementType(MLIRContext *context, int64_t dataType) {
  Builder b(context);
  auto unsignedType = [&](unsigned width) {
    return IntegerType::get(context, width, IntegerType::Unsigned);
  };
  switch (dataType) {
  case TensorProto::FLOAT:
    return b.getF32Type();
  case TensorProto::UINT8:
    return unsignedType(8);
  case TensorProto::INT8:
    return b.getI8Type();
  case TensorProto::UINT16:
    return unsignedType(16);
  case TensorProto::INT16:
    return b.getI16Type();
  case TensorProto::INT32:
    return b.getI32Type();
  case TensorProto::INT64:
    return b.getI64Type();
  case TensorProto::BOOL:
    return b.getI1Type();
  case TensorProto::FLOAT16:
    return b.getF16Type();
  case TensorProto::DOUBLE:
    return b.getF64Type();
  case TensorProto::UINT32:
    return unsignedType(32);
  case TensorProto::UINT64:
    return unsignedType(64);
  case TensorProto::BFLOAT16:
    return b.getBF16Type();
  case TensorProto::FLOAT8E4M3FN:
    return Float8E4M3FNType::get(context);
  case TensorProto::FLOAT8E4M3FNUZ:
    return Float8E4M3FNUZType::get(context);
  case TensorProto::FLOAT8E5M2:
    return Float8E5M2Type::get(context);
  case TensorProto::FLOAT8E5M2FNUZ:
    return Float8E5M2FNUZType::get(context);
  case TensorProto::UINT4:
    return unsignedType(4);
  case TensorProto::INT4:
    return b.getIntegerType(4);
  case TensorProto::FLOAT4E2M1:
    return Float4E2M1FNType::get(context);
  case TensorProto::FLOAT8E8M0:
    return Float8E8M0FNUType::get(context);
  case TensorProto::UINT2:
    return unsignedType(2);
  case TensorProto::INT2:
    return b.getIntegerType(2);
  default:
    return {};
  }
}

std::string OnnxTensorReader::getDataTypeName(int64_t dataType) {
  if (dataType == TensorProto::STRING)
    return "STRING";
  if (dataType == TensorProto::COMPLEX64 || dataType == TensorProto::COMPLEX128)
    return "COMPLEX";
  return "number " + std::to_string(dataType);
}

/// Copies `count` values, each narrowed to `width` bytes.
template <typename Field>
static std::shared_ptr<std::string> narrow(const Field &field, unsigned width) {
  auto bytes = std::make_shared<std::string>();
  bytes->reserve(static_cast<size_t>(field.size()) * width);
  for (auto value : field)
    bytes->append(reinterpret_cast<const char *>(&value), width);
  return bytes;
}

std::optional<OnnxTensorReader::Bytes> OnnxTensorReader::readExternal(const TensorProto &tensor,
                                                                      uint64_t numBytes,
                                                                      std::string &error) const {
  StringRef location;
  uint64_t offset = 0, length = numBytes;
  for (const onnx::StringStringEntryProto &entry : tensor.external_data()) {
    StringRef key = entry.key(), value = entry.value();
    if (key == "location")
      location = value;
    if ((key == "offset" && value.getAsInteger(10, offset)) ||
        (key == "length" && value.getAsInteger(10, length)))
      return error = "external data has a malformed " + key.str(), std::nullopt;
  }
  auto isParent = [](StringRef component) { return component == ".."; };
  if (location.empty() || llvm::sys::path::is_absolute(location) ||
      std::any_of(llvm::sys::path::begin(location), llvm::sys::path::end(location), isParent))
    return error = "external data at '" + location.str() + "' is not inside the model's folder",
           std::nullopt;
  SmallString<256> path(folder), realPath, realFolder;
  llvm::sys::path::append(path, location);
  if (std::error_code code = llvm::sys::fs::real_path(path, realPath))
    return error = "cannot open external data '" + path.str().str() + "': " + code.message(),
           std::nullopt;
  // A link may lead out.
  bool hasFolder = !llvm::sys::fs::real_path(folder.empty() ? "." : StringRef(folder), realFolder);
  if (!realFolder.ends_with("/"))
    realFolder.push_back('/');
  if (!hasFolder || !StringRef(realPath).starts_with(realFolder))
    return error = "external data at '" + location.str() + "' is not inside the model's folder",
           std::nullopt;
  uint64_t fileSize = 0;
  if (std::error_code code = llvm::sys::fs::file_size(realPath, fileSize))
    return error = "cannot read external data '" + path.str().str() + "': " + code.message(),
           std::nullopt;
  if (length != numBytes || offset > fileSize || numBytes > fileSize - offset)
    return error = "external data '" + path.str().str() +
                   "' is too short or of another size: " + std::to_string(numBytes) +
                   " bytes needed at " + std::to_string(offset) + ", the file has " +
                   std::to_string(fileSize),
           std::nullopt;
  auto buffer = llvm::MemoryBuffer::getFileSlice(realPath, numBytes, offset);
  if (!buffer)
    return error = "cannot read external data '" + path.str().str() +
                   "': " + buffer.getError().message(),
           std::nullopt;
  std::shared_ptr<const llvm::MemoryBuffer> owner = std::move(*buffer);
  return Bytes{{owner->getBufferStart(), static_cast<size_t>(numBytes)}, owner};
}

std::optional<OnnxTensorReader::Bytes> OnnxTensorReader::readBytes(const TensorProto &tensor,
                                                                   Type elementType,
                                                                   int64_t numElements,
                                                                   std::string &error) const {
  unsigned width = elementType.getIntOrFloatBitWidth();
  // Booleans take a byte; types below a byte are packed.
  unsigned storedWidth = width == 1 ? 8 : width;
  int64_t numBits;
  if (llvm::MulOverflow<int64_t>(numElements, storedWidth, numBits))
    return error = "is too large", std::nullopt;
  uint64_t numBytes = llvm::divideCeil(numBits, 8);
  if (tensor.data_location() == TensorProto::EXTERNAL)
    return readExternal(tensor, numBytes, error);

  Bytes bytes;
  auto view = [&](const auto &field) {
    bytes = {{reinterpret_cast<const char *>(field.data()), field.size() * sizeof(*field.data())},
             model};
  };
  auto copy = [&](const auto &field, unsigned fieldWidth) {
    std::shared_ptr<std::string> data = narrow(field, fieldWidth);
    bytes = {{data->data(), data->size()}, data};
  };
  if (tensor.has_raw_data()) {
    const std::string &raw = tensor.raw_data();
    bytes = {{raw.data(), raw.size()}, model};
  } else if (elementType.isF32()) {
    view(tensor.float_data());
  } else if (elementType.isF64()) {
    view(tensor.double_data());
  } else if (elementType.isSignlessInteger(64)) {
    view(tensor.int64_data());
  } else if (elementType.isUnsignedInteger(64)) {
    view(tensor.uint64_data());
  } else if (elementType.isUnsignedInteger(32)) {
    copy(tensor.uint64_data(), 4);
  } else if (elementType.isSignlessInteger(32)) {
    view(tensor.int32_data());
  } else {
    copy(tensor.int32_data(), std::max(1u, storedWidth / 8));
  }
  if (bytes.data.size() != numBytes)
    return error = "has " + std::to_string(bytes.data.size()) + " bytes of data, its shape needs " +
                   std::to_string(numBytes),
           std::nullopt;
  return bytes;
}

std::optional<OnnxTensorReader::Bytes> OnnxTensorReader::readStrings(const TensorProto &tensor,
                                                                     int64_t numElements,
                                                                     std::string &error) const {
  if (tensor.string_data_size() != numElements || tensor.has_raw_data())
    return error = "has " + std::to_string(tensor.string_data_size()) +
                   " strings, its shape needs " + std::to_string(numElements),
           std::nullopt;
  auto ids = std::make_shared<std::vector<int64_t>>();
  for (const std::string &text : tensor.string_data())
    ids->push_back(strings->getId(text));
  return Bytes{{reinterpret_cast<const char *>(ids->data()), ids->size() * sizeof(int64_t)}, ids};
}

ElementsAttr OnnxTensorReader::read(const TensorProto &tensor, std::string &error) const {
  auto fail = [&](const Twine &message) {
    error = ("tensor '" + StringRef(tensor.name()) + "' " + message).str();
    return ElementsAttr();
  };
  bool isString = strings && tensor.data_type() == TensorProto::STRING;
  Type elementType =
      isString ? Type(Builder(context).getI64Type()) : getElementType(context, tensor.data_type());
  if (!elementType || !uop::isElementType(elementType))
    return fail("has the unsupported element type " + getDataTypeName(tensor.data_type()));
  if (tensor.has_segment())
    return fail("is stored in segments, which is not supported");
  int64_t numElements = 1;
  SmallVector<int64_t> shape(tensor.dims().begin(), tensor.dims().end());
  for (int64_t size : shape)
    if (size < 0 || llvm::MulOverflow(numElements, size, numElements))
      return fail("has an impossible shape");
  std::string reason;
  std::optional<Bytes> bytes = isString ? readStrings(tensor, numElements, reason)
                                        : readBytes(tensor, elementType, numElements, reason);
  if (!bytes)
    return fail(reason);

  auto type = RankedTensorType::get(shape, elementType);
  unsigned width = elementType.getIntOrFloatBitWidth();
  // Booleans other than 0 and 1, and data at odd addresses, are copied.
  size_t alignment = std::max(1u, width / 8);
  bool isOddBool =
      width == 1 && llvm::any_of(bytes->data, [](char value) { return value != 0 && value != 1; });
  if (isOddBool || reinterpret_cast<uintptr_t>(bytes->data.data()) % alignment != 0) {
    auto data = std::make_shared<std::string>(bytes->data.begin(), bytes->data.end());
    if (isOddBool)
      for (char &value : *data)
        value = value != 0;
    *bytes = {{data->data(), data->size()}, data};
  }
  return uop::makeElements(type, bytes->data, bytes->owner);
}
