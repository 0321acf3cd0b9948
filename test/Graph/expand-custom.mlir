// RUN: tg-opt %s --tg-expand-custom=device=cpu | FileCheck %s --check-prefix=CPU
// RUN: tg-opt %s --tg-expand-custom=device=other | FileCheck %s --check-prefix=OTHER

func.func private @reference(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = uop.neg %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func private @fast(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = uop.neg %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}
// CPU-LABEL: @main
// CPU: call @fast(%arg0)
// OTHER-LABEL: @main
// OTHER: call @reference(%arg0)
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = uop.custom @reference(%x) bodies {cpu = @fast} : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
