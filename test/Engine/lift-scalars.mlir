// RUN: tg-opt %s --split-input-file --tg-lift-scalars --verify-diagnostics | FileCheck %s

// Bounds are computed on rank-0 tensors and extracted where the loop reads them.
// CHECK-LABEL: @bounds
// CHECK-DAG: %[[TWO:.*]] = uop.const dense<2> : tensor<i64>
// CHECK: %[[SUM:.*]] = uop.add %arg0, %[[TWO]] : tensor<i64>
// CHECK: %[[S:.*]] = tensor.extract %[[SUM]][] : tensor<i64>
// CHECK: %[[UB:.*]] = arith.index_cast %[[S]] : i64 to index
// CHECK: scf.for %[[I:.*]] = %{{.*}} to %[[UB]]
// CHECK:   %[[IC:.*]] = arith.index_cast %[[I]] : index to i64
// CHECK:   %[[IT:.*]] = tensor.from_elements %[[IC]] : tensor<i64>
// CHECK:   uop.add %{{.*}}, %[[IT]] : tensor<i64>
// CHECK-NOT: arith.addi
func.func @bounds(%n: tensor<i64>) -> tensor<i64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %two = arith.constant 2 : i64
  %0 = tensor.extract %n[] : tensor<i64>
  %1 = arith.addi %0, %two : i64
  %ub = arith.index_cast %1 : i64 to index
  %zero = uop.const dense<0> : tensor<i64>
  %r = scf.for %i = %c0 to %ub step %c1 iter_args(%a = %zero) -> tensor<i64> {
    %2 = arith.index_cast %i : index to i64
    %3 = tensor.from_elements %2 : tensor<i64>
    %4 = uop.add %a, %3 : tensor<i64>
    scf.yield %4 : tensor<i64>
  }
  return %r : tensor<i64>
}

// -----

func.func @not_a_scalar(%x: tensor<4xi1>, %i: tensor<i64>) -> tensor<i1> {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{stands outside a kernel only on a tensor of rank 0; shrink first}}
  %0 = tensor.extract %x[%c0] : tensor<4xi1>
  %1 = tensor.from_elements %0 : tensor<i1>
  return %1 : tensor<i1>
}

// -----

func.func @no_rule(%x: tensor<f32>) -> tensor<f32> {
  %0 = tensor.extract %x[] : tensor<f32>
  // expected-error @+1 {{does not compile as a host scalar; use uop on a tensor of rank 0}}
  %1 = arith.negf %0 : f32
  %2 = tensor.from_elements %1 : tensor<f32>
  return %2 : tensor<f32>
}
