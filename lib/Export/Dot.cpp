//===- Dot.cpp - Graphs of uop functions ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Export/Dot.h"

#include "tg/Dialect/UOp/UOp.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/InitAllDialects.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Tools/mlir-translate/Translation.h"

using namespace mlir;
using namespace tg;

namespace {
class DotWriter {
public:
  explicit DotWriter(raw_ostream &os) : os(os) {}

  void write(ModuleOp module) {
    os << "digraph uop {\n"
       << "  rankdir=TB;\n"
       << "  node [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=10];\n"
       << "  edge [fontname=\"sans-serif\", fontsize=8];\n";
    for (auto function : module.getOps<FunctionOpInterface>())
      if (!function.isExternal())
        writeCluster(function, function.getName());
    os << edges << "}\n";
  }

private:
  static void writeEscaped(raw_ostream &os, StringRef text) {
    for (char c : text) {
      if (c == '"' || c == '\\')
        os << '\\';
      os << c;
    }
  }

  /// The name in the user's model.
  static std::string getModelName(Location loc) {
    if (auto name = loc->findInstanceOf<NameLoc>())
      return name.getName().str();
    return "";
  }

  void writeNode(unsigned id, StringRef title, StringRef subtitle, StringRef style = "") {
    os << "  n" << id << " [label=\"";
    writeEscaped(os, title);
    if (!subtitle.empty()) {
      os << "\\n";
      writeEscaped(os, subtitle);
    }
    os << '"' << style << "];\n";
  }

  void writeCluster(Operation *op, StringRef label) {
    os << "  subgraph cluster_" << numNodes++ << " {\n  label=\"";
    writeEscaped(os, label);
    os << "\";\n";
    for (Region &region : op->getRegions())
      for (Block &block : region)
        writeBlock(block);
    os << "  }\n";
  }

  void writeBlock(Block &block) {
    auto function = dyn_cast<FunctionOpInterface>(block.getParentOp());
    for (BlockArgument argument : block.getArguments()) {
      unsigned id = numNodes++;
      ids[argument] = id;
      StringAttr name;
      if (function && block.isEntryBlock())
        name = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(), attrs::name);
      writeNode(id, name ? name.getValue() : StringRef("arg" + std::to_string(id)), "",
                ", shape=ellipse");
    }
    for (Operation &op : block)
      writeOperation(op);
  }

  /// The operation and what it is told: axes, offsets, kinds.
  static std::string getTitle(Operation &op) {
    std::string title = op.getName().getStringRef().str();
    llvm::raw_string_ostream text(title);
    for (NamedAttribute attribute : op.getAttrDictionary()) {
      Attribute value = attribute.getValue();
      if (auto kind = dyn_cast<uop::CombineKindAttr>(value)) {
        text << " " << stringifyEnum(kind.getValue());
      } else if (auto numbers = dyn_cast<DenseI64ArrayAttr>(value)) {
        text << " " << attribute.getName().getValue() << "=[";
        llvm::interleaveComma(numbers.asArrayRef(), text);
        text << "]";
      } else if (auto dims = dyn_cast<uop::DimsAttr>(value)) {
        text << " " << attribute.getName().getValue() << "=[";
        llvm::interleaveComma(dims.getDims(), text, [&](uop::DimAttr dim) { dim.printExpr(text); });
        text << "]";
      } else if (attribute.getName() == "axis") {
        text << " axis=" << cast<IntegerAttr>(value).getInt();
      }
    }
    return title;
  }

  void writeEdge(Value from, unsigned to) {
    llvm::raw_string_ostream text(edges);
    text << "  n" << ids.lookup(from) << " -> n" << to << " [label=\"";
    std::string type;
    llvm::raw_string_ostream(type) << from.getType();
    writeEscaped(text, type);
    text << "\"];\n";
  }

  void writeOperation(Operation &op) {
    bool isCluster = op.getNumRegions() > 0 && !op.getRegion(0).empty();
    if (isCluster)
      writeCluster(&op, op.getName().getStringRef());
    if (auto kernel = dyn_cast<uop::KernelOp>(op)) {
      // Edges lead into the kernel and out of it.
      Block &body = kernel.getBody().front();
      for (auto [input, argument] : llvm::zip_equal(kernel.getInputs(), body.getArguments()))
        writeEdge(input, ids.lookup(argument));
      Operation *yield = body.getTerminator();
      for (auto [result, value] : llvm::zip(kernel.getResults(), yield->getOperands()))
        ids[result] = ids.lookup(value);
      return;
    }
    unsigned id = numNodes++;
    writeNode(id, getTitle(op), getModelName(op.getLoc()), isCluster ? ", style=bold" : "");
    for (Value operand : op.getOperands())
      writeEdge(operand, id);
    for (Value result : op.getResults())
      ids[result] = id;
  }

  raw_ostream &os;
  std::string edges;
  DenseMap<Value, unsigned> ids;
  unsigned numNodes = 0;
};
} // namespace

void tg::exportDot(ModuleOp module, llvm::raw_ostream &os) { DotWriter(os).write(module); }

void tg::registerDotTranslation() {
  static TranslateFromMLIRRegistration registration(
      "uop-to-dot", "write the functions of a module as a Graphviz graph",
      [](ModuleOp module, llvm::raw_ostream &os) {
        exportDot(module, os);
        return success();
      },
      [](DialectRegistry &registry) {
        registerAllDialects(registry);
        registry.insert<uop::UOpDialect>();
      });
}
