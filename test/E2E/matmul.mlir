// A contraction with symbolic sizes: the same program for every size, whatever the thread count.

// RUN: tg-run %s --dim=M=5 --dim=K=7 --random-inputs=1 --verify | FileCheck %s --check-prefix=SMALL
// RUN: tg-run %s --dim=M=1 --dim=K=1 --random-inputs=2 --verify | FileCheck %s --check-prefix=ONE
// RUN: tg-run %s --dim=M=0 --dim=K=3 --random-inputs=2 --verify | FileCheck %s --check-prefix=EMPTY
// RUN: tg-run %s --device=interp --dim=M=2 --input=a=1,2,3 --input=b=1 --dim=K=3 \
// RUN:   | FileCheck %s --check-prefix=VALUES
// RUN: tg-run %s --device=cpu --dim=M=2 --input=a=1,2,3 --input=b=1 --dim=K=3 \
// RUN:   | FileCheck %s --check-prefix=VALUES

// Bitwise the same outputs for one thread and two.
// RUN: tg-run %s --dim=M=63 --dim=K=65 --random-inputs=3 --threads=1 --output=%t.one
// RUN: tg-run %s --dim=M=63 --dim=K=65 --random-inputs=3 --threads=2 --output=%t.two
// RUN: cmp %t.one/c.npy %t.two/c.npy

// SMALL: c: tensor<5x11xf32>
// SMALL: verify c: ok
// ONE: c: tensor<1x11xf32>
// ONE: verify c: ok
// EMPTY: c: tensor<0x11xf32> = []
// EMPTY: verify c: ok
// VALUES: c: tensor<2x11xf32> = [6{{(\.00)?}}, 6

uop.var @M in [0, 64]
uop.var @K in [0, 128]

func.func @main(%a: tensor<?x?xf32, #uop.dims<M, K>> {tg.name = "a"},
                %b: tensor<?x11xf32, #uop.dims<K, 11>> {tg.name = "b"})
    -> (tensor<?x11xf32, #uop.dims<M, 11>> {tg.name = "c"}) {
  %0 = uop.reshape %a : tensor<?x?xf32, #uop.dims<M, K>> -> tensor<?x?x1xf32, #uop.dims<M, K, 1>>
  %1 = uop.expand %0 : tensor<?x?x1xf32, #uop.dims<M, K, 1>> -> tensor<?x?x11xf32, #uop.dims<M, K, 11>>
  %2 = uop.reshape %b : tensor<?x11xf32, #uop.dims<K, 11>> -> tensor<1x?x11xf32, #uop.dims<1, K, 11>>
  %3 = uop.expand %2 : tensor<1x?x11xf32, #uop.dims<1, K, 11>> -> tensor<?x?x11xf32, #uop.dims<M, K, 11>>
  %4 = uop.mul %1, %3 : tensor<?x?x11xf32, #uop.dims<M, K, 11>>
  %5 = uop.reduce add %4 axes [1] : (tensor<?x?x11xf32, #uop.dims<M, K, 11>>) -> tensor<?x11xf32, #uop.dims<M, 11>>
  return %5 : tensor<?x11xf32, #uop.dims<M, 11>>
}
