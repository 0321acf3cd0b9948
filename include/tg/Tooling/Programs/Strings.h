//===- Strings.h - Strings in and out of tg-run -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_TOOLING_PROGRAMS_STRINGS_H
#define TG_TOOLING_PROGRAMS_STRINGS_H

#include "tg/Tooling/Programs/Inputs.h"

#include <random>

namespace tg::run {

/// The ids of a,b,c; nothing if the text names a file. They are numbers that a double holds.
std::optional<std::vector<double>> parseStrings(const Signature &signature,
                                                const std::string &text);
rt::Result<rt::Tensor> readStrings(const Signature &signature, const std::string &file);
/// Strings that the model knows.
void fillRandomStrings(const Signature &signature, rt::Tensor &tensor, std::mt19937_64 &random);

/// "tensor<2xstring>".
std::string typeOfStrings(const rt::Tensor &ids);
/// In double quotes, with escapes for what is not printed.
std::string quoteString(const Signature &signature, int64_t id);
/// The type and the first maps: tensor<2x2xf32> = [{"no": 0.1, "yes": 0.9}, ...].
std::string previewMaps(const rt::Port &port, const rt::Tensor &tensor);

/// Compares with the strings in a file.
rt::Status compareStrings(const Signature &signature, const rt::Port &port,
                          const rt::Tensor &actual, const std::string &file);

} // namespace tg::run

#endif // TG_TOOLING_PROGRAMS_STRINGS_H
