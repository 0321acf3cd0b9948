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
