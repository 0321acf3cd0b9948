//===- Strings.cpp - C API: strings -----------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Guard.h"
#include "Objects.h"

using namespace tg;
using namespace tg::capi;

namespace {

/// More axes than any tensor has: a wrong `rank`.
constexpr size_t maxRank = 1024;

rt::Result<rt::StringTensor> tensorOf(const char *const *elements, const size_t *lengths,
                                      std::vector<int64_t> shape) {
  rt::Result<int64_t> count = rt::elementCount(shape);
  if (!count)
    return count.status();
  if (*count && !elements)
    return rt::error("argument 'elements' is NULL");
  rt::StringTensor strings{std::move(shape), {}};
  for (int64_t i = 0; i < *count; ++i) {
    if (!elements[i])
      return rt::error("string " + std::to_string(i) + " is NULL");
    strings.elements.push_back(lengths ? std::string(elements[i], lengths[i])
                                       : std::string(elements[i]));
  }
  return strings;
}

} // namespace

tg_strings *tg_strings_create(const tg_program *program, tg_error **error) {
  return guarded<tg_strings *>(
      error, nullptr, {{"program", program}},
      [&]() -> rt::Result<tg_strings *> { return new tg_strings(program->program->strings); });
}

void tg_strings_free(tg_strings *strings) { delete strings; }

tg_tensor *tg_strings_encode(tg_strings *strings, const char *const *elements,
                             const size_t *lengths, const int64_t *shape, size_t rank,
                             tg_error **error) {
  return guarded<tg_tensor *>(error, nullptr, {{"strings", strings}, {"shape", shape, rank != 0}},
                              [&]() -> rt::Result<tg_tensor *> {
                                if (rank > maxRank)
                                  return rt::error("a rank of " + std::to_string(rank) +
                                                   " is more than " + std::to_string(maxRank));
                                auto texts = tensorOf(elements, lengths,
                                                      std::vector<int64_t>(shape, shape + rank));
                                if (!texts)
                                  return texts.status();
                                rt::Result<rt::Tensor> ids = strings->ids.encode(*texts);
                                if (!ids)
                                  return ids.status();
                                return new tg_tensor{std::move(*ids)};
                              });
}

const char *tg_strings_get(const tg_strings *strings, int64_t id, size_t *length) {
  const std::string *text = strings->ids.find(id);
  if (text && length)
    *length = text->size();
  return text ? text->c_str() : nullptr;
}
