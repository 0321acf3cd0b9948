// A product in blocks: both operands packed, sums in a worker's memory, edges as whole tiles.
func.func @main(%a: tensor<50x90xf32>, %b: tensor<90x70xf32>) -> tensor<50x70xf32> {
  %0 = uop.kernel ins(%a, %b : tensor<50x90xf32>, tensor<90x70xf32>) schedule <[
      split(d0, 28), split(d1, 64), split(r0, 32), split(d0.i, 6), split(d1.i, 16),
      reorder(d0.o, d1.o, d1.i.o, d0.i.o, d0.i.i, d1.i.i),
      reorder(r0.o, d1.i.o, d0.i.o, d0.i.i, d1.i.i),
      stage(in1, r0.o, d1.i.o, r0.i, d1.i.i), reorder(in1.r0.i, in1.d1.i.o, in1.d1.i.i),
      stage(in0, r0.o, d0.i.o, r0.i, d0.i.i), pad(d0.i.i), pad(d1.i.i),
      unroll(d0.i.i, 6), vectorize(d1.i.i, 8), unroll(d1.i.i, 2), vectorize(in1.d1.i.i, 8)]>
      -> tensor<50x70xf32> {
  ^bb0(%x: tensor<50x90xf32>, %y: tensor<90x70xf32>):
    %1 = uop.reshape %x : tensor<50x90xf32> -> tensor<50x90x1xf32>
    %2 = uop.expand %1 : tensor<50x90x1xf32> -> tensor<50x90x70xf32>
    %3 = uop.reshape %y : tensor<90x70xf32> -> tensor<1x90x70xf32>
    %4 = uop.expand %3 : tensor<1x90x70xf32> -> tensor<50x90x70xf32>
    %5 = uop.mul %2, %4 : tensor<50x90x70xf32>
    %6 = uop.reduce add %5 axes [1] : (tensor<50x90x70xf32>) -> tensor<50x70xf32>
    uop.yield %6 : tensor<50x70xf32>
  }
  return %0 : tensor<50x70xf32>
}
