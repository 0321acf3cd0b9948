//===- ScalarTypes.cpp - Register and memory types of elements ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Codegen/ScalarOps.h"

using namespace mlir;

namespace tg::codegen {

Type getRegisterType(Type elementType) {
  if (isa<Float32Type, Float64Type>(elementType))
    return elementType;
  return IntegerType::get(elementType.getContext(), elementType.getIntOrFloatBitWidth());
}

Type getMemoryType(Type elementType) {
  if (elementType.getIntOrFloatBitWidth() < 8)
    return IntegerType::get(elementType.getContext(), 8);
  return getRegisterType(elementType);
}

unsigned getElementsPerByte(Type elementType) {
  unsigned width = elementType.getIntOrFloatBitWidth();
  return width == 1 || width >= 8 ? 1 : 8 / width;
}

uop::DimAttr getByteSize(uop::DimAttr count, Type elementType) {
  MLIRContext *context = elementType.getContext();
  unsigned width = elementType.getIntOrFloatBitWidth(), packed = getElementsPerByte(elementType);
  if (packed > 1)
    return uop::ceilDivDims(count, uop::DimAttr::get(context, packed));
  return uop::mulDims(count, uop::DimAttr::get(context, (width + 7) / 8));
}

} // namespace tg::codegen
