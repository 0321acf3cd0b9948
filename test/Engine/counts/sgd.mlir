// A step of SGD on convolutions with ReLU, whose sum is the loss.
// Kernels with the default strategy and with `aggressive`; docs/kernel-counts.md has the table.

// RUN: split-file %s %t
// RUN: tg-opt %t/sgd-1.mlir --tg-pipeline | FileCheck %s --check-prefix=KERNELS-2
// RUN: tg-opt %t/sgd-1.mlir --tg-pipeline=fusion=aggressive | FileCheck %s --check-prefix=KERNELS-2
// RUN: tg-run %t/sgd-1.mlir --random-inputs=1 --verify | FileCheck %s --check-prefix=RESULT
// RUN: tg-opt %t/sgd-2.mlir --tg-pipeline | FileCheck %s --check-prefix=KERNELS-4
// RUN: tg-opt %t/sgd-2.mlir --tg-pipeline=fusion=aggressive | FileCheck %s --check-prefix=KERNELS-3
// RUN: tg-run %t/sgd-2.mlir --random-inputs=1 --verify | FileCheck %s --check-prefix=RESULT
// RUN: tg-run %t/sgd-2.mlir --random-inputs=1 --fusion=aggressive --verify \
// RUN:   | FileCheck %s --check-prefix=RESULT
// RUN: tg-opt %t/sgd-2-unwindow.mlir --tg-pipeline | FileCheck %s --check-prefix=KERNELS-5
// RUN: tg-opt %t/sgd-2-unwindow.mlir --tg-pipeline=fusion=aggressive \
// RUN:   | FileCheck %s --check-prefix=KERNELS-3
// RUN: tg-run %t/sgd-2-unwindow.mlir --random-inputs=1 --verify \
// RUN:   | FileCheck %s --check-prefix=RESULT
// RUN: tg-run %t/sgd-2-unwindow.mlir --random-inputs=1 --fusion=aggressive --verify \
// RUN:   | FileCheck %s --check-prefix=RESULT

// KERNELS-2-COUNT-2: uop.kernel
// KERNELS-2-NOT: uop.kernel
// KERNELS-3-COUNT-3: uop.kernel
// KERNELS-3-NOT: uop.kernel
// KERNELS-4-COUNT-4: uop.kernel
// KERNELS-4-NOT: uop.kernel
// KERNELS-5-COUNT-5: uop.kernel
// KERNELS-5-NOT: uop.kernel
// RESULT: : ok

//--- sgd-1.mlir
// One convolution with a bias.
func.func @main(%x: tensor<4x3x18x18xf32> {tg.name = "x"},
                %w1: tensor<32x3x3x3xf32> {tg.name = "w1"}, %b1: tensor<32xf32> {tg.name = "b1"},
                %lr: tensor<f32> {tg.name = "lr"})
    -> (tensor<32x3x3x3xf32> {tg.name = "new_w1"}, tensor<32xf32> {tg.name = "new_b1"}) {
  // Convolution 1.
  %c1_win = uop.window %x axes [2, 3] sizes [3, 3]
     : tensor<4x3x18x18xf32> -> tensor<4x3x16x16x3x3xf32>
  %c1_x_r = uop.reshape %c1_win : tensor<4x3x16x16x3x3xf32> -> tensor<4x1x3x16x16x3x3xf32>
  %c1_x_e = uop.expand %c1_x_r : tensor<4x1x3x16x16x3x3xf32> -> tensor<4x32x3x16x16x3x3xf32>
  %c1_w_r = uop.reshape %w1 : tensor<32x3x3x3xf32> -> tensor<1x32x3x1x1x3x3xf32>
  %c1_w_e = uop.expand %c1_w_r : tensor<1x32x3x1x1x3x3xf32> -> tensor<4x32x3x16x16x3x3xf32>
  %c1_p = uop.mul %c1_x_e, %c1_w_e : tensor<4x32x3x16x16x3x3xf32>
  %c1 = uop.reduce add %c1_p axes [2, 5, 6]
     : (tensor<4x32x3x16x16x3x3xf32>) -> tensor<4x32x16x16xf32>
  %b1_r = uop.reshape %b1 : tensor<32xf32> -> tensor<1x32x1x1xf32>
  %b1_e = uop.expand %b1_r : tensor<1x32x1x1xf32> -> tensor<4x32x16x16xf32>
  %cb1 = uop.add %c1, %b1_e : tensor<4x32x16x16xf32>
  %z = uop.const dense<0.0> : tensor<4x32x16x16xf32>
  %h1 = uop.max %cb1, %z : tensor<4x32x16x16xf32>
  %one = uop.const dense<1.0> : tensor<4x32x16x16xf32>
  // Its gradients and its step.
  %gc1_z = uop.const dense<0.0> : tensor<4x32x16x16xf32>
  %gc1_on = uop.cmplt %gc1_z, %cb1 : tensor<4x32x16x16xf32>
  %gc1 = uop.where %gc1_on, %one, %gc1_z : tensor<4x32x16x16xf32>
  %gw1_win = uop.window %x axes [2, 3] sizes [3, 3]
     : tensor<4x3x18x18xf32> -> tensor<4x3x16x16x3x3xf32>
  %gw1_x_r = uop.reshape %gw1_win : tensor<4x3x16x16x3x3xf32> -> tensor<4x1x3x16x16x3x3xf32>
  %gw1_x_e = uop.expand %gw1_x_r : tensor<4x1x3x16x16x3x3xf32> -> tensor<4x32x3x16x16x3x3xf32>
  %gw1_g_r = uop.reshape %gc1 : tensor<4x32x16x16xf32> -> tensor<4x32x1x16x16x1x1xf32>
  %gw1_g_e = uop.expand %gw1_g_r : tensor<4x32x1x16x16x1x1xf32> -> tensor<4x32x3x16x16x3x3xf32>
  %gw1_p = uop.mul %gw1_x_e, %gw1_g_e : tensor<4x32x3x16x16x3x3xf32>
  %gw1 = uop.reduce add %gw1_p axes [0, 3, 4]
     : (tensor<4x32x3x16x16x3x3xf32>) -> tensor<32x3x3x3xf32>
  %new_w1_lr_r = uop.reshape %lr : tensor<f32> -> tensor<1x1x1x1xf32>
  %new_w1_lr_e = uop.expand %new_w1_lr_r : tensor<1x1x1x1xf32> -> tensor<32x3x3x3xf32>
  %new_w1_d = uop.mul %new_w1_lr_e, %gw1 : tensor<32x3x3x3xf32>
  %new_w1_v = uop.sub %w1, %new_w1_d : tensor<32x3x3x3xf32>
  %new_w1 = uop.assign %w1, %new_w1_v : tensor<32x3x3x3xf32>, tensor<32x3x3x3xf32>
  %gb1 = uop.reduce add %gc1 axes [0, 2, 3] : (tensor<4x32x16x16xf32>) -> tensor<32xf32>
  %new_b1_lr_r = uop.reshape %lr : tensor<f32> -> tensor<1xf32>
  %new_b1_lr_e = uop.expand %new_b1_lr_r : tensor<1xf32> -> tensor<32xf32>
  %new_b1_d = uop.mul %new_b1_lr_e, %gb1 : tensor<32xf32>
  %new_b1_v = uop.sub %b1, %new_b1_d : tensor<32xf32>
  %new_b1 = uop.assign %b1, %new_b1_v : tensor<32xf32>, tensor<32xf32>
  return %new_w1, %new_b1 : tensor<32x3x3x3xf32>, tensor<32xf32>
}

//--- sgd-2.mlir
// Two convolutions.
func.func @main(%x: tensor<4x3x16x16xf32> {tg.name = "x"},
                %w1: tensor<16x3x3x3xf32> {tg.name = "w1"},
                %w2: tensor<32x16x2x2xf32> {tg.name = "w2"}, %lr: tensor<f32> {tg.name = "lr"})
    -> (tensor<32x16x2x2xf32> {tg.name = "new_w2"}, tensor<16x3x3x3xf32> {tg.name = "new_w1"}) {
  // Convolution 1.
  %c1_win = uop.window %x axes [2, 3] sizes [3, 3]
     : tensor<4x3x16x16xf32> -> tensor<4x3x14x14x3x3xf32>
  %c1_x_r = uop.reshape %c1_win : tensor<4x3x14x14x3x3xf32> -> tensor<4x1x3x14x14x3x3xf32>
  %c1_x_e = uop.expand %c1_x_r : tensor<4x1x3x14x14x3x3xf32> -> tensor<4x16x3x14x14x3x3xf32>
  %c1_w_r = uop.reshape %w1 : tensor<16x3x3x3xf32> -> tensor<1x16x3x1x1x3x3xf32>
  %c1_w_e = uop.expand %c1_w_r : tensor<1x16x3x1x1x3x3xf32> -> tensor<4x16x3x14x14x3x3xf32>
  %c1_p = uop.mul %c1_x_e, %c1_w_e : tensor<4x16x3x14x14x3x3xf32>
  %c1 = uop.reduce add %c1_p axes [2, 5, 6]
     : (tensor<4x16x3x14x14x3x3xf32>) -> tensor<4x16x14x14xf32>
  %z = uop.const dense<0.0> : tensor<4x16x14x14xf32>
  %h1 = uop.max %c1, %z : tensor<4x16x14x14xf32>
  // Convolution 2.
  %c2_win = uop.window %h1 axes [2, 3] sizes [2, 2]
     : tensor<4x16x14x14xf32> -> tensor<4x16x13x13x2x2xf32>
  %c2_x_r = uop.reshape %c2_win : tensor<4x16x13x13x2x2xf32> -> tensor<4x1x16x13x13x2x2xf32>
  %c2_x_e = uop.expand %c2_x_r : tensor<4x1x16x13x13x2x2xf32> -> tensor<4x32x16x13x13x2x2xf32>
  %c2_w_r = uop.reshape %w2 : tensor<32x16x2x2xf32> -> tensor<1x32x16x1x1x2x2xf32>
  %c2_w_e = uop.expand %c2_w_r : tensor<1x32x16x1x1x2x2xf32> -> tensor<4x32x16x13x13x2x2xf32>
  %c2_p = uop.mul %c2_x_e, %c2_w_e : tensor<4x32x16x13x13x2x2xf32>
  %c2 = uop.reduce add %c2_p axes [2, 5, 6]
     : (tensor<4x32x16x13x13x2x2xf32>) -> tensor<4x32x13x13xf32>
  %z_1 = uop.const dense<0.0> : tensor<4x32x13x13xf32>
  %h2 = uop.max %c2, %z_1 : tensor<4x32x13x13xf32>
  %one = uop.const dense<1.0> : tensor<4x32x13x13xf32>
  %zero = uop.const dense<0.0> : tensor<f32>
  // Gradients of convolution 2, and its step.
  %gc2_z = uop.const dense<0.0> : tensor<4x32x13x13xf32>
  %gc2_on = uop.cmplt %gc2_z, %c2 : tensor<4x32x13x13xf32>
  %gc2 = uop.where %gc2_on, %one, %gc2_z : tensor<4x32x13x13xf32>
  %gw2_win = uop.window %h1 axes [2, 3] sizes [2, 2]
     : tensor<4x16x14x14xf32> -> tensor<4x16x13x13x2x2xf32>
  %gw2_x_r = uop.reshape %gw2_win : tensor<4x16x13x13x2x2xf32> -> tensor<4x1x16x13x13x2x2xf32>
  %gw2_x_e = uop.expand %gw2_x_r : tensor<4x1x16x13x13x2x2xf32> -> tensor<4x32x16x13x13x2x2xf32>
  %gw2_g_r = uop.reshape %gc2 : tensor<4x32x13x13xf32> -> tensor<4x32x1x13x13x1x1xf32>
  %gw2_g_e = uop.expand %gw2_g_r : tensor<4x32x1x13x13x1x1xf32> -> tensor<4x32x16x13x13x2x2xf32>
  %gw2_p = uop.mul %gw2_x_e, %gw2_g_e : tensor<4x32x16x13x13x2x2xf32>
  %gw2 = uop.reduce add %gw2_p axes [0, 3, 4]
     : (tensor<4x32x16x13x13x2x2xf32>) -> tensor<32x16x2x2xf32>
  %new_w2_lr_r = uop.reshape %lr : tensor<f32> -> tensor<1x1x1x1xf32>
  %new_w2_lr_e = uop.expand %new_w2_lr_r : tensor<1x1x1x1xf32> -> tensor<32x16x2x2xf32>
  %new_w2_d = uop.mul %new_w2_lr_e, %gw2 : tensor<32x16x2x2xf32>
  %new_w2_v = uop.sub %w2, %new_w2_d : tensor<32x16x2x2xf32>
  %new_w2 = uop.assign %w2, %new_w2_v : tensor<32x16x2x2xf32>, tensor<32x16x2x2xf32>
  %gx2_pad = uop.pad %gc2, %zero low [0, 0, 1, 1] high [0, 0, 1, 1]
     : tensor<4x32x13x13xf32> -> tensor<4x32x15x15xf32>
  %gx2_flip = uop.flip %w2 [2, 3] : tensor<32x16x2x2xf32> -> tensor<32x16x2x2xf32>
  %gx2_t = uop.permute %gx2_flip [1, 0, 2, 3] : tensor<32x16x2x2xf32> -> tensor<16x32x2x2xf32>
  %gx2_win = uop.window %gx2_pad axes [2, 3] sizes [2, 2]
     : tensor<4x32x15x15xf32> -> tensor<4x32x14x14x2x2xf32>
  %gx2_x_r = uop.reshape %gx2_win : tensor<4x32x14x14x2x2xf32> -> tensor<4x1x32x14x14x2x2xf32>
  %gx2_x_e = uop.expand %gx2_x_r : tensor<4x1x32x14x14x2x2xf32> -> tensor<4x16x32x14x14x2x2xf32>
  %gx2_w_r = uop.reshape %gx2_t : tensor<16x32x2x2xf32> -> tensor<1x16x32x1x1x2x2xf32>
  %gx2_w_e = uop.expand %gx2_w_r : tensor<1x16x32x1x1x2x2xf32> -> tensor<4x16x32x14x14x2x2xf32>
  %gx2_p = uop.mul %gx2_x_e, %gx2_w_e : tensor<4x16x32x14x14x2x2xf32>
  %gx2 = uop.reduce add %gx2_p axes [2, 5, 6]
     : (tensor<4x16x32x14x14x2x2xf32>) -> tensor<4x16x14x14xf32>
  // Gradients of convolution 1, and its step.
  %gc1_z = uop.const dense<0.0> : tensor<4x16x14x14xf32>
  %gc1_on = uop.cmplt %gc1_z, %c1 : tensor<4x16x14x14xf32>
  %gc1 = uop.where %gc1_on, %gx2, %gc1_z : tensor<4x16x14x14xf32>
  %gw1_win = uop.window %x axes [2, 3] sizes [3, 3]
     : tensor<4x3x16x16xf32> -> tensor<4x3x14x14x3x3xf32>
  %gw1_x_r = uop.reshape %gw1_win : tensor<4x3x14x14x3x3xf32> -> tensor<4x1x3x14x14x3x3xf32>
  %gw1_x_e = uop.expand %gw1_x_r : tensor<4x1x3x14x14x3x3xf32> -> tensor<4x16x3x14x14x3x3xf32>
  %gw1_g_r = uop.reshape %gc1 : tensor<4x16x14x14xf32> -> tensor<4x16x1x14x14x1x1xf32>
  %gw1_g_e = uop.expand %gw1_g_r : tensor<4x16x1x14x14x1x1xf32> -> tensor<4x16x3x14x14x3x3xf32>
  %gw1_p = uop.mul %gw1_x_e, %gw1_g_e : tensor<4x16x3x14x14x3x3xf32>
  %gw1 = uop.reduce add %gw1_p axes [0, 3, 4]
     : (tensor<4x16x3x14x14x3x3xf32>) -> tensor<16x3x3x3xf32>
  %new_w1_lr_r = uop.reshape %lr : tensor<f32> -> tensor<1x1x1x1xf32>
  %new_w1_lr_e = uop.expand %new_w1_lr_r : tensor<1x1x1x1xf32> -> tensor<16x3x3x3xf32>
  %new_w1_d = uop.mul %new_w1_lr_e, %gw1 : tensor<16x3x3x3xf32>
  %new_w1_v = uop.sub %w1, %new_w1_d : tensor<16x3x3x3xf32>
  %new_w1 = uop.assign %w1, %new_w1_v : tensor<16x3x3x3xf32>, tensor<16x3x3x3xf32>
  return %new_w2, %new_w1 : tensor<32x16x2x2xf32>, tensor<16x3x3x3xf32>
}

//--- sgd-2-unwindow.mlir
// Two convolutions, the gradient between them by the adjoint of `window`.
func.func @main(%x: tensor<4x3x16x16xf32> {tg.name = "x"},
                %w1: tensor<16x3x3x3xf32> {tg.name = "w1"},
                %w2: tensor<32x16x2x2xf32> {tg.name = "w2"}, %lr: tensor<f32> {tg.name = "lr"})
    -> (tensor<32x16x2x2xf32> {tg.name = "new_w2"}, tensor<16x3x3x3xf32> {tg.name = "new_w1"}) {
  // Convolution 1.
  %c1_win = uop.window %x axes [2, 3] sizes [3, 3]
     : tensor<4x3x16x16xf32> -> tensor<4x3x14x14x3x3xf32>
  %c1_x_r = uop.reshape %c1_win : tensor<4x3x14x14x3x3xf32> -> tensor<4x1x3x14x14x3x3xf32>
  %c1_x_e = uop.expand %c1_x_r : tensor<4x1x3x14x14x3x3xf32> -> tensor<4x16x3x14x14x3x3xf32>
  %c1_w_r = uop.reshape %w1 : tensor<16x3x3x3xf32> -> tensor<1x16x3x1x1x3x3xf32>
  %c1_w_e = uop.expand %c1_w_r : tensor<1x16x3x1x1x3x3xf32> -> tensor<4x16x3x14x14x3x3xf32>
  %c1_p = uop.mul %c1_x_e, %c1_w_e : tensor<4x16x3x14x14x3x3xf32>
  %c1 = uop.reduce add %c1_p axes [2, 5, 6]
     : (tensor<4x16x3x14x14x3x3xf32>) -> tensor<4x16x14x14xf32>
  %z = uop.const dense<0.0> : tensor<4x16x14x14xf32>
  %h1 = uop.max %c1, %z : tensor<4x16x14x14xf32>
  // Convolution 2.
  %c2_win = uop.window %h1 axes [2, 3] sizes [2, 2]
     : tensor<4x16x14x14xf32> -> tensor<4x16x13x13x2x2xf32>
  %c2_x_r = uop.reshape %c2_win : tensor<4x16x13x13x2x2xf32> -> tensor<4x1x16x13x13x2x2xf32>
  %c2_x_e = uop.expand %c2_x_r : tensor<4x1x16x13x13x2x2xf32> -> tensor<4x32x16x13x13x2x2xf32>
  %c2_w_r = uop.reshape %w2 : tensor<32x16x2x2xf32> -> tensor<1x32x16x1x1x2x2xf32>
  %c2_w_e = uop.expand %c2_w_r : tensor<1x32x16x1x1x2x2xf32> -> tensor<4x32x16x13x13x2x2xf32>
  %c2_p = uop.mul %c2_x_e, %c2_w_e : tensor<4x32x16x13x13x2x2xf32>
  %c2 = uop.reduce add %c2_p axes [2, 5, 6]
     : (tensor<4x32x16x13x13x2x2xf32>) -> tensor<4x32x13x13xf32>
  %z_1 = uop.const dense<0.0> : tensor<4x32x13x13xf32>
  %h2 = uop.max %c2, %z_1 : tensor<4x32x13x13xf32>
  %one = uop.const dense<1.0> : tensor<4x32x13x13xf32>
  // Gradients of convolution 2, and its step.
  %gc2_z = uop.const dense<0.0> : tensor<4x32x13x13xf32>
  %gc2_on = uop.cmplt %gc2_z, %c2 : tensor<4x32x13x13xf32>
  %gc2 = uop.where %gc2_on, %one, %gc2_z : tensor<4x32x13x13xf32>
  %gw2_win = uop.window %h1 axes [2, 3] sizes [2, 2]
     : tensor<4x16x14x14xf32> -> tensor<4x16x13x13x2x2xf32>
  %gw2_x_r = uop.reshape %gw2_win : tensor<4x16x13x13x2x2xf32> -> tensor<4x1x16x13x13x2x2xf32>
  %gw2_x_e = uop.expand %gw2_x_r : tensor<4x1x16x13x13x2x2xf32> -> tensor<4x32x16x13x13x2x2xf32>
  %gw2_g_r = uop.reshape %gc2 : tensor<4x32x13x13xf32> -> tensor<4x32x1x13x13x1x1xf32>
  %gw2_g_e = uop.expand %gw2_g_r : tensor<4x32x1x13x13x1x1xf32> -> tensor<4x32x16x13x13x2x2xf32>
  %gw2_p = uop.mul %gw2_x_e, %gw2_g_e : tensor<4x32x16x13x13x2x2xf32>
  %gw2 = uop.reduce add %gw2_p axes [0, 3, 4]
     : (tensor<4x32x16x13x13x2x2xf32>) -> tensor<32x16x2x2xf32>
  %new_w2_lr_r = uop.reshape %lr : tensor<f32> -> tensor<1x1x1x1xf32>
  %new_w2_lr_e = uop.expand %new_w2_lr_r : tensor<1x1x1x1xf32> -> tensor<32x16x2x2xf32>
  %new_w2_d = uop.mul %new_w2_lr_e, %gw2 : tensor<32x16x2x2xf32>
  %new_w2_v = uop.sub %w2, %new_w2_d : tensor<32x16x2x2xf32>
  %new_w2 = uop.assign %w2, %new_w2_v : tensor<32x16x2x2xf32>, tensor<32x16x2x2xf32>
  %gx2_g_r = uop.reshape %gc2 : tensor<4x32x13x13xf32> -> tensor<4x32x1x13x13x1x1xf32>
  %gx2_g_e = uop.expand %gx2_g_r : tensor<4x32x1x13x13x1x1xf32> -> tensor<4x32x16x13x13x2x2xf32>
  %gx2_w_r = uop.reshape %w2 : tensor<32x16x2x2xf32> -> tensor<1x32x16x1x1x2x2xf32>
  %gx2_w_e = uop.expand %gx2_w_r : tensor<1x32x16x1x1x2x2xf32> -> tensor<4x32x16x13x13x2x2xf32>
  %gx2_p = uop.mul %gx2_g_e, %gx2_w_e : tensor<4x32x16x13x13x2x2xf32>
  %gx2_taps = uop.reduce add %gx2_p axes [1]
     : (tensor<4x32x16x13x13x2x2xf32>) -> tensor<4x16x13x13x2x2xf32>
  %gx2 = uop.unwindow %gx2_taps axes [2, 3] : tensor<4x16x13x13x2x2xf32> -> tensor<4x16x14x14xf32>
  // Gradients of convolution 1, and its step.
  %gc1_z = uop.const dense<0.0> : tensor<4x16x14x14xf32>
  %gc1_on = uop.cmplt %gc1_z, %c1 : tensor<4x16x14x14xf32>
  %gc1 = uop.where %gc1_on, %gx2, %gc1_z : tensor<4x16x14x14xf32>
  %gw1_win = uop.window %x axes [2, 3] sizes [3, 3]
     : tensor<4x3x16x16xf32> -> tensor<4x3x14x14x3x3xf32>
  %gw1_x_r = uop.reshape %gw1_win : tensor<4x3x14x14x3x3xf32> -> tensor<4x1x3x14x14x3x3xf32>
  %gw1_x_e = uop.expand %gw1_x_r : tensor<4x1x3x14x14x3x3xf32> -> tensor<4x16x3x14x14x3x3xf32>
  %gw1_g_r = uop.reshape %gc1 : tensor<4x16x14x14xf32> -> tensor<4x16x1x14x14x1x1xf32>
  %gw1_g_e = uop.expand %gw1_g_r : tensor<4x16x1x14x14x1x1xf32> -> tensor<4x16x3x14x14x3x3xf32>
  %gw1_p = uop.mul %gw1_x_e, %gw1_g_e : tensor<4x16x3x14x14x3x3xf32>
  %gw1 = uop.reduce add %gw1_p axes [0, 3, 4]
     : (tensor<4x16x3x14x14x3x3xf32>) -> tensor<16x3x3x3xf32>
  %new_w1_lr_r = uop.reshape %lr : tensor<f32> -> tensor<1x1x1x1xf32>
  %new_w1_lr_e = uop.expand %new_w1_lr_r : tensor<1x1x1x1xf32> -> tensor<16x3x3x3xf32>
  %new_w1_d = uop.mul %new_w1_lr_e, %gw1 : tensor<16x3x3x3xf32>
  %new_w1_v = uop.sub %w1, %new_w1_d : tensor<16x3x3x3xf32>
  %new_w1 = uop.assign %w1, %new_w1_v : tensor<16x3x3x3xf32>, tensor<16x3x3x3xf32>
  return %new_w2, %new_w1 : tensor<32x16x2x2xf32>, tensor<16x3x3x3xf32>
}
