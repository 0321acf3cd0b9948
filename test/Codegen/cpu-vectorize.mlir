// RUN: tg-opt %s --pass-pipeline='builtin.module(tg-kernel-to-structured,cse,func.func(tg-cpu-vectorize{fma=true}),canonicalize,cse)' | FileCheck %s

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
func.func @map(%a: tensor<48xf32>) -> tensor<48xf32> attributes {tg.kernel, tg.opts = [
    {opt = "tile", axis = 0, amount = 24}, {opt = "vector", axis = 0, amount = 16}]} {
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
    attributes {tg.kernel, tg.opts = [
      {opt = "tile", axis = 0, amount = 2}, {opt = "unroll", axis = 0, amount = 2},
      {opt = "vector", axis = 1, amount = 8}]} {
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
func.func @maximum(%a: tensor<64xf32>) -> tensor<f32> attributes {tg.kernel, tg.opts = [
    {opt = "vector", axis = 0, amount = 4}]} {
  %0 = uop.reduce max %a axes [0] : (tensor<64xf32>) -> tensor<f32>
  return %0 : tensor<f32>
}
