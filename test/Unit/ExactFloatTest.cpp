//===- ExactFloatTest.cpp - Rules on floats, for all their constants -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which constants a rule on floats may take decides whether it is true, so this test tries them
// all: of the 8-bit floats and f16 every power of two, zero, the largest, infinity, NaN and some
// odd ones, each with each (of f16 and f32 with fewer). Where a rule is applied, both sides are
// computed for every value of the type (of f32 for values near both ends) and compared bit by bit,
// NaN with any NaN.
//
//===----------------------------------------------------------------------===//

#include "tg/Dialect/UOp/UOp.h"
#include "tg/Dialect/UOp/UOpScalars.h"
#include "tg/Graph/Simplify.h"
#include "tg/Interp/Interpreter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/StringExtras.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

using namespace mlir;
using namespace tg;
using uop::ElementwiseKind;

namespace {

/// An expression of x, y and the constants a and b, as the body of a function.
struct Expression {
  const char *name, *body;
  bool isCompare = false;
};

constexpr Expression expressions[] = {
    {"x / a", "%r = uop.fdiv %x, %a : !T"},
    {"(x * a) * b", "%0 = uop.mul %x, %a : !T\n%r = uop.mul %0, %b : !T"},
    {"(x * a) / b", "%0 = uop.mul %x, %a : !T\n%r = uop.fdiv %0, %b : !T"},
    {"(x / a) * b", "%0 = uop.fdiv %x, %a : !T\n%r = uop.mul %0, %b : !T"},
    {"(a / x) * b", "%0 = uop.fdiv %a, %x : !T\n%r = uop.mul %0, %b : !T"},
    {"x * a + x * b", "%0 = uop.mul %x, %a : !T\n%1 = uop.mul %x, %b : !T\n"
                      "%r = uop.add %0, %1 : !T"},
    {"max(x * a, y * a)", "%0 = uop.mul %x, %a : !T\n%1 = uop.mul %y, %a : !T\n"
                          "%r = uop.max %0, %1 : !T"},
    {"min(x + a, y + a)", "%0 = uop.add %x, %a : !T\n%1 = uop.add %y, %a : !T\n"
                          "%r = uop.min %0, %1 : !T"},
    {"x * a < b", "%0 = uop.mul %x, %a : !T\n%r = uop.cmplt %0, %b : !T", true},
    {"b <= x * a", "%0 = uop.mul %x, %a : !T\n%r = uop.cmple %b, %0 : !T", true},
    {"x * a = b", "%0 = uop.mul %x, %a : !T\n%r = uop.cmpeq %0, %b : !T", true},
};

bool usesY(const Expression &expression) { return StringRef(expression.body).contains("%y"); }
bool usesB(const Expression &expression) { return StringRef(expression.body).contains("%b"); }

struct Format {
  const char *name;
  DType type;
  const llvm::fltSemantics &semantics;
  int minExponent, maxExponent; ///< Of the powers of two, denormal ones included.
};

APFloat convert(double value, const llvm::fltSemantics &semantics) {
  APFloat result(value);
  bool losesInfo;
  result.convert(semantics, APFloat::rmNearestTiesToEven, &losesInfo);
  return result;
}

/// The powers of two (of f32 those near both ends and near 1), and numbers of which one bound or
/// another of a rule is true.
std::vector<APFloat> constantsOf(const Format &format) {
  std::vector<APFloat> constants;
  for (int k = format.minExponent; k <= format.maxExponent; ++k)
    if (format.maxExponent < 100 || std::abs(k) <= 2 || std::abs(std::abs(k) - 127) <= 2 ||
        k <= format.minExponent + 2)
      constants.push_back(
          scalbn(APFloat::getOne(format.semantics), k, APFloat::rmNearestTiesToEven));
  for (double value : {-0.5, -1.0, -2.0, -4.0, 0.0, -0.0, 0.75, 0.875, 1.25, 1.5, 3.0, -3.0, 5.0,
                       6.0, 7.0, 12.0, 104.0, std::nan("")})
    constants.push_back(convert(value, format.semantics));
  constants.push_back(APFloat::getLargest(format.semantics));
  constants.push_back(APFloat::getLargest(format.semantics, /*Negative=*/true));
  APFloat smallest = APFloat::getSmallest(format.semantics);
  constants.push_back(smallest + smallest + smallest);
  if (APFloat::semanticsHasInf(format.semantics))
    constants.push_back(APFloat::getInf(format.semantics));
  return constants;
}

/// What all constants are paired with: few of f16, where every pair costs 65,536 values.
std::vector<APFloat> partnersOf(const Format &format) {
  if (format.type == DType::F16)
    return {convert(3.0, format.semantics), convert(4.0, format.semantics)};
  std::vector<APFloat> partners = constantsOf(format);
  llvm::erase_if(partners, [&](const APFloat &f) {
    int k = f.getExactLog2Abs();
    return k != INT_MIN && std::abs(k) > 2 && k > format.minExponent + 1 &&
           k < format.maxExponent - 1;
  });
  return partners;
}

class ExactFloats : public testing::TestWithParam<Format> {
protected:
  void SetUp() override {
    context.loadDialect<uop::UOpDialect, func::FuncDialect>();
    simplifier = *Simplifier::create(UnknownLoc::get(&context));
  }

  void fillInputs(int64_t count);
  std::string textOf(const Expression &expression, const APFloat &a, ArrayRef<APFloat> bs) const;
  /// Simplifies all functions; tells which ones a rule changed, and compares those.
  std::vector<bool> prove(const std::string &text, size_t count);

  MLIRContext context{MLIRContext::Threading::DISABLED};
  std::optional<Simplifier> simplifier;
  std::vector<rt::Tensor> inputs;
  int64_t numProven = 0, numValues = 0;
};

/// The same for 8-bit floats alone, of which every constant is tried.
class ExactProducts : public ExactFloats {};

/// x holds every value of a narrow type, y another one for each; of 65,536 8-bit values all pairs.
void ExactFloats::fillInputs(int64_t count) {
  DType type = GetParam().type;
  unsigned width = bitWidth(type);
  numValues = count;
  inputs.clear();
  std::mt19937_64 random(1);
  for (int number : {0, 1}) {
    rt::Tensor tensor = *rt::Tensor::allocate(type, {numValues});
    for (int64_t i = 0; i < numValues; ++i) {
      uint64_t bits = random();
      if (width == 8)
        bits = number ? i >> 8 : i;
      else if (width == 16 && number == 0)
        bits = i;
      else if (width == 32 && i % 2) // An exponent near either end.
        bits = (bits & 0x807fffff) | ((bits >> 40) % 3 << 23) | (bits >> 50) % 2 * 0x7e000000;
      storeBits(type, tensor.data(), i, bits & (~uint64_t(0) >> (64 - width)));
    }
    inputs.push_back(std::move(tensor));
  }
}

std::string literal(const APFloat &value) {
  APInt bits = value.bitcastToAPInt();
  return "0x" + llvm::utohexstr(bits.getZExtValue(), /*LowerCase=*/false, bits.getBitWidth() / 4);
}

std::string ExactFloats::textOf(const Expression &expression, const APFloat &a,
                                ArrayRef<APFloat> bs) const {
  std::string shape = "tensor<" + std::to_string(numValues) + "x";
  std::string text = "!T = " + shape + GetParam().name + ">\n!B = " + shape + "i1>\n";
  std::string result = expression.isCompare ? "!B" : "!T";
  for (auto [i, b] : llvm::enumerate(bs))
    text += "func.func @f" + std::to_string(i) + "(%x: !T, %y: !T) -> " + result +
            " {\n%a = uop.const dense<" + literal(a) + "> : !T\n%b = uop.const dense<" +
            literal(b) + "> : !T\n" + expression.body + "\nreturn %r : " + result + "\n}\n";
  return text;
}

std::vector<bool> ExactFloats::prove(const std::string &text, size_t count) {
  std::vector<bool> isChanged(count);
  OwningOpRef<ModuleOp> before = parseSourceString<ModuleOp>(text, &context);
  if (!before) {
    ADD_FAILURE() << text;
    return isChanged;
  }
  OwningOpRef<ModuleOp> after = before->clone();
  for (size_t i = 0; i < count; ++i) {
    std::string name = "f" + std::to_string(i);
    llvm::StringMap<unsigned> fired;
    auto function = after->lookupSymbol<func::FuncOp>(name);
    simplifier->run(function, &fired);
    fired.erase("constant-right");
    isChanged[i] = !fired.empty();
    if (fired.empty())
      continue;
    rt::Result<interp::Results> want = interp::interpret(*before, name, inputs);
    rt::Result<interp::Results> have = interp::interpret(*after, name, inputs);
    if (!want.ok() || !have.ok()) {
      ADD_FAILURE() << want.message() << have.message();
      return isChanged;
    }
    numProven += numValues;
    const rt::Tensor &a = want->outputs.front(), &b = have->outputs.front();
    for (int64_t k = 0; k < numValues; ++k) {
      bool isSame =
          loadBits(a.dtype(), a.data(), k) == loadBits(b.dtype(), b.data(), k) ||
          (isFloat(a.dtype()) && std::isnan(a.getDouble(k)) && std::isnan(b.getDouble(k)));
      if (isSame)
        continue;
      ADD_FAILURE() << fired.begin()->first().str() << ": " << a.getDouble(k) << " became "
                    << b.getDouble(k) << " for x = " << inputs[0].getDouble(k)
                    << ", y = " << inputs[1].getDouble(k) << " in\n"
                    << text.substr(text.find("@" + name + "("), 400);
      return isChanged;
    }
  }
  return isChanged;
}

TEST_P(ExactFloats, RulesHoldForAllConstants) {
  std::vector<APFloat> constants = constantsOf(GetParam()), partners = partnersOf(GetParam());
  unsigned width = bitWidth(GetParam().type);
  for (const Expression &expression : expressions) {
    SCOPED_TRACE(expression.name);
    fillInputs(width == 32 ? 4096 : width == 8 && !usesY(expression) ? 256 : 65536);
    int64_t numChanged = 0, numTried = 0;
    for (const APFloat &a : constants) {
      ArrayRef<APFloat> bs(partners);
      bs = usesB(expression) ? bs : bs.take_front();
      std::vector<bool> isChanged = prove(textOf(expression, a, bs), bs.size());
      ASSERT_FALSE(HasFailure());
      numChanged += llvm::count(isChanged, true);
      numTried += bs.size();
    }
    EXPECT_GT(numChanged, 0);
    EXPECT_LT(numChanged, numTried);
  }
  RecordProperty("values", std::to_string(numProven));
}

/// Two products become one wherever one of the constants is a power of two above 1, their product
/// is a number of the type, and every value of the type gives the same bits both ways.
TEST_P(ExactProducts, CombineWhereverTheyMay) {
  const Format &format = GetParam();
  fillInputs(256);
  auto multiply = [&](const rt::Tensor &x, const APFloat &factor) {
    std::vector<uint8_t> factors(numValues, uint8_t(factor.bitcastToAPInt().getZExtValue()));
    rt::Tensor product = *rt::Tensor::allocate(format.type, {numValues});
    const void *operands[] = {x.data(), factors.data()};
    evalElementwise(ElementwiseKind::Mul, format.type, format.type, operands, product.data(),
                    numValues);
    return product;
  };
  int64_t numCombined = 0;
  for (const APFloat &scale : constantsOf(format)) {
    if (scale.getExactLog2Abs() <= 0)
      continue;
    std::vector<APFloat> others;
    for (unsigned bits = 0; bits < 128; ++bits) {
      APFloat other(format.semantics, APInt(8, bits)), product = other;
      bool isExact = product.multiply(scale, APFloat::rmNearestTiesToEven) == APFloat::opOK;
      if (isExact && product.isFiniteNonZero() && abs(other) != APFloat::getOne(format.semantics))
        others.push_back(other);
    }
    for (bool isFirst : {true, false}) {
      std::string text = textOf(expressions[1], scale, others);
      if (!isFirst)
        for (size_t at = 0; (at = text.find("%x, %a : !T\n%r = uop.mul %0, %b", at)) != text.npos;)
          text.replace(at, 32, "%x, %b : !T\n%r = uop.mul %0, %a");
      std::vector<bool> isCombined = prove(text, others.size());
      for (auto [other, combined] : llvm::zip(others, isCombined)) {
        rt::Tensor twice =
            multiply(multiply(inputs[0], isFirst ? scale : other), isFirst ? other : scale);
        rt::Tensor once = multiply(inputs[0], scale * other);
        bool isSame = true;
        for (int64_t i = 0; i < numValues; ++i)
          isSame &=
              loadBits(format.type, twice.data(), i) == loadBits(format.type, once.data(), i) ||
              (std::isnan(twice.getDouble(i)) && std::isnan(once.getDouble(i)));
        EXPECT_EQ(isSame, combined) << (isFirst ? "first " : "then ") << scale.convertToDouble()
                                    << " with " << other.convertToDouble();
        numCombined += combined;
      }
    }
  }
  EXPECT_GT(numCombined, 300);
}

const Format formats[] = {
    {"f8E4M3FN", DType::F8E4M3FN, APFloat::Float8E4M3FN(), -9, 8},
    {"f8E5M2", DType::F8E5M2, APFloat::Float8E5M2(), -16, 15},
    {"f16", DType::F16, APFloat::IEEEhalf(), -24, 15},
    {"f32", DType::F32, APFloat::IEEEsingle(), -149, 127},
};

std::string nameOf(const testing::TestParamInfo<Format> &info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Types, ExactFloats, testing::ValuesIn(formats), nameOf);
INSTANTIATE_TEST_SUITE_P(Types, ExactProducts, testing::Values(formats[0], formats[1]), nameOf);

} // namespace
