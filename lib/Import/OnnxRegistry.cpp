//===- OnnxRegistry.cpp - The registry of ONNX operators ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Ops/Families.h"

using namespace tg;

std::string OnnxOpRegistry::getKey(llvm::StringRef domain, llvm::StringRef op) {
  return (domain + "::" + op).str();
}

void OnnxOpRegistry::add(llvm::StringRef op, int64_t since, Build build, llvm::StringRef domain) {
  auto &builds = entries[getKey(domain, op)].builds;
  auto *it = llvm::lower_bound(
      builds, since, [](const auto &entry, int64_t opset) { return entry.first < opset; });
  if (it != builds.end() && it->first == since)
    it->second = std::move(build);
  else
    builds.insert(it, {since, std::move(build)});
}

void OnnxOpRegistry::addFold(llvm::StringRef op, FoldInts fold, llvm::StringRef domain) {
  entries[getKey(domain, op)].fold = std::move(fold);
}

const OnnxOpRegistry::Build *OnnxOpRegistry::find(llvm::StringRef domain, llvm::StringRef op,
                                                  int64_t opset) const {
  auto it = entries.find(getKey(domain, op));
  if (it == entries.end())
    return nullptr;
  const Build *found = nullptr;
  for (const auto &[since, build] : it->second.builds)
    if (since <= opset)
      found = &build;
  return found;
}

const OnnxOpRegistry::FoldInts *OnnxOpRegistry::findFold(llvm::StringRef domain,
                                                         llvm::StringRef op) const {
  auto it = entries.find(getKey(domain, op));
  return it != entries.end() && it->second.fold ? &it->second.fold : nullptr;
}

void OnnxOpRegistry::setStrings(llvm::StringRef op, OnnxStringRule rule, llvm::StringRef domain) {
  entries[getKey(domain, op)].strings = rule;
}

const OnnxStringRule *OnnxOpRegistry::findStrings(llvm::StringRef domain,
                                                  llvm::StringRef op) const {
  auto it = entries.find(getKey(domain, op));
  return it != entries.end() && it->second.strings ? &*it->second.strings : nullptr;
}

void tg::registerOnnxOps(OnnxOpRegistry &registry) {
  registerOnnxActivations(registry);
  registerOnnxAttention(registry);
  registerOnnxClassifiers(registry);
  registerOnnxConstants(registry);
  registerOnnxControlFlow(registry);
  registerOnnxConvolutions(registry);
  registerOnnxDeformConv(registry);
  registerOnnxDetection(registry);
  registerOnnxEinsum(registry);
  registerOnnxEncoders(registry);
  registerOnnxElementwise(registry);
  registerOnnxFourier(registry);
  registerOnnxIndexing(registry);
  registerOnnxLinearAlgebra(registry);
  registerOnnxLosses(registry);
  registerOnnxMachineLearning(registry);
  registerOnnxMatMul(registry);
  registerOnnxMovement(registry);
  registerOnnxNGrams(registry);
  registerOnnxNormalizations(registry);
  registerOnnxPooling(registry);
  registerOnnxQuantization(registry);
  registerOnnxRandom(registry);
  registerOnnxRecurrent(registry);
  registerOnnxReductions(registry);
  registerOnnxResize(registry);
  registerOnnxSelection(registry);
  registerOnnxSequences(registry);
  registerOnnxShapeMath(registry);
  registerOnnxSlicing(registry);
  registerOnnxSpatial(registry);
  registerOnnxStrings(registry);
  registerOnnxSupportVectors(registry);
  registerOnnxTraining(registry);
  registerOnnxTrees(registry);
  // Last: it gives some of the others a second name.
  registerOnnxContrib(registry);
}
