//===- SimplifyReduce.cpp - reduce and scan ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SimplifyRules.h"

using namespace mlir;
using namespace tg;
using namespace tg::simplify;
using namespace tg::uop;

/// `type` with the sizes of `axes` replaced by 1.
static RankedTensorType withOnes(RankedTensorType type, ArrayRef<int64_t> axes) {
  SmallVector<DimAttr> dims = getDims(type);
  for (int64_t axis : axes)
    dims[axis] = DimAttr::get(type.getContext(), 1);
  return getTensorType(dims, type.getElementType());
}

/// The reduce of one operand by a shorthand kind; null otherwise.
static Value inputOfKind(ReduceOp op) { return op.getKind() ? op.getInputs().front() : Value(); }

/// Axes of size 1 are dropped by a reshape: combining one element gives the element.
static Value reduceOverOnes(ReduceOp op, RuleBuilder &b) {
  Value input = inputOfKind(op);
  if (!input)
    return {};
  auto type = typeOf(input);
  SmallVector<DimAttr> dims;
  SmallVector<int64_t> axes;
  for (int64_t axis = 0; axis < type.getRank(); ++axis) {
    bool isReduced = llvm::is_contained(op.getAxes(), axis);
    if (isReduced && getDim(type, axis).isConstant(1))
      continue;
    if (isReduced)
      axes.push_back(dims.size());
    dims.push_back(getDim(type, axis));
  }
  if (dims.size() == size_t(type.getRank()))
    return {};
  Value small = ReshapeOp::create(b, getTensorType(dims, type.getElementType()), input);
  return axes.empty() ? small : Value(ReduceOp::create(b, *op.getKind(), small, axes).getResult(0));
}

/// How a float sum of n equal elements may become a product with n.
enum class EqualTerms { None, Exact, FastMath };

/// Whether a sum of `count` equal floats, in some order, is their exact product, rounded once: 2^j
/// times the element plus 2^k times it.
static bool addsUpExactly(FloatType type, int64_t count) {
  APFloat factor(type.getFloatSemantics());
  APFloat::opStatus status =
      factor.convertFromAPInt(APInt(64, count), /*IsSigned=*/true, APFloat::rmNearestTiesToEven);
  return llvm::popcount(uint64_t(count)) <= 2 && status == APFloat::opOK && factor.isFinite();
}

/// Reducing an axis that was expanded from size 1 to n: n equal elements.
static Value reduceOfExpand(ReduceOp op, RuleBuilder &b, EqualTerms floats) {
  Value input = inputOfKind(op);
  auto expand = input ? input.getDefiningOp<ExpandOp>() : ExpandOp();
  if (!expand)
    return {};
  bool isExtreme = op.isKind(CombineKind::Max) || op.isKind(CombineKind::Min);
  bool isFloatSum = op.isKind(CombineKind::Add) && isFloat(input);
  if ((!isExtreme && !op.isKind(CombineKind::Add)) || isFloatSum != (floats != EqualTerms::None))
    return {};
  auto from = typeOf(expand.getInput()), to = expand.getType();
  SmallVector<int64_t> repeated;
  int64_t count = 1;
  bool isOuter = true, hasOthers = false;
  for (int64_t axis : op.getAxes()) {
    DimAttr size = getDim(to, axis);
    // An axis of unknown size may be empty.
    if (!getDim(from, axis).isConstant(1) || !size.isConstant() || size.getConstant() < 2) {
      hasOthers = true;
      continue;
    }
    isOuter &= !hasOthers;
    repeated.push_back(axis);
    if (llvm::MulOverflow(count, size.getConstant(), count))
      return {};
  }
  // Elements keep their order: only of the outermost axes each element is the sum over the others.
  if (floats == EqualTerms::Exact &&
      (!isOuter || !addsUpExactly(cast<FloatType>(to.getElementType()), count)))
    return {};
  if (repeated.empty())
    return {};
  Value small = ExpandOp::create(b, withOnes(to, repeated), expand.getInput());
  Value result = ReduceOp::create(b, *op.getKind(), small, op.getAxes()).getResult(0);
  if (isExtreme)
    return result;
  Value factor = isFloat(result) ? makeFloat(b, result.getType(), double(count))
                                 : makeInt(b, result.getType(), count);
  return MulOp::create(b, result, factor);
}

/// reduce(reduce(x)) of one kind: one reduction over both sets of axes.
static Value mergeReduces(ReduceOp op, RuleBuilder &b) {
  Value input = inputOfKind(op);
  auto inner = input ? input.getDefiningOp<ReduceOp>() : ReduceOp();
  if (!inner || inner.getKind() != op.getKind() || !inner->hasOneUse())
    return {};
  int64_t rank = typeOf(inner.getInputs().front()).getRank();
  SmallVector<int64_t> kept, axes(inner.getAxes());
  for (int64_t axis = 0; axis < rank; ++axis)
    if (!llvm::is_contained(inner.getAxes(), axis))
      kept.push_back(axis);
  for (int64_t axis : op.getAxes())
    axes.push_back(kept[axis]);
  llvm::sort(axes);
  return ReduceOp::create(b, *op.getKind(), inner.getInputs().front(), axes).getResult(0);
}

/// reduce(permute(x)) -> permute(reduce(x)): the permutation has less to move, often nothing.
static Value reduceOfPermute(ReduceOp op, RuleBuilder &b) {
  Value input = inputOfKind(op);
  auto permute = input ? input.getDefiningOp<PermuteOp>() : PermuteOp();
  if (!permute)
    return {};
  SmallVector<int64_t> axes, kept;
  for (auto [i, axis] : llvm::enumerate(permute.getPermutation()))
    (llvm::is_contained(op.getAxes(), i) ? axes : kept).push_back(axis);
  llvm::sort(axes);
  // Where each kept axis stands once the reduced ones are gone.
  SmallVector<int64_t> permutation;
  for (int64_t axis : kept)
    permutation.push_back(axis - llvm::count_if(axes, [&](int64_t a) { return a < axis; }));
  Value small = ReduceOp::create(b, *op.getKind(), permute.getInput(), axes).getResult(0);
  return PermuteOp::create(b, small, permutation);
}

/// Reduced axes need no flip.
static Value reduceOfFlip(ReduceOp op, RuleBuilder &b) {
  Value input = inputOfKind(op);
  auto flip = input ? input.getDefiningOp<FlipOp>() : FlipOp();
  if (!flip)
    return {};
  SmallVector<int64_t> axes;
  for (int64_t axis : flip.getAxes())
    if (!llvm::is_contained(op.getAxes(), axis))
      axes.push_back(axis);
  if (axes.size() == flip.getAxes().size())
    return {};
  Value small = axes.empty() ? flip.getInput() : Value(FlipOp::create(b, flip.getInput(), axes));
  return ReduceOp::create(b, *op.getKind(), small, op.getAxes()).getResult(0);
}

/// sum(x * c) -> sum(x) * c of integers.
static Value reduceOfScaled(ReduceOp op, RuleBuilder &b) {
  Value input = inputOfKind(op);
  auto mul = input ? input.getDefiningOp<MulOp>() : MulOp();
  std::optional<APInt> factor = mul ? intSplat(mul.getRhs()) : std::nullopt;
  if (!factor || !op.isKind(CombineKind::Add) || !mul->hasOneUse())
    return {};
  Value small = ReduceOp::create(b, CombineKind::Add, mul.getLhs(), op.getAxes()).getResult(0);
  return MulOp::create(b, small, makeInt(b, small.getType(), *factor));
}

void tg::simplify::addReduceRules(RuleSet &rules) {
  rules.add<ReduceOp>("reduce-over-ones", reduceOverOnes);
  rules.add<ReduceOp>("reduce-empty", [](ReduceOp op, RuleBuilder &b) -> Value {
    Value input = inputOfKind(op);
    if (!input || llvm::none_of(op.getAxes(), [&](int64_t axis) {
          return getDim(typeOf(input), axis).isConstant(0);
        }))
      return {};
    return makeSplat(b, op.getResult(0).getType(), op.getIdentity(0));
  });
  rules.add<ReduceOp>("reduce-of-expand", [](ReduceOp op, RuleBuilder &b) -> Value {
    return reduceOfExpand(op, b, EqualTerms::None);
  });
  rules.add<ReduceOp>("reduce-of-equal", [](ReduceOp op, RuleBuilder &b) -> Value {
    return reduceOfExpand(op, b, EqualTerms::Exact);
  });
  rules.add<ReduceOp>("reduce-reduce", mergeReduces);
  rules.add<ReduceOp>("reduce-of-permute", reduceOfPermute);
  rules.add<ReduceOp>("reduce-of-flip", reduceOfFlip);
  rules.add<ReduceOp>("reduce-of-scaled", reduceOfScaled);
  rules.add<ReduceOp>("reduce-splat", [](ReduceOp op, RuleBuilder &b) -> Value {
    Value input = inputOfKind(op);
    std::optional<APInt> number = input ? intSplat(input) : std::nullopt;
    if (!number || !input.getDefiningOp<ConstOp>() || op.isKind(CombineKind::Mul))
      return {};
    auto type = typeOf(input);
    if (type.getNumElements() == 0)
      return {};
    int64_t count = 1;
    for (int64_t axis : op.getAxes())
      count *= type.getDimSize(axis);
    unsigned width = number->getBitWidth();
    APInt result = op.isKind(CombineKind::Add)
                       ? *number * APInt(width, count, /*isSigned=*/false, /*implicitTrunc=*/true)
                       : *number;
    return makeInt(b, op.getResult(0).getType(), result);
  });
  rules.add<ScanOp>("scan-over-one", [](ScanOp op, RuleBuilder &b) -> Value {
    if (!op.getKind() || !getDim(typeOf(op.getInputs().front()), op.getAxis()).isConstant(1))
      return {};
    if (op.getExclusive())
      return makeSplat(b, op.getResult(0).getType(), op.getIdentity(0));
    return op.getInputs().front();
  });
  rules.addFastMath<ReduceOp>("fast-reduce-of-expand", [](ReduceOp op, RuleBuilder &b) -> Value {
    return reduceOfExpand(op, b, EqualTerms::FastMath);
  });
}
