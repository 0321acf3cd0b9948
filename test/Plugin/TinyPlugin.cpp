//===- TinyPlugin.cpp - A dialect and a pass that tg-opt loads ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The dialect `tiny` has one operation, and the pass `tiny-expand` turns it into uop's:
//
// Before:  %1 = "tiny.twice"(%0) : (tensor<4xf32>) -> tensor<4xf32>
// After:   %1 = uop.add %0, %0 : tensor<4xf32>
//
// Test: test/Plugin/plugin.mlir
//
//===----------------------------------------------------------------------===//

#include "tg/Dialect/UOp/UOp.h"

#include "mlir/IR/DialectImplementation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

using namespace mlir;

namespace tiny {

class TwiceOp : public Op<TwiceOp, OpTrait::OneOperand, OpTrait::OneResult, OpTrait::ZeroRegions,
                          OpTrait::ZeroSuccessors, OpTrait::SameOperandsAndResultType> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TwiceOp)
  using Op::Op;
  static StringRef getOperationName() { return "tiny.twice"; }
  static ArrayRef<StringRef> getAttributeNames() { return {}; }
};

class TinyDialect : public Dialect {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TinyDialect)
  explicit TinyDialect(MLIRContext *context)
      : Dialect(getDialectNamespace(), context, TypeID::get<TinyDialect>()) {
    addOperations<TwiceOp>();
  }
  static StringRef getDialectNamespace() { return "tiny"; }
};

struct ExpandPass : PassWrapper<ExpandPass, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ExpandPass)
  StringRef getArgument() const override { return "tiny-expand"; }
  StringRef getDescription() const override { return "Turn tiny.twice into uop.add"; }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<tg::uop::UOpDialect>();
  }
  void runOnOperation() override {
    getOperation()->walk([](TwiceOp op) {
      OpBuilder builder(op);
      Value x = op->getOperand(0);
      op->replaceAllUsesWith(tg::uop::AddOp::create(builder, op->getLoc(), x, x));
      op->erase();
    });
  }
};

} // namespace tiny

extern "C" LLVM_ATTRIBUTE_WEAK DialectPluginLibraryInfo mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "TinyPlugin", LLVM_VERSION_STRING,
          [](DialectRegistry *registry) { registry->insert<tiny::TinyDialect>(); }};
}

extern "C" LLVM_ATTRIBUTE_WEAK PassPluginLibraryInfo mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "TinyPlugin", LLVM_VERSION_STRING,
          [] { PassRegistration<tiny::ExpandPass>(); }};
}
