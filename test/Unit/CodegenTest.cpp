//===- CodegenTest.cpp - Generated kernels against the interpreter ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodegenTestUtils.h"

using namespace mlir;
using namespace tg;
using namespace tg::test;

namespace {

/// Every kernel of test/Codegen/Inputs/kernels.mlir.
TEST(Codegen, KernelsOfEveryKind) {
  auto context = makeContext();
  auto module = parseSourceFile<ModuleOp>(TG_CODEGEN_INPUTS "/kernels.mlir", context.get());
  ASSERT_TRUE(bool(module));
  for (auto function : module->getOps<func::FuncOp>()) {
    std::string text;
    llvm::raw_string_ostream(text) << function.getFunctionType();
    bool usesVars = StringRef(text).contains("#uop.dims");
    for (int64_t value : {1, 2, 7, 16, 33, 64}) {
      expectKernelRight(*module, function.getName(), {{"N", value}}, Special::None);
      if (!usesVars)
        break;
    }
    // A combiner that is not associative on NaN may give anything there.
    if (!function.getName().starts_with("argmax"))
      expectKernelRight(*module, function.getName(), {{"N", 5}}, Special::NoHuge);
  }
}

/// One elementwise operation on each type that it takes.
class Elementwise : public ::testing::TestWithParam<const char *> {};

TEST_P(Elementwise, MatchesScalarOps) {
  auto context = makeContext();
  StringRef name = GetParam();
  auto [op, rest] = name.split(' ');
  unsigned numOperands = 0;
  rest.consumeInteger(10, numOperands);
  SmallVector<StringRef> types;
  rest.trim().split(types, ' ');
  for (StringRef type : types) {
    std::string tensor = "tensor<203x" + type.str() + ">", arguments, operands;
    std::string result = op.starts_with("cmp") ? "tensor<203xi1>" : tensor;
    for (unsigned i = 0; i < numOperands; ++i) {
      arguments += (i ? ", %" : "%") + std::to_string(i) + ": " + tensor;
      operands += (i ? ", %" : "%") + std::to_string(i);
    }
    std::string text = "func.func @k(" + arguments + ") -> " + result +
                       " attributes {tg.kernel} {\n  %r = uop." + op.str() + " " + operands +
                       " : " + tensor + "\n  return %r : " + result + "\n}";
    auto module = parseSourceString<ModuleOp>(text, context.get());
    ASSERT_TRUE(bool(module)) << text;
    SCOPED_TRACE(text);
    expectKernelRight(*module, "k", {}, Special::All);
  }
}

#define TG_INTS "i8 i16 i32 i64 ui8 ui16 ui32 ui64"
#define TG_FLOATS "f16 bf16 f32 f64 f8E4M3FN f8E5M2"
#define TG_NUMBERS TG_INTS " " TG_FLOATS
INSTANTIATE_TEST_SUITE_P(
    Codegen, Elementwise,
    ::testing::Values(
        "add 2 " TG_NUMBERS, "sub 2 " TG_NUMBERS, "mul 2 " TG_NUMBERS, "fdiv 2 " TG_FLOATS,
        "floordiv 2 " TG_NUMBERS, "floormod 2 " TG_NUMBERS, "cdiv 2 " TG_INTS, "cmod 2 " TG_NUMBERS,
        "pow 2 " TG_INTS " f16 bf16 f32 f64 f8E5M2", "max 2 i1 " TG_NUMBERS, "min 2 i1 " TG_NUMBERS,
        "shl 2 " TG_INTS, "shr 2 " TG_INTS, "and 2 i1 " TG_INTS, "or 2 i1 " TG_INTS,
        "xor 2 i1 " TG_INTS, "threefry 2 ui64", "cmplt 2 i1 " TG_NUMBERS, "cmple 2 i1 " TG_NUMBERS,
        "cmpne 2 i1 " TG_NUMBERS, "cmpeq 2 i1 " TG_NUMBERS, "fma 3 " TG_FLOATS, "sqrt 1 " TG_FLOATS,
        "reciprocal 1 " TG_FLOATS, "neg 1 " TG_NUMBERS, "not 1 i1 " TG_INTS, "trunc 1 " TG_FLOATS,
        "floor 1 " TG_FLOATS, "ceil 1 " TG_FLOATS, "round 1 " TG_FLOATS));

/// Casts from each type to each other.
TEST(Codegen, Casts) {
  auto context = makeContext();
  SmallVector<StringRef> types;
  StringRef("i1 i2 i4 ui2 ui4 f4E2M1FN f8E4M3FNUZ f8E5M2FNUZ f8E8M0FNU " TG_NUMBERS)
      .split(types, ' ');
  for (StringRef from : types) {
    // All targets in one kernel per source.
    std::string body, resultTypes, results;
    for (auto [i, to] : llvm::enumerate(types)) {
      std::string number = std::to_string(i);
      body += "  %r" + number + " = uop.cast %a : tensor<203x" + from.str() + "> -> tensor<203x" +
              to.str() + ">\n";
      resultTypes += (i ? ", tensor<203x" : "tensor<203x") + to.str() + ">";
      results += (i ? ", %r" : "%r") + number;
    }
    std::string text = "func.func @k(%a: tensor<203x" + from.str() + ">) -> (" + resultTypes +
                       ") attributes {tg.kernel} {\n" + body + "  return " + results + " : " +
                       resultTypes + "\n}";
    auto module = parseSourceString<ModuleOp>(text, context.get());
    ASSERT_TRUE(bool(module)) << text;
    SCOPED_TRACE("from " + from.str());
    // Infinities of f8E5M2 in formats without: covered by the other sources.
    expectKernelRight(*module, "k", {}, from == "f8E5M2" ? Special::None : Special::All);
  }
}

} // namespace
