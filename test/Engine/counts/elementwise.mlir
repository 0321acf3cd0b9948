// Elementwise graphs, and a view.
// Kernels with the default strategy and with `aggressive`; docs/kernel-counts.md has the table.

// RUN: split-file %s %t
// RUN: tg-opt %t/add-chain.mlir --tg-pipeline | FileCheck %s --check-prefix=KERNELS-1
// RUN: tg-opt %t/add-chain.mlir --tg-pipeline=fusion=aggressive \
// RUN:   | FileCheck %s --check-prefix=KERNELS-1
// RUN: tg-run %t/add-chain.mlir --random-inputs=1 --verify | FileCheck %s --check-prefix=RESULT
// RUN: tg-opt %t/two-sums.mlir --tg-pipeline | FileCheck %s --check-prefix=KERNELS-1
// RUN: tg-opt %t/two-sums.mlir --tg-pipeline=fusion=aggressive \
// RUN:   | FileCheck %s --check-prefix=KERNELS-1
// RUN: tg-run %t/two-sums.mlir --random-inputs=1 --verify | FileCheck %s --check-prefix=RESULT
// RUN: tg-opt %t/shrink.mlir --tg-pipeline | FileCheck %s --check-prefix=KERNELS-0
// RUN: tg-opt %t/shrink.mlir --tg-pipeline=fusion=aggressive \
// RUN:   | FileCheck %s --check-prefix=KERNELS-0
// RUN: tg-run %t/shrink.mlir --random-inputs=1 --verify | FileCheck %s --check-prefix=RESULT

// KERNELS-0-NOT: uop.kernel
// KERNELS-1-COUNT-1: uop.kernel
// KERNELS-1-NOT: uop.kernel
// RESULT: : ok

//--- add-chain.mlir
// a + b + c.
func.func @main(%a: tensor<128x1024xf32> {tg.name = "a"},
                %b: tensor<128x1024xf32> {tg.name = "b"}, %c: tensor<128x1024xf32> {tg.name = "c"})
    -> (tensor<128x1024xf32> {tg.name = "y"}) {
  %ab = uop.add %a, %b : tensor<128x1024xf32>
  %y = uop.add %ab, %c : tensor<128x1024xf32>
  return %y : tensor<128x1024xf32>
}

//--- two-sums.mlir
// [a + b + c, a + b + d]: one nest with two results.
func.func @main(%a: tensor<128x1024xf32> {tg.name = "a"},
                %b: tensor<128x1024xf32> {tg.name = "b"},
                %c: tensor<128x1024xf32> {tg.name = "c"}, %d: tensor<128x1024xf32> {tg.name = "d"})
    -> (tensor<128x1024xf32> {tg.name = "y"}, tensor<128x1024xf32> {tg.name = "z"}) {
  %ab = uop.add %a, %b : tensor<128x1024xf32>
  %y = uop.add %ab, %c : tensor<128x1024xf32>
  %z = uop.add %ab, %d : tensor<128x1024xf32>
  return %y, %z : tensor<128x1024xf32>, tensor<128x1024xf32>
}

//--- shrink.mlir
// A contiguous part of a buffer, asked for as it is.
func.func @main(%x: tensor<128x1024xf32> {tg.name = "x"})
    -> (tensor<64x1024xf32> {tg.name = "y"}) {
  %rows = uop.shrink %x offsets [16, 0] sizes [64, 1024]
     : tensor<128x1024xf32> -> tensor<64x1024xf32>
  %y = uop.contiguous %rows : tensor<64x1024xf32>
  return %y : tensor<64x1024xf32>
}
