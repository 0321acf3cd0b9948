// A schedule that is written by hand on `uop.kernel` reaches the machine code, and results are those
// of the interpreter.
// RUN: tg-run %s --random-inputs=3 --verify --debug=4 2>&1 | FileCheck %s
// RUN: tg-run %S/Inputs/blocked-product.mlir --random-inputs=5 --verify | FileCheck %s --check-prefix=BLOCKED
// RUN: tg-run %S/Inputs/wide-copy.mlir --random-inputs=5 --verify | FileCheck %s --check-prefix=BLOCKED
// RUN: tg-run %S/Inputs/wide-copy-border.mlir --random-inputs=5 --verify | FileCheck %s --check-prefix=BLOCKED
// RUN: not tg-run %S/Inputs/bad-schedule.mlir --random-inputs=3 2>&1 | FileCheck %s --check-prefix=BAD

// CHECK: tg.range = #uop.dim<15>
// CHECK-SAME: tg.schedule = #uop.schedule<[split(d0, 3), split(d1, 8), reorder(d1.o, d0.o, d0.i, d1.i), bind(d1.o, unit), unroll(d0.i, 3), vectorize(d1.i, 8), split(r0, 5), accumulate(r0.i, 2)]>
// CHECK: verify {{.*}}: ok

// BLOCKED: verify {{.*}}: ok

// BAD: bad-schedule.mlir:2:8: error: {{.*}}cannot apply unroll(d0, 2): an iteration of d0 is a unit of work; split it, and unroll d0.i

func.func @main(%a: tensor<10x37xf32>, %b: tensor<37x117xf32>) -> tensor<10x117xf32> {
  %0 = uop.kernel ins(%a, %b : tensor<10x37xf32>, tensor<37x117xf32>) schedule <[
      split(d0, 3), split(d1, 8), reorder(d1.o, d0.o, d0.i, d1.i), bind(d1.o, unit),
      unroll(d0.i, 3), vectorize(d1.i, 8), split(r0, 5), accumulate(r0.i, 2)]>
      -> tensor<10x117xf32> {
  ^bb0(%x: tensor<10x37xf32>, %y: tensor<37x117xf32>):
    %1 = uop.reshape %x : tensor<10x37xf32> -> tensor<10x37x1xf32>
    %2 = uop.expand %1 : tensor<10x37x1xf32> -> tensor<10x37x117xf32>
    %3 = uop.reshape %y : tensor<37x117xf32> -> tensor<1x37x117xf32>
    %4 = uop.expand %3 : tensor<1x37x117xf32> -> tensor<10x37x117xf32>
    %5 = uop.mul %2, %4 : tensor<10x37x117xf32>
    %6 = uop.reduce add %5 axes [1] : (tensor<10x37x117xf32>) -> tensor<10x117xf32>
    uop.yield %6 : tensor<10x117xf32>
  }
  return %0 : tensor<10x117xf32>
}
