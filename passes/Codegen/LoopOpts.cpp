//===- LoopOpts.cpp - A schedule as a list of opts ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LoopOpts.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using affine::AffineForOp;

namespace tg::codegen {

SmallVector<AffineForOp> numberLoops(func::FuncOp function) {
  SmallVector<AffineForOp> loops;
  function.walk<WalkOrder::PreOrder>([&](AffineForOp loop) { loops.push_back(loop); });
  return loops;
}

void writeOpts(func::FuncOp function, const LoopOpts &opts) {
  OpBuilder builder(function.getContext());
  SmallVector<Attribute> list;
  for (auto [axis, loop] : llvm::enumerate(numberLoops(function))) {
    auto it = opts.find(loop);
    if (it == opts.end())
      continue;
    auto add = [&, axis = axis](StringRef name, int64_t amount) {
      if (amount > 1)
        list.push_back(builder.getDictionaryAttr(
            {builder.getNamedAttr("opt", builder.getStringAttr(name)),
             builder.getNamedAttr("axis", builder.getI64IntegerAttr(axis)),
             builder.getNamedAttr("amount", builder.getI64IntegerAttr(amount))}));
    };
    add("tile", it->second.tile);
    add("vector", it->second.width);
    add("unroll", it->second.copies);
  }
  function->setAttr(attrs::opts, builder.getArrayAttr(list));
}

FailureOr<LoopOpts> readOpts(func::FuncOp function) {
  LoopOpts opts;
  auto list = function->getAttrOfType<ArrayAttr>(attrs::opts);
  if (!list)
    return opts;
  SmallVector<AffineForOp> loops = numberLoops(function);
  for (Attribute attr : list) {
    auto opt = dyn_cast<DictionaryAttr>(attr);
    auto name = opt ? opt.getAs<StringAttr>("opt") : StringAttr();
    auto axis = opt ? opt.getAs<IntegerAttr>("axis") : IntegerAttr();
    auto amount = opt ? opt.getAs<IntegerAttr>("amount") : IntegerAttr();
    if (!name || !axis || !amount)
      return function.emitOpError("expected an opt as {opt = ..., axis = ..., amount = ...}, got ")
             << attr;
    if (axis.getInt() < 0 || axis.getInt() >= int64_t(loops.size()))
      return function.emitOpError("has ") << loops.size() << " loops; " << attr << " names none";
    int64_t count = amount.getInt();
    AffineForOp loop = loops[axis.getInt()];
    bool isOuter = loop->getParentOp() == function && loop->hasAttr(attrs::parallel);
    if (name.getValue() == "tile" && count >= 1 && isOuter)
      opts[loop].tile = count;
    else if (name.getValue() == "vector" && count >= 1 && count <= 64 && llvm::isPowerOf2_64(count))
      opts[loop].width = count;
    else if (name.getValue() == "unroll" && count >= 1 && count <= 64)
      opts[loop].copies = count;
    else
      return function.emitOpError("cannot apply ") << attr;
  }
  return opts;
}

std::optional<int64_t> getCoefficient(AffineExpr expr, unsigned position) {
  if (!expr.isFunctionOfDim(position))
    return 0;
  if (isa<AffineDimExpr>(expr))
    return 1;
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return std::nullopt;
  if (expr.getKind() == AffineExprKind::Add) {
    auto lhs = getCoefficient(binary.getLHS(), position);
    auto rhs = getCoefficient(binary.getRHS(), position);
    if (lhs && rhs)
      return *lhs + *rhs;
    return std::nullopt;
  }
  auto factor = dyn_cast<AffineConstantExpr>(binary.getRHS());
  if (expr.getKind() == AffineExprKind::Mul && factor)
    if (auto inner = getCoefficient(binary.getLHS(), position))
      return *inner * factor.getValue();
  return std::nullopt;
}

std::optional<int64_t> getStride(Value index, Value iv) {
  if (index == iv)
    return 1;
  auto apply = index.getDefiningOp<affine::AffineApplyOp>();
  if (!apply) {
    // Anything else that is computed in the loop may differ from iteration to iteration.
    Operation *loop = cast<BlockArgument>(iv).getOwner()->getParentOp();
    Operation *op = index.getDefiningOp();
    if (op && loop->isProperAncestor(op))
      return std::nullopt;
    return 0;
  }
  AffineMap map = apply.getAffineMap();
  int64_t stride = 0;
  for (unsigned i = 0; i < map.getNumDims(); ++i) {
    std::optional<int64_t> inner = getStride(apply.getMapOperands()[i], iv);
    if (inner == 0)
      continue;
    std::optional<int64_t> factor = getCoefficient(map.getResult(0), i);
    if (!inner || !factor)
      return std::nullopt;
    stride += *inner * *factor;
  }
  return stride;
}

Operation *getCombiner(AffineForOp loop, unsigned i) {
  Value accumulator = loop.getRegionIterArgs()[i];
  Operation *op = loop.getBody()->getTerminator()->getOperand(i).getDefiningOp();
  if (!op || !accumulator.hasOneUse() || *accumulator.user_begin() != op ||
      !op->getResult(0).hasOneUse())
    return nullptr;
  if (auto fma = dyn_cast<math::FmaOp>(op))
    return fma.getC() == accumulator ? op : nullptr;
  if (isa<arith::AddFOp, arith::MulFOp, arith::MaximumFOp, arith::MinimumFOp, arith::AddIOp,
          arith::MulIOp, arith::MaxSIOp, arith::MaxUIOp, arith::MinSIOp, arith::MinUIOp,
          arith::AndIOp, arith::OrIOp, arith::XOrIOp>(op))
    return op;
  return nullptr;
}

} // namespace tg::codegen
