//===- OnnxTranslation.cpp - --import-onnx ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Dialect/UOp/UOp.h"
#include "tg/Import/Onnx.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Tools/mlir-translate/Translation.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;

void tg::registerOnnxTranslation() {
  static llvm::cl::list<std::string> dims(
      "onnx-dim", llvm::cl::desc("A size for a named dimension of the imported ONNX model"),
      llvm::cl::value_desc("name=size"));
  static llvm::cl::list<std::string> constants(
      "onnx-constant",
      llvm::cl::desc(
          "An input of the imported ONNX model that becomes a constant, as a TensorProto"),
      llvm::cl::value_desc("name=file.pb"));
  static TranslateToMLIRRegistration registration(
      "import-onnx", "import an ONNX model as uop",
      [](llvm::SourceMgr &sources, MLIRContext *context) -> OwningOpRef<Operation *> {
        OnnxImportOptions options;
        for (StringRef dim : dims) {
          auto [name, size] = dim.rsplit('=');
          int64_t value;
          if (size.getAsInteger(10, value) || value < 0) {
            emitError(UnknownLoc::get(context))
                << "expected --onnx-dim=name=size with a size of 0 or more, got '" << dim << "'";
            return {};
          }
          options.dims[name] = value;
        }
        for (StringRef constant : constants) {
          auto [name, path] = constant.split('=');
          auto file = llvm::MemoryBuffer::getFile(path);
          if (!file) {
            emitError(UnknownLoc::get(context))
                << "expected --onnx-constant=name=file.pb; cannot open '" << path
                << "': " << file.getError().message();
            return {};
          }
          ElementsAttr value = importOnnxTensor((*file)->getMemBufferRef(), context);
          if (!value)
            return {};
          options.constants[name] = value;
        }
        const llvm::MemoryBuffer *buffer = sources.getMemoryBuffer(sources.getMainFileID());
        return importOnnx(buffer->getMemBufferRef(), context, options);
      },
      [](DialectRegistry &registry) {
        registry.insert<func::FuncDialect, scf::SCFDialect, uop::UOpDialect>();
      });
}
