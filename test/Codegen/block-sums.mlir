// RUN: tg-opt %s --split-input-file --tg-block-sums | FileCheck %s

// A sum over a number of terms that is not known: three loops around the one that adds.
// CHECK-LABEL: @unknown
// CHECK-SAME: (%[[N:.*]]: index, %[[X:.*]]: f32, %[[INIT:.*]]: f32)
// CHECK-COUNT-3: arith.constant -0.000000e+00 : f32
// CHECK: scf.for %{{.*}} = %c0 to %[[N]] step %{{.*}} iter_args(%{{.*}} = %[[INIT]])
// CHECK-COUNT-2: scf.for
// CHECK: scf.for %{{.*}} step %c1 iter_args(%[[A:[a-z0-9_]+]] =
// CHECK:   arith.addf %[[A]], %[[X]]
// CHECK-COUNT-3: arith.addf
// CHECK-NOT: scf.for
func.func @unknown(%n: index, %x: f32, %init: f32) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %s = scf.for %i = %c0 to %n step %c1 iter_args(%a = %init) -> f32 {
    %0 = arith.addf %a, %x : f32
    scf.yield %0 : f32
  }
  return %s : f32
}

// -----

// Up to two blocks stay; a thousand are blocks of 64, whose 16 sums need none.
// CHECK-LABEL: @known
// CHECK: scf.for %{{.*}} = %c0 to %c128 step %c1
// CHECK: scf.for %[[O:[a-z0-9_]+]] = %c0 to %c1000 step %[[STEP:[a-z0-9_]+]] iter_args(%[[T:[a-z0-9_]+]] = %arg1)
// CHECK:   %[[NEXT:.*]] = arith.addi %[[O]], %[[STEP]]
// CHECK:   %[[END:.*]] = arith.minsi %[[NEXT]], %c1000
// CHECK:   %[[PART:.*]] = scf.for %{{.*}} = %[[O]] to %[[END]] step %c1 iter_args
// CHECK:     math.fma
// CHECK:   arith.addf %[[T]], %[[PART]] : vector<8xf32>
// CHECK-NOT: scf.for
func.func @known(%x: vector<8xf32>, %init: vector<8xf32>) -> (vector<8xf32>, vector<8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %c1000 = arith.constant 1000 : index
  %r = scf.for %i = %c0 to %c128 step %c1 iter_args(%a = %init) -> vector<8xf32> {
    %0 = arith.addf %a, %x : vector<8xf32>
    scf.yield %0 : vector<8xf32>
  }
  %s = scf.for %i = %c0 to %c1000 step %c1 iter_args(%a = %init) -> vector<8xf32> {
    %0 = math.fma %x, %x, %a : vector<8xf32>
    scf.yield %0 : vector<8xf32>
  }
  return %r, %s : vector<8xf32>, vector<8xf32>
}

// -----

// Loops within loops add in a row: 9 for each of 100 iterations are blocks of 7 iterations.
// CHECK-LABEL: @nested
// CHECK: %[[STEP:.*]] = arith.constant 7 : index
// CHECK: scf.for %{{.*}} = %c0 to %c100 step %[[STEP]]
// CHECK:   scf.for
// CHECK:     scf.for
// CHECK:       arith.addf
// CHECK:   arith.addf
func.func @nested(%x: f32, %init: f32) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %c100 = arith.constant 100 : index
  %s = scf.for %i = %c0 to %c100 step %c1 iter_args(%a = %init) -> f32 {
    %r = scf.for %j = %c0 to %c9 step %c1 iter_args(%b = %a) -> f32 {
      %0 = arith.addf %b, %x : f32
      scf.yield %0 : f32
    }
    scf.yield %r : f32
  }
  return %s : f32
}

// -----

// A long loop within starts from zero each time.
// CHECK-LABEL: @restarted
// CHECK: scf.for %{{.*}} iter_args(%[[T:[a-z0-9_]+]] = %arg1)
// CHECK:   %[[PART:.*]] = scf.for %{{.*}} iter_args(%{{.*}} = %cst{{.*}})
// CHECK:   %[[S:.*]] = arith.addf %[[T]], %[[PART]]
// CHECK:   scf.yield %[[S]]
func.func @restarted(%x: f32, %init: f32) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c100 = arith.constant 100 : index
  %s = scf.for %i = %c0 to %c100 step %c1 iter_args(%a = %init) -> f32 {
    %r = scf.for %j = %c0 to %c100 step %c1 iter_args(%b = %a) -> f32 {
      %0 = arith.addf %b, %x : f32
      scf.yield %0 : f32
    }
    scf.yield %r : f32
  }
  return %s : f32
}

// -----

// Integers, products, maxima, and sums that anything reads on the way stay as they are.
// CHECK-LABEL: @others
// CHECK: scf.for
// CHECK-NOT: scf.for
func.func @others(%n: index, %x: f32, %k: i32) -> (f32, f32, i32, f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:4 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x, %b = %x, %c = %k, %d = %x) -> (f32, f32, i32, f32) {
    %0 = arith.mulf %a, %x : f32
    %1 = arith.maximumf %b, %x : f32
    %2 = arith.addi %c, %k : i32
    %3 = arith.addf %d, %x : f32
    %4 = arith.mulf %3, %x : f32
    scf.yield %0, %1, %2, %4 : f32, f32, i32, f32
  }
  return %r#0, %r#1, %r#2, %r#3 : f32, f32, i32, f32
}
