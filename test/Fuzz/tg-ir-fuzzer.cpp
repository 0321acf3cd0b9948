//===- tg-ir-fuzzer.cpp - Any text through the parser and tg's passes ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// No input may crash: it parses, verifies and goes through the graph and engine stages, or it gives
// a diagnostic. The seeds are the lit tests of the dialect.
//
//===----------------------------------------------------------------------===//

#include "tg/Compiler/Pipeline.h"
#include "tg/Dialect/UOp/UOp.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/Extensions/InlinerExtension.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Parser/Parser.h"

using namespace mlir;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  DialectRegistry registry;
  registry.insert<tg::uop::UOpDialect, func::FuncDialect, arith::ArithDialect, scf::SCFDialect,
                  tensor::TensorDialect>();
  func::registerInlinerExtension(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  ScopedDiagnosticHandler quiet(&context, [](Diagnostic &) { return success(); });
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(
      StringRef(reinterpret_cast<const char *>(data), size), ParserConfig(&context));
  if (!module)
    return 0;
  tg::CompileOptions options;
  PassManager graph(&context, ModuleOp::getOperationName());
  tg::buildGraphStage(graph, options);
  if (failed(graph.run(*module)))
    return 0;
  PassManager engine(&context, ModuleOp::getOperationName());
  tg::buildEngineStage(engine, options);
  (void)engine.run(*module);
  return 0;
}
