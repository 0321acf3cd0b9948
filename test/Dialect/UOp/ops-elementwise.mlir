// RUN: tg-opt %s | tg-opt | FileCheck %s
// RUN: tg-opt %s --mlir-print-op-generic | tg-opt | FileCheck %s
// RUN: tg-opt %s --emit-bytecode | tg-opt | FileCheck %s

// CHECK-LABEL: @unary
func.func @unary(%f: tensor<2x3xf32>, %i: tensor<2x3xi8>) {
  // CHECK: uop.exp2 %{{.*}} : tensor<2x3xf32>
  %0 = uop.exp2 %f : tensor<2x3xf32>
  // CHECK: uop.log2 %{{.*}} : tensor<2x3xf32>
  %1 = uop.log2 %f : tensor<2x3xf32>
  // CHECK: uop.sin %{{.*}} : tensor<2x3xf32>
  %2 = uop.sin %f : tensor<2x3xf32>
  // CHECK: uop.sqrt %{{.*}} : tensor<2x3xf32>
  %3 = uop.sqrt %f : tensor<2x3xf32>
  // CHECK: uop.reciprocal %{{.*}} : tensor<2x3xf32>
  %4 = uop.reciprocal %f : tensor<2x3xf32>
  // CHECK: uop.neg %{{.*}} : tensor<2x3xi8>
  %5 = uop.neg %i : tensor<2x3xi8>
  // CHECK: uop.trunc %{{.*}} : tensor<2x3xf32>
  %6 = uop.trunc %f : tensor<2x3xf32>
  // CHECK: uop.not %{{.*}} : tensor<2x3xi8>
  %7 = uop.not %i : tensor<2x3xi8>
  return
}

// CHECK-LABEL: @casts
func.func @casts(%f: tensor<4xf32>, %p: tensor<4xui4>) {
  // CHECK: uop.cast %{{.*}} : tensor<4xf32> -> tensor<4xbf16>
  %0 = uop.cast %f : tensor<4xf32> -> tensor<4xbf16>
  // CHECK: uop.cast %{{.*}} : tensor<4xf32> -> tensor<4xf8E4M3FN>
  %1 = uop.cast %f : tensor<4xf32> -> tensor<4xf8E4M3FN>
  // CHECK: uop.cast %{{.*}} : tensor<4xui4> -> tensor<4xi32>
  %2 = uop.cast %p : tensor<4xui4> -> tensor<4xi32>
  // CHECK: uop.bitcast %{{.*}} : tensor<4xf32> -> tensor<4xui32>
  %3 = uop.bitcast %f : tensor<4xf32> -> tensor<4xui32>
  // CHECK: uop.bitcast %{{.*}} : tensor<4xui4> -> tensor<4xf4E2M1FN>
  %4 = uop.bitcast %p : tensor<4xui4> -> tensor<4xf4E2M1FN>
  return
}

// CHECK-LABEL: @storage_types
func.func @storage_types(%a: tensor<4xi2>, %b: tensor<4xf8E4M3FNUZ>, %c: tensor<4xf8E5M2FNUZ>,
                         %d: tensor<4xf8E8M0FNU>, %e: tensor<4xui2>, %f: tensor<4xi4>) {
  // CHECK: uop.flip %{{.*}} [0] : tensor<4xi2> -> tensor<4xi2>
  %0 = uop.flip %a [0] : tensor<4xi2> -> tensor<4xi2>
  // CHECK: uop.flip %{{.*}} [0] : tensor<4xf8E4M3FNUZ>
  %1 = uop.flip %b [0] : tensor<4xf8E4M3FNUZ> -> tensor<4xf8E4M3FNUZ>
  // CHECK: uop.flip %{{.*}} [0] : tensor<4xf8E5M2FNUZ>
  %2 = uop.flip %c [0] : tensor<4xf8E5M2FNUZ> -> tensor<4xf8E5M2FNUZ>
  // CHECK: uop.cast %{{.*}} : tensor<4xf8E8M0FNU> -> tensor<4xf32>
  %3 = uop.cast %d : tensor<4xf8E8M0FNU> -> tensor<4xf32>
  // CHECK: uop.cast %{{.*}} : tensor<4xui2> -> tensor<4xi4>
  %4 = uop.cast %e : tensor<4xui2> -> tensor<4xi4>
  return
}

// CHECK-LABEL: @binary
func.func @binary(%f: tensor<f32>, %i: tensor<ui16>, %u: tensor<ui64>, %b: tensor<i1>) {
  // CHECK: uop.add %{{.*}}, %{{.*}} : tensor<f32>
  %0 = uop.add %f, %f : tensor<f32>
  // CHECK: uop.sub %{{.*}}, %{{.*}} : tensor<ui16>
  %1 = uop.sub %i, %i : tensor<ui16>
  // CHECK: uop.mul %{{.*}}, %{{.*}} : tensor<f32>
  %2 = uop.mul %f, %f : tensor<f32>
  // CHECK: uop.fdiv %{{.*}}, %{{.*}} : tensor<f32>
  %3 = uop.fdiv %f, %f : tensor<f32>
  // CHECK: uop.floordiv %{{.*}}, %{{.*}} : tensor<f32>
  %4 = uop.floordiv %f, %f : tensor<f32>
  // CHECK: uop.floormod %{{.*}}, %{{.*}} : tensor<ui16>
  %5 = uop.floormod %i, %i : tensor<ui16>
  // CHECK: uop.cdiv %{{.*}}, %{{.*}} : tensor<ui16>
  %6 = uop.cdiv %i, %i : tensor<ui16>
  // CHECK: uop.cmod %{{.*}}, %{{.*}} : tensor<f32>
  %7 = uop.cmod %f, %f : tensor<f32>
  // CHECK: uop.pow %{{.*}}, %{{.*}} : tensor<f32>
  %8 = uop.pow %f, %f : tensor<f32>
  // CHECK: uop.max %{{.*}}, %{{.*}} : tensor<i1>
  %9 = uop.max %b, %b : tensor<i1>
  // CHECK: uop.min %{{.*}}, %{{.*}} : tensor<f32>
  %10 = uop.min %f, %f : tensor<f32>
  // CHECK: uop.shl %{{.*}}, %{{.*}} : tensor<ui16>
  %11 = uop.shl %i, %i : tensor<ui16>
  // CHECK: uop.shr %{{.*}}, %{{.*}} : tensor<ui16>
  %12 = uop.shr %i, %i : tensor<ui16>
  // CHECK: uop.and %{{.*}}, %{{.*}} : tensor<i1>
  %13 = uop.and %b, %b : tensor<i1>
  // CHECK: uop.or %{{.*}}, %{{.*}} : tensor<i1>
  %14 = uop.or %b, %b : tensor<i1>
  // CHECK: uop.xor %{{.*}}, %{{.*}} : tensor<ui16>
  %15 = uop.xor %i, %i : tensor<ui16>
  // CHECK: uop.threefry %{{.*}}, %{{.*}} : tensor<ui64>
  %16 = uop.threefry %u, %u : tensor<ui64>
  return
}

// CHECK-LABEL: @compare_and_select
func.func @compare_and_select(%f: tensor<0x5xf64>, %b: tensor<0x5xi1>) {
  // CHECK: uop.cmplt %{{.*}}, %{{.*}} : tensor<0x5xf64>
  %0 = uop.cmplt %f, %f : tensor<0x5xf64>
  // CHECK: uop.cmple %{{.*}}, %{{.*}} : tensor<0x5xf64>
  %1 = uop.cmple %f, %f : tensor<0x5xf64>
  // CHECK: uop.cmpne %{{.*}}, %{{.*}} : tensor<0x5xf64>
  %2 = uop.cmpne %f, %f : tensor<0x5xf64>
  // CHECK: uop.cmpeq %{{.*}}, %{{.*}} : tensor<0x5xi1>
  %3 = uop.cmpeq %b, %b : tensor<0x5xi1>
  // CHECK: uop.where %{{.*}}, %{{.*}}, %{{.*}} : tensor<0x5xf64>
  %4 = uop.where %3, %f, %f : tensor<0x5xf64>
  // CHECK: uop.fma %{{.*}}, %{{.*}}, %{{.*}} : tensor<0x5xf64>
  %5 = uop.fma %4, %f, %f : tensor<0x5xf64>
  return
}

uop.var @N in [0, 100]

// CHECK-LABEL: @second_tier
func.func @second_tier(%x: tensor<?x4xf16, #uop.dims<N, 4>>) {
  // CHECK: uop.exp %{{.*}} : tensor<?x4xf16, #uop.dims<N, 4>>
  %exp = uop.exp %x : tensor<?x4xf16, #uop.dims<N, 4>>
  // CHECK: uop.log %{{.*}} : tensor<?x4xf16, #uop.dims<N, 4>>
  %log = uop.log %x : tensor<?x4xf16, #uop.dims<N, 4>>
  // CHECK: uop.cos %{{.*}} : tensor<?x4xf16, #uop.dims<N, 4>>
  %cos = uop.cos %x : tensor<?x4xf16, #uop.dims<N, 4>>
  // CHECK: uop.tan %{{.*}} : tensor<?x4xf16, #uop.dims<N, 4>>
  %tan = uop.tan %x : tensor<?x4xf16, #uop.dims<N, 4>>
  // CHECK: uop.asin %{{.*}} : tensor<?x4xf16, #uop.dims<N, 4>>
  %asin = uop.asin %x : tensor<?x4xf16, #uop.dims<N, 4>>
  // CHECK: uop.acos %{{.*}} : tensor<?x4xf16, #uop.dims<N, 4>>
  %acos = uop.acos %x : tensor<?x4xf16, #uop.dims<N, 4>>
  // CHECK: uop.atan %{{.*}} : tensor<?x4xf16, #uop.dims<N, 4>>
  %atan = uop.atan %x : tensor<?x4xf16, #uop.dims<N, 4>>
  // CHECK: uop.sinh %{{.*}} : tensor<?x4xf16, #uop.dims<N, 4>>
  %sinh = uop.sinh %x : tensor<?x4xf16, #uop.dims<N, 4>>
  // CHECK: uop.cosh %{{.*}} : tensor<?x4xf16, #uop.dims<N, 4>>
  %cosh = uop.cosh %x : tensor<?x4xf16, #uop.dims<N, 4>>
  // CHECK: uop.tanh %{{.*}} : tensor<?x4xf16, #uop.dims<N, 4>>
  %tanh = uop.tanh %x : tensor<?x4xf16, #uop.dims<N, 4>>
  // CHECK: uop.asinh %{{.*}} : tensor<?x4xf16, #uop.dims<N, 4>>
  %asinh = uop.asinh %x : tensor<?x4xf16, #uop.dims<N, 4>>
  // CHECK: uop.acosh %{{.*}} : tensor<?x4xf16, #uop.dims<N, 4>>
  %acosh = uop.acosh %x : tensor<?x4xf16, #uop.dims<N, 4>>
  // CHECK: uop.atanh %{{.*}} : tensor<?x4xf16, #uop.dims<N, 4>>
  %atanh = uop.atanh %x : tensor<?x4xf16, #uop.dims<N, 4>>
  // CHECK: uop.erf %{{.*}} : tensor<?x4xf16, #uop.dims<N, 4>>
  %erf = uop.erf %x : tensor<?x4xf16, #uop.dims<N, 4>>
  // CHECK: uop.floor %{{.*}} : tensor<?x4xf16, #uop.dims<N, 4>>
  %floor = uop.floor %x : tensor<?x4xf16, #uop.dims<N, 4>>
  // CHECK: uop.ceil %{{.*}} : tensor<?x4xf16, #uop.dims<N, 4>>
  %ceil = uop.ceil %x : tensor<?x4xf16, #uop.dims<N, 4>>
  // CHECK: uop.round %{{.*}} : tensor<?x4xf16, #uop.dims<N, 4>>
  %round = uop.round %x : tensor<?x4xf16, #uop.dims<N, 4>>
  return
}
