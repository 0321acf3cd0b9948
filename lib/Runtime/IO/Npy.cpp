//===- Npy.cpp - NumPy's .npy files -----------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The format is described in NumPy's documentation (numpy.lib.format): magic, version, length of
// the header, a Python dictionary literal with descr, fortran_order and shape, then the data.
//===----------------------------------------------------------------------===//

#include "IO/File.h"
#include "IO/NpyFile.h"

#include <algorithm>
#include <cstring>

namespace tg::rt {
namespace {

constexpr char magic[] = "\x93NUMPY";
constexpr size_t magicSize = 6;
constexpr size_t maxRank = 64;

/// Reads the dictionary literal.
class HeaderParser {
public:
  HeaderParser(std::string_view text, size_t offset, const std::string &place)
      : text(text), offset(offset), place(place) {}

  Status parse(NpyHeader &header) {
    bool seenDescr = false, seenOrder = false, seenShape = false;
    if (!eat('{'))
      return fail("expected '{'");
    while (!eat('}')) {
      std::string key;
      if (Status status = parseString(key); !status)
        return status;
      if (!eat(':'))
        return fail("expected ':'");
      Status status;
      if (key == "descr") {
        seenDescr = true;
        status = parseDescr(header.descr);
      } else if (key == "fortran_order") {
        seenOrder = true;
        status = parseBool(header.fortranOrder);
      } else if (key == "shape") {
        seenShape = true;
        status = parseShape(header.shape);
      } else {
        status = fail("unknown key '" + key + "'");
      }
      if (!status)
        return status;
      if (!eat(',')) {
        if (eat('}'))
          break;
        return fail("expected ',' or '}'");
      }
    }
    if (!seenDescr || !seenOrder || !seenShape)
      return fail("the header lacks descr, fortran_order or shape");
    return Status::success();
  }

private:
  Status fail(const std::string &what) const { return errorAt(place, offset + at, what); }
  void skipSpace() {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\n'))
      ++at;
  }
  bool eat(char c) {
    skipSpace();
    if (at >= text.size() || text[at] != c)
      return false;
    ++at;
    return true;
  }
  bool eatWord(std::string_view word) {
    skipSpace();
    if (text.substr(at, word.size()) != word)
      return false;
    at += word.size();
    return true;
  }
  Status parseString(std::string &out) {
    skipSpace();
    if (at >= text.size() || (text[at] != '\'' && text[at] != '"'))
      return fail("expected a string");
    size_t end = text.find(text[at], at + 1);
    if (end == std::string_view::npos)
      return fail("unterminated string");
    out = std::string(text.substr(at + 1, end - at - 1));
    at = end + 1;
    return Status::success();
  }
  Status parseDescr(std::string &out) {
    skipSpace();
    if (at < text.size() && text[at] == '[')
      return fail("structured arrays are not supported");
    return parseString(out);
  }
  Status parseBool(bool &out) {
    out = eatWord("True");
    if (!out && !eatWord("False"))
      return fail("expected True or False");
    return Status::success();
  }
  Status parseShape(std::vector<int64_t> &shape) {
    if (!eat('('))
      return fail("expected '('");
    while (!eat(')')) {
      skipSpace();
      size_t start = at;
      int64_t extent = 0;
      for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at)
        if (__builtin_mul_overflow(extent, int64_t(10), &extent) ||
            __builtin_add_overflow(extent, int64_t(text[at] - '0'), &extent))
          return fail("the extent does not fit 64 bits");
      if (at == start)
        return fail("expected an extent");
      if (shape.size() == maxRank)
        return fail("more than " + std::to_string(maxRank) + " dimensions");
      eatWord("L"); // Python 2 wrote long integers this way.
      shape.push_back(extent);
      if (!eat(',')) {
        if (eat(')'))
          break;
        return fail("expected ',' or ')'");
      }
    }
    return Status::success();
  }

  std::string_view text;
  size_t offset;
  const std::string &place;
  size_t at = 0;
};

/// How the elements lie in the file.
struct Layout {
  DType dtype;
  unsigned fileBytes; // per element
  bool swap;
};

std::optional<DType> wantedRaw(unsigned size, std::optional<DType> wanted) {
  if (wanted && *wanted != DType::I1 && size == (bitWidth(*wanted) + 7) / 8)
    return wanted;
  if (size == 2)
    return DType::BF16;
  return std::nullopt;
}

Result<Layout> parseDescr(const std::string &descr, const std::string &place,
                          std::optional<DType> wanted) {
  auto unsupported = [&](const std::string &more) {
    return error(place + ": dtype '" + descr + "' is not supported" + more);
  };
  if (descr.size() > 2 && std::strchr("US", descr[1]))
    return error(place + ": holds strings (dtype '" + descr + "'), expected numbers");
  if (descr == "|O")
    return unsupported(": Python objects; save strings as an array of str (astype(str))");
  if (descr.size() != 3 || !std::strchr("<>|=", descr[0]) || descr[2] < '1' || descr[2] > '8')
    return unsupported("");
  unsigned size = unsigned(descr[2] - '0');
  char kind = descr[1];
  bool swap = descr[0] == '>' && size > 1;
  if (kind == 'V') {
    if (std::optional<DType> raw = wantedRaw(size, wanted))
      return Layout{*raw, size, swap};
    return unsupported(": raw bytes, whose type must be given");
  }
  struct Known {
    char kind;
    unsigned size;
    DType dtype;
  };
  static constexpr Known known[] = {
      {'b', 1, DType::I1},     {'i', 1, DType::I8},  {'i', 2, DType::I16},  {'i', 4, DType::I32},
      {'i', 8, DType::I64},    {'u', 1, DType::UI8}, {'u', 2, DType::UI16}, {'u', 4, DType::UI32},
      {'u', 8, DType::UI64},   {'f', 2, DType::F16}, {'f', 4, DType::F32},  {'f', 8, DType::F64},
      {'f', 1, DType::F8E5M2},
  };
  for (const Known &entry : known)
    if (entry.kind == kind && entry.size == size)
      return Layout{entry.dtype, size, swap};
  return unsupported("");
}

/// Element by element: other byte order, other axis order, unpacked or boolean bytes.
void convert(const NpyHeader &header, const Layout &layout, const uint8_t *source, Tensor &tensor) {
  forEachNpyElement(header, tensor.numElements(), [&](int64_t to, int64_t from) {
    uint8_t bytes[8] = {};
    std::memcpy(bytes, source + from * layout.fileBytes, layout.fileBytes);
    if (layout.swap)
      std::reverse(bytes, bytes + layout.fileBytes);
    uint64_t bits = readLittle<uint64_t>(bytes);
    storeBits(layout.dtype, tensor.data(), to, layout.dtype == DType::I1 ? bits != 0 : bits);
  });
}

std::string descrOf(DType dtype) {
  if (dtype == DType::I1)
    return "|b1";
  if (dtype == DType::BF16)
    return "<V2";
  unsigned size = (bitWidth(dtype) + 7) / 8;
  if (isPacked(dtype) || (isFloat(dtype) && size == 1))
    return "|V1";
  char kind = isFloat(dtype) ? 'f' : isSignedInteger(dtype) ? 'i' : 'u';
  return std::string(1, size == 1 ? '|' : '<') + kind + std::to_string(size);
}

} // namespace

Result<NpyHeader> parseNpyHeader(const uint8_t *data, size_t size, const std::string &place) {
  if (size < magicSize || std::memcmp(data, magic, magicSize) != 0)
    return errorAt(place, 0, "not an .npy file (no \\x93NUMPY)");
  if (size < magicSize + 2)
    return errorAt(place, size, "the file ends in the header");
  unsigned major = data[magicSize];
  if (major < 1 || major > 3)
    return errorAt(place, magicSize,
                   ".npy version " + std::to_string(major) + " is not supported (1 to 3 are)");
  size_t lengthBytes = major == 1 ? 2 : 4;
  size_t start = magicSize + 2 + lengthBytes;
  if (size < start)
    return errorAt(place, size, "the file ends in the header");
  const uint8_t *lengthAt = data + magicSize + 2;
  size_t length = major == 1 ? readLittle<uint16_t>(lengthAt) : readLittle<uint32_t>(lengthAt);
  if (length > size - start)
    return errorAt(place, size,
                   "the file ends in the header, which takes " + std::to_string(length) + " bytes");
  NpyHeader header;
  header.dataOffset = start + length;
  std::string_view text(reinterpret_cast<const char *>(data) + start, length);
  if (Status status = HeaderParser(text, start, place).parse(header); !status)
    return status;
  return header;
}

Result<int64_t> checkNpyData(const NpyHeader &header, size_t size, const std::string &place,
                             uint64_t bytesPerElement, const std::string &type) {
  Result<int64_t> count = elementCount(header.shape);
  if (!count)
    return count.status().in(place);
  uint64_t needed;
  uint64_t available = size - header.dataOffset;
  if (__builtin_mul_overflow(uint64_t(*count), bytesPerElement, &needed) || needed > available)
    return errorAt(place, size,
                   "the file ends in the data: " + type + " takes " +
                       std::to_string(bytesPerElement) + " bytes per element, " +
                       std::to_string(available) + " bytes are there");
  if (available > needed)
    return errorAt(place, header.dataOffset + needed,
                   std::to_string(available - needed) + " bytes follow the data of " + type);
  return count;
}

Result<Tensor> parseNpy(const void *data, size_t size, const std::string &place,
                        std::optional<DType> wanted) {
  const auto *bytes = static_cast<const uint8_t *>(data);
  Result<NpyHeader> header = parseNpyHeader(bytes, size, place);
  if (!header)
    return header.status();
  Result<Layout> layout = parseDescr(header->descr, place, wanted);
  if (!layout)
    return layout.status();
  Result<int64_t> count = checkNpyData(*header, size, place, layout->fileBytes,
                                       tensorTypeName(layout->dtype, header->shape));
  if (!count)
    return count.status();
  Result<Tensor> tensor = Tensor::zeros(layout->dtype, header->shape);
  if (!tensor)
    return tensor.status().in(place);
  const uint8_t *source = bytes + header->dataOffset;
  bool plain = !layout->swap && !header->fortranOrder && layout->dtype != DType::I1 &&
               !isPacked(layout->dtype);
  if (!plain)
    convert(*header, *layout, source, *tensor);
  else if (*count)
    std::memcpy(tensor->data(), source, tensor->byteSize());
  return tensor;
}

Result<Tensor> readNpy(const std::string &path, std::optional<DType> wanted) {
  Result<Blob> file = readFile(path);
  if (!file)
    return file.status();
  return parseNpy(file->data.get(), file->size, path, wanted);
}

Result<std::string> makeNpyHeader(const std::string &descr, const std::vector<int64_t> &shape) {
  std::string extents;
  for (int64_t extent : shape)
    extents += std::to_string(extent) + (shape.size() == 1 ? "," : ", ");
  if (shape.size() > 1)
    extents.resize(extents.size() - 2);
  std::string text =
      "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" + extents + "), }";
  size_t total = magicSize + 4 + text.size() + 1;
  text.append((64 - total % 64) % 64, ' ');
  text.push_back('\n');
  if (text.size() > 0xffff)
    return error("too many dimensions for an .npy file");
  std::string header(magic, magicSize);
  header += std::string("\x01\x00", 2);
  appendLittle(header, uint16_t(text.size()));
  return header + text;
}

Result<NpyPieces> npyPieces(const Tensor &tensor) {
  if (Status status = tensor.checkOnHost(); !status)
    return status;
  if (!tensor.valid())
    return error("there is no tensor to write");
  Result<std::string> header = makeNpyHeader(descrOf(tensor.dtype()), tensor.shape());
  if (!header)
    return header.status();
  NpyPieces pieces;
  pieces.header = std::move(*header);
  pieces.tensor = tensor;
  if (isPacked(tensor.dtype())) {
    Result<Tensor> unpacked = Tensor::allocate(DType::UI8, tensor.shape());
    if (!unpacked)
      return unpacked.status();
    for (int64_t i = 0; i < tensor.numElements(); ++i)
      unpacked->as<uint8_t>()[i] = isFloat(tensor.dtype())
                                       ? uint8_t(loadBits(tensor.dtype(), tensor.data(), i))
                                       : uint8_t(tensor.getInt(i));
    pieces.tensor = *unpacked;
  }
  return pieces;
}

Status writeNpy(const std::string &path, const Tensor &tensor) {
  Result<NpyPieces> pieces = npyPieces(tensor);
  if (!pieces)
    return pieces.status().in(path);
  return writeFile(path, {{pieces->header.data(), pieces->header.size()},
                          {pieces->tensor.data(), pieces->tensor.byteSize()}});
}

} // namespace tg::rt
