//===- Tensor.h - Dense tensors ---------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_RUNTIME_TENSOR_H
#define TG_RUNTIME_TENSOR_H

#include "tg/Runtime/DType.h"
#include "tg/Runtime/Error.h"
#include "tg/Runtime/Memory/Memory.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tg::rt {

/// Elements of a shape; an error for a negative extent or a product past int64.
Result<int64_t> elementCount(const std::vector<int64_t> &shape);
/// Bytes of a dense tensor, with the same errors.
Result<int64_t> tensorBytes(DType dtype, const std::vector<int64_t> &shape);
/// "tensor<4x8xf32>", as MLIR prints it.
std::string tensorTypeName(DType dtype, const std::vector<int64_t> &shape);

/// A dense row-major tensor over a range of some memory, the host's or a device's. Copies share the
/// bytes; clone() does not.
class Tensor {
public:
  /// No tensor: valid() is false.
  Tensor() = default;

  /// In host memory: undefined contents, 64-byte aligned. Fails on an absurd shape and when memory
  /// is short.
  static Result<Tensor> allocate(DType dtype, std::vector<int64_t> shape,
                                 const std::shared_ptr<Allocator> &allocator = nullptr);
  /// The same, all bytes zero.
  static Result<Tensor> zeros(DType dtype, std::vector<int64_t> shape,
                              const std::shared_ptr<Allocator> &allocator = nullptr);
  /// Shares host memory at `data`, which holds `bytes` bytes; at least the tensor's size.
  static Result<Tensor> wrap(DType dtype, std::vector<int64_t> shape, std::shared_ptr<void> data,
                             size_t bytes);
  /// A view of host memory that the caller keeps alive.
  static Result<Tensor> borrow(DType dtype, std::vector<int64_t> shape, void *data, size_t bytes);
  /// A copy in host memory of `bytes` bytes, which must be the tensor's size.
  static Result<Tensor> copyOf(DType dtype, std::vector<int64_t> shape, const void *data,
                               size_t bytes);
  /// Shares any memory: `buffer` is at least as large as the tensor, which takes its first bytes.
  static Result<Tensor> over(DType dtype, std::vector<int64_t> shape, BufferRef buffer);

  bool valid() const { return isValid; }
  DType dtype() const { return elementType; }
  const std::vector<int64_t> &shape() const { return extents; }
  int64_t rank() const { return int64_t(extents.size()); }
  int64_t numElements() const { return elements; }
  size_t byteSize() const { return range.bytes; }
  /// The tensor's bytes.
  const BufferRef &buffer() const { return range; }
  /// Whether the host can address the elements; otherwise a queue of their device downloads them.
  bool onHost() const { return start || range.bytes == 0; }
  /// The first element; null when the host cannot address it.
  void *data() const { return start; }
  /// Keeps the host memory of data() alive.
  std::shared_ptr<void> owner() const { return std::shared_ptr<void>(range.memory, start); }
  template <typename T> T *as() const { return static_cast<T *>(start); }

  /// Element `index` in row-major order, as in DType.h; unchecked, of tensors on the host.
  double getDouble(int64_t index) const { return loadAsDouble(elementType, data(), index); }
  int64_t getInt(int64_t index) const { return loadAsInt(elementType, data(), index); }
  void setDouble(int64_t index, double value) {
    storeFromDouble(elementType, data(), index, value);
  }
  void setInt(int64_t index, int64_t value) { storeFromInt(elementType, data(), index, value); }

  /// Fails for a tensor that is not on the host.
  Result<Tensor> clone(const std::shared_ptr<Allocator> &allocator = nullptr) const;
  /// The same bytes under another shape of as many elements.
  Result<Tensor> reshaped(std::vector<int64_t> shape) const;
  std::string typeName() const { return tensorTypeName(elementType, extents); }
  /// Success if the host can address the elements; for code that is about to read them.
  Status checkOnHost() const;

private:
  DType elementType = DType::F32;
  bool isValid = false;
  std::vector<int64_t> extents;
  int64_t elements = 0;
  BufferRef range;
  /// That of `range` on the host.
  void *start = nullptr;
};

} // namespace tg::rt

#endif // TG_RUNTIME_TENSOR_H
