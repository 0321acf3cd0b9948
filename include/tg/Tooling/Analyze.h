//===- Analyze.h - Compares tg with the simplest way of running a model ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The baseline compiles with the same code generator and runs on the same threads, but has one
// kernel and one allocation per operation of the model.
//
//===----------------------------------------------------------------------===//

#ifndef TG_TOOLING_ANALYZE_H
#define TG_TOOLING_ANALYZE_H

#include "tg/Tooling/Programs/Execute.h"
#include "tg/Tooling/Roof.h"

#include "tg/Compiler/Compiler.h"

namespace tg::run {

/// What a kernel takes in one run, and what bounds it.
struct KernelAnalysis {
  std::string name, location, shape;
  double launches = 0, milliseconds = 0, flops = 0, bytes = 0;
  /// `memory` or `compute`; empty where it never ran or its cost is not known.
  std::string bound;
  /// How near it comes to the machine's limit, 1 at most but for errors of measurement.
  double ofRoof = 0;
};

/// One way of compiling and running, measured. Times are in milliseconds.
struct ModeAnalysis {
  std::string name;
  /// The fusion strategy.
  std::string fusion;
  /// import, graph, fusion, order, memory (placing the buffers included), program, codegen.
  std::vector<StageTime> stages;
  Latency latency;
  /// Of the first run: intermediate values, workspace and outputs; neither inputs nor constants.
  uint64_t allocations = 0, allocatedBytes = 0;
  /// The most of these bytes in use at once. The baseline's as if it freed each after its last use.
  uint64_t peakBytes = 0;
  /// Of a later run.
  uint64_t laterAllocations = 0;
  size_t distinctKernels = 0;
  /// Per run.
  double launches = 0, flops = 0, bytesMoved = 0;
  /// Longest first.
  std::vector<KernelAnalysis> kernels;

  /// The deviation as a part of the mean.
  double variation() const { return latency.mean > 0 ? latency.deviation / latency.mean : 0; }
  /// Whether the times vary by at most 5 %.
  bool isStable() const { return variation() <= 0.05; }
  double compileTime() const;
};

/// How much the outputs of the two modes differ.
struct DifferenceAnalysis {
  std::string output;
  /// The largest absolute difference, and the largest magnitude in the baseline's output.
  double largest = 0, magnitude = 0;
  /// Elements that are not equal, of how many.
  int64_t different = 0, elements = 0;
};

struct Analysis {
  std::string model, processor;
  unsigned threads = 0;
  std::map<std::string, int64_t> vars;
  uint64_t inputBytes = 0, constantBytes = 0;
  Roof roof;
  /// The baseline first, if both.
  std::vector<ModeAnalysis> modes;
  std::vector<DifferenceAnalysis> differences;
};

/// Compiles a copy of `module` for each mode that the options ask for, and measures the two in turn
/// for `--benchmark` seconds (2), at least ten runs each. A message is empty where the compiler has
/// printed one.
rt::Result<Analysis> analyze(mlir::ModuleOp module, const CompileOptions &compileOptions,
                             const std::vector<StageTime> &importStages, const Signature &signature,
                             const std::vector<rt::Tensor> &inputs, const Options &options);

/// The report for people.
std::string printAnalysis(const Analysis &analysis);
/// The report for programs; docs/tools/tg-run.md has the fields.
std::string analysisJson(const Analysis &analysis);
/// Makes `directory` for writeAnalysis, before anything is measured.
rt::Status makeAnalysisFolder(const std::string &directory);
/// Writes both to `directory` as report.txt and report.json.
rt::Status writeAnalysis(const Analysis &analysis, const std::string &directory);

} // namespace tg::run

#endif // TG_TOOLING_ANALYZE_H
