// RUN: tg-opt %s -tg-decompose | FileCheck %s

// The rounding operations in full.

// CHECK-LABEL: @floor
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>)
// CHECK: %[[T:.*]] = uop.trunc %[[X]]
// CHECK: %[[LESS:.*]] = uop.cmplt %[[X]], %[[T]]
// CHECK: %[[ONE:.*]] = uop.const dense<1.0
// CHECK: %[[DOWN:.*]] = uop.sub %[[T]], %[[ONE]]
// CHECK: %[[R:.*]] = uop.where %[[LESS]], %[[DOWN]], %[[T]]
// CHECK: return %[[R]]
func.func @floor(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = uop.floor %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: @ceil
// CHECK-SAME: (%[[X:.*]]: tensor<4xf64>)
// CHECK: %[[T:.*]] = uop.trunc %[[X]]
// CHECK: %[[LESS:.*]] = uop.cmplt %[[T]], %[[X]]
// CHECK: %[[ONE:.*]] = uop.const dense<1.0
// CHECK: %[[UP:.*]] = uop.add %[[T]], %[[ONE]]
// CHECK: uop.where %[[LESS]], %[[UP]], %[[T]]
func.func @ceil(%x: tensor<4xf64>) -> tensor<4xf64> {
  %0 = uop.ceil %x : tensor<4xf64>
  return %0 : tensor<4xf64>
}

// Adding 2^23 rounds to even; the sign goes back in afterwards, and large numbers stay.
// CHECK-LABEL: @round
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>)
// CHECK: %[[BOUND:.*]] = uop.const dense<0x4B000000>
// CHECK: %[[SUM:.*]] = uop.add %[[ABS:.*]], %[[BOUND]]
// CHECK: uop.sub %[[SUM]], %[[BOUND]]
// CHECK: %[[SMALL:.*]] = uop.cmplt %[[ABS]], %[[BOUND]]
// CHECK: uop.where %[[SMALL]], %{{.*}}, %[[X]]
func.func @round(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = uop.round %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// Narrower floats compute in f32 and round once.
// CHECK-LABEL: @narrow
// CHECK-SAME: (%[[X:.*]]: tensor<4xbf16>)
// CHECK: %[[WIDE:.*]] = uop.cast %[[X]] : tensor<4xbf16> -> tensor<4xf32>
// CHECK: uop.trunc %[[WIDE]] : tensor<4xf32>
// CHECK: uop.cast %{{.*}} : tensor<4xf32> -> tensor<4xbf16>
func.func @narrow(%x: tensor<4xbf16>) -> tensor<4xbf16> {
  %0 = uop.floor %x : tensor<4xbf16>
  return %0 : tensor<4xbf16>
}

// A constant of a symbolic shape is an expanded one.
uop.var @N in [1, 100]
// CHECK-LABEL: @symbolic
// CHECK: %[[ONE:.*]] = uop.const dense<1.0{{.*}}> : tensor<1x1xf32>
// CHECK: uop.expand %[[ONE]] : tensor<1x1xf32> -> tensor<?x4xf32, #uop.dims<N, 4>>
func.func @symbolic(%x: tensor<?x4xf32, #uop.dims<N, 4>>) -> tensor<?x4xf32, #uop.dims<N, 4>> {
  %0 = uop.floor %x : tensor<?x4xf32, #uop.dims<N, 4>>
  return %0 : tensor<?x4xf32, #uop.dims<N, 4>>
}

// The core stays unless asked for; integers have no expansion.
// CHECK-LABEL: @core
// CHECK: uop.exp2
// CHECK: uop.log2
// CHECK: uop.sin
// CHECK: uop.pow %{{.*}} : tensor<4xf32>
// CHECK: uop.pow %{{.*}} : tensor<4xi32>
func.func @core(%x: tensor<4xf32>, %i: tensor<4xi32>) -> (tensor<4xf32>, tensor<4xi32>) {
  %0 = uop.exp2 %x : tensor<4xf32>
  %1 = uop.log2 %0 : tensor<4xf32>
  %2 = uop.sin %1 : tensor<4xf32>
  %3 = uop.pow %2, %x : tensor<4xf32>
  %4 = uop.pow %i, %i : tensor<4xi32>
  return %3, %4 : tensor<4xf32>, tensor<4xi32>
}

// Rank 0 and empty tensors are shapes like others.
// CHECK-LABEL: @shapes
// CHECK: uop.trunc %{{.*}} : tensor<f32>
// CHECK: uop.trunc %{{.*}} : tensor<0x3xf32>
func.func @shapes(%x: tensor<f32>, %y: tensor<0x3xf32>) -> (tensor<f32>, tensor<0x3xf32>) {
  %0 = uop.floor %x : tensor<f32>
  %1 = uop.floor %y : tensor<0x3xf32>
  return %0, %1 : tensor<f32>, tensor<0x3xf32>
}
