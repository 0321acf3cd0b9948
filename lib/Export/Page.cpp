//===- Page.cpp - A compiled program as an HTML page ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Page.html holds the page, which draws itself from the description inside it.
//
//===----------------------------------------------------------------------===//

#include "tg/Export/Page.h"

#include "Options.h"

#include "tg/InitAll.h"

#include "mlir/Tools/mlir-translate/Translation.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace tg;

static constexpr char pageText[] =
#include "Page.inc"
    ;

void tg::writePage(const llvm::json::Object &description, llvm::raw_ostream &os) {
  constexpr StringRef mark = "@DATA@";
  StringRef page(pageText);
  size_t at = page.find(mark);
  std::string data;
  llvm::raw_string_ostream(data) << llvm::json::Value(llvm::json::Object(description));
  os << page.take_front(at);
  // No name in the model may end the element that holds the data.
  for (char c : data) {
    if (c == '<')
      os << "\\u003c";
    else
      os << c;
  }
  os << page.drop_front(at + mark.size());
}

namespace {
struct PageOptions {
  llvm::cl::list<std::string> dims{
      "uop-dim", llvm::cl::value_desc("NAME=SIZE"),
      llvm::cl::desc("The value of a variable for --uop-to-json and --uop-to-html")};
  llvm::cl::opt<std::string> fusion{
      "uop-fusion", llvm::cl::init("default"),
      llvm::cl::desc("Fusion strategy of --uop-to-json and --uop-to-html")};
  llvm::cl::opt<std::string> order{
      "uop-order", llvm::cl::init("memory"),
      llvm::cl::desc("Order of kernels of --uop-to-json and --uop-to-html")};
  llvm::cl::opt<std::string> planner{
      "uop-memory-planner", llvm::cl::init("greedy"),
      llvm::cl::desc("Memory planner of --uop-to-json and --uop-to-html")};
};
} // namespace

static FailureOr<llvm::json::Object> describeAsTold(ModuleOp module, const PageOptions &given) {
  module.getContext()->printOpOnDiagnostic(false); // The place says enough.
  DescribeOptions describe;
  describe.memoryPlanner = given.planner;
  for (StringRef dim : given.dims) {
    auto [name, size] = dim.split('=');
    if (name.empty() || size.getAsInteger(10, describe.vars[name.str()]))
      return emitError(UnknownLoc::get(module.getContext()))
             << "--uop-dim: expected NAME=SIZE, got '" << dim << "'";
  }
  CompileOptions options = targetOptions();
  options.fusion = given.fusion;
  options.order = given.order;
  return describeProgram(module, options, describe);
}

void tg::registerPageTranslations() {
  registerTargetOptions();
  static PageOptions given;
  static TranslateFromMLIRRegistration json(
      "uop-to-json", "compile a module and describe kernels, their order and memory",
      [](ModuleOp module, llvm::raw_ostream &os) -> LogicalResult {
        FailureOr<llvm::json::Object> description = describeAsTold(module, given);
        if (failed(description))
          return failure();
        os << llvm::formatv("{0:2}\n", llvm::json::Value(std::move(*description)));
        return success();
      },
      registerAllDialects);
  static TranslateFromMLIRRegistration html(
      "uop-to-html", "compile a module and show kernels, their order and memory as an HTML page",
      [](ModuleOp module, llvm::raw_ostream &os) -> LogicalResult {
        FailureOr<llvm::json::Object> description = describeAsTold(module, given);
        if (failed(description))
          return failure();
        writePage(*description, os);
        return success();
      },
      registerAllDialects);
}
