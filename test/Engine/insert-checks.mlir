// RUN: tg-opt %s --split-input-file --tg-insert-checks --verify-diagnostics | FileCheck %s

// A slice of an axis whose size is known only at run time.
// CHECK-LABEL: @slice
// CHECK-NEXT: uop.check [K * -1 + N + -4] "slice of 4 from K leaves axis 0 of size N"
// CHECK-NEXT: uop.neg
// CHECK-NEXT: uop.shrink
uop.var @N in [1, 64]
uop.var @K in [0, 64]
func.func @slice(%x: tensor<?xf32, #uop.dims<N>>) -> tensor<4xf32> {
  %0 = uop.neg %x : tensor<?xf32, #uop.dims<N>>
  %1 = uop.shrink %0 offsets [K] sizes [4] : tensor<?xf32, #uop.dims<N>> -> tensor<4xf32>
  return %1 : tensor<4xf32>
}

// -----

// Where the bounds of the variables tell, there is nothing to check.
// CHECK-LABEL: @by_bounds
// CHECK-NOT: uop.check
uop.var @N in [4, 64]
uop.var @K in [0, 4]
func.func @by_bounds(%x: tensor<?x8xf32, #uop.dims<N, 8>>) -> tensor<4x4xf32> {
  %0 = uop.shrink %x offsets [0, K] sizes [4, 4] : tensor<?x8xf32, #uop.dims<N, 8>> -> tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}

// -----

// A slice of nothing may begin anywhere; steps count; what is known of one slice holds for others.
// CHECK-LABEL: @steps
// CHECK-COUNT-1: uop.check [K * K * -3 + K * N + K] "slice of K from 1 in steps of 3 leaves axis 0 of size N"
// CHECK-NOT: uop.check
uop.var @N in [1, 64]
uop.var @K in [0, 64]
func.func @steps(%x: tensor<?xf32, #uop.dims<N>>)
    -> (tensor<?xf32, #uop.dims<K>>, tensor<?xf32, #uop.dims<K>>) {
  %0 = uop.shrink %x offsets [1] sizes [K] strides [3]
     : tensor<?xf32, #uop.dims<N>> -> tensor<?xf32, #uop.dims<K>>
  %1 = uop.neg %x : tensor<?xf32, #uop.dims<N>>
  %2 = uop.shrink %1 offsets [1] sizes [K] strides [3]
     : tensor<?xf32, #uop.dims<N>> -> tensor<?xf32, #uop.dims<K>>
  return %0, %2 : tensor<?xf32, #uop.dims<K>>, tensor<?xf32, #uop.dims<K>>
}

// -----

// Behind the bind of its variable, and in the branch that needs it.
// CHECK-LABEL: @where
// CHECK: uop.bind @K
// CHECK-NEXT: uop.check [K * -1 + 7] "slice of 1 from K leaves axis 0 of size 8"
// CHECK: scf.if
// CHECK-NEXT: uop.check [K * -1 + 6] "slice of 2 from K leaves axis 0 of size 8"
uop.var @K in [0, 8]
func.func @where(%x: tensor<8xf32>, %c: tensor<i1>, %k: tensor<i64>) -> (tensor<1xf32>, tensor<2xf32>) {
  %zero = uop.const dense<0.0> : tensor<2xf32>
  uop.bind @K = %k : tensor<i64>
  %0 = uop.shrink %x offsets [K] sizes [1] : tensor<8xf32> -> tensor<1xf32>
  %p = tensor.extract %c[] : tensor<i1>
  %1 = scf.if %p -> tensor<2xf32> {
    %2 = uop.shrink %x offsets [K] sizes [2] : tensor<8xf32> -> tensor<2xf32>
    scf.yield %2 : tensor<2xf32>
  } else {
    scf.yield %zero : tensor<2xf32>
  }
  return %0, %1 : tensor<1xf32>, tensor<2xf32>
}

// -----

// Where an update goes, and sizes below zero.
// CHECK-LABEL: @others
// CHECK-DAG: uop.check [K * -1 + N + -2] "slice of 2 from K leaves axis 0 of size N"
// CHECK-DAG: uop.check [N + -5] "padding N + -5 is negative"
// CHECK-DAG: uop.check [N + -3] "the size N + -3 of axis 0 is negative"
uop.var @N in [1, 64]
uop.var @K in [0, 64]
func.func @others(%x: tensor<?xf32, #uop.dims<N>>, %s: tensor<2xf32>)
    -> (tensor<?xf32, #uop.dims<N>>, tensor<?xf32, #uop.dims<2 * N - 5>>, tensor<?x4xf32, #uop.dims<N - 3, 4>>) {
  %z = uop.const dense<0.0> : tensor<f32>
  %0 = uop.assign %x, %s offsets [K] : tensor<?xf32, #uop.dims<N>>, tensor<2xf32>
  %1 = uop.pad %x, %z low [N - 5] high [0]
     : tensor<?xf32, #uop.dims<N>> -> tensor<?xf32, #uop.dims<2 * N - 5>>
  %2 = uop.window %x axes [0] sizes [4] : tensor<?xf32, #uop.dims<N>> -> tensor<?x4xf32, #uop.dims<N - 3, 4>>
  return %0, %1, %2 : tensor<?xf32, #uop.dims<N>>, tensor<?xf32, #uop.dims<2 * N - 5>>,
                      tensor<?x4xf32, #uop.dims<N - 3, 4>>
}

// -----

func.func @too_large(%x: tensor<1xf32>) -> tensor<4611686018427387905xf32> {
  // expected-error @+1 {{'tensor<4611686018427387905xf32>' has more bytes than 64 bits can count}}
  %0 = uop.expand %x : tensor<1xf32> -> tensor<4611686018427387905xf32>
  return %0 : tensor<4611686018427387905xf32>
}

// -----

// Divisors are one or more, and nothing overflows, in a size that is a value as in one of a shape.
// CHECK-LABEL: @values
// CHECK-DAG: uop.check [N + -1] "8 floordiv N divides by N, which is below 1"
// CHECK-DAG: uop.check defined [N * 4611686018427387904] "N * 4611686018427387904 does not fit 64 bits"
// CHECK-NOT: uop.check
// CHECK: uop.size
uop.var @N in [0, 1024]
uop.var @M in [1, 1024]
func.func @values() -> (tensor<i64>, tensor<i64>, tensor<i64>, tensor<i64>) {
  %0 = uop.size [8 floordiv N] : tensor<i64>
  %1 = uop.size [8 floordiv M + N * N] : tensor<i64>
  %2 = uop.size [N * 4611686018427387904] : tensor<i64>
  %3 = uop.size [M - 5] : tensor<i64>
  return %0, %1, %2, %3 : tensor<i64>, tensor<i64>, tensor<i64>, tensor<i64>
}

// -----

// The elements of what is reshaped are counted; where the bounds tell, they need no check.
// CHECK-LABEL: @counts
// CHECK: uop.check defined [N * N * N * 4611686018427] "N * N * N * 4611686018427 does not fit 64 bits"
// CHECK-NOT: uop.check
uop.var @N in [1, 1024]
func.func @counts(%x: tensor<?x1xf32, #uop.dims<N, 1>>) -> tensor<f32> {
  %0 = uop.reshape %x : tensor<?x1xf32, #uop.dims<N, 1>> -> tensor<?x1x1x1xf32, #uop.dims<N, 1, 1, 1>>
  %1 = uop.expand %0 : tensor<?x1x1x1xf32, #uop.dims<N, 1, 1, 1>> -> tensor<?x?x?x4611686018427xf32, #uop.dims<N, N, N, 4611686018427>>
  %2 = uop.reshape %1 : tensor<?x?x?x4611686018427xf32, #uop.dims<N, N, N, 4611686018427>> -> tensor<?x4611686018427xf32, #uop.dims<N * N * N, 4611686018427>>
  %3 = uop.reduce max %2 axes [0, 1] : (tensor<?x4611686018427xf32, #uop.dims<N * N * N, 4611686018427>>) -> tensor<f32>
  return %3 : tensor<f32>
}
