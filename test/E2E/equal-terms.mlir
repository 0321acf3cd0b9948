// A sum of equal terms, taken one after the other, is rounded the same way each time: --verify allows for
// that.

// RUN: tg-run %s --input=x=2.5025 --verify | FileCheck %s
// RUN: tg-run %s --input=x=1.7 --verify | FileCheck %s
// RUN: tg-run %s --input=x=0.1 --verify | FileCheck %s
// CHECK: verify sum: ok
// CHECK: verify squares: ok

func.func @main(%x: tensor<1x1xf32> {tg.name = "x"}) 
    -> (tensor<f32> {tg.name = "sum"}, tensor<f32> {tg.name = "squares"}) {
  %e = uop.expand %x : tensor<1x1xf32> -> tensor<33x33xf32>
  %s = uop.reduce add %e axes [0, 1] : (tensor<33x33xf32>) -> tensor<f32>
  %m = uop.mul %e, %e : tensor<33x33xf32>
  %q = uop.reduce add %m axes [0, 1] : (tensor<33x33xf32>) -> tensor<f32>
  return %s, %q : tensor<f32>, tensor<f32>
}
