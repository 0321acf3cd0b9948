//===- Onnx.cpp - Reads an ONNX file ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Import/Onnx.h"

#include "OnnxGraph.h"

#include "llvm/Support/Path.h"

using namespace mlir;
using namespace tg;

static OwningOpRef<ModuleOp> fail(MLIRContext *context, StringRef file, const Twine &message) {
  emitError(FileLineColLoc::get(context, file, 0, 0)) << message;
  return {};
}

/// protobuf logs what is wrong with a file by itself; the message here says it once.
static bool parse(onnx::ModelProto &model, llvm::MemoryBufferRef data) {
  google::protobuf::LogSilencer silencer;
  return model.ParseFromArray(data.getBufferStart(), data.getBufferSize()) && model.has_graph();
}

OwningOpRef<ModuleOp> tg::importOnnx(llvm::MemoryBufferRef data, MLIRContext *context,
                                     const OnnxImportOptions &options) {
  StringRef file = data.getBufferIdentifier();
  if (data.getBufferSize() > std::numeric_limits<int>::max())
    return fail(context, file, "the model is larger than 2 GiB; keep its weights as external data");
  auto model = std::make_shared<OnnxModel>();
  if (!parse(model->proto, data))
    return fail(context, file, "is not a valid ONNX model, or is truncated");

  context->loadDialect<func::FuncDialect, uop::UOpDialect>();
  OnnxOpRegistry standard;
  if (!options.registry)
    registerOnnxOps(standard);
  const OnnxOpRegistry &registry = options.registry ? *options.registry : standard;
  std::string folder = llvm::sys::path::parent_path(file).str(), error;
  bool isUnknownValue = false;
  auto attempt = [&](OnnxImportOptions attemptOptions) {
    while (true) {
      OnnxGraphImporter importer(context, model, folder, registry, attemptOptions);
      OwningOpRef<ModuleOp> module = importer.importModel();
      error = importer.getError();
      isUnknownValue = importer.isUnknownValue();
      if (module || !(importer.hasKeptLoops() || importer.hasClampedSlices()))
        return module;
      if (importer.hasKeptLoops())
        attemptOptions.unrollLoops = true;
      else
        attemptOptions.clampSlices = false;
    }
  };
  OwningOpRef<ModuleOp> module = attempt(options);
  OnnxImportOptions specialized(options);
  for (bool takesAll : {false, true}) {
    if (module || !isUnknownValue)
      break;
    for (const onnx::ValueInfoProto &input : model->proto.graph().input()) {
      ElementsAttr value = options.inputValues.lookup(input.name());
      if (value && (takesAll || (isa<IntegerType>(value.getElementType()) &&
                                 value.getShapedType().getRank() <= 1)))
        specialized.constants[input.name()] = value;
    }
    if (!specialized.constants.empty())
      module = attempt(specialized);
  }
  if (!module && isUnknownValue) {
    // If sizes as variables do not help either, the first message says what to give; what is still
    // in the way, if it is another node.
    std::string first = error;
    specialized.bindSizes = true;
    module = attempt(specialized);
    auto placeOf = [](StringRef message) { return message.split(':').first; };
    if (placeOf(first) != placeOf(error))
      first += "; with sizes from data as variables, " + error;
    error = std::move(first);
  }
  if (!module)
    return fail(context, file, error);
  return module;
}

ElementsAttr tg::importOnnxTensor(llvm::MemoryBufferRef data, MLIRContext *context) {
  StringRef file = data.getBufferIdentifier();
  auto tensor = std::make_shared<onnx::TensorProto>();
  std::string error = "is not a valid TensorProto, or is truncated";
  ElementsAttr result;
  google::protobuf::LogSilencer silencer;
  if (data.getBufferSize() <= std::numeric_limits<int>::max() &&
      tensor->ParseFromArray(data.getBufferStart(), data.getBufferSize()))
    result = OnnxTensorReader(context, tensor, llvm::sys::path::parent_path(file).str())
                 .read(*tensor, error);
  if (!result)
    fail(context, file, error);
  return result;
}

OwningOpRef<ModuleOp> tg::importOnnxFile(StringRef path, MLIRContext *context,
                                         const OnnxImportOptions &options) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return fail(context, path, "cannot open: " + buffer.getError().message());
  return importOnnx(**buffer, context, options);
}
