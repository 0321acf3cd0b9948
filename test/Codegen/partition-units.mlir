// RUN: tg-opt %s --pass-pipeline='builtin.module(func.func(tg-partition-units))' | FileCheck %s

// The second nest's units follow those of the first.

// CHECK-DAG: #[[L0:.*]] = affine_map<()[s0] -> (s0, 0)>
// CHECK-DAG: #[[U0:.*]] = affine_map<()[s0] -> (s0, 4)>
// CHECK-DAG: #[[L1:.*]] = affine_map<()[s0] -> (s0 - 4, 0)>
// CHECK-DAG: #[[U1:.*]] = affine_map<()[s0] -> (s0 - 4, 8)>
// CHECK: func.func @k(%{{.*}}: memref<?xf32>, %[[B:.*]]: index {tg.begin}, %[[E:.*]]: index {tg.end})
// CHECK: affine.for %{{.*}} = max #[[L0]]()[%[[B]]] to min #[[U0]]()[%[[E]]]
// CHECK: affine.for %{{.*}} = max #[[L1]]()[%[[B]]] to min #[[U1]]()[%[[E]]]
func.func @k(%a: memref<?xf32>) attributes {tg.kernel} {
  affine.for %i = 0 to 4 {
  } {tg.parallel}
  affine.for %i = 0 to 8 {
  } {tg.parallel}
  return
}

// A nest of one unit is a branch; units that follow begin behind it.
// CHECK: func.func @one(%{{.*}}: memref<?xf32>, %[[B:.*]]: index {tg.begin}, %[[E:.*]]: index {tg.end})
// CHECK: %[[U:.*]] = affine.apply
// CHECK: %[[GE:.*]] = arith.cmpi sle, %[[B]], %[[U]]
// CHECK: %[[LT:.*]] = arith.cmpi slt, %[[U]], %[[E]]
// CHECK: %[[RUNS:.*]] = arith.andi %[[GE]], %[[LT]]
// CHECK: scf.if %[[RUNS]] {
// CHECK-NEXT: memref.store %{{.*}}, %{{.*}}[%c0{{.*}}]
// CHECK: affine.for %{{.*}} = max #{{.*}}()[%[[B]]] to min
func.func @one(%a: memref<?xf32>) attributes {tg.kernel} {
  %x = arith.constant 1.0 : f32
  affine.for %i = 0 to 1 {
    memref.store %x, %a[%i] : memref<?xf32>
  } {tg.parallel}
  affine.for %i = 0 to 8 {
  } {tg.parallel}
  return
}
