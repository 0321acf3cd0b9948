// RUN: tg-opt %s --tg-kernel-to-structured --cse | FileCheck %s
// RUN: tg-opt %s --pass-pipeline='builtin.module(tg-kernel-to-structured,cse,func.func(tg-cpu-schedule{vector-bits=512 vector-registers=32}))' \
// RUN:   | FileCheck %s --check-prefix=SCHEDULE

// The squares of a row are computed before their two uses, into memory of the worker's own, which
// has room for eight rows.

// CHECK: func.func @keep(%[[X:.*]]: memref<?xf32>, %[[OUT:.*]]: memref<?xf32>, %[[SPACE:.*]]: memref<?xi8> {tg.workspace})
// CHECK-SAME: tg.workspace = #uop.dim<2048>
// CHECK: %[[ROWS:.*]] = memref.view %[[SPACE]]
// CHECK: affine.for %[[I:.*]] = 0 to 32 {
// CHECK:   affine.for %{{.*}} = 0 to 64 {
// CHECK:     memref.store %{{.*}}, %[[ROWS]]
// CHECK:   } {tg.parallel}
// CHECK:   affine.for %{{.*}} = 0 to 64 iter_args
// CHECK:     memref.load %[[ROWS]]
// CHECK:   affine.for %{{.*}} = 0 to 64 {
// CHECK:     memref.load %[[ROWS]]
// CHECK:     memref.store %{{.*}}, %[[OUT]]

// SCHEDULE: tg.opts = [
func.func @keep(%x: tensor<32x64xf32>) -> tensor<32x64xf32> attributes {tg.kernel} {
  %0 = uop.mul %x, %x : tensor<32x64xf32>
  %1 = uop.contiguous %0 rows [0] : tensor<32x64xf32>
  %2 = uop.reduce add %1 axes [1] : (tensor<32x64xf32>) -> tensor<32xf32>
  %3 = uop.reshape %2 : tensor<32xf32> -> tensor<32x1xf32>
  %4 = uop.expand %3 : tensor<32x1xf32> -> tensor<32x64xf32>
  %5 = uop.fdiv %1, %4 : tensor<32x64xf32>
  return %5 : tensor<32x64xf32>
}
