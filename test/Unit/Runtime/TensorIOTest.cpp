//===- TensorIOTest.cpp - Tensor files --------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tg/Runtime/IO/TensorIO.h"

#include "TestUtils.h"

#include "gtest/gtest.h"

#include <cstring>
#include <fstream>
#include <random>

using namespace tg;
using namespace tg::rt;
using namespace tg::rt::test;
using namespace std::string_literals;

namespace {

std::string npy(const std::string &dictionary, const std::string &data, char major = 1) {
  std::string header = dictionary + "\n";
  std::string out = "\x93NUMPY"s + major + '\0';
  out += char(header.size() & 255);
  out += char(header.size() >> 8);
  if (major > 1)
    out += "\0\0"s;
  return out + header + data;
}

std::string slurp(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

TEST(RuntimeNpy, EveryTypeRoundTrips) {
  TemporaryFolder folder;
  for (unsigned i = 0; i < numDTypes; ++i)
    for (std::vector<int64_t> shape :
         {std::vector<int64_t>{}, {5}, {2, 3}, {3, 0, 2}, {1, 1, 7, 1, 2}}) {
      DType dtype = DType(i);
      Tensor tensor = *Tensor::zeros(dtype, shape);
      for (int64_t j = 0; j < tensor.numElements(); ++j)
        storeBits(dtype, tensor.data(), j, dtype == DType::I1 ? uint64_t(j % 2) : uint64_t(j + 1));
      ASSERT_TRUE(writeNpy(folder / "t.npy", tensor).ok());
      auto again = readNpy(folder / "t.npy", dtype);
      ASSERT_TRUE(again.ok()) << again.message();
      EXPECT_EQ(again->typeName(), tensor.typeName());
      ASSERT_EQ(again->byteSize(), tensor.byteSize());
      if (tensor.byteSize())
        EXPECT_EQ(std::memcmp(again->data(), tensor.data(), tensor.byteSize()), 0);
    }
}

TEST(RuntimeNpy, ReadsOrdersAndVersions) {
  std::string f16 = npy("{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3), }",
                        "\0\1\0\4\0\2\0\5\0\3\0\6"s, 2);
  auto tensor = parseNpy(f16.data(), f16.size(), "a.npy");
  ASSERT_TRUE(tensor.ok()) << tensor.message();
  EXPECT_EQ(valuesOf<int16_t>(*tensor), (std::vector<int16_t>{1, 2, 3, 4, 5, 6}));
  std::string bf16 =
      npy("{\"descr\": '<V2', 'shape': (1L,), 'fortran_order': False}", "\x80\x3f", 3);
  tensor = parseNpy(bf16.data(), bf16.size(), "a.npy");
  ASSERT_TRUE(tensor.ok()) << tensor.message();
  EXPECT_EQ(tensor->dtype(), DType::BF16);
  EXPECT_EQ(tensor->getDouble(0), 1.0);
}

TEST(RuntimeNpy, NamesWhatIsWrong) {
  auto message = [](const std::string &file) {
    auto tensor = parseNpy(file.data(), file.size(), "a.npy");
    EXPECT_FALSE(tensor.ok());
    return tensor.message();
  };
  EXPECT_EQ(message("hello"), "a.npy: byte 0: not an .npy file (no \\x93NUMPY)");
  EXPECT_EQ(message(npy("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", "")),
            "a.npy: dtype '<c8' is not supported");
  EXPECT_EQ(message(npy("{'descr': '|V1', 'fortran_order': False, 'shape': (1,), }", "x")),
            "a.npy: dtype '|V1' is not supported: raw bytes, whose type must be given");
  EXPECT_EQ(message(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "1234")),
            "a.npy: byte 72: the file ends in the data: tensor<2xf32> takes 4 bytes per element, 4 "
            "bytes are there");
  EXPECT_EQ(message(npy("{'descr': '<f4', 'shape': (2,), }", "")),
            "a.npy: byte 43: the header lacks descr, fortran_order or shape");
  EXPECT_EQ(message(npy("{'descr': [('a', '<f4')], 'shape': (2,), }", "")),
            "a.npy: byte 20: structured arrays are not supported");
  std::string huge = "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, ";
  EXPECT_NE(message(npy(huge + "4), }", "")).find("does not fit 64 bits"), std::string::npos);
  EXPECT_NE(message(npy(huge + "1), }", "")).find("the file ends in the data"), std::string::npos);
  EXPECT_NE(message(npy(huge + "0, 9999999999999999999), }", "")).find("does not fit"),
            std::string::npos);
}

TEST(RuntimeNpz, RoundTripsAndFindsDamage) {
  TemporaryFolder folder;
  std::vector<NamedTensor> tensors = {{"x", floats({2, 2}, {1, 2, 3, 4})},
                                      {"layer/w", *Tensor::zeros(DType::I4, {3})},
                                      {"empty", *Tensor::zeros(DType::F64, {0})}};
  ASSERT_TRUE(writeNpz(folder / "t.npz", tensors).ok());
  auto wanted = [](std::string_view name) {
    return name == "layer/w" ? std::optional<DType>(DType::I4) : std::nullopt;
  };
  auto again = readNpz(folder / "t.npz", wanted);
  ASSERT_TRUE(again.ok()) << again.message();
  ASSERT_EQ(again->size(), 3u);
  EXPECT_EQ((*again)[1].name, "layer/w");
  EXPECT_EQ((*again)[1].tensor.typeName(), "tensor<3xi4>");
  EXPECT_EQ(valuesOf<float>((*again)[0].tensor), (std::vector<float>{1, 2, 3, 4}));

  std::string bytes = slurp(folder / "t.npz");
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(parseNpz(bytes.data(), size, "t.npz", wanted).ok()) << size;
  // Unused fields may change without harm; nothing may crash.
  for (size_t i = 0; i < bytes.size(); ++i)
    for (char flip : {'\x01', '\xff'}) {
      std::string damaged = bytes;
      damaged[i] = char(damaged[i] ^ flip);
      auto result = parseNpz(damaged.data(), damaged.size(), "t.npz", wanted);
      if (result.ok() && result->size() == 3)
        EXPECT_EQ(valuesOf<float>((*result)[0].tensor), (std::vector<float>{1, 2, 3, 4})) << i;
    }
  EXPECT_NE(readTensorFile(folder / "t.npz").message().find("'|V1'"), std::string::npos);
  EXPECT_EQ(parseNpz("hello", 5, "t.npz").message(),
            "t.npz: byte 5: not a zip archive (no end record)");
}

TEST(RuntimeNpz, RefusesImpossibleSizes) {
  TemporaryFolder folder;
  ASSERT_TRUE(writeNpz(folder / "t.npz", {{"x", *Tensor::zeros(DType::UI8, {64})}}).ok());
  std::string bytes = slurp(folder / "t.npz");
  // Claim deflate and 2 GiB in the directory.
  size_t entry = bytes.find("PK\1\2");
  ASSERT_NE(entry, std::string::npos);
  bytes[entry + 10] = 8;
  bytes[entry + 27] = '\x7f';
  EXPECT_NE(parseNpz(bytes.data(), bytes.size(), "t.npz").message().find("cannot unpack to"),
            std::string::npos);
}

/// What numpy.savez_compressed writes for a = arange(1000, dtype=int32) // 100.
constexpr char compressed[] = "\x50\x4b\x03\x04\x2d\x00\x00\x00\x08\x00\x00\x00\x21\x00\xd5\x43\x2f"
                              "\xb9\xff\xff\xff\xff\xff\xff"
                              "\xff\xff\x05\x00\x14\x00\x61\x2e\x6e\x70\x79\x01\x00\x10\x00\x20\x10"
                              "\x00\x00\x00\x00\x00\x00\x78"
                              "\x00\x00\x00\x00\x00\x00\x00\x9b\xec\x17\xea\x1b\x10\xc9\xc8\x50\xc6"
                              "\x50\xad\x9e\x92\x5a\x9c\x5c"
                              "\xa4\x6e\xa5\xa0\x6e\x93\x69\xa2\xae\xa3\xa0\x9e\x96\x5f\x54\x52\x94"
                              "\x98\x17\x9f\x5f\x94\x92\x0a"
                              "\x12\x77\x4b\xcc\x29\x4e\x05\x8a\x17\x67\x24\x16\xa4\x02\xf9\x1a\x86"
                              "\x06\x06\x06\x3a\x9a\x3a\x0a"
                              "\xb5\x0a\xe4\x02\x2e\x86\x51\x30\xa8\x00\xe3\x28\x1e\x54\x98\x69\x14"
                              "\x0f\x2a\xcc\x3c\x8a\x07\x15"
                              "\x66\x19\xc5\x83\x0a\xb3\x8e\xe2\x41\x85\xd9\x46\xf1\xa0\xc2\xec\xa3"
                              "\x78\x50\x61\x8e\x51\x3c\xa8"
                              "\x30\xe7\x28\x1e\x54\x18\x00\x50\x4b\x01\x02\x2d\x03\x2d\x00\x00\x00"
                              "\x08\x00\x00\x00\x21\x00\xd5"
                              "\x43\x2f\xb9\x78\x00\x00\x00\x20\x10\x00\x00\x05\x00\x00\x00\x00\x00"
                              "\x00\x00\x00\x00\x00\x00\x80"
                              "\x01\x00\x00\x00\x00\x61\x2e\x6e\x70\x79\x50\x4b\x05\x06\x00\x00\x00"
                              "\x00\x01\x00\x01\x00\x33\x00"
                              "\x00\x00\xaf\x00\x00\x00\x00\x00";

TEST(RuntimeNpz, ReadsDeflatedMembers) {
  auto tensors = parseNpz(compressed, sizeof(compressed) - 1, "t.npz");
  ASSERT_TRUE(tensors.ok()) << tensors.message();
  ASSERT_EQ(tensors->size(), 1u);
  EXPECT_EQ((*tensors)[0].name, "a");
  EXPECT_EQ((*tensors)[0].tensor.typeName(), "tensor<1000xi32>");
  for (int i = 0; i < 1000; ++i)
    EXPECT_EQ((*tensors)[0].tensor.getInt(i), i / 100);
  for (size_t i = 0; i + 1 < sizeof(compressed); ++i) {
    std::string damaged(compressed, sizeof(compressed) - 1);
    damaged[i] = char(damaged[i] ^ 16);
    auto result = parseNpz(damaged.data(), damaged.size(), "t.npz");
    if (result.ok() && result->size() == 1)
      EXPECT_EQ((*result)[0].tensor.getInt(999), 9);
  }
}

void varint(std::string &out, uint64_t value) {
  for (; value > 127; value >>= 7)
    out += char(value | 128);
  out += char(value);
}
void field(std::string &out, unsigned number, const std::string &bytes) {
  varint(out, number << 3 | 2);
  varint(out, bytes.size());
  out += bytes;
}
void field(std::string &out, unsigned number, uint64_t value) {
  varint(out, number << 3);
  varint(out, value);
}

std::string proto(std::vector<uint64_t> dims, uint64_t type, unsigned number,
                  const std::string &data) {
  std::string out;
  for (uint64_t dim : dims)
    field(out, 1, dim);
  field(out, 2, type);
  field(out, number, data);
  field(out, 8, "w"s);
  return out;
}

TEST(RuntimeTensorProto, ReadsEveryField) {
  auto read = [](const std::string &bytes) {
    auto named = parseTensorProto(bytes.data(), bytes.size(), "w.pb");
    EXPECT_TRUE(named.ok()) << named.message();
    return named ? named->tensor : Tensor();
  };
  Tensor raw = read(proto({2}, 1, 9, "\0\0\x80\x3f\0\0\0\x40"s));
  EXPECT_EQ(valuesOf<float>(raw), (std::vector<float>{1, 2}));
  EXPECT_EQ(valuesOf<float>(read(proto({2}, 1, 4, "\0\0\x80\x3f\0\0\0\x40"s))),
            (std::vector<float>{1, 2}));
  std::string ints;
  varint(ints, uint64_t(-3));
  varint(ints, 300);
  EXPECT_EQ(valuesOf<int64_t>(read(proto({2}, 7, 7, ints))), (std::vector<int64_t>{-3, 300}));
  EXPECT_EQ(valuesOf<int32_t>(read(proto({2}, 6, 5, ints))), (std::vector<int32_t>{-3, 300}));
  EXPECT_EQ(valuesOf<int16_t>(read(proto({1, 2}, 5, 5, ints))), (std::vector<int16_t>{-3, 300}));
  std::string half;
  varint(half, 0x3c00);
  EXPECT_EQ(read(proto({}, 10, 5, half)).getDouble(0), 1.0);
  std::string nibbles;
  varint(nibbles, 0x21);
  varint(nibbles, 0x0f);
  Tensor packed = read(proto({3}, 22, 5, nibbles));
  EXPECT_EQ(packed.getInt(0), 1);
  EXPECT_EQ(packed.getInt(1), 2);
  EXPECT_EQ(packed.getInt(2), -1);
  EXPECT_EQ(read(proto({0}, 11, 10, "")).typeName(), "tensor<0xf64>");
}

TEST(RuntimeTensorProto, NamesWhatIsWrong) {
  auto message = [](const std::string &bytes) {
    return parseTensorProto(bytes.data(), bytes.size(), "w.pb").message();
  };
  EXPECT_EQ(message(proto({2}, 1, 9, "1234")),
            "w.pb: byte 6: tensor<2xf32> takes 8 bytes, raw_data has 4");
  EXPECT_EQ(message(proto({2}, 8, 9, "")), "w.pb: byte 9: a tensor of 2 strings, the file has 0");
  EXPECT_EQ(message(proto({2}, 15, 9, "")), "w.pb: data_type 15 is not supported");
  EXPECT_EQ(message(proto({2}, 1, 5, "12")), "w.pb: byte 6: field 5 does not hold f32 values");
  EXPECT_EQ(message(proto({uint64_t(-1)}, 1, 9, "")), "w.pb: byte 0: extent -1 is negative");
  EXPECT_NE(message(proto({uint64_t(1) << 40}, 1, 9, "")).find("the file has"), std::string::npos);
  EXPECT_NE(message("\x4a\xff").find("bad length"), std::string::npos);
  EXPECT_EQ(message("\x4a\x7f"),
            "w.pb: byte 2: a field of 127 bytes, but the file has only 0 more");
}

/// Random damage to all formats: an answer or a message, never a crash (run under sanitizers too).
TEST(RuntimeTensorIO, SurvivesRandomDamage) {
  TemporaryFolder folder;
  ASSERT_TRUE(writeNpy(folder / "t.npy", floats({2, 3}, {1, 2, 3, 4, 5, 6})).ok());
  ASSERT_TRUE(writeNpz(folder / "t.npz", {{"x", floats({2}, {1, 2})}}).ok());
  std::string ints;
  for (int i = 0; i < 20; ++i)
    varint(ints, uint64_t(i) * 77);
  const std::string files[] = {slurp(folder / "t.npy"), slurp(folder / "t.npz"),
                               proto({4, 5}, 7, 7, ints)};
  std::mt19937 random(7);
  for (int i = 0; i < 60000; ++i) {
    std::string bytes = files[i % 3];
    for (unsigned edits = 1 + random() % 4; edits; --edits)
      bytes[random() % bytes.size()] = char(random());
    bytes.resize(bytes.size() - (random() % 4 ? 0 : random() % bytes.size()));
    if (i % 3 == 0)
      (void)parseNpy(bytes.data(), bytes.size(), "t");
    else if (i % 3 == 1)
      (void)parseNpz(bytes.data(), bytes.size(), "t");
    else
      (void)parseTensorProto(bytes.data(), bytes.size(), "t");
  }
}

TEST(RuntimeTensorIO, ReportsUnwritablePlaces) {
  Tensor tensor = floats({1}, {1});
  EXPECT_EQ(writeNpy("/dev/full", tensor).message(),
            "/dev/full: cannot write: No space left on device");
  EXPECT_EQ(writeNpy("/", tensor).message(), "/: is a directory, not a file");
  EXPECT_EQ(readTensorFile("x.csv").message(),
            "x.csv: unknown kind of tensor file (expected .npy, .npz or .pb)");
  TemporaryFolder folder;
  EXPECT_EQ(writeNpy(folder / "a/b.npy", tensor).message(),
            (folder / "a/b.npy") + ": cannot create: No such file or directory");
}

} // namespace
