//===- tg-onnx-fuzzer.cpp - Any bytes as an ONNX model ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// No model may crash the importer, and what it imports verifies. The seeds are the models of the
// onnx package's backend tests.
//
//===----------------------------------------------------------------------===//

#include "tg/Dialect/UOp/UOp.h"
#include "tg/Import/Onnx.h"

#include "mlir/IR/Verifier.h"

#include <cstdlib>

using namespace mlir;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  unsigned errors = 0;
  ScopedDiagnosticHandler quiet(&context, [&](Diagnostic &diagnostic) {
    errors += diagnostic.getSeverity() == DiagnosticSeverity::Error;
    return success();
  });
  llvm::StringRef bytes(reinterpret_cast<const char *>(data), size);
  OwningOpRef<ModuleOp> module =
      tg::importOnnx(llvm::MemoryBufferRef(bytes, "fuzz.onnx"), &context);
  if (module ? failed(verify(*module)) : errors != 1)
    std::abort();
  return 0;
}
