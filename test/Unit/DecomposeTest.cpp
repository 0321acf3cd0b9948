//===- DecomposeTest.cpp - Emitted expansions against the C library ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Expands each operation to uop operations, evaluates them one by one, and compares with the scalar
// function of the operation itself. tg-ulp measures the same texts on the host; this is the proof
// that they are emitted right. Every f16 and bf16 is tried, of f32 and f64 a sample.
//
//===----------------------------------------------------------------------===//

#include "tg/Graph/Decompose.h"
#include "tg/Dialect/UOp/UOp.h"
#include "tg/Dialect/UOp/UOpScalars.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"

#include <cmath>
#include <gtest/gtest.h>
#include <random>

using namespace mlir;
using namespace tg;

namespace {

constexpr size_t count = 65536;
using Array = std::vector<char>;

/// Evaluates elementwise operations and splats, in order.
class Evaluator {
public:
  void set(Value value, Array array) { arrays[value] = std::move(array); }
  const Array &get(Value value) { return arrays.find(value)->second; }

  void run(Operation &op) { set(op.getResult(0), evaluate(op)); }

  static DType typeOf(Value value) {
    return *getDType(cast<RankedTensorType>(value.getType()).getElementType());
  }

private:
  Array evaluate(Operation &op) {
    Array result;
    DType type = typeOf(op.getResult(0));
    result.resize(count * elementBytes(type));
    if (auto constant = dyn_cast<uop::ConstOp>(op)) {
      ArrayRef<char> element = cast<DenseElementsAttr>(constant.getValue()).getRawData();
      for (size_t i = 0; i < count; ++i)
        std::copy(element.begin(), element.end(), result.begin() + i * elementBytes(type));
      return result;
    }
    SmallVector<const void *> operands;
    for (Value operand : op.getOperands())
      operands.push_back(get(operand).data());
    auto elementwise = cast<uop::ElementwiseOpInterface>(op);
    evalElementwise(elementwise.getElementwiseKind(), typeOf(op.getOperands().back()), type,
                    operands.data(), result.data(), count);
    return result;
  }

  llvm::DenseMap<Value, Array> arrays;
};

/// All bit patterns of 16 bits; of wider types random ones, most of them with moderate exponents.
template <class U> Array inputs(unsigned mantissaBits, unsigned seed) {
  std::mt19937_64 random(seed);
  Array array(count * sizeof(U));
  for (size_t i = 0; i < count; ++i) {
    U bits = sizeof(U) == 2 && seed == 0 ? U(i) : U(random());
    if (sizeof(U) > 2 && i % 4) {
      U one = (U(1) << (sizeof(U) * 8 - 2)) - (U(1) << mantissaBits);
      U exponent = one + ((random() % 16) << mantissaBits) - (U(10) << mantissaBits);
      bits = (bits & ~(((U(1) << (sizeof(U) * 8 - 1)) - 1) & ~((U(1) << mantissaBits) - 1))) |
             exponent;
    }
    std::memcpy(&array[i * sizeof(U)], &bits, sizeof(U));
  }
  return array;
}

std::vector<double> toDoubles(DType type, const Array &array) {
  std::vector<double> result(count);
  const void *operand = array.data();
  evalElementwise(uop::ElementwiseKind::Cast, type, DType::F64, &operand, result.data(), count);
  return result;
}

struct Format {
  const char *name;
  unsigned mantissaBits;
  int minExponent;
  Array (*inputs)(unsigned mantissaBits, unsigned seed);
  /// In units of the last place.
  double bound;
};

constexpr Format formats[] = {{"f32", 23, -126, inputs<uint32_t>, 3},
                              {"f64", 52, -1022, inputs<uint64_t>, 3},
                              {"f16", 10, -14, inputs<uint16_t>, 1},
                              {"bf16", 7, -126, inputs<uint16_t>, 1}};

void compare(const char *name, const Format &format) {
  SCOPED_TRACE(std::string(name) + " " + format.name);
  MLIRContext context;
  context.loadDialect<func::FuncDialect, uop::UOpDialect>();
  bool binary = StringRef(name) == "pow";
  std::string type = "tensor<" + std::to_string(count) + "x" + format.name + ">";
  std::string text = "func.func @f(%x: " + type + ", %y: " + type + ") -> " + type +
                     " {\n %0 = uop." + name + " %x" + (binary ? ", %y" : "") + " : " + type +
                     "\n return %0 : " + type + "\n}";
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
  ASSERT_TRUE(module);
  Block &body = (*module->getOps<func::FuncOp>().begin()).getBody().front();
  auto op = cast<uop::ElementwiseOpInterface>(body.front());
  ASSERT_TRUE(hasExpansion(op));

  Evaluator evaluator;
  evaluator.set(body.getArgument(0), format.inputs(format.mantissaBits, 0));
  evaluator.set(body.getArgument(1), format.inputs(format.mantissaBits, 1));
  evaluator.run(*op);
  OpBuilder builder(op);
  Value expansion = emitExpansion(builder, op);
  for (Operation &inner : llvm::make_range(body.begin(), op->getIterator()))
    evaluator.run(inner);

  DType dtype = Evaluator::typeOf(expansion);
  std::vector<double> x = toDoubles(dtype, evaluator.get(body.getArgument(0)));
  std::vector<double> y = toDoubles(dtype, evaluator.get(body.getArgument(1)));
  std::vector<double> expected = toDoubles(dtype, evaluator.get(op->getResult(0)));
  std::vector<double> actual = toDoubles(dtype, evaluator.get(expansion));
  unsigned failures = 0;
  for (size_t i = 0; i < count && failures < 5; ++i) {
    if (std::isnan(expected[i]) && std::isnan(actual[i]))
      continue;
    int exponent = expected[i] == 0 ? format.minExponent
                                    : std::max(std::ilogb(expected[i]), format.minExponent);
    double ulp = std::ldexp(1.0, exponent - int(format.mantissaBits));
    bool right = expected[i] == actual[i]
                     ? std::signbit(expected[i]) == std::signbit(actual[i])
                     : std::fabs(expected[i] - actual[i]) <= format.bound * ulp;
    if (right)
      continue;
    ++failures;
    ADD_FAILURE() << name << "(" << x[i] << (binary ? ", " + std::to_string(y[i]) : "")
                  << ") = " << actual[i] << ", expected " << expected[i];
  }
}

class DecomposeTest : public testing::TestWithParam<const char *> {};

TEST_P(DecomposeTest, AgreesWithTheOperation) {
  for (const Format &format : formats)
    compare(GetParam(), format);
}

INSTANTIATE_TEST_SUITE_P(All, DecomposeTest,
                         testing::Values("exp2", "log2", "sin", "pow", "exp", "log", "cos", "tan",
                                         "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh",
                                         "acosh", "atanh", "erf", "floor", "ceil", "round"),
                         [](const auto &info) { return std::string(info.param); });

} // namespace
