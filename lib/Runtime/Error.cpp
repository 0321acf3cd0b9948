//===- Error.cpp - Text for messages -----------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#include "tg/Runtime/Error.h"

#include <cstdint>

namespace tg::rt {

/// The bytes of the UTF-8 sequence at `at`; 0 if there is none, or it is a control character.
static size_t sequenceLength(const std::string &text, size_t at) {
  auto byte = [&](size_t i) { return i < text.size() ? uint8_t(text[i]) : uint8_t(0); };
  uint8_t first = byte(at);
  if (first < 0x80)
    return first >= 0x20 && first != 0x7f;
  size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4)
    return 0;
  for (size_t i = 1; i < length; ++i)
    if ((byte(at + i) & 0xc0) != 0x80)
      return 0;
  // Too long a spelling, a surrogate, beyond Unicode, and the control characters from 0x80 on.
  uint8_t second = byte(at + 1);
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second >= 0xa0) ||
      (first == 0xf0 && second < 0x90) || (first == 0xf4 && second >= 0x90) ||
      (first == 0xc2 && second < 0xa0))
    return 0;
  return length;
}

std::string printable(const std::string &text, bool keepsLines) {
  std::string result;
  for (size_t i = 0; i < text.size();) {
    size_t length = keepsLines && text[i] == '\n' ? 1 : sequenceLength(text, i);
    if (length) {
      result.append(text, i, length);
      i += length;
      continue;
    }
    static const char digits[] = "0123456789ABCDEF";
    uint8_t byte = uint8_t(text[i++]);
    result += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
  }
  return result;
}

} // namespace tg::rt
