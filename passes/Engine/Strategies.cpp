//===- Strategies.cpp - The fusion strategies ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tested by test/Engine/strategies.mlir.
//
//===----------------------------------------------------------------------===//

#include "StrategyRegistry.h"

#include "tg/Dialect/UOp/UOp.h"
#include "tg/Engine/Fusion.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

FusionStrategy::~FusionStrategy() = default;

namespace {

/// Every operation that computes has a kernel of its own: what to compare with.
class NoFusion final : public FusionStrategy {
  std::string whyStored(const RecomputeCandidate &) const override { return "fusion is off"; }
  std::string whyApart(const MergeCandidate &) const override { return "fusion is off"; }
};

/// Elementwise operations join their only consumer.
class ConservativeFusion final : public FusionStrategy {
  std::string whyStored(const RecomputeCandidate &candidate) const override {
    return candidate.consumers > 1 || candidate.reads > 1 ? "more than one reader" : "";
  }
  std::string whyApart(const MergeCandidate &) const override {
    return "only elementwise operations fuse";
  }
};

/// What the cost model says is faster.
class DefaultFusion : public FusionStrategy {
public:
  std::string whyStored(const RecomputeCandidate &candidate) const override {
    if (candidate.isEpilogue && candidate.reads > 1 && candidate.flops > 0)
      return "computed with the reduction before it";
    double traffic = candidate.bytesPerElement * candidate.flopsPerByte;
    double inputs = candidate.leaves * traffic;
    double recompute = candidate.consumers * inputs + candidate.reads * candidate.flops;
    double store = inputs + (1 + candidate.consumers) * traffic + candidate.flops;
    if (recompute <= store || getFlopsOf(candidate.value.getDefiningOp()) == 0)
      return "";
    return llvm::formatv("recomputing costs {0} flops an element, storing {1}",
                         toInteger(recompute), toInteger(store));
  }

  std::string whyApart(const MergeCandidate &candidate) const override {
    if (candidate.kind == MergeCandidate::Kind::Beside)
      return "";
    // Threads share rows, or units of elements, each of which would compute a single row again.
    constexpr double minRows = 16, smallElements = 32768, unitElements = 4096;
    if (candidate.rows < minRows &&
        candidate.elements > (candidate.rows == 1 ? unitElements : smallElements))
      return llvm::formatv("{0} rows are too few for the threads", toInteger(candidate.rows));
    if (candidate.kind == MergeCandidate::Kind::Staged) {
      // Eight rows stay in the second cache. A product of matrices is better off with tiles of its
      // own where what it writes fits there whole.
      constexpr double maxRowBytes = 128 << 10, cacheBytes = 1 << 20;
      bool hasTile = candidate.firstIsContraction || candidate.secondIsContraction;
      // The scores of attention grow with the square of the sequence.
      constexpr double maxStoredBytes = 256 << 20;
      bool isLarge = hasTile && candidate.mostSavedBytes > 2 * maxStoredBytes;
      if (candidate.rowBytes > maxRowBytes && !isLarge)
        return llvm::formatv("a row of {0} bytes is too long to be kept",
                             toInteger(candidate.rowBytes));
      // A product keeps its tiles for what only looks at its result.
      if (candidate.firstIsContraction && !candidate.secondIsContraction)
        return "a register tile does not stop at rows";
      // Pixels of an image are rows of a few channels each, far apart.
      constexpr double minRowBytes = 1024;
      if (!candidate.rowIsContiguous || (hasTile && candidate.mostRowBytes < minRowBytes))
        return "its rows are short or scattered";
      if (hasTile && candidate.mostSavedBytes < 8 * cacheBytes)
        return "what is between them stays in the cache";
      // Attention reads keys and values of a width of a hundred or so again, a layer its weights.
      double maxReread = hasTile ? 40 : 1;
      if (candidate.rereadBytes > maxReread * candidate.savedBytes)
        return "every row would read too much again";
      return "";
    }
    // What varies along the last axis is computed again for each index of the others.
    constexpr double fewFlops = 8, launchFlops = 65536;
    double again = candidate.firstElements * candidate.firstFlops;
    if (candidate.kind == MergeCandidate::Kind::Producer && !candidate.firstReduces &&
        candidate.rows < candidate.elements && again > launchFlops &&
        again > candidate.elements * std::max(candidate.secondFlops, fewFlops))
      return llvm::formatv("its {0} flops would be done {1} times", toInteger(candidate.firstFlops),
                           toInteger(candidate.firstElements));
    // Loops that suit the one are wrong for the other.
    if (candidate.firstIsContraction && candidate.secondIsContraction &&
        candidate.firstIsStrided != candidate.secondIsStrided)
      return "one product reads in steps, the other does not";
    // The loops of a window that crosses a border go row by row. A function of short rows that is
    // no small part of the work is better off in vectors of several.
    constexpr double functionFlops = 20, lanes = 16, smallPart = 0.25;
    double vectors = std::ceil(candidate.rowLength / lanes) * lanes / candidate.rowLength;
    if (candidate.kind == MergeCandidate::Kind::Producer && candidate.firstReduces &&
        !candidate.secondReduces && candidate.firstIsGuarded &&
        candidate.secondFlops >= functionFlops &&
        candidate.secondFlops * (vectors - 1) > smallPart * candidate.firstFlops)
      return "a function of short rows is better off in vectors of several";
    // Little work beside what each element takes anyway may be done in any loop.
    if (!candidate.firstReduces && candidate.firstFlops <= candidate.secondFlops)
      return "";
    if (candidate.rows < candidate.elements &&
        (candidate.firstIsContraction || candidate.secondIsContraction))
      return "a register tile does not stop at rows";
    if (candidate.kind == MergeCandidate::Kind::Siblings &&
        (candidate.firstIsContraction || candidate.secondIsContraction))
      return "two register tiles do not fit";
    return "";
  }
};

/// As few kernels as are right.
class AggressiveFusion final : public FusionStrategy {
  std::string whyStored(const RecomputeCandidate &candidate) const override {
    return candidate.reads > 64 && candidate.flops > 0 ? "read more than 64 times" : "";
  }
  std::string whyApart(const MergeCandidate &) const override { return ""; }
};

engine::StrategyRegistry<FusionStrategy> &getRegistry() {
  static engine::StrategyRegistry<FusionStrategy> registry(
      {{"none", [] { return std::make_unique<NoFusion>(); }},
       {"conservative", [] { return std::make_unique<ConservativeFusion>(); }},
       {"default", [] { return std::make_unique<DefaultFusion>(); }},
       {"aggressive", [] { return std::make_unique<AggressiveFusion>(); }}});
  return registry;
}

} // namespace

void tg::registerFusionStrategy(llvm::StringRef name, FusionStrategyFactory factory) {
  getRegistry().add(name, std::move(factory));
}

std::unique_ptr<FusionStrategy> tg::createFusionStrategy(llvm::StringRef name) {
  return getRegistry().create(name);
}

std::vector<std::string> tg::getFusionStrategyNames() { return getRegistry().getNames(); }

std::string tg::checkFusionStrategy(StringRef name) { return getRegistry().check("fusion", name); }
