// RUN: tg-opt %s --pass-pipeline='builtin.module(tg-kernel-to-loops,cse,func.func(tg-apply-schedule),canonicalize,cse)' -split-input-file | FileCheck %s

// Actions that keep values in a worker's memory, written by hand, and the loops that they make.

// reorder of a reduction before the data axes that lead to it: its values are kept for all of their
// iterations. Three nests: what they start with, the reduction with the data loops in it, and what
// is made of the sums.

// CHECK-LABEL: func.func @hoist(
// CHECK-SAME: %[[A:.*]]: memref<?xf32>, %[[OUT:.*]]: memref<?xf32>, %[[W:.*]]: memref<?xi8> {tg.workspace})
// CHECK-SAME: tg.workspace = #uop.dim<128>
// CHECK-DAG: %[[ZERO:.*]] = arith.constant 0.0
// CHECK-DAG: %[[SUMS:.*]] = memref.view %[[W]][%c0][] : memref<?xi8> to memref<24xf32>
// CHECK: affine.for %[[I:.*]] = 0 to 4 {
// CHECK:   scf.for %[[J:.*]] = %c0 to %c24 step %c1 {
// CHECK:     memref.store %[[ZERO]], %[[SUMS]][%[[J]]]
// CHECK:   }
// CHECK:   scf.for %[[K:.*]] = %c0 to %c16 step %c1 {
// CHECK:     scf.for %[[J2:.*]] = %c0 to %c24 step %c1 {
// CHECK:       %[[OLD:.*]] = memref.load %[[SUMS]][%[[J2]]]
// CHECK:       %[[NEW:.*]] = arith.addf %[[OLD]]
// CHECK:       memref.store %[[NEW]], %[[SUMS]][%[[J2]]]
// CHECK:   scf.for %[[J3:.*]] = %c0 to %c24 step %c1 {
// CHECK:     %[[SUM:.*]] = memref.load %[[SUMS]][%[[J3]]]
// CHECK:     %[[NEG:.*]] = arith.negf %[[SUM]]
// CHECK:     memref.store %[[NEG]], %[[OUT]]
func.func @hoist(%a: tensor<4x16x24xf32>) -> tensor<4x24xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[reorder(r0, d1)]>} {
  %0 = uop.reduce add %a axes [1] : (tensor<4x16x24xf32>) -> tensor<4x24xf32>
  %1 = uop.neg %0 : tensor<4x24xf32>
  return %1 : tensor<4x24xf32>
}

// -----

// Blocks of the reduction: each adds up from the neutral element on, in registers, and waits for
// what is in memory only then.

// CHECK-LABEL: func.func @hoist_blocks(
// CHECK-DAG: %[[NEUTRAL:.*]] = arith.constant -0.0
// CHECK: scf.for %{{.*}} = %c0 to %c4 step %c1 {
// CHECK:   scf.for
// CHECK:     %[[PART:.*]] = scf.for {{.*}} iter_args(%{{.*}} = %[[NEUTRAL]]) -> (f32) {
// CHECK:     }
// CHECK:     %[[OLD:.*]] = memref.load %[[SUMS:.*]][
// CHECK:     %[[NEW:.*]] = arith.addf %[[OLD]], %[[PART]]
// CHECK:     memref.store %[[NEW]], %[[SUMS]][
func.func @hoist_blocks(%a: tensor<4x16x24xf32>) -> tensor<4x24xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[split(r0, 4), reorder(r0.o, d1)]>} {
  %0 = uop.reduce add %a axes [1] : (tensor<4x16x24xf32>) -> tensor<4x24xf32>
  return %0 : tensor<4x24xf32>
}

// -----

// stage: a block of the right operand, columns in panels of 8, is copied before the rows use it. The
// loops of the copy have axes too, `in1.r0`, which further actions name; here rows are copied whole
// and in vectors.

// CHECK-LABEL: func.func @stage(
// CHECK-SAME: %[[A:.*]]: memref<?xf32>, %[[B:.*]]: memref<?xf32>, %[[OUT:.*]]: memref<?xf32>, %[[W:.*]]: memref<?xi8> {tg.workspace})
// CHECK: %[[COPY:.*]] = memref.view %[[W]][{{.*}}][] : memref<?xi8> to memref<144xf32>
// CHECK: affine.for
// CHECK:   scf.for %[[K:.*]] = %c0 to %c6 step %c1 {
// CHECK:     scf.for %[[P:.*]] = %c0 to %c3 step %c1 {
// CHECK:       scf.for
// CHECK:         %[[V:.*]] = vector.load %[[B]][{{.*}}] : memref<?xf32>, vector<8xf32>
// CHECK:         vector.store %[[V]], %[[COPY]]
// CHECK:   scf.for
// CHECK:     scf.for
// CHECK:       scf.for
// CHECK:         scf.for
// CHECK:           memref.load %[[A]]
// CHECK:           memref.load %[[COPY]]
// CHECK-NOT: memref.load %[[B]]
func.func @stage(%a: tensor<20x6xf32>, %b: tensor<6x24xf32>) -> tensor<20x24xf32>
    attributes {tg.kernel, tg.schedule = #uop.schedule<[split(d0, 10), split(d1, 8), reorder(d0.o, d1.o, d0.i, d1.i),
      stage(in1, d0.o, d1.o, r0, d1.i), reorder(in1.r0, in1.d1.o, in1.d1.i), vectorize(in1.d1.i, 8)]>} {
  %1 = uop.reshape %a : tensor<20x6xf32> -> tensor<20x6x1xf32>
  %2 = uop.expand %1 : tensor<20x6x1xf32> -> tensor<20x6x24xf32>
  %3 = uop.reshape %b : tensor<6x24xf32> -> tensor<1x6x24xf32>
  %4 = uop.expand %3 : tensor<1x6x24xf32> -> tensor<20x6x24xf32>
  %5 = uop.mul %2, %4 : tensor<20x6x24xf32>
  %6 = uop.reduce add %5 axes [1] : (tensor<20x6x24xf32>) -> tensor<20x24xf32>
  return %6 : tensor<20x24xf32>
}

// -----

// stage of an operand that is read with a border: the copy has the zeros, and what uses it asks no
// more.

// CHECK-LABEL: func.func @stage_border(
// CHECK: affine.for
// CHECK:   scf.for
// CHECK:     %[[INSIDE:.*]] = scf.if
// CHECK:       memref.load %arg0
// CHECK:     memref.store %[[INSIDE]], %[[COPY:.*]][
// CHECK-NOT: scf.if
// CHECK:   memref.load %[[COPY]]
func.func @stage_border(%a: tensor<4x10xf32>) -> tensor<4x10xf32> attributes {tg.kernel,
    tg.schedule = #uop.schedule<[stage(in0, d0, d1, r0)]>} {
  %zero = uop.const dense<0.0> : tensor<f32>
  %0 = uop.pad %a, %zero low [0, 1] high [0, 1] : tensor<4x10xf32> -> tensor<4x12xf32>
  %1 = uop.window %0 axes [1] sizes [3] strides [1] dilations [1] : tensor<4x12xf32> -> tensor<4x10x3xf32>
  %2 = uop.reduce add %1 axes [2] : (tensor<4x10x3xf32>) -> tensor<4x10xf32>
  return %2 : tensor<4x10xf32>
}

// -----

// stage of what a conversion makes: it is done once per element.

// CHECK-LABEL: func.func @stage_converted(
// CHECK: memref.view {{.*}} to memref<{{.*}}xf32>
// CHECK: scf.for
// CHECK:   %[[NARROW:.*]] = memref.load %arg0[{{.*}}] : memref<?xi8>
// CHECK:   %[[WIDE:.*]] = arith.sitofp %[[NARROW]] : i8 to f32
// CHECK:   memref.store %[[WIDE]]
// CHECK-NOT: arith.sitofp
func.func @stage_converted(%a: tensor<6xi8>, %b: tensor<4x6xf32>) -> tensor<4x6xf32>
    attributes {tg.kernel, tg.schedule = #uop.schedule<[split(d0, 2), stage(in0, d0.o, d1)]>} {
  %0 = uop.cast %a : tensor<6xi8> -> tensor<6xf32>
  %1 = uop.reshape %0 : tensor<6xf32> -> tensor<1x6xf32>
  %2 = uop.expand %1 : tensor<1x6xf32> -> tensor<4x6xf32>
  %3 = uop.sub %b, %2 : tensor<4x6xf32>
  return %3 : tensor<4x6xf32>
}

// -----

// pad: ten rows in blocks of four. What only touches a worker's memory computes whole blocks, what
// reads operands or writes results stops at the tenth row; zeros are staged for what is beyond.

// CHECK-LABEL: func.func @pad(
// CHECK: affine.for
// CHECK:   scf.for %{{.*}} = %c0 to %c3 step %c1 {
// CHECK:     scf.for %{{.*}} = %c10 to
// CHECK:       scf.for
// CHECK:         memref.store %cst, %[[COPY:.*]][
// CHECK:   scf.for %{{.*}} = %c0 to %c3 step %c1 {
// CHECK:     affine.min
// CHECK:     scf.for
// CHECK:       scf.for
// CHECK:         %[[X:.*]] = memref.load %arg0
// CHECK:         memref.store %[[X]], %[[COPY]][
// CHECK:   scf.for %{{.*}} = %c0 to %c3 step %c1 {
// CHECK:     %[[LOW:.*]] = affine.apply
// CHECK:     %[[WHOLE:.*]] = affine.apply
// CHECK:     scf.for %{{.*}} = %[[LOW]] to %[[WHOLE]] step %c4 {
// CHECK-COUNT-4: memref.store
func.func @pad(%a: tensor<10x8xf32>, %b: tensor<8x6xf32>) -> tensor<10x6xf32>
    attributes {tg.kernel, tg.schedule = #uop.schedule<[split(d1, 6), reorder(d1.o, d0, d1.i), split(d0, 4), reorder(r0, d0.o, d0.i, d1.i),
      stage(in0, d1.o, d0.o, d0.i, r0), pad(d0.i), unroll(d0.i, 4)]>} {
  %1 = uop.reshape %a : tensor<10x8xf32> -> tensor<10x8x1xf32>
  %2 = uop.expand %1 : tensor<10x8x1xf32> -> tensor<10x8x6xf32>
  %3 = uop.reshape %b : tensor<8x6xf32> -> tensor<1x8x6xf32>
  %4 = uop.expand %3 : tensor<1x8x6xf32> -> tensor<10x8x6xf32>
  %5 = uop.mul %2, %4 : tensor<10x8x6xf32>
  %6 = uop.reduce add %5 axes [1] : (tensor<10x8x6xf32>) -> tensor<10x6xf32>
  return %6 : tensor<10x6xf32>
}

// -----

// A guarded element that the reduction uses is read in its nest, which is no whole block then; only
// starting values are.

// CHECK-DAG: #[[END:[a-z0-9]+]] = affine_map<(d0) -> (72, d0 * 64 + 64)>
// CHECK-LABEL: func.func @pad_guarded(
// CHECK: affine.for %[[I:.*]] = 0 to 4 {
// CHECK:   scf.for %[[J:.*]] = %c0 to %c2 step %c1 {
// CHECK:     memref.store
// CHECK:     scf.for %{{.*}} = %c0 to %c24 step %c1 {
// CHECK:       %[[MOST:.*]] = affine.min #[[END]](%[[J]])
// CHECK:       scf.for %{{.*}} = %{{.*}} to %[[MOST]] step %c1 {
// CHECK:         memref.load %arg1
func.func @pad_guarded(%x: tensor<4x24xf32>, %y: tensor<5x70xf32>, %j: tensor<4xi32>) -> tensor<4x72xf32>
    attributes {tg.kernel, tg.schedule = #uop.schedule<[split(d1, 64), reorder(r0, d1.i), pad(d1.i)]>} {
  %0 = uop.reshape %x : tensor<4x24xf32> -> tensor<4x24x1xf32>
  %1 = uop.expand %0 : tensor<4x24x1xf32> -> tensor<4x24x72xf32>
  %2 = uop.gather %y, %j axis 0 : (tensor<5x70xf32>, tensor<4xi32>) -> tensor<4x70xf32>
  %zero = uop.const dense<0.0> : tensor<f32>
  %3 = uop.pad %2, %zero low [0, 2] high [0, 0] : tensor<4x70xf32> -> tensor<4x72xf32>
  %4 = uop.reshape %3 : tensor<4x72xf32> -> tensor<4x1x72xf32>
  %5 = uop.expand %4 : tensor<4x1x72xf32> -> tensor<4x24x72xf32>
  %6 = uop.mul %1, %5 : tensor<4x24x72xf32>
  %7 = uop.reduce add %6 axes [1] : (tensor<4x24x72xf32>) -> tensor<4x72xf32>
  return %7 : tensor<4x72xf32>
}
