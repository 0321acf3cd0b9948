//===- ReduceProgram.cpp - Shrinks a program that shows a fault ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every step changes a copy of the module, which becomes the module if it still shows the fault.
// Test: test/Tools/tg-reduce.test
//
//===----------------------------------------------------------------------===//

#include "tg/Dialect/UOp/UOp.h"
#include "tg/Testing/RandomProgram.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace tg;

static func::FuncOp mainOf(ModuleOp module) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  return main ? main : *module.getOps<func::FuncOp>().begin();
}

static void setResults(func::FuncOp function, ValueRange results) {
  Operation *ret = function.getBody().front().getTerminator();
  SmallVector<Value> kept(results);
  ret->setOperands(kept);
  function.setFunctionType(FunctionType::get(function.getContext(), function.getArgumentTypes(),
                                             ValueRange(kept).getTypes()));
  function.removeResAttrsAttr(); // They belong to the old results.
}

/// Removes what nothing uses, arguments too.
static void clean(func::FuncOp function) {
  bool changed = true;
  while (changed) {
    changed = false;
    SmallVector<Operation *> ops;
    function.getBody().walk([&](Operation *op) { ops.push_back(op); });
    for (Operation *op : llvm::reverse(ops))
      // Functions of uop operations have no effects.
      if (isOpTriviallyDead(op) || (isa<func::CallOp>(op) && op->use_empty())) {
        op->erase();
        changed = true;
        break; // What it held may be gone from the list too.
      }
  }
  llvm::BitVector unused(function.getNumArguments());
  for (BlockArgument argument : function.getArguments())
    if (argument.use_empty())
      unused.set(argument.getArgNumber());
  (void)function.eraseArguments(unused);
}

/// A new argument of the function for each use of `value`, a tensor.
static void replaceByArgument(Value value) {
  auto function = value.getParentRegion()->getParentOfType<func::FuncOp>();
  unsigned number = function.getNumArguments();
  (void)function.insertArgument(number, value.getType(), {}, function.getLoc());
  value.replaceAllUsesWith(function.getArgument(number));
}

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

/// Copies the operations of `block` in front of `builder`'s place, with `arguments` for those of
/// the block; gives what its terminator passes on.
static SmallVector<Value> inlineBlock(OpBuilder &builder, Block &block, ValueRange arguments) {
  IRMapping mapping;
  mapping.map(block.getArguments(), arguments);
  for (Operation &op : block.without_terminator())
    builder.clone(op, mapping);
  Operation *terminator = block.getTerminator();
  OperandRange passed = isa<scf::ConditionOp>(terminator)
                            ? cast<scf::ConditionOp>(terminator).getArgs()
                            : OperandRange(terminator->getOperands());
  return llvm::map_to_vector(passed, [&](Value v) { return mapping.lookupOrDefault(v); });
}

/// One way through the operation in its place: the body of a loop once, or a branch. False if there
/// is no `way` of this number.
static bool replaceByBody(Operation *op, unsigned way) {
  OpBuilder builder(op);
  SmallVector<Value> results;
  if (auto loop = dyn_cast<scf::ForOp>(op); loop && way == 0) {
    SmallVector<Value> arguments{loop.getLowerBound()};
    llvm::append_range(arguments, loop.getInitArgs());
    results = inlineBlock(builder, *loop.getBody(), arguments);
  } else if (auto branch = dyn_cast<scf::IfOp>(op); branch && way < 2) {
    Region &region = branch->getRegion(way);
    if (region.empty())
      return false;
    results = inlineBlock(builder, region.front(), {});
  } else if (auto loop = dyn_cast<scf::WhileOp>(op); loop && way < 2) {
    results = inlineBlock(builder, loop.getBefore().front(), loop.getInits());
    if (way == 0) {
      results = inlineBlock(builder, loop.getAfter().front(), results);
      results = inlineBlock(builder, loop.getBefore().front(), results);
    }
  } else {
    return false;
  }
  op->replaceAllUsesWith(results);
  op->erase();
  return true;
}

/// The `scf.for` without the value number `index` of those that it carries: in the body and behind
/// the loop stands the one before it.
static void dropCarried(scf::ForOp loop, unsigned index) {
  Value init = loop.getInitArgs()[index];
  loop.getResult(index).replaceAllUsesWith(init);
  loop.getRegionIterArg(index).replaceAllUsesWith(init);
  loop.getBody()->eraseArgument(index + 1);
  loop.getBody()->getTerminator()->eraseOperand(index);
  SmallVector<Value> inits(loop.getInitArgs());
  inits.erase(inits.begin() + index);
  OpBuilder builder(loop);
  auto smaller = scf::ForOp::create(builder, loop.getLoc(), loop.getLowerBound(),
                                    loop.getUpperBound(), loop.getStep(), inits);
  smaller->setAttrs(loop->getAttrs());
  smaller.getRegion().takeBody(loop.getRegion());
  SmallVector<Value> results(smaller.getResults());
  results.insert(results.begin() + index, init);
  loop.replaceAllUsesWith(results);
  loop.erase();
}

/// The operation with fewer results, which must not be used: those that the branches of an `if`
/// yield, or that a `while` passes from its condition on.
static void dropResult(Operation *op, unsigned index) {
  for (Region &region : op->getRegions())
    if (!region.empty() && isa<scf::IfOp>(op))
      region.front().getTerminator()->eraseOperand(index);
  if (auto loop = dyn_cast<scf::WhileOp>(op)) {
    loop.getConditionOp().getArgsMutable().erase(index);
    replaceByArgument(loop.getAfterArguments()[index]);
    loop.getAfter().front().eraseArgument(index);
  }
  SmallVector<Type> types(op->getResultTypes());
  types.erase(types.begin() + index);
  OpBuilder builder(op);
  OperationState state(op->getLoc(), op->getName(), op->getOperands(), types, op->getAttrs());
  for (unsigned i = 0; i < op->getNumRegions(); ++i)
    state.addRegion();
  Operation *smaller = builder.create(state);
  for (auto [from, to] : llvm::zip(op->getRegions(), smaller->getRegions()))
    to.takeBody(from);
  SmallVector<Value> results(smaller->getResults());
  results.insert(results.begin() + index, Value());
  for (auto [old, replacement] : llvm::zip(op->getResults(), results))
    if (replacement)
      old.replaceAllUsesWith(replacement);
  op->erase();
}

/// The `scf.while` without the value number `index` that its condition takes: the first one stands
/// for it.
static void dropInit(scf::WhileOp loop, unsigned index) {
  loop.getBeforeArguments()[index].replaceAllUsesWith(loop.getInits()[index]);
  loop.getBefore().front().eraseArgument(index);
  loop.getYieldOp()->eraseOperand(index);
  loop->eraseOperand(index);
}

//===----------------------------------------------------------------------===//
// Reducer
//===----------------------------------------------------------------------===//

namespace {
class Reducer {
public:
  Reducer(ModuleOp module, function_ref<bool(ModuleOp)> fails)
      : fails(fails), best(module.clone()) {}

  OwningOpRef<ModuleOp> run() {
    keepOneResult();
    do {
      shortenResults();
      cutOutside();
    } while (flattenControlFlow() || dropCarriedValues() || cutInside());
    return std::move(best);
  }

private:
  /// Makes the copy with the change the module if that still shows the fault. `change` is false
  /// where there is nothing to change.
  bool tryChange(function_ref<bool(func::FuncOp)> change) {
    OwningOpRef<ModuleOp> candidate = best->clone();
    if (!change(mainOf(*candidate)))
      return false;
    clean(mainOf(*candidate));
    ScopedDiagnosticHandler quiet(best->getContext(), [](Diagnostic &) { return success(); });
    if (failed(verify(*candidate)) || !fails(*candidate))
      return false;
    best = std::move(candidate);
    return true;
  }

  ValueRange results() { return mainOf(*best).getBody().front().getTerminator()->getOperands(); }

  void keepOneResult();
  void shortenResults();
  void cutOutside();
  bool flattenControlFlow();
  bool dropCarriedValues();
  bool cutInside();

  /// The operations of control flow, or what stands inside them and computes scalars, in preorder:
  /// a number names the same operation in a clone.
  static SmallVector<Operation *> nested(func::FuncOp function, bool isControlFlow);
  /// Tries a change of every such operation from the last one on, until none is left to try.
  bool tryNested(bool isControlFlow, function_ref<bool(Operation *, unsigned)> change);

  function_ref<bool(ModuleOp)> fails;
  OwningOpRef<ModuleOp> best;
};
} // namespace

void Reducer::keepOneResult() {
  for (unsigned i = 0; i < mainOf(*best).getNumResults(); ++i)
    if (tryChange([&](func::FuncOp function) {
          setResults(function, function.getBody().front().getTerminator()->getOperand(i));
          return true;
        }))
      break;
}

/// What a result is computed from, instead of it, as long as that will do.
void Reducer::shortenResults() {
  auto shorten = [&](unsigned result, unsigned operand) {
    return tryChange([&](func::FuncOp function) {
      SmallVector<Value> values(function.getBody().front().getTerminator()->getOperands());
      values[result] = values[result].getDefiningOp()->getOperand(operand);
      setResults(function, values);
      return true;
    });
  };
  for (unsigned i = 0; i < mainOf(*best).getNumResults(); ++i) {
    Operation *op = nullptr;
    do {
      op = results()[i].getDefiningOp();
    } while (op && llvm::any_of(llvm::seq(op->getNumOperands()), [&](unsigned operand) {
               return isa<RankedTensorType>(op->getOperand(operand).getType()) &&
                      shorten(i, operand);
             }));
  }
}

/// Arguments for what the operations of the function's body compute. From the end: a cut near the
/// results drops most.
void Reducer::cutOutside() {
  auto countOps = [&] { return mainOf(*best).getBody().front().getOperations().size(); };
  bool changed = true;
  while (changed) {
    changed = false;
    unsigned count = countOps();
    for (unsigned i = count - 1; i-- > 0;) {
      changed |= tryChange([&](func::FuncOp function) {
        auto op = std::next(function.getBody().front().begin(), i);
        bool replaces = false;
        for (Value result : op->getResults())
          if (isa<RankedTensorType>(result.getType()) && !result.use_empty()) {
            replaceByArgument(result);
            replaces = true;
          }
        return replaces;
      });
      count = countOps();
      i = std::min(i, count - 1);
    }
    // Replacing constants by arguments changes nothing for ever: one round is enough for them.
    if (countOps() == count)
      break;
  }
}

SmallVector<Operation *> Reducer::nested(func::FuncOp function, bool isControlFlow) {
  SmallVector<Operation *> ops;
  auto isScalar = [](Value value) { return isa<IntegerType, IndexType>(value.getType()); };
  function.getBody().walk<WalkOrder::PreOrder>([&](Operation *op) {
    bool isFlow = isa<scf::ForOp, scf::IfOp, scf::WhileOp>(op);
    bool isInside = isa<scf::ForOp, scf::IfOp, scf::WhileOp>(op->getParentOp()) &&
                    !op->hasTrait<OpTrait::IsTerminator>();
    if (isControlFlow ? isFlow : isInside || llvm::any_of(op->getResults(), isScalar))
      ops.push_back(op);
  });
  return ops;
}

bool Reducer::tryNested(bool isControlFlow, function_ref<bool(Operation *, unsigned)> change) {
  // No operation here has more ways to change than this.
  constexpr unsigned maxWays = 64;
  bool changed = false;
  for (size_t i = nested(mainOf(*best), isControlFlow).size(); i-- > 0;) {
    for (unsigned way = 0; way < maxWays; ++way) {
      bool isOver = true;
      bool succeeds = tryChange([&](func::FuncOp function) {
        SmallVector<Operation *> ops = nested(function, isControlFlow);
        isOver = i >= ops.size() || !change(ops[i], way);
        return !isOver;
      });
      changed |= succeeds;
      // What moved up to the place of what went is next.
      if (succeeds)
        way = -1;
      if (isOver)
        break;
    }
    i = std::min(i, nested(mainOf(*best), isControlFlow).size());
  }
  return changed;
}

bool Reducer::flattenControlFlow() { return tryNested(/*isControlFlow=*/true, replaceByBody); }

bool Reducer::dropCarriedValues() {
  return tryNested(/*isControlFlow=*/true, [](Operation *op, unsigned way) {
    unsigned numResults = op->getNumResults();
    if (auto loop = dyn_cast<scf::ForOp>(op)) {
      if (way < numResults)
        dropCarried(loop, way);
      return way < numResults;
    }
    if (way < numResults) {
      replaceByArgument(op->getResult(way));
      dropResult(op, way);
      return true;
    }
    auto loop = dyn_cast<scf::WhileOp>(op);
    if (!loop || way - numResults >= loop.getInits().size())
      return false;
    dropInit(loop, way - numResults);
    return true;
  });
}

/// Inside of loops and branches: an argument or an operand in place of a tensor, 1 in place of a
/// number or condition.
bool Reducer::cutInside() {
  return tryNested(/*isControlFlow=*/false, [](Operation *op, unsigned way) {
    if (op->getNumResults() != 1 || op->getNumOperands() == 0 || op->use_empty())
      return false;
    Value result = op->getResult(0);
    Type type = result.getType();
    if (isa<IntegerType, IndexType>(type)) {
      OpBuilder builder(op);
      if (way == 0)
        result.replaceAllUsesWith(
            arith::ConstantOp::create(builder, op->getLoc(), builder.getIntegerAttr(type, 1)));
      return way == 0;
    }
    if (!isa<RankedTensorType>(type))
      return false;
    if (way == 0) {
      replaceByArgument(result);
      return true;
    }
    for (Value operand : op->getOperands())
      if (operand.getType() == type && --way == 0) {
        result.replaceAllUsesWith(operand);
        return true;
      }
    return false;
  });
}

OwningOpRef<ModuleOp> testing::reduceProgram(ModuleOp module, function_ref<bool(ModuleOp)> fails) {
  return Reducer(module, fails).run();
}
