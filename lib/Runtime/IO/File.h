//===- File.h - Whole files in and out --------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TG_LIB_RUNTIME_FILE_H
#define TG_LIB_RUNTIME_FILE_H

#include "tg/Runtime/Error.h"
#include "tg/Runtime/Program/Program.h"
#include "tg/Runtime/Strings.h"
#include "tg/Runtime/Tensor.h"

#include <cstddef>
#include <string>
#include <vector>

namespace tg::rt {

/// A file's bytes in memory. Messages start with the path.
Result<Blob> readFile(const std::string &path);
/// The same, mapped where the file is a regular one.
Result<Blob> mapFile(const std::string &path);

struct Piece {
  const void *data;
  size_t size;
};
/// Writes the pieces one after another to a temporary file beside `path` and renames it, so that
/// readers see the old file or the new one. A path that names a device or pipe is written directly.
Status writeFile(const std::string &path, const std::vector<Piece> &pieces);

/// Little-endian numbers in files.
template <typename T> T readLittle(const void *data) {
  const auto *bytes = static_cast<const uint8_t *>(data);
  T value = 0;
  for (size_t i = 0; i < sizeof(T); ++i)
    value |= T(T(bytes[i]) << (8 * i));
  return value;
}
template <typename T> void appendLittle(std::string &out, T value) {
  for (size_t i = 0; i < sizeof(T); ++i)
    out.push_back(char(uint8_t(value >> (8 * i))));
}

/// An .npy file is the header, then the tensor's bytes (types narrower than a byte unpacked).
struct NpyPieces {
  std::string header;
  Tensor tensor;
};
Result<NpyPieces> npyPieces(const Tensor &tensor);
Result<NpyPieces> npyPieces(const StringTensor &strings);

/// "FILE: byte 12: what".
inline Status errorAt(const std::string &place, uint64_t offset, const std::string &what) {
  return error(place + ": byte " + std::to_string(offset) + ": " + what);
}

} // namespace tg::rt

#endif // TG_LIB_RUNTIME_FILE_H
