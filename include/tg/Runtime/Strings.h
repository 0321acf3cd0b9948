//===- Strings.h - Tensors of strings as tensors of numbers -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Programs compute with numbers only: a tensor of strings is a tensor of i64, the ids of its
// strings. The strings that a program knows (labels, categories, constants) have the ids 0, 1, ...
// in its table; others get the next ones for one run, so that equal strings have equal ids:
//
//   StringIds ids(program->strings);
//   Result<Tensor> input = ids.encode({{2}, {"cat", "dog"}});
//   ... run ...
//   Result<StringTensor> labels = ids.decode(outputs[0]);
//===----------------------------------------------------------------------===//
#ifndef TG_RUNTIME_STRINGS_H
#define TG_RUNTIME_STRINGS_H

#include "tg/Runtime/Tensor.h"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tg::rt {

/// Strings in row-major order, as many as the shape says.
struct StringTensor {
  std::vector<int64_t> shape;
  std::vector<std::string> elements;
};

/// The strings that a program knows: element i has the id i. Never changed.
class StringTable {
public:
  explicit StringTable(std::vector<std::string> strings);
  /// The ids refer to the strings in place.
  StringTable(const StringTable &) = delete;
  StringTable &operator=(const StringTable &) = delete;

  const std::vector<std::string> &strings() const { return elements; }
  std::optional<int64_t> find(std::string_view text) const;
  /// Whether no string is there twice.
  bool isUnique() const { return ids.size() == elements.size(); }

private:
  std::vector<std::string> elements;
  std::unordered_map<std::string_view, int64_t> ids;
};

/// The ids of one run, or of several whose results are compared: those of the table, and those that
/// were given out here. One thread at a time.
class StringIds {
public:
  /// `table` may be null: nothing is known.
  explicit StringIds(std::shared_ptr<const StringTable> table);
  StringIds(const StringIds &) = delete;
  StringIds &operator=(const StringIds &) = delete;

  /// A string that has none yet gets the next one.
  int64_t idOf(std::string_view text);
  /// Null if no string has the id.
  const std::string *find(int64_t id) const;
  /// How many ids there are, the table's included.
  int64_t size() const { return numKnown + int64_t(added.size()); }

  Result<Tensor> encode(const StringTensor &strings);
  /// Fails where an element is no string's id, or `ids` is not of i64.
  Result<StringTensor> decode(const Tensor &ids) const;

private:
  std::shared_ptr<const StringTable> table;
  int64_t numKnown;
  std::deque<std::string> added;
  std::unordered_map<std::string_view, int64_t> addedIds;
};

} // namespace tg::rt

#endif // TG_RUNTIME_STRINGS_H
