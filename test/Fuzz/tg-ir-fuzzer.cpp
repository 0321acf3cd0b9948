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
