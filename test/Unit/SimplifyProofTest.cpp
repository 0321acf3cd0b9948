//===- SimplifyProofTest.cpp - Every rule of tg-simplify, before and after -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs every case of test/Graph/proofs in the interpreter, as it stands and simplified, and
// compares the results bit by bit (any NaN equals any NaN). A case is one function:
//
//   // RULES: add-zero          the rules that must be applied
//   // TYPES: int float         the element types; see typesOf
//   func.func @f(%x: !T) -> !T {...}
//
// In it !t is the element type, !T a vector of 65,536 of them, !B one of i1. Vectors of 8-bit
// and floats hold every value (a second argument: every pair), wider types special and random
// values, and 16-bit floats in a second run every value. Cases of fast-math rules are run, but need
// not give equal results.
//
//===----------------------------------------------------------------------===//

#include "tg/Dialect/UOp/UOp.h"
#include "tg/Dialect/UOp/UOpScalars.h"
#include "tg/Graph/Simplify.h"
#include "tg/Interp/Interpreter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/MemoryBuffer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

using namespace mlir;
using namespace tg;

namespace {

constexpr int64_t vectorSize = 65536;

struct Proof {
  std::string file, source;
  int line;
  SmallVector<std::string> rules, types;
};

/// What a word of TYPES stands for.
SmallVector<std::string> typesOf(StringRef word) {
  if (word == "int")
    return {"i8", "ui8", "i32", "ui64"};
  if (word == "signed")
    return {"i8", "i64"};
  if (word == "unsigned")
    return {"ui8", "ui32"};
  if (word == "unsigned8")
    return {"ui8"};
  if (word == "bool")
    return {"i1"};
  if (word == "float")
    return {"f32", "f64", "f16", "bf16", "f8E4M3FN", "f8E5M2"};
  return {word.str()};
}

std::vector<Proof> readProofs(StringRef name) {
  std::vector<Proof> proofs;
  std::string path = (Twine(TG_PROOF_DIR "/") + name + ".mlir").str();
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer) {
    ADD_FAILURE() << "cannot read " << path;
    return proofs;
  }
  SmallVector<StringRef> chunks;
  StringRef text = (*buffer)->getBuffer();
  text.split(chunks, "// -----\n");
  for (StringRef chunk : chunks) {
    Proof proof{name.str(),
                chunk.str(),
                1 + int(StringRef(text.begin(), chunk.begin() - text.begin()).count('\n')),
                {},
                {}};
    for (StringRef line : llvm::split(chunk, '\n')) {
      SmallVector<StringRef> words;
      if (line.consume_front("// RULES: ")) {
        line.split(words, ' ');
        for (StringRef word : words)
          proof.rules.push_back(word.str());
      } else if (line.consume_front("// TYPES: ")) {
        line.split(words, ' ');
        for (StringRef word : words)
          proof.types.append(typesOf(word));
      }
    }
    proofs.push_back(std::move(proof));
  }
  return proofs;
}

/// Bits that rules are likely to get wrong.
std::vector<uint64_t> specialBits(DType type) {
  unsigned width = bitWidth(type);
  uint64_t ones = width == 64 ? ~uint64_t(0) : (uint64_t(1) << width) - 1;
  std::vector<uint64_t> bits;
  if (isFloat(type)) {
    double inf = std::numeric_limits<double>::infinity();
    for (double value : {0.0,
                         1.0,
                         0.5,
                         1.5,
                         2.0,
                         3.0,
                         0.1,
                         1e-3,
                         7.25,
                         100.0,
                         448.0,
                         65504.0,
                         1e30,
                         1e-30,
                         1e-45,
                         1e-40,
                         1e300,
                         5e-324,
                         1.17549435e-38,
                         0.0625,
                         2.5,
                         inf,
                         std::numeric_limits<double>::quiet_NaN()})
      for (double sign : {1.0, -1.0})
        bits.push_back(encodeFloat(type, sign * value));
    return bits;
  }
  for (uint64_t value : {0, 1, 2, 3, 5, 7, 8, 15, 16, 31, 32, 63, 64, 65, 100, 127, 128, 129})
    for (uint64_t x : {value, ~value + 1, ones - value, (ones >> 1) - value, (ones >> 1) + value})
      bits.push_back(x & ones);
  return bits;
}

/// Argument `number` of a case. Together the first two 8-bit arguments hold every pair. With
/// `everyValue` the first one holds every 16-bit value.
rt::Tensor makeInput(RankedTensorType type, unsigned number, bool everyValue,
                     std::mt19937_64 &random) {
  DType dtype = *getDType(type.getElementType());
  rt::Tensor tensor = *rt::Tensor::allocate(dtype, type.getShape().vec());
  std::vector<uint64_t> special = specialBits(dtype);
  int64_t count = int64_t(special.size());
  unsigned width = bitWidth(dtype);
  bool isExhaustive = type.getNumElements() == vectorSize && width <= 8;
  for (int64_t i = 0; i < type.getNumElements(); ++i) {
    uint64_t bits = random() >> (64 - width);
    if (isExhaustive && number < 2)
      bits = (width == 1 ? i >> number : i >> (8 * number)) & ((1u << width) - 1);
    else if (isExhaustive && width == 1)
      bits = (i >> number) & 1;
    else if (everyValue && number == 0)
      bits = i;
    else if (number == 0 && i < count * count)
      bits = special[i % count];
    else if (number == 1 && i < count * count)
      bits = special[i / count];
    storeBits(dtype, tensor.data(), i, bits);
  }
  return tensor;
}

std::string textOf(Operation *op) {
  std::string text;
  llvm::raw_string_ostream os(text);
  op->print(os);
  return text;
}

bool sameElement(const rt::Tensor &a, const rt::Tensor &b, int64_t i) {
  if (loadBits(a.dtype(), a.data(), i) == loadBits(b.dtype(), b.data(), i))
    return true;
  return isFloat(a.dtype()) && std::isnan(a.getDouble(i)) && std::isnan(b.getDouble(i));
}

class SimplifyProof : public testing::TestWithParam<const char *> {
protected:
  void SetUp() override { context.loadDialect<uop::UOpDialect, func::FuncDialect>(); }

  void prove(const Proof &proof, StringRef type);
  void compare(ModuleOp before, ModuleOp after, ArrayRef<rt::Tensor> inputs, bool mayDiffer);

  MLIRContext context{MLIRContext::Threading::DISABLED};
};

void SimplifyProof::prove(const Proof &proof, StringRef type) {
  SCOPED_TRACE(proof.file + ".mlir:" + std::to_string(proof.line) + " " + type.str() + " " +
               llvm::join(proof.rules, " "));
  std::string size = std::to_string(vectorSize);
  std::string source = ("!t = " + type + "\n!T = tensor<" + size + "x" + type + ">\n!B = tensor<" +
                        size + "xi1>\n" + proof.source)
                           .str();
  OwningOpRef<ModuleOp> before = parseSourceString<ModuleOp>(source, &context);
  ASSERT_TRUE(before);
  OwningOpRef<ModuleOp> after = before->clone();

  SimplifierOptions options;
  options.fastMath = StringRef(proof.rules.front()).starts_with("fast-");
  FailureOr<Simplifier> simplifier = Simplifier::create(UnknownLoc::get(&context), options);
  ASSERT_TRUE(succeeded(simplifier));
  llvm::StringMap<unsigned> fired;
  simplifier->run(*after, &fired);
  ASSERT_TRUE(succeeded(verify(*after)));
  for (const std::string &rule : proof.rules)
    EXPECT_TRUE(fired.contains(rule)) << rule << " was not applied:\n" << textOf(*after);

  std::mt19937_64 random(proof.line);
  auto function = *before->getOps<func::FuncOp>().begin();
  bool is16BitFloat = type == "f16" || type == "bf16";
  for (bool everyValue : {false, true}) {
    if (everyValue && !is16BitFloat)
      continue;
    std::vector<rt::Tensor> inputs;
    for (auto [number, argument] : llvm::enumerate(function.getArgumentTypes())) {
      auto tensor = cast<RankedTensorType>(argument);
      if (!tensor.hasStaticShape())
        tensor = RankedTensorType::get({9}, tensor.getElementType());
      inputs.push_back(
          makeInput(tensor, number, everyValue && tensor.getNumElements() == vectorSize, random));
    }
    compare(*before, *after, inputs, options.fastMath);
  }
}

void SimplifyProof::compare(ModuleOp before, ModuleOp after, ArrayRef<rt::Tensor> inputs,
                            bool mayDiffer) {
  rt::Result<interp::Results> expected = interp::interpret(before, "f", inputs);
  rt::Result<interp::Results> actual = interp::interpret(after, "f", inputs);
  ASSERT_TRUE(expected.ok()) << expected.message();
  ASSERT_TRUE(actual.ok()) << actual.message();
  if (mayDiffer)
    return;
  const rt::Tensor &want = expected->outputs.front(), &have = actual->outputs.front();
  for (int64_t i = 0; i < want.numElements(); ++i) {
    if (sameElement(want, have, i))
      continue;
    std::string operands;
    for (const rt::Tensor &input : inputs)
      if (input.numElements() == want.numElements())
        operands += " " + std::to_string(input.getDouble(i));
    FAIL() << "element " << i << ": " << want.getDouble(i) << " became " << have.getDouble(i)
           << ", operands" << operands << "\n"
           << textOf(after);
  }
}

TEST_P(SimplifyProof, HoldsOnAllInputs) {
  for (const Proof &proof : readProofs(GetParam())) {
    ASSERT_FALSE(proof.rules.empty() || proof.types.empty())
        << proof.file << ".mlir:" << proof.line << " lacks RULES or TYPES";
    for (const std::string &type : proof.types)
      prove(proof, type);
  }
}

constexpr const char *proofFiles[] = {"arith",   "constants", "division", "logic",
                                      "compare", "casts",     "floats",   "exact",
                                      "select",  "movement",  "reduction"};

INSTANTIATE_TEST_SUITE_P(Rules, SimplifyProof, testing::ValuesIn(proofFiles),
                         [](const auto &info) { return info.param; });

TEST(SimplifyRules, EachIsProvenAndDocumented) {
  MLIRContext context;
  context.loadDialect<uop::UOpDialect>();
  llvm::StringSet<> proven;
  for (const char *file : proofFiles)
    for (const Proof &proof : readProofs(file))
      for (const std::string &rule : proof.rules)
        proven.insert(rule);
  FailureOr<Simplifier> simplifier = Simplifier::create(UnknownLoc::get(&context));
  ASSERT_TRUE(succeeded(simplifier));
  auto page = llvm::MemoryBuffer::getFile(TG_PROOF_DIR "/../../../docs/passes/simplify.md");
  ASSERT_TRUE(page);
  for (const SimplifyRule &rule : simplifier->getRules()) {
    EXPECT_TRUE(proven.contains(rule.name)) << rule.name << " has no proof";
    StringRef text = (*page)->getBuffer();
    EXPECT_TRUE(text.contains("| " + rule.name + " |") || text.contains(rule.name + ",") ||
                text.contains(", " + rule.name + " |"))
        << rule.name << " is not in docs/passes/simplify.md";
  }
}

} // namespace
