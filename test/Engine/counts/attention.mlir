// Scaled dot-product attention.
// Kernels with the default strategy and with `aggressive`; docs/kernel-counts.md has the table.

// RUN: split-file %s %t
// RUN: tg-opt %t/attention.mlir --tg-pipeline | FileCheck %s --check-prefix=KERNELS-3
// RUN: tg-opt %t/attention.mlir --tg-pipeline=fusion=aggressive \
// RUN:   | FileCheck %s --check-prefix=KERNELS-1
// RUN: tg-run %t/attention.mlir --random-inputs=1 --verify | FileCheck %s --check-prefix=RESULT
// RUN: tg-run %t/attention.mlir --random-inputs=1 --fusion=aggressive --verify \
// RUN:   | FileCheck %s --check-prefix=RESULT

// KERNELS-1-COUNT-1: uop.kernel
// KERNELS-1-NOT: uop.kernel
// KERNELS-3-COUNT-3: uop.kernel
// KERNELS-3-NOT: uop.kernel
// RESULT: : ok

//--- attention.mlir
// softmax(q @ k.T / sqrt(32)) @ v, 8 heads of 64 tokens.
func.func @main(%q: tensor<4x8x64x32xf32> {tg.name = "q"},
                %k: tensor<4x8x64x32xf32> {tg.name = "k"},
                %v: tensor<4x8x64x32xf32> {tg.name = "v"})
    -> (tensor<4x8x64x32xf32> {tg.name = "y"}) {
  %kt = uop.permute %k [0, 1, 3, 2] : tensor<4x8x64x32xf32> -> tensor<4x8x32x64xf32>
  %q_r = uop.reshape %q : tensor<4x8x64x32xf32> -> tensor<4x8x64x32x1xf32>
  %q_e = uop.expand %q_r : tensor<4x8x64x32x1xf32> -> tensor<4x8x64x32x64xf32>
  %kt_r = uop.reshape %kt : tensor<4x8x32x64xf32> -> tensor<4x8x1x32x64xf32>
  %kt_e = uop.expand %kt_r : tensor<4x8x1x32x64xf32> -> tensor<4x8x64x32x64xf32>
  %qk_p = uop.mul %q_e, %kt_e : tensor<4x8x64x32x64xf32>
  %qk = uop.reduce add %qk_p axes [3] : (tensor<4x8x64x32x64xf32>) -> tensor<4x8x64x64xf32>
  %scale = uop.const dense<0.176776692> : tensor<4x8x64x64xf32>
  %s = uop.mul %qk, %scale : tensor<4x8x64x64xf32>
  %max = uop.reduce max %s axes [3] : (tensor<4x8x64x64xf32>) -> tensor<4x8x64xf32>
  %max_r = uop.reshape %max : tensor<4x8x64xf32> -> tensor<4x8x64x1xf32>
  %max_e = uop.expand %max_r : tensor<4x8x64x1xf32> -> tensor<4x8x64x64xf32>
  %d = uop.sub %s, %max_e : tensor<4x8x64x64xf32>
  %e = uop.exp %d : tensor<4x8x64x64xf32>
  %sum = uop.reduce add %e axes [3] : (tensor<4x8x64x64xf32>) -> tensor<4x8x64xf32>
  %sum_r = uop.reshape %sum : tensor<4x8x64xf32> -> tensor<4x8x64x1xf32>
  %sum_e = uop.expand %sum_r : tensor<4x8x64x1xf32> -> tensor<4x8x64x64xf32>
  %p = uop.fdiv %e, %sum_e : tensor<4x8x64x64xf32>
  %p_r = uop.reshape %p : tensor<4x8x64x64xf32> -> tensor<4x8x64x64x1xf32>
  %p_e = uop.expand %p_r : tensor<4x8x64x64x1xf32> -> tensor<4x8x64x64x32xf32>
  %v_r = uop.reshape %v : tensor<4x8x64x32xf32> -> tensor<4x8x1x64x32xf32>
  %v_e = uop.expand %v_r : tensor<4x8x1x64x32xf32> -> tensor<4x8x64x64x32xf32>
  %y_p = uop.mul %p_e, %v_e : tensor<4x8x64x64x32xf32>
  %y = uop.reduce add %y_p axes [3] : (tensor<4x8x64x64x32xf32>) -> tensor<4x8x64x32xf32>
  return %y : tensor<4x8x64x32xf32>
}
