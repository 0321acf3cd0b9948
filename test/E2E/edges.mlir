// Rank 0, empty tensors, and a result that is an argument.

// RUN: tg-run %s --device=cpu --input=s=3 --input=e=1 --verify | FileCheck %s --check-prefixes=CHECK,VERIFY
// RUN: tg-run %s --device=interp --input=s=3 --input=e=1 | FileCheck %s

// CHECK: scalar: tensor<f32> = [9
// CHECK: none: tensor<0x3xf32> = []
// CHECK: sums: tensor<3xf32> = [0{{(\.00)?}}, 0{{(\.00)?}}, 0
// CHECK: greatest: tensor<3xf32> = [-{{inf|INF}}, -{{inf|INF}}, -{{inf|INF}}]
// CHECK: padded: tensor<2x3xf32> = [3{{(\.00)?}}, 3
// CHECK: same: tensor<f32> = [3
// VERIFY-COUNT-6: : ok

func.func @main(%s: tensor<f32> {tg.name = "s"}, %e: tensor<0x3xf32> {tg.name = "e"})
    -> (tensor<f32> {tg.name = "scalar"}, tensor<0x3xf32> {tg.name = "none"},
        tensor<3xf32> {tg.name = "sums"}, tensor<3xf32> {tg.name = "greatest"},
        tensor<2x3xf32> {tg.name = "padded"}, tensor<f32> {tg.name = "same"}) {
  %0 = uop.mul %s, %s : tensor<f32>
  %1 = uop.neg %e : tensor<0x3xf32>
  %2 = uop.reduce add %e axes [0] : (tensor<0x3xf32>) -> tensor<3xf32>
  %3 = uop.reduce max %e axes [0] : (tensor<0x3xf32>) -> tensor<3xf32>
  %4 = uop.pad %e, %s low [1, 0] high [1, 0] : tensor<0x3xf32> -> tensor<2x3xf32>
  return %0, %1, %2, %3, %4, %s
    : tensor<f32>, tensor<0x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<2x3xf32>, tensor<f32>
}
