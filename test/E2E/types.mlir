// Narrow floats round, unsigned integers wrap, packed integers are only stored.

// RUN: tg-run %s --device=cpu --input=x=1.06,300,-0.3,1e9 --input=u=250,7 --input=i=-8,7,3 --verify | FileCheck %s --check-prefixes=CHECK,VERIFY
// RUN: tg-run %s --device=interp --input=x=1.06,300,-0.3,1e9 --input=u=250,7 --input=i=-8,7,3 | FileCheck %s
// RUN: tg-run %s --random-inputs=8 --verify --fusion=none --opt-level=0 | FileCheck %s --check-prefix=VERIFY

// CHECK: bf16: tensor<4xbf16> = [2.12{{.*}}, 600
// CHECK: f16: tensor<4xf16> = [2.1{{.*}}, {{inf|INF}}]
// CHECK: e4m3: tensor<4xf8E4M3FN> = [2{{.*}}, nan, -0.62{{.*}}, nan]
// CHECK: e5m2: tensor<4xf8E5M2> = [2{{(\.00)?}}, 640{{(\.00)?}}, -0.6
// CHECK: ui8: tensor<4xui8> = [244, 14, 244, 14]
// CHECK: greater: tensor<4xi1> = [1, 0, 1, 0]
// CHECK: i4: tensor<3xi4> = [3, 7, -8]
// CHECK: wide: tensor<3xi32> = [-8, 7, 3]
// VERIFY-COUNT-8: : ok

func.func @main(%x: tensor<4xf32> {tg.name = "x"}, %u: tensor<4xui8> {tg.name = "u"}, %i: tensor<3xi4> {tg.name = "i"})
    -> (tensor<4xbf16> {tg.name = "bf16"}, tensor<4xf16> {tg.name = "f16"},
        tensor<4xf8E4M3FN> {tg.name = "e4m3"}, tensor<4xf8E5M2> {tg.name = "e5m2"},
        tensor<4xui8> {tg.name = "ui8"}, tensor<4xi1> {tg.name = "greater"},
        tensor<3xi4> {tg.name = "i4"}, tensor<3xi32> {tg.name = "wide"}) {
  %c0 = uop.cast %x : tensor<4xf32> -> tensor<4xbf16>
  %0 = uop.add %c0, %c0 : tensor<4xbf16>
  %c1 = uop.cast %x : tensor<4xf32> -> tensor<4xf16>
  %1 = uop.add %c1, %c1 : tensor<4xf16>
  %c2 = uop.cast %x : tensor<4xf32> -> tensor<4xf8E4M3FN>
  %2 = uop.add %c2, %c2 : tensor<4xf8E4M3FN>
  %c3 = uop.cast %x : tensor<4xf32> -> tensor<4xf8E5M2>
  %3 = uop.add %c3, %c3 : tensor<4xf8E5M2>
  %4 = uop.add %u, %u : tensor<4xui8>
  %c200 = uop.const dense<200> : tensor<4xui8>
  %5 = uop.cmplt %c200, %u : tensor<4xui8>
  %6 = uop.flip %i [0] : tensor<3xi4> -> tensor<3xi4>
  %7 = uop.cast %i : tensor<3xi4> -> tensor<3xi32>
  return %0, %1, %2, %3, %4, %5, %6, %7
    : tensor<4xbf16>, tensor<4xf16>, tensor<4xf8E4M3FN>, tensor<4xf8E5M2>, tensor<4xui8>,
      tensor<4xi1>, tensor<3xi4>, tensor<3xi32>
}
