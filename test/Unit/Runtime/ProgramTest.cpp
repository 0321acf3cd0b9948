//===- ProgramTest.cpp - Tables, their checks and files ---------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "TestUtils.h"
#include "tg/Runtime/Hash.h"

#include "gtest/gtest.h"

#include <cmath>
#include <cstring>
#include <functional>
#include <random>

using namespace tg;
using namespace tg::rt;
using namespace tg::rt::test;

namespace {

/// Every kind of entry and command; its code is bytes.
Program fullProgram() {
  Program program = addProgram();
  program.code[0] =
      CodeModule{"elf-shared", Blob::copyOf("not really code", 15), nullptr, {"avx2", "fma"}};
  SizeExpr n = SizeExpr::var(0);
  program.vars.push_back({"k", 1, 9});
  program.buffers.push_back(constantOf<int64_t>({0, 1, 2})); // 4
  program.buffers.push_back(
      bufferOf(BufferKind::Temp, SizeExpr::ceilDiv(n, 3) * 64 + 8, 0, 99)); // 5
  program.buffers.push_back(bufferOf(BufferKind::Input, 8));                // 6
  program.inputs.push_back(portOf("state", DType::I64, {}, 6));
  program.inputs.back().tiedOutput = 1;
  program.outputs.push_back(portOf("next", DType::I64, {}, 6));
  program.strings = std::make_shared<StringTable>(std::vector<std::string>{"", "a", "\xc3\xa4\0"});
  program.inputs.back().kind = program.outputs.back().kind = PortKind::Strings;
  program.buffers.push_back(bufferOf(BufferKind::Output, 16)); // 7
  program.outputs.push_back(portOf("scores", DType::F32, {2, 2}, 7));
  program.outputs.back().kind = PortKind::Maps;
  program.outputs.back().stringKeys = {"no", "yes"};
  program.buffers.push_back(bufferOf(BufferKind::Output, 4)); // 8
  program.outputs.push_back(portOf("counts", DType::F32, {1}, 8));
  program.outputs.back().kind = PortKind::Maps;
  program.outputs.back().intKeys = {-1};
  program.commands.push_back(command(Bind{1, 4}));
  program.commands.push_back(command(Fill{5, 4, 4, 255}));
  program.commands.push_back(command(Copy{4, 6, 8, SizeExpr::mod(n, 2) * 8, 0}));
  program.commands.push_back(
      command(If{5, {command(Launch{0, {0, 1, 3}})}, {command(Bind{1, 4})}}));
  program.commands.push_back(command(For{4, 4, 4, 5, {command(Fill{5, 1, 0, 0})}}));
  program.commands.push_back(command(While{{command(Fill{5, 1, 0, 0})}, 5, {}}));
  program.commands.push_back(command(Check{{n - 3, 1}, "n is small"}));
  return program;
}

TEST(RuntimeProgram, RoundTripsThroughBytes) {
  Program program = fullProgram();
  auto bytes = serializeProgram(program);
  ASSERT_TRUE(bytes.ok()) << bytes.message();
  auto again = deserializeProgram(bytes->data(), bytes->size(), "p.tgp");
  ASSERT_TRUE(again.ok()) << again.message();
  EXPECT_EQ((*again)->print(), program.print());
  auto twice = serializeProgram(**again);
  ASSERT_TRUE(twice.ok());
  EXPECT_EQ(*twice, *bytes);
}

TEST(RuntimeProgram, SavesAndMaps) {
  TemporaryFolder folder;
  Program program = fullProgram();
  ASSERT_TRUE(saveProgram(program, folder / "p.tgp").ok());
  auto again = loadProgram(folder / "p.tgp");
  ASSERT_TRUE(again.ok()) << again.message();
  EXPECT_EQ((*again)->print(), program.print());
  EXPECT_EQ(loadProgram(folder / "q.tgp").message(),
            (folder / "q.tgp") + ": cannot open: No such file or directory");
  EXPECT_EQ(saveProgram(program, folder / "no/p.tgp").message(),
            (folder / "no/p.tgp") + ": cannot create: No such file or directory");
  EXPECT_NE(serializeProgram(addProgram()).message().find("its code exists only in memory"),
            std::string::npos);
}

TEST(RuntimeProgram, EveryChangedByteIsFound) {
  auto bytes = serializeProgram(fullProgram());
  ASSERT_TRUE(bytes.ok());
  for (size_t i = 0; i < bytes->size(); ++i) {
    std::string damaged = *bytes;
    damaged[i] = char(damaged[i] ^ (i % 2 ? 0x01 : 0x80));
    EXPECT_FALSE(deserializeProgram(damaged.data(), damaged.size(), "p.tgp").ok()) << i;
  }
}

TEST(RuntimeProgram, EveryTruncationIsFound) {
  auto bytes = serializeProgram(fullProgram());
  ASSERT_TRUE(bytes.ok());
  for (size_t size = 0; size < bytes->size(); size += size < 2000 ? 1 : 17)
    EXPECT_FALSE(deserializeProgram(bytes->data(), size, "p.tgp").ok()) << size;
  std::string longer = *bytes + "x";
  EXPECT_NE(deserializeProgram(longer.data(), longer.size(), "p").message().find("left over"),
            std::string::npos);
}

TEST(RuntimeProgram, TablesWithRightChecksumsAreStillChecked) {
  auto bytes = serializeProgram(fullProgram());
  ASSERT_TRUE(bytes.ok());
  uint64_t size = 0;
  std::memcpy(&size, bytes->data() + 16, sizeof size);
  uint64_t end = (64 + size + 4095) / 4096 * 4096;
  std::mt19937_64 random(1);
  unsigned refused = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string damaged = *bytes;
    for (unsigned changes = 1 + random() % 3; changes > 0; --changes)
      damaged[64 + random() % size] = char(random() % 4 ? random() % 12 : random());
    uint64_t checksum = checksum64(damaged.data() + 64, end - 64);
    std::memcpy(&damaged[32], &checksum, sizeof checksum);
    checksum = checksum64(damaged.data(), 56);
    std::memcpy(&damaged[56], &checksum, sizeof checksum);
    auto program = deserializeProgram(damaged.data(), damaged.size(), "p.tgp");
    refused += !program.ok();
    if (program.ok()) // What is taken can be written again.
      EXPECT_TRUE(serializeProgram(**program).ok());
  }
  EXPECT_GT(refused, 10000u);
}

TEST(RuntimeProgram, RefusesOtherVersions) {
  auto bytes = serializeProgram(fullProgram());
  ASSERT_TRUE(bytes.ok());
  std::string other = *bytes;
  other[8] = 0;
  EXPECT_EQ(deserializeProgram(other.data(), other.size(), "p.tgp").message(),
            "p.tgp: byte 8: program format version 0, this runtime reads 4; compile the model "
            "again");
  other[8] = 5;
  EXPECT_EQ(deserializeProgram(other.data(), other.size(), "p.tgp").message(),
            "p.tgp: byte 8: program format version 5, this runtime reads 4; it needs a newer "
            "runtime");
  EXPECT_EQ(deserializeProgram("hello", 5, "p.tgp").message(), "p.tgp: byte 0: not a tg program");
}

TEST(RuntimeProgram, LinksCodeOfTheProcess) {
  Program program = addProgram();
  program.code[0].format = "linked";
  auto bytes = serializeProgram(program);
  ASSERT_TRUE(bytes.ok()) << bytes.message();
  Blob data = Blob::copyOf(bytes->data(), bytes->size());
  auto linked = linkProgram(data.data.get(), data.size, program.code[0].loaded, "add");
  ASSERT_TRUE(linked.ok()) << linked.message();
  // Nothing was copied.
  const char *constant = static_cast<const char *>((*linked)->buffers[1].constant.data.get());
  EXPECT_TRUE(constant > data.data.get() &&
              constant < static_cast<const char *>(data.data.get()) + data.size);
  auto context = Context::create(*linked);
  ASSERT_TRUE(context.ok()) << context.message();
  auto outputs = (*context)->run({floats({1, 4}, {1, 2, 3, 4})});
  ASSERT_TRUE(outputs.ok()) << outputs.message();
  EXPECT_EQ(valuesOf<float>((*outputs)[0]), (std::vector<float>{4, 6, 8, 10}));

  EXPECT_EQ(deserializeProgram(bytes->data(), bytes->size(), "add").message(),
            "add: program 'add': code module 0: it has no code");
  program.code[0].features = {"warp-drive"};
  bytes = serializeProgram(program);
  data = Blob::copyOf(bytes->data(), bytes->size());
  EXPECT_EQ(linkProgram(data.data.get(), data.size, program.code[0].loaded, "add").message(),
            "add: the code is for processors with warp-drive, which this one lacks; compile the "
            "model for it");
}

TEST(RuntimeProgram, VerifyNamesTheEntry) {
  struct Case {
    std::function<void(Program &)> damage;
    const char *message;
  };
  const Case cases[] = {
      {[](Program &p) { p.vars[0].max = -1; }, "var 0 'N': the bounds [0, -1] are empty"},
      {[](Program &p) { p.vars.push_back({"N", 0, 1}); }, "var 1 'N': the name is empty or taken"},
      {[](Program &p) { p.buffers[2].bytes = SizeExpr::var(7); },
       "buffer 2: bytes: size expression uses var 7 of 1"},
      {[](Program &p) { p.buffers[1].bytes = 4; },
       "buffer 1: the constant has 128 bytes, not what the buffer states"},
      {[](Program &p) { p.buffers[2].firstUse = 2; }, "buffer 2: lives from command 2 to 1"},
      {[](Program &p) { p.buffers[2].lastUse = 0; },
       "command 1: buffer 2 lives only in commands 0 to 0"},
      {[](Program &p) { p.inputs[0].buffer = 9; }, "input 'x': buffer 9 of 4"},
      {[](Program &p) { p.inputs[0].buffer = 2; }, "input 'x': its buffer is not an input buffer"},
      {[](Program &p) { p.inputs[0].tiedOutput = 0; },
       "input 'x': it is tied to output 0, which does not name its buffer"},
      {[](Program &p) { p.outputs[0].buffer = 2; },
       "output 'y': its buffer is neither an output buffer nor a tied input's"},
      {[](Program &p) { p.inputs[0].kind = PortKind::Strings; }, "input 'x': there are no strings"},
      {[](Program &p) {
         p.strings = std::make_shared<StringTable>(std::vector<std::string>{"a"});
         p.inputs[0].kind = PortKind::Strings;
       },
       "input 'x': ids of strings must be of type i64"},
      {[](Program &p) {
         p.strings = std::make_shared<StringTable>(std::vector<std::string>{"a", "b", "a"});
       },
       "strings: one of them is there twice"},
      {[](Program &p) { p.outputs[0].kind = PortKind(3); }, "output 'y': unknown kind 3"},
      {[](Program &p) { p.outputs[0].intKeys = {1}; }, "output 'y': only maps have keys"},
      {[](Program &p) {
         p.outputs[0].kind = PortKind::Maps;
         p.outputs[0].intKeys = {1, 2};
       },
       "output 'y': it has 2 keys, not one for each element of a row"},
      {[](Program &p) {
         p.outputs[0].kind = PortKind::Maps;
         p.outputs[0].intKeys = {1, 2};
         p.outputs[0].stringKeys = {"a", "b"};
       },
       "output 'y': its keys are integers and strings"},
      {[](Program &p) {
         p.inputs[0].kind = PortKind::Maps;
         p.inputs[0].intKeys = {1, 2, 3, 4};
       },
       "input 'x': only outputs are maps"},
      {[](Program &p) { p.outputs.clear(); }, "buffer 3: no input or output names it"},
      {[](Program &p) { p.kernels[0].code = 1; }, "kernel 0 'add': code module 1 of 1"},
      {[](Program &p) { p.kernels[0].range = SizeExpr::fromCode({{SizeExpr::Op::Add, 0}}); },
       "kernel 0 'add': range: size expression lacks an operand"},
      {[](Program &p) { p.code[0].loaded = nullptr; }, "code module 0: it has no code"},
      {[](Program &p) { p.commands[0] = command(Launch{3, {}}); }, "command 0: kernel 3 of 1"},
      {[](Program &p) { p.commands[0] = command(Launch{0, {8}}); }, "command 0: buffer 8 of 4"},
      {[](Program &p) { p.commands[0] = command(Fill{1, 4, 0, 0}); },
       "command 0: buffer 1 is read-only"},
      {[](Program &p) { p.commands[0] = command(Copy{1, 0, 4, 0, 0}); },
       "command 0: buffer 0 is read-only"},
      {[](Program &p) { p.commands[0] = command(Bind{5, 1}); }, "command 0: var 5 of 1"},
      {[](Program &p) { p.commands[0] = command(Bind{0, 1}); },
       "input 'x': a dimension depends on var 'N', which the program computes"},
      {[](Program &p) {
         for (int i = 0; i < 100; ++i)
           p.commands = {command(If{1, p.commands, {}})};
       },
       "commands are nested deeper than 64"},
  };
  ASSERT_TRUE(addProgram().verify().ok()) << addProgram().verify().message();
  for (const Case &c : cases) {
    Program program = addProgram();
    c.damage(program);
    std::string message = program.verify().message();
    EXPECT_NE(message.find(c.message), std::string::npos) << message << "\nnot: " << c.message;
  }
}

TEST(RuntimeSizeExpr, MatchesArithmetic) {
  SizeExpr x = SizeExpr::var(0), y = SizeExpr::var(1);
  for (int64_t a = -7; a <= 7; ++a)
    for (int64_t b = -7; b <= 7; ++b) {
      std::vector<int64_t> vars = {a, b};
      EXPECT_EQ(*(x + y * 3 - 2).evaluate(vars), a + b * 3 - 2);
      EXPECT_EQ(*SizeExpr::max(x, y).evaluate(vars), std::max(a, b));
      EXPECT_EQ(*SizeExpr::min(x, y).evaluate(vars), std::min(a, b));
      if (b < 1) {
        for (SizeExpr expr :
             {SizeExpr::mod(x, y), SizeExpr::floorDiv(x, y), SizeExpr::ceilDiv(x, y)})
          EXPECT_FALSE(expr.evaluate(vars).ok());
        continue;
      }
      int64_t floor = *SizeExpr::floorDiv(x, y).evaluate(vars);
      EXPECT_EQ(floor, int64_t(std::floor(double(a) / double(b))));
      EXPECT_EQ(*SizeExpr::mod(x, y).evaluate(vars), a - floor * b);
      EXPECT_EQ(*SizeExpr::ceilDiv(x, y).evaluate(vars), int64_t(std::ceil(double(a) / double(b))));
    }
  EXPECT_FALSE((x * y).evaluate({INT64_MAX, 2}).ok());
  EXPECT_FALSE((x + y).evaluate({INT64_MAX, 1}).ok());
  EXPECT_EQ((SizeExpr(3) * 4 + 1).constant(), 13);
  EXPECT_EQ((x * 2 + 1).print({"N", "M"}), "(N * 2) + 1");
  auto affine = (x * 2 + y * 3 - x * 2 + 5).affine();
  ASSERT_TRUE(affine.has_value());
  EXPECT_EQ(affine->offset, 5);
  EXPECT_EQ(affine->coefficients, (std::map<uint32_t, int64_t>{{1, 3}}));
  EXPECT_FALSE(SizeExpr::floorDiv(x, 2).affine().has_value());
  EXPECT_FALSE((x * y).affine().has_value());
}

} // namespace
