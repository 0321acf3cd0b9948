// RUN: tg-opt %s --tg-kernel-to-loops --cse --canonicalize -split-input-file | FileCheck %s

// Views become index maps; neighboring axes are one loop where that costs nothing.

// CHECK-DAG: #[[SHUFFLE:.*]] = affine_map<(d0, d1) -> (d0 * 12 + d1 - (d0 floordiv 2) * 20 - 1)>
// CHECK-DAG: #[[T:.*]] = affine_map<(d0, d1) -> (d0 + d1 * 3)>
// CHECK-DAG: #[[OUT:.*]] = affine_map<(d0, d1) -> (d0 * 2 + d1)>
// CHECK-DAG: #[[READ:.*]] = affine_map<(d0, d1, d2) -> (d0 * 48 + d1 + d2 * 6)>
// CHECK-LABEL: func.func @transpose(
// CHECK-SAME: %[[A:.*]]: memref<?xf32>, %[[R:.*]]: memref<?xf32>)
// CHECK-SAME: tg.bytes = #uop.dim<48>, tg.flops = #uop.dim<6>, tg.kernel, tg.range = #uop.dim<3>
// CHECK: affine.for %[[I:.*]] = 0 to 3 {
// CHECK:   affine.for %[[J:.*]] = 0 to 2 {
// CHECK:     %[[P:.*]] = affine.apply #[[T]](%[[I]], %[[J]])
// CHECK:     %[[X:.*]] = memref.load %[[A]][%[[P]]]
// CHECK:     %[[N:.*]] = arith.negf %[[X]]
// CHECK:     %[[Q:.*]] = affine.apply #[[OUT]](%[[I]], %[[J]])
// CHECK:     memref.store %[[N]], %[[R]][%[[Q]]]
// CHECK:   } {tg.axis = "d1", tg.parallel}
// CHECK: } {tg.axis = "d0", tg.parallel}
func.func @transpose(%a: tensor<2x3xf32>) -> tensor<3x2xf32> attributes {tg.kernel} {
  %0 = uop.permute %a [1, 0] : tensor<2x3xf32> -> tensor<3x2xf32>
  %1 = uop.neg %0 : tensor<3x2xf32>
  return %1 : tensor<3x2xf32>
}

// CHECK-LABEL: func.func @flat(
// CHECK: affine.for %[[I:.*]] = 0 to 6 {
// CHECK-NOT: affine.for
// CHECK: return
func.func @flat(%a: tensor<2x3xf32>) -> tensor<2x3xf32> attributes {tg.kernel} {
  %0 = uop.neg %a : tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// Only the axis that a reshape splits is divided; the one beside it may leave its range at a pad.

// CHECK-LABEL: func.func @shuffled_channels(
// CHECK: affine.apply #[[SHUFFLE]](
func.func @shuffled_channels(%a: tensor<6x4xf32>) -> tensor<6x6xf32> attributes {tg.kernel} {
  %zero = uop.const dense<0.0> : tensor<f32>
  %0 = uop.reshape %a : tensor<6x4xf32> -> tensor<2x3x4xf32>
  %1 = uop.permute %0 [1, 0, 2] : tensor<2x3x4xf32> -> tensor<3x2x4xf32>
  %2 = uop.reshape %1 : tensor<3x2x4xf32> -> tensor<6x4xf32>
  %3 = uop.pad %2, %zero low [0, 1] high [0, 1] : tensor<6x4xf32> -> tensor<6x6xf32>
  return %3 : tensor<6x6xf32>
}

// A reduction behind a reshape has loops of its own shape, whose indices need no division.

// CHECK-LABEL: func.func @reshaped(
// CHECK: affine.for %[[I:.*]] = 0 to 4 {
// CHECK:   affine.for %[[J:.*]] = 0 to 6 {
// CHECK:     affine.for %[[K:.*]] = 0 to 8
// CHECK:       affine.apply #[[READ]](%[[I]], %[[J]], %[[K]])
func.func @reshaped(%a: tensor<4x8x6xf32>) -> tensor<3x8xf32> attributes {tg.kernel} {
  %0 = uop.reduce add %a axes [1] : (tensor<4x8x6xf32>) -> tensor<4x6xf32>
  %1 = uop.reshape %0 : tensor<4x6xf32> -> tensor<3x8xf32>
  %2 = uop.neg %1 : tensor<3x8xf32>
  return %2 : tensor<3x8xf32>
}

// -----

// A reduction stands outside of the loops that it does not depend on; its epilogue follows.

// CHECK-LABEL: func.func @center(
// CHECK-SAME: %[[N:[a-z0-9]+]]: index {tg.var = "N"})
// CHECK-SAME: tg.range = #uop.dim<N>
// CHECK: affine.for %[[I:.*]] = 0 to %[[N]] {
// CHECK:   %[[S:.*]] = affine.for %{{.*}} = 0 to 8 iter_args
// CHECK:   affine.for %{{.*}} = 0 to 8 {
// CHECK:     arith.subf %{{.*}}, %[[S]]
// CHECK:   } {{{.*}}tg.parallel}
// CHECK: } {{{.*}}tg.parallel}
uop.var @N in [1, 64]
func.func @center(%a: tensor<?x8xf32, #uop.dims<N, 8>>) -> tensor<?x8xf32, #uop.dims<N, 8>>
    attributes {tg.kernel} {
  %s = uop.reduce add %a axes [1]
     : (tensor<?x8xf32, #uop.dims<N, 8>>) -> tensor<?xf32, #uop.dims<N>>
  %1 = uop.reshape %s : tensor<?xf32, #uop.dims<N>> -> tensor<?x1xf32, #uop.dims<N, 1>>
  %2 = uop.expand %1 : tensor<?x1xf32, #uop.dims<N, 1>> -> tensor<?x8xf32, #uop.dims<N, 8>>
  %3 = uop.sub %a, %2 : tensor<?x8xf32, #uop.dims<N, 8>>
  return %3 : tensor<?x8xf32, #uop.dims<N, 8>>
}

// -----

// A border: the load is guarded. Where it shows zero, the guard is all there is.

// CHECK-LABEL: func.func @border(
// CHECK: %[[V:.*]] = scf.if %{{.*}} -> (f32) {
// CHECK:   memref.load
// CHECK: } else {
// CHECK-NOT: arith.select
// CHECK: memref.store %[[V]]
func.func @border(%a: tensor<4xf32>) -> tensor<7xf32> attributes {tg.kernel} {
  %z = uop.const dense<0.0> : tensor<f32>
  %0 = uop.pad %a, %z low [1] high [2] : tensor<4xf32> -> tensor<7xf32>
  return %0 : tensor<7xf32>
}

// -----

// Operands of concat are written in place, one nest each; i1 is one byte.

// CHECK-LABEL: func.func @join(
// CHECK-SAME: %[[A:.*]]: memref<?xi8>, %[[B:.*]]: memref<?xi8>, %[[R:.*]]: memref<?xi8>)
// CHECK-SAME: tg.range = #uop.dim<7>
// CHECK: affine.for %{{.*}} = 0 to 4
// CHECK:   arith.extui %{{.*}} : i1 to i8
// CHECK:   memref.store %{{.*}}, %[[R]]
// CHECK: affine.for %{{.*}} = 0 to 3
// CHECK:   memref.store %{{.*}}, %[[R]]
func.func @join(%a: tensor<4xi1>, %b: tensor<3xi1>) -> tensor<7xi1> attributes {tg.kernel} {
  %0 = uop.concat %a, %b axis 0 : tensor<4xi1>, tensor<3xi1> -> tensor<7xi1>
  return %0 : tensor<7xi1>
}

// -----

// In place: only the part is written.

// CHECK-LABEL: func.func @assign_in_place(
// CHECK: affine.for %{{.*}} = 0 to 2 {
// CHECK-NOT: affine.for
// CHECK: return
func.func @assign_in_place(%a: tensor<9xf32>, %b: tensor<2xf32>)
    -> (tensor<9xf32> {tg.alias = 0 : i64}) attributes {tg.kernel} {
  %0 = uop.assign %a, %b offsets [3] : tensor<9xf32>, tensor<2xf32>
  return %0 : tensor<9xf32>
}

// -----

// Two elements of i4 make a byte; one iteration writes all of it.

// CHECK-LABEL: func.func @packed(
// CHECK: affine.for %{{.*}} = 0 to 4 {
// CHECK: arith.ori %{{.*}}, %{{.*}} : i8
// CHECK: memref.store %{{.*}} : memref<?xi8>
func.func @packed(%a: tensor<8xi8>) -> tensor<8xi4> attributes {tg.kernel} {
  %0 = uop.cast %a : tensor<8xi8> -> tensor<8xi4>
  return %0 : tensor<8xi4>
}

// -----

// A merge sort of positions, in the worker's own memory.

// CHECK-LABEL: func.func @sort(
// CHECK-SAME: memref<?xi8> {tg.workspace}) attributes {{.*}} tg.workspace = #uop.dim<128>
// CHECK: scf.while
func.func @sort(%a: tensor<3x8xf32>) -> tensor<3x8xf32> attributes {tg.kernel} {
  %0 = uop.sort %a axis 1 : (tensor<3x8xf32>) -> tensor<3x8xf32>
  return %0 : tensor<3x8xf32>
}
