//===- Tensor.cpp - C API: tensors ------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Guard.h"
#include "Objects.h"

#include "tg/Runtime/IO/TensorIO.h"

using namespace tg;
using namespace tg::capi;

static_assert(int(DType::F8E8M0FNU) == TG_F8E8M0FNU && int(DType::F32) == TG_F32 &&
                  int(DType::UI64) == TG_UI64,
              "the numbers of element types are part of the API");

namespace {

/// More axes than any tensor has: a wrong `rank`.
constexpr size_t maxRank = 1024;

rt::Result<DType> checkType(tg_dtype dtype, size_t rank) {
  if (unsigned(dtype) >= numDTypes)
    return rt::error("there is no element type " + std::to_string(int(dtype)));
  if (rank > maxRank)
    return rt::error("a rank of " + std::to_string(rank) + " is more than " +
                     std::to_string(maxRank));
  return DType(dtype);
}

rt::Result<tg_tensor *> wrap(rt::Result<rt::Tensor> tensor) {
  if (!tensor)
    return tensor.status();
  return new tg_tensor{std::move(*tensor)};
}

std::vector<int64_t> shapeOf(const int64_t *shape, size_t rank) {
  return rank ? std::vector<int64_t>(shape, shape + rank) : std::vector<int64_t>();
}

} // namespace

const char *tg_dtype_name(tg_dtype dtype) {
  // The names are string literals.
  return unsigned(dtype) < numDTypes ? dtypeName(DType(dtype)).data() : nullptr;
}

tg_tensor *tg_tensor_create(tg_dtype dtype, const int64_t *shape, size_t rank, tg_error **error) {
  return guarded<tg_tensor *>(error, nullptr, {{"shape", shape, rank != 0}},
                              [&]() -> rt::Result<tg_tensor *> {
                                rt::Result<DType> type = checkType(dtype, rank);
                                if (!type)
                                  return type.status();
                                return wrap(rt::Tensor::zeros(*type, shapeOf(shape, rank)));
                              });
}

tg_tensor *tg_tensor_borrow(tg_dtype dtype, const int64_t *shape, size_t rank, void *data,
                            size_t bytes, tg_error **error) {
  return guarded<tg_tensor *>(
      error, nullptr, {{"shape", shape, rank != 0}, {"data", data, bytes != 0}},
      [&]() -> rt::Result<tg_tensor *> {
        rt::Result<DType> type = checkType(dtype, rank);
        if (!type)
          return type.status();
        return wrap(rt::Tensor::borrow(*type, shapeOf(shape, rank), data, bytes));
      });
}

tg_tensor *tg_tensor_read_npy(const char *path, tg_error **error) {
  return guarded<tg_tensor *>(error, nullptr, {{"path", path}},
                              [&] { return wrap(rt::readNpy(path)); });
}

bool tg_tensor_write_npy(const tg_tensor *tensor, const char *path, tg_error **error) {
  return guardedStatus(error, {{"tensor", tensor}, {"path", path}},
                       [&] { return rt::writeNpy(path, tensor->tensor); });
}

void tg_tensor_free(tg_tensor *tensor) { delete tensor; }

tg_dtype tg_tensor_dtype(const tg_tensor *tensor) { return tg_dtype(tensor->tensor.dtype()); }
size_t tg_tensor_rank(const tg_tensor *tensor) { return tensor->tensor.shape().size(); }
const int64_t *tg_tensor_shape(const tg_tensor *tensor) { return tensor->tensor.shape().data(); }
int64_t tg_tensor_elements(const tg_tensor *tensor) { return tensor->tensor.numElements(); }
size_t tg_tensor_bytes(const tg_tensor *tensor) { return tensor->tensor.byteSize(); }
void *tg_tensor_data(const tg_tensor *tensor) { return tensor->tensor.data(); }
