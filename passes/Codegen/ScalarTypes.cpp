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

} // namespace tg::codegen
