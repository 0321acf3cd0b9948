// RUN: tg-opt %s | tg-opt | FileCheck %s
// RUN: tg-opt %s --mlir-print-op-generic | tg-opt | FileCheck %s
// RUN: tg-opt %s --emit-bytecode | tg-opt | FileCheck %s

uop.var @N in [0, 100]
uop.var @P in [0, 99]

// CHECK-LABEL: @movement
func.func @movement(%a: tensor<2x6xf32>, %v: tensor<f32>) {
  // CHECK: uop.reshape %{{.*}} : tensor<2x6xf32> -> tensor<3x1x4xf32>
  %0 = uop.reshape %a : tensor<2x6xf32> -> tensor<3x1x4xf32>
  // CHECK: uop.permute %{{.*}} [2, 0, 1] : tensor<3x1x4xf32> -> tensor<4x3x1xf32>
  %1 = uop.permute %0 [2, 0, 1] : tensor<3x1x4xf32> -> tensor<4x3x1xf32>
  // CHECK: uop.expand %{{.*}} : tensor<3x1x4xf32> -> tensor<3x5x4xf32>
  %2 = uop.expand %0 : tensor<3x1x4xf32> -> tensor<3x5x4xf32>
  // CHECK: uop.pad %{{.*}}, %{{.*}} low [1, 0] high [0, 2] : tensor<2x6xf32> -> tensor<3x8xf32>
  %3 = uop.pad %a, %v low [1, 0] high [0, 2] : tensor<2x6xf32> -> tensor<3x8xf32>
  // CHECK: uop.pad %{{.*}}, %{{.*}} low [0, 0] high [0, 0] interior [0, 2] : tensor<2x6xf32> -> tensor<2x16xf32>
  %4 = uop.pad %a, %v low [0, 0] high [0, 0] interior [0, 2] : tensor<2x6xf32> -> tensor<2x16xf32>
  // CHECK: uop.shrink %{{.*}} offsets [0, 1] sizes [2, 3] strides [1, 2] : tensor<2x6xf32> -> tensor<2x3xf32>
  %5 = uop.shrink %a offsets [0, 1] sizes [2, 3] strides [1, 2] : tensor<2x6xf32> -> tensor<2x3xf32>
  // CHECK: uop.flip %{{.*}} [0, 1] : tensor<2x6xf32> -> tensor<2x6xf32>
  %6 = uop.flip %a [0, 1] : tensor<2x6xf32> -> tensor<2x6xf32>
  // CHECK: uop.window %{{.*}} axes [1] sizes [3] strides [2] dilations [1] : tensor<2x6xf32> -> tensor<2x2x3xf32>
  %7 = uop.window %a axes [1] sizes [3] strides [2] dilations [1] : tensor<2x6xf32> -> tensor<2x2x3xf32>
  // CHECK: uop.unwindow %{{.*}} axes [1] strides [2] : tensor<2x2x3xf32> -> tensor<2x6xf32>
  %8 = uop.unwindow %7 axes [1] strides [2] : tensor<2x2x3xf32> -> tensor<2x6xf32>
  // CHECK: uop.concat %{{.*}}, %{{.*}}, %{{.*}} axis 0 : tensor<2x6xf32>, tensor<2x6xf32>, tensor<2x6xf32> -> tensor<6x6xf32>
  %9 = uop.concat %a, %6, %8 axis 0 : tensor<2x6xf32>, tensor<2x6xf32>, tensor<2x6xf32> -> tensor<6x6xf32>
  return
}

// CHECK-LABEL: @rank_zero_and_empty
func.func @rank_zero_and_empty(%s: tensor<i8>, %e: tensor<0x3xi8>) {
  // CHECK: uop.reshape %{{.*}} : tensor<i8> -> tensor<1x1xi8>
  %0 = uop.reshape %s : tensor<i8> -> tensor<1x1xi8>
  // CHECK: uop.permute %{{.*}} [] : tensor<i8> -> tensor<i8>
  %1 = uop.permute %s [] : tensor<i8> -> tensor<i8>
  // CHECK: uop.flip %{{.*}} [] : tensor<i8> -> tensor<i8>
  %2 = uop.flip %s [] : tensor<i8> -> tensor<i8>
  // CHECK: uop.shrink %{{.*}} offsets [] sizes [] : tensor<i8> -> tensor<i8>
  %3 = uop.shrink %s offsets [] sizes [] : tensor<i8> -> tensor<i8>
  // CHECK: uop.pad %{{.*}}, %{{.*}} low [] high [] : tensor<i8> -> tensor<i8>
  %4 = uop.pad %s, %s low [] high [] : tensor<i8> -> tensor<i8>
  // CHECK: uop.pad %{{.*}} low [1, 0] high [1, 0] interior [3, 0] : tensor<0x3xi8> -> tensor<2x3xi8>
  %5 = uop.pad %e, %s low [1, 0] high [1, 0] interior [3, 0] : tensor<0x3xi8> -> tensor<2x3xi8>
  // CHECK: uop.window %{{.*}} axes [0] sizes [2] : tensor<0x3xi8> -> tensor<0x3x2xi8>
  %6 = uop.window %e axes [0] sizes [2] : tensor<0x3xi8> -> tensor<0x3x2xi8>
  // CHECK: uop.reshape %{{.*}} : tensor<0x3xi8> -> tensor<7x0xi8>
  %7 = uop.reshape %e : tensor<0x3xi8> -> tensor<7x0xi8>
  return
}

// CHECK-LABEL: @symbolic
func.func @symbolic(%x: tensor<?x4xf32, #uop.dims<N, 4>>, %v: tensor<f32>) {
  // CHECK: uop.reshape %{{.*}} -> tensor<?xf32, #uop.dims<N * 4>>
  %0 = uop.reshape %x : tensor<?x4xf32, #uop.dims<N, 4>> -> tensor<?xf32, #uop.dims<4 * N>>
  // CHECK: uop.permute %{{.*}} -> tensor<4x?xf32, #uop.dims<4, N>>
  %1 = uop.permute %x [1, 0] : tensor<?x4xf32, #uop.dims<N, 4>> -> tensor<4x?xf32, #uop.dims<4, N>>
  // CHECK: uop.pad %{{.*}} low [0, P] high [1, 0] : {{.*}} -> tensor<?x?xf32, #uop.dims<N + 1, P + 4>>
  %2 = uop.pad %x, %v low [0, P] high [1, 0]
     : tensor<?x4xf32, #uop.dims<N, 4>> -> tensor<?x?xf32, #uop.dims<N + 1, P + 4>>
  // CHECK: uop.shrink %{{.*}} offsets [P, 0] sizes [1, 4] : {{.*}} -> tensor<1x4xf32>
  %3 = uop.shrink %x offsets [P, 0] sizes [1, 4]
     : tensor<?x4xf32, #uop.dims<N, 4>> -> tensor<1x4xf32>
  // CHECK: uop.expand %{{.*}} : tensor<1x4xf32> -> tensor<?x4xf32, #uop.dims<N * 2, 4>>
  %4 = uop.expand %3 : tensor<1x4xf32> -> tensor<?x4xf32, #uop.dims<N * 2, 4>>
  // CHECK: uop.window %{{.*}} axes [0] sizes [3] strides [2] : {{.*}} -> tensor<?x4x3xf32, #uop.dims<(N + 1) floordiv 2 + -1, 4, 3>>
  %5 = uop.window %x axes [0] sizes [3] strides [2]
     : tensor<?x4xf32, #uop.dims<N, 4>> -> tensor<?x4x3xf32, #uop.dims<(N - 3) floordiv 2 + 1, 4, 3>>
  // CHECK: uop.concat %{{.*}} axis 0 : {{.*}} -> tensor<?x4xf32, #uop.dims<N * 3, 4>>
  %6 = uop.concat %x, %4 axis 0
     : tensor<?x4xf32, #uop.dims<N, 4>>, tensor<?x4xf32, #uop.dims<N * 2, 4>>
       -> tensor<?x4xf32, #uop.dims<N * 3, 4>>
  return
}
