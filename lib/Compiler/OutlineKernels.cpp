//===- OutlineKernels.cpp - Kernels into modules of their own ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Compiler/ProgramBuilder.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

/// The names in a location that the user gave to nodes, in order.
static void collectNames(LocationAttr loc, llvm::SetVector<StringRef> &names) {
  loc.walk([&](Attribute attr) {
    if (auto name = dyn_cast<NameLoc>(attr))
      names.insert(name.getName().getValue());
    return WalkResult::advance();
  });
}

std::string tg::getNodeNames(LocationAttr loc) {
  llvm::SetVector<StringRef> names;
  collectNames(loc, names);
  return llvm::join(names, ", ");
}

/// `reduce_4x8`: what the kernel ends in, and the shape of its first result.
static std::string nameOf(KernelOp kernel) {
  Operation *yield = kernel.getBody().front().getTerminator();
  StringRef what = "copy";
  for (Operation &op : kernel.getBody().front().without_terminator()) {
    if (isa<ReduceOp, UnwindowOp, ScanOp, SortOp, GatherOp, ScatterOp, CompactOp, AssignOp,
            ConcatOp>(op)) {
      what = op.getName().stripDialect();
      break;
    }
    if (isa<ElementwiseOpInterface>(op))
      what = "map";
  }
  std::string name = what.str() + "_";
  auto type = cast<RankedTensorType>(yield->getOperand(0).getType());
  if (type.getRank() == 0)
    return name + "scalar";
  llvm::raw_string_ostream os(name);
  auto printDim = [&](DimAttr dim) {
    constexpr size_t maxLength = 32;
    std::string text;
    llvm::raw_string_ostream stream(text);
    dim.printExpr(stream);
    os << (text.size() > maxLength ? "dynamic" : text);
  };
  llvm::interleave(getDims(type), os, printDim, "x");
  llvm::erase_if(name, [](char c) { return c == ' '; });
  return name;
}

static OwningOpRef<ModuleOp> outline(KernelOp kernel) {
  MLIRContext *context = kernel.getContext();
  auto outer = kernel->getParentOfType<ModuleOp>();
  OwningOpRef<ModuleOp> module = ModuleOp::create(kernel.getLoc());
  OpBuilder builder = OpBuilder::atBlockEnd(module->getBody());
  // Every variable, so that the position in `tg.vars` is the variable's id in the program.
  SmallVector<Attribute> vars;
  for (auto var : outer.getOps<VarOp>()) {
    builder.clone(*var);
    vars.push_back(StringAttr::get(context, var.getSymName()));
  }
  module->getOperation()->setAttr(attrs::vars, builder.getArrayAttr(vars));
  Block &body = kernel.getBody().front();
  auto type =
      FunctionType::get(context, body.getArgumentTypes(), body.getTerminator()->getOperandTypes());
  auto function = func::FuncOp::create(builder, kernel.getLoc(), "kernel", type);
  function->setAttr(attrs::kernel, builder.getUnitAttr());
  if (kernel.getScheduleAttr())
    function->setAttr(attrs::schedule, kernel.getScheduleAttr());
  Block *entry = function.addEntryBlock();
  builder.setInsertionPointToEnd(entry);
  IRMapping mapping;
  mapping.map(body.getArguments(), entry->getArguments());
  for (Operation &op : body.without_terminator())
    builder.clone(op, mapping);
  // Who writes in part has to know what it writes to; for all others in place makes no difference.
  for (auto [i, value] : llvm::enumerate(body.getTerminator()->getOperands()))
    if (auto dest = dyn_cast_or_null<BlockArgument>(getUpdated(value));
        dest && kernel.getInputs()[dest.getArgNumber()] == kernel.getOuts()[i])
      function.setResultAttr(i, attrs::alias, builder.getI64IntegerAttr(dest.getArgNumber()));
  SmallVector<Value> results;
  for (Value value : body.getTerminator()->getOperands())
    results.push_back(mapping.lookup(value));
  func::ReturnOp::create(builder, kernel.getLoc(), results);
  return module;
}

std::vector<OutlinedKernel> tg::outlineKernels(func::FuncOp function) {
  std::vector<OutlinedKernel> kernels;
  llvm::StringMap<unsigned> known;
  function.walk([&](KernelOp kernel) {
    OwningOpRef<ModuleOp> module = outline(kernel);
    std::string text; // Without locations.
    llvm::raw_string_ostream os(text);
    module->print(os, OpPrintingFlags().useLocalScope());
    auto [it, isNew] = known.try_emplace(text, kernels.size());
    if (isNew) {
      OutlinedKernel outlined;
      outlined.module = std::move(module);
      outlined.name = nameOf(kernel);
      outlined.location = getNodeNames(kernel.getLoc());
      kernels.push_back(std::move(outlined));
    }
    kernels[it->second].launches.push_back(kernel);
  });
  return kernels;
}
