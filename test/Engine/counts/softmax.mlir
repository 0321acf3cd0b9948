// Softmax, and the gradient through it.
// Kernels with the default strategy and with `aggressive`; docs/kernel-counts.md has the table.

// RUN: split-file %s %t
// RUN: tg-opt %t/softmax.mlir --tg-pipeline | FileCheck %s --check-prefix=KERNELS-1
// RUN: tg-opt %t/softmax.mlir --tg-pipeline=fusion=aggressive \
// RUN:   | FileCheck %s --check-prefix=KERNELS-1
// RUN: tg-run %t/softmax.mlir --random-inputs=1 --verify | FileCheck %s --check-prefix=RESULT
// RUN: tg-opt %t/softmax-backward.mlir --tg-pipeline | FileCheck %s --check-prefix=KERNELS-1
// RUN: tg-opt %t/softmax-backward.mlir --tg-pipeline=fusion=aggressive \
// RUN:   | FileCheck %s --check-prefix=KERNELS-1
// RUN: tg-run %t/softmax-backward.mlir --random-inputs=1 --verify \
// RUN:   | FileCheck %s --check-prefix=RESULT
// RUN: tg-run %t/softmax-backward.mlir --random-inputs=1 --fusion=aggressive --verify \
// RUN:   | FileCheck %s --check-prefix=RESULT

// KERNELS-1-COUNT-1: uop.kernel
// KERNELS-1-NOT: uop.kernel
// RESULT: : ok

//--- softmax.mlir
// Softmax over the last axis.
func.func @main(%x: tensor<2x8x64x64xf32> {tg.name = "x"})
    -> (tensor<2x8x64x64xf32> {tg.name = "y"}) {
  %max = uop.reduce max %x axes [3] : (tensor<2x8x64x64xf32>) -> tensor<2x8x64xf32>
  %max_r = uop.reshape %max : tensor<2x8x64xf32> -> tensor<2x8x64x1xf32>
  %max_e = uop.expand %max_r : tensor<2x8x64x1xf32> -> tensor<2x8x64x64xf32>
  %d = uop.sub %x, %max_e : tensor<2x8x64x64xf32>
  %e = uop.exp %d : tensor<2x8x64x64xf32>
  %sum = uop.reduce add %e axes [3] : (tensor<2x8x64x64xf32>) -> tensor<2x8x64xf32>
  %sum_r = uop.reshape %sum : tensor<2x8x64xf32> -> tensor<2x8x64x1xf32>
  %sum_e = uop.expand %sum_r : tensor<2x8x64x1xf32> -> tensor<2x8x64x64xf32>
  %y = uop.fdiv %e, %sum_e : tensor<2x8x64x64xf32>
  return %y : tensor<2x8x64x64xf32>
}

//--- softmax-backward.mlir
// The gradient, with softmax computed again.
func.func @main(%x: tensor<2x8x64x64xf32> {tg.name = "x"},
                %gy: tensor<2x8x64x64xf32> {tg.name = "gy"})
    -> (tensor<2x8x64x64xf32> {tg.name = "gx"}) {
  %max = uop.reduce max %x axes [3] : (tensor<2x8x64x64xf32>) -> tensor<2x8x64xf32>
  %max_r = uop.reshape %max : tensor<2x8x64xf32> -> tensor<2x8x64x1xf32>
  %max_e = uop.expand %max_r : tensor<2x8x64x1xf32> -> tensor<2x8x64x64xf32>
  %d = uop.sub %x, %max_e : tensor<2x8x64x64xf32>
  %e = uop.exp %d : tensor<2x8x64x64xf32>
  %sum = uop.reduce add %e axes [3] : (tensor<2x8x64x64xf32>) -> tensor<2x8x64xf32>
  // y = e / sum: gradients of e directly and through sum; max is a constant.
  %sum_r = uop.reshape %sum : tensor<2x8x64xf32> -> tensor<2x8x64x1xf32>
  %sum_e = uop.expand %sum_r : tensor<2x8x64x1xf32> -> tensor<2x8x64x64xf32>
  %ge = uop.fdiv %gy, %sum_e : tensor<2x8x64x64xf32>
  %gye = uop.mul %gy, %e : tensor<2x8x64x64xf32>
  %dot = uop.reduce add %gye axes [3] : (tensor<2x8x64x64xf32>) -> tensor<2x8x64xf32>
  %sum2 = uop.mul %sum, %sum : tensor<2x8x64xf32>
  %q = uop.fdiv %dot, %sum2 : tensor<2x8x64xf32>
  %q_r = uop.reshape %q : tensor<2x8x64xf32> -> tensor<2x8x64x1xf32>
  %q_e = uop.expand %q_r : tensor<2x8x64x1xf32> -> tensor<2x8x64x64xf32>
  %total = uop.sub %ge, %q_e : tensor<2x8x64x64xf32>
  %gx = uop.mul %total, %e : tensor<2x8x64x64xf32>
  return %gx : tensor<2x8x64x64xf32>
}
