//===- NpyFile.h - What readers of .npy files share -------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_LIB_RUNTIME_NPYFILE_H
#define TG_LIB_RUNTIME_NPYFILE_H

#include "tg/Runtime/IO/TensorIO.h"

namespace tg::rt {

struct NpyHeader {
  std::string descr;
  bool fortranOrder = false;
  std::vector<int64_t> shape;
  size_t dataOffset = 0;
};
Result<NpyHeader> parseNpyHeader(const uint8_t *data, size_t size, const std::string &place);
/// The number of elements, of `bytesPerElement` each, if that is what follows the header.
Result<int64_t> checkNpyData(const NpyHeader &header, size_t size, const std::string &place,
                             uint64_t bytesPerElement, const std::string &type);

/// Whether the elements are strings (parseNpyStrings).
bool isNpyOfStrings(const NpyHeader &header);

/// All bytes before the data; fails where the format has no room for the shape.
Result<std::string> makeNpyHeader(const std::string &descr, const std::vector<int64_t> &shape);

/// Calls `visit(to, from)` for each element: its row-major number, and its number in the file.
template <typename Visit>
void forEachNpyElement(const NpyHeader &header, int64_t count, Visit visit) {
  size_t rank = header.shape.size();
  std::vector<int64_t> index(rank, 0), strides(rank, 1);
  for (size_t i = 0; i < rank; ++i)
    for (size_t j = 0; j < rank; ++j)
      if (header.fortranOrder ? j < i : j > i)
        strides[i] *= header.shape[j];
  int64_t from = 0;
  for (int64_t to = 0; to < count; ++to) {
    visit(to, from);
    for (size_t axis = rank; axis-- > 0;) {
      from += strides[axis];
      if (++index[axis] < header.shape[axis])
        break;
      from -= strides[axis] * index[axis];
      index[axis] = 0;
    }
  }
}

} // namespace tg::rt

#endif // TG_LIB_RUNTIME_NPYFILE_H
