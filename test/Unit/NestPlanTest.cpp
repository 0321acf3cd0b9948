//===- NestPlanTest.cpp - Plans against the loops that they become -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Analysis/NestPlan.h"

#include "tg/Codegen/LoopTree.h"
#include "tg/Codegen/Passes.h"
#include "tg/InitAll.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/STLExtras.h"

#include "gtest/gtest.h"

#include <set>

using namespace mlir;
using namespace tg;

namespace {

OwningOpRef<ModuleOp> parse(MLIRContext &context, const std::string &path) {
  return parseSourceFile<ModuleOp>(path, &context);
}

std::unique_ptr<MLIRContext> makeContext() {
  DialectRegistry registry;
  registerAllDialects(registry);
  auto context = std::make_unique<MLIRContext>(registry, MLIRContext::Threading::DISABLED);
  context->loadAllAvailableDialects();
  return context;
}

/// Every axis of the plan is a loop of the same size and kind, and every loop an axis.
TEST(NestPlan, HasTheAxesThatLoopsHave) {
  auto context = makeContext();
  auto module = parse(*context, TG_CODEGEN_INPUTS "/kernels.mlir");
  ASSERT_TRUE(module);
  llvm::StringMap<uop::VarOp> vars;
  for (auto var : module->getOps<uop::VarOp>())
    vars[var.getSymName()] = var;
  std::map<std::string, std::map<std::string, std::pair<bool, std::optional<int64_t>>>> planned;
  for (auto function : module->getOps<func::FuncOp>()) {
    std::vector<std::optional<unsigned>> aliases;
    for (unsigned i = 0; i < function.getNumResults(); ++i) {
      auto alias = function.getResultAttrOfType<IntegerAttr>(i, attrs::alias);
      aliases.push_back(alias ? std::optional<unsigned>(alias.getInt()) : std::nullopt);
    }
    Block &body = function.front();
    KernelPlan plan = KernelPlan::get(body, body.getTerminator()->getOperands(), aliases, vars);
    auto &axes = planned[function.getName().str()];
    for (const NestPlan &nest : plan.getNests())
      for (const Axis &axis : nest.axes) {
        ASSERT_TRUE(axis.extent) << function.getName().str() << ": " << axis.name;
        std::optional<int64_t> extent;
        if (axis.extent.isConstant())
          extent = axis.extent.getConstant();
        EXPECT_TRUE(axes.try_emplace(axis.name, axis.kind == Axis::Kind::Data, extent).second)
            << function.getName().str() << ": " << axis.name << " twice";
      }
  }
  PassManager pm(context.get());
  pm.addPass(createKernelToLoops());
  ASSERT_TRUE(succeeded(pm.run(*module)));
  unsigned numLoops = 0;
  for (auto function : module->getOps<func::FuncOp>()) {
    auto &axes = planned.at(function.getName().str());
    std::set<std::string> seen;
    for (const LoopNode &loop : codegen::describeLoops(function).loops) {
      ++numLoops;
      auto it = axes.find(loop.axis);
      ASSERT_NE(it, axes.end()) << function.getName().str() << ": '" << loop.axis << "'";
      EXPECT_EQ(it->second.second, loop.trips) << function.getName().str() << ": " << loop.axis;
      // A row that all workers fill alike is not shared among them.
      EXPECT_TRUE(it->second.first || !loop.isData) << loop.axis;
      seen.insert(loop.axis);
    }
    for (auto &[name, axis] : axes)
      EXPECT_TRUE(seen.count(name)) << function.getName().str() << " has no loop " << name;
  }
  EXPECT_GT(numLoops, 50u);
}

} // namespace
