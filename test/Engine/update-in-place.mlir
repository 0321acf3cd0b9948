// RUN: tg-opt %s --split-input-file --tg-bufferize --tg-update-in-place | FileCheck %s
// RUN: tg-opt %s --split-input-file --tg-bufferize --tg-update-in-place -o /dev/null \
// RUN:   --remarks-filter=tg-memory --remark-policy=all 2>&1 | FileCheck %s --check-prefix=WHY

// A row of a cache is written where the cache lies, which becomes the result.
// CHECK-LABEL: func.func @cache
// CHECK-SAME: %[[C:.*]]: memref<8x4xf32> {tg.type = tensor<8x4xf32>}
// CHECK-SAME: tg.output, tg.tied = 0 : index
// CHECK: uop.kernel ins(%[[C]], %{{.*}} : memref<8x4xf32>, memref<1x4xf32>) outs(%[[C]] : memref<8x4xf32>)
// WHY: remark: [Passed] Alias | Category:tg-memory | bytes=128
func.func @cache(%cache: tensor<8x4xf32>, %row: tensor<1x4xf32>) -> tensor<8x4xf32> {
  %0 = uop.kernel ins(%cache, %row : tensor<8x4xf32>, tensor<1x4xf32>) -> tensor<8x4xf32> {
  ^bb0(%a: tensor<8x4xf32>, %b: tensor<1x4xf32>):
    %c = uop.neg %b : tensor<1x4xf32>
    %d = uop.assign %a, %c offsets [3, 0] : tensor<8x4xf32>, tensor<1x4xf32>
    uop.yield %d : tensor<8x4xf32>
  }
  return %0 : tensor<8x4xf32>
}

// -----

// What is written depends on the element that it replaces, and on no other.
// CHECK-LABEL: func.func @accumulate
// CHECK: uop.kernel ins(%[[C:.*]] : memref<8xf32>) outs(%[[C]] : memref<8xf32>)
// WHY: remark: [Passed] Alias
func.func @accumulate(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = uop.kernel ins(%x : tensor<8xf32>) -> tensor<8xf32> {
  ^bb0(%a: tensor<8xf32>):
    %b = uop.shrink %a offsets [2] sizes [4] : tensor<8xf32> -> tensor<4xf32>
    %c = uop.neg %b : tensor<4xf32>
    %d = uop.assign %a, %c offsets [2] : tensor<8xf32>, tensor<4xf32>
    uop.yield %d : tensor<8xf32>
  }
  return %0 : tensor<8xf32>
}

// -----

// Moved along: an element would be read after it was written.
// CHECK-LABEL: func.func @shift
// CHECK-NOT: tg.tied
// CHECK: uop.kernel ins(%arg0 : memref<8xf32>) outs(%arg1 : memref<8xf32>)
// WHY: remark: [Missed] InPlace | Category:tg-memory | Reason="it is read elsewhere than it is written"
func.func @shift(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = uop.kernel ins(%x : tensor<8xf32>) -> tensor<8xf32> {
  ^bb0(%a: tensor<8xf32>):
    %b = uop.shrink %a offsets [0] sizes [7] : tensor<8xf32> -> tensor<7xf32>
    %c = uop.assign %a, %b offsets [1] : tensor<8xf32>, tensor<7xf32>
    uop.yield %c : tensor<8xf32>
  }
  return %0 : tensor<8xf32>
}

// -----

// The old value is a result too: the update is another buffer.
// CHECK-LABEL: func.func @both
// CHECK: uop.kernel ins(%arg0, %arg1 : memref<8xf32>, memref<2xf32>) outs(%arg2 : memref<8xf32>)
// WHY: remark: [Missed] InPlace | Category:tg-memory | Reason="another result has taken its buffer"
func.func @both(%x: tensor<8xf32>, %y: tensor<2xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %0 = uop.kernel ins(%x, %y : tensor<8xf32>, tensor<2xf32>) -> tensor<8xf32> {
  ^bb0(%a: tensor<8xf32>, %b: tensor<2xf32>):
    %c = uop.assign %a, %b : tensor<8xf32>, tensor<2xf32>
    uop.yield %c : tensor<8xf32>
  }
  return %0, %x : tensor<8xf32>, tensor<8xf32>
}

// -----

// Elementwise: the last result takes over the temporary one; an input only where it is donated.
// CHECK-LABEL: func.func @chain
// CHECK-NOT: uop.buffer
// CHECK: uop.kernel ins(%arg0 : memref<4xf32>) outs(%arg1 : memref<4xf32>)
// CHECK: uop.kernel ins(%arg1 : memref<4xf32>) outs(%arg1 : memref<4xf32>)
// WHY: remark: [Passed] InPlace | Category:tg-memory | bytes=16
func.func @chain(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = uop.kernel ins(%x : tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    %b = uop.neg %a : tensor<4xf32>
    uop.yield %b : tensor<4xf32>
  }
  %1 = uop.kernel ins(%0 : tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    %b = uop.exp2 %a : tensor<4xf32>
    uop.yield %b : tensor<4xf32>
  }
  return %1 : tensor<4xf32>
}

// -----

// A step of an optimizer: both results are computed from both inputs, each at its own element.
// CHECK-LABEL: func.func @step
// CHECK: uop.kernel ins(%[[P:.*]], %[[M:.*]], %{{.*}} : {{.*}}) outs(%[[P]], %[[M]] : memref<4xf32>, memref<4xf32>)
// WHY: remark: [Passed] Alias
// WHY: remark: [Passed] Alias
func.func @step(%p: tensor<4xf32> {tg.donated}, %m: tensor<4xf32> {tg.donated},
                %g: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0:2 = uop.kernel ins(%p, %m, %g : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>)
      -> tensor<4xf32>, tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>, %b: tensor<4xf32>, %c: tensor<4xf32>):
    %d = uop.add %b, %c : tensor<4xf32>
    %e = uop.sub %a, %d : tensor<4xf32>
    uop.yield %e, %d : tensor<4xf32>, tensor<4xf32>
  }
  return %0#0, %0#1 : tensor<4xf32>, tensor<4xf32>
}

// -----

// A row's sum reads the row that the other result would overwrite.
// CHECK-LABEL: func.func @sum
// CHECK-NOT: tg.tied
func.func @sum(%x: tensor<2x4xf32> {tg.donated}) -> (tensor<2x4xf32>, tensor<2xf32>) {
  %0:2 = uop.kernel ins(%x : tensor<2x4xf32>) -> tensor<2x4xf32>, tensor<2xf32> {
  ^bb0(%a: tensor<2x4xf32>):
    %b = uop.neg %a : tensor<2x4xf32>
    %c = uop.reduce add %b axes [1] : (tensor<2x4xf32>) -> tensor<2xf32>
    uop.yield %b, %c : tensor<2x4xf32>, tensor<2xf32>
  }
  return %0#0, %0#1 : tensor<2x4xf32>, tensor<2xf32>
}

// -----

// Neither is a transposed element its own; elements of four bits share a byte with others.
// CHECK-LABEL: func.func @moved
// CHECK-NOT: tg.tied
func.func @moved(%x: tensor<4x4xf32> {tg.donated}, %y: tensor<4xi4> {tg.donated})
    -> (tensor<4x4xf32>, tensor<4xi4>) {
  %0 = uop.kernel ins(%x : tensor<4x4xf32>) -> tensor<4x4xf32> {
  ^bb0(%a: tensor<4x4xf32>):
    %b = uop.permute %a [1, 0] : tensor<4x4xf32> -> tensor<4x4xf32>
    uop.yield %b : tensor<4x4xf32>
  }
  %1 = uop.kernel ins(%y : tensor<4xi4>) -> tensor<4xi4> {
  ^bb0(%a: tensor<4xi4>):
    %b = uop.contiguous %a : tensor<4xi4>
    uop.yield %b : tensor<4xi4>
  }
  return %0, %1 : tensor<4x4xf32>, tensor<4xi4>
}

// -----

// A loop that scatters into what it carries: no copy is left, before, in or after it.
// CHECK-LABEL: func.func @loop
// CHECK-NOT: memref.copy
// CHECK: scf.for
// CHECK-NOT: memref.copy
// CHECK: uop.kernel ins(%[[C:.*]], %{{.*}}, %{{.*}} : {{.*}}) outs(%[[C]] : memref<8xf32>)
// CHECK-NOT: memref.copy
// CHECK: return
func.func @loop(%x: tensor<8xf32>, %i: tensor<2xi64>, %u: tensor<2xf32>, %n: tensor<i64>)
    -> tensor<8xf32> {
  %zero = uop.const dense<0> : tensor<i64>
  %one = uop.const dense<1> : tensor<i64>
  %0 = tensor.extract %zero[] : tensor<i64>
  %1 = tensor.extract %one[] : tensor<i64>
  %2 = tensor.extract %n[] : tensor<i64>
  %lb = arith.index_cast %0 : i64 to index
  %st = arith.index_cast %1 : i64 to index
  %ub = arith.index_cast %2 : i64 to index
  %r = scf.for %k = %lb to %ub step %st iter_args(%c = %x) -> tensor<8xf32> {
    %s = uop.kernel ins(%c, %i, %u : tensor<8xf32>, tensor<2xi64>, tensor<2xf32>) -> tensor<8xf32> {
    ^bb0(%a: tensor<8xf32>, %b: tensor<2xi64>, %d: tensor<2xf32>):
      %e = uop.scatter add %a, %b, %d axis 0 : (tensor<8xf32>, tensor<2xi64>, tensor<2xf32>) -> tensor<8xf32>
      uop.yield %e : tensor<8xf32>
    }
    scf.yield %s : tensor<8xf32>
  }
  return %r : tensor<8xf32>
}

// -----

// The value of the iteration before is read after the new one is there: both stay.
// CHECK-LABEL: func.func @late
// CHECK: scf.for
// CHECK: uop.kernel ins(%[[C:.*]] : memref<4xf32>) outs(%[[B:.*]] : memref<4xf32>)
// CHECK: uop.kernel ins(%[[C]], %[[B]] : memref<4xf32>, memref<4xf32>)
func.func @late(%x: tensor<4xf32>, %n: tensor<i64>) -> tensor<4xf32> {
  %zero = uop.const dense<0> : tensor<i64>
  %one = uop.const dense<1> : tensor<i64>
  %0 = tensor.extract %zero[] : tensor<i64>
  %1 = tensor.extract %one[] : tensor<i64>
  %2 = tensor.extract %n[] : tensor<i64>
  %lb = arith.index_cast %0 : i64 to index
  %st = arith.index_cast %1 : i64 to index
  %ub = arith.index_cast %2 : i64 to index
  %r = scf.for %k = %lb to %ub step %st iter_args(%c = %x) -> tensor<4xf32> {
    %s = uop.kernel ins(%c : tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%a: tensor<4xf32>):
      %b = uop.flip %a [0] : tensor<4xf32> -> tensor<4xf32>
      uop.yield %b : tensor<4xf32>
    }
    %t = uop.kernel ins(%c, %s : tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%a: tensor<4xf32>, %d: tensor<4xf32>):
      %f = uop.flip %d [0] : tensor<4xf32> -> tensor<4xf32>
      %b = uop.add %a, %f : tensor<4xf32>
      uop.yield %b : tensor<4xf32>
    }
    scf.yield %t : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// -----

// A scalar that a branch reads is read where the branch is, not where it is loaded.
// CHECK-LABEL: func.func @condition
// CHECK: %[[B:.*]] = uop.buffer [] : memref<i1>
// CHECK: uop.kernel ins(%arg0 : memref<i1>) outs(%[[B]] : memref<i1>)
// CHECK: %[[C:.*]] = memref.load %[[B]][]
// CHECK: uop.kernel ins(%[[B]] : memref<i1>) outs(%[[D:.*]] : memref<i1>)
// CHECK-NOT: outs(%[[B]]
// CHECK: scf.if %[[C]]
func.func @condition(%p: tensor<i1>, %x: tensor<4xf32>) -> (tensor<4xf32>, tensor<i1>) {
  %0 = uop.kernel ins(%p : tensor<i1>) -> tensor<i1> {
  ^bb0(%a: tensor<i1>):
    %true = uop.const dense<true> : tensor<i1>
    %b = uop.xor %a, %true : tensor<i1>
    uop.yield %b : tensor<i1>
  }
  %c = tensor.extract %0[] : tensor<i1>
  %1 = uop.kernel ins(%0 : tensor<i1>) -> tensor<i1> {
  ^bb0(%a: tensor<i1>):
    %true = uop.const dense<true> : tensor<i1>
    %b = uop.xor %a, %true : tensor<i1>
    uop.yield %b : tensor<i1>
  }
  %r = scf.if %c -> tensor<4xf32> {
    %2 = uop.kernel ins(%x : tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%a: tensor<4xf32>):
      %b = uop.neg %a : tensor<4xf32>
      uop.yield %b : tensor<4xf32>
    }
    scf.yield %2 : tensor<4xf32>
  } else {
    scf.yield %x : tensor<4xf32>
  }
  return %r, %1 : tensor<4xf32>, tensor<i1>
}
