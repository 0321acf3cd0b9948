//===- TensorIO.h - Tensor files --------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// NumPy .npy (versions 1 to 3) and .npz, and ONNX TensorProto .pb. A malformed file gives one
// message with the file's name and the byte offset; sizes are checked before anything is allocated.
//
// Types that NumPy does not know are stored as ml_dtypes stores them: bf16 as '<V2', the 8-bit
// floats and the types narrower than a byte as '|V1', one byte per element. Reading '<V2' gives
// bf16; '|V1' needs the wanted type. '<f1' is read as f8E5M2 but not written: ml_dtypes writes it,
// NumPy refuses to read it.
//===----------------------------------------------------------------------===//
#ifndef TG_RUNTIME_IO_TENSORIO_H
#define TG_RUNTIME_IO_TENSORIO_H

#include "tg/Runtime/Strings.h"
#include "tg/Runtime/Tensor.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tg::rt {

struct NamedTensor {
  std::string name;
  Tensor tensor;
  /// Of an array of strings, which has no `tensor`.
  std::optional<StringTensor> strings = {};
};

/// The type that a raw ('V') array is read as; it changes no other array.
using WantedDType = std::function<std::optional<DType>(std::string_view name)>;

Result<Tensor> readNpy(const std::string &path, std::optional<DType> wanted = std::nullopt);
/// `place` names the data in messages.
Result<Tensor> parseNpy(const void *data, size_t size, const std::string &place,
                        std::optional<DType> wanted = std::nullopt);
Status writeNpy(const std::string &path, const Tensor &tensor);

/// Members in file order, names without ".npy". Stored and deflated members.
Result<std::vector<NamedTensor>> readNpz(const std::string &path, const WantedDType &wanted = {});
Result<std::vector<NamedTensor>> parseNpz(const void *data, size_t size, const std::string &place,
                                          const WantedDType &wanted = {});
/// Members are stored without compression.
Status writeNpz(const std::string &path, const std::vector<NamedTensor> &tensors);

/// An ONNX TensorProto without external data.
Result<NamedTensor> readTensorProto(const std::string &path);
Result<NamedTensor> parseTensorProto(const void *data, size_t size, const std::string &place);

/// By the file's ending: .npy, .pb, or .npz with exactly one member.
Result<Tensor> readTensorFile(const std::string &path, std::optional<DType> wanted = std::nullopt);

/// The same for strings: NumPy's '<U...' and '|S...' and ONNX's STRING.
Result<StringTensor> readStringFile(const std::string &path);
Result<StringTensor> parseNpyStrings(const void *data, size_t size, const std::string &place);
/// As '<U...'.
Status writeNpyStrings(const std::string &path, const StringTensor &strings);

} // namespace tg::rt

#endif // TG_RUNTIME_IO_TENSORIO_H
