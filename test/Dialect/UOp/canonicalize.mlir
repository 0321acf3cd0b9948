// RUN: tg-opt %s -canonicalize | FileCheck %s

// Folds that need no algebra; the rest is tg-simplify's.

uop.var @N in [1, 100]

// CHECK-LABEL: @in_place
// CHECK-SAME: (%[[X:.*]]: tensor<2x1x3xf32>, %[[V:.*]]: tensor<f32>)
// CHECK-NEXT: return %[[X]] : tensor<2x1x3xf32>
func.func @in_place(%x: tensor<2x1x3xf32>, %v: tensor<f32>) -> tensor<2x1x3xf32> {
  %0 = uop.reshape %x : tensor<2x1x3xf32> -> tensor<2x1x3xf32>
  %1 = uop.expand %0 : tensor<2x1x3xf32> -> tensor<2x1x3xf32>
  %2 = uop.permute %1 [0, 1, 2] : tensor<2x1x3xf32> -> tensor<2x1x3xf32>
  %3 = uop.flip %2 [1] : tensor<2x1x3xf32> -> tensor<2x1x3xf32>
  %4 = uop.flip %3 [] : tensor<2x1x3xf32> -> tensor<2x1x3xf32>
  %5 = uop.shrink %4 offsets [0, 0, 0] sizes [2, 1, 3] strides [1, 4, 1]
     : tensor<2x1x3xf32> -> tensor<2x1x3xf32>
  %6 = uop.pad %5, %v low [0, 0, 0] high [0, 0, 0] interior [0, 3, 0]
     : tensor<2x1x3xf32> -> tensor<2x1x3xf32>
  %7 = uop.window %6 axes [] sizes [] : tensor<2x1x3xf32> -> tensor<2x1x3xf32>
  %8 = uop.concat %7 axis 1 : tensor<2x1x3xf32> -> tensor<2x1x3xf32>
  %9 = uop.assign %x, %8 : tensor<2x1x3xf32>, tensor<2x1x3xf32>
  %10 = uop.reduce add %9 axes [] : (tensor<2x1x3xf32>) -> tensor<2x1x3xf32>
  return %10 : tensor<2x1x3xf32>
}

// Not in place: the permutation, the flip and the gap move elements though the type stays.
// CHECK-LABEL: @same_type
// CHECK: uop.permute
// CHECK: uop.flip
// CHECK: return
func.func @same_type(%x: tensor<3x3xf32>) -> tensor<3x3xf32> {
  %0 = uop.permute %x [1, 0] : tensor<3x3xf32> -> tensor<3x3xf32>
  %1 = uop.flip %0 [0] : tensor<3x3xf32> -> tensor<3x3xf32>
  return %1 : tensor<3x3xf32>
}

// CHECK-LABEL: @splat
// CHECK: %[[C:.*]] = uop.const dense<2.000000e+00> : tensor<4x3xf32>
// CHECK-NEXT: return %[[C]]
func.func @splat() -> tensor<4x3xf32> {
  %0 = uop.const dense<2.0> : tensor<3x1xf32>
  %1 = uop.expand %0 : tensor<3x1xf32> -> tensor<3x4xf32>
  %2 = uop.permute %1 [1, 0] : tensor<3x4xf32> -> tensor<4x3xf32>
  %3 = uop.flip %2 [0] : tensor<4x3xf32> -> tensor<4x3xf32>
  return %3 : tensor<4x3xf32>
}

// CHECK-LABEL: @symbolic_splat
// CHECK: uop.const dense<2.000000e+00> : tensor<1xf32>
// CHECK: uop.expand
func.func @symbolic_splat() -> tensor<?xf32, #uop.dims<N>> {
  %0 = uop.const dense<2.0> : tensor<1xf32>
  %1 = uop.expand %0 : tensor<1xf32> -> tensor<?xf32, #uop.dims<N>>
  return %1 : tensor<?xf32, #uop.dims<N>>
}

// CHECK-LABEL: @size
// CHECK: uop.const dense<6> : tensor<i64>
func.func @size() -> tensor<i64> {
  %0 = uop.size [2 * 3] : tensor<i64>
  return %0 : tensor<i64>
}
