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

// A bound that is an induction variable is read from the tensor that holds it.
// CHECK-LABEL: @nested
// CHECK: scf.for %[[I:[a-z0-9]+]] =
// CHECK:   %[[IC:.*]] = arith.index_cast %[[I]] : index to i64
// CHECK:   %[[IT:.*]] = tensor.from_elements %[[IC]] : tensor<i64>
// CHECK:   %[[S:.*]] = tensor.extract %[[IT]][] : tensor<i64>
// CHECK:   %[[UB:.*]] = arith.index_cast %[[S]] : i64 to index
// CHECK:   scf.for %{{.*}} = %{{.*}} to %[[UB]]
func.func @nested(%a: tensor<i64>) -> tensor<i64> {
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %c3 step %c1 iter_args(%p = %a) -> tensor<i64> {
    %k = scf.for %j = %c0 to %i step %c1 iter_args(%q = %p) -> tensor<i64> {
      %t = uop.add %q, %q : tensor<i64>
      scf.yield %t : tensor<i64>
    }
    scf.yield %k : tensor<i64>
  }
  return %r : tensor<i64>
}

// -----

// Scalars that control flow carries are tensors; an index is an i64.
// CHECK-LABEL: @carried
// CHECK: scf.for {{.*}} iter_args(%[[A:[a-z0-9]+]] = %{{.*}}) -> (tensor<i64>)
// CHECK:   %[[N:.*]] = uop.add %[[A]], %[[A]] : tensor<i64>
// CHECK:   scf.if {{.*}} -> (tensor<i64>)
// CHECK-NOT: arith.addi
func.func @carried(%n: tensor<i64>, %c: tensor<i1>) -> tensor<i64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %s = tensor.extract %n[] : tensor<i64>
  %ub = arith.index_cast %s : i64 to index
  %p = tensor.extract %c[] : tensor<i1>
  %r = scf.for %i = %c0 to %ub step %c1 iter_args(%a = %c1) -> index {
    %0 = arith.addi %a, %a : index
    %1 = scf.if %p -> index {
      scf.yield %0 : index
    } else {
      scf.yield %i : index
    }
    scf.yield %1 : index
  }
  %k = arith.index_cast %r : index to i64
  %t = tensor.from_elements %k : tensor<i64>
  return %t : tensor<i64>
}

// -----

// `i1` is a number of one bit in arith: its lowest bit, whose sign it is.
// CHECK-LABEL: @bits
// CHECK: %[[X:.*]] = uop.xor %arg0, %arg0 : tensor<i1>
// CHECK: %[[W:.*]] = uop.cast %[[X]] : tensor<i1> -> tensor<i64>
// CHECK: %[[S:.*]] = uop.neg %[[W]] : tensor<i64>
// CHECK: %[[L:.*]] = uop.and %[[S]], %{{.*}} : tensor<i64>
// CHECK: uop.cast %[[L]] : tensor<i64> -> tensor<i1>
func.func @bits(%c: tensor<i1>) -> tensor<i1> {
  %p = tensor.extract %c[] : tensor<i1>
  %0 = arith.addi %p, %p : i1
  %1 = arith.extsi %0 : i1 to i64
  %2 = arith.trunci %1 : i64 to i1
  %t = tensor.from_elements %2 : tensor<i1>
  return %t : tensor<i1>
}

// -----

// Comparisons without a sign compare types without one; of floats, NaN is what uop's are false for.
// CHECK-LABEL: @compare
// CHECK: %[[A:.*]] = uop.bitcast %arg0 : tensor<i64> -> tensor<ui64>
// CHECK: %[[B:.*]] = uop.bitcast %arg0 : tensor<i64> -> tensor<ui64>
// CHECK: uop.cmplt %[[A]], %[[B]] : tensor<ui64>
// CHECK: %[[LE:.*]] = uop.cmple %arg1, %arg1 : tensor<f32>
// CHECK: uop.not %[[LE]] : tensor<i1>
func.func @compare(%n: tensor<i64>, %x: tensor<f32>) -> (tensor<i1>, tensor<i1>) {
  %s = tensor.extract %n[] : tensor<i64>
  %f = tensor.extract %x[] : tensor<f32>
  %0 = arith.cmpi ult, %s, %s : i64
  %1 = arith.cmpf ugt, %f, %f : f32
  %t0 = tensor.from_elements %0 : tensor<i1>
  %t1 = tensor.from_elements %1 : tensor<i1>
  return %t0, %t1 : tensor<i1>, tensor<i1>
}

// -----

// An element at constant indices, and a size.
// CHECK-LABEL: @element
// CHECK: uop.shrink %arg0 offsets [2] sizes [1] : tensor<?xf32, #uop.dims<N>> -> tensor<1xf32>
// CHECK: uop.size [N] : tensor<i64>
uop.var @N in [3, 8]
func.func @element(%x: tensor<?xf32, #uop.dims<N>>) -> (tensor<f32>, tensor<i64>) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %0 = tensor.extract %x[%c2] : tensor<?xf32, #uop.dims<N>>
  %1 = tensor.from_elements %0 : tensor<f32>
  %2 = tensor.dim %x, %c0 : tensor<?xf32, #uop.dims<N>>
  %3 = arith.index_cast %2 : index to i64
  %4 = tensor.from_elements %3 : tensor<i64>
  return %1, %4 : tensor<f32>, tensor<i64>
}

// -----

func.func @unknown_index(%x: tensor<4xi1>, %i: tensor<i64>) -> tensor<i1> {
  %s = tensor.extract %i[] : tensor<i64>
  %k = arith.index_cast %s : i64 to index
  // expected-error @+1 {{stands outside a kernel only with constant indices; gather first}}
  %0 = tensor.extract %x[%k] : tensor<4xi1>
  %1 = tensor.from_elements %0 : tensor<i1>
  return %1 : tensor<i1>
}

// -----

func.func @no_rule(%x: tensor<i64>) -> tensor<i64> {
  %0 = tensor.extract %x[] : tensor<i64>
  // expected-error @+1 {{does not compile as a host scalar; use uop on a tensor of rank 0}}
  %1 = arith.divsi %0, %0 : i64
  %2 = tensor.from_elements %1 : tensor<i64>
  return %2 : tensor<i64>
}

// -----

func.func @unsigned(%x: tensor<f32>, %n: tensor<i64>) -> tensor<f32> {
  %s = tensor.extract %n[] : tensor<i64>
  // expected-error @+1 {{counts to unsigned bounds of 'i64'; a program has signed ones of 64 bits}}
  %r = scf.for unsigned %i = %s to %s step %s iter_args(%a = %x) -> tensor<f32> : i64 {
    scf.yield %a : tensor<f32>
  }
  return %r : tensor<f32>
}

// -----

// Behind a static axis: the run fails, if it comes there.
// CHECK-LABEL: @outside
// CHECK: scf.if
// CHECK: uop.check [-1] "index 5 is out of range for an axis of 3"
func.func @outside(%x: tensor<3xf32>, %c: tensor<i1>, %y: tensor<f32>) -> tensor<f32> {
  %p = tensor.extract %c[] : tensor<i1>
  %c5 = arith.constant 5 : index
  %r = scf.if %p -> tensor<f32> {
    %0 = tensor.extract %x[%c5] : tensor<3xf32>
    %1 = tensor.from_elements %0 : tensor<f32>
    scf.yield %1 : tensor<f32>
  } else {
    scf.yield %y : tensor<f32>
  }
  return %r : tensor<f32>
}

// -----

func.func @narrow(%c: tensor<i1>) -> tensor<i1> {
  // expected-error @+1 {{'arith.constant' op does not compile as a host scalar; use uop on a tensor of rank 0}}
  %0 = arith.constant 5 : i7
  %1 = arith.cmpi eq, %0, %0 : i7
  %2 = tensor.from_elements %1 : tensor<i1>
  return %2 : tensor<i1>
}

// -----

func.func @toward_zero(%x: tensor<f32>) -> tensor<f16> {
  %0 = tensor.extract %x[] : tensor<f32>
  // expected-error @+1 {{'arith.truncf' op does not compile as a host scalar}}
  %1 = arith.truncf %0 toward_zero : f32 to f16
  %2 = tensor.from_elements %1 : tensor<f16>
  return %2 : tensor<f16>
}
