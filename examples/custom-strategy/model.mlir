// Softmax of squares.
func.func @main(%x: tensor<64x128xf32> {tg.name = "x"}) -> (tensor<64x128xf32> {tg.name = "y"}) {
  %two = uop.const dense<2.0> : tensor<64x128xf32>
  %sq = uop.pow %x, %two : tensor<64x128xf32>
  %m = uop.reduce max %sq axes [1] : (tensor<64x128xf32>) -> tensor<64xf32>
  %m1 = uop.reshape %m : tensor<64xf32> -> tensor<64x1xf32>
  %m2 = uop.expand %m1 : tensor<64x1xf32> -> tensor<64x128xf32>
  %d = uop.sub %sq, %m2 : tensor<64x128xf32>
  %e = uop.exp2 %d : tensor<64x128xf32>
  %s = uop.reduce add %e axes [1] : (tensor<64x128xf32>) -> tensor<64xf32>
  %s1 = uop.reshape %s : tensor<64xf32> -> tensor<64x1xf32>
  %s2 = uop.expand %s1 : tensor<64x1xf32> -> tensor<64x128xf32>
  %y = uop.fdiv %e, %s2 : tensor<64x128xf32>
  return %y : tensor<64x128xf32>
}
