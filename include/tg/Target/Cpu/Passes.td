//===- Passes.td - Code generation for processors -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_TARGET_CPU_PASSES_TD
#define TG_TARGET_CPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def DefaultSchedule : Pass<"tg-cpu-default-schedule", "::mlir::func::FuncOp"> {
  let summary = "Choose the default schedule of kernels for processors";
  let description = [{
    Writes the attribute `tg.schedule` (see `uop.schedule`) of kernels that have none.

    ```mlir
    func.func @k(...) attributes {tg.kernel}
    // becomes
    func.func @k(...) attributes {tg.kernel, tg.schedule = #uop.schedule<[
      split(d0, 4096), bind(d0.o, unit), vectorize(d0.i, 16)]>}
    ```
  }];
  let options = [
    Option<"vectorBits", "vector-bits", "unsigned", "256", "Width of vectors in bits">,
    Option<"vectorRegisters", "vector-registers", "unsigned", "16", "Number of vector registers">,
    Option<"l2Bytes", "l2-bytes", "int64_t", "524288", "Size of the second-level cache">];
  let dependentDialects = ["::mlir::affine::AffineDialect"];
}

def KernelAbi : Pass<"tg-cpu-kernel-abi", "::mlir::ModuleOp"> {
  let summary = "Give kernels the C interface that the runtime calls";
  let description = [{
    A kernel becomes `void k(const tg_kernel_args *, void *workspace, int64_t begin, int64_t end)`
    (see tg/Runtime/KernelABI.h). Its buffers are the launch's in order; a variable is found at its
    position in the module's attribute `tg.vars`, or among the module's `uop.var` where that is
    absent. The body is in upstream dialects that `convert-to-llvm` lowers.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect"];
}

#endif // TG_TARGET_CPU_PASSES_TD
