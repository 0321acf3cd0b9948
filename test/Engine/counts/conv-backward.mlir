// The mean of a convolution's ReLU, with the gradients of image and weights.
// Kernels with the default strategy and with `aggressive`; docs/kernel-counts.md has the table.

// RUN: split-file %s %t
// RUN: tg-opt %t/conv-relu-mean.mlir --tg-pipeline | FileCheck %s --check-prefix=KERNELS-3
// RUN: tg-opt %t/conv-relu-mean.mlir --tg-pipeline=fusion=aggressive \
// RUN:   | FileCheck %s --check-prefix=KERNELS-2
// RUN: tg-run %t/conv-relu-mean.mlir --random-inputs=1 --verify \
// RUN:   | FileCheck %s --check-prefix=RESULT
// RUN: tg-run %t/conv-relu-mean.mlir --random-inputs=1 --fusion=aggressive --verify \
// RUN:   | FileCheck %s --check-prefix=RESULT
// RUN: tg-opt %t/conv-relu-mean-unwindow.mlir --tg-pipeline | FileCheck %s --check-prefix=KERNELS-4
// RUN: tg-opt %t/conv-relu-mean-unwindow.mlir --tg-pipeline=fusion=aggressive \
// RUN:   | FileCheck %s --check-prefix=KERNELS-2
// RUN: tg-run %t/conv-relu-mean-unwindow.mlir --random-inputs=1 --verify \
// RUN:   | FileCheck %s --check-prefix=RESULT
// RUN: tg-run %t/conv-relu-mean-unwindow.mlir --random-inputs=1 --fusion=aggressive --verify \
// RUN:   | FileCheck %s --check-prefix=RESULT

// KERNELS-2-COUNT-2: uop.kernel
// KERNELS-2-NOT: uop.kernel
// KERNELS-3-COUNT-3: uop.kernel
// KERNELS-3-NOT: uop.kernel
// KERNELS-4-COUNT-4: uop.kernel
// KERNELS-4-NOT: uop.kernel
// RESULT: : ok

//--- conv-relu-mean.mlir
// The gradient of the image as a convolution of the padded gradient with the flipped weights.
func.func @main(%x: tensor<2x3x64x64xf32> {tg.name = "x"}, %w: tensor<16x3x3x3xf32> {tg.name = "w"})
    -> (tensor<f32> {tg.name = "mean"}, tensor<2x3x64x64xf32> {tg.name = "gx"},
        tensor<16x3x3x3xf32> {tg.name = "gw"}) {
  %conv_win = uop.window %x axes [2, 3] sizes [3, 3]
     : tensor<2x3x64x64xf32> -> tensor<2x3x62x62x3x3xf32>
  %conv_x_r = uop.reshape %conv_win : tensor<2x3x62x62x3x3xf32> -> tensor<2x1x3x62x62x3x3xf32>
  %conv_x_e = uop.expand %conv_x_r : tensor<2x1x3x62x62x3x3xf32> -> tensor<2x16x3x62x62x3x3xf32>
  %conv_w_r = uop.reshape %w : tensor<16x3x3x3xf32> -> tensor<1x16x3x1x1x3x3xf32>
  %conv_w_e = uop.expand %conv_w_r : tensor<1x16x3x1x1x3x3xf32> -> tensor<2x16x3x62x62x3x3xf32>
  %conv_p = uop.mul %conv_x_e, %conv_w_e : tensor<2x16x3x62x62x3x3xf32>
  %conv = uop.reduce add %conv_p axes [2, 5, 6]
     : (tensor<2x16x3x62x62x3x3xf32>) -> tensor<2x16x62x62xf32>
  %z = uop.const dense<0.0> : tensor<2x16x62x62xf32>
  %y = uop.max %conv, %z : tensor<2x16x62x62xf32>
  %sum = uop.reduce add %y axes [0, 1, 2, 3] : (tensor<2x16x62x62xf32>) -> tensor<f32>
  %inv_n = uop.const dense<8.129552549e-06> : tensor<f32>
  %mean = uop.mul %sum, %inv_n : tensor<f32>
  // Every element's part in the mean, where relu let it through.
  %part = uop.const dense<8.129552549e-06> : tensor<2x16x62x62xf32>
  %gc_z = uop.const dense<0.0> : tensor<2x16x62x62xf32>
  %gc_on = uop.cmplt %gc_z, %conv : tensor<2x16x62x62xf32>
  %gc = uop.where %gc_on, %part, %gc_z : tensor<2x16x62x62xf32>
  %gw_win = uop.window %x axes [2, 3] sizes [3, 3]
     : tensor<2x3x64x64xf32> -> tensor<2x3x62x62x3x3xf32>
  %gw_x_r = uop.reshape %gw_win : tensor<2x3x62x62x3x3xf32> -> tensor<2x1x3x62x62x3x3xf32>
  %gw_x_e = uop.expand %gw_x_r : tensor<2x1x3x62x62x3x3xf32> -> tensor<2x16x3x62x62x3x3xf32>
  %gw_g_r = uop.reshape %gc : tensor<2x16x62x62xf32> -> tensor<2x16x1x62x62x1x1xf32>
  %gw_g_e = uop.expand %gw_g_r : tensor<2x16x1x62x62x1x1xf32> -> tensor<2x16x3x62x62x3x3xf32>
  %gw_p = uop.mul %gw_x_e, %gw_g_e : tensor<2x16x3x62x62x3x3xf32>
  %gw = uop.reduce add %gw_p axes [0, 3, 4] : (tensor<2x16x3x62x62x3x3xf32>) -> tensor<16x3x3x3xf32>
  %zero = uop.const dense<0.0> : tensor<f32>
  %gx_pad = uop.pad %gc, %zero low [0, 0, 2, 2] high [0, 0, 2, 2]
     : tensor<2x16x62x62xf32> -> tensor<2x16x66x66xf32>
  %gx_flip = uop.flip %w [2, 3] : tensor<16x3x3x3xf32> -> tensor<16x3x3x3xf32>
  %gx_t = uop.permute %gx_flip [1, 0, 2, 3] : tensor<16x3x3x3xf32> -> tensor<3x16x3x3xf32>
  %gx_win = uop.window %gx_pad axes [2, 3] sizes [3, 3]
     : tensor<2x16x66x66xf32> -> tensor<2x16x64x64x3x3xf32>
  %gx_x_r = uop.reshape %gx_win : tensor<2x16x64x64x3x3xf32> -> tensor<2x1x16x64x64x3x3xf32>
  %gx_x_e = uop.expand %gx_x_r : tensor<2x1x16x64x64x3x3xf32> -> tensor<2x3x16x64x64x3x3xf32>
  %gx_w_r = uop.reshape %gx_t : tensor<3x16x3x3xf32> -> tensor<1x3x16x1x1x3x3xf32>
  %gx_w_e = uop.expand %gx_w_r : tensor<1x3x16x1x1x3x3xf32> -> tensor<2x3x16x64x64x3x3xf32>
  %gx_p = uop.mul %gx_x_e, %gx_w_e : tensor<2x3x16x64x64x3x3xf32>
  %gx = uop.reduce add %gx_p axes [2, 5, 6]
     : (tensor<2x3x16x64x64x3x3xf32>) -> tensor<2x3x64x64xf32>
  return %mean, %gx, %gw : tensor<f32>, tensor<2x3x64x64xf32>, tensor<16x3x3x3xf32>
}

//--- conv-relu-mean-unwindow.mlir
// The same by the adjoint of `window`.
func.func @main(%x: tensor<2x3x64x64xf32> {tg.name = "x"}, %w: tensor<16x3x3x3xf32> {tg.name = "w"})
    -> (tensor<f32> {tg.name = "mean"}, tensor<2x3x64x64xf32> {tg.name = "gx"},
        tensor<16x3x3x3xf32> {tg.name = "gw"}) {
  %conv_win = uop.window %x axes [2, 3] sizes [3, 3]
     : tensor<2x3x64x64xf32> -> tensor<2x3x62x62x3x3xf32>
  %conv_x_r = uop.reshape %conv_win : tensor<2x3x62x62x3x3xf32> -> tensor<2x1x3x62x62x3x3xf32>
  %conv_x_e = uop.expand %conv_x_r : tensor<2x1x3x62x62x3x3xf32> -> tensor<2x16x3x62x62x3x3xf32>
  %conv_w_r = uop.reshape %w : tensor<16x3x3x3xf32> -> tensor<1x16x3x1x1x3x3xf32>
  %conv_w_e = uop.expand %conv_w_r : tensor<1x16x3x1x1x3x3xf32> -> tensor<2x16x3x62x62x3x3xf32>
  %conv_p = uop.mul %conv_x_e, %conv_w_e : tensor<2x16x3x62x62x3x3xf32>
  %conv = uop.reduce add %conv_p axes [2, 5, 6]
     : (tensor<2x16x3x62x62x3x3xf32>) -> tensor<2x16x62x62xf32>
  %z = uop.const dense<0.0> : tensor<2x16x62x62xf32>
  %y = uop.max %conv, %z : tensor<2x16x62x62xf32>
  %sum = uop.reduce add %y axes [0, 1, 2, 3] : (tensor<2x16x62x62xf32>) -> tensor<f32>
  %inv_n = uop.const dense<8.129552549e-06> : tensor<f32>
  %mean = uop.mul %sum, %inv_n : tensor<f32>
  // Every element's part in the mean, where relu let it through.
  %part = uop.const dense<8.129552549e-06> : tensor<2x16x62x62xf32>
  %gc_z = uop.const dense<0.0> : tensor<2x16x62x62xf32>
  %gc_on = uop.cmplt %gc_z, %conv : tensor<2x16x62x62xf32>
  %gc = uop.where %gc_on, %part, %gc_z : tensor<2x16x62x62xf32>
  %gw_win = uop.window %x axes [2, 3] sizes [3, 3]
     : tensor<2x3x64x64xf32> -> tensor<2x3x62x62x3x3xf32>
  %gw_x_r = uop.reshape %gw_win : tensor<2x3x62x62x3x3xf32> -> tensor<2x1x3x62x62x3x3xf32>
  %gw_x_e = uop.expand %gw_x_r : tensor<2x1x3x62x62x3x3xf32> -> tensor<2x16x3x62x62x3x3xf32>
  %gw_g_r = uop.reshape %gc : tensor<2x16x62x62xf32> -> tensor<2x16x1x62x62x1x1xf32>
  %gw_g_e = uop.expand %gw_g_r : tensor<2x16x1x62x62x1x1xf32> -> tensor<2x16x3x62x62x3x3xf32>
  %gw_p = uop.mul %gw_x_e, %gw_g_e : tensor<2x16x3x62x62x3x3xf32>
  %gw = uop.reduce add %gw_p axes [0, 3, 4] : (tensor<2x16x3x62x62x3x3xf32>) -> tensor<16x3x3x3xf32>
  %gx_g_r = uop.reshape %gc : tensor<2x16x62x62xf32> -> tensor<2x16x1x62x62x1x1xf32>
  %gx_g_e = uop.expand %gx_g_r : tensor<2x16x1x62x62x1x1xf32> -> tensor<2x16x3x62x62x3x3xf32>
  %gx_w_r = uop.reshape %w : tensor<16x3x3x3xf32> -> tensor<1x16x3x1x1x3x3xf32>
  %gx_w_e = uop.expand %gx_w_r : tensor<1x16x3x1x1x3x3xf32> -> tensor<2x16x3x62x62x3x3xf32>
  %gx_p = uop.mul %gx_g_e, %gx_w_e : tensor<2x16x3x62x62x3x3xf32>
  %gx_taps = uop.reduce add %gx_p axes [1]
     : (tensor<2x16x3x62x62x3x3xf32>) -> tensor<2x3x62x62x3x3xf32>
  %gx = uop.unwindow %gx_taps axes [2, 3] : tensor<2x3x62x62x3x3xf32> -> tensor<2x3x64x64xf32>
  return %mean, %gx, %gw : tensor<f32>, tensor<2x3x64x64xf32>, tensor<16x3x3x3xf32>
}
