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

/// Operators that ONNX has taken over from ONNX Runtime, or the other way round.
static void registerSame(OnnxOpRegistry &registry) {
  const std::pair<llvm::StringRef, int64_t> names[] = {
      {"GatherND", 12}, {"GridSample", 16}, {"Pad", 11}, {"Range", 11}, {"Trilu", 14}};
  for (auto [name, opset] : names)
    if (const OnnxOpRegistry::Build *build = registry.find("", name, opset))
      registry.add(name, 1, OnnxOpRegistry::Build(*build), microsoftDomain);
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
  registerContribMoE(registry);
  registerContribOdds(registry);
  registerSame(registry);
}
