//===- StringsTest.cpp - Tensors of strings and their files -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tg/Runtime/Strings.h"

#include "TestUtils.h"
#include "tg/Runtime/IO/TensorIO.h"

#include "gtest/gtest.h"

#include <fstream>

using namespace tg;
using namespace tg::rt;
using namespace tg::rt::test;
using namespace std::string_literals;

namespace {

using Texts = std::vector<std::string>;

std::shared_ptr<const StringTable> tableOf(Texts strings) {
  return std::make_shared<StringTable>(std::move(strings));
}

TEST(RuntimeStrings, EqualStringsHaveEqualIds) {
  StringIds ids(tableOf({"", "cat", "dog"}));
  auto first = ids.encode({{2, 3}, {"dog", "bird", "", "cat", "bird", "a\0b"s}});
  ASSERT_TRUE(first.ok()) << first.message();
  EXPECT_EQ(first->typeName(), "tensor<2x3xi64>");
  EXPECT_EQ(valuesOf<int64_t>(*first), (std::vector<int64_t>{2, 3, 0, 1, 3, 4}));
  // The next input of the same run.
  auto second = ids.encode({{2}, {"a\0b"s, "a"}});
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(valuesOf<int64_t>(*second), (std::vector<int64_t>{4, 5}));
  EXPECT_EQ(ids.size(), 6);
  auto back = ids.decode(*first);
  ASSERT_TRUE(back.ok()) << back.message();
  EXPECT_EQ(back->shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(back->elements, (Texts{"dog", "bird", "", "cat", "bird", "a\0b"s}));
}

TEST(RuntimeStrings, IdsStayWhereManyAreAdded) {
  StringIds ids(nullptr);
  for (int i = 0; i < 1000; ++i)
    EXPECT_EQ(ids.idOf("short" + std::to_string(i)), i);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(ids.idOf("short" + std::to_string(i)), i);
    EXPECT_EQ(*ids.find(i), "short" + std::to_string(i));
  }
}

TEST(RuntimeStrings, NamesWhatIsWrong) {
  StringIds ids(tableOf({"x"}));
  EXPECT_EQ(ids.encode({{3}, {"a"}}).message(), "a tensor of 3 strings, but 1 are given");
  EXPECT_FALSE(ids.encode({{-1}, {}}).ok());
  Tensor numbers = *Tensor::zeros(DType::I64, {2});
  numbers.as<int64_t>()[1] = 7;
  EXPECT_EQ(ids.decode(numbers).message(), "element 1 is 7, which is no string's id (there are 1)");
  numbers.as<int64_t>()[1] = -1;
  EXPECT_FALSE(ids.decode(numbers).ok());
  EXPECT_EQ(ids.decode(floats({1}, {0})).message(),
            "ids of strings are of type i64, got tensor<1xf32>");
  EXPECT_FALSE(StringTable({"a", "b", "a"}).isUnique());
}

TEST(RuntimeStrings, NpyRoundTrips) {
  TemporaryFolder folder;
  // One to four bytes of UTF-8, what is none, and nothing.
  StringTensor strings{
      {2, 3},
      {"", "plain", "\xc3\xa4\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xff\xc3", "\xed\xa0\x80"}};
  ASSERT_TRUE(writeNpyStrings(folder / "s.npy", strings).ok());
  auto again = readStringFile(folder / "s.npy");
  ASSERT_TRUE(again.ok()) << again.message();
  EXPECT_EQ(again->shape, strings.shape);
  EXPECT_EQ(again->elements, strings.elements);
  EXPECT_EQ(readTensorFile(folder / "s.npy").message(),
            (folder / "s.npy") + ": holds strings (dtype '<U5'), expected numbers");

  ASSERT_TRUE(writeNpz(folder / "s.npz", {{"s", Tensor(), strings}}).ok());
  again = readStringFile(folder / "s.npz");
  ASSERT_TRUE(again.ok()) << again.message();
  EXPECT_EQ(again->elements, strings.elements);
  EXPECT_EQ(readTensorFile(folder / "s.npz").message(),
            (folder / "s.npz") + ": holds strings, expected numbers");

  StringTensor none{{0, 2}, {}};
  ASSERT_TRUE(writeNpyStrings(folder / "s.npy", none).ok());
  again = readStringFile(folder / "s.npy");
  ASSERT_TRUE(again.ok()) << again.message();
  EXPECT_EQ(again->shape, none.shape);
}

std::string npy(const std::string &dictionary, const std::string &data) {
  std::string header = dictionary + "\n";
  return "\x93NUMPY\x01\0"s + char(header.size()) + '\0' + header + data;
}

TEST(RuntimeStrings, NpyOfOtherOrders) {
  auto read = [](const std::string &file) {
    return parseNpyStrings(file.data(), file.size(), "a.npy");
  };
  auto bytes =
      read(npy("{'descr': '|S2', 'fortran_order': True, 'shape': (2, 2), }", "abc\0d\0ef"s));
  ASSERT_TRUE(bytes.ok()) << bytes.message();
  EXPECT_EQ(bytes->elements, (Texts{"ab", "d", "c", "ef"}));
  auto swapped = read(
      npy("{'descr': '>U2', 'fortran_order': False, 'shape': (1,), }", "\0\0\0x\0\0\x20\xac"s));
  ASSERT_TRUE(swapped.ok()) << swapped.message();
  EXPECT_EQ(swapped->elements, (Texts{"x\xe2\x82\xac"}));

  EXPECT_EQ(
      read(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "1234")).message(),
      "a.npy: expected strings (dtype '<U...' or '|S...'), got dtype '<f4'");
  EXPECT_NE(read(npy("{'descr': '<U2', 'fortran_order': False, 'shape': (1,), }", "1234"))
                .message()
                .find("the file ends in the data"),
            std::string::npos);
  EXPECT_NE(read(npy("{'descr': '<U1', 'fortran_order': False, 'shape': (1,), }", "\0\0\x11\0"s))
                .message()
                .find("1114112 is no code point"),
            std::string::npos);
  EXPECT_NE(read(npy("{'descr': '<U0', 'fortran_order': False, 'shape': (99999999999,), }", ""))
                .message()
                .find("too many"),
            std::string::npos);
}

TEST(RuntimeStrings, TensorProtos) {
  TemporaryFolder folder;
  // dims: 2, data_type: STRING, string_data: "ab", "", name: "s".
  std::string proto = "\x08\x02\x10\x08\x32\x02"s + "ab" + "\x32\x00\x42\x01s"s;
  auto named = parseTensorProto(proto.data(), proto.size(), "s.pb");
  ASSERT_TRUE(named.ok()) << named.message();
  ASSERT_TRUE(named->strings.has_value());
  EXPECT_EQ(named->strings->elements, (Texts{"ab", ""}));
  EXPECT_EQ(named->strings->shape, (std::vector<int64_t>{2}));
  std::ofstream(folder / "s.pb", std::ios::binary) << proto;
  EXPECT_EQ(readTensorFile(folder / "s.pb").message(),
            (folder / "s.pb") + ": holds strings, expected numbers");
  proto[1] = 3;
  EXPECT_NE(parseTensorProto(proto.data(), proto.size(), "s.pb")
                .message()
                .find("a tensor of 3 strings, the file has 2"),
            std::string::npos);
  proto[3] = 7;
  EXPECT_FALSE(parseTensorProto(proto.data(), proto.size(), "s.pb").ok());
}

} // namespace
