// A padded convolution of stride 2 and a max pooling, as windows.

// RUN: tg-run %s --random-inputs=5 --verify | FileCheck %s
// RUN: tg-run %s --random-inputs=5 --verify --fusion=none --opt-level=0 | FileCheck %s
// RUN: tg-run %s --device=interp --input=x=1 --input=w=1 | FileCheck %s --check-prefix=ONES
// RUN: tg-run %s --device=cpu --input=x=1 --input=w=1 | FileCheck %s --check-prefix=ONES

// CHECK: verify y: ok
// ONES: y: tensor<1x4x2x2xf32> = [18{{(\.00)?}}, 18{{(\.00)?}}, 18{{(\.00)?}}, 18

func.func @main(%x: tensor<1x2x8x8xf32> {tg.name = "x"}, %w: tensor<4x2x3x3xf32> {tg.name = "w"})
    -> (tensor<1x4x2x2xf32> {tg.name = "y"}) {
  %zero = uop.const dense<0.0> : tensor<f32>
  %0 = uop.pad %x, %zero low [0, 0, 1, 1] high [0, 0, 1, 1] : tensor<1x2x8x8xf32> -> tensor<1x2x10x10xf32>
  %1 = uop.window %0 axes [2, 3] sizes [3, 3] strides [2, 2]
     : tensor<1x2x10x10xf32> -> tensor<1x2x4x4x3x3xf32>
  %2 = uop.reshape %1 : tensor<1x2x4x4x3x3xf32> -> tensor<1x1x2x4x4x3x3xf32>
  %3 = uop.expand %2 : tensor<1x1x2x4x4x3x3xf32> -> tensor<1x4x2x4x4x3x3xf32>
  %4 = uop.reshape %w : tensor<4x2x3x3xf32> -> tensor<1x4x2x1x1x3x3xf32>
  %5 = uop.expand %4 : tensor<1x4x2x1x1x3x3xf32> -> tensor<1x4x2x4x4x3x3xf32>
  %6 = uop.mul %3, %5 : tensor<1x4x2x4x4x3x3xf32>
  %7 = uop.reduce add %6 axes [2, 5, 6] : (tensor<1x4x2x4x4x3x3xf32>) -> tensor<1x4x4x4xf32>
  %8 = uop.window %7 axes [2, 3] sizes [2, 2] strides [2, 2] : tensor<1x4x4x4xf32> -> tensor<1x4x2x2x2x2xf32>
  %9 = uop.reduce max %8 axes [4, 5] : (tensor<1x4x2x2x2x2xf32>) -> tensor<1x4x2x2xf32>
  return %9 : tensor<1x4x2x2xf32>
}
