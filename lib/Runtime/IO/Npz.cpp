//===- Npz.cpp - NumPy's .npz files -----------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A zip archive of .npy members (PKWARE's APPNOTE.TXT): stored or deflated, with the 64-bit
// extension.
//===----------------------------------------------------------------------===//

#include "IO/File.h"
#include "IO/NpyFile.h"

#include <algorithm>
#include <cstring>
#include <zlib.h>

namespace tg::rt {
namespace {

constexpr uint32_t localSignature = 0x04034b50;
constexpr uint32_t centralSignature = 0x02014b50;
constexpr uint32_t endSignature = 0x06054b50;
constexpr uint32_t end64Signature = 0x06064b50;
constexpr uint32_t locator64Signature = 0x07064b50;
constexpr size_t localSize = 30, centralSize = 46, endSize = 22, end64Size = 56, locatorSize = 20;
constexpr uint32_t in64 = 0xffffffff;
constexpr uint16_t stored = 0, deflated = 8;
/// Deflate cannot do better: 258 bytes out of 2 bits.
constexpr uint64_t largestRatio = 1032;

struct Member {
  std::string name;
  uint16_t method = 0;
  uint32_t crc = 0;
  uint64_t packed = 0;
  uint64_t unpacked = 0;
  uint64_t header = 0;
};

class ZipReader {
public:
  ZipReader(const void *data, size_t size, const std::string &place)
      : bytes(static_cast<const uint8_t *>(data)), size(size), place(place) {}

  Result<std::vector<Member>> members() {
    Result<uint64_t> found = findEnd();
    if (!found)
      return found.status();
    uint64_t end = *found;
    uint64_t count = at<uint16_t>(end + 10);
    uint64_t directory = at<uint32_t>(end + 16);
    if (end >= locatorSize && at<uint32_t>(end - locatorSize) == locator64Signature) {
      uint64_t end64 = at<uint64_t>(end - locatorSize + 8);
      if (!fits(end64, end64Size) || at<uint32_t>(end64) != end64Signature)
        return fail(end - locatorSize, "bad offset of the 64-bit end record");
      count = at<uint64_t>(end64 + 32);
      directory = at<uint64_t>(end64 + 48);
    }
    if (directory > size || count > (size - directory) / centralSize)
      return fail(end, "the directory does not fit the file");
    std::vector<Member> result;
    result.reserve(count);
    uint64_t offset = directory, totalPacked = 0;
    for (uint64_t i = 0; i < count; ++i) {
      Member member;
      if (Status status = readCentral(offset, member); !status)
        return status;
      // Members that share bytes would let a small file unpack to anything.
      if (member.packed > size || (totalPacked += member.packed) > size)
        return fail(offset, "members overlap");
      result.push_back(std::move(member));
    }
    return result;
  }

  /// The member's bytes, checked.
  Result<Blob> read(const Member &member) {
    if (!fits(member.header, localSize) || at<uint32_t>(member.header) != localSignature)
      return fail(member.header, "no header of member '" + member.name + "' there");
    uint64_t data = member.header + localSize + at<uint16_t>(member.header + 26) +
                    at<uint16_t>(member.header + 28);
    if (!fits(data, member.packed))
      return fail(member.header, "member '" + member.name + "' reaches past the file's end");
    Blob blob;
    if (member.method == stored) {
      if (member.packed != member.unpacked)
        return fail(member.header, "member '" + member.name + "' has two sizes");
      blob = Blob{std::shared_ptr<const void>(std::shared_ptr<const void>(), bytes + data),
                  member.packed};
    } else if (member.method == deflated) {
      Result<Blob> inflated = inflateMember(member, data);
      if (!inflated)
        return inflated;
      blob = *inflated;
    } else {
      return fail(member.header, "member '" + member.name + "' is compressed by method " +
                                     std::to_string(member.method) + "; only deflate is supported");
    }
    if (crc32_z(0, static_cast<const Bytef *>(blob.data.get()), blob.size) != member.crc)
      return fail(data, "member '" + member.name + "' is damaged (its CRC does not match)");
    return blob;
  }

private:
  template <typename T> T at(uint64_t offset) const { return readLittle<T>(bytes + offset); }
  bool fits(uint64_t offset, uint64_t length) const {
    return offset <= size && length <= size - offset;
  }
  Status fail(uint64_t offset, const std::string &what) const {
    return errorAt(place, offset, what);
  }

  /// The end record is followed by a comment of at most 65535 bytes, and by nothing else.
  Result<uint64_t> findEnd() const {
    uint64_t last = 0;
    if (size >= endSize) {
      uint64_t lowest = size - endSize - std::min<uint64_t>(size - endSize, 0xffff);
      for (uint64_t offset = size - endSize + 1; offset-- > lowest;)
        if (at<uint32_t>(offset) == endSignature) {
          uint64_t end = offset + endSize + at<uint16_t>(offset + 20);
          if (end == size)
            return offset;
          if (!last && end < size)
            last = end;
        }
    }
    if (last)
      return fail(last, std::to_string(size - last) + " bytes follow the archive");
    return fail(size, "not a zip archive (no end record)");
  }

  Status readCentral(uint64_t &offset, Member &member) {
    if (!fits(offset, centralSize) || at<uint32_t>(offset) != centralSignature)
      return fail(offset, "no directory entry there");
    if (at<uint16_t>(offset + 8) & 1)
      return fail(offset, "encrypted members are not supported");
    member.method = at<uint16_t>(offset + 10);
    member.crc = at<uint32_t>(offset + 16);
    member.packed = at<uint32_t>(offset + 20);
    member.unpacked = at<uint32_t>(offset + 24);
    member.header = at<uint32_t>(offset + 42);
    uint64_t nameLength = at<uint16_t>(offset + 28), extraLength = at<uint16_t>(offset + 30),
             commentLength = at<uint16_t>(offset + 32);
    uint64_t name = offset + centralSize;
    if (!fits(name, nameLength + extraLength + commentLength))
      return fail(offset, "the directory entry reaches past the file's end");
    member.name.assign(reinterpret_cast<const char *>(bytes + name), nameLength);
    if (Status status = readExtra(name + nameLength, extraLength, member); !status)
      return status;
    offset = name + nameLength + extraLength + commentLength;
    return Status::success();
  }

  /// The 64-bit sizes, for those that did not fit.
  Status readExtra(uint64_t offset, uint64_t length, Member &member) {
    uint64_t end = offset + length;
    while (end - offset >= 4) {
      uint16_t id = at<uint16_t>(offset);
      uint64_t field = offset + 4, fieldEnd = field + at<uint16_t>(offset + 2);
      if (fieldEnd > end)
        return fail(offset, "the directory entry's extra field is too long");
      if (id == 1)
        for (uint64_t *value : {&member.unpacked, &member.packed, &member.header})
          if (*value == in64) {
            if (fieldEnd - field < 8)
              return fail(offset, "the directory entry's 64-bit sizes are too short");
            *value = at<uint64_t>(field);
            field += 8;
          }
      offset = fieldEnd;
    }
    return Status::success();
  }

  Result<Blob> inflateMember(const Member &member, uint64_t data) {
    if (member.unpacked / largestRatio > member.packed + 1)
      return fail(member.header, "member '" + member.name + "' cannot unpack to " +
                                     std::to_string(member.unpacked) + " bytes");
    std::shared_ptr<void> memory = allocateShared(createHeapAllocator(), member.unpacked);
    if (!memory)
      return error(place + ": out of memory for member '" + member.name + "'");
    z_stream stream = {};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
      return error(place + ": out of memory for member '" + member.name + "'");
    uint64_t in = 0, out = 0;
    int code = Z_OK;
    // zlib counts in 32 bits: feed and drain in pieces.
    constexpr uint64_t most = uint64_t(1) << 30;
    while (code == Z_OK) {
      stream.next_in = const_cast<Bytef *>(bytes + data + in);
      stream.avail_in = uInt(std::min(most, member.packed - in));
      stream.next_out = static_cast<Bytef *>(memory.get()) + out;
      stream.avail_out = uInt(std::min(most, member.unpacked - out));
      uInt fed = stream.avail_in, room = stream.avail_out;
      code = inflate(&stream, Z_NO_FLUSH);
      in += fed - stream.avail_in;
      out += room - stream.avail_out;
    }
    inflateEnd(&stream);
    if (code != Z_STREAM_END || out != member.unpacked || in != member.packed)
      return fail(data + in, "member '" + member.name + "' is damaged (bad deflate data)");
    return Blob{memory, member.unpacked};
  }

  const uint8_t *bytes;
  uint64_t size;
  const std::string &place;
};

constexpr std::string_view npyEnding = ".npy";

bool endsWith(std::string_view text, std::string_view ending) {
  return text.size() >= ending.size() && text.substr(text.size() - ending.size()) == ending;
}

/// What the local header and the directory entry have in common, from the version on.
std::string commonFields(const Member &member, size_t extraLength) {
  std::string out;
  appendLittle<uint16_t>(out, extraLength ? 45 : 20); // version needed
  appendLittle<uint16_t>(out, 0x800);                 // names are UTF-8
  appendLittle<uint16_t>(out, stored);
  appendLittle<uint16_t>(out, 0);    // time: fixed, so that equal tensors make equal files
  appendLittle<uint16_t>(out, 0x21); // 1 January 1980
  appendLittle<uint32_t>(out, member.crc);
  appendLittle<uint32_t>(out, uint32_t(std::min<uint64_t>(member.packed, in64)));
  appendLittle<uint32_t>(out, uint32_t(std::min<uint64_t>(member.unpacked, in64)));
  appendLittle<uint16_t>(out, uint16_t(member.name.size()));
  appendLittle<uint16_t>(out, uint16_t(extraLength));
  return out;
}

std::string extraFields(const std::vector<uint64_t> &values) {
  std::string out;
  if (values.empty())
    return out;
  appendLittle<uint16_t>(out, 1);
  appendLittle<uint16_t>(out, uint16_t(8 * values.size()));
  for (uint64_t value : values)
    appendLittle<uint64_t>(out, value);
  return out;
}

std::string localHeader(const Member &member) {
  std::string extra;
  if (member.packed >= in64)
    extra = extraFields({member.unpacked, member.packed});
  std::string out;
  appendLittle(out, localSignature);
  return out + commonFields(member, extra.size()) + member.name + extra;
}

std::string centralEntry(const Member &member) {
  std::vector<uint64_t> wide;
  if (member.packed >= in64)
    wide = {member.unpacked, member.packed};
  if (member.header >= in64)
    wide.push_back(member.header);
  std::string extra = extraFields(wide);
  std::string out;
  appendLittle(out, centralSignature);
  appendLittle<uint16_t>(out, 45); // version made by
  out += commonFields(member, extra.size());
  appendLittle<uint16_t>(out, 0); // comment
  appendLittle<uint16_t>(out, 0); // disk
  appendLittle<uint16_t>(out, 0); // internal attributes
  appendLittle<uint32_t>(out, 0); // external attributes
  appendLittle<uint32_t>(out, uint32_t(std::min<uint64_t>(member.header, in64)));
  return out + member.name + extra;
}

std::string endRecords(uint64_t directory, uint64_t length, uint64_t count) {
  std::string out;
  if (directory + length >= in64 || count >= 0xffff) {
    appendLittle(out, end64Signature);
    appendLittle<uint64_t>(out, end64Size - 12);
    appendLittle<uint16_t>(out, 45);
    appendLittle<uint16_t>(out, 45);
    appendLittle<uint32_t>(out, 0);
    appendLittle<uint32_t>(out, 0);
    for (uint64_t value : {count, count, length, directory})
      appendLittle<uint64_t>(out, value);
    appendLittle(out, locator64Signature);
    appendLittle<uint32_t>(out, 0);
    appendLittle<uint64_t>(out, directory + length);
    appendLittle<uint32_t>(out, 1);
  }
  uint16_t shortCount = uint16_t(std::min<uint64_t>(count, 0xffff));
  appendLittle(out, endSignature);
  appendLittle<uint32_t>(out, 0); // disks
  appendLittle<uint16_t>(out, shortCount);
  appendLittle<uint16_t>(out, shortCount);
  appendLittle<uint32_t>(out, uint32_t(std::min<uint64_t>(length, in64)));
  appendLittle<uint32_t>(out, uint32_t(std::min<uint64_t>(directory, in64)));
  appendLittle<uint16_t>(out, 0); // comment
  return out;
}

} // namespace

Result<std::vector<NamedTensor>> parseNpz(const void *data, size_t size, const std::string &place,
                                          const WantedDType &wanted) {
  ZipReader reader(data, size, place);
  Result<std::vector<Member>> members = reader.members();
  if (!members)
    return members.status();
  std::vector<NamedTensor> tensors;
  for (const Member &member : *members) {
    if (!endsWith(member.name, npyEnding))
      return error(place + ": member '" + member.name + "' is not an .npy file");
    std::string name = member.name.substr(0, member.name.size() - npyEnding.size());
    Result<Blob> bytes = reader.read(member);
    if (!bytes)
      return bytes.status();
    std::string inside = place + ": member '" + member.name + "'";
    auto header =
        parseNpyHeader(static_cast<const uint8_t *>(bytes->data.get()), bytes->size, inside);
    if (header && isNpyOfStrings(*header)) {
      Result<StringTensor> strings = parseNpyStrings(bytes->data.get(), bytes->size, inside);
      if (!strings)
        return strings.status();
      tensors.push_back({std::move(name), Tensor(), std::move(*strings)});
      continue;
    }
    Result<Tensor> tensor =
        parseNpy(bytes->data.get(), bytes->size, inside, wanted ? wanted(name) : std::nullopt);
    if (!tensor)
      return tensor.status();
    tensors.push_back({std::move(name), std::move(*tensor)});
  }
  return tensors;
}

Result<std::vector<NamedTensor>> readNpz(const std::string &path, const WantedDType &wanted) {
  Result<Blob> file = readFile(path);
  if (!file)
    return file.status();
  return parseNpz(file->data.get(), file->size, path, wanted);
}

Status writeNpz(const std::string &path, const std::vector<NamedTensor> &tensors) {
  std::vector<NpyPieces> contents;
  std::vector<std::string> headers;
  std::string directory;
  uint64_t offset = 0;
  for (const NamedTensor &named : tensors) {
    Result<NpyPieces> pieces = named.strings ? npyPieces(*named.strings) : npyPieces(named.tensor);
    if (!pieces)
      return pieces.status().in(path + ": '" + named.name + "'");
    Member member;
    member.name = named.name + std::string(npyEnding);
    if (member.name.size() > 0xffff)
      return error(path + ": a name of " + std::to_string(named.name.size()) +
                   " bytes does not fit an .npz file");
    member.unpacked = member.packed = pieces->header.size() + pieces->tensor.byteSize();
    uLong crc =
        crc32_z(0, reinterpret_cast<const Bytef *>(pieces->header.data()), pieces->header.size());
    if (pieces->tensor.byteSize())
      crc = crc32_z(crc, pieces->tensor.as<Bytef>(), pieces->tensor.byteSize());
    member.crc = uint32_t(crc);
    member.header = offset;
    headers.push_back(localHeader(member));
    directory += centralEntry(member);
    offset += headers.back().size() + member.packed;
    contents.push_back(std::move(*pieces));
  }
  std::string end = endRecords(offset, directory.size(), tensors.size());
  std::vector<Piece> pieces;
  for (size_t i = 0; i < contents.size(); ++i) {
    pieces.push_back({headers[i].data(), headers[i].size()});
    pieces.push_back({contents[i].header.data(), contents[i].header.size()});
    pieces.push_back({contents[i].tensor.data(), contents[i].tensor.byteSize()});
  }
  pieces.push_back({directory.data(), directory.size()});
  pieces.push_back({end.data(), end.size()});
  return writeFile(path, pieces);
}

} // namespace tg::rt
