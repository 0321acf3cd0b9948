//===- Combiner.cpp - How reductions combine two values ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Combiner.h"

#include "tg/Dialect/UOp/UOp.h"

#include "mlir/IR/TypeUtilities.h"

#include <cstring>
#include <memory>

using namespace mlir;
using namespace tg;
using namespace tg::interp;

uint64_t interp::getScalarBits(Attribute attribute) {
  if (auto value = dyn_cast<FloatAttr>(attribute))
    return value.getValue().bitcastToAPInt().getZExtValue();
  return cast<IntegerAttr>(attribute).getValue().getZExtValue();
}

static DType typeOf(Value value) { return *getDType(getElementTypeOrSelf(value.getType())); }

Combiner::Combiner(uop::CombineKind kind, Type type) : kind(kind) {
  using Kind = uop::ElementwiseKind;
  Kind function = kind == uop::CombineKind::Add   ? Kind::Add
                  : kind == uop::CombineKind::Mul ? Kind::Mul
                  : kind == uop::CombineKind::Max ? Kind::Max
                                                  : Kind::Min;
  DType dtype = *getDType(type);
  types.push_back(dtype);
  identities.push_back(getScalarBits(uop::getIdentityOf(kind, type)));
  steps.push_back({function, dtype, dtype, {0, 1}});
  yielded.push_back(2);
}

Combiner::Combiner(Block &block, ArrayRef<Attribute> attributes) {
  DenseMap<Value, unsigned> numbers;
  unsigned next = 0;
  for (Value argument : block.getArguments())
    numbers[argument] = next++;
  for (Attribute attribute : attributes) {
    identities.push_back(getScalarBits(attribute));
    types.push_back(typeOf(block.getArgument(types.size())));
  }
  for (auto constant : block.getOps<uop::ConstOp>()) {
    auto elements = cast<DenseElementsAttr>(constant.getValue());
    numbers[constant.getResult()] = next++;
    constants.push_back(
        {typeOf(constant.getResult()), getScalarBits(*elements.getValues<Attribute>().begin())});
  }
  for (auto op : block.getOps<uop::ElementwiseOpInterface>()) {
    Step step{
        op.getElementwiseKind(), typeOf(op->getOperands().back()), typeOf(op->getResult(0)), {}};
    for (Value operand : op->getOperands())
      step.operands.push_back(numbers.lookup(operand));
    numbers[op->getResult(0)] = next++;
    steps.push_back(std::move(step));
  }
  for (Value value : block.back().getOperands())
    yielded.push_back(numbers.lookup(value));
}

void Combiner::apply(ArrayRef<BoundedArray> lhs, ArrayRef<BoundedArray> rhs,
                     ArrayRef<void *> results, ArrayRef<double *> bounds, size_t n,
                     std::optional<double> slack) const {
  unsigned count = size();
  SmallVector<BoundedArray, 8> values(lhs);
  values.append(rhs.begin(), rhs.end());
  // Shorthands write where the caller wants it; regions need room in between.
  if (kind) {
    const void *operands[] = {lhs[0].data, rhs[0].data};
    if (slack)
      evalBounded(steps[0].function, types[0], types[0], values.data(), results[0], bounds[0], n,
                  *slack);
    else
      evalElementwise(steps[0].function, types[0], types[0], operands, results[0], n);
    return;
  }
  size_t bytes = n * sizeof(double);
  unsigned numNew = constants.size() + steps.size();
  std::unique_ptr<char[]> memory(new char[std::max<size_t>(numNew * bytes * 2, 1)]);
  auto newValue = [&](unsigned i) -> std::pair<void *, double *> {
    char *data = memory.get() + i * bytes * 2;
    return {data, reinterpret_cast<double *>(data + bytes)};
  };
  for (auto [i, constant] : llvm::enumerate(constants)) {
    auto [data, bound] = newValue(i);
    std::fill_n(bound, n, 0.0);
    DType held = slack && isFloat(constant.type) ? DType::F64 : constant.type;
    uint64_t bits = constant.bits;
    const void *operands[] = {&constant.bits};
    if (held != constant.type)
      evalElementwise(uop::ElementwiseKind::Cast, constant.type, held, operands, &bits, 1);
    unsigned width = elementBytes(held);
    for (size_t j = 0; j < n; ++j)
      std::memcpy(static_cast<char *>(data) + j * width, &bits, width);
    values.push_back({data, bound});
  }
  for (auto [i, step] : llvm::enumerate(steps)) {
    auto [data, bound] = newValue(constants.size() + i);
    BoundedArray operands[3];
    const void *plain[3];
    for (auto [k, operand] : llvm::enumerate(step.operands)) {
      operands[k] = values[operand];
      plain[k] = values[operand].data;
    }
    if (slack)
      evalBounded(step.function, step.operandType, step.resultType, operands, data, bound, n,
                  *slack);
    else
      evalElementwise(step.function, step.operandType, step.resultType, plain, data, n);
    values.push_back({data, bound});
  }
  for (unsigned i = 0; i < count; ++i) {
    DType held = slack && isFloat(types[i]) ? DType::F64 : types[i];
    std::memcpy(results[i], values[yielded[i]].data, n * elementBytes(held));
    if (slack)
      std::memcpy(bounds[i], values[yielded[i]].bounds, bytes);
  }
}
