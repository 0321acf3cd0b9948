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
  emitError(FileLineColLoc::get(context, file, 0, 0)) << rt::printable(message.str());
  return {};
}

/// protobuf logs what is wrong with a file by itself; the message here says it once.
static bool parse(onnx::ModelProto &model, llvm::MemoryBufferRef data) {
  google::protobuf::LogSilencer silencer;
  return model.ParseFromArray(data.getBufferStart(), data.getBufferSize()) && model.has_graph();
}

namespace {
/// Imports one model in the ways that there are, until one succeeds.
class Importer {
public:
  Importer(MLIRContext *context, std::shared_ptr<OnnxModel> model, std::string folder,
           const OnnxOpRegistry &registry)
      : context(context), model(std::move(model)), folder(std::move(folder)), registry(registry) {}

  OwningOpRef<ModuleOp> run(const OnnxImportOptions &options);

  /// Of the last attempt, or the message of an earlier one that says more.
  std::string error;
  bool isUnknownValue = false, isUnknownSize = false;

private:
  OwningOpRef<ModuleOp> attempt(OnnxImportOptions options);
  OwningOpRef<ModuleOp> importForValues(const OnnxImportOptions &options);
  ElementsAttr getValue(const onnx::ValueInfoProto &input, const OnnxImportOptions &options);

  MLIRContext *context;
  std::shared_ptr<OnnxModel> model;
  std::string folder;
  const OnnxOpRegistry &registry;
};
} // namespace

/// Sizes that must be equal for a node are taken to be, one after the other.
OwningOpRef<ModuleOp> Importer::attempt(OnnxImportOptions options) {
  constexpr size_t maxEqualities = 64;
  SmallVector<OnnxEquality> equalities;
  std::string first;
  while (true) {
    OnnxGraphImporter importer(context, model, folder, registry, options, equalities);
    OwningOpRef<ModuleOp> module = importer.importModel();
    error = importer.getError();
    isUnknownValue = importer.isUnknownValue();
    isUnknownSize = importer.isUnknownSize();
    if (module)
      return module;
    std::optional<OnnxEquality> equality = importer.solveUnequal();
    if (equality && equalities.size() < maxEqualities) {
      if (equalities.empty())
        first = error;
      equalities.push_back(*equality);
      continue;
    }
    // Where sizes cannot all be equal, what was in the way first says what to give.
    if (importer.isUnequal() && !equalities.empty()) {
      error = first;
      isUnknownSize = true;
    }
    if (importer.hasKeptLoops())
      options.unrollLoops = true;
    else if (importer.hasClampedSlices() && options.clampSlices)
      options.clampSlices = false;
    else
      return module;
    equalities.clear();
  }
}

/// What the input will be; null if that is not known, or it is no such tensor.
ElementsAttr Importer::getValue(const onnx::ValueInfoProto &input,
                                const OnnxImportOptions &options) {
  const onnx::TypeProto::Tensor &declared = input.type().tensor_type();
  Type element = OnnxTensorReader::getElementType(context, declared.elem_type());
  if (ElementsAttr value = options.inputValues.lookup(input.name()))
    return value;
  auto given = options.inputNumbers.find(input.name());
  if (given == options.inputNumbers.end() || !element || given->second.empty())
    return {};
  constexpr int64_t maxElements = 1024;
  SmallVector<int64_t> shape;
  int64_t count = 1;
  for (const auto &dim : declared.shape().dim()) {
    if (!dim.has_dim_value() || dim.dim_value() < 0 || dim.dim_value() > maxElements)
      return {};
    shape.push_back(dim.dim_value());
    if ((count *= dim.dim_value()) > maxElements)
      return {};
  }
  SmallVector<Attribute> elements;
  for (int64_t i = 0; i < count; ++i) {
    double number = given->second[i % given->second.size()];
    if (auto type = dyn_cast<IntegerType>(element))
      elements.push_back(
          IntegerAttr::get(type, APInt(type.getWidth(), truncateToInt(number), /*isSigned=*/true,
                                       /*implicitTrunc=*/true)));
    else
      elements.push_back(FloatAttr::get(element, number));
  }
  return DenseElementsAttr::get(RankedTensorType::get(shape, element), elements);
}

/// Where a value must be known: for the values of the inputs, or with sizes as variables.
OwningOpRef<ModuleOp> Importer::importForValues(const OnnxImportOptions &options) {
  OwningOpRef<ModuleOp> module = attempt(options);
  OnnxImportOptions specialized(options);
  for (bool takesAll : {false, true}) {
    if (module || !isUnknownValue)
      return module;
    for (const onnx::ValueInfoProto &input : model->proto.graph().input()) {
      ElementsAttr value = getValue(input, options);
      if (value && (takesAll || (isa<IntegerType>(value.getElementType()) &&
                                 value.getShapedType().getRank() <= 1)))
        specialized.constants[input.name()] = value;
    }
    if (!specialized.constants.empty())
      module = attempt(specialized);
  }
  if (module || !isUnknownValue)
    return module;
  // Sizes as variables that the program binds. If that does not help either, and what is still in
  // the way is no value, the first message says what to give.
  std::string first = error;
  specialized.bindSizes = true;
  module = attempt(specialized);
  if (!isUnknownValue)
    error = std::move(first);
  isUnknownValue = true;
  return module;
}

OwningOpRef<ModuleOp> Importer::run(const OnnxImportOptions &options) {
  OwningOpRef<ModuleOp> module = importForValues(options);
  if (module || options.fixShapes || options.inputShapes.empty())
    return module;
  OnnxImportOptions fixed(options);
  fixed.fixShapes = true;
  return importForValues(fixed);
}

OwningOpRef<ModuleOp> tg::importOnnx(llvm::MemoryBufferRef data, MLIRContext *context,
                                     const OnnxImportOptions &options, OnnxImportReport *report) {
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
  Importer importer(context, model, llvm::sys::path::parent_path(file).str(), registry);
  OwningOpRef<ModuleOp> module = importer.run(options);
  if (module)
    return module;
  if (report)
    report->needsInputs = importer.isUnknownValue || importer.isUnknownSize;
  return fail(context, file, importer.error);
}

std::optional<std::vector<OnnxInput>> tg::readOnnxInputs(llvm::MemoryBufferRef data,
                                                         MLIRContext *context) {
  onnx::ModelProto model;
  if (data.getBufferSize() > std::numeric_limits<int>::max() || !parse(model, data))
    return std::nullopt;
  llvm::StringSet<> defaults;
  for (const onnx::TensorProto &tensor : model.graph().initializer())
    defaults.insert(tensor.name());
  std::vector<OnnxInput> result;
  for (const onnx::ValueInfoProto &input : model.graph().input())
    if (!defaults.contains(input.name()))
      result.push_back({input.name(), OnnxTensorReader::getElementType(
                                          context, input.type().tensor_type().elem_type())});
  return result;
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
                                         const OnnxImportOptions &options,
                                         OnnxImportReport *report) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return fail(context, path, "cannot open: " + buffer.getError().message());
  return importOnnx(**buffer, context, options, report);
}
