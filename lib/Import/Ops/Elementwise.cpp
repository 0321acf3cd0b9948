//===- Elementwise.cpp - ONNX arithmetic, comparison, logic ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Families.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

template <typename OpTy> static void unaryOp(OnnxNode &n) {
  n.setOutput(0, n.unary<OpTy>(n.getInput(0)));
}

template <typename OpTy> static void binaryOp(OnnxNode &n) {
  n.setOutput(0, n.binary<OpTy>(n.getInput(0), n.getInput(1)));
}

template <typename OpTy> static void compareOp(OnnxNode &n) {
  n.setOutput(0, n.compare<OpTy>(n.getInput(0), n.getInput(1)));
}

/// `a > b` is `b < a`.
template <typename OpTy> static void swappedCompareOp(OnnxNode &n) {
  n.setOutput(0, n.compare<OpTy>(n.getInput(1), n.getInput(0)));
}

/// Before opset 7, with broadcast=1, the second operand's axes stand at `axis` of the first.
template <typename OpTy> static void alignedBinaryOp(OnnxNode &n) {
  Value x = n.getInput(0), y = n.getInput(1);
  if (x && y && n.getInt("broadcast", 0) && n.hasAttr("axis")) {
    int64_t trailing = n.getRank(x) - n.getInt("axis") - n.getRank(y);
    SmallVector<DimAttr> dims = n.getDims(y);
    if (trailing > 0 && trailing < n.getRank(x))
      dims.append(trailing, n.dim(1));
    y = n.reshape(y, dims);
  }
  if constexpr (std::is_same_v<OpTy, CmpLtOp> || std::is_same_v<OpTy, CmpEqOp>)
    n.setOutput(0, n.compare<OpTy>(x, y));
  else if constexpr (std::is_same_v<OpTy, FDivOp>)
    n.setOutput(0, n.div(x, y));
  else
    n.setOutput(0, n.binary<OpTy>(x, y));
}

static bool isFloat(Value x) { return x && isa<FloatType>(TensorBuilder::getElementType(x)); }

/// Max, Min, Sum: any number of inputs.
template <typename OpTy> static Value foldInputs(OnnxNode &n) {
  Value result = n.getInput(0);
  for (unsigned i = 1; i < n.getNumInputs(); ++i)
    result = n.binary<OpTy>(result, n.getInput(i));
  return result;
}

static Value mod(OnnxNode &n) {
  Value x = n.getInput(0), y = n.getInput(1);
  // Of floats only fmod is defined, which has the dividend's sign.
  if (n.getInt("fmod", 0))
    return n.binary<CModOp>(x, y);
  return n.binary<FloorModOp>(x, y);
}

/// The result has the type of the base; mixed types compute in the wider float, of integers that an
/// f32 does not hold in f64.
static Value pow(OnnxNode &n) {
  Value x = n.getInput(0), y = n.getInput(1);
  if (!x || !y)
    return {};
  Type base = n.getElementType(x), exponent = n.getElementType(y);
  if (base == exponent)
    return n.binary<PowOp>(x, y);
  if (isFloat(x) && !isFloat(y) && base.getIntOrFloatBitWidth() >= 32)
    return n.binary<PowOp>(x, n.cast(y, base));
  if (!isFloat(x) && !isFloat(y))
    return n.binary<PowOp>(x, n.cast(y, base));
  bool isWide = std::max(base.getIntOrFloatBitWidth(), exponent.getIntOrFloatBitWidth()) > 32 ||
                base.isInteger(32);
  Type compute = isWide ? n.getBuilder().getF64Type() : Type(n.getBuilder().getF32Type());
  return n.cast(n.binary<PowOp>(n.cast(x, compute), n.cast(y, compute)), base);
}

static Value sign(OnnxNode &n) {
  Value x = n.getInput(0);
  Value zero = n.splatLike(0, x), one = n.splatLike(1, x);
  if (!zero)
    return {};
  if (n.getElementType(x).isUnsignedInteger())
    return n.min(x, one);
  // NaN stays.
  Value rest = isFloat(x) ? n.where(n.eq(x, zero), zero, x) : zero;
  return n.where(n.lt(zero, x), one, n.where(n.lt(x, zero), n.splatLike(-1, x), rest));
}

static Value isInf(OnnxNode &n) {
  Value x = n.getInput(0);
  if (!x)
    return {};
  if (!isFloat(x))
    return n.fail("expected floats");
  double infinity = std::numeric_limits<double>::infinity();
  Value result;
  if (n.getInt("detect_positive", 1))
    result = n.eq(x, n.splatLike(infinity, x));
  if (n.getInt("detect_negative", 1)) {
    Value negative = n.eq(x, n.splatLike(-infinity, x));
    result = result ? n.binary<OrOp>(result, negative) : negative;
  }
  // Neither is asked for: false everywhere.
  return result ? result : n.lt(x, x);
}

static Value clipTo(OnnxNode &n, Value x, Value low, Value high) {
  if (low)
    x = n.max(x, low);
  return high ? n.min(x, high) : x;
}

static void clipAttributes(OnnxNode &n) {
  Value x = n.getInput(0);
  Value low = n.hasAttr("min") ? n.splatLike(n.getFloat("min", 0), x) : Value();
  Value high = n.hasAttr("max") ? n.splatLike(n.getFloat("max", 0), x) : Value();
  n.setOutput(0, clipTo(n, x, low, high));
}

static void clip(OnnxNode &n) {
  n.setOutput(0, clipTo(n, n.getInput(0), n.getOptionalInput(1), n.getOptionalInput(2)));
}

static Value bitShift(OnnxNode &n) {
  StringRef direction = n.getString("direction");
  if (direction == "LEFT")
    return n.binary<ShlOp>(n.getInput(0), n.getInput(1));
  if (direction == "RIGHT")
    return n.binary<ShrOp>(n.getInput(0), n.getInput(1));
  return n.fail("attribute 'direction' must be LEFT or RIGHT");
}

/// To a power of two: the exponent of an f32, one more where `round_mode` asks for it. Infinity
/// and, unless they saturate, numbers past the largest power become NaN; what is less than the
/// smallest power becomes it. The sign is dropped.
static Value castToPowerOfTwo(OnnxNode &n, Value x, Type type) {
  Builder &b = n.getBuilder();
  StringRef mode = n.getString("round_mode", "up");
  Type ui32 = b.getIntegerType(32, /*isSigned=*/false);
  auto number = [&](int64_t value) { return n.scalarInt(value, ui32); };
  x = n.cast(x, b.getF32Type());
  Value bits = n.bitcast(n.abs(x), ui32);
  Value exponent = n.binary<ShrOp>(bits, number(23));
  Value mantissa = n.binary<AndOp>(bits, number(0x7fffff));
  Value limit; // From this mantissa on it is rounded up.
  if (mode == "up")
    limit = number(1);
  else if (mode == "nearest")
    limit = number(0x400000);
  else if (mode != "down")
    return n.fail("attribute 'round_mode' is '" + mode + "'");
  // An f32 below the smallest normal number has exponent 0, which is the smallest power, 2^-127;
  // from its 2^-127 = 0x400000 on the same limits would round to 2^-126.
  Value rounded = exponent;
  if (limit)
    rounded = n.add(exponent, n.cast(n.le(limit, mantissa), ui32));
  Value isTiny = n.le(bits, number(0x400000));
  rounded = n.where(isTiny, number(0), rounded);
  Value largest = number(n.getInt("saturate", 1) ? 254 : 255);
  Value isNan = n.lt(number(0x7f800000), bits);
  if (!n.getInt("saturate", 1))
    isNan = n.le(number(0x7f800000), bits);
  Value code = n.where(isNan, number(255), n.min(rounded, largest));
  return n.bitcast(n.cast(code, b.getIntegerType(8, /*isSigned=*/false)), type);
}

/// Casts to 8-bit floats saturate to the largest finite value unless told otherwise; NaN stays.
static Value castTo(OnnxNode &n, Value x, Type type) {
  auto floatType = dyn_cast_or_null<FloatType>(type);
  if (x && isa_and_nonnull<Float8E8M0FNUType>(type) && isFloat(x) && x.getType() != type &&
      n.getElementType(x).getIntOrFloatBitWidth() > 8)
    return castToPowerOfTwo(n, x, type);
  if (x && floatType && floatType.getWidth() == 8 && isFloat(x) && n.getInt("saturate", 1) &&
      n.getElementType(x).getIntOrFloatBitWidth() > 8 && !isa<Float8E8M0FNUType>(type)) {
    double largest = APFloat::getLargest(floatType.getFloatSemantics()).convertToDouble();
    x = clipTo(n, x, n.splatLike(-largest, x), n.splatLike(largest, x));
  }
  // What does not fit in less than a byte keeps its low bits.
  if (x && isa_and_nonnull<IntegerType>(type) && isFloat(x) && type.getIntOrFloatBitWidth() < 8 &&
      type.getIntOrFloatBitWidth() > 1)
    x = n.cast(x, n.getBuilder().getI32Type());
  return type ? n.cast(x, type) : Value();
}

/// A boolean is a byte in ONNX.
static void bitCast(OnnxNode &n) {
  Value x = n.getInput(0);
  Type type = n.getDataType(n.getInt("to"));
  if (!x || !type)
    return;
  Type byte = n.getBuilder().getIntegerType(8, /*isSigned=*/false);
  if (n.getElementType(x).isInteger(1))
    x = n.cast(x, byte);
  if (type.isInteger(1))
    return n.setOutput(0, n.cast(n.bitcast(x, byte), type));
  n.setOutput(0, n.bitcast(x, type));
}

static Value mean(OnnxNode &n) {
  Value sum = foldInputs<AddOp>(n);
  return n.div(sum, n.splatLike(n.getNumInputs(), sum));
}

void tg::registerOnnxElementwise(OnnxOpRegistry &r) {
  // One function of one input.
  r.add("Acos", 7, unaryOp<AcosOp>);
  r.add("Acosh", 7, unaryOp<AcoshOp>);
  r.add("Asin", 7, unaryOp<AsinOp>);
  r.add("Asinh", 7, unaryOp<AsinhOp>);
  r.add("Atan", 7, unaryOp<AtanOp>);
  r.add("Atanh", 7, unaryOp<AtanhOp>);
  r.add("BitwiseNot", 7, unaryOp<NotOp>);
  r.add("Ceil", 1, unaryOp<CeilOp>);
  r.add("Cos", 1, unaryOp<CosOp>);
  r.add("Cosh", 1, unaryOp<CoshOp>);
  r.add("Erf", 1, unaryOp<ErfOp>);
  r.add("Exp", 1, unaryOp<ExpOp>);
  r.add("Floor", 1, unaryOp<FloorOp>);
  r.add("Log", 1, unaryOp<LogOp>);
  r.add("Neg", 1, unaryOp<NegOp>);
  r.add("Not", 1, unaryOp<NotOp>);
  r.add("Reciprocal", 1, unaryOp<ReciprocalOp>);
  r.add("Round", 1, unaryOp<RoundOp>);
  r.add("Sin", 1, unaryOp<SinOp>);
  r.add("Sinh", 1, unaryOp<SinhOp>);
  r.add("Sqrt", 1, unaryOp<SqrtOp>);
  r.add("Tan", 1, unaryOp<TanOp>);
  r.add("Tanh", 1, unaryOp<TanhOp>);
  r.add("Abs", 1, [](OnnxNode &n) { n.setOutput(0, n.abs(n.getInput(0))); });
  r.add("Identity", 1, [](OnnxNode &n) { n.setOutput(0, n.getInputValue(0)); });
  r.add("IsInf", 1, [](OnnxNode &n) { n.setOutput(0, isInf(n)); });
  r.add("IsNaN", 1, [](OnnxNode &n) {
    Value x = n.getInput(0);
    n.setOutput(0, n.ne(x, x));
  });
  r.add("Sign", 1, [](OnnxNode &n) { n.setOutput(0, sign(n)); });

  // Two inputs, or more, that broadcast.
  r.add("Add", 7, binaryOp<AddOp>);
  r.add("And", 7, binaryOp<AndOp>);
  r.add("BitwiseAnd", 7, binaryOp<AndOp>);
  r.add("BitwiseOr", 7, binaryOp<OrOp>);
  r.add("BitwiseXor", 7, binaryOp<XorOp>);
  r.add("Mul", 7, binaryOp<MulOp>);
  r.add("Or", 7, binaryOp<OrOp>);
  r.add("Sub", 7, binaryOp<SubOp>);
  r.add("Xor", 7, binaryOp<XorOp>);
  r.add("Equal", 7, compareOp<CmpEqOp>);
  r.add("Greater", 7, swappedCompareOp<CmpLtOp>);
  r.add("GreaterOrEqual", 7, swappedCompareOp<CmpLeOp>);
  r.add("Less", 7, compareOp<CmpLtOp>);
  r.add("LessOrEqual", 7, compareOp<CmpLeOp>);
  r.add("Div", 7, [](OnnxNode &n) { n.setOutput(0, n.div(n.getInput(0), n.getInput(1))); });
  r.add("BitShift", 7, [](OnnxNode &n) { n.setOutput(0, bitShift(n)); });
  r.add("Mod", 7, [](OnnxNode &n) { n.setOutput(0, mod(n)); });
  r.add("Pow", 7, [](OnnxNode &n) { n.setOutput(0, pow(n)); });
  r.add("Max", 6, [](OnnxNode &n) { n.setOutput(0, foldInputs<MaxOp>(n)); });
  r.add("Mean", 6, [](OnnxNode &n) { n.setOutput(0, mean(n)); });
  r.add("Min", 6, [](OnnxNode &n) { n.setOutput(0, foldInputs<MinOp>(n)); });
  r.add("Sum", 6, [](OnnxNode &n) { n.setOutput(0, foldInputs<AddOp>(n)); });
  r.add("Where", 7,
        [](OnnxNode &n) { n.setOutput(0, n.where(n.getInput(0), n.getInput(1), n.getInput(2))); });
  r.add("Clip", 6, clipAttributes);
  r.add("Clip", 11, clip);

  r.add("Add", 6, alignedBinaryOp<AddOp>);
  r.add("And", 1, alignedBinaryOp<AndOp>);
  r.add("Div", 6, alignedBinaryOp<FDivOp>);
  r.add("Equal", 1, alignedBinaryOp<CmpEqOp>);
  r.add("Less", 1, alignedBinaryOp<CmpLtOp>);
  r.add("Mul", 6, alignedBinaryOp<MulOp>);
  r.add("Or", 1, alignedBinaryOp<OrOp>);
  r.add("Pow", 1, alignedBinaryOp<PowOp>);
  r.add("Sub", 6, alignedBinaryOp<SubOp>);
  r.add("Xor", 1, alignedBinaryOp<XorOp>);

  // Conversions.
  r.add("Cast", 6, [](OnnxNode &n) {
    constexpr int64_t stringType = 8;
    bool toString = n.getInt("to") == stringType;
    if (toString && n.isString(0))
      return n.setOutput(0, n.getInputValue(0));
    if (toString || n.isString(0))
      return (void)n.fail("converts between strings and numbers, which tg does not; map them by a "
                          "table, as LabelEncoder does");
    n.setOutput(0, castTo(n, n.getInput(0), n.getDataType(n.getInt("to"))));
  });
  r.add("CastLike", 1, [](OnnxNode &n) {
    RankedTensorType like = n.getInputType(1);
    n.setOutput(0, like ? castTo(n, n.getInput(0), like.getElementType())
                        : n.fail("input 1 is missing"));
  });
  r.add("BitCast", 26, bitCast);
}
