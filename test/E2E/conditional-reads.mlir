// What a consumer reads only for some values of the variables, or at one index of a shape in which
// another part is read, is not stored where the consumer reads it.

// RUN: tg-run %s --input=x=1,2,3,4 --input=i=0 --dim=N=0 --verify | FileCheck %s --check-prefixes=CHECK,NONE
// RUN: tg-run %s --input=x=1,2,3,4 --input=i=0 --dim=N=2 --verify | FileCheck %s --check-prefixes=CHECK,SOME
// RUN: tg-run %s --input=x=1,2,3,4 --input=i=0 --dim=N=3 --fusion=aggressive --verify | FileCheck %s --check-prefixes=CHECK,NONE

// CHECK: all: tensor<1x4xf32> = [-1, -2, -3, -4]
// NONE: part: tensor<1x4xf32> = [0, 0, 0, 0]
// SOME: part: tensor<1x4xf32> = [-1, -2, -3, -4]
// CHECK: flag: tensor<1xi1> = [1]
// CHECK: none: tensor<i1> = [0]
// CHECK: left: tensor<1x4xf32> = [1, 1.41421, 1.73205, 2]
// CHECK: right: tensor<1x4xf32> = [-1, -2, -3, -4]

uop.var @N in [0, 8]
func.func @main(%x: tensor<1x4xf32> {tg.name = "x"}, %i: tensor<i32> {tg.name = "i"})
    -> (tensor<1x4xf32> {tg.name = "all"}, tensor<1x4xf32> {tg.name = "part"}, tensor<1xi1> {tg.name = "flag"},
        tensor<i1> {tg.name = "none"}, tensor<1x4xf32> {tg.name = "left"}, tensor<1x4xf32> {tg.name = "right"}) {
  %zero = uop.const dense<0.0> : tensor<f32>
  %0 = uop.neg %x : tensor<1x4xf32>
  %1 = uop.pad %0, %zero low [N, 0] high [3, 0] interior [0, 0]
     : tensor<1x4xf32> -> tensor<?x4xf32, #uop.dims<N + 4, 4>>
  %2 = uop.shrink %1 offsets [2, 0] sizes [1, 4] : tensor<?x4xf32, #uop.dims<N + 4, 4>> -> tensor<1x4xf32>

  // Of a shape without elements the border alone is read.
  %row = uop.shrink %x offsets [0, 0] sizes [1, 1] : tensor<1x4xf32> -> tensor<1x1xf32>
  %one = uop.reshape %row : tensor<1x1xf32> -> tensor<1xf32>
  %3 = uop.cast %one : tensor<1xf32> -> tensor<1xi1>
  %4 = uop.shrink %3 offsets [1] sizes [0] strides [3] : tensor<1xi1> -> tensor<0xi1>
  %false = uop.const dense<false> : tensor<i1>
  %5 = uop.pad %4, %false low [1] high [0] interior [0] : tensor<0xi1> -> tensor<1xi1>
  %6 = uop.gather %5, %i axis 0 : (tensor<1xi1>, tensor<i32>) -> tensor<i1>

  // One operand of a concat is read, the other is a result.
  %7 = uop.sqrt %x : tensor<1x4xf32>
  %8 = uop.concat %7, %0 axis 0 : tensor<1x4xf32>, tensor<1x4xf32> -> tensor<2x4xf32>
  %9 = uop.shrink %8 offsets [1, 0] sizes [1, 4] : tensor<2x4xf32> -> tensor<1x4xf32>
  return %0, %2, %3, %6, %7, %9 : tensor<1x4xf32>, tensor<1x4xf32>, tensor<1xi1>, tensor<i1>, tensor<1x4xf32>, tensor<1x4xf32>
}
