// RUN: tg-opt %s --split-input-file --tg-bufferize | FileCheck %s

// The last kernel writes the output itself; the one before gets a buffer.
// CHECK-LABEL: func.func @chain
// CHECK-SAME: %[[X:.*]]: memref<?xf32> {tg.name = "x", tg.type = tensor<?xf32, #uop.dims<N>>}
// CHECK-SAME: %[[OUT:.*]]: memref<?xf32> {tg.output, tg.type = tensor<?xf32, #uop.dims<N>>}
// CHECK: %[[B:.*]] = uop.buffer [N] : memref<?xf32>
// CHECK: uop.kernel ins(%[[X]] : memref<?xf32>) outs(%[[B]] : memref<?xf32>)
// CHECK: uop.kernel ins(%[[B]] : memref<?xf32>) outs(%[[OUT]] : memref<?xf32>)
// CHECK: return{{$}}
uop.var @N in [1, 8]
func.func @chain(%x: tensor<?xf32, #uop.dims<N>> {tg.name = "x"}) -> tensor<?xf32, #uop.dims<N>> {
  %0 = uop.kernel ins(%x : tensor<?xf32, #uop.dims<N>>) -> tensor<?xf32, #uop.dims<N>> {
  ^bb0(%a: tensor<?xf32, #uop.dims<N>>):
    %b = uop.neg %a : tensor<?xf32, #uop.dims<N>>
    uop.yield %b : tensor<?xf32, #uop.dims<N>>
  }
  %1 = uop.kernel ins(%0 : tensor<?xf32, #uop.dims<N>>) -> tensor<?xf32, #uop.dims<N>> {
  ^bb0(%a: tensor<?xf32, #uop.dims<N>>):
    %b = uop.exp2 %a : tensor<?xf32, #uop.dims<N>>
    uop.yield %b : tensor<?xf32, #uop.dims<N>>
  }
  return %1 : tensor<?xf32, #uop.dims<N>>
}

// -----

// What comes in and goes out unchanged is copied; so is a constant.
// CHECK-LABEL: func.func @copies
// CHECK: %[[C:.*]] = uop.buffer [2] = dense<[1, 2]> : tensor<2xi32> : memref<2xi32>
// CHECK: memref.copy %arg0, %arg1
// CHECK: memref.copy %[[C]], %arg2
func.func @copies(%x: tensor<3xf32>) -> (tensor<3xf32>, tensor<2xi32>) {
  %0 = uop.const dense<[1, 2]> : tensor<2xi32>
  return %x, %0 : tensor<3xf32>, tensor<2xi32>
}

// -----

// Loop-carried tensors that change places: one is saved before it is overwritten.
// CHECK-LABEL: func.func @swap
// CHECK: %[[A:.*]] = uop.buffer [4]
// CHECK: %[[B:.*]] = uop.buffer [4]
// CHECK: memref.copy %arg0, %[[A]]
// CHECK: memref.copy %arg1, %[[B]]
// CHECK: scf.for
// CHECK:   %[[SA:.*]] = uop.buffer [4]
// CHECK:   memref.copy %[[B]], %[[SA]]
// CHECK:   %[[SB:.*]] = uop.buffer [4]
// CHECK:   memref.copy %[[A]], %[[SB]]
// CHECK:   memref.copy %[[SA]], %[[A]]
// CHECK:   memref.copy %[[SB]], %[[B]]
// CHECK: memref.copy %[[A]], %arg3
func.func @swap(%x: tensor<4xf32>, %y: tensor<4xf32>, %n: tensor<i64>) -> tensor<4xf32> {
  %zero = uop.const dense<0> : tensor<i64>
  %one = uop.const dense<1> : tensor<i64>
  %0 = tensor.extract %zero[] : tensor<i64>
  %1 = tensor.extract %one[] : tensor<i64>
  %2 = tensor.extract %n[] : tensor<i64>
  %lb = arith.index_cast %0 : i64 to index
  %step = arith.index_cast %1 : i64 to index
  %ub = arith.index_cast %2 : i64 to index
  %r:2 = scf.for %i = %lb to %ub step %step iter_args(%a = %x, %b = %y)
      -> (tensor<4xf32>, tensor<4xf32>) {
    scf.yield %b, %a : tensor<4xf32>, tensor<4xf32>
  }
  return %r#0 : tensor<4xf32>
}

// -----

// Both branches write the result of the `if`.
// CHECK-LABEL: func.func @branches
// CHECK-DAG: %[[R:.*]] = uop.buffer [4]
// CHECK-DAG: %[[F:.*]] = memref.load %arg0[] : memref<i1>
// CHECK: scf.if %[[F]] {
// CHECK:   uop.kernel ins(%arg1 : memref<4xf32>) outs(%[[R]] : memref<4xf32>)
// CHECK: } else {
// CHECK:   memref.copy %arg1, %[[R]]
// CHECK: memref.copy %[[R]], %arg2
func.func @branches(%flag: tensor<i1>, %x: tensor<4xf32>) -> tensor<4xf32> {
  %c = tensor.extract %flag[] : tensor<i1>
  %0 = scf.if %c -> tensor<4xf32> {
    %1 = uop.kernel ins(%x : tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%a: tensor<4xf32>):
      %b = uop.neg %a : tensor<4xf32>
      uop.yield %b : tensor<4xf32>
    }
    scf.yield %1 : tensor<4xf32>
  } else {
    scf.yield %x : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}

// -----

// A declaration has nothing to convert.
// CHECK: func.func private @declared(tensor<4xf32>) -> tensor<4xf32>{{$}}
func.func private @declared(tensor<4xf32>) -> tensor<4xf32>

// -----

// A part of a buffer that lies together is copied, without a kernel.
// CHECK-LABEL: @part
// CHECK-NOT: uop.kernel
// CHECK: %[[P:.*]] = memref.reinterpret_cast %arg0 to offset: [64], sizes: [4, 8], strides: [8, 1]
// CHECK: memref.copy %[[P]], %arg1
func.func @part(%x: tensor<16x8xf32>) -> tensor<4x8xf32> {
  %0 = uop.kernel ins(%x : tensor<16x8xf32>) -> tensor<4x8xf32> {
  ^bb0(%a: tensor<16x8xf32>):
    %1 = uop.shrink %a offsets [8, 0] sizes [4, 8] strides [1, 1] : tensor<16x8xf32> -> tensor<4x8xf32>
    uop.yield %1 : tensor<4x8xf32>
  }
  return %0 : tensor<4x8xf32>
}

// -----

// Nothing to copy.
// CHECK-LABEL: @empty_part
// CHECK-NOT: memref.copy
func.func @empty_part(%x: tensor<2x1x0xf32>) -> tensor<2x3x0xf32> {
  %0 = uop.kernel ins(%x : tensor<2x1x0xf32>) -> tensor<2x3x0xf32> {
  ^bb0(%a: tensor<2x1x0xf32>):
    %1 = uop.expand %a : tensor<2x1x0xf32> -> tensor<2x3x0xf32>
    uop.yield %1 : tensor<2x3x0xf32>
  }
  return %0 : tensor<2x3x0xf32>
}
