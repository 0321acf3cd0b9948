// RUN: tg-opt %s -tg-simplify | FileCheck %s
// RUN: tg-opt %s -tg-simplify --remark-format=emitRemark --remarks-filter=tg-simplify 2>&1 | FileCheck %s --check-prefix=REMARK

// The rules one by one are in proofs/; here is how they work together.

uop.var @N in [1, 100]

// Constants meet and fold.
// CHECK-LABEL: @constants
// CHECK-DAG: %[[SIX:.*]] = uop.const dense<6> : tensor<4xi32>
// CHECK-DAG: %[[FOUR:.*]] = uop.const dense<4> : tensor<4xi32>
// CHECK: %[[M:.*]] = uop.mul %arg0, %[[SIX]] : tensor<4xi32>
// CHECK: uop.add %[[M]], %[[FOUR]] : tensor<4xi32>
func.func @constants(%x: tensor<4xi32>) -> tensor<4xi32> {
  %c2 = uop.const dense<2> : tensor<4xi32>
  %c3 = uop.const dense<3> : tensor<4xi32>
  %c7 = uop.const dense<7> : tensor<4xi32>
  %1 = uop.mul %x, %c2 : tensor<4xi32>
  %2 = uop.mul %1, %c3 : tensor<4xi32>
  %3 = uop.reshape %2 : tensor<4xi32> -> tensor<2x2xi32>
  %4 = uop.reshape %3 : tensor<2x2xi32> -> tensor<4xi32>
  %5 = uop.add %4, %c7 : tensor<4xi32>
  %6 = uop.sub %5, %c3 : tensor<4xi32>
  return %6 : tensor<4xi32>
}

// Movement goes, work on expanded values is done once.
// CHECK-LABEL: @broadcast
// CHECK: %[[C:.*]] = uop.const dense<5.000000e-01> : tensor<4x1xf32>
// CHECK: %[[X:.*]] = uop.reshape %{{.*}} : tensor<4xf32> -> tensor<4x1xf32>
// CHECK: %[[M:.*]] = uop.mul %[[X]], %[[C]] : tensor<4x1xf32>
// CHECK: %[[R:.*]] = uop.reshape %[[M]] : tensor<4x1xf32> -> tensor<4xf32>
// CHECK: uop.reduce max %[[R]] axes [0]
// REMARK: remark: [Passed] elementwise-of-expand | Category:tg-simplify
func.func @broadcast(%x: tensor<4xf32>) -> tensor<f32> {
  %r = uop.reshape %x : tensor<4xf32> -> tensor<4x1xf32>
  %e = uop.expand %r : tensor<4x1xf32> -> tensor<4x3xf32>
  %c = uop.const dense<2.0> : tensor<4x3xf32>
  %d = uop.fdiv %e, %c : tensor<4x3xf32>
  %p = uop.permute %d [1, 0] : tensor<4x3xf32> -> tensor<3x4xf32>
  %m = uop.reduce max %p axes [0] : (tensor<3x4xf32>) -> tensor<4xf32>
  %n = uop.reduce max %m axes [0] : (tensor<4xf32>) -> tensor<f32>
  return %n : tensor<f32>
}

// Dead code goes, equal operations meet, also across a bind.
// CHECK-LABEL: @cse
// CHECK-NOT: uop.sin
// CHECK: %[[E:.*]] = uop.exp
// CHECK: uop.bind
// CHECK-NOT: uop.exp
// CHECK: return %[[E]], %[[E]]
func.func @cse(%x: tensor<4xf32>, %n: tensor<i64>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = uop.sin %x : tensor<4xf32>
  %1 = uop.exp %x : tensor<4xf32>
  uop.bind @N = %n : tensor<i64>
  %2 = uop.exp %x : tensor<4xf32>
  return %1, %2 : tensor<4xf32>, tensor<4xf32>
}

// A symbolic splat is an expanded constant, and read as one.
// CHECK-LABEL: @symbolic
// CHECK-NEXT: return %arg0
func.func @symbolic(%x: tensor<?xi32, #uop.dims<N>>) -> tensor<?xi32, #uop.dims<N>> {
  %one = uop.const dense<1> : tensor<1xi32>
  %s = uop.expand %one : tensor<1xi32> -> tensor<?xi32, #uop.dims<N>>
  %0 = uop.mul %s, %x : tensor<?xi32, #uop.dims<N>>
  return %0 : tensor<?xi32, #uop.dims<N>>
}

// Combiners are simplified in place: their constants stay inside.
// CHECK-LABEL: @combiner
// CHECK: uop.reduce
// CHECK-NEXT: ^bb0
// CHECK-NEXT: %[[C:.*]] = uop.const dense<5> : tensor<i32>
// CHECK-NEXT: %[[A:.*]] = uop.max %{{.*}}, %[[C]]
// CHECK-NEXT: uop.yield %[[A]]
func.func @combiner(%x: tensor<4xi32>) -> (tensor<i32>, tensor<i32>) {
  %five = uop.const dense<5> : tensor<i32>
  %r = uop.reduce %x axes [0] identities [0 : i32] : (tensor<4xi32>) -> tensor<i32> {
  ^bb0(%a: tensor<i32>, %e: tensor<i32>):
    %c = uop.const dense<5> : tensor<i32>
    %0 = uop.neg %e : tensor<i32>
    %1 = uop.neg %0 : tensor<i32>
    %2 = uop.max %c, %1 : tensor<i32>
    uop.yield %2 : tensor<i32>
  }
  return %r, %five : tensor<i32>, tensor<i32>
}

// Powers of two meet other constants without a change of any bit; 0.1 and 0.3 stay apart.
// CHECK-LABEL: @exact_floats
// CHECK-DAG: %[[SIX:.*]] = uop.const dense<6.000000e+00> : tensor<4xf32>
// CHECK-DAG: %[[FIVE:.*]] = uop.const dense<5.000000e+00> : tensor<4xf32>
// CHECK-DAG: %[[TENTH:.*]] = uop.const dense<1.000000e-01> : tensor<4xf32>
// CHECK-DAG: %[[P3:.*]] = uop.const dense<3.000000e-01> : tensor<4xf32>
// CHECK: %[[A:.*]] = uop.mul %arg0, %[[SIX]] : tensor<4xf32>
// CHECK: %[[B:.*]] = uop.mul %arg0, %[[FIVE]] : tensor<4xf32>
// CHECK: %[[C:.*]] = uop.mul %arg0, %[[TENTH]] : tensor<4xf32>
// CHECK: %[[D:.*]] = uop.mul %[[C]], %[[P3]] : tensor<4xf32>
// CHECK: return %[[A]], %[[B]], %[[D]]
func.func @exact_floats(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %c2 = uop.const dense<2.0> : tensor<4xf32>
  %c3 = uop.const dense<3.0> : tensor<4xf32>
  %c01 = uop.const dense<0.1> : tensor<4xf32>
  %c03 = uop.const dense<0.3> : tensor<4xf32>
  %0 = uop.mul %x, %c2 : tensor<4xf32>
  %1 = uop.mul %0, %c3 : tensor<4xf32>
  %2 = uop.add %x, %x : tensor<4xf32>
  %3 = uop.add %2, %x : tensor<4xf32>
  %4 = uop.add %3, %x : tensor<4xf32>
  %5 = uop.add %x, %4 : tensor<4xf32>
  %6 = uop.mul %x, %c01 : tensor<4xf32>
  %7 = uop.mul %6, %c03 : tensor<4xf32>
  return %1, %5, %7 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// What would change a bit of some result stays: 2x may be infinite where x is not, x / 2 and x * 2.5
// may be rounded as denormal numbers.
// CHECK-LABEL: @inexact_floats
// CHECK-COUNT-6: uop.mul
func.func @inexact_floats(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %half = uop.const dense<0.5> : tensor<4xf32>
  %c2 = uop.const dense<2.0> : tensor<4xf32>
  %c25 = uop.const dense<2.5> : tensor<4xf32>
  %0 = uop.mul %x, %c2 : tensor<4xf32>
  %1 = uop.mul %0, %half : tensor<4xf32>
  %2 = uop.mul %x, %half : tensor<4xf32>
  %3 = uop.mul %2, %c2 : tensor<4xf32>
  %4 = uop.mul %x, %c25 : tensor<4xf32>
  %5 = uop.mul %4, %c2 : tensor<4xf32>
  return %1, %3, %5 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// Negation goes into what uses it; what both sides of a choice do is done once.
// CHECK-LABEL: @signs_and_choices
// CHECK-DAG: %[[C:.*]] = uop.const dense<-3.000000e+00> : tensor<4xf32>
// CHECK: %[[P:.*]] = uop.mul %arg0, %arg1 : tensor<4xf32>
// CHECK: %[[D:.*]] = uop.sub %arg1, %[[P]] : tensor<4xf32>
// CHECK: %[[W:.*]] = uop.where %arg2, %arg0, %[[D]] : tensor<4xf32>
// CHECK: %[[Q:.*]] = uop.fdiv %[[W]], %[[C]] : tensor<4xf32>
// CHECK: return %[[Q]]
func.func @signs_and_choices(%x: tensor<4xf32>, %y: tensor<4xf32>, %b: tensor<4xi1>) -> tensor<4xf32> {
  %c3 = uop.const dense<3.0> : tensor<4xf32>
  %0 = uop.neg %x : tensor<4xf32>
  %1 = uop.mul %0, %y : tensor<4xf32>
  %2 = uop.add %y, %1 : tensor<4xf32>
  %3 = uop.fdiv %x, %c3 : tensor<4xf32>
  %4 = uop.fdiv %2, %c3 : tensor<4xf32>
  %5 = uop.where %b, %3, %4 : tensor<4xf32>
  %6 = uop.neg %5 : tensor<4xf32>
  return %6 : tensor<4xf32>
}

// A sum of equal terms is a product, if that rounds once as one of its orders does: of 6, not of 7.
// CHECK-LABEL: @equal_terms
// CHECK: %[[S:.*]] = uop.const dense<6.000000e+00> : tensor<4xf32>
// CHECK: %[[M:.*]] = uop.mul %arg0, %[[S]]
// CHECK: %[[R:.*]] = uop.reduce add %{{.*}} axes [0] : (tensor<7x4xf32>)
// CHECK: return %[[M]], %[[R]]
func.func @equal_terms(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = uop.reshape %x : tensor<4xf32> -> tensor<1x4xf32>
  %1 = uop.expand %0 : tensor<1x4xf32> -> tensor<6x4xf32>
  %2 = uop.reduce add %1 axes [0] : (tensor<6x4xf32>) -> tensor<4xf32>
  %3 = uop.expand %0 : tensor<1x4xf32> -> tensor<7x4xf32>
  %4 = uop.reduce add %3 axes [0] : (tensor<7x4xf32>) -> tensor<4xf32>
  return %2, %4 : tensor<4xf32>, tensor<4xf32>
}

// Also of constants for each channel, and where sizes are variables.
// CHECK-LABEL: @exact_channels
// CHECK: %[[C:.*]] = uop.const dense<{{\[\[}}6.000000e+00, 1.000000e+01, -1.500000e+01]]> : tensor<1x3xf32>
// CHECK: %[[E:.*]] = uop.expand %[[C]]
// CHECK: %[[M:.*]] = uop.mul %arg0, %[[E]]
// CHECK: return %[[M]]
func.func @exact_channels(%x: tensor<?x3xf32, #uop.dims<N, 3>>) -> tensor<?x3xf32, #uop.dims<N, 3>> {
  %c = uop.const dense<2.0> : tensor<1x1xf32>
  %d = uop.expand %c : tensor<1x1xf32> -> tensor<?x3xf32, #uop.dims<N, 3>>
  %e = uop.const dense<[[3.0, 5.0, -7.5]]> : tensor<1x3xf32>
  %f = uop.expand %e : tensor<1x3xf32> -> tensor<?x3xf32, #uop.dims<N, 3>>
  %0 = uop.mul %x, %d : tensor<?x3xf32, #uop.dims<N, 3>>
  %1 = uop.mul %0, %f : tensor<?x3xf32, #uop.dims<N, 3>>
  return %1 : tensor<?x3xf32, #uop.dims<N, 3>>
}
