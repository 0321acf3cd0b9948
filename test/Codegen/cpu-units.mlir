// RUN: tg-opt %s --pass-pipeline='builtin.module(func.func(tg-cpu-units))' | FileCheck %s

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
