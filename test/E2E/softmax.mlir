// Reductions whose results go back into rows, in f32, f16 and bf16.

// RUN: tg-run %s --random-inputs=4 --verify | FileCheck %s
// RUN: tg-run %s --random-inputs=4 --verify --fusion=none --opt-level=0 --no-simplify | FileCheck %s
// RUN: tg-run %s --device=interp --input=x=0 --input=h=0 --input=b=0 | FileCheck %s --check-prefix=UNIFORM
// RUN: tg-run %s --device=cpu --input=x=0 --input=h=0 --input=b=0 | FileCheck %s --check-prefix=UNIFORM

// CHECK: verify y: ok
// CHECK: verify yh: ok
// CHECK: verify yb: ok
// UNIFORM: y: tensor<3x8xf32> = [0.12
// UNIFORM: yh: tensor<3x8xf16> = [0.12
// UNIFORM: yb: tensor<3x8xbf16> = [0.12

func.func private @softmax_f32(%x: tensor<3x8xf32>) -> tensor<3x8xf32> {
  %0 = uop.reduce max %x axes [1] : (tensor<3x8xf32>) -> tensor<3xf32>
  %1 = uop.reshape %0 : tensor<3xf32> -> tensor<3x1xf32>
  %2 = uop.expand %1 : tensor<3x1xf32> -> tensor<3x8xf32>
  %3 = uop.sub %x, %2 : tensor<3x8xf32>
  %4 = uop.exp %3 : tensor<3x8xf32>
  %5 = uop.reduce add %4 axes [1] : (tensor<3x8xf32>) -> tensor<3xf32>
  %6 = uop.reshape %5 : tensor<3xf32> -> tensor<3x1xf32>
  %7 = uop.expand %6 : tensor<3x1xf32> -> tensor<3x8xf32>
  %8 = uop.fdiv %4, %7 : tensor<3x8xf32>
  return %8 : tensor<3x8xf32>
}

func.func private @softmax_f16(%x: tensor<3x8xf16>) -> tensor<3x8xf16> {
  %0 = uop.reduce max %x axes [1] : (tensor<3x8xf16>) -> tensor<3xf16>
  %1 = uop.reshape %0 : tensor<3xf16> -> tensor<3x1xf16>
  %2 = uop.expand %1 : tensor<3x1xf16> -> tensor<3x8xf16>
  %3 = uop.sub %x, %2 : tensor<3x8xf16>
  %4 = uop.exp %3 : tensor<3x8xf16>
  %5 = uop.reduce add %4 axes [1] : (tensor<3x8xf16>) -> tensor<3xf16>
  %6 = uop.reshape %5 : tensor<3xf16> -> tensor<3x1xf16>
  %7 = uop.expand %6 : tensor<3x1xf16> -> tensor<3x8xf16>
  %8 = uop.fdiv %4, %7 : tensor<3x8xf16>
  return %8 : tensor<3x8xf16>
}

func.func private @softmax_bf16(%x: tensor<3x8xbf16>) -> tensor<3x8xbf16> {
  %0 = uop.reduce max %x axes [1] : (tensor<3x8xbf16>) -> tensor<3xbf16>
  %1 = uop.reshape %0 : tensor<3xbf16> -> tensor<3x1xbf16>
  %2 = uop.expand %1 : tensor<3x1xbf16> -> tensor<3x8xbf16>
  %3 = uop.sub %x, %2 : tensor<3x8xbf16>
  %4 = uop.exp %3 : tensor<3x8xbf16>
  %5 = uop.reduce add %4 axes [1] : (tensor<3x8xbf16>) -> tensor<3xbf16>
  %6 = uop.reshape %5 : tensor<3xbf16> -> tensor<3x1xbf16>
  %7 = uop.expand %6 : tensor<3x1xbf16> -> tensor<3x8xbf16>
  %8 = uop.fdiv %4, %7 : tensor<3x8xbf16>
  return %8 : tensor<3x8xbf16>
}

func.func @main(%x: tensor<3x8xf32> {tg.name = "x"}, %h: tensor<3x8xf16> {tg.name = "h"},
                %b: tensor<3x8xbf16> {tg.name = "b"})
    -> (tensor<3x8xf32> {tg.name = "y"}, tensor<3x8xf16> {tg.name = "yh"},
        tensor<3x8xbf16> {tg.name = "yb"}) {
  %0 = func.call @softmax_f32(%x) : (tensor<3x8xf32>) -> tensor<3x8xf32>
  %1 = func.call @softmax_f16(%h) : (tensor<3x8xf16>) -> tensor<3x8xf16>
  %2 = func.call @softmax_bf16(%b) : (tensor<3x8xbf16>) -> tensor<3x8xbf16>
  return %0, %1, %2 : tensor<3x8xf32>, tensor<3x8xf16>, tensor<3x8xbf16>
}
