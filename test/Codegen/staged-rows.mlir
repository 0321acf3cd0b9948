// RUN: tg-opt %s --tg-kernel-to-loops --cse | FileCheck %s
// RUN: tg-opt %s --pass-pipeline='builtin.module(tg-kernel-to-loops,cse,func.func(tg-cpu-default-schedule{vector-bits=512 vector-registers=32}))' \
// RUN:   | FileCheck %s --check-prefix=SCHEDULE

// The squares of a row are computed before their two uses, into memory of the worker's own, which
// has room for eight rows.

// CHECK: func.func @keep(%[[X:.*]]: memref<?xf32>, %[[OUT:.*]]: memref<?xf32>, %[[SPACE:.*]]: memref<?xi8> {tg.workspace})
// CHECK-SAME: tg.workspace = #uop.dim<2048>
// CHECK: %[[ROWS:.*]] = memref.view %[[SPACE]]
// CHECK: affine.for %[[I:.*]] = 0 to 32 {
// CHECK:   affine.for %{{.*}} = 0 to 64 {
// CHECK:     memref.store %{{.*}}, %[[ROWS]]
// CHECK:   } {tg.axis = "d2", tg.parallel}
// CHECK:   affine.for %{{.*}} = 0 to 64 iter_args
// CHECK:     memref.load %[[ROWS]]
// CHECK:   affine.for %{{.*}} = 0 to 64 {
// CHECK:     memref.load %[[ROWS]]
// CHECK:     memref.store %{{.*}}, %[[OUT]]

// SCHEDULE: tg.schedule = #uop.schedule<[
func.func @keep(%x: tensor<32x64xf32>) -> tensor<32x64xf32> attributes {tg.kernel} {
  %0 = uop.mul %x, %x : tensor<32x64xf32>
  %1 = uop.contiguous %0 rows [0] : tensor<32x64xf32>
  %2 = uop.reduce add %1 axes [1] : (tensor<32x64xf32>) -> tensor<32xf32>
  %3 = uop.reshape %2 : tensor<32xf32> -> tensor<32x1xf32>
  %4 = uop.expand %3 : tensor<32x1xf32> -> tensor<32x64xf32>
  %5 = uop.fdiv %1, %4 : tensor<32x64xf32>
  return %5 : tensor<32x64xf32>
}

// One row: every worker fills a memory of its own, whatever share of the results it computes.
// CHECK: func.func @one_row(
// CHECK: affine.for
// CHECK:   memref.store
// CHECK-NOT: tg.parallel
// CHECK: affine.for {{.*}} iter_args
// CHECK: affine.for
// CHECK:   memref.store
// CHECK: } {{{.*}}tg.parallel}
func.func @one_row(%x: tensor<1x64xf32>) -> tensor<1x64xf32> attributes {tg.kernel} {
  %0 = uop.mul %x, %x : tensor<1x64xf32>
  %1 = uop.contiguous %0 rows [0] : tensor<1x64xf32>
  %2 = uop.reduce add %1 axes [1] : (tensor<1x64xf32>) -> tensor<1xf32>
  %3 = uop.reshape %2 : tensor<1xf32> -> tensor<1x1xf32>
  %4 = uop.expand %3 : tensor<1x1xf32> -> tensor<1x64xf32>
  %5 = uop.fdiv %1, %4 : tensor<1x64xf32>
  return %5 : tensor<1x64xf32>
}

// The loop around is not turned into vectors: rows have slots, lanes have none.
// SCHEDULE: func.func @gathered(
// SCHEDULE-NOT: vectorize(d0
// SCHEDULE: affine.for
func.func @gathered(%a: tensor<31x16xf32>, %i: tensor<i32>) -> tensor<16xf32> attributes {tg.kernel} {
  %0 = uop.sqrt %a : tensor<31x16xf32>
  %1 = uop.contiguous %0 rows [1] : tensor<31x16xf32>
  %2 = uop.gather %1, %i axis 0 : (tensor<31x16xf32>, tensor<i32>) -> tensor<16xf32>
  return %2 : tensor<16xf32>
}
