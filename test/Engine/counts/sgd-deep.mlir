// A step of SGD on more convolutions with ReLU, whose sum is the loss.
// Kernels with the default strategy and with `aggressive`; docs/kernel-counts.md has the table.

// RUN: split-file %s %t
// RUN: tg-opt %t/sgd-4.mlir --tg-pipeline | FileCheck %s --check-prefix=KERNELS-8
// RUN: tg-opt %t/sgd-4.mlir --tg-pipeline=fusion=aggressive \
// RUN:   | FileCheck %s --check-prefix=KERNELS-7
// RUN: tg-run %t/sgd-4.mlir --random-inputs=1 --verify | FileCheck %s --check-prefix=RESULT
// RUN: tg-run %t/sgd-4.mlir --random-inputs=1 --fusion=aggressive --verify \
// RUN:   | FileCheck %s --check-prefix=RESULT

// KERNELS-7-COUNT-7: uop.kernel
// KERNELS-7-NOT: uop.kernel
// KERNELS-8-COUNT-8: uop.kernel
// KERNELS-8-NOT: uop.kernel
// RESULT: : ok

//--- sgd-4.mlir
// Four convolutions.
func.func @main(%x: tensor<2x3x14x14xf32> {tg.name = "x"},
                %w1: tensor<4x3x3x3xf32> {tg.name = "w1"},
                %w2: tensor<8x4x3x3xf32> {tg.name = "w2"},
                %w3: tensor<16x8x3x3xf32> {tg.name = "w3"},
                %w4: tensor<32x16x3x3xf32> {tg.name = "w4"}, %lr: tensor<f32> {tg.name = "lr"})
    -> (tensor<32x16x3x3xf32> {tg.name = "new_w4"}, tensor<16x8x3x3xf32> {tg.name = "new_w3"},
        tensor<8x4x3x3xf32> {tg.name = "new_w2"}, tensor<4x3x3x3xf32> {tg.name = "new_w1"}) {
  // Convolution 1.
  %c1_win = uop.window %x axes [2, 3] sizes [3, 3]
     : tensor<2x3x14x14xf32> -> tensor<2x3x12x12x3x3xf32>
  %c1_x_r = uop.reshape %c1_win : tensor<2x3x12x12x3x3xf32> -> tensor<2x1x3x12x12x3x3xf32>
  %c1_x_e = uop.expand %c1_x_r : tensor<2x1x3x12x12x3x3xf32> -> tensor<2x4x3x12x12x3x3xf32>
  %c1_w_r = uop.reshape %w1 : tensor<4x3x3x3xf32> -> tensor<1x4x3x1x1x3x3xf32>
  %c1_w_e = uop.expand %c1_w_r : tensor<1x4x3x1x1x3x3xf32> -> tensor<2x4x3x12x12x3x3xf32>
  %c1_p = uop.mul %c1_x_e, %c1_w_e : tensor<2x4x3x12x12x3x3xf32>
  %c1 = uop.reduce add %c1_p axes [2, 5, 6] : (tensor<2x4x3x12x12x3x3xf32>) -> tensor<2x4x12x12xf32>
  %z = uop.const dense<0.0> : tensor<2x4x12x12xf32>
  %h1 = uop.max %c1, %z : tensor<2x4x12x12xf32>
  // Convolution 2.
  %c2_win = uop.window %h1 axes [2, 3] sizes [3, 3]
     : tensor<2x4x12x12xf32> -> tensor<2x4x10x10x3x3xf32>
  %c2_x_r = uop.reshape %c2_win : tensor<2x4x10x10x3x3xf32> -> tensor<2x1x4x10x10x3x3xf32>
  %c2_x_e = uop.expand %c2_x_r : tensor<2x1x4x10x10x3x3xf32> -> tensor<2x8x4x10x10x3x3xf32>
  %c2_w_r = uop.reshape %w2 : tensor<8x4x3x3xf32> -> tensor<1x8x4x1x1x3x3xf32>
  %c2_w_e = uop.expand %c2_w_r : tensor<1x8x4x1x1x3x3xf32> -> tensor<2x8x4x10x10x3x3xf32>
  %c2_p = uop.mul %c2_x_e, %c2_w_e : tensor<2x8x4x10x10x3x3xf32>
  %c2 = uop.reduce add %c2_p axes [2, 5, 6] : (tensor<2x8x4x10x10x3x3xf32>) -> tensor<2x8x10x10xf32>
  %z_1 = uop.const dense<0.0> : tensor<2x8x10x10xf32>
  %h2 = uop.max %c2, %z_1 : tensor<2x8x10x10xf32>
  // Convolution 3.
  %c3_win = uop.window %h2 axes [2, 3] sizes [3, 3]
     : tensor<2x8x10x10xf32> -> tensor<2x8x8x8x3x3xf32>
  %c3_x_r = uop.reshape %c3_win : tensor<2x8x8x8x3x3xf32> -> tensor<2x1x8x8x8x3x3xf32>
  %c3_x_e = uop.expand %c3_x_r : tensor<2x1x8x8x8x3x3xf32> -> tensor<2x16x8x8x8x3x3xf32>
  %c3_w_r = uop.reshape %w3 : tensor<16x8x3x3xf32> -> tensor<1x16x8x1x1x3x3xf32>
  %c3_w_e = uop.expand %c3_w_r : tensor<1x16x8x1x1x3x3xf32> -> tensor<2x16x8x8x8x3x3xf32>
  %c3_p = uop.mul %c3_x_e, %c3_w_e : tensor<2x16x8x8x8x3x3xf32>
  %c3 = uop.reduce add %c3_p axes [2, 5, 6] : (tensor<2x16x8x8x8x3x3xf32>) -> tensor<2x16x8x8xf32>
  %z_2 = uop.const dense<0.0> : tensor<2x16x8x8xf32>
  %h3 = uop.max %c3, %z_2 : tensor<2x16x8x8xf32>
  // Convolution 4.
  %c4_win = uop.window %h3 axes [2, 3] sizes [3, 3]
     : tensor<2x16x8x8xf32> -> tensor<2x16x6x6x3x3xf32>
  %c4_x_r = uop.reshape %c4_win : tensor<2x16x6x6x3x3xf32> -> tensor<2x1x16x6x6x3x3xf32>
  %c4_x_e = uop.expand %c4_x_r : tensor<2x1x16x6x6x3x3xf32> -> tensor<2x32x16x6x6x3x3xf32>
  %c4_w_r = uop.reshape %w4 : tensor<32x16x3x3xf32> -> tensor<1x32x16x1x1x3x3xf32>
  %c4_w_e = uop.expand %c4_w_r : tensor<1x32x16x1x1x3x3xf32> -> tensor<2x32x16x6x6x3x3xf32>
  %c4_p = uop.mul %c4_x_e, %c4_w_e : tensor<2x32x16x6x6x3x3xf32>
  %c4 = uop.reduce add %c4_p axes [2, 5, 6] : (tensor<2x32x16x6x6x3x3xf32>) -> tensor<2x32x6x6xf32>
  %z_3 = uop.const dense<0.0> : tensor<2x32x6x6xf32>
  %h4 = uop.max %c4, %z_3 : tensor<2x32x6x6xf32>
  %one = uop.const dense<1.0> : tensor<2x32x6x6xf32>
  %zero = uop.const dense<0.0> : tensor<f32>
  // Gradients of convolution 4, and its step.
  %gc4_z = uop.const dense<0.0> : tensor<2x32x6x6xf32>
  %gc4_on = uop.cmplt %gc4_z, %c4 : tensor<2x32x6x6xf32>
  %gc4 = uop.where %gc4_on, %one, %gc4_z : tensor<2x32x6x6xf32>
  %gw4_win = uop.window %h3 axes [2, 3] sizes [3, 3]
     : tensor<2x16x8x8xf32> -> tensor<2x16x6x6x3x3xf32>
  %gw4_x_r = uop.reshape %gw4_win : tensor<2x16x6x6x3x3xf32> -> tensor<2x1x16x6x6x3x3xf32>
  %gw4_x_e = uop.expand %gw4_x_r : tensor<2x1x16x6x6x3x3xf32> -> tensor<2x32x16x6x6x3x3xf32>
  %gw4_g_r = uop.reshape %gc4 : tensor<2x32x6x6xf32> -> tensor<2x32x1x6x6x1x1xf32>
  %gw4_g_e = uop.expand %gw4_g_r : tensor<2x32x1x6x6x1x1xf32> -> tensor<2x32x16x6x6x3x3xf32>
  %gw4_p = uop.mul %gw4_x_e, %gw4_g_e : tensor<2x32x16x6x6x3x3xf32>
  %gw4 = uop.reduce add %gw4_p axes [0, 3, 4]
     : (tensor<2x32x16x6x6x3x3xf32>) -> tensor<32x16x3x3xf32>
  %new_w4_lr_r = uop.reshape %lr : tensor<f32> -> tensor<1x1x1x1xf32>
  %new_w4_lr_e = uop.expand %new_w4_lr_r : tensor<1x1x1x1xf32> -> tensor<32x16x3x3xf32>
  %new_w4_d = uop.mul %new_w4_lr_e, %gw4 : tensor<32x16x3x3xf32>
  %new_w4_v = uop.sub %w4, %new_w4_d : tensor<32x16x3x3xf32>
  %new_w4 = uop.assign %w4, %new_w4_v : tensor<32x16x3x3xf32>, tensor<32x16x3x3xf32>
  %gx4_pad = uop.pad %gc4, %zero low [0, 0, 2, 2] high [0, 0, 2, 2]
     : tensor<2x32x6x6xf32> -> tensor<2x32x10x10xf32>
  %gx4_flip = uop.flip %w4 [2, 3] : tensor<32x16x3x3xf32> -> tensor<32x16x3x3xf32>
  %gx4_t = uop.permute %gx4_flip [1, 0, 2, 3] : tensor<32x16x3x3xf32> -> tensor<16x32x3x3xf32>
  %gx4_win = uop.window %gx4_pad axes [2, 3] sizes [3, 3]
     : tensor<2x32x10x10xf32> -> tensor<2x32x8x8x3x3xf32>
  %gx4_x_r = uop.reshape %gx4_win : tensor<2x32x8x8x3x3xf32> -> tensor<2x1x32x8x8x3x3xf32>
  %gx4_x_e = uop.expand %gx4_x_r : tensor<2x1x32x8x8x3x3xf32> -> tensor<2x16x32x8x8x3x3xf32>
  %gx4_w_r = uop.reshape %gx4_t : tensor<16x32x3x3xf32> -> tensor<1x16x32x1x1x3x3xf32>
  %gx4_w_e = uop.expand %gx4_w_r : tensor<1x16x32x1x1x3x3xf32> -> tensor<2x16x32x8x8x3x3xf32>
  %gx4_p = uop.mul %gx4_x_e, %gx4_w_e : tensor<2x16x32x8x8x3x3xf32>
  %gx4 = uop.reduce add %gx4_p axes [2, 5, 6]
     : (tensor<2x16x32x8x8x3x3xf32>) -> tensor<2x16x8x8xf32>
  // Gradients of convolution 3, and its step.
  %gc3_z = uop.const dense<0.0> : tensor<2x16x8x8xf32>
  %gc3_on = uop.cmplt %gc3_z, %c3 : tensor<2x16x8x8xf32>
  %gc3 = uop.where %gc3_on, %gx4, %gc3_z : tensor<2x16x8x8xf32>
  %gw3_win = uop.window %h2 axes [2, 3] sizes [3, 3]
     : tensor<2x8x10x10xf32> -> tensor<2x8x8x8x3x3xf32>
  %gw3_x_r = uop.reshape %gw3_win : tensor<2x8x8x8x3x3xf32> -> tensor<2x1x8x8x8x3x3xf32>
  %gw3_x_e = uop.expand %gw3_x_r : tensor<2x1x8x8x8x3x3xf32> -> tensor<2x16x8x8x8x3x3xf32>
  %gw3_g_r = uop.reshape %gc3 : tensor<2x16x8x8xf32> -> tensor<2x16x1x8x8x1x1xf32>
  %gw3_g_e = uop.expand %gw3_g_r : tensor<2x16x1x8x8x1x1xf32> -> tensor<2x16x8x8x8x3x3xf32>
  %gw3_p = uop.mul %gw3_x_e, %gw3_g_e : tensor<2x16x8x8x8x3x3xf32>
  %gw3 = uop.reduce add %gw3_p axes [0, 3, 4] : (tensor<2x16x8x8x8x3x3xf32>) -> tensor<16x8x3x3xf32>
  %new_w3_lr_r = uop.reshape %lr : tensor<f32> -> tensor<1x1x1x1xf32>
  %new_w3_lr_e = uop.expand %new_w3_lr_r : tensor<1x1x1x1xf32> -> tensor<16x8x3x3xf32>
  %new_w3_d = uop.mul %new_w3_lr_e, %gw3 : tensor<16x8x3x3xf32>
  %new_w3_v = uop.sub %w3, %new_w3_d : tensor<16x8x3x3xf32>
  %new_w3 = uop.assign %w3, %new_w3_v : tensor<16x8x3x3xf32>, tensor<16x8x3x3xf32>
  %gx3_pad = uop.pad %gc3, %zero low [0, 0, 2, 2] high [0, 0, 2, 2]
     : tensor<2x16x8x8xf32> -> tensor<2x16x12x12xf32>
  %gx3_flip = uop.flip %w3 [2, 3] : tensor<16x8x3x3xf32> -> tensor<16x8x3x3xf32>
  %gx3_t = uop.permute %gx3_flip [1, 0, 2, 3] : tensor<16x8x3x3xf32> -> tensor<8x16x3x3xf32>
  %gx3_win = uop.window %gx3_pad axes [2, 3] sizes [3, 3]
     : tensor<2x16x12x12xf32> -> tensor<2x16x10x10x3x3xf32>
  %gx3_x_r = uop.reshape %gx3_win : tensor<2x16x10x10x3x3xf32> -> tensor<2x1x16x10x10x3x3xf32>
  %gx3_x_e = uop.expand %gx3_x_r : tensor<2x1x16x10x10x3x3xf32> -> tensor<2x8x16x10x10x3x3xf32>
  %gx3_w_r = uop.reshape %gx3_t : tensor<8x16x3x3xf32> -> tensor<1x8x16x1x1x3x3xf32>
  %gx3_w_e = uop.expand %gx3_w_r : tensor<1x8x16x1x1x3x3xf32> -> tensor<2x8x16x10x10x3x3xf32>
  %gx3_p = uop.mul %gx3_x_e, %gx3_w_e : tensor<2x8x16x10x10x3x3xf32>
  %gx3 = uop.reduce add %gx3_p axes [2, 5, 6]
     : (tensor<2x8x16x10x10x3x3xf32>) -> tensor<2x8x10x10xf32>
  // Gradients of convolution 2, and its step.
  %gc2_z = uop.const dense<0.0> : tensor<2x8x10x10xf32>
  %gc2_on = uop.cmplt %gc2_z, %c2 : tensor<2x8x10x10xf32>
  %gc2 = uop.where %gc2_on, %gx3, %gc2_z : tensor<2x8x10x10xf32>
  %gw2_win = uop.window %h1 axes [2, 3] sizes [3, 3]
     : tensor<2x4x12x12xf32> -> tensor<2x4x10x10x3x3xf32>
  %gw2_x_r = uop.reshape %gw2_win : tensor<2x4x10x10x3x3xf32> -> tensor<2x1x4x10x10x3x3xf32>
  %gw2_x_e = uop.expand %gw2_x_r : tensor<2x1x4x10x10x3x3xf32> -> tensor<2x8x4x10x10x3x3xf32>
  %gw2_g_r = uop.reshape %gc2 : tensor<2x8x10x10xf32> -> tensor<2x8x1x10x10x1x1xf32>
  %gw2_g_e = uop.expand %gw2_g_r : tensor<2x8x1x10x10x1x1xf32> -> tensor<2x8x4x10x10x3x3xf32>
  %gw2_p = uop.mul %gw2_x_e, %gw2_g_e : tensor<2x8x4x10x10x3x3xf32>
  %gw2 = uop.reduce add %gw2_p axes [0, 3, 4] : (tensor<2x8x4x10x10x3x3xf32>) -> tensor<8x4x3x3xf32>
  %new_w2_lr_r = uop.reshape %lr : tensor<f32> -> tensor<1x1x1x1xf32>
  %new_w2_lr_e = uop.expand %new_w2_lr_r : tensor<1x1x1x1xf32> -> tensor<8x4x3x3xf32>
  %new_w2_d = uop.mul %new_w2_lr_e, %gw2 : tensor<8x4x3x3xf32>
  %new_w2_v = uop.sub %w2, %new_w2_d : tensor<8x4x3x3xf32>
  %new_w2 = uop.assign %w2, %new_w2_v : tensor<8x4x3x3xf32>, tensor<8x4x3x3xf32>
  %gx2_pad = uop.pad %gc2, %zero low [0, 0, 2, 2] high [0, 0, 2, 2]
     : tensor<2x8x10x10xf32> -> tensor<2x8x14x14xf32>
  %gx2_flip = uop.flip %w2 [2, 3] : tensor<8x4x3x3xf32> -> tensor<8x4x3x3xf32>
  %gx2_t = uop.permute %gx2_flip [1, 0, 2, 3] : tensor<8x4x3x3xf32> -> tensor<4x8x3x3xf32>
  %gx2_win = uop.window %gx2_pad axes [2, 3] sizes [3, 3]
     : tensor<2x8x14x14xf32> -> tensor<2x8x12x12x3x3xf32>
  %gx2_x_r = uop.reshape %gx2_win : tensor<2x8x12x12x3x3xf32> -> tensor<2x1x8x12x12x3x3xf32>
  %gx2_x_e = uop.expand %gx2_x_r : tensor<2x1x8x12x12x3x3xf32> -> tensor<2x4x8x12x12x3x3xf32>
  %gx2_w_r = uop.reshape %gx2_t : tensor<4x8x3x3xf32> -> tensor<1x4x8x1x1x3x3xf32>
  %gx2_w_e = uop.expand %gx2_w_r : tensor<1x4x8x1x1x3x3xf32> -> tensor<2x4x8x12x12x3x3xf32>
  %gx2_p = uop.mul %gx2_x_e, %gx2_w_e : tensor<2x4x8x12x12x3x3xf32>
  %gx2 = uop.reduce add %gx2_p axes [2, 5, 6]
     : (tensor<2x4x8x12x12x3x3xf32>) -> tensor<2x4x12x12xf32>
  // Gradients of convolution 1, and its step.
  %gc1_z = uop.const dense<0.0> : tensor<2x4x12x12xf32>
  %gc1_on = uop.cmplt %gc1_z, %c1 : tensor<2x4x12x12xf32>
  %gc1 = uop.where %gc1_on, %gx2, %gc1_z : tensor<2x4x12x12xf32>
  %gw1_win = uop.window %x axes [2, 3] sizes [3, 3]
     : tensor<2x3x14x14xf32> -> tensor<2x3x12x12x3x3xf32>
  %gw1_x_r = uop.reshape %gw1_win : tensor<2x3x12x12x3x3xf32> -> tensor<2x1x3x12x12x3x3xf32>
  %gw1_x_e = uop.expand %gw1_x_r : tensor<2x1x3x12x12x3x3xf32> -> tensor<2x4x3x12x12x3x3xf32>
  %gw1_g_r = uop.reshape %gc1 : tensor<2x4x12x12xf32> -> tensor<2x4x1x12x12x1x1xf32>
  %gw1_g_e = uop.expand %gw1_g_r : tensor<2x4x1x12x12x1x1xf32> -> tensor<2x4x3x12x12x3x3xf32>
  %gw1_p = uop.mul %gw1_x_e, %gw1_g_e : tensor<2x4x3x12x12x3x3xf32>
  %gw1 = uop.reduce add %gw1_p axes [0, 3, 4] : (tensor<2x4x3x12x12x3x3xf32>) -> tensor<4x3x3x3xf32>
  %new_w1_lr_r = uop.reshape %lr : tensor<f32> -> tensor<1x1x1x1xf32>
  %new_w1_lr_e = uop.expand %new_w1_lr_r : tensor<1x1x1x1xf32> -> tensor<4x3x3x3xf32>
  %new_w1_d = uop.mul %new_w1_lr_e, %gw1 : tensor<4x3x3x3xf32>
  %new_w1_v = uop.sub %w1, %new_w1_d : tensor<4x3x3x3xf32>
  %new_w1 = uop.assign %w1, %new_w1_v : tensor<4x3x3x3xf32>, tensor<4x3x3x3xf32>
  return %new_w4, %new_w3, %new_w2, %new_w1
    : tensor<32x16x3x3xf32>, tensor<16x8x3x3xf32>, tensor<8x4x3x3xf32>, tensor<4x3x3x3xf32>
}
