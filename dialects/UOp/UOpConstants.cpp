//===- UOpConstants.cpp - Elements of constants -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Dialect/UOp/UOpConstants.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/BuiltinDialect.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/xxhash.h"

#include <cstring>

using namespace mlir;
using namespace tg;

/// Element `i` of packed data, in its own width.
static APInt getBits(ArrayRef<char> data, unsigned width, size_t i) {
  if (width == 1)
    return APInt(1, data[i] != 0);
  if (width < 8) {
    size_t bit = i * width;
    return APInt(width, (static_cast<uint8_t>(data[bit / 8]) >> (bit % 8)) & ((1u << width) - 1));
  }
  uint64_t value = 0;
  std::memcpy(&value, data.data() + i * (width / 8), width / 8);
  return APInt(width, value);
}

static bool isSplat(ArrayRef<char> data, unsigned width, int64_t numElements) {
  if (width < 8 && width > 1)
    return numElements == 1;
  size_t size = std::max(1u, width / 8);
  return std::memcmp(data.data(), data.data() + size, data.size() - size) == 0;
}

static ElementsAttr makeDense(RankedTensorType type, ArrayRef<char> data, size_t count) {
  Type elementType = type.getElementType();
  unsigned width = elementType.getIntOrFloatBitWidth();
  SmallVector<APInt> integers;
  for (size_t i = 0; i < count; ++i)
    integers.push_back(getBits(data, width, i));
  auto floatType = dyn_cast<FloatType>(elementType);
  if (!floatType)
    return DenseElementsAttr::get(type, integers);
  SmallVector<APFloat> floats;
  for (const APInt &bits : integers)
    floats.emplace_back(floatType.getFloatSemantics(), bits);
  return DenseElementsAttr::get(type, floats);
}

ElementsAttr uop::makeElements(RankedTensorType type, ArrayRef<char> data,
                               std::shared_ptr<const void> owner) {
  constexpr int64_t maxDenseElements = 64;
  int64_t numElements = type.getNumElements();
  unsigned width = type.getElementType().getIntOrFloatBitWidth();
  if (numElements == 0)
    return makeDense(type, {}, 0);
  if (isSplat(data, width, numElements))
    return makeDense(type, data, 1);
  if (numElements <= maxDenseElements)
    return makeDense(type, data, numElements);
  // The key is the content's hash, so that equal data is held once per context.
  llvm::XXH128_hash_t hash = llvm::xxh3_128bits(
      llvm::ArrayRef(reinterpret_cast<const uint8_t *>(data.data()), data.size()));
  std::string key = "tg_" + llvm::utohexstr(hash.high64, /*LowerCase=*/true, /*Width=*/16) +
                    llvm::utohexstr(hash.low64, /*LowerCase=*/true, /*Width=*/16);
  MLIRContext *context = type.getContext();
  auto &manager = DenseResourceElementsHandle::getManagerInterface(context);
  if (auto *entry = manager.getBlobManager().lookup(key))
    if (entry->getBlob() && entry->getBlob()->getData() == data)
      return DenseResourceElementsAttr::get(
          type, DenseResourceElementsHandle(entry, context->getLoadedDialect<BuiltinDialect>()));
  AsmResourceBlob blob(
      data, std::max(1u, width / 8), [owner = std::move(owner)](void *, size_t, size_t) {},
      /*dataIsMutable=*/false);
  return DenseResourceElementsAttr::get(type, key, std::move(blob));
}
