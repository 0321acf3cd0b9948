func.func @main(%a: tensor<8xf32>) -> tensor<8xf32> {
  %0 = uop.kernel ins(%a : tensor<8xf32>) schedule <[unroll(d0, 2)]> -> tensor<8xf32> {
  ^bb0(%x: tensor<8xf32>):
    %1 = uop.neg %x : tensor<8xf32>
    uop.yield %1 : tensor<8xf32>
  }
  return %0 : tensor<8xf32>
}
