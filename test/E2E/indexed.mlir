// Gather, scatter, sort, scan, and a size that the data decides.

// RUN: tg-run %s --device=cpu --input=x=4,1,3,2 --input=i=3,0,9 --input=u=10,20,30 --verify \
// RUN:   | FileCheck %s --check-prefixes=CHECK,VERIFY
// RUN: tg-run %s --device=interp --input=x=4,1,3,2 --input=i=3,0,9 --input=u=10,20,30 | FileCheck %s

// An index out of range gathers zero and scatters nothing.
// CHECK: gathered: tensor<3xi32> = [2, 4, 0]
// CHECK: scattered: tensor<4xi32> = [24, 1, 3, 12]
// CHECK: sorted: tensor<4xi32> = [1, 2, 3, 4]
// CHECK: order: tensor<4xi64> = [1, 3, 2, 0]
// CHECK: summed: tensor<4xi32> = [4, 5, 8, 10]
// CHECK: before: tensor<4xi32> = [6, 5, 2, 0]
// CHECK: positions: tensor<2xi64> = [0, 2]
// VERIFY-COUNT-7: : ok

uop.var @K in [0, 4]

func.func @main(%x: tensor<4xi32> {tg.name = "x"}, %i: tensor<3xi64> {tg.name = "i"},
                %u: tensor<3xi32> {tg.name = "u"})
    -> (tensor<3xi32> {tg.name = "gathered"}, tensor<4xi32> {tg.name = "scattered"},
        tensor<4xi32> {tg.name = "sorted"}, tensor<4xi64> {tg.name = "order"},
        tensor<4xi32> {tg.name = "summed"}, tensor<4xi32> {tg.name = "before"},
        tensor<?xi64, #uop.dims<K>> {tg.name = "positions"}) {
  %0 = uop.gather %x, %i axis 0 : (tensor<4xi32>, tensor<3xi64>) -> tensor<3xi32>
  %1 = uop.scatter add %x, %i, %u axis 0 : (tensor<4xi32>, tensor<3xi64>, tensor<3xi32>) -> tensor<4xi32>
  %2 = uop.iota axis 0 : tensor<4xi64>
  %3:2 = uop.sort %x, %2 axis 0 : (tensor<4xi32>, tensor<4xi64>) -> (tensor<4xi32>, tensor<4xi64>)
  %4 = uop.scan add %x axis 0 : (tensor<4xi32>) -> tensor<4xi32>
  %5 = uop.scan add %x axis 0 exclusive reverse : (tensor<4xi32>) -> tensor<4xi32>
  %two = uop.const dense<2> : tensor<4xi32>
  %mask = uop.cmplt %two, %x : tensor<4xi32>
  %6, %n = uop.compact %mask : tensor<4xi1> -> tensor<4xi64>, tensor<i64>
  uop.bind @K = %n : tensor<i64>
  %7 = uop.shrink %6 offsets [0] sizes [K] : tensor<4xi64> -> tensor<?xi64, #uop.dims<K>>
  return %0, %1, %3#0, %3#1, %4, %5, %7
    : tensor<3xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi64>, tensor<4xi32>, tensor<4xi32>,
      tensor<?xi64, #uop.dims<K>>
}
