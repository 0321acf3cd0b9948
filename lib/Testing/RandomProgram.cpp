//===- RandomProgram.cpp - Well-typed random uop programs ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Testing/RandomProgram.h"

#include "RandomControl.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace tg;
using namespace tg::testing;
using namespace tg::uop;

namespace {

class Generator : public RandomControl {
public:
  using RandomControl::RandomControl;

  void run() {
    for (unsigned i = 0; i < options.operations; ++i)
      addOne(options.controlFlow);
  }

private:
  using Adder = void (Generator::*)();

  void addOne(bool allowControlFlow) override {
    // As often as they stand here.
    static constexpr Adder plain[] = {
        &Generator::addUnary,    &Generator::addUnary,    &Generator::addUnary,
        &Generator::addBinary,   &Generator::addBinary,   &Generator::addBinary,
        &Generator::addBinary,   &Generator::addCompare,  &Generator::addTernary,
        &Generator::addCast,     &Generator::addCast,     &Generator::addMovement,
        &Generator::addMovement, &Generator::addMovement, &Generator::addMovement,
        &Generator::addWindow,   &Generator::addConcat,   &Generator::addReduce,
        &Generator::addReduce,   &Generator::addReduce,   &Generator::addScanOrSort,
        &Generator::addIndexing, &Generator::addIndexing, &Generator::addState};
    static constexpr Adder control[] = {&Generator::addIf, &Generator::addLoop};
    // Seldom: a size without a value ends the run.
    if (pick(40) == 0)
      return addSize();
    uint64_t choice = pick(std::size(plain) + (allowControlFlow ? std::size(control) : 0));
    (this->*(choice < std::size(plain) ? plain[choice] : control[choice - std::size(plain)]))();
  }

  //===--------------------------------------------------------------------===//
  // Elementwise
  //===--------------------------------------------------------------------===//

  using Maker = Value (*)(OpBuilder &, Location, ArrayRef<Value>);

  template <typename OpTy> static Value make1(OpBuilder &b, Location loc, ArrayRef<Value> x) {
    return OpTy::create(b, loc, x[0]);
  }
  template <typename OpTy> static Value make2(OpBuilder &b, Location loc, ArrayRef<Value> x) {
    return OpTy::create(b, loc, x[0], x[1]);
  }
  template <typename... Ops> Value unary(Value x) {
    static constexpr Maker makers[] = {&make1<Ops>...};
    return makers[pick(sizeof...(Ops))](builder, loc, {x});
  }
  template <typename... Ops> Value binary(Value x, Value y) {
    static constexpr Maker makers[] = {&make2<Ops>...};
    return makers[pick(sizeof...(Ops))](builder, loc, {x, y});
  }

  void addUnary() {
    Value x = pickValue(isComputeType);
    if (isComputeFloat(elementOf(x)))
      add(unary<Exp2Op, Log2Op, SinOp, SqrtOp, ReciprocalOp, NegOp, TruncOp, ExpOp, LogOp, CosOp,
                TanOp, AsinOp, AcosOp, AtanOp, SinhOp, CoshOp, TanhOp, AsinhOp, AcoshOp, AtanhOp,
                ErfOp, FloorOp, CeilOp, RoundOp>(x));
    else if (isBool(elementOf(x)))
      add(unary<NotOp>(x));
    else
      add(unary<NotOp, NegOp>(x));
  }

  void addBinary() {
    Value x = pickValue(isComputeType);
    Value y = valueOf(typeOf(x));
    if (isU64(elementOf(x)) && pick(4) == 0)
      add(binary<ThreefryOp>(x, y));
    else if (isBool(elementOf(x)))
      add(binary<AndOp, OrOp, XorOp, MaxOp, MinOp>(x, y));
    else if (isComputeFloat(elementOf(x)))
      add(binary<AddOp, SubOp, MulOp, AddOp, MulOp, FDivOp, MaxOp, MinOp, PowOp, CModOp, FloorDivOp,
                 FloorModOp>(x, y));
    else
      add(binary<AddOp, SubOp, MulOp, FloorDivOp, CDivOp, FloorModOp, CModOp, PowOp, MaxOp, MinOp,
                 ShlOp, ShrOp, AndOp, OrOp, XorOp>(x, y));
  }

  void addCompare() {
    Value x = pickValue(isComputeType);
    add(binary<CmpLtOp, CmpLeOp, CmpNeOp, CmpEqOp>(x, valueOf(typeOf(x))));
  }

  void addTernary() {
    Value x = pickValue(isComputeType);
    Value y = valueOf(typeOf(x));
    if (isComputeFloat(elementOf(x)) && pick(2))
      return add(FmaOp::create(builder, loc, x, y, valueOf(typeOf(x))));
    Value condition = valueOf(cast<RankedTensorType>(withElementType(x.getType(), 1)));
    add(WhereOp::create(builder, loc, condition, x, y));
  }

  void addCast() {
    Value x = pickValue(isElementType);
    unsigned width = elementOf(x).getIntOrFloatBitWidth();
    if (pick(4) == 0) {
      for (Type type : elementTypes())
        if (type != elementOf(x) && type.getIntOrFloatBitWidth() == width && pick(2))
          return add(BitcastOp::create(builder, loc, withElementType(x.getType(), type), x));
    }
    Type type = pick(8) == 0 ? pickStorageType() : pickComputeType();
    add(CastOp::create(builder, loc, withElementType(x.getType(), type), x));
  }

  //===--------------------------------------------------------------------===//
  // Movement
  //===--------------------------------------------------------------------===//

  void addMovement() {
    // Chains of views are where index maps get interesting.
    Value x = pickValue(isElementType);
    for (unsigned i = 0, count = 1 + pick(3); i < count; ++i)
      x = moveOnce(x);
    if (!isa<BlockArgument>(x))
      add(x);
  }

  void addWindow() {
    Value x = pickValue(isElementType);
    RankedTensorType type = typeOf(x);
    SmallVector<int64_t> axes, sizes, strides, dilations;
    for (int64_t axis = 0; axis < type.getRank() && type.getRank() <= 3; ++axis) {
      int64_t size = type.getDimSize(axis);
      if (ShapedType::isDynamic(size) || size == 0 || axes.size() == 2 || pick(3) == 0)
        continue;
      axes.push_back(axis);
      sizes.push_back(1 + pick(std::min<int64_t>(size, 3)));
      strides.push_back(1 + pick(3));
      dilations.push_back(1 + pick(2));
    }
    if (axes.empty())
      return;
    auto windows = WindowOp::create(
        builder, loc, x, builder.getDenseI64ArrayAttr(axes), builder.getDenseI64ArrayAttr(sizes),
        builder.getDenseI64ArrayAttr(strides), builder.getDenseI64ArrayAttr(dilations));
    add(windows);
    if (pick(2) && isNumberType(elementOf(x)))
      add(UnwindowOp::create(builder, loc, type, windows, windows.getAxesAttr(),
                             windows.getStridesAttr(), windows.getDilationsAttr()));
  }

  void addConcat() {
    Value x = pickValue(isElementType);
    RankedTensorType type = typeOf(x);
    if (type.getRank() == 0 || !type.hasStaticShape())
      return;
    unsigned axis = pick(type.getRank());
    SmallVector<Value> parts{x};
    for (unsigned i = 0, count = pick(3); i < count; ++i) {
      SmallVector<int64_t> shape(type.getShape());
      shape[axis] = pickSize();
      auto part = RankedTensorType::get(shape, type.getElementType());
      if (part.getNumElements() <= options.maxElements)
        parts.push_back(valueOf(part));
    }
    add(ConcatOp::create(builder, loc, parts, builder.getI64IntegerAttr(axis)));
  }

  //===--------------------------------------------------------------------===//
  // Reductions, scans, indexing
  //===--------------------------------------------------------------------===//

  CombineKind pickKind(Type type) {
    return isBool(type) ? (pick(2) ? CombineKind::Max : CombineKind::Min)
                        : static_cast<CombineKind>(pick(4));
  }

  void addReduce() {
    Value x = pickValue(isComputeType);
    SmallVector<int64_t> axes;
    for (int64_t axis = 0; axis < typeOf(x).getRank(); ++axis)
      if (pick(2))
        axes.push_back(axis);
    if (pick(5) == 0 && isNumberType(elementOf(x)))
      return addArgMax(x, axes);
    add(ReduceOp::create(builder, loc, pickKind(elementOf(x)), x, axes).getResult(0));
  }

  /// The first position of the largest element: a combiner on two operands.
  void addArgMax(Value x, ArrayRef<int64_t> axes) {
    RankedTensorType type = typeOf(x);
    if (axes.empty())
      return;
    // On integers: NaN would make the combiner's identity none.
    x = CastOp::create(builder, loc, withElementType(type, 32), x);
    type = typeOf(x);
    Type i64 = builder.getI64Type();
    Value index = IotaOp::create(builder, loc, withElementType(type, i64),
                                 builder.getI64IntegerAttr(axes.front()));
    auto identities = builder.getArrayAttr({getIdentityOf(CombineKind::Max, type.getElementType()),
                                            builder.getI64IntegerAttr(INT64_MAX)});
    auto op = ReduceOp::create(builder, loc, CombineKindAttr(), ValueRange{x, index},
                               builder.getDenseI64ArrayAttr(axes), identities);
    OpBuilder::InsertionGuard guard(builder);
    Type valueType = toScalarType(type), indexType = RankedTensorType::get({}, i64);
    Block *block =
        builder.createBlock(&op.getCombiner(), {}, {valueType, indexType, valueType, indexType},
                            SmallVector<Location>(4, loc));
    Value a = block->getArgument(0), ai = block->getArgument(1), b = block->getArgument(2),
          bi = block->getArgument(3);
    // Larger, or equal and earlier.
    Value larger = CmpLtOp::create(builder, loc, a, b);
    Value equal = CmpEqOp::create(builder, loc, a, b);
    Value earlier = CmpLtOp::create(builder, loc, bi, ai);
    Value tie = AndOp::create(builder, loc, equal, earlier);
    Value takes = OrOp::create(builder, loc, larger, tie);
    Value value = WhereOp::create(builder, loc, takes, b, a);
    Value position = WhereOp::create(builder, loc, takes, bi, ai);
    YieldOp::create(builder, loc, ValueRange{value, position});
    add(op.getResult(1));
  }

  void addScanOrSort() {
    Value x = pickValue(isComputeType);
    int64_t rank = typeOf(x).getRank();
    if (rank == 0)
      return;
    int64_t axis = pick(rank);
    if (pick(2))
      return add(ScanOp::create(builder, loc, pickKind(elementOf(x)), x, axis, pick(2), pick(2))
                     .getResult(0));
    SmallVector<Value> inputs{x};
    if (pick(2))
      inputs.push_back(
          valueOf(cast<RankedTensorType>(withElementType(x.getType(), pickComputeType()))));
    auto sort = SortOp::create(builder, loc, inputs, builder.getI64IntegerAttr(axis),
                               pick(2) ? builder.getUnitAttr() : UnitAttr());
    for (Value result : sort.getResults())
      add(result);
  }

  /// Indices of which most lie inside [0, size).
  Value makeIndices(ArrayRef<int64_t> shape, int64_t size) {
    auto type = RankedTensorType::get(shape, pick(2) ? builder.getI64Type() : builder.getI32Type());
    Value wrapped = FloorModOp::create(builder, loc, valueOf(type), splat(type, size + 2));
    return SubOp::create(builder, loc, wrapped, splat(type, 1));
  }

  void addIndexing() {
    Value x = pickValue(isComputeType);
    RankedTensorType type = typeOf(x);
    if (type.getRank() == 0 || !type.hasStaticShape())
      return;
    int64_t axis = pick(type.getRank()), batch = pick(axis + 1);
    SmallVector<int64_t> shape(type.getShape().take_front(batch));
    int64_t extra = 1;
    for (unsigned i = 0, count = pick(3); i < count; ++i) {
      shape.push_back(pickSize());
      extra *= shape.back();
    }
    if (extra * type.getNumElements() > options.maxElements)
      return;
    Value indices = makeIndices(shape, type.getDimSize(axis));
    auto axisAttr = builder.getI64IntegerAttr(axis), batchAttr = builder.getI64IntegerAttr(batch);
    auto gather = GatherOp::create(builder, loc, x, indices, axisAttr, batchAttr);
    auto gathered = cast<RankedTensorType>(gather.getType());
    if (pick(2))
      return add(gather);
    auto kind = isBool(type.getElementType()) ? (pick(2) ? ScatterKind::Set : ScatterKind::Max)
                                              : static_cast<ScatterKind>(pick(5));
    add(ScatterOp::create(builder, loc, ScatterKindAttr::get(builder.getContext(), kind), x,
                          indices, valueOf(gathered), axisAttr, batchAttr));
  }

  //===--------------------------------------------------------------------===//
  // State
  //===--------------------------------------------------------------------===//

  void addState() {
    Value x = pickValue(isElementType);
    RankedTensorType type = typeOf(x);
    switch (pick(5)) {
    case 0:
      return add(ContiguousOp::create(builder, loc, x));
    case 1:
      return add(DetachOp::create(builder, loc, x));
    case 2:
      return add(CopyOp::create(builder, loc, x, "cpu"));
    case 3: {
      if (!type.hasStaticShape())
        return;
      SmallVector<int64_t> shape, offsets;
      for (int64_t size : type.getShape()) {
        shape.push_back(pick(size + 1));
        offsets.push_back(pick(size - shape.back() + 1));
      }
      Value source = valueOf(RankedTensorType::get(shape, type.getElementType()));
      return add(
          AssignOp::create(builder, loc, x, source, DimsAttr::get(builder.getContext(), offsets)));
    }
    default:
      return addCompact();
    }
  }

  void addCompact() {
    Value mask = valueOf(RankedTensorType::get({1 + int64_t(pick(20))}, builder.getI1Type()));
    auto compact = CompactOp::create(builder, loc, mask);
    add(compact.getIndices());
    add(compact.getCount());
    // The count as a variable: indices of exactly that many.
    if (!options.symbolic || isNested() || pick(2))
      return;
    MLIRContext *context = builder.getContext();
    std::string name = declareBoundVar(typeOf(mask).getDimSize(0));
    BindOp::create(builder, loc, name, compact.getCount());
    add(ShrinkOp::create(builder, loc, compact.getIndices(),
                         DimsAttr::get(context, ArrayRef<int64_t>{0}),
                         DimsAttr::get(context, DimAttr::get(context, name)), DenseI64ArrayAttr()));
  }
};

} // namespace

RandomProgram testing::makeRandomProgram(MLIRContext *context, uint64_t seed,
                                         const RandomOptions &options) {
  context->loadDialect<UOpDialect, func::FuncDialect, scf::SCFDialect, arith::ArithDialect,
                       tensor::TensorDialect>();
  RandomProgram program;
  program.module = ModuleOp::create(UnknownLoc::get(context));
  OpBuilder builder = OpBuilder::atBlockEnd(program.module->getBody());
  auto function = func::FuncOp::create(builder, builder.getUnknownLoc(), "main",
                                       builder.getFunctionType({}, {}));
  function.addEntryBlock();
  Generator generator(*program.module, function, seed, options);
  generator.run();
  generator.finish();
  program.vars = generator.getVars();
  return program;
}
