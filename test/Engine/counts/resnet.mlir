// The basic block of a ResNet.
// Kernels with the default strategy and with `aggressive`; docs/kernel-counts.md has the table.

// RUN: split-file %s %t
// RUN: tg-opt %t/resnet-block.mlir --tg-pipeline | FileCheck %s --check-prefix=KERNELS-2
// RUN: tg-opt %t/resnet-block.mlir --tg-pipeline=fusion=aggressive \
// RUN:   | FileCheck %s --check-prefix=KERNELS-2
// RUN: tg-run %t/resnet-block.mlir --random-inputs=1 --verify \
// RUN:   --input=var1=0.5,1.5 --input=var2=1,2,0.5 \
// RUN:   | FileCheck %s --check-prefix=RESULT

// KERNELS-2-COUNT-2: uop.kernel
// KERNELS-2-NOT: uop.kernel
// RESULT: : ok

//--- resnet-block.mlir
// Two padded convolutions with batch normalization of stored statistics, 16 channels.
func.func @main(%x: tensor<1x16x32x32xf32> {tg.name = "x"},
                %w1: tensor<16x16x3x3xf32> {tg.name = "w1"},
                %mean1: tensor<16xf32> {tg.name = "mean1"},
                %var1: tensor<16xf32> {tg.name = "var1"},
                %gamma1: tensor<16xf32> {tg.name = "gamma1"},
                %beta1: tensor<16xf32> {tg.name = "beta1"},
                %w2: tensor<16x16x3x3xf32> {tg.name = "w2"},
                %mean2: tensor<16xf32> {tg.name = "mean2"},
                %var2: tensor<16xf32> {tg.name = "var2"},
                %gamma2: tensor<16xf32> {tg.name = "gamma2"},
                %beta2: tensor<16xf32> {tg.name = "beta2"})
    -> (tensor<1x16x32x32xf32> {tg.name = "y"}) {
  %zero = uop.const dense<0.0> : tensor<f32>
  %pad1 = uop.pad %x, %zero low [0, 0, 1, 1] high [0, 0, 1, 1]
     : tensor<1x16x32x32xf32> -> tensor<1x16x34x34xf32>
  %conv1_win = uop.window %pad1 axes [2, 3] sizes [3, 3]
     : tensor<1x16x34x34xf32> -> tensor<1x16x32x32x3x3xf32>
  %conv1_x_r = uop.reshape %conv1_win : tensor<1x16x32x32x3x3xf32> -> tensor<1x1x16x32x32x3x3xf32>
  %conv1_x_e = uop.expand %conv1_x_r : tensor<1x1x16x32x32x3x3xf32> -> tensor<1x16x16x32x32x3x3xf32>
  %conv1_w_r = uop.reshape %w1 : tensor<16x16x3x3xf32> -> tensor<1x16x16x1x1x3x3xf32>
  %conv1_w_e = uop.expand %conv1_w_r : tensor<1x16x16x1x1x3x3xf32> -> tensor<1x16x16x32x32x3x3xf32>
  %conv1_p = uop.mul %conv1_x_e, %conv1_w_e : tensor<1x16x16x32x32x3x3xf32>
  %conv1 = uop.reduce add %conv1_p axes [2, 5, 6]
     : (tensor<1x16x16x32x32x3x3xf32>) -> tensor<1x16x32x32xf32>
  %eps = uop.const dense<1.0e-05> : tensor<16xf32>
  %ve = uop.add %var1, %eps : tensor<16xf32>
  %sd = uop.sqrt %ve : tensor<16xf32>
  %r = uop.reciprocal %sd : tensor<16xf32>
  %mean1_r = uop.reshape %mean1 : tensor<16xf32> -> tensor<1x16x1x1xf32>
  %mean1_e = uop.expand %mean1_r : tensor<1x16x1x1xf32> -> tensor<1x16x32x32xf32>
  %d = uop.sub %conv1, %mean1_e : tensor<1x16x32x32xf32>
  %scale = uop.mul %gamma1, %r : tensor<16xf32>
  %scale_r = uop.reshape %scale : tensor<16xf32> -> tensor<1x16x1x1xf32>
  %scale_e = uop.expand %scale_r : tensor<1x16x1x1xf32> -> tensor<1x16x32x32xf32>
  %scaled = uop.mul %d, %scale_e : tensor<1x16x32x32xf32>
  %beta1_r = uop.reshape %beta1 : tensor<16xf32> -> tensor<1x16x1x1xf32>
  %beta1_e = uop.expand %beta1_r : tensor<1x16x1x1xf32> -> tensor<1x16x32x32xf32>
  %bn1 = uop.add %scaled, %beta1_e : tensor<1x16x32x32xf32>
  %z = uop.const dense<0.0> : tensor<1x16x32x32xf32>
  %h = uop.max %bn1, %z : tensor<1x16x32x32xf32>
  %pad2 = uop.pad %h, %zero low [0, 0, 1, 1] high [0, 0, 1, 1]
     : tensor<1x16x32x32xf32> -> tensor<1x16x34x34xf32>
  %conv2_win = uop.window %pad2 axes [2, 3] sizes [3, 3]
     : tensor<1x16x34x34xf32> -> tensor<1x16x32x32x3x3xf32>
  %conv2_x_r = uop.reshape %conv2_win : tensor<1x16x32x32x3x3xf32> -> tensor<1x1x16x32x32x3x3xf32>
  %conv2_x_e = uop.expand %conv2_x_r : tensor<1x1x16x32x32x3x3xf32> -> tensor<1x16x16x32x32x3x3xf32>
  %conv2_w_r = uop.reshape %w2 : tensor<16x16x3x3xf32> -> tensor<1x16x16x1x1x3x3xf32>
  %conv2_w_e = uop.expand %conv2_w_r : tensor<1x16x16x1x1x3x3xf32> -> tensor<1x16x16x32x32x3x3xf32>
  %conv2_p = uop.mul %conv2_x_e, %conv2_w_e : tensor<1x16x16x32x32x3x3xf32>
  %conv2 = uop.reduce add %conv2_p axes [2, 5, 6]
     : (tensor<1x16x16x32x32x3x3xf32>) -> tensor<1x16x32x32xf32>
  %eps_1 = uop.const dense<1.0e-05> : tensor<16xf32>
  %ve_1 = uop.add %var2, %eps_1 : tensor<16xf32>
  %sd_1 = uop.sqrt %ve_1 : tensor<16xf32>
  %r_1 = uop.reciprocal %sd_1 : tensor<16xf32>
  %mean2_r = uop.reshape %mean2 : tensor<16xf32> -> tensor<1x16x1x1xf32>
  %mean2_e = uop.expand %mean2_r : tensor<1x16x1x1xf32> -> tensor<1x16x32x32xf32>
  %d_1 = uop.sub %conv2, %mean2_e : tensor<1x16x32x32xf32>
  %scale_1 = uop.mul %gamma2, %r_1 : tensor<16xf32>
  %scale_1_r = uop.reshape %scale_1 : tensor<16xf32> -> tensor<1x16x1x1xf32>
  %scale_1_e = uop.expand %scale_1_r : tensor<1x16x1x1xf32> -> tensor<1x16x32x32xf32>
  %scaled_1 = uop.mul %d_1, %scale_1_e : tensor<1x16x32x32xf32>
  %beta2_r = uop.reshape %beta2 : tensor<16xf32> -> tensor<1x16x1x1xf32>
  %beta2_e = uop.expand %beta2_r : tensor<1x16x1x1xf32> -> tensor<1x16x32x32xf32>
  %bn2 = uop.add %scaled_1, %beta2_e : tensor<1x16x32x32xf32>
  %sum = uop.add %bn2, %x : tensor<1x16x32x32xf32>
  %z_1 = uop.const dense<0.0> : tensor<1x16x32x32xf32>
  %y = uop.max %sum, %z_1 : tensor<1x16x32x32xf32>
  return %y : tensor<1x16x32x32xf32>
}
