// RUN: tg-opt %s --tg-kernel-to-loops=check-indices=true | FileCheck %s

// An index out of range is written to the worker's error slot.

// CHECK: func.func @gather({{.*}}, %[[ERROR:.*]]: memref<?xi32> {tg.error})
// CHECK: %[[OK:.*]] = arith.cmpi ule
// CHECK: %[[BAD:.*]] = arith.xori %[[OK]], %true
// CHECK: scf.if %[[BAD]] {
// CHECK:   %[[CODE:.*]] = arith.constant 1 : i32
// CHECK:   memref.store %[[CODE]], %[[ERROR]]
func.func @gather(%a: tensor<10x8xf32>, %i: tensor<3xi64>) -> tensor<3x8xf32>
    attributes {tg.kernel} {
  %0 = uop.gather %a, %i axis 0 : (tensor<10x8xf32>, tensor<3xi64>) -> tensor<3x8xf32>
  return %0 : tensor<3x8xf32>
}
