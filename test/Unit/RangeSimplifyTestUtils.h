//===- RangeSimplifyTestUtils.h - Shared by the index tests -----*- C++ -*-===//
//
// Part of tg, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_TEST_UNIT_RANGESIMPLIFYTESTUTILS_H
#define TG_TEST_UNIT_RANGESIMPLIFYTESTUTILS_H

#include "tg/Support/RangeSimplify.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

#include "gtest/gtest.h"

#include <random>
#include <string>
#include <vector>

namespace tg::test {

inline std::string print(mlir::AffineExpr expr) {
  std::string text;
  llvm::raw_string_ostream(text) << expr;
  return text;
}

inline std::string print(llvm::ArrayRef<int64_t> shape) {
  return llvm::join(llvm::map_range(shape, [](int64_t size) { return std::to_string(size); }), "x");
}

/// All shapes of up to `maxRank` dims with `count` elements, dims of one included.
inline std::vector<llvm::SmallVector<int64_t>> factorizations(int64_t count, unsigned maxRank) {
  std::vector<llvm::SmallVector<int64_t>> result;
  if (maxRank == 0)
    return result;
  result.push_back({count});
  for (int64_t first = 1; first <= count; ++first)
    if (count % first == 0)
      for (llvm::SmallVector<int64_t> &rest : factorizations(count / first, maxRank - 1)) {
        rest.insert(rest.begin(), first);
        result.push_back(std::move(rest));
      }
  return result;
}

} // namespace tg::test

#endif // TG_TEST_UNIT_RANGESIMPLIFYTESTUTILS_H
