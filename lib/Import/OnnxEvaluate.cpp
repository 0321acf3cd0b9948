//===- OnnxEvaluate.cpp - Values that no input decides ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shapes and trip counts are sometimes computed in floats, or by operators that ShapeMath.cpp does
// not fold. If what they are computed from is constant, the interpreter says what they are.
//
//===----------------------------------------------------------------------===//

#include "OnnxGraph.h"

#include "tg/Interp/Interpreter.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/IRMapping.h"

#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace tg;

/// The operations that `value` is computed by, operands first; nothing if an input or a variable
/// takes part, or if they are many or large.
static std::optional<SmallVector<Operation *>> findComputation(Value value) {
  constexpr size_t maxOps = 512;
  constexpr int64_t maxElements = 1 << 14;
  llvm::SetVector<Operation *> done;
  SmallVector<std::pair<Operation *, unsigned>> stack;
  auto push = [&](Value operand) {
    Operation *op = operand.getDefiningOp();
    auto type = dyn_cast<RankedTensorType>(operand.getType());
    if (!op || !isa<uop::UOpDialect>(op->getDialect()) || !type || !type.hasStaticShape() ||
        type.getNumElements() > maxElements)
      return false;
    // A region may use values from around it.
    if (llvm::any_of(op->getRegions(), [](Region &region) { return !region.empty(); }))
      return false;
    if (!done.contains(op))
      stack.push_back({op, 0});
    return done.size() + stack.size() <= maxOps;
  };
  if (!push(value))
    return std::nullopt;
  while (!stack.empty()) {
    auto &[op, next] = stack.back();
    if (isa<uop::SizeOp>(op))
      return std::nullopt;
    if (next < op->getNumOperands()) {
      if (!push(op->getOperand(next++)))
        return std::nullopt;
      continue;
    }
    done.insert(op);
    stack.pop_back();
  }
  return done.takeVector();
}

static ElementsAttr toAttribute(const rt::Tensor &tensor, RankedTensorType type) {
  size_t count = tensor.numElements();
  if (type.getElementType().isInteger(1)) {
    auto values = ArrayRef(tensor.as<bool>(), count);
    return DenseElementsAttr::get(type, values);
  }
  if (isPacked(tensor.dtype()))
    return {};
  return DenseElementsAttr::getFromRawBuffer(type, ArrayRef(tensor.as<char>(), tensor.byteSize()));
}

ElementsAttr tg::makeOnnxConstant(const rt::Tensor &tensor, MLIRContext *context) {
  Type element = parseType(dtypeName(tensor.dtype()), context);
  return element ? toAttribute(tensor, RankedTensorType::get(tensor.shape(), element))
                 : ElementsAttr();
}

ElementsAttr OnnxGraphImporter::evaluate(Value value) {
  auto computation = findComputation(value);
  if (!computation)
    return {};
  OpBuilder builder(context);
  Location loc = value.getLoc();
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  builder.setInsertionPointToEnd(module->getBody());
  auto function =
      func::FuncOp::create(builder, loc, "main", builder.getFunctionType({}, value.getType()));
  builder.setInsertionPointToEnd(function.addEntryBlock());
  IRMapping mapping;
  for (Operation *op : *computation)
    builder.clone(*op, mapping);
  func::ReturnOp::create(builder, loc, mapping.lookup(value));
  rt::Result<interp::Results> results = interp::interpret(function, {});
  if (!results.ok())
    return {};
  return toAttribute(results->outputs.front(), cast<RankedTensorType>(value.getType()));
}
