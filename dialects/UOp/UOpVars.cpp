//===- UOpVars.cpp - Where variables have a value ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tested by test/Tools/vars.test.
//
//===----------------------------------------------------------------------===//

#include "tg/Dialect/UOp/UOpVars.h"

#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/Dominance.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

void uop::forEachVar(Operation *op, llvm::function_ref<void(StringAttr)> callback) {
  AttrTypeWalker walker;
  walker.addWalk([&](DimAttr dim) { llvm::for_each(dim.getVars(), callback); });
  for (Type type : op->getResultTypes())
    walker.walk(type);
  walker.walk(op->getAttrDictionary());
  for (Region &region : op->getRegions())
    for (Block &block : region)
      for (Type type : block.getArgumentTypes())
        walker.walk(type);
}

llvm::SetVector<StringAttr> uop::getBoundVars(FunctionOpInterface function) {
  llvm::SetVector<StringAttr> vars;
  function.walk([&](BindOp bind) { vars.insert(bind.getVarAttr().getAttr()); });
  return vars;
}

static LogicalResult verifyBinds(FunctionOpInterface function) {
  DenseMap<StringAttr, BindOp> binds;
  WalkResult result = function.walk([&](BindOp bind) {
    auto [it, isNew] = binds.try_emplace(bind.getVarAttr().getAttr(), bind);
    if (isNew)
      return WalkResult::advance();
    bind.emitOpError("binds variable '")
        << bind.getVar() << "' again; a variable is bound once per function";
    return WalkResult::interrupt();
  });
  if (result.wasInterrupted())
    return failure();
  if (binds.empty())
    return success();
  for (Type type : function.getArgumentTypes())
    if (auto tensor = dyn_cast<RankedTensorType>(type))
      for (DimAttr dim : getDims(tensor))
        for (StringAttr var : dim.getVars())
          if (BindOp bind = binds.lookup(var))
            return bind.emitOpError("binds variable '")
                   << var.getValue() << "', which is a dimension of an argument of type " << type;
  DominanceInfo dominance(function);
  result = function.getFunctionBody().walk<WalkOrder::PreOrder>([&](Operation *op) {
    StringAttr early;
    forEachVar(op, [&](StringAttr var) {
      if (BindOp bind = binds.lookup(var); bind && !dominance.properlyDominates(bind, op))
        early = var;
    });
    if (!early)
      return WalkResult::advance();
    InFlightDiagnostic diagnostic = op->emitOpError("uses variable '")
                                    << early.getValue() << "' where it is not bound yet";
    diagnostic.attachNote(binds.lookup(early).getLoc()) << "bound here";
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

LogicalResult uop::verifyVars(ModuleOp module) {
  llvm::DenseSet<StringAttr> declared;
  for (auto var : module.getOps<VarOp>())
    declared.insert(var.getSymNameAttr());
  WalkResult result = module.walk<WalkOrder::PreOrder>([&](Operation *op) {
    StringAttr missing;
    auto check = [&](StringAttr var) {
      if (!declared.contains(var))
        missing = var;
    };
    forEachVar(op, check);
    if (auto bind = dyn_cast<BindOp>(op))
      check(bind.getVarAttr().getAttr());
    if (!missing)
      return WalkResult::advance();
    op->emitOpError("uses variable '") << missing.getValue() << "', which no uop.var declares";
    return WalkResult::interrupt();
  });
  if (result.wasInterrupted())
    return failure();
  for (auto function : module.getOps<FunctionOpInterface>())
    if (!function.isExternal() && failed(verifyBinds(function)))
      return failure();
  return success();
}
