//===- RandomInputs.cpp - Values for random programs ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Dialect/UOp/UOp.h"
#include "tg/Testing/RandomProgram.h"

#include <cmath>
#include <random>

using namespace mlir;
using namespace tg;
using namespace tg::testing;
using namespace tg::uop;

/// Bits of the edges of each format come from small integers, so that ordinary numbers dominate.
static double pickFloat(std::mt19937_64 &random) {
  static const double special[] = {0.0,      -0.0,   1.0,    -1.0,   0.5,    INFINITY, -INFINITY,
                                   NAN,      1e-40,  -1e-42, 1e-310, 65504,  3.0e38,   1e308,
                                   -3.4e38,  6.1e-5, 5.9e-8, 88.7,   -103.9, 1e-7,     16777217,
                                   0.999999, 2.5,    -1.5,   1e10,   448,    57344,    -240};
  if (random() % 12 == 0)
    return special[random() % std::size(special)];
  std::normal_distribution<double> normal(0, random() % 4 ? 1.0 : 8.0);
  return normal(random);
}

static int64_t pickInteger(std::mt19937_64 &random) {
  static const int64_t special[] = {INT64_MIN, INT64_MAX, INT32_MIN, INT32_MAX, -128, 127,
                                    255,       65535,     -1,        0,         1,    UINT32_MAX};
  if (random() % 8 == 0)
    return special[random() % std::size(special)];
  return static_cast<int64_t>(random() % 41) - 20;
}

std::vector<rt::Tensor> testing::makeRandomInputs(func::FuncOp function,
                                                  const std::map<std::string, int64_t> &vars,
                                                  uint64_t seed) {
  std::vector<rt::Tensor> tensors;
  std::mt19937_64 random(seed);
  for (Type type : function.getArgumentTypes()) {
    auto tensorType = cast<RankedTensorType>(type);
    std::vector<int64_t> shape;
    for (DimAttr dim : getDims(tensorType))
      shape.push_back(*evaluate(dim, [&](StringRef var) -> std::optional<int64_t> {
        auto it = vars.find(var.str());
        return it == vars.end() ? std::nullopt : std::optional<int64_t>(it->second);
      }));
    std::string name;
    llvm::raw_string_ostream(name) << tensorType.getElementType();
    rt::Tensor tensor = *rt::Tensor::zeros(*parseDType(name), shape);
    for (int64_t i = 0; i < tensor.numElements(); ++i) {
      if (isFloat(tensor.dtype()))
        tensor.setDouble(i, pickFloat(random));
      else
        tensor.setInt(i, tensor.dtype() == DType::I1 ? random() % 2 : pickInteger(random));
    }
    tensors.push_back(tensor);
  }
  return tensors;
}
