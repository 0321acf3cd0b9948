//===- Onnx.h - Imports ONNX models -----------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_IMPORT_ONNX_H
#define TG_IMPORT_ONNX_H

#include "tg/Runtime/Tensor.h"

#include "mlir/IR/BuiltinAttributeInterfaces.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/MemoryBuffer.h"

#include <optional>
#include <string>
#include <vector>

namespace tg {

class OnnxOpRegistry;

/// What became of an import.
struct OnnxImportReport {
  /// Whether it failed because of a value or a size that inputs decide: knowing them may help.
  bool needsInputs = false;
};

struct OnnxImportOptions {
  /// Named dimensions that become static.
  llvm::StringMap<int64_t> dims;
  /// The bounds of the variables that the other dynamic dimensions become, inclusive.
  int64_t minDim = 1;
  int64_t maxDim = 1 << 20;
  /// Inputs that become constants: those that shapes and axes are computed from. Their names must
  /// exist, and their element types fit.
  llvm::StringMap<mlir::ElementsAttr> constants;
  /// What inputs will be, as far as it is known. Where a shape, axis or count depends on an input,
  /// the model is imported for this value of it: the input becomes a constant, first those of
  /// integer vectors, then any. Names that the model does not have are ignored.
  llvm::StringMap<mlir::ElementsAttr> inputValues;
  /// The same as numbers that fill an input of a small static shape, repeated as often as needed.
  llvm::StringMap<std::vector<double>> inputNumbers;
  /// The shapes that inputs will have, as far as they are known. Where the model cannot be imported
  /// for any size, its dynamic dimensions become these, as `dims` makes them. Names that the model
  /// does not have are ignored.
  llvm::StringMap<llvm::SmallVector<int64_t>> inputShapes;
  /// Imports for these shapes in any case: for sizes that are 0 or large, and where a program for
  /// any size fails.
  bool fixShapes = false;
  /// The types of tensors that will be given, for models that take sequences: an input `x` that is
  /// one becomes the arguments `x.0`, `x.1`, ... of the names found here, and tensors get these
  /// types. Names that the model does not have are ignored.
  llvm::StringMap<mlir::RankedTensorType> givenTypes;
  /// Inputs that will be given although they have an initializer, which is only their default: they
  /// become arguments, as those in `givenTypes` do. Names that the model does not have are ignored.
  llvm::StringSet<> givenInputs;
  /// The inputs that are sequences without elements, or optionals without a value. They must exist.
  llvm::StringSet<> emptyInputs;
  /// Sizes that are computed from data become variables, which the program binds, instead of an
  /// error. `importOnnx` tries this by itself where nothing else helps.
  bool bindSizes = false;
  /// A slice of a dynamic axis with constant bounds is as long as the axis lets it, as ONNX says,
  /// instead of failing the run where it leaves the axis. `importOnnx` gives this up by itself
  /// where what follows needs the size that a slice inside has.
  bool clampSlices = true;
  /// Loops and scans of up to 256 steps are unrolled whatever they cost, so that shapes may change
  /// from step to step. `importOnnx` does this by itself where nothing else helps.
  bool unrollLoops = false;
  /// The operators to import; null means tg's own (`registerOnnxOps`).
  const OnnxOpRegistry *registry = nullptr;
};

/// Imports the model in `path`. The module holds a `uop.var` per dynamic dimension and
/// `func.func @main` from the graph's inputs to its outputs, which carry their ONNX names in
/// `tg.name` (`tg.constants` lists inputs that became constants; element 2 of a sequence `s` is
/// named `s.2`, and an optional without a value is left out); the location of an operation is the
/// name of its node. Tensors of strings are of i64, numbers of strings that `tg.strings` lists, and
/// marked `tg.string`; the result of a ZipMap is its scores, marked `tg.keys`. Initializers are not
/// copied beyond reading the file; external data, which must lie in the model's folder, is
/// memory-mapped.
///
/// Null after one error in `context`'s diagnostics, which names the file and the node.
mlir::OwningOpRef<mlir::ModuleOp> importOnnxFile(llvm::StringRef path, mlir::MLIRContext *context,
                                                 const OnnxImportOptions &options = {},
                                                 OnnxImportReport *report = nullptr);

/// The same for a model in memory. `name` stands for the file in messages, and its folder is where
/// external data is looked up.
mlir::OwningOpRef<mlir::ModuleOp> importOnnx(llvm::MemoryBufferRef model,
                                             mlir::MLIRContext *context,
                                             const OnnxImportOptions &options = {},
                                             OnnxImportReport *report = nullptr);

/// Reads a serialized `TensorProto` (a `.pb` file). Null after an error in the diagnostics.
mlir::ElementsAttr importOnnxTensor(llvm::MemoryBufferRef data, mlir::MLIRContext *context);

/// A tensor as a constant of the importer; null if its elements are packed.
mlir::ElementsAttr makeOnnxConstant(const rt::Tensor &tensor, mlir::MLIRContext *context);

/// An input that a model needs, as its file declares it.
struct OnnxInput {
  std::string name;
  /// Null if it is no tensor, or one of a type that tg lacks.
  mlir::Type elementType;
};

/// The inputs of the model in order, without those that have a default; nothing if it is no model.
std::optional<std::vector<OnnxInput>> readOnnxInputs(llvm::MemoryBufferRef model,
                                                     mlir::MLIRContext *context);

/// Registers `--import-onnx` with tg-translate.
void registerOnnxTranslation();

} // namespace tg

#endif // TG_IMPORT_ONNX_H
