//===- InlineCalls.cpp - Put functions in place of their calls ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Before:  %1 = func.call @square(%0) : (tensor<4xf32>) -> tensor<4xf32>
// After:   %1 = uop.mul %0, %0 : tensor<4xf32>
//
// Not upstream's inliner, which canonicalizes what it has inlined into: the control flow of users
// is theirs. Sizes are counted before anything is copied.
//
// Test: test/Graph/inline.mlir
//
//===----------------------------------------------------------------------===//

#include "tg/Dialect/UOp/UOpVars.h"
#include "tg/Graph/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/Support/MathExtras.h"

namespace tg {
#define GEN_PASS_DEF_INLINECALLS
#include "tg/Graph/Passes.h.inc"
} // namespace tg

using namespace mlir;
using namespace tg;

namespace {

class Inliner {
public:
  Inliner(ModuleOp module, uint64_t maxOperations)
      : symbols(module), maxOperations(maxOperations) {}

  LogicalResult run(ModuleOp module) {
    // What nobody calls is not compiled.
    for (auto function : module.getOps<func::FuncOp>())
      if (function.isPublic() && failed(visit(function)))
        return failure();
    for (auto [function, calls] : order)
      for (func::CallOp call : calls)
        replace(call);
    return success();
  }

private:
  /// As the interpreter.
  static constexpr unsigned maxDepth = 256;

  struct Function {
    /// Operations once its calls are inlined; saturates.
    uint64_t size = 0;
    /// Calls within calls.
    unsigned depth = 0;
    /// Variables that it and what it calls bind, and use.
    llvm::DenseSet<StringAttr> bound, used;
    bool isOpen = true;
  };

  func::FuncOp calleeOf(func::CallOp call) {
    return symbols.lookup<func::FuncOp>(call.getCallee());
  }

  /// Counts, and notes the calls in the order in which they can be replaced: callees first.
  LogicalResult visit(func::FuncOp function) {
    auto [it, isNew] = functions.try_emplace(function);
    if (!isNew || function.isExternal())
      return success();
    SmallVector<func::CallOp> calls;
    uint64_t size = 0;
    unsigned depth = 0;
    WalkResult walked = function.walk([&](Operation *op) {
      size = llvm::SaturatingAdd(size, uint64_t(1));
      auto call = dyn_cast<func::CallOp>(op);
      if (!call)
        return WalkResult::advance();
      path.push_back(call);
      if (failed(visitCallee(call)))
        return WalkResult::interrupt();
      path.pop_back();
      const Function &callee = functions[calleeOf(call)];
      size = llvm::SaturatingAdd(size, callee.size);
      depth = std::max(depth, callee.depth + 1);
      if (depth > maxDepth)
        return (void)(call.emitOpError("calls nest deeper than ") << maxDepth),
               WalkResult::interrupt();
      calls.push_back(call);
      return WalkResult::advance();
    });
    if (walked.wasInterrupted() || failed(checkVars(function, calls)))
      return failure();
    if (!calls.empty() && size > maxOperations)
      return function.emitError("its calls, inlined, are ")
             << (size == UINT64_MAX ? "2^64 or more" : std::to_string(size))
             << " operations; at most " << maxOperations << " are compiled";
    Function &counted = functions[function];
    counted.size = size;
    counted.depth = depth;
    counted.isOpen = false;
    order.push_back({function, std::move(calls)});
    return success();
  }

  /// What a callee binds ends with it: nothing else in the caller may know the variable, or would
  /// see that value once both are one function.
  LogicalResult checkVars(func::FuncOp function, ArrayRef<func::CallOp> calls) {
    llvm::SetVector<StringAttr> own = uop::getBoundVars(function);
    llvm::DenseSet<StringAttr> bound(own.begin(), own.end()), used;
    function.walk(
        [&](Operation *op) { uop::forEachVar(op, [&](StringAttr var) { used.insert(var); }); });
    // Of several callees each knows those before it.
    for (func::CallOp call : calls) {
      const Function &callee = functions[calleeOf(call)];
      for (StringAttr var : callee.bound)
        if (used.contains(var) || bound.contains(var))
          return call.emitOpError("binds variable '")
                 << var.getValue() << "', which its caller knows too; give it another name";
      for (StringAttr var : callee.used)
        if (bound.contains(var) && !callee.bound.contains(var) && !own.contains(var))
          return call.emitOpError("uses variable '")
                 << var.getValue() << "', which another call binds; give that another name";
      bound.insert(callee.bound.begin(), callee.bound.end());
      used.insert(callee.used.begin(), callee.used.end());
    }
    functions[function].bound = std::move(bound);
    functions[function].used = std::move(used);
    return success();
  }

  LogicalResult visitCallee(func::CallOp call) {
    func::FuncOp callee = calleeOf(call);
    if (!callee || callee.isExternal())
      return call.emitOpError("calls a function without a body");
    if (!llvm::hasSingleElement(callee.getBody()))
      return call.emitOpError("calls a function of several blocks; control flow must be scf's");
    if (auto it = functions.find(callee); it != functions.end() && it->second.isOpen)
      return reportCycle(call, callee);
    if (path.size() > maxDepth)
      return call.emitOpError("calls nest deeper than ") << maxDepth;
    return visit(callee);
  }

  LogicalResult reportCycle(func::CallOp call, func::FuncOp callee) {
    std::string cycle = "@" + callee.getSymName().str();
    auto first = llvm::find_if(path, [&](func::CallOp caller) {
      return caller->getParentOfType<func::FuncOp>() == callee;
    });
    for (auto it = first; it != path.end(); ++it)
      cycle += " -> @" + it->getCallee().str();
    return call.emitOpError("is recursive (")
           << cycle << "): functions are inlined; use scf.while instead";
  }

  void replace(func::CallOp call) {
    Block &body = calleeOf(call).getBody().front();
    OpBuilder builder(call);
    IRMapping mapping;
    mapping.map(body.getArguments(), call.getOperands());
    for (Operation &op : body.without_terminator())
      builder.clone(op, mapping)->walk([&](Operation *inner) {
        inner->setLoc(CallSiteLoc::get(inner->getLoc(), call.getLoc()));
      });
    call.replaceAllUsesWith(
        llvm::map_to_vector(body.getTerminator()->getOperands(),
                            [&](Value value) { return mapping.lookupOrDefault(value); }));
    call.erase();
  }

  SymbolTable symbols;
  uint64_t maxOperations;
  llvm::DenseMap<Operation *, Function> functions;
  /// The calls from the function at the outside to the one that is visited.
  SmallVector<func::CallOp> path;
  std::vector<std::pair<func::FuncOp, SmallVector<func::CallOp>>> order;
};

struct InlineCallsPass : tg::impl::InlineCallsBase<InlineCallsPass> {
  using InlineCallsBase::InlineCallsBase;

  void runOnOperation() override {
    if (failed(Inliner(getOperation(), maxOperations).run(getOperation())))
      signalPassFailure();
  }
};

} // namespace
