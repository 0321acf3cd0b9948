//===- UOpTypes.cpp - Element types ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Dialect/UOp/UOpTypes.h"

using namespace mlir;

namespace tg::uop {

bool isComputeFloat(Type type) {
  return isa<Float16Type, BFloat16Type, Float32Type, Float64Type, Float8E4M3FNType, Float8E5M2Type>(
      type);
}

bool isComputeInteger(Type type) {
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer || integer.isSigned())
    return false;
  switch (integer.getWidth()) {
  case 1:
    return integer.isSignless();
  case 8:
  case 16:
  case 32:
  case 64:
    return true;
  default:
    return false;
  }
}

static bool isStorageOnly(Type type) {
  if (isa<Float4E2M1FNType, Float8E4M3FNUZType, Float8E5M2FNUZType, Float8E8M0FNUType>(type))
    return true;
  auto integer = dyn_cast<IntegerType>(type);
  return integer && !integer.isSigned() && (integer.getWidth() == 2 || integer.getWidth() == 4);
}

bool isBool(Type type) { return type.isSignlessInteger(1); }
bool isU64(Type type) { return type.isUnsignedInteger(64); }
bool isI64(Type type) { return type.isSignlessInteger(64); }
bool isIndexInteger(Type type) { return type.isSignlessInteger(32) || isI64(type); }
bool isWideInteger(Type type) { return isComputeInteger(type) && !isBool(type); }
bool isComputeType(Type type) { return isComputeFloat(type) || isComputeInteger(type); }
bool isNumberType(Type type) { return isComputeFloat(type) || isWideInteger(type); }
bool isElementType(Type type) { return isComputeType(type) || isStorageOnly(type); }

Type withElementType(Type type, Type elementType) {
  if (auto tensor = dyn_cast<RankedTensorType>(type))
    return RankedTensorType::get(tensor.getShape(), elementType, tensor.getEncoding());
  return type;
}

Type withElementType(Type type, unsigned width) {
  return withElementType(type, IntegerType::get(type.getContext(), width));
}

unsigned getElementsPerByte(Type elementType) {
  unsigned width = elementType.getIntOrFloatBitWidth();
  return width == 1 || width >= 8 ? 1 : 8 / width;
}

double getBytesPerElement(Type elementType) {
  unsigned packed = getElementsPerByte(elementType);
  return packed > 1 ? 1.0 / packed : llvm::divideCeil(elementType.getIntOrFloatBitWidth(), 8);
}

Type toScalarType(Type type) {
  if (auto tensor = dyn_cast<RankedTensorType>(type))
    return RankedTensorType::get({}, tensor.getElementType());
  return type;
}

} // namespace tg::uop
