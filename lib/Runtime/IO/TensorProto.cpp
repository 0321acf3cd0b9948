//===- TensorProto.cpp - ONNX TensorProto files -----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads the protobuf wire format directly, so that the runtime needs no protobuf library. Fields
// and type numbers are those of onnx.proto's message TensorProto.
//===----------------------------------------------------------------------===//

#include "IO/File.h"

#include "tg/Runtime/IO/TensorIO.h"

#include <cstring>

namespace tg::rt {
namespace {

enum Field : uint32_t {
  Dims = 1,
  DataType = 2,
  Segment = 3,
  FloatData = 4,
  Int32Data = 5,
  StringData = 6,
  Int64Data = 7,
  Name = 8,
  RawData = 9,
  DoubleData = 10,
  Uint64Data = 11,
  ExternalData = 13,
  DataLocation = 14,
};

enum Wire : uint32_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

std::optional<DType> dtypeOf(uint64_t onnxType) {
  switch (onnxType) {
  case 1:
    return DType::F32;
  case 2:
    return DType::UI8;
  case 3:
    return DType::I8;
  case 4:
    return DType::UI16;
  case 5:
    return DType::I16;
  case 6:
    return DType::I32;
  case 7:
    return DType::I64;
  case 9:
    return DType::I1;
  case 10:
    return DType::F16;
  case 11:
    return DType::F64;
  case 12:
    return DType::UI32;
  case 13:
    return DType::UI64;
  case 16:
    return DType::BF16;
  case 17:
    return DType::F8E4M3FN;
  case 18:
    return DType::F8E4M3FNUZ;
  case 19:
    return DType::F8E5M2;
  case 20:
    return DType::F8E5M2FNUZ;
  case 21:
    return DType::UI4;
  case 22:
    return DType::I4;
  case 23:
    return DType::F4E2M1FN;
  case 24:
    return DType::F8E8M0FNU;
  case 25:
    return DType::UI2;
  case 26:
    return DType::I2;
  default:
    return std::nullopt;
  }
}

/// A run of bytes of the file.
struct Span {
  size_t begin = 0;
  size_t end = 0;
};

/// One data field: packed values, or a single one.
struct DataField {
  uint32_t field;
  Wire wire; // of each value within the span
  Span span;
};

class Reader {
public:
  Reader(const uint8_t *bytes, size_t size, const std::string &place)
      : bytes(bytes), place(place), size(size) {}

  bool readVarint(size_t &at, size_t end, uint64_t &value) const {
    value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (at >= end)
        return false;
      uint8_t byte = bytes[at++];
      value |= uint64_t(byte & 0x7f) << shift;
      if (!(byte & 0x80))
        return true;
    }
    return false;
  }

  Status parse();
  Result<NamedTensor> tensor() const;

private:
  Result<NamedTensor> stringTensor() const;
  Status fail(size_t at, const std::string &what) const { return errorAt(place, at, what); }
  Status readField(size_t &at);
  Status handle(uint32_t field, uint32_t wire, uint64_t value, Span span, size_t at);
  Status addDim(uint64_t value, size_t at);
  Status fill(Tensor &tensor) const;
  Status fillRaw(Tensor &tensor) const;

  const uint8_t *bytes;
  const std::string &place;
  size_t size;

  std::vector<int64_t> dims;
  uint64_t dataType = 0;
  std::string name;
  std::optional<Span> raw;
  std::vector<DataField> data;
  std::vector<Span> strings;
};

Status Reader::addDim(uint64_t value, size_t at) {
  if (int64_t(value) < 0)
    return fail(at, "extent " + std::to_string(int64_t(value)) + " is negative");
  if (dims.size() == 64)
    return fail(at, "more than 64 dimensions");
  dims.push_back(int64_t(value));
  return Status::success();
}

Status Reader::handle(uint32_t field, uint32_t wire, uint64_t value, Span span, size_t at) {
  auto badWire = [&] {
    return fail(at, "field " + std::to_string(field) + " has wire type " + std::to_string(wire));
  };
  switch (field) {
  case Dims:
    if (wire == Varint)
      return addDim(value, at);
    if (wire != Bytes)
      return badWire();
    for (size_t i = span.begin; i < span.end;) {
      if (!readVarint(i, span.end, value))
        return fail(i, "bad varint");
      if (Status status = addDim(value, i); !status)
        return status;
    }
    return Status::success();
  case DataType:
    if (wire != Varint)
      return badWire();
    dataType = value;
    return Status::success();
  case Name:
    if (wire != Bytes)
      return badWire();
    name.assign(reinterpret_cast<const char *>(bytes) + span.begin, span.end - span.begin);
    return Status::success();
  case RawData:
    if (wire != Bytes)
      return badWire();
    raw = span;
    return Status::success();
  case FloatData:
  case DoubleData: {
    Wire each = field == FloatData ? Fixed32 : Fixed64;
    if (wire != Bytes && wire != each)
      return badWire();
    data.push_back({field, each, span});
    return Status::success();
  }
  case Int32Data:
  case Int64Data:
  case Uint64Data:
    if (wire != Bytes && wire != Varint)
      return badWire();
    data.push_back({field, Varint, span});
    return Status::success();
  case Segment:
    return fail(at, "segmented tensors are not supported");
  case StringData:
    if (wire != Bytes)
      return badWire();
    strings.push_back(span);
    return Status::success();
  case ExternalData:
    return fail(at, "the data lies in another file, which is not supported here");
  case DataLocation:
    if (wire != Varint)
      return badWire();
    if (value != 0)
      return fail(at, "the data lies in another file, which is not supported here");
    return Status::success();
  default:
    return Status::success();
  }
}

Status Reader::readField(size_t &at) {
  size_t start = at;
  uint64_t key, value = 0;
  if (!readVarint(at, size, key) || (key >> 3) == 0 || (key >> 3) > UINT32_MAX)
    return fail(start, "bad field key");
  Span span{at, at};
  uint32_t wire = uint32_t(key & 7);
  switch (wire) {
  case Varint:
    if (!readVarint(at, size, value))
      return fail(span.begin, "bad varint, or the file ends in it");
    break;
  case Fixed64:
  case Fixed32:
    if (size - at < (wire == Fixed64 ? 8u : 4u))
      return fail(size, "the file ends in a field");
    at += wire == Fixed64 ? 8 : 4;
    break;
  case Bytes:
    if (!readVarint(at, size, value))
      return fail(span.begin, "bad length, or the file ends in it");
    if (value > size - at)
      return fail(at, "a field of " + std::to_string(value) + " bytes, but the file has only " +
                          std::to_string(size - at) + " more");
    span.begin = at;
    at += size_t(value);
    break;
  default:
    return fail(start, "unknown wire type " + std::to_string(wire) + " (not a TensorProto?)");
  }
  span.end = at;
  return handle(uint32_t(key >> 3), wire, value, span, start);
}

Status Reader::parse() {
  for (size_t at = 0; at < size;)
    if (Status status = readField(at); !status)
      return status;
  return Status::success();
}

Status Reader::fillRaw(Tensor &tensor) const {
  size_t length = raw->end - raw->begin;
  if (length != tensor.byteSize())
    return fail(raw->begin, tensor.typeName() + " takes " + std::to_string(tensor.byteSize()) +
                                " bytes, raw_data has " + std::to_string(length));
  if (length)
    std::memcpy(tensor.data(), bytes + raw->begin, length);
  if (tensor.dtype() == DType::I1)
    for (size_t i = 0; i < length; ++i)
      tensor.as<uint8_t>()[i] = tensor.as<uint8_t>()[i] != 0;
  return Status::success();
}

/// The field that holds values of the type when raw_data does not.
Field fieldFor(DType dtype) {
  switch (dtype) {
  case DType::F32:
    return FloatData;
  case DType::F64:
    return DoubleData;
  case DType::I64:
    return Int64Data;
  case DType::UI32:
  case DType::UI64:
    return Uint64Data;
  default:
    return Int32Data;
  }
}

Status Reader::fill(Tensor &tensor) const {
  DType dtype = tensor.dtype();
  Field expected = fieldFor(dtype);
  // Types narrower than a byte come as bytes of packed elements, one to an int32.
  bool packed = isPacked(dtype);
  int64_t wanted = packed ? int64_t(tensor.byteSize()) : tensor.numElements();
  int64_t count = 0;
  for (const DataField &field : data) {
    if (field.field != expected)
      return fail(field.span.begin, "field " + std::to_string(field.field) + " does not hold " +
                                        std::string(dtypeName(dtype)) + " values");
    for (size_t at = field.span.begin; at < field.span.end; ++count) {
      uint64_t bits = 0;
      size_t start = at;
      if (field.wire == Varint) {
        if (!readVarint(at, field.span.end, bits))
          return fail(start, "bad varint");
      } else {
        size_t width = field.wire == Fixed64 ? 8 : 4;
        if (field.span.end - at < width)
          return fail(start, "the field ends in a value");
        std::memcpy(&bits, bytes + at, width);
        at += width;
      }
      if (count >= wanted)
        return fail(start, "more values than " + tensor.typeName() + " has");
      if (packed)
        tensor.as<uint8_t>()[count] = uint8_t(bits);
      else
        storeBits(dtype, tensor.data(), count, dtype == DType::I1 ? bits != 0 : bits);
    }
  }
  if (count != wanted)
    return fail(size, tensor.typeName() + " needs " + std::to_string(wanted) +
                          " values, the file has " + std::to_string(count));
  return Status::success();
}

Result<NamedTensor> Reader::stringTensor() const {
  Result<int64_t> count = elementCount(dims);
  if (!count)
    return count.status().in(place);
  if (uint64_t(*count) != strings.size() || raw || !data.empty())
    return fail(size, "a tensor of " + std::to_string(*count) + " strings, the file has " +
                          std::to_string(strings.size()));
  StringTensor result{dims, {}};
  for (Span span : strings)
    result.elements.emplace_back(reinterpret_cast<const char *>(bytes) + span.begin,
                                 span.end - span.begin);
  return NamedTensor{name, Tensor(), std::move(result)};
}

Result<NamedTensor> Reader::tensor() const {
  constexpr uint64_t stringType = 8;
  if (dataType == stringType)
    return stringTensor();
  if (!strings.empty())
    return fail(strings.front().begin, "strings in a tensor of another type");
  std::optional<DType> dtype = dtypeOf(dataType);
  if (!dtype)
    return error(place + ": data_type " + std::to_string(dataType) + " is not supported");
  Result<int64_t> needed = tensorBytes(*dtype, dims);
  if (!needed)
    return needed.status().in(place);
  // Every byte of the tensor takes at least a byte of the file, but for values as small varints.
  if (uint64_t(*needed) / 8 > size)
    return fail(size, tensorTypeName(*dtype, dims) + " takes " + std::to_string(*needed) +
                          " bytes, the file has " + std::to_string(size));
  Result<Tensor> tensor = Tensor::zeros(*dtype, dims);
  if (!tensor)
    return tensor.status().in(place);
  if (Status status = raw ? fillRaw(*tensor) : fill(*tensor); !status)
    return status;
  return NamedTensor{name, std::move(*tensor)};
}

} // namespace

Result<NamedTensor> parseTensorProto(const void *data, size_t size, const std::string &place) {
  Reader reader(static_cast<const uint8_t *>(data), size, place);
  if (Status status = reader.parse(); !status)
    return status;
  return reader.tensor();
}

Result<NamedTensor> readTensorProto(const std::string &path) {
  Result<Blob> file = readFile(path);
  if (!file)
    return file.status();
  return parseTensorProto(file->data.get(), file->size, path);
}

Result<Tensor> readTensorFile(const std::string &path, std::optional<DType> wanted) {
  auto endsWith = [&](std::string_view ending) {
    return path.size() >= ending.size() &&
           path.compare(path.size() - ending.size(), ending.size(), ending) == 0;
  };
  if (endsWith(".npy"))
    return readNpy(path, wanted);
  if (endsWith(".pb")) {
    Result<NamedTensor> named = readTensorProto(path);
    if (!named)
      return named.status();
    if (named->strings)
      return error(path + ": holds strings, expected numbers");
    return named->tensor;
  }
  if (!endsWith(".npz"))
    return error(path + ": unknown kind of tensor file (expected .npy, .npz or .pb)");
  Result<std::vector<NamedTensor>> all = readNpz(path, [&](std::string_view) { return wanted; });
  if (!all)
    return all.status();
  if (all->size() != 1)
    return error(path + ": has " + std::to_string(all->size()) + " arrays, expected one");
  if (all->front().strings)
    return error(path + ": holds strings, expected numbers");
  return all->front().tensor;
}

} // namespace tg::rt
