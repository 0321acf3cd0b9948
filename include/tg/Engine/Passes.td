//===- Passes.td - Engine passes -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TG_ENGINE_PASSES_TD
#define TG_ENGINE_PASSES_TD

include "mlir/Pass/PassBase.td"

def InsertChecks : Pass<"tg-insert-checks", "::mlir::func::FuncOp"> {
  let summary = "Check at run time what sizes must hold";
  let description = [{
    Puts a `uop.check` at the start of each block, or behind the `bind` of its variables, for all
    that must hold of the sizes in the block and does not follow from the variables' bounds: slices
    lie inside of their operands, no size and no padding is negative, no divisor in them is below
    one, and nothing overflows 64 bits. Kernels rely on it.
  }];
  let dependentDialects = ["::tg::uop::UOpDialect"];
}

def LiftScalars : Pass<"tg-lift-scalars", "::mlir::func::FuncOp"> {
  let summary = "Compute host scalars on rank-0 tensors";
  let description = [{
    Loop bounds and conditions are scalars in `arith`. A program has no scalar registers, only
    buffers, so scalar arithmetic becomes uop on rank-0 tensors; `index` becomes `i64`. What remains
    are `tensor.extract` of a rank-0 tensor and `arith.index_cast` before `scf`, and
    `tensor.from_elements` of the induction variable.

    ```mlir
    %s = arith.addi %a, %b : i64
    // becomes
    %s0 = uop.add %a0, %b0 : tensor<i64>
    ```
  }];
  let dependentDialects = ["::tg::uop::UOpDialect", "::mlir::arith::ArithDialect",
                           "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"];
}

def FormKernels : Pass<"tg-form-kernels", "::mlir::func::FuncOp"> {
  let summary = "Fuse operations into kernels";
  let description = [{
    Decides which values are materialized and puts each of them with all that it recomputes into a
    `uop.kernel`. Elementwise and movement operations fold into their consumers unless recomputing
    costs more than the traffic saved; kernels that share rows or inputs merge. Each
    decision is a remark. After this pass a function has only kernels, control flow and `bind`.

    ```mlir
    %1 = uop.neg %0 : tensor<4x8xf32>
    %2 = uop.reduce add %1 axes [1] : (tensor<4x8xf32>) -> tensor<4xf32>
    // becomes
    %2 = uop.kernel ins(%0 : tensor<4x8xf32>) -> tensor<4xf32> {
    ^bb0(%a: tensor<4x8xf32>):
      %b = uop.neg %a : tensor<4x8xf32>
      %c = uop.reduce add %b axes [1] : (tensor<4x8xf32>) -> tensor<4xf32>
      uop.yield %c : tensor<4xf32>
    }
    ```
  }];
  let options = [
    Option<"strategy", "strategy", "std::string", "\"default\"",
           "`none` (a kernel per operation), `conservative`, `default`, `aggressive`, or a "
           "registered one">,
    Option<"flopsPerByte", "flops-per-byte", "double", "8",
           "Flops that take as long as moving one byte on the machine">,
    Option<"maxOps", "max-ops", "unsigned", "400", "Operations in a kernel's body at the most">,
  ];
  let dependentDialects = ["::tg::uop::UOpDialect"];
}

def OrderKernels : Pass<"tg-order-kernels", "::mlir::func::FuncOp"> {
  let summary = "Put kernels in an order in which little memory lives at once";
  let description = [{
    Kernels between two operations that stay (control flow, `bind`) are put in the order of the
    strategy if less memory lives at once in it than in the program's. A remark (`tg-order`) gives
    the peak before and after, the length of the critical path and how many kernels could run at once.

    ```mlir
    %big = uop.kernel ins(%a : tensor<4xf32>) -> tensor<1024xf32> {...}
    %other = uop.kernel ins(%b : tensor<4xf32>) -> tensor<1024xf32> {...}
    %sum = uop.kernel ins(%big : tensor<1024xf32>) -> tensor<f32> {...}
    // becomes
    %big = uop.kernel ins(%a : tensor<4xf32>) -> tensor<1024xf32> {...}
    %sum = uop.kernel ins(%big : tensor<1024xf32>) -> tensor<f32> {...}
    %other = uop.kernel ins(%b : tensor<4xf32>) -> tensor<1024xf32> {...}
    ```
  }];
  let options = [
    Option<"strategy", "strategy", "std::string", "\"memory\"",
           "`memory`, `program` (as it is), or a registered one">,
  ];
}

def Bufferize : Pass<"tg-bufferize", "::mlir::func::FuncOp"> {
  let summary = "Give every tensor a buffer";
  let description = [{
    Kernels write to `outs`; control flow loses its tensor operands and results: what a loop carries
    lives in a buffer of its own, updated by `memref.copy` at the end of an iteration. Results of the
    function become trailing arguments. Inputs keep their tensor type in the argument attribute
    `tg.type`, because memref types have no symbolic dimensions.

    ```mlir
    func.func @main(%0: tensor<4xf32>) -> tensor<4xf32> {
      %1 = uop.kernel ins(%0 : tensor<4xf32>) -> tensor<4xf32> {...}
      return %1 : tensor<4xf32>
    }
    // becomes
    func.func @main(%0: memref<4xf32> {tg.type = tensor<4xf32>},
                    %1: memref<4xf32> {tg.type = tensor<4xf32>, tg.output}) {
      uop.kernel ins(%0 : memref<4xf32>) outs(%1 : memref<4xf32>) {...}
      return
    }
    ```
  }];
  let dependentDialects = ["::tg::uop::UOpDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::arith::ArithDialect"];
}

def UpdateInPlace : Pass<"tg-update-in-place", "::mlir::func::FuncOp"> {
  let summary = "Let results take over the buffers of what dies";
  let description = [{
    After `tg-bufferize`: where nothing reads an input of a kernel after it, and each element is
    written where only it is read, the result gets the input's buffer. An `assign` or a `scatter`
    then writes nothing but its part. What a loop carries is updated where it is, and copies between
    buffers of which only one is live go. An input of the function that becomes a result so shares
    the result's memory (`tg.tied` on the result's argument gives its number); elementwise
    results do only where the input is `tg.donated`, because a caller that did not donate the input
    keeps it by a copy. Each decision is a remark (`tg-memory`).

    ```mlir
    func.func @main(%0: memref<8xf32> {tg.type = tensor<8xf32>}, %1: memref<1xf32> {...},
                    %2: memref<8xf32> {tg.type = tensor<8xf32>, tg.output}) {
      uop.kernel ins(%0, %1 : memref<8xf32>, memref<1xf32>) outs(%2 : memref<8xf32>) {
      ^bb0(%a: tensor<8xf32>, %b: tensor<1xf32>):
        %c = uop.assign %a, %b offsets [3] : tensor<8xf32>, tensor<1xf32>
        uop.yield %c : tensor<8xf32>
      }
    // becomes
    func.func @main(%0: memref<8xf32> {tg.type = tensor<8xf32>}, %1: memref<1xf32> {...},
                    %2: memref<8xf32> {tg.type = tensor<8xf32>, tg.output, tg.tied = 0 : index}) {
      uop.kernel ins(%0, %1 : memref<8xf32>, memref<1xf32>) outs(%0 : memref<8xf32>) {...}
    ```
  }];
}

#endif // TG_ENGINE_PASSES_TD
