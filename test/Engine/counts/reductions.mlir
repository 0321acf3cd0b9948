// Reductions with what stands before and after them.
// Kernels with the default strategy and with `aggressive`; docs/kernel-counts.md has the table.

// RUN: split-file %s %t
// RUN: tg-opt %t/sum-max.mlir --tg-pipeline | FileCheck %s --check-prefix=KERNELS-1
// RUN: tg-opt %t/sum-max.mlir --tg-pipeline=fusion=aggressive \
// RUN:   | FileCheck %s --check-prefix=KERNELS-1
// RUN: tg-run %t/sum-max.mlir --random-inputs=1 --verify | FileCheck %s --check-prefix=RESULT
// RUN: tg-opt %t/two-products.mlir --tg-pipeline | FileCheck %s --check-prefix=KERNELS-1
// RUN: tg-opt %t/two-products.mlir --tg-pipeline=fusion=aggressive \
// RUN:   | FileCheck %s --check-prefix=KERNELS-1
// RUN: tg-run %t/two-products.mlir --random-inputs=1 --verify | FileCheck %s --check-prefix=RESULT
// RUN: tg-opt %t/std.mlir --tg-pipeline | FileCheck %s --check-prefix=KERNELS-1
// RUN: tg-opt %t/std.mlir --tg-pipeline=fusion=aggressive | FileCheck %s --check-prefix=KERNELS-1
// RUN: tg-run %t/std.mlir --random-inputs=1 --verify | FileCheck %s --check-prefix=RESULT
// RUN: tg-opt %t/argmax.mlir --tg-pipeline | FileCheck %s --check-prefix=KERNELS-1
// RUN: tg-opt %t/argmax.mlir --tg-pipeline=fusion=aggressive \
// RUN:   | FileCheck %s --check-prefix=KERNELS-1
// RUN: tg-run %t/argmax.mlir --random-inputs=1 --verify | FileCheck %s --check-prefix=RESULT

// KERNELS-1-COUNT-1: uop.kernel
// KERNELS-1-NOT: uop.kernel
// RESULT: : ok

//--- sum-max.mlir
// x.sum(-1) + y.max(-1), of different lengths.
func.func @main(%x: tensor<64x1024xf32> {tg.name = "x"}, %y: tensor<64x768xf32> {tg.name = "y"})
    -> (tensor<64xf32> {tg.name = "z"}) {
  %sum = uop.reduce add %x axes [1] : (tensor<64x1024xf32>) -> tensor<64xf32>
  %max = uop.reduce max %y axes [1] : (tensor<64x768xf32>) -> tensor<64xf32>
  %z = uop.add %sum, %max : tensor<64xf32>
  return %z : tensor<64xf32>
}

//--- two-products.mlir
// a @ b + c @ d, of different depths.
func.func @main(%a: tensor<64x128xf32> {tg.name = "a"}, %b: tensor<128x96xf32> {tg.name = "b"},
                %c: tensor<64x80xf32> {tg.name = "c"}, %d: tensor<80x96xf32> {tg.name = "d"})
    -> (tensor<64x96xf32> {tg.name = "y"}) {
  %a_r = uop.reshape %a : tensor<64x128xf32> -> tensor<64x128x1xf32>
  %a_e = uop.expand %a_r : tensor<64x128x1xf32> -> tensor<64x128x96xf32>
  %b_r = uop.reshape %b : tensor<128x96xf32> -> tensor<1x128x96xf32>
  %b_e = uop.expand %b_r : tensor<1x128x96xf32> -> tensor<64x128x96xf32>
  %ab_p = uop.mul %a_e, %b_e : tensor<64x128x96xf32>
  %ab = uop.reduce add %ab_p axes [1] : (tensor<64x128x96xf32>) -> tensor<64x96xf32>
  %c_r = uop.reshape %c : tensor<64x80xf32> -> tensor<64x80x1xf32>
  %c_e = uop.expand %c_r : tensor<64x80x1xf32> -> tensor<64x80x96xf32>
  %d_r = uop.reshape %d : tensor<80x96xf32> -> tensor<1x80x96xf32>
  %d_e = uop.expand %d_r : tensor<1x80x96xf32> -> tensor<64x80x96xf32>
  %cd_p = uop.mul %c_e, %d_e : tensor<64x80x96xf32>
  %cd = uop.reduce add %cd_p axes [1] : (tensor<64x80x96xf32>) -> tensor<64x96xf32>
  %y = uop.add %ab, %cd : tensor<64x96xf32>
  return %y : tensor<64x96xf32>
}

//--- std.mlir
// The standard deviation of every row, with n - 1.
func.func @main(%x: tensor<64x1024xf32> {tg.name = "x"})
    -> (tensor<64xf32> {tg.name = "y"}) {
  %inv_n = uop.const dense<9.765625e-04> : tensor<64xf32>
  %sum = uop.reduce add %x axes [1] : (tensor<64x1024xf32>) -> tensor<64xf32>
  %mean = uop.mul %sum, %inv_n : tensor<64xf32>
  %mean_r = uop.reshape %mean : tensor<64xf32> -> tensor<64x1xf32>
  %mean_e = uop.expand %mean_r : tensor<64x1xf32> -> tensor<64x1024xf32>
  %d = uop.sub %x, %mean_e : tensor<64x1024xf32>
  %dd = uop.mul %d, %d : tensor<64x1024xf32>
  %ss = uop.reduce add %dd axes [1] : (tensor<64x1024xf32>) -> tensor<64xf32>
  %n1 = uop.const dense<1023.0> : tensor<64xf32>
  %var = uop.fdiv %ss, %n1 : tensor<64xf32>
  %y = uop.sqrt %var : tensor<64xf32>
  return %y : tensor<64xf32>
}

//--- argmax.mlir
// The first index of the largest element of every row: the maximum, then the index.
func.func @main(%x: tensor<64x1024xf32> {tg.name = "x"})
    -> (tensor<64xi32> {tg.name = "y"}) {
  %max = uop.reduce max %x axes [1] : (tensor<64x1024xf32>) -> tensor<64xf32>
  %max_r = uop.reshape %max : tensor<64xf32> -> tensor<64x1xf32>
  %max_e = uop.expand %max_r : tensor<64x1xf32> -> tensor<64x1024xf32>
  %is_max = uop.cmpeq %x, %max_e : tensor<64x1024xf32>
  %n = uop.const dense<1024> : tensor<64x1024xi32>
  %i = uop.iota axis 1 : tensor<64x1024xi32>
  %back = uop.sub %n, %i : tensor<64x1024xi32>
  %zero = uop.const dense<0> : tensor<64x1024xi32>
  %seen = uop.where %is_max, %back, %zero : tensor<64x1024xi32>
  %best = uop.reduce max %seen axes [1] : (tensor<64x1024xi32>) -> tensor<64xi32>
  %count = uop.const dense<1024> : tensor<64xi32>
  %y = uop.sub %count, %best : tensor<64xi32>
  return %y : tensor<64xi32>
}
