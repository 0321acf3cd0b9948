// RUN: tg-opt %s --pass-pipeline='builtin.module(tg-kernel-to-loops,cse,func.func(tg-fuse-multiply-add,tg-apply-schedule),canonicalize,cse)' | FileCheck %s

// One unit is a tile; 40 elements are a whole vector and part of one per 24.

// CHECK-LABEL: func.func @map(
// CHECK-SAME: tg.range = #uop.dim<2>
// CHECK: affine.for %[[U:.*]] = 0 to 2 {
// CHECK:   %[[X:.*]] = vector.load
// CHECK:   %[[N:.*]] = arith.negf %[[X]] : vector<16xf32>
// CHECK:   vector.store %[[N]]
// CHECK:   %[[M:.*]] = vector.constant_mask [8]
// CHECK:   vector.maskedload %{{.*}}, %[[M]]
// CHECK:   vector.maskedstore %{{.*}}, %[[M]]
func.func @map(%a: tensor<48xf32>) -> tensor<48xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[split(d0, 24), bind(d0.o, unit), vectorize(d0.i, 16)]>} {
  %0 = uop.neg %a : tensor<48xf32>
  return %0 : tensor<48xf32>
}

// A register tile of two rows by one vector: rows are loaded once and broadcast, columns once.

// CHECK-LABEL: func.func @product(
// CHECK: %[[ACC:.*]]:2 = scf.for {{.*}} -> (vector<8xf32>, vector<8xf32>) {
// CHECK-DAG: %[[A0:.*]] = memref.load
// CHECK-DAG: %[[A1:.*]] = memref.load
// CHECK-DAG: %[[B:.*]] = vector.load
// CHECK-DAG: %[[V0:.*]] = vector.broadcast %[[A0]]
// CHECK-DAG: %[[V1:.*]] = vector.broadcast %[[A1]]
// CHECK-DAG: math.fma %[[V0]], %[[B]], %{{.*}} : vector<8xf32>
// CHECK-DAG: math.fma %[[V1]], %[[B]], %{{.*}} : vector<8xf32>
// CHECK: scf.yield
func.func @product(%a: tensor<4x64xf32>, %b: tensor<64x8xf32>) -> tensor<4x8xf32>
    attributes {tg.kernel, tg.schedule = #uop.schedule<[
      split(d0, 2), bind(d0.o, unit), unroll(d0.i, 2), vectorize(d1, 8)]>} {
  %0 = uop.reshape %a : tensor<4x64xf32> -> tensor<4x64x1xf32>
  %1 = uop.expand %0 : tensor<4x64x1xf32> -> tensor<4x64x8xf32>
  %2 = uop.reshape %b : tensor<64x8xf32> -> tensor<1x64x8xf32>
  %3 = uop.expand %2 : tensor<1x64x8xf32> -> tensor<4x64x8xf32>
  %4 = uop.mul %1, %3 : tensor<4x64x8xf32>
  %5 = uop.reduce add %4 axes [1] : (tensor<4x64x8xf32>) -> tensor<4x8xf32>
  return %5 : tensor<4x8xf32>
}

// Lanes of a reduction are combined at the end.

// CHECK-LABEL: func.func @maximum(
// CHECK: scf.for {{.*}} -> (vector<4xf32>) {
// CHECK:   arith.maximumf %{{.*}} : vector<4xf32>
// CHECK: vector.shuffle
// CHECK: arith.maximumf %{{.*}} : vector<2xf32>
// CHECK: arith.maximumf %{{.*}} : vector<1xf32>
func.func @maximum(%a: tensor<64xf32>) -> tensor<f32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[vectorize(r0, 4)]>} {
  %0 = uop.reduce max %a axes [0] : (tensor<64xf32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// Every third element: the vectors that hold them, the last of which ends with the last lane, and a
// shuffle for each but the first.

// CHECK-LABEL: func.func @steps(
// CHECK: %[[A:.*]] = vector.load %arg0[%[[I:.*]]]
// CHECK: %[[B:.*]] = vector.load %arg0[%{{.*}}]
// CHECK: %[[AB:.*]] = vector.shuffle %[[A]], %[[B]] [0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 31, 31, 31, 31, 31]
// CHECK: %[[C:.*]] = vector.load %arg0[%{{.*}}]
// CHECK: %[[ABC:.*]] = vector.shuffle %[[AB]], %[[C]] [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 19, 22, 25, 28, 31]
// CHECK: arith.negf %[[ABC]] : vector<16xf32>
func.func @steps(%a: tensor<96xf32>) -> tensor<32xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[split(d0, 16), vectorize(d0.i, 16)]>} {
  %0 = uop.shrink %a offsets [1] sizes [32] strides [3] : tensor<96xf32> -> tensor<32xf32>
  %1 = uop.neg %0 : tensor<32xf32>
  return %1 : tensor<32xf32>
}

// What lies outside of a border is masked, whatever stands for it.

// CHECK-LABEL: func.func @border(
// CHECK: scf.for
// CHECK:   %[[IN:.*]] = arith.andi %{{.*}}, %{{.*}} : vector<16xi1>
// CHECK:   %[[X:.*]] = vector.maskedload %arg0[%{{.*}}], %[[IN]]
// CHECK:   %[[Y:.*]] = arith.select %[[IN]], %[[X]]
// CHECK:   arith.maximumf %{{.*}}, %[[Y]] : vector<16xf32>
func.func @border(%a: tensor<64x16xf32>) -> tensor<64x16xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[bind(d0, unit), vectorize(d1, 16)]>} {
  %0 = uop.const dense<0xFF800000> : tensor<f32>
  %1 = uop.pad %a, %0 low [0, 1] high [0, 1] : tensor<64x16xf32> -> tensor<64x18xf32>
  %2 = uop.window %1 axes [1] sizes [3] : tensor<64x18xf32> -> tensor<64x16x3xf32>
  %3 = uop.reduce max %2 axes [2] : (tensor<64x16x3xf32>) -> tensor<64x16xf32>
  return %3 : tensor<64x16xf32>
}
