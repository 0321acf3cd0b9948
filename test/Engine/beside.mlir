// RUN: tg-opt %s --split-input-file --tg-form-kernels | FileCheck %s
// RUN: tg-opt %s --split-input-file --tg-form-kernels --remarks-filter=tg-fusion --remark-policy=all -o /dev/null 2>&1 \
// RUN:   | FileCheck %s --check-prefix=WHY
// RUN: tg-opt %s --split-input-file --tg-pipeline | FileCheck %s --check-prefix=NESTS

// Two products that read one matrix: their register tiles do not fit one nest, but one launch.
// CHECK-LABEL: @products
// CHECK: uop.kernel {{.*}} -> tensor<8x8xf32>, tensor<8x8xf32> {
// CHECK-NOT: uop.kernel
// WHY: remark: [Passed] MergeBeside
// NESTS-LABEL: @products
// NESTS: uop.kernel
func.func @products(%x: tensor<8x16xf32>, %a: tensor<8x16xf32>, %b: tensor<8x16xf32>)
    -> (tensor<8x8xf32>, tensor<8x8xf32>) {
  %0 = uop.reshape %x : tensor<8x16xf32> -> tensor<1x8x16xf32>
  %1 = uop.expand %0 : tensor<1x8x16xf32> -> tensor<8x8x16xf32>
  %2 = uop.reshape %a : tensor<8x16xf32> -> tensor<8x1x16xf32>
  %3 = uop.expand %2 : tensor<8x1x16xf32> -> tensor<8x8x16xf32>
  %4 = uop.mul %1, %3 : tensor<8x8x16xf32>
  %5 = uop.reduce add %4 axes [2] : (tensor<8x8x16xf32>) -> tensor<8x8xf32>
  %6 = uop.reshape %b : tensor<8x16xf32> -> tensor<8x1x16xf32>
  %7 = uop.expand %6 : tensor<8x1x16xf32> -> tensor<8x8x16xf32>
  %8 = uop.mul %1, %7 : tensor<8x8x16xf32>
  %9 = uop.reduce add %8 axes [2] : (tensor<8x8x16xf32>) -> tensor<8x8xf32>
  return %5, %9 : tensor<8x8xf32>, tensor<8x8xf32>
}

// -----

// The second needs what a kernel in between makes of the first: no launch can hold both.
// CHECK-LABEL: @dependent
// CHECK: uop.kernel {{.*}} -> tensor<64x16xf32>
// CHECK: uop.kernel {{.*}} -> tensor<64x16xf32>
func.func @dependent(%x: tensor<64x16xf32>) -> (tensor<64x16xf32>, tensor<64x16xf32>) {
  %0 = uop.scan add %x axis 0 : (tensor<64x16xf32>) -> tensor<64x16xf32>
  %1 = uop.scan add %0 axis 0 : (tensor<64x16xf32>) -> tensor<64x16xf32>
  %2 = uop.add %1, %x : tensor<64x16xf32>
  return %0, %2 : tensor<64x16xf32>, tensor<64x16xf32>
}
