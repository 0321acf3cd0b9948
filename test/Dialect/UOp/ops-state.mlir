// RUN: tg-opt %s | tg-opt | FileCheck %s
// RUN: tg-opt %s --mlir-print-op-generic | tg-opt | FileCheck %s
// RUN: tg-opt %s --emit-bytecode | tg-opt | FileCheck %s

// CHECK: uop.var @N in [1, 64]
uop.var @N in [1, 64]
uop.var @P in [0, 63]
uop.var @K in [0, 8]

// CHECK-LABEL: @sources
func.func @sources() {
  // CHECK: uop.const dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
  %0 = uop.const dense<[1.0, 2.0]> : tensor<2xf32>
  // CHECK: uop.const dense<255> : tensor<3xui8>
  %1 = uop.const dense<255> : tensor<3xui8>
  // CHECK: uop.const dense<> : tensor<0xi64>
  %2 = uop.const dense<> : tensor<0xi64>
  // CHECK: uop.const dense_resource<weights> : tensor<2xf32>
  %3 = uop.const dense_resource<weights> : tensor<2xf32>
  // CHECK: uop.iota axis 1 : tensor<2x?xui8, #uop.dims<2, N>>
  %4 = uop.iota axis 1 : tensor<2x?xui8, #uop.dims<2, N>>
  // CHECK: uop.size [N * 2 + 1] : tensor<i64>
  %5 = uop.size [2 * N + 1] : tensor<i64>
  return
}

// CHECK-LABEL: @state
func.func @state(%cache: tensor<?x4xf32, #uop.dims<N, 4>>, %row: tensor<1x4xf32>) {
  // CHECK: uop.assign %{{.*}}, %{{.*}} offsets [P, 0] : tensor<?x4xf32, #uop.dims<N, 4>>, tensor<1x4xf32>
  %0 = uop.assign %cache, %row offsets [P, 0] : tensor<?x4xf32, #uop.dims<N, 4>>, tensor<1x4xf32>
  // CHECK: uop.assign %{{.*}}, %{{.*}} : tensor<1x4xf32>, tensor<1x4xf32>
  %1 = uop.assign %row, %row : tensor<1x4xf32>, tensor<1x4xf32>
  // CHECK: uop.contiguous %{{.*}} : tensor<1x4xf32>
  %2 = uop.contiguous %1 : tensor<1x4xf32>
  // CHECK: uop.contiguous %{{.*}} rows [0] : tensor<1x4xf32>
  %rows = uop.contiguous %1 rows [0] : tensor<1x4xf32>
  // CHECK: uop.copy %{{.*}} to "cpu" : tensor<1x4xf32>
  %3 = uop.copy %2 to "cpu" : tensor<1x4xf32>
  // CHECK: uop.detach %{{.*}} : tensor<1x4xf32>
  %4 = uop.detach %3 : tensor<1x4xf32>
  return
}

func.func private @reference(tensor<4xf32>) -> tensor<4xf32>
func.func private @fast(tensor<4xf32>) -> tensor<4xf32>

// CHECK-LABEL: @custom
func.func @custom(%x: tensor<4xf32>) {
  // CHECK: uop.custom @reference(%{{.*}}) bodies {cpu = @fast} : (tensor<4xf32>) -> tensor<4xf32>
  %0 = uop.custom @reference(%x) bodies {cpu = @fast} : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK: uop.custom @reference(%{{.*}}) : (tensor<4xf32>) -> tensor<4xf32>
  %1 = uop.custom @reference(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// CHECK-LABEL: @data_dependent
func.func @data_dependent(%mask: tensor<8xi1>) -> tensor<?xi64, #uop.dims<K>> {
  // CHECK: uop.compact %{{.*}} : tensor<8xi1> -> tensor<8xi64>, tensor<i64>
  %i, %n = uop.compact %mask : tensor<8xi1> -> tensor<8xi64>, tensor<i64>
  // CHECK: uop.bind @K = %{{.*}} : tensor<i64>
  uop.bind @K = %n : tensor<i64>
  // CHECK: uop.check [K + -1, 7] "none is set"
  uop.check [K - 1, 7] "none is set"
  %0 = uop.shrink %i offsets [0] sizes [K] : tensor<8xi64> -> tensor<?xi64, #uop.dims<K>>
  return %0 : tensor<?xi64, #uop.dims<K>>
}

// CHECK-LABEL: @kernels
func.func @kernels(%x: tensor<4xf32>, %a: memref<4xf32>, %b: memref<4xf32>) {
  // CHECK: uop.kernel ins(%{{.*}} : tensor<4xf32>) on "cpu" schedule <[split(d0, 2), bind(d0.o, unit)]> -> tensor<4xf32> {
  // CHECK-NEXT: ^bb0(%{{.*}}: tensor<4xf32>):
  %0 = uop.kernel ins(%x : tensor<4xf32>) on "cpu" schedule <[split(d0, 2), bind(d0.o, unit)]> -> tensor<4xf32> {
  ^bb0(%e: tensor<4xf32>):
    %n = uop.neg %e : tensor<4xf32>
    // CHECK: uop.yield %{{.*}} : tensor<4xf32>
    uop.yield %n : tensor<4xf32>
  }
  // CHECK: uop.kernel ins(%{{.*}} : memref<4xf32>) outs(%{{.*}} : memref<4xf32>) {
  uop.kernel ins(%a : memref<4xf32>) outs(%b : memref<4xf32>) {
  ^bb0(%e: tensor<4xf32>):
    uop.yield %e : tensor<4xf32>
  }
  return
}

// CHECK-LABEL: @buffers
func.func @buffers() {
  // CHECK: uop.buffer [N, 4] : memref<?x4xf32>
  %0 = uop.buffer [N, 4] : memref<?x4xf32>
  // CHECK: uop.buffer [2] = dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32> : memref<2xf32>
  %1 = uop.buffer [2] = dense<[1.0, 2.0]> : tensor<2xf32> : memref<2xf32>
  return
}

{-#
  dialect_resources: {
    builtin: { weights: "0x040000000000803f00000040" }
  }
#-}
