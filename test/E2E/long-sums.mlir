// A million terms are not added to one sum: that of 0.1 would be 0.1 % off, that of twos end at 2^25,
// and that of ones in f16 at 2048.

// RUN: tg-run %s --input=x=0.1 --input=t=2 --input=h=1 --dim=N=1000000 --verify | FileCheck %s
// RUN: tg-run %s --input=x=0.1 --input=t=2 --input=h=1 --dim=N=1000000 --opt-level=0 | FileCheck %s --check-prefix=VALUES

// CHECK-DAG: verify static: ok
// CHECK-DAG: verify dynamic: ok
// CHECK-DAG: verify twos: ok
// CHECK-DAG: verify ones: ok
// CHECK-DAG: verify nested: ok
// CHECK-DAG: verify folded: ok
// CHECK-DAG: verify windows: ok
// VALUES: static: tensor<f32> = [{{1e\+05|100000|99999.9|100000.1}}]
// VALUES: dynamic: tensor<f32> = [{{1e\+05|100000|99999.9|100000.1}}]
// VALUES: twos: tensor<f32> = [8e+07]
// VALUES: ones: tensor<f16> = [30000]
// VALUES: nested: tensor<f32> = [{{1e\+05|100000|99999.9|100000.1}}]

uop.var @N in [1, 10000000]
func.func @main(%x: tensor<f32> {tg.name = "x"}, %t: tensor<f32> {tg.name = "t"}, %h: tensor<f16> {tg.name = "h"})
    -> (tensor<f32> {tg.name = "static"}, tensor<f32> {tg.name = "dynamic"}, tensor<f32> {tg.name = "twos"},
        tensor<f16> {tg.name = "ones"}, tensor<f32> {tg.name = "nested"}, tensor<bf16> {tg.name = "folded"},
        tensor<33x33xf16> {tg.name = "windows"}) {
  %x1 = uop.reshape %x : tensor<f32> -> tensor<1xf32>
  %0 = uop.expand %x1 : tensor<1xf32> -> tensor<1000000xf32>
  %s = uop.reduce add %0 axes [0] : (tensor<1000000xf32>) -> tensor<f32>
  %1 = uop.expand %x1 : tensor<1xf32> -> tensor<?xf32, #uop.dims<N>>
  %d = uop.reduce add %1 axes [0] : (tensor<?xf32, #uop.dims<N>>) -> tensor<f32>
  %t1 = uop.reshape %t : tensor<f32> -> tensor<1xf32>
  %2 = uop.expand %t1 : tensor<1xf32> -> tensor<40000000xf32>
  %w = uop.reduce add %2 axes [0] : (tensor<40000000xf32>) -> tensor<f32>
  %h1 = uop.reshape %h : tensor<f16> -> tensor<1xf16>
  %3 = uop.expand %h1 : tensor<1xf16> -> tensor<30000xf16>
  %o = uop.reduce add %3 axes [0] : (tensor<30000xf16>) -> tensor<f16>
  %x2 = uop.reshape %x : tensor<f32> -> tensor<1x1xf32>
  %4 = uop.expand %x2 : tensor<1x1xf32> -> tensor<1000x1000xf32>
  %n = uop.reduce add %4 axes [0, 1] : (tensor<1000x1000xf32>) -> tensor<f32>

  // Of constants, at compile time; and the taps of windows.
  %i = uop.iota axis 0 : tensor<65536xi32>
  %three = uop.const dense<3> : tensor<65536xi32>
  %r = uop.floormod %i, %three : tensor<65536xi32>
  %b = uop.cast %r : tensor<65536xi32> -> tensor<65536xbf16>
  %f = uop.reduce add %b axes [0] : (tensor<65536xbf16>) -> tensor<bf16>
  %h4 = uop.reshape %h : tensor<f16> -> tensor<1x1x1x1xf16>
  %6 = uop.expand %h4 : tensor<1x1x1x1xf16> -> tensor<32x32x2x2xf16>
  %7 = uop.unwindow %6 axes [0, 1] strides [1, 1] dilations [1, 1] : tensor<32x32x2x2xf16> -> tensor<33x33xf16>
  return %s, %d, %w, %o, %n, %f, %7 : tensor<f32>, tensor<f32>, tensor<f32>, tensor<f16>, tensor<f32>, tensor<bf16>, tensor<33x33xf16>
}
