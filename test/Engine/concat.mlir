// RUN: tg-opt %s --split-input-file --tg-form-kernels | FileCheck %s
// RUN: tg-opt %s --split-input-file --tg-form-kernels=strategy=conservative | FileCheck %s --check-prefix=APART

// Products that only a concatenation reads are computed where they belong, in loops of their own.
// CHECK-LABEL: @parts
// CHECK: uop.kernel
// CHECK: %[[A:.*]] = uop.reduce
// CHECK: %[[B:.*]] = uop.reduce
// CHECK: %[[C:.*]] = uop.neg %[[B]]
// CHECK: uop.concat %[[A]], %[[C]] axis 0
// CHECK-NOT: uop.kernel
// APART-LABEL: @parts
// APART: uop.kernel
// APART: uop.kernel
// APART: uop.kernel
// APART: uop.concat
func.func @parts(%x: tensor<8x16xf32>, %a: tensor<8x16xf32>, %b: tensor<4x16xf32>) -> tensor<12x8xf32> {
  %0 = uop.reshape %x : tensor<8x16xf32> -> tensor<1x8x16xf32>
  %1 = uop.expand %0 : tensor<1x8x16xf32> -> tensor<8x8x16xf32>
  %2 = uop.reshape %a : tensor<8x16xf32> -> tensor<8x1x16xf32>
  %3 = uop.expand %2 : tensor<8x1x16xf32> -> tensor<8x8x16xf32>
  %4 = uop.mul %1, %3 : tensor<8x8x16xf32>
  %5 = uop.reduce add %4 axes [2] : (tensor<8x8x16xf32>) -> tensor<8x8xf32>
  %6 = uop.expand %0 : tensor<1x8x16xf32> -> tensor<4x8x16xf32>
  %7 = uop.reshape %b : tensor<4x16xf32> -> tensor<4x1x16xf32>
  %8 = uop.expand %7 : tensor<4x1x16xf32> -> tensor<4x8x16xf32>
  %9 = uop.mul %6, %8 : tensor<4x8x16xf32>
  %10 = uop.reduce add %9 axes [2] : (tensor<4x8x16xf32>) -> tensor<4x8xf32>
  %11 = uop.neg %10 : tensor<4x8xf32>
  %12 = uop.concat %5, %11 axis 0 : tensor<8x8xf32>, tensor<4x8xf32> -> tensor<12x8xf32>
  return %12 : tensor<12x8xf32>
}

// -----

// What something else reads, too, is copied.
// CHECK-LABEL: @shared
// CHECK: uop.kernel
// CHECK: uop.kernel
// CHECK: uop.concat
func.func @shared(%x: tensor<64x64xf32>, %y: tensor<32xf32>) -> (tensor<96xf32>, tensor<64xf32>) {
  %0 = uop.reduce add %x axes [1] : (tensor<64x64xf32>) -> tensor<64xf32>
  %1 = uop.concat %0, %y axis 0 : tensor<64xf32>, tensor<32xf32> -> tensor<96xf32>
  return %1, %0 : tensor<96xf32>, tensor<64xf32>
}

// -----

// Elementwise operations on both sides of a concatenation are one kernel with it.
// CHECK-LABEL: @elementwise
// CHECK: uop.kernel
// CHECK-NOT: uop.kernel
// CHECK: uop.neg
// CHECK: uop.concat
// CHECK: uop.mul
func.func @elementwise(%x: tensor<4x8xf32>, %y: tensor<4x16xf32>) -> tensor<4x16xf32> {
  %0 = uop.neg %x : tensor<4x8xf32>
  %1 = uop.concat %0, %x axis 1 : tensor<4x8xf32>, tensor<4x8xf32> -> tensor<4x16xf32>
  %2 = uop.mul %1, %y : tensor<4x16xf32>
  return %2 : tensor<4x16xf32>
}
