//===- Contrib.cpp - ONNX Runtime's own operators ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Contrib.h"

using namespace tg;

bool tg::requireInt(OnnxNode &n, llvm::StringRef attribute, int64_t only) {
  int64_t value = n.getInt(attribute, only);
  if (value != only)
    n.fail("attribute '" + attribute + "' = " + llvm::Twine(value) + " is not supported");
  return !n.hasFailed();
}

bool tg::refuseInput(OnnxNode &n, unsigned input, llvm::StringRef name) {
  if (n.hasInput(input))
    n.fail("input " + llvm::Twine(input) + " (" + name + ") is not supported");
  return !n.hasFailed();
}

void tg::registerOnnxContrib(OnnxOpRegistry &registry) {
  registerContribActivations(registry);
  registerContribAttention(registry);
  registerContribConvolutions(registry);
  registerContribGroupQueryAttention(registry);
  registerContribMatMul(registry);
  registerContribMatMulNBits(registry);
  registerContribNchwc(registry);
  registerContribNormalizations(registry);
  registerContribQLinear(registry);
  registerContribQuantizedMatMul(registry);
}
