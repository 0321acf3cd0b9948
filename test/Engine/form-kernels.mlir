// RUN: tg-opt %s --split-input-file --tg-form-kernels | FileCheck %s
// RUN: tg-opt %s --split-input-file --tg-form-kernels=strategy=none | FileCheck %s --check-prefix=NONE

// A reduction, what feeds it and its elementwise epilogue are one kernel.
// CHECK-LABEL: @producers_and_epilogue
// CHECK: uop.kernel ins(%{{.*}}, %{{.*}} : tensor<4x8xf32>, tensor<4xf32>)
// CHECK:   uop.neg
// CHECK:   uop.reduce add
// CHECK:   uop.add
// CHECK:   uop.yield
// CHECK-NOT: uop.kernel
// NONE-LABEL: @producers_and_epilogue
// NONE-COUNT-3: uop.kernel
func.func @producers_and_epilogue(%x: tensor<4x8xf32>, %b: tensor<4xf32>) -> tensor<4xf32> {
  %0 = uop.neg %x : tensor<4x8xf32>
  %1 = uop.reduce add %0 axes [1] : (tensor<4x8xf32>) -> tensor<4xf32>
  %2 = uop.add %1, %b : tensor<4xf32>
  return %2 : tensor<4xf32>
}

// -----

// A reduction that something else reads too is a second result.
// CHECK-LABEL: @shared_reduction
// CHECK: %[[K:.*]]:2 = uop.kernel ins(%arg0
// CHECK:   %[[S:.*]] = uop.reduce add
// CHECK:   %[[E:.*]] = uop.exp2 %[[S]]
// CHECK:   uop.yield %[[E]], %[[S]]
// CHECK: return %[[K]]#1, %[[K]]#0
func.func @shared_reduction(%x: tensor<4x8xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = uop.reduce add %x axes [1] : (tensor<4x8xf32>) -> tensor<4xf32>
  %1 = uop.exp2 %0 : tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}

// -----

// Every element of the exponential would be computed 64 times: it is kept for the row instead.
// CHECK-LABEL: @expensive_and_expanded
// CHECK: uop.kernel
// CHECK:   %[[E:.*]] = uop.exp2
// CHECK:   uop.contiguous %[[E]] rows [0, 1]
// CHECK:   uop.reduce
// CHECK-NOT: uop.kernel
func.func @expensive_and_expanded(%x: tensor<16x1x8xf32>, %y: tensor<16x64x8xf32>)
    -> tensor<16x64xf32> {
  %0 = uop.exp2 %x : tensor<16x1x8xf32>
  %1 = uop.expand %0 : tensor<16x1x8xf32> -> tensor<16x64x8xf32>
  %2 = uop.mul %1, %y : tensor<16x64x8xf32>
  %3 = uop.reduce add %2 axes [2] : (tensor<16x64x8xf32>) -> tensor<16x64xf32>
  return %3 : tensor<16x64xf32>
}

// -----

// The user asks for a buffer.
// CHECK-LABEL: @contiguous
// CHECK: uop.kernel
// CHECK:   uop.neg
// CHECK: uop.kernel
// CHECK:   uop.exp2
// CHECK-NOT: uop.contiguous
func.func @contiguous(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = uop.neg %x : tensor<4xf32>
  %1 = uop.contiguous %0 : tensor<4xf32>
  %2 = uop.exp2 %1 : tensor<4xf32>
  return %2 : tensor<4xf32>
}

// -----

// A constant of more than 64 elements is read from a buffer, a small one is cloned.
// CHECK-LABEL: @constants
// CHECK: %[[C:.*]] = uop.const dense_resource<weights>
// CHECK: uop.kernel ins(%arg0, %[[C]]
// CHECK:   uop.const dense<2.0
func.func @constants(%x: tensor<100xf32>) -> tensor<100xf32> {
  %w = uop.const dense_resource<weights> : tensor<100xf32>
  %two = uop.const dense<2.0> : tensor<100xf32>
  %0 = uop.mul %x, %w : tensor<100xf32>
  %1 = uop.mul %0, %two : tensor<100xf32>
  return %1 : tensor<100xf32>
}

// -----

// Kernels form inside the bodies of control flow; a constant around a body is cloned into it.
// CHECK-LABEL: @control_flow
// CHECK: scf.if
// CHECK:   uop.kernel
// CHECK:     uop.const
// CHECK:   scf.yield
func.func @control_flow(%flag: tensor<i1>, %x: tensor<4xf32>) -> tensor<4xf32> {
  %one = uop.const dense<1.0> : tensor<4xf32>
  %c = tensor.extract %flag[] : tensor<i1>
  %0 = scf.if %c -> tensor<4xf32> {
    %1 = uop.add %x, %one : tensor<4xf32>
    scf.yield %1 : tensor<4xf32>
  } else {
    scf.yield %x : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}
