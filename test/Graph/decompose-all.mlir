// RUN: tg-opt %s -tg-decompose=core=true | FileCheck %s

// Every function in both types that expansions compute in: what is left is arithmetic.

// CHECK-NOT: uop.{{exp2?|log2?|sin|cos|tan|pow|a?(sin|cos|tan)h?|erf|floor|ceil|round}}{{ }}
func.func @f32(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = uop.exp %x : tensor<4xf32>
  %1 = uop.log %0 : tensor<4xf32>
  %2 = uop.cos %1 : tensor<4xf32>
  %3 = uop.tan %2 : tensor<4xf32>
  %4 = uop.asin %3 : tensor<4xf32>
  %5 = uop.acos %4 : tensor<4xf32>
  %6 = uop.atan %5 : tensor<4xf32>
  %7 = uop.sinh %6 : tensor<4xf32>
  %8 = uop.cosh %7 : tensor<4xf32>
  %9 = uop.tanh %8 : tensor<4xf32>
  %10 = uop.asinh %9 : tensor<4xf32>
  %11 = uop.acosh %10 : tensor<4xf32>
  %12 = uop.atanh %11 : tensor<4xf32>
  %13 = uop.erf %12 : tensor<4xf32>
  %14 = uop.floor %13 : tensor<4xf32>
  %15 = uop.ceil %14 : tensor<4xf32>
  %16 = uop.round %15 : tensor<4xf32>
  %17 = uop.exp2 %16 : tensor<4xf32>
  %18 = uop.log2 %17 : tensor<4xf32>
  %19 = uop.sin %18 : tensor<4xf32>
  %p = uop.pow %19, %x : tensor<4xf32>
  return %p : tensor<4xf32>
}

func.func @f64(%x: tensor<4xf64>) -> tensor<4xf64> {
  %0 = uop.exp %x : tensor<4xf64>
  %1 = uop.log %0 : tensor<4xf64>
  %2 = uop.cos %1 : tensor<4xf64>
  %3 = uop.tan %2 : tensor<4xf64>
  %4 = uop.asin %3 : tensor<4xf64>
  %5 = uop.acos %4 : tensor<4xf64>
  %6 = uop.atan %5 : tensor<4xf64>
  %7 = uop.sinh %6 : tensor<4xf64>
  %8 = uop.cosh %7 : tensor<4xf64>
  %9 = uop.tanh %8 : tensor<4xf64>
  %10 = uop.asinh %9 : tensor<4xf64>
  %11 = uop.acosh %10 : tensor<4xf64>
  %12 = uop.atanh %11 : tensor<4xf64>
  %13 = uop.erf %12 : tensor<4xf64>
  %14 = uop.floor %13 : tensor<4xf64>
  %15 = uop.ceil %14 : tensor<4xf64>
  %16 = uop.round %15 : tensor<4xf64>
  %17 = uop.exp2 %16 : tensor<4xf64>
  %18 = uop.log2 %17 : tensor<4xf64>
  %19 = uop.sin %18 : tensor<4xf64>
  %p = uop.pow %19, %x : tensor<4xf64>
  return %p : tensor<4xf64>
}
