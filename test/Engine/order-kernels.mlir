// RUN: tg-opt %s --split-input-file --tg-order-kernels | FileCheck %s
// RUN: tg-opt %s --split-input-file --tg-order-kernels=strategy=program | FileCheck %s --check-prefix=PROGRAM
// RUN: tg-opt %s --split-input-file --tg-order-kernels --mlir-disable-threading \
// RUN:   --remarks-filter=tg-order --remark-policy=all 2>&1 | FileCheck %s --check-prefix=WHY
// RUN: not tg-opt %s --split-input-file --tg-order-kernels=strategy=late 2>&1 | FileCheck %s --check-prefix=LATE

// LATE: unknown order strategy 'late'; there are: memory, program

// Each big value is summed before the next one is made.

// CHECK-LABEL: @sums
// CHECK: %[[A:.*]] = uop.kernel {{.*}} -> tensor<1024xf32>
// CHECK: uop.kernel ins(%[[A]] : {{.*}} -> tensor<f32>
// CHECK: %[[B:.*]] = uop.kernel {{.*}} -> tensor<1024xf32>
// CHECK: uop.kernel ins(%[[B]] : {{.*}} -> tensor<f32>
// PROGRAM-LABEL: @sums
// PROGRAM: uop.kernel {{.*}} -> tensor<1024xf32>
// PROGRAM: uop.kernel {{.*}} -> tensor<1024xf32>
// WHY: criticalPath=3, kernels=5, peakAfter=4104, peakBefore=8196, widestLevel=2
func.func @sums(%x: tensor<1xf32>, %y: tensor<1xf32>) -> tensor<f32> {
  %a = uop.kernel ins(%x : tensor<1xf32>) -> tensor<1024xf32> {
  ^bb0(%0: tensor<1xf32>):
    %1 = uop.expand %0 : tensor<1xf32> -> tensor<1024xf32>
    uop.yield %1 : tensor<1024xf32>
  }
  %b = uop.kernel ins(%y : tensor<1xf32>) -> tensor<1024xf32> {
  ^bb0(%0: tensor<1xf32>):
    %1 = uop.expand %0 : tensor<1xf32> -> tensor<1024xf32>
    uop.yield %1 : tensor<1024xf32>
  }
  %c = uop.kernel ins(%a : tensor<1024xf32>) -> tensor<f32> {
  ^bb0(%0: tensor<1024xf32>):
    %1 = uop.reduce add %0 axes [0] : (tensor<1024xf32>) -> tensor<f32>
    uop.yield %1 : tensor<f32>
  }
  %d = uop.kernel ins(%b : tensor<1024xf32>) -> tensor<f32> {
  ^bb0(%0: tensor<1024xf32>):
    %1 = uop.reduce add %0 axes [0] : (tensor<1024xf32>) -> tensor<f32>
    uop.yield %1 : tensor<f32>
  }
  %e = uop.kernel ins(%c, %d : tensor<f32>, tensor<f32>) -> tensor<f32> {
  ^bb0(%0: tensor<f32>, %1: tensor<f32>):
    %2 = uop.add %0, %1 : tensor<f32>
    uop.yield %2 : tensor<f32>
  }
  return %e : tensor<f32>
}

// -----

// No kernel moves past a bind.
// CHECK-LABEL: @bind
// CHECK: uop.kernel
// CHECK: uop.bind
// CHECK: uop.kernel
uop.var @K in [0, 8]
func.func @bind(%n: tensor<i64>, %x: tensor<8xf32>) -> (tensor<8xf32>, tensor<?xf32, #uop.dims<K>>) {
  %a = uop.kernel ins(%x : tensor<8xf32>) -> tensor<8xf32> {
  ^bb0(%0: tensor<8xf32>):
    %1 = uop.neg %0 : tensor<8xf32>
    uop.yield %1 : tensor<8xf32>
  }
  uop.bind @K = %n : tensor<i64>
  %b = uop.kernel ins(%a : tensor<8xf32>) -> tensor<?xf32, #uop.dims<K>> {
  ^bb0(%0: tensor<8xf32>):
    %1 = uop.shrink %0 offsets [0] sizes [K] strides [1] : tensor<8xf32> -> tensor<?xf32, #uop.dims<K>>
    uop.yield %1 : tensor<?xf32, #uop.dims<K>>
  }
  return %a, %b : tensor<8xf32>, tensor<?xf32, #uop.dims<K>>
}
