// RUN: tg-opt %s | tg-opt | FileCheck %s
// RUN: tg-opt %s --mlir-print-op-generic | tg-opt | FileCheck %s
// RUN: tg-opt %s --emit-bytecode | tg-opt | FileCheck %s

// CHECK-LABEL: @reduce
func.func @reduce(%x: tensor<4x8xf32>, %i: tensor<4x8xi64>, %b: tensor<4x8xi1>) {
  // CHECK: uop.reduce add %{{.*}} axes [1] : (tensor<4x8xf32>) -> tensor<4xf32>
  %0 = uop.reduce add %x axes [1] : (tensor<4x8xf32>) -> tensor<4xf32>
  // CHECK: uop.reduce mul %{{.*}} axes [0, 1] : (tensor<4x8xf32>) -> tensor<f32>
  %1 = uop.reduce mul %x axes [0, 1] : (tensor<4x8xf32>) -> tensor<f32>
  // CHECK: uop.reduce max %{{.*}} axes [0] : (tensor<4x8xi1>) -> tensor<8xi1>
  %2 = uop.reduce max %b axes [0] : (tensor<4x8xi1>) -> tensor<8xi1>
  // CHECK: uop.reduce min %{{.*}} axes [] : (tensor<4x8xi64>) -> tensor<4x8xi64>
  %3 = uop.reduce min %i axes [] : (tensor<4x8xi64>) -> tensor<4x8xi64>
  // CHECK: uop.reduce %{{.*}}, %{{.*}} axes [1] identities [0xFF800000 : f32, -1] : (tensor<4x8xf32>, tensor<4x8xi64>) -> (tensor<4xf32>, tensor<4xi64>) {
  // CHECK-NEXT: ^bb0(%{{.*}}: tensor<f32>, %{{.*}}: tensor<i64>, %{{.*}}: tensor<f32>, %{{.*}}: tensor<i64>):
  %4:2 = uop.reduce %x, %i axes [1] identities [0xFF800000 : f32, -1 : i64]
       : (tensor<4x8xf32>, tensor<4x8xi64>) -> (tensor<4xf32>, tensor<4xi64>) {
  ^bb0(%am: tensor<f32>, %ai: tensor<i64>, %em: tensor<f32>, %ei: tensor<i64>):
    %c = uop.cmplt %am, %em : tensor<f32>
    %m = uop.where %c, %em, %am : tensor<f32>
    %k = uop.where %c, %ei, %ai : tensor<i64>
    // CHECK: uop.yield %{{.*}}, %{{.*}} : tensor<f32>, tensor<i64>
    uop.yield %m, %k : tensor<f32>, tensor<i64>
  }
  return
}

// CHECK-LABEL: @scan
func.func @scan(%x: tensor<4x8xf32>) {
  // CHECK: uop.scan add %{{.*}} axis 1 : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %0 = uop.scan add %x axis 1 : (tensor<4x8xf32>) -> tensor<4x8xf32>
  // CHECK: uop.scan mul %{{.*}} axis 0 exclusive reverse : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %1 = uop.scan mul %x axis 0 exclusive reverse : (tensor<4x8xf32>) -> tensor<4x8xf32>
  // CHECK: uop.scan %{{.*}} axis 1 identities [1.000000e+00 : f32] : (tensor<4x8xf32>) -> tensor<4x8xf32> {
  %2 = uop.scan %x axis 1 identities [1.0 : f32] : (tensor<4x8xf32>) -> tensor<4x8xf32> {
  ^bb0(%a: tensor<f32>, %e: tensor<f32>):
    %p = uop.mul %a, %e : tensor<f32>
    uop.yield %p : tensor<f32>
  }
  return
}

// CHECK-LABEL: @sort_gather_scatter
func.func @sort_gather_scatter(%x: tensor<4x8xf32>, %k: tensor<4x8xi64>, %i: tensor<5xi64>,
                               %j: tensor<4x2xi32>, %u: tensor<5x8xf32>) {
  // CHECK: uop.sort %{{.*}}, %{{.*}} axis 1 descending : (tensor<4x8xf32>, tensor<4x8xi64>) -> (tensor<4x8xf32>, tensor<4x8xi64>)
  %0:2 = uop.sort %x, %k axis 1 descending
       : (tensor<4x8xf32>, tensor<4x8xi64>) -> (tensor<4x8xf32>, tensor<4x8xi64>)
  // CHECK: uop.sort %{{.*}} axis 0 : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %1 = uop.sort %x axis 0 : (tensor<4x8xf32>) -> tensor<4x8xf32>
  // CHECK: uop.gather %{{.*}}, %{{.*}} axis 0 : (tensor<4x8xf32>, tensor<5xi64>) -> tensor<5x8xf32>
  %2 = uop.gather %x, %i axis 0 : (tensor<4x8xf32>, tensor<5xi64>) -> tensor<5x8xf32>
  // CHECK: uop.gather %{{.*}}, %{{.*}} axis 1 batch 1 : (tensor<4x8xf32>, tensor<4x2xi32>) -> tensor<4x2xf32>
  %3 = uop.gather %x, %j axis 1 batch 1 : (tensor<4x8xf32>, tensor<4x2xi32>) -> tensor<4x2xf32>
  // CHECK: uop.scatter add %{{.*}}, %{{.*}}, %{{.*}} axis 0 : (tensor<4x8xf32>, tensor<5xi64>, tensor<5x8xf32>) -> tensor<4x8xf32>
  %4 = uop.scatter add %x, %i, %u axis 0
     : (tensor<4x8xf32>, tensor<5xi64>, tensor<5x8xf32>) -> tensor<4x8xf32>
  // CHECK: uop.scatter set %{{.*}} axis 1 batch 1 : (tensor<4x8xf32>, tensor<4x2xi32>, tensor<4x2xf32>) -> tensor<4x8xf32>
  %5 = uop.scatter set %x, %j, %3 axis 1 batch 1
     : (tensor<4x8xf32>, tensor<4x2xi32>, tensor<4x2xf32>) -> tensor<4x8xf32>
  return
}
