// Normalization whose statistics come from its input.
// Kernels with the default strategy and with `aggressive`; docs/kernel-counts.md has the table.

// RUN: split-file %s %t
// RUN: tg-opt %t/layer-norm.mlir --tg-pipeline | FileCheck %s --check-prefix=KERNELS-1
// RUN: tg-opt %t/layer-norm.mlir --tg-pipeline=fusion=aggressive \
// RUN:   | FileCheck %s --check-prefix=KERNELS-1
// RUN: tg-run %t/layer-norm.mlir --random-inputs=1 --verify | FileCheck %s --check-prefix=RESULT
// RUN: tg-opt %t/batch-norm-training.mlir --tg-pipeline | FileCheck %s --check-prefix=KERNELS-1
// RUN: tg-opt %t/batch-norm-training.mlir --tg-pipeline=fusion=aggressive \
// RUN:   | FileCheck %s --check-prefix=KERNELS-1
// RUN: tg-run %t/batch-norm-training.mlir --random-inputs=1 --verify \
// RUN:   | FileCheck %s --check-prefix=RESULT

// KERNELS-1-COUNT-1: uop.kernel
// KERNELS-1-NOT: uop.kernel
// RESULT: : ok

//--- layer-norm.mlir
// Layer normalization of rows, with weight and bias.
func.func @main(%x: tensor<128x768xf32> {tg.name = "x"}, %w: tensor<768xf32> {tg.name = "w"},
                %b: tensor<768xf32> {tg.name = "b"})
    -> (tensor<128x768xf32> {tg.name = "y"}) {
  %inv_n = uop.const dense<1.302083333e-03> : tensor<128xf32>
  %sum = uop.reduce add %x axes [1] : (tensor<128x768xf32>) -> tensor<128xf32>
  %mean = uop.mul %sum, %inv_n : tensor<128xf32>
  %mean_r = uop.reshape %mean : tensor<128xf32> -> tensor<128x1xf32>
  %mean_e = uop.expand %mean_r : tensor<128x1xf32> -> tensor<128x768xf32>
  %d = uop.sub %x, %mean_e : tensor<128x768xf32>
  %dd = uop.mul %d, %d : tensor<128x768xf32>
  %ss = uop.reduce add %dd axes [1] : (tensor<128x768xf32>) -> tensor<128xf32>
  %var = uop.mul %ss, %inv_n : tensor<128xf32>
  %eps = uop.const dense<1.0e-05> : tensor<128xf32>
  %ve = uop.add %var, %eps : tensor<128xf32>
  %sd = uop.sqrt %ve : tensor<128xf32>
  %r = uop.reciprocal %sd : tensor<128xf32>
  %r_r = uop.reshape %r : tensor<128xf32> -> tensor<128x1xf32>
  %r_e = uop.expand %r_r : tensor<128x1xf32> -> tensor<128x768xf32>
  %n = uop.mul %d, %r_e : tensor<128x768xf32>
  %w_r = uop.reshape %w : tensor<768xf32> -> tensor<1x768xf32>
  %w_e = uop.expand %w_r : tensor<1x768xf32> -> tensor<128x768xf32>
  %nw = uop.mul %n, %w_e : tensor<128x768xf32>
  %b_r = uop.reshape %b : tensor<768xf32> -> tensor<1x768xf32>
  %b_e = uop.expand %b_r : tensor<1x768xf32> -> tensor<128x768xf32>
  %y = uop.add %nw, %b_e : tensor<128x768xf32>
  return %y : tensor<128x768xf32>
}

//--- batch-norm-training.mlir
// Batch normalization in training: per channel, over the batch and all positions.
func.func @main(%x: tensor<8x32x16x16xf32> {tg.name = "x"}, %w: tensor<32xf32> {tg.name = "w"},
                %b: tensor<32xf32> {tg.name = "b"})
    -> (tensor<8x32x16x16xf32> {tg.name = "y"}) {
  %inv_n = uop.const dense<4.882812500e-04> : tensor<32xf32>
  %sum = uop.reduce add %x axes [0, 2, 3] : (tensor<8x32x16x16xf32>) -> tensor<32xf32>
  %mean = uop.mul %sum, %inv_n : tensor<32xf32>
  %mean_r = uop.reshape %mean : tensor<32xf32> -> tensor<1x32x1x1xf32>
  %mean_e = uop.expand %mean_r : tensor<1x32x1x1xf32> -> tensor<8x32x16x16xf32>
  %d = uop.sub %x, %mean_e : tensor<8x32x16x16xf32>
  %dd = uop.mul %d, %d : tensor<8x32x16x16xf32>
  %ss = uop.reduce add %dd axes [0, 2, 3] : (tensor<8x32x16x16xf32>) -> tensor<32xf32>
  %var = uop.mul %ss, %inv_n : tensor<32xf32>
  %eps = uop.const dense<1.0e-05> : tensor<32xf32>
  %ve = uop.add %var, %eps : tensor<32xf32>
  %sd = uop.sqrt %ve : tensor<32xf32>
  %r = uop.reciprocal %sd : tensor<32xf32>
  %r_r = uop.reshape %r : tensor<32xf32> -> tensor<1x32x1x1xf32>
  %r_e = uop.expand %r_r : tensor<1x32x1x1xf32> -> tensor<8x32x16x16xf32>
  %n = uop.mul %d, %r_e : tensor<8x32x16x16xf32>
  %gamma_r = uop.reshape %w : tensor<32xf32> -> tensor<1x32x1x1xf32>
  %gamma_e = uop.expand %gamma_r : tensor<1x32x1x1xf32> -> tensor<8x32x16x16xf32>
  %nw = uop.mul %n, %gamma_e : tensor<8x32x16x16xf32>
  %beta_r = uop.reshape %b : tensor<32xf32> -> tensor<1x32x1x1xf32>
  %beta_e = uop.expand %beta_r : tensor<1x32x1x1xf32> -> tensor<8x32x16x16xf32>
  %bn = uop.add %nw, %beta_e : tensor<8x32x16x16xf32>
  return %bn : tensor<8x32x16x16xf32>
}
