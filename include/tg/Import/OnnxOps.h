//===- OnnxOps.h - The registry of ONNX operators ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How operators, tg's own and those of other domains, are given their meaning in uop:
//
//   tg::OnnxOpRegistry registry;
//   tg::registerOnnxOps(registry);
//   registry.add("Swish", 1, [](tg::OnnxNode &n) {
//     mlir::Value x = n.getInput(0);
//     n.setOutput(0, n.mul(x, n.sigmoid(x)));
//   }, "com.example");
//
//===----------------------------------------------------------------------===//

#ifndef TG_IMPORT_ONNXOPS_H
#define TG_IMPORT_ONNXOPS_H

#include "tg/Builder/TensorBuilder.h"

#include "llvm/ADT/StringMap.h"

#include <functional>
#include <memory>
#include <vector>

namespace onnx {
class AttributeProto;
class GraphProto;
class NodeProto;
} // namespace onnx

namespace tg {

class OnnxGraphImporter;

/// Integers known while importing, as expressions over the variables: what shapes are computed
/// from. Row-major.
struct OnnxInts {
  mlir::Type elementType; ///< An integer type or i1.
  llvm::SmallVector<int64_t> shape;
  llvm::SmallVector<DimAttr> elements;

  bool isConstant() const {
    return llvm::all_of(elements, [](DimAttr element) { return element.isConstant(); });
  }
};

/// What an ONNX value is: an SSA value, a constant, known integers, or several of these; or a
/// sequence, or an optional without a value (one with a value is that value).
struct OnnxValue {
  mlir::RankedTensorType type;
  mlir::Value value;
  mlir::ElementsAttr constant;
  std::optional<OnnxInts> ints;
  /// The elements of a sequence, which has no type and no SSA value.
  std::shared_ptr<std::vector<OnnxValue>> sequence;
  bool isAbsent = false;
  /// Whether the elements are ids (i64) of strings.
  bool isString = false;
  /// Of a list of maps, one per row of the tensor: their keys, strings or i64, as an array
  /// attribute. Nobody but the model's caller can read it.
  mlir::Attribute keys = {};

  bool isTensor() const { return !sequence && !isAbsent; }
};

/// One node while it is imported: its inputs, attributes and outputs, and a builder whose
/// operations have the node's location. Failures stick, as in TensorBuilder; the importer reports
/// the first one with the node's name.
class OnnxNode : public TensorBuilder {
public:
  OnnxNode(OnnxGraphImporter &importer, const ::onnx::NodeProto &proto, int64_t opset,
           mlir::OpBuilder &builder, mlir::Location loc);

  /// A constant; its integers are known too if they are few.
  static OnnxValue makeConstant(mlir::ElementsAttr constant);
  /// Appends the elements of a constant of numbers in memory; false for other constants.
  static bool readNumbers(mlir::ElementsAttr constant, llvm::SmallVectorImpl<double> &values);

  llvm::StringRef getOpType() const;
  /// How messages name the node: `node 'conv1' (Conv)`.
  std::string describe() const;
  int64_t getOpset() const { return opset; }
  OnnxGraphImporter &getImporter() { return importer; }

  //===--------------------------------------------------------------------===//
  // Inputs
  //===--------------------------------------------------------------------===//

  unsigned getNumInputs() const;
  /// Whether input `i` is given; optional ones may be absent.
  bool hasInput(unsigned i) const;
  /// Whether input `i` is given and is an optional without a value.
  bool isAbsentInput(unsigned i) const;
  /// Fails if it is absent.
  mlir::Value getInput(unsigned i);
  /// Null if it is absent.
  mlir::Value getOptionalInput(unsigned i) { return hasInput(i) ? getInput(i) : mlir::Value(); }
  llvm::SmallVector<mlir::Value> getInputs();
  /// What is known of an input; empty if it is absent.
  OnnxValue getInputValue(unsigned i);
  /// The SSA value; fails if it is a sequence.
  mlir::Value materialize(OnnxValue &value);
  /// Null if it is absent.
  mlir::RankedTensorType getInputType(unsigned i);
  /// Fails because a value is not known while importing; knowing the model's inputs may help.
  /// The message names the inputs of the model that decide `value`.
  mlir::Value failUnknown(const llvm::Twine &message, mlir::Value value = {});
  /// Fails because a size is not static; if it is an expression, says how to make it static.
  mlir::Value failSymbolic(const llvm::Twine &message, DimAttr size);
  /// What an SSA value is if no input of the model decides it; null otherwise, and where that would
  /// take long to compute.
  mlir::ElementsAttr evaluate(mlir::Value value);
  /// The one integer or boolean of a value that does not depend on variables; nothing if it is not
  /// known.
  std::optional<int64_t> getKnownScalar(OnnxValue value);
  /// Whether the integers of input `i` are known while importing.
  bool knowsInts(unsigned i);
  /// The integers of an input that must be known while importing; fails otherwise.
  llvm::SmallVector<DimAttr> getDimsInput(unsigned i);
  /// The same where no variable may occur.
  llvm::SmallVector<int64_t> getIntsInput(unsigned i);
  /// Null if input `i` is absent or not known.
  const OnnxInts *getKnownInts(unsigned i);
  /// The value of a constant input (not of known integers); null if there is none.
  mlir::ElementsAttr getConstantInput(unsigned i);
  /// The floats of a constant input; fails if it is none.
  llvm::SmallVector<double> getFloatsInput(unsigned i);

  //===--------------------------------------------------------------------===//
  // Strings
  //===--------------------------------------------------------------------===//

  /// Whether input `i` holds strings: its elements are their ids (i64).
  bool isString(unsigned i) const;
  /// The ids of strings that are known while importing.
  llvm::SmallVector<int64_t> getStringIds(llvm::ArrayRef<std::string> strings);
  /// Whether the tensor in an attribute holds strings; getTensor gives their ids.
  bool isStringTensor(llvm::StringRef name) const;
  /// Sets an output to strings.
  void setStrings(unsigned i, mlir::Value ids);
  void setStrings(unsigned i, OnnxValue ids);
  /// Sets an output to a list of maps: one per row of `rows`, with the keys of `keys`.
  void setMaps(unsigned i, mlir::Value rows, mlir::Attribute keys);

  //===--------------------------------------------------------------------===//
  // Attributes
  //===--------------------------------------------------------------------===//

  bool hasAttr(llvm::StringRef name) const;
  int64_t getInt(llvm::StringRef name, int64_t defaultValue);
  /// Fails if it is absent.
  int64_t getInt(llvm::StringRef name);
  double getFloat(llvm::StringRef name, double defaultValue);
  llvm::StringRef getString(llvm::StringRef name, llvm::StringRef defaultValue = "");
  /// Empty if absent.
  llvm::SmallVector<int64_t> getInts(llvm::StringRef name);
  /// `count` values, all `defaultValue` if absent; fails on another number of them.
  llvm::SmallVector<int64_t> getInts(llvm::StringRef name, size_t count, int64_t defaultValue);
  llvm::SmallVector<double> getFloats(llvm::StringRef name);
  llvm::SmallVector<std::string> getStrings(llvm::StringRef name);
  /// Null if absent or not of a type that tg has.
  mlir::ElementsAttr getTensor(llvm::StringRef name);
  /// Null if absent.
  const ::onnx::GraphProto *getGraph(llvm::StringRef name);
  /// The element type of an ONNX `TensorProto.DataType`; fails if tg has none.
  mlir::Type getDataType(int64_t dataType);
  /// Axes from input `input` if given, else from the attribute, counted from the front and sorted;
  /// nothing if neither is there.
  std::optional<llvm::SmallVector<int64_t>> getAxes(int input, int64_t rank);

  //===--------------------------------------------------------------------===//
  // Outputs
  //===--------------------------------------------------------------------===//

  unsigned getNumOutputs() const;
  /// Whether output `i` is wanted.
  bool hasOutput(unsigned i) const;
  /// The name in the model; empty if it is not wanted.
  llvm::StringRef getOutputName(unsigned i) const;
  void setOutput(unsigned i, mlir::Value value);
  void setOutput(unsigned i, OnnxValue value);
  void setOutputs(llvm::ArrayRef<mlir::Value> values);
  void setKnownInts(unsigned i, OnnxInts ints);

  //===--------------------------------------------------------------------===//
  // Data-dependent sizes
  //===--------------------------------------------------------------------===//

  /// A new variable with the value of `count` (of rank 0), which is at most `max`. Fails inside a
  /// branch or loop that stays one, where no size can come from.
  DimAttr bind(mlir::Value count, DimAttr max);
  /// Whether `value` is `least` or more. Where that depends on the variables it is taken to be, and
  /// the run fails with `message` if it is not; but not inside a branch or loop that stays one.
  bool isAtLeast(DimAttr value, int64_t least, llvm::StringRef message);
  /// Builds the checks of what was taken to be so.
  void checkAssumptions();
  void dropAssumptions() { assumptions.clear(); }
  /// The positions (i64) of the set elements of a vector of booleans, ascending; their number is a
  /// new variable.
  mlir::Value findSet(mlir::Value mask);

  //===--------------------------------------------------------------------===//
  // Loops
  //===--------------------------------------------------------------------===//

  /// An scf.for of `count` steps. `body` gets the number of the step, as a variable that has its
  /// value inside the body only, and what is carried; it returns the next values of what is
  /// carried, of the same types. Returns the last values; nothing on failure. `step` is the
  /// variable to use; null makes a new one.
  std::optional<llvm::SmallVector<mlir::Value>>
  forLoop(DimAttr count, llvm::ArrayRef<mlir::Value> carried,
          llvm::function_ref<llvm::SmallVector<mlir::Value>(DimAttr, mlir::ValueRange)> body,
          DimAttr step = {});
  /// `dest` with `row`, of one axis less, at position `at` of `axis`. In a loop that carries `dest`
  /// this writes in place.
  mlir::Value assignRow(mlir::Value dest, mlir::Value row, int64_t axis, DimAttr at);
  /// Position `at` of `axis`, without the axis.
  mlir::Value takeRow(mlir::Value x, int64_t axis, DimAttr at) {
    return squeeze(slice(x, axis, at, dim(1)), axis);
  }

  //===--------------------------------------------------------------------===//
  // Functions that several families use
  //===--------------------------------------------------------------------===//

  mlir::Value sigmoid(mlir::Value x);
  mlir::Value relu(mlir::Value x);
  /// log(1 + e^x), without overflow.
  mlir::Value softplus(mlir::Value x);
  mlir::Value softmax(mlir::Value x, llvm::ArrayRef<int64_t> axes, bool logarithm = false);
  /// NumPy's `matmul`.
  mlir::Value matmul(mlir::Value x, mlir::Value y);

private:
  const ::onnx::AttributeProto *findAttr(llvm::StringRef name) const;
  OnnxValue *findInput(unsigned i) const;

  OnnxGraphImporter &importer;
  const ::onnx::NodeProto &proto;
  int64_t opset;
  /// What must not be negative, and the message where it is.
  llvm::SmallVector<std::pair<DimAttr, std::string>, 0> assumptions;
};

/// What an operator does with tensors of strings, which are imported as ids (i64).
struct OnnxStringRule {
  static constexpr uint32_t all = ~uint32_t(0);
  static bool has(uint32_t set, size_t i) { return set == all || (i < 32 && (set >> i & 1)); }

  /// Bit i: input i may be strings. If one of these is, all must be.
  uint32_t inputs = 0;
  /// Bit i: output i is strings where one of those inputs is.
  uint32_t outputs = 0;
  /// Whether it has graphs, which decide what its results are and may use strings from outside.
  bool hasGraphs = false;
};

/// Maps (domain, operator, opset) to what builds it. Not synchronized: fill it, then share it.
class OnnxOpRegistry {
public:
  /// Sets the node's outputs, or fails.
  using Build = std::function<void(OnnxNode &)>;
  /// The same on known integers; false if it cannot, and then `Build` is called.
  using FoldInts = std::function<bool(OnnxNode &)>;

  /// Registers the operator from opset `since` on, until a later registration takes over; replaces
  /// one with the same opset.
  void add(llvm::StringRef op, int64_t since, Build build, llvm::StringRef domain = "");
  /// Registers the arithmetic of the operator on known integers, tried when every input is known.
  void addFold(llvm::StringRef op, FoldInts fold, llvm::StringRef domain = "");
  /// Lets the operator have strings; without a rule it is never built with any.
  void setStrings(llvm::StringRef op, OnnxStringRule rule, llvm::StringRef domain = "");
  /// Null if there is none.
  const Build *find(llvm::StringRef domain, llvm::StringRef op, int64_t opset) const;
  const FoldInts *findFold(llvm::StringRef domain, llvm::StringRef op) const;
  const OnnxStringRule *findStrings(llvm::StringRef domain, llvm::StringRef op) const;

private:
  struct Entry {
    llvm::SmallVector<std::pair<int64_t, Build>, 1> builds; ///< Ascending by opset.
    FoldInts fold;
    std::optional<OnnxStringRule> strings;
  };
  static std::string getKey(llvm::StringRef domain, llvm::StringRef op);

  llvm::StringMap<Entry> entries;
};

/// Registers every operator that tg imports, one function per family (one file each).
void registerOnnxOps(OnnxOpRegistry &registry);

} // namespace tg

#endif // TG_IMPORT_ONNXOPS_H
