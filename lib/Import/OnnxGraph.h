//===- OnnxGraph.h - Walks an ONNX graph ------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_LIB_IMPORT_ONNXGRAPH_H
#define TG_LIB_IMPORT_ONNXGRAPH_H

#include "OnnxEqualities.h"
#include "OnnxStrings.h"
#include "OnnxTensor.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "tg/Import/Onnx.h"
#include "tg/Import/OnnxOps.h"
#include "tg/Support/ShapeExpr.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

#include "onnx.pb.h"

#include <deque>

namespace tg {

/// The dynamic dimensions of a model: their variables, or the static sizes given for them.
class OnnxDims {
public:
  OnnxDims(mlir::MLIRContext *context, const OnnxImportOptions &options,
           llvm::ArrayRef<OnnxEquality> equalities);

  const OnnxImportOptions &getOptions() const { return options; }
  /// The dimension named `name` in the model, which may be a sum or product of names; `fallback`
  /// names one without a name.
  DimAttr get(llvm::StringRef name, llvm::StringRef fallback);
  /// What a dimension is called: some exporters write "?" or "-1" for one without a name.
  static llvm::StringRef getName(llvm::StringRef name, llvm::StringRef fallback) {
    return name.empty() || name == "?" || name == "-1" ? fallback : name;
  }
  /// A new variable between 0 and `max` that the program binds, once or in each step of a loop;
  /// `name` is for readers.
  DimAttr addBound(llvm::StringRef name, DimAttr max, bool isStep = false);
  /// `dim` where variables stand for what they are taken to be.
  DimAttr resolve(DimAttr dim) const;
  /// What makes two sizes equal; nothing if that is not simple.
  std::optional<OnnxEquality> solve(DimAttr x, DimAttr y);
  /// The size that an input will have for a dimension, where `options.dims` has none.
  void setKnown(llvm::StringRef name, int64_t size) { known.try_emplace(name, size); }
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
  /// A variable that the program binds, with its largest value.
  struct BoundVar {
    mlir::StringAttr var;
    int64_t max;
    bool isStep;
  };
  const BoundVar *findBound(mlir::StringAttr var) const;
  ShapeBounds getVarBounds(mlir::StringAttr var) const;
  /// The size given for a dimension, by its name or, where no dimension is named so, by that of its
  /// variable.
  std::optional<int64_t> findGiven(llvm::StringRef name, llvm::StringRef identifier);
  DimAttr getVar(llvm::StringRef name);
  std::string makeIdentifier(llvm::StringRef name);
  DimAttr parseExpression(llvm::StringRef text);

  mlir::MLIRContext *context;
  const OnnxImportOptions &options;
  llvm::ArrayRef<OnnxEquality> equalities;
  /// From the name in the model.
  llvm::MapVector<mlir::StringAttr, DimAttr> vars;
  llvm::SetVector<mlir::StringAttr> inputVars;
  llvm::SmallVector<BoundVar> bounds;
  llvm::StringMap<int64_t> known;
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
                    const OnnxImportOptions &options, llvm::ArrayRef<OnnxEquality> equalities);

  /// Null on failure; see `getError`.
  mlir::OwningOpRef<mlir::ModuleOp> importModel();
  const std::string &getError() const { return error; }
  /// Whether the failure is that a value was not known while importing.
  bool isUnknownValue() const { return hasUnknown; }
  void noteUnknown() { hasUnknown = true; }
  /// Whether the failure is that a size is a variable.
  bool isUnknownSize() const { return hasUnknownSize; }
  void noteUnknownSize() { hasUnknownSize = true; }
  /// Whether the failure is that two sizes differ.
  bool isUnequal() const { return unequal.has_value(); }
  /// What makes these sizes equal; nothing if that is not simple.
  std::optional<OnnxEquality> solveUnequal();
  bool bindsSizes() const { return dims.getOptions().bindSizes; }
  bool clampsSlices() const { return dims.getOptions().clampSlices; }
  /// Whether a slice's size became an expression because the slice may leave its axis.
  bool hasClampedSlices() const { return hasClamped; }
  void noteClampedSlice() { hasClamped = true; }
  /// Whether steps of a known number are unrolled although that is expensive.
  bool unrollsLoops() const { return dims.getOptions().unrollLoops; }
  /// Whether steps of a known number became a loop, in which shapes must stay.
  bool hasKeptLoops() const { return hasKept; }
  void noteKeptLoop() { hasKept = true; }
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
  OnnxStrings &getStrings() { return strings; }
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
  /// returns its outputs. Nothing on failure; messages name the `place`.
  std::optional<llvm::SmallVector<OnnxValue>> importNested(const onnx::GraphProto &graph,
                                                           llvm::ArrayRef<OnnxValue> inputs,
                                                           mlir::OpBuilder &builder,
                                                           const llvm::Twine &place);
  /// For messages: the inputs of the model that decide a value, and how to give them.
  std::string explainUnknown(mlir::Value value) const;
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
  mlir::LogicalResult readInput(const onnx::ValueInfoProto &input, bool hasSequences);
  mlir::LogicalResult readConstantInput(const onnx::ValueInfoProto &input,
                                        mlir::ElementsAttr value);
  mlir::LogicalResult readTensorInput(const onnx::ValueInfoProto &input,
                                      const onnx::TypeProto &type, bool hasSequences);
  mlir::LogicalResult readSequenceInput(const std::string &name, const onnx::TypeProto &type);
  mlir::LogicalResult readInputs();
  /// Where the model is imported for the shapes that its inputs will have, makes them known.
  void fixSizes();
  /// The attributes of an argument or result: its name, and what it means to the caller.
  mlir::DictionaryAttr getPortAttrs(llvm::StringRef name, bool isString, mlir::Attribute keys = {});
  mlir::LogicalResult addResults(llvm::StringRef name, OnnxValue &value);
  mlir::LogicalResult importNodes(const Nodes &nodes, mlir::OpBuilder &builder);
  std::optional<llvm::SmallVector<OnnxValue>> importGraph(const onnx::GraphProto &graph,
                                                          llvm::ArrayRef<OnnxValue> inputs,
                                                          mlir::OpBuilder &builder);
  /// Fails because of nodes that need each other; `first` is one that needs one of them.
  mlir::LogicalResult failCycle(const Nodes &nodes, const llvm::StringMap<int> &producers,
                                llvm::ArrayRef<int> pending, int first);
  mlir::LogicalResult importNode(const onnx::NodeProto &node, mlir::Location loc,
                                 mlir::OpBuilder &builder);
  mlir::LogicalResult importFunction(const onnx::FunctionProto &function,
                                     const onnx::NodeProto &node, mlir::OpBuilder &builder);
  /// Fails if the node has strings, or maps, where its operator cannot have them.
  mlir::LogicalResult checkStrings(const onnx::NodeProto &node);
  /// Makes those outputs of the node strings that are.
  void propagateStrings(const onnx::NodeProto &node);
  /// Fails if the graph's output is declared to be strings or maps, and is not.
  mlir::LogicalResult checkStringOutput(const onnx::ValueInfoProto &output, const OnnxValue &value);
  const onnx::FunctionProto *findFunction(const onnx::NodeProto &node) const;
  int64_t getOpset(llvm::StringRef domain) const;

  mlir::MLIRContext *context;
  std::shared_ptr<OnnxModel> model;
  OnnxStrings strings;
  bool hasStrings = false;
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
    bool isString = false;
  };
  std::vector<Argument> arguments;
  llvm::SmallVector<mlir::Value> results;
  llvm::SmallVector<mlir::Attribute> resultAttrs;
  llvm::SmallVector<mlir::StringAttr> constantInputs;
  /// Where the next constant goes: after the last one, at the start of the function.
  mlir::Block *entry = nullptr;
  mlir::Operation *lastConstant = nullptr;
  /// The variables of bindExpression().
  llvm::DenseMap<mlir::Attribute, DimAttr> expressions;
  int64_t numNodes = 0;
  bool hasUnknown = false, hasUnknownSize = false, hasClamped = false, hasKept = false;
  std::optional<std::pair<DimAttr, DimAttr>> unequal;
  std::string error;
};

/// The two spellings of ONNX's own domain are one.
llvm::StringRef canonicalDomain(llvm::StringRef domain);

/// How messages name a node: `node 'conv1' (Conv)`.
std::string describeOnnxNode(const onnx::NodeProto &node);

} // namespace tg

#endif // TG_LIB_IMPORT_ONNXGRAPH_H
