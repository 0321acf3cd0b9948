// RUN: tg-opt %s --tg-guard-divisions | FileCheck %s

// A size that may be 0 divides as 1; constants, and integers that are data, stay.
// CHECK-LABEL: @sizes
// CHECK: %[[ONE:.*]] = arith.constant 1 : index
// CHECK: %[[D:.*]] = arith.maxsi %arg1, %[[ONE]] : index
// CHECK: arith.divsi %arg0, %[[D]] : index
// CHECK: %[[E:.*]] = arith.maxsi %arg1, %{{.*}} : index
// CHECK: arith.remsi %arg0, %[[E]] : index
// CHECK: arith.divsi %arg0, %c8 : index
// CHECK: arith.divsi %arg2, %arg2 : i64
// CHECK: %[[V:.*]] = arith.maxsi %arg3, %{{.*}} : vector<4xindex>
// CHECK: arith.divsi %arg3, %[[V]] : vector<4xindex>
func.func @sizes(%i: index, %n: index, %x: i64, %v: vector<4xindex>)
    -> (index, index, index, i64, vector<4xindex>) {
  %c8 = arith.constant 8 : index
  %0 = arith.divsi %i, %n : index
  %1 = arith.remsi %i, %n : index
  %2 = arith.divsi %i, %c8 : index
  %3 = arith.divsi %x, %x : i64
  %4 = arith.divsi %v, %v : vector<4xindex>
  return %0, %1, %2, %3, %4 : index, index, index, i64, vector<4xindex>
}
