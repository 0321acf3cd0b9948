//===- Tensor.cpp - Dense tensors -------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tg/Runtime/Tensor.h"

#include <cstring>

namespace tg::rt {

std::string tensorTypeName(DType dtype, const std::vector<int64_t> &shape) {
  std::string name = "tensor<";
  for (int64_t extent : shape)
    name += std::to_string(extent) + "x";
  return name + std::string(dtypeName(dtype)) + ">";
}

Result<int64_t> elementCount(const std::vector<int64_t> &shape) {
  int64_t count = 1;
  bool empty = false, overflow = false;
  for (int64_t extent : shape) {
    if (extent < 0)
      return error("extent " + std::to_string(extent) + " is negative");
    empty |= extent == 0;
    overflow |= !empty && __builtin_mul_overflow(count, extent, &count);
  }
  if (empty)
    return int64_t(0);
  if (overflow)
    return error("the number of elements does not fit 64 bits");
  return count;
}

Result<int64_t> tensorBytes(DType dtype, const std::vector<int64_t> &shape) {
  Result<int64_t> count = elementCount(shape);
  if (!count)
    return count.status().in(tensorTypeName(dtype, shape));
  std::optional<int64_t> bytes = storageBytes(dtype, *count);
  if (!bytes)
    return error(tensorTypeName(dtype, shape) + ": the number of bytes does not fit 64 bits");
  return *bytes;
}

Result<Tensor> Tensor::allocate(DType dtype, std::vector<int64_t> shape,
                                const std::shared_ptr<Allocator> &allocator) {
  Result<int64_t> bytes = tensorBytes(dtype, shape);
  if (!bytes)
    return bytes.status();
  Result<std::shared_ptr<Memory>> memory = allocateHostMemory(allocator, uint64_t(*bytes));
  if (!memory)
    return memory.status().in(tensorTypeName(dtype, shape));
  return over(dtype, std::move(shape), BufferRef::whole(std::move(*memory)));
}

Result<Tensor> Tensor::zeros(DType dtype, std::vector<int64_t> shape,
                             const std::shared_ptr<Allocator> &allocator) {
  Result<Tensor> tensor = allocate(dtype, std::move(shape), allocator);
  if (tensor && tensor->byteSize())
    std::memset(tensor->data(), 0, tensor->byteSize());
  return tensor;
}

Result<Tensor> Tensor::wrap(DType dtype, std::vector<int64_t> shape, std::shared_ptr<void> data,
                            size_t bytes) {
  if (!data)
    bytes = 0;
  return over(dtype, std::move(shape),
              BufferRef::whole(wrapHostMemory(std::move(data), uint64_t(bytes))));
}

Result<Tensor> Tensor::over(DType dtype, std::vector<int64_t> shape, BufferRef buffer) {
  Result<int64_t> needed = tensorBytes(dtype, shape);
  if (!needed)
    return needed.status();
  if (buffer.bytes < uint64_t(*needed))
    return error(tensorTypeName(dtype, shape) + " takes " + std::to_string(*needed) +
                 " bytes, got " + std::to_string(buffer.bytes));
  Tensor tensor;
  tensor.elementType = dtype;
  tensor.isValid = true;
  tensor.elements = *elementCount(shape);
  tensor.extents = std::move(shape);
  buffer.bytes = uint64_t(*needed);
  tensor.range = std::move(buffer);
  tensor.start = tensor.range.host();
  return tensor;
}

Result<Tensor> Tensor::borrow(DType dtype, std::vector<int64_t> shape, void *data, size_t bytes) {
  return wrap(dtype, std::move(shape), std::shared_ptr<void>(std::shared_ptr<void>(), data), bytes);
}

Result<Tensor> Tensor::copyOf(DType dtype, std::vector<int64_t> shape, const void *data,
                              size_t bytes) {
  Result<int64_t> needed = tensorBytes(dtype, shape);
  if (!needed)
    return needed.status();
  if (bytes != size_t(*needed))
    return error(tensorTypeName(dtype, shape) + " takes " + std::to_string(*needed) +
                 " bytes, got " + std::to_string(bytes));
  Result<Tensor> tensor = allocate(dtype, std::move(shape));
  if (tensor && bytes)
    std::memcpy(tensor->data(), data, bytes);
  return tensor;
}

Result<Tensor> Tensor::clone(const std::shared_ptr<Allocator> &allocator) const {
  if (!isValid)
    return Tensor();
  if (Status status = checkOnHost(); !status)
    return status;
  Result<Tensor> copy = allocate(elementType, extents, allocator);
  if (copy && byteSize())
    std::memcpy(copy->data(), data(), byteSize());
  return copy;
}

Result<Tensor> Tensor::reshaped(std::vector<int64_t> shape) const {
  Result<int64_t> count = elementCount(shape);
  if (!count || *count != elements)
    return error("cannot reshape " + typeName() + " to " + tensorTypeName(elementType, shape));
  Tensor tensor = *this;
  tensor.extents = std::move(shape);
  return tensor;
}

Status Tensor::checkOnHost() const {
  if (!isValid || onHost())
    return Status::success();
  return error(typeName() + " lies in memory that the host cannot address");
}

} // namespace tg::rt
