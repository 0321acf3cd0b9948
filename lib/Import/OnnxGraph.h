//===- OnnxGraph.h - Walks an ONNX graph ------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_LIB_IMPORT_ONNXGRAPH_H
#define TG_LIB_IMPORT_ONNXGRAPH_H

#include "OnnxTensor.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "tg/Import/Onnx.h"
#include "tg/Import/OnnxOps.h"
#include "tg/Support/ShapeExpr.h"
#include "llvm/ADT/MapVector.h"

#include "onnx.pb.h"

#include <deque>

namespace tg {

/// The dynamic dimensions of a model: their variables, or the static sizes given for them.
class OnnxDims {
public:
  OnnxDims(mlir::MLIRContext *context, const OnnxImportOptions &options)
      : context(context), options(options) {}

  const OnnxImportOptions &getOptions() const { return options; }
  /// The dimension named `name` in the model, which may be a sum or product of names; `fallback`
  /// names one without a name.
  DimAttr get(llvm::StringRef name, llvm::StringRef fallback);
  /// A new variable between 0 and `max` that the program binds; `name` is for readers.
  DimAttr addBound(llvm::StringRef name, DimAttr max);
  /// The bounds of an expression of the variables; nothing if they overflow.
  std::optional<ShapeBounds> getBounds(DimAttr size) const;
  /// Declares the variables at the start of the module.
  void declare(mlir::ModuleOp module) const;
  /// Fails if `options.dims` has a name that no dimension has; the message lists the dimensions.
  mlir::LogicalResult checkOptions(std::string &message) const;
  /// See OnnxGraphImporter.
  std::string explainSymbolic(DimAttr size) const;
  /// Declares that the model has a dimension of exactly this name.
  void addName(llvm::StringRef name) { names.insert(name); }

private:
  /// The size given for a dimension, by its name or, where no dimension is named so, by that of its
  /// variable.
  std::optional<int64_t> findGiven(llvm::StringRef name, llvm::StringRef identifier);
  DimAttr getVar(llvm::StringRef name);
  std::string makeIdentifier(llvm::StringRef name);
  DimAttr parseExpression(llvm::StringRef text);

  mlir::MLIRContext *context;
  const OnnxImportOptions &options;
  /// From the name in the model.
  llvm::MapVector<mlir::StringAttr, DimAttr> vars;
  /// The variables that the program binds, with their largest values.
  llvm::SmallVector<std::pair<DimAttr, int64_t>> bounds;
  /// Those in use, with the last number that was appended.
  llvm::StringMap<unsigned> identifiers;
  llvm::StringSet<> names;
  llvm::StringSet<> usedOptions;
};

/// A parsed model, and the bodies of its functions with the attributes of their calls.
struct OnnxModel {
  onnx::ModelProto proto;
  std::deque<google::protobuf::RepeatedPtrField<onnx::NodeProto>> calls;
};

/// Imports the graphs of one model. The first failure is kept in `error`.
class OnnxGraphImporter {
public:
  OnnxGraphImporter(mlir::MLIRContext *context, std::shared_ptr<OnnxModel> model,
                    std::string folder, const OnnxOpRegistry &registry,
                    const OnnxImportOptions &options);

  /// Null on failure; see `getError`.
  mlir::OwningOpRef<mlir::ModuleOp> importModel();
  const std::string &getError() const { return error; }
  /// Whether the failure is that a value was not known while importing.
  bool isUnknownValue() const { return hasUnknown; }
  void noteUnknown() { hasUnknown = true; }
  bool bindsSizes() const { return dims.getOptions().bindSizes; }
  bool clampsSlices() const { return dims.getOptions().clampSlices; }
  /// Whether a slice's size became an expression because the slice may leave its axis.
  bool hasClampedSlices() const { return hasClamped; }
  void noteClampedSlice() { hasClamped = true; }
  /// See OnnxDims.
  std::optional<ShapeBounds> getBounds(DimAttr size) const { return dims.getBounds(size); }

  //===--------------------------------------------------------------------===//
  // For nodes
  //===--------------------------------------------------------------------===//

  /// The value visible under this name; null if there is none or it cannot be read (see
  /// `getError`).
  OnnxValue *find(llvm::StringRef name);
  void define(llvm::StringRef name, OnnxValue value);
  /// The SSA value; constants and known integers are made at the start of the function.
  mlir::Value materialize(llvm::StringRef name, OnnxValue &value);
  const OnnxTensorReader &getReader() const { return reader; }
  /// The main graph.
  const onnx::GraphProto &getGraph() const { return model->proto.graph(); }
  /// Whether `builder` stands outside of branches and loops.
  bool isInEntry(const mlir::OpBuilder &builder) const {
    return builder.getInsertionBlock() == entry;
  }
  /// See OnnxNode.
  DimAttr bind(mlir::Value count, DimAttr max, OnnxNode &node);
  /// A variable that stands for the expression, the same one for the same expression. Constants
  /// and variables stand for themselves.
  DimAttr bindExpression(DimAttr size, OnnxNode &node);
  /// The variable that is the number of the step in a loop of `count` steps: `step`, or a new one.
  DimAttr bindStep(mlir::Value index, DimAttr count, OnnxNode &node, DimAttr step = {});
  mlir::ElementsAttr evaluate(mlir::Value value);
  /// Imports the nodes of a nested graph where `builder` stands, its inputs bound to `inputs`, and
  /// returns its outputs. Nothing on failure.
  std::optional<llvm::SmallVector<OnnxValue>> importNested(const onnx::GraphProto &graph,
                                                           llvm::ArrayRef<OnnxValue> inputs,
                                                           mlir::OpBuilder &builder);
  /// For messages: the expression that a size is, and how to make it static.
  std::string explainSymbolic(DimAttr size) const { return dims.explainSymbolic(size); }
  mlir::LogicalResult fail(const llvm::Twine &message);

private:
  struct Scope {
    llvm::StringMap<OnnxValue> values;
    llvm::StringMap<const onnx::TensorProto *> initializers;
    bool seesOuter = true;
  };
  using Nodes = google::protobuf::RepeatedPtrField<onnx::NodeProto>;

  mlir::LogicalResult readOpset(const onnx::OperatorSetIdProto &opset);
  mlir::LogicalResult readOpsets();
  mlir::LogicalResult reportUnsupported();
  void collectUnsupported(const Nodes &nodes, unsigned depth,
                          llvm::SmallVectorImpl<std::string> &found);
  mlir::LogicalResult addInitializers(const onnx::GraphProto &graph);
  mlir::LogicalResult importMain(mlir::ModuleOp module);
  mlir::RankedTensorType getInputType(const onnx::ValueInfoProto &input,
                                      const onnx::TypeProto &type);
  /// Reads the graph's inputs: which arguments the function has, and what the others are.
  mlir::LogicalResult readInputs();
  mlir::LogicalResult addResults(llvm::StringRef name, OnnxValue &value);
  mlir::LogicalResult importNodes(const Nodes &nodes, mlir::OpBuilder &builder);
  mlir::LogicalResult importNode(const onnx::NodeProto &node, mlir::Location loc,
                                 mlir::OpBuilder &builder);
  mlir::LogicalResult importFunction(const onnx::FunctionProto &function,
                                     const onnx::NodeProto &node, mlir::OpBuilder &builder);
  const onnx::FunctionProto *findFunction(const onnx::NodeProto &node) const;
  int64_t getOpset(llvm::StringRef domain) const;

  mlir::MLIRContext *context;
  std::shared_ptr<OnnxModel> model;
  OnnxTensorReader reader;
  const OnnxOpRegistry &registry;
  OnnxDims dims;
  llvm::StringMap<int64_t> opsets;
  llvm::StringMap<const onnx::FunctionProto *> functions;
  std::vector<Scope> scopes;
  /// The functions whose calls are being imported, outermost first.
  llvm::SmallVector<const onnx::FunctionProto *> callStack;
  /// The arguments of the function, and the sequences whose elements they are.
  struct Argument {
    std::string name;
    mlir::RankedTensorType type;
    std::string sequence;
  };
  std::vector<Argument> arguments;
  llvm::SmallVector<mlir::Value> results;
  llvm::SmallVector<std::string> resultNames;
  llvm::SmallVector<mlir::StringAttr> constantInputs;
  /// Where the next constant goes: after the last one, at the start of the function.
  mlir::Block *entry = nullptr;
  mlir::Operation *lastConstant = nullptr;
  /// The variables of bindExpression().
  llvm::DenseMap<mlir::Attribute, DimAttr> expressions;
  int64_t numNodes = 0;
  bool hasUnknown = false, hasClamped = false;
  std::string error;
};

/// How messages name a node: `node 'conv1' (Conv)`.
std::string describeOnnxNode(const onnx::NodeProto &node);

} // namespace tg

#endif // TG_LIB_IMPORT_ONNXGRAPH_H
