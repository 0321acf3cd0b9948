// RUN: tg-opt %s --pass-pipeline='builtin.module(tg-kernel-to-loops,cse,func.func(tg-apply-schedule),canonicalize,cse)' -split-input-file | FileCheck %s

// Each action of a schedule, written by hand, and the loops that it makes.

// split: blocks of 16 iterations, the last one of 4; iterations keep their numbers.

// CHECK-DAG: #[[FIRST:[a-z0-9]+]] = affine_map<(d0) -> (d0 * 16)>
// CHECK-DAG: #[[END:[a-z0-9]+]] = affine_map<(d0) -> (100, d0 * 16 + 16)>
// CHECK-LABEL: func.func @split(
// CHECK-SAME: tg.range = #uop.dim<7>
// CHECK: affine.for %[[O:.*]] = 0 to 7 {
// CHECK:   %[[LOW:.*]] = affine.apply #[[FIRST]](%[[O]])
// CHECK:   %[[HIGH:.*]] = affine.min #[[END]](%[[O]])
// CHECK:   scf.for %[[I:.*]] = %[[LOW]] to %[[HIGH]] step %c1 {
// CHECK:     memref.load %arg0[%[[I]]]
// CHECK: } {tg.axis = "d0.o", tg.parallel}
func.func @split(%a: tensor<100xf32>) -> tensor<100xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[split(d0, 16)]>} {
  %0 = uop.neg %a : tensor<100xf32>
  return %0 : tensor<100xf32>
}

// -----

// split of a size that is only known when the kernel runs.

// CHECK-DAG: #[[BLOCKS:[a-z0-9]+]] = affine_map<()[s0] -> (s0 ceildiv 16)>
// CHECK-DAG: #[[END:[a-z0-9]+]] = affine_map<(d0)[s0] -> ({{.*}})>
// CHECK-LABEL: func.func @split_variable(
// CHECK: affine.for %[[O:.*]] = 0 to #[[BLOCKS]]()[%[[N:.*]]] {
// CHECK:   affine.min #[[END]](%[[O]])[%[[N]]]
uop.var @N in [1, 1000]
func.func @split_variable(%a: tensor<?xf32, #uop.dims<N>>) -> tensor<?xf32, #uop.dims<N>>
    attributes {tg.kernel, tg.schedule = #uop.schedule<[split(d0, 16)]>} {
  %0 = uop.neg %a : tensor<?xf32, #uop.dims<N>>
  return %0 : tensor<?xf32, #uop.dims<N>>
}

// -----

// split of a reduction: what it carries goes through both loops.

// CHECK-LABEL: func.func @split_reduction(
// CHECK: affine.for
// CHECK:   %[[ALL:.*]] = scf.for %{{.*}} = %c0 to %c4 step %c1 iter_args(%[[A:.*]] = %{{.*}}) -> (f32) {
// CHECK:     %[[PART:.*]] = scf.for {{.*}} iter_args(%[[B:.*]] = %[[A]]) -> (f32) {
// CHECK:       arith.addf %[[B]]
// CHECK:     scf.yield %[[PART]] : f32
// CHECK:   memref.store %[[ALL]]
func.func @split_reduction(%a: tensor<3x32xf32>) -> tensor<3xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[split(r0, 8)]>} {
  %0 = uop.reduce add %a axes [1] : (tensor<3x32xf32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// -----

// reorder: tiles of 4 by 8, rows of tiles outermost; a unit is a row of tiles.

// CHECK-LABEL: func.func @tiles(
// CHECK-SAME: tg.range = #uop.dim<4>
// CHECK: affine.for %[[IO:.*]] = 0 to 4 {
// CHECK:   scf.for %[[JO:.*]] = %c0 to %c3 step %c1 {
// CHECK:     %[[I0:.*]] = affine.apply {{.*}}(%[[IO]])
// CHECK:     scf.for %[[I:.*]] = %[[I0]] to
// CHECK:       %[[J0:.*]] = affine.apply {{.*}}(%[[JO]])
// CHECK:       scf.for %[[J:.*]] = %[[J0]] to
// CHECK:         affine.apply {{.*}}(%[[I]], %[[J]])
// CHECK: } {tg.axis = "d0.o", tg.parallel}
func.func @tiles(%a: tensor<24x16xf32>) -> tensor<16x24xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[split(d0, 4), split(d1, 8), reorder(d0.o, d1.o, d0.i, d1.i),
                                 bind(d0.o, unit)]>} {
  %0 = uop.permute %a [1, 0] : tensor<24x16xf32> -> tensor<16x24xf32>
  return %0 : tensor<16x24xf32>
}

// -----

// reorder of the axes of one reduction, and of data axes so that the longer one has the units.

// CHECK-LABEL: func.func @columns(
// CHECK-SAME: tg.range = #uop.dim<48>
// CHECK: affine.for %[[J:.*]] = 0 to 48 {
// CHECK:   scf.for %[[I:.*]] = %c0 to %c6 step %c1 {
// CHECK:     affine.apply {{.*}}(%[[I]], %[[J]])
// CHECK: } {tg.axis = "d1", tg.parallel}
func.func @columns(%a: tensor<48x6xf32>) -> tensor<6x48xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[reorder(d1, d0), bind(d1, unit)]>} {
  %0 = uop.permute %a [1, 0] : tensor<48x6xf32> -> tensor<6x48xf32>
  return %0 : tensor<6x48xf32>
}

// -----

// fuse: one loop over both, which may then be split among workers evenly.

// CHECK-DAG: #[[READ:.*]] = affine_map<(d0) -> (d0 * 6 - (d0 floordiv 48) * 287)>
// CHECK-LABEL: func.func @fused(
// CHECK-SAME: tg.range = #uop.dim<288>
// CHECK: affine.for %[[X:.*]] = 0 to 288 {
// CHECK-NEXT: affine.apply #[[READ]](%[[X]])
// CHECK: } {tg.axis = "d0_d1", tg.parallel}
func.func @fused(%a: tensor<48x6xf32>) -> tensor<6x48xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[fuse(d0, d1), bind(d0_d1, unit)]>} {
  %0 = uop.permute %a [1, 0] : tensor<48x6xf32> -> tensor<6x48xf32>
  return %0 : tensor<6x48xf32>
}

// -----

// unroll: two columns at a time in the loop over the reduction, of which each element of a row is
// loaded once; the third column by itself.

// CHECK-LABEL: func.func @unrolled(
// CHECK: affine.for
// CHECK:   scf.for {{.*}} -> (f32, f32) {
// CHECK:     %[[X:.*]] = memref.load %arg0
// CHECK-NOT: memref.load %arg0
// CHECK:     arith.mulf %[[X]]
// CHECK:     arith.mulf %[[X]]
// CHECK:   scf.for {{.*}} -> (f32) {
func.func @unrolled(%a: tensor<4x8xf32>, %b: tensor<8x3xf32>) -> tensor<4x3xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[unroll(d1, 2)]>} {
  %0 = uop.reshape %a : tensor<4x8xf32> -> tensor<4x8x1xf32>
  %1 = uop.expand %0 : tensor<4x8x1xf32> -> tensor<4x8x3xf32>
  %2 = uop.reshape %b : tensor<8x3xf32> -> tensor<1x8x3xf32>
  %3 = uop.expand %2 : tensor<1x8x3xf32> -> tensor<4x8x3xf32>
  %4 = uop.mul %1, %3 : tensor<4x8x3xf32>
  %5 = uop.reduce add %4 axes [1] : (tensor<4x8x3xf32>) -> tensor<4x3xf32>
  return %5 : tensor<4x3xf32>
}

// -----

// accumulate: four sums of every fourth element; with vectorize, of vectors.

// CHECK-LABEL: func.func @accumulated(
// CHECK: %[[S:.*]]:4 = scf.for {{.*}} -> (vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>) {
// CHECK: arith.addf %[[S]]#0, %[[S]]#3
func.func @accumulated(%a: tensor<4x256xf32>) -> tensor<4xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[bind(d0, unit), accumulate(r0, 4), vectorize(r0, 8)]>} {
  %0 = uop.reduce add %a axes [1] : (tensor<4x256xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// Axes of the second nest.

// CHECK-LABEL: func.func @nests(
// CHECK-SAME: tg.range = #uop.dim<8>
// CHECK: affine.for %{{.*}} = 0 to 7 {
// CHECK-NOT: vector
// CHECK: affine.for %{{.*}} = 0 to 1 {
// CHECK:   vector.constant_mask
func.func @nests(%x: tensor<7xf32>, %y: tensor<5xf32>) -> (tensor<7xf32>, tensor<5xf32>)
    attributes {tg.kernel, tg.schedule = #uop.schedule<[split(n1.d0, 5), vectorize(n1.d0.i, 8)]>} {
  %0 = uop.neg %x : tensor<7xf32>
  %1 = uop.sqrt %y : tensor<5xf32>
  return %0, %1 : tensor<7xf32>, tensor<5xf32>
}

// -----

// What is left of a size that is known is done at once: the last of its vectors has a mask.

// CHECK-LABEL: func.func @last_vectors(
// CHECK: affine.for
// CHECK-NOT: scf.for
// CHECK: %[[MASK:.*]] = vector.constant_mask [3] : vector<16xi1>
// CHECK-COUNT-3: vector.load %arg0
// CHECK: vector.maskedload %arg0[{{.*}}], %[[MASK]]
// CHECK-COUNT-3: vector.store
// CHECK: vector.maskedstore %arg1[{{.*}}], %[[MASK]]
func.func @last_vectors(%a: tensor<51xf32>) -> tensor<51xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[split(d0, 51), vectorize(d0.i, 16), unroll(d0.i, 4)]>} {
  %0 = uop.neg %a : tensor<51xf32>
  return %0 : tensor<51xf32>
}
