// A convolution, batch normalization, ReLU.
// Kernels with the default strategy and with `aggressive`; docs/kernel-counts.md has the table.

// RUN: split-file %s %t
// RUN: tg-opt %t/conv-bn-relu-eval.mlir --tg-pipeline | FileCheck %s --check-prefix=KERNELS-1
// RUN: tg-opt %t/conv-bn-relu-eval.mlir --tg-pipeline=fusion=aggressive \
// RUN:   | FileCheck %s --check-prefix=KERNELS-1
// RUN: tg-run %t/conv-bn-relu-eval.mlir --random-inputs=1 --verify \
// RUN:   --input=var=0.5,1.5 \
// RUN:   | FileCheck %s --check-prefix=RESULT
// RUN: tg-run %t/conv-bn-relu-eval.mlir --random-inputs=1 --fusion=aggressive --verify \
// RUN:   --input=var=0.5,1.5 \
// RUN:   | FileCheck %s --check-prefix=RESULT
// RUN: tg-opt %t/conv-bn-relu-training.mlir --tg-pipeline | FileCheck %s --check-prefix=KERNELS-2
// RUN: tg-opt %t/conv-bn-relu-training.mlir --tg-pipeline=fusion=aggressive \
// RUN:   | FileCheck %s --check-prefix=KERNELS-1
// RUN: tg-run %t/conv-bn-relu-training.mlir --random-inputs=1 --verify \
// RUN:   | FileCheck %s --check-prefix=RESULT
// RUN: tg-run %t/conv-bn-relu-training.mlir --random-inputs=1 --fusion=aggressive --verify \
// RUN:   | FileCheck %s --check-prefix=RESULT

// KERNELS-1-COUNT-1: uop.kernel
// KERNELS-1-NOT: uop.kernel
// KERNELS-2-COUNT-2: uop.kernel
// KERNELS-2-NOT: uop.kernel
// RESULT: : ok

//--- conv-bn-relu-eval.mlir
// With stored statistics.
func.func @main(%x: tensor<4x3x32x32xf32> {tg.name = "x"},
                %w: tensor<32x3x3x3xf32> {tg.name = "w"},
                %bias: tensor<32xf32> {tg.name = "bias"},
                %mean: tensor<32xf32> {tg.name = "mean"}, %var: tensor<32xf32> {tg.name = "var"},
                %gamma: tensor<32xf32> {tg.name = "gamma"},
                %beta: tensor<32xf32> {tg.name = "beta"})
    -> (tensor<4x32x30x30xf32> {tg.name = "y"}) {
  %conv_win = uop.window %x axes [2, 3] sizes [3, 3]
     : tensor<4x3x32x32xf32> -> tensor<4x3x30x30x3x3xf32>
  %conv_x_r = uop.reshape %conv_win : tensor<4x3x30x30x3x3xf32> -> tensor<4x1x3x30x30x3x3xf32>
  %conv_x_e = uop.expand %conv_x_r : tensor<4x1x3x30x30x3x3xf32> -> tensor<4x32x3x30x30x3x3xf32>
  %conv_w_r = uop.reshape %w : tensor<32x3x3x3xf32> -> tensor<1x32x3x1x1x3x3xf32>
  %conv_w_e = uop.expand %conv_w_r : tensor<1x32x3x1x1x3x3xf32> -> tensor<4x32x3x30x30x3x3xf32>
  %conv_p = uop.mul %conv_x_e, %conv_w_e : tensor<4x32x3x30x30x3x3xf32>
  %conv = uop.reduce add %conv_p axes [2, 5, 6]
     : (tensor<4x32x3x30x30x3x3xf32>) -> tensor<4x32x30x30xf32>
  %bias_r = uop.reshape %bias : tensor<32xf32> -> tensor<1x32x1x1xf32>
  %bias_e = uop.expand %bias_r : tensor<1x32x1x1xf32> -> tensor<4x32x30x30xf32>
  %c = uop.add %conv, %bias_e : tensor<4x32x30x30xf32>
  %eps = uop.const dense<1.0e-05> : tensor<32xf32>
  %ve = uop.add %var, %eps : tensor<32xf32>
  %sd = uop.sqrt %ve : tensor<32xf32>
  %r = uop.reciprocal %sd : tensor<32xf32>
  %mean_r = uop.reshape %mean : tensor<32xf32> -> tensor<1x32x1x1xf32>
  %mean_e = uop.expand %mean_r : tensor<1x32x1x1xf32> -> tensor<4x32x30x30xf32>
  %d = uop.sub %c, %mean_e : tensor<4x32x30x30xf32>
  %scale = uop.mul %gamma, %r : tensor<32xf32>
  %scale_r = uop.reshape %scale : tensor<32xf32> -> tensor<1x32x1x1xf32>
  %scale_e = uop.expand %scale_r : tensor<1x32x1x1xf32> -> tensor<4x32x30x30xf32>
  %scaled = uop.mul %d, %scale_e : tensor<4x32x30x30xf32>
  %beta_r = uop.reshape %beta : tensor<32xf32> -> tensor<1x32x1x1xf32>
  %beta_e = uop.expand %beta_r : tensor<1x32x1x1xf32> -> tensor<4x32x30x30xf32>
  %bn = uop.add %scaled, %beta_e : tensor<4x32x30x30xf32>
  %z = uop.const dense<0.0> : tensor<4x32x30x30xf32>
  %y = uop.max %bn, %z : tensor<4x32x30x30xf32>
  return %y : tensor<4x32x30x30xf32>
}

//--- conv-bn-relu-training.mlir
// In training: with the statistics of the batch.
func.func @main(%x: tensor<4x3x32x32xf32> {tg.name = "x"},
                %w: tensor<32x3x3x3xf32> {tg.name = "w"},
                %bias: tensor<32xf32> {tg.name = "bias"},
                %gamma: tensor<32xf32> {tg.name = "gamma"},
                %beta: tensor<32xf32> {tg.name = "beta"})
    -> (tensor<4x32x30x30xf32> {tg.name = "y"}) {
  %conv_win = uop.window %x axes [2, 3] sizes [3, 3]
     : tensor<4x3x32x32xf32> -> tensor<4x3x30x30x3x3xf32>
  %conv_x_r = uop.reshape %conv_win : tensor<4x3x30x30x3x3xf32> -> tensor<4x1x3x30x30x3x3xf32>
  %conv_x_e = uop.expand %conv_x_r : tensor<4x1x3x30x30x3x3xf32> -> tensor<4x32x3x30x30x3x3xf32>
  %conv_w_r = uop.reshape %w : tensor<32x3x3x3xf32> -> tensor<1x32x3x1x1x3x3xf32>
  %conv_w_e = uop.expand %conv_w_r : tensor<1x32x3x1x1x3x3xf32> -> tensor<4x32x3x30x30x3x3xf32>
  %conv_p = uop.mul %conv_x_e, %conv_w_e : tensor<4x32x3x30x30x3x3xf32>
  %conv = uop.reduce add %conv_p axes [2, 5, 6]
     : (tensor<4x32x3x30x30x3x3xf32>) -> tensor<4x32x30x30xf32>
  %bias_r = uop.reshape %bias : tensor<32xf32> -> tensor<1x32x1x1xf32>
  %bias_e = uop.expand %bias_r : tensor<1x32x1x1xf32> -> tensor<4x32x30x30xf32>
  %c = uop.add %conv, %bias_e : tensor<4x32x30x30xf32>
  %inv_n = uop.const dense<2.777777778e-04> : tensor<32xf32>
  %sum = uop.reduce add %c axes [0, 2, 3] : (tensor<4x32x30x30xf32>) -> tensor<32xf32>
  %mean = uop.mul %sum, %inv_n : tensor<32xf32>
  %mean_r = uop.reshape %mean : tensor<32xf32> -> tensor<1x32x1x1xf32>
  %mean_e = uop.expand %mean_r : tensor<1x32x1x1xf32> -> tensor<4x32x30x30xf32>
  %d = uop.sub %c, %mean_e : tensor<4x32x30x30xf32>
  %dd = uop.mul %d, %d : tensor<4x32x30x30xf32>
  %ss = uop.reduce add %dd axes [0, 2, 3] : (tensor<4x32x30x30xf32>) -> tensor<32xf32>
  %var = uop.mul %ss, %inv_n : tensor<32xf32>
  %eps = uop.const dense<1.0e-05> : tensor<32xf32>
  %ve = uop.add %var, %eps : tensor<32xf32>
  %sd = uop.sqrt %ve : tensor<32xf32>
  %r = uop.reciprocal %sd : tensor<32xf32>
  %r_r = uop.reshape %r : tensor<32xf32> -> tensor<1x32x1x1xf32>
  %r_e = uop.expand %r_r : tensor<1x32x1x1xf32> -> tensor<4x32x30x30xf32>
  %n = uop.mul %d, %r_e : tensor<4x32x30x30xf32>
  %gamma_r = uop.reshape %gamma : tensor<32xf32> -> tensor<1x32x1x1xf32>
  %gamma_e = uop.expand %gamma_r : tensor<1x32x1x1xf32> -> tensor<4x32x30x30xf32>
  %nw = uop.mul %n, %gamma_e : tensor<4x32x30x30xf32>
  %beta_r = uop.reshape %beta : tensor<32xf32> -> tensor<1x32x1x1xf32>
  %beta_e = uop.expand %beta_r : tensor<1x32x1x1xf32> -> tensor<4x32x30x30xf32>
  %bn = uop.add %nw, %beta_e : tensor<4x32x30x30xf32>
  %z = uop.const dense<0.0> : tensor<4x32x30x30xf32>
  %y = uop.max %bn, %z : tensor<4x32x30x30xf32>
  return %y : tensor<4x32x30x30xf32>
}
