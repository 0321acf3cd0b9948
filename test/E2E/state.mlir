// assign writes a part of a tensor and leaves the old value to those who still read it; custom
// runs its reference function where no body for the device is given.

// RUN: tg-run %s --device=cpu --dim=P=2 --input=cache=1,2,3,4 --input=row=9 --verify | FileCheck %s --check-prefixes=CHECK,VERIFY
// RUN: tg-run %s --device=interp --dim=P=2 --input=cache=1,2,3,4 --input=row=9 | FileCheck %s

// CHECK: new: tensor<4x2xi32> = [1, 2, 3, 4, 9, 9, 3, 4]
// CHECK: old: tensor<4x2xi32> = [-1, -2, -3, -4, -1, -2, -3, -4]
// CHECK: squared: tensor<1x2xi32> = [81, 81]
// VERIFY-COUNT-3: : ok

uop.var @P in [0, 3]

func.func private @square(%x: tensor<1x2xi32>) -> tensor<1x2xi32> {
  %0 = uop.mul %x, %x : tensor<1x2xi32>
  return %0 : tensor<1x2xi32>
}

func.func @main(%cache: tensor<4x2xi32> {tg.name = "cache"}, %row: tensor<1x2xi32> {tg.name = "row"})
    -> (tensor<4x2xi32> {tg.name = "new"}, tensor<4x2xi32> {tg.name = "old"},
        tensor<1x2xi32> {tg.name = "squared"}) {
  %0 = uop.assign %cache, %row offsets [P, 0] : tensor<4x2xi32>, tensor<1x2xi32>
  %1 = uop.neg %cache : tensor<4x2xi32>
  %2 = uop.custom @square(%row) : (tensor<1x2xi32>) -> tensor<1x2xi32>
  return %0, %1, %2 : tensor<4x2xi32>, tensor<4x2xi32>, tensor<1x2xi32>
}
