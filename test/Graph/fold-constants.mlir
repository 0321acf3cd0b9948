// RUN: tg-opt %s -tg-fold-constants | FileCheck %s
// RUN: tg-opt %s -tg-fold-constants -remark-format=emitRemark -remark-policy=all \
// RUN:   -remarks-filter=tg-fold-constants 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: tg-opt %s -tg-graph | FileCheck %s --check-prefix=GRAPH

// The scale is computed, but not spread over the image, where it would take more memory.
// CHECK-LABEL: @scale
// CHECK-NEXT: %[[C:.*]] = uop.const dense_resource<tg_{{.*}}> : tensor<70x1x1xf32>
// CHECK-NEXT: %[[E:.*]] = uop.expand %[[C]]
// CHECK-NEXT: %[[M:.*]] = uop.mul %{{.*}}, %[[E]]
// CHECK-NEXT: return %[[M]]
// REMARK: Folded{{.*}}bytes=280
// GRAPH-LABEL: @scale
// GRAPH-NOT: uop.sqrt
// GRAPH: return
func.func @scale(%x: tensor<70x28x28xf32>) -> tensor<70x28x28xf32> {
  %variance = uop.const dense_resource<weights> : tensor<70xf32>
  %epsilon = uop.const dense<1.0e-3> : tensor<70xf32>
  %sum = uop.add %variance, %epsilon : tensor<70xf32>
  %root = uop.sqrt %sum : tensor<70xf32>
  %scale = uop.reciprocal %root : tensor<70xf32>
  %column = uop.reshape %scale : tensor<70xf32> -> tensor<70x1x1xf32>
  %image = uop.expand %column : tensor<70x1x1xf32> -> tensor<70x28x28xf32>
  %1 = uop.mul %x, %image : tensor<70x28x28xf32>
  return %1 : tensor<70x28x28xf32>
}

// The divisors of an average pool with padding: how many elements each window has.
// CHECK-LABEL: @divisors
// CHECK-NEXT: %[[C:.*]] = uop.const
// CHECK-SAME{LITERAL}: dense<[[4.000000e+00, 6.000000e+00, 4.000000e+00], [6.000000e+00, 9.000000e+00
// CHECK-NEXT: uop.fdiv %{{.*}}, %[[C]]
func.func @divisors(%x: tensor<3x3xf32>) -> tensor<3x3xf32> {
  %ones = uop.const dense<1.0> : tensor<3x3xf32>
  %zero = uop.const dense<0.0> : tensor<f32>
  %pad = uop.pad %ones, %zero low [1, 1] high [1, 1] : tensor<3x3xf32> -> tensor<5x5xf32>
  %window = uop.window %pad axes [0, 1] sizes [3, 3] strides [1, 1]
      : tensor<5x5xf32> -> tensor<3x3x3x3xf32>
  %count = uop.reduce add %window axes [2, 3] : (tensor<3x3x3x3xf32>) -> tensor<3x3xf32>
  %1 = uop.fdiv %x, %count : tensor<3x3xf32>
  return %1 : tensor<3x3xf32>
}

// Equal elements become a splat, whatever their number.
// CHECK-LABEL: @splat
// CHECK-NEXT: %[[C:.*]] = uop.const dense<2.000000e+00> : tensor<70xf32>
// CHECK-NEXT: return %[[C]]
func.func @splat() -> tensor<70xf32> {
  %weights = uop.const dense_resource<weights> : tensor<70xf32>
  %zero = uop.const dense<0.0> : tensor<70xf32>
  %none = uop.mul %weights, %zero : tensor<70xf32>
  %two = uop.const dense<2.0> : tensor<70xf32>
  %1 = uop.add %none, %two : tensor<70xf32>
  return %1 : tensor<70xf32>
}

// Movement costs nothing in a kernel; cheap functions of index values take no longer than a load.
// CHECK-LABEL: @free
// CHECK: uop.reshape
// CHECK: uop.permute
// CHECK: uop.iota
// CHECK: uop.cast
func.func @free(%x: tensor<7x10xf32>) -> tensor<7x10xf32> {
  %weights = uop.const dense_resource<weights> : tensor<70xf32>
  %matrix = uop.reshape %weights : tensor<70xf32> -> tensor<10x7xf32>
  %turned = uop.permute %matrix [1, 0] : tensor<10x7xf32> -> tensor<7x10xf32>
  %i = uop.iota axis 1 : tensor<7x10xi32>
  %f = uop.cast %i : tensor<7x10xi32> -> tensor<7x10xf32>
  %1 = uop.add %x, %turned : tensor<7x10xf32>
  %2 = uop.add %1, %f : tensor<7x10xf32>
  return %2 : tensor<7x10xf32>
}

// A slow function of index values becomes a table of at most 4 KiB.
// CHECK-LABEL: @table
// CHECK-NEXT: uop.const dense_resource<{{.*}}> : tensor<1024xf32>
// CHECK-NEXT: uop.iota axis 0 : tensor<1025xf32>
// CHECK-NEXT: uop.sin
func.func @table(%x: tensor<1024xf32>, %y: tensor<1025xf32>)
    -> (tensor<1024xf32>, tensor<1025xf32>) {
  %i = uop.iota axis 0 : tensor<1024xf32>
  %small = uop.sin %i : tensor<1024xf32>
  %j = uop.iota axis 0 : tensor<1025xf32>
  %large = uop.sin %j : tensor<1025xf32>
  %1 = uop.add %x, %small : tensor<1024xf32>
  %2 = uop.add %y, %large : tensor<1025xf32>
  return %1, %2 : tensor<1024xf32>, tensor<1025xf32>
}

// The products would take more memory than their factors; the roots do not.
// CHECK-LABEL: @pairs
// CHECK: %[[ROOTS:.*]] = uop.const dense_resource<{{.*}}> : tensor<70x1xf32>
// CHECK-NEXT: %[[LEFT:.*]] = uop.expand %[[ROOTS]]
// CHECK: uop.mul %[[LEFT]]
func.func @pairs(%x: tensor<70x70xf32>) -> tensor<70x70xf32> {
  %weights = uop.const dense_resource<weights> : tensor<70xf32>
  %root = uop.sqrt %weights : tensor<70xf32>
  %column = uop.reshape %root : tensor<70xf32> -> tensor<70x1xf32>
  %left = uop.expand %column : tensor<70x1xf32> -> tensor<70x70xf32>
  %row = uop.reshape %weights : tensor<70xf32> -> tensor<1x70xf32>
  %right = uop.expand %row : tensor<1x70xf32> -> tensor<70x70xf32>
  %pairs = uop.mul %left, %right : tensor<70x70xf32>
  %1 = uop.add %x, %pairs : tensor<70x70xf32>
  return %1 : tensor<70x70xf32>
}

// These say more than a value; what is before them is folded.
// CHECK-LABEL: @barriers
// CHECK-NEXT: uop.const dense_resource
// CHECK-NEXT: uop.contiguous
// CHECK-NEXT: uop.sqrt
// CHECK-NEXT: uop.copy
// CHECK-NEXT: uop.detach
func.func @barriers() -> tensor<70xf32> {
  %weights = uop.const dense_resource<weights> : tensor<70xf32>
  %1 = uop.sqrt %weights : tensor<70xf32>
  %2 = uop.contiguous %1 : tensor<70xf32>
  %3 = uop.sqrt %2 : tensor<70xf32>
  %4 = uop.copy %3 to "cpu" : tensor<70xf32>
  %5 = uop.detach %4 : tensor<70xf32>
  return %5 : tensor<70xf32>
}

// Constants from outside of a loop are constants in it.
// CHECK-LABEL: @loop
// CHECK: scf.for
// CHECK-NEXT: uop.const dense_resource
// CHECK-NEXT: uop.add
// CHECK-NEXT: scf.yield
func.func @loop(%x: tensor<70xf32>) -> tensor<70xf32> {
  %lower = arith.constant 0 : index
  %upper = arith.constant 3 : index
  %step = arith.constant 1 : index
  %weights = uop.const dense_resource<weights> : tensor<70xf32>
  %1 = scf.for %i = %lower to %upper step %step iter_args(%y = %x) -> tensor<70xf32> {
    %root = uop.sqrt %weights : tensor<70xf32>
    %2 = uop.add %y, %root : tensor<70xf32>
    scf.yield %2 : tensor<70xf32>
  }
  return %1 : tensor<70xf32>
}

// What a variable decides is not known yet.
// CHECK-LABEL: @variable
// CHECK: uop.shrink
// CHECK-NEXT: uop.sqrt
uop.var @P in [0, 60]
func.func @variable(%x: tensor<?xf32, #uop.dims<P>>) -> tensor<10xf32> {
  %weights = uop.const dense_resource<weights> : tensor<70xf32>
  %part = uop.shrink %weights offsets [P] sizes [10] : tensor<70xf32> -> tensor<10xf32>
  %1 = uop.sqrt %part : tensor<10xf32>
  return %1 : tensor<10xf32>
}

// Operations of several results and combiners are evaluated like all others.
// CHECK-LABEL: @largest
// CHECK-DAG: uop.const dense<9.000000e+00> : tensor<f32>
// CHECK-DAG: uop.const dense<2> : tensor<i64>
// CHECK-NOT: uop.reduce
// CHECK: return
func.func @largest() -> (tensor<f32>, tensor<i64>) {
  %values = uop.const dense<[1.0, 4.0, 9.0, 2.0]> : tensor<4xf32>
  %i = uop.iota axis 0 : tensor<4xi64>
  %1:2 = uop.reduce %values, %i axes [0] identities [0xFF800000 : f32, -1 : i64]
      : (tensor<4xf32>, tensor<4xi64>) -> (tensor<f32>, tensor<i64>) {
  ^bb0(%a: tensor<f32>, %ai: tensor<i64>, %b: tensor<f32>, %bi: tensor<i64>):
    %less = uop.cmplt %a, %b : tensor<f32>
    %v = uop.where %less, %b, %a : tensor<f32>
    %vi = uop.where %less, %bi, %ai : tensor<i64>
    uop.yield %v, %vi : tensor<f32>, tensor<i64>
  }
  return %1#0, %1#1 : tensor<f32>, tensor<i64>
}

// A kernel may have to report the index out of range. The rest is folded.
// CHECK-LABEL: @indices
// CHECK: uop.gather
// CHECK-NOT: uop.sqrt
// CHECK: return
func.func @indices() -> (tensor<2xf32>, tensor<4xf32>) {
  %table = uop.const dense<[1.0, 4.0, 9.0, 16.0]> : tensor<4xf32>
  %rows = uop.const dense<[0, 5]> : tensor<2xi64>
  %1 = uop.gather %table, %rows axis 0 : (tensor<4xf32>, tensor<2xi64>) -> tensor<2xf32>
  %2 = uop.sqrt %table : tensor<4xf32>
  return %1, %2 : tensor<2xf32>, tensor<4xf32>
}

// The sum over 2^27 elements is too much work.
// CHECK-LABEL: @work
// CHECK: uop.reduce
func.func @work() -> tensor<f32> {
  %column = uop.iota axis 0 : tensor<134217728xf32>
  %1 = uop.reduce add %column axes [0] : (tensor<134217728xf32>) -> tensor<f32>
  return %1 : tensor<f32>
}

{-#
  dialect_resources: {
    builtin: { weights: "0x04000000000080400000a0400000c0400000e0400000004100001041000020410000304100004041000050410000604100007041000080410000884100009041000098410000a0410000a8410000b0410000b8410000c0410000c8410000d0410000d8410000e0410000e8410000f0410000f84100000042000004420000084200000c4200001042000014420000184200001c4200002042000024420000284200002c4200003042000034420000384200003c4200004042000044420000484200004c4200005042000054420000584200005c4200006042000064420000684200006c4200007042000074420000784200007c42000080420000824200008442000086420000884200008a4200008c4200008e420000904200009242" }
  }
#-}
