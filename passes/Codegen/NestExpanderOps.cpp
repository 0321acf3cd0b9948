//===- NestExpanderOps.cpp - Operations of an expanded nest ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NestExpander.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using arith::CmpIPredicate;

namespace tg::codegen {

//===----------------------------------------------------------------------===//
// Instances
//===----------------------------------------------------------------------===//

NestExpander::Instances NestExpander::get(Value value) const {
  auto it = known.find(value);
  if (it != known.end())
    return it->second;
  // Defined outside of the nest.
  return {0, {value}, false, 0};
}

void NestExpander::forEachCopy(unsigned mask, llvm::function_ref<void(const Copies &)> emit) const {
  Copies copies(dims.size(), 0);
  while (true) {
    emit(copies);
    int dim = dims.size() - 1;
    for (; dim >= 0; --dim) {
      if (!(mask & (1u << dim)))
        continue;
      if (++copies[dim] < dims[dim].copies)
        break;
      copies[dim] = 0;
    }
    if (dim < 0)
      return;
  }
}

Value NestExpander::at(const Instances &instances, const Copies &copies) const {
  unsigned position = 0;
  for (unsigned dim = 0; dim < dims.size(); ++dim)
    if (instances.mask & (1u << dim))
      position = position * dims[dim].copies + copies[dim];
  return instances.values[position];
}

Value NestExpander::broadcast(Value scalar) {
  return vector::BroadcastOp::create(b, vectorOf(scalar.getType()), scalar);
}

Value NestExpander::vectorAt(const Instances &instances, const Copies &copies) {
  Value value = at(instances, copies);
  if (!instances.isLinear)
    return toVector(value);
  Value lanes = vector::StepOp::create(b, vectorOf(b.getIndexType()));
  if (instances.step != 1) {
    Value step = arith::ConstantIndexOp::create(b, instances.step);
    lanes = arith::MulIOp::create(b, lanes, broadcast(step));
  }
  return arith::AddIOp::create(b, broadcast(value), lanes);
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

/// Lanes that grow evenly compared with what all lanes have alike: as many lanes from the first one
/// on, or all but those, hold.
bool NestExpander::emitLaneComparison(Operation *op) {
  auto compare = dyn_cast<arith::CmpIOp>(op);
  if (!compare || !compare.getLhs().getType().isIndex() ||
      compare.getPredicate() != arith::CmpIPredicate::sge)
    return false;
  Instances lhs = get(compare.getLhs()), rhs = get(compare.getRhs());
  if (!lhs.isLinear || isVector(rhs))
    return false;
  Instances result;
  result.mask = lhs.mask | rhs.mask;
  // first + lane * step >= bound
  bool isRising = lhs.step > 0;
  AffineExpr first = b.getAffineDimExpr(0), bound = b.getAffineDimExpr(1);
  AffineExpr count =
      isRising ? (bound - first).ceilDiv(lhs.step) : (first - bound).floorDiv(-lhs.step) + 1;
  VectorType type = vectorOf(b.getI1Type());
  forEachCopy(result.mask, [&](const Copies &copies) {
    Value lanes = affine::AffineApplyOp::create(b, AffineMap::get(2, 0, count),
                                                ValueRange{at(lhs, copies), at(rhs, copies)});
    Value none = arith::ConstantIndexOp::create(b, 0);
    Value all = arith::ConstantIndexOp::create(b, width);
    lanes = arith::MinSIOp::create(b, arith::MaxSIOp::create(b, lanes, none), all);
    Value holds = vector::CreateMaskOp::create(b, type, lanes);
    if (isRising)
      holds = arith::XOrIOp::create(
          b, holds, arith::ConstantOp::create(b, DenseElementsAttr::get(type, true)));
    result.values.push_back(holds);
  });
  bind(op->getResult(0), std::move(result));
  return true;
}

LogicalResult NestExpander::emitElementwise(Operation *op) {
  if (emitLaneComparison(op))
    return success();
  if (op->getNumRegions() > 0 || op->getNumResults() != 1)
    return failure();
  Instances result;
  bool makesVector = false;
  SmallVector<Instances> operands;
  for (Value operand : op->getOperands()) {
    operands.push_back(get(operand));
    result.mask |= operands.back().mask;
    makesVector |= isVector(operands.back());
  }
  if (makesVector && !OpTrait::hasElementwiseMappableTraits(op))
    return failure();
  forEachCopy(result.mask, [&](const Copies &copies) {
    SmallVector<Value> values;
    for (const Instances &operand : operands)
      values.push_back(makesVector ? vectorAt(operand, copies) : at(operand, copies));
    Operation *clone = b.clone(*op);
    clone->setOperands(values);
    if (makesVector)
      clone->getResult(0).setType(vectorOf(op->getResult(0).getType()));
    result.values.push_back(clone->getResult(0));
  });
  bind(op->getResult(0), std::move(result));
  return success();
}

/// The expression on vectors of indices.
Value NestExpander::expandExpr(AffineExpr expr, ArrayRef<Value> dimValues,
                               ArrayRef<Value> symbols) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return broadcast(arith::ConstantIndexOp::create(b, constant.getValue()));
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return dimValues[dim.getPosition()];
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return symbols[symbol.getPosition()];
  auto binary = cast<AffineBinaryOpExpr>(expr);
  Value lhs = expandExpr(binary.getLHS(), dimValues, symbols);
  Value rhs = expandExpr(binary.getRHS(), dimValues, symbols);
  Value zero = broadcast(arith::ConstantIndexOp::create(b, 0));
  auto isNegative = [&](Value value) {
    return arith::CmpIOp::create(b, CmpIPredicate::slt, value, zero).getResult();
  };
  switch (expr.getKind()) {
  case AffineExprKind::Add:
    return arith::AddIOp::create(b, lhs, rhs);
  case AffineExprKind::Mul:
    return arith::MulIOp::create(b, lhs, rhs);
  case AffineExprKind::Mod: {
    Value rem = arith::RemSIOp::create(b, lhs, rhs);
    return arith::SelectOp::create(b, isNegative(rem), arith::AddIOp::create(b, rem, rhs), rem);
  }
  case AffineExprKind::FloorDiv: {
    // Of negative numbers: -1 - (-1 - n) / d.
    Value minusOne = broadcast(arith::ConstantIndexOp::create(b, -1));
    Value negative = isNegative(lhs);
    Value flipped = arith::SubIOp::create(b, minusOne, lhs);
    Value quotient =
        arith::DivSIOp::create(b, arith::SelectOp::create(b, negative, flipped, lhs), rhs);
    return arith::SelectOp::create(b, negative, arith::SubIOp::create(b, minusOne, quotient),
                                   quotient);
  }
  default:
    return {};
  }
}

LogicalResult NestExpander::emitApply(affine::AffineApplyOp op) {
  AffineMap map = op.getAffineMap();
  AffineExpr expr = map.getResult(0);
  Instances result;
  SmallVector<Instances> operands;
  bool isLinear = true;
  for (auto [i, operand] : llvm::enumerate(op.getMapOperands())) {
    operands.push_back(get(operand));
    const Instances &instances = operands.back();
    result.mask |= instances.mask;
    if (!isVector(instances))
      continue;
    if (!instances.isLinear) {
      isLinear = false;
      continue;
    }
    std::optional<int64_t> factor =
        i < map.getNumDims() ? getCoefficient(expr, i) : std::optional<int64_t>();
    if (factor)
      result.step += *factor * instances.step;
    else
      isLinear = false;
  }
  auto usesVector = llvm::any_of(operands, [&](const Instances &o) { return isVector(o); });
  result.isLinear = usesVector && isLinear && result.step != 0;
  bool isVectorResult = usesVector && !isLinear;
  bool isSupported = true;
  expr.walk([&](AffineExpr e) { isSupported &= e.getKind() != AffineExprKind::CeilDiv; });
  if (isVectorResult && !isSupported)
    return failure();
  forEachCopy(result.mask, [&](const Copies &copies) {
    SmallVector<Value> values;
    for (const Instances &operand : operands)
      values.push_back(isVectorResult ? vectorAt(operand, copies) : at(operand, copies));
    if (isVectorResult)
      result.values.push_back(expandExpr(expr, ArrayRef(values).take_front(map.getNumDims()),
                                         ArrayRef(values).drop_front(map.getNumDims())));
    else
      result.values.push_back(affine::AffineApplyOp::create(b, map, values));
  });
  bind(op.getResult(), std::move(result));
  return success();
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

/// Every `step`-th element from `start` on: the vectors in between are loaded, and shuffled. The
/// last one ends with the last lane, so that nothing behind it is read.
Value NestExpander::loadStrided(Value buffer, Type element, Value start, int64_t step) {
  VectorType type = vectorOf(element);
  int64_t span = (width - 1) * step + 1, numVectors = (span + width - 1) / width;
  Value result;
  for (int64_t i = 0; i < numVectors; ++i) {
    int64_t offset = i + 1 < numVectors ? i * width : span - width;
    Value loaded = vector::LoadOp::create(b, type, buffer, offsetBy(start, offset));
    if (!result) {
      result = loaded;
      continue;
    }
    // Lanes that earlier vectors hold stay; of the first one they are still to be picked.
    SmallVector<int64_t> lanes;
    for (int64_t lane = 0; lane < width; ++lane) {
      int64_t position = lane * step;
      if (std::min(position / width, numVectors - 1) < i)
        lanes.push_back(i == 1 ? position : lane);
      else
        lanes.push_back(width + std::min(position - offset, width - 1));
    }
    result = vector::ShuffleOp::create(b, result, loaded, lanes);
  }
  return result;
}

/// The lanes of a load in a vectorized loop; those outside of `mask` (if any) are zero.
Value NestExpander::loadVector(memref::LoadOp op, const Instances &index, const Copies &copies,
                               Value mask) {
  Value buffer = op.getMemRef();
  VectorType type = vectorOf(op.getResult().getType());
  if (index.isLinear && index.step == 1) {
    Value start = at(index, copies);
    if (!mask)
      return vector::LoadOp::create(b, type, buffer, start);
    Value zero = arith::ConstantOp::create(b, b.getZeroAttr(type));
    return vector::MaskedLoadOp::create(b, type, buffer, start, mask, zero);
  }
  if (mask) {
    Value zero = arith::ConstantOp::create(b, b.getZeroAttr(type));
    Value start = arith::ConstantIndexOp::create(b, 0);
    return vector::GatherOp::create(b, type, buffer, start, vectorAt(index, copies), mask, zero);
  }
  if (index.isLinear && index.step > 1 && index.step <= maxShuffledStep)
    return loadStrided(buffer, op.getResult().getType(), at(index, copies), index.step);
  SmallVector<Value> lanes;
  Value all = index.isLinear ? at(index, copies) : vectorAt(index, copies);
  for (int64_t lane = 0; lane < width; ++lane) {
    Value position = index.isLinear
                         ? offsetBy(all, lane * index.step)
                         : vector::ExtractOp::create(b, all, ArrayRef<int64_t>{lane}).getResult();
    lanes.push_back(memref::LoadOp::create(b, buffer, position));
  }
  return vector::FromElementsOp::create(b, type, lanes);
}

/// A load that is strided along the lanes but contiguous along a loop with as many copies as there
/// are lanes: one vector per lane is loaded along that loop, and the square is transposed.
bool NestExpander::emitTransposedLoad(memref::LoadOp op, const Instances &index,
                                      Instances &loaded) {
  if (!index.isLinear || index.step == 0 || index.step == 1 || !tailMasks.empty() || width > 16)
    return false;
  int rowDim = -1;
  for (unsigned dim = 0; dim < dims.size(); ++dim)
    if (index.mask & (1u << dim) && dims[dim].width == 1 && dims[dim].copies == width &&
        getStride(op.getIndices().front(), dims[dim].iv) == 1)
      rowDim = dim;
  // The copies of other dims would have to be told apart.
  if (rowDim < 0 || index.mask != ((1u << rowDim) | vectorBit) ||
      index.values.size() != size_t(width))
    return false;
  VectorType type = vectorOf(op.getResult().getType());
  SmallVector<Value> rows;
  for (int64_t lane = 0; lane < width; ++lane)
    rows.push_back(vector::LoadOp::create(b, type, op.getMemRef(),
                                          offsetBy(index.values.front(), lane * index.step)));
  // Blocks of 1, 2, 4, ... change places with those across the diagonal.
  for (int64_t size = 1; size < width; size *= 2) {
    SmallVector<int64_t> low, high;
    for (int64_t i = 0; i < width; ++i) {
      bool isUpper = (i / size) % 2;
      low.push_back(isUpper ? width + i - size : i);
      high.push_back(isUpper ? width + i : i + size);
    }
    for (int64_t row = 0; row < width; ++row) {
      if ((row / size) % 2)
        continue;
      Value first = rows[row], second = rows[row + size];
      rows[row] = vector::ShuffleOp::create(b, first, second, low);
      rows[row + size] = vector::ShuffleOp::create(b, first, second, high);
    }
  }
  loaded.values.assign(rows.begin(), rows.end());
  return true;
}

/// A load, in lanes where `condition` (an i1 of the old nest, or null) holds, else zero.
LogicalResult NestExpander::emitLoad(memref::LoadOp op, Value condition, Value result) {
  if (op.getIndices().size() != 1)
    return failure();
  Instances index = get(op.getIndices().front()), guard;
  if (condition)
    guard = get(condition);
  Instances loaded;
  loaded.mask = index.mask | guard.mask;
  bool hasMask = condition && isVector(guard);
  bool makesVector = isVector(index) || hasMask;
  Type type = op.getResult().getType();
  if (!condition && emitTransposedLoad(op, index, loaded)) {
    bind(result, std::move(loaded));
    return success();
  }
  forEachCopy(loaded.mask, [&](const Copies &copies) {
    auto load = [&]() -> Value {
      if (!makesVector)
        return memref::LoadOp::create(b, op.getMemRef(), at(index, copies));
      Value mask = isVector(index) ? tailMaskAt(copies) : Value();
      if (hasMask) {
        Value own = vectorAt(guard, copies);
        mask = mask ? arith::AndIOp::create(b, mask, own).getResult() : own;
      }
      return loadVector(op, index, copies, mask);
    };
    if (!condition || hasMask) {
      loaded.values.push_back(load());
      return;
    }
    // The same for all lanes: a branch.
    Type resultType = makesVector ? Type(vectorOf(type)) : type;
    auto branch = scf::IfOp::create(b, TypeRange(resultType), at(guard, copies), true, true);
    OpBuilder::InsertionGuard reset(b);
    b.setInsertionPointToEnd(branch.thenBlock());
    scf::YieldOp::create(b, load());
    b.setInsertionPointToEnd(branch.elseBlock());
    Value zero = arith::ConstantOp::create(b, cast<TypedAttr>(b.getZeroAttr(resultType)));
    scf::YieldOp::create(b, zero);
    loaded.values.push_back(branch.getResult(0));
  });
  bind(result, std::move(loaded));
  return success();
}

LogicalResult NestExpander::emitGuardedLoad(scf::IfOp op) {
  // As made by the conversion to loops: one load, else zero.
  if (op.getNumResults() != 1 || op.getElseRegion().empty())
    return failure();
  Block &block = *op.thenBlock();
  auto load = dyn_cast<memref::LoadOp>(block.front());
  if (!load || block.getOperations().size() != 2 || op.elseBlock()->getOperations().size() != 1)
    return failure();
  return emitLoad(load, op.getCondition(), op.getResult(0));
}

void NestExpander::storeVector(memref::StoreOp op, const Instances &index, const Copies &copies,
                               Value value) {
  Value buffer = op.getMemRef(), tailMask = tailMaskAt(copies);
  if (index.isLinear && index.step == 1) {
    if (tailMask)
      vector::MaskedStoreOp::create(b, buffer, at(index, copies), tailMask, value);
    else
      vector::StoreOp::create(b, value, buffer, at(index, copies));
    return;
  }
  if (tailMask) {
    Value start = arith::ConstantIndexOp::create(b, 0);
    vector::ScatterOp::create(b, Type(), buffer, start, vectorAt(index, copies), tailMask, value);
    return;
  }
  Value all = index.isLinear ? at(index, copies) : vectorAt(index, copies);
  for (int64_t lane = 0; lane < width; ++lane) {
    Value position = index.isLinear
                         ? offsetBy(all, lane * index.step)
                         : vector::ExtractOp::create(b, all, ArrayRef<int64_t>{lane}).getResult();
    Value element = vector::ExtractOp::create(b, value, ArrayRef<int64_t>{lane});
    memref::StoreOp::create(b, element, buffer, position);
  }
}

LogicalResult NestExpander::emitStore(memref::StoreOp op) {
  if (op.getIndices().size() != 1)
    return failure();
  Instances index = get(op.getIndices().front()), value = get(op.getValueToStore());
  bool makesVector = isVector(index);
  // All lanes to one place, or in a vectorized loop that it does not depend on.
  if (!makesVector && (isVector(value) || vectorBit))
    return failure();
  forEachCopy(index.mask | value.mask, [&](const Copies &copies) {
    if (makesVector)
      storeVector(op, index, copies, vectorAt(value, copies));
    else
      memref::StoreOp::create(b, at(value, copies), op.getMemRef(), at(index, copies));
  });
  return success();
}

} // namespace tg::codegen
