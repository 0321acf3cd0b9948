//===- StringFiles.cpp - Files of strings -----------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// In .npy files '<U5' is five code points of 32 bits for each element and '|S5' five bytes, zeros
// at the end dropped. Here strings are UTF-8.
//===----------------------------------------------------------------------===//

#include "IO/File.h"
#include "IO/NpyFile.h"

#include <algorithm>
#include <cstring>

namespace tg::rt {
namespace {

void appendUtf8(std::string &text, uint32_t point) {
  auto rest = [&](unsigned shift) { text.push_back(char(0x80 | ((point >> shift) & 0x3f))); };
  if (point < 0x80) {
    text.push_back(char(point));
  } else if (point < 0x800) {
    text.push_back(char(0xc0 | (point >> 6)));
    rest(0);
  } else if (point < 0x10000) {
    text.push_back(char(0xe0 | (point >> 12)));
    rest(6);
    rest(0);
  } else {
    text.push_back(char(0xf0 | (point >> 18)));
    rest(12);
    rest(6);
    rest(0);
  }
}

/// The code points of UTF-8; a byte that does not belong to it becomes the code point U+DC80 and
/// so on, as Python's "surrogateescape" has it.
std::vector<uint32_t> codePoints(const std::string &text) {
  std::vector<uint32_t> points;
  for (size_t i = 0; i < text.size();) {
    auto byte = uint8_t(text[i]);
    size_t length = byte < 0x80 ? 1 : byte < 0xc2 ? 0 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    uint32_t point = length <= 1 ? byte : byte & (0x7f >> length);
    bool isValid = length && byte < 0xf5 && i + length <= text.size();
    for (size_t k = 1; isValid && k < length; ++k) {
      isValid = (uint8_t(text[i + k]) & 0xc0) == 0x80;
      point = point << 6 | (uint8_t(text[i + k]) & 0x3f);
    }
    // Longer than needed, a surrogate or too large.
    isValid = isValid && !(length == 3 && (point < 0x800 || (point >= 0xd800 && point < 0xe000))) &&
              !(length == 4 && (point < 0x10000 || point > 0x10ffff));
    points.push_back(isValid ? point : 0xdc00 + byte);
    i += isValid ? length : 1;
  }
  return points;
}

struct StringLayout {
  bool isUnicode;
  bool swap;
  uint64_t length; // in code points or bytes
};

/// Of '<U12' or '|S5'; nothing for other types.
std::optional<StringLayout> parseStringDescr(const std::string &descr) {
  if (descr.size() < 3 || descr.size() > 12 || !std::strchr("<>|=", descr[0]) ||
      !std::strchr("US", descr[1]))
    return std::nullopt;
  StringLayout layout{descr[1] == 'U', descr[0] == '>', 0};
  for (char c : descr.substr(2)) {
    if (c < '0' || c > '9')
      return std::nullopt;
    layout.length = layout.length * 10 + uint64_t(c - '0');
  }
  return layout;
}

Result<std::string> readElement(const uint8_t *bytes, const StringLayout &layout) {
  std::string text;
  if (!layout.isUnicode) {
    text.assign(reinterpret_cast<const char *>(bytes), layout.length);
    text.resize(text.find_last_not_of('\0') + 1);
    return text;
  }
  std::vector<uint32_t> points(layout.length);
  for (uint64_t i = 0; i < layout.length; ++i) {
    points[i] = readLittle<uint32_t>(bytes + 4 * i);
    if (layout.swap)
      points[i] = __builtin_bswap32(points[i]);
  }
  while (!points.empty() && points.back() == 0)
    points.pop_back();
  for (uint32_t point : points) {
    if (point > 0x10ffff)
      return error(std::to_string(point) + " is no code point");
    if (point >= 0xdc80 && point < 0xdd00)
      text.push_back(char(point - 0xdc00));
    else
      appendUtf8(text, point);
  }
  return text;
}

} // namespace

bool isNpyOfStrings(const NpyHeader &header) { return parseStringDescr(header.descr).has_value(); }

Result<StringTensor> parseNpyStrings(const void *data, size_t size, const std::string &place) {
  const auto *bytes = static_cast<const uint8_t *>(data);
  Result<NpyHeader> header = parseNpyHeader(bytes, size, place);
  if (!header)
    return header.status();
  std::optional<StringLayout> layout = parseStringDescr(header->descr);
  if (!layout)
    return error(place + ": expected strings (dtype '<U...' or '|S...'), got dtype '" +
                 header->descr + "'");
  uint64_t width = layout->length * (layout->isUnicode ? 4 : 1);
  Result<int64_t> count = checkNpyData(*header, size, place, width, "an array of " + header->descr);
  if (!count)
    return count.status();
  // Strings of no length take no bytes in the file, but they do in memory.
  constexpr int64_t maxEmpty = int64_t(1) << 24;
  if (width == 0 && *count > maxEmpty)
    return error(place + ": " + std::to_string(*count) + " empty strings are too many");
  StringTensor strings{header->shape, std::vector<std::string>(size_t(*count))};
  Status status;
  forEachNpyElement(*header, *count, [&](int64_t to, int64_t from) {
    const uint8_t *element = bytes + header->dataOffset + uint64_t(from) * width;
    Result<std::string> text = readElement(element, *layout);
    if (text)
      strings.elements[size_t(to)] = std::move(*text);
    else if (status.ok())
      status = errorAt(place, uint64_t(element - bytes), text.message());
  });
  if (!status)
    return status;
  return strings;
}

Result<NpyPieces> npyPieces(const StringTensor &strings) {
  std::vector<std::vector<uint32_t>> elements;
  size_t width = 1; // NumPy's least, of empty strings too.
  for (const std::string &text : strings.elements) {
    elements.push_back(codePoints(text));
    width = std::max(width, elements.back().size());
  }
  Result<Tensor> points = Tensor::zeros(DType::UI32, {int64_t(elements.size()), int64_t(width)});
  if (!points)
    return points.status();
  for (size_t i = 0; i < elements.size(); ++i)
    std::copy(elements[i].begin(), elements[i].end(), points->as<uint32_t>() + i * width);
  Result<std::string> header = makeNpyHeader("<U" + std::to_string(width), strings.shape);
  if (!header)
    return header.status();
  return NpyPieces{std::move(*header), std::move(*points)};
}

Status writeNpyStrings(const std::string &path, const StringTensor &strings) {
  Result<NpyPieces> pieces = npyPieces(strings);
  if (!pieces)
    return pieces.status().in(path);
  return writeFile(path, {{pieces->header.data(), pieces->header.size()},
                          {pieces->tensor.data(), pieces->tensor.byteSize()}});
}

Result<StringTensor> readStringFile(const std::string &path) {
  auto endsWith = [&](std::string_view ending) {
    return path.size() >= ending.size() &&
           path.compare(path.size() - ending.size(), ending.size(), ending) == 0;
  };
  if (endsWith(".npy")) {
    Result<Blob> file = readFile(path);
    if (!file)
      return file.status();
    return parseNpyStrings(file->data.get(), file->size, path);
  }
  std::optional<NamedTensor> named;
  if (endsWith(".pb")) {
    Result<NamedTensor> read = readTensorProto(path);
    if (!read)
      return read.status();
    named = std::move(*read);
  } else if (endsWith(".npz")) {
    Result<std::vector<NamedTensor>> all = readNpz(path);
    if (!all)
      return all.status();
    if (all->size() != 1)
      return error(path + ": has " + std::to_string(all->size()) + " arrays, expected one");
    named = std::move(all->front());
  } else {
    return error(path + ": unknown kind of tensor file (expected .npy, .npz or .pb)");
  }
  if (!named->strings)
    return error(path + ": expected strings, got " + named->tensor.typeName());
  return std::move(*named->strings);
}

} // namespace tg::rt
