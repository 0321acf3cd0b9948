// Vectors of the copy are wider than its block, and so than the zeros behind the last one.
func.func @main(%a: tensor<10x24xf32>, %b: tensor<24x70xf32>) -> tensor<10x70xf32> {
  %0 = uop.kernel ins(%a, %b : tensor<10x24xf32>, tensor<24x70xf32>) schedule <[
      split(d1, 4), split(r0, 8), reorder(r0.o, d1.i), stage(in1, r0.o, r0.i, d1.i), pad(d1.i), vectorize(in1.d1.i, 64)]>
      -> tensor<10x70xf32> {
  ^bb0(%x: tensor<10x24xf32>, %y: tensor<24x70xf32>):
    %1 = uop.reshape %x : tensor<10x24xf32> -> tensor<10x24x1xf32>
    %2 = uop.expand %1 : tensor<10x24x1xf32> -> tensor<10x24x70xf32>
    %3 = uop.reshape %y : tensor<24x70xf32> -> tensor<1x24x70xf32>
    %4 = uop.expand %3 : tensor<1x24x70xf32> -> tensor<10x24x70xf32>
    %5 = uop.mul %2, %4 : tensor<10x24x70xf32>
    %6 = uop.reduce add %5 axes [1] : (tensor<10x24x70xf32>) -> tensor<10x70xf32>
    uop.yield %6 : tensor<10x70xf32>
  }
  return %0 : tensor<10x70xf32>
}
