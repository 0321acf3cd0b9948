//===- main.cpp - ONNX operators of your own --------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   custom-domain MODEL.onnx OUTPUT.npy INPUT.npy...
//
// Imports a model with operators of the domain com.example, which tg does not know, runs it and
// writes its first output; exit status 1 when anything fails.
//===----------------------------------------------------------------------===//

#include "tg/Compiler/Compiler.h"
#include "tg/Import/Onnx.h"
#include "tg/Import/OnnxOps.h"
#include "tg/InitAll.h"
#include "tg/Runtime/Context.h"
#include "tg/Runtime/IO/TensorIO.h"

#include <cstdio>

using mlir::Value;
using tg::OnnxNode;

/// cap * tanh(x / cap).
static void softCap(OnnxNode &n) {
  Value x = n.getInput(0), cap = n.splatLike(n.getFloat("cap", 30), x);
  n.setOutput(0, n.mul(cap, n.unary<tg::uop::TanhOp>(n.div(x, cap))));
}

/// Each vector along `axis` divided by its length; the lengths are the second output.
static void unitVectors(OnnxNode &n) {
  Value x = n.getInput(0);
  if (!x) // A failure is kept; the importer reports it with the node's name.
    return;
  int64_t axis = n.normalizeAxis(n.getInt("axis", -1), n.getRank(x));
  if (n.hasFailed())
    return;
  Value length = n.unary<tg::uop::SqrtOp>(n.sum(n.mul(x, x), {axis}, /*keepDims=*/true));
  n.setOutput(0, n.div(x, length));
  n.setOutput(1, n.squeeze(length, {axis}));
}

/// An operator replaced: from opset 7 on, Softplus of this program is a ramp.
static void ramp(OnnxNode &n) { n.setOutput(0, n.relu(n.getInput(0))); }

static int fail(const std::string &message) {
  std::fprintf(stderr, "error: %s\n", message.c_str());
  return 1;
}

int main(int argc, char **argv) {
  if (argc < 3)
    return fail("usage: custom-domain MODEL.onnx OUTPUT.npy INPUT.npy...");
  tg::OnnxOpRegistry registry;
  tg::registerOnnxOps(registry); // ONNX's own.
  registry.add("SoftCap", 1, softCap, "com.example");
  registry.add("UnitVectors", 1, unitVectors, "com.example");
  registry.add("Softplus", 7, ramp);

  mlir::DialectRegistry dialects;
  tg::registerAllDialects(dialects);
  mlir::MLIRContext context(dialects);
  tg::OnnxImportOptions options;
  options.registry = &registry;
  auto module = tg::importOnnxFile(argv[1], &context, options);
  if (!module)
    return 1; // The diagnostics said why.

  std::vector<tg::rt::Tensor> inputs;
  for (int i = 3; i < argc; ++i) {
    auto input = tg::rt::readNpy(argv[i]);
    if (!input.ok())
      return fail(input.message());
    inputs.push_back(*input);
  }
  auto compilation = tg::compile(*module, {});
  if (mlir::failed(compilation))
    return 1;
  auto runner = tg::rt::Context::create(compilation->program);
  if (!runner.ok())
    return fail(runner.message());
  auto outputs = (*runner)->run(inputs);
  if (!outputs.ok())
    return fail(outputs.message());
  tg::rt::Status written = tg::rt::writeNpy(argv[2], (*outputs)[0]);
  return written.ok() ? 0 : fail(written.message());
}
