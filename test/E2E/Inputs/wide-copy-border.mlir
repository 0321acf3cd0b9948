// The same of a convolution with a border.
func.func @main(%a: tensor<3x9x11xf32>, %b: tensor<5x3x3x3xf32>) -> tensor<5x9x11xf32> {
  %0 = uop.kernel ins(%a, %b : tensor<3x9x11xf32>, tensor<5x3x3x3xf32>) schedule <[split(d1,4), split(d2,4), reorder(d1.o,d2.o,d0,d1.i,d2.i), reorder(r0,d0,d1.i,d2.i), stage(in0,r0,r1,r2,d1.i,d2.i), stage(in1,d2.o,d0,r0,r1,r2), pad(d2.i), pad(d1.i), unroll(in0.d1.i,4), vectorize(in0.d2.i,8), unroll(d1.i,4), vectorize(d2.i,4)]> -> tensor<5x9x11xf32> {
  ^bb0(%x: tensor<3x9x11xf32>, %w: tensor<5x3x3x3xf32>):
    %z = uop.const dense<0.0> : tensor<f32>
    %p = uop.pad %x, %z low [0,1,1] high [0,1,1] : tensor<3x9x11xf32> -> tensor<3x11x13xf32>
    %win = uop.window %p axes [1,2] sizes [3,3] strides [1,1] dilations [1,1] : tensor<3x11x13xf32> -> tensor<3x9x11x3x3xf32>
    %t = uop.permute %win [1,2,0,3,4] : tensor<3x9x11x3x3xf32> -> tensor<9x11x3x3x3xf32>
    %t1 = uop.reshape %t : tensor<9x11x3x3x3xf32> -> tensor<1x9x11x3x3x3xf32>
    %t2 = uop.expand %t1 : tensor<1x9x11x3x3x3xf32> -> tensor<5x9x11x3x3x3xf32>
    %w1 = uop.reshape %w : tensor<5x3x3x3xf32> -> tensor<5x1x1x3x3x3xf32>
    %w2 = uop.expand %w1 : tensor<5x1x1x3x3x3xf32> -> tensor<5x9x11x3x3x3xf32>
    %m = uop.mul %t2, %w2 : tensor<5x9x11x3x3x3xf32>
    %r = uop.reduce add %m axes [3,4,5] : (tensor<5x9x11x3x3x3xf32>) -> tensor<5x9x11xf32>
    uop.yield %r : tensor<5x9x11xf32>
  }
  return %0 : tensor<5x9x11xf32>
}
