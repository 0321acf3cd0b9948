//===- tg-ir-fuzzer.cpp - Any text through the parser and tg's passes ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// No input may crash: it parses, verifies and goes through the graph and engine stages, or it gives
// a diagnostic. The seeds are the lit tests of the dialect.
//
//===----------------------------------------------------------------------===//

#include "tg/Dialect/UOp/UOp.h"
#include "tg/Engine/Passes.h"
#include "tg/Graph/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/Extensions/InlinerExtension.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

#include "llvm/ADT/StringExtras.h"

#include <cstring>
#include <random>
#include <string>
#include <vector>

using namespace mlir;

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t maxSize);

namespace {

/// Changes words rather than bytes, so that more of the results parse: flipped bytes seldom get
/// past the parser.
class WordMutator {
public:
  WordMutator(StringRef text, unsigned seed) : random(seed) { split(text); }

  std::string run() {
    for (unsigned rounds = 1 + pick(3); rounds-- > 0 && !words.empty();)
      mutate();
    std::string text;
    for (const std::string &word : words)
      text += word;
    return text;
  }

private:
  size_t pick(size_t count) { return count ? random() % count : 0; }

  static bool isWord(char c) { return llvm::isAlnum(c) || c == '_' || c == '.'; }

  /// Numbers, words, and everything else character by character. `4x4xf32` is five words.
  void split(StringRef text) {
    while (!text.empty()) {
      size_t length = 1;
      if (llvm::isDigit(text.front()))
        length = text.find_if_not(llvm::isDigit);
      else if (isWord(text.front()) && !text.starts_with("x"))
        length = text.find_if_not(isWord);
      words.push_back(text.take_front(length).str());
      text = text.drop_front(words.back().size());
    }
  }

  std::string otherFor(const std::string &word) {
    static const char *const numbers[] = {
        "0",  "1",   "2",   "3",   "7",    "8",     "9",          "16",
        "64", "127", "128", "255", "1000", "65536", "2147483648", "9223372036854775807",
        "-1", "?"};
    static const char *const types[] = {
        "i1",  "i2",       "i4",     "i8",       "i16",       "i32",  "i64",  "ui2",
        "ui4", "ui8",      "ui16",   "ui32",     "ui64",      "f16",  "bf16", "f32",
        "f64", "f8E4M3FN", "f8E5M2", "f4E2M1FN", "f8E8M0FNU", "index"};
    if (llvm::isDigit(word.front()))
      return numbers[pick(std::size(numbers))];
    if (llvm::is_contained(types, StringRef(word)))
      return types[pick(std::size(types))];
    return words[pick(words.size())];
  }

  void mutate() {
    size_t at = pick(words.size());
    // Mostly what carries meaning, not the spaces in between.
    for (unsigned tries = 0; tries < 20 && !isWord(words[at].front()); ++tries)
      at = pick(words.size());
    std::string old = words[at], other = otherFor(old);
    switch (pick(5)) {
    case 0: // One word.
      words[at] = other;
      break;
    case 1: // The same word everywhere: types stay consistent.
    case 2:
      for (std::string &word : words)
        if (word == old)
          word = other;
      break;
    case 3:
      moveLine(at, /*copy=*/pick(2));
      break;
    case 4: // Two words change places.
      std::swap(words[at], words[pick(words.size())]);
      break;
    }
  }

  /// Takes the line around a word elsewhere, or out.
  void moveLine(size_t at, bool copy) {
    auto isBreak = [](const std::string &word) { return word == "\n"; };
    auto end = std::find_if(words.begin() + at, words.end(), isBreak);
    auto begin =
        std::find_if(std::make_reverse_iterator(words.begin() + at), words.rend(), isBreak).base();
    std::vector<std::string> line(begin, end);
    if (!copy)
      words.erase(begin, end);
    if (pick(2)) {
      auto to = std::find_if(words.begin() + pick(words.size()), words.end(), isBreak);
      line.insert(line.begin(), "\n");
      words.insert(to, line.begin(), line.end());
    }
  }

  std::mt19937 random;
  std::vector<std::string> words;
};

} // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t maxSize,
                                          unsigned seed) {
  if (seed % 4 == 0)
    return LLVMFuzzerMutate(data, size, maxSize);
  std::string text = WordMutator(StringRef(reinterpret_cast<char *>(data), size), seed).run();
  text.resize(std::min(text.size(), maxSize));
  std::memcpy(data, text.data(), text.size());
  return text.size();
}

/// What MLIR 22's own parser does not survive: it reads through a null type in `array<index`, and
/// makes room for all results up to the one that `%0#123456789` names.
static bool breaksParser(StringRef text) {
  for (size_t at = text.find('#'); at != StringRef::npos; at = text.find('#', at + 1)) {
    constexpr size_t maxDigits = 6;
    if (text.substr(at + 1).take_while(llvm::isDigit).size() > maxDigits)
      return true;
  }
  return text.contains("array<index");
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  DialectRegistry registry;
  registry.insert<tg::uop::UOpDialect, func::FuncDialect, arith::ArithDialect, scf::SCFDialect,
                  tensor::TensorDialect>();
  func::registerInlinerExtension(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  ScopedDiagnosticHandler quiet(&context, [](Diagnostic &) { return success(); });
  // A copy ends in a zero, as files do in memory: without it MLIR's parser reads a byte too far.
  std::string text(reinterpret_cast<const char *>(data), size);
  if (breaksParser(text))
    return -1;
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, ParserConfig(&context));
  if (!module)
    return 0;
  // The stages of lib/Compiler/Pipeline.cpp.
  PassManager graph(&context, ModuleOp::getOperationName());
  graph.addPass(tg::createExpandCustom());
  graph.addPass(createInlinerPass());
  graph.addPass(createSymbolDCEPass());
  tg::buildGraphPipeline(graph, {});
  tg::DecomposeOptions decompose;
  decompose.core = true;
  graph.addPass(tg::createDecompose(decompose));
  if (failed(graph.run(*module)))
    return 0;
  PassManager engine(&context, ModuleOp::getOperationName());
  tg::buildEnginePipeline(engine, {});
  (void)engine.run(*module);
  return 0;
}
