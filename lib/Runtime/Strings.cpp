//===- Strings.cpp - Tensors of strings as tensors of numbers ---*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tg/Runtime/Strings.h"

namespace tg::rt {

StringTable::StringTable(std::vector<std::string> strings) : elements(std::move(strings)) {
  ids.reserve(elements.size());
  for (size_t i = 0; i < elements.size(); ++i)
    ids.try_emplace(elements[i], int64_t(i));
}

std::optional<int64_t> StringTable::find(std::string_view text) const {
  auto found = ids.find(text);
  return found == ids.end() ? std::nullopt : std::optional(found->second);
}

StringIds::StringIds(std::shared_ptr<const StringTable> known)
    : table(std::move(known)), numKnown(table ? int64_t(table->strings().size()) : 0) {}

int64_t StringIds::idOf(std::string_view text) {
  if (table)
    if (std::optional<int64_t> known = table->find(text))
      return *known;
  auto found = addedIds.find(text);
  if (found != addedIds.end())
    return found->second;
  int64_t id = size();
  // The elements of a deque stay where they are.
  addedIds.emplace(added.emplace_back(text), id);
  return id;
}

const std::string *StringIds::find(int64_t id) const {
  if (id < 0 || id >= size())
    return nullptr;
  return id < numKnown ? &table->strings()[size_t(id)] : &added[size_t(id - numKnown)];
}

Result<Tensor> StringIds::encode(const StringTensor &strings) {
  Result<int64_t> count = elementCount(strings.shape);
  if (!count)
    return count.status();
  if (uint64_t(*count) != strings.elements.size())
    return error("a tensor of " + std::to_string(*count) + " strings, but " +
                 std::to_string(strings.elements.size()) + " are given");
  Result<Tensor> ids = Tensor::allocate(DType::I64, strings.shape);
  for (size_t i = 0; ids && i < strings.elements.size(); ++i)
    ids->as<int64_t>()[i] = idOf(strings.elements[i]);
  return ids;
}

Result<StringTensor> StringIds::decode(const Tensor &ids) const {
  if (Status status = ids.checkOnHost(); !status)
    return status;
  if (ids.dtype() != DType::I64)
    return error("ids of strings are of type i64, got " + ids.typeName());
  StringTensor strings{ids.shape(), {}};
  strings.elements.reserve(size_t(ids.numElements()));
  for (int64_t i = 0; i < ids.numElements(); ++i) {
    const std::string *text = find(ids.as<int64_t>()[i]);
    if (!text)
      return error("element " + std::to_string(i) + " is " + std::to_string(ids.as<int64_t>()[i]) +
                   ", which is no string's id (there are " + std::to_string(size()) + ")");
    strings.elements.push_back(*text);
  }
  return strings;
}

} // namespace tg::rt
