//===- MergeObjectsTest.cpp - Several objects as one ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Target/Cpu/MergeObjects.h"
#include "tg/Target/Cpu/Processor.h"

#include "tg/InitAll.h"
#include "tg/Runtime/Device.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Object/ELFObjectFile.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace llvm;
using namespace tg;
using namespace tg::cpu;

namespace {

class MergeObjects : public testing::Test {
protected:
  MergeObjects() : context(makeRegistry()) { context.loadAllAvailableDialects(); }

  static mlir::DialectRegistry makeRegistry() {
    mlir::DialectRegistry registry;
    tg::registerAllDialects(registry);
    return registry;
  }

  /// An object from a module in the LLVM dialect.
  std::string objectOf(StringRef source) {
    auto module = mlir::parseSourceString<mlir::ModuleOp>(source, &context);
    EXPECT_TRUE(module);
    return cantFail(emitObject(*module, cantFail(cpu::Processor::get()), 0));
  }

  mlir::MLIRContext context;
};

/// "name" or "name?" where undefined or "name-" where local, in the order of the table.
std::string symbolsOf(StringRef object) {
  auto file = cantFail(object::ObjectFile::createObjectFile(MemoryBufferRef(object, "o")));
  std::string result;
  for (const object::SymbolRef &symbol : file->symbols()) {
    StringRef name = cantFail(symbol.getName());
    uint32_t flags = cantFail(symbol.getFlags());
    if (name.empty() || (flags & object::SymbolRef::SF_FormatSpecific))
      continue;
    result += name.str() +
              (flags & object::SymbolRef::SF_Undefined ? "?"
               : flags & object::SymbolRef::SF_Global  ? ""
                                                       : "-") +
              " ";
  }
  return result;
}

const char calls[] = R"(
  llvm.func @seven() -> i32
  llvm.func @sin(f64) -> f64
  llvm.mlir.global private constant @table(dense<[1.5, 2.5]> : tensor<2xf64>) : !llvm.array<2 x f64>
  llvm.func @eight() -> i32 {
    %0 = llvm.call @seven() : () -> i32
    %1 = llvm.mlir.constant(1 : i32) : i32
    %2 = llvm.add %0, %1 : i32
    llvm.return %2 : i32
  }
  llvm.func @sine() -> f64 {
    %0 = llvm.mlir.addressof @table : !llvm.ptr
    %1 = llvm.getelementptr %0[1] : (!llvm.ptr) -> !llvm.ptr, f64
    %2 = llvm.load %1 : !llvm.ptr -> f64
    %3 = llvm.call @sin(%2) : (f64) -> f64
    llvm.return %3 : f64
  })";
const char defines[] = R"(
  llvm.mlir.global private constant @table(dense<[3, 4, 7]> : tensor<3xi32>) : !llvm.array<3 x i32>
  llvm.func @seven() -> i32 {
    %0 = llvm.mlir.addressof @table : !llvm.ptr
    %1 = llvm.getelementptr %0[2] : (!llvm.ptr) -> !llvm.ptr, i32
    %2 = llvm.load volatile %1 : !llvm.ptr -> i32
    llvm.return %2 : i32
  })";

TEST_F(MergeObjects, ResolvesAndLocalizes) {
  std::string first = objectOf(calls), second = objectOf(defines);
  auto merged = mergeObjects({first, second}, [](StringRef name) { return name != "seven"; });
  ASSERT_TRUE(!!merged) << toString(merged.takeError());
  EXPECT_EQ(symbolsOf(*merged), "seven- eight sine sin? ");
  auto reversed = mergeObjects({second, first}, [](StringRef) { return true; });
  ASSERT_TRUE(!!reversed) << toString(reversed.takeError());

  // LLVM's linker and the runtime's loader agree on what it means.
  auto check = [](const rt::LoadedCode &code) {
    EXPECT_EQ(reinterpret_cast<int (*)()>(code.lookup("eight"))(), 8);
    EXPECT_EQ(reinterpret_cast<double (*)()>(code.lookup("sine"))(), std::sin(2.5));
  };
  for (const std::string &object : {*merged, *reversed}) {
    auto linked = loadObjects({object});
    ASSERT_TRUE(!!linked) << toString(linked.takeError());
    check(**linked);
    rt::CodeModule module;
    module.format = "elf-object";
    module.bytes = rt::Blob::copyOf(object.data(), object.size());
    auto loaded = rt::createCpuDevice()->load(module);
    ASSERT_TRUE(loaded.ok()) << loaded.message();
    check(**loaded);
  }
}

TEST_F(MergeObjects, HoldsData) {
  std::string object = objectOf(R"(
    llvm.mlir.global external constant @bytes() : !llvm.array<5 x i8>
    llvm.func @address() -> !llvm.ptr {
      %0 = llvm.mlir.addressof @bytes : !llvm.ptr
      llvm.return %0 : !llvm.ptr
    })");
  auto merged = mergeObjects({object}, [](StringRef name) { return name == "address"; },
                             {{"bytes", "hello", 256}});
  ASSERT_TRUE(!!merged) << toString(merged.takeError());
  EXPECT_EQ(symbolsOf(*merged), "bytes- address ");
  auto linked = loadObjects({*merged});
  ASSERT_TRUE(!!linked) << toString(linked.takeError());
  auto *bytes = reinterpret_cast<const char *(*)()>((*linked)->lookup("address"))();
  EXPECT_EQ(StringRef(bytes, 5), "hello");
  EXPECT_EQ(reinterpret_cast<uintptr_t>(bytes) % 256, 0u);
}

TEST_F(MergeObjects, SaysWhatIsWrong) {
  std::string object = objectOf(defines);
  auto twice = mergeObjects({object, object}, [](StringRef) { return true; });
  ASSERT_FALSE(!!twice);
  EXPECT_EQ(toString(twice.takeError()), "symbol 'seven' is defined twice");
  auto text = mergeObjects({"not an object"}, [](StringRef) { return true; });
  ASSERT_FALSE(!!text);
  consumeError(text.takeError());
  for (size_t size = 0; size < object.size(); size += 11) {
    auto part = mergeObjects({StringRef(object).take_front(size)}, [](StringRef) { return true; });
    EXPECT_FALSE(!!part) << size;
    if (!part)
      consumeError(part.takeError());
  }
}

} // namespace
