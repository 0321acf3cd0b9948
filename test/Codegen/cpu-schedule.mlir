// RUN: tg-opt %s --pass-pipeline='builtin.module(tg-kernel-to-loops,cse,func.func(tg-cpu-schedule{vector-bits=512 vector-registers=32}))' | FileCheck %s

// A register tile of 13 rows by two vectors: 128 rows are ten tiles of about the same height.

// CHECK: func.func @product(
// CHECK-SAME: tg.opts = [
// CHECK-SAME: {amount = 13 : i64, axis = 0 : i64, opt = "tile"}, {amount = 13 : i64, axis = 0 : i64, opt = "unroll"},
// CHECK-SAME: {amount = 16 : i64, axis = 1 : i64, opt = "vector"}, {amount = 2 : i64, axis = 1 : i64, opt = "unroll"}]
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
// CHECK-SAME: tg.opts = [
// CHECK-SAME: {amount = 16 : i64, axis = 1 : i64, opt = "vector"}, {amount = 4 : i64, axis = 1 : i64, opt = "unroll"}]
func.func @rows(%a: tensor<128x512xf32>) -> tensor<128xf32> attributes {tg.kernel} {
  %0 = uop.reduce add %a axes [1] : (tensor<128x512xf32>) -> tensor<128xf32>
  return %0 : tensor<128xf32>
}

// A transposed copy: tiles of 16 by 16.

// CHECK: func.func @transpose(
// CHECK-SAME: tg.opts = [
// CHECK-SAME: {amount = 16 : i64, axis = 0 : i64, opt = "tile"}, {amount = 16 : i64, axis = 0 : i64, opt = "unroll"},
// CHECK-SAME: {amount = 16 : i64, axis = 1 : i64, opt = "vector"}]
func.func @transpose(%a: tensor<64x32xf32>) -> tensor<32x64xf32> attributes {tg.kernel} {
  %0 = uop.permute %a [1, 0] : tensor<64x32xf32> -> tensor<32x64xf32>
  return %0 : tensor<32x64xf32>
}

// Opts that are there already stay.

// CHECK: func.func @given({{.*}} tg.opts = []
func.func @given(%a: tensor<64xf32>) -> tensor<64xf32> attributes {tg.kernel, tg.opts = []} {
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
