//===- ParseModule.cpp - Reads modules that may be anything ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Compiler/ParseModule.h"

#include "mlir/Bytecode/BytecodeReader.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"

using namespace mlir;
using namespace tg;

/// Where the text nests deeper than is allowed; null if it does not. Strings and comments are not
/// looked into.
static const char *findDeepNesting(StringRef text) {
  unsigned depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
    case '"':
      for (++i; i < text.size() && text[i] != '"' && text[i] != '\n'; ++i)
        i += text[i] == '\\';
      break;
    case '/':
      if (i + 1 < text.size() && text[i + 1] == '/')
        i = std::min(text.find('\n', i), text.size());
      break;
    case '-':
      // An arrow; or signs of an expression, which nest too.
      if (i + 1 < text.size() && text[i + 1] == '>')
        ++i;
      else if (text.substr(i, maxTextNesting).find_first_not_of("- ") == StringRef::npos &&
               text.size() - i > maxTextNesting)
        return text.data() + i;
      break;
    case '>':
      // Of an affine constraint.
      if (i + 1 < text.size() && text[i + 1] == '=') {
        ++i;
        break;
      }
      depth -= depth > 0;
      break;
    case '{':
    case '(':
    case '[':
    case '<':
      if (text[i] == '<' && i + 1 < text.size() && text[i + 1] == '=')
        break;
      if (++depth > maxTextNesting)
        return text.data() + i;
      break;
    case '}':
    case ')':
    case ']':
      depth -= depth > 0;
      break;
    default:
      break;
    }
  }
  return nullptr;
}

OwningOpRef<ModuleOp> tg::parseModule(llvm::SourceMgr &sources, MLIRContext *context) {
  const llvm::MemoryBuffer *buffer = sources.getMemoryBuffer(sources.getMainFileID());
  if (!isBytecode(buffer->getMemBufferRef())) {
    if (const char *place = findDeepNesting(buffer->getBuffer())) {
      auto [line, column] = sources.getLineAndColumn(llvm::SMLoc::getFromPointer(place));
      emitError(FileLineColLoc::get(context, buffer->getBufferIdentifier(), line, column))
          << "brackets nest deeper than " << maxTextNesting;
      return nullptr;
    }
  }
  return parseSourceFile<ModuleOp>(sources, ParserConfig(context));
}
