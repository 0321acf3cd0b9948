//===- Strings.cpp - Strings in and out of tg-run ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Tooling/Programs/Strings.h"

#include "tg/Runtime/IO/TensorIO.h"

#include <algorithm>
#include <cstdio>

using namespace tg;
using namespace tg::run;

std::optional<std::vector<double>> run::parseStrings(const Signature &signature,
                                                     const std::string &text) {
  for (const char *ending : {".npy", ".npz", ".pb"})
    if (endsWith(text, ending))
      return std::nullopt;
  std::vector<double> ids;
  for (size_t begin = 0; begin <= text.size();) {
    size_t end = std::min(text.find(',', begin), text.size());
    ids.push_back(double(signature.strings->idOf(text.substr(begin, end - begin))));
    begin = end + 1;
  }
  return ids;
}

rt::Result<rt::Tensor> run::readStrings(const Signature &signature, const std::string &file) {
  rt::Result<rt::StringTensor> strings = rt::readStringFile(file);
  if (!strings.ok())
    return strings.status();
  return signature.strings->encode(*strings);
}

void run::fillRandomStrings(const Signature &signature, rt::Tensor &tensor,
                            std::mt19937_64 &random) {
  signature.strings->idOf(""); // There is one at least.
  for (int64_t i = 0; i < tensor.numElements(); ++i)
    tensor.setInt(i, int64_t(random() % uint64_t(signature.strings->size())));
}

std::string run::typeOfStrings(const rt::Tensor &ids) {
  std::string type = ids.typeName();
  return type.substr(0, type.rfind("i64")) + "string>";
}

static std::string quote(const std::string &text) {
  std::string result = "\"";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      result += '\\';
    if (byte >= 0x20 && byte != 0x7f) {
      result += c;
      continue;
    }
    char escape[8];
    std::snprintf(escape, sizeof escape, "\\x%02x", unsigned(byte));
    result += escape;
  }
  return result + "\"";
}

std::string run::quoteString(const Signature &signature, int64_t id) {
  const std::string *text = signature.strings->find(id);
  return text ? quote(*text) : "no string " + std::to_string(id);
}

std::string run::previewMaps(const rt::Port &port, const rt::Tensor &tensor) {
  std::string text = tensor.typeName() + " = [";
  size_t numKeys = port.intKeys.size() + port.stringKeys.size();
  int64_t numMaps = numKeys ? tensor.numElements() / int64_t(numKeys) : 0;
  int64_t shown = std::min<int64_t>(numMaps, 4);
  for (int64_t row = 0; row < shown; ++row) {
    text += row ? ", {" : "{";
    for (size_t i = 0; i < numKeys; ++i) {
      text += (i ? ", " : "") +
              (port.intKeys.empty() ? quote(port.stringKeys[i]) : std::to_string(port.intKeys[i]));
      text += ": " + showNumber(tensor.getDouble(row * int64_t(numKeys) + int64_t(i)));
    }
    text += "}";
  }
  return text + (shown < numMaps ? ", ...]" : "]");
}

rt::Status run::compareStrings(const Signature &signature, const rt::Port &port,
                               const rt::Tensor &actual, const std::string &file) {
  rt::Result<rt::StringTensor> strings = rt::readStringFile(file);
  if (!strings.ok())
    return strings.status();
  rt::Result<rt::Tensor> expected = signature.strings->encode(*strings);
  if (!expected.ok())
    return expected.status();
  std::string place = "output '" + port.name + "'";
  if (actual.shape() != expected->shape())
    return rt::error(place + ": expected " + typeOfStrings(*expected) + ", got " +
                     typeOfStrings(actual));
  int64_t wrong = 0, first = -1;
  for (int64_t i = actual.numElements(); i-- > 0;)
    if (actual.getInt(i) != expected->getInt(i))
      ++wrong, first = i;
  if (!wrong)
    return {};
  return rt::error(place + ": " + std::to_string(wrong) + " of " +
                   std::to_string(actual.numElements()) +
                   " elements are off; the first is element " + std::to_string(first) +
                   ": expected " + quoteString(signature, expected->getInt(first)) + ", got " +
                   quoteString(signature, actual.getInt(first)));
}
