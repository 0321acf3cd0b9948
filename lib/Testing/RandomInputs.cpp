//===- RandomInputs.cpp - Values for random programs, and their reduction ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Dialect/UOp/UOp.h"
#include "tg/Testing/RandomProgram.h"

#include "mlir/IR/Verifier.h"

#include <cmath>
#include <random>

using namespace mlir;
using namespace tg;
using namespace tg::testing;
using namespace tg::uop;

/// Bits of the edges of each format come from small integers, so that ordinary numbers dominate.
static double pickFloat(std::mt19937_64 &random) {
  static const double special[] = {0.0,      -0.0,   1.0,    -1.0,   0.5,    INFINITY, -INFINITY,
                                   NAN,      1e-40,  -1e-42, 1e-310, 65504,  3.0e38,   1e308,
                                   -3.4e38,  6.1e-5, 5.9e-8, 88.7,   -103.9, 1e-7,     16777217,
                                   0.999999, 2.5,    -1.5,   1e10,   448,    57344,    -240};
  if (random() % 12 == 0)
    return special[random() % std::size(special)];
  std::normal_distribution<double> normal(0, random() % 4 ? 1.0 : 8.0);
  return normal(random);
}

static int64_t pickInteger(std::mt19937_64 &random) {
  static const int64_t special[] = {INT64_MIN, INT64_MAX, INT32_MIN, INT32_MAX, -128, 127,
                                    255,       65535,     -1,        0,         1,    UINT32_MAX};
  if (random() % 8 == 0)
    return special[random() % std::size(special)];
  return static_cast<int64_t>(random() % 41) - 20;
}

std::vector<rt::Tensor> testing::makeRandomInputs(func::FuncOp function,
                                                  const std::map<std::string, int64_t> &vars,
                                                  uint64_t seed) {
  std::vector<rt::Tensor> tensors;
  std::mt19937_64 random(seed);
  for (Type type : function.getArgumentTypes()) {
    auto tensorType = cast<RankedTensorType>(type);
    std::vector<int64_t> shape;
    for (DimAttr dim : getDims(tensorType))
      shape.push_back(*evaluate(dim, [&](StringRef var) -> std::optional<int64_t> {
        auto it = vars.find(var.str());
        return it == vars.end() ? std::nullopt : std::optional<int64_t>(it->second);
      }));
    std::string name;
    llvm::raw_string_ostream(name) << tensorType.getElementType();
    rt::Tensor tensor = *rt::Tensor::zeros(*parseDType(name), shape);
    for (int64_t i = 0; i < tensor.numElements(); ++i) {
      if (isFloat(tensor.dtype()))
        tensor.setDouble(i, pickFloat(random));
      else
        tensor.setInt(i, tensor.dtype() == DType::I1 ? random() % 2 : pickInteger(random));
    }
    tensors.push_back(tensor);
  }
  return tensors;
}

//===----------------------------------------------------------------------===//
// Reduction
//===----------------------------------------------------------------------===//

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

static func::FuncOp mainOf(ModuleOp module) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  return main ? main : *module.getOps<func::FuncOp>().begin();
}

/// The operations of the function's body in order, for addressing one in a clone.
static Operation *operationAt(func::FuncOp function, unsigned index) {
  auto it = function.getBody().front().begin();
  std::advance(it, index);
  return &*it;
}

OwningOpRef<ModuleOp> testing::reduceProgram(ModuleOp module, function_ref<bool(ModuleOp)> fails) {
  OwningOpRef<ModuleOp> best = module.clone();
  auto tryChange = [&](function_ref<void(func::FuncOp)> change) {
    OwningOpRef<ModuleOp> candidate = best->clone();
    change(mainOf(*candidate));
    clean(mainOf(*candidate));
    ScopedDiagnosticHandler quiet(module.getContext(), [](Diagnostic &) { return success(); });
    if (failed(verify(*candidate)) || !fails(*candidate))
      return false;
    best = std::move(candidate);
    return true;
  };
  for (unsigned i = 0; i < mainOf(*best).getNumResults(); ++i)
    if (tryChange([&](func::FuncOp function) {
          setResults(function, function.getBody().front().getTerminator()->getOperand(i));
        }))
      break;
  // What a result is computed from, instead of it, as long as that will do.
  auto shorten = [&](unsigned result, unsigned operand) {
    return tryChange([&](func::FuncOp function) {
      SmallVector<Value> values(function.getBody().front().getTerminator()->getOperands());
      values[result] = values[result].getDefiningOp()->getOperand(operand);
      setResults(function, values);
    });
  };
  for (unsigned i = 0; i < mainOf(*best).getNumResults(); ++i) {
    Operation *op = nullptr;
    do {
      op = mainOf(*best).getBody().front().getTerminator()->getOperand(i).getDefiningOp();
    } while (op && llvm::any_of(llvm::seq(op->getNumOperands()), [&](unsigned operand) {
               return isa<RankedTensorType>(op->getOperand(operand).getType()) &&
                      shorten(i, operand);
             }));
  }
  // From the end: a cut near the results drops most.
  bool changed = true;
  while (changed) {
    changed = false;
    unsigned count = mainOf(*best).getBody().front().getOperations().size();
    for (unsigned i = count - 1; i-- > 0;) {
      changed |= tryChange([&](func::FuncOp function) {
        for (Value result : operationAt(function, i)->getResults()) {
          if (!isa<RankedTensorType>(result.getType()))
            continue;
          unsigned number = function.getNumArguments();
          (void)function.insertArgument(number, result.getType(), {}, function.getLoc());
          result.replaceAllUsesWith(function.getArgument(number));
        }
      });
      count = mainOf(*best).getBody().front().getOperations().size();
      i = std::min(i, count - 1);
    }
    // Replacing constants by arguments changes nothing for ever: one round is enough for them.
    if (mainOf(*best).getBody().front().getOperations().size() == count)
      break;
  }
  return best;
}
