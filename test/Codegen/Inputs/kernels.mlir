module attributes {tg.vars = ["N"]} {
uop.var @N in [0, 128]
func.func @ew(%a: tensor<23x37xf32>, %b: tensor<37x23xf32>) -> tensor<37x23xf32> attributes {tg.kernel} {
  %0 = uop.permute %a [1, 0] : tensor<23x37xf32> -> tensor<37x23xf32>
  %1 = uop.add %0, %b : tensor<37x23xf32>
  return %1 : tensor<37x23xf32>
}
func.func @ewn(%a: tensor<?x37xf32, #uop.dims<N, 37>>, %b: tensor<?x37xf32, #uop.dims<N, 37>>) -> (tensor<?x37xf32, #uop.dims<N, 37>>, tensor<?x37xi1, #uop.dims<N, 37>>) attributes {tg.kernel} {
  %1 = uop.add %a, %b : tensor<?x37xf32, #uop.dims<N, 37>>
  %c = uop.cmplt %a, %b : tensor<?x37xf32, #uop.dims<N, 37>>
  return %1, %c : tensor<?x37xf32, #uop.dims<N, 37>>, tensor<?x37xi1, #uop.dims<N, 37>>
}
func.func @matmul(%a: tensor<?x8xf32, #uop.dims<N, 8>>, %b: tensor<8x53xf32>, %bias: tensor<53xf32>) -> tensor<?x53xf32, #uop.dims<N, 53>> attributes {tg.kernel} {
  %0 = uop.reshape %a : tensor<?x8xf32, #uop.dims<N, 8>> -> tensor<?x8x1xf32, #uop.dims<N, 8, 1>>
  %1 = uop.expand %0 : tensor<?x8x1xf32, #uop.dims<N, 8, 1>> -> tensor<?x8x53xf32, #uop.dims<N, 8, 53>>
  %2 = uop.reshape %b : tensor<8x53xf32> -> tensor<1x8x53xf32>
  %3 = uop.expand %2 : tensor<1x8x53xf32> -> tensor<?x8x53xf32, #uop.dims<N, 8, 53>>
  %4 = uop.mul %1, %3 : tensor<?x8x53xf32, #uop.dims<N, 8, 53>>
  %5 = uop.reduce add %4 axes [1] : (tensor<?x8x53xf32, #uop.dims<N, 8, 53>>) -> tensor<?x53xf32, #uop.dims<N, 53>>
  %6 = uop.reshape %bias : tensor<53xf32> -> tensor<1x53xf32>
  %7 = uop.expand %6 : tensor<1x53xf32> -> tensor<?x53xf32, #uop.dims<N, 53>>
  %8 = uop.add %5, %7 : tensor<?x53xf32, #uop.dims<N, 53>>
  return %8 : tensor<?x53xf32, #uop.dims<N, 53>>
}
func.func @matmulnt(%a: tensor<19x?xf32, #uop.dims<19, N>>, %b: tensor<13x?xf32, #uop.dims<13, N>>) -> tensor<19x13xf32> attributes {tg.kernel} {
  %0 = uop.reshape %a : tensor<19x?xf32, #uop.dims<19, N>> -> tensor<19x1x?xf32, #uop.dims<19, 1, N>>
  %1 = uop.expand %0 : tensor<19x1x?xf32, #uop.dims<19, 1, N>> -> tensor<19x13x?xf32, #uop.dims<19, 13, N>>
  %2 = uop.reshape %b : tensor<13x?xf32, #uop.dims<13, N>> -> tensor<1x13x?xf32, #uop.dims<1, 13, N>>
  %3 = uop.expand %2 : tensor<1x13x?xf32, #uop.dims<1, 13, N>> -> tensor<19x13x?xf32, #uop.dims<19, 13, N>>
  %4 = uop.mul %1, %3 : tensor<19x13x?xf32, #uop.dims<19, 13, N>>
  %5 = uop.reduce add %4 axes [2] : (tensor<19x13x?xf32, #uop.dims<19, 13, N>>) -> tensor<19x13xf32>
  return %5 : tensor<19x13xf32>
}
func.func @matmulnts(%a: tensor<19x151xf32>, %b: tensor<13x151xf32>) -> tensor<19x13xf32> attributes {tg.kernel} {
  %0 = uop.reshape %a : tensor<19x151xf32> -> tensor<19x1x151xf32>
  %1 = uop.expand %0 : tensor<19x1x151xf32> -> tensor<19x13x151xf32>
  %2 = uop.reshape %b : tensor<13x151xf32> -> tensor<1x13x151xf32>
  %3 = uop.expand %2 : tensor<1x13x151xf32> -> tensor<19x13x151xf32>
  %4 = uop.mul %1, %3 : tensor<19x13x151xf32>
  %5 = uop.reduce add %4 axes [2] : (tensor<19x13x151xf32>) -> tensor<19x13xf32>
  return %5 : tensor<19x13xf32>
}
func.func @softmax(%a: tensor<4x?xf32, #uop.dims<4, N>>) -> tensor<4x?xf32, #uop.dims<4, N>> attributes {tg.kernel} {
  %m = uop.reduce max %a axes [1] : (tensor<4x?xf32, #uop.dims<4, N>>) -> tensor<4xf32>
  %m1 = uop.reshape %m : tensor<4xf32> -> tensor<4x1xf32>
  %m2 = uop.expand %m1 : tensor<4x1xf32> -> tensor<4x?xf32, #uop.dims<4, N>>
  %d = uop.sub %a, %m2 : tensor<4x?xf32, #uop.dims<4, N>>
  %e = uop.exp %d : tensor<4x?xf32, #uop.dims<4, N>>
  %s = uop.reduce add %e axes [1] : (tensor<4x?xf32, #uop.dims<4, N>>) -> tensor<4xf32>
  %s1 = uop.reshape %s : tensor<4xf32> -> tensor<4x1xf32>
  %s2 = uop.expand %s1 : tensor<4x1xf32> -> tensor<4x?xf32, #uop.dims<4, N>>
  %r = uop.fdiv %e, %s2 : tensor<4x?xf32, #uop.dims<4, N>>
  return %r : tensor<4x?xf32, #uop.dims<4, N>>
}
func.func @pad(%a: tensor<4x25xbf16>) -> tensor<6x29xbf16> attributes {tg.kernel} {
  %z = uop.const dense<1.0> : tensor<bf16>
  %p = uop.pad %a, %z low [1, 1] high [1, 3] : tensor<4x25xbf16> -> tensor<6x29xbf16>
  return %p : tensor<6x29xbf16>
}
func.func @padi(%a: tensor<4x25xf32>) -> tensor<6x53xf32> attributes {tg.kernel} {
  %z = uop.const dense<1.0> : tensor<f32>
  %p = uop.pad %a, %z low [1, 1] high [1, 3] interior [0, 1] : tensor<4x25xf32> -> tensor<6x53xf32>
  return %p : tensor<6x53xf32>
}
func.func @padn(%a: tensor<4x?xf32, #uop.dims<4, N>>) -> tensor<?x?xf32, #uop.dims<N + 6, N + 5>> attributes {tg.kernel} {
  %z = uop.const dense<0.0> : tensor<f32>
  %p = uop.pad %a, %z low [N, 1] high [2, 4] : tensor<4x?xf32, #uop.dims<4, N>> -> tensor<?x?xf32, #uop.dims<N + 6, N + 5>>
  %q = uop.flip %p [1] : tensor<?x?xf32, #uop.dims<N + 6, N + 5>> -> tensor<?x?xf32, #uop.dims<N + 6, N + 5>>
  return %q : tensor<?x?xf32, #uop.dims<N + 6, N + 5>>
}
func.func @concat(%a: tensor<4x35xi1>, %b: tensor<4x3xi1>) -> tensor<4x38xi1> attributes {tg.kernel} {
  %n = uop.not %b : tensor<4x3xi1>
  %p = uop.concat %a, %n axis 1 : tensor<4x35xi1>, tensor<4x3xi1> -> tensor<4x38xi1>
  return %p : tensor<4x38xi1>
}
func.func @concatmid(%a: tensor<4x35xf32>, %b: tensor<4x13xf32>) -> tensor<4x48xf32> attributes {tg.kernel} {
  %p = uop.concat %a, %b axis 1 : tensor<4x35xf32>, tensor<4x13xf32> -> tensor<4x48xf32>
  %n = uop.neg %p : tensor<4x48xf32>
  return %n : tensor<4x48xf32>
}
func.func @gather(%a: tensor<10x38xf32>, %i: tensor<13xi64>) -> tensor<13x38xf32> attributes {tg.kernel} {
  %p = uop.gather %a, %i axis 0 : (tensor<10x38xf32>, tensor<13xi64>) -> tensor<13x38xf32>
  return %p : tensor<13x38xf32>
}
func.func @gather1(%a: tensor<3x10xf32>, %i: tensor<3x37xi64>) -> tensor<3x37xf32> attributes {tg.kernel} {
  %p = uop.gather %a, %i axis 1 batch 1 : (tensor<3x10xf32>, tensor<3x37xi64>) -> tensor<3x37xf32>
  return %p : tensor<3x37xf32>
}
func.func @gathern(%a: tensor<3x?xf32, #uop.dims<3, N>>, %i: tensor<3x37xi64>) -> tensor<3x37xf32> attributes {tg.kernel} {
  %p = uop.gather %a, %i axis 1 batch 1 : (tensor<3x?xf32, #uop.dims<3, N>>, tensor<3x37xi64>) -> tensor<3x37xf32>
  return %p : tensor<3x37xf32>
}
func.func @scatter(%a: tensor<10x38xf32>, %i: tensor<13xi64>, %u: tensor<13x38xf32>) -> tensor<10x38xf32> attributes {tg.kernel} {
  %p = uop.scatter add %a, %i, %u axis 0 : (tensor<10x38xf32>, tensor<13xi64>, tensor<13x38xf32>) -> tensor<10x38xf32>
  return %p : tensor<10x38xf32>
}
func.func @sort(%a: tensor<10x38xf32>, %b: tensor<10x38xi32>) -> (tensor<10x38xf32>, tensor<10x38xi32>) attributes {tg.kernel} {
  %p:2 = uop.sort %a, %b axis 1 : (tensor<10x38xf32>, tensor<10x38xi32>) -> (tensor<10x38xf32>, tensor<10x38xi32>)
  return %p#0, %p#1 : tensor<10x38xf32>, tensor<10x38xi32>
}
func.func @scan(%a: tensor<10x8x37xf32>) -> (tensor<10x8x37xf32>) attributes {tg.kernel} {
  %p = uop.scan add %a axis 1 exclusive reverse : (tensor<10x8x37xf32>) -> (tensor<10x8x37xf32>)
  return %p : tensor<10x8x37xf32>
}
func.func @scan0(%a: tensor<10x?xf32, #uop.dims<10, N>>) -> (tensor<10x?xf32, #uop.dims<10, N>>) attributes {tg.kernel} {
  %p = uop.scan mul %a axis 1 : (tensor<10x?xf32, #uop.dims<10, N>>) -> (tensor<10x?xf32, #uop.dims<10, N>>)
  return %p : tensor<10x?xf32, #uop.dims<10, N>>
}
func.func @compact(%a: tensor<10xi1>) -> (tensor<10xi64>, tensor<i64>) attributes {tg.kernel} {
  %p:2 = uop.compact %a : tensor<10xi1> -> tensor<10xi64>, tensor<i64>
  return %p#0, %p#1 : tensor<10xi64>, tensor<i64>
}
func.func @packed(%a: tensor<77xf32>) -> (tensor<77xi4>) attributes {tg.kernel} {
  %p = uop.cast %a : tensor<77xf32> -> tensor<77xi4>
  return %p : tensor<77xi4>
}
func.func @unpacked(%a: tensor<77xi4>) -> (tensor<7x11xf32>) attributes {tg.kernel} {
  %p = uop.cast %a : tensor<77xi4> -> tensor<77xf32>
  %q = uop.reshape %p : tensor<77xf32> -> tensor<7x11xf32>
  return %q : tensor<7x11xf32>
}
func.func @argmax(%a: tensor<9x38xf32>) -> (tensor<9xf32>, tensor<9xi64>) attributes {tg.kernel} {
  %i = uop.iota axis 1 : tensor<9x38xi64>
  %2:2 = uop.reduce %a, %i axes [1] identities [0xFF800000 : f32, -1 : i64]
         : (tensor<9x38xf32>, tensor<9x38xi64>) -> (tensor<9xf32>, tensor<9xi64>) {
    ^bb0(%am: tensor<f32>, %ai: tensor<i64>, %em: tensor<f32>, %ei: tensor<i64>):
      %c = uop.cmplt %am, %em : tensor<f32>
      %m = uop.where %c, %em, %am : tensor<f32>
      %k = uop.where %c, %ei, %ai : tensor<i64>
      uop.yield %m, %k : tensor<f32>, tensor<i64>
  }
  return %2#0, %2#1 : tensor<9xf32>, tensor<9xi64>
}
func.func @argmax0(%a: tensor<9x38xf32>) -> (tensor<38xf32>, tensor<38xi64>) attributes {tg.kernel} {
  %i = uop.iota axis 0 : tensor<9x38xi64>
  %2:2 = uop.reduce %a, %i axes [0] identities [0xFF800000 : f32, -1 : i64]
         : (tensor<9x38xf32>, tensor<9x38xi64>) -> (tensor<38xf32>, tensor<38xi64>) {
    ^bb0(%am: tensor<f32>, %ai: tensor<i64>, %em: tensor<f32>, %ei: tensor<i64>):
      %c = uop.cmplt %am, %em : tensor<f32>
      %m = uop.where %c, %em, %am : tensor<f32>
      %k = uop.where %c, %ei, %ai : tensor<i64>
      uop.yield %m, %k : tensor<f32>, tensor<i64>
  }
  return %2#0, %2#1 : tensor<38xf32>, tensor<38xi64>
}
func.func @conv(%a: tensor<2x5x19x17xf32>, %w: tensor<7x5x3x3xf32>) -> tensor<2x7x10x9xf32> attributes {tg.kernel} {
  %z = uop.const dense<0.0> : tensor<f32>
  %p = uop.pad %a, %z low [0, 0, 1, 1] high [0, 0, 1, 1] : tensor<2x5x19x17xf32> -> tensor<2x5x21x19xf32>
  %0 = uop.window %p axes [2, 3] sizes [3, 3] strides [2, 2] : tensor<2x5x21x19xf32> -> tensor<2x5x10x9x3x3xf32>
  %1 = uop.reshape %0 : tensor<2x5x10x9x3x3xf32> -> tensor<2x1x5x10x9x3x3xf32>
  %2 = uop.expand %1 : tensor<2x1x5x10x9x3x3xf32> -> tensor<2x7x5x10x9x3x3xf32>
  %3 = uop.reshape %w : tensor<7x5x3x3xf32> -> tensor<1x7x5x1x1x3x3xf32>
  %4 = uop.expand %3 : tensor<1x7x5x1x1x3x3xf32> -> tensor<2x7x5x10x9x3x3xf32>
  %5 = uop.mul %2, %4 : tensor<2x7x5x10x9x3x3xf32>
  %6 = uop.reduce add %5 axes [2, 5, 6] : (tensor<2x7x5x10x9x3x3xf32>) -> tensor<2x7x10x9xf32>
  return %6 : tensor<2x7x10x9xf32>
}
func.func @unwindow(%a: tensor<3x9x3xf32>) -> tensor<3x19xf32> attributes {tg.kernel} {
  %1 = uop.unwindow %a axes [1] strides [2] : tensor<3x9x3xf32> -> tensor<3x19xf32>
  return %1 : tensor<3x19xf32>
}
func.func @rowsum(%a: tensor<9x?xf32, #uop.dims<9, N>>) -> tensor<9xf32> attributes {tg.kernel} {
  %6 = uop.reduce add %a axes [1] : (tensor<9x?xf32, #uop.dims<9, N>>) -> tensor<9xf32>
  return %6 : tensor<9xf32>
}
func.func @rowmaxs(%a: tensor<9x517xf32>) -> tensor<9xf32> attributes {tg.kernel} {
  %6 = uop.reduce max %a axes [1] : (tensor<9x517xf32>) -> tensor<9xf32>
  return %6 : tensor<9xf32>
}
func.func @allmin(%a: tensor<9x517xi8>) -> tensor<i8> attributes {tg.kernel} {
  %6 = uop.reduce min %a axes [0, 1] : (tensor<9x517xi8>) -> tensor<i8>
  return %6 : tensor<i8>
}
func.func @colsum(%a: tensor<?x77xf32, #uop.dims<N, 77>>) -> tensor<77xf32> attributes {tg.kernel} {
  %6 = uop.reduce add %a axes [0] : (tensor<?x77xf32, #uop.dims<N, 77>>) -> tensor<77xf32>
  return %6 : tensor<77xf32>
}
func.func @bf16sum(%a: tensor<5x77xbf16>) -> tensor<77xbf16> attributes {tg.kernel} {
  %6 = uop.reduce add %a axes [0] : (tensor<5x77xbf16>) -> tensor<77xbf16>
  return %6 : tensor<77xbf16>
}
func.func @f16ew(%a: tensor<77xf16>, %b: tensor<77xf16>) -> tensor<77xf16> attributes {tg.kernel} {
  %5 = uop.mul %a, %b : tensor<77xf16>
  %6 = uop.fma %a, %b, %5 : tensor<77xf16>
  %7 = uop.sqrt %6 : tensor<77xf16>
  return %6 : tensor<77xf16>
}
func.func @i64ew(%a: tensor<77xi64>, %b: tensor<77xi64>) -> tensor<77xi64> attributes {tg.kernel} {
  %5 = uop.floordiv %a, %b : tensor<77xi64>
  %6 = uop.pow %a, %b : tensor<77xi64>
  %7 = uop.add %5, %6 : tensor<77xi64>
  return %7 : tensor<77xi64>
}
func.func @reshaped(%a: tensor<6x10xf32>) -> tensor<10x6xf32> attributes {tg.kernel} {
  %5 = uop.permute %a [1, 0] : tensor<6x10xf32> -> tensor<10x6xf32>
  %6 = uop.reshape %5 : tensor<10x6xf32> -> tensor<4x15xf32>
  %7 = uop.flip %6 [1] : tensor<4x15xf32> -> tensor<4x15xf32>
  %8 = uop.reshape %7 : tensor<4x15xf32> -> tensor<10x6xf32>
  return %8 : tensor<10x6xf32>
}
func.func @constant(%a: tensor<3x7xf32>) -> tensor<3x7xf32> attributes {tg.kernel} {
  %c = uop.const dense<[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]> : tensor<7xf32>
  %5 = uop.reshape %c : tensor<7xf32> -> tensor<1x7xf32>
  %6 = uop.expand %5 : tensor<1x7xf32> -> tensor<3x7xf32>
  %7 = uop.mul %a, %6 : tensor<3x7xf32>
  return %7 : tensor<3x7xf32>
}
func.func @assign(%a: tensor<9x37xf32>, %b: tensor<2x30xf32>) -> tensor<9x37xf32> attributes {tg.kernel} {
  %5 = uop.assign %a, %b offsets [3, 5] : tensor<9x37xf32>, tensor<2x30xf32>
  return %5 : tensor<9x37xf32>
}
func.func @scalar(%a: tensor<f32>, %b: tensor<f32>) -> (tensor<f32>, tensor<i64>) attributes {tg.kernel} {
  %5 = uop.add %a, %b : tensor<f32>
  %s = uop.size [N * 2] : tensor<i64>
  return %5, %s : tensor<f32>, tensor<i64>
}
func.func @empty(%a: tensor<0x4xf32>) -> (tensor<4xf32>, tensor<0x4xf32>) attributes {tg.kernel} {
  %5 = uop.reduce add %a axes [0] : (tensor<0x4xf32>) -> tensor<4xf32>
  %6 = uop.neg %a : tensor<0x4xf32>
  return %5, %6 : tensor<4xf32>, tensor<0x4xf32>
}
func.func @transposed_cast(%a: tensor<33x33xui32>) -> tensor<33x33xf8E4M3FN> attributes {tg.kernel} {
  %0 = uop.permute %a [1, 0] : tensor<33x33xui32> -> tensor<33x33xui32>
  %1 = uop.cast %0 : tensor<33x33xui32> -> tensor<33x33xf8E4M3FN>
  return %1 : tensor<33x33xf8E4M3FN>
}
}
