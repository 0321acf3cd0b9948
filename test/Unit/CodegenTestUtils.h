//===- CodegenTestUtils.h - Kernels against the interpreter -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_TEST_UNIT_CODEGENTESTUTILS_H
#define TG_TEST_UNIT_CODEGENTESTUTILS_H

#include "tg/Codegen/Passes.h"
#include "tg/Dialect/UOp/UOp.h"
#include "tg/Dialect/UOp/UOpScalars.h"
#include "tg/InitAll.h"
#include "tg/Interp/Interpreter.h"
#include "tg/Runtime/KernelABI.h"
#include "tg/Runtime/Tensor.h"
#include "tg/Target/Target.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "gtest/gtest.h"

#include <random>

namespace tg::test {

inline std::unique_ptr<mlir::MLIRContext> makeContext() {
  mlir::DialectRegistry registry;
  registerAllDialects(registry);
  mlir::registerAllToLLVMIRTranslations(registry);
  auto context =
      std::make_unique<mlir::MLIRContext>(registry, mlir::MLIRContext::Threading::DISABLED);
  context->loadAllAvailableDialects();
  return context;
}

/// A kernel of a module, compiled and loaded.
class CompiledKernel {
public:
  /// Compiles `name` of a copy of `module`. Variables have these values.
  static llvm::Expected<CompiledKernel> compile(mlir::ModuleOp module, llvm::StringRef name,
                                                unsigned optLevel, const interp::VarValues &vars) {
    mlir::OwningOpRef<mlir::ModuleOp> copy = module.clone();
    for (auto function : llvm::make_early_inc_range(copy->getOps<mlir::func::FuncOp>()))
      if (function.getName() != name)
        function.erase();
    TargetOptions options;
    options.optLevel = optLevel;
    auto target = createTarget("cpu", options);
    if (!target)
      return target.takeError();
    mlir::PassManager pm(module.getContext());
    (*target)->buildCodegen(pm);
    if (mlir::failed(pm.run(*copy)))
      return llvm::createStringError("code generation failed");
    CompiledKernel kernel;
    KernelCosts costs = getKernelCosts(*copy, name);
    auto valueOf = [&](llvm::StringRef var) -> std::optional<int64_t> { return vars.lookup(var); };
    kernel.range = *uop::evaluate(costs.range, valueOf);
    kernel.workspace.resize(*uop::evaluate(costs.workspace, valueOf) + 64);
    for (auto var : module.getOps<uop::VarOp>())
      kernel.vars.push_back(vars.lookup(var.getSymName()));
    llvm::Expected<std::string> object = (*target)->emit(*copy);
    if (!object)
      return object.takeError();
    auto code = (*target)->link(llvm::StringRef(*object));
    if (!code)
      return code.takeError();
    kernel.code = code->loaded;
    kernel.function = reinterpret_cast<tg_kernel_fn>(kernel.code->lookup(name.str()));
    if (!kernel.function)
      return llvm::createStringError("the object lacks the kernel");
    return kernel;
  }

  /// Runs the kernel with its units in `chunks` calls.
  void run(std::vector<void *> buffers, int64_t chunks = 1) {
    int32_t error = TG_KERNEL_OK;
    tg_kernel_args args{TG_KERNEL_ABI_VERSION, uint32_t(buffers.size()), buffers.data(),
                        vars.data(), &error};
    auto start = reinterpret_cast<uintptr_t>(workspace.data());
    void *aligned = reinterpret_cast<void *>((start + 63) / 64 * 64);
    for (int64_t i = 0; i < chunks; ++i)
      function(&args, aligned, range * i / chunks, range * (i + 1) / chunks);
  }

private:
  std::shared_ptr<const rt::LoadedCode> code;
  tg_kernel_fn function = nullptr;
  int64_t range = 0;
  std::vector<int64_t> vars;
  std::vector<char> workspace;
};

/// Which extreme elements inputs have: one in eight NaN, infinite, zero or denormal; huge ones too.
enum class Special { None, NoHuge, All };

/// Random elements.
inline rt::Tensor makeInput(mlir::RankedTensorType type, const interp::VarValues &vars,
                            std::mt19937 &random, Special special) {
  std::vector<int64_t> shape;
  for (uop::DimAttr dim : uop::getDims(type))
    shape.push_back(*uop::evaluate(
        dim, [&](llvm::StringRef var) -> std::optional<int64_t> { return vars.lookup(var); }));
  DType dtype = *getDType(type.getElementType());
  auto tensor = rt::Tensor::zeros(dtype, shape);
  static const double specials[] = {NAN, INFINITY, -INFINITY, 0.0, -0.0, 1e-40, -3e-45, 1e-8, 3e38};
  for (int64_t i = 0; i < tensor->numElements(); ++i) {
    if (isFloat(dtype)) {
      double value = std::uniform_real_distribution<double>(-2, 2)(random);
      if (special != Special::None && random() % 8 == 0)
        value = specials[random() % (std::size(specials) - (special == Special::NoHuge))];
      tensor->setDouble(i, value);
    } else {
      int64_t value = int64_t(random() % 14) - 3;
      if (special != Special::None && random() % 4 == 0)
        value = int64_t(uint64_t(random()) << 32 | random()) >> (random() % 64);
      tensor->setInt(i, dtype == DType::I1 ? value & 1 : value);
    }
  }
  return *tensor;
}

/// Runs kernel `name` of `module` at both levels, whole and in three parts, and compares with the
/// interpreter.
inline void expectKernelRight(mlir::ModuleOp module, llvm::StringRef name,
                              const interp::VarValues &vars, Special special) {
  auto function = module.lookupSymbol<mlir::func::FuncOp>(name);
  std::mt19937 random(1 + vars.size());
  std::vector<rt::Tensor> inputs;
  for (mlir::Type type : function.getArgumentTypes())
    inputs.push_back(makeInput(llvm::cast<mlir::RankedTensorType>(type), vars, random, special));
  interp::Options options;
  options.tolerances = true;
  auto expected = interp::interpret(module, name, inputs, vars, options);
  ASSERT_TRUE(expected.ok()) << expected.message();
  for (unsigned optLevel : {0u, 1u}) {
    auto kernel = CompiledKernel::compile(module, name, optLevel, vars);
    ASSERT_TRUE(bool(kernel)) << llvm::toString(kernel.takeError());
    std::vector<rt::Tensor> whole;
    for (int64_t chunks : {1, 3}) {
      std::vector<rt::Tensor> outputs;
      std::vector<void *> buffers;
      for (const rt::Tensor &input : inputs)
        buffers.push_back(input.data());
      for (const rt::Tensor &output : expected->outputs) {
        outputs.push_back(*rt::Tensor::zeros(output.dtype(), output.shape()));
        buffers.push_back(outputs.back().data());
      }
      kernel->run(buffers, chunks);
      if (chunks == 1) {
        whole = outputs;
        std::vector<interp::OutputCheck> checks = interp::verifyOutputs(*expected, outputs);
        for (auto [i, check] : llvm::enumerate(checks))
          EXPECT_TRUE(check.ok) << name.str() << " at level " << optLevel << ", result " << i
                                << ", element " << check.worstIndex << ": " << check.worstActual
                                << ", expected " << check.worstValue << " within "
                                << check.worstTolerance << "; wrong: " << check.wrong;
        continue;
      }
      for (auto [i, output] : llvm::enumerate(outputs))
        EXPECT_EQ(memcmp(output.data(), whole[i].data(), output.byteSize()), 0)
            << name.str() << " at level " << optLevel << " depends on the number of calls";
    }
  }
}

} // namespace tg::test

#endif // TG_TEST_UNIT_CODEGENTESTUTILS_H
