// RUN: tg-opt %s --tg-kernel-to-loops --canonicalize -split-input-file | FileCheck %s

// Axes are named by the kernel's tensors: data axes from the outside in, reduction axes in the order
// of the operations. Neighbors that every index treats as one are one axis.

// CHECK-LABEL: func.func @merged(
// CHECK: affine.for %{{.*}} = 0 to 128 {
// CHECK:   affine.for %{{.*}} = 0 to 16 iter_args
// CHECK:   } {tg.axis = "r0"}
// CHECK: } {tg.axis = "d0", tg.parallel}
func.func @merged(%x: tensor<8x16x4x4xf32>) -> tensor<8x16xf32> attributes {tg.kernel} {
  %0 = uop.reduce add %x axes [2, 3] : (tensor<8x16x4x4xf32>) -> tensor<8x16xf32>
  return %0 : tensor<8x16xf32>
}

// -----

// A border keeps the axes of an image apart, and those of a window.

// CHECK-LABEL: func.func @window(
// CHECK:      } {tg.axis = "r1"}
// CHECK:      } {tg.axis = "r0"}
// CHECK:      } {tg.axis = "d2", tg.parallel}
// CHECK-NEXT: } {tg.axis = "d1", tg.parallel}
// CHECK-NEXT: } {tg.axis = "d0", tg.parallel}
func.func @window(%x: tensor<6x8x8xf32>) -> tensor<6x8x8xf32> attributes {tg.kernel} {
  %zero = uop.const dense<0.0> : tensor<f32>
  %0 = uop.pad %x, %zero low [0, 1, 1] high [0, 1, 1] : tensor<6x8x8xf32> -> tensor<6x10x10xf32>
  %1 = uop.window %0 axes [1, 2] sizes [3, 3] : tensor<6x10x10xf32> -> tensor<6x8x8x3x3xf32>
  %2 = uop.reduce max %1 axes [3, 4] : (tensor<6x8x8x3x3xf32>) -> tensor<6x8x8xf32>
  return %2 : tensor<6x8x8xf32>
}

// -----

// Two reductions of a row, then its elements. The data axis that only the elements have comes after
// that of the rows.

// CHECK-LABEL: func.func @softmax_like(
// CHECK: } {tg.axis = "r0"}
// CHECK: } {tg.axis = "r1"}
// CHECK: } {tg.axis = "d1", tg.parallel}
// CHECK: } {tg.axis = "d0", tg.parallel}
func.func @softmax_like(%x: tensor<8x64xf32>) -> tensor<8x64xf32> attributes {tg.kernel} {
  %0 = uop.reduce max %x axes [1] : (tensor<8x64xf32>) -> tensor<8xf32>
  %1 = uop.reshape %0 : tensor<8xf32> -> tensor<8x1xf32>
  %2 = uop.expand %1 : tensor<8x1xf32> -> tensor<8x64xf32>
  %3 = uop.sub %x, %2 : tensor<8x64xf32>
  %4 = uop.reduce add %3 axes [1] : (tensor<8x64xf32>) -> tensor<8xf32>
  %5 = uop.reshape %4 : tensor<8xf32> -> tensor<8x1xf32>
  %6 = uop.expand %5 : tensor<8x1xf32> -> tensor<8x64xf32>
  %7 = uop.mul %3, %6 : tensor<8x64xf32>
  return %7 : tensor<8x64xf32>
}

// -----

// The nests of several shapes; a name of the second begins with its number.

// CHECK-LABEL: func.func @nests(
// CHECK: } {tg.axis = "d0", tg.parallel}
// CHECK: } {tg.axis = "n1.r0"}
// CHECK: } {tg.axis = "n1.d0", tg.parallel}
func.func @nests(%x: tensor<7xf32>, %y: tensor<3x5xf32>) -> (tensor<7xf32>, tensor<3xf32>)
    attributes {tg.kernel} {
  %0 = uop.neg %x : tensor<7xf32>
  %1 = uop.reduce add %y axes [1] : (tensor<3x5xf32>) -> tensor<3xf32>
  return %0, %1 : tensor<7xf32>, tensor<3xf32>
}

// -----

// Loops of operations that have their own: the lines of a scan, then the steps along them.

// CHECK-LABEL: func.func @scan(
// CHECK: } {tg.axis = "r0"}
// CHECK: } {tg.axis = "d1", tg.parallel}
// CHECK: } {tg.axis = "d0", tg.parallel}
func.func @scan(%x: tensor<4x6x3xf32>) -> tensor<4x6x3xf32> attributes {tg.kernel} {
  %0 = uop.scan add %x axis 1 : (tensor<4x6x3xf32>) -> tensor<4x6x3xf32>
  return %0 : tensor<4x6x3xf32>
}

// -----

// The copy of what is updated, the updates, and the elements of each.

// CHECK-LABEL: func.func @scatter(
// CHECK: } {tg.axis = "r0"}
// CHECK: } {tg.axis = "r2"}
// CHECK: } {tg.axis = "r1"}
// CHECK: } {tg.axis = "d0", tg.parallel}
func.func @scatter(%x: tensor<8x4xf32>, %i: tensor<3xi64>, %u: tensor<3x4xf32>) -> tensor<8x4xf32>
    attributes {tg.kernel} {
  %0 = uop.scatter add %x, %i, %u axis 0
    : (tensor<8x4xf32>, tensor<3xi64>, tensor<3x4xf32>) -> tensor<8x4xf32>
  return %0 : tensor<8x4xf32>
}
