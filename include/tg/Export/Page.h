//===- Page.h - A compiled program, described -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_EXPORT_PAGE_H
#define TG_EXPORT_PAGE_H

#include "tg/Compiler/Compiler.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <map>
#include <string>

namespace tg {

struct DescribeOptions {
  /// Values of the program's variables; see rt::layoutProgram for those left out.
  std::map<std::string, int64_t> vars;
  std::string memoryPlanner = "greedy";
};

/// Compiles `module` and describes what became of it: kernels, commands with what they wait for,
/// buffers with their place in the arena, and the engine's decisions. docs/tools/tg-translate.md
/// has the fields. The context's remark engine is replaced. Fails after a diagnostic.
mlir::FailureOr<llvm::json::Object> describeProgram(mlir::ModuleOp module, CompileOptions options,
                                                    const DescribeOptions &describe);

/// The description as one HTML page that needs nothing else.
void writePage(const llvm::json::Object &description, llvm::raw_ostream &os);

/// Registers `--uop-to-json` and `--uop-to-html` with tg-translate.
void registerPageTranslations();

} // namespace tg

#endif // TG_EXPORT_PAGE_H
