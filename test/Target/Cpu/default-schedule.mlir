// RUN: tg-opt %s --pass-pipeline='builtin.module(tg-kernel-to-loops,cse,func.func(tg-cpu-default-schedule{vector-bits=512 vector-registers=32}))' | FileCheck %s

// A register tile of 13 rows by two vectors: 128 rows are ten tiles of about the same height.

// CHECK: func.func @product(
// CHECK-SAME: tg.schedule = #uop.schedule<[split(d0, 13), bind(d0.o, unit), unroll(d0.i, 13), vectorize(d1, 16), unroll(d1, 2)]>
func.func @product(%a: tensor<128x64xf32>, %b: tensor<64x256xf32>) -> tensor<128x256xf32>
    attributes {tg.kernel} {
  %0 = uop.reshape %a : tensor<128x64xf32> -> tensor<128x64x1xf32>
  %1 = uop.expand %0 : tensor<128x64x1xf32> -> tensor<128x64x256xf32>
  %2 = uop.reshape %b : tensor<64x256xf32> -> tensor<1x64x256xf32>
  %3 = uop.expand %2 : tensor<1x64x256xf32> -> tensor<128x64x256xf32>
  %4 = uop.mul %1, %3 : tensor<128x64x256xf32>
  %5 = uop.reduce add %4 axes [1] : (tensor<128x64x256xf32>) -> tensor<128x256xf32>
  return %5 : tensor<128x256xf32>
}

// A sum of rows: along the row, which is contiguous.

// CHECK: func.func @rows(
// CHECK-SAME: tg.schedule = #uop.schedule<[bind(d0, unit), vectorize(r0, 16), accumulate(r0, 4)]>
func.func @rows(%a: tensor<128x512xf32>) -> tensor<128xf32> attributes {tg.kernel} {
  %0 = uop.reduce add %a axes [1] : (tensor<128x512xf32>) -> tensor<128xf32>
  return %0 : tensor<128xf32>
}

// A transposed copy: tiles of 16 by 16.

// CHECK: func.func @transpose(
// CHECK-SAME: tg.schedule = #uop.schedule<[split(d0, 16), bind(d0.o, unit), unroll(d0.i, 16), vectorize(d1, 16)]>
func.func @transpose(%a: tensor<64x32xf32>) -> tensor<32x64xf32> attributes {tg.kernel} {
  %0 = uop.permute %a [1, 0] : tensor<64x32xf32> -> tensor<32x64xf32>
  return %0 : tensor<32x64xf32>
}

// A schedule that is there already stays.

// CHECK: func.func @given({{.*}} tg.schedule = #uop.schedule<[]>
func.func @given(%a: tensor<64xf32>) -> tensor<64xf32> attributes {tg.kernel, tg.schedule = #uop.schedule<[]>} {
  %0 = uop.neg %a : tensor<64xf32>
  return %0 : tensor<64xf32>
}

// Rows that there are none of.

// CHECK: func.func @empty(
func.func @empty(%a: tensor<0x64xf32>, %b: tensor<64x256xf32>) -> tensor<0x256xf32>
    attributes {tg.kernel} {
  %0 = uop.reshape %a : tensor<0x64xf32> -> tensor<0x64x1xf32>
  %1 = uop.expand %0 : tensor<0x64x1xf32> -> tensor<0x64x256xf32>
  %2 = uop.reshape %b : tensor<64x256xf32> -> tensor<1x64x256xf32>
  %3 = uop.expand %2 : tensor<1x64x256xf32> -> tensor<0x64x256xf32>
  %4 = uop.mul %1, %3 : tensor<0x64x256xf32>
  %5 = uop.reduce add %4 axes [1] : (tensor<0x64x256xf32>) -> tensor<0x256xf32>
  return %5 : tensor<0x256xf32>
}

// A product whose right operand does not stay in the cache: it is packed in blocks, sums stay in
// memory between those of the reduction, and workers share blocks of the result.

// CHECK: func.func @large_product(
// CHECK-SAME: tg.schedule = #uop.schedule<[split(d0, 128), split(d1, 256), split(d0.i, 4), split(d1.i, 64), split(r0, 256), reorder(d0.o, d1.o, d1.i.o, d0.i.o, d0.i.i, d1.i.i), fuse(d0.o, d1.o), reorder(r0.o, d1.i.o, d0.i.o, d0.i.i, d1.i.i), stage(in1, r0.o, d1.i.o, r0.i, d1.i.i), reorder(in1.r0.i, in1.d1.i.o, in1.d1.i.i), pad(d1.i.i), bind(d0.o_d1.o, unit), vectorize(in1.d1.i.i, 16), unroll(in1.d1.i.i, 4), unroll(d0.i.i, 4), vectorize(d1.i.i, 16), unroll(d1.i.i, 4)]>
func.func @large_product(%a: tensor<1024x1024xf32>, %b: tensor<1024x1024xf32>) -> tensor<1024x1024xf32>
    attributes {tg.kernel} {
  %0 = uop.reshape %a : tensor<1024x1024xf32> -> tensor<1024x1024x1xf32>
  %1 = uop.expand %0 : tensor<1024x1024x1xf32> -> tensor<1024x1024x1024xf32>
  %2 = uop.reshape %b : tensor<1024x1024xf32> -> tensor<1x1024x1024xf32>
  %3 = uop.expand %2 : tensor<1x1024x1024xf32> -> tensor<1024x1024x1024xf32>
  %4 = uop.mul %1, %3 : tensor<1024x1024x1024xf32>
  %5 = uop.reduce add %4 axes [1] : (tensor<1024x1024x1024xf32>) -> tensor<1024x1024xf32>
  return %5 : tensor<1024x1024xf32>
}

// Neighbors of the right operand lie along the reduction: squares are transposed as they are packed.

// CHECK: func.func @transposed_product(
// CHECK-SAME: tg.schedule = #uop.schedule<[split(d0, 64), split(d1, 256), split(d0.i, 4), split(d1.i, 64), split(r0, 128), reorder(d0.o, d1.o, d1.i.o, d0.i.o, d0.i.i, d1.i.i), fuse(d0.o, d1.o), reorder(r0.o, d1.i.o, d0.i.o, d0.i.i, d1.i.i), stage(in1, r0.o, d1.i.o, r0.i, d1.i.i), pad(d1.i.i), bind(d0.o_d1.o, unit), vectorize(in1.d1.i.i, 16), unroll(in1.r0.i, 16), unroll(d0.i.i, 4), vectorize(d1.i.i, 16), unroll(d1.i.i, 4)]>
func.func @transposed_product(%a: tensor<64x256xf32>, %bt: tensor<512x256xf32>) -> tensor<64x512xf32>
    attributes {tg.kernel} {
  %b = uop.permute %bt [1, 0] : tensor<512x256xf32> -> tensor<256x512xf32>
  %0 = uop.reshape %a : tensor<64x256xf32> -> tensor<64x256x1xf32>
  %1 = uop.expand %0 : tensor<64x256x1xf32> -> tensor<64x256x512xf32>
  %2 = uop.reshape %b : tensor<256x512xf32> -> tensor<1x256x512xf32>
  %3 = uop.expand %2 : tensor<1x256x512xf32> -> tensor<64x256x512xf32>
  %4 = uop.mul %1, %3 : tensor<64x256x512xf32>
  %5 = uop.reduce add %4 axes [1] : (tensor<64x256x512xf32>) -> tensor<64x512xf32>
  return %5 : tensor<64x512xf32>
}

// A convolution with a border: the taps become one axis, and what they read of a row of pixels is
// packed without its border.

// CHECK: func.func @convolution(
// CHECK-SAME: tg.schedule = #uop.schedule<[fuse(r1, r2), fuse(r0, r1_r2), split(d0, 64), split(d0.i, 4), split(d1, 4), split(r0_r1_r2, 192), reorder(d1.o, d0.o, d0.i.o, d0.i.i, d1.i, d2), fuse(d1.o, d0.o), reorder(r0_r1_r2.o, d0.i.o, d0.i.i, d1.i, d2), stage(in0, r0_r1_r2.o, r0_r1_r2.i, d1.i, d2), fuse(d1.i, d2), split(d1.i_d2, 64), reorder(d1.i_d2.o, d0.i.o, d0.i.i, d1.i_d2.i), bind(d1.o_d0.o, unit), vectorize(in0.d2, 16), unroll(in0.d2, 4), unroll(d0.i.i, 4), vectorize(d1.i_d2.i, 16), unroll(d1.i_d2.i, 4)]>
func.func @convolution(%x: tensor<64x56x56xf32>, %w: tensor<64x64x3x3xf32>) -> tensor<64x56x56xf32>
    attributes {tg.kernel} {
  %zero = uop.const dense<0.0> : tensor<f32>
  %0 = uop.pad %x, %zero low [0, 1, 1] high [0, 1, 1] : tensor<64x56x56xf32> -> tensor<64x58x58xf32>
  %1 = uop.window %0 axes [1, 2] sizes [3, 3] strides [1, 1] dilations [1, 1] : tensor<64x58x58xf32> -> tensor<64x56x56x3x3xf32>
  %2 = uop.reshape %1 : tensor<64x56x56x3x3xf32> -> tensor<1x64x56x56x3x3xf32>
  %3 = uop.expand %2 : tensor<1x64x56x56x3x3xf32> -> tensor<64x64x56x56x3x3xf32>
  %4 = uop.reshape %w : tensor<64x64x3x3xf32> -> tensor<64x64x1x1x3x3xf32>
  %5 = uop.expand %4 : tensor<64x64x1x1x3x3xf32> -> tensor<64x64x56x56x3x3xf32>
  %6 = uop.mul %3, %5 : tensor<64x64x56x56x3x3xf32>
  %7 = uop.reduce add %6 axes [1, 4, 5] : (tensor<64x64x56x56x3x3xf32>) -> tensor<64x56x56xf32>
  return %7 : tensor<64x56x56xf32>
}

// Sums of columns of a matrix that does not stay in the cache: eight rows at a time through blocks of
// columns whose sums do.

// CHECK: func.func @column_sums(
// CHECK-SAME: tg.schedule = #uop.schedule<[split(d0, 2048), split(r0, 8), reorder(r0.o, d0.i), bind(d0.o, unit), accumulate(r0.i, 8), vectorize(d0.i, 16), unroll(d0.i, 2)]>
func.func @column_sums(%a: tensor<4096x4096xf32>) -> tensor<4096xf32> attributes {tg.kernel} {
  %0 = uop.reduce add %a axes [0] : (tensor<4096x4096xf32>) -> tensor<4096xf32>
  return %0 : tensor<4096xf32>
}
