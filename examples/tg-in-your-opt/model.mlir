// For your-opt: two of three operations cancel.
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = uop.mul %x, %x : tensor<4xf32>
  %1 = uop.neg %0 : tensor<4xf32>
  %2 = uop.neg %1 : tensor<4xf32>
  return %2 : tensor<4xf32>
}
