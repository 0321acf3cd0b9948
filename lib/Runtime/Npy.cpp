//===- Npy.cpp - NumPy's .npy files -----------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The format is described in NumPy's documentation (numpy.lib.format): magic, version, length of
// the header, a Python dictionary literal with descr, fortran_order and shape, then the data.
//===----------------------------------------------------------------------===//

#include "File.h"

#include "tg/Runtime/TensorIO.h"

#include <algorithm>
#include <cstring>

namespace tg::rt {
namespace {

constexpr char magic[] = "\x93NUMPY";
constexpr size_t magicSize = 6;
constexpr size_t maxRank = 64;

struct Header {
  std::string descr;
  bool fortranOrder = false;
  std::vector<int64_t> shape;
  size_t dataOffset = 0;
};

/// Reads the dictionary literal.
class HeaderParser {
public:
  HeaderParser(std::string_view text, size_t offset, const std::string &place)
      : text(text), offset(offset), place(place) {}

  Status parse(Header &header) {
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

Result<Header> parseHeader(const uint8_t *data, size_t size, const std::string &place) {
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
  Header header;
  header.dataOffset = start + length;
  std::string_view text(reinterpret_cast<const char *>(data) + start, length);
  if (Status status = HeaderParser(text, start, place).parse(header); !status)
    return status;
  return header;
}

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
void convert(const Header &header, const Layout &layout, const uint8_t *source, Tensor &tensor) {
  size_t rank = header.shape.size();
  std::vector<int64_t> index(rank, 0), strides(rank, 1);
  for (size_t i = 0; i < rank; ++i)
    for (size_t j = 0; j < rank; ++j)
      if (header.fortranOrder ? j < i : j > i)
        strides[i] *= header.shape[j];
  int64_t from = 0;
  for (int64_t to = 0; to < tensor.numElements(); ++to) {
    uint8_t bytes[8] = {};
    std::memcpy(bytes, source + from * layout.fileBytes, layout.fileBytes);
    if (layout.swap)
      std::reverse(bytes, bytes + layout.fileBytes);
    uint64_t bits = readLittle<uint64_t>(bytes);
    storeBits(layout.dtype, tensor.data(), to, layout.dtype == DType::I1 ? bits != 0 : bits);
    for (size_t axis = rank; axis-- > 0;) {
      from += strides[axis];
      if (++index[axis] < header.shape[axis])
        break;
      from -= strides[axis] * index[axis];
      index[axis] = 0;
    }
  }
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

Result<Tensor> parseNpy(const void *data, size_t size, const std::string &place,
                        std::optional<DType> wanted) {
  const auto *bytes = static_cast<const uint8_t *>(data);
  Result<Header> header = parseHeader(bytes, size, place);
  if (!header)
    return header.status();
  Result<Layout> layout = parseDescr(header->descr, place, wanted);
  if (!layout)
    return layout.status();
  Result<int64_t> count = elementCount(header->shape);
  if (!count)
    return count.status().in(place);
  int64_t needed;
  size_t available = size - header->dataOffset;
  if (__builtin_mul_overflow(*count, int64_t(layout->fileBytes), &needed) ||
      uint64_t(needed) > available)
    return errorAt(place, size,
                   "the file ends in the data: " + tensorTypeName(layout->dtype, header->shape) +
                       " takes " + std::to_string(layout->fileBytes) + " bytes per element, " +
                       std::to_string(available) + " bytes are there");
  if (available > uint64_t(needed))
    return errorAt(place, header->dataOffset + uint64_t(needed),
                   std::to_string(available - uint64_t(needed)) + " bytes follow the data of " +
                       tensorTypeName(layout->dtype, header->shape));
  Result<Tensor> tensor = Tensor::zeros(layout->dtype, header->shape);
  if (!tensor)
    return tensor.status().in(place);
  const uint8_t *source = bytes + header->dataOffset;
  bool plain = !layout->swap && !header->fortranOrder && layout->dtype != DType::I1 &&
               !isPacked(layout->dtype);
  if (!plain)
    convert(*header, *layout, source, *tensor);
  else if (needed)
    std::memcpy(tensor->data(), source, size_t(needed));
  return tensor;
}

Result<Tensor> readNpy(const std::string &path, std::optional<DType> wanted) {
  Result<Blob> file = readFile(path);
  if (!file)
    return file.status();
  return parseNpy(file->data.get(), file->size, path, wanted);
}

Result<NpyPieces> npyPieces(const Tensor &tensor) {
  if (!tensor.valid())
    return error("there is no tensor to write");
  std::string shape;
  for (int64_t extent : tensor.shape())
    shape += std::to_string(extent) + (tensor.rank() == 1 ? "," : ", ");
  if (tensor.rank() > 1)
    shape.resize(shape.size() - 2);
  std::string text = "{'descr': '" + descrOf(tensor.dtype()) +
                     "', 'fortran_order': False, 'shape': (" + shape + "), }";
  size_t total = magicSize + 4 + text.size() + 1;
  text.append((64 - total % 64) % 64, ' ');
  text.push_back('\n');
  if (text.size() > 0xffff)
    return error("too many dimensions for an .npy file");
  NpyPieces pieces;
  pieces.header.assign(magic, magicSize);
  pieces.header += std::string("\x01\x00", 2);
  appendLittle(pieces.header, uint16_t(text.size()));
  pieces.header += text;
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
