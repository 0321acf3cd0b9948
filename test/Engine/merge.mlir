// RUN: tg-opt %s --split-input-file --tg-form-kernels | FileCheck %s
// RUN: tg-opt %s --split-input-file --tg-form-kernels --remarks-filter=tg-fusion --remark-policy=all 2>&1 \
// RUN:   | FileCheck %s --check-prefix=WHY
// RUN: tg-opt %s --split-input-file --tg-form-kernels=strategy=aggressive | FileCheck %s --check-prefix=AGGRESSIVE

// Softmax: what is computed once per row stands in the loop over the rows.
// CHECK-LABEL: @softmax
// CHECK-COUNT-1: uop.kernel ins(%arg0
// CHECK:   uop.reduce max
// CHECK:   uop.exp2
// CHECK:   uop.reduce add
// CHECK:   uop.fdiv
// CHECK-NOT: uop.kernel
// WHY: [Passed] MergeProducer {{.*}}elements=262144, rows=256, savedBytes=4096
func.func @softmax(%x: tensor<256x1024xf32>) -> tensor<256x1024xf32> {
  %m = uop.reduce max %x axes [1] : (tensor<256x1024xf32>) -> tensor<256xf32>
  %m1 = uop.reshape %m : tensor<256xf32> -> tensor<256x1xf32>
  %m2 = uop.expand %m1 : tensor<256x1xf32> -> tensor<256x1024xf32>
  %d = uop.sub %x, %m2 : tensor<256x1024xf32>
  %e = uop.exp2 %d : tensor<256x1024xf32>
  %s = uop.reduce add %e axes [1] : (tensor<256x1024xf32>) -> tensor<256xf32>
  %s1 = uop.reshape %s : tensor<256xf32> -> tensor<256x1xf32>
  %s2 = uop.expand %s1 : tensor<256x1xf32> -> tensor<256x1024xf32>
  %y = uop.fdiv %e, %s2 : tensor<256x1024xf32>
  return %y : tensor<256x1024xf32>
}

// -----

// Rows need not be the first axes, and what else is read of them is a result too.
// CHECK-LABEL: @center_channels
// CHECK: %[[K:.*]]:2 = uop.kernel ins(%arg0
// CHECK:   %[[M:.*]] = uop.reduce add
// CHECK:   %[[Y:.*]] = uop.sub
// CHECK:   uop.yield %[[Y]], %[[M]]
// CHECK: return %[[K]]#0, %[[K]]#1
func.func @center_channels(%x: tensor<8x32x64xf32>) -> (tensor<8x32x64xf32>, tensor<32xf32>) {
  %m = uop.reduce add %x axes [0, 2] : (tensor<8x32x64xf32>) -> tensor<32xf32>
  %m1 = uop.reshape %m : tensor<32xf32> -> tensor<1x32x1xf32>
  %m2 = uop.expand %m1 : tensor<1x32x1xf32> -> tensor<8x32x64xf32>
  %y = uop.sub %x, %m2 : tensor<8x32x64xf32>
  return %y, %m : tensor<8x32x64xf32>, tensor<32xf32>
}

// -----

// A large tensor with one row would leave the threads without work.
// CHECK-LABEL: @one_row
// CHECK-COUNT-2: uop.kernel
// WHY: [Missed] Apart {{.*}}1 rows are too few for the threads
// AGGRESSIVE-LABEL: @one_row
// AGGRESSIVE-COUNT-1: uop.kernel
// AGGRESSIVE-NOT: uop.kernel
// AGGRESSIVE-LABEL: @siblings
func.func @one_row(%x: tensor<1x1000000xf32>) -> tensor<1x1000000xf32> {
  %m = uop.reduce add %x axes [1] : (tensor<1x1000000xf32>) -> tensor<1xf32>
  %m1 = uop.reshape %m : tensor<1xf32> -> tensor<1x1xf32>
  %m2 = uop.expand %m1 : tensor<1x1xf32> -> tensor<1x1000000xf32>
  %y = uop.sub %x, %m2 : tensor<1x1000000xf32>
  return %y : tensor<1x1000000xf32>
}

// -----

// Two that write one shape and read a common value.
// CHECK-LABEL: @siblings
// CHECK: uop.kernel {{.*}} -> tensor<64xf32>, tensor<64xf32>
// CHECK-NOT: uop.kernel
// WHY: [Passed] MergeSiblings
func.func @siblings(%a: tensor<64xf32>, %b: tensor<64xf32>, %c: tensor<64xf32>, %d: tensor<64xf32>)
    -> (tensor<64xf32>, tensor<64xf32>) {
  %0 = uop.add %a, %b : tensor<64xf32>
  %1 = uop.add %0, %c : tensor<64xf32>
  %2 = uop.add %0, %d : tensor<64xf32>
  return %1, %2 : tensor<64xf32>, tensor<64xf32>
}

// -----

// Two reductions of different lengths with one epilogue.
// CHECK-LABEL: @two_reductions
// CHECK-COUNT-1: uop.kernel
// CHECK: uop.reduce add
// CHECK: uop.reduce max
// CHECK: uop.add
// CHECK-NOT: uop.kernel
func.func @two_reductions(%x: tensor<64x32xf32>, %y: tensor<64x48xf32>) -> tensor<64xf32> {
  %0 = uop.reduce add %x axes [1] : (tensor<64x32xf32>) -> tensor<64xf32>
  %1 = uop.reduce max %y axes [1] : (tensor<64x48xf32>) -> tensor<64xf32>
  %2 = uop.add %0, %1 : tensor<64xf32>
  return %2 : tensor<64xf32>
}

// -----

// The product's tile covers rows and columns: it does not wait for a row.
// CHECK-LABEL: @scaled_product
// CHECK-COUNT-2: uop.kernel
func.func @scaled_product(%x: tensor<64x32xf32>, %w: tensor<32x48xf32>) -> tensor<64x48xf32> {
  %s = uop.reduce add %x axes [1] : (tensor<64x32xf32>) -> tensor<64xf32>
  %s1 = uop.reshape %s : tensor<64xf32> -> tensor<64x1x1xf32>
  %s2 = uop.expand %s1 : tensor<64x1x1xf32> -> tensor<64x48x1xf32>
  %s3 = uop.reshape %s2 : tensor<64x48x1xf32> -> tensor<64x48xf32>
  %x1 = uop.reshape %x : tensor<64x32xf32> -> tensor<64x32x1xf32>
  %x2 = uop.expand %x1 : tensor<64x32x1xf32> -> tensor<64x32x48xf32>
  %w1 = uop.reshape %w : tensor<32x48xf32> -> tensor<1x32x48xf32>
  %w2 = uop.expand %w1 : tensor<1x32x48xf32> -> tensor<64x32x48xf32>
  %p = uop.mul %x2, %w2 : tensor<64x32x48xf32>
  %r = uop.reduce add %p axes [1] : (tensor<64x32x48xf32>) -> tensor<64x48xf32>
  %y = uop.mul %r, %s3 : tensor<64x48xf32>
  return %y : tensor<64x48xf32>
}

// -----

// An element outside of which there is none to read: under the condition it would be computed again.
// CHECK-LABEL: @padded
// CHECK: uop.kernel
// CHECK:   uop.reduce
// CHECK: uop.kernel
// CHECK:   uop.pad
func.func @padded(%x: tensor<64x32xf32>) -> tensor<64x34xf32> {
  %z = uop.const dense<0.0> : tensor<f32>
  %s = uop.reduce add %x axes [1] : (tensor<64x32xf32>) -> tensor<64xf32>
  %s1 = uop.reshape %s : tensor<64xf32> -> tensor<64x1xf32>
  %s2 = uop.expand %s1 : tensor<64x1xf32> -> tensor<64x32xf32>
  %y = uop.pad %s2, %z low [0, 1] high [0, 1] interior [0, 0] : tensor<64x32xf32> -> tensor<64x34xf32>
  return %y : tensor<64x34xf32>
}

// -----

// Three sines are read twice in each row: a row of them is kept.
// CHECK-LABEL: @kept_rows
// CHECK-COUNT-1: uop.kernel
// CHECK-COUNT-2: uop.sin
// CHECK:   %[[E:.*]] = uop.sin
// CHECK:   %[[R:.*]] = uop.contiguous %[[E]] rows [0]
// CHECK:   uop.reduce add %[[R]]
// CHECK-NOT: uop.kernel
// WHY: [Passed] KeepRows
func.func @kept_rows(%x: tensor<64x256xf32>, %w: tensor<64x256xf32>)
    -> (tensor<64x256xf32>, tensor<64xf32>) {
  %s = uop.sin %x : tensor<64x256xf32>
  %0 = uop.sin %s : tensor<64x256xf32>
  %1 = uop.sin %0 : tensor<64x256xf32>
  %2 = uop.reduce add %1 axes [1] : (tensor<64x256xf32>) -> tensor<64xf32>
  %3 = uop.reshape %2 : tensor<64xf32> -> tensor<64x1xf32>
  %4 = uop.expand %3 : tensor<64x1xf32> -> tensor<64x256xf32>
  %5 = uop.mul %1, %4 : tensor<64x256xf32>
  return %5, %2 : tensor<64x256xf32>, tensor<64xf32>
}

// -----

// What reads a kernel moves up to it where something else stands in between.
// CHECK-LABEL: @move_up
// CHECK-COUNT-2: uop.kernel
// CHECK-NOT: uop.kernel
func.func @move_up(%x: tensor<64x32xf32>, %y: tensor<64xf32>) -> (tensor<64xf32>, tensor<32xf32>, tensor<64xf32>) {
  %0 = uop.reduce add %x axes [1] : (tensor<64x32xf32>) -> tensor<64xf32>
  %1 = uop.reshape %0 : tensor<64xf32> -> tensor<2x32xf32>
  %2 = uop.reduce max %1 axes [0] : (tensor<2x32xf32>) -> tensor<32xf32>
  %3 = uop.add %0, %y : tensor<64xf32>
  return %0, %2, %3 : tensor<64xf32>, tensor<32xf32>, tensor<64xf32>
}

// -----

// Two layers: for every few rows of kept activations all weights would be read again.
// CHECK-LABEL: @layers
// CHECK-COUNT-2: uop.kernel
// CHECK-NOT: uop.contiguous
// WHY: [Missed] Apart {{.*}}every row would read too much again
func.func @layers(%x: tensor<4096x1024xf32>, %w: tensor<1024x1024xf32>, %v: tensor<1024x1024xf32>)
    -> tensor<4096x1024xf32> {
  %x1 = uop.reshape %x : tensor<4096x1024xf32> -> tensor<4096x1024x1xf32>
  %x2 = uop.expand %x1 : tensor<4096x1024x1xf32> -> tensor<4096x1024x1024xf32>
  %w1 = uop.reshape %w : tensor<1024x1024xf32> -> tensor<1x1024x1024xf32>
  %w2 = uop.expand %w1 : tensor<1x1024x1024xf32> -> tensor<4096x1024x1024xf32>
  %p = uop.mul %x2, %w2 : tensor<4096x1024x1024xf32>
  %h = uop.reduce add %p axes [1] : (tensor<4096x1024x1024xf32>) -> tensor<4096x1024xf32>
  %h1 = uop.reshape %h : tensor<4096x1024xf32> -> tensor<4096x1024x1xf32>
  %h2 = uop.expand %h1 : tensor<4096x1024x1xf32> -> tensor<4096x1024x1024xf32>
  %v1 = uop.reshape %v : tensor<1024x1024xf32> -> tensor<1x1024x1024xf32>
  %v2 = uop.expand %v1 : tensor<1x1024x1024xf32> -> tensor<4096x1024x1024xf32>
  %q = uop.mul %h2, %v2 : tensor<4096x1024x1024xf32>
  %y = uop.reduce add %q axes [1] : (tensor<4096x1024x1024xf32>) -> tensor<4096x1024xf32>
  return %y : tensor<4096x1024xf32>
}

// -----

// Two functions of one row share its loops.
// CHECK-LABEL: @two_of_a_row
// CHECK: uop.kernel {{.*}} -> tensor<64x256xf32>, tensor<64x256xf32>
// CHECK-NOT: uop.kernel
func.func @two_of_a_row(%x: tensor<64x256xf32>) -> (tensor<64x256xf32>, tensor<64x256xf32>) {
  %0 = uop.reduce max %x axes [1] : (tensor<64x256xf32>) -> tensor<64xf32>
  %1 = uop.reshape %0 : tensor<64xf32> -> tensor<64x1xf32>
  %2 = uop.expand %1 : tensor<64x1xf32> -> tensor<64x256xf32>
  %3 = uop.sub %x, %2 : tensor<64x256xf32>
  %4 = uop.exp2 %3 : tensor<64x256xf32>
  %5 = uop.reduce add %4 axes [1] : (tensor<64x256xf32>) -> tensor<64xf32>
  %6 = uop.log2 %5 : tensor<64xf32>
  %7 = uop.reshape %6 : tensor<64xf32> -> tensor<64x1xf32>
  %8 = uop.expand %7 : tensor<64x1xf32> -> tensor<64x256xf32>
  %9 = uop.sub %3, %8 : tensor<64x256xf32>
  %10 = uop.reshape %5 : tensor<64xf32> -> tensor<64x1xf32>
  %11 = uop.expand %10 : tensor<64x1xf32> -> tensor<64x256xf32>
  %12 = uop.fdiv %4, %11 : tensor<64x256xf32>
  return %9, %12 : tensor<64x256xf32>, tensor<64x256xf32>
}

// -----

// In the loop over the flat result nothing is outside of the loop over a row.
// CHECK-LABEL: @flat_rows
// CHECK-COUNT-2: uop.kernel
// CHECK-NOT: uop.kernel
// WHY: [Missed] Apart {{.*}}its rows are no loops here
func.func @flat_rows(%x: tensor<64x96xf32>, %b: tensor<6144xf32>)
    -> (tensor<64x96xf32>, tensor<6144xf32>) {
  %0 = uop.reduce add %x axes [1] : (tensor<64x96xf32>) -> tensor<64xf32>
  %1 = uop.reshape %0 : tensor<64xf32> -> tensor<64x1xf32>
  %2 = uop.expand %1 : tensor<64x1xf32> -> tensor<64x96xf32>
  %3 = uop.sub %x, %2 : tensor<64x96xf32>
  %4 = uop.reshape %3 : tensor<64x96xf32> -> tensor<6144xf32>
  %5 = uop.add %4, %b : tensor<6144xf32>
  return %3, %5 : tensor<64x96xf32>, tensor<6144xf32>
}

// -----

// What varies along the rows would be computed again for each of them.
// CHECK-LABEL: @along_rows
// CHECK-COUNT-2: uop.kernel
// CHECK-NOT: uop.kernel
// WHY: [Missed] Apart {{.*}}its {{[0-9]+}} flops would be done 1048576 times
func.func @along_rows(%x: tensor<4096x256xf32>, %y: tensor<256xf32>) -> tensor<4096x256xf32> {
  %0 = uop.exp2 %y : tensor<256xf32>
  %1 = uop.sin %0 : tensor<256xf32>
  %2 = uop.log2 %1 : tensor<256xf32>
  %3 = uop.reshape %2 : tensor<256xf32> -> tensor<1x256xf32>
  %4 = uop.expand %3 : tensor<1x256xf32> -> tensor<4096x256xf32>
  %5 = uop.mul %x, %4 : tensor<4096x256xf32>
  return %5 : tensor<4096x256xf32>
}

// -----

// But what belongs to a whole row stands outside of the loop along it.
// CHECK-LABEL: @per_row
// CHECK-COUNT-1: uop.kernel
// CHECK-NOT: uop.kernel
func.func @per_row(%x: tensor<4096x256xf32>, %y: tensor<4096xf32>) -> tensor<4096x256xf32> {
  %0 = uop.exp2 %y : tensor<4096xf32>
  %1 = uop.sin %0 : tensor<4096xf32>
  %2 = uop.log2 %1 : tensor<4096xf32>
  %3 = uop.reshape %2 : tensor<4096xf32> -> tensor<4096x1xf32>
  %4 = uop.expand %3 : tensor<4096x1xf32> -> tensor<4096x256xf32>
  %5 = uop.mul %x, %4 : tensor<4096x256xf32>
  return %5 : tensor<4096x256xf32>
}

// -----

// A product of every other column goes in steps, the other one does not.
// CHECK-LABEL: @steps
// CHECK-COUNT-2: uop.kernel
// CHECK-NOT: uop.kernel
// WHY: [Missed] Apart {{.*}}one product reads in steps, the other does not
func.func @steps(%x: tensor<32x16xf32>, %w: tensor<16x32xf32>, %v: tensor<16x64xf32>)
    -> tensor<32x32xf32> {
  %x1 = uop.reshape %x : tensor<32x16xf32> -> tensor<32x16x1xf32>
  %x2 = uop.expand %x1 : tensor<32x16x1xf32> -> tensor<32x16x32xf32>
  %w1 = uop.reshape %w : tensor<16x32xf32> -> tensor<1x16x32xf32>
  %w2 = uop.expand %w1 : tensor<1x16x32xf32> -> tensor<32x16x32xf32>
  %p = uop.mul %x2, %w2 : tensor<32x16x32xf32>
  %h = uop.reduce add %p axes [1] : (tensor<32x16x32xf32>) -> tensor<32x32xf32>
  %s = uop.shrink %v offsets [0, 0] sizes [16, 32] strides [1, 2] : tensor<16x64xf32> -> tensor<16x32xf32>
  %v1 = uop.reshape %s : tensor<16x32xf32> -> tensor<1x16x32xf32>
  %v2 = uop.expand %v1 : tensor<1x16x32xf32> -> tensor<32x16x32xf32>
  %q = uop.mul %x2, %v2 : tensor<32x16x32xf32>
  %r = uop.reduce add %q axes [1] : (tensor<32x16x32xf32>) -> tensor<32x32xf32>
  %y = uop.add %h, %r : tensor<32x32xf32>
  return %y : tensor<32x32xf32>
}
